# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a run as a table for spreadsheets.

PRIVATE to the collection.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import (
    AccountKey,
    Evidence,
    EvidenceRecord,
)

COLUMNS = (
    "number",
    "email",
    "leave_at",
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
    "verified",
    "read_at",
    "written_at",
    "seen_at",
    "status",
    "request_id",
    "seconds_to_close",
    "manual",
    "error_code",
    "error_message",
    "previous",
    "hash",
)

# White space and characters without a shape go before nothing: what a spreadsheet looks at comes after them. The last
# four are the full-width forms, which some language versions take for the same.
_BLANK = r"[\s\x00-\x1f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*"
_SIGN = r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+\-/ ]*", re.ASCII)
"""Texts that no spreadsheet takes for anything else: most of them, and looked at more closely they take most time."""
_FORMULA = re.compile(_BLANK + _SIGN)
# Where a spreadsheet takes another character than the comma for what parts cells, as many languages do, and quotes that
# are not at a cell's beginning for nothing, a cell of its own begins here.
_INNER = re.compile(rf"([;|\t\r\n]\"*{_BLANK}\"*)(?={_SIGN})")


def render_csv(document: Evidence) -> str:
    """Return the records as RFC 4180 has it, one row each, for a file in UTF-8 that is written as it is."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for record in document["records"]:
        values = _values(record)
        writer.writerow([_cell(values[column]) for column in COLUMNS])
    return file.getvalue()


def _values(record: EvidenceRecord) -> dict[str, object]:
    key_field, key_value = _key(record["key"])
    before, after, error = record["before"], record["after"], record["error"]
    return {
        **record,
        "key_field": key_field,
        "key_value": key_value,
        "before_state": before and before["state"],
        "before_vendor_state": before and before["vendor_state"],
        "after_state": after and after["state"],
        "after_vendor_state": after and after["vendor_state"],
        "manual": " ".join(record["manual"]),
        "error_code": error and error["code"],
        "error_message": error and error["message"],
    }


def _key(key: AccountKey) -> tuple[str | None, str | None]:
    """Return a key's field and its value; an external identity's value is its type and its value."""
    for field, value in key.items():
        return field, f"{value['type']}:{value['value']}" if isinstance(value, Mapping) else str(value)
    return None, None


def _cell(value: object) -> object:
    """Return a cell that a spreadsheet shows and never runs, and that UTF-8 can carry."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or _PLAIN.fullmatch(value):
        return value
    text = value.encode("utf-8", "replace").decode()
    return ("'" if _FORMULA.match(text) else "") + _INNER.sub(r"\1'", text)
