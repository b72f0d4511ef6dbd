# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Make sure that there is a Java for ansible-rulebook: nothing to say where there is one.

Where this is root on a Debian, as in a container of CI, it is installed. Elsewhere that is for a person to decide.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

NEEDED = 17
INSTALL = (
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "openjdk-17-jre-headless"],
    # Debian 13 and newer have no 17.
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "default-jre-headless"],
)
