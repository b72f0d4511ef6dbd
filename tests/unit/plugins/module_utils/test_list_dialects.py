# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Undocumented lists of Laurel, netexCloud and Thrive: no false missing, and no cut list counts as complete."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import requests
import requests.adapters
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._lookup import browse
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    DEACTIVATED,
    FAILED,
    MISSING,
    UNCHANGED,
    Key,
    LookupResult,
    UserRequest,
)
from ansible_collections.saas.offboarding.plugins.module_utils._progress import Progress
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendors import learn, netex
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.laurel import Laurel
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.learn import Learn
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.netex import Netex
from mock_vendors import base as mocks
from mock_vendors import laurel as mock_laurel
from mock_vendors import learn as mock_learn
from mock_vendors import netex as mock_netex
from mock_vendors.wire import Call

from .http_script import Answer, FakeClock, transport

API = "https://api.example.com"
PAGE = 5
Native = dict[str, t.Any]
LISTS: dict[str, st.SearchStrategy[t.Any]] = {
    "list_limit": st.integers(1, 25),
    "canary": st.sampled_from([404, 403]),
    "list": st.just("empty"),
}
PAGES = {"beyond_end": st.sampled_from(["last", "first", 400]), "max_page": st.integers(1, 4)}


@dataclass(frozen=True)
class Subject:
    """A vendor under test. ``row``: the native keys of a user. ``second_looks``: keys that a cut list cannot hide."""

    mock: Callable[[], mocks.Vendor]
    vendor: Callable[[t.Any], Vendor]
    row: Callable[[int], Native]
    keys: Mapping[str, str]
    second_looks: tuple[str, ...]
    switches: Mapping[str, st.SearchStrategy[t.Any]]


SUBJECTS = {
    "netex": Subject(
        mock_netex.Netex,
        lambda road: Netex(
            {"api_url": API, "auth_token": mock_netex.AUTH_TOKEN, "synchronization": "synchronous"}, road
        ),
        lambda number: {"username": f"u{number}", "email": f"u{number}@example.com"},
        {"username": "u{}", "email": "u{}@example.com"},
        ("username",),
        {
            **LISTS,
            **PAGES,
            "short_page": st.integers(1, 4),
            "start_index_base": st.just(1),
            "user_missing": st.sampled_from(["inner", "html"]),
        },
    ),
    "learn": Subject(
        mock_learn.Learn,
        lambda road: Learn(
            {"api_url": API, "tenant_id": mock_learn.TENANT, "api_secret": mock_learn.API_SECRET, "scope": "api/all"},
            road,
        ),
        lambda number: {
            "ref": f"R{number}",
            "email": f"u{number}@example.com",
            "status": "inactive" if number % 3 == 0 else "active",
        },
        {"ref": "R{}", "email": "u{}@example.com"},
        ("ref",),
        {
            **LISTS,
            **PAGES,
            "total": st.sampled_from(["high", "low", "page", "absent"]),
            "pagination": st.just(False),
            "list_hides_suspended": st.just(True),
            "statuses": st.just("ignored"),
        },
    ),
    "laurel": Subject(
        mock_laurel.Laurel,
        lambda road: Laurel(
            {
                "api_url": API,
                "customer_id": mock_laurel.CUSTOMER,
                "client_id": mock_laurel.CLIENT_ID,
                "client_secret": mock_laurel.CLIENT_SECRET,
                "api_version": "v2",
            },
            road,
        ),
        lambda number: {
            "email": f"u{number}@example.com",
            "identities": [{"type": "email", "value": f"u{number}@example.com"}] if number % 2 else [],
        },
        {"email": "u{}@example.com"},
        (),
        {**LISTS, "list_v2": st.just(403), "list_shape": st.just("object_when_one")},
    ),
}


class Wire(requests.adapters.BaseAdapter):
    """The way to a mock vendor, without a network."""

    def __init__(self, mock: mocks.Vendor) -> None:
        super().__init__()
        self.mock = mock
        self.sent: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: t.Any, **kwargs: t.Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        body = request.body or b""
        data = body.encode() if isinstance(body, str) else body
        query = f"?{parts.query}" if parts.query else ""
        service = self.mock.services[0]
        call = Call(service, request.method or "", parts.path + query, request.headers, data)
        self.sent.append(f"{call.method} {call.target}")
        came = self.mock.respond(call)
        return Answer(came.status, body=came.body, headers=came.headers).response(request)

    def close(self) -> None:
        return None


class World:
    """A tenant with so many users, whose numbers are from 0, and a list with these switches."""

    def __init__(self, name: str, size: int, switches: Mapping[str, t.Any]) -> None:
        self.subject = SUBJECTS[name]
        self.mock = self.subject.mock()
        self.mock.ready = self.mock.connect(dict.fromkeys(self.mock.services, API))
        self.mock.seed(self.subject.row(number) for number in range(size))
        self.mock.set_switches(switches)
        self.wire = Wire(self.mock)
        self.size = size

    def vendor(self, concurrency: int = 1) -> Vendor:
        return self.subject.vendor(transport(self.wire, FakeClock(), concurrency=concurrency, retries=0))

    def keys(self, named: Sequence[tuple[str, int]]) -> list[Key]:
        return [Key(field, self.subject.keys[field].format(number)) for field, number in named]


@pytest.fixture(autouse=True, scope="module")
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (netex, learn, mock_netex):
            patch.setattr(module, "PAGE", PAGE)
        for vendor in (Netex, Learn):
            patch.setattr(vendor, "page_size", PAGE)
        yield


