# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, plan, apply, verify: the behaviour, once, for every vendor.

PRIVATE to the collection. `decide` and `guard` are pure: check mode, the diff, the plan's hash and the writes all
come from what they return.
"""

from __future__ import annotations

import contextlib
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
from ._vendor import Vendor

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


@dataclass(frozen=True)
class _Look:
    """What reading an account again gave."""

    reading: Reading


@dataclass(frozen=True)
class _Written:
    """What came of sending one change; ``look``: what was read of it on the way, if it was."""

    change: Change
    receipt: Receipt | None = None
    problem: Problem | None = None
    look: _Look | None = None
    lost: bool = False
    repaired: bool = False
    """Whether a pair of requests was sent because the server had lost the write."""
    withheld: bool = False
    """Whether nothing was sent, after what an earlier change came to."""

    @property
    def is_denied(self) -> bool:
        """Whether the vendor said that there was nothing to change."""
        return self.receipt is not None and self.receipt.denies

    @property
    def is_doubted(self) -> bool:
        """Whether what the vendor said is checked by all means. A deletion whose answer was lost explains itself."""
        return self.is_denied and not (self.lost and self.change.state == ABSENT)


class _Verdict(t.NamedTuple):
    """What a write and its reading come to."""

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
    _fatal: Problem | None = None
    _hurried: bool = False
    """Whether the retry budget has cut the looks short, so that what reads otherwise may only lag behind."""

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
                    Outcome.of(user_request, None, FAILED, UNREADABLE, UNREADABLE, problem=exc.problem)
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
        if self.journal.records:
            self.vendor.transport.journal = self.journal
        if check_mode and (caveat := self.vendor.caveat(changes)):
            warnings.append(caveat)
        notes = self._manual_notes(steps)
        outcomes = [self._predicted(step) for step in steps] if check_mode else self._apply(steps)
        outcomes = [
            replace(each, manual_notes=notes.get(each.id or "", {})) if each.manual else each for each in outcomes
        ]
        complete = self.vendor.info.readable and all(
            lookup_result.problem is None for lookup_result in lookup_results.values()
        )
        return Report(tuple(outcomes), changes, fingerprint, tuple(warnings), complete)

    def _now(self) -> Answer:
        """Return the moment as what was seen by it, where no single answer says so."""
        return Answer(moment_text(self.vendor.transport.clock.wall()))

    def _manual_notes(self, steps: Sequence[Step]) -> Mapping[str, Mapping[str, str]]:
        """Ask what the tasks for a person are about, before anything is written: deletions end what they count."""
        planned = [self._predicted(step) for step in steps]
        try:
            return self.vendor.manual_notes({each.id: each.manual for each in planned if each.id and each.manual})
        except ApiError:
            return {}

    def _population(self, user_requests: Sequence[UserRequest]) -> int | Problem | None:
        if not self.guards.needs_population:
            return None
        # Who is to be re-opened is not in use now.
        in_use = all(each.state in CLOSED_STATES and not each.reopens for each in user_requests)
        try:
            return self.vendor.population(in_use=in_use)
        except ApiError as exc:
            return exc.problem

    def _predicted(self, step: Step) -> Outcome:
        if step.outcome is not None:
            return step.outcome
        change = t.cast(Change, step.change)
        return Outcome.of(
            step.user_request,
            change.account,
            CHANGED,
            change.before,
            change.after,
            proof=Proof(change.account.seen),
            manual=manual_tasks(self.vendor, change.account, change.after),
        )

    def _apply(self, steps: Sequence[Step]) -> list[Outcome]:
        """Write batch by batch, and read back what was written at the end: listings then are read once for all."""
        self.vendor.transport.counters.read_back = True
        concurrency = self.vendor.transport.limits.concurrency
        written: dict[str, _Written] = {}
        for batch in self.progress.batches(steps):
            changes = [step for step in batch.items if step.change is not None]
            answers = write_in_turn(self.vendor, self._write, changes, concurrency)
            written |= {each.change.account.id: each for each in answers}
            self.progress.written(batch, len(changes), sum(each.problem is not None for each in answers))
        to_be_seen = [each for each in written.values() if self._is_to_be_seen(each)]
        self.progress.reading_back(len(to_be_seen))
        looks = self._read_back(to_be_seen)
        mended = self._repair([step for step in steps if step.change is not None], written, looks)
        written |= mended
        looks |= self._read_back([each for each in mended.values() if each.receipt is not None])
        return [
            t.cast(Outcome, step.outcome)
            if step.change is None
            else self._judge(step.user_request, written[step.change.account.id], looks.get(step.change.account.id))
            for step in steps
        ]

    def _write(self, step: Step) -> _Written:
        change = t.cast(Change, step.change)
        if problem := self.vendor.withheld(change):
            return _Written(change, problem=problem, withheld=True)
        with self._writing(step, change):
            return self._send(change)

    def _writing(self, step: Step, change: Change, *, repair: bool = False) -> contextlib.AbstractContextManager[None]:
        key = step.user_request.key
        by_key = key.value if key.field == "email" else None
        email = self.emails.get(key) or by_key or t.cast(Change, step.change).account.email
        return self.journal.writing(email, key, change, repair=repair)

    def _repair(
        self, steps: Sequence[Step], written: Mapping[str, _Written], looks: Mapping[str, _Look]
    ) -> dict[str, _Written]:
        """Send those writes again that the server holds for done and does not show, one account at a time.

        Each follows its opposite, without which the server changes nothing. Where it refuses that one as well, it shows
        what it holds, and nothing was lost.
        """
        mended: dict[str, _Written] = {}
        for step in () if self._hurried else steps:
            change = t.cast(Change, step.change)
            came, look = written[change.account.id], looks.get(change.account.id)
            seen = self._condition(change, look)
            if came.receipt is None or seen is None or seen.state == ABSENT or self._attains(change, seen):
                continue
            if any(self._undone(step, each) for each in self.vendor.opposites(change, seen)):
                with self._writing(step, change, repair=True):
                    mended[change.account.id] = replace(self._send(change), repaired=True)
        return mended

    def _undone(self, step: Step, opposite: Change) -> bool:
        """Send a change that undoes another, and return whether the server may have carried it out."""
        lost = False
        attempt = 0
        with self._writing(step, opposite, repair=True):
            while self._fatal is None:
                try:
                    return not self._sent(opposite).denies or lost
                except Fatal as exc:
                    self._fatal = exc.problem
                except ApiError as exc:
                    lost = lost or exc.doubtful
                    retryable = exc.doubtful and exc.problem.retryable
                    if not (retryable and self.vendor.transport.wait_to_retry(attempt, exc)):
                        return lost
                    attempt += 1
                    self.vendor.transport.count_retry()
        return lost

    def _send(self, change: Change) -> _Written:
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
                receipt = self._sent(change)
                if half_done is not None and receipt.already:
                    return _Written(change, problem=half_done, look=self._look(change), lost=lost)
                return _Written(receipt.turned(change), receipt=receipt, lost=lost)
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

    def _sent(self, change: Change) -> Receipt:
        try:
            receipt = self.vendor.apply(change)
        except ApiError as exc:
            self.journal.ended(None, exc.problem)
            raise
        meant = None if receipt.doubt is not None else GONE if receipt.gone else receipt.turned(change).after
        self.journal.ended(meant, receipt.doubt)
        return receipt

    def _settle(self, change: Change, error: ApiError, half_done: Problem | None, attempt: int) -> _Written | None:
        """Say what came of a write that may have been carried out, or wait and return None: it is to be sent again.

        It is never sent again unseen. An account that cannot be read is looked at once more after the wait.
        """
        for waited in (False, True):
            look = self._look(change)
            if half_done is None and self._is_attained(change, look):
                return _Written(change, receipt=Receipt(), look=look, lost=True)
            failed = _Written(change, problem=half_done or error.problem, look=look, lost=True)
            if not waited and not (error.problem.retryable and self.vendor.transport.wait_to_retry(attempt, error)):
                return failed
            if look is None or not isinstance(look.reading, Problem):
                return None
        return failed

    def _look(self, change: Change) -> _Look | None:
        if not self.vendor.info.readable:
            return None
        try:
            return _Look(self.vendor.reread([change.account], fresh=True)[change.account.id])
        except ApiError as exc:
            return _Look(exc.problem)

    def _is_attained(self, change: Change, look: _Look | None) -> bool:
        return self._attains(change, self._condition(change, look))

    def _attains(self, change: Change, condition: Condition | None) -> bool:
        """Whether what was read is what was wanted. What an account was before never is: it had to be changed."""
        return condition not in (None, change.before) and self.vendor.attained(condition, change.after)

    def _condition(self, change: Change, look: _Look | None) -> Condition | None:
        """Return the condition that was read, or None where none was."""
        if look is None or isinstance(look.reading, Problem):
            return None
        return GONE if look.reading is None else self.vendor.current_state(look.reading, change)

    def _is_to_be_seen(self, written: _Written) -> bool:
        if written.receipt is None or not self.vendor.info.readable:
            return False
        return self.verify or written.receipt.doubt is not None

    def _read_back(self, written: Sequence[_Written]) -> dict[str, _Look]:
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
                looks |= {name: _Look(reading) for name, reading in self._reread(open_ones, fresh).items()}
            except ApiError as exc:
                looks |= {each.change.account.id: _Look(exc.problem) for each in open_ones}
                if isinstance(exc, Fatal):
                    break
            open_ones = [each for each in open_ones if not self._is_settled(each, looks[each.change.account.id])]
        return looks

    def _reread(self, written: Sequence[_Written], fresh: bool) -> dict[str, Reading]:
        doubted = [each.change.account for each in written if each.is_doubted]
        others = [each.change.account for each in written if not each.is_doubted]
        readings = dict(self.vendor.reread(others, fresh=fresh)) if others else {}
        return {**readings, **self.vendor.reread_by_all_means(doubted)} if doubted else readings

    def _is_settled(self, written: _Written, look: _Look) -> bool:
        if self._is_attained(written.change, look):
            return True
        return written.is_denied and self._is_absent(written.change, look)

    def _is_absent(self, change: Change, look: _Look) -> bool:
        condition = self._condition(change, look)
        return condition is not None and condition.state == ABSENT

    def _judge(self, user_request: UserRequest, written: _Written, look: _Look | None) -> Outcome:
        """Return the outcome of a write. ``look``: the last reading, if it was read back."""
        change, receipt = written.change, written.receipt
        verdict = self._verdict(written, look)
        last = look or written.look
        reading = last.reading if last is not None else None
        manual = receipt.manual if receipt else ()
        if verdict.outcome in (CHANGED, UNCHANGED):
            seen = reading if isinstance(reading, Account) else change.account
            manual = (*manual_tasks(self.vendor, seen, verdict.after), *manual)
        gone = self._now() if last is not None and reading is None else None
        return Outcome.of(
            user_request,
            change.account,
            *verdict[:3],
            verified=verdict.verified,
            problem=verdict.problem,
            proof=Proof(
                before=change.account.seen,
                write=receipt.answer if receipt else None,
                after=reading.seen if isinstance(reading, Account) else gone,
                refused=written.problem,
            ),
            manual=manual,
            repaired=written.repaired and verdict.outcome == CHANGED,
        )

    def _verdict(self, written: _Written, look: _Look | None) -> _Verdict:
        change, receipt, before = written.change, written.receipt, written.change.before
        if receipt is None:
            untouched = UNREADABLE if written.lost else before
            read = self._condition(change, written.look)
            problem = written.problem
            if written.repaired and problem is not None:
                problem = replace(problem, message=f"{problem.message}. {self._not_mended()}")
            return _Verdict(REFUSED if written.withheld else FAILED, before, read or untouched, problem=problem)
        if look is None:
            return self._unread(written, receipt)
        condition = self._condition(change, look)
        if condition is None:
            cause = look.reading.message if isinstance(look.reading, Problem) else "no answer"
            message = f"{self._said(receipt)}, but the account could not be read back: {cause}"
            return _Verdict(FAILED, before, UNREADABLE, problem=Problem("unverified", message, retryable=True))
        if self._attains(change, condition):
            denied = receipt.denies and not (written.lost or written.repaired)
            outcome, before = (UNCHANGED, change.after) if denied else (CHANGED, before)
            return _Verdict(outcome, before, condition, verified=None if receipt.queued_elsewhere else True)
        if receipt.denies and condition.state == ABSENT:
            return _Verdict(MISSING, GONE, GONE)
        if receipt.queued_here:
            return _Verdict(CHANGED, before, change.after)
        word = condition_text(condition.as_result())
        message = f"{self._said(receipt)}, but the account still reads as {word}"
        if written.repaired:
            message = f"{message}. {self._not_mended()}"
        doubt = None if written.repaired else receipt.doubt
        problem = doubt or Problem("not_applied", message, retryable=True)
        return _Verdict(FAILED, before, condition, verified=False, problem=problem)

    def _unread(self, written: _Written, receipt: Receipt) -> _Verdict:
        """Return what an answer comes to where the account is not read back."""
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

    def _said(self, receipt: Receipt) -> str:
        product = self.vendor.product
        status = f" (status {receipt.refusal.status})" if receipt.refusal and receipt.refusal.status else ""
        if receipt.gone:
            return f"{product} answered that the account does not exist{status}"
        if receipt.already:
            return f"{product} answered that there was nothing to change{status}"
        return f"{product} accepted the change"


UNCONFIRMED = Problem(
    "unconfirmed",
    "An answer was lost, and when the request was sent again the account was said not to exist: "
    "whether it was closed cannot be told. Look at the vendor's user list",
)
