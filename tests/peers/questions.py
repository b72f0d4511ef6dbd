# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What a SCIM server answers to what differs between products: one word for each question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import requests

from .servers import USER, Peer, person, username

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USERS = 30
"""How many users a peer has when it is asked."""

Question = Callable[[Peer], str]


def rows(answer: requests.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json().get("Resources") or []
    return found


def names(answer: requests.Response) -> list[str]:
    return [str(row["userName"]).lower() for row in rows(answer)]


def search(peer: Peer, text: str, *expected: int) -> str:
    """How a filter is answered: found, empty, everybody, others, or the status of the refusal."""
    answer = peer.ask("GET", "/Users?" + urlencode({"filter": text, "count": 100}))
    if answer.status_code != 200:
        return str(answer.status_code)
    found = sorted(names(answer))
    if found == sorted(username(number).lower() for number in expected):
        return "found" if expected else "empty"
    return "empty" if not found else "everybody" if len(found) >= USERS else "others"


def by_names(numbers: range) -> str:
    return " or ".join(f'userName eq "{username(number)}"' for number in numbers)


def page(peer: Peer, query: str) -> str:
    """How many rows a list has."""
    answer = peer.ask("GET", f"/Users?{query}")
    return f"{len(rows(answer))} rows" if answer.status_code == 200 else str(answer.status_code)


def whole_list(peer: Peer) -> str:
    """Read pages of ten until one has no new user, and compare the rows with the users that exist."""
    found: list[str] = []
    for start in range(1, 1000, 10):
        answer = peer.ask("GET", f"/Users?startIndex={start}&count=10")
        if answer.status_code != 200:
            return str(answer.status_code)
        shown = names(answer)
        new = [name for name in shown if name not in found]
        found += new
        if not new:
            break
        if len(new) < len(shown):
            return "pages overlap"
    missing = {username(number).lower() for number in range(1, USERS + 1)}.difference(found)
    return f"first {len(found)} rows" if missing else "whole"


def by_cursor(peer: Peer) -> str:
    found: list[str] = []
    cursor: str | None = ""
    for _page in range(50):
        query = urlencode({"cursor": cursor, "count": 10})
        answer = peer.ask("GET", f"/Users?{query}")
        if answer.status_code != 200:
            return str(answer.status_code)
        found += names(answer)
        cursor = answer.json().get("nextCursor")
        if not cursor:
            break
    else:
        return "no end"
    if len(found) != len(set(found)):
        return "repeated"
    return "whole" if len(found) >= USERS else f"first {len(found)} rows"


def patched(peer: Peer, operation: dict[str, Any], active: bool = True) -> str:
    """Send one operation to a separate user: the status, and what `active` is afterwards where it is not False."""
    row_id = newcomer(peer, active=active)
    answer = peer.ask("PATCH", f"/Users/{row_id}", {"schemas": [PATCH_OP], "Operations": [operation]})
    return effect(peer, answer, row_id)


def effect(peer: Peer, answer: requests.Response, row_id: str) -> str:
    left = peer.active(row_id)
    if answer.status_code < 400:
        return f"{answer.status_code}" if left is False else f"{answer.status_code}, active is {left!r}"
    return f"{answer.status_code}" if left is True else f"{answer.status_code}, active is {left!r}"


def newcomer(peer: Peer, **more: Any) -> str:
    return peer.add(len(peer.ids) + 1, **more)


def replace(value: Any, path: str | None = "active", op: str = "replace") -> dict[str, Any]:
    return {"op": op, "value": value} if path is None else {"op": op, "path": path, "value": value}


def closed(peer: Peer) -> str:
    """Whether a closed user is found by a filter, and listed."""
    row_id = newcomer(peer)
    number = len(peer.ids)
    peer.ask("PATCH", f"/Users/{row_id}", {"schemas": [PATCH_OP], "Operations": [replace(False)]})
    found = search(peer, f'userName eq "{username(number)}"', number)
    listed = set(names(peer.ask("GET", "/Users?count=100")))
    return f"{found}, {'listed' if username(number).lower() in listed else 'not listed'}"


def put(peer: Peer) -> str:
    row_id = newcomer(peer)
    row = {**person(len(peer.ids)), "id": row_id, "active": False}
    return effect(peer, peer.ask("PUT", f"/Users/{row_id}", row), row_id)


def stale(peer: Peer) -> str:
    row_id = newcomer(peer)
    version = peer.ask("GET", f"/Users/{row_id}").headers.get("ETag")
    if version is None:
        return "no ETag"
    body = {"schemas": [PATCH_OP], "Operations": [replace(False)]}
    peer.ask("PATCH", f"/Users/{row_id}", body, **{"If-Match": version})
    body["Operations"] = [replace(True)]
    answer = peer.ask("PATCH", f"/Users/{row_id}", body, **{"If-Match": version})
    return "ignored" if answer.status_code < 300 else str(answer.status_code)


def error(answer: requests.Response) -> str:
    """The status, and what is in the body of an error."""
    if "html" in answer.headers.get("Content-Type", ""):
        return f"{answer.status_code} HTML"
    try:
        data = answer.json()
    except ValueError:
        return f"{answer.status_code} no JSON"
    scim = isinstance(data, dict) and any("Error" in str(schema) for schema in data.get("schemas", ()))
    return f"{answer.status_code} SCIM" if scim else f"{answer.status_code} JSON"


def deleted(peer: Peer) -> str:
    """What DELETE answers, and what a read of the user then does."""
    row_id = newcomer(peer)
    first = peer.ask("DELETE", f"/Users/{row_id}")
    then = peer.ask("GET", f"/Users/{row_id}")
    again = peer.ask("DELETE", f"/Users/{row_id}")
    if then.status_code == 404:
        peer.ids = {name: other for name, other in peer.ids.items() if other != row_id} | {f"deleted {row_id}": row_id}
    read = "404" if then.status_code == 404 else f"{then.status_code}, active is {then.json().get('active')!r}"
    return f"{first.status_code}, then {read}, again {again.status_code}"


def config(peer: Peer) -> str:
    answer = peer.ask("GET", "/ServiceProviderConfig")
    if answer.status_code != 200:
        return str(answer.status_code)
    data = answer.json()
    missing = [name for name in ("patch", "filter") if not data.get(name, {}).get("supported")]
    return "yes" if not missing else f"no {', '.join(missing)}"


def wrong_base(peer: Peer) -> str:
    return error(peer.ask("GET", "x/Users"))


QUESTIONS: dict[str, Question] = {
    "userName in other case": lambda peer: search(peer, f'userName eq "{username(1).swapcase()}"', 1),
    "emails.value eq": lambda peer: search(peer, f'emails.value eq "{username(1)}"', 1),
    'emails[type eq "work"].value eq': lambda peer: search(peer, f'emails[type eq "work"].value eq "{username(1)}"', 1),
    "externalId eq": lambda peer: search(peer, 'externalId eq "E01"', 1),
    "or of 3": lambda peer: search(peer, by_names(range(1, 4)), 1, 2, 3),
    "or of 60": lambda peer: search(peer, by_names(range(1, 61)), *range(1, USERS + 1)),
    "unknown attribute": lambda peer: search(peer, 'nonsense eq "x"'),
    "nonsense filter": lambda peer: search(peer, "not a filter at all"),
    "count=0": lambda peer: page(peer, "count=0"),
    "pages": whole_list,
    "cursor": by_cursor,
    "beyond the end": lambda peer: page(peer, "startIndex=1001&count=10"),
    "PATCH, path": lambda peer: patched(peer, replace(False)),
    "PATCH, pathless": lambda peer: patched(peer, replace({"active": False}, path=None)),
    "PATCH, Replace": lambda peer: patched(peer, replace(False, op="Replace")),
    'PATCH, "False"': lambda peer: patched(peer, replace("False")),
    'PATCH, pathless, "False"': lambda peer: patched(peer, replace({"active": "False"}, path=None)),
    "PATCH, path urn:…:User:active": lambda peer: patched(peer, replace(False, path=f"{USER}:active")),
    "PATCH, op Update": lambda peer: patched(peer, replace(False, op="Update")),
    "same state again": lambda peer: patched(peer, replace(False), active=False),
    "closed: filter, list": closed,
    "PUT active=false": put,
    "If-Match, stale": stale,
    "unknown id": lambda peer: error(peer.ask("GET", "/Users/00000000-0000-4000-8000-000000000000")),
    "unknown id, no UUID": lambda peer: error(peer.ask("GET", "/Users/no-such-user")),
    "wrong base": wrong_base,
    "DELETE": deleted,
    "ServiceProviderConfig": config,
    "Me": lambda peer: error(peer.ask("GET", "/Me")),
}


def answers(peer: Peer) -> dict[str, str]:
    """Every question's answer, in the order in which they are asked."""
    return {name: question(peer) for name, question in QUESTIONS.items()}
