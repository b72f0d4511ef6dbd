# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""SCIM: profiles and their sources, options that cannot be used, how to log in, and servers that are none."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._auth import CredentialError
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, DEACTIVATED, Key
from ansible_collections.saas.offboarding.plugins.module_utils._scim_profiles import (
    OPTIONS,
    PROFILES,
    Profile,
    ProfileError,
    differing,
    profile_from,
)
from ansible_collections.saas.offboarding.plugins.module_utils._url import UrlError
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.scim import Scim
from mock_vendors.scim import ACCOUNT_ID, API_KEY, BASIC_PASSWORD, BASIC_USERNAME, CLIENT_ID, CLIENT_SECRET

from .http_script import Answer, Responder, transport
from .mock_scim import API, Tenant, code, user

JANE = Key("username", "u00000")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_each_value_that_differs_has_a_source(profile: Profile) -> None:
    assert set(profile.sources) == set(differing(profile))
    assert all(source.startswith(("https://", "Tried on ")) for source in profile.sources.values())


def test_each_value_of_a_profile_is_an_option_and_each_shipped_value_one_that_is_taken() -> None:
    assert {each.name for each in fields(Profile)} - set(OPTIONS) == {"name", "api_url", "sources"}
    for profile in PROFILES.values():
        for name, value in profile.values().items():
            if value is not None:
                given_value = list(value) if isinstance(value, tuple) else value
                assert OPTIONS[name](given_value) == value, (profile.name, name)


def test_an_unknown_profile_is_an_error_that_names_those_that_there_are() -> None:
    with pytest.raises(ProfileError, match=r"'slak' does not exist; choose one of atlassian, .*slack"):
        profile_from({"profile": "slak"})


def test_all_faults_of_profile_options_are_named() -> None:
    with pytest.raises(ProfileError) as caught:
        profile_from({"profile_options": {"close": "removes", "closes": "maybe", "page": 0, "filters": {"mail": "x"}}})
    text = str(caught.value)
    assert all(
        part in text for part in ("'close' is not a field", "closes is one of", "page is a whole", "filters is a")
    )


@given(
    st.dictionaries(
        st.sampled_from(sorted(OPTIONS)), st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text()))
    )
)
def test_any_value_is_taken_or_refused(values: dict[str, t.Any]) -> None:
    with contextlib.suppress(ProfileError):
        assert set(differing(profile_from({"profile_options": values}))) <= set(values)


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"profile": "slak"}, "does not exist"),
        ({"profile_options": {"shap": "put"}}, "'shap' is not a field"),
        ({"api_url": None}, "api_url is missing"),
        ({"api_url": None, "profile": "slack"}, "tenant_id is missing .* names the tenant"),
        ({"api_url": None, "profile": "github_enterprise"}, "tenant_id is missing .* part of the address"),
        ({"api_url": f"{API}/scim/v2/Users"}, "ends in /Users"),
        ({"api_url": f"{API}/scim/v2/users/"}, "ends in /Users"),
        ({"api_url": "http://scim.example.com"}, "must begin with https"),
        ({"access_token": None}, "no credential is given"),
        ({"api_key": "k"}, "contradict each other"),
        ({"access_token": None, "client_id": "i", "client_secret": "s"}, "token_url"),
        ({"access_token": None, "api_key": "k", "api_key_header": "Host"}, "api_key_header"),
        ({"access_token": None, "api_key": "k", "api_key_header": "X Key"}, "api_key_header"),
    ],
)
def test_options_that_cannot_be_used_are_refused_before_the_first_request(params: t.Any, fault: str) -> None:
    tenant = Tenant()
    with pytest.raises((CredentialError, UrlError), match=fault):
        tenant.vendor(**params)
    assert not tenant.wire.log


