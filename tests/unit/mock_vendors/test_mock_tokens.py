# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Token endpoints refuse what RFC 6749 says they refuse, and the APIs refuse what is no good token."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import jwt
import pytest
import requests

from mock_vendors.client import MockVendors

ZITADEL_SCOPE = "openid urn:zitadel:iam:org:project:id:zitadel:aud"
Request = dict[str, Any]


def client_form(ready: dict[str, str], **changes: str) -> dict[str, str]:
    fields = {"grant_type": "client_credentials", "client_id": ready["client_id"]}
    return {**fields, "client_secret": ready["client_secret"], **changes}


def zitadel_request(ready: dict[str, str], encode: Callable[[str], str] = quote_plus, **changes: str) -> Request:
    pair = f"{encode(ready['client_id'])}:{encode(ready['client_secret'])}"
    return {
        "data": {"grant_type": "client_credentials", "scope": ZITADEL_SCOPE, **changes},
        "headers": {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
    }


def learn_form(ready: dict[str, str], **changes: str) -> Request:
    fields = {"grant_type": "client_credentials", "client_id": ready["tenant_id"], "client_secret": ready["api_secret"]}
    return {"data": {**fields, **changes}}


def assertion(ready: dict[str, str], kid: str | None = None, **changes: Any) -> str:
    key = json.loads(ready["key_content"])
    now = int(time.time())
    claims = {"iss": key["userId"], "sub": key["userId"], "aud": ready["api_url"], "iat": now, "exp": now + 600}
    return jwt.encode({**claims, **changes}, key["key"], algorithm="RS256", headers={"kid": kid or key["keyId"]})


def jwt_request(ready: dict[str, str], kid: str | None = None, **changes: Any) -> Request:
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return {"data": {"grant_type": grant, "scope": ZITADEL_SCOPE, "assertion": assertion(ready, kid, **changes)}}


CASES: list[tuple[str, Callable[[dict[str, str]], Request], int, str | None]] = [
    ("customergauge", lambda r: {"data": client_form(r)}, 200, None),
    ("customergauge", lambda r: {"data": client_form(r, client_secret="wrong")}, 401, "invalid_client"),
    ("customergauge", lambda r: {"data": client_form(r, client_id="wrong")}, 401, "invalid_client"),
    ("customergauge", lambda r: {"data": client_form(r, grant_type="password")}, 400, "unsupported_grant_type"),
    ("customergauge", lambda r: {"json": client_form(r)}, 400, "invalid_request"),
    ("customergauge", lambda r: {"data": {}}, 400, "invalid_request"),
    ("zitadel", zitadel_request, 200, None),
    ("zitadel", lambda r: zitadel_request(r, encode=str), 401, "invalid_client"),
    ("zitadel", lambda r: {"data": client_form(r, scope=ZITADEL_SCOPE)}, 401, "invalid_client"),
    ("zitadel", lambda r: zitadel_request(r, scope="profile"), 400, "invalid_scope"),
    ("zitadel", lambda r: zitadel_request(r, grant_type="password"), 400, "unsupported_grant_type"),
    ("zitadel", jwt_request, 200, None),
    ("zitadel", lambda r: jwt_request(r, kid="other"), 500, "server_error"),
    ("zitadel", lambda r: jwt_request(r, aud="https://elsewhere.example.com"), 400, "invalid_grant"),
    ("zitadel", lambda r: jwt_request(r, iss="1"), 400, "invalid_grant"),
    ("zitadel", lambda r: jwt_request(r, sub="1"), 400, "invalid_grant"),
    ("zitadel", lambda r: jwt_request(r, exp=1), 400, "invalid_grant"),
    ("zitadel", lambda r: jwt_request(r, iat=int(time.time()) - 4000), 400, "invalid_grant"),
    ("laurel", lambda r: {"json": client_form(r, audience=r["audience"])}, 200, None),
    ("laurel", lambda r: {"data": client_form(r, audience=r["audience"])}, 400, "invalid_request"),
    ("laurel", lambda r: {"json": client_form(r)}, 400, "invalid_request"),
    ("laurel", lambda r: {"json": client_form(r, audience="https://example.com")}, 400, "invalid_target"),
    ("laurel", lambda r: {"json": client_form(r, audience=r["audience"], client_secret="x")}, 401, "invalid_client"),
    ("learn", learn_form, 200, None),
    ("learn", lambda r: learn_form(r, scope="api/read api/write"), 200, None),
    ("learn", lambda r: learn_form(r, scope="api/webhooks"), 400, "invalid_scope"),
    ("learn", lambda r: learn_form(r, client_secret="wrong"), 401, "invalid_client"),
    ("learn", lambda r: {"data": client_form(r)}, 200, None),
    (
        "learn",
        lambda r: {"data": {"grant_type": "client_credentials"}, "auth": (r["tenant_id"], r["api_secret"])},
        200,
        None,
    ),
]


@pytest.mark.parametrize(("vendor", "request_of", "status", "error"), CASES)
def test_token_endpoint(
    mock: MockVendors,
    session: requests.Session,
    vendor: str,
    request_of: Callable[[dict[str, str]], Request],
    status: int,
    error: str | None,
) -> None:
    ready = mock.ready[vendor]
    answer = session.post(ready["token_url"], timeout=20, **request_of(ready))
    assert (answer.status_code, answer.json().get("error")) == (status, error)
    assert [entry["kind"] for entry in mock.log()] == ["token"]
    if error is None:
        assert answer.json()["access_token"] in mock.tokens()[vendor]


@pytest.mark.parametrize(
    ("switch", "value", "expected"),
    [("token_expires_in", "absent", None), ("token_expires_in", "string", "3600"), ("token_ttl", 7, 7)],
)
def test_token_lifetime_as_switched(
    mock: MockVendors, session: requests.Session, switch: str, value: Any, expected: Any
) -> None:
    mock.switch("customergauge", **{switch: value})
    ready = mock.ready["customergauge"]
    answer = session.post(ready["token_url"], data=client_form(ready), timeout=20).json()
    assert answer.get("expires_in") == expected


def learn_status(mock: MockVendors, session: requests.Session, token: str) -> int:
    url = mock.ready["learn"]["api_url"] + "/rest/v1/users"
    return session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=20).status_code


