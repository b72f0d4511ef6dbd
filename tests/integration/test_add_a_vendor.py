# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The guide for a further vendor, followed in a copy of this checkout: the skeleton, and the example in its place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.added import GUIDE, PRODUCT, VENDOR, Step, copy_checkout, steps
from harness.places import MARK, OWN, missing, unwritten
from harness.tree import ADDED_VENDOR, REPOSITORY, link_tree

COMPLETE = "tests/unit/test_vendors_are_complete.py"
CONTRACTS = [
    COMPLETE,
    "tests/unit/test_generated.py",
    "tests/unit/plugins/test_documentation.py",
    "tests/unit/roles/test_offboard_contract.py",
    "tests/unit/test_failures_are_documented.py",
    "tests/unit/test_contract.py",
    "tests/unit/test_examples_are_collected.py",
    "tests/unit/awx/test_awx_definitions.py",
    "tests/unit/test_ansible_doc.py",
    "tests/unit/plugins/filter",
    "tests/unit/mock_vendors/test_mock_control.py",
    "tests/unit/plugins/plugin_utils/test_awx_tenants.py",
    "tests/unit/plugins/plugin_utils/test_lists.py",
]
OWN_UNIT_TEST = f"tests/unit/plugins/module_utils/test_vendor_{VENDOR}.py"
OWN_TESTS = [OWN_UNIT_TEST, f"tests/integration/test_{VENDOR}.py"]
# Tests of the playbooks that count all vendors. Those of the first list share an AWX that takes a minute to set up.
SETUP = "tests/integration/test_awx_setup.py"
IN_AWX = [
    f"{SETUP}::test_a_second_run_changes_nothing_and_another_file_changes_what_is_different",
    f"{SETUP}::test_everything_is_there",
    f"{SETUP}::test_what_was_taken_out_of_the_file",
    f"{SETUP}::test_check_mode_shows_what_is_different_in_an_awx_that_is_set_up",
]
BY_EXAMPLE = [
    "tests/integration/test_evidence.py::test_four_files_agree_and_record_every_request",
    f"{SETUP}::test_the_example_is_set_up_by_the_commands_of_the_pages",
]
ENOUGH = 600
"""Seconds that the tests of the copy may take on a slow machine."""
STEPS = steps()
MAKE = f'make vendor NAME={VENDOR} PRODUCT="{PRODUCT}"'
TAKE = "cp -r examples/add-a-vendor/docs examples/add-a-vendor/plugins examples/add-a-vendor/tests ."
COMMAND = re.compile(r"^ *\$ (make vendor .*|cp .*|make generate)$", re.MULTILINE)


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a skeleton for the example."""
    copy = copy_checkout(tmp_path_factory.mktemp("skeleton"))
    done = new_vendor(copy, VENDOR, PRODUCT)
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def checkout(skeleton: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose skeleton was replaced by the example, by the commands of the guide."""
    copy = tmp_path_factory.mktemp("added") / "checkout"
    shutil.copytree(skeleton, copy, ignore=shutil.ignore_patterns(".cache", "__pycache__"))
    subprocess.run(["sh", "-ec", TAKE], cwd=copy, check=True)
    done = run(copy, "python", "-m", "tools.generate", PYTHONPATH="tests")
    assert done.returncode == 0, done.stderr
    # Where the tests of awx_setup look for awx.awx.
    fetched = Path(".cache", "collections")
    (copy / fetched.parent).mkdir()
    (copy / fetched).symlink_to(REPOSITORY / fetched, target_is_directory=True)
    return copy


@pytest.mark.parametrize("page", [GUIDE, ADDED_VENDOR / "README.md"], ids=lambda page: page.name)
def test_the_pages_have_the_commands_that_are_followed_here(page: Path) -> None:
    assert list(dict.fromkeys(COMMAND.findall(page.read_text(encoding="utf-8")))) == [MAKE, TAKE, "make generate"]


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


