# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Build the documentation's site. To be run by the Python that has antsibull-docs and Sphinx; nothing is fetched.

The pages of modules, plugins and roles and the guides are laid out by antsibull-docs, which leaves out the guides'
images; the pages in Markdown lie where they lie in the repository, so that links from one to another hold.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SITE = REPOSITORY / "docs" / "site"
GUIDES = REPOSITORY / "docs" / "docsite" / "rst"
SOURCE = REPOSITORY / "build" / "docs"
TARGET = REPOSITORY / "build" / "site"
PAGES = ("SECURITY.md", *(f"docs/{page.name}" for page in (REPOSITORY / "docs").glob("*.md")), "docs/images")


def main() -> None:
    for folder in (SOURCE, TARGET):
        shutil.rmtree(folder, ignore_errors=True)
    collection = SOURCE / "collection"
    collection.mkdir(parents=True, mode=0o700)
    run(
        *("antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"),
        *("--no-add-antsibull-docs-version", "--dest-dir", collection, "saas.offboarding"),
    )
    shutil.copytree(GUIDES / "images", collection / "docsite" / "images")
    for page in PAGES:
        copy = shutil.copytree if (REPOSITORY / page).is_dir() else shutil.copy
        (SOURCE / page).parent.mkdir(exist_ok=True)
        copy(REPOSITORY / page, SOURCE / page)
    shutil.copy(SITE / "index.rst", SOURCE)
    write_inventory(SITE / "ansible.inv.txt", SOURCE / "ansible.inv")
    run("sphinx-build", "--fail-on-warning", "--keep-going", "--jobs", "2", "--conf-dir", SITE, SOURCE, TARGET)
    print(f"The site is in {TARGET.relative_to(REPOSITORY)}: begin with index.html.")


def run(*command: str | Path) -> None:
    """Run a program of this Python's environment, which calls others of it by name."""
    programs = str(Path(sys.executable).parent)
    path = os.pathsep.join((programs, os.environ["PATH"]))
    subprocess.run(command, check=True, env={**os.environ, "PATH": path}, cwd=REPOSITORY)


def write_inventory(labels: Path, inventory: Path) -> None:
    """Write labels in the form in which Sphinx reads those of another site (version 2)."""
    head = (
        "# Sphinx inventory version 2\n# Project: ansible\n# Version:\n"
        "# The remainder of this file is compressed using zlib.\n"
    )
    lines = [line for line in labels.read_text(encoding="utf-8").splitlines(True) if not line.startswith("#")]
    inventory.write_bytes(head.encode() + zlib.compress("".join(lines).encode()))


if __name__ == "__main__":
    main()
