# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the command ansible-playbook that change what a run does.

PRIVATE to the collection. Ansible states no error for any of them.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator

from ansible import context
from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv

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
        parsed = _parsed(text)
        words = parsed.pop("_raw_params", None)
        if words is None or not parsed:
            continue
        names = list(parsed)
        whole = {**parsed, names[-1]: f"{parsed[names[-1]]} {words}"}
        faults.append(
            f"-e {names[-1]}=... has white space outside quotes, so that Ansible drops the words after it. Nothing was "
            f"sent. Give the variable as JSON: -e '{json.dumps(whole, ensure_ascii=False)}'"
        )
    return faults


def is_syntax_check() -> bool:
    """Tell whether the command only parses the playbook, mostly without its inventory."""
    return bool(_option("syntax"))


def _extra_variables() -> Iterator[str]:
    """Yield the extra variables that are written as key=value."""
    for given in _option("extra_vars") or ():
        text = str(given).strip()
        if text and text[0] not in "@[{":
            yield text


def _parsed(text: str) -> dict[str, str]:
    try:
        return {str(name): str(value) for name, value in parse_kv(text).items()}
    except AnsibleError:  # ansible-core has refused it itself
        return {}


def _option(name: str) -> t.Any:
    return context.CLIARGS.get(name)
