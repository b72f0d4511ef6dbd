# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""awx_setup with the real modules of awx.awx, against a double that takes nothing that AWX does not document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from awx.server import TOKEN, Awx, serving
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from twin.client import LOGIN, Twin

PLAYBOOK = "saas.offboarding.awx_setup"
AWX_COLLECTION = REPOSITORY / ".cache" / "collections"
VENDORS = ("customergauge", "zitadel", "laurel", "netex", "learn")


@pytest.fixture
def awx() -> Iterator[Awx]:
    with serving(Awx()) as double:
        yield double


def tenants(twin: Twin) -> list[dict[str, Any]]:
    """The tenants of the twin, as a user would write them down."""
    login = twin.environment()
    return [
        {
            "name": vendor,
            "vendor": vendor,
            "credential": {
                name.removeprefix(f"{vendor}_".upper()).lower(): value
                for name, value in login.items()
                if name.startswith(f"{vendor}_".upper())
            },
        }
        for vendor in VENDORS
    ]


def variables(twin: Twin, **more: Any) -> dict[str, Any]:
    return {
        "awx_project_url": "https://git.example.com/offboarding.git",
        "awx_image": "registry.example.com/offboarding-ee:1.0.0",
        "awx_tenants": tenants(twin),
        "awx_audit_leavers_file": "/srv/offboarding/leavers.csv",
        **more,
    }


def setup(ansible: Ansible, awx: Awx, given: dict[str, Any], **options: Any) -> Run:
    awx.calls.clear()
    env = {
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join((str(ansible.collections), str(AWX_COLLECTION))),
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": TOKEN,
        **options.pop("env", {}),
    }
    return ansible.run(PLAYBOOK, env=env, extra_vars=given, verbosity=3, **options)


def test_it_builds_everything(ansible: Ansible, awx: Awx, twin: Twin) -> None:
    given = variables(twin)
    done = setup(ansible, awx, given)
    assert done.rc == 0, f"{done}\n{awx.refused}"
    again = setup(ansible, awx, given)
    assert awx.writes == []
