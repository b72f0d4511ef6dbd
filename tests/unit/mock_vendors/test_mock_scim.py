# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
JANE, JOE, ANN = (f"2819c223-7f76-453a-919d-{number:012d}" for number in range(3))


@pytest.fixture(autouse=True)
def users(mock: MockVendors) -> None:
    mock.seed(
        {
            "scim": [
                {"userName": "Jane", "externalId": "E1", "emails": [{"value": "Jane@Example.com", "type": "work"}]},
                {"userName": "joe@example.com", "active": False, "displayName": 'Joe "J" Doe'},
                {"userName": "ann@example.com", "owner": True, "provisioned": False, "me": True},
            ]
        }
    )


def found(ask: Ask, text: str | None = None, **query: Any) -> list[str]:
    """The ids that a list shows."""
    answer = ask("GET", "/Users", params={**query, **({} if text is None else {"filter": text})})
    assert answer.status_code == 200, answer.text
    data = answer.json()
    return [row["id"] for row in data.get("Resources", data.get("resources", []))]


def refusal(answer: requests.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("scimType")


def operation(op: str = "replace", path: str | None = "active", value: Any = False) -> dict[str, Any]:
    entry = {"op": op, "value": value} if path is None else {"op": op, "path": path, "value": value}
    return {"schemas": [f"{MESSAGES}PatchOp"], "Operations": [entry]}


def send(ask: Ask, method: str, path: str, body: Any, **headers: str) -> requests.Response:
    return ask(method, path, data=json.dumps(body), headers={"Content-Type": "application/scim+json", **headers})


def patch(ask: Ask, body: Any | None = None, row_id: str = JANE, **headers: str) -> requests.Response:
    return send(ask, "PATCH", f"/Users/{row_id}", operation() if body is None else body, **headers)


def active(mock: MockVendors) -> dict[str, Any]:
    return {row_id: row["active"] for row_id, row in mock.state("scim").items()}


FORMS: dict[str, Any] = {
    "path": operation(),
    "pathless": operation(path=None, value={"active": False}),
    "urn": operation(path=f"{USER}:active"),
    "Replace": operation("Replace"),
    "Replace_text": operation("Replace", value="False"),
    "add": operation("add"),
    "Update": operation("Update", value="false"),
    "plain": {"schemas": [USER], "active": False},
    "none": {"schemas": [f"{MESSAGES}PatchOp"], "Operations": []},
    "no schemas": {"Operations": operation()["Operations"]},
    "other path": operation(path="activ"),
}


def test_a_list(scim: Ask) -> None:
    answer = scim("GET", "/Users")
    assert answer.headers["Content-Type"] == "application/scim+json"
    data = answer.json()
    jane = data.pop("Resources")[0]
    assert data == {
        "schemas": [f"{MESSAGES}ListResponse"],
        "totalResults": 3,
        "itemsPerPage": 3,
        "startIndex": 1,
    }
    assert (jane["id"], jane["userName"], jane["externalId"], jane["active"]) == (JANE, "Jane", "E1", True)
    assert jane["emails"] == [{"value": "Jane@Example.com", "type": "work"}]
    assert scim("GET", f"/Users/{JANE}").json() == jane
    assert jane["meta"]["location"].endswith(f"/scim/v2/Users/{JANE}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('userName eq "jane"', [JANE]),
        ('USERNAME EQ "JANE"', [JANE]),
        (f'{USER}:userName eq "jane"', [JANE]),
        ('externalId eq "E1"', [JANE]),
        ('externalId eq "e1"', []),
        (f'id eq "{JOE}"', [JOE]),
        ('emails eq "jane@example.com"', [JANE]),
        ('emails.value eq "jane@example.com"', [JANE]),
        ('emails[type eq "work"].value eq "jane@example.com"', [JANE]),
        ('emails[type eq "work" and value eq "jane@example.com"]', [JANE]),
        ('emails[type eq "home"].value eq "jane@example.com"', []),
        ('userName eq "jane" or emails.value eq "joe@example.com"', [JANE, JOE]),
        ('userName eq "jane" or userName eq "JANE"', [JANE]),
        ('active eq false and (userName sw "j" or userName sw "a")', [JOE]),
        ('not (active eq true) and externalId pr or externalId eq "E1"', [JANE]),
        ("not (externalId pr)", [JOE, ANN]),
        ('displayName eq "Joe \\"J\\" Doe"', [JOE]),
        ('userName ne "jane"', [JOE, ANN]),
        ('userName eq "no-such-user"', []),
    ],
)
def test_filters(scim: Ask, text: str, expected: list[str]) -> None:
    assert found(scim, text) == expected


