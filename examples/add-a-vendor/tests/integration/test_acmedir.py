# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""acmedir_user, acmedir_user_info and the role through real playbooks against the mock vendors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.story import VENDORS
from demo.story import account as account_at
from harness.convergence import assert_no_secret
from harness.playbook import Ansible
from harness.scenes import Played, Scene, assert_kept, play, thrice
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
ROOT = "/v1/people"


def person(number: int, **values: Any) -> dict[str, Any]:
    return {"id": f"p-{number}", "email": f"leaver{number:02d}@example.com", **values}


ADMIN = person(7, email="admin@example.com")
PEOPLE = [person(1), person(2), person(3, status="suspended"), person(4, email="Leaver04@Example.com"), ADMIN]
ALL_KEYS = [
    {"user_id": "p-1"},
    {"email": "leaver02@example.com"},
    {"email": "leaver03@example.com"},
    {"email": "leaver04@example.COM"},
    {"email": "nobody@example.com"},
    {"user_id": "p-9"},
]


def scene(name: str, options: Mapping[str, Any], **more: Any) -> Scene:
    return Scene(
        name,
        "acmedir_user",
        {"state": "deactivated", "on_missing": "ok", "retry_budget": 1, **options},
        **{"seed": {"acmedir": PEOPLE}, **more},
    )


def statuses(played: Played) -> list[str]:
    return [row["status"] for row in played.state.values()]


def test_check_mode_predicts_and_a_second_run_changes_nothing(ansible: Ansible, mock: MockVendors) -> None:
    expected = {
        "deactivated": ["changed", "changed", "unchanged", "changed", "missing", "missing"],
        "active": ["unchanged", "unchanged", "changed", "unchanged", "missing", "missing"],
        "absent": ["changed", "changed", "changed", "changed", "unchanged", "unchanged"],
    }
    played = play(
        ansible,
        mock,
        [each for state in expected for each in thrice(scene(state, {"state": state, "users": ALL_KEYS}))],
    )
    for state, outcomes in expected.items():
        done = assert_kept(played, state)
        assert done.result.outcomes == outcomes
        assert all(user["verified"] is True for user in done.result.users if user["outcome"] == "changed")
        assert {call["method"] for call in done.writes} == {"DELETE" if state == "absent" else "PATCH"}
        assert len(done.writes) == outcomes.count("changed")
        left = {"deactivated": ["suspended"] * 4, "active": ["enabled"] * 4, "absent": []}[state]
        assert statuses(done) == [*left, "enabled"]


def test_what_is_sent(ansible: Ansible, mock: MockVendors) -> None:
    played = play(
        ansible,
        mock,
        [
            scene("By id", {"user_id": "p-1"}),
            scene("By e-mail", {"email": "leaver02@example.com"}),
            scene("An id stays in its segment", {"user_id": "../people"}),
        ],
    )
    assert played["By id"].calls == [f"GET {ROOT}/p-1", f"PATCH {ROOT}/p-1", f"GET {ROOT}/p-1"]
    (write,) = played["By id"].writes
    assert json.loads(write["body"]) == {"status": "suspended"}
    assert played["By e-mail"].calls == [f"GET {ROOT}?page=1&per_page=100", f"PATCH {ROOT}/p-2", f"GET {ROOT}/p-2"]
    assert played["An id stays in its segment"].calls[0] == f"GET {ROOT}/..%2Fpeople"
    assert played["An id stays in its segment"].outcome == "missing"


FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "Two people with one e-mail": (
        {"email": "shared@example.com"},
        {"seed": {"acmedir": [person(number, email="shared@example.com") for number in (1, 2)]}},
        "ambiguous",
    ),
    "A wrong token": ({"user_id": "p-1", "access_token": "acmedirAnotherToken-90c2"}, {}, "unauthorized"),
    "A wrong address": ({"user_id": "p-1", "state": "absent"}, {}, "wrong_address"),
    "A page of HTML": (
        {"email": "leaver01@example.com"},
        {"faults": [{"action": "html", "kind": "read"}]},
        "bad_answer",
    ),
    "An empty list": ({"email": "leaver01@example.com"}, {"seed": {"acmedir": []}}, "unproven"),
    "A list without an end": (
        {"email": "nobody@example.com"},
        {"switches": {"paging": "ignored"}},
        "unproven",
    ),
    "No change": ({"user_id": "p-1"}, {"faults": [{"action": "noop", "kind": "write"}]}, "not_applied"),
    "No deletion": (
        {"user_id": "p-1", "state": "absent"},
        {"faults": [{"action": "noop", "kind": "write"}]},
        "not_applied",
    ),
}


