# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""SCIM servers that others wrote: what they answer, and scim_user at work against them.

With PEERS_BY_HAND=1, as `make peers` has it, also those that are not on PyPI.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from peers.answers import ANSWERS, expected
from peers.by_hand import ALL
from peers.questions import QUESTIONS, USERS, answers
from peers.servers import STARTERS, Lacking, Peer, started

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
