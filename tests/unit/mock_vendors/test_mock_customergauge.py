# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]
DISABLE = "/v5/user-manager/users/disable"
MISSING = "No query results for model [Library\\Eloquent\\Master\\User]."
REQUIRED = "The email field is required."


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "body"),
    [
        ("PATCH", DISABLE, {"json": {"email": "jane@example.com"}}, 204, None),
        ("PATCH", DISABLE, {"json": {"email": "JANE@example.com"}}, 204, None),
        ("PATCH", DISABLE, {"json": {"email": "no-such-user@example.com"}}, 404, {"message": MISSING}),
        (
            "PATCH",
            "/v5/users/disable",
            {"json": {}},
            404,
            {"message": "The route v5/users/disable could not be found."},
        ),
        (
            "PATCH",
            DISABLE,
            {"json": {"email": "x"}, "headers": {"Authorization": "x"}},
            401,
            {"message": "Unauthenticated."},
        ),
    ],
)
def test_answers(
    mock: MockVendors, customergauge: Ask, method: str, path: str, options: Any, status: int, body: Any
) -> None:
    mock.seed({"customergauge": [{"email": "jane@example.com"}]})
    answer = customergauge(method, path, **options)
    assert answer.status_code == status
    assert (answer.json() if answer.content else None) == body


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"json": {}}, REQUIRED),
        ({"data": {"email": "jane@example.com"}}, REQUIRED),
        ({"data": "{", "headers": {"Content-Type": "application/json"}}, REQUIRED),
        ({"json": {"email": "jane"}}, "The email must be a valid email address."),
    ],
)
def test_invalid_input(customergauge: Ask, options: Any, text: str) -> None:
    answer = customergauge("PATCH", DISABLE, **options)
    assert answer.status_code == 422
    assert answer.json() == {"message": "The given data was invalid.", "errors": {"email": [text]}}


def test_wrong_verb_and_missing_accept(customergauge: Ask) -> None:
    assert customergauge("GET", DISABLE).status_code == 405
    assert customergauge("PATCH", DISABLE, json={}, headers={"Accept": "*/*"}).status_code == 302


def test_state_and_switches(mock: MockVendors, customergauge: Ask) -> None:
    mock.seed({"customergauge": [{"email": "jane@example.com"}, {"email": "joe@example.com"}]})

    def disable(email: str) -> int:
        return customergauge("PATCH", DISABLE, json={"email": email}).status_code

    assert [disable("jane@example.com"), disable("jane@example.com")] == [204, 204]
    assert [row["status"] for row in mock.state("customergauge").values()] == ["Deactivated", "Active"]
    mock.switch("customergauge", already_disabled=404, email_case_sensitive=True)
    assert disable("jane@example.com") == 404
    assert disable("Joe@example.com") == 404
    assert disable("joe@example.com") == 204
