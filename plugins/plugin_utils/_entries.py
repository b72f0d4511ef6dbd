# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the filters of awx_setup go through lists that users wrote: all faults at once, and no value in them.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Collection, Mapping, Sequence

R = t.TypeVar("R")


class Fault(ValueError):
    """What is wrong with one entry. The message names the field, never its value."""


def is_list(value: t.Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def read_each(entries: Sequence[t.Any], read: Callable[[t.Any], R], name: str) -> tuple[list[R], list[str]]:
    """Read each entry. Return the results of those that are valid, and the faults of the others.

    Faults name an entry by its number, and by its field `name`. `read` raises Fault.
    """
    found: list[R] = []
    faults: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(read(entry))
        except Fault as exc:
            called = entry.get(name) if isinstance(entry, Mapping) else None
            faults.append(f"entry {number}{f' ({called[:40]})' if isinstance(called, str) else ''}, {exc}")
    return found, faults


def with_fields(entry: t.Any, known: Collection[str], needed: str) -> Mapping[str, t.Any]:
    """Return the entry if it is a dict with none but the known fields. Raises Fault."""
    if not isinstance(entry, Mapping):
        raise Fault(f"the entry: is not a dict; write one with {needed}")
    strangers = sorted(str(name)[:40] for name in entry if name not in known)
    if strangers:
        raise Fault(f"{strangers[0]}: is not known; known are {', '.join(known)}")
    return entry
