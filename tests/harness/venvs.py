# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The virtual environments of what does not go together with the rest of the tests."""

from __future__ import annotations

import sys
from pathlib import Path


def venv(name: str) -> Path:
    """The folder of a virtual environment that make has made from tests/requirements/<name>.txt."""
    folder = Path(sys.prefix) / name
    assert (folder / "bin").is_dir(), f"there is no {folder}: run make .venv/{name}/.made"
    return folder
