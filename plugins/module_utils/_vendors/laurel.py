# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laurel: the users of a customer, by the Identity service.

PRIVATE to the collection. Sources: developer.laurel.ai (guides/authentication, services/identity/users) and Laurel's
Identity OpenAPI document as kept in github.com/api-evangelist/laurel. The status of a user can be set only by an
operation that is in that document and not on the public page.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from .._auth import AuthMethod, ClientCredentials, CredentialError, TokenCredential, bearer, choose_auth_method
from .._end_of_list import gap_of, unproven, unreadable
from .._faults import ApiError, Fatal
from .._laurel_attributes import FORWARDING, LISTS, current, forwarding_query, normal, patch_body
from .._laurel_users import account_of, identities_of, is_vague, values_of, without_strays
from .._match import Reading, lookup_result_of, match, missing_or, unless_listed
from .._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    PRESENT,
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
)
from .._reading import FEW, LIST, LOOKUP, SEARCH, SINGLE, in_parts
from .._reply import Reply, Row
from .._transport import Client, Transport
from .._vendor import Listing, SettingsError, Vendor, base_url
from .._vendor_info.laurel import API, AUDIENCE, DELEGATIONS, INFO, TEXTS

LOOKUP_BATCH = 500
"""Identities a batch lookup takes (OpenAPI document)."""
AUTH_METHODS = (
    AuthMethod("client", ("client_id", "client_secret"), ("client_id", "client_secret")),
    AuthMethod("token", ("access_token",), ("access_token",)),
)
WORDS = {ACTIVE: "active", DEACTIVATED: "firmDisabled", ABSENT: None}


