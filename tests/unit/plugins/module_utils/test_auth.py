# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Who we are: each way to log in as its vendor wants it, one token for all threads, and no credential on a stray."""

from __future__ import annotations

import base64
import functools
import json
import threading
import time
import typing as t
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ansible_collections.saas.offboarding.plugins.module_utils import _auth
from ansible_collections.saas.offboarding.plugins.module_utils._auth import (
    AuthMethod,
    ClientCredentials,
    CredentialError,
    JwtProfile,
    TokenCredential,
    TokenRefused,
    TokenRequest,
    basic,
    bearer,
    choose_auth_method,
    http_basic,
    require_header_text,
)
from ansible_collections.saas.offboarding.plugins.module_utils._libraries import MissingLibrary
from ansible_collections.saas.offboarding.plugins.module_utils._url import origin_of

API = "https://api.example.com"
AUTH_METHODS = (
    AuthMethod("client", ("client_id", "client_secret"), ("client_id", "client_secret")),
    AuthMethod("token", ("access_token",), ("access_token",)),
)


# -- which way


@pytest.mark.parametrize(
    ("given", "method"),
    [
        ({"client_id": "i", "client_secret": "s"}, "client"),
        ({"access_token": "t"}, "token"),
        ({"access_token": "t", "client_id": "", "client_secret": None}, "token"),
    ],
)
def test_the_configured_auth_method_is_chosen(given: dict[str, str], method: str) -> None:
    assert choose_auth_method("VENDOR", given, AUTH_METHODS) == method


def test_an_option_precedes_the_environment_of_the_tenant() -> None:
    given = {"client_id": "i", "client_secret": "s", "access_token": "t"}
    client = {**given, "from_environment": ["access_token"]}
    token = {**given, "from_environment": ["client_id", "client_secret"]}
    assert choose_auth_method("VENDOR", client, AUTH_METHODS) == "client"
    assert choose_auth_method("VENDOR", token, AUTH_METHODS) == "token"
    with pytest.raises(CredentialError, match="contradict"):
        choose_auth_method("VENDOR", {**given, "from_environment": list(given)}, AUTH_METHODS)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, ("client_id", "VENDOR_CLIENT_ID", "client_secret", "VENDOR_CLIENT_SECRET", "VENDOR_ACCESS_TOKEN")),
        ({"client_id": "i-value"}, ("client_id is given", "client_secret", "VENDOR_CLIENT_SECRET")),
        ({"client_secret": "s-value"}, ("client_secret is given", "client_id", "VENDOR_CLIENT_ID")),
        (
            {"client_id": "i-value", "client_secret": "s-value", "access_token": "t-value"},
            ("client_id", "access_token", "VENDOR_CLIENT_ID", "VENDOR_ACCESS_TOKEN", "contradict"),
        ),
        (
            {"client_secret": "s-value", "access_token": "t-value"},
            ("client_secret", "access_token", "VENDOR_CLIENT_SECRET", "VENDOR_ACCESS_TOKEN"),
        ),
    ],
)
def test_half_a_credential_and_two_are_errors_that_name_option_and_variable(
    given: dict[str, str], named: tuple[str, ...]
) -> None:
    with pytest.raises(CredentialError) as caught:
        choose_auth_method("VENDOR", given, AUTH_METHODS)
    for text in named:
        assert text in str(caught.value)
    for value in ("s-value", "t-value"):
        assert value not in str(caught.value)


# -- what cannot stand in a header


@pytest.mark.parametrize(
    "value", ["s3c\r\nX-Evil: 1", "s3c\nr3t", "s3cr3t\n", " s3cr3t", "s3cr3t ", "s3c\x00", "s3cö", "s3c\u2028"]
)
def test_a_token_that_cannot_stand_in_a_header_is_refused_and_not_quoted(value: str) -> None:
    with pytest.raises(CredentialError) as caught:
        bearer(API, value, "access_token")
    assert "access_token" in str(caught.value)
    assert "s3c" not in str(caught.value)


