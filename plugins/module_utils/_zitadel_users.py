# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: how users are read.

PRIVATE to the collection. Sources: ZITADEL's API reference (user service v2); github.com/zitadel/zitadel,
proto/zitadel/user/v2/query.proto, internal/api/grpc/user/v2 (listing).
"""

from __future__ import annotations

import json
import typing as t
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ._faults import ApiError, Fatal
from ._match import Matcher, Reading, match
from ._model import UNKNOWN, Account, Condition, Key, LookupResult, Problem, count_of, normalized, text_or_none, texts
from ._reading import FEW, LIST, SEARCH, in_parts, pages_for
from ._reply import Row
from ._threads import gather
from ._transport import Transport
from ._zitadel_calls import Calls
from ._zitadel_errors import error_id, explained
from ._zitadel_words import NO_SUCH_USER, STATES

T = t.TypeVar("T")
R = t.TypeVar("R")

PAGE = 1000
"""Users a page; the newest servers refuse more (cmd/defaults.yaml, MaxQueryLimit), older ones take a missing limit as
none.
"""
_QUERIES = {
    "email": ("emailQuery", "emailAddress"),
    "username": ("userNameQuery", "userName"),
    "login_name": ("loginNameQuery", "loginName"),
}
LOGIN_NAMES_AT_ONCE = 8
_FORMS: t.Final[tuple[t.Literal["NFC", "NFD", "NFKC"], ...]] = ("NFC", "NFD", "NFKC")
SEARCHED = {**_QUERIES, "display_name": ("displayNameQuery", "displayName")}
TOKENS_UNREAD = "How many personal access tokens and keys there are could not be read."


@dataclass
class Named:
    """What a search for names gave. ``seen``: the ids of all accounts that were shown; ``hidden``: keys whose account
    may be among those that were counted and not shown.
    """

    results: dict[Key, LookupResult] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    hidden: list[Key] = field(default_factory=list)

    def take(self, keys: Sequence[Key], rows: Sequence[Row], total: int) -> None:
        self.seen |= {row["userId"] for row in rows}
        self.results |= match(keys, [(account_of(row), _values(row)) for row in rows])
        self.hidden += keys if len(rows) < total else []

    def unfound(self, keys: Sequence[Key]) -> list[Key]:
        return [key for key in keys if not self.results[key].accounts]


class Users:
    """The users of an instance, as far as the credential sees them."""

    def __init__(self, calls: Calls, transport: Transport) -> None:
        self._calls = calls
        self._transport = transport

    def named(self, keys: Sequence[Key]) -> Named:
        """Look for accounts by keys other than the id."""
        found = Named()
        self._search([key for key in keys if key.field != "login_name"], PAGE, _query, found)
        login_names = [key for key in keys if key.field == "login_name"]
        if len(login_names) > 1:
            # A login name is a user name, or one with a domain behind it.
            self._search(login_names, PAGE // 2, _user_name_queries, found)
            found.hidden = [key for key in found.hidden if key.field != "login_name"]
            login_names = found.unfound(login_names)
        if len(login_names) > FEW:
            login_names = self._listed(login_names, found)
        self._singly(login_names, found)
        return found

    def _search(
        self, keys: Sequence[Key], size: int, queries_for: Callable[[Key], list[dict[str, t.Any]]], found: Named
    ) -> None:
        """List the accounts that any of the keys may name, ignoring case. Which ones they do name, `match` decides."""
        if keys:
            self._transport.counters.used_strategy(SEARCH)

        def search(chunk: Sequence[Key]) -> tuple[list[Row], int]:
            queries = {json.dumps(query): query for key in chunk for query in queries_for(key)}
            parts = list(queries.values())
            return self._list([{"orQuery": {"queries": parts}}] if len(parts) > 1 else parts)

        chunks = in_parts(keys, size)
        for chunk, (rows, total) in zip(chunks, self.side_by_side(search, chunks), strict=True):
            found.take(chunk, rows, total)

    def _listed(self, keys: Sequence[Key], found: Named) -> list[Key]:
        """Look for login names in the whole list where that takes fewer requests; return those left to single reads.

        Source of the cost: https://github.com/zitadel/zitadel/pull/12701.
        """
        rows, total = self.page([], 0, PAGE)
        if pages_for(total, PAGE) - 1 >= len(keys):
            return list(keys)
        self._transport.counters.used_strategy(LIST)
        matcher = Matcher(keys)
        shown: set[str] = set()
        totals = set()
        offsets = range(PAGE, total, PAGE)
        others = gather(lambda offset: self.page([], offset, PAGE), offsets, self._transport.limits.concurrency)
        for part, counted in ((rows, total), *others):
            matcher.take((account_of(row), _values(row)) for row in part)
            shown |= {row["userId"] for row in part}
            totals.add(counted)
        found.seen |= shown
        results = matcher.lookup_results()
        found.results |= results
        lost = [key for key in keys if results[key] == LookupResult()]
        if len(totals) > 1:
            # The list changed while it was read, and a page may lack those that moved to the one before it.
            return lost
        found.hidden += lost if len(shown) < total else []
        return []

    def _singly(self, keys: Sequence[Key], found: Named) -> None:
        """Look for login names with a request each: ZITADEL takes minutes for a hundred of them in one query."""
        if keys:
            self._transport.counters.used_strategy(SEARCH)

        def search(key: Key) -> tuple[list[Row], int] | Problem:
            try:
                lists = [self._list([query]) for query in _query(key)]
            except Fatal:
                raise
            except ApiError as exc:
                return exc.problem
            return [row for rows, _total in lists for row in rows], sum(total for _rows, total in lists)

        limit = min(LOGIN_NAMES_AT_ONCE, self._transport.limits.concurrency)
        for key, answer in zip(keys, gather(search, keys, limit), strict=True):
            if isinstance(answer, Problem):
                found.results[key] = LookupResult(problem=answer)
            else:
                found.take([key], *answer)

    def by_ids(self, ids: Sequence[str]) -> dict[str, Account]:
        def listed(page: Sequence[str]) -> dict[str, Account]:
            rows, _total = self._list([{"inUserIdsQuery": {"userIds": list(page)}}])
            return {row["userId"]: account_of(row) for row in rows}

        return {name: each for part in self.side_by_side(listed, in_parts(ids, PAGE)) for name, each in part.items()}

    def side_by_side(self, read: Callable[[Sequence[T]], R], pages: Sequence[Sequence[T]]) -> list[R]:
        return gather(read, pages, self._transport.limits.concurrency)

    def _list(self, queries: Sequence[Mapping[str, t.Any]]) -> tuple[list[Row], int]:
        """Read a listing to its end and return it with the number of users the server counts."""
        rows: list[Row] = []
        total = 0
        for page, counted in self.pages(queries):
            rows += page
            total = counted
        return rows, total

    def pages(self, queries: Sequence[Mapping[str, t.Any]]) -> Iterator[tuple[list[Row], int]]:
        """Read a listing page by page, each with the number of users the server counts.

        A short page is not the end: older servers count rows that the caller may not see, and leave them out.
        """
        offset = 0
        while True:
            rows, total = self.page(queries, offset, PAGE)
            yield rows, total
            offset += PAGE
            if offset >= total:
                return

    def page(self, queries: Sequence[Mapping[str, t.Any]], offset: int, limit: int) -> tuple[list[Row], int]:
        body = {
            "query": {"offset": str(offset), "limit": limit, "asc": True},
            "sortingColumn": "USER_FIELD_NAME_UNSPECIFIED",
            "queries": list(queries),
        }
        reply = self._calls.read("ListUsers", body=body)
        answer = reply.mapping()
        details = answer.get("details")
        if not isinstance(details, dict):
            raise reply.fault("is not ZITADEL's answer to a search; check api_url")
        total = count_of(details.get("totalResult", 0))
        if total is None:
            raise reply.fault("does not state how many users there are")
        page = answer.get("result")
        rows = reply.rows([] if page is None else page)
        if not all(isinstance(row.get("userId"), str) for row in rows):
            raise reply.fault("has a user without userId")
        return rows, total

    def service_tokens(self, user_id: str) -> str:
        """Return in words how many tokens and keys a service account has. Source: the user service v2 of version 4.

        Raises ApiError, also where the server shows none of those that it counts.
        """
        tokens = self._count("ListPersonalAccessTokens", user_id)
        return f"Personal access tokens: {tokens}, keys: {self._count('ListKeys', user_id)}."

    def _count(self, method: str, user_id: str) -> int:
        reply = self._calls.read(method, body={"filters": [{"userIdFilter": {"id": user_id}}]})
        answer = reply.mapping()
        details = answer.get("pagination", answer.get("details", {}))
        rows = answer.get("result", [])
        total = count_of(details.get("totalResult", 0)) if isinstance(details, dict) else None
        mine = isinstance(rows, list) and all(isinstance(row, dict) and row.get("userId") == user_id for row in rows)
        if total is None or not mine or total < len(rows) or (total and not rows):
            raise reply.fault("is not ZITADEL's answer to a search; check api_url")
        return total

    def get(self, user_id: str) -> Reading:
        try:
            reply = self._calls.read("GetUserByID", user_id)
        except ApiError as exc:
            if exc.status == 404 and error_id(exc.payload) in NO_SUCH_USER:
                return None
            if exc.status in (400, 403, 404):
                return explained(exc)
            raise
        user = reply.mapping().get("user")
        if not isinstance(user, dict) or user.get("userId") != user_id:
            raise reply.fault("is not the user that was asked for")
        return account_of(reply.row(user))


def _query(key: Key) -> list[dict[str, t.Any]]:
    """Return the queries that find what a key names."""
    return _queries(key.field, key.value)


def _user_name_queries(key: Key) -> list[dict[str, t.Any]]:
    """Return the queries for the user names that a login name may be made of."""
    name, _at, _domain = key.value.rpartition("@")
    return [*_queries("username", key.value), *(_queries("username", name) if name else [])]


def _queries(field_name: str, value: str) -> list[dict[str, t.Any]]:
    query, name = _QUERIES[field_name]
    # To ZITADEL, texts differ whose letters are composed differently. To a person they are the same.
    forms = dict.fromkeys((value, *(unicodedata.normalize(form, value) for form in _FORMS)))
    return [{query: {name: text, "method": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"}} for text in forms]


def account_of(row: Row) -> Account:
    vendor_state = text_or_none(row.get("state"))
    return Account(
        id=row["userId"],
        name=text_or_none(row.get("preferredLoginName")) or text_or_none(row.get("username")),
        condition=Condition(STATES.get(vendor_state or "", UNKNOWN), vendor_state),
        labels=texts(*(value for group in _values(row).values() for value in group)),
        email=text_or_none(_values(row)["email"][0]),
        native=row,
        seen=row.answer,
    )


def _values(row: Mapping[str, t.Any]) -> dict[str, list[t.Any]]:
    human = row.get("human")
    email = human.get("email") if isinstance(human, dict) else None
    names = row.get("loginNames")
    return {
        "user_id": [row["userId"]],
        "username": [row.get("username")],
        "login_name": [*(names if isinstance(names, list) else []), row.get("preferredLoginName")],
        "email": [email.get("email") if isinstance(email, dict) else None],
    }


def never_set_up(native: Mapping[str, t.Any]) -> bool:
    """Whether a person has never set the account up, as far as ZITADEL shows.

    Accounts made by the newer service and without a password look the same.
    """
    human = native.get("human")
    if not isinstance(human, dict):
        return False
    email = human.get("email")
    return not human.get("passwordChanged") and not (isinstance(email, dict) and email.get("isVerified"))


def contains(row: Row, text: str) -> bool:
    """Whether a search has found a row by its text: older servers take % and _ for any characters."""
    human = row.get("human")
    profile = human.get("profile") if isinstance(human, dict) else None
    values = _values(row)
    names = [value for field in _QUERIES for value in values[field]]
    names.append(profile.get("displayName") if isinstance(profile, dict) else None)
    return any(isinstance(name, str) and normalized(text) in normalized(name) for name in names)
