# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at what AWX has, before anything is changed there. Documented by the module of the same name."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.module_utils._text import some
from ansible_collections.saas.offboarding.plugins.plugin_utils._controller import (
    Controller,
    ControllerError,
    controller,
)

ENDPOINTS = {
    "credential": "credentials",
    "execution_environment": "execution_environments",
    "inventory": "inventories",
    "project": "projects",
}
"""Where those kinds are listed whose names the modules look up in all organizations."""
NAMED = {"teams": ("teams", "team"), "users": ("users", "user")}
"""Endpoint and word for what a part of a variable names. All other parts name notification templates."""
SHOWN = 20


class ActionModule(ActionBase):  # type: ignore[misc]
    """Returns the hosts that the inventory has, or fails with all that is missing or in another organization."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS: t.ClassVar = frozenset(("collection", "organization", "only_here", "named", "inventory", "mark"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "collection": {"type": "str", "default": "awx.awx", "choices": ["awx.awx", "ansible.controller"]},
                "organization": {"type": "str", "required": True},
                "only_here": {"type": "dict", "default": {}},
                "named": {"type": "dict", "default": {}},
                "inventory": {"type": "str", "required": True},
                "mark": {"type": "str", "required": True},
            }
        )
        try:
            with controller(self._loader, self._templar, args["collection"]) as api:
                return _look(api, args)
        except ControllerError as exc:
            return {"failed": True, "msg": str(exc)}


def _look(api: Controller, args: Mapping[str, t.Any]) -> dict[str, t.Any]:
    name = args["organization"]
    organizations = api.all("organizations", name=name) or (api.all("organizations", id=name) if name.isdigit() else ())
    if not organizations:
        return _failed([f"AWX has no organization {name}, or the token may not see it."])
    organization = organizations[0]["id"]
    faults = []
    elsewhere = list(_elsewhere(api, organization, args["only_here"]))
    if elsewhere:
        faults.append(
            f"AWX has {some(elsewhere, SHOWN)} already. The names of what is made must be there in no other "
            "organization: set another awx_prefix."
        )
    for variable, parts in args["named"].items():
        missing = list(_missing(api, organization, parts))
        if missing:
            faults.append(
                f"{variable}: AWX has {some(missing, SHOWN)} in the organization {name}, or the token may not see it. "
                "Correct the name, or make it in AWX."
            )
    if faults:
        return _failed(faults)
    hosts = [
        host
        for inventory in api.all("inventories", name=args["inventory"], organization=organization)
        for host in api.all("hosts", inventory=inventory["id"])
    ]
    return {
        "changed": False,
        "hosts": [host["name"] for host in hosts],
        "made": [host["name"] for host in hosts if host["description"] == args["mark"]],
    }


def _failed(faults: Sequence[str]) -> dict[str, t.Any]:
    return {"failed": True, "msg": " ".join((*faults, "Nothing was changed."))}


def _elsewhere(api: Controller, organization: int, only_here: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for kind, names in only_here.items():
        for name in names:
            for each in api.all(ENDPOINTS[kind], name=name):
                if each["organization"] != organization:
                    where = each["summary_fields"].get("organization", {}).get("name")
                    yield f"{kind} {name} in {f'organization {where}' if where else 'no organization'}"


def _missing(api: Controller, organization: int, parts: Mapping[str, Sequence[str] | None]) -> Iterator[str]:
    for part, names in parts.items():
        endpoint, word = NAMED.get(part, ("notification_templates", "notification template"))
        for name in names or ():
            found = api.all(endpoint, **{"username" if endpoint == "users" else "name": name})
            here = [each for each in found if each.get("organization", organization) == organization]
            if not here:
                yield f"no {word} {name}"
            elif endpoint == "notification_templates" and len(found) > 1:
                yield f"{word} {name} not alone (another organization has one, and the modules look it up by its name)"
