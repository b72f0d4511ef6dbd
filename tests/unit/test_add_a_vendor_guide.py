# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The guide for a further vendor prints the code that tests/integration/test_add_a_vendor.py runs, all of its steps."""

from __future__ import annotations

import difflib

from harness.added import GUIDE, printed, steps

LONGEST = 500
"""Lines of the page."""


def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def test_the_code_in_the_guide_is_that_of_the_example() -> None:
    now = printed(guide())
    differences = "\n".join(difflib.unified_diff(guide().splitlines(), now.splitlines(), "guide", "code", lineterm=""))
    assert not differences, f"Run `make guide`:\n{differences}"


def test_every_file_of_the_example_is_in_the_guide() -> None:
    text = guide()
    assert [step.place for step in steps() if step.place not in text] == []


def test_the_guide_can_be_read_at_one_go() -> None:
    assert len(guide().splitlines()) <= LONGEST


def test_the_guide_asks_first_whether_code_is_needed_and_explains_its_terms_before_they_are_used() -> None:
    """Its reader, SCIM, what a mock vendor is, the command, the installation."""
    text = guide()
    places = [
        text.index(words)
        for words in ("This page is for", "have a SCIM 2.0 API", "make vendor NAME=", "collection install")
    ]
    assert places == sorted(places)
    assert text.index("mock vendor") == text.index("*mock vendor* is") + 1
