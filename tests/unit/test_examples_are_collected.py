# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""No example of the documentation goes unproved, and what the guides say of errors is what the modules say."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    read_leavers,
)
from harness.examples import (
    COMMANDS,
    FILE,
    INVENTORY,
    LEAVERS,
    MESSAGES,
    OUTPUT,
    PLAYBOOK,
    PROVED,
    TASKS,
    Example,
    Unclassified,
    collect,
    is_elsewhere,
    of_kind,
    of_page,
)
from harness.placeholders import VENDORS
from harness.tree import REPOSITORY

GUIDES = REPOSITORY / "docs" / "docsite" / "rst"
ALL = collect()


@pytest.mark.parametrize("example", ALL, ids=str)
def test_each_example_has_a_proof(example: Example) -> None:
    kind = example.kind

    if kind == COMMANDS:
        assert [is_elsewhere(command) for command in example.commands()]
    if kind == OUTPUT and example.source not in MESSAGES:
        before = [each for each in ALL if each.source == example.source and each.line < example.line]
        assert before[-1].kind == COMMANDS, f"{example}: no command has shown this"
    if kind == FILE:
        name = example.markers["example-file"]
        page = [each for each in ALL if each.source == example.source]
        assert any(name in each.text for each in of_kind(page, COMMANDS, TASKS)), f"nothing uses {name}"


def test_every_plugin_and_every_page_has_some() -> None:
    sources = {example.source for example in ALL}
    plugins = {path for kind in ("modules", "filter", "lookup") for path in _files(f"plugins/{kind}/*.py")}
    plugins |= set(_files("extensions/eda/plugins/*/*.py"))

    assert plugins <= sources
    assert {"README.md", "CONTRIBUTING.md", "tests/mock_vendors/README.md", "roles/offboard/README.md"} <= sources
    assert "docs/scaling-out.md" in sources
    assert set(_files("docs/docsite/rst/*.rst")) <= sources


def _files(pattern: str) -> list[str]:
    return [path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob(pattern)]


LISTS = [
    *of_kind(ALL, LEAVERS),
    *(each for each in of_kind(ALL, FILE) if each.markers["example-file"].endswith(".csv")),
]


@pytest.mark.parametrize("example", LISTS, ids=str)
def test_a_list_of_people_can_be_read(example: Example) -> None:
    assert read_leavers(example.text, "list.yml" if example.language == "yaml" else "list.csv").leavers


# -- classification


KINDS = {
    TASKS: ("yaml", "- name: Look\n  saas.offboarding.netex_user_info:\n    username: jane\n"),
    PLAYBOOK: ("yaml", "- hosts: localhost\n  tasks: []\n"),
    INVENTORY: ("yaml", "all: {children: {saas: {hosts: {zitadel: {saas_vendor: zitadel}}}}}\n"),
    LEAVERS: ("csv", "email\njane@example.com\n"),
    COMMANDS: ("console", "ansible localhost -m ansible.builtin.ping\n"),
    OUTPUT: ("text", "pong\n"),
}


@pytest.mark.parametrize(("kind", "language", "text"), [(kind, *block) for kind, block in KINDS.items()])
def test_a_block_is_classified_by_its_content(kind: str, language: str, text: str) -> None:
    (markdown,) = of_page("page.md", f"Look:\n\n```{language}\n{text}```\n")
    (restructured,) = of_page("page.rst", f"Look:\n\n.. code-block:: {language}\n\n{_indented(text)}\n")

    assert markdown.kind == restructured.kind == kind
    assert markdown.text == restructured.text == text
    assert markdown.line == restructured.line == 3


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("page.md", "```\nwhat is this?\n```\n"),
        ("page.md", "Indented:\n\n    what is this?\n"),
        ("page.md", "```python\nprint()\n```\n"),
        ("page.md", "```yaml\nsome: thing\n```\n"),
        ("page.rst", "Literal::\n\n   what is this?\n"),
        ("page.rst", ".. code-block:: ini\n\n   [defaults]\n"),
        ("page.rst", ".. code-block:: yaml\n\n   - name: A rule\n     sources: []\n"),
    ],
)
def test_an_unproven_absence_is_an_error(page: str, text: str) -> None:
    (example,) = of_page(page, text)

    with pytest.raises(Unclassified):
        assert example.kind


