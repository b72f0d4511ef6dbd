# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any SCIM 2.0 application: its users.

PRIVATE to the collection. Sources: RFC 7643, RFC 7644, RFC 9865; for products, `_scim_profiles`.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from .._auth import (
    AuthMethod,
    ClientCredentials,
    Credential,
    CredentialError,
    StaticHeader,
    TokenCredential,
    bearer,
    choose_auth_method,
    http_basic,
    require_header_text,
)
from .._end_of_list import EndOfList
from .._match import Reading
from .._model import (
    CLOSED_NOT_LISTED,
    CLOSED_STATES,
    DEACTIVATED,
    Account,
    Change,
    Condition,
    Key,
    LookupResult,
    Problem,
    ProductUsed,
    Receipt,
    UserRequest,
)
from .._reading import FEW
from .._scim_apply import Writer
from .._scim_find import Finder
from .._scim_profiles import GENERIC, Profile, ProfileError, profile_from
from .._scim_server import MEDIA_TYPE, WORDS, ScimServer
from .._transport import Client, Transport
from .._url import UrlError, check_url, segment
from .._vendor import Listing, Vendor
from .._vendor_info.scim import INFO

_TOKEN, _CLIENT, _BASIC, _KEY = "token", "client", "basic", "key"
METHODS = (
    AuthMethod(_TOKEN, ("access_token",), ("access_token",)),
    AuthMethod(_CLIENT, ("client_id", "client_secret", "token_url"), ("client_id", "client_secret")),
    AuthMethod(_BASIC, ("basic_username", "basic_password"), ("basic_username", "basic_password")),
    AuthMethod(_KEY, ("api_key",), ("api_key",)),
)
OWN_ACCOUNT_NOT_KNOWN = (
    "The product does not state which account the credential belongs to, so that it is not protected from being "
    "closed. Name it in protected"
)
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
NO_CREDENTIAL_HEADERS = frozenset(("host", "content-length", "content-type", "accept", "connection", "user-agent"))


