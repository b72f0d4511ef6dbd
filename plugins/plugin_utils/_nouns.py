# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nouns of a run: what its parts hand to each other, and what its files contain.

PRIVATE to the collection. All of them are plain data, as JSON has it; `module_utils/_model` has the nouns of a module.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.saas.offboarding.plugins.module_utils._checks import CheckResult
from ansible_collections.saas.offboarding.plugins.module_utils._model import CHANGED, UNKNOWN, ProductUsed
from ansible_collections.saas.offboarding.plugins.module_utils._reach import Reach

AccountKey = Mapping[str, str | Mapping[str, str]]
"""One key of an account by its name; an external identity has a type and a value."""
Parameters = dict[str, t.Any]
"""Variables of the role as they were given: values of any type."""

# -- people


class Person(t.TypedDict):
    """What a leaver and an account of an earlier run have in common.

    ``accounts``: the key for each vendor, and for each tenant that has one. ``reason`` and ``ticket``: those
    that the list gives for this leaver.
    """

    email: str
    leave_at: str | None
    accounts: dict[str, AccountKey]
    reason: t.NotRequired[str]
    ticket: t.NotRequired[str]


class Leaver(Person):
    """A person of a list, and the row that names them.

    ``never_due``: the list gives no leave time, and was read so that this means that the person stays.
    """

    row: int
    never_due: t.NotRequired[bool]


# -- results of modules


class State(t.TypedDict):
    """The state of an account, in the shared vocabulary and in the vendor's own word.

    ``sessions``: how many there are, where the vendor has them; None if that is not known.
    """

    state: str
    vendor_state: str | None
    sessions: t.NotRequired[int | None]


class Error(t.TypedDict, total=False):
    """Why something did not work."""

    code: t.Required[str]
    message: t.Required[str]
    status: int | None
    request_id: str | None
    retryable: bool


class Response(t.TypedDict):
    """The response in which an account was read."""

    at: str
    status: int | None
    request_id: str | None


class Proof(t.TypedDict, total=False):
    """Timestamps and request identifiers that document an outcome."""

    before_at: str | None
    written_at: str | None
    after_at: str | None
    status: int | None
    request_id: str | None


class UserResult(t.TypedDict, total=False):
    """One user in the result of a module that writes."""

    key: AccountKey
    outcome: t.Required[str]
    id: str | None
    name: str | None
    before: State | None
    after: State | None
    verified: bool | None
    error: Error | None
    proof: Proof
    manual: list[str]
    manual_notes: dict[str, str]
    repaired: bool


class AccountResult(t.TypedDict, total=False):
    """One account in the result of an info module. ``found`` is null if that is not known."""

    key: AccountKey | None
    found: t.Required[bool | None]
    id: str | None
    name: str | None
    email: str | None
    names: list[str]
    state: str
    vendor_state: str | None
    sessions: int | None
    seen: Response | None
    error: Error | None
    manual: list[str]
    manual_notes: dict[str, str]


class Requests(t.TypedDict):
    """How many requests were sent. ``sent`` does not include those for tokens."""

    sent: int
    retried: int
    tokens: int


class Strategy(t.TypedDict, total=False):
    """How accounts were looked up: several strategies are joined by a plus sign."""

    strategy: str


class Reading(Strategy):
    """What was read of a tenant, which is the API's host and the customer or tenant id."""

    tenant: str
    accounts: int
    pages: int
    complete: bool


E = t.TypeVar("E", UserResult, AccountResult)


class ModuleResult(t.TypedDict, t.Generic[E], total=False):
    """The result of a vendor's module: ``msg`` if it failed, and alone if there is no other."""

    msg: str
    rc: int
    module_stderr: str
    failed: bool
    skipped: bool
    changed: bool
    check_mode: bool
    users: list[E]
    complete: bool
    plan_hash: str | None
    requests: Requests
    read: Reading | None
    product: ProductUsed
    notes: list[str]
    scope: Reach
    lacking: list[str]
    diff: dict[str, dict[str, State]]
    checks: list[CheckResult]
    warnings: list[str]
    deprecations: list[dict[str, t.Any]]


Written = ModuleResult[UserResult]
View = ModuleResult[AccountResult]

# -- reports


class StageDue(t.TypedDict):
    """A stage of a leaver: its number of how many, and when it is due, or was. Null without a leave time."""

    number: int
    of: int
    state: str
    due_at: str | None


