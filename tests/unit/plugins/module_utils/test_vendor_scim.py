# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""SCIM: who is found, who is proven to be missing, and how accounts are closed."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._guards import Guards
from ansible_collections.saas.offboarding.plugins.module_utils._lookup import look_for
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    Key,
    LookupResult,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._progress import Progress
from ansible_collections.saas.offboarding.plugins.module_utils._scim_profiles import PROFILES
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.scim import Scim

from .http_script import Answer, FakeClock, Responder, Sent, transport
from .mock_scim import URL, Tenant, code, row_id, user

NO_ACCOUNT = LookupResult()
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
    assert {found[each] for each in gone} == {NO_ACCOUNT}


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


def test_check_mode_sends_no_pilot_and_marks_assumptions() -> None:
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
def test_a_product_that_ignores_writes_is_not_sent_every_form_for_each_user(switches: dict[str, t.Any]) -> None:
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


def test_put_is_sent_for_profiles_that_require_it_and_keeps_attributes() -> None:
    tenant = Tenant((user(number, displayName="Jane") for number in range(3)), etag="needed", patch_takes=())
    report = tenant.run([key("username", 0)], profile_options={"shape": "put"})
    assert [each.outcome for each in report.outcomes] == ["changed"]
    row = tenant.mock.store.rows[row_id(0)]
    assert (row["active"], row["displayName"], row["externalId"]) == (False, "Jane", "E0")


def test_a_product_that_hides_closed_users_leaves_a_note() -> None:
    tenant = Tenant((user(number, active=number > 0) for number in range(20)), hides_closed="lists_and_filters")
    keys = [key("username", 0), key("username", 1)]
    missing, found = look_for(tenant.vendor(profile_options={"hides_closed": True}), keys, Progress(None, None)).sights
    assert (missing.found, missing.manual) == (False, ("closed_not_listed",))
    assert (found.found, found.manual) == (True, ())


def test_a_filter_that_counts_a_user_whom_it_does_not_show_proves_no_missing_user() -> None:
    hidden = {"totalResults": 1, "Resources": []}
    shown = {"id": "1", "userName": "jane", "active": True}

    def answer(sent: Sent) -> Answer:
        if sent.path.endswith("/Users/1"):
            return Answer(200, json=shown)
        if not sent.path.endswith("/Users"):
            return Answer(404, json={})
        text = sent.params.get("filter", "")
        if "joe" in text:
            return Answer(200, json=hidden)
        rows = [shown] if text or int(sent.params["startIndex"]) == 1 else []
        return Answer(200, json={"totalResults": 1, "Resources": rows})

    wire = transport(Responder(answer), FakeClock(), retries=0)
    found = Scim({"api_url": URL, "access_token": "t"}, wire).find([Key("username", "joe"), Key("username", "jim")])
    codes = [found[Key("username", name)].problem for name in ("joe", "jim")]
    assert [problem and problem.code for problem in codes] == ["no_rights", None]


@pytest.mark.parametrize("closing", [1, 12])
def test_that_closed_users_are_hidden_is_learnt_from_those_that_were_closed(closing: int) -> None:
    tenant = Tenant((user(number, active=number > 0) for number in range(40)), hides_closed="lists_and_filters")
    keys = [key("username", 0), *(key("username", number) for number in range(1, closing + 1))]
    missing, *closed = tenant.run(keys).outcomes
    assert {(each.outcome, each.verified) for each in closed} == {("changed", True)}
    assert (missing.outcome, missing.manual) == ("missing", ("closed_not_listed",))


@pytest.mark.parametrize("switches", [{}, {"hides_closed": "no"}])
def test_a_list_that_shows_closed_users_leaves_no_note(switches: dict[str, t.Any]) -> None:
    tenant = Tenant((user(number) for number in range(40)), **switches)
    outcomes = tenant.run([key("username", number) for number in (1, 2, 3, 4, 5, 99)]).outcomes
    assert (outcomes[-1].outcome, outcomes[-1].manual) == ("missing", ())


