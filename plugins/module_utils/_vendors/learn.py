# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thrive Learning (learn.link): reads by v1, lifecycle writes by v2, re-activation by a provisioning event.

PRIVATE to the collection. Sources: docs.thrivelearning.com (suspend-a-user, delete-a-user, the three reads of users,
oauth-api-authentication, obtain-an-oauth-20-access-token, errors-error-handling, provision-and-manage-user-accounts)
and, for shapes, github.com/simstudioai/sim (apps/sim/tools/thrive).
"""

from __future__ import annotations

import datetime
import typing as t
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from .._auth import (
    AuthMethod,
    ClientCredentials,
    Credential,
    CredentialError,
    TokenCredential,
    bearer,
    choose_auth_method,
    http_basic,
)
from .._clock import utc_text
from .._end_of_list import unproven
from .._faults import ApiError
from .._match import Matcher, missing_or
from .._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    GONE,
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
from .._paged import LIST_ONLY, Page, PagedVendor, Pages, Values, Wave
from .._reply import Reply, Row
from .._transport import Client, Transport
from .._url import check_url
from .._vendor import Listing, SettingsError, base_url
from .._vendor_info.learn import ALL_SCOPE, HOSTS, INFO

PAGE = 1000
"""Users a page, the maximum (page on searching users)."""
AUTH_METHODS = (
    AuthMethod("basic", ("tenant_id", "api_secret"), ("api_secret",)),
    AuthMethod("client", ("tenant_id", "client_secret"), ("client_secret",)),
    AuthMethod("token", ("access_token",), ("access_token",)),
)
STATES = {"active": ACTIVE, "new": ACTIVE, "expired": ACTIVE, "inactive": DEACTIVATED}
WORDS = {ACTIVE: "active", DEACTIVATED: "inactive", ABSENT: None}
SUSPENDED = "inactive"
WEBHOOK_SCOPE = "api/webhooks"
EVENT_FIELDS = ("ref", "email", "firstName", "lastName", "role", "timeZone", "languageCode")
"""The fields of a user as read that an event has too."""


class Learn(PagedVendor):
    info: t.ClassVar = INFO
    page_size = PAGE

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        method = choose_auth_method("LEARN", params, AUTH_METHODS)
        public, users = HOSTS.get(params.get("environment") or "", (None, None))
        api = base_url(params, "api_url", f"https://{public}" if public else None)
        if not api:
            raise CredentialError(
                f"environment is missing: give one of {', '.join(HOSTS)} (environment variable "
                "LEARN_ENVIRONMENT), or api_url"
            )
        self._client = Client(
            transport, api, self._credential(method, api, "token_url", f"{api}/oauth2/token", params["scope"])
        )
        self._pages_of_suspended = 0
        self._shows_suspended = False
        """Whether a user who is suspended is in the lists that were read last."""
        self._filter_is_ignored = False
        self._events: Client | None = None
        self._events_of_this_task = uuid.uuid4()
        # If the API's address was given, the environment's host for events would belong to another tenant.
        own_events = f"https://{users}/webhooks" if users and not params.get("api_url") else None
        webhook = base_url(params, "webhook_url", own_events)
        if webhook:
            parts = urlsplit(webhook)
            tokens = f"{parts.scheme}://{parts.netloc}/oauth2/token"
            scope = ALL_SCOPE if ALL_SCOPE in params["scope"].split() else WEBHOOK_SCOPE
            self._events = Client(
                transport, webhook, self._credential(method, webhook, "webhook_token_url", tokens, scope)
            )

    def _credential(self, method: str, url: str, option: str, tokens: str, scope: str) -> Credential:
        params = self.params
        tenant_id = params.get("tenant_id") or ""
        if method == "token":
            return bearer(url, params["access_token"])
        if method == "basic":
            return http_basic(url, tenant_id, params["api_secret"])
        given = params.get(option)
        grant = ClientCredentials(
            check_url(option, given) if given else f"{tokens}/{tenant_id}",
            params.get("client_id") or tenant_id,
            params["client_secret"],
            extra={"scope": scope} if scope else {},
        )
        # How the token endpoint takes the client is not documented: as fields of the form, or as HTTP Basic.
        return TokenCredential(url, grant, self.transport.exchange, otherwise=replace(grant, style="basic"))

    @property
    def tenant(self) -> str:
        return f"{urlsplit(self._client.url).netloc}/{self.params.get('tenant_id') or ''}"

    def vendor_word(self, state: str) -> str | None:
        return WORDS[state]

    def check(self, user_request: UserRequest) -> None:
        if user_request.state == ACTIVE and self._events is None:
            raise SettingsError(
                "state active is brought about by an event, and events have an address of their own: "
                "set webhook_url (environment variable LEARN_WEBHOOK_URL), or environment without api_url"
            )
        if "end_date" in user_request.settings:
            if user_request.state != DEACTIVATED:
                raise SettingsError(f"end_date goes with state deactivated only, not with {user_request.state}")
            _timestamp(user_request.settings["end_date"])

    # -- reading

    def everybody(self, matcher: Matcher | None = None) -> Iterator[Wave]:
        """Read the unfiltered list and, where it lacks something, the list of the suspended.

        Whether the former holds the latter is not documented: without any in it, a second account of an e-mail may be
        among them.
        """

        def lists() -> Iterator[Pages]:
            yield self._list()
            if matcher is not None and (matcher.lost() or (matcher.asks_for(LIST_ONLY) and not self._shows_suspended)):
                yield self._list(statuses=SUSPENDED)

        self._shows_suspended = False
        return self.read_lists(lists(), matcher)

    def size_known(self) -> int | None:
        size = super().size_known()
        return None if size is None else size + self._pages_of_suspended * PAGE

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        """Whether the unfiltered list holds those who are suspended is not documented: if it has none, ask for them."""

        def lists() -> Iterator[Pages]:
            if state != DEACTIVATED:
                yield self._list()
            if state == DEACTIVATED or (state is None and not self._shows_suspended):
                yield self._list(statuses=SUSPENDED)

        self._shows_suspended = False
        self.list_into(listing, lists())
        if state == ABSENT:
            listing.gaps.append("whether the list of users holds those who were deleted is not documented")

    def population(self, *, in_use: bool) -> int | None:
        """Count by pages of one; where there is no pagination, by the list."""
        _rows, pages, _total = self._rows(self._page(1, 1, {"omitStatuses": SUSPENDED} if in_use else {}))
        return super().population(in_use=in_use) if pages is None else pages

    def _list(self, **filters: str) -> Pages:
        """Return a list: up to the page that the first one has stated, else to a short one, it looks like all."""
        page_count: int | None = None
        is_short = False

        def fetch(number: int) -> Reply:
            return self._page(number + 1, PAGE, filters)

        def unpack(number: int, reply: Reply) -> Page:
            nonlocal page_count, is_short
            rows, stated, total = self._rows(reply)
            if number == 0:
                page_count = stated
            if is_short and rows:
                # Whether the server counts pages by the rows it sends or by those requested is not known.
                pages.end.skips = True
            is_short = len(rows) < PAGE
            is_last = is_short if page_count is None else number + 1 >= page_count
            if filters:
                self._pages_of_suspended = max(self._pages_of_suspended, number + 1 if rows else 0)
            elif rows or number == 0:
                self._pages_seen = max(self._pages_seen, number + 1)
                self._pages = number + 1 if is_last else page_count
            kept = [row for row in rows if row.get("deleted") is not True]
            self._shows_suspended |= any(row.get("status") == SUSPENDED for row in kept)
            self._filter_is_ignored |= bool(filters) and any(row.get("status") != SUSPENDED for row in kept)
            return Page(rows, PAGE, number + 1, is_last, total)

        pages = Pages(fetch, unpack, 1, lambda: page_count, self.transport.limits.concurrency)
        return pages

    def why_not_whole(self) -> Problem | None:
        if self._filter_is_ignored and not self._shows_suspended:
            return unproven("the list of suspended users shows only others")
        return super().why_not_whole()

    def _page(self, number: int, size: int, filters: Mapping[str, str]) -> Reply:
        params = {"page": number, "perPage": size, **filters}
        return self._client.read("GET", "rest", "v1", "users", params=params)

    def _rows(self, reply: Reply) -> tuple[list[Row], int | None, int | None]:
        """Return the accounts of a page, and how many pages and accounts there are if it states that."""
        answer = reply.mapping()
        rows = reply.rows(answer.get("results"))
        if not all(isinstance(row.get("id"), str) for row in rows):
            raise reply.fault("has a user without id")
        self._listing_works = True
        pagination = answer.get("pagination")
        pages = total = None
        if isinstance(pagination, dict):
            total = count_of(pagination.get("totalResults"))
            if pagination.get("totalPages") is not None:
                pages = count_of(pagination["totalPages"])
                if pages is None:
                    raise reply.fault("does not state how many pages there are")
        return rows, pages, total

    def read_one(self, field: str, value: str) -> Row | Problem | None:
        path = ("users", "ref", value) if field == "ref" else ("user", value)
        try:
            reply = self._client.read("GET", "rest", "v1", *path)
        except ApiError as exc:
            if exc.status == 404:
                return missing_or(exc.problem, self.prove_listing)
            if exc.status in (400, 403):
                return exc.problem
            raise
        row = reply.row(reply.mapping())
        if not isinstance(row.get("id"), str):
            raise reply.fault("is not a user of Thrive Learning")
        name = row.get("id" if field == "user_id" else field)
        if name != value and not Key(field, value).resembles(name):
            raise reply.fault("is about another user than the one asked for")
        return row

    def read_at(self, place: int) -> Sequence[Row]:
        return self._rows(self._page(place + 1, 1, {}))[0]

    def account_of(self, row: Row) -> Account:
        return _account(row)

    def values_of(self, row: Row) -> Values:
        """Return what a row can be found by: a deleted one by its id alone, since its other data may belong to
        another user by now.
        """
        if row.get("deleted") is True:
            return {"user_id": [row["id"]]}
        return {"user_id": [row["id"]], "ref": [row.get("ref")], "email": [row.get("email")]}

    # -- planning

    def desired_state(self, account: Account, user_request: UserRequest) -> Condition | Problem:
        desired = super().desired_state(account, user_request)
        if desired != account.condition and text_or_none(account.native.get("ref")) is None:
            return Problem("no_ref", "The account has no ref, and all changes at Thrive Learning are made by ref")
        return desired

    # -- writing

    def apply(self, change: Change) -> Receipt:
        if change.state == ACTIVE:
            return self._rejoin(change)
        path = ("rest", "v2", "users", "ref", change.account.native["ref"])
        try:
            if change.state == ABSENT:
                answer = self._client.write("DELETE", *path).acknowledged()
            else:
                end_date = change.settings.get("end_date")
                body = {} if end_date is None else {"endDate": _timestamp(end_date)}
                answer = self._client.write("PATCH", *path, "suspend", body=body).acknowledged()
        except ApiError as exc:
            return self._refused(exc)
        return Receipt(answer=answer)

    def _refused(self, error: ApiError) -> Receipt:
        if error.status == 404:
            fault = missing_or(error.problem, self.prove_listing)
            if fault is None:
                return Receipt(gone=True, refusal=error.problem)
            raise ApiError(fault) from None
        if error.status in (409, 422):
            return Receipt(already=True, doubt=error.problem, refusal=error.problem)
        raise error

    def _rejoin(self, change: Change) -> Receipt:
        """Send the event `user_joined`, which the vendor describes as creating or unsuspending; the account was just
        read, so it exists.
        """
        events = t.cast(Client, self._events)
        user = {name: change.account.native.get(name) for name in EVENT_FIELDS}
        user = {name: value for name, value in user.items() if value not in (None, "")}
        event = {
            # The same event keeps its id when it is sent again.
            "id": str(uuid.uuid5(self._events_of_this_task, change.account.id)),
            "timestamp": utc_text(datetime.datetime.now(datetime.UTC), "milliseconds"),
            "eventType": "user_joined",
            "content": {"user": user},
        }
        try:
            reply: Reply = events.write("POST", body=event)
        except ApiError as exc:
            if exc.status == 409:
                return Receipt(already=True, doubt=exc.problem, refusal=exc.problem)
            raise
        return Receipt(queued_here=reply.status == 202, answer=reply.answer)


def _timestamp(text: str) -> str:
    """Return a date or a moment as Thrive writes it. Raises SettingsError."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or (moment.tzinfo is None and len(text) > 10):
        raise SettingsError(
            f"end_date must be a date (2024-06-30) or a moment with its zone (2024-06-30T17:00:00Z), not {text[:60]!r}"
        )
    try:
        return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC), "milliseconds")
    except OverflowError:
        raise SettingsError(f"end_date is beyond the calendar: {text[:60]!r}") from None


def _account(row: Row) -> Account:
    word = text_or_none(row.get("status"))
    current = Condition(STATES.get(word or "", UNKNOWN), word)
    return Account(
        id=row["id"],
        name=text_or_none(row.get("email")) or text_or_none(row.get("ref")),
        condition=GONE if row.get("deleted") is True else current,
        labels=texts(row["id"], row.get("ref"), row.get("email")),
        email=text_or_none(row.get("email")),
        native=row,
        seen=row.answer,
    )
