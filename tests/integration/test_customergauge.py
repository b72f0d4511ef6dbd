# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""customergauge_user in real playbooks. The vendor has one endpoint for users and none to read them."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from harness.convergence import assert_no_warning
from harness.play import Task, by_key, call, errors, hidden, in_turn, play, secrets, sent, switch, three_plays
from harness.playbook import Ansible
from mock_vendors.client import MockVendors

disable = partial(call, "customergauge_user", state="deactivated")
bare = partial(call, "customergauge_user")
DISABLE = ("PATCH", "/v5/user-manager/users/disable")
UNKNOWN = {"state": "unknown", "vendor_state": None}
CLOSED = {"state": "deactivated", "vendor_state": None}
REJECTED = {
    "message": "The given data was invalid.",
    "errors": {"email": ["The email must be a valid email address."]},
}
"""The answer to an address that the vendor's rules refuse."""
NO_SUCH_USER = {"message": "No query results for model [Library\\Eloquent\\Master\\User]."}


def emails(*names: str) -> list[dict[str, str]]:
    return [{"email": f"{name}@example.com"} for name in names]


def seed(mock: MockVendors, *names: str, **more: str) -> None:
    accounts = emails(*names) + [{**user, "status": more[name]} for name in more for user in emails(name)]
    mock.seed({"customergauge": [dict(account) for account in accounts]})


def statuses(mock: MockVendors) -> dict[str, str]:
    return {row["email"].partition("@")[0]: row["status"] for row in mock.state("customergauge").values()}


def asked_for(log: list[dict[str, Any]]) -> list[str]:
    return [json.loads(request["body"])["email"] for request in log if request["kind"] == "write"]


