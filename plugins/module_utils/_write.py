# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send changes: each is journalled, read before it is sent again, and repaired where the server has lost it.

PRIVATE to the collection.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ._decide import Step
from ._faults import ApiError, Fatal
from ._journal import Journal
from ._match import Reading
from ._model import ABSENT, GONE, Answer, Change, Condition, Key, Problem, Receipt, Sessions
from ._vendor import SessionService, Vendor


@dataclass(frozen=True)
class Look:
    """The result of reading an account again."""

    reading: Reading


@dataclass(frozen=True)
class Written:
    """The result of sending one change. ``look``: what was read of the account meanwhile, if it was."""

    change: Change
    receipt: Receipt | None = None
    problem: Problem | None = None
    look: Look | None = None
    lost: bool = False
    repaired: bool = False
    """Whether a pair of requests was sent because the server had lost the write."""
    accepted: Answer | None = None
    """The answer to the write that was lost, after a repair."""
    withheld: bool = False
    """Whether nothing was sent because of the result of an earlier change."""

    @property
    def is_denied(self) -> bool:
        """Whether the vendor answered that there was nothing to change."""
        return self.receipt is not None and self.receipt.denies

    @property
    def is_doubted(self) -> bool:
        """Whether a reading must verify the answer. A repeated deletion whose first answer was lost needs none."""
        return self.is_denied and not (self.lost and self.change.state == ABSENT)


@dataclass
class Writer:
    """Sends the changes of one task."""

    vendor: Vendor
    journal: Journal = field(default_factory=Journal)
    emails: Mapping[Key, str] = field(default_factory=dict)
    """The e-mail addresses of the leavers behind the keys, for the journal."""
    fatal: Problem | None = None
    """The problem because of which no more requests are sent."""

    def write(self, step: Step) -> Written:
        change = t.cast(Change, step.change)
        if problem := self.vendor.withheld(change):
            return Written(change, problem=problem, withheld=True)
        with self.writing(step, change):
            return self._send(change)

    def writing(
        self, step: Step, change: Change, *, repair: bool = False, session: str | None = None
    ) -> contextlib.AbstractContextManager[None]:
        key = step.user_request.key
        by_key = key.value if key.field == "email" else None
        email = self.emails.get(key) or by_key or change.account.email
        # A server that hides the sessions of closed accounts shows their ids to no later run.
        listed = step.sessions.ids if isinstance(step.sessions, Sessions) and session is None else ()
        return self.journal.writing(email, key, change, repair=repair, session=session, sessions=listed)

    def end_session(self, sessions: SessionService, step: Step, change: Change, session: str) -> Answer | Problem:
        """End a session of an account. If the answer is lost, repeat the request: ending it twice changes nothing."""
        attempt = 0
        with self.writing(step, change, session=session):
            while self.fatal is None:
                try:
                    answer = sessions.end(session)
                except Fatal as exc:
                    self.fatal = exc.problem
                    self.journal.ended(None, exc.problem)
                    return exc.problem
                except ApiError as exc:
                    self.journal.ended(None, exc.problem)
                    # A request that certainly was not carried out was repeated already.
                    retryable = exc.doubtful and exc.problem.retryable
                    if not (retryable and self.vendor.transport.wait_to_retry(attempt, exc)):
                        return exc.problem
                    attempt += 1
                    self.vendor.transport.count_retry()
                else:
                    self.journal.ended(change.after)
                    return answer
        return replace(self.fatal, message=f"Not tried: {self.fatal.message}")

    def repair(
        self, steps: Sequence[Step], written: Mapping[str, Written], looks: Mapping[str, Look]
    ) -> dict[str, Written]:
        """Repeat the writes that the server accepted and does not show, one account at a time.

        The opposite of each is sent first, since the server would not change anything otherwise. If the server refuses
        the opposite too, it shows the state that it has, and no write was lost.
        """
        mended: dict[str, Written] = {}
        for step in steps:
            change = t.cast(Change, step.change)
            came, look = written[change.account.id], looks.get(change.account.id)
            seen = self.condition(change, look)
            if came.receipt is None or seen is None or seen.state == ABSENT or self.attains(change, seen):
                continue
            if any(self._undone(step, each) for each in self.vendor.opposites(change, seen)):
                with self.writing(step, change, repair=True):
                    mended[change.account.id] = replace(self._send(change), repaired=True, accepted=came.receipt.answer)
        return mended

    def _undone(self, step: Step, opposite: Change) -> bool:
        """Send a change that reverses another, and return whether the server may have carried it out."""
        lost = False
        attempt = 0
        with self.writing(step, opposite, repair=True):
            while self.fatal is None:
                try:
                    return not self._sent(opposite).denies or lost
                except Fatal as exc:
                    self.fatal = exc.problem
                except ApiError as exc:
                    lost = lost or exc.doubtful
                    retryable = exc.doubtful and exc.problem.retryable
                    if not (retryable and self.vendor.transport.wait_to_retry(attempt, exc)):
                        return lost
                    attempt += 1
                    self.vendor.transport.count_retry()
        return lost

    def _send(self, change: Change) -> Written:
        """Send one change. If the answer was lost, read the account before the change is repeated: the reading decides.

        After a partial failure only a later answer without one counts as success, never a reading.
        """
        lost = False
        half_done: Problem | None = None
        attempt = 0
        while True:
            if self.fatal is not None:
                return Written(
                    change, problem=replace(self.fatal, message=f"Not tried: {self.fatal.message}"), lost=lost
                )
            try:
                receipt = self._sent(change)
                if half_done is not None and receipt.already:
                    return Written(change, problem=half_done, look=self._look(change), lost=lost)
                return Written(receipt.turned(change), receipt=receipt, lost=lost)
            except Fatal as exc:
                self.fatal = exc.problem
                return Written(change, problem=exc.problem, lost=lost)
            except ApiError as exc:
                if exc.partial:
                    half_done = exc.problem
                elif not exc.doubtful:
                    return Written(change, problem=half_done or exc.problem, lost=lost)
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

    def _settle(self, change: Change, error: ApiError, half_done: Problem | None, attempt: int) -> Written | None:
        """Return the result of a write that may have been carried out, or wait and return None: it is to be sent again.

        A write is never repeated before the account was read. If it cannot be read, it is read again after the wait.
        """
        for waited in (False, True):
            look = self._look(change)
            if half_done is None and self.is_attained(change, look):
                return Written(change, receipt=Receipt(), look=look, lost=True)
            failed = Written(change, problem=half_done or error.problem, look=look, lost=True)
            if not waited and not (error.problem.retryable and self.vendor.transport.wait_to_retry(attempt, error)):
                return failed
            if look is None or not isinstance(look.reading, Problem):
                return None
        return failed

    def _look(self, change: Change) -> Look | None:
        if not self.vendor.info.readable:
            return None
        try:
            return Look(self.vendor.reread([change.account], fresh=True)[change.account.id])
        except ApiError as exc:
            return Look(exc.problem)

    def is_attained(self, change: Change, look: Look | None) -> bool:
        return self.attains(change, self.condition(change, look))

    def attains(self, change: Change, condition: Condition | None) -> bool:
        """Whether a condition that was read is the desired one. The one before the write never is: it had to change."""
        return condition not in (None, change.before) and self.vendor.attained(condition, change.after)

    def condition(self, change: Change, look: Look | None) -> Condition | None:
        """Return the condition that was read, or None where none was."""
        if look is None or isinstance(look.reading, Problem):
            return None
        return GONE if look.reading is None else self.vendor.current_state(look.reading, change)
