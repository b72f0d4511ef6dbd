# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""learn_user through real playbooks against the mock vendors."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from harness.convergence import three_runs
from harness.playbook import Ansible
from harness.scenes import BUSY, Played, Scene, assert_kept, play, thrice
from mock_vendors.client import MockVendors

USERS = "/rest/v1/users"
LIST = f"{USERS}?page=1&perPage=1000"
ACTIVE = {"state": "active", "vendor_state": "active"}
DEACTIVATED = {"state": "deactivated", "vendor_state": "inactive"}
ABSENT = {"state": "absent", "vendor_state": None}
OAUTH = ("client_id", "client_secret")


def account(number: int, **values: Any) -> dict[str, Any]:
    return {"id": user_id(number), "ref": f"R{number}", "email": f"leaver{number:02d}@example.com", **values}


def user_id(number: int) -> str:
    return f"5e66c1d0{number:016x}"


FIVE = {
    "learn": [
        account(1),
        account(2, status="new"),
        account(3, status="inactive"),
        account(4, status="expired", email="Leaver04@Example.com"),
        account(5, deleted=True, ref=None, email=None, status="inactive"),
    ]
}
ALL_KEYS = [
    {"user_id": user_id(1)},
    {"ref": "R2"},
    {"ref": "R3"},
    {"email": "leaver04@example.COM"},
    {"user_id": user_id(5)},
    {"ref": "no-such-user"},
]


def scene(name: str, options: Mapping[str, Any], **more: Any) -> Scene:
    seeded: dict[str, Any] = {} if more.keys() & {"seed", "population"} else {"seed": FIVE}
    return Scene(name, "learn_user", {"state": "deactivated", **options}, **seeded, **more)


def suspend(ref: str) -> str:
    return f"/rest/v2/users/ref/{ref}/suspend"


def header(request: Mapping[str, Any], name: str) -> str | None:
    return {key.lower(): value for key, value in request["headers"].items()}.get(name.lower())


def statuses(played: Played) -> list[str]:
    return ["deleted" if row["deleted"] else row["status"] for row in played.state.values()]


@pytest.mark.parametrize(
    ("state", "outcomes", "after"),
    [
        ("deactivated", ["changed", "changed", "unchanged", "changed", "missing", "missing"], DEACTIVATED),
        ("active", ["unchanged", "unchanged", "changed", "unchanged", "missing", "missing"], ACTIVE),
        ("absent", ["changed", "changed", "changed", "changed", "unchanged", "unchanged"], ABSENT),
    ],
)
def test_each_state_by_every_key(
    ansible: Ansible, mock: MockVendors, state: str, outcomes: list[str], after: dict[str, Any]
) -> None:
    # One user stays: a list without users who have a ref proves no user missing in the second run.
    mock.seed({"learn": [*FIVE["learn"], account(9)]})
    runs = three_runs(ansible, mock, "learn_user", {"state": state, "users": ALL_KEYS, "on_missing": "ok"})
    assert runs.done.outcomes == outcomes
    assert [user["key"] for user in runs.done.users] == ALL_KEYS
    assert [user["id"] for user in runs.done.users] == [*(user_id(n) for n in (1, 2, 3, 4, 5)), None]
    for user in runs.done.users[:4]:
        assert user["verified"] is not False
        if user["outcome"] == "changed":
            assert user["verified"] is True
            assert user["after"] == after
        assert user["after"]["state"] == state
    assert [user["after"]["state"] for user in runs.done.users[4:]] == ["absent"] * 2
    assert [user["before"]["vendor_state"] for user in runs.done.users[:4]] == ["active", "new", "inactive", "expired"]
    written = [number for number, outcome in enumerate(outcomes, 1) if outcome == "changed"]
    method, service, path = {
        "deactivated": ("PATCH", "learn_api", "/rest/v2/users/ref/R{}/suspend"),
        "active": ("POST", "learn_webhook", "/webhooks"),
        "absent": ("DELETE", "learn_api", "/rest/v2/users/ref/R{}"),
    }[state]
    assert sorted((write["method"], write["service"], write["path"]) for write in runs.writes) == [
        (method, service, path.format(number)) for number in written
    ]
    *rows, stays = mock.state("learn").values()
    assert (len(rows), stays["id"]) == (5, user_id(9)), "a user was created"
    assert [row["deleted"] for row in rows] == [state == "absent"] * 4 + [True]
    if state == "deactivated":
        assert [row["status"] for row in rows[:4]] == ["inactive"] * 4
    if state == "active":
        assert [row["status"] for row in rows[:4]] == ["active", "new", "active", "expired"]
    assert len(runs.done.diff["before"]) == len(runs.done.diff["after"]) == len(written)


