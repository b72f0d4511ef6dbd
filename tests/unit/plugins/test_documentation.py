# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What the modules' documentation says, as ansible-doc reads it, is what the code does."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.module_utils._counters import Counters
from ansible_collections.saas.offboarding.plugins.module_utils._libraries import FLOORS
from ansible_collections.saas.offboarding.plugins.module_utils._lookup import Sight
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    PRESENT,
    UNREADABLE,
    Answer,
    Key,
    Outcome,
    Problem,
    Proof,
    summary,
)
from ansible_collections.saas.offboarding.plugins.module_utils._module import (
    _seen,
    empty_info_result,
    empty_result,
    info_spec,
    user_spec,
)
from ansible_collections.saas.offboarding.plugins.module_utils._options import SHOWING, USER_TASK, travel
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo
from ansible_collections.saas.offboarding.plugins.module_utils._version import VERSION
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS, vendor_class
from harness.tree import REPOSITORY
from tools.generate.texts import proves_by_list

COLLECTION = "saas.offboarding"
PLUGINS = REPOSITORY / "plugins"
MODULE_UTILS = PLUGINS / "module_utils"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
SECRET = re.compile(r"(_secret|_token|_password|^key_content|^api_key)$")
TEMPLATE = re.compile(r"\{\{.+\}\}")
NOT_READABLE = {"ambiguous", "near_match", "same_account", "not_applied", "unverified"}
"""Codes that need an account that was read."""
OF_WRITES = {
    "vendor_refuses",
    "not_offered",
    "no_ref",
    "platform_failed",
    "closes_by_removing",
    "deactivated_instead",
}
"""Codes that a vendor's own file gives to changes."""
OF_REQUESTS = ("_faults", "_match", "_reply", "_transport", "_vendor")
"""Files that give codes to requests."""


def vendor_of(module: str) -> VendorInfo:
    return VENDORS[module.partition("_")[0]]


USER_MODULES = [f"{vendor}_user" for vendor in VENDORS]
INFO_MODULES = [f"{vendor}_user_info" for vendor in VENDORS if vendor_of(vendor).readable]
VENDOR_MODULES = USER_MODULES + INFO_MODULES


def is_info(module: str) -> bool:
    return module.endswith("_info")


def spec_of(module: str) -> Mapping[str, dict[str, Any]]:
    return (info_spec if is_info(module) else user_spec)(vendor_of(module)).options


def states_of(module: str) -> tuple[str, ...]:
    """What the option state offers: states to be brought about, or to be found."""
    vendor = vendor_of(module)
    return vendor.found_states if is_info(module) else vendor.states


@pytest.fixture(scope="session")
def documentation(collections_path: Path) -> dict[str, dict[str, Any]]:
    """All modules' documentation with the fragments in place, by module."""
    run = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "--json", *(f"{COLLECTION}.{name}" for name in MODULES)],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path), "ANSIBLE_LOCALHOST_WARNING": "false"},
        check=True,
        capture_output=True,
        text=True,
    )
    return {name.rpartition(".")[2]: entry for name, entry in json.loads(run.stdout).items()}


def described(entry: Mapping[str, Any]) -> str:
    text = entry["description"]
    return text if isinstance(text, str) else "\n".join(text)


def test_every_module_is_documented(documentation: dict[str, dict[str, Any]]) -> None:
    assert sorted(documentation) == MODULES
    assert set(VENDOR_MODULES) <= set(MODULES)


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_a_module_is_its_vendors(module: str) -> None:
    source = importlib.import_module(f"ansible_collections.saas.offboarding.plugins.modules.{module}")

    assert vendor_class(vendor_of(module).name) in vars(source).values()


# -- options


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_options_are_those_of_the_code(documentation: dict[str, dict[str, Any]], module: str) -> None:
    assert shape_documented(documentation[module]["doc"]["options"]) == shape_in_code(spec_of(module))


def shape_documented(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {
            **{key: option.get(key) for key in ("elements", "choices", "default")},
            "type": option["type"],
            "required": option.get("required", False),
            "aliases": option.get("aliases", []),
            "options": shape_documented(option.get("suboptions") or {}),
        }
        for name, option in options.items()
    }


