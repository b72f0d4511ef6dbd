# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Laurel identity service, https://developer.laurel.ai/services/identity/users."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from .base import COMMON, LISTS, TOKEN, Account, Store, Switches, Vendor, is_email, now_text
from .tokens import bearer, oauth_error, same, token_answer
from .wire import Answer, Call, reply

CUSTOMER = "62f6a1d0c0ffee0000000001"
CLIENT_ID = "laurel-managed-client"
CLIENT_SECRET = "laurelSecret-0d4b8a61ce73"
AUDIENCE = "https://timeautomation.com"
CREATED = "2022-08-12T20:44:48Z"
STATUSES = ("active", "adminDisabled", "firmDisabled")
# Which identities belong to which integration is not documented: a guess by their names.
RELATED = {
    "cloud-assistant-cdr": ("cisco-cdr", "cisco-webex", "phone", "phone-extension", "ringcentral"),
    "cloud-assistant-google": ("google",),
    "cloud-assistant-microsoft-exchange": ("azure", "exchange", "user-principal-name"),
    "cloud-assistant-microsoft-teams": ("azure", "user-principal-name"),
    "cloud-assistant-zoom": ("zoom",),
}
IDENTITY_TYPES = frozenset(
    {
        "aderant",
        "auth0",
        "azure",
        "email",
        "external-billing-system",
        "elite",
        "intercom",
        "juris",
        "cisco-cdr",
        "mixpanel",
        "phone",
        "phone-extension",
        "salesforce",
        "segment",
        "vitally",
        "walls",
        "zendesk",
        "zoom",
        "exchange",
        "user-principal-name",
        "cisco-webex",
        "ringcentral",
        "google",
    }
)
CUSTOMER_OBJECT = {
    "_id": CUSTOMER,
    "fullName": "Example customer",
    "tenant": {"_id": "62f6a1d0c0ffee0000000002", "description": "", "name": "lhr"},
}
ROLES = [{"_id": "62f6a1d0c0ffee0000000003", "name": "user", "permissions": []}]
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
}

Check = Callable[[Any], bool]


def is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{24}", value) is not None


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_identity(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("type") in IDENTITY_TYPES
        and isinstance(value.get("value"), str)
        and 1 <= len(value["value"]) <= 256
    )


def is_delegate(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and is_id(value.get("userId"))
        and list_of(lambda item: isinstance(item, dict) and is_text(item.get("claim")))(value.get("permissions", []))
    )


def list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def optional(check: Check) -> Check:
    return lambda value: value is None or check(value)


COMMON_FIELDS: dict[str, tuple[Check, str]] = {
    "firstName": (lambda v: is_text(v) and v != "", "must be a non-empty string"),
    "lastName": (lambda v: is_text(v) and v != "", "must be a non-empty string"),
    "nickname": (is_text, "must be a string"),
    "email": (is_email, "must be an email"),
    "jobTitle": (is_text, "must be a string"),
    "roleIds": (list_of(is_id), "must be a list of object ids"),
    "seniority": (optional(is_text), "must be a string"),
    "department": (optional(is_text), "must be a string"),
    "office": (optional(is_text), "must be a string"),
    "subdepartment": (optional(is_text), "must be a string"),
    "pod": (optional(is_text), "must be a string"),
    "identities": (list_of(is_identity), "must be a list of identities"),
}
FIELDS = {
    "v1": {**COMMON_FIELDS, "delegateIds": (list_of(is_id), "must be a list of object ids")},
    "v2": {**COMMON_FIELDS, "delegates": (list_of(is_delegate), "must be a list of delegates")},
}


def identity_keys(account: Account) -> Iterable[str]:
    return {f"{identity['type']}\0{identity['value']}" for identity in account["identities"]}


def related(row: Account, integration: str) -> list[Account]:
    return [identity for identity in row["identities"] if identity["type"] in RELATED[integration]]


def projection(row: Account, identities: list[Account]) -> Account:
    return {
        "_id": row["_id"],
        "email": row["email"],
        "name": f"{row['firstName']} {row['lastName']}",
        "relevantIdentities": identities,
    }


