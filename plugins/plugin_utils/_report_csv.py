# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a run as a table for spreadsheets.

PRIVATE to the collection.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from operator import itemgetter

from ._nouns import AccountKey, Evidence, EvidenceRecord

COLUMNS = (
    "number",
    "email",
    "leave_at",
    "reason",
    "ticket",
    "tenant",
    "vendor",
    "key_field",
    "key_value",
    "outcome",
    "failing",
    "id",
    "name",
    "before_state",
    "before_vendor_state",
    "after_state",
    "after_vendor_state",
    "sessions_before",
    "sessions_after",
    "verified",
    "read_at",
    "written_at",
    "seen_at",
    "status",
    "request_id",
    "seconds_to_close",
    "manual",
    "repaired",
    "looked_in",
    "stage",
    "stage_due_at",
    "next_stage",
    "next_stage_due_at",
    "unmatched",
    "error_code",
    "error_message",
    "previous",
    "hash",
)

# White space and characters without a shape go before nothing: what a spreadsheet looks at comes after them. The last
# four are the full-width forms, which some language versions take for the same.
_BLANK = r"[\s\x00-\x1f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*"
_SIGN = r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
_PLAIN_ROW = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.:@+\-/ ]*)?(?:,(?:[A-Za-z0-9][A-Za-z0-9_.:@+\-/ ]*)?)*")
"""Cells that no spreadsheet takes for anything but text: most rows, and a closer look at their cells takes longer."""
_FORMULA = re.compile(_BLANK + _SIGN)
# In many languages a spreadsheet separates cells by another character than the comma, and ignores quotes that do not
# begin a cell. To such a spreadsheet a new cell begins here.
_INNER = re.compile(rf"([;|\t\r\n]\"*{_BLANK}\"*)(?={_SIGN})")


_cells = itemgetter(*COLUMNS)
_WORDS = {True: "true", False: "false"}


class _Returning:
    """A file that keeps nothing: what is written to it is what `writerow` returns."""

    def write(self, text: str) -> str:
        return text


def render_csv(document: Evidence) -> Iterator[str]:
    """Yield the records as RFC 4180 has it, one row each, for a file in UTF-8 that is written as it is."""
    writer = csv.writer(_Returning(), lineterminator="\r\n")
    yield writer.writerow(COLUMNS)
    unmatched = set(document["unmatched"]["leavers"])
    for record in document["records"]:
        cells = _cells({**_values(record), "unmatched": _WORDS[record["email"] in unmatched]})
        row = ",".join(["" if cell is None else str(cell) for cell in cells])
        plain = row.count(",") == len(cells) - 1 and _PLAIN_ROW.fullmatch(row)
        yield f"{row}\r\n" if plain else writer.writerow(map(_cell, cells))


def _values(record: EvidenceRecord) -> dict[str, object]:
    key_field, key_value = _key(record["key"])
    before, after, error = record["before"], record["after"], record["error"]
    stage, following = record.get("stage"), record.get("next_stage")
    return {
        **record,
        "failing": _WORDS[record["failing"]],
        "verified": None if record["verified"] is None else _WORDS[record["verified"]],
        "key_field": key_field,
        "key_value": key_value,
        "before_state": before and before["state"],
        "before_vendor_state": before and before["vendor_state"],
        "after_state": after and after["state"],
        "after_vendor_state": after and after["vendor_state"],
        "sessions_before": before and before.get("sessions"),
        "sessions_after": after and after.get("sessions"),
        "manual": " ".join(record["manual"]),
        "repaired": _WORDS[True] if record.get("repaired") else None,
        "looked_in": record.get("looked_in"),
        "stage": stage and stage["state"],
        "stage_due_at": stage and stage["due_at"],
        "next_stage": following and following["state"],
        "next_stage_due_at": following and following["due_at"],
        "error_code": error and error["code"],
        "error_message": error and error["message"],
    }


def _key(key: AccountKey) -> tuple[str | None, str | None]:
    """Return a key's field and its value; an external identity's value is its type and its value."""
    for field, value in key.items():
        return field, f"{value['type']}:{value['value']}" if isinstance(value, Mapping) else str(value)
    return None, None


def _cell(value: object) -> object:
    """Return a cell that a spreadsheet shows and never runs."""
    if not isinstance(value, str):
        return value
    return ("'" if _FORMULA.match(value) else "") + _INNER.sub(r"\1'", value)
