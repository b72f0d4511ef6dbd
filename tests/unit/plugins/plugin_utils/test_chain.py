# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A chain reveals every change, except a complete rewrite."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._chain import (
    ChainError,
    chained,
    check_chain,
    digest,
    sealed,
)

HEAD: Any = {"run_id": "one", "population": {"asked": 3}}
RECORDS: Any = [
    {"email": f"leaver{number}@example.com", "tenant": "netex", "outcome": "changed"} for number in range(3)
]


def document(records: list[Any] | None = None) -> Any:
    return sealed(chained(HEAD, RECORDS if records is None else records), {"junit.xml": digest("x")})


def fault(changed: Any) -> str:
    with pytest.raises(ChainError) as raised:
        check_chain(changed)
    return str(raised.value)


def test_a_chain_is_whole_after_a_json_round_trip() -> None:
    check_chain(document())
    check_chain(document(records=[]))
    check_chain(json.loads(json.dumps(document())))
    odd = [{"email": "é\U0001f600\ud800", "tenant": "\u202e", "outcome": "changed"}]
    check_chain(json.loads(json.dumps(document(records=odd))))


def test_the_first_place_is_named() -> None:
    good = document()
    for number in (1, 2, 3):
        changed = copy.deepcopy(good)
        changed["records"][number - 1]["outcome"] = "unchanged"
        assert f"record {number} (leaver{number - 1}@example.com at netex) is not as it was" in fault(changed)
        gone = copy.deepcopy(good)
        del gone["records"][number - 1]
        assert ("missing at the end" if number == 3 else f"record {number} (leaver{number}") in fault(gone)
    swapped = copy.deepcopy(good)
    swapped["records"][1], swapped["records"][2] = swapped["records"][2], swapped["records"][1]
    assert "record 2 (leaver2@example.com at netex) does not follow" in fault(swapped)
    assert "the head" in fault({**good, "population": {"asked": 4}})
    assert "the head" in fault({**good, "added": 1})
    assert "the seal" in fault({**good, "files": {}})
    assert "the seal" in fault({**good, "seal": digest("another")})
    other = document(records=[])
    assert fault({**other, "run_id": "two"})


def test_a_record_that_is_hashed_anew_breaks_at_the_next_one() -> None:
    changed = document()
    link = {**changed["records"][1], "outcome": "missing"}
    del link["hash"]
    changed["records"][1] = {**link, "hash": digest(link)}
    assert "record 3 (leaver2@example.com at netex) does not follow the one before" in fault(changed)


@given(st.data())
def test_any_change_of_any_value_is_detected(data: st.DataObject) -> None:
    good = document()
    text = json.dumps(good)
    place = data.draw(st.integers(0, len(text) - 1).filter(lambda at: text[at].isalnum()))
    other = data.draw(st.sampled_from("0123456789abcdefxyz").filter(lambda char: char != text[place]))
    try:
        changed = json.loads(text[:place] + other + text[place + 1 :])
    except json.JSONDecodeError:
        return
    if changed != good:
        with pytest.raises((ChainError, KeyError, TypeError)):
            check_chain(changed)
