# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The goals: the whole playbook against bare module tasks, and a module's process against a bare asyncio client.

The floor is one play in which each host runs the module of its vendor once, with the users in a
variable, without a list file, a report or evidence.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import playbook, tables
from bench.commands import ANSIBLE, bulk
from bench.machine import BUSY
from bench.measure import Used, read_record, watched_python
from bench.sizes import Sizes
from bench.stage import Stage, emails
from demo.story import VENDORS

LATENCY = 20
"""Milliseconds to an answer."""
AT_ONCE = Path(__file__).with_name("contestants") / "at_once.py"


@dataclass(frozen=True)
class Row:
    """One goal. ``before``: as measured before the run was moved to Python, on two cores of another day."""

    what: str
    before: str
    goal: str
    found: str
    reached: bool


@dataclass(frozen=True)
class Found:
    """All goals as measured. ``load``: the load average before the first of them."""

    rows: Sequence[Row]
    day: str
    load: float


def floor(place: Path, leavers: Sequence[str], python: Path) -> list[str]:
    """The command of the floor."""
    users = place / "users.json"
    users.write_text(json.dumps({"users": [{"email": email} for email in leavers]}))
    # One task for all hosts: tasks of their own, with `when` or included, run one host after another.
    task = {
        "name": "Close at the vendor",
        "action": "saas.offboarding.{{ saas_vendor }}_user",
        "args": {"users": "{{ users }}", "state": "deactivated"},
    }
    play = {"hosts": "saas", "gather_facts": False, "vars": {"ansible_pipelining": True}, "tasks": [task]}
    path = place / "floor.yml"
    path.write_text(json.dumps([play]))
    hosts = {vendor: {"saas_vendor": vendor} for vendor in VENDORS}
    common = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    inventory = place / "inventory.json"
    inventory.write_text(json.dumps({"all": {"children": {"saas": {"vars": common, "hosts": hosts}}}}))
    forks = str(len(VENDORS))  # the sixth of the tenants would wait for one of the first five
    return [sys.executable, ANSIBLE, "-i", str(inventory), str(path), "-e", f"@{users}", "--forks", forks]


def _measured(
    stage: Stage, command: Callable[[Path, Sequence[str], Path], list[str]], leavers: int
) -> tuple[Used, list[Used]]:
    asked, place = emails(leavers), stage.folder()
    stage.set(LATENCY, leavers, VENDORS)
    python, record = watched_python(place)
    used = stage.run(command(place, asked, python), place)
    stage.check("the floor or the playbook", asked, VENDORS)
    return used, read_record(record)


def _ratio(stage: Stage, leavers: int, repeats: int) -> float:
    """The playbook's time in those of the floor: the medians of runs that take turns."""
    times: dict[str, list[float]] = {"playbook": [], "floor": []}
    for _turn in range(repeats):
        times["floor"].append(_measured(stage, floor, leavers)[0].wall)
        times["playbook"].append(_measured(stage, playbook.command, leavers)[0].wall)
    middle = {name: sorted(each)[len(each) // 2] for name, each in times.items()}
    return middle["playbook"] / middle["floor"]


def _module(stage: Stage, leavers: int, concurrency: int) -> float:
    """The time of the module's process in those of the bare asyncio client."""
    asked, place = emails(leavers), stage.folder()
    stage.set(LATENCY, leavers)
    python, record = watched_python(place)
    stage.run(bulk(place, asked, python=python, concurrency=concurrency), place)
    stage.check("the module", asked)
    module = max(read_record(record), key=lambda used: used.wall)
    place = stage.folder()
    stage.set(LATENCY, leavers)
    listed = place / "leavers.json"
    listed.write_text(json.dumps(asked))
    bare = stage.run([sys.executable, str(AT_ONCE), str(listed), str(concurrency)], place)
    stage.check("the bare client", asked)
    return module.wall / bare.wall


def at_most(what: str, before: str, found: float, goal: float, show: Callable[[float], str]) -> Row:
    return Row(what, before, f"at most {show(goal)}", show(found), found <= goal)


def run(stage: Stage, sizes: Sizes, report: Callable[[str], None]) -> dict[str, Any]:
    load = os.getloadavg()[0]
    rows = measured(stage, sizes)
    report(table(rows))
    return asdict(Found(rows, datetime.now(UTC).date().isoformat(), load))


def read(raw: Mapping[str, Any]) -> Found:
    """Read the goals as they were kept."""
    return Found([Row(**row) for row in raw["rows"]], raw["day"], raw["load"])


def measured(stage: Stage, sizes: Sizes) -> list[Row]:
    one, some, many = sizes.floor
    rows = []

    def add(what: str, before: str, found: float, goal: float, show: Callable[[float], str]) -> None:
        rows.append(at_most(what, before, found, goal, show))

    def times(value: float) -> str:
        return f"{value:.2f}"

    name = "in those of bare module tasks"
    add(f"{one:,} leaver at five tenants, {name}", "1.8", _ratio(stage, one, sizes.repeats), 1.1, times)
    add(f"{some:,} leavers at five tenants, {name}", "1.4", _ratio(stage, some, sizes.repeats), 1.0, times)
    whole, modules = _measured(stage, playbook.command, many)
    beyond = whole.wall - max(used.wall for used in modules)
    add(f"{many:,} leavers: seconds beyond the slowest tenant", "16 s", beyond, 6, tables.seconds)
    memory = max(whole.memory, *(used.memory for used in modules))
    add(f"{many:,} leavers: peak memory of any process", "445 MB", memory, 300, tables.memory)
    for concurrency, before, goal in ((16, "1.3", 1.25), (64, "2.4", 2.2)):
        what = f"a module's process, {many:,} accounts, {concurrency} at once, in those of a bare asyncio client"
        add(what, before, _module(stage, many, concurrency), goal, times)
    return rows


def section(found: Found) -> str:
    """The table in the page, with the day, and the load where other programs ran."""
    note = f"Measured on {found.day}"
    busy = f" while other programs ran (load {found.load:.1f}), so that the numbers are theirs too"
    return f"{table(found.rows)}\n{note}{busy if found.load > BUSY else ''}.\n"


def table(rows: Sequence[Row]) -> str:
    lines = [[row.what, row.before, row.goal, row.found, "reached" if row.reached else "MISSED"] for row in rows]
    return tables.table([f"at {LATENCY} ms", "before", "goal", "measured", ""], lines) + "\n"
