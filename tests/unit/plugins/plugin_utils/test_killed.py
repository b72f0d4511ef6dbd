# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A run that was killed: its journals stand for its evidence, and say no more than was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._audit import left_closed
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import write_folder
from ansible_collections.saas.offboarding.plugins.plugin_utils._files import EvidenceError, make_folder
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import read_inputs
from ansible_collections.saas.offboarding.plugins.plugin_utils._killed import read_run, unfinished, verify, with_journal
from ansible_collections.saas.offboarding.plugins.plugin_utils._reinstate import closed_by
from ansible_collections.saas.offboarding.plugins.plugin_utils._run_folder import FolderError, RunFolder
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Host, Refusal, Settings, read_settings
from harness.facts import SCOPE

from .test_evidence_file import document

OPEN = {"state": "active", "vendor_state": "enabled"}
SHUT = {"state": "deactivated", "vendor_state": "disabled"}
NOW = "2026-11-30T17:00:00Z"


def settings(kind: str = "offboard", host: str = "netex-eu", **given: Any) -> Settings:
    faults: list[str] = []
    values = {"saas_vendor": "netex", "offboard_leavers": [{"email": "a@example.com"}], **given}
    if kind == "reinstate":
        del values["offboard_leavers"]
    found = read_settings(kind, "netex", Host(host), values, faults)
    assert found is not None
    assert faults == []
    return found


def intent(name: str) -> dict[str, Any]:
    return {
        "kind": "intent",
        "email": f"{name}@example.com",
        "key": {"username": name},
        "id": f"id-{name}",
        "place": "acme.example.com",
        "state": "deactivated",
        "before": OPEN,
        "after": SHUT,
        "at": NOW,
    }


def result(name: str, error: str | None = None) -> dict[str, Any]:
    return {
        "kind": "result",
        "email": f"{name}@example.com",
        "id": f"id-{name}",
        "after": None if error else SHUT,
        "error": error,
        "status": 403 if error else 200,
        "request_id": None,
        "at": NOW,
    }


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """One account closed, one refused by the vendor, and one of which no answer was recorded."""
    folder = RunFolder(str(tmp_path), "20261130T170000Z-000001")
    folder.make()
    path = Path(folder.begin_journal(settings(offboard_reason="left"), NOW))
    lines = [intent("jane"), result("jane"), intent("sam"), result("sam", "forbidden"), intent("kim")]
    with path.open("a", encoding="utf-8") as stream:
        stream.write("".join(json.dumps(line) + "\n" for line in lines) + '{"kind": "res')
    return folder.path


