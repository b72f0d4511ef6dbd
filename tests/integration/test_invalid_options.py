# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Invalid options: an error that names the option, no request, and a result of the documented shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from harness.convergence import assert_no_secret
from harness.playbook import Ansible, TaskResult
from harness.scenes import assert_shape
from mock_vendors.client import MockVendors

# A key that each module takes beside the e-mail, where there is one.
OTHER_KEY = {"zitadel": "user_id", "laurel": "user_id", "netex": "username", "learn": "ref"}
# What is lacking when nothing says where the tenant is.
ADDRESS = {
    "customergauge": "region",
    "zitadel": "api_url",
    "laurel": "customer_id",
    "netex": "tenant",
    "learn": "environment",
}
NO_ADDRESS = {
    "customergauge": {"CUSTOMERGAUGE_API_URL": ""},
    "zitadel": {"ZITADEL_API_URL": ""},
    "laurel": {"LAUREL_CUSTOMER_ID": ""},
    "netex": {"NETEX_API_URL": ""},
    "learn": {"LEARN_API_URL": ""},
}
NO_LOGIN = {
    "customergauge": {"CUSTOMERGAUGE_CLIENT_ID": "", "CUSTOMERGAUGE_CLIENT_SECRET": ""},
    "zitadel": {"ZITADEL_CLIENT_ID": "", "ZITADEL_CLIENT_SECRET": ""},
    "laurel": {"LAUREL_CLIENT_ID": "", "LAUREL_CLIENT_SECRET": ""},
    "netex": {"NETEX_AUTH_TOKEN": ""},
    "learn": {"LEARN_API_SECRET": ""},
}
LOGIN = {
    "customergauge": "client_secret",
    "zitadel": "client_secret",
    "laurel": "client_secret",
    "netex": "auth_token",
    "learn": "api_secret",
}
JANE = {"email": "jane@example.com"}

Case = tuple[str, Mapping[str, Any], tuple[str, ...]]

