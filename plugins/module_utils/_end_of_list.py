# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a list was read to its end: what its pages prove of that, and what contradicts it.

PRIVATE to the collection. A total and a short page prove nothing. The end is proven by the page after it, which is
empty or has no new id, or by a cursor that ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ._model import Problem

PATIENCE = 100
"""Pages in a row without a new id, each with a further cursor, after which a list has no end."""


@dataclass
class EndOfList:
    """Takes the pages of one list in their order.

    ``total``: the last total that was stated, unless it is only the size of its page. ``data_pages``: pages that had a
    new id.
    """

    ids: set[str] = field(default_factory=set)
    first: tuple[str, ...] = ()
    total: int | None = None
    data_pages: int = 0
    rows: int = 0
    ended: bool = False
    repeated: bool = False
    """Whether the page after the last one repeats rows, which a server that ignores the start index does as well."""
    skips: bool = False
    """Whether users may be between two pages, since one was shorter than the place of the next one implies."""
    _shrunk: bool = False
    _overlaps: bool = False
    _stuck: bool = False
    _idle: int = 0
    _fault: str | None = None

    def take(self, ids: Sequence[str], total: int | None, *, asked: int | None) -> bool:
        """Take a page that was read by its start index, and return whether the list ends with it.

        ``asked``: how many rows the page could have had, where that is known.
        """
        new = self._take(ids, total)
        if new:
            return False
        self.ended = True
        if ids:
            self.repeated = True
            self._stuck = asked is not None and len(ids) >= asked
        return True

    def take_by_cursor(self, ids: Sequence[str], total: int | None, *, cursor: str | None) -> bool:
        """Take a page that was read by a cursor, and return whether the list ends with it.

        ``cursor``: the one for the next page.
        """
        new = self._take(ids, total)
        self._idle = 0 if new or cursor is None else self._idle + 1
        self._stuck = self._idle > PATIENCE or (self._idle > 0 and bool(ids))
        self.ended = cursor is None or self._stuck
        return self.ended

    def _take(self, ids: Sequence[str], total: int | None) -> int:
        before = len(self.ids)
        self.first = self.first or tuple(ids[:2])
        self.ids.update(ids)
        new = len(self.ids) - before
        self.rows += len(ids)
        self.data_pages += new > 0
        self._overlaps |= 0 < new < len(ids)
        if total is not None and total != len(ids):
            self._shrunk |= self.total is not None and total < self.total
            self.total = total
        return new

    def paging_works(self, works: bool) -> None:
        """Take whether the start index has an effect, where one page had all the rows and the next one repeated it."""
        if not works:
            self._fault = "the list shows the same users whatever start index is requested"

    @property
    def needs_probe(self) -> bool:
        """Whether it must be tried if the start index has an effect at all."""
        return self.repeated and not self._stuck and self.data_pages < 2

    @property
    def hides_rows(self) -> bool:
        """Whether the list states more users than it shows."""
        return self.total is not None and self.total > len(self.ids)

    @property
    def fault(self) -> str | None:
        """Return why the list is not proven to be whole; None where it is, as far as it is not empty."""
        if self._fault is not None:
            return self._fault
        if not self.ended:
            return "the list was not read to its end"
        if self._shrunk:
            return "the list became shorter while it was read"
        if self.hides_rows:
            return f"the list states {self.total} users and shows {len(self.ids)}"
        if self._stuck:
            return "the list repeats a page instead of ending"
        if self._overlaps and self.total != len(self.ids):
            return "pages of the list overlap"
        if self.skips and self.total != len(self.ids):
            return "a page that is not the last one is shorter than requested"
        return None

    def give_up(self, fault: str) -> None:
        """Take why the list cannot be proven to be whole, apart from its pages."""
        self.ended = True
        self._fault = fault


_UNPROVEN = "No account was found, and that there is none is not proven: "


def unproven(reason: str) -> Problem:
    """Return the problem of a key that was not found, and is not proven to be missing."""
    return Problem("unproven", f"{_UNPROVEN}{reason}")


def gap_of(problem: Problem) -> str:
    """Return why a list is not proven to be whole, where no key was looked for."""
    return problem.message.removeprefix(_UNPROVEN)


def hidden(total: int, shown: int) -> Problem:
    """Return the problem of a list that states more users than it shows."""
    return Problem(
        "no_rights",
        f"The server states {total} users and shows {shown}, so a user who is not shown is not proven to be missing. "
        "The credential lacks the right to see all users",
    )


def unreadable(name: str, cause: Problem | None) -> Problem:
    """Return the problem of a list whose last user cannot be read alone. ``cause``: the server's error, if any."""
    because = "" if cause is None else f" ({cause.message})"
    problem = unproven(f"a user of the list cannot be read by {name}{because}")
    return replace(problem, code="no_rights") if cause is not None and cause.status == 403 else problem
