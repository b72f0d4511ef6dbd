# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: awx_kept
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Warn where a folder of AWX's jobs ends with the job
description:
  - Checks for the playbook C(saas.offboarding.awx_setup) whether the folder of the evidence outlives a job in each
    instance group in which jobs of a template may run.
  - On nodes the folder must be below one of AWX's I(Paths to expose to isolated jobs). In a container group it must be
    below a volume of the pod specification that is not the pod's own.
  - The settings are shown to system administrators and auditors only. Without them the module warns that it could not
    check. The module only reads.
options:
  collection:
    description: The collection whose login and API class are used.
    type: str
    choices: [awx.awx, ansible.controller]
    default: awx.awx
  organization:
    description: The organization of the template.
    type: str
    required: true
  inventory:
    description: The inventory of the template.
    type: str
    required: true
  job_template:
    description: The job template. It may be missing.
    type: str
    required: true
  folder:
    description: The folder, a path in the container of a job. An empty one and an expression are not checked.
    type: str
    required: true
attributes:
  check_mode:
    description: The module only reads, in check mode and otherwise.
    support: full
  diff_mode:
    description: The module changes nothing, so that there is no difference to show.
    support: none
requirements:
  - the collection awx.awx or ansible.controller
"""

# example-proved-by: tests/integration/test_awx_upkeep.py::test_the_examples_of_the_modules_run
EXAMPLES = r"""
- name: Warn where the evidence is gone with the job
  saas.offboarding.awx_kept:
    organization: Default
    inventory: "Offboarding: tenants"
    job_template: "Offboarding: offboard"
    folder: /srv/offboarding/reports
"""

RETURN = r"""
groups:
  description: The instance groups in which the folder does not outlive a job.
  returned: success
  type: list
  elements: str
  sample: [default]
"""
