# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thrive Learning: where the tenant is and how to log in."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  environment:
    description:
      - Where the tenant lives, which tells the hosts of the API and of the events.
      - V(production) is C(public.api.learn.link) and C(user.api.learn.link).
      - V(production_mea) is C(public.api.mea.learn.tech) and C(user.api.mea.learn.tech).
      - V(staging) is C(public.api.learnstaging.link) and C(user.api.learnstaging.link).
      - V(staging_mea) is C(public.api.meastaging.learn.tech) and C(user.api.meastaging.learn.tech).
      - Required, unless O(api_url) is given.
      - Environment variable E(LEARN_ENVIRONMENT).
    type: str
    choices: [production, production_mea, staging, staging_mea]
  api_url:
    description:
      - Scheme, host, port and any prefix before C(/rest/v1), instead of the API host of O(environment).
      - Events have an address of their own. With this option, re-activating a user needs O(webhook_url) too.
      - Environment variable E(LEARN_API_URL).
    type: str
  tenant_id:
    description:
      - The tenant's id, such as V(eu-west-2_AbcdEfghI). It differs between environments, and between the domains of a
        site that has several.
      - Required with O(api_secret) and with O(client_secret).
      - Environment variable E(LEARN_TENANT_ID).
    type: str
  api_secret:
    description:
      - The API secret, for HTTP Basic with O(tenant_id) as the user name.
      - Give exactly one of O(api_secret), O(client_secret) and O(access_token). A way that is given
        by options wins over one that is given by environment variables alone.
      - Environment variable E(LEARN_API_SECRET).
    type: str
  client_id:
    description:
      - The client id for OAuth2. Without it, O(tenant_id) is sent.
      - Environment variable E(LEARN_CLIENT_ID).
    type: str
  client_secret:
    description:
      - The client secret for OAuth2 client credentials.
      - Environment variable E(LEARN_CLIENT_SECRET).
    type: str
  scope:
    description:
      - The scopes that a token is asked for, separated by spaces. V(api/all), or V(api/read api/write).
      - The token for events is asked for with V(api/all) where this is among them, else with V(api/webhooks).
      - Environment variable E(LEARN_SCOPE).
    type: str
    default: api/all
  access_token:
    description:
      - A token that was obtained elsewhere, used as it is and never renewed. It is sent to the host of the events
        too.
      - Environment variable E(LEARN_ACCESS_TOKEN).
    type: str
  token_url:
    description:
      - The whole address that hands out tokens for the API. Without it, C(/oauth2/token/TENANT_ID) at the API's host.
      - Environment variable E(LEARN_TOKEN_URL).
    type: str
  webhook_url:
    description:
      - The whole address that takes provisioning events, which only re-activating a user needs. Without it, and
        without O(api_url), C(/webhooks) at the events' host of O(environment).
      - Environment variable E(LEARN_WEBHOOK_URL).
    type: str
  webhook_token_url:
    description:
      - The whole address that hands out tokens for events. Without it, C(/oauth2/token/TENANT_ID) at the host of
        O(webhook_url).
      - Environment variable E(LEARN_WEBHOOK_TOKEN_URL).
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and then for each further part of an answer.
      - A whole answer may take ten times as long.
      - Environment variable E(LEARN_TIMEOUT).
    type: float
    default: 30.0
  retries:
    description:
      - How often a request is sent again at most.
      - Sent again are reads after a lost connection or the status 429, 500, 502, 503 or 504, and writes when they
        certainly were not carried out. Where the answer to a write was lost, the account is read first.
      - Environment variable E(LEARN_RETRIES).
    type: int
    default: 5
  retry_budget:
    description:
      - Seconds that the whole task may spend waiting before it sends or looks again.
      - The vendor's C(Retry-After) is honoured. One that asks for more than what is left ends the attempt at once.
      - Environment variable E(LEARN_RETRY_BUDGET).
    type: float
    default: 120.0
  requests_per_second:
    description:
      - The most requests to send in a second, all threads together.
      - Without it there is no limit, since the vendor documents none.
      - Environment variable E(LEARN_REQUESTS_PER_SECOND).
    type: float
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 128.
      - Environment variable E(LEARN_CONCURRENCY).
    type: int
    default: 16
  validate_certs:
    description:
      - Whether the servers' certificates are checked. With V(false) nobody checks who gets the credential, and the
        task warns of it.
      - Environment variable E(LEARN_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A file or a folder with the certificates of the authorities to trust, instead of those that come with Python.
      - Without it E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are honoured.
      - Environment variable E(LEARN_CA_PATH).
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
      - saas.offboarding.learn
"""
