# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Stands before a command: runs it, and adds a line to a file on how long it took and what it used.

A separate, small process: what Linux calls the peak memory of a program is at least that of the process
that started it.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(record: str, *command: str) -> int:
    began = time.time()
    child = os.posix_spawn(command[0], command, os.environ)
    _pid, status, used = os.wait4(child, 0)
    line = {
        "program": os.path.basename(command[1]) if len(command) > 1 else "",
        "began": began,
        "ended": time.time(),
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
    }
    with open(record, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
