# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Thrive Learning: reads of one version, writes of another, events at another host, dates as it writes them."""

from __future__ import annotations

import base64
import datetime
import re
import typing as t
import uuid

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._auth import CredentialError
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    Key,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import SettingsError
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info.learn import HOSTS
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn, _timestamp

from .http_script import HTML, NOW, REQUEST_2, Answer, Exchange, Responder, Script, Sent, transport

API = "https://public.api.learn.link"
EVENTS = "https://user.api.learn.link/webhooks"
LIST = "/rest/v1/users"
BASIC = "Basic " + base64.b64encode(b"eu-west-2_A:the-secret").decode()
PARAMS = {"environment": "production", "tenant_id": "eu-west-2_A", "api_secret": "the-secret", "scope": "api/all"}
OAUTH = {"api_secret": None, "client_secret": "oauth-secret"}


def user(number: int | str, status: t.Any = "active", **more: t.Any) -> dict[str, t.Any]:
    return {
        "id": f"id{number}",
        "ref": f"R{number}",
        "email": f"u{number}@example.com",
        "firstName": "Jane",
        "lastName": "Doe",
        "role": "learner",
        "status": status,
        "deleted": False,
        "languageCode": None,
    } | more


class Site:
    """A site that holds users; whether its plain list has suspended users is a switch, because it is not documented."""

    def __init__(self, *users: dict[str, t.Any], lists_suspended: bool = True, pagination: bool = True) -> None:
        self.users = {each["id"]: each for each in users}
        self.lists_suspended, self.pagination = lists_suspended, pagination
        self.wire = Responder(self)

    def __call__(self, sent: Sent) -> Answer | Exception:
        if sent.path == LIST:
            return self.listing(sent.params)
        if sent.path == "/webhooks":
            self.by_ref(sent.body["content"]["user"]["ref"])["status"] = "active"  # type: ignore[index]
            return Answer(200, json={})
        parts = sent.path.split("/")
        found = self.users.get(parts[4]) if parts[3] == "user" else self.by_ref(parts[5])
        if found is None:
            return Answer(404, json={"code": "not_found"})
        if sent.method == "PATCH":
            found["status"] = "inactive"
        if sent.method == "DELETE":
            found |= {"deleted": True, "ref": None, "email": None, "firstName": "Deleted"}
            return Answer(200, json={"success": True})
        return Answer(200, json=found)

    def by_ref(self, ref: str) -> dict[str, t.Any] | None:
        return next((each for each in self.users.values() if each["ref"] == ref), None)

    def listing(self, params: t.Any) -> Answer:
        rows = list(self.users.values())
        if "statuses" in params:
            rows = [each for each in rows if each["status"] in params["statuses"].split(",")]
        elif not self.lists_suspended:
            rows = [each for each in rows if each["status"] != "inactive"]
        page, size = int(params["page"]), int(params["perPage"])
        assert 1 <= size <= 1000
        pages = -(-len(rows) // size)
        found = {"results": rows[(page - 1) * size : page * size]}
        return Answer(
            200, json=found | ({"pagination": {"totalPages": pages, "page": page}} if self.pagination else {})
        )


def learn(adapter: t.Any, params: dict[str, t.Any] | None = None, **limits: t.Any) -> Learn:
    return Learn(PARAMS | (params or {}), transport(adapter, **limits))


def run(
    vendor: Learn, *names: str, state: str = DEACTIVATED, field: str = "", check: bool = False, **settings: t.Any
) -> Report:
    keys = [Key(field or ("email" if "@" in name else "ref" if name[0] == "R" else "user_id"), name) for name in names]
    return Converger(vendor).run([UserRequest(key, state, settings) for key in keys], check_mode=check)


def one(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


def code(outcome: Outcome) -> str | None:
    return None if outcome.problem is None else outcome.problem.code


# -- the exact requests


def test_one_user_by_ref_is_read_suspended_and_read() -> None:
    script = Script(
        Exchange("GET", f"{API}/rest/v1/users/ref/R1", Answer(200, json=user(1))),
        Exchange(
            "PATCH",
            f"{API}/rest/v2/users/ref/R1/suspend",
            Answer(200, json={"active": False}, headers=REQUEST_2),
            json={},
        ),
        Exchange("GET", f"{API}/rest/v1/user/id1", Answer(200, json=user(1, "inactive"))),
        headers={"Authorization": BASIC},
    )
    assert one(run(vendor := learn(script), "R1")).as_result() == {
        "key": {"ref": "R1"},
        "outcome": "changed",
        "id": "id1",
        "name": "u1@example.com",
        "before": {"state": "active", "vendor_state": "active"},
        "after": {"state": "deactivated", "vendor_state": "inactive"},
        "verified": True,
        "error": None,
        "proof": {
            "before_at": NOW,
            "written_at": NOW,
            "after_at": NOW,
            "status": 200,
            "request_id": "req-2",
        },
        "manual": [],
    }
    script.finish()
    assert vendor.tenant == "public.api.learn.link/eu-west-2_A"


def test_an_end_date_goes_with_the_suspension() -> None:
    script = Script(
        Exchange("GET", f"{API}/rest/v1/user/id1", Answer(200, json=user(1))),
        Exchange(
            "PATCH", f"{API}/rest/v2/users/ref/R1/suspend", Answer(200), json={"endDate": "2024-06-30T17:00:00.000Z"}
        ),
        Exchange("GET", f"{API}/rest/v1/user/id1", Answer(200, json=user(1, "inactive"))),
    )
    assert one(run(learn(script), "id1", end_date="2024-06-30T19:00:00+02:00")).outcome == "changed"
    script.finish()


def test_an_end_date_does_not_suspend_again() -> None:
    site = Site(user(1, "inactive"))
    assert one(run(learn(site.wire), "R1", end_date="2024-06-30")).outcome == "unchanged"
    assert site.wire.count("PATCH") == 0


def test_a_ref_that_is_a_path_stays_one_segment() -> None:
    ref = "../a/b?c#d"
    site = Site(user(1, ref=ref))
    run(learn(site.wire), "u1@example.com")
    (patch,) = (sent for sent in site.wire.log if sent.method == "PATCH")
    assert patch.path == "/rest/v2/users/ref/..%2Fa%2Fb%3Fc%23d/suspend"


def test_a_deletion_is_seen_by_its_mark() -> None:
    site = Site(user(1), user(2))
    outcome = one(run(learn(site.wire), "R1", state=ABSENT))
    assert (outcome.outcome, outcome.verified, outcome.after.state) == ("changed", True, ABSENT)
    assert one(run(learn(site.wire), "R1", state=ABSENT)).outcome == "unchanged"
    assert one(run(learn(site.wire), "id1", state=ABSENT)).outcome == "unchanged"
    assert one(run(learn(site.wire), "id1")).outcome == "missing"
    assert site.wire.count("DELETE") == 1


@pytest.mark.parametrize("count", [1, 3, 4, 300])
@pytest.mark.parametrize("field", ["ref", "user_id", "email"])
@pytest.mark.parametrize("lists_suspended", [True, False])
def test_the_number_of_requests_is_as_promised(count: int, field: str, lists_suspended: bool) -> None:
    site = Site(*[user(number) for number in range(max(count, 5))], lists_suspended=lists_suspended)
    spelled = {"ref": "R{}", "user_id": "id{}", "email": "U{}@example.com"}[field]
    report = run(vendor := learn(site.wire, concurrency=8), *[spelled.format(n) for n in range(count)])
    assert {(o.outcome, o.verified) for o in report.outcomes} == {("changed", True)}
    # By e-mail, of which there may be two: among the suspended too, as long as the list shows none.
    reads = 2 if field == "email" else count if count <= 3 else 1
    by_list = 1 if lists_suspended else 2
    # How long the list is is known once it was read.
    again = min(count, by_list) if field == "email" else count if count <= 3 else by_list
    assert vendor.transport.counters.sent == count + reads + again


# -- states


@pytest.mark.parametrize(
    ("status", "more", "state", "outcome"),
    [
        ("active", {}, ACTIVE, "changed"),
        ("new", {}, ACTIVE, "changed"),
        ("expired", {}, ACTIVE, "changed"),
        ("inactive", {}, DEACTIVATED, "unchanged"),
        ("paused", {}, "unknown", "changed"),
        (None, {}, "unknown", "changed"),
        (5, {}, "unknown", "changed"),
        ("active", {"deleted": True}, ABSENT, "missing"),
        ("active", {"deleted": "yes"}, ACTIVE, "changed"),
        ("active", {"deleted": None}, ACTIVE, "changed"),
    ],
)
def test_the_vendors_words_for_states(status: t.Any, more: dict[str, t.Any], state: str, outcome: str) -> None:
    came = one(run(learn(Site(user(1, status, **more)).wire), "id1"))
    assert (came.before.state, came.outcome) == (state, outcome)


# -- lookup_result


@pytest.mark.parametrize("size", [1, 999, 1000, 1001, 2500])
@pytest.mark.parametrize("pagination", [True, False])
@pytest.mark.parametrize("threads", [1, 4])
def test_everybody_is_read_with_or_without_a_count_of_pages(size: int, pagination: bool, threads: int) -> None:
    site = Site(*[user(number) for number in range(size)], pagination=pagination)
    key = Key("email", f"U{size - 1}@EXAMPLE.com")
    assert learn(site.wire, concurrency=threads).find([key])[key].accounts[0].id == f"id{size - 1}"


@pytest.mark.parametrize("lists_suspended", [True, False])
def test_the_suspended_are_found_wherever_they_are_listed(lists_suspended: bool) -> None:
    site = Site(user(1, "inactive"), user(2), lists_suspended=lists_suspended)
    assert one(run(learn(site.wire), "u1@example.com")).outcome == "unchanged"
    assert one(run(learn(site.wire), "u1@example.com", state=ACTIVE)).outcome == "changed"


def test_two_users_with_one_email_are_failed() -> None:
    assert code(one(run(learn(Site(user(1), user(2, email="U1@example.com")).wire), "u1@example.com"))) == "ambiguous"


def test_a_deleted_record_is_not_confused_with_the_user_who_has_its_data() -> None:
    site = Site(user(1, deleted=True, email="jane@example.com"), user(2, email="jane@example.com"))
    assert one(run(learn(site.wire), "jane@example.com")).id == "id2"


def test_a_ref_that_differs_only_in_case_is_failed_and_named() -> None:
    wire = Responder(lambda sent: Answer(200, json=user(1, ref="r1")))
    assert code(one(run(learn(wire), "R1"))) == "near_match"


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, body=b""),
        Answer(200, json=None),
        Answer(200, json=[]),
        Answer(200, json={}),
        Answer(200, json={"results": None}),
        Answer(200, json={"results": {}}),
        Answer(200, json={"results": ["id1"]}),
        Answer(200, json={"results": [{"ref": "R1"}]}),
        Answer(200, json={"results": [{"id": 5}]}),
        Answer(400),
        Answer(401),
        Answer(403),
        Answer(404),
        Answer(302, headers={"Location": "https://sso.example.com/"}),
    ],
    ids=repr,
)
def test_a_malformed_list_is_an_error_and_proves_no_user_missing(answer: Answer) -> None:
    outcome = one(run(learn(Responder(lambda sent: answer)), "no-such-user@example.com", state=ABSENT))
    assert outcome.outcome == "failed"


