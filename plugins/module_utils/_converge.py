# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, plan, apply, verify: the behaviour, once, for every vendor.

PRIVATE to the collection. `decide` and `guard` are pure: check mode, the diff, the plan's hash and the writes all
come from what they return.
"""

from __future__ import annotations

import fnmatch
import typing as t
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ._clock import moment_text
from ._faults import ApiError, Fatal
from ._model import (
    ABSENT,
    CHANGED,
    CLOSED_STATES,
    FAILED,
    GONE,
    MISSING,
    REFUSED,
    UNCHANGED,
    UNREADABLE,
    Account,
    Answer,
    Change,
    Condition,
    Key,
    LookupResult,
    Outcome,
    Problem,
    Proof,
    Receipt,
    UserRequest,
    normalized,
    plan_hash,
)
from ._progress import Progress
from ._threads import gather
from ._vendor import Reading, Vendor, only_account

LOOK_AGAIN = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each further look at an account that does not read as written; a vendor's reads may lag behind its
writes.
"""


ALL = 100
"""Per cent."""


@dataclass(frozen=True)
class Guards:
    """What holds a run back before its first write."""

    protected: tuple[str, ...] = ()
    max_changes: int | None = None
    plan_hash: str | None = None
    max_percent: float | None = None

    @property
    def needs_population(self) -> bool:
        return self.max_percent is not None and self.max_percent < ALL

    def too_many(self, changes: int, population: int | Problem | None) -> Problem | None:
        """Say why so many changes are too many, or that it cannot be told whether they are."""
        if self.max_changes is not None and changes > self.max_changes:
            return Problem(
                "too_many_changes",
                f"Nothing was written: the plan has {changes} changes and max_changes is {self.max_changes}",
            )
        if not self.needs_population or not changes:
            return None
        if not isinstance(population, int):
            why = "the vendor has no request that tells" if population is None else population.message
            return Problem(
                "unknown_size",
                "Nothing was written: max_percent is given, and how many accounts the tenant has cannot be told "
                f"({why}). Set max_changes, and max_percent to 100",
            )
        if changes * ALL <= t.cast(float, self.max_percent) * population:
            return None
        return Problem(
            "too_many_changes",
            f"Nothing was written: the plan has {changes} changes, the tenant {population} accounts, "
            f"and max_percent is {self.max_percent:g}",
        )


@dataclass(frozen=True)
class Step:
    """What is to happen with one user asked for: a change, or an outcome that is known already."""

    user_request: UserRequest
    account: Account | None = None
    change: Change | None = None
    outcome: Outcome | None = None
    looked: Answer | None = None
    """When it was looked for, in case there is no account that tells."""

    def ended(self, outcome: str, problem: Problem | None = None) -> Step:
        """Return this step with no change to come; the account stays as it was read."""
        found = UNREADABLE if self.account is None else self.account.condition
        return self.came(outcome, found, found, problem=problem)

    def came(self, outcome: str, before: Condition, after: Condition, **more: t.Any) -> Step:
        """Return this step with what came of it, known from its reading alone."""
        seen = self.looked if self.account is None else self.account.seen
        # What could not be looked for was not seen.
        unseen = self.account is None and more.get("problem") is not None
        proof = Proof(refused=more["problem"]) if unseen else Proof(seen, after=seen)
        result = _outcome(self.user_request, self.account, outcome, before, after, proof=proof, **more)
        return replace(self, change=None, outcome=result)


@dataclass(frozen=True)
class Report:
    """What a task did, or in check mode would do."""

    outcomes: tuple[Outcome, ...] = ()
    changes: tuple[Change, ...] = ()
    plan_hash: str | None = None
    warnings: tuple[str, ...] = ()
    complete: bool = False
    """Whether each user asked for was found, or proven to be missing."""

    def diff(self) -> dict[str, dict[str, t.Any]]:
        """Return the plan as one before and one after, of the accounts that change only."""
        names = [change.account.name or change.account.id for change in self.changes]
        shared = {name for name, count in Counter(names).items() if count > 1}
        labels = [
            f"{name} ({change.account.id})" if name in shared else name
            for name, change in zip(names, self.changes, strict=True)
        ]
        return {
            "before": {label: c.before.as_result() for label, c in zip(labels, self.changes, strict=True)},
            "after": {label: c.after.as_result() for label, c in zip(labels, self.changes, strict=True)},
        }


def _outcome(
    user_request: UserRequest,
    account: Account | None,
    outcome: str,
    before: Condition,
    after: Condition,
    *,
    verified: bool | None = None,
    problem: Problem | None = None,
    proof: Proof = Proof(),  # noqa: B008  # frozen
    manual: Sequence[str] = (),
) -> Outcome:
    return Outcome(
        key=user_request.key,
        outcome=outcome,
        id=None if account is None or account.anonymous else account.id,
        name=None if account is None else account.name,
        before=before,
        after=after,
        verified=verified,
        problem=problem,
        proof=proof,
        manual=tuple(manual),
    )


