# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Make sure that there is a Java for ansible-rulebook: nothing to say where there is one.

Where this is root on a Debian, as in a container of CI, it is installed. Elsewhere that is for a person to decide.
"""

from __future__ import annotations

import sys

from harness.debian import install, may_install
from harness.java import ADVICE, find_java


def main() -> int:
    if find_java() is None and may_install():
        # On Debian 12, where it is the name of openjdk-17-jre-headless, and on newer ones.
        install("default-jre-headless")
    if find_java() is None:
        print(f"The test of the rulebook needs Java, and there is none. {ADVICE}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
