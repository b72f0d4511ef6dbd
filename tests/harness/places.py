# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""All places of a checkout that have to know a vendor, and what is missing there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

COLLECTION = "saas.offboarding"
SHARED_FRAGMENTS = {"common", "packed"}

RUNTIME = "meta/runtime.yml"
SPECS = "roles/offboard/meta/argument_specs.yml"
VARIABLES = "roles/offboard/vars/main.yml"
INVENTORY = "examples/tenants.yml"
SETUP = "examples/awx-setup.yml"
RIGHTS = "SECURITY.md"
SERVER = "tests/mock_vendors/server.py"
CLIENT = "tests/mock_vendors/client.py"
STORY = "tests/demo/story.py"
EXAMPLES = "tests/harness/placeholders.py"
AWX = "playbooks/awx/credential_types.yml"
AWX_GUIDE = "docs/docsite/rst/awx.rst"
FIRST_GUIDE = "docs/docsite/rst/getting_started.rst"
README = "README.md"
PAGES = "docs/docsite/extra-docs.yml"
CHECKS = "antsibull-nox.toml"


def vendors_in(root: Path) -> list[str]:
    """Every vendor that a file is named after, be it only one."""
    found = {path.stem for path in (root / "plugins" / "module_utils" / "_vendors").glob("*.py")}
    found |= {path.stem.removesuffix("_user") for path in (root / "plugins" / "modules").glob("*_user.py")}
    found |= {path.stem.removesuffix("_user_info") for path in (root / "plugins" / "modules").glob("*_user_info.py")}
    found |= {path.stem for path in (root / "plugins" / "doc_fragments").glob("*.py")} - SHARED_FRAGMENTS
    found |= {path.stem for path in (root / "roles" / "offboard" / "tasks" / "vendors").glob("*.yml")}
    return sorted(found - {"__init__"})


def missing(root: Path, vendor: str) -> list[str]:
    """What a vendor still needs, each as the file and what is not in it."""
    return [f"{place}: {what}" for place, what in _missing(root, vendor)]


def _missing(root: Path, vendor: str) -> Iterator[tuple[str, str]]:
    readable = _is_readable(root, vendor)
    modules = [f"{vendor}_user", *([f"{vendor}_user_info"] if readable else [])]
    for name in _files(vendor, modules):
        if not (root / name).is_file():
            yield name, "there is no such file"
    yield from _in_runtime(root, vendor, modules)
    yield from _in_role(root, vendor, readable)
    hosts = _yaml(root, INVENTORY)["all"]["children"]["saas"]["hosts"]
    if vendor not in [host.get("saas_vendor") for host in hosts.values()]:
        yield INVENTORY, f"no host with saas_vendor: {vendor}"
    if f"(`{vendor}_user`)\n" not in _text(root, RIGHTS):
        yield RIGHTS, f"no heading that ends in (`{vendor}_user`), with the rights for each state"
    yield from _in_mock(root, vendor)
    yield from _in_awx(root, vendor)
    if f".docsite.{vendor}>`" not in _text(root, FIRST_GUIDE):
        yield FIRST_GUIDE, f"no link to the guide of {vendor}"
    if f"| `{vendor}_user` |" not in _text(root, README):
        yield README, f"no row for {vendor}_user, with its states and its keys"
    if vendor not in [page for section in _yaml(root, PAGES)["sections"] for page in section["toctree"]]:
        yield PAGES, f"no toctree has {vendor}"
    groups = tomllib.loads(_text(root, CHECKS))["sessions"]["extra_checks"]["action_groups_config"]
    if vendor not in [group["name"] for group in groups]:
        yield CHECKS, f"no action_groups_config with the name {vendor}"


def _files(vendor: str, modules: Iterable[str]) -> list[str]:
    return [
        f"plugins/module_utils/_vendors/{vendor}.py",
        f"plugins/module_utils/_vendor_info/{vendor}.py",
        f"plugins/doc_fragments/{vendor}.py",
        *(f"plugins/modules/{module}.py" for module in modules),
        f"roles/offboard/tasks/vendors/{vendor}.yml",
        f"docs/docsite/rst/{vendor}.rst",
        f"tests/mock_vendors/{vendor}.py",
        f"tests/unit/plugins/module_utils/test_vendor_{vendor}.py",
        f"tests/integration/test_{vendor}.py",
    ]


