# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request travels: connections, time limits, retries, rate, redirects, and one error type.

PRIVATE to the collection. Policy:

* A read is sent again after a connection fault, 429, 500, 502, 503 and 504. A write is sent again only when it
  certainly was not carried out (429, or no connection came about); in doubt the error says so (`ApiError.doubtful`)
  and the caller reads before it writes again.
* Waits are full jitter over 0.5 s doubling up to 30 s, or what Retry-After says (seconds or a date). All waits of a
  task together stay within `retry_budget`; a longer Retry-After ends the attempt at once. A 429 makes all threads
  wait, not only the one that got it; one that asks for a longer wait ends all reads, or all writes, to that host.
* No redirect is followed, no cookie kept, no .netrc read; answers are cut off at 128 MiB, refusals and the answers to
  token requests at 1 MiB, all of them as they are when unpacked.
"""

from __future__ import annotations

import codecs
import contextlib
import datetime
import email.utils
import html
import http.client
import ipaddress
import json
import os
import random
import re
import socket
import ssl
import threading
import time
import traceback
import typing as t
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from urllib.parse import quote, quote_plus, urlsplit

from ._auth import Credential, MissingLibrary, TokenRefused, TokenRequest
from ._model import Answer, Problem
from ._wire import Adapter, prepared

REQUESTS_IMPORT_ERROR: str | None = None
try:
    import requests
    import requests.utils
    import urllib3
    import urllib3.exceptions
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()

VERSION = "1.0.0"
USER_AGENT = f"ansible-saas.offboarding/{VERSION}"
MAX_ANSWER = 128 * 1024 * 1024
MAX_SHORT_ANSWER = 1024 * 1024
"""What a refusal or the answer to a token request may come to."""
LONG_BODY = 2 * 1024 * 1024
"""Of how many bytes on a body is packed while it is kept."""
ENOUGH = 1024
"""Bytes that tell what a body is."""
MAX_MESSAGE = 300
BACKOFF_BASE = 0.5
BACKOFF_CAP = 30.0
PIECE = 256 * 1024
SLOW_ANSWER = 10
"""Times `timeout` within which a whole answer must have come in."""

_BUSY = frozenset((429, 502, 503, 504))
_REQUEST_ID_HEADERS = (
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "request-id",
    "cf-ray",
)
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    415: "unsupported_media_type",
    422: "invalid",
    429: "rate_limited",
}
_PASSWORD_HASH = re.compile(r"\$(?:2[abxy]?|argon2\w*|1|5|6|7|g?y|pbkdf2[\w-]*|scrypt)\$[^\s\"']+")
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")


class UrlError(ValueError):
    """An address that no request may be sent to. Raised before any request."""


def check_url(option: str, url: str) -> str:
    """Return an address without its closing slashes; it is an error unless it is https, or http to this machine.

    Raises UrlError, naming the option.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        fine = parts.scheme in ("http", "https") and parts.port != 0 and _is_host(host)
    except ValueError:
        fine = False
    if not fine or re.search(r"[\s\\]", url):
        raise UrlError(
            f"{option} must be an address such as https://host or https://host/prefix, its host name in ASCII letters"
        )
    if parts.username is not None or parts.password is not None:
        raise UrlError(f"{option} must not hold a user name or a password")
    if "?" in url or "#" in url:
        raise UrlError(f"{option} must have no query and no fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise UrlError(
            f"{option} must begin with https://: credentials do not travel over plain http, except to this machine"
        )
    return url.rstrip("/")


def _is_host(host: str) -> bool:
    if ":" in host:
        return ipaddress.ip_address(host).version == 6
    return len(host) < 254 and _HOST.fullmatch(host) is not None


