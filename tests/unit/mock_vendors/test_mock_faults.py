# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]
SUSPEND = "/rest/v2/users/ref/R1/suspend"


@pytest.fixture(autouse=True)
def users(mock: MockVendors) -> None:
    mock.seed({"learn": [{"ref": "R1"}], "netex": [{"username": "jane"}]})


def suspended(mock: MockVendors) -> bool:
    (row,) = mock.state("learn").values()
    return bool(row["status"] == "inactive")


def test_selectors(mock: MockVendors, learn: Ask) -> None:
    mock.fault("learn_api", "status", status=503, kind="read", method="GET", path="ref/R1$", skip=1, times=1)
    paths = ["/rest/v1/users", *["/rest/v1/users/ref/R1"] * 3]
    assert [learn("GET", path).status_code for path in paths] == [200, 200, 503, 200]
    assert [entry["fault"] for entry in mock.log()] == [None, None, "status", None]
    assert mock.faults()[0]["fired"] == 1


@pytest.mark.parametrize(
    ("order", "seconds"), [({"retry_after": 2}, 2), ({"retry_after": "date:5"}, 5), ({"retry_after": 999999}, 999999)]
)
def test_retry_after(mock: MockVendors, learn: Ask, order: Any, seconds: int) -> None:
    mock.fault("learn", "status", status=429, **order)
    value = learn("GET", "/rest/v1/users").headers["Retry-After"]
    waited = int(value) if value.isdigit() else parsedate_to_datetime(value).timestamp() - time.time()
    assert seconds - 1 <= waited <= seconds + 1


def test_retry_after_absent_or_garbage(mock: MockVendors, learn: Ask) -> None:
    mock.fault("learn", "status", status=429, times=1)
    mock.fault("learn", "status", status=429, retry_after="soon", times=1)
    answers = [learn("GET", "/rest/v1/users") for _unused in range(2)]
    assert [answer.headers.get("Retry-After") for answer in answers] == [None, "soon"]


@pytest.mark.parametrize(("action", "done"), [("reset_before", False), ("reset_after", True)])
def test_reset(mock: MockVendors, learn: Ask, action: str, done: bool) -> None:
    mock.fault("learn", action, kind="write", times=1)
    with pytest.raises(requests.ConnectionError):
        learn("PATCH", SUSPEND, json={})
    assert suspended(mock) is done
    assert [(entry["status"], entry["fault"]) for entry in mock.log("write")] == [(None, action)]


@pytest.mark.parametrize(("when", "done"), [("before", False), ("after", True)])
def test_slow(mock: MockVendors, learn: Ask, session: requests.Session, when: str, done: bool) -> None:
    mock.fault("learn", "slow", seconds=0.6, when=when, kind="write")
    url = mock.ready["learn"]["api_url"] + SUSPEND
    with pytest.raises(requests.ReadTimeout):
        session.patch(url, json={}, timeout=0.2)
    assert suspended(mock) is done


def test_requests_in_progress_have_no_effect_after_a_reset(
    mock: MockVendors, learn: Ask, session: requests.Session
) -> None:
    mock.fault("learn", "slow", seconds=0.3, when="before", kind="write")
    with ThreadPoolExecutor(max_workers=1) as pool:
        write = pool.submit(session.patch, mock.ready["learn"]["api_url"] + SUSPEND, json={}, timeout=20)
        while not mock.log("write"):
            time.sleep(0.01)
        mock.reset()
        mock.seed({"learn": [{"ref": "R1"}]})
        with pytest.raises(requests.ConnectionError):
            write.result()
    assert not suspended(mock)


def test_noop(mock: MockVendors, learn: Ask) -> None:
    mock.fault("learn", "noop", kind="write", times=1)
    assert learn("PATCH", SUSPEND, json={}).json()["active"] is False
    assert not suspended(mock)


@pytest.mark.parametrize(
    ("order", "listed", "got"),
    [
        ({"times": 2, "lists": True}, ["active", "active", "inactive"], ["inactive"] * 3),
        ({"times": 2}, ["active", "inactive", "inactive"], ["active", "inactive", "inactive"]),
        ({"lists": True}, ["active"] * 3, ["inactive"] * 3),
        ({"seconds": 60}, ["active"] * 3, ["active"] * 3),
    ],
)
def test_stale(mock: MockVendors, learn: Ask, order: Any, listed: list[str], got: list[str]) -> None:
    mock.fault("learn", "stale", **order)
    assert learn("GET", "/rest/v1/users").json()["results"][0]["status"] == "active"
    learn("PATCH", SUSPEND, json={})
    seen = [
        (
            learn("GET", "/rest/v1/users").json()["results"][0]["status"],
            learn("GET", "/rest/v1/users/ref/R1").json()["status"],
        )
        for _unused in range(3)
    ]
    assert seen == list(zip(listed, got, strict=True))


