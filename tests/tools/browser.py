# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Make sure that there is a browser for the tests: nothing to say where there is one.

Where this is root on a Debian, as in a container of CI, it is installed. Elsewhere that is for a person to decide.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from harness.browser import ADVICE, find_browser

INSTALL = (
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "chromium-driver"],
)


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> None:
    print("The tests need a browser: installing chromium and chromium-driver.", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALL:
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)


def main() -> int:
    if find_browser() is None and may_install():
        install()
    if find_browser() is None:
        print(f"The tests of the report need a browser, and there is none. {ADVICE}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
