# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes an object of AWX with a module of awx.awx or ansible.controller. Documented by the module of the same name."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader

REFERENCES = {
    "credential_type": "credential_type",
    "credentials": "credential",
    "execution_environment": "execution_environment",
    "hosts": "host",
    "inventory": "inventory",
    "job_template": "job_template",
    "project": "project",
    "success_nodes": "workflow_job_template_node",
    "unified_job_template": "job_template",
    "workflow_job_template": "workflow_job_template",
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
ENDPOINTS = {
    "credential": "credentials",
    "execution_environment": "execution_environments",
    "inventory": "inventories",
    "project": "projects",
}
"""Where those kinds are listed whose names the modules look up in all organizations."""
NOT_ONE = re.compile(r"Request to \S*/api/\S*?v2/(\w+)/\S* returned (\d+) items, expected 1")


class _Refused(Exception):
    """What AWX says to a question that no module asks."""


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs the module of that kind, and says in plain words what it could not."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("collection", "kind", "options", "missing", "must_exist", "only_here"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "collection": {"type": "str", "default": "awx.awx", "choices": ["awx.awx", "ansible.controller"]},
                "kind": {"type": "str", "required": True},
                "options": {"type": "dict", "required": True},
                "missing": {"type": "list", "elements": "str", "default": []},
                "must_exist": {"type": "bool", "default": False},
                "only_here": {"type": "bool", "default": False},
            }
        )
        kind, options = args["kind"], args["options"]
        module = f"{args['collection']}.{kind}"
        name = options.get("name") or options.get("identifier") or options.get("job_template")
        label = f"{kind} {name}"
        if not self._shared_loader_obj.module_loader.find_plugin_with_context(module).resolved:
            return _failed(
                f"The module {module} is not there. Install the collection where Ansible runs (ansible-galaxy "
                f"collection install {args['collection']}), or choose the one that is installed by awx_collection."
            )
        if args["only_here"] and (kind not in ENDPOINTS or not options.get("name") or not options.get("organization")):
            return _failed(
                f"only_here: give the name and the organization of one of these kinds: {', '.join(ENDPOINTS)}. "
                f"This is {label}."
            )
        if args["only_here"]:
            return self._only_here(args["collection"], kind, options)
        check_mode = self._task.check_mode or args["must_exist"]
        missing = args["missing"] if check_mode else []
        if any(f"{REFERENCES[option]} {options.get(option)}" in missing for option in PARTS.get(kind, ())):
            present = options.get("state") != "absent"
            return {"changed": present, "object": label, "created": present}
        there = {option: _without(option, value, missing) for option, value in options.items()}
        self._task.check_mode = check_mode
        result: dict[str, t.Any] = self._execute_module(
            module_name=module,
            module_args={option: value for option, value in there.items() if value is not None},
            task_vars=task_vars,
        )
        if check_mode and str(result.get("msg", "")).startswith("Could not find success_nodes entry"):
            return {"changed": True, "object": label, "created": False}
        if there != options:
            result["changed"] = True
        if result.get("failed"):
            return {**result, "msg": f"{label}: {_plain(str(result.get('msg', '')))}"}
        # In check mode the modules tell the id of what is there, and none of what they would make.
        created = check_mode and "id" not in result and options.get("state") != "absent"
        if args["must_exist"] and created:
            return _failed(f"AWX has no {label}, or the token may not see it. Nothing was changed.")
        return {**result, "object": label, "created": created}

    def _only_here(self, collection: str, kind: str, options: Mapping[str, t.Any]) -> dict[str, t.Any]:
        label, organization = f"{kind} {options['name']}", options["organization"]
        try:
            found = self._all_of_that_name(collection, ENDPOINTS[kind], options["name"])
        except _Refused as exc:
            return _failed(f"{label}: {_plain(str(exc))}")
        for each in found:
            where = each["summary_fields"].get("organization", {}).get("name")
            if organization not in (where, str(each["organization"])):
                place = f"organization {where}" if where else "no organization"
                return _failed(
                    f"AWX has {label} already, in {place}. The names of what is made must be there in no other "
                    "organization: set another awx_prefix. Nothing was changed."
                )
        return {"changed": False, "object": label, "created": False}

    def _all_of_that_name(self, collection: str, endpoint: str, name: str) -> Sequence[Mapping[str, t.Any]]:
        """Ask with what the modules are made of, since none of them tells the organization of what it finds.

        The collection has a lookup for it, from which the way to log in comes. But that leaves a token behind where it
        logs in with a user and password.
        """
        lookup = lookup_loader.get(f"{collection}.controller_api", loader=self._loader, templar=self._templar)
        lookup.set_options(direct={})
        shared = import_module(f"ansible_collections.{collection}.plugins.module_utils.controller_api")
        kind = shared.ControllerAPIModule
        login = {option: lookup.get_option(short) for short, option in kind.short_params.items()}
        api = kind(
            argument_spec={},
            direct_params={option: value for option, value in login.items() if value is not None},
            error_callback=_refuse,
            warn_callback=lambda _warning: None,
        )
        try:
            told = api.get_all_endpoint(endpoint, data={"name": name})["json"]
        finally:
            api.logout()
        return t.cast("Sequence[Mapping[str, t.Any]]", told["results"])


def _refuse(**told: t.Any) -> t.NoReturn:
    raise _Refused(str(told.get("msg", "")))


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
        f"tell which is meant. Give one of them another name, or set another awx_prefix. {found[0]}"
    )