def test_what_is_sent(ansible: Ansible, mock: MockVendors) -> None:
    end = "2024-06-30T17:00:00.000Z"
    dated = [
        {"ref": "R1"},
        {"ref": "R2", "end_date": "2025-01-31"},
        {"ref": "R4", "end_date": "2024-06-30T19:00:00+02:00"},
    ]
    scenes = [
        scene("By ref", {"ref": "R1"}),
        scene("By id", {"user_id": user_id(1), "end_date": end}),
        scene("By e-mail", {"email": "leaver01@example.com"}),
        scene("Dates", {"users": dated, "end_date": "2024-01-01"}),
        scene("Activate", {"state": "active", "ref": "R3"}),
        scene("Delete", {"state": "absent", "ref": "R3"}),
        scene("A date does not suspend again", {"ref": "R3", "end_date": end}),
        scene(
            "A key stays in its segment",
            {"users": [{"ref": ref} for ref in ("a/../b?c#d", "%2e%2e", "R 1")]},
            seed={"learn": [account(n, ref=ref) for n, ref in enumerate(("a/../b?c#d", "%2e%2e", "R 1", "b"), 1)]},
        ),
        scene("Not verified", {"ref": "R1", "verify": False}),
    ]
    played = play(ansible, mock, scenes)
    again = f"GET /rest/v1/user/{user_id(1)}"
    assert played["By ref"].calls == [f"GET {USERS}/ref/R1", f"PATCH {suspend('R1')}", again]
    assert played["By id"].calls == [again, f"PATCH {suspend('R1')}", again]
    assert played["By e-mail"].calls == [f"GET {LIST}", f"PATCH {suspend('R1')}", again]
    secret = f"{mock.ready['learn']['tenant_id']}:{mock.ready['learn']['api_secret']}"
    for name in ("By ref", "By id", "By e-mail", "Activate", "Delete"):
        for request in played[name].log:
            assert header(request, "Authorization") == "Basic " + base64.b64encode(secret.encode()).decode()
        assert (played[name].outcome, played[name].user["verified"]) == ("changed", True)
    (write,) = played["By ref"].writes
    assert (json.loads(write["body"]), header(write, "Content-Type")) == ({}, "application/json")
    (write,) = played["By id"].writes
    assert json.loads(write["body"]) == {"endDate": end}
    assert {write["path"]: json.loads(write["body"]) for write in played["Dates"].writes} == {
        suspend("R1"): {"endDate": "2024-01-01T00:00:00.000Z"},
        suspend("R2"): {"endDate": "2025-01-31T00:00:00.000Z"},
        suspend("R4"): {"endDate": end},
    }
    (write,) = played["Activate"].writes
    event = json.loads(write["body"])
    assert (write["service"], write["path"], event["eventType"]) == ("learn_webhook", "/webhooks", "user_joined")
    assert event["content"]["user"]["ref"] == "R3"
    assert event["content"]["user"]["email"] == "leaver03@example.com"
    assert event["id"]
    assert played["Activate"].state[user_id(3)]["status"] == "active"
    (write,) = played["Delete"].writes
    assert (write["method"], write["path"], write["body"]) == ("DELETE", "/rest/v2/users/ref/R3", "")
    assert played["Delete"].state[user_id(3)]["deleted"]
    assert played["A date does not suspend again"].outcome == "unchanged"
    odd = played["A key stays in its segment"]
    assert odd.result.outcomes == ["changed"] * 3
    assert sorted(write["path"] for write in odd.writes) == sorted(
        suspend(ref) for ref in ("a%2F..%2Fb%3Fc%23d", "%252e%252e", "R%201")
    )
    assert odd.state[user_id(4)]["status"] == "active"
    assert played["Not verified"].calls == [f"GET {USERS}/ref/R1", f"PATCH {suspend('R1')}"]
    assert played["Not verified"].user["verified"] is None


