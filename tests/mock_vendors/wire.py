# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""One request and one answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from .faults import Fault


@dataclass
class Call:
    """One request as it came over the wire."""

    service: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    fault: Fault | None = None
    stale: Fault | None = None
    # The state of an account that this request has changed, each as in the log.
    effects: list[dict[str, Any]] = field(default_factory=list)
    # Whether the answer shows accounts as they were, and not as they are.
    behind: bool = False
    # Whether it was accepted to be carried out later.
    late: bool = False

    @cached_property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @cached_property
    def segments(self) -> list[str]:
        return [unquote(part) for part in self.path.split("/")[1:]]

    @cached_property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True)

    def parameter(self, name: str) -> str | None:
        values = self.query.get(name)
        return values[-1] if values else None

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON; ValueError when it is none."""
        return json.loads(self.body)


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def reply(status: int, data: Any, headers: Mapping[str, str] | None = None) -> Answer:
    body = json.dumps(data, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json", **(headers or {})})


def html(status: int, title: str) -> Answer:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), {"Content-Type": "text/html;charset=utf-8"})
