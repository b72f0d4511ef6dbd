# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The numbers of a bench. Latencies are in milliseconds."""

    latencies: tuple[int, ...] = (0, 20, 100)
    leavers: tuple[int, ...] = (100, 1_000, 10_000)
    slow: tuple[int, int] = (10, 100)
    """Whom the slow contestants close: few, to know what a leaver costs, and many. More is extrapolated."""
    repeats: int = 3
    often: int = 1_000
    """Up to how many leavers a contest is repeated. More take so long that a moment's noise does not count."""
    playbook: tuple[int, ...] = (1_000, 10_000)
    floor: tuple[int, int, int] = (1, 1_000, 10_000)
    """Leavers of the whole playbook against bare module tasks: one, some, many."""
    growth_leavers: tuple[int, ...] = (100, 300, 1_000, 3_000, 10_000, 20_000)
    growth_accounts: tuple[int, ...] = (1_000, 10_000, 50_000, 200_000)
    growth_latencies: tuple[int, ...] = (20,)
    searched: int = 100
    searched_latency: int = 20
    concurrency: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    concurrency_latencies: tuple[int, ...] = (20, 100)
    concurrency_leavers: int = 500
    ceiling_requests: int = 20_000

    def turns(self, leavers: int) -> int:
        return self.repeats if leavers <= self.often else 1


QUICK = Sizes(
    latencies=(0, 20),
    leavers=(10, 50),
    slow=(2, 10),
    repeats=1,
    playbook=(20,),
    floor=(1, 5, 20),
    growth_leavers=(10, 30, 100),
    growth_accounts=(100, 1_000),
    searched=10,
    concurrency=(1, 4, 16),
    concurrency_leavers=50,
    ceiling_requests=1_000,
)
