#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: customergauge_user
short_description: Disable users of CustomerGauge
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Disables users of CustomerGauge by e-mail, one or many in a task, and tells what came of each.
  - CustomerGauge documents one operation on users, which L(disables
    one,https://support.customergauge.com/support/solutions/articles/5000875271-patch-users-disable). No API reads a
    user, enables one or deletes one. An administrator can do so in the product.
  - So the state before is always V(unknown), every user that CustomerGauge accepts counts as changed,
    RV(users[].verified) is always null, and a second run sends the same requests and reports the same changes. What
    CustomerGauge answers for a user that is disabled already is not documented.
  - A user is missing only when CustomerGauge gives its documented answer for an unknown user. Any other 404 is an
    error that says to check O(region) and O(api_url).
extends_documentation_fragment:
  - saas.offboarding.customergauge
  - saas.offboarding.common.attributes
  - saas.offboarding.common.user
  - saas.offboarding.common.showing
attributes:
  check_mode:
    support: partial
    details:
      - Check mode logs in and sends nothing else, since there is nothing to read. Every user that no guard rail
        holds back is predicted to change, also one that CustomerGauge does not know.
  diff_mode:
    support: full
  idempotent:
    support: none
    details:
      - The state of a user cannot be read. Every run disables all users again, and reports them as changed.
options:
  state:
    description: V(deactivated) disables the users, who can then neither log in nor get reports by e-mail.
    type: str
    required: true
    choices: [deactivated]
  email:
    description: The user's e-mail address. Whether CustomerGauge minds upper and lower case is not documented.
    type: str
  users:
    description:
      - Many users at once, each named by one of the keys. Give either this or one key at the top level.
      - The keys must differ, and a list without anybody in it is an error.
      - What goes wrong with one user does not stop the others.
    type: list
    elements: dict
    suboptions:
      email:
        description: As O(email).
        type: str
seealso:
  - name: CustomerGauge, PATCH Users/Disable
    description: The only operation on users that is documented.
    link: https://support.customergauge.com/support/solutions/articles/5000875271-patch-users-disable
  - name: CustomerGauge, Authenticating using OAuth2
    description: How to make a connected app and get its client id and secret.
    link: https://support.customergauge.com/support/solutions/articles/5000846993-authenticating-using-oauth2
"""

EXAMPLES = r"""
- name: Disable one user, logging in by environment variables
  saas.offboarding.customergauge_user:
    state: deactivated
    email: jane@example.com

- name: Disable many users with one log-in
  saas.offboarding.customergauge_user:
    region: eu
    client_id: "{{ customergauge_client_id }}"
    client_secret: "{{ vault_customergauge_client_secret }}"
    state: deactivated
    users:
      - email: leaver01@example.com
      - email: leaver02@example.com
    on_missing: ok
    protected:
      - "*@support.example.com"
    max_changes: 20

- name: Give the credential once for several tasks
  module_defaults:
    group/saas.offboarding.customergauge:
      region: us
      access_token: >-
        {{ lookup('ansible.builtin.env', 'MY_CUSTOMERGAUGE_TOKEN') }}
  block:
    - name: Disable the leavers of a list
      saas.offboarding.customergauge_user:
        state: deactivated
        users: "{{ leavers }}"
      register: closed

    - name: Show what came of them
      ansible.builtin.debug:
        var: closed.summary
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
      description: Always null, since CustomerGauge shows no ids of users.
      returned: always
      type: str
      sample: null
    name:
      description: The e-mail address as it was asked.
      returned: always
      type: str
      sample: jane@example.com
    before:
      description: The account before.
      returned: always
      type: dict
      contains:
        state:
          description: V(unknown), V(deactivated) or V(absent).
          returned: always
          type: str
          sample: unknown
        vendor_state:
          description: Always null, since CustomerGauge shows no state.
          returned: always
          type: str
          sample: null
    after:
      description: The account after, or in check mode as it would be.
      returned: always
      type: dict
      contains:
        state:
          description: V(unknown), V(deactivated) or V(absent).
          returned: always
          type: str
          sample: deactivated
        vendor_state:
          description: Always null, since CustomerGauge shows no state.
          returned: always
          type: str
          sample: null
    verified:
      description: Always null, since CustomerGauge cannot be read.
      returned: always
      type: bool
      sample: null
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
            - V(not_exact) when the e-mail address has letters beyond ASCII. How the vendor compares them is not
              documented, and no request tells whose account would be closed.
            - V(unconfirmed) when an answer was lost, and when the request was sent again the vendor knew no such
              user.
            - With V(refused), V(protected), V(too_many_changes), V(unknown_size) and V(other_plan).
          returned: when there is an error
          type: str
          sample: invalid
        message:
          description: The same for people, with what the vendor said. No credential is in it.
          returned: when there is an error
          type: str
          sample: "api.eu.customergauge.com answered 422: The given data was invalid."
        status:
          description: The HTTP status of the vendor's answer. Null where there was none.
          returned: when there is an error
          type: int
          sample: 422
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
          description: Always null, since CustomerGauge cannot be read.
          returned: always
          type: str
          sample: null
        written_at:
          description: When the vendor's answer to the write came. Null where nothing was written, where no answer came,
            and where it was a refusal.
          returned: always
          type: str
          sample: "2024-07-01T06:00:04.250Z"
        after_at:
          description: Always null, since CustomerGauge cannot be read.
          returned: always
          type: str
          sample: null
        status:
          description: The HTTP status of the answer to the write. Null where there is none.
          returned: always
          type: int
          sample: 204
        request_id:
          description: The identifier by which the vendor's support finds the request that V(status) is of. Null where
            the vendor sent none.
          returned: always
          type: str
          sample: 8c1f0a6e-52f7-4f0c-9d0b-3a3f7e1f2b11
    manual:
      description: Codes of what is left to a person, since no API of the vendor does it or shows it.
        V(look_in_user_list) for every user that was disabled or would be, since only the list of users in the product
        shows it.
      returned: always
      type: list
      elements: str
      sample: [look_in_user_list]
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
  description: What was read. The tenant, by the API's host, and nothing else, since CustomerGauge cannot be read.
    V(strategy) is V(none), and V(complete) is always false. Null when the options were not in order.
  returned: always
  type: dict
  sample: {tenant: api.eu.customergauge.com, strategy: none, accounts: 0, pages: 0, complete: false}
requests:
  description: How many requests were sent, how many of these again, and how many were token requests, which V(sent)
    leaves out.
  returned: always
  type: dict
  sample: {sent: 3, retried: 0, tokens: 1}
diff:
  description: The plan as one before and one after, of the accounts that change only.
  returned: always
  type: dict
  sample:
    before:
      jane@example.com: {state: unknown, vendor_state: null}
    after:
      jane@example.com: {state: deactivated, vendor_state: null}
"""

from ansible_collections.saas.offboarding.plugins.module_utils._module import run_user_module
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.customergauge import CustomerGauge


def main() -> None:
    run_user_module(CustomerGauge)


if __name__ == "__main__":
    main()
