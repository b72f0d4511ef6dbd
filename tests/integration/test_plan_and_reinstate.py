# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Plan, approve, apply and reinstate, as a user runs them: four playbook runs over a tenant of each vendor."""

from __future__ import annotations

import html
import json
import re
import stat
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from demo.story import ALREADY_CLOSED, COLLEAGUE, VENDORS, WITHOUT_ACCOUNT, account, address, closed_at
from harness.documents import outcomes, schema
from harness.playbook import Ansible, Run
from harness.refusals import refusals
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
READABLE = [vendor for vendor in VENDORS if vendor != "customergauge"]
LOCKED = "USER_STATE_LOCKED"
REASON = "the list was that of another month"


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed(
        {vendor: [account(vendor, each) for each in (JANE, SAM, ALREADY_CLOSED, COLLEAGUE)] for vendor in VENDORS}
    )
    return mock


def run(ansible: Ansible, mock: MockVendors, playbook: str = "offboard", **options: Any) -> tuple[Run, Path]:
    """Run a playbook of the collection, and return the run with the folder that it left."""
    mock.clear_log()
    variables: dict[str, Any] = {"offboard_report_dir": str(ansible.place / "reports"), **options.pop("variables", {})}
    if playbook == "offboard":
        people: list[dict[str, Any]] = [{"email": each} for each in (JANE, SAM, ALREADY_CLOSED, WITHOUT_ACCOUNT)]
        variables = {"offboard_leavers": people, **variables}
    settings: dict[str, Any] = {"inventory": TENANTS, **options}
    before = set(ansible.place.glob("reports/*"))
    env = {**mock.environment(), "ANSIBLE_SHOW_CUSTOM_STATS": "1"}
    done = ansible.run(f"saas.offboarding.{playbook}", env=env, extra_vars=variables, **settings)
    made = set(ansible.place.glob("reports/*")) - before
    return done, made.pop() if made else Path()


def reinstate(ansible: Ansible, mock: MockVendors, folder: Path, **options: Any) -> tuple[Run, Path]:
    variables = {"offboard_evidence": str(folder), "reinstate_reason": REASON, **options.pop("variables", {})}
    return run(ansible, mock, "reinstate", variables=variables, **options)


def evidence(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())
    return document


def closed(mock: MockVendors, vendor: str) -> set[str]:
    return closed_at(vendor, mock.state(vendor))


def handed_on(done: Run) -> dict[str, Any]:
    """What set_stats gave to the jobs that follow, as AWX gets it."""
    task = next(task for task in done.tasks if task.task == "Get the result" and task.ok)
    stats: dict[str, Any] = task.result["ansible_stats"]
    assert (stats["per_host"], stats["aggregate"]) == (False, False)
    return dict(stats["data"])


def written(mock: MockVendors) -> set[str]:
    return {request["vendor"] for request in mock.log(kind="write")}


def table(done: Run) -> str:
    shown = done.table
    return "\n".join(shown)


def test_plan_approve_apply_and_back_again(ansible: Ansible, seeded: MockVendors) -> None:
    planned, folder = run(ansible, seeded, check=True)
    assert planned.rc == 0, planned
    assert written(seeded) == set()
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert stat.S_IMODE((folder / "plan.json").stat().st_mode) == 0o600
    assert {each["tenant"]: [c["email"] for c in each["changes"]] for each in plan["tenants"]} == {
        **{key: [JANE, SAM] for key in READABLE},
        "customergauge": [JANE, SAM, ALREADY_CLOSED, WITHOUT_ACCOUNT],
    }
    for each in plan["tenants"]:
        ids = set(seeded.state(each["vendor"])) if each["vendor"] != "customergauge" else {JANE, SAM, ALREADY_CLOSED}
        for change in each["changes"]:
            assert change["id"] in ids | {WITHOUT_ACCOUNT}
            assert (change["before"]["state"], change["after"]["state"]) in (
                ("active", "deactivated"),
                ("unknown", "deactivated"),
            )
    stats = handed_on(planned)
    assert stats["offboard_plan"] == {each["tenant"]: each["plan_hash"] for each in evidence(folder)["tenants"]}
    assert stats["offboard_plan_changes"]["netex"]["changes"] == plan["tenants"][3]["changes"]
    assert stats["offboard_due_at"] == plan["due_at"]

    applied, done = run(ansible, seeded, variables=stats)
    assert applied.rc == 0, applied
    assert all(closed(seeded, vendor) == {JANE, SAM, ALREADY_CLOSED} for vendor in READABLE)
    parameters = evidence(done)["parameters"]
    assert parameters["offboard_plan"] == stats["offboard_plan"]
    assert parameters["offboard_plan_run"] == evidence(folder)["run_id"]
    assert not (done / "plan.json").exists()

    predicted, _folder = reinstate(ansible, seeded, done, check=True)
    assert predicted.rc == 0, predicted
    assert written(seeded) == set()
    assert set(handed_on(predicted)["offboard_plan"]) == set(VENDORS)

    back, undone = reinstate(ansible, seeded, done, variables={"offboard_plan": handed_on(predicted)["offboard_plan"]})
    assert back.rc == 0, str(back)
    assert all(closed(seeded, vendor) == {ALREADY_CLOSED} for vendor in READABLE)
    assert closed(seeded, "customergauge") == {JANE, SAM, ALREADY_CLOSED}
    document = evidence(undone)
    assert (document["kind"], document["reason"]) == ("reinstate", REASON)
    assert document["earlier"]["run_id"] == evidence(done)["run_id"]
    by_hand = dict.fromkeys((JANE, SAM, ALREADY_CLOSED), "by_hand")
    assert outcomes(document) == {
        **dict.fromkeys(READABLE, dict.fromkeys((JANE, SAM), "changed")),
        "customergauge": by_hand,
    }
    assert {task["tenant"] for task in document["tasks"] if task["code"] == "no_way_back"} == {"customergauge"}
    assert "reopened" in table(back)
    assert "by hand" in table(back)
    assert REASON in (undone / "report.html").read_text(encoding="utf-8")

    again, once_more = reinstate(ansible, seeded, done)
    assert again.rc == 0, again
    assert written(seeded) == set()
    assert outcomes(evidence(once_more))["zitadel"] == dict.fromkeys((JANE, SAM), "unchanged")
    assert ansible.run("saas.offboarding.verify_evidence", extra_vars={"offboard_evidence": str(undone)}).rc == 0


