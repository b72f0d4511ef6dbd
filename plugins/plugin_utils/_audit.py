# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: leavers who still have access, accounts of no person on the staff list, and accounts that came back.

PRIVATE to the collection. All of it is a function of what the info modules returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ansible_collections.saas.offboarding.plugins.module_utils._match import Patterns
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    CLOSED_STATES,
    DEACTIVATED,
    LOCKED,
    NOT_DUE,
    SESSIONS_LEFT,
    UNCHANGED,
    UNKNOWN,
    Key,
    fold,
)
from ansible_collections.saas.offboarding.plugins.module_utils._reach import Reach

from ._catalog import VENDORS
from ._evidence import only_planned, tenant_places
from ._leavers import is_due, key_at, parse_time, vendor_users
from ._leavers_file import LeaversError
from ._nouns import (
    AccountKey,
    AccountResult,
    ClosedAccount,
    Error,
    Evidence,
    Leaver,
    Orphan,
    Record,
    SecondLook,
    State,
    TenantReport,
    View,
    code_of,
    known,
    place_of,
)
from ._records import (
    by_its_id,
    counted,
    extras_of,
    joined,
    looked_in,
    moment_of,
    overall_error,
    seen_state,
    totals,
    unread_account,
    who,
)
from ._stages import CLOSEDNESS, Stages
from ._words import (
    AUDIT,
    CAME_BACK,
    CLOSED,
    NO_ACCOUNT,
    REINSTATE,
    REINSTATED,
    STAGE_DUE,
    STILL_ACTIVE,
    STILL_OFF,
    VERDICTS,
)

UNREADABLE = "not_readable"


def audit_report(
    views: Mapping[str, View],
    leavers: Sequence[Leaver],
    *,
    tenant: str,
    vendor: str,
    stages: Stages,
    due_at: str,
    unknown: str = "report",
    staff: Sequence[Leaver] | None = None,
    exempt: Sequence[str] = (),
    earlier: Sequence[ClosedAccount] = (),
) -> TenantReport:
    """Return the audit report of a tenant.

    ``views``: the results of the info module that were got: ``leavers`` (those who are due, by their keys), ``again``
    (the accounts of ``earlier``) and ``all`` (everybody), or ``error``. ``unknown``: whether a state that no API
    reports fails the audit. ``earlier``: what an earlier run left closed at this tenant, as `left_closed` returns it.
    """
    moment = parse_time(due_at, "offboard_due_at")
    due = stages.states(leavers, due_at)
    asked = [leaver for leaver in leavers if leaver["email"] in due]
    readable = VENDORS[vendor].readable
    failing = readable or unknown == "fail"
    entries, error = _answers(views, "leavers", vendor_users(asked, vendor, tenant), vendor)
    back = _reinstated(earlier, place_of(views.get("leavers") or {}))
    seen = iter(entries)
    reach = (views.get("leavers") or {}).get("scope")
    records: list[Record] = []
    for leaver in leavers:
        entry = next(seen) if leaver["email"] in due else None
        state = due.get(leaver["email"], "")
        records.append(_record(leaver, entry, tenant, vendor, state, failing, back, reach, stages, moment))
    again, again_error = _answers(views, "again", vendor_users(earlier, vendor, tenant), vendor)
    everybody = views.get("all") or {}
    coming = [leaver for leaver in leavers if leaver["email"] not in due]
    staying = [person for person in staff or () if person["leave_at"] is None or not is_due(person, moment)]
    return {
        "kind": AUDIT,
        "lacking": [],
        "tenant": tenant,
        "vendor": vendor,
        "state": stages.tenant_state,
        "on_missing": None,
        "check_mode": True,
        "plan_hash": None,
        "summary": counted(records, VERDICTS),
        **totals(views),
        "error": error or again_error or (_list_error(views) if staff is not None and readable else None),
        "differences": [],
        "records": records,
        "both_lists": _on_both_lists(asked, staying, tenant, vendor),
        "orphans": _orphans(everybody, tenant, vendor, records, [*staying, *coming], exempt)
        if staff is not None
        else [],
        "second_look": [
            _second_look(account, entry, views.get("again") or {}, failing)
            for account, entry in zip(earlier, again, strict=True)
        ],
    }


