#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: offboard_register
short_description: Keep the register of leavers who are known in advance
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads the variables of the role P(saas.offboarding.offboard#role), and works on the CSV file of
    C(offboard_register_file). It is a part of the playbook C(saas.offboarding.register), which takes the lock of the
    file, and runs on the controller.
  - The file is read by the rules of the leavers list. If the register or the list that is given breaks one of them, the
    task fails with the file, the row and the column, and changes nothing.
  - Other columns, the order of rows and columns, delimiter, encoding, quotes and the ends of lines stay as they are.
    The file is replaced as a whole, with the owner and the mode it had.

attributes:
  check_mode:
    description: No file is written in check mode. The result states what would change.
    support: full
  diff_mode:
    description: The leavers and their leave times before and after are returned.
    support: full
options:
  step:
    description:
      - V(check) checks the variables, before the playbook waits for the lock.
      - V(update) enters, changes or withdraws the leavers that the variables give, and finds who is due.
      - V(move) moves the leavers whose last stage is done to the file that ends in C(.done.csv), after a run without
        failures.
    type: str
    required: true
    choices: [check, update, move]
seealso:
  - module: saas.offboarding.offboard_tenant
"""

# example-proved-by: tests/integration/test_register.py::test_the_playbook_does_what_its_module_shows
EXAMPLES = r"""
- name: Change the register
  hosts: "{{ 'localhost' | saas.offboarding.register_hosts('update') }}"
  gather_facts: false
  tasks:
    - name: Enter, change or withdraw leavers
      saas.offboarding.offboard_register:
        step: update
"""

RETURN = r"""
msg:
  description: The lines that state what is in the register, who is due and what was changed.
  returned: always
  type: list
  elements: str
  sample: ["Register /srv/leavers.csv: 3 leavers, 1 due; 1 added, 0 changed, 0 withdrawn."]
"""
