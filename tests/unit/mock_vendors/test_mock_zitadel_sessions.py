# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from mock_vendors.client import MockVendors
from mock_vendors.wire import Call
from mock_vendors.zitadel import PAT, Zitadel

Ask = Callable[..., requests.Response]
CONNECT = "/zitadel.session.v2.SessionService"
ROBOT = {"userId": "4", "username": "robot", "machine": {}}


def human(number: str, **fields: Any) -> dict[str, Any]:
    return {"userId": number, "human": {"email": {"email": f"user{number}@example.com"}}, **fields}


@pytest.fixture
def three(mock: MockVendors) -> MockVendors:
    """Jane has three sessions, Joe two."""
    mock.seed({"zitadel": [human("1"), human("2"), human("3", details={"resourceOwner": "org2"}), ROBOT]})
    mock.switch("zitadel", sessions={"1": 3, "2": 2})
    return mock


def of(user: str) -> dict[str, Any]:
    return {"userIdQuery": {"id": user}}


def search(zitadel: Ask, *queries: Any, **query: Any) -> Any:
    answer = zitadel("POST", "/v2/sessions/search", json={"query": {"asc": True, **query}, "queries": queries})
    assert answer.status_code == 200
    return answer.json()


def ids(zitadel: Ask, *queries: Any) -> list[str]:
    """The ids of the sessions that are found; as many as the answer says there are."""
    data = search(zitadel, *queries, limit=1000)
    found = [session["id"] for session in data.get("sessions", [])]
    assert data["details"].get("totalResult", "0") == str(len(found))
    return found


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["details"][0]["id"]


def write(zitadel: Ask, user: str, verb: str) -> None:
    assert zitadel("POST", f"/v2/users/{user}/{verb}", json={}).status_code == 200


def log_in(zitadel: Ask, user: str, **checks: Any) -> requests.Response:
    return zitadel("POST", "/v2/sessions", json={"checks": {"user": {"userId": user}, **checks}})


PASSWORD = {"password": {"password": "Secret1!"}}


def test_the_search_finds_a_users_sessions(three: MockVendors, zitadel: Ask) -> None:
    data = search(zitadel, of("1"))
    assert data["details"]["totalResult"] == "3"
    session = data["sessions"][0]
    assert set(session) == {"id", "creationDate", "changeDate", "sequence", "factors"}
    assert session["id"].isdigit()
    assert len(session["id"]) == 18
    begun = session["factors"]["user"].pop("verifiedAt")
    assert begun == session["creationDate"]
    assert session["factors"]["user"] == {
        "id": "1",
        "loginName": "user1@example.com",
        "displayName": "First Last",
        "organizationId": "300000000000000100",
    }


def test_queries_are_anded(three: MockVendors, zitadel: Ask) -> None:
    assert len(ids(zitadel)) == 5
    first, second, *_rest = ids(zitadel, of("1"))
    assert ids(zitadel, of("1"), of("2")) == []
    assert "sessions" not in search(zitadel, of("1"), of("2"))
    assert ids(zitadel, {"idsQuery": {"ids": [first, second, "9"]}}) == [first, second]
    assert ids(zitadel, of("2"), {"idsQuery": {"ids": [first]}}) == []


@pytest.mark.parametrize("query", [{}, {"userQuery": {"id": "1"}}, {**of("1"), "idsQuery": {"ids": []}}])
def test_an_empty_or_unknown_query_is_refused(three: MockVendors, zitadel: Ask, query: Any) -> None:
    assert refusal(zitadel("POST", "/v2/sessions/search", json={"queries": [query]})) == (400, "GRPC-Sfefs")


def test_pages_and_limits(mock: MockVendors, zitadel: Ask) -> None:
    mock.population(zitadel=1100)
    mock.switch("zitadel", sessions=1)

    def page(**query: Any) -> list[str]:
        return [session["id"] for session in search(zitadel, **query).get("sessions", [])]

    assert len(page()) == 100
    assert len({*page(limit=1000), *page(limit=1000, offset="1000")}) == 1100
    assert page(limit=3, asc=False) == page(limit=1000, offset=1000)[:-4:-1]
    assert refusal(zitadel("POST", "/v2/sessions/search", json={"query": {"limit": 1001}})) == (400, "QUERY-4M0fs")
    mock.switch("zitadel", list_limit="old")
    assert len(page()) == len(page(limit=5000)) == 1100
    mock.switch("zitadel", uint64="number")
    data = search(zitadel, limit=1)
    assert (data["details"]["totalResult"], data["sessions"][0]["sequence"]) == (1100, 2)


