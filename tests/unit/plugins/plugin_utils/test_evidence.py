# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""From a module's result to the report of a tenant, the document of a run, the table and the verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._version import VERSION
from ansible_collections.saas.offboarding.plugins.plugin_utils._console import failures, matrix
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._leave_times import LeaveTimes
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import LeaversError
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import of_product, tenant_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import cell_word
from harness.facts import RUN, silent

SCHEMA = Path(__file__).parents[4] / "roles" / "offboard" / "files" / "evidence.schema.json"
NOW = "2026-11-30T17:00:00Z"
ERROR = {"code": "http_error", "message": "answered 503", "status": 503, "request_id": None, "retryable": True}


def leavers(entries: list[Any]) -> list[Any]:
    return read_leavers(entries, "the list", times=LeaveTimes.of(blank="due")).leavers


def people(count: int) -> list[Any]:
    listed: list[Any] = leavers([{"email": f"leaver{number:02}@example.com"} for number in range(1, count + 1)])
    return listed


def entry(leaver: Any, outcome: str, vendor: str = "zitadel", **more: Any) -> Any:
    return {
        "key": leaver["accounts"][vendor],
        "outcome": outcome,
        "id": "1",
        "name": leaver["email"],
        "before": {"state": "active", "vendor_state": "USER_STATE_ACTIVE"},
        "after": {"state": "deactivated", "vendor_state": "USER_STATE_INACTIVE"},
        "verified": True,
        "error": ERROR if outcome == "failed" else None,
        **more,
    }


def result(listed: Sequence[dict[str, Any]], *outcomes: str, vendor: str = "zitadel", **more: Any) -> Any:
    users = [entry(leaver, outcome, vendor) for leaver, outcome in zip(listed, outcomes, strict=True)]
    return {"users": users, "plan_hash": "sha256:00", "requests": {"sent": 3, "retried": 0, "tokens": 1}, **more}


def report(registered: Any, listed: Sequence[Any], **more: Any) -> Any:
    options = {
        "tenant": "zitadel",
        "vendor": "zitadel",
        "stages": Stages.once("deactivated"),
        "due_at": NOW,
        "on_missing": "ok",
    }
    return tenant_report(registered, listed, **{**options, **more})


def test_records_keep_the_order_and_mark_leavers_not_due() -> None:
    listed = leavers(
        [
            {"email": "a@example.com"},
            {"email": "b@example.com", "leave_at": "2027-01-01T00:00:00Z"},
            {"email": "c@example.com", "leave_at": "2026-01-01T00:00:00Z"},
        ]
    )
    tenant = report(result([listed[0], listed[2]], "changed", "missing"), listed)
    assert [(each["email"], each["outcome"]) for each in tenant["records"]] == [
        ("a@example.com", "changed"),
        ("b@example.com", "not_due"),
        ("c@example.com", "missing"),
    ]
    assert tenant["records"][0] == {
        "email": "a@example.com",
        "leave_at": None,
        "reason": None,
        "ticket": None,
        "tenant": "zitadel",
        "vendor": "zitadel",
        "key": {"email": "a@example.com"},
        "outcome": "changed",
        "id": "1",
        "name": "a@example.com",
        "before": {"state": "active", "vendor_state": "USER_STATE_ACTIVE"},
        "after": {"state": "deactivated", "vendor_state": "USER_STATE_INACTIVE"},
        "verified": True,
        "error": None,
        "failing": False,
        "read_at": None,
        "written_at": None,
        "seen_at": None,
        "status": None,
        "request_id": None,
        "seconds_to_close": None,
        "manual": [],
    }
    assert tenant["records"][1]["id"] is None
    assert tenant["summary"] == {
        "requested": 2,
        "changed": 1,
        "unchanged": 0,
        "missing": 1,
        "failed": 0,
        "refused": 0,
        "not_due": 1,
    }
    assert (tenant["plan_hash"], tenant["requests"]["sent"], tenant["error"]) == ("sha256:00", 3, None)
    assert failures([tenant]) == ""


def test_no_leaver_due_is_no_failure() -> None:
    listed = leavers([{"email": "a@example.com", "leave_at": "2027-01-01T00:00:00Z"}])
    tenant = report({}, listed)
    assert tenant["summary"]["not_due"] == 1
    assert failures([tenant]) == ""
    assert "No leaver is due: no request was sent to a vendor." in matrix(evidence([tenant], RUN))


