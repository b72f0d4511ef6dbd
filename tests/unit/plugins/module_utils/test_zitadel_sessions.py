# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The sessions of ZITADEL's closed accounts are ended, those of others are not, and what is left is reported."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._guards import Guards
from ansible_collections.saas.offboarding.plugins.module_utils._journal import Journal
from ansible_collections.saas.offboarding.plugins.module_utils._lookup import look_for
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    Key,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._progress import Progress
from ansible_collections.saas.offboarding.plugins.module_utils._sessions import LOOKS
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers, vendor_users
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import tenant_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._reinstate import closed_by, reinstate_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from mock_vendors.zitadel_sessions import session_of

from .http_script import Answer, Sent
from .mock_zitadel import Tenant

WORDS = {ACTIVE: "USER_STATE_ACTIVE", DEACTIVATED: "USER_STATE_INACTIVE", LOCKED: "USER_STATE_LOCKED"}
SERVERS = ("listed", "hidden")
FIRST_SESSION = 340000000000000000
RETRIES = 6
"""How often a request is sent: once, and 5 times more."""
RIGHTS = ("user.read", "user.write", "user.delete", "session.read", "session.delete")


def seeded(*states: str) -> list[dict[str, t.Any]]:
    return [
        {"userId": str(number), "state": WORDS[state], "human": {"email": {"email": f"{number}@example.com"}}}
        for number, state in enumerate(states, 1)
    ]


def run(tenant: Tenant, *names: str, state: str = DEACTIVATED, check_mode: bool = False, **more: t.Any) -> Report:
    options = {name: more.pop(name) for name in ("end_sessions", "initial", "concurrency") if name in more}
    asked = [UserRequest(Key("user_id", name), state, reopens=state == ACTIVE) for name in names]
    vendor = tenant.vendor(**{"end_sessions": True, **options})
    return Converger(vendor, **more).run(asked, check_mode=check_mode)


def one(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


def alive(tenant: Tenant, user: str) -> int:
    """Return how many sessions of a user were not ended."""
    return sum(not row["ended"] for row in tenant.mock.sessions.rows.values() if row["user"]["id"] == user)


def ends(tenant: Tenant) -> list[str]:
    return [sent.path for sent in tenant.wire.log if sent.method == "DELETE" and "/sessions/" in sent.path]


def counts(outcome: Outcome) -> tuple[int | None, int | None]:
    return outcome.before.sessions, outcome.after.sessions


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("state", [DEACTIVATED, LOCKED, ABSENT])
def test_closing_ends_the_sessions_of_the_leaver_only(state: str, server: str) -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE, ACTIVE), sessions={"1": 2, "2": 1, "3": 3}, sessions_of_closed=server)
    report = run(tenant, "1", "2", state=state)
    assert [(each.outcome, counts(each), each.verified) for each in report.outcomes] == [
        ("changed", (2, 0), True),
        ("changed", (1, 0), True),
    ]
    assert [alive(tenant, user) for user in ("1", "2", "3")] == [0, 0, 3]
    assert len(ends(tenant)) == 3


@pytest.mark.parametrize("server", SERVERS)
def test_after_a_reactivation_no_old_session_is_there(server: str) -> None:
    tenant = Tenant(seeded(ACTIVE), sessions={"1": 2}, sessions_of_closed=server)
    run(tenant, "1")
    assert counts(one(run(tenant, "1", state=ACTIVE))) == (None, None)
    assert alive(tenant, "1") == 0


def test_a_session_that_the_search_does_not_show_at_first_is_ended_as_well() -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 1}, late_sessions={"1": 1}, session_lag="written")
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, counts(outcome), alive(tenant, "1")) == ("changed", (1, 0), 0)