@pytest.mark.parametrize(
    "text", ["userName", "userName eq", "(active eq true", "userName is 1", 'eq "x"', "a eq b", ""]
)
def test_nonsense_is_no_filter(mock: MockVendors, scim: Ask, text: str) -> None:
    assert refusal(scim("GET", "/Users", params={"filter": text})) == (400, "invalidFilter")
    mock.switch("scim", nonsense_filter=500)
    assert scim("GET", "/Users", params={"filter": text}).status_code == 500


BOTH = 'userName eq "jane" or userName eq "joe@example.com"'


@pytest.mark.parametrize(
    ("switches", "text", "expected"),
    [
        ({}, 'nickName eq "x"', (400, "invalidFilter")),
        ({"other_filter": "empty"}, 'nickName eq "x"', []),
        ({"other_filter": "everybody"}, 'nickName eq "x"', [JANE, JOE, ANN]),
        ({"other_filter": 500}, 'nickName eq "x"', (500, None)),
        ({"filters": ["userName"], "other_filter": "empty"}, 'emails.value eq "jane@example.com"', []),
        ({"filters": ["userName"], "other_filter": "empty"}, 'userName eq "jane" or externalId eq "E1"', []),
        ({"filters": []}, 'userName eq "jane"', (400, "invalidFilter")),
        ({"filters": ["email"]}, 'email eq "jane@example.com"', [JANE]),
        ({"or_filter": "empty"}, BOTH, []),
        ({"or_filter": "empty"}, 'userName eq "jane"', [JANE]),
        ({"or_filter": "first"}, BOTH, [JANE]),
        ({"or_filter": "everybody"}, BOTH, [JANE, JOE, ANN]),
        ({"or_filter": 400}, BOTH, (400, "invalidFilter")),
        ({"or_filter": 403}, BOTH, (403, "tooMany")),
        ({"or_filter": 500, "or_terms": 2}, BOTH, [JANE, JOE]),
        ({"or_filter": 500, "or_terms": 2}, f'{BOTH} or userName eq "x"', (500, None)),
        ({"and_filter": 400}, 'active eq true and userName eq "jane"', (400, "invalidFilter")),
        ({"and_filter": "empty"}, 'active eq true and userName eq "jane"', []),
        ({"filter_nodes": 3}, BOTH, [JANE, JOE]),
        ({"filter_nodes": 2}, BOTH, (400, "invalidFilter")),
        ({"filter_chars": len(BOTH)}, BOTH, [JANE, JOE]),
        ({"filter_chars": len(BOTH) - 1}, BOTH, (400, "invalidFilter")),
        ({"username_case": "exact"}, 'userName eq "jane"', []),
        ({"username_case": "exact"}, 'userName eq "Jane"', [JANE]),
        ({"email_case": "exact"}, 'emails.value eq "jane@example.com"', []),
        ({"email_case": "exact"}, 'emails[type eq "work"].value eq "Jane@Example.com"', [JANE]),
        ({"eq": "contains"}, 'userName eq "example.com"', [JOE, ANN]),
    ],
)
def test_filter_dialects(
    mock: MockVendors, scim: Ask, switches: Any, text: str, expected: list[str] | tuple[int, str | None]
) -> None:
    mock.switch("scim", **switches)
    if isinstance(expected, list):
        assert found(scim, text) == expected
    else:
        assert refusal(scim("GET", "/Users", params={"filter": text})) == expected


@pytest.mark.parametrize(
    ("switches", "field", "expected"),
    [
        ({"emails": "strings"}, "emails", ["Jane@Example.com"]),
        ({"emails": "object"}, "emails", {"value": "Jane@Example.com", "type": "work"}),
        ({"emails": "absent"}, "emails", None),
        ({"active": "text"}, "active", "True"),
        ({"active": "small_text"}, "active", "true"),
        ({"active": "absent"}, "active", None),
        ({"active": "absent_when_open"}, "active", None),
        ({"ids": "number"}, "id", 0),
        ({"external_id": "never"}, "externalId", None),
        ({"external_id": "externalID"}, "externalID", "E1"),
    ],
)
def test_shapes_of_users(mock: MockVendors, scim: Ask, switches: Any, field: str, expected: Any) -> None:
    mock.switch("scim", **switches)
    row = scim("GET", "/Users").json()["Resources"][0]
    assert row.get(field) == expected
    assert type(row.get(field)) is type(expected)
    assert scim("GET", f"/Users/{row['id']}").json() == row


