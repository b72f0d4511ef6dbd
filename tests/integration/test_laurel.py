# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""laurel_user in real playbooks."""

from __future__ import annotations

import json
import random
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from harness.convergence import assert_no_warning
from harness.play import (
    Task,
    by_key,
    call,
    errors,
    fault,
    hidden,
    in_turn,
    play,
    secrets,
    sent,
    switch,
    three_plays,
)
from harness.playbook import Ansible
from mock_vendors.client import MockVendors

user = partial(call, "laurel_user")
deactivate = partial(user, state="deactivated")
present = partial(user, state="present")
USERS = "/api/v1/customers/62f6a1d0c0ffee0000000001/users"
USERS_V2 = USERS.replace("v1", "v2")
BILLING = "external-billing-system"
ACTIVE = {"state": "active", "vendor_state": "active"}
DISABLED = {"state": "deactivated", "vendor_state": "firmDisabled"}
GONE = {"state": "absent", "vendor_state": None}


def uid(number: int) -> str:
    return f"62f6b0000000{number:012x}"


def account(number: int, status: str | None = "active", **more: Any) -> dict[str, Any]:
    """User 7 is leaver07@example.com, billed as E07."""
    return {
        "_id": uid(number),
        "email": f"leaver{number:02}@example.com",
        "status": status,
        "identities": [identity(number), {"type": "email", "value": f"leaver{number:02}@example.com"}],
        **more,
    }


def identity(number: int) -> dict[str, str]:
    return {"type": BILLING, "value": f"E{number:02}"}


def mail(number: int) -> str:
    return f"leaver{number:02}@example.com"


def ids(*numbers: int) -> list[dict[str, str]]:
    return [{"user_id": uid(number)} for number in numbers]


def seed(mock: MockVendors, *accounts: dict[str, Any]) -> None:
    mock.seed({"laurel": list(accounts)})


def statuses(mock: MockVendors) -> dict[int, str | None]:
    return {int(row["_id"][12:], 16): row.get("status") for row in mock.state("laurel").values()}


def row(mock: MockVendors, number: int) -> dict[str, Any]:
    found: dict[str, Any] = mock.state("laurel")[uid(number)]
    return found


EVERY_STATE = [
    deactivate(
        "deactivated",
        users=[
            {"user_id": uid(1)},
            {"email": "LEAVER02@example.com"},
            {"identity": identity(3)},
            {"user_id": uid(4)},
            {"email": mail(5)},
            {"identity": identity(6)},
            {"user_id": uid(7)},
        ],
    ),
    user("active", state="active", users=[*ids(11), {"email": mail(12)}, {"identity": identity(13)}, *ids(14)]),
    user(
        "absent",
        state="absent",
        users=[*ids(21), {"email": mail(22)}, {"identity": identity(23)}, *ids(29), {"email": mail(29)}],
    ),
    deactivate("by user_id", user_id=uid(31)),
    user("by email", state="absent", email=mail(32)),
    user("by identity", state="active", identity=identity(33)),
    present("present", email=mail(34), job_title="Former associate"),
]


def seed_every_state(mock: MockVendors) -> None:
    seed(
        mock,
        *(account(number) for number in (1, 2, 3)),
        account(4, "adminDisabled"),
        account(5, "firmDisabled"),
        account(6, None),
        account(7, "absent"),
        account(11, "adminDisabled"),
        account(12, "firmDisabled"),
        account(13),
        account(14, None),
        *(account(number) for number in (21, 22)),
        account(23, "firmDisabled"),
        *(account(number) for number in (31, 32)),
        account(33, "firmDisabled"),
        account(34, "firmDisabled"),
        account(40),
    )


