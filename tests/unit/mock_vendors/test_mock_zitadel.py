# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]
STATES = ("ACTIVE", "INACTIVE", "LOCKED", "INITIAL")
OUTCOMES = {
    "deactivate": ("INACTIVE", "COMMAND-5gunjw0cd7", "INACTIVE", "COMMAND-gvx4kct9r2"),
    "reactivate": ("COMMAND-s5qqcz97hf", "ACTIVE", "COMMAND-s5qqcz97hf", "COMMAND-s5qqcz97hf"),
    "lock": ("LOCKED", "COMMAND-lgws8wtsqf", "COMMAND-lgws8wtsqf", "LOCKED"),
    "unlock": ("COMMAND-olb9vb0oca", "COMMAND-olb9vb0oca", "ACTIVE", "COMMAND-olb9vb0oca"),
}
NOT_FOUND = {
    "deactivate": "COMMAND-5gp2p62iin",
    "reactivate": "COMMAND-9hy5kzbuk6",
    "lock": "COMMAND-450yxuqrh1",
    "unlock": "COMMAND-x377t913pw",
}


def human(user_id: str, email: str, **fields: Any) -> dict[str, Any]:
    return {"userId": user_id, "human": {"email": {"email": email}}, **fields}


def error_id(answer: requests.Response) -> str:
    problem: str = answer.json()["details"][0]["id"]
    assert answer.json()["message"].endswith(f"({problem})")
    return problem


@pytest.mark.parametrize(
    ("verb", "state", "outcome"),
    [(verb, state, outcome) for verb, row in OUTCOMES.items() for state, outcome in zip(STATES, row, strict=True)],
)
def test_state_machine(mock: MockVendors, zitadel: Ask, verb: str, state: str, outcome: str) -> None:
    mock.seed({"zitadel": [human("1", "jane@example.com", state=f"USER_STATE_{state}")]})
    answer = zitadel("POST", f"/v2/users/1/{verb}", json={})
    now = mock.state("zitadel")["1"]["state"]
    if outcome in STATES:
        assert answer.status_code == 200
        assert set(answer.json()["details"]) == {"sequence", "changeDate", "resourceOwner", "creationDate"}
        assert now == f"USER_STATE_{outcome}"
    else:
        assert (answer.status_code, error_id(answer), answer.json()["code"]) == (400, outcome, 9)
        assert now == f"USER_STATE_{state}"


def test_missing_users(zitadel: Ask) -> None:
    for verb, problem in NOT_FOUND.items():
        answer = zitadel("POST", f"/v2/users/9/{verb}", json={})
        assert (answer.status_code, error_id(answer)) == (404, problem)
    assert error_id(zitadel("DELETE", "/v2/users/9")) == "COMMAND-bd4ir1mblj"
    assert error_id(zitadel("GET", "/v2/users/9")) == "QUERY-Dfbg2"


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/v2/users/1/deactivate", {}, 405, 12),
        ("GET", "/v2/nothing", {}, 404, 5),
        ("POST", "/v2/users//deactivate", {"json": {}}, 400, 3),
        ("POST", "/v2/users/1/deactivate", {}, 400, 3),
        ("GET", "/v2/users/" + "9" * 201, {}, 400, 3),
        ("GET", "/v2/users/1", {"headers": {"Authorization": "Bearer wrong"}}, 401, 16),
        ("POST", "/v2/users", {"data": "{"}, 400, 3),
    ],
)
def test_refusals(zitadel: Ask, method: str, path: str, options: Any, status: int, code: int) -> None:
    answer = zitadel(method, path, **options)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_zero_values_are_left_out(mock: MockVendors, zitadel: Ask) -> None:
    email = {"email": "jane@example.com", "isVerified": False}
    mock.seed({"zitadel": [{"userId": "1", "state": "USER_STATE_UNSPECIFIED", "human": {"email": email}}]})
    user = zitadel("GET", "/v2/users/1").json()["user"]
    assert "state" not in user
    assert user["human"]["email"] == {"email": "jane@example.com"}
    nothing = zitadel("POST", "/v2/users", json={"queries": [{"inUserIdsQuery": {"userIds": ["9"]}}]}).json()
    assert "result" not in nothing
    assert "totalResult" not in nothing["details"]


USERS = [
    human("1", "Jane@example.com", username="jane", loginNames=["jane", "jane@org.example.com"]),
    human("2", "joe@example.com", username="joe", state="USER_STATE_INACTIVE"),
    human("3", "jane.b@example.com", username="Jane", details={"resourceOwner": "org2"}),
    {"userId": "4", "username": "robot", "machine": {}},
]


