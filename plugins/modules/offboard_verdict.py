#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: offboard_verdict
short_description: Fail a host if the result of its run is not as requested
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Fails with what the report of the run states for this host, and on the host that reported also with what is wrong
    with the run as a whole.

attributes:
  check_mode:
    description: Nothing is written.
    support: full
  diff_mode:
    description: The action changes nothing, so that there is no difference to show.
    support: none
options: {}
seealso:
  - module: saas.offboarding.offboard_report
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
  description: What is not as requested.
  returned: failure
  type: str
  sample: "zitadel: 1 of 2 leavers are not as requested: jane@example.com (failed)."
"""