def test_predict_run_and_run_again(ansible: Ansible, mock: MockVendors) -> None:
    seed_every_state(mock)
    runs = three_plays(ansible, mock, EVERY_STATE)

    closed = runs.done.result("deactivated")
    assert closed.outcomes == ["changed", "changed", "changed", "unchanged", "unchanged", "changed", "changed"]
    assert [entry["id"] for entry in closed.users] == [uid(number) for number in range(1, 8)]
    assert [entry["key"] for entry in closed.users] == EVERY_STATE[0]["saas.offboarding.laurel_user"]["users"]
    assert closed.users[3]["after"] == {"state": "deactivated", "vendor_state": "adminDisabled"}
    assert [closed.users[place]["before"] for place in (0, 5, 6)] == [
        ACTIVE,
        {"state": "active", "vendor_state": None},
        {"state": "active", "vendor_state": None},
    ]
    assert closed.diff == {
        "before": {entry["name"]: entry["before"] for entry in closed.users if entry["outcome"] == "changed"},
        "after": {mail(number): DISABLED for number in (1, 2, 3, 6, 7)},
    }
    opened = runs.done.result("active")
    assert opened.outcomes == ["changed", "changed", "unchanged", "unchanged"]
    assert opened.users[0]["before"] == {"state": "deactivated", "vendor_state": "adminDisabled"}
    deleted = runs.done.result("absent")
    assert deleted.outcomes == ["changed", "changed", "changed", "unchanged", "unchanged"]
    assert [entry["after"] for entry in deleted.users] == 5 * [GONE]
    for name in ("by user_id", "by email", "by identity", "present"):
        assert runs.done.result(name).outcomes == ["changed"]
    for result in runs.done.tasks:
        assert all(entry["verified"] for entry in result.users if entry["outcome"] == "changed")

    found = statuses(mock)
    assert {number: found.get(number, "gone") for number in (1, 2, 3, 4, 5, 6, 7, 31)} == {
        **dict.fromkeys((1, 2, 3, 5, 6, 7, 31), "firmDisabled"),
        4: "adminDisabled",
    }
    assert {number: found[number] for number in (11, 12, 13, 14, 33, 34, 40)} == {
        **dict.fromkeys((11, 12, 13, 33, 40), "active"),
        14: None,
        34: "firmDisabled",
    }
    assert not {21, 22, 23, 32} & set(found)
    assert row(mock, 34)["jobTitle"] == "Former associate"

    assert sorted(sent(runs.log, "write")) == sorted(
        [("PATCH", f"{USERS}/{uid(number)}/status") for number in (1, 2, 3, 6, 7, 11, 12, 31, 33)]
        + [("DELETE", f"{USERS}/{uid(number)}") for number in (21, 22, 23, 32)]
        + [("PATCH", f"{USERS_V2}/{uid(34)}")]
    )
    for request in runs.log:
        if request["path"].endswith("/status"):
            status = "active" if request["path"].split("/")[-2] in (uid(11), uid(12), uid(33)) else "firmDisabled"
            assert json.loads(request["body"]) == {"status": status}
            assert request["headers"]["Content-Type"] == "application/json"
    assert ("GET", f"{USERS}/{uid(31)}") in sent(runs.log)
    assert ("GET", USERS) in sent(runs.log)
    assert ("POST", f"{USERS}/batch/lookup") in sent(runs.log)
    searches = [parse_qs(urlsplit(path).query) for _method, path in sent(runs.log) if path.startswith(f"{USERS}?")]
    assert {"search": [mail(32)]} in searches
    assert_no_warning(runs.done)
    assert_no_warning(runs.again)


def test_the_token_request(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account(1))
    play(ansible, mock, [deactivate("close", user_id=uid(1))])
    token, *others = mock.log()
    assert (token["method"], token["path"]) == ("POST", "/api/v1/oauth/token")
    assert token["headers"]["Content-Type"] == "application/json"
    ready = mock.ready["laurel"]
    assert json.loads(token["body"]) == {
        "audience": "https://timeautomation.com",
        "grant_type": "client_credentials",
        "client_id": ready["client_id"],
        "client_secret": ready["client_secret"],
    }
    (issued,) = mock.tokens()["laurel"]
    assert {request["headers"]["Authorization"] for request in others} == {f"Bearer {issued}"}


TEXTS = {
    "first_name": "Jane",
    "last_name": "Doe",
    "nickname": "",
    "job_title": "Former associate",
    "seniority": "none",
    "department": "Archive",
    "office": "Nowhere",
    "subdepartment": "Attic",
    "pod": "0",
}
ROLE, OTHER_ROLE = "62f6a1d0c0ffee00000000aa", "62f6a1d0c0ffee00000000ab"


def test_every_attribute_in_both_versions(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, *(account(number, "adminDisabled", nickname="Nick") for number in range(1, 7)))
    lists = {"role_ids": [OTHER_ROLE, ROLE]}
    tasks = [
        present(
            "v2",
            user_id=uid(1),
            email="former01@example.com",
            **TEXTS,
            **lists,
            delegates=[{"user_id": uid(6), "permissions": ["b", "a"]}],
        ),
        present(
            "v1",
            identity=identity(2),
            email="former02@example.com",
            api_version="v1",
            **TEXTS,
            **lists,
            delegate_ids=[uid(6), uid(5)],
        ),
        present(
            "many", users=[{"user_id": uid(3)}, {"email": mail(4), "job_title": "Own"}], job_title="Common", pod="1"
        ),
    ]
    runs = three_plays(ansible, mock, tasks)

    assert [result.outcomes for result in runs.done.tasks] == [["changed"], ["changed"], ["changed", "changed"]]
    bodies = {request["path"]: json.loads(request["body"]) for request in runs.log if request["kind"] == "write"}
    common = {
        "firstName": "Jane",
        "lastName": "Doe",
        "nickname": "",
        "jobTitle": "Former associate",
        "seniority": "none",
        "department": "Archive",
        "office": "Nowhere",
        "subdepartment": "Attic",
        "pod": "0",
        "roleIds": [OTHER_ROLE, ROLE],
    }
    permissions = [{"claim": "b"}, {"claim": "a"}]
    assert bodies == {
        f"{USERS_V2}/{uid(1)}": {
            **common,
            "email": "former01@example.com",
            "delegates": [{"userId": uid(6), "permissions": permissions}],
        },
        f"{USERS}/{uid(2)}": {**common, "email": "former02@example.com", "delegateIds": [uid(6), uid(5)]},
        f"{USERS_V2}/{uid(3)}": {"jobTitle": "Common", "pod": "1"},
        f"{USERS_V2}/{uid(4)}": {"jobTitle": "Own", "pod": "1"},
    }
    assert {method for method, _path in sent(runs.log, "write")} == {"PATCH"}
    changed = runs.done.result("v1").users[0]
    assert changed["before"]["attributes"]["nickname"] == "Nick"
    assert changed["after"]["attributes"] == {
        **TEXTS,
        "email": "former02@example.com",
        "role_ids": [ROLE, OTHER_ROLE],
        "delegate_ids": [uid(5), uid(6)],
    }
    assert {entry["after"]["state"] for result in runs.done.tasks for entry in result.users} == {"deactivated"}
    assert set(statuses(mock).values()) == {"adminDisabled"}
    assert (row(mock, 1)["email"], row(mock, 1)["nickname"]) == ("former01@example.com", "")
    assert [role["_id"] for role in row(mock, 2)["roles"]] == [OTHER_ROLE, ROLE]


