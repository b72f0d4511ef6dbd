# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reinstatement: which accounts a run wrote, which of them may be reopened, and the results.

PRIVATE to the collection. All of it is a function of the run's evidence and of what the modules returned.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    CLOSED_STATES,
    FAILED,
    LOCKED,
    MISSING,
    OFF_STATES,
    REFUSED,
    UNCHANGED,
    UNKNOWN,
    condition_text,
    fold,
)

from ._catalog import VENDORS
from ._evidence import only_planned, tenant_places
from ._leavers import vendor_users
from ._leavers_file import LeaversError
from ._nouns import (
    AccountResult,
    Approved,
    ClosedAccount,
    Error,
    Evidence,
    ModuleResult,
    Record,
    TenantReport,
    UserResult,
    View,
    Written,
    apart_from_sessions,
    code_of,
    known,
    place_of,
)
from ._plan import differences
from ._records import (
    by_its_id,
    counted,
    failed_user,
    joined,
    overall_error,
    run_record,
    seen_state,
    totals,
    unread_account,
)
from ._words import BY_HAND, LEFT, NO_WAY_BACK, OUTCOMES_OF, REINSTATE

DOUBTFUL = ("platform_failed", "unconfirmed", "not_applied")
"""Codes of a write that was, or may have been, carried out although nothing that was read shows it."""


def closed_by(
    document: Evidence, tenant: str | None = None, leavers: Sequence[str] = (), vendor: str | None = None
) -> list[ClosedAccount]:
    """Return those accounts that a run wrote.

    Also where it failed: its write was answered, or the account was not read afterwards as it was before. ``leavers``
    are the e-mail addresses of those that are wanted, all without any.

    Raises LeaversError for one of whom the run closed no account, at any tenant, and where the tenant was not one of
    ``vendor``.
    """
    places = tenant_places(document)
    unwritten = only_planned(document)
    closed = [
        by_its_id(record, places.get(record["tenant"]))
        for record in document["records"]
        if record["tenant"] not in unwritten and _was_written(record)
    ]
    wanted = {fold(email) for email in leavers}
    unknown = wanted - {fold(each["email"]) for each in closed}
    if unknown:
        raise LeaversError(f"reinstate_leavers: the run closed no account of {', '.join(sorted(unknown)[:10])}")
    others = {each["record"]["vendor"] for each in closed if each["record"]["tenant"] == tenant} - {vendor}
    if vendor is not None and others:
        raise LeaversError(
            f"{tenant} was a tenant of {', '.join(sorted(others))} in that run, and is one of {vendor} now"
        )
    return [
        each
        for each in closed
        if tenant in (None, each["record"]["tenant"]) and (not wanted or fold(each["email"]) in wanted)
    ]


def _was_written(record: Record) -> bool:
    if record["outcome"] != FAILED:
        return record["outcome"] == CHANGED
    is_sent = record["written_at"] is not None or code_of(record["error"]) in DOUBTFUL
    return is_sent or record["before"] != record["after"]


def within_reach(closed: Sequence[ClosedAccount]) -> list[ClosedAccount]:
    """Return those accounts that are looked at: a request of the vendor may bring them back."""
    return [account for account in closed if _set_aside(account) is None]


def to_reopen(closed: Sequence[ClosedAccount], view: View, vendor: str) -> list[ClosedAccount]:
    """Return those accounts that are still as the run left them, by what the info module read."""
    return [account for account, entry in _looked_at(closed, view, vendor)[0] if entry is None]


def state_before(account: ClosedAccount) -> str:
    """Return the state to which an account within reach is brought back: that before the run."""
    return known(account["record"]["before"])["state"]


def _set_aside(account: ClosedAccount) -> UserResult | None:
    """Return what comes of an account that no request brings back; None for one within reach."""
    record = account["record"]
    before, after = known(record["before"]), known(record["after"])
    result: UserResult = {"outcome": BY_HAND, "id": record["id"], "name": record["name"]}
    untouched = before["state"] == after["state"] and before["state"] in CLOSED_STATES
    if untouched or (before["state"] in OFF_STATES and not account["by_hand"]):
        text = f"The account was {condition_text(before)} before the run already: at most its sessions were ended"
        return {**result, "outcome": LEFT, "error": {"code": "closed_before", "message": text}}
    if account["by_hand"]:
        return {**result, "manual": [NO_WAY_BACK]}
    if before["state"] not in VENDORS[record["vendor"]].states:
        text = (
            f"The account was {condition_text(before)} before the run, which no request brings back. It is left as it "
            "is: look at it in the vendor's user list, and reopen it there if that is meant"
        )
        return {**result, "error": {"code": "state_not_known", "message": text}}
    return None


