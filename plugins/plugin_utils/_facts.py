# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of a run as a whole in the evidence: its lists, its reason, its parameters, and who ran it.

PRIVATE to the collection.
"""

from __future__ import annotations

import getpass
import typing as t
from collections.abc import Mapping

from ._inputs import Inputs
from ._nouns import RanBy, Scope, TenantFacts
from ._role_variables import LIST_FORM
from ._settings import Settings
from ._tenant import deciding_settings

PARAMETERS = (
    "offboard_vendors",
    "offboard_state",
    "offboard_states",
    "offboard_allow_delete",
    "offboard_on_missing",
    "offboard_unmatched",
    "offboard_expected_tenants",
    "offboard_protected",
    "offboard_protected_file",
    "offboard_max_changes",
    "offboard_max_percent",
    "offboard_plan_file",
    "offboard_sla",
    "offboard_batch_size",
    "offboard_evidence",
    "audit_unknown",
    "audit_unmatched",
    "audit_orphans",
    "audit_both_lists",
    "audit_exempt",
    *LIST_FORM,
    "audit_staff_columns",
    "offboard_blank_leave_at",
)
"""Variables that the evidence holds as they were given. No credential is among them."""


def facts_of_run(
    settings: Settings, inputs: Inputs, scope: Scope, *, check_mode: bool, variables: Mapping[str, t.Any]
) -> TenantFacts:
    """Return the facts of a run as one of its tenants knows them."""
    limit = variables.get("ansible_limit")
    return {
        "kind": settings.kind,
        "check_mode": check_mode,
        "sla": settings.sla,
        "source": inputs.source,
        "staff": inputs.staff_source,
        "earlier": inputs.earlier,
        "chosen": list(settings.chosen),
        "reason": settings.reason,
        "ticket": settings["offboard_ticket"] or None,
        "scope": scope,
        "notes": list(inputs.notes),
        "ran_by": ran_by(variables),
        "parameters": {
            **{name: settings[name] if settings[name] != "" else None for name in PARAMETERS},
            "offboard_due_at": inputs.due_at,
            "offboard_plan": inputs.plan,
            "offboard_plan_run": inputs.plan_run,
            "reinstate_leavers": list(settings.chosen),
            "limit": None if limit is None else str(limit),
        },
        "tenant": deciding_settings(settings, inputs),
    }


def ran_by(variables: Mapping[str, t.Any]) -> RanBy:
    """Return who ran this, as far as the operating system and AWX state it. AWX gives its variables under two names."""
    try:
        user: str | None = getpass.getuser()
    except (KeyError, OSError):
        user = None  # a container that runs under a number
    awx = {
        name: next((str(variables[each]) for each in (f"awx_{name}", f"tower_{name}") if variables.get(each)), None)
        for name in ("job_id", "job_template_name", "user_name")
    }
    return {
        "user": user,
        "awx_job_id": awx["job_id"],
        "awx_job_template": awx["job_template_name"],
        "awx_user": awx["user_name"],
    }
