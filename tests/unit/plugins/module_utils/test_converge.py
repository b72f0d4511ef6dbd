# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Read, plan, apply, verify, on a vendor that is a dict: each promise that needs no vendor in particular."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._guards import Guards
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    Account,
    Change,
    Condition,
    Key,
    LookupResult,
    Outcome,
    Problem,
    Receipt,
    UserRequest,
    plan_hash,
)

from .http_script import NOW, FakeClock
from .shelf import Shelf, account, end_of_task, lost_answer, partial_failure, refusal, user_requests


def run(
    shelf: Shelf, *names: str, state: str = DEACTIVATED, verify: bool = True, check: bool = False, **guards: t.Any
) -> Report:
    return Converger(shelf, Guards(**guards), verify).run(user_requests(*names, state=state), check_mode=check)


def one(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


def code(outcome: Outcome) -> str | None:
    return None if outcome.problem is None else outcome.problem.code


def outcomes_of(report: Report) -> list[str]:
    return [outcome.outcome for outcome in report.outcomes]


# -- one user


def test_an_open_account_is_closed_and_read_back() -> None:
    shelf = Shelf(account("1"))
    outcome = one(run(shelf, "1"))
    assert outcome.as_result() == {
        "key": {"user_id": "1"},
        "outcome": "changed",
        "id": "1",
        "name": "1@example.com",
        "before": {"state": "active", "vendor_state": "on"},
        "after": {"state": "deactivated", "vendor_state": "off"},
        "verified": True,
        "error": None,
        "proof": dict.fromkeys(("before_at", "written_at", "after_at", "status", "request_id")),
        "manual": [],
    }
    assert shelf.commits == ["1"]


@pytest.mark.parametrize("state", [DEACTIVATED, ACTIVE, LOCKED])
def test_an_account_that_is_as_asked_is_left_alone(state: str) -> None:
    shelf = Shelf(account("1", state))
    report = run(shelf, "1", state=state)
    assert (outcomes_of(report), report.changes, report.diff()) == (["unchanged"], (), {"before": {}, "after": {}})
    assert one(report).before == one(report).after == Condition(state, shelf.vendor_word(state))
    assert (shelf.attempts, shelf.rereads) == ({}, [])


@pytest.mark.parametrize("before", [ACTIVE, DEACTIVATED, LOCKED])
@pytest.mark.parametrize("after", [ACTIVE, DEACTIVATED, LOCKED, ABSENT])
def test_a_second_run_changes_nothing(before: str, after: str) -> None:
    shelf = Shelf(account("1", before))
    first = one(run(shelf, "1", state=after))
    assert first.outcome == ("unchanged" if before == after else "changed")
    shelf.settle()
    assert one(run(shelf, "1", state=after)).outcome == "unchanged"
    assert len(shelf.commits) == (before != after)


@pytest.mark.parametrize(("state", "outcome"), [(DEACTIVATED, "missing"), (ACTIVE, "missing"), (ABSENT, "unchanged")])
def test_where_nothing_is_nothing_is_made(state: str, outcome: str) -> None:
    shelf = Shelf(account("1"))
    result = one(run(shelf, "no-such-user", state=state)).as_result()
    assert (result["outcome"], result["id"], result["name"], result["error"]) == (outcome, None, None, None)
    assert result["before"]["state"] == result["after"]["state"] == ABSENT
    assert shelf.attempts == {}


@pytest.mark.parametrize(
    ("percent", "outcome"), [(100, "changed"), (50, "changed"), (49.9, "refused"), (0, "refused")], ids=str
)
def test_a_share_of_the_accounts_in_use_is_the_most(percent: float, outcome: str) -> None:
    """Two of four that are in use: those that are closed already do not make the tenant larger."""
    closed = [account(f"off{number}", DEACTIVATED) for number in range(40)]
    shelf = Shelf(account("1"), account("2"), account("3"), account("4", LOCKED), *closed)
    report = run(shelf, "1", "2", "off1", max_percent=percent)
    assert outcomes_of(report) == [outcome, outcome, "unchanged"]
    assert len(shelf.commits) == (2 if outcome == "changed" else 0)
    assert {code(each) for each in report.outcomes} == ({None} if outcome == "changed" else {None, "too_many_changes"})
    assert shelf.counted == ([] if percent == 100 else [True])


def test_who_is_to_be_reopened_counts_among_all() -> None:
    shelf = Shelf(*(account(str(number), DEACTIVATED) for number in range(4)))
    assert outcomes_of(run(shelf, "1", state=ACTIVE, max_percent=25)) == ["changed"]
    assert outcomes_of(run(shelf, "2", "3", state=ACTIVE, max_percent=25)) == ["refused", "refused"]
    assert shelf.commits == ["1"]


@pytest.mark.parametrize(
    "size", [None, refusal("forbidden", 403), end_of_task()], ids=["not reported", "refused", "fatal"]
)
def test_a_tenant_of_unknown_size_is_not_touched(size: ApiError | None) -> None:
    shelf = Shelf(account("1"))
    shelf.has_count, shelf.refuses_count = False, size
    outcome = one(run(shelf, "1", max_percent=99))
    assert (outcome.outcome, code(outcome), shelf.commits) == ("refused", "unknown_size", [])
    assert outcomes_of(run(shelf, "1", max_percent=100)) == ["changed"]


def test_users_are_not_counted_when_nothing_changes() -> None:
    shelf = Shelf(account("1", DEACTIVATED))
    shelf.has_count = False
    assert outcomes_of(run(shelf, "1", max_percent=0)) == ["unchanged"]
    assert shelf.counted == []


def test_an_account_that_is_found_deleted_is_missing_unless_that_is_what_was_asked() -> None:
    gone = account("1", ABSENT)
    assert one(run(Shelf(gone), "1")).outcome == "missing"
    assert one(run(Shelf(gone), "1", state=ABSENT)).outcome == "unchanged"


def test_an_account_in_an_unknown_state_is_closed() -> None:
    odd = Account("1", "jane", Condition("unknown", "USER_STATE_NEW"))
    outcome = one(run(Shelf(odd), "1"))
    assert (outcome.outcome, outcome.before.vendor_state) == ("changed", "USER_STATE_NEW")


def test_two_accounts_for_one_key_are_failed_and_named_and_none_is_touched() -> None:
    shelf = Shelf(account("7", ACTIVE, "jane@example.com"), account("3", ACTIVE, "Jane@Example.com"))
    outcome = one(run(shelf, "jane@example.com"))
    assert (outcome.outcome, code(outcome), outcome.id) == ("failed", "ambiguous", None)
    assert "3, 7" in str(outcome.problem)
    assert shelf.attempts == {}
    assert outcome.proof.as_result() == dict.fromkeys(("before_at", "written_at", "after_at", "status", "request_id"))


def test_the_absence_of_an_account_has_a_moment_at_which_it_was_seen() -> None:
    proof = one(run(Shelf(), "jane@example.com")).proof.as_result()
    assert proof == {"before_at": NOW, "written_at": None, "after_at": NOW, "status": None, "request_id": None}


@pytest.mark.parametrize("stored", ["\u212aim@example.com", "kim@e\uff58ample.com"])
def test_a_normalized_match_fails_and_is_not_written(stored: str) -> None:
    shelf = Shelf(account("7", ACTIVE, stored))
    for state in (DEACTIVATED, ABSENT):
        outcome = one(run(shelf, "kim@example.com", state=state))
        assert (outcome.outcome, code(outcome)) == ("failed", "near_match")
        assert "7" in str(outcome.problem)
    assert shelf.attempts == {}


def test_an_id_that_differs_only_in_case_is_failed_and_named() -> None:
    outcome = one(run(Shelf(account("abC")), "abc"))
    assert (outcome.outcome, code(outcome)) == ("failed", "near_match")
    assert "abC" in str(outcome.problem)


def test_a_failed_lookup_does_not_stop_the_other_users() -> None:
    class Blind(Shelf):
        def find(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
            return {**super().find(keys), Key("user_id", "2"): LookupResult(problem=Problem("forbidden", "no", 403))}

    report = run(Blind(account("1"), account("2"), account("3")), "1", "2", "3")
    assert outcomes_of(report) == ["changed", "failed", "changed"]
    assert report.outcomes[1].before.state == "unknown"


def test_if_no_read_succeeds_nothing_is_written_and_every_user_has_an_error() -> None:
    def fail() -> None:
        raise ApiError(Problem("forbidden", "no", 403))

    shelf = Shelf(account("1"), account("2"))
    shelf.on_find = fail
    report = run(shelf, "1", "2")
    assert (outcomes_of(report), [code(o) for o in report.outcomes]) == (["failed"] * 2, ["forbidden"] * 2)
    assert (report.plan_hash, report.diff(), shelf.attempts) == (None, {"before": {}, "after": {}}, {})


def test_what_the_vendor_cannot_bring_about_is_failed_before_anything_is_sent() -> None:
    class Unwilling(Shelf):
        def desired_state(self, account: Account, user_request: UserRequest) -> Condition | Problem:
            return (
                Problem("vendor_refuses", "ask for absent")
                if account.id == "1"
                else super().desired_state(account, user_request)
            )

    shelf = Unwilling(account("1"), account("2"))
    report = run(shelf, "1", "2")
    assert (outcomes_of(report), code(report.outcomes[0]), shelf.commits) == (
        ["failed", "changed"],
        "vendor_refuses",
        ["2"],
    )
    assert report.outcomes[0].before == report.outcomes[0].after == Condition(ACTIVE, "on")


# -- guard rails


@pytest.mark.parametrize(
    "pattern",
    [
        "7",
        "admin@example.com",
        "ADMIN@EXAMPLE.COM",
        "admin@*",
        "*@example.com",
        "[a]dmin@*",
        "?dmin@example.com",
        "boss",
        "*",
    ],
)
@pytest.mark.parametrize("asked", ["7", "Admin@Example.com"])
def test_a_protected_account_is_refused_however_it_was_asked_for(pattern: str, asked: str) -> None:
    shelf = Shelf(account("7", ACTIVE, "Admin@example.com", "boss"), account("1", ACTIVE, "jane@example.org"))
    report = run(shelf, asked, "1", protected=("no-such-user", pattern))
    assert (report.outcomes[0].outcome, code(report.outcomes[0])) == ("refused", "protected")
    assert pattern in str(report.outcomes[0].problem)
    assert report.outcomes[0].before == report.outcomes[0].after == Condition(ACTIVE, "on")
    if pattern != "*":
        assert (report.outcomes[1].outcome, shelf.commits) == ("changed", ["1"])
    assert "7" not in shelf.attempts


def test_protection_looks_at_what_was_asked_too() -> None:
    class Anonymous(Shelf):
        def find(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
            return {key: LookupResult((Account("x", None, Condition(ACTIVE)),)) for key in keys}

    outcome = one(run(Anonymous(), "Admin@Example.com", protected=("admin@*",)))
    assert code(outcome) == "protected"


def test_a_pattern_with_brackets_also_means_itself() -> None:
    shelf = Shelf(account("a[1]"))
    assert code(one(run(shelf, "a[1]", protected=("a[1]",)))) == "protected"


def test_a_protected_account_that_is_as_asked_is_unchanged() -> None:
    assert one(run(Shelf(account("1", DEACTIVATED)), "1", protected=("*",))).outcome == "unchanged"


def test_the_credentials_own_account_is_refused() -> None:
    shelf = Shelf(account("me"), account("1"))
    shelf.own = frozenset(("me",))
    report = run(shelf, "me", "1")
    assert (outcomes_of(report), code(report.outcomes[0])) == (["refused", "changed"], "own_account")
    assert shelf.commits == ["1"]


def test_an_unknown_own_account_causes_a_warning() -> None:
    shelf = Shelf(account("1"), account("2", DEACTIVATED))
    shelf.own = None
    assert "Shelf" in run(shelf, "1", check=True).warnings[0]
    assert run(shelf, "2").warnings == ()


@pytest.mark.parametrize(("limit", "refused"), [(0, True), (1, True), (2, False), (3, False)])
def test_too_many_changes_refuse_all_of_them_before_the_first(limit: int, refused: bool) -> None:
    shelf = Shelf(account("1"), account("2"), account("3", DEACTIVATED))
    report = run(shelf, "1", "2", "3", "no-such-user", max_changes=limit)
    changed = ["refused"] * 2 if refused else ["changed"] * 2
    assert outcomes_of(report) == [*changed, "unchanged", "missing"]
    assert len(shelf.attempts) == (0 if refused else 2)
    if refused:
        assert {code(o) for o in report.outcomes[:2]} == {"too_many_changes"}
        assert (report.changes, report.diff()) == ((), {"before": {}, "after": {}})


def test_protected_accounts_do_not_count_as_changes() -> None:
    assert outcomes_of(run(Shelf(account("1"), account("2")), "1", "2", protected=("2",), max_changes=1)) == [
        "changed",
        "refused",
    ]


def test_no_change_is_allowed_where_none_is_due() -> None:
    assert outcomes_of(run(Shelf(account("1", DEACTIVATED)), "1", max_changes=0)) == ["unchanged"]


def test_the_approved_plan_is_carried_out_and_no_other() -> None:
    shelf = Shelf(account("1"), account("2"))
    approved = run(shelf, "1", "2", check=True).plan_hash
    assert outcomes_of(run(shelf, "2", "1", check=True, plan_hash=approved)) == ["changed"] * 2
    shelf.shown["2"] = account("2", LOCKED)
    report = run(shelf, "1", "2", plan_hash=approved)
    assert (outcomes_of(report), {code(o) for o in report.outcomes}) == (["refused"] * 2, {"other_plan"})
    assert str(approved) in str(report.outcomes[0].problem)
    assert report.plan_hash != approved
    assert shelf.attempts == {}


def test_two_keys_for_one_account_refuse_everything_before_the_first_write() -> None:
    shelf = Shelf(account("1", ACTIVE, "jane@example.com"), account("2"))
    report = run(shelf, "1", "jane@example.com", "2")
    assert outcomes_of(report) == ["refused"] * 3
    assert {code(o) for o in report.outcomes} == {"same_account"}
    assert "jane@example.com" in str(report.outcomes[2].problem)
    assert shelf.attempts == {}


def test_two_keys_for_one_account_are_refused_also_where_it_is_as_asked() -> None:
    shelf = Shelf(account("1", DEACTIVATED, "jane@example.com"))
    assert outcomes_of(run(shelf, "1", "jane@example.com")) == ["refused"] * 2


# -- check mode

SCENES: dict[str, Callable[[], Shelf]] = {
    "mixed": lambda: Shelf(account("1"), account("2", DEACTIVATED), account("3", LOCKED), account("4", ABSENT)),
    "nothing due": lambda: Shelf(account("1", DEACTIVATED), account("2", DEACTIVATED), account("3", DEACTIVATED)),
    "no user": Shelf,
    "same name": lambda: Shelf(account("1", ACTIVE, "j@example.com"), account("2", ACTIVE, "j@example.com")),
}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("state", [DEACTIVATED, ACTIVE, LOCKED, ABSENT])
@pytest.mark.parametrize(
    "guards", [{}, {"protected": ("1",)}, {"max_changes": 1}, {"plan_hash": "sha256:other"}], ids=str
)
def test_check_mode_writes_nothing_and_predicts_the_run(scene: str, state: str, guards: dict[str, t.Any]) -> None:
    shelf = SCENES[scene]()
    names = ("1", "2", "3", "4", "no-such-user", "no-such-user@example.com")
    checked = run(shelf, *names, state=state, check=True, **guards)
    assert (shelf.attempts, shelf.rereads) == ({}, [])
    done = run(shelf, *names, state=state, **guards)
    assert outcomes_of(done) == outcomes_of(checked)
    assert (done.diff(), done.plan_hash) == (checked.diff(), checked.plan_hash)
    for predicted, came in zip(checked.outcomes, done.outcomes, strict=True):
        assert (predicted.before, predicted.after) == (came.before, came.after)
        assert (predicted.id, predicted.name) == (came.id, came.name)


def test_the_hash_is_that_of_the_changes_shown() -> None:
    report = run(Shelf(account("1"), account("2", LOCKED)), "1", "2", check=True)
    assert [change.account.id for change in report.changes] == ["1", "2"]
    assert report.plan_hash == plan_hash("shelf.example.com", report.changes)


def test_check_mode_verifies_nothing() -> None:
    assert one(run(Shelf(account("1")), "1", check=True)).verified is None


def test_the_diff_has_the_changed_accounts_and_distinguishes_equal_names() -> None:
    shelf = Shelf(
        account("1", ACTIVE, "j@example.com"), account("2", LOCKED, "j@example.com"), account("3", DEACTIVATED)
    )
    diff = run(shelf, "1", "2", "3", check=True).diff()
    assert diff == {
        "before": {
            "j@example.com (1)": {"state": "active", "vendor_state": "on"},
            "j@example.com (2)": {"state": "locked", "vendor_state": "locked"},
        },
        "after": {
            "j@example.com (1)": {"state": "deactivated", "vendor_state": "off"},
            "j@example.com (2)": {"state": "deactivated", "vendor_state": "off"},
        },
    }


# -- reading back decides


def ignored(change: Change, attempt: int) -> Receipt:
    return Receipt()


def test_a_success_that_changes_nothing_is_a_failure() -> None:
    shelf = Shelf(account("1"))
    shelf.before_commit = ignored
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, code(outcome), outcome.verified) == ("failed", "not_applied", False)
    assert outcome.after == Condition(ACTIVE, "on")
    assert not outcome.altered
    assert shelf.attempts == {"1": 1}
    assert 5 <= sum(shelf.clock.slept) <= 30


@pytest.mark.parametrize("lag", [1, 2, 3, 5])
def test_a_reading_that_lags_behind_is_waited_for(lag: int) -> None:
    shelf = Shelf(account("1"), account("2"))
    shelf.lag = lag
    report = run(shelf, "1", "2")
    assert [(o.outcome, o.verified) for o in report.outcomes] == [("changed", True)] * 2
    assert shelf.attempts == {"1": 1, "2": 1}
    assert shelf.rereads[0][1] is False
    assert all(fresh for _ids, fresh in shelf.rereads[1:])


def test_only_what_does_not_read_as_written_is_read_again() -> None:
    shelf = Shelf(account("1"), account("2"))
    shelf.before_commit = lambda change, attempt: Receipt() if change.account.id == "2" else None
    assert outcomes_of(run(shelf, "1", "2")) == ["changed", "failed"]
    assert shelf.rereads[0][0] == ("1", "2")
    assert {ids for ids, _fresh in shelf.rereads[1:]} == {("2",)}


def test_a_look_that_does_not_fit_into_the_budget_is_not_waited_for() -> None:
    shelf = Shelf(account("1"), retry_budget=1.0)
    shelf.before_commit = ignored
    assert code(one(run(shelf, "1"))) == "not_applied"
    assert sum(shelf.clock.slept) <= 1.0


def test_a_change_that_cannot_be_read_back_is_not_claimed() -> None:
    shelf = Shelf(account("1"))

    def fail(accounts: Sequence[Account], fresh: bool) -> None:
        raise ApiError(Problem("forbidden", "no reading here", 403))

    shelf.on_reread = fail
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, code(outcome), outcome.verified) == ("failed", "unverified", None)
    assert "no reading here" in str(outcome.problem)
    assert (outcome.after.state, shelf.attempts) == ("unknown", {"1": 1})


def test_a_reading_that_fails_once_is_tried_again() -> None:
    shelf = Shelf(account("1"))

    def fail_once(accounts: Sequence[Account], fresh: bool) -> None:
        if len(shelf.rereads) == 1:
            raise ApiError(Problem("server_error", "hiccup", 500, retryable=True))

    shelf.on_reread = fail_once
    assert (one(run(shelf, "1")).outcome, one(run(shelf, "1")).verified) == ("changed", True)


def test_a_reading_back_that_ends_the_task_is_not_repeated() -> None:
    shelf = Shelf(account("1"))

    def fail(accounts: Sequence[Account], fresh: bool) -> None:
        raise end_of_task()

    shelf.on_reread = fail
    assert code(one(run(shelf, "1"))) == "unverified"
    assert len(shelf.rereads) == 1


def test_without_verify_nothing_is_read_back_and_nothing_claimed_to_be_seen() -> None:
    shelf = Shelf(account("1"))
    outcome = one(run(shelf, "1", verify=False))
    assert (outcome.outcome, outcome.verified, outcome.after) == ("changed", None, Condition(DEACTIVATED, "off"))
    assert shelf.rereads == []


def test_a_vendor_that_cannot_be_read_is_not_read() -> None:
    class Blind(Shelf):
        info = replace(Shelf.info, readable=False)

    shelf = Blind(account("1"))
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, outcome.verified) == ("changed", None)
    assert shelf.rereads == []


