# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""How the tests run awx_setup against the double, and what they read from a run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from demo.story import VENDORS
from harness.playbook import Ansible, Run, TaskResult
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

from .definitions import TYPES
from .server import PASSWORD, TOKEN, USER, Awx

PLAYBOOK = "saas.offboarding.awx_setup"
AWX_COLLECTION = REPOSITORY / ".cache" / "collections"
PREFLIGHT = "Offboarding: preflight"
WORKFLOW = "Offboarding: plan, approve, apply"
IN_CLEAR = "a-secret-in-clear"
BY_TOKEN = {"CONTROLLER_OAUTH_TOKEN": TOKEN}
BY_PASSWORD = {"CONTROLLER_USERNAME": USER, "CONTROLLER_PASSWORD": PASSWORD}
NETEX = {"name": "netex", "vendor": "netex", "credential": {"tenant": "example", "auth_token": "netex-secret-1"}}


def tenants(mock: MockVendors) -> list[dict[str, Any]]:
    """The tenants of the mock vendors, as a user would write them down: what is no input is a variable."""
    login = {name.lower(): value for name, value in mock.environment().items()}
    found = []
    for vendor in VENDORS:
        inputs = {each["id"] for each in TYPES[vendor]["inputs"]["fields"]}
        given = {name: value for name, value in login.items() if name.startswith(f"{vendor}_")}
        options = {name.removeprefix(f"{vendor}_"): value for name, value in given.items()}
        credential = {name: value for name, value in options.items() if name in inputs}
        variables = {f"{vendor}_{name}": value for name, value in options.items() if name not in inputs}
        found.append({"name": vendor, "vendor": vendor, "credential": credential, "variables": variables})
    return found


def by_name(given: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {tenant["name"]: tenant for tenant in given}


def variables(given: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "awx_project_url": "https://git.example.com/offboarding.git",
        "awx_image": "registry.example.com/offboarding-ee:1.0.0",
        "awx_tenants": list(given),
        "awx_job_variables": {"offboard_max_changes": 10},
        "awx_audit_leavers_file": "/srv/offboarding/leavers.csv",
        **more,
    }


def setup(
    ansible: Ansible,
    awx: Awx,
    given: Mapping[str, Any],
    *,
    login: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    refused: frozenset[int] = frozenset(),
    **options: Any,
) -> Run:
    """Run the playbook. Whatever comes of it, AWX got nothing that it does not document, but for what is `refused`."""
    awx.calls.clear()
    place = {
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join((str(ansible.collections), str(AWX_COLLECTION))),
        "CONTROLLER_HOST": awx.url,
    }
    run = ansible.run(
        PLAYBOOK,
        env={**place, **(BY_TOKEN if login is None else login), **(env or {})},
        extra_vars=given,
        verbosity=3,
        **options,
    )
    assert [call for call in awx.refused if call.status not in refused | {401}] == []
    for secret in {*secrets_of(given), IN_CLEAR, TOKEN, PASSWORD}:
        assert secret not in run.everything, "a credential shows"
    assert awx.tokens == {}, "a token was left behind"
    assert "Traceback" not in run.everything
    return run


def secrets_of(given: Mapping[str, Any]) -> set[str]:
    names = ("client_secret", "access_token", "auth_token", "api_secret", "key_content")
    inputs = [tenant.get("credential") for tenant in given["awx_tenants"] if isinstance(tenant, dict)]
    return {each[name] for each in inputs if isinstance(each, dict) for name in names if each.get(name)}


def changed(run: Run) -> int:
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("localhost ") and "changed=" in line]
    return int(line.partition("changed=")[2].split()[0])


def objects_of(run: Run) -> set[tuple[str, str]]:
    """Each object that a run has changed or would change, with its task."""
    results = [(task, each) for task in run.tasks for each in task.result.get("results", [task.result])]
    return {(task.task, each["object"]) for task, each in results if "object" in each and each["changed"]}


def message_of(task: TaskResult) -> str:
    return " ".join([task.msg, *(str(each.get("msg")) for each in task.result.get("results", []))])