def test_a_user_whom_the_list_never_showed_does_not_show_that_closed_ones_are_hidden() -> None:
    tenant = Tenant((user(number) for number in range(40)), drop_every=7, total="page")
    dropped = next(number for number in range(40) if key("username", number) not in listed(tenant))
    outcomes = tenant.run([key("user_id", dropped), *(key("username", number) for number in (1, 99))]).outcomes
    assert all("closed_not_listed" not in each.manual for each in outcomes)


def listed(tenant: Tenant) -> set[Key]:
    return {Key("username", sight.account.name or "") for sight in tenant.browse().sights if sight.account}


@pytest.mark.parametrize("field", ["username", "user_id"])
@pytest.mark.parametrize("options", [{}, {"profile_options": {"deletes": "deletes"}}], ids=["pilot", "known"])
def test_the_only_user_is_deleted_and_seen_to_be_gone(field: str, options: dict[str, t.Any]) -> None:
    tenant = Tenant([user(0)])
    (outcome,) = tenant.run([key(field, 0)], ABSENT, **options).outcomes
    assert (outcome.outcome, outcome.verified, outcome.after.state, code(outcome)) == ("changed", True, "absent", None)


def test_the_only_user_who_is_removed_instead_is_seen_to_be_gone() -> None:
    tenant = Tenant([user(0)], active_false="removes")
    (outcome,) = tenant.run([key("username", 0)]).outcomes
    assert (outcome.outcome, outcome.after.state) == ("changed", "absent")
    assert "removed_by_closing" in outcome.manual


@pytest.mark.parametrize("switches", [{"missing": "html"}, {"list": "empty", "delete": "ignored"}])
def test_what_is_no_proof_of_a_deletion_stays_none(switches: dict[str, t.Any]) -> None:
    tenant = Tenant([user(0)], **switches)
    (outcome,) = tenant.run([key("user_id", 0)], ABSENT).outcomes
    assert outcome.outcome == "failed"


def test_an_only_user_who_was_gone_before_is_not_proven_to_be() -> None:
    tenant = Tenant([])
    assert tenant.find(key("user_id", 0))[key("user_id", 0)].problem is not None


def test_the_product_is_returned_as_it_was_used() -> None:
    tenant = Tenant(user(number) for number in range(9))
    vendor = tenant.vendor(product="Our wiki", profile_options={"list_params": {"key": "s3cret"}, "page": 50})
    Converger(vendor, Guards()).run([UserRequest(key("username", 1), DEACTIVATED)], check_mode=False)
    used = vendor.product_used()
    assert (used["name"], used["profile"]) == ("Our wiki", "generic")
    expected = {
        "closes": "deactivates",
        "shape": "path",
        "deletes": None,
        "list_params": ["key"],
        "hides_closed": False,
    }
    assert {name: used["values"][name] for name in expected} == expected
    assert "s3cret" not in json.dumps(used)
    assert "protected" in " ".join(vendor.notes())


@pytest.mark.parametrize("profile", [*PROFILES, "nonsense"])
def test_messages_name_the_product(profile: str) -> None:
    assert Scim.product_of({"profile": profile}) == ("SCIM" if profile == "generic" else profile)
    assert Scim.product_of({"profile": profile, "product": "Our wiki"}) == "Our wiki"


def test_an_own_account_that_is_known_leaves_no_note() -> None:
    tenant = Tenant((user(number) for number in range(9)), me="own")
    vendor = tenant.vendor()
    report = Converger(vendor, Guards()).run([UserRequest(key("username", 1), DEACTIVATED)], check_mode=True)
    assert (vendor.notes(), report.warnings and "assumed" in report.warnings[0]) == ((), True)


