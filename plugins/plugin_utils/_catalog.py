# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All vendors, by name.

PRIVATE to the collection; for what has to know them all: the leavers list and the role. A module knows its own alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.customergauge import CustomerGauge
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel

VENDORS: Mapping[str, type[Vendor]] = {each.name: each for each in (CustomerGauge, Zitadel, Laurel, Netex, Learn)}
