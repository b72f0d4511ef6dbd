# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The machine of a measurement, without anything that identifies its owner."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

BUSY = 0.5
"""A load average above this comes from other programs."""


def describe() -> dict[str, str]:
    return {
        "processor": processor(Path("/proc/cpuinfo")),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "ansible-core": version("ansible-core"),
        "requests": version("requests"),
        "aiohttp": version("aiohttp"),
    }


def processor(cpuinfo: Path) -> str:
    """The processor's name as Linux has it; elsewhere, or where it has none, the kind."""
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names and names[0] != "unknown" else platform.machine()
