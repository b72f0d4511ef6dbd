# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""netexCloud: an envelope with the result of each platform, and a list whose first index is not documented."""

from __future__ import annotations

import itertools
import typing as t

import pytest
import requests

from ansible_collections.saas.offboarding.plugins.module_utils._auth import CredentialError
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    Key,
    LookupResult,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import SettingsError
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex

from .http_script import HTML, Answer, Exchange, Responder, Script, Sent, transport

ROOT = "/integration/ws/management/rest/users"
API = "https://acme.learningcloud.me"
PARAMS = {"tenant": "acme", "auth_token": "the-token", "synchronization": "synchronous"}
HASH = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


def row(number: int | str, enabled: t.Any = True, **more: t.Any) -> dict[str, t.Any]:
    return {
        "id": f"id{number}",
        "username": f"u{number}",
        "email": f"u{number}@example.com",
        "enabled": enabled,
        **more,
    }


def envelope(status: int = 204, **platforms: int) -> dict[str, t.Any]:
    found = {name: {"status": code, "location": None, "message": None} for name, code in platforms.items()}
    return {"status": status, "location": None, "message": "text", "responsePlatforms": found}


def vendor(adapter: t.Any, params: dict[str, t.Any] | None = None, **limits: t.Any) -> Netex:
    return Netex(PARAMS | (params or {}), transport(adapter, **limits))


def run(netex: Netex, *names: str, state: str = DEACTIVATED, field: str = "username", check: bool = False) -> Report:
    return Converger(netex).run([UserRequest(Key(field, name), state) for name in names], check_mode=check)


class Tenant:
    """A tenant that holds users and answers writes with the envelope a test sets."""

    def __init__(self, *rows: dict[str, t.Any], answer: Answer | Exception | None = None, applies: bool = True) -> None:
        self.rows = {each["id"]: each for each in rows}
        self.answer = answer or Answer(200, json=envelope(training=200, social=204, play=204, management=204))
        self.applies = applies
        self.first = 0
        self.wire = Responder(self)

    def __call__(self, sent: Sent) -> Answer | Exception:
        name, _slash, action = sent.path.removeprefix(ROOT).strip("/").partition("/")
        if not name:
            start, count = int(sent.params["startIndex"]), int(sent.params["count"])
            begin = max(0, start - self.first)
            return Answer(200, json=list(self.rows.values())[begin : max(0, start - self.first + count)])
        found = next((each for each in self.rows.values() if name in (each["id"], each["username"])), None)
        if found is None:
            return Answer(404)
        if sent.method == "GET":
            return Answer(200, json=found)
        if self.applies and sent.method == "DELETE":
            del self.rows[found["id"]]
        elif self.applies:
            found["enabled"] = action == "activate"
        return self.answer


