# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which strategy reads accounts with the fewest requests.

PRIVATE to the collection. Nothing here makes a request: these are the rules, and what they come to is in their tests.
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
"""Up to how many accounts are read one by one while nobody knows how long the list is."""


def in_parts(values: Sequence[T], size: int) -> list[Sequence[T]]:
    """Divide what is asked for into parts of at most so many."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def pages_for(size: int, page: int) -> int:
    """Return how many requests a list of so many accounts takes: an empty one takes a request too."""
    return max(1, -(-size // page))


def strategy_for(singly: int, otherwise: int, page: int, size: int | None) -> str:
    """Return the strategy that takes fewer requests; where both take as many, the one that carries less.

    ``singly``: accounts that a request of its own can read; ``otherwise``: those that only the list can find, which
    then shows the others as well. ``page``: accounts a page. ``size``: accounts in the list, or in what is left of it;
    None where that is not known.
    """
    if otherwise:
        return LIST
    if not singly:
        return NONE
    return SINGLE if singly <= (FEW if size is None else pages_for(size, page)) else LIST


def size_unread(read: int, page: int, found: int, wanted: int) -> int:
    """Return for how long the rest of a list is taken whose end nobody tells: as long again as what was read of it.

    Whoever changes over to single reads by that sends at most twice as many requests as the better one takes. Where
    more than one a page were found, those who are still wanted are likely to come in fewer pages than they are.
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
