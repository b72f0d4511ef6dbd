# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Stages of closing: deactivated at the leave time, deleted later, in one list and one run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from demo.story import account
from harness.documents import SCHEMA
from harness.examples import collect
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

PAGE = "docs/docsite/rst/leavers_list.rst"
TENANTS = REPOSITORY / "examples" / "tenants.yml"
OLD, NEW, COMING = "leaver01@example.com", "leaver05@example.com", "leaver06@example.com"
STAGES = [
    {"state": "deactivated"},
    {"state": "absent", "after": "30d", "vendors": ["netex", "learn"]},
]


def days(number: int) -> str:
    return (datetime.now(UTC) + timedelta(days=number)).isoformat(timespec="seconds").replace("+00:00", "Z")


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    people = (OLD, NEW, COMING)
    mock.seed({vendor: [account(vendor, email) for email in people] for vendor in ("netex", "learn", "zitadel")})
    return mock


def run(ansible: Ansible, mock: MockVendors, playbook: str = "offboard", check: bool = False, **more: Any) -> Run:
    leavers = [{"email": OLD, "leave_at": days(-40)}, {"email": NEW, "leave_at": days(-2)}]
    variables = {
        "offboard_leavers": [*leavers, {"email": COMING, "leave_at": days(20)}],
        "offboard_stages": STAGES,
        "offboard_allow_delete": True,
        "offboard_report_dir": str(ansible.place / "reports"),
    }
    return ansible.run(
        f"saas.offboarding.{playbook}",
        inventory=TENANTS,
        limit="netex,learn,zitadel",
        env=mock.environment(),
        extra_vars={name: value for name, value in {**variables, **more}.items() if value is not None},
        check=check,
    )


def document(ansible: Ansible) -> dict[str, Any]:
    folder = newest(ansible)
    found: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return found


def newest(ansible: Ansible) -> Path:
    return max((ansible.place / "reports").iterdir(), key=lambda each: each.stat().st_mtime_ns)


def outcomes(found: dict[str, Any]) -> dict[str, dict[str, str]]:
    result: dict[str, dict[str, str]] = {}
    for record in found["records"]:
        after = (record["after"] or {}).get("state", "")
        result.setdefault(record["tenant"], {})[record["email"]] = f"{record['outcome']} {after}".strip()
    return result


DONE = {
    "netex": {OLD: "changed absent", NEW: "changed deactivated", COMING: "not_due"},
    "learn": {OLD: "changed absent", NEW: "changed deactivated", COMING: "not_due"},
    "zitadel": {OLD: "changed deactivated", NEW: "changed deactivated", COMING: "not_due"},
}


def test_each_leaver_is_closed_as_far_as_the_stage_that_is_due(ansible: Ansible, seeded: MockVendors) -> None:
    pages = [each.data for each in collect() if each.source == PAGE and each.language == "yaml"]
    assert {"offboard_stages": STAGES, "offboard_allow_delete": True} in pages
    planned = run(ansible, seeded, check=True)
    assert planned.rc == 0, planned
    plan = json.loads((newest(ansible) / "plan.json").read_text(encoding="utf-8"))
    shown = {each["tenant"]: {of["email"]: of for of in each["stages"]} for each in plan["tenants"]}
    assert shown["netex"][OLD]["stage"]["state"] == "absent"
    assert "next_stage" not in shown["netex"][OLD]
    assert shown["netex"][NEW]["next_stage"] | {"due_at": ""} == {"number": 2, "of": 2, "state": "absent", "due_at": ""}
    assert shown["netex"][COMING]["next_stage"]["number"] == 1
    assert outcomes(document(ansible)) == DONE, "check mode predicts the run"

    done = run(ansible, seeded, offboard_plan_file=str(newest(ansible)), netex_message="good bye")
    assert done.rc == 0, done
    assert outcomes(document(ansible)) == DONE
    assert "netex: next stage absent: 1 leaver, the first due " in done.stdout
    assert "netex: next stage deactivated: 1 leaver, the first due " in done.stdout
    assert "closed" in done.stdout
    assert "deleted" in done.stdout
    assert seeded.counts()["netex"]["write"] == len((OLD, NEW))

    again = run(ansible, seeded)
    assert again.rc == 0, again
    assert {each["outcome"] for each in document(ansible)["records"]} == {"unchanged", "not_due"}
    audited = run(ansible, seeded, "audit")
    assert audited.rc == 0, audited

    reopened = ansible.run(
        "saas.offboarding.reinstate",
        inventory=TENANTS,
        limit="netex,learn,zitadel",
        env=seeded.environment(),
        extra_vars={
            "offboard_evidence": str(sorted((ansible.place / "reports").iterdir(), key=lambda each: each.name)[1]),
            "reinstate_reason": "too early",
            "offboard_stages": STAGES,
            "offboard_report_dir": str(ansible.place / "reopened"),
        },
    )
    text = (next((ansible.place / "reopened").iterdir()) / "evidence.json").read_text(encoding="utf-8")
    found = {(each["tenant"], each["email"]): each["outcome"] for each in json.loads(text)["records"]}
    assert found == {
        ("netex", NEW): "changed",
        ("netex", OLD): "by_hand",
        ("learn", NEW): "changed",
        ("learn", OLD): "by_hand",
        ("zitadel", NEW): "changed",
        ("zitadel", OLD): "changed",
    }, reopened


