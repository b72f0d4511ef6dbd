# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Compare the measured coverage with its floor, `fail_under` in pyproject.toml, which only rises.

Less is a failure. A whole point more is said, and no failure: other versions of Python cover a little more or less.
"""

from __future__ import annotations

import math
import sys
import tomllib
from pathlib import Path

from coverage import Coverage

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def main() -> int:
    measured = Coverage()
    measured.load()
    floor = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["coverage"]["report"]["fail_under"]
    total = measured.report()
    if total >= floor + 1:
        print(f"{total:.2f} % is a point above the floor: set fail_under to {math.floor(total)} in pyproject.toml.")
    if total < floor:
        print(f"{total:.2f} % is less than the floor of {floor:g} %: cover what was added.", file=sys.stderr)
    return int(total < floor)


if __name__ == "__main__":
    sys.exit(main())
