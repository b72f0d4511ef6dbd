# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What stands for what in an example: addresses and credentials become the mock's, and who is named has an account."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
import yaml

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS as CATALOG
from demo.story import CLOSED
from mock_vendors.catalog import MOCKS
from mock_vendors.client import ADDRESS, LOGIN, MockVendors

VENDORS = tuple(LOGIN)
CREDENTIALS = (
    "access_token",
    "client_secret",
    "api_secret",
    "auth_token",
    "key_file",
    "key_content",
    "basic_password",
    "api_key",
)
KEYS = ("user_id", "login_name", "username", "email", "ref", "identity", "external_id")

MODULE = re.compile(rf"(?:group/)?saas\.offboarding\.({'|'.join(VENDORS)})(?:_user(?:_info)?)?$")
OPTION = re.compile(rf"(?:vault_)?({'|'.join(VENDORS)})_(?:\w+_)?({'|'.join((*CREDENTIALS, *ADDRESS, 'client_id'))})$")
TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
LOOKED_UP = re.compile(rf"builtin\.env', '((?:MY_)?({'|'.join(map(str.upper, VENDORS))})_(\w+))'")
SHORT = {"token": "access_token", "secret": "client_secret"}

UNKNOWN_USER = "nobody@example.com"
"""The address of a user without an account at any tenant."""

Accounts = dict[str, list[dict[str, Any]]]


# -- options


def options_in(data: Any, vendor: str | None = None) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """All connection options that an example gives: vendor, option, and where it stands."""
    if isinstance(data, list):
        for entry in data:
            yield from options_in(entry, vendor)
    elif isinstance(data, dict):
        for key, value in data.items():
            module = MODULE.match(str(key))
            variable = OPTION.match(str(key))
            if module:
                yield from options_in(value, module[1])
            elif vendor and key in (*ADDRESS, *CREDENTIALS):
                yield vendor, key, data, key
            elif variable and not str(key).startswith("vault_"):
                yield variable[1], variable[2], data, key
            else:
                yield from options_in(value, vendor)


def at_mock(data: Any, mock: MockVendors) -> None:
    """Make the addresses, and the ids of customers and tenants, those of the mock vendors."""
    for vendor, option, place, key in list(options_in(data)):
        if option in ADDRESS and not TEMPLATE.search(str(place[key])):
            place[key] = mock.ready[vendor][option]


def logins_left_out(data: Any) -> set[str]:
    """The vendors to which an example brings no credential: it takes that from the environment."""
    return set(VENDORS) - {vendor for vendor, option, _place, _key in options_in(data) if option in CREDENTIALS}


def login(mock: MockVendors, vendors: Iterable[str]) -> dict[str, str]:
    """The environment variables that log in to these vendors."""
    return {
        f"{vendor}_{option}".upper(): str(mock.ready[vendor][option]) for vendor in vendors for option in LOGIN[vendor]
    }


def addresses(mock: MockVendors) -> dict[str, str]:
    secret = set(login(mock, VENDORS))
    return {name: value for name, value in mock.environment().items() if name not in secret}


# -- what is kept in a vault


def variables(text: str, mock: MockVendors, place: Path) -> dict[str, str]:
    """The variables that templates take an option from: {{ vault_zitadel_access_token }}."""
    names = {name for template in TEMPLATE.findall(text) for name in re.findall(r"\w+", template)}
    found = {name: match for name in names if (match := OPTION.match(name))}
    return {name: option_of(mock, match[1], match[2], place) for name, match in found.items()}


def own_environment(text: str, mock: MockVendors, place: Path) -> dict[str, str]:
    """The environment variables that an example looks up itself: MY_ZITADEL_KEY_FILE."""
    values = {}
    for name, vendor, word in LOOKED_UP.findall(text):
        option = word.lower()
        values[name] = option_of(mock, vendor.lower(), SHORT.get(option, option), place)
    return values


def option_of(mock: MockVendors, vendor: str, option: str, place: Path) -> str:
    tenant = mock.ready[vendor]
    if option == "key_file":
        path = place / "key.json"
        path.write_text(tenant["key_content"], encoding="utf-8")
        return str(path)
    if option == "access_token" and option not in tenant:
        return _token(tenant)
    return str(tenant[option])


def _token(tenant: Mapping[str, str]) -> str:
    order = {name: tenant[name] for name in ("client_id", "client_secret", "audience") if name in tenant}
    order["grant_type"] = "client_credentials"
    body: dict[str, Any] = {"json": order} if "audience" in order else {"data": order}
    answer = requests.post(tenant["token_url"], timeout=30, **body)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


# -- accounts


class People:
    """Those who are named in examples, and have an account wherever they are named."""

    def __init__(self) -> None:
        self._accounts: dict[str, dict[str, dict[str, Any]]] = {vendor: {} for vendor in VENDORS}

    def add(self, vendor: str, key: str, value: Any) -> None:
        """Give a user an account. A user with two names (user name, e-mail) has one account."""
        if value == UNKNOWN_USER:
            return
        native = account(vendor, key, value)
        known = self._accounts[vendor]
        name = str(native.get("username") or native)
        known[name] = known.get(name, {}) | native

    def add_named(self, data: Any, vendor: str | None = None) -> None:
        """Those whom tasks and the role's variables name."""
        if isinstance(data, list):
            for entry in data:
                self.add_named(entry, vendor)
        elif isinstance(data, dict):
            for key, value in data.items():
                module = MODULE.match(str(key))
                if module:
                    self.add_named(value, module[1])
                elif vendor and key in KEYS and "{{" not in str(value):
                    # An attribute of `state: present` is no key.
                    if not (key == "email" and "user_id" in data):
                        self.add(vendor, key, value)
                elif key == "offboard_leavers" and isinstance(value, list):
                    self.add_leavers(value)
                else:
                    self.add_named(value, vendor)

    def add_leavers(self, leavers: Iterable[Mapping[str, Any]]) -> None:
        """The rows of a list of leavers, by each vendor's own key or by e-mail."""
        for leaver in leavers:
            keys = leaver.get("accounts") or leaver
            for vendor in VENDORS:
                key = keys.get(vendor) or {"email": leaver["email"]}
                for name, value in (key if isinstance(key, dict) else {CATALOG[vendor].plain_key: key}).items():
                    self.add(vendor, name, value)

    def accounts(self, closed: bool = False) -> Accounts:
        return {
            vendor: [native | (CLOSED[vendor] if closed else {}) for native in natives.values()]
            for vendor, natives in self._accounts.items()
        }


def leavers_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        return list(csv.DictReader(text.splitlines()))
    leavers: list[dict[str, Any]] = yaml.safe_load(text)
    return leavers


def account(vendor: str, key: str, value: Any) -> dict[str, Any]:
    """An account of the mock vendors that answers to a key."""
    return MOCKS[vendor].with_key(key, value)
