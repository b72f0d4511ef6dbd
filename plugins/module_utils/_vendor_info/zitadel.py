# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: static facts.

PRIVATE to the collection. Sources: see `_vendors/zitadel`.
"""

from __future__ import annotations

from .._model import ABSENT, ACTIVE, DEACTIVATED, LOCKED, SESSIONS_LEFT, UNKNOWN, ManualTask
from .._options import ArgumentSpec, from_environment, travel
from . import VendorInfo

SERVICE_ACCOUNT_TOKENS = "service_account_tokens"
INVITATION_OPEN = "invitation_open"
TOKENS_DEAD = "tokens_dead"
DELETE = "delete"

INFO = VendorInfo(
    name="zitadel",
    product="ZITADEL",
    states=(DEACTIVATED, ACTIVE, LOCKED, ABSENT),
    found_states=(ACTIVE, DEACTIVATED, LOCKED, UNKNOWN),
    searchable=True,
    manual={
        SERVICE_ACCOUNT_TOKENS: ManualTask(
            "The account is a service account: programs may hold personal access tokens, keys or a client secret. "
            "ZITADEL ends them with the account, but up to version 2.62 a deactivated one could still get new tokens.",
            "Open the service account in the console and remove what is left under Personal Access Tokens, Keys and "
            "Client Secret; see that nothing depends on it.",
            "https://github.com/zitadel/zitadel/issues/8489",
        ),
        INVITATION_OPEN: ManualTask(
            "The account is closed, and as far as ZITADEL shows it was never set up. If an invitation was mailed, "
            "anyone who follows it makes the account active again, with a password. It is valid for 72 hours by "
            "default; whether it has expired cannot be read.",
            "Delete the account (state absent), or look at it again after the invitation has expired.",
            "https://github.com/zitadel/zitadel/blob/main/internal/command/user_human_init.go",
        ),
        SESSIONS_LEFT: ManualTask(
            "The account is closed, and sessions of it are left, or their number is not known: the credential may not "
            "list or end them. They hand out new tokens if the account is opened again, and on older servers an "
            "application that reads them still accepts them.",
            "Give the service account session.read and session.delete (role ORG_USER_MANAGER) and run again. Newer "
            "servers list no sessions of closed accounts: delete the account, or end them when it is opened again.",
            "https://github.com/zitadel/zitadel/issues/10307",
        ),
        TOKENS_DEAD: ManualTask(
            "The account is a service account that was reopened: its personal access tokens ended when it was closed. "
            "ZITADEL still lists them, and accepts none of them again. Its client secret and keys work again.",
            "Make new personal access tokens for the programs that used one, and remove the old ones in the console.",
            "https://github.com/zitadel/zitadel/blob/main/internal/auth/repository/eventsourcing/handler/token.go",
        ),
    },
    lost_writes="The account may still be usable. Update ZITADEL (pull request 12703 and its backports), have the "
    "projection of users rebuilt, and run again",
    keys=ArgumentSpec(
        {
            "user_id": {"type": "str"},
            "login_name": {"type": "str"},
            "username": {"type": "str"},
            "email": {"type": "str"},
        }
    ),
    plain_key="user_id",
    # Numbers such as 163840776835432705: https://zitadel.com/docs/apis/resources/user_service_v2
    id_keys=("user_id",),
    sessions=True,
    task_settings=ArgumentSpec(
        {
            "initial": {"type": "str", "choices": ["fail", DELETE], "default": "fail"},
            "end_sessions": {"type": "bool", "default": True},
        }
    ),
    deleting_settings={"initial": DELETE},
    connection=from_environment(
        "ZITADEL",
        api_url={"type": "str", "required": True},
        access_token={"type": "str", "no_log": True},
        client_id={"type": "str"},
        client_secret={"type": "str", "no_log": True},
        key_file={"type": "path", "no_log": False},
        # Not str: core 2.18 hands on a text that looks like JSON as a dict.
        key_content={"type": "json", "no_log": True},
        token_url={"type": "str", "no_log": False},
    )
    + travel("ZITADEL"),
)
