# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Sessions of ZITADEL's accounts, from the plan to the way back: by the playbooks, over HTTP."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from demo.story import account
from harness.convergence import assert_no_secret
from harness.documents import SCHEMA
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors
from mock_vendors.zitadel import PAT

TENANTS = REPOSITORY / "examples" / "tenants.yml"
JANE, SAM, KIM, LEE = (f"leaver0{number}@example.com" for number in (1, 5, 6, 7))
SERVERS = ("listed", "hidden")


def seed(mock: MockVendors, *people: str, **sessions: int) -> dict[str, str]:
    """Make accounts with sessions, and return their ids by e-mail. ``sessions``: by the person's name."""
    mock.seed({"zitadel": [account("zitadel", email) for email in people]})
    rows = mock.state("zitadel").values()
    ids = {row["human"]["email"]["email"]: row["userId"] for row in rows if "human" in row}
    named = {"jane": JANE, "sam": SAM, "kim": KIM, "lee": LEE}
    mock.switch("zitadel", sessions={ids[named[name]]: count for name, count in sessions.items()})
    return ids


def playbook(ansible: Ansible, mock: MockVendors, name: str, leavers: tuple[str, ...] = (), **options: Any) -> Run:
    given = {"offboard_leavers": [{"email": email} for email in leavers]} if leavers else {}
    variables = {**given, "offboard_report_dir": str(ansible.place / "reports"), **options.pop("variables", {})}
    run = ansible.run(
        f"saas.offboarding.{name}",
        inventory=TENANTS,
        limit="zitadel",
        env=mock.environment(),
        extra_vars=variables,
        verbosity=3,
        **options,
    )
    assert_no_secret(run, mock)
    return run


def newest(ansible: Ansible) -> Path:
    return max((ansible.place / "reports").iterdir(), key=lambda each: each.stat().st_mtime_ns)


