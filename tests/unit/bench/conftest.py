# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Results of a bench, made up."""

from __future__ import annotations

import pytest

from bench import concurrency, contest, floor
from bench.ceiling import Ceiling
from bench.goals import Results
from bench.growth import READABLE, Point
from bench.playbook import Row as PlaybookRow
from bench.shares import Shares


def contest_row(who: str, latency: int, leavers: int, wall: float, requests: float, tokens: float = 1) -> contest.Row:
    return contest.Row(who, latency, leavers, leavers, wall, 1.0, 50.0, requests, tokens)


@pytest.fixture
def results() -> Results:
    """Everything as it was to be, and just so."""
    return Results(
        ceiling=Ceiling(64, 1_000, 2_000.0),
        contest=[
            contest_row(contest.BULK, 20, 1_000, 4.0, 1_050),
            contest_row(contest.AGAIN, 20, 1_000, 3.0, 2),
            contest_row(contest.URI, 20, 1_000, 1_200.0, 2_000),
            *(contest_row(contest.BULK, latency, 10_000, 13.0, 10_021) for latency in (20, 100)),
            *(contest_row(contest.ASYNCIO, latency, 10_000, 10.0, 10_020) for latency in (20, 100)),
        ],
        playbook=[
            PlaybookRow(latency, 10_000, 114.0, 1, 1, 1, 50_100, 4, Shares(2.0, 10.0, 60.0, 40.0, 2.0, 100.0))
            for latency in (0, 20, 100)
        ],
        goals=floor.Found(
            [floor.Row("one leaver at five tenants", "1.8", "at most 1.10", "1.00", True)], "2026-12-01", 0.1
        ),
        growth_leavers=[Point("zitadel", latency, 100, 100, 2.0, 1.0, 46.0, 103) for latency in (0, 20, 100)],
        growth_accounts=[Point(vendor, 20, 100, 200_000, 9.0, 8.0, 149.9, 900) for vendor in READABLE],
        concurrency=[
            concurrency.Row(latency, number, 1_000, 40 / number + 2, 3.0, 40 / number, 46.0)
            for latency in (20, 100)
            for number in (8, 16, 32)
        ],
    )
