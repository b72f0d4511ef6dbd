# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""SCIM: how many requests it takes, and how much memory."""

from __future__ import annotations

import tracemalloc
import typing as t

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._end_of_list import EndOfList
from ansible_collections.saas.offboarding.plugins.module_utils._model import DEACTIVATED, Key
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.scim import Scim

from .http_script import Answer, FakeClock, Responder, Sent, transport
from .mock_scim import API, Tenant, user

LONG = "a.rather.long.na"
"""With a number of six digits and a short domain, an address of 28 characters."""


def person(number: int) -> dict[str, t.Any]:
    name = f"{LONG}{number:06d}@x.eu"
    return user(number, userName=name, emails=[{"value": name, "type": "work"}])


@pytest.mark.parametrize(("field", "most"), [("username", 30), ("email", 60)])
def test_a_thousand_leavers_take_few_filters(field: str, most: int) -> None:
    tenant = Tenant(person(number) for number in range(1200))
    keys = [Key(field, person(number)["userName"]) for number in range(1000)]
    assert len(keys[0].value) == 27
    found = tenant.find(*keys)
    assert all(len(each.accounts) == 1 for each in found.values())
    assert 0 < len(tenant.wire.filters) <= most
    assert max(map(len, tenant.wire.filters)) <= 2000
    assert not tenant.wire.lists


@pytest.mark.parametrize("users", [250, 5000])
def test_without_or_filters_the_list_or_single_ones_are_read_whichever_are_fewer(users: int) -> None:
    tenant = Tenant((user(number) for number in range(users)), paging="cursor", or_filter=400)
    keys = [Key("username", f"u{number:05d}") for number in range(20)]
    found = tenant.find(*keys, profile="aws")
    assert all(len(each.accounts) == 1 for each in found.values())
    assert len(tenant.wire.log) <= (6 if users == 250 else 21)


@pytest.mark.parametrize("count", [1, 3, 40, 41, 1000])
def test_writes_and_reads_are_bounded(count: int) -> None:
    tenant = Tenant(person(number) for number in range(1100))
    report = tenant.run([Key("username", person(number)["userName"]) for number in range(count)], DEACTIVATED)
    assert {each.outcome for each in report.outcomes} == {"changed"}
    assert len(tenant.wire.of("PATCH")) == count
    reads = len(tenant.wire.of("GET"))
    filters = len(tenant.wire.filters)
    # Each is read back, the pilot once more; besides the configuration and the own account.
    assert reads <= filters + count + 3
    assert filters <= max(3, -(-count // 40) + 1)


def test_missing_users_take_the_list_once_and_a_filter_for_each_form() -> None:
    tenant = Tenant(person(number) for number in range(1000))
    keys = [Key("username", person(number)["userName"]) for number in range(900, 1400)]
    found = tenant.find(*keys)
    assert sum(not each.accounts and each.problem is None for each in found.values()) == 400
    assert len(tenant.wire.lists) <= 12
    assert len(tenant.wire.filters) <= 500 / 40 + 2


def test_memory_does_not_grow_with_the_directory() -> None:
    rows = 100_000

    def answer(sent: Sent) -> Answer:
        if not sent.path.endswith("/Users"):
            return Answer(404, json={})
        if "filter" in sent.params:
            return Answer(400, json={})
        start = int(sent.params["startIndex"])
        page = [
            {"id": f"2819c223-7f76-453a-919d-{n:012d}", "userName": f"u{n}", "active": True, "title": "x" * 200}
            for n in range(start, min(start + 1000, rows + 1))
        ]
        return Answer(200, json={"totalResults": rows, "Resources": page})

    wire = Responder(answer)
    options = {"page": 1000}
    vendor = Scim(
        {"api_url": API, "access_token": "t", "profile_options": options}, transport(wire, FakeClock(), retries=0)
    )
    wanted = Key("username", f"u{rows}")
    tracemalloc.start()
    try:
        found = vendor.find([wanted])
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found[wanted].accounts) == 1
    # The ids alone are kept; whole users of this size would be 100 MB and more.
    assert peak < 60_000_000


def test_the_end_of_a_list_is_what_the_page_after_it_shows() -> None:
    end = EndOfList()
    assert not end.take(["1", "2"], 2, asked=2)
    assert end.fault == "the list was not read to its end"
    assert end.take([], 2, asked=2)
    assert end.fault is None
