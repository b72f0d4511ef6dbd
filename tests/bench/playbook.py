# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Part 2: the whole playbook over five tenants, with evidence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import tables
from bench.commands import ANSIBLE
from bench.measure import read_record, watched_python
from bench.shares import Shares, share
from bench.sizes import Sizes
from bench.stage import Stage, emails
from demo.story import VENDORS

CALLBACKS = Path(__file__).with_name("callback")


@dataclass(frozen=True)
class Row:
    """One run for the leavers of five tenants. Seconds; MiB of the largest process and of the largest module."""

    latency: int
    leavers: int
    wall: float
    cpu: float
    memory: float
    module_memory: float
    requests: int
    tokens: int
    shares: Shares


def command(place: Path, leavers: Sequence[str], python: Path) -> list[str]:
    listed = place / "leavers.csv"
    listed.write_text("".join(f"{line}\n" for line in ("email", *leavers)))
    hosts = {vendor: {"saas_vendor": vendor} for vendor in VENDORS}
    common = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    inventory = place / "inventory.json"
    inventory.write_text(json.dumps({"all": {"children": {"saas": {"vars": common, "hosts": hosts}}}}))
    given = place / "variables.json"
    variables = {
        "offboard_leavers_file": str(listed),
        "offboard_max_changes": len(leavers),
        "offboard_report_dir": str(place / "reports"),
    }
    given.write_text(json.dumps(variables))
    command = [sys.executable, ANSIBLE, "-i", str(inventory), "saas.offboarding.offboard", "-e", f"@{given}"]
    return [*command, "--forks", str(len(VENDORS))]


def measure(stage: Stage, latency: int, leavers: int) -> Row:
    asked, place = emails(leavers), stage.folder()
    stage.set(latency, leavers, VENDORS)
    python, record = watched_python(place)
    watch = place / "moments.jsonl"
    callback = {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "stopwatch",
        "SAAS_STOPWATCH": str(watch),
    }
    used = stage.run(command(place, asked, python), place, callback)
    requests, tokens = stage.counts()
    stage.check("the playbook", asked, VENDORS)
    if len(list(place.glob("reports/*/evidence.json"))) != 1:
        raise RuntimeError("the playbook left no evidence")
    modules = read_record(record)
    shares = share(used, [json.loads(line) for line in watch.read_text().splitlines()], modules)
    largest = max(module.memory for module in modules)
    return Row(latency, leavers, used.wall, used.cpu, used.memory, largest, requests, tokens, shares)


def run(stage: Stage, sizes: Sizes, report: Callable[[str], None]) -> list[dict[str, Any]]:
    rows = [measure(stage, latency, leavers) for leavers in sizes.playbook for latency in sizes.latencies]
    for leavers in sizes.playbook:
        report(table(rows, leavers))
    return [asdict(row) for row in rows]


def table(rows: Sequence[Row], leavers: int, ceiling: float | None = None) -> str:
    """A column for each latency, and the parts of the time below the whole.

    With the mock vendors' ceiling (requests a second), how much of it was used while the slowest tenant's module ran.
    """
    here = [row for row in rows if row.leavers == leavers]

    def part(name: str) -> list[str]:
        values = [(getattr(row.shares, name), row.wall) for row in here]
        return [f"{tables.seconds(value)} ({tables.percent(value / wall)})" for value, wall in values]

    lines = [
        ["the whole playbook", *(tables.seconds(row.wall) for row in here)],
        ["- Ansible's start", *part("startup")],
        ["- Ansible besides: templates, workers, results", *part("ansible")],
        ["- slowest tenant's module: our code (its CPU)", *part("code")],
        ["- slowest tenant's module: waiting", *part("waiting")],
        ["- writing the evidence", *part("evidence")],
        ["beyond the slowest tenant", *(tables.percent(row.shares.overhead) for row in here)],
        ["requests", *(tables.count(row.requests) for row in here)],
        ["tokens", *(tables.count(row.tokens) for row in here)],
        ["CPU of everything", *(tables.seconds(row.cpu) for row in here)],
        ["peak memory of a process", *(tables.memory(row.memory) for row in here)],
        ["peak memory of a module", *(tables.memory(row.module_memory) for row in here)],
    ]
    if ceiling:
        rates = [(row.requests + row.tokens) / row.shares.slowest for row in here]
        lines.append(
            ["of the mock vendors, while the slowest ran", *(tables.percent(rate / ceiling) for rate in rates)]
        )
    head = [f"five tenants, {leavers:,} leavers", *(f"{row.latency} ms" for row in here)]
    return tables.table(head, lines) + "\n"
