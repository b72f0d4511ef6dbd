# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Lists of thousands as one text: the same comes out as went in, small, and whatever was damaged is an error."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.filter.due import FilterModule as Due
from ansible_collections.saas.offboarding.plugins.filter.failures import FilterModule as Failures
from ansible_collections.saas.offboarding.plugins.filter.hosts import FilterModule as Hosts
from ansible_collections.saas.offboarding.plugins.filter.leavers import FilterModule as Leavers
from ansible_collections.saas.offboarding.plugins.filter.tenant_report import FilterModule as TenantReport
from ansible_collections.saas.offboarding.plugins.filter.unpacked import FilterModule as Unpacked
from ansible_collections.saas.offboarding.plugins.filter.vendor_users import FilterModule as VendorUsers
from ansible_collections.saas.offboarding.plugins.module_utils._packed import MARK, is_packed, pack, unpack

leavers = Leavers().filters()["leavers"]
due = Due().filters()["due"]
failures = Failures().filters()["failures"]
hosts = Hosts().filters()["hosts"]
tenant_report = TenantReport().filters()["tenant_report"]
unpacked = Unpacked().filters()["unpacked"]
vendor_users = VendorUsers().filters()["vendor_users"]

NOW = "2026-11-30T00:00:00Z"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1) | st.dictionaries(st.text(), JSON, min_size=1))
def test_what_was_packed_comes_out_as_it_went_in(value: t.Any) -> None:
    text = pack(value)

    assert is_packed(text)
    assert text.isascii()
    assert unpack(text) == value


@pytest.mark.parametrize("value", [[], {}, None])
def test_nothing_stays_nothing_so_that_its_length_still_tells(value: t.Any) -> None:
    assert pack(value) is value
    assert unpack(value) is value


@pytest.mark.parametrize("value", ["text", "", 7, [1], {"a": MARK}, None])
def test_what_was_not_packed_is_left_as_it_is(value: t.Any) -> None:
    assert unpack(value) is value


@pytest.mark.parametrize("rest", ["", "!", "AAAA", pack([1])[len(MARK) : -5], pack([1])[len(MARK) : -3] + "\u00e9=="])
def test_what_is_damaged_is_an_error(rest: str) -> None:
    with pytest.raises(ValueError, match="a packed text is damaged"):
        unpack(MARK + rest)


def people(count: int) -> list[dict[str, t.Any]]:
    return [{"email": f"user{number:05d}@example.com", "leave_at": None} for number in range(count)]


def result(users: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    closed = {"before": {"state": "active"}, "after": {"state": "deactivated"}, "verified": True, "error": None}
    entries = [{"key": key, "outcome": "changed", "id": str(n), "name": None, **closed} for n, key in enumerate(users)]
    return {"users": entries, "check_mode": False, "plan_hash": "sha256:0"}


def test_the_filters_take_and_give_packed_lists_and_tell_the_same_by_them() -> None:
    plain = leavers(people(30))
    packed = leavers(people(30), packed=True)
    report = {"tenant": "eu", "vendor": "zitadel", "state": "deactivated", "due_at": NOW, "on_missing": "fail"}

    assert unpack(packed) == plain
    assert unpack(due(packed, NOW, packed=True)) == due(plain, NOW)
    users = vendor_users(packed, "zitadel", packed=True)
    assert unpack(users) == vendor_users(plain, "zitadel")
    came = result(vendor_users(plain, "zitadel"))
    packed_report = tenant_report({**came, "users": pack(came["users"])}, packed, **report, packed=True)
    assert is_packed(packed_report)
    assert unpack(packed_report) == tenant_report(came, plain, **report)


def test_what_failed_is_told_from_packed_reports_too() -> None:
    came = {"msg": "ZITADEL: out of reach"}
    report = {"tenant": "eu", "vendor": "zitadel", "state": "deactivated", "due_at": NOW, "on_missing": "fail"}
    plain, packed = (tenant_report(came, leavers(people(3)), **report, packed=each) for each in (False, True))

    assert "eu: 3 of 3 leavers are not as asked" in failures([plain])
    assert failures([packed]) == failures([plain])


def test_a_thousand_leavers_make_a_short_text() -> None:
    assert len(leavers(people(1000), packed=True)) < 40_000


def test_a_damaged_text_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match="a packed text is damaged"):
        due(f"{MARK}nonsense", NOW)


@pytest.mark.parametrize("pattern", ["saas", "saas:!netex", ["zitadel", "netex"]])
def test_a_pattern_of_hosts_is_passed_on(pattern: t.Any) -> None:
    assert hosts(pattern) == pattern


def test_a_packed_text_is_unpacked_by_a_filter_and_a_list_left_as_it_is() -> None:
    assert unpacked(pack(people(3))) == people(3)
    assert unpacked(people(3)) == people(3)


def test_a_damaged_result_is_a_failure_of_all_and_loses_no_report() -> None:
    report = {"tenant": "eu", "vendor": "zitadel", "state": "deactivated", "due_at": NOW, "on_missing": "fail"}
    told = tenant_report({"users": f"{MARK}nonsense"}, leavers(people(3)), **report)
    assert told["error"]["code"] == "task_failed"
    assert [record["outcome"] for record in told["records"]] == ["failed"] * 3


@pytest.mark.parametrize("pattern", ["", "  ", [], None, ["", " "]])
def test_a_pattern_that_names_nobody_is_an_error(pattern: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="is empty"):
        hosts(pattern)
