# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The plan that check mode leaves, and how what would be done now differs from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._model import fingerprint
from ansible_collections.saas.offboarding.plugins.plugin_utils import _plan
from ansible_collections.saas.offboarding.plugins.plugin_utils._chain import digest
from ansible_collections.saas.offboarding.plugins.plugin_utils._console import failures
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
    is_plan,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import (
    read_plan,
    write_folder,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._files import EvidenceError
from ansible_collections.saas.offboarding.plugins.plugin_utils._leave_times import LeaveTimes
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    read_leavers,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    tenant_report,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from ansible_collections.saas.offboarding.plugins.plugin_utils._verdict import verdict
from harness.facts import RUN

HOST = "api.example.com"
OPEN = {"state": "active", "vendor_state": "on"}
SHUT = {"state": "deactivated", "vendor_state": "off"}
REFUSED = {"code": "other_plan", "message": "the plan now is another", "status": None}


def entry(who: str, outcome: str = "changed", **more: Any) -> Any:
    after = SHUT if outcome in ("changed", "unchanged") else OPEN
    before = SHUT if outcome == "unchanged" else OPEN
    error = REFUSED if outcome == "refused" else None
    return {
        "key": {"email": f"{who}@example.com"},
        "outcome": outcome,
        "id": f"id-{who}",
        "name": who,
        "before": before,
        "after": after,
        "verified": None,
        "error": error,
        **more,
    }


def report(*entries: Any, approved: Any = None, check: bool = True, later: str = "", **more: Any) -> Any:
    people: list[Any] = [{"email": each["key"]["email"]} for each in entries]
    people += [{"email": f"{later}@example.com", "leave_at": "2999-01-01T00:00:00Z"}] if later else []
    changes = [(each["id"], each["before"], each["after"]) for each in entries if each["outcome"] == "changed"]
    result: Any = {
        "users": list(entries),
        "check_mode": check,
        "plan_hash": fingerprint(HOST, changes),
        "read": {"tenant": HOST, "accounts": 9, "pages": 1, "complete": True},
        **more,
    }
    return tenant_report(
        result,
        read_leavers(people, "the list", times=LeaveTimes.of(blank="due")).leavers,
        tenant="netex",
        vendor="netex",
        stages=Stages.once("deactivated"),
        due_at=RUN["finished"],
        on_missing="ok",
        approved=approved,
    )


def check_run(*reports: Any, **more: Any) -> Any:
    return evidence(reports, RUN | {"check_mode": True, "parameters": {"offboard_due_at": RUN["finished"]}, **more})


def approved(*entries: Any) -> Any:
    planned = _plan.plan(check_run(report(*entries)))
    return dict(_plan.plan_variables(planned)["offboard_plan_changes"]["netex"])


def test_a_plan_has_leavers_accounts_states_and_its_hash() -> None:
    document = check_run(report(entry("jane"), entry("sam", "unchanged"), entry("kim", "missing"), later="bo"))
    planned = _plan.plan(document)
    (tenant,) = planned["tenants"]
    assert tenant["changes"] == [
        {"email": "jane@example.com", "id": "id-jane", "name": "jane", "before": OPEN, "after": SHUT}
    ]
    assert (tenant["at"], tenant["plan_hash"]) == (HOST, document["tenants"][0]["plan_hash"])
    assert planned["due_at"] == RUN["finished"]
    _plan.check_plan(planned)


def test_with_no_leaver_due_the_plan_is_empty_and_has_no_hash() -> None:
    nothing_due = tenant_report(
        {},
        read_leavers([{"email": "bo@example.com", "leave_at": "2999-01-01T00:00:00Z"}], "the list").leavers,
        tenant="netex",
        vendor="netex",
        stages=Stages.once("deactivated"),
        due_at=RUN["finished"],
        on_missing="ok",
    )
    planned = _plan.plan(check_run(nothing_due))
    assert planned["tenants"][0]["plan_hash"] == _plan.NOTHING
    assert fingerprint(HOST, []) != _plan.NOTHING
    _plan.check_plan(planned)


def test_a_tenant_that_could_not_be_planned_is_not_in_the_plan() -> None:
    broken = report(entry("jane", "failed", error={"code": "timeout", "message": "no answer"}), plan_hash=None)
    document = check_run(broken)
    document["tenants"].append({**document["tenants"][0], "tenant": "silent", "error": {"code": "no_result"}})
    assert _plan.plan(document)["tenants"] == []


def test_an_account_without_an_id_is_known_by_the_address_it_was_asked_by() -> None:
    (tenant,) = _plan.plan(check_run(report(entry("Jane", id=None), plan_hash="sha256:x")))["tenants"]
    assert tenant["changes"][0]["id"] == "jane@example.com"


def test_only_a_run_in_check_mode_that_would_write_is_a_plan() -> None:
    assert is_plan(check_run(report(entry("jane"))))
    assert not is_plan(evidence([report(entry("jane"), check=False)], RUN))
    assert not is_plan(check_run(report(entry("jane"))) | {"kind": "audit"})


def test_a_long_plan_hands_on_its_hashes_alone() -> None:
    entries = [entry(f"l{number}") for number in range(_plan.HANDED_ON + 1)]
    short, long = (_plan.handed_on(_plan.plan(check_run(report(*each)))) for each in (entries[:-1], entries))
    assert len(short["offboard_plan_changes"]["netex"]["changes"]) == _plan.HANDED_ON
    assert set(long) == {"offboard_plan", "offboard_plan_run", "offboard_due_at"}


def test_a_name_that_would_be_a_template_is_not_handed_on() -> None:
    named = entry("jane", name="{{ lookup('pipe', 'id') }}")
    assert "offboard_plan_changes" not in _plan.handed_on(_plan.plan(check_run(report(named))))


def test_a_tenant_without_anybody_is_planned_as_nothing() -> None:
    """The same applies to a reinstatement if the run closed no account at the tenant."""
    nothing_due = {**report(entry("jane")), "tenant": "learn", "plan_hash": None, "records": [], "check_mode": None}
    planned = _plan.plan(check_run(report(entry("jane")), nothing_due, kind="reinstate"))
    assert [each["plan_hash"] == _plan.NOTHING for each in planned["tenants"]] == [False, True]
    _plan.check_plan(planned)
    broken = {**nothing_due, "error": {"code": "task_failed", "message": "no"}}
    assert [each["tenant"] for each in _plan.plan(check_run(broken, kind="reinstate"))["tenants"]] == []


def test_a_tenant_that_is_in_a_plan_twice_is_an_error() -> None:
    planned = _plan.plan(check_run(report(entry("jane")), report(entry("sam"))))
    with pytest.raises(_plan.PlanError, match="twice"):
        _plan.check_plan(planned)


# -- what differs


def test_nothing_differs_where_it_was_done_as_approved_or_was_done_before() -> None:
    plan = approved(entry("jane"), entry("sam"))
    assert report(entry("jane"), entry("sam"), approved=plan)["differences"] == []
    assert report(entry("jane", "unchanged"), entry("sam", "unchanged"), approved=plan)["differences"] == []
    assert report(entry("jane", "unchanged"))["differences"] == []


def test_an_approved_account_that_is_no_longer_requested_is_a_difference() -> None:
    """Otherwise a run would succeed although an approved account is still active."""
    plan = approved(entry("jane"), entry("kim"), entry("bo"))
    expected = report(entry("sam", "unchanged"), entry("bo", "missing", id=None), approved=plan, later="kim")
    assert expected["differences"] == [
        "jane@example.com (account id-jane) is in it, and is not requested now",
        "kim@example.com (account id-kim) is in it, and is not due now",
        "bo@example.com (account id-bo) is in it, and there is no account now",
    ]
    assert "differs from the approved plan" in failures([expected])
    assert verdict(evidence([expected | {"check_mode": False}], RUN)).headline == "1 tenant not as approved"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (entry("jane", "unchanged"), "is in it, and is deactivated already"),
        (entry("jane", "missing", id=None), "is in it, and there is no account now"),
        (entry("jane", "refused", id="id-other"), "is in it, and the account is id-other now"),
        (
            entry("jane", "refused", before={"state": "locked", "vendor_state": None}),
            "was active (on) in it, and is locked now",
        ),
        (
            entry("jane", "failed", error={"code": "ambiguous", "message": "two of them"}),
            "is in it, and failed now: two of them",
        ),
        (
            entry("jane", "refused", error={"code": "protected", "message": "Protected by 'j*'"}),
            "is in it, and refused now: Protected by 'j*'",
        ),
    ],
    ids=["closed", "gone", "another", "another state", "failed", "protected"],
)
def test_a_difference_states_the_result_of_an_approved_account(now: Any, expected: str) -> None:
    plan = approved(entry("jane"), entry("sam"))
    assert report(now, entry("sam", "refused"), approved=plan)["differences"] == [
        f"jane@example.com (account id-jane) {expected}"
    ]


