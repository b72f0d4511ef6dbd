# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""SCIM: who is found, who is proven to be missing, and how accounts are closed."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._guards import Guards
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    Key,
    LookupResult,
)

from .mock_scim import Tenant, code, row_id, user

NOBODY = LookupResult()
FIELDS = ("username", "email", "external_id", "user_id")


def key(field: str, number: int) -> Key:
    name = f"u{number:05d}"
    values = {"username": name, "email": f"{name}@example.com", "external_id": f"E{number}", "user_id": row_id(number)}
    return Key(field, values[field])


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("wanted", [1, 3, 4, 30, 130])
def test_everybody_is_found_and_who_is_not_there_is_missing(field: str, wanted: int) -> None:
    tenant = Tenant(user(number) for number in range(250))
    there = [key(field, number) for number in range(wanted)]
    gone = [key(field, 1000 + number) for number in range(wanted)]
    found = tenant.find(*there, *gone)
    assert [[account.id for account in found[each].accounts] for each in there] == [[row_id(n)] for n in range(wanted)]
    assert {found[each] for each in gone} == {NOBODY}


@pytest.mark.parametrize("field", ["username", "email"])
def test_user_names_and_addresses_are_found_in_any_case(field: str) -> None:
    tenant = Tenant([user(0), user(1)], username_case="exact", email_case="exact")
    shouted = Key(field, key(field, 0).value.upper())
    assert [account.id for account in tenant.find(shouted)[shouted].accounts] == [row_id(0)]


@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT])
@pytest.mark.parametrize("count", [1, 3, 40, 41])
def test_accounts_are_closed_after_a_pilot(state: str, count: int) -> None:
    tenant = Tenant(user(number) for number in range(60))
    report = tenant.run([key("username", number) for number in range(count)], state)
    assert {outcome.outcome for outcome in report.outcomes} == {"changed"}
    assert {outcome.verified for outcome in report.outcomes} == {True}
    closed = {number for number in range(60) if tenant.active().get(number) is not True}
    assert closed == set(range(count))
    again = tenant.run([key("username", number) for number in range(count)], state)
    assert {outcome.outcome for outcome in again.outcomes} == {"unchanged"}
    assert again.complete


def test_an_account_is_opened_again() -> None:
    tenant = Tenant([user(0, active=False), user(1)])
    (outcome,) = tenant.run([key("email", 0)], ACTIVE).outcomes
    assert (outcome.outcome, outcome.verified, tenant.active()[0]) == ("changed", True, True)


@pytest.mark.parametrize(
    ("takes", "form"),
    [
        (("path", "pathless", "replace", "boolean"), 1),
        (("pathless", "replace", "boolean"), 2),
        (("path", "Replace", "boolean"), 3),
    ],
)
@pytest.mark.parametrize("refusal", [400, "ignored", 404, 405, 415, 422, 500, 501])
def test_the_form_is_learnt_by_one_account(takes: tuple[str, ...], form: int, refusal: t.Any) -> None:
    tenant = Tenant((user(number) for number in range(9)), patch_takes=takes, patch_other=refusal, missing="html")
    report = tenant.run([key("username", number) for number in range(5)])
    if refusal == 404 and form > 1:
        pass  # a SCIM 404 ends the ladder
    else:
        assert {outcome.outcome for outcome in report.outcomes} == {"changed"}
        assert len(tenant.wire.of("PATCH")) == form + 4


def test_a_product_that_removes_whom_it_closes_loses_one_account_only() -> None:
    tenant = Tenant((user(number) for number in range(9)), active_false="removes")
    report = tenant.run([key("username", number) for number in range(5)])
    first, *others = report.outcomes
    assert (first.outcome, first.after.state, first.manual) == (
        "changed",
        "absent",
        ("idp_is_the_source", "removed_by_closing"),
    )
    assert {(each.outcome, code(each)) for each in others} == {("refused", "closes_by_removing")}
    assert len(tenant.wire.of("PATCH")) == 1
    assert sorted(tenant.active()) == list(range(1, 9))


def test_a_product_that_deactivates_whom_it_deletes_does_so_once() -> None:
    tenant = Tenant((user(number) for number in range(9)), delete="deactivates")
    report = tenant.run([key("username", number) for number in range(5)], ABSENT)
    first, *others = report.outcomes
    assert (first.outcome, code(first), first.after.state) == ("failed", "deactivated_instead", "deactivated")
    assert {(each.outcome, code(each)) for each in others} == {("refused", "deactivated_instead")}
    assert len(tenant.wire.of("DELETE")) == 1