@pytest.mark.parametrize("count", [1, 30])
def test_a_server_that_compares_addresses_with_case_is_asked_for_small_letters_too(count: int) -> None:
    tenant = Tenant((user(number) for number in range(60)), email_case="exact", max_page=10)
    keys = [Key("email", f"U{number:05d}@Example.com") for number in range(count)]
    found = tenant.find(*keys)
    assert [[account.id for account in found[each].accounts] for each in keys] == [[row_id(n)] for n in range(count)]
    assert not tenant.wire.lists


@pytest.mark.parametrize("count", [1, 5])
def test_what_a_configuration_states_of_cursors_ends_no_list(count: int) -> None:
    rows = [{"id": str(number), "userName": f"u{number}", "active": True} for number in range(count)]

    def answer(sent: Sent) -> Answer:
        if sent.path.endswith("/ServiceProviderConfig"):
            return Answer(200, json={"pagination": {"cursor": True, "index": False}})
        if not sent.path.endswith("/Users"):
            return Answer(200, json=rows[int(sent.path.rpartition("/")[2])])
        # Cut without a word: a cursor is neither known nor returned.
        return Answer(400 if "filter" in sent.params else 200, json={"Resources": rows})

    wire = transport(Responder(answer), FakeClock(), retries=0)
    found = Scim({"api_url": URL, "access_token": "t"}, wire).find([Key("username", "joe")])
    problem = found[Key("username", "joe")].problem
    assert problem is not None
    assert "no cursor" in problem.message


@pytest.mark.parametrize("users", [2, 30])
def test_a_list_by_cursors_is_whole_where_it_returns_one(users: int) -> None:
    tenant = Tenant((user(number) for number in range(users)), paging="cursor")
    assert tenant.find(key("username", 99))[key("username", 99)] == NO_ACCOUNT
    assert tenant.browse().complete


@pytest.mark.parametrize("field", FIELDS)
def test_a_refusal_without_a_reason_reads_as_a_sentence(field: str) -> None:
    tenant = Tenant((user(number) for number in range(9)), rights="none", error_shape="no_detail")
    problem = tenant.find(key(field, 1))[key(field, 1)].problem
    assert problem is not None
    assert "answered 403, no reason given; the credential lacks the right to read users" in problem.message


def test_a_list_whose_last_user_cannot_be_read_proves_nothing() -> None:
    def answer(sent: Sent) -> Answer:
        if not sent.path.endswith("/Users") or "filter" in sent.params:
            return Answer(400 if "filter" in sent.params else 404, json={})
        rows = [{"id": "0", "userName": "SNOWFLAKE", "active": True}] if int(sent.params["startIndex"]) == 1 else []
        return Answer(200, json={"totalResults": 1, "Resources": rows})

    wire = transport(Responder(answer), FakeClock(), retries=0)
    vendor = Scim({"api_url": URL, "access_token": "t"}, wire)
    found = vendor.find([Key("username", "joe")])[Key("username", "joe")]
    assert found.problem is not None
    assert "cannot be read by id" in found.problem.message


def test_who_is_not_in_the_list_is_asked_for_by_a_filter_as_well() -> None:
    tenant = Tenant((user(number) for number in range(20)), or_filter=400, drop_every=2, total="absent")
    keys = [key("username", number) for number in range(10)]
    assert [[account.id for account in each.accounts] for each in tenant.find(*keys).values()] == [
        [row_id(number)] for number in range(10)
    ]


@pytest.mark.parametrize(("options", "is_proven"), [({}, False), ({"list": "whole"}, True)], ids=["cut", "documented"])
def test_a_list_without_pages_is_whole_only_where_that_is_documented(
    options: dict[str, t.Any], is_proven: bool
) -> None:
    tenant = Tenant((user(number) for number in range(20)), paging="none", max_page=100)
    found = tenant.find(key("username", 99), profile_options={"paging": "none", **options})[key("username", 99)]
    assert (found == NO_ACCOUNT) is is_proven
