# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A key matches exactly one account, or the user fails with the names of the candidates.

Each vendor gets many users whose keys nearly equal those of others. Every key is looked up among few users (single
reads or searches) and among many (lists), with the rows in both orders. All strategies must have the same result, and
only the requested account may be written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.playbook import Ansible
from harness.scenes import Played, Scene, play
from mock_vendors.client import MockVendors

Row = dict[str, Any]
Key = dict[str, Any]

FEW = 3
ALWAYS_IN_BULK = {
    ("zitadel", "email"),
    ("zitadel", "username"),
    ("zitadel", "login_name"),
    ("laurel", "identity"),
    ("netex", "email"),
    ("learn", "email"),
}
KELVIN, LONG_S, CYRILLIC_A = "\u212a", "\u017f", "\u0430"
COMPOSED, DECOMPOSED = "\u00e9", "e\u0301"
FULL_WIDTH = "\uff45\uff56\uff45"  # eve


@dataclass(frozen=True)
class Case:
    """A key, and whose account is meant: one, none, or a failure with its code and its candidates."""

    key: Key
    of: str | None = None
    code: str | None = None
    among: tuple[str, ...] = ()


def mail(text: str, of: str | None = None, code: str | None = None, *among: str) -> Case:
    return Case({"email": text}, of, code, among)


# By name: the e-mail, and whether the account is closed already.
MAILS: dict[str, tuple[str, bool]] = {
    "alice": ("alice@example.com", False),
    "alice's second": ("alice2@example.com", False),
    "longer": ("malice@example.com", False),
    "longer host": ("alice@example.com.example.org", False),
    "plus": ("alice+tag@example.com", False),
    "dora": ("dora@example.com", False),
    "capitals": ("Bob@Example.COM", False),
    "carl, open": ("carl@example.com", False),
    "carl, closed": ("Carl@example.com", True),
    "kelvin": (f"{KELVIN}im@example.com", False),
    "long s": (f"{LONG_S}am@example.com", False),
    "sam": ("sam@example.com", False),
    "cyrillic": (f"p{CYRILLIC_A}ul@example.com", False),
    "composed": (f"jos{COMPOSED}@example.com", False),
    "decomposed": (f"ren{DECOMPOSED}@example.com", False),
    "capital with accent": ("zo\u00c9@example.com", False),
    "ascii": ("eve@example.com", False),
    "dot": ("finn@example.com.", False),
    "underscore": ("h_nk@example.com", False),
    "hank": ("hank@example.com", False),
    "percent": ("i%n@example.com", False),
    "ivan": ("ivan@example.com", False),
    "lena": ("lena@example.com", False),
}
MAIL_CASES = [
    mail("alice@example.com", "alice"),
    mail("ALICE+TAG@example.com", "plus"),
    mail("dora+news@example.com"),
    mail("lice@example.com"),
    mail("alice@example.co"),
    mail("bob@example.com", "capitals"),
    mail("CARL@example.com", None, "ambiguous", "carl, open", "carl, closed"),
    mail("kim@example.com", None, "near_match", "kelvin"),
    mail("sam@example.com", "sam"),
    mail("paul@example.com"),
    mail(f"jos{DECOMPOSED}@example.com", None, "near_match", "composed"),
    mail(f"ren{COMPOSED}@example.com", None, "near_match", "decomposed"),
    mail(f"zo{COMPOSED}@example.com", None, "near_match", "capital with accent"),
    mail(f"{FULL_WIDTH}@example.com", None, "near_match", "ascii"),
    mail("finn@example.com"),
    mail("h_nk@example.com", "underscore"),
    mail("i%n@example.com", "percent"),
    mail("%@example.com"),
    mail("*@example.com"),
    mail("lena@example.com", "lena"),
]


