# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The nouns: which keys are the same, which texts are keys at all, and what a plan's hash depends on."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._address import MAX_KEY_LENGTH
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    DEACTIVATED,
    FAILED,
    MISSING,
    OUTCOMES,
    REFUSED,
    UNCHANGED,
    UNREADABLE,
    Account,
    Change,
    Condition,
    Key,
    Outcome,
    Problem,
    fold,
    normalized,
    plan_hash,
    summary,
)

ON = Condition(ACTIVE, "on")
OFF = Condition(DEACTIVATED, "off")


def change(identifier: str, before: Condition = ON, after: Condition = OFF, name: str | None = None) -> Change:
    return Change(Account(identifier, name, before), after.state, after)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Jane.DOE@Example.COM", "jane.doe@example.com"),
        ("\u212aim@example.com", "\u212aim@example.com"),  # the Kelvin sign, which str.lower() makes a k
        ("\u017fam@example.com", "\u017fam@example.com"),  # the long s, which casefold() makes an s
        ("STRASSE", "strasse"),
        ("stra\u00dfe", "stra\u00dfe"),
        ("\u00c4", "\u00c4"),
        ("\u0130", "\u0130"),
        ("[@]`{}", "[@]`{}"),
    ],
)
def test_fold_touches_ascii_letters_only(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_keeps_length_and_is_done_after_once(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("field", "asked", "value", "matches", "resembles"),
    [
        ("email", "jane@example.com", "Jane@Example.com", True, False),
        ("email", "kim@example.com", "\u212aim@example.com", False, True),
        ("email", "jane@example.com", "\uff4aane@example.com", False, True),
        ("email", "jane@example.com", "jane@example.org", False, False),
        ("username", "jane", "jane", True, False),
        ("username", "jane", "Jane", False, True),
        ("username", "jane", "jane ", False, True),
        ("username", "\u00e9", "e\u0301", False, True),
        ("ref", "A1", "a1", False, True),
        ("user_id", "69", "690", False, False),
        ("user_id", "69", None, False, False),
    ],
)
def test_a_key_matches_exactly_except_for_the_case_of_an_email(
    field: str, asked: str, value: str | None, matches: bool, resembles: bool
) -> None:
    key = Key(field, asked)
    assert (key.matches(value), key.resembles(value)) == (matches, resembles)


def test_the_same_key_is_the_same_email_ignoring_case_and_nothing_else() -> None:
    assert Key("email", "Jane@example.com").token == Key("email", "jane@EXAMPLE.com").token
    assert Key("username", "Jane").token != Key("username", "jane").token
    assert Key("identity", "7", "azure").token != Key("identity", "7", "zoom").token
    assert Key("user_id", "7").token != Key("username", "7").token
    assert Key("email", "kim@example.com").token != Key("email", "\u212aim@example.com").token


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "\u00a0",
        " jane",
        "jane ",
        "ja\nne",
        "ja\r\nne",
        "ja\tne",
        "ja\x00ne",
        "ja\u200bne",  # zero width space
        "ja\u202ene",  # right-to-left override
        "ja\u2028ne",
        "\ud800",
        ".",
        "..",
        "x" * (MAX_KEY_LENGTH + 1),
    ],
)
def test_a_text_that_cannot_name_an_account_is_refused(value: str) -> None:
    assert Key("user_id", value).fault()
    assert Key("email", f"{value}@example.com" if value.strip() and value.strip(".") else value).fault()


@pytest.mark.parametrize("value", ["jane", "jane doe", "a/b", "../x", "%2e%2e", "a?b#c", "\u00e9", "...", "x" * 200])
def test_a_text_that_can_name_an_account_is_taken_however_odd(value: str) -> None:
    assert Key("user_id", value).fault() is None


def test_the_fault_of_a_long_key_does_not_quote_it() -> None:
    assert "9999" not in (Key("user_id", "9" * 500).fault() or "")


def test_a_key_shows_as_it_was_asked() -> None:
    assert Key("email", "Jane@Example.com").as_result() == {"email": "Jane@Example.com"}
    assert Key("identity", "7", "azure").as_result() == {"identity": {"type": "azure", "value": "7"}}
    assert str(Key("identity", "7", "azure")) == "azure:7"


def test_a_condition_shows_attributes_only_where_they_are_meant() -> None:
    assert ON.as_result() == {"state": ACTIVE, "vendor_state": "on"}
    assert replace(ON, attributes={"office": "x"}).as_result()["attributes"] == {"office": "x"}


def test_an_account_never_shows_its_detail() -> None:
    account = Account("1", "jane", ON, native={"password": "hunter2-in-native"})
    assert "hunter2-in-native" not in repr(account)


# -- the plan's hash

CHANGES = [change(str(number)) for number in range(20)]


