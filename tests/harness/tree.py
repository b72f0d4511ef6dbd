# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Link a checkout with any folder name into a tree where Ansible finds it as a collection."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ADDED_VENDOR = REPOSITORY / "examples" / "add-a-vendor"


def link_tree(tree: Path, checkout: Path = REPOSITORY) -> Path:
    """Make `tree` a collections path that holds this checkout as saas.offboarding."""
    link = tree / "ansible_collections" / "saas" / "offboarding"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(checkout, target_is_directory=True)
    return tree


def checkout_files() -> list[str]:
    """The files of this checkout that git knows or would take, as paths in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]


if __name__ == "__main__":
    link_tree(Path(sys.argv[1]))
    # An example is a separate tree: types are checked over both as if they were one.
    link_tree(Path(sys.argv[1]).with_name("add-a-vendor"), ADDED_VENDOR)
