# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The number of schedules, their seed, and their results.

CHAOS_PROFILE=long plays as many schedules as `make chaos` promises, from a seed that is printed; CHAOS_SEED=n plays
those of that seed. Without either it is a short and always the same selection. CHAOS_SHRINK=1 makes a schedule that
fails as small as can be, which takes its time.
"""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter

import pytest

PROFILE = "CHAOS_PROFILE"
SEED = "CHAOS_SEED"
SHRINK = "CHAOS_SHRINK"
TALLY = "chaos tally"


def pytest_configure() -> None:
    if os.environ.get(PROFILE) == "long":
        # Set before the workers start, which inherit it.
        os.environ.setdefault(SEED, str(secrets.randbelow(10**9)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for group in ("passed", "failed") for report in terminalreporter.getreports(group)]
    tallies = [json.loads(str(value)) for report in reports for name, value in report.user_properties if name == TALLY]
    if not tallies:
        return
    terminalreporter.section("schedules of faults")
    seed = os.environ.get(SEED, "fixed")
    terminalreporter.line(f"profile {os.environ.get(PROFILE, 'short')}, seed {seed} (to play it again: {SEED}={seed})")
    schedules: Counter[str] = Counter()
    fired: dict[str, Counter[str]] = {}
    for tally in tallies:
        schedules[tally["vendor"]] += tally["schedules"]
        fired.setdefault(tally["vendor"], Counter()).update(tally["fired"])
    for vendor, count in schedules.items():
        mine = [tally for tally in tallies if tally["vendor"] == vendor]
        runs, requests = (sum(tally[name] for tally in mine) for name in ("runs", "requests"))
        outcomes = sum((Counter(tally["outcomes"]) for tally in mine), Counter[str]())
        summary = ", ".join(f"{name} {number}" for name, number in sorted(outcomes.items()))
        terminalreporter.line(f"{vendor}: {count} schedules, {runs} runs, {requests} requests; {summary}")
    names = sorted({name for counts in fired.values() for name in counts})
    terminalreporter.line(f"{'fired':28}" + "".join(f"{vendor:>15}" for vendor in schedules))
    for name in names:
        row = "".join(f"{fired[vendor].get(name, '-'):>15}" for vendor in schedules)
        terminalreporter.line(f"{name:28}{row}")
    terminalreporter.line(f"{schedules.total()} schedules in all")