def test_active_may_be_in_the_rows_of_closed_users_only_or_not_in_lists(mock: MockVendors, scim: Ask) -> None:
    mock.switch("scim", active="absent_when_open")
    assert [row.get("active") for row in scim("GET", "/Users").json()["Resources"]] == [None, False, None]
    mock.switch("scim", active="absent_in_lists")
    assert "active" not in scim("GET", "/Users").json()["Resources"][0]
    assert scim("GET", f"/Users/{JANE}").json()["active"] is True


@pytest.mark.parametrize(
    ("switches", "query", "expected"),
    [
        ({}, {}, range(1, 101)),
        ({}, {"startIndex": 0, "count": 2}, range(1, 3)),
        ({}, {"startIndex": 101, "count": 100}, range(101, 201)),
        ({}, {"startIndex": 201, "count": 100}, range(201, 206)),
        ({}, {"startIndex": 206}, ()),
        ({}, {"count": 1000}, range(1, 101)),
        ({}, {"count": -1}, ()),
        ({"default_page": 10}, {}, range(1, 11)),
        ({"max_page": None}, {"count": 1000}, range(1, 206)),
        ({"count_zero": "page"}, {"count": 0}, range(1, 101)),
        ({"count_zero": "everybody", "max_page": None}, {"count": 0}, range(1, 206)),
        ({"paging": "none"}, {"startIndex": 101, "count": 10}, range(1, 206)),
        ({"paging": "first", "max_page": 20}, {"startIndex": 101, "count": 10}, range(1, 21)),
        ({"page_needs": "both"}, {"startIndex": 1}, ()),
        ({"page_needs": "both"}, {"startIndex": 1, "count": 3}, range(1, 4)),
        ({"beyond_end": "first"}, {"startIndex": 206, "count": 2}, range(1, 3)),
        ({"beyond_end": "last"}, {"startIndex": 206, "count": 2}, range(204, 206)),
        ({"page_drift": "overlap"}, {"startIndex": 101, "count": 2}, range(100, 102)),
        ({"page_drift": "skip"}, {"startIndex": 101, "count": 2}, range(102, 104)),
        ({"short_pages": True}, {"count": 10}, range(1, 6)),
        ({"drop_every": 3}, {"count": 4}, (1, 2, 4)),
        ({"list": "empty"}, {}, ()),
    ],
)
def test_pages(mock: MockVendors, scim: Ask, switches: Any, query: Any, expected: Any) -> None:
    mock.population(scim=205)
    mock.switch("scim", **switches)
    rows = scim("GET", "/Users", params=query).json()["Resources"]
    assert [row["userName"] for row in rows] == [f"user{number:05d}@example.com" for number in expected]


@pytest.mark.parametrize(
    ("switches", "query", "status"),
    [
        ({}, {"count": "x"}, 400),
        ({}, {"startIndex": "x"}, 400),
        ({"over_count": 400}, {"count": 101}, 400),
        ({"count_zero": 400}, {"count": 0}, 400),
        ({"beyond_end": 400}, {"startIndex": 4}, 400),
        ({"paging": "cursor"}, {"startIndex": 1}, 501),
        ({"paging": "cursor", "start_index_with_cursor": 400}, {"startIndex": 1}, 400),
        ({"paging": "cursor"}, {"cursor": "?"}, 400),
    ],
)
def test_refused_pages(mock: MockVendors, scim: Ask, switches: Any, query: Any, status: int) -> None:
    mock.switch("scim", **switches)
    assert scim("GET", "/Users", params=query).status_code == status


def test_a_shuffled_list_has_another_order_on_each_page(mock: MockVendors, scim: Ask) -> None:
    mock.population(scim=30)
    mock.switch("scim", page_drift="shuffle")
    pages = [found(scim, startIndex=start, count=10) for start in (1, 11, 21)]
    assert pages == [found(scim, startIndex=start, count=10) for start in (1, 11, 21)]
    assert len({row for page in pages for row in page}) < 30


@pytest.mark.parametrize(
    ("total", "expected"), [("right", 3), ("page", 2), ("high", 10), ("low", 1), ("absent", None), ("text", "3")]
)
def test_totals(mock: MockVendors, scim: Ask, total: str, expected: Any) -> None:
    mock.switch("scim", total=total)
    assert scim("GET", "/Users?count=2").json().get("totalResults") == expected


