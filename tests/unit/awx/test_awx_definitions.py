# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What is built in AWX fits the modules: each option of a vendor is an input, or is left out for a reason."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from awx.definitions import TYPES, definitions
from awx.rules import credential_type_fault, environment
from harness.tree import REPOSITORY


def test_there_is_a_credential_type_for_each_vendor() -> None:
    assert set(TYPES) == set(VENDORS)
    assert len({each["name"] for each in TYPES.values()}) == len(VENDORS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_connection_option_is_an_input_or_left_out_for_a_reason(vendor: str) -> None:
    kind = TYPES[vendor]
    options = VENDORS[vendor].connection.options
    fields = {each["id"]: each for each in kind["inputs"]["fields"]}
    assert not set(fields) & set(kind["left_out"])
    assert set(fields) | set(kind["left_out"]) == set(options)
    assert all(len(reason) > 5 for reason in kind["left_out"].values())
    assert [name for name in kind["left_out"] if options[name].get("no_log")] == []
    assert kind["injectors"] == {"env": {f"{vendor}_{name}".upper(): f"{{{{ {name} }}}}" for name in fields}}
    for name, each in fields.items():
        assert bool(each.get("secret")) == bool(options[name].get("no_log")), name
        assert each.get("choices") == options[name].get("choices"), name
        assert each["label"], name
        assert each["help_text"].endswith("."), name
    assert set(kind["inputs"].get("required", ())) <= set(fields)
    assert {name for name in fields if options[name].get("required")} <= set(kind["inputs"].get("required", ()))


def test_the_guide_has_the_credential_types_and_their_inputs() -> None:
    """Their names stand there for people, and are what AWX shows."""
    guide = (REPOSITORY / "docs" / "docsite" / "rst" / "awx.rst").read_text(encoding="utf-8")
    rows = re.findall(r"^   \* - (.+ \(saas\.offboarding\))\n     - (.+(?:\n       .+)*)$", guide, re.MULTILINE)
    assert {name: set(re.findall(r"``(\w+)``", text)) for name, text in rows} == {
        kind["name"]: {each["id"] for each in kind["inputs"]["fields"]} for kind in TYPES.values()
    }
    assert len(rows) == len(TYPES)


@pytest.mark.parametrize("vendor", VENDORS)
def test_awx_takes_each_credential_type_and_gives_nothing_for_what_is_left_out(vendor: str) -> None:
    kind = TYPES[vendor]
    assert credential_type_fault(kind["inputs"], kind["injectors"]) == ""
    first = kind["inputs"]["fields"][0]["id"]
    given = environment({first: "given"}, kind)
    assert given.pop(f"{vendor}_{first}".upper()) == "given"
    assert set(given.values()) == {""}


def test_no_secret_has_a_default_and_no_variable_a_space() -> None:
    questions = definitions("surveys")["__awx_questions"]
    assert [each["variable"] for each in questions.values() if not each["variable"].isidentifier()] == []
    assert "password" not in {each["type"] for each in questions.values()}


def test_every_variable_is_described() -> None:
    spec = definitions("variables")["__awx_spec"]
    assert all(each["description"].endswith(".") for each in spec.values())
    # Whatever is not required has a default, from which the playbook takes it.
    assert [name for name, each in spec.items() if ("default" in each) == bool(each.get("required"))] == []
    example = yaml.safe_load((REPOSITORY / "examples" / "awx-setup.yml").read_text(encoding="utf-8"))
    assert set(example) <= {*spec, "awx_tenants"}


PLAYBOOK = re.compile(r"\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):")
"""The line by which AWX knows a playbook (could_be_playbook of awx/main/utils/ansible.py, with pull request 12102)."""
PROJECT = REPOSITORY / "examples" / "awx-project"


def test_awx_finds_the_playbooks_of_the_project() -> None:
    templates = definitions("templates")["__awx_tenant_templates"] + definitions("schedule")["__awx_schedule_templates"]
    wanted = {each["playbook"] for each in templates}
    found = {
        path.name
        for path in PROJECT.glob("*.yml")
        if any(PLAYBOOK.match(line) for line in path.read_text(encoding="utf-8").splitlines())
    }
    assert found == wanted | {"read_vault.yml"} == {path.name for path in PROJECT.glob("*.yml")}


def test_the_project_asks_for_one_exact_version_which_is_this_one() -> None:
    asked = yaml.safe_load((PROJECT / "collections" / "requirements.yml").read_text(encoding="utf-8"))
    version = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert asked == {"collections": [{"name": "saas.offboarding", "version": version}]}


def test_what_awx_gives_to_its_own_jobs_is_none_of_our_variables() -> None:
    variables = definitions("variables")
    assert not set(variables["__awx_of_jobs"]) & {*variables["__awx_spec"], "awx_tenants"}
    assert {"awx_job_id", "awx_user_name", "awx_project_revision"} <= set(variables["__awx_of_jobs"])
