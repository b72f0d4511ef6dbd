# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report on all tenants of a run, once. Documented by the module of the same name."""

from __future__ import annotations

import typing as t

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as core_version

from ansible_collections.saas.offboarding.plugins.plugin_utils._report import report_on
from ansible_collections.saas.offboarding.plugins.plugin_utils._run import run_of

NOTHING = "offboard_tenant was not run for this host, so that there is nothing to report"


class ActionModule(ActionBase):  # type: ignore[misc]
    """Writes the evidence from what offboard_tenant kept, and shows the result."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS: frozenset[str] = frozenset()

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        host = str(variables["inventory_hostname"])
        run = run_of(constants.DEFAULT_LOCAL_TMP, host)
        if run is None:
            return {**result, "failed": True, "msg": NOTHING}
        if run.reporter() != host or run.outcome() is not None:
            return {**result, "changed": False}
        present = [str(each) for each in variables["ansible_play_hosts"]]
        tenants = [each for each in present if "saas_vendor" in variables["hostvars"].raw_get(each)]
        outcome = report_on(run, host, core_version, present, tenants)
        run.finish(outcome)
        return {**result, "changed": False, "msg": outcome["lines"], "_ansible_verbose_always": True}
