# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict of a run: one sentence, and notes on it.

PRIVATE to the collection. It never states more than what was read: an account that the vendor accepted to close and
that was not read back is not called closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ACTIVE,
    CHANGED,
    LOCKED,
    MISSING,
    NOT_DUE,
    UNKNOWN,
)
from ansible_collections.saas.offboarding.plugins.module_utils._text import some
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import is_plan
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Evidence, Record, known
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    AUDIT,
    BY_HAND,
    CAME_BACK,
    LEFT,
    REINSTATE,
    REINSTATED,
    STILL_ACTIVE,
)

from ._console import scope_text, unmatched_text
from ._pages import counted, duration

GOOD, WARN, BAD, PLAN = "good", "warn", "bad", "plan"
SHOWN_TENANTS = 10
OPEN, DOUBTFUL, OTHER = "open", "doubtful", "other"


@dataclass(frozen=True)
class Note:
    """A note on the verdict, and the section of the page that has the details."""

    text: str
    section: str


@dataclass(frozen=True)
class Verdict:
    """How a run went."""

    tone: str
    headline: str
    notes: tuple[Note, ...]


def verdict(document: Evidence) -> Verdict:
    """Say how the run went: the worst of it first."""
    failing = [record for record in document["records"] if record["failing"]]
    tone, headline = _headline(document, failing)
    if covered := scope_text(document["scope"]):
        headline = f"{covered}: {headline[0].lower()}{headline[1:]}"
    return Verdict(tone, headline, tuple(_notes(document, failing)))


def _headline(document: Evidence, failing: Sequence[Record]) -> tuple[str, str]:
    outcomes = {record["outcome"] for record in document["records"]}
    if is_plan(document):
        return PLAN, "Check mode: nothing was written"
    if failing:
        return BAD, _not_reopened(failing) if document["kind"] == REINSTATE else _failing_headline(failing)
    others = _other_failure(document)
    if others:
        return BAD, others
    if not outcomes:
        none = "That run left no account to reopen" if document["kind"] == REINSTATE else None
        return WARN, none or "There is no record: no account was looked up"
    if outcomes == {NOT_DUE}:
        asked = any(tenant["requests"] and tenant["requests"]["sent"] for tenant in document["tenants"])
        return GOOD, "No leaver is due" if asked else "No leaver is due: no request was sent to a vendor"
    return _good_headline(document)


def _other_failure(document: Evidence) -> str | None:
    """Say what failed the run where no record did."""
    came_back = _came_back(document)
    if came_back:
        return f"{counted(came_back, 'account')} came back"
    unseen = sum(look["failing"] for look in document["second_look"])
    if unseen:
        return f"{counted(unseen, 'account')} could not be looked at again"
    if document["scope"]["missing"]:
        return f"{counted(len(document['scope']['missing']), 'tenant')} not looked at"
    if document["unmatched"]["failing"]:
        return f"{counted(len(document['unmatched']['leavers']), 'leaver')} with no account at any tenant"
    differing = sum(bool(tenant["differences"]) for tenant in document["tenants"])
    if differing:
        return f"{counted(differing, 'tenant')} not as approved"
    broken = sum(bool(tenant["error"]) for tenant in document["tenants"])
    if broken:
        return f"{counted(broken, 'tenant')} ended with an error"
    if document["both_lists"] and document["parameters"].get("audit_both_lists") == "fail":
        return _both_text(document)
    if document["orphans"] and document["parameters"].get("audit_orphans") == "fail":
        return _orphans_text(document)
    return None


def _good_headline(document: Evidence) -> tuple[str, str]:
    if document["kind"] == AUDIT:
        if any(record["outcome"] == UNKNOWN for record in document["records"]):
            return WARN, "No leaver is known to have access, and not all is known"
        back = len({record["email"] for record in document["records"] if record["outcome"] == REINSTATED})
        if back:
            return GOOD, f"No leaver who is due has access, but for {counted(back, 'leaver')} who had it given back"
        return GOOD, "No leaver who is due has access"
    if document["kind"] == REINSTATE:
        return _reopened_headline(document)
    if any(map(_unread, document["records"])):
        return WARN, "Every account that was due is closed, as far as it can be read"
    return GOOD, "Every account that was due is closed"


def _reopened_headline(document: Evidence) -> tuple[str, str]:
    if any(record["outcome"] == BY_HAND for record in document["records"]):
        return WARN, "What can be reopened is open, the rest is for a person"
    off = any(each["outcome"] == LEFT or known(each["after"])["state"] == LOCKED for each in document["records"])
    text = f"Every account that the run closed is {'as it was before' if off else 'open'}"
    if any(map(_unread, document["records"])):
        return WARN, f"{text}, as far as it can be read"
    return GOOD, text


