# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The guide for a further vendor prints the code that tests/integration/test_add_a_vendor.py runs, all of its steps."""

from __future__ import annotations

import difflib

from harness.added import GUIDE, printed, shown, steps
from harness.tree import ADDED_VENDOR


def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def test_the_code_in_the_guide_is_that_of_the_example() -> None:
    now = printed(guide())
    differences = "\n".join(difflib.unified_diff(guide().splitlines(), now.splitlines(), "guide", "code", lineterm=""))
    assert not differences, f"Run `make guide`:\n{differences}"


def test_every_step_is_in_the_guide() -> None:
    assert set(shown(guide())) == {step.source.relative_to(ADDED_VENDOR).as_posix() for step in steps()}