def test_an_audit_names_each_account_whose_later_stage_is_not_done(ansible: Ansible, seeded: MockVendors) -> None:
    """Who was deactivated by hand, or by a run before the retention time ended."""
    early = run(ansible, seeded, offboard_stages=None)
    assert early.rc == 0, early
    audited = run(ansible, seeded, "audit", offboard_allow_delete=None)
    assert audited.rc == 2, audited
    found = document(ansible)
    assert outcomes(found)["netex"] == {OLD: "stage_due deactivated", NEW: "closed deactivated", COMING: "not_due"}
    assert outcomes(found)["zitadel"][OLD] == "closed deactivated"
    assert f"stage_due: netex: 1 of 2 leavers closed, and a later stage is due: {OLD}" in str(audited)


def test_an_earlier_stage_may_have_deleted_the_account(ansible: Ansible, seeded: MockVendors) -> None:
    people = [{"email": "gone@example.com", "leave_at": days(-40)}]
    done = run(ansible, seeded, offboard_leavers=people, offboard_unmatched="fail")
    assert done.rc == 0, done
    nowhere = document(ansible)["unmatched"]
    assert nowhere["leavers"] == ["gone@example.com"]
    assert "at netex an earlier run may have deleted the account" in nowhere["not_final"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no permission": ({"offboard_allow_delete": False}, "offboard_stages has the state absent, which deletes"),
    "a state besides": ({"offboard_state": "deactivated"}, "Leave offboard_state out: offboard_stages states"),
    "states besides": ({"offboard_states": {"netex": "absent"}}, "Leave offboard_states out"),
    "no stage for a tenant": (
        {"offboard_stages": [{"state": "deactivated", "vendors": ["netex", "learn"]}]},
        "offboard_stages has no stage for zitadel",
    ),
    "an unknown tenant": (
        {"offboard_stages": [*STAGES, {"state": "absent", "after": "60d", "vendors": ["netx"]}]},
        "offboard_stages names 'netx', which is neither a vendor nor a tenant",
    ),
    "a number without a unit": (
        {"offboard_stages": [{"state": "deactivated"}, {"state": "absent", "after": 30}]},
        "offboard_stages has an after in entry 2 that is no time with units",
    ),
    "no leave time to count from": (
        {"offboard_leavers": [{"email": OLD}], "offboard_stages": [{"state": "deactivated", "after": "12h"}]},
        "the leavers of row 1 have none",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_stages_that_can_only_be_a_mistake_are_refused(ansible: Ansible, seeded: MockVendors, case: str) -> None:
    given, text = REFUSED[case]
    done = run(ansible, seeded, **given)
    assert done.rc != 0
    assert text in " ".join(done.stdout.split()), done
    refused = ["zitadel"] if case == "no stage for a tenant" else ["netex", "learn", "zitadel"]
    assert [each for each in seeded.log() if each["vendor"] in refused] == []
