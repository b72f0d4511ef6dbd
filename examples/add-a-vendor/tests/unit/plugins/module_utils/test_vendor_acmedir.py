# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Acme Directory: a list that must prove its end, and unusual responses."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._model import DEACTIVATED, Key, UserRequest
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Listing
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.acmedir import Acmedir

from .http_script import EMPTY, Answer, Responder, Sent, transport

PARAMS = {"api_url": "https://acme.example.com/v1", "access_token": "the-token"}
PEOPLE = "/v1/people"


def row(number: int, **more: t.Any) -> dict[str, t.Any]:
    return {"id": f"id{number}", "email": f"u{number}@example.com", "status": "enabled", **more}


def page(rows: t.Any, total: t.Any) -> Answer:
    return Answer(200, json={"people": rows, "total": total})


class Directory:
    """A server with a number of people, which states a total and shows only some of them if a test wants it."""

    def __init__(self, people: int, *, total: int | None = None, repeats: bool = False) -> None:
        self.rows = [row(number) for number in range(people)]
        self.total = people if total is None else total
        self.repeats = repeats
        self.wire = Responder(self)

    def __call__(self, sent: Sent) -> Answer:
        if sent.method == "PATCH":
            return EMPTY
        number, size = int(sent.params["page"]), int(sent.params["per_page"])
        start = 0 if self.repeats else (number - 1) * size
        return page(self.rows[start : start + size], self.total)


def vendor(answer: t.Any) -> Acmedir:
    return Acmedir(PARAMS, transport(answer, concurrency=2, retries=0))


def listed(answer: t.Any) -> list[str]:
    listing = Listing()
    vendor(answer).browse(listing)
    return list(listing.accounts)


def close(answer: t.Any, field: str, value: str) -> Report:
    return Converger(vendor(answer)).run([UserRequest(Key(field, value), DEACTIVATED)], check_mode=False)


@given(people=st.integers(1, 450))
def test_the_list_and_the_page_after_it_are_read(people: int) -> None:
    directory = Directory(people)
    assert listed(directory.wire) == [f"id{number}" for number in range(people)]
    assert directory.wire.count("GET") == -(-people // 100) + 1


@pytest.mark.parametrize(
    ("directory", "fault"),
    [
        (Directory(0), "list of users is empty"),
        (Directory(3, total=4), "states 4 users and shows 3"),
        (Directory(100, total=250), "states 250 users and shows 100"),
        (Directory(3, repeats=True), "the list shows the same users whatever start index is requested"),
        (Directory(250, repeats=True), "states 250 users and shows 100"),
    ],
    ids=["empty", "too few", "a page only", "one page for all", "one page of several for all"],
)
def test_a_list_that_proves_nothing_is_no_proof(directory: Directory, fault: str) -> None:
    listing = Listing()
    vendor(directory.wire).browse(listing)
    (gap,) = listing.gaps
    assert fault in gap
    assert "No account was found" not in gap
    (outcome,) = close(directory.wire, "email", "nobody@example.com").outcomes
    assert outcome.problem is not None
    assert (outcome.outcome, outcome.problem.code) == ("failed", "unproven")
    assert fault in outcome.problem.message


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, json=[]),
        Answer(200, json={"people": []}),
        page(None, 0),
        page([row(1)], "many"),
        page([{"email": "u1@example.com"}], 1),
        page(["id1"], 1),
        Answer(200, body=b"<html>"),
    ],
)
def test_what_is_no_list_is_an_error(answer: Answer) -> None:
    with pytest.raises(ApiError):
        listed(Responder(lambda _sent: answer))


def test_a_response_about_another_person_closes_no_account() -> None:
    wire = Responder(lambda sent: Answer(200, json=row(2)) if sent.path != PEOPLE else page([row(2)], 1))
    (outcome,) = close(wire, "user_id", "id1").outcomes
    assert (outcome.outcome, outcome.problem and outcome.problem.code) == ("failed", "bad_answer")
    assert wire.count("PATCH") == 0


@pytest.mark.parametrize("status", [None, "retired", "Suspended", 0])
def test_a_status_that_is_not_known_is_never_reported_as_closed(status: t.Any) -> None:
    wire = Responder(lambda sent: EMPTY if sent.method == "PATCH" else Answer(200, json=row(1, status=status)))
    (outcome,) = close(wire, "user_id", "id1").outcomes
    assert (outcome.before.state, outcome.outcome, outcome.verified) == ("unknown", "failed", False)
