# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""netex_user through real playbooks against the mock vendors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from harness.convergence import three_runs
from harness.playbook import Ansible
from harness.scenes import BUSY, Played, Scene, assert_kept, play, thrice
from mock_vendors.client import MockVendors

ROOT = "/integration/ws/management/rest/users"
ACTIVE = {"state": "active", "vendor_state": "enabled"}
DEACTIVATED = {"state": "deactivated", "vendor_state": "disabled"}
ABSENT = {"state": "absent", "vendor_state": None}


def account(number: int, **values: Any) -> dict[str, Any]:
    return {"id": f"{number:032x}", "username": f"leaver{number:02d}", **values}


def user_id(number: int) -> str:
    return f"{number:032x}"


FOUR = {"netex": [account(1), account(2), account(3, enabled=False), account(4, email="Leaver04@Example.com")]}
ALL_KEYS = [
    {"user_id": user_id(1)},
    {"username": "leaver02"},
    {"email": "leaver03@example.com"},
    {"email": "leaver04@example.COM"},
    {"username": "no-such-user"},
]


def scene(name: str, options: Mapping[str, Any], **more: Any) -> Scene:
    seeded: dict[str, Any] = {} if more.keys() & {"seed", "population"} else {"seed": FOUR}
    return Scene(name, "netex_user", {"state": "deactivated", **options}, **seeded, **more)


def enabled(played: Played) -> dict[str, bool]:
    return {row["username"]: row["enabled"] for row in played.state.values()}


def header(request: Mapping[str, Any], name: str) -> str | None:
    return {key.lower(): value for key, value in request["headers"].items()}.get(name.lower())


@pytest.mark.parametrize(
    ("state", "outcomes", "after", "verb"),
    [
        ("deactivated", ["changed", "changed", "unchanged", "changed", "missing"], DEACTIVATED, "/deactivate"),
        ("active", ["unchanged", "unchanged", "changed", "unchanged", "missing"], ACTIVE, "/activate"),
        ("absent", ["changed", "changed", "changed", "changed", "unchanged"], ABSENT, ""),
    ],
)
def test_each_state_by_every_key(
    ansible: Ansible, mock: MockVendors, state: str, outcomes: list[str], after: dict[str, Any], verb: str
) -> None:
    # One user stays: a list that is empty after a deletion proves no user missing in the second run.
    mock.seed({"netex": [*FOUR["netex"], account(9)]})
    runs = three_runs(ansible, mock, "netex_user", {"state": state, "users": ALL_KEYS, "on_missing": "ok"})
    assert runs.done.outcomes == outcomes
    assert [user["key"] for user in runs.done.users] == ALL_KEYS
    assert [user["id"] for user in runs.done.users] == [user_id(n) for n in (1, 2, 3, 4)] + [None]
    assert [user["after"] for user in runs.done.users[:4]] == [after] * 4
    assert runs.done.users[4]["after"] == ABSENT
    assert runs.done.users[2]["before"] == DEACTIVATED
    written = [number for number, outcome in enumerate(outcomes, 1) if outcome == "changed"]
    assert sorted((write["method"], write["path"]) for write in runs.writes) == [
        ("DELETE" if state == "absent" else "PUT", f"{ROOT}/{user_id(number)}{verb}") for number in written
    ]
    assert all(user["verified"] is True for user in runs.done.users if user["outcome"] == "changed")
    assert [row["enabled"] for row in mock.state("netex").values() if row["id"] != user_id(9)] == (
        [] if state == "absent" else [state == "active"] * 4
    )
    changed = [name for name, outcome in zip(("01", "02", "03", "04"), outcomes, strict=False) if outcome == "changed"]
    assert list(runs.done.diff["before"]) == list(runs.done.diff["after"]) == [f"leaver{name}" for name in changed]