def test_each_account_is_named_with_what_is_known_of_it(killed: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        verify(str(killed), None)
    message = str(caught.value)
    assert "netex-eu: 3 accounts written" in message
    assert "jane@example.com (account id-jane) to deactivated: answered, deactivated" in message
    assert "sam@example.com (account id-sam) to deactivated: forbidden" in message
    assert "kim@example.com (account id-kim) to deactivated: no result recorded" in message


def begun(place: Path, run_id: str, *tenants: str, whole: bool = False) -> None:
    folder = RunFolder(str(place), run_id)
    folder.make()
    for tenant in tenants:
        folder.begin_journal(settings(host=tenant), NOW)
    if whole:
        (folder.path / "evidence.json").write_text("{}", encoding="utf-8")


def test_a_run_names_those_before_it_that_did_not_end(killed: Path) -> None:
    parent = killed.parent
    begun(parent, "20261130T160000Z-000001", "netex-eu", "learn")
    begun(parent, "20261130T180000Z-000001", "other")
    begun(parent, "20261130T180000Z-000002", "netex-eu")
    (parent / "20261130T180000Z-000003").mkdir()
    (parent / "leavers.csv").write_text("email", encoding="utf-8")
    run_id = "20261130T190000Z-000001"
    begun(parent, run_id, "netex-eu")

    notes = unfinished(parent, run_id, ["netex-eu"])

    assert [note.split()[3] for note in notes] == [
        "20261130T180000Z-000002",
        "20261130T170000Z-000001",
        "20261130T160000Z-000001",
    ]
    assert "Its journal has the accounts that were written: netex-eu 3." in notes[1]
    assert str(killed) in notes[1]
    # The run that ended after them named them.
    begun(parent, "20261130T173000Z-000001", "netex-eu", whole=True)
    assert [note.split()[3] for note in unfinished(parent, run_id, ["netex-eu"])] == ["20261130T180000Z-000002"]
    assert [note.split()[3] for note in unfinished(parent, run_id, ["learn"])] == ["20261130T160000Z-000001"]
    (parent / "20261130T180000Z-000002" / "journal" / "netex-eu.jsonl").write_text("{", encoding="utf-8")
    assert "Its journal cannot be read" in unfinished(parent, run_id, ["netex-eu"])[0]


def test_the_sessions_that_were_not_ended_are_named_by_their_ids(tmp_path: Path) -> None:
    """A server that hides the sessions of closed accounts lists them in no later run."""
    folder = RunFolder(str(tmp_path), "20261130T170000Z-000001")
    folder.make()
    path = Path(folder.begin_journal(settings(), NOW))
    lines = [{**intent("jane"), "sessions": ["s1", "s2", "s3"]}, result("jane")]
    lines += [{**intent("jane"), "session": "s1"}, {**result("jane"), "session": "s1"}]
    lines += [{**intent("jane"), "session": "s2"}, {**result("jane", "forbidden"), "session": "s2"}]
    with path.open("a", encoding="utf-8") as stream:
        stream.write("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(EvidenceError, match=r"; sessions whose end is not recorded: s2, s3\b"):
        verify(str(folder.path), None)


def test_what_is_taken_back_is_all_that_may_have_been_closed(killed: Path) -> None:
    evidence, place = read_run(str(killed))
    assert place == killed
    assert (evidence["run_id"], evidence["seal"]) == (killed.name, "")
    assert [each["email"] for each in closed_by(evidence, "netex-eu", (), "netex")] == [
        "jane@example.com",
        "sam@example.com",
        "kim@example.com",
    ]
    (sure,) = left_closed(evidence, "netex-eu")
    assert (sure["email"], sure["at"], sure["record"]["verified"]) == ("jane@example.com", "acme.example.com", None)


@pytest.mark.parametrize(
    ("lines", "repaired"),
    [
        ([{}, {"repair": True, "state": "active"}, {"repair": True}], True),
        ([{}, {"repair": True, "state": "active"}], False),
        ([{}], False),
    ],
    ids=["whole", "half", "none"],
)
def test_a_change_that_was_repaired_is_one_of_its_last_write(
    tmp_path: Path, lines: list[dict[str, Any]], repaired: bool
) -> None:
    """Killed between the two requests of a repair, the account was opened, and nothing was repaired."""
    folder = RunFolder(str(tmp_path), "20261130T170000Z-000001")
    folder.make()
    path = Path(folder.begin_journal(settings(), NOW))
    with path.open("a", encoding="utf-8") as stream:
        for line in lines:
            stream.write(json.dumps({**intent("jane"), **line}) + "\n" + json.dumps(result("jane")) + "\n")
    (record,) = read_run(str(folder.path))[0]["records"]
    assert (record["outcome"], record.get("repaired", False)) == ("changed", repaired)
    ended: Any = {"msg": "killed", "failed": True}
    (user,) = with_journal(ended, path, ["jane@example.com"], [{"username": "jane"}])["users"]
    assert user.get("repaired", False) is repaired


def test_what_a_vendor_without_reading_may_have_closed_is_taken_back_too(tmp_path: Path) -> None:
    """The account cannot be read, so that a person has to check it."""
    folder = RunFolder(str(tmp_path), "20261130T170000Z-000001")
    folder.make()
    faults: list[str] = []
    gauge = read_settings(
        "offboard", "customergauge", Host("gauge"), {"saas_vendor": "customergauge", "offboard_leavers": [{}]}, faults
    )
    assert gauge is not None
    unknown = {"id": None, "before": {"state": "unknown", "vendor_state": None}}
    with open(folder.begin_journal(gauge, NOW), "a", encoding="utf-8") as stream:
        lines = [intent("jane") | unknown, result("jane") | {"id": None}, intent("kim") | unknown]
        stream.write("".join(json.dumps(line) + "\n" for line in lines))
    evidence = read_run(str(folder.path))[0]
    named = [(each["email"], each["by_hand"]) for each in closed_by(evidence, "gauge", (), "customergauge")]
    assert named == [("jane@example.com", True), ("kim@example.com", True)]


def test_a_reinstatement_and_an_audit_take_its_folder(killed: Path) -> None:
    back = settings("reinstate", offboard_evidence=str(killed), reinstate_reason="killed")
    inputs = read_inputs(back, NOW, lambda path: b"")
    assert inputs.earlier == {"file": str(killed), "run_id": killed.name, "kind": "offboard", "seal": None}
    assert len(inputs.closed) == 3
    sealed = settings("reinstate", offboard_evidence=str(killed), reinstate_reason="killed", offboard_seal="sha256:x")
    with pytest.raises(Refusal, match="none, since the run was killed"):
        read_inputs(sealed, NOW, lambda path: b"")
    faults: list[str] = []
    look = read_settings(
        "audit", "netex", Host("netex-eu"), {"saas_vendor": "netex", "offboard_evidence": str(killed)}, faults
    )
    assert look is not None
    with pytest.raises(Refusal, match="give the list of leavers as well"):
        read_inputs(look, NOW, lambda path: b"", faults)


FATES = ("closed", "refused", "no answer", "not begun")


@hypothesis_settings(max_examples=40)
@given(st.lists(st.sampled_from(FATES), min_size=1, max_size=6))
def test_a_module_that_was_killed_leaves_a_result_for_each_that_it_wrote(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str]
) -> None:
    folder = RunFolder(str(tmp_path_factory.mktemp("reports")), "run")
    folder.make()
    path = Path(folder.begin_journal(settings(), NOW))
    lines: list[dict[str, Any]] = []
    for number, fate in enumerate(fates):
        lines += [intent(f"u{number}")] if fate != "not begun" else []
        lines += [result(f"u{number}", "forbidden" if fate == "refused" else None)] * (fate in ("closed", "refused"))
    with path.open("a", encoding="utf-8") as stream:
        stream.write("".join(json.dumps(line) + "\n" for line in lines))
    names = [f"u{number}" for number in range(len(fates))]
    keys: list[Any] = [{"username": name} for name in names]
    emails = [f"{name}@example.com" for name in names]
    found = with_journal({"msg": "killed", "users": []}, path, emails, keys)
    if set(fates) == {"not begun"}:
        assert found["users"] == []
        return
    assert found["read"] is not None
    assert found["read"]["tenant"] == "acme.example.com"
    assert [user["key"] for user in found["users"]] == keys
    for name, fate, user in zip(names, fates, found["users"], strict=True):
        assert user["outcome"] == ("changed" if fate == "closed" else "failed")
        assert (user["error"] is None) == (fate == "closed")
        assert (user.get("id"), user.get("after")) == ((None, None) if fate == "not begun" else (f"id-{name}", SHUT))
    whole: Any = {"users": [{"key": key} for key in keys], "msg": "one failed"}
    assert with_journal(whole, path, emails, keys) is whole
    assert with_journal({"users": []}, path, emails, keys) == {"users": []}
    path.unlink()
    assert with_journal({"msg": "killed"}, path, emails, keys) == {"msg": "killed"}


def test_what_is_appended_after_the_seal_is_no_part_of_it(tmp_path: Path) -> None:
    folder = RunFolder(str(tmp_path), "20261130T170000Z-000001")
    folder.make()
    with open(folder.begin_journal(settings(), NOW), "a", encoding="utf-8") as stream:
        write_folder(str(folder.path), document())
        stream.write(json.dumps(intent("late")) + "\n")
    assert "records are as they were written" in verify(str(folder.path), None)


def test_whole_evidence_is_verified_with_its_journal(tmp_path: Path) -> None:
    folder = RunFolder(str(tmp_path), "20261130T170000Z-000001")
    folder.make()
    path = Path(folder.begin_journal(settings(), NOW))
    evidence, faults = write_folder(str(folder.path), document())
    assert faults == []
    assert "1 records are as they were written" in verify(str(folder.path), evidence["seal"])
    with pytest.raises(EvidenceError, match="not the one that was sealed"):
        verify(str(folder.path), "sha256:other")
    path.write_text(path.read_text("utf-8").replace("netex-eu", "netex-us"), "utf-8")
    with pytest.raises(EvidenceError, match=r"netex-eu\.jsonl: is not as it was written"):
        verify(str(folder.path), None)


def test_what_is_verified_states_of_how_many_tenants_it_is(tmp_path: Path) -> None:
    scope: Any = {**SCOPE, "known": 2, "left_out": [{"tenant": "b", "by": "--limit"}]}
    write_folder(str(tmp_path), document(scope=scope))
    assert "(offboard, 1 of 2 tenants): 1 records are as they were written" in verify(str(tmp_path), None)


def test_journals_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    with pytest.raises(EvidenceError, match=r"neither evidence\.json nor a journal"):
        verify(str(tmp_path), None)
    (tmp_path / "journal" / "netex.jsonl").write_text("x\n", "utf-8")
    with pytest.raises(EvidenceError, match="line 1: is not JSON"):
        verify(str(tmp_path), None)


def test_a_journal_of_another_run_or_tenant_is_named(killed: Path, tmp_path: Path) -> None:
    """Its accounts would be taken for those of this run, or taken back twice."""
    other = RunFolder(str(tmp_path), "20261130T180000Z-000002")
    other.make()
    mine, strange = killed / "journal" / "netex-eu.jsonl", Path(other.begin_journal(settings(), NOW))
    for name, text in (("netex-eu copy.jsonl", mine.read_text("utf-8")), ("other.jsonl", strange.read_text("utf-8"))):
        copy = killed / "journal" / name
        copy.write_text(text, "utf-8")
        with pytest.raises(EvidenceError, match=rf"{copy.name}: is the journal of netex-eu in run"):
            read_run(str(killed))
        copy.unlink()
    mine.write_text(strange.read_text("utf-8"), "utf-8")
    (killed / "journal" / "learn.jsonl").write_text(
        strange.read_text("utf-8").replace("netex-eu", "learn").replace("000002", "000001"), "utf-8"
    )
    with pytest.raises(EvidenceError, match="in run 20261130T"):
        read_run(str(killed))


@pytest.mark.parametrize("vendor", ['"acme"', "null"])
def test_a_journal_of_an_unknown_vendor_is_named(killed: Path, vendor: str) -> None:
    path = killed / "journal" / "netex-eu.jsonl"
    path.write_text(path.read_text("utf-8").replace('"vendor": "netex"', f'"vendor": {vendor}'), "utf-8")
    with pytest.raises(EvidenceError, match=r"netex-eu\.jsonl, line 1: vendor is none that this release knows"):
        read_run(str(killed))


def test_two_runs_in_one_folder_refuse(tmp_path: Path) -> None:
    folder = RunFolder(str(tmp_path), "run")
    folder.make()
    folder.begin_journal(settings(), NOW)
    with pytest.raises(FolderError, match="the journal cannot be begun"):
        folder.begin_journal(settings(), NOW)
    write_folder(str(folder.path), document())
    with pytest.raises(FolderError, match="holds the evidence of another run"):
        folder.make()


def test_a_journal_without_a_place_stops_the_tenant(tmp_path: Path) -> None:
    make_folder(tmp_path / "run")
    (tmp_path / "run" / "journal").write_text("a file", "utf-8")
    with pytest.raises(FolderError, match="run/journal"):
        RunFolder(str(tmp_path), "run").begin_journal(settings(), NOW)
