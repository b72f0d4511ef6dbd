# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts of the requests of a task and of what they returned.

PRIVATE to the collection.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Counters:
    """What was sent, and what came in. ``sent`` leaves token requests out; they are ``tokens``.

    ``pages`` are answers that hold a list of accounts; ``accounts`` are those in lists and those read singly, until
    ``read_back`` is set: those that follow are read again.
    ``strategies`` are those by which accounts were looked up, in order.
    """

    sent: int = 0
    retried: int = 0
    tokens: int = 0
    waits: int = 0
    waited: float = 0.0
    pages: int = 0
    accounts: int = 0
    read_back: bool = False
    strategies: list[str] = field(default_factory=list)
    watch: Callable[[Counters], None] | None = field(default=None, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def goes_out(self, *, token: bool, again: bool) -> None:
        with self._lock:
            if token:
                self.tokens += 1
            else:
                self.sent += 1
                self.retried += again
            if self.watch is not None:
                self.watch(self)

    def count_read(self, accounts: int, pages: int = 0) -> None:
        with self._lock:
            self.accounts += 0 if self.read_back else accounts
            self.pages += pages

    @contextlib.contextmanager
    def reading_again(self) -> Iterator[None]:
        """Count no account that is read meanwhile: it was read before, and is read once more as a proof."""
        before, self.read_back = self.read_back, True
        try:
            yield
        finally:
            self.read_back = before

    def used_strategy(self, strategy: str) -> None:
        with self._lock:
            if strategy not in self.strategies:
                self.strategies.append(strategy)

    def as_result(self) -> dict[str, int]:
        return {"sent": self.sent, "retried": self.retried, "tokens": self.tokens}