def _answers(
    views: Mapping[str, View], name: str, asked: Sequence[AccountKey], vendor: str
) -> tuple[list[AccountResult], Error | None]:
    """Return an entry for each requested user, and the error of the task as a whole."""
    if not VENDORS[vendor].readable:
        reason: Error = {"code": UNREADABLE, "message": f"{VENDORS[vendor].product} has no request that reads a user"}
        return [{"found": None, "error": reason, "manual": list(VENDORS[vendor].manual)} for _each in asked], None
    if not asked:
        return [], None
    entries, error = joined(views.get("error") or views.get(name) or {}, asked, unread_account)
    return entries, overall_error(entries, error)


def _list_error(views: Mapping[str, View]) -> Error | None:
    """Return why orphans cannot be listed: the list of all accounts is not there, or is not complete."""
    view = views.get("error") or views.get("all") or {}
    message = view.get("msg") or ("the list of all accounts is not complete" if not view.get("complete") else None)
    return {"code": "list_incomplete", "message": str(message)} if message else None


def _reinstated(earlier: Sequence[ClosedAccount], here: str | None) -> dict[str | None, str]:
    """Return when a reinstatement left accounts open that are at this place, by their ids."""
    records = [each["record"] for each in earlier if here is not None and each["at"] == here]
    return {
        record["id"]: at
        for record in records
        if known(record["after"])["state"] == ACTIVE and (at := record.get("seen_at") or record.get("written_at"))
    }


def _record(
    leaver: Leaver,
    entry: AccountResult | None,
    tenant: str,
    vendor: str,
    state: str,
    unknown_fails: bool,
    back: Mapping[str | None, str],
    reach: Reach,
    stages: Stages,
    moment: datetime,
) -> Record:
    verdict, error = (NOT_DUE, None) if entry is None else _verdict(entry, state)
    if entry and stages.are_given and (overdue := _overdue(entry, state, stages)):
        verdict, error = STAGE_DUE, overdue
    entry = entry or {"found": None}
    at = back.get(entry.get("id"))
    # A leaver who leaves after the reinstatement has left again.
    if (
        verdict == STILL_ACTIVE
        and entry["state"] == ACTIVE
        and at
        and (leaver["leave_at"] is None or moment_of(leaver["leave_at"]) <= moment_of(at))
    ):
        verdict = REINSTATED
    seen = entry.get("seen")
    return {
        **who(leaver, tenant, vendor),
        "outcome": verdict,
        "failing": verdict in (STILL_ACTIVE, SESSIONS_LEFT, STAGE_DUE) or (verdict == UNKNOWN and unknown_fails),
        "id": entry.get("id"),
        "name": entry.get("name"),
        "before": None,
        "after": None if entry["found"] is None else seen_state(entry),
        "verified": None,
        "error": error,
        "read_at": seen and seen["at"],
        "written_at": None,
        "seen_at": seen and seen["at"],
        "status": seen and seen["status"],
        "request_id": seen and seen["request_id"],
        "seconds_to_close": None,
        "manual": list(entry.get("manual") or ()) if verdict in (CLOSED, NO_ACCOUNT, UNKNOWN) else [],
        **extras_of(entry),
        **looked_in(reach if verdict == NO_ACCOUNT else None),
        **stages.of_leaver(leaver, moment),
    }


def _verdict(entry: AccountResult, wanted: str) -> tuple[str, Error | None]:
    """Return the verdict on an account, and the reason if the verdict does not state it."""
    if entry["found"] is None:
        return UNKNOWN, entry["error"]
    sessions = entry.get("sessions")
    state = entry["state"]
    if sessions and (entry["found"] is False or is_off(state, wanted)):
        message = f"The account is closed, and {sessions} sessions of it are left. Run offboard to end them"
        return SESSIONS_LEFT, {"code": "sessions_left", "message": message}
    if entry["found"] is False:
        return NO_ACCOUNT, None
    if is_off(state, wanted):
        return CLOSED, None
    if state == ACTIVE:
        return STILL_ACTIVE, None
    if state == LOCKED:
        message = "the account is locked, and unlocking it restores access; it was to be deactivated"
        return STILL_ACTIVE, {"code": "locked", "message": message}
    word = entry["vendor_state"]
    message = f"its state is {'not reported' if word is None else f'not known: {word}'}"
    return UNKNOWN, {"code": "unknown_state", "message": message}


