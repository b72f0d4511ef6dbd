# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an object of AWX with a module of awx.awx or ansible.controller. Documented by the module of the same name."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Collection, Mapping

from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.plugin_utils._controller import (
    Controller,
    ControllerError,
    Object,
    controller,
    not_installed,
)

REFERENCES = {
    "credential_type": "credential_type",
    "credentials": "credential",
    "execution_environment": "execution_environment",
    "hosts": "host",
    "inventory": "inventory",
    "job_template": "job_template",
    "job_templates": "job_template",
    "project": "project",
    "success_nodes": "workflow_job_template_node",
    "unified_job_template": "job_template",
    "workflow_job_template": "workflow_job_template",
    "workflows": "workflow_job_template",
}
"""Options that name other objects, and of which kind these are."""
PARTS = {
    "credential": ("credential_type",),
    "group": ("inventory",),
    "host": ("inventory",),
    "job_launch": ("job_template",),
    "schedule": ("unified_job_template",),
    "workflow_job_template_node": ("workflow_job_template", "unified_job_template"),
}
"""Options that name an object without which one of that kind is nothing, so that it is not there before that."""
NOT_ONE = re.compile(r"Request to \S*/api/\S*?v2/(\w+)/\S* returned (\d+) items, expected 1")
PROJECT_FAILED = re.compile("Project update failed|Project Update - .* failed")
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
LINES = 12
"""How many of the last lines of a project's update an error shows."""
WIDTH = 400


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs the module of that kind, and says in plain words what it could not."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("collection", "kind", "options", "missing"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "collection": {"type": "str", "default": "awx.awx", "choices": ["awx.awx", "ansible.controller"]},
                "kind": {"type": "str", "required": True},
                "options": {"type": "dict", "required": True},
                "missing": {"type": "list", "elements": "str", "default": []},
            }
        )
        kind, options = args["kind"], args["options"]
        module = f"{args['collection']}.{kind}"
        label = _label(kind, options)
        if not self._shared_loader_obj.module_loader.find_plugin_with_context(module).resolved:
            return _failed(not_installed(f"module {module}", args["collection"]))
        check_mode = self._task.check_mode
        missing = args["missing"] if check_mode else []
        if any(f"{REFERENCES[option]} {options.get(option)}" in missing for option in PARTS.get(kind, ())):
            present = options.get("state") != "absent"
            return {"changed": present, "object": label, "created": present}
        there = {option: _without(option, value, missing) for option, value in options.items()}
        result: dict[str, t.Any] = self._execute_module(
            module_name=module,
            module_args={option: value for option, value in there.items() if value is not None},
            task_vars=task_vars,
        )
        if check_mode and str(result.get("msg", "")).startswith("Could not find success_nodes entry"):
            return {"changed": True, "object": label, "created": False}
        if there != options and options.get("state") != "absent":
            result["changed"] = True
        if result.get("failed"):
            reason = f"{label}: {_plain(str(result.get('msg', '')))}{_details(result)}"
            if kind == "project" and PROJECT_FAILED.search(reason):
                reason += self._update(args["collection"], options)
            # Nothing else: the modules return whole objects of the API with an error.
            return _failed(reason) | {name: result[name] for name in ("exception", "module_stderr") if name in result}
        # In check mode the modules return the id of what is there, and none of what they would make.
        created = check_mode and kind != "role" and "id" not in result and options.get("state") != "absent"
        return {**result, "object": label, "created": created}

    def _update(self, collection: str, options: Mapping[str, t.Any]) -> str:
        """Return the end of the output of a project's last update."""
        try:
            with controller(self._loader, self._templar, collection) as api:
                return _end_of_update(api, options)
        except ControllerError as exc:
            return f" Its output cannot be read: {exc}"


def _end_of_update(api: Controller, options: Mapping[str, t.Any]) -> str:
    projects = api.all("projects", name=options["name"])
    here = [each for each in projects if options.get("organization") in (None, *_organization(each))]
    found = here[0]["summary_fields"] if here else {}
    update = found.get("last_update") or found.get("current_update")
    if not update:
        return ""
    number = update["id"]
    output = str(api.one(f"project_updates/{number}/stdout/", format="json").get("content", ""))
    lines = [line.rstrip()[:WIDTH] for line in ESCAPES.sub("", output).splitlines() if line.strip()]
    return f" The output of the update, /#/jobs/project/{number}/output in AWX, ends with:\n" + "\n".join(
        lines[-LINES:]
    )


def _organization(each: Object) -> tuple[t.Any, str]:
    return each["summary_fields"].get("organization", {}).get("name"), str(each["organization"])


def _details(result: Mapping[str, t.Any]) -> str:
    """Return what AWX says about the fields that it refuses, which the modules leave in a copy of its answer."""
    response = result.get("response")
    body = response.get("json") if isinstance(response, Mapping) and response.get("status_code", 0) >= 400 else None
    refused = [f"{name}: {value}" for name, value in body.items()] if isinstance(body, Mapping) else []
    refused += map(str, result.get("errors") or ())
    return f" {'; '.join(refused)}"[:WIDTH] if refused else ""


def _label(kind: str, options: Mapping[str, t.Any]) -> str:
    if kind == "role":
        who = ", ".join((*(options.get("teams") or ()), *(options.get("users") or ())))
        return f"role {options.get('role')} of {who}"
    return f"{kind} {options.get('name') or options.get('identifier') or options.get('job_template')}"


def _failed(message: str) -> dict[str, t.Any]:
    return {"failed": True, "msg": message}


def _without(option: str, value: t.Any, missing: Collection[str]) -> t.Any:
    """Return what an option names, without what is missing."""
    kind = REFERENCES.get(option)
    if kind is None or value is None:
        return value
    if isinstance(value, str):
        return None if f"{kind} {value}" in missing else value
    return [name for name in value if f"{kind} {name}" not in missing]


def _plain(message: str) -> str:
    return NOT_ONE.sub(_not_one, message)


def _not_one(found: re.Match[str]) -> str:
    kind, number = found.groups()
    if number == "0":
        return f"AWX has nothing of that name, or the token may not see it ({kind}). {found[0]}"
    return (
        f"AWX has {number} of that name ({kind}), in other organizations or of other types, and the modules cannot "
        f"choose between them. Give one of them another name, or set another awx_prefix. {found[0]}"
    )
