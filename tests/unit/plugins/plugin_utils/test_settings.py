# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The variables of the role: what each may hold, and that all faults of a run are named at once."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import (
    KINDS,
    LATER,
    VARIABLES,
    WRITING,
    option_variables,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import (
    UNREADABLE,
    Host,
    ListSettings,
    Refusal,
    Settings,
    read_list_settings,
    read_settings,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stage

AUDIT, OFFBOARD, REINSTATE, PREFLIGHT, SCHEDULE = "audit", "offboard", "reinstate", "preflight", "schedule"
IN_QUOTES = "must be a text: put it in quotes, so that it is recorded as it is written."
HERE = Host("localhost")
LISTED = [{"email": "jane@example.com"}]
NEEDED: dict[str, dict[str, Any]] = {
    OFFBOARD: {"offboard_leavers": LISTED},
    AUDIT: {"offboard_leavers": LISTED},
    REINSTATE: {"offboard_evidence": "/run", "reinstate_reason": "too early"},
    PREFLIGHT: {},
    SCHEDULE: {"offboard_leavers": LISTED},
}
"""The fewest variables that each kind of run needs."""


def judged(kind: str, vendor: str, host: Host, given: dict[str, Any]) -> tuple[Settings | None, list[str]]:
    """Return the settings and everything that is wrong with the variables."""
    faults: list[str] = []
    try:
        return read_settings(kind, vendor, host, given, faults), faults
    except Refusal as refusal:
        return None, list(refusal.faults)


def read(kind: str = OFFBOARD, vendor: str = "netex", host: Host = HERE, **given: Any) -> Settings | None:
    found, wrong = judged(kind, vendor, host, {**NEEDED[kind], **given})
    assert wrong == []
    return found


def settings(kind: str = OFFBOARD, vendor: str = "netex", host: Host = HERE, **given: Any) -> Settings:
    found = read(kind, vendor, host, **given)
    assert found is not None
    return found


def settings_for(kind: str, **given: Any) -> ListSettings:
    """Return the settings, also of the playbook that works at no tenant."""
    if kind != SCHEDULE:
        return settings(kind, **given)
    wrong: list[str] = []
    found = read_list_settings(kind, {}, {**NEEDED[kind], **given}, wrong)
    assert wrong == []
    return found


def list_faults(kind: str, **given: Any) -> list[str]:
    wrong: list[str] = []
    read_list_settings(kind, {}, {**NEEDED[kind], **given}, wrong)
    return wrong


def faults(kind: str = OFFBOARD, vendor: str = "netex", host: Host = HERE, **given: Any) -> list[str]:
    return judged(kind, vendor, host, {**NEEDED[kind], **given})[1]


def bare(kind: str, **given: Any) -> list[str]:
    """Return the faults of a run with these variables and no others."""
    return judged(kind, "netex", HERE, given)[1]


# -- each variable, as it is and as the text that ansible-core 2.18 makes of it

FOLDER = os.path.realpath(".")
RIGHT: list[tuple[str, Any, Any]] = [
    ("saas_vendor", "netex", "netex"),
    ("offboard_vendors", ["netex", " zitadel "], ["netex", "zitadel"]),
    ("offboard_vendors", [], []),
    ("offboard_vendors", "", []),
    ("offboard_due_at", "2026-11-30T17:00:00Z", "2026-11-30T17:00:00Z"),
    ("offboard_reason", " end of contract ", " end of contract "),
    ("offboard_ticket", "\n ", ""),
    ("offboard_ticket", "HR-4711", "HR-4711"),
    ("offboard_ticket", "0012345", "0012345"),
    ("offboard_ticket", None, ""),
    ("offboard_state", "deactivated", "deactivated"),
    ("offboard_states", {"zitadel": "locked"}, {"zitadel": "locked"}),
    ("offboard_states", "", {}),
    ("offboard_stages", [{"state": "deactivated"}], (Stage("deactivated"),)),
    ("offboard_columns", {"email": "Work Email"}, {"email": "Work Email"}),
    ("offboard_columns", "", {}),
    ("offboard_ignore_columns", ["*"], ["*"]),
    ("offboard_ignore_columns", "Color, Hire Date", ["Color", "Hire Date"]),
    ("offboard_blank_email", "report", "report"),
    ("offboard_skip_rows", {"top": 2, "bottom": "1"}, {"top": 2, "bottom": 1}),
    ("offboard_encoding", "windows-1252", "windows-1252"),
    ("audit_staff_columns", {"email": "Mail"}, {"email": "Mail"}),
    ("offboard_allow_delete", True, True),
    ("offboard_allow_delete", "true", True),
    ("offboard_allow_delete", "True", True),
    ("offboard_allow_delete", "no", False),
    ("offboard_on_missing", "fail", "fail"),
    ("offboard_protected", ["svc-*"], ["svc-*"]),
    ("offboard_protected", "svc-*, boss@example.com", ["svc-*", "boss@example.com"]),
    ("offboard_date_format", "%d.%m.%Y", ["%d.%m.%Y"]),
    ("offboard_date_format", ["%d.%m.%Y", "iso8601"], ["%d.%m.%Y", "iso8601"]),
    ("offboard_date_format", "", []),
    ("offboard_timezone", " Europe/Berlin ", "Europe/Berlin"),
    ("offboard_timezone", "", ""),
    ("offboard_leave_time", "17:30", "17:30"),
    ("offboard_leave_time", 1050, "17:30"),
    ("offboard_blank_leave_at", "not_due", "not_due"),
    ("offboard_protected_file", "board.txt", f"{FOLDER}/board.txt"),
    ("offboard_max_changes", 5, 5),
    ("offboard_max_changes", "5", 5),
    ("offboard_max_changes", " 5 ", 5),
    ("offboard_max_changes", 0, 0),
    ("offboard_max_percent", 2.5, 2.5),
    ("offboard_max_percent", "2.5", 2.5),
    ("offboard_max_percent", 0, 0.0),
    ("offboard_plan", {"netex": "sha256:00"}, {"netex": "sha256:00"}),
    ("offboard_plan_file", "/plans/../plan.json", "/plan.json"),
    ("offboard_report_dir", "~/reports", os.path.realpath(os.path.expanduser("~/reports"))),
    ("offboard_report_dir", "", ""),
    ("offboard_batch_size", 1, 1),
    ("offboard_batch_size", "500", 500),
    ("offboard_evidence", "/evidence", "/evidence"),
    ("offboard_seal", "sha256:00", "sha256:00"),
    ("audit_unknown", "fail", "fail"),
    ("preflight_for", "audit", "audit"),
    ("offboard_schedule_state", "absent", "absent"),
    ("offboard_schedule_answers", "", {}),
    ("offboard_schedule_purge_after", 3600, "3600"),
    ("audit_orphans", "report", "report"),
    ("audit_both_lists", "report", "report"),
    ("audit_exempt", ["svc-*"], ["svc-*"]),
    ("audit_exempt", "svc-*", ["svc-*"]),
    ("audit_exempt", "", []),
    ("audit_staff_file", "/staff.csv", "/staff.csv"),
    ("reinstate_reason", "too early", "too early"),
    ("reinstate_leavers", ["jane@example.com"], ["jane@example.com"]),
    ("reinstate_leavers_text", "jane@example.com", "jane@example.com"),
]


@pytest.mark.parametrize(("name", "value", "expected"), RIGHT, ids=lambda each: repr(each)[:30])
def test_a_value_of_the_right_type_is_taken(name: str, value: Any, expected: Any) -> None:
    for kind in VARIABLES[name].kinds:
        found = settings_for(kind, **{name: value})[name]
        assert (found, type(found)) == (expected, type(expected))


WRONG: list[tuple[str, Any, str]] = [
    ("saas_vendor", ["netex"], "saas_vendor must be a text."),
    ("saas_vendor", "netx", "saas_vendor of localhost is 'netx', which is not a vendor."),
    ("offboard_vendors", {"netex": 1}, "offboard_vendors must be a list."),
    ("offboard_vendors", [["netex"]], "offboard_vendors must be a text."),
    ("offboard_vendors", ["netx"], "offboard_vendors names 'netx', which is not a vendor."),
    ("offboard_due_at", ["x"], "offboard_due_at must be a text."),
    ("offboard_reason", ["x"], f"offboard_reason {IN_QUOTES}"),
    ("offboard_ticket", {}, f"offboard_ticket {IN_QUOTES}"),
    ("offboard_ticket", 4711, f"offboard_ticket {IN_QUOTES}"),
    ("offboard_reason", False, f"offboard_reason {IN_QUOTES}"),
    ("offboard_state", "gone", "offboard_state is gone, which"),
    ("offboard_state", "active", "offboard_state is active, which"),
    ("offboard_state", "absent", "offboard_state is absent, which deletes accounts"),
    ("offboard_states", ["x"], "offboard_states must be a dict."),
    (
        "offboard_states",
        {"netx": "absent"},
        "offboard_states names 'netx', which is neither a vendor nor a tenant of the inventory.",
    ),
    ("offboard_states", {"netex": "absent"}, "offboard_states.netex is absent, which deletes accounts"),
    ("offboard_stages", [], "offboard_stages must be a list of at least one stage"),
    ("offboard_columns", ["email"], "offboard_columns must be a dict."),
    ("offboard_columns", {"email": ["a", "b"]}, "offboard_columns must name a column for email, as a text."),
    ("offboard_columns", {"email": " "}, "offboard_columns must name a column for email, as a text."),
    ("offboard_ignore_columns", {"a": 1}, "offboard_ignore_columns must be a list."),
    ("offboard_blank_email", "skip", "offboard_blank_email must be error or report, not skip."),
    ("offboard_skip_rows", 2, "offboard_skip_rows must be a dict."),
    ("offboard_skip_rows", {"head": 2}, "offboard_skip_rows must be a dict of top and bottom"),
    ("offboard_skip_rows", {"top": -1}, "offboard_skip_rows must count rows: 0 or more."),
    ("offboard_skip_rows", {"top": "two"}, "offboard_skip_rows must be a whole number, not 'two'."),
    ("offboard_encoding", "ansi", "offboard_encoding must be a text encoding, such as windows-1252"),
    ("offboard_encoding", "base64", "offboard_encoding must be a text encoding, such as windows-1252"),
    ("audit_staff_columns", "email", "audit_staff_columns must be a dict."),
    ("offboard_allow_delete", "perhaps", "offboard_allow_delete must be true or false, not 'perhaps'."),
    ("offboard_allow_delete", ["x"], "offboard_allow_delete must be true or false, not ['x']."),
    ("offboard_on_missing", "stop", "offboard_on_missing must be named or fail or warn or ok, not stop."),
    ("offboard_on_missing", True, "offboard_on_missing must be named or fail or warn or ok, not True."),
    ("offboard_unmatched", "stop", "offboard_unmatched must be fail or report, not stop."),
    ("audit_unmatched", "stop", "audit_unmatched must be fail or report, not stop."),
    ("offboard_hosts", {"a": 1}, "offboard_hosts must be a text."),
    ("offboard_expected_tenants", {"a": 1}, "offboard_expected_tenants must be a list."),
    ("offboard_sliced", "perhaps", "offboard_sliced must be true or false, not 'perhaps'."),
    ("offboard_own_variables", 7, "offboard_own_variables must be a list."),
    ("offboard_leavers_file", ["x"], "offboard_leavers_file must be a text."),
    ("offboard_leavers_text", ["x"], "offboard_leavers_text must be a text."),
    ("offboard_leave_at", ["x"], "offboard_leave_at must be a text."),
    (
        "offboard_date_format",
        7,
        "offboard_date_format must be a format of strptime such as %d.%m.%Y, or a list of them.",
    ),
    ("offboard_date_format", ["%d.%m"], "offboard_date_format entry 1 must give the year"),
    ("offboard_timezone", "CEST", "offboard_timezone must be the IANA name of a time zone, such as Europe/Berlin"),
    ("offboard_timezone", ["x"], "offboard_timezone must be a text."),
    ("offboard_leave_time", "18", 'offboard_leave_time must be a time of day from "00:00" to "24:00".'),
    ("offboard_blank_leave_at", "stays", "offboard_blank_leave_at must be due or not_due, not stays."),
    ("offboard_protected", None, "offboard_protected is empty: name whom to protect"),
    ("offboard_protected", " ", "offboard_protected is empty: name whom to protect"),
    ("offboard_protected", [4711], "offboard_protected cannot be used: entry 1 is not a string; write it in quotes."),
    ("offboard_protected", '["svc-*"]', "offboard_protected is a list written as a text."),
    ("offboard_protected_file", "", "offboard_protected_file is empty: without a file"),
    ("offboard_protected_file", None, "offboard_protected_file is empty: without a file"),
    ("offboard_protected_file", ["x"], "offboard_protected_file must be a text."),
    ("offboard_max_changes", "", "offboard_max_changes is empty: without a number"),
    ("offboard_max_changes", None, "offboard_max_changes is empty: without a number"),
    ("offboard_max_changes", "five", "offboard_max_changes must be a whole number, not 'five'."),
    ("offboard_max_changes", 2.0, "offboard_max_changes must be a whole number, not 2.0."),
    ("offboard_max_changes", True, "offboard_max_changes must be a whole number, not True."),
    ("offboard_max_changes", "1_000", "offboard_max_changes must be a whole number, not '1_000'."),
    ("offboard_max_changes", [5], "offboard_max_changes must be a whole number, not [5]."),
    ("offboard_max_percent", "", "offboard_max_percent is empty: without a number"),
    ("offboard_max_percent", "10%", "offboard_max_percent must be a number, not '10%'."),
    ("offboard_max_percent", "nan", "offboard_max_percent must be a number, not 'nan'."),
    ("offboard_max_percent", True, "offboard_max_percent must be a number, not True."),
    ("offboard_plan", "sha256:00", "offboard_plan must be a dict."),
    ("offboard_plan_changes", ["x"], "offboard_plan_changes must be a dict."),
    ("offboard_plan_run", ["x"], "offboard_plan_run must be a text."),
    ("offboard_plan_file", "", "offboard_plan_file is empty: this run would be compared with no plan"),
    ("offboard_report_dir", ["x"], "offboard_report_dir must be a text."),
    ("offboard_sla", "soon", "offboard_sla must be a duration such as 90m, 24h or 2d"),
    ("offboard_sla", ["1h"], "offboard_sla must be a duration such as 90m, 24h or 2d"),
    ("offboard_batch_size", 0, "offboard_batch_size must be a whole number of 1 or more, not 0."),
    ("offboard_batch_size", "-5", "offboard_batch_size must be a whole number of 1 or more, not '-5'."),
    ("offboard_batch_size", "many", "offboard_batch_size must be a whole number of 1 or more, not 'many'."),
    ("offboard_batch_size", "", "offboard_batch_size must be a whole number of 1 or more, not ''."),
    ("offboard_evidence", ["x"], "offboard_evidence must be a text."),
    ("offboard_seal", ["x"], "offboard_seal must be a text."),
    ("audit_unknown", "red", "audit_unknown must be fail or report, not red."),
    ("preflight_for", "all", "preflight_for must be offboard or audit, not all."),
    ("offboard_schedule_template", ["x"], "offboard_schedule_template must be a text."),
    ("offboard_schedule_organization", ["x"], "offboard_schedule_organization must be a text."),
    ("offboard_schedule_state", "gone", "offboard_schedule_state must be present or absent, not gone."),
    ("offboard_schedule_due", "now", "offboard_schedule_due must be report or run, not now."),
    ("offboard_schedule_answers", ["x"], "offboard_schedule_answers must be a dict."),
    ("offboard_schedule_purge_after", ["x"], "offboard_schedule_purge_after must be a text."),
    ("audit_orphans", "", "audit_orphans must be fail or report, not ."),
    ("audit_exempt", {"a": "svc-*"}, "audit_exempt must be a list of strings."),
    (
        "audit_exempt",
        ["svc-*", "@example.com"],
        "audit_exempt cannot be used: entry 2 begins with @; write *@example.com",
    ),
    ("audit_exempt", '["svc-*"]', "audit_exempt is a list written as a text."),
    ("audit_both_lists", "no", "audit_both_lists must be fail or report, not no."),
    ("audit_staff_file", ["x"], "audit_staff_file must be a text."),
    ("reinstate_reason", ["x"], f"reinstate_reason {IN_QUOTES}"),
    ("reinstate_reason", " ", "Give reinstate_reason: why accounts are reopened is part of the evidence."),
    ("reinstate_leavers", "jane@example.com", "reinstate_leavers must be a list."),
    (
        "reinstate_leavers",
        ["a@b.c", "<d@e.f>"],
        "reinstate_leavers: entry 2, email: has angle brackets; leave them out",
    ),
    ("reinstate_leavers", [7], "reinstate_leavers: entry 1, email: is not an e-mail address"),
    ("reinstate_leavers", [], "reinstate_leavers is empty."),
    ("reinstate_leavers", None, "reinstate_leavers is empty."),
    ("reinstate_leavers_text", ["x"], "reinstate_leavers_text must be a text."),
    ("reinstate_leavers_text", "jane", "reinstate_leavers_text: line 1, email: is not an e-mail address"),
    ("offboard_register_file", ["x"], "offboard_register_file must be a text."),
    ("offboard_register_state", "gone", "offboard_register_state must be present or absent, not gone."),
    ("offboard_register_run", "maybe", "offboard_register_run must be true or false, not 'maybe'."),
    ("offboard_register_wait", "soon", "offboard_register_wait must be a duration such as 90m, 24h or 2d"),
]
REPORTED_BY_THE_LIST = {"offboard_leavers"}
"""Variables whose content is checked when the lists are read."""


def is_read(name: str, kind: str) -> bool:
    closes = name in ("offboard_state", "offboard_states") and kind != OFFBOARD
    return kind in VARIABLES[name].kinds and not closes


@pytest.mark.parametrize(("name", "value", "message"), WRONG, ids=lambda each: repr(each)[:40])
def test_a_wrong_value_is_named_with_its_variable(name: str, value: Any, message: str) -> None:
    for kind in KINDS:
        if is_read(name, kind):
            assert [fault for fault in faults(kind, **{name: value}) if fault.startswith(message)], kind
        elif kind not in VARIABLES[name].kinds:
            settings(kind, **{name: value})
    if SCHEDULE in VARIABLES[name].kinds and message.startswith(f"{name} must be"):
        assert [fault for fault in list_faults(SCHEDULE, **{name: value}) if fault.startswith(message)]


def test_every_variable_has_a_wrong_value_in_this_test() -> None:
    assert {name for name, _value, _message in WRONG} | REPORTED_BY_THE_LIST == set(VARIABLES)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_all_faults_of_a_run_are_named_at_once(kind: str, data: st.DataObject) -> None:
    known = [each for each in WRONG if is_read(each[0], kind)]
    chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, unique_by=lambda each: each[0]))
    given_ = {name: value for name, value, _message in chosen}
    found = faults(kind, **given_)
    missed = [message for _name, _value, message in chosen if not any(fault.startswith(message) for fault in found)]
    if "offboard_states" in given_:  # a state of the vendor's own goes before that for all
        missed = [message for message in missed if not message.startswith("offboard_state is")]
    assert missed == []
    assert all(fault in str(Refusal(found)) for fault in found)


