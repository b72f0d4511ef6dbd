# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Unexpected responses and addresses: none ends in a traceback, and none counts as proof."""

from __future__ import annotations

import ssl
import time
import typing as t

import pytest
import requests
import urllib3

from ansible_collections.saas.offboarding.plugins.module_utils._auth import ClientCredentials, TokenCredential, bearer
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError, Fatal
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    DEACTIVATED,
    PRESENT,
    Key,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._pacing import Limits, retry_after
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Client, Transport
from ansible_collections.saas.offboarding.plugins.module_utils._url import UrlError, check_url
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import SettingsError
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn, _timestamp
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import Zitadel

from .http_script import Answer, FakeClock, Responder, Script, Sent, transport

API = "https://api.example.com"
NX: dict[str, t.Any] = {"api_url": API, "auth_token": "tok", "synchronization": "synchronous"}
ZI: dict[str, t.Any] = {"api_url": API, "access_token": "tok"}
LA: dict[str, t.Any] = {"api_url": API, "access_token": "tok", "customer_id": "c1", "api_version": "v2"}
LE: dict[str, t.Any] = {"api_url": API, "access_token": "tok", "scope": "api/all"}


@pytest.mark.parametrize("url", ["https://[::1", "https://host\uff0fx", "https://[x]"])
def test_check_url_raises_url_error(url: t.Any) -> None:
    with pytest.raises(UrlError):
        check_url("api_url", url)


@pytest.mark.parametrize(
    "url", ["https://.example.com", "https://*.example.com", "https://a..b.example", "https://" + "a" * 70 + ".example"]
)
def test_a_host_that_cannot_be_is_an_url_error_or_an_api_error(url: t.Any) -> None:
    try:
        check_url("api_url", url)
    except UrlError:
        return
    tr = Transport(Limits(retries=0, timeout=2))
    with pytest.raises(ApiError):
        Client(tr, url, bearer(url, "tok")).read("GET", "x")


def test_a_non_ascii_host_gets_its_credential_or_is_refused() -> None:
    url = "https://b\u00fccher.example"
    r = Responder(lambda s: Answer(401))
    try:
        c = Client(transport(r), check_url("api_url", url), bearer(url, "tok"))
    except UrlError:
        return
    with pytest.raises(ApiError):  # KeyError: 'authorization'
        c.read("GET", "x")
    assert "Authorization" in r.log[0].headers


def test_a_location_that_is_no_address_is_an_api_error() -> None:
    c = Client(transport(Responder(lambda s: Answer(302, headers={"Location": "https://[x"}))), API, bearer(API, "tok"))
    with pytest.raises(ApiError):
        c.read("GET", "x")


def test_a_renewal_without_a_token_ends_the_task() -> None:
    answers = iter([Answer(200, json={"access_token": "t1", "expires_in": 60}), Answer(200, json={})])
    r = Responder(lambda s: next(answers) if s.url.endswith("/token") else Answer(401))
    tr = transport(r)
    c = Client(tr, API, TokenCredential(API, ClientCredentials(API + "/token", "i", "s"), tr.exchange))
    with pytest.raises(Fatal):
        c.read("GET", "x")


def test_a_token_that_lives_shorter_than_a_request_is_not_renewed_for_ever() -> None:
    clock = FakeClock()

    def ans(s: Sent) -> Answer:
        clock.pass_by(1.0)
        assert len(r.log) < 100, "endless"
        return (
            Answer(200, json={"access_token": f"t{len(r.log)}", "expires_in": 1})
            if s.url.endswith("/token")
            else Answer(401)
        )

    r = Responder(ans)
    tr = transport(r, clock)
    c = Client(tr, API, TokenCredential(API, ClientCredentials(API + "/token", "i", "s"), tr.exchange, clock=clock.now))
    with pytest.raises(Fatal):
        c.read("GET", "x")


def test_an_asctime_date_is_gmt(monkeypatch: t.Any) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert retry_after({"Retry-After": "Sun Nov  6 08:49:37 1994"}, 784111767.0) == 10.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text",
    ["$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "$scrypt$ln=16,r=8,p=1$c2FsdA$aGFzaA", "$y$j9T$c2FsdA$aGFzaA"],
)
def test_hashes_with_commas(text: t.Any) -> None:
    assert "aGFzaA" not in transport(Script()).scrub(text)


def test_a_broken_tls_connection_is_a_lost_answer() -> None:
    eof = requests.exceptions.SSLError(
        urllib3.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"))
    )
    c = Client(transport(Responder(lambda s: eof)), API, bearer(API, "tok"))
    with pytest.raises(ApiError) as e:
        c.write("POST", "x")
    assert e.value.doubtful
    assert e.value.problem.retryable


