# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: the user service v2 by its REST paths.

PRIVATE to the collection. Sources: ZITADEL's API reference (user service v2), its guides on service accounts, and
github.com/zitadel/zitadel: proto/zitadel/user/v2, internal/command/user_v2.go (states, error ids),
internal/api/grpc/user/v2 (listing).
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from .._auth import (
    AuthMethod,
    ClientCredentials,
    CredentialError,
    JwtProfile,
    TokenCredential,
    bearer,
    choose_auth_method,
)
from .._faults import ApiError
from .._match import Reading, lookup_result_of, match
from .._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    UNKNOWN,
    Account,
    Change,
    Condition,
    Key,
    LookupResult,
    Problem,
    Receipt,
    UserRequest,
    count_of,
    normalized,
    text_or_none,
    texts,
)
from .._reading import SEARCH, SINGLE, in_parts
from .._reply import Row
from .._threads import gather
from .._transport import Client, Transport
from .._url import check_url
from .._vendor import Listing, Rights, Vendor, base_url
from .._vendor_info.zitadel import INFO, SERVICE_ACCOUNT_TOKENS
from .._zitadel_rights import rights_of
from .._zitadel_words import ALREADY, ALREADY_INACTIVE, INITIAL, INITIAL_REFUSED, NO_SUCH_USER, STATES, WORDS

T = t.TypeVar("T")
R = t.TypeVar("R")

SCOPE = "openid urn:zitadel:iam:org:project:id:zitadel:aud"
PAGE = 1000
"""Users a page; the newest servers refuse more (cmd/defaults.yaml, MaxQueryLimit), older ones take a missing limit as
none.
"""
CLOUD_RATE = 50.0
"""Requests a second and source address that ZITADEL Cloud allows (its rate limit policy)."""

AUTH_METHODS = (
    AuthMethod("token", ("access_token",), ("access_token",)),
    AuthMethod("client", ("client_id", "client_secret"), ("client_id", "client_secret")),
    AuthMethod("key_file", ("key_file",), ("key_file",)),
    AuthMethod("key_content", ("key_content",), ("key_content",)),
)
_QUERIES = {
    "email": ("emailQuery", "emailAddress"),
    "username": ("userNameQuery", "userName"),
    "login_name": ("loginNameQuery", "loginName"),
}
_FORMS: t.Final[tuple[t.Literal["NFC", "NFD", "NFKC"], ...]] = ("NFC", "NFD", "NFKC")
_SEARCHED = {**_QUERIES, "display_name": ("displayNameQuery", "displayName")}
NARROWED = frozenset((DEACTIVATED, LOCKED))
"""States for which ZITADEL's own filter is right in all versions; the one for INITIAL was not (user_query.go)."""
_TRAILING_ID = re.compile(r"\(([A-Za-z0-9]+-[A-Za-z0-9]+)\)\s*$")