@dataclass(frozen=True)
class House:
    """A vendor with its people by name, and what is asked about them."""

    vendor: str
    people: Mapping[str, Row]
    cases: Sequence[Case]
    identifier: str
    switches: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def seed(self, backwards: bool = False) -> dict[str, list[Row]]:
        rows = list(self.people.values())
        return {self.vendor: rows[::-1] if backwards else rows}

    def id_of(self, name: str) -> str:
        return str(self.people[name][self.identifier])

    def groups(self) -> Iterator[Sequence[Case]]:
        """The cases in groups of so few that they are read singly or searched for one by one, where the vendor can."""
        names = [name for case in self.cases for name in case.key]
        for name in dict.fromkeys(names):
            same = [case for case in self.cases if name in case.key]
            size = FEW if (self.vendor, name) not in ALWAYS_IN_BULK else len(same)
            yield from (same[first : first + size] for first in range(0, len(same), size))


def numbered(number: int) -> str:
    return f"{0xABC000 + number:024x}"


def zitadel() -> House:
    def person(number: int, email: str, closed: bool = False, **more: Any) -> Row:
        name = f"name{number:02}"
        row = {
            "userId": f"id-{number:02}",
            "username": name,
            "loginNames": [f"{name}@login"],
            "human": {"email": {"email": email}},
            "state": f"USER_STATE_{'INACTIVE' if closed else 'ACTIVE'}",
        }
        return row | more

    people = {name: person(number, *values) for number, (name, values) in enumerate(MAILS.items(), 10)}
    names: dict[str, Row] = {
        "named like lena": {"username": "lena@example.com", "loginNames": ["lena@example.com"]},
        "plain": {"username": "quinn", "loginNames": ["quinn@here"]},
        "org one": {"username": "mock", "loginNames": ["mock@one"]},
        "org two": {"username": "mock", "loginNames": ["mock@two"], "state": "USER_STATE_INACTIVE"},
        "other case": {"username": "Rita", "loginNames": ["Rita@Here"]},
        "wild": {"username": "u_a", "loginNames": ["u_a@here"]},
        "una": {"username": "una", "loginNames": ["una@here"]},
        "accent": {"username": f"andr{COMPOSED}", "loginNames": [f"andr{COMPOSED}@here"]},
        "two logins": {"username": "vera", "loginNames": ["vera@here", "vera@there"]},
    }
    people |= {
        name: person(number, f"name{number}@example.org", **values)
        for number, (name, values) in enumerate(names.items(), 50)
    }
    cases = [
        *MAIL_CASES,
        Case({"username": "lena@example.com"}, "named like lena"),
        Case({"username": "quin"}),
        Case({"username": "quinn"}, "plain"),
        Case({"username": "mock"}, None, "ambiguous", ("org one", "org two")),
        Case({"username": "rita"}, None, "near_match", ("other case",)),
        Case({"username": "u_a"}, "wild"),
        Case({"username": f"andr{DECOMPOSED}"}, None, "near_match", ("accent",)),
        Case({"username": "%"}),
        Case({"login_name": "vera@there"}, "two logins"),
        Case({"login_name": "mock@one"}, "org one"),
        Case({"login_name": "rita@here"}, None, "near_match", ("other case",)),
        Case({"login_name": "vera@%"}),
        Case({"login_name": "vera"}),
        Case({"user_id": "id-15"}, "dora"),
        Case({"user_id": "ID-15"}),
        Case({"user_id": "id-1"}),
        Case({"user_id": "id-%"}),
    ]
    return House("zitadel", people, cases, "userId", {"wildcards": True})


