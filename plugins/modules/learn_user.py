#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: learn_user
short_description: Suspend, re-activate and delete users of Thrive Learning
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Brings users of a Thrive Learning (learn.link) tenant to a state, one or many in a task, and tells what came of
    each.
  - Thrive documents how to L(suspend,https://docs.thrivelearning.com/apidocs/suspend-a-user) and to
    L(delete,https://docs.thrivelearning.com/apidocs/delete-a-user) a user by ref, and how to read one by ref or id,
    and the list of all. There is no search by e-mail, so an e-mail is found by reading the whole list. A user without
    a ref cannot be written to, and is V(failed) with the code V(no_ref).
  - There is no operation to re-activate a user. O(state=active) sends the L(provisioning
    event,https://docs.thrivelearning.com/apidocs/provision-and-manage-user-accounts) C(user_joined), which Thrive
    describes as creating or unsuspending a user. It is sent only for a user who was read just before, with the data
    that were read. What the event needs at least, and when it takes effect, is not documented. With OAuth2 it takes a
    second token, from the events' own host.
  - The status V(inactive) is V(deactivated) here. V(new) and V(expired) count as V(active), so that they get closed.
    A user whose data Thrive has deleted is V(absent).
  - A 404 counts as a missing user only after the list of users under the same address has answered properly.
extends_documentation_fragment:
  - saas.offboarding.learn
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
      - V(deactivated), the user is suspended. They cannot log in, and profile and history are kept.
      - V(active), a suspended user is re-activated.
      - V(absent), the user is deleted. Thrive deletes the personal data for good and keeps the learning records.
    type: str
    required: true
    choices: [deactivated, active, absent]
  ref:
    description: The user's reference, in the same upper and lower case.
    type: str
  user_id:
    description: Thrive's own id of the user.
    type: str
  email:
    description: The user's e-mail address, ignoring case.
    type: str
  end_date:
    description:
      - The last day, which Thrive keeps with a suspension. With O(state=deactivated) only.
      - A date such as V(2024-06-30), taken as its first moment in UTC, or a moment with its zone such as
        V(2024-06-30T17:00:00Z).
      - It is sent with a suspension. It does not suspend a user again who is suspended already.
    type: str
  users:
    description:
      - Many users at once, each named by one of the keys. Give either this or one key at the top level.
      - The keys must differ, and a list without anybody in it is an error.
      - What goes wrong with one user does not stop the others.
      - An O(end_date) at the top level holds for every user who has none of their own here.
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
      end_date:
        description: As O(end_date).
        type: str
seealso:
  - module: saas.offboarding.learn_user_info
  - name: Thrive Learning, Suspend a user
    description: The operation behind O(state=deactivated).
    link: https://docs.thrivelearning.com/apidocs/suspend-a-user
  - name: Thrive Learning, Delete a user
    description: The operation behind O(state=absent).
    link: https://docs.thrivelearning.com/apidocs/delete-a-user
  - name: Thrive Learning, Provision and manage user accounts
    description: The event behind O(state=active).
    link: https://docs.thrivelearning.com/apidocs/provision-and-manage-user-accounts
  - name: Thrive Learning, OAuth API authentication
    description: How to log in.
    link: https://docs.thrivelearning.com/apidocs/oauth-api-authentication
"""

EXAMPLES = r"""
- name: Suspend one user, logging in by environment variables
  saas.offboarding.learn_user:
    state: deactivated
    ref: UID30084022
    end_date: "2024-06-30"

- name: Set tenant and credential once for several tasks
  module_defaults:
    group/saas.offboarding.learn:
      environment: production
      tenant_id: eu-west-2_AbcdEfghI
      api_secret: "{{ vault_learn_api_secret }}"
  block:
    - name: Suspend many users, most of them with the same last day
      saas.offboarding.learn_user:
        state: deactivated
        end_date: "2024-06-30T17:00:00Z"
        users:
          - ref: UID30084022
          - user_id: 5f3a1c9e8b7d6a5c4b3a2f1e
          - email: leaver01@example.com
            end_date: "2024-05-31"
        on_missing: ok
        protected:
          - "*@admin.example.com"
        max_changes: 20

    - name: Re-activate a user
      saas.offboarding.learn_user:
        state: active
        ref: UID30084022

- name: Delete users, with OAuth2
  saas.offboarding.learn_user:
    environment: staging
    tenant_id: eu-west-2_AbcdEfghI
    client_id: "{{ learn_client_id }}"
    client_secret: "{{ lookup('ansible.builtin.env', 'MY_LEARN_SECRET') }}"
    scope: api/read api/write
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
      sample: {ref: UID30084022}
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
      description: Thrive's own id of the user. Null where no account was found.
      returned: always
      type: str
      sample: 5f3a1c9e8b7d6a5c4b3a2f1e
    name:
      description: The user's e-mail address, or the reference. Null where no account was found.
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
          description: Thrive's own word. Null where there is none.
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
          description: Thrive's own word. Null where there is none.
          returned: always
          type: str
          sample: inactive
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
            - V(no_ref), the user has no reference, by which alone Thrive writes.
          returned: when there is an error
          type: str
          sample: no_ref
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "The account has no ref, and all changes at Thrive Learning are made by ref"
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: null
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
  description: What was read. The tenant, by the API's host and the tenant's id, the accounts that its answers held,
    the pages among these answers, and V(complete), whether each user asked for was found or is proven not to be
    there. V(strategy) states how they were looked for, V(single), V(list), V(search) or V(lookup), several joined by
    V(+) in the order taken. Null when the options were not in order.
  returned: always
  type: dict
  sample: {tenant: public.api.learn.link/eu-west-2_AbcdEfghI, strategy: list, accounts: 4, pages: 2, complete: true}
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
      jane@example.com: {state: deactivated, vendor_state: inactive}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_user_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn


def main() -> None:
    run_user_module(Learn)


if __name__ == "__main__":
    main()
