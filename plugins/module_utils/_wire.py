# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request is sent and its answer is read: requests and urllib3, adapted to ten thousand requests to one host, and
to a host that answers byte by byte.

PRIVATE to the collection. The libraries are extended where they document it: an adapter's
`get_connection_with_tls_context` , a pool's `ConnectionCls` and a connection's `response_class`.
"""

from __future__ import annotations

import http.client
import io
import time
import typing as t
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

try:
    from requests import PreparedRequest, Request, Response
    from requests.adapters import HTTPAdapter
    from requests.structures import CaseInsensitiveDict
except ImportError:
    # Transport reports it, before it makes use of any of these.
    HTTPAdapter = PreparedRequest = object  # type: ignore[misc, assignment]


class WithoutCookies(PreparedRequest):
    """A request that carries no cookie, and looks for none."""

    def prepare_cookies(self, cookies: t.Any) -> None:
        """Leave them out."""


def prepared(request: Request, headers: Mapping[str, str]) -> PreparedRequest:
    """Return a request as it is sent, with these headers as defaults."""
    ready = WithoutCookies()
    ready.prepare(
        method=request.method,
        url=request.url,
        headers={**headers, **request.headers},
        data=request.data,
        json=request.json,
        # Of what is not given, requests asks in many ways what it might be.
        params=request.params or "",
        auth=request.auth,
    )
    return ready


class InOnePiece:
    """A connection that sends the head and the body of a request together: one system call and one packet for two."""

    _parts: list[bytes] | None = None

    def request(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Write a request, and send it once all of it is there."""
        parts: list[bytes] = []
        self._parts = parts
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
        finally:
            self._parts = None
        self.send(b"".join(parts))

    def send(self, data: t.Any) -> None:
        """Send bytes, or hold them back while a request is being written."""
        if self._parts is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._parts.append(data)


class _Until(io.RawIOBase):
    """What comes in over a connection, until a moment of time.monotonic()."""

    def __init__(self, source: io.RawIOBase, moment: float) -> None:
        self._source = source
        self._moment = moment

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._source.fileno()

    def readinto(self, buffer: t.Any, /) -> int | None:
        if time.monotonic() > self._moment:
            raise TimeoutError("timed out")
        return t.cast("int | None", self._source.readinto(buffer))

    def close(self) -> None:
        self._source.close()
        super().close()


class InTime(http.client.HTTPResponse):
    """An answer that must have come in whole within a time: head, chunks, trailers and what goes before them.

    The limit of a socket begins anew with each byte, and lines are read to their end however they come.
    """

    within: t.ClassVar[float]
    """Seconds."""

    def __init__(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Until(self.fp.detach(), time.monotonic() + self.within))


class Adapter(HTTPAdapter):
    """The way to the network of one task, in which neither the proxy of a host nor how it is verified changes."""

    def __init__(self, connections: int, within: float) -> None:
        """Keep so many connections to each host; more threads than that is not what is foreseen.

        `within` so many seconds an answer must have come in whole.
        """
        super().__init__(pool_connections=8, pool_maxsize=connections, pool_block=False)
        self._pools: dict[str, t.Any] = {}
        self._answer = type("AnswerInTime", (InTime,), {"within": within})

    def get_connection_with_tls_context(
        self, request: t.Any, verify: t.Any, proxies: t.Any = None, cert: t.Any = None
    ) -> t.Any:
        """Return the pool of a request's host."""
        return self._pool(
            request.url, lambda: HTTPAdapter.get_connection_with_tls_context(self, request, verify, proxies, cert)
        )

    def _pool(self, url: str, look_up: Callable[[], t.Any]) -> t.Any:
        """Return the pool of a host, which is looked up once."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        pool = self._pools.get(origin)
        if pool is None:
            pool = look_up()
            kind = pool.ConnectionCls  # a proxy has another class
            if not issubclass(kind, InOnePiece):
                pool.ConnectionCls = type("WholeConnection", (InOnePiece, kind), {"response_class": self._answer})
            self._pools[origin] = pool
        return pool

    def build_response(self, req: PreparedRequest, resp: t.Any) -> Response:
        """Return an answer without the cookies that came with it."""
        response = Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.reason = resp.reason
        response.url = req.url or ""
        response.request = req
        return response