def laurel() -> House:
    def person(number: int, email: str, closed: bool = False, **more: Any) -> Row:
        status = "firmDisabled" if closed else "active"
        row = {"_id": numbered(number), "email": email, "status": status, "identities": []}
        return row | more

    def identity(value: str, kind: str = "azure") -> dict[str, str]:
        return {"type": kind, "value": value}

    people = {name: person(number, *values) for number, (name, values) in enumerate(MAILS.items(), 10)}
    others: dict[str, Row] = {
        "first name": {"firstName": "lena@example.com", "nickname": "no-such-user@example.com"},
        "alternate": {"identities": [identity("mia@old.example.com", "email")]},
        "azure 7": {"identities": [identity("7")]},
        "zoom 7": {"identities": [identity("7", "zoom")]},
        "shared one": {"identities": [identity("shared")]},
        "shared two": {"identities": [identity("shared")], "status": "adminDisabled"},
        "wild": {"identities": [identity("%")]},
    }
    people |= {
        name: person(number, f"name{number}@example.org", **values)
        for number, (name, values) in enumerate(others.items(), 50)
    }
    cases = [
        *MAIL_CASES,
        mail("no-such-user@example.com"),
        mail("mia@old.example.com", None, "near_match", "alternate"),
        Case({"identity": identity("7")}, "azure 7"),
        Case({"identity": identity("7", "zoom")}, "zoom 7"),
        Case({"identity": identity("shared")}, None, "ambiguous", ("shared one", "shared two")),
        Case({"identity": identity("share")}),
        Case({"identity": identity("%")}, "wild"),
        Case({"identity": identity("_")}),
        Case({"user_id": numbered(15)}, "dora"),
        # Laurel refuses texts that cannot be one of its ids.
        Case({"user_id": numbered(0xDEAD)}),
        Case({"user_id": numbered(15)[:-1]}, None, "bad_request"),
        Case({"user_id": "%"}, None, "bad_request"),
    ]
    return House("laurel", people, cases, "_id")


def netex() -> House:
    def person(number: int, email: str, closed: bool = False, **more: Any) -> Row:
        row = {"id": numbered(number), "username": f"name{number}", "email": email, "enabled": not closed}
        return row | more

    people = {name: person(number, *values) for number, (name, values) in enumerate(MAILS.items(), 10)}
    others: dict[str, Row] = {
        "full width": {"email": "\uff54\uff4f\uff4d@example.com"},
        "white space": {"email": " gina@example.com"},
        "named like lena": {"username": "lena@example.com"},
        "plain": {"username": "quinn"},
        "other case": {"username": "Rita"},
        "accent": {"username": f"andr{COMPOSED}"},
        "wild": {"username": "u_a"},
        "una": {"username": "una"},
        "by id": {"id": "shadow"},
        "by name": {"username": "shadow"},
        "slash": {"username": "a/b"},
    }
    people |= {
        name: person(number, f"name{number}@example.org") | values
        for number, (name, values) in enumerate(others.items(), 50)
    }
    cases = [
        *MAIL_CASES,
        mail("tom@example.com", None, "near_match", "full width"),
        mail("gina@example.com", None, "near_match", "white space"),
        Case({"username": "lena@example.com"}, "named like lena"),
        Case({"username": "quin"}),
        Case({"username": "quinn"}, "plain"),
        Case({"username": "rita"}, None, "near_match", ("other case",)),
        Case({"username": f"andr{DECOMPOSED}"}, None, "near_match", ("accent",)),
        Case({"username": "u_a"}, "wild"),
        Case({"username": "%"}),
        Case({"username": "*"}),
        Case({"username": "shadow"}, "by name"),
        Case({"username": numbered(15)}),
        Case({"user_id": "shadow"}, "by id"),
        Case({"user_id": "una"}),
        Case({"user_id": numbered(15)}, "dora"),
        Case({"user_id": numbered(16).upper()}, None, "near_match", ("capitals",)),
    ]
    return House("netex", people, cases, "id")


