# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One-time schedules of AWX for leavers: those that should be there, those that are, and what makes them equal.

PRIVATE to the collection. Nothing here sends a request.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ansible_collections.saas.offboarding.plugins.module_utils._clock import parse_time, utc_text
from ansible_collections.saas.offboarding.plugins.module_utils._model import fold
from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._nouns import Leaver
from ._stages import Stage

LATER = timedelta(minutes=1)
"""A schedule runs later than the leave time, because the clock of an execution node may be behind."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""From here on a leave time stands for none."""
MARK = "Made by saas.offboarding.schedule for "
_MARKED = re.compile(rf"{MARK}(?P<email>\S+)(?: \((?P<stage>[^()]+)\))?\.")

CREATED, MOVED, ENABLED, CHANGED, REMOVED, PURGED = "created", "moved", "enabled", "changed", "removed", "purged"
UNCHANGED, ALREADY_DUE, NO_LEAVE_TIME = "unchanged", "already_due", "no_leave_time"
NOT_ON_LIST, NO_SUCH_STAGE, NOT_SCHEDULED, HAS_RUN = "not_on_list", "no_such_stage", "not_scheduled", "has_run"
FAILED, NOT_DONE = "failed", "not_done"
_WOULD = {
    CREATED: "would create",
    MOVED: "would move",
    ENABLED: "would enable",
    CHANGED: "would change",
    REMOVED: "would remove",
    PURGED: "would purge",
}
_WORDS = {HAS_RUN: "its time has passed", NOT_ON_LIST: "kept: not on this list", NO_SUCH_STAGE: "kept: no such stage"}
SHOWN = 20
SHOWN_ROWS = 200

Moments = Sequence[tuple[str, timedelta]]
"""When a leaver has a schedule: the time from the leave time on, with the stage's name. Without stages it has none."""


class Row(t.TypedDict):
    """What comes of one leaver's schedule. ``run_at``: when it runs, or ran, in UTC; ``name``: that of the schedule."""

    leaver: str
    stage: str
    leave_at: str | None
    run_at: str | None
    result: str
    name: str


class Values(t.TypedDict):
    """The fields of a schedule that this playbook sets."""

    name: str
    description: str
    rrule: str
    extra_data: Mapping[str, t.Any]
    enabled: bool
    limit: str | None


@dataclass(frozen=True)
class Existing:
    """A schedule that AWX has on the template. ``email`` (in lower case) and ``stage``: if this playbook made it."""

    id: int
    values: Values
    next_run: datetime | None
    end: datetime | None
    email: str = ""
    stage: str = ""

    @classmethod
    def of(cls, found: Mapping[str, t.Any]) -> Existing:
        """Return a schedule as the API describes it."""
        marked = _MARKED.match(str(found.get("description") or ""))
        values = Values(
            name=str(found["name"]),
            description=str(found.get("description") or ""),
            rrule=str(found["rrule"]),
            extra_data=found.get("extra_data") or {},
            enabled=bool(found["enabled"]),
            limit=found.get("limit") or None,
        )
        return cls(
            id=int(found["id"]),
            values=values,
            next_run=_moment(found.get("next_run")),
            end=_moment(found.get("dtend")),
            email=marked["email"] if marked else "",
            stage=(marked["stage"] or "") if marked else "",
        )

    def is_to_come(self, now: datetime) -> bool:
        """Whether it will run, or would if it were enabled."""
        return self.next_run is not None or (not self.values["enabled"] and (self.end is None or self.end > now))

    @property
    def leave_at(self) -> str | None:
        """The leave time that it carries."""
        people = self.values["extra_data"].get("offboard_leavers") or [{}]
        found = self.values["extra_data"].get("offboard_leave_at") or people[0].get("leave_at")
        return str(found) if found else None

    def row(self, result: str) -> Row:
        moment = self.next_run or self.end
        return Row(
            leaver=self.email,
            stage=self.stage,
            leave_at=self.leave_at,
            run_at=_second(moment),
            result=result,
            name=self.values["name"],
        )


@dataclass(frozen=True)
class Wanted:
    """A schedule that one leaver should have. ``due``: the moment of the stage; None if it never comes."""

    leaver: Leaver
    email: str
    stage: str
    due: datetime | None
    answers: Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"Offboard {self.email}" + (f" ({self.stage})" if self.stage else "")

    def values(self, run_at: datetime) -> Values:
        stage = f" ({self.stage})" if self.stage else ""
        return Values(
            name=self.name,
            description=f"{MARK}{self.email}{stage}. A run of it moves or removes this schedule.",
            rrule=_rule(run_at),
            extra_data=self.answers,
            enabled=True,
            limit=None,
        )

    def row(self, result: str, run_at: datetime | None = None) -> Row:
        return Row(
            leaver=self.leaver["email"],
            stage=self.stage,
            leave_at=self.leaver["leave_at"],
            run_at=_second(run_at),
            result=result,
            name=self.name,
        )