@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT])
@pytest.mark.parametrize("removes", [False, True])
def test_a_lost_answer_to_the_pilot_changes_nothing_of_that(state: str, removes: bool) -> None:
    tenant = Tenant((user(number) for number in range(9)), active_false="removes" if removes else "deactivates")
    tenant.wire.lose = 1
    report = tenant.run([key("username", number) for number in range(3)], state)
    outcomes = [outcome.outcome for outcome in report.outcomes]
    surprised = removes and state == DEACTIVATED
    assert outcomes == (["changed", "refused", "refused"] if surprised else ["changed"] * 3)


def test_check_mode_sends_no_pilot_and_says_what_is_assumed() -> None:
    tenant = Tenant((user(number) for number in range(9)), active_false="removes")
    report = tenant.run([key("username", 1)], check=True)
    assert [outcome.outcome for outcome in report.outcomes] == ["changed"]
    assert "assumed" in " ".join(report.warnings)
    assert not tenant.wire.of("PATCH")


def test_who_may_query_and_not_view_has_no_rights() -> None:
    tenant = Tenant((user(number) for number in range(9)), rights="query_users")
    for field in ("username", "email", "external_id"):
        found = tenant.find(*(key(field, number) for number in (1, 50)))
        assert {each.problem and each.problem.code for each in found.values()} <= {"no_rights", "unproven"}
        assert found[key(field, 1)].problem is not None


def test_an_account_whose_state_is_never_shown_is_left_to_a_person() -> None:
    tenant = Tenant((user(number) for number in range(9)), active="absent")
    report = tenant.run([key("username", number) for number in range(4)])
    assert {(each.outcome, each.verified) for each in report.outcomes} == {("changed", None)}
    assert all("accepted_unseen" in each.manual for each in report.outcomes)
    assert [tenant.active()[number] for number in range(5)] == [False] * 4 + [True]


@pytest.mark.parametrize(
    "switches", [{"active_false": "ignored"}, {"patch_takes": (), "patch_other": 400, "config": 404}]
)
def test_a_product_that_changes_nobody_is_not_sent_every_form_for_each(switches: dict[str, t.Any]) -> None:
    tenant = Tenant((user(number) for number in range(30)), **switches)
    report = tenant.run([key("username", number) for number in range(20)])
    assert {each.outcome for each in report.outcomes} == {"failed"}
    assert len(tenant.wire.of("PATCH")) == 20 + 3 * 2


def test_an_owner_who_cannot_be_closed_does_not_stop_the_others() -> None:
    tenant = Tenant([user(0, owner=True), *(user(number) for number in range(1, 9))], owner=400)
    report = tenant.run([key("username", number) for number in range(6)])
    assert [each.outcome for each in report.outcomes] == ["failed", *["changed"] * 5]


def test_a_guard_rail_that_refuses_the_first_account_makes_the_next_one_the_pilot() -> None:
    tenant = Tenant((user(number) for number in range(9)), active_false="removes")
    report = tenant.run([key("username", number) for number in range(4)], guards=Guards(protected=("u00000",)))
    assert [code(each) for each in report.outcomes] == ["protected", None, "closes_by_removing", "closes_by_removing"]
    assert sorted(tenant.active()) == [0, *range(2, 9)]


def test_put_is_sent_where_a_profile_says_so_and_keeps_what_there_is() -> None:
    tenant = Tenant((user(number, displayName="Jane") for number in range(3)), etag="needed", patch_takes=())
    report = tenant.run([key("username", 0)], profile_options={"shape": "put"})
    assert [each.outcome for each in report.outcomes] == ["changed"]
    row = tenant.mock.store.rows[row_id(0)]
    assert (row["active"], row["displayName"], row["externalId"]) == (False, "Jane", "E0")


def test_a_product_that_hides_closed_users_leaves_a_note() -> None:
    tenant = Tenant((user(number, active=number > 0) for number in range(20)), hides_closed="lists_and_filters")
    found = tenant.find(key("username", 0), profile_options={"hides_closed": True})[key("username", 0)]
    assert (found.accounts, found.problem, found.manual) == ((), None, ("closed_not_listed",))
