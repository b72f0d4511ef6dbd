# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A vendor that does not document how its token endpoint wants the client: either form will do."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn

from .http_script import Answer, Responder, Sent, transport

PARAMS: dict[str, t.Any] = {
    "api_url": "https://api.example.com",
    "tenant_id": "tenant",
    "client_secret": "the-secret",
    "scope": "api/all",
}
BASIC = "Basic " + base64.b64encode(b"tenant:the-secret").decode()


def endpoint(takes: str) -> t.Callable[[Sent], Answer]:
    def answer(sent: Sent) -> Answer:
        if not sent.path.startswith("/oauth2/token"):
            return Answer(200, json={"results": [], "pagination": {"totalPages": 1}})
        forms = {"basic": sent.headers.get("Authorization") == BASIC, "form": "client_secret" in sent.body}
        if forms.get(takes):
            return Answer(200, json={"access_token": "the-token", "expires_in": 3600})
        return Answer(401, json={"error": "invalid_client"})

    return answer


@pytest.mark.parametrize(("takes", "tokens"), [("form", 1), ("basic", 2)])
def test_the_client_logs_in_whichever_form_is_taken(takes: str, tokens: int) -> None:
    road = transport(Responder(endpoint(takes)))
    tenant = Learn(PARAMS, road)
    list(tenant.everybody())
    list(tenant.everybody())
    assert road.counters.tokens == tokens


def test_a_client_refused_in_both_forms_reports_the_first_refusal_and_stops() -> None:
    road = transport(Responder(endpoint("neither")))
    tenant = Learn(PARAMS, road)
    for _turn in range(2):
        with pytest.raises(ApiError, match="refused the credential"):
            list(tenant.everybody())
    assert road.counters.tokens == 2
