# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: its methods, by their REST paths or by their Connect paths.

PRIVATE to the collection. Sources: github.com/zitadel/zitadel, proto/zitadel/user/v2/user_service.proto (REST paths);
apps/docs/content/apis/migration_v1_to_v2.mdx: REST is being sunset for the services v2, and Connect takes its place.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ._faults import ApiError, Fatal
from ._reply import Reply
from ._transport import Client
from ._zitadel_errors import error_id

USER_ID = ""
"""Where the id of the user stands in a path."""


class _Method(t.NamedTuple):
    verb: str
    path: tuple[str, ...]
    service: str = "zitadel.user.v2.UserService"


_METHODS = {
    "ListUsers": _Method("POST", ("v2", "users")),
    "GetUserByID": _Method("GET", ("v2", "users", USER_ID)),
    "DeleteUser": _Method("DELETE", ("v2", "users", USER_ID)),
    "DeactivateUser": _Method("POST", ("v2", "users", USER_ID, "deactivate")),
    "ReactivateUser": _Method("POST", ("v2", "users", USER_ID, "reactivate")),
    "ListPersonalAccessTokens": _Method("POST", ("v2", "users", "pats", "search")),
    "ListKeys": _Method("POST", ("v2", "users", "keys", "search")),
    "LockUser": _Method("POST", ("v2", "users", USER_ID, "lock")),
    "UnlockUser": _Method("POST", ("v2", "users", USER_ID, "unlock")),
}


class Calls:
    """Calls methods.

    One whose REST path is not there is tried once by its Connect path, which is kept for the task if it answers.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._by_connect: dict[str, bool] = {}

    def read(self, method: str, user_id: str | None = None, body: Mapping[str, t.Any] | None = None) -> Reply:
        """Call a method that changes nothing. Raises ApiError."""
        return self._call(self._client.read, method, user_id, body or {})

    def write(self, method: str, user_id: str) -> Reply:
        """Call a method that changes a user. Raises ApiError."""
        return self._call(self._client.write, method, user_id, {})

    def _call(self, send: Callable[..., Reply], method: str, user_id: str | None, body: Mapping[str, t.Any]) -> Reply:
        verb, path, service = _METHODS[method]
        body_by_connect = body if user_id is None else {**body, "userId": user_id}

        def by_connect() -> Reply:
            return send("POST", service, method, body=body_by_connect)

        if self._by_connect.get(method):
            return by_connect()
        try:
            parts = [user_id if part == USER_ID else part for part in path]
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
