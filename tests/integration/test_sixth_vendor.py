# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The guide for a sixth vendor, followed in a copy of this checkout; and what is said where a step is left out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.places import missing
from harness.sixth import VENDOR, Step, copy_checkout, steps
from harness.tree import link_tree

CONTRACT = ["tests/unit/test_vendors_are_complete.py"]
CONTRACTS = [
    *CONTRACT,
    "tests/unit/plugins/test_documentation.py",
    "tests/unit/roles/test_offboard_contract.py",
    "tests/unit/test_failures_are_documented.py",
]
OWN = [f"tests/unit/plugins/module_utils/test_vendor_{VENDOR}.py", f"tests/integration/test_{VENDOR}.py"]
ENOUGH = 600
"""Seconds that the tests of the copy may take on a slow machine."""
STEPS = steps()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the guide was followed."""
    copy = copy_checkout(tmp_path_factory.mktemp("sixth"))
    for step in STEPS:
        step.follow(copy)
    return copy


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
def test_a_step_that_was_left_out_is_named(checkout: Path, step: Step) -> None:
    with left_out(checkout, step):
        named = missing(checkout, VENDOR)
    assert named, f"nobody misses {step}"
    assert {line.partition(":")[0] for line in named} == {step.place}
    assert all(VENDOR in line for line in named)


def test_the_contract_tests_say_what_is_left_to_do(checkout: Path) -> None:
    """As somebody sees it who has written the vendor's own files and forgot what is shared."""
    shared = [step for step in STEPS if step.is_edit]
    with left_out(checkout, *shared):
        done = pytest_in(checkout, *CONTRACT)
    assert done.returncode == 1, done.stdout
    assert f"What {VENDOR} still needs:" in done.stdout
    assert [step.place for step in shared if f"{step.place}: " not in done.stdout] == [], done.stdout
    assert f"the action group {VENDOR} has no {VENDOR}_user_info" in done.stdout


@pytest.mark.parametrize("tests", [CONTRACTS, OWN], ids=["contract", "own"])
def test_the_sixth_vendor_keeps_the_promises(checkout: Path, tests: list[str]) -> None:
    """By real playbooks, among them a run of the role over six tenants."""
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
    for verb in ("Brings", "Reads"):
        assert f"{verb} users of a SCIM 2.0 service provider" in " ".join(done.stdout.split())
    assert done.stdout.count("SCIM_ACCESS_TOKEN") >= len(modules)