def test_check_mode_writes_nothing_and_predicts_the_run() -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED, DEACTIVATED), sessions={"1": 2, "2": 1})
    planned = run(tenant, "1", "2", "3", check_mode=True)
    assert tenant.writes == []
    done = run(tenant, "1", "2", "3")
    for report in (planned, done):
        assert [(each.outcome, counts(each)) for each in report.outcomes] == [
            ("changed", (2, 0)),
            ("changed", (1, 0)),
            ("unchanged", (0, 0)),
        ]
    assert (planned.diff(), planned.plan_hash) == (done.diff(), done.plan_hash)
    assert [each["sessions"] for each in planned.diff()["before"].values()] == [2, 1]
    again = run(tenant, "1", "2", "3")
    assert [(each.outcome, counts(each)) for each in again.outcomes] == [("unchanged", (0, 0))] * 3


def test_the_plan_does_not_depend_on_sessions() -> None:
    hashes = {
        run(Tenant(seeded(ACTIVE, DEACTIVATED), sessions=sessions), "1", "2", check_mode=True).plan_hash
        for sessions in ({}, {"1": 1}, {"1": 3, "2": 2})
    }
    assert len(hashes) == 1
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED), sessions={"1": 1, "2": 2})
    done = run(tenant, "1", "2", guards=Guards(plan_hash=hashes.pop()))
    assert [each.outcome for each in done.outcomes] == ["changed", "changed"]


@pytest.mark.parametrize(
    ("guards", "code"),
    [
        (Guards(protected=("2",)), "protected"),
        (Guards(max_changes=0), "too_many_changes"),
        (Guards(plan_hash="sha256:other"), "other_plan"),
    ],
)
def test_a_guard_rail_keeps_the_sessions_of_an_account_that_is_closed_already(guards: Guards, code: str) -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED), sessions={"2": 2})
    outcome = one(run(tenant, "2", guards=guards))
    assert outcome.problem is not None
    assert (outcome.outcome, outcome.problem.code, alive(tenant, "2")) == ("refused", code, 2)
    assert ends(tenant) == []


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("rights", "before", "after"),
    [
        ({"permissions": [each for each in RIGHTS if each != "session.delete"]}, 2, 2),
        ({"permissions": [each for each in RIGHTS if not each.startswith("session")]}, None, None),
    ],
)
def test_without_the_right_the_account_is_closed_and_a_person_is_asked(
    server: str, rights: dict[str, t.Any], before: int | None, after: int | None
) -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 2}, sessions_of_closed=server, **rights)
    planned = one(run(tenant, "1", check_mode=True))
    outcome = one(run(tenant, "1"))
    for each in (planned, outcome):
        assert (each.outcome, counts(each)) == ("changed", (before, after))
        assert "sessions_left" in each.manual
    assert (tenant.state("1"), alive(tenant, "1")) == (WORDS[DEACTIVATED], 2)
    assert len(ends(tenant)) <= 1


def test_an_account_that_is_closed_stays_unchanged_where_nothing_can_be_ended() -> None:
    rights = [each for each in RIGHTS if each != "session.delete"]
    tenant = Tenant(seeded(DEACTIVATED, ACTIVE), sessions={"1": 2}, permissions=rights)
    for check_mode in (True, False):
        outcome = one(run(tenant, "1", check_mode=check_mode))
        assert (outcome.outcome, counts(outcome)) == ("unchanged", (2, 2))
        assert "sessions_left" in outcome.manual


def test_no_session_is_believed_only_with_the_right_to_see_them() -> None:
    gone = Tenant(seeded(ACTIVE, ACTIVE), own_rights=False)
    outcome = one(run(gone, "1"))
    assert (outcome.outcome, counts(outcome), "sessions_left" in outcome.manual) == ("changed", (None, None), True)
    seen = Tenant(seeded(ACTIVE, ACTIVE), own_rights=False, sessions={"1": 1})
    assert one(run(seen, "1")).before.sessions == 1
    known = one(run(Tenant(seeded(ACTIVE, ACTIVE)), "1"))
    assert (counts(known), "sessions_left" in known.manual) == ((0, 0), False)


