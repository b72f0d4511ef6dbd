# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The commands for GitHub, pre-commit and contributors exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.tree import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
PINNED = set(re.findall(r"^(\S+)==", (REPOSITORY / "tests" / "requirements.txt").read_text(), re.MULTILINE))


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(workflow: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for job in workflow["jobs"].values():
        for step in job.get("steps", ()):
            yield job, step


def made(job: dict[str, Any], command: str) -> list[str]:
    """The targets that a command makes, with those of the matrix in place."""
    words = [word for line in re.findall(r"^make +(.+)$", command, re.MULTILINE) for word in line.split()]
    if "${{ matrix.target }}" in command:
        words = job["strategy"]["matrix"]["target"]
    return [word for word in words if "=" not in word]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_makes_what_can_be_made(path: Path) -> None:
    targets = [target for job, step in steps(loaded(path)) for target in made(job, step.get("run", ""))]

    assert targets
    assert [target for target in targets if target not in TARGETS] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_no_right_but_to_read_and_an_end(path: Path) -> None:
    workflow = loaded(path)

    assert workflow["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 120 for job in workflow["jobs"].values() if "steps" in job)
    uses = [step["uses"] for _job, step in steps(workflow) if "uses" in step]
    assert [action for action in uses if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_that_others_write_gets_into_a_shell(path: Path) -> None:
    expressions = [
        expression
        for _job, step in steps(loaded(path))
        for expression in re.findall(r"\$\{\{ *(.+?) *\}\}", step.get("run", ""))
    ]

    assert [expression for expression in expressions if not expression.startswith("matrix.")] == []


def test_hooks_call_tools_that_the_tests_pin() -> None:
    (repository,) = loaded(REPOSITORY / ".pre-commit-config.yaml")["repos"]
    tools = {hook["entry"].split()[0] for hook in repository["hooks"]}

    assert repository["repo"] == "local"
    assert tools <= {f".venv/bin/{name}" for name in PINNED}


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md"])
def test_a_page_names_targets_that_there_are(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    commands = re.findall(r"(?:^|`)make ([a-z -]+?) *(?:#|`|$)", text, re.MULTILINE)
    targets = {word for command in commands for word in command.split()}

    assert targets
    assert targets <= TARGETS
