# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""One twin for each test process, put back to its beginnings before each test, and the real ansible-playbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.playbook import Ansible
from twin import client


@pytest.fixture(scope="session")
def twin_process() -> Iterator[client.Twin]:
    with client.start() as twin:
        yield twin


@pytest.fixture
def twin(twin_process: client.Twin) -> client.Twin:
    twin_process.reset()
    return twin_process


@pytest.fixture
def ansible(tmp_path: Path, collections_path: Path) -> Ansible:
    return Ansible(place=tmp_path, collections=collections_path)
