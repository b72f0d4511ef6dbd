# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""SCIM: requests, time and memory at servers of different dialects, for a bulk task that closes leavers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import tables
from bench.commands import bulk
from bench.measure import read_record, watched_python
from bench.sizes import Sizes
from bench.stage import Stage, emails

LATENCY = 20


@dataclass(frozen=True)
class Row:
    """A bulk task at one server; the module alone is measured."""

    server: str
    leavers: int
    users: int
    requests: int
    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Server:
    """A dialect of the mock, the options that go with it, and a key by which the leavers are named."""

    name: str
    key: str
    switches: Mapping[str, Any]
    options: Mapping[str, Any]


OR_FILTER = Server("or-filters, by userName", "username", {}, {})
OR_FILTER_EMAIL = Server("or-filters, by e-mail address", "email", {}, {})
ONE_FILTER = Server(
    "as AWS: one clause, pages by cursor", "username", {"or_filter": 400, "paging": "cursor"}, {"profile": "aws"}
)
LIST = Server("no filters: the list", "email", {"filters": [], "max_page": 1000}, {"profile_options": {"page": 1000}})


def measure(stage: Stage, server: Server, leavers: int, users: int) -> Row:
    asked, place = emails(leavers), stage.folder()
    stage.set(LATENCY, users, ["scim"])
    stage.mock.switch("scim", **server.switches)
    python, record = watched_python(place)
    command = bulk(place, asked, "scim", python=python, key=server.key, **server.options)
    stage.run(command, place)
    requests, _tokens = stage.counts()
    stage.check(server.name, asked, ["scim"])
    module = read_record(record)[-1]
    return Row(server.name, leavers, users, requests, module.wall, module.cpu, module.memory)


def run(stage: Stage, sizes: Sizes, report: Callable[[str], None]) -> dict[str, Any]:
    few, many = sizes.growth_leavers[0], sizes.floor[1]
    most = sizes.growth_accounts[-1]
    asked = [(OR_FILTER, many, many), (OR_FILTER_EMAIL, many, many), (ONE_FILTER, many, many)]
    asked += [(OR_FILTER, few, most), (LIST, few, most)]
    rows = [measure(stage, *each) for each in asked]
    report(table(rows))
    return {"rows": [asdict(row) for row in rows]}


def table(rows: Sequence[Row]) -> str:
    head = ["server", "leavers", "users", "requests", "time", "CPU", "peak memory"]
    lines = [
        [
            row.server,
            f"{row.leavers:,}",
            f"{row.users:,}",
            f"{row.requests:,}",
            tables.seconds(row.wall),
            tables.seconds(row.cpu),
            tables.memory(row.memory),
        ]
        for row in rows
    ]
    return tables.table(head, lines) + "\n"


def section(raw: Mapping[str, Any], day: str) -> str:
    """The section of the page, from the results as they were kept."""
    rows = table([Row(**row) for row in raw["rows"]]).strip()
    return f"Measured on {day}, by one run each at {LATENCY} ms:\n\n{rows}\n"
