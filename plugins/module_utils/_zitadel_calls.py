# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: its methods, by their REST paths or by their Connect paths.

PRIVATE to the collection. Sources: github.com/zitadel/zitadel, proto/zitadel/user/v2/user_service.proto and
proto/zitadel/session/v2/session_service.proto (REST paths);
apps/docs/content/apis/migration_v1_to_v2.mdx: REST is being sunset for the services v2, and Connect takes its place.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ._faults import ApiError, Fatal
from ._reply import Reply
from ._transport import Client
from ._zitadel_errors import error_id

ID = ""
"""Where the id of the user or session stands in a path."""


class _Method(t.NamedTuple):
    verb: str
    path: tuple[str, ...]
    service: str = "zitadel.user.v2.UserService"
    id_field: str = "userId"


_SESSIONS = "zitadel.session.v2.SessionService"


_METHODS = {
    "ListUsers": _Method("POST", ("v2", "users")),
    "GetUserByID": _Method("GET", ("v2", "users", ID)),
    "DeleteUser": _Method("DELETE", ("v2", "users", ID)),
    "DeactivateUser": _Method("POST", ("v2", "users", ID, "deactivate")),
    "ReactivateUser": _Method("POST", ("v2", "users", ID, "reactivate")),
    "ListPersonalAccessTokens": _Method("POST", ("v2", "users", "pats", "search")),
    "ListKeys": _Method("POST", ("v2", "users", "keys", "search")),
    "LockUser": _Method("POST", ("v2", "users", ID, "lock")),
    "UnlockUser": _Method("POST", ("v2", "users", ID, "unlock")),
    "ListSessions": _Method("POST", ("v2", "sessions", "search"), _SESSIONS),
    "DeleteSession": _Method("DELETE", ("v2", "sessions", ID), _SESSIONS, "sessionId"),
}


class Calls:
    """Calls methods.

    One whose REST path is not there is tried once by its Connect path, which is kept for the task if it answers.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._by_connect: dict[str, bool] = {}

    def read(self, method: str, identifier: str | None = None, body: Mapping[str, t.Any] | None = None) -> Reply:
        """Call a method that changes nothing. Raises ApiError."""
        return self._call(self._client.read, method, identifier, body or {})

    def write(self, method: str, identifier: str) -> Reply:
        """Call a method that changes a user or a session. Raises ApiError."""
        return self._call(self._client.write, method, identifier, {})

    def _call(
        self, send: Callable[..., Reply], method: str, identifier: str | None, body: Mapping[str, t.Any]
    ) -> Reply:
        verb, path, service, id_field = _METHODS[method]
        body_by_connect = body if identifier is None else {**body, id_field: identifier}

        def by_connect() -> Reply:
            return send("POST", service, method, body=body_by_connect)

        if self._by_connect.get(method):
            return by_connect()
        try:
            parts = [identifier if part == ID else part for part in path]
            return send(verb, *parts, **({"body": body} if verb == "POST" else {}))
        except ApiError as exc:
            if isinstance(exc, Fatal) or not _is_not_there(exc) or method in self._by_connect:
                raise
            return self._tried(method, by_connect, exc)

    def _tried(self, method: str, by_connect: Callable[[], Reply], error: ApiError) -> Reply:
        """Return the answer of a Connect path, or raise its error if that is ZITADEL's own, or else the one given."""
        try:
            reply = by_connect()
        except ApiError as exc:
            if exc.doubtful or exc.status is None or error_id(exc.payload) is not None:
                self._by_connect[method] = error_id(exc.payload) is not None
                raise
            self._by_connect[method] = False
            raise error from None
        self._by_connect[method] = reply.is_object
        if not reply.is_object:
            raise error
        return reply


def _is_not_there(error: ApiError) -> bool:
    """Whether an answer is of a server that does not have the path: ZITADEL's own 404 has an error id."""
    return error.status in (405, 501) or (error.status == 404 and error_id(error.payload) is None)