def test_a_missing_account_of_an_unreadable_vendor_is_no_difference() -> None:
    unread = {"state": "unknown", "vendor_state": None}
    plan = approved(entry("jane", before=unread))
    assert report(entry("jane", "missing", id=None), approved=plan)["differences"] == []


def test_differences_name_accounts_not_approved_and_no_longer_requested() -> None:
    plan = approved(entry("jane"), entry("kim"))
    found = report(entry("sam", "refused"), approved=plan, later="kim")["differences"]
    assert found == [
        "jane@example.com (account id-jane) is in it, and is not requested now",
        "kim@example.com (account id-kim) is in it, and is not due now",
        "sam@example.com (account id-sam) is not in it, and would be deactivated now",
    ]


def test_another_tenant_and_another_desired_state_are_differences() -> None:
    plan = approved(entry("jane"))
    elsewhere = {**plan, "at": "other.example.com"}
    assert report(entry("jane", "refused"), approved=elsewhere)["differences"] == [
        "it was made for other.example.com, and this is api.example.com"
    ]
    deleted = {**plan, "changes": [{**plan["changes"][0], "after": {"state": "absent", "vendor_state": None}}]}
    assert report(entry("jane", "refused"), approved=deleted)["differences"] == [
        "jane@example.com (account id-jane) was to be absent, and is to be deactivated now"
    ]


