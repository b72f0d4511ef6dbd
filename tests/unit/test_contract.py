# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What holds over the whole collection: versions agree, nothing is untested, undocumented or without a use, no secrets.

What holds between a module, its documentation and its vendor is in plugins/test_documentation.py, and between the role
and the modules in roles/test_offboard_contract.py.
"""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.module_utils._transport import USER_AGENT
from ansible_collections.saas.offboarding.plugins.module_utils._version import VERSION
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from harness.tree import REPOSITORY

PLUGINS = REPOSITORY / "plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
FILES_OF_PLUGINS = sorted(path for kind in ("modules", "filter", "lookup") for path in (PLUGINS / kind).glob("*.py"))
PLAYBOOKS = sorted(path.stem for path in (REPOSITORY / "playbooks").glob("[a-z]*.yml"))
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *(REPOSITORY / "docs").rglob("*.rst")])
FOR_USERS = [
    *PAGES,
    *(
        path
        for folder in ("examples", "extensions", "playbooks", "roles")
        for path in (REPOSITORY / folder).rglob("*.yml")
        # The examples in the texts are those of the modules, which are searched.
        if path.parent.name != "texts"
    ),
]

SECRET = re.compile(
    r"^[^#\n]*?\b\w*(?:_secret|_token|password|key_content)[\"']?(?:: +(?:\|-?\n +)?|=)(?P<value>[^`\s][^`\n]*)",
    re.MULTILINE | re.IGNORECASE,
)
NO_LITERAL = re.compile(
    r"(!unsafe )?[\"']?(\{% raw %\})?\{\{.+\}\}(\{% endraw %\})?[\"']?,?|>-"
    r"|\{[\"']?(type|description)\b.*|&.*|[A-Z_]+\}|\.\.\."
)
"""A template, the beginning of one, a mapping that describes the option of that name, a constant, or dots."""


def loaded(*path: str) -> Any:
    return yaml.safe_load(REPOSITORY.joinpath(*path).read_text(encoding="utf-8"))


@cache
def text_of(*folders: str) -> str:
    """All that is written in the files below some folders."""
    files = [path for folder in folders for path in (REPOSITORY / folder).rglob("*") if path.suffix in (".yml", ".py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(files))


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


# -- versions


def test_all_files_state_the_same_version() -> None:
    assert loaded("galaxy.yml")["version"] == VERSION
    assert USER_AGENT.endswith(f"/{VERSION}")


def test_the_changelog_has_the_version_once_it_is_released() -> None:
    """Before the release of a version its changes lie about as fragments, after it none is left."""
    released = sorted(loaded("changelogs", "changelog.yaml")["releases"], key=number)
    fragments = list((REPOSITORY / "changelogs" / "fragments").glob("*.yml"))

    if fragments:
        assert VERSION not in released, f"{VERSION} is released: fragments belong to a version that galaxy.yml names"
    else:
        assert released[-1] == VERSION
        assert f'<a id="v{VERSION.replace(".", "-")}"></a>' in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")


def added_in(node: Any) -> list[str]:
    """Every version_added in some documentation."""
    if isinstance(node, list):
        return [version for entry in node for version in added_in(entry)]
    if not isinstance(node, dict):
        return []
    own = [str(node["version_added"])] if isinstance(node.get("version_added"), str | float) else []
    return own + [version for value in node.values() for version in added_in(value)]


def documentation(path: Path) -> dict[str, Any]:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "DOCUMENTATION":
            found: dict[str, Any] = yaml.safe_load(ast.literal_eval(statement.value))
            return found
    raise AssertionError(f"{path.name} has no DOCUMENTATION")


@pytest.mark.parametrize("path", FILES_OF_PLUGINS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_plugin_has_an_author_and_a_version(path: Path) -> None:
    head = documentation(path)

    assert head["author"]
    assert head["short_description"]
    assert head["version_added"]
    assert all(number(version) <= number(VERSION) for version in added_in(head))


def test_the_role_has_an_author_and_a_version() -> None:
    for entry in loaded("roles", "offboard", "meta", "argument_specs.yml")["argument_specs"].values():
        assert entry["author"]
        assert entry["short_description"]
        assert entry["version_added"]
        assert all(number(version) <= number(VERSION) for version in added_in(entry))


def cores() -> dict[str, list[str]]:
    """The Pythons that each ansible-core is tested with, as noxfile.py has them."""
    for statement in ast.parse((REPOSITORY / "noxfile.py").read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "CORES":
            found: dict[str, list[str]] = ast.literal_eval(statement.value)
            return found
    raise AssertionError("noxfile.py has no CORES")


def test_the_oldest_ansible_core_that_is_promised_is_the_oldest_that_is_tested() -> None:
    oldest = min(cores(), key=number)

    assert loaded("meta", "runtime.yml")["requires_ansible"] == f">={oldest}.0"
    assert loaded("roles", "offboard", "meta", "main.yml")["galaxy_info"]["min_ansible_version"] == oldest
    assert f"ansible-core=={oldest}.*" in (REPOSITORY / "tests" / "requirements" / "oldest.txt").read_text()
    assert f"ansible-core {oldest} or newer" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_oldest_python_that_is_promised_is_the_oldest_that_is_tested() -> None:
    oldest = min((python for pythons in cores().values() for python in pythons), key=number)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    nox = tomllib.loads((REPOSITORY / "antsibull-nox.toml").read_text(encoding="utf-8"))

    assert project["mypy"]["python_version"] == nox["collection"]["min_python_version"] == oldest
    assert project["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert f"Python {oldest} or newer" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_each_ansible_core_has_its_list_of_what_sanity_may_ignore_each_with_a_reason() -> None:
    files = sorted((REPOSITORY / "tests" / "sanity").glob("ignore-*.txt"))

    assert {path.stem.partition("-")[2] for path in files} == set(cores())
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            what, _hash, why = line.partition(" # ")
            assert (REPOSITORY / what.split()[0]).is_file(), line
            assert len(why.split()) > 3, line


def test_nox_uses_the_tools_that_make_lint_uses() -> None:
    pinned = dict(re.findall(r"^(\S+)==(\S+)$", (REPOSITORY / "tests" / "requirements.txt").read_text(), re.MULTILINE))
    named = re.findall(r'"([\w-]+)(?:\[[\w-]+\])?==([\d.]+)"', (REPOSITORY / "antsibull-nox.toml").read_text())

    assert {tool for tool, _version in named} >= {"antsibull-docs", "mypy", "reuse", "ruff", "yamllint"}
    assert [(tool, version) for tool, version in named if pinned.get(tool, version) != version] == []


# -- tests


@pytest.mark.parametrize("module", [name for name in MODULES if name.partition("_")[0] in VENDORS])
def test_a_module_is_tested_in_real_playbooks_with_check_mode(module: str) -> None:
    """In this process, with check mode, plugins/modules/test_modules.py tests all modules that it finds."""
    vendor = module.partition("_")[0]
    files = [REPOSITORY / "tests" / "integration" / f"{name}.py" for name in (f"test_{vendor}", "test_user_info")]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    about = [text for text in texts if f'"{module}"' in text or f'    "{vendor}",\n' in text]

    assert about, f"no test plays a Scene of {module}"
    assert any(re.search(r"check=|three_plays\(|three_runs\(|thrice\(", text) for text in about)


def test_a_module_of_no_vendor_is_an_action_that_the_role_or_a_playbook_uses() -> None:
    """So that every test of a playbook runs it, in check mode too."""
    others = [name for name in MODULES if name.partition("_")[0] not in VENDORS]

    assert [name for name in others if not (PLUGINS / "action" / f"{name}.py").is_file()] == []
    assert [name for name in others if f"saas.offboarding.{name}" not in text_of("roles", "playbooks")] == []


# -- documentation


@pytest.mark.parametrize("path", FILES_OF_PLUGINS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_plugin_is_explained_to_users_or_used_by_the_role(path: Path) -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert re.search(rf"\b{path.stem}\b", pages) or f"saas.offboarding.{path.stem}" in text_of("roles", "playbooks")


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_is_in_the_readme(name: str) -> None:
    assert f"saas.offboarding.{name}" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_documented_environment_variables_are_read() -> None:
    read = {
        name for vendor in VENDORS.values() for o in vendor.connection.options.values() for name in o["fallback"][1]
    }
    named = {
        (path.name, word)
        for path in FOR_USERS
        for word in re.findall(rf"\b(?:{'|'.join(VENDORS).upper()})_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))
    }

    assert named
    assert sorted((name, word) for name, word in named if word not in read and not _is_of_a_tenant(word, read)) == []


def _is_of_a_tenant(word: str, read: set[str]) -> bool:
    """Whether a name is that of a variable with a tenant's name in it: `ZITADEL_PARTNERS_ACCESS_TOKEN`."""
    vendor, _underscore, rest = word.partition("_")
    return any(f"{vendor}_{rest[place:]}" in read for place in range(1, len(rest)) if rest[place - 1] == "_")


