# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What is sent again and when: the policy as a table, waits on a clock that stands still, one log-in."""

from __future__ import annotations

import email.utils
import itertools
import ssl
import threading
import time
import typing as t

import pytest
import requests
import urllib3

from ansible_collections.saas.offboarding.plugins.module_utils._auth import (
    ClientCredentials,
    StaticHeader,
    TokenCredential,
    bearer,
)
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError, Fatal
from ansible_collections.saas.offboarding.plugins.module_utils._pacing import Limits, Patience, backoff, retry_after
from ansible_collections.saas.offboarding.plugins.module_utils._threads import gather
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Client

from .http_script import Answer, Exchange, FakeClock, Responder, Script, Sent, transport

API = "https://api.example.com"
TOKENS = "https://auth.example.com/token"
OK = Answer(200, json={"fine": True})


def client(adapter: t.Any, clock: FakeClock | None = None, **limits: t.Any) -> Client:
    return Client(transport(adapter, clock, **limits), API, bearer(API, "token-value"))


def get(answer: Answer | Exception) -> Exchange:
    return Exchange("GET", f"{API}/x", answer, headers={"Authorization": "Bearer token-value"})


def post(answer: Answer | Exception) -> Exchange:
    return Exchange("POST", f"{API}/x", answer, json={"a": 1})


def never_connected() -> requests.exceptions.ConnectionError:
    """The exception that requests raises if nothing listens."""
    refused = urllib3.exceptions.NewConnectionError(t.cast(t.Any, None), "refused")
    refused.__cause__ = ConnectionRefusedError(111, "Connection refused")
    pool = urllib3.connectionpool.HTTPSConnectionPool("api.example.com")
    return requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/x", refused))


def reset() -> requests.exceptions.ConnectionError:
    """The fault as requests raises it when the connection broke with the request on its way."""
    return requests.exceptions.ConnectionError(
        urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    )


# -- the policy

READ_AGAIN: list[tuple[t.Any, str]] = [
    (Answer(429), "rate_limited"),
    (Answer(500), "server_error"),
    (Answer(502), "server_error"),
    (Answer(503), "server_error"),
    (Answer(504), "server_error"),
    (never_connected(), "unreachable"),
    (reset(), "connection_lost"),
    (requests.exceptions.ChunkedEncodingError("broken off"), "connection_lost"),
    (requests.exceptions.ReadTimeout("slow"), "timeout"),
    (requests.exceptions.ConnectTimeout("slow"), "timeout"),
    (requests.exceptions.ProxyError("proxy"), "unreachable"),
]
NEVER_AGAIN: list[tuple[t.Any, str]] = [
    (Answer(400), "bad_request"),
    (Answer(401), "unauthorized"),
    (Answer(403), "forbidden"),
    (Answer(404), "not_found"),
    (Answer(405), "method_not_allowed"),
    (Answer(409), "conflict"),
    (Answer(415), "unsupported_media_type"),
    (Answer(418), "bad_request"),
    (Answer(422), "invalid"),
    (Answer(501), "server_error"),
    (Answer(505), "server_error"),
    (requests.exceptions.ContentDecodingError("no gzip"), "bad_answer"),
    (requests.exceptions.InvalidHeader("no"), "bad_request"),
]
WRITE_AGAIN = (429, "rate_limited"), ("never connected", "unreachable")


def kind(fault: t.Any) -> str | None:
    return repr(fault) if isinstance(fault, Answer) else type(fault).__name__ if isinstance(fault, Exception) else None


def name(case: tuple[t.Any, str]) -> str:
    fault, code = case
    return f"{fault.status}" if isinstance(fault, Answer) else f"{type(fault).__name__}-{code}"


@pytest.mark.parametrize("case", READ_AGAIN, ids=name)
def test_a_read_is_sent_again_after(case: tuple[t.Any, str]) -> None:
    script = Script(get(case[0]), get(OK))
    clock = FakeClock()
    reader = client(script, clock)
    assert reader.read("GET", "x").json() == {"fine": True}
    script.finish()
    assert reader.transport.counters.as_result() == {"sent": 2, "retried": 1, "tokens": 0}
    assert len(clock.slept) == reader.transport.counters.waits == 1
    assert 0 < clock.slept[0] <= 0.5


