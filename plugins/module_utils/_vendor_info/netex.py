# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netexCloud: static facts.

PRIVATE to the collection. Sources: see `_vendors/netex`.
"""

from __future__ import annotations

from .._model import ABSENT, ACTIVE, DEACTIVATED, UNKNOWN, ManualTask
from .._options import ArgumentSpec, from_environment, travel
from . import VendorInfo

QUEUED_PLATFORMS = "queued_platforms"

INFO = VendorInfo(
    name="netex",
    product="netexCloud",
    states=(DEACTIVATED, ACTIVE, ABSENT),
    found_states=(ACTIVE, DEACTIVATED, UNKNOWN),
    keys=ArgumentSpec({"user_id": {"type": "str"}, "username": {"type": "str"}, "email": {"type": "str"}}),
    plain_key="username",
    # 32 hexadecimal digits, in the answers of the service Get user.
    id_keys=("user_id",),
    task_settings=ArgumentSpec({"message": {"type": "str"}}),
    manual={
        QUEUED_PLATFORMS: ManualTask(
            "netexCloud accepted the change and queued it for platforms of the tenant. "
            "It has no request that reports when they are done.",
            "Open the account in the administration of each platform (training, social, play) "
            "and check that it is as asked there.",
            "https://community.netexlearning.com/knowledge-bases/29/articles/3829-netexcloud-web-services-api-header",
        )
    },
    closing_settings=("message",),
    connection=from_environment(
        "NETEX",
        tenant={"type": "str"},
        api_url={"type": "str"},
        auth_token={"type": "str", "no_log": True},
        synchronization={"type": "str", "choices": ["synchronous", "asynchronous"], "default": "synchronous"},
    )
    + travel("NETEX"),
)
