# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Leavers who have no account at any tenant, and when they fail a run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._unmatched import unmatched
from harness.facts import RUN, SCOPE

ABSENT = {"state": "absent", "vendor_state": None}
OPEN = {"state": "active", "vendor_state": None}


def record(email: str, outcome: str, tenant: str = "netex", before: Any = None, code: str | None = None) -> Any:
    error = code and {"code": code, "message": "x"}
    vendor = "customergauge" if tenant == "customergauge" else "netex"
    unread = outcome in ("missing", "no_account", "failed")
    state = None if unread else before or OPEN
    return {
        "email": email,
        "tenant": tenant,
        "vendor": vendor,
        "outcome": outcome,
        "before": state,
        "after": None,
        "id": None,
        "error": error,
        "manual": [],
    }


def tenant(name: str = "netex", **more: Any) -> Any:
    vendor = "customergauge" if name == "customergauge" else "netex"
    return {"tenant": name, "vendor": vendor, "error": None, "state": "deactivated", **more}


def found(*records: Any, tenants: Any = None, looks: Any = (), unwritten: Any = (), **run: Any) -> Any:
    return unmatched(RUN | run, tenants or [tenant()], records, looks, unwritten)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["missing", "changed", "unchanged", "not_due"]))))
def test_those_who_are_due_and_found_nowhere(outcomes: list[tuple[str, str]]) -> None:
    records = [record(name, outcome, f"t{number}") for number, (name, outcome) in enumerate(outcomes)]
    due = {name for name, outcome in outcomes if outcome != "not_due"}
    seen = {name for name, outcome in outcomes if outcome in ("changed", "unchanged")}
    assert set(found(*records)["leavers"]) == due - seen


def test_what_was_deleted_already_is_no_account() -> None:
    assert found(record("a", "unchanged", before=ABSENT))["leavers"] == ["a"]


@pytest.mark.parametrize("kind", ["offboard", "audit"])
def test_they_fail_where_that_was_asked_for(kind: str) -> None:
    chosen = {"parameters": {f"{kind}_unmatched": "fail"}, "kind": kind}
    assert found(record("a", "missing"), **chosen)["failing"] is True
    assert found(record("a", "missing"), kind=kind)["failing"] is False
    assert found(record("a", "changed"), **chosen)["failing"] is False
    assert found(record("a", "missing"), looks=[{"email": "a"}], **chosen)["failing"] is False


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"tenants": [tenant(error={"code": "x", "message": "x"})]}, "netex could not be read"),
        ({"tenants": [tenant(), tenant("customergauge")]}, "customergauge cannot be read"),
        ({"tenants": [tenant(state="absent")]}, "an earlier run may have deleted the account"),
        ({"scope": {**SCOPE, "left_out": [{"tenant": "b", "by": "--limit"}]}}, "leaves out 1 tenants"),
        ({"scope": {**SCOPE, "missing": ["b"]}}, "lacks tenants that are expected"),
        ({"scope": {**SCOPE, "sliced": True}}, "covers a part of the tenants"),
        ({"parameters": {"offboard_unmatched": "fail", "part": "1 of 2"}}, "covers a part of the tenants"),
    ],
)
def test_where_an_account_may_exist_all_the_same_nothing_fails(more: Any, reason: str) -> None:
    run = {"parameters": {"offboard_unmatched": "fail"}, **more}
    result = found(record("a", "missing"), **run)
    assert (result["leavers"], result["failing"]) == (["a"], False)
    assert any(reason in each for each in result["not_final"])


@pytest.mark.parametrize(
    ("number", "state", "kind", "failing"),
    [
        (1, "deactivated", "offboard", True),
        (1, "absent", "offboard", False),
        (1, "absent", "audit", True),
        (2, "absent", "offboard", False),
        (2, "absent", "audit", False),
    ],
)
def test_a_stage_that_an_earlier_run_may_have_reached_makes_it_not_final(
    number: int, state: str, kind: str, failing: bool
) -> None:
    stage = {"number": number, "of": 2, "state": state, "due_at": None}
    run = {"parameters": {f"{kind}_unmatched": "fail"}, "kind": kind}
    result = found({**record("a", "missing"), "stage": stage}, tenants=[tenant(state=None)], **run)
    assert result["failing"] is failing


@pytest.mark.parametrize("outcome", ["missing", "no_account"])
def test_a_tenant_that_hides_closed_accounts_makes_it_not_final(outcome: str) -> None:
    hidden = {**record("a", outcome), "manual": ["closed_not_listed"]}
    run = {"parameters": {"offboard_unmatched": "fail"}}
    result = found(hidden, **run)
    assert (result["leavers"], result["failing"]) == (["a"], False)
    assert result["not_final"] == ["netex does not list closed accounts"]
    elsewhere = {**record("b", "changed", "t1"), "manual": ["closed_not_listed"]}
    assert found(record("a", outcome), elsewhere, **run)["failing"] is True


def test_an_unreadable_vendor_matches_no_account_in_check_mode() -> None:
    unknown = record("a", "changed", "customergauge", before={"state": "unknown", "vendor_state": None})
    assert found(record("a", "missing"), unknown, unwritten={"customergauge"})["leavers"] == ["a"]
    assert found(record("a", "missing"), unknown)["leavers"] == []


def test_a_reinstatement_has_none() -> None:
    assert found(record("a", "missing"), kind="reinstate")["leavers"] == []