def test_present_where_the_vendor_is_vague(ansible: Ansible, mock: MockVendors) -> None:
    """Lists may be replaced or added to, and delegates may appear on either side: neither is documented."""
    roles = [{"_id": ROLE, "name": "partner", "permissions": []}]
    seed(mock, *(account(number, roles=roles) for number in (1, 2, 3, 4)))
    delegated = partial(present, user_id=uid(3), delegates=[{"user_id": uid(1), "permissions": ["see"]}])
    run = play(
        ansible,
        mock,
        [
            present("order does not matter", user_id=uid(4), role_ids=[ROLE, ROLE]),
            switch(mock, "laurel", patch_lists="merge"),
            present("merged", user_id=uid(1), role_ids=[], retry_budget=1),
            present("merged, all there", user_id=uid(2), role_ids=[OTHER_ROLE, ROLE]),
            switch(mock, "laurel", delegates_land_in="delegators"),
            delegated("delegators"),
            delegated("delegators, again"),
            present("no-such-user", email="no-such-user@example.com", job_title="x", on_missing="ok"),
            present("taken", user_id=uid(1), email=mail(2)),
        ],
    )
    assert run.result("order does not matter").outcomes == ["unchanged"]
    assert errors(run.result("merged")) == {uid(1): "not_applied"}
    assert run.result("merged").users[0]["verified"] is False
    assert run.result("merged, all there").outcomes == ["changed"]
    assert run.result("delegators").outcomes == ["changed"]
    assert run.result("delegators, again").outcomes == ["unchanged"]
    assert run.result("no-such-user").outcomes == ["missing"]
    assert errors(run.result("taken")) == {uid(1): "conflict"}
    assert len(mock.state("laurel")) == 4


def test_a_status_that_cannot_be_set(ansible: Ansible, mock: MockVendors) -> None:
    """The operation is not on the vendor's public page. Where it is not offered, the documented way is named."""
    seed(mock, account(1), account(2, "firmDisabled"), account(3, "adminDisabled"))
    tasks = []
    for status in (403, 404, 405):
        tasks += [switch(mock, "laurel", status_patch=status), deactivate(f"{status}", users=ids(1, 2))]
    run = play(ansible, mock, [*tasks, user("active", state="active", user_id=uid(3))])
    for status in (403, 404, 405):
        result = run.result(f"{status}")
        assert (result.failed, result.changed) == (True, False)
        assert result.outcomes == ["failed", "unchanged"]
        error = result.users[0]["error"]
        assert (error["code"], error["status"]) == ("not_offered", status)
        assert "absent" in error["message"]
    assert errors(run.result("active")) == {uid(3): "not_offered"}
    assert statuses(mock) == {1: "active", 2: "firmDisabled", 3: "adminDisabled"}


def test_deletions_of_either_kind(ansible: Ansible, mock: MockVendors) -> None:
    """Whether a deleted user is kept is not documented. With the last kind, one is still answered by id."""
    seed(mock, *(account(number) for number in range(1, 20)))
    gone = partial(user, state="absent")
    forwarding = {
        "is_forwarded": True,
        "original_principal_client_id": "client",
        "original_principal_customer_id": "62f6a1d0c0ffee0000000009",
        "original_principal_user_id": uid(9),
    }
    tasks = [
        switch(mock, "laurel", delete="hard"),
        gone("hard", users=[*ids(1, 2), {"email": mail(3)}, {"identity": identity(4)}, *ids(5, 6)], **forwarding),
        switch(mock, "laurel", delete="soft", deleted_get=404),
        gone("soft", users=[*ids(11), {"email": mail(12)}, {"identity": identity(13)}]),
        switch(mock, "laurel", deleted_get="user"),
        gone("soft, answered by id, one", user_id=uid(14)),
        gone("soft, answered by id", users=[*ids(15, 16, 17, 18), {"email": mail(19)}]),
    ]
    names = ("hard", "soft", "soft, answered by id, one", "soft, answered by id")
    done = play(ansible, mock, tasks)
    for name in names:
        assert set(done.result(name).outcomes) == {"changed"}
        assert all(entry["verified"] for entry in done.result(name).users)
    assert set(statuses(mock)) == {7, 8, 9, 10}
    forwarded = [request for request in mock.log(kind="write") if "?" in request["path"]]
    assert sorted(urlsplit(request["path"]).path for request in forwarded) == [
        f"{USERS}/{uid(number)}" for number in range(1, 7)
    ]
    for request in forwarded:
        assert parse_qs(urlsplit(request["path"]).query) == {
            "isForwarded": ["true"],
            "originalPrincipalClientId": ["client"],
            "originalPrincipalCustomerId": ["62f6a1d0c0ffee0000000009"],
            "originalPrincipalUserId": [uid(9)],
        }
    assert {request["method"] for request in mock.log(kind="write")} == {"DELETE"}

    predicted = play(ansible, mock, tasks, check=True)
    again = play(ansible, mock, tasks)
    for name in names:
        assert set(again.result(name).outcomes) == {"unchanged"}, name
        assert not again.result(name).changed
    for name in ("hard", "soft"):
        assert predicted.result(name).outcomes == again.result(name).outcomes, name
    # A user who is found by id might exist: only a further deletion proves it.
    assert predicted.result("soft, answered by id, one").outcomes == ["changed"]
    assert predicted.result("soft, answered by id").outcomes == [*["changed"] * 4, "unchanged"]
    assert {request["path"].rpartition("/")[2] for request in mock.log(kind="write")} == {
        uid(number) for number in range(14, 19)
    }


