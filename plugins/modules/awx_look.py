# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: awx_look
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Check what AWX has before it is set up
description:
  - Checks for the playbook C(saas.offboarding.awx_setup) that AWX has the organization, and the teams, users and
    notification templates that variables name.
  - Checks that no other organization has an object of a name that is to be made. Of execution environments AWX has
    each name once, and the modules of awx.awx look up the other kinds by their names alone.
  - Everything that is wrong is returned in one message. The module only reads.
options:
  collection:
    description: The collection whose login and API class are used.
    type: str
    choices: [awx.awx, ansible.controller]
    default: awx.awx
  organization:
    description: The organization that everything belongs to.
    type: str
    required: true
  only_here:
    description: Lists of names that no other organization may have, by kind (C(credential), C(execution_environment),
      C(inventory), C(project)).
    type: dict
    default: {}
  named:
    description: By variable, lists of names that AWX must have. Lists with the key C(teams) or C(users) name teams or
      users, all others notification templates.
    type: dict
    default: {}
  inventory:
    description: The inventory whose hosts are returned. It may be missing.
    type: str
    required: true
  mark:
    description: The description of hosts that were made by the playbook.
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
- name: Check the teams and users who get a role
  saas.offboarding.awx_look:
    organization: Default
    named:
      awx_approvers:
        teams: [approvers]
        users: [jane]
    inventory: "Offboarding: tenants"
    mark: Tenant, made by saas.offboarding.awx_setup
"""

RETURN = r"""
hosts:
  description: The hosts of the inventory.
  returned: success
  type: list
  elements: str
  sample: [netex, theirs]
made:
  description: The hosts of the inventory that have the mark as their description.
  returned: success
  type: list
  elements: str
  sample: [netex]
"""
