# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result for each leaver at one tenant: what a module returned, joined to the leavers.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    CLOSED_NOT_LISTED,
    CLOSED_STATES,
    FAILED,
    LOCKED,
    MISSING,
    NOT_DUE,
    OFF_STATES,
    OUTCOMES,
    REFUSED,
    UNCHANGED,
    Key,
)
from ansible_collections.saas.offboarding.plugins.module_utils._reach import Reach, reach_text
from ansible_collections.saas.offboarding.plugins.module_utils._reading import LIST, NONE

from ._catalog import VENDORS
from ._leavers import key_at, parse_time, vendor_users
from ._nouns import (
    AccountKey,
    AccountResult,
    Approved,
    ClosedAccount,
    E,
    Error,
    Extras,
    Leaver,
    ModuleResult,
    OfProduct,
    Person,
    Proof,
    Reading,
    Record,
    StagesOfLeaver,
    State,
    Strategy,
    TenantReport,
    Totals,
    UserResult,
    Whose,
    Written,
    is_only_sessions,
    known,
    place_of,
)
from ._plan import differences
from ._role_variables import NAMED
from ._stages import Stages
from ._words import OFFBOARD

TASK_FAILED = "task_failed"
"""The code of a task that ended before it could ask for an account."""


def tenant_report(
    result: Written,
    leavers: Sequence[Leaver],
    *,
    tenant: str,
    vendor: str,
    stages: Stages,
    due_at: str,
    on_missing: str,
    approved: Approved | None = None,
) -> TenantReport:
    """Return the report of a tenant: the module's result, joined to all leavers by the order asked in.

    ``approved``: what was approved there, where more than its hash is known.
    """
    moment = parse_time(due_at, "offboard_due_at")
    due = stages.states(leavers, due_at)
    asked = [leaver for leaver in leavers if leaver["email"] in due]
    entries, error = joined(result, vendor_users(asked, vendor, tenant), failed_user)
    outcomes = iter(entries)
    records: list[Record] = []
    reach = result.get("scope")
    for leaver in leavers:
        entry: UserResult = next(outcomes) if leaver["email"] in due else {"outcome": NOT_DUE}
        record = run_record(leaver, entry, tenant, vendor, on_missing, reach, stages.of_leaver(leaver, moment))
        if record["before"] and record["before"]["state"] == LOCKED and stages.is_later(leaver, moment):
            record["seconds_to_close"] = None  # the stage before has closed it
        records.append(record)
    return {
        "kind": OFFBOARD,
        "lacking": result.get("lacking", []),
        "tenant": tenant,
        "vendor": vendor,
        "state": stages.tenant_state,
        "on_missing": on_missing,
        "check_mode": result.get("check_mode"),
        "plan_hash": result.get("plan_hash"),
        "summary": counted(records, OUTCOMES),
        "requests": result.get("requests"),
        "read": result.get("read"),
        "reach": reach,
        **of_product([result]),
        "error": error,
        "differences": differences(approved, stages.state, place_of(result), records, due),
        "records": records,
        "both_lists": [],
        "orphans": [],
        "second_look": [],
    }


def joined(
    result: ModuleResult[E], asked: Sequence[AccountKey], otherwise: Callable[[Error], E]
) -> tuple[list[E], Error | None]:
    """Return one entry for each user asked for, and what went wrong with the task as a whole.

    A result that does not answer what was asked, user by user, is a failure of all of them: never a guess who is who.
    """
    message = result.get("msg")
    error: Error | None = {"code": TASK_FAILED, "message": str(message)} if message else None
    entries = list(result.get("users") or ())
    if [entry.get("key") for entry in entries] == list(asked):
        return entries, None if any(entry.get("error") for entry in entries) else error
    if error is None:
        error = {
            "code": TASK_FAILED,
            "message": "the module's result does not list the users asked for, in their order",
        }
    return [otherwise(error) for _each in asked], error