def secrets(text: str) -> list[str]:
    """What stands for a secret and is none of the forms that hold no secret."""
    return [match["value"] for match in SECRET.finditer(text) if not NO_LITERAL.fullmatch(match["value"])]


@pytest.mark.parametrize("path", FOR_USERS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_example_has_a_secret(path: Path) -> None:
    assert secrets(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES_OF_PLUGINS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_example_of_a_plugin_has_a_secret(path: Path) -> None:
    assigned = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)]
    (examples,) = [node.value for node in assigned if ast.unparse(node.targets[0]) == "EXAMPLES"]

    assert secrets(ast.literal_eval(examples)) == []


@pytest.mark.parametrize(
    "text",
    [
        "export X_ACCESS_TOKEN=abc",
        "  client_secret: abc",
        "auth_token: |\n  abc",
        "client_secret: {a: abc}",
        "-e x_token=a",
    ],
)
def test_a_secret_in_an_example_is_found(text: str) -> None:
    assert len(secrets(text)) == 1


def test_the_search_for_secrets_finds_one() -> None:
    text = 'a:\n  zitadel_access_token: "{{ vaulted }}"\n  api_secret: hunter2\n  # client_secret: commented\n'

    values = [match["value"] for match in SECRET.finditer(text)]
    assert [value for value in values if not NO_LITERAL.fullmatch(value)] == ["hunter2"]