@pytest.mark.parametrize("case", READ_AGAIN, ids=name)
def test_a_failed_read_reports_its_cause_and_that_a_retry_might_succeed(case: tuple[t.Any, str]) -> None:
    script = Script(*[get(case[0])] * 3)
    with pytest.raises(ApiError) as caught:
        client(script, retries=2).read("GET", "x")
    script.finish()
    assert (caught.value.problem.code, caught.value.problem.retryable) == (case[1], True)
    assert not caught.value.doubtful
    assert "api.example.com" in str(caught.value)


@pytest.mark.parametrize("case", NEVER_AGAIN, ids=name)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_what_asking_again_cannot_better_is_sent_once(case: tuple[t.Any, str], kind: str) -> None:
    script = Script(get(case[0]) if kind == "read" else post(case[0]))
    asker = client(script)
    with pytest.raises(ApiError) as caught:
        asker.read("GET", "x") if kind == "read" else asker.write("POST", "x", body={"a": 1})
    script.finish()
    assert (caught.value.problem.code, caught.value.problem.retryable) == (case[1], False)


@pytest.mark.parametrize(
    "fault", [Answer(429), never_connected(), requests.exceptions.ConnectTimeout("slow")], ids=kind
)
def test_a_write_that_certainly_was_not_carried_out_is_sent_again(fault: t.Any) -> None:
    script = Script(post(fault), post(OK))
    writer = client(script)
    assert writer.write("POST", "x", body={"a": 1}).status == 200
    script.finish()


@pytest.mark.parametrize(
    ("fault", "retryable"),
    [
        (Answer(500), False),
        (Answer(502), True),
        (Answer(503), True),
        (Answer(504), True),
        (reset(), True),
        (requests.exceptions.ChunkedEncodingError("broken off"), True),
        (requests.exceptions.ReadTimeout("slow"), True),
        (requests.exceptions.ContentDecodingError("no gzip"), False),
    ],
    ids=kind,
)
def test_a_write_that_may_have_been_carried_out_is_not_sent_again_by_itself(fault: t.Any, retryable: bool) -> None:
    script = Script(post(fault))
    with pytest.raises(ApiError) as caught:
        client(script).write("POST", "x", body={"a": 1})
    script.finish()
    assert caught.value.doubtful
    assert caught.value.problem.retryable is retryable


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429])
def test_a_write_that_was_refused_is_in_no_doubt(status: int) -> None:
    with pytest.raises(ApiError) as caught:
        client(Script(post(Answer(status))), retries=0).write("POST", "x", body={"a": 1})
    assert not caught.value.doubtful


