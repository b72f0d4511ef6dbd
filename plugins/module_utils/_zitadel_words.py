# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: the words for states, and the ids of errors.

PRIVATE to the collection. Source: github.com/zitadel/zitadel, proto/zitadel/user/v2, internal/command/user_v2.go.
"""

from __future__ import annotations

from ._model import ABSENT, ACTIVE, DEACTIVATED, LOCKED

STATES = {
    "USER_STATE_ACTIVE": ACTIVE,
    "USER_STATE_INITIAL": ACTIVE,
    "USER_STATE_INACTIVE": DEACTIVATED,
    "USER_STATE_LOCKED": LOCKED,
    "USER_STATE_DELETED": ABSENT,
}
WORDS = {ACTIVE: "USER_STATE_ACTIVE", DEACTIVATED: "USER_STATE_INACTIVE", LOCKED: "USER_STATE_LOCKED", ABSENT: None}
INITIAL = "USER_STATE_INITIAL"

ALREADY_INACTIVE = "COMMAND-5gunjw0cd7"
ALREADY = frozenset((ALREADY_INACTIVE, "COMMAND-s5qqcz97hf", "COMMAND-lgws8wtsqf", "COMMAND-olb9vb0oca"))
"""Answers 400: already inactive; and not inactive, not active or initial, not locked, each true of several states."""
NO_SUCH_USER = frozenset(
    (
        "QUERY-Dfbg2",
        "COMMAND-5gp2p62iin",
        "COMMAND-9hy5kzbuk6",
        "COMMAND-450yxuqrh1",
        "COMMAND-x377t913pw",
        "COMMAND-bd4ir1mblj",
        "COMMAND-4g3xq",
    )
)
"""Answers 404 that refer to the user; a 404 for lack of rights (AUTHZ-cdgFk) or for a wrong path has another id, or
none.
"""
INITIAL_REFUSED = "COMMAND-gvx4kct9r2"
