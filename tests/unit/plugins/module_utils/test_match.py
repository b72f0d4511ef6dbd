# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Patterns: what a protected or an exempted entry matches, and keys as users write them."""

from __future__ import annotations

import fnmatch
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._match import Patterns
from ansible_collections.saas.offboarding.plugins.module_utils._model import Key, normalized
from ansible_collections.saas.offboarding.plugins.module_utils._text import some


@pytest.mark.parametrize(
    ("entry", "text", "is_matched"),
    [
        ("jane@example.com", "Jane@Example.com", True),
        ("jane@example.com", "jane@example.com.evil.example", False),
        ("*@example.com", "jane@example.com", True),
        ("*@example.com", "jane@example.org", False),
        ("bot[ci]@example.com", "bot[ci]@example.com", True),
        ("bot[ci]@example.com", "BOT[CI]@example.com", True),
        ("bot[ci]@example.com", "boti@example.com", True),
        ("bot[ci]@example.com", "botx@example.com", False),
        ("what?", "what?", True),
        ("what?", "whats", True),
        ("a.c", "abc", False),
        ("strasse", "straße", True),
        (" u1 ", "u1", True),
        ("[", "[", True),
        ("a\nb", "a", False),
    ],
)
def test_an_entry_matches_its_own_text_and_what_its_pattern_means(entry: str, text: str, is_matched: bool) -> None:
    assert Patterns([entry]).first(["other", text]) == (entry if is_matched else None)


def test_nothing_matches_without_entries_or_texts() -> None:
    assert Patterns([]).first(["a"]) is None
    assert Patterns(["*"]).first([]) is None


TEXTS = st.text(alphabet="aB[]*?ß@.", max_size=6)


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=3))
def test_an_entry_is_found_where_its_text_or_its_pattern_matches(entries: list[str], texts: list[str]) -> None:
    matching = [
        entry
        for entry in entries
        for text in map(normalized, texts)
        if text == normalized(entry) or fnmatch.fnmatchcase(text, normalized(entry))
    ]
    found = Patterns(entries).first(texts)
    assert found in matching if matching else found is None


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ({"email": "a@example.com"}, Key("email", "a@example.com")),
        ({"user_id": 12}, Key("user_id", "12")),
        ({"identity": {"type": "hr", "value": "7"}}, Key("identity", "7", "hr")),
    ],
)
def test_a_key_is_parsed(named: dict[str, t.Any], key: Key) -> None:
    assert Key.parse(named) == key
    assert Key.parse(key.as_result()) == key


@pytest.mark.parametrize("value", [True, None, 1.5, ["a"], {"type": "hr", "value": "7"}])
def test_a_key_that_is_no_text_is_refused(value: t.Any) -> None:
    with pytest.raises(ValueError, match="is not a text"):
        Key.parse({"email": value})


@pytest.mark.parametrize("value", ["7", {"type": "hr"}, {"type": "hr", "value": "7", "more": 1}])
def test_an_identity_needs_type_and_value(value: t.Any) -> None:
    with pytest.raises(ValueError, match="needs type and value, and nothing else"):
        Key.parse({"identity": value})


def test_a_list_in_a_sentence() -> None:
    assert some([], 2) == ""
    assert some(["a", "b"], 2) == "a, b"
    assert some(["a", "b", "c", "d"], 2) == "a, b, and 2 more"
    assert some(["a", "b", "c"], 2, "; ") == "a; b; and 1 more"
