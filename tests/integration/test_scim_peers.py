# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""SCIM servers that others wrote: what they answer, and scim_user at work against them.

With PEERS_BY_HAND=1, as `make peers` has it, also those that are not on PyPI.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from harness.playbook import Ansible, TaskResult
from harness.venvs import venv
from mock_vendors.client import MockVendors
from peers.answers import ANSWERS, DJANGO, DJANGO_SERVER, FIVE, expected
from peers.by_hand import ALL
from peers.questions import QUESTIONS, USERS, answers
from peers.servers import STARTERS, Lacking, Peer, started, username

NAMES = list(ALL if os.environ.get("PEERS_BY_HAND") else STARTERS)


@pytest.fixture(scope="module", params=NAMES)
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    try:
        with started(ALL[request.param], USERS) as running:
            yield running
    except Lacking as reason:
        pytest.skip(f"{request.param}: {reason}")


def test_what_the_peers_answer(peer: Peer) -> None:
    assert list(ANSWERS) == list(QUESTIONS)
    assert answers(peer) == expected(peer.name)


def test_a_wrong_token_is_refused(peer: Peer) -> None:
    wrong: dict[str, Any] = {"Authorization": "Bearer wrong"}
    assert peer.ask("GET", "/Users", **wrong).status_code == 401