@dataclass
class Step:
    """One row of the result, and the request that it takes: a method of HTTP and the fields, or none.

    ``run_at``: the time that the request sets.
    """

    row: Row
    method: str = ""
    id: int | None = None
    body: Mapping[str, t.Any] | None = None
    run_at: datetime | None = None

    def postpone(self, now: datetime) -> None:
        """Set a later time if the time has come by now: AWX never runs a schedule that was written after its time."""
        if self.run_at and self.run_at < now + LATER:
            self.body = {**(self.body or {}), "rrule": _rule(now + LATER)}
            self.row["run_at"] = _second(now + LATER)


def moments_of(stages: Iterable[Stage]) -> Moments:
    """Return when stages are due, each moment once. It is named after their states, and numbered if that is not one."""
    states: dict[timedelta, list[str]] = {}
    for stage in sorted(stages, key=lambda stage: stage.after):
        states.setdefault(stage.after, []).append(stage.state)
    names: list[str] = []
    for each in states.values():
        name = ", ".join(dict.fromkeys(each))
        number = sum(other == name or other.startswith(f"{name}, ") for other in names) + 1
        names.append(name if number == 1 else f"{name}, {number}")
    return list(zip(names, states, strict=True)) or [("", timedelta())]


def wanted(leaver: Leaver, moments: Moments, answers: Mapping[str, t.Any]) -> Iterator[Wanted]:
    """Yield the schedules of a leaver, one for each stage; without a leave time for the first one alone."""
    for stage, after in moments if leaver["leave_at"] else moments[:1]:
        yield Wanted(leaver, fold(leaver["email"]), stage, _due(leaver, after), answers)


def _due(leaver: Leaver, after: timedelta) -> datetime | None:
    """Return the moment at which a stage of a leaver is due; None if that never comes."""
    if leaver.get("never_due"):
        return None
    if leaver["leave_at"] is None:
        return datetime.min.replace(tzinfo=UTC)
    leave_at = parse_time(leaver["leave_at"], "leave_at")
    return leave_at + after if after < NEVER - leave_at else None


def faults_of(existing: Iterable[Existing], asked: Iterable[Wanted]) -> list[str]:
    """Return what keeps schedules from being found again, or from being made."""
    faults = []
    seen: dict[tuple[str, str], Existing] = {}
    for each in existing:
        other = seen.setdefault((each.email, each.stage), each)
        if each.email and other is not each:
            faults.append(
                f"AWX has two schedules that this playbook made for {each.email}: {other.values['name']!r} and "
                f"{each.values['name']!r}. Delete one of them."
            )
    names = {each.values["name"]: (each.email, each.stage) for each in existing}
    wanted_names = {one.name: one for one in asked}
    taken = [repr(name) for name, one in wanted_names.items() if names.get(name) not in (None, (one.email, one.stage))]
    if taken:
        faults.append(
            f"The template has schedules of these names that this playbook did not make: {some(taken, SHOWN)}. Rename "
            "or delete them in AWX."
        )
    return faults


def scheduling(
    asked: Sequence[Wanted], existing: Sequence[Existing], now: datetime, *, runs_due: bool = False
) -> list[Step]:
    """Return the steps after which each leaver of a list has the schedules that the list asks for.

    ``runs_due``: a leaver who is already due gets a schedule that runs at once, unless there was one for this time.
    """
    there = {(each.email, each.stage): each for each in existing if each.email}
    listed: set[str] = set()
    steps = []
    for each in asked:
        found = there.pop((each.email, each.stage), None)
        if each.email not in listed and found is None:
            found = there.pop((each.email, ""), None)  # made before there were stages
        listed.add(each.email)
        if each.due is None:
            steps.append(Step(each.row(NO_LEAVE_TIME, found.next_run if found else None)))
        elif each.due <= now and runs_due and found and _covers(found, each):
            # With its id, so that it is not purged: the leaver would be scheduled again.
            steps.append(Step(each.row(ALREADY_DUE, found.next_run), id=found.id))
        elif each.due <= now and not runs_due:
            steps.append(Step(each.row(ALREADY_DUE, found.next_run if found else None)))
        else:
            steps.append(_settled(each, max(each.due, now) + LATER, found))
    steps += [
        Step(found.row(NO_SUCH_STAGE if found.email in listed else NOT_ON_LIST))
        for found in there.values()
        if found.is_to_come(now)
    ]
    return steps


