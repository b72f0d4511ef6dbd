# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: reinstate_report
author: saas.offboarding contributors (@saas-offboarding)
extends_documentation_fragment: saas.offboarding.packed
version_added: 1.0.0
short_description: Say what came of the accounts that a run had closed
description:
  - Returns what came of one tenant, with a record for each account that the run had closed there.
  - What no request of the vendor can re-open is V(by_hand), with a task for a person.
positional: result, closed
options:
  _input:
    description: The result of the C(*_user_info) module that read the accounts again; V({}) when none was to be read.
    type: dict
    required: true
  result:
    description: The result of the C(*_user) module that re-opened those of P(saas.offboarding.to_reopen#filter).
    type: dict
    required: true
  closed:
    description: The accounts that the run closed, as P(saas.offboarding.evidence#lookup) returns them with V(reopen).
    type: list
    elements: dict
    required: true
  tenant:
    description: What the tenant is called.
    type: str
    required: true
  vendor:
    description: The vendor, by its name in C(saas_vendor), such as V(zitadel).
    type: str
    required: true
  error:
    description: What went wrong besides.
    type: str
  approved:
    description: The approved plan of this tenant, as P(saas.offboarding.tenant_report#filter) takes it.
    type: dict
seealso:
  - plugin: saas.offboarding.to_reopen
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Report on a tenant
  ansible.builtin.debug:
    msg: >-
      {{ seen
         | saas.offboarding.reinstate_report(result, closed, tenant='netex-eu',
                                             vendor='netex') }}
"""

RETURN = r"""
_value:
  description: The report of the tenant, as P(saas.offboarding.tenant_report#filter) returns it.
  type: dict
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _reinstate
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter reinstate_report."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"reinstate_report": as_filter(_reinstate.reinstate_report)}