def test_json_nested_too_deep_is_a_bad_answer() -> None:
    c = Client(transport(Responder(lambda s: Answer(200, body=b"[" * 100000))), API, bearer(API, "tok"))
    with pytest.raises(ApiError):
        c.read("GET", "x").json()


def test_json_nested_too_deep_in_a_refusal() -> None:
    c = Client(transport(Responder(lambda s: Answer(400, body=b"[" * 100000))), API, bearer(API, "tok"))
    with pytest.raises(ApiError):
        c.read("GET", "x")


ROOT = "/integration/ws/management/rest/users"


def test_find_one_500_does_not_stop_the_others() -> None:
    def ans(s: Sent) -> Answer:
        if s.path.endswith("/bad"):
            return Answer(500)
        if s.method == "PUT":
            return Answer(200, json={"status": 204, "responsePlatforms": {"management": {"status": 204}}})
        return Answer(200, json={"id": "good", "username": "good", "enabled": r.count("PUT") == 0})

    r = Responder(ans)
    v = Netex(NX, transport(r, retries=0))
    rep = Converger(v).run([UserRequest(Key("username", n), DEACTIVATED) for n in ("bad", "good")], check_mode=False)
    assert [o.outcome for o in rep.outcomes] == ["failed", "changed"]


def test_read_back_of_one_does_not_spoil_the_others() -> None:
    done: set[str] = set()

    def ans(s: Sent) -> Answer:
        name = s.path.split("/")[6]
        if s.method == "PUT":
            done.add(name)
            return Answer(200, json={"status": 204, "responsePlatforms": {"management": {"status": 204}}})
        if name == "bad" and "bad" in done:
            return Answer(500)
        return Answer(200, json={"id": name, "username": name, "enabled": name not in done})

    r = Responder(ans)
    v = Netex(NX, transport(r, retries=0))
    rep = Converger(v).run([UserRequest(Key("username", n), DEACTIVATED) for n in ("bad", "good")], check_mode=False)
    assert [(o.outcome, o.verified) for o in rep.outcomes] == [("failed", None), ("changed", True)]


def test_zitadel_read_back_of_one() -> None:
    done: set[str] = set()

    def ans(s: Sent) -> Answer:
        name = s.path.split("/")[3] if s.path.count("/") > 2 else ""
        if s.path.endswith("/deactivate"):
            done.add(name)
            return Answer(200, json={"details": {}})
        if s.method == "POST":
            ids = s.body["queries"][0]["inUserIdsQuery"]["userIds"]
            return Answer(
                200,
                json={
                    "details": {"totalResult": str(len(ids))},
                    "result": [{"userId": i, "state": "USER_STATE_ACTIVE"} for i in ids],
                },
            )
        if name == "bad":
            return Answer(500)
        return Answer(
            200,
            json={"user": {"userId": name, "state": "USER_STATE_INACTIVE" if name in done else "USER_STATE_ACTIVE"}},
        )

    v = Zitadel(ZI, transport(Responder(ans), retries=0))
    rep = Converger(v).run([UserRequest(Key("user_id", n), DEACTIVATED) for n in ("bad", "good")], check_mode=False)
    assert [(o.outcome, o.verified) for o in rep.outcomes][1] == ("changed", True)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "1", "username": 5, "enabled": True},
        {"id": "1", "username": ["x"], "enabled": True},
        {"id": "1", "username": "x", "email": 7, "enabled": True},
    ],
)
def test_netex_odd_values(row: t.Any) -> None:
    v = Netex(NX, transport(Responder(lambda s: Answer(200, json=[row] if s.path == ROOT else row))))
    for key in (Key("username", "x"), Key("email", "x@y.z")):
        (outcome,) = Converger(v).run([UserRequest(key, DEACTIVATED)], check_mode=True).outcomes
        assert outcome.name is None or isinstance(outcome.name, str)


@pytest.mark.parametrize(
    "more",
    [
        {"username": 5},
        {"loginNames": [5, {}]},
        {"loginNames": [["x"]]},
        {"human": {"email": {"email": 5}}},
        {"preferredLoginName": {}},
        {"preferredLoginName": {"a": 1}},
    ],
)
def test_zitadel_odd_values(more: t.Any) -> None:
    row = {"userId": "1", "state": "USER_STATE_ACTIVE", **more}
    v = Zitadel(
        ZI,
        transport(
            Responder(
                lambda s: Answer(
                    200,
                    json={"details": {"totalResult": "1"}, "result": [row]} if s.method == "POST" else {"user": row},
                )
            )
        ),
    )
    for key in (Key("username", "x"), Key("login_name", "x"), Key("email", "x@y.z"), Key("user_id", "1")):
        rep = Converger(v).run([UserRequest(key, DEACTIVATED)], check_mode=True)
        assert all(o.name is None or isinstance(o.name, str) for o in rep.outcomes)


