# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The work at one tenant: which module is called with which options, for each kind of run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import Inputs
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Host, Settings, read_settings
from ansible_collections.saas.offboarding.plugins.plugin_utils._tenant import Tenant, deciding_settings

NOW = "2026-11-30T17:00:00Z"
PEOPLE: list[Any] = read_leavers([{"email": "jane@example.com", "netex": "jane"}], "the list").leavers
LATER: list[Any] = read_leavers([{"email": "bo@example.com", "leave_at": "2999-01-01T00:00:00Z"}], "the list").leavers
STAFF: list[Any] = read_leavers([{"email": "sam@example.com"}], "staff").leavers
SECRET = "correct-horse-battery"
CONNECTION = {"tenant": "acme", "auth_token": SECRET}
SHUT = {"state": "deactivated", "vendor_state": "disabled"}


def closed(email: str, by_hand: bool = False) -> Any:
    """Return an account that an earlier run left closed."""
    record = {
        "tenant": "netex",
        "vendor": "netex",
        "email": email,
        "leave_at": None,
        "id": "7",
        "name": None,
        "key": {"user_id": "7"},
        "outcome": "changed",
        "before": {"state": "active", "vendor_state": None},
        "after": SHUT,
        "verified": True,
    }
    accounts = {"netex": {"user_id": "7"}}
    at = "acme.example.com"
    return {
        "email": email,
        "leave_at": None,
        "accounts": accounts,
        "record": record,
        "at": at,
        "by_hand": by_hand,
        "was": SHUT,
        "state": "active",
    }


def settings(kind: str = "offboard", vendor: str = "netex", **given: Any) -> Settings:
    needed: Any = {
        "offboard": {"offboard_leavers": [{}]},
        "audit": {"offboard_leavers": [{}]},
        "reinstate": {"offboard_evidence": "/run", "reinstate_reason": "x"},
    }[kind]
    faults: list[str] = []
    credentials = {"netex_tenant": "acme", "netex_auth_token": SECRET}
    found = read_settings(kind, vendor, Host("localhost"), {**needed, **credentials, **given}, faults)
    assert faults == []
    assert found is not None
    return found


def work(chosen: Settings, answers: Any | None = None, **inputs: Any) -> tuple[list[Any], Any]:
    """Return the calls of modules, and the report."""
    calls: list[Any] = []

    def call(module: str, options: Any) -> Any:
        calls.append((module, options))
        return (answers or {}).get(module, {"msg": "no connection"})

    return calls, Tenant(chosen, Inputs(due_at=NOW, **inputs), call).report()


# -- offboard


def test_accounts_are_closed_by_one_call_with_the_guard_rails() -> None:
    rails: Any = {"offboard_max_changes": "5", "offboard_max_percent": 10, "offboard_batch_size": 50}
    chosen = settings(offboard_on_missing="fail", netex_verify=False, **rails)
    calls, report = work(chosen, leavers=PEOPLE, due=PEOPLE, protected=("svc-*",), plan={"netex": "sha256:00"})
    assert calls == [
        (
            "netex_user",
            {
                **CONNECTION,
                "verify": False,
                "users": [{"username": "jane"}],
                "state": "deactivated",
                "on_missing": "fail",
                "protected": ["svc-*"],
                "max_changes": 5,
                "max_percent": 10.0,
                "plan_hash": "sha256:00",
                "batch_size": 50,
            },
        )
    ]
    assert [(each["outcome"], each["failing"]) for each in report["records"]] == [("failed", True)]
    assert (report["kind"], report["tenant"], report["error"]["message"]) == ("offboard", "netex", "no connection")


@pytest.mark.parametrize(
    ("given", "check_mode", "most"),
    [
        ({}, False, 100),
        ({}, True, None),
        ({"offboard_max_changes": 5}, True, 5),
        ({"offboard_max_changes": 500}, False, 500),
        ({"offboard_plan": {"netex": "sha256:00"}}, False, None),
        ({"offboard_plan_file": "/plan"}, False, None),
    ],
)
def test_without_a_number_or_a_plan_a_run_changes_a_hundred(given: Any, check_mode: bool, most: int | None) -> None:
    calls: list[Any] = []

    def call(module: str, options: Any) -> Any:
        calls.append(options["max_changes"])
        return {"msg": "no connection"}

    inputs = Inputs(due_at=NOW, leavers=PEOPLE, due=PEOPLE, plan=given.get("offboard_plan"))
    Tenant(settings(**given), inputs, call, None, check_mode).report()
    assert calls == [most]
    assert settings("reinstate").default_brake is None