@pytest.mark.parametrize("names", [("1",), ("1", "2")])
def test_a_server_that_ignores_the_filter_loses_no_session_of_another(names: Sequence[str]) -> None:
    sessions = {"1": 1, "2": 1, "3": 2}
    tenant = Tenant(seeded(ACTIVE, ACTIVE, ACTIVE), sessions=sessions, session_filter="ignored")
    report = run(tenant, *names)
    assert [counts(each) for each in report.outcomes] == [(1, 0)] * len(names)
    assert [alive(tenant, user) for user in sessions] == [0, 0 if "2" in names else 1, 2]


def test_a_session_that_stays_after_its_end_was_accepted_fails_and_the_account_is_closed() -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 2}, sessions_kept=["1"])
    outcome = one(run(tenant, "1"))
    assert outcome.problem is not None
    assert (outcome.outcome, outcome.problem.code, counts(outcome)) == ("failed", "sessions_left", (2, 2))
    assert (tenant.state("1"), outcome.altered) == (WORDS[DEACTIVATED], True)


def test_the_sessions_of_an_account_that_is_gone_are_ended_if_it_is_named_by_its_id() -> None:
    tenant = Tenant(seeded(ACTIVE), sessions={"77": 2})
    planned = one(run(tenant, "77", state=ABSENT, check_mode=True))
    outcome = one(run(tenant, "77", state=ABSENT))
    for each in (planned, outcome):
        assert (each.outcome, each.id, counts(each)) == ("changed", "77", (2, 0))
    assert alive(tenant, "77") == 0
    assert one(run(tenant, "77", state=ABSENT)).outcome == "unchanged"


@pytest.mark.parametrize(("state", "options"), [(DEACTIVATED, {"end_sessions": False}), (ACTIVE, {})])
def test_no_session_is_looked_for_where_none_is_to_be_ended(state: str, options: dict[str, t.Any]) -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED, LOCKED), sessions={"1": 1, "2": 1, "3": 1})
    report = run(tenant, "1", "2", "3", state=state, **options)
    assert not [sent for sent in tenant.wire.log if "/sessions" in sent.path]
    assert {counts(each) for each in report.outcomes} == {(None, None)}
    assert report.outcomes[0].as_result(with_sessions=True)["before"]["sessions"] is None


def test_an_initial_account_that_is_deleted_loses_its_sessions() -> None:
    tenant = Tenant(sessions={"1": 1})
    tenant.mock.seed([{"userId": "1", "state": "USER_STATE_INITIAL"}, {"userId": "2", "state": WORDS[ACTIVE]}])
    outcome = one(run(tenant, "1", initial="delete"))
    assert (outcome.outcome, outcome.after.state, counts(outcome), alive(tenant, "1")) == ("changed", ABSENT, (1, 0), 0)


def test_by_connect_where_the_rest_paths_are_not_there() -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 1, "2": 1}, rest="gone")
    assert [counts(each) for each in run(tenant, "1", "2").outcomes] == [(1, 0), (1, 0)]
    assert alive(tenant, "1") + alive(tenant, "2") == 0


def breaking(tenant: Tenant, breaks: Callable[[Sent, int], bool], fault: Answer) -> None:
    """Let the tenant answer requests with a fault. ``breaks``: the request, and how many of its path came before."""
    answer = tenant.wire._answer
    seen: dict[tuple[str, str], int] = {}

    def respond(sent: Sent) -> Answer | Exception:
        number = seen.setdefault((sent.method, sent.path), 0)
        seen[sent.method, sent.path] += 1
        return fault if breaks(sent, number) else answer(sent)

    tenant.wire._answer = respond


def test_ending_the_sessions_of_an_account_closed_meanwhile_is_a_change() -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 2})
    answer = tenant.wire._answer

    def closed_before(sent: Sent) -> Answer | Exception:
        if sent.path.endswith("/deactivate"):
            answer(sent)
        return answer(sent)

    tenant.wire._answer = closed_before
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, outcome.before.state, counts(outcome)) == ("changed", DEACTIVATED, (2, 0))
    assert outcome.proof.write is not None


