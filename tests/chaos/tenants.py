# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What the tests know of each vendor's mock: its native states, what names an account, whom a request is about."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, ACTIVE, DEACTIVATED, LOCKED
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.customergauge import CustomerGauge
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel

Native = dict[str, t.Any]
Entry = dict[str, t.Any]
CLIENT = ("client_id", "client_secret")


@dataclass(frozen=True)
class Tenant:
    """``states``: native fields by the name of a state to begin with. ``words``: what they mean in our vocabulary."""

    vendor: type[Vendor]
    states: Mapping[str, Native]
    words: Mapping[str | None, str]
    word: Callable[[Native], str | None]
    keys: Mapping[str, Callable[[Native], t.Any]]
    unknown: Mapping[str, Callable[[int], t.Any]]
    logins: tuple[tuple[str, ...], ...]
    switches: Mapping[str, tuple[t.Any, ...]]
    about: Callable[[Entry], str | None]
    """By which of its names a request names one account."""
    always: Mapping[str, t.Any] = field(default_factory=dict)
    """The switches that all schedules have."""

    @property
    def name(self) -> str:
        return self.vendor.info.name

    @property
    def wanted(self) -> tuple[str, ...]:
        return tuple(state for state in (DEACTIVATED, ACTIVE, LOCKED, ABSENT) if state in self.vendor.info.states)

    def truth(self, account: Native | None) -> str:
        return ABSENT if account is None else self.words[self.word(account)]

    def kinds(self, login: tuple[str, ...]) -> tuple[str, ...]:
        """The kinds of requests that a task sends."""
        has_tokens = login == CLIENT
        return (*(("read",) if self.vendor.info.readable else ()), "write", *(("token",) if has_tokens else ()))

    def names(self, account: Native) -> set[str]:
        found = {read(account) for field, read in self.keys.items() if field != "identity"}
        return {name for name in found if name}


def attained(wanted: str, state: str) -> bool:
    """Locked is less closed than deactivated."""
    return state == wanted or (wanted == LOCKED and state == DEACTIVATED)


def _part(entry: Entry, after: str, skip: int = 0) -> str | None:
    parts = [unquote(part) for part in entry["path"].partition("?")[0].split("/")]
    place = parts.index(after) + 1 + skip if after in parts else len(parts)
    return parts[place] if place < len(parts) else None


def _about_learn(entry: Entry) -> str | None:
    if entry["path"] == "/webhooks":
        return str(json.loads(entry["body"])["content"]["user"]["ref"])
    return _part(entry, "ref") or _part(entry, "user")


def _about_laurel(entry: Entry) -> str | None:
    name = _part(entry, "users")
    return None if name in ("batch", "lookup") else name


def _about_customergauge(entry: Entry) -> str | None:
    return str(json.loads(entry["body"])["email"]) if entry["path"].endswith("/disable") else None


def _email(number: int) -> str:
    return f"no-such-user{number}@example.com"


