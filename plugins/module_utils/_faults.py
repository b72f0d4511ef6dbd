# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of requests: what a fault of the connection or a refusal of the vendor means.

PRIVATE to the collection. The texts of the libraries are not passed on: they quote addresses.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import socket
import ssl
import typing as t
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ._libraries import requests, urllib3
from ._model import Problem
from ._pacing import retry_after
from ._proxy import Proxy
from ._url import origin_text

_BUSY = frozenset((429, 502, 503, 504))
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
_REQUEST_ID_HEADERS = (
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "request-id",
    "cf-ray",
)


class ApiError(Exception):
    """A request that did not bring what was asked for.

    ``doubtful``: it was a write, and what came back does not show whether it was carried out. ``partial``: it
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


def refused_credential(problem: Problem) -> Problem:
    """Return the problem of a credential that was refused again after it was renewed, or that cannot be."""
    hint = "the credential was refused; it may have run out, been revoked, or belong to another host"
    return replace(problem, code="unauthorized", message=f"{problem.message} ({hint})", retryable=False)


def bad_proxy(proxy: Proxy, host: str, reason: str) -> Problem:
    """Return the problem of a proxy that no request can be sent by."""
    hint = "Write it as http://host:port, or take the host out with NO_PROXY"
    return Problem("unreachable", f"Nothing was sent to {host}: {proxy} cannot be used ({reason}). {hint}")


def fault_of(
    exc: requests.exceptions.RequestException, host: str, reading: bool, timeout: float, proxy: Proxy | None = None
) -> ApiError:
    """Turn a fault on the way into an error. ``timeout``: in seconds."""
    if proxy is not None:
        if isinstance(exc, requests.exceptions.InvalidSchema):
            return Fatal(bad_proxy(proxy, host, "SOCKS needs the Python package PySocks, which is not installed"))
        if isinstance(exc, requests.exceptions.InvalidURL):
            return Fatal(bad_proxy(proxy, host, "its address is malformed"))
        host = f"{host} by {proxy}"
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
            "unreachable", f"The request did not get through to {host}: the proxy refused it", retryable=True
        )
    elif isinstance(exc, requests.exceptions.SSLError):
        problem = Problem(
            "tls_error", f"The encrypted connection to {host} failed ({_root_cause(exc)})", retryable=True
        )
    elif isinstance(exc, requests.exceptions.Timeout) or _has_cause(exc, urllib3.exceptions.ReadTimeoutError):
        seconds = f"{timeout:g} s"
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


def refusal_of(
    response: requests.Response, body: bytes, host: str, reading: bool, scrub: Callable[[str], str], wall: float
) -> ApiError:
    """Turn an answer with another status than 2xx into an error. ``wall``: now, in seconds since the epoch."""
    status = response.status_code
    payload = None
    with contextlib.suppress(ValueError, RecursionError):
        payload = json.loads(body)
    if 300 <= status < 400:
        return ApiError(
            Problem(
                "redirected",
                f"{host} answered {status} and points to "
                f"{scrub(origin_text(response.headers.get('Location', '')))}. "
                "Redirects are not followed, since they would carry the credential along: "
                "set api_url or token_url to the right address",
                status,
                request_id(response.headers),
            ),
            payload=payload,
        )
    retryable = status in _BUSY or (status == 500 and reading)
    text = scrub(error_text(payload)) if payload is not None else ""
    detail = text or describe_body(response.headers, body)
    code = _CODES.get(status) or ("server_error" if status >= 500 else "bad_request")
    return ApiError(
        Problem(code, f"{host} answered {status}: {detail}", status, request_id(response.headers), retryable),
        doubtful=not reading and status >= 500,
        payload=payload,
        retry_after=retry_after(response.headers, wall) if retryable else None,
    )


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


def error_text(payload: t.Any) -> str:
    """Return the text of an error body, from the fields that vendors use for it, and nothing else of the body."""
    if isinstance(payload, str):
        return payload
    if isinstance(payload, list):
        return "; ".join(filter(None, (error_text(item) for item in payload[:5])))
    if not isinstance(payload, dict):
        return ""
    texts = [
        error_text(payload[name]) for name in ("message", "error", "error_description", "detail") if payload.get(name)
    ]
    errors = payload.get("errors")
    if isinstance(errors, dict):
        texts += [f"{name}: {error_text(value)}" for name, value in list(errors.items())[:10]]
    elif errors:
        texts.append(error_text(errors))
    return "; ".join(dict.fromkeys(filter(None, texts)))


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
