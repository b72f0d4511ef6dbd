# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Where the time of a whole playbook goes, from the moments that its callback and its modules' watch wrote down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.measure import Used

EVIDENCE = "Report"
EVENTS = ("start", "end")


@dataclass(frozen=True)
class Shares:
    """Seconds of the run, one after another; together they are the whole.

    `slowest` is the tenant's module that took the longest: its CPU is `code`, the rest of its time `waiting`, be it for
    an answer or for a core. `ansible` is what neither that process nor the writing of the evidence nor the start takes:
    templates, workers, results.
    """

    startup: float
    ansible: float
    code: float
    waiting: float
    evidence: float
    slowest: float

    @property
    def total(self) -> float:
        return self.startup + self.ansible + self.code + self.waiting + self.evidence

    @property
    def overhead(self) -> float:
        """What the playbook takes beyond its slowest tenant, as a part of what that tenant takes."""
        return (self.total - self.slowest) / self.slowest


def share(run: Used, moments: Sequence[Mapping[str, Any]], modules: Sequence[Used]) -> Shares:
    """Divide a run: its command, the moments of its callback, and the processes of the modules."""
    begun = next(moment["at"] for moment in moments if moment["event"] == "playbook")
    slowest = max(modules, key=lambda used: used.wall)
    # Threads may use more CPU than there is time; none of that is waiting.
    code = min(slowest.cpu, slowest.wall)
    evidence = duration(moments, EVIDENCE)
    startup = begun - run.began
    return Shares(
        startup=startup,
        ansible=run.wall - startup - slowest.wall - evidence,
        code=code,
        waiting=slowest.wall - code,
        evidence=evidence,
        slowest=slowest.wall,
    )


def duration(moments: Sequence[Mapping[str, Any]], task: str) -> float:
    """How long a task took, from its start on the first host to its end on the last one. Raises KeyError."""
    own = [each for each in moments if each["task"] == task]
    found = {event: [each["at"] for each in own if each["event"] == event] for event in EVENTS}
    if not all(found.values()):
        raise KeyError(task)
    return float(max(found["end"]) - min(found["start"]))