def test_what_is_queued_here_is_changed_and_seen_only_if_it_is() -> None:
    for lag, verified in ((0, True), (99, None)):
        shelf = Shelf(account("1"))
        shelf.lag = lag
        shelf.after_commit = lambda change, attempt: Receipt(queued_here=True)
        outcome = one(run(shelf, "1"))
        assert (outcome.outcome, outcome.verified, outcome.after.state) == ("changed", verified, DEACTIVATED)


def test_what_is_queued_elsewhere_is_never_claimed_to_be_verified() -> None:
    shelf = Shelf(account("1"))
    shelf.after_commit = lambda change, attempt: Receipt(queued_elsewhere=True)
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, outcome.verified) == ("changed", None)


def test_what_is_queued_elsewhere_and_not_done_here_is_a_failure() -> None:
    shelf = Shelf(account("1"))
    shelf.before_commit = lambda change, attempt: Receipt(queued_elsewhere=True)
    assert code(one(run(shelf, "1"))) == "not_applied"


# -- concurrent changes


def changed_meanwhile(shelf: Shelf, receipt: Receipt, state: str) -> Callable[[Change, int], Receipt]:
    def act(change: Change, attempt: int) -> Receipt:
        if state == ABSENT:
            shelf.stored.pop(change.account.id, None)
            shelf.shown.pop(change.account.id, None)
        else:
            shelf.stored[change.account.id] = account(change.account.id, state)
        return receipt

    return act


