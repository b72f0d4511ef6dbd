# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Thrive Learning, https://docs.thrivelearning.com/apidocs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar

from .base import COMMON, LISTS, TOKEN, Account, Store, Switches, Vendor, is_email, now_text
from .tokens import basic, bearer, form, oauth_error, same, token_answer
from .wire import Answer, Call, reply

TENANT = "eu-west-2_MockTenant"
API_SECRET = "thriveApiSecret-6b8e12f07d9c"
CLIENT_ID = "thrive-offboarding-client"
CLIENT_SECRET = "thriveClientSecret-a41d5c90e7b2"
CREATED = "2024-03-09T22:18:26.625Z"
STATUSES = ("active", "inactive", "expired", "new")
SCOPES = {
    "learn_api": frozenset({"api/all", "api/read", "api/write"}),
    "learn_webhook": frozenset({"api/webhooks", "api/all"}),
}
BASIC_FIELDS = (
    "id",
    "ref",
    "firstName",
    "lastName",
    "email",
    "role",
    "status",
    "positions",
    "additionalFields",
    "languageCode",
)
EVENTS = ("user_joined", "user_updated", "user_suspended", "user_deleted")
ODD = ("beyond_end", "max_page", "total")
"""Switches of lists that are not as documented."""
PERSONAL: Account = {"ref": None, "email": None, "firstName": "Deleted", "lastName": "User", "additionalFields": None}
# Known to the v2 life cycle only: the v1 reads do not show them.
LIFECYCLE_ONLY = frozenset({"jobTitle", "managerRef", "startDate", "endDate", "domain"})
RANK = {"currentCategory": "", "currentLevel": 0}


