# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leavers who have no account at any tenant: the most likely sign of a mistake in a list.

PRIVATE to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    CHANGED,
    CLOSED_NOT_LISTED,
    FAILED,
    MISSING,
    NOT_DUE,
    REFUSED,
    UNCHANGED,
    UNKNOWN,
)
from ansible_collections.saas.offboarding.plugins.module_utils._reach import INSTANCE, reach_text

from ._catalog import VENDORS
from ._nouns import MeasuredRun, Record, SecondLook, TenantSummary, Unmatched, code_of, known
from ._words import AUDIT, NO_ACCOUNT, REINSTATE

SEVERAL = ("ambiguous", "near_match")
"""Codes of a search that found accounts, and none that is meant beyond doubt."""


def unmatched(
    run: MeasuredRun,
    tenants: Sequence[TenantSummary],
    records: Sequence[Record],
    looks: Sequence[SecondLook],
    unwritten: Collection[str],
) -> Unmatched:
    """Return the leavers who are due and have no account at any tenant of the run, and whether they fail it.

    ``looks``: accounts of an earlier run. ``unwritten``: the tenants at which nothing was written but only planned.
    """
    if run["kind"] == REINSTATE:
        return {"leavers": [], "not_final": [], "failing": False}
    leavers = _without_account(records, unwritten)
    named = set(leavers)
    theirs = [each for each in records if each["email"] in named]
    unread = {each["tenant"] for each in theirs if _is_unread(each, unwritten)}
    hiding = {each["tenant"] for each in theirs if CLOSED_NOT_LISTED in each["manual"]}
    states = {tenant["tenant"]: tenant["state"] for tenant in tenants}
    deleting = {each["tenant"] for each in theirs if _may_be_deleted(each, states.get(each["tenant"]), run["kind"])}
    reasons = list(dict.fromkeys(_reasons(run, tenants, unread, hiding, deleting))) if leavers else []
    seen_before = {look["email"] for look in looks}
    choice = run["parameters"].get("audit_unmatched" if run["kind"] == AUDIT else "offboard_unmatched")
    failing = choice == "fail" and not reasons and any(email not in seen_before for email in leavers)
    return {"leavers": leavers, "not_final": reasons, "failing": failing}


def limited(tenants: Sequence[TenantSummary]) -> dict[str, str]:
    """Return by tenant where the credential could look, for those of which it could see a part only."""
    return {each["tenant"]: reach_text(each["reach"]) for each in tenants if each["reach"] not in (None, INSTANCE)}


def _without_account(records: Sequence[Record], unwritten: Collection[str]) -> list[str]:
    found: dict[str, bool] = {}
    missing: set[str] = set()
    for record in records:
        if record["outcome"] == NOT_DUE:
            continue
        if _has_none(record):
            missing.add(record["email"])
        found[record["email"]] = found.get(record["email"], False) or not (
            _has_none(record) or _is_unread(record, unwritten)
        )
    return [email for email, has_account in found.items() if not has_account and email in missing]


def _has_none(record: Record) -> bool:
    deleted = record["outcome"] == UNCHANGED and known(record["before"])["state"] == ABSENT
    return deleted or record["outcome"] in (MISSING, NO_ACCOUNT)


def _may_be_deleted(record: Record, state: str | None, kind: str) -> bool:
    """Return whether an earlier run may have deleted the account. ``state``: that of the tenant without stages."""
    stage = record.get("stage")
    is_later = stage is not None and stage["number"] > 1
    return is_later or (kind != AUDIT and (stage["state"] if stage else state) == ABSENT)


def _is_unread(record: Record, unwritten: Collection[str]) -> bool:
    """Return whether a record states nothing of an account: it was not read, or its vendor has no request for it."""
    if record["outcome"] == CHANGED:
        return not VENDORS[record["vendor"]].readable and record["tenant"] in unwritten
    is_found = record["id"] or known(record["before"])["state"] != UNKNOWN or code_of(record["error"]) in SEVERAL
    return record["outcome"] in (UNKNOWN, FAILED, REFUSED) and not is_found


def _reasons(
    run: MeasuredRun,
    tenants: Sequence[TenantSummary],
    unread: Collection[str],
    hiding: Collection[str],
    deleting: Collection[str],
) -> Iterator[str]:
    """Yield why an account may exist that was not found.

    ``unread``: tenants where one of the leavers was not read. ``hiding``: those that do not list closed accounts.
    ``deleting``: those where an earlier run may have deleted an account.
    """
    for tenant in tenants:
        info = VENDORS.get(tenant["vendor"] or "")
        if tenant["error"] or (tenant["tenant"] in unread and info and info.readable):
            yield f"{tenant['tenant']} could not be read"
        elif info and not info.readable:
            yield f"{tenant['tenant']} cannot be read: {info.product} has no request for it"
        elif tenant["tenant"] in hiding:
            yield f"{tenant['tenant']} does not list closed accounts"
        elif tenant["tenant"] in deleting:
            yield f"at {tenant['tenant']} an earlier run may have deleted the account"
    scope = run["scope"]
    if scope["left_out"]:
        yield f"the run leaves out {len(scope['left_out'])} tenants of the inventory"
    if scope["missing"]:
        yield "the inventory lacks tenants that are expected"
    if scope["sliced"] or run["parameters"].get("part"):
        yield "the report covers a part of the tenants"
