# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which column of a list is which field of a leaver.

PRIVATE to the collection. Names of columns are part of messages, cells are not.
"""

from __future__ import annotations

import difflib
import re
import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ansible_collections.saas.offboarding.plugins.module_utils._address import trimmed
from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._catalog import VENDORS
from ._leavers_file import LeaversError, Row, Table, column_name, is_blank, shown

PERSONAL = ("email", "leave_at", "reason", "ticket")
"""The fields of a leaver beside the keys of accounts."""
RETURNED = ("row", "never_due")
"""What the filter `leavers` returns of a leaver besides."""
ALL = "*"
SHOWN_COLUMNS = 100
CONTAINED = 5
"""Letters from which on a known name within a longer one is what that may stand for."""

_TIME_NAME = re.compile(r"leave|termination|last ?day|end ?date|\bdue|due\b")
_WORD_ENDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+")
_DATE = re.compile(
    r"\d{1,4}([-./])\d{1,2}\1\d{1,4}(?!\d).*"
    r"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(T.*)?"
    r"|([^\W\d]+\.?,? )?\d{1,2}(st|nd|rd|th)?[-. ]+(of )?[^\W\d]{3,}[-., ]+\d{2,4}\b.*"
    r"|([^\W\d]+\.?,? )?[^\W\d]{3,}\.? \d{1,2}(st|nd|rd|th)?,? \d{4}\b.*"
    r"|\d{4} ?\u5e74 ?\d{1,2} ?\u6708 ?\d{1,2} ?\u65e5.*"
)


@dataclass(frozen=True)
class ListOptions:
    """How a list is read.

    ``columns``: the name of the column for a field. ``tenants``: the vendor of each known tenant. ``blank_email``: what
    a row without an address means. ``skip``: the lines above the names of the columns, and the rows at the end, that
    are no part of the list. ``is_staff``: it is the list of those who are supposed to have access.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    tenants: Mapping[str, str] = field(default_factory=dict)
    blank_email: str = "error"
    skip: tuple[int, int] = (0, 0)
    is_staff: bool = False
    variable: str = "offboard_columns"
    """What ``columns`` is called in messages."""

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields of a leaver, by the form in which names of columns are compared."""
        return {column_name(name): name for name in (*PERSONAL, *VENDORS, *self.tenants)}

    def is_known(self, name: str) -> bool:
        """Whether the name of a column is that of a field, or is mapped to one."""
        return column_name(name) in {*self.fields, *map(column_name, self.columns.values())}


@dataclass(frozen=True)
class Fields:
    """The rows of a list by field, the fields that it has a column for, and the columns that were ignored.

    ``has_times``: whether the list gives leave times, or has a column for them. ``places``: the column of each field.
    """

    rows: Sequence[Row]
    columns: frozenset[str]
    ignored: Sequence[str]
    has_times: bool
    places: Mapping[str, int] = field(default_factory=dict)


def read_fields(table: Table, options: ListOptions) -> Fields:
    """Return the rows of a table by field. What is wrong with its columns is added to the table's problems."""
    found = _Columns(table, options)
    found.read()
    known = {name: given for name, given in options.fields.items() if given not in PERSONAL}
    rows = []
    columns = set(found.places)
    for number, cells in table.rows:
        values = {name: cells[place] for name, place in found.places.items() if place in cells}
        if found.accounts in cells:
            columns |= _add_accounts(values, cells[found.accounts], number, table, known)
        if cells.get(found.never_due) is True:
            values["never_due"] = True
        rows.append(Row(number, values))
    place = found.places.get("leave_at", -1)
    has_times = table.is_file_of_rows or place in table.blank or any("leave_at" in row.values for row in rows)
    return Fields(rows, frozenset(columns), found.ignored, place >= 0 and has_times, found.places)


