# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a register: one playbook at a time works on it, from its first play to its end.

PRIVATE to the collection. The process ansible-playbook holds it, in which the `hosts` of a play are evaluated. The
operating system releases it when the process ends, in whatever way; its workers, which inherit it, end before.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SUFFIX = ".lock"
STEP = 0.2
"""Seconds between two attempts."""
_BUSY = (errno.EACCES, errno.EAGAIN)


@dataclass(frozen=True)
class Attempt:
    """The result of an attempt. ``by``: who has the lock; ``fault``: why there can be none."""

    by: str = ""
    fault: str = ""

    @property
    def is_mine(self) -> bool:
        return not (self.by or self.fault)


_MINE: dict[str, int] = {}
"""The descriptors of the locks of this process, by the path of the register. They stay open until it ends."""
_LAST: dict[str, Attempt] = {}


def take(register: str, wait: float) -> None:
    """Take the lock of a register, and keep the result for `last_attempt`. ``wait``: seconds at most."""
    _LAST[register] = _take(register, time.monotonic() + wait)


def last_attempt(register: str) -> Attempt | None:
    """Return the result of the last attempt, also in a worker; None if there was none."""
    return _LAST.get(register)


def _take(register: str, deadline: float) -> Attempt:
    if register in _MINE:
        return Attempt()
    place = Path(register + SUFFIX)
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        return Attempt(fault=f"{place} cannot be opened: {exc.strerror}")
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            if exc.errno not in _BUSY:
                os.close(descriptor)
                return Attempt(
                    fault=f"{place} cannot be locked: {exc.strerror}; keep the register on a local file system"
                )
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return Attempt(by=_holder(place))
            time.sleep(STEP)
        else:
            break
    _MINE[register] = descriptor
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    mine = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": now})
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, mine.encode(), 0)
    return Attempt()


def _holder(place: Path) -> str:
    """Return who has the lock, as they wrote it."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(place.read_bytes())
        return f"process {int(found['pid'])} on {str(found['host'])[:100]}, since {str(found['since'])[:40]}"
    return "another process"
