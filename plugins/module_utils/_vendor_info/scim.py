# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any SCIM 2.0 application: static facts.

PRIVATE to the collection. Sources: see `_scim_profiles` and `_vendors/scim`.
"""

from __future__ import annotations

from .._model import ABSENT, ACTIVE, CLOSED_NOT_LISTED, DEACTIVATED, UNKNOWN, ManualTask
from .._options import ArgumentSpec, from_environment, travel
from .._scim_profiles import ACCEPTED_UNSEEN, GENERIC, IDP, REMOVED_BY_CLOSING, SESSIONS_OUTLIVE
from . import VendorInfo

_RFC = "https://www.rfc-editor.org/rfc/rfc7644"

INFO = VendorInfo(
    name="scim",
    product="SCIM",
    states=(DEACTIVATED, ACTIVE, ABSENT),
    found_states=(ACTIVE, DEACTIVATED, UNKNOWN),
    keys=ArgumentSpec(
        {
            "user_id": {"type": "str"},
            "username": {"type": "str"},
            "email": {"type": "str"},
            "external_id": {"type": "str"},
        }
    ),
    plain_key="username",
    manual={
        IDP: ManualTask(
            "If an identity provider provisions the application, it may undo this change, and its next synchronization "
            "may fail.",
            "Close the account at the identity provider as well, or take the leaver out of its assignment.",
            _RFC,
        ),
        CLOSED_NOT_LISTED: ManualTask(
            "The application does not list closed accounts, so that a missing user has no open account and may have a "
            "closed one.",
            "If a closed account must not exist either, look it up in the application's administration.",
            "https://jira.atlassian.com/browse/ACCESS-1293",
        ),
        ACCEPTED_UNSEEN: ManualTask(
            "The application accepted the change, and no response shows whether the account is active.",
            "Look at the account in the application's administration.",
            _RFC,
        ),
        REMOVED_BY_CLOSING: ManualTask(
            "The account was to be deactivated, and the application removed it.",
            "Invite the person again if need be. Set closes: removes in profile_options, and request absent.",
            _RFC,
        ),
        SESSIONS_OUTLIVE: ManualTask(
            "The user's sessions outlive the deactivation: they work again when the account is reopened.",
            "End the user's sessions in the application's administration.",
            "https://www.keycloak.org/docs/latest/server_admin/index.html",
        ),
    },
    connection=from_environment(
        "SCIM",
        profile={"type": "str", "default": GENERIC},
        product={"type": "str"},
        api_url={"type": "str"},
        tenant_id={"type": "str"},
        access_token={"type": "str", "no_log": True},
        client_id={"type": "str"},
        client_secret={"type": "str", "no_log": True},
        token_url={"type": "str", "no_log": False},
        scope={"type": "str"},
        token_style={"type": "str", "choices": ["basic", "form", "json"], "default": "basic", "no_log": False},
        account_id={"type": "str"},
        basic_username={"type": "str"},
        basic_password={"type": "str", "no_log": True},
        api_key={"type": "str", "no_log": True},
        api_key_header={"type": "str", "default": "Authorization", "no_log": False},
        api_key_prefix={"type": "str", "no_log": False},
        profile_options={"type": "dict"},
    )
    + travel("SCIM"),
)
