# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What is committed is what the facts and texts of the vendors generate, and nothing of it was edited by hand."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.tree import REPOSITORY
from tools.generate.files import generated
from tools.generate.layout import WIDTH, laid_out

FILES = generated(REPOSITORY)


@pytest.mark.parametrize("path", FILES)
def test_a_generated_file_is_up_to_date(path: str) -> None:
    assert (REPOSITORY / path).read_text(encoding="utf-8") == FILES[path], "Run `make generate`"


WORDS = st.text("abc:,#-{}[]'\"&*!|>%@` .?", max_size=12)
TEXTS = st.lists(WORDS, max_size=40).map(lambda words: " ".join(" ".join(words).split()))
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcd", min_size=1, max_size=4), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcd", min_size=1, max_size=4), DATA, min_size=1))
def test_what_is_laid_out_reads_the_same(data: Any) -> None:
    assert yaml.safe_load(laid_out(data)) == data


@given(st.lists(st.sampled_from(["word", "longer", "a", "L(some link,https://example.com)"]), min_size=1, max_size=90))
def test_texts_are_wrapped(words: list[str]) -> None:
    data = {"options": {"name": {"description": [" ".join(words)]}}}

    assert max(map(len, laid_out(data).splitlines())) <= WIDTH