def test_what_is_sent(ansible: Ansible, mock: MockVendors) -> None:
    played = play(
        ansible,
        mock,
        [
            scene("By id", {"user_id": user_id(1)}),
            scene("By username", {"username": "leaver02", "message": "Sorry, your user is deactivated."}),
            scene("By e-mail", {"email": "leaver01@example.com"}),
            scene("Activate", {"state": "active", "username": "leaver03"}),
            scene("Delete", {"state": "absent", "username": "leaver03"}),
            scene("Asynchronous", {"username": "leaver01", "synchronization": "asynchronous"}),
            scene(
                "By environment",
                {"username": "leaver01"},
                env={"NETEX_SYNCHRONIZATION": "asynchronous"},
            ),
            scene(
                "A key stays in its segment",
                {"users": [{"username": name} for name in ("a/../b?c#d", "%2e%2e")]},
                seed={"netex": [account(1, username="a/../b?c#d"), account(2, username="%2e%2e"), account(3)]},
            ),
            scene("Not verified", {"username": "leaver01", "verify": False}),
        ],
    )
    one = f"{ROOT}/{user_id(1)}"
    assert played["By id"].calls == [f"GET {one}", f"PUT {one}/deactivate", f"GET {one}"]
    assert played["By username"].calls[:2] == [f"GET {ROOT}/leaver02", f"PUT {ROOT}/{user_id(2)}/deactivate"]
    assert played["By e-mail"].calls[:2] == [f"GET {ROOT}?startIndex=0&count=500", f"PUT {one}/deactivate"]
    for name in ("By id", "By username", "By e-mail", "Activate", "Delete"):
        (write,) = played[name].writes
        assert header(write, "X-Cloud-Synchronization") == "synchronous"
        assert played[name].user["verified"] is True
        for request in played[name].log:
            assert header(request, "X-Cloud-Auth-Token") == mock.ready["netex"]["auth_token"]
            assert str(header(request, "Accept")).startswith("application/vnd.netex.nlc-api")
    (write,) = played["By id"].writes
    assert write["body"] == ""
    (write,) = played["By username"].writes
    assert json.loads(write["body"]) == {"message": "Sorry, your user is deactivated."}
    assert header(write, "Content-Type") == "application/json"
    (write,) = played["Activate"].writes
    assert (write["method"], write["path"], write["body"]) == ("PUT", f"{ROOT}/{user_id(3)}/activate", "")
    (write,) = played["Delete"].writes
    assert (write["method"], write["path"], write["body"]) == ("DELETE", f"{ROOT}/{user_id(3)}", "")
    assert user_id(3) not in played["Delete"].state
    for name in ("Asynchronous", "By environment"):
        (write,) = played[name].writes
        assert header(write, "X-Cloud-Synchronization") == "asynchronous"
        assert (played[name].outcome, played[name].user["verified"]) == ("changed", None)
    odd = played["A key stays in its segment"]
    assert sorted(odd.calls[:2]) == [f"GET {ROOT}/%252e%252e", f"GET {ROOT}/a%2F..%2Fb%3Fc%23d"]
    assert odd.result.outcomes == ["changed", "changed"]
    assert odd.state[user_id(3)]["enabled"]
    assert played["Not verified"].calls == [f"GET {ROOT}/leaver01", f"PUT {one}/deactivate"]
    assert played["Not verified"].user["verified"] is None


def test_exactly_one_account_or_none(ansible: Ansible, mock: MockVendors) -> None:
    same_email = {"netex": [account(n, email="shared@example.com") for n in (1, 2)] + [account(3)]}
    played = play(
        ansible,
        mock,
        [
            scene(
                "Two of one e-mail",
                {"users": [{"email": "shared@example.com"}, {"username": "leaver03"}]},
                seed=same_email,
            ),
            scene("Another case, one", {"username": "Leaver01"}, switches={"username_case_insensitive": True}),
            scene("Another case, unseen", {"username": "Leaver01"}),
            scene("Another case, listed", {"users": [{"username": "Leaver01"}, {"email": "leaver02@example.com"}]}),
            scene("Part of a name", {"users": [{"username": "leaver0"}, {"email": "leaver0@example.com"}]}),
            scene(
                "Two keys, one account",
                {"users": [{"username": "leaver01"}, {"email": "leaver01@example.com"}, {"username": "leaver02"}]},
            ),
            scene(
                "An id is no username",
                {"user_id": "leaver01"},
            ),
        ],
    )
    twice = played["Two of one e-mail"]
    assert twice.result.outcomes == ["failed", "changed"]
    assert twice.result.users[0]["error"]["code"] == "ambiguous"
    for number in (1, 2):
        assert user_id(number) in twice.result.users[0]["error"]["message"]
        assert twice.state[user_id(number)]["enabled"]
    assert (played["Another case, one"].outcome, played["Another case, one"].error["code"]) == ("failed", "near_match")
    assert user_id(1) in played["Another case, one"].error["message"]
    assert (played["Another case, unseen"].outcome, played["Another case, unseen"].error["code"]) == (
        "failed",
        "near_match",
    )
    assert played["Another case, listed"].result.outcomes == ["failed", "changed"]
    assert played["Part of a name"].result.outcomes == ["missing", "missing"]
    one = played["Two keys, one account"]
    assert one.result.outcomes == ["refused"] * 3
    assert {user["error"]["code"] for user in one.result.users} == {"same_account"}
    assert played["An id is no username"].outcome != "changed"
    for name in ("Another case, one", "Another case, unseen", "Part of a name", "Two keys, one account"):
        assert played[name].writes == []
        assert played[name].result.failed
    assert played["An id is no username"].writes == []


