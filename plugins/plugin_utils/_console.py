# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says to a person at the console: a table, the totals, the reasons, and the verdict.

PRIVATE to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._model import NOT_DUE, OUTCOMES, REFUSED, UNKNOWN
from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._nouns import Evidence, Record, Task, TenantReport, TenantSummary, code_of
from ._words import (
    AUDIT,
    BY_HAND,
    CAME_BACK,
    CLOSED,
    LEFT,
    OFFBOARD,
    OUTCOMES_OF,
    REINSTATE,
    REINSTATED,
    STILL_OFF,
    UNREAD_MARK,
    VERDICTS,
    cell_word,
)

SHOWN_LEAVERS = 60
SHOWN_PROBLEMS = 20
SHOWN_IN_A_SENTENCE = 10
MESSAGE_LENGTH = 300
NAME_WIDTH = 48

UNREAD_NOTE = f"{UNREAD_MARK} accepted by the vendor, not read back"
UNREAD_PLAN_NOTE = (
    f"{UNREAD_MARK} cannot be read: whether there is an account, and in which state, shows in the run only"
)
WORDS = {outcome: outcome.replace("_", " ") for outcome in (*OUTCOMES, *VERDICTS, NOT_DUE, BY_HAND, LEFT, REINSTATED)}


BRAKES = (
    "offboard_protected, offboard_protected_file, offboard_max_changes, offboard_max_percent, offboard_plan or "
    "offboard_plan_file, or because it is the credential's own account or asked for twice"
)
PLAIN_ADVICE = {
    OFFBOARD: (
        "Correct the cause and run again for these tenants: accounts that are closed already are left as they are."
    ),
    REINSTATE: "Correct the cause and run again: accounts that are open already are left as they are.",
    AUDIT: "Close what is open with saas.offboarding.offboard, correct what could not be read, and audit again.",
}
LOOK_FIRST = ("platform_failed", "unconfirmed")
"""Codes of what no further run repairs or finds out."""


def failures(tenants: Iterable[TenantReport], orphans_fail: bool = False) -> str:
    """Say which tenants failed, for which leavers, why, and what to do; an empty text when none did."""
    told = [(tenant, sentences) for tenant in tenants if (sentences := _tenant_failures(tenant, orphans_fail))]
    if not told:
        return ""
    failing = [record for tenant, _sentences in told for record in tenant["records"] if record["failing"]]
    sentences = [_ended(sentence) for _tenant, group in told for sentence in group]
    if any(record["outcome"] == REFUSED for record in failing):
        sentences.append(f"What was refused was held back by {BRAKES}.")
    if any(code_of(record["error"]) in LOOK_FIRST for record in failing):
        sentences.append(
            "Where a platform failed or nothing was confirmed, look at the vendor: a further run does not."
        )
    both = list(dict.fromkeys(email for tenant, _sentences in told for email in tenant["both_lists"]))
    if both:
        sentences.append(
            f"On the leavers list and on the staff list: {some(both, SHOWN_IN_A_SENTENCE)}. Correct one of the two "
            "before their accounts are closed."
        )
    if both and {record["email"] for record in failing} <= set(both):
        return " ".join((*sentences, "Then audit again."))
    return " ".join((*sentences, PLAIN_ADVICE[told[0][0]["kind"]]))


def _tenant_failures(tenant: TenantReport, orphans_fail: bool) -> list[str]:
    sentences = []
    failing = [record for record in tenant["records"] if record["failing"]]
    if failing:
        sentences.append(_failing_sentence(tenant, failing))
    elif tenant["error"]:
        sentences.append(f"{tenant['tenant']}: {_short(tenant['error']['message'])}")
    if tenant["differences"]:
        differences = some(tenant["differences"], SHOWN_IN_A_SENTENCE, "; ")
        sentences.append(f"{tenant['tenant']}: differs from the approved plan: {differences}")
    back = [look["email"] for look in tenant["second_look"] if look["verdict"] == CAME_BACK]
    if back:
        sentences.append(f"{tenant['tenant']}: came back since the earlier run: {some(back, SHOWN_IN_A_SENTENCE)}")
    unseen = [look["email"] for look in tenant["second_look"] if look["verdict"] == UNKNOWN]
    if unseen and any(look["failing"] for look in tenant["second_look"]):
        sentences.append(f"{tenant['tenant']}: could not be looked at again: {some(unseen, SHOWN_IN_A_SENTENCE)}")
    if orphans_fail and tenant["orphans"]:
        names = [orphan["name"] or str(orphan["id"]) for orphan in tenant["orphans"]]
        sentences.append(f"{tenant['tenant']}: belong to nobody on the staff list: {some(names, SHOWN_IN_A_SENTENCE)}")
    return sentences


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _failing_sentence(tenant: TenantReport, failing: Sequence[Record]) -> str:
    names = [f"{record['email']} ({WORDS[record['outcome']]})" for record in failing]
    reason = next((record["error"]["message"] for record in failing if record["error"]), None)
    if reason is None and tenant["error"]:
        reason = tenant["error"]["message"]
    asked = sum(record["outcome"] != NOT_DUE for record in tenant["records"])
    wanted = "off" if tenant["kind"] == AUDIT else "as asked"
    return (
        f"{tenant['tenant']}: {len(failing)} of {asked} leavers are not {wanted}: {some(names, SHOWN_IN_A_SENTENCE)}"
        + (f"; the first reason: {_short(reason)}" if reason else "")
    )