def test_the_hash_does_not_depend_on_the_order() -> None:
    shuffled = CHANGES[:]
    random.Random(7).shuffle(shuffled)
    assert shuffled != CHANGES
    assert plan_hash("host", shuffled) == plan_hash("host", CHANGES)


@pytest.mark.parametrize(
    ("tenant", "changes"),
    [
        ("other", CHANGES),
        ("host", CHANGES[1:]),
        ("host", []),
        ("host", [*CHANGES, change("20")]),
        ("host", [*CHANGES, CHANGES[0]]),
        ("host", [change("x"), *CHANGES[1:]]),
        ("host", [change("0", before=Condition(ACTIVE, "other word")), *CHANGES[1:]]),
        ("host", [change("0", before=Condition("locked", "on")), *CHANGES[1:]]),
        ("host", [change("0", after=Condition(ABSENT, "off")), *CHANGES[1:]]),
        ("host", [change("0", after=Condition(DEACTIVATED, None)), *CHANGES[1:]]),
        ("host", [change("0", after=replace(OFF, attributes={"office": "x"})), *CHANGES[1:]]),
    ],
)
def test_the_hash_depends_on_tenant_id_before_and_after(tenant: str, changes: list[Change]) -> None:
    assert plan_hash(tenant, changes) != plan_hash("host", CHANGES)


def test_the_hash_does_not_depend_on_names_that_people_may_change() -> None:
    assert plan_hash("host", [change("1", name="jane")]) == plan_hash("host", [change("1", name="jane.doe")])


def test_the_hash_is_one_that_can_be_kept_over_releases() -> None:
    """An approved plan lives in a playbook or a ticket: this value may change only with the design."""
    assert plan_hash("host", [change("1")]) == (
        "sha256:f64593c2d799ad8c53bdc316587cf18e697b4105fa301131ce57d068c6de6976"
    )


@given(st.text(), st.text(), st.text(), st.text())
def test_texts_cannot_be_shifted_between_the_parts_of_a_hash(a: str, b: str, c: str, d: str) -> None:
    one = plan_hash(a, [change(b)])
    other = plan_hash(c, [change(d)])
    assert (one == other) == ((a, b) == (c, d))


# -- outcomes


@pytest.mark.parametrize(
    ("outcome", "before", "after", "altered"),
    [
        (CHANGED, ON, OFF, True),
        (UNCHANGED, OFF, OFF, False),
        (MISSING, UNREADABLE, UNREADABLE, False),
        (REFUSED, ON, ON, False),
        (FAILED, ON, ON, False),
        (FAILED, ON, UNREADABLE, False),
        (FAILED, ON, OFF, True),  # netex: closed on one platform, failed on another
    ],
)
def test_changed_is_true_only_where_the_account_is_another(
    outcome: str, before: Condition, after: Condition, altered: bool
) -> None:
    assert Outcome(Key("email", "a@b"), outcome, before=before, after=after).altered is altered


def test_the_result_of_one_user_has_the_documented_shape() -> None:
    problem = Problem("not_found", "text", 404, "req-1", retryable=True)
    result = Outcome(Key("email", "a@b"), FAILED, "1", "jane", ON, UNREADABLE, None, problem).as_result()
    assert result == {
        "key": {"email": "a@b"},
        "outcome": "failed",
        "id": "1",
        "name": "jane",
        "before": {"state": "active", "vendor_state": "on"},
        "after": {"state": "unknown", "vendor_state": None},
        "verified": None,
        "error": {"code": "not_found", "message": "text", "status": 404, "request_id": "req-1", "retryable": True},
        "proof": dict.fromkeys(("before_at", "written_at", "after_at", "status", "request_id")),
        "manual": [],
    }
    assert Outcome(Key("email", "a@b"), CHANGED).as_result()["error"] is None


@given(st.lists(st.sampled_from(OUTCOMES)))
def test_the_summary_adds_up(outcomes: list[str]) -> None:
    counts = summary(Outcome(Key("email", "a@b"), each) for each in outcomes)
    assert counts.pop("requested") == len(outcomes) == sum(counts.values())
    assert counts == {each: outcomes.count(each) for each in OUTCOMES}


@given(st.text())
def test_an_exact_match_is_never_reported_as_normalized(text: str) -> None:
    for field in ("email", "username"):
        key = Key(field, text)
        assert not (key.matches(text) and key.resembles(text))
        assert key.matches(text)
        assert normalized(text) == normalized(key.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u0390", "\u0390".upper()),
        ("\u1fe7", "\u1fe7".upper()),
        ("jane", " Jane\u00a0"),
        ("ja\u200bne", "jane"),
        ("\ufeffJANE", "jane"),
        ("jos\u00c9", "jose\u0301"),
    ],
)
def test_what_a_person_takes_for_the_same_is_alike(one: str, other: str) -> None:
    assert normalized(one) == normalized(other)
