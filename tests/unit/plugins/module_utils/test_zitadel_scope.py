# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ZITADEL's roles and permissions of the credential: a result says where was looked, and a plan what it lacks."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import typing as t
from unittest import mock

import pytest
import requests
from ansible.module_utils import basic
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils import _module, _transport
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    Key,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._module import run_info_module, run_user_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel
from mock_vendors.zitadel import PAT

from .http_script import HTML, Answer, FakeClock, Responder, Sent
from .mock_zitadel import API, Tenant

ACCOUNTS: list[dict[str, t.Any]] = [
    {"userId": "jane"},
    {"userId": "sam"},
    {"userId": "robot", "username": "robot", "machine": {}},
]
ACME = {"id": "300000000000000100", "name": "Acme"}
MEMBERSHIPS = "/auth/v1/memberships/me/_search"
PERMISSIONS = "/auth/v1/permissions/zitadel/me/_search"
ORGANIZATION = {"orgId": "1", "displayName": "Acme", "roles": ["ORG_OWNER"]}
SELF = {"orgId": "1", "displayName": "Acme", "roles": ["ORG_USER_SELF_MANAGER"]}


def module(tenant: Tenant, *names: str, check: bool = False, info: bool = False, **params: t.Any) -> dict[str, t.Any]:
    """Run the module as Ansible does, and return its result with its warnings."""
    state = {} if info else {"state": DEACTIVATED}
    users = {"users": [{"user_id": name} for name in names]} if names else {}
    given = {"api_url": API, "access_token": PAT, "_ansible_check_mode": check, **state, **users, **params}
    output = io.StringIO()
    warned: list[str] = []
    wire = functools.partial(_transport.Transport, adapter=tenant.wire, clock=FakeClock())
    with (
        mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode()),
        mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True),
        mock.patch.object(_module, "Transport", wire),
        mock.patch.object(_module.VendorModule, "warn", lambda _self, warning: warned.append(warning)),
        contextlib.redirect_stdout(output),
        pytest.raises(SystemExit),
    ):
        (run_info_module if info else run_user_module)(Zitadel)
    result: dict[str, t.Any] = json.loads(output.getvalue())
    return {**result, "warned": warned}


def answering(tenant: Tenant, answers: dict[str, Answer | Exception]) -> Tenant:
    def answer(sent: Sent) -> Answer | Exception:
        return answers[sent.path] if sent.path in answers else tenant._answer(sent)

    tenant.wire = Responder(answer)
    return tenant


def with_roles(roles: t.Any, **details: t.Any) -> Tenant:
    answer = Answer(200, json={"result": roles, **({"details": details} if details else {})})
    return answering(Tenant(ACCOUNTS), {MEMBERSHIPS: answer})


def count(tenant: Tenant, path: str) -> int:
    return sum(sent.path == path for sent in tenant.wire.log)


@pytest.mark.parametrize("info", [True, False])
@pytest.mark.parametrize(
    ("roles", "scope"),
    [
        (["iam"], "instance"),
        (["organization", "iam"], "instance"),
        (["organization"], [ACME]),
        (["organization", "elsewhere"], [ACME, {"id": "300000000000000101", "name": "Other"}]),
        ([], []),
    ],
)
def test_a_result_has_the_scope_of_the_search(roles: list[str], scope: t.Any, info: bool) -> None:
    assert module(Tenant(ACCOUNTS, roles=roles), "jane", info=info)["scope"] == scope


@pytest.mark.parametrize("info", [True, False])
def test_a_server_without_the_request_is_not_known_and_fails_nothing(info: bool) -> None:
    tenant = Tenant(ACCOUNTS, own_rights=False)
    result = module(tenant, "jane", info=info, check=True)
    assert (result["scope"], "failed" in result, result["warned"]) == (None, False, [])
    assert count(tenant, MEMBERSHIPS) == 1


