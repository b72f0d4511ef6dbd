# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The role knows every vendor and hands on every connection option: what a new vendor or option must not miss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.module_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.module_utils._model import CLOSED_STATES

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
        assert handed_on[name] == f"{{{{ {variable} | default(omit) }}}}", name
        assert options[variable]["type"] == option["type"], name
        assert bool(options[variable].get("no_log")) == bool(option.get("no_log")), name
        assert set(options[variable].get("choices", ())) == set(option.get("choices", ())), name
