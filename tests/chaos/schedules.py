# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Schedules of runs and faults: what they are, how they are drawn, and how one is played.

A schedule is drawn as a whole, as plain data, and then played. It is as stateful as a RuleBasedStateMachine: every step
meets the accounts and the history that the steps before have left. But no step needs the result of another to be drawn,
so that rules and bundles would add nothing, and a schedule that fails prints as one value that can be played again.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    DEACTIVATED,
    FAILED,
    MISSING,
)
from chaos.faults import ANY, FORMS, fault
from chaos.promises import History, check_run
from chaos.runs import Fault, Played, Travel, run
from chaos.tenants import Tenant, attained
from mock_vendors.client import MockVendors


@dataclass(frozen=True)
class Step:
    """One run; ``check``: in check mode."""

    state: str
    check: bool
    travel: Travel
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Schedule:
    """``accounts``: the state that each begins in. ``asked``: which of them a run asks for, by which of their keys; a
    number beyond is a user without an account.
    """

    accounts: tuple[str, ...]
    asked: tuple[tuple[int, str], ...]
    login: tuple[str, ...]
    switches: Mapping[str, t.Any]
    lag: Mapping[str, t.Any]
    steps: tuple[Step, ...]


@dataclass
class Tally:
    """What was really played, so that a test that plays nothing is noticed."""

    schedules: int = 0
    runs: int = 0
    requests: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, played: Played) -> None:
        self.runs += 1
        self.requests += len(played.log)
        self.fired.update({f"{form} / {kind}": count for (form, kind), count in played.fired.items()})
        self.outcomes.update(played.outcomes)


Meeting = tuple[str, str]
"""A form of fault, and the kind of request that it is to meet."""
MET_BY = 5
"""How many open accounts a schedule that must meet a fault begins with: more than are read one by one."""


def meetings(tenant: Tenant) -> list[Meeting]:
    """Return all faults that can be met at a vendor."""
    return [
        (name, kind)
        for name, form in FORMS.items()
        for kind in ANY
        if any(form.applies(tenant, login, kind) for login in tenant.logins)
    ]


@st.composite
def meeting(draw: st.DrawFn, tenant: Tenant, met: Meeting) -> Schedule:
    """Draw a schedule whose first run closes some accounts and meets this fault, whatever comes then.

    What is drawn freely meets some faults often, and others hardly ever.
    """
    drawn = draw(schedules(tenant))
    name, kind = met
    login = draw(st.sampled_from([login for login in tenant.logins if FORMS[name].applies(tenant, login, kind)]))
    is_open = next(state for state, native in tenant.states.items() if tenant.truth(native) == ACTIVE)
    key = draw(st.sampled_from(sorted(tenant.keys)))
    asked = tuple((number, key) for number in range(MET_BY))
    first = replace(
        draw(_steps(tenant, login, DEACTIVATED)), state=DEACTIVATED, check=False, faults=(fault(name, kind),)
    )
    rest = tuple(
        replace(step, faults=tuple(each for each in step.faults if each.kind in tenant.kinds(login)))
        for step in drawn.steps
    )
    accounts = ((is_open,) * (MET_BY + 1) + drawn.accounts)[:25]
    # A list that lags for another reason hides that it is stale.
    return replace(drawn, accounts=accounts, asked=asked, login=login, lag={}, steps=(first, *rest))


@st.composite
def schedules(draw: st.DrawFn, tenant: Tenant) -> Schedule:
    login = draw(st.sampled_from(tenant.logins))
    accounts = draw(st.lists(st.sampled_from(sorted(tenant.states)), min_size=3, max_size=25))
    people = st.integers(0, len(accounts) + 1)
    numbers = draw(st.lists(people, min_size=1, max_size=9, unique=True))
    few_keys = draw(st.lists(st.sampled_from(sorted(tenant.keys)), min_size=1, max_size=2))
    asked = tuple((number, draw(st.sampled_from(few_keys))) for number in numbers)
    switches = {
        name: draw(st.sampled_from(values)) for name, values in tenant.switches.items() if draw(st.integers(0, 2)) == 0
    }
    lag: dict[str, t.Any] = {}
    if tenant.vendor.info.readable and draw(st.integers(0, 3)) == 0:
        lag["list_lag"] = {"writes": draw(st.integers(1, 4))}
    if tenant.vendor.info.readable and draw(st.integers(0, 9)) == 0:
        lag["get_lag"] = {"writes": draw(st.integers(1, 2))}
    main = draw(st.sampled_from(tenant.wanted))
    steps = draw(st.lists(_steps(tenant, login, main), min_size=1, max_size=4))
    return Schedule(tuple(accounts), asked, login, switches, lag, tuple(steps))


