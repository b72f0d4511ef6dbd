# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Single encrypted values in an inventory, as `ansible-vault encrypt_string` writes them.

`make oldest` runs this with the oldest ansible-core as well, which passes such a value as an object of a special type.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from demo.story import VENDORS, account, closed_at
from harness.playbook import Ansible, Run
from mock_vendors.client import MockVendors

JANE, SAM = "leaver01@example.com", "leaver05@example.com"
SECRETS = ("client_secret", "access_token", "auth_token", "api_secret")
READABLE = [vendor for vendor in VENDORS if vendor != "customergauge"]


def encrypted(place: Path, values: Mapping[str, str]) -> str:
    """The lines of a variables file with these values, each encrypted by itself."""
    (place / "password").write_text("of the vault", encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-vault")), "encrypt_string"]
    command += ["--vault-password-file", str(place / "password")]
    lines = [
        subprocess.run(
            [*command, "--name", name, value],
            env={**os.environ, "ANSIBLE_HOME": str(place / ".ansible")},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name, value in values.items()
    ]
    return "\n".join(lines)


@pytest.fixture
def tenants(ansible: Ansible, mock: MockVendors) -> Path:
    """A tenant of each vendor, in whose inventory each connection option is a variable, and secrets are vaulted."""
    mock.seed({vendor: [account(vendor, email) for email in (JANE, SAM)] for vendor in VENDORS})
    given = {name.lower(): value for name, value in mock.environment().items()}
    secrets = {name: value for name, value in given.items() if name.endswith(SECRETS)}
    assert {name.partition("_")[0] for name in secrets} == set(VENDORS)
    place = ansible.place / "inventory"
    (place / "group_vars").mkdir(parents=True)
    plain = {name: value for name, value in given.items() if name not in secrets}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", **plain}
    hosts = {vendor: {"saas_vendor": vendor} for vendor in VENDORS}
    (place / "hosts.yml").write_text(yaml.safe_dump({"saas": {"hosts": hosts, "vars": variables}}), encoding="utf-8")
    protected = encrypted(ansible.place, {**secrets, "the_boss": SAM})
    (place / "group_vars" / "saas.yml").write_text(protected, encoding="utf-8")
    return place


def run(ansible: Ansible, tenants: Path, what: str | list[dict[str, object]], **variables: object) -> Run:
    done = ansible.run(
        what,
        inventory=tenants,
        extra_vars=variables,
        verbosity=3,
        arguments=["--vault-password-file", str(ansible.place / "password")],
    )
    assert "Unknown parameter type" not in done.everything
    assert "__ansible_vault" not in done.record
    return done


def test_the_role_takes_them(ansible: Ansible, mock: MockVendors, tenants: Path) -> None:
    done = run(
        ansible,
        tenants,
        "saas.offboarding.offboard",
        offboard_leavers=[{"email": JANE}],
        offboard_protected=["{{ the_boss }}"],
    )
    assert done.rc == 0, done
    assert {vendor: closed_at(vendor, mock.state(vendor)) for vendor in VENDORS} == {
        vendor: {JANE} for vendor in VENDORS
    }


def test_the_role_takes_them_from_a_file_of_extra_variables(ansible: Ansible, mock: MockVendors, tenants: Path) -> None:
    """Where texts are taken as they were typed, a vaulted one is not its cipher."""
    secrets = (tenants / "group_vars" / "saas.yml").rename(ansible.place / "secrets.yml")
    done = ansible.run(
        "saas.offboarding.offboard",
        inventory=tenants,
        extra_vars={"offboard_leavers": [{"email": JANE}], "offboard_ticket": "0012"},
        verbosity=3,
        arguments=["--vault-password-file", str(ansible.place / "password"), "-e", f"@{secrets}"],
    )
    assert done.rc == 0, done
    assert all(closed_at(vendor, mock.state(vendor)) == {JANE} for vendor in VENDORS)


def test_a_module_of_a_task_takes_them(ansible: Ansible, mock: MockVendors, tenants: Path) -> None:
    """By its options, and by module_defaults."""
    tasks = []
    names = [name.lower() for name in mock.environment()]
    for vendor in READABLE:
        options = {
            name.removeprefix(f"{vendor}_"): f"{{{{ {name} }}}}" for name in names if name.startswith(f"{vendor}_")
        }
        secret = {name: value for name, value in options.items() if name in SECRETS}
        module = f"saas.offboarding.{vendor}_user_info"
        wanted = {"users": [{"email": "{{ the_boss }}"}]}
        rest = {name: value for name, value in options.items() if name not in secret}
        when = f"inventory_hostname == '{vendor}'"
        tasks += [
            {"name": "By options", module: {**options, **wanted}, "when": when},
            {"name": "By defaults", module: {**rest, **wanted}, "module_defaults": {module: secret}, "when": when},
        ]
    done = run(ansible, tenants, [{"hosts": "saas", "gather_facts": False, "tasks": tasks}])
    assert done.rc == 0, done
    found = [task.result["users"][0]["email"] for task in done.tasks if task.ok]
    assert found == [SAM] * 2 * len(READABLE)
