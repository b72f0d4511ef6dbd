# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Access tokens and what the token endpoints share."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from .wire import Answer, Call, reply

if TYPE_CHECKING:
    from .base import Vendor

FORM = "application/x-www-form-urlencoded"


@dataclass
class Token:
    value: str
    expires: float
    scopes: frozenset[str] = frozenset()
    service: str = ""


class Tokens:
    """The tokens of one vendor: issued ones, and fixed ones such as a PAT."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._fixed: dict[str, Token] = {}
        self.reset()

    def reset(self) -> None:
        self._issued: dict[str, Token] = {}
        self.revoked: set[str] = set()

    def fix(self, value: str, scopes: frozenset[str] = frozenset()) -> None:
        self._fixed[value] = Token(value, float("inf"), scopes)

    def issue(self, ttl: float, scopes: frozenset[str] = frozenset(), service: str = "", single: bool = False) -> Token:
        if single:
            self.revoked.update(value for value, token in self._issued.items() if token.service == service)
        token = Token(f"at-{self._vendor}-{secrets.token_urlsafe(24)}", time.monotonic() + ttl, scopes, service)
        self._issued[token.value] = token
        return token

    def find(self, value: str) -> Token | None:
        """The token, when it is good now."""
        token = self._issued.get(value) or self._fixed.get(value)
        if token is None or value in self.revoked or time.monotonic() >= token.expires:
            return None
        return token

    def revoke(self, value: str) -> None:
        self.revoked.add(value)

    def forgive(self) -> None:
        self.revoked = set()

    def revoke_all(self) -> None:
        self.revoked.update(self._issued, self._fixed)

    def expire(self) -> None:
        for token in self._issued.values():
            token.expires = 0.0

    def show(self) -> list[str]:
        return list(self._issued)


def bearer(call: Call) -> str | None:
    scheme, _unused, value = call.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def basic(call: Call) -> tuple[str, str] | None:
    scheme, _unused, value = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, separator, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if separator else None


def form(call: Call) -> dict[str, str] | None:
    """The fields of a form body; None when the content type is another or a field is given twice (RFC 6749, 3.2)."""
    if call.content_type != FORM:
        return None
    try:
        pairs = parse_qsl(call.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def same(given: str | None, expected: str) -> bool:
    return given is not None and secrets.compare_digest(given.encode(), expected.encode())


def oauth_error(status: int, error: str, description: str) -> Answer:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="token"'
    return reply(status, {"error": error, "error_description": description}, headers)


def token_answer(
    vendor: Vendor, scopes: frozenset[str] = frozenset(), service: str = "", show_scope: bool = False
) -> Answer:
    """Issue a token as the vendor's switches say, and answer with it (RFC 6749, 5.1)."""
    ttl = vendor.switch["token_ttl"]
    token = vendor.tokens.issue(ttl, scopes, service, vendor.switch["token_single"])
    data: dict[str, object] = {"access_token": token.value, "token_type": "Bearer"}
    if vendor.switch["token_expires_in"] != "absent":
        data["expires_in"] = str(int(ttl)) if vendor.switch["token_expires_in"] == "string" else int(ttl)
    if show_scope:
        data["scope"] = " ".join(sorted(scopes))
    return reply(200, data, {"Cache-Control": "no-store"})
