# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The benchmarks run: with numbers so small that they say nothing but that."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.contest import ORDER
from harness.tree import REPOSITORY


def test_all_contestants_close_everybody() -> None:
    """Each contestant's work is checked by the bench itself, against what the mock vendors hold."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--only", "contest", "--leavers", "3", "--latency", "0"],
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
    # One search, the caller's own account, three writes, and a look back; and so on.
    assert list(found.values()) == [(6, 1), (1, 1), (5, 1), (6, 1), (12, 3), (6, 1)]
