#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: zitadel_user_info
short_description: Read accounts of ZITADEL, by key, by state or all
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads accounts of a ZITADEL instance, of people and of machines alike, and changes nothing. It asks the L(user
    service v2,https://zitadel.com/docs/apis/resources/user_service_v2/user-service-list-users).
  - Accounts are named one or many in a task. Without that all accounts are listed, page by page, or those that O(state)
    and O(search) leave.
  - The credential's service account needs C(user.read) on the users' organizations, which the role Org Owner has. Where
    it is lacking, ZITADEL does not refuse a search but answers that there is nobody. The module takes that for the
    error V(no_rights), never for a missing account or an empty list.
extends_documentation_fragment:
  - saas.offboarding.zitadel
  - saas.offboarding.common.attributes
  - saas.offboarding.common.info
  - saas.offboarding.common.showing
options:
  user_id:
    description: The account's id.
    type: str
  login_name:
    description: One of the account's login names, in the same upper and lower case.
    type: str
  username:
    description: The account's user name, in the same upper and lower case. Two organizations may each have one of that
      name, which is then V(ambiguous).
    type: str
  email:
    description: The account's e-mail address, ignoring case. Machine users have none.
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
      login_name:
        description: As O(login_name).
        type: str
      username:
        description: As O(username).
        type: str
      email:
        description: As O(email).
        type: str
  state:
    description:
      - List only the accounts that are in this state. Goes with neither a key nor O(users).
      - V(active) has those in it that their owners have never set up, V(unknown) those whose state ZITADEL does not
        name.
      - For V(deactivated) and V(locked) ZITADEL is asked for these alone. For the others all accounts are read.
    type: str
    choices: [active, deactivated, locked, unknown]
  search:
    description:
      - List only the accounts that have this text in a login name, the user name, the e-mail address or the display
        name, ignoring case. Goes with neither a key nor O(users).
      - Together with O(state), both must be so.
    type: str
seealso:
  - module: saas.offboarding.zitadel_user
  - name: ZITADEL, user service v2
    description: Search users, and its neighbours on the same page.
    link: https://zitadel.com/docs/apis/resources/user_service_v2/user-service-list-users
  - name: ZITADEL, access the APIs
    description: How to make a service account and log in with it.
    link: https://zitadel.com/docs/guides/integrate/zitadel-apis/access-zitadel-apis
"""

EXAMPLES = r"""
- name: Read one account, logging in by environment variables
  saas.offboarding.zitadel_user_info:
    email: jane@example.com
  register: jane

- name: Tell how it stands
  ansible.builtin.debug:
    msg: >-
      {{ jane.users[0].state if jane.users[0].found else 'no such account' }}

- name: Set tenant and credential once for several tasks
  module_defaults:
    group/saas.offboarding.zitadel:
      api_url: https://example.us1.zitadel.cloud
      access_token: "{{ vault_zitadel_access_token }}"
  block:
    - name: Look at the accounts of many leavers
      saas.offboarding.zitadel_user_info:
        users:
          - user_id: "69629023906488334"
          - login_name: leaver01@example.com
          - email: leaver02@example.com
        details: false
      register: leavers

    - name: None of them may be open any more
      ansible.builtin.assert:
        that: >-
          leavers.users
          | rejectattr('state', 'in', ['deactivated', 'locked', 'absent'])
          | length == 0

    - name: Read all active accounts
      saas.offboarding.zitadel_user_info:
        state: active
        batch_size: 1000
      register: open

    - name: Go on only if no account is hidden from the credential
      ansible.builtin.assert:
        that: open.complete

    - name: Name who is not on the staff list, and the machine users
      ansible.builtin.debug:
        msg:
          nobodys: >-
            {{ emails | difference(staff | map(attribute='email') | map('lower')
               | list) }}
          machines: >-
            {{ open.users | selectattr('account.machine', 'defined')
               | map(attribute='name') }}
      vars:
        emails: >-
          {{ open.users | map(attribute='email') | select | map('lower')
             | list }}

    - name: Find the locked accounts of a department's address
      saas.offboarding.zitadel_user_info:
        search: "@sales.example.com"
        state: locked
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
      description: The account's id. Null where no account was found.
      returned: always
      type: str
      sample: "69629023906488334"
    name:
      description: The account's preferred login name, or its user name. Null where no account was found.
      returned: always
      type: str
      sample: jane@example.com
    email:
      description: The account's e-mail address. Null where it has none, as machine users, and where no account was
        found.
      returned: always
      type: str
      sample: jane@example.com
    names:
      description: The id, the user name, all login names and the e-mail address, as far as there are any, in
        alphabetical order. Empty where no account was found.
      returned: always
      type: list
      elements: str
      sample: ["69629023906488334", jane, jane@example.com]
    state:
      description: V(active), V(deactivated), V(locked) or V(unknown). V(absent) where there is no account, V(unknown)
        also where it could not be told.
      returned: always
      type: str
      sample: active
    vendor_state:
      description: ZITADEL's own word. V(USER_STATE_INITIAL) counts as V(active). Null where there is none.
      returned: always
      type: str
      sample: USER_STATE_ACTIVE
    account:
      description:
        - The user as ZITADEL shows it. It has C(human) or C(machine), and C(details) with the organization.
        - Fields that are named like a secret are left out, and what looks like one in a text is made unreadable.
        - Null where no account was found, and with O(details=false).
      returned: always
      type: dict
      sample:
        userId: "69629023906488334"
        state: USER_STATE_ACTIVE
        username: jane
        preferredLoginName: jane@example.com
        human:
          email: {email: jane@example.com, isVerified: true}
    manual:
      description: Codes of what no API of the vendor does or shows, and a person has to see to when the account is
        closed. For a machine user V(service_account_tokens), since ZITADEL's user service does not tell which personal
        access tokens, keys and client secret it has.
      returned: always
      type: list
      elements: str
      sample: [service_account_tokens]
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
            - V(no_rights), the credential is shown no users but its own.
          returned: when there is an error
          type: str
          sample: no_rights
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "ZITADEL does not show this credential all users, so that an empty search proves nothing"
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
    - False, and the task warns, where ZITADEL counts more users than it shows to this credential.
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
  description: What was read. The tenant, by the API's host, the accounts that its answers held, the pages among these
    answers, and whether that is V(complete). V(strategy) says how the accounts were looked for, V(single), V(list),
    V(search) or V(lookup), several joined by V(+) in the order taken. Null when the options were not in order.
  returned: always
  type: dict
  sample: {tenant: example.us1.zitadel.cloud, strategy: search, accounts: 2, pages: 1, complete: true}
requests:
  description: How many requests were sent, how many of these again, and how many were token requests, which V(sent)
    leaves out.
  returned: always
  type: dict
  sample: {sent: 1, retried: 0, tokens: 0}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_info_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel


def main() -> None:
    run_info_module(Zitadel)


if __name__ == "__main__":
    main()
