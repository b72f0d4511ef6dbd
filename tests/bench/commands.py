# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The commands of the contestants that run in Ansible."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ANSIBLE = str(Path(sys.executable).with_name("ansible-playbook"))


def inventory(place: Path, python: str | Path = "{{ ansible_playbook_python }}") -> str:
    """Write an inventory of this machine alone."""
    host = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    path = place / "inventory.json"
    path.write_text(json.dumps({"all": {"hosts": {"localhost": host}}}))
    return str(path)


def play(place: Path, path: str | Path, variables: dict[str, Any], python: Path | None = None) -> list[str]:
    """The command that runs a playbook on this machine with variables."""
    given = place / "variables.json"
    given.write_text(json.dumps(variables))
    hosts = inventory(place, python) if python else inventory(place)
    return [sys.executable, ANSIBLE, "-i", hosts, str(path), "-e", f"@{given}"]


def bulk(
    place: Path,
    leavers: Sequence[str],
    vendor: str = "zitadel",
    python: Path | None = None,
    key: str = "email",
    **options: Any,
) -> list[str]:
    """The command that closes all leavers at a vendor in one task, with the users in a variable."""
    task = {"users": "{{ users }}", "state": "deactivated", **options}
    closing = {
        "name": "Close the accounts of leavers",
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"name": "The accounts are deactivated", f"saas.offboarding.{vendor}_user": task}],
    }
    path = place / "playbook.json"
    path.write_text(json.dumps([closing]))
    return play(place, path, {"users": [{key: email} for email in leavers]}, python)
