# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A script with requests, one request after another, as a careful author writes it.

It does not look again whether the accounts are closed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import requests

SCOPE = "openid urn:zitadel:iam:org:project:id:zitadel:aud"
TIMEOUT = 30


def main(leavers: str) -> None:
    api = os.environ["ZITADEL_API_URL"]
    session = requests.Session()
    session.trust_env = False
    login = session.post(
        os.environ["ZITADEL_TOKEN_URL"],
        {"grant_type": "client_credentials", "scope": SCOPE},
        auth=(quote_plus(os.environ["ZITADEL_CLIENT_ID"]), quote_plus(os.environ["ZITADEL_CLIENT_SECRET"])),
        timeout=TIMEOUT,
    )
    login.raise_for_status()
    session.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
    for email in json.loads(Path(leavers).read_text()):
        equal = {"emailQuery": {"emailAddress": email, "method": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"}}
        search = {"query": {"limit": 2, "asc": True}, "queries": [equal]}
        found = session.post(f"{api}/v2/users", json=search, timeout=TIMEOUT)
        found.raise_for_status()
        accounts = found.json().get("result", [])
        if len(accounts) != 1:
            sys.exit(f"{email}: {len(accounts)} accounts")
        if accounts[0]["state"] == "USER_STATE_ACTIVE":
            address = f"{api}/v2/users/{quote(accounts[0]['userId'], safe='')}/deactivate"
            session.post(address, json={}, timeout=TIMEOUT).raise_for_status()


if __name__ == "__main__":
    main(*sys.argv[1:])
