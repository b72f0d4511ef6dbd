# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ZITADEL: error ids decide, a search without rights is empty, a listing lags, one's own account stays."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import requests

from ansible_collections.saas.offboarding.plugins.module_utils._auth import CredentialError
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    Key,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.zitadel import SCOPE, Zitadel
from ansible_collections.saas.offboarding.plugins.module_utils._zitadel_errors import error_id
from ansible_collections.saas.offboarding.plugins.module_utils._zitadel_words import (
    ALREADY,
    ALREADY_INACTIVE,
    NO_SUCH_USER,
)

from .http_script import HTML, NOW, REQUEST_2, Answer, Exchange, Responder, Script, Sent, transport
from .test_auth import key_json

API = "https://acme.zitadel.cloud"
PARAMS = {"api_url": API, "access_token": "the-pat"}
WORD = {ACTIVE: "ACTIVE", DEACTIVATED: "INACTIVE", LOCKED: "LOCKED"}


def refused(status: int, identifier: str, text: str = "Errors.User") -> Answer:
    detail = {"@type": "type.googleapis.com/zitadel.v1.ErrorDetail", "id": identifier, "message": text}
    return Answer(status, json={"code": 9, "message": f"{text} ({identifier})", "details": [detail]})


def user(identifier: str, state: str = "ACTIVE", **more: t.Any) -> dict[str, t.Any]:
    name = f"{identifier}@acme.example.com"
    return {
        "userId": identifier,
        "state": f"USER_STATE_{state}",
        "username": f"user-{identifier}",
        "loginNames": [name],
        "preferredLoginName": name,
        "human": {"email": {"email": f"{identifier}@example.com", "isVerified": True}},
    } | more


RULES = {
    "deactivate": (("ACTIVE", "LOCKED"), "INACTIVE", "COMMAND-5gunjw0cd7", "COMMAND-5gp2p62iin"),
    "reactivate": (("INACTIVE",), "ACTIVE", "COMMAND-s5qqcz97hf", "COMMAND-9hy5kzbuk6"),
    "lock": (("ACTIVE", "INITIAL"), "LOCKED", "COMMAND-lgws8wtsqf", "COMMAND-450yxuqrh1"),
    "unlock": (("LOCKED",), "ACTIVE", "COMMAND-olb9vb0oca", "COMMAND-x377t913pw"),
}


class Instance:
    """An instance with the transitions and error ids of the vendor's own source."""

    def __init__(self, *users: dict[str, t.Any], me: str | None = "me", may_read: bool = True) -> None:
        self.users = {each["userId"]: each for each in users}
        self.me, self.may_read = me, may_read
        self.wire = Responder(self)

    def __call__(self, sent: Sent) -> Answer | Exception:
        parts = sent.path.strip("/").split("/")
        if sent.path in ("/auth/v1/users/me", "/oidc/v1/userinfo"):
            return Answer(200, json={"user": {"id": self.me}, "sub": self.me}) if self.me else Answer(403)
        if parts[:2] != ["v2", "users"]:
            return Answer(404, json={"code": 5, "message": "Not Found"})
        if sent.path == "/v2/users":
            return self.search(sent.body)
        if parts[3:] == ["search"]:
            return Answer(404, json={"code": 5, "message": "Not Found"})
        found = self.users.get(parts[2])
        if sent.method == "GET":
            return refused(404, "QUERY-Dfbg2") if found is None else Answer(200, json={"user": found})
        if sent.method == "DELETE":
            return (
                refused(404, "COMMAND-bd4ir1mblj") if self.users.pop(parts[2], None) is None else Answer(200, json={})
            )
        sources, target, wrong_state, not_found = RULES[parts[3]]
        if found is None:
            return refused(404, not_found)
        state = found["state"].removeprefix("USER_STATE_")
        if state == "INITIAL" and parts[3] == "deactivate":
            return refused(400, "COMMAND-gvx4kct9r2")
        if state not in sources:
            return refused(400, wrong_state)
        found["state"] = f"USER_STATE_{target}"
        return Answer(200, json={"details": {"sequence": "2"}})

    def search(self, body: dict[str, t.Any]) -> Answer:
        assert body["query"]["asc"] is True
        assert 0 < body["query"]["limit"] <= 1000
        rows = [each for each in self.users.values() if all(self.fits(each, query) for query in body["queries"])]
        if not self.may_read:
            rows = []
        start = int(body["query"]["offset"])
        page = rows[start : start + body["query"]["limit"]]
        details = {"totalResult": str(len(rows))} if rows else {}
        return Answer(200, json={"details": details, **({"result": page} if page else {})})

    def fits(self, each: dict[str, t.Any], query: dict[str, t.Any]) -> bool:
        (kind,) = query
        asked = query[kind]
        if kind == "orQuery":
            return any(self.fits(each, inner) for inner in asked["queries"])
        if kind == "inUserIdsQuery":
            return each["userId"] in asked["userIds"]
        assert asked["method"] == "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"
        if kind == "emailQuery":
            values = [each.get("human", {}).get("email", {}).get("email")]
            wanted = asked["emailAddress"]
        elif kind == "userNameQuery":
            values, wanted = [each.get("username")], asked["userName"]
        else:
            values, wanted = each.get("loginNames", []), asked["loginName"]
        return wanted.lower() in [value.lower() for value in values if isinstance(value, str)]


