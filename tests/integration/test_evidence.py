# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The evidence of a run: four files that agree, are complete, and reveal later changes."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import stat
import time
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml

from demo.story import ALREADY_CLOSED, VENDORS, WITHOUT_ACCOUNT, account
from harness.documents import SCHEMA
from harness.examples import proved_by
from harness.playbook import Ansible, Run
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
FILES = ["evidence.csv", "evidence.json", "journal", "junit.xml", "report.html"]
LATE = "leaver01@example.com"
MACHINE = "robot01"


def offboard(ansible: Ansible, mock: MockVendors, **options: Any) -> Run:
    variables = {"offboard_report_dir": str(ansible.place / "reports"), "offboard_blank_leave_at": "due"}
    variables |= options.pop("variables", {})
    settings: dict[str, Any] = {"inventory": TENANTS, **options}
    return ansible.run("saas.offboarding.offboard", env=mock.environment(), extra_vars=variables, **settings)


def verify(ansible: Ansible, folder: Path, **variables: str) -> tuple[int, str]:
    """Check a folder, without anything that could be asked over a network."""
    run = ansible.run("saas.offboarding.verify_evidence", extra_vars={"offboard_evidence": str(folder), **variables})
    return run.rc, " ".join(task.msg for task in run.tasks)


def folder_of(ansible: Ansible) -> Path:
    return max((ansible.place / "reports").iterdir(), key=lambda each: each.stat().st_mtime_ns)


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return document


@pytest.fixture
def leavers_file(ansible: Ansible, mock: MockVendors) -> Path:
    """Three leavers at all tenants. One has left long ago, and Laurel refuses one write."""
    people = [LATE, ALREADY_CLOSED, "leaver05@example.com"]
    mock.seed({vendor: [account(vendor, email) for email in people] for vendor in VENDORS})
    for vendor in VENDORS:
        mock.switch(vendor, request_id="x-request-id")
    file = ansible.place / "leavers.csv"
    file.write_text(
        f"email,leave_at\n{LATE},2026-01-31T18:00:00+01:00\n{ALREADY_CLOSED},\nleaver05@example.com,\n"
        f"{WITHOUT_ACCOUNT},2026-01-31T18:00:00Z\nlater@example.com,2999-01-01T00:00:00Z\n",
        encoding="utf-8",
    )
    return file


