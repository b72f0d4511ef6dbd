# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The parts of every mock vendor: accounts with a history, switches, tokens."""

from __future__ import annotations

import bisect
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from .tokens import Tokens
from .wire import Answer, Call

Account = dict[str, Any]
T = TypeVar("T")


class MockError(Exception):
    """An invalid command on the control port. The response is 400 with the text."""


def now_text() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def is_email(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None


class Store:
    """Accounts by id, with indexes and a journal.

    An account is replaced, never altered, so that a view of the past is cheap.
    """

    def __init__(self, **keys: Callable[[Account], Iterable[str]]) -> None:
        self._keys = keys
        self.version = 0
        self.load({})

    def load(self, rows: Mapping[str, Account]) -> None:
        self.rows: dict[str, Account] = {}
        self._ids: list[str] | None = None
        self.journal: list[tuple[float, str, Account | None]] = []
        self._index: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in self._keys}
        for row_id, account in rows.items():
            self._set(row_id, account)

    def put(self, row_id: str, account: Account) -> None:
        self.journal.append((time.monotonic(), row_id, self.rows.get(row_id)))
        self._set(row_id, account)

    def remove(self, row_id: str) -> None:
        self.journal.append((time.monotonic(), row_id, self.rows.get(row_id)))
        self._set(row_id, None)

    def rollback(self, position: int) -> None:
        while len(self.journal) > position:
            _at, row_id, before = self.journal.pop()
            self._set(row_id, before)

    def _set(self, row_id: str, account: Account | None) -> None:
        self.version += 1
        before = self.rows.get(row_id)
        for name, keys in self._keys.items():
            index = self._index[name]
            if before is not None:
                for key in keys(before):
                    index[key] = tuple(other for other in index[key] if other != row_id)
            if account is not None:
                for key in keys(account):
                    index[key] = (*index.get(key, ()), row_id)
        if (before is None) != (account is None):
            self._ids = None
        if account is None:
            self.rows.pop(row_id, None)
        else:
            self.rows[row_id] = account

    @property
    def ids(self) -> list[str]:
        if self._ids is None:
            self._ids = list(self.rows)
        return self._ids

    def position(self, lag: Mapping[str, float] | None) -> int:
        """Where in the journal a reader stands who lags behind by so many writes or seconds."""
        if not lag:
            return len(self.journal)
        if "writes" in lag:
            return max(0, len(self.journal) - int(lag["writes"]))
        return bisect.bisect_left(self.journal, time.monotonic() - lag["seconds"], key=lambda entry: entry[0])

    def view(self, position: int) -> View:
        undone: dict[str, Account | None] = {}
        for _at, row_id, before in reversed(self.journal[position:]):
            undone[row_id] = before
        return View(self, undone)

    def lookup(self, name: str, key: str) -> tuple[str, ...]:
        return self._index[name].get(key, ())

    def keys_of(self, name: str, account: Account) -> Iterable[str]:
        return self._keys[name](account)


class View:
    """The accounts at one moment: now, or before the latest writes."""

    def __init__(self, store: Store, undone: dict[str, Account | None]) -> None:
        self._store = store
        self._undone = undone

    @property
    def fresh(self) -> bool:
        return not self._undone

    def get(self, row_id: str) -> Account | None:
        if row_id in self._undone:
            return self._undone[row_id]
        return self._store.rows.get(row_id)

    def find(self, index: str, key: str) -> list[Account]:
        hits = [self._store.rows[row_id] for row_id in self._store.lookup(index, key) if row_id not in self._undone]
        hits += [old for old in self._undone.values() if old is not None and key in self._store.keys_of(index, old)]
        return hits

    @cached_property
    def ids(self) -> list[str]:
        if not self._undone:
            return self._store.ids
        live = [row_id for row_id in self._store.ids if self._undone.get(row_id, True) is not None]
        return live + [r for r, old in self._undone.items() if old is not None and r not in self._store.rows]

    def page(self, start: int, stop: int) -> list[Account]:
        return [account for row_id in self.ids[start:stop] if (account := self.get(row_id)) is not None]

    def __iter__(self) -> Iterator[Account]:
        return (account for row_id in self.ids if (account := self.get(row_id)) is not None)


@dataclass
class Pending:
    """A change that was accepted but is applied later."""

    reads: int | None
    due: float
    apply: Callable[[], None]
    call: Call


# A switch is (default, further choices...); with the default alone any value goes.
Switches = dict[str, tuple[Any, ...]]

COMMON: Switches = {"list_lag": (None,), "get_lag": (None,), "request_id": (None,)}
LISTS: Switches = {"list_limit": (None,), "canary": (200, 404, 403), "list": ("everybody", "empty")}
"""Of a list: after how many users it is cut short, whether it shows anybody; and how single reads are answered."""
TOKEN: Switches = {
    "token_ttl": (3600,),
    "token_single": (False, True),
    "token_expires_in": ("number", "string", "absent"),
}