def test_the_list_is_read_to_its_end(ansible: Ansible, mock: MockVendors) -> None:
    """Whatever startIndex begins with, the last account of a full page, and the first of the next, are found."""
    scenes = [
        scene(
            f"{size} accounts from {base}",
            {
                "users": [{"email": f"user{size:05d}@example.com"}, {"email": "no-such-user@example.com"}],
                "on_missing": "ok",
            },
            population={"netex": size},
            switches={"start_index_base": base, "over_count": over},
        )
        for base, size, over in (
            (0, 500, 400),
            (0, 501, "clamp"),
            (1, 500, 400),
            (1, 501, "clamp"),
            (1, 1000, "clamp"),
            (1, 1001, "clamp"),
        )
    ]
    refused_zero = scene(
        "0 is refused",
        {"users": [{"email": "user00501@example.com"}, {"email": "user00001@example.com"}]},
        population={"netex": 501},
        switches={"start_index_base": 1},
        faults=[{"action": "status", "status": 400, "path": r"startIndex=0\b"}],
    )
    played = play(ansible, mock, [*scenes, refused_zero])
    for each in scenes:
        one = played[each.name]
        assert one.result.outcomes == ["changed", "missing"], each.name
        assert [f"{row['username']}@example.com" for row in one.state.values() if not row["enabled"]] == [
            one.result.users[0]["key"]["email"]
        ]
        assert not any("no-such-user" in call for call in one.calls)
    assert played["0 is refused"].result.outcomes == ["changed", "changed"]


def test_what_is_not_documented(ansible: Ansible, mock: MockVendors) -> None:
    """Each possibility of each switch ends in the same outcomes."""
    possibilities = [
        {"user_missing": 404, "http_status": "errors", "accept": "ignored", "platforms": ["management"]},
        {"user_missing": "inner", "http_status": "always_200", "default_synchronization": "asynchronous"},
        {"user_missing": "inner", "http_status": "errors", "missing_content_type": 400},
        {"user_missing": "html", "http_status": "inner", "platforms": ["management", "content"]},
    ]
    late = [{"get_lag": {"seconds": 0.8}}, {"list_lag": {"seconds": 0.8}}]
    users = [{"username": "leaver01"}, {"username": "leaver03"}, {"username": "no-such-user"}]
    one_by_one = [
        scene(f"Singly, {switches}", {"users": users, "message": "Closed", "on_missing": "ok"}, switches=switches)
        for switches in [*possibilities, late[0]]
    ]
    listed = [
        scene(
            f"Listed, {switches}",
            {"users": [*users, {"email": "leaver02@example.com"}], "on_missing": "ok"},
            switches=switches,
        )
        for switches in late
    ]
    deleted = [
        scene(f"Deleted, {switches}", {"users": users, "state": "absent"}, switches=switches)
        for switches in possibilities
    ]
    played = play(ansible, mock, [*one_by_one, *listed, *deleted])
    for each in (*one_by_one, *listed):
        one = played[each.name]
        assert one.result.outcomes[:3] == ["changed", "unchanged", "missing"], each.name
        assert one.result.users[0]["verified"] is True, each.name
        assert enabled(one)["leaver01"] is False
    for each in listed:
        assert played[each.name].result.outcomes[3] == "changed", each.name
    for each in deleted:
        assert played[each.name].result.outcomes == ["changed", "changed", "unchanged"], each.name
        assert set(enabled(played[each.name])) == {"leaver02", "leaver04"}