def zitadel(adapter: t.Any, params: dict[str, t.Any] | None = None, **limits: t.Any) -> Zitadel:
    return Zitadel(PARAMS | (params or {}), transport(adapter, **limits))


def run(vendor: Zitadel, *names: str, state: str = DEACTIVATED, field: str = "user_id", check: bool = False) -> Report:
    return Converger(vendor).run([UserRequest(Key(field, name), state) for name in names], check_mode=check)


def lock_again(vendor: Zitadel, *names: str, check: bool = False) -> Report:
    """Lock accounts in a task that reopens, as a reinstatement does."""
    asked = [UserRequest(Key("user_id", name), LOCKED, reopens=True) for name in names]
    return Converger(vendor).run(asked, check_mode=check)


def one(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


def code(outcome: Outcome) -> str | None:
    return None if outcome.problem is None else outcome.problem.code


# -- states


@pytest.mark.parametrize(
    ("before", "asked", "actions", "after", "outcome"),
    [
        ("ACTIVE", DEACTIVATED, ["deactivate"], "INACTIVE", "changed"),
        ("LOCKED", DEACTIVATED, ["deactivate"], "INACTIVE", "changed"),
        ("INACTIVE", DEACTIVATED, [], "INACTIVE", "unchanged"),
        ("INITIAL", DEACTIVATED, [], "INITIAL", "failed"),
        ("ACTIVE", LOCKED, ["lock"], "LOCKED", "changed"),
        ("INITIAL", LOCKED, [], "INITIAL", "failed"),
        ("INACTIVE", LOCKED, [], "INACTIVE", "unchanged"),
        ("LOCKED", LOCKED, [], "LOCKED", "unchanged"),
        ("INACTIVE", ACTIVE, ["reactivate"], "ACTIVE", "changed"),
        ("LOCKED", ACTIVE, ["unlock"], "ACTIVE", "changed"),
        ("ACTIVE", ACTIVE, [], "ACTIVE", "unchanged"),
        ("INITIAL", ACTIVE, [], "INITIAL", "unchanged"),
        ("ACTIVE", ABSENT, ["DELETE"], None, "changed"),
        ("INITIAL", ABSENT, ["DELETE"], None, "changed"),
    ],
)
def test_the_requests_from_one_state_to_another(
    before: str, asked: str, actions: list[str], after: str | None, outcome: str
) -> None:
    instance = Instance(user("1", before))
    came = one(run(zitadel(instance.wire), "1", state=asked))
    assert came.outcome == outcome
    sent = [
        s.path.rpartition("/")[2] if s.method == "POST" else s.method for s in instance.wire.log if s.method != "GET"
    ]
    assert sent == actions
    assert instance.users.get("1", {}).get("state") == (after and f"USER_STATE_{after}")
    if outcome == "changed":
        assert came.verified is True
    if outcome == "failed":
        assert code(came) == "vendor_refuses"
        assert "absent" in str(came.problem)
        assert "invitation" in str(came.problem)
        assert "initial to delete" in str(came.problem)
    assert one(run(zitadel(instance.wire), "1", state=asked)).outcome == (
        "failed" if outcome == "failed" else "unchanged"
    )


# -- locked again


@pytest.mark.parametrize(
    ("before", "actions", "outcome"),
    [
        ("INACTIVE", ["reactivate", "lock"], "changed"),
        ("ACTIVE", ["lock"], "changed"),
        ("LOCKED", [], "unchanged"),
    ],
)
def test_an_account_is_locked_again_in_a_task_that_re_opens(before: str, actions: list[str], outcome: str) -> None:
    instance = Instance(user("1", before))
    planned = one(lock_again(zitadel(instance.wire), "1", check=True))
    assert [sent for sent in instance.wire.log if sent.method == "POST"] == []
    came = one(lock_again(zitadel(instance.wire), "1"))
    assert (planned.outcome, planned.before, planned.after.state) == (outcome, came.before, LOCKED)
    assert [s.path.rpartition("/")[2] for s in instance.wire.log if s.method == "POST"] == actions
    assert (came.outcome, came.after.vendor_state) == (outcome, "USER_STATE_LOCKED")
    assert one(lock_again(zitadel(instance.wire), "1")).outcome == "unchanged"


@pytest.mark.parametrize(
    "fault", [Answer(403, json={}), Answer(401, json={}), Answer(500, json={}), Answer(400, json={})]
)
def test_one_that_is_not_locked_again_is_failed_and_named_as_open(fault: Answer) -> None:
    instance = Instance(user("1", "INACTIVE"))

    def answer(sent: Sent) -> Answer | Exception:
        return fault if sent.path.endswith("/lock") else instance(sent)

    came = one(lock_again(zitadel(Responder(answer)), "1"))
    assert (came.outcome, came.before.state, came.after.state) == ("failed", DEACTIVATED, ACTIVE)
    assert "is open now: run again, which locks it" in str(came.problem)
    again = one(lock_again(zitadel(instance.wire), "1"))
    assert (again.outcome, again.before.state, again.after.state) == ("changed", ACTIVE, LOCKED)


@pytest.mark.parametrize("action", ["reactivate", "lock"])
def test_a_lost_response_to_a_lock_is_settled_by_a_read(action: str) -> None:
    instance = Instance(user("1", "INACTIVE"))
    lost: list[str] = []

    def answer(sent: Sent) -> Answer | Exception:
        came = instance(sent)
        if sent.path.endswith(f"/{action}") and not lost:
            lost.append(sent.path)
            return Answer(503)
        return came

    outcome = one(lock_again(zitadel(Responder(answer)), "1"))
    assert (outcome.outcome, outcome.before.state, outcome.after.state) == ("changed", DEACTIVATED, LOCKED)


def test_what_refuses_to_be_opened_is_not_locked_and_stays_as_it_was() -> None:
    instance = Instance(user("1", "INACTIVE"))

    def answer(sent: Sent) -> Answer | Exception:
        return refused(403, "AUTH-5mWD2") if sent.path.endswith("/reactivate") else instance(sent)

    wire = Responder(answer)
    came = one(lock_again(zitadel(wire), "1"))
    assert (came.outcome, came.after.state, wire.count("POST", "lock")) == ("failed", DEACTIVATED, 0)


@pytest.mark.parametrize("state", ["USER_STATE_NEW", "", None, 1, [], "ACTIVE"])
def test_an_unrecognized_state_is_unknown_and_is_closed(state: t.Any) -> None:
    instance = Instance(user("1") | {"state": state})
    instance_answer = instance.__call__

    def answer(sent: Sent) -> Answer | Exception:
        if sent.path.endswith("/deactivate"):
            instance.users["1"]["state"] = "USER_STATE_ACTIVE"
        return instance_answer(sent)

    came = one(run(zitadel(Responder(answer)), "1"))
    assert (came.outcome, came.before.state, came.after.state) == ("changed", "unknown", DEACTIVATED)


# -- the exact requests


def test_one_user_by_id_is_read_closed_and_read() -> None:
    body = {"details": {"sequence": "2"}}
    headers = {"Authorization": "Bearer the-pat"}
    script = Script(
        Exchange("GET", f"{API}/v2/users/1", Answer(200, json={"user": user("1")})),
        Exchange("GET", f"{API}/auth/v1/users/me", Answer(200, json={"user": {"id": "me"}})),
        Exchange("POST", f"{API}/v2/users/1/deactivate", Answer(200, json=body, headers=REQUEST_2), json={}),
        Exchange("GET", f"{API}/v2/users/1", Answer(200, json={"user": user("1", "INACTIVE")})),
        headers=headers,
    )
    assert one(run(vendor := zitadel(script), "1")).as_result() == {
        "key": {"user_id": "1"},
        "outcome": "changed",
        "id": "1",
        "name": "1@acme.example.com",
        "before": {"state": "active", "vendor_state": "USER_STATE_ACTIVE"},
        "after": {"state": "deactivated", "vendor_state": "USER_STATE_INACTIVE"},
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
    assert vendor.transport.counters.as_result() == {"sent": 4, "retried": 0, "tokens": 0}


@pytest.mark.parametrize(
    ("field", "value", "query"),
    [
        ("email", "1@example.com", {"emailQuery": {"emailAddress": "1@example.com"}}),
        ("username", "user-1", {"userNameQuery": {"userName": "user-1"}}),
        ("login_name", "1@acme.example.com", {"loginNameQuery": {"loginName": "1@acme.example.com"}}),
    ],
)
def test_a_name_is_searched_for_ignoring_case_and_then_compared(
    field: str, value: str, query: dict[str, dict[str, str]]
) -> None:
    (kind,) = query
    query[kind]["method"] = "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"
    body = {
        "query": {"offset": "0", "limit": 1000, "asc": True},
        "sortingColumn": "USER_FIELD_NAME_UNSPECIFIED",
        "queries": [query],
    }
    answer = Answer(200, json={"details": {"totalResult": 1}, "result": [user("1", "INACTIVE")]})
    script = Script(Exchange("POST", f"{API}/v2/users", answer, json=body))
    assert one(run(zitadel(script), value, field=field)).outcome == "unchanged"
    script.finish()


@pytest.mark.parametrize(
    ("field", "count"), [("user_id", 2), ("user_id", 1001), ("email", 2), ("email", 300), ("username", 300)]
)
def test_the_number_of_requests_is_as_promised(count: int, field: str) -> None:
    spelled = {"user_id": "{}", "email": "{}@example.com", "username": "user-{}"}[field]
    instance = Instance(*[user(str(number), "INACTIVE" if number % 2 else "ACTIVE") for number in range(count)])
    report = run(
        vendor := zitadel(instance.wire, concurrency=8),
        *[spelled.format(number) for number in range(count)],
        field=field,
    )
    assert [o.outcome for o in report.outcomes] == ["unchanged" if n % 2 else "changed" for n in range(count)]
    writes = (count + 1) // 2
    pages, pages_again = -(-count // 1000), -(-writes // 1000)
    own = 1
    assert vendor.transport.counters.sent == writes + pages + pages_again + own


def test_an_account_that_is_read_back_is_counted_once() -> None:
    instance = Instance(*[user(str(number)) for number in range(8)])
    names = [str(number) for number in range(6)]
    planned, done = zitadel(instance.wire), zitadel(instance.wire)
    run(planned, *names, check=True)
    run(done, *names)
    assert done.transport.counters.accounts == planned.transport.counters.accounts
    assert done.transport.counters.pages > planned.transport.counters.pages


# -- lookup_result


def test_a_short_page_is_not_the_end() -> None:
    """Older servers leave rows out after they counted: only totalResult marks the end."""
    pages = {0: [user("a")], 1000: [], 2000: [user("b", username="Jane")]}

    def answer(sent: Sent) -> Answer:
        offset = int(sent.body["query"]["offset"])
        return Answer(200, json={"details": {"totalResult": "2001"}, "result": pages[offset]})

    outcome = one(run(zitadel(Responder(answer)), "jane", field="username"))
    assert (outcome.outcome, code(outcome)) == ("failed", "near_match")


def test_two_accounts_with_one_email_are_failed() -> None:
    instance = Instance(user("1"), user("2") | {"human": {"email": {"email": "1@EXAMPLE.com"}}})
    outcome = one(run(zitadel(instance.wire), "1@example.com", field="email"))
    assert (outcome.outcome, code(outcome)) == ("failed", "ambiguous")
    assert instance.wire.count("POST", "deactivate") == 0


@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT])
def test_an_empty_search_is_missing_only_where_others_are_shown(state: str) -> None:
    expected = "unchanged" if state == ABSENT else "missing"
    for instance, outcome in (
        (Instance(user("me"), user("2")), expected),
        (Instance(user("me"), user("2"), me=None), expected),
        (Instance(user("me")), "failed"),
        (Instance(user("me"), me=None), "failed"),
        (Instance(user("me"), user("2"), may_read=False), "failed"),
        (Instance(user("me"), user("2"), may_read=False, me=None), "failed"),
    ):
        came = one(run(zitadel(instance.wire), "no-such-user@example.com", state=state, field="email"))
        assert came.outcome == outcome
        assert code(came) == ("no_rights" if outcome == "failed" else None)


@pytest.mark.parametrize(
    ("answer", "outcome", "problem"),
    [
        (refused(404, "QUERY-Dfbg2"), "missing", None),
        (refused(404, "AUTHZ-cdgFk", "membership not found"), "failed", "forbidden"),
        (refused(404, "QUERY-other"), "failed", "wrong_address"),
        (Answer(404), "failed", "wrong_address"),
        (Answer(404, json={"code": 5, "message": "Not Found"}), "failed", "wrong_address"),
        (Answer(404, json={"message": "User could not be found (QUERY-Dfbg2)"}), "missing", None),
        (Answer(404, json={"message": "(QUERY-Dfbg2) is not at the end"}), "failed", "wrong_address"),
        (Answer(404, body=HTML.body), "failed", "wrong_address"),
        (refused(403, "AUTH-AWfge"), "failed", "forbidden"),
        (Answer(400), "failed", "bad_request"),
        (Answer(500), "failed", "server_error"),
        (HTML, "failed", "bad_answer"),
        (Answer(200, json=[]), "failed", "bad_answer"),
        (Answer(200, json=None), "failed", "bad_answer"),
        (Answer(200, json={}), "failed", "bad_answer"),
        (Answer(200, json={"user": []}), "failed", "bad_answer"),
        (Answer(200, json={"user": {}}), "failed", "bad_answer"),
        (Answer(200, json={"user": {"userId": 1}}), "failed", "bad_answer"),
        (Answer(200, json={"user": {"userId": "2"}}), "failed", "bad_answer"),
        (Answer(401), "failed", "unauthorized"),
    ],
    ids=repr,
)
def test_what_is_made_of_an_answer_to_a_read_by_id(answer: Answer, outcome: str, problem: str | None) -> None:
    came = one(run(zitadel(Responder(lambda sent: answer), retries=0), "1"))
    assert (came.outcome, code(came)) == (outcome, problem)


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, json=[]),
        Answer(200, json=None),
        Answer(200, json={}),
        Answer(200, json={"result": []}),
        Answer(200, json={"details": [], "result": []}),
        Answer(200, json={"details": {"totalResult": "1"}, "result": {"userId": "1"}}),
        Answer(200, json={"details": {"totalResult": "1"}, "result": ["1"]}),
        Answer(200, json={"details": {"totalResult": "1"}, "result": [{"username": "x"}]}),
        Answer(200, json={"details": {"totalResult": "1"}, "result": [{"userId": 1}]}),
        refused(400, "QUERY-4M0fs"),
        Answer(403),
        Answer(404),
    ],
    ids=repr,
)
def test_a_malformed_search_result_is_an_error_and_proves_no_user_missing(answer: Answer) -> None:
    for field in ("email", "user_id"):
        report = run(
            zitadel(Responder(lambda sent: answer)), "a@example.com", "b@example.com", state=ABSENT, field=field
        )
        assert [outcome.outcome for outcome in report.outcomes] == ["failed"] * 2


