# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: what its errors mean.

PRIVATE to the collection. Source: github.com/zitadel/zitadel, internal/api/grpc/gerrors, internal/command/user_v2.go.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ._faults import ApiError
from ._model import Problem

_TRAILING_ID = re.compile(r"\(([A-Za-z0-9]+-[A-Za-z0-9]+)\)\s*$")

NO_RIGHTS = Problem(
    "no_rights",
    "ZITADEL does not show this credential all users, so that an empty search proves nothing: "
    "give its service account a role with user.read, such as ORG_OWNER_VIEWER to look or ORG_USER_MANAGER to change",
)
LEFT_OPEN = "The account was reactivated in order to be locked again, and is open now: run again, which locks it"


def initial_problem() -> Problem:
    return Problem(
        "vendor_refuses",
        "The account is in the state initial (never set up by its owner), and nothing was written: anyone who follows "
        "the invitation would reopen it, however it was closed. Request state absent, or set initial to delete, which "
        "deletes accounts in this state",
    )


def error_id(payload: t.Any) -> str | None:
    """Return ZITADEL's id of an error: from its details, else from the end of its message."""
    if not isinstance(payload, dict):
        return None
    details = payload.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("id"), str):
            return str(detail["id"])
    found = _TRAILING_ID.search(payload["message"]) if isinstance(payload.get("message"), str) else None
    return found.group(1) if found else None


USER_RIGHTS = "user.read on the user's organization, to change an account user.write too, to delete it user.delete"
SESSION_RIGHTS = "session.read to list sessions, and session.delete to end them"


def explained(error: ApiError, needs: str = USER_RIGHTS) -> Problem:
    """Return the problem of a refusal that is about rights or about the address, not about the user."""
    problem = error.problem
    identifier = error_id(error.payload) or ""
    if problem.status == 403 or identifier.startswith(("AUTH-", "AUTHZ-")):
        hint = f"The credential lacks the right; it needs {needs}"
        return replace(problem, code="forbidden", message=f"{problem.message}. {hint}")
    if problem.status == 404:
        hint = "This is not ZITADEL's answer for an unknown user: check api_url"
        return replace(problem, code="wrong_address", message=f"{problem.message}. {hint}")
    return problem


def of_key_grant(problem: Problem) -> Problem:
    """Return the problem of a log-in by a key, with what ZITADEL's answer may mean."""
    if problem.status != 500:
        return problem
    hint = (
        "ZITADEL answers so to a key that it does not know: check that the key of key_file or key_content is still "
        "listed at its service account, and that it belongs to this instance"
    )
    return replace(problem, message=f"{problem.message}. {hint}")
