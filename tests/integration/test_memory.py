# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A hundred leavers of 200,000 accounts: the memory of the module grows with the leavers, not with the accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.growth import measure
from bench.stage import Stage
from mock_vendors.client import MockVendors

LEAVERS = 100
ACCOUNTS = 200_000
MEBIBYTES = 150
# Reads to plan and to verify, besides a write each. ZITADEL searches users and sessions twice, and is
# asked three times what the credential may see and do; Laurel has one list; the others have lists of 400 and of
# 200 pages, are asked for a hundred one by one to verify, and netexCloud beyond its end, which it does not report.
REQUESTS = {"zitadel": 7, "laurel": 2, "netex": 510, "learn": 301}


@pytest.mark.parametrize("vendor", REQUESTS)
def test_a_hundred_of_two_hundred_thousand(mock: MockVendors, tmp_path: Path, vendor: str) -> None:
    point = measure(Stage.built(mock, tmp_path), vendor, 0, LEAVERS, ACCOUNTS)
    assert point.memory < MEBIBYTES
    assert point.requests == LEAVERS + REQUESTS[vendor]
