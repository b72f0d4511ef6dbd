# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Laurel: a list that may be a projection, lookups that may not be offered, attributes in two versions."""

from __future__ import annotations

import typing as t

import pytest
import requests

from ansible_collections.saas.offboarding.plugins.module_utils._auth import CredentialError
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    PRESENT,
    Key,
    Outcome,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import SettingsError
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel

from .http_script import HTML, NOW, REQUEST_2, Answer, Exchange, Responder, Script, Sent, transport

API = "https://identity.laurel.ai"
V1, V2 = "/api/v1/customers/c1/users", "/api/v2/customers/c1/users"
PARAMS = {"customer_id": "c1", "access_token": "the-token", "api_version": "v2"}


def user(number: int | str, status: t.Any = "active", **more: t.Any) -> dict[str, t.Any]:
    return {
        "_id": f"id{number}",
        "email": f"u{number}@example.com",
        "firstName": "Jane",
        "lastName": "Doe",
        "status": status,
        "identities": [{"type": "azure", "value": f"az{number}"}, {"type": "email", "value": f"u{number}@example.com"}],
        "roles": [{"_id": "r1", "name": "User"}],
        "delegates": [],
        "delegators": [],
    } | more


def projection(full: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"_id": full["_id"], "email": full["email"], "relevantIdentities": full["identities"]}


class Customer:
    """A customer's users. Requests can be switched off, because the rights of a credential are not documented."""

    def __init__(self, *users: dict[str, t.Any], **switches: t.Any) -> None:
        self.users = {each["_id"]: each for each in users}
        self.batch: Answer | None = switches.get("batch")
        self.lookup: Answer | None = switches.get("lookup")
        self.status: Answer | None = switches.get("status")
        self.keeps_deleted: bool = switches.get("keeps_deleted", False)
        self.projected: bool = switches.get("projected", False)
        self.others: set[str] = set(switches.get("others", ()))
        """Users who are in no integration."""
        self.needs_integration: bool = switches.get("needs_integration", False)
        self.unlisted: set[str] = set(switches.get("unlisted", ()))
        self.wire = Responder(self)

    def __call__(self, sent: Sent) -> Answer | Exception:
        name = sent.path.removeprefix(V1).removeprefix(V2).strip("/")
        if sent.path == f"{V1}/batch/lookup":
            wanted = [(each["type"], each["value"]) for each in sent.body["identities"]]
            assert len(wanted) <= 500
            return self.batch or Answer(200, json={"users": self.with_users(wanted)})
        if name in ("lookup", "lookup/identity"):
            found = self.with_users([(sent.params["type"], sent.params["value"])])
            return self.lookup or (Answer(200, json=found[0]) if found else Answer(404))
        if not name and self.needs_integration and "integration" not in sent.params:
            return Answer(400, json={"message": "integration is required"})
        if not name:
            return Answer(200, json=self.listed(sent.params))
        identifier, _slash, action = name.partition("/")
        found_one = self.users.get(identifier)
        if action == "status" and self.status:
            return self.status
        if found_one is None:
            return Answer(404)
        if sent.method == "DELETE":
            self.unlisted.add(identifier)
            return Answer(200, json=found_one if self.keeps_deleted else self.users.pop(identifier))
        if sent.method == "PATCH":
            found_one.update(self.read(sent.body))
        return Answer(200, json=found_one)

    def with_users(self, wanted: list[tuple[str, str]]) -> list[dict[str, t.Any]]:
        return [
            each
            for each in self.users.values()
            if any(
                (item["type"], item["value"].lower()) in [(k, v.lower()) for k, v in wanted]
                for item in each["identities"]
            )
        ]

    def listed(self, params: t.Any) -> list[dict[str, t.Any]]:
        rows = [each for each in self.users.values() if each["_id"] not in self.unlisted]
        rows = [each for each in rows if params.get("search", "").lower() in each["email"].lower()]
        if "integration" in params:
            rows = [each for each in rows if each["_id"] not in self.others]
        return [projection(each) for each in rows] if self.projected or "integration" in params else rows

    @staticmethod
    def read(body: dict[str, t.Any]) -> dict[str, t.Any]:
        changes = dict(body)
        if "roleIds" in changes:
            changes["roles"] = [{"_id": role} for role in changes.pop("roleIds")]
        if "delegateIds" in changes:
            changes["delegates"] = [{"_id": each} for each in changes.pop("delegateIds")]
        if "delegates" in body:
            changes["delegates"] = [
                {"_id": each["userId"], "permissions": each["permissions"]} for each in body["delegates"]
            ]
        return changes


