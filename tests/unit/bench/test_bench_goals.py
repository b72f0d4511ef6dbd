# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Whether a goal is reached is decided exactly at its bound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import contest, floor, goals
from bench.goals import Results, at_least, at_most, below, judge
from bench.growth import READABLE


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


@pytest.mark.parametrize(("found", "reached"), [(1.099, True), (1.1, True), (1.1001, False)])
def test_a_goal_of_a_release_is_decided_at_its_bound(found: float, reached: bool) -> None:
    assert floor.at_most("", "1.8", found, 1.1, shown).reached is reached


def missed(found: Results) -> list[str]:
    return [verdict.goal for verdict in judge(found) if not verdict.reached]


def test_every_goal_can_be_reached(results: Results) -> None:
    verdicts = judge(results)
    assert len(verdicts) == 13
    assert missed(results) == []
    assert "MISSED" not in goals.table(verdicts)


def test_each_goal_can_be_missed(results: Results) -> None:
    good = results
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
    late = [replace(row, shares=replace(row.shares, ansible=row.shares.ansible + 1)) for row in good.playbook]
    assert len(missed(replace(good, playbook=late))) == 3
    large = [replace(point, memory=150) for point in good.growth_accounts]
    assert len(missed(replace(good, growth_accounts=large))) == len(READABLE)