def _overdue(entry: AccountResult, wanted: str, stages: Stages) -> Error | None:
    """Return the error of an account that is closed, but less than the stage that is due requires.

    A lock that no stage has is none of the run: unlocking the account restores access.
    """
    state = entry["state"] if entry["found"] else ABSENT
    if state == LOCKED and all(stage.state != LOCKED for stage in stages.stages):
        return None
    if entry["found"] is None or state not in CLOSEDNESS or CLOSEDNESS.index(state) >= CLOSEDNESS.index(wanted):
        return None
    message = f"The account is {state}, and the stage {wanted} is due. Run offboard to carry it out"
    return {"code": "stage_due", "message": message}


def is_off(state: str, wanted: str) -> bool:
    """Whether an account gives no access. A lock counts only if no more was requested."""
    return state in (DEACTIVATED, ABSENT) or (state == LOCKED and wanted == LOCKED)


# -- a second look


def left_closed(document: Evidence, tenant: str | None = None) -> list[ClosedAccount]:
    """Return those accounts that an earlier run left closed, and of a reinstatement those that it left open."""
    states = (*CLOSED_STATES, ACTIVE) if document["kind"] == REINSTATE else CLOSED_STATES
    places = tenant_places(document)
    unwritten = only_planned(document)
    return [
        by_its_id(record, places.get(record["tenant"]))
        for record in document["records"]
        if tenant in (None, record["tenant"])
        and record["tenant"] not in unwritten
        and (record["outcome"] in (CHANGED, UNCHANGED, CLOSED) or code_of(record["error"]) == SESSIONS_LEFT)
        and known(record["after"])["state"] in states
        and (record["id"] is not None or not VENDORS[record["vendor"]].readable)
    ]


def earlier_leavers(document: Evidence, vendors: Iterable[str]) -> list[Leaver]:
    """Return the leavers of an earlier run, as the leavers list has them.

    Raises LeaversError where there are none, or where the run does not state how they are named at one of the vendors.
    """
    leavers: dict[str, Leaver] = {}
    tenants = {record["tenant"] for record in document["records"]}
    named: dict[str, set[str]] = {}
    for record in document["records"]:
        named.setdefault(record["email"], set()).add(record["vendor"])
        leaver = leavers.setdefault(
            record["email"],
            {
                "email": record["email"],
                "leave_at": record["leave_at"],
                "row": len(leavers) + 1,
                "accounts": {vendor: {"email": record["email"]} for vendor in VENDORS},
            },
        )
        leaver["accounts"][record["tenant"]] = record["key"]
        if record["vendor"] not in tenants:
            leaver["accounts"][record["vendor"]] = record["key"]
        if record["reason"] is not None:
            leaver["reason"] = record["reason"]
        if record["ticket"] is not None:
            leaver["ticket"] = record["ticket"]
        if record["leave_at"] is None and record["outcome"] == NOT_DUE:
            leaver["never_due"] = True
    if not leavers:
        raise LeaversError("holds no leaver: give the list of leavers as well")
    for vendor in vendors:
        lacking = sum(vendor not in known for known in named.values())
        if lacking and VENDORS[vendor].readable:
            raise LeaversError(
                f"does not state how {lacking} leavers are named at {vendor}, which was not part of that run: "
                "give the list of leavers as well, or leave this vendor out"
            )
    return list(leavers.values())


