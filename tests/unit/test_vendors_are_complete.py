# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Every vendor is known wherever vendors are: what this lists is what is left to do for a new one."""

from __future__ import annotations

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from harness.places import missing, vendors_in
from harness.tree import REPOSITORY


def test_the_files_are_those_of_the_vendors_in_the_catalog() -> None:
    assert set(vendors_in(REPOSITORY)) >= set(VENDORS)


@pytest.mark.parametrize("vendor", vendors_in(REPOSITORY))
def test_a_vendor_is_known_in_all_places(vendor: str) -> None:
    left = missing(REPOSITORY, vendor)
    assert not left, "\n".join([f"What {vendor} still needs:", *left])
