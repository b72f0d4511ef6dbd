# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The Java that ansible-rulebook starts its rule engine in."""

from __future__ import annotations

import re
import shutil
import subprocess

OLDEST = 17
ADVICE = (
    f"Install a Java runtime, {OLDEST} or newer, and have java on PATH: "
    "apt-get install default-jre-headless on Debian, "
    "dnf install java-headless on Fedora, brew install openjdk on macOS."
)


def find_java() -> str | None:
    """The path of a java that is new enough, or None."""
    java = shutil.which("java")
    if java is None:
        return None
    version_output = subprocess.run(
        [java, "-version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    version = re.search(r'version "(\d+)', version_output.stderr)
    return java if version and int(version[1]) >= OLDEST else None