class _Columns:
    """The columns of one list: ``places`` of those that are read, by field, and the names of those that are not."""

    def __init__(self, table: Table, options: ListOptions) -> None:
        self.table = table
        self.options = options
        self.places: dict[str, int] = {}
        self.ignored: list[str] = []
        self.accounts = -1
        """The place of the keys of accounts in an entry, or one that no list has."""
        self.never_due = -1
        """Likewise, of the mark that the filter `leavers` sets."""
        self._names = [column_name(name) for _row, name in table.names]
        self._listed = {column_name(name) for name in options.ignored}

    def read(self) -> None:
        """Find the column of each field."""
        self._map()
        for name, field_name in self.options.fields.items():
            if field_name not in self.places and name in self._names and name not in self._listed:
                self.places[field_name] = self._names.index(name)
        if not self.table.is_file_of_rows:
            self.accounts, self.never_due = (
                self._names.index(name) if name in self._names else -1 for name in ("accounts", "never_due")
            )
        self._check_head()
        self._sort_others()

    def _fault(self, text: str, row: int = 0) -> None:
        head = self.table.names[0][0] if self.table.names else 1
        self.table.problems.add(row or head, "the columns" if self.table.is_file_of_rows else "the keys", text)

    def _map(self) -> None:
        fields, variable = self.options.fields, self.options.variable
        for given, name in self.options.columns.items():
            field_name = fields.get(column_name(given))
            if field_name is None:
                raise LeaversError(
                    f"{variable} names {shown(given)}, which is no field of a leaver{_perhaps(given, fields)}; "
                    f"known are {', '.join(fields.values())}"
                )
            if column_name(name) in self._names:
                self.places[field_name] = self._names.index(column_name(name))
            elif not self.options.is_staff:
                self._fault(
                    f"lack {shown(name)}, which {variable} names as {field_name}"
                    f"{_perhaps(name, self._names)}; correct it there"
                )
        for field_name, place in self.places.items():
            row, name = self.table.names[place]
            own = column_name(field_name)
            if self._names[place] in self._listed:
                self._fault(
                    f"have {shown(name)}, which {variable} names as {field_name} and offboard_ignore_columns leaves "
                    "out; remove one of the two",
                    row,
                )
            elif own in self._names and own not in self._listed and self._names.index(own) not in self.places.values():
                self._fault(
                    f"have {shown(name)}, which {variable} names as {field_name}, and {field_name} as well; list "
                    f"{field_name} in offboard_ignore_columns, or leave it out of {variable}",
                    row,
                )

    def _check_head(self) -> None:
        """Raise LeaversError where the line that should name the columns does not."""
        names = [name for name in self._names if name]
        if not self.table.is_file_of_rows or "email" in self.places:
            return
        is_head = self.places or (len(names) > 1 and not any("@" in name or _is_date(name) for name in names))
        if not is_head:
            raise LeaversError(
                f"{self.table.problems.source}: row {self.table.names[0][0]} has no column email; begin the file with "
                "a line that names the columns, separated by comma, semicolon, tab or pipe; leave lines above it out "
                "with offboard_skip_rows, and name a column of another name with offboard_columns"
            )
        if self.options.is_staff or "email" not in map(column_name, self.options.columns):
            self._fault(f"lack email; name the column of the addresses with {self.options.variable}")

    def _sort_others(self) -> None:
        """Say which of the columns that are not read are ignored, and which are faults."""
        read = {*self.places.values(), self.accounts}
        unknown: list[tuple[int, str]] = []
        times: list[tuple[int, str]] = []
        for place, (row, name) in enumerate(self.table.names):
            folded = self._names[place]
            is_twice = self._names.index(folded) != place
            if place in read or (not folded and all(place not in cells for _number, cells in self.table.rows)):
                continue
            if folded in RETURNED and not self.table.is_file_of_rows:
                continue
            if is_twice and self._names.index(folded) in read:
                self._fault(f"have {shown(name)} twice; keep one", row)
            elif folded in self._listed or self.options.is_staff:
                self.ignored.append(name)
            elif ALL not in self._listed:
                unknown.append((row, name))
            elif "leave_at" not in self.places and self._is_time(place, name):
                times.append((row, name))
            else:
                self.ignored.append(name)
        if unknown:
            self._fault(self._unknown([name for _row, name in unknown]), unknown[0][0])
        if times:
            self._fault(self._times([name for _row, name in times]), times[0][0])

    def _is_time(self, place: int, name: str) -> bool:
        """Whether a column may hold leave times: by its name, or by half of its values."""
        if _TIME_NAME.search(_words(name)):
            return True
        values = [cells[place] for _number, cells in self.table.rows if place in cells]
        return bool(values) and 2 * sum(map(_is_date, values)) >= len(values)

    def _unknown(self, names: Sequence[str]) -> str:
        fields = self.options.fields
        unread = [name for name in fields if fields[name] not in self.places]
        meant: dict[str, list[str]] = {}
        for name in names:
            meant.setdefault(_nearest(name, unread), []).append(shown(name))
        others = meant.pop("", [])
        mapping = ", ".join(f"{near}: {' or '.join(found)}" for near, found in meant.items())
        return (
            f"have {some(list(map(shown, names)), SHOWN_COLUMNS)}, which are not known; name those that are meant with "
            f"offboard_columns{f' ({{{mapping}}})' if mapping else ''}, and list the others in offboard_ignore_columns"
            f"{f' ([{some(others, SHOWN_COLUMNS)}])' if others else ''}; known are {', '.join(fields.values())}"
        )

    def _times(self, names: Sequence[str]) -> str:
        found = [shown(name) for name in names]
        ignored = ", ".join([*map(shown, self.options.ignored), *found])
        return (
            f"have {some(found, SHOWN_COLUMNS)}, which may be the leave time, and none is read as leave_at; set "
            f"offboard_columns: {{leave_at: {' or '.join(found)}}}, or if none is the leave time "
            f"offboard_ignore_columns: [{ignored}]"
        )


def _add_accounts(
    values: dict[str, t.Any], accounts: t.Any, number: int, table: Table, known: Mapping[str, str]
) -> set[str]:
    """Add the keys that an entry has under accounts. Return the vendors and tenants that it names."""
    if not isinstance(accounts, Mapping):
        table.problems.add(number, "accounts", "is not a dict; write vendor: key there")
        return set()
    named = set()
    for given, key in accounts.items():
        name = known.get(column_name(str(given)))
        if name is None:
            text = f"names {str(given)[:40]}, which is no vendor and no tenant{_perhaps(str(given), known)}"
            table.problems.add(number, "accounts", f"{text}; known are {', '.join(known.values())}")
            continue
        named.add(name)
        if is_blank(key):
            continue
        if name in values:
            table.problems.add(number, name, "is given in accounts and beside it; keep one")
        values[name] = key
    return named


def _words(name: str) -> str:
    return _WORD_ENDS.sub(" ", name).lower()


def _is_date(value: t.Any) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and _DATE.fullmatch(trimmed(value)) is not None)


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that a name may stand for, or nothing."""
    squashed = {re.sub(r"[\W_]", "", each): each for each in known}
    text = re.sub(r"[\W_]", "", column_name(name))
    near = [squashed[each] for each in difflib.get_close_matches(text, squashed, 1, 0.75)]
    near += [squashed[each] for each in squashed if len(each) >= CONTAINED and each in text]
    near += ["email"] * ("mail" in text) + ["leave_at"] * bool(_TIME_NAME.search(_words(name)))
    return next((each for each in near if each in squashed.values()), "")


def _perhaps(name: str, known: Iterable[str]) -> str:
    near = _nearest(name, known)
    return f" ({near}?)" if near else ""