@pytest.mark.parametrize("ahead", [OFFBOARD, AUDIT])
@given(data=st.data())
def test_a_preflight_finds_what_the_run_would_be_refused_for(ahead: str, data: st.DataObject) -> None:
    """Without the list, and without a fault that the run has not."""
    known = [each for each in WRONG if is_read(each[0], ahead) and each[0] != "saas_vendor"]
    chosen = data.draw(st.lists(st.sampled_from(known), unique_by=lambda each: each[0]))
    given_ = {"saas_vendor": "netex", **{name: value for name, value, _message in chosen}}
    found, wrong = judged(PREFLIGHT, "netex", HERE, {**given_, "preflight_for": ahead})
    lists = ("Give the leavers", "Give whom to look for", "offboard_leave_at is", "Give the plan")
    refused = [fault for fault in faults(ahead, **given_) if not fault.startswith(lists)]
    if found is None:  # a host of no known vendor, of whose state nothing can be said
        assert set() < set(wrong) <= set(refused)
    else:
        assert sorted({*wrong, *found.state_faults}) == sorted(set(refused))


def test_no_fault_is_invented_beside_a_wrong_type() -> None:
    lone = Host("box")
    assert faults(host=lone, offboard_vendors={"netex": 1}) == ["offboard_vendors must be a list."]
    assert faults(host=lone, saas_vendor=["netex"]) == ["saas_vendor must be a text."]
    assert bare(OFFBOARD, offboard_leavers_file=["x"]) == ["offboard_leavers_file must be a text."]
    assert bare(AUDIT, offboard_evidence=["x"]) == ["offboard_evidence must be a text."]
    assert bare(REINSTATE, offboard_evidence=["x"], reinstate_reason="y") == ["offboard_evidence must be a text."]
    assert faults(REINSTATE, reinstate_reason=["x"]) == [f"reinstate_reason {IN_QUOTES}"]
    assert faults(REINSTATE, reinstate_leavers="x") == ["reinstate_leavers must be a list."]
    text: dict[str, Any] = {"offboard_leavers_text": ["x"], "offboard_leave_at": "2026-11-30T17:00:00Z"}
    assert bare(OFFBOARD, **text) == ["offboard_leavers_text must be a text."]