def test_already_in_that_state_is_unchanged() -> None:
    shelf = Shelf(account("1"))
    shelf.before_commit = changed_meanwhile(shelf, Receipt(already=True), DEACTIVATED)
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, outcome.verified) == ("unchanged", True)
    assert outcome.before == outcome.after == Condition(DEACTIVATED, "off")


def test_a_refusal_that_may_mean_already_is_decided_by_reading() -> None:
    problem = Problem("conflict", "409 from the vendor", 409)
    for state, outcome in ((DEACTIVATED, "unchanged"), (ACTIVE, "failed")):
        for verify in (True, False):
            shelf = Shelf(account("1"))
            shelf.before_commit = changed_meanwhile(shelf, Receipt(already=True, doubt=problem), state)
            came = one(run(shelf, "1", verify=verify))
            assert (came.outcome, came.verified) == (outcome, state == DEACTIVATED)
            assert came.problem == (problem if outcome == "failed" else None)


@pytest.mark.parametrize(("state", "outcome"), [(DEACTIVATED, "missing"), (ABSENT, "unchanged")])
def test_an_account_that_went_away_in_between_is_missing_or_as_asked(state: str, outcome: str) -> None:
    shelf = Shelf(account("1"))
    shelf.before_commit = changed_meanwhile(shelf, Receipt(gone=True), ABSENT)
    came = one(run(shelf, "1", state=state))
    assert (came.outcome, came.after.state, came.before.state) == (outcome, ABSENT, ABSENT)


