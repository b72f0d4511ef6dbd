# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CustomerGauge: where the tenant is and how to log in."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region of the tenant, which tells the hosts C(api.REGION.customergauge.com) and
        C(auth.REGION.customergauge.com). The address at which people log in shows it.
      - Required, unless O(api_url) is given, which with O(client_id) needs O(token_url) beside it.
      - Environment variable E(CUSTOMERGAUGE_REGION).
    type: str
    choices: [eu, us, au]
  client_id:
    description:
      - The client id of a connected app, which an administrator creates in CustomerGauge under Integrations.
      - Give either O(client_id) and O(client_secret), or O(access_token).
      - Environment variable E(CUSTOMERGAUGE_CLIENT_ID).
    type: str
  client_secret:
    description:
      - The secret of the connected app.
      - Environment variable E(CUSTOMERGAUGE_CLIENT_SECRET).
    type: str
  access_token:
    description:
      - A token that was obtained elsewhere. It is used as it is and never renewed. CustomerGauge's tokens live up to
        an hour.
      - Environment variable E(CUSTOMERGAUGE_ACCESS_TOKEN).
    type: str
  api_url:
    description:
      - Scheme, host, port and any prefix before C(/v5/user-manager), instead of the host of O(region).
      - Environment variable E(CUSTOMERGAUGE_API_URL).
    type: str
  token_url:
    description:
      - The whole address that hands out tokens, instead of C(/oauth2/token) at the host of O(region).
      - Environment variable E(CUSTOMERGAUGE_TOKEN_URL).
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and then for each further part of an answer.
      - A whole answer may take ten times as long.
      - Environment variable E(CUSTOMERGAUGE_TIMEOUT).
    type: float
    default: 30.0
  retries:
    description:
      - How often a request is sent again at most.
      - Sent again are reads after a lost connection or the status 429, 500, 502, 503 or 504, and writes when they
        certainly were not carried out. Where the answer to a write was lost, it is sent again, since nothing can be
        read.
      - Environment variable E(CUSTOMERGAUGE_RETRIES).
    type: int
    default: 5
  retry_budget:
    description:
      - Seconds that the whole task may spend waiting before it sends or looks again.
      - The vendor's C(Retry-After) is honoured. One that asks for more than what is left ends the attempt at once.
      - Environment variable E(CUSTOMERGAUGE_RETRY_BUDGET).
    type: float
    default: 120.0
  requests_per_second:
    description:
      - The most requests to send in a second, all threads together.
      - Without it there is no limit, since the vendor documents none.
      - Environment variable E(CUSTOMERGAUGE_REQUESTS_PER_SECOND).
    type: float
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 128.
      - Environment variable E(CUSTOMERGAUGE_CONCURRENCY).
    type: int
    default: 16
  validate_certs:
    description:
      - Whether the servers' certificates are checked. With V(false) nobody checks who gets the credential, and the
        task warns of it.
      - Environment variable E(CUSTOMERGAUGE_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A file or a folder with the certificates of the authorities to trust, instead of those that come with Python.
      - Without it E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are honoured.
      - Environment variable E(CUSTOMERGAUGE_CA_PATH).
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
      - saas.offboarding.customergauge
"""
