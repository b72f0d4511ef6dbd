# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Which of several turns counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Timed(Protocol):
    @property
    def wall(self) -> float: ...


T = TypeVar("T", bound=Timed)


def median_of(turns: Sequence[T]) -> T:
    """The turn in the middle by its time; of an even number, the slower of the two."""
    return sorted(turns, key=lambda turn: turn.wall)[len(turns) // 2]
