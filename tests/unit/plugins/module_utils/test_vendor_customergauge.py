# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""CustomerGauge: one endpoint, nothing to read, and a 404 that means two things."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
import requests

from ansible_collections.saas.offboarding.plugins.module_utils._auth import CredentialError
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._model import DEACTIVATED, Key, Proof, UserRequest
from ansible_collections.saas.offboarding.plugins.module_utils._url import UrlError
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.customergauge import CustomerGauge

from .http_script import EMPTY, HTML, NOW, Answer, Exchange, Script, transport

PARAMS = {"region": "eu", "client_id": "client-1", "client_secret": "the-secret"}
DISABLE = "https://api.eu.customergauge.com/v5/user-manager/users/disable"
LOST = requests.exceptions.ReadTimeout("slow")
NOT_FOUND = Answer(404, json={"message": "No query results for model [Library\\Eloquent\\Master\\User]."})


def token() -> Exchange:
    return Exchange(
        "POST",
        "https://auth.eu.customergauge.com/oauth2/token",
        Answer(200, json={"access_token": "token-1"}),
        form={"grant_type": "client_credentials", "client_id": "client-1", "client_secret": "the-secret"},
    )


def disable(email: str, answer: Answer | Exception) -> Exchange:
    headers = {"Authorization": "Bearer token-1", "Accept": "application/json"}
    return Exchange("PATCH", DISABLE, answer, json={"email": email}, headers=headers)


def run(script: Script, *emails: str, check: bool = False, **limits: t.Any) -> tuple[Report, CustomerGauge]:
    vendor = CustomerGauge(PARAMS, transport(script, **limits))
    report = Converger(vendor).run(
        [UserRequest(Key("email", email), DEACTIVATED) for email in emails], check_mode=check
    )
    script.finish()
    return report, vendor


def test_each_user_is_one_request_and_all_share_one_token() -> None:
    report, vendor = run(
        Script(token(), disable("Jane@example.com", EMPTY), disable("joe@example.com", EMPTY)),
        "Jane@example.com",
        "joe@example.com",
    )
    assert report.outcomes[0].as_result() == {
        "key": {"email": "Jane@example.com"},
        "outcome": "changed",
        "id": None,
        "name": "Jane@example.com",
        "before": {"state": "unknown", "vendor_state": None},
        "after": {"state": "deactivated", "vendor_state": None},
        "verified": None,
        "error": None,
        "proof": {
            "before_at": None,
            "written_at": NOW,
            "after_at": None,
            "status": 204,
            "request_id": None,
        },
        "manual": ["look_in_user_list"],
    }
    assert vendor.transport.counters.as_result() == {"sent": 2, "retried": 0, "tokens": 1}


def test_check_mode_logs_in_and_sends_nothing_else_and_predicts_a_change() -> None:
    checked, _vendor = run(Script(token()), "jane@example.com", check=True)
    done, _vendor = run(Script(token(), disable("jane@example.com", EMPTY)), "jane@example.com")
    assert [replace(each, proof=Proof()) for each in checked.outcomes] == [
        replace(each, proof=Proof()) for each in done.outcomes
    ]
    assert (checked.plan_hash, checked.diff()) == (done.plan_hash, done.diff())


def test_the_plan_is_the_same_however_an_email_is_written() -> None:
    one, other = (run(Script(token()), email, check=True)[0] for email in ("Jane@Example.com", "jane@example.com"))
    assert one.plan_hash == other.plan_hash


def test_the_documented_404_is_a_missing_user() -> None:
    report, _vendor = run(Script(token(), disable("jane@example.com", NOT_FOUND)), "jane@example.com")
    assert report.outcomes[0].outcome == "missing"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404),
        Answer(404, json={"message": ""}),
        Answer(404, json={"message": "The route v5/user-manager could not be found."}),
        Answer(404, json=["No query results for model"]),
        Answer(404, json={"message": ["No query results for model"]}),
        Answer(404, body=b"No query results for model"),
        Answer(404, body=HTML.body, headers=HTML.headers),
    ],
    ids=repr,
)
def test_any_other_404_is_a_wrong_address(answer: Answer) -> None:
    report, _vendor = run(Script(token(), disable("jane@example.com", answer)), "jane@example.com")
    problem = report.outcomes[0].problem
    assert problem is not None
    assert (report.outcomes[0].outcome, problem.code, problem.status) == ("failed", "wrong_address", 404)
    assert "region" in problem.message


