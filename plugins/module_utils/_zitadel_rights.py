# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: the roles and permissions of the credential itself.

PRIVATE to the collection. Source: ZITADEL's API reference (auth service v1), which a later version may have no more.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ._faults import ApiError
from ._model import ABSENT
from ._text import some
from ._transport import Client
from ._vendor import Rights

SHOWN_ORGANIZATIONS = 5


def rights_of(client: Client, state: str) -> Rights:
    """Ask for the roles and permissions of a credential.

    The permissions are those in its own organization: roles elsewhere may give others.
    """
    roles = _ask(client, "memberships", "me")
    permissions = permissions_of(client)
    reach = "" if roles is None else _reach(roles)
    if permissions is None:
        return Rights(reach=reach)
    lacking = tuple(sorted({"user.read", "user.delete" if state == ABSENT else "user.write"} - permissions))
    if not lacking or roles == [] or (roles is not None and len(roles) == 1 and permissions):
        return Rights(lacking, reach, "Give its service account ORG_USER_MANAGER" if lacking else "")
    text = f"In its own organization the credential lacks {' and '.join(lacking)}; other roles of it may have them. "
    return Rights(None, reach, text)


def permissions_of(client: Client) -> frozenset[str] | None:
    """Return the permissions of a credential in its own organization; None if they are not shown."""
    found = _ask(client, "permissions", "zitadel", "me")
    return None if found is None else frozenset(each for each in found if isinstance(each, str))


def _ask(client: Client, what: str, *path: str) -> list[t.Any] | None:
    try:
        found = client.read("POST", "auth", "v1", what, *path, "_search", body={}).mapping().get("result", [])
    except ApiError:
        return None
    return found if isinstance(found, list) and all(isinstance(each, str | dict) for each in found) else None


def _reach(roles: Sequence[t.Any]) -> str:
    """Return which accounts a credential can see, by its roles; an empty text if they do not show it."""
    if not roles:
        return "Its own account only: its service account has no role as administrator"
    known = [role for role in roles if isinstance(role, dict)]
    if any(role.get("iam") is True for role in known):
        return "All organizations of the instance"
    names = [f"{role.get('displayName') or ''} ({role['orgId']})".strip() for role in known if role.get("orgId")]
    return f"Of the instance only: {some(names, SHOWN_ORGANIZATIONS)}" if names else ""
