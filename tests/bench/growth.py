# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Part 3: how time, requests and memory grow, with the leavers and with the tenant they are searched in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import tables
from bench.commands import bulk
from bench.measure import read_record, watched_python
from bench.sizes import Sizes
from bench.stage import Stage, emails

READABLE = ("zitadel", "laurel", "netex", "learn")
"""CustomerGauge searches nothing."""


@dataclass(frozen=True)
class Point:
    """The bulk task's module alone: what Ansible adds does not grow with a tenant."""

    vendor: str
    latency: int
    leavers: int
    accounts: int
    wall: float
    cpu: float
    memory: float
    requests: int


def measure(stage: Stage, vendor: str, latency: int, leavers: int, accounts: int) -> Point:
    """Close the leavers of a tenant with so many accounts, by their e-mail addresses."""
    asked, place = emails(leavers), stage.folder()
    stage.set(latency, accounts, [vendor])
    python, record = watched_python(place)
    stage.run(bulk(place, asked, vendor, python=python), place)
    requests, _tokens = stage.counts()
    stage.check(f"{accounts} accounts", asked, [vendor])
    module = read_record(record)[-1]
    return Point(vendor, latency, leavers, accounts, module.wall, module.cpu, module.memory, requests)


def run(stage: Stage, sizes: Sizes, report: Callable[[str], None]) -> dict[str, Any]:
    by_leavers = [
        measure(stage, "zitadel", latency, leavers, leavers)
        for latency in sizes.growth_latencies
        for leavers in sizes.growth_leavers
    ]
    report(leavers_table(by_leavers))
    by_accounts = [
        measure(stage, vendor, sizes.searched_latency, sizes.searched, accounts)
        for vendor in READABLE
        for accounts in sizes.growth_accounts
    ]
    report(accounts_table(by_accounts))
    return {
        "leavers": [asdict(point) for point in by_leavers],
        "accounts": [asdict(point) for point in by_accounts],
    }


def leavers_table(points: Sequence[Point]) -> str:
    """A line for each number of leavers, with the time at each latency; the rest is the same at all."""
    latencies = list(dict.fromkeys(point.latency for point in points))
    head = ["leavers", *(f"{latency} ms: time" for latency in latencies), "requests", "CPU", "peak memory"]
    lines = []
    for leavers in dict.fromkeys(point.leavers for point in points):
        here = [point for point in points if point.leavers == leavers]
        times = [tables.seconds(point.wall) for point in here]
        lines.append([f"{leavers:,}", *times, *_worst(here)])
    return tables.table(head, lines) + "\n"


def accounts_table(points: Sequence[Point]) -> str:
    """A line for each vendor and size of its tenant."""
    latencies = list(dict.fromkeys(point.latency for point in points))
    head = ["vendor", "accounts", *(f"{latency} ms: time" for latency in latencies), "requests", "CPU", "peak memory"]
    lines = []
    for vendor, accounts in dict.fromkeys((point.vendor, point.accounts) for point in points):
        here = [point for point in points if (point.vendor, point.accounts) == (vendor, accounts)]
        times = [tables.seconds(point.wall) for point in here]
        lines.append([vendor, f"{accounts:,}", *times, *_worst(here)])
    return tables.table(head, lines) + "\n"


def _worst(points: Iterable[Point]) -> tuple[str, str, str]:
    """Requests, CPU and memory, of the latency at which they were the most."""
    found = list(points)
    return (
        tables.count(max(point.requests for point in found)),
        tables.seconds(max(point.cpu for point in found)),
        tables.memory(max(point.memory for point in found)),
    )