@pytest.mark.parametrize("status", [429, 503])
def test_a_request_that_is_refused_for_a_while_is_retried_as_often_as_any(status: int) -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 1})
    breaking(tenant, lambda sent, _number: "/sessions/3" in sent.path, Answer(status, {"message": "no"}))
    outcome = one(run(tenant, "1"))
    assert outcome.problem is not None
    assert (outcome.problem.code, counts(outcome)) == ("sessions_left", (1, 1))
    assert len(ends(tenant)) <= RETRIES * len(LOOKS)


def test_a_credential_that_is_refused_in_the_middle_is_named_as_it_is() -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 1})
    breaking(tenant, lambda sent, _number: sent.method == "DELETE", Answer(401, {"message": "no"}))
    outcome = one(run(tenant, "1"))
    assert outcome.problem is not None
    assert outcome.problem.code == "sessions_left"
    assert "Not tried" not in outcome.problem.message
    assert len(ends(tenant)) == 1


@pytest.mark.parametrize("names", [("1",), ("1", "2")])
def test_no_session_is_believed_only_where_the_server_counts_none(names: Sequence[str]) -> None:
    """Older servers count rows that the credential may not see, and leave them out."""
    tenant = Tenant(seeded(ACTIVE, ACTIVE, ACTIVE), sessions={"3": 1})
    answer = Answer(200, {"details": {"totalResult": "1"}})
    breaking(tenant, lambda sent, _number: sent.path.endswith("/sessions/search"), answer)
    for check_mode in (True, False):
        for outcome in run(tenant, *names, check_mode=check_mode).outcomes:
            assert counts(outcome) == (None, None)
            assert "sessions_left" in outcome.manual


@pytest.mark.parametrize("server", SERVERS)
def test_sessions_that_move_to_another_page_while_they_are_read_are_ended(server: str) -> None:
    """One ends on the first page and another begins, so that the number of sessions is the same."""
    names = [str(number) for number in range(1, 1101)]
    tenant = Tenant(seeded(*[ACTIVE] * 1200), sessions=dict.fromkeys(names, 1), sessions_of_closed=server)
    answer = tenant.wire._answer
    looks = 0

    def moving(sent: Sent) -> Answer | Exception:
        nonlocal looks
        came = answer(sent)
        if sent.path.endswith("/sessions/search"):
            looks += 1
            if looks == 1:
                sessions = tenant.mock.sessions
                first, new = min(sessions.rows), str(int(max(sessions.rows)) + 1)
                sessions.put(new, session_of(int(new) - FIRST_SESSION, {"userId": "1200"}, ""))
                sessions.put(first, {**sessions.rows[first], "ended": True})
        return came

    tenant.wire._answer = moving
    run(tenant, *names)
    assert sum(alive(tenant, name) for name in names) == 0
    assert alive(tenant, "1200") == 1


def test_a_result_has_the_number_of_sessions_also_where_nothing_could_be_read() -> None:
    tenant = Tenant(seeded(ACTIVE))
    breaking(tenant, lambda _sent, _number: True, Answer(401, {"message": "no"}))
    report = run(tenant, "1")
    shown = one(report).as_result(with_sessions=report.with_sessions)
    assert (shown["before"]["sessions"], shown["after"]["sessions"]) == (None, None)


def test_an_account_that_is_closed_in_a_task_that_opens_others_loses_its_sessions() -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED, ACTIVE), sessions={"1": 2, "2": 1, "3": 1})
    asked = [
        UserRequest(Key("user_id", "1"), DEACTIVATED, reopens=True),
        UserRequest(Key("user_id", "2"), ACTIVE, reopens=True),
        UserRequest(Key("user_id", "3"), ABSENT, reopens=True),
    ]
    report = Converger(tenant.vendor(end_sessions=True)).run(asked, check_mode=False)
    assert [counts(each) for each in report.outcomes] == [(2, 0), (None, None), (1, 0)]
    assert [alive(tenant, name) for name in ("1", "2", "3")] == [0, 1, 0]


