# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]
REF = "/rest/v2/users/ref"


@pytest.fixture(autouse=True)
def users(mock: MockVendors) -> None:
    rows = [{"ref": ref, "status": status} for ref, status in (("R1", "active"), ("R 2", "inactive"), ("R3", "new"))]
    mock.seed({"learn": rows})


def status_of(learn: Ask, ref: str = "R1") -> str:
    status: str = learn("GET", f"/rest/v1/users/ref/{ref}").json()["status"]
    return status


def test_user_and_basic_user(learn: Ask) -> None:
    basic = learn("GET", "/rest/v1/users/ref/R%202").json()
    user = learn("GET", f"/rest/v1/user/{basic['id']}").json()
    assert "deleted" not in basic
    assert user["deleted"] is False
    assert user.items() >= basic.items()


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/rest/v1/users/ref/no-such-user", {}, 404),
        ("GET", "/rest/v1/users/ref/r1", {}, 404),
        ("GET", "/rest/v1/users/ref/", {}, 400),
        ("GET", "/rest/v1/user/no-such-user", {}, 404),
        ("GET", "/rest/v1/nothing", {}, 404),
        ("GET", "/rest/v1/users?perPage=1001", {}, 400),
        ("GET", "/rest/v1/users?status=gone", {}, 400),
        ("GET", "/rest/v1/users?status=active,new", {}, 400),
        ("GET", "/rest/v1/users?statuses=active,gone", {}, 400),
        ("GET", "/rest/v1/users", {"auth": ("x", "y")}, 401),
        ("PATCH", f"{REF}/R1/suspend", {"data": "{}"}, 415),
        ("PATCH", f"{REF}/R1/suspend", {"data": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ("PATCH", f"{REF}//suspend", {"json": {}}, 400),
        ("PATCH", f"{REF}/R1/suspend", {"json": {"endDate": "tomorrow"}}, 422),
        ("PATCH", f"{REF}/R1/suspend", {"json": {"endDate": "2026-06-30"}}, 422),
        ("PATCH", f"{REF}/no-such-user/suspend", {"json": {}}, 404),
        ("DELETE", f"{REF}/no-such-user", {}, 404),
    ],
)
def test_errors(learn: Ask, method: str, path: str, options: Any, status: int) -> None:
    answer = learn(method, path, **options)
    assert answer.status_code == status
    assert set(answer.json()) == {"status", "error", "message"}
    assert answer.json()["status"] == status


def test_suspend(mock: MockVendors, learn: Ask) -> None:
    end = "2026-06-30T17:00:00.000Z"
    answer = learn("PATCH", f"{REF}/R1/suspend", json={"endDate": end})
    assert answer.status_code == 200
    assert (answer.json()["active"], answer.json()["endDate"]) == (False, end)
    assert status_of(learn) == "inactive"
    assert "endDate" not in learn("GET", "/rest/v1/users").json()["results"][0]


@pytest.mark.parametrize("status", [200, 409, 422])
def test_already_suspended(mock: MockVendors, learn: Ask, status: int) -> None:
    mock.switch("learn", already_suspended=status)
    assert learn("PATCH", f"{REF}/R%202/suspend", json={}).status_code == status


@pytest.mark.parametrize(("body", "expected"), [("json", b'{"success":true}'), ("empty", b"")])
def test_delete(mock: MockVendors, learn: Ask, body: str, expected: bytes) -> None:
    mock.switch("learn", delete_body=body)
    user = learn("GET", "/rest/v1/users/ref/R1").json()["id"]
    assert learn("DELETE", f"{REF}/R1").content == expected
    assert learn("GET", "/rest/v1/users/ref/R1").status_code == 404
    row = learn("GET", f"/rest/v1/user/{user}").json()
    assert (row["deleted"], row["ref"], row["email"]) == (True, None, None)
    assert learn("DELETE", f"{REF}/R1").status_code == 404


@pytest.mark.parametrize(
    ("switches", "query", "refs"),
    [
        ({}, "", ["R1", "R 2", "R3"]),
        ({}, "?page=2&perPage=2", ["R3"]),
        ({}, "?page=9", []),
        ({}, "?status=inactive", ["R 2"]),
        ({}, "?statuses=active,new", ["R1", "R3"]),
        ({}, "?statuses=inactive", ["R 2"]),
        ({}, "?omitStatuses=new", ["R1", "R 2"]),
        ({}, "?omitStatuses=new,inactive", ["R1"]),
        ({}, "?statuses=active,new&omitStatuses=new", ["R1"]),
        ({}, "?updatedSince=2030-01-01T00:00:00Z", []),
        ({"list_hides_suspended": True}, "", ["R1", "R3"]),
        ({"list_hides_suspended": True}, "?status=inactive", ["R 2"]),
        ({"list_hides_suspended": True}, "?statuses=active,inactive", ["R1", "R 2"]),
        ({"pagination": False}, "", ["R1", "R 2", "R3"]),
    ],
)
def test_list(mock: MockVendors, learn: Ask, switches: Any, query: str, refs: list[str]) -> None:
    mock.switch("learn", **switches)
    data = learn("GET", f"/rest/v1/users{query}").json()
    assert [row["ref"] for row in data["results"]] == refs
    assert ("pagination" in data) is switches.get("pagination", True)


