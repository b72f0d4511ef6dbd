# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Where a playbook's time goes, from what its watches wrote down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.measure import Used
from bench.shares import duration, share

RUN = Used("ansible-playbook", 100.0, 200.0, 150.0, 90.0)
# Modules come to their Python by standard input, which has no name.
MODULES = [
    Used("", 110.0, 160.0, 30.0, 60.0),
    Used("", 112.0, 182.0, 20.0, 60.0),
]
MOMENTS = [
    {"at": 102.0, "event": "playbook", "task": "", "host": ""},
    {"at": 103.0, "event": "start", "task": "Check the variables", "host": "netex"},
    {"at": 104.0, "event": "end", "task": "Check the variables", "host": "netex"},
    {"at": 190.0, "event": "start", "task": "Report", "host": "netex"},
    {"at": 194.0, "event": "end", "task": "Report", "host": "netex"},
    {"at": 199.0, "event": "stats", "task": "", "host": ""},
]


def test_the_parts_are_the_whole() -> None:
    found = share(RUN, MOMENTS, MODULES)
    assert (found.startup, found.code, found.waiting, found.evidence, found.slowest) == (2.0, 20.0, 50.0, 4.0, 70.0)
    assert found.ansible == pytest.approx(24.0)
    assert found.total == pytest.approx(RUN.wall)
    assert found.overhead == pytest.approx(30 / 70)


def test_cpu_beyond_the_time_is_not_less_than_no_waiting() -> None:
    busy = replace(MODULES[1], cpu=80.0)
    found = share(RUN, MOMENTS, [busy])
    assert (found.code, found.waiting) == (70.0, 0.0)
    assert found.total == pytest.approx(RUN.wall)


def test_a_task_that_did_not_run_has_no_duration() -> None:
    with pytest.raises(KeyError):
        duration(MOMENTS, "Another")
