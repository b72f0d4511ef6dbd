# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Every fault that the mock vendors can have, by name."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos.runs import SLOW, Fault
from chaos.tenants import Tenant

ANY = ("read", "write", "token")


@dataclass(frozen=True)
class Form:
    """A fault by its name: the mock's action, what goes with it, and the kinds of requests that it makes sense for."""

    action: str
    arguments: Mapping[str, t.Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ANY
    loses: bool = True
    """Whether the client learns that the request failed, or does not learn its result."""

    def applies(self, tenant: Tenant, login: tuple[str, ...], kind: str) -> bool:
        return kind in self.kinds and kind in tenant.kinds(login)


def _status(status: int, **arguments: t.Any) -> Form:
    return Form("status", {"status": status, **arguments})


FORMS: dict[str, Form] = {
    "429, in 2 s": _status(429, retry_after=2),
    "429, by date": _status(429, retry_after="date:3"),
    "429": _status(429),
    "429, in a day": _status(429, retry_after=86400),
    "429, in aeons": _status(429, retry_after="9" * 400),
    "429, no time": _status(429, retry_after="soon"),
    "429, negative": _status(429, retry_after=-5),
    "500": _status(500),
    "502": _status(502),
    "503": _status(503),
    "503, in 1 s": _status(503, retry_after=1),
    "504": _status(504),
    "504, done": Form("status", {"status": 504, "apply": True}, ("write",)),
    "refused": Form("refuse"),
    "reset before": Form("reset_before"),
    "reset after": Form("reset_after"),
    "slow": Form("slow", {"seconds": SLOW}),
    "slow, done": Form("slow", {"seconds": SLOW, "when": "after"}),
    "truncated": Form("truncate"),
    "cut off": Form("truncate", {"promise": True}),
    "html": Form("html"),
    "401": _status(401),
    "revoked": Form("revoke", kinds=("read", "write")),
    "expired": Form("expire", kinds=("read", "write")),
    "404": Form("status", {"status": 404}, ("write",), loses=False),
    "no effect": Form("noop", kinds=("write",), loses=False),
    "stale": Form("stale", kinds=("read",), loses=False),
    "stale list": Form("stale", {"lists": True}, ("read",), loses=False),
}
LOSING = {form.action for form in FORMS.values() if form.loses}


def fault(name: str, kind: str, skip: int = 0, times: int | None = 1) -> Fault:
    form = FORMS[name]
    return Fault(name, form.action, kind, skip, times, form.arguments)
