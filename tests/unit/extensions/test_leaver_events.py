# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The filter of events, loaded as ansible-rulebook loads it, and the rulebooks that build on it."""

from __future__ import annotations

import json
import re
import runpy
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    EXPRESSION_MARKS,
    read_addresses,
    read_leavers,
)

REPOSITORY = Path(__file__).parents[3]
RULEBOOKS = sorted((REPOSITORY / "extensions" / "eda" / "rulebooks").glob("*.yml"))
REGISTER = REPOSITORY / "extensions" / "eda" / "rulebooks" / "leavers.yml"
FILTER = REPOSITORY / "extensions" / "eda" / "plugins" / "event_filter" / "leaver.py"
AT = "2026-11-30T18:00:00+01:00"
JANE = {"email": "jane@example.com", "leave_at": AT}


def started() -> Callable[[Any], dict[str, Any]]:
    """Return the filter as ansible-rulebook has it after its start."""
    found: Callable[[Any], dict[str, Any]] = runpy.run_path(str(FILTER))["main"]
    return found


def leaver_event(event: Any) -> dict[str, Any]:
    """Return what the filter makes of the first event after its start."""
    return started()(event)


def test_an_event_is_put_into_one_form() -> None:
    payload = {
        "leaver": {"email": " Jane.O'Neil+x@Example.COM ", "leave_at": AT, "name": "Jane"},
        "reason": "it's over \U0001f44b",
        "ticket": "4711",
        "more": {},
    }
    assert leaver_event({"payload": payload, "meta": {"headers": {"Cookie": "secret"}}}) == {
        "request": "close" if datetime.fromisoformat(AT) <= datetime.now(UTC) else "schedule",
        "leaver": {"email": "jane.o'neil+x@example.com", "leave_at": "2026-11-30T17:00:00Z"},
        "reason": "it's over \ufffd",
        "ticket": "4711",
    }


@pytest.mark.parametrize("remarks", [{}, {"reason": None, "ticket": None}, {"reason": " ", "ticket": ""}])
def test_reason_and_ticket_may_be_left_out(remarks: dict[str, Any]) -> None:
    event = leaver_event({"payload": {"leaver": JANE, **remarks}})
    assert (event["reason"], event["ticket"]) == ("", "")


PAST, FUTURE = "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("payload", "request_", "leave_at"),
    [
        ({"leaver": JANE | {"leave_at": PAST}}, "close", PAST),
        ({"leaver": JANE | {"leave_at": FUTURE}}, "schedule", FUTURE),
        ({"leaver": JANE | {"leave_at": FUTURE}, "withdrawn": False}, "schedule", FUTURE),
        ({"leaver": {"email": "jane@example.com"}, "withdrawn": True}, "withdraw", ""),
        ({"leaver": JANE | {"leave_at": "soon"}, "withdrawn": True, "ticket": "HR-1"}, "withdraw", ""),
    ],
)
def test_an_event_asks_for_one_of_three_things(payload: Any, request_: str, leave_at: str) -> None:
    event = leaver_event({"payload": payload})
    assert event == {
        "request": request_,
        "leaver": {"email": "jane@example.com", "leave_at": leave_at},
        "reason": "",
        "ticket": payload.get("ticket", ""),
    }


def leaving(leave_at: str, **more: Any) -> dict[str, Any]:
    return {"payload": {"leaver": {"email": "jane@example.com", "leave_at": leave_at}, **more}}