def failed_user(error: Error) -> UserResult:
    """Return the entry of a user for whom a module that writes returned no result."""
    return {"outcome": FAILED, "error": error}


def unread_account(error: Error) -> AccountResult:
    """Return the entry of an account for which an info module returned no result."""
    return {"found": None, "error": error}


def run_record(
    person: Person,
    entry: UserResult,
    tenant: str,
    vendor: str,
    on_missing: str,
    reach: Reach = None,
    stages: StagesOfLeaver | None = None,
) -> Record:
    """Return the record of a person's account: an entry of a module's result, with whose it is.

    ``reach``: which accounts the credential could see. ``stages``: the person's, where the run has stages.
    """
    outcome = entry["outcome"]
    proof: Proof = entry.get("proof") or {}
    whose = who(person, tenant, vendor)
    error = entry.get("error")
    manual = list(entry.get("manual") or ())
    missing = outcome == MISSING and _must_exist(whose, on_missing, manual)
    if missing and error is None:
        error = {"code": "no_account", "message": _no_account(whose["key"], on_missing, reach)}
    deleted = outcome == UNCHANGED and known(entry.get("before"))["state"] == ABSENT
    return {
        **whose,
        "outcome": outcome,
        "failing": outcome in (FAILED, REFUSED) or missing,
        "id": entry.get("id"),
        "name": entry.get("name"),
        "before": entry.get("before"),
        "after": entry.get("after"),
        "verified": entry.get("verified"),
        "error": error,
        "read_at": proof.get("before_at"),
        "written_at": proof.get("written_at"),
        "seen_at": proof.get("after_at"),
        "status": proof.get("status"),
        "request_id": proof.get("request_id"),
        "seconds_to_close": seconds_to_close(person, entry, proof.get("after_at")),
        "manual": manual,
        **extras_of(entry),
        **looked_in(reach if outcome == MISSING or deleted else None),
        **(stages or {}),
    }


def extras_of(entry: UserResult | AccountResult) -> Extras:
    """Return what a record has of an entry only where there is something of it."""
    extras: Extras = {}
    if entry.get("repaired"):
        extras["repaired"] = True
    if notes := entry.get("manual_notes"):
        extras["manual_notes"] = notes
    return extras


def looked_in(reach: Reach) -> Extras:
    """Return what the record of a leaver without an account has: where there is none, if that is known."""
    return {} if reach is None else {"looked_in": reach_text(reach)}


def _must_exist(whose: Whose, on_missing: str, manual: Sequence[str]) -> bool:
    """Return whether it fails the run that there is no account. ``manual``: codes of what is left to a person."""
    if on_missing != NAMED:
        return on_missing == "fail"
    # What CustomerGauge answers to a second request is not documented. A closed account may be one that is not listed.
    return (
        CLOSED_NOT_LISTED not in manual
        and VENDORS[whose["vendor"]].readable
        and whose["key"] != {"email": whose["email"]}
    )


def _no_account(key: AccountKey, on_missing: str, reach: Reach) -> str:
    advice = ". Correct the key in the list, or take it out to look for the e-mail address"
    advice = advice if on_missing == NAMED else ""
    place = "" if reach is None else f" in {reach_text(reach)}"
    return f"There is no account with {next(iter(key))} {Key.parse(key)}{place}, so that nothing was changed{advice}"


def totals(views: Mapping[str, ModuleResult[t.Any]]) -> Totals:
    """Return the requests and the readings of several results of one tenant, added up; each account counts once."""
    requests = [view["requests"] for view in views.values() if view.get("requests")]
    found = {each["id"] for view in views.values() for each in view.get("users") or () if each.get("id")}
    reads = [read for view in views.values() if (read := view.get("read"))]
    return {
        "requests": {
            "sent": sum(each["sent"] for each in requests),
            "retried": sum(each["retried"] for each in requests),
            "tokens": sum(each["tokens"] for each in requests),
        }
        if requests
        else None,
        "read": {
            "tenant": reads[0]["tenant"],
            **_strategies(reads),
            # A list shows accounts that were not requested; all others that were read are among those that were found.
            "accounts": max([len(found), *(read["accounts"] for read in reads if LIST in read.get("strategy", LIST))]),
            "pages": sum(read["pages"] for read in reads),
            "complete": len(reads) == len(views) and all(read["complete"] for read in reads),
        }
        if reads
        else None,
        **of_product(views.values()),
        "reach": next((view["scope"] for view in views.values() if view.get("scope") is not None), None),
    }


