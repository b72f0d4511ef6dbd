# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""scim_user, scim_user_info and the role through real playbooks against the mock vendors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.story import VENDORS
from demo.story import account as account_at
from harness.convergence import assert_no_secret
from harness.playbook import Ansible
from harness.scenes import Played, Scene, assert_kept, play, thrice
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
ROOT = "/scim/v2/Users"
MISSING = "00000000-0000-0000-0000-000000000000"


def user_id(number: int) -> str:
    return f"{number:032x}"


def user(number: int, **values: Any) -> dict[str, Any]:
    return {"id": user_id(number), "userName": f"leaver{number:02d}", **values}


FOUR = {"scim": [user(1), user(2), user(3, active=False), user(4, emails=[{"value": "Leaver04@Example.com"}])]}
ALL_KEYS = [
    {"user_id": user_id(1)},
    {"username": "leaver02"},
    {"email": "leaver03@example.com"},
    {"email": "leaver04@example.COM"},
    {"username": "nobody"},
]


def scene(name: str, options: Mapping[str, Any], **more: Any) -> Scene:
    seeded: dict[str, Any] = {} if more.keys() & {"seed", "population"} else {"seed": FOUR}
    return Scene(name, "scim_user", {"state": "deactivated", "on_missing": "ok", **options}, **seeded, **more)


def active(played: Played) -> dict[str, bool]:
    return {row["userName"]: row["active"] for row in played.state.values()}


def test_check_mode_foretells_and_a_second_run_changes_nothing(ansible: Ansible, mock: MockVendors) -> None:
    came = {
        "deactivated": ["changed", "changed", "unchanged", "changed", "missing"],
        "active": ["unchanged", "unchanged", "changed", "unchanged", "missing"],
        "absent": ["changed", "changed", "changed", "changed", "unchanged"],
    }
    played = play(
        ansible,
        mock,
        [each for state in came for each in thrice(scene(state, {"state": state, "users": ALL_KEYS}))],
    )
    for state, outcomes in came.items():
        done = assert_kept(played, state)
        assert done.result.outcomes == outcomes
        assert all(user["verified"] is True for user in done.result.users if user["outcome"] == "changed")
        assert {call["method"] for call in done.writes} == {"DELETE" if state == "absent" else "PATCH"}
        assert len(done.writes) == outcomes.count("changed")
        assert list(active(done).values()) == ([] if state == "absent" else [state == "active"] * 4)


def test_what_is_sent(ansible: Ansible, mock: MockVendors) -> None:
    odd = 'a" or userName pr or "'
    played = play(
        ansible,
        mock,
        [
            scene("By id", {"user_id": user_id(1)}),
            scene("By name", {"username": "leaver02"}),
            scene("A name stays in its filter", {"username": odd}, seed={"scim": [user(1), user(2, userName=odd)]}),
            scene("An id stays in its segment", {"user_id": "../Groups"}),
        ],
    )
    one = f"{ROOT}/{user_id(1)}"
    assert played["By id"].calls == [f"GET {one}", f"PATCH {one}", f"GET {one}"]
    (write,) = played["By id"].writes
    assert json.loads(write["body"])["Operations"] == [{"op": "replace", "path": "active", "value": False}]
    assert write["headers"]["Content-Type"] == "application/scim+json"
    assert played["By name"].calls[0] == f"GET {ROOT}?filter=userName+eq+%22leaver02%22"
    assert active(played["A name stays in its filter"]) == {"leaver01": True, odd: False}
    assert played["An id stays in its segment"].calls[0] == f"GET {ROOT}/..%2FGroups"
    assert played["An id stays in its segment"].outcome == "missing"


def test_exactly_one_account_or_none(ansible: Ansible, mock: MockVendors) -> None:
    shared = [{"value": "shared@example.com"}]
    one_name = {"scim": [user(1), user(2, userName="leaver01"), user(3)]}
    several: list[dict[str, Any]] = [{"username": name} for name in ("leaver01", "leaver03", "n1", "n2")]
    played = play(
        ansible,
        mock,
        [
            scene(
                "Two of one e-mail",
                {"email": "shared@example.com"},
                seed={"scim": [user(1, emails=shared), user(2, emails=shared)]},
            ),
            scene("Two of one name", {"username": "leaver01"}, seed=one_name),
            scene("Two of one name, listed", {"users": several}, seed=one_name),
            scene("Another case", {"username": "Leaver01"}),
            scene("Part of a name", {"users": [{"username": "leaver0"}, {"email": "leaver0@example.com"}]}),
        ],
    )
    for name, code in (
        ("Two of one e-mail", "ambiguous"),
        ("Two of one name", "ambiguous"),
        ("Another case", "near_match"),
    ):
        assert (played[name].outcome, played[name].error["code"]) == ("failed", code), name
    listed = played["Two of one name, listed"]
    assert listed.result.outcomes == ["failed", "changed", "missing", "missing"]
    assert listed.result.users[0]["error"]["code"] == "ambiguous"
    assert played["Part of a name"].result.outcomes == ["missing", "missing"]
    for name in ("Two of one e-mail", "Two of one name", "Another case", "Part of a name"):
        assert played[name].writes == [], name


