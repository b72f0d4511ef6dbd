# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Libraries that are missing or too old are named before the first request, with the command that installs them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils import _libraries
from ansible_collections.saas.offboarding.plugins.module_utils._libraries import (
    FLOORS,
    MissingLibrary,
    OldLibrary,
    require_libraries,
)
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Transport

REPOSITORY = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("library", "found", "needed"),
    [
        ("urllib3", "2.5.0", "2.6"),
        ("urllib3", "1.26.20", "2.6"),
        ("urllib3", "2.6.dev1", None),
        ("urllib3", "2.6", None),
        ("urllib3", "2.10.0", None),
        ("urllib3", "3.0.0", None),
        ("requests", "2.31.0", "2.32.2"),
        ("requests", "2.32.1", "2.32.2"),
        ("requests", "2.32.2", None),
        ("requests", "2.32.10", None),
        ("requests", "3", None),
    ],
)
def test_versions(monkeypatch: pytest.MonkeyPatch, library: str, found: str, needed: str | None) -> None:
    monkeypatch.setattr(f"{library}.__version__", found)
    if needed is None:
        require_libraries()
        return
    with pytest.raises(OldLibrary) as caught:
        Transport()
    assert str(caught.value) == (
        f"{library} {found} is installed, and {library} {needed} or newer is needed. No request was sent. "
        f"Install it for the Python that runs the module: {sys.executable} -m pip install '{library}>={needed}'"
    )


def test_a_library_without_a_version_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("urllib3.__version__")
    with pytest.raises(OldLibrary, match="urllib3 0 is installed"):
        require_libraries()


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_libraries, "IMPORT_ERROR", "Traceback: no requests")
    with pytest.raises(MissingLibrary) as caught:
        Transport()
    assert (caught.value.name, caught.value.trace) == ("requests", "Traceback: no requests")


@pytest.mark.parametrize("file", ["meta/ee-requirements.txt", "tests/demo/requirements.txt", "README.md"])
def test_the_floors_are_those_of_the_requirements(file: str) -> None:
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    assert all(f"{name}>={floor}" in text for name, floor in FLOORS.items())


def test_the_oldest_are_tested() -> None:
    lines = (REPOSITORY / "tests/requirements/oldest.txt").read_text(encoding="utf-8").splitlines()
    assert {"requests==2.32.2", "urllib3==2.6.0"} <= set(lines)
