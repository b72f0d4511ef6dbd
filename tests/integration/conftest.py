# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The real ansible-playbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.playbook import Ansible


@pytest.fixture
def ansible(tmp_path: Path, collections_path: Path) -> Ansible:
    return Ansible(place=tmp_path, collections=collections_path)