def test_oauth(ansible: Ansible, mock: MockVendors) -> None:
    """One token for the API; events have a token host of their own, and take a second one."""
    ready = mock.ready["learn"]
    secret_as_client = {"client_id": "", "client_secret": ready["api_secret"]}
    scenes = [
        scene("Suspend", {"users": [{"ref": "R1"}, {"ref": "R2"}]}),
        scene("Rejoin", {"state": "active", "users": [{"ref": "R3"}, {"ref": "R1"}]}),
        scene("Read and write, rejoin", {"scope": "api/read api/write", "state": "active", "ref": "R3"}),
        scene("Read only", {"scope": "api/read", "ref": "R1"}),
        scene("Write only", {"scope": "api/write", "ref": "R1"}),
        scene("Unknown scope", {"scope": "api/nothing", "ref": "R1"}),
        scene("The tenant is the client", {"ref": "R1", **secret_as_client}, switches={"token_expires_in": "absent"}),
        scene("Wrong secret", {"ref": "R1", "client_secret": "wrong-secret-of-no-user"}),
        scene("Client as Basic only", {"ref": "R1"}, switches={"token_auth": "basic"}),
        scene(
            "Runs out",
            {"users": [{"ref": "R1"}, {"ref": "R2"}]},
            faults=[{"action": "expire", "kind": "write", "times": 1}],
        ),
        scene("Revoked", {"ref": "R1"}, faults=[{"action": "revoke", "kind": "write"}]),
    ]
    played = play(ansible, mock, scenes, env=mock.environment(learn=OAUTH))
    (token,) = played["Suspend"].requests("token")
    assert (token["method"], token["path"]) == ("POST", f"/oauth2/token/{ready['tenant_id']}")
    assert "grant_type=client_credentials" in token["body"]
    assert "scope=api%2Fall" in token["body"]
    assert played["Suspend"].result.outcomes == ["changed", "changed"]
    for name in ("Rejoin", "Read and write, rejoin"):
        assert "changed" in played[name].result.outcomes
        assert sorted(request["service"] for request in played[name].requests("token")) == [
            "learn_api",
            "learn_webhook",
        ]
    tokens = {request["service"]: request for request in played["Read and write, rejoin"].requests("token")}
    assert "scope=api%2Fread+api%2Fwrite" in tokens["learn_api"]["body"]
    assert "scope=api%2Fwebhooks" in tokens["learn_webhook"]["body"]
    assert played["The tenant is the client"].outcome == "changed"
    assert f"client_id={ready['tenant_id']}" in played["The tenant is the client"].requests("token")[0]["body"]
    for name in ("Read only", "Write only"):
        assert (played[name].outcome, played[name].error["code"]) == ("failed", "forbidden")
        assert played[name].state[user_id(1)]["status"] == "active"
    # Which form the client is wanted in is not documented: both are tried. A scope is asked for once.
    for name, times in (("Unknown scope", 1), ("Wrong secret", 2)):
        assert played[name].error["code"] == "login_failed"
        assert len(played[name].log) == times
    assert played["Client as Basic only"].outcome == "changed"
    assert len(played["Client as Basic only"].requests("token")) == 2
    assert played["Runs out"].result.outcomes == ["changed", "changed"]
    assert len(played["Runs out"].requests("token")) == 2
    # Renewed once; a renewed token that is refused too ends the task.
    assert (played["Revoked"].outcome, played["Revoked"].error["code"]) == ("failed", "unauthorized")
    assert len(played["Revoked"].requests("token")) == 2


