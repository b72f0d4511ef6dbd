# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The mock SCIM server without a network: thousands of requests in a second, for property tests and for counts."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

import requests
import requests.adapters

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._guards import Guards
from ansible_collections.saas.offboarding.plugins.module_utils._lookup import View, browse
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    DEACTIVATED,
    Key,
    LookupResult,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._progress import Progress
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.scim import Scim
from mock_vendors.scim import ACCESS_TOKEN, BASE, ID
from mock_vendors.scim import Scim as MockScim
from mock_vendors.wire import Call

from .http_script import Answer, FakeClock, transport

API = "https://scim.example.com"
URL = API + BASE


def row_id(number: int) -> str:
    """The id of the account that was seeded at this place, from 0."""
    return f"{ID}{number:012d}"


def user(number: int, **more: t.Any) -> dict[str, t.Any]:
    """An account whose keys all differ."""
    name = f"u{number:05d}"
    return {
        "userName": name,
        "externalId": f"E{number}",
        "emails": [{"value": f"{name}@example.com", "type": "work"}],
        **more,
    }


class Wire(requests.adapters.BaseAdapter):
    """The way to the mock, and what went over it. ``lose``: how many answers to writes are still to be lost."""

    def __init__(self, mock: MockScim) -> None:
        super().__init__()
        self.mock = mock
        self.log: list[tuple[str, str, Mapping[str, str]]] = []
        self.lose = 0

    def send(self, request: requests.PreparedRequest, *args: t.Any, **kwargs: t.Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        body = request.body or b""
        data = body.encode() if isinstance(body, str) else body
        query = f"?{parts.query}" if parts.query else ""
        service = "scim_token" if parts.path.endswith("/token") else "scim"
        call = Call(service, request.method or "", parts.path + query, request.headers, data)
        self.log.append((call.method, parts.path.removeprefix(BASE), dict(parse_qsl(parts.query))))
        came = self.mock.respond(call)
        if self.lose and call.method not in ("GET", "POST"):
            self.lose -= 1
            raise requests.exceptions.ConnectionError("broken off")
        return Answer(came.status, body=came.body, headers=came.headers).response(request)

    def close(self) -> None:
        return None

    def of(self, method: str) -> list[str]:
        return [path for sent, path, _query in self.log if sent == method]

    @property
    def filters(self) -> list[str]:
        return [query["filter"] for _method, _path, query in self.log if "filter" in query]

    @property
    def lists(self) -> list[Mapping[str, str]]:
        return [
            query for method, path, query in self.log if (method, path) == ("GET", "/Users") and "filter" not in query
        ]


class Tenant:
    """A SCIM server and what was sent to it. ``switches``: those of the mock vendor."""

    def __init__(self, accounts: Iterable[Mapping[str, t.Any]] = (), **switches: t.Any) -> None:
        self.mock = MockScim()
        self.mock.ready = self.mock.connect({"scim": API, "scim_token": API})
        self.mock.seed(accounts)
        self.mock.set_switches(switches)
        self.wire = Wire(self.mock)

    def vendor(self, **params: t.Any) -> Scim:
        names = ("concurrency", "retries", "retry_budget")
        limits = {"concurrency": 1, "retries": 1} | {name: params.pop(name) for name in names if name in params}
        return Scim(
            {"api_url": URL, "access_token": ACCESS_TOKEN, **params}, transport(self.wire, FakeClock(), **limits)
        )

    def find(self, *keys: Key, **params: t.Any) -> Mapping[Key, LookupResult]:
        return self.vendor(**params).find(keys)

    def browse(self, state: str | None = None, **params: t.Any) -> View:
        return browse(self.vendor(**params), Progress(None, None), state=state)

    def run(
        self,
        keys: Sequence[Key],
        state: str = DEACTIVATED,
        *,
        check: bool = False,
        guards: Guards | None = None,
        **params: t.Any,
    ) -> Report:
        converger = Converger(self.vendor(**params), guards or Guards())
        return converger.run([UserRequest(key, state) for key in keys], check_mode=check)

    def active(self) -> dict[int, t.Any]:
        """What `active` is of each account, by the number it was seeded with."""
        return {int(name.removeprefix(ID)): row["active"] for name, row in self.mock.store.rows.items()}


def code(outcome: Outcome) -> str | None:
    return None if outcome.problem is None else outcome.problem.code