def test_already_in_that_state(ansible: Ansible, mock: MockVendors) -> None:
    """A stale reading made the plan; whatever the vendor then answers, the account is as asked, and nothing failed."""
    possibilities = (
        ("deactivated", 204, "always_200"),
        ("deactivated", 409, "errors"),
        ("deactivated", 400, "inner"),
        ("active", 409, "inner"),
    )
    scenes: list[Scene] = []
    for state, answer, http in possibilities:
        name = f"{state}, {answer}, {http}"
        scenes += [
            scene(
                f"{name}, first",
                {"state": state, "username": "leaver02", "verify": False},
                seed={"netex": [account(1), account(2, enabled=state != "active")]},
                switches={"already": answer, "http_status": http},
                faults=[{"action": "stale", "kind": "read", "times": 1}],
            ),
            Scene(f"{name}, second", "netex_user", {"state": state, "username": "leaver02"}),
        ]
    played = play(ansible, mock, scenes)
    for state, answer, http in possibilities:
        second = played[f"{state}, {answer}, {http}, second"]
        assert len(second.writes) == 1
        assert second.result.ok, second.result.msg
        assert (second.user["after"]["state"], second.user["verified"]) == (state, True)
        if answer != 204:
            assert (second.outcome, second.result.changed) == ("unchanged", False), (state, answer, http)


def test_platforms(ansible: Ansible, mock: MockVendors) -> None:
    """HTTP returns 200 for every result."""
    everything = ("training", "social", "play", "management")
    orders: dict[int, dict[str, Any]] = {
        1: {"platforms": {"training": 500}, "message": "Training is down"},
        2: {"platforms": {"training": 400}, "apply": False},
        3: {"platforms": {"content": 500}},
        4: {"platforms": {"play": 404}, "overall": 404},
        5: {"platforms": dict.fromkeys(everything, 403), "apply": False},
        6: {"platforms": {"training": 202}},
        7: {"platforms": dict.fromkeys(everything, 202)},
        8: {"platforms": {"training": 503}, "times": 1},
    }

    def faults(numbers: Iterable[int]) -> list[dict[str, Any]]:
        return [{"action": "platform", "kind": "write", "path": user_id(n), **orders[n]} for n in numbers]

    users = {"users": [{"username": f"leaver{number:02d}"} for number in range(1, 10)]}
    played = play(
        ansible,
        mock,
        [
            scene(
                "Closing",
                users,
                seed={"netex": [account(number) for number in range(1, 10)]},
                faults=faults(orders),
                warnings=[BUSY],
            ),
            scene(
                "Opening",
                {**users, "state": "active"},
                seed={"netex": [account(number, enabled=False) for number in range(1, 10)]},
                faults=faults(range(1, 6)),
            ),
            scene(
                "Deleting",
                {**users, "state": "absent"},
                seed={"netex": [account(number) for number in range(1, 10)]},
                faults=faults((1, 2, 3, 5, 6)),
            ),
        ],
    )
    closing = played["Closing"].result
    assert closing.outcomes == ["failed"] * 5 + ["changed"] * 4, closing.msg
    assert played["Opening"].result.outcomes == ["failed"] * 5 + ["changed"] * 4
    deleting = played["Deleting"].result.outcomes
    assert [deleting[n - 1] for n in (1, 2, 3, 5, 6)] == ["failed"] * 4 + ["changed"]
    assert closing.failed
    assert closing.changed
    for index, platform in enumerate(("training", "training", "content", "play")):
        assert closing.users[index]["error"]["code"] == "platform_failed"
        assert platform in closing.users[index]["error"]["message"]
    assert "Training is down" in closing.users[0]["error"]["message"]
    assert [user["after"] for user in closing.users[:4]] == [DEACTIVATED, ACTIVE, DEACTIVATED, DEACTIVATED]
    assert closing.users[4]["after"]["state"] in ("active", "unknown")
    assert closing.users[4]["error"]["status"] == 403
    # Queued is not verified, and what had failed was done again.
    assert [user["verified"] for user in closing.users[5:]] == [None, None, True, True]
    assert sum(user_id(8) in write["path"] for write in played["Closing"].writes) == 2


