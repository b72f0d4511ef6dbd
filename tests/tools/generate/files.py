# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""All generated files."""

from __future__ import annotations

from pathlib import Path

from .modules import common_fragment, fragment, modules
from .texts import load, load_vendors


def generated(root: Path) -> dict[str, str]:
    """Return all generated files of a checkout, by path, with their texts."""
    shared = load(root, "_modules")
    vendors = load_vendors(root)
    files = dict([common_fragment(shared)])
    for vendor in vendors.values():
        files |= dict([fragment(vendor, shared), *modules(vendor, shared)])
    return files
