# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The example of a further vendor: its steps, a checkout in which they are followed, and the guide that prints them."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.tree import ADDED_VENDOR, REPOSITORY, checkout_files

VENDOR = "acmedir"
PRODUCT = "Acme Directory"
GUIDE = REPOSITORY / "docs" / "docsite" / "rst" / "add_a_vendor.rst"
PROOF = "tests/integration/test_add_a_vendor.py"

BLOCK = re.compile(r"^\.\. begin-code (?P<what>[^\n]+)$\n.*?^\.\. end-code$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A file that the example adds to a checkout."""

    place: str
    source: Path

    def __str__(self) -> str:
        return self.place

    def follow(self, checkout: Path) -> None:
        (checkout / self.place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.source, checkout / self.place)

    def take_back(self, checkout: Path) -> None:
        (checkout / self.place).unlink()


def steps() -> list[Step]:
    """All that the example adds to a checkout."""
    files = [path for path in sorted(ADDED_VENDOR.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return [Step(path.relative_to(ADDED_VENDOR).as_posix(), path) for path in files if path.parent != ADDED_VENDOR]


def copy_checkout(target: Path) -> Path:
    """Copy the files that git knows or would take, to a folder that is no part of a repository."""
    for name in checkout_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target / name)
    return target


def printed(guide: str) -> str:
    """The guide with its code as it is now."""
    return BLOCK.sub(lambda block: "\n".join(_block(block["what"])), guide)


def _block(what: str) -> Iterator[str]:
    language, path, *limits = shlex.split(what)
    source = ADDED_VENDOR / path
    yield f".. begin-code {what}"
    yield ""
    yield f".. example-proved-by: {PROOF}"
    yield ""
    yield f".. code-block:: {language}"
    yield f"   :caption: {path}"
    yield ""
    yield from textwrap.indent(_part(source, *limits), "   ").splitlines()
    yield ""
    yield ".. end-code"


def _part(source: Path, first: str = "", behind: str | None = None) -> str:
    """The lines of a file from the first that begins so up to the next that begins otherwise, without its head."""
    lines = source.read_text(encoding="utf-8").splitlines()
    while lines[0].startswith("#"):
        lines.pop(0)
    begin = next(number for number, line in enumerate(lines) if line.startswith(first))
    end = len(lines)
    if behind is not None:
        end = next(number for number in range(begin + 1, len(lines)) if lines[number].startswith(behind))
    return textwrap.dedent("\n".join(lines[begin:end])).strip("\n") + "\n"
