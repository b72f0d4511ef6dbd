# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the evidence of a run, on the controller. Documented by the module of the same name."""

from __future__ import annotations

import getpass
import time
import typing as t
from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible.release import __version__ as core_version

from ansible_collections.saas.offboarding.plugins.module_utils._clock import moment_text
from ansible_collections.saas.offboarding.plugins.module_utils._packed import unpack
from ansible_collections.saas.offboarding.plugins.plugin_utils._audit import not_looked_at
from ansible_collections.saas.offboarding.plugins.plugin_utils._console import matrix
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
    is_plan,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import EVIDENCE, make_folder, write_folder
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_data
from ansible_collections.saas.offboarding.plugins.plugin_utils._plan import handed_on, plan


class ActionModule(ActionBase):  # type: ignore[misc]
    """Puts the reports of all tenants together, writes them down, and returns what to show."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("tenants", "silent", "left_closed", "run", "folder"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "tenants": {"type": "list", "elements": "raw"},
                "silent": {"type": "list", "elements": "str", "default": []},
                "left_closed": {"type": "raw", "default": []},
                "run": {"type": "dict"},
                "folder": {"type": "path"},
            },
            required_together=[("tenants", "run")],
            required_one_of=[("tenants", "folder")],
        )
        if args["tenants"] is None:
            return result | self._place(args["folder"])
        return result | self._write(args, task_vars or {})

    def _place(self, folder: str) -> dict[str, t.Any]:
        try:
            make_folder(folder)
        except OSError as exc:
            return {"failed": True, "msg": f"{exc.strerror}: {exc.filename}"}
        return {"changed": False}

    def _write(self, args: Mapping[str, t.Any], task_vars: Mapping[str, t.Any]) -> dict[str, t.Any]:
        try:
            tenants = [unpack(tenant) for tenant in args["tenants"]]
            left_closed = unpack(args["left_closed"])
            lists = {"source": _source(args["run"]["source"]), "staff": _source(args["run"].get("staff"))}
        except ValueError as exc:
            return {"failed": True, "msg": str(exc)}
        if not all(isinstance(tenant, Mapping) for tenant in tenants):
            return {"failed": True, "msg": "tenants must be a list of reports, each a dict or packed as one text"}
        facts = {
            **args["run"],
            **lists,
            "reason": args["run"].get("reason"),
            "ticket": args["run"].get("ticket"),
            "finished": moment_text(time.time()),
            "ran_by": _ran_by(task_vars),
            "ansible_core_version": core_version,
        }
        # Whoever limits a run to some tenants knows that the others were left out.
        unseen = not_looked_at(
            left_closed,
            [tenant["tenant"] for tenant in tenants],
            fails=not facts["parameters"].get("limit"),
        )
        try:
            document = evidence(tenants, facts, args["silent"], unseen)
        except ValueError as exc:
            return {"failed": True, "msg": str(exc)}
        error = ""
        note: list[str] = []
        if args["folder"]:
            try:
                make_folder(args["folder"])
                document, faults = write_folder(args["folder"], document)
            except OSError as exc:
                error = f"The evidence cannot be written to {args['folder']}: {exc.strerror}. The run itself is done."
            else:
                error = "; ".join(faults)
                note = ["", f"Evidence: {args['folder']}", f"Seal: {document['seal']}"]
        files: dict[str, t.Any] = as_data(
            {
                "changed": False,
                "lines": [*matrix(document), *note],
                "error": error,
                "tenants": len(document["tenants"]),
                "plan": handed_on(plan(document)) if is_plan(document) else {},
                "unseen": sum(look["failing"] for look in unseen),
                "population": document["population"],
                "seal": document.get("seal"),
                "files": [*document["files"], EVIDENCE] if "files" in document else [],
            }
        )
        return files


def _source(values: t.Any) -> dict[str, t.Any] | None:
    """Return where a list came from, with its count as a number: core 2.18 makes texts of numbers and of none."""
    if not values:
        return None
    people = unpack(values.get("people"))
    if isinstance(people, list):
        people = len(people)
    return {**values, "people": None if people in (None, "") else int(people)}


def _ran_by(variables: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return who ran this, as far as the operating system and AWX tell. AWX gives its variables under two names."""
    try:
        user: str | None = getpass.getuser()
    except (KeyError, OSError):
        user = None  # a container that runs under a number
    awx = {
        name: next((str(variables[each]) for each in (f"awx_{name}", f"tower_{name}") if variables.get(each)), None)
        for name in ("job_id", "job_template_name", "user_name")
    }
    return {
        "user": user,
        "awx_job_id": awx["job_id"],
        "awx_job_template": awx["job_template_name"],
        "awx_user": awx["user_name"],
    }