@pytest.mark.parametrize(("paging", "first"), [("cursor", {}), ("cursor", {"cursor": ""}), ("both", {"cursor": ""})])
def test_cursors(mock: MockVendors, scim: Ask, paging: str, first: dict[str, str]) -> None:
    mock.switch("scim", paging=paging)
    page = scim("GET", "/Users", params={"count": 2, **first}).json()
    assert [row["id"] for row in page["Resources"]] == [JANE, JOE]
    rest = scim("GET", "/Users", params={"count": 2, "cursor": page["nextCursor"]}).json()
    assert [row["id"] for row in rest["Resources"]] == [ANN]
    assert "nextCursor" not in rest
    mock.switch("scim", cursor_pages=1)
    answer = scim("GET", "/Users", params={"count": 2, "cursor": page["nextCursor"]})
    assert refusal(answer) == (400, "expiredCursor")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(0, 25), st.integers(1, 12), st.sampled_from(["index", "cursor", "both"]), st.booleans())
def test_pages_show_everybody_once(
    mock: MockVendors, scim: Ask, users: int, count: int, paging: str, short: bool
) -> None:
    mock.population(scim=users)
    mock.switch("scim", paging=paging, short_pages=short, max_page=10)
    shown: list[str] = []
    query: dict[str, Any] = {"startIndex": 1} if paging == "index" else {"cursor": ""}
    while rows := (page := scim("GET", "/Users", params={**query, "count": count}).json())["Resources"]:
        assert len(rows) <= min(count, 10)
        shown += [row["id"] for row in rows]
        if paging != "index" and "nextCursor" not in page:
            break
        query = {"startIndex": len(shown) + 1} if paging == "index" else {"cursor": page["nextCursor"]}
    assert shown == list(mock.state("scim"))


def test_resources_in_small_letters_or_not_there(mock: MockVendors, scim: Ask) -> None:
    mock.switch("scim", resources="resources")
    assert [row["id"] for row in scim("GET", "/Users").json()["resources"]] == [JANE, JOE, ANN]
    mock.switch("scim", resources="absent_when_empty")
    assert "Resources" not in scim("GET", "/Users", params={"filter": 'userName eq "x"'}).json()
    assert len(scim("GET", "/Users").json()["Resources"]) == 3


@pytest.mark.parametrize(
    ("hides", "listed", "filtered", "by_id"),
    [
        ("no", True, True, 200),
        ("lists", False, True, 200),
        ("lists_and_filters", False, False, 200),
        ("everywhere", False, False, 404),
    ],
)
def test_closed_users_may_be_hidden(
    mock: MockVendors, scim: Ask, hides: str, listed: bool, filtered: bool, by_id: int
) -> None:
    mock.switch("scim", hides_closed=hides)
    assert (JOE in found(scim), bool(found(scim, 'userName eq "joe@example.com"'))) == (listed, filtered)
    assert scim("GET", f"/Users/{JOE}").status_code == by_id
    assert JANE in found(scim)
    patch(scim)
    assert (JANE in found(scim)) == listed


def test_only_whom_scim_has_made_is_listed(mock: MockVendors, scim: Ask) -> None:
    mock.switch("scim", provisioned_only=True)
    assert found(scim) == [JANE, JOE]
    assert found(scim, scim_provisioned_only="false") == [JANE, JOE, ANN]


def test_a_list_of_one_made_up_user(mock: MockVendors, scim: Ask) -> None:
    mock.switch("scim", list="synthetic")
    assert found(scim) == ["0"]
    assert scim("GET", "/Users/0").status_code == 404
    assert found(scim, 'userName eq "jane"') == [JANE]


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_patch(mock: MockVendors, scim: Ask, form: str) -> None:
    """What the RFC has works, and nothing else."""
    answer = patch(scim, FORMS[form])
    taken = form in ("path", "pathless", "urn", "add")
    assert answer.status_code == (200 if taken else 400)
    assert active(mock)[JANE] is not taken
    if taken:
        assert answer.json()["active"] is False


@pytest.mark.parametrize(
    ("takes", "text", "form", "expected"),
    [
        (["path", "Replace", "boolean"], "coerced", "Replace", False),
        (["path", "Replace", "boolean"], "coerced", "path", True),
        (["path", "Replace", "text"], "coerced", "Replace_text", False),
        (["path", "Replace", "text"], "stored", "Replace_text", "False"),
        (["path", "Update", "text"], "false_unless_true", "Update", False),
        (["plain", "boolean"], "coerced", "plain", False),
        (["pathless", "replace", "boolean"], "coerced", "pathless", False),
        (["pathless", "replace", "boolean"], "coerced", "path", True),
    ],
)
def test_other_forms_of_patch(
    mock: MockVendors, scim: Ask, takes: list[str], text: str, form: str, expected: bool | str
) -> None:
    mock.switch("scim", patch_takes=takes, patch_text=text, patch_other="ignored")
    assert patch(scim, FORMS[form]).status_code == 200
    assert active(mock)[JANE] == expected


