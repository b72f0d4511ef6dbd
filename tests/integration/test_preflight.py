# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The preflight: what a run could do at each tenant, without a list, without a write, and with the remedy."""

from __future__ import annotations

import re
from typing import Any

import pytest

from demo.story import VENDORS, account
from harness.convergence import assert_no_secret
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

TENANTS = REPOSITORY / "examples" / "tenants.yml"
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
READABLE = [vendor for vendor in VENDORS if vendor != "customergauge"]
STATED = ["zitadel"]
"""Vendors that state the rights of a credential."""
COUNTS = {"customergauge": (1, 0), "laurel": (1, 1), "learn": (0, 1), "netex": (0, 1), "zitadel": (1, 3)}
"""Token requests and others, where everything is as it should be."""
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed({vendor: [account(vendor, email) for email in (JANE, SAM)] for vendor in VENDORS})
    return mock


def preflight(
    ansible: Ansible, mock: MockVendors, *, env: dict[str, str] | None = None, check: bool = False, **variables: Any
) -> Run:
    """Run the playbook; whatever comes of it, nothing is written, and no address and no secret shows at -vvv."""
    mock.clear_log()
    retries = {f"{vendor}_retries": 0 for vendor in VENDORS}
    run = ansible.run(
        "saas.offboarding.preflight",
        inventory=TENANTS,
        env={**mock.environment(), **(env or {})},
        extra_vars={**retries, **variables},
        check=check,
        verbosity=3,
    )
    assert mock.log(kind="write") == []
    assert_no_secret(run, mock)
    for email in (JANE, SAM):
        assert email not in run.everything
    assert ADDRESS.findall("\n".join([*run.table, *run.verdicts.values()])) == []
    assert "Traceback" not in run.everything
    assert len({task.host for task in run.tasks if task.task.startswith("Check the tenant")}) == len(VENDORS)
    return run


def rows(run: Run) -> dict[str, dict[str, tuple[str, str]]]:
    """The table: by tenant and check, the result and the text."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for line in run.table[2:]:
        tenant, check, result, *text = re.split(r"  +", line)
        found.setdefault(tenant, {})[check] = (result, " ".join(text))
    assert set(found) == set(VENDORS), run.table
    return found


def results(run: Run) -> dict[str, dict[str, str]]:
    return {tenant: {check: result for check, (result, _text) in found.items()} for tenant, found in rows(run).items()}


def counted(mock: MockVendors) -> dict[str, tuple[int, int]]:
    found = {}
    for vendor in VENDORS:
        log = mock.log(vendor=vendor)
        tokens = sum(each["kind"] == "token" for each in log)
        found[vendor] = (tokens, len(log) - tokens)
    return found


@pytest.mark.parametrize("check", [False, True])
def test_where_all_is_well_each_tenant_says_what_a_run_could_do(
    ansible: Ansible, seeded: MockVendors, check: bool
) -> None:
    run = preflight(ansible, seeded, check=check)
    assert run.rc == 0, run
    found = results(run)
    for vendor in VENDORS:
        state = "ok" if vendor in STATED else "not known"
        listed = "ok" if vendor in READABLE else "not known"
        assert found[vendor] == {"log-in": "ok", "list": listed, "rights": state, "reach": state}
    assert "All organizations of the instance" in rows(run)["zitadel"]["reach"][1]
    assert "No tenant would fail. Nothing was written." in run.table[0]
    assert counted(seeded) == COUNTS
