# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work over threads.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed


def gather(function: Callable[[t.Any], t.Any], items: Iterable[t.Any], concurrency: int) -> list[t.Any]:
    """Call a function for each item over some threads and return the results in the items' order.

    The first exception is raised once the calls under way have ended.
    """
    todo = list(items)
    if len(todo) < 2 or concurrency < 2:
        return [function(item) for item in todo]
    results: list[t.Any] = [None] * len(todo)
    left = deque(range(len(todo)))

    def work() -> None:
        """Take one item after another: a future for each of ten thousand costs more than a thread that goes on."""
        while left:
            try:
                place = left.popleft()
            except IndexError:
                return  # another thread was faster
            try:
                results[place] = function(todo[place])
            except BaseException:
                left.clear()
                raise

    threads = min(concurrency, len(todo))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        try:
            for done in as_completed([pool.submit(work) for _thread in range(threads)]):
                done.result()
        except BaseException:
            left.clear()
            raise
    return results