@pytest.mark.parametrize("order", [400, 403, 404, 405, 415, 422, 500, 501])
def test_patch_may_not_be_there(mock: MockVendors, scim: Ask, order: int) -> None:
    mock.switch("scim", patch_takes=[], patch_other=order)
    assert patch(scim).status_code == order
    mock.switch("scim", patch_other="ignored", patch_answer=204)
    assert patch(scim).status_code == 204
    assert active(mock)[JANE] is True


@pytest.mark.parametrize(
    ("switches", "value", "row_id", "status", "left"),
    [
        ({}, False, JANE, 200, False),
        ({}, True, JOE, 200, True),
        ({}, False, JOE, 200, False),
        ({}, False, ANN, 403, True),
        ({"owner": 409}, False, ANN, 409, True),
        ({"patch_answer": 204}, False, JANE, 204, False),
        ({"same_state": 409}, False, JOE, 409, False),
        ({"active_false": "removes"}, False, JANE, 204, None),
        ({"active_false": "ignored"}, False, JANE, 200, True),
        ({"active_false": 403}, False, JANE, 403, True),
        ({"active_true": 400}, True, JOE, 400, False),
        ({"active_true": 409}, True, JOE, 409, False),
        ({"active_true": "ignored"}, True, JOE, 200, False),
        ({"rights": "view_users"}, False, JANE, 403, True),
        ({}, False, "no-such-user", 404, None),
    ],
)
def test_what_active_does(
    mock: MockVendors, scim: Ask, switches: Any, value: bool, row_id: str, status: int, left: bool | None
) -> None:
    mock.switch("scim", **switches)
    assert patch(scim, operation(value=value), row_id).status_code == status
    assert active(mock).get(row_id) == left


@pytest.mark.parametrize(
    ("switches", "row_id", "status", "left"),
    [
        ({}, JANE, 204, None),
        ({"delete": "removes", "delete_answer": 200}, JANE, 200, None),
        ({"delete": "deactivates"}, JANE, 204, False),
        ({"delete": "deactivates"}, JOE, 204, False),
        ({"delete": "ignored"}, JANE, 204, True),
        ({"delete": 405}, JANE, 405, True),
        ({"delete": 501}, JANE, 501, True),
        ({"rights": "no_delete"}, JANE, 403, True),
        ({}, ANN, 403, True),
        ({}, "no-such-user", 404, None),
        ({"delete_again": 204}, "no-such-user", 204, None),
        ({"accept": "delete_refuses_scim"}, JANE, 400, True),
    ],
)
def test_delete(mock: MockVendors, scim: Ask, switches: Any, row_id: str, status: int, left: bool | None) -> None:
    mock.switch("scim", **switches)
    assert scim("DELETE", f"/Users/{row_id}").status_code == status
    assert active(mock).get(row_id) == left


def test_put(mock: MockVendors, scim: Ask) -> None:
    row = {"schemas": [USER], "userName": "Jane", "active": False}
    assert send(scim, "PUT", f"/Users/{JANE}", {"active": False}).status_code == 400
    mock.switch("scim", put=501)
    assert send(scim, "PUT", f"/Users/{JANE}", row).status_code == 501
    mock.switch("scim", put="ignored")
    assert send(scim, "PUT", f"/Users/{JANE}", row).json()["active"] is True
    mock.switch("scim", put="works")
    assert send(scim, "PUT", f"/Users/{JANE}", row).json()["active"] is False
    jane = mock.state("scim")[JANE]
    assert (jane["active"], jane["emails"], jane["externalId"]) == (False, [], None)


def test_versions(mock: MockVendors, scim: Ask) -> None:
    assert "ETag" not in scim("GET", f"/Users/{JANE}").headers
    mock.switch("scim", etag="checked")
    answer = scim("GET", f"/Users/{JANE}")
    old = answer.headers["ETag"]
    assert answer.json()["meta"]["version"] == old
    assert patch(scim, **{"If-Match": old}).status_code == 200
    assert patch(scim, **{"If-Match": old}).status_code == 412
    mock.switch("scim", etag="needed")
    assert patch(scim).status_code == 428
    mock.switch("scim", etag="ignored")
    assert patch(scim, operation(value=True), **{"If-Match": old}).json()["active"] is True


