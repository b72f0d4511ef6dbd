# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What the tests need of the system is installed where this is root on a Debian, as in a container of CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable


def provide(find: Callable[[], object], packages: list[str], otherwise: str) -> int:
    """Install the packages where nothing is found and this may be done. Return what the process is to exit with.

    Elsewhere a person decides; `otherwise` is the message.
    """
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        _install(packages)
    if find() is None:
        print(otherwise, file=sys.stderr)
        return 1
    return 0


def _install(packages: list[str]) -> None:
    print(f"The tests need {' and '.join(packages)}: installing.", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *arguments], env=environment, stdin=subprocess.DEVNULL, check=False)
