# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: awx_object
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Make an object of AWX with the modules of awx.awx or ansible.controller
description:
  - It is what the playbook C(saas.offboarding.awx_setup) is made of. One task serves both collections, and in check
    mode also those objects that need others which are not there yet.
  - How to log in to AWX is left to the modules, which take it from the environment (E(CONTROLLER_HOST),
    E(CONTROLLER_OAUTH_TOKEN) and so on) or from their configuration files.
options:
  collection:
    description: Whose modules to use.
    type: str
    choices: [awx.awx, ansible.controller]
    default: awx.awx
  kind:
    description: The module, which is named after the kind of object, V(job_template) for example.
    type: str
    required: true
  options:
    description: The options of the module.
    type: dict
    required: true
  missing:
    description: Objects that a run without check mode would have made by now, as RV(object) lists them. In check mode
      what needs one of them is not looked up.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: In check mode the module reports what it would do, and sends no request that changes anything, token
      requests apart. With a user and password the modules make a token for each call and remove it again; with
      E(CONTROLLER_OAUTH_TOKEN) they do not.
    support: full
  diff_mode:
    description: In diff mode the module shows what changes.
    support: none
  idempotent:
    description: Run a second time with the same options, the module changes nothing and says so.
    support: full
requirements:
  - the collection awx.awx or ansible.controller
"""

# example-proved-by: tests/integration/test_awx_setup.py::test_the_example_of_the_module_makes_what_it_names
EXAMPLES = r"""
- name: Make an inventory
  saas.offboarding.awx_object:
    collection: awx.awx
    kind: inventory
    options:
      name: "Offboarding: tenants"
      organization: Default
"""

RETURN = r"""
object:
  description: The kind and the name.
  returned: success
  type: str
  sample: "inventory Offboarding: tenants"
created:
  description: Whether it would be made, in check mode.
  returned: success
  type: bool
"""