def test_a_variable_that_cannot_be_read_leads_to_no_other_fault() -> None:
    """It is a separate fault, which is reported at its place."""
    for kind in KINDS:
        for name in VARIABLES:
            if not name.startswith("offboard_leave"):
                unreadable: dict[str, Any] = {name: UNREADABLE}
                assert faults(kind, **unreadable) == [], (kind, name)
        assert bare(kind, **dict.fromkeys(NEEDED[kind], UNREADABLE)) == []
    for name in ("offboard_leavers", "offboard_leavers_file", "offboard_leavers_text"):
        assert bare(OFFBOARD, **{name: UNREADABLE}) == []
    assert settings(netex_auth_token=UNREADABLE).options == {}


def test_a_refusal_is_one_text_of_whole_sentences_and_names_nothing_twice() -> None:
    refusal = Refusal(["first", "second.", "first", "third?"])
    assert refusal.faults == ("first", "second.", "third?")
    assert str(refusal) == "first. second. third?"


# -- kinds


def test_a_kind_does_not_look_at_the_variables_of_another() -> None:
    wrong_for_others: dict[str, Any] = {
        "audit_unknown": "x",
        "audit_exempt": 1,
        "reinstate_leavers": 1,
        "offboard_evidence": ["x"],
    }
    assert settings(OFFBOARD, **wrong_for_others)["audit_unknown"] == "report"
    rails: dict[str, Any] = {"offboard_max_changes": "", "offboard_protected": "", "offboard_plan_file": ""}
    assert settings(AUDIT, **rails)["offboard_max_changes"] is None
    assert {name for name, variable in VARIABLES.items() if variable.rail} <= {
        name for name, variable in VARIABLES.items() if variable.kinds == WRITING
    }
    assert set(LATER) & {OFFBOARD} == set()


