# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""netex_user through real playbooks against the twin."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from harness.convergence import three_runs
from harness.playbook import Ansible
from harness.scenes import BUSY, Played, Scene, assert_kept, play, thrice
from twin.client import Twin

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
    {"username": "nobody"},
]


def scene(name: str, options: Mapping[str, Any], **more: Any) -> Scene:
    seeded = {"seed": FOUR} if "population" not in more and "seed" not in more else {}
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
    ansible: Ansible, twin: Twin, state: str, outcomes: list[str], after: dict[str, Any], verb: str
) -> None:
    twin.seed(FOUR)
    runs = three_runs(ansible, twin, "netex_user", {"state": state, "users": ALL_KEYS, "on_missing": "ok"})
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
    assert all(user["verified"] is True for user in runs.done.users[:4])
    assert [row["enabled"] for row in twin.state("netex").values()] == (
        [] if state == "absent" else [state == "active"] * 4
    )
    changed = [name for name, outcome in zip(("01", "02", "03", "04"), outcomes, strict=False) if outcome == "changed"]
    assert list(runs.done.diff["before"]) == list(runs.done.diff["after"]) == [f"leaver{name}" for name in changed]


def test_what_is_sent(ansible: Ansible, twin: Twin) -> None:
    played = play(
        ansible,
        twin,
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
            assert header(request, "X-Cloud-Auth-Token") == twin.ready["netex"]["auth_token"]
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


def test_exactly_one_account_or_none(ansible: Ansible, twin: Twin) -> None:
    same_email = {"netex": [account(n, email="shared@example.com") for n in (1, 2)] + [account(3)]}
    played = play(
        ansible,
        twin,
        [
            scene("Two of one e-mail", {"users": [{"email": "shared@example.com"}, {"username": "leaver03"}]}, seed=same_email),
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
    assert played["Another case, unseen"].outcome == "missing"
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


@pytest.mark.parametrize("base", [0, 1])
def test_the_list_is_read_to_its_end(ansible: Ansible, twin: Twin, base: int) -> None:
    """Whatever startIndex begins with, the last account of a full page, and the first of the next, are found."""
    sizes = (1, 499, 500, 501, 999, 1000, 1001)
    scenes = [
        scene(
            f"{size} accounts",
            {"users": [{"email": f"user{size:05d}@example.com"}, {"email": "nobody@example.com"}], "on_missing": "ok"},
            population={"netex": size},
            switches={"start_index_base": base},
        )
        for size in sizes
    ]
    refused_zero = scene(
        "0 is refused",
        {"users": [{"email": "user00501@example.com"}, {"email": "user00001@example.com"}]},
        population={"netex": 501},
        switches={"start_index_base": 1, "over_count": 400},
        faults=[{"action": "status", "status": 400, "path": r"startIndex=0\b"}],
    )
    played = play(ansible, twin, [*scenes, refused_zero])
    for size in sizes:
        one = played[f"{size} accounts"]
        assert one.result.outcomes == ["changed", "missing"]
        assert [row["username"] for row in one.state.values() if not row["enabled"]] == [f"user{size:05d}"]
        assert not any("nobody" in call for call in one.calls)
    assert played["0 is refused"].result.outcomes == ["changed", "changed"]


def lasting(switches: Mapping[str, Iterable[Any]]) -> list[dict[str, Any]]:
    return [{name: value} for name, values in switches.items() for value in values]


def test_what_is_not_documented(ansible: Ansible, twin: Twin) -> None:
    """Each possibility of each switch ends in the same outcomes."""
    possibilities = lasting(
        {
            "start_index_base": (0, 1),
            "over_count": ("clamp", 400),
            "user_missing": (404, "inner", "html"),
            "http_status": ("always_200", "errors", "inner"),
            "default_synchronization": ("synchronous", "asynchronous"),
            "accept": ("strict", "ignored"),
            "missing_content_type": (415, 400),
            "platforms": (["management"], ["management", "content"]),
            "get_lag": ({"seconds": 0.8}, {"writes": 1}),
            "list_lag": ({"seconds": 0.8},),
        }
    )
    # A read that lags by writes shows a change when another one follows it; nothing can be said of the last one.
    possibilities.remove({"get_lag": {"writes": 1}})
    users = {"users": [{"username": "leaver01"}, {"username": "leaver03"}, {"username": "nobody"}]}
    scenes = [
        scene(str(switches), {**users, "message": "Closed", "on_missing": "ok"}, switches=switches)
        for switches in possibilities
    ]
    by_list = [
        scene(
            f"{switches}, by e-mail",
            {"users": [*users["users"], {"email": "leaver02@example.com"}], "on_missing": "ok"},
            switches=switches,
        )
        for switches in possibilities[-2:]
    ]
    deleted = [
        scene(f"Deleted, {switches}", {**users, "state": "absent"}, switches=switches)
        for switches in lasting(
            {"user_missing": (404, "inner", "html"), "http_status": ("always_200", "errors", "inner")}
        )
    ]
    played = play(ansible, twin, [*scenes, *by_list, *deleted])
    for each in scenes:
        assert played[each.name].result.outcomes == ["changed", "unchanged", "missing"], each.name
        assert played[each.name].result.users[0]["verified"] is True, each.name
        assert enabled(played[each.name])["leaver01"] is False
    for each in by_list:
        assert played[each.name].result.outcomes == ["changed", "unchanged", "missing", "changed"], each.name
    for each in deleted:
        assert played[each.name].result.outcomes == ["changed", "changed", "unchanged"], each.name
        assert set(enabled(played[each.name])) == {"leaver02", "leaver04"}


@pytest.mark.parametrize("state", ["deactivated", "active"])
def test_already_in_that_state(ansible: Ansible, twin: Twin, state: str) -> None:
    """A stale reading made the plan; whatever the vendor then answers, the account is as asked, and nothing failed."""
    seed = {"netex": [account(1, enabled=state == "active"), account(2, enabled=state != "active")]}
    scenes: list[Scene] = []
    for answer in (204, 409, 400):
        for http in ("always_200", "errors", "inner"):
            name = f"{answer}, {http}"
            scenes += [
                scene(
                    f"{name}, first",
                    {"state": state, "username": "leaver02", "verify": False},
                    seed=seed,
                    switches={"already": answer, "http_status": http},
                    faults=[{"action": "stale", "kind": "read", "times": 1}],
                ),
                Scene(f"{name}, second", "netex_user", {"state": state, "username": "leaver02"}),
            ]
    played = play(ansible, twin, scenes)
    for name, second in played.items():
        if name.endswith("second"):
            assert len(second.writes) == 1, name
            assert second.result.ok, second.result.msg
            assert second.user["after"]["state"] == state
            assert second.user["verified"] is True
            if not name.startswith("204"):
                assert (second.outcome, second.result.changed) == ("unchanged", False), name


def test_platforms(ansible: Ansible, twin: Twin) -> None:
    """HTTP says 200 whatever came of it."""

    def platform(name: str, state: str = "deactivated", user: str = "leaver01", **order: Any) -> Scene:
        return scene(
            name,
            {"users": [{"username": user}, {"username": "leaver02"}], "state": state, "retries": 1},
            faults=[{"action": "platform", "kind": "write", "path": user_id(int(user[-1])), **order}],
            warnings=[BUSY],
        )

    played = play(
        ansible,
        twin,
        [
            platform("One fails, done", platforms={"training": 500}, message="Training is down"),
            platform("One fails, not done", platforms={"training": 400}, apply=False),
            platform("One fails, opening", state="active", user="leaver03", platforms={"social": 403}),
            platform("One fails, deleting", state="absent", platforms={"social": 500}),
            platform("Overall says so too", platforms={"play": 404}, overall=404),
            platform(
                "Busy once", platforms={"training": 503}, times=1
            ),
            platform("All fail", platforms=dict.fromkeys(("training", "social", "play", "management"), 403), apply=False),
            platform("One is queued", platforms={"training": 202}),
            platform("All are queued", platforms=dict.fromkeys(("training", "social", "play", "management"), 202)),
            platform("An unknown one fails", platforms={"content": 500}),
        ],
    )
    for name, one in played.items():
        expected = "changed" if name in ("Busy once", "One is queued", "All are queued") else "failed"
        assert one.result.outcomes[0] == expected, f"{name}: {one.result.msg}"
        assert one.result.failed == (expected == "failed"), name
        second = {"One fails, opening": "unchanged"}.get(name, "changed")
        assert one.result.outcomes[1] == second, name
    done = played["One fails, done"].result.users[0]
    assert done["error"]["code"] == "platform_failed"
    assert "training" in done["error"]["message"]
    assert "Training is down" in done["error"]["message"]
    assert done["after"] == DEACTIVATED
    assert played["One fails, not done"].result.users[0]["after"] == ACTIVE
    assert "content" in played["An unknown one fails"].result.msg
    assert len(played["Busy once"].writes) == 3
    for name in ("One is queued", "All are queued"):
        assert played[name].result.users[0]["verified"] is None


def test_queued_changes(ansible: Ansible, twin: Twin) -> None:
    """Asynchronous: what is queued is never claimed to be verified, and predicted all the same."""
    options = {"users": [{"username": "leaver01"}, {"username": "leaver03"}], "synchronization": "asynchronous"}
    everything = ["training", "social", "play", "management"]
    played = play(
        ansible,
        twin,
        [
            *thrice(scene("Queued", options)),
            *thrice(scene("Queued deletion", {**options, "state": "absent"})),
            scene("Applied late", options, switches={"queued_platforms": everything, "async_delay": {"seconds": 30}}),
            scene("Applied soon", options, switches={"async_delay": {"seconds": 0.8}}),
            scene("Nothing is queued", options, switches={"queued_platforms": []}),
        ],
    )
    assert [user["verified"] for user in assert_kept(played, "Queued").result.users] == [None, True]
    assert [user["verified"] for user in assert_kept(played, "Queued deletion").result.users] == [None, None]
    for name in ("Applied late", "Applied soon", "Nothing is queued"):
        assert played[name].result.outcomes == ["changed", "unchanged"], played[name].result.msg
    assert played["Applied late"].result.users[0]["verified"] is None
    assert played["Applied soon"].result.users[0]["verified"] is None
    assert played["Nothing is queued"].result.users[0]["verified"] is True


def test_a_busy_or_broken_vendor(ansible: Ansible, twin: Twin) -> None:
    """What comes right by itself does; each account is written once."""

    def once(name: str, action: str, kind: str = "any", **order: Any) -> Scene:
        options = {"users": [{"username": "leaver01"}, {"username": "leaver02"}], "timeout": 1}
        faults = [{"action": action, "kind": kind, "times": 1, **order}]
        return scene(name, options, faults=faults, warnings=[BUSY])

    repeated = [
        once("429, seconds", "status", status=429, retry_after=1),
        once("429 to a write, date", "status", "write", status=429, retry_after="date:1"),
        once("429, nothing said", "status", "write", status=429),
        once("503 to a read", "status", "read", status=503),
        once("500 to a read", "status", "read", status=500),
        once("Lost before, read", "reset_before", "read"),
        once("Lost before, write", "reset_before", "write"),
        once("503 to a write", "status", "write", status=503, retry_after=1),
        once("Half an answer, promised whole", "truncate", "read", promise=True),
    ]
    unrepeated = [
        once("Lost after, write", "reset_after", "write"),
        once("Half an answer to a write", "truncate", "write", promise=True),
        once("Broken JSON to a write", "truncate", "write"),
        once("Too slow, but done", "slow", "write", seconds=3, when="after"),
    ]
    played = play(ansible, twin, [*repeated, *unrepeated])
    for each in (*repeated, *unrepeated):
        one = played[each.name]
        assert one.result.outcomes == ["changed", "changed"], f"{each.name}: {one.result.msg}"
        assert one.result.ok, each.name
        assert all(user["verified"] for user in one.result.users), each.name
        done = [write["path"] for write in one.writes if write["status"] == 200]
        assert len(done) == len(set(done)), each.name
        assert enabled(one) == {"leaver01": False, "leaver02": False, "leaver03": False, "leaver04": True}
    for each in repeated:
        assert played[each.name].result.result["requests"]["retried"] == 1, each.name
    for each in unrepeated:
        assert len(played[each.name].writes) == 2, each.name
    assert any(BUSY in text for text in played["429, seconds"].result.warnings)
    waits = [request["at"] for request in played["429, seconds"].log]
    assert max(waits) - min(waits) >= 1


def test_what_stays_broken_is_said(ansible: Ansible, twin: Twin) -> None:
    def broken(name: str, options: Mapping[str, Any], **order: Any) -> Scene:
        faults = [order] if order else []
        return scene(name, {"username": "leaver01", "retries": 0, **options}, faults=faults)

    api_url = twin.ready["netex"]["api_url"]
    lone = {"action": "status", "kind": "write"}
    scenes = {
        "unauthorized": [
            broken("401 to all", {}, action="status", status=401),
            broken("401 to a write", {}, **lone, status=401),
            broken("Revoked", {}, action="revoke"),
            broken("Wrong token", {"auth_token": "wrong-token-of-nobody"}),
        ],
        "forbidden": [broken("403 to a write", {}, **lone, status=403)],
        "wrong_address": [
            broken("Wrong address", {"api_url": f"{api_url}/wrong"}),
            broken("Wrong address, absent", {"api_url": f"{api_url}/wrong", "state": "absent"}),
            broken("404 to all", {"state": "absent"}, action="html", status=404),
        ],
        "not_found": [broken("Wrong address, list", {"username": None, "email": "leaver01@example.com", "state": "absent", "api_url": f"{api_url}/wrong"})],
        "invalid": [broken("422 to a write", {}, **lone, status=422)],
        "unsupported_media_type": [broken("415 to a write", {"message": "Closed"}, **lone, status=415)],
        "rate_limited": [
            broken("429 for ever", {}, action="status", status=429),
            broken("429, longer than the budget", {"retries": 5, "retry_budget": 2}, action="status", status=429, retry_after=999999),
        ],
        "server_error": [broken("503 for ever", {}, action="status", status=503), broken("500 to a write", {}, **lone, status=500)],
        "not_applied": [broken("Nothing happens", {"retry_budget": 1}, action="noop", kind="write")],
        "bad_answer": [
            broken("HTML to a read", {}, action="html", kind="read"),
            broken("HTML to a write", {}, action="html", kind="write"),
            broken("Half of the JSON", {}, action="truncate", kind="read"),
            broken("No list", {"username": None, "email": "leaver01@example.com"}, action="status", status=200, json={"users": []}),
        ],
        "connection_lost": [broken("Broken off", {}, action="reset_before")],
        "redirected": [broken("Redirected", {}, action="redirect", location="https://elsewhere.example.com/")],
        "timeout": [broken("Too slow", {"timeout": 0.3}, action="slow", seconds=1)],
    }  # fmt: skip
    closed = scene("Nobody listens", {"username": "leaver01", "retries": 0}, listening={"netex": False})
    forbidden = scene("403 for a bad token", {"username": "leaver01", "auth_token": "wrong-token-of-nobody"}, switches={"bad_token": 403})
    echo = [
        scene(f"Told our secrets, {kind}", {"username": "leaver01", "message": "Closed"}, faults=[{"action": "echo_secret", "kind": kind}])
        for kind in ("read", "write")
    ]  # fmt: skip
    played = play(ansible, twin, [*(each for group in scenes.values() for each in group), closed, forbidden, *echo])
    host = api_url.partition("://")[2]
    for code, group in scenes.items():
        for each in group:
            one = played[each.name]
            assert one.result.failed, each.name
            assert (one.outcome, one.error["code"]) == ("failed", code), f"{each.name}: {one.user}"
            assert not one.result.changed, each.name
            assert enabled(one)["leaver01"], each.name
            if code != "not_applied":
                assert host in one.error["message"], each.name
            assert "leaver01" in one.result.msg, each.name
    assert played["Wrong address"].writes == played["Wrong address, absent"].writes == []
    assert played["Nothing happens"].user["verified"] is False
    assert played["Nothing happens"].user["after"] == ACTIVE
    assert played["429 for ever"].error["retryable"]
    assert played["429 for ever"].error["status"] == 429
    assert played["Nobody listens"].error["code"] == "unreachable"
    assert played["403 for a bad token"].error["status"] == 403
    assert played["403 for a bad token"].outcome == "failed"
    assert len(played["401 to all"].log) <= 2
    for each in echo:
        assert played[each.name].outcome == "failed"


def test_one_failure_holds_up_nobody(ansible: Ansible, twin: Twin) -> None:
    users = [{"username": f"user{number:05d}"} for number in range(1, 31)]
    faults = [
        {"action": "status", "status": 403, "path": f"{7:012x}/deactivate"},
        {"action": "noop", "path": f"{9:012x}/deactivate"},
        {"action": "html", "status": 500, "path": f"{11:012x}/deactivate"},
        {"action": "reset_after", "path": f"{13:012x}/deactivate"},
    ]
    played = play(
        ansible,
        twin,
        [scene("Thirty", {"users": users, "retries": 0}, population={"netex": 40}, faults=faults)],
    )["Thirty"]
    assert played.result.failed
    assert played.result.changed
    failed = [user["key"]["username"] for user in played.result.users if user["outcome"] == "failed"]
    assert failed == ["user00007", "user00009", "user00011"]
    assert [user["key"] for user in played.result.users] == users
    assert sum(not row["enabled"] for row in played.state.values()) == 27
    assert len(played.result.diff["after"]) == 30


def test_guard_rails(ansible: Ansible, twin: Twin) -> None:
    two = {"users": [{"username": "leaver01"}, {"username": "leaver02"}]}
    missing = {"users": [{"username": "leaver01"}, {"username": "nobody"}]}
    approved = play(ansible, twin, [scene("Plan", two, check=True)])["Plan"].result.result["plan_hash"]
    played = play(
        ansible,
        twin,
        [
            scene("Protected by name", {**two, "protected": ["LEAVER01"]}),
            scene("Protected by id", {**two, "protected": [user_id(1)]}),
            scene("Protected by pattern", {**two, "protected": ["*01@example.com"]}),
            *thrice(scene("Enough", {**two, "max_changes": 2})),
            scene("Too many", {**two, "max_changes": 1}),
            scene("None", {"username": "leaver01", "max_changes": 0}),
            scene("None, none needed", {"username": "leaver03", "max_changes": 0}),
            scene("The approved plan", {**two, "plan_hash": approved}),
            scene("Another plan", {"username": "leaver01", "plan_hash": approved}),
            scene("Missing fails", missing),
            scene("Missing warns", {**missing, "on_missing": "warn"}, warnings=["nobody"]),
            scene("Missing is fine", {**missing, "on_missing": "ok"}),
        ],
    )
    for name in ("Protected by name", "Protected by id", "Protected by pattern"):
        assert played[name].result.outcomes == ["refused", "changed"]
        assert played[name].result.failed
        assert played[name].result.users[0]["error"]["code"] == "protected"
        assert played[name].result.users[0]["after"] == ACTIVE
        assert enabled(played[name])["leaver01"]
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
    assert "nobody" in played["Missing fails"].result.msg
    for name in ("Missing fails", "Missing warns", "Missing is fine"):
        assert played[name].result.outcomes == ["changed", "missing"]
        assert played[name].result.changed
    assert any("nobody" in text for text in played["Missing warns"].result.warnings)
    assert played["Missing is fine"].result.ok


def test_the_password_hash_is_dropped(ansible: Ansible, twin: Twin) -> None:
    """That it shows nowhere is demanded of every scene; here it is made sure that the vendor has sent it."""
    played = play(
        ansible,
        twin,
        [
            scene("One", {"username": "leaver01"}),
            scene("List", {"email": "leaver01@example.com"}),
            scene(
                "In an error",
                {"username": "leaver01", "retries": 0},
                faults=[
                    {
                        "action": "status",
                        "kind": "write",
                        "status": 422,
                        "json": {"status": 422, "message": f"invalid: {password_hash(twin)}"},
                    }
                ],
            ),
        ],
    )
    assert all(row["password"].startswith("$2a$") for row in played["One"].state.values())
    assert played["In an error"].outcome == "failed"
    assert "invalid" in played["In an error"].error["message"]


def password_hash(twin: Twin) -> str:
    twin.seed(FOUR)
    return str(twin.state("netex")[user_id(1)]["password"])