def laurel(adapter: t.Any, params: dict[str, t.Any] | None = None, **limits: t.Any) -> Laurel:
    return Laurel(PARAMS | (params or {}), transport(adapter, **limits))


def run(vendor: Laurel, *keys: str | Key, state: str = DEACTIVATED, check: bool = False, **settings: t.Any) -> Report:
    spelled = [key if isinstance(key, Key) else Key("email" if "@" in key else "user_id", key) for key in keys]
    return Converger(vendor).run([UserRequest(key, state, settings) for key in spelled], check_mode=check)


def azure(value: str) -> Key:
    return Key("identity", value, "azure")


def one(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


def code(outcome: Outcome) -> str | None:
    return None if outcome.problem is None else outcome.problem.code


# -- the exact requests


def test_one_user_by_id_is_read_closed_and_read() -> None:
    script = Script(
        Exchange("GET", f"{API}{V1}/id1", Answer(200, json=user(1))),
        Exchange(
            "PATCH",
            f"{API}{V1}/id1/status",
            Answer(200, json=user(1, "firmDisabled"), headers=REQUEST_2),
            json={"status": "firmDisabled"},
        ),
        Exchange("GET", f"{API}{V1}/id1", Answer(200, json=user(1, "firmDisabled"))),
        headers={"Authorization": "Bearer the-token"},
    )
    assert one(run(vendor := laurel(script), "id1")).as_result() == {
        "key": {"user_id": "id1"},
        "outcome": "changed",
        "id": "id1",
        "name": "u1@example.com",
        "before": {"state": "active", "vendor_state": "active"},
        "after": {"state": "deactivated", "vendor_state": "firmDisabled"},
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
    assert vendor.tenant == "identity.laurel.ai/c1"


def test_the_token_request_is_json_with_the_audience() -> None:
    body = {
        "audience": "https://timeautomation.com",
        "grant_type": "client_credentials",
        "client_id": "client-1",
        "client_secret": "the-secret",
    }
    script = Script(
        Exchange(
            "POST",
            f"{API}/api/v1/oauth/token",
            Answer(200, json={"access_token": "t1", "expires_in": 86400}),
            json=body,
        ),
        Exchange(
            "GET", f"{API}{V1}/id1", Answer(200, json=user(1, "firmDisabled")), headers={"Authorization": "Bearer t1"}
        ),
    )
    params = {"access_token": None, "client_id": "client-1", "client_secret": "the-secret"}
    assert one(run(laurel(script, params), "id1")).outcome == "unchanged"
    script.finish()


@pytest.mark.parametrize("kind", ["id", "email", "identity"])
@pytest.mark.parametrize("count", [1, 3, 4, 300, 600])
def test_the_number_of_requests_is_as_promised(kind: str, count: int) -> None:
    customer = Customer(*[user(number) for number in range(max(count, 5))])
    spelled: dict[str, t.Callable[[int], str | Key]] = {
        "id": lambda n: f"id{n}",
        "email": lambda n: f"U{n}@example.com",
        "identity": lambda n: azure(f"az{n}"),
    }
    report = run(vendor := laurel(customer.wire, concurrency=8), *[spelled[kind](n) for n in range(count)])
    assert {(o.outcome, o.verified) for o in report.outcomes} == {("changed", True)}
    reads = -(-count // 500) if kind == "identity" else count if count <= 3 else 1
    again = count if count <= 3 else 1
    assert vendor.transport.counters.sent == count + reads + again


# -- states


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("active", ACTIVE),
        ("adminDisabled", DEACTIVATED),
        ("firmDisabled", DEACTIVATED),
        (None, ACTIVE),
        ("", ACTIVE),
        ("locked", "unknown"),
    ],
)
def test_the_vendors_words_for_states(status: t.Any, state: str) -> None:
    outcome = one(run(laurel(Customer(user(1, status)).wire), "id1", check=True))
    assert outcome.before.state == state
    assert outcome.outcome == ("unchanged" if state == DEACTIVATED else "changed")


def test_a_status_that_is_absent_from_a_whole_user_is_active_and_gets_closed() -> None:
    customer = Customer({name: value for name, value in user(1).items() if name != "status"})
    assert one(run(laurel(customer.wire), "id1")).before.state == ACTIVE


@pytest.mark.parametrize(("state", "word"), [(DEACTIVATED, "firmDisabled"), (ACTIVE, "active")])
def test_a_status_is_set_and_seen(state: str, word: str) -> None:
    customer = Customer(user(1, "active" if state == DEACTIVATED else "adminDisabled"))
    assert one(run(laurel(customer.wire), "id1", state=state)).verified is True
    assert customer.users["id1"]["status"] == word
    assert one(run(laurel(customer.wire), "id1", state=state)).outcome == "unchanged"


@pytest.mark.parametrize("status", [403, 404, 405])
def test_if_the_status_is_not_offered_the_alternative_is_named(status: int) -> None:
    outcome = one(run(laurel(Customer(user(1), status=Answer(status)).wire), "id1"))
    assert (outcome.outcome, code(outcome)) == ("failed", "not_offered")
    assert "absent" in str(outcome.problem)


@pytest.mark.parametrize("keeps_deleted", [False, True])
@pytest.mark.parametrize("count", [1, 5])
def test_a_deletion_is_seen_whether_or_not_the_record_is_kept(keeps_deleted: bool, count: int) -> None:
    customer = Customer(*[user(number) for number in range(count)], user("x"), keeps_deleted=keeps_deleted)
    report = run(laurel(customer.wire), *[f"id{number}" for number in range(count)], state=ABSENT)
    assert {(o.outcome, o.verified) for o in report.outcomes} == {("changed", True)}
    assert customer.wire.count("DELETE") == count


def test_a_deletion_passes_the_forwarding_on() -> None:
    params = {"is_forwarded": True, "original_principal_user_id": "p1"}
    customer = Customer(user(1))
    run(laurel(customer.wire, params), "id1", state=ABSENT)
    deletion = next(sent for sent in customer.wire.log if sent.method == "DELETE")
    assert deletion.params == {"isForwarded": "true", "originalPrincipalUserId": "p1"}


@pytest.mark.parametrize("fault", [Answer(503), HTML, requests.exceptions.ReadTimeout("slow")], ids=repr)
@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT])
def test_a_write_that_was_done_and_whose_answer_was_lost_is_changed(fault: Answer | Exception, state: str) -> None:
    customer = Customer(user(1), user(2))

    def answer(sent: Sent) -> Answer | Exception:
        came = customer(sent)
        return fault if sent.method in ("PATCH", "DELETE") else came

    wire = Responder(answer)
    assert one(run(laurel(wire), "id1", state=state)).outcome == "changed"
    assert wire.count("PATCH") + wire.count("DELETE") == 1


