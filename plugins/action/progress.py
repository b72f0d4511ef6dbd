# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of the collection, and shows how far it is while it runs.

meta/runtime.yml names this action plugin for each of the modules.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
import time
import typing as t
from collections.abc import Iterator

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.utils.display import Display

from ansible_collections.saas.offboarding.plugins.module_utils._packed import is_packed, unpack

OPTION = "progress_file"
USERS = "users"
POLL = 0.5
QUIET = 30.0
"""Seconds without a line after which one is shown that says that the work goes on."""


class ActionModule(NormalActionModule):  # type: ignore[misc]
    """The usual way to run a module, with somebody who watches it."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        with self._watched(str((task_vars or {}).get("inventory_hostname", ""))), self._unpacked():
            result: dict[str, t.Any] = super().run(tmp, task_vars)
            return result

    @contextlib.contextmanager
    def _unpacked(self) -> Iterator[None]:
        """Where the users come as one text, give the module the list of them."""
        given = self._task.args.get(USERS)
        if not is_packed(given):
            yield
            return
        try:
            self._task.args[USERS] = unpack(given)
        except ValueError as exc:
            raise AnsibleActionFail(f"{USERS}: {exc}") from None
        try:
            yield
        finally:
            self._task.args[USERS] = given

    @contextlib.contextmanager
    def _watched(self, host: str) -> Iterator[None]:
        """Where the module runs on this machine as the same user, let it write its notes to a file, and show them."""
        elsewhere = self._connection.transport != "local" or self._connection.become
        if elsewhere or self._task.async_val or self._task.args.get(OPTION):
            yield
            return
        descriptor, path = tempfile.mkstemp(prefix="saas-offboarding-")
        os.close(descriptor)
        self._task.args[OPTION] = path
        watcher = Watcher(path, f"[{host}] {self._task.action.rpartition('.')[2]}: ")
        try:
            with watcher.watching():
                yield
        finally:
            self._task.args.pop(OPTION, None)
            with contextlib.suppress(OSError):
                os.unlink(path)


class Watcher:
    """Shows the lines of a file as they come."""

    def __init__(self, path: str, prefix: str) -> None:
        self._path = path
        self._prefix = prefix
        self._place = 0
        self._now = "waiting for the first answer"
        self._shown = time.monotonic()
        self._over = threading.Event()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        over = False
        while not over:
            over = self._over.wait(POLL)
            # Whatever happens to the file, the module's work goes on, and its result is what counts.
            with contextlib.suppress(OSError, ValueError):
                self._read()
            if not over and time.monotonic() - self._shown > QUIET:
                self._show(f"at work, {self._now}")

    def _read(self) -> None:
        for line in self._new_lines():
            if "say" in line:
                self._show(line["say"])
            self._now = line.get("now", self._now)

    def _new_lines(self) -> Iterator[dict[str, str]]:
        """Return the whole lines that were added since; a half one is left for the next time."""
        with open(self._path, "rb") as stream:
            stream.seek(self._place)
            text = stream.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._place += len(whole)
        return (json.loads(line) for line in whole.splitlines())

    def _show(self, text: str) -> None:
        self._shown = time.monotonic()
        # What other programs read from the standard output stays as it is.
        Display().display(self._prefix + text, stderr="json" in constants.DEFAULT_STDOUT_CALLBACK)
