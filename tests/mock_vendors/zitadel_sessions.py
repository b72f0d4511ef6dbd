# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""ZITADEL session service v2, https://zitadel.com/docs/reference/api/session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .base import Account, Store, Switches, View, now_text
from .wire import Answer, Call, reply
from .zitadel_base import (
    ACTIVE,
    INITIAL,
    LOCKED,
    UNSPECIFIED,
    USER_NOT_FOUND,
    Gateway,
    Malformed,
    Problem,
    Refused,
    stripped,
)

SESSION_SERVICE = "zitadel.session.v2.SessionService"
BEGUN = "2026-10-05T07:15:00.123456Z"
NO_SESSION = Problem(5, "QUERY-SFeaa", "Session does not exist", "Errors.Session.NotExisting")
NO_QUERY = Problem(3, "GRPC-Sfefs", "Search query is invalid", "List.Query.Invalid")
NOT_ACTIVE = Problem(9, "SESSION-Gj4ko", "User is not active", "Errors.User.NotActive")
USER_LOCKED = Problem(9, "COMMAND-JLK35", "User is locked", "Errors.User.Locked")

# Behaviour of the servers of December 2025 and of July 2026 was observed on them.
SESSIONS: Switches = {
    # How many sessions each account has: by the user's id, or one number for every human. The id may be
    # that of a deleted user, whose sessions stay.
    "sessions": ({},),
    # Sessions that the search does not show at first, by the user's id: it lags like that of users, by some
    # milliseconds on both servers.
    "late_sessions": ({},),
    # For how many searches that would find them. "written": until a request has changed the account.
    "session_lag": (1,),
    # The sessions of deactivated, locked and deleted accounts. "hidden": since February 2026 they are neither listed
    # nor read, and not ended: listed again after a reactivation. https://github.com/zitadel/zitadel/pull/11644
    "sessions_of_closed": ("listed", "hidden"),
    # "ignored" is a server that does not know a query: the gateway discards what it does not know
    # (internal/api/grpc/server/gateway.go, DiscardUnknown).
    "session_filter": ("honoured", "ignored"),
    # The ids of sessions and of users whose DELETE is answered 200 and ends nothing, as a lost write does:
    # https://github.com/zitadel/zitadel/pull/12703
    "sessions_kept": ((),),
}


def session_of(number: int, account: Mapping[str, Any], begun: str) -> Account:
    """A session as it is kept, which is more than what is shown of it."""
    human = account.get("human", {}).get("profile", {})
    user = {
        "id": account["userId"],
        "loginName": account.get("preferredLoginName", ""),
        "displayName": human.get("displayName") or account.get("machine", {}).get("name", ""),
        "organizationId": account.get("details", {}).get("resourceOwner", ""),
        "verifiedAt": begun,
    }
    shown = {"id": str(340000000000000000 + number), "creationDate": begun, "changeDate": begun, "sequence": "2"}
    return {"shown": {**shown, "factors": {"user": stripped(user)}}, "user": user, "ended": False}


