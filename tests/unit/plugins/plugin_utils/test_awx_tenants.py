# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The tenants of awx_setup: each fault is named with the tenant and the field, and no value shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._awx_tenants import SECRETS, check_tenants
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._environment import environment_of, variable_names
from awx import definitions
from awx.rules import credential_type_fault
from harness.examples import proved_by

TYPES = {
    name: {
        **definitions.TYPES[name],
        "inputs": {
            "fields": [
                {"id": option, "choices": known.get("choices")} for option, known in vendor.connection.options.items()
            ]
        },
    }
    for name, vendor in VENDORS.items()
}
SECRET = "a-value-that-must-not-show"
ZITADEL = {"api_url": "https://zitadel.example.com", "access_token": SECRET}


def kind(vendor: str) -> dict[str, Any]:
    """The credential type of a vendor, as AWX gets it."""
    return {name: TYPES[vendor][name] for name in ("name", "description", "inputs", "injectors")}


def one(**values: Any) -> list[dict[str, Any]]:
    return [{"name": "zitadel", "vendor": "zitadel", "credential": ZITADEL, **values}]


def test_tenants_come_in_one_shape() -> None:
    given = [
        *one(variables={"zitadel_retries": 2}),
        {"name": "netex", "vendor": "netex", "credential_name": "netexCloud of the platform team"},
        {
            "name": "zitadel-b",
            "vendor": "zitadel",
            "variables": {"zitadel_api_url": "https://b.example.com", "zitadel_access_token": "{{ vault_b }}"},
        },
        {
            "name": "laurel",
            "vendor": "laurel",
            "credential": {"customer_id": "c1", "access_token": SECRET, "client_id": ""},
        },
    ]
    zitadel, netex, other, laurel = check_tenants(given, TYPES)
    assert zitadel == {
        "name": "zitadel",
        "vendor": "zitadel",
        "variables": {"zitadel_retries": 2, "saas_vendor": "zitadel"},
        "inputs": ZITADEL,
        "credential_name": "",
        "type": kind("zitadel"),
    }
    assert (netex["inputs"], netex["credential_name"]) == ({}, "netexCloud of the platform team")
    assert (other["inputs"], other["variables"]["zitadel_access_token"]) == ({}, "{{ vault_b }}")
    assert laurel["inputs"] == {"customer_id": "c1", "access_token": SECRET}


def test_the_tenants_of_the_guide_are_taken() -> None:
    (guide,) = proved_by("test_the_tenants_of_the_guide_are_taken", "docs/docsite/rst/awx.rst")
    zitadel, netex = check_tenants(guide.data["awx_tenants"], TYPES)
    assert set(zitadel["inputs"]) == {"api_url", "access_token"}
    assert netex["credential_name"]
    options = {f"zitadel_{name}" for name in VENDORS["zitadel"].connection.options}
    assert set(zitadel["variables"]) <= {"saas_vendor", *options}


def test_each_further_tenant_of_a_vendor_has_a_separate_credential_type() -> None:
    vaulted = {"zitadel_api_url": "https://v.example.com", "zitadel_access_token": "{{ vault }}"}
    given = [
        *one(name="vaulted", credential={}, variables=vaulted),
        *one(name="staff"),
        *one(name="zitadel-2.partners"),
        *one(name="third", credential={}, credential_name="Another"),
    ]
    first, *further = [tenant["type"] for tenant in check_tenants(given, TYPES) if tenant["type"]]
    assert first == kind("zitadel")
    assert [each["name"] for each in further] == [
        "ZITADEL (saas.offboarding): zitadel-2.partners",
        "ZITADEL (saas.offboarding): third",
    ]
    env = further[0]["injectors"]["env"]
    assert env["ZITADEL_ZITADEL_2_PARTNERS_ACCESS_TOKEN"] == "{{ access_token }}"
    assert list(env.values()) == list(first["injectors"]["env"].values())
    for each in further:
        assert each["inputs"] == first["inputs"]
        assert credential_type_fault(definitions.TYPES["zitadel"]["inputs"], each["injectors"]) == ""
        assert not set(each["injectors"]["env"]) & set(first["injectors"]["env"])


NAMES = st.lists(
    st.from_regex(r"[a-z_][a-z0-9_.-]{0,3}", fullmatch=True),
    min_size=1,
    max_size=4,
    unique_by=lambda name: re.sub("[.-]", "_", name),
)


@drawn(data=st.data(), vendor=st.sampled_from(sorted(VENDORS)), names=NAMES)
def test_in_a_job_each_tenant_gets_its_own_credential(data: st.DataObject, vendor: str, names: list[str]) -> None:
    """What the types inject, as a job's environment, whichever tenants have a credential here."""
    here = {name: data.draw(st.booleans()) for name in names}
    given: list[dict[str, Any]]
    given = [{"name": name, "vendor": vendor, "credential_name": f"of {name}"} for name in names if here[name]]
    options = VENDORS[vendor].connection.options
    needed = {name for name, option in options.items() if option.get("required")}
    secret = sorted(name for name in options if f"{vendor}_{name}" in SECRETS)[0]
    vaulted = {f"{vendor}_{name}": "{{ vault }}" for name in (*needed, secret)}
    given += [{"name": name, "vendor": vendor, "variables": vaulted} for name in names if not here[name]]
    tenants = check_tenants(given, TYPES)
    environ = {
        variable: tenant["name"]
        for tenant in tenants
        if tenant["type"]
        for variable in tenant["type"]["injectors"]["env"]
    }
    hosts = {tenant["name"]: not here[tenant["name"]] for tenant in tenants}
    first = next((tenant["name"] for tenant in tenants if tenant["type"]), None)
    for name in names:
        faults: list[str] = []
        own = environment_of(VENDORS[vendor], name, hosts, environ, faults)
        common = set(variable_names(VENDORS[vendor]).values()) - set(own.hidden)
        taken = {*own.options.values(), *(environ[each] for each in common if each in environ)}
        assert faults == []
        if sum(here.values()) > 1:
            assert taken == ({name} if here[name] else set())
        else:
            assert taken == ({first} if first else set())