GONE = Receipt(gone=True, refusal=Problem("not_found", "404", 404, "req-9"))
ALREADY = Receipt(already=True, refusal=Problem("conflict", "409", 409, "req-9"))


@pytest.mark.parametrize("state", [DEACTIVATED, LOCKED, ABSENT])
@pytest.mark.parametrize(
    ("receipt", "message"),
    [
        (GONE, "Shelf answered that the account does not exist (status 404)"),
        (ALREADY, "Shelf answered that there was nothing to change (status 409)"),
    ],
    ids=["gone", "already"],
)
def test_a_response_that_nothing_is_to_do_is_verified(state: str, receipt: Receipt, message: str) -> None:
    """A proxy or a route that answers 404 for an account that is there."""
    shelf = Shelf(account("1"))
    shelf.before_commit = lambda change, attempt: receipt
    outcome = one(run(shelf, "1", state=state))
    assert (outcome.outcome, code(outcome), outcome.verified) == ("failed", "not_applied", False)
    assert outcome.problem is not None
    assert outcome.problem.message == f"{message}, but the account still reads as active (on)"
    assert (outcome.before, outcome.after, outcome.altered) == (account("1").condition, account("1").condition, False)
    assert all(fresh for _ids, fresh in shelf.rereads)


@pytest.mark.parametrize("receipt", [GONE, ALREADY], ids=["gone", "already"])
@pytest.mark.parametrize(
    ("asked", "reads", "outcome"),
    [
        (DEACTIVATED, DEACTIVATED, "unchanged"),
        (DEACTIVATED, ABSENT, "missing"),
        (ACTIVE, ABSENT, "missing"),
        (ABSENT, ABSENT, "unchanged"),
        (ABSENT, DEACTIVATED, "failed"),
        (DEACTIVATED, LOCKED, "failed"),
    ],
)
def test_the_reading_decides_and_not_the_answer(receipt: Receipt, asked: str, reads: str, outcome: str) -> None:
    shelf = Shelf(account("1", LOCKED if asked == ACTIVE else ACTIVE))
    shelf.before_commit = changed_meanwhile(shelf, receipt, reads)
    came = one(run(shelf, "1", state=asked))
    assert (came.outcome, came.after.state) == (outcome, reads)
    assert came.proof.after is not None or reads != ABSENT