def test_lists_that_do_not_show_all(ansible: Ansible, mock: MockVendors) -> None:
    """By integration, as one object, or without the disabled: none of it loses a user."""
    seed(mock, account(1), account(2, "firmDisabled"), account(3), account(4, "adminDisabled"), account(5))
    teams = {"integration": "cloud-assistant-microsoft-teams"}
    pair = [{"email": mail(1)}, {"email": mail(2)}]
    four = [{"email": mail(number)} for number in (1, 2, 3, 4)]
    check = {"check_mode": True}
    run = play(
        ansible,
        mock,
        [
            switch(mock, "laurel", list_shape="object_when_one"),
            deactivate("one object", email=mail(1)) | check,
            switch(mock, "laurel", integration_required=True),
            deactivate("integration required", users=pair) | check,
            deactivate("integration", users=four, **teams) | check,
            switch(mock, "laurel", integration_required=False, list_hides_disabled=True),
            deactivate("hidden", users=pair),
            deactivate("hidden, again", users=pair),
            deactivate("all hidden", users=four),
            deactivate(
                "hidden, by integration", users=[*pair, {"email": "no-such-user@example.com"}], on_missing="ok", **teams
            ),
            user("hidden, absent", state="absent", email=mail(2)),
            fault(mock, "laurel", "status", path="batch/lookup", status=403),
            deactivate("no other lookup", email=mail(4), on_missing="ok", **teams),
        ],
    )
    assert run.result("one object").outcomes == ["changed"]
    assert run.result("integration required").failed
    assert "integration" in run.result("integration required").msg
    assert set(run.result("integration required").outcomes) == {"failed"}
    assert run.result("integration").outcomes == ["changed", "unchanged", "changed", "unchanged"]
    assert run.result("integration").users[1]["before"] == DISABLED
    lists = [parse_qs(urlsplit(path).query) for _method, path in sent(mock.log()) if path.startswith(f"{USERS}?")]
    assert {"integration": ["cloud-assistant-microsoft-teams"]} in lists
    assert run.result("hidden").outcomes == ["changed", "unchanged"]
    assert run.result("hidden, again").outcomes == ["unchanged", "unchanged"]
    assert run.result("all hidden").outcomes == ["unchanged", "unchanged", "changed", "unchanged"]
    assert run.result("hidden, by integration").outcomes == ["unchanged", "unchanged", "missing"]
    assert run.result("hidden, absent").outcomes == ["changed"]
    assert errors(run.result("no other lookup")) == {mail(4): "search_incomplete"}
    assert statuses(mock) == {1: "firmDisabled", 3: "firmDisabled", 4: "adminDisabled", 5: "active"}


def test_lookups_by_identity(ansible: Ansible, mock: MockVendors) -> None:
    """The batch is the public way; where it is not offered, the single lookups are asked, whatever they answer."""
    seed(
        mock,
        *(account(number) for number in range(1, 5)),
        account(5, identities=[{"type": "azure", "value": "E01"}]),
        account(6, identities=[identity(7)]),
        account(7, identities=[identity(7)]),
    )
    unknown = {"identity": {"type": BILLING, "value": "E99"}}
    by_identity = partial(deactivate, on_missing="ok")
    check = {"check_mode": True}
    run = play(
        ansible,
        mock,
        [
            by_identity("batch", users=[{"identity": identity(1)}, unknown]),
            by_identity(
                "two have it", users=[{"identity": identity(7)}, {"identity": {"type": BILLING, "value": "e03"}}]
            ),
            fault(mock, "laurel", "status", path="batch/lookup", status=403),
            by_identity("user", identity=identity(2)),
            switch(mock, "laurel", lookup="identity"),
            by_identity("identity", identity=identity(3)),
            switch(mock, "laurel", lookup=404),
            by_identity("404", identity=identity(4)),
            by_identity("404 for an unknown user", **unknown) | check,
        ],
    )
    assert run.result("batch").outcomes == ["changed", "missing"]
    assert errors(run.result("two have it")) == {
        str(identity(7)): "ambiguous",
        str({**identity(3), "value": "e03"}): None,
    }
    for name in ("user", "identity", "404"):
        assert run.result(name).outcomes == ["changed"], name
    # No remaining lookup can distinguish a missing user from a wrong path.
    assert errors(run.result("404 for an unknown user"))[str(unknown["identity"])] == "lookup_failed"
    assert statuses(mock) == {**dict.fromkeys((1, 2, 3, 4), "firmDisabled"), 5: "active", 6: "active", 7: "active"}
    batch = next(request for request in mock.log() if request["path"].endswith("batch/lookup"))
    assert json.loads(batch["body"]) == {"identities": [identity(1), unknown["identity"]]}
    lookups = [(urlsplit(path).path, parse_qs(urlsplit(path).query)) for _method, path in sent(mock.log())]
    query = {"type": [BILLING], "value": ["E04"]}
    assert (f"{USERS}/lookup", query) in lookups
    assert (f"{USERS_V2}/lookup/identity", query) in lookups


