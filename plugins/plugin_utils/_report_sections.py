# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of the report that only some runs have: tasks for a person, orphan accounts, a second look.

PRIVATE to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from ansible_collections.saas.offboarding.plugins.module_utils._model import UNKNOWN
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Evidence, Orphan, SecondLook, State, Task
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import CAME_BACK, REINSTATE, STILL_OFF

from ._html import FOLDED, LISTED, Html, below, counted, element, escaped, folded, joined, mono, row, spaced, time
from ._verdict import BAD, GOOD, WARN

SAME_TASK = itemgetter("tenant", "code", "reason", "action", "source")
LOOK_TONES = {CAME_BACK: BAD, UNKNOWN: WARN, STILL_OFF: GOOD}


def tasks_section(document: Evidence) -> Html | None:
    if not document["tasks"]:
        return None
    groups: dict[tuple[str, ...], list[Task]] = {}
    for task in document["tasks"]:
        groups.setdefault(SAME_TASK(task), []).append(task)
    return _section("tasks", "For a person to do", *map(_task, groups.values()))


def _task(tasks: Sequence[Task]) -> Html:
    """Return what is to be done at a tenant once, and the accounts to do it for."""
    first = tasks[0]
    who = [element("li", task["email"], f" ({task['id']})" if task["id"] else None) for task in tasks]
    summary = element("summary", f"{counted(len(tasks), 'account')} at {first['tenant']}")
    return element(
        "div",
        element("h3", first["action"]),
        element("p", first["reason"], class_="reason"),
        element("p", "Source: ", _link(first["source"]), class_="source"),
        element("details", summary, element("ul", *who, class_="people"), open=len(tasks) <= FOLDED),
        class_="task",
        data_code=first["code"],
        data_tenant=first["tenant"],
    )


def _link(source: str) -> Html:
    """Return a link where it is one to a page on the web, and else the text."""
    if not source.startswith("https://"):
        return escaped(source)
    return element("a", source, href=source, rel="noopener noreferrer")


def orphans_section(document: Evidence) -> Html | None:
    orphans = document["orphans"]
    if not orphans and not document["staff"]:
        return None
    hint = "Accounts that can be used, or whose state is unknown, and that belong to nobody on the staff list."
    if not orphans:
        hint = "Every account that can be used belongs to somebody on the staff list."
    rows = [
        row(orphan["tenant"], orphan["email"], orphan["name"], mono(orphan["id"]), _state(orphan))
        for orphan in orphans[:LISTED]
    ]
    head = ("tenant", "e-mail", "name", "account id", "state")
    return _section(
        "orphans",
        "Orphan accounts",
        element("p", hint, class_="hint"),
        folded(counted(len(orphans), "account"), head, rows, orphans),
    )


def second_look_section(document: Evidence) -> Html | None:
    looks = sorted(document["second_look"], key=lambda look: list(LOOK_TONES).index(look["verdict"]))
    if not looks and (document["kind"] == REINSTATE or not document["earlier"]):
        return None
    counts = Counter(look["verdict"] for look in looks)
    told = ", ".join(f"{counts[name]:,} {spaced(name)}" for name in LOOK_TONES if counts[name])
    rows = [_second_look_row(look) for look in looks[:LISTED]]
    head = ("leaver", "tenant", "account id", "verdict", "was", "is", "read")
    return _section(
        "second-look",
        "Second look",
        element("p", "The accounts that an earlier run left closed, read again by their id.", class_="hint"),
        folded(told, head, rows, looks),
    )


def _second_look_row(look: SecondLook) -> Html:
    verdict_chip = element("span", spaced(look["verdict"]), class_="chip", data_tone=LOOK_TONES[look["verdict"]])
    said = joined(verdict_chip, below(look["reason"] or ""))
    now = _state(look["now"])
    return row(look["email"], look["tenant"], mono(look["id"]), said, _state(look["was"]), now, time(look["read_at"]))


def _state(condition: State | Orphan | None) -> str:
    if condition is None:
        return "\N{EN DASH}"
    state, word = condition["state"], condition["vendor_state"]
    return f"{state} ({word})" if word and word != state else str(state)


def _section(name: str, title: str, *children: Html | None) -> Html:
    return element("section", element("h2", title), *children, id=name)