@pytest.mark.parametrize(
    "more",
    [
        {"email": 5},
        {"email": ["a"]},
        {"identities": [{"type": "azure", "value": 5}]},
        {"identities": [{"type": ["x"], "value": "5"}]},
        {"identities": {"type": "azure"}},
    ],
)
def test_laurel_odd_values(more: t.Any) -> None:
    row = {"_id": "u1", "email": "x@y.z", "lastName": "x", "status": "active", **more}

    def ans(s: Sent) -> Answer:
        if s.path.endswith("batch/lookup"):
            return Answer(200, json={"users": [row]})
        return Answer(200, json=row if s.path.endswith("u1") else [row])

    for key in (Key("email", "x@y.z"), Key("identity", "5", "azure"), Key("user_id", "u1")):
        v = Laurel(LA, transport(Responder(ans)))
        rep = Converger(v).run([UserRequest(key, DEACTIVATED)], check_mode=True)
        assert all(o.name is None or isinstance(o.name, str) for o in rep.outcomes)


@pytest.mark.parametrize(
    "more",
    [
        {"delegates": [{"_id": "d", "permissions": [{}]}]},
        {"delegates": [{"_id": "d", "permissions": [{"claim": "a"}, None]}]},
        {"delegates": [{"_id": "d", "permissions": "x"}]},
        {"delegates": [{"_id": "d", "permissions": [["x"]]}]},
        {"delegates": [{"_id": "d", "permissions": 5}]},
    ],
)
def test_laurel_odd_delegates(more: t.Any) -> None:
    row = {"_id": "u1", "email": "x@y.z", "lastName": "x", "status": "active", **more}
    v = Laurel(LA, transport(Responder(lambda s: Answer(200, json=row))))
    Converger(v).run(
        [UserRequest(Key("user_id", "u1"), PRESENT, {"delegates": [{"user_id": "d", "permissions": ["a"]}]})],
        check_mode=True,
    )


@pytest.mark.parametrize(
    "row",
    [
        {"id": "1", "ref": 5, "status": "active"},
        {"id": "1", "ref": "x", "email": 7, "status": "active"},
        {"id": "1", "ref": ["x"], "status": "active"},
    ],
)
def test_learn_odd_values(row: t.Any) -> None:
    for key in (Key("ref", "x"), Key("email", "x@y.z"), Key("user_id", "1")):
        v = Learn(
            LE,
            transport(
                Responder(
                    lambda s: Answer(
                        200,
                        json={"results": [row], "pagination": {"totalPages": 1}} if s.path.endswith("/users") else row,
                    )
                )
            ),
        )
        Converger(v).run([UserRequest(key, DEACTIVATED)], check_mode=True)


@pytest.mark.parametrize("bad", ["", "..", ".", "\ud800"])
def test_an_id_that_does_not_fit_a_path(bad: t.Any) -> None:
    row = {"id": bad, "username": "x", "enabled": True}
    v = Netex(NX, transport(Responder(lambda s: Answer(200, json=[row] if s.path == ROOT else row))))
    rep = Converger(v).run([UserRequest(Key("username", "x"), DEACTIVATED)], check_mode=False)
    assert rep.outcomes[0].outcome == "failed"


@pytest.mark.parametrize("bad", ["..", ".", "\ud800"])
def test_a_ref_that_does_not_fit_a_path(bad: t.Any) -> None:
    row = {"id": "1", "ref": bad, "email": "x@y.z", "status": "active"}
    v = Learn(LE, transport(Responder(lambda s: Answer(200, json={"results": [row], "pagination": {"totalPages": 1}}))))
    rep = Converger(v).run([UserRequest(Key("email", "x@y.z"), DEACTIVATED)], check_mode=False)
    assert rep.outcomes[0].outcome == "failed"


def test_netex_inner_error_of_a_read_is_scrubbed() -> None:
    h = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
    v = Netex(
        NX, transport(Responder(lambda s: Answer(200, json={"status": 400, "message": f"tok {h} " + "x" * 5000})))
    )
    rep = Converger(v).run([UserRequest(Key("username", "x"), DEACTIVATED)], check_mode=True)
    text = str(rep.outcomes[0].problem)
    assert h not in text
    assert "tok " not in text
    assert len(text) < 600


@pytest.mark.parametrize(
    "bad", [{"status": "500", "message": "x"}, {"message": "no status"}, "FAILED", None, {"status": None}]
)
def test_a_platform_without_a_good_status_is_not_fine(bad: t.Any) -> None:
    def ans(s: Sent) -> Answer:
        if s.method == "PUT":
            return Answer(
                200, json={"status": 204, "responsePlatforms": {"management": {"status": 204}, "training": bad}}
            )
        return Answer(200, json={"id": "1", "username": "x", "enabled": r.count("PUT") == 0})

    r = Responder(ans)
    rep = Converger(Netex(NX, transport(r, retries=0))).run(
        [UserRequest(Key("username", "x"), DEACTIVATED)], check_mode=False
    )
    assert (rep.outcomes[0].outcome, rep.outcomes[0].verified) != ("changed", True)