WITHDRAWN = {"payload": {"leaver": {"email": "JANE@example.com"}, "withdrawn": True}}
LATER = "2999-02-01T00:00:00Z"


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ([leaving(FUTURE), leaving("2999-01-01T01:00:00+01:00")], [0]),
        ([leaving(FUTURE), leaving(LATER), leaving(FUTURE)], [0, 1, 2]),
        ([leaving(FUTURE), WITHDRAWN, leaving(FUTURE), WITHDRAWN, WITHDRAWN], [0, 1, 2, 3]),
        ([leaving(FUTURE), leaving(FUTURE, ticket="HR-1")], [0, 1]),
        ([leaving(FUTURE), {"payload": {"leaver": {}}}, leaving(FUTURE)], [0, 1]),
    ],
)
def test_only_an_event_that_repeats_the_last_one_of_its_leaver_is_dropped(events: list[Any], kept: list[int]) -> None:
    leaver_event = started()
    found = []
    for event in events:
        found.append(leaver_event(event))
        found[-1]["meta"] = {"received_at": "now"}  # as ansible-rulebook does
    assert [number for number, event in enumerate(found) if "repeated" not in event] == kept
    assert {event["repeated"] for event in found if "repeated" in event} <= {"jane@example.com"}


def test_an_event_is_new_again_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    leaver_event = started()
    now = time.monotonic()
    assert "leaver" in leaver_event(leaving(FUTURE))
    assert "repeated" in leaver_event(leaving(FUTURE))
    monkeypatch.setattr(time, "monotonic", lambda: now + 3700)
    assert "leaver" in leaver_event(leaving(FUTURE))


def test_an_event_is_new_when_its_leave_time_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    leaver_event = started()
    soon = (datetime.now(UTC) + timedelta(seconds=0.3)).isoformat()
    assert leaver_event(leaving(soon))["request"] == "schedule"
    time.sleep(0.4)
    assert leaver_event(leaving(soon))["request"] == "close"


def test_those_who_left_earlier_are_forgotten() -> None:
    names = runpy.run_path(str(FILTER))["main"].__globals__
    times = iter(range(0, 9000, 1000))
    names["time"] = SimpleNamespace(monotonic=lambda: next(times))
    for number in range(9):
        names["main"]({"payload": {"leaver": {"email": f"left{number}@example.com", "leave_at": PAST}}})
        assert len(names["_last"]) <= 4


MORE_THAN_AN_ADDRESS = [
    "b'jane@example.com'",
    "'jane@example.com'",
    "'jane'@example.com",
    '"jane@example.com"',
    "['jane@example.com']",
    "[jane@example.com]",
    "{jane@example.com}",
    "`jane@example.com`",
    "jane\\x40@example.com",
    "#jane@example.com",
]

REFUSED: list[tuple[Any, str]] = [
    (None, "it has no object leaver"),
    ([{"leaver": JANE}], "it has no object leaver"),
    ({"leaver": "jane@example.com"}, "it has no object leaver"),
    ({"leaver": {"leave_at": AT}}, "leaver.email is missing"),
    ({"leaver": JANE | {"email": ["jane@example.com"]}}, "leaver.email is not a text"),
    ({"leaver": JANE | {"email": ""}}, "leaver.email is not an e-mail address"),
    ({"leaver": JANE | {"email": "jane"}}, "leaver.email is not an e-mail address"),
    ({"leaver": JANE | {"email": "a@example.com,b@example.com"}}, "leaver.email is not an e-mail address"),
    ({"leaver": JANE | {"email": "\U0001f44b@example.com"}}, "leaver.email is not an e-mail address"),
    *(({"leaver": JANE | {"email": email}}, "leaver.email is not an e-mail address") for email in MORE_THAN_AN_ADDRESS),
    ({"leaver": JANE | {"email": "jane@example.com\nsam@example.com"}}, "leaver.email holds a control or an invisible"),
    ({"leaver": JANE | {"email": "{{x}}@example.com"}}, "leaver.email holds the beginning of an expression"),
    ({"leaver": JANE | {"email": f"{'j' * 200}@example.com"}}, "leaver.email is longer than 200 characters"),
    ({"leaver": {"email": "jane@example.com"}}, "leaver.leave_at is missing"),
    ({"leaver": JANE | {"leave_at": 1796054400}}, "leaver.leave_at is not a text"),
    ({"leaver": JANE | {"leave_at": "2026-11-30T18:00:00"}}, "leaver.leave_at is not a time in ISO 8601 with zone"),
    ({"leaver": JANE | {"leave_at": "soon"}}, "leaver.leave_at is not a time in ISO 8601 with zone"),
    (
        {"leaver": JANE | {"leave_at": "0001-01-01T00:00:00+14:00"}},
        "leaver.leave_at is not a time in ISO 8601 with zone",
    ),
    ({"leaver": JANE, "withdrawn": "true"}, "withdrawn is neither true nor false"),
    ({"leaver": JANE, "withdrawn": 1}, "withdrawn is neither true nor false"),
    ({"leaver": JANE, "withdrawn": None}, "withdrawn is neither true nor false"),
    ({"leaver": JANE | {"withdrawn": True}}, "withdrawn belongs beside leaver, not into it"),
    ({"leaver": {"email": "jane"}, "withdrawn": True}, "leaver.email is not an e-mail address"),
    ({"leaver": JANE, "reason": "{% raw %}"}, "reason holds the beginning of an expression"),
    ({"leaver": JANE, "reason": "{#"}, "reason holds the beginning of an expression"),
    ({"leaver": JANE, "reason": "$ANSIBLE_VAULT;1.1;AES256"}, "reason holds the beginning of an expression"),
    ({"leaver": JANE, "ticket": 4711}, "ticket is not a text"),
    ({"leaver": JANE, "ticket": "\ud800"}, "ticket holds a control or an invisible character"),
]


