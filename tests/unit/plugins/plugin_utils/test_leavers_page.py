# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The examples of the guide leavers_list.rst: each export is read as it comes, with the variables beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.plugin_utils._columns import ListOptions, read_fields
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import read_inputs
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import table_of_text, text_of
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Host, read_settings
from harness.examples import collect
from harness.tree import REPOSITORY

PAGE = "docs/docsite/rst/leavers_list.rst"
FOLDER = REPOSITORY / "examples" / "hr-exports"
EXPORTS = sorted(path.stem for path in FOLDER.glob("*.csv"))
BLOCKS = [example for example in collect() if example.source == PAGE]
FIRST, SECOND = "leaver01@example.com", "leaver02@example.com"
FOUND = {
    "workday": [(FIRST, "2026-11-30"), (SECOND, "2026-12-31")],
    "bamboohr": [(FIRST, "2026-11-30")],
    "personio": [(FIRST, "30.11.2026"), (SECOND, "31.12.2026")],
    "hibob": [(FIRST, "11/15/2026"), (SECOND, "12/31/2026")],
    "successfactors": [(FIRST, "11/30/2026"), (SECOND, "12/31/2026")],
}


def variables_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def test_each_export_is_on_the_page_and_in_this_test() -> None:
    assert sorted(FOUND) == EXPORTS
    assert {path.stem for path in FOLDER.glob("*.yml")} == set(EXPORTS)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_read_as_it_comes(name: str) -> None:
    variables = variables_of(name)
    path = FOLDER / f"{name}.csv"
    text = text_of(path.read_bytes(), "", str(path))
    assert text.removeprefix("\ufeff").strip() in {block.text.strip() for block in BLOCKS if block.language == "text"}
    assert variables in [block.data for block in BLOCKS if block.language == "yaml"]
    options = ListOptions(
        variables["offboard_columns"],
        variables["offboard_ignore_columns"],
        skip=(variables.get("offboard_skip_rows", {}).get("top", 0), 0),
    )
    table = table_of_text(text, str(path), options.is_known, options.skip)
    rows = read_fields(table, options).rows
    assert table.problems.found == []
    assert [(row.values["email"], row.values["leave_at"]) for row in rows if "email" in row.values] == FOUND[name]


@pytest.mark.parametrize("name", EXPORTS)
def test_the_variables_of_an_export_are_all_it_needs(name: str) -> None:
    variables = variables_of(name)
    faults: list[str] = []
    given = {"saas_vendor": "netex", "offboard_leavers_file": str(FOLDER / f"{name}.csv"), **variables}
    settings = read_settings("offboard", "netex", Host("netex"), given, faults)
    assert settings is not None
    inputs = read_inputs(settings, "2026-12-15T00:00:00Z", lambda path: Path(path).read_bytes(), faults)
    assert [leaver["email"] for leaver in inputs.leavers] == [email for email, _date in FOUND[name]]
    assert [leaver["email"] for leaver in inputs.due] == [FIRST]


def test_an_entry_of_the_page_is_read() -> None:
    (block,) = (block for block in BLOCKS if block.text.startswith("- email"))
    (leaver,) = read_leavers(block.text, "leavers.yml").leavers
    assert (leaver["email"], leaver["reason"], leaver["ticket"]) == (FIRST, "end of contract", "HR-4711")
    assert leaver["accounts"]["zitadel"] == {"user_id": "69629023906488334"}
    assert leaver["accounts"]["netex"] == {"user_id": "4711"}


def test_the_command_names_files_that_are_there() -> None:
    (block,) = (block for block in BLOCKS if block.language == "console")
    named = re.findall(r"examples/hr-exports/\S+", block.text)
    assert named
    assert all((REPOSITORY / path).is_file() for path in named)