@st.composite
def _steps(draw: st.DrawFn, tenant: Tenant, login: tuple[str, ...], main: str) -> Step:
    state = draw(st.sampled_from((*(main,) * 3, *tenant.wanted)))
    options: dict[str, t.Any] = {}
    if tenant.name == "netex":
        options["synchronization"] = draw(st.sampled_from(("synchronous", "synchronous", "asynchronous")))
    travel = Travel(
        concurrency=draw(st.sampled_from((1, 2, 4, 16))),
        retries=draw(st.sampled_from((0, 1, 3, 5))),
        retry_budget=draw(st.sampled_from((0.0, 4.0, 20.0, 120.0))),
        opens_after=draw(st.integers(1, 4)),
        options=options,
    )
    faults = draw(st.lists(_faults(tenant, login), max_size=4))
    return Step(state, draw(st.integers(0, 7)) == 0, travel, tuple(faults))


@st.composite
def _faults(draw: st.DrawFn, tenant: Tenant, login: tuple[str, ...]) -> Fault:
    kind = draw(st.sampled_from(tenant.kinds(login)))
    names = [name for name, form in FORMS.items() if form.applies(tenant, login, kind)]
    # Slow ones take real time.
    name = draw(st.sampled_from([name for name in names for _unused in range(1 if "slow" in name else 3)]))
    times = 1 if "slow" in name else draw(st.sampled_from((1, 1, 2, 3, None)))
    if name == "401":
        times = draw(st.sampled_from((1, None, None)))
    skip = 0 if kind == "token" else draw(st.sampled_from((0, 0, 0, 1, 2, 3, 6)))
    return fault(name, kind, skip, times)


class Stage:
    """The mock vendors, as a schedule wants it, and what has been played on it."""

    def __init__(self, tenant: Tenant, mock: MockVendors, schedule: Schedule, tally: Tally) -> None:
        self.tenant, self.mock, self.schedule, self.tally = tenant, mock, schedule, tally
        with mock.batch() as answers:
            mock.reset()
            mock.seed({tenant.name: [dict(tenant.states[name]) for name in schedule.accounts]})
            mock.switch(tenant.name, **dict(tenant.always), **dict(schedule.switches), **dict(schedule.lag))
            mock.state(tenant.name)
        rows = [row for row in answers[-1][tenant.name].items() if "machine" not in row[1]]
        self.entries: list[dict[str, t.Any]] = []
        self.asked: dict[str, str | None] = {}
        for number, key in schedule.asked:
            # The last of them is never asked for: a ZITADEL that shows no other user might hide every user.
            if number < len(rows) - 1:
                identifier, row = rows[number]
                value = tenant.keys[key](row)
            else:
                identifier, value = None, tenant.unknown[key](number)
            self.entries.append({key: value})
            shown = f"{value['type']}:{value['value']}" if isinstance(value, dict) else str(value)
            self.asked[shown] = identifier
        self.history = History(tenant)

    def run(self, state: str, **more: t.Any) -> Played:
        played = run(self.tenant, self.mock, self.entries, state, login=self.schedule.login, **more)
        self.tally.add(played)
        check_run(played, self.asked, self.history)
        return played


def play(tenant: Tenant, mock: MockVendors, schedule: Schedule, tally: Tally) -> None:
    """Play a schedule, and at its end, when all is well again, run once more for good and once to see that it was."""
    stage = Stage(tenant, mock, schedule, tally)
    for step in schedule.steps:
        stage.run(step.state, check=step.check, faults=step.faults, travel=step.travel)
    mock.switch(tenant.name, list_lag=None, get_lag=None, **_prompt(tenant))
    last = schedule.steps[-1].state
    predicted = stage.run(last, check=True)
    done = stage.run(last)
    # Laurel may go on answering for a deleted id; only the deletion itself shows it (README, Known limits).
    keeps_records = schedule.switches.get("delete") == "soft"
    if not keeps_records:
        assert [(o.key, o.outcome, o.before, o.after) for o in predicted.report.outcomes] == [
            (o.key, o.outcome, o.before, o.after) for o in done.report.outcomes
        ] or not tenant.vendor.info.readable
        assert predicted.report.plan_hash == done.report.plan_hash
    for outcome in done.report.outcomes:
        identifier = stage.asked[str(outcome.key)]
        before = tenant.truth(done.before.get(identifier) if identifier else None)
        after = tenant.truth(done.after.get(identifier) if identifier else None)
        # CustomerGauge may call an account missing that is closed in another way; ZITADEL refuses one never set up.
        refused = outcome.problem is not None and outcome.problem.code == "vendor_refuses"
        excused = {MISSING: before != ACTIVE, FAILED: refused or (keeps_records and before == ABSENT)}
        assert attained(last, after) or excused.get(outcome.outcome), outcome
    again = stage.run(last)
    if tenant.vendor.info.readable:
        assert CHANGED not in again.outcomes
        assert again.requests("write") == [] or keeps_records
        assert again.before == again.after
    tally.schedules += 1


def _prompt(tenant: Tenant) -> dict[str, t.Any]:
    """The switches with which nothing comes later."""
    return {name: None for name in ("async_delay", "webhook_delay") if name in tenant.switches}