def test_a_certificate_that_is_not_accepted_is_not_tried_again_and_names_ca_path() -> None:
    script = Script(get(requests.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed"))))
    with pytest.raises(ApiError) as caught:
        client(script).read("GET", "x")
    script.finish()
    assert caught.value.problem.code == "tls_error"
    assert "ca_path" in str(caught.value)


def test_retries_count_sendings_after_the_first() -> None:
    script = Script(get(Answer(503)))
    with pytest.raises(ApiError):
        client(script, retries=0).read("GET", "x")
    script.finish()


# -- how long a wait is


@pytest.mark.parametrize("attempt", range(12))
def test_backoff_is_jitter_that_doubles_up_to_a_cap(attempt: int) -> None:
    waits = [backoff(attempt) for _unused in range(300)]
    ceiling = min(30.0, 0.5 * 2**attempt)
    assert min(waits) > 0
    assert max(waits) <= ceiling
    assert min(waits) < ceiling / 2 < max(waits)


def http_date(moment: float) -> str:
    return email.utils.formatdate(moment, usegmt=True)


WALL = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 7 "}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": http_date(WALL + 9)}, 9.0),
        ({"Retry-After": http_date(WALL - 9)}, 0.0),
        # A server whose clock is an hour ahead means seconds from its own now.
        ({"Retry-After": http_date(WALL + 3609), "Date": http_date(WALL + 3600)}, 9.0),
        ({"Retry-After": http_date(WALL - 3591), "Date": http_date(WALL - 3600)}, 9.0),
        ({"Retry-After": http_date(WALL + 9), "Date": "nonsense"}, 9.0),
        ({"Retry-After": "Tuesday, 14-Nov-23 22:13:29 GMT"}, 9.0),  # the two older forms of RFC 9110, 5.6.7
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "5, 7"}, None),
        ({"Retry-After": "\u00b2"}, None),
        ({"Retry-After": "Tue, 14 Nov 99999999999 22:13:29 GMT"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, WALL) == seconds


def test_an_absurd_retry_after_is_a_long_wait_and_no_crash() -> None:
    assert (retry_after({"Retry-After": "9" * 400}, WALL) or 0) > 1e9


@pytest.mark.parametrize("value", ["7", http_date(WALL + 7)])
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_is_as_long_as_retry_after(status: int, value: str) -> None:
    clock = FakeClock(wall=WALL)
    script = Script(get(Answer(status, headers={"Retry-After": value})), get(OK))
    client(script, clock).read("GET", "x")
    script.finish()
    assert 7.0 <= sum(clock.slept) <= 7.2


@pytest.mark.parametrize("value", ["121", "9" * 400, http_date(WALL + 121)])
def test_a_retry_after_beyond_the_budget_ends_it_at_once(value: str) -> None:
    clock = FakeClock(wall=WALL)
    script = Script(get(Answer(429, headers={"Retry-After": value})))
    with pytest.raises(ApiError) as caught:
        client(script, clock, retry_budget=120.0).read("GET", "x")
    script.finish()
    assert clock.slept == []
    assert caught.value.problem.retryable


def test_all_waits_of_a_task_stay_within_the_budget() -> None:
    clock = FakeClock()
    responder = Responder(lambda sent: Answer(503))
    reader = client(responder, clock, retries=100, retry_budget=20.0)
    for _unused in range(5):
        with pytest.raises(ApiError):
            reader.read("GET", "x")
    assert 0 < sum(clock.slept) <= 20.0
    assert reader.transport.counters.waited == pytest.approx(sum(clock.slept))


def test_no_budget_means_no_wait() -> None:
    clock = FakeClock()
    script = Script(get(Answer(503)))
    with pytest.raises(ApiError):
        client(script, clock, retry_budget=0.0).read("GET", "x")
    script.finish()
    assert clock.slept == []


def test_waits_that_overlap_are_charged_once() -> None:
    patience = Patience(Limits(retry_budget=10.0), clock := FakeClock())
    assert all(patience.reserve(6.0, everybody=False) for _unused in range(16))
    assert patience.reserve(9.0, everybody=False)  # three seconds more than those under way
    assert not patience.reserve(11.0, everybody=False)
    clock.pass_by(9.0)
    assert not patience.reserve(2.0, everybody=False)
    assert patience.reserve(1.0, everybody=False)
    clock.pass_by(1.0)
    assert patience.exhausted
    assert not patience.reserve(0.5, everybody=False)


def test_a_wait_that_does_not_fit_is_not_charged() -> None:
    patience = Patience(Limits(retry_budget=10.0), FakeClock())
    assert not patience.reserve(11.0, everybody=True)
    assert patience.reserve(10.0, everybody=False)


def test_a_429_makes_all_threads_wait_and_another_fault_only_its_own() -> None:
    for everybody, pause in ((True, 7.0), (False, 0.0)):
        clock = FakeClock()
        patience = Patience(Limits(retry_budget=60.0), clock)
        assert patience.reserve(7.0, everybody=everybody)
        patience.turn()
        assert sum(clock.slept) == pytest.approx(pause)


def test_a_429_for_one_thread_stops_the_others_from_sending() -> None:
    clock = FakeClock()
    moments: list[float] = []
    lock = threading.Lock()

    def answer(sent: Sent) -> Answer:
        with lock:
            moments.append(clock.now())
            first = len(moments) == 1
        return Answer(429, headers={"Retry-After": "30"}) if first else OK

    reader = client(Responder(answer), clock, concurrency=1)
    reader.read("GET", "x")
    reader.read("GET", "x")
    assert moments[1] >= moments[0] + 30.0


def test_requests_are_spread_to_the_rate_given() -> None:
    clock = FakeClock()
    moments: list[float] = []

    def answer(sent: Sent) -> Answer:
        moments.append(clock.now())
        return OK

    reader = client(Responder(answer), clock, requests_per_second=4.0)
    for _unused in range(9):
        reader.read("GET", "x")
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert gaps == pytest.approx([0.25] * 8)
    assert reader.transport.counters.waits == 0


def test_sixteen_threads_share_one_rate() -> None:
    clock = FakeClock()
    patience = Patience(Limits(requests_per_second=10.0), clock)
    gather(lambda _number: patience.turn(), range(100), 16)
    assert clock.now() - 1000.0 >= 99 / 10.0 - 0.001


def test_a_host_that_has_gone_is_not_asked_for_every_user() -> None:
    responder = Responder(lambda sent: never_connected())
    reader = client(responder, retries=3, retry_budget=2.0, concurrency=4)
    errors = gather(lambda _number: error_of(reader), range(200), 4)
    assert len(responder.log) < 60
    assert {error.problem.code for error in errors} == {"unreachable"}
    assert isinstance(errors[-1], Fatal)


def error_of(reader: Client) -> ApiError:
    with pytest.raises(ApiError) as caught:
        reader.read("GET", "x")
    return caught.value


# -- tokens on the way


def with_token(adapter: t.Any, clock: FakeClock | None = None, **limits: t.Any) -> Client:
    road = transport(adapter, clock, **limits)
    grant = ClientCredentials(TOKENS, "client-1", "the-secret")
    return Client(road, API, TokenCredential(API, grant, road.exchange))


FORM = {"grant_type": "client_credentials", "client_id": "client-1", "client_secret": "the-secret"}


def token(answer: Answer | Exception) -> Exchange:
    return Exchange("POST", TOKENS, answer, form=FORM, headers={"Authorization": None, "Accept": "application/json"})


def authorized(number: int, answer: Answer | Exception) -> Exchange:
    return Exchange("GET", f"{API}/x", answer, headers={"Authorization": f"Bearer token-{number}"})


def issued(number: int) -> Answer:
    return Answer(200, json={"access_token": f"token-{number}", "expires_in": 3600})


def test_a_token_is_fetched_once_and_kept() -> None:
    script = Script(token(issued(1)), authorized(1, OK), authorized(1, OK))
    reader = with_token(script)
    reader.read("GET", "x")
    reader.read("GET", "x")
    script.finish()
    assert reader.transport.counters.as_result() == {"sent": 2, "retried": 0, "tokens": 1}


def test_a_token_that_is_refused_is_renewed_and_the_request_sent_again() -> None:
    script = Script(token(issued(1)), authorized(1, Answer(401)), token(issued(2)), authorized(2, OK))
    reader = with_token(script)
    assert reader.read("GET", "x").status == 200
    script.finish()
    assert reader.transport.counters.as_result() == {"sent": 2, "retried": 1, "tokens": 2}


def test_a_renewed_token_that_is_refused_too_ends_the_task() -> None:
    script = Script(token(issued(1)), authorized(1, Answer(401)), token(issued(2)), authorized(2, Answer(401)))
    with pytest.raises(Fatal) as caught:
        with_token(script).read("GET", "x")
    script.finish()
    assert (caught.value.problem.code, caught.value.problem.status) == ("unauthorized", 401)


def test_a_static_credential_that_is_refused_ends_the_task() -> None:
    script = Script(get(Answer(401, json={"message": "Unauthenticated."}, headers={"X-Request-Id": "req-7"})))
    with pytest.raises(Fatal, match="Unauthenticated") as caught:
        client(script).read("GET", "x")
    script.finish()
    assert caught.value.problem.request_id == "req-7"


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_login_is_reported_and_not_retried(status: int) -> None:
    script = Script(token(Answer(status, json={"error": "invalid_client", "error_description": "no the-secret here"})))
    reader = with_token(script)
    for _unused in range(3):
        with pytest.raises(Fatal) as caught:
            reader.read("GET", "x")
        assert (caught.value.problem.code, caught.value.problem.status) == ("login_failed", status)
        assert "auth.example.com" in str(caught.value)
        assert "invalid_client" in str(caught.value)
        assert "the-secret" not in str(caught.value)
    script.finish()


@pytest.mark.parametrize("fault", [Answer(429), Answer(500), Answer(503), reset(), never_connected()], ids=kind)
def test_a_token_request_is_sent_again_like_a_read(fault: t.Any) -> None:
    script = Script(token(fault), token(issued(1)), authorized(1, OK))
    reader = with_token(script)
    assert reader.read("GET", "x").status == 200
    script.finish()
    assert reader.transport.counters.as_result() == {"sent": 1, "retried": 0, "tokens": 2}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, json={}),
        Answer(200, json=[]),
        Answer(200, json=None),
        Answer(200, json="token-1"),
        Answer(200, json={"access_token": ""}),
        Answer(200, json={"access_token": ["token-1"]}),
        Answer(200, body=b"<html>log in</html>"),
        Answer(200, body=b""),
        Answer(204),
        Answer(302, headers={"Location": "https://sso.example.com/"}),
        Answer(404),
    ],
    ids=repr,
)
def test_an_answer_that_is_no_token_ends_the_task(answer: Answer) -> None:
    script = Script(token(answer))
    with pytest.raises(Fatal) as caught:
        with_token(script).read("GET", "x")
    script.finish()
    assert caught.value.problem.code == "login_failed"