@pytest.mark.parametrize(
    ("rights", "listed", "by_id"),
    [("full", (200, 3, 3), 200), ("none", (403, None, None), 403), ("query_users", (200, 3, 0), 403)],
)
def test_rights(mock: MockVendors, scim: Ask, rights: str, listed: tuple[Any, ...], by_id: int) -> None:
    mock.switch("scim", rights=rights)
    answer = scim("GET", "/Users")
    data = answer.json()
    rows = data.get("Resources")
    assert (answer.status_code, data.get("totalResults"), rows if rows is None else len(rows)) == listed
    assert scim("GET", f"/Users/{JANE}").status_code == by_id
    if rights == "query_users":
        data = scim("GET", "/Users", params={"filter": 'userName eq "jane"'}).json()
        assert (data["totalResults"], data["Resources"]) == (1, [])


@pytest.mark.parametrize(
    ("switch", "status", "content"),
    [
        ("scim", 404, "application/scim+json"),
        ("html", 404, "text/html"),
        ("empty", 404, "application/scim+json"),
        ("json", 404, "application/json"),
    ],
)
def test_unknown_users(mock: MockVendors, scim: Ask, switch: str, status: int, content: str) -> None:
    mock.switch("scim", missing=switch)
    answer = scim("GET", "/Users/no-such-user")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(content)


@pytest.mark.parametrize(
    ("switch", "status", "text"),
    [
        ("html", 404, "<html>"),
        ("scim", 404, "Error"),
        ("json", 404, '{"error"'),
        ("empty", 200, "{}"),
        (405, 405, "405"),
    ],
)
def test_wrong_bases(
    mock: MockVendors, scim: Ask, session: requests.Session, switch: Any, status: int, text: str
) -> None:
    mock.switch("scim", wrong_base=switch)
    headers = {"Authorization": f"Bearer {mock.ready['scim']['access_token']}"}
    answers = [session.get(mock.ready["scim"]["api_url"][:-3] + "/Users", headers=headers, timeout=20)]
    answers += [scim("GET", path) for path in ("/users", "/Users/Users/Users", "/Users/")]
    assert [answer.status_code for answer in answers] == [status] * 4
    assert all(text in answer.text for answer in answers)
    assert scim("GET", "/Users").status_code == 200


def test_products_without_v2(mock: MockVendors, scim: Ask, session: requests.Session) -> None:
    mock.switch("scim", base="/api/scim")
    base = mock.ready["scim"]["api_url"].removesuffix("/scim/v2") + "/api/scim"
    headers = {"Authorization": f"Bearer {mock.ready['scim']['access_token']}"}
    (jane, *_others) = session.get(f"{base}/Users", headers=headers, timeout=20).json()["Resources"]
    assert jane["meta"]["location"] == f"{base}/Users/{JANE}"
    assert scim("GET", "/Users").status_code == 404


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("scim", {"schemas": [f"{MESSAGES}Error"], "status": "404", "detail": "Resource not found"}),
        ("no_detail", {"schemas": [f"{MESSAGES}Error"], "status": "404"}),
        ("json", {"error": "Resource not found"}),
    ],
)
def test_shapes_of_errors(mock: MockVendors, scim: Ask, shape: str, expected: Any) -> None:
    mock.switch("scim", error_shape=shape)
    assert scim("GET", "/Users/no-such-user").json() == expected


def test_a_connection_that_is_switched_off(mock: MockVendors, scim: Ask) -> None:
    mock.switch("scim", disabled=True)
    for answer in (
        scim("GET", "/Users"),
        scim("GET", "/Users/no-such-user"),
        patch(scim),
        scim("DELETE", f"/Users/{JANE}"),
    ):
        assert (answer.status_code, answer.json()) == (200, {})
    assert active(mock)[JANE] is True


@pytest.mark.parametrize(
    ("switches", "headers", "status"),
    [
        ({"accept": "scim_only"}, {"Accept": "application/json"}, 406),
        ({"accept": "scim_only"}, {}, 200),
        ({"user_agent": "needed"}, {"User-Agent": ""}, 403),
        ({"user_agent": "needed"}, {}, 200),
        ({"bad_token": 403}, {"Authorization": "Bearer wrong"}, 403),
        ({"bad_token": "html"}, {"Authorization": "Bearer wrong"}, 200),
        ({}, {"Authorization": "Bearer wrong"}, 401),
        ({}, {"Authorization": ""}, 401),
        ({"auth": ["basic"]}, {}, 401),
    ],
)
def test_headers(mock: MockVendors, scim: Ask, switches: Any, headers: dict[str, str], status: int) -> None:
    mock.switch("scim", **switches)
    assert scim("GET", "/Users", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("switch", "content", "status"),
    [
        ("any", "application/json", 200),
        ("any", "text/plain", 415),
        ("scim_only", "application/json", 415),
        ("scim_only", "application/scim+json; charset=utf-8", 200),
        ("json_only", "application/scim+json", 415),
    ],
)
def test_content_types(mock: MockVendors, scim: Ask, switch: str, content: str, status: int) -> None:
    mock.switch("scim", content_type=switch)
    assert patch(scim, **{"Content-Type": content}).status_code == status


