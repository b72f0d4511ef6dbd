#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: learn_user_info
short_description: Read users of Thrive Learning, by key, by state or all
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads users of a Thrive Learning (learn.link) tenant, and changes nothing. Thrive documents how to read a user by
    L(ref,https://docs.thrivelearning.com/apidocs/search-user-by-ref-and-return-basic-user-information) or id, and the
    list of all.
  - Users are named one or many in a task. Without that all users are listed, page by page, or those that O(state)
    leaves. There is no search, so an e-mail is found by reading the whole list. Whether that list holds the users who
    are suspended is not documented. Where it shows none, they are asked for besides.
  - The status V(inactive) is V(deactivated) here. V(new) and V(expired) count as V(active). A user whose data Thrive
    has deleted is V(absent), and is found by id or in a list only.
  - Read by ref, a user has fewer fields than read by id or in a list.
  - A 404 counts as a missing user only after the list of users under the same address has answered properly.
  - The options for events, O(webhook_url) and O(webhook_token_url), make no difference here. They are for
    M(saas.offboarding.learn_user).
extends_documentation_fragment:
  - saas.offboarding.learn
  - saas.offboarding.common.attributes
  - saas.offboarding.common.info
  - saas.offboarding.common.showing
options:
  ref:
    description: The user's reference, in the same upper and lower case.
    type: str
  user_id:
    description: Thrive's own id of the user.
    type: str
  email:
    description: The user's e-mail address, ignoring case.
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
      ref:
        description: As O(ref).
        type: str
      user_id:
        description: As O(user_id).
        type: str
      email:
        description: As O(email).
        type: str
  state:
    description:
      - List only the users that are in this state. Goes with neither a key nor O(users).
      - V(active) has those with the status V(new) and V(expired) too, V(deactivated) those who are suspended.
      - V(absent) has those whose data Thrive has deleted, as far as it lists them. V(unknown) has those with a status
        that is none of the four it documents.
      - For V(deactivated) Thrive is asked for these alone. For the others its whole list is read.
    type: str
    choices: [active, deactivated, absent, unknown]
seealso:
  - module: saas.offboarding.learn_user
  - name: Thrive Learning, search user by ref
    description: How one user is read.
    link: https://docs.thrivelearning.com/apidocs/search-user-by-ref-and-return-basic-user-information
  - name: Thrive Learning, search users
    description: How all users are read.
    link: https://docs.thrivelearning.com/v1-api/apidocs/search-users-and-return-basic-user-information
  - name: Thrive Learning, OAuth API authentication
    description: How to log in.
    link: https://docs.thrivelearning.com/apidocs/oauth-api-authentication
"""

EXAMPLES = r"""
- name: Read one user, logging in by environment variables
  saas.offboarding.learn_user_info:
    ref: UID30084022
  register: jane

- name: Tell how it stands
  ansible.builtin.debug:
    msg: >-
      {{ jane.users[0].state if jane.users[0].found else 'no such account' }}

- name: Set tenant and credential once for several tasks
  module_defaults:
    group/saas.offboarding.learn:
      environment: production
      tenant_id: eu-west-2_AbcdEfghI
      api_secret: "{{ vault_learn_api_secret }}"
  block:
    - name: Look at many leavers
      saas.offboarding.learn_user_info:
        users:
          - ref: UID30084022
          - user_id: 5f3a1c9e8b7d6a5c4b3a2f1e
          - email: leaver01@example.com
      register: leavers

    - name: None of them may be open any more
      ansible.builtin.assert:
        that: >-
          leavers.users | rejectattr('state', 'in', ['deactivated', 'absent'])
          | length == 0

    - name: Read all active users
      saas.offboarding.learn_user_info:
        state: active
        details: false
        batch_size: 1000
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

    - name: Read all who are suspended
      saas.offboarding.learn_user_info:
        state: deactivated
      register: suspended

    - name: Name those who have never logged in
      ansible.builtin.debug:
        msg: >-
          {{ suspended.users | rejectattr('account.lastLogin')
             | map(attribute='name') }}
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
      sample: {ref: UID30084022}
    found:
      description: Whether there is an account. False where it is proven that there is none. Null where it could not be
        told, see RV(users[].error).
      returned: always
      type: bool
      sample: true
    id:
      description: Thrive's own id of the user. Null where no account was found.
      returned: always
      type: str
      sample: 5f3a1c9e8b7d6a5c4b3a2f1e
    name:
      description: The user's e-mail address, or the reference. Null where no account was found.
      returned: always
      type: str
      sample: jane@example.com
    email:
      description: The user's e-mail address. Null where there is none, and where no account was found.
      returned: always
      type: str
      sample: jane@example.com
    names:
      description: The id, the reference and the e-mail address, as far as there are any, in alphabetical order. Empty
        where no account was found.
      returned: always
      type: list
      elements: str
      sample: [5f3a1c9e8b7d6a5c4b3a2f1e, UID30084022, jane@example.com]
    state:
      description: V(active), V(deactivated), V(absent) or V(unknown). V(absent) also where there is no account,
        V(unknown) where it could not be told.
      returned: always
      type: str
      sample: active
    vendor_state:
      description: Thrive's own word. Null where there is none.
      returned: always
      type: str
      sample: active
    account:
      description:
        - The user as Thrive shows it.
        - Fields that are named like a secret are left out, and what looks like one in a text is made unreadable.
        - Null where no account was found, and with O(details=false).
      returned: always
      type: dict
      sample:
        id: 5f3a1c9e8b7d6a5c4b3a2f1e
        ref: UID30084022
        email: jane@example.com
        firstName: Jane
        lastName: Miller
        role: learner
        status: active
        deleted: false
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
          sample: rate_limited
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "public.api.learn.link answered 429: Too many requests"
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: 429
        request_id:
          description: The identifier by which the vendor's support finds the request. Null where the vendor sent none.
          returned: when there is an error
          type: str
          sample: 8c1f0a6e-52f7-4f0c-9d0b-3a3f7e1f2b11
        retryable:
          description: Whether the same task may well work later.
          returned: when there is an error
          type: bool
          sample: true
complete:
  description:
    - Whether nothing is missing, as far as the vendor tells. Of users asked for, each was found or is proven not to be
      there. Of a list, every page was read.
    - Whether Thrive lists the users whose data it has deleted is not documented.
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
  description: What was read. The tenant, by the API's host and the tenant's id, the accounts that its answers held,
    the pages among these answers, and whether that is V(complete). V(strategy) says how the accounts were looked for,
    V(single), V(list), V(search) or V(lookup), several joined by V(+) in the order taken. Null when the options were
    not in order.
  returned: always
  type: dict
  sample: {tenant: public.api.learn.link/eu-west-2_AbcdEfghI, strategy: list, accounts: 2, pages: 1, complete: true}
requests:
  description: How many requests were sent, how many of these again, and how many were token requests, which V(sent)
    leaves out.
  returned: always
  type: dict
  sample: {sent: 1, retried: 0, tokens: 0}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_info_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn


def main() -> None:
    run_info_module(Learn)


if __name__ == "__main__":
    main()