class Zitadel(Vendor):
    info: t.ClassVar = INFO

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        method = choose_auth_method("ZITADEL", params, AUTH_METHODS)
        api = base_url(params, "api_url")
        self._own: frozenset[str] | None = None
        if method == "token":
            credential: t.Any = bearer(api, params["access_token"])
        else:
            url = base_url(params, "token_url", f"{api}/oauth/v2/token")
            if method == "client":
                grant: t.Any = ClientCredentials(
                    url, params["client_id"], params["client_secret"], "basic", {"scope": SCOPE}
                )
            else:
                grant = self._key_grant(params, method, api, url)
                self._own = frozenset((grant.user_id,))
            credential = TokenCredential(api, grant, transport.exchange)
        self._client = Client(transport, api, credential)

    @staticmethod
    def _key_grant(params: Mapping[str, t.Any], method: str, api: str, token_url: str) -> JwtProfile:
        content, origin = params["key_content"], "key_content"
        if method == "key_file":
            origin = f"key_file {params['key_file']}"
            try:
                with open(params["key_file"], encoding="utf-8") as stream:
                    content = stream.read()
            except (OSError, UnicodeDecodeError) as exc:
                reason = getattr(exc, "strerror", None) or "it is not text"
                raise CredentialError(f"{origin} cannot be read: {reason}") from None
        parts = urlsplit(api)
        return JwtProfile.from_key(
            content, origin=origin, token_url=token_url, audience=f"{parts.scheme}://{parts.netloc}", scope=SCOPE
        )

    @classmethod
    def default_rate(cls, params: Mapping[str, t.Any]) -> float | None:
        host = urlsplit(check_url("api_url", params["api_url"])).hostname or ""
        return CLOUD_RATE if host.endswith(".zitadel.cloud") else None

    @property
    def tenant(self) -> str:
        return urlsplit(self._client.url).netloc

    def vendor_word(self, state: str) -> str | None:
        return WORDS[state]

    # -- reading

    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        ids = [key for key in keys if key.field == "user_id"]
        named = [key for key in keys if key.field != "user_id"]
        lookup_results = self._find_ids(ids)
        seen = {account.id for lookup_result in lookup_results.values() for account in lookup_result.accounts}
        hidden: list[Key] = []
        if named:
            self.transport.counters.used_strategy(SEARCH)
        chunks = in_parts(named, PAGE)
        for chunk, (rows, total) in zip(chunks, self._side_by_side(self._search, chunks), strict=True):
            seen |= {account.id for account, _values in rows}
            lookup_results |= match(chunk, rows)
            hidden += chunk if len(rows) < total else []
        lost = [key for key in named if lookup_results[key] == LookupResult()]
        if lost and not self._may_read_others(seen):
            hidden = lost
        lost = [key for key in hidden if lookup_results[key] == LookupResult()]
        return lookup_results | {key: LookupResult(problem=NO_RIGHTS) for key in lost}

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        queries: list[Mapping[str, t.Any]] = []
        if state in NARROWED:
            queries.append({"stateQuery": {"state": WORDS[state]}})
        if search:
            parts = [
                {query: {name: search, "method": "TEXT_QUERY_METHOD_CONTAINS_IGNORE_CASE"}}
                for query, name in _SEARCHED.values()
            ]
            queries.append({"orQuery": {"queries": parts}})
        total = 0
        shown: set[str] = set()
        for rows, counted in self._pages(queries):
            shown |= {row["userId"] for row in rows}
            listing.add(_account(row) for row in rows if search is None or _contains(row, search))
            total = counted
        if not self._may_read_others(shown):
            raise ApiError(NO_RIGHTS)
        if len(shown) < total:
            told = f"ZITADEL counts {total} users and shows this credential {len(shown)} of them"
            listing.gaps.append(f"{told}: its service account needs user.read on all organizations")

    def population(self, *, in_use: bool) -> int | None:
        """Count by what ZITADEL counts: initial, active and locked accounts are in use, others are inactive."""
        everybody = self._count([])
        return everybody - self._count([{"stateQuery": {"state": WORDS[DEACTIVATED]}}]) if in_use else everybody

    def _count(self, queries: Sequence[Mapping[str, t.Any]]) -> int:
        return self._page(queries, 0, 1)[1]

    def _find_ids(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        """Read accounts by id: one at once, many by listing. What the listing lacks is asked for singly: only that
        answer proves.
        """
        accounts: dict[str, Account] = {}
        if len(keys) > 1:
            self.transport.counters.used_strategy(SEARCH)
            accounts = self._list_ids([key.value for key in keys])
        lookup_results = {key: LookupResult((accounts[key.value],)) for key in keys if key.value in accounts}
        rest = [key for key in keys if key.value not in accounts]
        if rest:
            self.transport.counters.used_strategy(SINGLE)
        readings = self.each(self._get, [key.value for key in rest])
        return lookup_results | {key: lookup_result_of(readings[key.value]) for key in rest}

    def _search(self, keys: Sequence[Key]) -> tuple[list[tuple[Account, dict[str, list[t.Any]]]], int]:
        """List the accounts that any of the keys may name, ignoring case, and say how many there are, hidden ones too.

        Which of them a key does name is decided by `match`.
        """
        queries = []
        for key in keys:
            query, name = _QUERIES[key.field]
            # ZITADEL tells texts apart that differ in how their letters are put together, and a person does not.
            forms = dict.fromkeys((key.value, *(unicodedata.normalize(form, key.value) for form in _FORMS)))
            queries += [{query: {name: text, "method": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"}} for text in forms]
        rows, total = self._list([{"orQuery": {"queries": queries}}] if len(queries) > 1 else queries)
        return [(_account(row), _values(row)) for row in rows], total

    def _list_ids(self, ids: Sequence[str]) -> dict[str, Account]:
        def listed(page: Sequence[str]) -> dict[str, Account]:
            rows, _total = self._list([{"inUserIdsQuery": {"userIds": list(page)}}])
            return {row["userId"]: _account(row) for row in rows}

        return {name: each for part in self._side_by_side(listed, in_parts(ids, PAGE)) for name, each in part.items()}

    def _side_by_side(self, read: Callable[[Sequence[T]], R], pages: Sequence[Sequence[T]]) -> list[R]:
        return gather(read, pages, self.transport.limits.concurrency)

    def _list(self, queries: Sequence[Mapping[str, t.Any]]) -> tuple[list[Row], int]:
        """Read a listing to its end and return it with the number of users the server counts."""
        rows: list[Row] = []
        total = 0
        for page, counted in self._pages(queries):
            rows += page
            total = counted
        return rows, total

    def _pages(self, queries: Sequence[Mapping[str, t.Any]]) -> Iterator[tuple[list[Row], int]]:
        """Read a listing page by page, each with the number of users the server counts.

        A short page is not the end: older servers count rows that the caller may not see, and leave them out.
        """
        offset = 0
        while True:
            rows, total = self._page(queries, offset, PAGE)
            yield rows, total
            offset += PAGE
            if offset >= total:
                return

    def _page(self, queries: Sequence[Mapping[str, t.Any]], offset: int, limit: int) -> tuple[list[Row], int]:
        body = {
            "query": {"offset": str(offset), "limit": limit, "asc": True},
            "sortingColumn": "USER_FIELD_NAME_UNSPECIFIED",
            "queries": list(queries),
        }
        reply = self._client.read("POST", "v2", "users", body=body)
        answer = reply.mapping()
        details = answer.get("details")
        if not isinstance(details, dict):
            raise reply.fault("is not ZITADEL's answer to a search; check api_url")
        total = count_of(details.get("totalResult", 0))
        if total is None:
            raise reply.fault("does not tell how many users there are")
        page = answer.get("result")
        rows = reply.rows([] if page is None else page)
        if not all(isinstance(row.get("userId"), str) for row in rows):
            raise reply.fault("has a user without userId")
        return rows, total

    def _get(self, user_id: str) -> Reading:
        try:
            reply = self._client.read("GET", "v2", "users", user_id)
        except ApiError as exc:
            if exc.status == 404 and error_id(exc.payload) in NO_SUCH_USER:
                return None
            if exc.status in (400, 403, 404):
                return _explained(exc)
            raise
        user = reply.mapping().get("user")
        if not isinstance(user, dict) or user.get("userId") != user_id:
            raise reply.fault("is not the user that was asked for")
        return _account(reply.row(user))

    def _may_read_others(self, seen: Collection[str]) -> bool:
        """Whether users beside its own account are shown to this credential. Without user.read a search is empty, not
        refused.
        """
        if len(seen) > 1:
            return True
        own = self.own_accounts() or frozenset()
        if set(seen) - set(own):
            return True
        shown = {row["userId"] for row in next(self._pages([]))[0]}
        return bool(shown - set(own)) if own else len(shown) > 1

    def reread(self, accounts: Sequence[Account], *, fresh: bool) -> Mapping[str, Reading]:
        """Read accounts again. The listing may lag, a read by id brings its projection up to date first."""
        ids = [account.id for account in accounts]
        if fresh or len(ids) == 1:
            return self.each(self._get, ids)
        listed = self._list_ids(ids)
        return {identifier: listed.get(identifier) for identifier in ids}

    def own_accounts(self) -> Collection[str] | None:
        if self._own is None:
            self._own = frozenset(filter(None, (self._own_id(),)))
        return self._own or None

    def _own_id(self) -> str | None:
        for path, find in ((("auth", "v1", "users", "me"), _me), (("oidc", "v1", "userinfo"), _subject)):
            try:
                identifier = find(self._client.read("GET", *path).mapping())
            except ApiError:
                continue
            if isinstance(identifier, str) and identifier:
                return identifier
        return None

    def read_page(self) -> int:
        rows, _total = self._page([], 0, 2)
        if not self._may_read_others({row["userId"] for row in rows}):
            raise ApiError(NO_RIGHTS)
        return len(rows)

    def rights(self, state: str) -> Rights:
        return rights_of(self._client, state)

    def leftovers(self, account: Account) -> tuple[str, ...]:
        return (SERVICE_ACCOUNT_TOKENS,) if isinstance(account.native.get("machine"), dict) else ()

    # -- planning

    def desired_state(self, account: Account, user_request: UserRequest) -> Condition | Problem:
        condition = account.condition
        if user_request.state == DEACTIVATED and condition.vendor_state == INITIAL:
            return _initial_problem()
        if user_request.state == LOCKED and condition.state == DEACTIVATED and not user_request.reopens:
            return condition
        return super().desired_state(account, user_request)

    def attained(self, seen: Condition, wanted: Condition) -> bool:
        return super().attained(seen, wanted) or (wanted.state == LOCKED and seen.state == DEACTIVATED)

    # -- writing

    def apply(self, change: Change) -> Receipt:
        if change.state != LOCKED or change.before.state != DEACTIVATED:
            return self._send(change, _action(change))
        # ZITADEL locks an account in use only. One that is opened already is left so by an attempt before this one.
        opened = self._send(change, "reactivate")
        if opened.gone:
            return opened
        try:
            locked = self._send(change, "lock")
        except ApiError as exc:
            message = f"{exc.problem.message}. {LEFT_OPEN}"
            raise ApiError(
                replace(exc.problem, message=message), doubtful=True, payload=exc.payload, retry_after=exc.retry_after
            ) from None
        return replace(locked, already=False)

    def _send(self, change: Change, action: str | None) -> Receipt:
        path = ("v2", "users", change.account.id)
        try:
            if action is None:
                answer = self._client.write("DELETE", *path).acknowledged()
            else:
                answer = self._client.write("POST", *path, action, body={}).acknowledged()
        except ApiError as exc:
            identifier = error_id(exc.payload)
            if exc.status == 404 and identifier in NO_SUCH_USER:
                return Receipt(gone=True, refusal=exc.problem)
            if identifier in ALREADY:
                doubt = None if identifier == ALREADY_INACTIVE else exc.problem
                return Receipt(already=True, doubt=doubt, refusal=exc.problem)
            if identifier == INITIAL_REFUSED:
                raise ApiError(
                    replace(_initial_problem(), status=exc.status, request_id=exc.problem.request_id)
                ) from None
            if exc.status in (403, 404):
                raise ApiError(_explained(exc)) from None
            raise
        return Receipt(answer=answer)


NO_RIGHTS = Problem(
    "no_rights",
    "ZITADEL does not show this credential all users, so that an empty search proves nothing: "
    "give its service account a role with user.read, such as ORG_OWNER_VIEWER to look or ORG_USER_MANAGER to change",
)


LEFT_OPEN = "The account was reactivated in order to be locked again, and is open now: run again, which locks it"


def _action(change: Change) -> str | None:
    """Return the last part of the path of the request; None for a deletion."""
    if change.state == ABSENT:
        return None
    if change.state == ACTIVE:
        return "unlock" if change.before.state == LOCKED else "reactivate"
    return {DEACTIVATED: "deactivate", LOCKED: "lock"}[change.state]


def _initial_problem() -> Problem:
    return Problem(
        "vendor_refuses",
        "ZITADEL does not deactivate an account in the state initial (never set up by its owner); ask for "
        "state absent, which deletes it",
    )


def error_id(payload: t.Any) -> str | None:
    """Return ZITADEL's id of an error: from its details, else from the end of its message."""
    if not isinstance(payload, dict):
        return None
    details = payload.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("id"), str):
            return str(detail["id"])
    found = _TRAILING_ID.search(payload["message"]) if isinstance(payload.get("message"), str) else None
    return found.group(1) if found else None


def _explained(error: ApiError) -> Problem:
    """Return the problem of a refusal that is about rights or about the address, not about the user."""
    problem = error.problem
    identifier = error_id(error.payload) or ""
    if problem.status == 403 or identifier.startswith(("AUTH-", "AUTHZ-")):
        needs = "user.read on the user's organization, to change an account user.write too, to delete it user.delete"
        hint = f"The credential lacks the right; it needs {needs}"
        return replace(problem, code="forbidden", message=f"{problem.message}. {hint}")
    if problem.status == 404:
        hint = "This is not ZITADEL's answer for an unknown user: check api_url"
        return replace(problem, code="wrong_address", message=f"{problem.message}. {hint}")
    return problem


def _account(row: Row) -> Account:
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


def _contains(row: Row, text: str) -> bool:
    """Whether a search has found a row by its text: older servers take % and _ for any characters."""
    human = row.get("human")
    profile = human.get("profile") if isinstance(human, dict) else None
    values = _values(row)
    names = [value for field in _QUERIES for value in values[field]]
    names.append(profile.get("displayName") if isinstance(profile, dict) else None)
    return any(isinstance(name, str) and normalized(text) in normalized(name) for name in names)


def _me(answer: Mapping[str, t.Any]) -> t.Any:
    user = answer.get("user")
    return user.get("id") or user.get("userId") if isinstance(user, dict) else None


def _subject(answer: Mapping[str, t.Any]) -> t.Any:
    return answer.get("sub")
