# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail a host whose run did not reach the desired state. Documented by the module of the same name."""

from __future__ import annotations

import typing as t

from ansible import constants
from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.plugin_utils._run import run_of


class ActionModule(ActionBase):  # type: ignore[misc]
    """Fails with the faults that the report has for this host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS: frozenset[str] = frozenset()

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        host = str((task_vars or {})["inventory_hostname"])
        run = run_of(constants.DEFAULT_LOCAL_TMP, host)
        outcome = run and run.outcome()
        if not outcome:
            return {**result, "failed": True, "msg": "The run has no report, so that nothing is known of it."}
        faults = outcome["verdicts"].get(host, [])
        if not faults:
            return {**result, "changed": False}
        return {**result, "failed": True, "msg": " ".join(faults)}