def test_done_means_seen_and_missing_means_proven(ansible: Ansible, mock: MockVendors) -> None:
    """A 200 that changes nothing, a wrong address, a page of HTML: none of them closes an account."""
    impatient = {"retry_budget": 1}
    wrong = f"{mock.ready['scim']['api_url']}/v3"
    played = play(
        ansible,
        mock,
        [
            scene(
                "Nothing changed", {"username": "leaver01", **impatient}, faults=[{"action": "noop", "kind": "write"}]
            ),
            scene(
                "Nothing deleted",
                {"username": "leaver01", "state": "absent", **impatient},
                faults=[{"action": "noop", "kind": "write"}],
            ),
            scene("A missing id", {"user_id": MISSING}),
            scene("A missing id, in HTML", {"user_id": MISSING}, switches={"missing": "html"}),
            scene("A wrong address", {"user_id": user_id(1), "state": "absent", "api_url": wrong}),
            scene("A page of HTML", {"username": "leaver01"}, faults=[{"action": "html", "kind": "read"}]),
            scene(
                "A lost answer",
                {"username": "leaver01"},
                faults=[{"action": "reset_after", "kind": "write", "times": 1}],
            ),
        ],
    )
    for name in ("Nothing changed", "Nothing deleted"):
        assert (played[name].outcome, played[name].error["code"]) == ("failed", "not_applied"), name
        assert played[name].user["verified"] is False
    for name in ("A missing id", "A missing id, in HTML"):
        assert (played[name].outcome, played[name].result.ok) == ("missing", True), name
    assert (played["A wrong address"].outcome, played["A wrong address"].error["code"]) == ("failed", "wrong_address")
    assert (played["A page of HTML"].outcome, played["A page of HTML"].error["code"]) == ("failed", "bad_answer")
    assert (played["A lost answer"].outcome, active(played["A lost answer"])["leaver01"]) == ("changed", False)


def test_what_the_rfc_leaves_open(ansible: Ansible, mock: MockVendors) -> None:
    """Each possibility of each switch ends in the same outcomes."""
    possibilities: list[dict[str, Any]] = [
        {"filter": "ignored", "patch": 204},
        {"filter": 400, "resources": "left_out_when_empty"},
        {"filter": 501, "max_page": 2},
        {"max_page": 3, "resources": "left_out_when_empty"},
    ]
    users = [{"username": "leaver01"}, {"username": "leaver03"}, {"username": "nobody"}]
    many = [*users, {"email": "leaver04@example.com"}]
    scenes = [
        scene(f"{len(asked)}, {each}", {"users": asked}, switches=each)
        for each in possibilities
        for asked in (users, many)
    ]
    played = play(ansible, mock, scenes)
    for each in scenes:
        came = played[each.name]
        assert came.result.outcomes[:3] == ["changed", "unchanged", "missing"], each.name
        assert came.result.outcomes[3:] == ["changed"] * (len(came.result.users) - 3)


def test_what_is_read(ansible: Ansible, mock: MockVendors) -> None:
    """The same in check mode, and nothing is written."""
    module = "scim_user_info"
    asked: dict[str, dict[str, Any]] = {
        "All": {},
        "Closed": {"state": "deactivated"},
        "By e-mail": {"email": "leaver04@example.com"},
    }
    tasks = [{"name": name, f"saas.offboarding.{module}": options} for name, options in asked.items()]
    mock.seed(FOUR)
    mock.switch("scim", max_page=3)
    for check in (True, False):
        run = ansible.run(tasks, check=check, verbosity=3, env=mock.environment())
        assert run.rc == 0, run
        assert_no_secret(run, mock)
        everybody = run.result("All")
        assert [each["name"] for each in everybody.users] == [f"leaver{number:02d}" for number in range(1, 5)]
        assert everybody.result["complete"] is True
        assert [each["id"] for each in run.result("Closed").users] == [user_id(3)]
        assert [each["email"] for each in run.result("By e-mail").users] == ["Leaver04@Example.com"]
    assert mock.log("write") == []


def test_the_role_closes_at_six_tenants(ansible: Ansible, mock: MockVendors) -> None:
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
    assert [each["active"] for each in mock.state("scim").values()] == [False, False, True]
    (file,) = (ansible.place / "reports").glob("*/evidence.json")
    document = json.loads(file.read_text(encoding="utf-8"))
    assert {tenant["tenant"] for tenant in document["tenants"]} == set(VENDORS)
    assert len(VENDORS) == 6
    assert {record["outcome"] for record in document["records"]} == {"changed"}
    assert [record["verified"] for record in document["records"] if record["tenant"] == "scim"] == [True, True]
