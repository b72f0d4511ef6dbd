# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Whether a goal is reached is decided exactly at its bound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import contest, goals
from bench.ceiling import Ceiling
from bench.goals import Results, at_least, at_most, below, judge
from bench.growth import READABLE, Point
from bench.playbook import Row as PlaybookRow


def shown(value: float) -> str:
    return f"{value:g}"


@pytest.mark.parametrize(("found", "reached"), [(299.99, False), (300, True), (301, True)])
def test_at_least(found: float, reached: bool) -> None:
    assert at_least("", found, 300, shown).reached is reached


@pytest.mark.parametrize(("found", "reached"), [(1.29, True), (1.3, True), (1.3001, False)])
def test_at_most(found: float, reached: bool) -> None:
    assert at_most("", found, 1.3, shown).reached is reached


@pytest.mark.parametrize(("found", "reached"), [(0.149, True), (0.15, False), (0.151, False)])
def test_below(found: float, reached: bool) -> None:
    assert below("", found, 0.15, shown).reached is reached


def contest_row(who: str, latency: int, leavers: int, wall: float, requests: float, tokens: float = 1) -> contest.Row:
    return contest.Row(who, latency, leavers, leavers, wall, 1.0, 50.0, requests, tokens)


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
            PlaybookRow(latency, 10_000, 114.0, 1, 1, 1, 50_100, 4, 2.0, 10.0, 60.0, 40.0, 2.0, 100.0)
            for latency in (0, 20, 100)
        ],
        growth_leavers=[],
        growth_accounts=[Point(vendor, 20, 100, 200_000, 9.0, 8.0, 149.9, 900) for vendor in READABLE],
        concurrency=[],
    )


def missed(found: Results) -> list[str]:
    return [verdict.goal for verdict in judge(found) if not verdict.reached]


def test_every_goal_can_be_reached() -> None:
    verdicts = judge(results())
    assert len(verdicts) == 13
    assert missed(results()) == []
    assert "MISSED" not in goals.table(verdicts)


def test_each_goal_can_be_missed() -> None:
    good = results()
    slow = [replace(row, wall=row.wall + 0.01) if row.who == contest.BULK else row for row in good.contest]
    assert len(missed(replace(good, contest=slow))) == 3
    assert "MISSED" in goals.table(judge(replace(good, contest=slow)))
    many = [replace(row, requests=row.requests + 1) if row.leavers == 1_000 else row for row in good.contest]
    assert missed(replace(good, contest=many)) == [
        "requests for an account closed, pages included (the most of all runs)"
    ]
    tokens = [replace(row, tokens=5) for row in good.playbook]
    assert missed(replace(good, playbook=tokens)) == ["tokens for a tenant (the most of all runs)"]
    again = [replace(row, requests=60) if row.who == contest.AGAIN else row for row in good.contest]
    assert len(missed(replace(good, contest=again))) == 1
    late = [replace(row, ansible=row.ansible + 1) for row in good.playbook]
    assert len(missed(replace(good, playbook=late))) == 3
    large = [replace(point, memory=150) for point in good.growth_accounts]
    assert len(missed(replace(good, growth_accounts=large))) == len(READABLE)
