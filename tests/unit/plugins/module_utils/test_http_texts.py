# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What an error says: enough for a person and for the vendor's support, and no secret."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._auth import (
    ClientCredentials,
    TokenCredential,
    bearer,
    http_basic,
)
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError, describe_body, error_text
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Client

from .http_script import HTML, Answer, Exchange, Script, transport

API = "https://api.example.com"
HASH = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


def client(*answers: Answer | Exception) -> Client:
    script = Script(*[Exchange("GET", f"{API}/x", answer) for answer in answers])
    return Client(transport(script, retries=0), API, bearer(API, "token-value"))


def error(answer: Answer | Exception) -> ApiError:
    with pytest.raises(ApiError) as caught:
        client(answer).read("GET", "x").mapping()
    return caught.value


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ({"message": "Unauthenticated."}, "Unauthenticated."),
        ({"error": "invalid_client", "error_description": "unknown"}, "invalid_client; unknown"),
        ({"error": {"message": "inner", "code": 5}}, "inner"),
        ({"errors": {"email": ["The email field is required."]}}, "email: The email field is required."),
        ({"errors": ["one", {"message": "two"}]}, "one; two"),
        ({"message": ["one", "two"]}, "one; two"),
        ({"message": "same", "error": "same"}, "same"),
        ({"message": None, "detail": "only this"}, "only this"),
        ({"message": 5}, ""),
        ({"user": {"email": "jane@example.com"}}, ""),
        ("text", "text"),
        ([], ""),
        (None, ""),
        (5, ""),
    ],
)
def test_an_error_text_comes_from_message_fields_only(payload: t.Any, text: str) -> None:
    assert error_text(payload) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["message", "error", "errors", "x"]), inner),
    max_leaves=20,
)


@given(JSON)
def test_no_error_body_is_too_odd(payload: t.Any) -> None:
    assert isinstance(error_text(payload), str)


@pytest.mark.parametrize(
    "text",
    [
        "token-value",
        "got Bearer token-value here",
        "Authorization: bearer some.other-token_x",
        "Basic dXNlcjpwYXNzd29yZA==",
        f"user has password {HASH}",
        f'{{"password":"{HASH}"}}',
        "$2b$12$abcdefghijklmnopqrstuv",
        "$6$salt$hashhashhash",
    ],
)
def test_secrets_bearer_texts_and_password_hashes_are_taken_out(text: str) -> None:
    message = str(error(Answer(400, json={"message": text})))
    assert "********" in message
    for part in ("token-value", "other-token", "dXNlcjpw", "N9qo8uLO", "abcdefghijkl", "hashhash"):
        assert part not in message


def test_the_secrets_of_all_clients_of_a_task_are_taken_out_also_fetched_ones() -> None:
    tokens = Answer(200, json={"access_token": "fetched-token", "expires_in": 60})
    refusal = Answer(400, json={"message": "the-secret fetched-token second-secret"})
    script = Script(
        Exchange(
            "POST",
            f"{API}/t",
            tokens,
            form={"grant_type": "client_credentials", "client_id": "i", "client_secret": "the-secret"},
        ),
        Exchange("GET", f"{API}/x", refusal),
    )
    road = transport(script, retries=0)
    grant = ClientCredentials(f"{API}/t", "i", "the-secret")
    asker = Client(road, API, TokenCredential(API, grant, road.exchange))
    Client(road, "https://other.example.com", http_basic("https://other.example.com", "u", "second-secret"))
    with pytest.raises(ApiError) as caught:
        asker.read("GET", "x")
    script.finish()
    assert not {"the-secret", "fetched-token", "second-secret"} & set(str(caught.value).replace(":", " ").split())
    assert {
        "the-secret",
        "fetched-token",
        "second-secret",
        base64.b64encode(b"u:second-secret").decode(),
    } <= road.secrets()


def test_a_longer_secret_is_taken_out_before_one_that_is_part_of_it() -> None:
    road = transport(Script())
    for secret in ("abc", "abc-def-ghi"):
        Client(road, API, bearer(API, secret))
    assert road.scrub("see abc-def-ghi and abc") == "see ******** and ********"


def test_a_vendor_text_cannot_break_lines_or_go_on_for_ever() -> None:
    message = str(error(Answer(400, json={"message": "a\r\nfatal: [host]\x1b[31m\u2028" + "x" * 5000})))
    assert message.isprintable()
    assert len(message) < 400