def test_a_plan_hash_alone_names_no_difference() -> None:
    (expected,) = report(entry("jane", "refused"))["differences"]
    assert "offboard_plan_file" in expected


# -- the file


def folder(tmp_path: Path, *entries: Any) -> Path:
    write_folder(str(tmp_path), check_run(report(*entries)))
    return tmp_path


def test_the_plan_is_a_file_of_the_run_and_is_read_by_folder_or_by_name(tmp_path: Path) -> None:
    place = folder(tmp_path, entry("jane"), entry("sam", name="half \ud800"))
    by_folder, by_name = (read_plan(str(each))[0] for each in (place, place / "plan.json"))
    assert by_folder == by_name
    assert next(change["email"] for change in by_folder["tenants"][0]["changes"]) == "jane@example.com"


def test_a_run_that_wrote_leaves_no_plan(tmp_path: Path) -> None:
    write_folder(str(tmp_path), evidence([report(entry("jane"), check=False)], RUN))
    with pytest.raises(EvidenceError, match="only a run in check mode leaves one"):
        read_plan(str(tmp_path))


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "beside its evidence"])
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"id-jane"', '"id-boss"', "not as it was written"),
        ('"state": "active"', '"state": "locked"', "not as it was written"),
        ('"jane@example.com"', '"sam@example.com"', "not as it was written"),
        ('"kind": "plan"', '"kind": "party"', "not the plan"),
        ('"schema_version": 1', '"schema_version": 2', "schema version"),
        ('"changes": [', '"change": [', "changes is missing"),
        ('"plan_hash": "', '"plan_hash": "x', "not as it was written"),
        ("{", "[", "not valid JSON"),
    ],
)
def test_a_plan_that_is_not_as_it_was_written_is_not_taken(
    tmp_path: Path, old: str, new: str, expected: str, alone: bool
) -> None:
    place = folder(tmp_path, entry("jane"))
    if alone:
        (place / "evidence.json").unlink()
    text = (place / "plan.json").read_text(encoding="utf-8")
    assert old in text
    (place / "plan.json").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EvidenceError, match=expected):
        read_plan(str(place))


def test_a_plan_with_other_hashes_than_the_evidence_is_refused(tmp_path: Path) -> None:
    place = folder(tmp_path, entry("jane"))
    planned = json.loads((place / "plan.json").read_text(encoding="utf-8"))
    (tenant,) = planned["tenants"]
    tenant["changes"][0]["id"] = "id-boss"
    tenant["plan_hash"] = fingerprint(HOST, [("id-boss", OPEN, SHUT)])
    del planned["digest"]
    (place / "plan.json").write_text(json.dumps({**planned, "digest": digest(planned)}), encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"plan\.json: is not as it was written"):
        read_plan(str(place))


@pytest.mark.parametrize("outcome", ["changed", "refused"])
def test_an_id_that_travelled_as_a_number_is_the_same_account(outcome: str) -> None:
    """AWX hands a plan on as extra variables, in which ids of digits are numbers."""
    planned = approved(entry("jane", id="6962902390648833"))
    travelled: Any = {"netex": {**planned, "changes": [{**each, "id": int(each["id"])} for each in planned["changes"]]}}
    came = _plan.with_text_ids(travelled)
    assert came == {"netex": planned}
    error = {"error": {"code": "other_plan", "message": "x"}} if outcome == "refused" else {}
    locked = {"state": "locked", "vendor_state": None}
    now = entry("jane", outcome, id="6962902390648833", before=locked, **error)
    message = " ".join(report(now, approved=came["netex"])["differences"])
    assert "the account is" not in message
    assert outcome == "changed" or "was active" in message


@pytest.mark.parametrize(
    "changes", [{"netex": "x"}, {"netex": {"changes": [{}]}}, {"netex": {"changes": 1}}, {"netex": {}}]
)
def test_changes_that_are_none_are_named(changes: Any) -> None:
    with pytest.raises(ValueError, match="offboard_plan_changes is not as a run in check mode gives it"):
        _plan.with_text_ids(changes)
