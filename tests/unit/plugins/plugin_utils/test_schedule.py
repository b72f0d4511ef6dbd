# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Schedules for leavers: whatever AWX has, a run makes them as the list asks, and a second run writes nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Leaver
from ansible_collections.saas.offboarding.plugins.plugin_utils._schedule import (
    Existing,
    Moments,
    Step,
    Wanted,
    faults_of,
    lines,
    moments_of,
    purging,
    scheduling,
    wanted,
    withdrawing,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._scheduler import Template, carry_out
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stage
from awx.schedules import times

NOW = datetime(2026, 11, 30, 17, tzinfo=UTC)
PEOPLE = ["jane@example.com", "sam@example.com", "o'neil@example.com", "kim+1@sub.example.com"]
TIMES = [NOW - timedelta(days=400), NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)]
TIMES += [NOW + timedelta(days=40, microseconds=7), NOW + timedelta(days=4000), datetime(9999, 12, 31, 23, tzinfo=UTC)]
STAGES: list[list[Stage]] = [
    [],
    [Stage("deactivated"), Stage("absent", timedelta(days=30))],
    [
        Stage("locked", timedelta(), ("zitadel",)),
        Stage("deactivated", timedelta(), ("netex",)),
        Stage("absent", NOW - NOW),
    ],
    [Stage("deactivated", timedelta(), ("netex",)), Stage("deactivated", timedelta(days=7), ("laurel",))],
]
AN_HOUR = timedelta(hours=1)


class Awx:
    """The schedules of one template, as the API describes them."""

    def __init__(self) -> None:
        self.found: dict[int, dict[str, Any]] = {}

    def add(self, **fields: Any) -> int:
        number = len(self.found) + 1
        self.found[number] = {
            "id": number,
            "description": "",
            "extra_data": {},
            "enabled": True,
            "limit": None,
            **fields,
        }
        return number

    def existing(self, now: datetime = NOW) -> list[Existing]:
        return [Existing.of({**each, **times(each, now)}) for each in self.found.values()]

    def carry_out(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if step.method == "POST":
                assert step.body is not None
                self.add(**copy.deepcopy(dict(step.body)))
            elif step.method:
                assert step.id is not None
                if step.method == "DELETE":
                    del self.found[step.id]
                else:
                    self.found[step.id] |= copy.deepcopy(dict(step.body or {}))
        names = [each["name"] for each in self.found.values()]
        assert len(names) == len(set(names)), "AWX has a name once"


def asked(people: Sequence[dict[str, Any]], moments: Moments) -> list[Wanted]:
    found = read_leavers([dict(each) for each in people], "list").leavers if people else []
    return [each for leaver in found for each in wanted(leaver, moments, {"offboard_leave_at": leaver["leave_at"]})]


def leaves(email: str, leave_at: datetime) -> dict[str, Any]:
    return {"email": email, "leave_at": leave_at.isoformat()}


def rule(moment: datetime) -> str:
    return f"DTSTART:{moment:%Y%m%dT%H%M%SZ} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"


spelt = st.sampled_from(PEOPLE).flatmap(lambda email: st.sampled_from([email, email.upper()]))
lists = st.lists(
    st.builds(leaves, spelt, st.sampled_from(TIMES)), unique_by=lambda each: each["email"].lower(), min_size=1
)
edits = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.just(False),
        "name": st.just("renamed"),
        "rrule": st.sampled_from([rule(moment) for moment in TIMES[:-1]]),
        "extra_data": st.just({"offboard_leavers_text": "x"}),
        "limit": st.just("netex"),
    },
)