def test_a_failed_page_is_an_error_and_proves_no_user_missing() -> None:
    site = Site(*[user(number) for number in range(2500)])
    wire = Responder(lambda sent: Answer(500) if sent.params.get("page") == "2" else site(sent))
    assert one(run(learn(wire, retries=0), "no-such-user@example.com", state=ABSENT)).outcome == "failed"


@pytest.mark.parametrize(
    ("answer", "listing", "expected"),
    [
        (Answer(404), Answer(200, json={"results": []}), ("failed", "unproven")),
        (Answer(404), Answer(404), ("failed", "wrong_address")),
        (Answer(404), HTML, ("failed", "wrong_address")),
        (Answer(404), Answer(200, json=[]), ("failed", "wrong_address")),
        (Answer(403), Answer(200, json={"results": []}), ("failed", "forbidden")),
        (Answer(400), Answer(200, json={"results": []}), ("failed", "bad_request")),
        (Answer(500), Answer(200, json={"results": []}), ("failed", "server_error")),
        (HTML, Answer(200, json={"results": []}), ("failed", "bad_answer")),
        (Answer(200, json=[]), Answer(200, json={"results": []}), ("failed", "bad_answer")),
        (Answer(200, json={}), Answer(200, json={"results": []}), ("failed", "bad_answer")),
        (Answer(200, json={"id": 5}), Answer(200, json={"results": []}), ("failed", "bad_answer")),
    ],
    ids=repr,
)
@pytest.mark.parametrize("key", ["R1", "id1"])
def test_what_is_made_of_an_answer_to_a_read_of_one(
    answer: Answer, listing: Answer, expected: tuple[str, str | None], key: str
) -> None:
    wire = Responder(lambda sent: listing if sent.path == LIST else answer)
    outcome = one(run(learn(wire, retries=0), key))
    assert (outcome.outcome, code(outcome)) == expected


