# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What schedules of faults have found (tests/chaos), each made small and certain."""

from __future__ import annotations

import typing as t

import pytest
import requests

from ansible_collections.saas.offboarding.plugins.module_utils._auth import bearer
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError, Fatal
from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, Key, UserRequest
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Client
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel

from .http_script import Answer, FakeClock, Responder, Sent, transport

API = "https://api.example.com"
A_DAY = {"Retry-After": "86400"}


def client(responder: Responder, clock: FakeClock | None = None, **limits: t.Any) -> Client:
    return Client(transport(responder, clock, **limits), API, bearer(API, "token-value"))


def error_of(reader: Client, method: str = "GET") -> ApiError:
    with pytest.raises(ApiError) as caught:
        (reader.read if method == "GET" else reader.write)(method, "x")
    return caught.value


def test_a_wait_that_is_too_long_is_asked_for_once_and_not_by_each_user() -> None:
    responder = Responder(lambda sent: Answer(429, headers=A_DAY))
    writer = client(responder)
    errors = [error_of(writer, "PUT") for _unused in range(5)]
    assert len(responder.log) == 1
    assert {(error.problem.code, error.problem.status, error.problem.retryable) for error in errors} == {
        ("rate_limited", 429, True)
    }
    assert not isinstance(errors[0], Fatal)
    assert all(isinstance(error, Fatal) for error in errors[1:])


def test_a_host_that_wants_no_more_writes_may_still_be_read() -> None:
    responder = Responder(lambda sent: Answer(429, headers=A_DAY) if sent.method == "PUT" else Answer(200))
    both = client(responder)
    error_of(both, "PUT")
    assert both.read("GET", "x").status == 200


def test_a_host_is_asked_again_when_the_time_is_over() -> None:
    clock = FakeClock()
    answers = [Answer(429, headers=A_DAY), Answer(200)]
    reader = client(Responder(lambda sent: answers.pop(0)), clock)
    error_of(reader)
    clock.pass_by(86401)
    assert reader.read("GET", "x").status == 200


def test_a_wait_is_kept_by_the_others_also_where_nothing_is_sent_again() -> None:
    clock = FakeClock()
    answers = [Answer(429, headers={"Retry-After": "30"}), Answer(200)]
    reader = client(Responder(lambda sent: answers.pop(0)), clock, retries=0)
    error_of(reader)
    assert reader.read("GET", "x").status == 200
    assert 30 <= sum(clock.slept) < 31


@pytest.mark.parametrize("retries", [0, 1])
def test_a_wait_that_fits_to_the_second_is_kept(retries: int) -> None:
    """What is waited beyond it, so that not all come back at once, does not decide whether it fits."""
    clock = FakeClock()
    answers = [Answer(429, headers={"Retry-After": "4"}), Answer(200), Answer(200)]
    reader = client(Responder(lambda sent: answers.pop(0)), clock, retries=retries, retry_budget=4.0)
    if retries == 0:
        error_of(reader)
    assert reader.read("GET", "x").status == 200
    assert sum(clock.slept) == 4


@pytest.mark.parametrize("later", [Answer(404), Answer(503)], ids=repr)
@pytest.mark.parametrize("fault", [Answer(504), requests.exceptions.ReadTimeout("slow")], ids=repr)
def test_a_deletion_whose_answer_was_lost_is_seen_where_laurel_keeps_the_record(
    fault: Answer | Exception, later: Answer
) -> None:
    kept = {"_id": "u1", "email": "u1@example.com", "status": "active", "lastName": "L", "identities": []}
    deletions: list[Sent] = []

    def answer(sent: Sent) -> Answer | Exception:
        if sent.method == "DELETE":
            deletions.append(sent)
            return fault if len(deletions) == 1 else later
        if sent.path.endswith("/u1"):
            return Answer(200, json=kept)
        return Answer(200, json=[] if deletions else [kept])

    params = {"customer_id": "c1", "access_token": "token-value", "api_url": API, "api_version": "v2"}
    vendor = Laurel(params, transport(Responder(answer)))
    (outcome,) = Converger(vendor).run([UserRequest(Key("user_id", "u1"), ABSENT)], check_mode=False).outcomes
    assert (outcome.outcome, outcome.after.state, outcome.verified) == ("changed", "absent", True)
    assert len(deletions) == 1
