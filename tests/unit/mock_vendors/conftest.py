# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""One mock for these tests, at its start again before each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

import mock_vendors as mock_package
from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def running_mock() -> Iterator[MockVendors]:
    with mock_package.running() as running:
        yield running


@pytest.fixture
def mock(running_mock: MockVendors) -> MockVendors:
    running_mock.reset()
    return running_mock


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def asker(session: requests.Session, base: str, headers: dict[str, str]) -> Ask:
    def ask(method: str, path: str, **options: Any) -> requests.Response:
        options["headers"] = {**headers, **options.get("headers", {})}
        return session.request(method, base + path, allow_redirects=False, timeout=20, **options)

    return ask


@pytest.fixture
def customergauge(mock: MockVendors, session: requests.Session) -> Ask:
    ready = mock.ready["customergauge"]
    fields = {"grant_type": "client_credentials"} | {n: ready[n] for n in ("client_id", "client_secret")}
    token = session.post(ready["token_url"], data=fields, timeout=20).json()["access_token"]
    return asker(session, ready["api_url"], {"Authorization": f"Bearer {token}", "Accept": "application/json"})


@pytest.fixture
def zitadel(mock: MockVendors, session: requests.Session) -> Ask:
    ready = mock.ready["zitadel"]
    return asker(session, ready["api_url"], {"Authorization": f"Bearer {ready['access_token']}"})


@pytest.fixture
def laurel(mock: MockVendors, session: requests.Session) -> Ask:
    ready = mock.ready["laurel"]
    fields = {n: ready[n] for n in ("client_id", "client_secret", "audience")} | {"grant_type": "client_credentials"}
    token = session.post(ready["token_url"], json=fields, timeout=20).json()["access_token"]
    return asker(session, ready["api_url"], {"Authorization": f"Bearer {token}"})


@pytest.fixture
def netex(mock: MockVendors, session: requests.Session) -> Ask:
    ready = mock.ready["netex"]
    base = ready["api_url"] + "/integration/ws/management/rest"
    return asker(session, base, {"X-Cloud-Auth-Token": ready["auth_token"]})


@pytest.fixture
def scim(mock: MockVendors, session: requests.Session) -> Ask:
    ready = mock.ready["scim"]
    headers = {"Authorization": f"Bearer {ready['access_token']}", "Accept": "application/scim+json"}
    return asker(session, ready["api_url"], headers)


@pytest.fixture
def learn(mock: MockVendors, session: requests.Session) -> Ask:
    ready = mock.ready["learn"]
    session.auth = (ready["tenant_id"], ready["api_secret"])
    return asker(session, ready["api_url"], {})


@pytest.fixture
def event(mock: MockVendors, learn: Ask, session: requests.Session) -> Ask:
    """POST one event to Thrive's webhook host."""

    def send(event_type: str, user: dict[str, Any], number: str = "1") -> requests.Response:
        body = {
            "id": number,
            "timestamp": "2026-01-01T00:00:00.000Z",
            "eventType": event_type,
            "content": {"user": user},
        }
        return session.post(mock.ready["learn"]["webhook_url"], json=body, timeout=20)

    return send
