# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request leaves this machine: requests and urllib3, made fit for ten thousand requests to one host.

PRIVATE to the collection. Both libraries are extended where they say that they can be: an adapter's
`get_connection_with_tls_context` (`get_connection` before requests 2.32.2) and a pool's `ConnectionCls`.
"""

from __future__ import annotations

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
    """Return a request as it goes out, with these headers where it has none of its own."""
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

    _held: list[bytes] | None = None

    def request(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Write a request, and send it once all of it is there."""
        held: list[bytes] = []
        self._held = held
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
        finally:
            self._held = None
        self.send(b"".join(held))

    def send(self, data: t.Any) -> None:
        """Send bytes, or hold them back while a request is being written."""
        if self._held is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._held.append(data)


class Adapter(HTTPAdapter):
    """The way to the network of one task, in which neither the proxy of a host nor how it is verified changes."""

    def __init__(self, connections: int) -> None:
        """Keep so many connections to each host; more threads than that is not what is foreseen."""
        super().__init__(pool_connections=8, pool_maxsize=connections, pool_block=False)
        self._pools: dict[str, t.Any] = {}

    def get_connection_with_tls_context(
        self, request: t.Any, verify: t.Any, proxies: t.Any = None, cert: t.Any = None
    ) -> t.Any:
        """Return the pool of a request's host."""
        return self._pool(
            request.url, lambda: HTTPAdapter.get_connection_with_tls_context(self, request, verify, proxies, cert)
        )

    def get_connection(self, url: t.Any, proxies: t.Any = None) -> t.Any:
        """Return the pool of a host, where requests is older."""
        return self._pool(url, lambda: HTTPAdapter.get_connection(self, url, proxies))

    def _pool(self, url: str, look_up: Callable[[], t.Any]) -> t.Any:
        """Return the pool of a host, which is looked up once."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        pool = self._pools.get(origin)
        if pool is None:
            pool = look_up()
            # That of a proxy is of a kind of its own.
            if not issubclass(pool.ConnectionCls, InOnePiece):
                pool.ConnectionCls = type("WholeConnection", (InOnePiece, pool.ConnectionCls), {})
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