def test_exactly_one_account_or_none(ansible: Ansible, mock: MockVendors) -> None:
    shared = [account(n, email="shared@example.com") for n in (1, 2)]
    reused = [account(1, deleted=True, ref=None, status="inactive"), account(2, email="leaver01@example.com")]
    played = play(
        ansible,
        mock,
        [
            scene(
                "Two of one e-mail",
                {"users": [{"email": "shared@example.com"}, {"ref": "R3"}]},
                seed={"learn": [*shared, account(3)]},
            ),
            scene("Another case, one", {"ref": "r1"}, switches={"ref_case_insensitive": True}),
            scene("Another case, unseen", {"ref": "r1"}),
            scene("Another case, listed", {"users": [{"ref": "r1"}, {"email": "leaver02@example.com"}]}),
            scene("Part of a name", {"users": [{"ref": "R"}, {"email": "eaver01@example.com"}]}),
            scene(
                "Two keys, one account", {"users": [{"ref": "R1"}, {"email": "leaver01@example.com"}, {"ref": "R2"}]}
            ),
            scene(
                "Another user has the data of a deleted account",
                {"users": [{"email": "leaver01@example.com"}, {"user_id": user_id(1)}], "on_missing": "ok"},
                seed={"learn": reused},
            ),
            scene(
                "No reference",
                {"users": [{"user_id": user_id(1)}, {"email": "leaver02@example.com"}, {"ref": "R3"}]},
                seed={"learn": [account(1, ref=None), account(2, ref=""), account(3)]},
            ),
            scene("A word of their own", {"user_id": user_id(1)}, seed={"learn": [account(1, status="archived")]}),
        ],
    )
    twice = played["Two of one e-mail"]
    assert twice.result.outcomes == ["failed", "changed"]
    assert twice.result.users[0]["error"]["code"] == "ambiguous"
    for number in (1, 2):
        assert user_id(number) in twice.result.users[0]["error"]["message"]
        assert twice.state[user_id(number)]["status"] == "active"
    near = played["Another case, one"]
    assert (near.outcome, near.error["code"]) == ("failed", "near_match")
    assert user_id(1) in near.error["message"]
    unseen = played["Another case, unseen"]
    assert (unseen.outcome, unseen.error["code"]) == ("failed", "near_match")
    assert played["Another case, listed"].result.outcomes == ["failed", "changed"]
    assert played["Part of a name"].result.outcomes == ["missing", "missing"]
    assert played["Two keys, one account"].result.outcomes == ["refused"] * 3
    for name in ("Another case, one", "Another case, unseen", "Part of a name", "Two keys, one account"):
        assert played[name].writes == []
        assert played[name].result.failed
    reuse = played["Another user has the data of a deleted account"]
    assert reuse.result.outcomes == ["changed", "missing"]
    assert reuse.result.users[0]["id"] == user_id(2)
    bare = played["No reference"]
    assert bare.result.outcomes == ["failed", "failed", "changed"]
    assert [user["error"]["code"] for user in bare.result.users[:2]] == ["no_ref", "no_ref"]
    own = played["A word of their own"]
    assert (own.outcome, own.user["before"]) == ("changed", {"state": "unknown", "vendor_state": "archived"})


def test_the_list_is_read_to_its_end(ansible: Ansible, mock: MockVendors) -> None:
    scenes = [
        scene(
            f"{size} accounts, {switches}",
            {"users": [{"email": f"user{size:05d}@example.com"}, {"ref": "no-such-user"}], "on_missing": "ok"},
            population={"learn": size},
            switches=switches,
        )
        for size, switches in (
            (1, {"pagination": False}),
            (1000, {"pagination": True}),
            (1001, {"pagination": True}),
            (1000, {"pagination": False}),
            (2001, {"pagination": False, "list_hides_suspended": True}),
        )
    ]
    played = play(ansible, mock, scenes)
    for each in scenes:
        one = played[each.name]
        assert one.result.outcomes == ["changed", "missing"], each.name
        assert [row["email"] for row in one.state.values() if row["status"] != "active"] == [
            one.result.users[0]["key"]["email"]
        ]