def test_each_kind_has_its_state_and_its_reason() -> None:
    reasons: dict[str, Any] = {"offboard_reason": "left", "reinstate_reason": "too early"}
    found = {kind: settings(kind, **reasons) for kind in KINDS}
    assert {kind: each.stages.state for kind, each in found.items()} == {
        OFFBOARD: "deactivated",
        AUDIT: "deactivated",
        REINSTATE: "active",
    }
    assert {kind: each.reason for kind, each in found.items()} == {
        OFFBOARD: "left",
        AUDIT: None,
        REINSTATE: "too early",
    }
    assert settings(OFFBOARD).reason is None


def test_deletion_needs_its_permission_where_accounts_are_closed() -> None:
    states: dict[str, Any] = {"offboard_states": {"netex": "absent"}}
    assert settings(OFFBOARD, offboard_allow_delete="yes", **states).stages.state == "absent"
    assert settings(AUDIT, **states).stages.state == "absent", "a deleted account counts as closed in an audit"
    assert settings(REINSTATE, **states).stages.state == "active"
    assert faults(OFFBOARD, **states)


def test_a_stage_that_deletes_needs_the_permission_wherever_it_is() -> None:
    here: dict[str, Any] = {"host": Host("acme"), "saas_vendor": "netex"}
    stages = [{"state": "deactivated"}, {"state": "absent", "after": "30d"}]
    (fault,) = faults(OFFBOARD, offboard_stages=stages, **here)
    assert "offboard_stages has the state absent" in fault
    elsewhere = [stages[0], {**stages[1], "vendors": ["learn"]}]
    assert faults(OFFBOARD, offboard_stages=elsewhere, **here) == [fault]
    assert settings(OFFBOARD, offboard_allow_delete=True, offboard_stages=stages, **here).stages.are_given
    assert settings(AUDIT, offboard_stages=stages, **here).stages.are_given


