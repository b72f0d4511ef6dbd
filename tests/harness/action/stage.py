# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Tells the twin what to be before a task, and writes down what it was asked during the task."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from harness.credentials import credentials
from twin.client import Twin


class ActionModule(ActionBase):  # type: ignore[misc]
    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        twin = Twin(json.loads(Path(os.environ["SAAS_TWIN"]).read_text(encoding="utf-8")))
        if "vendor" in self._task.args:
            self._write_down(twin, self._task.args["vendor"])
        self._prepare(twin, self._task.args)
        return {**result, "changed": False}

    def _prepare(self, twin: Twin, orders: dict[str, Any]) -> None:
        if orders.get("fresh"):
            twin.reset()
        if orders.get("seed"):
            twin.seed(orders["seed"])
        if orders.get("population"):
            twin.population(**orders["population"])
        for vendor, values in orders.get("switches", {}).items():
            twin.switch(vendor, **values)
        for fault in orders.get("faults", []):
            twin.fault(**fault)
        if orders.get("listening"):
            twin.listening(**orders["listening"])
        twin.clear_log()

    def _write_down(self, twin: Twin, vendor: str) -> None:
        line = {"log": twin.log(), "state": twin.state(vendor), "secrets": sorted(credentials(twin))}
        with open(os.environ["SAAS_STAGE"], "a", encoding="utf-8") as stage:
            stage.write(json.dumps(line) + "\n")
