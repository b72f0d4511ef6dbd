# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that are never changed, or may belong to no person: the entries that name them.

PRIVATE to the collection.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._address import trimmed
from ansible_collections.saas.offboarding.plugins.module_utils._match import Patterns, protection_fault
from ansible_collections.saas.offboarding.plugins.module_utils._model import Key, normalized
from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._leavers_file import SHOWN_PROBLEMS, LeaversError
from ._nouns import Leaver


def read_entries(value: t.Any) -> list[str]:
    """Return the keys, ids and patterns of a list, or of a text with one in each line or separated by commas.

    A survey gives a text. Raises LeaversError.
    """
    if isinstance(value, str):
        given: Sequence[t.Any] = [each for each in re.split(r"[,\r\n]+", value) if trimmed(each)]
        if trimmed(value)[:1] in ("[", "{"):
            raise LeaversError("is a list written as a text. Give a list, or a text with one entry in each line")
    elif isinstance(value, list | tuple):
        given = value
    else:
        raise LeaversError("must be a list of strings")
    found = [trimmed(each) if isinstance(each, str) else None for each in given]
    faults = [
        f"entry {number} {fault}"
        for number, entry in enumerate(found, 1)
        if (fault := "is not a string; write it in quotes" if entry is None else protection_fault(entry))
    ]
    if faults:
        raise LeaversError(f"cannot be used: {some(faults, SHOWN_PROBLEMS, '; ')}")
    return [entry for entry in found if entry is not None]


def read_lines(text: str, where: str) -> list[str]:
    """Return the entries of a file, one in each line. Raises LeaversError, which begins with ``where``."""
    if any(char in "\0\ufffd" or "\ud800" <= char <= "\udfff" for char in text):
        raise LeaversError(f"{where}: is not text in UTF-8")
    found: list[str] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = trimmed(line)
        if not entry or entry.startswith("#"):
            continue
        fault = protection_fault(entry)
        if fault is None and re.search(r"[,;\t]|\s#", entry):
            fault = "is not one key, id or shell pattern; write one in each line"
        if fault:
            faults.append(f"line {number} {fault}")
        found.append(entry)
    if faults:
        raise LeaversError(f"{where}: {some(faults, SHOWN_PROBLEMS, '; ')}")
    if not found:
        raise LeaversError(
            f"{where}: protects no account; write a key, an id or a shell pattern in each line, or omit the variable"
        )
    return found


def protected(
    entries: Sequence[str], text: str | None = None, source: str = "", leavers: Iterable[Leaver] = ()
) -> list[str]:
    """Return the keys, ids and patterns of accounts that are never touched. Raises LeaversError.

    ``text``: that of a file ``source``. ``leavers``: where the address of one of them is protected, so are all keys by
    which it is asked for.
    """
    found = [*entries, *([] if text is None else read_lines(text, f"offboard_protected_file {source}"))]
    return [*found, *_keys_of_protected(found, leavers)]


def _keys_of_protected(entries: Sequence[str], leavers: Iterable[Leaver]) -> list[str]:
    patterns = Patterns(entries)
    keys = [
        Key.parse(account).value
        for leaver in leavers
        if patterns.first((leaver["email"],)) is not None
        for account in leaver["accounts"].values()
    ]
    return list(dict.fromkeys(_entry_of(key) for key in keys))


def _entry_of(key: str) -> str:
    """Return an entry that matches a key. Where the key itself is no entry, the entry protects a little more."""
    return re.sub(r"[\W_]", "?", normalized(key)) if protection_fault(key) else key