def test_what_goes_wrong_with_one_stops_no_other() -> None:
    site = Site(user(1), user(2))
    wire = Responder(lambda sent: Answer(500) if sent.path.endswith("/R9") else site(sent))
    report = run(learn(wire, retries=0), "R1", "R9", "R2")
    assert [outcome.outcome for outcome in report.outcomes] == ["changed", "failed", "changed"]


@pytest.mark.parametrize("odd", [5, None, [], ["x"], {}, {"a": 1}, True])
def test_values_of_another_kind_are_not_stumbled_over(odd: t.Any) -> None:
    site = Site(user(1, ref=odd, email=odd, firstName=odd), user(2))
    assert one(run(learn(site.wire), "u2@example.com")).outcome == "changed"
    outcome = one(run(learn(site.wire), "id1"))
    assert (outcome.outcome, code(outcome), outcome.name) == ("failed", "no_ref", None)


# -- writing


@pytest.mark.parametrize(
    ("answer", "applies", "expected"),
    [
        (Answer(200, body=b""), True, ("changed", None)),
        (Answer(204), True, ("changed", None)),
        (HTML, True, ("changed", None)),
        (Answer(200, json={"active": False}), False, ("failed", "not_applied")),
        (Answer(409), True, ("unchanged", None)),
        (Answer(409), False, ("failed", "conflict")),
        (Answer(422), True, ("unchanged", None)),
        (Answer(422, json={"message": "endDate is wrong"}), False, ("failed", "invalid")),
        (Answer(400), False, ("failed", "bad_request")),
        (Answer(415), False, ("failed", "unsupported_media_type")),
        (Answer(403), False, ("failed", "forbidden")),
        (Answer(404), False, ("failed", "not_applied")),
        (Answer(500), False, ("failed", "server_error")),
        (Answer(500), True, ("changed", None)),
        (requests.exceptions.ReadTimeout("slow"), True, ("changed", None)),
        (requests.exceptions.ReadTimeout("slow"), False, ("failed", "timeout")),
    ],
    ids=repr,
)
def test_what_is_made_of_an_answer_to_a_suspension(
    answer: Answer | Exception, applies: bool, expected: tuple[str, str | None]
) -> None:
    site = Site(user(1))

    def respond(sent: Sent) -> Answer | Exception:
        if sent.method == "PATCH" and not applies:
            return answer
        came = site(sent)
        return answer if sent.method == "PATCH" else came

    wire = Responder(respond)
    outcome = one(run(learn(wire, retries=0), "R1"))
    assert (outcome.outcome, code(outcome)) == expected
    assert wire.count("PATCH") == 1