@pytest.mark.parametrize(
    ("roles", "details", "scope"),
    [
        ([SELF], {}, []),
        ([SELF, {**ORGANIZATION, "orgId": "2"}], {}, [{"id": "2", "name": "Acme"}]),
        ([ORGANIZATION, ORGANIZATION], {}, [{"id": "1", "name": "Acme"}]),
        ([{"orgId": "1"}], {}, [{"id": "1", "name": None}]),
        ([ORGANIZATION], {"totalResult": "2"}, None),
        ([ORGANIZATION], {"totalResult": "1"}, [{"id": "1", "name": "Acme"}]),
        ([ORGANIZATION, {"projectId": "7"}], {}, None),
        ([{"orgId": 1}], {}, None),
        ([{"iam": "true"}], {}, None),
        ({"orgId": "1"}, {}, None),
        (["ORG_OWNER"], {}, None),
    ],
)
def test_what_is_not_understood_is_not_known(roles: t.Any, details: dict[str, t.Any], scope: t.Any) -> None:
    assert module(with_roles(roles, **details), "jane", info=True)["scope"] == scope


def test_missing_names_the_organization() -> None:
    result = module(Tenant(ACCOUNTS, roles=["organization"]), "jane", "no-such-user", on_missing="warn")
    assert result["warned"] == [f"ZITADEL has no account for no-such-user in organization Acme ({ACME['id']})"]
    result = module(Tenant(ACCOUNTS, roles=["organization"]), "no-such-user", on_missing="fail")
    assert f"no_account: 1 missing (no-such-user): no account in organization Acme ({ACME['id']})." in result["msg"]


def test_where_nothing_could_be_read_nothing_more_is_asked() -> None:
    tenant = answering(Tenant(), {"/v2/users/jane": Answer(403, json={})})
    assert module(tenant, "jane")["scope"] is None
    assert count(tenant, MEMBERSHIPS) == 0


@pytest.mark.parametrize("names", [("jane",), ("jane", "sam", "no-such-user"), ("no-such-user",)])
def test_the_roles_and_the_permissions_are_read_once(names: tuple[str, ...]) -> None:
    for check in (True, False):
        tenant = Tenant(ACCOUNTS, roles=["organization"])
        module(tenant, *names, check=check, on_missing="ok")
        assert (count(tenant, MEMBERSHIPS), count(tenant, PERMISSIONS)) == (1, names != ("no-such-user",))


@pytest.mark.parametrize("roles", [["organization"], ["iam"]])
@pytest.mark.parametrize(
    ("before", "params", "lacking"),
    [
        ("ACTIVE", {"state": DEACTIVATED}, ["user.write"]),
        ("ACTIVE", {"state": LOCKED}, ["user.write"]),
        ("INACTIVE", {"state": ACTIVE}, ["user.write"]),
        ("ACTIVE", {"state": ABSENT}, ["user.delete"]),
        ("INITIAL", {"state": DEACTIVATED, "initial": "delete"}, ["user.delete"]),
        ("INACTIVE", {"state": DEACTIVATED}, None),
    ],
)
def test_a_plan_that_the_credential_may_not_carry_out_warns_and_stands(
    roles: list[str], before: str, params: dict[str, t.Any], lacking: list[str] | None
) -> None:
    def planned(rights: str) -> dict[str, t.Any]:
        accounts = [{"userId": "jane", "state": f"USER_STATE_{before}"}, {"userId": "sam"}]
        return module(Tenant(accounts, rights=rights, roles=roles), "jane", check=True, **params)

    limited, full = planned("read_only"), planned("full")
    assert (limited.get("lacking"), full.get("lacking")) == (lacking, None)
    assert full["warned"] == []
    assert [f"lacks {name}," in warning for name, warning in zip(lacking or (), limited["warned"], strict=True)] == [
        True for _each in lacking or ()
    ]
    for name in ("plan_hash", "diff", "changed"):
        assert limited[name] == full[name]
    assert [each["outcome"] for each in limited["users"]] == [each["outcome"] for each in full["users"]]


def test_a_deletion_beside_a_closing_needs_both_permissions() -> None:
    accounts = [{"userId": "jane", "state": "USER_STATE_INITIAL"}, {"userId": "sam"}]
    result = module(Tenant(accounts, rights="read_only"), "jane", "sam", check=True, initial="delete")
    assert result["lacking"] == ["user.delete", "user.write"]


@pytest.mark.parametrize(("rights", "lacking"), [("full", ()), ("read_only", ("session.delete",))])
def test_sessions_that_would_be_ended_need_a_permission_too(rights: str, lacking: tuple[str, ...]) -> None:
    vendor = Tenant(ACCOUNTS, rights=rights).vendor()
    assert vendor.lacking((), ends_sessions=True) == lacking
    assert vendor.lacking(()) == ()


