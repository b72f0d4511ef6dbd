# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The verdicts of an audit and the times of a run, from what was seen alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._redact import without_secrets
from ansible_collections.saas.offboarding.plugins.plugin_utils import _audit, _plan
from ansible_collections.saas.offboarding.plugins.plugin_utils._audit import (
    audit_report,
    earlier_leavers,
    is_off,
    left_closed,
    not_looked_at,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._columns import ListOptions
from ansible_collections.saas.offboarding.plugins.plugin_utils._console import failures, matrix
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._leave_times import LeaveTimes
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    key_at,
    parse_duration,
    read_leavers,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import (
    LeaversError,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    tenant_report,
    totals,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._reinstate import closed_by, reinstate_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import render_html
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from ansible_collections.saas.offboarding.plugins.plugin_utils._verdict import verdict
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import cell_word
from harness.facts import RUN, silent

NOW = "2026-11-30T17:00:00Z"
ERROR = {"code": "server_error", "message": "answered 503", "status": 503, "request_id": None, "retryable": True}


def leavers(*emails: str, **more: Any) -> list[Any]:
    return read_leavers([{"email": email, **more} for email in emails], "the list").leavers


def seen(email: str, state: str | None, **more: Any) -> Any:
    """What an info module returns for an e-mail: of an account in a state, or that there is none (no state)."""
    found = state is not None
    return {
        "key": {"email": email},
        "found": found,
        "id": f"id-{email}" if found else None,
        "name": email if found else None,
        "email": email if found else None,
        "names": [email] if found else [],
        "state": state or "absent",
        "vendor_state": None,
        "manual": [],
        "seen": {"at": NOW, "status": 200, "request_id": "r"},
        "error": None,
        **more,
    }


def view(*users: Any, **more: Any) -> Any:
    read = {"tenant": "api.example.com", "accounts": len(users), "pages": 1, "complete": True}
    return {"users": list(users), "requests": {"sent": 1, "retried": 0, "tokens": 1}, "read": read, **more}


def report(views: Any, listed: list[Any], **options: Any) -> Any:
    usual = {"tenant": "zitadel", "vendor": "zitadel", "stages": Stages.once("deactivated"), "due_at": NOW}
    return audit_report(views, listed, **{**usual, **options})


@pytest.mark.parametrize(
    ("state", "wanted", "word", "failing"),
    [
        ("active", "deactivated", "still_active", True),
        ("deactivated", "deactivated", "closed", False),
        ("deactivated", "absent", "closed", False),
        ("absent", "deactivated", "closed", False),
        ("locked", "locked", "closed", False),
        ("locked", "deactivated", "still_active", True),
        ("unknown", "deactivated", "unknown", True),
        (None, "deactivated", "no_account", False),
    ],
)
def test_the_verdict_on_one_account(state: str | None, wanted: str, word: str, failing: bool) -> None:
    listed = leavers("a@example.com")
    (record,) = report({"leavers": view(seen("a@example.com", state))}, listed, stages=Stages.once(wanted))["records"]
    assert (record["outcome"], record["failing"]) == (word, failing)
    assert (record["error"] is None) == ((word != "unknown" and state != "locked") or wanted == "locked")
    assert is_off("active", wanted) is False


@pytest.mark.parametrize("reach", [None, "instance", [{"id": "1", "name": "Acme"}]], ids=str)
def test_a_missing_account_has_the_scope_of_the_search(reach: Any) -> None:
    listed = leavers("a@example.com", "b@example.com")
    found = report({"leavers": view(seen("a@example.com", None), seen("b@example.com", "active"), scope=reach)}, listed)
    place = {"instance": "any organization of the instance"}.get(str(reach), "organization Acme (1)")
    assert found["reach"] == reach
    assert [each.get("looked_in") for each in found["records"]] == [place if reach else None, None]


def test_a_key_that_may_have_a_closed_account_has_no_open_one() -> None:
    listed = leavers("a@example.com", "b@example.com")
    hidden = seen("a@example.com", None, manual=["closed_not_listed"])
    found = report({"leavers": view(hidden, seen("b@example.com", None))}, listed)
    assert [each["failing"] for each in found["records"]] == [False, False]
    assert [cell_word(each, found, True) for each in found["records"]] == ["no open account", "no account"]


def test_an_unreadable_account_is_unknown_and_fails_alone() -> None:
    listed = leavers("a@example.com", "b@example.com")
    blind = seen("b@example.com", "unknown", found=None, error=ERROR)
    tenant = report({"leavers": view(seen("a@example.com", "deactivated"), blind, msg="b: answered 503")}, listed)
    assert [record["outcome"] for record in tenant["records"]] == ["closed", "unknown"]
    assert (tenant["error"], tenant["records"][1]["error"]) == (None, ERROR)
    assert "1 of 2 leavers not known: b@example.com: answered 503." in failures([tenant])


@pytest.mark.parametrize(
    "views",
    [
        {},
        {"error": {"msg": "no connection"}},
        {"leavers": {"users": [], "msg": "no connection"}},
        {"leavers": view(seen("b@example.com", "deactivated"))},
        {"leavers": view()},
    ],
)
def test_an_answer_to_another_question_closes_no_account(views: Any) -> None:
    tenant = report(views, leavers("a@example.com"))
    assert [(record["outcome"], record["failing"]) for record in tenant["records"]] == [("unknown", True)]
    assert tenant["error"]["message"]
    assert failures([tenant])


def test_an_unreadable_vendor_is_a_task_and_fails_on_request_only() -> None:
    listed = leavers("a@example.com")
    blind = {"tenant": "cg", "vendor": "customergauge"}
    tenant = report({}, listed, **blind)
    (record,) = tenant["records"]
    assert (record["outcome"], record["failing"], record["manual"]) == ("unknown", False, ["look_in_user_list"])
    assert failures([tenant]) == ""
    assert failures([report({}, listed, **blind, unknown="fail")])


def test_a_leaver_who_is_not_due_is_not_looked_up() -> None:
    listed = leavers("a@example.com", leave_at="2027-01-01T00:00:00Z")
    tenant = report({}, listed)
    assert (tenant["records"][0]["outcome"], tenant["error"], failures([tenant])) == ("not_due", None, "")


def test_orphans_are_active_accounts_without_an_owner() -> None:
    listed = leavers("leaver@example.com")
    staff = read_leavers(
        [
            {"email": "Staff@example.com"},
            {"email": "other@example.com", "accounts": {"zitadel": {"user_id": "id-by-id@example.com"}}},
            {"email": "left@example.com", "leave_at": "2026-01-01T00:00:00Z"},
            {"email": "leaving@example.com", "leave_at": "2027-01-01T00:00:00Z"},
        ],
        "staff",
        times=LeaveTimes.of(blank="due"),
    ).leavers
    names = ("staff", "by-id", "left", "leaving", "leaver", "ghost", "robot-1")
    users = [seen(f"{name}@example.com", "active") for name in names]
    users[1]["names"].append("id-by-id@example.com")
    users += [seen("off@example.com", "deactivated"), seen("odd@example.com", "unknown")]
    views = {"leavers": view(seen("leaver@example.com", "deactivated")), "all": view(*users, complete=True)}
    tenant = report(views, listed, staff=staff, exempt=["ROBOT-?@*"])
    assert [orphan["email"] for orphan in tenant["orphans"]] == [
        "left@example.com",
        "ghost@example.com",
        "odd@example.com",
    ]
    assert failures([tenant]) == ""
    assert "belong to no person on the staff list: left@example.com, ghost@" in failures([tenant], orphans_fail=True)
    assert report(views, listed)["orphans"] == []
    assert tenant["requests"] == {"sent": 2, "retried": 0, "tokens": 2}


@pytest.mark.parametrize(
    "views",
    [
        {"all": view(msg="broke off", complete=False)},
        {"all": view(complete=False)},
        {"all": {}},
        {},
        {"error": {"msg": "no connection"}},
    ],
)
def test_an_incomplete_list_of_users_fails(views: Any) -> None:
    tenant = report(views, leavers("a@example.com", leave_at="2999-01-01T00:00:00Z"), staff=[])
    assert tenant["error"]["code"] == "list_incomplete"
    assert failures([tenant])
    assert tenant["read"] is None or tenant["read"]["complete"] is ("all" in views)
    assert report({}, leavers("a@example.com", leave_at="2999-01-01T00:00:00Z"))["error"] is None


def test_what_gave_no_account_of_its_reading_is_not_complete() -> None:
    views = {"leavers": view(seen("a@example.com", "deactivated")), "all": {"msg": "MODULE FAILURE"}}
    assert report(views, leavers("a@example.com"), staff=[])["read"]["complete"] is False


def test_a_second_account_of_a_leaver_is_an_orphan() -> None:
    first = seen("a@example.com", "deactivated", id="1", key={"user_id": "1"})
    second = seen("a@example.com", "active", id="2", key=None)
    listed = leavers("a@example.com", accounts={"zitadel": {"user_id": "1"}})
    everybody = view({**first, "key": None}, second, complete=True)
    tenant = report({"leavers": view(first), "all": everybody}, listed, staff=[])
    assert [record["outcome"] for record in tenant["records"]] == ["closed"]
    assert [orphan["id"] for orphan in tenant["orphans"]] == ["2"]
    still_here = leavers("a@example.com", leave_at="2999-01-01T00:00:00Z", accounts={"zitadel": {"user_id": "1"}})
    assert report({"all": everybody}, still_here, staff=[])["orphans"] == []


def test_a_leaver_who_is_due_and_staff_as_well_is_named() -> None:
    listed = leavers("A@example.com", "b@example.com", "left@example.com", "c@example.com")
    listed += leavers("later@example.com", leave_at="2999-01-01T00:00:00Z")
    staff = read_leavers(
        [
            {"email": "a@EXAMPLE.com"},
            {"email": "other@example.com", "zitadel": {"email": "B@example.com"}},
            {"email": "left@example.com", "leave_at": "2026-01-01T00:00:00Z"},
            {"email": "later@example.com"},
        ],
        "staff",
        times=LeaveTimes.of(blank="due"),
    ).leavers
    open_one = seen("A@example.com", "active")
    others = [seen(f"{name}@example.com", None) for name in ("b", "left", "c")]
    views = {"leavers": view(open_one, *others), "all": view({**open_one, "key": None}, complete=True)}
    tenant = report(views, listed, staff=staff)
    assert tenant["both_lists"] == ["A@example.com", "b@example.com"]
    assert report(views, listed)["both_lists"] == []
    message = failures([tenant])
    assert "on the leavers list and on the staff list: A@example.com, b@example.com." in message
    assert "Close what is open" not in message
    document = evidence([tenant, tenant], RUN | {"kind": "audit", "staff": RUN["source"]})
    assert document["both_lists"] == ["A@example.com", "b@example.com"]
    start = matrix(document).index(
        "both_lists: 2 leavers who are due are on the staff list as well. Correct one of the two lists:"
    )
    assert matrix(document)[start + 1 : start + 3] == ["A@example.com", "b@example.com"]


NAMES = st.sampled_from(("ann", "bob", "cy", "dee"))
TIMES = st.sampled_from((None, "2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z"))
LISTS = st.lists(st.tuples(NAMES, TIMES), unique_by=lambda each: each[0])


@given(LISTS, LISTS)
@settings(deadline=None)
def test_both_lists_are_those_who_are_due_on_one_and_not_gone_on_the_other(gone: Any, here: Any) -> None:
    def people(entries: Any) -> list[Any]:
        rows = [{"email": f"{name}@example.com", "leave_at": at} for name, at in entries]
        return read_leavers(rows, "the list", times=LeaveTimes.of(blank="due")).leavers if rows else []

    due = [f"{name}@example.com" for name, at in gone if at != "2999-01-01T00:00:00Z"]
    staying = [f"{name}@example.com" for name, at in here if at != "2026-01-01T00:00:00Z"]
    for vendor in ("zitadel", "customergauge"):
        tenant = report({}, people(gone), staff=people(here), vendor=vendor)
        assert tenant["both_lists"] == [email for email in due if email in staying]


def closed_run(
    outcome: str = "changed",
    state: str = "deactivated",
    identifier: str | None = "7",
    verified: bool | None = True,
    leave_at: str | None = "2026-11-29T17:00:00Z",
) -> Any:
    """The document of a run with one leaver at ZITADEL."""
    listed = leavers("a@example.com", leave_at=leave_at)
    entry = {
        "key": {"email": "a@example.com"},
        "outcome": outcome,
        "id": identifier,
        "name": "a",
        "before": {"state": "active", "vendor_state": None},
        "after": {"state": state, "vendor_state": None},
        "verified": verified,
        "error": None,
        "proof": {"after_at": "2026-11-30T18:00:00.400Z"},
    }
    options: Any = {
        "tenant": "zitadel",
        "vendor": "zitadel",
        "stages": Stages.once("deactivated"),
        "due_at": NOW,
        "on_missing": "ok",
    }
    result: Any = {"users": [entry], "read": {"tenant": "api.example.com", "accounts": 1, "pages": 1, "complete": True}}
    return evidence([tenant_report(result, listed, **options)], RUN)


@pytest.mark.parametrize(
    ("state", "word", "failing"),
    [
        ("active", "came_back", True),
        ("deactivated", "still_off", False),
        (None, "still_off", False),
        ("unknown", "unknown", True),
    ],
)
def test_a_second_look(state: str | None, word: str, failing: bool) -> None:
    earlier = left_closed(closed_run())
    assert [each["accounts"] for each in earlier] == [{"zitadel": {"user_id": "7"}}]
    again = seen("a@example.com", state, key={"user_id": "7"})
    tenant = report({"again": view(again)}, [], earlier=earlier)
    (look,) = tenant["second_look"]
    assert (look["verdict"], look["failing"], look["id"]) == (word, failing, "7")
    assert bool(failures([tenant])) is failing
    document = evidence([tenant], RUN | {"kind": "audit", "earlier": {"run_id": "before", "kind": "offboard"}})
    assert any("CAME BACK" in line for line in matrix(document)) == (word == "came_back")


@pytest.mark.parametrize("outcome", ["failed", "sessions_left"])
def test_an_account_of_which_sessions_were_left_was_left_closed(outcome: str) -> None:
    """By a run, where it failed, and as a verdict of an audit."""
    document = closed_run()
    record = document["records"][0]
    record |= {"outcome": outcome, "error": {"code": "sessions_left", "message": "The account is closed."}}
    assert [each["accounts"] for each in left_closed(document)] == [{"zitadel": {"user_id": "7"}}]


def test_only_what_an_earlier_run_left_closed_is_looked_at_again() -> None:
    assert len(left_closed(closed_run("unchanged"))) == 1
    for document in (closed_run("failed"), closed_run(state="active"), closed_run("missing", "absent", None)):
        assert left_closed(document) == []
    predicted = closed_run()
    predicted["tenants"][0]["check_mode"] = True
    assert left_closed(predicted) == []
    assert (left_closed(closed_run(), "another"), len(left_closed(closed_run(), "zitadel"))) == ([], 1)
    (leaver,) = earlier_leavers(closed_run(), ["zitadel", "customergauge"])
    assert (leaver["email"], leaver["accounts"]["zitadel"]) == ("a@example.com", {"email": "a@example.com"})


def test_the_leavers_of_an_earlier_run_have_the_key_of_each_tenant() -> None:
    document: Any = closed_run()
    (record,) = document["records"]
    here = {**record, "tenant": "zitadel-eu", "key": {"user_id": "8"}, "reason": "end", "ticket": "HR-1"}
    (leaver,) = earlier_leavers(document | {"records": [record, here]}, ["zitadel"])
    assert key_at(leaver, "zitadel", "zitadel") == {"email": "a@example.com"}
    assert key_at(leaver, "zitadel-eu", "zitadel") == {"user_id": "8"}
    assert (leaver["reason"], leaver["ticket"]) == ("end", "HR-1")
    (leaver,) = earlier_leavers(document | {"records": [here]}, ["zitadel"])
    assert key_at(leaver, "zitadel", "zitadel") == {"user_id": "8"}


def test_an_account_that_is_known_by_a_tenants_key_is_no_orphan() -> None:
    everybody = view(seen("other@example.com", "active", names=["jane.doe"]), complete=True)
    staff = read_leavers(
        [{"email": "jane@example.com", "netex-eu": "jane.doe"}], "staff", ListOptions(tenants={"netex-eu": "netex"})
    ).leavers
    orphans = [
        report({"all": everybody}, [], staff=staff, tenant=tenant, vendor="netex")["orphans"]
        for tenant in ("netex-eu", "netex-us")
    ]
    assert [len(each) for each in orphans] == [0, 1]


def test_an_earlier_run_is_not_asked_what_it_does_not_know() -> None:
    with pytest.raises(LeaversError, match="how 1 leavers are named at netex"):
        earlier_leavers(closed_run(), ["zitadel", "netex"])
    with pytest.raises(LeaversError, match="holds no leaver"):
        earlier_leavers(closed_run() | {"records": []}, ["zitadel"])


def test_an_id_proves_nothing_at_another_place() -> None:
    gone = view(seen("a@example.com", None, key={"user_id": "7"}))
    gone["read"]["tenant"] = "staging.example.com"
    (look,) = report({"again": gone}, [], earlier=left_closed(closed_run()))["second_look"]
    assert (look["verdict"], look["failing"]) == ("unknown", True)
    assert "api.example.com" in look["reason"]
    assert "staging.example.com" in look["reason"]


def test_an_unverified_account_is_not_reported_as_reopened() -> None:
    again = view(seen("a@example.com", "active", key={"user_id": "7"}))
    (look,) = report({"again": again}, [], earlier=left_closed(closed_run(verified=None)))["second_look"]
    assert (look["verdict"], look["failing"]) == ("unknown", True)
    assert "did not read it back as closed" in look["reason"]


@pytest.mark.parametrize("fails", [True, False])
def test_a_tenant_that_was_not_read_again_is_reported(fails: bool) -> None:
    earlier = left_closed(closed_run())
    assert not_looked_at(earlier, ["zitadel"], fails) == []
    (look,) = not_looked_at(earlier, ["zitadel-new-name"], fails)
    assert (look["verdict"], look["failing"], look["email"]) == ("unknown", fails, "a@example.com")
    document = evidence(
        [], RUN | {"kind": "audit", "earlier": {"run_id": "before", "kind": "offboard"}}, silent("dead"), [look]
    )
    assert any("a@example.com: unknown, its tenant was not looked at" in line for line in matrix(document))


# -- those whom a reinstatement gave access back


def reopened_run(outcome: str = "changed", state: str = "active", seen_at: str | None = NOW) -> Any:
    """The document of a reinstatement of one account at ZITADEL."""
    entry = {
        "key": {"user_id": "7"},
        "outcome": outcome,
        "id": "7",
        "name": "a",
        "before": {"state": "deactivated", "vendor_state": None},
        "after": {"state": state, "vendor_state": None},
        "verified": True,
        "error": None,
        "proof": {"after_at": seen_at},
    }
    again = seen("a@example.com", "deactivated", key={"user_id": "7"})
    result: Any = {"users": [entry], "read": view()["read"]}
    closed = closed_by(closed_run())
    tenant = reinstate_report(view(again), result, closed, tenant="zitadel", vendor="zitadel")
    return evidence([tenant], RUN | {"kind": "reinstate"})


@pytest.mark.parametrize(
    ("state", "word", "look"),
    [
        ("active", "reinstated", "reinstated"),
        ("deactivated", "closed", "closed"),
        ("locked", "still_active", "closed"),
        (None, "no_account", "closed"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_a_reinstated_account_is_reported_as_reinstated(state: str | None, word: str, look: str) -> None:
    earlier = left_closed(reopened_run())
    now = seen("a@example.com", state, id="7" if state else None)
    views = {"leavers": view(now), "again": view({**now, "key": {"user_id": "7"}})}
    tenant = report(views, leavers("a@example.com"), earlier=earlier)
    (record,), (found,) = tenant["records"], tenant["second_look"]
    assert (record["outcome"], record["failing"]) == (word, word in ("still_active", "unknown"))
    assert (found["verdict"], found["failing"]) == (look, look == "unknown")
    document = evidence([tenant], RUN | {"kind": "audit", "earlier": {"run_id": "back", "kind": "reinstate"}})
    shown = "\n".join(matrix(document))
    assert ("reinstated" in shown, "came back" in shown.lower()) == (word == "reinstated", False)
    assert document["population"].get("reinstated") == (1 if word == "reinstated" else None)
    assert ("1 are as it left them" in shown) is (look == "reinstated")
    if word == "reinstated":
        headline = verdict(document).headline
        assert headline == "No leaver who is due has access, but for 1 leaver who had it given back"


@pytest.mark.parametrize(
    ("document", "leave_at", "identifier"),
    [
        (reopened_run(), "2026-11-30T17:00:01Z", "7"),
        (reopened_run(), None, "8"),
        (reopened_run("failed"), None, "7"),
        (reopened_run("refused"), None, "7"),
        (reopened_run(seen_at=None), None, "7"),
        (closed_run(), None, "7"),
    ],
    ids=["left anew", "another account", "failed", "refused", "not dated", "an offboarding"],
)
def test_an_active_account_without_a_reinstatement_is_still_active(
    document: Any, leave_at: Any, identifier: str
) -> None:
    listed = leavers("a@example.com", leave_at=leave_at)
    views = {"leavers": view(seen("a@example.com", "active", id=identifier)), "again": {}}
    tenant = report(views, listed, earlier=left_closed(document), due_at="2026-12-24T00:00:00Z")
    assert [each["outcome"] for each in tenant["records"]] == ["still_active"]


def test_an_account_that_was_reinstated_at_another_tenant_is_another_one() -> None:
    there = view(seen("a@example.com", "active", id="7"))
    there["read"]["tenant"] = "staging.example.com"
    tenant = report({"leavers": there}, leavers("a@example.com"), earlier=left_closed(reopened_run()))
    assert [each["outcome"] for each in tenant["records"]] == ["still_active"]


# -- what is counted


def test_what_was_not_asked_for_is_not_counted() -> None:
    tenant = report({"leavers": view(seen("a@example.com", "deactivated"))}, leavers("a@example.com"))
    usual = RUN | {"kind": "audit"}
    more = {"orphans", "still_off", "came_back"}
    earlier = {"run_id": "before", "kind": "offboard"}
    assert more & set(evidence([tenant], usual)["population"]) == set()
    assert more & set(evidence([tenant], usual | {"staff": RUN["source"]})["population"]) == {"orphans"}
    assert more & set(evidence([tenant], usual | {"earlier": earlier})["population"]) == {"still_off", "came_back"}


IDS = st.sets(st.integers(0, 9))


@given(IDS, IDS, IDS, st.booleans())
@settings(deadline=None)
def test_an_account_that_several_views_read_is_one(
    asked: set[int], again: set[int], others: set[int], whole: bool
) -> None:
    def read(numbers: set[int], strategy: str) -> Any:
        found = view(*(seen(f"{each}@example.com", "deactivated", id=str(each)) for each in sorted(numbers)))
        found["read"]["strategy"] = strategy
        return found

    everybody = asked | again | others
    views = {"leavers": read(asked, "single"), "again": read(again, "search")}
    if whole:
        views["all"] = read(everybody, "list")
    assert totals(views)["read"]["accounts"] == len(everybody if whole else asked | again)  # type: ignore[index]


# -- time to close


def test_the_time_to_close_is_from_leaving_to_seen_off() -> None:
    (record,) = closed_run()["records"]
    assert record["seconds_to_close"] == 25 * 3600
    for unproven in (closed_run("unchanged"), closed_run("failed"), closed_run(verified=None)):
        assert unproven["records"][0]["seconds_to_close"] is None


def times(seconds: list[int | None], **facts: Any) -> Any:
    listed = leavers(*(f"l{number:03}@example.com" for number in range(len(seconds))), leave_at="2026-11-01T00:00:00Z")
    users: Any = [{"key": leaver["accounts"]["zitadel"], "outcome": "changed", "verified": None} for leaver in listed]
    options: Any = {
        "tenant": "zitadel",
        "vendor": "zitadel",
        "stages": Stages.once("deactivated"),
        "due_at": NOW,
        "on_missing": "ok",
    }
    tenant = tenant_report({"users": users}, listed, **options)
    for record, value in zip(tenant["records"], seconds, strict=True):
        record["seconds_to_close"] = value
        record["failing"] = value is None
        record["outcome"] = "failed" if value is None else "changed"
    document: Any = evidence([tenant], RUN | {**facts})["time_to_close"]
    return document


def test_percentiles_are_times_that_were_measured() -> None:
    assert times(list(range(1, 101)))["p50"] == 50
    assert (times(list(range(1, 101)))["p95"], times(list(range(1, 101)))["max"]) == (95, 100)
    seven = {"p50": 7, "p95": 7, "max": 7}
    assert times([7]) == {"limit": 86400, "measured": 1, "without_leave_time": 0, **seven, "over": []}
    none = {"limit": 86400, "measured": 0, "p50": None, "p95": None, "max": None}
    assert {name: times([None])[name] for name in none} == none


def test_those_closed_without_a_leave_time_are_counted_and_not_measured() -> None:
    def counts(*options: Any, **more: Any) -> tuple[int, int]:
        found = closed_run(*options, **more)["time_to_close"]
        return found["measured"], found["without_leave_time"]

    assert (counts(), counts(leave_at=None)) == ((1, 0), (0, 1))
    assert counts("unchanged", leave_at=None) == counts(verified=None, leave_at=None) == (0, 0)
    page = "".join(render_html(closed_run(leave_at=None)))
    assert "1 account was closed, without a leave time." in page
    assert "This run closed no account." not in page


def test_over_the_limit_are_also_those_who_are_still_in() -> None:
    over = times([10, 3601, None], sla=3600)["over"]
    assert [(each["email"], each["open"]) for each in over] == [("l002@example.com", True), ("l001@example.com", False)]
    assert over[0]["seconds"] == (29 * 24 + 18) * 3600


@pytest.mark.parametrize(
    ("text", "seconds"), [("24h", 86400), ("90m", 5400), ("1d12h", 129600), (60, 60), ("60", 60), ("0", 0), ("5s", 5)]
)
def test_durations(text: Any, seconds: int) -> None:
    assert parse_duration(text, "offboard_sla") == seconds


@pytest.mark.parametrize("text", ["", "soon", "1.5h", "-1", "1w", "h"])
def test_what_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(LeaversError, match="offboard_sla must be a duration"):
        parse_duration(text, "offboard_sla")


# -- the vendor's own object


def test_nothing_that_is_named_like_a_secret_is_shown() -> None:
    hide: Callable[[str], str] = lambda text: re.sub("hunter2", "********", text)  # noqa: E731
    shown = without_secrets(
        {
            "name": "jane",
            "password": "x",
            "clientSecret": "x",
            "access_token": "x",
            "apiKey": "x",
            "passwordHash": "x",
            "hasSecret": True,
            "passwordChangeRequired": False,
            "accessTokenType": "BEARER",
            "deep": [{"encodedHash": "x", "note": "it is hunter2"}],
        },
        hide,
    )
    assert shown == {
        "name": "jane",
        "hasSecret": True,
        "passwordChangeRequired": False,
        "accessTokenType": "BEARER",
        "deep": [{"note": "it is ********"}],
    }


def test_an_exempted_entry_with_brackets_is_also_its_own_text() -> None:
    names = ("bot[ci]@example.com", "botc@example.com", "botx@example.com")
    views = {"leavers": view(), "all": view(*(seen(name, "active") for name in names), complete=True)}
    tenant = report(views, [], staff=leavers("staff@example.com"), exempt=["bot[ci]@example.com"])
    assert [orphan["email"] for orphan in tenant["orphans"]] == ["botx@example.com"]


@pytest.mark.parametrize(("found", "state"), [(True, "deactivated"), (False, "absent")])
def test_an_account_that_is_closed_and_has_sessions_left_fails(found: bool, state: str) -> None:
    entry: Any = {"found": found, "state": state, "vendor_state": None, "sessions": 2}
    verdict, error = _audit._verdict(entry, "deactivated")
    assert (verdict, error and error["code"]) == ("sessions_left", "sessions_left")
    without: Any = {**entry, "sessions": 0}
    assert _audit._verdict(without, "deactivated")[1] is None


def test_a_plan_counts_accounts_and_sessions_separately() -> None:
    closed = {"state": "deactivated", "vendor_state": None}
    only: Any = {"outcome": "changed", "before": {**closed, "sessions": 2}, "after": {**closed, "sessions": 0}}
    only |= {"email": "jane@example.com", "id": "1", "name": "jane", "error": None}
    failing: Any = {**only, "outcome": "failed", "error": {"code": "sessions_left", "message": "x"}}
    assert (_plan._is_change(only), _plan._is_change(failing)) == (False, False)
    opened: Any = {**failing, "before": {"state": "active", "vendor_state": None}}
    assert _plan._is_change(opened)
    assert _plan._left_sessions(only) == {"email": "jane@example.com", "id": "1", "name": "jane", "sessions": 2}
