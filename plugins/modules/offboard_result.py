#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: offboard_result
short_description: Return the result of a run
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Returns the result of the last run of the role P(saas.offboarding.offboard#role) that the host was part of. The role
    sets it as the fact C(offboard_result).
  - Of a run in check mode, the plan is passed on to later jobs of a workflow, as C(set_stats) does it.

attributes:
  check_mode:
    description: Nothing is written.
    support: full
  diff_mode:
    description: The action changes nothing, so that there is no difference to show.
    support: none
options: {}
seealso:
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
result:
  description: The result of the run.
  returned: success
  type: dict
  contains:
    run_id:
      description: The name of the run.
      type: str
      sample: 20261130T170000Z-000001
    kind:
      description: V(offboard), V(audit), V(reinstate) or V(preflight). Null if the run was refused.
      type: str
      sample: offboard
    check_mode:
      description: Whether the run was in check mode. Null if the run was refused.
      type: bool
      sample: false
    folder:
      description: The folder of the evidence. Null without C(offboard_report_dir), and if the run was refused.
      type: str
      sample: /srv/evidence/20261130T170000Z-000001
    seal:
      description: The seal of the evidence. Null if there is none.
      type: str
      sample: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    outcome:
      description: V(ok), V(failed), or V(refused) if the variables could not be used and nothing was sent.
      type: str
      sample: ok
    tenants:
      description: The number of leavers by outcome, for each tenant. Of a preflight, the number of checks by result.
      type: dict
      sample: {zitadel: {requested: 2, changed: 2, unchanged: 0, missing: 0, failed: 0, refused: 0, not_due: 0}}
    failed:
      description: The leavers of whom an account failed, by e-mail address. The three lists name 100 leavers at most.
      type: list
      elements: str
      sample: []
    refused:
      description: The leavers of whom an account was refused by a guard rail, by e-mail address.
      type: list
      elements: str
      sample: []
    unmatched:
      description: The leavers who are due and have no account at any tenant of the run, by e-mail address.
      type: list
      elements: str
      sample: []
"""
