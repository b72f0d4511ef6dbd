# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""zitadel_user in real playbooks."""

from __future__ import annotations

import base64
import json
import random
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests

from harness.convergence import apart_from_sessions, assert_no_warning
from harness.play import (
    Task,
    by_key,
    call,
    errors,
    fault,
    hidden,
    in_turn,
    play,
    secrets,
    sent,
    switch,
    three_plays,
)
from harness.playbook import Ansible
from mock_vendors.client import MockVendors

user = partial(call, "zitadel_user")
deactivate = partial(user, state="deactivated")
SCOPE = "openid urn:zitadel:iam:org:project:id:zitadel:aud"
WORDS = {
    "active": "USER_STATE_ACTIVE",
    "deactivated": "USER_STATE_INACTIVE",
    "locked": "USER_STATE_LOCKED",
    "initial": "USER_STATE_INITIAL",
}
OTHER_ORGANIZATION = {"resourceOwner": "300000000000000777"}


def account(name: str, state: str = "active", **more: Any) -> dict[str, Any]:
    """An account whose id and e-mail follow from its name."""
    human = {} if "machine" in more else {"human": {"email": {"email": f"{name}@example.com"}}}
    return {"userId": f"id-{name}", "username": name, "state": WORDS[state], **human, **more}


def seed(mock: MockVendors, *accounts: dict[str, Any]) -> None:
    mock.seed({"zitadel": list(accounts)})


def ids(*names: str) -> list[dict[str, str]]:
    return [{"user_id": f"id-{name}"} for name in names]


def states(mock: MockVendors) -> dict[str, str]:
    found = {row["userId"].removeprefix("id-"): row["state"] for row in mock.state("zitadel").values()}
    found.pop(mock.ready["zitadel"]["user_id"])
    words = {word: state for state, word in WORDS.items()}
    return {name: words[word] for name, word in found.items()}


def vendor_call(mock: MockVendors, method: str, path: str) -> None:
    """A change that others make at the vendor."""
    entry = mock.ready["zitadel"]
    header = {"Authorization": f"Bearer {entry['access_token']}"}
    requests.request(method, f"{entry['api_url']}{path}", json={}, headers=header, timeout=10).raise_for_status()


def seen(state: str) -> dict[str, str | None]:
    if state == "initial":
        return {"state": "active", "vendor_state": WORDS["initial"]}
    return {"state": state, "vendor_state": WORDS.get(state)}


def addresses(mock: MockVendors) -> dict[str, str]:
    return {f"ZITADEL_{name.upper()}": mock.ready["zitadel"][name] for name in ("api_url", "token_url")}


EVERY_STATE = [
    deactivate("deactivated", users=[*ids("d-active", "d-locked", "d-inactive", "d-machine")]),
    user("active", state="active", users=[*ids("a-inactive", "a-locked", "a-active", "a-initial")]),
    user("locked", state="locked", users=[*ids("l-active", "l-locked", "l-inactive")]),
    user("absent", state="absent", users=[*ids("x-active", "x-inactive", "x-locked", "x-initial", "x-gone")]),
    deactivate("by user_id", user_id="id-one"),
    user("by email", state="absent", email="FOUR@Example.com"),
    deactivate(
        "by every key",
        users=[
            {"email": "five@EXAMPLE.com"},
            {"user_id": "id-six"},
            {"login_name": "seven@login.example.com"},
            {"username": "eight"},
            {"login_name": "nine"},
        ],
    ),
]
TRANSITIONS = {
    "deactivated": [
        ("active", "deactivated"),
        ("locked", "deactivated"),
        2 * ("deactivated",),
        ("active", "deactivated"),
    ],
    "active": [("deactivated", "active"), ("locked", "active"), 2 * ("active",), 2 * ("initial",)],
    "locked": [("active", "locked"), 2 * ("locked",), 2 * ("deactivated",)],
    "absent": [(state, "absent") for state in ("active", "deactivated", "locked", "initial", "absent")],
}


def seed_every_state(mock: MockVendors) -> None:
    seed(
        mock,
        account("d-active"),
        account("d-locked", "locked"),
        account("d-inactive", "deactivated"),
        account("d-machine", machine={"hasSecret": True}),
        account("a-inactive", "deactivated"),
        account("a-locked", "locked"),
        account("a-active"),
        account("a-initial", "initial"),
        account("l-active"),
        account("l-locked", "locked"),
        account("l-inactive", "deactivated"),
        account("x-active"),
        account("x-inactive", "deactivated"),
        account("x-locked", "locked"),
        account("x-initial", "initial"),
        account("one"),
        account("four"),
        account("five"),
        account("six"),
        account("seven", loginNames=["seven", "seven@login.example.com"], preferredLoginName="seven@login.example.com"),
        account("eight", machine={}),
        account("nine", "deactivated"),
        account("bystander"),
    )


