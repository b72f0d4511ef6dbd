# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: vendor_states
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Choose the state to bring about at each vendor
description:
  - Returns the state for each vendor, and fails, naming the variable to set, where a vendor does not offer it, or where
    accounts would be deleted without that being allowed.
positional: state
options:
  _input:
    description: The vendors.
    type: list
    elements: str
    required: true
  state:
    description: The state for all vendors.
    type: str
    choices: [deactivated, locked, absent]
    required: true
  states:
    description: The state for single vendors, by vendor.
    type: dict
    default: {}
  allow_delete:
    description: Whether V(absent), which deletes accounts, is allowed.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Deactivate everywhere, delete at one vendor
  ansible.builtin.debug:
    msg: >-
      {{ ['zitadel', 'netex']
         | saas.offboarding.vendor_states('deactivated', {'netex': 'absent'},
                                          true) }}
"""

RETURN = r"""
_value:
  description: The state by vendor.
  type: dict
  sample: {zitadel: deactivated, netex: absent}
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter vendor_states."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"vendor_states": as_filter(_leavers.vendor_states)}
