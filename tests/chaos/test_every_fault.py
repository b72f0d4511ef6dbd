# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Each fault, at each vendor, on each kind of request, once and for ever: the promises hold, the outcome is known.

The table is made of all that there is, so that a vendor, a kind or a fault that is added is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._model import CHANGED, DEACTIVATED, FAILED
from chaos.faults import FORMS, fault
from chaos.runs import Played, Travel
from chaos.schedules import Schedule, Stage, Tally
from chaos.tenants import TENANTS, Tenant
from mock_vendors.client import MockVendors

USERS = 4
# What no patience makes good: the vendor asks for more of it than there is, or says something that is no answer.
HOPELESS = {"429, in a day", "429, in aeons"}
UNUSABLE = {"truncated", "html"}
# The write was carried out, whatever came back.
DONE = {"504, done", "reset after", "slow, done", "truncated", "cut off"}


@dataclass(frozen=True)
class Case:
    vendor: str
    kind: str
    form: str

    @property
    def tenant(self) -> Tenant:
        return TENANTS[self.vendor]

    @property
    def login(self) -> tuple[str, ...]:
        """The way to log in that has the most kinds of requests."""
        return max(self.tenant.logins, key=lambda login: len(self.tenant.kinds(login)))

    def __str__(self) -> str:
        return f"{self.vendor}, {self.kind}: {self.form}"


CASES = [
    case
    for vendor in TENANTS
    for kind in ("read", "write", "token")
    for form in FORMS
    if FORMS[form].applies((case := Case(vendor, kind, form)).tenant, case.login, kind)
]


def played(case: Case, mock: MockVendors, times: int | None) -> Played:
    """Four users are to be closed one by one; the second write goes wrong, or the first other request."""
    tenant = case.tenant
    open_state = next(iter(tenant.states))
    asked = tuple((number, next(iter(tenant.keys))) for number in range(USERS))
    stage = Stage(tenant, mock, Schedule((open_state,) * (USERS + 1), asked, case.login, {}, {}, ()), Tally())
    skip = 1 if case.kind == "write" else 0
    one = fault(case.form, case.kind, skip, times)
    return stage.run(DEACTIVATED, faults=[one], travel=Travel(concurrency=1))


def once(case: Case) -> list[str]:
    """What comes of four users when one request has gone wrong."""
    all_changed, all_failed, all_but_one = [CHANGED] * 4, [FAILED] * 4, [CHANGED, FAILED, CHANGED, CHANGED]
    static = "token" not in case.tenant.kinds(case.login)
    cg = not case.tenant.vendor.info.readable
    if case.kind == "write":
        if case.form in HOPELESS:
            return [CHANGED, FAILED, FAILED, FAILED]
        if case.form == "no effect":
            return all_changed if cg else all_but_one
        if case.form in ("500", "404", "html"):
            return all_but_one
        if case.form == "401" and static:
            return [CHANGED, FAILED, FAILED, FAILED]
        if case.form == "revoked" and static:
            return all_failed  # the first one cannot be read back any more
        return all_changed
    if case.form in HOPELESS | UNUSABLE:
        return all_failed
    if case.form in ("401", "revoked") and (static or case.kind == "token"):
        return all_failed
    return all_changed


def for_ever(case: Case) -> list[str]:
    all_changed, all_failed, all_but_first = [CHANGED] * 4, [FAILED] * 4, [CHANGED, FAILED, FAILED, FAILED]
    cg = not case.tenant.vendor.info.readable
    has_tokens = "token" in case.tenant.kinds(case.login)
    if case.form == "expired" and not has_tokens:
        return all_changed
    if case.kind != "write":
        return all_changed if case.form == "stale list" else all_failed
    if cg:
        # It answers 204, of which nothing can be cut off.
        return all_changed if case.form in ("no effect", "truncated", "cut off") else all_but_first
    if case.form in ("revoked", "expired"):
        return all_failed  # no token lasts until the first one is read back
    return all_changed if case.form in DONE else all_but_first


@pytest.mark.parametrize("case", CASES, ids=str)
def test_once(mock: MockVendors, case: Case) -> None:
    run = played(case, mock, 1)
    assert sum(run.fired.values()) == 1, "the fault was never met"
    assert run.outcomes == once(case), [outcome.problem for outcome in run.report.outcomes]


@pytest.mark.parametrize("case", [case for case in CASES if "slow" not in case.form], ids=str)
def test_for_ever(mock: MockVendors, case: Case) -> None:
    run = played(case, mock, None)
    assert sum(run.fired.values()) >= 1, "the fault was never met"
    assert run.outcomes == for_ever(case), [outcome.problem for outcome in run.report.outcomes]


def test_the_table_has_every_fault() -> None:
    met = {(case.vendor, case.kind) for case in CASES}
    assert met == {(n, k) for n in TENANTS for k in ("read", "write", "token")} - {
        ("customergauge", "read"),
        ("netex", "token"),
    }
    assert {case.form for case in CASES} == set(FORMS)
