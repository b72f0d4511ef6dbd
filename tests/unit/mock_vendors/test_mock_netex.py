# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]
SYNC = {"training": 200, "social": 204, "play": 204, "management": 204}


@pytest.fixture(autouse=True)
def users(mock: MockVendors) -> None:
    mock.seed({"netex": [{"username": "jane"}, {"username": "joe", "enabled": False}]})


def platforms(answer: requests.Response) -> dict[str, int]:
    return {name: part["status"] for name, part in answer.json()["responsePlatforms"].items()}


def test_get_by_id_and_username(netex: Ask) -> None:
    jane = netex("GET", "/users/jane").json()
    assert jane["enabled"] is True
    assert jane["password"].startswith("$2a$10$")
    assert netex("GET", f"/users/{jane['id']}").json() == jane


def test_password_hashes_are_in_the_rows_or_not(mock: MockVendors, netex: Ask) -> None:
    rows = [*netex("GET", "/users").json(), netex("GET", "/users/jane").json()]
    assert [row["password"][:7] for row in rows] == ["$2a$10$"] * 3
    mock.switch("netex", password="absent")
    without = [*netex("GET", "/users").json(), netex("GET", "/users/jane").json()]
    assert [{**row, "password": rows[0]["password"]} for row in without] == rows
    assert not any("password" in row for row in without)


def test_write_and_envelope(mock: MockVendors, netex: Ask) -> None:
    answer = netex("PUT", "/users/jane/deactivate", json={"message": "Sorry"})
    assert answer.status_code == 200
    assert {n: answer.json()[n] for n in ("status", "location")} == {"status": 204, "location": None}
    assert platforms(answer) == SYNC
    queued = netex("PUT", "/users/joe/activate", headers={"X-Cloud-Synchronization": "asynchronous"})
    assert platforms(queued) == {**SYNC, "training": 202, "social": 202}
    assert [row["enabled"] for row in mock.state("netex").values()] == [False, True]
    assert platforms(netex("DELETE", "/users/jane")) == {"training": 200, "social": 204, "management": 204}
    assert netex("GET", "/users/jane").status_code == 404


@pytest.mark.parametrize(
    ("switches", "method", "path", "options", "status", "inner"),
    [
        ({}, "GET", "/users/no-such-user", {}, 404, 404),
        ({}, "GET", "/users/JANE", {}, 404, 404),
        ({"username_case_insensitive": True}, "PUT", "/users/JANE/deactivate", {}, 200, 204),
        ({"user_missing": "inner"}, "PUT", "/users/no-such-user/deactivate", {}, 200, 404),
        ({"user_missing": "inner", "http_status": "errors"}, "GET", "/users/no-such-user", {}, 404, 404),
        ({"user_missing": "html"}, "GET", "/users/no-such-user", {}, 404, None),
        ({"already": 409}, "PUT", "/users/joe/deactivate", {}, 200, 409),
        ({"already": 400}, "PUT", "/users/jane/activate", {}, 200, 400),
        ({"http_status": "inner"}, "PUT", "/users/jane/deactivate", {}, 204, None),
        ({}, "GET", "/users", {"headers": {"X-Cloud-Auth-Token": "wrong"}}, 401, 401),
        ({"bad_token": 403}, "GET", "/users", {"headers": {"X-Cloud-Auth-Token": "wrong"}}, 403, 403),
        ({}, "PUT", "/users/jane/deactivate", {"data": '{"message": "x"}'}, 415, None),
        ({"missing_content_type": 400}, "PUT", "/users/jane/deactivate", {"data": "{}"}, 400, None),
        ({}, "PUT", "/users/jane/deactivate", {"json": {"message": 1}}, 400, 400),
        ({}, "PUT", "/users/jane/deactivate", {"headers": {"X-Cloud-Synchronization": "soon"}}, 400, 400),
        ({}, "GET", "/users/jane", {"headers": {"Accept": "application/json"}}, 406, None),
        (
            {},
            "GET",
            "/users/no-such-user",
            {"headers": {"Accept": "application/vnd.netex.nlc-api.v1.0.1+json"}},
            404,
            404,
        ),
        ({}, "GET", "/user", {}, 404, None),
        ({}, "POST", "/users/jane/deactivate", {}, 405, None),
        ({}, "GET", "/users?count=x", {}, 400, 400),
        ({"over_count": 400}, "GET", "/users?count=501", {}, 400, 400),
    ],
)
def test_switches_and_refusals(
    mock: MockVendors, netex: Ask, switches: Any, method: str, path: str, options: Any, status: int, inner: int | None
) -> None:
    mock.switch("netex", **switches)
    answer = netex(method, path, **options)
    is_json = answer.headers.get("Content-Type") == "application/json"
    assert (answer.status_code, answer.json()["status"] if is_json else None) == (status, inner)


@pytest.mark.parametrize(
    ("base", "query", "expected"),
    [
        (0, "", range(1, 501)),
        (0, "?startIndex=500&count=500", range(501, 1001)),
        (0, "?startIndex=1000&count=500", range(1001, 1003)),
        (0, "?count=9999", range(1, 501)),
        (1, "", range(1, 501)),
        (1, "?startIndex=0&count=3", range(1, 4)),
        (1, "?startIndex=3&count=3", range(3, 6)),
    ],
)
def test_paging(mock: MockVendors, netex: Ask, base: int, query: str, expected: range) -> None:
    mock.population(netex=1002)
    mock.switch("netex", start_index_base=base)
    usernames = [row["username"] for row in netex("GET", f"/users{query}").json()]
    assert usernames == [f"user{number:05d}" for number in expected]


@pytest.mark.parametrize("apply", [True, False])
def test_a_platform_fails_inside_200(mock: MockVendors, netex: Ask, apply: bool) -> None:
    mock.fault("netex", "platform", platforms={"training": 500}, apply=apply, message="Database down")
    answer = netex("PUT", "/users/jane/deactivate")
    assert (answer.status_code, answer.json()["status"]) == (200, 204)
    assert platforms(answer) == {**SYNC, "training": 500}
    assert answer.json()["responsePlatforms"]["training"]["message"] == "Database down"
    assert netex("GET", "/users/jane").json()["enabled"] is not apply


def test_asynchronous_may_apply_later(mock: MockVendors, netex: Ask) -> None:
    mock.switch("netex", default_synchronization="asynchronous", async_delay={"reads": 2})
    netex("PUT", "/users/jane/deactivate")
    assert [netex("GET", "/users/jane").json()["enabled"] for _unused in range(3)] == [True, True, False]
