# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves behind: a report per tenant, the document of the whole run, and the table that a person reads.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence

from ._http import VERSION
from ._leavers import Leaver, is_due, parse_time, vendor_users
from ._model import ABSENT, CHANGED, DEACTIVATED, FAILED, LOCKED, MISSING, OUTCOMES, REFUSED, UNCHANGED, UNKNOWN

Record = dict[str, t.Any]
Tenant = dict[str, t.Any]
Document = dict[str, t.Any]

SCHEMA_VERSION = 1
NOT_DUE = "not_due"

SHOWN_LEAVERS = 60
SHOWN_PROBLEMS = 20
SHOWN_IN_A_SENTENCE = 10
MESSAGE_LENGTH = 300
NAME_WIDTH = 48

DONE_WORDS = {DEACTIVATED: "closed", LOCKED: "locked", ABSENT: "deleted"}
PLAN_WORDS = {DEACTIVATED: "would close", LOCKED: "would lock", ABSENT: "would delete"}
OTHER_WORDS = {MISSING: "no account", FAILED: "FAILED", REFUSED: "REFUSED", NOT_DUE: "not due"}
UNREAD_MARK = "*"
UNREAD_NOTE = f"{UNREAD_MARK} accepted by the vendor, not read back"
UNREAD_PLAN_NOTE = (
    f"{UNREAD_MARK} cannot be read: whether there is an account, and in which state, shows in the run only"
)
NO_RESULT = "NO RESULT"


def tenant_report(
    result: Mapping[str, t.Any],
    leavers: Sequence[Leaver],
    *,
    tenant: str,
    vendor: str,
    state: str,
    due_at: str,
    on_missing: str,
) -> Tenant:
    """Return what came of a tenant: the module's result, joined to all leavers by the order asked in."""
    moment = parse_time(due_at, "offboard_due_at")
    asked = [leaver for leaver in leavers if is_due(leaver, moment)]
    entries, error = _entries(result, vendor_users(asked, vendor))
    outcomes = iter(entries)
    records = []
    for leaver in leavers:
        entry = next(outcomes) if is_due(leaver, moment) else {"outcome": NOT_DUE}
        records.append(_record(leaver, entry, tenant, vendor))
    report: Tenant = {
        "tenant": tenant,
        "vendor": vendor,
        "state": state,
        "on_missing": on_missing,
        "check_mode": result.get("check_mode"),
        "plan_hash": result.get("plan_hash"),
        "summary": _summary(records),
        "requests": result.get("requests"),
        "error": error,
        "records": records,
    }
    return report


def _entries(
    result: Mapping[str, t.Any], asked: Sequence[Mapping[str, t.Any]]
) -> tuple[list[Mapping[str, t.Any]], dict[str, t.Any] | None]:
    """Return one entry for each user asked for, and what went wrong with the task as a whole.

    A result that does not answer what was asked, user by user, is a failure of all of them: never a guess who is who.
    """
    message = result.get("msg")
    error = {"code": "task_failed", "message": str(message)} if message else None
    entries = list(result.get("users") or [])
    if [entry.get("key") for entry in entries] == list(asked):
        return entries, error
    if error is None:
        error = {
            "code": "task_failed",
            "message": "the module's result does not list the users asked for, in their order",
        }
    return [{"outcome": FAILED, "error": error} for _each in asked], error


def _record(leaver: Leaver, entry: Mapping[str, t.Any], tenant: str, vendor: str) -> Record:
    return {
        "email": leaver["email"],
        "leave_at": leaver["leave_at"],
        "tenant": tenant,
        "vendor": vendor,
        "key": leaver["accounts"][vendor],
        "outcome": entry["outcome"],
        **{name: entry.get(name) for name in ("id", "name", "before", "after", "verified", "error")},
    }


def _summary(records: Iterable[Record]) -> dict[str, int]:
    counts = {"requested": 0, **dict.fromkeys((*OUTCOMES, NOT_DUE), 0)}
    for record in records:
        counts[record["outcome"]] += 1
        counts["requested"] += record["outcome"] != NOT_DUE
    return counts


def is_failing(record: Record, on_missing: str) -> bool:
    """Whether somebody has to look at this record."""
    return record["outcome"] in (FAILED, REFUSED) or (record["outcome"] == MISSING and on_missing == "fail")


def failures(tenants: Iterable[Tenant]) -> str:
    """Say which tenants failed, for which leavers, why, and what to do; an empty text when none did."""
    sentences = []
    refused = False
    for tenant in tenants:
        failing = [record for record in tenant["records"] if is_failing(record, tenant["on_missing"])]
        refused = refused or any(record["outcome"] == REFUSED for record in failing)
        if failing:
            sentences.append(_failing_sentence(tenant, failing))
        elif tenant["error"]:
            sentences.append(f"{tenant['tenant']}: {_short(tenant['error']['message'])}")
    if not sentences:
        return ""
    advice = "Correct the cause and run again for these tenants: accounts that are closed already are left as they are."
    if refused:
        advice = (
            f"What was refused was held back by offboard_protected, offboard_max_changes or offboard_plan. {advice}"
        )
    return " ".join((*(_ended(sentence) for sentence in sentences), advice))


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _failing_sentence(tenant: Tenant, failing: Sequence[Record]) -> str:
    names = [f"{record['email']} ({record['outcome']})" for record in failing]
    reason = next((record["error"]["message"] for record in failing if record["error"]), None)
    if reason is None and tenant["error"]:
        reason = tenant["error"]["message"]
    asked = sum(record["outcome"] != NOT_DUE for record in tenant["records"])
    return f"{tenant['tenant']}: {len(failing)} of {asked} leavers are not as asked: {_some(names)}" + (
        f"; the first reason: {_short(reason)}" if reason else ""
    )


