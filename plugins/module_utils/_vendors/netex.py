# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netexCloud: the user services of the management section.

PRIVATE to the collection. Sources: Netex's knowledge base, articles 3826 (mapping), 3829 (headers), 3838 (activate),
3840 (deactivate), and freshservice articles 52000058828 (list), 52000058830 (get), 52000058844 (delete).
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from .._auth import CredentialError, StaticHeader, require_header_text
from .._faults import ApiError, Fatal, error_text
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
    UserRequest,
    count_of,
    text_or_none,
    texts,
)
from .._paged import Page, PagedVendor, Pages, Values, Wave
from .._reading import pages_for
from .._reply import Reply, Row
from .._transport import Client, Transport
from .._vendor import Listing, SettingsError, base_url
from .._vendor_info.netex import INFO, QUEUED_PLATFORMS

ROOT = ("integration", "ws", "management", "rest", "users")
ACCEPT = "application/vnd.netex.nlc-api+json"
PAGE = 500
"""Users a page, default and maximum (article 52000058828)."""
TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
WORDS = {ACTIVE: "enabled", DEACTIVATED: "disabled", ABSENT: None}
QUEUED = 202
BUSY = frozenset((429, 502, 503, 504))
MANAGEMENT = "management"
"""The platform that the user services themselves read from."""
ASK_FOR_LENGTH = 8
"""Pages from which on the request that asks how long the list is may pay."""


