#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: offboard_report
short_description: Write the evidence of a run and show its result
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads what M(saas.offboarding.offboard_tenant) kept for all hosts of the play, writes the evidence into the folder
    of the run if C(offboard_report_dir) is set, and shows a table of leavers and tenants.
  - Under the strategy V(linear) the first host of the play reports for all of them. Under V(free), V(host_pinned) and
    with C(serial) each host or batch has its own report and folder.

attributes:
  check_mode:
    description: The evidence is written in check mode too, with the plan.
    support: full
  diff_mode:
    description: The action changes nothing, so that there is no difference to show.
    support: none
options: {}
seealso:
  - module: saas.offboarding.offboard_tenant
  - plugin: saas.offboarding.evidence
    plugin_type: lookup
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
msg:
  description: The lines of the report.
  returned: on the host that reports
  type: list
  elements: str
  sample: ["Run 20261130T170000Z-000001: 2 leavers."]
"""
