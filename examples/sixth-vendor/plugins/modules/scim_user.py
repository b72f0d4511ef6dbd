#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user
short_description: Deactivate, activate and delete users by SCIM 2.0
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Brings users of a SCIM 2.0 service provider to a state, one or many in a task, and tells what came of each.
  - What is sent is what L(RFC 7644,https://www.rfc-editor.org/rfc/rfc7644) describes. A user is read by id (3.4.1),
    found by a filter on C(userName) (3.4.2.2), changed by a PATCH of C(active) (3.5.2) and deleted by DELETE (3.6).
  - Filters are optional for a service provider. Where there are none, a user name is looked for in the list of all
    users. An e-mail always is, since two users may have the same.
  - A list that became shorter while it was read, or that ends before it holds as many users as it says, is an error,
    and nobody is taken for missing because of it.
  - A 404 counts as a missing user only after the list of users under the same address has answered properly.
extends_documentation_fragment:
  - saas.offboarding.scim
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
      - V(deactivated), C(active) is set to false. What the user can no longer do then is up to the service provider.
      - V(active), C(active) is set to true.
      - V(absent), the user is deleted. There is no way back.
    type: str
    required: true
    choices: [deactivated, active, absent]
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
      - Many users at once, each named by one of the keys. Give either this or one key at the top level.
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
seealso:
  - module: saas.offboarding.scim_user_info
  - name: RFC 7644, the protocol
    description: The requests and their answers.
    link: https://www.rfc-editor.org/rfc/rfc7644
  - name: RFC 7643, the schema
    description: What C(userName), C(active) and C(emails) mean.
    link: https://www.rfc-editor.org/rfc/rfc7643
"""

EXAMPLES = r"""
- name: Deactivate one user, with address and token from the environment
  saas.offboarding.scim_user:
    state: deactivated
    username: jane

- name: Set address and token once for several tasks
  module_defaults:
    group/saas.offboarding.scim:
      api_url: https://example.com/scim/v2
      access_token: "{{ vault_scim_access_token }}"
  block:
    - name: Deactivate many users
      saas.offboarding.scim_user:
        state: deactivated
        users:
          - user_id: 2819c223-7f76-453a-919d-413861904646
          - username: leaver01
          - email: leaver02@example.com
        on_missing: warn
        protected:
          - "admin*"
        max_changes: 20

    - name: Activate a user again
      saas.offboarding.scim_user:
        state: active
        username: jane

    - name: Delete users
      saas.offboarding.scim_user:
        state: absent
        users: "{{ leavers }}"
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
      sample: {username: jane}
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
      sample: 2819c223-7f76-453a-919d-413861904646
    name:
      description: The C(userName). Null where no account was found.
      returned: always
      type: str
      sample: jane
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
          description: V(active) or V(inactive). Null where there is no user, and where the service provider does not
            tell.
          returned: always
          type: str
          sample: active
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
          description: V(active) or V(inactive). Null where there is no user, and where the service provider does not
            tell.
          returned: always
          type: str
          sample: inactive
    verified:
      description: Whether the account was read after the write and seen in the state asked for. False when it was seen
        in another one, and the outcome is V(failed) then. Null when it was not read after a write, as in check mode,
        without O(verify), and where nothing was written.
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
          returned: when there is an error
          type: str
          sample: not_applied
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "SCIM accepted the change, but the account still reads as active"
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: 200
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
          sample: true
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
      description: Codes of what is left to a person, since no API of the vendor does it or shows it. Always empty here.
      returned: always
      type: list
      elements: str
      sample: []
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
  description: What was read. The tenant, by host and path of O(api_url), the accounts that its answers held, the
    pages among these answers, and V(complete), whether each user asked for was found or is proven not to be there.
    V(strategy) states how they were looked for, V(single), V(list), V(search) or V(lookup), several joined by V(+)
    in the order taken. Null when the options were not in order.
  returned: always
  type: dict
  sample: {tenant: example.com/scim/v2, strategy: list, accounts: 4, pages: 2, complete: true}
requests:
  description: How many requests were sent, how many of these again, and how many were token requests, which V(sent)
    leaves out.
  returned: always
  type: dict
  sample: {sent: 4, retried: 0, tokens: 0}
diff:
  description: The plan as one before and one after, of the accounts that change only.
  returned: always
  type: dict
  sample:
    before:
      jane: {state: active, vendor_state: active}
    after:
      jane: {state: deactivated, vendor_state: inactive}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_user_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.scim import Scim


def main() -> None:
    run_user_module(Scim)


if __name__ == "__main__":
    main()
