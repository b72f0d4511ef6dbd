# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of each leaver at each tenant, and the document of a whole run.

PRIVATE to the collection. The document is what roles/offboard/files/evidence.schema.json describes.
"""

from __future__ import annotations

import math
import re
import typing as t
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    CLOSED_STATES,
    DEACTIVATED,
    FAILED,
    LOCKED,
    MISSING,
    NOT_DUE,
    OUTCOMES,
    REFUSED,
    UNCHANGED,
    UNKNOWN,
    ManualTask,
)
from ansible_collections.saas.offboarding.plugins.module_utils._packed import unpack
from ansible_collections.saas.offboarding.plugins.module_utils._reading import NONE
from ansible_collections.saas.offboarding.plugins.module_utils._version import VERSION

from ._catalog import VENDORS
from ._chain import chained
from ._leavers import Leaver, LeaversError, is_due, parse_time, vendor_users
from ._plan import Approved, differences, place_of

Record = dict[str, t.Any]
Tenant = dict[str, t.Any]
Document = dict[str, t.Any]

SCHEMA_VERSION = 1
OFFBOARD = "offboard"
AUDIT = "audit"
REINSTATE = "reinstate"

BY_HAND = "by_hand"
"""What no API can re-open."""
NO_WAY_BACK = "no_way_back"
"""The code of the task for a person that goes with it."""
CLOSED = "closed"
STILL_ACTIVE = "still_active"
NO_ACCOUNT = "no_account"
VERDICTS = (CLOSED, STILL_ACTIVE, NO_ACCOUNT, UNKNOWN)
OUTCOMES_OF = {OFFBOARD: OUTCOMES, AUDIT: VERDICTS, REINSTATE: (*OUTCOMES, BY_HAND)}
"""What can come of a leaver at a tenant, by the kind of run."""

STILL_OFF = "still_off"
CAME_BACK = "came_back"

DONE_WORDS = {DEACTIVATED: "closed", LOCKED: "locked", ABSENT: "deleted", ACTIVE: "re-opened"}
PLAN_WORDS = {DEACTIVATED: "would close", LOCKED: "would lock", ABSENT: "would delete", ACTIVE: "would re-open"}
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
}
UNREAD_MARK = "*"
NO_RESULT = "NO RESULT"

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
_UNITS = (86400, 3600, 60, 1)


# -- records of a run


def tenant_report(
    result: Mapping[str, t.Any],
    leavers: Sequence[Leaver],
    *,
    tenant: str,
    vendor: str,
    state: str,
    due_at: str,
    on_missing: str,
    approved: Approved | None = None,
) -> Tenant:
    """Return what came of a tenant: the module's result, joined to all leavers by the order asked in.

    ``approved``: what was approved there, where more than its hash is known.
    """
    moment = parse_time(due_at, "offboard_due_at")
    asked = [leaver for leaver in leavers if is_due(leaver, moment)]
    entries, error = joined(result, vendor_users(asked, vendor), {"outcome": FAILED})
    outcomes = iter(entries)
    records = []
    for leaver in leavers:
        entry = next(outcomes) if is_due(leaver, moment) else {"outcome": NOT_DUE}
        records.append(run_record(leaver, entry, tenant, vendor, on_missing))
    return {
        "kind": OFFBOARD,
        "tenant": tenant,
        "vendor": vendor,
        "state": state,
        "on_missing": on_missing,
        "check_mode": result.get("check_mode"),
        "plan_hash": result.get("plan_hash"),
        "summary": counted(records, OUTCOMES),
        "requests": result.get("requests"),
        "read": result.get("read"),
        "error": error,
        "differences": differences(approved, state, place_of(result), records),
        "records": records,
        "orphans": [],
        "second_look": [],
    }


def joined(
    result: Mapping[str, t.Any], asked: Sequence[Mapping[str, t.Any]], otherwise: Mapping[str, t.Any]
) -> tuple[list[Mapping[str, t.Any]], dict[str, t.Any] | None]:
    """Return one entry for each user asked for, and what went wrong with the task as a whole.

    A result that does not answer what was asked, user by user, is a failure of all of them: never a guess who is who.
    """
    message = result.get("msg")
    error = {"code": "task_failed", "message": str(message)} if message else None
    try:
        entries = list(unpack(result.get("users")) or [])
    except ValueError:
        entries = []  # damaged: nobody is told apart
    if [entry.get("key") for entry in entries] == list(asked):
        return entries, error
    if error is None:
        error = {
            "code": "task_failed",
            "message": "the module's result does not list the users asked for, in their order",
        }
    return [{**otherwise, "error": error} for _each in asked], error


def run_record(leaver: Leaver, entry: Mapping[str, t.Any], tenant: str, vendor: str, on_missing: str) -> Record:
    """Return the record of what came of a leaver: an entry of a module's result, with whose it is."""
    outcome = entry["outcome"]
    proof = entry.get("proof") or {}
    return {
        **who(leaver, tenant, vendor),
        "outcome": outcome,
        "failing": outcome in (FAILED, REFUSED) or (outcome == MISSING and on_missing == "fail"),
        **{name: entry.get(name) for name in ("id", "name", "before", "after", "verified", "error")},
        "read_at": proof.get("before_at"),
        "written_at": proof.get("written_at"),
        "seen_at": proof.get("after_at"),
        "status": proof.get("status"),
        "request_id": proof.get("request_id"),
        "seconds_to_close": seconds_to_close(leaver, entry, proof.get("after_at")),
        "manual": list(entry.get("manual") or ()),
    }


