# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pilot: if the result of a change is not known, one account is changed alone before the others follow.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from ._decide import Step
from ._threads import gather
from ._vendor import Vendor

R = t.TypeVar("R")


def write_in_turn(vendor: Vendor, write: Callable[[Step], R], steps: Sequence[Step], concurrency: int) -> list[R]:
    """Write steps that have a change: alone and in order as long as they are uncertain, then side by side.

    A pilot that failed has shown nothing, so that the next one goes alone as well.
    """
    alone: list[R] = []
    others: list[Step] = []
    for step in steps:
        if step.change is not None and vendor.is_uncertain(step.change):
            alone.append(write(step))
        else:
            others.append(step)
    return [*alone, *gather(write, others, concurrency)]