def test_an_account_whose_sessions_cannot_be_listed_is_closed_and_fails() -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED, ACTIVE), sessions={"1": 1, "2": 1})
    breaking(tenant, lambda sent, _number: sent.path.endswith("/sessions/search"), Answer(400, {"message": "no"}))
    planned = run(tenant, "1", "2", check_mode=True)
    done = run(tenant, "1", "2")
    for report in (planned, done):
        assert [(each.outcome, each.problem and each.problem.code) for each in report.outcomes] == [
            ("failed", "sessions_left")
        ] * 2
    assert planned.plan_hash == done.plan_hash
    assert (tenant.state("1"), done.outcomes[0].altered, done.outcomes[1].altered) == (WORDS[DEACTIVATED], True, False)


def test_one_session_that_cannot_be_ended_leaves_the_others_ended() -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 3})
    second = sorted(tenant.mock.sessions.rows)[1]
    breaking(tenant, lambda sent, _number: sent.path.endswith(f"/sessions/{second}"), Answer(500, {"message": "no"}))
    outcome = one(run(tenant, "1"))
    assert outcome.problem is not None
    assert (outcome.problem.code, counts(outcome), alive(tenant, "1")) == ("sessions_left", (3, 1), 1)
    assert outcome.problem.message.endswith(f"end these by their ids: {second}")


@pytest.mark.parametrize("server", SERVERS)
def test_a_fault_that_passes_is_no_failure(server: str) -> None:
    tenant = Tenant(seeded(ACTIVE, ACTIVE), sessions={"1": 2}, sessions_of_closed=server)
    breaking(tenant, lambda sent, number: "/sessions/" in sent.path and number == 0, Answer(500, {"message": "no"}))
    breaking(tenant, lambda sent, number: "/sessions/" in sent.path and number == 0, Answer(503, {"message": "no"}))
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, counts(outcome), alive(tenant, "1")) == ("changed", (2, 0), 0)


def test_each_end_is_in_the_journal_before_its_request(tmp_path: Path) -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED), sessions={"1": 1, "2": 1})
    path = tmp_path / "journal.jsonl"
    run(tenant, "1", "2", journal=Journal(str(path), "zitadel", "acme.example.com"))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    sessions = [(line["kind"], line["id"], line["session"]) for line in lines if "session" in line]
    first, second = sorted(tenant.mock.sessions.rows)
    assert sessions == [
        (kind, user, name) for user, name in (("1", first), ("2", second)) for kind in ("intent", "result")
    ]


def test_1000_accounts_of_a_tenant_with_2000_sessions_take_few_reads() -> None:
    names = [str(number) for number in range(1, 1001)]
    accounts = seeded(*[ACTIVE] * 2000)
    sessions = {str(number): 1 for number in range(1, 2001)}
    without, ending = Tenant(accounts, sessions=sessions), Tenant(accounts, sessions=sessions)
    run(without, *names, end_sessions=False)
    run(ending, *names)
    assert sum(alive(ending, name) for name in names) == 0
    assert sum(alive(ending, name) for name in sessions) == 1000
    assert len(ends(ending)) == 1000
    assert len(ending.wire.log) - len(without.wire.log) - 1000 <= 6


USERS = ("1", "2", "3", "4")