def test_the_tenant_is_known_by_the_token(mock: MockVendors, scim: Ask) -> None:
    """Another tenant's token is in order, and its list is empty."""
    other = {"Authorization": f"Bearer {mock.ready['scim']['other_access_token']}"}
    data = scim("GET", "/Users", headers=other).json()
    assert (data["totalResults"], data["Resources"]) == (0, [])
    assert scim("GET", "/Users", headers=other, params={"filter": 'userName eq "jane"'}).json()["Resources"] == []
    assert scim("GET", f"/Users/{JANE}", headers=other).status_code == 404
    assert patch(scim, **other).status_code == 404
    assert active(mock)[JANE] is True


def test_log_ins_without_a_token(mock: MockVendors, scim: Ask, session: requests.Session) -> None:
    ready = mock.ready["scim"]
    url = f"{ready['api_url']}/Users"
    good = ready["basic_username"], ready["basic_password"]
    assert session.get(url, auth=good, timeout=20).status_code == 200
    assert session.get(url, auth=(good[0], "wrong"), timeout=20).status_code == 401
    assert scim("GET", "/Users", headers={"Authorization": f"apikey {ready['api_key']}"}).status_code == 200
    assert scim("GET", "/Users", headers={"Authorization": f"apikey {ready['api_key']}x"}).status_code == 401
    mock.switch("scim", api_key_header="X-API-Key", api_key_prefix="", auth=["api_key"])
    assert session.get(url, headers={"X-API-Key": ready["api_key"]}, timeout=20).status_code == 200
    assert session.get(url, auth=good, timeout=20).status_code == 401
    mock.fault("scim", "revoke", times=1)
    assert session.get(url, headers={"X-API-Key": ready["api_key"]}, timeout=20).status_code == 401


