# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Any faults in any order over runs in a row: what is promised holds after each, and in the end all is as asked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from chaos.conftest import PROFILE, SEED, SHRINK, TALLY
from chaos.schedules import Schedule, Tally, meeting, meetings, play, schedules
from chaos.tenants import TENANTS
from mock_vendors.client import MockVendors

LONG = os.environ.get(PROFILE) == "long"
SHARES, EACH = (2, 200) if LONG else (1, 20)


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", TENANTS)
def test_faults_in_any_order(
    mock: MockVendors, name: str, share: int, record_property: Callable[[str, object], None]
) -> None:
    tenant = TENANTS[name]
    tally = Tally()
    seed = int(os.environ.get(SEED, "0")) * SHARES + share

    def draw(kind: SearchStrategy[Schedule], count: int) -> None:
        @hypothesis.seed(seed)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            print_blob=False,
            phases=(Phase.generate, Phase.shrink) if os.environ.get(SHRINK) else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(kind)
        def each(schedule: Schedule) -> None:
            play(tenant, mock, schedule, tally)

        each()

    try:
        if LONG:
            for met in meetings(tenant):
                draw(meeting(tenant, met), 2)
        draw(schedules(tenant), EACH)
    finally:
        record_property(TALLY, json.dumps({"vendor": name, **vars(tally)}))
    assert tally.schedules >= EACH
    if LONG:
        silent = [f"{form} / {kind}" for form, kind in meetings(tenant) if not tally.fired[f"{form} / {kind}"]]
        assert silent == [], "these faults were never met"