def test_what_is_not_documented(ansible: Ansible, mock: MockVendors) -> None:
    """Each possibility of each switch ends in the same outcomes, predicted and for good."""
    closing: list[dict[str, Any]] = [
        {"list_hides_suspended": True, "list_hides_deleted": True, "pagination": False},
        {"message_shape": "object"},
        {"list_lag": {"seconds": 0.8}},
        {"get_lag": {"seconds": 0.8}},
    ]
    rejoining: list[dict[str, Any]] = [
        {"webhook_status": 200},
        {"webhook_status": 204, "webhook_required": ["ref", "email", "firstName", "lastName"]},
        {"webhook_status": 202, "webhook_delay": {"reads": 2}},
        {"webhook_status": 200, "webhook_delay": {"seconds": 0.8}, "webhook_dedupe": False},
        {"list_hides_deleted": True},
    ]
    deleting: list[dict[str, Any]] = [
        {"delete_body": "json", "list_hides_deleted": True},
        {"delete_body": "empty"},
        {"message_shape": "object", "get_lag": {"seconds": 0.8}},
    ]
    few = [{"ref": "R1"}, {"user_id": user_id(3)}, {"ref": "no-such-user"}]
    more = [*few, {"email": "leaver02@example.com"}]
    scenes: dict[str, list[Scene]] = {"deactivated": [], "active": [], "absent": []}
    for state, possibilities in zip(scenes, (closing, rejoining, deleting), strict=True):
        for switches in possibilities:
            users = more if any(name.startswith("list") for name in switches) else few
            options = {"state": state, "users": users, "on_missing": "ok"}
            scenes[state].append(scene(f"{state}, {switches}", options, switches=switches))
    never = scene(
        "Queued for long",
        {"state": "active", "ref": "R3", "retry_budget": 1},
        switches={"webhook_status": 202, "webhook_delay": {"seconds": 90}},
    )
    silent = scene(
        "Taken and not done",
        {"state": "active", "ref": "R3", "retry_budget": 1},
        switches={"webhook_status": 200, "webhook_delay": {"seconds": 90}},
    )
    played = play(ansible, mock, [*(each for group in scenes.values() for each in group), never, silent])
    expected = {
        "deactivated": ["changed", "unchanged", "missing", "changed"],
        "active": ["unchanged", "changed", "missing", "unchanged"],
        "absent": ["changed", "changed", "unchanged", "changed"],
    }
    for state, group in scenes.items():
        for each in group:
            one = played[each.name]
            count = len(one.result.users)
            assert one.result.outcomes == expected[state][:count], f"{each.name}: {one.result.msg}"
            assert all(user["verified"] for user in one.result.users if user["outcome"] == "changed"), each.name
            assert len(one.state) == 5, "a user was created"
    assert (played["Queued for long"].outcome, played["Queued for long"].user["verified"]) == ("changed", None)
    assert (played["Taken and not done"].outcome, played["Taken and not done"].error["code"]) == (
        "failed",
        "not_applied",
    )


