# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The lists, the plan, the evidence and the protected file: all that is wrong with them is named at once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._model import fingerprint
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import evidence
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import write_folder
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import Inputs, read_inputs
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import tenant_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Host, Refusal, read_settings
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from harness.facts import RUN

NOW = "2026-11-30T17:00:00Z"
JANE = "jane@example.com"


def content(path: str) -> bytes:
    return Path(path).read_bytes()


def read(kind: str = "offboard", faults: tuple[str, ...] = (), **given: Any) -> Inputs:
    wrong = list(faults)
    settings = read_settings(kind, "netex", Host("localhost"), {"offboard_vendors": ["netex"], **given}, wrong)
    assert settings is not None
    return read_inputs(settings, NOW, content, wrong)


def refused(kind: str = "offboard", **given: Any) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        read(kind, **given)
    return list(refusal.value.faults)


def run_folder(place: Path, check: bool = False, email: str = JANE) -> Path:
    """Leave the folder of a run that closed one account, or would have."""
    entry: Any = {
        "key": {"email": email},
        "outcome": "changed",
        "id": "1",
        "name": "jane",
        "verified": None,
        "error": None,
    }
    entry |= {
        "before": {"state": "active", "vendor_state": None},
        "after": {"state": "deactivated", "vendor_state": None},
    }
    read = {"tenant": "acme", "accounts": 1, "pages": 1, "complete": True}
    plan_hash = fingerprint("acme", [("1", entry["before"], entry["after"])])
    result: Any = {"users": [entry], "check_mode": check, "plan_hash": plan_hash, "read": read}
    listed = read_leavers([{"email": email}], "the list").leavers
    options: Any = {"tenant": "netex", "vendor": "netex", "stages": Stages.once("deactivated"), "due_at": NOW}
    report = tenant_report(result, listed, on_missing="ok", **options)
    place.mkdir()
    write_folder(str(place), evidence([report], RUN | {"check_mode": check}))
    return place


def test_a_list_is_read_with_its_source(tmp_path: Path) -> None:
    path = tmp_path / "leavers.csv"
    text = f"email,leave_at\n{JANE},\nbo@example.com,2999-01-01T00:00:00Z\n"
    path.write_text(text, encoding="utf-8")
    found = read(offboard_leavers_file=str(path), offboard_blank_leave_at="due")
    assert [each["email"] for each in found.leavers] == [JANE, "bo@example.com"]
    assert [each["email"] for each in found.due] == [JANE]
    assert not read(offboard_leavers_file=str(path), offboard_blank_leave_at="not_due").due
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert found.source == {"file": str(path), "sha256": digest, "people": 2, "notes": []}
    assert found.due_at == NOW
    inline = read(offboard_leavers=[{"email": JANE}], offboard_due_at="2026-01-01T00:00:00Z")
    assert inline.source == {"file": None, "sha256": None, "people": 1, "notes": []}
    assert inline.due_at == "2026-01-01T00:00:00Z"


