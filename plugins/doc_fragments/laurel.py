# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laurel: where the tenant is and how to log in."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  customer_id:
    description:
      - The customer's id at Laurel, which Laurel hands out with the client id and secret.
      - Environment variable E(LAUREL_CUSTOMER_ID).
    type: str
    required: true
  client_id:
    description:
      - The client id that Laurel has handed out.
      - Give either O(client_id) and O(client_secret), or O(access_token).
      - Environment variable E(LAUREL_CLIENT_ID).
    type: str
  client_secret:
    description:
      - The secret that belongs to O(client_id).
      - Environment variable E(LAUREL_CLIENT_SECRET).
    type: str
  access_token:
    description:
      - A token that was obtained elsewhere. It is used as it is and never renewed.
      - Environment variable E(LAUREL_ACCESS_TOKEN).
    type: str
  api_url:
    description:
      - Scheme, host, port and any prefix before C(/api/v1/customers).
      - Environment variable E(LAUREL_API_URL).
    type: str
    default: https://identity.laurel.ai
  token_url:
    description:
      - The whole address that hands out tokens. Without it, C(/api/v1/oauth/token) at O(api_url).
      - Environment variable E(LAUREL_TOKEN_URL).
    type: str
  audience:
    description:
      - The audience that a token is asked for.
      - Environment variable E(LAUREL_AUDIENCE).
    type: str
    default: https://timeautomation.com
  timeout:
    description:
      - Seconds to wait for a connection, and then for each further part of an answer.
      - A whole answer may take ten times as long.
      - Environment variable E(LAUREL_TIMEOUT).
    type: float
    default: 30.0
  retries:
    description:
      - How often a request is sent again at most.
      - Sent again are reads after a lost connection or the status 429, 500, 502, 503 or 504, and writes when they
        certainly were not carried out. Where the answer to a write was lost, the account is read first.
      - Environment variable E(LAUREL_RETRIES).
    type: int
    default: 5
  retry_budget:
    description:
      - Seconds that the whole task may spend waiting before it sends or looks again.
      - The vendor's C(Retry-After) is honoured. One that asks for more than what is left ends the attempt at once.
      - Environment variable E(LAUREL_RETRY_BUDGET).
    type: float
    default: 120.0
  requests_per_second:
    description:
      - The most requests to send in a second, all threads together.
      - Without it there is no limit, since the vendor documents none.
      - Environment variable E(LAUREL_REQUESTS_PER_SECOND).
    type: float
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 128.
      - Environment variable E(LAUREL_CONCURRENCY).
    type: int
    default: 16
  validate_certs:
    description:
      - Whether the servers' certificates are checked. With V(false) nobody checks who gets the credential, and the
        task warns of it.
      - Environment variable E(LAUREL_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A file or a folder with the certificates of the authorities to trust, instead of those that come with Python.
      - Without it E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are honoured.
      - Environment variable E(LAUREL_CA_PATH).
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
      - saas.offboarding.laurel
"""
