# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]
JANE, JOE, ANN, BOB = (f"62f6b0000000{number:012x}" for number in range(1, 5))
UNKNOWN_USER = "62f6b0000000ffffffffffff"
V1 = "/api/v1/customers/62f6a1d0c0ffee0000000001/users"
V2 = "/api/v2/customers/62f6a1d0c0ffee0000000001/users"


@pytest.fixture(autouse=True)
def users(mock: MockVendors) -> None:
    azure = [{"type": "azure", "value": "a-1"}]
    mock.seed(
        {
            "laurel": [
                {"email": "jane@example.com", "firstName": "Jane", "identities": azure},
                {"email": "joe@example.com", "status": "adminDisabled"},
                {"email": "ann@example.com", "status": None},
                {"email": "bob@example.com", "status": "absent"},
            ]
        }
    )


def ids(rows: Any) -> list[str]:
    return [row["_id"] for row in rows]


def test_statuses_of_the_list(laurel: Ask) -> None:
    assert [row.get("status", "-") for row in laurel("GET", V1).json()] == ["active", "adminDisabled", None, "-"]


@pytest.mark.parametrize(
    ("switches", "path", "status", "expected"),
    [
        ({}, f"{V1}?search=JANE", 200, [JANE]),
        ({}, f"{V1}?integration=cloud-assistant-zoom&search=jane", 200, [JANE]),
        ({}, f"{V1}?integration=other", 400, None),
        ({"integration_required": True}, V1, 400, None),
        ({"list_hides_disabled": True}, V1, 200, [JANE, ANN, BOB]),
        ({}, f"{V1}/by-ids?userIds={JOE}&userIds={UNKNOWN_USER}", 200, [JOE]),
        ({}, f"{V1}/by-ids", 400, None),
        ({}, f"{V1}/by-ids?" + "&".join(["userIds=" + JOE] * 51), 400, None),
        ({}, f"{V1}/nonsense", 400, None),
        ({}, f"{V1}/{UNKNOWN_USER}", 404, None),
        ({}, "/api/v1/customers/62f6a1d0c0ffee000000dead/users", 403, None),
        ({}, "/api/v3/users", 404, None),
        ({}, f"{V2}?pageSize=151", 400, None),
        ({}, f"{V2}?page=0", 400, None),
        ({}, f"{V2}?search=x", 400, None),
        ({}, f"{V2}/lookup/identity?type=azure&value=b-1", 404, None),
        ({}, f"{V2}/lookup/identity?type=other&value=a-1", 400, None),
        ({"lookup": 404}, f"{V1}/lookup?type=azure&value=a-1", 404, None),
    ],
)
def test_reads(
    mock: MockVendors, laurel: Ask, switches: Any, path: str, status: int, expected: list[str] | None
) -> None:
    mock.switch("laurel", **switches)
    answer = laurel("GET", path)
    assert answer.status_code == status
    if expected is None:
        assert answer.json()["statusCode"] == status
    else:
        assert ids(answer.json()) == expected


def test_projection_has_no_status(laurel: Ask) -> None:
    (row,) = laurel("GET", f"{V1}?integration=cloud-assistant-cdr&search=jane").json()
    assert set(row) == {"_id", "email", "name", "relevantIdentities"}


PEOPLE: list[dict[str, Any]] = [
    {"email": "jane@example.com", "firstName": "Mary-Jane", "lastName": "Poe", "identities": []},
    {"email": "joe@example.com", "nickname": "Poet", "identities": [{"type": "zoom", "value": "z-1"}]},
]


@pytest.mark.parametrize(
    ("text", "contains", "starts_with"),
    [
        ("JANE", [JANE], [JANE]),
        ("mary", [JANE], [JANE]),
        ("poe", [JANE, JOE], [JANE, JOE]),
        ("oe@", [JOE], []),
        ("ryja", [], []),
        ("@", [JANE, JOE], []),
    ],
)
def test_search(mock: MockVendors, laurel: Ask, text: str, contains: list[str], starts_with: list[str]) -> None:
    mock.seed({"laurel": PEOPLE})
    assert ids(laurel("GET", f"{V1}?search={text}").json()) == contains
    mock.switch("laurel", search="starts_with")
    assert ids(laurel("GET", f"{V1}?search={text}").json()) == starts_with


def test_integration_lists_all_or_its_own(mock: MockVendors, laurel: Ask) -> None:
    mock.seed({"laurel": PEOPLE})
    assert ids(laurel("GET", f"{V1}?integration=cloud-assistant-zoom").json()) == [JANE, JOE]
    mock.switch("laurel", integration_list="related")
    (row,) = laurel("GET", f"{V1}?integration=cloud-assistant-zoom").json()
    assert row == {
        "_id": JOE,
        "email": "joe@example.com",
        "name": "First Last",
        "relevantIdentities": [{"type": "zoom", "value": "z-1"}],
    }
    assert laurel("GET", f"{V1}?integration=cloud-assistant-cdr").json() == []
    mock.switch("laurel", integration_rows="user")
    assert [row["status"] for row in laurel("GET", f"{V1}?integration=cloud-assistant-zoom").json()] == ["active"]


def test_delegates_can_be_seeded(mock: MockVendors, laurel: Ask) -> None:
    permission = {"_id": UNKNOWN_USER, "claim": "timesheet_only", "description": ""}
    delegate = {"_id": JOE, "firstName": "Joe", "permissions": [permission]}
    mock.seed({"laurel": [{"delegates": [delegate], "delegators": [{"_id": ANN}]}]})
    delegates = [{**delegate, "lastName": "Last"}]
    delegators = [{"_id": ANN, "firstName": "First", "lastName": "Last"}]
    (listed,) = laurel("GET", V1).json()
    for row in (listed, laurel("GET", f"{V1}/{JANE}").json()):
        assert (row["delegates"], row["delegators"]) == (delegates, delegators)


