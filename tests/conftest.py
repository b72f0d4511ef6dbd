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
from mock_vendors import client

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
def mock_process() -> Iterator[client.MockVendors]:
    """One mock for each test process."""
    with client.start() as mock:
        yield mock


@pytest.fixture
def mock(mock_process: client.MockVendors) -> client.MockVendors:
    """The mock vendors, put back to its beginnings."""
    mock_process.reset()
    return mock_process


@pytest.fixture(scope="session")
def collections_path(pytestconfig: pytest.Config) -> Path:
    """Where Ansible finds the collection under test."""
    return Path(pytestconfig.stash[TREE].name)
