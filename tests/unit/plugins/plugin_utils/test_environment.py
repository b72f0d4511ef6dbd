# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Environment variables of one tenant: they go before the vendor's, and no credential reaches another tenant."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._environment import (
    TenantEnvironment,
    credential_options,
    environment_of,
    has_tenants,
)

ZITADEL, LEARN = VENDORS["zitadel"], VENDORS["learn"]
STAFF = {"ZITADEL_API_URL": "https://staff.example.com", "ZITADEL_ACCESS_TOKEN": "token-of-staff"}
PARTNERS = {
    "ZITADEL_PARTNERS_API_URL": "https://partners.example.com",
    "ZITADEL_PARTNERS_ACCESS_TOKEN": "token-of-partners",
}


def look(
    tenant: str, hosts: Mapping[str, bool], environ: Mapping[str, str], vendor: str = "zitadel"
) -> tuple[TenantEnvironment, list[str]]:
    faults: list[str] = []
    return environment_of(VENDORS[vendor], tenant, hosts, environ, faults), faults


def seen(own: TenantEnvironment, environ: Mapping[str, str]) -> dict[str, str]:
    """What the process of a tenant's module has in its environment."""
    return {name: value for name, value in environ.items() if name not in own.hidden}


def test_a_tenant_with_environment_variables_uses_none_of_its_vendor() -> None:
    own, faults = look("partners", {"staff": False, "partners": False}, {**STAFF, **PARTNERS})

    assert faults == []
    assert own.options == {"api_url": "https://partners.example.com", "access_token": "token-of-partners"}
    assert not STAFF.keys() & seen(own, STAFF).keys()
    assert "token-of-partners" not in repr(own)


def test_one_tenant_may_be_without() -> None:
    environ = {**STAFF, **PARTNERS}
    own, faults = look("staff", {"staff": False, "partners": False}, environ)

    assert (faults, own.options) == ([], {})
    assert seen(own, environ) == STAFF


def test_one_variable_is_enough_and_an_empty_one_is_none() -> None:
    """AWX injects an empty text for an input that was left out."""
    hosts = {"staff": False, "partners": False}
    one, _faults = look("partners", hosts, {**STAFF, "ZITADEL_PARTNERS_TIMEOUT": "5"})
    assert one.options == {"timeout": "5"}
    assert seen(one, STAFF) == {}
    assert look("partners", hosts, {**STAFF, "ZITADEL_PARTNERS_TIMEOUT": ""}) == (TenantEnvironment(), [])


def test_without_variables_of_a_tenant_all_is_as_it_was() -> None:
    hosts = {"a-b": False, "a_b": False, "c": False}
    assert look("a-b", hosts, STAFF) == (TenantEnvironment(), [])
    assert not has_tenants(ZITADEL, STAFF)
    assert has_tenants(ZITADEL, PARTNERS)
    assert not has_tenants(LEARN, {"LEARN_WEBHOOK_TOKEN_URL": "https://x.example.com", "LEARN_A_SCOPE": ""})


def test_more_than_one_without_is_an_error_that_names_them() -> None:
    hosts = {"staff": False, "partners": False, "third": False, "vaulted": True}
    for tenant in hosts:
        _own, faults = look(tenant, hosts, {**STAFF, **PARTNERS})
        (fault,) = faults
        assert fault == (
            "staff, third have no environment variable of their own, while partners has: ZITADEL_<OPTION> is for one "
            "tenant of zitadel at most. Nothing was sent. Set ZITADEL_<TENANT>_<OPTION> for the others, or give them "
            "their credentials as host variables."
        )


def test_a_tenant_with_a_credential_in_host_variables_uses_none_of_its_vendor() -> None:
    hosts = {"staff": False, "partners": False, "vaulted": True}
    own, faults = look("vaulted", hosts, {**STAFF, **PARTNERS})

    assert (faults, own.options) == ([], {})
    assert seen(own, {**STAFF, **PARTNERS}) == {}


