# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""SCIM 2.0: a list that is held against what it says of itself, and answers that are none."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._model import DEACTIVATED, Key, UserRequest
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Listing
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.scim import Scim

from .http_script import EMPTY, Answer, Responder, Sent, transport

PARAMS = {"api_url": "https://scim.example.com/v2/acme", "access_token": "the-token"}
USERS = "/v2/acme/Users"


def row(number: int, **more: t.Any) -> dict[str, t.Any]:
    return {"id": f"id{number}", "userName": f"u{number}", "active": True, **more}


def page(rows: list[t.Any], total: t.Any) -> Answer:
    return Answer(200, json={"totalResults": total, "Resources": rows})


class Provider:
    """A service provider with so many users on each page, and as many in all as a test says of each page."""

    def __init__(self, users: int, size: int, *totals: int) -> None:
        self.rows = [row(number) for number in range(users)]
        self.size = size
        self.totals = list(totals)
        self.wire = Responder(self)

    def __call__(self, sent: Sent) -> Answer:
        if sent.method == "PATCH":
            return EMPTY
        start = int(sent.params["startIndex"]) - 1
        total = self.totals.pop(0) if self.totals else len(self.rows)
        return page(self.rows[start : start + self.size], total)


def vendor(answer: t.Any) -> Scim:
    return Scim(PARAMS, transport(answer, concurrency=1, retries=0))


def listed(answer: t.Any) -> list[str]:
    listing = Listing()
    vendor(answer).browse(listing)
    return list(listing.accounts)


def close(answer: t.Any, field: str = "username", name: str = "u1") -> Report:
    return Converger(vendor(answer)).run([UserRequest(Key(field, name), DEACTIVATED)], check_mode=False)


@pytest.mark.parametrize("size", [1, 3, 50, 100])
@pytest.mark.parametrize("users", [0, 1, 99, 100, 101])
def test_everybody_is_read_whatever_a_page_holds(users: int, size: int) -> None:
    assert listed(Provider(users, size).wire) == [f"id{number}" for number in range(users)]


@pytest.mark.parametrize(
    ("totals", "fault"), [((4, 4), "after 3 of them"), ((3, 2), "became shorter"), ((300,), "after 3 of them")]
)
def test_a_list_that_contradicts_itself_is_an_error(totals: tuple[int, ...], fault: str) -> None:
    with pytest.raises(ApiError, match=fault):
        listed(Provider(3, 2, *totals, *[totals[-1]] * 200).wire)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, json=[]),
        Answer(200, json={"Resources": []}),
        page([{"userName": "u1"}], 1),
        page(["u1"], 1),
        Answer(200, body=b"<html>"),
    ],
)
def test_what_is_no_list_is_an_error(answer: Answer) -> None:
    with pytest.raises(ApiError):
        listed(Responder(lambda _sent: answer))


def test_an_answer_about_somebody_else_closes_nobody() -> None:
    wire = Responder(lambda sent: Answer(200, json=row(2)) if sent.path != USERS else page([row(2)], 1))
    (outcome,) = close(wire, "user_id", "id1").outcomes
    assert (outcome.outcome, outcome.problem and outcome.problem.code) == ("failed", "bad_answer")
    assert wire.count("PATCH") == 0


@pytest.mark.parametrize("active", [None, "false", 0])
def test_a_user_whose_state_is_not_told_is_closed_and_not_claimed_to_be(active: t.Any) -> None:
    def answer(sent: Sent) -> Answer:
        return EMPTY if sent.method == "PATCH" else page([row(1, active=active)], 1)

    wire = Responder(lambda sent: Answer(200, json=row(1, active=active)) if sent.path != USERS else answer(sent))
    (outcome,) = close(wire).outcomes
    assert (outcome.before.state, outcome.outcome, outcome.verified) == ("unknown", "failed", False)


def test_two_customers_at_one_host_are_two_tenants() -> None:
    assert vendor(Provider(0, 1).wire).tenant == "scim.example.com/v2/acme"