@pytest.mark.parametrize(
    "answer", [Answer(200, json={}), HTML, Answer(202), Answer(200, json={"message": "ok"})], ids=repr
)
def test_only_204_is_done(answer: Answer) -> None:
    report, _vendor = run(Script(token(), disable("jane@example.com", answer)), "jane@example.com")
    assert (report.outcomes[0].outcome, report.outcomes[0].after.state) == ("failed", "unknown")


def test_a_field_that_is_missing_is_named() -> None:
    body = {"message": "The given data was invalid.", "errors": {"email": ["The email field is required."]}}
    report, _vendor = run(Script(token(), disable("jane@example.com", Answer(422, json=body))), "jane@example.com")
    assert "The email field is required." in str(report.outcomes[0].problem)


def test_a_lost_answer_is_sent_again_since_nothing_can_be_read() -> None:
    script = Script(token(), disable("jane@example.com", LOST), disable("jane@example.com", EMPTY))
    report, vendor = run(script, "jane@example.com")
    assert report.outcomes[0].outcome == "changed"
    assert vendor.transport.counters.as_result() == {"sent": 2, "retried": 1, "tokens": 1}


def test_a_lost_answer_and_then_no_such_user_is_unconfirmed() -> None:
    script = Script(token(), disable("jane@example.com", LOST), disable("jane@example.com", NOT_FOUND))
    outcome = run(script, "jane@example.com")[0].outcomes[0]
    assert (outcome.outcome, outcome.problem and outcome.problem.code) == ("failed", "unconfirmed")


def test_a_failure_of_one_stops_no_other_and_a_401_ends_the_task() -> None:
    script = Script(
        token(),
        disable("a@example.com", Answer(500)),
        disable("b@example.com", EMPTY),
        disable("c@example.com", Answer(401, json={"message": "Unauthenticated."})),
        token(),
        disable("c@example.com", Answer(401, json={"message": "Unauthenticated."})),
    )
    report, _vendor = run(script, *[f"{name}@example.com" for name in "abcd"])
    assert [outcome.outcome for outcome in report.outcomes] == ["failed", "changed", "failed", "failed"]
    assert "Not tried" in str(report.outcomes[3].problem)


@pytest.mark.parametrize("region", ["eu", "us", "au"])
def test_a_region_names_both_hosts(region: str) -> None:
    script = Script(
        Exchange(
            "POST",
            f"https://auth.{region}.customergauge.com/oauth2/token",
            Answer(200, json={"access_token": "t"}),
            form={"grant_type": "client_credentials", "client_id": "client-1", "client_secret": "the-secret"},
        ),
        Exchange(
            "PATCH",
            f"https://api.{region}.customergauge.com/v5/user-manager/users/disable",
            EMPTY,
            json={"email": "a@b"},
        ),
    )
    vendor = CustomerGauge(PARAMS | {"region": region}, transport(script))
    assert vendor.tenant == f"api.{region}.customergauge.com"
    Converger(vendor).run([UserRequest(Key("email", "a@b"), DEACTIVATED)], check_mode=False)
    script.finish()


def test_addresses_and_a_token_may_be_given() -> None:
    params = {"api_url": "https://gateway.example.com/cg/", "access_token": "given-token"}
    url = "https://gateway.example.com/cg/v5/user-manager/users/disable"
    script = Script(
        Exchange("PATCH", url, EMPTY, json={"email": "a@b"}, headers={"Authorization": "Bearer given-token"})
    )
    Converger(CustomerGauge(params, transport(script))).run(
        [UserRequest(Key("email", "a@b"), DEACTIVATED)], check_mode=False
    )
    script.finish()


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"region": "eu"}, "CUSTOMERGAUGE_CLIENT_ID"),
        ({"region": "eu", "client_id": "i"}, "CUSTOMERGAUGE_CLIENT_SECRET"),
        ({"access_token": "t"}, "CUSTOMERGAUGE_REGION"),
        ({"client_id": "i", "client_secret": "s", "api_url": "https://h"}, "token_url"),
        ({"region": "eu", "access_token": "t\nx"}, "access_token"),
    ],
)
def test_what_is_missing_is_named_before_any_request(params: dict[str, str], named: str) -> None:
    with pytest.raises(CredentialError, match=named):
        CustomerGauge(params, transport(Script()))


@pytest.mark.parametrize("option", ["api_url", "token_url"])
def test_no_credential_goes_over_plain_http(option: str) -> None:
    with pytest.raises(UrlError, match=option):
        CustomerGauge(PARAMS | {option: "http://h.example.com"}, transport(Script()))