# Name of the case, options, and what the error must say. First, what is asked of every module.
EVERYWHERE: list[Case] = [
    ("No state", {"state": None, **JANE}, ("state",)),
    ("No user", {}, ("email", "users")),
    ("Empty users", {"users": []}, ("users",)),
    ("Both forms", {**JANE, "users": [{"email": "john@example.com"}]}, ("email", "users")),
    ("No e-mail", {"users": [JANE, {"email": "jane@"}]}, ("entry 2", "email", "jane@")),
    (
        "The same user twice",
        {"users": [JANE, {"email": "a@example.com"}, {"email": "JANE@Example.com"}]},
        ("1", "3", "email"),
    ),
    ("No time", {**JANE, "timeout": 0}, ("timeout",)),
    ("No thread", {**JANE, "concurrency": 0}, ("concurrency",)),
    ("No such CA file", {**JANE, "ca_path": "/no/such/ca.pem"}, ("ca_path", "/no/such/ca.pem")),
    ("Plain http", {**JANE, "api_url": "http://api.example.com"}, ("api_url", "https")),
]
# Then, what is the same for all: each is asked of one module.
ANYWHERE: list[Case] = [
    ("Unknown state", {"state": "closed", **JANE}, ("state", "closed")),
    ("Unknown option", {**JANE, "e_mail": "jane@example.com"}, ("e_mail",)),
    ("An entry without a key", {"users": [JANE, {}]}, ("entry 2", "email")),
    ("An entry with an unknown key", {"users": [{"mail": "jane@example.com"}]}, ("users", "mail")),
    ("Both forms, empty users", {**JANE, "users": []}, ("users",)),
    ("No e-mail at the top", {"email": "jane.example.com"}, ("email", "jane.example.com")),
    ("Two e-mails in one", {"email": "jane@example.com, john@example.com"}, ("email",)),
    ("An empty key", {"email": ""}, ("email", "empty")),
    ("A line end in a key", {"email": "jane@example.com\nx"}, ("email",)),
    ("A very long key", {"email": "j" * 300 + "@example.com"}, ("email", "312")),
    ("Time that is no number", {**JANE, "timeout": "soon"}, ("timeout",)),
    ("Negative retries", {**JANE, "retries": -1}, ("retries",)),
    ("Negative budget", {**JANE, "retry_budget": -1}, ("retry_budget",)),
    ("No request a second", {**JANE, "requests_per_second": 0}, ("requests_per_second",)),
    ("Too many threads", {**JANE, "concurrency": 1000}, ("concurrency", "128")),
    ("Negative volume", {**JANE, "max_changes": -1}, ("max_changes",)),
    ("No plan", {**JANE, "plan_hash": "approved"}, ("plan_hash",)),
    ("An empty entry in protected", {**JANE, "protected": ["boss@example.com", ""]}, ("protected",)),
    ("Unknown reaction", {**JANE, "on_missing": "shrug"}, ("on_missing",)),
    ("No address at all", {**JANE, "api_url": "api.example.com"}, ("api_url",)),
    ("An address with a password", {**JANE, "api_url": "https://me:pw@api.example.com"}, ("api_url",)),
    ("An address with a query", {**JANE, "api_url": "https://api.example.com/?a=b"}, ("api_url",)),
]
TOKEN_URLS: list[Case] = [
    ("Plain http for tokens", {**JANE, "token_url": "http://auth.example.com/token"}, ("token_url", "https")),
]
TWO_METHODS: Case = (
    "Two ways to log in",
    {**JANE, "access_token": "given-elsewhere", "client_id": "me", "client_secret": "my-secret"},
    ("client_id", "access_token"),
)
OWN: dict[str, list[Case]] = {
    "customergauge": [
        *TOKEN_URLS,
        ("Unknown region", {**JANE, "region": "mars"}, ("region", "mars")),
        TWO_METHODS,
        ("A state of others", {**JANE, "state": "absent"}, ("state", "absent")),
    ],
    "zitadel": [
        *TOKEN_URLS,
        TWO_METHODS,
        (
            "No such key file",
            {**JANE, "client_id": "", "client_secret": "", "key_file": "/no/such/key.json"},
            ("key_file",),
        ),
        (
            "A key that is none",
            {**JANE, "client_id": "", "client_secret": "", "key_content": "not json"},
            ("key_content",),
        ),
        (
            "Half a key",
            {**JANE, "client_id": "", "client_secret": "", "key_content": '{"keyId": "1"}'},
            ("key_content", "userId"),
        ),
        ("A path for an id", {"user_id": ".."}, ("user_id",)),
        ("A state of others", {**JANE, "state": "present"}, ("state", "present")),
    ],
    "laurel": [
        *TOKEN_URLS,
        TWO_METHODS,
        ("Half an identity", {"identity": {"type": "azure"}}, ("identity", "value")),
        ("A state without attributes", {**JANE, "state": "present"}, ("present",)),
        ("An attribute without its state", {**JANE, "nickname": "J"}, ("nickname",)),
        (
            "A new address that is none",
            {"user_id": "a" * 24, "state": "present", "email": "mailto:jane@example.com"},
            ("email", "mailto:"),
        ),
        (
            "Attributes of another version",
            {"user_id": "a" * 24, "state": "present", "delegate_ids": []},
            ("delegate_ids", "v1"),
        ),
        (
            "And the other way",
            {"user_id": "a" * 24, "state": "present", "api_version": "v1", "delegates": []},
            ("delegates", "v2"),
        ),
        ("A customer that is none", {**JANE, "customer_id": "../other"}, ("customer_id",)),
        ("A state of others", {**JANE, "state": "locked"}, ("state", "locked")),
    ],
    "netex": [
        ("A message without its state", {**JANE, "state": "active", "message": "Hello"}, ("message",)),
        ("Unknown synchronization", {**JANE, "synchronization": "later"}, ("synchronization",)),
        ("A tenant that is none", {**JANE, "api_url": "", "tenant": "other.host/"}, ("tenant",)),
        ("A token with a line end", {**JANE, "auth_token": "token-with\na-line-end"}, ("auth_token",)),
        ("White space around a key", {"username": " jane"}, ("username",)),
        ("A state of others", {**JANE, "state": "locked"}, ("state", "locked")),
    ],
    "learn": [
        (
            "Plain http for tokens",
            {**JANE, "client_secret": "my-secret", "token_url": "http://auth.example.com/token"},
            ("token_url", "https"),
        ),
        ("Unknown environment", {**JANE, "environment": "moon"}, ("environment", "moon")),
        (
            "Two ways to log in",
            {**JANE, "api_secret": "my-secret", "access_token": "given-elsewhere"},
            ("api_secret", "access_token"),
        ),
        ("A secret without its tenant", {**JANE, "tenant_id": ""}, ("tenant_id",)),
        (
            "Plain http for events",
            {**JANE, "webhook_url": "http://user.example.com/webhooks"},
            ("webhook_url", "https"),
        ),
        ("A date that is none", {**JANE, "end_date": "tomorrow"}, ("end_date", "tomorrow")),
        (
            "A moment without zone",
            {"users": [JANE, {"ref": "R1", "end_date": "2024-06-30T17:00:00"}]},
            ("entry 2", "end_date"),
        ),
        ("A date without its state", {**JANE, "state": "absent", "end_date": "2024-06-30"}, ("end_date",)),
        ("A state of others", {**JANE, "state": "locked"}, ("state", "locked")),
    ],
}


