# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: awx_check
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Check the tenants and survey questions for AWX
description:
  - Checks variables of the playbook C(saas.offboarding.awx_setup) before the first request to AWX.
  - AWX accepts a credential that lacks an input or has two logins, and the job then fails. AWX refuses a survey with a
    fault only when its template has been made.
  - AWX shows the variables of hosts, groups and jobs. A secret among them is refused, unless it is an expression for
    the jobs.
  - A template takes one credential of a type. So each further tenant of a vendor gets a separate type, whose
    variables have the tenant's name.
  - All faults are returned in one message that names the tenant or the question, and the field. It contains no value.
options:
  tenants:
    description: The tenants. Each has C(name), C(vendor), and C(credential) (inputs) or C(credential_name) (of one that
      AWX has), and may have C(variables) for its host.
    type: list
    elements: dict
    required: true
  types:
    description: The credential types by vendor, each with C(name), C(description), C(inputs) and C(injectors).
    type: dict
    required: true
  shown:
    description: Other variables that AWX shows, as a dict by the name of the variable that they come from.
    type: dict
    default: {}
  questions:
    description: The questions as AWX describes them. Each has C(question_name), C(variable) and C(type), and may have
      C(question_description), C(required), C(default), C(choices), C(min) and C(max).
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    description: The action only checks, in check mode and otherwise.
    support: full
  diff_mode:
    description: The action changes nothing, so that there is no difference to show.
    support: none
"""

# example-proved-by: tests/unit/plugins/action/test_awx_check.py::test_the_example_of_the_module_is_accepted
EXAMPLES = r"""
- name: Check a tenant and a question
  saas.offboarding.awx_check:
    tenants:
      - name: netex
        vendor: netex
        credential:
          tenant: example
          auth_token: "{{ vault_netex_auth_token }}"
    types:
      netex:
        name: netexCloud (saas.offboarding)
        description: Closes accounts at netexCloud.
        inputs:
          fields:
            - {id: tenant, label: Tenant, type: string}
            - {id: auth_token, label: Token, type: string, secret: true}
        injectors:
          env:
            NETEX_TENANT: "{% raw %}{{ tenant }}{% endraw %}"
            NETEX_AUTH_TOKEN: "{% raw %}{{ auth_token }}{% endraw %}"
    questions:
      - question_name: At most
        variable: offboard_max_changes
        type: integer
        min: 1
"""

RETURN = r"""
tenants:
  description: The tenants in one form, without the inputs of their credentials.
  returned: success
  type: list
  elements: dict
  sample:
    - name: netex
      vendor: netex
      variables: {}
      credential_name: ""
      credential_type: netexCloud (saas.offboarding)
      credential: netex
      has_credential: true
types:
  description: The credential types of all vendors, and those of further tenants.
  returned: success
  type: list
  elements: dict
  sample:
    - name: netexCloud (saas.offboarding)
      description: Closes accounts
      inputs: {fields: []}
questions:
  description: The questions in AWX's form. A number that was given as a text is a number.
  returned: success
  type: list
  elements: dict
  sample:
    - question_name: At most
      question_description: ""
      variable: offboard_max_changes
      type: integer
      required: false
      default: ""
      min: 1
"""