def withdrawing(leavers: Iterable[Leaver], existing: Sequence[Existing], now: datetime) -> list[Step]:
    """Return the steps after which no schedule of these leavers is to come."""
    there: dict[str, list[Existing]] = {}
    for each in existing:
        there.setdefault(each.email, []).append(each)
    steps = []
    for leaver in leavers:
        for found in there.get(fold(leaver["email"]), ()):
            if found.is_to_come(now):
                steps.append(Step(found.row(REMOVED), "DELETE", found.id))
            else:
                steps.append(Step(found.row(HAS_RUN)))
        if fold(leaver["email"]) not in there:
            steps.append(Step(Wanted(leaver, fold(leaver["email"]), "", None).row(NOT_SCHEDULED)))
    return steps


def purging(existing: Iterable[Existing], steps: Iterable[Step], before: datetime, now: datetime) -> list[Step]:
    """Return the steps after which no schedule is left of which the time passed before a moment."""
    used = {step.id for step in steps}
    return [
        Step(each.row(PURGED), "DELETE", each.id)
        for each in existing
        if each.email and each.id not in used and not each.is_to_come(now) and each.end and each.end < before
    ]


def _covers(found: Existing, asked: Wanted) -> bool:
    """Whether a schedule was made for the leave time of a leaver, and was not switched off."""
    return found.leave_at == asked.leaver["leave_at"] and found.values["enabled"]


def _settled(asked: Wanted, run_at: datetime, found: Existing | None) -> Step:
    """Return the step after which a schedule is as it was asked for."""
    values = asked.values(run_at)
    if found is None:
        body = {name: value for name, value in values.items() if name != "limit"}
        return Step(asked.row(CREATED, run_at), "POST", None, body, run_at)
    differing = {name: value for name, value in values.items() if found.values[name] != value}  # type: ignore[literal-required]
    if not differing:
        return Step(asked.row(UNCHANGED, run_at))
    result = MOVED if "rrule" in differing else ENABLED if "enabled" in differing else CHANGED
    return Step(asked.row(result, run_at), "PATCH", found.id, differing, run_at if "rrule" in differing else None)


def lines(rows: Sequence[Row], template: str, check_mode: bool) -> list[str]:
    """Return what the console shows: a table, the counts, and who needs the attention of a person."""
    listed = [row for row in rows if row["result"] != NOT_ON_LIST]
    # Those of which nothing changes come last, where a long table ends.
    listed.sort(key=lambda row: row["result"] == UNCHANGED)
    found = dict.fromkeys(row["result"] for row in rows)
    people = {result: [row["leaver"] for row in rows if row["result"] == result] for result in found}
    counts = ", ".join(f"{len(names)} {_word(result, check_mode)}" for result, names in people.items())
    return [
        *_table(listed[:SHOWN_ROWS], check_mode),
        *([f"and {len(listed) - SHOWN_ROWS} more"] if len(listed) > SHOWN_ROWS else []),
        f"Schedules of {template}: {counts or 'none'}.",
        *(f"{text}: {some(people[result], SHOWN)}. {advice}" for result, text, advice in _NOTES if result in people),
    ]


def _table(rows: Sequence[Row], check_mode: bool) -> list[str]:
    with_stages = any(row["stage"] for row in rows)
    cells = [["leaver", "stage", "leave time", "run at (UTC)", "result"]] if rows else []
    for row in rows:
        times = (row["leave_at"] or "", row["run_at"] or "")
        cells.append([row["leaver"], row["stage"], *times, _word(row["result"], check_mode)])
    if not with_stages:
        cells = [[leaver, *others] for leaver, _stage, *others in cells]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]


_NOTES = (
    (
        ALREADY_DUE,
        "Already due, so that nothing is scheduled",
        "Run saas.offboarding.offboard for them, if that was not done.",
    ),
    (NO_LEAVE_TIME, "Without a leave time, so that nothing is scheduled", "A schedule that they have is kept."),
    (
        NOT_ON_LIST,
        "Still scheduled, and not on this list",
        "Set offboard_schedule_state to absent for a leaver who was withdrawn.",
    ),
    (NOT_SCHEDULED, "Had no schedule that could be removed", "Compare the e-mail address."),
    (
        HAS_RUN,
        "Withdrawn after the time of the schedule",
        "Look at its job; saas.offboarding.reinstate reopens accounts.",
    ),
)


def _rule(run_at: datetime) -> str:
    return f"DTSTART:{run_at:%Y%m%dT%H%M%SZ} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"


def _word(result: str, check_mode: bool) -> str:
    return (_WOULD.get(result) if check_mode else None) or _WORDS.get(result) or result.replace("_", " ")


def _moment(value: t.Any) -> datetime | None:
    return parse_time(value, "AWX: a time of a schedule") if value else None


def _second(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment, "seconds")