def learn_token(mock: MockVendors, session: requests.Session, url: str = "token_url", **changes: str) -> str:
    ready = mock.ready["learn"]
    token: str = session.post(ready[url], timeout=20, **learn_form(ready, **changes)).json()["access_token"]
    return token


def test_a_token_runs_out(mock: MockVendors, session: requests.Session) -> None:
    mock.switch("learn", token_ttl=0.3)
    token = learn_token(mock, session)
    assert learn_status(mock, session, token) == 200
    time.sleep(0.35)
    assert learn_status(mock, session, token) == 401


def test_a_second_token_ends_the_first_where_switched(mock: MockVendors, session: requests.Session) -> None:
    mock.switch("learn", token_single=True)
    first, second = learn_token(mock, session), learn_token(mock, session)
    assert [learn_status(mock, session, token) for token in (first, second)] == [401, 200]


def test_thrive_scopes_and_hosts(mock: MockVendors, session: requests.Session) -> None:
    mock.seed({"learn": [{"ref": "R1"}]})
    ready = mock.ready["learn"]
    read = {"Authorization": "Bearer " + learn_token(mock, session, scope="api/read")}
    write = {"Authorization": "Bearer " + learn_token(mock, session, scope="api/write")}
    hook = {"Authorization": "Bearer " + learn_token(mock, session, "webhook_token_url", scope="api/webhooks")}
    suspend = ready["api_url"] + "/rest/v2/users/ref/R1/suspend"
    assert session.patch(suspend, json={}, headers=read, timeout=20).status_code == 403
    assert session.patch(suspend, json={}, headers=write, timeout=20).status_code == 200
    assert session.get(ready["api_url"] + "/rest/v1/users", headers=write, timeout=20).status_code == 403
    assert session.get(ready["api_url"] + "/rest/v1/users", headers=hook, timeout=20).status_code == 401
    assert session.post(ready["webhook_url"], json={}, headers=read, timeout=20).status_code == 401
    assert session.post(ready["webhook_url"], json={}, headers=hook, timeout=20).status_code == 400


def test_zitadel_refuses_a_token_without_the_api_audience(mock: MockVendors, session: requests.Session) -> None:
    ready = mock.ready["zitadel"]
    answer = session.post(ready["token_url"], timeout=20, **zitadel_request(ready, scope="openid"))
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    refused = session.get(f"{ready['api_url']}/v2/users/{ready['user_id']}", headers=headers, timeout=20)
    assert refused.status_code == 401
    assert refused.json()["details"][0]["id"] == "AUTH-7fs1e"
