# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A leavers list as it was written: CSV, YAML, JSON, or lines of text, to rows of values.

PRIVATE to the collection. A message names the place, never the content: the wrong file may hold anything.
"""

from __future__ import annotations

import csv
import io
import json
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.saas.offboarding.plugins.module_utils._text import some

SHOWN_PROBLEMS = 20
SHOWN_NAMES = 10


class LeaversError(ValueError):
    """A list, a date or a choice that cannot be used. The message says where, what and what to do."""


@dataclass(frozen=True)
class Row:
    """One entry of the list as it was written: where it stands, and its values by column."""

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


def rows_of_text(text: str, source: str) -> tuple[list[Row], str]:
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in text):
        raise LeaversError(f"{source}: is not text in UTF-8; save it as UTF-8, with or without a BOM")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise LeaversError(f"{source}: the file is empty; a list without leavers is most likely a mistake")
    suffix = source.rpartition(".")[2].lower()
    if suffix == "json":
        return rows_of_entries(_from_json(text, source), source), "entry"
    if suffix in ("yml", "yaml"):
        return rows_of_entries(_from_yaml(text, source), source), "entry"
    if suffix in ("csv", "tsv", "txt"):
        return _rows_of_csv(text, source), "row"
    raise LeaversError(f"{source}: what is in it cannot be told from its name; end it in .csv, .yml or .json")


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
        # libyaml takes exact strings or streams only, and core 2.18 hands out a class of its own.
        return yaml.load(io.StringIO(text), Loader=Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise LeaversError(f"{source}: is not valid YAML{place}") from None
    except RecursionError:
        raise LeaversError(f"{source}: is nested too deeply for a list of leavers") from None


def rows_of_entries(data: t.Any, source: str) -> list[Row]:
    if isinstance(data, (str, bytes, Mapping)) or not isinstance(data, Sequence):
        raise LeaversError(f"{source}: is not a list; write a list of entries, each with email, leave_at and accounts")
    problems = Problems(source, "entry")
    rows: list[Row] = []
    for number, entry in enumerate(data, 1):
        if isinstance(entry, Mapping) and all(isinstance(name, str) for name in entry):
            rows.append(Row(number, {str(name): value for name, value in entry.items() if value is not None}))
        else:
            problems.add(number, "the entry", "is not a dict; write one with email, leave_at and accounts")
    problems.raise_any()
    return rows


def _rows_of_csv(text: str, source: str) -> list[Row]:
    records = _csv_records(text, source)
    if not records:
        raise LeaversError(f"{source}: the file is empty; a list without leavers is most likely a mistake")
    head_number, head = records[0]
    columns = [name.strip().lower() for name in head]
    if "email" not in columns:
        raise LeaversError(
            f"{source}: row {head_number} has no column email; begin the file with a line that names the columns, "
            "separated by comma, semicolon or tab"
        )
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise LeaversError(f"{source}: row {head_number} names {', '.join(twice[:SHOWN_NAMES])} twice; keep one")
    problems = Problems(source, "row")
    rows: list[Row] = []
    for number, cells in records[1:]:
        if len(cells) != len(columns):
            problems.add(
                number,
                "the whole row",
                f"has {len(cells)} cells where the first row names {len(columns)} columns; fill in or quote the cells",
            )
            continue
        values = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
        rows.append(Row(number, {name: value for name, value in values.items() if value or name == "leave_at"}))
    problems.raise_any()
    return rows


def _csv_records(text: str, source: str) -> list[tuple[int, list[str]]]:
    """Return the records that are not blank, each with the line it begins at."""
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error:
        raise LeaversError(f"{source}: row {begins} is not valid CSV; look at its quotes") from None
    return records
