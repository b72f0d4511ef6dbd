# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netexCloud: where the tenant is and how to log in."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tenant:
    description:
      - The first part of the tenant's host name, as in C(TENANT.learningcloud.me).
      - Required, unless O(api_url) is given.
      - Environment variable E(NETEX_TENANT).
    type: str
  api_url:
    description:
      - Scheme, host, port and any prefix before C(/integration/ws/management/rest), instead of the host of O(tenant).
      - Netex recommends an integration domain of its own for production. Give it here.
      - Environment variable E(NETEX_API_URL).
    type: str
  auth_token:
    description:
      - The token that netexCloud shows under "Your account". It is sent as the header C(X-Cloud-Auth-Token).
      - It must be given here or by the environment.
      - Environment variable E(NETEX_AUTH_TOKEN).
    type: str
  synchronization:
    description:
      - What a change waits for, sent as the header C(X-Cloud-Synchronization).
      - V(synchronous) waits until every platform of the tenant (training, social, play and so on) has carried the
        change out, and tells which of them failed.
      - V(asynchronous) returns once the change is queued. Whether a platform carries it out can be seen nowhere, so
        that nothing of what is queued is claimed to be verified.
      - Environment variable E(NETEX_SYNCHRONIZATION).
    type: str
    choices: [synchronous, asynchronous]
    default: synchronous
  timeout:
    description:
      - Seconds to wait for a connection, and then for each further part of an answer.
      - A whole answer may take ten times as long.
      - Environment variable E(NETEX_TIMEOUT).
    type: float
    default: 30.0
  retries:
    description:
      - How often a request is sent again at most.
      - Sent again are reads after a lost connection or the status 429, 500, 502, 503 or 504, and writes when they
        certainly were not carried out. Where the answer to a write was lost, the account is read first.
      - Environment variable E(NETEX_RETRIES).
    type: int
    default: 5
  retry_budget:
    description:
      - Seconds that the whole task may spend waiting before it sends or looks again.
      - The vendor's C(Retry-After) is honoured. One that asks for more than what is left ends the attempt at once.
      - Environment variable E(NETEX_RETRY_BUDGET).
    type: float
    default: 120.0
  requests_per_second:
    description:
      - The most requests to send in a second, all threads together.
      - Without it there is no limit, since the vendor documents none.
      - Environment variable E(NETEX_REQUESTS_PER_SECOND).
    type: float
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 128.
      - Environment variable E(NETEX_CONCURRENCY).
    type: int
    default: 16
  validate_certs:
    description:
      - Whether the servers' certificates are checked. With V(false) nobody checks who gets the credential, and the
        task warns of it.
      - Environment variable E(NETEX_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A file or a folder with the certificates of the authorities to trust, instead of those that come with Python.
      - Without it E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are honoured.
      - Environment variable E(NETEX_CA_PATH).
    type: path
requirements:
  - python >= 3.11
  - requests >= 2.32.2
  - urllib3 >= 2.6
attributes:
  action_group:
    description: The group whose C(module_defaults) set its options.
    support: full
    membership:
      - saas.offboarding.netex
"""