def test_a_state_is_judged_for_the_vendors_of_the_host_only() -> None:
    host = Host("acme")
    assert (
        settings(vendor="zitadel", host=host, saas_vendor="zitadel", offboard_state="locked").stages.state == "locked"
    )
    assert faults(vendor="netex", host=host, saas_vendor="netex", offboard_state="locked") == [
        "offboard_state is locked, which netex does not offer: set offboard_states.netex to deactivated or absent"
    ]


# -- nothing is done because something is not set


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_runs_without_its_list(kind: str) -> None:
    (first, *_others) = bare(kind)
    assert first.startswith("Give ")


@pytest.mark.parametrize("empty", ["", None, " "])
def test_an_unanswered_list_is_not_given(empty: Any) -> None:
    unanswered = {"offboard_leavers_file": empty, "offboard_leavers_text": empty, "offboard_evidence": empty}
    assert bare(OFFBOARD, **unanswered)[0].startswith("Give the leavers by one of")
    assert bare(AUDIT, **unanswered)[0].startswith("Give whom to look for")
    assert {fault[:22] for fault in bare(REINSTATE, **unanswered)} == {
        "Give offboard_evidence",
        "Give reinstate_reason:",
    }


def test_a_list_is_given_once() -> None:
    twice = "Give the leavers by one of offboard_leavers"
    assert faults(offboard_leavers_text="jane@example.com")[0].startswith(twice)
    assert faults(AUDIT, offboard_leavers_file="/l.csv")[0].startswith(twice)
    assert bare(OFFBOARD, offboard_leavers_text="a@example.com", offboard_leavers_file="/l.csv")[0].startswith(twice)
    for name in ("offboard_leavers", "offboard_leavers_file", "offboard_leavers_text"):
        one: dict[str, Any] = {name: "x"}
        assert faults(REINSTATE, **one)[0].startswith("Leave offboard_leavers, ")
    assert faults(REINSTATE, reinstate_leavers=["a@example.com"], reinstate_leavers_text="b@example.com")


