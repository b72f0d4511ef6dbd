# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A vendor that is a dict: what `_converge` needs of a vendor, and whatever can go wrong with one."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError, Fatal
from ansible_collections.saas.offboarding.plugins.module_utils._match import Reading, match
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
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
from ansible_collections.saas.offboarding.plugins.module_utils._options import ArgumentSpec
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Listing, Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from .http_script import FakeClock, Script, transport

WORDS = {ACTIVE: "on", DEACTIVATED: "off", LOCKED: "locked", ABSENT: None}


def account(identifier: str, state: str = ACTIVE, name: str | None = None, *labels: str) -> Account:
    name = name or f"{identifier}@example.com"
    return Account(identifier, name, Condition(state, WORDS[state]), (identifier, name, *labels))


class Shelf(Vendor):
    info = VendorInfo(
        name="shelf",
        product="Shelf",
        states=(DEACTIVATED, ACTIVE, LOCKED, ABSENT),
        keys=ArgumentSpec({"email": {"type": "str"}, "user_id": {"type": "str"}}),
        plain_key="user_id",
        connection=ArgumentSpec(),
    )

    def __init__(self, *accounts: Account, clock: FakeClock | None = None, **limits: t.Any) -> None:
        self.clock = clock or FakeClock()
        super().__init__({}, transport(Script(), self.clock, **limits))
        self.stored = {each.id: each for each in accounts}
        self.shown = dict(self.stored)
        self.lag = 0
        """Readings after a write that still show what was before."""
        self.own: Collection[str] | None = ()
        self.has_count = True
        self.refuses_count: ApiError | None = None
        self.counted: list[bool] = []
        self.before_commit: Callable[[Change, int], Receipt | None] = lambda change, attempt: None
        """May raise, or give a receipt with which nothing is done."""
        self.after_commit: Callable[[Change, int], Receipt] = lambda change, attempt: Receipt()
        self.on_find: Callable[[], None] = lambda: None
        self.on_reread: Callable[[Sequence[Account], bool], None] = lambda accounts, fresh: None
        self.attempts: dict[str, int] = {}
        self.commits: list[str] = []
        self.rereads: list[tuple[tuple[str, ...], bool]] = []
        self._lock = threading.Lock()
        self._behind: dict[str, int] = {}

    @property
    def tenant(self) -> str:
        return "shelf.example.com"

    def vendor_word(self, state: str) -> str | None:
        return WORDS[state]

    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        self.on_find()
        return match(keys, [(a, {"user_id": [a.id], "email": [a.name]}) for a in self.shown.values()])

    def reread(self, accounts: Sequence[Account], *, fresh: bool) -> Mapping[str, Reading]:
        with self._lock:
            self.rereads.append((tuple(a.id for a in accounts), fresh))
        self.on_reread(accounts, fresh)
        readings: dict[str, Reading] = {}
        for each in accounts:
            if self._behind.get(each.id, 0) > 0:
                self._behind[each.id] -= 1
                readings[each.id] = self.shown[each.id]
            else:
                readings[each.id] = self.stored.get(each.id)
        return readings

    def population(self, *, in_use: bool) -> int | None:
        self.counted.append(in_use)
        if self.refuses_count is not None:
            raise self.refuses_count
        return super().population(in_use=in_use) if self.has_count else None

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        listing.add(self.stored.values())

    def own_accounts(self) -> Collection[str] | None:
        return self.own

    def apply(self, change: Change) -> Receipt:
        identifier = change.account.id
        with self._lock:
            attempt = self.attempts[identifier] = self.attempts.get(identifier, 0) + 1
        receipt = self.before_commit(change, attempt)
        if receipt is not None:
            return receipt
        with self._lock:
            self.commits.append(identifier)
            self._behind[identifier] = self.lag
            if change.state == ABSENT:
                self.stored.pop(identifier, None)
            else:
                self.stored[identifier] = replace(change.account, condition=change.after)
        return self.after_commit(change, attempt)

    def settle(self) -> None:
        """Let all readings show what is."""
        self.shown = dict(self.stored)
        self._behind.clear()


def user_requests(*names: str, state: str = DEACTIVATED) -> list[UserRequest]:
    return [UserRequest(Key("email" if "@" in name else "user_id", name), state) for name in names]


def refusal(code: str = "bad_request", status: int = 400) -> ApiError:
    return ApiError(Problem(code, "the vendor says no", status, "req-1"))


def lost_answer(retryable: bool = True) -> ApiError:
    return ApiError(Problem("connection_lost", "broken off", retryable=retryable), doubtful=True)


def partial_failure(retryable: bool = False) -> ApiError:
    problem = Problem("platform_failed", "social 500", 200, retryable=retryable)
    return ApiError(problem, partial=True)


def end_of_task() -> Fatal:
    return Fatal(Problem("unauthorized", "the token was revoked", 401))
