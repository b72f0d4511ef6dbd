# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The role's argument specs describe the variables that the role reads, each once, and check nothing by themselves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import VARIABLES, option_variables

ROLE = Path(__file__).parents[3] / "roles" / "offboard"
LONGEST = 900
"""Lines of a page that a person still reads."""


def read(*path: str) -> Any:
    return yaml.safe_load(ROLE.joinpath(*path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def specs() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read("meta", "argument_specs.yml")["argument_specs"]
    return found


def test_every_entry_point_is_described_and_checks_nothing_before_the_action(specs: dict[str, dict[str, Any]]) -> None:
    tasks = {path.stem for path in (ROLE / "tasks").glob("*.yml")} - {"finish"}

    assert set(specs) == {*tasks, "variables"}
    assert [name for name in tasks if specs[name]["options"] != {}] == []


def test_the_variables_are_those_that_the_role_reads(specs: dict[str, dict[str, Any]]) -> None:
    assert set(specs["variables"]["options"]) == set(VARIABLES)


def test_a_default_is_the_one_that_is_used(specs: dict[str, dict[str, Any]]) -> None:
    documented = {
        name: option["default"] for name, option in specs["variables"]["options"].items() if "default" in option
    }

    assert documented == {name: VARIABLES[name].default for name in documented}
    # An empty value is what a variable without a default has.
    assert [name for name, each in VARIABLES.items() if each.default and name not in documented] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_options_of_a_vendor_that_are_variables_are_listed(vendor: str, specs: dict[str, dict[str, Any]]) -> None:
    (line,) = [each for each in specs["variables"]["description"] if f"{vendor}_user)" in each]

    assert re.findall(r"C\((\w+)\)", line) == list(option_variables(VENDORS[vendor]).values())


def test_the_page_of_the_role_is_short_enough_to_be_read(collections_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "--type", "role", "saas.offboarding.offboard"],
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "COLUMNS": "80",
        },
        check=True,
        capture_output=True,
        text=True,
    )

    assert len(done.stdout.splitlines()) <= LONGEST


def test_every_module_of_a_vendor_shows_its_progress_and_is_in_its_group() -> None:
    runtime = yaml.safe_load((ROLE.parents[1] / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = {name: list(info.modules) for name, info in VENDORS.items()}

    assert runtime["action_groups"] == modules
    assert runtime["plugin_routing"]["modules"] == {
        module: {"action_plugin": "saas.offboarding.progress"} for group in modules.values() for module in group
    }
