# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run: what check mode would do, what is approved, and how a later run differs from it.

PRIVATE to the collection. A plan is made of the records of a run in check mode; its hashes are those of the modules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    CHANGED,
    FAILED,
    MISSING,
    NOT_DUE,
    REFUSED,
    SESSIONS_LEFT,
    UNCHANGED,
    UNKNOWN,
    condition_text,
    fingerprint,
    fold,
)

from ._chain import digest
from ._leavers import EXPRESSION_MARKS
from ._nouns import (
    Approved,
    Evidence,
    LeftSessions,
    Plan,
    PlanBody,
    PlannedChange,
    PlannedStages,
    PlannedTenant,
    PlanVariables,
    Record,
    TenantSummary,
    apart_from_sessions,
    code_of,
    is_only_sessions,
    known,
    place_of,
)

PLAN_VERSION = 1
OTHER_PLAN = "other_plan"
NOTHING = "sha256:nothing"
"""Stands for the hash of a plan where no account was to be looked up. No plan of a tenant has it."""
HANDED_ON = 1000
"""Up to how many changes set_stats gives. AWX keeps them, and gives them to the next job as extra variables."""


class PlanError(ValueError):
    """A plan that is not as it was written. The message names the place."""


def plan(document: Evidence) -> Plan:
    """Return what a run in check mode would do, as a document. It lacks each tenant that could not be planned."""
    records: dict[str, list[Record]] = {}
    for record in document["records"]:
        records.setdefault(record["tenant"], []).append(record)
    tenants = [_tenant(tenant, records.get(tenant["tenant"], [])) for tenant in document["tenants"]]
    planned: PlanBody = {
        "schema_version": PLAN_VERSION,
        "kind": "plan",
        "of": document["kind"],
        "run_id": document["run_id"],
        "started": document["started"],
        "finished": document["finished"],
        "ran_by": document["ran_by"],
        "source": document["source"],
        "reason": document["reason"],
        "ticket": document["ticket"],
        "due_at": document["parameters"].get("offboard_due_at"),
        "tenants": [tenant for tenant in tenants if tenant is not None],
        "scope": document["scope"],
        "notes": document["notes"],
        "unmatched": document["unmatched"]["leavers"],
        "not_due": list(
            dict.fromkeys(record["email"] for record in document["records"] if record["outcome"] == NOT_DUE)
        ),
    }
    return {**planned, "digest": digest(planned)}


def _tenant(tenant: TenantSummary, own: Sequence[Record]) -> PlannedTenant | None:
    plan_hash = tenant["plan_hash"] if tenant["check_mode"] else None
    planned = plan_hash is not None
    if not planned and (tenant["error"] or any(record["failing"] for record in own)):
        return None
    return {
        "tenant": tenant["tenant"],
        "vendor": tenant["vendor"],
        "state": tenant["state"],
        "at": place_of(tenant),
        "plan_hash": NOTHING if plan_hash is None else plan_hash,
        "changes": [_change(record) for record in own if planned and _is_change(record)],
        "stages": [_stages(record) for record in own if "stage" in record or "next_stage" in record],
        "only_sessions": [_left_sessions(record) for record in own if planned and is_only_sessions(record)],
    }


def _is_change(record: Record) -> bool:
    """Whether an account would be changed, also where it would fail since its sessions cannot be ended."""
    if record["outcome"] == FAILED and code_of(record["error"]) == SESSIONS_LEFT:
        return known(record["before"])["state"] != known(record["after"])["state"]
    return record["outcome"] == CHANGED and not is_only_sessions(record)


def _stages(record: Record) -> PlannedStages:
    stages = PlannedStages(email=record["email"])
    if "stage" in record:
        stages["stage"] = record["stage"]
    if "next_stage" in record:
        stages["next_stage"] = record["next_stage"]
    return stages


def _left_sessions(record: Record) -> LeftSessions:
    return {
        "email": record["email"],
        "id": record["id"],
        "name": record["name"],
        "sessions": known(record["before"]).get("sessions"),
    }


def _change(record: Record) -> PlannedChange:
    return {
        "email": record["email"],
        "id": _account_id(record),
        "name": record["name"],
        "before": known(record["before"]),
        "after": known(record["after"]),
    }


def _account_id(record: Record) -> str:
    # Where a vendor shows no id, the e-mail address by which it was asked is the account's id in the plan.
    return record["id"] or fold(str(next(iter(record["key"].values()))))


def plan_variables(planned: Plan) -> PlanVariables:
    """Return the role's variables that a plan stands for."""
    tenants = planned["tenants"]
    variables: PlanVariables = {
        "offboard_plan": {each["tenant"]: each["plan_hash"] for each in tenants},
        "offboard_plan_changes": {each["tenant"]: {"at": each["at"], "changes": each["changes"]} for each in tenants},
        "offboard_plan_run": planned["run_id"],
    }
    # Who was due then is due now: those who have become so since were not approved.
    if planned["due_at"] is not None:
        variables["offboard_due_at"] = planned["due_at"]
    return variables


