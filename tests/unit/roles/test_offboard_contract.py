# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The role knows every vendor and hands on every connection option: what a new vendor or option must not miss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.module_utils._model import CLOSED_STATES
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS

ROLE = Path(__file__).parents[3] / "roles" / "offboard"


def read(*path: str) -> Any:
    return yaml.safe_load(ROLE.joinpath(*path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def options() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read("meta", "argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


def test_the_role_works_for_every_vendor(options: dict[str, dict[str, Any]]) -> None:
    assert set(read("vars", "main.yml")["__offboard_all_vendors"]) == set(VENDORS)
    assert set(options["saas_vendor"]["choices"]) == set(options["offboard_vendors"]["choices"]) == set(VENDORS)
    assert {path.stem for path in (ROLE / "tasks" / "vendors").glob("*.yml")} == set(VENDORS)


def test_the_role_knows_which_vendors_can_be_read_and_how_each_is_verified(options: dict[str, dict[str, Any]]) -> None:
    known = read("vars", "main.yml")
    assert known["__offboard_unreadable"] == [name for name, vendor in VENDORS.items() if not vendor.readable]
    assert all(f"{vendor}_verify" in options for vendor in VENDORS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_one_task_closes_and_one_that_is_pinned_to_check_mode_looks(vendor: str) -> None:
    (block,) = read("tasks", "vendors", f"{vendor}.yml")
    tasks = {next(name for name in task if name.startswith("saas.")): task for task in block["block"]}
    expected = {f"saas.offboarding.{vendor}_user"}
    if VENDORS[vendor].readable:
        expected.add(f"saas.offboarding.{vendor}_user_info")
        assert tasks[f"saas.offboarding.{vendor}_user_info"]["check_mode"] is True
    assert set(tasks) == expected
    assert {task["when"] for task in tasks.values()} <= {"__offboard_view is not defined", "__offboard_view is defined"}


def test_all_plays_of_the_audit_are_pinned_to_check_mode() -> None:
    def plays(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = yaml.safe_load((ROLE.parents[1] / "playbooks" / name).read_text(encoding="utf-8"))
        return found

    imported, *own = plays("audit.yml")
    assert [play["check_mode"] for play in own] == [True, True]
    assert [play["check_mode"] for play in plays(imported["ansible.builtin.import_playbook"])] == [True, True]


def test_every_module_of_a_vendor_shows_its_progress_and_is_in_its_group() -> None:
    runtime = yaml.safe_load((ROLE.parents[1] / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = {vendor: [f"{vendor}_user"] for vendor in VENDORS}
    for vendor in VENDORS:
        modules[vendor] += [f"{vendor}_user_info"] if VENDORS[vendor].readable else []
    assert {name: sorted(group) for name, group in runtime["action_groups"].items()} == modules
    assert runtime["plugin_routing"]["modules"] == {
        module: {"action_plugin": "saas.offboarding.progress"} for group in modules.values() for module in group
    }


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_states_on_offer_are_those_of_the_module_that_close(
    vendor: str, options: dict[str, dict[str, Any]]
) -> None:
    offered = set(options["offboard_states"]["options"][vendor]["choices"])
    assert offered == set(VENDORS[vendor].states) & set(CLOSED_STATES)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_connection_option_is_a_variable_and_is_handed_on(
    vendor: str, options: dict[str, dict[str, Any]]
) -> None:
    (block,) = read("tasks", "vendors", f"{vendor}.yml")
    handed_on = block["module_defaults"][f"group/saas.offboarding.{vendor}"]
    for name, option in VENDORS[vendor].connection.options.items():
        variable = f"{vendor}_{name}"
        assert name in handed_on, f"roles/offboard/tasks/vendors/{vendor}.yml does not hand on {name}"
        assert variable in options, f"roles/offboard/meta/argument_specs.yml has no {variable}"
        assert handed_on[name] == f"{{{{ {variable} | default(omit) }}}}", name
        assert options[variable]["type"] == option["type"], name
        assert bool(options[variable].get("no_log")) == bool(option.get("no_log")), name
        assert set(options[variable].get("choices", ())) == set(option.get("choices", ())), name
