# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Writes down every task's result, so that a test can look at what Ansible saw rather than at what it printed."""

from __future__ import annotations

import json
import os
from typing import Any, ClassVar

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: aggregate
short_description: Write task results to the file named by SAAS_RECORD
description: One JSON object a line, for each result of a task on a host.
author: saas.offboarding contributors
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION: ClassVar = 2.0
    CALLBACK_TYPE: ClassVar = "aggregate"
    CALLBACK_NAME: ClassVar = "recorder"
    CALLBACK_NEEDS_ENABLED: ClassVar = True

    def _record(self, status: str, result: Any) -> None:
        line = {
            # Newer cores put the role's name before the task's.
            "task": result.task_name.rpartition(" : ")[2],
            "host": result._host.get_name(),
            "status": status,
            "result": result._result,
        }
        with open(os.environ["SAAS_RECORD"], "a", encoding="utf-8") as record:
            record.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record("unreachable", result)
