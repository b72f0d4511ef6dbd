# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages of closing an account: deactivated at the leave time, deleted after the retention time.

PRIVATE to the collection. Without `offboard_stages` a tenant has one stage, which is due at the leave time.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from ansible_collections.saas.offboarding.plugins.module_utils._clock import utc_text
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    CLOSED_STATES,
    DEACTIVATED,
    LOCKED,
)
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from ._leavers import parse_duration, parse_time
from ._nouns import Leaver, Person, StageDue, StagesOfLeaver

FIELDS = ("state", "after", "vendors")
CLOSEDNESS = (LOCKED, DEACTIVATED, ABSENT)
"""The states of stages: an account goes to a later one of these only."""
_WITH_UNITS = re.compile(r"(?=.)(\d+d)?(\d+h)?(\d+m)?(\d+s)?", re.IGNORECASE)
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Stage:
    """A state, and how long after the leave time it is due. ``vendors``: the vendors or tenants that have it; all."""

    state: str
    after: timedelta = timedelta()
    vendors: tuple[str, ...] = ()

    def due_at(self, leave_at: datetime) -> datetime:
        """Return the moment at which the stage is due; the last one of the calendar if it is beyond that."""
        return leave_at + self.after if leave_at <= _END - self.after else _END

    def as_parameter(self) -> dict[str, t.Any]:
        """Return the stage as it is written in offboard_stages. The time is in seconds."""
        return {
            "state": self.state,
            "after": f"{round(self.after.total_seconds())}s",
            **({"vendors": list(self.vendors)} if self.vendors else {}),
        }


@dataclass(frozen=True)
class Stages:
    """The stages of one tenant in the order of time. ``are_given``: by offboard_stages."""

    stages: tuple[Stage, ...]
    are_given: bool = False

    @classmethod
    def once(cls, state: str) -> Stages:
        """Return the one stage of a run without offboard_stages."""
        return cls((Stage(state),))

    def due(self, leaver: Leaver, moment: datetime) -> Stage | None:
        """Return the last stage that is due for a leaver; None before the first.

        A leaver without a leave time has the first stage only, which is due.
        """
        if leaver.get("never_due"):
            return None
        if leaver["leave_at"] is None:
            return self.stages[0]
        leave_at = parse_time(leaver["leave_at"], "leave_at")
        return next((stage for stage in reversed(self.stages) if stage.due_at(leave_at) <= moment), None)

    def following(self, leaver: Leaver, moment: datetime) -> Stage | None:
        """Return the next stage that becomes due for a leaver; None after the last."""
        if leaver["leave_at"] is None:
            return None
        leave_at = parse_time(leaver["leave_at"], "leave_at")
        return next((stage for stage in self.stages if stage.due_at(leave_at) > moment), None)

    def states(self, leavers: Iterable[Leaver], due_at: t.Any) -> dict[str, str]:
        """Return by e-mail the state of the stage that is due. Raises ValueError for a moment that is none."""
        moment = parse_time(due_at, "offboard_due_at")
        return {leaver["email"]: stage.state for leaver in leavers if (stage := self.due(leaver, moment))}

    def is_later(self, leaver: Leaver, moment: datetime) -> bool:
        """Return whether the stage of a leaver is one after the first."""
        return self.due(leaver, moment) not in (None, self.stages[0])

    def of_leaver(self, leaver: Leaver, moment: datetime) -> StagesOfLeaver:
        """Return the stage of a leaver and the next one, for a record. Empty without offboard_stages."""
        shown: StagesOfLeaver = {}
        if not self.are_given:
            return shown
        if stage := self.due(leaver, moment):
            shown["stage"] = self._as_due(stage, leaver)
        if stage := self.following(leaver, moment):
            shown["next_stage"] = self._as_due(stage, leaver)
        return shown

    @property
    def tenant_state(self) -> str | None:
        """The state of all accounts of the run at the tenant; None where each leaver has a stage."""
        return None if self.are_given else self.stages[0].state

    @property
    def state(self) -> str:
        """The state requested of a module for users without one: deactivated, if a stage has it."""
        states = [stage.state for stage in self.stages]
        return DEACTIVATED if DEACTIVATED in states else states[0]

    def as_parameter(self) -> dict[str, t.Any]:
        """Return the stages as the evidence states them; empty without offboard_stages."""
        return {"offboard_stages": [stage.as_parameter() for stage in self.stages]} if self.are_given else {}

    def _as_due(self, stage: Stage, person: Person) -> StageDue:
        leave_at = person["leave_at"]
        return {
            "number": self.stages.index(stage) + 1,
            "of": len(self.stages),
            "state": stage.state,
            "due_at": None if leave_at is None else utc_text(stage.due_at(parse_time(leave_at, "leave_at"))),
        }

    def faults_of(self, leavers: Sequence[Leaver]) -> list[str]:
        """Return which leavers have no leave time although the first stage is counted from it."""
        rows = [leaver["row"] for leaver in leavers if leaver["leave_at"] is None and not leaver.get("never_due")]
        if not rows or not self.stages or not self.stages[0].after:
            return []
        shown = ", ".join(map(str, rows[:20])) + (f" and {len(rows) - 20} more" if len(rows) > 20 else "")
        text = (
            f"offboard_stages: the first stage ({self.stages[0].state}) is due some time after the leave time, and "
            f"the leavers of row {shown} have none. Nothing was sent. Give their leave_at, or a first stage without "
            "after."
        )
        return [text]


