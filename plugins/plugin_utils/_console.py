# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of a run on the console: a table, the totals, the reasons, and the verdict.

PRIVATE to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    CHANGED,
    FAILED,
    MISSING,
    NOT_DUE,
    OUTCOMES,
    REFUSED,
    SESSIONS_LEFT,
    UNCHANGED,
    UNKNOWN,
)
from ansible_collections.saas.offboarding.plugins.module_utils._text import ended, some

from ._evidence import is_plan
from ._nouns import Evidence, Record, Scope, Task, TenantReport, TenantSummary, code_of, known
from ._plan import OTHER_PLAN
from ._unmatched import limited
from ._words import (
    AUDIT,
    BOTH_LISTS,
    BY_HAND,
    CAME_BACK,
    CLOSED,
    LEFT,
    OCCASIONAL,
    OFFBOARD,
    ORPHAN,
    OUTCOMES_OF,
    REINSTATE,
    REINSTATED,
    STAGE_DUE,
    STILL_ACTIVE,
    STILL_OFF,
    TENANT_MISSING,
    UNMATCHED,
    UNREAD_MARK,
    VERDICTS,
    cell_word,
)

SLICED_NOTE = "This job is a slice: whether its tenants are all that are expected is not checked"
SHOWN_LEAVERS = 60
SHOWN_PROBLEMS = 20
SHOWN_IN_A_SENTENCE = 10
MESSAGE_LENGTH = 300
NAME_WIDTH = 48

UNREAD_NOTE = f"{UNREAD_MARK} accepted by the vendor, not read back"
UNREAD_PLAN_NOTE = (
    f"{UNREAD_MARK} cannot be read: whether there is an account, and in which state, shows in the run only"
)
WORDS = {outcome: outcome.replace("_", " ") for outcome in (*OUTCOMES, *VERDICTS, NOT_DUE, BY_HAND, LEFT, *OCCASIONAL)}
FAILING_WORDS = {
    **WORDS,
    MISSING: "without an account",
    UNKNOWN: "not known",
    STILL_ACTIVE: "still active",
    SESSIONS_LEFT: "closed, sessions left",
    STAGE_DUE: "closed, and a later stage is due",
}


PLAIN_ADVICE = {
    OFFBOARD: (
        "Correct the cause and run again for these tenants: accounts that are closed already are left as they are."
    ),
    REINSTATE: "Correct the cause and run again: accounts that are open already are left as they are.",
    AUDIT: "Close what is open with saas.offboarding.offboard, correct what could not be read, and audit again.",
}
ADVICE = {
    "too_many_changes": "Set offboard_{rail} to what is meant, or run with the approved plan of a check run "
    "(offboard_plan_file)",
    "protected": "Change offboard_protected or its file if the account is to be changed",
    "own_account": "Change this account by hand, with another credential",
    "platform_failed": "Look at the vendor: a further run does not",
    "unconfirmed": "Look at the vendor: a further run does not",
}
"""What to do about codes whose messages come from a module, which does not know the role's variables."""


def failures(tenants: Iterable[TenantReport], orphans_fail: bool = False) -> str:
    """Return which tenants failed, with which code for how many leavers, and what to do; an empty text if none did."""
    failed = [(tenant, sentences) for tenant in tenants if (sentences := _tenant_failures(tenant, orphans_fail))]
    if not failed:
        return ""
    sentences = [ended(sentence) for _tenant, group in failed for sentence in group]
    both = list(dict.fromkeys(email for tenant, _sentences in failed for email in tenant["both_lists"]))
    if both:
        sentences.append(
            f"{BOTH_LISTS}: on the leavers list and on the staff list: {some(both, SHOWN_IN_A_SENTENCE)}. Correct one "
            "of the two before their accounts are closed."
        )
    failing = {record["email"] for tenant, _sentences in failed for record in tenant["records"] if record["failing"]}
    if both and failing <= set(both):
        return " ".join((*sentences, "Then audit again."))
    return " ".join((*sentences, PLAIN_ADVICE[failed[0][0]["kind"]]))