def totals(views: Mapping[str, Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Return the requests and the readings of several results of one tenant, added up."""
    requests = [view["requests"] for view in views.values() if view.get("requests")]
    reads = [view["read"] for view in views.values() if view.get("read")]
    return {
        "requests": {name: sum(each[name] for each in requests) for name in requests[0]} if requests else None,
        "read": {
            "tenant": reads[0]["tenant"],
            **_strategies(reads),
            "accounts": sum(read["accounts"] for read in reads),
            "pages": sum(read["pages"] for read in reads),
            "complete": len(reads) == len(views) and all(read["complete"] for read in reads),
        }
        if reads
        else None,
    }


def _strategies(reads: Sequence[Mapping[str, t.Any]]) -> dict[str, str]:
    """Return the strategies of several readings as one, in order."""
    strategies = [each for read in reads if "strategy" in read for each in read["strategy"].split("+")]
    taken = [each for each in dict.fromkeys(strategies) if each != NONE]
    return {"strategy": "+".join(taken) or NONE} if strategies else {}


def who(leaver: Leaver, tenant: str, vendor: str) -> Record:
    """Return the part of a record that says whose it is, and where."""
    return {
        "email": leaver["email"],
        "leave_at": leaver["leave_at"],
        "tenant": tenant,
        "vendor": vendor,
        "key": leaver["accounts"][vendor],
    }


def by_its_id(record: Record, place: str | None) -> Leaver:
    """Return a record's account like a leaver, named by its id, and the place where alone that means it."""
    return {
        "email": record["email"],
        "leave_at": record["leave_at"],
        "accounts": {record["vendor"]: record["key"] if record["id"] is None else {"user_id": record["id"]}},
        "record": record,
        "at": place,
    }


def seen_condition(entry: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the condition that an entry of an info module's result tells."""
    return {"state": entry["state"], "vendor_state": entry["vendor_state"]}


def untold(entries: Sequence[Mapping[str, t.Any]], error: dict[str, t.Any] | None) -> dict[str, t.Any] | None:
    """Return what went wrong with a look as a whole: where one account was told, each other tells its own reason."""
    if any(entry["found"] is not None for entry in entries):
        return None
    return (entries[0]["error"] if entries else None) or error


def seconds_to_close(leaver: Leaver, entry: Mapping[str, t.Any], seen_at: str | None) -> int | None:
    """Return the seconds from leave_at to the moment at which an account that was closed was seen closed."""
    closed = entry["outcome"] == CHANGED and entry.get("verified") and entry["after"]["state"] in CLOSED_STATES
    if not closed or seen_at is None or leaver["leave_at"] is None:
        return None
    return round((moment_of(seen_at) - moment_of(leaver["leave_at"])).total_seconds())


def moment_of(text: str) -> datetime:
    return parse_time(text, "the time")


def counted(records: Iterable[Record], outcomes: Sequence[str]) -> dict[str, int]:
    """Count records by outcome."""
    counts = {"requested": 0, **dict.fromkeys((*outcomes, NOT_DUE), 0)}
    for record in records:
        counts[record["outcome"]] += 1
        counts["requested"] += record["outcome"] != NOT_DUE
    return counts


# -- the document of a run


def evidence(
    tenants: Iterable[Tenant],
    run: Mapping[str, t.Any],
    silent: Iterable[str] = (),
    unseen: Iterable[Mapping[str, t.Any]] = (),
) -> Document:
    """Return the document of a run. ``silent`` are the tenants that left no report, ``unseen`` is what a second look
    did not come to.

    ``run`` has kind, run_id, check_mode, started, finished, ran_by, ansible_core_version, parameters, source, staff,
    earlier, reason, ticket and sla. A task or a play may be in check mode without the command being so: what the
    modules say goes before, and one tenant that was written to makes a run that wrote.
    """
    reports = list(tenants)
    facts = _with_nulls(run)
    sla = parse_duration(facts.pop("sla"), "offboard_sla")
    modes = {report["check_mode"] for report in reports} - {None}
    if modes:
        facts["check_mode"] = modes == {True}
    records = [record for report in reports for record in report["records"]]
    tasks = [task for record in records for task in _tasks(record)]
    looks = [look for report in reports for look in report["second_look"]] + [dict(look) for look in unseen]
    unwritten = _only_said(facts["kind"], reports)
    head = {
        "schema_version": SCHEMA_VERSION,
        **facts,
        "collection_version": VERSION,
        "population": _population(facts, records, unwritten, len(tasks)),
        "time_to_close": _time_to_close(
            [] if facts["kind"] == REINSTATE else records, sla, moment_of(facts["finished"]), unwritten
        ),
        "tenants": [
            *({name: report[name] for name in _TENANT_FIELDS} for report in reports),
            *(_silent(name) for name in silent),
        ],
        "tasks": tasks,
        "orphans": [orphan for report in reports for orphan in report["orphans"]],
        "second_look": looks,
    }
    if facts["kind"] == AUDIT:
        head["population"] |= _found_otherwise(looks, len(head["orphans"]))
    return chained(head, records)


_TENANT_FIELDS = (
    "tenant",
    "vendor",
    "state",
    "on_missing",
    "check_mode",
    "plan_hash",
    "summary",
    "requests",
    "read",
    "error",
    "differences",
)


def is_plan(document: Document) -> bool:
    """Whether the document says what a run would do. An audit never writes, and so plans nothing."""
    return document["kind"] != AUDIT and bool(document["check_mode"])


def only_said(document: Document) -> set[str]:
    """Return the tenants at which a run only said what it would do."""
    return _only_said(document["kind"], document["tenants"])


def _only_said(kind: str, tenants: Iterable[Tenant]) -> set[str]:
    return {tenant["tenant"] for tenant in tenants if kind != AUDIT and tenant["check_mode"]}


def tenant_places(document: Document) -> dict[str, str | None]:
    """Return where each tenant of a run was. An account's id is worth nothing elsewhere."""
    places: dict[str, str | None] = {}
    for tenant in document["tenants"]:
        name, place = tenant["tenant"], place_of(tenant)
        # Two of one name: nobody can tell which of them an account is at.
        places[name] = None if places.get(name, place) != place else place
    return places


def _with_nulls(values: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the values with none for the empty text that core 2.18 makes of it."""
    return {
        name: _with_nulls(value) if isinstance(value, Mapping) else None if value == "" else value
        for name, value in values.items()
    }


def _silent(tenant: str) -> Tenant:
    message = "left no result; the task that failed for this host says why"
    return {
        **dict.fromkeys(_TENANT_FIELDS),
        "tenant": tenant,
        "error": {"code": "no_result", "message": message},
        "differences": [],
    }


def _tasks(record: Record) -> list[dict[str, t.Any]]:
    vendor = VENDORS[record["vendor"]]
    known: Mapping[str, ManualTask] = {**vendor.manual, NO_WAY_BACK: vendor.no_way_back}
    return [
        {
            "code": code,
            **{name: record[name] for name in ("tenant", "vendor", "email", "id")},
            "reason": known[code].reason,
            "action": known[code].action,
            "source": known[code].source,
        }
        for code in record["manual"]
    ]


def _population(
    facts: Mapping[str, t.Any], records: Sequence[Record], only_said: Collection[str], tasks: int
) -> dict[str, int]:
    """Count people, and pairs of a leaver and a tenant: what went in and what came out."""
    counts = dict.fromkeys(OUTCOMES_OF[facts["kind"]], 0)
    for record in records:
        if record["outcome"] != NOT_DUE:
            counts[record["outcome"]] += 1
    return {
        # Those of tenants that left no report are in no record.
        "leavers": max(len({record["email"] for record in records}), facts["source"].get("people") or 0),
        "asked": sum(counts.values()),
        "matched": sum(
            record["id"] is not None or (record["outcome"] == CHANGED and record["tenant"] not in only_said)
            for record in records
        ),
        **counts,
        NOT_DUE: sum(record["outcome"] == NOT_DUE for record in records),
        "manual": tasks,
    }


def _found_otherwise(looks: Sequence[Mapping[str, t.Any]], orphans: int) -> dict[str, int]:
    verdicts = [look["verdict"] for look in looks]
    return {"orphans": orphans, STILL_OFF: verdicts.count(STILL_OFF), CAME_BACK: verdicts.count(CAME_BACK)}


def parse_duration(value: t.Any, what: str) -> int:
    """Return a duration in seconds: a number of them, or 90m, 24h, 2d, 1d12h. Raises LeaversError."""
    text = str(value).strip()
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise LeaversError(
            f"{what} must be a duration such as 90m, 24h or 2d, or a number of seconds, not {text[:40]!r}"
        )
    return sum(int(part) * unit for part, unit in zip(found.groups(), _UNITS, strict=True) if part)


def _time_to_close(
    records: Sequence[Record], limit: int, finished: datetime, only_said: Collection[str]
) -> dict[str, t.Any]:
    """Return how long it took from leave_at to verified off, and what took longer than the limit, or still does."""
    closed = [
        (record["seconds_to_close"], record, False) for record in records if record["seconds_to_close"] is not None
    ]
    waiting = [
        (round((finished - moment_of(record["leave_at"])).total_seconds()), record, True)
        for record in records
        if record["leave_at"] is not None and _is_open(record, only_said)
    ]
    over = sorted(
        (each for each in (*closed, *waiting) if each[0] > limit),
        key=lambda each: (-each[0], each[1]["email"], each[1]["tenant"]),
    )
    times = sorted(seconds for seconds, _record, _open in closed)
    return {
        "limit": limit,
        "measured": len(times),
        "p50": _percentile(times, 0.5),
        "p95": _percentile(times, 0.95),
        "max": times[-1] if times else None,
        "over": [
            {"email": record["email"], "tenant": record["tenant"], "seconds": seconds, "open": is_open}
            for seconds, record, is_open in over
        ],
    }


def _is_open(record: Record, only_said: Collection[str]) -> bool:
    """Whether somebody who is due may still have access: the account was not seen closed by the end of the run."""
    if record["outcome"] == CHANGED:
        return record["tenant"] in only_said
    return bool(record["failing"]) and record["outcome"] != MISSING


def _percentile(times: Sequence[int], share: float) -> int | None:
    """Return the nearest-rank percentile of sorted times: one of them, never a value between two."""
    return times[max(0, math.ceil(share * len(times)) - 1)] if times else None


# -- words


def cell_word(record: Record | None, tenant: Tenant, check_mode: bool) -> str:
    """Return the word for what came of a leaver at a tenant. Marked: accepted by the vendor, but not read."""
    if record is None:
        return NO_RESULT
    outcome = record["outcome"]
    if tenant["check_mode"] is not None:
        check_mode = bool(tenant["check_mode"])
    if outcome == CHANGED:
        words = PLAN_WORDS if check_mode else DONE_WORDS
        unread = (record["before"] or {}).get("state") == UNKNOWN if check_mode else record["verified"] is None
        return words[tenant["state"]] + (UNREAD_MARK if unread else "")
    if outcome == UNCHANGED:
        return f"already {ALREADY_WORDS[tenant['state']]}"
    return OTHER_WORDS[outcome]