CUSTOMERGAUGE = Tenant(
    CustomerGauge,
    states={name: {"status": name} for name in ("Active", "Deactivated", "Blocked")},
    words={"Active": ACTIVE, "Blocked": LOCKED, "Deactivated": DEACTIVATED},
    word=lambda a: str(a["status"]),
    keys={"email": lambda a: a["email"]},
    unknown={"email": _email},
    logins=(CLIENT,),
    switches={"already_disabled": (204, 404), "token_single": (False, True)},
    about=_about_customergauge,
)
ZITADEL = Tenant(
    Zitadel,
    states={name: {"state": f"USER_STATE_{name}"} for name in ("ACTIVE", "INACTIVE", "LOCKED", "INITIAL")},
    words={
        "USER_STATE_ACTIVE": ACTIVE,
        "USER_STATE_INITIAL": ACTIVE,
        "USER_STATE_INACTIVE": DEACTIVATED,
        "USER_STATE_LOCKED": LOCKED,
    },
    word=lambda a: str(a["state"]),
    keys={
        "user_id": lambda a: a["userId"],
        "email": lambda a: a["human"]["email"]["email"],
        "username": lambda a: a["username"],
        "login_name": lambda a: a["preferredLoginName"],
    },
    unknown={
        "user_id": lambda n: f"99000000000000{n:04d}",
        "email": _email,
        "username": _email,
        "login_name": _email,
    },
    logins=(CLIENT, ("access_token",)),
    switches={
        "uint64": ("string", "number"),
        "messages": ("english", "key"),
        "auth_me": (True, False),
        "token_expires_in": ("number", "string", "absent"),
        "token_single": (False, True),
    },
    about=lambda entry: None if entry["method"] == "POST" and entry["path"] == "/v2/users" else _part(entry, "users"),
    # With Connect a REST path that answers 404 once is no fault.
    always={"connect": False},
)
LAUREL = Tenant(
    Laurel,
    states={name: {"status": name} for name in ("active", "firmDisabled", "adminDisabled", "absent")}
    | {"null": {"status": None}},
    words={"active": ACTIVE, None: ACTIVE, "firmDisabled": DEACTIVATED, "adminDisabled": DEACTIVATED},
    word=lambda a: a.get("status"),
    keys={
        "user_id": lambda a: a["_id"],
        "email": lambda a: a["email"],
        "identity": lambda a: a["identities"][0],
    },
    unknown={
        "user_id": lambda n: f"62f6ffffffff{n:012x}",
        "email": _email,
        "identity": lambda n: {"type": "external-billing-system", "value": f"NO-USER{n}"},
    },
    logins=(CLIENT,),
    switches={
        "list_shape": ("list", "object_when_one"),
        "search": ("contains", "starts_with"),
        "delete": ("hard", "soft"),
        "deleted_get": ("user", 404),
        "token_single": (False, True),
    },
    about=_about_laurel,
)
NETEX = Tenant(
    Netex,
    states={"enabled": {"enabled": True}, "disabled": {"enabled": False}},
    words={"enabled": ACTIVE, "disabled": DEACTIVATED},
    word=lambda a: "enabled" if a["enabled"] else "disabled",
    keys={
        "user_id": lambda a: a["id"],
        "username": lambda a: a["username"],
        "email": lambda a: a["email"],
    },
    unknown={"user_id": lambda n: f"ff80ffff{n:024x}", "username": lambda n: f"no-such-user{n}", "email": _email},
    logins=(("auth_token",),),
    switches={
        "start_index_base": (0, 1),
        "user_missing": (404, "inner", "html"),
        "already": (204, 409, 400),
        "http_status": ("always_200", "errors", "inner"),
        "bad_token": (401, 403),
        "password": ("hash", "absent"),
        "async_delay": (None, {"reads": 1}, {"reads": 4}),
    },
    about=lambda entry: _part(entry, "users"),
)
LEARN = Tenant(
    Learn,
    states={name: {"status": name} for name in ("active", "inactive", "expired", "new")},
    words={"active": ACTIVE, "expired": ACTIVE, "new": ACTIVE, "inactive": DEACTIVATED, "deleted": ABSENT},
    word=lambda a: "deleted" if a.get("deleted") else str(a["status"]),
    keys={"ref": lambda a: a["ref"], "user_id": lambda a: a["id"], "email": lambda a: a["email"]},
    unknown={"ref": lambda n: f"X{n}", "user_id": lambda n: f"5e66ffff{n:016x}", "email": _email},
    logins=(("api_secret",), CLIENT),
    switches={
        "token_auth": ("both", "body", "basic"),
        "pagination": (True, False),
        "list_hides_suspended": (False, True),
        "list_hides_deleted": (False, True),
        "deleted_status": ("inactive", "active", None),
        "already_suspended": (200, 409, 422),
        "delete_body": ("json", "empty"),
        "message_shape": ("string", "object"),
        "webhook_status": (200, 202, 204),
        "webhook_delay": (None, {"reads": 1}, {"reads": 3}),
        "webhook_dedupe": (True, False),
        "token_single": (False, True),
    },
    about=_about_learn,
)
TENANTS = {tenant.name: tenant for tenant in (CUSTOMERGAUGE, ZITADEL, LAUREL, NETEX, LEARN)}
