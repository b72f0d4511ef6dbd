# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a preflight, as modules return them.

PRIVATE to the collection. Importable without requests.
"""

from __future__ import annotations

import typing as t

LOG_IN = "log_in"
LIST = "list"
RIGHTS = "rights"
REACH = "reach"
OK = "ok"
FAILS = "fails"


class CheckResult(t.TypedDict):
    """One check as a module returns it."""

    check: str
    result: str
    code: str | None
    message: str