@pytest.mark.parametrize(("payload", "words"), REFUSED)
def test_what_is_not_as_described_is_refused(payload: Any, words: str) -> None:
    refused = leaver_event({"payload": payload})
    assert list(refused) == ["refused"]
    assert refused["refused"].startswith(words)


ODD = "b1#'\"`\\[](){}"
odd_addresses = st.builds("{}@{}".format, *[st.text(ODD, min_size=1, max_size=5)] * 2)
quoted_addresses = st.sampled_from(["'{}'", "b'{}'", '"{}"', "['{}']", "{{'{}'}}", "1#{}", "#{}"]).map(
    lambda form: form.format(JANE["email"])
)
addresses = st.from_regex(r"[^@\s]{1,9}@[^@\s]{1,9}", fullmatch=True) | odd_addresses | quoted_addresses
texts = st.one_of(st.text(), addresses, st.sampled_from([AT, "{{ x }}", "{%"]))
values = st.recursive(st.none() | st.booleans() | st.integers() | texts, st.lists, max_leaves=3)
payloads = st.one_of(
    st.fixed_dictionaries({"leaver": st.fixed_dictionaries({"email": addresses, "leave_at": st.just(AT)})}),
    st.fixed_dictionaries(
        {"leaver": st.fixed_dictionaries({"email": values, "leave_at": st.just(AT) | values}) | values},
        optional={"reason": values, "ticket": values},
    ),
)


@given(payloads)
def test_what_is_let_through_is_no_expression_and_the_role_takes_it(payload: Any) -> None:
    event = leaver_event({"payload": payload, "meta": {"endpoint": "{{ x }}"}})
    assert not any(mark in json.dumps(event, ensure_ascii=False) for mark in EXPRESSION_MARKS)
    if "refused" not in event:
        (leaver,) = read_leavers([event["leaver"]], "an event").leavers
        assert {name: leaver[name] for name in ("email", "leave_at")} == event["leaver"]
        assert read_addresses(leaver["email"], leaver["leave_at"], "a survey").leavers == [leaver]
        assert not set(leaver["email"]) & set('"`\\[]{}')
        assert not leaver["email"].startswith("'")
        assert "'" not in leaver["email"].partition("@")[2]


@pytest.fixture(scope="module")
def options() -> dict[str, Any]:
    specs = yaml.safe_load((REPOSITORY / "roles" / "offboard" / "meta" / "argument_specs.yml").read_text("utf-8"))
    found: dict[str, Any] = specs["argument_specs"]["variables"]["options"]
    return found


