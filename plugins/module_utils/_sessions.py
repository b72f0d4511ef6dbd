# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that outlive an account: they are listed before it is closed, ended afterwards, and listed again.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ._decide import Step
from ._faults import ApiError
from ._model import (
    ABSENT,
    CHANGED,
    CLOSED_STATES,
    FAILED,
    FORBIDDEN,
    GONE,
    LOCKED,
    SESSIONS_LEFT,
    UNCHANGED,
    Account,
    Answer,
    Change,
    Outcome,
    Problem,
    Sessions,
)
from ._progress import Progress
from ._text import some
from ._threads import gather
from ._vendor import SessionService, Vendor
from ._write import Writer

LOOKS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each look at the sessions that are left; a listing may lag behind the end of a session."""

SHOWN_SESSIONS = 10
"""The most ids of sessions in a message; the journal has them all."""


@dataclass
class _Case:
    """An account whose sessions are ended, and the result. ``relisted``: the sessions that were listed afterwards."""

    step: Step
    change: Change
    outcome: Outcome
    to_end: list[str]
    ended: set[str] = field(default_factory=set)
    relisted: Sessions | Problem | None = None
    problem: Problem | None = None
    answer: Answer | None = None

    @property
    def is_denied(self) -> bool:
        return self.problem is not None and self.problem.code == FORBIDDEN

    @property
    def not_ended(self) -> list[str]:
        return [each for each in self.to_end if each not in self.ended]

    @property
    def left(self) -> int | None:
        """The number of sessions that are left, None if it is not known."""
        listed = self.relisted or self.step.sessions
        if not isinstance(listed, Sessions):
            return len(self.not_ended) or None
        # An older server lists sessions that were not ended, and a newer one hides them.
        still = set(listed.ids) if self.relisted else set()
        # If sessions were ended, the credential may list them, and an empty list proves that none is left.
        return len({*still, *self.not_ended}) or (0 if self.ended else listed.count)


def list_sessions(vendor: Vendor, steps: Sequence[Step]) -> list[Step]:
    """Return the steps with the sessions of each account that is closed, or is to be. Raises Fatal."""
    asked = {number: name for number, step in enumerate(steps) if (name := _account_id(step))}
    if vendor.sessions is None or not vendor.ends_sessions or not asked:
        return list(steps)
    found = vendor.sessions.of(list(dict.fromkeys(asked.values())))
    may_end = vendor.sessions.may_end()
    return [
        _planned(step, found[asked[number]], may_end=may_end is not False) if number in asked else step
        for number, step in enumerate(steps)
    ]


def _account_id(step: Step) -> str | None:
    """Return the id of the account whose sessions are to be ended; None if there is none."""
    request = step.user_request
    # An account that is opened in order to be locked again keeps its sessions.
    if request.state not in CLOSED_STATES or (request.reopens and request.state == LOCKED):
        return None
    if step.account is not None:
        return step.account.id if step.change is not None or _is_as_asked(step) else None
    is_gone = _is_as_asked(step) and request.state == ABSENT and request.key.field == "user_id"
    return request.key.value if is_gone else None


def _is_as_asked(step: Step) -> bool:
    return step.outcome is not None and step.outcome.outcome == UNCHANGED


def _planned(step: Step, found: Sessions | Problem, *, may_end: bool) -> Step:
    count = found.count if isinstance(found, Sessions) else None
    left = 0 if count is not None and may_end else count
    account = step.account or Account(step.user_request.key.value, None, GONE)
    account = replace(account, condition=replace(account.condition, sessions=count))
    step = replace(step, account=account, sessions=found)
    if step.change is not None:
        change = replace(step.change, account=account, after=replace(step.change.after, sessions=left))
        return replace(step, change=change)
    outcome = t.cast(Outcome, step.outcome)
    after = replace(outcome.after, sessions=left)
    outcome = replace(outcome, id=account.id, before=account.condition, after=after)
    if count and may_end:
        return replace(step, only_sessions=Change(account, step.user_request.state, after), outcome=outcome)
    return replace(step, outcome=judged(with_task(outcome), found))


def with_task(outcome: Outcome) -> Outcome:
    """Return an outcome with the task for a person where sessions are left or may be."""
    manual = outcome.manual if outcome.after.sessions == 0 else (*outcome.manual, SESSIONS_LEFT)
    return replace(outcome, manual=manual)


def judged(outcome: Outcome, found: Sessions | Problem | None) -> Outcome:
    """Return an outcome, failed if the sessions could not be listed for another reason than a lack of rights."""
    if not isinstance(found, Problem) or found.code == FORBIDDEN:
        return outcome
    return _failed(outcome, unlisted(found))


def unlisted(cause: Problem) -> Problem:
    """Return the problem of a closed account whose sessions could not be listed."""
    message = f"The account is closed, and its sessions could not be listed: {cause.message}. Run again"
    return replace(cause, code="sessions_left", message=message, retryable=True)


def _failed(outcome: Outcome, problem: Problem) -> Outcome:
    return replace(outcome, outcome=FAILED, problem=problem, verified=False)


class SessionEnder:
    """Ends the sessions of accounts after they were closed, and lists the sessions again."""

    def __init__(self, vendor: Vendor, sessions: SessionService, writer: Writer, progress: Progress) -> None:
        self._vendor = vendor
        self._sessions = sessions
        self._writer = writer
        self._progress = progress

    def ended(self, steps: Sequence[Step], outcomes: Sequence[Outcome]) -> list[Outcome]:
        """End the sessions of steps, and return the outcomes with the result. Raises nothing."""
        cases = {
            number: case
            for number, (step, outcome) in enumerate(zip(steps, outcomes, strict=True))
            if (case := _case(step, outcome)) is not None
        }
        self._progress.ending(sum(len(case.to_end) for case in cases.values()))
        self._end([case for case in cases.values() if case.to_end])
        self._look([case for case in cases.values() if not case.is_denied])
        return [
            _outcome(cases[number]) if number in cases else _untouched(steps[number], each)
            for number, each in enumerate(outcomes)
        ]

    def _end(self, cases: Sequence[_Case], *, again: bool = False) -> None:
        gather(lambda case: self._end_one(case, again=again), cases, self._vendor.transport.limits.concurrency)

    def _end_one(self, case: _Case, *, again: bool) -> None:
        """End the sessions of one account, one after the other. If the right is lacking, stop after one request."""
        if self._writer.fatal is not None and case.problem is not None:
            return
        listed = list(case.relisted.ids) if isinstance(case.relisted, Sessions) else []
        case.problem = None
        for session in dict.fromkeys((*case.not_ended, *(listed if again else ()))):
            answer = self._writer.end_session(self._sessions, case.step, case.change, session)
            if isinstance(answer, Problem):
                case.problem = answer
                if case.is_denied:
                    return
            else:
                case.answer = answer
                case.ended.add(session)

    def _look(self, cases: Sequence[_Case]) -> None:
        """List the sessions once more, and end those that the first listing lacked or that could not be ended."""
        waiting = list(cases)
        for turn, delay in enumerate(LOOKS):
            if not waiting or (delay and not self._vendor.transport.pause(delay)):
                return
            found = self._listed([case.change.account.id for case in waiting])
            for case in waiting:
                case.relisted = found[case.change.account.id]
                if isinstance(case.relisted, Sessions):
                    case.to_end += [each for each in case.relisted.ids if each not in case.to_end]
            if turn == len(LOOKS) - 1:
                return
            waiting = [case for case in waiting if _is_listed(case) or (case.problem and turn == 0)]
            self._end(waiting, again=turn == len(LOOKS) - 2)
            if self._writer.fatal is not None:
                return
            waiting = [case for case in waiting if _is_listed(case) and not case.is_denied]

    def _listed(self, ids: Sequence[str]) -> Mapping[str, Sessions | Problem]:
        try:
            return self._sessions.of(ids)
        except ApiError as exc:
            return dict.fromkeys(ids, exc.problem)


def _is_listed(case: _Case) -> bool:
    return isinstance(case.relisted, Sessions) and bool(case.relisted.ids)


def _case(step: Step, outcome: Outcome) -> _Case | None:
    """Return the sessions to end for a step, or None: there are none, or the account is not in the desired state."""
    change = step.writes
    if step.sessions is None or change is None or outcome.outcome not in (CHANGED, UNCHANGED):
        return None
    denied = step.sessions if isinstance(step.sessions, Problem) and step.sessions.code == FORBIDDEN else None
    ids = list(step.sessions.ids) if isinstance(step.sessions, Sessions) else []
    closed = replace(change, account=replace(change.account, condition=change.after))
    return _Case(step, closed, outcome, ids, problem=denied)


def _untouched(step: Step, outcome: Outcome) -> Outcome:
    """Return the outcome of a step whose sessions were not ended, such as that of an account that is still open."""
    if step.change is None or not isinstance(step.sessions, Sessions):
        return outcome
    count = step.sessions.count
    return replace(
        outcome, before=replace(outcome.before, sessions=count), after=replace(outcome.after, sessions=count)
    )


def _outcome(case: _Case) -> Outcome:
    found = t.cast(Account, case.step.account).condition
    outcome = replace(
        case.outcome,
        before=replace(case.outcome.before, sessions=found.sessions),
        after=replace(case.outcome.after, sessions=case.left),
        ended_sessions=len(case.ended),
    )
    if case.outcome.outcome == UNCHANGED and case.ended:
        proof = replace(outcome.proof, write=case.answer)
        outcome = replace(outcome, outcome=CHANGED, verified=True, proof=proof)
    outcome = with_task(outcome)
    if case.is_denied:
        return outcome
    if case.problem is not None:
        message = (
            f"The account is closed, and sessions of it could not be ended: {case.problem.message}. Run again. If that "
            f"run lists no sessions, end these by their ids: {some(case.not_ended, SHOWN_SESSIONS)}"
        )
        return _failed(outcome, replace(case.problem, code="sessions_left", message=message, retryable=True))
    if isinstance(case.relisted, Problem):
        return judged(outcome, case.relisted)
    if case.left:
        message = f"The account is closed, and {case.left} sessions are still listed after they were ended. Run again"
        return _failed(outcome, Problem("sessions_left", message, retryable=True))
    return judged(outcome, case.step.sessions)