def is_loopback(host: str) -> bool:
    """Whether a host of an address is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def segment(value: str) -> str:
    """Return a value as one segment of a path, which it cannot leave.

    Raises UrlError for what cannot be one: empty, `.` and `..`, which a client resolves before it sends.
    """
    if value in ("", ".", ".."):
        raise UrlError(f"{value!r} cannot be part of an address")
    return quote(value, safe="")


@dataclass(frozen=True)
class Limits:
    """How long and how often. Seconds throughout; ``retries`` counts sendings after the first."""

    timeout: float = 30.0
    retries: int = 5
    retry_budget: float = 120.0
    requests_per_second: float | None = None
    concurrency: int = 16


@dataclass(frozen=True)
class Tls:
    """How servers prove who they are."""

    validate_certs: bool = True
    ca_path: str | None = None

    def verify(self) -> bool | str:
        """Return what requests calls ``verify``; the two environment variables are those that requests honours."""
        if not self.validate_certs:
            return False
        named = {"ca_path": self.ca_path} | {
            name: os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        }
        for name, path in named.items():
            if path and not os.path.exists(path):
                raise UrlError(f"{name} {path} does not exist")
            if path:
                return path
        return True


@dataclass
class Counters:
    """What was sent, and what came in. ``sent`` leaves token requests out; they are ``tokens``.

    ``pages`` are answers that hold a list of accounts; ``accounts`` are those in lists and those read singly. ``ways``
    are those in which accounts were looked for, in order.
    """

    sent: int = 0
    retried: int = 0
    tokens: int = 0
    waits: int = 0
    waited: float = 0.0
    pages: int = 0
    accounts: int = 0
    strategies: list[str] = field(default_factory=list)
    watch: Callable[[Counters], None] | None = field(default=None, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def goes_out(self, *, token: bool, again: bool) -> None:
        with self._lock:
            if token:
                self.tokens += 1
            else:
                self.sent += 1
                self.retried += again
            if self.watch is not None:
                self.watch(self)

    def count_read(self, accounts: int, pages: int = 0) -> None:
        with self._lock:
            self.accounts += accounts
            self.pages += pages

    def used_strategy(self, strategy: str) -> None:
        with self._lock:
            if strategy not in self.strategies:
                self.strategies.append(strategy)

    def as_result(self) -> dict[str, int]:
        return {"sent": self.sent, "retried": self.retried, "tokens": self.tokens}


class ApiError(Exception):
    """A request that did not bring what was asked for.

    ``doubtful``: it was a write, and whether it was carried out cannot be told from what came back. ``partial``: it
    was a write that was carried out in some places and failed in others, so that no later reading makes it good.
    ``payload``: the decoded JSON body of the answer, if there was one.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        doubtful: bool = False,
        partial: bool = False,
        payload: t.Any = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.doubtful = doubtful
        self.partial = partial
        self.payload = payload
        self.retry_after = retry_after

    @property
    def status(self) -> int | None:
        return self.problem.status


class Fatal(ApiError):
    """An error after which no further request of this task can succeed: the credential is refused, or the host has
    gone.
    """


class Clock:
    """Time, as the tests need it: replaceable."""

    now = staticmethod(time.monotonic)
    wall = staticmethod(time.time)
    sleep = staticmethod(time.sleep)


class Patience:
    """The waits of one task: what is left of the budget, and until when all threads pause.

    Waits that overlap in time are charged once: the budget is wall time that a person waits.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left = limits.retry_budget
        self._charged_until = 0.0
        self._paused_until = 0.0
        self._interval = 1.0 / limits.requests_per_second if limits.requests_per_second else 0.0
        self._next_slot = 0.0

    @property
    def exhausted(self) -> bool:
        return self._left < BACKOFF_BASE

    def affords(self, delay: float) -> bool:
        """Whether a wait fits into what is left of the budget."""
        with self._lock:
            return self._charge(delay) <= self._left

    def _charge(self, delay: float) -> float:
        now = self._clock.now()
        return now + delay - max(now, self._charged_until)

    def turn(self) -> None:
        """Wait until this thread may send: the pause is over and the rate allows it."""
        while True:
            with self._lock:
                now = self._clock.now()
                if now >= self._paused_until:
                    slot = max(self._next_slot, now)
                    self._next_slot = slot + self._interval
                    wait, mine = slot - now, True
                else:
                    wait, mine = self._paused_until - now, False
            if wait > 0:
                self._clock.sleep(wait)
            if mine:
                return

    def reserve(self, delay: float, *, everybody: bool) -> bool:
        """Charge a wait to the budget and return True, or return False when it does not fit."""
        with self._lock:
            now = self._clock.now()
            charge = self._charge(delay)
            if charge > self._left:
                return False
            if charge > 0:
                self._left -= charge
                self._charged_until = now + delay
            if everybody:
                self._paused_until = max(self._paused_until, now + delay)
            return True


def backoff(attempt: int) -> float:
    """Return a wait in seconds before sending again: full jitter, doubling from half a second up to 30."""
    return random.uniform(0.05, min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt))  # noqa: S311


def retry_after(headers: Mapping[str, str], wall: float) -> float | None:
    """Return what Retry-After asks for, in seconds (RFC 9110, 10.2.3), or None when it is not there or makes no sense.

    A date is compared with the server's own Date where it sent one, so that clocks need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    if text.isdecimal():
        return float(text)
    moment = _http_date(text)
    if moment is None:
        return None
    here = _http_date(headers.get("Date", ""))
    return max(0.0, moment - (wall if here is None else here))