class StagesOfLeaver(t.TypedDict, total=False):
    """The stage of a leaver at a tenant and the next one, where the run has stages."""

    stage: StageDue
    next_stage: StageDue


class Extras(StagesOfLeaver, total=False):
    """What few records have.

    ``repaired``: the vendor's server had lost the change, and it was repaired. ``manual_notes``: what the tasks for a
    person are about in this account's case, by code. ``looked_in``: in which part of the tenant there is no account.
    """

    repaired: bool
    manual_notes: dict[str, str]
    looked_in: str


class Whose(Extras):
    """Whose account a record is about, and where. ``reason`` and ``ticket``: those of this leaver alone."""

    email: str
    leave_at: str | None
    reason: str | None
    ticket: str | None
    tenant: str
    vendor: str
    key: AccountKey


class Record(Whose):
    """The result for one leaver at one tenant."""

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


class ClosedAccount(Person):
    """An account that an earlier run left closed, named by its id.

    ``at``: the API's host, and the customer or tenant id where there is one: an id is worth nothing elsewhere.
    ``by_hand``: no request of the vendor reopens it.
    """

    record: Record
    at: str | None
    by_hand: bool


class Orphan(t.TypedDict):
    """An account in use that belongs to no person of the staff list."""

    tenant: str
    vendor: str
    id: str | None
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


class OfProduct(t.TypedDict, total=False):
    """What a tenant has whose vendor is many products: the product as it was used, and what its modules noted."""

    product: ProductUsed
    notes: list[str]


class Totals(OfProduct):
    """How many requests were sent to a tenant, what was read, and which accounts the credential could see."""

    requests: Requests | None
    read: Reading | None
    reach: Reach


class TenantSummary(Totals):
    """The result at one tenant, without its records. All but the name may be missing if it left no report."""

    tenant: str
    vendor: str | None
    state: str | None
    on_missing: str | None
    check_mode: bool | None
    plan_hash: str | None
    summary: dict[str, int] | None
    error: Error | None
    differences: list[str]


class TenantReport(TenantSummary):
    """The result at one tenant.

    ``both_lists``: the leavers who are due and on the staff list as well, by e-mail. ``lacking``: the permissions that
    the credential lacks for what is planned.
    """

    kind: str
    lacking: list[str]
    both_lists: list[str]
    records: list[Record]
    orphans: list[Orphan]
    second_look: list[SecondLook]


# -- evidence


class Source(t.TypedDict):
    """Where a list comes from. ``people``: how many it has; ``notes``: what of it was left out, in sentences."""

    file: str | None
    sha256: str | None
    people: int | None
    notes: list[str]


class Earlier(t.TypedDict):
    """The run that an audit or a reinstatement refers to. One that was killed has no seal."""

    file: str
    run_id: str
    kind: str
    seal: str | None


class RanBy(t.TypedDict):
    """Who ran a run."""

    user: str | None
    awx_job_id: str | None
    awx_job_template: str | None
    awx_user: str | None


class LeftOut(t.TypedDict):
    """A tenant of the inventory that a run does not cover, and the variable or option that left it out."""

    tenant: str
    by: str


class Scope(t.TypedDict):
    """The tenants that a run covers, of how many that are known. ``missing``: expected, and not in the inventory."""

    tenants: list[str]
    known: int
    left_out: list[LeftOut]
    missing: list[str]
    sliced: bool


class Unmatched(t.TypedDict):
    """The leavers who are due and have no account at any tenant, by e-mail.

    ``not_final``: why an account may exist all the same. ``failing``: whether they fail the run.
    """

    leavers: list[str]
    not_final: list[str]
    failing: bool


class Request(t.TypedDict):
    """What a run was asked for, by whom and why. ``notes``: what of the lists was ignored."""

    kind: str
    check_mode: bool
    ran_by: RanBy
    parameters: Parameters
    source: Source
    staff: Source | None
    earlier: Earlier | None
    reason: str | None
    ticket: str | None
    scope: Scope
    notes: list[str]


class RunFacts(Request):
    """What is known of a run as a whole, whatever its result."""

    run_id: str
    started: str
    finished: str
    ansible_core_version: str


class MeasuredRun(RunFacts):
    """A run, and the limit of its time to close in seconds."""

    sla: int


class TenantFacts(Request):
    """The facts of a run as one of its tenants knows them. ``chosen``: the leavers that are meant, by e-mail."""

    sla: int
    chosen: list[str]
    tenant: Parameters


