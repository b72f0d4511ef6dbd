# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending requests: retries, redirects, proxies, size limits and tokens.

PRIVATE to the collection. Policy:

* A read is sent again after a connection fault, 429, 500, 502, 503 and 504. A write is sent again only when it
  certainly was not carried out (429, or no connection was made). Otherwise the error is marked `ApiError.doubtful`,
  and the caller reads before it writes again.
* Waits are full jitter over 0.5 s doubling up to 30 s, or what Retry-After states (seconds or a date). All waits of a
  task together stay within `retry_budget`; a longer Retry-After ends the attempt at once. A 429 makes all threads
  wait, not only the one that got it; one that asks for a longer wait ends all reads, or all writes, to that host.
* No redirect is followed, no cookie kept, no .netrc read; answers are cut off at 128 MiB, refusals and the answers to
  token requests at 1 MiB, all of them measured after decompression.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import typing as t
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ._auth import Credential, TokenRefused, TokenRequest
from ._counters import Counters
from ._faults import ApiError, Fatal, bad_proxy, fault_of, refusal_of, refused_credential
from ._libraries import requests, require_libraries, urllib3
from ._model import Problem
from ._pacing import Clock, Limits, Patience, backoff
from ._proxy import Route, route_to
from ._redact import hider, scrubbed, spellings
from ._reply import Body, Reply
from ._url import UrlError, segment
from ._version import VERSION
from ._wire import Adapter, prepared

USER_AGENT = f"ansible-saas.offboarding/{VERSION}"
MAX_ANSWER = 128 * 1024 * 1024
MAX_SHORT_ANSWER = 1024 * 1024
"""Bytes that a refusal or the answer to a token request may have."""
PIECE = 256 * 1024
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
SLOW_ANSWER = 10
"""Times `timeout` within which a whole answer must have come in."""


@dataclass(frozen=True)
class Tls:
    """How servers prove who they are."""

    validate_certs: bool = True
    ca_path: str | None = None

    def verify(self) -> bool | str:
        """Return what requests calls ``verify``. requests honours the first two variables, and OpenSSL the third."""
        if not self.validate_certs:
            return False
        named = {"ca_path": self.ca_path} | {name: os.environ.get(name) for name in CA_VARIABLES}
        for name, path in named.items():
            if path and not os.path.exists(path):
                raise UrlError(f"{name} {path} does not exist")
            if path:
                return path
        return True


class WriteLog(t.Protocol):
    """Records each request that writes, before and after it is sent."""

    def sending(self) -> None:
        """Record a request that is about to be sent. Raises Fatal: then it is not sent."""

    def answered(self, status: int | None, request_id: str | None, error: str | None) -> None:
        """Record what came back."""


