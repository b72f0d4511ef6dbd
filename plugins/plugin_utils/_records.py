# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result for each leaver at one tenant: what a module returned, joined to the leavers.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    CHANGED,
    CLOSED_STATES,
    FAILED,
    MISSING,
    NOT_DUE,
    OUTCOMES,
    REFUSED,
)
from ansible_collections.saas.offboarding.plugins.module_utils._reading import NONE

from ._leavers import (
    Leaver,
    is_due,
    parse_time,
    vendor_users,
)
from ._plan import Approved, differences, place_of
from ._words import OFFBOARD


class Error(t.TypedDict, total=False):
    """Why something did not work."""

    code: t.Required[str]
    message: t.Required[str]
    status: int | None
    request_id: str | None
    retryable: bool


class State(t.TypedDict):
    """The state of an account, in the shared vocabulary and in the vendor's own word."""

    state: str
    vendor_state: str | None


class Record(t.TypedDict):
    """The result for one leaver at one tenant."""

    email: str
    leave_at: str | None
    tenant: str
    vendor: str
    key: dict[str, t.Any]
    outcome: str
    failing: bool
    id: str | None
    name: str | None
    before: State | None
    after: State | None
    verified: bool | None
    error: Error | None
    read_at: str | None
    written_at: str | None
    seen_at: str | None
    status: int | None
    request_id: str | None
    seconds_to_close: int | None
    manual: list[str]


class Orphan(t.TypedDict):
    """An account in use that belongs to no person of the staff list."""

    tenant: str
    vendor: str
    id: str
    name: str | None
    email: str | None
    state: str
    vendor_state: str | None


class SecondLook(t.TypedDict):
    """An account that an earlier run left closed, as it is now."""

    tenant: str
    vendor: str
    email: str
    id: str | None
    was: State
    now: State | None
    verdict: str
    failing: bool
    reason: str | None
    read_at: str | None


class TenantReport(t.TypedDict):
    """The result at one tenant."""

    kind: str
    tenant: str
    vendor: str
    state: str
    on_missing: str | None
    check_mode: bool | None
    plan_hash: str | None
    summary: dict[str, int]
    requests: dict[str, int] | None
    read: dict[str, t.Any] | None
    error: Error | None
    differences: list[str]
    records: list[Record]
    orphans: list[Orphan]
    second_look: list[SecondLook]


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
) -> TenantReport:
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
    entries = list(result.get("users") or ())
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