def test_a_success_that_changes_nothing_is_a_failure() -> None:
    outcome = one(run(laurel(Customer(user(1), status=Answer(200, json=user(1, "firmDisabled"))).wire), "id1"))
    assert (outcome.outcome, code(outcome)) == ("failed", "not_applied")


# -- lookup_result


@pytest.mark.parametrize("state", [DEACTIVATED, ABSENT])
def test_a_user_is_missing_only_after_list_and_identities_were_read(state: str) -> None:
    customer = Customer(user(1))
    outcome = one(run(laurel(customer.wire), "no-such-user@example.com", state=state))
    assert outcome.outcome == ("unchanged" if state == ABSENT else "missing")
    asked = [(sent.path, dict(sent.params)) for sent in customer.wire.log]
    assert asked[:3] == [(V1, {"search": "no-such-user@example.com"}), (V1, {}), (f"{V1}/batch/lookup", {})]
    # That the list shows everybody: a total of v2, if there is one, and a user of the list by id.
    assert asked[3:] == [(V2, {"page": "1", "pageSize": "1"}), (f"{V1}/id1", {})]


def test_a_user_whom_the_list_hides_is_found_by_the_identities() -> None:
    customer = Customer(user(1), user(2), unlisted={"id1"})
    assert one(run(laurel(customer.wire), "u1@example.com")).outcome == "changed"