def test_one_object_where_switched(mock: MockVendors, laurel: Ask) -> None:
    mock.switch("laurel", list_shape="object_when_one")
    assert laurel("GET", f"{V1}?search=jane").json()["_id"] == JANE
    assert len(laurel("GET", V1).json()) == 4


def test_pages(mock: MockVendors, laurel: Ask) -> None:
    mock.population(laurel=301)
    pages = [laurel("GET", f"{V2}?pageSize=150&page={page}").json() for page in (1, 2, 3)]
    assert [len(page["items"]) for page in pages] == [150, 150, 1]
    assert [page.get("nextPage") for page in pages] == [2, 3, None]
    assert {page["totalItems"] for page in pages} == {301}


def test_lookups(mock: MockVendors, laurel: Ask) -> None:
    batch = laurel("POST", f"{V1}/batch/lookup", json={"identities": [{"type": "azure", "value": "a-1"}] * 2})
    assert ids(batch.json()["users"]) == [JANE]
    many = {"identities": [{"type": "azure", "value": "a-1"}] * 501}
    assert laurel("POST", f"{V1}/batch/lookup", json=many).status_code == 400
    assert laurel("GET", f"{V2}/lookup/identity?type=azure&value=a-1").json()["_id"] == JANE
    assert laurel("GET", f"{V1}/lookup?type=azure&value=a-1").json()["_id"] == JANE
    mock.switch("laurel", lookup="identity")
    assert laurel("GET", f"{V1}/lookup?type=azure&value=a-1").json()["type"] == "azure"
    assert {entry["kind"] for entry in mock.log()} == {"token", "read"}


def test_get_shows_config(laurel: Ask) -> None:
    assert "config" in laurel("GET", f"{V1}/{JANE}").json()


@pytest.mark.parametrize(
    ("path", "body", "status", "expected"),
    [
        (f"{V1}/{JANE}", {"jobTitle": "Clerk", "nickname": ""}, 200, {"jobTitle": "Clerk", "nickname": ""}),
        (f"{V1}/{JANE}", {"delegateIds": [JOE]}, 200, {}),
        (f"{V2}/{JANE}", {"delegateIds": [JOE]}, 400, None),
        (f"{V1}/{JANE}", {"delegates": []}, 400, None),
        (f"{V2}/{JANE}", {"delegates": [{"userId": JOE, "permissions": [{"claim": "c"}]}]}, 200, {}),
        (f"{V2}/{JANE}", {"delegates": [{"userId": UNKNOWN_USER}]}, 400, None),
        (f"{V2}/{JANE}", {"pod": None, "seniority": "5"}, 200, {"pod": None, "seniority": "5"}),
        (f"{V2}/{JANE}", {"firstName": ""}, 400, None),
        (f"{V2}/{JANE}", {"email": "jane"}, 400, None),
        (f"{V2}/{JANE}", {"email": "joe@example.com"}, 409, None),
        (f"{V2}/{JANE}", {"status": "active"}, 400, None),
        (f"{V2}/{JANE}", {"roleIds": ["x"]}, 400, None),
        (f"{V2}/{UNKNOWN_USER}", {}, 404, None),
        (f"{V1}/{JANE}/status", {"status": "firmDisabled"}, 200, {"status": "firmDisabled"}),
        (f"{V1}/{JANE}/status", {"status": "gone"}, 400, None),
        (f"{V1}/{JANE}/status", {}, 400, None),
        (f"{V1}/{UNKNOWN_USER}/status", {"status": "active"}, 404, None),
        (f"{V2}/{JANE}/status", {"status": "active"}, 404, None),
    ],
)
def test_patch(mock: MockVendors, laurel: Ask, path: str, body: Any, status: int, expected: Any) -> None:
    before = mock.state("laurel")
    answer = laurel("PATCH", path, json=body)
    assert answer.status_code == status
    after = mock.state("laurel")
    if expected is None:
        assert after == before
    else:
        assert answer.json() == after[JANE] != before[JANE]
        assert after[JANE].items() >= expected.items()


def test_lists_replace_or_merge(mock: MockVendors, laurel: Ask) -> None:
    def delegates(*users: str) -> list[str]:
        rows: list[str] = ids(laurel("PATCH", f"{V1}/{JANE}", json={"delegateIds": users}).json()["delegates"])
        return rows

    assert [delegates(JOE), delegates(ANN), delegates()] == [[JOE], [ANN], []]
    mock.switch("laurel", patch_lists="merge")
    assert [delegates(JOE), delegates(ANN)] == [[JOE], [JOE, ANN]]


@pytest.mark.parametrize("status", [403, 404, 405])
def test_status_refused_as_switched(mock: MockVendors, laurel: Ask, status: int) -> None:
    mock.switch("laurel", status_patch=status)
    assert laurel("PATCH", f"{V1}/{JANE}/status", json={"status": "active"}).status_code == status


@pytest.mark.parametrize(
    ("switches", "get"),
    [({}, 404), ({"delete": "soft"}, 200), ({"delete": "soft", "deleted_get": 404}, 404)],
)
def test_delete(mock: MockVendors, laurel: Ask, switches: Any, get: int) -> None:
    mock.switch("laurel", **switches)
    assert laurel("DELETE", f"{V1}/{JANE}?isForwarded=maybe").status_code == 400
    assert laurel("DELETE", f"{V1}/{JANE}?isForwarded=false").json()["_id"] == JANE
    assert laurel("GET", f"{V1}/{JANE}").status_code == get
    assert laurel("DELETE", f"{V1}/{JANE}").status_code == 404
    assert JANE not in ids(laurel("GET", V1).json())