def test_on_a_staff_list_a_blank_leave_time_means_staff(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(f"email,leave_at\n{JANE},\nbo@example.com,31.12.2026\n", encoding="utf-8")
    given: dict[str, Any] = {"offboard_date_format": "%d.%m.%Y", "offboard_timezone": "UTC"}
    listed: dict[str, Any] = {
        "offboard_leavers": [{"email": "sam@example.com", "leave_at": "30.11.2026"}],
        "audit_staff_file": str(path),
    }
    for blank in (None, "not_due", "due"):
        staff = read("audit", offboard_blank_leave_at=blank, **listed, **given).staff
        assert staff is not None
        assert [(each["leave_at"], "never_due" in each) for each in staff] == [
            (None, False),
            ("2027-01-01T00:00:00Z", False),
        ]


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    listed = tmp_path / "leavers.csv"
    listed.write_text("email\nno-such-user\n", encoding="utf-8")
    protected = tmp_path / "protected.txt"
    protected.write_text("# none\n", encoding="utf-8")
    found = refused(
        faults=("a variable is wrong",),
        offboard_leavers_file=str(listed),
        offboard_plan_file=str(tmp_path / "no plan"),
        offboard_protected_file=str(protected),
        offboard_due_at="soon",
    )
    assert len(found) == 5
    messages = " ".join(found)
    for part in ("a variable is wrong", "no plan", f"{listed}: row 2, email", "offboard_due_at", "protects no account"):
        assert part in messages


@pytest.mark.parametrize("text", ["jane@example.com", '[{"email": "jane@example.com"}]', "leavers.csv", ""])
def test_a_text_is_no_list_of_leavers(text: str) -> None:
    (fault,) = refused(offboard_leavers=text)
    assert fault.startswith("offboard_leavers is a text. Give a list of entries with email, a file by")


def test_what_is_wrong_with_an_audit_is_named_at_once(tmp_path: Path) -> None:
    missing = {
        name: str(tmp_path / name) for name in ("offboard_leavers_file", "audit_staff_file", "offboard_evidence")
    }
    found = refused("audit", **missing)
    assert len(found) == 3
    assert sum(f": there is no file {tmp_path}" in each for each in found) == 2
    assert len(refused("audit", offboard_evidence=missing["offboard_evidence"])) == 1


def test_an_unreadable_protected_file_stops_the_run(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    (fault,) = refused(offboard_leavers=[{"email": JANE}], offboard_protected_file=gone)
    assert fault.startswith(f"offboard_protected_file: there is no file {gone} on the controller. Nothing was sent.")


def test_protected_accounts_come_from_the_list_and_the_file_and_never_in_an_audit(tmp_path: Path) -> None:
    path = tmp_path / "protected.txt"
    path.write_text("boss@example.com\n", encoding="utf-8")
    given: Any = {
        "offboard_leavers": [{"email": "boss@example.com", "netex": "chief"}],
        "offboard_protected": "svc-*, root",
        "offboard_protected_file": str(path),
    }
    assert set(read(**given).protected) >= {"svc-*", "root", "boss@example.com", "chief"}
    assert not read("audit", **given).protected
    assert refused(offboard_leavers=[{"email": JANE}], offboard_protected=[""])


def test_a_plan_applies_to_each_tenant(tmp_path: Path) -> None:
    leavers: Any = {"offboard_leavers": [{"email": JANE}]}
    for plan in ({}, None, {"zitadel": "sha256:00"}, {"netex": ""}, {"netex": 5}):
        (fault,) = refused(offboard_plan=plan, **leavers)
        assert fault.startswith("offboard_plan has no entry for netex.")
    assert read(**leavers).plan is None
    found = read(offboard_plan_file=str(run_folder(tmp_path / "plan", check=True)), **leavers)
    assert set(found.plan or {}) == {"netex"}
    assert found.plan_run == RUN["run_id"]


def test_a_plan_of_another_kind_is_refused(tmp_path: Path) -> None:
    given: Any = {"offboard_evidence": str(run_folder(tmp_path / "run")), "reinstate_reason": "x"}
    (fault,) = refused("reinstate", offboard_plan_file=str(run_folder(tmp_path / "plan", check=True)), **given)
    assert fault.startswith("offboard_plan_file is the plan of another kind of run (offboard).")


def test_evidence_is_the_one_that_was_sealed_and_of_a_run_that_wrote(tmp_path: Path) -> None:
    given: Any = {"reinstate_reason": "x", "offboard_evidence": str(run_folder(tmp_path / "run"))}
    found = read("reinstate", **given)
    assert [each["email"] for each in found.closed] == [JANE]
    assert found.earlier is not None
    assert found.earlier["run_id"] == RUN["run_id"]
    assert read("reinstate", offboard_seal=found.earlier["seal"], **given).earlier == found.earlier
    (fault,) = refused("reinstate", offboard_seal="sha256:00", **given)
    assert fault.startswith("offboard_evidence is whole, but it is not the one that was sealed sha256:00")
    (fault,) = refused("reinstate", reinstate_leavers=["stranger@example.com"], **given)
    assert "the run closed no account of stranger@example.com" in fault
    plan = str(run_folder(tmp_path / "plan", check=True))
    (fault,) = refused("reinstate", **{**given, "offboard_evidence": plan})
    assert "is of a run in check mode" in fault


def test_an_audit_takes_its_leavers_from_an_earlier_run(tmp_path: Path) -> None:
    found = read("audit", offboard_evidence=str(run_folder(tmp_path / "run")))
    assert [each["email"] for each in found.leavers] == [JANE]
    assert [each["email"] for each in found.closed] == [JANE]
    assert found.source["people"] == 1