def test_a_leave_time_goes_with_a_text_only() -> None:
    moment: dict[str, Any] = {"offboard_leave_at": "2026-11-30T17:00:00Z"}
    (message,) = faults(**moment)
    assert message.startswith("offboard_leave_at is the leave time of those whom offboard_leavers_text names.")
    given_ = {"offboard_leavers_text": "jane@example.com", **moment}
    assert bare(OFFBOARD, **given_) == []


def test_a_plan_is_given_once() -> None:
    (message,) = faults(offboard_plan={"netex": "sha256:00"}, offboard_plan_file="/plan.json")
    assert message.startswith("Give the plan by one of offboard_plan")
    assert not settings().is_planned
    assert settings(offboard_plan={}).is_planned
    assert settings(offboard_plan=None).is_planned, "a plan that came to nothing approves nothing"
    assert settings(offboard_plan_file="/p").is_planned


def test_those_who_are_meant_are_read_from_a_text_or_a_list() -> None:
    by_text = settings(REINSTATE, reinstate_leavers_text="# those\njane@example.com\n\nsam@example.com")
    by_list = settings(REINSTATE, reinstate_leavers=["jane@example.com", "sam@example.com"])
    assert by_text.chosen == by_list.chosen == ("jane@example.com", "sam@example.com")
    assert settings(REINSTATE).chosen == ()
    assert settings(OFFBOARD, reinstate_leavers=["jane@example.com"]).chosen == ()