def test_a_number_gives_each_human_so_many(three: MockVendors, zitadel: Ask) -> None:
    three.switch("zitadel", sessions=2)
    assert len(ids(zitadel)) == 6
    assert ids(zitadel, of("4")) == []
    three.seed({"zitadel": [human("7")]})
    assert len(ids(zitadel)) == len(ids(zitadel, of("7"))) == 2


def test_ending_a_session(three: MockVendors, zitadel: Ask) -> None:
    session, *others = ids(zitadel, of("1"))
    assert zitadel("GET", f"/v2/sessions/{session}").json()["session"]["id"] == session
    for _again in range(2):
        answer = zitadel("DELETE", f"/v2/sessions/{session}")
        assert answer.status_code == 200
        assert set(answer.json()["details"]) == {"sequence", "changeDate", "resourceOwner"}
    assert refusal(zitadel("GET", f"/v2/sessions/{session}")) == (404, "QUERY-SFeaa")
    assert ids(zitadel, of("1")) == others
    assert len(ids(zitadel, of("2"))) == 2


def test_an_unknown_session(zitadel: Ask) -> None:
    answer = zitadel("DELETE", "/v2/sessions/9")
    assert (answer.status_code, answer.json()) == (200, {"details": {}})
    assert refusal(zitadel("GET", "/v2/sessions/9")) == (404, "QUERY-SFeaa")
    assert zitadel("GET", "/v2/sessions/9/more").status_code == 404
    assert zitadel("DELETE", "/v2/sessions/" + "9" * 201).status_code == 400


def test_connect_answers_the_same(three: MockVendors, zitadel: Ask) -> None:
    three.switch("zitadel", rest="gone")
    assert zitadel("POST", "/v2/sessions/search", json={}).status_code == 404
    listed = zitadel("POST", f"{CONNECT}/ListSessions", json={"queries": [of("1")]}).json()
    assert listed["details"]["totalResult"] == "3"
    one = {"sessionId": listed["sessions"][0]["id"]}
    assert zitadel("POST", f"{CONNECT}/GetSession", json=one).json()["session"]["id"] == one["sessionId"]
    assert zitadel("POST", f"{CONNECT}/DeleteSession", json=one).status_code == 200
    gone = zitadel("POST", f"{CONNECT}/GetSession", json=one)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert "QUERY-SFeaa" in gone.json()["message"]
    assert zitadel("POST", f"{CONNECT}/EndSession", json=one).json()["code"] == "unimplemented"
    kinds = {entry["path"].rpartition("/")[2]: entry["kind"] for entry in three.log(vendor="zitadel")}
    assert [kinds[name] for name in ("ListSessions", "GetSession", "DeleteSession")] == ["read", "read", "write"]
    three.switch("zitadel", rest="there", connect=False)
    assert zitadel("POST", f"{CONNECT}/ListSessions", json={}).status_code == 404
    assert len(ids(zitadel, of("1"))) == 2


@pytest.mark.parametrize("close", ["deactivate", "lock", "delete"])
def test_sessions_outlive_the_account(three: MockVendors, zitadel: Ask, close: str) -> None:
    """Seen on the older of two servers; the newer one hides them (pull request 11644)."""
    sessions = ids(zitadel, of("1"))
    if close == "delete":
        assert zitadel("DELETE", "/v2/users/1").status_code == 200
    else:
        write(zitadel, "1", close)
    assert ids(zitadel, of("1")) == sessions
    assert zitadel("GET", f"/v2/sessions/{sessions[0]}").status_code == 200
    three.switch("zitadel", sessions_of_closed="hidden")
    assert ids(zitadel, of("1")) == []
    assert refusal(zitadel("GET", f"/v2/sessions/{sessions[0]}")) == (404, "QUERY-SFeaa")
    assert len(ids(zitadel)) == 2


@pytest.mark.parametrize(("close", "open_again"), [("deactivate", "reactivate"), ("lock", "unlock")])
def test_a_hidden_session_is_not_ended_and_can_be(
    three: MockVendors, zitadel: Ask, close: str, open_again: str
) -> None:
    three.switch("zitadel", sessions_of_closed="hidden")
    first, *others = ids(zitadel, of("1"))
    write(zitadel, "1", close)
    assert zitadel("DELETE", f"/v2/sessions/{first}").status_code == 200
    write(zitadel, "1", open_again)
    assert ids(zitadel, of("1")) == others
    assert zitadel("GET", f"/v2/sessions/{first}").status_code == 404
    assert zitadel("GET", f"/v2/sessions/{others[0]}").status_code == 200


