# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Makes this checkout importable as ansible_collections.saas.offboarding, here and in whatever the tests start."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from harness.tree import link_tree
from twin import client

# How long something takes says more of the machine than of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

TREE = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TREE] = tempfile.TemporaryDirectory(prefix="offboarding-tree-")
    sys.path.insert(0, str(link_tree(Path(config.stash[TREE].name))))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[TREE].cleanup()


@pytest.fixture(scope="session")
def twin_process() -> Iterator[client.Twin]:
    """One twin for each test process."""
    with client.start() as twin:
        yield twin


@pytest.fixture
def twin(twin_process: client.Twin) -> client.Twin:
    """The twin, put back to its beginnings."""
    twin_process.reset()
    return twin_process


@pytest.fixture(scope="session")
def collections_path(pytestconfig: pytest.Config) -> Path:
    """Where Ansible finds the collection under test."""
    return Path(pytestconfig.stash[TREE].name)