@pytest.mark.parametrize(
    "registered",
    [
        {},
        {"users": []},
        {"msg": "zitadel: api_url is missing", "users": []},
        {"msg": "MODULE FAILURE"},
        {"users": [{"key": {"email": "leaver02@example.com"}, "outcome": "changed"}] * 2},
        {"users": [{"key": {"email": "leaver01@example.com"}, "outcome": "changed"}]},
    ],
)
def test_a_result_that_does_not_answer_what_was_asked_fails_everybody(registered: Any) -> None:
    tenant = report(registered, people(2))
    assert [each["outcome"] for each in tenant["records"]] == ["failed", "failed"]
    assert tenant["error"]["code"] == "task_failed"
    assert tenant["error"]["message"] == registered.get("msg", tenant["error"]["message"])
    text = failures([tenant])
    assert text.startswith("task_failed: zitadel: 2 of 2 leavers failed: leaver01@example.com, leaver02@example.com: ")
    assert tenant["error"]["message"].rstrip(".") in text
    lines = [line for line in matrix(evidence([tenant], RUN)) if tenant["error"]["message"] in line]
    assert len(lines) == 1


def test_a_message_without_a_failing_user_is_a_failure_still() -> None:
    listed = people(1)
    tenant = report(result(listed, "unchanged", msg="it broke afterwards"), listed)
    assert failures([tenant]).startswith("task_failed: zitadel: it broke afterwards. Correct the cause")
    assert "task_failed: zitadel: it broke afterwards" in matrix(evidence([tenant], RUN))


@pytest.mark.parametrize(("on_missing", "fails"), [("ok", False), ("warn", False), ("fail", True)])
def test_missing_fails_only_where_it_was_asked_to(on_missing: str, fails: bool) -> None:
    listed = people(1)
    assert bool(failures([report(result(listed, "missing"), listed, on_missing=on_missing)])) is fails


def test_an_account_that_the_list_names_by_a_key_must_exist() -> None:
    (named,) = leavers([{"email": "a@example.com", "accounts": {"zitadel": {"user_id": "7"}}}])
    (plain,) = leavers([{"email": "b@example.com"}])
    tenant = report(result([named, plain], "missing", "missing"), [named, plain], on_missing="named")
    assert [each["failing"] for each in tenant["records"]] == [True, False]
    assert tenant["records"][0]["error"]["code"] == "no_account"
    assert "user_id 7" in tenant["records"][0]["error"]["message"]
    options = {"vendor": "customergauge", "tenant": "customergauge", "on_missing": "named"}
    (other,) = leavers([{"email": "a@example.com", "accounts": {"customergauge": {"email": "c@example.com"}}}])
    assert failures([report(result([other], "missing", vendor="customergauge"), [other], **options)]) == ""


def test_the_code_of_an_account_is_not_hidden_by_that_of_the_task() -> None:
    listed = people(2)
    tenant = report(result(listed, "changed", "failed", msg="1 of 2 accounts"), listed)
    assert tenant["error"] is None
    assert failures([tenant]).startswith("http_error: zitadel: 1 of 2 leavers failed: leaver02@example.com: ")


def test_the_verdict_names_tenants_leavers_reason_and_remedy() -> None:
    listed = people(12)
    fine = report(result(listed, *["changed"] * 12), listed, tenant="fine")
    broken = report(result(listed, *["failed"] * 11, "refused"), listed, tenant="broken")
    text = failures([fine, broken])
    assert text.startswith("http_error: broken: 11 of 12 leavers failed: leaver01@example.com, leaver02@example.com, ")
    assert "leaver10@example.com, and 1 more: answered 503. " in text
    assert "refused: broken: 1 of 12 leavers refused: leaver12@example.com. " in text
    assert "offboard_" not in text  # no guard rail was in use
    assert "run again" in text
    assert "fine" not in text