def new_vendor(checkout: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run what `make vendor` runs. It would build an environment first."""
    return run(checkout, "python", "-m", "tools.new_vendor", *names, PYTHONPATH="tests")


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


def python_files() -> list[str]:
    return [step.place for step in STEPS if step.place.endswith(".py")]


def test_the_skeleton_is_a_vendors_own_files_and_their_types_and_style_are_right(skeleton: Path) -> None:
    assert missing(skeleton, VENDOR) == []
    # The paths of [tool.mypy] are those of this checkout.
    tree = link_tree(skeleton / ".cache" / "tree", skeleton) / "ansible_collections" / "saas" / "offboarding"
    files = [str(tree / place) if place.startswith("plugins/") else place for place in python_files()]
    for command in (
        ["mypy", *files],
        ["ruff", "check", "--no-cache", *python_files()],
        ["ruff", "format", "--check", "--no-cache", *python_files()],
    ):
        done = run(skeleton, *command)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_generated_from_the_skeleton_is_up_to_date(skeleton: Path) -> None:
    done = run(skeleton, "python", "-m", "tools.generate", "--check", PYTHONPATH="tests")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_skeleton_keeps_the_contracts_but_for_what_is_not_written_yet(skeleton: Path) -> None:
    done = pytest_in(skeleton, *CONTRACTS, "-k", VENDOR)
    failed = re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    assert failed == [f"{COMPLETE}::test_nothing_of_the_skeleton_is_left[{VENDOR}]"], done.stdout
    left = unwritten(skeleton, VENDOR)
    assert {line.partition(":")[0] for line in left} == {place.format(VENDOR) for place in OWN}
    assert [line for line in left if line not in done.stdout] == []


def test_the_skeletons_own_tests_fail_and_state_why(skeleton: Path) -> None:
    done = pytest_in(skeleton, OWN_UNIT_TEST)
    assert done.returncode == 1, done.stdout
    assert f"NotImplementedError: {MARK}: " in done.stdout
    assert "passed" not in done.stdout.splitlines()[-1]


def test_a_vendor_that_exists_is_refused(skeleton: Path) -> None:
    before = {step.place: (skeleton / step.place).read_bytes() for step in STEPS}
    done = new_vendor(skeleton, VENDOR, "Another Directory")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"plugins/module_utils/_vendor_info/{VENDOR}.py exists" in done.stderr
    assert {place: (skeleton / place).read_bytes() for place in before} == before


def test_nothing_is_missing_once_the_guide_was_followed(checkout: Path) -> None:
    assert missing(checkout, VENDOR) == []
    assert unwritten(checkout, VENDOR) == []


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_file_that_was_left_out_is_named(checkout: Path, step: Step) -> None:
    with left_out(checkout, step):
        assert missing(checkout, VENDOR) == [step.place]


def test_the_example_is_the_vendors_own_files_and_no_others(checkout: Path) -> None:
    """Nothing that people share is edited by hand."""
    with left_out(checkout, *STEPS):
        assert sorted(missing(checkout, VENDOR)) == sorted(map(str, STEPS))


@pytest.mark.parametrize("tests", [CONTRACTS, OWN_TESTS, IN_AWX, BY_EXAMPLE], ids=["contract", "own", "awx", "example"])
def test_the_added_vendor_keeps_the_promises(checkout: Path, tests: list[str]) -> None:
    """By real playbooks, among them a run of the role over the tenants of all vendors."""
    done = pytest_in(checkout, *tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_code_is_in_the_style_of_the_collection(checkout: Path) -> None:
    for check in (["check"], ["format", "--check"]):
        style = run(checkout, "ruff", *check, "--no-cache", *python_files())
        assert style.returncode == 0, style.stdout


def test_it_is_built_and_installed_and_its_documentation_is_read(checkout: Path, tmp_path: Path) -> None:
    modules = [f"saas.offboarding.{VENDOR}_user", f"saas.offboarding.{VENDOR}_user_info"]
    built = run(checkout, "ansible-galaxy", "collection", "build", "--output-path", "build", "--force")
    assert built.returncode == 0, built.stderr
    (artifact,) = (checkout / "build").glob("saas-offboarding-*.tar.gz")
    install = ["collection", "install", str(artifact), "--force", "--collections-path", str(tmp_path), "--offline"]
    installed = run(checkout, "ansible-galaxy", *install)
    assert installed.returncode == 0, installed.stderr
    done = run(checkout, "ansible-doc", *modules, ANSIBLE_COLLECTIONS_PATH=str(tmp_path), ANSIBLE_NOCOLOR="1")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert f"Manages the state of one or more users of {PRODUCT} and returns a result for each." in text
    assert f"Reads users of {PRODUCT}, by key or as a list, and changes nothing." in text
    assert done.stdout.count("ACMEDIR_ACCESS_TOKEN") >= len(modules)
