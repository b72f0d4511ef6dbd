# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor without a search: some keys can be read singly, and all others are looked for in a list in pages.

PRIVATE to the collection. Each page is dropped after it was read: only requested accounts are kept.
"""

from __future__ import annotations

import abc
import threading
import typing as t
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from ._end_of_list import EndOfList, gap_of, hidden, unproven, unreadable
from ._faults import ApiError, Fatal
from ._match import Matcher, Reading
from ._model import ABSENT, GONE, Account, Key, LookupResult, Problem
from ._reading import LIST, SINGLE, in_parts, next_pages, size_unread, strategy_for
from ._reply import Reply, Row
from ._threads import gather
from ._transport import Transport
from ._vendor import Listing, Vendor

Values: t.TypeAlias = Mapping[str, Sequence[t.Any]]
Wave: t.TypeAlias = "Iterator[list[Row]]"
"""Pages that were asked for side by side, in their order, each unpacked when it is its turn."""

LIST_ONLY = frozenset(("email",))
"""Keys that may name two accounts: only the whole list shows whether they do."""
MAX_PAGES = 20_000
"""No tenant has as many."""


@dataclass(frozen=True)
class Page:
    """A page of a list.

    ``asked``: how many rows it could have had; None: it proves nothing of the end. ``following``: the place where the
    next page begins. ``is_last``: whether it looks like the last one, which is no proof.
    """

    rows: list[Row]
    asked: int | None
    following: int
    is_last: bool
    total: int | None = None


@dataclass
class Pages:
    """Reads a list in pages, the first one alone and then several side by side.

    ``fetch``: a page by the place where it begins, from 0. ``unpack``: called for the pages in their order. ``step``:
    from one place to the next. ``known``: how many pages there are. ``end``: what the pages prove.
    """

    fetch: Callable[[int], Reply]
    unpack: Callable[[int, Reply], Page]
    step: int
    known: Callable[[], int | None]
    concurrency: int
    end: EndOfList = field(default_factory=EndOfList)
    _read: int = 0
    _place: int = 0
    _is_behind: bool = False
    """Whether the last page that was read looks like the last one."""
    _ahead: deque[tuple[int, Reply | ApiError]] = field(default_factory=deque)

    def waves(self, *, to_proof: bool) -> Iterator[Wave]:
        """Read on to a page that looks like the last one, or to the one that proves the end.

        A page that cannot be read is an error, unless it is behind one that looks like the last.
        """
        while not self._is_over(to_proof):
            if not self._is_ahead():
                width = 1 if self._is_behind else next_pages(self._read, self.known(), self.concurrency)
                places = range(self._place, self._place + width * self.step, self.step)
                self._ahead = deque(zip(places, gather(self._attempt, places, self.concurrency), strict=True))
            wave = self._unpacked(to_proof)
            yield wave
            # The end of the list is found by reading this wave, also where the caller has not read it.
            for _rows in wave:
                pass

    def _is_over(self, to_proof: bool) -> bool:
        return self.end.ended or (self._is_behind and not to_proof)

    def _is_ahead(self) -> bool:
        """Whether the next page is here. A page that was shorter than expected moves all that follow."""
        return bool(self._ahead) and self._ahead[0][0] == self._place

    def _attempt(self, place: int) -> Reply | ApiError:
        try:
            return self.fetch(place)
        except Fatal:
            raise
        except ApiError as exc:
            return exc

    def _unpacked(self, to_proof: bool) -> Wave:
        while self._is_ahead() and not self._is_over(to_proof):
            _place, answer = self._ahead.popleft()
            if isinstance(answer, ApiError):
                if not self._is_behind:
                    raise answer
                self.end.give_up(f"the page after the last one cannot be read ({answer.problem.message})")
                return
            page = self.unpack(self._place, answer)
            new = [row for row in page.rows if row["id"] not in self.end.ids]
            if page.asked is not None:
                self.end.take([row["id"] for row in page.rows], page.total, asked=page.asked)
            self._read, self._place, self._is_behind = self._read + 1, page.following, page.is_last
            if self._read >= MAX_PAGES and not self.end.ended:
                self.end.give_up("the list does not end")
            yield new


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
        self._ends: list[EndOfList] = []
        """What is proven of the lists that were read last."""
        self._canaries: dict[str, Row] = {}
        """The last user of these lists who has a key, by the key's field."""
        self._reads_by: set[str] = set()
        """The fields by which single reads have found an account in this task."""

    @abc.abstractmethod
    def everybody(self, matcher: Matcher | None = None) -> Iterator[Wave]:
        """Read the list. ``matcher``: of several lists, those are read in which a key that is not found yet may be.

        To its proven end, unless all keys of the matcher were found before.
        """

    @abc.abstractmethod
    def read_one(self, field: str, value: str) -> Row | Problem | None:
        """Read the account that a key other than an e-mail names, or that has nearly that name."""

    @abc.abstractmethod
    def read_at(self, place: int) -> Sequence[Row]:
        """Read a page of one, which begins after so many users. Raises ApiError."""

    def read_page(self) -> int:
        return len(self.read_at(0))

    @abc.abstractmethod
    def account_of(self, row: Row) -> Account: ...

    @abc.abstractmethod
    def values_of(self, row: Row) -> Values: ...

    def size_known(self) -> int | None:
        """Return how many accounts the list has, or at least as far as it was read; None if that is not known yet."""
        return (self._pages or self._pages_seen) * self.page_size or None

    def size_left(self, read: int, found: int, wanted: int) -> int:
        """Return how many accounts the list holds behind so many pages, as far as that is known.

        ``found`` and ``wanted``: how many are found on these pages, and how many are still to be found.
        """
        if self._pages is not None:
            return (self._pages - read) * self.page_size
        return size_unread(read, self.page_size, found, wanted)

    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        """Look for keys. One that was not found is missing if the list is whole and single reads work."""
        self._ends = []
        found = self._find(keys)
        lost = [key for key, each in found.items() if each == LookupResult()]
        if not lost:
            return found
        why = self.why_not_whole() or self._why_found_only_singly(found.values())
        problems = {key: why or self._why_unreadable(key.field) for key in lost}
        return found | {key: LookupResult(problem=problem) for key, problem in problems.items()}

    def _find(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        """Look for keys. All strategies give the same result.

        A key that is no e-mail address and not in the list is read singly, since only that answer proves that there is
        no account. One that a single read misses is looked for in the list, which also shows accounts whose name
        differs in case only, or whose name is the id of another account.
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
            matcher.take(self._seen(rows))
        return pages

    def _seen(self, rows: Iterable[Row]) -> Iterator[tuple[Account, Values]]:
        """Return the accounts of the list with their keys, and keep the last user who has each key."""
        for row in rows:
            account, values = self.account_of(row), self.values_of(row)
            for name, each in values.items():
                # One who is deleted may be hidden from single reads.
                if each and isinstance(each[0], str) and (account.condition != GONE or name not in self._canaries):
                    self._canaries[name] = row
            yield account, values

    def _read_singly(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        if keys:
            self.transport.counters.used_strategy(SINGLE)
        readings = self.each(lambda key: self.read_one(key.field, key.value), keys)
        found = {key: self._result_of(key, row) for key, row in readings.items()}
        self._reads_by |= {key.field for key, each in found.items() if each.accounts}
        return found

    def _result_of(self, key: Key, row: Row | Problem | None) -> LookupResult:
        if row is None or isinstance(row, Problem):
            return LookupResult(problem=row)
        # The row may be the account of another user whom the same text names.
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
        unseen = [key.value for key in wanted.unfound()]
        # A list that is not proven to be whole does not prove that an account is gone.
        is_proven = not unseen or (self.why_not_whole() or self._why_unreadable("user_id")) is None
        listed: dict[str, Reading] = {
            key.value: next(iter(each.accounts), None) for key, each in wanted.lookup_results().items()
        }
        return listed if is_proven else {**listed, **self.each(self._reread_one, unseen)}

    def _reread_one(self, user_id: str) -> Reading:
        row = self.read_one("user_id", user_id)
        if row is None or isinstance(row, Problem):
            return row
        return self.account_of(row) if row["id"] == user_id else None

    def prove_listing(self) -> None:
        """See to it that the list has answered once. Raises ApiError."""
        with self._proving:
            if not self._listing_works:
                self.read_at(0)

    # -- proofs

    def read_lists(self, lists: Iterable[Pages], matcher: Matcher | None = None) -> Iterator[Wave]:
        """Read lists one after the other, and to their proven ends unless the matcher has found everybody before."""
        self._ends, self._canaries = [], {}
        read: list[Pages] = []
        for pages in lists:
            read.append(pages)
            self._ends.append(pages.end)
            yield from pages.waves(to_proof=False)
        for pages in read:
            if matcher is not None and not matcher.lost():
                return
            yield from pages.waves(to_proof=True)
            self._probe(pages.end)

    def _probe(self, end: EndOfList) -> None:
        """See whether the place of a page has an effect, where the page after the last one repeats it."""
        if end.needs_probe:
            rows = self.read_at(len(end.ids) - 1)
            end.paging_works(bool(rows) and rows[0]["id"] in end.ids and rows[0]["id"] != end.first[0])

    def list_into(self, listing: Listing, lists: Iterable[Pages]) -> None:
        """Read lists into a listing, and note why they are not proven to be whole."""
        for wave in self.read_lists(lists):
            for rows in wave:
                listing.add(self.account_of(row) for row in rows)
        if (why := self.why_not_whole()) is not None:
            listing.gaps.append(gap_of(why))

    def why_not_whole(self) -> Problem | None:
        """Return why the lists that were read last do not prove that they show everybody."""
        shown = sum(len(end.ids) for end in self._ends)
        stated = max((end.total or 0 for end in self._ends), default=0)
        if stated and not shown:
            return hidden(stated, shown)
        faults = [end.fault for end in self._ends if end.fault is not None]
        if faults or not self._ends:
            return unproven(faults[0] if faults else "the list was not read")
        if not shown:
            return unproven("the list of users is empty. Check the address options, and the credential")
        return None

    def _why_found_only_singly(self, found: Iterable[LookupResult]) -> Problem | None:
        """Return that the list hides users, if it lacks any who was found otherwise. One who is deleted may be."""
        accounts = [account for each in found for account in each.accounts if account.condition.state != ABSENT]
        unlisted = [account.id for account in accounts if not any(account.id in end.ids for end in self._ends)]
        return (
            unproven(f"the list lacks users who can be read (ids {', '.join(sorted(unlisted)[:5])})")
            if unlisted
            else None
        )

    def _why_unreadable(self, field: str) -> Problem | None:
        """Return why a single read by a key proves nothing: it does not find a user of the list. Asked once."""
        name = "user_id" if field in LIST_ONLY else field
        if name in self._reads_by:
            return None
        row = self._canaries.get(name)
        if row is None:
            return unproven(f"no user in the list shows a {name}")
        try:
            with self.transport.counters.reading_again():
                alone = self.read_one(name, self.values_of(row)[name][0])
        except Fatal:
            raise
        except ApiError as exc:
            alone = exc.problem
        if alone is None or isinstance(alone, Problem) or alone["id"] != row["id"]:
            return unreadable(name, alone if isinstance(alone, Problem) else None)
        self._reads_by.add(name)
        return None
