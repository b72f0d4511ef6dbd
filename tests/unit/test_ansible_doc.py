# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ansible-doc, as a person reads it on a terminal of 80 columns."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from harness.tree import REPOSITORY

COLUMNS = 80
FOLDERS = {"module": "plugins/modules", "filter": "plugins/filter", "lookup": "plugins/lookup", "role": "roles"}
DOCUMENTED = [
    (kind, path.stem)
    for kind, folder in FOLDERS.items()
    for path in sorted((REPOSITORY / folder).iterdir())
    if not path.name.startswith(("_", "."))
]

LAID_OUT_BY_ANSIBLE = re.compile(r"^ *(choices|sample|default): ")
"""What ansible-doc prints as YAML, and breaks by its own rule."""
MARKUP = re.compile(r"\b(?:[BCEIMOPUV]|RV|HORIZONTALLINE)\([^)]")


@cache
def shown(kind: str, place: Path) -> dict[str, list[str]]:
    """The lines of each of a kind, which are all asked for at once."""
    names = [f"saas.offboarding.{name}" for of, name in DOCUMENTED if of == kind]
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "--type", kind, *names],
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(place),
            "ANSIBLE_NOCOLOR": "1",
            "COLUMNS": str(COLUMNS),
        },
        check=True,
        capture_output=True,
        text=True,
    )
    assert "saas.offboarding" not in done.stderr  # ansible-core 2.20 warns about a collection that it includes
    pages = re.split(r"^> \w+:? \*?(?=saas\.)", done.stdout, flags=re.MULTILINE)[1:]
    return {name.rpartition(".")[2]: page.splitlines()[1:] for name, page in zip(names, pages, strict=True)}


@pytest.mark.parametrize(("kind", "name"), DOCUMENTED)
def test_no_line_is_wider_than_the_terminal(collections_path: Path, kind: str, name: str) -> None:
    """But one long word, such as an address, and what ansible-doc itself lays out."""
    attributes = False
    for line in shown(kind, collections_path)[name]:
        attributes = line.startswith("ATTRIBUTES") or (attributes and not re.match(r"[A-Z]", line))
        breakable = " " in line.strip() and not LAID_OUT_BY_ANSIBLE.match(line) and not attributes
        assert len(line) <= COLUMNS or not breakable, line


@pytest.mark.parametrize(("kind", "name"), DOCUMENTED)
def test_no_markup_is_left_over(collections_path: Path, kind: str, name: str) -> None:
    found = [line for line in shown(kind, collections_path)[name] if MARKUP.search(line)]

    assert found == []


@pytest.mark.parametrize(("kind", "name"), DOCUMENTED)
def test_it_begins_with_what_it_does_and_nothing_is_left_empty(collections_path: Path, kind: str, name: str) -> None:
    page = shown(kind, collections_path)[name]

    assert any(re.match(r" +[A-Z]\w+", line) for line in page[:6])
    assert not [line for line in page if re.fullmatch(r" *(description|returned|type): *", line)]