def test_what_a_listing_of_ids_lacks_is_asked_for_singly() -> None:
    instance = Instance(user("1"), user("2"))
    hidden: list[str] = []

    def answer(sent: Sent) -> Answer | Exception:
        if sent.path == "/v2/users" and not hidden:
            hidden.append("once")
            return Answer(200, json={"details": {}})
        return instance(sent)

    report = run(zitadel(Responder(answer)), "1", "2", "no-such-user")
    assert [outcome.outcome for outcome in report.outcomes] == ["changed", "changed", "missing"]


@pytest.mark.parametrize(
    "more",
    [
        {"username": 5},
        {"username": None, "preferredLoginName": None, "loginNames": None, "human": None},
        {"loginNames": "x", "human": []},
        {"loginNames": [5, {}, ["x"], None]},
        {"human": {"email": "x"}},
        {"human": {"email": {"email": 5}}},
        {"preferredLoginName": {"a": 1}},
        {"human": None, "machine": {"name": "x"}},
    ],
)
def test_values_of_another_kind_are_not_stumbled_over(more: dict[str, t.Any]) -> None:
    instance = Instance(user("me"), user("1", **more))
    assert one(run(zitadel(instance.wire), "1")).outcome == "changed"
    odd = Answer(200, json={"details": {"totalResult": "2"}, "result": [user("1", **more), user("2", username="zz")]})
    wire = Responder(lambda sent: odd if sent.path == "/v2/users" else instance(sent))
    assert one(run(zitadel(wire), "zz", field="username", check=True)).outcome == "changed"


