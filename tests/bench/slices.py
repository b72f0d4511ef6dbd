# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What a run over several machines would take: jobs that close batches of leavers, under the limits of vendors.

A job (in AWX: a slice) works for its hosts side by side, and for each of them sends `concurrency` requests at once.
What a vendor allows is divided beforehand between the batches that share it, since no job sees another's requests.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench import tables
from bench.sizes import Sizes

Scope = Literal["tenant", "address"]


@dataclass(frozen=True)
class Tenant:
    """What is to be closed at a tenant, and how many requests a second it allows (None: as many as come).

    The limit holds for the tenant, or for each address that requests come from.
    """

    name: str
    writes: int
    rate: float | None = None
    scope: Scope = "tenant"


@dataclass(frozen=True)
class Site:
    """Seconds to an answer and of a job's start, requests at once, CPU seconds of a request, cores of a machine."""

    latency: float = 0.1
    startup: float = 30.0
    concurrency: int = 16
    cpu: float = 0.002
    cores: int = 4


@dataclass(frozen=True)
class Batch:
    """An inventory host: a tenant, or a part of the leavers of one."""

    tenant: Tenant
    writes: int


def needed(tenants: Sequence[Tenant]) -> float:
    """What the vendors' limits alone make of it, when each holds for its tenant: nothing finishes sooner."""
    return max((tenant.writes / tenant.rate for tenant in tenants if tenant.rate), default=0.0)


def cut(tenant: Tenant, parts: int) -> list[Batch]:
    """A tenant's leavers in batches whose sizes differ by one at most."""
    whole, rest = divmod(tenant.writes, parts)
    return [Batch(tenant, whole + (part < rest)) for part in range(parts)]


def deal(batches: Sequence[Batch], jobs: int) -> list[list[Batch]]:
    """Deal hosts to slices as AWX does: of the sorted hosts every n-th. There are no more slices than hosts."""
    jobs = min(jobs, len(batches))
    return [list(batches[job::jobs]) for job in range(jobs)]


def seconds(writes: int, latency: float, concurrency: int, spacing: float) -> float:
    """How long a batch takes whose requests begin at least `spacing` apart, and are under way for `latency`."""
    free = [0.0] * concurrency
    turn = end = 0.0
    for _write in range(writes):
        begin = max(heapq.heappop(free), turn)
        turn = begin + spacing
        end = begin + latency
        heapq.heappush(free, end)
    return max(end, turn) if writes else 0.0


def simulate(jobs: Sequence[Sequence[Batch]], site: Site, addresses: int) -> float:
    """Seconds from the launch to the end of the last job. Jobs start together, on as many machines as `addresses`."""
    place = [(batch, job % addresses) for job, batches in enumerate(jobs) for batch in batches]
    sharing = Counter(_limit(batch.tenant, address) for batch, address in place)
    processes = Counter(address for _batch, address in place)

    def spacing(batch: Batch, address: int) -> float:
        crowd = max(1.0, processes[address] / site.cores)
        mates = sharing[_limit(batch.tenant, address)]
        allowed = mates / batch.tenant.rate if batch.tenant.rate else 0.0
        return max(allowed, site.cpu * crowd)

    durations = [
        seconds(batch.writes, site.latency, site.concurrency, spacing(batch, address)) for batch, address in place
    ]
    return site.startup + max(durations)


def _limit(tenant: Tenant, address: int) -> tuple[str, int | None]:
    """What a batch shares its limit with: all of its tenant, or those of them at the same address."""
    return tenant.name, address if tenant.scope == "address" else None


@dataclass(frozen=True)
class Scenario:
    """Tenants, and whether each is cut into one batch per job. Each job has a separate machine."""

    name: str
    tenants: tuple[Tenant, ...]
    site: Site = Site()
    cut: bool = True
    one_address: bool = False

    def jobs(self, count: int) -> list[list[Batch]]:
        batches = [batch for tenant in self.tenants for batch in cut(tenant, count if self.cut else 1)]
        return deal(batches, count)

    def takes(self, count: int) -> float:
        return simulate(self.jobs(count), self.site, 1 if self.one_address else count)


def five(writes: int, **first: Any) -> tuple[Tenant, ...]:
    """Five tenants, the first of which has a separate limit."""
    return (Tenant("1", writes, **first), *(Tenant(str(number), writes) for number in range(2, 6)))


JOBS = (1, 2, 4, 8)
CLOUD = 50.0
"""ZITADEL Cloud: requests a second for each source address."""
MANY = 10_000
SCENARIOS = (
    Scenario("one tenant without a limit, 20 ms", (Tenant("1", MANY),), Site(latency=0.02)),
    Scenario("one tenant without a limit, 100 ms", (Tenant("1", MANY),)),
    Scenario("one tenant, 50/s for the tenant", (Tenant("1", MANY, CLOUD),)),
    Scenario(
        "one tenant, 50/s for each address, all jobs behind one",
        (Tenant("1", MANY, CLOUD, "address"),),
        one_address=True,
    ),
    Scenario("one tenant, 50/s for each address, a job each", (Tenant("1", MANY, CLOUD, "address"),)),
    Scenario("five tenants without a limit, dealt whole", five(MANY), cut=False),
    Scenario("five tenants without a limit, each cut", five(MANY)),
    Scenario("five tenants, one with 50/s, dealt whole", five(MANY, rate=CLOUD), cut=False),
    Scenario("five tenants, one with 50/s, each cut", five(MANY, rate=CLOUD)),
    Scenario("five tenants without a limit, 100 leavers, each cut", five(100)),
)


def table() -> str:
    """The scenarios with so many jobs, and what the limits alone would need on one address."""
    head = ["10,000 leavers at each tenant, 100 ms", "writes / rate", *(f"{count} jobs" for count in JOBS)]
    head[2] = "1 job"
    lines = []
    for scenario in SCENARIOS:
        floor = needed(scenario.tenants)
        times = [tables.seconds(scenario.takes(count)) for count in JOBS]
        lines.append([scenario.name, tables.seconds(floor) if floor else "-", *times])
    return tables.table(head, lines) + "\n"


def run(_stage: object, _sizes: Sizes, report: Callable[[str], None]) -> None:
    """Nothing is measured here: the same table on every machine."""
    report(table())
