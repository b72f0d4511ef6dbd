# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The collection's action groups and the routing of its modules."""

from __future__ import annotations

from collections.abc import Iterable

from .layout import laid_out
from .role import HEAD
from .texts import VendorTexts

REQUIRES = ">=2.18.0"
PATH = "meta/runtime.yml"


def runtime(vendors: Iterable[VendorTexts]) -> tuple[str, str]:
    """Return the collection's runtime metadata, as its path and its text."""
    modules = {vendor.info.name: list(vendor.info.modules) for vendor in vendors}
    routed = {"action_plugin": "saas.offboarding.progress"}
    text = "\n".join(
        (
            laid_out({"requires_ansible": REQUIRES}),
            "# One group for each vendor, so that module_defaults sets credentials once.",
            laid_out({"action_groups": modules}),
            "# The action shows the progress of a module while it runs.",
            laid_out({"plugin_routing": {"modules": {name: routed for group in modules.values() for name in group}}}),
        )
    )
    return PATH, HEAD.format(sources="plugins/module_utils/_vendor_info") + text
