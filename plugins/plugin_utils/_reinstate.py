# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: which accounts a run closed, which of them may be re-opened, and what came of it.

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
    MISSING,
    REFUSED,
    UNCHANGED,
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
    known,
    place_of,
)
from ._plan import differences
from ._records import (
    by_its_id,
    counted,
    failed_user,
    joined,
    run_record,
    seen_state,
    totals,
    unread_account,
    untold,
)
from ._words import BY_HAND, NO_WAY_BACK, OUTCOMES_OF, REINSTATE


def closed_by(
    document: Evidence, tenant: str | None = None, leavers: Sequence[str] = (), vendor: str | None = None
) -> list[ClosedAccount]:
    """Return those accounts that a run closed.

    Closed by it: they were active before and closed after, as it saw, also where it failed over something else. Where a
    vendor cannot be read, what it accepted, and what it may have accepted when the run was killed. ``leavers`` are the
    e-mail addresses of those that are wanted, all without any.

    Raises LeaversError for one of whom the run closed no account, at any tenant, and where the tenant was not one of
    ``vendor``.
    """
    places = tenant_places(document)
    unwritten = only_planned(document)
    closed = [
        by_its_id(record, places.get(record["tenant"]))
        for record in document["records"]
        if record["tenant"] not in unwritten and _was_closed(record)
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


def _was_closed(record: Record) -> bool:
    before, after = known(record["before"])["state"], known(record["after"])["state"]
    closed = record["outcome"] in (CHANGED, FAILED) and after in CLOSED_STATES
    if not VENDORS[record["vendor"]].readable:
        return closed or record["outcome"] == CHANGED
    return closed and before == ACTIVE


def to_reopen(closed: Sequence[ClosedAccount], view: View, vendor: str) -> list[ClosedAccount]:
    """Return those accounts that are still as the run left them, by what the info module read."""
    return [account for account, entry in _looked_at(closed, view, vendor)[0] if entry is None]


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
    """Return what came of a tenant.

    ``view``: what the info module read of those that are within reach. ``result``: that of the module that re-opened
    those of `to_reopen`. ``error``: what went wrong besides. ``approved``: what was approved at this tenant.
    """
    result = {} if result.get("skipped") else result
    if error:
        view, result = view or {"msg": error}, result or {"msg": error}
    looked, view_error = _looked_at(closed, view, vendor)
    reopened = [account for account, entry in looked if entry is None]
    entries, result_error = joined(result, vendor_users(reopened, vendor), failed_user)
    came = iter(entries)
    decided = iter(looked)
    records = []
    for account in closed:
        was = account["record"]
        entry: UserResult = {"outcome": BY_HAND, "manual": [NO_WAY_BACK], "id": was["id"], "name": was["name"]}
        if not account["by_hand"]:
            _account, known = next(decided)
            entry = next(came) if known is None else known
        record = run_record(account, entry, tenant, vendor, "fail")
        record["seconds_to_close"] = None
        records.append(record)
    views: dict[str, ModuleResult[t.Any]] = {"view": view, "result": result}
    return {
        "kind": REINSTATE,
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
        "differences": differences(approved, ACTIVE, place_of(view), records),
        "records": records,
        "orphans": [],
        "second_look": [],
    }


def _looked_at(
    closed: Sequence[ClosedAccount], view: View, vendor: str
) -> tuple[list[tuple[ClosedAccount, UserResult | None]], Error | None]:
    """Return each account within reach with what came of it, None where it is to be re-opened."""
    reachable = [account for account in closed if not account["by_hand"]]
    if not reachable:
        return [], None
    entries, error = joined(view, vendor_users(reachable, vendor), unread_account)
    here = place_of(view)
    looked = [(account, _settled(account, entry, here)) for account, entry in zip(reachable, entries, strict=True)]
    return looked, untold(entries, error)


def _settled(account: ClosedAccount, entry: AccountResult, here: str | None) -> UserResult | None:
    left = known(account["record"]["after"])
    if entry["found"] is None:
        return {"outcome": FAILED, "error": entry["error"]}
    if account["at"] is None or here != account["at"]:
        text = f"The run was at {account['at'] or 'a host it does not tell'}, and this is {here}: not the same accounts"
        return _with(entry, REFUSED, {"code": "other_tenant", "message": text})
    if entry["found"] is False or entry["state"] == ABSENT:
        return _with(entry, MISSING)
    if entry["state"] == ACTIVE:
        return _with(entry, UNCHANGED)
    if seen_state(entry) != left:
        text = f"The account is {condition_text(seen_state(entry))} now, and the run left it {condition_text(left)}"
        text = f"{text}: it was changed since, and is left as it is"
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
