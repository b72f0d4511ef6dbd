# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The _user_info modules of all vendors."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from harness.convergence import assert_no_secret
from harness.playbook import Ansible, TaskResult
from harness.scenes import ACTIONS, Played, Scene, staged
from mock_vendors.client import MockVendors

SIGNATURE = "X-Request-Id"
SIGNED = {"request_id": SIGNATURE}
STATES = {"active", "deactivated", "locked", "absent", "unknown"}
ENTRY = {
    "key",
    "found",
    "id",
    "name",
    "email",
    "names",
    "state",
    "vendor_state",
    "account",
    "manual",
    "seen",
    "error",
}
APART = ("key", "account", "seen", "manual_notes", "sessions")
BREAKS_OFF = {"action": "status", "status": 500, "kind": "read", "skip": 1}
# The mock vendors take ZITADEL's search, which is a POST, for a write where it does not know the address.
ELSEWHERE = "/elsewhere/"
PAGE_OF_HTML = {"action": "html", "kind": "read"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """The expected description of an account, and the keys that name it."""

    id: str
    name: str
    email: str | None
    names: Sequence[str]
    state: str
    vendor_state: str | None
    keys: Sequence[Row]
    manual: Sequence[str] = ()

    def described(self) -> Row:
        """The entry without the key, the vendor's object and the answer."""
        return {
            "found": True,
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "names": sorted(self.names),
            "state": self.state,
            "vendor_state": self.vendor_state,
            "manual": list(self.manual),
            "error": None,
        }


@dataclass(frozen=True)
class Tenant:
    """A vendor's accounts, and the expected results of its module."""

    vendor: str
    seed: Sequence[Row]
    people: Sequence[Person]
    unknown: Sequence[Row]
    shared: Sequence[Row]
    shared_email: str = "shared@example.com"
    states: Sequence[str] = ("active", "deactivated", "unknown")
    # A ZITADEL's own service account, which is in every list.
    own: Sequence[str] = field(default=())

    @property
    def module(self) -> str:
        return f"{self.vendor}_user_info"

    def seeded(self) -> dict[str, list[Row]]:
        return {self.vendor: list(self.seed)}

    def scene(self, name: str, options: Mapping[str, Any] | None = None, **more: Any) -> Scene:
        return Scene(name, self.module, options or {}, **more)


def zitadel_id(number: int) -> str:
    return f"3100000000000001{number:02d}"


def zitadel_row(number: int, **values: Any) -> Row:
    return {
        "userId": zitadel_id(number),
        "username": f"leaver{number:02d}",
        "loginNames": [f"leaver{number:02d}@acme.example", f"leaver{number:02d}@old.example"],
        "human": {
            "email": {"email": f"Leaver{number:02d}@Example.com"},
            "profile": {"displayName": f"Display {number:02d}"},
        },
        **values,
    }


def zitadel_person(number: int, state: str, word: str, *keys: Row) -> Person:
    name, email = f"leaver{number:02d}", f"Leaver{number:02d}@Example.com"
    logins = [f"{name}@acme.example", f"{name}@old.example"]
    return Person(zitadel_id(number), logins[0], email, [zitadel_id(number), name, *logins, email], state, word, keys)


ZITADEL_OWN = "300000000000000001"
ZITADEL = Tenant(
    "zitadel",
    [
        zitadel_row(1),
        zitadel_row(2, state="USER_STATE_INACTIVE"),
        zitadel_row(3, state="USER_STATE_LOCKED"),
        zitadel_row(4, state="USER_STATE_INITIAL"),
        {"userId": zitadel_id(5), "username": "robot", "machine": {"hasSecret": True}},
    ],
    [
        zitadel_person(1, "active", "USER_STATE_ACTIVE", {"user_id": zitadel_id(1)}),
        zitadel_person(2, "deactivated", "USER_STATE_INACTIVE", {"login_name": "leaver02@old.example"}),
        zitadel_person(3, "locked", "USER_STATE_LOCKED", {"username": "leaver03"}),
        zitadel_person(4, "active", "USER_STATE_INITIAL", {"email": "leaver04@example.COM"}),
        Person(
            zitadel_id(5),
            "robot",
            None,
            [zitadel_id(5), "robot"],
            "active",
            "USER_STATE_ACTIVE",
            [{"username": "robot"}],
            ["service_account_tokens"],
        ),
    ],
    [
        {"user_id": "319999999999999999"},
        {"login_name": "no-such-user@acme.example"},
        {"username": "no-such-user"},
        {"email": "no-such-user@example.com"},
    ],
    [zitadel_row(n, human={"email": {"email": "shared@example.com"}}) for n in (1, 2)],
    states=("active", "deactivated", "locked", "unknown"),
    own=[ZITADEL_OWN],
)


def laurel_id(number: int) -> str:
    return f"62f6a1d0c0ffee00000001{number:02d}"


def laurel_row(number: int, **values: Any) -> Row:
    identities = [{"type": "external-billing-system", "value": f"E{number:02d}"}]
    return {
        "_id": laurel_id(number),
        "email": f"Leaver{number:02d}@Example.com",
        "firstName": f"Jo{number:02d}",
        "identities": identities,
        **values,
    }


def laurel_person(number: int, state: str, word: str | None, *keys: Row, manual: Sequence[str] = ()) -> Person:
    email = f"Leaver{number:02d}@Example.com"
    names = [laurel_id(number), email, f"E{number:02d}"]
    return Person(laurel_id(number), email, email, names, state, word, keys, manual)


def billing(value: str) -> Row:
    return {"identity": {"type": "external-billing-system", "value": value}}


LAUREL = Tenant(
    "laurel",
    [
        laurel_row(1, status="active"),
        laurel_row(2, status="adminDisabled", delegates=[{"_id": laurel_id(1)}]),
        laurel_row(3, status="firmDisabled"),
        laurel_row(4, status="absent", delegators=[{"_id": laurel_id(1)}]),
        laurel_row(5, status="asleep"),
    ],
    [
        laurel_person(1, "active", "active", {"user_id": laurel_id(1)}),
        laurel_person(2, "deactivated", "adminDisabled", {"email": "leaver02@example.COM"}, manual=["delegations"]),
        laurel_person(3, "deactivated", "firmDisabled", billing("E03")),
        laurel_person(4, "active", None, {"user_id": laurel_id(4)}, manual=["delegations"]),
        laurel_person(5, "unknown", "asleep", {"email": "leaver05@example.com"}),
    ],
    [{"user_id": laurel_id(99)}, {"email": "no-such-user@example.com"}, billing("E99")],
    [laurel_row(n, email="shared@example.com") for n in (1, 2)],
)


def netex_id(number: int) -> str:
    return f"{number:032x}"


def netex_row(number: int, **values: Any) -> Row:
    return {"id": netex_id(number), "username": f"leaver{number:02d}", **values}


def netex_person(number: int, state: str, word: str | None, *keys: Row, more: Sequence[str] = ()) -> Person:
    name = f"leaver{number:02d}"
    email = f"{name}@example.com"
    return Person(netex_id(number), name, email, [netex_id(number), name, email, *more], state, word, keys)


NETEX = Tenant(
    "netex",
    [netex_row(1, externalId="HR-01"), netex_row(2, enabled=False), netex_row(3), netex_row(4, enabled=None)],
    [
        netex_person(1, "active", "enabled", {"user_id": netex_id(1)}, more=["HR-01"]),
        netex_person(2, "deactivated", "disabled", {"username": "leaver02"}),
        netex_person(3, "active", "enabled", {"email": "Leaver03@Example.com"}),
        netex_person(4, "unknown", None, {"username": "leaver04"}),
    ],
    [{"user_id": netex_id(99)}, {"username": "no-such-user"}, {"email": "no-such-user@example.com"}],
    [netex_row(n, email="shared@example.com") for n in (1, 2)],
)


def learn_id(number: int) -> str:
    return f"5e66c1d0{number:016x}"


def learn_row(number: int, **values: Any) -> Row:
    return {"id": learn_id(number), "ref": f"UID{number:02d}", "email": f"leaver{number:02d}@example.com", **values}


def learn_person(number: int, state: str, word: str | None, *keys: Row) -> Person:
    ref, email = f"UID{number:02d}", f"leaver{number:02d}@example.com"
    return Person(learn_id(number), email, email, [learn_id(number), ref, email], state, word, keys)


LEARN = Tenant(
    "learn",
    [
        learn_row(1),
        learn_row(2, status="inactive"),
        learn_row(3, status="new"),
        learn_row(4, status="expired"),
        learn_row(5, ref=None, email=None, status="inactive", deleted=True),
        learn_row(6, status="asleep"),
    ],
    [
        learn_person(1, "active", "active", {"ref": "UID01"}),
        learn_person(2, "deactivated", "inactive", {"user_id": learn_id(2)}),
        learn_person(3, "active", "new", {"email": "Leaver03@Example.com"}),
        learn_person(4, "active", "expired", {"ref": "UID04"}),
        learn_person(6, "unknown", "asleep", {"ref": "UID06"}),
    ],
    [{"ref": "UID99"}, {"user_id": learn_id(99)}, {"email": "no-such-user@example.com"}],
    [learn_row(n, email="shared@example.com") for n in (1, 2)],
)

TENANTS = [pytest.param(tenant, id=tenant.vendor) for tenant in (ZITADEL, LAUREL, NETEX, LEARN)]


def look(
    ansible: Ansible, mock: MockVendors, scenes: Iterable[Scene], *, env: Mapping[str, str] | None = None
) -> dict[str, Played]:
    """Play scenes in one run at -vvv --diff, and demand of each what holds for all looking.

    Nothing is written, no credential and no traceback shows, no unexpected warning comes up; the result has the
    documented shape, also when it fails, and counts its own requests right.
    """
    all_scenes = list(scenes)
    place = Path(tempfile.mkdtemp(prefix="stage-", dir=ansible.place))
    (place / "mock.json").write_text(json.dumps(mock.ready), encoding="utf-8")
    stage = place / "stage.jsonl"
    variables = {
        **mock.environment(),
        "ANSIBLE_ACTION_PLUGINS": str(ACTIONS),
        "ANSIBLE_PIPELINING": "1",
        "SAAS_MOCK": str(place / "mock.json"),
        "SAAS_STAGE": str(stage),
        **(env or {}),
    }
    run = ansible.run(staged(all_scenes), diff=True, verbosity=3, env=variables)
    assert run.rc == 0, str(run)
    assert "Traceback" not in run.everything
    assert_no_secret(run, mock)
    lines = [json.loads(line) for line in stage.read_text(encoding="utf-8").splitlines()]
    for secret in {secret for line in lines for secret in line["secrets"]}:
        at = run.everything.find(secret)
        assert at < 0, f"a credential shows after: {run.everything[max(0, at - 200) : at]}"
    played = {}
    for scene, line in zip(all_scenes, lines, strict=True):
        result, log = run.result(scene.name), line["log"]
        strange = [text for text in result.warnings if not any(known in text for known in scene.warnings)]
        assert strange == [], f"{scene.name}: {strange}"
        for text in scene.warnings:
            assert any(text in warning for warning in result.warnings), f"{scene.name}: {result.warnings}"
        writes = [each for each in log if each["kind"] == "write" and not each["path"].startswith(ELSEWHERE)]
        assert writes == [], f"{scene.name} has written"
        tokens = sum(request["kind"] == "token" for request in log)
        sent = result.result["requests"]
        assert (sent["sent"], sent["tokens"]) == (len(log) - tokens, tokens), f"{scene.name}: {sent}"
        assert {request["vendor"] for request in log} <= {scene.vendor}
        assert_shape(scene, result)
        assert_seen(result, log, set(line["state"]))
        played[scene.name] = Played(result, log, line["state"])
    return played


def of_accounts(played: Played) -> list[dict[str, Any]]:
    """The requests that read accounts, which ZITADEL's for the roles of the credential is not."""
    return [request for request in played.reads if "/memberships/" not in request["path"]]


def assert_shape(scene: Scene, result: TaskResult) -> None:
    shown = result.result
    for name in ("changed", "check_mode", "users", "complete", "summary", "read", "scope", "requests"):
        assert name in shown, f"{result.task}: no {name} in {sorted(shown)}: {result.msg}"
    assert shown["changed"] is False
    assert shown["check_mode"] is scene.check, result.task
    assert "diff" not in shown
    found: Counter[bool | None] = Counter()
    for user in shown["users"]:
        assert set(user) - {"manual_notes", "sessions"} == ENTRY
        assert user["state"] in STATES
        found[user["found"]] += 1
        assert (user["error"] is not None) == (user["found"] is None)
        if user["error"] is not None:
            assert set(user["error"]) == {"code", "message", "status", "request_id", "retryable"}
        if user["found"] is not True:
            empty = [user[name] for name in ("id", "name", "email", "vendor_state", "account")]
            assert (empty, user["names"], user["manual"]) == ([None] * 5, [], [])
            assert user["state"] == ("absent" if user["found"] is False else "unknown")
            assert user["key"] is not None
    named = sum(user["key"] is not None for user in shown["users"])
    assert named in (0, len(shown["users"]))
    assert shown["summary"] == {
        "requested": named,
        "found": found[True],
        "missing": found[False],
        "failed": found[None],
    }
    assert set(shown["requests"]) == {"sent", "retried", "tokens"}
    if shown["read"] is not None:
        assert set(shown["read"]) == {"tenant", "strategy", "accounts", "pages", "complete"}
        assert shown["read"]["complete"] is shown["complete"]
    if result.failed:
        assert result.msg
        assert not shown["complete"]
    assert result.failed or not found[None]
    assert "$2a$" not in json.dumps(shown), "a password hash shows"
    assert not any("password" in (user["account"] or {}) for user in shown["users"])


def assert_seen(result: TaskResult, log: Sequence[Row], ids: set[str]) -> None:
    """Each account that was found has the request id of the response in which it was read."""
    answers = {each["request_id"]: each for each in log if each["kind"] == "read" and each["status"] == 200}
    for user in result.users:
        seen = user["seen"]
        if user["found"] is True:
            assert user["id"] in ids
            assert seen["status"] == 200
            # mock vendors that gives its answers no ids has None for all of them.
            assert seen["request_id"] in answers
            last = answers[seen["request_id"]]["path"].rpartition("/")[2]
            if seen["request_id"] is not None and last in ids:
                assert last == user["id"], "seen in the response about another user"
        elif seen is not None:
            assert (seen["status"], seen["request_id"]) == (None, None)
        if seen is not None:
            assert set(seen) == {"at", "status", "request_id"}
            assert seen["at"].endswith("Z")
            datetime.fromisoformat(seen["at"])
        assert seen is not None or user["found"] is None


def described(user: Mapping[str, Any]) -> Row:
    return {name: value for name, value in user.items() if name not in APART}


def steady(result: TaskResult) -> Row:
    """What must be the same whenever nothing has changed in between."""
    shown = {name: result.result[name] for name in ("changed", "complete", "summary", "read", "requests")}
    return {**shown, "users": [{**user, "seen": user["seen"]["status"]} for user in result.users]}


def ids(played: Played) -> list[str | None]:
    return [user["id"] for user in played.result.users]


def codes(played: Played) -> list[str | None]:
    return [user["error"] and user["error"]["code"] for user in played.result.users]


def founds(played: Played) -> list[bool | None]:
    return [user["found"] for user in played.result.users]


def assert_native(user: Mapping[str, Any], state: Mapping[str, Row]) -> None:
    """The vendor's own object, without what opens anything."""
    native = state[user["id"]]
    account = {name: value for name, value in user["account"].items() if name != "config"}
    assert account
    assert account == {name: native[name] for name in account}
    # Thrive returns less about a user who is read by ref.
    if "ref" not in (user["key"] or {}):
        assert set(account) == set(native) - {"password"}


@pytest.mark.parametrize("tenant", TENANTS)
def test_accounts_that_are_named(ansible: Ansible, mock: MockVendors, tenant: Tenant) -> None:
    named = [(key, person) for person in tenant.people for key in person.keys]
    unknown = list(tenant.unknown)
    # A user, no user, a user: results keep the order of the request.
    asked: list[tuple[Row, Person | None]] = [*named[:2], *((key, None) for key in unknown), *named[2:]]
    many = {"users": [key for key, _person in asked]}
    first_few = {"users": [key for key, _person in (named[1], (unknown[0], None), named[0])]}
    singles = [
        *((f"One, {person.id} by {next(iter(key))}", key, person) for key, person in named),
        *((f"Unknown by {next(iter(key))}", key, None) for key in unknown),
    ]
    played = look(
        ansible,
        mock,
        [
            tenant.scene("Unsigned", many, seed=tenant.seeded()),
            tenant.scene("Predicted", many, switches=SIGNED, check=True),
            tenant.scene("Many", many),
            tenant.scene("Without details", {**many, "details": False}),
            tenant.scene("In batches", {**many, "batch_size": 2}),
            tenant.scene("A few", first_few),
            *(tenant.scene(name, key) for name, key, _person in singles),
            tenant.scene("One in a list", {"users": [named[0][0]]}),
        ],
    )
    for name in ("Unsigned", "Predicted", "Many", "In batches"):
        result = played[name].result
        assert result.ok, result.msg
        assert [user["key"] for user in result.users] == many["users"]
        assert [described(user) for user in result.users if user["found"]] == [
            person.described() for _key, person in named
        ]
        assert founds(played[name]) == [person is not None for _key, person in asked]
        assert result.result["complete"] is True
        for user in result.users:
            if user["found"]:
                assert_native(user, played[name].state)
                assert (user["seen"]["request_id"] is None) == (name == "Unsigned")
    assert steady(played["Predicted"].result) == steady(played["Many"].result)
    assert [described(user) for user in played["Unsigned"].result.users] == [
        described(user) for user in played["Many"].result.users
    ]
    plain = played["Without details"].result
    assert [user["account"] for user in plain.users] == [None] * len(asked)
    assert [described(user) for user in plain.users] == [described(user) for user in played["Many"].result.users]
    assert plain.result["read"] == played["Many"].result.result["read"]
    assert founds(played["A few"]) == [True, False, True]
    assert ids(played["A few"]) == [named[1][1].id, None, named[0][1].id]
    for name, key, person in singles:
        single = played[name]
        assert single.result.ok, single.result.msg
        assert single.user["key"] == key
        assert single.result.result["complete"] is True
        if person is None:
            assert single.user["found"] is False
            continue
        assert described(single.user) == person.described()
        assert_native(single.user, single.state)
        assert single.user["seen"]["request_id"] in {request["request_id"] for request in single.reads} - {None}
    assert ids(played["One in a list"]) == [named[0][1].id]


def vague(tenant: Tenant, state: str) -> list[str]:
    """The warning for a list by state if users have no known state."""
    # Thrive is asked for the suspended only, so that no other user is in the response.
    if state == "unknown" or tenant is ZITADEL or (tenant is LEARN and state == "deactivated"):
        return []
    return ["not complete: the list does not show the state of 1 users, who are left out"]


@pytest.mark.parametrize("tenant", TENANTS)
def test_all_accounts_and_those_of_a_state(ansible: Ansible, mock: MockVendors, tenant: Tenant) -> None:
    played = look(
        ansible,
        mock,
        [
            tenant.scene("Unsigned", seed=tenant.seeded()),
            tenant.scene("Predicted", switches=SIGNED, check=True),
            tenant.scene("All", {}),
            tenant.scene("Without details", {"details": False}),
            *(tenant.scene(state, {"state": state}, warnings=vague(tenant, state)) for state in tenant.states),
        ],
    )
    everybody = {person.id: person for person in tenant.people}
    for name in ("Unsigned", "Predicted", "All", "Without details"):
        result = played[name].result
        assert result.ok, result.msg
        assert result.result["complete"] is True
        assert sorted(user["id"] for user in result.users) == sorted(played[name].state)
        assert {user["id"]: described(user) for user in result.users if user["id"] in everybody} == {
            person.id: person.described() for person in tenant.people
        }
        for user in result.users:
            assert user["key"] is None
            if name == "Without details":
                assert user["account"] is None
            else:
                assert_native(user, played[name].state)
        assert result.result["read"]["pages"] == len([1 for each in of_accounts(played[name]) if each["status"] == 200])
        assert result.result["read"]["accounts"] == len(played[name].state)
    assert steady(played["Predicted"].result) == steady(played["All"].result)
    for state in tenant.states:
        wanted = [person.id for person in tenant.people if person.state == state]
        wanted += tenant.own if state == "active" else []
        assert sorted(str(each) for each in ids(played[state])) == sorted(wanted), state
        assert {user["state"] for user in played[state].result.users} <= {state}
        assert played[state].result.ok
        assert played[state].result.result["complete"] is not bool(vague(tenant, state))


def page_of(request: Mapping[str, Any]) -> str:
    """The parameter that identifies a page of a list."""
    return f"{request['path']} {request['body']}"


@pytest.mark.parametrize(
    ("tenant", "size", "sizes", "over"),
    [
        pytest.param(ZITADEL, 2500, [1000, 1000, 501], {}, id="zitadel"),
        pytest.param(LAUREL, 1200, [1200], {}, id="laurel"),
        pytest.param(NETEX, 1200, [500, 500, 200], {"start_index_base": 1}, id="netex"),
        pytest.param(LEARN, 2300, [1000, 1000, 300], {"pagination": False}, id="learn"),
    ],
)
def test_lists_of_many_pages(
    ansible: Ansible, mock: MockVendors, tenant: Tenant, size: int, sizes: list[int], over: dict[str, Any]
) -> None:
    """Every page is read, and no user is listed twice. A list that breaks off returns its users and a warning."""
    last = "user" + f"{size:05d}" + "@example.com"
    scenes = [
        tenant.scene("All", {"details": False}, population={tenant.vendor: size}, switches=SIGNED),
        tenant.scene("Details", {"state": tenant.states[0]}, check=True),
        tenant.scene("The last", {"users": [{"email": last}, {"email": "no-such-user@example.com"}]}),
        tenant.scene("Otherwise", {"details": False}, switches=over),
    ]
    if len(sizes) > 1:
        broken = {"details": False, "retries": 0}
        scenes += [
            tenant.scene("Broken", broken, population={tenant.vendor: size}, switches=SIGNED, faults=[BREAKS_OFF]),
            tenant.scene("Not again", broken, population={tenant.vendor: size}),
            tenant.scene(
                "Broken, of a state",
                {**broken, "state": "active"},
                population={tenant.vendor: size},
                faults=[BREAKS_OFF],
            ),
            tenant.scene(
                "Broken, by key",
                {"retries": 0, "email": last},
                population={tenant.vendor: size},
                faults=[{**BREAKS_OFF, "skip": 0}],
            ),
        ]
    played = look(ansible, mock, scenes)
    for name in ("All", "Details", "Otherwise", *(["Not again"] if len(sizes) > 1 else [])):
        result = played[name].result
        assert result.ok, result.msg
        assert sorted(str(each) for each in ids(played[name])) == sorted(played[name].state), name
        assert result.result["complete"] is True
    everything = played["All"].result
    pages = {page_of(request): request for request in of_accounts(played["All"])}
    assert everything.result["read"]["pages"] == len(pages) == len(of_accounts(played["All"]))
    # Besides, the page after the last one, and Laurel's number of users by v2. Thrive is asked for those who are
    # suspended too, when its list has none.
    proofs = {"zitadel": 0, "laurel": 1, "netex": 1, "learn": 2}
    assert len(pages) == len(sizes) + proofs[tenant.vendor]
    assert everything.result["read"]["accounts"] == sum(sizes)
    shown_in = Counter(user["seen"]["request_id"] for user in everything.users)
    assert sorted(shown_in.values(), reverse=True) == sorted(sizes, reverse=True)
    assert set(shown_in) <= {request["request_id"] for request in pages.values()}
    assert founds(played["The last"]) == [True, False]
    if len(sizes) == 1:
        return
    for name in ("Broken", "Broken, of a state"):
        result = played[name].result
        assert result.failed
        assert "the list is not whole" in result.msg
        assert result.result["complete"] is False
        assert result.result["read"]["pages"] == 1
        assert result.result["read"]["accounts"] == len(result.users) == sizes[0]
        assert len(set(ids(played[name]))) == sizes[0]
        assert result.result["summary"] == {"requested": 0, "found": sizes[0], "missing": 0, "failed": 0}
    (first,) = {user["seen"]["request_id"] for user in played["Broken"].result.users}
    assert first in [request["request_id"] for request in played["Broken"].reads if request["status"] == 200]
    by_key = played["Broken, by key"]
    assert (by_key.result.failed, founds(by_key), codes(by_key)) == (True, [None], ["server_error"])


@pytest.mark.parametrize("tenant", TENANTS)
def test_an_unclear_answer_is_never_a_missing_account(ansible: Ansible, mock: MockVendors, tenant: Tenant) -> None:
    keys = [key for person in tenant.people for key in person.keys] + list(tenant.unknown)
    elsewhere = {"api_url": mock.ready[tenant.vendor]["api_url"] + ELSEWHERE.rstrip("/"), "retries": 0}
    missing = [(f"by {next(iter(key))}", key) for key in tenant.unknown]
    email = {"email": tenant.shared_email}
    played = look(
        ansible,
        mock,
        [
            tenant.scene("Wrong address, many", {**elsewhere, "users": keys}, seed=tenant.seeded()),
            tenant.scene("Wrong address, list", elsewhere),
            *(tenant.scene(f"Wrong address, {how}", {**elsewhere, **key}) for how, key in missing),
            tenant.scene("HTML, many", {"retries": 0, "users": keys}, seed=tenant.seeded(), faults=[PAGE_OF_HTML]),
            tenant.scene("HTML, list", {"retries": 0}),
            *(tenant.scene(f"HTML, {how}", {"retries": 0, **key}) for how, key in missing),
            tenant.scene(
                "HTML 404, many",
                {"retries": 0, "users": keys},
                seed=tenant.seeded(),
                faults=[{**PAGE_OF_HTML, "status": 404}],
            ),
            tenant.scene("HTML 404, list", {"retries": 0, "state": "active"}),
            *(tenant.scene(f"HTML 404, {how}", {"retries": 0, **key}) for how, key in missing),
            tenant.scene(
                "Two of one e-mail",
                {"users": [email, tenant.unknown[0]]},
                seed={tenant.vendor: list(tenant.shared)},
                switches=SIGNED,
            ),
            tenant.scene("Two of one e-mail, alone", email, check=True),
        ],
    )
    for name, each in played.items():
        assert each.result.failed, name
        assert each.result.result["complete"] is False, name
        if name.startswith("Two"):
            continue
        assert set(founds(each)) <= {None}, name
        assert len(each.result.users) == (len(keys) if "many" in name else 0 if "list" in name else 1), name
        assert each.result.result["read"]["accounts"] == 0, name
        if "list" in name:
            assert "the list is not whole" in each.result.msg
    twice = played["Two of one e-mail"]
    assert founds(twice) == [None, False]
    assert codes(twice) == ["ambiguous", None]
    assert founds(played["Two of one e-mail, alone"]) == [None]
    assert codes(played["Two of one e-mail, alone"]) == ["ambiguous"]
    for name in ("Two of one e-mail", "Two of one e-mail, alone"):
        for row in tenant.shared:
            assert str(next(row[field] for field in ("userId", "_id", "id") if field in row)) in played[name].result.msg


@pytest.mark.parametrize("tenant", TENANTS)
def test_options_that_are_not_in_order(ansible: Ansible, mock: MockVendors, tenant: Tenant) -> None:
    key = next(iter(tenant.people[0].keys))
    name = next(iter(key))
    wrong: dict[str, tuple[Row, list[str]]] = {
        "Key and state": ({**key, "state": "active"}, [name, "state"]),
        "E-mail and state": ({"email": "jane@example.com", "state": "active"}, ["email", "state"]),
        "Users and state": ({"users": [key], "state": "active"}, ["users", "state"]),
        "Key and users": ({**key, "users": [key]}, [name, "users"]),
        "Two keys": ({**key, "email": "jane@example.com"}, [name, "email"]),
        "No users": ({"users": []}, ["users is empty"]),
        "No key": ({"users": [{}]}, ["no account is named"]),
        "The same twice": ({"users": [key, key]}, ["entries 1 and 2", name]),
        "Empty key": ({"email": " "}, ["email", "is empty"]),
        "Unknown state": ({"state": "asleep"}, ["state", "asleep"]),
        "A state of the other module": ({"state": "present"}, ["state", "present"]),
        "No batches": ({**key, "batch_size": 0}, ["batch_size"]),
        "No batches, list": ({"batch_size": 0}, ["batch_size"]),
    }
    if tenant in (ZITADEL, LAUREL):
        wrong["Key and search"] = ({**key, "search": "jane"}, [name, "search"])
        wrong["Users and search"] = ({"users": [key], "search": "jane"}, ["users", "search"])
        wrong["Empty search"] = ({"search": ""}, ["search", "is empty"])
    else:
        wrong["No search"] = ({"search": "jane"}, ["search"])
    played = look(
        ansible,
        mock,
        [
            tenant.scene(f"{title}, {'predicted' if check else 'done'}", options, check=check)
            for number, (title, (options, _texts)) in enumerate(wrong.items())
            for check in ((False, True) if number == 0 else (number % 2 == 1,))
        ],
    )
    for title, (_options, texts) in wrong.items():
        for each in [each for name, each in played.items() if name.startswith(f"{title}, ")]:
            assert each.result.failed, title
            assert [text for text in texts if text not in each.result.msg] == [], each.result.msg
            assert each.log == [], title
            assert each.result.users == []
            assert each.result.result["read"] is None
            assert each.result.result["complete"] is False


def test_zitadel_finds_by_a_part_and_not_by_a_pattern(ansible: Ansible, mock: MockVendors) -> None:
    one, two, three, four = (zitadel_id(number) for number in range(1, 5))
    searches: dict[str, tuple[Row, list[str]]] = {
        "User name": ({"search": "EAVER0"}, [one, two, three, four]),
        "Login name": ({"search": "02@OLD"}, [two]),
        "E-mail": ({"search": "r03@exam"}, [three]),
        "Display name": ({"search": "isplay 04"}, [four]),
        "Machine": ({"search": "obo"}, [zitadel_id(5)]),
        "No match": ({"search": "zzz"}, []),
        "Of a state": ({"search": "leaver", "state": "deactivated"}, [two]),
        "Of another": ({"search": "leaver", "state": "active"}, [one, four]),
        "No match of a state": ({"search": "leaver02", "state": "locked"}, []),
        "An underscore": ({"search": "leaver_1"}, []),
        "A percent sign": ({"search": "l%1"}, []),
        "All of them": ({"search": "%"}, []),
    }
    played = look(
        ansible,
        mock,
        [
            ZITADEL.scene(
                f"{title} {wildcards}",
                options,
                seed=ZITADEL.seeded(),
                switches={**SIGNED, "wildcards": wildcards},
                check=wildcards,
            )
            for title, (options, _wanted) in searches.items()
            for wildcards in ((False, True) if {"_", "%"} & set(options["search"]) else (True,))
        ],
    )
    for name, each in played.items():
        wanted = searches[name.rpartition(" ")[0]][1]
        assert each.result.ok, each.result.msg
        assert sorted(str(found) for found in ids(each)) == wanted, name
        assert each.result.result["complete"] is True


def test_zitadel_without_rights(ansible: Ansible, mock: MockVendors) -> None:
    none = {**SIGNED, "rights": "none"}
    keys = [key for person in ZITADEL.people for key in person.keys]
    hidden = {
        "zitadel": [
            zitadel_row(1),
            zitadel_row(2, details={"resourceOwner": "300000000000000111"}, state="USER_STATE_INACTIVE"),
        ]
    }
    hiding = {**SIGNED, "hidden_organizations": ["300000000000000111"], "filter_after_limit": True}
    gap = "not complete: ZITADEL counts"
    singly = {next(iter(key)): key for key in keys[:4]}
    scenes = [
        scene
        for after in (False, True)
        for scene in (
            ZITADEL.scene(f"Many {after}", {"users": keys}, seed=ZITADEL.seeded(), switches=none),
            ZITADEL.scene(f"List {after}", {}, switches={"filter_after_limit": after}),
            ZITADEL.scene(f"State {after}", {"state": "deactivated"}, check=True),
            ZITADEL.scene(f"Search {after}", {"search": "leaver"}),
            ZITADEL.scene(f"Search for itself {after}", {"search": "offboarding"}),
            *(ZITADEL.scene(f"By {name} {after}", key) for name, key in singly.items()),
        )
    ]
    scenes += [
        ZITADEL.scene("Hidden, list", {}, seed=hidden, switches=hiding, warnings=[gap]),
        ZITADEL.scene("Hidden, state", {"state": "deactivated"}, warnings=[gap]),
        ZITADEL.scene("Hidden, search", {"search": "leaver"}, warnings=[gap], check=True),
        ZITADEL.scene("Hidden, e-mail", {"users": [{"email": f"leaver{n:02d}@example.com"} for n in (1, 2)]}),
        ZITADEL.scene("Hidden, id", {"users": [{"user_id": zitadel_id(n)} for n in (1, 2)]}),
    ]
    played = look(ansible, mock, scenes)
    for scene in scenes[:-5]:
        each = played[scene.name]
        assert each.result.failed, scene.name
        assert each.result.result["complete"] is False
        assert False not in founds(each), scene.name
        assert set(ids(each)) <= {None, ZITADEL_OWN}
        if scene.name.startswith(("Many", "By")):
            assert set(codes(each)) <= {"no_rights", "forbidden"}, scene.name
        else:
            assert "does not show this credential all users" in each.result.msg
    for name, wanted in (
        ("Hidden, list", [ZITADEL_OWN, zitadel_id(1)]),
        ("Hidden, state", []),
        ("Hidden, search", [zitadel_id(1)]),
    ):
        assert played[name].result.ok, played[name].result.msg
        assert played[name].result.result["complete"] is False, name
        assert sorted(str(found) for found in ids(played[name])) == wanted
    for name in ("Hidden, e-mail", "Hidden, id"):
        assert founds(played[name]) == [True, None], name
        assert played[name].result.failed


def test_laurel_finds_by_a_part(ansible: Ansible, mock: MockVendors) -> None:
    searches: dict[str, tuple[Row, list[int]]] = {
        "E-mail": ({"search": "LEAVER0"}, [1, 2, 3, 4]),
        "First name": ({"search": "jo03"}, [3]),
        "No match": ({"search": "zzz"}, []),
        "Of a state": ({"search": "leaver", "state": "deactivated"}, [2, 3]),
        "No match of a state": ({"search": "leaver01", "state": "deactivated"}, []),
    }
    seed = {"laurel": list(LAUREL.seed[:4])}
    scenes = [
        LAUREL.scene(f"{title} {shape}", options, seed=seed, switches={**SIGNED, "list_shape": shape})
        for title, (options, _wanted) in searches.items()
        for shape in ("list", "object_when_one")
    ]
    played = look(ansible, mock, scenes)
    for scene in scenes:
        title = scene.name.rpartition(" ")[0]
        each = played[scene.name]
        assert each.result.ok, each.result.msg
        assert ids(each) == [laurel_id(number) for number in searches[title][1]], scene.name
        assert each.result.result["complete"] is True
        assert (each.result.result["read"]["pages"], len(each.reads)) == (1, 1)


def test_laurel_by_the_list_of_an_integration(ansible: Ansible, mock: MockVendors) -> None:
    exchange = {"integration": "cloud-assistant-microsoft-exchange"}
    inside = {"type": "azure", "value": "az"}
    seed = {
        "laurel": [
            laurel_row(1, status="firmDisabled", identities=[inside], delegates=[{"_id": laurel_id(2)}]),
            laurel_row(2, status="adminDisabled"),
            laurel_row(3, status="active", identities=[{**inside, "value": "az3"}]),
        ]
    }
    gap = "not complete: the list is that of cloud-assistant-microsoft-exchange"
    vague = "does not show the state of 3 users"
    by_email = {"users": [{"email": f"leaver0{number}@example.com"} for number in (1, 2, 3)]}
    related = {**SIGNED, "integration_list": "related"}
    outside = {**exchange, "email": "leaver02@example.com"}
    unknown = {**exchange, "email": "no-such-user@example.com"}
    closed = {**related, "integration_required": True}
    played = look(
        ansible,
        mock,
        [
            LAUREL.scene("All", exchange, seed=seed, switches=SIGNED, warnings=[gap]),
            LAUREL.scene("Predicted", exchange, warnings=[gap], check=True),
            LAUREL.scene("Search", {**exchange, "search": "leaver03"}, warnings=[gap]),
            LAUREL.scene("Unknown", {**exchange, "state": "unknown"}, warnings=[gap]),
            LAUREL.scene("Active", {**exchange, "state": "active"}, warnings=[gap, vague]),
            LAUREL.scene("Deactivated", {**exchange, "state": "deactivated"}, warnings=[gap, vague]),
            LAUREL.scene("By e-mail", {**exchange, **by_email}),
            LAUREL.scene("By identity", {**exchange, "identity": inside}),
            LAUREL.scene("By id", {**exchange, "user_id": laurel_id(2)}),
            LAUREL.scene("Rows of users", exchange, switches={"integration_rows": "user"}, warnings=[gap]),
            LAUREL.scene("Related, list", exchange, seed=seed, switches=related, warnings=[gap]),
            LAUREL.scene("Outside", outside),
            LAUREL.scene("Outside, many", {**exchange, **by_email}),
            LAUREL.scene("No match", unknown),
            LAUREL.scene("Closed, outside", outside, seed=seed, switches=closed),
            LAUREL.scene("Closed, no match", unknown),
            LAUREL.scene("Closed, many", {**exchange, **by_email}, check=True),
            LAUREL.scene("Closed, no integration", {"retries": 0}),
            LAUREL.scene("Closed, no integration by key", {"retries": 0, "email": "leaver02@example.com"}),
        ],
    )
    for name, numbers in (("All", [1, 2, 3]), ("Predicted", [1, 2, 3]), ("Search", [3]), ("Unknown", [1, 2, 3])):
        each = played[name]
        assert each.result.ok, each.result.msg
        assert ids(each) == [laurel_id(number) for number in numbers], name
        assert {(user["state"], user["vendor_state"]) for user in each.result.users} == {("unknown", None)}
        assert each.result.result["complete"] is False
    for name in ("Active", "Deactivated"):
        assert (played[name].result.ok, ids(played[name])) == (True, [])
        assert played[name].result.result["complete"] is False
    assert ids(played["Related, list"]) == [laurel_id(1), laurel_id(3)]
    for name in ("Rows of users", "Related, list"):
        assert played[name].result.result["complete"] is False
    for name in ("By e-mail", "Outside, many"):
        each = played[name]
        assert each.result.ok, each.result.msg
        assert ids(each) == [laurel_id(number) for number in (1, 2, 3)]
        assert [user["vendor_state"] for user in each.result.users] == ["firmDisabled", "adminDisabled", "active"]
        assert [user["manual"] for user in each.result.users] == [["delegations"], [], []]
        assert each.result.result["complete"] is True
    # Read singly, because the list has no state.
    for user in played["By e-mail"].result.users:
        (request,) = [each for each in played["By e-mail"].reads if each["path"].endswith(f"/{user['id']}")]
        assert user["seen"]["request_id"] == request["request_id"]
    assert (ids(played["By identity"]), played["By identity"].user["state"]) == ([laurel_id(1)], "deactivated")
    assert (ids(played["By id"]), played["By id"].user["state"]) == ([laurel_id(2)], "deactivated")
    assert (ids(played["Outside"]), played["Outside"].user["state"]) == ([laurel_id(2)], "deactivated")
    assert founds(played["No match"]) == [False]
    for name in ("Closed, outside", "Closed, no match"):
        each = played[name]
        assert (each.result.failed, founds(each), codes(each)) == (True, [None], ["search_incomplete"])
    many = played["Closed, many"]
    assert (founds(many), codes(many)) == ([True, None, True], [None, "search_incomplete", None])
    assert (many.result.failed, many.result.result["complete"]) == (True, False)
    without = played["Closed, no integration"]
    assert without.result.failed
    assert "set the option integration" in without.result.msg
    assert founds(played["Closed, no integration by key"]) == [None]


def test_thrive_shows_the_suspended_and_who_was_deleted(ansible: Ansible, mock: MockVendors) -> None:
    gap = "whether the list of users holds those who were deleted is not documented"
    (unclear,) = vague(LEARN, "active")
    hides = {**SIGNED, "list_hides_suspended": True}
    all_ids = [str(row["id"]) for row in LEARN.seed]
    played = look(
        ansible,
        mock,
        [
            LEARN.scene("All", {}, seed=LEARN.seeded(), switches=hides),
            LEARN.scene("Predicted", {}, check=True),
            LEARN.scene("Deactivated", {"state": "deactivated"}),
            LEARN.scene("Active", {"state": "active"}, warnings=[unclear]),
            LEARN.scene("By e-mail", {"email": "leaver02@example.com"}),
            LEARN.scene("Absent, hidden", {"state": "absent"}, warnings=[gap, unclear]),
            LEARN.scene(
                "Absent", {"state": "absent"}, switches={"list_hides_suspended": False}, warnings=[gap, unclear]
            ),
            LEARN.scene(
                "Absent, no match", {"state": "absent"}, seed={"learn": [learn_row(1)]}, check=True, warnings=[gap]
            ),
            LEARN.scene("Deleted, by id", {"user_id": learn_id(5)}, seed=LEARN.seeded(), switches=SIGNED),
            LEARN.scene("Deleted, in a list", {}),
        ],
    )
    for name in ("All", "Predicted", "Deleted, in a list"):
        assert sorted(str(each) for each in ids(played[name])) == all_ids, name
        assert played[name].result.result["complete"] is True
        states = {user["id"]: user["state"] for user in played[name].result.users}
        assert (states[learn_id(2)], states[learn_id(5)]) == ("deactivated", "absent")
    assert ids(played["Deactivated"]) == [learn_id(2)]
    assert ids(played["Active"]) == [learn_id(number) for number in (1, 3, 4)]
    assert (ids(played["By e-mail"]), played["By e-mail"].user["state"]) == ([learn_id(2)], "deactivated")
    assert ids(played["Absent"]) == [learn_id(5)]
    for name in ("Absent", "Absent, hidden", "Absent, no match"):
        assert played[name].result.ok
        assert played[name].result.result["complete"] is False, name
    deleted = played["Deleted, by id"].user
    assert (deleted["found"], deleted["state"], deleted["id"]) == (True, "absent", learn_id(5))
    assert (deleted["name"], deleted["email"], deleted["names"]) == (None, None, [learn_id(5)])


def test_no_secret_is_in_the_object_of_the_vendor(ansible: Ansible, mock: MockVendors) -> None:
    """Neither by its name nor within a text."""
    token = mock.ready["netex"]["auth_token"]
    hash_of_old = "$2a$10$abcdefghijklmnopqrstuv0123456789012345678901234567890"
    row = netex_row(
        1,
        aboutMe=f"my token is {token}, I say",
        location=f"was {hash_of_old}",
        extra={"accessToken": "hush-hush", "shoe": 42, "hasSecret": True},
        extendedFields={"more": [{"api_key": "hush-hush", "kept": "yes"}]},
    )
    played = look(
        ansible,
        mock,
        [
            NETEX.scene("One", {"username": "leaver01"}, seed={"netex": [row]}),
            NETEX.scene("List", {}),
            NETEX.scene("Search", {"email": "leaver01@example.com"}, check=True),
        ],
    )
    for each in played.values():
        account = each.user["account"]
        assert "password" not in account
        assert account["aboutMe"] == "my token is ********, I say"
        assert account["location"] == "was ********"
        assert account["extra"] == {"shoe": 42, "hasSecret": True}
        assert account["extendedFields"] == {"more": [{"kept": "yes"}]}
        assert "hush-hush" not in json.dumps(each.result.result)
