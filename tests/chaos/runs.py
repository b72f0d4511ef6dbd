# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""One run of a task against the mock: as the modules do it, but in this process and on a clock that costs no time."""

from __future__ import annotations

import itertools
import threading
import time
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.saas.offboarding.plugins.module_utils import _module
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._model import UserRequest
from ansible_collections.saas.offboarding.plugins.module_utils._pacing import Clock
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Tls, Transport
from chaos.tenants import Entry, Native, Tenant
from mock_vendors.client import ADDRESS, MockVendors

SLOW = 0.3
"""Seconds of real time that a slow answer takes; nothing else is waited for in real time."""
SHORT_TIMEOUT = 0.12
TIMEOUT = 20.0
ENDLESS = 3_000


class VirtualClock(Clock):
    """Time that passes only in sleeps, and for each thread separately.

    Threads that sleep side by side do not add up: the main thread, which waits for them, goes on at the latest of
    their times. What has passed at the end is how long a person would have waited.
    """

    def __init__(self, on_sleep: Callable[[int], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, float] = {"main": 0.0}
        self._pools: dict[str, float] = {}
        self._sleeps = itertools.count(1)
        self._looks = itertools.count(1)
        self._on_sleep = on_sleep

    def _thread(self) -> str:
        """The name under which the time of this thread is kept, with the lock held."""
        latest = max(self._times.values())
        name = threading.current_thread().name
        pool, _unused, worker = name.rpartition("_")
        if not (pool and worker.isdecimal()):
            self._times["main"] = latest
            return "main"
        # The threads of a pool begin when the main thread, which starts them, has got that far.
        self._times.setdefault(name, self._pools.setdefault(pool, latest))
        return name

    def now(self) -> float:
        with self._lock:
            # Each request asks for the time: one that asks without an end must not hang.
            assert next(self._looks) < ENDLESS, "requests without an end"
            return self._times[self._thread()]

    def sleep(self, seconds: float) -> None:  # type: ignore[override]
        with self._lock:
            name = self._thread()
            self._times[name] += seconds
            number = next(self._sleeps)
        if self._on_sleep is not None:
            self._on_sleep(number)

    @property
    def passed(self) -> float:
        return max(self._times.values())


@dataclass(frozen=True)
class Fault:
    """A fault of the mock vendors, as `MockVendors.fault` takes it."""

    form: str
    action: str
    kind: str
    skip: int = 0
    times: int | None = 1
    arguments: Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Travel:
    """How a run travels. ``opens_after``: how many waits it takes until a port that refuses is open again."""

    concurrency: int = 4
    retries: int = 5
    retry_budget: float = 120.0
    opens_after: int = 1
    options: Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Played:
    """The result of a run, and the mock vendors' record of it. Accounts are the mock vendors', by id."""

    tenant: Tenant
    state: str
    check: bool
    travel: Travel
    login: tuple[str, ...]
    user_requests: Sequence[UserRequest]
    report: Report
    before: Mapping[str, Native]
    after: Mapping[str, Native]
    log: Sequence[Entry]
    fired: Mapping[tuple[str, str], int]
    """How often, by the form of a fault and the kind of request that it is for."""
    passed: float
    hasty: bool
    """Whether the time limit was so short that on a busy machine any request may have run into it."""

    def requests(self, kind: str) -> list[Entry]:
        return [entry for entry in self.log if entry["kind"] == kind]

    @property
    def outcomes(self) -> list[str]:
        return [outcome.outcome for outcome in self.report.outcomes]

    def fired_forms(self) -> set[str]:
        return {form for (form, _kind), count in self.fired.items() if count}


def options_of(tenant: Tenant, mock: MockVendors, login: Sequence[str], **given: t.Any) -> dict[str, t.Any]:
    """The options of a module with their defaults, without an AnsibleModule."""
    ready = mock.ready[tenant.name]
    params = {name: option.get("default") for name, option in _module.user_spec(tenant.vendor.info).options.items()}
    params |= {name: ready[name] for name in (*ADDRESS, *login) if name in ready and name in params}
    return {**params, **given}


def run(
    tenant: Tenant,
    mock: MockVendors,
    entries: Sequence[Mapping[str, t.Any]],
    state: str,
    *,
    login: tuple[str, ...] | None = None,
    check: bool = False,
    faults: Sequence[Fault] = (),
    travel: Travel | None = None,
) -> Played:
    """Run a task over users while the mock vendors have faults, and read their state once all requests have ended."""
    travel = travel or Travel()
    login = login or tenant.logins[0]
    is_slow = any(fault.action == "slow" for fault in faults)
    params = options_of(
        tenant,
        mock,
        login,
        state=state,
        users=[dict(entry) for entry in entries],
        timeout=SHORT_TIMEOUT if is_slow else TIMEOUT,
        concurrency=travel.concurrency,
        retries=travel.retries,
        retry_budget=travel.retry_budget,
        **travel.options,
    )
    with mock.batch() as first:
        mock.state(tenant.name)
        mock.clear_log()
        for fault in faults:
            more = dict(fault.arguments)
            mock.fault(tenant.name, fault.action, kind=fault.kind, skip=fault.skip, times=fault.times, **more)

    def open_port(sleeps: int) -> None:
        if sleeps >= travel.opens_after:
            mock.listening(**{tenant.name: True})

    may_refuse = any(fault.action == "refuse" for fault in faults)
    clock = VirtualClock(open_port if may_refuse else None)
    user_requests = _module.user_requests_from(tenant.vendor, params)
    transport = Transport(_module.limits_from(tenant.vendor, params), Tls(), clock=clock)
    vendor = tenant.vendor(params, transport)
    for user_request in user_requests:
        vendor.check(user_request)
    try:
        report = Converger(vendor, _module.guards_from(params), params["verify"]).run(user_requests, check_mode=check)
    finally:
        transport.close()
        if is_slow:
            wait_for_slow_ones(mock, tenant.name)
        with mock.batch() as last:
            mock.faults()
            mock.clear_faults()
            mock.forgive()
            mock.settle()
            mock.listening(**{tenant.name: True})
            mock.state(tenant.name)
            mock.log(vendor=tenant.name)
    shown, after, log = last[0], last[-2][tenant.name], last[-1]
    fired: dict[tuple[str, str], int] = {}
    for fault, now in zip(faults, shown, strict=True):
        fired[fault.form, fault.kind] = fired.get((fault.form, fault.kind), 0) + now["fired"]
    return Played(
        tenant,
        state,
        check,
        travel,
        login,
        user_requests,
        report,
        first[0][tenant.name],
        after,
        log,
        fired,
        clock.passed,
        is_slow,
    )


def wait_for_slow_ones(mock: MockVendors, vendor: str) -> None:
    """Wait until abandoned requests have taken effect: only then is the mock vendors' state final."""
    deadline = time.monotonic() + 10 * SLOW
    while time.monotonic() < deadline:
        if all(e["status"] is not None for e in mock.log(vendor=vendor) if e["fault"] == "slow"):
            return
        time.sleep(0.02)
