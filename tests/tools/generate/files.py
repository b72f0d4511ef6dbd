# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""All generated files."""

from __future__ import annotations

from pathlib import Path

from .credential_types import credential_types
from .modules import common_fragment, fragment, modules
from .pages import pages
from .reference import variables_page
from .role import argument_specs
from .runtime import runtime
from .texts import load, load_vendors


def generated(root: Path) -> dict[str, str]:
    """Return all generated files of a checkout, by path, with their texts."""
    shared = load(root, "_modules")
    vendors = load_vendors(root).values()
    files = [common_fragment(shared)]
    for vendor in vendors:
        files += [fragment(vendor, shared), *modules(vendor, shared)]
    role = load(root, "_role")
    files += [runtime(vendors), argument_specs(vendors, role), variables_page(vendors, role), credential_types(vendors)]
    return dict([*files, *pages(root, vendors)])