class Laurel(Vendor):
    name = "laurel"
    requests_to_count = 2
    services = ("laurel",)
    login = ("client_id", "client_secret")
    opened: ClassVar = {"status": "active"}
    closed: ClassVar = {"status": "firmDisabled"}
    native_keys: ClassVar = {"user_id": "_id"}
    switches: ClassVar[Switches] = {
        **COMMON,
        **TOKEN,
        **LISTS,
        "list_v2": (200, 403),
        "token_ttl": (86400,),
        "integration_required": (False, True),
        "integration_list": ("all", "related"),
        "integration_rows": ("projection", "user"),
        "search": ("contains", "starts_with"),
        "list_shape": ("list", "object_when_one"),
        "list_hides_disabled": (False, True),
        "lookup": ("user", "identity", 404),
        "status_patch": ("works", 403, 404, 405),
        "patch_lists": ("replace", "merge"),
        "delegates_land_in": ("delegates", "delegators"),
        "delete": ("hard", "soft"),
        "deleted_get": ("user", 404),
    }

    @classmethod
    def is_closed(cls, account: Account) -> bool:
        return account.get("status") in ("firmDisabled", "adminDisabled")

    @classmethod
    def with_key(cls, key: str, value: Any) -> Account:
        return {"identities": [value]} if key == "identity" else super().with_key(key, value)

    def new_store(self) -> Store:
        return Store(email=lambda account: [account["email"].lower()], identity=identity_keys)

    def reset(self) -> None:
        super().reset()
        self.deleted: dict[str, Account] = {}

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        return {
            "api_url": urls["laurel"],
            "token_url": urls["laurel"] + "/api/v1/oauth/token",
            "customer_id": CUSTOMER,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "audience": AUDIENCE,
        }

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        filled = {
            "_id": f"62f6b0000000{number:012x}",
            "createdAt": CREATED,
            "updatedAt": CREATED,
            "email": f"user{number:05d}@example.com",
            "firstName": "First",
            "lastName": "Last",
            "jobTitle": "",
            "nickname": "",
            "status": "active",
            "customer": CUSTOMER_OBJECT,
            "delegators": [],
            "delegates": [],
            "identities": [{"type": "external-billing-system", "value": f"U{number:05d}"}],
            "roles": ROLES,
            **account,
        }
        if filled["status"] == "absent":
            del filled["status"]
        for side in ("delegators", "delegates"):
            filled[side] = [{"firstName": "First", "lastName": "Last", **person} for person in filled[side]]
        return filled["_id"], filled

    def word(self, account: Account | None) -> str | None:
        return None if account is None else str(account.get("status") or "active")

    def person(self, number: int) -> Account:
        return {}

    def is_token(self, call: Call) -> bool:
        return call.path == "/api/v1/oauth/token"

    def is_reading(self, call: Call) -> bool:
        return call.method == "POST" and call.path.endswith(("/users/batch/lookup", "/users/lookup/identity"))

    def error(self, status: int, text: str | list[str]) -> Answer:
        return reply(status, {"statusCode": status, "message": text, "error": REASONS.get(status, "Error")})

    def answer(self, call: Call) -> Answer:
        if self.is_token(call):
            return self._token(call) if call.method == "POST" else self._no_route(call)
        match call.segments:
            case ["api", version, "customers", customer, "users", *rest] if version in ("v1", "v2") and customer:
                handler = self._route(call, version, rest)
            case ["api", "v1", "users", user] if call.method == "GET" and user:
                customer, handler = CUSTOMER, partial(self._get, call, user, config=False)
            case _:
                handler = None
        if handler is None:
            return self._no_route(call)
        if self.tokens.find(bearer(call) or "") is None:
            return reply(401, {"statusCode": 401, "message": "Unauthorized"})
        if customer != CUSTOMER:
            return self.error(403, "Forbidden resource")
        return handler()

    def _no_route(self, call: Call) -> Answer:
        return self.error(404, f"Cannot {call.method} {call.path}")

    def _route(self, call: Call, version: str, rest: list[str]) -> Callable[[], Answer] | None:
        match (version, call.method, rest):
            case ("v1", "GET", []):
                return lambda: self._list_v1(call)
            case ("v2", "GET", []):
                return lambda: self._list_v2(call)
            case ("v1", "GET", ["by-ids"]):
                return lambda: self._by_ids(call)
            case ("v1", "GET", ["lookup"]):
                return lambda: self._lookup(call)
            case ("v1", "POST", ["batch", "lookup"]):
                return lambda: self._batch_lookup(call)
            case ("v2", "GET", ["lookup", "identity"]):
                return lambda: self._lookup_identity(call)
            case ("v1", "GET", [user]) if user:
                return lambda: self._get(call, user, config=True)
            case (_, "PATCH", [user]) if user:
                return lambda: self._patch(call, version, user)
            case ("v1", "PATCH", [user, "status"]) if user and self.switch["status_patch"] != 404:
                return lambda: self._patch_status(call, user)
            case ("v1", "DELETE", [user]) if user:
                return lambda: self._delete(call, user)
        return None

    def _token(self, call: Call) -> Answer:
        try:
            data = call.json() if call.content_type == "application/json" else None
        except ValueError:
            data = None
        wanted = ("audience", "grant_type", "client_id", "client_secret")
        if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in wanted):
            return oauth_error(400, "invalid_request", "audience, grant_type, client_id and client_secret are required")
        if data["grant_type"] != "client_credentials":
            return oauth_error(400, "unsupported_grant_type", "The grant type is not supported.")
        if not (data["client_id"] == CLIENT_ID and same(data["client_secret"], CLIENT_SECRET)):
            return oauth_error(401, "invalid_client", "Client authentication failed")
        if data["audience"] != AUDIENCE:
            return oauth_error(400, "invalid_target", "The audience is not known.")
        return token_answer(self, service=call.service)

    def _rows(self, call: Call, search: str | None) -> list[Account]:
        rows: Iterable[Account] = self.view(call, listing=True)
        if self.switch["list_hides_disabled"]:
            rows = (row for row in rows if row.get("status") in (None, "active"))
        if search:
            part = search.lower()
            names = ("firstName", "lastName", "nickname", "email")
            hit = str.__contains__ if self.switch["search"] == "contains" else str.startswith
            rows = (row for row in rows if any(hit(row[name].lower(), part) for name in names))
        return list(rows)

    def _cut(self, rows: list[Account]) -> list[Account]:
        return [] if self.switch["list"] == "empty" else rows[: self.switch["list_limit"]]

    def _list_v1(self, call: Call) -> Answer:
        integration = call.parameter("integration")
        if integration is None and self.switch["integration_required"]:
            return self.error(400, ["integration should not be empty"])
        if integration is not None and integration not in RELATED:
            return self.error(400, [f"integration must be one of {', '.join(RELATED)}"])
        rows = self._cut(self._rows(call, call.parameter("search")))
        if integration is not None:
            rows = self._integrated(rows, integration)
        if len(rows) == 1 and self.switch["list_shape"] == "object_when_one":
            return reply(200, rows[0])
        return reply(200, rows)

    def _integrated(self, rows: list[Account], integration: str) -> list[Account]:
        only_related = self.switch["integration_list"] == "related"
        if only_related:
            rows = [row for row in rows if related(row, integration)]
        if self.switch["integration_rows"] == "user":
            return rows
        return [projection(row, related(row, integration) if only_related else row["identities"]) for row in rows]

    def _list_v2(self, call: Call) -> Answer:
        if self.switch["list_v2"] != 200:
            return self.error(403, "Forbidden resource")
        search = call.parameter("search")
        try:
            page = int(call.parameter("page") or 1)
            size = int(call.parameter("pageSize") or 50)
        except ValueError:
            return self.error(400, ["page must be an integer number", "pageSize must be an integer number"])
        problems = []
        if page < 1:
            problems.append("page must not be less than 1")
        if not 1 <= size <= 150:
            problems.append("pageSize must be between 1 and 150")
        if search is not None and not 2 <= len(search) <= 100:
            problems.append("search must be between 2 and 100 characters")
        if problems:
            return self.error(400, problems)
        view = self.view(call, listing=True)
        if search or self.switch["list_hides_disabled"]:
            rows = self._rows(call, search)
            total, items = len(rows), rows[(page - 1) * size : page * size]
        else:
            total, items = len(view.ids), view.page((page - 1) * size, page * size)
        pages = -(-total // size)
        data: dict[str, Any] = {"items": items, "totalPages": pages, "totalItems": total}
        if page < pages:
            data["nextPage"] = page + 1
        return reply(200, data)

    def _by_ids(self, call: Call) -> Answer:
        ids = call.query.get("userIds", [])
        if not 1 <= len(ids) <= 50 or not all(is_id(user) for user in ids):
            return self.error(400, ["userIds must contain between 1 and 50 object ids"])
        view = self.view(call, listing=False)
        return reply(200, [row for user in dict.fromkeys(ids) if (row := view.get(user)) is not None])

    def _identity(self, call: Call) -> Account | Answer:
        identity = {"type": call.parameter("type"), "value": call.parameter("value")}
        if not is_identity(identity):
            return self.error(400, ["type must be an identity type", "value must be between 1 and 256 characters"])
        hits = self.view(call, listing=False).find("identity", f"{identity['type']}\0{identity['value']}")
        return hits[0] if hits else self.error(404, "User not found")

    def _lookup(self, call: Call) -> Answer:
        if self.switch["lookup"] == 404:
            return self._no_route(call)
        found = self._identity(call)
        if isinstance(found, Answer):
            return found
        if self.switch["lookup"] == "identity":
            wanted = (call.parameter("type"), call.parameter("value"))
            identity = next(i for i in found["identities"] if (i["type"], i["value"]) == wanted)
            return reply(200, {"customerId": CUSTOMER, **identity})
        return reply(200, found)

    def _lookup_identity(self, call: Call) -> Answer:
        found = self._identity(call)
        return found if isinstance(found, Answer) else reply(200, found)

    def _batch_lookup(self, call: Call) -> Answer:
        data = self._body(call)
        identities = data.get("identities") if isinstance(data, dict) else None
        if not isinstance(identities, list) or not all(is_identity(identity) for identity in identities):
            return self.error(400, ["identities must be a list of identities"])
        if len(identities) > 500:
            return self.error(400, ["identities must contain no more than 500 elements"])
        view = self.view(call, listing=False)
        users = {}
        for identity in identities:
            for row in view.find("identity", f"{identity['type']}\0{identity['value']}"):
                users[row["_id"]] = row
        return reply(200, {"users": list(users.values())})

    def _body(self, call: Call) -> Any:
        if call.content_type != "application/json":
            return None
        try:
            return call.json()
        except ValueError:
            return None

    def _find(self, call: Call, user: str) -> Account | Answer:
        if not is_id(user):
            return self.error(400, ["userId must be a mongodb id"])
        row = self.view(call, listing=False).get(user)
        return self.error(404, "User not found") if row is None else row

    def _get(self, call: Call, user: str, config: bool) -> Answer:
        if self.switch["canary"] != 200:
            return self.error(self.switch["canary"], "Not for you")
        row = self._find(call, user)
        if isinstance(row, Answer):
            deleted = self.deleted.get(user) if self.switch["deleted_get"] == "user" else None
            if deleted is None:
                return row
            row = deleted
        return reply(200, {**row, "config": {}} if config else row)

    def _patch(self, call: Call, version: str, user: str) -> Answer:
        data = self._body(call)
        if not isinstance(data, dict):
            return self.error(400, ["the body must be a JSON object"])
        fields = FIELDS[version]
        problems = [f"property {name} should not exist" for name in data if name not in fields]
        problems += [f"{n} {fields[n][1]}" for n, value in data.items() if n in fields and not fields[n][0](value)]
        if problems:
            return self.error(400, problems)
        row = self._find(call, user)
        if isinstance(row, Answer):
            return row
        if any(other != user for other in self.store.lookup("email", data.get("email", "").lower())):
            return self.error(409, "email is already in use")
        changes = self._changes(data, row)
        if isinstance(changes, Answer):
            return changes
        changed = {**row, **changes}
        if changed != row:
            changed["updatedAt"] = now_text()
            self.store.put(user, changed)
        return reply(200, changed)

    def _changes(self, data: Mapping[str, Any], row: Account) -> Account | Answer:
        changes = dict(data)
        lists: dict[str, list[Account]] = {}
        if "identities" in changes:
            lists["identities"] = changes.pop("identities")
        if "roleIds" in changes:
            known = {role["_id"]: role for role in (*ROLES, *row["roles"])}
            lists["roles"] = [
                known.get(role, {"_id": role, "name": f"role {role[-4:]}", "permissions": []})
                for role in changes.pop("roleIds")
            ]
        wanted = [(user, None) for user in changes.pop("delegateIds", [])]
        wanted += [(item["userId"], item.get("permissions", [])) for item in changes.pop("delegates", [])]
        if "delegateIds" in data or "delegates" in data:
            delegates = [self._delegate(user, permissions) for user, permissions in wanted]
            if None in delegates:
                return self.error(400, ["a delegate is not a user of this customer"])
            lists[self.switch["delegates_land_in"]] = [item for item in delegates if item is not None]
        for name, items in lists.items():
            merged = [old for old in row[name] if old not in items] if self.switch["patch_lists"] == "merge" else []
            changes[name] = merged + items
        return changes

    def _delegate(self, user: str, permissions: list[Account] | None) -> Account | None:
        other = self.store.rows.get(user)
        if other is None:
            return None
        delegate = {"_id": user, "firstName": other["firstName"], "lastName": other["lastName"]}
        if permissions is not None:
            delegate["permissions"] = [
                {"_id": "62f6a1d0c0ffee0000000004", "claim": item["claim"], "description": ""} for item in permissions
            ]
        return delegate

    def _patch_status(self, call: Call, user: str) -> Answer:
        if self.switch["status_patch"] != "works":
            status = self.switch["status_patch"]
            return self.error(status, "Forbidden resource" if status == 403 else "Method Not Allowed")
        data = self._body(call)
        if not isinstance(data, dict) or set(data) != {"status"} or data["status"] not in STATUSES:
            return self.error(400, [f"status must be one of the following values: {', '.join(STATUSES)}"])
        row = self._find(call, user)
        if isinstance(row, Answer):
            return row
        if row.get("status") != data["status"]:
            row = {**row, "status": data["status"], "updatedAt": now_text()}
            self.store.put(user, row)
        return reply(200, row)

    def _delete(self, call: Call, user: str) -> Answer:
        if call.parameter("isForwarded") not in (None, "true", "false"):
            return self.error(400, ["isForwarded must be a boolean value"])
        row = self._find(call, user)
        if isinstance(row, Answer):
            return row
        self.store.remove(user)
        if self.switch["delete"] == "soft":
            self.deleted[user] = row
        return reply(200, row)
