# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of a task: work in batches, and lines for the console.

PRIVATE to the collection. A module cannot print while it runs. It writes lines of JSON to a file, and the collection's
action plugin shows them: ``say`` at once, ``now`` when there was nothing to show for a while.
"""

from __future__ import annotations

import contextlib
import json
import math
import time
import typing as t
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ._counters import Counters

T = t.TypeVar("T")

EVERY = 5.0
"""Seconds between two notes on requests that come and go."""


@dataclass(frozen=True)
class Batch(t.Generic[T]):
    """A part of the work: its items, and where it stands."""

    number: int
    of: int
    first: int
    items: Sequence[T]

    def __str__(self) -> str:
        users = f"users {self.first} to {self.first + len(self.items) - 1}" if self.items else "no users"
        return f"batch {self.number} of {self.of} ({users})"


class Progress:
    """The progress of one task. Without ``path`` it is not written. Without ``batch_size`` all is one batch."""

    def __init__(self, path: str | None = None, batch_size: int | None = None) -> None:
        self._path = path
        self._batch_size = batch_size
        self._noted = 0.0

    def batches(self, items: Sequence[T]) -> Iterator[Batch[T]]:
        size = self._batch_size or max(1, len(items))
        of = math.ceil(len(items) / size)
        for number in range(of):
            first = number * size
            yield Batch(number + 1, of, first + 1, items[first : first + size])

    def planned(self, asked: int, changes: int) -> None:
        self._show(f"{asked} users looked for, {changes} to be changed")

    def written(self, batch: Batch[t.Any], changes: int, failed: int) -> None:
        self._show(f"{batch}: {changes - failed} written" + (f", {failed} FAILED" if failed else ""))

    def reading_back(self, accounts: int) -> None:
        if accounts:
            self._show(f"reading back {accounts} accounts")

    def ending(self, sessions: int) -> None:
        if sessions:
            self._show(f"ending {sessions} sessions")

    def found(self, batch: Batch[t.Any], found: int) -> None:
        self._show(f"{batch}: {found} found")

    def listed(self, accounts: int) -> None:
        self._show(f"{accounts} users listed")

    def watch(self, counters: Counters) -> None:
        """Note now and then how many requests have gone out, and what they brought."""
        now = time.monotonic()
        if now - self._noted >= EVERY:
            self._noted = now
            self._write({"now": f"{counters.sent} requests sent, {counters.accounts} accounts read"})

    def _show(self, text: str) -> None:
        if self._batch_size:
            self._write({"say": text})

    def _write(self, line: dict[str, str]) -> None:
        if self._path:
            # The reader has ended, or the disk is full: no reason to stop.
            with contextlib.suppress(OSError), open(self._path, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