@given(
    before=lists,
    now_listed=lists,
    stages=st.lists(st.sampled_from(STAGES), min_size=2, max_size=2),
    edited=st.lists(edits, max_size=8),
    runs_due=st.booleans(),
)
def test_whatever_awx_has_the_schedules_are_as_the_list_asks(
    before: list[dict[str, Any]],
    now_listed: list[dict[str, Any]],
    stages: list[list[Stage]],
    edited: list[dict[str, Any]],
    runs_due: bool,
) -> None:
    awx = Awx()
    awx.carry_out(scheduling(asked(before, moments_of(stages[0])), [], NOW - AN_HOUR))
    for number, edit in enumerate(edited, 1):
        if number in awx.found:
            awx.found[number] |= {**edit, **({"name": f"renamed {number}"} if "name" in edit else {})}
    theirs = awx.add(name="theirs", rrule=rule(NOW + AN_HOUR), description="nightly")
    start = copy.deepcopy(awx.found)
    people = asked(now_listed, moments_of(stages[1]))
    assert faults_of(awx.existing(), people) == []

    steps = scheduling(people, awx.existing(), NOW, runs_due=runs_due)
    awx.carry_out(steps)

    assert not [step for step in scheduling(people, awx.existing(), NOW, runs_due=runs_due) if step.method]
    assert awx.found[theirs] == start[theirs]
    assert set(start) <= set(awx.found), "nothing is removed"
    emails = {each.email for each in people}
    for each in awx.existing():
        if each.email not in emails and each.id in start:
            assert awx.found[each.id] == start[each.id]
    for one in people:
        if one.due is None or one.due <= NOW:
            continue
        at = f"{one.due + timedelta(minutes=1):%Y%m%dT%H%M%SZ}"
        (each,) = [each for each in awx.existing() if (each.email, each.stage) == (one.email, one.stage)]
        assert (each.values["enabled"], each.values["limit"]) == (True, None)
        assert each.values["rrule"].startswith(f"DTSTART:{at} ")
        assert each.next_run is not None
        assert each.values["name"] == one.name
    assert len([step for step in steps if step.row["leaver"].lower() in emails]) >= len(people)


@given(before=lists, withdrawn=lists, stages=st.sampled_from(STAGES))
def test_a_withdrawal_removes_what_is_to_come_of_these_leavers_alone(
    before: list[dict[str, Any]], withdrawn: list[dict[str, Any]], stages: list[Stage]
) -> None:
    awx = Awx()
    awx.carry_out(scheduling(asked(before, moments_of(stages)), [], NOW - AN_HOUR))
    awx.add(name="theirs", rrule=rule(NOW + AN_HOUR), description="")
    start = copy.deepcopy(awx.found)
    leavers: list[Leaver] = read_leavers(withdrawn, "list").leavers
    names = {leaver["email"].lower() for leaver in leavers}

    awx.carry_out(withdrawing(leavers, awx.existing(), NOW))

    assert not [each for each in awx.existing() if each.email in names and each.is_to_come(NOW)]
    assert not [step for step in withdrawing(leavers, awx.existing(), NOW) if step.method]
    gone = set(start) - set(awx.found)
    assert all(Existing.of({**start[number], **times(start[number], NOW)}).email in names for number in gone)
    assert {number: each for number, each in start.items() if number not in gone} == awx.found


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        (STAGES[0], [("", timedelta())]),
        (STAGES[1], [("deactivated", timedelta()), ("absent", timedelta(days=30))]),
        (STAGES[2], [("locked, deactivated, absent", timedelta())]),
        (STAGES[3], [("deactivated", timedelta()), ("deactivated, 2", timedelta(days=7))]),
    ],
)
def test_stages_that_are_due_together_are_one_moment(stages: list[Stage], expected: Moments) -> None:
    assert moments_of(stages) == expected


def test_stages_that_come_later_take_over_the_schedule_that_was_there() -> None:
    awx = Awx()
    people = [leaves(PEOPLE[0], TIMES[4])]
    awx.carry_out(scheduling(asked(people, moments_of([])), [], NOW))
    steps = scheduling(asked(people, moments_of(STAGES[1])), awx.existing(), NOW)
    assert [(step.method, step.row["result"]) for step in steps] == [("PATCH", "changed"), ("POST", "created")]
    awx.carry_out(steps)
    back = scheduling(asked(people, moments_of([])), awx.existing(), NOW)
    assert [step.row["result"] for step in back] == ["created", "no_such_stage", "no_such_stage"]


def test_two_of_one_leaver_and_a_name_that_is_taken_are_faults() -> None:
    awx = Awx()
    people = [leaves(PEOPLE[0], TIMES[4]), leaves(PEOPLE[1], TIMES[4])]
    one = asked(people, moments_of([]))
    awx.carry_out(scheduling(one, [], NOW))
    awx.add(**{**awx.found[1], "id": 3, "name": "a copy"})
    awx.found[2]["description"] = "changed by hand"
    (double, taken) = faults_of(awx.existing(), one)
    assert "two schedules that this playbook made for jane@example.com" in double
    assert "'Offboard sam@example.com'" in taken


