# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of runs, results, and the words for them that people read.

PRIVATE to the collection.
"""

from __future__ import annotations

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    CLOSED_NOT_LISTED,
    DEACTIVATED,
    FAILED,
    LOCKED,
    MISSING,
    NOT_DUE,
    OUTCOMES,
    REFUSED,
    SESSIONS_LEFT,
    UNCHANGED,
    UNKNOWN,
)

from ._nouns import Record, TenantSummary, is_only_sessions, known

OFFBOARD = "offboard"
AUDIT = "audit"
REINSTATE = "reinstate"
PREFLIGHT = "preflight"
REGISTER = "register"
SCHEDULE = "schedule"

BY_HAND = "by_hand"
"""What no API can reopen."""
LEFT = "left_as_it_is"
"""What a reinstatement has nothing to give back to."""
NO_WAY_BACK = "no_way_back"
"""The code of the task for a person that goes with it."""
CLOSED = "closed"
STILL_ACTIVE = "still_active"
NO_ACCOUNT = "no_account"
VERDICTS = (CLOSED, STILL_ACTIVE, NO_ACCOUNT, UNKNOWN)
OUTCOMES_OF = {OFFBOARD: OUTCOMES, AUDIT: VERDICTS, REINSTATE: (*OUTCOMES, LEFT, BY_HAND)}
"""What can come of a leaver at a tenant, by the kind of run."""

INVALID_INPUT = "invalid_input"
NOTHING_DONE = "nothing_done"
NOT_WRITTEN = "evidence_not_written"
TENANT_MISSING = "tenant_missing"
NOT_LOOKED_AT = "not_looked_at"
UNMATCHED = "unmatched"
BOTH_LISTS = "both_lists"
ORPHAN = "orphan"

STILL_OFF = "still_off"
CAME_BACK = "came_back"
REINSTATED = "reinstated"
"""Of an account that a reinstatement reopened: it is in use, as that left it."""

STAGE_DUE = "stage_due"
"""Of an account that is closed, and less than the stage that is due asks for."""

OCCASIONAL = (REINSTATED, SESSIONS_LEFT, STAGE_DUE)
"""Verdicts of an audit that are counted only where there are any."""

DONE_WORDS = {DEACTIVATED: "closed", LOCKED: "locked", ABSENT: "deleted", ACTIVE: "reopened"}
PLAN_WORDS = {DEACTIVATED: "would close", LOCKED: "would lock", ABSENT: "would delete", ACTIVE: "would reopen"}
ALREADY_WORDS = {**DONE_WORDS, ACTIVE: "open"}
OTHER_WORDS = {
    MISSING: "no account",
    FAILED: "FAILED",
    REFUSED: "REFUSED",
    NOT_DUE: "not due",
    CLOSED: "closed",
    STILL_ACTIVE: "STILL ACTIVE",
    NO_ACCOUNT: "no account",
    UNKNOWN: "unknown",
    BY_HAND: "by hand",
    LEFT: "left as it is",
    REINSTATED: "reinstated",
    SESSIONS_LEFT: "SESSIONS LEFT",
    STAGE_DUE: "STAGE DUE",
}
SESSIONS_WORDS = {True: "would end sessions", False: "sessions ended"}
LOCKED_AGAIN_WORDS = {True: "would lock again", False: "locked again"}
WOULD_REFUSE = "WOULD REFUSE"
UNREAD_MARK = "*"
NO_RESULT = "NO RESULT"
NO_OPEN_ACCOUNT = "no open account"
NOTHING_TO_REOPEN = "nothing to reopen"


def cell_word(record: Record | None, tenant: TenantSummary, check_mode: bool) -> str:
    """Return the word for the result of a leaver at a tenant. Marked: accepted by the vendor, but not read back."""
    if record is None:
        return NOTHING_TO_REOPEN if tenant["state"] == ACTIVE else NO_RESULT
    outcome = record["outcome"]
    state = record["stage"]["state"] if "stage" in record else str(tenant["state"])
    relocks = tenant["state"] == ACTIVE and known(record["after"])["state"] == LOCKED
    if tenant["check_mode"] is not None:
        check_mode = bool(tenant["check_mode"])
    if is_only_sessions(record):
        return SESSIONS_WORDS[check_mode]
    if CLOSED_NOT_LISTED in record["manual"]:
        return NO_OPEN_ACCOUNT
    if outcome == CHANGED:
        word = (PLAN_WORDS if check_mode else DONE_WORDS)[state]
        unread = known(record["before"])["state"] == UNKNOWN if check_mode else record["verified"] is None
        return (LOCKED_AGAIN_WORDS[check_mode] if relocks else word) + (UNREAD_MARK if unread else "")
    if outcome == UNCHANGED:
        return f"already {ALREADY_WORDS[LOCKED if relocks else state]}"
    return WOULD_REFUSE if outcome == REFUSED and check_mode else OTHER_WORDS[outcome]
