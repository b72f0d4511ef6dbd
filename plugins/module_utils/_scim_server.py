# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SCIM server: pages, filters, single users and the service provider's configuration, as servers really answer.

PRIVATE to the collection. Sources: RFC 7643, RFC 7644 (3.4.1 read, 3.4.2 query, 3.12 errors), RFC 9865 (cursors).
"""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ._end_of_list import EndOfList
from ._faults import ApiError, Fatal, error_text
from ._model import ACTIVE, DEACTIVATED, UNKNOWN, Account, Condition, count_of, text_or_none, texts
from ._paged import Values
from ._reading import next_pages, pages_for
from ._reply import Reply, Row
from ._scim_profiles import CAPITAL_TEXT, CURSOR, GENERIC, INDEX, NONE, Profile
from ._threads import gather
from ._transport import Client

MEDIA_TYPE = "application/scim+json"
SCIM_1 = "urn:scim:schemas:core:1.0"
MAX_PAGES = 100_000
REFUSES_PAGE = (400, 404, 405, 422, 500, 501)
MAX_PAGE = 1000
"""Users on a page at most, whatever the server offers."""
WORDS = {ACTIVE: "active", DEACTIVATED: "inactive"}
MISSING_PREFIX = "Check api_url: it is the address up to before /Users, and often ends in /v2 or /scim/v2"


@dataclass(frozen=True)
class Page:
    """A page of users. ``total`` and ``cursor`` are what the server states, where it does."""

    rows: Sequence[Row]
    total: int | None
    cursor: str | None
    reply: Reply

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]


def emails_of(row: Mapping[str, t.Any]) -> list[str]:
    """Return the e-mail addresses of a user: a list of objects or of texts, one object, or one text."""
    given = row.get("emails")
    each = given if isinstance(given, list) else [given]
    values = [one.get("value") if isinstance(one, dict) else one for one in each]
    return [value for value in values if isinstance(value, str) and value]


def values_of(row: Mapping[str, t.Any]) -> Values:
    """Return the values that a user has for each key."""
    name = row.get("userName")
    named = [name] if isinstance(name, str) and "@" in name else []
    return {
        "user_id": [row["id"]],
        "username": [name],
        "email": [*emails_of(row), *named],
        "external_id": [row.get("externalId") or row.get("externalID")],
    }


def is_scim_error(error: ApiError) -> bool:
    """Whether an error has the body that RFC 7644, 3.12, describes."""
    payload = error.payload
    if not isinstance(payload, dict):
        return False
    schemas = payload.get("schemas")
    return "Error" in str(schemas) or str(payload.get("status")) == str(error.status)


def plainly(error: ApiError, right: str) -> ApiError:
    """Return an error that reads as a sentence also where the server gives no reason."""
    problem = error.problem
    if problem.status is None or isinstance(error, Fatal) or not isinstance(error.payload, dict):
        return error
    if error_text(error.payload):
        return error
    lacks = f"; the credential lacks the right to {right}" if problem.status == 403 else ""
    host = problem.message.partition(" answered ")[0]
    message = f"{host} answered {problem.status}, no reason given{lacks}"
    return ApiError(
        replace(problem, message=message),
        doubtful=error.doubtful,
        partial=error.partial,
        payload=error.payload,
        retry_after=error.retry_after,
    )


class ScimServer:
    """Reads users of one SCIM server.

    What is learnt on the way (page size, paging) is kept for the task.
    """

    def __init__(self, client: Client, profile: Profile) -> None:
        self.client = client
        self.profile = profile
        self.host = client.host
        self.count: int | None = profile.page
        self.paging = profile.paging or INDEX
        self.has_cursor = profile.paging == CURSOR
        """Whether the absence of a further cursor means that a list has ended."""
        self.patches: bool | None = None
        self._configured = profile.name != GENERIC
        self._lock = threading.Lock()
        self._page_works = False
        self.listed_a_row = False
        """Whether a page of the list had a user."""

    # -- the service provider's configuration

    def configure(self) -> None:
        """Read ServiceProviderConfig once, for a product that no profile describes. Nothing depends on it."""
        with self._lock:
            if self._configured:
                return
            self._configured = True
        try:
            config = self.client.read("GET", "ServiceProviderConfig").mapping()
        except Fatal:
            raise
        except ApiError:
            return
        patch, paging, filters = (_object(config.get(name)) for name in ("patch", "pagination", "filter"))
        self.patches = patch.get("supported") if isinstance(patch.get("supported"), bool) else None
        offered = count_of(paging.get("maxPageSize")) or count_of(filters.get("maxResults"))
        if offered and self.count is not None and offered > self.count:
            self.count = min(offered, MAX_PAGE)
        is_by_cursor = paging.get("index") is False or paging.get("defaultPaginationMethod") == CURSOR
        if self.profile.paging is None and paging.get("cursor") is True and is_by_cursor:
            self.paging = CURSOR

    # -- pages

    def page(self, start: int = 1, cursor: str | None = None) -> Page:
        """Read a page of the list. Raises ApiError.

        Until one has come in, a size or a paging that the server refuses is given up.
        """
        while True:
            count, paging = self.count, self.paging
            try:
                page = self._page_of(self._read_users(self._params(start, cursor)))
            except ApiError as exc:
                if isinstance(exc, Fatal) or self._page_works or exc.status not in REFUSES_PAGE:
                    raise self._list_error(exc) from None
                if not self._concede(exc, count, paging):
                    raise self._list_error(exc) from None
                continue
            self._page_works = True
            self.listed_a_row |= bool(page.rows)
            return page

    def _read_users(self, params: Mapping[str, t.Any]) -> Reply:
        try:
            return self.client.read("GET", "Users", params=params)
        except ApiError as exc:
            raise plainly(exc, "read users") from None

    def _params(self, start: int, cursor: str | None) -> dict[str, t.Any]:
        params: dict[str, t.Any] = dict(self.profile.list_params)
        if self.paging == CURSOR:
            # An empty cursor is the first page (RFC 9865, 2.1). A server with another kind of cursor takes none.
            if cursor or self.profile.paging is None:
                params["cursor"] = cursor or ""
        elif self.paging == INDEX:
            params["startIndex"] = start
        if self.count is not None:
            params["count"] = self.count
        return params

    def _concede(self, error: ApiError, count: int | None, paging: str) -> bool:
        """Ask for less after a refusal: half the page, no size, a cursor. Return whether there is anything left."""
        with self._lock:
            if (self.count, self.paging) != (count, paging):
                return True
            if error.status == 400 and count is not None:
                self.count = count // 2 if count == self.profile.page and count > 1 else None
                return True
            if error.status in (400, 501) and self.profile.paging is None and paging == INDEX:
                self.paging, self.count = CURSOR, self.profile.page
                return True
        return False

    def _list_error(self, error: ApiError) -> ApiError:
        if error.status not in (404, 405) or isinstance(error, Fatal):
            return error
        message = f"{error.problem.message}; there is no list of users. {MISSING_PREFIX}"
        return ApiError(replace(error.problem, code="wrong_address", message=message))

    def _page_of(self, reply: Reply) -> Page:
        answer = reply.mapping()
        if SCIM_1 in str(answer.get("schemas")):
            raise reply.fault("is of SCIM 1.1; SCIM 2.0 is needed. Check api_url: it may hold /v1 for /v2")
        given = answer.get("Resources", answer.get("resources"))
        total = count_of(answer.get("totalResults"))
        if given is None and total is None:
            raise reply.fault(f"is no SCIM list: it has neither Resources nor totalResults. {MISSING_PREFIX}")
        rows = reply.rows([] if given is None else given)
        if any(SCIM_1 in str(row.get("schemas")) for row in rows):
            raise reply.fault("is of SCIM 1.1; SCIM 2.0 is needed. Check api_url: it may hold /v1 for /v2")
        for row in rows:
            row["id"] = self._id_of(row, reply)
        cursor = text_or_none(answer.get("nextCursor"))
        return Page(rows, total, cursor, reply)

    def _id_of(self, row: Mapping[str, t.Any], reply: Reply) -> str:
        identifier = row.get("id")
        if isinstance(identifier, bool) or not isinstance(identifier, str | int) or identifier == "":
            raise reply.fault("has a user without id")
        return str(identifier)

    def whole_list(self, end: EndOfList, concurrency: int, first: Page | None = None) -> Iterator[Sequence[Row]]:
        """Read the list page by page, to the page that proves its end. What it proves is in ``end``."""
        page = first or self.page()
        if self.paging == NONE:
            end.take(page.ids, page.total, asked=None)
            end.ended = True
            if self.profile.list != "whole":
                end.give_up("the list has no pages, so that nothing proves that it is whole")
            yield page.rows
            return
        if page.cursor is not None and self.profile.paging is None:
            self.paging, self.has_cursor = CURSOR, True
        reader = self._by_cursor if self.paging == CURSOR else self._by_index
        yield from reader(page, end, concurrency)

    def _by_cursor(self, page: Page, end: EndOfList, _concurrency: int) -> Iterator[Sequence[Row]]:
        used: set[str] = set()
        while True:
            ended = end.take_by_cursor(page.ids, page.total, cursor=page.cursor)
            yield page.rows
            if ended:
                break
            cursor = t.cast(str, page.cursor)
            if cursor in used or len(used) > MAX_PAGES:
                end.give_up("the list returns the same cursor again")
                break
            used.add(cursor)
            self.has_cursor = True
            page = self.page(cursor=cursor)
        if not self.has_cursor and len(end.ids) > 1:
            self.has_cursor = self._page_of(self._read_users(self._params(1, None) | {"count": 1})).cursor is not None
        if not self.has_cursor:
            end.give_up("the list shows no cursor, so that nothing proves that it is whole")

    def _by_index(self, page: Page, end: EndOfList, concurrency: int) -> Iterator[Sequence[Row]]:
        """Read by start index: the next page begins after all rows that came.

        Several pages are requested at a time while each has as many rows as the first.
        """
        size = len(page.rows)
        read, uneven = 1, 0
        ahead: list[tuple[int, Page | ApiError]] = []
        while True:
            ended = end.take(page.ids, page.total, asked=self.count)
            yield page.rows
            if ended:
                break
            if read > MAX_PAGES:
                end.give_up("the list does not end")
                break
            start = end.rows + 1
            if not ahead or ahead[0][0] != start:
                # A page that was shorter than the first one moves all that follow.
                uneven += bool(ahead)
                known = None if end.total is None else pages_for(end.total, size) + 1
                width = 1 if uneven > 1 else next_pages(read, known, concurrency)
                starts = [start + number * size for number in range(width)]
                ahead = list(zip(starts, gather(self._attempt, starts, concurrency), strict=True))
                read += width
            _start, answer = ahead.pop(0)
            if isinstance(answer, ApiError):
                raise answer
            page = answer
        if end.needs_probe:
            self._probe(end)

    def _attempt(self, start: int) -> Page | ApiError:
        try:
            return self.page(start)
        except Fatal:
            raise
        except ApiError as exc:
            return exc

    def _probe(self, end: EndOfList) -> None:
        """Read from the second user on, to see whether the start index has an effect."""
        page = self.page(2)
        end.paging_works(len(end.first) > 1 and page.ids[:1] == [end.first[1]] and end.ids.issuperset(page.ids))

    # -- filters

    def search(self, text: str) -> tuple[Sequence[Row], int | None]:
        """Return the users that a filter finds, and the total that the server states. Raises ApiError.

        A server may send fewer at a time than there are.
        """
        rows: dict[str, Row] = {}
        params: dict[str, t.Any] = {**self.profile.list_params, "filter": text}
        while True:
            page = self._page_of(self._read_users(params))
            before = len(rows)
            rows.update({row["id"]: row for row in page.rows if row["id"] not in rows})
            more = page.cursor or (page.total or 0) > len(rows)
            if not more or len(rows) == before or len(rows) > MAX_PAGE:
                return list(rows.values()), page.total
            params |= {"cursor": page.cursor} if page.cursor else {"startIndex": len(rows) + 1}

    # -- one user

    def user(self, identifier: str) -> Row:
        """Read one user by id. Raises ApiError, also for another user than the one asked for."""
        try:
            reply = self.client.read("GET", "Users", identifier)
        except ApiError as exc:
            raise plainly(exc, "read users") from None
        row = reply.row(reply.mapping())
        if row.get("id") is None or str(row["id"]) != identifier:
            raise reply.fault("is about another user than the one asked for")
        row["id"] = identifier
        row["_etag"] = reply.headers.get("ETag")
        return row

    def me(self) -> str | None:
        """Return the id of the caller's own account, where the product offers that."""
        try:
            identifier = self.client.read("GET", "Me").mapping().get("id")
        except Fatal:
            raise
        except ApiError:
            return None
        return str(identifier) if isinstance(identifier, str | int) and not isinstance(identifier, bool) else None

    # -- accounts

    def account_of(self, row: Row) -> Account:
        emails = emails_of(row)
        values = values_of(row)
        return Account(
            id=row["id"],
            name=text_or_none(row.get("userName")),
            condition=self._condition(row.get("active")),
            labels=texts(row["id"], row.get("userName"), *values["external_id"], *emails),
            email=next(iter(emails), None) or next(iter(values["email"]), None),
            native={name: value for name, value in row.items() if name not in ("password", "_etag")},
            seen=row.answer,
        )

    def _condition(self, active: t.Any) -> Condition:
        if self.profile.shape == CAPITAL_TEXT and isinstance(active, str):
            active = {"true": True, "false": False}.get(active.lower(), active)
        if isinstance(active, bool):
            state = ACTIVE if active else DEACTIVATED
        else:
            state = ACTIVE if active is None and self.profile.active_missing else UNKNOWN
        return Condition(state, WORDS.get(state))


def _object(value: t.Any) -> Mapping[str, t.Any]:
    return value if isinstance(value, dict) else {}
