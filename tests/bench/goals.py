# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The bounds of the parts, compared with what was measured. The goals of a release are in `floor`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench import concurrency, contest, floor, growth, playbook, tables
from bench.ceiling import Ceiling

TOKEN_HOSTS = 4
"""Tenants of the playbook that are logged in to; netexCloud's token is given."""


@dataclass(frozen=True)
class Results:
    """All that was measured in one run."""

    ceiling: Ceiling
    contest: Sequence[contest.Row]
    playbook: Sequence[playbook.Row]
    goals: floor.Found
    growth_leavers: Sequence[growth.Point]
    growth_accounts: Sequence[growth.Point]
    concurrency: Sequence[concurrency.Row]


@dataclass(frozen=True)
class Verdict:
    goal: str
    wanted: str
    found: str
    reached: bool


Show = Callable[[float], str]


def at_least(goal: str, found: float, bound: float, show: Show) -> Verdict:
    return Verdict(goal, f"at least {show(bound)}", show(found), found >= bound)


def at_most(goal: str, found: float, bound: float, show: Show) -> Verdict:
    return Verdict(goal, f"at most {show(bound)}", show(found), found <= bound)


def below(goal: str, found: float, bound: float, show: Show) -> Verdict:
    return Verdict(goal, f"below {show(bound)}", show(found), found < bound)


def fine(value: float) -> str:
    """A ratio near 1, with what decides about it."""
    return f"{value:.3f}"


def times(value: float) -> str:
    return f"{value:,.0f} times" if value >= 10 else f"{value:.2f} times"


def judge(results: Results) -> list[Verdict]:
    return [*_contest(results.contest), *_requests(results), *_whole(results)]


def _row(rows: Iterable[contest.Row], who: str, latency: int, leavers: int) -> contest.Row:
    return next(row for row in rows if (row.who, row.latency, row.leavers) == (who, latency, leavers))


def _contest(rows: Sequence[contest.Row]) -> Iterator[Verdict]:
    quick, slow = (_row(rows, who, 20, 1_000) for who in (contest.BULK, contest.URI))
    goal = "the bulk task is faster than uri in a loop (1,000 leavers, 20 ms)"
    yield at_least(goal, slow.wall / quick.wall, 300, times)
    for latency in (20, 100):
        quick, bare = (_row(rows, who, latency, 10_000) for who in (contest.BULK, contest.ASYNCIO))
        goal = f"the bulk task's time, in those of the bare asyncio client (10,000 leavers, {latency} ms)"
        yield at_most(goal, quick.wall / bare.wall, 1.3, times)


def _requests(results: Results) -> Iterator[Verdict]:
    first = [row for row in results.contest if row.who == contest.BULK]
    alone = [row.requests / row.leavers for row in first]
    five = [row.requests / row.leavers / 5 for row in results.playbook]
    yield at_most(
        "requests for an account closed, pages included (the most of all runs)", max(alone + five), 1.05, fine
    )
    tokens = max([*(row.tokens for row in first), *(row.tokens / TOKEN_HOSTS for row in results.playbook)])
    yield at_most("tokens for a tenant (the most of all runs)", tokens, 1, tables.count)
    again = [row for row in results.contest if row.who == contest.AGAIN]
    parts = [row.requests / _row(first, contest.BULK, row.latency, row.leavers).requests for row in again]
    yield below(
        "requests of a second run, of those of the first (the most of all runs)", max(parts), 0.05, tables.percent
    )


def _whole(results: Results) -> Iterator[Verdict]:
    for row in results.playbook:
        if row.leavers == 10_000:
            goal = f"the playbook's time beyond its slowest tenant (10,000 leavers, {row.latency} ms)"
            yield below(goal, row.shares.overhead, 0.15, tables.percent)
    for vendor in growth.READABLE:
        largest = [point for point in results.growth_accounts if (point.vendor, point.accounts) == (vendor, 200_000)]
        memory = max(point.memory for point in largest)
        yield below(f"memory of the module, 100 leavers of 200,000 accounts ({vendor})", memory, 150, tables.memory)


def table(verdicts: Iterable[Verdict]) -> str:
    lines = [[each.goal, each.wanted, each.found, "reached" if each.reached else "MISSED"] for each in verdicts]
    return tables.table(["goal", "wanted", "found", ""], lines) + "\n"
