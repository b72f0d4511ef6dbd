# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The inventory of the guide of SCIM: several products, each with its profile, at the mock vendors."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from harness.convergence import assert_no_secret
from harness.examples import collect
from harness.playbook import Ansible
from mock_vendors.client import MockVendors

GUIDE = "docs/docsite/rst/scim.rst"
LEAVER, COLLEAGUE = "leaver01@example.com", "colleague01@example.com"
NAMES = {
    "slack": "slack",
    "github": "github_enterprise",
    "atlassian": "atlassian",
    "login": "keycloak",
    "wiki": "Our wiki",
}


def inventory(mock: MockVendors) -> dict[str, Any]:
    """The inventory as it stands in the guide, with the addresses and credentials of the mock vendors."""
    (text,) = (
        example.text for example in collect() if example.source == GUIDE and "scim_profile: slack" in example.text
    )
    found: dict[str, Any] = yaml.safe_load(text)
    ready = mock.ready["scim"]
    for own in found["saas"]["hosts"].values():
        own["scim_api_url"] = ready["api_url"]
        for name in ("token_url", "client_id", "client_secret", "access_token"):
            if f"scim_{name}" in own:
                own[f"scim_{name}"] = ready[name]
    return found


@pytest.mark.parametrize("host", NAMES)
def test_the_inventory_of_the_guide_closes_at_each_product(ansible: Ansible, mock: MockVendors, host: str) -> None:
    mock.seed({"scim": [{"userName": LEAVER}, {"userName": COLLEAGUE}]})
    place = ansible.place / "tenants.yml"
    place.write_text(json.dumps(inventory(mock)), encoding="utf-8")
    leavers = ansible.place / "leavers.csv"
    leavers.write_text(f"email\n{LEAVER}\n", encoding="utf-8")
    for check in (True, False):
        reports = ansible.place / f"reports-{check}"
        run = ansible.run(
            "saas.offboarding.offboard",
            check=check,
            diff=True,
            limit=host,
            extra_vars={"offboard_leavers_file": str(leavers), "offboard_report_dir": str(reports)},
            inventory=place,
        )
        assert run.rc == 0, run
        assert_no_secret(run, mock)
        (file,) = reports.glob("*/evidence.json")
        (tenant,) = json.loads(file.read_text(encoding="utf-8"))["tenants"]
        assert (tenant["tenant"], tenant["product"]["name"], tenant["summary"]["changed"]) == (host, NAMES[host], 1)
        active = {row["userName"]: row["active"] for row in mock.state("scim").values()}
        assert active == {LEAVER: check, COLLEAGUE: True}