def _tenant_failures(tenant: TenantReport, orphans_fail: bool) -> list[str]:
    name = tenant["tenant"]
    by_code: dict[str, list[Record]] = {}
    for record in tenant["records"]:
        if record["failing"]:
            by_code.setdefault(code_of(record["error"]) or record["outcome"], []).append(record)
    sentences = [_failing_sentence(tenant, code, records) for code, records in by_code.items()]
    if not by_code and tenant["error"]:
        sentences.append(f"{tenant['error']['code']}: {name}: {_short(tenant['error']['message'])}")
    if tenant["differences"]:
        differences = some(tenant["differences"], SHOWN_IN_A_SENTENCE, "; ")
        sentences.append(f"{OTHER_PLAN}: {name}: differs from the approved plan: {differences}")
    back = [look["email"] for look in tenant["second_look"] if look["verdict"] == CAME_BACK]
    if back:
        sentences.append(f"{CAME_BACK}: {name}: came back since the earlier run: {some(back, SHOWN_IN_A_SENTENCE)}")
    unseen = [look["email"] for look in tenant["second_look"] if look["verdict"] == UNKNOWN]
    if unseen and any(look["failing"] for look in tenant["second_look"]):
        sentences.append(f"{UNKNOWN}: {name}: could not be looked at again: {some(unseen, SHOWN_IN_A_SENTENCE)}")
    if orphans_fail and tenant["orphans"]:
        names = [orphan["name"] or str(orphan["id"]) for orphan in tenant["orphans"]]
        sentences.append(f"{ORPHAN}: {name}: belong to no person on the staff list: {some(names, SHOWN_IN_A_SENTENCE)}")
    return sentences


def _failing_sentence(tenant: TenantReport, code: str, failing: Sequence[Record]) -> str:
    names = some([record["email"] for record in failing], SHOWN_IN_A_SENTENCE)
    asked = sum(record["outcome"] != NOT_DUE for record in tenant["records"])
    words = list(dict.fromkeys(FAILING_WORDS[record["outcome"]] for record in failing))
    if tenant["check_mode"] and words == [WORDS[REFUSED]]:
        words = ["would be refused"]
    messages = list(dict.fromkeys(record["error"]["message"] for record in failing if record["error"]))
    reason = f": {_short(messages[0])}" if messages else ""
    more = f" (and {len(messages) - 1} more messages)" if len(messages) > 1 else ""
    rail = "max_percent" if "max_percent" in reason else "max_changes"
    advice = f". {ADVICE[code].format(rail=rail)}" if code in ADVICE else ""
    return (
        f"{code}: {tenant['tenant']}: {len(failing)} of {asked} leavers {' or '.join(words)}: {names}"
        f"{reason}{more}{advice}"
    )


