# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A SCIM 2.0 server (RFC 7643, 7644, 9865): strict as it starts, and with a switch for each dialect of a real product.

The sources of the switches are in the README.
"""

from __future__ import annotations

import base64
import binascii
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import ceil
from typing import Any, ClassVar

from . import scim_filters, scim_schema
from .base import COMMON, TOKEN, Account, Store, Switches, Vendor, View
from .tokens import basic, bearer, form, oauth_error, same, token_answer
from .wire import Answer, Call, html, reply

ACCESS_TOKEN = "scimAccessToken-7d40c2e9b15a"
OTHER_ACCESS_TOKEN = "scimOtherTenant-18f6a3d07c4e"
CLIENT_ID = "scim-offboarding-client"
CLIENT_SECRET = "scimClientSecret-5e92b7f41c08"
ACCOUNT_ID = "scimAccount0001"
BASIC_USERNAME = "scim-robot"
BASIC_PASSWORD = "scimBasicPassword-c3a8e6d2f791"
API_KEY = "scimApiKey-94b0d7e3a65c"

MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
SCIM = "application/scim+json"
CREATED = "2024-03-09T22:18:26Z"
ID = "2819c223-7f76-453a-919d-"
BASE = "/scim/v2"
SYNTHETIC: Account = {"id": "0", "userName": "SNOWFLAKE", "active": True}
INDEXED = {"id": "id", "username": "username", "externalid": "externalid"} | dict.fromkeys(
    ("emails", "emails.value", "email"), "email"
)

Refusal = int | str


def _of_scim_1(data: Any) -> Any:
    """An answer with the schemas of SCIM 1.1, which had one for all of the core."""
    if isinstance(data, list):
        return [_of_scim_1(each) for each in data]
    if not isinstance(data, dict):
        return data
    return {
        name: ["urn:scim:schemas:core:1.0"] if name == "schemas" else _of_scim_1(each) for name, each in data.items()
    }


class Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def keys(account: Account) -> Iterable[str]:
    yield f"id:{account['id'].lower()}"
    yield f"username:{account['userName'].lower()}"
    if account.get("externalId"):
        yield f"externalid:{account['externalId'].lower()}"
    for address in {entry["value"].lower() for entry in account["emails"]}:
        yield f"email:{address}"


class Scim(Vendor):
    name = "scim"
    services = ("scim", "scim_token")
    login = ("access_token",)
    opened: ClassVar = {"active": True}
    closed: ClassVar = {"active": False}
    native_keys: ClassVar = {"user_id": "id", "username": "userName", "external_id": "externalId"}
    requests_to_count = 3
    switches: ClassVar[Switches] = {
        **COMMON,
        **TOKEN,
        # Log-in.
        "auth": (("bearer", "token", "basic", "api_key"),),
        "grants": (("client_credentials", "account_credentials"),),
        "token_style": ("any", "basic", "form", "json"),
        "scope": (None,),
        "api_key_header": ("Authorization",),
        "api_key_prefix": ("apikey",),
        "bad_token": (401, 403, "html"),
        "rights": ("full", "none", "query_users", "view_users", "no_delete"),
        # Addresses, headers and errors.
        "base": (BASE,),
        "wrong_base": ("html", "scim", "json", "empty", 405),
        "disabled": (False, True),
        "missing": ("scim", "html", "empty", "json"),
        "error_shape": ("scim", "no_detail", "json", "html"),
        "version": ("2.0", "1.1"),
        "user_agent": ("any", "needed"),
        "accept": ("any", "scim_only", "delete_refuses_scim"),
        "content_type": ("any", "scim_only", "json_only"),
        "answer_type": (SCIM, "application/json", "text/html"),
        "rate": (None,),
        "retry_after": (True, False),
        # Discovery and the caller.
        "config": ("right", 404, "wrong", "too_high", "html", "empty", "plural"),
        "me": (501, 404, 403, "own"),
        "search": ("works", 404, 501),
        # Filters.
        "filters": (
            (
                "id",
                "userName",
                "externalId",
                "emails",
                "emails.value",
                "emails[]",
                "active",
                "displayName",
                "name.givenName",
                "name.familyName",
            ),
        ),
        "other_filter": (400, "empty", "everybody", 500),
        "nonsense_filter": (400, "empty", "everybody", 500),
        "or_filter": ("works", "empty", "everybody", "first", 400, 403, 500),
        "or_terms": (1,),
        "and_filter": ("works", "empty", 400),
        "filter_nodes": (None,),
        "filter_chars": (None,),
        "username_case": ("ignored", "exact"),
        "email_case": ("ignored", "exact"),
        "eq": ("equal", "contains"),
        # What a user looks like.
        "emails": ("list", "strings", "object", "absent"),
        "active": ("boolean", "text", "small_text", "absent", "absent_in_lists", "absent_when_open"),
        "ids": ("text", "number"),
        "external_id": ("shown", "externalID", "never"),
        # Lists.
        "list": ("whole", "empty", "synthetic"),
        "hides_closed": ("no", "lists", "lists_and_filters", "everywhere"),
        "provisioned_only": (False, True),
        "resources": ("Resources", "resources", "absent_when_empty"),
        "total": ("right", "page", "high", "low", "absent", "text"),
        "paging": ("index", "cursor", "both", "none", "first"),
        "max_page": (100,),
        "default_page": (None,),
        "over_count": ("cut", 400),
        "count_zero": ("total", "page", "everybody", 400, 500),
        "page_needs": ("nothing", "both"),
        "beyond_end": ("empty", "first", "last", 400),
        "page_drift": ("none", "overlap", "skip", "shuffle"),
        "short_pages": (False, True),
        "drop_every": (None,),
        "start_index_with_cursor": (501, 400, "ignored"),
        "cursor_pages": (None,),
        # Changes.
        "patch_takes": (("path", "pathless", "urn", "replace", "add", "boolean"),),
        "patch_other": (400, "ignored", 403, 404, 405, 415, 422, 500, 501),
        "patch_text": ("coerced", "stored", "false_unless_true"),
        "patch_answer": (200, 204),
        "same_state": ("done", 400, 409),
        "put": ("works", "ignored", 400, 405, 501),
        "etag": ("off", "checked", "needed", "ignored"),
        "active_false": ("deactivates", "removes", "ignored", 403),
        "active_true": ("works", "ignored", 400, 409),
        "delete": ("deletes", "removes", "deactivates", "ignored", 400, 405, 500, 501),
        "delete_answer": (204, 200),
        "delete_again": (404, 204),
        "owner": (403, 400, 409),
    }

    def __init__(self) -> None:
        super().__init__()
        self.tokens.fix(ACCESS_TOKEN)
        self.tokens.fix(OTHER_ACCESS_TOKEN)

    @classmethod
    def named(cls, email: str) -> Account:
        return {"userName": email, "emails": [{"value": email, "type": "work", "primary": True}]}

    @classmethod
    def address(cls, account: Account) -> str:
        return str(account["emails"][0]["value"])

    def reset(self) -> None:
        super().reset()
        self._times: dict[str, list[float]] = {"reads": [], "writes": []}
        self._listed: tuple[object, list[str]] = (None, [])

    def new_store(self) -> Store:
        return Store(key=keys)

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        return {
            "api_url": urls["scim"] + BASE,
            "token_url": urls["scim_token"] + "/oauth2/token",
            "access_token": ACCESS_TOKEN,
            "other_access_token": OTHER_ACCESS_TOKEN,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "account_id": ACCOUNT_ID,
            "basic_username": BASIC_USERNAME,
            "basic_password": BASIC_PASSWORD,
            "api_key": API_KEY,
            "api_key_prefix": "apikey",
        }

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        username = account.get("userName", f"user{number:05d}@example.com")
        email = username if "@" in username else f"{username}@example.com"
        filled = {
            "id": f"{ID}{number - 1:012d}",
            "userName": username,
            "emails": [{"value": email, "type": "work", "primary": True}],
            "active": True,
            "version": 1,
            **account,
        }
        return filled["id"], filled

    def word(self, account: Account | None) -> str | None:
        return None if account is None else "active" if account["active"] is True else "inactive"

    def person(self, number: int) -> Account:
        return {}

    def is_token(self, call: Call) -> bool:
        return call.service == "scim_token"

    def is_reading(self, call: Call) -> bool:
        return call.method == "POST" and call.segments[-1] == ".search"

    def credential(self, call: Call) -> str:
        header = self.switch["api_key_header"]
        return (
            super().credential(call)
            if header == "Authorization"
            else call.headers.get(header) or super().credential(call)
        )

    def error(self, status: int, text: str, scim_type: str | None = None) -> Answer:
        shape = self.switch["error_shape"]
        if shape == "html":
            return html(status, text)
        if shape == "json":
            return reply(status, {"error": text})
        data = {"schemas": [f"{MESSAGES}Error"], "status": str(status)}
        if scim_type is not None:
            data["scimType"] = scim_type
        if shape == "scim":
            data["detail"] = text
        return reply(status, data, {"Content-Type": SCIM})

    def refused(self, status: int, text: str, scim_type: str | None = None) -> Refused:
        return Refused(self.error(status, text, scim_type))

    def answer(self, call: Call) -> Answer:
        try:
            return self._token(call) if call.service == "scim_token" else self._api(call)
        except Refused as refusal:
            return refusal.answer

    def done(self, status: int, data: Any, headers: Mapping[str, str] | None = None) -> Answer:
        if self.switch["version"] == "1.1":
            data = _of_scim_1(data)
        return reply(status, data, {"Content-Type": self.switch["answer_type"], **(headers or {})})

    # Log-in.

    def _token(self, call: Call) -> Answer:
        if call.path != "/oauth2/token" or call.method != "POST":
            return oauth_error(404, "not_found", "POST /oauth2/token")
        fields, style = self._token_fields(call)
        grant, client = fields.get("grant_type"), basic(call)
        if client is None:
            client = fields.get("client_id", ""), fields.get("client_secret", "")
        else:
            style = "basic"
        if self.switch["token_style"] not in ("any", style):
            return oauth_error(401, "invalid_client", "Client authentication failed")
        if grant not in self.switch["grants"]:
            return oauth_error(400, "unsupported_grant_type", "The grant type is not supported.")
        if not (client[0] == CLIENT_ID and same(client[1], CLIENT_SECRET)):
            return oauth_error(401, "invalid_client", "Client authentication failed")
        if grant == "account_credentials" and fields.get("account_id") != ACCOUNT_ID:
            return oauth_error(400, "invalid_request", "Bad Request")
        if self.switch["scope"] is not None and fields.get("scope") != self.switch["scope"]:
            return oauth_error(400, "invalid_scope", "The scope is not known.")
        return token_answer(self, service=call.service)

    def _token_fields(self, call: Call) -> tuple[dict[str, str], str]:
        """The fields of a token request in its body, and Zoom's in its query."""
        given = {name: values[-1] for name, values in call.query.items()}
        if call.content_type == "application/json":
            try:
                data = call.json()
            except ValueError:
                data = None
            return given | (data if isinstance(data, dict) else {}), "json"
        return given | (form(call) or {}), "form"

    def _tenant(self, call: Call) -> str:
        """Whose tenant the credential opens: the seeded one, or another that has no users."""
        taken, credential = self.switch["auth"], self.credential(call)
        token = bearer(call)
        if token is not None and token == OTHER_ACCESS_TOKEN and self.tokens.find(token) is not None:
            return "other"
        if token is not None and self.tokens.find(token) is not None:
            if ("bearer" if token == ACCESS_TOKEN else "token") in taken:
                return "own"
        elif credential not in self.tokens.revoked:
            if "basic" in taken and basic(call) == (BASIC_USERNAME, BASIC_PASSWORD):
                return "own"
            key = f"{self.switch['api_key_prefix']} {API_KEY}".strip()
            if "api_key" in taken and same(call.headers.get(self.switch["api_key_header"]), key):
                return "own"
        if self.switch["bad_token"] == "html":
            raise Refused(html(200, "Log in"))
        raise self.refused(self.switch["bad_token"], "Authentication failed")

    # Routes.

    def _api(self, call: Call) -> Answer:
        if self.switch["disabled"]:
            return self.done(200, {})
        base = self.switch["base"]
        if not call.path.startswith(f"{base}/"):
            return self._wrong_base()
        route = call.segments[base.count("/") :]
        tenant = self._tenant(call)
        if self.switch["user_agent"] == "needed" and not call.headers.get("User-Agent"):
            raise self.refused(403, "Request forbidden by administrative rules: User-Agent is missing")
        self._check_headers(call)
        self._check_rate("reads" if self.kind(call) == "read" else "writes")
        match (call.method, route):
            case ("GET", ["ServiceProviderConfig" | "ServiceProviderConfigs" as name]):
                return self._config(name)
            case (_, ["ServiceProviderConfig" | "ResourceTypes" | "Schemas", *_rest]) if call.method != "GET":
                raise self.refused(405, f"{call.method} is not offered here")
            case ("GET", ["ResourceTypes" | "Schemas" as name, *rest]):
                return self._described(name, rest)
            case (_, ["Me"]):
                return self._me(call)
            case (_, ["Bulk"]):
                raise self.refused(501, "Bulk is not offered")
            case (_, ["Users" | ".search", *rest]) if len(rest) <= 1 and "" not in rest:
                return self._users(call, route, tenant)
        return self._wrong_base()

    def _users(self, call: Call, route: list[str], tenant: str) -> Answer:
        if self.switch["rights"] == "none":
            raise self.refused(403, "The credential lacks the right to do this")
        if call.method == "POST" and route[-1] == ".search":
            if self.switch["search"] != "works":
                raise self.refused(self.switch["search"], "Search is not offered")
            return self._list(call, self._body(call), tenant)
        if route == ["Users"]:
            if call.method == "POST":
                return self._create(call)
            if call.method != "GET":
                raise self.refused(405, f"{call.method} is not offered here")
            return self._list(call, {name: values[-1] for name, values in call.query.items()}, tenant)
        if route == [".search"] or call.method not in ("GET", "PATCH", "PUT", "DELETE"):
            raise self.refused(405, f"{call.method} is not offered here")
        return self._user(call, route[1], tenant)

    def _wrong_base(self) -> Answer:
        shape = self.switch["wrong_base"]
        if shape == "html":
            return html(404, "Not Found")
        if shape == "empty":
            return self.done(200, {})
        if shape == "json":
            return reply(404, {"error": "Unable to find matching target resource method"})
        return self.error(405, "HTTP 405 Method Not Allowed") if shape == 405 else self.error(404, "Not found")

    def _check_headers(self, call: Call) -> None:
        accepts_scim = SCIM in call.headers.get("Accept", "").lower()
        if self.switch["accept"] == "scim_only" and not accepts_scim:
            raise self.refused(406, "Accept must be application/scim+json")
        if self.switch["accept"] == "delete_refuses_scim" and accepts_scim and call.method == "DELETE":
            raise self.refused(400, "Accept is not supported")
        if call.body:
            wanted = {"scim_only": (SCIM,), "json_only": ("application/json",), "any": (SCIM, "application/json")}
            if call.content_type not in wanted[self.switch["content_type"]]:
                raise self.refused(415, f"Content-Type {call.content_type} is not taken")

    def _check_rate(self, kind: str) -> None:
        rate, now = self.switch["rate"] or {}, time.monotonic()
        if kind not in rate:
            return
        seconds = rate.get("seconds", 60)
        self._times[kind] = [at for at in self._times[kind] if at > now - seconds]
        if len(self._times[kind]) >= rate[kind]:
            answer = self.error(429, "Too many requests")
            if self.switch["retry_after"]:
                answer.headers["Retry-After"] = str(ceil(self._times[kind][0] + seconds - now))
            raise Refused(answer)
        self._times[kind].append(now)

    def _config(self, name: str) -> Answer:
        shape = self.switch["config"]
        if shape == "html":
            return html(200, "ServiceProviderConfig")
        if shape == "empty":
            return self.done(200, {})
        if shape == 404 or (name == "ServiceProviderConfigs") != (shape == "plural"):
            raise self.refused(404, "Not found")
        right, paging = shape != "wrong", self.switch["paging"]
        most = (self.switch["max_page"] or 1000) * (10 if shape == "too_high" else 1)
        data: dict[str, Any] = {
            "schemas": [CONFIG],
            "patch": {"supported": right and bool(self.switch["patch_takes"])},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": right and bool(self.switch["filters"]), "maxResults": most},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": self.switch["etag"] in ("checked", "needed")},
            "authenticationSchemes": [{"type": "oauthbearertoken", "name": "Bearer", "description": "Bearer token"}],
        }
        if right and paging in ("cursor", "both"):
            method = "cursor" if paging == "cursor" else "index"
            data["pagination"] = {
                "cursor": True,
                "index": paging == "both",
                "defaultPaginationMethod": method,
                "defaultPageSize": self.switch["default_page"] or most,
                "maxPageSize": most,
            }
        return self.done(200, data)

    def _described(self, name: str, rest: list[str]) -> Answer:
        """The discovery endpoints, which describe what this server can change (RFC 7644, 4)."""
        base = f"{self.ready['api_url'].removesuffix(BASE)}{self.switch['base']}"
        row = scim_schema.RESOURCE_TYPE if name == "ResourceTypes" else scim_schema.SCHEMA
        row = {**row, "meta": {"resourceType": name[:-1], "location": f"{base}/{name}/{row['id']}"}}
        if not rest:
            data = {"schemas": [f"{MESSAGES}ListResponse"], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1}
            return self.done(200, {**data, "Resources": [row]})
        if rest != [row["id"]]:
            raise self.refused(404, "Resource not found")
        return self.done(200, row)

    def _create(self, call: Call) -> Answer:
        body = self._body(call)
        name, emails = body.get("userName"), body.get("emails", [])
        if not isinstance(name, str) or not name or not isinstance(emails, list):
            raise self.refused(400, "userName is missing", "invalidValue")
        if self.store.lookup("key", f"username:{name.lower()}"):
            raise self.refused(409, "userName is taken", "uniqueness")
        number = 1 + max((int(row.removeprefix(ID)) for row in self.store.ids if row.startswith(ID)), default=0)
        fields: Account = {field: body[field] for field in ("externalId", "displayName", "active") if field in body}
        row_id, made = self.fill({"userName": name, "emails": emails, **fields}, number + 1)
        self.store.put(row_id, made)
        answer = self._shown_alone(call, made, 201)
        answer.headers["Location"] = self._shown(made)["meta"]["location"]
        return answer

    def _me(self, call: Call) -> Answer:
        if self.switch["me"] != "own":
            raise self.refused(self.switch["me"], "Me is not offered")
        view = self.view(call, listing=False)
        me = next((account for account in view if account.get("me")), None) or next(iter(view), None)
        if me is None:
            raise self.refused(404, "Not found")
        return self._shown_alone(call, me)

    # What a user looks like.

    def _shown_id(self, account: Account) -> str | int:
        number = account["id"].removeprefix(ID)
        return int(number) if self.switch["ids"] == "number" and number.isdecimal() else str(account["id"])

    def _shown(self, account: Account, listing: bool = False) -> Account:
        shown_id = self._shown_id(account)
        shown: Account = {"schemas": [USER], "id": shown_id, "userName": account["userName"]}
        for name in ("name", "displayName", "title"):
            if name in account:
                shown[name] = account[name]
        if account.get("externalId") and self.switch["external_id"] != "never":
            shown["externalID" if self.switch["external_id"] == "externalID" else "externalId"] = account["externalId"]
        emails = account["emails"]
        match self.switch["emails"]:
            case "list":
                shown["emails"] = emails
            case "strings":
                shown["emails"] = [entry["value"] for entry in emails]
            case "object" if emails:
                shown["emails"] = emails[0]
        active, shape = account["active"], self.switch["active"]
        if isinstance(active, bool) and shape in ("text", "small_text"):
            active = str(active) if shape == "text" else str(active).lower()
        if not (
            shape == "absent"
            or (shape == "absent_in_lists" and listing)
            or (shape == "absent_when_open" and active is True)
        ):
            shown["active"] = active
        location = f"{self.ready['api_url'].removesuffix(BASE)}{self.switch['base']}/Users/{shown_id}"
        shown["meta"] = {"resourceType": "User", "created": CREATED, "lastModified": CREATED, "location": location}
        if self.switch["etag"] != "off":
            shown["meta"]["version"] = version(account)
        return shown

    def _shown_alone(self, call: Call, account: Account, status: int = 200) -> Answer:
        tagged = {"ETag": version(account)} if self.switch["etag"] != "off" else {}
        return self.done(status, chosen(self._shown(account), call.parameter("excludedAttributes")), tagged)

    # Lists.

    def _list(self, call: Call, query: Mapping[str, Any], tenant: str) -> Answer:
        view = self.view(call, listing=True)
        text = query.get("filter")
        if tenant == "other":
            ids: Sequence[str] = ()
        elif text is None and self.switch["list"] != "whole":
            return self._one_synthetic() if self.switch["list"] == "synthetic" else self._rows([], (), 0, query)
        elif text is None:
            ids = self._visible(view, query)
        else:
            ids = self._found(view, str(text), query)
        start, stop, cursor = self._window(query, len(ids))
        rows = self._page(view, ids, start, stop)
        next_cursor = None if cursor is None or stop >= len(ids) else cursor_of(stop, cursor + 1)
        return self._rows(rows, ids, start, query, next_cursor)

    def _one_synthetic(self) -> Answer:
        row = {"schemas": [USER], **SYNTHETIC}
        data = {"schemas": [f"{MESSAGES}ListResponse"], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1}
        return self.done(200, {**data, "Resources": [row]})

    def _hides(self, query: Mapping[str, Any], filtered: bool) -> tuple[bool, bool]:
        """Whether closed users are left out, and whether those are whom SCIM has not made."""
        hides = self.switch["hides_closed"]
        everybody = str(query.get("scim_provisioned_only")).lower() == "false"
        return (
            hides in ("lists_and_filters", "everywhere") or (hides == "lists" and not filtered),
            self.switch["provisioned_only"] and not everybody,
        )

    def _visible(self, view: View, query: Mapping[str, Any]) -> list[str]:
        hides = self._hides(query, filtered=False)
        if not any(hides):
            return view.ids
        key = (self.store.version, hides)
        if view.fresh and self._listed[0] == key:
            return self._listed[1]
        shown = [row["id"] for row in view if is_shown(row, *hides)]
        if view.fresh:
            self._listed = key, shown
        return shown

    def _found(self, view: View, text: str, query: Mapping[str, Any]) -> Sequence[str]:
        """The ids that a filter finds, as the switches have it."""
        if self.switch["filter_chars"] is not None and len(text) > self.switch["filter_chars"]:
            raise self.refused(400, "The filter is too long", "invalidFilter")
        try:
            node = scim_filters.parse(text)
        except scim_filters.BadFilter as error:
            return self._instead(view, self.switch["nonsense_filter"], str(error), query)
        if self.switch["filter_nodes"] is not None and scim_filters.nodes(node) > self.switch["filter_nodes"]:
            raise self.refused(400, "The filter has too many nodes", "invalidFilter")
        known = {name.lower() for name in self.switch["filters"]}
        if unknown := [name for name in node.attributes() if name not in known]:
            return self._instead(view, self.switch["other_filter"], f"{unknown[0]} cannot be filtered by", query)
        if self.switch["and_filter"] != "works" and scim_filters.joins(node, "and"):
            return self._instead(view, self.switch["and_filter"], "and is not supported", query)
        if scim_filters.joins(node, "or") and scim_filters.clauses(node) > self.switch["or_terms"]:
            if self.switch["or_filter"] == "first" and isinstance(node, scim_filters.Joined):
                node = node.parts[0]
            elif self.switch["or_filter"] != "works":
                return self._instead(view, self.switch["or_filter"], "or is not supported", query)
        return self._matching(view, node, query)

    def _instead(self, view: View, order: Refusal, text: str, query: Mapping[str, Any]) -> Sequence[str]:
        if isinstance(order, int):
            raise self.refused(order, text, "tooMany" if order == 403 else "invalidFilter" if order == 400 else None)
        return self._visible(view, query) if order == "everybody" else ()

    def _matching(self, view: View, node: scim_filters.Node, query: Mapping[str, Any]) -> list[str]:
        exact = set(scim_filters.EXACT)
        if self.switch["username_case"] == "exact":
            exact.add("username")
        if self.switch["email_case"] == "exact":
            exact |= {"email", "emails", "emails.value", "value"}
        equal = scim_filters.equals(node)
        if equal is not None and self.switch["eq"] == "contains":
            node = scim_filters.Joined("or", tuple(replace(one, operator="co") for one in equal))
            equal = None
        rows: Iterable[Account] = view
        if equal is not None and all(one.attribute in INDEXED for one in equal):
            wanted = dict.fromkeys(f"{INDEXED[one.attribute]}:{one.value}".lower() for one in equal)
            rows = {row["id"]: row for key in wanted for row in view.find("key", key)}.values()
        hides, provisioned = self._hides(query, filtered=True)
        return [
            row["id"] for row in rows if is_shown(row, hides, provisioned) and node.matches(partial(values, row), exact)
        ]

    def _window(self, query: Mapping[str, Any], length: int) -> tuple[int, int, int | None]:
        """Where a page begins and ends, and with cursors how many pages came before it."""
        most, paging = self.switch["max_page"] or max(1, length), self.switch["paging"]
        if paging == "none":
            return 0, length, None
        if paging == "first":
            return 0, most, None
        if self.switch["page_needs"] == "both" and not ("startIndex" in query and "count" in query):
            return length, length, None
        count = self._count(query, most, length)
        if paging == "cursor" or (paging == "both" and "cursor" in query):
            if "startIndex" in query and self.switch["start_index_with_cursor"] != "ignored":
                raise self.refused(self.switch["start_index_with_cursor"], "startIndex is not supported")
            start, pages = self._from_cursor(str(query.get("cursor", "")))
            return start, start + count, pages
        start = max(1, self._number(query, "startIndex", 1)) - 1
        if start >= length > 0:
            match self.switch["beyond_end"]:
                case 400:
                    raise self.refused(400, "startIndex is beyond the end", "invalidValue")
                case "first":
                    start = 0
                case "last":
                    start = max(0, length - count)
        elif start > 0:
            start += {"overlap": -1, "skip": 1}.get(self.switch["page_drift"], 0)
        return start, start + count, None

    def _count(self, query: Mapping[str, Any], most: int, length: int) -> int:
        count = self._number(query, "count", self.switch["default_page"] or most)
        if count > most and self.switch["over_count"] == 400:
            raise self.refused(400, f"count is at most {most}", "invalidValue")
        if count <= 0:
            order = self.switch["count_zero"]
            if isinstance(order, int):
                raise self.refused(order, "count must be 1 or more", "invalidValue")
            return {"total": 0, "page": self.switch["default_page"] or most, "everybody": length}[order]
        count = min(count, most)
        return max(1, count // 2) if self.switch["short_pages"] else count

    def _number(self, query: Mapping[str, Any], name: str, default: int) -> int:
        try:
            return int(query.get(name, default))
        except (TypeError, ValueError):
            raise self.refused(400, f"{name} is no number", "invalidValue") from None

    def _from_cursor(self, cursor: str) -> tuple[int, int]:
        if not cursor:
            return 0, 0
        try:
            start, _unused, pages = base64.urlsafe_b64decode(cursor).decode().partition(":")
            found = int(start), int(pages)
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise self.refused(400, "The cursor is not known", "invalidCursor") from None
        if self.switch["cursor_pages"] is not None and found[1] >= self.switch["cursor_pages"]:
            raise self.refused(400, "The cursor has expired", "expiredCursor")
        return found

    def _page(self, view: View, ids: Sequence[str], start: int, stop: int) -> list[Account]:
        if self.switch["page_drift"] == "shuffle":
            ids = random.Random(start).sample(ids, len(ids))
        every = self.switch["drop_every"]
        taken = [one for at, one in enumerate(ids[start:stop], start + 1) if every is None or at % every]
        return [account for one in taken if (account := view.get(one)) is not None]

    def _rows(
        self, rows: list[Account], ids: Sequence[str], start: int, query: Mapping[str, Any], cursor: str | None = None
    ) -> Answer:
        if self.switch["rights"] == "query_users":
            rows = []
        excluded = query.get("excludedAttributes")
        shown = [chosen(self._shown(row, listing=True), excluded) for row in rows]
        data: dict[str, Any] = {"schemas": [f"{MESSAGES}ListResponse"]}
        total = {"page": len(rows), "high": len(ids) + 7, "low": len(ids) // 2}.get(self.switch["total"], len(ids))
        if self.switch["total"] != "absent":
            data["totalResults"] = str(total) if self.switch["total"] == "text" else total
        data |= {"itemsPerPage": len(rows), "startIndex": start + 1}
        if cursor is not None:
            data["nextCursor"] = cursor
        if shown or self.switch["resources"] != "absent_when_empty":
            data["resources" if self.switch["resources"] == "resources" else "Resources"] = shown
        return self.done(200, data)

    # One user.

    def _missing(self) -> Refused:
        match self.switch["missing"]:
            case "html":
                return Refused(html(404, "Not Found"))
            case "empty":
                return Refused(self.done(404, {}))
            case "json":
                return Refused(reply(404, {"error": "Not found"}))
        return self.refused(404, "Resource not found")

    def _user(self, call: Call, row_id: str, tenant: str) -> Answer:
        rights = self.switch["rights"]
        if (
            rights == "query_users"
            or (rights == "view_users" and call.method != "GET")
            or (rights == "no_delete" and call.method == "DELETE")
        ):
            raise self.refused(403, "The credential lacks the right to do this")
        if self.switch["ids"] == "number" and row_id.isdecimal() and row_id not in self.store.rows:
            row_id = f"{ID}{int(row_id):012d}"
        account = self.view(call, listing=False).get(row_id) if call.method == "GET" else self.store.rows.get(row_id)
        hidden = account is not None and self.switch["hides_closed"] == "everywhere" and account["active"] is not True
        if account is None or tenant == "other" or hidden:
            if call.method == "DELETE" and self.switch["delete_again"] == 204 and tenant == "own":
                return Answer(204)
            raise self._missing()
        if call.method == "GET":
            return self._shown_alone(call, account)
        self._check_version(call, account)
        if call.method == "DELETE":
            return self._delete(account)
        return self._patch(call, account) if call.method == "PATCH" else self._put(call, account)

    def _check_version(self, call: Call, account: Account) -> None:
        if self.switch["etag"] not in ("checked", "needed"):
            return
        given = call.headers.get("If-Match")
        if given is None and self.switch["etag"] == "needed":
            raise self.refused(428, "If-Match is missing")
        if given not in (None, "*", version(account)):
            raise self.refused(412, "The version of the resource is another")

    def _body(self, call: Call) -> dict[str, Any]:
        try:
            data = call.json()
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise self.refused(400, "The body is no JSON object", "invalidSyntax")
        return data

    def _owner(self, account: Account) -> None:
        if account.get("owner"):
            raise self.refused(self.switch["owner"], "cannot_disable_primary_owner")

    def _put_back(self, account: Account, **fields: Any) -> Account:
        changed = {**account, **fields, "version": account["version"] + 1}
        self.store.put(account["id"], changed)
        return changed

    def _delete(self, account: Account) -> Answer:
        self._owner(account)
        order = self.switch["delete"]
        if isinstance(order, int):
            raise self.refused(order, "DELETE is not offered")
        if order == "deactivates":
            if account["active"] is not False:
                account = self._put_back(account, active=False)
        elif order != "ignored":
            self.store.remove(account["id"])
        return Answer(204) if self.switch["delete_answer"] == 204 else self.done(200, self._shown(account))

    def _patch(self, call: Call, account: Account) -> Answer:
        body = self._body(call)
        match body.get("Operations"):
            case [{"op": "add" | "replace" | "remove", "path": "externalId", **more}]:
                return self._written(call, self._put_back(account, externalId=more.get("value")))
        wanted = self._patched(body)
        if wanted is None:
            order = self.switch["patch_other"]
            if isinstance(order, int):
                raise self.refused(order, "This operation is not supported", "invalidSyntax" if order == 400 else None)
            return self._written(call, account)
        return self._written(call, self._set_active(account, wanted))

    def _patched(self, body: Mapping[str, Any]) -> bool | str | None:
        """What `active` is to be; None where the form is not among those that are taken."""
        taken = self.switch["patch_takes"]
        operations = body.get("Operations")
        if operations is None and "active" in body and "plain" in taken:
            return self._value(body["active"], taken)
        if body.get("schemas") != [f"{MESSAGES}PatchOp"] or not isinstance(operations, list) or not operations:
            return None
        wanted: bool | str | None = None
        for operation in operations:
            wanted = self._operation(operation, taken)
            if wanted is None:
                return None
        return wanted

    def _operation(self, operation: Any, taken: Sequence[str]) -> bool | str | None:
        if not isinstance(operation, dict) or operation.get("op") not in taken:
            return None
        path, value = operation.get("path"), operation.get("value")
        place = {None: "pathless", "active": "path", f"{USER}:active": "urn"}.get(path)
        if place not in taken:
            return None
        if place == "pathless":
            if not isinstance(value, dict) or "active" not in value:
                return None
            value = value["active"]
        return self._value(value, taken)

    def _value(self, value: Any, taken: Sequence[str]) -> bool | str | None:
        if isinstance(value, bool):
            return value if "boolean" in taken else None
        if "text" not in taken or not isinstance(value, str):
            return None
        match self.switch["patch_text"]:
            case "stored":
                return value
            case "false_unless_true":
                return value.lower() == "true"
        return {"true": True, "false": False}.get(value.lower())

    def _set_active(self, account: Account, wanted: bool | str) -> Account | None:
        """The account as it is afterwards; None when that removed it."""
        if wanted is not True:
            self._owner(account)
        if account["active"] == wanted:
            if self.switch["same_state"] != "done":
                raise self.refused(self.switch["same_state"], "The user is in this state already")
            return account
        order = self.switch["active_true" if wanted is True else "active_false"]
        if isinstance(order, int):
            raise self.refused(order, "active cannot be set to this value", "mutability" if order == 400 else None)
        if order == "ignored":
            return account
        if order == "removes":
            self.store.remove(account["id"])
            return None
        return self._put_back(account, active=wanted)

    def _written(self, call: Call, account: Account | None) -> Answer:
        if account is None or self.switch["patch_answer"] == 204:
            return Answer(204)
        return self._shown_alone(call, account)

    def _put(self, call: Call, account: Account) -> Answer:
        order = self.switch["put"]
        if isinstance(order, int):
            raise self.refused(order, "PUT is not offered")
        body = self._body(call)
        if body.get("schemas") != [USER] or not isinstance(body.get("userName"), str):
            raise self.refused(400, "userName is missing", "invalidValue")
        if order == "ignored":
            return self._shown_alone(call, account)
        left: Account | None = account
        if isinstance(body.get("active"), bool):
            left = self._set_active(account, body["active"])
        if left is None:
            return Answer(204)
        emails = body.get("emails")
        fields = {
            "userName": body["userName"],
            "emails": emails if isinstance(emails, list) and all(isinstance(entry, dict) for entry in emails) else [],
            "externalId": body.get("externalId"),
            "displayName": body.get("displayName"),
        }
        if any(left.get(name) != value for name, value in fields.items()):
            left = self._put_back(left, **fields)
        return self._shown_alone(call, left)


def is_shown(account: Account, hides_closed: bool, provisioned_only: bool) -> bool:
    if hides_closed and account["active"] is not True:
        return False
    return not provisioned_only or account.get("provisioned", True) is not False


def version(account: Account) -> str:
    return f'W/"{account["version"]}"'


def chosen(shown: Account, excluded: Any) -> Account:
    """A user without the attributes that the request excludes (RFC 7644, 3.9)."""
    names = excluded.split(",") if isinstance(excluded, str) else excluded or ()
    left_out = {name.strip().lower() for name in names} - {"id", "schemas"}
    return {name: value for name, value in shown.items() if name.lower() not in left_out} if left_out else shown


def cursor_of(start: int, pages: int) -> str:
    return base64.urlsafe_b64encode(f"{start}:{pages}".encode()).decode()


def values(account: Account, name: str) -> list[Any]:
    """What an account has under the name of an attribute, in the canonical form of the schema."""
    match name:
        case "emails[]":
            return list(account["emails"])
        case "emails" | "emails.value" | "email":
            return [entry["value"] for entry in account["emails"]]
        case "emails.type":
            return [entry["type"] for entry in account["emails"] if "type" in entry]
        case "username":
            return [account["userName"]]
    found: Any = {key.lower(): value for key, value in account.items()}
    for part in name.split("."):
        found = {key.lower(): value for key, value in found.items()}.get(part) if isinstance(found, dict) else None
    return [] if found is None else [found]
