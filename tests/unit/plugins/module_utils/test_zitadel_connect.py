# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ZITADEL without REST paths: the Connect path of the same method is tried once, and kept if it answers."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    Key,
    UserRequest,
)

from .http_script import HTML, Answer, Responder, Sent
from .mock_zitadel import Tenant

GONE = ["gone", 405, 501]
SERVICE = "/zitadel.user.v2.UserService"


def people(*states: str) -> list[dict[str, t.Any]]:
    named = [{"userId": "other", "username": "other@example.com"}]
    return named + [{"userId": str(n), "state": f"USER_STATE_{state}"} for n, state in enumerate(states, 1)]


def run(tenant: Tenant, *keys: Key, state: str = DEACTIVATED, **params: t.Any) -> Report:
    return Converger(tenant.vendor(**params)).run([UserRequest(key, state) for key in keys], check_mode=False)


def ids(*values: str) -> list[Key]:
    return [Key("user_id", value) for value in values]


@pytest.mark.parametrize("rest", GONE)
@pytest.mark.parametrize(
    ("state", "before", "word"),
    [
        (DEACTIVATED, "ACTIVE", "USER_STATE_INACTIVE"),
        (ACTIVE, "INACTIVE", "USER_STATE_ACTIVE"),
        (LOCKED, "ACTIVE", "USER_STATE_LOCKED"),
        (ACTIVE, "LOCKED", "USER_STATE_ACTIVE"),
        (ABSENT, "ACTIVE", None),
    ],
)
def test_every_change_is_made_by_connect(rest: t.Any, state: str, before: str, word: str | None) -> None:
    tenant = Tenant(people(before), rest=rest)
    (outcome,) = run(tenant, *ids("1"), state=state).outcomes
    assert (outcome.outcome, outcome.verified, tenant.state("1")) == ("changed", True, word)
    (again,) = run(tenant, *ids("1"), state=state).outcomes
    assert again.outcome == "unchanged"


def test_a_path_that_is_not_there_is_tried_once() -> None:
    tenant = Tenant(people(*["ACTIVE"] * 5), rest="gone")
    report = run(tenant, *ids("1", "2", "3", "4", "5"))
    assert {outcome.outcome for outcome in report.outcomes} == {"changed"}
    rest = [sent.path.rpartition("/")[2] for sent in tenant.wire.log if sent.path.startswith("/v2")]
    assert rest == ["users", "deactivate"]
    assert sum(sent.path == f"{SERVICE}/DeactivateUser" for sent in tenant.wire.log) == 5


def test_no_connect_path_is_called_where_rest_answers() -> None:
    tenant = Tenant(people("ACTIVE"))
    run(tenant, *ids("1", "no-such-user"), Key("email", "no-such-user@example.com"))
    assert not [sent.path for sent in tenant.wire.log if "Service" in sent.path]


@pytest.mark.parametrize("rest", GONE)
def test_an_account_that_neither_path_has_is_an_error_and_never_missing(rest: t.Any) -> None:
    tenant = Tenant(people("ACTIVE"), rest=rest, connect=False)
    for _time in range(2):
        (outcome,) = run(tenant, *ids("1"), state=ABSENT).outcomes
        assert outcome.outcome == "failed"
    report = run(tenant, Key("email", "no-such-user@example.com"))
    assert report.outcomes[0].outcome == "failed"


def test_a_missing_user_is_proven_by_connect_as_well() -> None:
    tenant = Tenant(people("ACTIVE"), rest="gone")
    report = run(tenant, Key("user_id", "no-such-user"))
    assert [each.outcome for each in report.outcomes] == ["missing"]
    assert run(tenant, *ids("no-such-user"), state=ABSENT).outcomes[0].outcome == "unchanged"
    no_rights = Tenant(people("ACTIVE"), rest="gone", rights="none")
    assert run(no_rights, *ids("1")).outcomes[0].problem is not None


@pytest.mark.parametrize("answer", [HTML, Answer(200, json=[]), Answer(404), Answer(200)], ids=repr)
def test_an_answer_that_is_none_of_zitadels_proves_nothing(answer: Answer) -> None:
    tenant = Tenant(people("ACTIVE"))
    wrong = Responder(lambda sent: answer if "Service" in sent.path else Answer(404))
    tenant.wire = wrong
    (outcome,) = run(tenant, *ids("1")).outcomes
    assert (outcome.outcome, outcome.problem and outcome.problem.code) == ("failed", "wrong_address")


@settings(max_examples=50, deadline=None)
@given(
    before=st.lists(st.sampled_from(["ACTIVE", "INACTIVE", "LOCKED", "INITIAL"]), min_size=1, max_size=4),
    state=st.sampled_from([ACTIVE, DEACTIVATED, LOCKED, ABSENT]),
    rest=st.sampled_from(GONE),
    gone=st.sets(st.sampled_from(["GET", "POST", "DELETE"])),
)
def test_the_results_are_those_of_rest(before: list[str], state: str, rest: t.Any, gone: set[str]) -> None:
    """Also where some of the paths are there and others are not."""
    names = ids(*(str(number) for number in range(1, len(before) + 1)), "no-such-user")
    by_rest, by_both = Tenant(people(*before)), Tenant(people(*before))

    def answer(sent: Sent) -> Answer | Exception:
        by_both.mock.set_switches({"rest": rest if sent.method in gone else "there"})
        return by_both._answer(sent)

    by_both.wire = Responder(answer)
    wanted = [(o.outcome, o.after, o.problem and o.problem.code) for o in run(by_rest, *names, state=state).outcomes]
    came = [(o.outcome, o.after, o.problem and o.problem.code) for o in run(by_both, *names, state=state).outcomes]
    assert came == wanted