def matrix(document: Evidence) -> list[str]:
    """Return the lines of a table of leavers by tenants, with totals and the reasons of what failed.

    A long list shows only the leavers that need a check.
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
        lines.append("No leaver is due." if asked else "No leaver is due: no request was sent to a vendor.")
    if document["kind"] == REINSTATE and not rows:
        lines.append("Nothing to reopen.")
    if len(shown) > SHOWN_LEAVERS:
        shown = [email for email in shown if email in failing]
        lines.append(f"Only the {len(shown)} that need a check are shown:" if shown else "None of them needs a check.")
    if shown:
        lines.extend(_leaver_table(shown[:SHOWN_LEAVERS], rows, tenants, bool(document["check_mode"])))
    if len(shown) > SHOWN_LEAVERS:
        lines.append(f"and {len(shown) - SHOWN_LEAVERS} more leavers that need a check")
    lines.extend(_totals(document, tenants))
    lines.extend(_sessions(document))
    lines.extend(_next_stages(document))
    lines.extend(_left_out(document))
    lines.extend(_reasons(document, tenants))
    lines.extend(_differences(tenants))
    lines.extend(_second_look(document))
    lines.extend(_both_lists(document))
    lines.extend(_orphans(document))
    lines.extend(_to_do(document))
    return lines


def _left_out(document: Evidence) -> list[str]:
    """Return what the run did not look at, and whom it found nowhere."""
    lines = [*scope_lines(document["scope"]), *document["notes"]]
    if document["unmatched"]["leavers"]:
        lines.append(unmatched_text(document))
    return _cut(lines, "notes")


def scope_lines(scope: Scope) -> list[str]:
    """Return what the run did not look at."""
    return [
        *(f"Left out by {each['by']}: {each['tenant']}" for each in scope["left_out"]),
        *(f"{TENANT_MISSING}: {name} is expected and not in the inventory" for name in scope["missing"]),
        *([SLICED_NOTE] if scope["sliced"] else ()),
    ]


def unmatched_text(document: Evidence) -> str:
    """Return the sentence about the leavers who have no account at any tenant."""
    nowhere = document["unmatched"]
    names = some(nowhere["leavers"], SHOWN_PROBLEMS)
    final = f" This is not final: {'; '.join(nowhere['not_final'])}." if nowhere["not_final"] else ""
    places = "".join(f" At {name} only {place} was looked in." for name, place in limited(document["tenants"]).items())
    count = len(nowhere["leavers"])
    leavers = f"{count} leaver{'' if count == 1 else 's'}"
    return f"{UNMATCHED}: {leavers} with no account at any tenant: {names}.{places}{final}"


def scope_text(scope: Scope) -> str:
    """Return how many of the tenants a run covers, if these are not all."""
    known = scope["known"] + len(scope["missing"])
    return (
        f"{known - len(scope['left_out']) - len(scope['missing'])} of {known} tenants"
        if (scope["left_out"] or scope["missing"])
        else ""
    )


def _headline(document: Evidence, leavers: int) -> str:
    people = f"{leavers} leaver{'' if leavers == 1 else 's'}"
    if document["kind"] == REINSTATE:
        people = f"accounts that run {_earlier_run(document)} closed, of {leavers} people"
    if covered := scope_text(document["scope"]):
        people += f" at {covered}"
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


def _totals(document: Evidence, tenants: Mapping[str, TenantSummary]) -> list[str]:
    counted = {kind for tenant in tenants.values() for kind in tenant["summary"] or {}}
    kinds = (*OUTCOMES_OF[document["kind"]], *(kind for kind in OCCASIONAL if kind in counted), NOT_DUE)
    words = {**WORDS, CHANGED: "would change", REFUSED: "would refuse"} if is_plan(document) else WORDS
    body = []
    for name, tenant in tenants.items():
        counts = tenant["summary"]
        requests = tenant["requests"]
        numbers = [str(counts.get(kind, 0)) if counts else "-" for kind in kinds]
        body.append([_clip(name), *numbers, str(requests["sent"]) if requests else "-"])
    return ["", *_table(["tenant", *(words[kind] for kind in kinds), "requests"], body)]


def _sessions(document: Evidence) -> list[str]:
    """State how many sessions were ended, or would be, and how many are left."""
    lines = []
    for name in dict.fromkeys(record["tenant"] for record in document["records"]):
        pairs = [
            (known(record["before"]).get("sessions") or 0, known(record["after"]).get("sessions") or 0)
            for record in document["records"]
            if record["tenant"] == name and record["outcome"] in (CHANGED, UNCHANGED, FAILED)
        ]
        ended = sum(max(before - after, 0) for before, after in pairs)
        left = sum(after for _before, after in pairs)
        if ended:
            lines.append(f"{name}: {ended} sessions {'would be ended' if is_plan(document) else 'ended'}")
        if left:
            lines.append(f"{name}: {left} sessions left")
    return lines


def _next_stages(document: Evidence) -> list[str]:
    """State for each tenant and state how many leavers have a next stage, and when the first one is due."""
    following: dict[tuple[str, str], list[str]] = {}
    for record in document["records"]:
        stage = record.get("next_stage")
        if stage and stage["due_at"]:
            following.setdefault((record["tenant"], stage["state"]), []).append(stage["due_at"])
    lines = [
        f"{tenant}: next stage {state}: {len(times)} leaver{'' if len(times) == 1 else 's'}, the first due {min(times)}"
        for (tenant, state), times in following.items()
    ]
    return _cut(lines, "next stages")


def _reasons(document: Evidence, tenants: Mapping[str, TenantSummary]) -> list[str]:
    lines = [
        f"{tenant['error']['code']}: {name}: {_short(tenant['error']['message'])}"
        for name, tenant in tenants.items()
        if tenant["error"] and not _has_details(tenant, document)
    ]
    people: dict[tuple[str, str, str], list[str]] = {}
    for record in document["records"]:
        error = record["error"]
        if error and error != tenants[record["tenant"]]["error"]:
            people.setdefault((error["code"], record["tenant"], error["message"]), []).append(record["email"])
    for (code, name, message), emails in people.items():
        others = f" and {len(emails) - 1} more" if len(emails) > 1 else ""
        lines.append(f"{code}: {name}, {emails[0]}{others}: {_short(message)}")
    return _cut(lines, "reasons")


def _has_details(tenant: TenantSummary, document: Evidence) -> bool:
    """Whether the tenant's records have other errors than the tenant, leaver by leaver."""
    return any(
        record["error"] and record["error"] != tenant["error"]
        for record in document["records"]
        if record["tenant"] == tenant["tenant"]
    )


