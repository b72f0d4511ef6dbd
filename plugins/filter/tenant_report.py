# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: tenant_report
author: saas.offboarding contributors (@saas-offboarding)
extends_documentation_fragment: saas.offboarding.packed
version_added: 1.0.0
short_description: Join the result of a module to the leavers
description:
  - Returns what came of one tenant, with a record for each leaver, also for those who were not due.
  - Result entries and leavers are joined by their order, and each key is compared. A result that does not list the
    users that were asked for, in their order, is a failure of all of them.
positional: leavers
options:
  _input:
    description: The registered result of a C(*_user) module, successful or not; V({}) when nobody was due.
    type: dict
    required: true
  leavers:
    description: All leavers, as P(saas.offboarding.leavers#filter) returns them.
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
  state:
    description: The state that was asked for.
    type: str
    required: true
  due_at:
    description: The moment that decided who is due, in ISO 8601 with zone.
    type: str
    required: true
  on_missing:
    description: What it means that a leaver has no account.
    type: str
    choices: [fail, warn, ok]
    required: true
  approved:
    description: The approved plan of this tenant, as V(at), where it is, and V(changes), to say how what would be done
      now differs from it.
    type: dict
"""

EXAMPLES = r"""
- name: Report on a tenant
  ansible.builtin.debug:
    msg: >-
      {{ result
         | saas.offboarding.tenant_report(leavers, tenant='zitadel-eu',
                                          vendor='zitadel', state='deactivated',
                                          due_at='2026-11-30T17:00:00Z',
                                          on_missing='ok') }}
"""

RETURN = r"""
_value:
  description: The report of the tenant.
  type: dict
  contains:
    tenant:
      description: What the tenant is called.
      type: str
    vendor:
      description: The vendor.
      type: str
    state:
      description: The state that was asked for.
      type: str
    on_missing:
      description: What it means that a leaver has no account.
      type: str
    plan_hash:
      description: The fingerprint of the plan.
      type: str
    summary:
      description: How many leavers had which outcome.
      type: dict
    requests:
      description: How many requests were sent.
      type: dict
    error:
      description: What went wrong with the task as a whole, or none.
      type: dict
    differences:
      description: How what would be done differs from the approved plan, where that held the tenant back.
      type: list
      elements: str
    records:
      description: One entry for each leaver.
      type: list
      elements: dict
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _evidence
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter tenant_report."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"tenant_report": as_filter(_evidence.tenant_report)}
