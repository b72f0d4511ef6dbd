# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: which accounts a run closed, which of them may be re-opened, and what came of it.

PRIVATE to the collection. All of it is a function of the run's evidence and of what the modules returned.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

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
from ._evidence import (
    Document,
    only_said,
    tenant_places,
)
from ._leavers import (
    Leaver,
    vendor_users,
)
from ._leavers_file import (
    LeaversError,
)
from ._plan import Approved, differences, place_of
from ._records import (
    Record,
    TenantReport,
    by_its_id,
    counted,
    joined,
    run_record,
    seen_condition,
    totals,
    untold,
)
from ._words import (
    BY_HAND,
    NO_WAY_BACK,
    OUTCOMES_OF,
    REINSTATE,
)

Result = Mapping[str, t.Any]
Entry = Mapping[str, t.Any]


def closed_by(
    document: Document, tenant: str | None = None, leavers: Sequence[str] = (), vendor: str | None = None
) -> list[Leaver]:
    """Return those accounts that a run closed, like leavers whose accounts are named by their ids.

    Closed by it: they were active before and closed after, as it saw, also where it failed over something else. Where a
    vendor cannot be read, what it accepted. ``by_hand``: no request of the vendor re-opens it. ``leavers`` are the
    e-mail addresses of those that are wanted, all without any.

    Raises LeaversError for one of whom the run closed no account, at any tenant, and where the tenant was not one of
    ``vendor``.
    """
    places = tenant_places(document)
    unwritten = only_said(document)
    closed = [
        {**by_its_id(record, places.get(record["tenant"])), "by_hand": _is_by_hand(record)}
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
    if not VENDORS[record["vendor"]].readable:
        return bool(record["outcome"] == CHANGED)
    before, after = ((record[which] or {}).get("state") for which in ("before", "after"))
    return record["outcome"] in (CHANGED, FAILED) and before == ACTIVE and after in CLOSED_STATES


def _is_by_hand(record: Record) -> bool:
    """Whether no API can re-open an account: the vendor has no request for it, or the account was deleted."""
    return ACTIVE not in VENDORS[record["vendor"]].states or record["after"]["state"] == ABSENT


def to_reopen(closed: Sequence[Leaver], view: Result, vendor: str) -> list[Leaver]:
    """Return those accounts that are still as the run left them, by what the info module read."""
    return [account for account, entry in _looked_at(closed, view, vendor)[0] if entry is None]


def reinstate_report(
    view: Result,
    result: Result,
    closed: Sequence[Leaver],
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
    entries, result_error = joined(result, vendor_users(reopened, vendor), {"outcome": FAILED})
    came = iter(entries)
    decided = iter(looked)
    records = []
    for account in closed:
        was = account["record"]
        entry: Entry = {"outcome": BY_HAND, "manual": [NO_WAY_BACK], "id": was["id"], "name": was["name"]}
        if not account["by_hand"]:
            _account, known = next(decided)
            entry = next(came) if known is None else known
        records.append({**run_record(account, entry, tenant, vendor, "fail"), "seconds_to_close": None})
    views = {name: each for name, each in (("view", view), ("result", result)) if each}
    return {
        "kind": REINSTATE,
        "tenant": tenant,
        "vendor": vendor,
        "state": ACTIVE,
        "on_missing": "fail",
        "check_mode": result.get("check_mode") if reopened else None,
        "plan_hash": result.get("plan_hash"),
        "summary": counted(records, OUTCOMES_OF[REINSTATE]),
        **totals(views),
        "error": view_error
        or (result_error if reopened else None)
        or ({"code": "task_failed", "message": error} if error else None),
        "differences": differences(approved, ACTIVE, place_of(view), records),
        "records": records,
        "orphans": [],
        "second_look": [],
    }


def _looked_at(
    closed: Sequence[Leaver], view: Result, vendor: str
) -> tuple[list[tuple[Leaver, Entry | None]], dict[str, t.Any] | None]:
    """Return each account within reach with what came of it, None where it is to be re-opened."""
    reachable = [account for account in closed if not account["by_hand"]]
    if not reachable:
        return [], None
    entries, error = joined(view, vendor_users(reachable, vendor), {"found": None})
    here = place_of(view)
    told = [(account, _known(account, entry, here)) for account, entry in zip(reachable, entries, strict=True)]
    return told, untold(entries, error)


def _known(account: Leaver, entry: Entry, here: str | None) -> Entry | None:
    left = account["record"]["after"]
    if entry["found"] is None:
        return {"outcome": FAILED, "error": entry["error"]}
    if account["at"] is None or here != account["at"]:
        text = f"The run was at {account['at'] or 'a host it does not tell'}, and this is {here}: not the same accounts"
        return _with(entry, REFUSED, {"code": "other_tenant", "message": text})
    if entry["found"] is False or entry["state"] == ABSENT:
        return _with(entry, MISSING)
    if entry["state"] == ACTIVE:
        return _with(entry, UNCHANGED)
    if seen_condition(entry) != left:
        text = f"The account is {condition_text(seen_condition(entry))} now, and the run left it {condition_text(left)}"
        text = f"{text}: it was changed since, and is left as it is"
        return _with(entry, REFUSED, {"code": "changed_since", "message": text})
    return None


def _with(entry: Entry, outcome: str, error: Mapping[str, str] | None = None) -> Entry:
    return {
        "outcome": outcome,
        **{name: entry[name] for name in ("id", "name")},
        "before": seen_condition(entry) if entry["found"] else None,
        "after": seen_condition(entry) if entry["found"] else None,
        "error": error and {**error, "status": None, "request_id": None, "retryable": False},
        **_seen(entry),
    }


def _seen(entry: Entry) -> dict[str, t.Any]:
    seen = entry.get("seen") or {}
    return {
        "proof": {
            "before_at": seen.get("at"),
            "written_at": None,
            "after_at": seen.get("at"),
            "status": seen.get("status"),
            "request_id": seen.get("request_id"),
        }
    }