def decide(
    vendor: Vendor,
    user_requests: Sequence[UserRequest],
    lookup_results: Mapping[Key, LookupResult],
    looked: Answer | None = None,
) -> list[Step]:
    """Return a step for each request, in their order, from the requests and from what was read by ``looked``."""
    return [
        _decide_one(vendor, Step(user_request, looked=looked), lookup_results[user_request.key])
        for user_request in user_requests
    ]


def _decide_one(vendor: Vendor, step: Step, lookup_result: LookupResult) -> Step:
    user_request = step.user_request
    account = only_account(vendor, user_request.key, lookup_result)
    if isinstance(account, Problem):
        return step.ended(FAILED, account)
    if account is None:
        return step.came(UNCHANGED if user_request.state == ABSENT else MISSING, GONE, GONE)
    account = replace(account, condition=vendor.current_state(account, user_request))
    step = replace(step, account=account)
    if account.condition.state == ABSENT and user_request.state != ABSENT:
        return step.ended(MISSING)
    desired = vendor.desired_state(account, user_request)
    if isinstance(desired, Problem):
        return step.ended(FAILED, desired)
    if desired == account.condition:
        return step.came(UNCHANGED, desired, desired, manual=_manual(vendor, account, desired))
    return replace(step, change=Change(account, user_request.state, desired, user_request.settings))


def _manual(vendor: Vendor, account: Account, after: Condition) -> tuple[str, ...]:
    return vendor.leftovers(account) if after.state in CLOSED_STATES and after.attributes is None else ()


def guard(
    steps: Sequence[Step],
    guards: Guards,
    tenant: str,
    own: Collection[str],
    population: int | Problem | None = None,
) -> tuple[list[Step], str]:
    """Hold back what must not be done, and return the steps with the hash of the plan that is left.

    ``population``: how many accounts the tenant has, or why that is not known; needed for max_percent only.
    Protected accounts and the credential's own hold up nobody else. Two keys for one account, too many changes and
    another plan than the approved one refuse every change.
    """
    kept = [_spare(step, guards.protected, own) for step in steps]
    twins = _same_account(kept)
    changes = [step.change for step in kept if step.change is not None]
    fingerprint = plan_hash(tenant, changes)
    if twins:
        names = "; ".join(" and ".join(keys) for keys in list(twins.values())[:5])
        problem = Problem(
            "same_account",
            f"Nothing was written: these keys lead to one account each: {names}. Ask for each account once",
        )
        kept = [
            step.ended(REFUSED, problem) if step.account is not None and step.account.id in twins else step
            for step in kept
        ]
    elif too_many := guards.too_many(len(changes), population):
        problem = too_many
    elif guards.plan_hash is not None and guards.plan_hash != fingerprint:
        problem = Problem(
            "other_plan",
            f"Nothing was written: the plan now is {fingerprint}, and {guards.plan_hash} was approved. "
            "Accounts have changed since, or others are asked for; look at a new check run and approve that",
        )
    else:
        return kept, fingerprint
    return [step if step.change is None else step.ended(REFUSED, problem) for step in kept], fingerprint


def _spare(step: Step, protected: Sequence[str], own: Collection[str]) -> Step:
    if step.change is None or step.account is None:
        return step
    if step.account.id in own:
        return step.ended(REFUSED, Problem("own_account", "This is the account that the credential belongs to"))
    key = step.user_request.key
    # Wider than how keys are matched: what looks protected is protected.
    texts = {normalized(text) for text in (str(key), key.value, step.account.id, *step.account.labels)}
    for pattern in protected:
        wanted = normalized(pattern)
        if wanted in texts or any(fnmatch.fnmatchcase(text, wanted) for text in texts):
            return step.ended(REFUSED, Problem("protected", f"Protected by {pattern!r}"))
    return step


