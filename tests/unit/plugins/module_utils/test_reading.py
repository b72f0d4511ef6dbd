# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Which strategy accounts are read: by numbers, and never by more requests than the other strategy would take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._reading import (
    FEW,
    LIST,
    NONE,
    SINGLE,
    next_pages,
    pages_for,
    size_unread,
    strategy_for,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    totals,
)

ROOT = Path(__file__).parents[4]
COUNTS = st.integers(0, 3000)
PAGES = st.sampled_from((1, 2, 500, 1000))


def requests(strategy: str, singly: int, page: int, size: int) -> int:
    return {NONE: 0, SINGLE: singly, LIST: pages_for(size, page)}[strategy]


@given(COUNTS, PAGES, st.integers(0, 300_000))
def test_with_a_known_size_no_other_strategy_takes_fewer_requests(singly: int, page: int, size: int) -> None:
    strategy = strategy_for(singly, 0, page, size)
    assert requests(strategy, singly, page, size) == min(singly, pages_for(size, page))


@given(COUNTS, st.integers(1, 100), PAGES, st.none() | COUNTS)
def test_who_can_only_be_listed_is_listed_and_the_others_with_them(
    singly: int, otherwise: int, page: int, size: int | None
) -> None:
    assert strategy_for(singly, otherwise, page, size) == LIST


@pytest.mark.parametrize(
    ("singly", "size", "strategy"),
    [
        (0, None, NONE),
        (1, None, SINGLE),
        (FEW, None, SINGLE),
        (FEW + 1, None, LIST),
        (1, 0, SINGLE),
        (1, 500, SINGLE),
        (2, 500, LIST),
        (2, 501, SINGLE),
        (100, 200_000, SINGLE),
        (401, 200_000, LIST),
    ],
)
def test_the_strategy_for_a_page_of_500(singly: int, size: int | None, strategy: str) -> None:
    assert strategy_for(singly, 0, 500, size) == strategy


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_switching_without_a_known_end_takes_at_most_twice_the_requests(asked: int, pages: int) -> None:
    """No user is found on the pages: the worst case."""
    read = 1
    while read < pages and strategy_for(asked, 0, 500, size_unread(read, 500, 0, asked)) == LIST:
        read += 1
    sent = read if read == pages else read + asked
    assert sent <= 2 * min(max(asked, 1), pages)


@given(st.integers(1, 300), st.integers(1, 500))
def test_those_who_come_more_than_one_a_page_are_left_to_the_list(pages: int, a_page: int) -> None:
    for read in range(1, pages):
        found, wanted = read * (a_page + 1), (pages - read) * (a_page + 1)
        assert strategy_for(wanted, 0, 500, size_unread(read, 500, found, wanted)) == LIST


@given(st.integers(1, 2000), st.integers(1, 128))
def test_pages_side_by_side_cost_at_most_half_as_many_again(pages: int, concurrency: int) -> None:
    read = last = 0
    while read < pages:
        last = next_pages(read, None, concurrency)
        assert 1 <= last <= concurrency
        read += last
    assert read - pages < max(1, last)
    assert read - pages <= pages // 2
    if pages <= 4:
        assert read == pages


@given(st.integers(1, 2000), st.integers(1, 128))
def test_of_pages_that_are_known_none_is_asked_for_in_vain(pages: int, concurrency: int) -> None:
    read = turns = 0
    while read < pages:
        read += next_pages(read, pages, concurrency)
        turns += 1
    assert (read, turns) == (pages, -(-pages // concurrency))


def view(*strategies: str | None) -> Any:
    """Results of one tenant, each with its strategy. None is a result of a release without strategies."""
    read: Any = {"tenant": "api.example.com", "accounts": 1, "pages": 1, "complete": True}
    return {
        str(number): {"read": read | ({} if strategy is None else {"strategy": strategy}), "requests": None}
        for number, strategy in enumerate(strategies)
    }


@pytest.mark.parametrize(
    ("strategies", "expected"),
    [
        (("single",), "single"),
        (("single+list", "list+lookup"), "single+list+lookup"),
        (("none", "search"), "search"),
        (("none", "none"), "none"),
        ((None, "list"), "list"),
        ((None, None), None),
    ],
)
def test_strategies_of_several_results_are_merged(strategies: tuple[str | None, ...], expected: str | None) -> None:
    read: Any = totals(view(*strategies))["read"]
    assert read.get("strategy") == expected
    assert expected is None or re.fullmatch(strategy_schema()["pattern"], expected)


def strategy_schema() -> dict[str, str]:
    schema = json.loads((ROOT / "roles/offboard/files/evidence.schema.json").read_text(encoding="utf-8"))
    (found,) = [
        each["properties"]["strategy"] for each in objects_in(schema) if "strategy" in each.get("properties", {})
    ]
    return dict(found)


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from objects_in(each)


@pytest.mark.parametrize("text", ["", "list+", "none+list", "by hand", "list, single"])
def test_an_unknown_strategy_is_no_valid_evidence(text: str) -> None:
    assert not re.fullmatch(strategy_schema()["pattern"], text)