class Laurel(Vendor):
    info: t.ClassVar = INFO

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        method = choose_auth_method("LAUREL", params, AUTH_METHODS)
        api = base_url(params, "api_url", API)
        self._customer = params["customer_id"]
        if not self._customer or not self._customer.isalnum():
            raise CredentialError("customer_id must be the customer's id at Laurel: letters and digits only")
        if method == "token":
            credential: t.Any = bearer(api, params["access_token"])
        else:
            url = base_url(params, "token_url", f"{api}/api/v1/oauth/token")
            extra = {"audience": params.get("audience") or AUDIENCE}
            grant = ClientCredentials(url, params["client_id"], params["client_secret"], "json", extra)
            credential = TokenCredential(api, grant, transport.exchange)
        self._client = Client(transport, api, credential)
        self._listing_works = False
        self._deleted: set[str] = set()
        self._listed: set[str] = set()
        self._ids: set[str] = set()
        """The users of the lists that were read last."""
        self._last: str | None = None

    @property
    def tenant(self) -> str:
        return f"{urlsplit(self._client.url).netloc}/{self._customer}"

    def vendor_word(self, state: str) -> str | None:
        return WORDS[state]

    @classmethod
    def naming(cls, entry: Mapping[str, t.Any], state: str) -> tuple[str, ...]:
        """With state present and an id or an identity, `email` is the address to be set and no key."""
        named = super().naming(entry, state)
        if state == PRESENT and len(named) > 1:
            named = tuple(name for name in named if name != "email")
        return named

    def check(self, user_request: UserRequest) -> None:
        given = list(user_request.settings)
        forwarding = [option for option in FORWARDING if self.params.get(option) is not None]
        if forwarding and user_request.state != ABSENT:
            raise SettingsError(f"{forwarding[0]} goes with state absent only, not with {user_request.state}")
        if user_request.state != PRESENT:
            if given:
                raise SettingsError(
                    f"{given[0]} goes with state present only; state {user_request.state} writes no attributes"
                )
            return
        if not given:
            raise SettingsError(
                f"state present writes attributes, and none is given; give one of {', '.join((*TEXTS, *LISTS))}"
            )
        version = self.params["api_version"]
        if "delegate_ids" in user_request.settings and version != "v1":
            raise SettingsError("delegate_ids goes with api_version v1; v2 takes delegates")
        if "delegates" in user_request.settings and version != "v2":
            raise SettingsError("delegates goes with api_version v2; v1 takes delegate_ids")

    # -- reading

    def _users(self, *more: str, version: str = "v1") -> tuple[str, ...]:
        return ("api", version, "customers", self._customer, "users", *more)

    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        """Look for keys. One that was looked for in the list is missing if that is proven to show everybody."""
        self._ids, self._last = set(), None
        found = self._find(keys)
        lost = [key for key in keys if key.field != "identity" and found[key] == LookupResult()]
        # One who was deleted may still be answered by id.
        others = [each for key, each in found.items() if key.field != "user_id"]
        why = self._why_not_whole(others) or self._why_unreadable() if lost else None
        return found if why is None else found | dict.fromkeys(lost, LookupResult(problem=why))

    def _find(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        lookup_results: dict[Key, LookupResult] = {}
        identities = [key for key in keys if key.field == "identity"]
        emails = [key for key in keys if key.field == "email"]
        ids = [key for key in keys if key.field == "user_id"]
        if identities:
            lookup_results |= self._find_identities(identities)
        listed = self._find_in_list([*emails, *ids]) if len(ids) > FEW or len(emails) > FEW else None
        lookup_results |= self._find_emails(emails, listed)
        return lookup_results | self._find_ids(ids, listed)

    def _find_in_list(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        """Match keys with the list of all users, which is one answer."""
        self.transport.counters.used_strategy(LIST)
        return self._matched(keys, self._list(), listed=True)

    def _find_emails(self, keys: Sequence[Key], listed: Mapping[Key, LookupResult] | None) -> dict[Key, LookupResult]:
        """Find by e-mail. Neither a search without a hit nor a list proves that there is no account: the identities are
        looked up too.
        """
        if not keys:
            return {}
        found = self._find_by_search(keys) if listed is None else {key: listed[key] for key in keys}
        open_keys = [key for key in keys if found[key] == LookupResult()]
        if open_keys:
            found |= self._second_opinion(open_keys)
        return found

    def _find_by_search(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        self.transport.counters.used_strategy(SEARCH)
        found: dict[Key, LookupResult] = {}
        for key, rows in self.each(lambda key: tuple(self._list(search=key.value)), keys).items():
            searched = LookupResult(problem=rows) if isinstance(rows, Problem) else None
            found |= {key: searched} if searched else self._matched([key], t.cast("tuple[Row, ...]", rows), listed=True)
        open_keys = [key for key in keys if found[key] == LookupResult()]
        return found | self._find_in_list(open_keys) if open_keys else found

    def _second_opinion(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        self.transport.counters.used_strategy(LOOKUP)
        try:
            rows = list(self._batch_lookup([("email", key.value) for key in keys]))
        except ApiError as exc:
            if exc.status not in (400, 403, 404, 405):
                raise
            return self._outside_integration(keys, looked_up=False)
        found = self._matched(keys, rows)
        others = {
            normalized(item["value"]): row["_id"]
            for row in rows
            for item in identities_of(row)
            if item.get("type") == "email" and isinstance(item.get("value"), str)
        }
        for key in keys:
            other = others.get(normalized(key.value))
            if found[key] == LookupResult() and other is not None:
                text = f"{key} is an identity of the account {other}, which has another e-mail; ask for it by its id"
                found[key] = LookupResult(problem=Problem("near_match", text))
        found |= self._outside_integration([key for key in keys if found[key] == LookupResult()], looked_up=True)
        return without_strays(found, rows, {("email", normalized(key.value)) for key in keys})

    def _outside_integration(self, keys: Sequence[Key], *, looked_up: bool) -> dict[Key, LookupResult]:
        """Look among all users where the list was that of an integration, which proves nothing about the others.

        That list may leave out the disabled: absence is proven only if the identities were ``looked_up`` as well.
        """
        if not keys or not self.params.get("integration"):
            return {}
        found = {key: LookupResult() for key in keys}
        status = None
        try:
            found = self._matched(keys, self._list(integration=None), listed=True)
        except ApiError as exc:
            if exc.status not in (400, 403, 404, 405):
                raise
            looked_up, status = False, exc.status
        if looked_up:
            return found
        text = (
            "not found among the users of the integration, and Laurel refused the search among all users; "
            "that does not prove that there is no account: name it by user_id or identity"
        )
        return {
            key: LookupResult(problem=Problem("search_incomplete", f"{key}: {text}", status))
            if each == LookupResult()
            else each
            for key, each in found.items()
        }

    def _find_ids(self, keys: Sequence[Key], listed: Mapping[Key, LookupResult] | None) -> dict[Key, LookupResult]:
        found = {} if listed is None else {key: listed[key] for key in keys}
        open_keys = [key for key in keys if found.get(key, LookupResult()) == LookupResult()]
        if open_keys:
            self.transport.counters.used_strategy(SINGLE)
        readings = self.each(self._get, [key.value for key in open_keys])
        found |= {key: lookup_result_of(readings[key.value]) for key in open_keys}
        return found if listed is not None else unless_listed(found, self._find_in_list)

    def _find_identities(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        self.transport.counters.used_strategy(LOOKUP)
        try:
            rows = list(self._batch_lookup([(key.qualifier or "", key.value) for key in keys]))
        except ApiError as exc:
            if exc.status not in (400, 403, 404, 405) or (exc.status == 400 and len(keys) == 1):
                raise
            # One identity of a type that Laurel does not know spoils a batch for all the others.
            found = self.each(self._lookup if exc.status != 400 else self._lookup_in_a_batch_of_one, keys)
            rows = [row for group in found.values() if not isinstance(group, Problem) for row in group]
            faults = {key: LookupResult(problem=group) for key, group in found.items() if isinstance(group, Problem)}
        else:
            faults = {}
        lookup_results: dict[Key, LookupResult] = {}
        # A value alone is no key here: the same number may name another user under another type.
        for kind in {key.qualifier for key in keys}:
            lookup_results |= self._matched([key for key in keys if key.qualifier == kind], rows, kind)
        asked = {(key.qualifier, normalized(key.value)) for key in keys}
        return without_strays(lookup_results | faults, rows, asked)

    def _batch_lookup(self, identities: Sequence[tuple[str, str]]) -> Iterable[Row]:
        for batch in in_parts(identities, LOOKUP_BATCH):
            body = {"identities": [{"type": kind, "value": value} for kind, value in batch]}
            reply = self._client.read("POST", *self._users("batch", "lookup"), body=body)
            yield from self._rows(reply, reply.mapping().get("users"))

    def _lookup_in_a_batch_of_one(self, key: Key) -> list[Row]:
        return list(self._batch_lookup([(key.qualifier or "", key.value)]))

    def _lookup(self, key: Key) -> list[Row]:
        """Look one identity up where the batch is not offered. How it is passed is not documented: by query, as in the
        older version.
        """
        params = {"type": key.qualifier, "value": key.value}
        for path in (self._users("lookup"), self._users("lookup", "identity", version="v2")):
            try:
                reply = self._client.read("GET", *path, params=params)
            except ApiError as exc:
                if exc.status in (400, 403, 404, 405):
                    continue
                raise
            row = reply.row(reply.mapping())
            if isinstance(row.get("_id"), str):
                return [row]
        raise ApiError(
            Problem(
                "lookup_failed",
                f"Laurel did not answer a lookup of the identity {key} with a user; name the account by "
                "user_id or email",
            )
        )

    def _list(self, search: str | None = None, **filters: str | None) -> Iterator[Row]:
        """Read a list of users, one by one: all of a tenant come in one answer."""
        params = {"search": search, "integration": self.params.get("integration"), **filters}
        try:
            reply = self._client.read(
                "GET", *self._users(), params={name: value for name, value in params.items() if value}
            )
        except ApiError as exc:
            if exc.status == 400 and not self.params.get("integration"):
                hint = "If Laurel requires an integration for this customer's list, set the option integration"
                raise ApiError(replace(exc.problem, message=f"{exc.problem.message}. {hint}")) from None
            raise
        # The OpenAPI document has one object where its text has all users.
        rows = iter(reply.rows([reply.mapping()])) if reply.is_object else reply.each_row()
        for row in rows:
            if not isinstance(row.get("_id"), str):
                raise reply.fault("has a user without _id")
            if search is None:
                self._ids.add(row["_id"])
                self._last = row["_id"]
            yield row
        self._listing_works = True

    def _why_not_whole(self, found: Iterable[LookupResult] = ()) -> Problem | None:
        """Return why the list proves nothing. It has no pages: that it is cut short shows in what it lacks."""
        if self._last is None:
            return unproven("the list of users is empty. Check the address options, and the credential")
        is_whole = not self.params.get("integration")
        unlisted = sorted({account.id for each in found for account in each.accounts} - self._ids)
        if is_whole and unlisted:
            return unproven(f"the list lacks users who can be read (ids {', '.join(unlisted[:5])})")
        stated = self._stated_total() if is_whole else None
        if stated is not None and stated > len(self._ids):
            return unproven(f"the list states {stated} users and shows {len(self._ids)}")
        return None

    def _why_unreadable(self) -> Problem | None:
        """Return why a 404 to a single read proves nothing: it does not find the last user of the list."""
        try:
            with self.transport.counters.reading_again():
                alone = self._get(t.cast(str, self._last))
        except Fatal:
            raise
        except ApiError as exc:
            alone = exc.problem
        return None if isinstance(alone, Account) else unreadable("user_id", alone)

    def _stated_total(self) -> int | None:
        """Return the number of users that v2 of the list states, which is not on the public page; None where it does
        not answer.
        """
        try:
            reply = self._client.read("GET", *self._users(version="v2"), params={"page": 1, "pageSize": 1})
            answer = reply.mapping()
            reply.rows([])  # counts the page, and none of its users again
            return count_of(answer.get("totalItems"))
        except Fatal:
            raise
        except ApiError:
            return None

    def _rows(self, reply: Reply, payload: t.Any) -> list[Row]:
        rows = reply.rows(payload)
        if not all(isinstance(row.get("_id"), str) for row in rows):
            raise reply.fault("has a user without _id")
        return rows

    def _matched(
        self, keys: Sequence[Key], rows: Iterable[Row], identity_type: str | None = None, *, listed: bool = False
    ) -> dict[Key, LookupResult]:
        """Match keys with rows; a hit whose row has no status is read singly: an unknown state is not active."""
        found = match(keys, ((account_of(row), values_of(row, identity_type)) for row in rows))
        accounts = [account for lookup_result in found.values() for account in lookup_result.accounts]
        if listed:
            self._listed |= {account.id for account in accounts}
        vague = {account.id for account in accounts if account.condition.state == UNKNOWN}
        if not vague:
            return found
        readings = self.each(self._get, sorted(vague))
        return {key: _made_certain(lookup_result, readings) for key, lookup_result in found.items()}

    def _get(self, user_id: str) -> Reading:
        try:
            reply = self._client.read("GET", *self._users(user_id))
        except ApiError as exc:
            if exc.status == 404:
                return missing_or(exc.problem, self._prove_listing)
            if exc.status in (400, 403):
                return exc.problem
            raise
        row = reply.row(reply.mapping())
        if row.get("_id") != user_id:
            raise reply.fault("is not the user that was asked for")
        return None if user_id in self._deleted and self._is_unlisted(row) else account_of(row)

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        self._ids, self._last = set(), None
        listing.add(account_of(row) for row in self._list(search))
        if search is None and (why := self._why_not_whole()) is not None:
            listing.gaps.append(gap_of(why))
        integration = self.params.get("integration")
        if integration:
            listing.gaps.append(f"the list is that of {integration}; it does not show whether Laurel has other users")

    def read_page(self) -> int:
        """Read the list, which is one answer."""
        return sum(1 for _row in self._list())

    def leftovers(self, account: Account) -> tuple[str, ...]:
        return (DELEGATIONS,) if account.native.get("delegates") or account.native.get("delegators") else ()

    def _prove_listing(self) -> None:
        if not self._listing_works:
            for _row in self._list(search="@"):
                pass

    def _is_unlisted(self, row: Mapping[str, t.Any], **filters: str | None) -> bool:
        """Whether a user that was deleted is still answered by id, but no longer listed: a deletion that keeps the
        record.
        """
        email = row.get("email")
        others = self._list(search=email if isinstance(email, str) else None, **filters)
        return row["_id"] not in {other["_id"] for other in others}

    def reread(self, accounts: Sequence[Account], *, fresh: bool) -> Mapping[str, Reading]:
        ids = [account.id for account in accounts]
        if fresh or len(ids) <= FEW:
            return self.each(self._get, ids)
        wanted = set(ids)
        listed: dict[str, Reading] = {row["_id"]: account_of(row) for row in self._list() if row["_id"] in wanted}
        self._listed |= listed.keys()
        vague = [i for i in ids if is_vague(listed.get(i)) and i not in self._deleted]
        singly = self.each(self._get, vague)
        return {identifier: singly.get(identifier, listed.get(identifier)) for identifier in ids}

    def reread_by_all_means(self, accounts: Sequence[Account]) -> Mapping[str, Reading]:
        """Read accounts again. One that is answered by id and is in no list was deleted, and its record kept."""
        readings = super().reread_by_all_means(accounts)
        natives = {name: each.native for name, each in readings.items() if isinstance(each, Account)}
        unlisted = self.each(lambda name: self._is_unlisted(natives[name], integration=None), list(natives))
        proven = {name: found if isinstance(found, Problem) else None for name, found in unlisted.items() if found}
        return {**readings, **proven}

    # -- planning

    def current_state(self, account: Account, what: UserRequest | Change) -> Condition:
        if what.state != PRESENT:
            return account.condition
        row = account.native
        attributes = {name: current(name, row, wanted) for name, wanted in what.settings.items()}
        return replace(account.condition, attributes=attributes)

    def desired_state(self, account: Account, user_request: UserRequest) -> Condition | Problem:
        if user_request.state == PRESENT:
            return replace(
                account.condition,
                attributes={name: normal(name, value) for name, value in user_request.settings.items()},
            )
        return super().desired_state(account, user_request)

    def attained(self, seen: Condition, wanted: Condition) -> bool:
        if wanted.attributes is not None:
            return seen.state != ABSENT and seen.attributes == wanted.attributes
        return super().attained(seen, wanted)

    # -- writing

    def apply(self, change: Change) -> Receipt:
        path = self._users(change.account.id)
        try:
            if change.state == ABSENT:
                if change.account.id in self._listed or not self._is_unlisted(change.account.native):
                    # Before it is sent: if the answer is lost, the list shows whether it was deleted.
                    self._deleted.add(change.account.id)
                answer = self._client.write("DELETE", *path, params=forwarding_query(self.params)).acknowledged()
            elif change.state == PRESENT:
                version = self.params["api_version"]
                body = patch_body(change.settings)
                target = self._users(change.account.id, version=version)
                answer = self._client.write("PATCH", *target, body=body).acknowledged()
            else:
                body = {"status": WORDS[change.state]}
                answer = self._client.write("PATCH", *path, "status", body=body).acknowledged()
        except ApiError as exc:
            if change.state in (ACTIVE, DEACTIVATED) and exc.status in (403, 404, 405):
                raise ApiError(_status_not_offered(exc.problem)) from None
            if exc.status == 404:
                fault = missing_or(exc.problem, self._prove_listing)
                if fault is None:
                    return Receipt(gone=True, refusal=exc.problem)
                raise ApiError(fault) from None
            raise
        return Receipt(answer=answer)


def _made_certain(lookup_result: LookupResult, readings: Mapping[str, Reading]) -> LookupResult:
    accounts = []
    for account in lookup_result.accounts:
        reading = readings.get(account.id, account)
        if isinstance(reading, Problem):
            return LookupResult(problem=reading)
        if reading is not None:
            accounts.append(reading)
    return replace(lookup_result, accounts=tuple(accounts))


def _status_not_offered(problem: Problem) -> Problem:
    text = (
        f"{problem.message}. Changing a user's status is not on Laurel's public page, and this credential is not "
        "permitted to use it. The documented way to close an account is state absent, which deletes it"
    )
    return replace(problem, code="not_offered", message=text)
