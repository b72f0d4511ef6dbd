# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Acme Directory, a made-up product: the people of a tenant.

PRIVATE to the collection. Source: the table of questions in docs/docsite/rst/add_a_vendor.rst.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
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
    Problem,
    Receipt,
    count_of,
    text_or_none,
    texts,
)
from .._paged import Page, PagedVendor, Pages, Values, Wave
from .._reading import pages_for
from .._reply import Reply, Row
from .._transport import Client, Transport
from .._vendor import Listing, base_url
from .._vendor_info.acmedir import INFO

PAGE = 100
"""People a page, the maximum."""
WORDS = {ACTIVE: "enabled", DEACTIVATED: "suspended", ABSENT: None}
STATES = {"enabled": ACTIVE, "suspended": DEACTIVATED}


class Acmedir(PagedVendor):
    info: t.ClassVar = INFO
    page_size = PAGE

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        api = base_url(params, "api_url")
        self._client = Client(transport, api, bearer(api, params["access_token"]), {"Accept": "application/json"})

    @property
    def tenant(self) -> str:
        return urlsplit(self._client.url).netloc

    def vendor_word(self, state: str) -> str | None:
        return WORDS[state]

    # -- reading

    def everybody(self, matcher: Matcher | None = None) -> Iterator[Wave]:
        """Read the list and the empty page after it, which proves its end."""
        return self.read_lists([self._list()], matcher)

    def _list(self) -> Pages:
        def unpack(place: int, reply: Reply) -> Page:
            rows, total = self._rows(reply)
            self._pages = pages_for(total, PAGE)
            return Page(rows, PAGE, place + 1, place + 1 >= self._pages, total)

        return Pages(
            lambda place: self._page(place + 1, PAGE),
            unpack,
            1,
            lambda: self._pages,
            self.transport.limits.concurrency,
        )

    def _page(self, number: int, size: int) -> Reply:
        return self._client.read("GET", "people", params={"page": number, "per_page": size})

    def _rows(self, reply: Reply) -> tuple[list[Row], int]:
        """Return the people of a page, and how many the whole list states to have."""
        answer = reply.mapping()
        rows, total = reply.rows(answer.get("people")), count_of(answer.get("total"))
        if total is None or not all(isinstance(row.get("id"), str) for row in rows):
            raise reply.fault("is not a list of people with ids and a total; check api_url")
        self._listing_works = True
        return rows, total

    def read_at(self, place: int) -> Sequence[Row]:
        return self._rows(self._page(place + 1, 1))[0]

    def read_one(self, field: str, value: str) -> Row | Problem | None:
        try:
            reply = self._single(field, value)
        except ApiError as exc:
            if exc.status == 404:
                return missing_or(exc.problem, self.prove_listing)
            if exc.status in (400, 403):
                return exc.problem
            raise
        row = reply.row(reply.mapping())
        if row.get("id") != value:
            raise reply.fault("is about another account than the one requested")
        return row

    def _single(self, field: str, value: str) -> Reply:
        return self._client.read("GET", "people", value)

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        self.list_into(listing, [self._list()])

    def values_of(self, row: Row) -> Values:
        return {"user_id": [row["id"]], "email": [row.get("email")]}

    def account_of(self, row: Row) -> Account:
        word = text_or_none(row.get("status"))
        return Account(
            id=row["id"],
            name=text_or_none(row.get("email")),
            condition=Condition(STATES.get(word or "", UNKNOWN), word),
            labels=texts(row["id"], row.get("email")),
            email=text_or_none(row.get("email")),
            native=row,
            seen=row.answer,
        )

    # -- writing

    def apply(self, change: Change) -> Receipt:
        try:
            reply = self._send(change)
        except ApiError as exc:
            if exc.status != 404:
                raise
            fault = missing_or(exc.problem, self.prove_listing)
            if fault is not None:
                raise ApiError(fault) from None
            return Receipt(gone=True)
        return Receipt(answer=reply.acknowledged())

    def _send(self, change: Change) -> Reply:
        path = ("people", change.account.id)
        if change.state == ABSENT:
            return self._client.write("DELETE", *path)
        return self._client.write("PATCH", *path, body={"status": WORDS[change.state]})