def test_three_hundred_users_keep_their_order(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, *(account(number, "firmDisabled" if number % 3 == 0 else "active") for number in range(900)))
    named = {"user_id": uid, "email": mail, "identity": identity}
    orders = {key: list(range(300 * start, 300 * start + 300)) for start, key in enumerate(named)}
    for numbers in orders.values():
        random.Random(300).shuffle(numbers)
    tasks = [
        deactivate(key, users=[{key: named[key](number)} for number in numbers]) for key, numbers in orders.items()
    ]
    run = play(ansible, mock, tasks)
    for key, numbers in orders.items():
        result = run.result(key)
        assert result.ok
        assert [entry["key"] for entry in result.users] == [{key: named[key](number)} for number in numbers]
        assert [entry["id"] for entry in result.users] == [uid(number) for number in numbers]
        assert result.outcomes == ["unchanged" if number % 3 == 0 else "changed" for number in numbers]
        # One request to read, the 200 writes, one to verify.
        assert result.result["requests"] == {"sent": 202, "retried": 0, "tokens": 1}
    assert set(statuses(mock).values()) == {"firmDisabled"}
    assert len(mock.log(kind="write")) == 600
    assert_no_warning(run)


def test_missing_users(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account(1))
    unknown = [
        {"user_id": uid(98)},
        {"email": "no-such-user@example.com"},
        {"identity": {"type": BILLING, "value": "E99"}},
    ]
    api = mock.ready["laurel"]["api_url"]
    gone = partial(user, state="absent")
    run = play(
        ansible,
        mock,
        [
            deactivate("default", users=[*unknown, *ids(1)]),
            deactivate("warn", users=unknown, on_missing="warn"),
            user("never created", state="active", user_id=uid(98), on_missing="ok"),
            gone("absent", users=unknown),
            gone("absent, by id", user_id=uid(98)),
            gone("wrong address", users=[*unknown, *ids(1)], api_url=f"{api}/elsewhere"),
            gone("wrong address, by id", user_id=uid(1), api_url=f"{api}/elsewhere"),
            gone("wrong customer", users=[*unknown, *ids(1)], customer_id="62f6a1d0c0ffee0000000002"),
            fault(mock, "laurel", "status", path=r"/users(\?|$)", status=403),
            gone("no list to prove it", user_id=uid(98)),
        ],
    )
    assert run.result("default").failed
    assert run.result("default").outcomes == [*3 * ["missing"], "changed"]
    assert run.result("warn").ok
    assert any("no-such-user@example.com" in warning for warning in run.result("warn").warnings)
    assert run.result("never created").outcomes == ["missing"]
    assert (run.result("absent").ok, run.result("absent").outcomes) == (True, 3 * ["unchanged"])
    assert run.result("absent, by id").outcomes == ["unchanged"]
    for name in ("wrong address", "wrong address, by id", "wrong customer", "no list to prove it"):
        assert run.result(name).failed, name
        assert set(run.result(name).outcomes) == {"failed"}, name
    assert errors(run.result("wrong address, by id")) == {uid(1): "wrong_address"}
    assert run.result("wrong customer").users[0]["error"]["code"] == "forbidden"
    assert statuses(mock) == {1: "firmDisabled"}


def test_exactly_one_account_or_none(ansible: Ansible, mock: MockVendors) -> None:
    seed(
        mock,
        account(1),
        account(2, email="twice@example.com"),
        account(3, email="Twice@example.com"),
        account(4, email="leaver01@example.com.example.org", firstName="leaver01@example.com"),
    )
    run = play(
        ansible,
        mock,
        [
            deactivate("twice", email="TWICE@example.com"),
            deactivate(
                "twice, in bulk", users=[{"email": "twice@example.com"}, *({"email": mail(n)} for n in (7, 8, 9))]
            ),
            deactivate("a part of it", email="aver01@example.com", on_missing="ok"),
            deactivate("two keys", users=[{"email": mail(1)}, {"identity": identity(1)}, *ids(4)]),
            deactivate("one", email=mail(1)),
        ],
    )
    assert errors(run.result("twice")) == {"TWICE@example.com": "ambiguous"}
    for number in (2, 3):
        assert uid(number) in run.result("twice").users[0]["error"]["message"]
    assert errors(run.result("twice, in bulk"))["twice@example.com"] == "ambiguous"
    assert run.result("a part of it").outcomes == ["missing"]
    assert set(run.result("two keys").outcomes) == {"refused"}
    assert {entry["error"]["code"] for entry in run.result("two keys").users} == {"same_account"}
    assert run.result("one").outcomes == ["changed"]
    assert statuses(mock) == {1: "firmDisabled", 2: "active", 3: "active", 4: "active"}