def _in_runtime(root: Path, vendor: str, modules: Iterable[str]) -> Iterator[tuple[str, str]]:
    runtime = _yaml(root, RUNTIME)
    for module in modules:
        if module not in runtime["action_groups"].get(vendor, ()):
            yield RUNTIME, f"the action group {vendor} has no {module}"
        if module not in runtime["plugin_routing"]["modules"]:
            yield RUNTIME, f"plugin_routing does not send {module} by {COLLECTION}.progress"


def _in_role(root: Path, vendor: str, readable: bool) -> Iterator[tuple[str, str]]:
    options = _yaml(root, SPECS)["argument_specs"]["main"]["options"]
    for option in ("saas_vendor", "offboard_vendors"):
        if vendor not in options[option]["choices"]:
            yield SPECS, f"{vendor} is none of the choices of {option}"
    if vendor not in options["offboard_states"]["options"]:
        yield SPECS, f"offboard_states has no {vendor}"
    if f"{vendor}_verify" not in options:
        yield SPECS, f"the variable {vendor}_verify is missing, and maybe others that begin with {vendor}_"
    variables = _yaml(root, VARIABLES)
    if vendor not in variables["__offboard_all_vendors"]:
        yield VARIABLES, f"__offboard_all_vendors has no {vendor}"
    if not readable and vendor not in variables["__offboard_unreadable"]:
        yield VARIABLES, f"__offboard_unreadable has no {vendor}"


def _in_mock(root: Path, vendor: str) -> Iterator[tuple[str, str]]:
    listed = _listed(root, SERVER, vendor)
    if listed is None:
        yield SERVER, f"nothing is imported from .{vendor}"
    elif not listed:
        yield SERVER, f"the class of .{vendor} is not in VENDORS"
    if vendor not in _assigned(root, CLIENT, "LOGIN"):
        yield CLIENT, f"LOGIN does not say how to log in at {vendor}"
    if vendor not in _assigned(root, STORY, "VENDORS"):
        yield STORY, f"VENDORS has no {vendor}, so that nobody has an account there"
    for name in ("OPEN", "CLOSED"):
        if vendor not in _assigned(root, STORY, name):
            yield STORY, f"{name} has no {vendor}"
    if vendor not in _assigned(root, EXAMPLES, "FIELDS"):
        yield EXAMPLES, f"FIELDS does not say what the mock vendors call the keys of {vendor}"


def _in_awx(root: Path, vendor: str) -> Iterator[tuple[str, str]]:
    if vendor not in [tenant["vendor"] for tenant in _yaml(root, SETUP)["awx_tenants"]]:
        yield SETUP, f"awx_tenants has no tenant of {vendor}"
    names = dict(re.findall(r"^  (\w+):\n    name: (.+)$", _text(root, AWX), re.M))
    name = names.pop(vendor, None)
    if name is None:
        yield AWX, f"__awx_types has no credential type for {vendor}"
    # While the type has no name yet, its row is one that belongs to no other vendor.
    rows = set(re.findall(r"^   \* - (.+ \(saas\.offboarding\))$", _text(root, AWX_GUIDE), re.M)) - set(names.values())
    if name not in rows if name else not rows:
        yield AWX_GUIDE, f"no row for the credential type of {vendor}"


def _is_readable(root: Path, vendor: str) -> bool:
    path = root / "plugins" / "module_utils" / "_vendor_info" / f"{vendor}.py"
    return not path.is_file() or re.search(r"^    readable=False,$", path.read_text(encoding="utf-8"), re.M) is None


def _listed(root: Path, place: str, source: str) -> bool | None:
    """Whether the class that a file imports from a vendor's file is in its VENDORS; None where it imports nothing."""
    imported = {
        alias.name
        for node in ast.walk(ast.parse(_text(root, place)))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(source)
        for alias in node.names
    }
    return bool(imported & _assigned(root, place, "VENDORS")) if imported else None


def _assigned(root: Path, place: str, name: str) -> set[str]:
    """The names and texts in the value that a file gives to a name."""
    for node in ast.parse(_text(root, place)).body:
        targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and name in map(ast.unparse, targets):
            inner = list(ast.walk(node.value))
            names = {each.id for each in inner if isinstance(each, ast.Name)}
            return names | {str(each.value) for each in inner if isinstance(each, ast.Constant)}
    raise AssertionError(f"{place} has no {name}")


def _text(root: Path, place: str) -> str:
    return (root / place).read_text(encoding="utf-8")


def _yaml(root: Path, place: str) -> Any:
    return yaml.safe_load(_text(root, place))