def moment_text(seconds: float) -> str:
    """Return a moment, given in seconds since the epoch, in ISO 8601."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _http_date(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        # The elder of the three forms of RFC 9110, 5.6.7, names no zone: all of them are GMT.
        return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


class Row(dict[str, t.Any]):
    """An object of an answer that stands for an account, with the answer it came in."""

    def __init__(self, values: Mapping[str, t.Any], answer: Answer | None = None) -> None:
        super().__init__(values)
        self.answer = answer


class Body:
    """The body of an answer. A long one is packed while it is kept, so that a list of all users fits into memory."""

    def __init__(self) -> None:
        self.size = 0
        self._loose = 0
        self._plain: list[bytes] = []
        self._packed: list[bytes] = []

    def append(self, piece: bytes) -> None:
        self.size += len(piece)
        self._plain.append(piece)
        self._loose += len(piece)
        if self._loose > LONG_BODY:
            self._packed.append(zlib.compress(b"".join(self._plain), 1))
            self._plain.clear()
            self._loose = 0

    def __iter__(self) -> Iterator[bytes]:
        yield from map(zlib.decompress, self._packed)
        yield from self._plain

    def __bytes__(self) -> bytes:
        return b"".join(self)

    def start(self) -> bytes:
        """Return as much of it as tells what it is."""
        start = b""
        for piece in self:
            start += piece
            if len(start) >= ENOUGH:
                break
        return start


@dataclass(frozen=True)
class Reply:
    """An answer with a 2xx status. ``at`` is when it came, in seconds since the epoch."""

    status: int
    headers: Mapping[str, str]
    body: Body = field(repr=False)
    host: str
    reading: bool
    at: float
    counters: Counters = field(repr=False)

    @property
    def request_id(self) -> str | None:
        return request_id(self.headers)

    @property
    def answer(self) -> Answer:
        return Answer(moment_text(self.at), self.status, self.request_id)

    def json(self) -> t.Any:
        """Return the decoded body. Raises ApiError (code bad_answer) when it is not JSON."""
        try:
            return json.loads(bytes(self.body))
        except (ValueError, RecursionError):
            raise self.fault("is not JSON") from None

    def optional_json(self) -> t.Any:
        """Return the decoded body, or None when there is none. Raises ApiError when there is one that is not JSON."""
        return self.json() if self.body.size and bytes(self.body).strip() else None

    def acknowledged(self) -> Answer:
        """Take the answer to a write whose body does not matter: none, or JSON. Raises ApiError for a page of HTML."""
        self.optional_json()
        return self.answer

    def mapping(self) -> dict[str, t.Any]:
        """Return the decoded body, an object. Raises ApiError when it is none."""
        payload = self.json()
        if not isinstance(payload, dict):
            raise self.fault("is not a JSON object")
        return payload

    def rows(self, payload: t.Any) -> list[Row]:
        """Return a part of the body that must be a list of objects, one an account. Raises ApiError when it is none."""
        if not isinstance(payload, list) or not all(isinstance(row, dict) for row in payload):
            raise self._no_list()
        self.counters.count_read(len(payload), pages=1)
        answer = self.answer
        return [Row(row, answer) for row in payload]

    @property
    def is_object(self) -> bool:
        """Whether the body begins as a JSON object does."""
        return self.body.start().lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"{")

    def each_row(self) -> Iterator[Row]:
        """Return the objects of a body that must be a list of them, one by one: never all of them are unpacked at once.

        Raises ApiError when it is none, at the latest with its end.
        """
        answer = self.answer
        count = 0
        for row in self._elements():
            if not isinstance(row, dict):
                raise self._no_list()
            count += 1
            yield Row(row, answer)
        self.counters.count_read(count, pages=1)

    def _elements(self) -> Iterator[t.Any]:
        try:
            yield from json_elements(self.body)
        except TypeError:
            raise self._no_list() from None
        except (ValueError, RecursionError):
            raise self.fault("is not JSON") from None

    def _no_list(self) -> ApiError:
        return self.fault("has no list of users where it should be")

    def row(self, payload: Mapping[str, t.Any]) -> Row:
        """Return a part of the body that is the one account asked for."""
        self.counters.count_read(1)
        return Row(payload, self.answer)

    def fault(self, fault: str, code: str = "bad_answer") -> ApiError:
        """Return the error that this answer cannot be used; whether a write was carried out is then unknown."""
        kind = describe_body(self.headers, self.body.start(), self.body.size)
        text = f"The answer of {self.host} (status {self.status}, {kind}) {fault}"
        return ApiError(Problem(code, text, self.status, self.request_id), doubtful=not self.reading)


_BLANK = re.compile(r"[ \t\n\r]*")


def json_elements(pieces: Iterable[bytes]) -> Iterator[t.Any]:
    """Return the elements of a JSON array that comes in pieces. Raises TypeError where it is no array, or ValueError.

    Numbers at the end of a piece may go on in the next: arrays of objects only.
    """
    scan = json.JSONDecoder().raw_decode
    text = _Text(pieces)
    opening = text.next_mark()
    if opening != "[":
        raise TypeError(f"an array begins with [, not with {opening}")
    mark = text.next_mark()
    if mark != "]":
        text.at -= 1
        while True:
            text.at = text.skipped()
            yield text.element(scan)
            mark = text.next_mark()
            if mark == "]":
                break
            if mark != ",":
                raise ValueError("a comma is missing")
    if text.next_mark():
        raise ValueError("something comes after the array")


class _Text:
    """A text that comes in pieces, and how far it was read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        first = next(self._pieces, b"")
        self._decoder = codecs.getincrementaldecoder(json.detect_encoding(first))("surrogatepass")
        self._text = self._decoder.decode(first)
        self.at = 0

    def _more(self, wanted: int) -> bool:
        """Drop what was read, and add pieces until there are so many characters. Return whether any came."""
        parts = [self._text[self.at :]]
        size = had = len(parts[0])
        ended = False
        while size < wanted and not ended:
            piece = next(self._pieces, b"")
            ended = not piece
            parts.append(self._decoder.decode(piece, final=ended))
            size += len(parts[-1])
        self._text, self.at = "".join(parts), 0
        return size > had

    def skipped(self) -> int:
        """Return where the next character is that is not white space."""
        while True:
            at = t.cast(re.Match[str], _BLANK.match(self._text, self.at)).end()
            self.at = at
            if at < len(self._text) or not self._more(1):
                return self.at

    def next_mark(self) -> str:
        """Read the next character that is not white space; none at the end."""
        self.at = self.skipped()
        mark = self._text[self.at : self.at + 1]
        self.at += len(mark)
        return mark

    def element(self, scan: Callable[[str, int], tuple[t.Any, int]]) -> t.Any:
        """Read a value; where it breaks off, with twice as much of the text, so that a long one is not read often."""
        while True:
            try:
                value, self.at = scan(self._text, self.at)
            except ValueError:
                if not self._more(2 * (len(self._text) - self.at) + 1):
                    raise
            else:
                return value