def test_predict_run_and_run_again(ansible: Ansible, mock: MockVendors) -> None:
    seed_every_state(mock)
    runs = three_plays(ansible, mock, EVERY_STATE)

    for name, transitions in TRANSITIONS.items():
        result = runs.done.result(name)
        assert [user["key"] for user in result.users] == result_keys(name)
        assert [(apart_from_sessions(user["before"]), apart_from_sessions(user["after"])) for user in result.users] == [
            (seen(before), seen(after)) for before, after in transitions
        ]
        assert {user["after"]["sessions"] for user in result.users} == ({None} if name == "active" else {0})
        assert result.outcomes == ["unchanged" if before == after else "changed" for before, after in transitions]
        assert [user["verified"] for user in result.users] == [
            None if outcome == "unchanged" else True for outcome in result.outcomes
        ]
        changed = {user["name"]: user for user in result.users if user["outcome"] == "changed"}
        assert result.diff == {
            "before": {key: user["before"] for key, user in changed.items()},
            "after": {key: user["after"] for key, user in changed.items()},
        }
    assert {user["verified"] for user in runs.predicted.result("locked").users} == {None}
    for name in ("by user_id", "by email"):
        assert runs.done.result(name).outcomes == ["changed"]
    assert runs.done.result("by every key").outcomes == [*4 * ["changed"], "unchanged"]
    assert runs.done.result("by every key").users[2]["name"] == "seven@login.example.com"
    assert [user["id"] for user in runs.done.result("by every key").users] == [
        f"id-{name}" for name in ("five", "six", "seven", "eight", "nine")
    ]

    assert states(mock) == {
        "d-active": "deactivated",
        "d-locked": "deactivated",
        "d-inactive": "deactivated",
        "d-machine": "deactivated",
        "a-inactive": "active",
        "a-locked": "active",
        "a-active": "active",
        "a-initial": "initial",
        "l-active": "locked",
        "l-locked": "locked",
        "l-inactive": "deactivated",
        "one": "deactivated",
        "five": "deactivated",
        "six": "deactivated",
        "seven": "deactivated",
        "eight": "deactivated",
        "nine": "deactivated",
        "bystander": "active",
    }
    assert sorted(sent(runs.log, "write")) == sorted(
        [("POST", f"/v2/users/id-{name}/deactivate") for name in ("d-active", "d-locked", "d-machine", "one")]
        + [("POST", f"/v2/users/id-{name}/deactivate") for name in ("five", "six", "seven", "eight")]
        + [("POST", "/v2/users/id-a-inactive/reactivate"), ("POST", "/v2/users/id-a-locked/unlock")]
        + [("POST", f"/v2/users/id-{name}/lock") for name in ("l-active",)]
        + [("DELETE", f"/v2/users/id-{name}") for name in ("x-active", "x-inactive", "x-locked", "x-initial", "four")]
    )
    for request in runs.log:
        if request["kind"] == "write" and request["method"] == "POST":
            assert (json.loads(request["body"]), request["headers"]["Content-Type"]) == ({}, "application/json")
    assert ("GET", "/v2/users/id-one") in sent(runs.log)
    assert ("POST", "/v2/users") in sent(runs.log)
    assert_no_warning(runs.done)
    assert_no_warning(runs.again)


def result_keys(name: str) -> list[dict[str, str]]:
    (task,) = (task for task in EVERY_STATE if task["name"] == name)
    keys: list[dict[str, str]] = task["saas.offboarding.zitadel_user"]["users"]
    return keys