@pytest.mark.parametrize("status", ["inactive", "active", None])
def test_a_deleted_users_status(mock: MockVendors, learn: Ask, status: str | None) -> None:
    mock.switch("learn", deleted_status=status)
    learn("DELETE", f"{REF}/R1")

    def listed(query: str = "") -> list[Any]:
        return [row["ref"] for row in learn("GET", f"/rest/v1/users{query}").json()["results"]]

    assert listed() == [None, "R 2", "R3"]
    assert [row["status"] for row in learn("GET", "/rest/v1/users").json()["results"] if row["deleted"]] == [status]
    assert (None in listed("?status=inactive")) is (status == "inactive")
    assert (None in listed("?omitStatuses=inactive")) is (status != "inactive")
    mock.switch("learn", list_hides_deleted=True)
    assert None not in [*listed(), *listed("?status=inactive")]


def test_pagination_counts(mock: MockVendors, learn: Ask) -> None:
    mock.population(learn=2500)
    data = learn("GET", "/rest/v1/users?perPage=1000&page=3").json()
    assert data["pagination"] == {"totalResults": 2500, "totalPages": 3, "page": 3, "perPage": 1000}
    assert len(data["results"]) == 500


def test_joined_unsuspends_or_creates(mock: MockVendors, learn: Ask, event: Ask) -> None:
    assert event("user_joined", {"ref": "R 2"}).status_code == 200
    assert status_of(learn, "R%202") == "active"
    assert len(mock.state("learn")) == 3
    assert event("user_joined", {"ref": "R9"}, "2").status_code == 200
    assert status_of(learn, "R9") == "active"
    assert len(mock.state("learn")) == 4


def test_other_events(learn: Ask, event: Ask) -> None:
    event("user_updated", {"ref": "R1", "firstName": "Jane"}, "1")
    event("user_suspended", {"ref": "R1"}, "2")
    assert learn("GET", "/rest/v1/users/ref/R1").json()["firstName"] == "Jane"
    assert status_of(learn) == "inactive"
    event("user_deleted", {"ref": "R1"}, "3")
    assert learn("GET", "/rest/v1/users/ref/R1").status_code == 404


def test_an_event_id_counts_once(mock: MockVendors, learn: Ask, event: Ask) -> None:
    event("user_suspended", {"ref": "R1"}, "same")
    event("user_joined", {"ref": "R1"}, "same")
    assert status_of(learn) == "inactive"
    mock.switch("learn", webhook_dedupe=False)
    event("user_joined", {"ref": "R1"}, "same")
    assert status_of(learn) == "active"


@pytest.mark.parametrize("status", [200, 202, 204])
def test_webhook_status(mock: MockVendors, event: Ask, status: int) -> None:
    mock.switch("learn", webhook_status=status)
    assert event("user_joined", {"ref": "R1"}).status_code == status


def test_queued_event(mock: MockVendors, learn: Ask, event: Ask) -> None:
    mock.switch("learn", webhook_delay={"reads": 1})
    event("user_joined", {"ref": "R 2"})
    assert [status_of(learn, "R%202") for _unused in range(2)] == ["inactive", "active"]


@pytest.mark.parametrize(
    ("event_type", "user", "required", "status"),
    [
        ("user_left", {"ref": "R1"}, ["ref"], 400),
        ("user_joined", {}, ["ref"], 422),
        ("user_joined", {"ref": "R1"}, ["ref", "email"], 422),
        ("user_joined", {"ref": "R1", "email": "jane"}, ["ref"], 422),
    ],
)
def test_bad_events(mock: MockVendors, event: Ask, event_type: str, user: Any, required: Any, status: int) -> None:
    mock.switch("learn", webhook_required=required)
    assert event(event_type, user).status_code == status


def test_message_as_object(mock: MockVendors, learn: Ask) -> None:
    mock.switch("learn", message_shape="object")
    assert isinstance(learn("GET", "/rest/v1/users/ref/no-such-user").json()["message"], dict)
