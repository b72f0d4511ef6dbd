# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an action calls a module of the collection: its progress is shown, and its users come back by a file.

PRIVATE to the collection.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
import time
import typing as t
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ._nouns import ModuleResult

NOT_STARTED = (126, 127)
"""Exit codes of a shell for a command that it cannot run or find."""
KILLED = (-9, 137)
POLL = 0.5
QUIET = 30.0
"""Seconds without a line after which one is shown that states that the work goes on."""


def is_here(action: ActionBase) -> bool:
    """Return whether a module runs on the controller as the same user, so that both see the same files."""
    return bool(action._connection.transport == "local" and not action._connection.become)


def call_module(
    action: ActionBase, task_vars: Mapping[str, t.Any], module: str, options: Mapping[str, t.Any], folder: str
) -> ModuleResult[t.Any]:
    """Call a module of the collection and return its result; ``msg`` alone where there is none.

    ``folder``: where its files lie while it runs.
    """
    host = str(task_vars["inventory_hostname"])
    given = {name: value for name, value in options.items() if value is not None}
    name = f"saas.offboarding.{module}"
    try:
        if not is_here(action):
            return _called(action, name, given, task_vars)
        with tempfile.TemporaryDirectory(dir=folder) as place, watched(place, f"[{host}] {module}: ") as progress:
            users = Path(place) / "users.json"
            files = {"progress_file": progress, "result_file": str(users)}
            result = _called(action, name, given | files, task_vars)
            if users.exists():
                result["users"] = json.loads(users.read_bytes())
            return result
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as exc:  # a timeout of the task is no Exception; what was written until then is reported
        return {"msg": f"{type(exc).__name__}: {exc}", "failed": True}


def _called(
    action: ActionBase, name: str, options: dict[str, t.Any], task_vars: Mapping[str, t.Any]
) -> ModuleResult[t.Any]:
    result: ModuleResult[t.Any] = action._execute_module(
        module_name=name, module_args=_Unshown(options), task_vars=task_vars
    )
    return _with_reason(result)


class _Unshown(dict[str, t.Any]):
    """Options that ANSIBLE_DEBUG does not show: credentials are among them."""

    def __repr__(self) -> str:
        return f"{len(self)} options"


def _with_reason(result: ModuleResult[t.Any]) -> ModuleResult[t.Any]:
    """Return the result, with the reason where the module's process could not be started, or was killed."""
    lines = str(result.get("module_stderr", "")).strip().splitlines()
    if result.get("rc") in NOT_STARTED and lines:
        result["msg"] = f"{result.get('msg', '')}: {lines[0][:200]}. Set ansible_python_interpreter for the host"
    elif result.get("rc") in KILLED:
        result["msg"] = "The module's process was killed, as the system does where memory runs out"
    return result


@contextlib.contextmanager
def watched(folder: str, prefix: str) -> Iterator[str]:
    """Show what is written to a file, whose path is given, as it comes."""
    path = os.path.join(folder, "progress.jsonl")
    with Watcher(path, prefix).watching():
        yield path


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