def test_a_token_that_can_stand_in_a_header_stays_as_it_is() -> None:
    assert require_header_text("x", "a.b-c_d~e+f/g==") == "a.b-c_d~e+f/g=="


# -- the requests for a token


def test_client_credentials_as_a_form() -> None:
    ask = ClientCredentials("https://t/x", "id", "se&cret", extra={"scope": "a b"}).token_request()
    form = {"grant_type": "client_credentials", "client_id": "id", "client_secret": "se&cret", "scope": "a b"}
    assert ask == TokenRequest("https://t/x", form=form)


def test_client_credentials_as_json() -> None:
    ask = ClientCredentials("https://t/x", "id", "secret", "json", {"audience": "aud"}).token_request()
    body = {"grant_type": "client_credentials", "client_id": "id", "client_secret": "secret", "audience": "aud"}
    assert ask == TokenRequest("https://t/x", json=body)


def test_client_credentials_as_basic_encode_each_part_first() -> None:
    """RFC 6749, 2.3.1: each of the two is form-encoded before they are joined by a colon."""
    ask = ClientCredentials("https://t/x", "i:d", "s:é +%", "basic", {"scope": "openid"}).token_request()
    assert ask.form == {"grant_type": "client_credentials", "scope": "openid"}
    assert ask.json is None
    sent = base64.b64decode(ask.headers["Authorization"].removeprefix("Basic ")).decode()
    assert sent == "i%3Ad:s%3A%C3%A9+%2B%25"


def test_basic_takes_any_text_and_stays_one_line() -> None:
    header = basic("tenant", "sé\r\ncret" * 30)
    assert "\n" not in header
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "tenant:" + "sé\r\ncret" * 30


@pytest.mark.parametrize(
    "grant", [ClientCredentials(API, "id", "the-secret", style) for style in ("form", "json", "basic")]
)
def test_a_grant_knows_its_secret_and_does_not_show_it(grant: ClientCredentials) -> None:
    assert "the-secret" not in repr(grant)
    assert "the-secret" in grant.secrets()
    for value in grant.token_request().headers.values():
        assert value.removeprefix("Basic ") in grant.secrets()


# -- ZITADEL's key


@functools.cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def key_json(**changes: t.Any) -> str:
    content = {"type": "serviceaccount", "keyId": "key-1", "key": pem(rsa_key()), "userId": "user-1"} | changes
    return json.dumps({name: value for name, value in content.items() if value is not None})


def profile(content: str) -> JwtProfile:
    return JwtProfile.from_key(
        content, origin="key_content", token_url=f"{API}/oauth/v2/token", audience=API, scope="openid x"
    )


def test_the_assertion_is_signed_and_has_the_claims_of_zitadel() -> None:
    before = int(time.time())
    ask = profile(key_json()).token_request()
    assert ask.url == f"{API}/oauth/v2/token"
    assert ask.form is not None
    assert ask.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert ask.form["scope"] == "openid x"
    assertion = ask.form["assertion"]
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "kid": "key-1", "typ": "JWT"}
    claims = jwt.decode(assertion, rsa_key().public_key(), algorithms=["RS256"], audience=API, issuer="user-1")
    assert claims["sub"] == "user-1"
    assert before <= claims["iat"] <= time.time()
    assert 0 < claims["exp"] - claims["iat"] <= 3600
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(assertion, other, algorithms=["RS256"], audience=API)