def test_one_fault_for_each_write(ansible: Ansible, mock: MockVendors) -> None:
    elsewhere = mock.ready["netex"]["api_url"]
    faults: dict[str, tuple[str, dict[str, Any]]] = {
        "seconds": ("status", {"status": 429, "retry_after": 1}),
        "date": ("status", {"status": 429, "retry_after": "date:1"}),
        "unavailable": ("status", {"status": 503, "retry_after": 0}),
        "unsent": ("reset_before", {}),
        "lost": ("reset_after", {}),
        "half": ("truncate", {"promise": True}),
        "slow": ("slow", {"seconds": 3, "when": "after"}),
        "broken": ("status", {"status": 500}),
        "page": ("html", {}),
        "silent": ("noop", {}),
        "moved": ("redirect", {"location": f"{elsewhere}/login"}),
        "echo": ("echo_secret", {}),
        "invalid": ("status", {"status": 422, "json": {"statusCode": 422, "message": ["what is that?"]}}),
        "lost-page": ("html", {"status": 404}),
    }
    number_of = {name: number for number, name in enumerate([*faults, "fine"], 1)}
    name_of = {uid(number): name for name, number in number_of.items()}
    seed(mock, *(account(number) for number in number_of.values()))
    for name, (action, arguments) in faults.items():
        path = f"/{uid(number_of[name])}/status"
        mock.fault("laurel", action, kind="write", path=path, times=1, **arguments)
    users = ids(*number_of.values())
    result = play(ansible, mock, [deactivate("close", users=users, timeout=2, retry_budget=15)]).result()

    went_well = {"seconds", "date", "unavailable", "unsent", "lost", "half", "slow", "fine"}
    assert {name_of[key]: code for key, code in errors(result).items()} == {
        **dict.fromkeys(went_well),
        "broken": "server_error",
        "page": "bad_answer",
        "silent": "not_applied",
        "moved": "redirected",
        "echo": "bad_request",
        "invalid": "invalid",
        "lost-page": "not_offered",
    }
    silent = by_key(result)[uid(number_of["silent"])]
    assert (silent["verified"], silent["after"]) == (False, ACTIVE)
    assert {name for name, number in number_of.items() if statuses(mock)[number] != "active"} == went_well
    assert "what is that?" in by_key(result)[uid(number_of["invalid"])]["error"]["message"]
    assert mock.log(vendor="netex") == []
    writes = [path for _method, path in sent(mock.log(kind="write"))]
    for name in number_of:
        times = 2 if name in ("seconds", "date", "unavailable", "unsent") else 1
        assert writes.count(f"{USERS}/{uid(number_of[name])}/status") == times, name


def test_answers_that_are_lost_after_the_write(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account(1), account(2), account(3))
    mock.fault("laurel", "reset_after", kind="write", times=3)
    run = play(
        ansible,
        mock,
        [user("delete", state="absent", users=ids(1, 2)), present("present", user_id=uid(3), job_title="Former")],
    )
    assert run.result("delete").outcomes == ["changed", "changed"]
    assert run.result("present").outcomes == ["changed"]
    assert all(entry["verified"] for result in run.tasks for entry in result.users)
    assert len(mock.log(kind="write")) == 3


def test_one_fault_for_each_read(ansible: Ansible, mock: MockVendors) -> None:
    faults: dict[str, tuple[str, dict[str, Any]]] = {
        "busy": ("status", {"status": 429, "retry_after": 0}),
        "broken": ("status", {"status": 500}),
        "cut": ("reset_before", {}),
        "page": ("html", {}),
        "half": ("truncate", {}),
        "lost-page": ("html", {"status": 404}),
        "moved": ("redirect", {"location": mock.ready["netex"]["api_url"]}),
        "forbidden": ("status", {"status": 403}),
        "other": ("status", {"status": 200, "json": account(99)}),
    }
    number_of = {name: number for number, name in enumerate(faults, 1)}
    seed(mock, *(account(number) for number in number_of.values()))
    # A listing that is refused proves nothing, so that a page of HTML is no user who is missing.
    mock.fault("laurel", "status", path=r"/users\?search=%40$", status=500)
    for name, (action, arguments) in faults.items():
        mock.fault("laurel", action, kind="read", path=f"/{uid(number_of[name])}$", times=1, **arguments)
    numbers = list(number_of.values())
    # Up to three users are read one by one.
    tasks = [
        deactivate(f"from {start}", users=ids(*numbers[start : start + 3]), on_missing="ok", retries=1, retry_budget=2)
        for start in range(0, len(numbers), 3)
    ]
    run = play(ansible, mock, tasks)
    entries = {entry["id"] or entry["key"]["user_id"]: entry for result in run.tasks for entry in result.users}
    codes = {name: (entries[uid(number)]["error"] or {}).get("code") for name, number in number_of.items()}
    assert codes == {
        "busy": None,
        "broken": None,
        "cut": None,
        "page": "bad_answer",
        "half": "bad_answer",
        "lost-page": "wrong_address",
        "moved": "redirected",
        "forbidden": "forbidden",
        "other": "bad_answer",
    }
    closed = {name for name, number in number_of.items() if statuses(mock)[number] == "firmDisabled"}
    assert closed == {"busy", "broken", "cut"}
    message = entries[uid(number_of["page"])]["error"]["message"]
    assert "HTML" in message
    assert "127.0.0.1" in message
    assert mock.log(vendor="netex") == []


