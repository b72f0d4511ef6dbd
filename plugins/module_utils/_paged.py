# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor without a search: some keys can be read singly, and all others are looked for in a list in pages.

PRIVATE to the collection. What is read is dropped page by page: only accounts that somebody asked for are kept.
"""

from __future__ import annotations

import abc
import threading
import typing as t
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

from ._faults import ApiError, Fatal
from ._match import Matcher, Reading
from ._model import Account, Key, LookupResult, Problem
from ._reading import LIST, SINGLE, in_parts, next_pages, size_unread, strategy_for
from ._reply import Reply, Row
from ._threads import gather
from ._transport import Transport
from ._vendor import Vendor

Values: t.TypeAlias = Mapping[str, Sequence[t.Any]]
Wave: t.TypeAlias = "Iterator[list[Row]]"
"""Pages that were asked for side by side, in their order, each unpacked when it is its turn."""

LIST_ONLY = frozenset(("email",))
"""Keys that may name two accounts, so that only the whole list tells."""


def waves(
    fetch: Callable[[int], Reply],
    unpack: Callable[[int, Reply], tuple[list[Row], bool]],
    known: Callable[[], int | None],
    concurrency: int,
) -> Iterator[Wave]:
    """Read a list in pages, the first one alone and then several side by side, up to the last.

    ``fetch``: a page by its number from 0. ``unpack``, called for the pages in their order: what is new in a page, and
    whether the list ends with it. ``known``: how many pages there are. A page that cannot be read is an error unless
    the list ended before it.
    """
    read = 0
    ended = False

    def attempt(number: int) -> Reply | ApiError:
        try:
            return fetch(number)
        except Fatal:
            raise
        except ApiError as exc:
            return exc

    def unpacked(answers: deque[Reply | ApiError]) -> Wave:
        nonlocal read, ended
        while answers and not ended:
            answer = answers.popleft()
            if isinstance(answer, ApiError):
                raise answer
            rows, ended = unpack(read, answer)
            read += 1
            yield rows

    while not ended:
        numbers = range(read, read + next_pages(read, known(), concurrency))
        wave = unpacked(deque(gather(attempt, numbers, concurrency)))
        yield wave
        # Whoever asks for the next one without a look at this one has yet to be told where the list ends.
        for _rows in wave:
            pass


class PagedVendor(Vendor):
    """Finds accounts singly or by the list, whichever takes fewer requests."""

    page_size: t.ClassVar[int]

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        self._listing_works = False
        self._proving = threading.Lock()
        self._pages: int | None = None
        """How many pages the list has, once it is known."""
        self._pages_seen = 0
        """How many it has at least, and those who were found by it are in these."""

    @abc.abstractmethod
    def everybody(self, matcher: Matcher | None = None) -> Iterator[Wave]:
        """Read the list; ``matcher``: where it is made of several, as far as somebody is not found yet."""

    @abc.abstractmethod
    def read_one(self, field: str, value: str) -> Row | Problem | None:
        """Read the account that a key other than an e-mail names, or that has nearly that name."""

    @abc.abstractmethod
    def read_any(self) -> int:
        """Read a page of one, to see whether the list answers; return how many are on it. Raises ApiError."""

    def read_page(self) -> int:
        return self.read_any()

    @abc.abstractmethod
    def account_of(self, row: Row) -> Account: ...

    @abc.abstractmethod
    def values_of(self, row: Row) -> Values: ...

    def size_known(self) -> int | None:
        """Return how many accounts the list holds, or at least as far as it was read; None where nobody knows yet."""
        return (self._pages or self._pages_seen) * self.page_size or None

    def size_left(self, read: int, found: int, wanted: int) -> int:
        """Return how many accounts the list holds behind so many pages, as far as that is known.

        ``found`` and ``wanted``: how many are found on these pages, and how many are still to be found.
        """
        if self._pages is not None:
            return (self._pages - read) * self.page_size
        return size_unread(read, self.page_size, found, wanted)

    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        """Look for keys; all ways come to the same.

        A key that is no e-mail address and not in the list is read singly, since only that answer proves that there is
        no account. One that a single read misses is looked for in the list, which tells of accounts that have nearly
        that name, or that hide behind another one's id.
        """
        matcher = Matcher(keys)
        in_list = sum(key.field in LIST_ONLY for key in keys)
        pages = self.everybody(matcher)
        if strategy_for(len(keys) - in_list, in_list, self.page_size, None) == SINGLE:
            return self._singly(keys, matcher, pages)
        self.transport.counters.used_strategy(LIST)
        read = 0
        for wave in pages:
            read += self._match(matcher, wave)
            if in_list:
                continue
            unfound = matcher.unfound()
            if not unfound:
                break
            left = self.size_left(read, len(keys) - len(unfound), len(unfound))
            if left > 0 and strategy_for(len(unfound), 0, self.page_size, left) == SINGLE:
                return self._singly(unfound, matcher, pages)
        found = matcher.lookup_results()
        return found | self._read_singly(
            [key for key in keys if key.field not in LIST_ONLY and found[key] == LookupResult()]
        )

    def _singly(self, keys: Sequence[Key], matcher: Matcher, pages: Iterator[Wave]) -> dict[Key, LookupResult]:
        """Read keys singly until one is missing, and then go on in the list: it has to be read for that one anyway."""
        found: dict[Key, LookupResult] = {}
        for part in in_parts(keys, self.transport.limits.concurrency):
            found |= self._read_singly(part)
            if LookupResult() in found.values():
                break
        lost = {key: None for key in keys if found.get(key, LookupResult()) == LookupResult()}
        try:
            if lost:
                self._match_all(set(lost), matcher, pages)
        except Fatal:
            raise
        except ApiError as exc:
            return matcher.lookup_results() | found | dict.fromkeys(lost, LookupResult(problem=exc.problem))
        listed = matcher.lookup_results()
        unasked = [key for key in lost if key not in found and listed[key] == LookupResult()]
        return listed | {key: each for key, each in found.items() if key not in lost} | self._read_singly(unasked)

    def _match_all(self, lost: Set[Key], matcher: Matcher, pages: Iterator[Wave]) -> None:
        self.transport.counters.used_strategy(LIST)
        for wave in pages:
            self._match(matcher, wave)
            if lost.isdisjoint(matcher.unfound()):
                return

    def _match(self, matcher: Matcher, wave: Wave) -> int:
        """Match the accounts of some pages and return how many pages these were."""
        pages = 0
        for pages, rows in enumerate(wave, 1):  # noqa: B007
            matcher.take((self.account_of(row), self.values_of(row)) for row in rows)
        return pages

    def _read_singly(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        if keys:
            self.transport.counters.used_strategy(SINGLE)
        readings = self.each(lambda key: self.read_one(key.field, key.value), keys)
        return {key: self._finding(key, row) for key, row in readings.items()}

    def _finding(self, key: Key, row: Row | Problem | None) -> LookupResult:
        if row is None or isinstance(row, Problem):
            return LookupResult(problem=row)
        # What came may be somebody else's account under the same text.
        matcher = Matcher([key])
        matcher.take([(self.account_of(row), self.values_of(row))])
        return matcher.lookup_results()[key]

    def reread(self, accounts: Sequence[Account], *, fresh: bool) -> Mapping[str, Reading]:
        ids = [account.id for account in accounts]
        if fresh or strategy_for(len(ids), 0, self.page_size, self.size_known()) == SINGLE:
            return self.each(self._reread_one, ids)
        wanted = Matcher([Key("user_id", identifier) for identifier in ids])
        for wave in self.everybody(wanted):
            self._match(wanted, wave)
            if not wanted.unfound():
                break
        found = wanted.lookup_results()
        return {key.value: next(iter(lookup_result.accounts), None) for key, lookup_result in found.items()}

    def _reread_one(self, user_id: str) -> Reading:
        row = self.read_one("user_id", user_id)
        if row is None or isinstance(row, Problem):
            return row
        return self.account_of(row) if row["id"] == user_id else None

    def prove_listing(self) -> None:
        """See to it that the list has answered once. Raises ApiError."""
        with self._proving:
            if not self._listing_works:
                self.read_any()