def is_cut_unseen(name: str, switches: Mapping[str, t.Any]) -> bool:
    """Whether a list is cut short, and no total shows that."""
    shows = {
        "netex": False,
        "learn": switches.get("total", "high") == "high" and switches.get("pagination", True),
        "laurel": "list_v2" not in switches,
    }
    return "list_limit" in switches and not shows[name]


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, int, dict[str, t.Any], list[tuple[str, int]], int]:
    name = draw(st.sampled_from(sorted(SUBJECTS)))
    subject = SUBJECTS[name]
    chosen = draw(st.lists(st.sampled_from(sorted(subject.switches)), unique=True, max_size=3))
    switches = {each: draw(subject.switches[each]) for each in chosen}
    if name == "netex":
        switches.setdefault("max_page", PAGE)
    keys = st.tuples(st.sampled_from(sorted(subject.keys)), st.integers(0, 30))
    named = draw(st.lists(keys, min_size=1, max_size=8, unique_by=lambda each: each[1]))
    return name, draw(st.integers(0, 24)), switches, named, draw(st.sampled_from([1, 4]))


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
@example(("netex", 4, {"beyond_end": "last", "max_page": PAGE}, [("email", 30)], 1))
@example(("netex", 1, {"beyond_end": "first", "max_page": PAGE}, [("email", 30)], 1))
@example(("netex", 12, {"short_page": 2, "max_page": PAGE}, [("email", 11), ("email", 30)], 4))
def test_no_user_with_access_is_missing(
    case: tuple[str, int, dict[str, t.Any], list[tuple[str, int]], int],
) -> None:
    name, size, switches, named, concurrency = case
    world = World(name, size, switches)
    keys = world.keys(named)
    report = Converger(world.vendor(concurrency)).run([UserRequest(key, ABSENT) for key in keys], check_mode=True)
    note(str(world.wire.sent))
    for (field, number), outcome in zip(named, report.outcomes, strict=True):
        hidden = is_cut_unseen(name, switches) and field not in world.subject.second_looks
        if outcome.outcome in (MISSING, UNCHANGED) and outcome.before.state == ABSENT and not hidden:
            assert number >= size, (field, number, outcome)
        if outcome.outcome == FAILED:
            assert outcome.problem is not None
            assert not report.complete


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_no_list_is_complete_that_lacks_anybody(
    case: tuple[str, int, dict[str, t.Any], list[tuple[str, int]], int],
) -> None:
    name, size, switches, _named, concurrency = case
    world = World(name, size, switches)
    view = browse(world.vendor(concurrency), Progress(None, None))
    note(str(world.wire.sent))
    if view.complete and not is_cut_unseen(name, switches):
        assert len(view.sights) == size
        assert size > 0


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_plain_list_proves_who_is_missing(name: str) -> None:
    world = World(name, 12, {})
    results = world.vendor().find(world.keys([("email", 3), ("email", 30)]))
    assert [(len(each.accounts), each.problem) for each in results.values()] == [(1, None), (0, None)]
    assert browse(world.vendor(), Progress(None, None)).complete


FAULTS: list[tuple[str, dict[str, t.Any], str]] = [
    ("netex", {"list": "empty"}, "the list of users is empty"),
    ("netex", {"canary": 404}, "a user of the list cannot be read by user_id"),
    ("netex", {"beyond_end": 400}, "the page after the last one cannot be read"),
    ("netex", {"beyond_end": "first"}, "the list repeats a page instead of ending"),
    ("learn", {"list": "empty", "total": "absent"}, "the list of users is empty"),
    ("learn", {"canary": 404}, "a user of the list cannot be read by user_id"),
    ("learn", {"total": "high"}, "the list states 13 users and shows 12"),
    ("learn", {"list_limit": 7}, "the list states 12 users and shows 7"),
    ("learn", {"beyond_end": 400}, "the page after the last one cannot be read"),
    ("learn", {"pagination": False, "max_page": 4}, "a page that is not the last one is shorter than requested"),
    ("learn", {"statuses": "ignored", "list_hides_suspended": True}, "the list of suspended users shows only others"),
    ("laurel", {"list": "empty"}, "the list of users is empty"),
    ("laurel", {"canary": 404}, "a user of the list cannot be read by user_id"),
    ("laurel", {"list_limit": 7}, "the list states 12 users and shows 7"),
]


@pytest.mark.parametrize(("name", "switches", "reason"), FAULTS, ids=str)
def test_what_a_list_does_not_prove_fails_that_key_alone(name: str, switches: dict[str, t.Any], reason: str) -> None:
    world = World(name, 12, {"max_page": PAGE} | switches if name == "netex" else switches)
    field = "user_id" if name == "laurel" else world.subject.second_looks[0]
    row_id = next(iter(world.mock.store.rows))
    known = Key(field, row_id) if name == "laurel" else world.keys([(field, 0)])[0]
    asked = [known, Key("email", "no-such-user@example.com")]
    report = Converger(world.vendor()).run([UserRequest(key, DEACTIVATED) for key in asked], check_mode=True)
    unknown = report.outcomes[1]
    assert unknown.problem is not None
    assert (unknown.outcome, unknown.problem.code) == (FAILED, "unproven")
    assert reason in unknown.problem.message
    assert not report.complete
    if "canary" not in switches and "list" not in switches:
        assert report.outcomes[0].problem is None


def test_a_list_that_states_users_and_shows_none_is_for_lack_of_rights() -> None:
    world = World("learn", 3, {"list": "empty"})
    (found,) = world.vendor().find([Key("email", "no-such-user@example.com")]).values()
    assert isinstance(found, LookupResult)
    assert found.problem is not None
    assert found.problem.code == "no_rights"
