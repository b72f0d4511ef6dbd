#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: laurel_user
short_description: Disable, enable, delete and update users of Laurel
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Brings users of a Laurel customer to a state, or their attributes to values, one or many in a task, and tells what
    came of each.
  - What Laurel publishes is its page on L(users,https://developer.laurel.ai/services/identity/users). It offers to
    read, update and delete users, and says nothing of disabling them.
  - O(state=deactivated) and O(state=active) set the user's status by an operation that is in Laurel's OpenAPI
    document and not on that page. Where Laurel does not let a customer's credential to it (403, 404 or 405), the user
    is V(failed) with the code V(not_offered). The documented way to close an account is O(state=absent).
  - Whether a deletion keeps the record, and whether it can be undone, is not documented. The deletion counts as
    verified when the user can no longer be read, or is read by id but no longer listed.
  - The status V(adminDisabled) and V(firmDisabled) both count as V(deactivated), and the module sets V(firmDisabled).
    A user without a status counts as V(active), so that it gets closed.
  - A 404 counts as a missing user only after a list of users under the same address has answered properly.
extends_documentation_fragment:
  - saas.offboarding.laurel
  - saas.offboarding.common.attributes
  - saas.offboarding.common.user
  - saas.offboarding.common.showing
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - V(deactivated), the user is disabled. V(active), a disabled user is enabled.
      - V(absent), the user is deleted.
      - V(present), the user's attributes are as given, whatever the status. A user is never created.
    type: str
    required: true
    choices: [deactivated, active, absent, present]
  user_id:
    description: The user's id.
    type: str
  email:
    description:
      - The user's e-mail address, ignoring case.
      - With O(state=present) and beside O(user_id) or O(identity), it is the address to be set. Laurel uses it to log
        in.
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
  first_name:
    description: The first name. With O(state=present) only.
    type: str
  last_name:
    description: The last name. With O(state=present) only.
    type: str
  nickname:
    description: The nickname. It may be empty. With O(state=present) only.
    type: str
  job_title:
    description: The job title. With O(state=present) only.
    type: str
  seniority:
    description: The seniority. With O(state=present) only.
    type: str
  department:
    description: The department. With O(state=present) only.
    type: str
  office:
    description: The office. With O(state=present) only.
    type: str
  subdepartment:
    description: The subdepartment. With O(state=present) only.
    type: str
  pod:
    description: The pod. With O(state=present) only.
    type: str
  role_ids:
    description:
      - The ids of all roles that the user is to have. With O(state=present) only.
      - The order does not matter. Whether Laurel replaces a list or adds to it is not documented, for this and the
        other two lists. A user whose list reads otherwise afterwards is V(failed) with the code V(not_applied).
    type: list
    elements: str
  delegate_ids:
    description: The ids of all delegates that the user is to have. With O(state=present) and O(api_version=v1) only.
    type: list
    elements: str
  delegates:
    description:
      - All delegates that the user is to have. With O(state=present) and O(api_version=v2) only.
      - Laurel's texts disagree on which side of a delegation this writes. It counts as done when it reads back on
        either.
    type: list
    elements: dict
    suboptions:
      user_id:
        description: The delegate's id.
        type: str
        required: true
      permissions:
        description: The claims that the delegate gets.
        type: list
        elements: str
        default: []
  users:
    description:
      - Many users at once, each named by one of the keys. Give either this or one key at the top level.
      - The keys must differ, and a list without anybody in it is an error.
      - What goes wrong with one user does not stop the others.
      - Attributes that are given at the top level hold for every user who has none of their own here.
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
      first_name:
        description: As O(first_name).
        type: str
      last_name:
        description: As O(last_name).
        type: str
      nickname:
        description: As O(nickname).
        type: str
      job_title:
        description: As O(job_title).
        type: str
      seniority:
        description: As O(seniority).
        type: str
      department:
        description: As O(department).
        type: str
      office:
        description: As O(office).
        type: str
      subdepartment:
        description: As O(subdepartment).
        type: str
      pod:
        description: As O(pod).
        type: str
      role_ids:
        description: As O(role_ids).
        type: list
        elements: str
      delegate_ids:
        description: As O(delegate_ids).
        type: list
        elements: str
      delegates:
        description: As O(delegates).
        type: list
        elements: dict
        suboptions:
          user_id:
            description: As O(delegates[].user_id).
            type: str
            required: true
          permissions:
            description: As O(delegates[].permissions).
            type: list
            elements: str
            default: []
  api_version:
    description: The version of the update operation, for O(state=present). V(v2) is the one that Laurel calls public.
    type: str
    choices: [v1, v2]
    default: v2
  integration:
    description:
      - Reads the list of users of an integration. Laurel's texts disagree on whether it is required, so set it only
        when Laurel asks for it.
      - A user who is not in that list is looked up by identity, before there is said to be none.
    type: str
    choices:
      - cloud-assistant-cdr
      - cloud-assistant-google
      - cloud-assistant-microsoft-exchange
      - cloud-assistant-microsoft-teams
      - cloud-assistant-zoom
  is_forwarded:
    description: Sent with a deletion as C(isForwarded), which Laurel lists and does not explain. Leave it out, unless
      Laurel tells you to set it. With any state but V(absent) it is an error.
    type: bool
  original_principal_client_id:
    description: Sent with a deletion as C(originalPrincipalClientId). See O(is_forwarded).
    type: str
  original_principal_customer_id:
    description: Sent with a deletion as C(originalPrincipalCustomerId). See O(is_forwarded).
    type: str
  original_principal_user_id:
    description: Sent with a deletion as C(originalPrincipalUserId). See O(is_forwarded).
    type: str
seealso:
  - module: saas.offboarding.laurel_user_info
  - name: Laurel, Users
    description: The operations on users that are public.
    link: https://developer.laurel.ai/services/identity/users
  - name: Laurel, Authentication
    description: How to log in.
    link: https://developer.laurel.ai/guides/authentication
"""

EXAMPLES = r"""
- name: Disable one user, logging in by environment variables
  saas.offboarding.laurel_user:
    state: deactivated
    email: jane@example.com

- name: Set tenant and credential once for several tasks
  module_defaults:
    group/saas.offboarding.laurel:
      customer_id: "{{ laurel_customer_id }}"
      client_id: "{{ laurel_client_id }}"
      client_secret: "{{ vault_laurel_client_secret }}"
  block:
    - name: Disable many users, and leave the firm's administrators alone
      saas.offboarding.laurel_user:
        state: deactivated
        users:
          - user_id: 62f65d3e8a1b2c3d4e5f6a7b
          - email: leaver01@example.com
          - identity:
              type: external-billing-system
              value: "10442"
        on_missing: ok
        protected:
          - "admin*@example.com"
        max_changes: 20

    - name: Enable a user again
      saas.offboarding.laurel_user:
        state: active
        email: jane@example.com

    - name: Delete a user, where Laurel does not offer to disable one
      saas.offboarding.laurel_user:
        state: absent
        email: jane@example.com

    - name: Take a user's roles and delegates away, and set another address
      saas.offboarding.laurel_user:
        state: present
        user_id: 62f65d3e8a1b2c3d4e5f6a7b
        email: former.jane@example.com
        job_title: Former associate
        role_ids: []
        delegates: []
"""

RETURN = r"""
changed:
  description: Whether an account at the vendor was changed, or in check mode would be. It is told when the task fails
    too.
  returned: always
  type: bool
  sample: true
check_mode:
  description: Whether the task was in check mode, and what is told is what it would do.
  returned: always
  type: bool
  sample: false
users:
  description: One entry for each user asked for, in the order asked. Empty when the options were not in order.
    With O(packed) one text.
  returned: always
  type: list
  elements: dict
  contains:
    key:
      description: The key as it was asked, by the name of its option.
      returned: always
      type: dict
      sample: {email: jane@example.com}
    outcome:
      description:
        - V(changed), it was brought to the state asked for. In check mode, it would be.
        - V(unchanged), it was in that state already.
        - V(missing), there is no such account. O(on_missing) says whether that fails the task.
        - V(failed), see RV(users[].error). RV(users[].after) tells what is known of the account now.
        - V(refused), a guard rail has held it back, and nothing was written to it.
      returned: always
      type: str
      sample: changed
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
    before:
      description: The account before.
      returned: always
      type: dict
      contains:
        state:
          description: V(active), V(deactivated), V(absent) or V(unknown).
          returned: always
          type: str
          sample: active
        vendor_state:
          description: Laurel's own word. Null where there is none.
          returned: always
          type: str
          sample: active
        attributes:
          description: The attributes that were asked for, with the values of this moment.
          returned: when O(state=present)
          type: dict
          sample: {job_title: Associate}
    after:
      description: The account after, or in check mode as it would be.
      returned: always
      type: dict
      contains:
        state:
          description: V(active), V(deactivated), V(absent) or V(unknown).
          returned: always
          type: str
          sample: deactivated
        vendor_state:
          description: Laurel's own word. Null where there is none.
          returned: always
          type: str
          sample: firmDisabled
        attributes:
          description: The attributes that were asked for, with the values of this moment.
          returned: when O(state=present)
          type: dict
          sample: {job_title: Former associate}
    verified:
      description: Whether the account was read after the write and seen in the state asked for. False when it was seen
        in another one, and the outcome is V(failed) then. Null when it was not read after a write, as in check mode,
        without O(verify), where nothing was written.
      returned: always
      type: bool
      sample: true
    error:
      description: Why it failed or was refused. Null for all others.
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
            - From looking back, V(not_applied) when the account does not read as the vendor said, V(unverified) when
              it could not be read, V(unconfirmed) when an answer was lost and the account has gone meanwhile.
            - With V(refused), V(protected), V(same_account) when two keys lead to one account, V(too_many_changes),
              V(unknown_size) and V(other_plan).
            - V(not_offered), Laurel does not let the credential set a status. V(lookup_failed), a lookup by identity
              was not answered. V(search_incomplete), not found in the list of O(integration), and Laurel did not let
              us ask otherwise.
          returned: when there is an error
          type: str
          sample: not_offered
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "identity.laurel.ai answered 403: Forbidden. Changing a user's status is not on Laurel's public page"
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: 403
        request_id:
          description: The identifier by which the vendor's support finds the request. Null where the vendor sent
            none.
          returned: when there is an error
          type: str
          sample: 8c1f0a6e-52f7-4f0c-9d0b-3a3f7e1f2b11
        retryable:
          description: Whether the same task may well work later.
          returned: when there is an error
          type: bool
          sample: false
    proof:
      description: How it is known what came of the account.
      returned: always
      type: dict
      contains:
        before_at:
          description: When the answer came in which the account was read before, in ISO 8601 and UTC. Where there is no
            account, the moment by which all had been looked for. Null where the vendor gave no answer.
          returned: always
          type: str
          sample: "2024-07-01T06:00:03.125Z"
        written_at:
          description: When the vendor's answer to the write came. Null where nothing was written, where no answer came,
            and where it was a refusal.
          returned: always
          type: str
          sample: "2024-07-01T06:00:04.250Z"
        after_at:
          description: When the account was last read. Where nothing was written, that is the reading before. Null where
            it was not read after a write, as in check mode and without O(verify).
          returned: always
          type: str
          sample: "2024-07-01T06:00:05.375Z"
        status:
          description: The HTTP status of the answer to the write, or else to the last reading. Null where there is
            none.
          returned: always
          type: int
          sample: 200
        request_id:
          description: The identifier by which the vendor's support finds the request that V(status) is of. Null where
            the vendor sent none.
          returned: always
          type: str
          sample: 8c1f0a6e-52f7-4f0c-9d0b-3a3f7e1f2b11
    manual:
      description: Codes of what is left to a person, since no API of the vendor does it or shows it. V(delegations) for
        a user that is closed and has delegates or delegators.
      returned: always
      type: list
      elements: str
      sample: [delegations]
summary:
  description: How many users were asked for, and how many came to which outcome.
  returned: always
  type: dict
  sample: {requested: 3, changed: 1, unchanged: 1, missing: 1, failed: 0, refused: 0}
plan_hash:
  description: The fingerprint of what the task set out to do, of the tenant, and of each account that changes with
    its state before and after. It is the same in check mode and in the run that follows. Null when the plan could not
    be made.
  returned: always
  type: str
  sample: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
read:
  description: What was read. The tenant, by the API's host and the customer's id, the accounts that its answers held,
    the pages among these answers, and V(complete), whether each user asked for was found or is proven not to be
    there. V(strategy) states how they were looked for, V(single), V(list), V(search) or V(lookup), several joined by
    V(+) in the order taken. Null when the options were not in order.
  returned: always
  type: dict
  sample: {tenant: identity.laurel.ai/62f6a1d0c0ffee0000000001, strategy: list, accounts: 4, pages: 2, complete: true}
requests:
  description: How many requests were sent, how many of these again, and how many were token requests, which V(sent)
    leaves out.
  returned: always
  type: dict
  sample: {sent: 4, retried: 0, tokens: 1}
diff:
  description: The plan as one before and one after, of the accounts that change only.
  returned: always
  type: dict
  sample:
    before:
      jane@example.com: {state: active, vendor_state: active}
    after:
      jane@example.com: {state: deactivated, vendor_state: firmDisabled}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_user_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel


def main() -> None:
    run_user_module(Laurel)


if __name__ == "__main__":
    main()
