#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: offboard_schedule
short_description: Schedule the runs for leavers in AWX
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - The task of the playbook C(saas.offboarding.schedule). It reads the variables of the role
    P(saas.offboarding.offboard#role) and the list of leavers, and makes a one-time schedule in AWX or Automation
    Controller for each leaver whose leave time is still to come.
  - It runs on the controller, once for all hosts of the play. The variables are those of the first host.
  - The schedules of the template are read in pages, and only what differs is written. A schedule that this module did
    not make is never changed.
  - It logs in as the modules of C(awx.awx) do, by E(CONTROLLER_HOST), E(CONTROLLER_OAUTH_TOKEN) and so on, or by their
    configuration files.

attributes:
  check_mode:
    description: No write request is sent in check mode, token requests apart. The table is that of the run.
    support: full
  diff_mode:
    description: The table states what changes, without a difference.
    support: none
options: {}
requirements:
  - the collection awx.awx or ansible.controller
"""

# example-proved-by: tests/integration/test_schedule.py::test_the_example_of_the_module_schedules_a_leaver
EXAMPLES = r"""
- name: Schedule the runs for leavers who are known in advance
  saas.offboarding.offboard_schedule:
  vars:
    offboard_leavers:
      - email: jane@example.com
        leave_at: "2099-12-31T18:00:00+01:00"
"""

RETURN = r"""
template:
  description: What the schedules launch.
  returned: when AWX was read
  type: str
  sample: "the workflow 'Offboarding: plan, approve, apply'"
summary:
  description: The number of schedules by result.
  returned: when AWX was read
  type: dict
  sample: {created: 1, unchanged: 2}
schedules:
  description: One entry for each leaver and stage. If the task failed, without those that are unchanged.
  returned: when AWX was read
  type: list
  elements: dict
  contains:
    leaver:
      description: The e-mail address.
      type: str
      sample: jane@example.com
    stage:
      description: The stage of C(offboard_stages), which is empty without stages.
      type: str
      sample: ""
    leave_at:
      description: The leave time, in UTC.
      type: str
      sample: "2099-12-31T17:00:00Z"
    run_at:
      description: When the schedule runs or ran, in UTC. Null if there is none.
      type: str
      sample: "2099-12-31T17:01:00Z"
    result:
      description:
        - V(created), V(moved), V(enabled), V(changed), V(removed) or V(purged), of a schedule that was written, or
          would be in check mode.
        - V(unchanged), V(already_due), V(no_leave_time), V(not_on_list), V(no_such_stage), V(not_scheduled) or
          V(has_run), of one that was not.
        - V(failed) or V(not_done), of one that AWX refused, or that came after the connection was lost.
      type: str
      sample: created
    name:
      description: The name of the schedule in AWX.
      type: str
      sample: Offboard jane@example.com
"""