def handed_on(planned: Plan) -> PlanVariables:
    """Return these variables as set_stats gives them to a later job of a workflow: of a long plan the hashes alone."""
    variables = plan_variables(planned)
    text = json.dumps(variables["offboard_plan_changes"], ensure_ascii=False)
    # Variables are templates to Ansible, and names are the vendors' or the users' own choice.
    unsafe = any(mark in text for mark in EXPRESSION_MARKS)
    if unsafe or sum(len(each["changes"]) for each in planned["tenants"]) > HANDED_ON:
        del variables["offboard_plan_changes"]
    return variables


def with_text_ids(approved: Mapping[str, Approved]) -> dict[str, Approved]:
    """Return what was approved with the ids as texts: those that AWX handed on as extra variables are numbers.

    Raises ValueError for what is not as a plan has it.
    """
    try:
        return {
            tenant: {**each, "changes": [{**change, "id": str(change["id"])} for change in each["changes"]]}
            for tenant, each in approved.items()
        }
    except (KeyError, TypeError):
        raise ValueError(
            "offboard_plan_changes is not as a run in check mode gives it. Give it unchanged, or leave it out: "
            "offboard_plan is enough."
        ) from None


def check_plan(planned: Plan) -> None:
    """Raise PlanError where the changes of a tenant are not those of which it has the hash, or a word is another."""
    names = [each["tenant"] for each in planned["tenants"]]
    if len(set(names)) != len(names):
        raise PlanError("is not as it was written: a tenant is in it twice")
    for each in planned["tenants"]:
        changes = [
            (change["id"], apart_from_sessions(change["before"]), apart_from_sessions(change["after"]))
            for change in each["changes"]
        ]
        nothing = each["plan_hash"] == NOTHING and not changes
        if not nothing and each["plan_hash"] != fingerprint(str(each["at"]), changes):
            raise PlanError(f"is not as it was written: the changes at {each['tenant']} are not those of its plan_hash")
    if planned["digest"] != digest({name: value for name, value in planned.items() if name != "digest"}):
        raise PlanError("is not as it was written: its digest is of another text")


# -- what differs


def differences(
    approved: Approved | None,
    state: str,
    at: str | None,
    records: Sequence[Record],
    states: Mapping[str, str] | None = None,
) -> list[str]:
    """Return how the changes of this run differ from the approved ones. ``states``: by e-mail, in place of `state`.

    All differences are returned if the module refused every change for them. Otherwise only those approved changes are
    returned that this run does not request or that have no account.
    """
    refused = {record["email"]: record for record in records if _is_other_plan(record)}
    if approved is None:
        only = "only its hash was given: offboard_plan_file, the folder of the check run, lists the differences"
        return [only] if refused else []
    texts = []
    if refused and approved.get("at") != at:
        texts.append(f"it was made for {approved.get('at')}, and this is {at}")
    now = {record["email"]: record for record in records}
    for change in approved["changes"]:
        record = now.get(change["email"])
        text = _difference(change, record, (states or {}).get(change["email"], state))
        # In a second run, what was done is as planned; what is no longer requested never is. At a vendor that cannot
        # be read, the plan did not know whether there is an account.
        gone = record is not None and record["outcome"] == MISSING and change["before"]["state"] != UNKNOWN
        if text and (refused or record is None or record["outcome"] == NOT_DUE or gone):
            texts.append(f"{change['email']} (account {change['id']}) {text}")
    if not refused:
        return texts
    known = {change["email"] for change in approved["changes"]}
    texts += [
        f"{email} (account {_account_id(record)}) is not in it, and would be {(states or {}).get(email, state)} now"
        for email, record in refused.items()
        if email not in known and not _has_state(record, (states or {}).get(email, state))
    ]
    return texts or ["the vendor's words for the states differ"]


def _has_state(record: Record, state: str) -> bool:
    """Whether only the sessions of an account would be ended, since it is as asked."""
    before = record["before"]
    return before is not None and "sessions" in before and before["state"] == state


def _is_other_plan(record: Record) -> bool:
    return record["outcome"] == REFUSED and code_of(record["error"]) == OTHER_PLAN


def _difference(change: PlannedChange, record: Record | None, state: str) -> str | None:
    if record is None:
        return "is in it, and is not requested now"
    if record["outcome"] == NOT_DUE:
        return "is in it, and is not due now"
    if record["outcome"] == MISSING:
        return "is in it, and there is no account now"
    if record["outcome"] == UNCHANGED:
        return f"is in it, and is {known(record['after'])['state']} already"
    if record["error"] and record["outcome"] in (FAILED, REFUSED) and not _is_other_plan(record):
        return f"is in it, and {record['outcome']} now: {record['error']['message']}"
    identifier = _account_id(record)
    if identifier != change["id"]:
        return f"is in it, and the account is {identifier} now"
    if apart_from_sessions(record["before"]) != apart_from_sessions(change["before"]):
        return f"was {condition_text(change['before'])} in it, and is {condition_text(known(record['before']))} now"
    if change["after"]["state"] != state:
        return f"was to be {change['after']['state']}, and is to be {'deleted' if state == ABSENT else state} now"
    return None
