# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the tenants and questions of awx_setup. Documented by the module of the same name."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.plugin_utils._awx_questions import check_questions
from ansible_collections.saas.offboarding.plugins.plugin_utils._awx_tenants import check_tenants

TYPE = ("name", "description", "inputs", "injectors")


class ActionModule(ActionBase):  # type: ignore[misc]
    """Returns what is to be made, without the secrets of the tenants, or fails with everything that is wrong."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS: t.ClassVar = frozenset(("tenants", "types", "shown", "questions"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        return checked(**self._task.args)


def checked(tenants: t.Any, types: t.Any, shown: t.Any = None, questions: t.Any = ()) -> dict[str, t.Any]:
    """Return the result of the action."""
    faults = []
    found: list[dict[str, t.Any]] = []
    asked: list[dict[str, t.Any]] = []
    try:
        asked = check_questions(questions)
    except ValueError as exc:
        faults.append(str(exc))
    defaults = {question["variable"]: question["default"] for question in asked}
    try:
        found = check_tenants(tenants, types, {**(shown or {}), "awx_survey_questions": defaults})
    except ValueError as exc:
        faults.append(str(exc))
    if faults:
        return {"failed": True, "msg": ". ".join(faults)}
    made = {kind["name"]: {name: kind[name] for name in TYPE} for kind in types.values()}
    for tenant in found:
        kind = tenant.pop("type")
        tenant["has_credential"] = bool(tenant.pop("inputs"))
        tenant["credential_type"] = kind and kind["name"]
        # A separate name, since the type of a credential cannot be changed when the order of the tenants does.
        tenant["credential"] = tenant["name"] + (" (own type)" if kind and kind["name"] not in made else "")
        if kind:
            made.setdefault(kind["name"], kind)
    return {"changed": False, "tenants": found, "types": list(made.values()), "questions": asked}