# -- writing


@pytest.mark.parametrize(
    ("answer", "outcome", "problem"),
    [
        (refused(400, ALREADY_INACTIVE), "failed", "not_applied"),
        *[(refused(400, identifier), "failed", "bad_request") for identifier in sorted(ALREADY - {ALREADY_INACTIVE})],
        *[(refused(404, identifier), "failed", "not_applied") for identifier in sorted(NO_SUCH_USER)],
        (refused(400, "COMMAND-gvx4kct9r2"), "failed", "vendor_refuses"),
        (refused(400, "COMMAND-78iiirat8y"), "failed", "bad_request"),
        (refused(404, "AUTHZ-cdgFk"), "failed", "forbidden"),
        (refused(403, "AUTH-Swrgg2"), "failed", "forbidden"),
        (Answer(404), "failed", "wrong_address"),
        (Answer(405), "failed", "method_not_allowed"),
        (Answer(500), "failed", "server_error"),
        (requests.exceptions.ReadTimeout("slow"), "failed", "timeout"),
        (Answer(200, json={}), "failed", "not_applied"),
    ],
    ids=repr,
)
def test_what_is_made_of_an_answer_to_a_write_that_changed_nothing(
    answer: Answer | Exception, outcome: str, problem: str | None
) -> None:
    instance = Instance(user("1"))
    wire = Responder(lambda sent: answer if sent.path.endswith("/deactivate") else instance(sent))
    came = one(run(zitadel(wire, retries=0), "1"))
    assert (came.outcome, code(came)) == (outcome, problem)
    assert wire.count("POST", "/deactivate") == 1


