# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ZITADEL: where the tenant is and how to log in."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - The address of the instance, such as V(https://example.us1.zitadel.cloud). Scheme, host, port and any prefix
        before C(/v2/users).
      - Environment variable E(ZITADEL_API_URL).
    type: str
    required: true
  access_token:
    description:
      - A personal access token of a service account, or a token that was obtained elsewhere.
      - Give exactly one of O(access_token), O(client_id) with O(client_secret), O(key_file) and O(key_content).
        A way that is given
        by options wins over one that is given by environment variables alone.
      - Environment variable E(ZITADEL_ACCESS_TOKEN).
    type: str
  client_id:
    description:
      - The client id of a service account, for the client credentials grant.
      - Environment variable E(ZITADEL_CLIENT_ID).
    type: str
  client_secret:
    description:
      - The client secret of the service account.
      - Environment variable E(ZITADEL_CLIENT_SECRET).
    type: str
  key_file:
    description:
      - A file with the JSON key of a service account, for the private key JWT grant.
      - Environment variable E(ZITADEL_KEY_FILE).
    type: path
  key_content:
    description:
      - The JSON key itself, where it is kept in a vault or an AWX credential.
      - Environment variable E(ZITADEL_KEY_CONTENT).
    type: json
  token_url:
    description:
      - The whole address that hands out tokens. Without it, C(/oauth/v2/token) at O(api_url).
      - Environment variable E(ZITADEL_TOKEN_URL).
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and then for each further part of an answer.
      - A whole answer may take ten times as long.
      - Environment variable E(ZITADEL_TIMEOUT).
    type: float
    default: 30.0
  retries:
    description:
      - How often a request is sent again at most.
      - Sent again are reads after a lost connection or the status 429, 500, 502, 503 or 504, and writes when they
        certainly were not carried out. Where the answer to a write was lost, the account is read first.
      - Environment variable E(ZITADEL_RETRIES).
    type: int
    default: 5
  retry_budget:
    description:
      - Seconds that the whole task may spend waiting before it sends or looks again.
      - The vendor's C(Retry-After) is honoured. One that asks for more than what is left ends the attempt at once.
      - Environment variable E(ZITADEL_RETRY_BUDGET).
    type: float
    default: 120.0
  requests_per_second:
    description:
      - The most requests to send in a second, all threads together.
      - Without it the limit is 50 at hosts under C(zitadel.cloud), which is L(what ZITADEL Cloud
        allows,https://zitadel.com/docs/legal/policies/rate-limit-policy), and none elsewhere.
      - Environment variable E(ZITADEL_REQUESTS_PER_SECOND).
    type: float
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 128.
      - Environment variable E(ZITADEL_CONCURRENCY).
    type: int
    default: 16
  validate_certs:
    description:
      - Whether the servers' certificates are checked. With V(false) nobody checks who gets the credential, and the
        task warns of it.
      - Environment variable E(ZITADEL_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A file or a folder with the certificates of the authorities to trust, instead of those that come with Python.
      - Without it E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are honoured.
      - Environment variable E(ZITADEL_CA_PATH).
    type: path
requirements:
  - python >= 3.11
  - requests >= 2.32.2
  - urllib3 >= 2.6
  - PyJWT and cryptography, for O(key_file) and O(key_content)
attributes:
  action_group:
    description: The group whose C(module_defaults) set its options.
    support: full
    membership:
      - saas.offboarding.zitadel
"""
