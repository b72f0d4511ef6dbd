# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""How many requests a lookup takes in small and large tenants, and how much of a tenant is kept in memory."""

from __future__ import annotations

import gc
import json
import typing as t
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils import _paged
from ansible_collections.saas.offboarding.plugins.module_utils._match import Matcher
from ansible_collections.saas.offboarding.plugins.module_utils._model import Account, Key, LookupResult
from ansible_collections.saas.offboarding.plugins.module_utils._paged import PagedVendor
from ansible_collections.saas.offboarding.plugins.module_utils._reply import Body, json_elements
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Tally, Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendors import learn, netex
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex

from . import shelf, test_vendor_laurel, test_vendor_learn, test_vendor_netex
from .http_script import Answer, Responder, Sent, transport

PAGE = 10
"""For these tests; a vendor's own is 500 or 1,000."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, vendor in ((netex, Netex), (learn, Learn)):
        monkeypatch.setattr(module, "PAGE", PAGE)
        monkeypatch.setattr(vendor, "page_size", PAGE)


def netex_of(size: int, concurrency: int = 4, first: int = 0) -> tuple[PagedVendor, Responder]:
    tenant = test_vendor_netex.Tenant(*[test_vendor_netex.row(number) for number in range(size)])
    tenant.first = first
    return test_vendor_netex.vendor(tenant.wire, concurrency=concurrency), tenant.wire


def learn_of(size: int, concurrency: int = 4, **switches: t.Any) -> tuple[PagedVendor, Responder]:
    site = test_vendor_learn.Site(*[test_vendor_learn.user(number) for number in range(size)], **switches)
    return test_vendor_learn.learn(site.wire, concurrency=concurrency), site.wire


def spread(count: int, size: int, spelling: str, field: str) -> list[Key]:
    """So many keys, as far from one another as they can be, the last first."""
    return [Key(field, spelling.format(size - 1 - number * size // count)) for number in range(count)]


def found(vendor: Vendor, keys: Sequence[Key]) -> list[int]:
    lookup_results = vendor.find(keys)
    return [len(lookup_results[key].accounts) for key in keys]


def why(lookup_result: LookupResult) -> str | None:
    """Return why a key is not proven to be missing."""
    if lookup_result.problem is None:
        return None
    assert lookup_result.problem.code == "unproven"
    return lookup_result.problem.message.partition("proven: ")[2].partition(" (")[0]


def sent(vendor: Vendor) -> int:
    return vendor.transport.counters.sent


def strategies(vendor: Vendor) -> list[str]:
    return vendor.transport.counters.strategies


@pytest.mark.parametrize(
    ("count", "size", "most", "strategy"),
    [
        (1, 5, 1, ["single"]),
        (3, 2000, 3, ["single"]),
        (4, 9, 1, ["list"]),
        (8, 8, 1, ["list"]),
        (30, 25, 3, ["list"]),
        (20, 400, 40, ["list", "single"]),
        # 9 pages, one request to learn that there are many more, and who is not found yet.
        (100, 2000, 110, ["list", "single"]),
        # Those who come many a page are left to the list to its end.
        (390, 390, 42, ["list"]),
    ],
)
@pytest.mark.parametrize("field", ["username", "user_id"])
def test_netex_reads_singly_while_that_takes_fewer_requests(
    count: int, size: int, most: int, strategy: list[str], field: str
) -> None:
    vendor, _wire = netex_of(size)
    keys = spread(min(count, size), size, {"username": "u{}", "user_id": "id{}"}[field], field)
    assert found(vendor, keys) == [1] * len(keys)
    assert sent(vendor) <= most
    assert strategies(vendor) == strategy


@pytest.mark.parametrize(
    ("count", "size", "most", "strategy"),
    [
        (1, 5, 1, ["single"]),
        (3, 2000, 3, ["single"]),
        (4, 9, 1, ["list"]),
        (30, 25, 3, ["list"]),
        # The first page has the total.
        (20, 400, 21, ["list", "single"]),
        (20, 150, 15, ["list"]),
        (100, 2000, 101, ["list", "single"]),
    ],
)
@pytest.mark.parametrize("field", ["ref", "user_id"])
def test_thrive_reads_singly_while_that_takes_fewer_requests(
    count: int, size: int, most: int, strategy: list[str], field: str
) -> None:
    vendor, _wire = learn_of(size)
    keys = spread(min(count, size), size, {"ref": "R{}", "user_id": "id{}"}[field], field)
    assert found(vendor, keys) == [1] * len(keys)
    assert sent(vendor) <= most
    assert strategies(vendor) == strategy


@pytest.mark.parametrize("make", [netex_of, learn_of])
def test_an_email_is_looked_for_to_the_end_of_the_list(make: t.Callable[..., tuple[PagedVendor, Responder]]) -> None:
    vendor, _wire = make(200)
    assert found(vendor, [Key("email", "u0@example.com")]) == [1]
    assert vendor.transport.counters.accounts == 200
    assert strategies(vendor) == ["list"]


@pytest.mark.parametrize("make", [netex_of, learn_of])
@pytest.mark.parametrize("size", [0, 1, PAGE - 2, 3 * PAGE - 2, 38])
@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_a_short_list_costs_no_page_too_many(
    make: t.Callable[..., tuple[PagedVendor, Responder]], size: int, concurrency: int
) -> None:
    vendor, wire = make(size, concurrency)
    vendor.find([Key("email", "u0@example.com")])
    pages = [each for each in wire.log if "statuses" not in each.params]
    assert len(pages) == max(1, -(-size // PAGE))


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("size", [*range(47, 52), 59, 60, 61, 99, 100, 101])
def test_everybody_is_seen_once_however_many_pages_are_read_side_by_side(size: int, first: int) -> None:
    vendor, wire = netex_of(size, 8, first)
    keys = [Key("email", f"u{number}@example.com") for number in range(size)]
    assert found(vendor, keys) == [1] * size
    assert vendor.population(in_use=False) == size
    # The second time it is known how many pages there are.
    starts = [int(each.params["startIndex"]) for each in wire.log if "startIndex" in each.params]
    assert len(starts) <= 2 * len(set(starts))


@pytest.mark.parametrize("status", [400, 404, 500])
@pytest.mark.parametrize("begin", [45, 46])
def test_what_is_behind_the_end_may_be_refused(status: int, begin: int) -> None:
    """Users who are found are not affected. If the page after the last one is refused, no user is missing."""
    tenant = test_vendor_netex.Tenant(*[test_vendor_netex.row(number) for number in range(45)])

    def answer(sent: Sent) -> Answer | Exception:
        beyond = int(sent.params.get("startIndex", 0)) >= begin
        return Answer(status) if beyond else tenant(sent)

    vendor = test_vendor_netex.vendor(Responder(answer), concurrency=8, retries=0)
    unknown = Key("email", "no-such-user@example.com")
    lookup_results = vendor.find([Key("email", "u44@example.com"), unknown])
    assert [len(each.accounts) for each in lookup_results.values()] == [1, 0]
    assert why(lookup_results[unknown]) == ("the page after the last one cannot be read" if begin == 45 else None)


def test_a_page_that_is_refused_before_the_end_proves_nothing() -> None:
    tenant = test_vendor_netex.Tenant(*[test_vendor_netex.row(number) for number in range(95)])
    wire = Responder(lambda sent: Answer(500) if sent.params.get("startIndex") == "60" else tenant(sent))
    vendor = test_vendor_netex.vendor(wire, concurrency=8, retries=0)
    with pytest.raises(Exception, match="500"):
        vendor.find([Key("email", "u1@example.com")])


def test_a_list_that_never_ends_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_paged, "MAX_PAGES", 50)

    def answer(sent: Sent) -> Answer:
        start = int(sent.params["startIndex"])
        return Answer(200, json=[test_vendor_netex.row(number) for number in range(start, start + PAGE)])

    keys = [Key("email", "u1@example.com"), Key("email", "no-such-user@example.com")]
    seen, unknown = test_vendor_netex.vendor(Responder(answer)).find(keys).values()
    assert (len(seen.accounts), why(unknown)) == (1, "the list does not end")


@pytest.mark.parametrize("page", [0, 1])
def test_a_list_that_gives_one_page_again_and_again_ends(page: int) -> None:
    def answer(sent: Sent) -> Answer:
        start = min(int(sent.params["startIndex"]), page * PAGE)
        return Answer(200, json=[test_vendor_netex.row(number) for number in range(start, start + PAGE)])

    wire = Responder(answer)
    vendor = test_vendor_netex.vendor(wire)
    seen, unknown = vendor.find([Key("email", "u1@example.com"), Key("email", "no-such-user@example.com")]).values()
    assert (len(seen.accounts), why(unknown)) == (1, "the list repeats a page instead of ending")
    assert len(wire.log) == page + 2


@pytest.mark.parametrize("size", [9, 95, 600])
@pytest.mark.parametrize("count", [1, 4, 30])
@pytest.mark.parametrize("place", [0, -1])
def test_missing_and_normalized_users_are_the_same_by_any_strategy(size: int, count: int, place: int) -> None:
    """A key that no account has, and one that an account has but for its case, among few and many, in any tenant."""
    for make, spelling, field in ((netex_of, "u{}", "username"), (learn_of, "R{}", "ref")):
        for odd, code in ((spelling.format("x"), None), (spelling.format(size - 1).swapcase(), "near_match")):
            vendor, wire = make(size)
            keys = spread(min(count, size), size, spelling, field)
            keys[place] = Key(field, odd)
            lookup_results = vendor.find(keys)
            problem = lookup_results[keys[place]].problem
            assert lookup_results[keys[place]].accounts == ()
            assert (problem and problem.code) == code
            assert all(len(lookup_results[key].accounts) == 1 for key in keys if key.value != odd)
            assert len({each.params.get("page") or each.params.get("startIndex") for each in wire.log}) >= size // PAGE


def test_the_first_who_is_missing_ends_the_single_reads() -> None:
    """The list has to be read for that one anyway, and shows the others too."""
    vendor, wire = netex_of(2000)
    keys = [Key("username", "no-such-user"), *spread(100, 2000, "u{}", "username")]
    assert found(vendor, keys) == [0] + [1] * 100
    singly = [each for each in wire.log if "startIndex" not in each.params]
    assert len(singly) <= 4
    assert strategies(vendor) == ["list", "single"]


@pytest.mark.parametrize("make", [netex_of, learn_of])
def test_who_is_nearly_there_is_not_asked_for_once_the_list_has_shown_it(
    make: t.Callable[..., tuple[PagedVendor, Responder]],
) -> None:
    vendor, wire = make(15)
    spelling, field = ("u{}", "username") if make is netex_of else ("R{}", "ref")
    keys = [*spread(14, 15, spelling, field)[:-1], Key(field, spelling.format(0).swapcase())]
    assert found(vendor, keys) == [1] * 13 + [0]
    assert len(wire.log) == 2


def test_many_who_are_missing_ask_for_the_proof_once() -> None:
    vendor, wire = netex_of(0, 3)
    assert found(vendor, [Key("username", f"no-such-user{number}") for number in range(3)]) == [0] * 3
    assert len([each for each in wire.log if each.params.get("count") == "1"]) == 1


@pytest.mark.parametrize("make", [netex_of, learn_of])
def test_to_verify_the_list_is_read_as_far_as_needed(
    make: t.Callable[..., tuple[PagedVendor, Responder]],
) -> None:
    vendor, _wire = make(95)
    field = "email"
    lookup_results = vendor.find([Key(field, f"u{number}@example.com") for number in range(95)])
    accounts = [account for lookup_result in lookup_results.values() for account in lookup_result.accounts]
    for few, most in ((accounts[:5], 5), (accounts[:15], 10), (accounts[90:], 5), (accounts, 10)):
        before = sent(vendor)
        readings = vendor.reread(few, fresh=False)
        assert [getattr(readings[each.id], "id", None) for each in few] == [each.id for each in few]
        assert sent(vendor) - before <= most


# -- memory


def living(kind: type) -> int:
    return sum(isinstance(each, kind) for each in gc.get_objects())


class Watched(Matcher):
    """A matcher that counts how many accounts live while it is at work."""

    most = 0

    def take(self, rows: t.Any) -> None:
        super().take(rows)
        Watched.most = max(Watched.most, living(Account))


@pytest.mark.parametrize("make", [netex_of, learn_of])
@pytest.mark.parametrize("field", ["email", "user_id"])
def test_no_more_accounts_are_kept_than_were_asked_for(
    make: t.Callable[..., tuple[PagedVendor, Responder]], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansible_collections.saas.offboarding.plugins.module_utils._paged.Matcher", Watched)
    Watched.most, before = 0, living(Account)
    vendor, _wire = make(150)
    keys = spread(5, 150, {"email": "u{}@example.com", "user_id": "id{}"}[field], field)
    lookup_results = vendor.find([*keys, Key("username" if make is netex_of else "ref", "no-such-user")])
    accounts = [account for lookup_result in lookup_results.values() for account in lookup_result.accounts]
    assert len(accounts) == 5
    vendor.reread(accounts * 9, fresh=False)
    # Those that are kept, by the task and by the second look, and the one at hand.
    assert Watched.most - before <= 12


def test_counting_a_tenant_keeps_no_user() -> None:
    tally = Tally(in_use=True)
    before = living(Account)
    vendor, _wire = netex_of(300)
    vendor.browse(tally)
    assert (tally.count, tally.accounts, living(Account) - before) == (300, {}, 0)


def laurel_of(size: int) -> tuple[Laurel, t.Any]:
    customer = test_vendor_laurel.Customer(*[test_vendor_laurel.user(number) for number in range(size)])
    return Laurel(test_vendor_laurel.PARAMS, transport(customer.wire)), customer


def test_of_laurels_list_too_only_those_are_kept_who_were_asked_for() -> None:
    before = living(Account)
    vendor, _customer = laurel_of(500)
    lookup_results = vendor.find([Key("email", f"u{number}@example.com") for number in range(0, 500, 100)])
    assert sum(len(lookup_result.accounts) for lookup_result in lookup_results.values()) == 5
    assert living(Account) - before == 5
    assert len(vendor._listed) == 5


@pytest.mark.parametrize(
    ("keys", "strategy"),
    [
        ([Key("user_id", "id1")], ["single"]),
        ([Key("user_id", "no-such-user")], ["single", "list"]),
        ([Key("user_id", f"id{number}") for number in range(4)], ["list"]),
        ([Key("email", "u1@example.com")], ["search"]),
        ([Key("email", "no-such-user@example.com")], ["search", "list", "lookup"]),
        ([Key("identity", "az1", "azure")], ["lookup"]),
    ],
    ids=str,
)
def test_laurel_reports_its_lookup_strategy(keys: list[Key], strategy: list[str]) -> None:
    vendor, _customer = laurel_of(9)
    vendor.find(keys)
    assert strategies(vendor) == strategy


# -- a list in pieces

VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner, max_size=3)
)
ROWS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=5)


@given(
    ROWS, st.sampled_from(("utf-8", "utf-8-sig", "utf-16")), st.booleans(), st.none() | st.just(2), st.integers(4, 9)
)
def test_a_list_in_pieces_is_the_list(
    rows: list[Mapping[str, t.Any]], encoding: str, ascii_only: bool, indent: int | None, size: int
) -> None:
    data = json.dumps(rows, ensure_ascii=ascii_only, indent=indent).encode(encoding, "surrogatepass")
    pieces = [data[first : first + size] for first in range(0, len(data), size)]
    assert list(json_elements(pieces)) == json.loads(data) == rows


@given(ROWS, st.integers(0, 200))
def test_a_list_that_breaks_off_is_none(rows: list[Mapping[str, t.Any]], length: int) -> None:
    data = json.dumps(rows).encode()[:-1][:length]
    with pytest.raises((ValueError, TypeError)):
        list(json_elements([data]))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"null", b"1", b"[", b"[{}", b"[{},", b"[{},]", b"[,]", b"[{}{}]", b"[{}] x", b"[[}]"]
)
def test_what_is_no_list_is_none(body: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        list(json_elements([body]))


def test_a_long_body_is_compressed_in_memory_and_comes_out_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.saas.offboarding.plugins.module_utils._reply.LONG_BODY", 100)
    body = Body()
    pieces = [bytes([number]) * 60 for number in range(50)]
    for piece in pieces:
        body.append(piece)
    assert (bytes(body), body.size) == (b"".join(pieces), 3000)
    assert sum(map(len, body._compressed)) + sum(map(len, body._plain)) < 1500


def test_a_key_that_is_near_is_not_found_and_not_lost() -> None:
    matcher = Matcher([Key("username", "jane"), Key("username", "joe")])
    account = shelf.account("1")
    matcher.take([(account, {"username": ["Jane"]})])
    assert matcher.unfound() == [Key("username", "jane"), Key("username", "joe")]
    assert matcher.lost() == [Key("username", "joe")]
    assert matcher.lookup_results()[Key("username", "joe")] == LookupResult()
