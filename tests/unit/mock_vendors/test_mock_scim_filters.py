# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The filters of the mock SCIM server: every filter that the grammar makes is read as it was meant."""

from __future__ import annotations

import contextlib
import json
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mock_vendors.scim import values
from mock_vendors.scim_filters import EXACT, BadFilter, Compare, Joined, Node, Within, clauses, equals, parse

TEXTS = st.text(max_size=8)
PEOPLE = st.lists(
    st.builds(
        lambda number, name, outside, active, mails: {
            "id": str(number),
            "userName": name,
            "externalId": outside,
            "active": active,
            "emails": [{"value": mail, "type": "work"} for mail in mails],
        },
        st.integers(0, 99),
        st.sampled_from(["jane", "Jane", "joe", 'a"b', "c\\d", "ü"]),
        st.sampled_from(["E1", "e1", ""]),
        st.booleans(),
        st.lists(st.sampled_from(["jane@example.com", "JOE@example.com"]), max_size=2),
    ),
    max_size=6,
)
COMPARISONS = st.one_of(
    st.builds(
        Compare,
        st.sampled_from(["username", "externalid", "emails.value", "id"]),
        st.sampled_from(["eq", "ne", "co", "sw", "ew"]),
        st.one_of(st.sampled_from(["jane", "JANE", 'a"b', "c\\d", "E1", "joe@EXAMPLE.com", "Ü", "("]), TEXTS),
    ),
    st.builds(Compare, st.just("active"), st.just("eq"), st.booleans()),
    st.builds(Compare, st.sampled_from(["externalid", "emails"]), st.just("pr"), st.none()),
    st.builds(
        Within,
        st.just("emails"),
        st.builds(Compare, st.just("type"), st.just("eq"), st.sampled_from(["work", "home"])),
        st.one_of(st.none(), st.builds(Compare, st.just("value"), st.just("eq"), TEXTS)),
    ),
)


def joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        inner,
        st.builds(
            lambda word, parts: Joined(word, tuple(parts)),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
        st.builds(lambda part: Joined("not", (part,)), inner),
    )


FILTERS = joined(joined(joined(COMPARISONS)))


def written(node: Node) -> str:
    match node:
        case Compare(attribute, "pr"):
            return f"{attribute} pr"
        case Compare(attribute, operator, value):
            return f"{attribute} {operator} {json.dumps(value)}"
        case Within(attribute, inner, then):
            return f"{attribute}[{written(inner)}]" + ("" if then is None else f".{written(then)}")
        case Joined("not", (part,)):
            return f"not ({written(part)})"
    return f" {node.word} ".join(f"({written(part)})" for part in node.parts)


def taken(node: Node, people: list[dict[str, Any]]) -> list[bool]:
    return [node.matches(partial(values, person), EXACT) for person in people]


@given(FILTERS, PEOPLE)
def test_a_filter_is_read_as_it_was_written(node: Node, people: list[dict[str, Any]]) -> None:
    read = parse(written(node))
    assert taken(read, people) == taken(node, people)
    assert clauses(read) == clauses(node)


@given(FILTERS, PEOPLE)
def test_what_the_index_would_look_up_is_what_the_filter_takes(node: Node, people: list[dict[str, Any]]) -> None:
    found = equals(node)
    if found is not None:
        assert taken(Joined("or", tuple(found)), people) == taken(node, people)


@given(st.text(max_size=40))
def test_any_text_is_a_filter_or_a_bad_one(text: str) -> None:
    with contextlib.suppress(BadFilter):
        parse(text)