def test_a_single_read_that_misses_an_account_is_checked_against_the_list() -> None:
    """Whatever answers 404 to the write may answer 404 to the read of the same address."""
    shelf = Shelf(account("1"))

    def hide(change: Change, attempt: int) -> Receipt:
        shelf.stored.pop("1")
        return GONE

    shelf.before_commit = hide
    outcome = one(run(shelf, "1"))
    assert "1" in shelf.shown
    assert (outcome.outcome, code(outcome)) == ("failed", "not_applied")


@pytest.mark.parametrize("receipt", [GONE, ALREADY], ids=["gone", "already"])
def test_an_answer_that_cannot_be_checked_is_a_failure(receipt: Receipt) -> None:
    shelf = Shelf(account("1"))
    shelf.before_commit = lambda change, attempt: receipt

    def fail(accounts: Sequence[Account], fresh: bool) -> None:
        raise refusal("forbidden", 403)

    shelf.on_reread = fail
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, code(outcome), outcome.after.state) == ("failed", "unverified", "unknown")


@pytest.mark.parametrize(("receipt", "outcome"), [(GONE, "missing"), (ALREADY, "unchanged")], ids=["gone", "already"])
def test_without_verify_the_answer_is_all_there_is(receipt: Receipt, outcome: str) -> None:
    shelf = Shelf(account("1"))
    shelf.before_commit = lambda change, attempt: receipt
    came = one(run(shelf, "1", verify=False))
    assert (came.outcome, came.verified, shelf.rereads) == (outcome, None, [])


