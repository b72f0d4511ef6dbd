# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extra variables as they were typed.

PRIVATE to the collection. AWX writes the answers of a survey to a file of extra variables, each as `!unsafe '0012345'`.
ansible-core 2.19 and later read such a text once more, as a number, a boolean or nothing; so does YAML with a text
that is not in quotes.
"""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Iterable, Iterator

from ansible import context
from ansible.parsing.splitter import parse_kv

from ._leavers import EXPRESSION_MARKS

UNSAFE = "!unsafe"
TYPED = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "timestamp"))
"""What YAML takes a text for that a person typed without quotes."""


def typed_texts() -> dict[str, str]:
    """Return the texts among the extra variables of the command line, by name, without any reading of them.

    Templates are left out, unless they are marked as texts. A file that cannot be read, or is vaulted, has none.
    """
    found: dict[str, str] = {}
    for values in _documents():
        for name, value in values:
            found.pop(name, None)
            if value is not None:
                found[name] = value
    return found


def _values_in(content: str) -> Iterator[tuple[str, str | None]]:
    """Yield the variables of a document, each with its text as it was typed; None for what is no text."""
    import yaml  # only the controller has it, and modules import this package

    try:
        # YAML reads pairs of escapes in JSON as two halves of a character.
        values = json.loads(content, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, dict):
        for name, value in values.items():
            yield name, value if isinstance(value, str) and not _is_template(value) else None
        return
    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.YAMLError:  # ansible-core has refused it, or it is key=value
        return
    for key, node in root.value if isinstance(root, yaml.MappingNode) else ():
        # A vaulted value, or one of another tag, is what ansible-core makes of it.
        is_text = isinstance(node, yaml.ScalarNode) and (
            node.tag == UNSAFE or (node.tag in TYPED and not _is_template(node.value))
        )
        yield str(key.value), str(node.value) if is_text else None


def _is_template(text: str) -> bool:
    return any(mark in text for mark in EXPRESSION_MARKS)


def as_typed(value: t.Any, typed: str | None, *, is_text: bool) -> t.Any:
    """Return a variable as it was typed, where ansible-core made something else of it. ``typed``: if that is known.

    ``is_text``: the variable is a text; of another one only the numbers are corrected.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return typed if typed is not None and (is_text or is_number) else value


def _documents() -> Iterator[Iterable[tuple[str, str | None]]]:
    """Yield the variables of each extra-vars option, in their order."""
    for given in t.cast("tuple[t.Any, ...]", context.CLIARGS.get("extra_vars") or ()):
        text = str(given).strip()
        if text.startswith("@"):
            try:
                with open(os.path.expanduser(text[1:]), encoding="utf-8") as stream:
                    yield _values_in(stream.read())
            except (OSError, UnicodeDecodeError):
                continue
        elif text[:1] in ("{", "["):
            yield _values_in(text)
        else:
            # A value of key=value reaches Ansible as it was typed, and goes before those of the options before it.
            yield ((name, None) for name in parse_kv(text))
