# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The page of the role's variables has each of them once, and shows its texts as they are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from docutils.core import publish_doctree
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import option_variables
from harness.tree import REPOSITORY
from tools.generate.reference import PATH, restructured, variables_page
from tools.generate.texts import load, load_vendors

SOURCE = load(REPOSITORY, "_role")
PAGE = (REPOSITORY / PATH).read_text(encoding="utf-8")


def test_each_variable_is_on_the_page_once() -> None:
    assert sorted(re.findall(r"^``(\w+)``$", PAGE, re.MULTILINE)) == sorted(SOURCE["variables"]["options"])


def test_each_connection_option_is_on_the_page_once() -> None:
    named = [name for info in VENDORS.values() for name in option_variables(info).values()]

    assert sorted(re.findall(r"^   \* - ``(\w+)``$", PAGE, re.MULTILINE)) == sorted(named)


def test_a_variable_without_a_group_is_an_error() -> None:
    groups = [group for group in SOURCE["page"]["groups"] if group["names"] not in (["audit_*"], ["*"])]
    source: dict[str, Any] = {**SOURCE, "page": {**SOURCE["page"], "groups": groups}}

    with pytest.raises(ValueError, match="no group of the page has audit_staff_file, audit_staff_columns"):
        variables_page(load_vendors(REPOSITORY).values(), source)


WORDS = st.sampled_from(["word", "*", "name_", "a*b", "`", "|bar|", "C:\\x", "(two)", "V", "leave_at", "e.g.", "a_b_"])
VALUES = st.sampled_from(["deactivated", "*", "[{state: absent}]", "%m/%d %p", "*@example.com", "f(x)", "x_"])
PIECES = st.one_of(
    WORDS.map(lambda word: (word, word)),
    st.tuples(st.sampled_from("VOCE"), VALUES).map(lambda pair: (f"{pair[0]}({pair[1]})", pair[1])),
)


@given(st.lists(PIECES, min_size=1, max_size=12))
def test_a_text_is_shown_as_it_is(pieces: list[tuple[str, str]]) -> None:
    text = "Text " + " ".join(piece for piece, _shown in pieces)

    shown = publish_doctree(restructured(text), settings_overrides={"report_level": 2, "halt_level": 2}).astext()

    assert shown == "Text " + " ".join(shown for _piece, shown in pieces)