def test_an_outdated_plan_is_refused_with_its_differences(ansible: Ansible, seeded: MockVendors) -> None:
    """Between plan and run an administrator closes Sam at netexCloud and reopens another leaver at ZITADEL."""
    _planned, folder = run(ansible, seeded, check=True)
    _change(seeded, "netex", SAM, enabled=False)
    _change(seeded, "zitadel", ALREADY_CLOSED, state="USER_STATE_ACTIVE")
    tried, done = run(ansible, seeded, variables={"offboard_plan_file": str(folder)})
    assert tried.rc == 2
    assert written(seeded) == set(VENDORS) - {"netex", "zitadel"}
    tenants = {each["tenant"]: each for each in evidence(done)["tenants"]}
    (at_netex,) = tenants["netex"]["differences"]
    (at_zitadel,) = tenants["zitadel"]["differences"]
    assert at_netex.startswith(SAM)
    assert at_netex.endswith("is in it, and is deactivated already")
    assert at_zitadel.startswith(ALREADY_CLOSED)
    assert at_zitadel.endswith("is not in it, and would be deactivated now")
    shown = table(tried)
    assert f"netex, not as approved: {SAM}" in shown
    assert f"zitadel, not as approved: {ALREADY_CLOSED}" in shown
    verdicts = tried.verdicts
    assert set(verdicts) - {task.host for task in tried.tasks if task.status == "skipped"} <= {"netex", "zitadel"}
    assert "differs from the approved plan" in verdicts["netex"]
    assert at_netex in html.unescape((done / "report.html").read_text(encoding="utf-8"))
    assert evidence(done)["parameters"]["offboard_plan_file"] == str(folder / "plan.json") or str(folder)

    one: dict[str, Any] = {"offboard_blank_leave_at": "due"}
    one |= {"offboard_leavers": [{"email": JANE}, {"email": "later@example.com", "leave_at": "2999-01-01T00:00:00Z"}]}
    _again, only_jane = run(ansible, seeded, variables=one, limit="netex", check=True)
    assert run(ansible, seeded, variables={**one, "offboard_plan_file": str(only_jane)}, limit="netex")[0].rc == 0
    assert len(seeded.log(kind="write")) == 1


def test_with_no_leaver_due_the_plan_applies_and_closes_no_account(ansible: Ansible, seeded: MockVendors) -> None:
    later = {"offboard_leavers": [{"email": JANE, "leave_at": "2999-01-01T00:00:00Z"}]}
    planned, folder = run(ansible, seeded, variables=later, check=True, limit="netex,zitadel")
    assert planned.rc == 0
    stats = handed_on(planned)
    assert run(ansible, seeded, variables={**later, **stats}, limit="netex,zitadel")[0].rc == 0
    due = {"offboard_leavers": [{"email": JANE}], "offboard_plan_file": str(folder)}
    assert run(ansible, seeded, variables=due, limit="netex,zitadel")[0].rc == 2
    assert written(seeded) == set()