def test_the_searches_are_exact_and_in_bulk(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("two"), account("three"))
    keys = [{"email": "ONE@example.com"}, {"username": "two"}, {"login_name": "three"}]
    run = play(ansible, mock, [deactivate("close", users=keys)], check=True)

    token, listing, by_login_name, sessions, permissions, roles, caller = mock.log()
    assert (token["method"], token["path"]) == ("POST", "/oauth/v2/token")
    assert token["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(token["body"]) == {"grant_type": ["client_credentials"], "scope": [SCOPE]}
    assert token["headers"]["Authorization"].startswith("Basic ")
    parts = base64.b64decode(token["headers"]["Authorization"].split()[1]).decode()
    # Each part form-encoded: a colon or a percent sign of the secret's own would make another secret of it.
    assert parts == "offboarding-service:zitadelSecret%3A9e%2B27%25c4%265f1%3Da"
    (issued,) = mock.tokens()["zitadel"]
    assert listing["headers"]["Authorization"] == f"Bearer {issued}"
    assert sent([listing, by_login_name]) == [("POST", "/v2/users")] * 2
    assert {*sent([caller])} == {("GET", "/auth/v1/users/me")}
    assert sent([sessions, roles, permissions]) == [
        ("POST", "/v2/sessions/search"),
        ("POST", "/auth/v1/memberships/me/_search"),
        ("POST", "/auth/v1/permissions/zitadel/me/_search"),
    ]
    body = json.loads(listing["body"])
    assert 0 < int(body["query"]["limit"]) <= 1000
    ((kind, nested),) = body["queries"][0].items()
    assert kind == "orQuery"
    assert nested["queries"] == [
        {"emailQuery": {"emailAddress": "ONE@example.com", "method": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"}},
        {"userNameQuery": {"userName": "two", "method": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"}},
    ]
    # Login names are never under an or.
    assert json.loads(by_login_name["body"])["queries"] == [
        {"loginNameQuery": {"loginName": "three", "method": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"}}
    ]
    assert run.result("close").outcomes == 3 * ["changed"]


def test_three_hundred_users_keep_their_order(ansible: Ansible, mock: MockVendors) -> None:
    names = [f"u{number:03}" for number in range(300)]
    seed(mock, *(account(name, "deactivated" if int(name[1:]) % 3 == 0 else "active") for name in names))
    random.Random(300).shuffle(names)
    by_id = ids(*names)
    by_email = [{"email": f"{name}@example.com"} for name in names]
    run = play(ansible, mock, [deactivate("by id", users=by_id), user("by e-mail", state="absent", users=by_email)])

    by_id_result, by_email_result = run.tasks
    assert [user["key"] for user in by_id_result.users] == by_id
    assert [user["key"] for user in by_email_result.users] == by_email
    assert by_id_result.outcomes == ["unchanged" if int(name[1:]) % 3 == 0 else "changed" for name in names]
    assert by_email_result.outcomes == 300 * ["changed"]
    assert states(mock) == {}
    # One page to read, one request to learn whose the credential is, the writes, one page to verify, one for the roles,
    # one for the permissions, and one page of sessions before the writes and after them.
    assert by_id_result.result["requests"] == {"sent": 207, "retried": 0, "tokens": 1}
    assert by_email_result.result["requests"] == {"sent": 307, "retried": 0, "tokens": 1}
    assert len(mock.log(kind="write")) == 500
    assert_no_warning(run)


def test_more_users_than_a_page_has(ansible: Ansible, mock: MockVendors) -> None:
    """Older servers count rows that they then leave out, and take any limit."""
    hidden_rows = [account(f"h{number:04}", details=OTHER_ORGANIZATION) for number in range(700)]
    seed(mock, *(account(f"u{number:04}") for number in range(1001)), *hidden_rows)
    mock.switch("zitadel", hidden_organizations=[OTHER_ORGANIZATION["resourceOwner"]])
    users = ids(*(f"u{number:04}" for number in range(1001)))
    older = {"list_limit": "old", "uint64": "number", "filter_after_limit": True}
    run = play(
        ansible,
        mock,
        [
            deactivate("new", users=users, max_changes=0),
            switch(mock, "zitadel", **older),
            deactivate("old", users=users, max_changes=0),
        ],
    )
    for name in ("new", "old"):
        result = run.result(name)
        assert {user["error"]["code"] for user in result.users} == {"too_many_changes"}
        assert [user["before"]["state"] for user in result.users] == 1001 * ["active"]
        assert result.result["requests"] == {"sent": 6, "retried": 0, "tokens": 1}


def test_missing_accounts(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("two"))
    unknown = [
        {"user_id": "id-no-such-user"},
        {"email": "no-such-user@example.com"},
        {"username": "no-such-user"},
        {"login_name": "none"},
    ]
    users = [*unknown, *ids("one")]
    api = mock.ready["zitadel"]["api_url"]
    run = play(
        ansible,
        mock,
        [
            deactivate("default", users=users),
            deactivate("warn", users=users, on_missing="warn"),
            user("never created", state="active", users=users[:4], on_missing="ok"),
            user("locked", state="locked", user_id="id-no-such-user", on_missing="ok"),
            user("absent", state="absent", users=unknown),
            deactivate("wrong address", users=users, on_missing="ok", api_url=f"{api}/elsewhere"),
            user("wrong address, absent", state="absent", user_id="id-one", api_url=f"{api}/elsewhere"),
        ],
    )
    assert run.result("default").failed
    assert run.result("default").outcomes == [*4 * ["missing"], "changed"]
    assert run.result("warn").ok
    assert any("no-such-user@example.com" in warning for warning in run.result("warn").warnings)
    assert run.result("never created").outcomes == 4 * ["missing"]
    assert run.result("locked").outcomes == ["missing"]
    absent = run.result("absent")
    assert absent.ok
    assert absent.outcomes == 4 * ["unchanged"]
    assert {user["before"]["state"] for user in absent.users} == {"absent"}
    for name in ("wrong address", "wrong address, absent"):
        assert run.result(name).failed
        assert set(run.result(name).outcomes) == {"failed"}
        assert run.result(name).users[0]["error"]["status"] == 404
    assert states(mock) == {"one": "deactivated", "two": "active"}


def test_a_search_without_rights_is_an_error(ansible: Ansible, mock: MockVendors) -> None:
    """ZITADEL answers 404 by id and an empty list to a search; neither proves that there is no user."""
    seed(mock, account("one"), account("two"), account("hidden", details=OTHER_ORGANIZATION))
    gone = partial(user, state="absent", on_missing="ok")
    run = play(
        ansible,
        mock,
        [
            switch(mock, "zitadel", rights="none"),
            gone("none, by id", user_id="id-one"),
            gone("none, by ids", users=ids("one", "no-such-user")),
            gone("none, by e-mail", email="one@example.com"),
            switch(mock, "zitadel", filter_after_limit=True),
            gone("none, filtered late", users=[{"email": "one@example.com"}, {"username": "two"}]),
            switch(mock, "zitadel", auth_me=False, userinfo=False),
            gone("none, no user known", email="one@example.com"),
            switch(mock, "zitadel", rights="read_only"),
            gone("read only", users=ids("one", "two")),
            deactivate("read only, deactivated", email="one@example.com"),
            switch(mock, "zitadel", rights="full", hidden_organizations=[OTHER_ORGANIZATION["resourceOwner"]]),
            gone("hidden", user_id="id-hidden"),
        ],
    )
    results = {result.task: result for result in run.tasks if "users" in result.result}
    assert {name: set(errors(result).values()) for name, result in results.items()} == {
        "none, by id": {"forbidden"},
        "none, by ids": {"forbidden", None},
        "none, by e-mail": {"no_rights"},
        "none, filtered late": {"no_rights"},
        "none, no user known": {"no_rights"},
        "read only": {"forbidden"},
        "read only, deactivated": {"forbidden"},
        "hidden": {"forbidden"},
    }
    assert all(result.failed and not result.changed for result in results.values())
    # For an id that never was, the mock vendors answer that there is no such user, with or without rights.
    assert by_key(results["none, by ids"])["id-no-such-user"]["outcome"] == "unchanged"
    assert "user.read" in results["none, by e-mail"].msg
    assert set(states(mock).values()) == {"active"}


def test_exactly_one_account_or_none(ansible: Ansible, mock: MockVendors) -> None:
    twice: dict[str, Any] = {"human": {"email": {"email": "Twice@example.com"}}}
    seed(
        mock,
        account("one"),
        account("Case"),
        account("twice-here", **twice, username="twice", loginNames=["twice@here"]),
        account("twice-there", **twice, username="twice", loginNames=["twice@there"], details=OTHER_ORGANIZATION),
        account("prefix-one"),
    )
    run = play(
        ansible,
        mock,
        [
            deactivate(
                "one by one",
                users=[
                    {"email": "twice@example.com"},
                    {"username": "twice"},
                    {"login_name": "twice@there"},
                    {"username": "case"},
                    {"login_name": "CASE"},
                    {"user_id": "ID-one"},
                    {"email": "prefix@example.com"},
                ],
                on_missing="ok",
            ),
            deactivate(
                "one account, two keys",
                users=[{"user_id": "id-prefix-one"}, {"email": "one@example.com"}, {"username": "one"}],
            ),
            deactivate(
                "one, closed already, two keys", users=[{"login_name": "twice@there"}, *ids("twice-there", "one")]
            ),
        ],
    )
    result = by_key(run.result("one by one"))
    assert result["twice@example.com"]["error"]["code"] == "ambiguous"
    for identifier in ("id-twice-here", "id-twice-there"):
        assert identifier in result["twice@example.com"]["error"]["message"]
    assert result["twice"]["error"]["code"] == "ambiguous"
    assert result["case"]["error"]["code"] == "near_match"
    assert "id-Case" in result["case"]["error"]["message"]
    assert result["CASE"]["error"]["code"] == "near_match"
    assert result["twice@there"]["outcome"] == "changed"
    assert result["ID-one"]["outcome"] == "missing"
    assert result["prefix@example.com"]["outcome"] == "missing"
    for name in ("one account, two keys", "one, closed already, two keys"):
        assert set(run.result(name).outcomes) == {"refused"}
        assert {user["error"]["code"] for user in run.result(name).users} == {"same_account"}
    assert [name for name, state in states(mock).items() if state == "deactivated"] == ["twice-there"]


def test_an_initial_account_can_only_be_deleted(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("new", "initial"), account("fresh"))
    mock.fault(
        "zitadel",
        "status",
        path="/id-fresh/deactivate",
        status=400,
        json={"code": 9, "message": "Errors.User.CantDeactivateInitial (COMMAND-gvx4kct9r2)"},
    )
    for check in (True, False):
        result = play(ansible, mock, [deactivate("close", users=ids("new", "one", "fresh"))], check=check).result()
        assert result.users[0]["error"]["code"] == "vendor_refuses"
        assert "absent" in result.users[0]["error"]["message"]
        assert result.outcomes[:2] == ["failed", "changed"]
    assert result.users[2]["error"]["code"] == "vendor_refuses"
    assert states(mock) == {"one": "deactivated", "new": "initial", "fresh": "active"}


def test_an_account_that_others_closed_first(ansible: Ansible, mock: MockVendors) -> None:
    """Read before another change, written after it: the error id shows that the state is as requested."""
    seed(
        mock,
        *(account(name) for name in ("off", "lock", "gone", "closed", "missing")),
        account("on", "deactivated"),
        account("free", "locked"),
    )
    mock.switch("zitadel", messages="key")
    names = ("off", "on", "lock", "free", "gone", "closed", "missing")
    for name in names:
        mock.fault("zitadel", "stale", path=f"/v2/users/id-{name}$", times=1)
    for method, path in (
        ("POST", "off/deactivate"),
        ("POST", "on/reactivate"),
        ("POST", "lock/lock"),
        ("POST", "free/unlock"),
        ("DELETE", "gone"),
        ("POST", "closed/deactivate"),
        ("DELETE", "missing"),
    ):
        vendor_call(mock, method, f"/v2/users/id-{path}")
    asked = dict(
        zip(names, ("deactivated", "active", "locked", "active", "absent", "locked", "deactivated"), strict=True)
    )
    tasks = [user(name, user_id=f"id-{name}", state=state, on_missing="ok") for name, state in asked.items()]
    run = play(ansible, mock, tasks)

    assert len(mock.log(kind="write")) == len(names)
    assert {request["status"] for request in mock.log(kind="write")} == {400, 404}
    for name in names[:6]:
        result = run.result(name)
        assert (result.status, result.outcomes, result.changed) == ("ok", ["unchanged"], False), result.result
    assert run.result("missing").outcomes == ["missing"]
    assert apart_from_sessions(run.result("closed").users[0]["after"]) == seen("deactivated")
    assert run.result("gone").users[0]["after"]["state"] == "absent"


def test_reads_that_lag_behind(ansible: Ansible, mock: MockVendors) -> None:
    """A listing may be old for a while; a read by id less so. Neither makes a failure of what was done."""
    names = ("one", "two", "three", "four")
    seed(mock, *(account(name) for name in names))
    mock.switch("zitadel", list_lag={"seconds": 30}, get_lag={"seconds": 1})
    result = play(ansible, mock, [deactivate("close", users=ids(*names))]).result()
    assert result.outcomes == 4 * ["changed"]
    assert [user["verified"] for user in result.users] == 4 * [True]


def test_one_fault_for_each_write(ansible: Ansible, mock: MockVendors) -> None:
    mock.switch("zitadel", connect=False)
    elsewhere = mock.ready["netex"]["api_url"]
    faults: dict[str, tuple[str, dict[str, Any]]] = {
        "seconds": ("status", {"status": 429, "retry_after": 1}),
        "date": ("status", {"status": 429, "retry_after": "date:1"}),
        "unavailable": ("status", {"status": 503, "retry_after": 0}),
        "gateway": ("status", {"status": 504}),
        "unsent": ("reset_before", {}),
        "lost": ("reset_after", {}),
        "half": ("truncate", {"promise": True}),
        "slow": ("slow", {"seconds": 3, "when": "after"}),
        "broken": ("status", {"status": 500}),
        "page": ("html", {}),
        "silent": ("noop", {}),
        "moved": ("redirect", {"location": f"{elsewhere}/login"}),
        "echo": ("echo_secret", {}),
        "forbidden": ("status", {"status": 403}),
        "nowhere": ("status", {"status": 404, "json": {"code": 5, "message": "Not Found"}}),
        "rights": ("status", {"status": 404, "json": {"code": 5, "message": "membership not found (AUTHZ-cdgFk)"}}),
        "invalid": ("status", {"status": 422, "body": "what?"}),
    }
    seed(mock, *(account(name) for name in faults), account("fine"))
    for name, (action, arguments) in faults.items():
        mock.fault("zitadel", action, kind="write", path=f"/id-{name}/", times=1, **arguments)
    users = ids(*faults, "fine")
    result = play(ansible, mock, [deactivate("close", users=users, timeout=2, retry_budget=15)]).result()

    went_well = {"seconds", "date", "unavailable", "gateway", "unsent", "lost", "half", "slow", "fine"}
    assert {key.removeprefix("id-"): code for key, code in errors(result).items()} == {
        **dict.fromkeys(went_well),
        "broken": "server_error",
        "page": "bad_answer",
        "silent": "not_applied",
        "moved": "redirected",
        "echo": "bad_request",
        "forbidden": "forbidden",
        "nowhere": "wrong_address",
        "rights": "forbidden",
        "invalid": "invalid",
    }
    for name, entry in by_key(result).items():
        fine = name.removeprefix("id-") in went_well
        assert entry["outcome"] == ("changed" if fine else "failed")
        assert (entry["verified"] is True) == fine
    silent = by_key(result)["id-silent"]
    assert silent["verified"] is False
    assert apart_from_sessions(silent["after"]) == seen("active")
    assert result.changed
    assert {name for name, state in states(mock).items() if state == "deactivated"} == went_well
    assert mock.log(vendor="netex") == []
    writes = [path for _method, path in sent(mock.log(kind="write"))]
    for name in ("lost", "half", "slow", "broken", "silent", "page"):
        assert writes.count(f"/v2/users/id-{name}/deactivate") == 1, "sent again although it was carried out"
    for name in ("seconds", "date", "unavailable", "gateway", "unsent"):
        assert writes.count(f"/v2/users/id-{name}/deactivate") == 2


def test_answers_that_are_lost_after_a_deletion(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("two"))
    mock.fault("zitadel", "reset_after", method="DELETE", times=2)
    result = play(ansible, mock, [user("delete", state="absent", users=ids("one", "two"))]).result()
    assert result.ok
    assert result.outcomes == ["changed", "changed"]
    assert [user["verified"] for user in result.users] == [True, True]
    assert len(mock.log(kind="write")) == 2


def test_one_fault_for_each_read(ansible: Ansible, mock: MockVendors) -> None:
    """An unreadable account is not written to; other accounts are still processed."""
    mock.switch("zitadel", connect=False)
    faults: dict[str, tuple[str, dict[str, Any]]] = {
        "busy": ("status", {"status": 429, "retry_after": 0}),
        "broken": ("status", {"status": 500}),
        "cut": ("reset_before", {}),
        "half": ("truncate", {"promise": True}),
        "page": ("html", {}),
        "half-json": ("truncate", {}),
        "lost-page": ("html", {"status": 404}),
        "moved": ("redirect", {"location": mock.ready["netex"]["api_url"]}),
        "forbidden": ("status", {"status": 403}),
        "other": ("status", {"status": 200, "json": {"user": account("fine")}}),
        "empty": ("status", {"status": 200, "json": {}}),
    }
    went_well = {"busy", "broken", "cut", "half"}
    seed(mock, *(account(name) for name in faults), account("fine"))
    for name, (action, arguments) in faults.items():
        mock.fault("zitadel", action, kind="read", path=f"/users/id-{name}$", times=1, **arguments)
    # A listing that lacks an account proves nothing: each is asked for singly.
    unknown = {"details": {"timestamp": "2026-01-01T00:00:00Z"}}
    mock.fault("zitadel", "status", kind="read", path="/v2/users$", times=1, status=200, json=unknown)
    result = play(ansible, mock, [deactivate("close", users=ids(*faults), on_missing="ok")]).result()
    assert result.failed
    assert {key.removeprefix("id-"): code for key, code in errors(result).items()} == {
        **dict.fromkeys(went_well),
        "page": "bad_answer",
        "half-json": "bad_answer",
        "lost-page": "wrong_address",
        "moved": "redirected",
        "forbidden": "forbidden",
        "other": "bad_answer",
        "empty": "bad_answer",
    }
    assert {name for name, state in states(mock).items() if state == "deactivated"} == went_well
    message = by_key(result)["id-page"]["error"]["message"]
    assert "HTML" in message
    assert "127.0.0.1" in message
    assert "200" in message
    assert mock.log(vendor="netex") == []


def test_a_search_in_trouble(ansible: Ansible, mock: MockVendors) -> None:
    mock.switch("zitadel", connect=False)
    seed(mock, account("one"), account("two"))
    in_turn(
        mock,
        "zitadel",
        "read",
        ("html", {}, False),
        ("truncate", {}, False),
        ("status", {"status": 200, "json": {"result": []}}, False),
        ("status", {"status": 404, "json": {"code": 5, "message": "Not Found"}}, False),
    )
    users = [{"email": "one@example.com"}, {"username": "two"}]
    names = ["page", "half", "foreign", "nowhere"]
    run = play(ansible, mock, [user(name, state="absent", users=users) for name in names])
    for result in run.tasks:
        assert (result.status, result.outcomes) == ("failed", ["failed", "failed"]), result.task
        assert result.result["plan_hash"] is None
    assert states(mock) == {"one": "active", "two": "active"}


def test_every_auth_method(ansible: Ansible, mock: MockVendors, tmp_path: Path) -> None:
    seed(mock, *(account(name) for name in ("pat", "client", "content", "file", "path")))
    entry = mock.ready["zitadel"]
    key_file = tmp_path / "key.json"
    key_file.write_text(entry["key_content"])
    methods: dict[str, dict[str, Any]] = {
        "pat": {"access_token": hidden("access_token")},
        "client": {"client_id": hidden("client_id"), "client_secret": hidden("client_secret")},
        "content": {"key_content": hidden("key_content")},
        "file": {"key_file": str(key_file)},
    }
    env = {**addresses(mock), **secrets(mock, "zitadel")}
    own = {"user_id": entry["user_id"]}
    run = play(
        ansible,
        mock,
        [deactivate(name, users=[*ids(name), own], **options) for name, options in methods.items()],
        env=env,
    )
    for name in methods:
        result = run.result(name)
        assert result.outcomes == ["changed", "refused"], name
        assert errors(result)[entry["user_id"]] == "own_account"
        assert result.result["requests"]["tokens"] == (0 if name == "pat" else 1)
    client, *by_key_tokens = mock.log(kind="token")
    assert parse_qs(client["body"])["grant_type"] == ["client_credentials"]
    assert len(by_key_tokens) == 2
    for request in by_key_tokens:
        form = parse_qs(request["body"])
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        assert form["scope"] == [SCOPE]
        (assertion,) = form["assertion"]
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
        key = json.loads(entry["key_content"])
        assert (header["alg"], header["kid"]) == ("RS256", key["keyId"])
        assert claims["iss"] == claims["sub"] == key["userId"]
        assert claims["aud"] == entry["api_url"]
        assert claims["iat"] < claims["exp"] <= claims["iat"] + 3600


def test_credentials_by_environment(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("pat"), account("content"))
    entry = mock.ready["zitadel"]
    methods = {
        "pat": {"access_token": entry["access_token"], "client_secret": ""},
        "content": {"key_content": entry["key_content"]},
    }
    for name, method in methods.items():
        env = {"ZITADEL_API_URL": entry["api_url"]} | {f"ZITADEL_{key.upper()}": value for key, value in method.items()}
        run = play(ansible, mock, [deactivate(name, user_id=f"id-{name}")], env=env)
        assert run.result(name).outcomes == ["changed"], name


def test_credentials_come_once_for_the_action_group(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("two"))
    block: Task = {
        "module_defaults": {
            "group/saas.offboarding.zitadel": {"api_url": hidden("api_url"), "access_token": hidden("access_token")}
        },
        "block": [deactivate("one", user_id="id-one"), user("two", state="locked", username="two")],
    }
    run = play(ansible, mock, [block], env=secrets(mock, "zitadel"))
    assert [result.outcomes for result in run.tasks] == [["changed"], ["changed"]]
    assert states(mock) == {"one": "deactivated", "two": "locked"}


def test_tokens(ansible: Ansible, mock: MockVendors) -> None:
    names = [f"u{number:02}" for number in range(20)]
    seed(mock, *(account(name) for name in names))
    by_client: dict[str, Any] = {"client_id": hidden("client_id"), "client_secret": hidden("client_secret")}
    run = play(
        ansible,
        mock,
        [
            fault(mock, "zitadel", "revoke", kind="write", times=1),
            deactivate("revoked", users=ids(*names), **by_client),
            fault(mock, "zitadel", "expire", kind="write", times=1),
            user("expired", state="active", users=ids(*names), **by_client),
            switch(mock, "zitadel", token_ttl=1),
            user("short-lived", state="locked", users=ids(*names), requests_per_second=15, **by_client),
            switch(mock, "zitadel", token_ttl=43199),
            switch(mock, "zitadel", token_expires_in="absent"),
            user("unstated", state="active", users=ids(*names[:2]), **by_client),
            deactivate("wrong secret", users=ids(*names), **{**by_client, "client_secret": hidden("wrong_secret")}),
            deactivate("wrong token", users=ids(*names), access_token=hidden("wrong_secret")),
            fault(mock, "zitadel", "revoke", kind="write"),
            deactivate("refused for good", users=ids(*names), **by_client),
        ],
        env={**addresses(mock), **secrets(mock, "zitadel"), "THE_WRONG_SECRET": "no-secret-of-theirs"},
    )
    for name in ("revoked", "expired", "short-lived", "unstated"):
        assert set(run.result(name).outcomes) == {"changed"}, name
    assert run.result("revoked").result["requests"]["tokens"] == 2
    assert run.result("expired").result["requests"]["tokens"] == 2
    assert run.result("short-lived").result["requests"]["tokens"] >= 2
    assert run.result("unstated").result["requests"]["tokens"] == 1
    for name, code, tokens in (
        ("wrong secret", "login_failed", 1),
        ("wrong token", "unauthorized", 0),
        ("refused for good", "unauthorized", 2),
    ):
        result = run.result(name)
        assert result.failed
        assert set(errors(result).values()) == {code}, name
        assert result.result["requests"]["tokens"] == tokens
        assert not result.changed


def test_a_token_endpoint_in_trouble(ansible: Ansible, mock: MockVendors) -> None:
    names = ["page", "half", "tokenless", "busy", "moved"]
    seed(mock, *(account(name) for name in names))
    in_turn(
        mock,
        "zitadel",
        "token",
        ("html", {}, False),
        ("truncate", {}, False),
        ("status", {"status": 200, "json": {"token_type": "Bearer"}}, False),
        ("status", {"status": 503, "retry_after": 0}, True),
        ("redirect", {"location": mock.ready["learn"]["token_url"], "status": 307}, False),
    )
    run = play(ansible, mock, [deactivate(name, user_id=f"id-{name}") for name in names])
    assert {result.task: errors(result)[f"id-{result.task}"] for result in run.tasks} == {
        **dict.fromkeys(names, "login_failed"),
        "busy": None,
    }
    assert mock.log(vendor="learn") == []


def test_the_credentials_own_account_is_never_closed(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("two"), account("three"))
    own = {"user_id": mock.ready["zitadel"]["user_id"]}
    name = {"username": "offboarding-service"}
    run = play(
        ansible,
        mock,
        [
            user("known", state="absent", users=[*ids("one"), name]),
            switch(mock, "zitadel", auth_me=False),
            deactivate("by userinfo", users=[*ids("two"), own]),
            switch(mock, "zitadel", userinfo=False),
            deactivate("unknown", user_id="id-three"),
        ],
    )
    for task in ("known", "by userinfo"):
        assert run.result(task).outcomes == ["changed", "refused"]
        assert run.result(task).failed
    assert run.result("unknown").outcomes == ["changed"]
    assert any("account the credential belongs to" in warning for warning in run.result("unknown").warnings)
    assert ("GET", "/oidc/v1/userinfo") in sent(mock.log())
    assert mock.state("zitadel")[own["user_id"]]["state"] == WORDS["active"]


def test_guard_rails(ansible: Ansible, mock: MockVendors) -> None:
    names = ("one", "two", "boss", "root", "login")
    seed(
        mock, *(account(name) for name in names[:4]), account("login", loginNames=["login", "Login@Admin.example.com"])
    )
    guarded = partial(
        deactivate,
        users=[{"email": "boss@example.com"}, *ids("one", "root"), {"username": "login"}, *ids("two")],
        protected=["BOSS@*", "id-root", "*@admin.example.com"],
    )
    planned = play(ansible, mock, [guarded("plan")], check=True).result("plan")
    assert planned.outcomes == ["refused", "changed", "refused", "refused", "changed"]
    assert planned.failed
    approved = planned.result["plan_hash"]
    run = play(
        ansible,
        mock,
        [
            guarded("too many", max_changes=1),
            guarded("none", max_changes=0),
            guarded("other plan", plan_hash=f"sha256:{64 * '0'}"),
            deactivate("other users", users=ids("one"), plan_hash=approved),
            user("other state", state="absent", users=ids("one", "two"), plan_hash=approved),
        ],
    )
    assert mock.log(kind="write") == []
    for result in run.tasks:
        assert result.failed
        assert set(result.outcomes) == {"refused"}
    assert run.result("too many").users[1]["error"]["code"] == "too_many_changes"
    assert run.result("none").users[1]["error"]["code"] == "too_many_changes"
    for name in ("other plan", "other users", "other state"):
        assert errors(run.result(name))["id-one"] == "other_plan"

    vendor_call(mock, "POST", "/v2/users/id-one/lock")
    late = play(ansible, mock, [guarded("late", plan_hash=approved)]).result()
    assert errors(late)["id-two"] == "other_plan"
    assert mock.log(kind="write") == []
    vendor_call(mock, "POST", "/v2/users/id-one/unlock")

    done = play(ansible, mock, [guarded("as approved", plan_hash=approved, max_changes=2)]).result()
    assert (done.outcomes, done.diff, done.failed) == (planned.outcomes, planned.diff, True)
    assert {name for name, state in states(mock).items() if state == "deactivated"} == {"one", "two"}


def test_unverified_when_not_asked_to(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("two"))
    result = play(ansible, mock, [deactivate("close", users=ids("one", "two"), verify=False)]).result()
    assert [(user["outcome"], user["verified"]) for user in result.users] == 2 * [("changed", None)]
    assert result.result["requests"]["sent"] == 8


def test_a_key_stays_in_its_place(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"))
    odd = ["../id-one", "id-one/deactivate", "id-one?x=1", "id-one#x", "%2e%2e", "id-one%2fdeactivate", "id one", "é"]
    run = play(ansible, mock, [user("keys", state="absent", users=[{"user_id": key} for key in odd], concurrency=1)])
    assert set(run.result("keys").outcomes) == {"unchanged"}
    assert [path for method, path in sent(mock.log()) if method == "GET"] == [
        f"/v2/users/{quoted}"
        for quoted in (
            "..%2Fid-one",
            "id-one%2Fdeactivate",
            "id-one%3Fx%3D1",
            "id-one%23x",
            "%252e%252e",
            "id-one%252fdeactivate",
            "id%20one",
            "%C3%A9",
        )
    ]
    assert states(mock) == {"one": "active"}


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "no user named": ({}, "user_id, login_name, username, email"),
    "no users": ({"users": []}, "users"),
    "both forms": ({"username": "one", "users": ids("two")}, "users"),
    "two keys in an entry": ({"users": [*ids("one"), {"username": "one", "user_id": "id-one"}]}, "entry 2"),
    "the same twice": (
        {"users": [*ids("one"), {"email": "A@example.com"}, {"email": "a@Example.com"}]},
        "entries 2 and 3",
    ),
    "no e-mail": ({"email": "one"}, "email"),
    "a path": ({"user_id": ".."}, "user_id"),
    "too long": ({"user_id": 201 * "x"}, "user_id"),
    "state": ({"user_id": "id-one", "state": "present"}, "state"),
    "max_changes": ({"user_id": "id-one", "max_changes": -1}, "max_changes"),
    "plan_hash": ({"user_id": "id-one", "plan_hash": "yes"}, "plan_hash"),
    "protected": ({"user_id": "id-one", "protected": [""]}, "protected"),
    "no key": ({"user_id": "id-one", "environment": {"ZITADEL_KEY_FILE": "/no/such"}}, "key_file"),
    "plain http": ({"user_id": "id-one", "api_url": "http://login.example.com"}, "api_url"),
    "timeout": ({"user_id": "id-one", "environment": {"ZITADEL_TIMEOUT": "0"}}, "timeout"),
    "authorities": ({"user_id": "id-one", "environment": {"ZITADEL_CA_PATH": "/no/such"}}, "ca_path"),
}
NO_LOGIN: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({"access_token": hidden("nothing")}, "api_url"),
    "no credential": ({"api_url": "https://localhost"}, "ZITADEL_ACCESS_TOKEN"),
    "half a credential": ({"api_url": "https://localhost", "client_id": "client"}, "client_secret"),
    "two log-ins": (
        {"api_url": "https://localhost", "access_token": hidden("nothing"), "key_content": hidden("nothing")},
        "access_token and key_content",
    ),
    "no JSON": ({"api_url": "https://localhost", "key_content": hidden("nothing")}, "key_content"),
    "no key in it": ({"api_url": "https://localhost", "key_content": '{"keyId": "1", "userId": "2"}'}, "key_content"),
    "a broken token": ({"api_url": "https://localhost", "access_token": "a\nb"}, "access_token"),
}


@pytest.mark.parametrize("logged_in", [True, False])
def test_bad_input_is_named_and_nothing_is_sent(ansible: Ansible, mock: MockVendors, logged_in: bool) -> None:
    seed(mock, account("one"))
    named = {} if logged_in else {"user_id": "id-one"}
    cases = {
        name: ({"state": "deactivated", **named, **options}, word)
        for name, (options, word) in (BAD_INPUT if logged_in else NO_LOGIN).items()
    }
    tasks = [
        user(name, **{option: value for option, value in options.items() if value is not None})
        for name, (options, _word) in cases.items()
    ]
    env = mock.environment() if logged_in else {}
    run = play(ansible, mock, tasks, env=env | {"THE_NOTHING": "token-of-no-user"})
    for name, (_options, word) in cases.items():
        assert run.result(name).failed, name
        assert word in run.result(name).msg, name
        assert run.result(name).users == []
    assert mock.log() == []


def test_a_lost_write_is_repaired_and_reported(ansible: Ansible, mock: MockVendors) -> None:
    """Of three deactivations the server loses the second one: it shows the account as active until it is repaired."""
    seed(mock, account("one"), account("two"), account("three"))
    mock.switch("zitadel", lost_writes=[2])
    (result,) = play(ansible, mock, [deactivate("close", users=ids("one", "two", "three"), concurrency=1)]).tasks
    assert result.outcomes == 3 * ["changed"]
    assert [user.get("repaired") for user in result.users] == [None, True, None]
    assert set(states(mock).values()) == {"deactivated"}


def test_initial_accounts_are_deleted_where_that_is_asked_for(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("new", "initial"))
    runs = three_plays(ansible, mock, [deactivate("close", users=ids("one", "new"), initial="delete", on_missing="ok")])
    result = runs.done.result("close")
    assert [user["after"]["state"] for user in result.users] == ["deactivated", "absent"]
    assert states(mock) == {"one": "deactivated"}


def test_missing_names_the_organization_that_was_looked_in(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"))
    mock.switch("zitadel", roles=["organization"])
    unknown = {"email": "no-such-user@example.com"}
    tasks = [
        deactivate("missing", users=[unknown, *ids("one")], on_missing="warn"),
        deactivate("needed", **unknown, on_missing="fail"),
        switch(mock, "zitadel", roles=["iam"]),
        deactivate("whole", **unknown, on_missing="warn"),
        switch(mock, "zitadel", own_rights=False),
        deactivate("unknown", **unknown, on_missing="warn"),
    ]
    run = play(ansible, mock, tasks)
    acme = [{"id": "300000000000000100", "name": "Acme"}]
    place = "in organization Acme (300000000000000100)"
    scopes = {"missing": acme, "needed": acme, "whole": "instance", "unknown": None}
    assert {name: run.result(name).result["scope"] for name in scopes} == scopes
    assert run.result("missing").warnings == [f"ZITADEL has no account for no-such-user@example.com {place}"]
    assert run.result("needed").failed
    assert f"no account {place}" in run.result("needed").msg
    assert run.result("whole").warnings[0].endswith("no-such-user@example.com in any organization of the instance")
    assert run.result("unknown").warnings == ["ZITADEL has no account for no-such-user@example.com"]


def test_a_plan_of_a_credential_that_may_only_read_warns_and_stands(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account("one"), account("two", "deactivated"))
    tasks = [deactivate("close", users=ids("one", "two")), user("delete", state="absent", users=ids("one"))]
    able = play(ansible, mock, tasks, check=True)
    assert_no_warning(able)
    mock.switch("zitadel", rights="read_only")
    run = play(ansible, mock, tasks, check=True)
    for name, lacking in (("close", "user.write"), ("delete", "user.delete")):
        (warning,) = run.result(name).warnings
        assert warning.startswith(f"ZITADEL: The credential lacks {lacking}, ")
        assert run.result(name).result["lacking"] == [lacking]
        assert run.result(name).outcomes == able.result(name).outcomes
        assert run.result(name).result["plan_hash"] == able.result(name).result["plan_hash"]
    done = play(ansible, mock, tasks[:1]).result()
    assert done.outcomes == ["failed", "unchanged"]
    assert list(errors(done).values()) == ["forbidden", None]


def test_the_role_names_searched_organizations_and_missing_permissions(ansible: Ansible, mock: MockVendors) -> None:
    """What an approver has to know is on the console, in the evidence and in the plan."""
    seed(mock, account("one"))
    mock.switch("zitadel", roles=["organization"], rights="read_only")
    folder = ansible.place / "reports"
    variables = {
        "offboard_leavers": [{"email": "one@example.com"}, {"email": "no-such-user@example.com"}],
        "offboard_vendors": ["zitadel"],
        "offboard_report_dir": str(folder),
    }
    tenants = Path(__file__).parents[2] / "examples" / "tenants.yml"
    options: dict[str, Any] = {"inventory": tenants, "env": mock.environment(), "extra_vars": variables, "check": True}
    run = ansible.run("saas.offboarding.offboard", **options)
    assert run.rc == 0, run
    place = "organization Acme (300000000000000100)"
    (path,) = folder.glob("*/evidence.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    (tenant,) = document["tenants"]
    assert tenant["reach"] == [{"id": "300000000000000100", "name": "Acme"}]
    assert {each["email"]: each.get("looked_in") for each in document["records"]} == {
        "one@example.com": None,
        "no-such-user@example.com": place,
    }
    lacks, looked = (note for note in document["notes"] if "zitadel: " in note)
    assert lacks.startswith("forbidden: zitadel: The credential lacks user.write, ")
    assert looked.startswith(f"zitadel: 1 leaver has no account in {place}.")
    assert {lacks, looked} <= set(run.table)
    planned = json.loads((path.parent / "plan.json").read_text(encoding="utf-8"))
    assert {lacks, looked} <= set(planned["notes"])
    assert [each["email"] for each in planned["tenants"][0]["changes"]] == ["one@example.com"]