# -- hosts and vendors


def test_a_host_with_a_vendor_is_a_tenant_with_its_name() -> None:
    found = settings(vendor="zitadel", host=Host("zitadel-eu"), saas_vendor="zitadel")
    assert (found.tenant, found.tenants, found.vendors) == ("zitadel-eu", ("zitadel-eu",), ("zitadel",))


def test_localhost_works_for_all_vendors_or_for_those_named() -> None:
    found = settings(vendor="netex")
    assert (found.tenant, found.tenants) == ("netex", tuple(VENDORS))
    named = settings(vendor="netex", offboard_vendors=["zitadel", "netex", "zitadel"])
    assert named.tenants == ("zitadel", "netex")


def test_a_vendor_that_is_not_asked_for_is_left_out() -> None:
    assert read(vendor="zitadel", offboard_vendors=["netex"]) is None
    assert read(vendor="zitadel", host=Host("a"), saas_vendor="netex") is None
    assert read(vendor="zitadel", host=Host("a"), saas_vendor="zitadel", offboard_vendors=["netex"]) is None
    assert faults(vendor="zitadel", offboard_vendors=["netex"], offboard_max_changes=""), (
        "faults are named all the same"
    )


def test_a_host_of_no_vendor_is_refused_unless_it_is_this_one() -> None:
    assert [fault[:37] for fault in faults(host=Host("box"))] == ["Host box has no saas_vendor. Set it i"]
    assert settings(host=Host("box"), offboard_vendors=["netex"]).tenant == "netex"
    for local in ("localhost", "127.0.0.1", "::1"):
        assert settings(host=Host(local)).tenant == "netex"


