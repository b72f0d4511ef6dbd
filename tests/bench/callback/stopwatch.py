# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Writes down when each task began and ended on each host. It looks at no result: a look at 10,000 users takes time."""

from __future__ import annotations

import json
import os
import time
from typing import Any, ClassVar

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: stopwatch
type: aggregate
short_description: Write the moments of a run to the file named by SAAS_STOPWATCH
description: One JSON object a line.
author: saas.offboarding contributors
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION: ClassVar = 2.0
    CALLBACK_TYPE: ClassVar = "aggregate"
    CALLBACK_NAME: ClassVar = "stopwatch"
    CALLBACK_NEEDS_ENABLED: ClassVar = True

    def _note(self, event: str, task: str = "", host: str = "") -> None:
        line = {"at": time.time(), "event": event, "task": task.rpartition(" : ")[2], "host": host}
        with open(os.environ["SAAS_STOPWATCH"], "a", encoding="utf-8") as record:
            record.write(json.dumps(line) + "\n")

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._note("playbook")

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._note("start", task.get_name(), host.get_name())

    def v2_runner_on_ok(self, result: Any) -> None:
        self._note("end", result.task_name, result._host.get_name())

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._note("end", result.task_name, result._host.get_name())

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._note("end", result.task_name, result._host.get_name())

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._note("stats")
