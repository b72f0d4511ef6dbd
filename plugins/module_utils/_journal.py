# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: what a task is about to write, and the result of each write, line by line as it happens.

PRIVATE to the collection. A line is in the file before its request is sent, so that a task that is killed leaves a
record of every write. If the file cannot be written, no further write is sent. The lines are described by
`roles/offboard/files/journal.schema.json`; the reader is `plugin_utils/_journal_file`.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ._clock import moment_text
from ._faults import Fatal
from ._model import Change, Condition, Key, Problem
from ._pacing import Clock

SCHEMA_VERSION = 1
_system_write = os.write


@dataclass
class _Entry:
    """The account that a thread is writing. ``is_open``: a request was announced, and its result is not recorded."""

    email: str | None
    key: Key
    change: Change
    repair: bool = False
    session: str | None = None
    sessions: tuple[str, ...] = ()
    is_open: bool = False
    status: int | None = None
    request_id: str | None = None
    error: str | None = None

    @property
    def id(self) -> str | None:
        return None if self.change.account.anonymous else self.change.account.id


class Journal:
    """The journal of one task, written by all of its threads. Without a path nothing is recorded.

    ``result_file``: the file of the task's result. If its folder is gone, the caller has ended, and no write is begun.
    """

    def __init__(
        self,
        path: str | None = None,
        vendor: str = "",
        tenant: str = "",
        clock: Clock | None = None,
        result_file: str | None = None,
    ) -> None:
        self._path = path
        self._place = os.path.dirname(result_file or "")
        self._vendor = vendor
        self._tenant = tenant
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._fault: OSError | None = None
        self._local = threading.local()

    @property
    def records(self) -> bool:
        return self._path is not None

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @contextlib.contextmanager
    def writing(
        self,
        email: str | None,
        key: Key,
        change: Change,
        *,
        repair: bool = False,
        session: str | None = None,
        sessions: Sequence[str] = (),
    ) -> Iterator[None]:
        """Take all requests of this thread that write for requests about this change.

        ``repair``: they send a write again that the vendor's server has lost. ``session``: they end this session.
        ``sessions``: those of the account that are to be ended after it.
        """
        self._local.entry = _Entry(email, key, change, repair, session, tuple(sessions))
        try:
            yield
        finally:
            self._local.entry = None

    def sending(self) -> None:
        """Record that a request that writes is about to be sent. Raises Fatal: then it must not be sent."""
        if self._place and not os.path.isdir(self._place):
            raise Fatal(Problem("journal_failed", "The run ended before this task, so that no further change is sent."))
        entry: _Entry | None = getattr(self._local, "entry", None)
        if self._path is None or entry is None:
            return
        self._record_result(entry, None)
        change = entry.change
        self._append(
            {
                "kind": "intent",
                "email": entry.email,
                "key": entry.key.as_result(),
                "id": entry.id,
                "place": self._tenant,
                "state": change.state,
                "before": change.before.as_result(),
                "after": change.after.as_result(),
                "at": self._now(),
                **({"repair": True} if entry.repair else {}),
                **({"session": entry.session} if entry.session else {}),
                **({"sessions": list(entry.sessions)} if entry.sessions else {}),
            }
        )
        if self._fault is not None:
            raise Fatal(self._problem(self._fault))
        entry.is_open, entry.status, entry.request_id, entry.error = True, None, None, None

    def answered(self, status: int | None, request_id: str | None, error: str | None) -> None:
        """Keep what came back for the last request: its status and id, and the code of its error."""
        entry: _Entry | None = getattr(self._local, "entry", None)
        if entry is not None:
            entry.status, entry.request_id, entry.error = status, request_id, error

    def ended(self, after: Condition | None, problem: Problem | None = None) -> None:
        """Record the result of the last request. ``after``: the condition that the vendor's answer means, if any."""
        entry: _Entry | None = getattr(self._local, "entry", None)
        if entry is None:
            return
        entry.error = None if problem is None else problem.code
        if problem is not None:
            entry.status = problem.status or entry.status
            entry.request_id = problem.request_id or entry.request_id
        self._record_result(entry, after)

    def _record_result(self, entry: _Entry, after: Condition | None) -> None:
        if not entry.is_open:
            return
        entry.is_open = False
        self._append(
            {
                "kind": "result",
                "email": entry.email,
                "id": entry.id,
                "after": after and after.as_result(),
                "error": entry.error,
                "status": entry.status,
                "request_id": entry.request_id,
                "at": self._now(),
                **({"session": entry.session} if entry.session else {}),
            }
        )

    def _append(self, line: Mapping[str, t.Any]) -> None:
        """Append a line, unless one could not be written before. A fault is kept for the next request."""
        with self._lock:
            if self._fault is not None:
                return
            try:
                if self._descriptor is None:
                    self._descriptor = self._open()
                _write(self._descriptor, line)
            except OSError as exc:
                self._fault = exc

    def _open(self) -> int:
        """Open the file, once for the task, and write its first line if it is empty. Raises OSError."""
        descriptor = os.open(t.cast(str, self._path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if os.fstat(descriptor).st_size == 0:
            header = dict.fromkeys(("run_id", "run_kind", "tenant", "vendor", "reason", "ticket", "started"))
            header |= {"tenant": self._tenant, "vendor": self._vendor, "started": self._now()}
            _write(descriptor, {"kind": "run", "schema_version": SCHEMA_VERSION, **header})
        return descriptor

    def _now(self) -> str:
        return moment_text(self._clock.wall())

    def _problem(self, fault: OSError) -> Problem:
        return Problem(
            "journal_failed",
            f"The journal {self._path} cannot be written ({fault.strerror}), so that no further change is sent. "
            "Correct the folder, its permissions or its space, and run again: accounts that are closed already stay so",
        )


def _write(descriptor: int, line: Mapping[str, t.Any]) -> None:
    """Write one whole line. Raises OSError, also where the file was deleted: the line would be lost."""
    if os.fstat(descriptor).st_nlink == 0:
        raise FileNotFoundError(2, "the file was deleted")
    data = (json.dumps(line) + "\n").encode()
    if _system_write(descriptor, data) != len(data):
        raise OSError(28, "only a part of a line was written")
