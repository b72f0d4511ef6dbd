# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an object of AWX with a module of awx.awx or ansible.controller. Documented by the module of the same name."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping

from ansible.plugins.action import ActionBase

REFERENCES = {
    "credential_type": "credential_type",
    "credentials": "credential",
    "execution_environment": "execution_environment",
    "hosts": "host",
    "inventory": "inventory",
    "project": "project",
    "success_nodes": "workflow_job_template_node",
    "unified_job_template": "job_template",
    "workflow_job_template": "workflow_job_template",
}
"""Options that name other objects, and of which kind these are."""
NOT_THERE = re.compile(r"Request to \S*/api/\S*?v2/(\w+)/\S* returned 0 items, expected 1")


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs the module of that kind, and says in plain words what it could not."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("collection", "kind", "options", "missing", "must_exist"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "collection": {"type": "str", "default": "awx.awx", "choices": ["awx.awx", "ansible.controller"]},
                "kind": {"type": "str", "required": True},
                "options": {"type": "dict", "required": True},
                "missing": {"type": "list", "elements": "str", "default": []},
                "must_exist": {"type": "bool", "default": False},
            }
        )
        kind, options = args["kind"], args["options"]
        module = f"{args['collection']}.{kind}"
        name = options.get("name") or options.get("identifier")
        label = f"{kind} {name}"
        if not self._shared_loader_obj.module_loader.find_plugin_with_context(module).resolved:
            return _failed(
                f"The module {module} is not there. Install the collection where Ansible runs (ansible-galaxy "
                f"collection install {args['collection']}), or choose the one that is installed by awx_collection."
            )
        check_mode = self._task.check_mode or args["must_exist"]
        if check_mode and set(_named(options)) & set(args["missing"]):
            return {"changed": True, "object": label, "created": True}
        self._task.check_mode = check_mode
        result: dict[str, t.Any] = self._execute_module(module_name=module, module_args=options, task_vars=task_vars)
        if check_mode and str(result.get("msg", "")).startswith("Could not find success_nodes entry"):
            return {"changed": True, "object": label, "created": True}
        if result.get("failed"):
            return {**result, "msg": f"{label}: {_plain(str(result.get('msg', '')))}"}
        # In check mode the modules tell the id of what is there, and none of what they would make.
        created = check_mode and "id" not in result
        if args["must_exist"] and created:
            return _failed(f"AWX has no {label}, or the token may not see it. Nothing was changed.")
        return {**result, "object": label, "created": created}


def _failed(message: str) -> dict[str, t.Any]:
    return {"failed": True, "msg": message}


def _named(options: Mapping[str, t.Any]) -> Iterator[str]:
    """Return the objects that the options name."""
    for option, kind in REFERENCES.items():
        value = options.get(option) or []
        for name in [value] if isinstance(value, str) else value:
            yield f"{kind} {name}"


def _plain(message: str) -> str:
    return NOT_THERE.sub(r"AWX has nothing of that name, or the token may not see it (\1). \g<0>", message)