def test_a_run_does_not_warn() -> None:
    tenant = Tenant(ACCOUNTS, rights="read_only")
    result = module(tenant, "jane")
    assert (result["failed"], "lacking" in result, count(tenant, PERMISSIONS)) == (True, False, 1)


def test_permissions_elsewhere_are_not_lacking() -> None:
    """The permissions are those of the own organization: a role in another one may have what they lack."""
    tenant = Tenant(ACCOUNTS, roles=["elsewhere", "organization"], rights="read_only")
    assert module(tenant, "jane", check=True)["warned"] == []
    assert module(Tenant(ACCOUNTS, roles=["elsewhere"]), "jane", check=True)["warned"] == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "1", "user.write", "instance"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["result", "details", "totalResult", "iam", "orgId", "displayName", "roles"]), inner
        )
    ),
    max_leaves=12,
)
ROLES = st.lists(st.sampled_from([ORGANIZATION, SELF, {"iam": True}, {"projectId": "1"}, {}]), max_size=3)
ANSWERS = (
    VALUES.map(lambda value: Answer(200, json=value))
    | ROLES.map(lambda roles: Answer(200, json={"result": roles}))
    | st.sampled_from([HTML, Answer(401, json={}), Answer(403, json={}), Answer(404, json={}), Answer(500, json={})])
    | st.sampled_from([requests.exceptions.ReadTimeout("slow"), requests.exceptions.ConnectionError("gone")])
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(ANSWERS, ANSWERS, st.booleans(), st.sampled_from([DEACTIVATED, LOCKED, ABSENT, ACTIVE]))
def test_whatever_is_answered_the_outcomes_are_the_same(
    roles: Answer | Exception, permissions: Answer | Exception, check: bool, state: str
) -> None:
    names = ("jane", "robot", "no-such-user")
    plain, odd = Tenant(ACCOUNTS), Tenant(ACCOUNTS)
    expected = module(plain, *names, check=check, state=state, on_missing="ok")
    answering(odd, {MEMBERSHIPS: roles, PERMISSIONS: permissions})
    result = module(odd, *names, check=check, state=state, on_missing="ok")
    for name in ("changed", "summary", "plan_hash", "read"):
        assert result[name] == expected[name], name
    assert apart_from_sessions(result["diff"]) == apart_from_sessions(expected["diff"])
    assert [each["outcome"] for each in result["users"]] == [each["outcome"] for each in expected["users"]]
    assert odd.writes == plain.writes
    assert is_scope(result["scope"])
    assert "failed" not in result
    assert result.get("lacking", ["user.write"]) != []


def apart_from_sessions(diff: dict[str, dict[str, dict[str, t.Any]]]) -> t.Any:
    """Return a diff without the number of sessions, which is believed with the right to see them only."""
    return {
        side: {name: each | {"sessions": None} for name, each in accounts.items()} for side, accounts in diff.items()
    }


def is_scope(scope: t.Any) -> bool:
    if not isinstance(scope, list):
        return scope in (None, "instance")
    return all(
        set(each) == {"id", "name"} and isinstance(each["id"], str) and isinstance(each["name"], str | None)
        for each in scope
    )


# -- what a service account does not get back


def outcome_of(tenant: Tenant, name: str, state: str, check: bool = False) -> Outcome:
    asked = [UserRequest(Key("user_id", name), state)]
    (outcome,) = Converger(tenant.vendor()).run(asked, check_mode=check).outcomes
    return outcome


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("before", ["INACTIVE", "LOCKED"])
@pytest.mark.parametrize(("name", "manual"), [("robot", ("tokens_dead",)), ("jane", ())])
def test_a_service_account_that_is_opened_again_has_no_tokens(
    name: str, before: str, manual: tuple[str, ...], check: bool
) -> None:
    tenant = Tenant([each | {"state": f"USER_STATE_{before}"} for each in ACCOUNTS])
    outcome = outcome_of(tenant, name, ACTIVE, check)
    assert (outcome.outcome, outcome.manual, outcome.manual_notes) == ("changed", manual, {})


def test_one_that_was_open_before_has_all_it_had() -> None:
    assert outcome_of(Tenant(ACCOUNTS), "robot", ACTIVE).manual == ()