def test_sixteen_threads_whose_token_runs_out_renew_it_once() -> None:
    gate = threading.Barrier(16)
    revoked = {"token-1"}
    handed_out: list[str] = []
    lock = threading.Lock()

    def answer(sent: Sent) -> Answer:
        if sent.url == TOKENS:
            with lock:
                handed_out.append(f"token-{len(handed_out) + 1}")
                return Answer(200, json={"access_token": handed_out[-1], "expires_in": 3600})
        if sent.headers["Authorization"].removeprefix("Bearer ") in revoked:
            gate.wait(5)
            return Answer(401)
        return OK

    reader = with_token(Responder(answer), concurrency=16)
    replies = gather(lambda _number: reader.read("GET", "x").status, range(16), 16)
    assert replies == [200] * 16
    assert handed_out == ["token-1", "token-2"]
    assert reader.transport.counters.as_result() == {"sent": 32, "retried": 16, "tokens": 2}


def test_no_thread_asks_for_a_token_after_the_login_was_refused() -> None:
    responder = Responder(lambda sent: Answer(401, json={"error": "invalid_client"}))
    reader = with_token(responder, concurrency=16)
    errors = gather(lambda _number: error_of(reader), range(64), 16)
    assert all(isinstance(error, Fatal) for error in errors)
    assert [sent.url for sent in responder.log] == [TOKENS]


