# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: audit_report
author: saas.offboarding contributors (@saas-offboarding)
extends_documentation_fragment: saas.offboarding.packed
version_added: 1.0.0
short_description: Tell from what was seen at a tenant who still has access
description:
  - Returns what an audit saw of one tenant, with a record for each leaver. It is V(closed), V(still_active),
    V(no_account), V(unknown) with the reason, or V(not_due).
  - A result that does not list the users that were asked for, in their order, makes all of them V(unknown).
positional: leavers
options:
  _input:
    description:
      - The registered results of the tenant's C(*_user_info) module, successful or not, by what was asked.
      - C(leavers) for those who are due, C(again) for the accounts of O(earlier), C(all) for everybody. C(error) in
        place of them all when there is no result.
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
    description: What the accounts were to become. A lock counts as closed only where that is V(locked).
    type: str
    required: true
  due_at:
    description: The moment that decides who is due, in ISO 8601 with zone.
    type: str
    required: true
  unknown:
    description: Whether what no request of the vendor can tell fails the audit. What could not be read always does.
    type: str
    choices: [fail, report]
    default: report
  staff:
    description: Those who are supposed to have access, in the shape of leavers.
    type: list
    elements: dict
  exempt:
    description: Accounts that may be in use without belonging to anybody, as ids, names or shell patterns.
    type: list
    elements: str
    default: []
  earlier:
    description: What an earlier run left closed, as P(saas.offboarding.evidence#lookup) returns it.
    type: list
    elements: dict
    default: []
seealso:
  - plugin: saas.offboarding.evidence
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Report on a tenant
  ansible.builtin.debug:
    msg: >-
      {{ {'leavers': result}
         | saas.offboarding.audit_report(leavers, tenant='zitadel-eu',
                                         vendor='zitadel', state='deactivated',
                                         due_at='2026-11-30T17:00:00Z') }}
"""

RETURN = r"""
_value:
  description: The report of the tenant, as P(saas.offboarding.write_evidence#module) takes it.
  type: dict
  contains:
    tenant:
      description: What the tenant is called.
      type: str
    vendor:
      description: The vendor.
      type: str
    summary:
      description: How many leavers came to which verdict.
      type: dict
    requests:
      description: How many requests were sent.
      type: dict
    read:
      description: How many accounts and pages were read, and whether that was all.
      type: dict
    error:
      description: What went wrong with the reading as a whole, or none.
      type: dict
    records:
      description: One entry for each leaver.
      type: list
      elements: dict
    orphans:
      description: The accounts in use that belong neither to staff nor to a leaver.
      type: list
      elements: dict
    second_look:
      description: One entry for each account of O(earlier).
      type: list
      elements: dict
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _audit
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter audit_report."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"audit_report": as_filter(_audit.audit_report)}
