# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run: what check mode would do, what somebody approves, and how what would be done now differs from it.

PRIVATE to the collection. A plan is made of the records of a run in check mode; its hashes are those of the modules.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    CHANGED,
    FAILED,
    MISSING,
    NOT_DUE,
    REFUSED,
    UNCHANGED,
    UNKNOWN,
    condition_text,
    fingerprint,
    fold,
)

from ._chain import digest
from ._leavers import (
    EXPRESSION_MARKS,
)

Record = Mapping[str, t.Any]
Change = dict[str, t.Any]
Approved = Mapping[str, t.Any]
"""What was approved at one tenant: ``at``, which is its host and customer, and ``changes``."""

PLAN_VERSION = 1
OTHER_PLAN = "other_plan"
NOTHING = "sha256:nothing"
"""Stands for the hash of a plan where nobody was to be looked for: what no plan of a tenant has."""
HANDED_ON = 1000
"""Up to how many changes are told by set_stats. AWX keeps them, and gives them to the next job as extra variables."""


class PlanError(ValueError):
    """A plan that is not as it was written. The message names the place."""


def plan(document: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what a run in check mode would do, as a document of its own. A tenant that could not be planned is not in
    it.
    """
    records: dict[str, list[Record]] = {}
    for record in document["records"]:
        records.setdefault(record["tenant"], []).append(record)
    tenants = [_tenant(tenant, records.get(tenant["tenant"], [])) for tenant in document["tenants"]]
    planned = {
        "schema_version": PLAN_VERSION,
        "kind": "plan",
        "of": document["kind"],
        **{name: document[name] for name in ("run_id", "started", "finished", "ran_by", "source", "reason", "ticket")},
        "due_at": document["parameters"].get("offboard_due_at"),
        "tenants": [tenant for tenant in tenants if tenant is not None],
    }
    return {**planned, "digest": digest(planned)}


def _tenant(tenant: Mapping[str, t.Any], own: Sequence[Record]) -> dict[str, t.Any] | None:
    planned = tenant["plan_hash"] is not None and tenant["check_mode"]
    if not planned and (tenant["error"] or any(record["failing"] for record in own)):
        return None
    return {
        **{name: tenant[name] for name in ("tenant", "vendor", "state")},
        "at": place_of(tenant),
        "plan_hash": tenant["plan_hash"] if planned else NOTHING,
        "changes": [_change(record) for record in own if planned and record["outcome"] == CHANGED],
    }


def place_of(result: Mapping[str, t.Any]) -> str | None:
    """Return where a module was: the API's host, and the customer or tenant id where there is one."""
    return (result.get("read") or {}).get("tenant")


def _change(record: Record) -> Change:
    # Where a vendor shows no id, the e-mail address by which it was asked is the account's id in the plan.
    identifier = record["id"] or fold(str(next(iter(record["key"].values()))))
    return {
        "email": record["email"],
        "id": identifier,
        "name": record["name"],
        "before": record["before"],
        "after": record["after"],
    }


def plan_variables(planned: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the role's variables that a plan stands for."""
    tenants = planned["tenants"]
    variables = {
        "offboard_plan": {each["tenant"]: each["plan_hash"] for each in tenants},
        "offboard_plan_changes": {each["tenant"]: {"at": each["at"], "changes": each["changes"]} for each in tenants},
        "offboard_plan_run": planned["run_id"],
    }
    # Who was due then is due now: those who have become so since were not approved.
    return variables | ({} if planned["due_at"] is None else {"offboard_due_at": planned["due_at"]})


def handed_on(planned: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return these variables as set_stats gives them to a later job of a workflow: of a long plan the hashes alone."""
    variables = plan_variables(planned)
    told = json.dumps(variables["offboard_plan_changes"], ensure_ascii=False)
    # Variables are templates to Ansible, and names are the vendors' or the users' own choice.
    unsafe = any(mark in told for mark in EXPRESSION_MARKS)
    if unsafe or sum(len(each["changes"]) for each in planned["tenants"]) > HANDED_ON:
        del variables["offboard_plan_changes"]
    return variables


def check_plan(planned: Mapping[str, t.Any]) -> None:
    """Raise PlanError where the changes of a tenant are not those of which it has the hash, or a word is another."""
    names = [each["tenant"] for each in planned["tenants"]]
    if len(set(names)) != len(names):
        raise PlanError("is not as it was written: a tenant is in it twice")
    for each in planned["tenants"]:
        changes = [(change["id"], change["before"], change["after"]) for change in each["changes"]]
        nothing = each["plan_hash"] == NOTHING and not changes
        if not nothing and each["plan_hash"] != fingerprint(str(each["at"]), changes):
            raise PlanError(f"is not as it was written: the changes at {each['tenant']} are not those of its plan_hash")
    if planned["digest"] != digest({name: value for name, value in planned.items() if name != "digest"}):
        raise PlanError("is not as it was written: its digest is of another text")


# -- what differs


def differences(approved: Approved | None, state: str, at: str | None, records: Sequence[Record]) -> list[str]:
    """Say how what would be done now differs from what was approved.

    That is all of it where a module held everything back for that, else what was approved and is not asked for now.
    """
    held = {record["email"]: record for record in records if _is_held(record)}
    if approved is None:
        only = "only its hash was given: offboard_plan_file, the folder of the check run, tells how"
        return [only] if held else []
    said = []
    if held and approved.get("at") != at:
        said.append(f"it was made for {approved.get('at')}, and this is {at}")
    now = {record["email"]: record for record in records}
    for change in approved["changes"]:
        record = now.get(change["email"])
        told = _difference(change, record, state)
        # Run again, what was done is as planned; what nobody asks for any more never is. Of a vendor that cannot be
        # read nobody knew whether there is an account.
        gone = record is not None and record["outcome"] == MISSING and change["before"]["state"] != UNKNOWN
        if told and (held or record is None or record["outcome"] == NOT_DUE or gone):
            said.append(f"{change['email']} (account {change['id']}) {told}")
    if not held:
        return said
    known = {change["email"] for change in approved["changes"]}
    said += [
        f"{email} (account {_change(record)['id']}) is not in it, and would be {state} now"
        for email, record in held.items()
        if email not in known
    ]
    return said or ["the vendor's words for the states differ"]


def _is_held(record: Record) -> bool:
    return record["outcome"] == REFUSED and (record["error"] or {}).get("code") == OTHER_PLAN


def _difference(change: Change, record: Record | None, state: str) -> str | None:
    if record is None:
        return "is in it, and nobody asks for it now"
    if record["outcome"] == NOT_DUE:
        return "is in it, and is not due now"
    if record["outcome"] == MISSING:
        return "is in it, and there is no account now"
    if record["outcome"] == UNCHANGED:
        return f"is in it, and is {record['after']['state']} already"
    if record["outcome"] in (FAILED, REFUSED) and not _is_held(record):
        return f"is in it, and {record['outcome']} now: {record['error']['message']}"
    identifier = _change(record)["id"]
    if identifier != change["id"]:
        return f"is in it, and the account is {identifier} now"
    if record["before"] != change["before"]:
        return f"was {condition_text(change['before'])} in it, and is {condition_text(record['before'])} now"
    if change["after"]["state"] != state:
        return f"was to be {change['after']['state']}, and is to be {'deleted' if state == ABSENT else state} now"
    return None
