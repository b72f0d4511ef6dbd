# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""scim_user and scim_user_info through real playbooks against the mock vendors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.convergence import assert_no_secret
from harness.playbook import Ansible
from harness.scenes import Played, Scene, assert_kept, play, thrice
from mock_vendors.client import MockVendors
from mock_vendors.scim import ID

ASSUMED = "no profile states the result of a change"


def user_id(number: int) -> str:
    return f"{ID}{number:012d}"


def user(number: int, **values: Any) -> dict[str, Any]:
    return {"id": user_id(number), "userName": f"leaver{number:02d}", "externalId": f"E{number}", **values}


FIVE = {
    "scim": [
        user(1),
        user(2),
        user(3, active=False),
        user(4, emails=[{"value": "Leaver04@Example.com", "type": "work"}]),
        user(5),
    ]
}
ALL_KEYS = [
    {"user_id": user_id(1)},
    {"username": "Leaver02"},
    {"email": "leaver03@example.com"},
    {"email": "leaver04@example.COM"},
    {"username": "no.such.user"},
    {"external_id": "E5"},
]


def scene(name: str, options: Mapping[str, Any], **more: Any) -> Scene:
    given = {"state": "deactivated", "on_missing": "ok", **options}
    return Scene(name, "scim_user", given, **{"seed": FIVE, "warnings": [ASSUMED], **more})


def active(played: Played) -> dict[str, Any]:
    return {row["userName"]: row["active"] for row in played.state.values()}


def test_check_mode_predicts_and_a_second_run_changes_nothing(ansible: Ansible, mock: MockVendors) -> None:
    came = {
        "deactivated": ["changed", "changed", "unchanged", "changed", "missing", "changed"],
        "active": ["unchanged", "unchanged", "changed", "unchanged", "missing", "unchanged"],
    }
    played = play(
        ansible,
        mock,
        [each for state in came for each in thrice(scene(state, {"state": state, "users": ALL_KEYS}))],
    )
    for state, outcomes in came.items():
        done = assert_kept(played, state)
        assert done.result.outcomes == outcomes
        assert all(each["verified"] is True for each in done.result.users if each["outcome"] == "changed")
        assert {call["method"] for call in done.writes} == {"PATCH"}
        assert len(done.writes) == outcomes.count("changed")
        assert list(active(done).values()) == [state == "active"] * 5


def test_a_product_that_removes_whom_it_closes_loses_one_account(ansible: Ansible, mock: MockVendors) -> None:
    users = [{"username": f"leaver{number:02d}"} for number in (1, 2, 5)]
    removing = scene("removed", {"users": users}, switches={"active_false": "removes"})
    came = play(ansible, mock, [removing])["removed"]
    assert came.result.outcomes == ["changed", "refused", "refused"]
    assert [each["error"] and each["error"]["code"] for each in came.result.users] == [
        None,
        "closes_by_removing",
        "closes_by_removing",
    ]
    assert came.result.users[0]["after"]["state"] == "absent"
    assert sorted(active(came)) == ["leaver02", "leaver03", "leaver04", "leaver05"]


def test_what_is_read(ansible: Ansible, mock: MockVendors) -> None:
    module = "scim_user_info"
    asked: dict[str, dict[str, Any]] = {
        "All": {},
        "Closed": {"state": "deactivated"},
        "Named": {"users": ALL_KEYS},
        "By a profile": {"email": "leaver04@example.com", "profile": "keycloak", "product": "Our login"},
    }
    tasks = [{"name": name, f"saas.offboarding.{module}": options} for name, options in asked.items()]
    mock.seed(FIVE)
    mock.switch("scim", max_page=3)
    for check in (True, False):
        run = ansible.run(tasks, check=check, verbosity=3, env=mock.environment())
        assert run.rc == 0, run
        assert_no_secret(run, mock)
        everybody = run.result("All")
        assert [each["name"] for each in everybody.users] == [f"leaver{number:02d}" for number in range(1, 6)]
        assert everybody.result["complete"] is True
        assert [each["id"] for each in run.result("Closed").users] == [user_id(3)]
        assert [each["found"] for each in run.result("Named").users] == [True, True, True, True, False, True]
        assert [each["email"] for each in run.result("By a profile").users] == ["Leaver04@Example.com"]
    assert mock.log("write") == []