def test_a_session_whose_user_was_deleted_before(three: MockVendors, zitadel: Ask) -> None:
    three.switch("zitadel", sessions={"gone": 1})
    assert len(ids(zitadel, of("gone"))) == 1
    three.switch("zitadel", sessions_of_closed="hidden")
    assert ids(zitadel) == []


def test_late_sessions_are_listed_from_the_second_search_on(three: MockVendors, zitadel: Ask) -> None:
    three.switch("zitadel", late_sessions={"1": 1})
    assert len(ids(zitadel, of("2"))) == 2
    seen = ids(zitadel, of("1"))
    # The further pages of a list are no search of their own.
    assert [len(search(zitadel, limit=1, offset=offset)["sessions"]) for offset in (1, 4)] == [1, 1]
    now = ids(zitadel, of("1"))
    assert (len(seen), len(now), now[:3]) == (3, 4, seen)


def test_late_sessions_may_wait_for_more_searches_or_for_a_write(three: MockVendors, zitadel: Ask) -> None:
    three.switch("zitadel", late_sessions={"1": 2}, session_lag=3)
    assert [len(ids(zitadel, of("1"))) for _turn in range(4)] == [3, 3, 3, 5]
    three.switch("zitadel", session_lag="written")
    assert [len(ids(zitadel, of("1"))) for _turn in range(4)] == [3, 3, 3, 3]
    write(zitadel, "2", "lock")
    assert len(ids(zitadel, of("1"))) == 3
    write(zitadel, "1", "lock")
    assert len(ids(zitadel, of("1"))) == 5


def test_a_late_session_of_a_hidden_account_is_never_seen(three: MockVendors, zitadel: Ask) -> None:
    three.switch("zitadel", late_sessions={"1": 1}, sessions_of_closed="hidden")
    assert len(ids(zitadel, of("1"))) == 3
    write(zitadel, "1", "deactivate")
    assert [ids(zitadel, of("1")) for _turn in range(2)] == [[], []]
    write(zitadel, "1", "reactivate")
    assert len(ids(zitadel, of("1"))) == 4


def test_a_server_that_ignores_the_filter(three: MockVendors, zitadel: Ask) -> None:
    three.switch("zitadel", session_filter="ignored")
    assert len(ids(zitadel, of("1"))) == len(ids(zitadel, of("9"))) == 5


def test_sessions_that_no_delete_ends(three: MockVendors, zitadel: Ask) -> None:
    jane, joe = ids(zitadel, of("1")), ids(zitadel, of("2"))
    three.switch("zitadel", sessions_kept=[jane[0], "2"])
    for session in jane + joe:
        assert zitadel("DELETE", f"/v2/sessions/{session}").status_code == 200
    assert ids(zitadel) == [jane[0], *joe]


def test_the_lag_and_the_faults_of_the_mock_hit_sessions_too(three: MockVendors, zitadel: Ask) -> None:
    first, second, third = ids(zitadel, of("1"))
    three.fault("zitadel", "noop", method="DELETE", path="/v2/sessions/", times=1)
    assert zitadel("DELETE", f"/v2/sessions/{first}").status_code == 200
    assert len(ids(zitadel, of("1"))) == 3
    three.fault("zitadel", "status", path="/v2/sessions/search", status=503, times=1)
    assert zitadel("POST", "/v2/sessions/search", json={}).status_code == 503
    three.fault("zitadel", "status", kind="write", path="/v2/sessions/", status=500, apply=True, times=1)
    assert zitadel("DELETE", f"/v2/sessions/{first}").status_code == 500
    assert ids(zitadel, of("1")) == [second, third]
    three.fault("zitadel", "stale", path="/v2/sessions", times=1)
    zitadel("DELETE", f"/v2/sessions/{second}")
    assert ids(zitadel, of("1")) == [second, third]
    assert ids(zitadel, of("1")) == [third]
    three.switch("zitadel", list_lag={"seconds": 60})
    assert len(ids(zitadel, of("1"))) == 3