class Vendor(ABC):
    name: ClassVar[str]
    services: ClassVar[tuple[str, ...]]
    switches: ClassVar[Switches]
    login: ClassVar[tuple[str, ...]]
    """The options that log in, when a test does not ask for another grant."""
    opened: ClassVar[Account]
    """The native fields of an account in use."""
    closed: ClassVar[Account]
    """The native fields of an account that the collection closed."""
    native_keys: ClassVar[Mapping[str, str]] = {}
    """The native field of a key that has another name there."""
    requests_to_count: ClassVar[int] = 1
    """Requests that it takes to count the accounts in use of a short list."""

    def __init__(self) -> None:
        self.store = self.new_store()
        self.tokens = Tokens(self.name)
        self.ready: dict[str, str] = {}
        self.reset()

    @classmethod
    def named(cls, email: str) -> Account:
        """The native fields by which the account of an e-mail address is named."""
        return {"email": email}

    @classmethod
    def address(cls, account: Account) -> str:
        """The e-mail address of an account that `named` named."""
        return str(account["email"])

    @classmethod
    def is_closed(cls, account: Account) -> bool:
        return cls.closed.items() <= account.items()

    @classmethod
    def with_key(cls, key: str, value: Any) -> Account:
        """The native fields of an account that answers to a key of the modules."""
        return cls.named(value) if key == "email" else {cls.native_keys.get(key, key): str(value)}

    def reset(self) -> None:
        self.switch: dict[str, Any] = {name: choices[0] for name, choices in self.switches.items()}
        self.pending: list[Pending] = []
        self.tokens.reset()

    def set_switches(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            choices = self.switches.get(name)
            if choices is None:
                raise MockError(f"{self.name} has no switch {name}; it has {', '.join(sorted(self.switches))}")
            if len(choices) > 1 and value not in choices:
                raise MockError(f"switch {name} of {self.name} is one of {choices}, not {value!r}")
        self.switch.update(values)

    def seed(self, accounts: Iterable[Mapping[str, Any]]) -> None:
        rows: dict[str, Account] = {}
        for number, account in enumerate(accounts, 1):
            row_id, filled = self.fill(dict(account), number)
            if row_id in rows:
                raise MockError(f"{self.name}: two accounts with id {row_id}")
            rows[row_id] = filled
        self.pending = []
        self.store.load(rows)

    def populate(self, count: int) -> None:
        self.seed(self.person(number) for number in range(1, count + 1))

    def kind(self, call: Call) -> str:
        if self.is_token(call):
            return "token"
        return "read" if call.method in ("GET", "HEAD", "OPTIONS") or self.is_reading(call) else "write"

    def is_reading(self, call: Call) -> bool:
        """A request that reads although its method is not GET."""
        return False

    @property
    def stores(self) -> tuple[Store, ...]:
        """Everything that requests change, and that a fault undoes."""
        return (self.store,)

    def view(self, call: Call, listing: bool, store: Store | None = None) -> View:
        store = store or self.store
        position = store.position(self.switch.get("list_lag" if listing else "get_lag"))
        if call.stale is not None:
            position = min(position, call.stale.stale_position(store, listing))
        view = store.view(position)
        call.behind |= not view.fresh
        return view

    def respond(self, call: Call) -> Answer:
        """Answer a request, and keep in it whose state it has changed."""
        self._answering = call
        return self._noted(call, lambda: self.answer(call))

    def _noted(self, call: Call, act: Callable[[], T]) -> T:
        position = len(self.store.journal)
        result = act()
        for _at, row_id, before in self.store.journal[position:]:
            words = self.word(before), self.word(self.store.rows.get(row_id))
            if words[0] != words[1]:
                effect = {"id": row_id, "before": words[0], "after": words[1], "at": time.time()}
                call.effects.append(effect)
        return result

    def later(self, when: Mapping[str, float] | None, apply: Callable[[], None]) -> None:
        if not when:
            apply()
            return
        self._answering.late = True
        reads = int(when["reads"]) if "reads" in when else None
        self.pending.append(Pending(reads, time.monotonic() + when.get("seconds", 0), apply, self._answering))

    def settle(self, everything: bool = False) -> None:
        """Before a read: apply what has become due."""
        for change in list(self.pending):
            if change.reads and not everything:
                change.reads -= 1
            elif everything or change.reads == 0 or time.monotonic() >= change.due:
                self.pending.remove(change)
                self._noted(change.call, change.apply)

    def credential(self, call: Call) -> str:
        return call.headers.get("Authorization", "").partition(" ")[2].strip()

    def is_token(self, call: Call) -> bool:
        return False

    @abstractmethod
    def new_store(self) -> Store: ...

    @abstractmethod
    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        """The entry of the ready file, given the addresses of the vendor's services."""

    @abstractmethod
    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        """A complete native account from what was given, with its id."""

    @abstractmethod
    def word(self, account: Account | None) -> str | None:
        """The vendor's own word for the state of an account; None where there is none any more."""

    @abstractmethod
    def person(self, number: int) -> Account:
        """The n-th account of a population."""

    @abstractmethod
    def answer(self, call: Call) -> Answer: ...

    @abstractmethod
    def error(self, status: int, text: str) -> Answer:
        """An error in the vendor's own form."""
