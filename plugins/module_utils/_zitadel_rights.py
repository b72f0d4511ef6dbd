# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: the roles and permissions of the credential itself.

PRIVATE to the collection. Source: ZITADEL's API reference (auth service v1), which a later version may have no more.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping
from functools import cached_property

from ._faults import ApiError
from ._model import ABSENT, count_of, text_or_none
from ._reach import INSTANCE, Organization, Reach, organizations_text
from ._transport import Client
from ._vendor import Rights

MAY_READ, MAY_WRITE, MAY_DELETE = "user.read", "user.write", "user.delete"
MAY_LIST_SESSIONS, MAY_END_SESSIONS = "session.read", "session.delete"
REMEDY = "Give its service account ORG_USER_MANAGER"
SELF_MANAGER = "ORG_USER_SELF_MANAGER"
"""A role with which a credential is shown its own account only."""


class OwnRights:
    """What ZITADEL states of the credential itself. Each list is read once, when it is needed; None: it cannot be."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @cached_property
    def memberships(self) -> list[Mapping[str, t.Any]] | None:
        """The roles, each with where it holds. None also if the list is cut short."""
        answer, found = self._ask("memberships", "me")
        details = answer.get("details")
        total = count_of(details.get("totalResult", 0)) if isinstance(details, dict) else 0
        whole = all(isinstance(each, dict) for each in found or ()) and (total or 0) <= len(found or ())
        return found if whole else None

    @cached_property
    def permissions(self) -> frozenset[str] | None:
        """The permissions in the credential's own organization: roles elsewhere may give others."""
        _answer, found = self._ask("permissions", "zitadel", "me")
        return None if found is None or not all(isinstance(each, str) for each in found) else frozenset(found)

    def _ask(self, what: str, *path: str) -> tuple[Mapping[str, t.Any], list[t.Any] | None]:
        try:
            answer = self._client.read("POST", "auth", "v1", what, *path, "_search", body={}).mapping()
        except ApiError:
            return {}, None
        found = answer.get("result", [])
        return answer, found if isinstance(found, list) else None

    @property
    def reach(self) -> Reach:
        """Which accounts the credential can see."""
        roles = self.memberships
        if roles is None:
            return None
        if any(role.get("iam") is True for role in roles):
            return INSTANCE
        organizations: dict[str, Organization] = {}
        for role in roles:
            identifier = text_or_none(role.get("orgId"))
            if identifier is None:
                return None
            if role.get("roles") != [SELF_MANAGER]:
                organizations[identifier] = {"id": identifier, "name": text_or_none(role.get("displayName"))}
        return list(organizations.values())

    def lacking(self, needed: Collection[str]) -> tuple[str, ...] | None:
        """Return those of the permissions that the credential has not; None if that is not certain."""
        if self.permissions is None:
            return None
        lacking = tuple(sorted(set(needed) - self.permissions))
        roles = self.memberships
        certain = roles == [] or (roles is not None and len(roles) == 1 and self.permissions)
        return lacking if certain or not lacking else None


def rights_of(own: OwnRights, state: str, *, deletes: bool = False, ends_sessions: bool = False) -> Rights:
    """Return what is known of the rights that a state needs.

    ``deletes``: accounts are deleted also if another state is asked for. No account fails without the rights that
    ``ends_sessions`` needs, so that these are a note.
    """
    needed = {MAY_READ, MAY_DELETE if state == ABSENT else MAY_WRITE, *([MAY_DELETE] if deletes else ())}
    reach = _reach_sentence(own.reach)
    if own.permissions is None:
        return Rights(reach=reach)
    lacking = own.lacking(needed)
    if lacking is not None:
        kept = () if lacking or not ends_sessions else own.lacking({MAY_LIST_SESSIONS, MAY_END_SESSIONS})
        note = f"It lacks {' and '.join(kept)}, so that sessions of closed accounts are left. {REMEDY}" if kept else ""
        return Rights(lacking, reach, REMEDY if lacking else note)
    lost = " and ".join(sorted(needed - own.permissions))
    return Rights(
        None, reach, f"In its own organization the credential lacks {lost}; other roles of it may have them. "
    )


def _reach_sentence(reach: Reach) -> str:
    if reach is None:
        return ""
    if reach == INSTANCE:
        return "All organizations of the instance"
    if not reach:
        return "Its own account only: its service account has no role as administrator"
    return f"Of the instance only: {organizations_text(reach)}"