def test_the_document_has_all_tenants_and_all_records() -> None:
    listed = people(2)
    document = evidence([report(result(listed, "changed", "failed"), listed)], RUN | {"started": NOW}, silent("dead"))
    assert document["schema_version"] == 1
    assert document["collection_version"] == VERSION
    assert (document["run_id"], document["started"]) == (RUN["run_id"], NOW)
    assert [tenant["tenant"] for tenant in document["tenants"]] == ["zitadel", "dead"]
    assert "records" not in document["tenants"][0]
    error = document["tenants"][1]["error"]
    assert error is not None
    assert error["code"] == "no_result"
    assert len(document["records"]) == 2
    assert json.loads(json.dumps(document)) == document


def test_the_table() -> None:
    listed = leavers([{"email": f"leaver0{number}@example.com"} for number in range(1, 7)][:5]) + leavers(
        [{"email": "leaver06@example.com", "leave_at": "2027-01-01T00:00:00Z"}]
    )
    registered = result(listed[:5], "changed", "unchanged", "missing", "failed", "refused")
    unread = result(listed[:5], *["changed"] * 5, vendor="customergauge")
    for each in unread["users"]:
        each["verified"] = None
    reports = [
        report(registered, listed),
        report(unread, listed, tenant="customergauge", vendor="customergauge"),
    ]
    assert matrix(evidence(reports, RUN, silent("dead"))) == [
        "Run 20261130T170000Z-000001: 6 leavers.",
        "leaver                zitadel         customergauge  dead",
        "leaver01@example.com  closed          closed*        NO RESULT",
        "leaver02@example.com  already closed  closed*        NO RESULT",
        "leaver03@example.com  no account      closed*        NO RESULT",
        "leaver04@example.com  FAILED          closed*        NO RESULT",
        "leaver05@example.com  REFUSED         closed*        NO RESULT",
        "leaver06@example.com  not due         not due        NO RESULT",
        "* accepted by the vendor, not read back",
        "",
        "tenant         changed  unchanged  missing  failed  refused  not due  requests",
        "zitadel        1        1          1        1       1        1        3",
        "customergauge  5        0          0        0       0        1        3",
        "dead           -        -          -        -       -        -        -",
        "",
        "no_result: dead: left no result; see the task that failed for this host",
        "http_error: zitadel, leaver04@example.com: answered 503",
    ]


def test_the_table_of_check_mode_speaks_of_what_would_be() -> None:
    listed = people(1)
    readable = report(result(listed, "changed"), listed, stages=Stages.once("absent"))
    blind = result(listed, "changed", vendor="customergauge")
    blind["users"][0]["before"] = {"state": "unknown", "vendor_state": None}
    unreadable = report(blind, listed, tenant="customergauge", vendor="customergauge")
    lines = matrix(evidence([readable, unreadable], RUN | {"check_mode": True}))
    assert lines[0].endswith("1 leaver. Nothing was written; this is what a run would do.")
    assert lines[2] == "leaver01@example.com  would delete  would close*"
    assert lines[3].startswith("* cannot be read")


def test_a_long_list_shows_only_who_needs_a_look() -> None:
    listed = people(61)
    fine = matrix(evidence([report(result(listed, *["changed"] * 61), listed)], RUN))
    assert len(fine) < 10
    assert "None of them needs a check." in fine
    one = matrix(evidence([report(result(listed, *["changed"] * 60, "failed"), listed)], RUN))
    assert [line.split()[0] for line in one if "@" in line and "," not in line] == ["leaver61@example.com"]
    assert sum("leaver61@example.com" in line for line in one) == 2
    everybody = matrix(evidence([report(result(listed, *["failed"] * 61), listed)], RUN))
    assert "and 1 more leavers that need a check" in everybody
    assert "http_error: zitadel, leaver01@example.com and 60 more: answered 503" in everybody
    assert len(everybody) < 75


def test_many_reasons_are_cut() -> None:
    listed = people(30)
    registered = result(listed, *["failed"] * 30)
    for number, each in enumerate(registered["users"]):
        each["error"] = {**ERROR, "message": f"reason {number} " + "x" * 1000}
    lines = matrix(evidence([report(registered, listed)], RUN))
    assert lines[-1] == "and 10 more reasons"
    assert all(len(line) < 400 for line in lines)


def test_a_run_without_tenants_is_reported() -> None:
    assert matrix(evidence([], RUN)) == ["No tenant of this run is one of offboard_vendors: nothing was done."]


