# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What was not seen is not claimed: neither done, nor missing, nor written for real, nor safe to send again."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._auth import ClientCredentials, TokenCredential
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._guards import Guards
from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, DEACTIVATED, Key, UserRequest
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Client
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    tenant_report,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from harness.facts import RUN

from .http_script import Answer, Responder, Sent, transport

API = "https://api.example.com"
NETEX: t.Any = {"api_url": API, "auth_token": "tok", "synchronization": "synchronous"}


def test_a_doubtful_write_is_not_sent_again_while_the_account_cannot_be_read() -> None:
    def answer(sent: Sent) -> Answer:
        if sent.method == "GET" and wire.count("PUT") == 0:
            return Answer(200, json={"id": "1", "username": "x", "enabled": True})
        return Answer(503)

    wire = Responder(answer)
    (outcome,) = (
        Converger(Netex(NETEX, transport(wire, retries=3)))
        .run([UserRequest(Key("username", "x"), DEACTIVATED)], check_mode=False)
        .outcomes
    )
    assert outcome.outcome == "failed"
    assert wire.count("PUT") == 1


def test_a_user_that_zitadel_counts_and_does_not_show_is_not_missing() -> None:
    shown = {"userId": "1", "state": "USER_STATE_ACTIVE", "human": {"email": {"email": "a@example.com"}}}

    def answer(sent: Sent) -> Answer:
        if sent.method == "GET":
            return Answer(200, json={"user": {"id": "me"}})
        return Answer(200, json={"details": {"totalResult": "2"}, "result": [shown]})

    tenant = Zitadel({"api_url": API, "access_token": "tok"}, transport(Responder(answer)))
    user_requests = [UserRequest(Key("email", email), DEACTIVATED) for email in ("a@example.com", "b@example.com")]
    seen, hidden = Converger(tenant).run(user_requests, check_mode=True).outcomes
    assert seen.outcome == "changed"
    assert hidden.outcome == "failed"
    assert hidden.problem is not None
    assert hidden.problem.code == "no_rights"


@pytest.mark.parametrize(("listed_before", "outcome"), [(False, "failed"), (True, "changed")])
def test_laurel_not_listing_a_user_proves_a_deletion_only_if_it_listed_it_before(
    listed_before: bool, outcome: str
) -> None:
    user = {"_id": "u1", "email": "x@example.com", "lastName": "x", "status": "active"}

    def answer(sent: Sent) -> Answer:
        if sent.path.endswith("/u1"):
            return Answer(200, json=user)
        return Answer(200, json=[user] if listed_before and wire.count("DELETE") == 0 else [])

    wire = Responder(answer)
    params = {"api_url": API, "access_token": "tok", "customer_id": "c1", "api_version": "v2"}
    report = Converger(Laurel(params, transport(wire))).run(
        [UserRequest(Key("user_id", "u1"), ABSENT)], check_mode=False
    )
    assert wire.count("DELETE") == 1
    assert report.outcomes[0].outcome == outcome


@pytest.mark.parametrize("pattern", ["JOSÉ", "josé*", "JOSE\u0301"])
def test_what_looks_protected_is_protected(pattern: str) -> None:
    wire = Responder(lambda sent: Answer(200, json={"id": "1", "username": "josé", "enabled": True}))
    tenant = Netex(NETEX, transport(wire))
    user_requests = [UserRequest(Key("username", "josé"), DEACTIVATED)]
    (outcome,) = Converger(tenant, Guards(protected=(pattern,))).run(user_requests, check_mode=False).outcomes
    assert outcome.outcome == "refused"
    assert wire.count("PUT") == 0


@pytest.mark.parametrize("spell", [quote_plus, lambda text: quote(text, safe=""), lambda text: json.dumps(text)[1:-1]])
def test_a_secret_is_hidden_in_every_form_it_travels_in(spell: t.Callable[[str], str]) -> None:
    secret = 'p+w/d= "é"'
    echo = f"what is {spell(secret)} meant to be?"
    road = transport(Responder(lambda sent: Answer(400, json={"error": "invalid_request", "error_description": echo})))
    grant = ClientCredentials(f"{API}/token", "id", secret)
    with pytest.raises(ApiError) as caught:
        Client(road, API, TokenCredential(API, grant, road.exchange)).read("GET", "x")
    assert "what is" in str(caught.value)
    assert spell(secret) not in str(caught.value)


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_evidence_believes_the_modules_about_check_mode(check_mode: bool) -> None:
    accounts = {"netex": {"email": "a@example.com"}}
    leaver: t.Any = {"email": "a@example.com", "leave_at": None, "row": 1, "accounts": accounts}
    entry: t.Any = {"key": {"email": "a@example.com"}, "outcome": "changed"}
    report = tenant_report(
        {"users": [entry], "check_mode": check_mode},
        [leaver],
        tenant="netex",
        vendor="netex",
        stages=Stages.once("deactivated"),
        due_at="2026-01-01T00:00:00Z",
        on_missing="ok",
    )
    assert evidence([report], RUN | {"check_mode": not check_mode})["check_mode"] is check_mode