def test_each_token_request_has_a_new_assertion(monkeypatch: pytest.MonkeyPatch) -> None:
    grant = profile(key_json())
    moments = iter((5000, 9000))
    monkeypatch.setattr(time, "time", lambda: next(moments))
    issued = [
        jwt.decode((grant.token_request().form or {})["assertion"], options={"verify_signature": False})["iat"]
        for _unused in range(2)
    ]
    assert issued == [5000, 9000]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "key_content"),
        ("-----BEGIN RSA PRIVATE KEY-----\nSECRETPART", "key_content"),
        ('["SECRETPART"]', "key_content"),
        ('"SECRETPART"', "key_content"),
        ('{"key": "SECRETPART", "keyId": "k"}', "userId"),
        ('{"key": "SECRETPART", "userId": "u"}', "keyId"),
        ('{"keyId": "k", "userId": "u", "other": "SECRETPART"}', "key"),
        ('{"keyId": 5, "userId": "u", "key": "SECRETPART"}', "keyId"),
        ('{"keyId": "k", "userId": "", "key": "SECRETPART"}', "userId"),
        ('{"keyId": "k", "userId": "u", "key": "SECRETPART"}', "private key"),
        ('{"keyId": "k", "userId": "u", "key": "-----BEGIN RSA PRIVATE KEY-----\\nSECRETPART\\n"}', "private key"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_and_not_quoted(content: str, named: str) -> None:
    with pytest.raises(CredentialError) as caught:
        profile(content)
    assert named in str(caught.value)
    assert "SECRETPART" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_key_of_another_kind_is_refused() -> None:
    content = key_json(key=pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(CredentialError, match="RSA"):
        profile(content)


def test_the_private_key_is_a_secret_and_not_shown() -> None:
    grant = profile(key_json())
    assert pem(rsa_key()) in grant.secrets()
    assert "PRIVATE KEY" not in repr(grant)


def test_without_pyjwt_the_key_grant_names_the_library_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_auth, "JWT_IMPORT_ERROR", "Traceback: no jwt")
    with pytest.raises(MissingLibrary) as caught:
        profile(key_json())
    assert (caught.value.name, caught.value.trace) == ("PyJWT[crypto]", "Traceback: no jwt")


# -- where a credential goes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://API.example.com/a", "https://api.example.com:443/b", True),
        ("http://localhost/a", "http://localhost:80", True),
        ("https://api.example.com", "http://api.example.com", False),
        ("https://api.example.com", "https://api.example.com:8443", False),
        ("https://api.example.com", "https://api.example.com.evil.example", False),
        ("https://api.example.com", "https://evil.example/api.example.com", False),
        ("https://api.example.com", "https://api.example.com@evil.example", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert (origin_of(one) == origin_of(other)) is same


@pytest.mark.parametrize("credential", [bearer(API, "token-value"), http_basic(API, "user", "password")])
@pytest.mark.parametrize(
    ("url", "carried"),
    [
        (f"{API}/v2/users", True),
        ("https://API.EXAMPLE.COM:443/v2", True),
        ("http://api.example.com/v2/users", False),
        ("https://api.example.com:8443/", False),
        ("https://other.example.com/", False),
        ("https://api.example.com.evil.example/", False),
    ],
)
def test_a_credential_is_put_on_requests_to_its_own_origin_only(credential: t.Any, url: str, carried: bool) -> None:
    prepared = requests.Request("GET", url, auth=credential).prepare()
    assert ("Authorization" in prepared.headers) is carried


def test_a_static_credential_knows_all_forms_of_its_secret() -> None:
    assert "token-value" in bearer(API, "token-value").secrets()
    assert {"password", base64.b64encode(b"user:password").decode()} <= set(
        http_basic(API, "user", "password").secrets()
    )


def test_a_static_credential_that_is_refused_is_not_tried_again() -> None:
    assert not bearer(API, "token-value").refused("Bearer token-value")


# -- one token for all


class Desk:
    """A token endpoint: counts, and hands out token-1, token-2 and so on."""

    def __init__(self, answer: Callable[[int], Mapping[str, t.Any]] | None = None) -> None:
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.now = 1000.0
        self._lock = threading.Lock()
        self._answer = answer or (lambda number: {"access_token": f"token-{number}", "expires_in": 3600})

    def exchange(self, ask: TokenRequest) -> Mapping[str, t.Any]:
        with self._lock:
            self.asked += 1
            number = self.asked
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(0.01)
        with self._lock:
            self.at_once -= 1
        return self._answer(number)

    def credential(self) -> TokenCredential:
        grant = ClientCredentials(f"{API}/token", "id", "the-secret")
        return TokenCredential(API, grant, self.exchange, clock=lambda: self.now)


@pytest.mark.parametrize(
    ("expires_in", "used_for"),
    [
        (3600, 3540.0),
        (86400, 86340.0),
        (100, 90.0),
        ("3600", 3540.0),
        (43199.0, 43139.0),
        (None, 270.0),
        ("soon", 270.0),
        (0, 270.0),
        (-5, 270.0),
        (float("inf"), 270.0),
        (float("nan"), 270.0),
        ([], 270.0),
    ],
)
def test_a_token_is_used_until_shortly_before_it_runs_out(expires_in: t.Any, used_for: float) -> None:
    desk = Desk(lambda number: {"access_token": f"token-{number}", "expires_in": expires_in})
    credential = desk.credential()
    assert credential.header() == "Bearer token-1"
    desk.now += used_for - 0.1
    assert credential.header() == "Bearer token-1"
    desk.now += 0.2
    assert credential.header() == "Bearer token-2"
    assert desk.asked == 2


def test_the_life_of_a_token_is_counted_from_when_it_was_asked_for() -> None:
    desk = Desk()

    def slow(number: int) -> dict[str, t.Any]:
        desk.now += 50
        return {"access_token": f"token-{number}", "expires_in": 100}

    desk._answer = slow
    credential = desk.credential()
    assert credential.header() == "Bearer token-1"
    desk.now += 41
    assert credential.header() == "Bearer token-2"


def test_sixteen_threads_that_begin_together_ask_for_one_token() -> None:
    desk = Desk()
    credential = desk.credential()
    assert set(in_threads(credential.header)) == {"Bearer token-1"}
    assert desk.asked == 1


def test_a_refused_token_is_renewed_once_by_one_of_sixteen_threads() -> None:
    desk = Desk()
    credential = desk.credential()
    assert credential.header() == "Bearer token-1"
    assert in_threads(lambda: credential.refused("Bearer token-1")) == [True] * 16
    assert (desk.asked, desk.most_at_once) == (2, 1)
    assert credential.header() == "Bearer token-2"


def test_a_renewed_token_that_is_refused_is_not_renewed_again() -> None:
    desk = Desk()
    credential = desk.credential()
    assert credential.header() == "Bearer token-1"
    assert credential.refused("Bearer token-1")
    assert in_threads(lambda: credential.refused("Bearer token-2")) == [False] * 16
    assert desk.asked == 2


def test_a_straggler_with_the_old_token_tries_again_with_the_new_one_and_asks_for_none() -> None:
    desk = Desk()
    credential = desk.credential()
    assert credential.header() == "Bearer token-1"
    assert credential.refused("Bearer token-1")
    assert credential.refused("Bearer token-1")
    assert desk.asked == 2


def test_a_login_that_failed_is_not_asked_for_again_by_anybody() -> None:
    def refuse(number: int) -> t.NoReturn:
        raise ConnectionError(f"refused {number}")

    desk = Desk(refuse)
    credential = desk.credential()

    def attempt() -> str:
        with pytest.raises(ConnectionError) as caught:
            credential.header()
        return str(caught.value)

    assert set(in_threads(attempt)) == {"refused 1"}
    assert desk.asked == 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": ""},
        {"access_token": None},
        {"access_token": 5},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "tök"},
    ],
)
def test_an_answer_without_a_usable_token_is_a_refusal_that_does_not_quote_it(answer: dict[str, t.Any]) -> None:
    desk = Desk(lambda _number: answer)
    with pytest.raises(TokenRefused) as caught:
        desk.credential().header()
    assert "Evil" not in str(caught.value)


def test_all_tokens_that_were_fetched_are_secrets() -> None:
    desk = Desk()
    credential = desk.credential()
    credential.header()
    credential.refused("Bearer token-1")
    assert {"the-secret", "token-1", "token-2"} <= set(credential.secrets())


R = t.TypeVar("R")


def in_threads(function: Callable[[], R], threads: int = 16) -> list[R]:
    """Call a function from threads that begin at the same moment."""
    gate = threading.Barrier(threads)

    def call(_number: int) -> R:
        gate.wait()
        return function()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(call, range(threads)))