def learn() -> House:
    def person(number: int, email: str, closed: bool = False, **more: Any) -> Row:
        status = "inactive" if closed else "active"
        row = {"id": numbered(number), "ref": f"R{number}", "email": email, "status": status}
        return row | more

    people = {name: person(number, *values) for number, (name, values) in enumerate(MAILS.items(), 10)}
    others: dict[str, Row] = {
        "full width": {"email": "\uff54\uff4f\uff4d@example.com"},
        "white space": {"email": "gina@example.com "},
        "referred like lena": {"ref": "lena@example.com"},
        "referred like an id": {"ref": numbered(15)},
        "plain": {"ref": "quinn"},
        "other case": {"ref": "Rita"},
        "accent": {"ref": f"andr{COMPOSED}"},
        "wild": {"ref": "u_a"},
        "una": {"ref": "una"},
    }
    people |= {
        name: person(number, f"name{number}@example.org") | values
        for number, (name, values) in enumerate(others.items(), 50)
    }
    cases = [
        *MAIL_CASES,
        mail("tom@example.com", None, "near_match", "full width"),
        mail("gina@example.com", None, "near_match", "white space"),
        Case({"ref": "lena@example.com"}, "referred like lena"),
        Case({"ref": numbered(15)}, "referred like an id"),
        Case({"ref": "quin"}),
        Case({"ref": "quinn"}, "plain"),
        Case({"ref": "rita"}, None, "near_match", ("other case",)),
        Case({"ref": f"andr{DECOMPOSED}"}, None, "near_match", ("accent",)),
        Case({"ref": "u_a"}, "wild"),
        Case({"ref": "%"}),
        Case({"user_id": numbered(15)}, "dora"),
        Case({"user_id": "quinn"}),
        Case({"user_id": numbered(16).upper()}, None, "near_match", ("capitals",)),
    ]
    return House("learn", people, cases, "id")


HOUSES = [zitadel(), laurel(), netex(), learn()]
by_vendor = pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.vendor)


def result_of(user: Row) -> tuple[str | None, str | None]:
    """Whose account was taken, and why none was."""
    return (user["id"], user["error"] and user["error"]["code"])


def assert_judged(house: House, case: Case, user: Row) -> None:
    assert user["key"] == case.key
    if case.code is not None:
        assert result_of(user) == (None, case.code), case
        for name in case.among:
            assert house.id_of(name) in user["error"]["message"], case
    else:
        assert result_of(user) == (None if case.of is None else house.id_of(case.of), None), case


def assert_touched(house: House, before: Mapping[str, Row], played: Played, cases: Sequence[Case]) -> None:
    """Those who were meant are closed, and all others are as they were."""
    meant = {house.id_of(case.of) for case in cases if case.of is not None}
    assert {i for i, row in played.state.items() if row != before[i]} == meant
    assert len(played.writes) == len(meant)
    assert set(played.state) == set(before)


@by_vendor
def test_one_exact_account_or_a_failure_with_the_candidates(ansible: Ansible, mock: MockVendors, house: House) -> None:
    before = {}
    for backwards in (False, True):
        mock.seed(house.seed(backwards))
        before[backwards] = mock.state(house.vendor)
    # Two keys for one account would refuse each other: those for accounts that others ask for are asked for apart.
    once = {case.of: case for case in reversed(house.cases) if case.of is not None}
    many = [case for case in house.cases if case.of is None or once[case.of] is case]
    tasks: dict[str, Sequence[Case]] = {
        f"few {number}": group
        for number, group in enumerate(house.groups())
        if len({case.of for case in group if case.of}) == sum(case.of is not None for case in group)
    }
    assert {json.dumps(case.key) for group in tasks.values() for case in group} == {
        json.dumps(case.key) for case in house.cases
    }
    tasks |= {"many": many, "many, rows backwards": many}
    scenes = [
        Scene(
            name,
            f"{house.vendor}_user",
            {"state": "deactivated", "users": [case.key for case in cases]},
            seed=house.seed(backwards="backwards" in name),
            switches=house.switches,
        )
        for name, cases in tasks.items()
    ]
    played = play(ansible, mock, scenes, verbosity=0)
    for name, cases in tasks.items():
        assert played[name].result.failed or all(case.of for case in cases)
        for case, user in zip(cases, played[name].result.users, strict=True):
            assert_judged(house, case, user)
            wanted = "failed" if case.code else "missing" if case.of is None else "changed"
            assert user["outcome"] == wanted, case
        assert_touched(house, before["backwards" in name], played[name], cases)


