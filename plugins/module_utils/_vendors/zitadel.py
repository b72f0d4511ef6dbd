# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: the user service v2.

PRIVATE to the collection. Sources: ZITADEL's API reference (user service v2), its guides on service accounts, and
github.com/zitadel/zitadel: proto/zitadel/user/v2, internal/command/user_v2.go (states, error ids),
internal/api/grpc/user/v2 (listing).
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from .._auth import (
    AuthMethod,
    ClientCredentials,
    CredentialError,
    JwtProfile,
    TokenCredential,
    TokenRequest,
    bearer,
    choose_auth_method,
)
from .._faults import ApiError, Fatal
from .._match import Reading, lookup_result_of
from .._model import (
    ABSENT,
    ACTIVE,
    CLOSED_STATES,
    DEACTIVATED,
    GONE,
    LOCKED,
    Account,
    Change,
    Condition,
    Key,
    LookupResult,
    Problem,
    Receipt,
    UserRequest,
)
from .._reach import Reach
from .._reading import SEARCH, SINGLE
from .._transport import Client, Transport
from .._url import check_url
from .._vendor import Listing, Rights, Vendor, base_url
from .._vendor_info.zitadel import DELETE, INFO, INVITATION_OPEN, SERVICE_ACCOUNT_TOKENS, TOKENS_DEAD
from .._zitadel_calls import Calls
from .._zitadel_errors import LEFT_OPEN, NO_RIGHTS, error_id, explained, initial_problem, of_key_grant
from .._zitadel_rights import MAY_DELETE, MAY_END_SESSIONS, MAY_WRITE, OwnRights, rights_of
from .._zitadel_sessions import ZitadelSessions
from .._zitadel_users import SEARCHED, TOKENS_UNREAD, Users, account_of, contains, never_set_up
from .._zitadel_words import ALREADY, ALREADY_INACTIVE, INITIAL, INITIAL_REFUSED, NO_SUCH_USER, WORDS

SCOPE = "openid urn:zitadel:iam:org:project:id:zitadel:aud"
CLOUD_RATE = 50.0
"""Requests a second and source address that ZITADEL Cloud allows (its rate limit policy)."""