def email(text: str, method: str = "EQUALS") -> dict[str, Any]:
    return {"emailQuery": {"emailAddress": text, "method": f"TEXT_QUERY_METHOD_{method}"}}


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        ([email("jane@example.com")], ""),
        ([email("Jane@example.com")], "1"),
        ([email("jane@EXAMPLE.com", "EQUALS_IGNORE_CASE")], "1"),
        ([email("jane", "STARTS_WITH")], "3"),
        ([email("jane", "STARTS_WITH_IGNORE_CASE")], "31"),
        ([email("oe@", "CONTAINS")], "2"),
        ([email("B@EXAMPLE.COM", "ENDS_WITH_IGNORE_CASE")], "3"),
        ([{"userNameQuery": {"userName": "jane"}}], "1"),
        ([{"userNameQuery": {"userName": "jane", "method": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"}}], "31"),
        ([{"loginNameQuery": {"loginName": "jane@org.example.com"}}], "1"),
        ([{"inUserIdsQuery": {"userIds": ["1", "4", "9"]}}], "41"),
        ([{"inUserEmailsQuery": {"userEmails": ["jane@example.com", "joe@example.com"]}}], "2"),
        ([{"stateQuery": {"state": "USER_STATE_INACTIVE"}}], "2"),
        ([{"typeQuery": {"type": "TYPE_MACHINE"}}], "C4"),
        ([{"organizationIdQuery": {"organizationId": "org2"}}], "3"),
        ([{"orQuery": {"queries": [email("joe@example.com"), {"userNameQuery": {"userName": "robot"}}]}}], "42"),
        (
            [
                {
                    "andQuery": {
                        "queries": [
                            email("jane", "CONTAINS_IGNORE_CASE"),
                            {"stateQuery": {"state": "USER_STATE_ACTIVE"}},
                        ]
                    }
                }
            ],
            "31",
        ),
        ([{"notQuery": {"query": {"typeQuery": {"type": "TYPE_HUMAN"}}}}], "C4"),
        ([email("joe@example.com"), {"stateQuery": {"state": "USER_STATE_ACTIVE"}}], ""),
    ],
)
def test_list_queries(mock: MockVendors, zitadel: Ask, queries: list[Any], expected: str) -> None:
    mock.seed({"zitadel": USERS})
    data = zitadel("POST", "/v2/users", json={"queries": queries}).json()
    caller = mock.ready["zitadel"]["user_id"]
    found = "".join("C" if row["userId"] == caller else row["userId"] for row in data.get("result", []))
    assert sorted(found) == sorted(expected)
    assert data["details"].get("totalResult", "0") == str(len(expected))


PEOPLE: list[dict[str, Any]] = [
    {
        "userId": "1",
        "username": "jd",
        "human": {
            "email": {"email": "jane_doe@example.com"},
            "profile": {"givenName": "Jane", "familyName": "Doe", "displayName": "J. Doe"},
        },
    },
    human("2", "janexdoe@example.com", username="JX", loginNames=["jx@org.example.com"]),
    {"userId": "3", "username": "robot", "machine": {"description": "JANE's"}},
]


@pytest.mark.parametrize(
    ("query", "argument", "text", "expected"),
    [
        ("userNameQuery", "userName", "j", "12"),
        ("userNameQuery", "userName", "OBO", "3"),
        ("emailQuery", "emailAddress", "DOE@", "12"),
        ("emailQuery", "emailAddress", "robot", ""),
        ("loginNameQuery", "loginName", "@ORG.", "2"),
        ("loginNameQuery", "loginName", "robot", "3"),
        ("displayNameQuery", "displayName", "j. d", "1"),
        ("displayNameQuery", "displayName", "robot", ""),
        ("firstNameQuery", "firstName", "AN", "1"),
        ("lastNameQuery", "lastName", "oE", "1"),
    ],
)
def test_contains_ignoring_case(
    mock: MockVendors, zitadel: Ask, query: str, argument: str, text: str, expected: str
) -> None:
    mock.seed({"zitadel": PEOPLE})
    assert found(zitadel, {query: {argument: text, "method": "TEXT_QUERY_METHOD_CONTAINS_IGNORE_CASE"}}) == expected


def found(zitadel: Ask, *queries: Any) -> str:
    rows = zitadel("POST", "/v2/users", json={"queries": queries, "query": {"asc": True}}).json().get("result", [])
    return "".join(row["userId"] for row in rows)


def test_one_of_several_texts_and_a_state(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": [*PEOPLE, human("4", "DOE@example.com", state="USER_STATE_LOCKED")]})
    text = {"method": "TEXT_QUERY_METHOD_CONTAINS_IGNORE_CASE"}
    anywhere = {
        "orQuery": {
            "queries": [
                {"emailQuery": {"emailAddress": "doe", **text}},
                {"displayNameQuery": {"displayName": "doe", **text}},
                {"loginNameQuery": {"loginName": "doe", **text}},
                {"userNameQuery": {"userName": "doe", **text}},
            ]
        }
    }
    assert found(zitadel, anywhere) == "124"
    assert found(zitadel, anywhere, {"stateQuery": {"state": "USER_STATE_LOCKED"}}) == "4"


def test_people_and_machines(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": PEOPLE})
    person, machine = (zitadel("GET", f"/v2/users/{number}").json()["user"] for number in (1, 3))
    assert "machine" not in person
    assert "human" not in machine
    assert machine["machine"] == {"name": "robot", "description": "JANE's"}


@pytest.mark.parametrize(
    ("method", "text", "with_wildcards", "without"),
    [
        ("CONTAINS_IGNORE_CASE", "E_D", "12", "1"),
        ("CONTAINS", "j%doe", "12", ""),
        ("STARTS_WITH", "ja%xd", "2", ""),
        ("ENDS_WITH_IGNORE_CASE", "_DOE@example.com", "12", "1"),
        ("EQUALS_IGNORE_CASE", "JANE_DOE@example.com", "12", "1"),
        ("EQUALS", "jane_doe@example.com", "1", "1"),
        ("CONTAINS", r"e\_d", "1", ""),
    ],
)
def test_older_servers_take_texts_for_patterns(
    mock: MockVendors, zitadel: Ask, method: str, text: str, with_wildcards: str, without: str
) -> None:
    mock.seed({"zitadel": PEOPLE})
    assert found(zitadel, email(text, method)) == without
    mock.switch("zitadel", wildcards=True)
    assert found(zitadel, email(text, method)) == with_wildcards


def test_older_servers_take_initial_for_suspended(mock: MockVendors, zitadel: Ask) -> None:
    states = [("1", "INITIAL"), ("2", "UNSPECIFIED"), ("3", "ACTIVE")]
    mock.seed({"zitadel": [human(number, f"{number}@x.org", state=f"USER_STATE_{state}") for number, state in states]})
    initial = {"stateQuery": {"state": "USER_STATE_INITIAL"}}
    assert found(zitadel, initial) == "1"
    mock.switch("zitadel", initial_query="suspended")
    assert found(zitadel, initial) == "2"


def nested(levels: int) -> dict[str, Any]:
    query = email("x")
    for _unused in range(levels):
        query = {"notQuery": {"query": query}}
    return query


@pytest.mark.parametrize(
    ("queries", "problem"),
    [
        ([{}], "GRPC-vR9nC"),
        ([{"mailQuery": {}}], "GRPC-vR9nC"),
        ([nested(20)], "USER-zsQ97"),
        ([{**email("x"), "userNameQuery": {"userName": "x"}}], None),
        ([{"userNameQuery": {"userName": ""}}], None),
        ([{"userNameQuery": {"userName": "x" * 201}}], None),
        ([email("x", "LIKE")], None),
        ([{"stateQuery": {"state": "INACTIVE"}}], None),
    ],
)
def test_bad_queries(zitadel: Ask, queries: list[Any], problem: str | None) -> None:
    answer = zitadel("POST", "/v2/users", json={"queries": queries})
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    if problem is not None:
        assert error_id(answer) == problem


def test_nineteen_levels_are_fine_and_unknown_keys_are_ignored(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": USERS})
    assert zitadel("POST", "/v2/users", json={"queries": [nested(19)]}).status_code == 200
    assert len(zitadel("POST", "/v2/users", json={"querys": [email("x")]}).json()["result"]) == 5


def test_paging_and_sorting(mock: MockVendors, zitadel: Ask) -> None:
    mock.population(zitadel=1500)

    def page(**query: Any) -> requests.Response:
        return zitadel("POST", "/v2/users", json={"query": query, "sortingColumn": "USER_FIELD_NAME_USER_NAME"})

    assert len(page().json()["result"]) == 100
    assert error_id(page(limit=1001)) == "QUERY-4M0fs"
    first, second = page(limit=1000, asc=True).json(), page(limit=1000, offset="1000", asc=True).json()
    names = [row["username"] for row in first["result"] + second["result"]]
    assert names == sorted(names)
    assert len(names) == 1501 == int(second["details"]["totalResult"])
    assert page(limit=1).json()["result"][0]["username"] == names[-1]
    mock.switch("zitadel", list_limit="old", uint64="number")
    assert len(page().json()["result"]) == page().json()["details"]["totalResult"] == 1501


def test_rights(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": USERS})
    mock.switch("zitadel", rights="none")
    machines = {"queries": [{"userNameQuery": {"userName": "robot"}}]}
    assert "result" not in zitadel("POST", "/v2/users", json=machines).json()
    assert error_id(zitadel("GET", "/v2/users/1")) == "AUTHZ-cdgFk"
    assert error_id(zitadel("POST", "/v2/users/1/deactivate", json={})) == "AUTHZ-cdgFk"
    assert error_id(zitadel("POST", "/v2/users/2/deactivate", json={})) == "COMMAND-5gunjw0cd7"
    mock.switch("zitadel", rights="read_only")
    assert zitadel("GET", "/v2/users/1").status_code == 200
    refused = zitadel("DELETE", "/v2/users/1")
    assert (refused.status_code, error_id(refused)) == (403, "AUTH-AWfge")


def test_rows_without_rights_are_dropped_before_or_after_the_limit(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": USERS})
    mock.switch("zitadel", hidden_organizations=["org2"])
    request = {"query": {"limit": 3, "asc": True}}

    def listed() -> tuple[int, str]:
        data = zitadel("POST", "/v2/users", json=request).json()
        return len(data["result"]), data["details"]["totalResult"]

    assert listed() == (3, "4")
    mock.switch("zitadel", filter_after_limit=True)
    # Sorted by id the caller's long id stands between 2 and 4.
    request["query"]["offset"] = 2
    assert listed() == (2, "5")


def test_lag(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": USERS})
    mock.switch("zitadel", list_lag={"writes": 1})
    zitadel("POST", "/v2/users/1/lock", json={})
    wanted = {"queries": [{"inUserIdsQuery": {"userIds": ["1"]}}]}

    def seen() -> list[str]:
        listed = zitadel("POST", "/v2/users", json=wanted).json()["result"][0]["state"]
        got = zitadel("GET", "/v2/users/1").json()["user"]["state"]
        return [listed.removeprefix("USER_STATE_"), got.removeprefix("USER_STATE_")]

    assert seen() == ["ACTIVE", "LOCKED"]
    mock.switch("zitadel", list_lag=None, get_lag={"seconds": 60})
    assert seen() == ["LOCKED", "ACTIVE"]


def test_caller(mock: MockVendors, zitadel: Ask) -> None:
    caller = mock.ready["zitadel"]["user_id"]
    assert zitadel("GET", "/oidc/v1/userinfo").json()["sub"] == caller
    assert zitadel("GET", "/auth/v1/users/me").json()["user"]["id"] == caller
    mock.switch("zitadel", auth_me=False, userinfo=False)
    assert zitadel("GET", "/oidc/v1/userinfo").status_code == 404
    assert zitadel("GET", "/auth/v1/users/me").status_code == 404
    zitadel("POST", f"/v2/users/{caller}/deactivate", json={})
    assert error_id(zitadel("GET", f"/v2/users/{caller}")) == "AUTH-7fs1e"


def test_messages_as_keys(mock: MockVendors, zitadel: Ask) -> None:
    mock.switch("zitadel", messages="key")
    assert zitadel("GET", "/v2/users/9").json()["message"] == "Errors.User.NotFound (QUERY-Dfbg2)"


def test_a_lost_write_is_accepted_and_never_shown(mock: MockVendors, zitadel: Ask) -> None:
    """Pull request 12703: the commands go by what the read model does not show."""
    mock.seed({"zitadel": [{"userId": "1"}]})
    mock.switch("zitadel", lost_writes=[1])
    assert zitadel("POST", "/v2/users/1/deactivate", json={}).status_code == 200
    assert zitadel("GET", "/v2/users/1").json()["user"]["state"] == "USER_STATE_ACTIVE"
    assert "COMMAND-5gunjw0cd7" in zitadel("POST", "/v2/users/1/deactivate", json={}).text
    assert zitadel("POST", "/v2/users/1/reactivate", json={}).status_code == 200
    assert zitadel("POST", "/v2/users/1/deactivate", json={}).status_code == 200
    assert zitadel("GET", "/v2/users/1").json()["user"]["state"] == "USER_STATE_INACTIVE"


@pytest.mark.parametrize(("count", "status"), [(1, 200), (2, 400)])
def test_two_login_names_under_an_or_are_refused(mock: MockVendors, zitadel: Ask, count: int, status: int) -> None:
    names = [{"loginNameQuery": {"loginName": f"u{number}"}} for number in range(count)]
    body = {"queries": [{"orQuery": {"queries": names}}]}
    assert zitadel("POST", "/v2/users", json=body).status_code == status
    mock.switch("zitadel", login_names_in_or="slow")
    assert zitadel("POST", "/v2/users", json=body).status_code == 200
