# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: vendor_users
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Name the accounts of leavers at one vendor
description:
  - Turns leavers into the O(saas.offboarding.zitadel_user#module:users) option of the modules of this collection.
positional: vendor
options:
  _input:
    description: Leavers as P(saas.offboarding.leavers#filter) returns them.
    type: list
    elements: dict
    required: true
  vendor:
    description: The vendor, by its name in C(saas_vendor), such as V(zitadel).
    type: str
    required: true
seealso:
  - plugin: saas.offboarding.leavers
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Close the accounts of the leavers
  saas.offboarding.zitadel_user:
    users: "{{ leavers | saas.offboarding.vendor_users('zitadel') }}"
    state: deactivated
"""

RETURN = r"""
_value:
  description: One key for each leaver, in the order of the list.
  type: list
  elements: dict
  sample: [{email: jane@example.com}]
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter vendor_users."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"vendor_users": as_filter(_leavers.vendor_users)}