class Transport:
    """What all requests of one task share: the connections, the budget, the rate, the counters and the secrets to hide.

    ``adapter`` replaces the way to the network, for tests.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        tls: Tls | None = None,
        *,
        adapter: t.Any = None,
        clock: Clock | None = None,
    ) -> None:
        require_libraries()
        self.limits = limits or Limits()
        self.clock = clock or Clock()
        self.counters = Counters()
        self.journal: WriteLog | None = None
        self.patience = Patience(self.limits, self.clock)
        self._lock = threading.Lock()
        self._verify = (tls or Tls()).verify()
        self._routes: dict[str, Route] = {}
        self._faults_in_a_row = 0
        self._shut_until: dict[tuple[str, bool], float] = {}
        self._credentials: list[Credential] = []
        if self._verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._headers = {
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
        }
        # No requests.Session: even without redirects it prepares the next request, keeps cookies, reads .netrc, and
        # merges settings that were not made here.
        self._adapter = adapter or Adapter(self.limits.concurrency, self.limits.timeout * SLOW_ANSWER)

    def close(self) -> None:
        self._adapter.close()

    def watch(self, credential: Credential) -> None:
        """Hide this credential's secrets in whatever a vendor sends back."""
        self._credentials.append(credential)

    def secrets(self) -> set[str]:
        """Return all texts that must never be shown: those given, those fetched on the way, and both as they travel."""
        return {text for secret in self._plain_secrets() for text in spellings(secret)}

    def _plain_secrets(self) -> set[str]:
        return {secret for credential in self._credentials for secret in credential.secrets() if secret}

    def hider(self) -> Callable[[str], str]:
        """Return a function that takes secrets and password hashes out of texts: all that are known by now."""
        return hider(self._plain_secrets())

    def scrub(self, text: str) -> str:
        """Return a vendor's text fit to be shown."""
        return scrubbed(text, self.hider())

    def pause(self, delay: float) -> bool:
        """Wait before looking again; return False, at once, when the budget does not allow it."""
        if not self.patience.reserve(delay, everybody=False):
            return False
        self.clock.sleep(delay)
        return True

    def count_retry(self) -> None:
        """Count a request that is sent again by a caller that looked first."""
        with self._lock:
            self.counters.retried += 1

    def exchange(self, ask: TokenRequest) -> Mapping[str, t.Any]:
        """Send a token request and return the decoded answer. Raises Fatal: without a token nothing can be done."""
        request = requests.Request(
            "POST",
            ask.url,
            headers={"Accept": "application/json", **ask.headers},
            data=ask.form,
            json=ask.json,
        )
        host = urlsplit(ask.url).netloc
        try:
            reply = self._persist(request, None, reading=True, token=True)
            answer = reply.json()
        except Fatal:
            raise
        except ApiError as exc:
            raise Fatal(self._login_problem(exc, host), payload=exc.payload) from None
        if not isinstance(answer, dict):
            raise Fatal(reply.fault("is not a token answer", "login_failed").problem)
        return answer

    def _login_problem(self, exc: ApiError, host: str) -> Problem:
        problem = exc.problem
        if problem.status in (400, 401, 403):
            hint = "Check the client id and secret, and that they belong to this host"
            message = f"{host} refused the credential: {problem.message}. {hint}"
        else:
            message = f"No token from {host}: {problem.message}"
        return Problem("login_failed", message, problem.status, problem.request_id, problem.retryable)

    def send(self, request: requests.Request, credential: Credential | None, *, reading: bool) -> Reply:
        """Send a request, again where the policy allows it, and return the answer. Raises ApiError."""
        return self._persist(request, credential, reading=reading, token=False)

    def wait_to_retry(self, attempt: int, error: ApiError) -> bool:
        """Wait before sending again; return False, at once, when the retries or the budget do not allow it."""
        spent = attempt >= self.limits.retries
        everybody = error.status == 429
        if spent and not (everybody and error.retry_after):
            return False
        asked = error.retry_after
        delays = [backoff(attempt)] if asked is None else [asked + random.uniform(0, 0.1), asked]  # noqa: S311
        delay = next((each for each in delays if self.patience.reserve(each, everybody=everybody)), None)
        # It is kept also where this request is not sent again: the others wait as long as the vendor asks for.
        if delay is None or spent:
            return False
        with self._lock:
            self.counters.waits += 1
            self.counters.waited += delay
        if not everybody:
            self.clock.sleep(delay)
        return True

    def _persist(
        self, request: requests.Request, credential: Credential | None, *, reading: bool, token: bool
    ) -> Reply:
        attempt = 0
        while True:
            try:
                return self._once(request, credential, reading=reading, token=token, again=attempt > 0)
            except ApiError as exc:
                if isinstance(exc, Fatal) or not exc.problem.retryable or exc.doubtful:
                    raise
                if not self.wait_to_retry(attempt, exc):
                    self._note_long_wait(request, exc, reading)
                    raise
                attempt += 1

    def _note_long_wait(self, request: requests.Request, error: ApiError, reading: bool) -> None:
        """Keep a 429 that asks for a longer wait than the budget allows: further requests would get the same answer."""
        if error.status == 429 and error.retry_after and not self.patience.affords(error.retry_after):
            with self._lock:
                self._shut_until[urlsplit(request.url).netloc, reading] = self.clock.now() + error.retry_after

    def _once(
        self, request: requests.Request, credential: Credential | None, *, reading: bool, token: bool, again: bool
    ) -> Reply:
        while True:
            self._give_up_if_gone(urlsplit(request.url).netloc, reading)
            self.patience.turn()
            try:
                ready = prepared(request, self._headers)
                try:
                    return self._exchange_once(ready, reading=reading, token=token, again=again)
                except ApiError as exc:
                    if credential is None or exc.status != 401 or isinstance(exc, Fatal):
                        raise
                    if not credential.refused(ready.headers[credential.header_name]):
                        raise Fatal(refused_credential(exc.problem), payload=exc.payload) from None
                again = True
            except TokenRefused as exc:
                raise Fatal(Problem("login_failed", str(exc))) from None

    def _exchange_once(self, ready: requests.PreparedRequest, *, reading: bool, token: bool, again: bool) -> Reply:
        if reading or self.journal is None:
            return self._exchange(ready, reading=reading, token=token, again=again)
        self.journal.sending()
        try:
            reply = self._exchange(ready, reading=reading, token=token, again=again)
        except ApiError as exc:
            self.journal.answered(exc.problem.status, exc.problem.request_id, exc.problem.code)
            raise
        self.journal.answered(reply.status, reply.request_id, None)
        return reply

    def _exchange(self, ready: requests.PreparedRequest, *, reading: bool, token: bool, again: bool) -> Reply:
        url = ready.url or ""
        host = urlsplit(url).netloc
        route = self._route_to(url, host)
        self.counters.goes_out(token=token, again=again)
        try:
            response = self._adapter.send(
                ready,
                stream=True,
                timeout=self.limits.timeout,
                verify=self._verify,
                proxies=dict(route.proxies),
            )
            with contextlib.closing(response):
                body = self._read_body(response, host, reading, short=token)
        except requests.exceptions.RequestException as exc:
            with self._lock:
                self._faults_in_a_row += 1
            raise fault_of(exc, host, reading, self.limits.timeout, route.proxy) from None
        with self._lock:
            self._faults_in_a_row = 0
        if 200 <= response.status_code < 300:
            at = self.clock.wall()
            return Reply(response.status_code, response.headers, body, host, reading, at, self.counters)
        raise refusal_of(response, bytes(body), host, reading, self.scrub, self.clock.wall())

    def _give_up_if_gone(self, host: str, reading: bool) -> None:
        """Stop sending if the host does not answer, or asks for a longer wait, and the budget does not suffice."""
        left = self._shut_until.get((host, reading), 0.0) - self.clock.now()
        if left > 0:
            message = f"Not sent: {host} is to be left alone for {left:.0f} s, longer than the retry budget allows"
            raise Fatal(Problem("rate_limited", message, 429, retryable=True))
        if self.patience.exhausted and self._faults_in_a_row >= max(5, self.limits.concurrency):
            message = f"Not sent: {host} does not answer any more, and the retry budget is used up"
            raise Fatal(Problem("unreachable", message, retryable=True))

    def _route_to(self, url: str, host: str) -> Route:
        """Return the way to a host, which is looked up once. Raises Fatal if its proxy cannot be used."""
        route = self._routes.get(host)
        if route is None:
            route = self._routes[host] = route_to(url)
        if route.proxy is not None and not route.proxy.address:
            raise Fatal(bad_proxy(route.proxy, host, "its address is malformed"))
        return route

    def _read_body(self, response: requests.Response, host: str, reading: bool, *, short: bool) -> Body:
        refused = response.status_code >= 300
        limit = MAX_SHORT_ANSWER if short or refused else MAX_ANSWER
        body = Body()
        for chunk in _pieces(response):
            if body.size + len(chunk) > limit:
                if refused:
                    break  # its status suffices
                raise ApiError(
                    Problem("too_large", f"The answer of {host} is larger than {limit >> 20} MiB and was cut off"),
                    doubtful=not reading,
                )
            body.append(chunk)
        return body


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Return a body as it comes in, decompressed.

    `iter_content` waits for a whole piece, so that a server that sends a byte now and then would be waited for without
    end.
    """
    raw = response.raw
    try:
        while piece := raw.read1(PIECE, decode_content=True):
            yield piece
    except urllib3.exceptions.ProtocolError as exc:
        raise requests.exceptions.ChunkedEncodingError(exc) from None
    except urllib3.exceptions.DecodeError as exc:
        raise requests.exceptions.ContentDecodingError(exc) from None
    except urllib3.exceptions.ReadTimeoutError as exc:
        raise requests.exceptions.ConnectionError(exc) from None
    except urllib3.exceptions.SSLError as exc:
        raise requests.exceptions.SSLError(exc) from None


class Client:
    """Sends requests to one host with one credential."""

    def __init__(
        self,
        transport: Transport,
        url: str,
        credential: Credential,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.transport = transport
        self.url = url
        self.host = urlsplit(url).netloc
        self._credential = credential
        self._headers = {"Accept": "application/json", **(headers or {})}
        transport.watch(credential)

    def log_in(self) -> None:
        """Get a token if this credential needs one and has none yet. Raises Fatal."""
        try:
            self._credential.header()
        except TokenRefused as exc:
            raise Fatal(Problem("login_failed", str(exc))) from None

    def read(self, method: str, *path: str, **kwargs: t.Any) -> Reply:
        """Send a request that changes nothing. ``path`` is appended to the host's address, segment by segment."""
        return self._send(True, method, path, **kwargs)

    def write(self, method: str, *path: str, **kwargs: t.Any) -> Reply:
        """Send a request that changes something."""
        return self._send(False, method, path, **kwargs)

    def _send(
        self,
        reading: bool,
        method: str,
        path: tuple[str, ...],
        *,
        params: t.Any = None,
        body: t.Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        try:
            url = "/".join((self.url, *(segment(part) for part in path)))
        except ValueError:
            raise ApiError(
                Problem("bad_answer", f"{self.host} names the account by a text that no address can hold")
            ) from None
        request = requests.Request(
            method, url, params=params, json=body, headers={**self._headers, **(headers or {})}, auth=self._credential
        )
        return self.transport.send(request, self._credential, reading=reading)
