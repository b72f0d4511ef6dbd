# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that are most likely misspelt: Ansible ignores a variable that nothing reads.

PRIVATE to the collection.
"""

from __future__ import annotations

import difflib
import re
import typing as t
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

from ._catalog import VENDORS
from ._role_variables import VARIABLES, option_variables
from ._values import names_of, tolerant

OWN = "offboard_"
"""The prefix that belongs to the collection: no other name may have it."""
OTHER_PREFIXES = ("audit_", "reinstate_", "preflight_", *(f"{name}_" for name in VENDORS))
ELSEWHERE = ("offboard_result", "offboard_webhook_host", "offboard_webhook_port", "offboard_webhook_token")
"""What other parts of the collection than the role's variables use: the fact of a run, and the rulebooks."""
LONG = 8
"""Letters from which on two errors in a name are still taken for a misspelling."""
KNOWN = frozenset(
    (*VARIABLES, *ELSEWHERE, *(name for info in VENDORS.values() for name in option_variables(info).values()))
)


def misspelt_faults(variables: Mapping[str, t.Any], own: t.Any) -> list[str]:
    """Return a message for each variable that nothing reads, although it is named like one of the collection.

    ``own``: the value of offboard_own_variables, shell patterns of names that belong to something else.
    """
    patterns: list[str] = tolerant(names_of, own, [])
    faults = []
    for name, value in variables.items():
        if name in KNOWN or any(fnmatchcase(name, pattern) for pattern in patterns) or _is_registered(value):
            continue
        if name.startswith(OWN):
            near = difflib.get_close_matches(name, KNOWN, 1)
        elif not (near := _nearly(name)):
            continue
        meant = f" Is {near[0]} meant?" if near else ""
        faults.append(
            f"{name} is not a variable of this collection and has no effect.{meant} Correct the name, or add it to "
            "offboard_own_variables if it belongs to something else."
        )
    return faults


def _nearly(name: str) -> list[str]:
    """Return the variables that a name may stand for which does not begin with `offboard_`.

    It may differ in capitals and underscores, in a letter or two behind a prefix, or in one letter of `offboard_`.
    """
    found = _SQUASHED.get(_squashed(name))
    if found and not name.startswith("_"):
        return [found]
    if name.startswith(OTHER_PREFIXES):
        return sorted(known for known in KNOWN if is_near(name, known))
    prefix, _mark, rest = name.partition("_")
    known = f"{OWN}{rest}"
    return [known] if known in KNOWN and distance(f"{prefix}_", OWN) == 1 else []


def _squashed(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


_SQUASHED = {_squashed(name): name for name in VARIABLES}


def _is_registered(value: t.Any) -> bool:
    """Return whether a variable is the result of a task."""
    return isinstance(value, Mapping) and ("changed" in value or "failed" in value or "skipped" in value)


def is_near(name: str, known: str) -> bool:
    """Return whether a name is a known one with an error or two in it, or has its words in another order or number."""
    if _words(name) == _words(known):
        return True
    return distance(name, known) <= (2 if len(name) >= LONG else 1)


def _words(name: str) -> Collection[str]:
    return sorted(word.rstrip("s") for word in name.split("_"))


def distance(one: str, other: str) -> int:
    """Return the Damerau-Levenshtein distance, in which two letters that are swapped count as one error."""
    if abs(len(one) - len(other)) > 2:
        return abs(len(one) - len(other))
    above: list[int] = []
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, above, row = above, row, [number]
        for place, second in enumerate(other, 1):
            cost = min(above[place] + 1, row[-1] + 1, above[place - 1] + (letter != second))
            if number > 1 and place > 1 and letter == other[place - 2] and one[number - 2] == second:
                cost = min(cost, before[place - 2] + 1)
            row.append(cost)
    return row[-1]