@pytest.mark.parametrize(
    ("reads", "outcome"), [(DEACTIVATED, "changed"), (ABSENT, "missing"), (ACTIVE, "failed")], ids=str
)
def test_no_such_account_after_a_lost_answer_is_decided_by_reading(reads: str, outcome: str) -> None:
    shelf = Shelf(account("1"))

    def act(change: Change, attempt: int) -> Receipt:
        if attempt == 1:
            raise lost_answer()
        return changed_meanwhile(shelf, GONE, reads)(change, attempt)

    shelf.before_commit = act
    came = one(run(shelf, "1"))
    assert (came.outcome, came.after.state, shelf.attempts) == (outcome, reads, {"1": 2})


# -- answers that were lost


@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT, LOCKED])
@pytest.mark.parametrize("retryable", [True, False])
@pytest.mark.parametrize("verify", [True, False])
def test_a_write_that_was_carried_out_and_whose_answer_was_lost_is_changed_and_not_sent_again(
    state: str, retryable: bool, verify: bool
) -> None:
    shelf = Shelf(account("1"))

    def lose(change: Change, attempt: int) -> Receipt:
        raise lost_answer(retryable)

    shelf.after_commit = lose
    outcome = one(run(shelf, "1", state=state, verify=verify))
    assert (outcome.outcome, outcome.problem, shelf.attempts) == ("changed", None, {"1": 1})
    assert (outcome.before.state, outcome.after.state) == (ACTIVE, state)
    assert shelf.clock.slept == []


