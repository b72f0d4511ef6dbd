# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which strategy reads accounts with the fewest requests.

PRIVATE to the collection. Nothing here makes a request: these are the rules, and their tests show the results.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

T = t.TypeVar("T")

NONE = "none"
"""Nothing can be read, or nothing was asked for."""
SINGLE = "single"
"""A request for each account."""
LIST = "list"
"""The tenant's accounts, page by page."""
SEARCH = "search"
"""The vendor looks for many at once, or for a part of a name."""
LOOKUP = "lookup"
"""The vendor looks identities up, many at once."""

FEW = 3
"""Accounts that are read one by one at most while the length of the list is not known."""


def in_parts(values: Sequence[T], size: int) -> list[Sequence[T]]:
    """Divide what is asked for into parts of at most so many."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def pages_for(size: int, page: int) -> int:
    """Return how many requests a list of so many accounts takes: an empty one takes a request too."""
    return max(1, -(-size // page))


def strategy_for(singly: int, otherwise: int, page: int, size: int | None) -> str:
    """Return the strategy that takes fewer requests; where both take as many, the one that carries less.

    ``singly``: accounts that a single request can read; ``otherwise``: those that only the list can find, which
    then shows the others as well. ``page``: accounts a page. ``size``: accounts in the list, or in what is left of it;
    None where that is not known.
    """
    if otherwise:
        return LIST
    if not singly:
        return NONE
    return SINGLE if singly <= (FEW if size is None else pages_for(size, page)) else LIST


def size_unread(read: int, page: int, found: int, wanted: int) -> int:
    """Estimate how many entries of a list remain when the API does not report a total: as many as were read.

    A change to single reads by this estimate sends at most twice as many requests as the better strategy. If more than
    one account for each page was found, the wanted accounts that remain are likely to need fewer pages than accounts.
    """
    return (wanted * read // found if found > read else read) * page


def next_pages(read: int, known: int | None, concurrency: int) -> int:
    """Return how many pages to ask for side by side after so many.

    ``known``: pages that there are. Beyond them, and where that is not known, half as many as there were: the end may
    be among them, and what was asked for behind it was in vain.
    """
    if known is not None and read < known:
        return min(concurrency, known - read)
    return max(1, min(concurrency, read // 2))