def test_a_credential_in_another_header_is_put_there() -> None:
    road = transport(script := Script(Exchange("GET", f"{API}/x", OK, headers={"X-Token": "v", "Authorization": None})))
    Client(road, API, StaticHeader(API, "X-Token", "v", "v")).read("GET", "x")
    script.finish()


# -- threads


def test_gather_keeps_the_order_of_the_items() -> None:
    gates = [threading.Event() for _unused in range(4)]

    def last_first(number: int) -> int:
        if number < 3:
            assert gates[number + 1].wait(5)
        gates[number].set()
        return number * 10

    assert gather(last_first, range(4), 4) == [0, 10, 20, 30]


def test_gather_raises_the_first_error_and_begins_nothing_more() -> None:
    begun: list[int] = []

    def fail(number: int) -> int:
        begun.append(number)
        if number:
            # All of them would take many seconds: longer than it can take to hear of the first.
            time.sleep(0.05)
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        gather(fail, range(1000), 2)
    assert len(begun) < 1000


@pytest.mark.parametrize(("items", "concurrency"), [([], 16), ([1], 16), ([1, 2, 3], 1)])
def test_gather_needs_no_threads_for_few_or_one_by_one(items: list[int], concurrency: int) -> None:
    here = threading.get_ident()
    assert gather(lambda item: (item, threading.get_ident()), items, concurrency) == [(item, here) for item in items]