@settings(max_examples=100, deadline=None)
@given(
    states=st.tuples(*[st.sampled_from([ACTIVE, DEACTIVATED, LOCKED])] * 4),
    sessions=st.dictionaries(st.sampled_from((*USERS, "9")), st.integers(1, 3)),
    late=st.dictionaries(st.sampled_from(USERS), st.integers(1, 2)),
    kept=st.lists(st.sampled_from(USERS), max_size=1),
    asked=st.lists(st.sampled_from((*USERS, "9")), unique=True, min_size=1),
    state=st.sampled_from([DEACTIVATED, LOCKED, ABSENT]),
    server=st.sampled_from(SERVERS),
    honoured=st.sampled_from(["honoured", "ignored"]),
    rights=st.sampled_from([RIGHTS, RIGHTS[:4], RIGHTS[:3], None]),
    rest=st.sampled_from(["there", "gone"]),
)
def test_results_about_sessions_are_true(
    states: tuple[str, ...],
    sessions: dict[str, int],
    late: dict[str, int],
    kept: list[str],
    asked: list[str],
    state: str,
    server: str,
    honoured: str,
    rights: tuple[str, ...] | None,
    rest: str,
) -> None:
    tenant = Tenant(
        seeded(*states),
        sessions=sessions,
        late_sessions=late,
        session_lag="written",
        sessions_kept=kept,
        sessions_of_closed=server,
        session_filter=honoured,
        rest=rest,
        **({"own_rights": False} if rights is None else {"permissions": list(rights)}),
    )
    given_to = {user: alive(tenant, user) for user in (*USERS, "9")}
    planned = run(tenant, *asked, state=state, check_mode=True)
    assert tenant.writes == []
    done = run(tenant, *asked, state=state)
    others = set(given_to) - set(asked)
    assert {user: alive(tenant, user) for user in others} == {user: given_to[user] for user in others}
    for outcome, user, before in zip(done.outcomes, asked, planned.outcomes, strict=True):
        # What shows only after an account was written cannot be predicted, nor what stays although it ended.
        if user not in late and user not in kept:
            assert (outcome.outcome, counts(outcome)) == (before.outcome, counts(before))
        was_closed = outcome.before.state != ACTIVE
        unseen = late.get(user, 0) if server == "hidden" or outcome.before.state == outcome.after.state else 0
        # A newer server shows no session of a closed account, so that what stays is not seen.
        unseen += sessions.get(user, 0) if server == "hidden" and (was_closed or user in kept) else 0
        if outcome.outcome in ("changed", "unchanged") and outcome.after.sessions == 0:
            assert alive(tenant, user) <= unseen
        if outcome.outcome in ("changed", "unchanged") and outcome.after.sessions != 0:
            assert "sessions_left" in outcome.manual
    again = run(tenant, *asked, state=state)
    if not kept and not late:
        assert {each.outcome for each in again.outcomes} <= {"unchanged", "missing"}


FAULTS = st.dictionaries(st.integers(1, 12), st.sampled_from([400, 403, 429, 500, 503, "lost"]), max_size=3)


