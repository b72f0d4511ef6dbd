# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCIM 2.0: where the service provider is and how to log in."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - The base address of the service provider, up to and without C(/Users), as in V(https://example.com/scim/v2).
      - It must be given here or by the environment.
      - Environment variable E(SCIM_API_URL).
    type: str
    required: true
  access_token:
    description:
      - The bearer token, as the service provider's administration hands it out. It is used as it is and never renewed.
      - It must be given here or by the environment.
      - Environment variable E(SCIM_ACCESS_TOKEN).
    type: str
    required: true
  timeout:
    description:
      - Seconds to wait for a connection, and then for each further part of an answer.
      - A whole answer may take ten times as long.
      - Environment variable E(SCIM_TIMEOUT).
    type: float
    default: 30.0
  retries:
    description:
      - How often a request is sent again at most.
      - Sent again are reads after a lost connection or the status 429, 500, 502, 503 or 504, and writes when they
        certainly were not carried out. Where the answer to a write was lost, the account is read first.
      - Environment variable E(SCIM_RETRIES).
    type: int
    default: 5
  retry_budget:
    description:
      - Seconds that the whole task may spend waiting before it sends or looks again.
      - The vendor's C(Retry-After) is honoured. One that asks for more than what is left ends the attempt at once.
      - Environment variable E(SCIM_RETRY_BUDGET).
    type: float
    default: 120.0
  requests_per_second:
    description:
      - The most requests to send in a second, all threads together.
      - Without it there is no limit, since RFC 7644 has none.
      - Environment variable E(SCIM_REQUESTS_PER_SECOND).
    type: float
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 128.
      - Environment variable E(SCIM_CONCURRENCY).
    type: int
    default: 16
  validate_certs:
    description:
      - Whether the servers' certificates are checked. With V(false) nobody checks who gets the credential, and the
        task warns of it.
      - Environment variable E(SCIM_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A file or a folder with the certificates of the authorities to trust, instead of those that come with Python.
      - Without it E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are honoured.
      - Environment variable E(SCIM_CA_PATH).
    type: path
requirements:
  - python >= 3.11
  - requests
attributes:
  action_group:
    description: The action group whose C(module_defaults) set options of this module.
    support: full
    membership:
      - saas.offboarding.scim
"""