@pytest.mark.parametrize(
    ("switches", "found", "ended"),
    [
        ({}, 5, None),
        ({"rights": "read_only"}, 5, (403, "AUTH-AWfge")),
        ({"rights": "none"}, 0, (404, "AUTHZ-cdgFk")),
        ({"permissions": ["session.read"]}, 5, (403, "AUTH-AWfge")),
        ({"permissions": ["session.delete"]}, 0, None),
        ({"permissions": []}, 0, (403, "AUTH-AWfge")),
        ({"hidden_organizations": ["300000000000000100"]}, 0, (404, "AUTHZ-cdgFk")),
        ({"hidden_organizations": ["org2"]}, 5, None),
    ],
)
def test_rights(
    three: MockVendors, zitadel: Ask, switches: dict[str, Any], found: int, ended: tuple[int, str] | None
) -> None:
    session = ids(zitadel, of("1"))[0]
    three.switch("zitadel", **switches)
    assert len(ids(zitadel)) == found
    answer = zitadel("DELETE", f"/v2/sessions/{session}")
    assert (None if answer.status_code == 200 else refusal(answer)) == ended
    three.switch("zitadel", rights="full", permissions=None, hidden_organizations=[])
    assert len(ids(zitadel)) == (4 if ended is None else 5)


@pytest.mark.parametrize(
    ("permissions", "locked", "deleted"),
    [
        (["user.write", "user.delete"], 200, 200),
        (["user.write"], 200, 403),
        (["user.delete"], 403, 200),
        ([], 403, 403),
    ],
)
def test_permissions_decide_what_may_be_written(
    three: MockVendors, zitadel: Ask, permissions: list[str], locked: int, deleted: int
) -> None:
    three.switch("zitadel", permissions=permissions)
    permissions_of_caller = zitadel("POST", "/auth/v1/permissions/zitadel/me/_search", json={}).json()
    assert permissions_of_caller == ({"result": permissions} if permissions else {})
    for answer, status in (
        (zitadel("POST", "/v2/users/1/lock", json={}), locked),
        (zitadel("DELETE", "/v2/users/2"), deleted),
    ):
        assert answer.status_code == status
        if status == 403:
            assert refusal(answer) == (403, "AUTH-AWfge")


def test_permissions_follow_the_rights_unless_they_are_given(mock: MockVendors, zitadel: Ask) -> None:
    def permissions_of_caller() -> list[str]:
        answer = zitadel("POST", "/auth/v1/permissions/zitadel/me/_search", json={}).json()
        result: list[str] = answer.get("result", [])
        return sorted(result)

    assert permissions_of_caller() == ["session.delete", "session.read", "user.delete", "user.read", "user.write"]
    mock.switch("zitadel", rights="read_only")
    assert permissions_of_caller() == ["session.read", "user.read"]
    mock.switch("zitadel", rights="none")
    assert permissions_of_caller() == []
    mock.switch("zitadel", rights="full", roles=["elsewhere"])
    assert permissions_of_caller() == []


@pytest.mark.parametrize("what", ["memberships/me", "permissions/zitadel/me"])
def test_the_first_version_of_the_api_may_be_gone(mock: MockVendors, zitadel: Ask, what: str) -> None:
    assert zitadel("POST", f"/auth/v1/{what}/_search", json={}).status_code == 200
    mock.switch("zitadel", own_rights=False)
    gone = zitadel("POST", f"/auth/v1/{what}/_search", json={})
    assert (gone.status_code, gone.json()["details"]) == (404, [])


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("ACTIVE", None), ("INITIAL", None), ("INACTIVE", "SESSION-Gj4ko"), ("LOCKED", "SESSION-Gj4ko")],
)
def test_who_is_handed_a_session(mock: MockVendors, zitadel: Ask, state: str, outcome: str | None) -> None:
    mock.seed({"zitadel": [human("1", state=f"USER_STATE_{state}")]})
    answer = log_in(zitadel, "1", **PASSWORD)
    if outcome is None:
        assert answer.status_code == 201
        assert ids(zitadel, of("1")) == [answer.json()["sessionId"]]
    else:
        assert refusal(answer) == (400, outcome)
    assert refusal(log_in(zitadel, "9")) == (404, "QUERY-Dfbg2")