def test_the_info_modules_come_to_the_same(ansible: Ansible, mock: MockVendors) -> None:
    for house in HOUSES:
        mock.seed(house.seed())
        mock.switch(house.vendor, **house.switches)
    tasks = []
    for house in HOUSES:
        for few_or_many, cases in (("many", house.cases), ("few", house.cases[-FEW:])):
            users = {"users": [case.key for case in cases]}
            name = f"{house.vendor}, {few_or_many}"
            module = f"saas.offboarding.{house.vendor}_user_info"
            tasks.append({"name": name, module: users, "ignore_errors": True})
    run = ansible.run(tasks, env=mock.environment())
    for house in HOUSES:
        for few_or_many, cases in (("many", house.cases), ("few", house.cases[-FEW:])):
            sights = run.result(f"{house.vendor}, {few_or_many}").users
            for case, user in zip(cases, sights, strict=True):
                assert_judged(house, case, user)
                assert user["found"] is (None if case.code else case.of is not None), case
    assert mock.log(kind="write") == []


def first_pages(vendor: str) -> list[Row]:
    """As many rows as a page takes, each nearly the one that comes after them."""
    makers: dict[str, tuple[int, Callable[[int], Row]]] = {
        "zitadel": (1000, lambda n: {"userId": f"1{n:05}", "username": f"jane{n}doe@example.com"}),
        "laurel": (1000, lambda n: {"_id": numbered(n), "email": f"jane%doe@example.com.{n}.example.org"}),
        "netex": (500, lambda n: {"id": numbered(n), "username": f"u{n}", "email": f"jane%doe@example.com{n}"}),
        "learn": (1000, lambda n: {"id": numbered(n), "email": f"{n}jane%doe@example.com"}),
    }
    count, make = makers[vendor]
    return [make(number) for number in range(count)]


LAST = {
    "zitadel": {"userId": "900001", "username": "jane%doe@example.com"},
    "laurel": {"_id": numbered(0xFFFF), "email": "jane%doe@example.com"},
    "netex": {"id": numbered(0xFFFF), "username": "jane", "email": "jane%doe@example.com"},
    "learn": {"id": numbered(0xFFFF), "ref": "jane", "email": "jane%doe@example.com"},
}
SECOND = {
    "zitadel": {"userId": "900002", "username": "JANE%doe@example.com"},
    "laurel": {"_id": numbered(0xFFFE), "email": "JANE%doe@example.com"},
    "netex": {"id": numbered(0xFFFE), "username": "jane2", "email": "JANE%doe@example.com"},
    "learn": {"id": numbered(0xFFFE), "ref": "jane2", "email": "JANE%doe@example.com", "status": "inactive"},
}


def test_the_match_and_its_rival_are_beyond_the_first_page(ansible: Ansible, mock: MockVendors) -> None:
    scenes = []
    for house in HOUSES:
        near = first_pages(house.vendor)
        options = {"state": "deactivated", "email": "jane%doe@example.com"}
        for name, rows in (("one", [*near, LAST[house.vendor]]), ("two", [LAST[house.vendor], *near])):
            more = [SECOND[house.vendor]] if name == "two" else []
            scenes.append(
                Scene(
                    f"{house.vendor}, {name}",
                    f"{house.vendor}_user",
                    options,
                    seed={house.vendor: [*rows, *more]},
                    switches=house.switches,
                )
            )
    played = play(ansible, mock, scenes, verbosity=0)
    for house in HOUSES:
        one, two = played[f"{house.vendor}, one"], played[f"{house.vendor}, two"]
        wanted, rival = str(LAST[house.vendor][house.identifier]), str(SECOND[house.vendor][house.identifier])
        assert (one.outcome, one.user["id"], len(one.writes)) == ("changed", wanted, 1)
        assert (two.outcome, two.error["code"], two.writes) == ("failed", "ambiguous", [])
        assert wanted in two.error["message"]
        assert rival in two.error["message"]