def test_a_list_of_an_integration_proves_nothing_where_identities_cannot_be_asked() -> None:
    customer = Customer(user(1), batch=Answer(403), needs_integration=True)
    params = {"integration": "cloud-assistant-cdr"}
    outcome = one(run(laurel(customer.wire, params), "no-such-user@example.com", state=ABSENT))
    assert (outcome.outcome, code(outcome)) == ("failed", "search_incomplete")
    # The list of all users may leave out the disabled.
    customer.needs_integration = False
    assert code(one(run(laurel(customer.wire, params), "no-such-user@example.com"))) == "search_incomplete"
    assert one(run(laurel(customer.wire), "no-such-user@example.com", state=ABSENT)).outcome == "unchanged"


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("batch", [None, Answer(403)])
def test_a_user_outside_the_integration_is_never_missing(count: int, batch: Answer | None) -> None:
    users = [user(number, identities=[]) for number in range(count)]
    params = {"integration": "cloud-assistant-cdr"}
    asked = [f"u{number}@example.com" for number in range(count)]
    for needs_integration, outcome in ((False, "changed"), (True, "failed")):
        customer = Customer(*users, batch=batch, others={"id0"}, needs_integration=needs_integration)
        report = run(laurel(customer.wire, params), *asked, check=True)
        assert report.outcomes[0].outcome == outcome
        assert code(report.outcomes[0]) == ("search_incomplete" if needs_integration else None)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("status", ["active", "firmDisabled"])
def test_a_projection_without_a_status_makes_each_user_read(count: int, status: str) -> None:
    customer = Customer(*[user(number, status) for number in range(count)], projected=True)
    report = run(laurel(customer.wire), *[f"u{number}@example.com" for number in range(count)])
    assert {o.outcome for o in report.outcomes} == {"changed" if status == "active" else "unchanged"}


def test_two_users_with_one_email_are_failed() -> None:
    customer = Customer(user(1), user(2, email="U1@example.com"))
    assert code(one(run(laurel(customer.wire), "u1@example.com"))) == "ambiguous"


def test_an_identity_is_taken_by_type_and_value() -> None:
    other = user(2, identities=[{"type": "zoom", "value": "az1"}])
    assert one(run(laurel(Customer(user(1), other).wire), azure("az1"))).id == "id1"
    assert one(run(laurel(Customer(other).wire), azure("az1"))).outcome == "missing"


def test_an_identity_that_differs_only_in_case_is_failed_and_named() -> None:
    outcome = one(run(laurel(Customer(user(1)).wire), azure("AZ1")))
    assert (outcome.outcome, code(outcome)) == ("failed", "near_match")


@pytest.mark.parametrize("batch", [Answer(403), Answer(404), Answer(405)], ids=repr)
def test_where_the_batch_is_not_offered_identities_are_looked_up_singly(batch: Answer) -> None:
    customer = Customer(user(1), user(2), batch=batch)
    report = run(laurel(customer.wire), azure("az1"), azure("no-such-user"), azure("az2"))
    assert [(o.outcome, code(o)) for o in report.outcomes] == [
        ("changed", None),
        ("failed", "lookup_failed"),
        ("changed", None),
    ]


def test_a_lookup_that_describes_itself_is_no_user() -> None:
    customer = Customer(user(1), batch=Answer(404), lookup=Answer(200, json={"type": "azure", "value": "az1"}))
    assert code(one(run(laurel(customer.wire), azure("az1")))) == "lookup_failed"


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, json=[]),
        Answer(200, json={}),
        Answer(200, json={"users": {}}),
        Answer(200, json={"users": [{"email": "x"}]}),
        Answer(500),
    ],
    ids=repr,
)
def test_a_batch_lookup_that_is_none_is_an_error(answer: Answer) -> None:
    outcome = one(run(laurel(Customer(user(1), batch=answer).wire, retries=0), azure("az1"), state=ABSENT))
    assert outcome.outcome == "failed"


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, body=b""),
        Answer(200, json=None),
        Answer(200, json={}),
        Answer(200, json={"items": []}),
        Answer(200, json=["id1"]),
        Answer(200, json=[{"email": "no-such-user@example.com"}]),
        Answer(200, json=[{"_id": 5}]),
        Answer(400),
        Answer(401),
        Answer(403),
        Answer(404),
    ],
    ids=repr,
)
def test_a_malformed_list_is_an_error_and_proves_no_user_missing(answer: Answer) -> None:
    outcome = one(run(laurel(Responder(lambda sent: answer)), "no-such-user@example.com", state=ABSENT))
    assert outcome.outcome == "failed"


def test_a_list_that_wants_an_integration_names_the_option() -> None:
    outcome = one(run(laurel(Responder(lambda sent: Answer(400, json={"message": "bad"}))), "u1@example.com"))
    assert "integration" in str(outcome.problem)


def test_a_list_may_be_one_object() -> None:
    wire = Responder(lambda sent: Answer(200, json=user(1, "firmDisabled")))
    assert one(run(laurel(wire), "u1@example.com")).outcome == "unchanged"


