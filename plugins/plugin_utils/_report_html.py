# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as one page for people: it fetches nothing, and runs nothing but its own script.

PRIVATE to the collection. The template contains the whole page but for the details of a cell; those are data, of which
the script makes a panel when a cell is opened: tens of thousands of panels are more than a browser bears.
"""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter

from ansible_collections.saas.offboarding.plugins.module_utils._model import UNKNOWN

from ._console import UNREAD_NOTE, UNREAD_PLAN_NOTE
from ._evidence import is_plan
from ._nouns import Error, Evidence, EvidenceRecord, State, Task, TenantSummary
from ._pages import PAGES, counted, duration
from ._records import moment_of
from ._stages import stage_text
from ._verdict import verdict
from ._words import CAME_BACK, CLOSED, NO_RESULT, REINSTATED, STILL_OFF, UNREAD_MARK, cell_word

LISTED = 1000
"""Entries of a list that the page shows; evidence.json has them all."""
FOLDED = 10
"""A list that is longer than this is folded."""
BLOCK = 50
"""Rows of the matrix that are painted together."""
LONG = 200
"""Rows from which on the matrix scrolls within itself, and is painted where it is seen only."""
NO_RECORD = "no_result"
SAME_TASK = itemgetter("tenant", "code", "reason", "action", "source")

# What the script shows of a record as it is, in this order; the rest is made into texts.
PLAIN_FIELDS = (
    "number",
    "leave_at",
    "reason",
    "ticket",
    "id",
    "name",
    "verified",
    "read_at",
    "written_at",
    "seen_at",
    "status",
    "request_id",
    "hash",
)
FIELDS = (
    *PLAIN_FIELDS,
    "key",
    "before",
    "after",
    "seconds_to_close",
    "manual",
    "repaired",
    "looked_in",
    "stage",
    "next_stage",
    "error",
)
_plain_values = itemgetter(*PLAIN_FIELDS)

# An element of a script ends at the first thing that looks like its end, whatever it stands in.
_SCRIPT_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

Rows = dict[str, dict[str, EvidenceRecord]]


class Cell(t.NamedTuple):
    """What the matrix shows of a leaver at a tenant."""

    tenant: str
    outcome: str
    word: str
    failing: bool
    unread: bool


def render_html(document: Evidence) -> Iterator[str]:
    """Yield the pieces of the page, for a file in UTF-8."""
    tenants = {tenant["tenant"]: tenant for tenant in document["tenants"]}
    records: Rows = {}
    for record in document["records"]:
        records.setdefault(record["email"], {})[record["tenant"]] = record
    rows = [_row(email, each, tenants, bool(document["check_mode"])) for email, each in records.items()]
    cells = Counter(chain.from_iterable(row for _email, _when, row in rows))
    words: dict[str, Counter[str]] = {}
    for cell, count in cells.items():
        words.setdefault(cell.outcome, Counter())[cell.word.removesuffix(UNREAD_MARK)] += count
    unread = any(cell.unread for cell in cells)
    tasks: dict[tuple[str, ...], list[Task]] = {}
    for task in document["tasks"]:
        tasks.setdefault(SAME_TASK(task), []).append(task)
    plan = is_plan(document)
    return PAGES.get_template("report.html").generate(
        document=document,
        verdict=verdict(document),
        plan=plan,
        seconds=round((moment_of(document["finished"]) - moment_of(document["started"])).total_seconds()),
        tenants=tenants,
        rows=rows,
        words=words,
        cells=cells,
        unread=unread and (UNREAD_PLAN_NOTE if plan else UNREAD_NOTE),
        tasks=list(tasks.values()),
        looks={
            name: [look for look in document["second_look"] if look["verdict"] == name]
            for name in (CAME_BACK, UNKNOWN, STILL_OFF, REINSTATED, CLOSED)
        },
        island=_island("plan" if plan else document["kind"], records, tenants),
        LISTED=LISTED,
        FOLDED=FOLDED,
        BLOCK=BLOCK,
        LONG=LONG,
    )


def _row(
    email: str, records: Mapping[str, EvidenceRecord], tenants: Mapping[str, TenantSummary], check_mode: bool
) -> tuple[str, str, Sequence[Cell]]:
    """Return a leaver's row: address, time of leaving, and a cell for each tenant."""
    leave_at = next(iter(records.values()))["leave_at"]
    cells = [_cell(name, records.get(name), tenant, check_mode) for name, tenant in tenants.items()]
    return email, leave_at[:16].replace("T", " ") if leave_at else "\N{EN DASH}", cells


def _cell(name: str, record: EvidenceRecord | None, tenant: TenantSummary, check_mode: bool) -> Cell:
    word = cell_word(record, tenant, check_mode)
    outcome, failing = (record["outcome"], record["failing"]) if record else (NO_RECORD, word == NO_RESULT)
    return _shared(name, outcome, word, failing)


# Fifty thousand cells are of a few kinds.
@lru_cache(maxsize=1000)
def _shared(tenant: str, outcome: str, word: str, failing: bool) -> Cell:
    return Cell(tenant, outcome, word, failing, word.endswith(UNREAD_MARK))


def _island(kind: str, rows: Rows, tenants: Mapping[str, TenantSummary]) -> Iterator[str]:
    """Yield what the script needs to know of the cells, as JSON that no parser of HTML can take for anything else."""
    heads = [{"tenant": name, "error": _error_text(tenant["error"])} for name, tenant in tenants.items()]
    start = _encode({"kind": kind, "tenants": heads, "fields": FIELDS, "rows": []}).removesuffix("]}")
    yield start.translate(_SCRIPT_ESCAPES)
    comma = ""
    for records in rows.values():
        row = _encode([_values(records[name]) if name in records else None for name in tenants])
        yield comma + row.translate(_SCRIPT_ESCAPES)
        comma = ","
    yield "]}"


def _values(record: EvidenceRecord) -> tuple[object, ...]:
    seconds = record["seconds_to_close"]
    return (
        *_plain_values(record),
        ", ".join(
            f"{name}: {' '.join(value.values()) if isinstance(value, Mapping) else value}"
            for name, value in record["key"].items()
        ),
        _pair(record["before"]),
        _pair(record["after"]),
        None if seconds is None else duration(seconds),
        ", ".join(record["manual"]) or None,
        record.get("repaired"),
        record.get("looked_in"),
        stage_text(record["stage"]) if "stage" in record else None,
        stage_text(record["next_stage"]) if "next_stage" in record else None,
        _error_text(record["error"]),
    )


def _pair(condition: State | None) -> tuple[str, str | None] | None:
    if condition is None:
        return None
    sessions = condition.get("sessions")
    words = [condition["vendor_state"], None if sessions is None else counted(sessions, "session")]
    return condition["state"], ", ".join(filter(None, words)) or None


def _error_text(error: Error | None) -> str | None:
    return error and f"{error['code']}: {error['message']}"
