# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""netexCloud user web services, https://community.netexlearning.com/knowledge-bases/29."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from .base import COMMON, LISTS, Account, Store, Switches, Vendor
from .wire import Answer, Call, html, reply

AUTH_TOKEN = "netexAuthToken-51e0b6c2a97d"
ROOT = ["integration", "ws", "management", "rest", "users"]
ACCEPT = re.compile(r"\*/\*|application/vnd\.netex\.nlc-api(\.v1\.0\.[01])?(\+(json|plain|xml))?")
PAGE = 500
DONE = {
    "activate": "User activated",
    "deactivate": "User deactivated",
    "delete": "User deleted",
}
ROLES = {"management": ["user"], "training": ["user"], "social": ["user"], "play": ["user"]}
IMAGE: dict[str, Any] = {"url": None}
# The shape of a bcrypt hash, so that tests can look for it in outputs.
PASSWORD = "$2a$10$TestTestTestTestTestTuXyq5cGZpUo0m1l8c0GmZbT3n6eWk9Sa"


class Netex(Vendor):
    name = "netex"
    requests_to_count = 2
    services = ("netex",)
    login = ("auth_token",)
    opened: ClassVar = {"enabled": True}
    closed: ClassVar = {"enabled": False}
    native_keys: ClassVar = {"user_id": "id"}
    switches: ClassVar[Switches] = {
        **COMMON,
        **LISTS,
        "beyond_end": ("empty", "last", "first", 400),
        "max_page": (PAGE,),
        "short_page": (None,),
        "start_index_base": (0, 1),
        "over_count": ("clamp", 400),
        "user_missing": (404, "inner", "html"),
        "already": (204, 409, 400),
        "http_status": ("always_200", "errors", "inner"),
        "bad_token": (401, 403),
        "accept": ("strict", "ignored"),
        "missing_content_type": (415, 400),
        "username_case_insensitive": (False, True),
        "default_synchronization": ("synchronous", "asynchronous"),
        "password": ("hash", "absent"),
        "platforms": (("training", "social", "play", "management"),),
        "queued_platforms": (("training", "social"),),
        "async_delay": (None,),
    }

    def __init__(self) -> None:
        super().__init__()
        self.tokens.fix(AUTH_TOKEN)

    @classmethod
    def named(cls, email: str) -> Account:
        return {"username": email.partition("@")[0], "email": email}

    def new_store(self) -> Store:
        return Store(username=lambda account: [account["username"].lower()])

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        return {"api_url": urls["netex"], "auth_token": AUTH_TOKEN}

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        username = account.get("username", f"user{number:05d}")
        filled = {
            "id": f"ff808181556ee70e0155{number:012x}",
            "username": username,
            "name": "First",
            "surname": "Last",
            "email": username if "@" in username else f"{username}@example.com",
            "language": "en",
            "timezone": "Europe/Madrid",
            "aboutMe": None,
            "interests": None,
            "location": None,
            "officePhone": None,
            "mobilePhone": None,
            "enabled": True,
            "image": IMAGE,
            "roles": ROLES,
            "extra": {},
            "authSource": "LOCAL",
            "commonId": f"ff808181556ee70e0166{number:012x}",
            "externalId": None,
            "extendedFields": {},
            "password": PASSWORD,
            **account,
        }
        return filled["id"], filled

    def word(self, account: Account | None) -> str | None:
        return None if account is None else "enabled" if account["enabled"] else "disabled"

    def person(self, number: int) -> Account:
        return {}

    def credential(self, call: Call) -> str:
        return call.headers.get("X-Cloud-Auth-Token", "")

    def error(self, status: int, text: str) -> Answer:
        return reply(status, {"status": status, "location": None, "message": text, "responsePlatforms": {}})

    def answer(self, call: Call) -> Answer:
        segments = call.segments
        if segments[:5] != ROOT or len(segments) > 7 or "" in segments:
            return html(404, "HTTP Status 404 - Not Found")
        if self.tokens.find(self.credential(call)) is None:
            status = self.switch["bad_token"]
            return self.error(status, "Unauthorized" if status == 401 else "Forbidden")
        accept = call.headers.get("Accept")
        if self.switch["accept"] == "strict" and accept is not None and not ACCEPT.fullmatch(accept):
            return html(406, "HTTP Status 406 - Not Acceptable")
        verb = {("GET", 5): "list", ("GET", 6): "get", ("DELETE", 6): "delete"}.get((call.method, len(segments)))
        if len(segments) == 7:
            if segments[6] not in ("activate", "deactivate"):
                return html(404, "HTTP Status 404 - Not Found")
            verb = segments[6] if call.method == "PUT" else None
        if verb is None:
            return html(405, "HTTP Status 405 - Method Not Allowed")
        if verb == "list":
            return self._list(call)
        account = self._find(call, segments[5])
        if verb == "get":
            if self.switch["canary"] != 200:
                return self._missing() if self.switch["canary"] == 404 else self.error(403, "Forbidden")
            return self._missing() if account is None else reply(200, self._shown(account))
        return self._write(call, verb, account)

    def _list(self, call: Call) -> Answer:
        base = self.switch["start_index_base"]
        try:
            start = int(call.parameter("startIndex") or base)
            count = int(call.parameter("count") or PAGE)
        except ValueError:
            return self.error(400, "startIndex and count must be numbers")
        if start < 0 or count < 1 or (count > PAGE and self.switch["over_count"] == 400):
            return self.error(400, "startIndex or count is out of range")
        start = max(0, start - base)
        view = self.view(call, listing=True)
        end = 0 if self.switch["list"] == "empty" else min(len(view.ids), self.switch["list_limit"] or len(view.ids))
        size = min(count, PAGE, self.switch["max_page"])
        if end and start >= end and self.switch["beyond_end"] != "empty":
            if self.switch["beyond_end"] == 400:
                return self.error(400, "startIndex is out of range")
            start = max(0, end - size) if self.switch["beyond_end"] == "last" else 0
        # A page that is shorter than requested although there are more.
        size -= start // PAGE + 1 == self.switch["short_page"] and size > 1
        rows = view.page(start, min(start + size, end))
        return reply(200, [self._shown(row) for row in rows])

    def _shown(self, account: Account) -> Account:
        if self.switch["password"] == "hash":
            return account
        return {name: value for name, value in account.items() if name != "password"}

    def _find(self, call: Call, key: str) -> Account | None:
        view = self.view(call, listing=False)
        if (account := view.get(key)) is not None:
            return account
        for account in view.find("username", key.lower()):
            if self.switch["username_case_insensitive"] or account["username"] == key:
                return account
        return None

    def _missing(self) -> Answer:
        if self.switch["user_missing"] == "html":
            return html(404, "HTTP Status 404 - Not Found")
        return self._envelope(404, "User not found", {}, http=404 if self.switch["user_missing"] == 404 else None)

    def _envelope(
        self, status: int, message: str | None, platforms: Mapping[str, int], http: int | None = None
    ) -> Answer:
        mirrored = self.switch["http_status"]
        if http is None:
            http = status if mirrored == "inner" or (mirrored == "errors" and status >= 400) else 200
        if http == 204:
            return Answer(204)
        parts = {name: {"status": code, "location": None, "message": None} for name, code in platforms.items()}
        data = {"status": status, "location": None, "message": message, "responsePlatforms": parts}
        return reply(http, data)

    def _write(self, call: Call, verb: str, account: Account | None) -> Answer:
        synchronization = call.headers.get("X-Cloud-Synchronization", self.switch["default_synchronization"])
        if synchronization not in ("synchronous", "asynchronous"):
            return self.error(400, "X-Cloud-Synchronization must be synchronous or asynchronous")
        if verb == "deactivate" and (refusal := self._bad_message(call)) is not None:
            return refusal
        if account is None:
            return self._missing()
        if account["enabled"] == {"activate": True, "deactivate": False}.get(verb) and self.switch["already"] != 204:
            return self._envelope(self.switch["already"], f"User is already {verb}d", {})
        platforms = self._platforms(verb, synchronization)
        order = call.fault.arguments if call.fault is not None and call.fault.action == "platform" else {}
        if order.get("apply", True):
            row_id = account["id"]
            delay = self.switch["async_delay"] if synchronization == "asynchronous" else None
            self.later(delay, lambda: self._apply(verb, row_id))
        answer = self._envelope(order.get("overall", 204), DONE[verb], {**platforms, **order.get("platforms", {})})
        if order.get("message") is not None and answer.body:
            return self._with_message(answer, order)
        return answer

    def _with_message(self, answer: Answer, order: Mapping[str, Any]) -> Answer:
        data = Call("", "", "", {}, answer.body).json()
        for name in order["platforms"]:
            data["responsePlatforms"][name]["message"] = order["message"]
        return reply(answer.status, data)

    def _bad_message(self, call: Call) -> Answer | None:
        if not call.body:
            return None
        if call.content_type != "application/json":
            return html(self.switch["missing_content_type"], "Unsupported Media Type")
        try:
            data = call.json()
        except ValueError:
            return self.error(400, "The body is not JSON")
        if not isinstance(data, dict) or not isinstance(data.get("message", ""), str):
            return self.error(400, "message must be a text")
        return None

    def _platforms(self, verb: str, synchronization: str) -> dict[str, int]:
        names = [n for n in self.switch["platforms"] if not (verb == "delete" and n == "play")]
        if synchronization == "asynchronous":
            return {name: 202 if name in self.switch["queued_platforms"] else 204 for name in names}
        return {name: 200 if name == "training" else 204 for name in names}

    def _apply(self, verb: str, row_id: str) -> None:
        account = self.store.rows.get(row_id)
        if account is None:
            return
        if verb == "delete":
            self.store.remove(row_id)
        elif account["enabled"] != (verb == "activate"):
            self.store.put(row_id, {**account, "enabled": verb == "activate"})
