# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCIM 2.0: the users of a service provider.

PRIVATE to the collection. Sources: RFC 7644 (sections 3.4.1 read, 3.4.2 filter and pages, 3.5.2 PATCH, 3.6 DELETE, 3.12
errors) and RFC 7643 (section 4.1, `userName`, `active`, `emails`).
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from .._auth import bearer
from .._faults import ApiError
from .._match import Matcher, missing_or
from .._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    UNKNOWN,
    Account,
    Change,
    Condition,
    Key,
    Problem,
    Receipt,
    count_of,
    text_or_none,
    texts,
)
from .._paged import PagedVendor, Values, Wave, waves
from .._reading import pages_for
from .._reply import Reply, Row
from .._transport import Client, Transport
from .._vendor import Listing, base_url
from .._vendor_info.scim import INFO

MEDIA_TYPE = "application/scim+json"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PAGE = 100
"""Users a page that are asked for. A service provider may send fewer (RFC 7644, 3.4.2.4)."""
NO_FILTER = frozenset((400, 501))
"""Answers to a filter that is not offered: filters are optional (RFC 7644, 3.4.2.2 and 3.12)."""
WORDS = {ACTIVE: "active", DEACTIVATED: "inactive", ABSENT: None}


class Scim(PagedVendor):
    info: t.ClassVar = INFO
    page_size = PAGE

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        api = base_url(params, "api_url")
        self._client = Client(transport, api, bearer(api, params["access_token"]), {"Accept": MEDIA_TYPE})

    @property
    def tenant(self) -> str:
        """Return the host with the path: many service providers have all their customers at one host."""
        parts = urlsplit(self._client.url)
        return f"{parts.netloc}{parts.path}"

    def vendor_word(self, state: str) -> str | None:
        return WORDS[state]

    # -- reading

    def everybody(self, matcher: Matcher | None = None) -> Iterator[Wave]:
        """Read the list of users to its end.

        How many users a page holds is known from the first one. A list that became shorter meanwhile has moved up, and
        somebody may have slipped by between two pages.
        """
        size = PAGE
        total = 0
        pages: int | None = None
        seen: set[str] = set()

        def fetch(number: int) -> Reply:
            return self._page(1 + number * size, PAGE)

        def unpack(number: int, reply: Reply) -> tuple[list[Row], bool]:
            nonlocal size, total, pages
            rows, counted = self._rows(reply)
            if counted < total:
                raise reply.fault("is of a list that became shorter while it was read")
            total = counted
            if number == 0:
                size = len(rows) or PAGE
            seen.update(row["id"] for row in rows)
            self._pages = pages = pages_for(total, size)
            is_last = number + 1 >= pages
            if is_last and len(seen) < total:
                raise reply.fault(f"ends a list of {total} users after {len(seen)} of them")
            return rows, is_last

        return waves(fetch, unpack, lambda: pages, self.transport.limits.concurrency)

    def _page(self, start: int, count: int) -> Reply:
        return self._client.read("GET", "Users", params={"startIndex": start, "count": count})

    def _rows(self, reply: Reply) -> tuple[list[Row], int]:
        """Return the users of a page, and how many the whole list has."""
        answer = reply.mapping()
        total = count_of(answer.get("totalResults"))
        if total is None:
            raise reply.fault("does not tell how many users there are; check api_url")
        page = answer.get("Resources")
        rows = reply.rows([] if page is None else page)
        if not all(isinstance(row.get("id"), str) for row in rows):
            raise reply.fault("has a user without id")
        self._listing_works = True
        return rows, total

    def read_any(self) -> int:
        return len(self._rows(self._page(1, 1))[0])

    def read_one(self, field: str, value: str) -> Row | Problem | None:
        return self._by_id(value) if field == "user_id" else self._by_name(value)

    def _by_id(self, user_id: str) -> Row | Problem | None:
        try:
            reply = self._client.read("GET", "Users", user_id)
        except ApiError as exc:
            if exc.status == 404:
                return missing_or(exc.problem, self.prove_listing)
            if exc.status in (400, 403):
                return exc.problem
            raise
        row = reply.row(reply.mapping())
        if row.get("id") != user_id:
            raise reply.fault("is about another user than the one asked for")
        return row

    def _by_name(self, name: str) -> Row | Problem | None:
        """Read by a filter. None: the list tells, as it does where there is no such filter."""
        key = Key("username", name)
        # A text within a filter is written as in JSON (RFC 7644, 3.4.2.2), so that no name can break out of it.
        text = f"userName eq {json.dumps(name, ensure_ascii=False)}"
        try:
            reply = self._client.read("GET", "Users", params={"filter": text})
        except ApiError as exc:
            if exc.status in NO_FILTER:
                return None
            if exc.status == 403:
                return exc.problem
            raise
        rows, _total = self._rows(reply)
        exact = [row for row in rows if key.matches(row.get("userName"))]
        if len(exact) > 1:
            return Problem("ambiguous", f"{len(exact)} users at {reply.host} are named {name}; ask for one by its id")
        return next(iter(exact or rows), None)

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        for wave in self.everybody():
            listing.add(_account(row) for rows in wave for row in rows)

    def account_of(self, row: Row) -> Account:
        return _account(row)

    def values_of(self, row: Row) -> Values:
        return {"user_id": [row["id"]], "username": [row.get("userName")], "email": _emails(row)}

    # -- writing

    def apply(self, change: Change) -> Receipt:
        path = ("Users", change.account.id)
        try:
            if change.state == ABSENT:
                reply = self._client.write("DELETE", *path)
            else:
                operation = {"op": "replace", "path": "active", "value": change.state == ACTIVE}
                body = {"schemas": [PATCH], "Operations": [operation]}
                reply = self._client.write("PATCH", *path, body=body, headers={"Content-Type": MEDIA_TYPE})
        except ApiError as exc:
            if exc.status != 404:
                raise
            fault = missing_or(exc.problem, self.prove_listing)
            if fault is not None:
                raise ApiError(fault) from None
            return Receipt(gone=True)
        return Receipt(answer=reply.acknowledged())


def _emails(row: Row) -> list[t.Any]:
    emails = row.get("emails")
    return [each.get("value") for each in emails if isinstance(each, dict)] if isinstance(emails, list) else []


def _account(row: Row) -> Account:
    active = row.get("active")
    state = {True: ACTIVE, False: DEACTIVATED}[active] if isinstance(active, bool) else UNKNOWN
    return Account(
        id=row["id"],
        name=text_or_none(row.get("userName")),
        condition=Condition(state, WORDS.get(state)),
        labels=texts(row["id"], row.get("userName"), row.get("externalId"), *_emails(row)),
        email=next((text for text in _emails(row) if text_or_none(text)), None),
        native=row,
        seen=row.answer,
    )