def shape_in_code(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {
            **{key: option.get(key) for key in ("elements", "choices", "default")},
            "type": option["type"],
            "required": option.get("required", False),
            "aliases": option.get("aliases", []),
            "options": shape_in_code(option.get("options") or {}),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_every_option_has_a_description(documentation: dict[str, dict[str, Any]], module: str) -> None:
    for name, option in all_options(documentation[module]["doc"]["options"], "suboptions"):
        assert described(option).strip().endswith("."), name


def all_options(options: Mapping[str, Any], inner: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, option in options.items():
        yield name, option
        yield from all_options(option.get(inner) or {}, inner)


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_secrets_and_only_secrets_are_hidden(module: str) -> None:
    for name, option in all_options(spec_of(module), "options"):
        assert bool(option.get("no_log")) == bool(SECRET.search(name)), name


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_a_connection_option_names_its_environment_variable(
    documentation: dict[str, dict[str, Any]], module: str
) -> None:
    vendor = vendor_of(module)
    prefix = vendor.name.upper()
    for name, option in documentation[module]["doc"]["options"].items():
        documented = re.findall(rf"E\(({prefix}_\w+)\)", described(option))
        if name in vendor.connection.options:
            fallback = vendor.connection.options[name]["fallback"][1]
            assert documented == fallback == [f"{prefix}_{name.upper()}"], name
        else:
            assert documented == [], name
            assert "fallback" not in spec_of(module)[name], name


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_no_other_vendors_variable_is_named(documentation: dict[str, dict[str, Any]], module: str) -> None:
    own = vendor_of(module).name.upper()
    others = {vendor.upper() for vendor in VENDORS} - {own}
    text = json.dumps(documentation[module])

    assert [word for word in re.findall(r"\b([A-Z]+)_[A-Z_]+\b", text) if word in others] == []


@pytest.mark.parametrize("option", travel("X").options)
def test_a_travel_option_reads_the_same_for_all_vendors(documentation: dict[str, dict[str, Any]], option: str) -> None:
    assert len({documentation[module]["doc"]["options"][option]["description"][0] for module in VENDOR_MODULES}) == 1


@pytest.mark.parametrize(
    ("options", "modules"),
    [(USER_TASK.options, USER_MODULES), (SHOWING.options, VENDOR_MODULES), (["details"], INFO_MODULES)],
)
def test_shared_options_read_the_same_for_all_vendors(
    documentation: dict[str, dict[str, Any]], options: Iterable[str], modules: list[str]
) -> None:
    for option in options:
        assert len({described(documentation[module]["doc"]["options"][option]) for module in modules}) == 1


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_a_module_has_the_fragments_of_its_kind(module: str) -> None:
    kind = "info" if is_info(module) else "user"
    common = [f"{COLLECTION}.common.{name}" for name in ("attributes", kind, "showing")]

    assert fragments_of(module) == [f"{COLLECTION}.{vendor_of(module).name}", *common]


@pytest.mark.parametrize("module", INFO_MODULES)
def test_keys_are_explained_as_by_the_module_that_writes(documentation: dict[str, dict[str, Any]], module: str) -> None:
    writes = documentation[module.removesuffix("_info")]["doc"]["options"]
    for name in vendor_of(module).keys.options:
        reads = documentation[module]["doc"]["options"][name]
        assert described(writes[name]).startswith(described(reads)), name


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_every_state_is_explained(documentation: dict[str, dict[str, Any]], module: str) -> None:
    text = described(documentation[module]["doc"]["options"]["state"])

    assert [state for state in states_of(module) if f"V({state})" not in text] == []


# -- what surrounds the options


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_the_head_is_complete(documentation: dict[str, dict[str, Any]], module: str) -> None:
    doc = documentation[module]["doc"]

    assert doc["short_description"]
    assert not doc["short_description"].endswith(".")
    assert re.fullmatch(r"\d+\.\d+\.0", doc["version_added"]), "a new module comes with a minor version"
    assert doc["author"]
    assert doc["seealso"]
    assert {"python >= 3.11", *(f"{name} >= {floor}" for name, floor in FLOORS.items())} <= set(doc["requirements"])
    assert re.search(r"https://", described(doc)), "the vendor's page is the source of what is said"


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_attributes_are_honest(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    attributes = documentation[module]["doc"]["attributes"]
    support = {name: attribute["support"] for name, attribute in attributes.items()}

    assert support == {
        "action_group": "full",
        "check_mode": "full" if vendor.readable else "partial",
        "diff_mode": "N/A" if is_info(module) else "full",
        "idempotent": "full" if vendor.readable else "none",
    }
    assert [name for name, word in support.items() if word != "full" and not attributes[name].get("details")] == []
    assert attributes["action_group"]["membership"] == [f"{COLLECTION}.{vendor.name}"]


def test_an_action_group_is_the_modules_with_its_vendors_fragment() -> None:
    runtime = yaml.safe_load((REPOSITORY / "meta" / "runtime.yml").read_text())

    assert {group: sorted(modules) for group, modules in runtime["action_groups"].items()} == {
        vendor: sorted(module for module in MODULES if f"{COLLECTION}.{vendor}" in fragments_of(module))
        for vendor in VENDORS
    }


def fragments_of(module: str) -> list[str]:
    """The fragments that a module's own text asks for; ansible-doc no longer shows them."""
    for statement in ast.parse((PLUGINS / "modules" / f"{module}.py").read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "DOCUMENTATION":
            fragments = yaml.safe_load(ast.literal_eval(statement.value)).get("extends_documentation_fragment", [])
            assert isinstance(fragments, list)
            return fragments
    raise AssertionError(f"{module} has no DOCUMENTATION")


def test_versions_agree() -> None:
    assert yaml.safe_load((REPOSITORY / "galaxy.yml").read_text())["version"] == VERSION


# -- examples


@pytest.mark.parametrize("module", USER_MODULES)
def test_examples_show_what_there_is(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    tasks = list(tasks_in(yaml.safe_load(documentation[module]["examples"])))
    calls = [task[f"{COLLECTION}.{module}"] for task in tasks if f"{COLLECTION}.{module}" in task]

    assert any("users" in call for call in calls)
    assert any(set(vendor.keys.options) & set(call) for call in calls)
    assert {call["state"] for call in calls} >= set(vendor.states) - {"locked"}
    assert any(f"group/{COLLECTION}.{vendor.name}" in task.get("module_defaults", {}) for task in tasks)
    assert any({"protected", "max_changes"} <= set(call) for call in calls)


@pytest.mark.parametrize("module", INFO_MODULES)
def test_examples_show_what_can_be_read(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    tasks = list(tasks_in(yaml.safe_load(documentation[module]["examples"])))
    calls = [task[f"{COLLECTION}.{module}"] or {} for task in tasks if f"{COLLECTION}.{module}" in task]
    used = {name for call in calls for name in call}

    assert {"users", "state", "details", "batch_size"} <= used
    assert used & set(vendor.keys.options)
    assert ("search" in used) is vendor.searchable
    assert used >= set(vendor.listing_settings.options)
    assert any(f"group/{COLLECTION}.{vendor.name}" in task.get("module_defaults", {}) for task in tasks)
    assert any("staff" in json.dumps(task) for task in tasks), "accounts without an owner"


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_examples_use_only_what_there_is(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    spec = spec_of(module)
    for task in tasks_in(yaml.safe_load(documentation[module]["examples"])):
        assert task["name"]
        defaults = task.get("module_defaults", {})
        assert set(defaults) <= {f"group/{COLLECTION}.{vendor.name}"}
        for arguments in defaults.values():
            assert_fits(arguments, vendor.connection.options)
        actions = {key: value for key, value in task.items() if "." in key}
        assert set(actions) <= {f"{COLLECTION}.{module}", "ansible.builtin.assert", "ansible.builtin.debug"}
        assert len(actions) == 1 or "block" in task
        if f"{COLLECTION}.{module}" in actions:
            assert_fits(actions[f"{COLLECTION}.{module}"] or {}, spec)


def tasks_in(tasks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        yield task
        yield from tasks_in(task.get("block", []))


def assert_fits(arguments: Mapping[str, Any], spec: Mapping[str, dict[str, Any]]) -> None:
    assert set(arguments) <= set(spec)
    for name, value in arguments.items():
        if spec[name].get("no_log"):
            assert TEMPLATE.fullmatch(value), f"{name} is no template: secrets have no place in examples"
        if isinstance(value, str) and TEMPLATE.search(value):
            continue
        assert value in spec[name].get("choices", [value]), name
        if "options" in spec[name]:
            for entry in value if isinstance(value, list) else [value]:
                assert_fits(entry, spec[name]["options"])


@pytest.mark.parametrize(
    "plugin",
    [path for kind in ("modules", "filter", "lookup") for path in sorted((PLUGINS / kind).glob("*.py"))],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_the_lines_of_examples_are_short(plugin: Path) -> None:
    """Such that ansible-doc shows each as one line of a terminal."""
    (found,) = re.findall(r'^EXAMPLES = r?"""(.*?)^"""', plugin.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert [line for line in found.splitlines() if len(line) > 80] == []


# -- results

ONLY_AFTER_A_CHANGE = {"tokens_dead"}
"""Tasks for a person that a reading does not show."""
ACCOUNT: Any = SimpleNamespace(
    tenant="", transport=SimpleNamespace(counters=Counters()), product_used=lambda: None, notes=tuple
)
READ = set(_seen(ACCOUNT, True, None)["read"])


@pytest.mark.parametrize("module", USER_MODULES)
def test_the_result_is_that_of_the_code(documentation: dict[str, dict[str, Any]], module: str) -> None:
    result = documentation[module]["return"]
    user = result["users"]["contains"]
    problem = Problem("code", "message")
    outcome = Outcome(Key("email", "jane@example.com"), "changed", problem=problem).as_result()
    condition = set(UNREADABLE.as_result(with_sessions=vendor_of(module).sessions)) | (
        {"attributes"} if PRESENT in vendor_of(module).states else set()
    )

    assert {name for name, each in result.items() if each["returned"] == "always"} == set(empty_result())
    has_lacking = vendor_class(vendor_of(module).name).lacking is not Vendor.lacking
    assert set(result) - set(empty_result()) == {"checks"} | ({"lacking"} if has_lacking else set()) | of_product(
        module
    )
    sometimes = {"repaired"} if vendor_of(module).lost_writes else set()
    assert set(user) - set(outcome) == sometimes | notes_of(module)
    assert set(outcome) <= set(user)
    assert set(user["before"]["contains"]) == set(user["after"]["contains"]) == condition
    assert set(user["error"]["contains"]) == set(problem.as_result())
    assert set(user["proof"]["contains"]) == set(Proof().as_result())
    assert set(result["summary"]["sample"]) == set(summary(()))
    assert set(result["requests"]["sample"]) == set(Counters().as_result())
    assert set(result["read"]["sample"]) == READ
    assert set(result["diff"]["sample"]) == {"before", "after"}
    assert sum(result["summary"]["sample"].values()) == 2 * result["summary"]["sample"]["requested"]


@pytest.mark.parametrize("module", INFO_MODULES)
def test_the_result_of_a_reading_is_that_of_the_code(documentation: dict[str, dict[str, Any]], module: str) -> None:
    result = documentation[module]["return"]
    user = result["users"]["contains"]
    empty = empty_info_result()

    assert set(result) == set(empty) | of_product(module)
    assert set(user) == set(Sight().as_result(None, with_sessions=vendor_of(module).sessions)) | notes_of(module)
    assert user["names"]["sample"] == sorted(user["names"]["sample"])
    assert set(user["seen"]["contains"]) == set(Answer("").as_result())
    assert set(user["error"]["contains"]) == set(Problem("code", "message").as_result())
    assert set(result["summary"]["sample"]) == set(empty["summary"])
    assert set(result["requests"]["sample"]) == set(empty["requests"]) == set(Counters().as_result())
    assert set(result["read"]["sample"]) == READ
    assert sum(result["summary"]["sample"].values()) == 2 * result["summary"]["sample"]["requested"]


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_what_is_left_to_a_person_is_explained(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    manual = documentation[module]["return"]["users"]["contains"]["manual"]
    codes = set(vendor.manual)
    if is_info(module) and vendor_class(vendor.name).leftovers is Vendor.leftovers:
        codes = set()
    codes -= ONLY_AFTER_A_CHANGE if is_info(module) else set()

    assert set(re.findall(r"V\(([a-z_]+)\)", described(manual))) == codes
    assert set(manual["sample"]) == codes


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_a_tenant_is_displayed_by_its_code(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    sample = documentation[module]["return"]["read"]["sample"]
    more = [name for name in ("customer_id", "tenant_id") if name in vendor.connection.options]

    assert len(sample["tenant"].split("/")) > len(more)
    assert sample["complete"] is vendor.readable
    assert (sample["accounts"] > 0) is (sample["pages"] > 0) is vendor.readable


@pytest.mark.parametrize("module", VENDOR_MODULES)
def test_samples_are_of_their_type(documentation: dict[str, dict[str, Any]], module: str) -> None:
    samples = [
        (name, value["type"], value["sample"])
        for name, value in all_options(documentation[module]["return"], "contains")
        if value.get("sample") is not None
    ]
    own = {"found", "at", "complete"} if is_info(module) else {"outcome", "written_at", "plan_hash"}

    assert {"changed", "key", "code", "summary", "read", *own} <= {name for name, _kind, _sample in samples}
    assert [(name, kind) for name, kind, sample in samples if kind not in ("raw", type(sample).__name__)] == []


@pytest.mark.parametrize("module", USER_MODULES)
def test_every_outcome_and_state_is_explained(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    user = documentation[module]["return"]["users"]["contains"]
    outcomes = described(user["outcome"])

    assert [word for word in list(summary(()))[1:] if f"V({word})" not in outcomes] == []
    for moment in ("before", "after"):
        text = described(user[moment]["contains"]["state"])
        words = {*vendor.states, "unknown"} - {PRESENT}
        assert [word for word in words if f"V({word})" not in text] == []


@pytest.mark.parametrize("module", INFO_MODULES)
def test_every_state_that_can_be_found_is_explained(documentation: dict[str, dict[str, Any]], module: str) -> None:
    text = described(documentation[module]["return"]["users"]["contains"]["state"])

    assert set(re.findall(r"V\((\w+)\)", text)) == {*states_of(module), "absent"}


@pytest.mark.parametrize("module", INFO_MODULES)
def test_error_codes_are_those_of_reading(documentation: dict[str, dict[str, Any]], module: str) -> None:
    text = described(documentation[module]["return"]["users"]["contains"]["error"]["contains"]["code"])
    shared = {code for name in (*OF_REQUESTS, "_lookup") for code in codes_in(MODULE_UTILS / f"{name}.py")}
    own = own_codes(vendor_of(module).name) - OF_WRITES | codes_of_sessions(module) | codes_of_lists(module)

    assert set(re.findall(r"V\(([a-z_]+)\)", text)) == shared | own


def test_vendors_document_the_codes_of_writes() -> None:
    documented = {code for vendor in VENDORS for code in own_codes(vendor)}

    assert documented >= OF_WRITES


@pytest.mark.parametrize("module", USER_MODULES)
def test_error_codes_are_those_of_the_code(documentation: dict[str, dict[str, Any]], module: str) -> None:
    vendor = vendor_of(module)
    text = described(documentation[module]["return"]["users"]["contains"]["error"]["contains"]["code"])
    files = (*OF_REQUESTS, "_converge", "_decide", "_guards", "_journal")
    shared = {code for name in files for code in codes_in(MODULE_UTILS / f"{name}.py")}
    own = own_codes(vendor.name) | codes_of_sessions(module) | codes_of_lists(module)
    never = (set() if vendor.readable else NOT_READABLE) | (
        {"own_account"} if vendor_class(vendor.name).own_accounts is Vendor.own_accounts else set()
    )

    assert never <= shared
    assert set(re.findall(r"V\(([a-z_]+)\)", text)) - {"refused"} == (shared - never | own) - {"refused"}


def codes_of_lists(module: str) -> set[str]:
    proves = proves_by_list(vendor_class(vendor_of(module).name))
    return set(codes_in(MODULE_UTILS / "_end_of_list.py")) if proves else set()


def codes_of_sessions(module: str) -> set[str]:
    return set(codes_in(MODULE_UTILS / "_sessions.py")) if vendor_of(module).sessions else set()


def notes_of(module: str) -> set[str]:
    has_notes = vendor_class(vendor_of(module).name).manual_notes is not Vendor.manual_notes
    return {"manual_notes"} if has_notes else set()


def of_product(module: str) -> set[str]:
    is_many = vendor_class(vendor_of(module).name).product_used is not Vendor.product_used
    return {"product", "notes"} if is_many else set()


def own_codes(vendor: str) -> set[str]:
    """The codes that a vendor's own files give."""
    return {code for path in own_files(vendor) for code in codes_in(path)}


def own_files(vendor: str) -> tuple[Path, ...]:
    return (MODULE_UTILS / "_vendors" / f"{vendor}.py", *sorted(MODULE_UTILS.glob(f"_{vendor}_*.py")))


def codes_in(path: Path) -> Iterator[str]:
    """The codes that a source file gives to its problems, as far as they are written there."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "Problem" or called == "type(problem)":
                yield from strings_in(node.args[0])
            elif called.endswith(".fault") and len(node.args) > 1:
                yield from strings_in(node.args[1])
            yield from (
                text for keyword in node.keywords if keyword.arg == "code" for text in strings_in(keyword.value)
            )
        elif isinstance(node, ast.FunctionDef) and node.name == "fault":
            yield from (text for default in node.args.defaults for text in strings_in(default))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("_CODES", "code"):
            yield from strings_in(node.value)


def strings_in(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*strings_in(node.body), *strings_in(node.orelse))
    elif isinstance(node, ast.BoolOp | ast.Dict):
        yield from (text for value in node.values for text in strings_in(value))
