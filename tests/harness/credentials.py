# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Secrets that must never be shown: credentials of the mock vendors' tenants, and password hashes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_vendors.client import MockVendors

SECRETS = (
    "client_secret",
    "access_token",
    "other_access_token",
    "auth_token",
    "api_secret",
    "basic_password",
    "api_key",
)
HEADERS = ("authorization", "x-cloud-auth-token")


def credentials(mock: MockVendors) -> set[str]:
    """What the mock was started with, has issued, what it was sent since its log was cleared, what it holds."""
    tenants = [tenant for tenant in mock.ready.values() if isinstance(tenant, dict)]
    known = {tenant[name] for tenant in tenants for name in SECRETS if name in tenant}
    issued = {token for tokens in mock.tokens().values() for token in tokens}
    sent = {
        value.split()[-1]
        for request in mock.log()
        for name, value in request["headers"].items()
        if name.lower() in HEADERS and value.strip()
    }
    hashes = {account["password"] for account in mock.state("netex").values()}
    return known | issued | sent | hashes | private_key_lines(mock)


def private_key_lines(mock: MockVendors) -> set[str]:
    """The private key by lines, since line ends are written in many ways."""
    key: str = json.loads(mock.ready["zitadel"]["key_content"])["key"]
    return {line for line in key.splitlines() if line and not line.startswith("-----")}