@pytest.mark.parametrize("switches", [{}, {"etag": "checked"}, {"ids": "text", "max_page": None}])
def test_the_mock_passes_the_tester_of_others(mock: MockVendors, switches: dict[str, Any]) -> None:
    """Strict as it starts, the mock is a SCIM server to scim2-tester as well."""
    mock.seed({"scim": [{}, {"active": False}]})
    mock.switch("scim", wrong_base="scim", **switches)
    ready = mock.ready["scim"]
    done = subprocess.run(
        [str(venv("peers") / "bin" / "scim2"), "--url", ready["api_url"], "test"],
        env={"PATH": os.environ["PATH"], "SCIM_CLI_HEADERS": f"Authorization: Bearer {ready['access_token']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, "ERROR" in done.stdout) == (0, False), done.stdout + done.stderr
    assert "SUCCESS check_replace_attribute" in done.stdout


CHANGED, SAME = "changed", "unchanged"
# What is said of scim_user below holds at every peer but these.
LIST_IS_CUT = (FIVE,)
# A filter for addresses that returns 200 and no user proves nothing.
UNPROVEN = {(FIVE, "username"), (FIVE, "email"), (DJANGO, "email")}
DELETE_DEACTIVATES = (DJANGO_SERVER,)


@dataclass(frozen=True)
class Play:
    """Runs tasks of scim_user against a peer, all in one playbook."""

    ansible: Ansible
    peer: Peer

    def __call__(self, *tasks: dict[str, Any]) -> list[TaskResult]:
        listed = []
        for number, options in enumerate(tasks, 1):
            check = options.pop("check_mode", False)
            module = {"saas.offboarding.scim_user": {**self.peer.options, **options}}
            listed.append({"name": f"Task {number}", "check_mode": check, "ignore_errors": True, **module})
        return self.ansible.run(listed).tasks


@pytest.fixture
def play(ansible: Ansible, peer: Peer) -> Play:
    return Play(ansible, peer)


def newcomers(peer: Peer, count: int) -> list[int]:
    """Users for one test."""
    numbers = list(range(len(peer.ids) + 1, len(peer.ids) + 1 + count))
    for number in numbers:
        peer.add(number)
    return numbers


def keys(peer: Peer, numbers: list[int], *fields: str) -> list[dict[str, str]]:
    """One key for each user, by these fields in turn."""
    made: dict[str, Callable[[int], str]] = {
        "username": username,
        "email": username,
        "external_id": lambda number: f"E{number:02}",
        "user_id": lambda number: peer.ids[username(number).lower()],
    }
    return [{name: made[name](number)} for number, name in zip(numbers, itertools.cycle(fields), strict=False)]


def closed(peer: Peer, numbers: list[int]) -> dict[str, Any]:
    """The state of all users when these are closed and all others as they are."""
    return {**peer.state(), **{username(number).lower(): False for number in numbers}}


def closing(users: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    return {"state": "deactivated", "users": users, **more}


def codes(task: TaskResult) -> list[str | None]:
    return [user["error"] and user["error"]["code"] for user in task.users]


@pytest.mark.parametrize(
    ("count", "fields"),
    [(1, ("email",)), (3, ("username",)), (3, ("user_id",)), (12, ("username", "email"))],
)
def test_users_are_closed_and_opened_again(play: Play, peer: Peer, count: int, fields: tuple[str, ...]) -> None:
    """Predict, close, close again, reopen: no other account is touched."""
    numbers = newcomers(peer, count)
    users, before = keys(peer, numbers, *fields), peer.state()
    after = closed(peer, numbers)
    planned, done, again = play(closing(users, check_mode=True), closing(users), closing(users))
    assert [task.outcomes for task in (planned, done, again)] == [[word] * count for word in (CHANGED, CHANGED, SAME)]
    assert [user["verified"] for user in done.users] == [True] * count
    assert (again.changed, peer.state()) == (False, after)
    (back,) = play({"state": "active", "users": users})
    assert (back.outcomes, peer.state()) == ([CHANGED] * count, before)


def test_another_case_is_the_same_user(play: Play, peer: Peer) -> None:
    numbers = newcomers(peer, 2)
    before, after = peer.state(), closed(peer, numbers)
    first, second = (username(number).upper() for number in numbers)
    (done,) = play(closing([{"username": first}, {"email": second}]))
    if peer.name in LIST_IS_CUT:
        # Neither a filter nor the list finds these users, so that they are not said to be missing.
        assert (codes(done), peer.state()) == (["unproven"] * 2, before)
        return
    assert (done.outcomes, peer.state()) == ([CHANGED] * 2, after)


@pytest.mark.parametrize("field", ["username", "email"])
def test_no_user_is_missing_without_proof(play: Play, peer: Peer, field: str) -> None:
    """Who is not there is missing where that can be proven, and failed where it cannot."""
    numbers = newcomers(peer, 4)
    after = closed(peer, numbers)
    unknown = {field: "no-such-user@example.com"}
    alone, among = play(
        closing([unknown], on_missing="ok"), closing([*keys(peer, numbers, field), unknown], on_missing="ok")
    )
    assert (among.outcomes[:-1], peer.state()) == ([CHANGED] * 4, after)
    expected = ("failed", "unproven") if (peer.name, field) in UNPROVEN else ("missing", None)
    assert [(task.outcomes[-1], codes(task)[-1]) for task in (alone, among)] == [expected] * 2


def test_users_are_deleted(play: Play, peer: Peer) -> None:
    numbers = newcomers(peer, 3)
    users, before = keys(peer, numbers, "username"), peer.state()
    gone = {"state": "absent", "users": users}
    planned, done, again = play({**gone, "check_mode": True}, {**gone}, {**gone})
    assert planned.outcomes == [CHANGED] * 3
    if peer.name in DELETE_DEACTIVATES:
        assert sorted(zip(done.outcomes, codes(done), strict=True)) == [
            ("failed", "deactivated_instead"),
            *[("refused", "deactivated_instead")] * 2,
        ]
        return
    assert done.outcomes == [CHANGED] * 3
    assert peer.state() == {**before, **{username(number).lower(): None for number in numbers}}
    if peer.name not in LIST_IS_CUT:
        assert (again.changed, again.outcomes) == (False, [SAME] * 3)


def test_a_wrong_base_and_a_wrong_token_stop_the_task(play: Play, peer: Peer) -> None:
    numbers = newcomers(peer, 1)
    before = peer.state()
    wrong = closing(keys(peer, numbers, "username"))
    no_login = dict.fromkeys(("client_id", "client_secret", "token_url"))
    bases = ({"api_url": f"{peer.api_url}/Users"}, {"api_url": f"{peer.api_url}x"})
    *addresses, token = play(*({**wrong, **base} for base in bases), {**wrong, **no_login, "access_token": "wrong"})
    assert all(task.failed for task in (*addresses, token))
    assert all("api_url" in task.msg for task in addresses), [task.msg for task in addresses]
    assert peer.state() == before
