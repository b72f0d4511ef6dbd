# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The real ansible-runner on the folder of an AWX job, and what AWX displays afterwards."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.story import account, closed_at
from harness.credentials import credentials
from harness.playbook import clean_environment
from harness.venvs import venv
from mock_vendors.client import MockVendors

PEOPLE = ["jane@example.com", "sam@example.com"]
TENANTS = ("netex", "zitadel")
SURVEY = {
    "offboard_leavers_text": "\n".join(PEOPLE),
    "offboard_leave_at": "2026-01-31T18:00:00+01:00",
    "offboard_reason": "it's over",
    "offboard_ticket": "4711",
}
# The variables that AWX gives each job.
JOB = {"awx_job_id": 17, "awx_job_template_name": "Offboarding: offboard", "awx_user_name": "jane"}


class ExtraVars(yaml.SafeDumper):
    """AWX marks every text that was given at launch, so that it is no template."""


ExtraVars.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


@dataclass(frozen=True)
class Job:
    """What ansible-runner leaves of a job."""

    artifacts: Path

    def read(self, name: str) -> str:
        return (self.artifacts / name).read_text(encoding="utf-8")

    @property
    def events(self) -> str:
        return "\n".join(file.read_text(encoding="utf-8") for file in (self.artifacts / "job_events").glob("*.json"))

    @property
    def stats(self) -> dict[str, Any]:
        """The last event: hosts by result, and what AWX keeps as artifacts of the job."""
        (stats,) = [
            event for event in map(json.loads, self.events.splitlines()) if event["event"] == "playbook_on_stats"
        ]
        found: dict[str, Any] = stats["event_data"]
        return found


@dataclass(frozen=True)
class Node:
    """Where AWX runs jobs."""

    place: Path
    collections: Path
    mock: MockVendors

    def run(self, playbook: str, extra_vars: Mapping[str, Any], *, check: bool = False) -> Job:
        """Run a job, which must not show any credential in what AWX stores of it."""
        folder = self.place / f"awx_{len(list(self.place.glob('awx_*')))}"
        for name in ("env", "inventory", "project"):
            (folder / name).mkdir(parents=True)
        # The caller's home, settings and PATH are not those of an execution environment.
        environment = clean_environment(self.place, self.collections, {"PATH": f"{venv('eda') / 'bin'}:/usr/bin:/bin"})
        credential = self.mock.environment()
        (folder / "env" / "envvars").write_text(yaml.safe_dump({**environment, **credential}))
        (folder / "env" / "extravars").write_text(yaml.dump({**JOB, **extra_vars}, Dumper=ExtraVars))
        (folder / "env" / "settings").write_text(yaml.safe_dump({"idle_timeout": 120, "job_timeout": 300}))
        (folder / "env" / "cmdline").write_text("--check" if check else "")
        hosts = folder / "inventory" / "hosts"
        hosts.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(inventory())!r})\n")
        hosts.chmod(0o700)
        imports = [{"name": "Import", "ansible.builtin.import_playbook": f"saas.offboarding.{playbook}"}]
        (folder / "project" / f"{playbook}.yml").write_text(yaml.safe_dump(imports))
        command = [
            str(venv("eda") / "bin" / "ansible-runner"),
            "run",
            str(folder),
            "-p",
            f"{playbook}.yml",
            "--ident",
            "1",
        ]
        subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=300
        )
        job = Job(folder / "artifacts" / "1")
        for secret in credentials(self.mock):
            assert secret not in job.read("stdout") + job.events
        return job


def inventory() -> dict[str, Any]:
    """As the script prints it that AWX makes of an inventory."""
    variables = {name: {"saas_vendor": name, f"{name}_retries": 0} for name in TENANTS}
    return {
        "_meta": {"hostvars": variables},
        "all": {"children": ["saas"]},
        "saas": {"hosts": list(TENANTS), "vars": {"ansible_connection": "local"}},
    }


@pytest.fixture
def node(tmp_path: Path, collections_path: Path, mock: MockVendors) -> Node:
    mock.seed({vendor: [account(vendor, email) for email in PEOPLE] for vendor in TENANTS})
    return Node(tmp_path, collections_path, mock)


def test_plan_apply_and_audit_as_jobs(node: Node, mock: MockVendors) -> None:
    planned = node.run("offboard", SURVEY, check=True)
    assert (planned.read("rc"), planned.read("status")) == ("0", "successful")
    assert mock.log(kind="write") == []
    artifacts = planned.stats["artifact_data"]
    assert set(artifacts["offboard_plan"]) == set(TENANTS)

    mock.listening(netex=False)
    reports = node.place / "reports"
    applied = node.run("offboard", {**SURVEY, **artifacts, "offboard_report_dir": str(reports)})
    assert (applied.read("rc"), applied.read("status")) == ("2", "failed")
    assert applied.stats["failures"] == {"netex": 1}
    assert closed_at("zitadel", mock.state("zitadel")) == set(PEOPLE)
    assert closed_at("netex", mock.state("netex")) == set()
    (evidence,) = (json.loads(file.read_text(encoding="utf-8")) for file in reports.glob("*/evidence.json"))
    assert (evidence["reason"], evidence["ticket"]) == ("it's over", "4711")
    assert evidence["ran_by"].items() >= {"awx_job_id": "17", "awx_user": "jane"}.items()

    mock.listening(netex=True)
    audited = node.run("audit", SURVEY)
    assert (audited.read("rc"), audited.read("status")) == ("2", "failed")
    assert audited.stats["failures"] == {"netex": 1}
    assert "still active" in audited.read("stdout")