def test_already_in_that_state(ansible: Ansible, mock: MockVendors) -> None:
    """A stale reading made the plan; whatever the vendor then answers, the account is as asked, and nothing failed."""
    scenes: list[Scene] = []
    for answer in (200, 409, 422):
        scenes += [
            scene(
                f"{answer}, first",
                {"ref": "R1", "verify": False},
                switches={"already_suspended": answer},
                faults=[{"action": "stale", "kind": "read", "times": 1}],
            ),
            Scene(f"{answer}, second", "learn_user", {"state": "deactivated", "ref": "R1"}),
        ]
    for state in ("absent", "active"):
        scenes += [
            scene(
                f"{state}, first",
                {"state": state, "ref": "R3", "verify": False},
                faults=[{"action": "stale", "kind": "read", "times": 1}],
            ),
            Scene(f"{state}, second", "learn_user", {"state": state, "ref": "R3"}),
        ]
    played = play(ansible, mock, scenes)
    for name, second in played.items():
        if name.endswith("second"):
            assert len(second.writes) == 1, name
            assert second.result.ok, second.result.msg
            assert second.user["error"] is None
    for answer in (409, 422):
        assert (played[f"{answer}, second"].outcome, played[f"{answer}, second"].user["after"]) == (
            "unchanged",
            DEACTIVATED,
        )
    assert played["absent, second"].outcome == "unchanged"


def test_a_busy_or_broken_vendor(ansible: Ansible, mock: MockVendors) -> None:
    """What comes right by itself does; no account is written twice."""
    to_reads: list[dict[str, Any]] = [
        {"action": "status", "status": 429, "retry_after": "date:1"},
        {"action": "status", "status": 503, "retry_after": 1},
        {"action": "reset_before"},
        {"action": "truncate", "promise": True},
    ]
    to_writes: dict[int, dict[str, Any]] = {
        1: {"action": "status", "status": 429, "retry_after": 1},
        2: {"action": "status", "status": 429, "retry_after": "date:1"},
        3: {"action": "status", "status": 429},
        4: {"action": "status", "status": 503, "retry_after": 1},
        5: {"action": "reset_before"},
        6: {"action": "reset_after"},
        7: {"action": "slow", "seconds": 1.5, "when": "after"},
    }
    users = [{"ref": f"R{number}"} for number in range(1, 9)]

    def eight(status: str) -> dict[str, list[dict[str, Any]]]:
        return {"learn": [account(number, status=status) for number in range(1, 9)]}

    def faults(verb: str) -> list[dict[str, Any]]:
        paths = {number: rf"/ref/R{number}{verb}$" for number in to_writes}
        return [{"kind": "write", "times": 1, "path": paths[n], **fault} for n, fault in to_writes.items()]

    reads = [
        scene(f"Reading, {fault}", {"ref": "R1"}, faults=[{"kind": "read", "times": 1, **fault}], warnings=[BUSY])
        for fault in to_reads
    ]
    events = [
        scene(
            f"Event, {fault}",
            {"state": "active", "ref": "R3", "timeout": 0.8},
            faults=[{"kind": "write", "times": 1, **fault}],
            warnings=[BUSY],
        )
        for fault in (to_writes[1], to_writes[4], to_writes[5], to_writes[6])
    ]
    played = play(
        ansible,
        mock,
        [
            *reads,
            *events,
            scene(
                "Closing",
                {"users": users, "timeout": 0.8},
                seed=eight("active"),
                faults=faults("/suspend"),
                warnings=[BUSY],
            ),
            scene(
                "Deleting",
                {"state": "absent", "users": users, "timeout": 0.8},
                seed=eight("inactive"),
                faults=faults(""),
                warnings=[BUSY],
            ),
        ],
    )
    for each in (*reads, *events):
        one = played[each.name]
        assert (one.outcome, one.user["verified"]) == ("changed", True), f"{each.name}: {one.result.msg}"
        assert len(one.state) == 5, "a user was created"
    for each in reads:
        assert played[each.name].result.result["requests"]["retried"] == 1
    assert [len(played[each.name].writes) for each in events] == [2, 2, 2, 1]
    for name in ("Closing", "Deleting"):
        written = played[name]
        assert written.result.outcomes == ["changed"] * 8, written.result.msg
        assert all(user["verified"] for user in written.result.users)
        for number in range(1, 9):
            sent = [write for write in written.writes if f"/ref/R{number}" in write["path"]]
            assert len(sent) == (2 if number <= 5 else 1), (name, number)
    assert set(statuses(played["Closing"])) == {"inactive"}
    assert set(statuses(played["Deleting"])) == {"deleted"}