def evidence(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return document


def numbers(document: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        record["email"]: (
            record["outcome"],
            (record["before"] or {}).get("sessions"),
            (record["after"] or {}).get("sessions"),
        )
        for record in document["records"]
    }


def sessions(mock: MockVendors, user: str) -> int:
    """Return how many sessions of a user a server lists to which everything is shown."""
    mock.switch("zitadel", sessions_of_closed="listed")
    url = mock.environment()["ZITADEL_API_URL"]
    answer = requests.post(
        f"{url}/v2/sessions/search",
        json={"query": {"limit": 1000}, "queries": [{"userIdQuery": {"id": user}}]},
        headers={"Authorization": f"Bearer {PAT}"},
        timeout=10,
    )
    return len(answer.json().get("sessions", []))


@pytest.mark.parametrize("server", SERVERS)
def test_from_the_plan_to_the_reinstatement(ansible: Ansible, mock: MockVendors, server: str) -> None:
    """Jane has three sessions, Sam none, Kim was closed before and has one, Lee stays."""
    ids = seed(mock, JANE, SAM, KIM, LEE, jane=3, kim=1, lee=2)
    mock.switch("zitadel", sessions_of_closed=server)
    close(mock, ids[KIM])
    kim = ("changed", 1, 0) if server == "listed" else ("unchanged", 0, 0)
    expected = {JANE: ("changed", 3, 0), SAM: ("changed", 0, 0), KIM: kim}

    planned = playbook(ansible, mock, "offboard", (JANE, SAM, KIM), check=True)
    assert planned.rc == 0, planned
    plan_folder = newest(ansible)
    assert numbers(evidence(plan_folder)) == expected
    (tenant,) = json.loads((plan_folder / "plan.json").read_text(encoding="utf-8"))["tenants"]
    assert [change["email"] for change in tenant["changes"]] == [JANE, SAM]
    assert tenant["changes"][0]["before"]["sessions"] == 3
    only = [{"email": KIM, "id": ids[KIM], "name": KIM, "sessions": 1}] if server == "listed" else []
    assert tenant["only_sessions"] == only
    assert f"zitadel: {4 if server == 'listed' else 3} sessions would be ended" in planned.stdout

    mock.clear_log()
    done = playbook(ansible, mock, "offboard", (JANE, SAM, KIM), variables={"offboard_plan_file": str(plan_folder)})
    assert done.rc == 0, done
    run_folder = newest(ansible)
    assert numbers(evidence(run_folder)) == expected
    assert ("sessions ended" in done.stdout, "WOULD" in done.stdout) == (True, False)
    closing = {record["email"]: record["seconds_to_close"] for record in evidence(run_folder)["records"]}
    assert closing[KIM] is None

    audit = playbook(ansible, mock, "audit", (JANE, SAM, KIM))
    assert audit.rc == 0, audit
    assert {outcome for outcome, _before, _after in numbers(evidence(newest(ansible))).values()} == {"closed"}
    again = playbook(ansible, mock, "offboard", (JANE, SAM, KIM))
    assert (again.rc, {each[0] for each in numbers(evidence(newest(ansible))).values()}) == (0, {"unchanged"})

    back = playbook(
        ansible, mock, "reinstate", variables={"offboard_evidence": str(run_folder), "reinstate_reason": "wrong list"}
    )
    assert back.rc == 0, back
    left = {KIM: "left_as_it_is"} if server == "listed" else {}
    outcomes = {record["email"]: record["outcome"] for record in evidence(newest(ansible))["records"]}
    assert outcomes == {JANE: "changed", SAM: "changed", **left}
    assert [sessions(mock, ids[email]) for email in (JANE, SAM, LEE)] == [0, 0, 2]


def close(mock: MockVendors, user: str) -> None:
    url = mock.environment()["ZITADEL_API_URL"]
    headers = {"Authorization": f"Bearer {PAT}"}
    requests.post(f"{url}/v2/users/{user}/deactivate", json={}, headers=headers, timeout=10).raise_for_status()


def test_an_audit_fails_for_remaining_sessions(ansible: Ansible, mock: MockVendors) -> None:
    ids = seed(mock, JANE, SAM, LEE, jane=2)
    close(mock, ids[JANE])
    close(mock, ids[SAM])
    failed = playbook(ansible, mock, "audit", (JANE, SAM))
    document = evidence(newest(ansible))
    assert failed.rc == 2
    assert {record["email"]: record["outcome"] for record in document["records"]} == {
        JANE: "sessions_left",
        SAM: "closed",
    }
    assert "sessions_left: zitadel: 1 of 2 leavers closed, sessions left: leaver01@example.com" in failed.everything
    green = playbook(ansible, mock, "audit", (JANE, SAM), variables={"zitadel_end_sessions": False})
    assert green.rc == 0, green
    assert {after for _outcome, _before, after in numbers(evidence(newest(ansible))).values()} == {None}
    assert [request for request in mock.log() if "sessions" in request["path"]][1:] == []


def test_without_the_right_the_run_is_green_and_names_a_task(ansible: Ansible, mock: MockVendors) -> None:
    ids = seed(mock, JANE, KIM, LEE, jane=2, kim=1)
    close(mock, ids[KIM])
    rights = ["user.read", "user.write", "session.read"]
    mock.switch("zitadel", permissions=rights)
    done = playbook(ansible, mock, "offboard", (JANE, KIM))
    assert done.rc == 0, done
    document = evidence(newest(ansible))
    assert numbers(document) == {JANE: ("changed", 2, 2), KIM: ("unchanged", 1, 1)}
    assert [(task["code"], task["email"]) for task in document["tasks"]] == [
        ("sessions_left", JANE),
        ("sessions_left", KIM),
    ]
    assert "zitadel: 3 sessions left" in done.stdout
    assert sessions(mock, ids[JANE]) == 2


def test_a_killed_run_names_whose_sessions_it_ended(ansible: Ansible, mock: MockVendors) -> None:
    ids = seed(mock, JANE, SAM, LEE, jane=1, sam=40)
    close(mock, ids[SAM])
    mock.latency(zitadel=0.05)
    given = {
        "offboard_leavers": [{"email": email} for email in (JANE, SAM)],
        "offboard_report_dir": str(ansible.place / "reports"),
    }
    deadline = time.monotonic() + 90
    with ansible.until_killed(
        "saas.offboarding.offboard", env=mock.environment(), inventory=TENANTS, limit="zitadel", extra_vars=given
    ):
        while sum(request["method"] == "DELETE" for request in mock.log(kind="write")) < 5:
            assert time.monotonic() < deadline, "the moment to kill never came"
            time.sleep(0.005)
    folder = newest(ansible)
    verified = ansible.run("saas.offboarding.verify_evidence", extra_vars={"offboard_evidence": str(folder)})
    output = " ".join(task.msg for task in verified.tasks)
    assert (verified.rc, JANE in output, SAM in output) == (2, True, True)
    assert "and the end of" in output
    mock.latency(zitadel=0)
    back = playbook(
        ansible, mock, "reinstate", variables={"offboard_evidence": str(folder), "reinstate_reason": "wrong list"}
    )
    outcomes = {record["email"]: record["outcome"] for record in evidence(newest(ansible))["records"]}
    assert (back.rc, outcomes) == (0, {JANE: "changed", SAM: "left_as_it_is"}), back