@pytest.mark.parametrize(
    ("answer", "listing", "expected"),
    [
        (Answer(404), Answer(200, json=[]), ("failed", "unproven")),
        (Answer(404), Answer(404), ("failed", "wrong_address")),
        (Answer(404), Answer(403), ("failed", "wrong_address")),
        (Answer(404), HTML, ("failed", "wrong_address")),
        (Answer(403), Answer(200, json=[]), ("failed", "forbidden")),
        (Answer(400), Answer(200, json=[]), ("failed", "bad_request")),
        (Answer(500), Answer(200, json=[]), ("failed", "server_error")),
        (HTML, Answer(200, json=[]), ("failed", "bad_answer")),
        (Answer(200, json=[]), Answer(200, json=[]), ("failed", "bad_answer")),
        (Answer(200, json={}), Answer(200, json=[]), ("failed", "bad_answer")),
        (Answer(200, json=user(2)), Answer(200, json=[]), ("failed", "bad_answer")),
    ],
    ids=repr,
)
def test_what_is_made_of_an_answer_to_a_read_by_id(
    answer: Answer, listing: Answer, expected: tuple[str, str | None]
) -> None:
    wire = Responder(lambda sent: listing if sent.path == V1 else answer)
    outcome = one(run(laurel(wire, retries=0), "id1"))
    assert (outcome.outcome, code(outcome)) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"email": 5},
        {"email": None},
        {"email": ["x"]},
        {"identities": None},
        {"identities": {"type": "azure"}},
        {"identities": ["x", None, {"type": 5, "value": ["x"]}, {}]},
        {"status": 5, "roles": "x", "delegates": None},
    ],
)
def test_values_of_another_kind_are_not_stumbled_over(more: dict[str, t.Any]) -> None:
    odd = user(1, **more)
    wire = Responder(lambda sent: Answer(200, json=odd if sent.path.endswith("id1") else [odd, user(2)]))
    for key in ("id1", "u2@example.com"):
        assert one(run(laurel(wire), key, check=True)).outcome == "changed"


# -- attributes


@pytest.mark.parametrize(
    ("settings", "version", "body"),
    [
        ({"first_name": "Joan", "job_title": "Partner"}, "v2", {"firstName": "Joan", "jobTitle": "Partner"}),
        ({"nickname": ""}, "v2", {"nickname": ""}),
        ({"role_ids": ["r2", "r1"]}, "v1", {"roleIds": ["r2", "r1"]}),
        ({"role_ids": []}, "v2", {"roleIds": []}),
        ({"delegate_ids": ["d2", "d1"]}, "v1", {"delegateIds": ["d2", "d1"]}),
        (
            {"delegates": [{"user_id": "d1", "permissions": ["b", "a"]}]},
            "v2",
            {"delegates": [{"userId": "d1", "permissions": [{"claim": "b"}, {"claim": "a"}]}]},
        ),
        ({"delegates": [{"user_id": "d1"}]}, "v2", {"delegates": [{"userId": "d1", "permissions": []}]}),
    ],
)
def test_attributes_are_written_by_the_version_asked_for_and_only_once(
    settings: dict[str, t.Any], version: str, body: dict[str, t.Any]
) -> None:
    customer = Customer(user(1, nickname="JD"))
    vendor = laurel(customer.wire, {"api_version": version})
    checked = run(vendor, "id1", state=PRESENT, check=True, **settings)
    done = run(vendor, "id1", state=PRESENT, **settings)
    assert (one(done).outcome, one(done).verified) == ("changed", True)
    assert (done.plan_hash, done.diff()) == (checked.plan_hash, checked.diff())
    (patch,) = (sent for sent in customer.wire.log if sent.method == "PATCH")
    assert (patch.path, patch.body) == (f"{V1 if version == 'v1' else V2}/id1", body)
    assert one(run(vendor, "id1", state=PRESENT, **settings)).outcome == "unchanged"


@pytest.mark.parametrize(
    ("has", "settings"),
    [
        ({"roles": [{"_id": "r1"}, {"_id": "r2"}]}, {"role_ids": ["r2", "r1", "r2"]}),
        ({"office": None}, {"office": ""}),
        ({}, {"office": ""}),
        (
            {"delegates": [{"_id": "d1"}, {"_id": "d2"}]},
            {"delegates": [{"user_id": "d2", "permissions": []}, {"user_id": "d1"}]},
        ),
        ({"delegators": [{"_id": "d1"}]}, {"delegates": [{"user_id": "d1", "permissions": []}]}),
        (
            {"delegates": [{"_id": "d1", "permissions": [{"_id": "p", "claim": "b"}, {"_id": "q", "claim": "a"}]}]},
            {"delegates": [{"user_id": "d1", "permissions": ["a", "b"]}]},
        ),
    ],
)
def test_attributes_that_are_as_asked_are_not_written(has: dict[str, t.Any], settings: dict[str, t.Any]) -> None:
    customer = Customer(user(1, **has))
    assert one(run(laurel(customer.wire), "id1", state=PRESENT, **settings)).outcome == "unchanged"
    assert customer.wire.count("PATCH") == 0


