# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list as it was written: CSV, YAML, JSON or a list of dicts, to a table of cells.

PRIVATE to the collection. A message names the place and the column, never a cell: the wrong file may hold anything.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import typing as t
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from ansible_collections.saas.offboarding.plugins.module_utils._address import trimmed
from ansible_collections.saas.offboarding.plugins.module_utils._text import some

SHOWN_PROBLEMS = 20
DELIMITERS = ",;\t|"

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks. That of UTF-32 begins with that of UTF-16."""
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_WORKBOOK_NAMES = ("xlsx", "xlsm", "xlsb", "xls", "ods", "numbers")
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\s]|\t)"?[\r\n]*', re.IGNORECASE)


class LeaversError(ValueError):
    """A list, a date or a choice that cannot be used. The message states where, what and what to do."""


@dataclass(frozen=True)
class Row:
    """One entry of a list: where it stands, and its values by field. Blank ones are left out."""

    number: int
    values: Mapping[str, t.Any]


@dataclass
class Problems:
    source: str
    unit: str
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, number: int, column: str, text: str) -> None:
        self.found.append((number, f"{self.unit} {number}, {column}: {text}"))

    def raise_any(self) -> None:
        if not self.found:
            return
        lines = [text for _number, text in sorted(self.found, key=lambda each: each[0])]
        raise LeaversError(f"{self.source}: {some(lines, SHOWN_PROBLEMS, '; ')}")


@dataclass
class Table:
    """A list as it was written. ``rows`` have a number and the values that are not blank, by the column's place.

    ``names``: those of the columns as they were written, each with the number of the row in which it stands first.
    ``blank``: the columns of entries that have a blank text somewhere; null is no text.
    """

    problems: Problems
    names: list[tuple[int, str]] = field(default_factory=list)
    rows: list[tuple[int, dict[int, t.Any]]] = field(default_factory=list)
    blank: set[int] = field(default_factory=set)

    @property
    def is_file_of_rows(self) -> bool:
        """Whether one line names the columns of all rows."""
        return self.problems.unit == "row"


@lru_cache(maxsize=1000)
def column_name(text: str) -> str:
    """Return the form in which names of columns are compared."""
    return unicodedata.normalize("NFC", " ".join(trimmed(text).split())).lower()


def text_of(content: bytes, encoding: str, source: str) -> str:
    """Return the text of a file. ``encoding``: that of a file that begins with no byte order mark, or nothing."""
    if content.startswith(_WORKBOOKS):
        raise LeaversError(_workbook(source))
    chosen = next((name for mark, name in _MARKS.items() if content.startswith(mark)), encoding or "utf-8")
    try:
        return content.decode(chosen)
    except UnicodeError:
        if encoding:
            text = f"is not text in {chosen}; correct offboard_encoding, or save the file as UTF-8"
        else:
            text = (
                "is not text in UTF-8; save it as UTF-8, or name its encoding with offboard_encoding (what a "
                "spreadsheet on Windows saves as CSV is mostly windows-1252)"
            )
        raise LeaversError(f"{source}: {text}") from None


def _workbook(source: str) -> str:
    return f'{source}: is a workbook of a spreadsheet; save it as "CSV UTF-8" and give that file'


def table_of_text(text: str, source: str, is_known: Callable[[str], bool], skip: tuple[int, int] = (0, 0)) -> Table:
    """Return the table of a file's text.

    ``is_known``: whether the name of a column means something, by which the delimiter is found. ``skip``: the lines
    above the names of the columns, and the rows at the end, that are no part of the table.
    """
    suffix = source.rpartition(".")[2].lower()
    if suffix in _WORKBOOK_NAMES or text.startswith("PK\x03\x04"):
        raise LeaversError(_workbook(source))
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in text):
        raise LeaversError(
            f"{source}: is not text in UTF-8; save it as UTF-8, or name its encoding with offboard_encoding"
        )
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise LeaversError(f"{source}: the file is empty; a list without leavers is most likely a mistake")
    if suffix == "json":
        return table_of_entries(_from_json(text, source), source)
    if suffix in ("yml", "yaml"):
        return table_of_entries(_from_yaml(text, source), source)
    if suffix in ("csv", "tsv", "txt"):
        return _table_of_csv(text, source, is_known, skip)
    raise LeaversError(f"{source}: its name does not show its format; give it the ending .csv, .yml or .json")


def _from_json(text: str, source: str) -> t.Any:
    def unique(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
        values = dict(pairs)
        if len(values) != len(pairs):
            raise LeaversError(f"{source}: one entry gives the same key twice; keep the right one")
        return values

    try:
        # A number stays as it is written: an id of 18 digits or a personnel number 007 is a name, not an amount.
        return json.loads(text, object_pairs_hook=unique, parse_int=str, parse_float=str)
    except json.JSONDecodeError as exc:
        raise LeaversError(f"{source}: is not valid JSON (line {exc.lineno}, column {exc.colno})") from None
    except RecursionError:
        raise LeaversError(f"{source}: is nested too deeply for a list of leavers") from None


def _from_yaml(text: str, source: str) -> t.Any:
    import yaml  # only the controller has it, and modules import this package

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Leaves every scalar but null as it is written: 007, yes and 2026-11-30 are texts here."""

        yaml_implicit_resolvers: t.ClassVar[dict[str | None, list[t.Any]]] = {
            first: [(tag, pattern) for tag, pattern in rules if tag == "tag:yaml.org,2002:null"]
            for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def construct_mapping(self, node: t.Any, deep: bool = False) -> dict[t.Any, t.Any]:
            values = super().construct_mapping(node, deep=deep)
            if len(values) != len(node.value):
                line = node.start_mark.line + 1
                raise LeaversError(f"{source}: the entry at line {line} gives the same key twice; keep the right one")
            return t.cast("dict[t.Any, t.Any]", values)

    try:
        # libyaml takes exact strings or streams only, and core 2.18 passes a subclass.
        return yaml.load(io.StringIO(text), Loader=Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise LeaversError(f"{source}: is not valid YAML{place}") from None
    except RecursionError:
        raise LeaversError(f"{source}: is nested too deeply for a list of leavers") from None


def table_of_entries(data: t.Any, source: str) -> Table:
    if isinstance(data, (str, bytes, Mapping)) or not isinstance(data, Sequence):
        raise LeaversError(f"{source}: is not a list; write a list of entries, each with email, leave_at and accounts")
    table = Table(Problems(source, "entry"))
    places: dict[str, int] = {}
    for number, entry in enumerate(data, 1):
        if not isinstance(entry, Mapping) or not all(isinstance(name, str) for name in entry):
            table.problems.add(number, "the entry", "is not a dict; write one with email, leave_at and accounts")
            continue
        values: dict[int, t.Any] = {}
        seen: set[int] = set()
        for name, value in entry.items():
            place = places.setdefault(column_name(name), len(places))
            if place == len(table.names):
                table.names.append((number, name))
            if place in seen:
                table.problems.add(number, shown(name), "is given twice; keep one")
            seen.add(place)
            if not is_blank(value):
                values[place] = value
            elif value is not None:
                table.blank.add(place)
        table.rows.append((number, values))
    return table


def is_blank(value: t.Any) -> bool:
    """Whether a value stands for none."""
    return value is None or (isinstance(value, str) and not trimmed(value))


def shown(name: str) -> str:
    """Return the name of a column as a person can paste it into YAML or JSON."""
    return json.dumps(name[:80], ensure_ascii=not name.isprintable())


def csv_form(text: str, source: str, is_known: Callable[[str], bool], top: int) -> tuple[list[str], int, str]:
    """Return the lines of a CSV file, how many of them are above the names of the columns, and the delimiter."""
    lines = list(io.StringIO(text, newline=""))
    separator = _SEPARATOR_LINE.fullmatch(lines[0])
    begin = (1 if separator else 0) + top

    def fitness(delimiter: str) -> tuple[int, int]:
        head = next((cells for _number, cells in _records(lines, begin, delimiter, source, strict=False)), [])
        return sum(map(is_known, head)), sum(bool(trimmed(name)) for name in head)

    return lines, begin, separator[1] if separator else max(DELIMITERS, key=fitness)


def _table_of_csv(text: str, source: str, is_known: Callable[[str], bool], skip: tuple[int, int]) -> Table:
    lines, begin, delimiter = csv_form(text, source, is_known, skip[0])
    bottom = skip[1]
    records = list(_records(lines, begin, delimiter, source, strict=True))
    if not records:
        raise LeaversError(f"{source}: the file is empty; a list without leavers is most likely a mistake")
    (head, names), *rows = records
    table = Table(Problems(source, "row"), [(head, name) for name in names])
    for number, cells in rows[: max(0, len(rows) - bottom)]:
        if len(cells) < len(names) or any(trimmed(cell) for cell in cells[len(names) :]):
            text = f"has {len(cells)} cells where row {head} names {len(names)} columns; fill in or quote the cells"
            table.problems.add(number, "the whole row", f"{text}, or leave the row out with offboard_skip_rows")
            continue
        cut = map(trimmed, cells[: len(names)])
        table.rows.append((number, {place: cell for place, cell in enumerate(cut) if cell}))
    return table


def _records(
    lines: Sequence[str], begin: int, delimiter: str, source: str, *, strict: bool
) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the line it begins at. ``begin``: how many lines are left out."""
    reader = csv.reader(islice(lines, begin, None), delimiter=delimiter, strict=strict)
    number = begin + 1
    try:
        for cells in reader:
            if any(map(trimmed, cells)):
                yield number, cells
            number = begin + reader.line_num + 1
    except csv.Error:
        if strict:
            raise LeaversError(f"{source}: row {number} is not valid CSV; look at its quotes") from None
