# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ZITADEL's login names: found by user names, singly or by the list, and never several in one query."""

from __future__ import annotations

import threading
import time
import typing as t
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._model import Account, Key, LookupResult
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel
from mock_vendors.zitadel import PAT

from .http_script import Answer, Responder, Sent, transport
from .mock_zitadel import API, Tenant

PEOPLE = 11_520


def person(number: int, login_name: str = "user{}@acme.example.com", username: str = "user{}") -> dict[str, t.Any]:
    names = [login_name.format(number)]
    return {"userId": f"{number:06}", "username": username.format(number), "loginNames": names}


def names(*values: str) -> list[Key]:
    return [Key("login_name", value) for value in values]


def ids(results: t.Mapping[Key, LookupResult]) -> list[str | None]:
    return [each.accounts[0].id if each.accounts else None for each in results.values()]


def reads(tenant: Tenant) -> int:
    return sum(sent.path == "/v2/users" for sent in tenant.wire.log)


def asked(sent: Sent) -> str:
    return str(sent.body["queries"])


@pytest.mark.parametrize(
    ("login_name", "username"),
    [("user{}@acme.example.com", "user{}"), ("user{}@acme.example.com", "user{}@acme.example.com"), ("u{}", "u{}")],
)
def test_a_thousand_are_found_by_their_user_names_in_twenty_reads(login_name: str, username: str) -> None:
    tenant = Tenant(person(number, login_name, username) for number in range(PEOPLE))
    wanted = range(0, 10_000, 10)
    found = tenant.vendor().find(names(*(login_name.format(number) for number in wanted)))
    assert ids(found) == [f"{number:06}" for number in wanted]
    assert len(tenant.wire.log) <= 20
    assert not any("loginNameQuery" in asked(sent) for sent in tenant.wire.log)


def test_a_thousand_that_no_user_name_finds_are_found_in_the_list() -> None:
    tenant = Tenant(person(number, username="other{}") for number in range(PEOPLE))
    found = tenant.vendor().find(names(*(f"user{number}@acme.example.com" for number in range(1000))))
    assert ids(found) == [f"{number:06}" for number in range(1000)]
    assert len(tenant.wire.log) <= 20


def test_a_few_that_no_user_name_finds_are_asked_for_singly() -> None:
    tenant = Tenant(person(number, username="other{}") for number in range(PEOPLE))
    found = tenant.vendor().find(names(*(f"user{number}@acme.example.com" for number in range(3))))
    assert ids(found) == [f"{number:06}" for number in range(3)]
    single = [sent for sent in tenant.wire.log if "loginNameQuery" in asked(sent)]
    assert (len(single), len(tenant.wire.log)) == (3, 4)


def test_no_more_than_eight_are_asked_for_at_once() -> None:
    tenant = Tenant(person(number, username="other{}") for number in range(20_000))
    lock = threading.Lock()
    now = most = 0

    def answer(sent: Sent) -> Answer | Exception:
        nonlocal now, most
        single = "loginNameQuery" in asked(sent)
        with lock:
            now += single
            most = max(most, now)
        time.sleep(0.02 * single)
        with lock:
            came = tenant._answer(sent)
            now -= single
        return came

    wire = Responder(answer)
    vendor = Zitadel({"api_url": API, "access_token": PAT}, transport(wire, concurrency=32))
    found = vendor.find(names(*(f"user{number}@acme.example.com" for number in range(16))))
    assert ids(found) == [f"{number:06}" for number in range(16)]
    assert most == 8


def test_a_single_one_takes_a_single_read() -> None:
    tenant = Tenant(person(number) for number in range(3))
    assert ids(tenant.vendor().find(names("user1@acme.example.com"))) == ["000001"]
    assert reads(tenant) == 1


def test_a_list_that_changes_while_it_is_read_proves_nothing_missing() -> None:
    """A page may lack those that moved to the page before it: they are asked for singly."""
    tenant = Tenant(person(number, username="other{}") for number in range(2500))
    pages = 0

    def answer(sent: Sent) -> Answer | Exception:
        nonlocal pages
        if sent.path == "/v2/users" and sent.body["queries"] == []:
            pages += 1
            if pages == 2:
                tenant.mock.store.remove("000000")
        return tenant._answer(sent)

    tenant.wire = Responder(answer)
    wanted = (1000, 1500, 2000, 2200)
    found = tenant.vendor().find(names(*(f"user{number}@acme.example.com" for number in wanted)))
    assert ids(found) == [f"{number:06}" for number in wanted]


def test_one_that_cannot_be_asked_for_leaves_the_others_alone() -> None:
    tenant = Tenant(person(number, username="other{}") for number in range(3))

    def answer(sent: Sent) -> Answer | Exception:
        bad = "loginNameQuery" in asked(sent) and "user1@" in asked(sent)
        return Answer(400, json={}) if bad else tenant._answer(sent)

    tenant.wire = Responder(answer)
    found = tenant.vendor().find(names(*(f"user{number}@acme.example.com" for number in range(3))))
    assert ids(found) == ["000000", None, "000002"]
    assert [each.problem and each.problem.code for each in found.values()] == [None, "bad_request", None]


def test_a_hidden_user_of_that_user_name_leaves_the_proof_alone() -> None:
    hidden = person(1, "user1@other.example.com") | {"details": {"resourceOwner": "other"}}
    tenant = Tenant([hidden, person(2), person(3)], filter_after_limit=True, hidden_organizations=["other"])
    found = tenant.vendor().find(names("user1@acme.example.com", "user2@acme.example.com"))
    assert next(iter(found.values())) == LookupResult()


LOGIN_NAMES = ["jane", "JANE", "jane@acme", "Jane@acme", "jane@acme@b", "jo@acme", "jo"]


@settings(max_examples=100, deadline=None)
@given(
    people=st.lists(st.tuples(st.sampled_from(LOGIN_NAMES), st.booleans()), max_size=5, unique_by=itemgetter(0)),
    wanted=st.lists(st.sampled_from(LOGIN_NAMES), min_size=1, max_size=7, unique=True),
)
def test_many_are_found_as_each_alone(people: list[tuple[str, bool]], wanted: list[str]) -> None:
    """However they are looked for: by user name, singly or by the list, the result is the same.

    Login names are unique at ZITADEL.
    """
    accounts: list[dict[str, t.Any]] = [person(999)]
    for number, (login_name, plain) in enumerate(people):
        username = login_name if plain else login_name.rpartition("@")[0] or f"other{number}"
        accounts.append({"userId": f"{number:06}", "username": username, "loginNames": [login_name]})
    many = Tenant(accounts).vendor().find(names(*wanted))
    for key in names(*wanted):
        alone = Tenant(accounts).vendor().find([key])[key]
        assert _shown(many[key].accounts) == _shown(alone.accounts)
        assert _code(many[key]) == _code(alone)


def _shown(accounts: t.Sequence[Account]) -> list[str]:
    return sorted(account.id for account in accounts)


def _code(result: LookupResult) -> str | None:
    return None if result.problem is None else result.problem.code
