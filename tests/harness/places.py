# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The files of one vendor, and which of them are missing. Everything else is generated from them."""

from __future__ import annotations

from pathlib import Path

OWN = (
    "plugins/module_utils/_vendor_info/{}.py",
    "plugins/module_utils/_vendors/{}.py",
    "docs/texts/{}.yml",
    "docs/docsite/rst/{}.rst",
    "tests/mock_vendors/{}.py",
    "tests/unit/plugins/module_utils/test_vendor_{}.py",
    "tests/integration/test_{}.py",
)
"""What a person writes for a vendor."""
GENERATED = (
    "plugins/doc_fragments/{}.py",
    "plugins/modules/{}_user.py",
    "plugins/modules/{}_user_info.py",
)
"""What is generated for a vendor alone."""
MARK = "Not written yet"
"""What a line of a skeleton states where an author has to replace it."""
OF_VENDORS = ("plugins/module_utils/_vendor_info/{}.py", "plugins/module_utils/_vendors/{}.py", "docs/texts/{}.yml")
"""Those in whose folders there is nothing else, private files apart."""


def vendors_in(root: Path) -> list[str]:
    """Return every vendor that a file is named after, even if it is only one."""
    found = {path.stem for place in OF_VENDORS for path in root.glob(place.format("[a-z]*"))}
    found |= {path.stem.removesuffix("_user") for path in root.glob("plugins/modules/*_user.py")}
    return sorted(found)


def missing(root: Path, vendor: str) -> list[str]:
    """Return the files that a vendor still needs."""
    return [path for path in (place.format(vendor) for place in OWN) if not (root / path).is_file()]


def unwritten(root: Path, vendor: str) -> list[str]:
    """Return the lines of a vendor's own files that are those of the skeleton, each with its place."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path in (place.format(vendor) for place in OWN)
        if (root / path).is_file()
        for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1)
        if MARK in line
    ]
