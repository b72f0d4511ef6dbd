# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Faults on request."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Store

SELECTORS = frozenset({"service", "kind", "method", "path", "skip", "times", "action"})
KINDS = ("any", "read", "write", "token")
ARGUMENTS: dict[str, frozenset[str]] = {
    "status": frozenset({"status", "headers", "body", "json", "retry_after", "apply"}),
    "refuse": frozenset(),
    "reset_before": frozenset(),
    "reset_after": frozenset(),
    "slow": frozenset({"seconds", "when"}),
    "truncate": frozenset({"promise"}),
    "html": frozenset({"status"}),
    "redirect": frozenset({"status", "location"}),
    "noop": frozenset(),
    "stale": frozenset({"seconds", "lists"}),
    "revoke": frozenset(),
    "expire": frozenset(),
    "big": frozenset({"size", "status", "gzip"}),
    "echo_secret": frozenset({"status"}),
    "platform": frozenset({"platforms", "apply", "message", "overall"}),
}
REQUIRED = {"status": ("status",), "slow": ("seconds",), "redirect": ("location",), "platform": ("platforms",)}


@dataclass
class Fault:
    action: str
    service: str | None = None
    kind: str = "any"
    method: str | None = None
    path: re.Pattern[str] | None = None
    skip: int = 0
    times: int | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    fired: int = 0
    marks: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, order: Mapping[str, Any], services: Iterable[str]) -> Fault:
        """A fault from its JSON; ValueError says what is wrong with it."""
        action = order.get("action")
        if action not in ARGUMENTS:
            raise ValueError(f"unknown action {action!r}; known: {', '.join(ARGUMENTS)}")
        arguments = {name: value for name, value in order.items() if name not in SELECTORS}
        if unknown := set(arguments) - ARGUMENTS[action]:
            raise ValueError(f"action {action} does not take {', '.join(sorted(unknown))}")
        if missing := [name for name in REQUIRED.get(action, ()) if name not in arguments]:
            raise ValueError(f"action {action} needs {', '.join(missing)}")
        if order.get("service") not in (None, *services):
            raise ValueError(f"unknown service {order['service']!r}; known: {', '.join(services)}")
        if order.get("kind", "any") not in KINDS:
            raise ValueError(f"unknown kind {order['kind']!r}; known: {', '.join(KINDS)}")
        path = order.get("path")
        return cls(
            action=action,
            service=order.get("service"),
            kind=order.get("kind", "any"),
            method=order.get("method"),
            path=None if path is None else re.compile(path),
            skip=int(order.get("skip", 0)),
            times=order.get("times"),
            arguments=arguments,
        )

    def show(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "service": self.service,
            "kind": self.kind,
            "method": self.method,
            "path": self.path.pattern if self.path else None,
            "skip": self.skip,
            "times": self.times,
            "fired": self.fired,
            **self.arguments,
        }

    @property
    def spent(self) -> bool:
        return self.times is not None and self.fired >= self.times

    def matches(self, vendor: str, service: str, kind: str, method: str, target: str) -> bool:
        return (
            not self.spent
            and self.service in (None, vendor, service)
            and self.kind in ("any", kind)
            and self.method in (None, method)
            and (self.path is None or self.path.search(target) is not None)
        )

    def stale_position(self, store: Store, listing: bool) -> int:
        """Where this stale reader stands in the journal. Only a read that differs from the truth counts as fired."""
        newest = len(store.journal)
        if self.arguments.get("lists") and not listing:
            return newest
        position = self.marks.get(str(id(store)), 0)
        if "seconds" in self.arguments:
            position = max(position, store.position({"seconds": self.arguments["seconds"]}))
        if position < newest:
            self.fired += 1
        return position


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault, stores: Iterable[Store]) -> None:
        fault.marks = {str(id(store)): len(store.journal) for store in stores}
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults = []

    def show(self) -> list[dict[str, Any]]:
        return [fault.show() for fault in self._faults]

    def pick(self, vendor: str, service: str, kind: str, method: str, target: str) -> Fault | None:
        """The first fault whose turn it is. A stale one counts itself, when a read really is stale."""
        for fault in self._faults:
            if not fault.matches(vendor, service, kind, method, target):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.action == "stale":
                if kind != "read":
                    continue
            else:
                fault.fired += 1
            return fault
        return None


def retry_after(value: int | float | str) -> str:
    """Retry-After as a number, as `date:SECONDS` (an HTTP date so many seconds ahead), or any other text as it is."""
    text = str(value)
    if text.startswith("date:"):
        return formatdate(ceil(time.time() + float(text[5:])), usegmt=True)
    return text