def not_looked_at(accounts: Iterable[ClosedAccount], tenants: Iterable[str], fails: bool) -> list[SecondLook]:
    """Return a second look for each account of an earlier run whose tenant is not one of those of this run."""
    seen = set(tenants)
    reason = "its tenant was not looked at in this run"
    return [
        _look(account["record"], None, UNKNOWN, fails, reason, None)
        for account in accounts
        if account["record"]["tenant"] not in seen
    ]


def _second_look(account: ClosedAccount, entry: AccountResult, view: View, unknown_fails: bool) -> SecondLook:
    record = account["record"]
    left = known(record["after"])["state"]
    verdict, error = _verdict(entry, left)
    words = {CLOSED: STILL_OFF, NO_ACCOUNT: STILL_OFF, SESSIONS_LEFT: STILL_OFF, STILL_ACTIVE: CAME_BACK}
    if left == ACTIVE:
        words = {
            NO_ACCOUNT: CLOSED,
            SESSIONS_LEFT: CLOSED,
            STILL_ACTIVE: REINSTATED if entry.get("state") == ACTIVE else CLOSED,
        }
    verdict = words.get(verdict, verdict)
    reason = str(error["message"]) if error and verdict in (UNKNOWN, CAME_BACK) else None
    here = place_of(view)
    if entry["found"] is not None and account["at"] is not None and here != account["at"]:
        verdict, reason = UNKNOWN, f"the earlier run was at {account['at']}, and this one at {here}"
    elif verdict == CAME_BACK and record["outcome"] == CHANGED and record["verified"] is not True:
        verdict, reason = (
            UNKNOWN,
            f"the account is {entry['state']}, and the earlier run did not read it back as closed",
        )
    now = None if entry["found"] is None else seen_state(entry)
    seen = entry.get("seen")
    failing = verdict == CAME_BACK or (verdict == UNKNOWN and unknown_fails)
    return _look(record, now, verdict, failing, reason, seen and seen["at"])


def _look(
    record: Record, now: State | None, verdict: str, failing: bool, reason: str | None, at: str | None
) -> SecondLook:
    was = known(record["after"])
    return {
        "tenant": record["tenant"],
        "vendor": record["vendor"],
        "email": record["email"],
        "id": record["id"],
        "was": {"state": was["state"], "vendor_state": was.get("vendor_state")},
        "now": now,
        "verdict": verdict,
        "failing": failing,
        "reason": reason,
        "read_at": at,
    }


# -- the other direction


def _orphans(
    view: View,
    tenant: str,
    vendor: str,
    records: Sequence[Record],
    present: Sequence[Leaver],
    exempt: Sequence[str],
) -> list[Orphan]:
    """Return the accounts in use, or of unknown state, that belong to no person who is still ``present``.

    A person on the staff list whose leave_at has passed is no staff any more. Of a leaver who is due, only the one
    account that was looked at has a record; another one of the same person is an orphan.
    """
    names = {name for person in present for name in _names(person, tenant, vendor)}
    looked_at = {record["id"] for record in records}
    exempted = Patterns(exempt)
    return [
        {
            "tenant": tenant,
            "vendor": vendor,
            "id": entry["id"],
            "name": entry["name"],
            "email": entry["email"],
            "state": entry["state"],
            "vendor_state": entry["vendor_state"],
        }
        for entry in view.get("users") or ()
        if entry["state"] in (ACTIVE, UNKNOWN)
        and entry["id"] not in looked_at
        and not names & {fold(text) for text in entry["names"]}
        and exempted.first(entry["names"]) is None
    ]


def _on_both_lists(asked: Sequence[Leaver], staying: Sequence[Leaver], tenant: str, vendor: str) -> list[str]:
    """Return those of the leavers who are due whom the staff list names as well, by e-mail or by their account."""
    names = {name for person in staying for name in _names(person, tenant, vendor)}
    return [leaver["email"] for leaver in asked if not names.isdisjoint(_names(leaver, tenant, vendor))]


def _names(person: Leaver, tenant: str, vendor: str) -> list[str]:
    """Return all texts by which an account of a person may be known."""
    return [fold(text) for text in (person["email"], Key.parse(key_at(person, tenant, vendor)).value)]