def one(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


def code(outcome: Outcome) -> str | None:
    return None if outcome.problem is None else outcome.problem.code


# -- requests


@pytest.mark.parametrize(
    ("state", "message", "method", "path", "body"),
    [
        (DEACTIVATED, None, "PUT", "/id1/deactivate", None),
        (DEACTIVATED, "Goodbye", "PUT", "/id1/deactivate", {"message": "Goodbye"}),
        (ACTIVE, None, "PUT", "/id1/activate", None),
        (ABSENT, None, "DELETE", "/id1", None),
    ],
)
@pytest.mark.parametrize("mode", ["synchronous", "asynchronous"])
def test_a_write_uses_the_id_and_sends_the_synchronization_mode(
    state: str, message: str | None, method: str, path: str, body: t.Any, mode: str
) -> None:
    headers = {
        "X-Cloud-Auth-Token": "the-token",
        "X-Cloud-Synchronization": mode,
        "Accept": "application/vnd.netex.nlc-api+json",
        "Authorization": None,
    }
    before = Answer(200, json=row(1, state != ACTIVE))
    after = Answer(404) if state == ABSENT else Answer(200, json=row(1, state == ACTIVE))
    write = Exchange(method, f"{API}{ROOT}{path}", Answer(200, json=envelope(management=204)), headers=headers)
    if body is not None:
        write = Exchange(method, f"{API}{ROOT}{path}", write.answer, json=body, headers=headers)
    listing = Exchange("GET", f"{API}{ROOT}", Answer(200, json=[row(2)]), params={"startIndex": "0", "count": "1"})
    script = Script(
        Exchange("GET", f"{API}{ROOT}/u1", before),
        write,
        Exchange("GET", f"{API}{ROOT}/id1", after),
        *([listing] if state == ABSENT else []),
        headers={"X-Cloud-Auth-Token": "the-token"},
    )
    outcome = one(run(vendor(script, {"synchronization": mode, "message": message}), "u1", state=state))
    script.finish()
    assert (outcome.outcome, outcome.verified, outcome.id, outcome.name) == ("changed", True, "id1", "u1")


@pytest.mark.parametrize("count", [1, 3, 4, 300])
def test_the_number_of_requests_is_as_promised(count: int) -> None:
    tenant = Tenant(*[row(number) for number in range(max(count, 10))])
    report = run(netex := vendor(tenant.wire, concurrency=4), *[f"u{number}" for number in range(count)])
    assert {outcome.outcome for outcome in report.outcomes} == {"changed"}
    reads = count if count <= 3 else 1
    assert netex.transport.counters.as_result() == {"sent": count + 2 * reads, "retried": 0, "tokens": 0}


def test_a_second_run_writes_nothing() -> None:
    tenant = Tenant(row(1), row(2, False))
    assert [o.outcome for o in run(vendor(tenant.wire), "u1", "u2").outcomes] == ["changed", "unchanged"]
    assert [o.outcome for o in run(vendor(tenant.wire), "u1", "u2").outcomes] == ["unchanged", "unchanged"]
    assert tenant.wire.count("PUT") == 1


# -- the list


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("size", [1, 498, 499, 500, 501, 998, 999, 1000, 1001, 1499])
def test_everybody_is_read_whether_the_list_counts_from_0_or_1(first: int, size: int) -> None:
    tenant = Tenant(*[row(number) for number in range(size)])
    tenant.first = first
    key = Key("email", f"U{size - 1}@example.com")
    (account,) = vendor(tenant.wire).find([key])[key].accounts
    assert account.id == f"id{size - 1}"


def test_a_list_that_refuses_to_count_from_0_is_read_from_1() -> None:
    tenant = Tenant(*[row(number) for number in range(700)])
    tenant.first = 1

    def answer(sent: Sent) -> Answer | Exception:
        return Answer(400) if sent.params.get("startIndex") == "0" else tenant(sent)

    key = Key("email", "u699@example.com")
    assert vendor(Responder(answer)).find([key])[key].accounts[0].id == "id699"


def test_an_email_is_looked_for_on_all_pages_so_that_two_are_seen() -> None:
    rows = [row(number) for number in range(900)]
    rows[3]["email"] = rows[850]["email"] = "Same@example.com"
    key = Key("email", "same@example.com")
    assert len(vendor(Tenant(*rows).wire).find([key])[key].accounts) == 2


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, json=None),
        Answer(200, json={}),
        Answer(200, json={"users": []}),
        Answer(200, json="x"),
        Answer(200, json=[["id1"]]),
        Answer(200, json=[{"username": "u1"}]),
        Answer(200, json=[{"id": 5}]),
        Answer(200, body=b""),
        Answer(401),
        Answer(403),
        Answer(404),
    ],
    ids=repr,
)
def test_a_malformed_list_is_an_error_and_proves_no_user_missing(answer: Answer) -> None:
    outcome = one(run(vendor(Responder(lambda sent: answer)), "jane@example.com", field="email", state=ABSENT))
    assert outcome.outcome == "failed"


def test_a_list_of_one_may_be_an_object() -> None:
    key = Key("email", "u1@example.com")
    assert vendor(Responder(lambda sent: Answer(200, json=row(1)))).find([key])[key].accounts[0].id == "id1"


# -- one user


def test_a_404_is_a_missing_user_where_the_list_answers() -> None:
    tenant = Tenant(row(1))
    assert one(run(vendor(tenant.wire), "no-such-user")).outcome == "missing"
    assert one(run(vendor(tenant.wire), "no-such-user", state=ABSENT)).outcome == "unchanged"


@pytest.mark.parametrize("answer", [Answer(404), Answer(403), HTML, Answer(500), Answer(200, json={})], ids=repr)
def test_a_404_is_a_wrong_address_where_the_list_does_not_answer(answer: Answer) -> None:
    wire = Responder(lambda sent: answer if sent.path.endswith("/users") else Answer(404))
    outcome = one(run(vendor(wire, retries=0), "no-such-user", state=ABSENT))
    assert (outcome.outcome, code(outcome)) == ("failed", "wrong_address")


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, body=b""),
        Answer(200, json=[]),
        Answer(200, json=None),
        Answer(200, json={"username": "u1", "enabled": True}),
        Answer(200, json={"id": 5, "username": "u1"}),
        Answer(200, json={"status": 500, "message": "inner"}),
        Answer(200, json={"status": 403, "message": "inner"}),
        Answer(400),
        Answer(403),
        Answer(500),
    ],
    ids=repr,
)
def test_an_answer_that_is_no_user_fails_that_user_alone(answer: Answer) -> None:
    tenant = Tenant(row(1), row(2))
    wire = Responder(lambda sent: answer if sent.path.endswith("/bad") else tenant(sent))
    report = run(vendor(wire, retries=0), "u1", "bad", "u2")
    assert [outcome.outcome for outcome in report.outcomes] == ["changed", "failed", "changed"]


