# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""From a task's arguments to its result, with a real AnsibleModule: one shape, whatever happens."""

from __future__ import annotations

import functools
import json
import os
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.module_utils import basic

from ansible_collections.saas.offboarding.plugins.module_utils import _libraries, _module, _transport
from ansible_collections.saas.offboarding.plugins.module_utils._module import (
    BadOption,
    guards_from,
    limits_from,
    run_user_module,
    user_requests_from,
    user_spec,
)
from ansible_collections.saas.offboarding.plugins.module_utils._options import ArgumentSpec, from_environment
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.customergauge import CustomerGauge
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel

from .http_script import Answer, FakeClock, Responder, Script, Sent
from .test_vendor_netex import HASH, Tenant, row

VENDORS: list[type[Vendor]] = [CustomerGauge, Laurel, Learn, Netex, Zitadel]
PARAMS = {"tenant": "acme", "auth_token": "the-token", "state": "deactivated"}
OMIT = "__omit__"
Task = Callable[..., dict[str, t.Any]]


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Task:
    """Run a vendor's module as Ansible does, over an adapter, and return what it says."""
    for name in os.environ:
        if name.startswith(("NETEX_", "ZITADEL_", "LAUREL_", "LEARN_", "CUSTOMERGAUGE_")):
            monkeypatch.delenv(name)

    def task(adapter: t.Any, vendor: type[Vendor] = Netex, *, check: bool = False, **params: t.Any) -> dict[str, t.Any]:
        given = {name: value for name, value in ((PARAMS if vendor is Netex else {}) | params).items() if value != OMIT}
        warned: list[str] = []
        monkeypatch.setattr(_module.VendorModule, "warn", lambda self, warning: warned.append(warning))
        arguments = {
            "ANSIBLE_MODULE_ARGS": given
            | {"_ansible_check_mode": check, "_ansible_diff": given.get("_ansible_diff", True)}
        }
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        road = functools.partial(_transport.Transport, adapter=adapter, clock=FakeClock())
        monkeypatch.setattr(_module, "Transport", road)
        with pytest.raises(SystemExit) as left:
            run_user_module(vendor)
        text = capsys.readouterr().out
        result: dict[str, t.Any] = json.loads(text)
        assert bool(left.value.code) == bool(result.get("failed"))
        result.pop("invocation", None)
        return result | {"text": text, "warned": warned}

    return task


SHAPE = {"changed", "users", "summary", "plan_hash", "requests", "diff"}
COUNTS = {"requested": 0, "changed": 0, "unchanged": 0, "missing": 0, "failed": 0, "refused": 0}


def test_one_account_and_a_list_of_one_give_the_same(task: Task) -> None:
    single = task(Tenant(row(1)).wire, username="u1")
    many = task(Tenant(row(1)).wire, users=[{"username": "u1"}])
    single.pop("text"), many.pop("text")
    assert single == many
    assert set(single) >= SHAPE
    assert (single["changed"], single["summary"]) == (True, COUNTS | {"requested": 1, "changed": 1})
    assert single["requests"] == {"sent": 3, "retried": 0, "tokens": 0}
    assert single["diff"]["before"] == {"u1": {"state": "active", "vendor_state": "enabled"}}


def test_check_mode_returns_the_same_and_writes_nothing(task: Task) -> None:
    tenant = Tenant(row(1), row(2, False))
    asked = [{"username": "u1"}, {"username": "u2"}, {"username": "no-such-user"}]
    checked = task(tenant.wire, check=True, users=asked, on_missing="ok")
    assert tenant.wire.count("PUT") == 0
    done = task(tenant.wire, users=asked, on_missing="ok")
    for name in ("changed", "summary", "plan_hash", "diff"):
        assert checked[name] == done[name]
    assert [each["outcome"] for each in checked["users"]] == [each["outcome"] for each in done["users"]]
    again = task(tenant.wire, users=asked, on_missing="ok")
    assert (again["changed"], again["summary"]) == (False, COUNTS | {"requested": 3, "unchanged": 2, "missing": 1})


