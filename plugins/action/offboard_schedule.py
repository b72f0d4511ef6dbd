# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedule the runs for leavers who are known in advance. Documented by the module of the same name."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from datetime import UTC, datetime

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.module_utils._text import ended, some
from ansible_collections.saas.offboarding.plugins.plugin_utils._command_line import dropped_words_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._controller import ControllerError, controller
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import read_list
from ansible_collections.saas.offboarding.plugins.plugin_utils._misspelt import misspelt_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._schedule import SHOWN, UNCHANGED, Step, lines
from ansible_collections.saas.offboarding.plugins.plugin_utils._scheduler import Schedules, Template, carry_out
from ansible_collections.saas.offboarding.plugins.plugin_utils._scope import Inventory, choice_of, known_tenants
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Refusal, read_list_settings
from ansible_collections.saas.offboarding.plugins.plugin_utils._variables import (
    faults_of_other_values,
    given_variables,
    vendors_of,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import INVALID_INPUT, SCHEDULE

AWX_FAILED = "awx_failed"


class ActionModule(ActionBase):  # type: ignore[misc]
    """Reads the list, and makes the schedules in AWX equal to it. Runs once for all hosts of the play."""

    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS: frozenset[str] = frozenset()

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        check_mode = bool(self._task.check_mode)
        failed: list[str] = []
        try:
            schedules, notes = self._schedules(task_vars or {})
            with controller(self._loader, self._templar) as awx:
                template, steps = schedules.steps(awx)
                if not check_mode:
                    failed = carry_out(awx, template, steps)
        except Refusal as exc:
            return {**result, "failed": True, "msg": f"{INVALID_INPUT}: {exc} Nothing was written."}
        except ControllerError as exc:
            return {**result, "failed": True, "msg": f"{AWX_FAILED}: {ended(str(exc))} Nothing was written."}
        noted = {"warnings": notes} if notes else {}
        return {**result, **noted, **_shown(template, steps, failed, check_mode=check_mode)}

    def _schedules(self, variables: dict[str, t.Any]) -> tuple[Schedules, list[str]]:
        """Return what was asked for, and what to note about the list. Raises Refusal with all that is wrong."""
        given, faults = given_variables(variables, self._templar.template, None)
        play = [str(each) for each in variables.get("ansible_play_hosts_all") or ()]
        limit = variables.get("ansible_limit")
        known = known_tenants(Inventory(variables["groups"]), choice_of(given, play, limit).pattern, play)
        faults += dropped_words_faults()
        faults += misspelt_faults(variables, given.get("offboard_own_variables"))
        if limit and limit != "all":
            faults.append(
                "--limit does not narrow what a schedule launches later. Leave it out, or give offboard_vendors, which "
                "the schedules carry."
            )
        tenants = vendors_of(known, variables["hostvars"])
        faults += faults_of_other_values(["offboard_stages"], tenants, variables["hostvars"])
        settings = read_list_settings(SCHEDULE, tenants, given, faults)
        schedules = Schedules(settings, datetime.now(UTC))
        faults += schedules.read_variables()
        schedules.leavers, notes = read_list(settings, self._content, faults)
        return schedules, notes

    def _content(self, path: str) -> bytes:
        try:
            return bytes(self._loader._get_file_contents(path)[0])
        except AnsibleError as exc:
            raise ValueError(f"{path}: {' '.join(str(exc).split())}") from None


def _shown(template: Template, steps: Sequence[Step], failed: Sequence[str], *, check_mode: bool) -> dict[str, t.Any]:
    """Return the result of the task."""
    rows = [step.row for step in steps]
    counts = {name: sum(row["result"] == name for row in rows) for name in dict.fromkeys(row["result"] for row in rows)}
    shown = {
        "changed": any(step.method for step in steps),
        "template": template.label,
        "summary": counts,
        "schedules": rows,
    }
    if not failed:
        return {**shown, "msg": lines(rows, template.label, check_mode), "_ansible_verbose_always": True}
    writes = sum(bool(step.method) for step in steps)
    text = (
        f"{AWX_FAILED}: {counts.get('failed', 0) + counts.get('not_done', 0)} of {writes} schedules were not written: "
        f"{some(failed, SHOWN, '; ')}. Correct the cause and run again: schedules that are as asked are left alone."
    )
    return {**shown, "schedules": [row for row in rows if row["result"] != UNCHANGED], "failed": True, "msg": text}
