# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The benchmarks run, with numbers too small for a measurement."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench import floor
from bench.contest import ORDER
from bench.measure import read_record, watched_python
from bench.stage import Stage, emails
from demo.story import VENDORS
from harness.tree import REPOSITORY
from mock_vendors import client


def test_all_contestants_close_everybody() -> None:
    """Each contestant's work is checked by the bench itself, against what the mock vendors hold."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "contest", "--quick", "--leavers", "3", "--latency", "0"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": "tests"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()]
    table = {line[0]: line[1:] for line in lines if line[0] in ORDER}
    assert tuple(table) == ORDER
    found = {who: tuple(map(int, cells[1:3])) for who, cells in table.items()}
    # One search, the sessions twice, roles, permissions, the own account, three writes, and a read back; and so on.
    assert list(found.values()) == [(10, 1), (4, 1), (5, 1), (6, 1), (24, 3), (6, 1)]


def test_the_modules_of_the_floor_run_side_by_side(tmp_path: Path) -> None:
    """A floor that takes one host after another makes the playbook look faster than it is."""
    with client.start() as mock:
        stage = Stage.built(mock, tmp_path)
        stage.set(1_000, 1, VENDORS)
        place, leaver = stage.folder(), emails(1)
        python, record = watched_python(place)
        stage.run(floor.floor(place, leaver, python), place)
        stage.check("the floor", leaver, VENDORS)
    modules = read_record(record)
    assert len(modules) == len(VENDORS)
    assert max(used.began for used in modules) < min(used.ended for used in modules)
