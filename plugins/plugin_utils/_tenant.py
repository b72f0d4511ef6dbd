# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work at one tenant: which modules are called with what, and the report that comes of it.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.module_utils._model import ACTIVE, DEACTIVATED

from ._audit import audit_report
from ._inputs import Inputs
from ._killed import with_journal
from ._leavers import vendor_users
from ._nouns import ModuleResult, Parameters, Person, TenantReport, View, Written
from ._records import tenant_report
from ._reinstate import reinstate_report, state_before, to_reopen, within_reach
from ._role_variables import NAMED
from ._settings import Settings
from ._words import AUDIT, REINSTATE

Call = Callable[[str, Mapping[str, t.Any]], ModuleResult[t.Any]]
"""Calls a module by its name with its options and returns its result; ``msg`` and nothing else where there is none."""


@dataclass(frozen=True)
class Tenant:
    """One tenant, what was asked for there, and how its modules are called."""

    settings: Settings
    inputs: Inputs
    call: Call
    journal: str | None = None
    check_mode: bool = False

    def report(self) -> TenantReport:
        """Do what was asked for and return the report."""
        if self.settings.kind == AUDIT:
            return self._audit()
        if self.settings.kind == REINSTATE:
            return self._reinstate()
        return self._offboard()

    def _offboard(self) -> TenantReport:
        settings, inputs = self.settings, self.inputs
        states = settings.stages.states(inputs.due, inputs.due_at)
        states = {email: state for email, state in states.items() if state != settings.stages.state}
        result: Written = self._write(inputs.due, inputs.protected, states) if inputs.due else {}
        return tenant_report(
            result,
            inputs.leavers,
            tenant=settings.tenant,
            vendor=settings.info.name,
            stages=settings.stages,
            due_at=inputs.due_at,
            on_missing=settings["offboard_on_missing"],
            approved=inputs.plan_changes.get(settings.tenant),
        )

    def _audit(self) -> TenantReport:
        settings, inputs = self.settings, self.inputs
        views: dict[str, View] = {}
        if settings.info.readable:
            if inputs.due:
                views["leavers"] = self._read(inputs.due, with_sessions=True)
            if inputs.closed:
                views["again"] = self._read(inputs.closed)
            if inputs.staff is not None:
                views["all"] = self._read(None)
        return audit_report(
            views,
            inputs.leavers,
            tenant=settings.tenant,
            vendor=settings.info.name,
            stages=settings.stages,
            due_at=inputs.due_at,
            unknown=settings["audit_unknown"],
            staff=inputs.staff,
            exempt=settings["audit_exempt"],
            earlier=inputs.closed,
        )

    def _reinstate(self) -> TenantReport:
        settings, inputs = self.settings, self.inputs
        vendor = settings.info.name
        reachable = within_reach(inputs.closed)
        view: View = self._read(reachable) if reachable else {}
        reopen = to_reopen(inputs.closed, view, vendor)
        states = {account["email"]: state for account in reopen if (state := state_before(account)) != ACTIVE}
        result: Written = self._write(reopen, inputs.protected, states) if reopen else {}
        return reinstate_report(
            view,
            result,
            inputs.closed,
            tenant=settings.tenant,
            vendor=vendor,
            approved=inputs.plan_changes.get(settings.tenant),
        )

    def _write(
        self, people: Sequence[Person], protected: Sequence[str], states: Mapping[str, str] | None = None
    ) -> Written:
        """Bring the accounts of people to the state asked for; ``states``: by e-mail, those to another one."""
        settings = self.settings
        info = settings.info
        options = {
            name: value
            for name, value in settings.options.items()
            if settings.stages.state == DEACTIVATED or name not in info.closing_settings
        }
        plan = self.inputs.plan
        own = [{"state": states[each["email"]]} if states and each["email"] in states else {} for each in people]
        keys = vendor_users(people, info.name, settings.tenant)
        on_missing = settings["offboard_on_missing"]
        brake = None if self.check_mode else settings.default_brake
        options |= {
            "users": [{**key, **state} for key, state in zip(keys, own, strict=True)],
            "state": settings.stages.state,
            "on_missing": "ok" if on_missing == NAMED else on_missing,  # the report knows who is named by a key
            "protected": list(protected),
            "max_changes": settings["offboard_max_changes"] if brake is None else brake,
            "max_percent": settings["offboard_max_percent"],
            "plan_hash": None if plan is None else plan[settings.tenant],
            "batch_size": settings["offboard_batch_size"],
        }
        if not self.journal:
            return self.call(f"{info.name}_user", options)
        emails = [person["email"] for person in people]
        options |= {"journal_file": self.journal, "journal_emails": emails}
        return with_journal(
            self.call(f"{info.name}_user", options), Path(self.journal), emails, vendor_users(people, info.name)
        )

    def _read(self, people: Sequence[Person] | None, *, with_sessions: bool = False) -> View:
        """Look at the accounts of people, or of everybody."""
        info = self.settings.info
        known = {**info.connection.options, **info.listing_settings.options}
        options = {name: value for name, value in self.settings.options.items() if name in known}
        options |= {"details": False, "batch_size": self.settings["offboard_batch_size"]}
        if info.sessions and with_sessions:
            options["sessions"] = self.settings.options.get("end_sessions", True)
        if people is not None:
            options["users"] = vendor_users(people, info.name, self.settings.tenant)
        return self.call(f"{info.name}_user_info", options)


def deciding_settings(settings: Settings, inputs: Inputs) -> Parameters:
    """Return what decided about one tenant, for the evidence: of the vendor's options those with a fixed set of values.

    Any other option may hold a credential, if only by mistake.
    """
    info = settings.info
    known = {**info.connection.options, **info.task_settings.options}
    fixed = [name for name, option in known.items() if "choices" in option or option.get("type") == "bool"]
    return {
        "offboard_protected": list(inputs.protected),
        "offboard_max_changes": settings.default_brake or settings["offboard_max_changes"],
        "is_default_brake": settings.default_brake is not None,
        "offboard_max_percent": settings["offboard_max_percent"],
        "offboard_state": settings.stages.tenant_state,
        **settings.stages.as_parameter(),
        "offboard_due_at": inputs.due_at,
        "source": inputs.source,
        **{f"{info.name}_{name}": settings.options[name] for name in ("verify", *fixed) if name in settings.options},
    }