def test_only_what_ran_long_ago_is_purged() -> None:
    awx = Awx()
    ago = [timedelta(days=100), timedelta(days=80), timedelta(days=-100)]
    for email, each in zip(PEOPLE, ago, strict=False):
        people = asked([leaves(email, NOW - each)], moments_of([]))
        awx.carry_out(scheduling(people, awx.existing(NOW - timedelta(days=200)), NOW - timedelta(days=200)))
    awx.add(name="theirs", rrule=rule(NOW - timedelta(days=300)), description="")
    steps = purging(awx.existing(), [], NOW - timedelta(days=90), NOW)
    assert [(step.method, step.row["leaver"], step.row["result"]) for step in steps] == [
        ("DELETE", PEOPLE[0], "purged")
    ]


def test_a_leaver_on_the_list_runs_once_though_past_schedules_are_purged() -> None:
    """Of leavers who are due, `run` must still see the schedule that ran; with `report` it has no use."""
    awx = Awx()
    people = asked([leaves(PEOPLE[0], NOW - timedelta(days=100))], moments_of([]))
    awx.carry_out(scheduling(people, [], NOW - timedelta(days=100), runs_due=True))
    for runs_due, purged in ((True, []), (False, [PEOPLE[0]])):
        steps = scheduling(people, awx.existing(), NOW, runs_due=runs_due)
        assert [step.method for step in steps] == [""]
        rows = [step.row["leaver"] for step in purging(awx.existing(), steps, NOW - timedelta(days=90), NOW)]
        assert rows == purged


class SlowAwx:
    """A conversation in which each write takes a minute."""

    def __init__(self) -> None:
        self.now = NOW
        self.starts: list[str] = []

    def write(self, _method: str, _place: str, body: Mapping[str, Any]) -> None:
        self.starts.append(body["rrule"].partition(" ")[0])
        self.now += timedelta(minutes=1)


def test_a_schedule_that_is_written_late_runs_all_the_same() -> None:
    """AWX never runs one that is written after its time, and a thousand writes take minutes."""
    soon = NOW + timedelta(seconds=30)
    people = asked([leaves(PEOPLE[0], NOW), *(leaves(email, soon) for email in PEOPLE[1:])], moments_of([]))
    steps = scheduling(people, [], NOW, runs_due=True)
    awx = SlowAwx()
    template = Template(1, "the workflow 'x'", None, frozenset())
    assert carry_out(cast(Any, awx), template, steps, lambda: awx.now) == []
    assert awx.starts == [f"DTSTART:20261130T17{time}Z" for time in ("0100", "0200", "0300", "0400")]
    assert [step.row["run_at"] for step in steps] == [f"2026-11-30T17:0{minute}:00Z" for minute in (1, 2, 3, 4)]


def test_a_leaver_who_stays_has_no_schedule() -> None:
    leaver: Leaver = {"email": PEOPLE[0], "leave_at": None, "row": 1, "accounts": {}, "never_due": True}
    (step,) = scheduling(list(wanted(leaver, moments_of([]), {})), [], NOW)
    assert (step.row["result"], step.method) == ("no_leave_time", "")
    due: Leaver = {"email": PEOPLE[0], "leave_at": None, "row": 1, "accounts": {}}
    (step,) = scheduling(list(wanted(due, moments_of(STAGES[1]), {})), [], NOW)
    assert (step.row["result"], step.method) == ("already_due", "")


def test_who_is_due_now_and_scheduled_for_another_day_is_not_said_to_have_no_schedule() -> None:
    awx = Awx()
    awx.carry_out(scheduling(asked([leaves(PEOPLE[0], TIMES[4])], moments_of([])), [], NOW))
    (step,) = scheduling(asked([leaves(PEOPLE[0], TIMES[1])], moments_of([])), awx.existing(), NOW)
    assert (step.row["run_at"], step.method) == ("2027-01-09T17:01:00Z", "")
    assert lines([step.row], "the workflow 'x'", check_mode=False)[-1].startswith(
        "Already due, so that nothing is scheduled: jane@example.com. "
    )


def test_the_table_names_what_a_person_has_to_know() -> None:
    awx = Awx()
    awx.carry_out(scheduling(asked([leaves(PEOPLE[1], TIMES[4])], moments_of([])), [], NOW))
    rows = [step.row for step in scheduling(asked([leaves(PEOPLE[0], TIMES[4])], moments_of([])), awx.existing(), NOW)]
    advice = "Set offboard_schedule_state to absent for a leaver who was withdrawn."
    assert lines(rows, "the workflow 'x'", check_mode=True) == [
        "leaver            leave time                   run at (UTC)          result",
        "jane@example.com  2027-01-09T17:00:00.000007Z  2027-01-09T17:01:00Z  would create",
        "Schedules of the workflow 'x': 1 would create, 1 kept: not on this list.",
        f"Still scheduled, and not on this list: sam@example.com. {advice}",
    ]