def test_queued_changes(ansible: Ansible, mock: MockVendors) -> None:
    """Asynchronous: what is queued is never claimed to be verified, and predicted all the same."""
    options = {"users": [{"username": "leaver01"}, {"username": "leaver03"}], "synchronization": "asynchronous"}
    everything = ["training", "social", "play", "management"]
    played = play(
        ansible,
        mock,
        [
            *thrice(scene("Queued", options)),
            *thrice(scene("Queued deletion", {**options, "state": "absent"})),
            scene(
                "Applied late",
                {**options, "retry_budget": 1},
                switches={"queued_platforms": everything, "async_delay": {"seconds": 30}},
            ),
            scene("Applied soon", options, switches={"async_delay": {"seconds": 0.8}}),
            scene("Nothing is queued", options, switches={"queued_platforms": []}),
        ],
    )
    assert assert_kept(played, "Queued").result.users[0]["verified"] is None
    assert [user["verified"] for user in assert_kept(played, "Queued deletion").result.users] == [None, None]
    for name in ("Applied late", "Applied soon", "Nothing is queued"):
        assert played[name].result.outcomes == ["changed", "unchanged"], played[name].result.msg
    assert played["Applied late"].result.users[0]["verified"] is None
    assert played["Applied soon"].result.users[0]["verified"] is None
    assert played["Nothing is queued"].result.users[0]["verified"] is True


def test_a_busy_or_broken_vendor(ansible: Ansible, mock: MockVendors) -> None:
    """What comes right by itself does; no account is written twice."""
    to_reads: list[dict[str, Any]] = [
        {"action": "status", "status": 429, "retry_after": 1},
        {"action": "status", "status": 503},
        {"action": "status", "status": 500},
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
        7: {"action": "truncate", "promise": True},
        8: {"action": "truncate"},
        9: {"action": "slow", "seconds": 1.5, "when": "after"},
    }
    users = [{"username": f"leaver{number:02d}"} for number in range(1, 11)]
    all_ten = {"netex": [account(number) for number in range(1, 11)]}
    reads = [
        scene(
            f"Reading, {fault}",
            {"username": "leaver01"},
            faults=[{"kind": "read", "times": 1, **fault}],
            warnings=[BUSY],
        )
        for fault in to_reads
    ]
    writes = scene(
        "Writing",
        {"users": users, "timeout": 0.8},
        seed=all_ten,
        faults=[{"kind": "write", "times": 1, "path": user_id(n), **fault} for n, fault in to_writes.items()],
        warnings=[BUSY],
    )
    played = play(ansible, mock, [*reads, writes])
    for each in reads:
        one = played[each.name]
        assert (one.outcome, one.user["verified"]) == ("changed", True), each.name
        assert one.result.result["requests"]["retried"] == 1, each.name
        assert any(BUSY in text for text in one.result.warnings)
    waited = played[reads[0].name].log
    assert waited[1]["at"] - waited[0]["at"] >= 1
    written = played["Writing"]
    assert written.result.outcomes == ["changed"] * 10, written.result.msg
    assert all(user["verified"] for user in written.result.users)
    assert not any(enabled(written).values())
    # What was certainly not done is sent again; a lost answer is looked after first.
    for number in range(1, 11):
        sent = [write for write in written.writes if user_id(number) in write["path"]]
        assert len(sent) == (2 if number <= 5 else 1), number
    assert written.result.result["requests"]["retried"] >= 5


def test_what_goes_wrong_with_a_write_is_that_users_problem(ansible: Ansible, mock: MockVendors) -> None:
    faults: dict[int, tuple[str, dict[str, Any]]] = {
        1: ("forbidden", {"action": "status", "status": 403}),
        2: ("invalid", {"action": "status", "status": 422, "json": {"status": 422, "message": "message is too long"}}),
        3: ("unsupported_media_type", {"action": "status", "status": 415}),
        4: ("server_error", {"action": "status", "status": 500}),
        5: ("rate_limited", {"action": "status", "status": 429}),
        6: ("not_applied", {"action": "noop"}),
        7: ("bad_answer", {"action": "html"}),
        8: ("connection_lost", {"action": "reset_before"}),
        9: ("redirected", {"action": "redirect", "location": "https://elsewhere.example.com/"}),
        10: ("bad_request", {"action": "echo_secret"}),
    }
    users = [{"username": f"leaver{number:02d}"} for number in range(1, 13)]
    played = play(
        ansible,
        mock,
        [
            scene(
                "Twelve",
                {"users": users, "message": "Closed", "retries": 0, "retry_budget": 1},
                seed={"netex": [account(number) for number in range(1, 13)]},
                faults=[{"kind": "write", "path": user_id(n), **fault} for n, (_code, fault) in faults.items()],
            )
        ],
    )["Twelve"]
    assert [user["key"] for user in played.result.users] == users
    assert played.result.outcomes == ["failed"] * 10 + ["changed"] * 2
    assert played.result.failed
    assert played.result.changed
    for number, (code, _fault) in faults.items():
        user = played.result.users[number - 1]
        assert user["error"]["code"] == code, user
        assert user["after"]["state"] in ("active", "unknown"), user
    assert "message is too long" in played.result.users[1]["error"]["message"]
    assert played.result.users[5]["verified"] is False
    assert [row["enabled"] for row in played.state.values()] == [True] * 10 + [False] * 2
    # The diff is the plan's, also where it did not come true.
    assert len(played.result.diff["after"]) == 12