def _change(mock: MockVendors, vendor: str, email: str, **native: Any) -> None:
    accounts = mock.state(vendor)
    people = [
        {**each, **native} if address(vendor, each) == email else each
        for each in accounts.values()
        if vendor != "zitadel" or each["userId"] != mock.ready["zitadel"]["user_id"]
    ]
    mock.seed({vendor: people})


@pytest.fixture
def folder_of_a_run(ansible: Ansible, seeded: MockVendors) -> Path:
    """Jane and Sam were closed at netexCloud and ZITADEL, and Jane is deleted at Thrive Learning."""
    states = {"offboard_states": {"learn": "absent"}, "offboard_allow_delete": True}
    done, folder = run(ansible, seeded, variables=states, limit="netex,zitadel,learn")
    assert done.rc == 0, str(done)
    return folder


def test_guard_rails_refuse_a_reinstatement(ansible: Ansible, seeded: MockVendors, folder_of_a_run: Path) -> None:
    limited: dict[str, Any] = {"limit": "netex,zitadel"}
    guard_rails = {"offboard_protected": [f"{JANE.partition('@')[0]}*"], "offboard_max_changes": 1}
    done, folder = reinstate(ansible, seeded, folder_of_a_run, variables=guard_rails, **limited)
    assert done.rc == 2
    assert outcomes(evidence(folder))["netex"] == {JANE: "refused", SAM: "changed"}
    assert all(closed(seeded, vendor) == {JANE, ALREADY_CLOSED} for vendor in ("netex", "zitadel"))

    _change(seeded, "zitadel", JANE, state="USER_STATE_LOCKED")
    done, folder = reinstate(ansible, seeded, folder_of_a_run, **limited)
    assert done.rc == 2
    assert outcomes(evidence(folder)) == {
        "netex": {JANE: "changed", SAM: "unchanged"},
        "zitadel": {JANE: "refused", SAM: "unchanged"},
    }
    assert "was changed since" in table(done)
    assert written(seeded) == {"netex"}


def test_only_those_who_are_chosen_and_what_was_deleted_is_for_a_person(
    ansible: Ansible, seeded: MockVendors, folder_of_a_run: Path
) -> None:
    chosen = {"reinstate_leavers": [SAM.upper()]}
    done, folder = reinstate(ansible, seeded, folder_of_a_run, variables=chosen)
    assert done.rc == 0, str(done)
    document = evidence(folder)
    assert outcomes(document) == {"netex": {SAM: "changed"}, "zitadel": {SAM: "changed"}, "learn": {SAM: "by_hand"}}
    assert [(task["tenant"], task["email"]) for task in document["tasks"]] == [("learn", SAM)]
    assert all(closed(seeded, vendor) == {JANE, ALREADY_CLOSED} for vendor in ("netex", "zitadel"))


def test_another_tenant_under_the_same_name_is_not_touched(
    ansible: Ansible, seeded: MockVendors, folder_of_a_run: Path
) -> None:
    elsewhere = {"zitadel_api_url": seeded.ready["zitadel"]["api_url"].replace("127.0.0.1", "localhost")}
    done, folder = reinstate(ansible, seeded, folder_of_a_run, variables=elsewhere, limit="zitadel")
    assert done.rc == 2
    assert {record["error"]["code"] for record in evidence(folder)["records"]} == {"other_tenant"}
    assert written(seeded) == set()


def test_a_tenant_of_the_run_that_is_left_out_fails(
    ansible: Ansible, seeded: MockVendors, folder_of_a_run: Path
) -> None:
    inventory = {
        "saas": {
            "hosts": {"netex": {"saas_vendor": "netex"}},
            "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        }
    }
    done, folder = reinstate(ansible, seeded, folder_of_a_run, inventory=inventory)
    assert done.rc == 2
    assert "were not looked at" in done.everything
    assert outcomes(evidence(folder)) == {"netex": {JANE: "changed", SAM: "changed"}}


def test_invalid_variables_are_reported_before_the_first_request(
    ansible: Ansible, seeded: MockVendors, folder_of_a_run: Path
) -> None:
    _check, checked = run(ansible, seeded, check=True, limit="netex")
    damaged = ansible.place / "damaged"
    damaged.mkdir()
    text = (folder_of_a_run / "evidence.json").read_text(encoding="utf-8")
    (damaged / "evidence.json").write_text(text.replace(JANE, "boss@example.com"), encoding="utf-8")
    right = {"offboard_evidence": str(folder_of_a_run), "reinstate_reason": REASON, "offboard_vendors": ["netex"]}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"reinstate_reason": " "}, "reinstate_reason"),
        ({"offboard_leavers": [{"email": JANE}]}, "reinstate_leavers names"),
        ({"reinstate_leavers": []}, "reinstate_leavers is empty"),
        ({"reinstate_leavers": [COLLEAGUE]}, "closed no account of"),
        ({"offboard_evidence": str(checked)}, "check mode, which closed nothing"),
        ({"offboard_evidence": str(damaged)}, "not as it was written"),
        ({"offboard_evidence": ""}, "offboard_evidence"),
        ({"offboard_seal": "sha256:other"}, "not the one that was sealed"),
        ({"offboard_plan_file": str(folder_of_a_run)}, "only a run in check mode leaves one"),
        ({"offboard_plan_file": ""}, "offboard_plan_file is empty"),
        ({"offboard_plan": {}, "offboard_plan_file": str(checked)}, "Give the plan by one of"),
        ({"offboard_plan": {}}, "offboard_plan has no entry for netex"),
        ({"offboard_plan_file": str(checked)}, "the plan of another kind of run (offboard)"),
    ]
    seeded.clear_log()
    messages = refusals(ansible, "reinstate", [right | case for case, _expected in cases], env=seeded.environment())
    assert [text for text, (_case, expected) in zip(messages, cases, strict=True) if expected not in text] == []
    assert seeded.log() == []