def test_a_preflight_reads_one_page_and_no_account(task: Task) -> None:
    tenant = Tenant(row(1), row(2))
    found = task(tenant.wire, preflight=True)
    assert [(check["check"], check["result"]) for check in found["checks"]] == [
        ("log_in", "ok"),
        ("list", "ok"),
        ("rights", "unknown"),
        ("reach", "unknown"),
    ]
    assert (found["users"], found["changed"], found["requests"]["sent"]) == ([], False, 1)
    assert "example.com" not in found["text"]


def test_a_preflight_fails_with_the_code_of_what_would_fail(task: Task) -> None:
    found = task(Tenant().wire, preflight=True)
    assert found["msg"].startswith("netexCloud: unproven: ")
    assert task(Tenant(row(1)).wire, preflight=True, username="u1")["msg"].startswith(
        "netexCloud: username and preflight"
    )


@pytest.mark.parametrize(
    ("on_missing", "failed", "warned"), [("fail", True, False), ("warn", False, True), ("ok", False, False)]
)
def test_a_missing_account_fails_warns_or_is_fine(task: Task, on_missing: str, failed: bool, warned: bool) -> None:
    result = task(Tenant(row(1)).wire, users=[{"username": "u1"}, {"username": "no-such-user"}], on_missing=on_missing)
    assert (bool(result.get("failed")), result["changed"], result["summary"]["missing"]) == (failed, True, 1)
    assert ("no-such-user" in result.get("msg", "")) is failed
    assert any("no-such-user" in warning for warning in result["warned"]) is warned


@pytest.mark.parametrize("diff", [False, True])
def test_users_that_go_to_a_file_are_those_of_the_result(task: Task, tmp_path: Path, diff: bool) -> None:
    asked = [{"username": "u1"}, {"username": "no-such-user"}]
    file = tmp_path / "users.json"
    plain = task(Tenant(row(1)).wire, users=asked)
    short = task(Tenant(row(1)).wire, users=asked, result_file=str(file), _ansible_diff=diff)
    plain.pop("text"), short.pop("text")
    assert short.pop("diff") == (plain["diff"] if diff else {"before": {}, "after": {}})
    plain.pop("diff")
    assert short["users"] == []
    assert short | {"users": json.loads(file.read_text("utf-8"))} == plain


def test_users_written_to_a_file_have_no_secret(task: Task, tmp_path: Path) -> None:
    users = [{"username": "u1"}, {"username": "someone of secret-token"}]
    file = tmp_path / "users.json"
    result = task(Tenant(row(1)).wire, users=users, result_file=str(file), on_missing="ok", auth_token="secret-token")
    assert "someone" not in result["text"].replace(json.dumps(users), "")
    assert "secret-token" not in result["text"]
    shown = [user["key"] for user in json.loads(file.read_text("utf-8"))]
    assert shown == [{"username": "u1"}, {"username": "someone of ********"}]


def test_a_failure_of_one_fails_the_task_with_all_of_the_result(task: Task) -> None:
    tenant = Tenant(row(1), row(2))
    wire = Responder(lambda sent: Answer(403, json={"message": "no"}) if sent.path.endswith("u2") else tenant(sent))
    result = task(wire, users=[{"username": "u1"}, {"username": "u2"}])
    assert set(result) >= SHAPE
    assert (result["failed"], result["changed"]) == (True, True)
    assert [each["outcome"] for each in result["users"]] == ["changed", "failed"]
    assert "1 of 2" in result["msg"]
    assert "forbidden: 1 failed (u2): " in result["msg"]


def test_all_entries_that_cannot_be_used_are_named_at_once(task: Task) -> None:
    users = [{"email": "mailto:a@example.com"}, {"username": "u1"}, {"email": "b@example..com"}, {"username": "u1"}]
    wire = Tenant().wire
    message = task(wire, users=users)["msg"]
    assert [number for number in (1, 2, 3, 4) if f"users, entry {number}: " in message] == [1, 3]
    assert "; users, entries 2 and 4 are the same username u1: ask for each user once" in message
    many = task(wire, users=[{"email": f"mailto:{number}@example.com"} for number in range(30)])["msg"]
    assert "users, entry 20: " in many
    assert "users, entry 21: " not in many
    assert many.endswith("; and 10 more")
    assert wire.log == []