@pytest.mark.parametrize("fault", [Answer(503), Answer(500), requests.exceptions.ReadTimeout("slow"), HTML], ids=repr)
@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT])
def test_a_write_that_was_done_and_whose_answer_was_lost_is_changed(fault: Answer | Exception, state: str) -> None:
    instance = Instance(user("1"))

    def answer(sent: Sent) -> Answer | Exception:
        came = instance(sent)
        return fault if sent.path.endswith("/deactivate") or sent.method == "DELETE" else came

    wire = Responder(answer)
    outcome = one(run(zitadel(wire), "1", state=state))
    assert (outcome.outcome, outcome.verified) == ("changed", True)
    assert wire.count("POST", "/deactivate") + wire.count("DELETE") == 1


def test_a_concurrent_change_is_detected() -> None:
    instance = Instance(user("1"))

    def answer(sent: Sent) -> Answer | Exception:
        if sent.path.endswith("/deactivate"):
            instance.users["1"]["state"] = "USER_STATE_INACTIVE"
        return instance(sent)

    outcome = one(run(zitadel(Responder(answer)), "1"))
    assert (outcome.outcome, outcome.verified) == ("unchanged", True)


def test_a_listing_that_lags_is_followed_by_reads_by_id() -> None:
    instance = Instance(*[user(str(number)) for number in range(5)])
    stale = {identifier: dict(each) for identifier, each in instance.users.items()}

    def answer(sent: Sent) -> Answer | Exception:
        if sent.path == "/v2/users":
            return Answer(200, json={"details": {"totalResult": "5"}, "result": list(stale.values())})
        return instance(sent)

    report = run(zitadel(Responder(answer)), *[str(number) for number in range(5)])
    assert [(o.outcome, o.verified) for o in report.outcomes] == [("changed", True)] * 5