def test_a_write_lost_in_transit_is_sent_again() -> None:
    shelf = Shelf(account("1"))

    def lose_twice(change: Change, attempt: int) -> None:
        if attempt <= 2:
            raise lost_answer()

    shelf.before_commit = lose_twice
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, outcome.verified) == ("changed", True)
    assert (shelf.attempts, shelf.commits) == ({"1": 3}, ["1"])
    assert shelf.transport.counters.retried == 2
    assert len(shelf.clock.slept) == 2


def test_a_write_that_stays_lost_reports_the_state_that_was_read() -> None:
    shelf = Shelf(account("1"), retries=2)

    def lose(change: Change, attempt: int) -> None:
        raise lost_answer()

    shelf.before_commit = lose
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, code(outcome), outcome.after) == ("failed", "connection_lost", Condition(ACTIVE, "on"))
    assert shelf.attempts == {"1": 3}
    assert not outcome.altered


def test_a_write_that_must_not_be_sent_again_is_not() -> None:
    shelf = Shelf(account("1"))

    def fail(change: Change, attempt: int) -> None:
        raise lost_answer(retryable=False)

    shelf.before_commit = fail
    assert one(run(shelf, "1")).outcome == "failed"
    assert shelf.attempts == {"1": 1}


@pytest.mark.parametrize(("state", "receipt"), [(DEACTIVATED, Receipt(already=True)), (ABSENT, Receipt(gone=True))])
def test_a_lost_answer_that_shows_late_ends_as_changed_with_one_effect(state: str, receipt: Receipt) -> None:
    """The look still shows the old state, so it is sent again; the vendor then says that it is done."""
    shelf = Shelf(account("1"))
    shelf.lag = 1

    def lose_first(change: Change, attempt: int) -> Receipt:
        raise lost_answer()

    shelf.before_commit = lambda change, attempt: receipt if attempt > 1 else None
    shelf.after_commit = lose_first
    outcome = one(run(shelf, "1", state=state))
    assert (outcome.outcome, outcome.verified, shelf.commits) == ("changed", True, ["1"])
    assert (outcome.before.state, outcome.after.state) == (ACTIVE, state)


def test_a_lost_answer_at_a_vendor_that_cannot_be_read_is_sent_again() -> None:
    class Blind(Shelf):
        info = replace(Shelf.info, readable=False)

    shelf = Blind(account("1"))

    def lose_first(change: Change, attempt: int) -> None:
        if attempt == 1:
            raise lost_answer()

    shelf.before_commit = lose_first
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, outcome.verified, shelf.attempts) == ("changed", None, {"1": 2})
    assert shelf.rereads == []


def test_a_lost_answer_and_then_no_such_account_where_nothing_can_be_read_is_unconfirmed() -> None:
    class Blind(Shelf):
        info = replace(Shelf.info, readable=False)

    shelf = Blind(account("1"))

    def lose_first(change: Change, attempt: int) -> Receipt:
        if attempt == 1:
            raise lost_answer()
        return Receipt(gone=True)

    shelf.before_commit = lose_first
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, code(outcome), outcome.verified) == ("failed", "unconfirmed", None)
    assert not outcome.altered


# -- failures in part


def test_a_failure_in_part_is_a_failure_although_it_reads_as_done() -> None:
    shelf = Shelf(account("1"))

    def fail(change: Change, attempt: int) -> Receipt:
        raise partial_failure()

    shelf.after_commit = fail
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, code(outcome), outcome.after.state) == ("failed", "platform_failed", DEACTIVATED)
    assert outcome.altered
    assert shelf.attempts == {"1": 1}


