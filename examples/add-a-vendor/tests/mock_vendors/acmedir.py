# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Acme Directory, a made-up product, as the table in docs/docsite/rst/add_a_vendor.rst describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import COMMON, Account, Store, Switches, Vendor
from .wire import Answer, Call, html, reply

ACCESS_TOKEN = "acmedirAccessToken-7d1f40c8be62"
ROOT = ["v1", "people"]
STATUSES = ("enabled", "suspended")
PAGE = 100


class Acmedir(Vendor):
    name = "acmedir"
    services = ("acmedir",)
    login = ("access_token",)
    opened: ClassVar = {"status": "enabled"}
    closed: ClassVar = {"status": "suspended"}
    native_keys: ClassVar = {"user_id": "id"}
    requests_to_count = 2
    switches: ClassVar[Switches] = {
        **COMMON,
        # What the documentation leaves open.
        "patch": (200, 204),
        "missing": ("json", "html"),
        # A fault of the server, by which a user could look missing.
        "paging": ("works", "ignored"),
    }

    def __init__(self) -> None:
        super().__init__()
        self.tokens.fix(ACCESS_TOKEN)

    def new_store(self) -> Store:
        return Store()

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        return {"api_url": f"{urls['acmedir']}/v1", "access_token": ACCESS_TOKEN}

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        default = {"id": f"p-{number:06d}", "email": f"user{number:05d}@example.com", "status": "enabled"}
        filled = {**default, **account}
        return filled["id"], filled

    def word(self, account: Account | None) -> str | None:
        return None if account is None else account["status"]

    def person(self, number: int) -> Account:
        return {}

    def error(self, status: int, text: str) -> Answer:
        return reply(status, {"error": {"status": status, "message": text}})

    def answer(self, call: Call) -> Answer:
        if call.segments[:2] != ROOT or len(call.segments) > 3 or "" in call.segments:
            return html(404, "Not Found")
        if self.tokens.find(self.credential(call)) is None:
            return self.error(401, "The token is missing or not valid")
        if len(call.segments) == 2:
            return self._list(call) if call.method == "GET" else self.error(405, "This method is not offered")
        account = self.view(call, listing=False).get(call.segments[2])
        if account is None:
            return html(404, "Not Found") if self.switch["missing"] == "html" else self.error(404, "No such person")
        match call.method:
            case "GET":
                return reply(200, account)
            case "PATCH":
                return self._patch(call, account)
            case "DELETE":
                self.store.remove(account["id"])
                return Answer(204)
        return self.error(405, "This method is not offered")

    def _list(self, call: Call) -> Answer:
        try:
            number, size = int(call.parameter("page") or 1), int(call.parameter("per_page") or PAGE)
        except ValueError:
            return self.error(400, "page and per_page must be numbers")
        if number < 1 or not 1 <= size <= PAGE:
            return self.error(400, f"page must be 1 or more, per_page 1 to {PAGE}")
        start = 0 if self.switch["paging"] == "ignored" else (number - 1) * size
        view = self.view(call, listing=True)
        return reply(200, {"people": view.page(start, start + size), "total": len(view.ids)})

    def _patch(self, call: Call, account: Account) -> Answer:
        if call.content_type != "application/json":
            return self.error(415, "The body must be application/json")
        try:
            data: Any = call.json()
        except ValueError:
            data = None
        if not isinstance(data, dict) or list(data) != ["status"] or data["status"] not in STATUSES:
            return self.error(400, f"The body must be an object with a status of {' or '.join(STATUSES)} alone")
        changed = account | data
        if changed != account:
            self.store.put(account["id"], changed)
        return Answer(204) if self.switch["patch"] == 204 else reply(200, changed)