def reinstate_report(
    view: View,
    result: Written,
    closed: Sequence[ClosedAccount],
    *,
    tenant: str,
    vendor: str,
    error: str | None = None,
    approved: Approved | None = None,
) -> TenantReport:
    """Return the report of a tenant.

    ``view``: what the info module read of those that are within reach. ``result``: that of the module that reopened
    those of `to_reopen`. ``error``: what went wrong besides. ``approved``: what was approved at this tenant.
    """
    result = {} if result.get("skipped") else result
    if error:
        view, result = view or {"msg": error}, result or {"msg": error}
    looked, view_error = _looked_at(closed, view, vendor)
    reopened = [account for account, entry in looked if entry is None]
    states = {account["email"]: state_before(account) for account, _entry in looked}
    entries, result_error = joined(result, vendor_users(reopened, vendor), failed_user)
    came = iter(entries)
    decided = iter(looked)
    records = []
    for account in closed:
        entry = _set_aside(account)
        if entry is None:
            entry = next(decided)[1] or next(came)
        record = run_record(account, entry, tenant, vendor, "fail", view.get("scope"))
        record["seconds_to_close"] = None
        records.append(record)
    views: dict[str, ModuleResult[t.Any]] = {"view": view, "result": result}
    return {
        "kind": REINSTATE,
        "lacking": result.get("lacking", []),
        "tenant": tenant,
        "vendor": vendor,
        "state": ACTIVE,
        "on_missing": "fail",
        "check_mode": result.get("check_mode") if reopened else None,
        "plan_hash": result.get("plan_hash"),
        "summary": counted(records, OUTCOMES_OF[REINSTATE]),
        **totals({name: each for name, each in views.items() if each}),
        "error": view_error
        or (result_error if reopened else None)
        or ({"code": "task_failed", "message": error} if error else None),
        "differences": differences(approved, ACTIVE, place_of(view), records, states),
        "records": records,
        "both_lists": [],
        "orphans": [],
        "second_look": [],
    }


def _looked_at(
    closed: Sequence[ClosedAccount], view: View, vendor: str
) -> tuple[list[tuple[ClosedAccount, UserResult | None]], Error | None]:
    """Return each account within reach with its result, or None if it is to be reopened."""
    reachable = within_reach(closed)
    if not reachable:
        return [], None
    entries, error = joined(view, vendor_users(reachable, vendor), unread_account)
    here = place_of(view)
    looked = [(account, _settled(account, entry, here)) for account, entry in zip(reachable, entries, strict=True)]
    return looked, overall_error(entries, error)


def _settled(account: ClosedAccount, entry: AccountResult, here: str | None) -> UserResult | None:
    left, before = known(account["record"]["after"]), state_before(account)
    if entry["found"] is None:
        return {"outcome": FAILED, "error": entry["error"]}
    if account["at"] is None or here != account["at"]:
        text = f"The run was at {account['at'] or 'a host it does not name'}, and this is {here}: not the same accounts"
        return _with(entry, REFUSED, {"code": "other_tenant", "message": text})
    if entry["found"] is False or entry["state"] == ABSENT:
        return _with(entry, MISSING)
    if entry["state"] == before:
        return _with(entry, UNCHANGED)
    # One that was locked is opened in order to be locked again: a reinstatement that failed half-way leaves it open.
    is_as_left = apart_from_sessions(seen_state(entry)) == apart_from_sessions(left)
    if not is_as_left and (entry["state"], before) != (ACTIVE, LOCKED):
        now = condition_text(seen_state(entry))
        text = (
            f"The account is {now} now, and the run could not read how it left it: it may have been changed since, and "
            "is left as it is"
            if left["state"] == UNKNOWN
            else f"The account is {now} now, and the run left it {condition_text(left)}: it was changed since, and is "
            "left as it is"
        )
        return _with(entry, REFUSED, {"code": "changed_since", "message": text})
    return None


def _with(entry: AccountResult, outcome: str, error: Error | None = None) -> UserResult:
    seen = entry.get("seen")
    state = seen_state(entry) if entry["found"] else None
    return {
        "outcome": outcome,
        "id": entry["id"],
        "name": entry["name"],
        "before": state,
        "after": state,
        "error": error and {**error, "status": None, "request_id": None, "retryable": False},
        "proof": {
            "before_at": seen and seen["at"],
            "written_at": None,
            "after_at": seen and seen["at"],
            "status": seen and seen["status"],
            "request_id": seen and seen["request_id"],
        },
    }
