# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Three hundred users in one task: their order, one token, and no request more than is promised.

For N users of which K need a write, a task sends at most K requests, reads in pages, one token request, and the pages
again to look back.
"""

from __future__ import annotations

from typing import Any

import pytest

from harness.convergence import assert_predicted
from harness.playbook import Ansible
from harness.scenes import Played, Scene, play
from twin.client import Twin

USERS = 300
EVERYBODY = 1200
# The reads of a task over the first 300 of so many accounts: to plan, and again to look back.
# ZITADEL: one search by ids or e-mails, and one question for the caller's own account. Laurel: its list has no pages.
# netexCloud: 500 a page, and no further page than it takes to see everybody asked for. Thrive: 1000 a page.
READS = {
    ("customergauge", USERS): (0, 0),
    ("customergauge", EVERYBODY): (0, 0),
    ("zitadel", USERS): (2, 1),
    ("zitadel", EVERYBODY): (2, 1),
    ("laurel", USERS): (1, 1),
    ("laurel", EVERYBODY): (1, 1),
    ("netex", USERS): (1, 1),
    ("netex", EVERYBODY): (3, 3),
    ("learn", USERS): (1, 1),
    ("learn", EVERYBODY): (2, 2),
}
TOKENS = {"customergauge": 1, "zitadel": 1, "laurel": 1, "netex": 0, "learn": 1}


def emails(everybody: int) -> list[str]:
    """Every fourth of 1,200, or all of 300, backwards, so that neither order nor place helps."""
    step = everybody // USERS
    return [f"user{number:05d}@example.com" for number in range(everybody, 0, -step)]


def scenes(vendor: str, everybody: int, users: list[dict[str, str]], **options: Any) -> list[Scene]:
    task = {"state": "deactivated", "users": users, **options}
    module = f"{vendor}_user"
    return [
        Scene("predicted", module, task, population={vendor: everybody}, check=True),
        Scene("done", module, task),
        Scene("again", module, task),
    ]


def counts(one: Played) -> tuple[int, int, int]:
    return len(one.requests("token")), len(one.reads), len(one.writes)


def play_all(ansible: Ansible, twin: Twin, all_scenes: list[Scene]) -> tuple[Played, Played, Played]:
    # Thrive with OAuth2, so that there is a token to count.
    env = twin.environment(learn=("client_id", "client_secret"))
    played = play(ansible, twin, all_scenes, env=env)
    return played["predicted"], played["done"], played["again"]


@pytest.mark.parametrize(("vendor", "everybody"), list(READS))
def test_three_hundred(ansible: Ansible, twin: Twin, vendor: str, everybody: int) -> None:
    asked = [{"email": email} for email in emails(everybody)]
    assert len(asked) == USERS
    predicted, done, again = play_all(ansible, twin, scenes(vendor, everybody, asked))
    for one in (predicted, done, again):
        assert [user["key"] for user in one.result.users] == asked
        assert one.result.ok, one.result.msg
    assert_predicted(predicted.result, done.result)
    assert done.result.outcomes == ["changed"] * USERS
    reads, looks = READS[vendor, everybody]
    tokens = TOKENS[vendor]
    assert counts(predicted) == (tokens, reads, 0)
    assert counts(done) == (tokens, reads + looks, USERS)
    if vendor == "customergauge":
        assert counts(again) == (tokens, 0, USERS)
        return
    assert again.result.outcomes == ["unchanged"] * USERS
    # Nothing changes, so nobody asks ZITADEL whose account the credential is.
    assert counts(again) == (tokens, reads - (vendor == "zitadel"), 0)
    assert all(user["verified"] is True for user in done.result.users)


@pytest.mark.parametrize(
    ("vendor", "key"), [("zitadel", "user_id"), ("laurel", "user_id"), ("netex", "username"), ("learn", "ref")]
)
def test_by_ids_and_names(ansible: Ansible, twin: Twin, vendor: str, key: str) -> None:
    """By the keys that a vendor takes itself it is no more than by e-mail; K counts those that need a write."""
    twin.population(**{vendor: EVERYBODY})
    field = {"zitadel": "userId", "laurel": "_id", "netex": "username", "learn": "ref"}[vendor]
    rows = list(twin.state(vendor).values())
    if vendor == "zitadel":
        rows = [row for row in rows if "human" in row]
    asked = [{key: row[field]} for row in rows[: EVERYBODY // 2 : 2]]
    half = asked[: USERS // 2]
    first = Scene(
        "first half", f"{vendor}_user", {"state": "deactivated", "users": half}, population={vendor: EVERYBODY}
    )
    whole = Scene("whole", f"{vendor}_user", {"state": "deactivated", "users": list(reversed(asked))})
    played = play(ansible, twin, [first, whole], env=twin.environment(learn=("client_id", "client_secret")))
    assert played["first half"].result.outcomes == ["changed"] * (USERS // 2)
    one = played["whole"]
    assert [user["key"] for user in one.result.users] == list(reversed(asked))
    assert one.result.outcomes == ["changed"] * (USERS // 2) + ["unchanged"] * (USERS // 2)
    reads, looks = READS[vendor, EVERYBODY]
    tokens, read, written = counts(one)
    assert (tokens, written) == (TOKENS[vendor], USERS // 2)
    assert read <= reads + looks
