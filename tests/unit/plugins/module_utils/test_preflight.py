# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What a module finds out about a credential without a list and without a write."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._checks import FAILS, LIST, LOG_IN, OK, REACH, RIGHTS
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, DEACTIVATED, UNKNOWN, Problem
from ansible_collections.saas.offboarding.plugins.module_utils._preflight import Check, checks_of
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Rights
from ansible_collections.saas.offboarding.plugins.module_utils._zitadel_rights import OwnRights, rights_of

from .http_script import Answer, Responder, Sent
from .test_vendor_zitadel import zitadel

ALL = ("user.read", "user.write", "user.delete")


class Tenant:
    """A vendor with configurable responses to each question of a preflight."""

    def __init__(
        self,
        page: int | Problem | None = 3,
        log_in: Problem | None = None,
        tokens: int = 1,
        rights: Rights | None = None,
    ) -> None:
        self.page, self.fault, self.found = page, log_in, rights or Rights((), "All organizations")
        self.info = zitadel(Responder(lambda sent: Answer(200))).info
        self.product = self.info.product
        self.transport = t.cast(t.Any, type("Transport", (), {"counters": type("Counters", (), {"tokens": tokens})}))

    def log_in(self) -> None:
        if self.fault:
            raise ApiError(self.fault)

    def read_page(self) -> int | None:
        if isinstance(self.page, Problem):
            raise ApiError(self.page)
        return self.page

    def rights(self, state: str) -> Rights:
        return self.found


def checks(**tenant: t.Any) -> dict[str, tuple[str, str | None]]:
    return {each.name: (each.result, each.code) for each in checks_of(t.cast(t.Any, Tenant(**tenant)), DEACTIVATED)}


def test_where_all_is_well_all_is_ok() -> None:
    assert set(checks().values()) == {(OK, None)}


@pytest.mark.parametrize("code", ["login_failed", "unauthorized", "tls_error", "unreachable", "timeout", "redirected"])
def test_without_a_log_in_nothing_else_is_looked_at(code: str) -> None:
    assert checks(log_in=Problem(code, "no")) == {LOG_IN: (FAILS, code)}
    (check,) = checks_of(t.cast(t.Any, Tenant(log_in=Problem(code, "no"))), DEACTIVATED)
    assert check.message.startswith("no")


@pytest.mark.parametrize(("tokens", "log_in"), [(1, OK), (0, UNKNOWN)])
def test_a_list_that_cannot_be_read_is_no_log_in_that_fails(tokens: int, log_in: str) -> None:
    found = checks(page=Problem("forbidden", "no"), tokens=tokens)
    assert (found[LOG_IN][0], found[LIST]) == (log_in, (FAILS, "forbidden"))


@pytest.mark.parametrize(("tokens", "log_in"), [(1, OK), (0, UNKNOWN)])
def test_a_vendor_without_a_list_proves_a_log_in_by_its_token_alone(tokens: int, log_in: str) -> None:
    found = checks(page=None, tokens=tokens)
    assert (found[LOG_IN][0], found[LIST]) == (log_in, (UNKNOWN, None))


def test_an_empty_list_proves_nothing() -> None:
    assert checks(page=0)[LIST] == (FAILS, "unproven")


@pytest.mark.parametrize(
    ("rights", "result"),
    [
        (Rights(("user.write",), "Acme"), (FAILS, "forbidden")),
        (Rights((), "Acme"), (OK, None)),
        (Rights(None, ""), (UNKNOWN, None)),
    ],
)
def test_rights_fail_only_where_they_are_known(rights: Rights, result: t.Any) -> None:
    found = checks(rights=rights)
    assert found[RIGHTS] == result
    assert found[REACH][0] == (OK if rights.reach else UNKNOWN)


@given(st.emails(), st.text(max_size=20))
def test_no_address_is_in_a_result(address: str, more: str) -> None:
    message = Check(LIST, FAILS, f"{more} {address} {more}", "x").as_result()["message"]
    assert "@" not in message or "@" in more


# -- what ZITADEL states


def asked(roles: t.Any, permissions: t.Any, state: str = DEACTIVATED) -> Rights:
    def answer(sent: Sent) -> Answer:
        found = roles if "memberships" in sent.path else permissions
        return found if isinstance(found, Answer) else Answer(200, json={"result": found})

    return rights_of(OwnRights(zitadel(Responder(answer))._client), state)


ORGANIZATION = {"orgId": "1", "displayName": "Acme", "roles": ["ORG_OWNER"]}


def test_rights_that_are_there() -> None:
    assert asked([ORGANIZATION], [*ALL]).lacking == ()
    assert asked([{"iam": True}], [*ALL]).reach == "All organizations of the instance"
    assert asked([ORGANIZATION], [*ALL]).reach == "Of the instance only: Acme (1)"


@pytest.mark.parametrize(("state", "lacking"), [(DEACTIVATED, ("user.write",)), (ABSENT, ("user.delete",))])
def test_a_right_that_one_role_lacks_is_lacking(state: str, lacking: tuple[str, ...]) -> None:
    found = asked([ORGANIZATION], ["user.read"], state)
    assert found.lacking == lacking
    assert "ORG_USER_MANAGER" in found.note


def test_without_a_role_all_is_lacking_and_only_the_own_account_is_seen() -> None:
    found = asked([], [])
    assert found.lacking == ("user.read", "user.write")
    assert found.reach.startswith("Its own account only")


@pytest.mark.parametrize(
    ("roles", "permissions"),
    [
        ([ORGANIZATION, {"orgId": "2"}], ["user.read"]),
        (Answer(404), Answer(404)),
        ([ORGANIZATION], Answer(403)),
        ([ORGANIZATION], {"no": "list"}),
        ([ORGANIZATION, {}], [7]),
    ],
)
def test_what_is_not_certain_is_not_known(roles: t.Any, permissions: t.Any) -> None:
    assert asked(roles, permissions).lacking is None