AUTH_METHODS = (
    AuthMethod("token", ("access_token",), ("access_token",)),
    AuthMethod("client", ("client_id", "client_secret"), ("client_id", "client_secret")),
    AuthMethod("key_file", ("key_file",), ("key_file",)),
    AuthMethod("key_content", ("key_content",), ("key_content",)),
)
NARROWED = frozenset((DEACTIVATED, LOCKED))
"""States for which ZITADEL's own filter is right in all versions; the one for INITIAL was not (user_query.go)."""


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
            credential = TokenCredential(api, grant, transport.exchange if method == "client" else self._exchange_key)
        self._client = Client(transport, api, credential)
        self._calls = Calls(self._client)
        self._users = Users(self._calls, transport)
        self._rights = OwnRights(self._client)
        self.sessions = ZitadelSessions(self._calls, transport, self._rights)

    def _exchange_key(self, request: TokenRequest) -> Mapping[str, t.Any]:
        """Send a token request that a key has signed. Raises Fatal."""
        try:
            return self.transport.exchange(request)
        except Fatal as exc:
            raise Fatal(of_key_grant(exc.problem), payload=exc.payload) from None

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
        found = self._users.named(named)
        lookup_results |= found.results
        hidden = found.hidden
        lost = [key for key in named if lookup_results[key] == LookupResult()]
        if lost and not self._may_read_others(seen | found.seen):
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
                for query, name in SEARCHED.values()
            ]
            queries.append({"orQuery": {"queries": parts}})
        total = 0
        shown: set[str] = set()
        for rows, counted in self._users.pages(queries):
            shown |= {row["userId"] for row in rows}
            listing.add(account_of(row) for row in rows if search is None or contains(row, search))
            total = counted
        if not self._may_read_others(shown):
            raise ApiError(NO_RIGHTS)
        if len(shown) < total:
            visible = f"ZITADEL counts {total} users and shows this credential {len(shown)} of them"
            listing.gaps.append(f"{visible}: its service account needs user.read on all organizations")

    def population(self, *, in_use: bool) -> int | None:
        """Count by what ZITADEL counts: initial, active and locked accounts are in use, others are inactive."""
        everybody = self._count([])
        return everybody - self._count([{"stateQuery": {"state": WORDS[DEACTIVATED]}}]) if in_use else everybody

    def _count(self, queries: Sequence[Mapping[str, t.Any]]) -> int:
        return self._users.page(queries, 0, 1)[1]

    def _find_ids(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        """Read accounts by id: one at once, many by listing. What the listing lacks is asked for singly: only that
        answer proves.
        """
        accounts: dict[str, Account] = {}
        if len(keys) > 1:
            self.transport.counters.used_strategy(SEARCH)
            accounts = self._users.by_ids([key.value for key in keys])
        lookup_results = {key: LookupResult((accounts[key.value],)) for key in keys if key.value in accounts}
        rest = [key for key in keys if key.value not in accounts]
        if rest:
            self.transport.counters.used_strategy(SINGLE)
        readings = self.each(self._users.get, [key.value for key in rest])
        return lookup_results | {key: lookup_result_of(readings[key.value]) for key in rest}

    def _may_read_others(self, seen: Collection[str]) -> bool:
        """Whether users beside its own account are shown to this credential. Without user.read a search is empty, not
        refused.
        """
        if len(seen) > 1:
            return True
        own = self.own_accounts() or frozenset()
        if set(seen) - set(own):
            return True
        shown = {row["userId"] for row in next(self._users.pages([]))[0]}
        return bool(shown - set(own)) if own else len(shown) > 1

    def reread(self, accounts: Sequence[Account], *, fresh: bool) -> Mapping[str, Reading]:
        """Read accounts again. The listing may lag, a read by id brings its projection up to date first."""
        ids = [account.id for account in accounts]
        if fresh or len(ids) == 1:
            return self.each(self._users.get, ids)
        listed = self._users.by_ids(ids)
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
        rows, _total = self._users.page([], 0, 2)
        if not self._may_read_others({row["userId"] for row in rows}):
            raise ApiError(NO_RIGHTS)
        return len(rows)

    def rights(self, state: str) -> Rights:
        closes = state in CLOSED_STATES
        deletes = closes and self.params.get("initial") == DELETE
        return rights_of(self._rights, state, deletes=deletes, ends_sessions=closes and self.ends_sessions)

    def scope(self) -> Reach:
        return self._rights.reach

    def lacking(self, changes: Sequence[Change], *, ends_sessions: bool = False) -> tuple[str, ...]:
        needed = {MAY_DELETE if change.after.state == ABSENT else MAY_WRITE for change in changes}
        needed |= {MAY_END_SESSIONS} if ends_sessions else set()
        return self._rights.lacking(needed) or () if needed else ()

    def leftovers(self, account: Account) -> tuple[str, ...]:
        if isinstance(account.native.get("machine"), dict):
            return (SERVICE_ACCOUNT_TOKENS,)
        is_kept = account.condition.state in (DEACTIVATED, LOCKED)
        return (INVITATION_OPEN,) if is_kept and never_set_up(account.native) else ()

    def not_brought_back(self, account: Account) -> tuple[str, ...]:
        return (TOKENS_DEAD,) if isinstance(account.native.get("machine"), dict) else ()

    def manual_notes(self, tasks: Mapping[str, Sequence[str]]) -> Mapping[str, Mapping[str, str]]:
        machines = [identifier for identifier, codes in tasks.items() if SERVICE_ACCOUNT_TOKENS in codes]
        texts = self.each(self._users.service_tokens, machines)
        return {
            identifier: {SERVICE_ACCOUNT_TOKENS: TOKENS_UNREAD if isinstance(text, Problem) else text}
            for identifier, text in texts.items()
        }

    # -- planning

    def desired_state(self, account: Account, user_request: UserRequest) -> Condition | Problem:
        condition = account.condition
        if user_request.state in (DEACTIVATED, LOCKED) and condition.vendor_state == INITIAL:
            return GONE if self.params.get("initial") == DELETE else initial_problem()
        if user_request.state == LOCKED and condition.state == DEACTIVATED and not user_request.reopens:
            return condition
        return super().desired_state(account, user_request)

    def attained(self, seen: Condition, wanted: Condition) -> bool:
        return super().attained(seen, wanted) or (wanted.state == LOCKED and seen.state == DEACTIVATED)

    def opposites(self, change: Change, seen: Condition) -> tuple[Change, ...]:
        """Return the pair's first half. Source: ZITADEL's pull request 12703: its read model can overlook events.

        An account that reads as closed is not opened in order to close it in another manner.
        """
        if change.state in (DEACTIVATED, LOCKED) and seen.state in (DEACTIVATED, LOCKED) and not _relocks(change):
            return ()
        states = {
            DEACTIVATED: ((DEACTIVATED, ACTIVE),),
            LOCKED: ((LOCKED, ACTIVE), (DEACTIVATED, ACTIVE)),
            ACTIVE: ((ACTIVE, LOCKED), (DEACTIVATED, ACTIVE))
            if change.before.state == LOCKED
            else ((ACTIVE, DEACTIVATED),),
            ABSENT: (),
        }[change.state]
        return tuple(
            Change(replace(change.account, condition=_condition(before)), after, _condition(after))
            for before, after in states
        )

    # -- writing

    def apply(self, change: Change) -> Receipt:
        if not _relocks(change):
            return self._send(change, _method(change))
        # ZITADEL locks an account in use only. One that is opened already is left so by an attempt before this one.
        opened = self._send(change, "ReactivateUser")
        if opened.gone:
            return opened
        try:
            locked = self._send(change, "LockUser")
        except ApiError as exc:
            message = f"{exc.problem.message}. {LEFT_OPEN}"
            raise ApiError(
                replace(exc.problem, message=message), doubtful=True, payload=exc.payload, retry_after=exc.retry_after
            ) from None
        return replace(locked, already=False)

    def _send(self, change: Change, method: str) -> Receipt:
        try:
            answer = self._calls.write(method, change.account.id).acknowledged()
        except ApiError as exc:
            identifier = error_id(exc.payload)
            if exc.status == 404 and identifier in NO_SUCH_USER:
                return Receipt(gone=True, refusal=exc.problem)
            if identifier in ALREADY:
                doubt = None if identifier == ALREADY_INACTIVE else exc.problem
                return Receipt(already=True, doubt=doubt, refusal=exc.problem)
            if identifier == INITIAL_REFUSED:
                raise ApiError(
                    replace(initial_problem(), status=exc.status, request_id=exc.problem.request_id)
                ) from None
            if exc.status in (403, 404):
                raise ApiError(explained(exc)) from None
            raise
        return Receipt(answer=answer)


def _relocks(change: Change) -> bool:
    """Whether an account is opened in order to be locked."""
    return change.state == LOCKED and change.before.state == DEACTIVATED


def _condition(state: str) -> Condition:
    return Condition(state, WORDS[state])


def _method(change: Change) -> str:
    """Return the name of ZITADEL's method that makes a change."""
    if change.state == ACTIVE:
        return "UnlockUser" if change.before.state == LOCKED else "ReactivateUser"
    return {DEACTIVATED: "DeactivateUser", LOCKED: "LockUser", ABSENT: "DeleteUser"}[change.state]


def _me(answer: Mapping[str, t.Any]) -> t.Any:
    user = answer.get("user")
    return user.get("id") or user.get("userId") if isinstance(user, dict) else None


def _subject(answer: Mapping[str, t.Any]) -> t.Any:
    return answer.get("sub")