def test_two_hosts_of_no_vendor_are_refused() -> None:
    pair = Host("a", ("a", "b"))
    (message,) = faults(host=pair, offboard_vendors=["netex"])
    assert message.startswith("a and b have no saas_vendor")
    assert settings(host=Host("a", ("a",)), offboard_vendors=["netex"])


@pytest.mark.parametrize("vendor", ["netx", ""])
def test_an_unknown_vendor_is_an_error_and_no_tenant_is_left_out_for_it(vendor: str) -> None:
    assert f"{vendor!r} is not a vendor. Known are {', '.join(VENDORS)}." in faults(vendor=vendor)


# -- options


def test_the_options_of_the_vendor_are_handed_on_as_they_were_given() -> None:
    names = option_variables(VENDORS["netex"])
    found = settings(
        netex_auth_token="secret-token", netex_retries="3", netex_verify=False, zitadel_api_url="x", netex_tenant=None
    )
    assert found.options == {"auth_token": "secret-token", "retries": "3", "verify": False}
    assert {names[each] for each in found.options} == {"netex_auth_token", "netex_retries", "netex_verify"}
    assert "secret-token" not in repr(found)


@pytest.mark.parametrize(("given_", "seconds"), [({}, 86400), ({"offboard_sla": 60}, 60), ({"offboard_sla": "0"}, 0)])
def test_the_limit_is_in_seconds(given_: dict[str, Any], seconds: int) -> None:
    assert settings(**given_).sla == seconds


@pytest.mark.parametrize("kind", [OFFBOARD, AUDIT, REINSTATE])
@pytest.mark.parametrize("value", ["delete", "fail", None])
@pytest.mark.parametrize("allowed", [True, False])
def test_an_option_that_deletes_needs_leave_to_delete(kind: str, value: str | None, allowed: bool) -> None:
    found = faults(kind, "zitadel", zitadel_initial=value, offboard_allow_delete=allowed)
    if kind == OFFBOARD and value == "delete" and not allowed:
        (fault,) = found
        assert fault.startswith("zitadel_initial is delete, which deletes accounts at zitadel for good: set offboard_")
    else:
        assert found == []


def test_an_option_that_deletes_at_another_tenants_vendor_is_nothing_to_this_one() -> None:
    assert faults(OFFBOARD, "netex", Host("netex"), saas_vendor="netex", zitadel_initial="delete") == []


def test_the_state_of_a_tenant_goes_before_that_of_its_vendor() -> None:
    tenants = {"partners": "zitadel", "staff": "zitadel"}
    states = {"saas_vendor": "zitadel", "offboard_states": {"zitadel": "deactivated", "partners": "locked"}}
    for name, state in (("partners", "locked"), ("staff", "deactivated")):
        assert settings(OFFBOARD, "zitadel", Host(name, tenants=tenants), **states).stages.state == state
    unknown = {**states, "offboard_states": {"partner": "locked"}}
    assert faults(OFFBOARD, "zitadel", Host("staff", tenants=tenants), **unknown)
    assert faults(OFFBOARD, "zitadel", Host("staff", tenants=tenants), **unknown, offboard_sliced=True) == []
    refused = {**states, "offboard_states": {"partners": "absent"}}
    (fault,) = faults(OFFBOARD, "zitadel", Host("partners", tenants=tenants), **refused)
    assert fault.startswith("offboard_states.partners is absent")