def evidence(tenants: Iterable[Tenant], run: Mapping[str, t.Any], silent: Iterable[str] = ()) -> Document:
    """Return the document of a run. ``silent`` are the tenants that left no report.

    A task or a play may be in check mode without the command being so: what the modules say goes before.
    """
    reports = list(tenants)
    modes = {report["check_mode"] for report in reports} - {None}
    return {
        "schema_version": SCHEMA_VERSION,
        **_with_nulls(run),
        **({"check_mode": True in modes} if modes else {}),
        "collection_version": VERSION,
        "tenants": [
            *({name: value for name, value in report.items() if name != "records"} for report in reports),
            *(_silent(name) for name in silent),
        ],
        "records": [record for report in reports for record in report["records"]],
    }


def _with_nulls(values: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the values with none for the empty text that core 2.18 makes of it."""
    return {
        name: _with_nulls(value) if isinstance(value, Mapping) else None if value == "" else value
        for name, value in values.items()
    }


def _silent(tenant: str) -> Tenant:
    message = "left no result; the task that failed for this host says why"
    return {
        "tenant": tenant,
        **dict.fromkeys(("vendor", "state", "on_missing", "check_mode", "plan_hash", "summary", "requests")),
        "error": {"code": "no_result", "message": message},
    }


def matrix(document: Document) -> list[str]:
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
    failing = {
        email
        for email, row in rows.items()
        if any(is_failing(record, tenants[name]["on_missing"]) for name, record in row.items())
    }
    lines = [_headline(document, len(rows))]
    if document["records"] and all(record["outcome"] == NOT_DUE for record in document["records"]):
        lines.append("Nobody is due: nothing was asked of any vendor.")
    if len(shown) > SHOWN_LEAVERS:
        shown = [email for email in shown if email in failing]
        lines.append(
            f"Shown are the {len(shown)} that somebody has to look at:" if shown else "Nobody of them needs a look."
        )
    if shown:
        lines.extend(_leaver_table(shown[:SHOWN_LEAVERS], rows, tenants, bool(document["check_mode"])))
    if len(shown) > SHOWN_LEAVERS:
        lines.append(f"and {len(shown) - SHOWN_LEAVERS} more leavers that need a look")
    lines.extend(_totals(tenants))
    lines.extend(_reasons(document, tenants))
    return lines


def _headline(document: Document, leavers: int) -> str:
    people = f"{leavers} leaver{'' if leavers == 1 else 's'}"
    if document["check_mode"]:
        return f"Check mode, run {document['run_id']}: {people}. Nothing was written; this is what a run would do."
    return f"Run {document['run_id']}: {people}."


def _leaver_table(
    emails: Sequence[str], rows: Mapping[str, Mapping[str, Record]], tenants: Mapping[str, Tenant], check_mode: bool
) -> list[str]:
    body = [
        [_clip(email), *(_cell(rows[email].get(name), tenant, check_mode) for name, tenant in tenants.items())]
        for email in emails
    ]
    lines = _table(["leaver", *tenants], body)
    if any(cell.endswith(UNREAD_MARK) for row in body for cell in row[1:]):
        lines.append(UNREAD_PLAN_NOTE if check_mode else UNREAD_NOTE)
    return lines


def _cell(record: Record | None, tenant: Tenant, check_mode: bool) -> str:
    if record is None:
        return NO_RESULT
    outcome = record["outcome"]
    if outcome == CHANGED:
        words = PLAN_WORDS if check_mode else DONE_WORDS
        unread = (record["before"] or {}).get("state") == UNKNOWN if check_mode else record["verified"] is None
        return words[tenant["state"]] + (UNREAD_MARK if unread else "")
    if outcome == UNCHANGED:
        return f"already {DONE_WORDS[tenant['state']]}"
    return OTHER_WORDS[outcome]


def _totals(tenants: Mapping[str, Tenant]) -> list[str]:
    kinds = (*OUTCOMES, NOT_DUE)
    body = []
    for name, tenant in tenants.items():
        counts = tenant["summary"]
        requests = tenant["requests"] or {}
        numbers = [str(counts[kind]) if counts else "-" for kind in kinds]
        body.append([_clip(name), *numbers, str(requests.get("sent", "-"))])
    return ["", *_table(["tenant", *(kind.replace("_", " ") for kind in kinds), "requests"], body)]


def _reasons(document: Document, tenants: Mapping[str, Tenant]) -> list[str]:
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
    if not told:
        return []
    more = len(told) - SHOWN_PROBLEMS
    return ["", *told[:SHOWN_PROBLEMS], *([f"and {more} more reasons"] if more > 0 else [])]


def _says_more(tenant: Tenant, document: Document) -> bool:
    """Whether the tenant's records tell its error themselves, leaver by leaver."""
    return any(
        record["error"] and record["error"] != tenant["error"]
        for record in document["records"]
        if record["tenant"] == tenant["tenant"]
    )


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    rows = [head, *body]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _clip(text: str) -> str:
    return text if len(text) <= NAME_WIDTH else text[: NAME_WIDTH - 3] + "..."


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 3] + "..."


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN_IN_A_SENTENCE
    return ", ".join(names[:SHOWN_IN_A_SENTENCE]) + (f" and {more} more" if more > 0 else "")


OTHER_WORDS |= {"closed": "closed", "still_active": "still active", "no_account": "no account", UNKNOWN: "unknown"}
cell_word = _cell
