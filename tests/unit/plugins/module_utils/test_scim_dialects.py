# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""SCIM in every dialect: no user with access is missing, no cut list is complete, no other user is written."""

from __future__ import annotations

import typing as t

from hypothesis import example, given, note
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    DEACTIVATED,
    MISSING,
    UNCHANGED,
    Key,
    LookupResult,
)

from .mock_scim import Tenant, row_id, user

FORMS = ("path", "pathless", "urn", "replace", "Replace", "add", "boolean", "text")
ATTRIBUTES = ("id", "userName", "externalId", "emails", "emails.value", "active")
CHOICES: dict[str, st.SearchStrategy[t.Any]] = {
    "config": st.sampled_from([404, "wrong", "too_high", "html", "empty", "plural"]),
    "me": st.sampled_from([404, 403, "own"]),
    "missing": st.sampled_from(["html", "empty", "json"]),
    "error_shape": st.sampled_from(["no_detail", "json", "html"]),
    "rights": st.sampled_from(["query_users", "view_users", "no_delete"]),
    "filters": st.lists(st.sampled_from(ATTRIBUTES), unique=True).map(tuple),
    "other_filter": st.sampled_from(["empty", "everybody", 500]),
    "or_filter": st.sampled_from(["empty", "everybody", "first", 400, 403, 500]),
    "filter_nodes": st.sampled_from([3, 20]),
    "filter_chars": st.sampled_from([100, 1000]),
    "username_case": st.just("exact"),
    "email_case": st.just("exact"),
    "eq": st.just("contains"),
    "emails": st.sampled_from(["strings", "object", "absent"]),
    "active": st.sampled_from(["text", "small_text", "absent", "absent_in_lists", "absent_when_open"]),
    "ids": st.just("number"),
    "external_id": st.sampled_from(["externalID", "never"]),
    "list": st.sampled_from(["empty", "synthetic"]),
    "hides_closed": st.sampled_from(["lists", "lists_and_filters", "everywhere"]),
    "resources": st.sampled_from(["resources", "absent_when_empty"]),
    "total": st.sampled_from(["page", "high", "low", "absent", "text"]),
    "paging": st.sampled_from(["cursor", "both", "none", "first"]),
    "max_page": st.sampled_from([1, 3, 20, None]),
    "default_page": st.sampled_from([1, 10]),
    "over_count": st.just(400),
    "page_needs": st.just("both"),
    "beyond_end": st.sampled_from(["first", "last", 400]),
    "page_drift": st.sampled_from(["overlap", "skip", "shuffle"]),
    "short_pages": st.just(True),
    "drop_every": st.sampled_from([2, 3, 7]),
    "start_index_with_cursor": st.sampled_from([400, "ignored"]),
    "cursor_pages": st.sampled_from([1, 2]),
    "patch_takes": st.lists(st.sampled_from(FORMS), unique=True).map(tuple),
    "patch_other": st.sampled_from(["ignored", 403, 404, 405, 415, 422, 500, 501]),
    "patch_text": st.sampled_from(["stored", "false_unless_true"]),
    "patch_answer": st.just(204),
    "same_state": st.sampled_from([400, 409]),
    "active_false": st.sampled_from(["removes", "ignored", 403]),
    "active_true": st.sampled_from(["ignored", 400, 409]),
    "delete": st.sampled_from(["removes", "deactivates", "ignored", 400, 405, 500, 501]),
    "delete_again": st.just(204),
}
LISTS: list[dict[str, t.Any]] = [
    {},
    {"drop_every": 2, "total": "absent"},
    {"drop_every": 3, "total": "page"},
    {"page_drift": "skip", "total": "low", "max_page": 3},
    {"page_drift": "overlap", "max_page": 3},
    {"paging": "first", "max_page": 3},
    {"paging": "none", "max_page": 20},
    {"total": "high"},
    {"list": "synthetic"},
    {"hides_closed": "lists_and_filters"},
]
"""Lists that leave users out; some do not state how many there are, so that only a filter shows it."""
SEARCHES: list[dict[str, t.Any]] = [
    {},
    {"filters": ()},
    {"filters": (), "other_filter": "empty"},
    {"filters": (), "other_filter": "everybody"},
    {"filters": ("userName",)},
    {"or_filter": "empty"},
    {"or_filter": "first"},
]
"""Filters that find no user, every user or some, or are refused."""


def dialects(names: t.Collection[str]) -> st.SearchStrategy[dict[str, t.Any]]:
    chosen = st.lists(st.sampled_from(sorted(names)), unique=True, max_size=4)
    some = chosen.flatmap(lambda some: st.fixed_dictionaries({name: CHOICES[name] for name in some}))
    parts = st.tuples(st.sampled_from(LISTS), st.sampled_from(SEARCHES), some)
    return parts.map(lambda parts: {name: value for part in parts for name, value in part.items()})


def drops_unseen(dialect: t.Mapping[str, t.Any]) -> bool:
    """Whether no list can show that users are left out of it: nothing says how many there are."""
    drops = "drop_every" in dialect or dialect.get("page_drift") in ("skip", "shuffle")
    return drops and dialect.get("total") in ("page", "low", "absent")


