# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Three hundred users in one task: their order, one token, and no request more than is promised.

For N users of which K need a write, a task sends at most K requests, reads in pages, one token request, and the pages
again to verify.
"""

from __future__ import annotations

import pytest

from harness.convergence import assert_predicted
from harness.playbook import Ansible
from harness.scenes import Played, Scene, play, thrice
from mock_vendors.client import MockVendors

USERS = 300
EVERYBODY = 1200
# The reads of a task over the first 300 of so many accounts: to plan, and again to verify.
# ZITADEL: one search by ids or e-mails, one request for the caller's own account, one each for its roles and its
# permissions, and one for the sessions, which are listed once more after the accounts were closed.
# Laurel: its list has no pages.
# netexCloud: 500 a page, and no further page than it takes to see everybody asked for. Thrive: 1000 a page, and a list
# of the suspended as long as the other shows none: one of them may have an e-mail that was asked for too.
READS = {
    ("customergauge", USERS): (0, 0),
    ("customergauge", EVERYBODY): (0, 0),
    ("zitadel", USERS): (5, 2),
    ("zitadel", EVERYBODY): (5, 2),
    ("laurel", USERS): (1, 1),
    ("laurel", EVERYBODY): (1, 1),
    ("netex", USERS): (1, 1),
    ("netex", EVERYBODY): (3, 3),
    ("learn", USERS): (2, 1),
    ("learn", EVERYBODY): (3, 2),
}
TOKENS = {"customergauge": 1, "zitadel": 1, "laurel": 1, "netex": 0, "learn": 1}


def emails(everybody: int) -> list[str]:
    """Every fourth of 1,200, or all of 300, backwards, so that neither order nor place helps."""
    step = everybody // USERS
    return [f"user{number:05d}@example.com" for number in range(everybody, 0, -step)]


def scenes(vendor: str, everybody: int, users: list[dict[str, str]]) -> list[Scene]:
    task = {"state": "deactivated", "users": users}
    return thrice(Scene(f"{vendor} of {everybody}", f"{vendor}_user", task, population={vendor: everybody}))


def counts(one: Played) -> tuple[int, int, int]:
    return len(one.requests("token")), len(one.reads), len(one.writes)


def play_all(ansible: Ansible, mock: MockVendors, all_scenes: list[Scene]) -> dict[str, Played]:
    # Thrive with OAuth2, so that there is a token to count.
    return play(ansible, mock, all_scenes, env=mock.environment(learn=("client_id", "client_secret")), verbosity=0)


@pytest.mark.parametrize("everybody", [USERS, EVERYBODY])
def test_three_hundred(ansible: Ansible, mock: MockVendors, everybody: int) -> None:
    asked = [{"email": email} for email in emails(everybody)]
    assert len(asked) == USERS
    played = play_all(ansible, mock, [scene for vendor in TOKENS for scene in scenes(vendor, everybody, asked)])
    for vendor, tokens in TOKENS.items():
        predicted, done, again = (played[f"{vendor} of {everybody}, {act}"] for act in ("predicted", "done", "again"))
        for one in (predicted, done, again):
            assert [user["key"] for user in one.result.users] == asked
            assert one.result.ok, one.result.msg
        assert_predicted(predicted.result, done.result)
        assert done.result.outcomes == ["changed"] * USERS
        reads, looks = READS[vendor, everybody]
        assert counts(predicted) == (tokens, reads, 0), vendor
        assert counts(done) == (tokens, reads + looks, USERS), vendor
        if vendor == "customergauge":
            assert counts(again) == (tokens, 0, USERS)
            continue
        assert all(user["verified"] is True for user in done.result.users)
        assert again.result.outcomes == ["unchanged"] * USERS
        # Nothing changes, so ZITADEL is not asked for the account of the credential. Thrive's list shows the suspended.
        assert counts(again) == (tokens, reads - (vendor in ("zitadel", "learn")), 0), vendor


def test_by_ids_and_names(ansible: Ansible, mock: MockVendors) -> None:
    """By the keys that a vendor takes itself it is no more than by e-mail; K counts those that need a write."""
    keys = {
        "zitadel": ("user_id", "userId"),
        "laurel": ("user_id", "_id"),
        "netex": ("username", "username"),
        "learn": ("ref", "ref"),
    }
    mock.population(**dict.fromkeys(keys, EVERYBODY))
    asked = {}
    half: list[Scene] = []
    whole: list[Scene] = []
    for vendor, (option, field) in keys.items():
        rows = [row for row in mock.state(vendor).values() if row.get("email") or "human" in row]
        asked[vendor] = [{option: row[field]} for row in reversed(rows[: EVERYBODY // 2 : 2])]
        task = {"state": "deactivated", "users": asked[vendor][: USERS // 2]}
        half.append(Scene(f"{vendor}, half", f"{vendor}_user", task, population={vendor: EVERYBODY}))
        whole.append(Scene(vendor, f"{vendor}_user", {**task, "users": asked[vendor]}))
    played = play_all(ansible, mock, [scene for pair in zip(half, whole, strict=True) for scene in pair])
    for vendor in keys:
        one = played[vendor]
        assert [user["key"] for user in one.result.users] == asked[vendor]
        assert one.result.outcomes == ["unchanged"] * (USERS // 2) + ["changed"] * (USERS // 2)
        tokens, read, written = counts(one)
        assert (tokens, written) == (TOKENS[vendor], USERS // 2)
        assert read <= sum(READS[vendor, EVERYBODY]), vendor


def test_a_host_that_wants_to_be_left_alone_for_days_is_asked_once(ansible: Ansible, mock: MockVendors) -> None:
    """One after another and side by side: no response is repeated, and no account is reported as closed."""
    days = {"action": "status", "status": 429, "retry_after": 999_999, "kind": "write"}
    users = [{"email": f"user{number:05d}@example.com"} for number in range(1, 6)]
    options = {"state": "deactivated", "users": users, "concurrency": 1}
    played = play(
        ansible,
        mock,
        [
            Scene(vendor, f"{vendor}_user", options, population={vendor: 6}, faults=[days])
            for vendor in ("customergauge", "zitadel", "laurel", "netex", "learn")
        ],
    )
    for vendor, scene in played.items():
        assert [user["error"]["code"] for user in scene.result.users] == ["rate_limited"] * 5, vendor
        assert all(user["error"]["retryable"] for user in scene.result.users), vendor
        assert len(scene.writes) == 1, vendor
