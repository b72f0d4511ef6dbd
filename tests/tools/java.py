# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Make sure that there is a Java for ansible-rulebook: print nothing if there is one."""

from __future__ import annotations

import sys

from harness.debian import provide
from harness.java import ADVICE, find_java


def main() -> int:
    # On Debian 12, where it is the name of openjdk-17-jre-headless, and on newer ones.
    packages = ["default-jre-headless"]
    return provide(find_java, packages, f"The test of the rulebook needs Java, and there is none. {ADVICE}")


if __name__ == "__main__":
    sys.exit(main())
