# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's table of leavers by tenants, and the data from which its script makes the details of a cell.

PRIVATE to the collection. The details are data: tens of thousands of panels are more than a browser bears.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from ansible_collections.saas.offboarding.plugins.plugin_utils._console import UNREAD_NOTE, UNREAD_PLAN_NOTE
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import is_plan
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import (
    AccountKey,
    Error,
    Evidence,
    EvidenceRecord,
    State,
    TenantSummary,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import UNREAD_MARK, cell_word

from ._html import Html, duration, element, joined, people

Rows = dict[str, dict[str, EvidenceRecord]]

BLOCK = 50
"""Rows of the matrix that are painted together."""

LONG = 200
"""Rows from which on the matrix scrolls within itself, and is painted where it is seen only."""

NO_RECORD = "no_result"

# What the script shows of a record, in this order.
FIELDS = (
    "number",
    "leave_at",
    "key",
    "id",
    "name",
    "before",
    "after",
    "verified",
    "read_at",
    "written_at",
    "seen_at",
    "status",
    "request_id",
    "seconds_to_close",
    "manual",
    "error",
    "hash",
)

# An element of a script ends at the first thing that looks like its end, whatever it stands in.
_SCRIPT_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def rows_of(document: Evidence) -> Rows:
    rows: Rows = {}
    for record in document["records"]:
        rows.setdefault(record["email"], {})[record["tenant"]] = record
    return rows


def leavers_section(document: Evidence, rows: Rows, tenants: Mapping[str, TenantSummary]) -> Html:
    if not rows:
        return element("p", "There is no record in this run.", class_="hint")
    words: dict[str, Counter[str]] = {}
    lines = [_matrix_row(email, rows[email], tenants, bool(document["check_mode"]), words) for email in rows]
    blocks = (lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK))
    bodies = [element("tbody", *block, role="rowgroup") for block in blocks]
    flags = {"data_check": is_plan(document), "data_long": len(lines) > LONG}
    matrix = element("table", _matrix_head(tenants), *bodies, id="matrix", role="table", **flags)
    grid = element("div", matrix, class_="grid", role="region", aria_label="Leavers by tenants", tabindex=0)
    return joined(
        element("p", "Each cell opens to what was read and written, and when.", class_="hint screen"),
        _filters(len(rows), tenants, words),
        grid,
        _legend(document, words),
    )


def _matrix_head(tenants: Iterable[str]) -> Html:
    heads = [
        element("th", "leaver", class_="who", role="columnheader", scope="col"),
        element("th", "leaves (UTC)", role="columnheader", scope="col"),
        *(element("th", name, role="columnheader", scope="col", data_tenant=name) for name in tenants),
    ]
    return element("thead", element("tr", *heads, role="row"), role="rowgroup")


def _matrix_row(
    email: str,
    records: Mapping[str, EvidenceRecord],
    tenants: Mapping[str, TenantSummary],
    check_mode: bool,
    words: dict[str, Counter[str]],
) -> Html:
    """Return a leaver's row, and count the word of each cell by its outcome."""
    cells = []
    for name, tenant in tenants.items():
        record = records.get(name)
        outcome = record["outcome"] if record else NO_RECORD
        word = cell_word(record, tenant, check_mode)
        words.setdefault(outcome, Counter())[word] += 1
        cells.append(_matrix_cell(name, outcome, word, failing=record is None or record["failing"]))
    leave_at = next(iter(records.values()))["leave_at"]
    when = leave_at[:16].replace("T", " ") if leave_at else "\N{EN DASH}"
    who = element("th", email, class_="who", role="rowheader", scope="row")
    date = element("td", when, class_="when", role="cell")
    return joined(element("tr", who, date, *cells, role="row", data_email=email), "\n")


# Fifty thousand cells are of a few kinds.
@cache
def _matrix_cell(tenant: str, outcome: str, word: str, failing: bool) -> Html:
    return element(
        "td",
        element("button", word, type="button", aria_expanded="false"),
        role="cell",
        data_tenant=tenant,
        data_outcome=outcome,
        data_failing=failing,
        data_unread=word.endswith(UNREAD_MARK),
    )


def _filters(count: int, tenants: Iterable[str], words: Mapping[str, Counter[str]]) -> Html:
    outcomes = [_option(outcome, f"{_all_words(each)} ({each.total():,})") for outcome, each in words.items()]
    names = [_option(name, name) for name in tenants]
    text = element("span", "Leaver"), Html('<input type="search" id="filter-text" placeholder="part of the address">')
    look = Html('<input type="checkbox" id="filter-look">')
    parts = (
        element("label", *text),
        element("label", "Outcome", element("select", _option("", "any"), *outcomes, id="filter-outcome")),
        element("label", "Tenant", element("select", _option("", "all"), *names, id="filter-tenant")),
        element("label", look, "only what needs a look", class_="check"),
        element("button", "Show all", type="button", id="filter-reset"),
        element("output", f"{count:,} of {people(count)} shown", id="shown"),
    )
    return element("form", *parts, id="filters", class_="filters", autocomplete="off", hidden=True)


def _option(value: str, text: str) -> Html:
    return element("option", text, value=value)


def _all_words(words: Iterable[str]) -> str:
    return ", ".join(sorted({word.removesuffix(UNREAD_MARK) for word in words}))


def _legend(document: Evidence, words: Mapping[str, Counter[str]]) -> Html | None:
    if not any(word.endswith(UNREAD_MARK) for each in words.values() for word in each):
        return None
    return element("p", UNREAD_PLAN_NOTE if is_plan(document) else UNREAD_NOTE, class_="legend")


def island(document: Evidence, rows: Rows, tenants: Mapping[str, TenantSummary]) -> str:
    """Return what the script needs to know of the cells, as JSON that no parser of HTML can take for anything else."""
    data = {
        "kind": "plan" if is_plan(document) else document["kind"],
        "tenants": [
            {"tenant": name, "error": tenant["error"] and error_text(tenant["error"])}
            for name, tenant in tenants.items()
        ],
        "fields": FIELDS,
        "rows": [[_values(records.get(name)) for name in tenants] for records in rows.values()],
    }
    return json.dumps(data, separators=(",", ":")).translate(_SCRIPT_ESCAPES)


def _values(record: EvidenceRecord | None) -> list[object] | None:
    if record is None:
        return None
    shown: dict[str, object] = {
        **record,
        "key": ", ".join(_key_texts(record["key"])),
        "before": _pair(record["before"]),
        "after": _pair(record["after"]),
        "seconds_to_close": None if record["seconds_to_close"] is None else duration(record["seconds_to_close"]),
        "manual": ", ".join(record["manual"]) or None,
        "error": record["error"] and error_text(record["error"]),
    }
    return [shown[field] for field in FIELDS]


def _pair(condition: State | None) -> list[str | None] | None:
    return None if condition is None else [condition["state"], condition["vendor_state"]]


def _key_texts(key: AccountKey) -> Iterator[str]:
    for field, value in key.items():
        yield f"{field}: {' '.join(map(str, value.values())) if isinstance(value, Mapping) else value}"


def error_text(error: Error) -> str:
    return f"{error['code']}: {error['message']}"