# -- events


def test_an_account_is_re_opened_by_an_event_with_the_data_it_has() -> None:
    site = Site(user(1, "inactive"))
    outcome = one(run(learn(site.wire), "R1", state=ACTIVE))
    assert (outcome.outcome, outcome.verified) == ("changed", True)
    (event,) = (sent for sent in site.wire.log if sent.method == "POST")
    assert (event.url, event.headers["Authorization"]) == (EVENTS, BASIC)
    body = event.body
    assert str(uuid.UUID(body.pop("id")))
    assert (
        abs(datetime.datetime.fromisoformat(body.pop("timestamp")).timestamp() - datetime.datetime.now().timestamp())
        < 60
    )
    expected = {"ref": "R1", "email": "u1@example.com", "firstName": "Jane", "lastName": "Doe", "role": "learner"}
    assert body == {"eventType": "user_joined", "content": {"user": expected}}


def test_an_account_that_is_open_gets_no_event() -> None:
    site = Site(user(1))
    assert one(run(learn(site.wire), "R1", state=ACTIVE)).outcome == "unchanged"
    assert site.wire.count("POST") == 0


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(202), ("changed", None)),
        (Answer(200), ("failed", "not_applied")),
        (Answer(409), ("failed", "conflict")),
        (Answer(404), ("failed", "not_found")),
        (Answer(403), ("failed", "forbidden")),
    ],
    ids=repr,
)
def test_what_is_made_of_an_answer_to_an_event_that_changed_nothing_yet(
    answer: Answer, expected: tuple[str, str | None]
) -> None:
    site = Site(user(1, "inactive"))
    wire = Responder(lambda sent: answer if sent.method == "POST" else site(sent))
    outcome = one(run(learn(wire), "R1", state=ACTIVE))
    assert (outcome.outcome, code(outcome)) == expected
    assert outcome.verified is (
        None if expected[0] == "changed" or expected[1] in ("not_found", "forbidden") else False
    )


