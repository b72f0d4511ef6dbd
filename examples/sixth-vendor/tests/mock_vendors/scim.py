# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A SCIM 2.0 service provider, RFC 7643 and RFC 7644."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from .base import COMMON, Account, Store, Switches, Vendor
from .wire import Answer, Call, html, reply

ACCESS_TOKEN = "scimAccessToken-7d1f40c8be62"
ROOT = ["scim", "v2", "Users"]
MEDIA_TYPE = "application/scim+json"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PAGE = 100


class Scim(Vendor):
    name = "scim"
    services = ("scim",)
    login = ("access_token",)
    opened: ClassVar = {"active": True}
    closed: ClassVar = {"active": False}
    native_keys: ClassVar = {"user_id": "id", "username": "userName"}
    switches: ClassVar[Switches] = {
        **COMMON,
        # What the RFCs leave to the service provider.
        "max_page": (PAGE,),
        "filter": ("works", "ignored", 400, 501),
        "patch": (200, 204),
        "missing": ("scim", "html"),
        "resources": ("always", "left_out_when_empty"),
    }

    def __init__(self) -> None:
        super().__init__()
        self.tokens.fix(ACCESS_TOKEN)

    @classmethod
    def named(cls, email: str) -> Account:
        return {"userName": email, "emails": [{"value": email}]}

    @classmethod
    def address(cls, account: Account) -> str:
        return str(account["userName"])

    def new_store(self) -> Store:
        return Store(name=lambda account: [account["userName"].lower()])

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        return {"api_url": f"{urls['scim']}/scim/v2", "access_token": ACCESS_TOKEN}

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        name = account.get("userName", f"user{number:05d}")
        filled = {
            "schemas": [USER],
            "id": f"2819c223-7f76-453a-919d-{number:012d}",
            "userName": name,
            "emails": [{"value": name if "@" in name else f"{name}@example.com", "type": "work", "primary": True}],
            "active": True,
            "meta": {"resourceType": "User"},
            **account,
        }
        return filled["id"], filled

    def word(self, account: Account | None) -> str | None:
        return None if account is None else "active" if account["active"] else "inactive"

    def person(self, number: int) -> Account:
        return {}

    def error(self, status: int, text: str) -> Answer:
        return self._said(status, {"schemas": [ERROR], "detail": text, "status": str(status)})

    def answer(self, call: Call) -> Answer:
        segments = call.segments
        if segments[:3] != ROOT or len(segments) > 4 or "" in segments:
            return html(404, "Not Found")
        if self.tokens.find(self.credential(call)) is None:
            return self.error(401, "The token is missing, or not valid")
        match (call.method, len(segments)):
            case ("GET", 3):
                return self._list(call)
            case ("GET", 4):
                account = self.view(call, listing=False).get(segments[3])
                return self._missing() if account is None else self._said(200, account)
            case ("PATCH", 4):
                return self._patch(call, segments[3])
            case ("DELETE", 4):
                return self._delete(segments[3])
        return self.error(405, "This method is not offered here")

    def _said(self, status: int, data: Any) -> Answer:
        return reply(status, data, {"Content-Type": MEDIA_TYPE})

    def _missing(self) -> Answer:
        return html(404, "Not Found") if self.switch["missing"] == "html" else self.error(404, "There is no such user")

    def _list(self, call: Call) -> Answer:
        asked = call.parameter("filter")
        found = list(self.view(call, listing=True))
        if asked is not None and self.switch["filter"] != "ignored":
            if self.switch["filter"] != "works":
                return self.error(self.switch["filter"], "There are no filters")
            condition = re.fullmatch(r'userName eq ("(?:[^"\\]|\\.)*")', asked)
            if condition is None:
                return self.error(400, "The filter is not understood")
            # userName is not case-exact (RFC 7643, 4.1.1 and 8.7.1).
            name = json.loads(condition[1]).lower()
            found = [account for account in found if account["userName"].lower() == name]
        try:
            start = max(1, int(call.parameter("startIndex") or 1))
            count = max(0, int(call.parameter("count") or PAGE))
        except ValueError:
            return self.error(400, "startIndex and count must be numbers")
        page = found[start - 1 :][: min(count, self.switch["max_page"])]
        data = {"schemas": [LIST], "totalResults": len(found), "startIndex": start, "itemsPerPage": len(page)}
        if page or self.switch["resources"] == "always":
            data["Resources"] = page
        return self._said(200, data)

    def _patch(self, call: Call, user_id: str) -> Answer:
        if call.content_type not in (MEDIA_TYPE, "application/json"):
            return self.error(415, f"The body must be {MEDIA_TYPE}")
        try:
            data = call.json()
            (operation,) = data["Operations"]
            value = operation["value"]
            fine = data["schemas"] == [PATCH] and (operation["op"], operation["path"]) == ("replace", "active")
        except (ValueError, KeyError, TypeError):
            fine = False
        if not fine or not isinstance(value, bool):
            return self.error(400, "This double of a service provider replaces active, and nothing else")
        account = self.store.rows.get(user_id)
        if account is None:
            return self._missing()
        changed = {**account, "active": value}
        if changed != account:
            self.store.put(user_id, changed)
        return Answer(204) if self.switch["patch"] == 204 else self._said(200, changed)

    def _delete(self, user_id: str) -> Answer:
        if user_id not in self.store.rows:
            return self._missing()
        self.store.remove(user_id)
        return Answer(204)