def matrix(document: Evidence) -> list[str]:
    """Return the lines of a table of leavers by tenants, with totals and the reasons of what failed.

    A long list shows only the leavers that somebody has to look at.
    """
    tenants = {tenant["tenant"]: tenant for tenant in document["tenants"]}
    rows: dict[str, dict[str, Record]] = {}
    for record in document["records"]:
        rows.setdefault(record["email"], {})[record["tenant"]] = record
    if not tenants:
        return ["No tenant of this run is one of offboard_vendors: nothing was done."]
    shown = list(rows)
    failing = {email for email, row in rows.items() if any(record["failing"] for record in row.values())}
    lines = [_headline(document, len(rows))]
    if document["records"] and all(record["outcome"] == NOT_DUE for record in document["records"]):
        asked = any(tenant["requests"] and tenant["requests"]["sent"] for tenant in tenants.values())
        lines.append("Nobody is due." if asked else "Nobody is due: nothing was asked of any vendor.")
    if document["kind"] == REINSTATE and not rows:
        lines.append("Nothing to re-open.")
    if len(shown) > SHOWN_LEAVERS:
        shown = [email for email in shown if email in failing]
        lines.append(
            f"Shown are the {len(shown)} that somebody has to look at:" if shown else "Nobody of them needs a look."
        )
    if shown:
        lines.extend(_leaver_table(shown[:SHOWN_LEAVERS], rows, tenants, bool(document["check_mode"])))
    if len(shown) > SHOWN_LEAVERS:
        lines.append(f"and {len(shown) - SHOWN_LEAVERS} more leavers that need a look")
    lines.extend(_totals(tenants, OUTCOMES_OF[document["kind"]]))
    lines.extend(_reasons(document, tenants))
    lines.extend(_differences(tenants))
    lines.extend(_second_look(document))
    lines.extend(_both_lists(document))
    lines.extend(_orphans(document))
    lines.extend(_to_do(document))
    return lines


def _headline(document: Evidence, leavers: int) -> str:
    people = f"{leavers} leaver{'' if leavers == 1 else 's'}"
    if document["kind"] == REINSTATE:
        people = f"accounts that run {_earlier_run(document)} closed, of {leavers} people"
    if document["kind"] == AUDIT:
        return f"Audit, run {document['run_id']}: {people}. Nothing was written."
    if document["check_mode"]:
        return f"Check mode, run {document['run_id']}: {people}. Nothing was written; this is what a run would do."
    return f"Run {document['run_id']}: {people}."


def _earlier_run(document: Evidence) -> str:
    return document["earlier"]["run_id"] if document["earlier"] else ""


def _leaver_table(
    emails: Sequence[str],
    rows: Mapping[str, Mapping[str, Record]],
    tenants: Mapping[str, TenantSummary],
    check_mode: bool,
) -> list[str]:
    body = [
        [_clip(email), *(cell_word(rows[email].get(name), tenant, check_mode) for name, tenant in tenants.items())]
        for email in emails
    ]
    lines = _table(["leaver", *tenants], body)
    if any(cell.endswith(UNREAD_MARK) for row in body for cell in row[1:]):
        lines.append(UNREAD_PLAN_NOTE if check_mode else UNREAD_NOTE)
    return lines


