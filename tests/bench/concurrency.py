# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Which `concurrency` is a good default: the bulk task with one request under way, with two, and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import tables
from bench.commands import bulk
from bench.measure import read_record, watched_python
from bench.sizes import Sizes
from bench.stage import Stage, emails


@dataclass(frozen=True)
class Row:
    """The bulk task: the whole command, and the module's process in it."""

    latency: int
    concurrency: int
    leavers: int
    wall: float
    cpu: float
    module_wall: float
    module_memory: float


def measure(stage: Stage, latency: int, concurrency: int, leavers: int) -> Row:
    asked, place = emails(leavers), stage.folder()
    stage.set(latency, leavers)
    python, record = watched_python(place)
    used = stage.run(bulk(place, asked, python=python, concurrency=concurrency), place)
    stage.check(f"concurrency {concurrency}", asked)
    module = read_record(record)[-1]
    return Row(latency, concurrency, leavers, used.wall, used.cpu, module.wall, module.memory)


def run(stage: Stage, sizes: Sizes, report: Callable[[str], None]) -> list[dict[str, Any]]:
    rows = []
    for latency in sizes.concurrency_latencies:
        rows += [measure(stage, latency, concurrency, sizes.concurrency_leavers) for concurrency in sizes.concurrency]
    report(table(rows))
    return [asdict(row) for row in rows]


def table(rows: Sequence[Row]) -> str:
    latencies = list(dict.fromkeys(row.latency for row in rows))
    head = ["concurrency"]
    for latency in latencies:
        head += [f"{latency} ms: time", "CPU", "as fast as with half"]
    found = {(row.latency, row.concurrency): row for row in rows}
    lines = []
    for concurrency in dict.fromkeys(row.concurrency for row in rows):
        line = [str(concurrency)]
        for latency in latencies:
            row = found[latency, concurrency]
            half = found.get((latency, concurrency // 2))
            gain = f"{half.module_wall / row.module_wall:.2f} times" if half else ""
            line += [tables.seconds(row.wall), tables.seconds(row.cpu), gain]
        lines.append(line)
    return tables.table(head, lines) + "\n"


def gains(rows: Sequence[Row], default: int) -> str:
    """What the step to the default has brought, and what the next one would bring."""
    found = {(row.latency, row.concurrency): row.module_wall for row in rows}
    sentences = []
    for latency in dict.fromkeys(row.latency for row in rows):
        half, here, double = (found.get((latency, number)) for number in (default // 2, default, default * 2))
        if half and here and double:
            step, next_step = f"{half / here:.2f}", f"{here / double:.2f}"
            sentences.append(
                f"At {latency} ms the step from {default // 2} to {default} makes the module {step} times as fast, "
                f"the next one to {default * 2} another {next_step} times."
            )
    return " ".join(sentences)