def test_a_rival_whom_the_list_hides_is_a_rival(ansible: Ansible, mock: MockVendors) -> None:
    """Thrive's list may leave out the suspended: one of them may have the same e-mail."""
    rows = [
        {"id": numbered(1), "email": "jane@example.com", "status": "active"},
        {"id": numbered(2), "email": "Jane@example.com", "status": "inactive"},
        {"id": numbered(3), "ref": "R3", "email": "john@example.com", "status": "active"},
    ]
    few = [{"email": "jane@example.com"}, {"email": "john@example.com"}]
    many = [*few, *({"ref": f"no-such-user{number}"} for number in range(FEW))]
    scenes = [
        Scene(
            name,
            "learn_user",
            {"state": "deactivated", "users": users, "on_missing": "ok"},
            seed={"learn": rows},
            switches={"list_hides_suspended": True},
        )
        for name, users in (("few", few), ("many", many))
    ]
    for name, one in play(ansible, mock, scenes, verbosity=0).items():
        rivals, john = one.result.users[:2]
        assert (rivals["outcome"], rivals["error"]["code"]) == ("failed", "ambiguous"), name
        for number in (1, 2):
            assert numbered(number) in rivals["error"]["message"]
        assert (john["outcome"], john["id"]) == ("changed", numbered(3))
        assert [row["status"] for row in one.state.values()] == ["active", "inactive", "inactive"]


def test_what_cannot_be_looked_at_is_asked_for_by_its_exact_name_alone(ansible: Ansible, mock: MockVendors) -> None:
    """CustomerGauge has no request that reads: letters that a database may take for others are not sent."""
    asked = ["alice+tag@example.com", "bob@example.com", f"{KELVIN}im@example.com", f"jos{COMPOSED}@example.com"]
    people = ["alice@example.com", "alice+tag@example.com", "Bob@Example.com", "kim@example.com", "jose@example.com"]
    scene = Scene(
        "customergauge",
        "customergauge_user",
        {"state": "deactivated", "users": [{"email": email} for email in asked], "concurrency": 1},
        seed={"customergauge": [{"email": email} for email in people]},
    )
    played = play(ansible, mock, [scene], verbosity=0)["customergauge"]
    assert played.result.outcomes == ["changed", "changed", "failed", "failed"]
    assert [user["error"]["code"] for user in played.result.users[2:]] == ["not_exact", "not_exact"]
    assert [json.loads(write["body"]) for write in played.writes] == [{"email": email} for email in asked[:2]]
    closed = [row["email"] for row in played.state.values() if row["status"] == "Deactivated"]
    assert closed == ["alice+tag@example.com", "Bob@Example.com"]


def test_what_cannot_be_one_name_is_refused_before_any_request(ansible: Ansible, mock: MockVendors) -> None:
    odd = {
        "a scheme": "mailto:jane@example.com",
        "a name": "Jane <jane@example.com>",
        "two in one": "jane@example.com john@example.com",
        "invisible": "ja\u200bne@example.com",
        "right to left": "ja\u202ene@example.com",
    }
    tasks = [
        {
            "name": f"{vendor}, {name}",
            f"saas.offboarding.{vendor}_user": {"state": "deactivated", "email": email},
            "ignore_errors": True,
        }
        for name, email in odd.items()
        for vendor in ("customergauge", "netex")
    ]
    mock.clear_log()
    run = ansible.run(tasks, env=mock.environment())
    assert [(task.failed, "email" in task.msg) for task in run.tasks] == [(True, True)] * len(tasks)
    assert mock.log() == []