def test_truncate(mock: MockVendors, learn: Ask) -> None:
    mock.fault("learn", "truncate", times=1)
    with pytest.raises(json.JSONDecodeError):
        json.loads(learn("GET", "/rest/v1/users").text)
    mock.fault("learn", "truncate", promise=True, times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        learn("GET", "/rest/v1/users")


def test_html_redirect_and_echo(mock: MockVendors, netex: Ask) -> None:
    mock.fault("netex", "html", times=1)
    mock.fault("netex", "redirect", location="http://127.0.0.1:9/", times=1)
    mock.fault("netex", "echo_secret", times=1)
    page, redirect, echo = (netex("PUT", "/users/jane/deactivate", json={"message": "bye"}) for _unused in range(3))
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html;charset=utf-8")
    assert (redirect.status_code, redirect.headers["Location"]) == (302, "http://127.0.0.1:9/")
    assert echo.status_code == 400
    assert mock.ready["netex"]["auth_token"] in echo.text
    assert "bye" in echo.text


def test_expire_and_revoke(mock: MockVendors, customergauge: Ask, netex: Ask) -> None:
    def disable() -> int:
        body = {"email": "no-such-user@example.com"}
        return customergauge("PATCH", "/v5/user-manager/users/disable", json=body).status_code

    mock.fault("customergauge", "expire", skip=1, times=1)
    assert [disable() for _unused in range(3)] == [404, 401, 401]
    mock.fault("netex", "revoke", skip=1, times=1)
    assert [netex("GET", "/users").status_code for _unused in range(3)] == [200, 401, 401]


def test_big(mock: MockVendors, learn: Ask, session: requests.Session) -> None:
    mock.fault("learn", "big", size=3 * 2**20, times=1)
    assert len(learn("GET", "/rest/v1/users").content) == 3 * 2**20
    mock.fault("learn", "big", times=1)
    with session.get(mock.ready["learn"]["api_url"] + "/rest/v1/users", stream=True, timeout=20) as answer:
        assert len(answer.raw.read(2**20)) == 2**20
    assert learn("GET", "/rest/v1/users").status_code == 200


@pytest.mark.parametrize(
    "order",
    [
        {"action": "explode"},
        {"action": "status"},
        {"action": "noop", "seconds": 1},
        {"action": "noop", "service": "elsewhere"},
        {"action": "noop", "kind": "wrote"},
    ],
)
def test_a_wrong_fault_is_refused(mock: MockVendors, order: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"action|service|kind"):
        mock.fault(order.pop("service", None), **order)
    assert mock.faults() == []


def test_an_error_after_the_change(mock: MockVendors, learn: Ask) -> None:
    mock.fault("learn", "status", status=502, kind="write", apply=True, times=1)
    assert learn("PATCH", SUSPEND, json={}).status_code == 502
    assert suspended(mock)


def test_refused_connections_until_the_port_is_opened(mock: MockVendors, learn: Ask) -> None:
    mock.fault("learn_api", "refuse", kind="write", times=1)
    for _unused in range(2):
        with pytest.raises(requests.ConnectionError):
            learn("PATCH", SUSPEND, json={})
    assert [entry["fault"] for entry in mock.log()] == ["refuse"]
    mock.listening(learn=True)
    assert learn("PATCH", SUSPEND, json={}).status_code == 200


@pytest.mark.parametrize("action", ["reset_after", "noop", None])
def test_the_log_records_which_writes_took_effect(mock: MockVendors, learn: Ask, action: str | None) -> None:
    (user,) = mock.state("learn")
    if action:
        mock.fault("learn", action, kind="write", times=1)
    try:
        learn("PATCH", SUSPEND, json={})
    except requests.ConnectionError:
        assert action == "reset_after"
    learn("PATCH", SUSPEND, json={})
    change = {"id": user, "before": "active", "after": "inactive"}
    effects = [[dict(change, at=0) == dict(each, at=0) for each in entry["effects"]] for entry in mock.log("write")]
    assert effects == ([[], [True]] if action == "noop" else [[True], []])


def test_the_log_records_which_write_took_effect_later(mock: MockVendors, learn: Ask, event: Ask) -> None:
    learn("PATCH", SUSPEND, json={})
    mock.switch("learn", webhook_delay={"reads": 5})
    event("user_joined", {"ref": "R1"})
    assert mock.log("write")[-1]["effects"] == []
    mock.settle()
    (effect,) = mock.log("write")[-1]["effects"]
    assert (effect["before"], effect["after"]) == ("inactive", "active")
    assert not suspended(mock)


def test_the_log_records_which_responses_were_stale(mock: MockVendors, learn: Ask) -> None:
    mock.switch("learn", list_lag={"writes": 1})
    learn("GET", "/rest/v1/users")
    learn("PATCH", SUSPEND, json={})
    learn("GET", "/rest/v1/users")
    learn("GET", "/rest/v1/users/ref/R1")
    assert [entry["behind"] for entry in mock.log("read")] == [False, True, False]