def test_the_role_closes_at_two_products_that_the_list_names_by_tenant(ansible: Ansible, mock: MockVendors) -> None:
    mock.seed(FIVE)
    ready = mock.ready["scim"]
    wiki = {"saas_vendor": "scim", "scim_product": "Our wiki", "scim_api_url": ready["api_url"]}
    login = {**wiki, "scim_product": "Our login", "scim_profile_options": {"closes": "deactivates", "shape": "path"}}
    hosts = {name: {"ansible_connection": "local", **own} for name, own in (("wiki", wiki), ("login", login))}
    inventory = ansible.place / "tenants.yml"
    inventory.write_text(json.dumps({"saas": {"hosts": hosts}}), encoding="utf-8")
    leavers = [
        {"email": "leaver01@example.com", "accounts": {"wiki": "leaver01", "login": {"external_id": "E5"}}},
        {"email": "leaver04@example.com"},
    ]
    run = ansible.run(
        "saas.offboarding.offboard",
        verbosity=3,
        env={"SCIM_ACCESS_TOKEN": ready["access_token"]},
        extra_vars={"offboard_leavers": leavers, "offboard_report_dir": str(ansible.place / "reports")},
        inventory=inventory,
    )
    assert run.rc == 0, run
    assert_no_secret(run, mock)
    assert {row["userName"] for row in mock.state("scim").values() if not row["active"]} == {
        "leaver01",
        "leaver03",
        "leaver04",
        "leaver05",
    }
    (file,) = (ansible.place / "reports").glob("*/evidence.json")
    document = json.loads(file.read_text(encoding="utf-8"))
    used = {tenant["tenant"]: tenant["product"] for tenant in document["tenants"]}
    assert {name: each["name"] for name, each in used.items()} == {"wiki": "Our wiki", "login": "Our login"}
    assert {name: each["values"]["closes"] for name, each in used.items()} == dict.fromkeys(used, "deactivates")
    assert all("protected" in " ".join(tenant["notes"]) for tenant in document["tenants"])
    assert {record["outcome"] for record in document["records"]} <= {"changed", "unchanged"}


JANE = {"username": "jane"}
WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "address of users": ({"api_url": "{api_url}/Users"}, {}, ("api_url ends in /Users",)),
    "no users there": ({"api_url": "{host}/scim"}, {}, ("wrong_address", "no list of users", "/v2")),
    "no users there, by a SCIM error": ({"api_url": "{host}"}, {"wrong_base": "scim"}, ("wrong_address", "/v2")),
    "no users there, by JSON": ({"api_url": "{host}/v1"}, {"wrong_base": "json"}, ("wrong_address", "/v2")),
    "no users there, by a method": ({"api_url": "{host}/v1"}, {"wrong_base": 405}, ("wrong_address", "/v2")),
    "an empty object": ({"api_url": "{host}/scim"}, {"wrong_base": "empty"}, ("is no SCIM list", "/v2")),
    "a connection that is off": ({}, {"disabled": True}, ("is no SCIM list",)),
    "a page": ({}, {"bad_token": "html", "auth": ["basic"]}, ("HTML page",)),
    "another tenant": ({"access_token": "{other_access_token}"}, {}, ("unproven", "empty", "api_url")),
    "SCIM 1.1": ({}, {"version": "1.1"}, ("SCIM 1.1", "/v1")),
    "unknown profile": ({"profile": "slak"}, {}, ("'slak' does not exist", "slack")),
    "unknown field": ({"profile_options": {"close": "deactivates"}}, {}, ("'close' is not a field", "closes")),
    "no such value": ({"profile_options": {"closes": "yes", "page": 0}}, {}, ("closes is one of", "page is a whole")),
    "no tenant in the address": ({"profile": "atlassian"}, {}, ("tenant_id is missing", "part of the address")),
    "no tenant at a shared address": ({"profile": "slack"}, {}, ("tenant_id is missing", "names the tenant")),
    "half a right": ({}, {"rights": "query_users"}, ("no_rights", "lacks the right")),
    "no right, no reason": (
        {},
        {"rights": "none", "error_shape": "no_detail"},
        ("forbidden", "answered 403, no reason given; the credential lacks the right to read users"),
    ),
    "no right to write, no reason": (
        {"username": "leaver01"},
        {"rights": "view_users", "error_shape": "no_detail"},
        ("forbidden", "answered 403, no reason given; the credential lacks the right to change users"),
    ),
}
"""By name: options, switches of the mock, and what the message must hold."""


def test_what_is_wrong_with_the_options_or_the_server_is_named_before_a_write(
    ansible: Ansible, mock: MockVendors
) -> None:
    ready = {**mock.ready["scim"], "host": mock.ready["scim"]["api_url"].removesuffix("/scim/v2")}
    scenes = []
    for name, (options, switches, _texts) in WRONG.items():
        given = {key: each.format(**ready) if isinstance(each, str) else each for key, each in options.items()}
        named = {} if "profile" in given else {"api_url": ready["api_url"]}
        key = {} if "username" in given else JANE
        more = {"switches": switches, "env": {"SCIM_API_URL": ""}}
        scenes.append(scene(name, {"on_missing": "fail", **named, **key, **given}, **more))
    played = play(ansible, mock, scenes)
    for name, (_options, _switches, texts) in WRONG.items():
        message = played[name].result.msg
        assert played[name].result.failed, name
        assert [text for text in texts if text not in message] == [], f"{name}: {message}"
        assert not [call for call in played[name].writes if call["status"] < 400], name
        assert len(active(played[name])) == 5
