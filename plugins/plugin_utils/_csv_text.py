# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CSV file that is changed cell by cell: all that is not changed stays as a person wrote it.

PRIVATE to the collection. The file was read by `_leavers_file` before, so that its form is known to be right.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.saas.offboarding.plugins.module_utils._address import trimmed

from ._leavers_file import LeaversError

_LINE = re.compile(r"\r\n|\r|\n")


@dataclass
class _Record:
    """A record as it was written: its cells with their quotes, and the end of its line."""

    number: int
    cells: list[str]
    end: str


@dataclass
class CsvText:
    """The text of a CSV file. ``above``: the lines above the names of the columns.

    Rows are named by the number of the line in which they begin; those that are added have no number.
    """

    above: str
    delimiter: str
    end: str = "\n"
    _records: list[_Record] = field(default_factory=list)
    _end_of_rows: int | None = None

    @classmethod
    def read(cls, lines: Sequence[str], begin: int, delimiter: str) -> CsvText:
        """Return the records of lines, of which the first ``begin`` are above the names of the columns."""
        found = cls("".join(lines[:begin]), delimiter)
        text = "".join(lines[begin:])
        cell = re.compile(
            rf'("(?:[^"]|"")*"|(?!")[^{re.escape(delimiter)}\r\n]*)({re.escape(delimiter)}|\r\n|\r|\n|\Z)'
        )
        number, place = begin + 1, 0
        cells: list[str] = []
        start = number
        while place < len(text) or cells:
            match = cell.match(text, place)
            if match is None:  # the reader of the csv module has taken it
                raise LeaversError(f"row {start} is not valid CSV; look at its quotes")
            place = match.end()
            cells.append(match[1])
            number += len(_LINE.findall(match[0]))
            if match[2] != delimiter:
                found._records.append(_Record(start, cells, match[2]))
                start, cells = number, []
        head = found._head
        found.end = head.end or found.end
        return found

    @property
    def _head(self) -> _Record:
        return next(each for each in self._records if any(map(_value, each.cells)))

    @cached_property
    def _by_number(self) -> dict[int, _Record]:
        return {each.number: each for each in self._records}

    @property
    def text(self) -> str:
        records = (self.delimiter.join(each.cells) + each.end for each in self._records)
        return self.above + "".join(records)

    def add_column(self, name: str, values: Mapping[int, str]) -> int:
        """Add a column behind the others and return its place. ``values``: those of the rows, by number."""
        head = self._head
        place = len(head.cells)
        head.cells.append(self._cell(name, head.cells[0]))
        for record in self._records:
            if record.number in values and record is not head:
                if len(record.cells) == place:  # one that is longer has blank cells behind
                    record.cells.append("")
                self._set(record, place, values[record.number])
        return place

    def set(self, number: int, place: int, value: str) -> None:
        """Write a cell."""
        self._set(self._by_number[number], place, value)

    def remove(self, numbers: t.Container[int]) -> None:
        """Remove rows."""
        self._records = [each for each in self._records if each.number not in numbers]

    def add(self, values: Mapping[int, str], after: int) -> None:
        """Add a row behind the last one, which has the number ``after``. ``values``: by column."""
        if self._end_of_rows is None:
            self._end_of_rows = next(at for at, each in enumerate(self._records) if each.number == after)
        self._end_of_rows += 1
        place = self._end_of_rows
        before, head = self._records[place - 1], self._head
        cells = [self._cell(values.get(at, ""), head.cells[0]) for at in range(len(head.cells))]
        self._records.insert(place, _Record(0, cells, before.end and self.end))
        before.end = before.end or self.end

    def _set(self, record: _Record, place: int, value: str) -> None:
        if _value(record.cells[place]) != value:
            record.cells[place] = self._cell(value, record.cells[place] or record.cells[0])

    def _cell(self, value: str, like: str) -> str:
        """Return a cell with quotes where it needs them, or where its like has them."""
        needs = any(char in value for char in (self.delimiter, '"', "\r", "\n"))
        return '"' + value.replace('"', '""') + '"' if needs or like.startswith('"') else value


def _value(cell: str) -> str:
    return trimmed(cell[1:-1].replace('""', '"') if cell.startswith('"') else cell)
