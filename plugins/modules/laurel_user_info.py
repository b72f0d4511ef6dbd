#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: laurel_user_info
short_description: Read users of Laurel, by key, by state or all
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads users of a Laurel customer, and changes nothing. Laurel documents the operations on its page on
    L(users,https://developer.laurel.ai/services/identity/users).
  - Users are named one or many in a task. Without that all users are listed, or those that O(state) and O(search)
    leave.
  - The status V(adminDisabled) and V(firmDisabled) both count as V(deactivated). A user without a status counts as
    V(active), unless the row is one of an integration's list, which never tells the status.
  - A 404 counts as a missing user only after a list of users under the same address has answered properly.
extends_documentation_fragment:
  - saas.offboarding.laurel
  - saas.offboarding.common.attributes
  - saas.offboarding.common.info
  - saas.offboarding.common.showing
options:
  user_id:
    description: The user's id.
    type: str
  email:
    description: The user's e-mail address, ignoring case.
    type: str
  identity:
    description: An identity of the user in another system. Type and value must both be the same.
    type: dict
    suboptions:
      type:
        description: The type as Laurel calls it, such as V(external-billing-system), V(azure) or
          V(user-principal-name).
        type: str
        required: true
      value:
        description: The value, in the same upper and lower case.
        type: str
        required: true
  users:
    description:
      - Many users at once, each named by one of the keys. Give either this or one key at the top level. With neither,
        the accounts of the tenant are listed.
      - The keys must differ, and a list without anybody in it is an error.
      - What goes wrong with one user does not stop the others.
    type: list
    elements: dict
    suboptions:
      user_id:
        description: As O(user_id).
        type: str
      email:
        description: As O(email).
        type: str
      identity:
        description: As O(identity).
        type: dict
        suboptions:
          type:
            description: As O(identity.type).
            type: str
            required: true
          value:
            description: As O(identity.value).
            type: str
            required: true
  state:
    description:
      - List only the users that are in this state. Goes with neither a key nor O(users).
      - V(active) has those without a status too, V(deactivated) both V(adminDisabled) and V(firmDisabled).
      - V(unknown) has those whose status Laurel does not tell, which is all of them with O(integration), or whose
        status is none of the three it documents.
      - All users are read for it, since Laurel documents no such filter.
    type: str
    choices: [active, deactivated, unknown]
  search:
    description:
      - List only the users that Laurel's own search finds. It looks at first and last name, nickname and e-mail
        address, and how it compares is not documented. Goes with neither a key nor O(users).
      - Together with O(state), both must be so.
    type: str
  integration:
    description:
      - Reads the list of users of an integration. Laurel's texts disagree on whether it is required, so set it only
        when Laurel asks for it.
      - The rows of that list have no status. In a list they count as V(unknown), and the list is never called complete.
        A user who is named is read singly, and one who is not in that list is looked up by identity, before there is
        said to be none.
    type: str
    choices:
      - cloud-assistant-cdr
      - cloud-assistant-google
      - cloud-assistant-microsoft-exchange
      - cloud-assistant-microsoft-teams
      - cloud-assistant-zoom
seealso:
  - module: saas.offboarding.laurel_user
  - name: Laurel, Users
    description: The operations on users that are public.
    link: https://developer.laurel.ai/services/identity/users
  - name: Laurel, Authentication
    description: How to log in.
    link: https://developer.laurel.ai/guides/authentication
"""

EXAMPLES = r"""
- name: Read one user, logging in by environment variables
  saas.offboarding.laurel_user_info:
    email: jane@example.com
  register: jane

- name: Tell how it stands
  ansible.builtin.debug:
    msg: >-
      {{ jane.users[0].state if jane.users[0].found else 'no such account' }}

- name: Set tenant and credential once for several tasks
  module_defaults:
    group/saas.offboarding.laurel:
      customer_id: "{{ laurel_customer_id }}"
      client_id: "{{ laurel_client_id }}"
      client_secret: "{{ vault_laurel_client_secret }}"
  block:
    - name: Look at many leavers
      saas.offboarding.laurel_user_info:
        users:
          - user_id: 62f65d3e8a1b2c3d4e5f6a7b
          - email: leaver01@example.com
          - identity:
              type: external-billing-system
              value: "10442"
      register: leavers

    - name: Name those who still give or take delegations
      ansible.builtin.debug:
        msg: >-
          {{ leavers.users | selectattr('manual', 'contains', 'delegations')
             | map(attribute='name') }}

    - name: Read all active users
      saas.offboarding.laurel_user_info:
        state: active
        details: false
        batch_size: 500
      register: open

    - name: Name those who are not on the staff list
      ansible.builtin.debug:
        msg: >-
          {{ emails | difference(staff | map(attribute='email') | map('lower')
             | list) }}
      vars:
        emails: >-
          {{ open.users | map(attribute='email') | select | map('lower')
             | list }}

    - name: Search for a name
      saas.offboarding.laurel_user_info:
        search: miller

    - name: List the users, where Laurel asks for an integration
      saas.offboarding.laurel_user_info:
        integration: cloud-assistant-microsoft-exchange
"""

RETURN = r"""
changed:
  description: Always false, since nothing is changed.
  returned: always
  type: bool
  sample: false
check_mode:
  description: Whether the task was in check mode. It does the same in both.
  returned: always
  type: bool
  sample: false
users:
  description: One entry for each user asked for, in the order asked, or one for each account of the list. Empty when
    the options were not in order. With O(packed) one text.
  returned: always
  type: list
  elements: dict
  contains:
    key:
      description: The key as it was asked, by the name of its option. Null in a list.
      returned: always
      type: dict
      sample: {email: jane@example.com}
    found:
      description: Whether there is an account. False where it is proven that there is none. Null where it could not be
        told, see RV(users[].error).
      returned: always
      type: bool
      sample: true
    id:
      description: The user's id. Null where no account was found.
      returned: always
      type: str
      sample: 62f65d3e8a1b2c3d4e5f6a7b
    name:
      description: The user's e-mail address. Null where no account was found.
      returned: always
      type: str
      sample: jane@example.com
    email:
      description: The user's e-mail address. Null where no account was found.
      returned: always
      type: str
      sample: jane@example.com
    names:
      description: The id, the e-mail address and the values of all identities, as far as there are any, in alphabetical
        order. Empty where no account was found.
      returned: always
      type: list
      elements: str
      sample: ["10442", 62f65d3e8a1b2c3d4e5f6a7b, jane@example.com]
    state:
      description: V(active), V(deactivated) or V(unknown). V(absent) where there is no account, V(unknown) also where
        it could not be told.
      returned: always
      type: str
      sample: active
    vendor_state:
      description: Laurel's own word. Null where there is none.
      returned: always
      type: str
      sample: active
    account:
      description:
        - The user as Laurel shows it. In the list of an integration that is little more than name and e-mail.
        - Fields that are named like a secret are left out, and what looks like one in a text is made unreadable.
        - Null where no account was found, and with O(details=false).
      returned: always
      type: dict
      sample:
        _id: 62f65d3e8a1b2c3d4e5f6a7b
        email: jane@example.com
        firstName: Jane
        lastName: Miller
        status: active
        delegates: []
        delegators: []
    manual:
      description: Codes of what no API of the vendor does or shows, and a person has to see to when the account is
        closed. V(delegations) for a user who has delegates or delegators.
      returned: always
      type: list
      elements: str
      sample: [delegations]
    seen:
      description: The answer in which the account was read. Where there is none, the moment by which all had been
        looked for. Null where the vendor gave no answer.
      returned: always
      type: dict
      contains:
        at:
          description: When the answer came, in ISO 8601 and UTC.
          returned: when there was an answer
          type: str
          sample: "2024-07-01T06:00:03.125Z"
        status:
          description: Its HTTP status. Null where no single answer says that there is no account.
          returned: when there was an answer
          type: int
          sample: 200
        request_id:
          description: The identifier by which the vendor's support finds the request. Null where the vendor sent none.
          returned: when there was an answer
          type: str
          sample: 8c1f0a6e-52f7-4f0c-9d0b-3a3f7e1f2b11
    error:
      description: Why it could not be told whether there is an account. Null for all others.
      returned: always
      type: dict
      contains:
        code:
          description:
            - From the vendor's answer, V(bad_request), V(unauthorized), V(forbidden), V(not_found),
              V(method_not_allowed), V(conflict), V(unsupported_media_type), V(invalid), V(rate_limited) and
              V(server_error). V(login_failed) when no token was to be had, V(wrong_address) when a 404 does not speak
              of the user.
            - From the way there, V(unreachable), V(timeout), V(connection_lost), V(tls_error), V(redirected),
              V(too_large) and V(bad_answer).
            - From looking for the account, V(ambiguous) when several have the key, V(near_match) when one has it in
              other letters only.
            - V(lookup_failed), a lookup by identity was not answered. V(search_incomplete), not found in the list of
              O(integration), and Laurel did not let us ask otherwise.
          returned: when there is an error
          type: str
          sample: search_incomplete
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "jane@example.com: not found among the users of the integration"
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: 403
        request_id:
          description: The identifier by which the vendor's support finds the request. Null where the vendor sent none.
          returned: when there is an error
          type: str
          sample: 8c1f0a6e-52f7-4f0c-9d0b-3a3f7e1f2b11
        retryable:
          description: Whether the same task may well work later.
          returned: when there is an error
          type: bool
          sample: false
complete:
  description:
    - Whether nothing is missing, as far as the vendor tells. Of users asked for, each was found or is proven not to be
      there. Of a list, every page was read.
    - False, and the task warns, for the list of an O(integration).
  returned: always
  type: bool
  sample: true
summary:
  description: How many users were asked for, none in a list, how many accounts were found, how many users have none,
    and of how many it could not be told.
  returned: always
  type: dict
  sample: {requested: 3, found: 2, missing: 1, failed: 0}
read:
  description: What was read. The tenant, by the API's host and the customer's id, the accounts that its answers held,
    the pages among these answers, and whether that is V(complete). V(strategy) says how the accounts were looked for,
    V(single), V(list), V(search) or V(lookup), several joined by V(+) in the order taken. Null when the options were
    not in order.
  returned: always
  type: dict
  sample: {tenant: identity.laurel.ai/62f6a1d0c0ffee0000000001, strategy: list, accounts: 2, pages: 1, complete: true}
requests:
  description: How many requests were sent, how many of these again, and how many were token requests, which V(sent)
    leaves out.
  returned: always
  type: dict
  sample: {sent: 1, retried: 0, tokens: 1}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_info_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel


def main() -> None:
    run_info_module(Laurel)


if __name__ == "__main__":
    main()