# -- one's own account


@pytest.mark.parametrize("path", ["/auth/v1/users/me", "/oidc/v1/userinfo"])
def test_the_own_account_is_refused_whichever_path_reveals_it(path: str) -> None:
    instance = Instance(user("me"), user("1"))
    wire = Responder(lambda sent: instance(sent) if sent.path == path or sent.path.startswith("/v2") else Answer(404))
    report = run(zitadel(wire), "me", "1")
    assert [(o.outcome, code(o)) for o in report.outcomes] == [("refused", "own_account"), ("changed", None)]


@pytest.mark.parametrize(
    "answer", [HTML, Answer(200, json={}), Answer(200, json={"user": [], "sub": 5}), Answer(500)], ids=repr
)
def test_an_own_account_that_cannot_be_learnt_is_a_warning(answer: Answer) -> None:
    instance = Instance(user("1"))
    wire = Responder(lambda sent: instance(sent) if sent.path.startswith("/v2") else answer)
    report = run(zitadel(wire, retries=0), "1")
    assert one(report).outcome == "changed"
    assert "ZITADEL" in report.warnings[0]


def test_the_own_account_is_not_asked_for_where_nothing_changes() -> None:
    instance = Instance(user("1", "INACTIVE"))
    run(zitadel(instance.wire), "1")
    assert [sent.path for sent in instance.wire.log] == ["/v2/users/1"]