@settings(max_examples=100, deadline=None)
@example(
    states=(DEACTIVATED, ACTIVE, DEACTIVATED, DEACTIVATED),
    sessions={"1": 2, "2": 1, "3": 1, "4": 1},
    kept=[],
    lost={2, 5, 6},
    state=ABSENT,
    server="hidden",
    rights=RIGHTS[:4],
    faults={2: "lost", 5: "lost", 6: 500},
)
@given(
    states=st.tuples(*[st.sampled_from([ACTIVE, DEACTIVATED, LOCKED])] * 4),
    sessions=st.dictionaries(st.sampled_from(USERS), st.integers(1, 2)),
    kept=st.lists(st.sampled_from(USERS), max_size=1),
    lost=st.sets(st.integers(1, 6)),
    state=st.sampled_from([DEACTIVATED, LOCKED, ABSENT]),
    server=st.sampled_from(SERVERS),
    rights=st.sampled_from([RIGHTS, RIGHTS[:4]]),
    faults=FAULTS,
)
def test_each_account_that_a_run_wrote_is_named_once_by_a_reinstatement(
    states: tuple[str, ...],
    sessions: dict[str, int],
    kept: list[str],
    lost: set[int],
    state: str,
    server: str,
    rights: tuple[str, ...],
    faults: dict[int, int | str],
) -> None:
    """Also where its write was lost, its repair failed, or only sessions were ended, or some of them."""
    switches: dict[str, t.Any] = {"sessions_of_closed": server, "permissions": list(rights)}
    tenant = Tenant(seeded(*states), sessions=sessions, sessions_kept=kept, lost_writes=sorted(lost), **switches)
    answer = tenant.wire._answer
    written: set[str] = set()
    writes = 0

    def respond(sent: Sent) -> Answer | Exception:
        nonlocal writes
        is_session = sent.method == "DELETE" and "/sessions/" in sent.path
        if sent.method != "DELETE" and sent.path.rpartition("/")[2] not in (
            "deactivate",
            "reactivate",
            "lock",
            "unlock",
        ):
            return answer(sent)
        writes += 1
        fault = faults.get(writes)
        if isinstance(fault, int):
            return Answer(fault, {"message": "no"})
        parts = sent.path.split("/")
        user = tenant.mock.sessions.rows[parts[3]]["user"]["id"] if is_session else parts[3]
        came = answer(sent)
        if isinstance(came, Answer) and came.status == 200:
            written.add(user)
        return requests.ConnectionError("reset") if fault == "lost" else came

    tenant.wire._answer = respond
    report = run(tenant, *USERS, state=state)
    listed = read_leavers([{"email": f"{user}@example.com"} for user in USERS], "the list").leavers
    keys = vendor_users(listed, "zitadel", "zitadel")
    results = [each.as_result(with_sessions=True) for each in report.outcomes]
    result: t.Any = {"users": [{**each, "key": key} for each, key in zip(results, keys, strict=True)]}
    options: t.Any = {"stages": Stages.once(state), "due_at": "2026-11-30T18:00:00Z", "on_missing": "ok"}
    tenants = [tenant_report(result, listed, tenant="zitadel", vendor="zitadel", **options)]
    document: t.Any = {**tenants[0], "tenants": tenants}
    closed = closed_by(document)
    view: t.Any = {"msg": "no answer"}
    back = reinstate_report(view, {}, closed, tenant="zitadel", vendor="zitadel")
    named = [record["email"].partition("@")[0] for record in back["records"]]
    assert len(named) == len(set(named))
    # One that failed may have been written: a server says that there was nothing to do, and does not show it.
    doubtful = {name for name, each in zip(USERS, results, strict=True) if each["outcome"] == "failed"}
    assert written <= set(named) <= written | doubtful


# -- the module that reads


def seen(tenant: Tenant, *names: str, **options: t.Any) -> list[dict[str, t.Any]]:
    vendor = tenant.vendor(sessions=True, **options)
    view = look_for(vendor, [Key("user_id", name) for name in names], Progress())
    return [each.as_result(None, with_sessions=True) for each in view.sights]


def test_the_info_module_counts_sessions_also_of_an_account_that_is_gone() -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED), sessions={"1": 3, "2": 1, "77": 2})
    found = seen(tenant, "1", "2", "77", "78")
    assert [(each["state"], each["sessions"]) for each in found] == [
        (ACTIVE, 3),
        (DEACTIVATED, 1),
        (ABSENT, 2),
        (ABSENT, 0),
    ]
    assert tenant.writes == []


def test_the_info_module_reports_a_missing_permission_to_list() -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED, ACTIVE), sessions={"1": 1, "2": 1}, permissions=["user.read"])
    found = seen(tenant, "1", "2")
    assert [(each["sessions"], "sessions_left" in each["manual"]) for each in found] == [(None, False), (None, True)]


@pytest.mark.parametrize(("status", "found", "code"), [(400, None, "sessions_left"), (403, True, None)])
def test_sessions_that_cannot_be_listed_are_a_fault_of_a_closed_account_alone(
    status: int, found: bool | None, code: str | None
) -> None:
    tenant = Tenant(seeded(ACTIVE, DEACTIVATED), sessions={"1": 1, "2": 1})
    breaking(tenant, lambda sent, _number: sent.path.endswith("/sessions/search"), Answer(status, {"message": "no"}))
    jane, sam = seen(tenant, "1", "2")
    assert (jane["found"], jane["sessions"], jane["error"]) == (True, None, None)
    assert (sam["found"], sam["error"] and sam["error"]["code"]) == (found, code)
