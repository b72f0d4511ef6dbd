# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Every vendor has all of its own files, and no file that people share names one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from harness.places import missing, vendors_in
from harness.tree import REPOSITORY
from tools.generate.files import generated

GENERATED = generated(REPOSITORY)
SHARED = sorted(
    path
    for folder in ("plugins", "roles", "playbooks", "extensions")
    for path in (REPOSITORY / folder).rglob("*")
    if path.suffix in (".py", ".yml", ".html")
    and path.parent.name not in ("_vendors", "_vendor_info", "modules", "doc_fragments")
    and path.relative_to(REPOSITORY).as_posix() not in GENERATED
)
NAME = re.compile(rf"(?<![\w.])[\"']?\b({'|'.join(VENDORS)})\b(?!\.\w)")
TEXTS = re.compile(r'^\w+ = r""".*?^"""$|"""(?:[^"]|"(?!""))*"""|#.*$', re.MULTILINE | re.DOTALL)
"""Documentation and comments."""


def test_the_files_are_those_of_the_vendors_in_the_catalog() -> None:
    assert set(vendors_in(REPOSITORY)) >= set(VENDORS)


@pytest.mark.parametrize("vendor", vendors_in(REPOSITORY))
def test_a_vendor_has_all_of_its_files(vendor: str) -> None:
    left = missing(REPOSITORY, vendor)
    assert not left, "\n".join([f"What {vendor} still needs:", *left])


@pytest.mark.parametrize("path", SHARED, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_shared_file_names_a_vendor(path: Path) -> None:
    code = TEXTS.sub("", path.read_text(encoding="utf-8"))

    assert [line for line in code.splitlines() if NAME.search(line)] == []