# -- logging in


def test_client_credentials_ask_with_basic_and_the_scope_of_the_api() -> None:
    script = Script(
        Exchange(
            "POST",
            f"{API}/oauth/v2/token",
            Answer(200, json={"access_token": "token-1", "expires_in": 43199}),
            form={"grant_type": "client_credentials", "scope": SCOPE},
            headers={"Authorization": "Basic Y2xpZW50OnNlY3JldA=="},
        ),
        Exchange("GET", f"{API}/v2/users/1", refused(404, "QUERY-Dfbg2"), headers={"Authorization": "Bearer token-1"}),
    )
    params = {"access_token": None, "client_id": "client", "client_secret": "secret"}
    assert one(run(zitadel(script, params), "1")).outcome == "missing"
    script.finish()
    assert SCOPE.split() == ["openid", "urn:zitadel:iam:org:project:id:zitadel:aud"]


@pytest.mark.parametrize("option", ["key_file", "key_content"])
def test_a_key_knows_its_own_account_without_a_request(option: str, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(key_json())
    value = str(tmp_path / "key.json") if option == "key_file" else key_json()
    vendor = zitadel(Script(), {"access_token": None, "key_content": None, option: value})
    assert set(vendor.own_accounts() or ()) == {"user-1"}


def test_a_key_asks_with_the_audience_of_the_instance() -> None:
    import jwt

    audiences: list[str] = []

    def answer(sent: Sent) -> Answer:
        if sent.path.endswith("/token"):
            audiences.append(jwt.decode(sent.body["assertion"], options={"verify_signature": False})["aud"])
            return Answer(200, json={"access_token": "token-1"})
        return refused(404, "QUERY-Dfbg2")

    params = {"api_url": f"{API}/", "access_token": None, "key_content": key_json()}
    run(zitadel(Responder(answer), params), "1")
    assert audiences == [API]


@pytest.mark.parametrize(
    ("content", "named"), [(None, "cannot be read"), (b"\xff\xfe\x00", "not text"), (b"{}", "keyId"), (b"", "JSON")]
)
def test_a_key_file_that_cannot_be_used_is_named(content: bytes | None, named: str, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CredentialError) as caught:
        zitadel(Script(), {"access_token": None, "key_file": str(path), "key_content": None})
    assert named in str(caught.value)
    assert "key.json" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "rate"),
    [
        ("https://acme.zitadel.cloud", 50.0),
        ("https://acme.us1.zitadel.cloud/", 50.0),
        ("https://zitadel.example.com", None),
        ("https://zitadel.cloud.example.com", None),
    ],
)
def test_the_rate_limit_of_the_cloud_applies_to_the_cloud_only(url: str, rate: float | None) -> None:
    assert Zitadel.default_rate({"api_url": url}) == rate


