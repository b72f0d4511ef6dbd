# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The folder of a run: whole or not there, and nothing damaged is believed."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._version import VERSION
from ansible_collections.saas.offboarding.plugins.plugin_utils import _evidence_file
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import (
    check_files,
    read_evidence,
    write_folder,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._files import EvidenceError, make_folder, write_whole
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    read_leavers,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    tenant_report,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from harness.documents import SCHEMA
from harness.facts import RUN


def document(name: str = "jane", more: dict[str, Any] | None = None, **facts: Any) -> Any:
    listed = read_leavers([{"email": "a@example.com"}], "the list").leavers
    entry: Any = {"key": {"email": "a@example.com"}, "outcome": "changed", "id": "1", "name": name, "verified": True}
    entry |= {when: {"state": "deactivated", "vendor_state": None} for when in ("before", "after")} | (more or {})
    options: Any = {
        "tenant": "netex",
        "vendor": "netex",
        "stages": Stages.once("deactivated"),
        "due_at": RUN["finished"],
    }
    return evidence([tenant_report({"users": [entry]}, listed, on_missing="ok", **options)], RUN | {**facts})


@pytest.mark.parametrize("more", [{}, {"repaired": True, "manual_notes": {"code": "text"}}], ids=["plain", "more"])
@pytest.mark.parametrize("name", ["jane", "half a character \ud800", "\u202e<b>=1"])
def test_what_was_written_can_be_read_and_is_for_its_owner_alone(
    tmp_path: Path, name: str, more: dict[str, Any]
) -> None:
    whole, faults = write_folder(str(tmp_path), document(name, more))
    assert faults == []
    found, path = read_evidence(str(tmp_path))
    check_files(found, path.parent)
    assert (found, path) == (whole, tmp_path / "evidence.json")
    jsonschema.validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}


def test_a_folder_is_made_for_its_owner_alone_and_one_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2775)
    make_folder(shared / "reports" / "run")
    make_folder(shared / "reports" / "run")
    modes = [stat.S_IMODE(each.stat().st_mode) & 0o777 for each in (shared / "reports", shared / "reports" / "run")]
    assert modes == [0o700, 0o700]
    make_folder(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o2775


def test_each_record_has_a_separate_line(tmp_path: Path) -> None:
    whole, _faults = write_folder(str(tmp_path), document())
    text = (tmp_path / "evidence.json").read_text(encoding="utf-8")
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    assert json.loads(text) == whole
    assert [json.loads(line) for line in lines if line.startswith('{"')][-len(whole["records"]) :] == whole["records"]


def test_a_page_that_cannot_be_made_costs_nothing_but_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_document: Any) -> Iterator[str]:
        yield "<!doctype html>"
        raise KeyError("asked")

    monkeypatch.setitem(_evidence_file.RENDERERS, "report.html", broken)
    _whole, faults = write_folder(str(tmp_path), document())
    assert faults == ["report.html could not be made (KeyError: 'asked')"]
    found, path = read_evidence(str(tmp_path))
    check_files(found, path.parent)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["evidence.csv", "evidence.json", "junit.xml"]


def test_a_file_is_the_old_one_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    write_whole(file, [b"old"])

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(file, [b"new"])
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"outcome": "changed"', '"outcome": "missing", "outcome": "changed"', "the same name twice"),
        ('"run_id": "2', '"run_id": "1", "run_id": "2', "the same name twice"),
        ('"schema_version": 1', '"schema_version": true', "schema version True"),
        ('"schema_version": 1', '"schema_version": 1.0', "schema version 1.0"),
        ('"schema_version": 1', '"schema_version": 2', f"the release that wrote it ({VERSION})"),
        ('"vendor": "netex"', '"vendor": "acme"', "vendor is none"),
        ('"records": [', '"records": 7, "other": [', "records is not of its kind"),
        ('"kind": "offboard"', '"kind": "party"', "kind is none of"),
        ('"left_out": []', '"left_out": 7', "scope: left_out is not of its kind"),
        ('"seal"', '"zeal"', "seal is missing"),
        ('"record_count": 1', '"record_count": ', "not valid JSON"),
    ],
)
def test_what_is_damaged_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    write_folder(str(tmp_path), document())
    file = tmp_path / "evidence.json"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new) if "vendor" in old else text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EvidenceError) as raised:
        read_evidence(str(file))
    assert message in str(raised.value)
    assert str(file) in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"7", b"{}", b"[" * 100_000])
def test_what_is_no_evidence_is_an_error_and_no_traceback(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "evidence.json"
    file.write_bytes(content)
    with pytest.raises(EvidenceError):
        read_evidence(str(tmp_path))
