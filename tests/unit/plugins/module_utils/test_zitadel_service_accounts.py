# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ZITADEL's service accounts: their task for a person counts tokens and keys, or says that they could not be read."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._lookup import look_for
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    Key,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._progress import Progress

from .http_script import HTML, Answer, Responder, Sent
from .mock_zitadel import Tenant

ACCOUNTS: list[dict[str, t.Any]] = [
    {"userId": "robot", "username": "robot", "machine": {"hasSecret": True}},
    {"userId": "other", "username": "other", "machine": {"hasSecret": True}},
    {"userId": "jane"},
]
TOKENS = {"robot": {"pats": 2, "keys": 1}, "other": {"pats": 5}}
COUNTED = {"service_account_tokens": "Personal access tokens: 2, keys: 1."}
UNREAD = {"service_account_tokens": "How many personal access tokens and keys there are could not be read."}


def close(tenant: Tenant, name: str = "robot", state: str = DEACTIVATED, check: bool = False) -> Outcome:
    asked = [UserRequest(Key("user_id", name), state)]
    (outcome,) = Converger(tenant.vendor()).run(asked, check_mode=check).outcomes
    return outcome


def searches(tenant: Tenant) -> int:
    return sum(sent.path.endswith(("/pats/search", "/keys/search")) for sent in tenant.wire.log)


@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT])
@pytest.mark.parametrize("check", [True, False])
def test_the_task_counts_what_there_was_before(state: str, check: bool) -> None:
    tenant = Tenant(ACCOUNTS, service_tokens=TOKENS)
    outcome = close(tenant, state=state, check=check)
    assert (outcome.outcome, outcome.manual, outcome.manual_notes) == ("changed", ("service_account_tokens",), COUNTED)
    assert outcome.as_result()["manual_notes"] == COUNTED
    assert searches(tenant) == 2


def test_an_account_that_is_closed_already_is_counted_and_so_is_a_look() -> None:
    tenant = Tenant([ACCOUNTS[0] | {"state": "USER_STATE_INACTIVE"}], service_tokens=TOKENS)
    assert close(tenant).manual_notes == COUNTED
    (sight,) = look_for(tenant.vendor(), [Key("user_id", "robot")], Progress()).sights
    assert sight.as_result(None)["manual_notes"] == COUNTED


@pytest.mark.parametrize(("name", "state"), [("jane", DEACTIVATED), ("robot", ACTIVE)])
def test_nothing_is_asked_where_there_is_no_such_task(name: str, state: str) -> None:
    tenant = Tenant(ACCOUNTS, service_tokens=TOKENS)
    assert "manual_notes" not in close(tenant, name, state).as_result()
    assert searches(tenant) == 0


def test_a_server_without_these_searches_is_reported() -> None:
    outcome = close(Tenant(ACCOUNTS, service_tokens=None))
    assert (outcome.outcome, outcome.manual_notes) == ("changed", UNREAD)


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(403, json={}),
        Answer(500, json={}),
        Answer(200, json=[]),
        Answer(200, json={"pagination": {"totalResult": "1"}}),
        Answer(200, json={"pagination": [], "result": []}),
        Answer(200, json={"pagination": {"totalResult": "x"}}),
        Answer(200, json={"pagination": {"totalResult": "1"}, "result": [{"id": "1", "userId": "other"}]}),
        Answer(200, json={"pagination": {}, "result": [{"id": "1", "userId": "robot"}]}),
    ],
    ids=repr,
)
def test_an_answer_that_does_not_count_is_no_count_and_stops_nothing(answer: Answer) -> None:
    tenant = Tenant(ACCOUNTS, service_tokens=TOKENS)

    def answered(sent: Sent) -> Answer | Exception:
        return answer if sent.path.endswith("/pats/search") else tenant._answer(sent)

    tenant.wire = Responder(answered)
    outcome = close(tenant)
    assert (outcome.outcome, outcome.manual_notes) == ("changed", UNREAD)