def test_a_refused_token_ends_the_task() -> None:
    wire = Responder(lambda sent: Answer(401))
    report = run(vendor(wire), "u1", "u2")
    assert {(outcome.outcome, code(outcome)) for outcome in report.outcomes} == {("failed", "unauthorized")}
    assert len(wire.log) == 1


def test_an_inner_404_within_a_200_is_missing_where_the_list_answers() -> None:
    tenant = Tenant(row(1))

    def answer(sent: Sent) -> Answer | Exception:
        inner = Answer(200, json={"status": 404, "message": "not found"})
        return inner if sent.path.endswith("/no-such-user") else tenant(sent)

    assert one(run(vendor(Responder(answer)), "no-such-user")).outcome == "missing"


def test_a_user_under_the_same_text_of_another_kind_is_not_taken() -> None:
    tenant = Tenant({"id": "jane", "username": "id1", "enabled": True})
    assert one(run(vendor(tenant.wire), "jane", field="username")).outcome == "missing"
    assert tenant.wire.count("PUT") == 0


def test_a_user_name_that_differs_only_in_case_is_failed_and_named() -> None:
    wire = Responder(lambda sent: Answer(200, json=row(1)))
    outcome = one(run(vendor(wire), "U1"))
    assert (outcome.outcome, code(outcome)) == ("failed", "near_match")
    assert "id1" in str(outcome.problem)


@pytest.mark.parametrize(
    ("enabled", "state", "word"),
    [
        (True, ACTIVE, "enabled"),
        (False, DEACTIVATED, "disabled"),
        (None, "unknown", None),
        ("false", "unknown", None),
        (0, "unknown", None),
    ],
)
def test_only_true_and_false_are_states(enabled: t.Any, state: str, word: str | None) -> None:
    key = Key("username", "u1")
    (account,) = vendor(Tenant(row(1, enabled)).wire).find([key])[key].accounts
    assert (account.condition.state, account.condition.vendor_state) == (state, word)


@pytest.mark.parametrize("odd", [5, None, [], ["x"], {}, {"a": 1}, True])
def test_values_of_another_kind_are_not_stumbled_over(odd: t.Any) -> None:
    rows = [row(1, username=odd, email=odd, externalId=odd), row(2)]
    keys = [Key("email", "u2@example.com"), Key("user_id", "id1"), Key("username", "zz")]
    wire = Responder(lambda sent: Answer(200, json=rows))
    found = vendor(wire).find(keys)
    assert [len(found[key].accounts) for key in keys] == [1, 1, 0]
    assert found[keys[1]].accounts[0].name is None


def test_a_password_hash_in_a_response_is_not_kept() -> None:
    key = Key("username", "u1")
    found = vendor(Tenant(row(1, password=HASH)).wire).find([key])
    assert HASH not in repr(found)
    assert HASH not in repr(dict(found[key].accounts[0].native))


# -- the envelope

CODES = (204, 202, 404, 500)
PLATFORMS = ("management", "training", "social")


@pytest.mark.parametrize("codes", list(itertools.product(CODES, repeat=3)), ids=str)
def test_each_combination_of_platform_codes_is_reported(codes: tuple[int, ...]) -> None:
    platforms = dict(zip(PLATFORMS, codes, strict=True))
    fine = {name for name, status in platforms.items() if status < 300}
    tenant = Tenant(row(1), applies="management" in fine, answer=Answer(200, json=envelope(204, **platforms)))
    outcome = one(run(vendor(tenant.wire, retries=0), "u1"))
    if len(fine) == 3:
        verified = None if 202 in codes else True
        assert (outcome.outcome, outcome.verified, outcome.problem) == ("changed", verified, None)
    elif fine:
        assert (outcome.outcome, code(outcome), outcome.verified) == ("failed", "platform_failed", None)
        assert all(f"{name} {status}" in str(outcome.problem) for name, status in platforms.items() if status >= 400)
        assert outcome.altered == ("management" in fine)
    elif set(codes) == {404}:
        assert (outcome.outcome, code(outcome), outcome.altered) == ("failed", "not_applied", False)
    else:
        assert outcome.outcome == "failed"
        assert not outcome.altered


