# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The far end of a Transport, as a test writes it down: an ordered and exhaustive script, or a function that answers.

Both are `requests` adapters: all of requests itself runs, down to the prepared request.
"""

from __future__ import annotations

import io
import json
import threading
import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import requests
import requests.adapters
import urllib3

from ansible_collections.saas.offboarding.plugins.module_utils._pacing import Clock, Limits
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Transport

NOTHING: t.Final = object()
"""For `json`: no JSON at all, which is another thing than null."""


@dataclass(frozen=True, repr=False)
class Answer:
    """What comes back: ``json`` or ``body``, never both."""

    status: int = 200
    json: t.Any = NOTHING
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the same text in all processes: it names test cases."""
        content = self.body[:40] if self.json is NOTHING else json.dumps(self.json)
        return f"{self.status} {content!r} {dict(self.headers)}"

    def response(self, request: requests.PreparedRequest) -> requests.Response:
        body, headers = self.body, dict(self.headers)
        if self.json is not NOTHING:
            body = json.dumps(self.json).encode()
            headers.setdefault("Content-Type", "application/json")
        response = requests.Response()
        response.status_code = self.status
        response.headers.update(headers)
        response.raw = urllib3.HTTPResponse(
            io.BytesIO(body), headers=headers, status=self.status, preload_content=False
        )
        response.url = request.url or ""
        response.request = request
        return response


HTML = Answer(200, body=b"<!DOCTYPE html><title>Log in</title>", headers={"Content-Type": "text/html; charset=utf-8"})
EMPTY = Answer(204)
NOW = "2023-11-14T22:13:20.000Z"
"""When everything comes in, by the clock of the tests."""
REQUEST_2 = {"X-Request-Id": "req-2"}


@dataclass(frozen=True)
class Exchange:
    """A request that must come next, and its answer. What is not said must not be there: no query, no body.

    ``headers`` must be as given; one that is given as None must be missing.
    """

    method: str
    url: str
    answer: Answer | Exception = field(default_factory=Answer)
    params: Mapping[str, str] = field(default_factory=dict)
    json: t.Any = NOTHING
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)

    def check(self, request: requests.PreparedRequest) -> None:
        parts = urlsplit(request.url or "")
        assert (request.method, f"{parts.scheme}://{parts.netloc}{parts.path}") == (self.method, self.url)
        assert dict(parse_qsl(parts.query, keep_blank_values=True)) == dict(self.params)
        self._check_body(request)
        for name, value in self.headers.items():
            assert request.headers.get(name) == value, name

    def _check_body(self, request: requests.PreparedRequest) -> None:
        sent = request.body.decode() if isinstance(request.body, bytes) else request.body
        if self.form is not None:
            assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
            assert dict(parse_qsl(sent or "", keep_blank_values=True, strict_parsing=True)) == dict(self.form)
        elif self.json is not NOTHING:
            assert request.headers["Content-Type"] == "application/json"
            assert json.loads(sent or "") == self.json
        else:
            assert not sent


class Script(requests.adapters.BaseAdapter):
    """Exchanges in the order in which they must come; one too many, one too few or another one is a failure."""

    def __init__(self, *exchanges: Exchange, headers: Mapping[str, str | None] | None = None) -> None:
        super().__init__()
        self._left = list(exchanges)
        self._headers = dict(headers or {})
        self._faults: list[BaseException] = []

    def send(self, request: requests.PreparedRequest, *args: t.Any, **kwargs: t.Any) -> requests.Response:
        try:
            assert self._left, f"one request too many: {request.method} {request.url}"
            exchange = self._left.pop(0)
            for name, value in {**self._headers, **exchange.headers}.items():
                assert request.headers.get(name) == value, name
            exchange.check(request)
        except BaseException as exc:
            self._faults.append(exc)
            raise
        if isinstance(exchange.answer, Exception):
            raise exchange.answer
        return exchange.answer.response(request)

    def close(self) -> None:
        return None

    def finish(self) -> None:
        """Fail unless everything came as it had to."""
        if self._faults:
            raise self._faults[0]
        assert not self._left, f"not sent: {[(each.method, each.url) for each in self._left]}"


@dataclass(frozen=True)
class Sent:
    """A request that a Responder got."""

    method: str
    path: str
    params: Mapping[str, str]
    body: t.Any
    headers: Mapping[str, str]
    url: str


class Responder(requests.adapters.BaseAdapter):
    """Answers by a function, from many threads, and keeps what it was sent."""

    def __init__(self, answer: Callable[[Sent], Answer | Exception]) -> None:
        super().__init__()
        self._answer = answer
        self._lock = threading.Lock()
        self.log: list[Sent] = []

    def send(self, request: requests.PreparedRequest, *args: t.Any, **kwargs: t.Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        text = request.body.decode() if isinstance(request.body, bytes) else request.body
        is_json = request.headers.get("Content-Type") == "application/json"
        body = json.loads(text) if text and is_json else dict(parse_qsl(text or ""))
        sent = Sent(
            request.method or "", parts.path, dict(parse_qsl(parts.query)), body, request.headers, parts.geturl()
        )
        with self._lock:
            self.log.append(sent)
        answer = self._answer(sent)
        if isinstance(answer, Exception):
            raise answer
        return answer.response(request)

    def close(self) -> None:
        return None

    def count(self, method: str, ending: str = "") -> int:
        return sum(1 for sent in self.log if sent.method == method and sent.path.endswith(ending))


class FakeClock(Clock):
    """Time that passes only in sleeps."""

    def __init__(self, start: float = 1000.0, wall: float = 1_700_000_000.0) -> None:
        self.slept: list[float] = []
        self._lock = threading.Lock()
        self._now = start
        self._wall = wall - start

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return self._wall + self._now

    def sleep(self, seconds: float) -> None:  # type: ignore[override]
        with self._lock:
            self.slept.append(seconds)
            self._now += seconds

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds


def transport(adapter: t.Any, clock: Clock | None = None, **limits: t.Any) -> Transport:
    """Return a Transport over an adapter; by default with one thread and a stopped clock."""
    limits.setdefault("concurrency", 1)
    return Transport(Limits(**limits), adapter=adapter, clock=clock or FakeClock())
