# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies of the environment: which one a request takes, and how it is named without its login.

PRIVATE to the collection.
"""

from __future__ import annotations

import os
import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ._libraries import requests
from ._url import is_loopback

_ADDRESS = re.compile(
    r"((?:https?|socks4a?|socks5h?)://)?"
    r"(?:([^/?#\\\s]*)@)?"
    r"((?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?)(?::[0-9]{1,5})?)/?"
)


@dataclass(frozen=True)
class Proxy:
    """The proxy on the way to a host. ``address``: without its login; empty if it is malformed."""

    variable: str
    address: str

    def __str__(self) -> str:
        return f"the proxy {self.address} of {self.variable}" if self.address else f"the proxy of {self.variable}"


@dataclass(frozen=True)
class Route:
    """The route to a host. ``proxies``: for requests, logins included."""

    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: Proxy | None = None


def route_to(url: str) -> Route:
    """Return the route to the host of an address, by the environment. A loopback address has no proxy."""
    if is_loopback(urlsplit(url).hostname or ""):
        return Route()
    proxies: dict[str, str] = dict(requests.utils.get_environ_proxies(url))
    given: t.Any = requests.utils.select_proxy(url, proxies)
    if not given:
        return Route(proxies)
    scheme = next((name for name, value in proxies.items() if name != "all" and value == given), "all")
    names = (f"{scheme}_proxy", f"{scheme}_PROXY".upper())
    variable = next((name for name in names if os.environ.get(name)), "the system's settings")
    return Route(proxies, Proxy(variable, _without_login(given)))


def _without_login(given: str) -> str:
    """Return the address of a proxy without its login; an empty text if no request can be sent by it."""
    found = _ADDRESS.fullmatch(given)
    try:
        unquote((found and found[2]) or "").encode("latin-1")  # so requests sends it
    except UnicodeError:
        return ""
    return f"{found[1] or 'http://'}{found[3]}" if found else ""