@pytest.mark.parametrize(
    ("answer", "applies", "expected"),
    [
        (Answer(200, json=envelope(204)), True, ("changed", None)),
        (Answer(204), True, ("changed", None)),
        (Answer(204), False, ("failed", "not_applied")),
        (Answer(200, json=envelope(204, management=204)), False, ("failed", "not_applied")),
        (Answer(200, json=envelope(202, management=202)), False, ("changed", None)),
        (Answer(200, json=envelope(202)), False, ("changed", None)),
        (Answer(200, json=envelope(500)), False, ("failed", "server_error")),
        (Answer(200, json=envelope(500)), True, ("changed", None)),
        (Answer(200, json=envelope(403)), False, ("failed", "forbidden")),
        (Answer(200, json=envelope(401)), False, ("failed", "unauthorized")),
        (Answer(200, json=envelope(409)), True, ("unchanged", None)),
        (Answer(200, json=envelope(400)), False, ("failed", "bad_request")),
        (Answer(409), True, ("unchanged", None)),
        (Answer(409), False, ("failed", "conflict")),
        (Answer(400), False, ("failed", "bad_request")),
        (Answer(403), False, ("failed", "forbidden")),
        (Answer(404), False, ("failed", "not_applied")),
        (HTML, False, ("failed", "bad_answer")),
        (HTML, True, ("changed", None)),
        (Answer(200, json={}), False, ("failed", "bad_answer")),
        (Answer(200, json=[]), False, ("failed", "bad_answer")),
        (Answer(200, json=None), True, ("changed", None)),
        (Answer(200, json=None), False, ("failed", "not_applied")),
        (Answer(500), False, ("failed", "server_error")),
        (Answer(500), True, ("changed", None)),
        (Answer(302, headers={"Location": "https://sso.example.com/"}), False, ("failed", "redirected")),
        (requests.exceptions.ReadTimeout("slow"), True, ("changed", None)),
        (requests.exceptions.ReadTimeout("slow"), False, ("failed", "timeout")),
    ],
    ids=repr,
)
def test_what_is_made_of_an_answer_to_a_write(
    answer: Answer | Exception, applies: bool, expected: tuple[str, str | None]
) -> None:
    tenant = Tenant(row(1), answer=answer, applies=applies)
    outcome = one(run(vendor(tenant.wire, retries=0), "u1"))
    assert (outcome.outcome, code(outcome)) == expected
    assert tenant.wire.count("PUT") == 1


def test_a_platform_that_was_busy_is_asked_again_and_then_it_is_done() -> None:
    tenant = Tenant(row(1), answer=Answer(200, json=envelope(204, management=204, social=503)))

    def answer(sent: Sent) -> Answer | Exception:
        if sent.method == "PUT" and tenant.wire.count("PUT") + wire.count("PUT") > 1:
            tenant.answer = Answer(200, json=envelope(204, management=204, social=204))
        return tenant(sent)

    wire = Responder(answer)
    outcome = one(run(vendor(wire), "u1"))
    assert (outcome.outcome, outcome.verified, wire.count("PUT")) == ("changed", True, 2)


def test_the_message_of_a_platform_is_scrubbed() -> None:
    body = envelope(204, management=204)
    body["responsePlatforms"]["social"] = {"status": 500, "message": f"the-token {HASH}"}
    outcome = one(run(vendor(Tenant(row(1), answer=Answer(200, json=body)).wire), "u1"))
    assert "the-token" not in str(outcome.problem)
    assert HASH not in str(outcome.problem)


# -- options


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"auth_token": None}, "NETEX_AUTH_TOKEN"),
        ({"auth_token": "a\r\nb"}, "auth_token"),
        ({"tenant": None}, "NETEX_TENANT"),
        ({"tenant": "evil.example/x"}, "tenant"),
        ({"tenant": "a@evil"}, "tenant"),
        ({"tenant": "-a"}, "tenant"),
    ],
)
def test_options_that_cannot_be_used_are_named_before_any_request(params: dict[str, t.Any], named: str) -> None:
    with pytest.raises(CredentialError, match=named):
        vendor(Script(), params)


def test_an_address_may_be_given_with_a_prefix() -> None:
    netex = vendor(Script(), {"tenant": None, "api_url": "https://lms.example.com/x/"})
    assert netex.tenant == "lms.example.com"


@pytest.mark.parametrize("state", [ACTIVE, ABSENT])
def test_a_message_goes_with_deactivated_only(state: str) -> None:
    netex = vendor(Script(), {"message": "Goodbye", "state": state})
    with pytest.raises(SettingsError, match="message"):
        netex.check(UserRequest(Key("username", "u1"), state))
    netex.check(UserRequest(Key("username", "u1"), DEACTIVATED))


def test_a_listing_that_fails_raises_and_proves_nothing() -> None:
    with pytest.raises(ApiError):
        vendor(Responder(lambda sent: Answer(403))).find([Key("email", "a@b")])
    key = Key("username", "u1")
    assert vendor(Responder(lambda sent: Answer(403))).find([key])[key] != LookupResult()