@pytest.mark.parametrize(
    ("vendor", "hosts", "environ", "message"),
    [
        ("zitadel", ("a-b", "a_b"), "ZITADEL_A_B_TIMEOUT", "a-b, a_b would take the same environment variables"),
        ("zitadel", ("a-b", "A.B", "c"), "ZITADEL_C_TIMEOUT", "a-b, A.B would take the same environment variables"),
        (
            "learn",
            ("a", "a-webhook"),
            "LEARN_A_WEBHOOK_TOKEN_URL",
            "a, a-webhook would take the same environment variables (LEARN_A_WEBHOOK_TOKEN_URL)",
        ),
    ],
)
def test_hosts_whose_variables_have_one_name_are_an_error(
    vendor: str, hosts: tuple[str, ...], environ: str, message: str
) -> None:
    for tenant in hosts:
        _own, faults = look(tenant, dict.fromkeys(hosts, False), {environ: "1"}, vendor)
        assert any(fault.startswith(message) and fault.endswith("Rename a host.") for fault in faults), faults


def test_a_host_whose_variable_is_an_option_of_the_vendor_is_an_error() -> None:
    environ = {"LEARN_WEBHOOK_TOKEN_URL": "https://x.example.com", "LEARN_B_API_SECRET": "s"}
    _own, (fault,) = look("b", {"webhook": False, "b": False}, environ, "learn")
    assert fault == (
        "webhook, every tenant of learn would take the same environment variables (LEARN_WEBHOOK_TOKEN_URL), so that a "
        "credential could reach another tenant. Nothing was sent. Rename a host."
    )


def test_a_message_names_the_variables_of_the_tenant() -> None:
    own, _faults = look("partners", {"partners": False}, PARTNERS)
    given = "ZITADEL: no credential is given. Set access_token (environment variable ZITADEL_ACCESS_TOKEN)"
    assert own.worded(given).endswith("(environment variable ZITADEL_PARTNERS_ACCESS_TOKEN)")
    assert TenantEnvironment().worded(given) == given


def test_which_variables_are_credentials() -> None:
    assert credential_options(ZITADEL) == {"access_token", "client_secret", "key_file", "key_content"}
    for info in VENDORS.values():
        assert credential_options(info)
        assert not {"ca_path", "api_url", "timeout"} & credential_options(info)


NAMES = st.lists(st.text("aAb1-_.", min_size=1, max_size=3), min_size=1, max_size=5, unique=True)


@given(data=st.data(), vendor=st.sampled_from(sorted(VENDORS)), names=NAMES)
def test_no_credential_of_a_tenant_reaches_another(data: st.DataObject, vendor: str, names: list[str]) -> None:
    """Any hosts, any of them with variables of their own, any with a credential in the inventory."""
    info = VENDORS[vendor]
    options = sorted(info.connection.options)
    capitals = {name: re.sub("[^A-Z0-9]", "_", name.upper()) for name in names}
    rich = data.draw(st.lists(st.sampled_from(names), unique=True))
    hosts = {name: data.draw(st.booleans()) for name in names}
    environ: dict[str, str] = {f"{vendor.upper()}_{option.upper()}": f"vendor:{option}" for option in options}
    for name in rich:
        for option in data.draw(st.lists(st.sampled_from(options), min_size=1, max_size=3, unique=True)):
            environ[f"{vendor.upper()}_{capitals[name]}_{option.upper()}"] = f"{name}:{option}"
    same = len(set(capitals.values())) < len(names)
    bare = [name for name in names if capitals[name] not in {capitals[each] for each in rich} and not hosts[name]]
    for tenant in names:
        own, faults = look(tenant, hosts, environ, vendor)
        assert bool(faults) is bool(rich and (same or len(bare) > 1))
        if not rich:
            assert (own, seen(own, environ)) == (TenantEnvironment(), environ)
        elif not faults:
            values = {*own.options.values(), *seen(own, environ).values()}
            assert {value.partition(":")[0] for value in values} <= ({"vendor"} if tenant in bare else {tenant})
            assert bool(own.options) is (tenant in rich)
        else:
            assert all(name in " ".join(faults) for name in (bare if len(bare) > 1 else ()))