def test_forbidden_and_not_found_is_not_missing() -> None:
    def ans(s: Sent) -> Answer:
        if s.method == "PUT":
            return Answer(
                200,
                json={"status": 403, "responsePlatforms": {"management": {"status": 403}, "training": {"status": 404}}},
            )
        row = {"id": "1", "username": "x", "enabled": True}
        return Answer(200, json=[row] if s.path == ROOT else row)

    rep = Converger(Netex(NX, transport(Responder(ans), retries=0))).run(
        [UserRequest(Key("username", "x"), DEACTIVATED)], check_mode=False
    )
    assert rep.outcomes[0].outcome == "failed"


def test_learn_total_pages_as_text() -> None:
    def ans(s: Sent) -> Answer:
        n = int(s.params.get("page", 1))
        if s.params.get("statuses"):
            return Answer(200, json={"results": [], "pagination": {"totalPages": "1"}})
        return Answer(
            200,
            json={
                "results": [{"id": str(n), "ref": f"r{n}", "email": f"u{n}@y.z", "status": "active"}],
                "pagination": {"totalPages": "3", "totalResults": "3", "page": str(n), "perPage": "1"},
            },
        )

    rep = Converger(Learn(LE, transport(Responder(ans)))).run(
        [UserRequest(Key("email", "u3@y.z"), DEACTIVATED)], check_mode=True
    )
    assert rep.outcomes[0].outcome != "missing"


def test_zitadel_total_result_garbage() -> None:
    def ans(s: Sent) -> Answer:
        if s.method == "GET":
            return Answer(404)
        rows = [{"userId": str(n), "username": f"u{n}", "state": "USER_STATE_ACTIVE"} for n in range(1000)]
        return Answer(200, json={"details": {"totalResult": "many"}, "result": rows})

    rep = Converger(Zitadel(ZI, transport(Responder(ans)))).run(
        [UserRequest(Key("username", "zz"), DEACTIVATED)], check_mode=True
    )
    assert rep.outcomes[0].outcome == "failed"


@pytest.mark.parametrize("result", [{}, "", 0, False])
def test_zitadel_result_of_another_kind(result: t.Any) -> None:
    def ans(s: Sent) -> Answer:
        if s.method == "GET":
            return Answer(200, json={"user": {"id": "me"}})
        if s.body["queries"]:
            return Answer(200, json={"details": {"totalResult": "1"}, "result": result})
        return Answer(200, json={"details": {"totalResult": "2"}, "result": [{"userId": "a"}, {"userId": "b"}]})

    rep = Converger(Zitadel(ZI, transport(Responder(ans)))).run(
        [UserRequest(Key("username", "zz"), DEACTIVATED)], check_mode=True
    )
    assert rep.outcomes[0].outcome == "failed"


def test_learn_by_id_answers_with_another_user() -> None:
    row = {"id": "other", "ref": "r", "email": "e@y.z", "status": "active"}
    rep = Converger(Learn(LE, transport(Responder(lambda s: Answer(200, json=row))))).run(
        [UserRequest(Key("user_id", "asked"), ABSENT)], check_mode=True
    )
    assert rep.outcomes[0].outcome == "failed"


def test_learn_by_ref_answers_with_another_user() -> None:
    row = {"id": "other", "ref": "r", "email": "e@y.z", "status": "active"}
    rep = Converger(Learn(LE, transport(Responder(lambda s: Answer(200, json=row))))).run(
        [UserRequest(Key("ref", "asked"), ABSENT)], check_mode=True
    )
    assert rep.outcomes[0].outcome == "failed"


def test_netex_answers_with_another_user() -> None:
    row = {"id": "other", "username": "r", "email": "e@y.z", "enabled": True}
    rep = Converger(Netex(NX, transport(Responder(lambda s: Answer(200, json=row))))).run(
        [UserRequest(Key("username", "asked"), ABSENT)], check_mode=True
    )
    assert rep.outcomes[0].outcome == "failed"


def test_laurel_lookup_answers_without_the_identity() -> None:
    row = {"_id": "u1", "email": "x@y.z", "lastName": "x", "status": "active"}
    rep = Converger(Laurel(LA, transport(Responder(lambda s: Answer(200, json={"users": [row]}))))).run(
        [UserRequest(Key("identity", "5", "azure"), ABSENT)], check_mode=True
    )
    assert rep.outcomes[0].outcome != "unchanged"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_beyond_the_calendar(text: t.Any) -> None:
    with pytest.raises(SettingsError):
        _timestamp(text)


def test_an_early_year_has_four_digits() -> None:
    assert _timestamp("0999-01-01").startswith("0999-")
