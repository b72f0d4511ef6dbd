# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The way back: exactly the accounts that a run closed, and only while they are as it left them."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils import _reinstate
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._console import matrix
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._killed import read_run
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    read_leavers,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import (
    LeaversError,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    tenant_report,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import render_html
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import cell_word
from harness.facts import RUN, silent

HOST = "api.example.com"
OPEN = {"state": "active", "vendor_state": "on"}
SHUT = {"state": "deactivated", "vendor_state": "off"}
GONE = {"state": "absent", "vendor_state": None}
LOCK = {"state": "locked", "vendor_state": "lock"}
UNREAD = {"state": "unknown", "vendor_state": None}
TIMEOUT = {"code": "timeout", "message": "no answer"}


def closing(name: str, outcome: str = "changed", before: Any = None, after: Any = None, **more: Any) -> Any:
    error = {"code": "platform_failed", "message": "half of it"} if outcome in ("failed", "refused") else None
    key = {"email": f"{name}@example.com"}
    return {
        "key": key,
        "outcome": outcome,
        "id": f"id-{name}",
        "name": name,
        "before": before or OPEN,
        "after": after or SHUT,
        "verified": None,
        "error": error,
        **more,
    }


def ran(*entries: Any, vendor: str = "netex", tenant: str = "netex", check: bool = False) -> Any:
    """The evidence of a run at one tenant."""
    listed = read_leavers([{"email": each["key"]["email"]} for each in entries], "the list").leavers
    read = {"tenant": HOST, "accounts": 9, "pages": 1, "complete": True}
    result: Any = {"users": list(entries), "check_mode": check, "read": read}
    report = tenant_report(
        result,
        listed,
        tenant=tenant,
        vendor=vendor,
        stages=Stages.once("deactivated"),
        due_at=RUN["finished"],
        on_missing="ok",
    )
    return evidence([report], RUN)


def emails(accounts: list[Any]) -> list[str]:
    return [each["email"].partition("@")[0] for each in accounts]


def view(*entries: tuple[str, Any], tenant: str = HOST) -> Any:
    """What the info module read: a condition, None for no account, a text for an error."""
    users = []
    for name, condition in entries:
        found = isinstance(condition, dict)
        error = {"code": "timeout", "message": condition} if isinstance(condition, str) else None
        users.append(
            {
                "key": {"user_id": f"id-{name}"},
                "found": None if error else found,
                "id": f"id-{name}" if found else None,
                "name": name if found else None,
                **(condition if found else UNREAD),
                "error": error,
                "seen": {"at": "2026-12-01T08:00:00.000Z", "status": 200, "request_id": "r-1"},
            }
        )
    read = {"tenant": tenant, "accounts": 1, "pages": 0, "complete": True}
    return {"users": users, "read": read, "requests": {"sent": 1, "retried": 0, "tokens": 1}}


def report(closed: list[Any], seen: Any, result: Any, **more: Any) -> Any:
    options: Any = {"tenant": "netex", "vendor": "netex", **more}
    return _reinstate.reinstate_report(seen, result, closed, **options)


# -- what a run closed


@pytest.mark.parametrize(
    ("entry", "is_written"),
    [
        (closing("jane"), True),
        (closing("jane", after=LOCK), True),
        (closing("jane", after=GONE), True),
        (closing("jane", "failed"), True),
        (closing("jane", "failed", after=OPEN), True),
        (closing("jane", "failed", after=OPEN, error=TIMEOUT), False),
        (closing("jane", "failed", after=OPEN, error=TIMEOUT, proof={"written_at": RUN["finished"]}), True),
        (closing("jane", "failed", after=UNREAD, error=TIMEOUT), True),
        (closing("jane", "failed", before=UNREAD, after=UNREAD, error=TIMEOUT), False),
        (closing("jane", "unchanged", before=SHUT), False),
        (closing("jane", before=LOCK), True),
        (closing("jane", before=UNREAD), True),
        (closing("jane", before=SHUT, after=SHUT), True),
        (closing("jane", "refused", after=OPEN), False),
        (closing("jane", "missing", before=GONE, after=GONE, id=None), False),
    ],
    ids=lambda each: str(each) if isinstance(each, bool) else f"{each['outcome']}-{each['before']['state']}",
)
def test_written_by_a_run_is_what_it_changed_or_may_have_changed(entry: Any, is_written: bool) -> None:
    assert emails(_reinstate.closed_by(ran(entry))) == (["jane"] if is_written else [])


def test_a_run_in_check_mode_closed_nothing() -> None:
    assert _reinstate.closed_by(ran(closing("jane"), check=True)) == []


def test_where_a_vendor_cannot_be_read_it_is_what_it_accepted() -> None:
    accepted = closing("jane", before=UNREAD, id=None)
    in_part = closing("sam", "failed", before=UNREAD, after=UNREAD, id=None)
    failed = closing("kim", "failed", before=UNREAD, after=UNREAD, id=None, error=TIMEOUT)
    closed = _reinstate.closed_by(ran(accepted, in_part, failed, vendor="customergauge", tenant="customergauge"))
    assert emails(closed) == ["jane", "sam"]
    assert [account["by_hand"] for account in closed] == [True, True]


def test_an_account_is_named_by_its_id_and_not_by_what_it_was_asked_by() -> None:
    (account,) = _reinstate.closed_by(ran(closing("jane")))
    assert account["accounts"]["netex"] == {"user_id": "id-jane"}
    assert account["at"] == HOST


def test_some_leavers_can_be_chosen_ignoring_case_and_an_unknown_one_is_an_error() -> None:
    document = ran(closing("jane"), closing("sam"), closing("kim", "unchanged", before=SHUT))
    assert emails(_reinstate.closed_by(document, leavers=["JANE@Example.com"])) == ["jane"]
    assert _reinstate.closed_by(document, tenant="other", leavers=["jane@example.com"]) == []
    with pytest.raises(LeaversError, match="reinstate_leavers: the run closed no account of kim@example"):
        _reinstate.closed_by(document, leavers=["jane@example.com", "kim@example.com"])


# -- what may be reopened


@pytest.mark.parametrize(
    ("left", "now", "outcome", "code"),
    [
        (SHUT, SHUT, None, None),
        (LOCK, LOCK, None, None),
        (SHUT, OPEN, "unchanged", None),
        (SHUT, None, "missing", "no_account"),
        (SHUT, GONE, "missing", "no_account"),
        (SHUT, LOCK, "refused", "changed_since"),
        (SHUT, {"state": "deactivated", "vendor_state": "by the firm"}, "refused", "changed_since"),
        (SHUT, UNREAD, "refused", "changed_since"),
        (SHUT, "no answer", "failed", "timeout"),
    ],
    ids=str,
)
def test_only_what_is_still_as_the_run_left_it(left: Any, now: Any, outcome: str | None, code: str | None) -> None:
    closed = _reinstate.closed_by(ran(closing("jane", after=left)))
    seen = view(("jane", now))
    assert emails(_reinstate.to_reopen(closed, seen, "netex")) == (["jane"] if outcome is None else [])
    if outcome is not None:
        (record,) = report(closed, seen, {})["records"]
        assert (record["outcome"], (record["error"] or {}).get("code")) == (outcome, code)
        assert record["failing"] == (outcome != "unchanged")
        assert (record["written_at"], record["read_at"]) == (None, None if code == "timeout" else record["seen_at"])


def test_at_another_host_nothing_is_the_same_account() -> None:
    closed = _reinstate.closed_by(ran(closing("jane")))
    seen = view(("jane", SHUT), tenant="other.example.com")
    assert _reinstate.to_reopen(closed, seen, "netex") == []
    (record,) = report(closed, seen, {})["records"]
    assert (record["outcome"], record["error"]["code"], record["failing"]) == ("refused", "other_tenant", True)
    assert "other.example.com" in record["error"]["message"]


def test_evidence_without_an_address_reopens_no_account() -> None:
    document = ran(closing("jane"))
    document["tenants"][0]["read"] = None
    assert _reinstate.to_reopen(_reinstate.closed_by(document), view(("jane", SHUT)), "netex") == []


def test_a_view_that_does_not_answer_what_was_asked_opens_nothing() -> None:
    closed = _reinstate.closed_by(ran(closing("jane"), closing("sam")))
    seen: Any
    for seen in ({}, view(("jane", SHUT)), view(("sam", SHUT), ("jane", SHUT)), {"msg": "no token"}):
        assert _reinstate.to_reopen(closed, seen, "netex") == []
        assert [each["outcome"] for each in report(closed, seen, {})["records"]] == ["failed", "failed"]


# -- results


def test_a_report_has_a_record_and_the_module_result_for_each_account() -> None:
    closed = _reinstate.closed_by(
        ran(closing("jane"), closing("sam"), closing("bo", after=GONE), closing("kim"), closing("al"))
    )
    seen = view(("jane", SHUT), ("sam", OPEN), ("kim", SHUT), ("al", LOCK))
    assert emails(_reinstate.to_reopen(closed, seen, "netex")) == ["jane", "kim"]
    users = [
        closing("jane", before=SHUT, after=OPEN, key={"user_id": "id-jane"}, verified=True),
        closing("kim", "failed", before=SHUT, after=SHUT, key={"user_id": "id-kim"}),
    ]
    result = {
        "users": users,
        "check_mode": False,
        "plan_hash": "sha256:x",
        "read": seen["read"],
        "requests": {"sent": 4, "retried": 1, "tokens": 1},
    }
    tenant = report(closed, seen, result)
    came = {each["email"].partition("@")[0]: each["outcome"] for each in tenant["records"]}
    assert came == {"jane": "changed", "sam": "unchanged", "bo": "by_hand", "kim": "failed", "al": "refused"}
    assert tenant["summary"] | {"requested": 5, "by_hand": 1, "changed": 1} == tenant["summary"]
    assert tenant["requests"] == {"sent": 5, "retried": 1, "tokens": 2}
    assert (tenant["state"], tenant["check_mode"], tenant["plan_hash"]) == ("active", False, "sha256:x")
    assert all(record["seconds_to_close"] is None for record in tenant["records"])
    document = evidence([tenant], RUN | {"kind": "reinstate", "reason": "a mistake"})
    assert document["population"]["by_hand"] == 1
    assert (document["time_to_close"]["measured"], document["time_to_close"]["over"]) == (0, [])
    (task,) = document["tasks"]
    assert (task["code"], task["id"]) == ("no_way_back", "id-bo")


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_lists_manual_tasks(vendor: str) -> None:
    accepted = closing("jane", before=OPEN if VENDORS[vendor].readable else UNREAD, after=GONE)
    closed = _reinstate.closed_by(ran(accepted, vendor=vendor, tenant=vendor))
    tenant = report(closed, {}, {}, tenant=vendor, vendor=vendor)
    assert (tenant["records"][0]["outcome"], tenant["records"][0]["failing"], tenant["error"]) == (
        "by_hand",
        False,
        None,
    )
    (task,) = evidence([tenant], RUN | {"kind": "reinstate"})["tasks"]
    assert task["action"] and task["reason"]  # noqa: PT018


def test_what_went_wrong_besides_is_a_failure_of_all_that_are_within_reach() -> None:
    closed = _reinstate.closed_by(ran(closing("jane"), closing("bo", after=GONE)))
    tenant = report(closed, {}, {}, error="the evidence cannot be read")
    assert [each["outcome"] for each in tenant["records"]] == ["failed", "by_hand"]
    assert tenant["error"]["message"] == "the evidence cannot be read"


def test_a_failure_is_reported_with_no_account_in_scope() -> None:
    error = report([], {}, {}, error="the evidence cannot be read")["error"]
    assert error == {"code": "task_failed", "message": "the evidence cannot be read"}


def test_a_task_that_was_skipped_is_no_result() -> None:
    """The look skips the task that writes, which registers that."""
    closed = _reinstate.closed_by(ran(closing("jane")))
    skipped = {"skipped": True, "changed": False}
    (record,) = report(closed, view(("jane", SHUT)), skipped, error="undefined variable")["records"]
    assert record["error"]["message"] == "undefined variable"
    opened = report(closed, view(("jane", OPEN)), skipped)
    assert opened["read"]["complete"] is True


def test_a_tenant_of_another_vendor_now_is_an_error() -> None:
    with pytest.raises(LeaversError, match="was a tenant of netex in that run, and is one of learn now"):
        _reinstate.closed_by(ran(closing("jane")), "netex", vendor="learn")


def test_two_tenants_of_one_name_are_at_no_place() -> None:
    document = ran(closing("jane"))
    document["tenants"].append({**document["tenants"][0], "read": {"tenant": "other.example.com"}})
    closed = _reinstate.closed_by(document)
    assert [account["at"] for account in closed] == [None]
    assert _reinstate.to_reopen(closed, view(("jane", SHUT)), "netex") == []


def test_nothing_was_closed_here_and_the_word_for_it_is_no_failure() -> None:
    tenant = report([], {}, {})
    assert (tenant["records"], tenant["error"], tenant["requests"]) == ([], None, None)
    assert cell_word(None, tenant, check_mode=False) == "nothing to reopen"
    dead = evidence([], RUN | {"kind": "reinstate"}, silent("dead"))["tenants"][0]
    assert cell_word(None, dead, check_mode=False) == "NO RESULT"
    other = report(
        _reinstate.closed_by(ran(closing("jane", after=GONE), tenant="learn", vendor="learn")),
        {},
        {},
        tenant="learn",
        vendor="learn",
    )
    document = evidence([tenant, other], RUN | {"kind": "reinstate", "earlier": {"run_id": "before"}}, silent("dead"))
    (row,) = [line for line in matrix(document) if line.startswith("jane@example.com")]
    assert row.split("  ")[1:] == ["nothing to reopen", "by hand", "NO RESULT"]
    page = "".join(render_html(document))
    (cell,) = re.findall(r"<td[^>]*>(?=<button[^>]*>nothing to reopen)", page)
    assert "data-failing" not in cell
    assert "Nothing to reopen." in matrix(evidence([tenant], RUN | {"kind": "reinstate", "earlier": None}))


# -- the state before the run


def words(tenant: Any) -> dict[str, str]:
    """Return the result for each account, by the name of its owner."""
    return {each["email"].partition("@")[0]: cell_word(each, tenant, check_mode=False) for each in tenant["records"]}


def test_a_locked_account_is_locked_again_also_where_an_attempt_left_it_open() -> None:
    accounts = [closing(name, before=LOCK) for name in ("jane", "sam", "kim", "bo")]
    closed = _reinstate.closed_by(ran(*accounts, tenant="zitadel", vendor="zitadel"))
    seen = view(("jane", SHUT), ("sam", LOCK), ("kim", OPEN), ("bo", {"state": "deactivated", "vendor_state": "other"}))
    reopen = _reinstate.to_reopen(closed, seen, "zitadel")
    assert emails(reopen) == ["jane", "kim"]
    assert {_reinstate.state_before(account) for account in reopen} == {"locked"}
    users = [
        closing("jane", before=SHUT, after=LOCK, key={"user_id": "id-jane"}, verified=True),
        closing("kim", "failed", before=OPEN, after=OPEN, key={"user_id": "id-kim"}),
    ]
    tenant = report(closed, seen, {"users": users, "check_mode": False}, tenant="zitadel", vendor="zitadel")
    assert words(tenant) == {"jane": "locked again", "sam": "already locked", "kim": "FAILED", "bo": "REFUSED"}
    tenant["check_mode"] = True
    assert cell_word(tenant["records"][0], tenant, check_mode=True) == "would lock again"


def test_what_was_closed_before_is_left_as_it_is_with_the_reason() -> None:
    only_sessions = closing("jane", before=SHUT, after=SHUT)
    locked_too = closing("sam", before=LOCK, after=LOCK)
    odd = closing("kim", before={"state": "unknown", "vendor_state": "PENDING"})
    closed = _reinstate.closed_by(ran(only_sessions, locked_too, odd, tenant="zitadel", vendor="zitadel"))
    assert _reinstate.within_reach(closed) == []
    tenant = report(closed, {}, {}, tenant="zitadel", vendor="zitadel")
    assert words(tenant) == {"jane": "left as it is", "sam": "left as it is", "kim": "by hand"}
    assert [each["failing"] for each in tenant["records"]] == [False, False, False]
    reasons = [each["error"]["message"] for each in tenant["records"]]
    assert reasons[0].startswith("The account was deactivated (off) before the run already: at most its sessions")
    assert "unknown (PENDING) before the run" in reasons[2]


def test_what_the_run_could_not_read_again_is_left_as_it_is() -> None:
    closed = _reinstate.closed_by(ran(closing("jane", "failed", after=UNREAD, error=TIMEOUT)))
    (record,) = report(closed, view(("jane", SHUT)), {})["records"]
    assert (record["outcome"], record["error"]["code"]) == ("refused", "changed_since")
    assert "could not read how it left it: it may have been changed since" in record["error"]["message"]
    assert report(closed, view(("jane", OPEN)), {})["records"][0]["outcome"] == "unchanged"


def test_a_plan_that_locks_again_is_compared_with_what_is_asked_for_each() -> None:
    closed = _reinstate.closed_by(ran(closing("jane", before=LOCK), closing("sam"), tenant="zitadel", vendor="zitadel"))
    seen = view(("jane", SHUT), ("sam", SHUT))
    other_plan = {"code": "other_plan", "message": "another plan was approved"}
    users = [
        closing(name, "refused", before=SHUT, after=SHUT, key={"user_id": f"id-{name}"}, error=other_plan)
        for name in ("jane", "sam")
    ]
    plan = [
        {"email": f"{name}@example.com", "id": f"id-{name}", "name": name, "before": SHUT, "after": after}
        for name, after in (("jane", LOCK), ("sam", LOCK))
    ]
    options: Any = {"tenant": "zitadel", "vendor": "zitadel", "approved": {"at": HOST, "changes": plan}}
    tenant = report(closed, seen, {"users": users, "read": seen["read"]}, **options)
    assert tenant["differences"] == ["sam@example.com (account id-sam) was to be locked, and is to be active now"]


# -- each account that was written is named once

STATES = st.sampled_from(("active", "deactivated", "locked", "absent", "unknown"))
ANY = st.builds(lambda state, word: {"state": state, "vendor_state": word}, STATES, st.sampled_from((None, "off")))
WRITES = st.tuples(
    st.sampled_from(("changed", "unchanged", "failed", "refused", "missing")),
    ANY,
    ANY,
    st.sampled_from((None, RUN["finished"])),
)
NOW = st.one_of(st.none(), st.just("no answer"), ANY)


def named_once(document: Any, written: set[tuple[str, str]], now: Any) -> None:
    """Reinstate a run at all of its tenants, and compare the records with the accounts that were written."""
    found = []
    for each in document["tenants"]:
        closed = _reinstate.closed_by(document, each["tenant"], (), each["vendor"])
        names = emails(_reinstate.within_reach(closed))
        seen = view(*((name, now[name]) for name in names))
        if not names:
            seen = {}
        tenant = report(closed, seen, {}, tenant=each["tenant"], vendor=each["vendor"])
        found += [(each["tenant"], record["email"].partition("@")[0]) for record in tenant["records"]]
        for record in tenant["records"]:
            assert record["error"] or record["manual"] or record["outcome"] in ("unchanged", "missing")
    assert sorted(found) == sorted(written)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_each_account_written_in_the_evidence_is_named_once(data: Any) -> None:
    reports: list[Any] = []
    written: set[tuple[str, str]] = set()
    now: Any = {}
    for vendor in VENDORS:
        writes = data.draw(st.lists(WRITES, min_size=1, max_size=4))
        entries = []
        for number, (outcome, before, after, at) in enumerate(writes):
            name = f"{vendor}{number}"
            error: Any = TIMEOUT if outcome in ("failed", "refused") else None
            readable = VENDORS[vendor].readable
            entries.append(
                closing(
                    name,
                    outcome,
                    before if readable else UNREAD,
                    after if readable else SHUT if outcome == "changed" else UNREAD,
                    error=error,
                    id=f"id-{name}" if readable else None,
                    proof={"written_at": at if outcome == "failed" else None},
                )
            )
            now[name] = data.draw(NOW)
            differs = entries[-1]["before"] != entries[-1]["after"]
            if outcome == "changed" or (outcome == "failed" and (at or differs)):
                written.add((vendor, name))
        reports.append(ran(*entries, vendor=vendor, tenant=vendor))
    document = {
        **reports[0],
        "tenants": [tenant for each in reports for tenant in each["tenants"]],
        "records": [record for each in reports for record in each["records"]],
    }
    named_once(document, written, now)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_each_account_in_the_journals_of_a_killed_run_is_named_once(data: Any) -> None:
    written: set[tuple[str, str]] = set()
    now: Any = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "journal"
        folder.mkdir()
        for vendor in VENDORS:
            head = {"run_id": "run", "run_kind": "offboard", "tenant": vendor, "vendor": vendor, "started": None}
            lines: list[Any] = [{"kind": "run", "schema_version": 1, "reason": None, "ticket": None, **head}]
            for number, before in enumerate(data.draw(st.lists(ANY, max_size=3))):
                name = f"{vendor}{number}"
                account = f"id-{name}" if VENDORS[vendor].readable else None
                whose = {"email": f"{name}@example.com", "id": account, "at": RUN["started"]}
                after = data.draw(st.sampled_from((SHUT, LOCK, GONE)))
                key = {"email": whose["email"]}
                intent = {"kind": "intent", **whose, "key": key, "place": HOST, "state": after["state"]}
                lines.append({**intent, "before": before if account else UNREAD, "after": after})
                if data.draw(st.booleans()):
                    answer = {"after": after, "error": None, "status": 200, "request_id": None}
                    lines.append({"kind": "result", **whose, **answer})
                now[name] = data.draw(NOW)
                written.add((vendor, name))
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (folder / f"{vendor}.jsonl").write_text(text, encoding="utf-8")
        named_once(read_run(place)[0], written, now)