def test_what_goes_wrong_with_a_write_is_that_users_problem(ansible: Ansible, mock: MockVendors) -> None:
    faults: dict[int, tuple[str, dict[str, Any]]] = {
        1: ("bad_request", {"action": "status", "status": 400}),
        2: (
            "invalid",
            {
                "action": "status",
                "status": 422,
                "json": {"status": 422, "error": "Unprocessable Entity", "message": "endDate is in the past"},
            },
        ),
        3: ("unsupported_media_type", {"action": "status", "status": 415}),
        4: ("server_error", {"action": "status", "status": 500}),
        5: ("rate_limited", {"action": "status", "status": 429}),
        6: ("not_applied", {"action": "noop"}),
        7: ("connection_lost", {"action": "reset_before"}),
        8: ("redirected", {"action": "redirect", "location": "https://elsewhere.example.com/"}),
        9: ("bad_request", {"action": "echo_secret"}),
        10: ("forbidden", {"action": "status", "status": 403}),
        11: ("conflict", {"action": "status", "status": 409}),
    }
    users = [{"ref": f"R{number}"} for number in range(1, 14)]
    played = play(
        ansible,
        mock,
        [
            scene(
                "Thirteen",
                {"users": users, "retries": 0, "retry_budget": 1},
                seed={"learn": [account(number) for number in range(1, 14)]},
                faults=[{"kind": "write", "path": rf"/ref/R{n}/", **fault} for n, (_code, fault) in faults.items()],
            )
        ],
    )["Thirteen"]
    assert [user["key"] for user in played.result.users] == users
    assert played.result.outcomes == ["failed"] * 11 + ["changed"] * 2
    assert played.result.failed
    assert played.result.changed
    for number, (code, _fault) in faults.items():
        user = played.result.users[number - 1]
        assert user["error"]["code"] == code, user
        assert user["after"]["state"] in ("active", "unknown"), user
    assert "endDate is in the past" in played.result.users[1]["error"]["message"]
    assert played.result.users[5]["verified"] is False
    assert statuses(played) == ["active"] * 11 + ["inactive"] * 2


def test_a_permanent_fault_is_reported(ansible: Ansible, mock: MockVendors) -> None:
    def broken(name: str, options: Mapping[str, Any], **order: Any) -> Scene:
        faults = [order] if order else []
        return scene(name, {"ref": "R1", "retries": 0, "retry_budget": 1, **options}, faults=faults)

    ready = mock.ready["learn"]
    by_email = {"ref": None, "email": "leaver01@example.com"}
    wrong = {"state": "absent", "api_url": f"{ready['api_url']}/wrong"}
    rejoin = {"state": "active", "ref": "R3"}
    scenes = {
        "unauthorized": [
            broken("401 to all", {}, action="status", status=401),
            broken("Revoked", {}, action="revoke", kind="write"),
            broken("Wrong secret", {"api_secret": "wrong-secret-of-no-user"}),
        ],
        "wrong_address": [
            broken("Wrong address", {**wrong, "state": "deactivated"}),
            broken("Wrong address, absent", wrong),
        ],
        "not_found": [
            broken("Wrong address, list", {**by_email, **wrong}),
            broken("Wrong address of the events", {**rejoin, "webhook_url": ready["webhook_url"] + "/wrong"}),
        ],
        "rate_limited": [
            broken("429, too long", {"retries": 5, "retry_budget": 2}, action="status", status=429, retry_after=999999),
        ],
        "server_error": [broken("503 for ever", {}, action="status", status=503)],
        "bad_answer": [
            broken("HTML", {}, action="html", kind="read"),
            broken("Half of the JSON", {}, action="truncate", kind="read"),
            broken("No list", by_email, action="status", status=200, json=[]),
        ],
        "redirected": [broken("Redirected", {}, action="redirect", location="https://elsewhere.example.com/")],
        "timeout": [broken("Too slow", {"timeout": 0.3}, action="slow", seconds=1)],
        "not_applied": [broken("An event without effect", rejoin, action="noop", kind="write")],
    }
    closed = scene("Nothing listens", {"ref": "R1", "retries": 0}, listening={"learn_api": False})
    nowhere = [
        broken("HTML to a write", {}, action="html", kind="write"),
        broken("HTML to a deletion", {"state": "absent"}, action="html", kind="write"),
        broken("HTML to an event", rejoin, action="html", kind="write"),
    ]
    echo = broken("Echoed secrets", {}, action="echo_secret", kind="read")
    played = play(ansible, mock, [*(each for group in scenes.values() for each in group), *nowhere, closed, echo])
    for code, group in scenes.items():
        for each in group:
            one = played[each.name]
            assert one.result.failed, each.name
            assert (one.outcome, one.error["code"]) == ("failed", code), f"{each.name}: {one.user}"
            assert not one.result.changed, each.name
            assert statuses(one)[:4] == ["active", "new", "inactive", "expired"], each.name
            if code != "not_applied":
                assert "127.0.0.1:" in one.error["message"], each.name
    for each in nowhere:
        assert played[each.name].outcome == "failed", each.name
        assert not played[each.name].result.changed, each.name
    assert played["Nothing listens"].error["code"] == "unreachable"
    assert played["Echoed secrets"].outcome == "failed"


