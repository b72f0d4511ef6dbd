# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CustomerGauge: static facts.

PRIVATE to the collection. Sources: see `_vendors/customergauge`.
"""

from __future__ import annotations

from .._model import DEACTIVATED, ManualTask
from .._options import ArgumentSpec, from_environment, travel
from . import VendorInfo

REGIONS = ("eu", "us", "au")
LOOK_IN_USER_LIST = "look_in_user_list"
_USER_LIST = "https://support.customergauge.com/support/solutions/articles/5000842321-managing-users"

INFO = VendorInfo(
    name="customergauge",
    product="CustomerGauge",
    states=(DEACTIVATED,),
    keys=ArgumentSpec({"email": {"type": "str"}}),
    plain_key="email",
    readable=False,
    manual={
        LOOK_IN_USER_LIST: ManualTask(
            "CustomerGauge has no request that reads a user: that the account is closed can only be looked at.",
            "Open the list of users in CustomerGauge (Manage Users) and check that the account is under Deactivated.",
            _USER_LIST,
        )
    },
    no_way_back=ManualTask(
        "CustomerGauge has no request that activates a user.",
        "Open the list of users in CustomerGauge (Manage Users), tab Deactivated, and activate the account there.",
        _USER_LIST,
    ),
    connection=from_environment(
        "CUSTOMERGAUGE",
        region={"type": "str", "choices": list(REGIONS)},
        client_id={"type": "str"},
        client_secret={"type": "str", "no_log": True},
        access_token={"type": "str", "no_log": True},
        api_url={"type": "str"},
        token_url={"type": "str", "no_log": False},
    )
    + travel("CUSTOMERGAUGE"),
)
