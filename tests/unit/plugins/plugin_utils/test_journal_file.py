# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Journals as the controller begins and reads them: half a last line is left out, other damage is named by its line."""

from __future__ import annotations

import json
import stat
import typing as t
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._journal import Journal as Writer
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    Account,
    Change,
    Condition,
    Key,
    Problem,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._files import EvidenceError
from ansible_collections.saas.offboarding.plugins.plugin_utils._journal_file import (
    _SHAPES,
    Header,
    read_journal,
    write_header,
    written,
)
from harness.tree import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "roles/offboard/files/journal.schema.json").read_text(encoding="utf-8"))
HEADER: Header = {
    "run_id": "20261130T170000Z-1",
    "run_kind": "offboard",
    "tenant": "netex_eu",
    "vendor": "netex",
    "reason": "0012345",
    "ticket": "HR-1",
    "started": "2026-11-30T17:00:00Z",
}


def change(identifier: str, state: str = DEACTIVATED, *, anonymous: bool = False) -> Change:
    account = Account(identifier, identifier, Condition(ACTIVE, "on"), anonymous=anonymous)
    return Change(account, state, Condition(state, None))


def write(writer: Writer, identifier: str, *, ends: bool = True, problem: Problem | None = None) -> None:
    what = change(identifier)
    with writer.writing(f"{identifier}@example.com", Key("user_id", identifier), what):
        writer.sending()
        if ends:
            writer.ended(None if problem else what.after, problem)


def begun(path: Path) -> Writer:
    write_header(path, HEADER)
    return Writer(str(path), "netex", "netex.example.com")


def test_a_journal_is_begun_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "netex_eu.jsonl"
    write_header(path, HEADER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(path.read_text(encoding="utf-8")))
    assert read_journal(path).header == HEADER
    with pytest.raises(FileExistsError, match="it is there already"):
        write_header(path, HEADER)
    with pytest.raises(FileNotFoundError, match="No such file"):
        write_header(tmp_path / "nowhere" / "x.jsonl", HEADER)


def test_each_write_is_listed_with_its_result(tmp_path: Path) -> None:
    path = tmp_path / "netex_eu.jsonl"
    writer = begun(path)
    write(writer, "1")
    write(writer, "2", problem=Problem("connection_lost", "broken off"))
    write(writer, "2")
    write(writer, "3", problem=Problem("forbidden", "no", 403, "req-1"))
    write(writer, "4", ends=False)
    journal = read_journal(path)
    assert (journal.header, len(journal.intents), len(journal.results)) == (HEADER, 5, 4)
    entries = written(journal)
    assert [(entry["id"], entry["email"], entry["key"]) for entry in entries] == [
        (name, f"{name}@example.com", {"user_id": name}) for name in "1234"
    ]
    assert {(entry["vendor"], entry["state"]) for entry in entries} == {("netex", DEACTIVATED)}
    assert [entry["result"] and (entry["result"]["error"], entry["result"]["status"]) for entry in entries] == [
        (None, None),
        (None, None),
        ("forbidden", 403),
        None,
    ]
    assert entries[0]["before"] == {"state": "active", "vendor_state": "on"}
    assert entries[0]["after"] == {"state": "deactivated", "vendor_state": None}


def test_a_write_that_was_sent_again_and_not_answered_has_no_result(tmp_path: Path) -> None:
    path = tmp_path / "netex_eu.jsonl"
    writer = begun(path)
    write(writer, "1", problem=Problem("connection_lost", "broken off"))
    write(writer, "1", ends=False)
    assert [entry["result"] for entry in written(read_journal(path))] == [None]


def test_accounts_without_an_id_are_distinguished_by_address(tmp_path: Path) -> None:
    path = tmp_path / "customergauge.jsonl"
    writer = begun(path)
    for name in ("a", "b"):
        with writer.writing(f"{name}@example.com", Key("email", f"{name}@example.com"), change(name, anonymous=True)):
            writer.sending()
            writer.ended(Condition(ABSENT) if name == "a" else None)
    assert [(entry["id"], entry["email"], entry["result"] is not None) for entry in written(read_journal(path))] == [
        (None, "a@example.com", True),
        (None, "b@example.com", True),
    ]


@settings(max_examples=60)
@given(cut=st.integers(min_value=0, max_value=900))
def test_a_journal_that_breaks_off_anywhere_is_read_up_to_there(tmp_path_factory: t.Any, cut: int) -> None:
    path = tmp_path_factory.mktemp("journal") / "netex_eu.jsonl"
    writer = begun(path)
    first = path.stat().st_size
    write(writer, "1")
    write(writer, "2")
    data = path.read_bytes()
    cut = min(cut, len(data) - first)
    path.write_bytes(data[: first + cut])
    journal = read_journal(path)
    whole = data[first : first + cut].count(b"\n")
    assert len(journal.intents) + len(journal.results) == whole
    assert [entry["id"] for entry in written(journal)] == ["1", "2"][: (whole + 1) // 2]


RUN = json.dumps({"kind": "run", "schema_version": 1, **HEADER})
RESULT = '{"kind": "result", "email": null, "id": "1", "after": null, "error": null, "status": null, '


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1: is not the first line of a journal"),
        ("x", "line 1: is not the first line of a journal"),
        ("x\n", "line 1: is not JSON"),
        ("[]\n", "line 1: is of no kind"),
        (f"{RUN}\n{{}}\n", "line 2: is of no kind"),
        (f'{RUN}\n{{"kind": ["run"]}}\n', "line 2: is of no kind"),
        (f"{RUN}\n\n{RUN}\n", "line 2: is not JSON"),
        (f"{RUN}\n{RUN}\n", "line 2: a second run"),
        (f'{RESULT}"request_id": null, "at": "now"}}\n', "line 1: is not the first line"),
        (f'{RUN}\n{RESULT}"at": "now"}}\n', "line 2: request_id is missing"),
        (f'{RUN}\n{RESULT}"request_id": 3, "at": "now"}}\n', "line 2: request_id is not of its kind"),
        (f'{RUN}\n{RESULT}"request_id": null, "at": "now", "sessions": [3]}}\n', "line 2: sessions is not of its kind"),
        (RUN.replace('"schema_version": 1', '"schema_version": 2') + "\n", "is of schema version 2"),
    ],
)
def test_damage_is_named_with_file_and_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "netex_eu.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match=fault) as caught:
        read_journal(path)
    assert str(path) in str(caught.value)


def test_what_is_no_text_and_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_journal(tmp_path / "nothing.jsonl")
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(EvidenceError, match="not text in UTF-8"):
        read_journal(tmp_path / "bytes.jsonl")


def test_the_reader_knows_the_fields_of_the_schema() -> None:
    for kind, shape in _SHAPES.items():
        properties = set(SCHEMA["$defs"][kind]["properties"]) - {"repair", "session", "sessions"}
        assert {"kind", *shape} == set(SCHEMA["$defs"][kind]["required"]) == properties
