# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What there is to say about a run as a whole, for tests that make documents of their own."""

from __future__ import annotations

from typing import Any

NO_RESULT = "left no result; see the task that failed for this host"

SCOPE: Any = {"tenants": ["netex"], "known": 1, "left_out": [], "missing": [], "sliced": False}
"""The scope of a run that covers all tenants of its inventory."""

RUN: Any = {
    "kind": "offboard",
    "run_id": "20261130T170000Z-000001",
    "check_mode": False,
    "started": "2026-11-30T17:00:00Z",
    "finished": "2026-11-30T18:00:00Z",
    "ran_by": {"user": "jane", "awx_job_id": None, "awx_job_template": None, "awx_user": None},
    "ansible_core_version": "2.19.0",
    "parameters": {},
    "source": {"file": None, "sha256": None, "people": None, "notes": []},
    "staff": None,
    "earlier": None,
    "reason": None,
    "ticket": None,
    "scope": SCOPE,
    "notes": [],
    "sla": 86400,
}


def silent(*tenants: str) -> list[tuple[str, str, str]]:
    """Return tenants that left no result, as `evidence` takes them."""
    return [(tenant, "no_result", NO_RESULT) for tenant in tenants]