def test_a_failure_in_part_is_made_good_by_a_later_answer_without_one() -> None:
    shelf = Shelf(account("1"))

    def fail_first(change: Change, attempt: int) -> Receipt:
        if attempt == 1:
            raise partial_failure(retryable=True)
        return Receipt()

    shelf.after_commit = fail_first
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, outcome.verified, shelf.attempts) == ("changed", True, {"1": 2})


@pytest.mark.parametrize("later", [Receipt(already=True), refusal(), lost_answer()], ids=["already", "refused", "lost"])
def test_a_failure_in_part_is_not_made_good_by_anything_else(later: Receipt | ApiError) -> None:
    shelf = Shelf(account("1"), retries=2)

    def fail(change: Change, attempt: int) -> Receipt:
        if attempt == 1:
            raise partial_failure(retryable=True)
        if isinstance(later, ApiError):
            raise later
        return later

    shelf.after_commit = fail
    outcome = one(run(shelf, "1"))
    assert (outcome.outcome, code(outcome)) == ("failed", "platform_failed")


# -- many users


def test_a_failure_of_one_user_stops_no_other() -> None:
    shelf = Shelf(*[account(str(number)) for number in range(9)], concurrency=4)

    def refuse_some(change: Change, attempt: int) -> None:
        if int(change.account.id) % 3 == 0:
            raise refusal()

    shelf.before_commit = refuse_some
    report = run(shelf, *[str(number) for number in range(9)])
    assert outcomes_of(report) == ["failed", "changed", "changed"] * 3
    assert sorted(shelf.commits) == ["1", "2", "4", "5", "7", "8"]
    failed = report.outcomes[0]
    assert (code(failed), failed.before, failed.verified) == ("bad_request", Condition(ACTIVE, "on"), None)


def test_an_error_that_ends_the_task_fails_each_remaining_user() -> None:
    shelf = Shelf(*[account(str(number)) for number in range(50)])

    def fail_third(change: Change, attempt: int) -> None:
        if change.account.id == "2":
            raise end_of_task()

    shelf.before_commit = fail_third
    report = run(shelf, *[str(number) for number in range(50)])
    assert outcomes_of(report) == ["changed", "changed", *["failed"] * 48]
    assert len(shelf.attempts) == 3
    assert {code(o) for o in report.outcomes[2:]} == {"unauthorized"}
    assert "Not tried" in str(report.outcomes[3].problem)
    assert "Not tried" not in str(report.outcomes[2].problem)


def test_the_order_asked_in_is_kept_with_300_users_and_16_threads() -> None:
    states = (ACTIVE, DEACTIVATED, LOCKED)
    shelf = Shelf(*[account(str(number), states[number % 3]) for number in range(300)], concurrency=16)
    names = [str(number) for number in reversed(range(310))]
    report = run(shelf, *names)
    assert [o.key.value for o in report.outcomes] == names
    for outcome in report.outcomes:
        number = int(outcome.key.value)
        expected = "missing" if number >= 300 else "unchanged" if number % 3 == 1 else "changed"
        assert (outcome.outcome, outcome.id) == (expected, None if number >= 300 else str(number))
    assert sorted(shelf.commits) == sorted(str(number) for number in range(300) if number % 3 != 1)
    assert [ids for ids, _fresh in shelf.rereads] == [tuple(n for n in names if int(n) < 300 and int(n) % 3 != 1)]


def test_waits_of_many_lost_answers_share_one_budget() -> None:
    shelf = Shelf(*[account(str(number)) for number in range(100)], clock=FakeClock(), retries=50, retry_budget=5.0)

    def lose(change: Change, attempt: int) -> None:
        raise lost_answer()

    shelf.before_commit = lose
    report = run(shelf, *[str(number) for number in range(100)])
    assert set(outcomes_of(report)) == {"failed"}
    assert sum(shelf.clock.slept) <= 5.0


def test_a_run_that_was_cut_off_ends_in_the_same_state_when_run_again() -> None:
    whole = Shelf(*[account(str(number)) for number in range(20)])
    names = [str(number) for number in range(20)]
    run(whole, *names)

    cut = Shelf(*[account(str(number)) for number in range(20)])

    def kill(change: Change, attempt: int) -> Receipt:
        if change.account.id == "7":
            raise KeyboardInterrupt
        return Receipt()

    cut.after_commit = kill
    with pytest.raises(KeyboardInterrupt):
        run(cut, *names)
    cut.after_commit = lambda change, attempt: Receipt()
    cut.settle()
    report = run(cut, *names)
    assert outcomes_of(report) == ["unchanged"] * 8 + ["changed"] * 12
    assert (cut.stored, sorted(cut.commits)) == (whole.stored, sorted(names))
