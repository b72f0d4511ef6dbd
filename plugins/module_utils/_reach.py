# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts of a tenant a credential can see, as results have it, and in words.

PRIVATE to the collection. Importable without requests.
"""

from __future__ import annotations

import typing as t

from ._text import some

INSTANCE: t.Literal["instance"] = "instance"
SHOWN_ORGANIZATIONS = 5


class Organization(t.TypedDict):
    """A part of a tenant that has its own users."""

    id: str
    name: str | None


Reach: t.TypeAlias = "t.Literal['instance'] | list[Organization] | None"
"""All of the tenant, or these organizations; an empty list: the credential's own account only. None: not known."""


def organizations_text(reach: list[Organization]) -> str:
    """Return the first organizations of a list by name and id."""
    return some([f"{each['name'] or ''} ({each['id']})".strip() for each in reach], SHOWN_ORGANIZATIONS)


def reach_text(reach: Reach) -> str:
    """Return what a credential can see as words that follow "in"; an empty text if that is not known."""
    if reach is None:
        return ""
    if reach == INSTANCE:
        return "any organization of the instance"
    if not reach:
        return "what the credential can see, which is its own account only"
    return f"organization{'' if len(reach) == 1 else 's'} {organizations_text(reach)}"


def lacking_text(lacking: t.Sequence[str]) -> str:
    """Return what a plan means whose credential lacks permissions."""
    return (
        f"The credential lacks {' and '.join(lacking)}, so that the vendor would refuse what is planned. "
        "The plan stands: run it with a credential that has the permission, or give it to this one"
    )