def test_a_list_in_trouble(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account(1), account(2))
    in_turn(
        mock,
        "laurel",
        "read",
        ("html", {}, False),
        ("truncate", {}, False),
        ("status", {"status": 200, "json": {"users": []}}, False),
        ("status", {"status": 200, "json": [{"email": mail(1)}]}, False),
    )
    users = [{"email": mail(number)} for number in (1, 2, 3, 4)]
    run = play(ansible, mock, [user(name, state="absent", users=users) for name in ("page", "half", "foreign", "odd")])
    for result in run.tasks:
        assert (result.status, set(result.outcomes)) == ("failed", {"failed"}), result.task
        assert result.result["plan_hash"] is None
    assert set(statuses(mock).values()) == {"active"}


def test_lists_that_lag_behind(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, *(account(number) for number in range(1, 6)))
    mock.switch("laurel", list_lag={"seconds": 30}, get_lag={"seconds": 1})
    result = play(ansible, mock, [deactivate("close", users=ids(1, 2, 3, 4, 5))]).result()
    assert result.outcomes == 5 * ["changed"]
    assert all(entry["verified"] for entry in result.users)


def given_token(mock: MockVendors) -> str:
    ready = mock.ready["laurel"]
    body = {name: ready[name] for name in ("client_id", "client_secret", "audience")}
    answer = requests.post(ready["token_url"], json={**body, "grant_type": "client_credentials"}, timeout=10)
    token: str = answer.json()["access_token"]
    return token


def test_tokens(ansible: Ansible, mock: MockVendors) -> None:
    numbers = range(1, 21)
    seed(mock, *(account(number) for number in numbers))
    users = ids(*numbers)
    by_client: dict[str, Any] = {"client_id": hidden("client_id"), "client_secret": hidden("client_secret")}
    env = {f"LAUREL_{name.upper()}": mock.ready["laurel"][name] for name in ("api_url", "customer_id")}
    block: Task = {
        "module_defaults": {"group/saas.offboarding.laurel": by_client},
        "block": [
            fault(mock, "laurel", "revoke", kind="write", times=1),
            deactivate("revoked", users=users),
            fault(mock, "laurel", "expire", kind="write", times=1),
            user("expired", state="active", users=users),
            switch(mock, "laurel", token_expires_in="string"),
            deactivate("wrong secret", users=users, client_secret=hidden("wrong_secret")),
            deactivate("wrong audience", users=users, audience="https://example.com"),
            fault(mock, "laurel", "html", kind="token", times=1),
            deactivate("page for a token", users=users),
            fault(mock, "laurel", "status", kind="token", times=1, status=503, retry_after=0),
            deactivate("busy", users=users[:1]),
            fault(mock, "laurel", "revoke", kind="write"),
            deactivate("refused for good", users=users),
        ],
    }
    all_secrets = secrets(mock, "laurel") | {"THE_WRONG_SECRET": "no-secret-of-theirs"}
    run = play(ansible, mock, [block], env=env | all_secrets)
    for name, tokens in (("revoked", 2), ("expired", 2), ("busy", 2)):
        assert set(run.result(name).outcomes) == {"changed"}, name
        assert run.result(name).result["requests"]["tokens"] == tokens
    for name, code, tokens in (
        ("wrong secret", "login_failed", 1),
        ("wrong audience", "login_failed", 1),
        ("page for a token", "login_failed", 1),
        ("refused for good", "unauthorized", 2),
    ):
        result = run.result(name)
        failed = [code for code in errors(result).values() if code]
        assert set(failed) == {code}, name
        assert (result.failed, result.changed, result.result["requests"]["tokens"]) == (True, False, tokens), name


def test_a_token_that_is_given(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account(1))
    env = {f"LAUREL_{name.upper()}": mock.ready["laurel"][name] for name in ("api_url", "customer_id")}
    tasks = [deactivate("variable", user_id=uid(1)), deactivate("refused", user_id=uid(1), access_token="not-a-token")]
    run = play(ansible, mock, tasks, env=env | {"LAUREL_ACCESS_TOKEN": given_token(mock), "LAUREL_CLIENT_ID": ""})
    assert run.result("variable").outcomes == ["changed"]
    assert errors(run.result("refused")) == {uid(1): "unauthorized"}
    assert mock.log(kind="token") == []