def test_what_is_not_proven_is_an_error(ansible: Ansible, mock: MockVendors) -> None:
    wrong = {"A wrong address": {"api_url": mock.ready["acmedir"]["api_url"].replace("/v1", "/v2")}}
    played = play(
        ansible,
        mock,
        [scene(name, options | wrong.get(name, {}), **more) for name, (options, more, _code) in FAULTS.items()],
    )
    for name, (_options, _more, code) in FAULTS.items():
        problem = played[name].result.result.get("error") or played[name].error
        assert problem["code"] == code, name
        assert "suspended" not in statuses(played[name])[:1], name
        assert len(played[name].writes) == (code == "not_applied"), name


@pytest.mark.parametrize("switches", [{}, {"patch": 204}, {"missing": "html"}], ids=str)
def test_what_the_documentation_leaves_open(ansible: Ansible, mock: MockVendors, switches: Mapping[str, Any]) -> None:
    lost = [{"action": "reset_after", "kind": "write", "times": 1}]
    played = play(
        ansible,
        mock,
        [
            scene("All", {"users": ALL_KEYS}, switches=switches),
            scene("A lost response", {"user_id": "p-1"}, switches=switches, faults=lost),
        ],
    )
    assert played["All"].result.outcomes == ["changed", "changed", "unchanged", "changed", "missing", "missing"]
    assert played["A lost response"].outcome == "changed"


def test_what_is_read(ansible: Ansible, mock: MockVendors) -> None:
    """The same in check mode, and nothing is written."""
    module = "acmedir_user_info"
    asked: dict[str, dict[str, Any]] = {
        "All": {},
        "Closed": {"state": "deactivated"},
        "By e-mail": {"email": "leaver04@example.com"},
    }
    tasks = [{"name": name, f"saas.offboarding.{module}": options} for name, options in asked.items()]
    mock.seed({"acmedir": PEOPLE})
    for check in (True, False):
        run = ansible.run(tasks, check=check, verbosity=3, env=mock.environment())
        assert run.rc == 0, run
        assert_no_secret(run, mock)
        assert [each["id"] for each in run.result("All").users] == [each["id"] for each in PEOPLE]
        assert run.result("All").result["complete"] is True
        assert [each["id"] for each in run.result("Closed").users] == ["p-3"]
        assert [each["email"] for each in run.result("By e-mail").users] == ["Leaver04@Example.com"]
    assert mock.log("write") == []


def test_the_role_closes_at_all_tenants(ansible: Ansible, mock: MockVendors) -> None:
    emails = ["leaver01@example.com", "leaver05@example.com", "colleague01@example.com"]
    leavers = [
        {"email": email, "accounts": {"netex": email.partition("@")[0], "learn": {"ref": f"E000{email[6:8]}"}}}
        for email in emails[:2]
    ]
    mock.seed({vendor: [account_at(vendor, email) for email in emails] for vendor in VENDORS})
    run = ansible.run(
        "saas.offboarding.offboard",
        diff=True,
        verbosity=3,
        env=mock.environment(),
        extra_vars={"offboard_leavers": leavers, "offboard_report_dir": str(ansible.place / "reports")},
        inventory=TENANTS,
    )
    assert run.rc == 0, run
    assert_no_secret(run, mock)
    assert [each["status"] for each in mock.state("acmedir").values()] == ["suspended", "suspended", "enabled"]
    (file,) = (ansible.place / "reports").glob("*/evidence.json")
    document = json.loads(file.read_text(encoding="utf-8"))
    assert "acmedir" in VENDORS
    assert {tenant["tenant"] for tenant in document["tenants"]} == set(VENDORS)
    assert {record["outcome"] for record in document["records"]} == {"changed"}
    assert [record["verified"] for record in document["records"] if record["tenant"] == "acmedir"] == [True, True]