def test_a_bad_moment_is_an_error() -> None:
    with pytest.raises(LeaversError, match="offboard_due_at has no zone"):
        report({}, people(1), due_at="2026-11-30T17:00:00")


@pytest.mark.parametrize("reach", [None, [{"id": "1", "name": "Acme"}]], ids=str)
@pytest.mark.parametrize("state", ["deactivated", "absent"])
@pytest.mark.parametrize("outcome", ["changed", "missing", "unchanged", "failed"])
def test_only_who_has_no_account_was_looked_for_somewhere(outcome: str, state: str, reach: Any) -> None:
    listed = people(1)
    gone = {"state": "absent", "vendor_state": None}
    none = outcome == "missing" or (outcome == "unchanged" and state == "absent")
    more: dict[str, Any] = {"before": gone, "after": gone, "id": None} if none else {}
    made = report({"users": [entry(listed[0], outcome, **more)], "scope": reach}, listed, stages=Stages.once(state))
    assert made["reach"] == reach
    assert made["records"][0].get("looked_in") == ("organization Acme (1)" if none and reach else None)
    assert evidence([made], RUN)["tenants"][0]["reach"] == reach


def test_a_failing_missing_names_the_organization() -> None:
    listed = people(1)
    found: Any = {"users": [entry(listed[0], "missing", id=None)], "scope": [{"id": "1", "name": "Acme"}]}
    (record,) = report(found, listed, on_missing="fail")["records"]
    text = f"There is no account with email {listed[0]['email']} in organization Acme (1), so that nothing was changed"
    assert record["error"] == {"code": "no_account", "message": text}


@pytest.mark.parametrize("on_missing", ["ok", "named", "fail"])
def test_a_key_that_may_have_a_closed_account_fails_only_where_all_do(on_missing: str) -> None:
    listed = leavers([{"email": "a@example.com", "accounts": {"scim": {"username": "a"}}}])
    users = [entry(listed[0], "missing", "scim", id=None, manual=["closed_not_listed"])]
    found = report({"users": users}, listed, on_missing=on_missing, vendor="scim", tenant="scim")
    (record,) = found["records"]
    assert record["failing"] is (on_missing == "fail")
    document = evidence([found], RUN)
    assert cell_word(record, document["tenants"][0], False) == "no open account"
    assert [task["code"] for task in document["tasks"]] == ["closed_not_listed"]


@pytest.mark.parametrize("product", [None, {"name": "Our wiki", "profile": "generic", "values": {"page": 50}}], ids=str)
def test_the_evidence_has_the_product_as_it_was_used(product: Any) -> None:
    listed = people(1)
    more = {} if product is None else {"product": product, "notes": ["n"]}
    document = evidence([report(result(listed, "changed", **more), listed)], RUN)
    (tenant,) = document["tenants"]
    assert (tenant.get("product"), tenant.get("notes")) == (product, product and ["n"])
    allowed = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]["tenant"]["properties"]
    assert set(tenant) <= set(allowed)


def test_of_several_results_the_last_product_and_all_notes_are_kept() -> None:
    views: Any = [
        {"product": {"name": "x", "profile": "generic", "values": {"page": page}}, "notes": notes}
        for page, notes in ((1, ["a"]), (2, ["a", "b"]))
    ]
    kept = of_product(views)
    assert (kept["product"]["values"], kept["notes"]) == ({"page": 2}, ["a", "b"])


def test_a_repair_and_what_a_task_is_about_are_in_the_record_and_nowhere_else() -> None:
    listed = people(2)
    notes = {"service_account_tokens": "Personal access tokens: 2, keys: 1."}
    more: dict[str, Any] = {"manual": [*notes], "manual_notes": notes, "repaired": True}
    users = [entry(listed[0], "changed", **more), entry(listed[1], "changed")]
    tenant = report({"users": users}, listed)
    first, second = tenant["records"]
    assert (first["repaired"], first["manual_notes"]) == (True, notes)
    assert not {"repaired", "manual_notes"} & set(second)
    (task,) = evidence([tenant], RUN)["tasks"]
    assert task["reason"].endswith("get new tokens. Personal access tokens: 2, keys: 1.")