class Scim(Vendor):
    info: t.ClassVar = INFO

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        try:
            self.profile = profile_from(params)
        except ProfileError as exc:
            raise CredentialError(str(exc)) from None
        api = _address(params, self.profile)
        limits = transport.limits
        transport.limits = replace(limits, concurrency=min(limits.concurrency, self.profile.concurrency))
        self._client = Client(transport, api, self._credential(api), {"Accept": MEDIA_TYPE})
        self._server = ScimServer(self._client, self.profile)
        strategy = transport.counters.used_strategy
        self._finder = Finder(self._server, self.each, transport.limits.concurrency, strategy)
        self._writer = Writer(self._server, self.product, transport, self._finder.read)
        self._notes: tuple[str, ...] = ()

    @classmethod
    def product_of(cls, params: Mapping[str, t.Any]) -> str:
        profile = params.get("profile") or GENERIC
        return params.get("product") or (cls.info.product if profile == GENERIC else profile)

    def product_used(self) -> ProductUsed:
        learnt = self._writer.learnt() | {"hides_closed": self._finder.hides_closed, "page": self._server.count}
        return {"name": self.product, "profile": self.profile.name, "values": {**self.profile.as_result(), **learnt}}

    def notes(self) -> Sequence[str]:
        return self._notes

    @property
    def tenant(self) -> str:
        """Return the host with the path: many products have all their customers at one host."""
        parts = urlsplit(self._client.url)
        named = f" {self.params['tenant_id']}" if self.profile.shared_address else ""
        return f"{parts.netloc}{parts.path}{named}"

    def _credential(self, api: str) -> Credential:
        params = self.params
        method = choose_auth_method("SCIM", params, METHODS)
        if method == _TOKEN:
            return bearer(api, params["access_token"])
        if method == _BASIC:
            return http_basic(api, params["basic_username"], params["basic_password"])
        if method == _KEY:
            name = params.get("api_key_header") or "Authorization"
            if not HEADER_NAME.fullmatch(name) or name.lower() in NO_CREDENTIAL_HEADERS:
                raise CredentialError("api_key_header is not the name of a header that can carry a key")
            key = require_header_text("api_key", params["api_key"])
            prefix = require_header_text("api_key_prefix", (params.get("api_key_prefix") or "").strip())
            return StaticHeader(api, name, f"{prefix} {key}".strip(), params["api_key"])
        extra = {"scope": params["scope"]} if params.get("scope") else {}
        if params.get("account_id"):
            # Zoom's grant for server-to-server apps
            extra |= {"grant_type": "account_credentials", "account_id": params["account_id"]}
        grant = ClientCredentials(
            check_url("token_url", params["token_url"]),
            params["client_id"],
            params["client_secret"],
            params.get("token_style") or "basic",
            extra,
        )
        return TokenCredential(api, grant, self.transport.exchange)

    def vendor_word(self, state: str) -> str | None:
        return WORDS.get(state)

    # -- reading

    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        self._server.configure()
        return self._finder.find(keys)

    def read_page(self) -> int:
        self._server.configure()
        return len(self._server.page().rows)

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        self._server.configure()
        end = EndOfList()
        for rows in self._finder.everybody(end):
            listing.add(self._server.account_of(row) for row in rows)
        if (gap := self._finder.why_not_whole(end)) is not None:
            listing.gaps.append(gap)
        if self.profile.hides_closed and state in (None, DEACTIVATED):
            listing.gaps.append("closed accounts are not listed")

    def reread(self, accounts: Sequence[Account], *, fresh: bool) -> Mapping[str, Reading]:
        """Read accounts again, by the list where that takes fewer requests, and those that it lacks by id."""
        finder = self._finder
        ids = [account.id for account in accounts]
        listed: Mapping[str, Reading] | None = None
        is_shorter = max(FEW, finder.pages) < len(ids)
        # Whether the list shows closed accounts matters to the keys that it lacks.
        answers_more = finder.lacks_keys and finder.pages <= FEW
        if not fresh and not finder.hides_closed and finder.is_whole and (is_shorter or answers_more):
            listed = finder.listed(ids)
        unseen = [identifier for identifier in ids if identifier not in (listed or ())]
        read = self.each(finder.read, unseen)
        if listed is not None:
            finder.learn(read)
        return {**(listed or {}), **read}

    def own_accounts(self) -> Collection[str]:
        """Return the caller's own account, where the product has `/Me`; else none, without a warning."""
        identifier = self._server.me()
        if identifier is None:
            self._notes = (OWN_ACCOUNT_NOT_KNOWN,)
            return ()
        return (identifier,)

    def left_open(self, key: Key) -> tuple[str, ...]:
        return (CLOSED_NOT_LISTED,) if self._finder.hides_closed and key.field != "user_id" else ()

    def leftovers(self, account: Account) -> tuple[str, ...]:
        return self.profile.manual if account.condition.state in CLOSED_STATES else ()

    # -- writing

    def desired_state(self, account: Account, user_request: UserRequest) -> Condition | Problem:
        desired = super().desired_state(account, user_request)
        if desired == account.condition:
            return desired
        return self._writer.refusal(account, user_request.state) or desired

    def is_uncertain(self, change: Change) -> bool:
        return self._writer.is_uncertain(change)

    def withheld(self, change: Change) -> Problem | None:
        return self._writer.withheld(change)

    def caveat(self, changes: Sequence[Change]) -> str | None:
        if not any(self.is_uncertain(change) for change in changes):
            return None
        return (
            f"{self.product}: no profile states the result of a change at this product, so the state after it is "
            "assumed. The run writes one account alone and reads it back before the others follow"
        )

    def apply(self, change: Change) -> Receipt:
        self._finder.written.add(change.account.id)
        return self._writer.apply(change)

    @classmethod
    def default_rate(cls, params: Mapping[str, t.Any]) -> float | None:
        try:
            return profile_from(params).rate
        except ProfileError:
            return None  # the constructor reports it


def _address(params: Mapping[str, t.Any], profile: Profile) -> str:
    """Return the base address, by option or from the profile. Raises CredentialError and UrlError."""
    tenant = params.get("tenant_id")
    given = params.get("api_url")
    template = profile.api_url or ""
    needs_tenant = profile.shared_address or (not given and "{tenant_id}" in template)
    if needs_tenant and not tenant:
        why = "names the tenant in reports and plans" if profile.shared_address else "is part of the address"
        raise CredentialError(
            f"tenant_id is missing (environment variable SCIM_TENANT_ID): with the profile {profile.name} it {why}"
        )
    if not given and not template:
        raise CredentialError(
            "api_url is missing (environment variable SCIM_API_URL): give the SCIM address up to before /Users"
        )
    api = check_url("api_url", given or template.replace("{tenant_id}", segment(tenant or "-")))
    if api.lower().endswith("/users"):
        raise UrlError("api_url ends in /Users; leave that out: it is the address up to before /Users")
    return api