@pytest.mark.parametrize("seeded", [True, False])
def test_a_lock_survives_a_reactivation(mock: MockVendors, zitadel: Ask, seeded: bool) -> None:
    """Zitadel#11176: the word is ACTIVE, and the password is refused until the account is locked and unlocked."""
    mock.seed({"zitadel": [human("1", state="USER_STATE_LOCKED" if seeded else "USER_STATE_ACTIVE")]})
    for verb in () if seeded else ("lock",):
        write(zitadel, "1", verb)
    write(zitadel, "1", "deactivate")
    write(zitadel, "1", "reactivate")
    assert zitadel("GET", "/v2/users/1").json()["user"]["state"] == "USER_STATE_ACTIVE"
    assert refusal(log_in(zitadel, "1", **PASSWORD)) == (400, "COMMAND-JLK35")
    write(zitadel, "1", "lock")
    write(zitadel, "1", "unlock")
    assert log_in(zitadel, "1", **PASSWORD).status_code == 201


def test_no_lock_no_refusal(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": [human("1")]})
    write(zitadel, "1", "deactivate")
    write(zitadel, "1", "reactivate")
    assert log_in(zitadel, "1", **PASSWORD).status_code == 201
    mock.fault("zitadel", "noop", path="/lock", times=1)
    write(zitadel, "1", "lock")
    assert log_in(zitadel, "1", **PASSWORD).status_code == 201


def test_the_invitation_ends_a_lock(mock: MockVendors, zitadel: Ask) -> None:
    mock.seed({"zitadel": [human("1", state="USER_STATE_INITIAL")]})
    write(zitadel, "1", "lock")
    assert zitadel("POST", "/ui/login/user/init", data={"userID": "1"}).status_code == 200
    assert log_in(zitadel, "1", **PASSWORD).status_code == 201


@pytest.mark.parametrize("verb", ["deactivate", "lock"])
def test_a_lost_write_lets_the_account_in(mock: MockVendors, zitadel: Ask, verb: str) -> None:
    mock.seed({"zitadel": [human("1")]})
    mock.switch("zitadel", lost_writes="all")
    write(zitadel, "1", verb)
    assert log_in(zitadel, "1", **PASSWORD).status_code == 201


def test_tokens_of_a_service_account_stay_listed(mock: MockVendors, zitadel: Ask) -> None:
    """A deactivation kills the personal access tokens for good, and a reactivation leaves them in the list."""
    mock.seed({"zitadel": [ROBOT]})
    mock.switch("zitadel", service_tokens={"4": {"pats": 2}})
    for verb in ("deactivate", "reactivate"):
        write(zitadel, "4", verb)
        listed = zitadel("POST", "/v2/users/pats/search", json={"filters": [{"userIdFilter": {"id": "4"}}]}).json()
        assert (listed["pagination"]["totalResult"], len(listed["result"])) == ("2", 2)


STEPS = st.tuples(st.sampled_from(["deactivate", "reactivate", "lock", "unlock", "delete", "end"]), st.integers(0, 3))


@given(st.lists(STEPS, max_size=12), st.sampled_from(["listed", "hidden"]))
def test_only_a_delete_ends_a_session(steps: list[tuple[str, int]], of_closed: str) -> None:
    """Whatever happens to the accounts, each session goes on until it is ended; a newer server hides it meanwhile."""
    mock = Zitadel()
    mock.ready = mock.connect({"zitadel": "https://acme.example.com"})
    mock.seed(human(str(number)) for number in range(4))
    mock.set_switches({"sessions": 1, "sessions_of_closed": of_closed})

    def ask(method: str, path: str, body: bytes = b"{}") -> Any:
        answer = mock.respond(Call("zitadel", method, path, {"Authorization": f"Bearer {PAT}"}, body))
        return json.loads(answer.body)

    begun = {each["factors"]["user"]["id"]: each["id"] for each in ask("POST", "/v2/sessions/search")["sessions"]}
    going = set(begun)
    for verb, number in steps:
        user = str(number)
        if verb == "end":
            ask("DELETE", f"/v2/sessions/{begun[user]}")
            going.discard(user)
        elif verb == "delete":
            ask("DELETE", f"/v2/users/{user}")
        else:
            ask("POST", f"/v2/users/{user}/{verb}")
        listed = {each["id"] for each in ask("POST", "/v2/sessions/search").get("sessions", [])}
        usable = {name for name in going if mock.word(mock.store.rows.get(name)) == "USER_STATE_ACTIVE"}
        assert listed == {begun[name] for name in (going if of_closed == "listed" else usable)}
        assert {begun[name] for name in begun if "session" in ask("GET", f"/v2/sessions/{begun[name]}")} == listed
