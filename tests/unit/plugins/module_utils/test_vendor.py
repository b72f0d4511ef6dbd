# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What all vendors share: matching keys with accounts, the rule for 404, addresses by option."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._match import (
    lookup_result_of,
    match,
    missing_or,
    single_account,
)
from ansible_collections.saas.offboarding.plugins.module_utils._model import Key, LookupResult, Problem
from ansible_collections.saas.offboarding.plugins.module_utils._url import UrlError
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import base_url

from .shelf import Shelf, account

JANE, JOE = account("1"), account("2")


def test_each_key_gets_the_account_that_has_its_value_in_its_field() -> None:
    rows = [(JANE, {"email": ["Jane@x.y"], "username": ["jane"]}), (JOE, {"email": ["joe@x.y"], "username": ["1"]})]
    keys = [Key("email", "jane@X.Y"), Key("username", "1"), Key("user_id", "1"), Key("username", "joe@x.y")]
    assert match(keys, rows) == {
        keys[0]: LookupResult((JANE,)),
        keys[1]: LookupResult((JOE,)),
        keys[2]: LookupResult(),
        keys[3]: LookupResult(),
    }


def test_a_row_listed_twice_is_one_account_and_two_rows_are_two() -> None:
    key = Key("email", "j@x.y")
    assert match([key], [(JANE, {"email": ["j@x.y", "J@x.y"]}), (JANE, {"email": ["j@x.y"]})])[key] == LookupResult(
        (JANE,)
    )
    assert match([key], [(JANE, {"email": ["j@x.y"]}), (JOE, {"email": ["J@x.y"]})])[key].accounts == (JANE, JOE)


def test_an_exact_match_is_preferred_to_a_normalized_one() -> None:
    key = Key("username", "jane")
    assert match([key], [(JANE, {"username": ["jane"]}), (JOE, {"username": ["Jane"]})])[key] == LookupResult((JANE,))


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_value_matches_nothing(value: str | None) -> None:
    key = Key("username", "x")
    assert match([key], [(JANE, {"username": [value]}), (JOE, {})])[key] == LookupResult()


def test_a_near_match_names_the_ids_but_not_endlessly() -> None:
    near = [account(f"id-{number:03}") for number in range(100)]
    problem = single_account(Key("username", "jane"), (), near).problem
    assert problem is not None
    assert problem.code == "near_match"
    assert problem.message.count("id-") == 10


@given(st.lists(st.tuples(st.sampled_from("aAbB"), st.sampled_from("123")), max_size=8), st.sampled_from("aAbBc"))
def test_matching_in_bulk_is_matching_one_by_one(pairs: list[tuple[str, str]], asked: str) -> None:
    rows = [(account(identifier), {"username": [value], "email": [value]}) for value, identifier in pairs]
    for field in ("username", "email"):
        key = Key(field, asked)
        found = match([key, Key(field, "zzz")], rows)[key]
        exact = {identifier for value, identifier in pairs if key.matches(value)}
        near = {identifier for value, identifier in pairs if key.resembles(value)}
        assert {each.id for each in found.accounts} == exact
        assert (found.problem is not None) == (not exact and bool(near))


def test_a_read_by_id_becomes_a_lookup_result() -> None:
    problem = Problem("forbidden", "no")
    assert lookup_result_of(JANE) == LookupResult((JANE,))
    assert lookup_result_of(None) == LookupResult()
    assert lookup_result_of(problem) == LookupResult(problem=problem)


def test_a_404_is_missing_only_where_a_listing_answers() -> None:
    problem = Problem("not_found", "404 from host", 404, "req-1")

    def fail() -> None:
        raise ApiError(Problem("not_found", "404 for the list too", 404))

    assert missing_or(problem, lambda: None) is None
    fault = missing_or(problem, fail)
    assert fault is not None
    assert (fault.code, fault.status, fault.request_id) == ("wrong_address", 404, "req-1")
    assert "404 for the list too" in fault.message


def test_an_address_is_the_option_checked_or_the_vendors_own() -> None:
    assert base_url({"api_url": "https://h.example.com/"}, "api_url", "https://own") == "https://h.example.com"
    assert base_url({"api_url": None}, "api_url", "https://own") == "https://own"
    assert base_url({"api_url": ""}, "api_url") == ""
    with pytest.raises(UrlError, match="token_url"):
        base_url({"token_url": "http://h.example.com"}, "token_url")


def test_the_option_that_names_an_account_is_found_among_others() -> None:
    assert Shelf.naming({"email": "a@b", "user_id": None, "other": "x"}, "active") == ("email",)
    assert Shelf.naming({"email": "a@b", "user_id": "1"}, "active") == ("email", "user_id")
    assert Shelf.naming({}, "active") == ()
    assert Shelf.default_rate({}) is None