def of_product(results: Iterable[OfProduct]) -> OfProduct:
    """Return what results of one tenant state of its product: the last of them, which has learnt most."""
    given = [each for each in results if "product" in each]
    if not given:
        return {}
    notes = dict.fromkeys(note for each in given for note in each.get("notes", []))
    return {"product": given[-1]["product"], "notes": [*notes]}


def _strategies(reads: Sequence[Reading]) -> Strategy:
    """Return the strategies of several readings as one, in order."""
    strategies = [each for read in reads if "strategy" in read for each in read["strategy"].split("+")]
    taken = [each for each in dict.fromkeys(strategies) if each != NONE]
    return {"strategy": "+".join(taken) or NONE} if strategies else {}


def who(person: Person, tenant: str, vendor: str) -> Whose:
    """Return the part of a record that names the leaver and the tenant."""
    return {
        "email": person["email"],
        "leave_at": person["leave_at"],
        "reason": person.get("reason"),
        "ticket": person.get("ticket"),
        "tenant": tenant,
        "vendor": vendor,
        "key": key_at(person, tenant, vendor),
    }


def by_its_id(record: Record, place: str | None) -> ClosedAccount:
    """Return a record's account, named by its id, and the place where alone that means it."""
    vendor = record["vendor"]
    return {
        "email": record["email"],
        "leave_at": record["leave_at"],
        "accounts": {vendor: record["key"] if record["id"] is None else {"user_id": record["id"]}},
        "record": record,
        "at": place,
        "by_hand": ACTIVE not in VENDORS[vendor].states or known(record["after"])["state"] == ABSENT,
    }


def seen_state(entry: AccountResult) -> State:
    """Return the state that an entry of an info module's result has."""
    state: State = {"state": entry["state"], "vendor_state": entry["vendor_state"]}
    return {**state, "sessions": entry["sessions"]} if "sessions" in entry else state


def overall_error(entries: Sequence[AccountResult], error: Error | None) -> Error | None:
    """Return the error of a lookup as a whole, or None if an account was read: then each account has its own error."""
    if any(entry["found"] is not None for entry in entries):
        return None
    return (entries[0]["error"] if entries else None) or error


def seconds_to_close(person: Person, entry: UserResult, seen_at: str | None) -> int | None:
    """Return the seconds from leave_at to the moment at which the closed account was read back."""
    if not is_closed_by_run(entry) or seen_at is None or person["leave_at"] is None:
        return None
    return round((moment_of(seen_at) - moment_of(person["leave_at"])).total_seconds())


def is_closed_by_run(entry: UserResult | Record) -> bool:
    """Return whether an account was changed and read as closed."""
    closed = known(entry.get("after"))["state"] in CLOSED_STATES
    # What was off before is no delay: its deletion is a later stage, or only its sessions were ended.
    was_off = known(entry.get("before"))["state"] in OFF_STATES or is_only_sessions(entry)
    return entry["outcome"] == CHANGED and bool(entry.get("verified")) and closed and not was_off


def moment_of(text: str) -> datetime:
    return parse_time(text, "the time")


def counted(records: Iterable[Record], outcomes: Sequence[str]) -> dict[str, int]:
    """Count records by outcome."""
    counts = {"requested": 0, **dict.fromkeys((*outcomes, NOT_DUE), 0)}
    for record in records:
        counts[record["outcome"]] = counts.get(record["outcome"], 0) + 1
        counts["requested"] += record["outcome"] != NOT_DUE
    return counts