@pytest.mark.parametrize("style", ["basic", "form", "json"])
def test_client_credentials(mock: MockVendors, scim: Ask, session: requests.Session, style: str) -> None:
    ready = mock.ready["scim"]
    mock.switch("scim", token_style=style, scope="scim")
    client = {name: ready[name] for name in ("client_id", "client_secret")}
    fields = {"grant_type": "client_credentials", "scope": "scim"}
    requested: dict[str, dict[str, Any]] = {
        "basic": {"data": fields, "auth": tuple(client.values())},
        "form": {"data": fields | client},
        "json": {"json": fields | client},
    }
    answers = {name: session.post(ready["token_url"], timeout=20, **options) for name, options in requested.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == {
        name: 200 if name == style else 401 for name in requested
    }
    token = answers[style].json()["access_token"]
    assert scim("GET", "/Users", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert mock.tokens()["scim"] == [token]
    wrong = session.post(ready["token_url"], data={"grant_type": "password"}, timeout=20)
    assert wrong.status_code in (400, 401)


@pytest.mark.parametrize("place", ["params", "data"])
def test_account_credentials(mock: MockVendors, session: requests.Session, place: str) -> None:
    """Zoom's grant."""
    ready = mock.ready["scim"]
    mock.switch("scim", grants=["account_credentials"])
    client = ready["client_id"], ready["client_secret"]
    fields = {"grant_type": "account_credentials", "account_id": ready["account_id"]}
    good: dict[str, Any] = {place: fields}
    assert "access_token" in session.post(ready["token_url"], auth=client, timeout=20, **good).json()
    for wrong in ({**fields, "account_id": "x"}, {"grant_type": "client_credentials"}):
        given: dict[str, Any] = {place: wrong}
        assert session.post(ready["token_url"], auth=client, timeout=20, **given).status_code == 400


@pytest.mark.parametrize(
    ("switches", "path", "expected"),
    [
        ({}, "/ServiceProviderConfig", (200, True, 100)),
        ({"config": "wrong"}, "/ServiceProviderConfig", (200, False, 100)),
        ({"config": "too_high"}, "/ServiceProviderConfig", (200, True, 1000)),
        ({"config": 404}, "/ServiceProviderConfig", (404, None, None)),
        ({"config": "plural"}, "/ServiceProviderConfig", (404, None, None)),
        ({"config": "plural"}, "/ServiceProviderConfigs", (200, True, 100)),
        ({"config": "empty"}, "/ServiceProviderConfig", (200, None, None)),
    ],
)
def test_the_service_provider_config(mock: MockVendors, scim: Ask, switches: Any, path: str, expected: Any) -> None:
    mock.switch("scim", **switches)
    answer = scim("GET", path)
    data = answer.json()
    shown = answer.status_code, data.get("patch", {}).get("supported"), data.get("filter", {}).get("maxResults")
    assert shown == expected
    mock.switch("scim", config="right", paging="cursor")
    assert scim("GET", "/ServiceProviderConfig").json()["pagination"]["defaultPaginationMethod"] == "cursor"


def test_the_caller_and_search(mock: MockVendors, scim: Ask) -> None:
    assert [scim("GET", "/Me").status_code, scim("POST", "/Bulk").status_code] == [501, 501]
    mock.switch("scim", me="own")
    assert scim("GET", "/Me").json()["id"] == ANN
    asked = {"schemas": [f"{MESSAGES}SearchRequest"], "filter": 'userName eq "jane"'}
    mock.clear_log()
    assert send(scim, "POST", "/Users/.search", asked).json()["Resources"][0]["id"] == JANE
    assert mock.log()[0]["kind"] == "read"
    mock.switch("scim", search=501)
    assert send(scim, "POST", "/Users/.search", asked).status_code == 501


def test_users_are_created(mock: MockVendors, scim: Ask) -> None:
    body = {"schemas": [USER], "userName": "new", "emails": [{"value": "new@example.com"}], "externalId": "E9"}
    answer = send(scim, "POST", "/Users", body)
    assert (answer.status_code, answer.json()["active"]) == (201, True)
    assert answer.headers["Location"].endswith(f"/Users/{answer.json()['id']}")
    assert found(scim, 'externalId eq "E9"') == [answer.json()["id"]]
    assert refusal(send(scim, "POST", "/Users", {**body, "userName": "NEW"})) == (409, "uniqueness")
    assert refusal(send(scim, "POST", "/Users", {})) == (400, "invalidValue")


def test_the_server_describes_itself(mock: MockVendors, scim: Ask) -> None:
    for path, name in (("/ResourceTypes", "User"), ("/Schemas", USER)):
        assert [row["id"] for row in scim("GET", path).json()["Resources"]] == [name]
        assert scim("GET", f"{path}/{name}").json()["name"] == "User"
        assert (scim("GET", f"{path}/x").status_code, scim("POST", path).status_code) == (404, 405)
    shown = scim("GET", f"/Users/{JANE}?excludedAttributes=emails,id").json()
    assert ("emails" in shown, shown["id"], shown["userName"]) == (False, JANE, "Jane")


def test_rates(mock: MockVendors, scim: Ask) -> None:
    mock.switch("scim", rate={"writes": 1, "seconds": 30})
    assert [patch(scim).status_code for _unused in range(2)] == [200, 429]
    assert 1 <= int(patch(scim).headers["Retry-After"]) <= 30
    assert scim("GET", "/Users").status_code == 200
    mock.switch("scim", retry_after=False)
    assert "Retry-After" not in patch(scim).headers


def test_effects_are_in_the_log(mock: MockVendors, scim: Ask) -> None:
    patch(scim)
    scim("DELETE", f"/Users/{JANE}")
    effects = [entry["effects"][0] for entry in mock.log("write")]
    assert [(effect["id"], effect["before"], effect["after"]) for effect in effects] == [
        (JANE, "active", "inactive"),
        (JANE, "inactive", None),
    ]


def test_every_switch_is_in_the_readme(mock: MockVendors) -> None:
    text = (REPOSITORY / "tests" / "mock_vendors" / "README.md").read_text(encoding="utf-8")
    missing = [name for name in mock.switches()["scim"] if f"`{name}`" not in text]
    assert missing == []


def test_a_large_directory_is_found_in_by_filter(mock: MockVendors, scim: Ask) -> None:
    """An or-filter of 40 clauses reads no more than the users that it names."""
    mock.population(scim=20_000)
    text = " or ".join(f'userName eq "user{number:05d}@example.com"' for number in range(100, 140))
    started = time.monotonic()
    assert [len(found(scim, text)) for _unused in range(5)] == [40] * 5
    assert time.monotonic() - started < 5
