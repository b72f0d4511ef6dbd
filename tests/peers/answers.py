# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What each peer answers to each question: facts that scim_user is built on, proved by the tests and `make peers`."""

from __future__ import annotations

from .keycloak import VERSION

KEYCLOAK = f"Keycloak {VERSION}"
CURSOR, FOUR, FIVE = "scim2-server, cursor", "scimmy, Express 4", "scimmy, Express 5"
SCIM2 = ("scim2-server", CURSOR)
SCIMMY = (FOUR, FIVE)


def answer(others: str, *differing: tuple[tuple[str, ...] | str, str]) -> dict[str, str]:
    found = {"": others}
    for names, text in differing:
        found |= dict.fromkeys((names,) if isinstance(names, str) else names, text)
    return found


DJANGO, DJANGO_SERVER, POLIS, BETTER = "django-scim2", "django-scim2-server", "Polis", "better-auth"
ACCEPTED = ("200", (SCIM2, "204"))
ANSWERS = {
    "userName in other case": answer("found", ((*SCIMMY, POLIS), "empty")),
    # Keycloak keeps addresses in small letters, and compares them with case.
    "emails.value eq": answer("found", ((DJANGO, KEYCLOAK), "empty")),
    'emails[type eq "work"].value eq': answer("found", ((DJANGO, POLIS), "empty"), ((DJANGO_SERVER, KEYCLOAK), "400")),
    "externalId eq": answer("found", ((DJANGO, POLIS, KEYCLOAK), "empty")),
    "or of 3": answer("found", (POLIS, "empty"), (BETTER, "400")),
    # Keycloak's filters have 2,048 characters at most.
    "or of 60": answer("found", (DJANGO, "500"), (POLIS, "empty"), ((BETTER, KEYCLOAK), "400"), (FIVE, "others")),
    "unknown attribute": answer("400", ((DJANGO, *SCIMMY, POLIS, KEYCLOAK), "empty")),
    "nonsense filter": answer("400", (POLIS, "500")),
    "count=0": answer("0 rows", (FIVE, "20 rows"), (POLIS, "30 rows")),
    "pages": answer("whole", (CURSOR, "501"), (FIVE, "first 20 rows")),
    # Where cursors are not known, the parameter is ignored: a first page without nextCursor is no proof of the end.
    "cursor": answer("first 10 rows", ("scim2-server", "501"), (CURSOR, "whole"), (FIVE, "first 20 rows")),
    "beyond the end": answer("0 rows", (CURSOR, "501"), (FOUR, "10 rows"), (FIVE, "20 rows")),
    "PATCH, path": answer(*ACCEPTED),
    "PATCH, pathless": answer(*ACCEPTED),
    "PATCH, Replace": answer(*ACCEPTED),
    'PATCH, "False"': answer(*ACCEPTED, ((DJANGO, *SCIMMY), "400"), (POLIS, "200, active is 'False'")),
    'PATCH, pathless, "False"': answer(*ACCEPTED, (DJANGO, "500"), (SCIMMY, "400"), (POLIS, "200, active is 'False'")),
    "PATCH, path urn:…:User:active": answer(
        *ACCEPTED,
        (DJANGO, "501"),
        (SCIMMY, "400"),
        ((DJANGO_SERVER, POLIS, KEYCLOAK), "200, active is True"),
    ),
    "PATCH, op Update": answer("400", (POLIS, "200")),
    "same state again": answer("200", ((*SCIM2, *SCIMMY), "204")),
    "closed: filter, list": answer("found, listed", (FIVE, "found, not listed")),
    "PUT active=false": answer("200"),
    "If-Match, stale": answer("no ETag", (SCIM2, "412"), (SCIMMY, "ignored")),
    "unknown id": answer("404 SCIM"),
    "unknown id, no UUID": answer("404 SCIM", (DJANGO_SERVER, "404 HTML")),
    "wrong base": answer(
        "404 HTML", (SCIM2, "404 SCIM"), (POLIS, "404 JSON"), (BETTER, "404 no JSON"), (KEYCLOAK, "405 JSON")
    ),
    "DELETE": answer(
        "204, then 404, again 404",
        (DJANGO_SERVER, "204, then 200, active is False, again 204"),
        (POLIS, "200, then 404, again 404"),
    ),
    "ServiceProviderConfig": answer("yes", (DJANGO, "no filter"), (POLIS, "404")),
    "Me": answer(
        "404 SCIM",
        (SCIM2, "501 SCIM"),
        (DJANGO, "501 no JSON"),
        (DJANGO_SERVER, "404 HTML"),
        (POLIS, "404 JSON"),
        (BETTER, "404 no JSON"),
    ),
}
"""By question, what a peer answers; under the empty name, what all others do."""

RIGHTS = {
    "no role": "filter 403; by id 403; PATCH 403",
    "query-users": "filter 200, total 1, 0 rows; by id 403; PATCH 403",
    "view-users": "filter 200, total 1, 1 rows; by id 200; PATCH 403",
    "manage-users": "filter 200, total 1, 1 rows; by id 200; PATCH 200",
}
"""What Keycloak answers to a client with a role of realm-management."""


def expected(peer: str) -> dict[str, str]:
    return {question: found.get(peer, found[""]) for question, found in ANSWERS.items()}
