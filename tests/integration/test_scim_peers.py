# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""SCIM servers that others wrote: what they answer, and scim_user at work against them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from peers.questions import QUESTIONS, USERS, answers
from peers.servers import STARTERS, Peer, started

ANSWERS: dict[str, dict[str, str]] = {
    "userName in other case": {"": "found"},
    "emails.value eq": {"": "found", "django-scim2": "nobody"},
    'emails[type eq "work"].value eq': {"": "found", "django-scim2": "nobody", "django-scim2-server": "400"},
    "externalId eq": {"": "found", "django-scim2": "nobody"},
    "or of 3": {"": "found"},
    "or of 60": {"": "found", "django-scim2": "500"},
    "unknown attribute": {"": "400", "django-scim2": "nobody"},
    "nonsense filter": {"": "400"},
    "count=0": {"": "0 rows"},
    "pages": {"": "whole", "scim2-server, cursor": "501"},
    # Where cursors are not known, the parameter is ignored: a first page without nextCursor is no proof of the end.
    "cursor": {"": "first 10 rows", "scim2-server": "501", "scim2-server, cursor": "whole"},
    "beyond the end": {"": "0 rows", "scim2-server, cursor": "501"},
    "PATCH, path": {"": "200", "scim2-server": "204", "scim2-server, cursor": "204"},
    "PATCH, pathless": {"": "200", "scim2-server": "204", "scim2-server, cursor": "204"},
    "PATCH, Replace": {"": "200", "scim2-server": "204", "scim2-server, cursor": "204"},
    'PATCH, "False"': {"": "204", "django-scim2": "400", "django-scim2-server": "200"},
    'PATCH, pathless, "False"': {"": "204", "django-scim2": "500", "django-scim2-server": "200"},
    "PATCH, path urn:…:User:active": {
        "": "204",
        "django-scim2": "501",
        "django-scim2-server": "200, active is True",
    },
    "PATCH, op Update": {"": "400"},
    "same state again": {"": "200", "scim2-server": "204", "scim2-server, cursor": "204"},
    "closed: filter, list": {"": "found, listed"},
    "PUT active=false": {"": "200"},
    "If-Match, stale": {"": "412", "django-scim2": "no ETag", "django-scim2-server": "no ETag"},
    "unknown id": {"": "404 SCIM"},
    "unknown id, no UUID": {"": "404 SCIM", "django-scim2-server": "404 HTML"},
    "wrong base": {"": "404 HTML", "scim2-server": "404 SCIM", "scim2-server, cursor": "404 SCIM"},
    "DELETE": {"": "204, then 404, again 404", "django-scim2-server": "204, then 200, active is False, again 204"},
    "ServiceProviderConfig": {"": "yes", "django-scim2": "no filter"},
    "Me": {"": "501 SCIM", "django-scim2": "501 no JSON", "django-scim2-server": "404 HTML"},
}
"""What each peer answers; under the empty name, what the others do."""


@pytest.fixture(scope="module", params=STARTERS)
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    with started(request.param, USERS) as running:
        yield running


def test_what_the_peers_answer(peer: Peer) -> None:
    expected = {question: found.get(peer.name, found[""]) for question, found in ANSWERS.items()}
    assert set(expected) == set(QUESTIONS)
    assert answers(peer) == expected


def test_a_wrong_token_is_refused(peer: Peer) -> None:
    wrong: dict[str, Any] = {"Authorization": "Bearer wrong"}
    assert peer.ask("GET", "/Users", **wrong).status_code == 401