def test_four_files_agree_and_record_every_request(ansible: Ansible, mock: MockVendors, leavers_file: Path) -> None:
    mock.fault("laurel", "status", kind="write", status=403, times=1)
    awx = {"awx_job_id": 4711, "awx_job_template_name": "Offboard", "awx_user_name": "jane"}
    mock.clear_log()
    run = offboard(ansible, mock, variables={"offboard_leavers_file": str(leavers_file), **awx})
    assert run.rc == 2, run
    folder = folder_of(ansible)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    document = read(folder)

    assert document["ran_by"] | {"user": ""} == {
        "user": "",
        "awx_job_id": "4711",
        "awx_job_template": "Offboard",
        "awx_user": "jane",
    }
    assert document["source"] == {
        "file": str(leavers_file),
        "sha256": hashlib.sha256(leavers_file.read_bytes()).hexdigest(),
        "people": 5,
        "notes": [],
    }
    outcomes = Counter(record["outcome"] for record in document["records"])
    population = document["population"]
    assert {name: population[name] for name in outcomes} == outcomes
    # Four are due, and one is not, at each tenant.
    tenants = len(VENDORS)
    assert (population["leavers"], population["asked"], population["not_due"]) == (5, 4 * tenants, tenants)
    assert population["matched"] == sum(outcomes[name] for name in ("changed", "unchanged", "failed"))
    assert population["manual"] == len(document["tasks"]) == 6

    log = {request["request_id"]: request for request in mock.log(kind="write")}
    for record in document["records"]:
        if record["outcome"] == "changed":
            assert log[record["request_id"]]["status"] == record["status"]
            assert record["written_at"] >= (record["read_at"] or "")
            assert record["seen_at"] is None or record["seen_at"] >= record["written_at"]
        if record["outcome"] == "unchanged":
            assert (record["status"], record["written_at"]) == (200, None)
    for tenant in document["tenants"]:
        reads = mock.log(kind="read", vendor=tenant["vendor"])
        assert tenant["read"]["complete"] is (tenant["vendor"] != "customergauge")
        assert (tenant["read"]["pages"] > 0) == bool(reads)
        assert tenant["read"]["tenant"].startswith("127.0.0.1:")

    times = document["time_to_close"]
    assert (times["limit"], times["measured"]) == (86400, 4 if outcomes["failed"] == 0 else times["measured"])
    assert times["max"] > 86400 * 200
    assert {over["email"] for over in times["over"]} == {LATE}

    rows = list(csv.DictReader((folder / "evidence.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["hash"] for row in rows] == [record["hash"] for record in document["records"]]
    root = ElementTree.parse(folder / "junit.xml").getroot()
    cases = root.findall(".//testcase")
    assert len(cases) == len(document["records"]) + len(document["unmatched"]["leavers"])
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    assert len(bad) == sum(record["failing"] for record in document["records"]) == 1
    assert len(root.findall(".//skipped")) == tenants + len(document["unmatched"]["leavers"])
    assert 'data-tenant="zitadel"' in (folder / "report.html").read_text(encoding="utf-8")

    code, output = verify(ansible, folder, offboard_seal=document["seal"])
    assert (code, f"{5 * tenants} records are as they were written" in output) == (0, True)
    assert document["seal"] in run.stdout


def test_whatever_is_touched_is_named(ansible: Ansible, mock: MockVendors, leavers_file: Path) -> None:
    assert offboard(ansible, mock, variables={"offboard_leavers_file": str(leavers_file)}, limit="netex,learn").rc == 0
    folder = folder_of(ansible)
    document = read(folder)
    number = next(r["number"] for r in document["records"] if r["outcome"] == "changed" and r["tenant"] == "netex")

    def touched(change: Any) -> str:
        copy = ansible.place / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        change(copy)
        code, output = verify(ansible, copy)
        assert code == 2, output
        return output

    def rewrite(change: Any) -> Any:
        def write(copy: Path) -> None:
            altered = read(copy)
            change(altered)
            (copy / "evidence.json").write_text(json.dumps(altered), encoding="utf-8")

        return write

    text = document["records"][number - 1]
    place = f"record {number} ({text['email']} at netex)"
    assert f"{place} is not as it was written" in touched(
        rewrite(lambda d: d["records"][number - 1].update(written_at="2026-01-01T00:00:00Z"))
    )
    after = document["records"][number]
    gone = f"record {number} ({after['email']} at {after['tenant']}) does not follow the one before"
    assert gone in touched(rewrite(lambda d: d["records"].pop(number - 1)))
    assert "records are missing at the end" in touched(rewrite(lambda d: d["records"].pop()))
    assert "the head" in touched(rewrite(lambda d: d["population"].update(failed=7)))
    assert "the seal" in touched(rewrite(lambda d: d["files"].update({"report.html": "sha256:" + "0" * 64})))
    assert "junit.xml: is not as it was written" in touched(
        lambda copy: (copy / "junit.xml").write_text("<testsuites/>")
    )
    assert "evidence.csv: cannot be read" in touched(lambda copy: (copy / "evidence.csv").unlink())
    assert "is not there" in touched(lambda copy: (copy / "evidence.json").unlink())
    code, output = verify(ansible, folder, offboard_seal="sha256:" + "0" * 64)
    assert (code, "it is not the one that was sealed" in output) == (2, True)


def test_a_report_folder_that_cannot_be_made_stops_the_run_before_the_first_request(
    ansible: Ansible, mock: MockVendors, leavers_file: Path
) -> None:
    mock.clear_log()
    variables = {"offboard_leavers_file": str(leavers_file), "offboard_report_dir": str(leavers_file)}
    run = offboard(ansible, mock, variables=variables)
    assert run.rc == 2
    assert "offboard_report_dir: the folder" in run.stdout
    assert mock.log() == []


def test_what_no_api_can_do_is_a_task_for_a_person(ansible: Ansible, mock: MockVendors) -> None:
    mock.seed(
        {
            "zitadel": [{"username": MACHINE, "machine": {"name": "Robot"}}],
            "laurel": [account("laurel", LATE) | {"delegates": [{"_id": "a" * 24}]}],
            "netex": [account("netex", LATE)],
            "customergauge": [account("customergauge", LATE)],
        }
    )
    mock.switch("netex", queued_platforms=["training"])
    leavers = [{"email": LATE, "accounts": {"zitadel": {"username": MACHINE}}}]
    variables = {"offboard_leavers": leavers, "netex_synchronization": "asynchronous"}
    run = offboard(ansible, mock, variables=variables, limit="zitadel,laurel,netex,customergauge")
    assert run.rc == 0, run
    tasks = {task["tenant"]: task for task in read(folder_of(ansible))["tasks"]}
    assert {tenant: task["code"] for tenant, task in tasks.items()} == {
        "customergauge": "look_in_user_list",
        "zitadel": "service_account_tokens",
        "laurel": "delegations",
        "netex": "queued_platforms",
    }
    assert all(task["reason"] and task["action"] and task["source"].startswith("https://") for task in tasks.values())
    assert "for a person" in run.stdout


def test_leavers_go_through_in_batches_that_change_neither_brakes_nor_requests(
    ansible: Ansible, mock: MockVendors
) -> None:
    mock.population(zitadel=1200, netex=1200)
    leavers = [{"email": f"user{number:05}@example.com"} for number in range(1, 1201)]
    small = {"offboard_leavers": leavers, "offboard_batch_size": 500}

    mock.clear_log()
    refused = offboard(ansible, mock, variables={**small, "offboard_max_changes": 1199}, limit="netex")
    assert refused.rc == 2
    assert mock.log(kind="write") == []
    predicted = offboard(ansible, mock, variables=small, limit="zitadel,netex", check=True)
    assert predicted.rc == 0, predicted
    plan = {each["tenant"]: each["plan_hash"] for each in read(folder_of(ansible))["tenants"]}

    mock.clear_log()
    run = offboard(ansible, mock, variables={**small, "offboard_plan": plan}, limit="zitadel,netex")
    assert run.rc == 0, run
    for tenant, reads, tokens in (("zitadel", 2 + 2 + 1 + 4, 1), ("netex", 3 + 3, 0)):
        lines = [line for line in run.stdout.splitlines() if line.startswith(f"[{tenant}] ") and "batch" in line]
        spans = [re.findall(r"batch (\d) of 3 \(users (\d+) to (\d+)\): (\d+) written", line) for line in lines]
        assert spans == [[("1", "1", "500", "500")], [("2", "501", "1000", "500")], [("3", "1001", "1200", "200")]]
        assert len(mock.log(kind="write", vendor=tenant)) == 1200
        assert len(mock.log(kind="read", vendor=tenant)) == reads
        assert len(mock.log(kind="token", vendor=tenant)) == tokens


def test_a_run_that_is_killed_leaves_no_half_file_and_the_next_one_does_the_rest(
    ansible: Ansible, mock: MockVendors
) -> None:
    mock.population(netex=400)
    mock.latency(netex=0.05)
    leavers = [{"email": f"user{number:05}@example.com"} for number in range(1, 401)]
    deadline = time.monotonic() + 60
    with ansible.until_killed(
        "saas.offboarding.offboard",
        env=mock.environment(),
        inventory=TENANTS,
        limit="netex",
        extra_vars={
            "offboard_leavers": leavers,
            "offboard_max_changes": len(leavers),
            "offboard_report_dir": str(ansible.place / "reports"),
            "netex_concurrency": 4,
        },
    ):
        while len(mock.log(kind="write")) < 50 and time.monotonic() < deadline:
            time.sleep(0.05)
    folder = folder_of(ansible)
    assert [path.name for path in folder.iterdir()] == ["journal"]
    code, output = verify(ansible, folder)
    assert (code, "The run was killed before its end" in output) == (2, True)

    mock.latency(netex=0)
    done = len(mock.log(kind="write"))
    assert 50 <= done < 400
    variables = {"offboard_leavers": leavers, "offboard_max_changes": len(leavers)}
    assert offboard(ansible, mock, variables=variables, limit="netex").rc == 0
    writes = Counter(request["path"] for request in mock.log(kind="write"))
    assert len(writes) == 400
    assert max(writes.values()) == 1 or sum(writes.values()) - 400 <= 4
    assert verify(ansible, folder_of(ansible))[0] == 0


def test_the_lookup_reads_each_part(ansible: Ansible, mock: MockVendors, leavers_file: Path) -> None:
    checked = offboard(ansible, mock, variables={"offboard_leavers_file": str(leavers_file)}, limit="netex", check=True)
    assert checked.rc == 0, checked
    folder = folder_of(ansible)
    parts = ("document", "head", "verified", "plan")
    look = "{{ lookup('saas.offboarding.evidence', run, part=item) }}"
    task = {"name": "Look", "ansible.builtin.debug": {"msg": look}, "loop": list(parts), "vars": {"run": str(folder)}}
    run = ansible.run([task])
    assert run.rc == 0, run
    found = {each["item"]: each["msg"] for each in run.result("Look").result["results"]}
    document = read(folder)
    assert found["document"] == document
    assert found["head"] == found["verified"] == {name: each for name, each in document.items() if name != "records"}
    (example,) = proved_by("test_the_lookup_reads_each_part", "plugins/lookup/evidence.py")
    tasks = yaml.safe_load(example.text.replace("/srv/evidence/20261130T170000Z-000001", str(folder)))
    assert ansible.run(tasks).result(-1).msg.strip() == document["seal"]
    assert found["plan"]["offboard_plan"] == {"netex": document["tenants"][0]["plan_hash"]}
