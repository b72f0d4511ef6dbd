# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""No answer to a write proves a state; the reading does: every vendor that can be read, every state, every answer."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    DEACTIVATED,
    FAILED,
    LOCKED,
    MISSING,
    UNCHANGED,
    Key,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._zitadel_words import ALREADY, NO_SUCH_USER

from . import test_vendor_laurel, test_vendor_learn, test_vendor_netex, test_vendor_zitadel
from .http_script import Answer, Responder, Sent

Native = dict[str, t.Any]


@dataclass(frozen=True)
class Subject:
    """A vendor under test. ``answers``: what it may say to a write that does nothing."""

    vendor: Callable[..., Vendor]
    world: Callable[..., t.Any]
    row: Callable[[int, str], Native]
    state: Callable[[Native], str]
    set_state: Callable[[Native, str], None]
    states: tuple[str, ...]
    fields: tuple[str, ...]
    answers: Mapping[str, Answer]
    names_one: Callable[[str], bool]
    """Whether a path is that of one account."""

    def rows(self, world: t.Any) -> dict[str, Native]:
        return t.cast("dict[str, Native]", world.rows if hasattr(world, "rows") else world.users)


PLAIN = {"404": Answer(404), "409": Answer(409), "400": Answer(400), "200": Answer(200, json={})}


def _set(field: str, words: t.Any) -> Callable[[Native, str], None]:
    def change(row: Native, state: str) -> None:
        row[field] = words[state]

    return change


def _netex() -> Subject:
    words = {ACTIVE: True, DEACTIVATED: False}
    return Subject(
        test_vendor_netex.vendor,
        test_vendor_netex.Tenant,
        lambda number, state: test_vendor_netex.row(number, words[state]),
        lambda row: ACTIVE if row["enabled"] else DEACTIVATED,
        _set("enabled", words),
        (ACTIVE, DEACTIVATED, ABSENT),
        ("user_id", "username", "email"),
        {
            **PLAIN,
            "200": Answer(200, json=test_vendor_netex.envelope(204)),
            "404 within": Answer(200, json=test_vendor_netex.envelope(404, management=404)),
            "409 within": Answer(200, json=test_vendor_netex.envelope(409)),
        },
        lambda path: path != test_vendor_netex.ROOT,
    )


def _learn() -> Subject:
    words = {ACTIVE: "active", DEACTIVATED: "inactive"}
    return Subject(
        test_vendor_learn.learn,
        test_vendor_learn.Site,
        lambda number, state: test_vendor_learn.user(number, words[state]),
        lambda row: ABSENT if row["deleted"] else {"active": ACTIVE, "inactive": DEACTIVATED}[row["status"]],
        _set("status", words),
        (ACTIVE, DEACTIVATED, ABSENT),
        ("user_id", "ref", "email"),
        {**PLAIN, "422": Answer(422)},
        lambda path: path != test_vendor_learn.LIST,
    )


def _laurel() -> Subject:
    words = {ACTIVE: "active", DEACTIVATED: "firmDisabled"}
    return Subject(
        test_vendor_laurel.laurel,
        test_vendor_laurel.Customer,
        lambda number, state: test_vendor_laurel.user(number, words[state]),
        lambda row: ACTIVE if row["status"] == "active" else DEACTIVATED,
        _set("status", words),
        (ACTIVE, DEACTIVATED, ABSENT),
        ("user_id", "email"),
        PLAIN,
        lambda path: "/users/id" in path,
    )


def _zitadel() -> Subject:
    words = {state: f"USER_STATE_{word}" for state, word in test_vendor_zitadel.WORD.items()}
    states = {word: state for state, word in words.items()}
    ids = sorted(NO_SUCH_USER)[0], sorted(ALREADY)
    return Subject(
        test_vendor_zitadel.zitadel,
        test_vendor_zitadel.Instance,
        lambda number, state: test_vendor_zitadel.user(f"id{number}", words[state].removeprefix("USER_STATE_")),
        lambda row: states[row["state"]],
        _set("state", words),
        (ACTIVE, DEACTIVATED, LOCKED, ABSENT),
        ("user_id", "username", "email"),
        {
            **PLAIN,
            "no such user": test_vendor_zitadel.refused(404, ids[0]),
            **{f"already {name}": test_vendor_zitadel.refused(400, name) for name in ids[1]},
        },
        lambda path: path.startswith("/v2/users/"),
    )


SUBJECTS = {"laurel": _laurel(), "learn": _learn(), "netex": _netex(), "zitadel": _zitadel()}
MEANWHILE = ("nothing", "carried out", "vanished")
"""What happened to the account by the time of the response, by any actor."""


