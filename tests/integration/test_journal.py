# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The journal of a run: a run that is killed at any moment leaves a record of every write it made."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import threading
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from demo.story import VENDORS, account, closed_at
from harness.examples import proved_by
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

TENANTS = REPOSITORY / "examples" / "tenants.yml"
SCHEMA = REPOSITORY / "roles" / "offboard" / "files" / "journal.schema.json"
MOMENTS = 50 if os.environ.get("CHAOS_PROFILE") == "long" else 4
USERS = 100
PAIR = ("zitadel", "netex")
JANE, SAM = "leaver01@example.com", "leaver05@example.com"


def offboard(ansible: Ansible, mock: MockVendors, leavers: list[str], **options: Any) -> Run:
    playbook = options.pop("playbook", "offboard")
    given = {"offboard_leavers": [{"email": email} for email in leavers]} if leavers else {}
    variables = {**given, "offboard_report_dir": str(ansible.place / "reports"), **options.pop("variables", {})}
    return ansible.run(
        f"saas.offboarding.{playbook}", inventory=TENANTS, env=mock.environment(), extra_vars=variables, **options
    )


def newest(ansible: Ansible) -> Path:
    return max((ansible.place / "reports").iterdir(), key=lambda each: each.stat().st_mtime_ns)


def journals(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The whole lines of each tenant's journal, each of which is as the schema has it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found = {}
    for path in (folder / "journal").glob("*.jsonl"):
        text = path.read_text(encoding="utf-8")
        found[path.stem] = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        for line in found[path.stem]:
            jsonschema.validate(line, schema)
    return found


def people(count: int) -> list[str]:
    return [f"user{number:05}@example.com" for number in range(1, count + 1)]


def id_in(request: dict[str, Any]) -> str:
    path = re.sub(r"/(status|deactivate)$", "", str(request["path"]).partition("?")[0])
    return path.rpartition("/")[2]


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_run_leaves_a_journal_of_all_that_it_wrote(ansible: Ansible, mock: MockVendors, moment: int) -> None:
    draw = random.Random(20261130 + moment)
    mock.population(**dict.fromkeys(PAIR, USERS))
    mock.latency(**dict.fromkeys(PAIR, 0.05))
    wanted = draw.randint(1, USERS)
    given: dict[str, Any] = {
        "offboard_leavers": [{"email": email} for email in people(USERS)],
        "offboard_report_dir": str(ansible.place / "reports"),
        **{f"{vendor}_concurrency": 4 for vendor in PAIR},
    }
    deadline = time.monotonic() + 90
    with ansible.until_killed(
        "saas.offboarding.offboard",
        env=mock.environment(),
        inventory=TENANTS,
        limit=",".join(PAIR),
        extra_vars=given,
    ):
        while len(mock.log(kind="write")) < wanted:
            assert time.monotonic() < deadline, "the moment to kill never came"
            time.sleep(0.005)
    folder = newest(ansible)
    lines = journals(folder)
    assert set(lines) == set(PAIR)
    for vendor in PAIR:
        head, *rest = lines[vendor]
        assert (head["run_id"], head["run_kind"], head["tenant"]) == (folder.name, "offboard", vendor)
        writes = {id_in(request) for request in mock.log(kind="write", vendor=vendor)}
        intents = {line["id"] for line in rest if line["kind"] == "intent"}
        results = {line["id"] for line in rest if line["kind"] == "result"}
        assert writes <= intents, "a write is missing"
        assert results <= writes, "a result is invented"
        # What was announced and not answered when the run was killed: no more than were under way.
        assert len(intents - results) <= 4
    verified = ansible.run("saas.offboarding.verify_evidence", extra_vars={"offboard_evidence": str(folder)})
    assert verified.rc == 2
    output = " ".join(task.msg for task in verified.tasks)
    for vendor in PAIR:
        for line in lines[vendor]:
            assert line["kind"] == "run" or f"account {line['id']}" in output


def test_a_killed_run_can_be_taken_back_and_looked_at_again(ansible: Ansible, mock: MockVendors) -> None:
    mock.population(netex=USERS)
    mock.latency(netex=0.05)
    deadline = time.monotonic() + 90
    given: dict[str, Any] = {
        "offboard_leavers": [{"email": email} for email in people(USERS)],
        "offboard_report_dir": str(ansible.place / "reports"),
    }
    with ansible.until_killed(
        "saas.offboarding.offboard", env=mock.environment(), inventory=TENANTS, limit="netex", extra_vars=given
    ):
        while len(mock.log(kind="write")) < 20:
            assert time.monotonic() < deadline, "the moment to kill never came"
            time.sleep(0.005)
    mock.latency(netex=0)
    folder = newest(ansible)
    closed = closed_at("netex", mock.state("netex"))
    assert 0 < len(closed) < USERS
    look = offboard(ansible, mock, people(USERS), playbook="audit", variables={"offboard_evidence": str(folder)})
    assert look.rc == 2
    document = json.loads((newest(ansible) / "evidence.json").read_text(encoding="utf-8"))
    assert document["earlier"] == {"file": str(folder), "run_id": folder.name, "kind": "offboard", "seal": None}
    looks = [each for each in document["second_look"] if each["verdict"] == "still_off"]
    assert {each["email"] for each in looks} <= closed

    back = {"offboard_evidence": str(folder), "reinstate_reason": "the run was killed"}
    opened = offboard(ansible, mock, [], playbook="reinstate", variables=back, limit="netex")
    assert opened.rc == 0, opened
    assert closed_at("netex", mock.state("netex")) == set()
    assert {line["run_kind"] for line in journals(newest(ansible))["netex"] if line["kind"] == "run"} == {"reinstate"}


def test_a_run_that_ends_has_its_journal_under_the_seal(ansible: Ansible, mock: MockVendors) -> None:
    mock.seed({vendor: [account(vendor, email) for email in (JANE, SAM)] for vendor in VENDORS})
    planned = offboard(ansible, mock, [JANE, SAM], check=True)
    assert planned.rc == 0, planned
    assert not (newest(ansible) / "journal").exists()
    done = offboard(ansible, mock, [JANE, SAM], variables={"offboard_ticket": "HR-1", "offboard_reason": "left"})
    assert done.rc == 0, done
    folder = newest(ansible)
    document = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    assert {name for name in document["files"] if "/" in name} == {f"journal/{vendor}.jsonl" for vendor in VENDORS}
    for vendor, (head, *lines) in journals(folder).items():
        assert (head["reason"], head["ticket"], head["vendor"]) == ("left", "HR-1", vendor)
        assert [line["kind"] for line in sorted(lines, key=lambda each: each["kind"])] == ["intent"] * 2 + [
            "result"
        ] * 2
        assert {line["email"] for line in lines} == {JANE, SAM}
    assert all(tenant["journal"] for tenant in document["parameters"]["tenants"].values())
    verify = {"offboard_evidence": str(folder)}
    assert ansible.run("saas.offboarding.verify_evidence", extra_vars=verify).rc == 0
    test = "test_a_run_that_ends_has_its_journal_under_the_seal"
    (example,) = proved_by(test, "plugins/modules/verify_evidence.py")
    tasks = yaml.safe_load(example.text)
    tasks[0]["saas.offboarding.verify_evidence"]["evidence"] = str(folder)
    assert document["seal"] in ansible.run(tasks).result("Verify the evidence of a run").msg
    path = folder / "journal" / "netex.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace(JANE, "boss@example.com"), encoding="utf-8")
    touched = ansible.run("saas.offboarding.verify_evidence", extra_vars=verify)
    assert "netex.jsonl: is not as it was written" in " ".join(task.msg for task in touched.tasks)


def settled(mock: MockVendors) -> set[str]:
    """Return the accounts that are closed when nothing has changed for a second."""
    deadline = time.monotonic() + 60
    before = closed_at("netex", mock.state("netex"))
    while time.monotonic() < deadline:
        time.sleep(1)
        now = closed_at("netex", mock.state("netex"))
        if now == before:
            return now
        before = now
    raise AssertionError("accounts are still being closed")


@pytest.mark.parametrize("how", ["killed", "timeout"])
def test_what_a_module_wrote_that_did_not_end_is_in_the_evidence(ansible: Ansible, mock: MockVendors, how: str) -> None:
    """The kernel kills the largest process when memory runs out; a timeout of the task leaves its process alone."""
    mock.population(netex=USERS)
    mock.latency(netex=0.4)

    def kill() -> None:
        deadline = time.monotonic() + 60
        while how == "killed" and time.monotonic() < deadline:
            if len(mock.log(kind="write")) >= 10:
                for entry in Path("/proc").iterdir():
                    with contextlib.suppress(OSError):
                        command = (entry / "cmdline").read_bytes()
                        if str(ansible.place).encode() in command and b"AnsiballZ_netex_user.py" in command:
                            os.kill(int(entry.name), signal.SIGKILL)
                return
            time.sleep(0.005)

    thread = threading.Thread(target=kill)
    thread.start()
    given: dict[str, Any] = {"netex_concurrency": 4, "ansible_remote_tmp": str(ansible.place), "ansible_pipelining": 0}
    done = ansible.run(
        "saas.offboarding.offboard",
        inventory=TENANTS,
        limit="netex",
        env={**mock.environment(), **({"ANSIBLE_TASK_TIMEOUT": "7"} if how == "timeout" else {})},
        extra_vars={
            **given,
            "offboard_leavers": [{"email": email} for email in people(USERS)],
            "offboard_report_dir": str(ansible.place / "reports"),
        },
    )
    thread.join()
    assert done.rc == 2
    assert ("process was killed" if how == "killed" else "Timed out") in done.verdicts["netex"]
    folder = newest(ansible)
    # What was under way when the module ended may have been closed as well, at most as many as go out at once. The mock
    # may answer these after the run has ended; a module that went on would close them all.
    closed = settled(mock)
    assert 0 < len(closed) < USERS
    document = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    records = {record["email"]: record for record in document["records"]}
    sure = {email for email, record in records.items() if record["outcome"] == "changed"}
    doubtful = {email for email, record in records.items() if record["outcome"] == "failed" and record["after"]}
    assert sure <= closed <= sure | doubtful
    assert len(doubtful) <= 4
    time.sleep(1)
    assert closed_at("netex", mock.state("netex")) == closed, "a task that has ended goes on"
    verify = ansible.run("saas.offboarding.verify_evidence", extra_vars={"offboard_evidence": str(folder)})
    assert verify.rc == 0, verify
    mock.latency(netex=0)
    back = {"offboard_evidence": str(folder), "reinstate_reason": "the run was killed"}
    opened = offboard(ansible, mock, [], playbook="reinstate", variables=back, limit="netex")
    assert opened.rc == 0, opened
    assert closed_at("netex", mock.state("netex")) == set()


def test_a_report_folder_that_becomes_unwritable_stops_that_tenants_writes(ansible: Ansible, mock: MockVendors) -> None:
    """The journal is deleted during the run: later entries would be lost."""
    mock.population(netex=USERS)
    mock.latency(netex=0.05)
    leavers = people(USERS)
    given: dict[str, Any] = {"netex_concurrency": 4}
    gone = ansible.place / "reports"

    def delete() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = list(gone.glob("*/journal/netex.jsonl"))
            if found and len(mock.log(kind="write")) >= 10:
                found[0].unlink()
                return
            time.sleep(0.005)

    thread = threading.Thread(target=delete)
    thread.start()
    done = offboard(ansible, mock, leavers, variables=given, limit="netex")
    thread.join()
    assert done.rc == 2
    assert "cannot be written" in done.verdicts["netex"]
    assert len(mock.log(kind="write")) < USERS
    document = json.loads((newest(ansible) / "evidence.json").read_text(encoding="utf-8"))
    outcomes = {record["email"]: record for record in document["records"]}
    closed = closed_at("netex", mock.state("netex"))
    assert {email for email, record in outcomes.items() if record["outcome"] == "changed"} == closed
    others = {record["error"]["code"] for record in outcomes.values() if record["outcome"] == "failed"}
    assert others == {"journal_failed"}