@pytest.mark.parametrize("kind", ["offboard", "audit", "reinstate"])
def test_a_tenant_at_which_no_leaver_is_due_is_not_called(kind: str) -> None:
    leavers = [] if kind == "reinstate" else LATER
    calls, report = work(settings(kind), leavers=leavers)
    assert calls == []
    assert report["error"] is None
    assert [each["outcome"] for each in report["records"]] == ["not_due"] * len(leavers)


@pytest.mark.parametrize(
    ("vendor", "variable", "option"), [("netex", "netex_message", "message"), ("learn", "learn_end_date", "end_date")]
)
def test_a_closing_setting_goes_with_deactivated_only(vendor: str, variable: str, option: str) -> None:
    for state, is_passed in (("deactivated", True), ("absent", False)):
        given: Any = {variable: "bye", "offboard_state": state, "offboard_allow_delete": True}
        given |= {"offboard_vendors": [vendor]}
        ((_module, options),) = work(settings(vendor=vendor, **given), leavers=PEOPLE, due=PEOPLE)[0]
        assert (option in options) is is_passed
        assert options["state"] == state


# -- audit


def test_an_audit_reads_and_never_calls_the_module_that_writes() -> None:
    again = [closed("kim@example.com")]
    chosen = settings("audit", netex_message="bye", netex_verify=True, offboard_batch_size=50)
    calls, _report = work(chosen, leavers=PEOPLE, due=PEOPLE, closed=again, staff=STAFF)
    common = {**CONNECTION, "details": False, "batch_size": 50}
    assert calls == [
        ("netex_user_info", {**common, "users": [{"username": "jane"}]}),
        ("netex_user_info", {**common, "users": [{"user_id": "7"}]}),
        ("netex_user_info", common),
    ]


def test_an_empty_staff_list_is_compared_with_all_accounts_and_none_is_not() -> None:
    assert len(work(settings("audit"), staff=[])[0]) == 1
    assert work(settings("audit"), staff=None)[0] == []


def test_a_vendor_that_cannot_be_read_is_not_called_in_an_audit() -> None:
    chosen = settings("audit", vendor="customergauge")
    calls, report = work(chosen, leavers=PEOPLE, due=PEOPLE, staff=STAFF)
    assert calls == []
    assert [each["outcome"] for each in report["records"]] == ["unknown"]


# -- reinstate


def seen(state: Any = None) -> Any:
    found = {"key": {"user_id": "7"}, "found": True, "id": "7", "name": None}
    user = {**found, **(state or SHUT), "error": None, "seen": None}
    read = {"tenant": "acme.example.com", "accounts": 1, "pages": 1, "complete": True}
    return {"users": [user], "read": read, "requests": {"sent": 1, "retried": 0, "tokens": 0}}


def test_a_reinstatement_reads_first_and_opens_what_is_as_it_was_left() -> None:
    calls, _report = work(
        settings("reinstate", netex_message="bye"),
        {"netex_user_info": seen()},
        closed=[closed("jane@example.com")],
        protected=("svc-*",),
    )
    assert [module for module, _options in calls] == ["netex_user_info", "netex_user"]
    options = calls[1][1]
    assert (options["state"], options["users"], options["protected"]) == ("active", [{"user_id": "7"}], ["svc-*"])
    assert "message" not in options


@pytest.mark.parametrize("answer", [{"msg": "no connection"}, seen({"state": "locked", "vendor_state": "locked"})])
def test_what_is_not_as_it_was_left_is_not_opened(answer: Any) -> None:
    calls, report = work(settings("reinstate"), {"netex_user_info": answer}, closed=[closed("jane@example.com")])
    assert [module for module, _options in calls] == ["netex_user_info"]
    assert [each["failing"] for each in report["records"]] == [True]


def test_what_is_for_a_person_is_not_asked_of_the_vendor() -> None:
    calls, report = work(settings("reinstate"), closed=[closed("jane@example.com", by_hand=True)])
    assert calls == []
    assert [each["outcome"] for each in report["records"]] == ["by_hand"]


# -- evidence


def test_the_recorded_settings_have_no_credential() -> None:
    chosen = settings(netex_synchronization="asynchronous", netex_verify=False, netex_api_url=f"https://{SECRET}")
    found = deciding_settings(chosen, Inputs(due_at=NOW, protected=("svc-*",)))
    assert (found["netex_synchronization"], found["netex_verify"]) == ("asynchronous", False)
    assert (found["offboard_protected"], found["offboard_state"]) == (["svc-*"], "deactivated")
    assert SECRET not in repr(found)
