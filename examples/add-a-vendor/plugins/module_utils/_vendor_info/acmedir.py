# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Acme Directory: static facts.

PRIVATE to the collection. Sources: see `_vendors/acmedir`.
"""

from __future__ import annotations

from .._model import ABSENT, ACTIVE, DEACTIVATED, UNKNOWN
from .._options import ArgumentSpec, from_environment, travel
from . import VendorInfo

INFO = VendorInfo(
    name="acmedir",
    product="Acme Directory",
    states=(DEACTIVATED, ACTIVE, ABSENT),
    found_states=(ACTIVE, DEACTIVATED, UNKNOWN),
    keys=ArgumentSpec({"user_id": {"type": "str"}, "email": {"type": "str"}}),
    plain_key="email",
    connection=from_environment(
        "ACMEDIR",
        api_url={"type": "str", "required": True},
        access_token={"type": "str", "required": True, "no_log": True},
    )
    + travel("ACMEDIR"),
)
