# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The plan as a pure function: whatever is asked and whatever was read, each has an outcome and the rails hold."""

from __future__ import annotations

import typing as t

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._decide import decide
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError, Fatal
from ansible_collections.saas.offboarding.plugins.module_utils._guards import Guards, guard
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    DEACTIVATED,
    FAILED,
    LOCKED,
    OUTCOMES,
    REFUSED,
    UNCHANGED,
    Account,
    Change,
    Condition,
    Key,
    LookupResult,
    Problem,
    Receipt,
    UserRequest,
)

from .shelf import Shelf, account, end_of_task, lost_answer, partial_failure, refusal

STATES = (ACTIVE, DEACTIVATED, LOCKED, ABSENT)
CONDITIONS = st.builds(Condition, st.sampled_from((*STATES, "unknown")), st.sampled_from(("on", "off", None)))
IDS = st.sampled_from([str(number) for number in range(12)])
ACCOUNTS = st.builds(
    Account, IDS, st.none() | st.sampled_from(["jane", "joe"]), CONDITIONS, st.tuples(st.sampled_from(["x", "y"]))
)
LOOKUP_RESULTS = st.one_of(
    st.just(LookupResult()),
    st.builds(lambda each: LookupResult((each,)), ACCOUNTS),
    st.builds(lambda each: LookupResult(tuple(each)), st.lists(ACCOUNTS, min_size=2, max_size=3)),
    st.just(LookupResult(problem=Problem("forbidden", "no", 403))),
)
KEYS = st.builds(Key, st.sampled_from(["user_id", "email"]), IDS)
PLANS = st.dictionaries(KEYS, LOOKUP_RESULTS, max_size=12)
GUARDS = st.builds(
    Guards,
    st.lists(st.sampled_from(["x", "1*", "jane", "[0-5]", "no-such-user"]), max_size=2).map(tuple),
    st.none() | st.integers(0, 4),
    st.none() | st.just("sha256:other"),
)
SHELF = Shelf()


@given(PLANS, st.sampled_from(STATES), GUARDS, st.frozensets(IDS, max_size=2), st.randoms())
def test_each_request_has_an_outcome_or_a_change_in_order(
    lookup_results: dict[Key, LookupResult], state: str, guards: Guards, own: frozenset[str], random: t.Any
) -> None:
    user_requests = [UserRequest(key, state) for key in lookup_results]
    steps, fingerprint = guard(decide(SHELF, user_requests, lookup_results), guards, "host", own)
    assert [step.user_request for step in steps] == user_requests
    assert all((step.change is None) != (step.outcome is None) for step in steps)
    assert all(step.outcome.outcome in OUTCOMES and step.outcome.outcome != CHANGED for step in steps if step.outcome)

    changes = [step.change for step in steps if step.change]
    assert guards.max_changes is None or len(changes) <= guards.max_changes
    assert guards.plan_hash is None or not changes
    assert not {change.account.id for change in changes} & own
    assert len({change.account.id for change in changes}) == len(changes)
    for step in steps:
        if step.change:
            lookup_result = lookup_results[step.user_request.key]
            assert (lookup_result.problem, lookup_result.accounts) == (None, (step.change.account,))
            assert step.change.before.state != step.change.after.state == state
            assert step.change.before.state != ABSENT

    random.shuffle(user_requests)
    assert guard(decide(SHELF, user_requests, lookup_results), guards, "host", own)[1] == fingerprint


@given(PLANS, st.sampled_from(STATES))
def test_deciding_twice_decides_the_same(lookup_results: dict[Key, LookupResult], state: str) -> None:
    user_requests = [UserRequest(key, state) for key in lookup_results]
    assert decide(SHELF, user_requests, lookup_results) == decide(SHELF, user_requests, lookup_results)


@given(PLANS, st.sampled_from(STATES), GUARDS)
def test_a_plan_that_was_approved_is_never_another_plan(
    lookup_results: dict[Key, LookupResult], state: str, guards: Guards
) -> None:
    steps = decide(SHELF, [UserRequest(key, state) for key in lookup_results], lookup_results)
    kept, approved = guard(steps, Guards(guards.protected), "host", ())
    assert guard(steps, Guards(guards.protected, None, approved), "host", ()) == (kept, approved)


FAULTS: dict[str, t.Callable[[], ApiError]] = {
    "refused": refusal,
    "lost": lost_answer,
    "lost for good": lambda: lost_answer(retryable=False),
    "in part": partial_failure,
    "in part, again": lambda: partial_failure(retryable=True),
    "fatal": end_of_task,
}
LIES = {
    "gone": Receipt(gone=True),
    "already": Receipt(already=True),
    "doubt": Receipt(already=True, doubt=Problem("conflict", "409", 409)),
    "ignored": Receipt(),
}
"""Receipts with which nothing was done."""
RECEIPTS = {
    "queued": Receipt(queued_here=True),
    "already": Receipt(already=True),
    "doubt": Receipt(already=True, doubt=Problem("conflict", "409", 409)),
}


@settings(deadline=None)
@given(
    states=st.lists(st.sampled_from(STATES[:3]), min_size=1, max_size=6),
    asked=st.sampled_from(STATES),
    before=st.lists(st.sampled_from([None, None, *FAULTS, *LIES]), max_size=12),
    after=st.lists(st.sampled_from([None, None, *FAULTS, *RECEIPTS]), max_size=12),
    lag=st.integers(0, 3),
    threads=st.sampled_from([1, 4]),
)
def test_each_outcome_is_true_under_any_fault(
    states: list[str],
    asked: str,
    before: list[str | None],
    after: list[str | None],
    lag: int,
    threads: int,
) -> None:
    shelf = Shelf(*[account(str(n), state) for n, state in enumerate(states)], retries=3, concurrency=threads)
    shelf.lag = lag
    was = dict(shelf.stored)

    def come(plan: list[str | None]) -> str | None:
        try:
            return plan.pop(0)
        except IndexError:
            return None

    def before_commit(change: Change, attempt: int) -> Receipt | None:
        if shelf.stored.get(change.account.id, account("x", ABSENT)).condition.state == asked:
            return Receipt(gone=True) if asked == ABSENT else Receipt(already=True)
        fault = come(before)
        if fault in FAULTS:
            raise FAULTS[fault]()
        return LIES.get(fault or "")

    def after_commit(change: Change, attempt: int) -> Receipt:
        fault = come(after)
        if fault in FAULTS:
            raise FAULTS[fault]()
        return RECEIPTS.get(fault or "", Receipt())

    shelf.before_commit, shelf.after_commit = before_commit, after_commit
    user_requests = [UserRequest(Key("user_id", identifier), asked) for identifier in was]
    report = Converger(shelf).run(user_requests, check_mode=False)

    assert len(shelf.commits) == len(set(shelf.commits))
    for outcome in report.outcomes:
        identifier = outcome.key.value
        is_now = shelf.stored[identifier].condition.state if identifier in shelf.stored else ABSENT
        assert outcome.outcome in (CHANGED, UNCHANGED, FAILED, "missing")
        if outcome.verified:
            assert outcome.after.state == is_now == asked
        if outcome.outcome == CHANGED:
            assert (is_now, was[identifier].condition.state != asked) == (asked, True)
        if outcome.outcome == UNCHANGED:
            assert is_now == asked
        if outcome.outcome == "missing":
            assert is_now == ABSENT != asked
        if outcome.outcome == FAILED:
            assert outcome.problem is not None
        assert outcome.outcome != REFUSED


def test_fatal_is_an_api_error() -> None:
    assert isinstance(end_of_task(), Fatal)
    assert issubclass(Fatal, ApiError)
