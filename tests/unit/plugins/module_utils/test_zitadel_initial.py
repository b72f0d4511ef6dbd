# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ZITADEL's accounts that were never set up: an invitation reopens them, unless they are deleted."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._lookup import look_for
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    DEACTIVATED,
    LOCKED,
    Key,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._progress import Progress

from .http_script import Sent
from .mock_zitadel import API, Tenant


def person(state: str, **human: t.Any) -> dict[str, t.Any]:
    return {"userId": "1", "state": f"USER_STATE_{state}", "human": human}


NEVER_SET_UP = {"email": {"email": "new@example.com", "isVerified": False}}


def one(tenant: Tenant, state: str, *, check: bool = False, **params: t.Any) -> Outcome:
    asked = [UserRequest(Key("user_id", "1"), state)]
    report: Report = Converger(tenant.vendor(**params)).run(asked, check_mode=check)
    (outcome,) = report.outcomes
    return outcome


def follow_invitation(tenant: Tenant) -> int:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = tenant._answer(Sent("POST", "/", {}, {"userID": "1"}, headers, f"{API}/ui/login/user/init"))
    assert not isinstance(answer, Exception)
    return answer.status


@pytest.mark.parametrize("state", [DEACTIVATED, LOCKED])
@pytest.mark.parametrize("check", [True, False])
def test_an_account_that_was_never_set_up_is_refused_and_nothing_is_written(state: str, check: bool) -> None:
    tenant = Tenant([person("INITIAL")])
    outcome = one(tenant, state, check=check)
    assert (outcome.outcome, outcome.problem and outcome.problem.code) == ("failed", "vendor_refuses")
    assert tenant.writes == []


@pytest.mark.parametrize("state", [DEACTIVATED, LOCKED])
def test_with_initial_delete_it_is_deleted_and_check_mode_predicts_it(state: str) -> None:
    tenant = Tenant([person("INITIAL")])
    planned = one(tenant, state, check=True, initial="delete")
    assert tenant.writes == []
    done = one(tenant, state, initial="delete")
    assert (planned.outcome, planned.after) == (done.outcome, done.after)
    assert (done.outcome, done.after.state, done.verified, tenant.writes) == ("changed", ABSENT, True, ["DELETE"])
    assert follow_invitation(tenant) == 400
    assert one(tenant, state, initial="delete").outcome == "missing"


def test_initial_delete_deletes_no_other_account() -> None:
    tenant = Tenant([person("ACTIVE", **NEVER_SET_UP)])
    assert one(tenant, DEACTIVATED, initial="delete").after.state == DEACTIVATED
    assert tenant.writes == ["deactivate"]


@pytest.mark.parametrize("state", ["LOCKED", "INACTIVE"])
def test_an_invitation_that_is_open_is_a_task_for_a_person(state: str) -> None:
    """An administrator locked it, or locked and deactivated it: the invitation opens it nevertheless."""
    tenant = Tenant([person(state, **NEVER_SET_UP)])
    outcome = one(tenant, LOCKED)
    assert (outcome.outcome, outcome.manual) == ("unchanged", ("invitation_open",))
    (sight,) = look_for(tenant.vendor(), [Key("user_id", "1")], Progress()).sights
    assert sight.manual == ("invitation_open",)
    assert follow_invitation(tenant) == 200
    assert tenant.state("1") == "USER_STATE_ACTIVE"


@given(
    state=st.sampled_from(["ACTIVE", "INACTIVE", "LOCKED"]),
    asked=st.sampled_from([DEACTIVATED, LOCKED, ABSENT]),
    verified=st.booleans(),
    password=st.booleans(),
)
def test_the_task_is_there_where_a_closed_account_was_never_set_up(
    state: str, asked: str, verified: bool, password: bool
) -> None:
    human: dict[str, t.Any] = {"email": {"email": "new@example.com", "isVerified": verified}}
    human |= {"passwordChanged": "2025-01-15T09:30:00Z"} if password else {}
    planned = one(Tenant([person(state, **human)]), asked, check=True)
    outcome = one(Tenant([person(state, **human)]), asked)
    expected = ("invitation_open",) if asked != ABSENT and not verified and not password else ()
    assert outcome.manual == planned.manual == expected
