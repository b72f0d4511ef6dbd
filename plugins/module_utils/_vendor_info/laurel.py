# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laurel: static facts.

PRIVATE to the collection. Sources: see `_vendors/laurel`.
"""

from __future__ import annotations

from .._model import ABSENT, ACTIVE, DEACTIVATED, PRESENT, UNKNOWN, ManualTask
from .._options import ArgumentSpec, from_environment, travel
from . import VendorInfo

API = "https://identity.laurel.ai"
AUDIENCE = "https://timeautomation.com"
DELEGATIONS = "delegations"
TEXTS = (
    "first_name",
    "last_name",
    "nickname",
    "email",
    "job_title",
    "seniority",
    "department",
    "office",
    "subdepartment",
    "pod",
)
_INTEGRATIONS = (
    "cloud-assistant-cdr",
    "cloud-assistant-google",
    "cloud-assistant-microsoft-exchange",
    "cloud-assistant-microsoft-teams",
    "cloud-assistant-zoom",
)
_LISTING = ArgumentSpec({"integration": {"type": "str", "choices": list(_INTEGRATIONS)}})

INFO = VendorInfo(
    name="laurel",
    product="Laurel",
    states=(DEACTIVATED, ACTIVE, ABSENT, PRESENT),
    found_states=(ACTIVE, DEACTIVATED, UNKNOWN),
    searchable=True,
    manual={
        DELEGATIONS: ManualTask(
            "The account has delegations, to others or from others, and what becomes of them when it is closed is not "
            "documented by Laurel.",
            "Have the delegations removed in Laurel by those who gave them, or set delegates to an empty list "
            "(laurel_user, state present), and look at the account again.",
            "https://developer.laurel.ai/services/identity/users",
        )
    },
    keys=ArgumentSpec(
        {
            "user_id": {"type": "str"},
            "email": {"type": "str"},
            "identity": {
                "type": "dict",
                "options": {"type": {"type": "str", "required": True}, "value": {"type": "str", "required": True}},
            },
        }
    ),
    plain_key="user_id",
    # Format "objectid" of the specification: https://developer.laurel.ai/services/identity/users
    id_keys=("user_id",),
    settings=ArgumentSpec(
        {
            **{name: {"type": "str"} for name in TEXTS},
            "role_ids": {"type": "list", "elements": "str"},
            "delegate_ids": {"type": "list", "elements": "str"},
            "delegates": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "user_id": {"type": "str", "required": True},
                    "permissions": {"type": "list", "elements": "str", "default": []},
                },
            },
        }
    ),
    listing_settings=_LISTING,
    task_settings=_LISTING
    + ArgumentSpec(
        {
            "api_version": {"type": "str", "choices": ["v1", "v2"], "default": "v2"},
            "is_forwarded": {"type": "bool"},
            "original_principal_client_id": {"type": "str"},
            "original_principal_customer_id": {"type": "str"},
            "original_principal_user_id": {"type": "str"},
        }
    ),
    connection=from_environment(
        "LAUREL",
        customer_id={"type": "str", "required": True},
        client_id={"type": "str"},
        client_secret={"type": "str", "no_log": True},
        access_token={"type": "str", "no_log": True},
        api_url={"type": "str", "default": API},
        token_url={"type": "str", "no_log": False},
        audience={"type": "str", "default": AUDIENCE},
    )
    + travel("LAUREL"),
)
