#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: offboard_tenant
short_description: Close, audit or reopen the accounts of leavers at one tenant
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads the variables of the role P(saas.offboarding.offboard#role), which M(saas.offboarding.offboard_tenant) shares,
    checks all of them at once, reads the lists, and calls the modules of the vendor. It runs on the controller.
  - The task does not fail for what goes wrong at the vendor or for variables that cannot be used. The report states
    it, and M(saas.offboarding.offboard_verdict) fails the host. Nothing is sent if a variable cannot be used.
  - The report is kept in the temporary folder of Ansible until M(saas.offboarding.offboard_report) reads it.

attributes:
  check_mode:
    description: No write request is sent in check mode.
    support: full
  diff_mode:
    description: The difference of the vendor's module is returned.
    support: full
options:
  kind:
    description:
      - What to do at the tenant.
      - V(offboard) closes the accounts of the leavers who are due.
      - V(audit) reads the accounts and writes nothing.
      - V(reinstate) reopens the accounts that an earlier run closed.
      - V(preflight) finds out what a run could do at the tenant, without a list, and writes nothing.
    type: str
    required: true
    choices: [offboard, audit, reinstate, preflight]
  vendor:
    description: The vendor, by its name in C(saas_vendor), such as V(zitadel).
    type: str
    required: true
seealso:
  - module: saas.offboarding.offboard_report
  - module: saas.offboarding.offboard_result
  - module: saas.offboarding.offboard_verdict
"""

# example-proved-by: tests/integration/test_role.py::test_the_actions_do_what_their_documentation_shows
EXAMPLES = r"""
- name: Close the accounts of the leavers
  saas.offboarding.offboard_tenant:
    kind: offboard
    vendor: "{{ saas_vendor }}"

- name: Report
  saas.offboarding.offboard_report:

- name: Get the result
  saas.offboarding.offboard_result:
  register: run

- name: Fail if the result is not as requested
  saas.offboarding.offboard_verdict:
"""

RETURN = r"""
summary:
  description: The number of leavers by outcome.
  returned: when the tenant was worked on
  type: dict
  sample: {requested: 3, changed: 2, unchanged: 1, missing: 0, failed: 0, refused: 0, not_due: 1}
"""