def _not_reopened(failing: Iterable[Record]) -> str:
    who = len({record["email"] for record in failing})
    return f"{counted(who, 'leaver')} {'does' if who == 1 else 'do'} not have everything back"


def _failing_headline(failing: Iterable[Record]) -> str:
    who: dict[str, set[str]] = {OPEN: set(), DOUBTFUL: set(), OTHER: set()}
    for record in failing:
        who[_access(record)].add(record["email"])
    doubtful = len(who[DOUBTFUL] - who[OPEN])
    if who[OPEN]:
        more = f", and {doubtful:,} more may have" if doubtful else ""
        return f"{counted(len(who[OPEN]), 'leaver')} still {'has' if len(who[OPEN]) == 1 else 'have'} access{more}"
    if doubtful:
        return f"{counted(doubtful, 'leaver')} may still have access"
    return f"{counted(len(who[OTHER]), 'leaver')} {'needs' if len(who[OTHER]) == 1 else 'need'} a look"


def _access(record: Record) -> str:
    if record["outcome"] in (STILL_ACTIVE, MISSING):
        return OPEN if record["outcome"] == STILL_ACTIVE else OTHER
    condition = record["after"] or record["before"]
    if condition is None or condition["state"] == UNKNOWN:
        return DOUBTFUL
    return OPEN if condition["state"] == ACTIVE else OTHER


def _notes(document: Evidence, failing: Sequence[Record]) -> Iterable[Note]:
    if is_plan(document):
        planned = [record for record in document["records"] if record["outcome"] == CHANGED]
        whose = len({record["email"] for record in planned})
        yield Note(f"A run would change {counted(len(planned), 'account')} of {counted(whose, 'leaver')}.", "leavers")
    if failing:
        tenants = Counter(record["tenant"] for record in failing)
        where = ", ".join(f"{count:,} at {name}" for name, count in tenants.items())
        are = "is" if len(failing) == 1 else "are"
        yield Note(f"{counted(len(failing), 'account')} {are} not as asked: {where}.", "leavers")
    broken = [tenant["tenant"] for tenant in document["tenants"] if tenant["error"]]
    if broken:
        yield Note(f"{counted(len(broken), 'tenant')} with an error: {', '.join(broken)}.", "tenants")
    if _came_back(document):
        yield Note(
            f"{counted(_came_back(document), 'account')} that an earlier run had closed came back.", "second-look"
        )
    if document["scope"]["left_out"]:
        names = some([f"{each['tenant']} ({each['by']})" for each in document["scope"]["left_out"]], SHOWN_TENANTS)
        yield Note(f"Left out: {names}.", "tenants")
    if document["scope"]["missing"]:
        names = some(document["scope"]["missing"], SHOWN_TENANTS)
        yield Note(f"Expected, and not in the inventory: {names}.", "tenants")
    if document["unmatched"]["leavers"]:
        yield Note(unmatched_text(document).partition(": ")[2], "leavers")
    for note in document["notes"]:
        yield Note(note, "run")
    if document["both_lists"]:
        yield Note(f"{_both_text(document)}: correct one of the two lists.", "both-lists")
    if document["orphans"]:
        yield Note(f"{_orphans_text(document)}.", "orphans")
    if document["tasks"]:
        yield Note(f"{counted(len(document['tasks']), 'task')} for a person.", "tasks")
    unread = sum(map(_unread, document["records"]))
    if unread and not is_plan(document):
        done = "reopened" if document["kind"] == REINSTATE else "closed"
        yield Note(f"{counted(unread, 'account')} {done} according to the vendor, and not read back.", "leavers")
    over = document["time_to_close"]["over"]
    if over:
        limit = duration(document["time_to_close"]["limit"])
        yield Note(f"{counted(len(over), 'account')} open for longer than {limit}.", "time-to-close")


def _both_text(document: Evidence) -> str:
    are = "is" if len(document["both_lists"]) == 1 else "are"
    return f"{counted(len(document['both_lists']), 'leaver')} who {are} due {are} on the staff list as well"


def _orphans_text(document: Evidence) -> str:
    belong = "belongs" if len(document["orphans"]) == 1 else "belong"
    return f"{counted(len(document['orphans']), 'account')} {belong} to no person on the staff list"


def _unread(record: Record) -> bool:
    return record["outcome"] == CHANGED and record["verified"] is None


def _came_back(document: Evidence) -> int:
    return sum(entry["verdict"] == CAME_BACK for entry in document["second_look"])