def _totals(tenants: Mapping[str, TenantSummary], outcomes: Sequence[str]) -> list[str]:
    reinstated = any(REINSTATED in (tenant["summary"] or {}) for tenant in tenants.values())
    kinds = (*outcomes, *([REINSTATED] if reinstated else []), NOT_DUE)
    body = []
    for name, tenant in tenants.items():
        counts = tenant["summary"]
        requests = tenant["requests"]
        numbers = [str(counts.get(kind, 0)) if counts else "-" for kind in kinds]
        body.append([_clip(name), *numbers, str(requests["sent"]) if requests else "-"])
    return ["", *_table(["tenant", *(WORDS[kind] for kind in kinds), "requests"], body)]


def _reasons(document: Evidence, tenants: Mapping[str, TenantSummary]) -> list[str]:
    told = [
        f"{name}: {_short(tenant['error']['message'])}"
        for name, tenant in tenants.items()
        if tenant["error"] and not _says_more(tenant, document)
    ]
    people: dict[tuple[str, str], list[str]] = {}
    for record in document["records"]:
        if record["error"] and record["error"] != tenants[record["tenant"]]["error"]:
            people.setdefault((record["tenant"], record["error"]["message"]), []).append(record["email"])
    for (name, message), emails in people.items():
        others = f" and {len(emails) - 1} more" if len(emails) > 1 else ""
        told.append(f"{name}, {emails[0]}{others}: {_short(message)}")
    return _cut(told, "reasons")


def _says_more(tenant: TenantSummary, document: Evidence) -> bool:
    """Whether the tenant's records tell its error themselves, leaver by leaver."""
    return any(
        record["error"] and record["error"] != tenant["error"]
        for record in document["records"]
        if record["tenant"] == tenant["tenant"]
    )


def _differences(tenants: Mapping[str, TenantSummary]) -> list[str]:
    """Say what is not as it was approved."""
    told = [
        f"{name}, not as approved: {_short(difference)}"
        for name, tenant in tenants.items()
        for difference in tenant["differences"]
    ]
    return _cut(told, "differences from the approved plan")


def _second_look(document: Evidence) -> list[str]:
    looks = document["second_look"]
    if not looks:
        return []
    as_left = sum(look["verdict"] in (STILL_OFF, REINSTATED) for look in looks)
    left, are = "left closed", "still off"
    if document["earlier"] and document["earlier"]["kind"] == REINSTATE:
        left, are = "re-opened or locked again", "as it left them"
    lines = [f"Of {len(looks)} accounts that run {_earlier_run(document)} {left}, {as_left} are {are}."]
    words = {CAME_BACK: "CAME BACK", CLOSED: "closed since"}
    told = [
        f"{look['tenant']}, {look['email']}: " + words.get(look["verdict"], f"unknown, {_short(str(look['reason']))}")
        for look in looks
        if look["verdict"] not in (STILL_OFF, REINSTATED)
    ]
    return ["", *lines, *_cut(told, "of them")[1:]]


def _both_lists(document: Evidence) -> list[str]:
    both = document["both_lists"]
    if not both:
        return []
    count = f"{len(both)} leavers who are due are on the staff list as well. Correct one of the two lists:"
    return ["", count, *_cut(both, "of them")[1:]]


def _orphans(document: Evidence) -> list[str]:
    orphans = document["orphans"]
    if document["staff"] is None:
        return []
    told = [f"{each['tenant']}, {each['name'] or each['id']}: {each['state']}, on no list" for each in orphans]
    count = f"{len(orphans)} accounts belong to nobody on the staff list."
    return ["", count, *_cut(told, "of them")[1:]]


def _to_do(document: Evidence) -> list[str]:
    """Say what is left to people: each kind of task once, with how many accounts it is about."""
    kinds: dict[tuple[str, str], list[Task]] = {}
    for task in document["tasks"]:
        kinds.setdefault((task["tenant"], task["code"]), []).append(task)
    told = [
        f"{tenant}, {len(tasks)} accounts, for a person: {tasks[0]['action']}"
        for (tenant, _code), tasks in kinds.items()
    ]
    return _cut(told, "tasks for a person")


def _cut(lines: Sequence[str], what: str) -> list[str]:
    """Return lines below an empty one, not endless."""
    if not lines:
        return []
    more = len(lines) - SHOWN_PROBLEMS
    return ["", *lines[:SHOWN_PROBLEMS], *([f"and {more} more {what}"] if more > 0 else [])]


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    rows = [head, *body]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _clip(text: str) -> str:
    return text if len(text) <= NAME_WIDTH else text[: NAME_WIDTH - 3] + "..."


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 3] + "..."