def two_keys(vendor: str) -> list[Case]:
    if vendor not in OTHER_KEY:
        return []
    both = {**JANE, OTHER_KEY[vendor]: "jane"}
    return [
        ("Two keys", both, ("email", OTHER_KEY[vendor])),
        (
            "Two keys in an entry",
            {"users": [JANE, {**both, "email": "a@example.com"}]},
            ("entry 2", "email", OTHER_KEY[vendor]),
        ),
        ("The same key twice", {"users": [{OTHER_KEY[vendor]: "jane"}] * 2}, ("1", "2", OTHER_KEY[vendor])),
    ]


@pytest.mark.parametrize("vendor", list(ADDRESS))
def test_bad_input(ansible: Ansible, mock: MockVendors, vendor: str) -> None:
    place = list(ADDRESS).index(vendor)
    cases = [*EVERYWHERE, *ANYWHERE[place :: len(ADDRESS)], *two_keys(vendor), *OWN[vendor]]
    expected = {name: texts for name, _options, texts in cases}
    tasks = [task(vendor, name, options) for name, options, _texts in cases]
    tasks += [
        {**task(vendor, "No address", JANE), "environment": NO_ADDRESS[vendor]},
        {**task(vendor, "No credential", JANE), "environment": NO_LOGIN[vendor]},
        {**task(vendor, "In check mode too", {"users": []}), "check_mode": True},
    ]
    address, login = ADDRESS[vendor], LOGIN[vendor]
    required = vendor in ("zitadel", "laurel")
    expected["No address"] = (address,) if required else (address, f"{vendor}_{address}".upper())
    expected["No credential"] = (login, f"{vendor}_{login}".upper())
    expected["In check mode too"] = ("users",)
    run = ansible.run(tasks, diff=True, verbosity=3, env=mock.environment())
    assert run.rc == 0, str(run)
    assert_no_secret(run, mock)
    assert "Traceback" not in run.everything
    assert mock.log() == [], [one.task for one in run.tasks if one.result["requests"]["sent"]]
    for name, texts in expected.items():
        one = run.result(name)
        assert_refused(one)
        for text in texts:
            assert text in one.msg, f"{name}: {one.msg}"


def task(vendor: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    module = f"saas.offboarding.{vendor}_user"
    return {"name": name, module: {"state": "deactivated", **options}, "ignore_errors": True}


def assert_refused(one: TaskResult) -> None:
    assert one.failed, one.task
    assert_shape(one)
    assert one.users == []
    assert one.warnings == []
    assert not one.changed
    assert one.result["summary"]["requested"] == 0
    assert one.result["requests"] == {"sent": 0, "retried": 0, "tokens": 0}
    assert one.diff == {"before": {}, "after": {}}


def test_a_whole_play_without_environment(ansible: Ansible) -> None:
    """Nothing set anywhere: each module says what it needs."""
    run = ansible.run([task(vendor, vendor, JANE) for vendor in ADDRESS])
    for vendor in ADDRESS:
        assert_refused(run.result(vendor))
        assert any(text in run.result(vendor).msg for text in (ADDRESS[vendor], LOGIN[vendor]))
