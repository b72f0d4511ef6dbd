# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: what is to happen with each user asked for.

PRIVATE to the collection. `decide` is pure: it makes no request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ._match import only_account
from ._model import (
    ABSENT,
    ACTIVE,
    CLOSED_STATES,
    FAILED,
    GONE,
    MISSING,
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
    Sessions,
    UserRequest,
)
from ._vendor import Vendor


@dataclass(frozen=True)
class Step:
    """What is to happen with one user asked for: a change, or an outcome that is known already."""

    user_request: UserRequest
    account: Account | None = None
    change: Change | None = None
    outcome: Outcome | None = None
    looked: Answer | None = None
    """When it was looked for, if there is no account that has the time."""
    sessions: Sessions | Problem | None = None
    """The sessions of an account that is closed, or is to be, or why they are not known; None: not looked for."""
    only_sessions: Change | None = None
    """The sessions to be ended of an account that is as asked. It is part of neither plan nor plan_hash."""

    @property
    def writes(self) -> Change | None:
        """What is to be written, if anything."""
        return self.change or self.only_sessions

    def ended(self, outcome: str, problem: Problem | None = None) -> Step:
        """Return this step with no change to come; the account stays as it was read."""
        found = UNREADABLE if self.account is None else self.account.condition
        return self.came(outcome, found, found, problem=problem)

    def came(
        self,
        outcome: str,
        before: Condition,
        after: Condition,
        *,
        problem: Problem | None = None,
        manual: tuple[str, ...] = (),
    ) -> Step:
        """Return this step with its outcome, known from its reading alone."""
        seen = self.looked if self.account is None else self.account.seen
        # What could not be looked for was not seen.
        unseen = self.account is None and problem is not None
        result = Outcome.of(
            self.user_request,
            self.account,
            outcome,
            before,
            after,
            problem=problem,
            proof=Proof(refused=problem) if unseen else Proof(seen, after=seen),
            manual=manual,
        )
        return replace(self, change=None, only_sessions=None, outcome=result)


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
    account = only_account(vendor.product, user_request.key, lookup_result)
    if isinstance(account, Problem):
        return step.ended(FAILED, account)
    if account is None:
        outcome = UNCHANGED if user_request.state == ABSENT else MISSING
        return step.came(outcome, GONE, GONE)
    account = replace(account, condition=vendor.current_state(account, user_request))
    step = replace(step, account=account)
    if account.condition.state == ABSENT and user_request.state != ABSENT:
        return step.ended(MISSING)
    desired = vendor.desired_state(account, user_request)
    if isinstance(desired, Problem):
        return step.ended(FAILED, desired)
    if desired == account.condition:
        return step.came(UNCHANGED, desired, desired, manual=manual_tasks(vendor, account, desired))
    state = ABSENT if desired.state == ABSENT else user_request.state
    return replace(step, change=Change(account, state, desired, user_request.settings))


def manual_tasks(vendor: Vendor, account: Account, after: Condition) -> tuple[str, ...]:
    """Return the codes of the tasks for a person after an account has reached a condition.

    ``account``: as it was before that.
    """
    if after.attributes is not None:
        return ()
    if after.state in CLOSED_STATES:
        return vendor.leftovers(replace(account, condition=after))
    reopened = after.state == ACTIVE and account.condition.state in CLOSED_STATES
    return vendor.not_brought_back(account) if reopened else ()