def check_answer(
    subject: Subject, number_of_users: int, field: str, asked: str, answer: str, meanwhile: str, reads_lie: bool
) -> None:
    """Run over users, of whom every second meets the answer, and compare the results with the accounts."""
    was = DEACTIVATED if asked == ACTIVE else ACTIVE
    rows = [subject.row(number, was) for number in range(number_of_users)]
    world = subject.world(*rows)
    names = [next(iter(subject.rows(world)))] if number_of_users == 1 else list(subject.rows(world))[::2]
    hidden: set[str] = set()

    refs = {str(row.get("ref")): identifier for identifier, row in subject.rows(world).items()}

    def about(sent: Sent) -> str | None:
        """Return the account that a request names, if it is one of those that meet the answer."""
        parts = sent.path.split("/")
        if sent.path == "/webhooks":
            parts.append(sent.body["content"]["user"]["ref"])
        return next((name for part in parts if (name := refs.get(part, part)) in names), None)

    def respond(sent: Sent) -> Answer | Exception:
        name = about(sent)
        if name and sent.method != "GET":
            if meanwhile == "vanished" or (meanwhile == "carried out" and asked == ABSENT):
                subject.rows(world).pop(name, None)
            elif meanwhile == "carried out":
                subject.set_state(subject.rows(world)[name], asked)
            if reads_lie:
                hidden.add(name)
            return subject.answers[answer]
        if name in hidden:
            return Answer(404)
        return t.cast("Answer | Exception", world(sent))

    keys = {
        identifier: Key(
            field, str(row.get(field) or (identifier if field == "user_id" else f"{identifier}@example.com"))
        )
        for identifier, row in subject.rows(world).items()
    }
    vendor = subject.vendor(Responder(respond), {"webhook_url": None} if subject is SUBJECTS["learn"] else None)
    report = Converger(vendor).run([UserRequest(key, asked) for key in keys.values()], check_mode=False)

    for identifier, outcome in zip(keys, report.outcomes, strict=True):
        row = subject.rows(world).get(identifier)
        is_now = ABSENT if row is None else subject.state(row)
        story = f"{outcome}\nin truth {was} -> {is_now}"
        if outcome.outcome in (CHANGED, UNCHANGED):
            assert is_now == asked, story
            assert outcome.verified, story
        elif outcome.outcome == MISSING:
            assert is_now == ABSENT, story
        else:
            assert outcome.outcome == FAILED, story
            assert outcome.problem is not None, story
        if identifier not in names:
            assert (outcome.outcome, is_now) == (CHANGED, asked), story


@pytest.mark.parametrize("name", SUBJECTS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_answer_proves_a_state(name: str, data: st.DataObject) -> None:
    subject = SUBJECTS[name]
    answer = data.draw(st.sampled_from(sorted(subject.answers)), "answer")
    check_answer(
        subject,
        data.draw(st.sampled_from([1, 2, 5, 9]), "users"),
        data.draw(st.sampled_from(subject.fields), "field"),
        data.draw(st.sampled_from(subject.states), "asked"),
        answer,
        data.draw(st.sampled_from(MEANWHILE), "meanwhile"),
        # A route that answers 404 for an address, whatever the method. ZITADEL's own 404 has an error id.
        answer == "404" and name != "zitadel" and data.draw(st.booleans(), "reads lie"),
    )


@pytest.mark.parametrize("name", ["learn", "netex"])
@pytest.mark.parametrize("asked", [DEACTIVATED, ABSENT])
@pytest.mark.parametrize("reads_lie", [False, True])
@pytest.mark.parametrize("field", ["user_id", "email"])
def test_a_404_to_a_write_for_an_account_that_is_still_active_fails(
    name: str, asked: str, reads_lie: bool, field: str
) -> None:
    subject = SUBJECTS[name]
    world = subject.world(subject.row(1, ACTIVE), subject.row(2, ACTIVE))
    wrote: list[str] = []

    def respond(sent: Sent) -> Answer | Exception:
        if subject.names_one(sent.path) and (sent.method != "GET" or (reads_lie and wrote)):
            wrote.append(sent.method)
            return Answer(404)
        return t.cast("Answer | Exception", world(sent))

    key = Key(field, "id1" if field == "user_id" else "u1@example.com")
    (outcome,) = Converger(subject.vendor(Responder(respond))).run([UserRequest(key, asked)], check_mode=False).outcomes
    assert outcome.outcome == FAILED
    assert outcome.problem is not None
    assert outcome.problem.code == "not_applied"
    assert "answered that the account does not exist (status 404)" in outcome.problem.message
    assert "still reads as active" in outcome.problem.message
