# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What ZITADEL's services have in common: errors, lists, rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .base import Account, Vendor, now_text
from .wire import Answer, Call, reply

CALLER = "300000000000000001"
CODES = {3: "invalid_argument", 5: "not_found", 7: "permission_denied", 9: "failed_precondition"}
"""Connect's words for the codes (connectrpc.com, docs/protocol)."""

STATES = tuple(f"USER_STATE_{name}" for name in ("UNSPECIFIED", "ACTIVE", "INACTIVE", "DELETED", "LOCKED", "INITIAL"))
UNSPECIFIED, ACTIVE, INACTIVE, DELETED, LOCKED, INITIAL = STATES
ZEROS: tuple[object, ...] = (False, 0, "", None, [], UNSPECIFIED, "GENDER_UNSPECIFIED", "ACCESS_TOKEN_TYPE_BEARER")

HTTP = {3: 400, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 12: 405, 13: 500, 14: 503, 16: 401}
GRPC = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 409: 6, 429: 8, 503: 14}


class Problem(NamedTuple):
    code: int
    id: str
    text: str
    key: str


INVALID_TOKEN = Problem(16, "AUTH-7fs1e", "Token is invalid", "Errors.Token.Invalid")
NO_MEMBERSHIP = Problem(5, "AUTHZ-cdgFk", "membership not found", "Errors.Membership.NotFound")
NO_PERMISSION = Problem(7, "AUTH-AWfge", "No matching permissions found", "Errors.Authorization.NoPermission")
USER_NOT_FOUND = Problem(5, "QUERY-Dfbg2", "User could not be found", "Errors.User.NotFound")
NESTING = Problem(3, "USER-zsQ97", "Query is nested too deeply", "Errors.User.TooManyNestingLevels")
EMPTY_QUERY = Problem(3, "GRPC-vR9nC", "Search query is invalid", "List.Query.Invalid")
LIMIT = Problem(3, "QUERY-4M0fs", "Limit exceeded", "Errors.Query.LimitExceeded")
SEARCHING = ("user.read", "session.read")
PERMISSIONS = {"none": (), "read_only": SEARCHING, "full": (*SEARCHING, "user.write", "user.delete", "session.delete")}
"""What a credential may do, by the switch `rights`."""


class Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.id)
        self.problem = problem


class Malformed(Exception):
    """What the gateway or the request validation refuses, without an id."""


def stripped(value: Any) -> Any:
    """As the gateway prints it: fields with zero values are left out."""
    if isinstance(value, dict):
        return {name: stripped(item) for name, item in value.items() if item not in ZEROS}
    return value


class Gateway(Vendor):
    """How each service of an instance reads requests, and answers."""

    def reset(self) -> None:
        super().reset()
        self._sequence = 1000

    def error(self, status: int, text: str) -> Answer:
        return reply(status, {"code": GRPC.get(status, 13), "message": text, "details": []})

    def problem(self, problem: Problem) -> Answer:
        text = problem.text if self.switch["messages"] == "english" else problem.key
        detail = {"@type": "type.googleapis.com/zitadel.v1.ErrorDetail", "id": problem.id, "message": text}
        data = {"code": problem.code, "message": f"{text} ({problem.id})", "details": [detail]}
        return reply(HTTP[problem.code], data)

    def _body(self, call: Call) -> dict[str, Any]:
        if not call.body and self.switch["empty_body"] == 200:
            return {}
        try:
            data = call.json()
        except ValueError as error:
            raise Malformed("proto: syntax error in the request body") from error
        if not isinstance(data, dict):
            raise Malformed("proto: syntax error: the request body is no object")
        return data

    def _paging(self, request: Mapping[str, Any]) -> tuple[Mapping[str, Any], slice]:
        """The query of a list, and which rows it asks for."""
        query = request.get("query") or {}
        try:
            offset, limit = int(query.get("offset", 0)), int(query.get("limit", 0))
        except (ValueError, TypeError, AttributeError) as error:
            raise Malformed("proto: invalid value for uint64 field") from error
        if offset < 0 or limit < 0:
            raise Malformed("proto: invalid value for uint64 field")
        if self.switch["list_limit"] == "new":
            if limit > 1000:
                raise Refused(LIMIT)
            limit = limit or 100
        return query, slice(offset, offset + limit if limit else None)

    def _listing(self, name: str, page: list[Account], total: int) -> Answer:
        details: dict[str, Any] = {"totalResult": self._number(total)} if total else {}
        details["processedSequence"] = self._number(self._sequence)
        details["timestamp"] = now_text()
        return reply(200, {"details": details, **({name: page} if page else {})})

    def _event(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """The details of an object after one more event."""
        self._sequence += 1
        return {**details, "sequence": str(self._sequence), "changeDate": now_text()}

    def _number(self, value: int | str) -> int | str:
        return int(value) if self.switch["uint64"] == "number" else str(value)

    def _details(self, details: Mapping[str, str]) -> Answer:
        return reply(200, {"details": {**details, "sequence": self._number(details["sequence"])}})

    def _may(self, permission: str) -> bool:
        listed = self.switch["permissions"]
        return self.switch["rights"] != "none" and permission in (
            PERMISSIONS[self.switch["rights"]] if listed is None else listed
        )

    def _readable(self, account: Account) -> bool:
        if account["userId"] == CALLER:
            return True
        hidden = account["details"]["resourceOwner"] in self.switch["hidden_organizations"]
        return self.switch["rights"] != "none" and not hidden

    def _check(self, permission: str, organization: str | None = None) -> None:
        """Raise what a credential without a permission there is answered."""
        if self.switch["rights"] == "none":
            raise Refused(NO_MEMBERSHIP)
        if not self._may(permission):
            raise Refused(NO_PERMISSION)
        if organization in self.switch["hidden_organizations"]:
            raise Refused(NO_MEMBERSHIP)