def test_a_permanent_fault_is_reported(ansible: Ansible, mock: MockVendors) -> None:
    def broken(name: str, options: Mapping[str, Any], **order: Any) -> Scene:
        faults = [order] if order else []
        return scene(name, {"username": "leaver01", "retries": 0, "retry_budget": 1, **options}, faults=faults)

    api_url = mock.ready["netex"]["api_url"]
    by_email = {"username": None, "email": "leaver01@example.com"}
    absent = {"state": "absent", "api_url": f"{api_url}/wrong"}
    scenes = {
        "unauthorized": [
            broken("401 to all", {}, action="status", status=401),
            broken("Revoked", {}, action="revoke", kind="write"),
            broken("Wrong token", {"auth_token": "wrong-token-of-no-user"}),
        ],
        "wrong_address": [
            broken("Wrong address", {"api_url": f"{api_url}/wrong"}),
            broken("Wrong address, absent", absent),
            broken("404 to all", {"state": "absent"}, action="html", status=404),
        ],
        "not_found": [broken("Wrong address, list", {**by_email, **absent})],
        "rate_limited": [
            broken("429 for ever", {}, action="status", status=429),
            broken("429, too long", {"retries": 5, "retry_budget": 2}, action="status", status=429, retry_after=999999),
        ],
        "server_error": [broken("503 for ever", {}, action="status", status=503)],
        "bad_answer": [
            broken("HTML", {}, action="html", kind="read"),
            broken("Half of the JSON", {}, action="truncate", kind="read"),
            broken("No list", by_email, action="status", status=200, json={"users": []}),
        ],
        "redirected": [broken("Redirected", {}, action="redirect", location="https://elsewhere.example.com/")],
        "timeout": [broken("Too slow", {"timeout": 0.3}, action="slow", seconds=1)],
    }
    closed = scene("Nothing listens", {"username": "leaver01", "retries": 0}, listening={"netex": False})
    forbidden = scene(
        "403 for a bad token",
        {"username": "leaver01", "auth_token": "wrong-token-of-no-user"},
        switches={"bad_token": 403},
    )
    echo = broken("Echoed secrets", {}, action="echo_secret", kind="read")
    played = play(ansible, mock, [*(each for group in scenes.values() for each in group), closed, forbidden, echo])
    host = api_url.partition("://")[2]
    for code, group in scenes.items():
        for each in group:
            one = played[each.name]
            assert one.result.failed, each.name
            assert (one.outcome, one.error["code"]) == ("failed", code), f"{each.name}: {one.user}"
            assert not one.result.changed, each.name
            assert enabled(one)["leaver01"], each.name
            assert host in one.error["message"], each.name
            assert "leaver01" in one.result.msg, each.name
            if each.name != "Revoked":
                assert one.writes == [], each.name
    assert (played["429 for ever"].error["retryable"], played["429 for ever"].error["status"]) == (True, 429)
    assert played["Nothing listens"].error["code"] == "unreachable"
    assert played["403 for a bad token"].error["status"] == 403
    assert played["Echoed secrets"].outcome == "failed"
    assert len(played["401 to all"].log) == 1