def test_each_account_that_the_run_wrote_is_brought_back_to_its_state_before(
    ansible: Ansible, seeded: MockVendors
) -> None:
    """Sam was locked at ZITADEL before the run, and at netexCloud the run closed Jane alone."""
    _change(seeded, "zitadel", SAM, state="USER_STATE_LOCKED")
    _change(seeded, "netex", SAM, enabled=False)
    limited: dict[str, Any] = {"limit": "netex,zitadel"}
    done, folder = run(ansible, seeded, **limited)
    assert done.rc == 0, done
    assert closed(seeded, "zitadel") == {JANE, SAM, ALREADY_CLOSED}

    planned, plan = reinstate(ansible, seeded, folder, check=True, **limited)
    assert planned.rc == 0, planned
    (line,) = [line for line in planned.table if line.startswith(SAM)]
    assert re.split(" {2,}", line)[1:] == ["nothing to reopen", "would lock again"]
    changes = {each["tenant"]: each["changes"] for each in json.loads((plan / "plan.json").read_text())["tenants"]}
    assert [each["after"]["state"] for each in changes["zitadel"]] == ["active", "locked"]

    back, undone = reinstate(ansible, seeded, folder, variables={"offboard_plan_file": str(plan)}, **limited)
    assert back.rc == 0, str(back)
    assert len(seeded.log(kind="write", vendor="zitadel")) == 3
    assert {address("zitadel", each): each["state"] for each in seeded.state("zitadel").values()}[SAM] == LOCKED
    (line,) = [line for line in back.table if line.startswith(SAM)]
    assert re.split(" {2,}", line)[1:] == ["nothing to reopen", "locked again"]
    assert "NO RESULT" not in table(back)
    document = evidence(undone)
    assert outcomes(document) == {"netex": {JANE: "changed"}, "zitadel": dict.fromkeys((JANE, SAM), "changed")}
    page = (undone / "report.html").read_text(encoding="utf-8")
    assert "nothing to reopen" in page
    assert "as it was before" in page

    again, _folder = reinstate(ansible, seeded, folder, **limited)
    assert again.rc == 0, str(again)
    assert written(seeded) == set()


def test_an_account_that_could_not_be_locked_again_is_named_as_open_and_locked_by_the_next_run(
    ansible: Ansible, seeded: MockVendors
) -> None:
    _change(seeded, "zitadel", SAM, state="USER_STATE_LOCKED")
    done, folder = run(ansible, seeded, limit="zitadel")
    assert done.rc == 0, done
    seeded.fault("zitadel", "status", status=403, path="/lock$")
    failed, broken = reinstate(ansible, seeded, folder, limit="zitadel", variables={"reinstate_leavers": [SAM]})
    assert failed.rc == 2
    (record,) = evidence(broken)["records"]
    assert (record["outcome"], record["after"]["state"]) == ("failed", "active")
    assert "is open now: run again, which locks it" in failed.verdicts["zitadel"]
    seeded.clear_faults()
    back, _folder = reinstate(ansible, seeded, folder, limit="zitadel")
    assert back.rc == 0, str(back)
    assert {address("zitadel", each): each["state"] for each in seeded.state("zitadel").values()}[SAM] == LOCKED


def test_where_the_run_closed_nothing_there_is_nothing_to_re_open(ansible: Ansible, seeded: MockVendors) -> None:
    one = {"offboard_leavers": [{"email": ALREADY_CLOSED}]}
    done, folder = run(ansible, seeded, limit="netex", variables=one)
    assert done.rc == 0, done
    back, _undone = reinstate(ansible, seeded, folder, limit="netex")
    assert back.rc == 0, str(back)
    assert "Nothing to reopen." in table(back)
