# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, plan, apply, verify: the behaviour, once, for every vendor.

PRIVATE to the collection. `decide` and `guard` are pure: check mode, the diff, the plan's hash and the writes all
come from what they return.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ._clock import moment_text
from ._decide import Step, decide, manual_tasks
from ._faults import ApiError, Fatal
from ._guards import Guards, guard
from ._journal import Journal
from ._match import Reading
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
    Outcome,
    Problem,
    Proof,
    Receipt,
    UserRequest,
    condition_text,
)
from ._pilot import write_in_turn
from ._progress import Progress
from ._sessions import SessionEnder, judged, list_sessions, with_task
from ._vendor import Vendor
from ._write import Look, Writer, Written

LOOK_AGAIN = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each further look at an account that does not read as written; a vendor's reads may lag behind its
writes.
"""


@dataclass(frozen=True)
class Report:
    """What a task did, or in check mode would do."""

    outcomes: tuple[Outcome, ...] = ()
    changes: tuple[Change, ...] = ()
    plan_hash: str | None = None
    warnings: tuple[str, ...] = ()
    complete: bool = False
    """Whether each user asked for was found, or proven to be missing."""
    only_sessions: tuple[Change, ...] = ()
    """The accounts that are as asked, and of which sessions are to be ended."""
    with_sessions: bool = False
    """Whether conditions have a number of sessions."""

    def diff(self) -> dict[str, dict[str, t.Any]]:
        """Return the plan as one before and one after, of the accounts that change only."""
        changes = (*self.changes, *self.only_sessions)
        names = [change.account.name or change.account.id for change in changes]
        shared = {name for name, count in Counter(names).items() if count > 1}
        labels = [
            f"{name} ({change.account.id})" if name in shared else name
            for name, change in zip(names, changes, strict=True)
        ]
        pairs = list(zip(labels, changes, strict=True))
        return {
            "before": {label: each.before.as_result(with_sessions=self.with_sessions) for label, each in pairs},
            "after": {label: each.after.as_result(with_sessions=self.with_sessions) for label, each in pairs},
        }


class _Verdict(t.NamedTuple):
    """The outcome of a write and its reading."""

    outcome: str
    before: Condition
    after: Condition
    verified: bool | None = None
    problem: Problem | None = None


@dataclass
class Converger:
    """Brings accounts of one tenant to the states asked for."""

    vendor: Vendor
    guards: Guards = field(default_factory=Guards)
    verify: bool = True
    progress: Progress = field(default_factory=Progress)
    journal: Journal = field(default_factory=Journal)
    emails: Mapping[Key, str] = field(default_factory=dict)
    """The e-mail addresses of the leavers behind the keys, for the journal."""
    _hurried: bool = False
    """Whether the retry budget has cut the looks short, so that what reads otherwise may only lag behind."""

    def __post_init__(self) -> None:
        self._writer = Writer(self.vendor, self.journal, self.emails)

    def run(self, user_requests: Sequence[UserRequest], *, check_mode: bool) -> Report:
        """Read, plan, and unless in check mode apply and read back. Never raises for what a vendor or the network
        does.
        """
        warnings: list[str] = []
        try:
            lookup_results = self.vendor.find([user_request.key for user_request in user_requests])
            steps = decide(self.vendor, user_requests, lookup_results, self._now())
            steps = list_sessions(self.vendor, steps)
            own: Collection[str] | None = ()
            population: int | Problem | None = None
            if any(step.writes is not None for step in steps):
                own = self.vendor.own_accounts()
                population = self._population(user_requests)
        except ApiError as exc:
            return Report(
                tuple(
                    Outcome.of(user_request, None, FAILED, UNREADABLE, UNREADABLE, problem=exc.problem)
                    for user_request in user_requests
                ),
                with_sessions=self.vendor.info.sessions,
            )
        if own is None:
            warnings.append(
                f"{self.vendor.product} did not report which account the credential belongs to: it is not "
                "protected from being closed"
            )
        steps, fingerprint = guard(steps, self.guards, self.vendor.tenant, own or (), population)
        changes = tuple(step.change for step in steps if step.change is not None)
        only_sessions = tuple(step.only_sessions for step in steps if step.only_sessions is not None)
        self.progress.planned(len(steps), len(changes) + len(only_sessions))
        if self.journal.records:
            self.vendor.transport.journal = self.journal
        if check_mode and (caveat := self.vendor.caveat(changes)):
            warnings.append(caveat)
        notes = self._manual_notes(steps)
        outcomes = [self._predicted(step) for step in steps] if check_mode else self._apply(steps)
        outcomes = [self._noted(each, notes) for each in outcomes]
        complete = self.vendor.info.readable and all(
            lookup_result.problem is None for lookup_result in lookup_results.values()
        )
        return Report(
            tuple(outcomes), changes, fingerprint, tuple(warnings), complete, only_sessions, self.vendor.info.sessions
        )

    def _now(self) -> Answer:
        """Return the present moment as the time of a reading that has no single answer."""
        return Answer(moment_text(self.vendor.transport.clock.wall()))

    def _manual_notes(self, steps: Sequence[Step]) -> Mapping[str, Mapping[str, str]]:
        """Ask what the tasks for a person are about, before anything is written: deletions end what they count."""
        planned = [self._predicted(step) for step in steps]
        try:
            return self.vendor.manual_notes({each.id: each.manual for each in planned if each.id and each.manual})
        except ApiError:
            return {}

    def _noted(self, outcome: Outcome, notes: Mapping[str, Mapping[str, str]]) -> Outcome:
        """Return an outcome with what is known at the end of the tasks for a person."""
        if outcome.id is None and outcome.after == GONE:
            outcome = replace(outcome, manual=(*outcome.manual, *self.vendor.left_open(outcome.key)))
        return replace(outcome, manual_notes=notes.get(outcome.id or "", {})) if outcome.manual else outcome

    def _population(self, user_requests: Sequence[UserRequest]) -> int | Problem | None:
        if not self.guards.needs_population:
            return None
        # Who is to be reopened is not in use now.
        in_use = all(each.state in CLOSED_STATES and not each.reopens for each in user_requests)
        try:
            return self.vendor.population(in_use=in_use)
        except ApiError as exc:
            return exc.problem

    def _predicted(self, step: Step) -> Outcome:
        if step.only_sessions is not None:
            return replace(t.cast(Outcome, step.outcome), outcome=CHANGED)
        if step.outcome is not None:
            return step.outcome
        change = t.cast(Change, step.change)
        outcome = Outcome.of(
            step.user_request,
            change.account,
            CHANGED,
            change.before,
            change.after,
            proof=Proof(change.account.seen),
            manual=manual_tasks(self.vendor, change.account, change.after),
        )
        return outcome if step.sessions is None else judged(with_task(outcome), step.sessions)

    def _apply(self, steps: Sequence[Step]) -> list[Outcome]:
        """Write batch by batch, and read back what was written at the end: listings then are read once for all."""
        self.vendor.transport.counters.read_back = True
        concurrency = self.vendor.transport.limits.concurrency
        written: dict[str, Written] = {}
        for batch in self.progress.batches(steps):
            changes = [step for step in batch.items if step.change is not None]
            answers = write_in_turn(self.vendor, self._writer.write, changes, concurrency)
            written |= {each.change.account.id: each for each in answers}
            self.progress.written(batch, len(changes), sum(each.problem is not None for each in answers))
        to_be_seen = [each for each in written.values() if self._is_to_be_seen(each)]
        self.progress.reading_back(len(to_be_seen))
        looks = self._read_back(to_be_seen)
        changing = [step for step in steps if step.change is not None]
        mended = {} if self._hurried else self._writer.repair(changing, written, looks)
        written |= mended
        looks |= self._read_back([each for each in mended.values() if each.receipt is not None])
        outcomes = [
            t.cast(Outcome, step.outcome)
            if step.change is None
            else self._judge(step.user_request, written[step.change.account.id], looks.get(step.change.account.id))
            for step in steps
        ]
        if self.vendor.sessions is None:
            return outcomes
        return SessionEnder(self.vendor, self.vendor.sessions, self._writer, self.progress).ended(steps, outcomes)

    def _is_to_be_seen(self, written: Written) -> bool:
        if written.receipt is None or not self.vendor.info.readable:
            return False
        return self.verify or written.receipt.doubt is not None

    def _read_back(self, written: Sequence[Written]) -> dict[str, Look]:
        """Read accounts until they read as written, or until it is time to believe that they will not."""
        looks = {each.change.account.id: each.look for each in written if each.look is not None}
        open_ones = [each for each in written if each.look is None]
        for turn, delay in enumerate((0.0, *LOOK_AGAIN)):
            if not open_ones:
                break
            if delay and not self.vendor.transport.pause(delay):
                self._hurried = True
                break
            # Of writes that may be lost for ever, the source that lags least, with a request for each account, is asked
            # first, and has the last word.
            fresh = turn in (1, len(LOOK_AGAIN)) if self.vendor.info.lost_writes else turn > 0
            try:
                looks |= {name: Look(reading) for name, reading in self._reread(open_ones, fresh).items()}
            except ApiError as exc:
                looks |= {each.change.account.id: Look(exc.problem) for each in open_ones}
                if isinstance(exc, Fatal):
                    break
            open_ones = [each for each in open_ones if not self._is_settled(each, looks[each.change.account.id])]
        return looks

    def _reread(self, written: Sequence[Written], fresh: bool) -> dict[str, Reading]:
        doubted = [each.change.account for each in written if each.is_doubted]
        others = [each.change.account for each in written if not each.is_doubted]
        readings = dict(self.vendor.reread(others, fresh=fresh)) if others else {}
        return {**readings, **self.vendor.reread_by_all_means(doubted)} if doubted else readings

    def _is_settled(self, written: Written, look: Look) -> bool:
        if self._writer.is_attained(written.change, look):
            return True
        return written.is_denied and self._is_absent(written.change, look)

    def _is_absent(self, change: Change, look: Look) -> bool:
        condition = self._writer.condition(change, look)
        return condition is not None and condition.state == ABSENT

    def _judge(self, user_request: UserRequest, written: Written, look: Look | None) -> Outcome:
        """Return the outcome of a write. ``look``: the last reading, if it was read back."""
        change, receipt = written.change, written.receipt
        verdict = self._verdict(written, look)
        last = look or written.look
        reading = last.reading if last is not None else None
        manual = receipt.manual if receipt else ()
        if verdict.outcome in (CHANGED, UNCHANGED):
            seen = reading if isinstance(reading, Account) else change.account
            was = replace(seen, condition=verdict.before)
            manual = (*manual_tasks(self.vendor, was, verdict.after), *manual)
        gone = self._now() if last is not None and reading is None else None
        return Outcome.of(
            user_request,
            change.account,
            *verdict[:3],
            verified=verdict.verified,
            problem=verdict.problem,
            proof=Proof(
                before=change.account.seen,
                write=(receipt and receipt.answer) or written.accepted,
                after=reading.seen if isinstance(reading, Account) else gone,
                refused=written.problem,
            ),
            manual=manual,
            repaired=written.repaired and verdict.outcome == CHANGED,
        )

    def _verdict(self, written: Written, look: Look | None) -> _Verdict:
        change, receipt, before = written.change, written.receipt, written.change.before
        if receipt is None:
            untouched = UNREADABLE if written.lost else before
            read = self._writer.condition(change, written.look)
            problem = written.problem
            if written.repaired and problem is not None:
                problem = replace(problem, message=f"{problem.message}. {self._not_mended()}")
            return _Verdict(REFUSED if written.withheld else FAILED, before, read or untouched, problem=problem)
        if look is None:
            return self._unread(written, receipt)
        condition = self._writer.condition(change, look)
        if condition is None:
            cause = look.reading.message if isinstance(look.reading, Problem) else "no answer"
            message = f"{self._answered(receipt)}, but the account could not be read back: {cause}"
            return _Verdict(FAILED, before, UNREADABLE, problem=Problem("unverified", message, retryable=True))
        if self._writer.attains(change, condition):
            denied = receipt.denies and not (written.lost or written.repaired)
            outcome, before = (UNCHANGED, change.after) if denied else (CHANGED, before)
            return _Verdict(outcome, before, condition, verified=None if receipt.queued_elsewhere else True)
        if receipt.denies and condition.state == ABSENT:
            return _Verdict(MISSING, GONE, GONE)
        if receipt.queued_here:
            return _Verdict(CHANGED, before, change.after)
        word = condition_text(condition.as_result())
        message = f"{self._answered(receipt)}, but the account still reads as {word}"
        if written.repaired:
            message = f"{message}. {self._not_mended()}"
        doubt = None if written.repaired else receipt.doubt
        problem = doubt or Problem("not_applied", message, retryable=True)
        return _Verdict(FAILED, before, condition, verified=False, problem=problem)

    def _unread(self, written: Written, receipt: Receipt) -> _Verdict:
        """Return the verdict on an answer if the account is not read back."""
        change = written.change
        if receipt.gone and written.lost and change.state != ABSENT:
            return _Verdict(FAILED, change.before, UNREADABLE, problem=UNCONFIRMED)
        if written.lost or not receipt.denies:
            return _Verdict(CHANGED, change.before, change.after)
        if receipt.gone and change.state != ABSENT:
            return _Verdict(MISSING, GONE, GONE)
        return _Verdict(UNCHANGED, change.after, change.after)

    def _not_mended(self) -> str:
        return (
            f"{self.vendor.product}'s server has lost the change, and the opposite request and the request again "
            f"did not mend it: the account is not as asked. {self.vendor.info.lost_writes}"
        )

    def _answered(self, receipt: Receipt) -> str:
        product = self.vendor.product
        status = f" (status {receipt.refusal.status})" if receipt.refusal and receipt.refusal.status else ""
        if receipt.gone:
            return f"{product} answered that the account does not exist{status}"
        if receipt.already:
            return f"{product} answered that there was nothing to change{status}"
        return f"{product} accepted the change"


UNCONFIRMED = Problem(
    "unconfirmed",
    "An answer was lost, and the vendor answered the repeated request that the account does not exist. "
    "It is not known whether the account was closed. Check the vendor's user list",
)