def test_guard_rails(ansible: Ansible, mock: MockVendors) -> None:
    users = [{"username": f"leaver{number:02d}"} for number in range(1, 6)]
    two = {"users": users[:2]}
    missing = {"users": [{"username": "leaver01"}, {"username": "no-such-user"}]}
    approved = play(ansible, mock, [scene("Plan", two, check=True)])["Plan"].result.result["plan_hash"]
    played = play(
        ansible,
        mock,
        [
            scene(
                "Protected",
                {"users": users, "protected": ["LEAVER01", user_id(2), "*04@example.com"]},
                seed={"netex": [*FOUR["netex"], account(5)]},
            ),
            *thrice(scene("Enough", {**two, "max_changes": 2})),
            scene("Too many", {**two, "max_changes": 1}),
            scene("None", {"username": "leaver01", "max_changes": 0}),
            scene("None, none needed", {"username": "leaver03", "max_changes": 0}),
            scene("The approved plan", {**two, "plan_hash": approved}),
            scene("Another plan", {"username": "leaver01", "plan_hash": approved}),
            scene("Missing fails", missing),
            scene("Missing warns", {**missing, "on_missing": "warn"}, warnings=["no-such-user"]),
            scene("Missing is fine", {**missing, "on_missing": "ok"}),
        ],
    )
    protected = played["Protected"]
    assert protected.result.outcomes == ["refused", "refused", "unchanged", "refused", "changed"]
    assert protected.result.failed
    assert {user["error"]["code"] for user in protected.result.users if user["error"]} == {"protected"}
    assert [user["after"] for user in protected.result.users[:2]] == [ACTIVE] * 2
    assert enabled(protected) == {
        **dict.fromkeys(("leaver01", "leaver02", "leaver04"), True),
        **dict.fromkeys(("leaver03", "leaver05"), False),
    }
    assert assert_kept(played, "Enough").result.outcomes == ["changed", "changed"]
    for name, code in (("Too many", "too_many_changes"), ("None", "too_many_changes"), ("Another plan", "other_plan")):
        assert set(played[name].result.outcomes) == {"refused"}
        assert {user["error"]["code"] for user in played[name].result.users} == {code}
        assert played[name].writes == []
        assert played[name].result.failed
    assert played["None, none needed"].outcome == "unchanged"
    assert played["The approved plan"].result.outcomes == ["changed", "changed"]
    assert played["The approved plan"].result.result["plan_hash"] == approved
    assert played["Missing fails"].result.failed
    assert "no-such-user" in played["Missing fails"].result.msg
    for name in ("Missing fails", "Missing warns", "Missing is fine"):
        assert played[name].result.outcomes == ["changed", "missing"]
        assert played[name].result.changed
    assert any("no-such-user" in text for text in played["Missing warns"].result.warnings)
    assert played["Missing is fine"].result.ok


def test_the_password_hash_is_dropped(ansible: Ansible, mock: MockVendors) -> None:
    """That it shows nowhere is demanded of every scene. Here the vendor quotes it."""
    mock.seed(FOUR)
    hashed = mock.state("netex")[user_id(1)]["password"]
    assert hashed.startswith("$2a$")
    answer = {"status": 422, "message": f"invalid: {hashed}"}
    mock.fault("netex", "status", kind="write", status=422, json=answer)
    name = "Quoted"
    played = play(ansible, mock, [Scene(name, "netex_user", {"state": "deactivated", "username": "leaver01"})])[name]
    assert played.outcome == "failed"
    assert "invalid" in played.error["message"]


def test_a_404_to_a_write_is_verified_by_a_read(ansible: Ansible, mock: MockVendors) -> None:
    """As a proxy or a route gives it, for accounts that the list shows."""
    to_writes = {"action": "status", "status": 404, "kind": "write"}
    singly = {"action": "status", "status": 404, "kind": "read", "path": r"/[0-9a-f]{32}$"}
    emails = [{"email": "leaver01@example.com"}, {"email": "leaver02@example.com"}]
    scenes = [
        scene("Deactivated", {"users": emails}, faults=[to_writes]),
        scene("Deleted", {"users": emails, "state": "absent"}, faults=[to_writes]),
        scene("Not readable singly", {"users": emails, "state": "absent"}, faults=[to_writes, singly]),
    ]
    for name, played in play(ansible, mock, scenes).items():
        assert played.result.failed, name
        assert played.result.outcomes == ["failed", "failed"], name
        assert [user["error"]["code"] for user in played.result.users] == ["not_applied"] * 2, name
        assert [user["after"] for user in played.result.users] == [ACTIVE, ACTIVE], name
        assert "answered that the account does not exist (status 404), but" in played.result.msg
        assert enabled(played)["leaver01"], name