@cache
def ruleset(path: Path) -> dict[str, Any]:
    (found,) = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def extra_vars(action: dict[str, Any]) -> dict[str, Any]:
    (arguments,) = action.values()
    found: dict[str, Any] = arguments.get("job_args", arguments)["extra_vars"]
    return found


def starting(path: Path) -> list[dict[str, Any]]:
    """Return the rules that start something."""
    rules: list[dict[str, Any]] = ruleset(path)["rules"]
    refuse = rules[-1]
    assert refuse["condition"] == "event.refused is defined"
    return rules[:-1]


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_rulebooks_name_only_variables_of_the_role_and_texts_of_the_filter(path: Path, options: dict[str, Any]) -> None:
    for rule in starting(path):
        given_to_the_role = extra_vars(rule["action"])
        assert set(given_to_the_role) <= set(options)
        named = set(re.findall(r"event\.([a-z_.]+)", json.dumps(given_to_the_role)))
        assert named <= {"leaver.email", "leaver.leave_at", "reason", "ticket"}
        assert {"leaver.email", "reason", "ticket"} <= named


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_a_withdrawal_closes_no_account(path: Path) -> None:
    for rule in starting(path):
        assert "event.request" in rule["condition"]
        assert "throttle" not in rule
        if "withdraw" in rule["condition"]:
            state = "offboard_register_state" if path == REGISTER else "offboard_schedule_state"
            assert extra_vars(rule["action"])[state] == "absent"


MORE_THAN_A_TEXT = ["1#jane@example.com", "4711", "None", "(1, 2)", 'it\'s "over"\\']


def rendered(value: Any, event: dict[str, Any]) -> Any:
    """What ansible-rulebook makes of the arguments of an action."""
    if isinstance(value, dict):
        return {name: rendered(each, event) for name, each in value.items()}
    if isinstance(value, list):
        return [rendered(each, event) for each in value]
    if not isinstance(value, str):
        return value
    return NativeEnvironment(undefined=StrictUndefined).from_string(value).render(event=event)


def assert_handed_on_as_it_is(event: dict[str, Any]) -> None:
    remarks = {f"offboard_{name}": event[name] for name in ("reason", "ticket")}
    email, leave_at = event["leaver"]["email"], event["leaver"]["leave_at"]
    close, enter, withdraw = (rendered(extra_vars(rule["action"]), event) for rule in starting(REGISTER))
    assert enter == {"offboard_leavers": [{"email": email, "leave_at": leave_at}], **remarks}
    assert close == {**enter, "offboard_register_run": True}
    assert withdraw == {"offboard_leavers": [{"email": email}], "offboard_register_state": "absent", **remarks}
    for path in RULEBOOKS:
        if path != REGISTER:
            of_awx = rendered(extra_vars(starting(path)[0]["action"]), event)
            assert of_awx == {"offboard_leavers_text": email, "offboard_leave_at": leave_at, **remarks}


@pytest.mark.parametrize("text", [*MORE_THAN_AN_ADDRESS, *MORE_THAN_A_TEXT])
def test_rulebooks_hand_each_text_on_as_it_is(text: str) -> None:
    """Also those that the filter refuses."""
    assert_handed_on_as_it_is({"leaver": {"email": text, "leave_at": text}, "reason": text, "ticket": text})


@given(payloads)
def test_rulebooks_hand_on_what_the_filter_lets_through(payload: Any) -> None:
    event = leaver_event({"payload": payload})
    if "refused" not in event:
        assert_handed_on_as_it_is(event)


def test_rulebooks_differ_in_what_they_start_alone() -> None:
    assert [path.stem for path in RULEBOOKS] == ["leavers", "leavers_awx", "leavers_awx_workflow"]
    sources = [ruleset(path)["sources"] for path in RULEBOOKS]
    assert sources[0] == sources[1] == sources[2]
    assert sources[0][0]["filters"] == [{"saas.offboarding.leaver": None}]
