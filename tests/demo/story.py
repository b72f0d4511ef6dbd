# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Who has which account when the demo begins, and how the mock vendors' vendors write down that one is closed."""

from __future__ import annotations

from typing import Any

from mock_vendors.catalog import MOCKS

VENDORS = tuple(MOCKS)
LEAVERS = [f"leaver{number:02}@example.com" for number in range(1, 13)]
ALREADY_CLOSED = "leaver02@example.com"
WITHOUT_ACCOUNT = "leaver03@example.com"
NOT_DUE = "leaver04@example.com"
COLLEAGUE = "colleague01@example.com"

# How the mock vendors write down that an account is in use, and that it is closed.
OPEN = {vendor: mock.opened for vendor, mock in MOCKS.items()}
CLOSED = {vendor: mock.closed for vendor, mock in MOCKS.items()}

FAILING = "laurel"
WRITES_BEFORE_THE_FAULT = 4

Accounts = dict[str, list[dict[str, Any]]]


def accounts() -> Accounts:
    """Every leaver but one has an account at each vendor, and so has a colleague who stays."""
    people = [email for email in [*LEAVERS, COLLEAGUE] if email != WITHOUT_ACCOUNT]
    return {vendor: [account(vendor, email) for email in people] for vendor in VENDORS}


def account(vendor: str, email: str) -> dict[str, Any]:
    return names(vendor, email) | (CLOSED if email == ALREADY_CLOSED else OPEN)[vendor]


def names(vendor: str, email: str) -> dict[str, Any]:
    """What an account goes by."""
    return MOCKS[vendor].named(email)


def address(vendor: str, native: dict[str, Any]) -> str:
    return MOCKS[vendor].address(native)


def is_closed(vendor: str, native: dict[str, Any]) -> bool:
    return MOCKS[vendor].is_closed(native)


def closed_at(vendor: str, accounts: dict[str, dict[str, Any]]) -> set[str]:
    """The e-mails of the accounts that the mock vendors hold as closed at a vendor."""
    return {address(vendor, native) for native in accounts.values() if is_closed(vendor, native)}


def closed_accounts(state: dict[str, dict[str, dict[str, Any]]]) -> set[tuple[str, str]]:
    """(vendor, e-mail) of every account that the mock vendors hold as closed."""
    return {(vendor, email) for vendor in VENDORS for email in closed_at(vendor, state[vendor])}
