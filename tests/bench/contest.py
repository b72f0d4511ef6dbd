# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Part 1: five ways to close the same leavers at one vendor, side by side."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench import tables
from bench.commands import bulk, play
from bench.sizes import Sizes
from bench.stage import CONCURRENCY, Stage, emails
from bench.stats import median_of

CONTESTANTS = Path(__file__).with_name("contestants")
Command = Callable[[Path, Sequence[str]], list[str]]


@dataclass(frozen=True)
class Row:
    """What one contestant took. Seconds, MiB; `measured` says how many leavers it really closed."""

    who: str
    latency: int
    leavers: int
    measured: int
    wall: float
    cpu: float
    memory: float
    requests: float
    tokens: float

    @property
    def extrapolated(self) -> bool:
        return self.measured != self.leavers


def playbook(name: str) -> Command:
    return lambda place, leavers: play(place, CONTESTANTS / name, {"leavers": list(leavers)})


def script(name: str, *more: str) -> Command:
    def command(place: Path, leavers: Sequence[str]) -> list[str]:
        given = place / "leavers.json"
        given.write_text(json.dumps(list(leavers)))
        return [sys.executable, str(CONTESTANTS / name), str(given), *more]

    return command


BULK = "bulk task"
AGAIN = "bulk task, nothing left to do"
LOOP = "module in a loop"
URI = "uri in a loop"
SEQUENCE = "requests in sequence"
ASYNCIO = "bare asyncio client"

FAST: dict[str, Command] = {
    BULK: lambda place, leavers: bulk(place, leavers, concurrency=CONCURRENCY),
    ASYNCIO: script("at_once.py", str(CONCURRENCY)),
}
SLOW: dict[str, Command] = {
    LOOP: playbook("module_loop.yml"),
    URI: playbook("uri_loop.yml"),
    SEQUENCE: script("in_sequence.py"),
}
ORDER = (BULK, AGAIN, ASYNCIO, SEQUENCE, LOOP, URI)


def measure(stage: Stage, who: str, command: Command, latency: int, leavers: int, *, again: bool = False) -> Row:
    """Let one contestant close all leavers of a tenant, and see that it has. `again`: leave the tenant as it is."""
    asked, place = emails(leavers), stage.folder()
    if not again:
        stage.set(latency, leavers)
    used = stage.run(command(place, asked), place)
    requests, tokens = stage.counts()
    stage.check(who, asked)
    return Row(who, latency, leavers, leavers, used.wall, used.cpu, used.memory, requests, tokens)


def extrapolated(few: Row, many: Row, leavers: int) -> Row:
    """What a contestant would take for more leavers, at what each one of `many` beyond `few` took.

    Its start is in it once. The peak memory is left as it was measured: it would hardly be less.
    """

    def reach(one: float, other: float) -> float:
        return other + (other - one) / (many.leavers - few.leavers) * (leavers - many.leavers)

    return replace(
        many,
        leavers=leavers,
        wall=reach(few.wall, many.wall),
        cpu=reach(few.cpu, many.cpu),
        requests=reach(few.requests, many.requests),
        tokens=reach(few.tokens, many.tokens),
    )


def fast(stage: Stage, latency: int, leavers: int, repeats: int) -> list[Row]:
    """The contestants that can close many, in turns, so that a machine that is busy for a while is so for all."""
    turns: dict[str, list[Row]] = {}
    for _turn in range(repeats):
        for who, command in FAST.items():
            turns.setdefault(who, []).append(measure(stage, who, command, latency, leavers))
            if who == BULK:
                turns.setdefault(AGAIN, []).append(measure(stage, AGAIN, command, latency, leavers, again=True))
    return [median_of(rows) for rows in turns.values()]


def slow(stage: Stage, latency: int, sizes: Sizes) -> list[Row]:
    """The others, with few leavers; for more it is extrapolated."""
    rows = []
    few, many = sizes.slow
    for who, command in SLOW.items():
        more = measure(stage, who, command, latency, many)
        less = measure(stage, who, command, latency, few) if max(sizes.leavers) > many else more
        rows += [more if count == many else extrapolated(less, more, count) for count in sizes.leavers]
    return rows


def run(stage: Stage, sizes: Sizes, report: Callable[[str], None]) -> list[dict[str, Any]]:
    rows: list[Row] = []
    for latency in sizes.latencies:
        found = slow(stage, latency, sizes)
        for leavers in sizes.leavers:
            found += fast(stage, latency, leavers, sizes.turns(leavers))
            report(table(found, latency, leavers))
        rows += found
    return [asdict(row) for row in rows]


HEAD = (
    "contestant",
    "time",
    "requests",
    "tokens",
    "CPU",
    "peak memory",
    "times the bulk task's time",
    "of the mock vendors",
)


def table(rows: Sequence[Row], latency: int, leavers: int, ceiling: float | None = None) -> str:
    """The contestants at one latency, for one number of leavers. ~ stands before what is extrapolated.

    With the mock vendors' ceiling (requests a second), how much of it each has used.
    """
    here = {row.who: row for row in rows if (row.latency, row.leavers) == (latency, leavers)}
    bulk_wall = here[BULK].wall
    cells = []
    for row in (here[who] for who in ORDER if who in here):
        about = "~" if row.extrapolated else ""
        rate = (row.requests + row.tokens) / row.wall
        cells.append(
            [
                row.who,
                about + tables.seconds(row.wall),
                about + tables.count(row.requests),
                about + tables.count(row.tokens),
                about + tables.seconds(row.cpu),
                tables.memory(row.memory),
                about + tables.ratio(row.wall / bulk_wall),
                tables.percent(rate / ceiling) if ceiling else "",
            ]
        )
    width = len(HEAD) if ceiling else len(HEAD) - 1
    text = tables.table(HEAD[:width], [line[:width] for line in cells])
    return f"{leavers:,} leavers, {latency} ms:\n\n{text}\n"
