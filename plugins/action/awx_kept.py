# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warns where the folder of the evidence ends with the job. Documented by the module of the same name."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping

from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.plugin_utils._awx_mounts import outlives
from ansible_collections.saas.offboarding.plugins.plugin_utils._controller import (
    Controller,
    ControllerError,
    Object,
    controller,
)

WHERE = ("job_template", "job_templates"), ("inventory", "inventories"), ("organization", "organizations")
"""Options and endpoints of what may have instance groups, in the order in which AWX takes them."""
DEFAULT = "default"


class ActionModule(ActionBase):  # type: ignore[misc]
    """Returns the instance groups in which a folder does not outlive the job, with a warning that names them."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS: t.ClassVar = frozenset(("collection", "organization", "inventory", "job_template", "folder"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "collection": {"type": "str", "default": "awx.awx", "choices": ["awx.awx", "ansible.controller"]},
                **{name: {"type": "str", "required": True} for name in ("organization", "inventory", "job_template")},
                "folder": {"type": "str", "required": True},
            }
        )
        folder = args["folder"]
        if not folder.strip() or "{{" in folder:
            return {"changed": False, "groups": []}  # none, or one that a job works out
        try:
            with controller(self._loader, self._templar, args["collection"]) as api:
                settings = api.one("settings/jobs/")
                groups = list(_groups(api, args))
        except ControllerError as exc:
            warning = (
                f"Whether offboard_report_dir ({folder}) outlives a job could not be seen: {exc} A system "
                "administrator or auditor sees it. Evidence in a folder of the container is gone with the job."
            )
            return {"changed": False, "groups": [], "warnings": [warning]}
        lost = sorted({group["name"] for group in groups if not outlives(folder, group, settings)})
        warning = (
            f"offboard_report_dir: {folder} does not outlive a job in the instance group {', '.join(lost)}, so that "
            "evidence and journal are gone with the job. Mount a volume there: in the pod specification of a container "
            "group, or by Paths to expose to isolated jobs (Settings, Jobs) on nodes."
        )
        return {"changed": False, "groups": lost, "warnings": [warning] if lost else []}


def _groups(api: Controller, args: Mapping[str, str]) -> Iterator[Object]:
    """Yield the instance groups that jobs of a template may run in (Job.preferred_instance_groups)."""
    found = False
    for option, endpoint in WHERE:
        for each in api.all(endpoint, name=args[option]):
            for group in api.all(f"{endpoint}/{each['id']}/instance_groups/"):
                found = True
                yield group
            if each.get("prevent_instance_group_fallback"):
                return
    if not found:
        yield from api.all("instance_groups", name=DEFAULT)
