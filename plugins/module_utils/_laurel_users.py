# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laurel's users as accounts: what a row of a list or of a lookup shows.

PRIVATE to the collection. Nothing here makes a request.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ._match import Reading
from ._model import (
    ACTIVE,
    DEACTIVATED,
    UNKNOWN,
    Account,
    Condition,
    Key,
    LookupResult,
    Problem,
    normalized,
    text_or_none,
    texts,
)
from ._reply import Row

STATES = {"active": ACTIVE, "adminDisabled": DEACTIVATED, "firmDisabled": DEACTIVATED, None: ACTIVE}


def without_strays(
    lookup_results: dict[Key, LookupResult], rows: Sequence[Row], asked: set[tuple[str | None, str]]
) -> dict[Key, LookupResult]:
    """Return the lookup results; where a lookup answered with a user not asked for, none counts as missing."""

    def is_asked(row: Row) -> bool:
        named = [("email", row.get("email")), *((item.get("type"), item.get("value")) for item in identities_of(row))]
        return any(
            isinstance(kind, str) and isinstance(value, str) and (kind, normalized(value)) in asked
            for kind, value in named
        )

    if all(is_asked(row) for row in rows):
        return lookup_results
    problem = Problem("bad_answer", "Laurel answered a lookup with a user who has none of the identities asked for")
    return {
        key: LookupResult(problem=problem) if found == LookupResult() else found
        for key, found in lookup_results.items()
    }


def is_vague(reading: Reading) -> bool:
    return reading is None or (isinstance(reading, Account) and reading.condition.state == UNKNOWN)


def account_of(row: Row) -> Account:
    status = text_or_none(row.get("status"))
    vague = "status" not in row and ("relevantIdentities" in row or "lastName" not in row)
    state = UNKNOWN if vague else STATES.get(status, UNKNOWN)
    email = text_or_none(row.get("email"))
    return Account(
        id=row["_id"],
        name=email,
        condition=Condition(state, status),
        labels=texts(row["_id"], email, *(item.get("value") for item in identities_of(row))),
        email=email,
        native=row,
        seen=row.answer,
    )


def identities_of(row: Mapping[str, t.Any]) -> list[Mapping[str, t.Any]]:
    found = row.get("identities") or row.get("relevantIdentities") or []
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def values_of(row: Row, identity_type: str | None) -> dict[str, list[t.Any]]:
    return {
        "user_id": [row["_id"]],
        "email": [row.get("email")],
        "identity": [item.get("value") for item in identities_of(row) if item.get("type") == identity_type],
    }