class OverLimit(t.TypedDict):
    """An account that was open for longer than the limit, or still is."""

    email: str
    tenant: str
    seconds: int
    open: bool


class TimeToClose(t.TypedDict):
    """Seconds from leave_at to the moment at which an account was read as closed.

    ``without_leave_time``: how many were read as closed and have no leave_at.
    """

    limit: int
    measured: int
    without_leave_time: int
    p50: int | None
    p95: int | None
    max: int | None
    over: list[OverLimit]


class Task(t.TypedDict):
    """What no API can do, for a person to do."""

    code: str
    tenant: str
    vendor: str
    email: str
    id: str | None
    reason: str
    action: str
    source: str


class EvidenceHead(RunFacts):
    """The evidence of a run without its records."""

    schema_version: int
    collection_version: str
    population: dict[str, int]
    time_to_close: TimeToClose
    tenants: list[TenantSummary]
    tasks: list[Task]
    both_lists: list[str]
    orphans: list[Orphan]
    second_look: list[SecondLook]
    unmatched: Unmatched


class NumberedRecord(Record):
    """A record that follows from the one before."""

    number: int
    previous: str


class EvidenceRecord(NumberedRecord):
    """A record as the evidence has it."""

    hash: str


class Evidence(EvidenceHead):
    """The evidence of a run."""

    record_count: int
    records: list[EvidenceRecord]


class SealedEvidence(Evidence):
    """The evidence of a run as its file has it: with the hashes of the files beside it, and the seal over all."""

    files: dict[str, str]
    seal: str


# -- plans


class PlannedChange(t.TypedDict):
    """One account that a run would change. Without an id, its ``id`` is the e-mail address."""

    email: str
    id: str
    name: str | None
    before: State
    after: State


class Approved(t.TypedDict):
    """What was approved at one tenant: ``at``, which is its host and customer, and ``changes``."""

    at: str | None
    changes: list[PlannedChange]


class LeftSessions(t.TypedDict):
    """An account that is as asked, and of which a run would end sessions."""

    email: str
    id: str | None
    name: str | None
    sessions: int | None


class PlannedStages(StagesOfLeaver):
    """The stage of a leaver at a tenant, and the next one."""

    email: t.Required[str]


class PlannedTenant(Approved):
    """What a run would do at one tenant.

    ``only_sessions`` and ``stages`` are part neither of the hash nor of what is approved. ``state`` is null and
    ``stages`` not empty where the run has stages.
    """

    only_sessions: list[LeftSessions]
    stages: list[PlannedStages]

    tenant: str
    vendor: str | None
    state: str | None
    plan_hash: str


class PlanBody(t.TypedDict):
    """What the digest of a plan covers."""

    schema_version: int
    kind: str
    of: str
    run_id: str
    started: str
    finished: str
    ran_by: RanBy
    source: Source
    reason: str | None
    ticket: str | None
    due_at: str | None
    tenants: list[PlannedTenant]
    scope: Scope
    notes: list[str]
    unmatched: list[str]
    not_due: list[str]


class Plan(PlanBody):
    """What a run in check mode would do."""

    digest: str


class PlanVariables(t.TypedDict, total=False):
    """The role's variables that a plan stands for."""

    offboard_plan: dict[str, str]
    offboard_plan_changes: dict[str, Approved]
    offboard_plan_run: str
    offboard_due_at: str


def known(state: State | None) -> State:
    """Return a state, which is unknown if there is none."""
    return {"state": UNKNOWN, "vendor_state": None} if state is None else state


def apart_from_sessions(state: Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    """Return a state without the number of sessions, which is a reading and no part of a plan."""
    return None if state is None else {name: value for name, value in state.items() if name != "sessions"}


def is_only_sessions(record: Record | UserResult) -> bool:
    """Whether a change is that sessions are ended of an account that was as asked."""
    before, after = known(record.get("before")), known(record.get("after"))
    return record["outcome"] == CHANGED and before["state"] == after["state"] and "sessions" in before


def code_of(error: Error | None) -> str | None:
    """Return the code of an error."""
    return None if error is None else error["code"]


def place_of(result: ModuleResult[t.Any] | TenantSummary) -> str | None:
    """Return where a module was: the API's host, and the customer or tenant id where there is one."""
    read = result.get("read")
    return read.get("tenant") if read else None
