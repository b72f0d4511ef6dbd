# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: the session service v2.

PRIVATE to the collection. Source: github.com/zitadel/zitadel, proto/zitadel/session/v2/session_service.proto.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ._faults import ApiError, Fatal
from ._model import Answer, Problem, Sessions, count_of, text_or_none
from ._reading import pages_for
from ._threads import gather
from ._transport import Transport
from ._vendor import SessionService
from ._zitadel_calls import Calls
from ._zitadel_errors import SESSION_RIGHTS, explained
from ._zitadel_rights import MAY_END_SESSIONS, MAY_LIST_SESSIONS, OwnRights

PAGE = 1000
"""Sessions in an answer. Newer servers refuse more for users; more is not documented for sessions."""
ATTEMPTS = 3
"""How often the list of all sessions is read before each account is asked for instead."""


class _Page(t.NamedTuple):
    """A page of sessions: each id with that of its user, None before a log-in; and what is counted."""

    rows: list[tuple[str, str | None]]
    total: int

    def is_whole(self, offset: int) -> bool:
        """Whether all sessions that are counted are shown. Older servers leave out what a credential may not see."""
        return len(self.rows) >= min(PAGE, self.total - offset)


class ZitadelSessions(SessionService):
    """Lists the sessions of users, and ends them."""

    def __init__(self, calls: Calls, transport: Transport, rights: OwnRights) -> None:
        self._calls = calls
        self._transport = transport
        self._rights = rights

    def of(self, ids: Sequence[str]) -> Mapping[str, Sessions | Problem]:
        try:
            found = self._listed(ids)
        except Fatal:
            raise
        except ApiError as exc:
            return dict.fromkeys(ids, explained(exc, SESSION_RIGHTS))
        # Without the right a search is empty, not refused.
        is_empty = any(isinstance(each, Sessions) and not each.ids for each in found.values())
        may_list = not is_empty or MAY_LIST_SESSIONS in (self._rights.permissions or ())
        return {
            user: each if isinstance(each, Problem) else replace(each, is_whole=each.is_whole and may_list)
            for user, each in found.items()
        }

    def may_end(self) -> bool | None:
        lacking = self._rights.lacking({MAY_END_SESSIONS})
        return None if lacking is None else not lacking

    def _listed(self, users: Sequence[str]) -> dict[str, Sessions | Problem]:
        """Return the sessions of each user: by pages of all sessions, or by user where that takes fewer requests.

        Raises ApiError where the first page cannot be read, and Fatal.
        """
        if len(users) > 1:
            first = self._page([], 0)
            if pages_for(first.total - 1, PAGE - 1) - 1 < len(users):
                everybody = self._everybody(first)
                if everybody is not None:
                    return {user: Sessions(tuple(everybody.get(user, ())), is_whole=True) for user in users}
        found = gather(self._of_one, users, self._transport.limits.concurrency)
        return dict(zip(users, found, strict=True))

    def end(self, session: str) -> Answer:
        """End a session. ZITADEL answers 200 also where there is none of that id. Raises ApiError."""
        try:
            return self._calls.write("DeleteSession", session).acknowledged()
        except Fatal:
            raise
        except ApiError as exc:
            if exc.status in (403, 404):
                raise ApiError(explained(exc, SESSION_RIGHTS), payload=exc.payload) from None
            raise

    def _everybody(self, first: _Page) -> dict[str, list[str]] | None:
        """Read all sessions, oldest first; None where they changed while they were read, or are not all shown.

        Each page begins with the last session of the one before: if it does not, sessions have ended and others moved.
        """
        for attempt in range(ATTEMPTS):
            rows: dict[str, str | None] = {}
            last: list[tuple[str, str | None]] = []
            for offset, page in self._pages([], first if attempt == 0 else None, step=PAGE - 1):
                if not page.is_whole(offset):
                    return None
                if last and page.rows[:1] != last:
                    break
                last = page.rows[-1:]
                rows |= page.rows
            else:
                found: dict[str, list[str]] = {}
                for session, user in rows.items():
                    if user is not None:
                        found.setdefault(user, []).append(session)
                return found
        return None

    def _of_one(self, user: str) -> Sessions | Problem:
        """Return the sessions of one user. Those of others, as a server without the filter lists, do not count."""
        try:
            pages = list(self._pages([{"userIdQuery": {"id": user}}]))
        except Fatal:
            raise
        except ApiError as exc:
            return explained(exc, SESSION_RIGHTS)
        ids = dict.fromkeys(session for _offset, page in pages for session, whose in page.rows if whose == user)
        return Sessions(tuple(ids), is_whole=all(page.is_whole(offset) for offset, page in pages))

    def _pages(
        self, queries: Sequence[Mapping[str, t.Any]], first: _Page | None = None, step: int = PAGE
    ) -> Iterator[tuple[int, _Page]]:
        """Read pages that begin ``step`` sessions after each other."""
        offset = 0
        while True:
            page = first if first is not None and offset == 0 else self._page(queries, offset)
            yield offset, page
            if offset + PAGE >= page.total:
                return
            offset += step

    def _page(self, queries: Sequence[Mapping[str, t.Any]], offset: int) -> _Page:
        reply = self._calls.read(
            "ListSessions",
            body={
                "query": {"offset": str(offset), "limit": PAGE, "asc": True},
                "sortingColumn": "SESSION_FIELD_NAME_CREATION_DATE",
                "queries": list(queries),
            },
        )
        answer = reply.mapping()
        details = answer.get("details")
        total = count_of(details.get("totalResult", 0)) if isinstance(details, dict) else None
        rows = answer.get("sessions", [])
        if total is None or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise reply.fault("is not ZITADEL's answer to a search for sessions; check api_url")
        if not all(text_or_none(row.get("id")) for row in rows):
            raise reply.fault("has a session without id")
        return _Page([(row["id"], _user_of(row)) for row in rows], total)


def _user_of(row: Mapping[str, t.Any]) -> str | None:
    """Return the id of a session's user. A session without a log-in has none."""
    factors = row.get("factors")
    user = factors.get("user") if isinstance(factors, dict) else None
    identifier = user.get("id") if isinstance(user, dict) else None
    return identifier if isinstance(identifier, str) else None
