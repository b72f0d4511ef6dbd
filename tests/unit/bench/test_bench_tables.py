# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""How the benchmarks write numbers, and what they make of a few turns and of few leavers."""

from __future__ import annotations

import pytest

from bench import contest, tables
from bench.contest import Row, extrapolated
from bench.stats import median_of


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.123, "0.12 s"), (9.99, "9.99 s"), (10, "10.0 s"), (119.9, "119.9 s"), (120, "2.0 min"), (7200, "2.0 h")],
)
def test_seconds(value: float, shown: str) -> None:
    assert tables.seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.294, "0.29"), (1, "1.0"), (9.96, "10.0"), (14.4, "14"), (344, "340"), (1_249, "1,200")]
)
def test_ratio(value: float, shown: str) -> None:
    assert tables.ratio(value) == shown


def test_percent_memory_and_count() -> None:
    assert [tables.percent(share) for share in (0.0049, 0.0999, 0.1, 4.38)] == ["0.5 %", "10.0 %", "10 %", "438 %"]
    assert (tables.memory(1234.5), tables.count(10_003.0)) == ("1,234 MB", "10,003")


def test_a_table_lines_up() -> None:
    assert tables.table(["who", "time"], [["bulk", "1 s"], ["a", "10 s"]]).splitlines() == [
        "| who  | time |",
        "| ---- | ---: |",
        "| bulk |  1 s |",
        "| a    | 10 s |",
    ]


def test_a_row_of_another_width_is_an_error() -> None:
    with pytest.raises(ValueError, match="one cell for each column"):
        tables.table(["who", "time"], [["bulk"]])


def row(who: str = contest.URI, leavers: int = 10, wall: float = 12.0, requests: float = 20, tokens: float = 1) -> Row:
    return Row(who, 20, leavers, leavers, wall, wall / 2, 50.0, requests, tokens)


def test_extrapolation_counts_the_start_once() -> None:
    # 2 s to start and 1 s a leaver: 1,002 s. Simply scaled it would be 1,020 s, and from the few even 1,200 s.
    found = extrapolated(row(), row(leavers=100, wall=102.0, requests=200), 1_000)
    assert (found.leavers, found.measured, found.extrapolated) == (1_000, 100, True)
    assert (found.wall, found.cpu, found.requests, found.tokens) == pytest.approx((1_002, 501, 2_000, 1))
    assert found.memory == 50.0


def test_tokens_grow_where_each_leaver_takes_one() -> None:
    assert extrapolated(row(tokens=10), row(leavers=100, tokens=100), 1_000).tokens == pytest.approx(1_000)


def test_what_was_measured_is_not_extrapolated() -> None:
    assert not row().extrapolated


def test_the_turn_in_the_middle_counts() -> None:
    assert median_of([row(wall=9), row(wall=1), row(wall=5)]).wall == 5
    assert median_of([row(wall=1), row(wall=2)]).wall == 2


def test_the_table_marks_extrapolated_values() -> None:
    slow = extrapolated(row(), row(leavers=100, wall=102.0), 1_000)
    fast = row(contest.BULK, 1_000, 10.0, 1_003)
    lines = contest.table([slow, fast, row()], 20, 1_000, ceiling=1_000).splitlines()
    assert lines[0] == "1,000 leavers, 20 ms:"
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:]]
    assert [line[0] for line in cells] == [contest.BULK, contest.URI]
    assert [line[1] for line in cells] == ["10.0 s", "~16.7 min"]
    assert [line[6] for line in cells] == ["1.0", "~100"]
    assert [line[7] for line in cells] == ["10 %", "0.0 %"]
