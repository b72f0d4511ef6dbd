# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the evidence of a run. Documented by the module of the same name."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.plugin_utils._files import EvidenceError
from ansible_collections.saas.offboarding.plugins.plugin_utils._killed import verify


class ActionModule(ActionBase):  # type: ignore[misc]
    """Verifies the evidence on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("evidence", "seal"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {"evidence": {"type": "path", "required": True}, "seal": {"type": "str"}}
        )
        try:
            summary = verify(args["evidence"], args["seal"])
        except EvidenceError as exc:
            return {**result, "failed": True, "msg": str(exc)}
        return {**result, "changed": False, "msg": summary, "_ansible_verbose_always": True}
