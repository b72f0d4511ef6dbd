# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on one tenant, from the role's variables to its report. Documented by the module of the same name."""

from __future__ import annotations

import os
import typing as t
from collections.abc import Mapping
from dataclasses import replace

from ansible import constants
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.plugin_utils._call import call_module, is_here
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._command_line import dropped_words_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._environment import (
    TenantEnvironment,
    environment_of,
    has_tenants,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._facts import facts_of_run
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import Inputs, read_inputs
from ansible_collections.saas.offboarding.plugins.plugin_utils._misspelt import misspelt_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import ModuleResult, Source
from ansible_collections.saas.offboarding.plugins.plugin_utils._preflight import preflight
from ansible_collections.saas.offboarding.plugins.plugin_utils._register_state import (
    State,
    keep_run,
    read_state,
    run_variables,
    scope_faults,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import KINDS
from ansible_collections.saas.offboarding.plugins.plugin_utils._run import DONE, LEFT_OUT, REFUSED, Part, Run, join_run
from ansible_collections.saas.offboarding.plugins.plugin_utils._run_folder import FolderError, RunFolder
from ansible_collections.saas.offboarding.plugins.plugin_utils._scope import (
    Inventory,
    choice_of,
    known_tenants,
    left_out_by,
    scope_of,
    vendor_faults,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Refusal, Settings, read_settings
from ansible_collections.saas.offboarding.plugins.plugin_utils._tenant import Tenant
from ansible_collections.saas.offboarding.plugins.plugin_utils._variables import (
    given_variables,
    host_of,
    vendors_of,
    with_credentials,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import AUDIT, PREFLIGHT

BARRIER = ("linear", "debug")
"""Strategies in which all hosts have finished a task before the next one begins."""


class ActionModule(ActionBase):  # type: ignore[misc]
    """Checks the variables, reads the lists, calls the vendor's module, and keeps the report for offboard_report."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("kind", "vendor", "of_register"))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, args = self.validate_argument_spec(
            {
                "kind": {"type": "str", "choices": [*KINDS, PREFLIGHT], "required": True},
                "vendor": {"type": "str", "required": True},
                "of_register": {"type": "bool", "default": False},
            }
        )
        run = self._run_of(variables)
        position = list(VENDORS).index(args["vendor"]) if args["vendor"] in VENDORS else len(VENDORS)
        part = Part(
            host=str(variables["inventory_hostname"]),
            position=position,
            vendor=args["vendor"],
            tenant=str(variables["inventory_hostname"] if "saas_vendor" in variables else args["vendor"]),
            outcome=DONE,
            faults=[],
            work=None,
        )
        try:
            register = self._register(run) if args["of_register"] else None
            shown = self._work(args["kind"], args["vendor"], run, variables, part, register)
        except Refusal as exc:
            part["outcome"] = REFUSED
            part["faults"] = list(exc.faults)
            shown = {"msg": str(exc)}
        run.keep(part)
        return {**result, "changed": False, **shown}

    def _run_of(self, variables: Mapping[str, t.Any]) -> Run:
        """Return the run that this task is part of: that of the play's hosts where they wait for each other."""
        play = self._task.get_play()
        host = str(variables["inventory_hostname"])
        shared = str(play.strategy).rpartition(".")[2].rpartition("_")[2] in BARRIER
        everybody = [str(each) for each in variables.get("ansible_play_hosts_all") or [host]]
        batch = [str(each) for each in variables.get("ansible_play_batch") or [host]]
        hosts = [host] if not shared else batch if play.serial else everybody
        part = ""
        if len(hosts) < len(everybody):
            reason = "serial" if shared else f"strategy {play.strategy}"
            count = f"{len(hosts)} of {len(everybody)} hosts of the play ({reason})"
            part = f"This report covers {count}: the others have their own."
        return join_run(constants.DEFAULT_LOCAL_TMP, host, [str(self._task._uuid), hosts[0]], hosts, part)

    def _register(self, run: Run) -> State:
        """Return whom the playbook register hands over, and state that this is its run. Raises Refusal."""
        state = read_state(constants.DEFAULT_LOCAL_TMP)
        if state is None:
            raise Refusal(
                ["There is no register: close the accounts of one with the playbook saas.offboarding.register."]
            )
        keep_run(constants.DEFAULT_LOCAL_TMP, str(run.folder))
        return state

    def _work(
        self,
        kind: str,
        vendor: str,
        run: Run,
        variables: dict[str, t.Any],
        part: Part,
        register: State | None = None,
    ) -> dict[str, t.Any]:
        given, faults = given_variables(variables, self._templar.template, VENDORS.get(vendor))
        if register is not None:
            given = run_variables(given, register, constants.DEFAULT_LOCAL_TMP)
        inventory = Inventory(variables["groups"])
        play = [str(each) for each in variables.get("ansible_play_hosts_all") or ()]
        limit = variables.get("ansible_limit")
        choice = choice_of(given, play, limit if left_out_by(inventory, limit) else None)
        known = known_tenants(inventory, choice.pattern, play)
        tenants = run.once("tenants", lambda: vendors_of(known, variables["hostvars"]))
        host = host_of(variables, tenants)
        if not choice.vendors and host.configured:
            choice = replace(choice, vendors=host.configured)
        own = TenantEnvironment()
        if "saas_vendor" in variables and vendor in VENDORS and has_tenants(VENDORS[vendor], os.environ):
            hosts = run.once(
                f"hosts-{vendor}", lambda: with_credentials(VENDORS[vendor], tenants, variables["hostvars"])
            )
            own = environment_of(VENDORS[vendor], host.name, hosts, os.environ, faults)
            # In the command of the module, where only the names show.
            self._task.environment = [*(self._task.environment or ()), dict.fromkeys(own.hidden, "")]
        faults += dropped_words_faults()
        faults += misspelt_faults(variables, given.get("offboard_own_variables"))
        faults += vendor_faults(tenants, choice)
        scope = scope_of(tenants, choice, inventory)
        if register is not None:
            faults += scope_faults(scope)
        settings = read_settings(kind, vendor, host, given, faults)
        if settings is None:
            if faults:
                raise Refusal(faults)
            part["outcome"] = LEFT_OUT
            return {}
        shown: dict[str, t.Any] = {"changed": False, "warnings": [], "deprecations": []}

        def call(module: str, options: Mapping[str, t.Any]) -> ModuleResult[t.Any]:
            taken = {name: value for name, value in own.options.items() if name not in options}
            options = {**options, **taken, "from_environment": list(taken) or None}
            result = call_module(self, variables, module, options, str(run.folder))
            if "msg" in result:
                result["msg"] = own.worded(result["msg"])
            shown["warnings"] += result.get("warnings", [])
            shown["deprecations"] += result.get("deprecations", [])
            shown["changed"] |= bool(result.get("changed"))
            if "diff" in result and self._task.diff:
                shown["diff"] = result["diff"]
            return result

        if kind == PREFLIGHT:
            if faults:
                raise Refusal(faults)
            part["preflight"], part["scope"] = preflight(settings, call), scope
            return _without_empty(shown)
        inputs = read_inputs(settings, run.started, self._content, faults)
        if register is not None:
            source: Source = {**inputs.source, "file": register["register"], "sha256": register["sha256"]}
            inputs = replace(inputs, source=source)
        shown["warnings"] += inputs.notes
        check_mode = bool(self._task.check_mode)
        facts = facts_of_run(settings, inputs, scope, check_mode=check_mode, variables=variables)
        journal = self._journal(settings, inputs, run)
        facts["tenant"]["journal"] = bool(journal)
        report = Tenant(settings, inputs, call, journal, check_mode).report()
        part["work"] = {"facts": facts, "report": report}
        return {**_without_empty(shown), "summary": report["summary"]}

    def _journal(self, settings: Settings, inputs: Inputs, run: Run) -> str | None:
        """Make the folder of the run, and return the file of this tenant's journal. Raises Refusal."""
        parent = run.report_dir(settings["offboard_report_dir"])
        if not parent:
            return None
        folder = RunFolder(parent, run.run_id)
        try:
            folder.make()
            if self._task.check_mode or settings.kind == AUDIT or not (inputs.due or inputs.closed):
                return None  # nothing will be written
            if not is_here(self):
                return None  # the module sees other files
            return folder.begin_journal(settings, run.started)
        except FolderError as exc:
            raise Refusal([str(exc)]) from None

    def _content(self, path: str) -> bytes:
        try:
            return bytes(self._loader._get_file_contents(path)[0])
        except AnsibleError as exc:
            raise ValueError(f"{path}: {' '.join(str(exc).split())}") from None


def _without_empty(shown: Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: value for name, value in shown.items() if value != []}