def has_only_the_list(dialect: t.Mapping[str, t.Any]) -> bool:
    """Whether the list drops users unseen, and filters are refused or ignored, so that nothing is left to compare."""
    return drops_unseen(dialect) and "filters" in dialect and dialect.get("other_filter") != "empty"


def shows_a_gap(tenant: Tenant, dialect: t.Mapping[str, t.Any], found: t.Mapping[Key, LookupResult]) -> bool:
    """Whether a filter found a user whom the list lacks, which shows that it lacks users."""
    if "page_drift" in dialect:
        return False
    listed = {sight.account.id for sight in tenant.browse(profile_options={"page": 7}).sights if sight.account}
    searched = {account.id for key, came in found.items() if key.field != "user_id" for account in came.accounts}
    return not searched <= listed


def key(field: str, number: int) -> Key:
    name = f"u{number:05d}"
    values = {"username": name, "email": f"{name}@example.com", "external_id": f"E{number}", "user_id": row_id(number)}
    return Key(field, values[field])


KEYS = st.lists(
    st.tuples(st.sampled_from(["username", "email", "external_id", "user_id"]), st.integers(0, 60)),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each[1],
)
MIXED = [*(("username", number) for number in range(10)), *(("external_id", number) for number in range(10, 20))]
"""Keys that a filter finds, and keys that only the list can show."""
SIZES = st.integers(0, 45)
READING = set(CHOICES) - {
    "patch_takes",
    "patch_other",
    "patch_text",
    "patch_answer",
    "same_state",
    "delete",
    "delete_again",
}
READING -= {"active_false", "active_true"}


@example({"drop_every": 2, "total": "absent", "filters": ("userName",)}, 20, MIXED, 0)
@example({"drop_every": 3, "total": "page", "emails": "absent"}, 33, [("email", 0), ("username", 32)], 0)
@given(dialects(READING), SIZES, KEYS, st.sampled_from([0, 5]))
def test_no_active_user_is_missing(
    dialect: dict[str, t.Any], size: int, asked: list[tuple[str, int]], closed: int
) -> None:
    tenant = Tenant((user(number, active=not closed or number % closed != 0) for number in range(size)), **dialect)
    keys = {number: key(field, number) for field, number in asked}
    found = tenant.find(*keys.values(), profile_options={"page": 7})
    alone = has_only_the_list(dialect) and not shows_a_gap(tenant, dialect, found)
    for number, each in keys.items():
        came = found[each]
        note(f"{each}: {came}")
        if came.problem is None and not came.accounts:
            assert alone or tenant.active().get(number) is not True
        numbered = dialect.get("ids") == "number" and each.field != "user_id"
        assert [account.id for account in came.accounts] in ([], [str(number) if numbered else row_id(number)])


@example({"ids": "number", "paging": "cursor", "list": "synthetic"}, 2)
@given(dialects(READING), SIZES)
def test_no_list_is_whole_that_is_cut(dialect: dict[str, t.Any], size: int) -> None:
    tenant = Tenant((user(number) for number in range(size)), **dialect)
    view = tenant.browse()
    if view.complete and not drops_unseen(dialect):
        assert len(view.sights) == size


@example(
    {"drop_every": 2, "total": "absent", "or_filter": "everybody"}, 5, [("username", n) for n in range(4)], ABSENT, 0
)
@example({"drop_every": 2, "total": "absent"}, 2, [("username", n) for n in range(4)], DEACTIVATED, 0)
@given(dialects(set(CHOICES)), SIZES, KEYS, st.sampled_from([DEACTIVATED, ACTIVE, ABSENT]), st.sampled_from([0, 2]))
def test_only_requested_accounts_are_written(
    dialect: dict[str, t.Any], size: int, asked: list[tuple[str, int]], state: str, closed: int
) -> None:
    tenant = Tenant((user(number, active=not closed or number % closed != 0) for number in range(size)), **dialect)
    before = tenant.active()
    keys = {number: key(field, number) for field, number in asked}
    report = tenant.run(list(keys.values()), state)
    after = tenant.active()
    assert {number for number in before if after.get(number) != before[number]} <= set(keys)
    surprises = 0
    alone = has_only_the_list(dialect)
    for number, outcome in zip(keys, report.outcomes, strict=True):
        note(f"{number} {outcome}")
        now = {True: ACTIVE, False: DEACTIVATED, None: ABSENT}.get(after.get(number), "text")
        if outcome.outcome in (CHANGED, UNCHANGED) and (outcome.verified or outcome.outcome == UNCHANGED):
            is_hidden = dialect.get("hides_closed") in ("lists", "lists_and_filters", "everywhere")
            assert outcome.after.state == now or alone or (is_hidden and now == DEACTIVATED)
        if outcome.outcome == MISSING:
            assert now != ACTIVE or alone
        if number in before and before[number] is not None and number not in after and state != ABSENT:
            surprises += 1
        if before.get(number) is not True and state != ACTIVE:
            assert now != ACTIVE
    assert surprises <= 1