def test_an_error_body_without_a_text_is_described_and_not_quoted() -> None:
    message = str(error(Answer(400, json={"user": {"email": "jane@example.com", "password": "hunter2"}})))
    assert "400" in message
    assert "application/json" in message
    assert "hunter2" not in message
    assert "jane" not in message


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ({}, b"", "no body"),
        ({"Content-Type": "text/html"}, b"x", "an HTML page"),
        ({}, b"\xef\xbb\xbf \n<!DOCTYPE HTML>", "an HTML page"),
        ({}, b"<html lang=en>", "an HTML page"),
        ({"Content-Type": "application/json; charset=utf-8"}, b"{}", "2 bytes of application/json"),
        ({}, b"xx", "2 bytes of no content type"),
        ({"Content-Type": ";"}, b"xx", "2 bytes of no content type"),
    ],
)
def test_a_body_is_described(headers: dict[str, str], body: bytes, text: str) -> None:
    assert describe_body(headers, body) == text


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, body=b""),
        Answer(204),
        Answer(200, body=b'{"a": '),
        Answer(200, body=b"\xff\xfe{}"),
        Answer(200, body=b"1" * 5000),
        Answer(200, json=[]),
        Answer(200, json=None),
        Answer(200, json="text"),
        Answer(200, json=5),
    ],
    ids=repr,
)
def test_an_answer_that_is_no_object_is_an_error_and_not_quoted(answer: Answer) -> None:
    problem = error(answer).problem
    assert (problem.code, problem.status) == ("bad_answer", answer.status)
    assert "Log in" not in problem.message


@pytest.mark.parametrize("reading", [True, False])
def test_an_answer_to_a_write_that_cannot_be_read_leaves_it_in_doubt(reading: bool) -> None:
    script = Script(Exchange("POST", f"{API}/x", HTML))
    asker = Client(transport(script), API, bearer(API, "token-value"))
    reply = asker.read("POST", "x") if reading else asker.write("POST", "x")
    with pytest.raises(ApiError) as caught:
        reply.json()
    assert caught.value.doubtful is not reading


def test_no_body_is_none_where_a_body_may_be_missing() -> None:
    assert client(Answer(200, body=b" \r\n")).read("GET", "x").optional_json() is None
    assert client(Answer(200, json={"a": 1})).read("GET", "x").optional_json() == {"a": 1}
    with pytest.raises(ApiError):
        client(HTML).read("GET", "x").optional_json()


@pytest.mark.parametrize("payload", [None, {}, {"0": {}}, "x", 5, [None], [1], ["x"], [{}, []]])
def test_rows_are_a_list_of_objects_and_nothing_else(payload: t.Any) -> None:
    reply = client(Answer(200, json=payload)).read("GET", "x")
    with pytest.raises(ApiError, match="list of users"):
        reply.rows(payload)


@pytest.mark.parametrize("header", ["X-Request-Id", "x-correlation-id", "X-Amzn-RequestId", "CF-Ray"])
def test_the_request_id_is_kept_for_the_vendors_support(header: str) -> None:
    assert error(Answer(404, headers={header: "req-42"})).problem.request_id == "req-42"
    assert error(Answer(200, body=b"x", headers={header: "req-42"})).problem.request_id == "req-42"
    assert client(Answer(200, headers={header: "req-42"})).read("GET", "x").request_id == "req-42"
    assert error(Answer(404)).problem.request_id is None
    assert len(error(Answer(404, headers={header: "r" * 5000})).problem.request_id or "") <= 120


def test_the_payload_of_an_error_is_kept_for_the_vendors_file() -> None:
    assert error(Answer(404, json={"id": "COMMAND-1"})).payload == {"id": "COMMAND-1"}
    assert error(Answer(404, body=b"<html>")).payload is None


@pytest.mark.parametrize(
    "fault",
    [
        requests.exceptions.ConnectionError("https://u:hunter2@proxy.example.com failed"),
        requests.exceptions.ProxyError("https://u:hunter2@proxy.example.com failed"),
        requests.exceptions.SSLError("hunter2"),
        requests.exceptions.InvalidURL("https://api.example.com/?key=hunter2"),
        requests.exceptions.ReadTimeout("hunter2"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_the_texts_of_the_libraries_are_not_passed_on(fault: Exception) -> None:
    problem = error(fault).problem
    assert "hunter2" not in json.dumps(problem.as_result())
    assert "api.example.com" in problem.message