@pytest.mark.parametrize(("status", "hinted"), [(500, True), (400, False), (503, False)])
def test_a_500_to_a_key_names_the_key(status: int, hinted: bool) -> None:
    """ZITADEL answers server_error to a key that it does not know."""
    answer = Answer(status, json={"error": "server_error", "error_description": "Errors.Internal"})
    params = {"access_token": None, "key_content": key_json()}
    outcome = one(run(zitadel(Responder(lambda sent: answer), params, retries=0), "1"))
    assert code(outcome) == "login_failed"
    assert ("key_file or key_content" in str(outcome.problem)) is hinted
    client = {"access_token": None, "client_id": "client", "client_secret": "secret"}
    outcome = one(run(zitadel(Responder(lambda sent: answer), client, retries=0), "1"))
    assert "key_file" not in str(outcome.problem)


# -- error ids


@pytest.mark.parametrize(
    ("payload", "identifier"),
    [
        ({"details": [{"id": "COMMAND-1"}], "message": "x (OTHER-2)"}, "COMMAND-1"),
        ({"details": [{"@type": "x"}], "message": "text (QUERY-3) "}, "QUERY-3"),
        ({"details": [], "message": "Errors.Token.Invalid (AUTH-7fs1e)"}, "AUTH-7fs1e"),
        ({"details": "x", "message": "none"}, None),
        ({"details": [5, None, {"id": 7}]}, None),
        ({"message": ["(A-1)"]}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("text (A-1)", None),
    ],
)
def test_the_error_id_is_found_in_the_details_or_at_the_end_of_the_message(
    payload: t.Any, identifier: str | None
) -> None:
    assert error_id(json.loads(json.dumps(payload))) == identifier
