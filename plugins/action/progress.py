# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module of the collection and show its progress. meta/runtime.yml names this plugin for each module."""

from __future__ import annotations

import tempfile
import typing as t

from ansible.plugins.action.normal import ActionModule as NormalActionModule

from ansible_collections.saas.offboarding.plugins.plugin_utils._call import is_here, watched

OPTION = "progress_file"


class ActionModule(NormalActionModule):  # type: ignore[misc]
    """The usual action, with the module's progress on the console."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        if not is_here(self) or self._task.async_val or self._task.args.get(OPTION):
            return dict(super().run(tmp, task_vars))
        host = str((task_vars or {}).get("inventory_hostname", ""))
        prefix = f"[{host}] {self._task.action.rpartition('.')[2]}: "
        with tempfile.TemporaryDirectory(prefix="saas-offboarding-") as place, watched(place, prefix) as path:
            self._task.args[OPTION] = path
            try:
                return dict(super().run(tmp, task_vars))
            finally:
                self._task.args.pop(OPTION, None)