def test_what_many_accounts_fail_of_is_stated_once(task: Task) -> None:
    tenant = Tenant(*map(row, range(8)))
    result = task(tenant.wire, users=[{"username": f"u{number}"} for number in range(8)], max_changes=3)
    message = "Nothing was written: the plan has 8 changes and max_changes is 3."
    assert result["msg"].endswith(f"too_many_changes: 8 refused (u0, u1, u2, u3, u4, and 3 more): {message}")


def test_a_message_names_a_few_failures_and_counts_the_rest(task: Task) -> None:
    result = task(Tenant(row("x")).wire, users=[{"username": f"no-such-user{number}"} for number in range(30)])
    assert "30 of 30" in result["msg"]
    assert "25 more" in result["msg"]
    assert len(result["msg"]) < 1000


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({}, "username"),
        ({"username": "u1", "users": [{"username": "u2"}]}, "users"),
        ({"username": "u1", "email": "u1@example.com"}, "both"),
        ({"users": []}, "empty"),
        ({"users": [{}]}, "entry 1"),
        ({"users": [{"username": "u1"}, {"username": "u2", "email": "a@b"}]}, "entry 2"),
        ({"users": [{"username": "u1"}, {"username": "u1"}]}, "entries 1 and 2"),
        ({"users": [{"email": "A@b.c"}, {"username": "x"}, {"email": "a@B.c"}]}, "entries 1 and 3"),
        ({"username": " "}, "username is empty"),
        ({"username": "a\nb"}, "username"),
        ({"users": [{"username": "u1"}, {"username": ".."}]}, "entry 2"),
        ({"email": "no-such-user"}, "e-mail"),
        ({"username": "u1", "protected": ["x", ""]}, "protected"),
        ({"username": "u1", "max_changes": -1}, "max_changes"),
        ({"username": "u1", "max_percent": 101.0}, "max_percent"),
        ({"username": "u1", "protected": ["boss@example.com\nsvc-*"]}, "protected: entry 1 holds a control"),
        ({"username": "u1", "plan_hash": "abc"}, "plan_hash"),
        ({"username": "u1", "timeout": 0}, "timeout"),
        ({"username": "u1", "timeout": 1e9}, "timeout"),
        ({"username": "u1", "retries": -1}, "retries"),
        ({"username": "u1", "retry_budget": -1}, "retry_budget"),
        ({"username": "u1", "concurrency": 0}, "concurrency"),
        ({"username": "u1", "concurrency": 5000}, "concurrency"),
        ({"username": "u1", "requests_per_second": 0}, "requests_per_second"),
        ({"username": "u1", "api_url": "http://lms.example.com"}, "api_url"),
        ({"username": "u1", "auth_token": ""}, "auth_token"),
        ({"username": "u1", "ca_path": "/nonexistent/ca.pem"}, "ca_path"),
        ({"username": "u1", "state": "absent", "message": "Goodbye"}, "message"),
        ({"username": "u1", "state": "open"}, "state"),
        ({"username": "u1", "state": None}, "state"),
        ({"username": "u1", "enabled": False}, "enabled"),
        ({"users": [{"username": "u1", "nickname": "x"}]}, "nickname"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_before_any_request_in_the_same_shape(
    task: Task, params: dict[str, t.Any], named: str
) -> None:
    result = task(script := Script(), **params)
    script.finish()
    assert result["failed"]
    assert named in result["msg"]
    assert set(result) >= SHAPE
    assert (result["changed"], result["users"], result["summary"]) == (False, [], COUNTS)
    assert (result["plan_hash"], result["diff"]) == (None, {"before": {}, "after": {}})


@pytest.mark.parametrize("params", [{"max_changes": 0}, {"protected": ["u*"]}, {"plan_hash": "sha256:other"}], ids=str)
def test_what_is_refused_fails_the_task(task: Task, params: dict[str, t.Any]) -> None:
    tenant = Tenant(row(1))
    result = task(tenant.wire, username="u1", **params)
    assert (result["failed"], result["changed"], result["users"][0]["outcome"]) == (True, False, "refused")
    assert tenant.wire.count("PUT") == 0


def test_no_secret_is_in_the_result_whatever_the_vendor_returns(task: Task) -> None:
    message = f"the-token is wrong, Bearer the-token, {HASH}"
    tenant = Tenant(row(1, password=HASH))

    def answer(sent: Sent) -> Answer | Exception:
        if sent.method == "PUT":
            return Answer(403, json={"message": message}, headers={"X-Request-Id": "the-token"})
        return tenant(sent)

    result = task(Responder(answer), username="u1")
    assert result["failed"]
    assert "the-token" not in result["text"]
    assert HASH not in result["text"]


def test_a_token_that_was_fetched_is_no_more_shown_than_one_that_was_given(task: Task) -> None:
    def answer(sent: Sent) -> Answer:
        if sent.path.endswith("/token"):
            return Answer(200, json={"access_token": "fetched-token-value"})
        return Answer(403, json={"message": "fetched-token-value"}, headers={"X-Request-Id": "fetched-token-value"})

    result = task(
        Responder(answer),
        CustomerGauge,
        state="deactivated",
        region="eu",
        client_id="client-1",
        client_secret="the-client-secret",
        email="jane@example.com",
    )
    assert result["failed"]
    assert "fetched-token-value" not in result["text"]
    assert "the-client-secret" not in result["text"]


def test_all_waits_are_in_one_warning(task: Task) -> None:
    tenant = Tenant(row(1))
    calls: list[str] = []

    def answer(sent: Sent) -> Answer | Exception:
        calls.append(sent.method)
        return Answer(429, headers={"Retry-After": "3"}) if len(calls) < 3 else tenant(sent)

    result = task(Responder(answer), username="u1")
    assert result["changed"]
    (warning,) = result["warned"]
    assert "2 waits" in warning
    assert result["requests"]["retried"] == 2


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_unverified_certificates_cause_a_warning(task: Task) -> None:
    result = task(Tenant(row(1)).wire, username="u1", validate_certs=False)
    assert any("validate_certs" in warning for warning in result["warned"])


def test_a_library_that_is_missing_is_named(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_libraries, "IMPORT_ERROR", "Traceback: no requests")
    result = task(Script(), username="u1")
    assert "requests" in result["msg"]
    assert set(result) >= SHAPE


def test_a_library_that_is_too_old_is_named(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.__version__", "1.26.20")
    result = task(Script(), username="u1")
    assert result["msg"].startswith(
        "netexCloud: urllib3 1.26.20 is installed, and urllib3 2.6 or newer is needed. No request was sent."
    )
    assert set(result) >= SHAPE


# -- the environment


def test_options_come_from_the_environment_and_an_empty_one_does_not_count(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETEX_TENANT", "other")
    monkeypatch.setenv("NETEX_AUTH_TOKEN", "token-of-the-environment")
    monkeypatch.setenv("NETEX_RETRIES", "")
    monkeypatch.setenv("NETEX_TIMEOUT", "7.5")
    tenant = Tenant(row(1))
    result = task(tenant.wire, username="u1", tenant=OMIT, auth_token=OMIT)
    assert result["changed"]
    assert tenant.wire.log[0].url.startswith("https://other.learningcloud.me/")
    assert tenant.wire.log[0].headers["X-Cloud-Auth-Token"] == "token-of-the-environment"
    assert "token-of-the-environment" not in result["text"]


def test_an_option_is_stronger_than_the_environment(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETEX_TENANT", "other")
    tenant = Tenant(row(1))
    task(tenant.wire, username="u1")
    assert tenant.wire.log[0].url.startswith("https://acme.learningcloud.me/")


def test_only_connection_options_have_an_environment_variable() -> None:
    for vendor in VENDORS:
        options = user_spec(vendor.info).options
        for name, option in options.items():
            variable = f"{vendor.info.name.upper()}_{name.upper()}"
            assert ("fallback" in option) is (name in vendor.info.connection.options)
            assert "fallback" not in option or option["fallback"][1] == [variable]


def test_every_secret_is_kept_out_of_logs() -> None:
    secret = {"client_secret", "access_token", "api_secret", "auth_token", "key_content"}
    for vendor in VENDORS:
        for name, option in user_spec(vendor.info).options.items():
            assert bool(option.get("no_log")) is (name in secret), name


def test_the_state_is_required_and_has_no_default() -> None:
    for vendor in VENDORS:
        state = user_spec(vendor.info).options["state"]
        assert state["required"] is True
        assert "default" not in state
        assert state["choices"] == list(vendor.info.states)


def test_argument_specs_merge_and_the_later_one_decides() -> None:
    one, other = ArgumentSpec({"a": {"type": "str"}, "b": {"type": "str"}}), ArgumentSpec({"b": {"type": "int"}})
    assert (one + other).options == {"a": {"type": "str"}, "b": {"type": "int"}}
    assert one.options["b"] == {"type": "str"}


def test_the_first_variable_that_is_set_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible.module_utils.common.parameters import AnsibleFallbackNotFound

    monkeypatch.delenv("X_ONE", raising=False)
    fallback, names = from_environment("X", one={"type": "str"}).options["one"]["fallback"]
    with pytest.raises(AnsibleFallbackNotFound):
        fallback(*names)
    monkeypatch.setenv("X_ONE", "")
    with pytest.raises(AnsibleFallbackNotFound):
        fallback(*names)
    monkeypatch.setenv("X_ONE", "1")
    assert fallback(*names) == "1"


# -- user_requests


def params(vendor: type[Vendor], **given: t.Any) -> dict[str, t.Any]:
    options = user_spec(vendor.info).options
    return {name: option.get("default") for name, option in options.items()} | {"state": "deactivated"} | given


def test_settings_at_the_top_are_for_all_and_an_entry_has_its_own() -> None:
    users = [{"ref": "a", "end_date": None}, {"ref": "b", "end_date": "2024-01-01"}]
    user_requests = user_requests_from(Learn, params(Learn, end_date="2030-01-01", users=users))
    assert [user_request.settings for user_request in user_requests] == [
        {"end_date": "2030-01-01"},
        {"end_date": "2024-01-01"},
    ]


def test_the_state_of_an_entry_goes_before_that_of_the_task() -> None:
    users = [{"user_id": "1", "state": "locked"}, {"user_id": "2", "state": None}, {"user_id": "3"}]
    asked = user_requests_from(Zitadel, params(Zitadel, state="active", users=users))
    assert [(each.state, each.reopens) for each in asked] == [("locked", True), ("active", True), ("active", True)]
    assert not user_requests_from(Zitadel, params(Zitadel, users=users))[0].reopens


def test_an_identity_is_a_key_with_a_type() -> None:
    users = [{"identity": {"type": "azure", "value": "1"}}, {"identity": {"type": "zoom", "value": "1"}}]
    assert [user_request.key.qualifier for user_request in user_requests_from(Laurel, params(Laurel, users=users))] == [
        "azure",
        "zoom",
    ]
    with pytest.raises(BadOption, match="entries 1 and 2"):
        user_requests_from(Laurel, params(Laurel, users=[users[0], users[0]]))


def test_an_email_to_be_set_is_no_key() -> None:
    (user_request,) = user_requests_from(
        Laurel, params(Laurel, state="present", user_id="id1", email="new@example.com")
    )
    assert (user_request.key.field, user_request.settings) == ("user_id", {"email": "new@example.com"})
    (user_request,) = user_requests_from(Laurel, params(Laurel, state="present", email="old@example.com", office="x"))
    assert (user_request.key.field, user_request.settings) == ("email", {"office": "x"})


def test_an_empty_text_and_an_empty_list_are_values() -> None:
    (user_request,) = user_requests_from(
        Laurel, params(Laurel, state="present", user_id="id1", nickname="", role_ids=[])
    )
    assert user_request.settings == {"nickname": "", "role_ids": []}


def test_the_rate_of_a_vendor_is_kept_unless_another_is_given() -> None:
    cloud = params(Zitadel, api_url="https://acme.zitadel.cloud")
    assert limits_from(Zitadel, cloud).requests_per_second == 50.0
    assert limits_from(Zitadel, cloud | {"requests_per_second": 5.0}).requests_per_second == 5.0
    assert limits_from(Netex, params(Netex)).requests_per_second is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 0.0])
@pytest.mark.parametrize("option", ["timeout", "requests_per_second"])
def test_a_number_that_is_none_is_refused(option: str, value: float) -> None:
    with pytest.raises(BadOption, match=option):
        limits_from(Netex, params(Netex, **{option: value}))


def test_no_rail_is_set_by_default() -> None:
    guards = guards_from(params(Netex))
    assert (guards.protected, guards.max_changes, guards.plan_hash) == ((), None, None)