def parse_time(value: Any) -> datetime | None:
    """An ISO 8601 date and time with zone; None when it is none."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def references(account: Account) -> Iterable[str]:
    return [] if account["ref"] is None else [account["ref"].lower()]


class Learn(Vendor):
    name = "learn"
    services = ("learn_api", "learn_webhook")
    login = ("api_secret",)
    opened: ClassVar = {"status": "active"}
    closed: ClassVar = {"status": "inactive"}
    native_keys: ClassVar = {"user_id": "id"}
    switches: ClassVar[Switches] = {
        **COMMON,
        **TOKEN,
        **LISTS,
        "beyond_end": ("empty", "last", "first", 400),
        "max_page": (1000,),
        "total": ("right", "high", "low", "page", "absent"),
        "statuses": ("works", "ignored"),
        "token_auth": ("both", "body", "basic"),
        "pagination": (True, False),
        "list_hides_suspended": (False, True),
        "list_hides_deleted": (False, True),
        "deleted_status": ("inactive", "active", None),
        "already_suspended": (200, 409, 422),
        "delete_body": ("json", "empty"),
        "ref_case_insensitive": (False, True),
        "message_shape": ("string", "object"),
        "webhook_status": (200, 202, 204),
        "webhook_delay": (None,),
        "webhook_required": (("ref",),),
        "webhook_dedupe": (True, False),
    }

    @classmethod
    def named(cls, email: str) -> Account:
        """With a reference, as the demo's list of leavers has it."""
        name = email.partition("@")[0]
        return {"email": email, "ref": f"{'C' if name.startswith('c') else 'E'}000{name[-2:]}"}

    @classmethod
    def with_key(cls, key: str, value: Any) -> Account:
        """Without the reference of `named`, which an example may give to another user."""
        return {cls.native_keys.get(key, key): str(value)}

    def new_store(self) -> Store:
        return Store(ref=references)

    def reset(self) -> None:
        super().reset()
        self.events: set[str] = set()

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        return {
            "api_url": urls["learn_api"],
            "token_url": f"{urls['learn_api']}/oauth2/token/{TENANT}",
            "webhook_url": urls["learn_webhook"] + "/webhooks",
            "webhook_token_url": f"{urls['learn_webhook']}/oauth2/token/{TENANT}",
            "tenant_id": TENANT,
            "api_secret": API_SECRET,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        filled = {
            "id": f"5e66c1d0{number:016x}",
            "ref": f"U{number:05d}",
            "firstName": "First",
            "lastName": "Last",
            "email": f"user{number:05d}@example.com",
            "role": "learner",
            "status": "active",
            "positions": [],
            "additionalFields": None,
            "languageCode": "en-gb",
            "deleted": False,
            "compliance": 0,
            "level": 1,
            "relevancy": 0,
            "firstLogin": None,
            "lastLogin": None,
            "createdAt": CREATED,
            "updatedAt": CREATED,
            "tags": {},
            "usersFollowing": [],
            "tagsFollowing": [],
            "audiences": [],
            "hasPicture": False,
            "singleSignOn": True,
            "timeZone": "Europe/London",
            "summary": None,
            "rank": RANK,
            "agreedTerms": True,
            "onboarded": True,
            **account,
        }
        return filled["id"], filled

    def word(self, account: Account | None) -> str | None:
        return None if account is None or account["deleted"] else str(account["status"])

    def person(self, number: int) -> Account:
        return {}

    def is_token(self, call: Call) -> bool:
        return call.path.startswith("/oauth2/token/")

    def error(self, status: int, text: str) -> Answer:
        return reply(status, {"status": status, "error": HTTPStatus(status).phrase, "message": text})

    def _v1_error(self, status: int, text: str) -> Answer:
        message = text if self.switch["message_shape"] == "string" else {"text": text}
        return reply(status, {"status": status, "error": HTTPStatus(status).phrase, "message": message})

    def answer(self, call: Call) -> Answer:
        if self.is_token(call):
            return self._token(call)
        scopes = self._scopes(call)
        if scopes is None:
            return self.error(401, "The API key or access token is missing, invalid or malformed.")
        if call.service == "learn_webhook":
            if call.path != "/webhooks":
                return self.error(404, "Not Found")
            if call.method != "POST":
                return self.error(405, "Method Not Allowed")
            allowed = {"api/webhooks", "api/all"}
        else:
            allowed = {"api/all", "api/read" if call.method == "GET" else "api/write"}
        if not scopes & allowed:
            return self.error(403, "The scope does not allow this.")
        return self._event(call) if call.service == "learn_webhook" else self._rest(call)

    def _rest(self, call: Call) -> Answer:
        match (call.method, call.segments):
            case ("GET", ["rest", "v1", "users"]):
                return self._list(call)
            case ("GET", ["rest", "v1", "user", _] | ["rest", "v1", "users", "ref", _]) if self.switch["canary"] != 200:
                return self._v1_error(self.switch["canary"], "Not for you")
            case ("GET", ["rest", "v1", "user", user]) if user:
                row = self.view(call, listing=False).get(user)
                return self._v1_error(404, "User not found") if row is None else reply(200, shown(row))
            case ("GET", ["rest", "v1", "users", "ref", ref]):
                return self._by_ref(call, ref)
            case ("PATCH", ["rest", "v2", "users", "ref", ref, "suspend"]):
                return self._suspend(call, ref)
            case ("DELETE", ["rest", "v2", "users", "ref", ref]):
                return self._delete(ref)
        return self.error(404, "Not Found")

    def _token(self, call: Call) -> Answer:
        if call.method != "POST":
            return self.error(405, "Method Not Allowed")
        fields = form(call)
        if fields is None or "grant_type" not in fields:
            return oauth_error(400, "invalid_request", "The request body is not the expected form.")
        if fields["grant_type"] != "client_credentials":
            return oauth_error(400, "unsupported_grant_type", "The grant type is not supported.")
        if call.segments[2:] != [TENANT] or not self._is_client(call, fields):
            return oauth_error(401, "invalid_client", "Client authentication failed")
        scopes = frozenset(fields.get("scope", "api/all").split())
        if not scopes or not scopes <= SCOPES[call.service]:
            return oauth_error(400, "invalid_scope", "The scope is not known here.")
        return token_answer(self, scopes, call.service, show_scope=True)

    def _is_client(self, call: Call, fields: Mapping[str, str]) -> bool:
        in_header = basic(call)
        user, secret = in_header or (fields.get("client_id"), fields.get("client_secret"))
        if self.switch["token_auth"] not in ("both", "basic" if in_header else "body"):
            return False
        secrets = {TENANT: API_SECRET, CLIENT_ID: CLIENT_SECRET}
        return user in secrets and same(secret, secrets[user])

    def _scopes(self, call: Call) -> frozenset[str] | None:
        """What the credential may do; None when it is no good."""
        if (parts := basic(call)) is not None:
            good = (
                parts[0] == TENANT and same(parts[1], API_SECRET) and self.credential(call) not in self.tokens.revoked
            )
            return SCOPES["learn_api"] | SCOPES["learn_webhook"] if good else None
        token = self.tokens.find(bearer(call) or "")
        return token.scopes if token is not None and token.service == call.service else None

    def _list(self, call: Call) -> Answer:
        try:
            page = int(call.parameter("page") or 1)
            size = int(call.parameter("perPage") or 100)
        except ValueError:
            return self._v1_error(400, "page and perPage must be numbers")
        if page < 1 or not 1 <= size <= 1000:
            return self._v1_error(400, "perPage must be between 1 and 1000")
        one = call.parameter("status")
        wanted = split(call.parameter("statuses")) or ([one] if one else [])
        wanted = [] if self.switch["statuses"] == "ignored" else wanted
        unwanted = split(call.parameter("omitStatuses"))
        if not {*wanted, *unwanted} <= set(STATUSES):
            return self._v1_error(400, f"a status is one of {', '.join(STATUSES)}")
        since = call.parameter("updatedSince")
        moment = parse_time(since)
        if since is not None and moment is None:
            return self._v1_error(400, "updatedSince must be an ISO 8601 date")
        view = self.view(call, listing=True)
        hits: list[Account] | None = None
        hides = self.switch["list_hides_suspended"], self.switch["list_hides_deleted"]
        if not wanted and not unwanted and moment is None and not any(hides):
            total, rows = len(view.ids), view.page((page - 1) * size, page * size)
        else:
            hits = [
                row
                for row in view
                if (not wanted or row["status"] in wanted)
                and row["status"] not in unwanted
                and (moment is None or datetime.fromisoformat(row["updatedAt"]) >= moment)
                and not (hides[0] and not wanted and row["status"] == "inactive")
                and not (hides[1] and row["deleted"])
            ]
            total, rows = len(hits), hits[(page - 1) * size : page * size]
        if any(self.switch[name] != self.switches[name][0] for name in ("list", "list_limit", *ODD)):
            return self._odd_list(page, size, total, [*view] if hits is None else hits)
        return self._list_answer(rows, total, page, size)

    def _odd_list(self, page: int, size: int, total: int, hits: list[Account]) -> Answer:
        hits = [] if self.switch["list"] == "empty" else hits[: self.switch["list_limit"]]
        size = min(size, self.switch["max_page"])
        begin = (page - 1) * size
        if hits and begin >= len(hits) and self.switch["beyond_end"] != "empty":
            if self.switch["beyond_end"] == 400:
                return self._v1_error(400, "page is beyond the end")
            begin = (len(hits) - 1) // size * size if self.switch["beyond_end"] == "last" else 0
        rows = hits[begin : begin + size]
        stated = {"high": total + 1, "low": total // 2, "page": len(rows)}.get(self.switch["total"], total)
        return self._list_answer(rows, stated, page, size)

    def _list_answer(self, rows: list[Account], total: int, page: int, size: int) -> Answer:
        data: dict[str, Any] = {"results": [shown(row) for row in rows]}
        if self.switch["pagination"]:
            totals = {} if self.switch["total"] == "absent" else {"totalResults": total}
            data["pagination"] = {**totals, "totalPages": -(-total // size), "page": page, "perPage": size}
        return reply(200, data)

    def _find(self, rows: Iterable[Account], ref: str) -> Account | None:
        return next((row for row in rows if self.switch["ref_case_insensitive"] or row["ref"] == ref), None)

    def _current(self, ref: str) -> Account | None:
        return self._find((self.store.rows[row_id] for row_id in self.store.lookup("ref", ref.lower())), ref)

    def _by_ref(self, call: Call, ref: str) -> Answer:
        if not ref:
            return self._v1_error(400, "ref is missing")
        row = self._find(self.view(call, listing=False).find("ref", ref.lower()), ref)
        if row is None:
            return self._v1_error(404, "User not found")
        return reply(200, {name: row[name] for name in BASIC_FIELDS})

    def _suspend(self, call: Call, ref: str) -> Answer:
        if call.content_type != "application/json":
            return self.error(415, "Content-Type must be application/json")
        try:
            data = call.json()
        except ValueError:
            return self.error(400, "The body is not JSON")
        if not isinstance(data, dict) or not ref:
            return self.error(400, "ref is missing" if not ref else "The body is not a JSON object")
        if data.get("endDate") is not None and parse_time(data["endDate"]) is None:
            return self.error(422, "endDate must be an ISO 8601 date and time")
        row = self._current(ref)
        if row is None:
            return self.error(404, "User not found")
        if row["status"] == "inactive" and self.switch["already_suspended"] != 200:
            return self.error(self.switch["already_suspended"], "User is already suspended")
        changed = self._suspended(row, data.get("endDate"))
        self.store.put(row["id"], changed)
        return reply(200, lifecycle(changed))

    def _suspended(self, row: Account, end: str | None) -> Account:
        changed = {**row, "status": "inactive", "updatedAt": now_text()}
        if end is not None:
            changed["endDate"] = end
            changed["positions"] = [{**position, "endDate": end} for position in row["positions"]]
        return changed

    def _obfuscate(self, row: Account) -> None:
        status = self.switch["deleted_status"]
        self.store.put(row["id"], {**row, **PERSONAL, "status": status, "deleted": True, "updatedAt": now_text()})

    def _delete(self, ref: str) -> Answer:
        if not ref:
            return self.error(400, "ref is missing")
        row = self._current(ref)
        if row is None:
            return self.error(404, "User not found")
        self._obfuscate(row)
        return Answer(200) if self.switch["delete_body"] == "empty" else reply(200, {"success": True})

    def _event(self, call: Call) -> Answer:
        if call.content_type != "application/json":
            return self.error(415, "Content-Type must be application/json")
        try:
            event = call.json()
            user = event["content"]["user"]
            name, event_type, when = event["id"], event["eventType"], event["timestamp"]
        except (ValueError, KeyError, TypeError):
            return self.error(400, "id, timestamp, eventType and content.user are required")
        if not isinstance(name, str) or not name or event_type not in EVENTS or not isinstance(user, dict):
            return self.error(400, "id, eventType or content.user is invalid")
        if parse_time(when) is None:
            return self.error(422, "timestamp must be an ISO 8601 date and time")
        required = self.switch["webhook_required"] if event_type == "user_joined" else ("ref",)
        if missing := [field for field in required if not isinstance(user.get(field), str) or not user[field]]:
            return self.error(422, f"missing in content.user: {', '.join(missing)}")
        if user.get("email") is not None and not is_email(user["email"]):
            return self.error(422, "content.user.email is no e-mail address")
        if not (self.switch["webhook_dedupe"] and name in self.events):
            self.events.add(name)
            self.later(self.switch["webhook_delay"], lambda: self._apply(event_type, user))
        status = self.switch["webhook_status"]
        return Answer(204) if status == 204 else reply(status, {})

    def _apply(self, event_type: str, user: Mapping[str, Any]) -> None:
        row = self._current(user["ref"])
        given = {name: value for name, value in user.items() if value is not None}
        if row is None:
            if event_type == "user_joined":
                row_id, created = self.fill(given, 0x900000 + len(self.store.rows))
                self.store.put(row_id, {**created, "createdAt": now_text(), "updatedAt": now_text()})
        elif event_type == "user_joined":
            self.store.put(row["id"], {**row, **given, "status": "active", "updatedAt": now_text()})
        elif event_type == "user_updated":
            self.store.put(row["id"], {**row, **given, "updatedAt": now_text()})
        elif event_type == "user_suspended":
            self.store.put(row["id"], self._suspended(row, user.get("endDate")))
        else:
            self._obfuscate(row)


def split(value: str | None) -> list[str]:
    return [part.strip() for part in value.split(",")] if value else []


def shown(row: Account) -> Account:
    if LIFECYCLE_ONLY.isdisjoint(row):
        return row
    return {name: value for name, value in row.items() if name not in LIFECYCLE_ONLY}


def lifecycle(row: Account) -> Account:
    """The UserLifecycleResource of a row."""
    return {
        "id": row["id"],
        "loginMethod": "email" if row["email"] else "ref",
        "ref": row["ref"],
        "email": row["email"],
        "firstName": row["firstName"],
        "lastName": row["lastName"],
        "role": row["role"],
        "jobTitle": row.get("jobTitle", ""),
        "managerRef": row.get("managerRef"),
        "startDate": row.get("startDate"),
        "endDate": row.get("endDate"),
        "timeZone": row["timeZone"],
        "languageCode": row["languageCode"],
        "active": row["status"] != "inactive",
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        "sso": row["singleSignOn"],
        "domain": row.get("domain"),
        "additionalFields": row["additionalFields"],
    }