@pytest.mark.parametrize(
    ("has", "settings"),
    [
        ({"roles": [{"_id": "r1"}, {"_id": "r2"}]}, {"role_ids": ["r1"]}),
        ({"roles": [{"_id": "r1"}]}, {"role_ids": []}),
        ({"delegates": [{"_id": "d1"}, {"_id": "d2"}]}, {"delegates": [{"user_id": "d1", "permissions": []}]}),
        (
            {"delegates": [{"_id": "d1", "permissions": [{"claim": "a"}]}]},
            {"delegates": [{"user_id": "d1", "permissions": []}]},
        ),
        ({"firstName": "jane"}, {"first_name": "Jane"}),
    ],
)
def test_a_removal_is_a_change(has: dict[str, t.Any], settings: dict[str, t.Any]) -> None:
    assert one(run(laurel(Customer(user(1, **has)).wire), "id1", state=PRESENT, **settings)).outcome == "changed"


def test_attributes_of_an_account_that_is_closed_leave_it_closed() -> None:
    customer = Customer(user(1, "firmDisabled"))
    outcome = one(run(laurel(customer.wire), "id1", state=PRESENT, office="x"))
    assert (outcome.outcome, outcome.after.state, outcome.after.attributes) == ("changed", DEACTIVATED, {"office": "x"})
    assert customer.users["id1"]["status"] == "firmDisabled"


def test_attributes_of_a_missing_user_create_no_account() -> None:
    customer = Customer(user(1))
    assert one(run(laurel(customer.wire), "no-such-user", state=PRESENT, office="x")).outcome == "missing"
    assert customer.wire.count("PATCH") + customer.wire.count("DELETE") == 0


@pytest.mark.parametrize(
    ("state", "version", "settings", "named"),
    [
        (DEACTIVATED, "v2", {"office": "x"}, "office"),
        (ABSENT, "v2", {"role_ids": []}, "role_ids"),
        (PRESENT, "v2", {}, "first_name"),
        (PRESENT, "v2", {"delegate_ids": ["d"]}, "v1"),
        (PRESENT, "v1", {"delegates": []}, "v2"),
    ],
)
def test_settings_that_do_not_go_together_are_named(
    state: str, version: str, settings: dict[str, t.Any], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        laurel(Script(), {"api_version": version}).check(UserRequest(Key("user_id", "id1"), state, settings))


def test_an_email_beside_an_id_is_an_attribute_with_present_and_a_second_key_otherwise() -> None:
    entry = {"user_id": "id1", "email": "new@example.com", "identity": None}
    assert Laurel.naming(entry, PRESENT) == ("user_id",)
    assert Laurel.naming(entry, DEACTIVATED) == ("user_id", "email")
    assert Laurel.naming({"email": "a@b"}, PRESENT) == ("email",)


# -- options


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"customer_id": "../c2"}, "customer_id"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "a?b"}, "customer_id"),
        ({"access_token": None}, "LAUREL_CLIENT_ID"),
        ({"client_secret": "s"}, "LAUREL_ACCESS_TOKEN"),
    ],
)
def test_options_that_cannot_be_used_are_named_before_any_request(params: dict[str, t.Any], named: str) -> None:
    with pytest.raises(CredentialError, match=named):
        laurel(Script(), params)


@pytest.mark.parametrize(("is_listed", "outcome"), [(False, "unchanged"), (True, "failed")])
def test_a_404_to_a_deletion_is_believed_for_a_kept_record_that_is_in_no_list(is_listed: bool, outcome: str) -> None:
    """Whether a deleted user is still answered by id is not documented."""
    customer = Customer(user(1), user(2), unlisted=() if is_listed else ("id1",))
    wire = Responder(lambda sent: Answer(404) if sent.method == "DELETE" else customer(sent))
    came = one(run(laurel(wire), "id1", state=ABSENT))
    assert came.outcome == outcome