@pytest.mark.parametrize(
    ("auth", "params"),
    [
        ("token", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        ("token", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token_style": "form"}),
        ("token", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token_style": "json"}),
        ("token", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "account_id": ACCOUNT_ID}),
        ("basic", {"basic_username": BASIC_USERNAME, "basic_password": BASIC_PASSWORD}),
        ("api_key", {"api_key": API_KEY, "api_key_prefix": "apikey"}),
    ],
)
def test_each_auth_method(auth: str, params: dict[str, t.Any]) -> None:
    grants = ("account_credentials",) if "account_id" in params else ("client_credentials",)
    style = params.get("token_style", "basic") if auth == "token" else "any"
    tenant = Tenant([user(0)], auth=(auth,), grants=grants, token_style=style)
    more = {"token_url": f"{API}/oauth2/token"} if auth == "token" else {}
    found = tenant.find(JANE, access_token=None, **params, **more)
    assert len(found[JANE].accounts) == 1


def test_an_api_key_in_a_custom_header() -> None:
    tenant = Tenant([user(0)], auth=("api_key",), api_key_header="X-Api-Key", api_key_prefix="")
    found = tenant.find(JANE, access_token=None, api_key=API_KEY, api_key_header="X-Api-Key")
    assert len(found[JANE].accounts) == 1


def test_a_product_has_its_own_name_and_address() -> None:
    def vendor(**params: t.Any) -> Scim:
        return Scim({"access_token": "t", **params}, transport(Responder(lambda _sent: Answer())))

    slack = vendor(profile="slack", tenant_id="Acme")
    assert (slack.product, slack.tenant) == ("slack", "api.slack.com/scim/v2 Acme")
    github = vendor(profile="github_enterprise", tenant_id="a/b")
    assert github.tenant == "api.github.com/scim/v2/enterprises/a%2Fb"
    wiki = vendor(product="Our wiki", api_url="https://wiki.example.com/scim/v2")
    assert (wiki.product, wiki.tenant) == ("Our wiki", "wiki.example.com/scim/v2")
    assert vendor(api_url="https://wiki.example.com").product == "SCIM"


@pytest.mark.parametrize(
    ("profile", "state", "offer"),
    [("notion", DEACTIVATED, "absent"), ("slack", ABSENT, "deactivated"), ("salesforce", ABSENT, "deactivated")],
)
def test_what_a_product_cannot_do_is_refused_while_planning(profile: str, state: str, offer: str) -> None:
    tenant = Tenant([user(0), user(1)], filters=("userName", "emails.value", "externalId", "email"))
    report = tenant.run([JANE], state, profile=profile, tenant_id="Acme")
    (outcome,) = report.outcomes
    assert (outcome.outcome, code(outcome)) == ("failed", "vendor_refuses")
    assert f"Request {offer}" in (outcome.problem.message if outcome.problem else "")
    assert tenant.active() == {0: True, 1: True}


@pytest.mark.parametrize("shape", ["html", "scim", "json", "empty", 405])
def test_a_wrong_base_is_an_error_that_names_api_url(shape: t.Any) -> None:
    tenant = Tenant([user(0)], base="/scim", wrong_base=shape)
    found = tenant.find(JANE)[JANE]
    assert found.problem is not None
    assert "api_url" in found.problem.message
    if shape != "empty":
        assert found.problem.code == "wrong_address"


@pytest.mark.parametrize("field", ["username", "email", "external_id", "user_id"])
def test_the_token_of_another_tenant_proves_no_account_missing(field: str) -> None:
    tenant = Tenant([user(0)])
    found = tenant.find(Key(field, "someone@example.com"), access_token=tenant.mock.ready["other_access_token"])
    (each,) = found.values()
    assert each.problem is not None
    assert each.problem.code == "unproven"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, json={}),
        Answer(200, json=[]),
        Answer(200, json={"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 1, "Resources": [{"id": "1"}]}),
        Answer(200, json={"totalResults": 1, "Resources": [{"id": "1", "schemas": ["urn:scim:schemas:core:1.0"]}]}),
        Answer(200, json={"totalResults": 1, "Resources": [{"userName": "u00000"}]}),
        Answer(200, json={"totalResults": 1, "Resources": ["u00000"]}),
        Answer(200, body=b"<html>"),
    ],
)
def test_what_is_no_scim_list_is_an_error(answer: Answer) -> None:
    wire = Responder(lambda _sent: answer)
    vendor = Scim({"api_url": API, "access_token": "t"}, transport(wire, retries=0))
    found = vendor.find([JANE])[JANE]
    assert found.problem is not None
    assert found.problem.code == "bad_answer"
    with pytest.raises(ApiError):
        vendor.read_page()


def test_an_error_without_a_reason_still_reads_as_a_sentence() -> None:
    tenant = Tenant([user(0), user(1)], rights="view_users", error_shape="no_detail")
    (outcome,) = tenant.run([JANE]).outcomes
    message = outcome.problem.message if outcome.problem else ""
    assert "answered 403, no reason given; the credential lacks the right to change users" in message