def test_events_take_a_second_token_of_their_own_host() -> None:
    form = {"grant_type": "client_credentials", "client_id": "eu-west-2_A", "client_secret": "oauth-secret"}
    first, second = ({"access_token": name, "expires_in": 3600} for name in ("api-token", "event-token"))
    tokens: list[tuple[str, dict[str, str]]] = []
    site = Site(user(1, "inactive"))

    def answer(sent: Sent) -> Answer | Exception:
        if "/oauth2/token/" in sent.path:
            tokens.append((sent.url, sent.body))
            return Answer(200, json=first if len(tokens) == 1 else second)
        wanted = "event-token" if sent.url == EVENTS else "api-token"
        assert sent.headers["Authorization"] == f"Bearer {wanted}"
        return site(sent)

    vendor = learn(Responder(answer), OAUTH)
    assert one(run(vendor, "R1", state=ACTIVE)).outcome == "changed"
    assert tokens == [
        (f"{API}/oauth2/token/eu-west-2_A", form | {"scope": "api/all"}),
        ("https://user.api.learn.link/oauth2/token/eu-west-2_A", form | {"scope": "api/all"}),
    ]
    assert vendor.transport.counters.tokens == 2


@pytest.mark.parametrize(
    ("scope", "of_events"), [("api/read api/write", "api/webhooks"), ("api/read api/all", "api/all")]
)
def test_the_scope_of_events_is_the_narrow_one_unless_all_is_given(scope: str, of_events: str) -> None:
    asked: list[str | None] = []
    site = Site(user(1, "inactive"))

    def answer(sent: Sent) -> Answer | Exception:
        if "/oauth2/token/" in sent.path:
            asked.append(sent.body.get("scope"))
            return Answer(200, json={"access_token": "t"})
        return site(sent)

    run(learn(Responder(answer), OAUTH | {"scope": scope}), "R1", state=ACTIVE)
    assert asked == [scope, of_events]


def test_without_an_address_for_events_no_account_is_reopened() -> None:
    vendor = learn(Script(), {"environment": None, "api_url": "https://lms.example.com"})
    with pytest.raises(SettingsError, match="LEARN_WEBHOOK_URL"):
        vendor.check(UserRequest(Key("ref", "R1"), ACTIVE))
    vendor.check(UserRequest(Key("ref", "R1"), DEACTIVATED))


# -- options


@pytest.mark.parametrize("environment", HOSTS)
def test_an_environment_names_both_hosts(environment: str) -> None:
    public, events = HOSTS[environment]
    site = Site(user(1, "inactive"))
    run(learn(site.wire, {"environment": environment}), "R1", state=ACTIVE)
    assert {sent.url.split("/")[2] for sent in site.wire.log} == {public, events}


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"environment": None}, "LEARN_ENVIRONMENT"),
        ({"tenant_id": None}, "LEARN_TENANT_ID"),
        ({"api_secret": None}, "LEARN_API_SECRET"),
        ({"client_secret": "s"}, "LEARN_CLIENT_SECRET"),
    ],
)
def test_options_that_cannot_be_used_are_named_before_any_request(params: dict[str, t.Any], named: str) -> None:
    with pytest.raises(CredentialError, match=named):
        learn(Script(), params)


# -- dates


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("2024-06-30", "2024-06-30T00:00:00.000Z"),
        ("2024-06-30T17:00:00Z", "2024-06-30T17:00:00.000Z"),
        ("2024-06-30T17:00:00.5Z", "2024-06-30T17:00:00.500Z"),
        ("2024-06-30T19:00:00+02:00", "2024-06-30T17:00:00.000Z"),
        ("2024-06-30 17:00:00+00:00", "2024-06-30T17:00:00.000Z"),
        ("2024-07-01T00:30:00+01:00", "2024-06-30T23:30:00.000Z"),
    ],
)
def test_a_date_is_sent_as_the_vendor_writes_it(text: str, sent: str) -> None:
    assert _timestamp(text) == sent


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-06-31", "30.06.2024", "2024-06-30T17:00:00", "2024-13-01", "1719766800"]
)
def test_a_date_that_is_none_or_has_no_zone_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="end_date"):
        learn(Script()).check(UserRequest(Key("ref", "R1"), DEACTIVATED, {"end_date": text}))


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1), timezones=st.timezones()))
def test_a_moment_stays_the_same_moment_to_the_millisecond(moment: datetime.datetime) -> None:
    sent = _timestamp(moment.isoformat())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", sent)
    assert 0 <= (moment - datetime.datetime.fromisoformat(sent)).total_seconds() < 0.001


@pytest.mark.parametrize("state", [ACTIVE, ABSENT])
def test_an_end_date_goes_with_deactivated_only(state: str) -> None:
    with pytest.raises(SettingsError, match="end_date"):
        learn(Script()).check(UserRequest(Key("ref", "R1"), state, {"end_date": "2024-06-30"}))