def _same_account(steps: Sequence[Step]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for step in steps:
        if step.account is not None:
            keys.setdefault(step.account.id, []).append(str(step.user_request.key))
    return {identifier: names for identifier, names in keys.items() if len(names) > 1}


@dataclass(frozen=True)
class _Written:
    """What came of sending one change, before anything was read back."""

    change: Change
    receipt: Receipt | None = None
    problem: Problem | None = None
    seen: Reading | t.Literal["unseen"] = "unseen"
    lost: bool = False


@dataclass
class Converger:
    """Brings accounts of one tenant to the states asked for."""

    vendor: Vendor
    guards: Guards = field(default_factory=Guards)
    verify: bool = True
    progress: Progress = field(default_factory=Progress)
    _fatal: Problem | None = None

    def run(self, user_requests: Sequence[UserRequest], *, check_mode: bool) -> Report:
        """Read, plan, and unless in check mode apply and read back. Never raises for what a vendor or the network
        does.
        """
        warnings: list[str] = []
        try:
            lookup_results = self.vendor.find([user_request.key for user_request in user_requests])
            steps = decide(self.vendor, user_requests, lookup_results, self._now())
            own: Collection[str] | None = ()
            population: int | Problem | None = None
            if any(step.change is not None for step in steps):
                own = self.vendor.own_accounts()
                population = self._population(user_requests)
        except ApiError as exc:
            return Report(
                tuple(
                    _outcome(user_request, None, FAILED, UNREADABLE, UNREADABLE, problem=exc.problem)
                    for user_request in user_requests
                )
            )
        if own is None:
            warnings.append(
                f"{self.vendor.product} did not say which account the credential belongs to: it is not "
                "protected from being closed"
            )
        steps, fingerprint = guard(steps, self.guards, self.vendor.tenant, own or (), population)
        changes = tuple(step.change for step in steps if step.change is not None)
        self.progress.planned(len(steps), len(changes))
        outcomes = [self._predicted(step) for step in steps] if check_mode else self._apply(steps)
        complete = self.vendor.readable and all(
            lookup_result.problem is None for lookup_result in lookup_results.values()
        )
        return Report(tuple(outcomes), changes, fingerprint, tuple(warnings), complete)

    def _now(self) -> Answer:
        """Return the moment as what was seen by it, where no single answer says so."""
        return Answer(moment_text(self.vendor.transport.clock.wall()))

    def _population(self, user_requests: Sequence[UserRequest]) -> int | Problem | None:
        if not self.guards.needs_population:
            return None
        # Who is to be re-opened is not in use now.
        in_use = all(user_request.state in CLOSED_STATES for user_request in user_requests)
        try:
            return self.vendor.population(in_use=in_use)
        except ApiError as exc:
            return exc.problem

    def _predicted(self, step: Step) -> Outcome:
        if step.outcome is not None:
            return step.outcome
        change = t.cast(Change, step.change)
        return _outcome(
            step.user_request,
            change.account,
            CHANGED,
            change.before,
            change.after,
            proof=Proof(change.account.seen),
            manual=_manual(self.vendor, change.account, change.after),
        )

    def _apply(self, steps: Sequence[Step]) -> list[Outcome]:
        """Write batch by batch, and read back what was written at the end: listings then are read once for all."""
        concurrency = self.vendor.transport.limits.concurrency
        written: dict[str, _Written] = {}
        for batch in self.progress.batches(steps):
            changes = [step.change for step in batch.items if step.change is not None]
            answers = gather(self._write, changes, concurrency)
            written |= {each.change.account.id: each for each in answers}
            self.progress.written(batch, len(changes), sum(each.problem is not None for each in answers))
        to_be_seen = [each for each in written.values() if self._is_to_be_seen(each)]
        self.progress.reading_back(len(to_be_seen))
        readings = self._read_back(to_be_seen)
        return [
            step.outcome
            if step.outcome is not None
            else self._judge(step.user_request, written[t.cast(Account, step.account).id], readings)
            for step in steps
        ]

    def _write(self, change: Change) -> _Written:
        """Send one change. Where the answer was lost, read before sending again: what is read decides.

        A failure in part is made good only by a later answer without one, never by what is read.
        """
        lost = False
        half_done: Problem | None = None
        attempt = 0
        while True:
            if self._fatal is not None:
                return _Written(
                    change, problem=replace(self._fatal, message=f"Not tried: {self._fatal.message}"), lost=lost
                )
            try:
                receipt = self.vendor.apply(change)
                if half_done is not None and receipt.already:
                    return _Written(change, problem=half_done, seen=self._look(change), lost=lost)
                return _Written(change, receipt=receipt, lost=lost)
            except Fatal as exc:
                self._fatal = exc.problem
                return _Written(change, problem=exc.problem, lost=lost)
            except ApiError as exc:
                if exc.partial:
                    half_done = exc.problem
                elif not exc.doubtful:
                    return _Written(change, problem=half_done or exc.problem, lost=lost)
                lost = True
                ended = self._settle(change, exc, half_done, attempt)
                if ended is not None:
                    return ended
                attempt += 1
                self.vendor.transport.count_retry()

    def _settle(self, change: Change, error: ApiError, half_done: Problem | None, attempt: int) -> _Written | None:
        """Say what came of a write that may have been carried out, or wait and return None: it is to be sent again.

        It is never sent again unseen. An account that cannot be read is looked at once more after the wait.
        """
        for waited in (False, True):
            seen = self._look(change)
            if half_done is None and self._is_attained(change, seen):
                return _Written(change, receipt=Receipt(), seen=seen, lost=True)
            failed = _Written(change, problem=half_done or error.problem, seen=seen, lost=True)
            if not waited and not (error.problem.retryable and self.vendor.transport.wait_to_retry(attempt, error)):
                return failed
            if not isinstance(seen, Problem):
                return None
        return failed

    def _look(self, change: Change) -> Reading | t.Literal["unseen"]:
        if not self.vendor.readable:
            return "unseen"
        try:
            return self.vendor.reread([change.account], fresh=True)[change.account.id]
        except ApiError as exc:
            return exc.problem

    def _is_attained(self, change: Change, seen: Reading | t.Literal["unseen"]) -> bool:
        condition = self._condition(change, seen)
        return condition is not None and self.vendor.attained(condition, change.after)

    def _condition(self, change: Change, seen: Reading | t.Literal["unseen"]) -> Condition | None:
        if seen is None:
            return GONE
        return self.vendor.current_state(seen, change) if isinstance(seen, Account) else None

    def _is_to_be_seen(self, written: _Written) -> bool:
        if written.receipt is None or not self.vendor.readable:
            return False
        if not self.verify and written.receipt.doubt is None:
            return False
        return not written.receipt.gone or (written.lost and written.change.state == ABSENT)

    def _read_back(self, written: Sequence[_Written]) -> dict[str, Reading]:
        """Read accounts until they read as written, or until it is time to believe that they will not."""
        readings: dict[str, Reading] = {each.change.account.id: each.seen for each in written if each.seen != "unseen"}
        open_ones = [each.change for each in written if each.seen == "unseen"]
        for turn, delay in enumerate((0.0, *LOOK_AGAIN)):
            if not open_ones:
                break
            if delay and not self.vendor.transport.pause(delay):
                break
            try:
                readings |= self.vendor.reread([change.account for change in open_ones], fresh=turn > 0)
            except ApiError as exc:
                readings |= {change.account.id: exc.problem for change in open_ones}
                if isinstance(exc, Fatal):
                    break
            open_ones = [c for c in open_ones if not self._is_attained(c, readings[c.account.id])]
        return readings

    def _proof(self, written: _Written, last: Reading | t.Literal["unseen"]) -> Proof:
        gone = self._now() if last is None else None
        return Proof(
            before=written.change.account.seen,
            write=written.receipt.answer if written.receipt else None,
            after=last.seen if isinstance(last, Account) else gone,
            refused=written.problem,
        )

    def _judge(self, user_request: UserRequest, written: _Written, readings: Mapping[str, Reading]) -> Outcome:
        change = written.change
        account = change.account
        receipt = written.receipt
        last = readings.get(account.id, written.seen)
        proof = self._proof(written, last)

        def came(outcome: str, after: Condition, **more: t.Any) -> Outcome:
            manual = receipt.manual if receipt else ()
            if outcome in (CHANGED, UNCHANGED):
                manual = (*_manual(self.vendor, last if isinstance(last, Account) else account, after), *manual)
            before = more.pop("before", change.before)
            return _outcome(user_request, account, outcome, before, after, proof=proof, manual=manual, **more)

        if receipt is None:
            untouched = UNREADABLE if written.lost else change.before
            return came(FAILED, self._condition(change, written.seen) or untouched, problem=written.problem)
        if receipt.gone and not (written.lost and change.state == ABSENT):
            if written.lost:
                return came(FAILED, UNREADABLE, problem=UNCONFIRMED)
            return came(UNCHANGED if change.state == ABSENT else MISSING, GONE, before=GONE)
        known = receipt.already and not written.lost
        outcome, before = (UNCHANGED, change.after) if known else (CHANGED, change.before)
        if account.id not in readings:
            return came(outcome, change.after, before=before)
        seen = readings[account.id]
        condition = self._condition(change, seen)
        if condition is None:
            cause = seen.message if isinstance(seen, Problem) else "no answer"
            message = f"The change was accepted, but the account could not be read back: {cause}"
            return came(FAILED, UNREADABLE, problem=Problem("unverified", message, retryable=True))
        if self.vendor.attained(condition, change.after):
            return came(outcome, condition, before=before, verified=None if receipt.queued_elsewhere else True)
        if receipt.queued_here:
            return came(outcome, change.after, before=before)
        if receipt.doubt is not None:
            return came(FAILED, condition, verified=False, problem=receipt.doubt)
        message = (
            f"{self.vendor.product} accepted the change, but the account still reads as {condition.state}"
            f"{'' if condition.vendor_state is None else f' ({condition.vendor_state})'}"
        )
        return came(FAILED, condition, verified=False, problem=Problem("not_applied", message, retryable=True))


UNCONFIRMED = Problem(
    "unconfirmed",
    "An answer was lost, and when the request was sent again the account was said not to exist: "
    "whether it was closed cannot be told. Look at the vendor's user list",
)
