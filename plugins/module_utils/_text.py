# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences, and lists in them.

PRIVATE to the collection.
"""

from __future__ import annotations

from collections.abc import Sequence


def some(names: Sequence[str], limit: int, separator: str = ", ") -> str:
    """Return the first names of a list, up to a limit, and how many more there are."""
    more = len(names) - limit
    return separator.join([*names[:limit], *([f"and {more} more"] if more > 0 else [])])


def ended(sentence: str) -> str:
    """Return a sentence with its full stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