def given_token(mock: MockVendors) -> str:
    ready = mock.ready["customergauge"]
    form = {name: ready[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    token: str = requests.post(ready["token_url"], data=form, timeout=10).json()["access_token"]
    return token


def login(*options: str) -> dict[str, Any]:
    return {option: hidden(option) for option in options}


@contextmanager
def recording_proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that notes where it should have connected to, and refuses."""
    targets: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            targets.append(self.path)
            self.send_error(403)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", targets
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_predict_run_and_run_again(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, "one", "two", "Three", "single", gone="Deactivated", blocked="Blocked")
    many = [*emails("one", "gone", "three", "blocked"), {"email": "TWO@example.com"}]
    runs = three_plays(
        ansible,
        mock,
        [disable("many", users=many), disable("single", email="single@example.com")],
        idempotent=False,
    )

    for result in runs.done.tasks:
        assert set(result.outcomes) == {"changed"}
        for user in result.users:
            assert (user["before"], user["after"], user["verified"], user["id"]) == (UNKNOWN, CLOSED, None, None)
            assert user["name"] == user["key"]["email"]
    assert [user["key"] for user in runs.done.result("many").users] == many
    assert runs.done.result("single").diff == {
        "before": {"single@example.com": UNKNOWN},
        "after": {"single@example.com": CLOSED},
    }
    assert set(statuses(mock).values()) == {"Deactivated"}
    # Check mode logs in, so that a wrong credential is found, and sends nothing else.
    assert [result.result["requests"] for result in runs.predicted.tasks] == 2 * [
        {"sent": 0, "retried": 0, "tokens": 1}
    ]

    assert [result.outcomes for result in runs.again.tasks] == [result.outcomes for result in runs.done.tasks]
    assert sorted(asked_for(runs.log_again)) == sorted(asked_for(runs.log))
    for result in runs.again.tasks:
        assert result.result["plan_hash"] == runs.done.result(result.task).result["plan_hash"]


def test_the_requests_are_those_of_the_vendors_page(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, "one", "two")
    run = play(ansible, mock, [disable("close", users=emails("one", "two"))])

    token, *writes = mock.log()
    assert (token["service"], token["method"], token["path"]) == ("customergauge_token", "POST", "/oauth2/token")
    assert token["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in token["headers"]
    assert parse_qs(token["body"]) == {
        "grant_type": ["client_credentials"],
        "client_id": [mock.ready["customergauge"]["client_id"]],
        "client_secret": [mock.ready["customergauge"]["client_secret"]],
    }
    (issued,) = mock.tokens()["customergauge"]
    for write in writes:
        assert (write["service"], write["method"], write["path"]) == ("customergauge_api", *DISABLE)
        assert write["headers"]["Authorization"] == f"Bearer {issued}"
        assert write["headers"]["Content-Type"] == "application/json"
        assert write["headers"]["Accept"] == "application/json"
        assert write["headers"]["User-Agent"].startswith("ansible-saas.offboarding/")
    assert sorted(write["body"] for write in writes) == sorted(json.dumps(user) for user in emails("one", "two"))
    assert run.result("close").result["requests"] == {"sent": 2, "retried": 0, "tokens": 1}
    assert_no_warning(run)


def test_three_hundred_users_keep_their_order_with_one_token(ansible: Ansible, mock: MockVendors) -> None:
    mock.population(customergauge=300)
    users = [row["email"] for row in mock.state("customergauge").values()]
    random.Random(300).shuffle(users)
    for place in (0, 150, 299):
        users[place] = f"no-such-user{place}@example.com"
    run = play(ansible, mock, [disable("all", users=[{"email": user} for user in users], on_missing="ok")])

    result = run.result("all")
    assert result.ok
    assert [user["key"]["email"] for user in result.users] == users
    assert [place for place, outcome in enumerate(result.outcomes) if outcome == "missing"] == [0, 150, 299]
    assert result.result["requests"] == {"sent": 300, "retried": 0, "tokens": 1}
    assert sorted(asked_for(mock.log())) == sorted(users)
    closed = [row["email"] for row in mock.state("customergauge").values() if row["status"] == "Deactivated"]
    assert sorted(closed) == sorted(set(users) - {f"no-such-user{place}@example.com" for place in (0, 150, 299)})


def test_missing_users(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, "one")
    users = emails("no-such-user", "one")
    run = play(
        ansible,
        mock,
        [
            disable("default", users=users),
            disable("warn", users=users, on_missing="warn"),
            disable("ok", email="no-such-user@example.com", on_missing="ok"),
        ],
    )
    assert [result.failed for result in run.tasks] == [True, False, False]
    for result in run.tasks[:2]:
        assert result.outcomes == ["missing", "changed"]
        assert result.changed
        assert by_key(result)["no-such-user@example.com"]["after"]["state"] == "absent"
    assert "no-such-user@example.com" in run.result("default").msg
    assert "one@example.com" not in run.result("default").msg
    assert any("no-such-user@example.com" in warning for warning in run.result("warn").warnings)
    assert run.result("ok").outcomes == ["missing"]
    assert not run.result("ok").changed
    assert run.result("ok").warnings == []


def test_only_the_documented_404_means_missing(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, "one")
    api, token = mock.ready["customergauge"]["api_url"], mock.ready["customergauge"]["token_url"]
    run = play(
        ansible,
        mock,
        [
            disable("path", email="one@example.com", on_missing="ok", api_url=f"{api}/v5"),
            disable("host", email="one@example.com", on_missing="ok", api_url=token.removesuffix("/oauth2/token")),
        ],
        elsewhere=True,
    )
    for result in run.tasks:
        assert result.failed
        assert errors(result) == {"one@example.com": "wrong_address"}
        assert result.users[0]["error"]["status"] == 404
        assert "api_url" in result.msg
    assert statuses(mock) == {"one": "Active"}


def test_one_fault_for_each_user(ansible: Ansible, mock: MockVendors) -> None:
    """Sent one after another, so that each fault hits one user; the others are not held up by it."""
    elsewhere = mock.ready["netex"]["api_url"]
    steps: dict[str, tuple[str, dict[str, Any], bool]] = {
        "seconds": ("status", {"status": 429, "retry_after": 1}, True),
        "date": ("status", {"status": 429, "retry_after": "date:1"}, True),
        "garbage": ("status", {"status": 429, "retry_after": "soon"}, True),
        "unavailable": ("status", {"status": 503, "retry_after": 0}, True),
        "gateway": ("status", {"status": 502}, True),
        "unsent": ("reset_before", {}, True),
        "lost": ("reset_after", {}, True),
        "slow": ("slow", {"seconds": 2, "when": "after"}, True),
        "broken": ("status", {"status": 500}, False),
        "page": ("html", {}, False),
        "lost-page": ("html", {"status": 404}, False),
        "moved": ("redirect", {"location": f"{elsewhere}/login"}, False),
        "echo": ("echo_secret", {}, False),
        "forbidden": ("status", {"status": 403}, False),
        "other-404": ("status", {"status": 404, "json": {"message": "Not Found"}}, False),
        "unknown": ("status", {"status": 404, "json": NO_SUCH_USER}, False),
        "silent": ("noop", {}, False),
        "rejected": ("status", {"status": 422, "json": REJECTED}, False),
    }
    seed(mock, *steps)
    in_turn(mock, "customergauge_api", "write", *steps.values())
    run = play(ansible, mock, [disable("close", users=emails(*steps), concurrency=1, timeout=1)])

    result = run.result("close")
    assert result.failed
    assert {key.partition("@")[0]: code for key, code in errors(result).items() if code} == {
        "broken": "server_error",
        "page": "bad_answer",
        "lost-page": "wrong_address",
        "moved": "redirected",
        "echo": "bad_request",
        "forbidden": "forbidden",
        "other-404": "wrong_address",
        "rejected": "invalid",
    }
    users_by_key = by_key(result)
    invalid = users_by_key["rejected@example.com"]["error"]
    assert invalid["status"] == 422
    assert "The given data was invalid." in invalid["message"]
    assert "email: The email must be a valid email address." in invalid["message"]
    assert "127.0.0.1" in users_by_key["page@example.com"]["error"]["message"]
    assert not users_by_key["forbidden@example.com"]["error"]["retryable"]
    assert users_by_key["unknown@example.com"]["outcome"] == "missing"
    assert users_by_key["silent@example.com"]["outcome"] == "changed"
    assert users_by_key["silent@example.com"]["verified"] is None
    again = sum(step[2] for step in steps.values())
    assert result.result["requests"] == {"sent": len(steps) + again, "retried": again, "tokens": 1}
    assert mock.log(vendor="netex") == []
    still_open = {"broken", "page", "lost-page", "moved", "echo", "forbidden", "other-404", "unknown", "rejected"}
    assert {name for name, status in statuses(mock).items() if status == "Active"} == still_open | {"silent"}


def test_already_disabled_and_answers_that_are_lost(ansible: Ansible, mock: MockVendors) -> None:
    """What the vendor answers for a user who is disabled already is not documented: 204 or 404."""
    seed(mock, "one", "two", "three", gone="Deactivated")
    in_turn(mock, "customergauge_api", "write", ("reset_after", {}, True), ("reset_after", {}, True))
    run = play(
        ansible,
        mock,
        [
            disable("lost, 204", email="one@example.com"),
            switch(mock, "customergauge", already_disabled=404),
            disable("lost, 404", email="two@example.com", on_missing="ok"),
            disable("disabled, 404", email="gone@example.com", on_missing="ok"),
            switch(mock, "customergauge", email_case_sensitive=True),
            disable("case matters", email="THREE@example.com", on_missing="ok"),
        ],
    )
    assert run.result("lost, 204").outcomes == ["changed"]
    assert errors(run.result("lost, 404")) == {"two@example.com": "unconfirmed"}
    assert run.result("lost, 404").failed
    assert run.result("disabled, 404").outcomes == ["missing"]
    assert run.result("case matters").outcomes == ["missing"]
    assert statuses(mock) == {"one": "Deactivated", "two": "Deactivated", "three": "Active", "gone": "Deactivated"}
    assert asked_for(mock.log())[:4] == 2 * ["one@example.com"] + 2 * ["two@example.com"]


def test_tokens(ansible: Ansible, mock: MockVendors) -> None:
    """Renewed once, whatever a token dies of; refused for good, the task ends."""
    seed(mock, "one", "two", "three")
    users = emails("one", "two", "three")
    by_client = login("client_id", "client_secret")
    env = {
        **{f"CUSTOMERGAUGE_{name}": mock.environment()[f"CUSTOMERGAUGE_{name}"] for name in ("API_URL", "TOKEN_URL")},
        **secrets(mock, "customergauge"),
        "THE_WRONG_SECRET": "no-secret-of-theirs",
    }
    in_turn(mock, "customergauge_api", "write", ("revoke", {}, True), ("expire", {}, True))
    run = play(
        ansible,
        mock,
        [
            disable("revoked", users=users[:1], **by_client),
            disable("expired", users=users[:2], **by_client),
            disable("refused", users=users, access_token=hidden("wrong_secret")),
            disable("wrong secret", users=users, **{**by_client, "client_secret": hidden("wrong_secret")}),
        ],
        env=env,
    )
    assert [result.failed for result in run.tasks] == [False, False, True, True]
    for name, tokens in (("revoked", 2), ("expired", 2)):
        assert set(run.result(name).outcomes) == {"changed"}
        assert run.result(name).result["requests"]["tokens"] == tokens
    assert set(errors(run.result("refused")).values()) == {"unauthorized"}
    assert run.result("refused").result["requests"]["tokens"] == 0
    assert set(errors(run.result("wrong secret")).values()) == {"login_failed"}
    assert run.result("wrong secret").result["requests"] == {"sent": 0, "retried": 0, "tokens": 1}


def test_a_token_that_is_refused_for_good_is_renewed_once(ansible: Ansible, mock: MockVendors) -> None:
    mock.population(customergauge=40)
    mock.fault("customergauge_api", "revoke", kind="write")
    users = [{"email": row["email"]} for row in mock.state("customergauge").values()]
    run = play(ansible, mock, [disable("close", users=users)])
    result = run.result("close")
    assert set(errors(result).values()) == {"unauthorized"}
    assert result.result["requests"]["tokens"] == 2
    assert not result.changed
    assert {row["status"] for row in mock.state("customergauge").values()} == {"Active"}


def test_a_token_endpoint_in_trouble(ansible: Ansible, mock: MockVendors) -> None:
    names = ["page", "half", "cut", "moved", "tokenless", "busy", "down"]
    seed(mock, *names)
    in_turn(
        mock,
        "customergauge_token",
        "token",
        ("html", {}, False),
        ("truncate", {}, False),
        ("truncate", {"promise": True}, True),
        ("redirect", {"location": mock.ready["learn"]["token_url"]}, False),
        ("status", {"status": 200, "json": {"token_type": "Bearer"}}, False),
        ("status", {"status": 503, "retry_after": 0}, True),
        ("status", {"status": 400, "json": {"error": "unauthorized_client"}}, False),
    )
    run = play(ansible, mock, [disable(name, email=f"{name}@example.com") for name in names])
    assert {result.task: result.outcomes for result in run.tasks} == {
        **{name: ["failed"] for name in names},
        "cut": ["changed"],
        "busy": ["changed"],
    }
    for name in ("page", "half", "moved", "tokenless", "down"):
        assert set(errors(run.result(name)).values()) == {"login_failed"}
        assert run.result(name).result["requests"]["sent"] == 0
    assert "unauthorized_client" in run.result("down").msg
    assert "HTML" in run.result("page").msg
    assert mock.log(vendor="learn") == []


def test_the_regions_hosts(ansible: Ansible, mock: MockVendors) -> None:
    with recording_proxy() as (proxy, targets):
        closing = partial(disable, email="one@example.com", retries=0)
        client: dict[str, Any] = {"client_id": "client", "client_secret": "secret-of-no-user"}
        tasks = [closing(f"{region} token", region=region, **client) for region in ("eu", "us", "au")]
        variable = {"CUSTOMERGAUGE_REGION": "us"}
        tasks.append(closing("us api", access_token="token-of-no-user", environment=variable))
        run = play(ansible, mock, tasks, env={"HTTPS_PROXY": proxy}, elsewhere=True)
    assert targets == [
        *(f"auth.{region}.customergauge.com:443" for region in ("eu", "us", "au")),
        "api.us.customergauge.com:443",
    ]
    assert all(result.failed for result in run.tasks)
    assert mock.log() == []


def test_credentials_come_once_for_the_action_group(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, "one", "two")
    defaults = login("api_url", "token_url", "client_id", "client_secret")
    block: Task = {
        "module_defaults": {"group/saas.offboarding.customergauge": defaults},
        "block": [
            disable("one", email="one@example.com"),
            disable("two", email="two@example.com", environment={"CUSTOMERGAUGE_API_URL": "https://localhost:1"}),
        ],
    }
    run = play(ansible, mock, [block], env=secrets(mock, "customergauge"))
    assert [result.outcomes for result in run.tasks] == [["changed"], ["changed"]]
    assert set(statuses(mock).values()) == {"Deactivated"}


def test_a_token_that_is_given(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, "one", "two")
    token = given_token(mock)
    env = {"CUSTOMERGAUGE_API_URL": mock.ready["customergauge"]["api_url"]}
    variable = {"CUSTOMERGAUGE_ACCESS_TOKEN": token, "CUSTOMERGAUGE_CLIENT_ID": ""}
    runs = [
        play(ansible, mock, [disable("variable", email="one@example.com")], env=env | variable),
        play(
            ansible,
            mock,
            [disable("option", email="two@example.com", access_token=hidden("access_token"))],
            env=env | {"THE_ACCESS_TOKEN": token},
        ),
    ]
    assert [run.result().outcomes for run in runs] == [["changed"], ["changed"]]
    assert mock.log(kind="token") == []


def test_guard_rails(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, "one", "two", "boss", "root")
    users = emails("one", "boss", "two", "root")
    guarded = partial(disable, users=users, protected=["BOSS@*", "root@example.com"])
    approved = "{{ plan.plan_hash }}"
    run = play(
        ansible,
        mock,
        [
            guarded("plan") | {"check_mode": True, "register": "plan"},
            guarded("too many", max_changes=1),
            guarded("none", max_changes=0),
            guarded("other plan", plan_hash=f"sha256:{64 * '0'}"),
            disable("other users", users=emails("one"), plan_hash=approved),
            guarded("as approved", plan_hash=approved, max_changes=2),
        ],
    )
    for name, code in (("too many", "too_many_changes"), ("none", "too_many_changes"), ("other plan", "other_plan")):
        assert [user["error"]["code"] for user in run.result(name).users] == [code, "protected", code, "protected"]
        assert run.result(name).failed
    assert errors(run.result("other users")) == {"one@example.com": "other_plan"}
    planned, done = run.result("plan"), run.result("as approved")
    assert planned.outcomes == ["changed", "refused", "changed", "refused"]
    assert (done.outcomes, done.diff, done.failed) == (planned.outcomes, planned.diff, True)
    assert sent(mock.log(kind="write")) == 2 * [DISABLE]
    assert statuses(mock) == {"one": "Deactivated", "two": "Deactivated", "boss": "Active", "root": "Active"}


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "no user named": ({}, "email"),
    "no users": ({"users": []}, "users"),
    "both forms": ({"email": "one@example.com", "users": emails("two")}, "users"),
    "the same twice": ({"users": [*emails("one", "two"), {"email": "ONE@example.com"}]}, "entries 1 and 3"),
    "an entry without a key": ({"users": [*emails("one"), {}]}, "entry 2"),
    "no e-mail": ({"email": "one"}, "email"),
    "state": ({"email": "one@example.com", "state": "absent"}, "state"),
    "region": ({"email": "one@example.com", "region": "mars"}, "region"),
    "log-in in the address": ({"email": "one@example.com", "token_url": "https://a:b@example.com"}, "token_url"),
    "timeout": ({"email": "one@example.com", "environment": {"CUSTOMERGAUGE_TIMEOUT": "0"}}, "timeout"),
}
HALF_A_LOGIN: dict[str, tuple[dict[str, Any], str]] = {
    "no credential": ({"region": "eu"}, "client_id"),
    "half a credential": ({"region": "eu", "client_id": "client"}, "client_secret"),
    "two log-ins": (
        {"region": "eu", "client_id": "client", "client_secret": "of-no-user", "access_token": "token-of-no-user"},
        "access_token",
    ),
    "no region": ({"client_id": "client", "client_secret": "secret-of-no-user"}, "region"),
    "no token_url": (
        {"client_id": "c", "client_secret": "secret-of-no-user", "api_url": "https://localhost"},
        "token_url",
    ),
    "empty variables": ({"environment": {"CUSTOMERGAUGE_CLIENT_ID": ""}, "region": "eu"}, "client_id"),
}


@pytest.mark.parametrize("logged_in", [True, False])
def test_bad_input_is_named_and_nothing_is_sent(ansible: Ansible, mock: MockVendors, logged_in: bool) -> None:
    seed(mock, "one", "two")
    if logged_in:
        cases = {name: ({"state": "deactivated", **options}, word) for name, (options, word) in BAD_INPUT.items()}
    else:
        named = {"state": "deactivated", "email": "one@example.com"}
        cases = {name: ({**named, **options}, word) for name, (options, word) in HALF_A_LOGIN.items()}
    tasks = [
        bare(name, **{option: value for option, value in options.items() if value is not None})
        for name, (options, _word) in cases.items()
    ]
    run = play(ansible, mock, tasks, env=None if logged_in else {})
    for name, (_options, word) in cases.items():
        assert run.result(name).failed, name
        assert word in run.result(name).msg, name
        assert run.result(name).users == []
    assert mock.log() == []
