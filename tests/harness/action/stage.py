# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Set up the mock vendors before a task, and record their requests during the task."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from harness.credentials import credentials
from mock_vendors.client import MockVendors


class ActionModule(ActionBase):  # type: ignore[misc]
    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        mock = MockVendors(json.loads(Path(os.environ["SAAS_MOCK"]).read_text(encoding="utf-8")))
        if "vendor" in self._task.args:
            self._write_down(mock, self._task.args["vendor"])
        self._prepare(mock, self._task.args)
        return {**result, "changed": False}

    def _prepare(self, mock: MockVendors, orders: dict[str, Any]) -> None:
        if orders.get("fresh"):
            mock.reset()
        if orders.get("seed"):
            mock.seed(orders["seed"])
        if orders.get("population"):
            mock.population(**orders["population"])
        for vendor, values in orders.get("switches", {}).items():
            mock.switch(vendor, **values)
        for fault in orders.get("faults", []):
            mock.fault(**fault)
        if orders.get("listening"):
            mock.listening(**orders["listening"])
        mock.clear_log()

    def _write_down(self, mock: MockVendors, vendor: str) -> None:
        line = {"log": mock.log(), "state": mock.state(vendor), "secrets": sorted(credentials(mock))}
        with open(os.environ["SAAS_STAGE"], "a", encoding="utf-8") as stage:
            stage.write(json.dumps(line) + "\n")
