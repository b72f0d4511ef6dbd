# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the command ansible-playbook that change what a run does.

PRIVATE to the collection. Ansible states no error for any of them.
"""

from __future__ import annotations

import json
import shlex
import typing as t
from collections.abc import Iterator

from ansible import context
from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv, split_args

from ._role_variables import VARIABLES

HIDDEN = "..."
"""Stands for a value that may be a credential."""
USE_INSTEAD = "Nothing was done. To work on some tenants only, use --limit or offboard_vendors."


def task_selection_faults() -> list[str]:
    """Return what is wrong with options that skip tasks: a playbook of the collection runs as a whole or not at all."""
    tags = [str(tag) for tag in _option("tags") or () if str(tag) != "all"]
    skipped = [str(tag) for tag in _option("skip_tags") or ()]
    start = _option("start_at_task")
    given = [
        *([f"--tags {','.join(tags)}"] if tags else []),
        *([f"--skip-tags {','.join(skipped)}"] if skipped else []),
        *(["--start-at-task"] if start else []),
    ]
    if not given:
        return []
    return [f"{' and '.join(given)} would skip tasks of this playbook, which has no tags. {USE_INSTEAD}"]


def dropped_words_faults() -> list[str]:
    """Return a message for each `-e key=value` of which Ansible drops words that are not in quotes."""
    faults = []
    for text in _extra_variables():
        whole, names = _with_all_words(text)
        if names:
            # Only the role's own variables are known to hold no credential.
            shown = {name: value if name in VARIABLES else HIDDEN for name, value in whole.items()}
            hint = f" (write its value in place of {HIDDEN})" if HIDDEN in shown.values() else ""
            faults.append(
                f"-e {', '.join(names)}: has words that Ansible drops, because they are not key=value, or white space "
                f"is outside quotes. Nothing was sent. Give the variables as JSON{hint}: "
                f"-e {shlex.quote(json.dumps(shown, ensure_ascii=False))}"
            )
    return faults


def is_syntax_check() -> bool:
    """Return whether the command only parses the playbook, mostly without its inventory."""
    return bool(_option("syntax"))


def _with_all_words(text: str) -> tuple[dict[str, str], list[str]]:
    """Return the variables of a text with the words that Ansible drops, and the names of those that have such words.

    A word belongs to the variable before it. Where there is none it is a name itself: of `name = 1` and `name: 1`.
    """
    whole: dict[str, str] = {}
    names: dict[str, None] = {}
    name = ""
    for token in _tokens(text):
        parsed = {str(key): str(value) for key, value in parse_kv(token).items()}
        word = parsed.pop("_raw_params", None)
        if word is None:
            whole |= parsed
            name = next(iter(parsed), name)
            continue
        if name:
            whole[name] = f"{whole[name]} {word}" if whole[name] else word.lstrip("=: ")
        else:
            name = word.rstrip("=:")
            whole[name] = ""
        names[name] = None
    return whole, list(names)


def _extra_variables() -> Iterator[str]:
    """Yield the extra variables that are written as key=value."""
    for given in _option("extra_vars") or ():
        text = str(given).strip()
        if text and text[0] not in "@[{":
            yield text


def _tokens(text: str) -> list[str]:
    try:
        return [str(token) for token in split_args(text)]
    except AnsibleError:  # ansible-core has refused it itself
        return []


def _option(name: str) -> t.Any:
    return context.CLIARGS.get(name)
