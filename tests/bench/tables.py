# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Numbers as people read them, and tables in Markdown that can also be read on a console."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def seconds(value: float) -> str:
    """A time in seconds, in minutes from two minutes on, in hours from two hours on."""
    if value >= 7200:
        return f"{value / 3600:.1f} h"
    if value >= 120:
        return f"{value / 60:.1f} min"
    return f"{value:.1f} s" if value >= 10 else f"{value:.2f} s"


def count(value: float) -> str:
    return f"{round(value):,}"


def memory(mebibytes: float) -> str:
    return f"{round(mebibytes):,} MB"


def ratio(value: float) -> str:
    """How many times: two digits that count, and no more than one behind the point."""
    if value >= 1000:
        return f"{round(value, -2):,.0f}"
    if value >= 100:
        return f"{round(value, -1):,.0f}"
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def percent(share: float) -> str:
    return f"{share * 100:.1f} %" if share < 0.1 else f"{share * 100:.0f} %"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown. Columns after the first stand to the right, as numbers do."""
    lines = [list(head), *map(list, rows)]
    if any(len(line) != len(head) for line in lines):
        raise ValueError("every row has one cell for each column")
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]

    def shown(line: Sequence[str]) -> str:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    rule = ["-" * width if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join([shown(lines[0]), shown(rule), *map(shown, lines[1:])])
