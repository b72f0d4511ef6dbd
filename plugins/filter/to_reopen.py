# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: to_reopen
author: saas.offboarding contributors (@saas-offboarding)
extends_documentation_fragment: saas.offboarding.packed
version_added: 1.0.0
short_description: Say which accounts are still as a run left them
description:
  - Of the accounts that a run closed at one tenant, returns those that may be re-opened. They are still in the state in
    which the run left them, at the tenant at which it was.
positional: view, vendor
options:
  _input:
    description: The accounts that the run closed, as P(saas.offboarding.evidence#lookup) returns them with V(reopen).
    type: list
    elements: dict
    required: true
  view:
    description: The result of the C(*_user_info) module that read them again.
    type: dict
    required: true
  vendor:
    description: The vendor, by its name in C(saas_vendor), such as V(zitadel).
    type: str
    required: true
seealso:
  - plugin: saas.offboarding.reinstate_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Re-open what the run closed
  saas.offboarding.netex_user:
    users: >-
      {{ closed | saas.offboarding.to_reopen(seen, 'netex')
         | saas.offboarding.vendor_users('netex') }}
    state: active
"""

RETURN = r"""
_value:
  description: Those that may be re-opened, in their order.
  type: list
  elements: dict
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _reinstate
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter to_reopen."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"to_reopen": as_filter(_reinstate.to_reopen)}