def test_guard_rails(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, *(account(number) for number in range(1, 6)))
    guarded = partial(
        deactivate,
        users=[{"email": mail(3)}, *ids(1, 4, 5), {"identity": identity(2)}],
        protected=["LEAVER03@*", uid(4), "e05"],
    )
    approved = "{{ plan.plan_hash }}"
    run = play(
        ansible,
        mock,
        [
            guarded("plan") | {"check_mode": True, "register": "plan"},
            guarded("too many", max_changes=1),
            guarded("other plan", plan_hash=f"sha256:{64 * '0'}"),
            user("other state", state="absent", users=ids(1, 2), plan_hash=approved),
            guarded("as approved", plan_hash=approved, max_changes=2),
        ],
    )
    planned, done = run.result("plan"), run.result("as approved")
    assert planned.outcomes == ["refused", "changed", "refused", "refused", "changed"]
    for name, code in (("too many", "too_many_changes"), ("other plan", "other_plan"), ("other state", "other_plan")):
        assert run.result(name).failed
        assert set(run.result(name).outcomes) == {"refused"}
        assert errors(run.result(name))[uid(1)] == code
    assert (done.outcomes, done.diff, done.failed) == (planned.outcomes, planned.diff, True)
    assert len(mock.log(kind="write")) == 2
    assert [number for number, status in statuses(mock).items() if status == "firmDisabled"] == [1, 2]


def test_a_key_stays_in_its_place(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account(1))
    odd = [f"../users/{uid(1)}", f"{uid(1)}/status", f"{uid(1)}?x=1#y", "%2e%2e"]
    play(ansible, mock, [user("keys", state="absent", users=[{"user_id": key} for key in odd], concurrency=1)])
    wanted = {
        f"{USERS}/..%2Fusers%2F{uid(1)}",
        f"{USERS}/{uid(1)}%2Fstatus",
        f"{USERS}/{uid(1)}%3Fx%3D1%23y",
        f"{USERS}/%252e%252e",
    }
    assert {path for _method, path in sent(mock.log(kind="read"))} - {USERS} == wanted
    assert mock.log(kind="write") == []
    assert statuses(mock) == {1: "active"}


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "no user named": ({}, "user_id, email, identity"),
    "both forms": ({"email": mail(1), "users": ids(2)}, "users"),
    "the same identity twice": ({"users": [{"identity": identity(1)}, {"identity": identity(1)}]}, "entries 1 and 2"),
    "half an identity": ({"identity": {"type": BILLING}}, "value"),
    "no attributes": ({"state": "present", "user_id": uid(1)}, "present"),
    "attributes elsewhere": ({"user_id": uid(1), "job_title": "x"}, "job_title"),
    "delegates in v1": (
        {"state": "present", "user_id": uid(1), "api_version": "v1", "delegates": [{"user_id": uid(2)}]},
        "delegates",
    ),
    "delegate_ids in v2": ({"state": "present", "users": [{**ids(1)[0], "delegate_ids": []}]}, "delegate_ids"),
    "two keys": ({"state": "present", "user_id": uid(1), "identity": identity(1), "pod": "1"}, "user_id and identity"),
    "integration": ({"email": mail(1), "integration": "fax"}, "integration"),
    "forwarding elsewhere": ({"user_id": uid(1), "is_forwarded": True}, "is_forwarded"),
    "customer": ({"user_id": uid(1), "customer_id": "../x"}, "customer_id"),
    "locked": ({"user_id": uid(1), "state": "locked"}, "state"),
    "timeout": ({"user_id": uid(1), "environment": {"LAUREL_TIMEOUT": "0"}}, "timeout"),
}
NO_LOGIN: dict[str, tuple[dict[str, Any], str]] = {
    "no customer": ({"client_id": "client", "client_secret": "of-no-user"}, "customer_id"),
    "no credential": ({"customer_id": "1"}, "LAUREL_CLIENT_ID"),
    "half a credential": ({"customer_id": "1", "client_secret": "of-no-user"}, "client_id"),
}


def test_bad_input_is_named_and_nothing_is_sent(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, account(1), account(2))
    for env, cases in ((None, BAD_INPUT), ({}, {k: ({"user_id": uid(1), **o}, w) for k, (o, w) in NO_LOGIN.items()})):
        tasks = [user(name, **{"state": "deactivated", **options}) for name, (options, _word) in cases.items()]
        run = play(ansible, mock, tasks, env=env)
        for name, (_options, word) in cases.items():
            assert run.result(name).failed, name
            assert word in run.result(name).msg, name
            assert run.result(name).users == []
        assert mock.log() == []


def test_a_404_to_a_write_is_verified_by_a_read(ansible: Ansible, mock: MockVendors) -> None:
    """As a proxy or a route gives it, for accounts that the list shows."""
    seed(mock, account(1), account(2))
    mock.fault("laurel", "status", kind="write", status=404)
    tasks = [user("delete", state="absent", users=ids(1, 2)), present("present", user_id=uid(2), job_title="Former")]
    run = play(ansible, mock, tasks)
    for name in ("delete", "present"):
        result = run.result(name)
        assert (result.failed, set(result.outcomes)) == (True, {"failed"})
        assert {entry["error"]["code"] for entry in result.users} == {"not_applied"}
        assert {entry["after"]["state"] for entry in result.users} == {"active"}
        assert "answered that the account does not exist (status 404), but" in result.msg
    assert statuses(mock) == {1: "active", 2: "active"}