def _differences(tenants: Mapping[str, TenantSummary]) -> list[str]:
    """Return how the tenants differ from the approved plan."""
    lines = [
        f"{OTHER_PLAN}: {name}, not as approved: {_short(difference)}"
        for name, tenant in tenants.items()
        for difference in tenant["differences"]
    ]
    return _cut(lines, "differences from the approved plan")


def _second_look(document: Evidence) -> list[str]:
    looks = document["second_look"]
    if not looks:
        return []
    as_left = sum(look["verdict"] in (STILL_OFF, REINSTATED) for look in looks)
    left, are = "left closed", "still off"
    if document["earlier"] and document["earlier"]["kind"] == REINSTATE:
        left, are = "reopened or locked again", "as it left them"
    lines = [f"Of {len(looks)} accounts that run {_earlier_run(document)} {left}, {as_left} are {are}."]
    words = {CAME_BACK: "CAME BACK", CLOSED: "closed since"}
    changed = [
        f"{look['verdict']}: {look['tenant']}, {look['email']}: "
        + words.get(look["verdict"], f"unknown, {_short(str(look['reason']))}")
        for look in looks
        if look["verdict"] not in (STILL_OFF, REINSTATED)
    ]
    return ["", *lines, *_cut(changed, "of them")[1:]]


def _both_lists(document: Evidence) -> list[str]:
    both = document["both_lists"]
    if not both:
        return []
    count = (
        f"{BOTH_LISTS}: {len(both)} leavers who are due are on the staff list as well. Correct one of the two lists:"
    )
    return ["", count, *_cut(both, "of them")[1:]]


def _orphans(document: Evidence) -> list[str]:
    orphans = document["orphans"]
    if document["staff"] is None:
        return []
    lines = [f"{each['tenant']}, {each['name'] or each['id']}: {each['state']}, on no list" for each in orphans]
    count = f"{len(orphans)} accounts belong to no person on the staff list."
    return ["", count, *_cut(lines, "of them")[1:]]


def _to_do(document: Evidence) -> list[str]:
    """Return the tasks for a person: each kind once, with its number of accounts."""
    kinds: dict[tuple[str, str], list[Task]] = {}
    for task in document["tasks"]:
        kinds.setdefault((task["tenant"], task["code"]), []).append(task)
    lines = [
        f"{tenant}, {len(tasks)} accounts, for a person: {tasks[0]['action']}"
        for (tenant, _code), tasks in kinds.items()
    ]
    return _cut(lines, "tasks for a person")


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
