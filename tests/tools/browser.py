# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Make sure that there is a browser for the tests: print nothing if there is one."""

from __future__ import annotations

import sys

from harness.browser import ADVICE, find_browser
from harness.debian import provide


def main() -> int:
    return provide(
        find_browser,
        ["chromium", "chromium-driver"],
        f"The tests of the report need a browser, and there is none. {ADVICE}",
    )


if __name__ == "__main__":
    sys.exit(main())