class Netex(PagedVendor):
    info: t.ClassVar = INFO
    page_size = PAGE

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        token = params.get("auth_token")
        if not token:
            raise CredentialError("auth_token is missing (environment variable NETEX_AUTH_TOKEN)")
        tenant = params.get("tenant")
        if tenant and not TENANT.fullmatch(tenant):
            raise CredentialError(
                "tenant must be the first part of the tenant's host name: letters, digits and hyphens"
            )
        api = base_url(params, "api_url", f"https://{tenant}.learningcloud.me" if tenant else None)
        if not api:
            raise CredentialError("tenant (environment variable NETEX_TENANT) or api_url (NETEX_API_URL) is missing")
        credential = StaticHeader(api, "X-Cloud-Auth-Token", require_header_text("auth_token", token), token)
        self._client = Client(transport, api, credential, {"Accept": ACCEPT})
        self._first_index = 0
        self._asked_for_length = False

    @property
    def tenant(self) -> str:
        return urlsplit(self._client.url).netloc

    def vendor_word(self, state: str) -> str | None:
        return WORDS[state]

    def check(self, user_request: UserRequest) -> None:
        states = (user_request.state, self.params["state"])
        if self.params.get("message") is not None and DEACTIVATED not in states:
            raise SettingsError(f"message goes with state deactivated only, not with {user_request.state}")

    # -- reading

    def everybody(self, matcher: Matcher | None = None) -> Iterator[Wave]:
        return self.read_lists([self._list()], matcher)

    def _list(self) -> Pages:
        """Return the list of users, each page from behind the rows that came before.

        Whether startIndex begins at 0 or at 1 is not documented. Counting from 0 reads everybody either way, with one
        row twice if it begins at 1; a page that is one short may then be the first, and does not look like the last.
        """
        last: str | None = None
        begins_at_1 = False

        def unpack(place: int, reply: Reply) -> Page:
            nonlocal last, begins_at_1
            rows = self._rows(reply)
            size = len(rows)
            begins_again = bool(rows) and not begins_at_1 and rows[0]["id"] == last
            begins_at_1 |= begins_again
            last = rows[-1]["id"] if rows else last
            number = max(1, pages_for(place + size, PAGE))
            self._pages_seen = max(self._pages_seen, number)
            is_last = size < PAGE - 1
            if is_last:
                self._pages = number
            new = rows[1:] if begins_again else rows
            return Page(new, PAGE if new or not begins_again else None, place + size, is_last)

        def fetch(place: int) -> Reply:
            return self._page(self._first_index + place, PAGE)

        return Pages(fetch, unpack, PAGE, lambda: self._pages, self.transport.limits.concurrency)

    def size_left(self, read: int, found: int, wanted: int) -> int:
        """Ask once, in a list that is long already and has few of them, whether it is so long that single reads take
        less.
        """
        is_open = self._pages is None and found <= read < wanted
        if not is_open or read < ASK_FOR_LENGTH or self._asked_for_length:
            return super().size_left(read, found, wanted)
        self._asked_for_length = True
        try:
            is_longer = bool(self._rows(self._page(self._first_index + (read + wanted) * PAGE, 1)))
        except Fatal:
            raise
        except ApiError:
            is_longer = False
        if is_longer:
            self._pages_seen = read + wanted
            return (wanted + 1) * PAGE
        return super().size_left(read, found, wanted)

    def _page(self, index: int, count: int) -> Reply:
        try:
            return self._client.read("GET", *ROOT, params={"startIndex": index, "count": count})
        except ApiError as exc:
            if index != 0 or exc.status not in (400, 422):
                raise
            self._first_index = 1
            return self._page(1, count)

    def _rows(self, reply: Reply) -> list[Row]:
        payload = reply.json()
        rows = reply.rows([payload] if isinstance(payload, dict) and "id" in payload else payload)
        if not all(isinstance(row.get("id"), str) for row in rows):
            raise reply.fault("has a user without id")
        self._listing_works = True
        return rows

    def read_one(self, field: str, value: str) -> Row | Problem | None:
        name = value
        try:
            reply = self._client.read("GET", *ROOT, name)
        except ApiError as exc:
            if exc.status == 404:
                return missing_or(exc.problem, self.prove_listing)
            if exc.status in (400, 403):
                return exc.problem
            raise
        answer = reply.mapping()
        if isinstance(answer.get("id"), str):
            row = reply.row(answer)
            if name not in (row["id"], row.get("username")) and not Key("username", name).resembles(
                row.get("username")
            ):
                raise reply.fault("is about another user than the one asked for")
            return row
        status = _status(answer) or 0
        if status >= 400:
            problem = Problem(_code(status), self._message(reply, answer), status, reply.request_id)
            return missing_or(problem, self.prove_listing) if status == 404 else problem
        raise reply.fault("is not a user of netexCloud")

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        self.list_into(listing, [self._list()])

    def read_at(self, place: int) -> Sequence[Row]:
        return self._rows(self._page(self._first_index + place, 1))

    def account_of(self, row: Row) -> Account:
        return _account(row)

    def values_of(self, row: Row) -> Values:
        return {"user_id": [row["id"]], "username": [row.get("username")], "email": [row.get("email")]}

    # -- writing

    def apply(self, change: Change) -> Receipt:
        path = (*ROOT, change.account.id)
        headers = {"X-Cloud-Synchronization": self.params["synchronization"]}
        try:
            if change.state == ABSENT:
                reply = self._client.write("DELETE", *path, headers=headers)
            else:
                action = {ACTIVE: "activate", DEACTIVATED: "deactivate"}[change.state]
                message = self.params.get("message") if change.state == DEACTIVATED else None
                body = None if message is None else {"message": message}
                reply = self._client.write("PUT", *path, action, headers=headers, body=body)
        except ApiError as exc:
            return self._refused(exc.problem, exc)
        answer = reply.optional_json()
        return Receipt(answer=reply.answer) if answer is None else self._read_envelope(reply, answer)

    def _read_envelope(self, reply: Reply, answer: t.Any) -> Receipt:
        """Read what each platform did: the status of the response is 200 whatever the result."""
        found = answer.get("responsePlatforms") if isinstance(answer, dict) else None
        status = _status(answer)
        if status is None or not isinstance(found, dict | None):
            raise reply.fault("is not netexCloud's answer to a change")
        platforms = found or {}
        bad = {name: value for name, value in platforms.items() if not 200 <= (_status(value) or 0) < 300}
        if bad and len(bad) < len(platforms):
            raise ApiError(self._half_done(reply, status, bad), partial=True)
        if bad or status >= 400:
            statuses = {_status(value) or 500 for value in bad.values()} | ({status} if status >= 400 else set())
            worst = max(statuses - {404}, default=404)
            message = self._message(reply, next(iter(bad.values()), answer))
            problem = Problem(_code(worst), message, worst, reply.request_id, worst in BUSY)
            return self._refused(problem, ApiError(problem, doubtful=worst >= 500 or worst in BUSY))
        queued = {name for name, value in platforms.items() if _status(value) == QUEUED}
        if status == QUEUED:
            queued.add(MANAGEMENT)
        return Receipt(
            queued_here=MANAGEMENT in queued,
            queued_elsewhere=bool(queued),
            answer=reply.answer,
            manual=(QUEUED_PLATFORMS,) if queued else (),
        )

    def _half_done(self, reply: Reply, status: int, bad: Mapping[str, t.Any]) -> Problem:
        texts = (
            f"{name} {_status(value) or 'without status'} {error_text(value)}".strip() for name, value in bad.items()
        )
        text = (
            f"The account was changed on some platforms of netexCloud, and not on others: {'; '.join(texts)}. "
            "Its own list may show it as done all the same, and a further run will then find nothing to do: "
            "look at these platforms"
        )
        retryable = all(_status(value) in BUSY for value in bad.values())
        return Problem("platform_failed", self.transport.scrub(text), status, reply.request_id, retryable)

    def _message(self, reply: Reply, answer: t.Any) -> str:
        text = error_text(answer) or "without a message"
        return self.transport.scrub(f"{reply.host} answered {_status(answer)} within a {reply.status}: {text}")

    def _refused(self, problem: Problem, error: ApiError) -> Receipt:
        if problem.status == 404:
            fault = missing_or(problem, self.prove_listing)
            if fault is None:
                return Receipt(gone=True, refusal=problem)
            raise ApiError(fault)
        if problem.status in (400, 409):
            return Receipt(already=True, doubt=problem, refusal=problem)
        raise error


def _status(answer: t.Any) -> int | None:
    """Return the status that a part of an answer has, or None."""
    return count_of(answer.get("status")) if isinstance(answer, dict) else None


def _code(status: int) -> str:
    return {401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict"}.get(status) or (
        "server_error" if status >= 500 else "bad_request"
    )


def _account(row: Row) -> Account:
    """Return the account of a row, without the password hash that some answers carry."""
    enabled = row.get("enabled")
    state = {True: ACTIVE, False: DEACTIVATED}.get(enabled, UNKNOWN) if isinstance(enabled, bool) else UNKNOWN
    return Account(
        id=row["id"],
        name=text_or_none(row.get("username")),
        condition=Condition(state, WORDS.get(state)),
        labels=texts(row["id"], row.get("username"), row.get("email"), row.get("externalId")),
        email=text_or_none(row.get("email")),
        native={name: value for name, value in row.items() if name != "password"},
        seen=row.answer,
    )
