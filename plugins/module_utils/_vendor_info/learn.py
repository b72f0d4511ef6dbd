# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thrive Learning: static facts.

PRIVATE to the collection. Sources: see `_vendors/learn`.
"""

from __future__ import annotations

from .._model import ABSENT, ACTIVE, DEACTIVATED, UNKNOWN
from .._options import ArgumentSpec, from_environment, travel
from . import VendorInfo

ALL_SCOPE = "api/all"
HOSTS = {
    "production": ("public.api.learn.link", "user.api.learn.link"),
    "production_mea": ("public.api.mea.learn.tech", "user.api.mea.learn.tech"),
    "staging": ("public.api.learnstaging.link", "user.api.learnstaging.link"),
    "staging_mea": ("public.api.meastaging.learn.tech", "user.api.meastaging.learn.tech"),
}
"""The hosts of the API and of the events, by environment."""

INFO = VendorInfo(
    name="learn",
    product="Thrive Learning",
    states=(DEACTIVATED, ACTIVE, ABSENT),
    found_states=(ACTIVE, DEACTIVATED, ABSENT, UNKNOWN),
    keys=ArgumentSpec({"ref": {"type": "str"}, "user_id": {"type": "str"}, "email": {"type": "str"}}),
    plain_key="ref",
    # 24 hexadecimal digits, in the answers of GET /rest/v1/user.
    id_keys=("user_id",),
    settings=ArgumentSpec({"end_date": {"type": "str"}}),
    closing_settings=("end_date",),
    connection=from_environment(
        "LEARN",
        environment={"type": "str", "choices": list(HOSTS)},
        api_url={"type": "str"},
        tenant_id={"type": "str"},
        api_secret={"type": "str", "no_log": True},
        client_id={"type": "str"},
        client_secret={"type": "str", "no_log": True},
        scope={"type": "str", "default": ALL_SCOPE},
        access_token={"type": "str", "no_log": True},
        token_url={"type": "str", "no_log": False},
        webhook_url={"type": "str"},
        webhook_token_url={"type": "str", "no_log": False},
    )
    + travel("LEARN"),
)