def test_a_marker_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(Unclassified, match="example-prooved-by"):
        of_page("page.md", "<!-- example-prooved-by: tests/conftest.py -->\n\n```ini\n[defaults]\n```\n")


HERE = "tests/unit/test_examples_are_collected.py"
BLOCK = "   .. example-proved-by: {}\n\n   .. code-block:: ini\n\n      [defaults]\n"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("page.md", "<!-- example-proved-by: {} -->\n\n```ini\n[defaults]\n```\n"),
        ("page.md", "1. Do:\n\n   <!-- example-proved-by: {} -->\n\n   ```ini\n   [defaults]\n   ```\n"),
        ("page.rst", f"1. Do:\n\n{BLOCK}"),
    ],
)
def test_a_marker_names_the_proof(page: str, text: str) -> None:
    (example,) = of_page(page, text.format(f"{HERE}::test_a_marker_names_the_proof"))

    assert example.kind == PROVED


@pytest.mark.parametrize(
    ("page", "proof"),
    [
        ("page.rst", "tests/nowhere.py::test_it"),
        ("page.rst", "tests/requirements/eda.txt"),
        ("page.rst", "plugins/modules/netex_user.py::main"),
        ("page.rst", HERE),
        ("page.rst", f"{HERE}::test_that_is_not_there"),
        ("page.rst", f"{HERE}::documented_codes"),
        ("another".upper() + ".rst", f"{HERE}::test_a_marker_names_the_proof"),
    ],
)
def test_a_proof_is_a_test_that_reads_the_page(page: str, proof: str) -> None:
    (example,) = of_page(page, f"1. Do:\n\n{BLOCK.format(proof)}")

    with pytest.raises(Unclassified, match=re.escape(proof.partition("::")[0])):
        assert example.kind


def test_commands_are_classified() -> None:
    (example,) = of_page(
        "page.md", "```console\n# look\n$ ansible-doc -l   # all\nansible-playbook \\\n  site.yml\n```\n"
    )

    assert list(example.commands()) == ["ansible-doc -l", "ansible-playbook site.yml"]
    assert not any(map(is_elsewhere, example.commands()))
    assert is_elsewhere("make demo")
    for unknown in ("make nothing", "curl https://example.com", "pip install something"):
        with pytest.raises(Unclassified):
            is_elsewhere(unknown)


def _indented(text: str) -> str:
    return "".join(f"   {line}\n" for line in text.splitlines())


# -- the vendors' guides


def documented_codes(module: str) -> set[str]:
    """The error codes that the documentation of a module's result has."""
    for node in ast.parse((REPOSITORY / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RETURN":
            result: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            described = result["users"]["contains"]["error"]["contains"]["code"]["description"]
            return set(re.findall(r"V\((\w+)\)", "\n".join(described))) - {"refused"}
    raise AssertionError(module)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_guide_has_a_remedy_for_each_code(vendor: str) -> None:
    guide = (GUIDES / f"{vendor}.rst").read_text(encoding="utf-8")
    errors = guide.partition("\nErrors\n------\n")[2].partition("\nWhat is not known\n")[0]
    modules = [path.stem for path in Path(REPOSITORY, "plugins", "modules").glob(f"{vendor}_*.py")]

    assert set(re.findall(r"`(\w+) <https://", errors)) == {code for each in modules for code in documented_codes(each)}


@pytest.mark.parametrize("guide", sorted(GUIDES.glob("*.rst")), ids=lambda path: path.stem)
def test_a_guide_is_listed(guide: Path) -> None:
    sections = yaml.safe_load((GUIDES.parent / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]

    assert guide.stem in [page for section in sections for page in section["toctree"]]
