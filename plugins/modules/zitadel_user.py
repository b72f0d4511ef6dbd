#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: zitadel_user
short_description: Deactivate, reactivate, lock, unlock and delete accounts of ZITADEL
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Brings accounts of a ZITADEL instance, of people and of machines alike, to a state, one or many in a task, and
    tells what came of each.
  - Accounts are read first, changed where they are not as asked, and read back, by the L(user service
    v2,https://zitadel.com/docs/apis/resources/user_service_v2/user-service-deactivate-user).
  - The credential's service account needs C(user.read) and C(user.write), and C(user.delete) for O(state=absent), on
    the users' organization. The role Org Owner has them all. Where C(user.read) is lacking, ZITADEL does not refuse a
    search but answers that there is nobody. The module takes that for the error V(no_rights), never for a missing
    account.
  - The account that the credential itself belongs to is never changed. Where ZITADEL does not say which one that is,
    the task warns.
  - An account in the state initial, which its owner has never set up, cannot be deactivated at ZITADEL. It is
    V(failed) with the code V(vendor_refuses). Such an account can be deleted.
  - ZITADEL answers 400 when an account is in the state asked for already. That is V(unchanged) here. Which answers
    mean that, and which 404 speaks of the user, is told by ZITADEL's error ids and not by its texts.
extends_documentation_fragment:
  - saas.offboarding.zitadel
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
      - V(deactivated), the account cannot be used, and its data are kept. A locked account is deactivated too.
      - V(active), a deactivated account is reactivated, and a locked one is unlocked.
      - V(locked), the account is blocked for a while. One that is deactivated stays so and counts as unchanged, since
        it is more closed already.
      - V(absent), the account is deleted. There is no way back.
    type: str
    required: true
    choices: [deactivated, active, locked, absent]
  user_id:
    description: The account's id.
    type: str
  login_name:
    description: One of the account's login names, in the same upper and lower case.
    type: str
  username:
    description: The account's user name, in the same upper and lower case. Two organizations may each have one of
      that name, which is then V(ambiguous).
    type: str
  email:
    description: The account's e-mail address, ignoring case. Machine users have none.
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
      login_name:
        description: As O(login_name).
        type: str
      username:
        description: As O(username).
        type: str
      email:
        description: As O(email).
        type: str
seealso:
  - module: saas.offboarding.zitadel_user_info
  - name: ZITADEL, user service v2
    description: Deactivate user, and its neighbours on the same page.
    link: https://zitadel.com/docs/apis/resources/user_service_v2/user-service-deactivate-user
  - name: ZITADEL, access the APIs
    description: How to make a service account and log in with it.
    link: https://zitadel.com/docs/guides/integrate/zitadel-apis/access-zitadel-apis
"""

EXAMPLES = r"""
- name: Deactivate one account, logging in by environment variables
  saas.offboarding.zitadel_user:
    state: deactivated
    email: jane@example.com

- name: Set tenant and credential once for several tasks
  module_defaults:
    group/saas.offboarding.zitadel:
      api_url: https://example.us1.zitadel.cloud
      access_token: "{{ vault_zitadel_access_token }}"
  block:
    - name: Deactivate many accounts
      saas.offboarding.zitadel_user:
        state: deactivated
        users:
          - user_id: "69629023906488334"
          - login_name: leaver01@example.com
          - email: leaver02@example.com
        on_missing: ok

    - name: Lock an account while its case is looked into
      saas.offboarding.zitadel_user:
        state: locked
        username: leaver03

    - name: Open it again
      saas.offboarding.zitadel_user:
        state: active
        username: leaver03

- name: See what would be done, by a service account's key file
  saas.offboarding.zitadel_user:
    api_url: https://login.example.com
    key_file: "{{ lookup('ansible.builtin.env', 'MY_ZITADEL_KEY_FILE') }}"
    state: absent
    users: "{{ leavers }}"
  check_mode: true
  register: planned

- name: Do that and nothing else
  saas.offboarding.zitadel_user:
    api_url: https://login.example.com
    key_file: "{{ lookup('ansible.builtin.env', 'MY_ZITADEL_KEY_FILE') }}"
    state: absent
    users: "{{ leavers }}"
    plan_hash: "{{ planned.plan_hash }}"
    max_changes: 20
    protected:
      - "*@admin.example.com"
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
      description: The account's id. Null where no account was found.
      returned: always
      type: str
      sample: "69629023906488334"
    name:
      description: The account's preferred login name, or its user name. Null where no account was found.
      returned: always
      type: str
      sample: jane@example.com
    before:
      description: The account before.
      returned: always
      type: dict
      contains:
        state:
          description: V(active), V(deactivated), V(locked), V(absent) or V(unknown).
          returned: always
          type: str
          sample: active
        vendor_state:
          description: ZITADEL's own word. V(USER_STATE_INITIAL) counts as V(active).
          returned: always
          type: str
          sample: USER_STATE_ACTIVE
    after:
      description: The account after, or in check mode as it would be.
      returned: always
      type: dict
      contains:
        state:
          description: V(active), V(deactivated), V(locked), V(absent) or V(unknown).
          returned: always
          type: str
          sample: deactivated
        vendor_state:
          description: ZITADEL's own word. V(USER_STATE_INITIAL) counts as V(active).
          returned: always
          type: str
          sample: USER_STATE_INACTIVE
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
            - With V(refused), V(own_account), V(protected), V(same_account) when two keys lead to one account,
              V(too_many_changes), V(unknown_size) and V(other_plan).
            - V(no_rights), the credential is shown no users but its own. V(vendor_refuses), an initial account cannot
              be deactivated.
          returned: when there is an error
          type: str
          sample: vendor_refuses
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "ZITADEL does not deactivate an account in the state initial"
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: 400
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
      description: Codes of what is left to a person, since no API of the vendor does it or shows it.
        V(service_account_tokens) for a machine user that is closed, since ZITADEL's user service does not tell which
        personal access tokens, keys and client secret it has.
      returned: always
      type: list
      elements: str
      sample: [service_account_tokens]
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
  description: What was read. The tenant, by the API's host, the accounts that its answers held, the pages among these
    answers, and V(complete), whether each user asked for was found or is proven not to be there. V(strategy) is how the
    accounts were looked for, V(single), V(list), V(search) or V(lookup), several joined by V(+) in the order taken.
    Null when the options were not in order.
  returned: always
  type: dict
  sample: {tenant: example.us1.zitadel.cloud, strategy: search, accounts: 4, pages: 2, complete: true}
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
      jane@example.com: {state: active, vendor_state: USER_STATE_ACTIVE}
    after:
      jane@example.com: {state: deactivated, vendor_state: USER_STATE_INACTIVE}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_user_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel


def main() -> None:
    run_user_module(Zitadel)


if __name__ == "__main__":
    main()
