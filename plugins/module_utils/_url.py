# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses: which ones a request may be sent to, and how a key becomes a part of one.

PRIVATE to the collection.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")


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


def origin_text(url: str) -> str:
    """Return the origin of an address in words that hold no secret: no path, no query, no user name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "no address"
    if not parts.netloc:
        return "another path"
    return f"{parts.scheme}://{parts.hostname or ''}" if parts.scheme else parts.hostname or "another host"


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address: what a credential is bound to."""
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return (parts.scheme, (parts.hostname or "").lower(), parts.port or default)