BAD: list[tuple[Any, str]] = [
    (None, "awx_tenants must be a list of at least one tenant"),
    ([], "awx_tenants must be a list of at least one tenant"),
    ("zitadel", "awx_tenants must be a list"),
    ([SECRET], "entry 1, the entry: is not a dict"),
    (one(credentials={}), "entry 1 (zitadel), credentials: is not known"),
    (one(name="2026"), "entry 1 (2026), name: must be letters"),
    (one(name="with space"), "name: must be letters"),
    (one(vendor="zitadell"), f"entry 1 (zitadel), vendor: is none of {', '.join(list(VENDORS)[:2])}"),
    (one(vendor=None), "vendor: is none of"),
    (one(credential={}), "credential.api_url: is missing"),
    (one(credential=[SECRET]), "credential: is not a dict of inputs"),
    (one(credential={"api_url": "https://z.example.com"}), "credential: no credential is given. Set access_token"),
    (one(credential={"access_token": SECRET}), "credential.api_url: is missing"),
    (one(credential={**ZITADEL, "token": SECRET}), "credential.token: is not known; known are api_url"),
    (one(credential={**ZITADEL, "access_token": 1}), "credential.access_token: is not a text"),
    (
        one(credential={**ZITADEL, "client_id": "me", "client_secret": SECRET}),
        "credential: the options access_token and client_id contradict each other",
    ),
    (
        one(credential={"api_url": "https://z.example.com", "client_id": "me"}),
        "client_id is given, but not client_secret",
    ),
    (one(credential={**ZITADEL, "api_url": "http://z.example.com"}), "api_url"),
    (one(credential={"api_url": "https://z.example.com", "key_content": SECRET}), "key_content"),
    (
        one(credential_name="X"),
        "credential_name: give the name of a credential that AWX has, or credential, and not both",
    ),
    (one(variables={"saas_vendor": "netex"}), "variables.saas_vendor: comes from vendor"),
    (one(variables={"zitadel_api_url": "https://x.example.com"}), "credential.api_url: is given in variables too"),
    (one(credential={}, variables={"zitadel_access_token": SECRET}), "variables.zitadel_access_token: is a secret"),
    (one(variables={"laurel_client_secret": SECRET}), "variables.laurel_client_secret: is a secret"),
    (
        one(variables={"nested": [{"LEARN_API_SECRET": SECRET}]}),
        "entry 1 (zitadel), variables.nested.LEARN_API_SECRET: is a secret",
    ),
    (
        [{"name": "cg", "vendor": "customergauge", "credential": {"region": "mars", "access_token": SECRET}}],
        "entry 1 (cg), credential.region: must be one of eu, us, au",
    ),
    ([{"name": "netex", "vendor": "netex", "credential": {"tenant": "x"}}], "credential: auth_token is missing"),
    (
        [{"name": "learn", "vendor": "learn", "credential": {"environment": "staging", "api_secret": SECRET}}],
        "tenant_id",
    ),
    (one() + one(), "zitadel, name: is given twice"),
    (
        one() + one(name="a-b") + one(name="a.b"),
        "a-b, a.b would take the same environment variables (ZITADEL_A_B_<OPTION>)",
    ),
    (
        one() + one(name="b") + one(name="c", credential={}, variables={"zitadel_api_url": "{{ address }}"}),
        "zitadel, c have no environment variable of their own, while b has",
    ),
]


@pytest.mark.parametrize(("tenants", "message"), BAD)
def test_a_fault_is_named(tenants: Any, message: str) -> None:
    with pytest.raises(ValueError, match="awx_tenants") as caught:
        check_tenants(tenants, TYPES)
    assert message in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        ({"jobs": {"netex_auth_token": SECRET}}, "jobs.netex_auth_token: is a secret"),
        (
            {"jobs": {"a": {"b": [{"zitadel_key_content": {"key": SECRET}}]}}},
            "jobs.a.b.zitadel_key_content: is a secret",
        ),
        ({"jobs": f"netex_auth_token={SECRET}"}, "jobs: is not a dict"),
    ],
)
def test_a_secret_is_refused_wherever_awx_shows_it(shown: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="jobs") as caught:
        check_tenants(one(), TYPES, shown)
    assert message in str(caught.value)
    assert SECRET not in str(caught.value)


def test_what_the_jobs_work_out_is_no_secret_yet() -> None:
    shown = {"jobs": {"netex_auth_token": "{{ vault_netex }}", "netex_tenant": "example", "learn_api_secret": ""}}
    assert [each["name"] for each in check_tenants(one(), TYPES, shown)] == ["zitadel"]


def test_all_faults_come_at_once() -> None:
    with pytest.raises(ValueError, match="awx_tenants") as caught:
        check_tenants(one(vendor="x") + one(name="2026"), TYPES)
    assert "entry 1 (zitadel), vendor" in str(caught.value)
    assert "entry 2 (2026), name" in str(caught.value)
