# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The mock ZITADEL without a network: thousands of requests in a second, for property tests and for counts."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode, urlsplit

from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel
from mock_vendors.wire import Call
from mock_vendors.zitadel import PAT
from mock_vendors.zitadel import Zitadel as MockZitadel

from .http_script import Answer, FakeClock, Responder, Sent, transport

API = "https://acme.example.com"


class Tenant:
    """An instance and what was sent to it. ``switches``: those of the mock vendor."""

    def __init__(self, accounts: Iterable[Mapping[str, t.Any]] = (), **switches: t.Any) -> None:
        self.mock = MockZitadel()
        self.mock.ready = self.mock.connect({"zitadel": API})
        self.mock.seed(accounts)
        self.mock.set_switches(switches)
        self.wire = Responder(self._answer)

    def _answer(self, sent: Sent) -> Answer | Exception:
        form = sent.headers.get("Content-Type") == "application/x-www-form-urlencoded"
        body = urlencode(sent.body) if form else json.dumps(sent.body) if sent.body else "{}"
        target = urlsplit(sent.url)
        call = Call("zitadel", sent.method, target.path, sent.headers, body.encode())
        came = self.mock.respond(call)
        return Answer(came.status, body=came.body, headers=came.headers)

    def vendor(self, **params: t.Any) -> Zitadel:
        limits = {"concurrency": params.pop("concurrency", 1), "retry_budget": params.pop("retry_budget", 100_000.0)}
        return Zitadel({"api_url": API, "access_token": PAT, **params}, transport(self.wire, FakeClock(), **limits))

    def state(self, user_id: str) -> str | None:
        """Return what the account reads as, in ZITADEL's word; None if there is none."""
        return self.mock.word(self.mock.store.rows.get(user_id))

    @property
    def writes(self) -> list[str]:
        """The requests that write, by the last part of the path or the method."""
        return [
            sent.method if sent.method == "DELETE" else sent.path.rpartition("/")[2]
            for sent in self.wire.log
            if sent.method == "DELETE" or (sent.path.count("/") > 3 and not sent.path.endswith("search"))
            if sent.method != "GET"
        ]
