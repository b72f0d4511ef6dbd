# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Make sure that there is a browser for the tests: nothing to say where there is one.

Where this is root on a Debian, as in a container of CI, it is installed. Elsewhere that is for a person to decide.
"""

from __future__ import annotations

import sys

from harness.browser import ADVICE, find_browser
from harness.debian import install, may_install


def main() -> int:
    if find_browser() is None and may_install():
        install("chromium", "chromium-driver")
    if find_browser() is None:
        print(f"The tests of the report need a browser, and there is none. {ADVICE}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