def stage_text(stage: StageDue) -> str:
    """Return a stage as the reports state it."""
    due = "" if stage["due_at"] is None else f", due {stage['due_at']}"
    return f"{stage['number']} of {stage['of']}: {stage['state']}{due}"


def read_stages(value: t.Any) -> tuple[Stage, ...]:
    """Return the stages of offboard_stages as they are written. Raises ValueError."""
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(
            "must be a list of at least one stage, such as [{state: deactivated}, {state: absent, after: 30d}]"
        )
    return tuple(_read_stage(number, each) for number, each in enumerate(value, 1))


def _read_stage(number: int, value: t.Any) -> Stage:
    if not isinstance(value, Mapping):
        raise ValueError(f"has no dict as entry {number}: write it as {{state: absent, after: 30d}}")
    unknown = [str(name)[:40] for name in value if name not in FIELDS]
    if unknown:
        raise ValueError(f"has {unknown[0]!r} in entry {number}; known are {', '.join(FIELDS)}")
    state = str(value.get("state") or "").strip()
    if state not in CLOSEDNESS:
        raise ValueError(f"has no state in entry {number} that closes an account: give {' or '.join(CLOSEDNESS)}")
    return Stage(state, _read_after(number, value.get("after", 0)), _read_vendors(number, value))


def _read_after(number: int, value: t.Any) -> timedelta:
    text = str(value).strip()
    # 30 may be meant as days: a number needs its unit.
    if isinstance(value, bool) or not (text == "0" or _WITH_UNITS.fullmatch(text)):
        raise ValueError(f"has an after in entry {number} that is no time with units: write it as 30d or 12h")
    try:
        return timedelta(seconds=parse_duration(text.lower(), "after"))
    except OverflowError:
        raise ValueError(f"has an after in entry {number} that is beyond the calendar") from None


def _read_vendors(number: int, value: Mapping[str, t.Any]) -> tuple[str, ...]:
    if "vendors" not in value:
        return ()
    named = value["vendors"]
    names = named.split(",") if isinstance(named, str) else named
    if not isinstance(names, list | tuple) or not all(isinstance(each, str) and each.strip() for each in names):
        raise ValueError(f"has vendors in entry {number} that are no list of vendors or tenants")
    if not names:
        raise ValueError(f"names no vendor in entry {number}: leave vendors out for all, or name them")
    return tuple(each.strip() for each in names)


def stages_of(given: Sequence[Stage], info: VendorInfo, tenant: str, tenants: Collection[str]) -> Stages:
    """Return the stages of a tenant. ``tenants``: all that are known.

    Raises ValueError, naming what to change.
    """
    own = [stage for stage in given if not stage.vendors or _applies(stage, info.name, tenant, tenants)]
    if not own:
        raise ValueError(
            f"offboard_stages has no stage for {tenant}, so that nothing would be done there. Add it to the vendors of "
            "a stage, or leave the tenant out of the run"
        )
    offers = [state for state in info.states if state in CLOSED_STATES]
    for stage in own:
        if stage.state not in offers:
            raise ValueError(
                f"offboard_stages has the state {stage.state}, which {info.name} does not offer "
                f"({' or '.join(offers)}). Name the vendors of that stage in its vendors"
            )
    for stage, later in pairwise(own):
        if later.after <= stage.after or CLOSEDNESS.index(later.state) <= CLOSEDNESS.index(stage.state):
            raise ValueError(
                f"offboard_stages has {later.state} after {stage.state} at {tenant}: write the stages in order, each "
                "due later than the one before, and each closing more (locked, deactivated, absent)"
            )
    return Stages(tuple(own), are_given=True)


def deletion_faults(stages: Sequence[Stage], allowed: bool) -> list[str]:
    """Return what keeps stages from deleting accounts."""
    if allowed or all(stage.state != ABSENT for stage in stages):
        return []
    text = (
        "offboard_stages has the state absent, which deletes accounts for good: set offboard_allow_delete to true if "
        "that is meant."
    )
    return [text]


def names_of_stages(given: Sequence[Stage]) -> list[str]:
    """Return the vendors and tenants that stages name."""
    return list(dict.fromkeys(name for stage in given for name in stage.vendors))


def _applies(stage: Stage, vendor: str, tenant: str, tenants: Collection[str]) -> bool:
    # The name of a host is that of the host alone, also where a vendor has it.
    return tenant in stage.vendors or (vendor in stage.vendors and vendor not in tenants)