def describe_body(headers: Mapping[str, str], start: bytes, size: int | None = None) -> str:
    """Say what a body looks like by how it starts, without quoting it. ``size``: where that is not all of it."""
    size = len(start) if size is None else size
    start = start.lstrip(codecs.BOM_UTF8 + b" \t\r\n")[:200].lower()
    if "html" in headers.get("Content-Type", "").lower() or start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if not size:
        return "no body"
    return f"{size} bytes of {headers.get('Content-Type', 'no content type').split(';')[0][:60] or 'no content type'}"


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the identifier under which the vendor's support can find a request."""
    for name in _REQUEST_ID_HEADERS:
        value = headers.get(name)
        if value:
            return value[:120]
    return None


def _unpacks_with_measure() -> bool:
    """Whether urllib3 unpacks no more of an answer at once than was asked for (2.6.0, CVE-2025-66471)."""
    found = re.match(r"(\d+)\.(\d+)", getattr(urllib3, "__version__", ""))
    return found is not None and tuple(map(int, found.groups())) >= (2, 6)


def _spellings(secret: str) -> set[str]:
    """Return a secret as it travels, and as a vendor's error may write what it was sent."""
    quoted = {quote(secret, safe=""), quote_plus(secret)}
    in_json = json.dumps(secret)[1:-1]
    return {
        secret,
        *quoted,
        *(re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), text) for text in quoted),
        in_json,
        in_json.replace("/", r"\/"),
        html.escape(secret),
        html.escape(secret, quote=False),
    }


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
        if REQUESTS_IMPORT_ERROR is not None:
            raise MissingLibrary("requests", REQUESTS_IMPORT_ERROR)
        self.limits = limits or Limits()
        self.clock = clock or Clock()
        self.counters = Counters()
        self.patience = Patience(self.limits, self.clock)
        self._lock = threading.Lock()
        self._verify = (tls or Tls()).verify()
        self._proxies: dict[str, dict[str, str]] = {}
        self._faults_in_a_row = 0
        self._shut_until: dict[tuple[str, bool], float] = {}
        self._credentials: list[Credential] = []
        if self._verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._unpacks = _unpacks_with_measure()
        self._headers = {
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "gzip, deflate" if self._unpacks else "identity",
            "Connection": "keep-alive",
        }
        # No requests.Session: it follows redirects half way even when told not to, keeps cookies, reads .netrc, and
        # merges settings that nobody made.
        self._adapter = adapter or Adapter(self.limits.concurrency, self.limits.timeout * SLOW_ANSWER)

    def close(self) -> None:
        self._adapter.close()

    def watch(self, credential: Credential) -> None:
        """Hide this credential's secrets in whatever a vendor sends back."""
        self._credentials.append(credential)

    def secrets(self) -> set[str]:
        """Return all texts that must never be shown: those given, those fetched on the way, and both as they travel."""
        plain = {secret for credential in self._credentials for secret in credential.secrets() if secret}
        return {text for secret in plain for text in _spellings(secret)}

    def hider(self) -> Callable[[str], str]:
        """Return what takes secrets and password hashes out of texts: all that are known by now."""
        secrets = sorted(self.secrets(), key=len, reverse=True)

        def hide(text: str) -> str:
            for secret in secrets:
                text = text.replace(secret, "********")
            return _PASSWORD_HASH.sub("********", text)

        return hide

    def scrub(self, text: str) -> str:
        """Return a vendor's text fit to be shown: no secrets, no password hashes, no line ends, not endless."""
        text = _BEARER.sub(r"\1 ********", self.hider()(text))
        text = "".join(char if char.isprintable() else " " for char in text)
        return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "…"

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
                    self._heed(request, exc, reading)
                    raise
                attempt += 1

    def _heed(self, request: requests.Request, error: ApiError, reading: bool) -> None:
        """Take note of a 429 that asks for a longer wait than can be: each user would only be told the same."""
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
                        raise Fatal(_refused_credential(exc.problem), payload=exc.payload) from None
                again = True
            except TokenRefused as exc:
                raise Fatal(Problem("login_failed", str(exc))) from None

    def _exchange_once(self, ready: requests.PreparedRequest, *, reading: bool, token: bool, again: bool) -> Reply:
        url = ready.url or ""
        host = urlsplit(url).netloc
        self.counters.goes_out(token=token, again=again)
        try:
            response = self._adapter.send(
                ready,
                stream=True,
                timeout=self.limits.timeout,
                verify=self._verify,
                proxies=self._proxies_for(url),
            )
            with contextlib.closing(response):
                body = self._read_body(response, host, reading, short=token)
        except requests.exceptions.RequestException as exc:
            with self._lock:
                self._faults_in_a_row += 1
            raise self._fault(exc, host, reading) from None
        with self._lock:
            self._faults_in_a_row = 0
        if 200 <= response.status_code < 300:
            at = self.clock.wall()
            return Reply(response.status_code, response.headers, body, host, reading, at, self.counters)
        raise self._refusal(response, bytes(body), host, reading)

    def _give_up_if_gone(self, host: str, reading: bool) -> None:
        """Stop sending when nothing answers any more, or the host wants no more, and the budget does not last."""
        left = self._shut_until.get((host, reading), 0.0) - self.clock.now()
        if left > 0:
            message = f"Not sent: {host} is to be left alone for {left:.0f} s, longer than the retry budget allows"
            raise Fatal(Problem("rate_limited", message, 429, retryable=True))
        if self.patience.exhausted and self._faults_in_a_row >= max(5, self.limits.concurrency):
            message = f"Not sent: {host} does not answer any more, and the retry budget is used up"
            raise Fatal(Problem("unreachable", message, retryable=True))

    def _proxies_for(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        known = self._proxies.get(base)
        if known is None:
            loopback = is_loopback(parts.hostname or "")
            known = {} if loopback else dict(requests.utils.get_environ_proxies(url))
            self._proxies[base] = known
        return known

    def _read_body(self, response: requests.Response, host: str, reading: bool, *, short: bool) -> Body:
        refused = response.status_code >= 300
        limit = MAX_SHORT_ANSWER if short or refused else MAX_ANSWER
        if not self._unpacks and response.headers.get("Content-Encoding", "identity") != "identity":
            raise requests.exceptions.ContentDecodingError()
        body = Body()
        for chunk in _pieces(response):
            if body.size + len(chunk) > limit:
                if refused:
                    break  # its status says enough
                raise ApiError(
                    Problem("too_large", f"The answer of {host} is larger than {limit >> 20} MiB and was cut off"),
                    doubtful=not reading,
                )
            body.append(chunk)
        return body

    def _fault(self, exc: requests.exceptions.RequestException, host: str, reading: bool) -> ApiError:
        """Turn a fault on the way into an error. The texts of the libraries are not passed on: they quote addresses."""
        never_sent = isinstance(exc, requests.exceptions.ConnectTimeout) or _has_cause(
            exc, urllib3.exceptions.NewConnectionError
        )
        if _has_cause(exc, ssl.SSLCertVerificationError):
            return ApiError(
                Problem(
                    "tls_error",
                    f"The certificate of {host} was not accepted ({_root_cause(exc)}). "
                    "For a private authority, set ca_path to its certificate",
                )
            )
        if isinstance(exc, requests.exceptions.ProxyError):
            problem = Problem(
                "unreachable", f"The proxy on the way to {host} did not let the request through", retryable=True
            )
        elif isinstance(exc, requests.exceptions.SSLError):
            problem = Problem(
                "tls_error", f"The encrypted connection to {host} failed ({_root_cause(exc)})", retryable=True
            )
        elif isinstance(exc, requests.exceptions.Timeout) or _has_cause(exc, urllib3.exceptions.ReadTimeoutError):
            seconds = f"{self.limits.timeout:g} s"
            problem = Problem("timeout", f"{host} did not answer within {seconds}", retryable=True)
        elif never_sent:
            problem = Problem("unreachable", f"No connection to {host} ({_root_cause(exc)})", retryable=True)
        elif isinstance(exc, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
            problem = Problem(
                "connection_lost", f"{host} broke the connection off before the answer was whole", retryable=True
            )
        elif isinstance(exc, requests.exceptions.ContentDecodingError):
            problem = Problem("bad_answer", f"The answer of {host} cannot be decoded", retryable=False)
        else:
            problem = Problem("bad_request", f"The request to {host} cannot be sent ({type(exc).__name__})")
            return ApiError(problem)
        return ApiError(problem, doubtful=not reading and not never_sent)

    def _refusal(self, response: requests.Response, body: bytes, host: str, reading: bool) -> ApiError:
        status = response.status_code
        payload = None
        with contextlib.suppress(ValueError, RecursionError):
            payload = json.loads(body)
        if 300 <= status < 400:
            return ApiError(
                Problem(
                    "redirected",
                    f"{host} answered {status} and points to "
                    f"{self.scrub(_origin_text(response.headers.get('Location', '')))}. "
                    "Redirects are not followed, since they would carry the credential along: "
                    "set api_url or token_url to the right address",
                    status,
                    request_id(response.headers),
                ),
                payload=payload,
            )
        retryable = status in _BUSY or (status == 500 and reading)
        said = self.scrub(said_in(payload)) if payload is not None else ""
        detail = said or describe_body(response.headers, body)
        code = _CODES.get(status) or ("server_error" if status >= 500 else "bad_request")
        return ApiError(
            Problem(code, f"{host} answered {status}: {detail}", status, request_id(response.headers), retryable),
            doubtful=not reading and status >= 500,
            payload=payload,
            retry_after=retry_after(response.headers, self.clock.wall()) if retryable else None,
        )


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Return a body as it comes in, unpacked.

    `iter_content` waits for a whole piece, so that a server that sends a byte now and then would be waited for without
    end.
    """
    raw = response.raw
    try:
        if hasattr(raw, "read1"):
            while piece := raw.read1(PIECE, decode_content=True):
                yield piece
        else:
            yield from _pieces_of_elder_urllib3(raw)
    except urllib3.exceptions.ProtocolError as exc:
        raise requests.exceptions.ChunkedEncodingError(exc) from None
    except urllib3.exceptions.DecodeError as exc:
        raise requests.exceptions.ContentDecodingError(exc) from None
    except urllib3.exceptions.ReadTimeoutError as exc:
        raise requests.exceptions.ConnectionError(exc) from None
    except urllib3.exceptions.SSLError as exc:
        raise requests.exceptions.SSLError(exc) from None


def _pieces_of_elder_urllib3(raw: t.Any) -> Iterator[bytes]:
    """Do what urllib3 2.2 has in `read1`, for a body that is not packed: before that it is left to http.client.

    That of Python 3.11 does not know when it has read a body of known length to its end, and takes one that breaks off
    for whole.
    """
    answer = raw._fp
    left = raw.length_remaining
    while left != 0:
        with raw._error_catcher():
            piece = answer.read1(PIECE if left is None else min(PIECE, left))
            if left and not piece:
                raise http.client.IncompleteRead(b"", left)
        if not piece:
            break
        if left is not None:
            left -= len(piece)
        yield piece
    answer.close()
    raw.release_conn()


def _refused_credential(problem: Problem) -> Problem:
    hint = "the credential was refused; it may have run out, been revoked, or belong to another host"
    return replace(problem, code="unauthorized", message=f"{problem.message} ({hint})", retryable=False)


def _has_cause(exc: BaseException, kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in _causes(exc))


def _causes(exc: BaseException) -> Iterable[BaseException]:
    seen: list[BaseException] = []
    todo: list[t.Any] = [exc]
    while todo:
        item = todo.pop(0)
        if isinstance(item, BaseException) and item not in seen:
            seen.append(item)
            todo += [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
    return seen


def _root_cause(exc: BaseException) -> str:
    """Say what happened in the operating system's words, which hold no address and no header."""
    for cause in _causes(exc):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return getattr(cause, "verify_message", "not accepted")
        if isinstance(cause, socket.gaierror):
            return "its name cannot be resolved"
        if (
            isinstance(cause, OSError)
            and cause.strerror
            and not isinstance(cause, requests.exceptions.RequestException)
        ):
            return cause.strerror
    return type(exc).__name__


def _origin_text(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "no address"
    if not parts.netloc:
        return "another path"
    return f"{parts.scheme}://{parts.hostname or ''}" if parts.scheme else parts.hostname or "another host"


def said_in(payload: t.Any) -> str:
    """Return what an error body says, from the fields that vendors use for it, and nothing else of it."""
    if isinstance(payload, str):
        return payload
    if isinstance(payload, list):
        return "; ".join(filter(None, (said_in(item) for item in payload[:5])))
    if not isinstance(payload, dict):
        return ""
    texts = [
        said_in(payload[name]) for name in ("message", "error", "error_description", "detail") if payload.get(name)
    ]
    errors = payload.get("errors")
    if isinstance(errors, dict):
        texts += [f"{name}: {said_in(value)}" for name, value in list(errors.items())[:10]]
    elif errors:
        texts.append(said_in(errors))
    return "; ".join(dict.fromkeys(filter(None, texts)))


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


def gather(function: Callable[[t.Any], t.Any], items: Iterable[t.Any], concurrency: int) -> list[t.Any]:
    """Call a function for each item over some threads and return the results in the items' order.

    The first exception is raised once the calls under way have ended.
    """
    todo = list(items)
    if len(todo) < 2 or concurrency < 2:
        return [function(item) for item in todo]
    results: list[t.Any] = [None] * len(todo)
    left = deque(range(len(todo)))

    def work() -> None:
        """Take one item after another: a future for each of ten thousand costs more than a thread that goes on."""
        while left:
            try:
                place = left.popleft()
            except IndexError:
                return  # another thread was faster
            try:
                results[place] = function(todo[place])
            except BaseException:
                left.clear()
                raise

    threads = min(concurrency, len(todo))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        try:
            for done in as_completed([pool.submit(work) for _thread in range(threads)]):
                done.result()
        except BaseException:
            left.clear()
            raise
    return results