def test_guard_rails(ansible: Ansible, mock: MockVendors) -> None:
    two = {"users": [{"ref": "R1"}, {"ref": "R2"}]}
    missing = {"users": [{"ref": "R1"}, {"ref": "no-such-user"}]}
    approved = play(ansible, mock, [scene("Plan", two, check=True)])["Plan"].result.result["plan_hash"]
    played = play(
        ansible,
        mock,
        [
            scene("Protected", {"users": ALL_KEYS[:4], "protected": ["r1", "*04@example.com", user_id(3)]}),
            *thrice(scene("Approved", {**two, "plan_hash": approved, "max_changes": 2})),
            scene("Too many", {**two, "max_changes": 1}),
            scene("Another plan", {**two, "state": "absent", "plan_hash": approved}),
            scene("Missing fails", missing),
            scene("Missing warns", {**missing, "on_missing": "warn"}, warnings=["no-such-user"]),
        ],
    )
    assert played["Protected"].result.outcomes == ["refused", "changed", "unchanged", "refused"]
    assert statuses(played["Protected"])[:4] == ["active", "inactive", "inactive", "expired"]
    done = assert_kept(played, "Approved")
    assert done.result.outcomes == ["changed", "changed"]
    for name, code in (("Too many", "too_many_changes"), ("Another plan", "other_plan")):
        assert played[name].result.outcomes == ["refused", "refused"]
        assert {user["error"]["code"] for user in played[name].result.users} == {code}
        assert played[name].writes == []
    assert played["Missing fails"].result.failed
    assert played["Missing warns"].result.ok
    assert any("no-such-user" in text for text in played["Missing warns"].result.warnings)


def test_a_404_to_a_write_is_verified_by_a_read(ansible: Ansible, mock: MockVendors) -> None:
    """As a proxy or a route gives it, for accounts that the list shows."""
    to_writes = {"action": "status", "status": 404, "kind": "write"}
    singly = {"action": "status", "status": 404, "kind": "read", "path": "/user/"}
    scenes = [
        scene("Deactivated", {"ref": "R1"}, faults=[to_writes]),
        scene("Deleted", {"ref": "R1", "state": "absent"}, faults=[to_writes]),
        scene("Not readable singly", {"email": "leaver01@example.com"}, faults=[to_writes, singly]),
    ]
    for name, played in play(ansible, mock, scenes).items():
        assert (played.result.failed, played.outcome, played.error["code"]) == (True, "failed", "not_applied"), name
        assert played.result.users[0]["after"] == ACTIVE, name
        assert "answered that the account does not exist (status 404), but" in played.result.msg
        assert statuses(played)[0] == "active", name