class Sessions(Gateway):
    """The sessions of an instance's users, as far as a client sees and ends those of others."""

    def __init__(self) -> None:
        self.sessions = Store(user=lambda row: [row["user"]["id"]])
        self.locked = Store()
        """Who is locked for the check of a password, which a deactivation and a reactivation leave as it is."""
        super().__init__()

    @property
    def stores(self) -> tuple[Store, ...]:
        return (*super().stores, self.sessions, self.locked)

    def set_switches(self, values: Mapping[str, Any]) -> None:
        super().set_switches(values)
        if {"sessions", "late_sessions", "session_lag"} & values.keys():
            self._begin_sessions()

    def seed(self, accounts: Iterable[Mapping[str, Any]]) -> None:
        super().seed(accounts)
        self.locked.load({user: {} for user, account in self.store.rows.items() if account.get("state") == LOCKED})
        self._begin_sessions()

    def _begin_sessions(self) -> None:
        wanted = self.switch["sessions"]
        if isinstance(wanted, int):
            wanted = {user: wanted for user, account in self.store.rows.items() if "human" in account}
        late = self.switch["late_sessions"]
        owners = [user for counts in (wanted, late) for user, count in counts.items() for _number in range(count)]
        rows = [
            session_of(number, self.store.rows.get(user, {"userId": user}), BEGUN)
            for number, user in enumerate(owners, 1)
        ]
        self.sessions.load({row["shown"]["id"]: row for row in rows})
        self._late = {row["shown"]["id"]: 0 for row in rows[len(owners) - sum(late.values()) :]}
        """How often the search has passed over each late session."""

    def _connect_session(self, call: Call, method: str) -> Answer | None:
        session = str(self._body(call).get("sessionId", ""))
        match method:
            case "ListSessions":
                return self._list_sessions(call)
            case "GetSession":
                return self._get_session(call, session)
            case "DeleteSession":
                return self._end_session(session)
        return None

    def _is_late(self, row: Account) -> bool:
        session, lag = row["shown"]["id"], self.switch["session_lag"]
        if session not in self._late:
            return False
        if lag == "written":
            return not any(user == row["user"]["id"] for _at, user, _before in self.store.journal)
        return bool(self._late[session] < lag)

    def _is_shown(self, row: Account, users: View | None) -> bool:
        """Whether a credential with all rights sees a session. `users`: on a server that goes by their states."""
        if row["ended"] or users is None:
            return not row["ended"]
        account = users.get(row["user"]["id"])
        return account is not None and account.get("state", UNSPECIFIED) in (ACTIVE, INITIAL)

    def _users(self, call: Call, listing: bool) -> View | None:
        return self.view(call, listing) if self.switch["sessions_of_closed"] == "hidden" else None

    def _print(self, row: Account) -> Account:
        return {**row["shown"], "sequence": self._number(row["shown"]["sequence"])}

    def _list_sessions(self, call: Call) -> Answer:
        request = self._body(call)
        query, wanted = self._paging(request)
        queries = request.get("queries") or []
        if not isinstance(queries, list):
            raise Malformed("proto: syntax error: queries is not a list")
        ids = [session_query(each) for each in queries]
        if self.switch["session_filter"] == "ignored":
            ids = []
        sessions, users = self.view(call, listing=True, store=self.sessions), self._users(call, listing=True)
        owner = next((among[0] for reads, among in ids if reads == "user"), None)
        candidates = sessions if owner is None else sessions.find("user", owner)
        found = [
            row
            for row in (candidates if self._may("session.read") else ())
            if all((row["user"]["id"] if reads == "user" else row["shown"]["id"]) in among for reads, among in ids)
            if row["user"]["organizationId"] not in self.switch["hidden_organizations"]
            if self._is_shown(row, users)
        ]
        rows = [row for row in found if not self._is_late(row)]
        if not wanted.start:  # the pages of one list count once
            for row in found:
                if row["shown"]["id"] in self._late:
                    self._late[row["shown"]["id"]] += 1
        rows.sort(key=lambda row: str(row["shown"]["id"]), reverse=query.get("asc") is not True)
        return self._listing("sessions", [self._print(row) for row in rows[wanted]], len(rows))

    def _get_session(self, call: Call, session: str) -> Answer:
        row = self.view(call, listing=False, store=self.sessions).get(checked(session))
        if row is None or self._is_late(row) or not self._is_shown(row, self._users(call, listing=False)):
            raise Refused(NO_SESSION)
        self._check("session.read", row["user"]["organizationId"])
        return reply(200, {"session": self._print(row)})

    def _end_session(self, session: str) -> Answer:
        row = self.sessions.rows.get(checked(session))
        self._check("session.delete", None if row is None else row["user"]["organizationId"])
        if row is None:
            return reply(200, {"details": {}})
        shown = row["shown"]
        if not row["ended"]:
            shown = self._event(shown)
            if not {session, row["user"]["id"]} & set(self.switch["sessions_kept"]):
                self.sessions.put(session, {**row, "shown": shown, "ended": True})
        details = {name: shown[name] for name in ("sequence", "changeDate")}
        return self._details(details | {"resourceOwner": row["user"]["organizationId"]})

    def _create_session(self, call: Call) -> Answer:
        """Log in a user: every password is accepted.

        The state that counts is the one that is read, so that a lost deactivation lets the account in; the lock is the
        commands', and outlives a deactivation and a reactivation: https://github.com/zitadel/zitadel/issues/11176.
        """
        checks = self._body(call).get("checks") or {}
        user = (checks.get("user") or {}).get("userId", "")
        account = self.store.rows.get(user)
        if account is None:
            raise Refused(USER_NOT_FOUND)
        if account.get("state", UNSPECIFIED) not in (ACTIVE, INITIAL):
            raise Refused(NOT_ACTIVE)
        if checks.get("password") and user in self.locked.rows:
            raise Refused(USER_LOCKED)
        row = session_of(len(self.sessions.rows) + 1, account, now_text())
        row["shown"] = self._event(row["shown"])
        session = row["shown"]["id"]
        self.sessions.put(session, row)
        details = {name: row["shown"][name] for name in ("sequence", "changeDate")}
        details |= {"resourceOwner": row["user"]["organizationId"], "sequence": self._number(details["sequence"])}
        return reply(201, {"details": details, "sessionId": session, "sessionToken": f"sessionToken-{session}"})


def checked(session: str) -> str:
    if not 1 <= len(session) <= 200:
        raise Malformed("invalid SessionId: value length must be between 1 and 200 runes, inclusive")
    return session


def session_query(query: Any) -> tuple[str, list[str]]:
    """Whose id a query is about, and which it lets through."""
    if not isinstance(query, dict) or len(query) != 1:
        raise Refused(NO_QUERY)
    match query:
        case {"userIdQuery": {"id": str(user)}} if user:
            return "user", [user]
        case {"idsQuery": {"ids": list(ids)}}:
            return "session", ids
        case {"userIdQuery": _} | {"idsQuery": _}:
            raise Malformed("proto: invalid value of a search query")
    raise Refused(NO_QUERY)
