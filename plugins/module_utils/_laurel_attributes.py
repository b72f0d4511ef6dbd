# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of a Laurel user: options by their names at Laurel, and the form in which values are compared.

PRIVATE to the collection. Source: developer.laurel.ai (services/identity/users).
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ._vendor_info.laurel import TEXTS

LISTS = ("role_ids", "delegate_ids", "delegates")
FORWARDING = (
    "is_forwarded",
    "original_principal_client_id",
    "original_principal_customer_id",
    "original_principal_user_id",
)


def _at_laurel(name: str) -> str:
    """Return the name that an option's value has at Laurel: `first_name` is `firstName`."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _ids_in(items: t.Any) -> list[str]:
    found = [item.get("_id") if isinstance(item, dict) else item for item in items] if isinstance(items, list) else []
    return sorted({item for item in found if isinstance(item, str)})


def _claims_in(items: t.Any) -> list[str]:
    found = [item.get("claim") if isinstance(item, dict) else item for item in items] if isinstance(items, list) else []
    return sorted({str(item) for item in found})


def _delegates_in(items: t.Any) -> list[dict[str, t.Any]]:
    rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return sorted(
        (
            {
                "user_id": row.get("user_id") or row.get("_id"),
                "permissions": _claims_in(row.get("permissions")),
            }
            for row in rows
        ),
        key=lambda row: str(row["user_id"]),
    )


def normal(name: str, value: t.Any) -> t.Any:
    """Return a value in the form in which the wanted and the current one are compared: lists without order."""
    if name == "delegates":
        return _delegates_in(value)
    return sorted(set(value)) if isinstance(value, list) else value


def current(name: str, row: Mapping[str, t.Any], wanted: t.Any) -> t.Any:
    """Return what a user has for an attribute.

    Laurel's texts disagree on whether delegates that are written appear as `delegates` or as `delegators`: either
    will do.
    """
    if name in TEXTS:
        value = row.get(_at_laurel(name))
        return "" if value is None and wanted == "" else value
    if name == "role_ids":
        return _ids_in(row.get("roles"))
    read = _delegates_in if name == "delegates" else _ids_in
    reverse = read(row.get("delegators"))
    return reverse if reverse and reverse == normal(name, wanted) else read(row.get("delegates"))


def patch_body(settings: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the body of a PATCH that sets attributes."""
    body: dict[str, t.Any] = {}
    for name, value in settings.items():
        if name == "delegates":
            value = [
                {
                    "userId": item["user_id"],
                    "permissions": [{"claim": claim} for claim in item.get("permissions") or []],
                }
                for item in value
            ]
        body[_at_laurel(name)] = value
    return body


def forwarding_query(params: Mapping[str, t.Any]) -> dict[str, str]:
    """Return the query of a deletion that names who takes over the user's work, from the options given."""
    given = {_at_laurel(option): params.get(option) for option in FORWARDING}
    return {
        query: str(value).lower() if isinstance(value, bool) else value
        for query, value in given.items()
        if value is not None
    }
