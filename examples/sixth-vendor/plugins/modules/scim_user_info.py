#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user_info
short_description: Read users by SCIM 2.0, by key, by state or all
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads users of a SCIM 2.0 service provider, and changes nothing. L(RFC 7644,https://www.rfc-editor.org/rfc/rfc7644)
    describes how one user is read by id (3.4.1), and how users are found by a filter and listed in pages (3.4.2).
  - Users are named one or many in a task. Without that all users are listed, page by page, or those that O(state)
    leaves.
  - Filters are optional for a service provider. Where there are none, a user name is looked for in the list of all
    users. An e-mail always is, since two users may have the same.
  - A list that became shorter while it was read, or that ends before it holds as many users as it says, is an error.
  - A 404 counts as a missing user only after the list of users under the same address has answered properly.
extends_documentation_fragment:
  - saas.offboarding.scim
  - saas.offboarding.common.attributes
  - saas.offboarding.common.info
  - saas.offboarding.common.showing
options:
  user_id:
    description: The id that the service provider has given to the user.
    type: str
  username:
    description: The C(userName), in the same upper and lower case.
    type: str
  email:
    description: One of the user's e-mail addresses, ignoring case.
    type: str
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
      username:
        description: As O(username).
        type: str
      email:
        description: As O(email).
        type: str
  state:
    description:
      - List only the users that are in this state. Goes with neither a key nor O(users).
      - V(active) has those with C(active) true, V(deactivated) those with false, V(unknown) those without it.
      - All users are read for it, since not every service provider has such a filter.
    type: str
    choices: [active, deactivated, unknown]
seealso:
  - module: saas.offboarding.scim_user
  - name: RFC 7644, the protocol
    description: How users are read.
    link: https://www.rfc-editor.org/rfc/rfc7644
  - name: RFC 7643, the schema
    description: What C(userName), C(active) and C(emails) mean.
    link: https://www.rfc-editor.org/rfc/rfc7643
"""

EXAMPLES = r"""
- name: Read one user, with address and token from the environment
  saas.offboarding.scim_user_info:
    username: jane
  register: jane

- name: Tell how it stands
  ansible.builtin.debug:
    msg: >-
      {{ jane.users[0].state if jane.users[0].found else 'no such account' }}

- name: Set address and token once for several tasks
  module_defaults:
    group/saas.offboarding.scim:
      api_url: https://example.com/scim/v2
      access_token: "{{ vault_scim_access_token }}"
  block:
    - name: Look at many leavers
      saas.offboarding.scim_user_info:
        users:
          - user_id: 2819c223-7f76-453a-919d-413861904646
          - username: leaver01
          - email: leaver02@example.com
      register: leavers

    - name: None of them may be open any more
      ansible.builtin.assert:
        that: >-
          leavers.users | rejectattr('state', 'in', ['deactivated', 'absent'])
          | length == 0

    - name: Read all active users
      saas.offboarding.scim_user_info:
        state: active
        details: false
        batch_size: 500
      register: open

    - name: Name those who are not on the staff list or have no address
      ansible.builtin.debug:
        msg:
          nobodys: >-
            {{ emails | difference(staff | map(attribute='email') | map('lower')
               | list) }}
          without: >-
            {{ open.users | rejectattr('email') | map(attribute='name') }}
      vars:
        emails: >-
          {{ open.users | map(attribute='email') | select | map('lower')
             | list }}
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
      sample: {username: jane}
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
      sample: 2819c223-7f76-453a-919d-413861904646
    name:
      description: The C(userName). Null where no account was found.
      returned: always
      type: str
      sample: jane
    email:
      description: The first of the user's e-mail addresses. Null where there is none, and where no account was found.
      returned: always
      type: str
      sample: jane@example.com
    names:
      description: The id, the C(userName), the C(externalId) and all e-mail addresses, as far as there are any, in
        alphabetical order. Empty where no account was found.
      returned: always
      type: list
      elements: str
      sample: [2819c223-7f76-453a-919d-413861904646, jane, jane@example.com]
    state:
      description: V(active), V(deactivated) or V(unknown). V(absent) where there is no account, V(unknown) also where
        it could not be told.
      returned: always
      type: str
      sample: active
    vendor_state:
      description: V(active) or V(inactive). Null where there is neither.
      returned: always
      type: str
      sample: active
    account:
      description:
        - The user as the service provider shows it.
        - Fields that are named like a secret are left out, and what looks like one in a text is made unreadable.
        - Null where no account was found, and with O(details=false).
      returned: always
      type: dict
      sample:
        id: 2819c223-7f76-453a-919d-413861904646
        userName: jane
        emails: [{value: jane@example.com, type: work, primary: true}]
        active: true
    manual:
      description: Codes of what no API of the vendor does or shows, and a person has to see to when the account is
        closed. Always empty here.
      returned: always
      type: list
      elements: str
      sample: []
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
          returned: when there is an error
          type: str
          sample: near_match
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "No account is named exactly Jane, but one differs only in upper and lower case"
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: null
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
    - A list is held against the C(totalResults) that its answers tell.
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
  description: What was read. The tenant, by host and path of O(api_url), the accounts that its answers held, the
    pages among these answers, and whether that is V(complete). V(strategy) says how the accounts were looked for,
    V(single), V(list), V(search) or V(lookup), several joined by V(+) in the order taken. Null when the options were
    not in order.
  returned: always
  type: dict
  sample: {tenant: example.com/scim/v2, strategy: list, accounts: 2, pages: 1, complete: true}
requests:
  description: How many requests were sent, how many of these again, and how many were token requests, which V(sent)
    leaves out.
  returned: always
  type: dict
  sample: {sent: 1, retried: 0, tokens: 0}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_info_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.scim import Scim


def main() -> None:
    run_info_module(Scim)


if __name__ == "__main__":
    main()
