# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Hold the coverage that was measured against its floor, `fail_under` in pyproject.toml, which only rises.

Less is a failure. A whole point more is a failure too: whoever covers more raises the floor in the same change.
"""

from __future__ import annotations

import math
import sys
import tomllib
from pathlib import Path

from coverage import Coverage

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def verdict(total: float, floor: float) -> str | None:
    """Say what is wrong, if anything is."""
    if total < floor:
        return f"{total:.2f} % is less than the floor of {floor:g} %: cover what was added."
    if total >= floor + 1:
        return f"{total:.2f} % is a point above the floor: set fail_under to {math.floor(total)} in pyproject.toml."
    return None


def main() -> int:
    measured = Coverage()
    measured.load()
    floor = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["coverage"]["report"]["fail_under"]
    wrong = verdict(measured.report(), floor)
    if wrong:
        print(wrong, file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
