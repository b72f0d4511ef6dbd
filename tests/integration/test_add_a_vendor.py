# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The example vendor in a copy of this checkout, whole; and what is reported where a part of it is left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.added import GUIDE, VENDOR, Step, copy_checkout, steps
from harness.places import missing
from harness.tree import ADDED_VENDOR, REPOSITORY, link_tree

CONTRACTS = [
    "tests/unit/test_vendors_are_complete.py",
    "tests/unit/test_generated.py",
    "tests/unit/plugins/test_documentation.py",
    "tests/unit/roles/test_offboard_contract.py",
    "tests/unit/test_failures_are_documented.py",
    "tests/unit/test_contract.py",
    "tests/unit/test_examples_are_collected.py",
    "tests/unit/awx/test_awx_definitions.py",
    "tests/unit/test_ansible_doc.py",
    "tests/unit/plugins/filter",
]
OWN = [f"tests/unit/plugins/module_utils/test_vendor_{VENDOR}.py", f"tests/integration/test_{VENDOR}.py"]
# Tests of the playbooks that count all vendors. Those of the first list share an AWX that takes a minute to set up.
SETUP = "tests/integration/test_awx_setup.py"
IN_AWX = [
    f"{SETUP}::test_a_second_run_changes_nothing_and_another_file_changes_what_is_different",
    f"{SETUP}::test_everything_is_there",
    f"{SETUP}::test_what_was_taken_out_of_the_file",
    f"{SETUP}::test_check_mode_tells_what_is_different_in_an_awx_that_is_set_up",
]
BY_EXAMPLE = [
    "tests/integration/test_evidence.py::test_four_files_agree_and_record_every_request",
    f"{SETUP}::test_the_example_is_set_up_by_the_commands_of_the_pages",
]
ENOUGH = 600
"""Seconds that the tests of the copy may take on a slow machine."""
STEPS = steps()
COMMAND = re.compile(r"^ *\$ (cp .*|make generate)$", re.MULTILINE)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to which the example was added by the commands at the beginning of the guide."""
    copy = copy_checkout(tmp_path_factory.mktemp("added"))
    take, generate = commands(GUIDE)
    subprocess.run(["sh", "-ec", take], cwd=copy, check=True)
    # With this Python's environment: make would build one first.
    assert generate == "make generate"
    done = run(copy, "python", "-m", "tools.generate", PYTHONPATH="tests")
    assert done.returncode == 0, done.stderr
    # Where the tests of awx_setup look for awx.awx.
    fetched = Path(".cache", "collections")
    (copy / fetched.parent).mkdir()
    (copy / fetched).symlink_to(REPOSITORY / fetched, target_is_directory=True)
    return copy


def commands(page: Path) -> list[str]:
    return COMMAND.findall(page.read_text(encoding="utf-8"))


def test_the_example_says_the_same_as_the_guide() -> None:
    assert commands(ADDED_VENDOR / "README.md") == commands(GUIDE)


def run(checkout: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this Python's environment in the copy, without what this run has set for itself."""
    ours = ("PYTEST_", "COV_", "COVERAGE_", "ANSIBLE_", "CHAOS_")
    return subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if not name.startswith(ours)} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=ENOUGH,
    )


def pytest_in(checkout: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, "python", "-m", "pytest", "-q", *tests)


@contextmanager
def left_out(checkout: Path, *left: Step) -> Iterator[None]:
    for step in left:
        step.take_back(checkout)
    try:
        yield
    finally:
        for step in left:
            step.follow(checkout)


def test_nothing_is_missing_once_the_guide_was_followed(checkout: Path) -> None:
    assert missing(checkout, VENDOR) == []


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_file_that_was_left_out_is_named(checkout: Path, step: Step) -> None:
    with left_out(checkout, step):
        assert missing(checkout, VENDOR) == [step.place]


def test_the_example_is_the_vendors_own_files_and_no_others(checkout: Path) -> None:
    """Nothing that people share is edited by hand."""
    with left_out(checkout, *STEPS):
        assert sorted(missing(checkout, VENDOR)) == sorted(map(str, STEPS))


def test_the_contract_lists_at_the_beginning_what_is_to_be_done(checkout: Path) -> None:
    """With an empty file for the vendor, and nothing else yet."""
    beginning = checkout / "plugins" / "module_utils" / "_vendors" / f"{VENDOR}.py"
    with left_out(checkout, *STEPS):
        beginning.touch()
        done = pytest_in(checkout, "tests/unit/test_vendors_are_complete.py")
    assert done.returncode == 1, done.stdout
    assert [step.place for step in STEPS if checkout / step.place != beginning and step.place not in done.stdout] == []


@pytest.mark.parametrize("tests", [CONTRACTS, OWN, IN_AWX, BY_EXAMPLE], ids=["contract", "own", "awx", "example"])
def test_the_added_vendor_keeps_the_promises(checkout: Path, tests: list[str]) -> None:
    """By real playbooks, among them a run of the role over the tenants of all vendors."""
    done = pytest_in(checkout, *tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_code_is_in_the_style_of_the_house(checkout: Path) -> None:
    python = [step.place for step in STEPS if step.place.endswith(".py")]
    for check in (["check"], ["format", "--check"]):
        style = run(checkout, "ruff", *check, "--no-cache", *python)
        assert style.returncode == 0, style.stdout


def test_its_documentation_is_read(checkout: Path, tmp_path: Path) -> None:
    modules = [f"saas.offboarding.{VENDOR}_user", f"saas.offboarding.{VENDOR}_user_info"]
    path = str(link_tree(tmp_path, checkout))
    done = run(checkout, "ansible-doc", *modules, ANSIBLE_COLLECTIONS_PATH=path, ANSIBLE_NOCOLOR="1")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert "Manages the state of one or more users of Acme Directory and returns a result for each." in text
    assert "Reads users of Acme Directory, by key or as a list, and changes nothing." in text
    assert done.stdout.count("ACMEDIR_ACCESS_TOKEN") >= len(modules)
