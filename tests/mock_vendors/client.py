# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A running mock, seen from a test: its addresses and its control verbs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from .catalog import MOCKS

LOGIN = {name: mock.login for name, mock in MOCKS.items()}
ADDRESS = ("api_url", "token_url", "webhook_url", "webhook_token_url", "customer_id", "audience", "tenant_id")


class MockVendors:
    def __init__(self, ready: Mapping[str, Any]) -> None:
        self.ready: dict[str, Any] = dict(ready)
        self._host = urlsplit(self.ready["control"]).netloc
        self._batch: list[tuple[str, str, dict[str, str], Any]] | None = None

    def environment(self, **logins: tuple[str, ...]) -> dict[str, str]:
        """The environment variables of the modules. `environment(zitadel=("access_token",))` chooses an auth method."""
        variables = {}
        for vendor, login in {**LOGIN, **logins}.items():
            entry = self.ready[vendor]
            for option in (*ADDRESS, *login):
                if option in entry:
                    variables[f"{vendor}_{option}".upper()] = entry[option]
        return variables

    def seed(self, accounts: Mapping[str, list[dict[str, Any]]]) -> None:
        self._call("PUT", "/seed", accounts)

    def population(self, **counts: int) -> None:
        self._call("PUT", "/population", counts)

    def state(self, vendor: str | None = None) -> dict[str, Any]:
        state: dict[str, Any] = self._call("GET", "/state", **({"vendor": vendor} if vendor else {}))
        return state.get(vendor, {}) if vendor else state

    def log(self, kind: str | None = None, vendor: str | None = None) -> list[dict[str, Any]]:
        wanted = {name: value for name, value in (("kind", kind), ("vendor", vendor)) if value}
        log: list[dict[str, Any]] = self._call("GET", "/log", **wanted)
        return log

    def counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = self._call("GET", "/counts")
        return counts

    def clear_log(self) -> None:
        self._call("DELETE", "/log")

    def log_detail(self, detail: bool) -> None:
        self._call("PUT", "/log", {"detail": detail})

    def fault(self, service: str | None, action: str, **order: Any) -> None:
        self._call("POST", "/faults", {"service": service, "action": action, **order})

    def faults(self) -> list[dict[str, Any]]:
        faults: list[dict[str, Any]] = self._call("GET", "/faults")
        return faults

    def clear_faults(self) -> None:
        self._call("DELETE", "/faults")

    def switch(self, vendor: str, **values: Any) -> None:
        self._call("PUT", "/switches", {vendor: values})

    def switches(self) -> dict[str, dict[str, Any]]:
        switches: dict[str, dict[str, Any]] = self._call("GET", "/switches")
        return switches

    def latency(self, **seconds: float) -> None:
        self._call("PUT", "/latency", seconds)

    def listening(self, **services: bool) -> None:
        self._call("PUT", "/listening", services)

    def settle(self) -> None:
        """Apply at once what was accepted and is to come later."""
        self._call("POST", "/settle")

    def forgive(self) -> None:
        """Take credentials again that were revoked."""
        self._call("DELETE", "/revoked")

    def tokens(self) -> dict[str, list[str]]:
        """Every token that was issued since the start or the last reset."""
        tokens: dict[str, list[str]] = self._call("GET", "/tokens")
        return tokens

    def reset(self) -> None:
        self._call("POST", "/reset")

    @contextmanager
    def batch(self) -> Iterator[list[Any]]:
        """Send what is ordered in the block at its end, as one request; the list then holds the answers."""
        answers: list[Any] = []
        orders: list[tuple[str, str, dict[str, str], Any]] = []
        self._batch = orders
        try:
            yield answers
        finally:
            self._batch = None
        answers += self._call("POST", "/batch", orders)

    def _call(self, method: str, path: str, data: Any = None, **query: str) -> Any:
        if self._batch is not None:
            self._batch.append((method, path, query, data))
            return {}
        connection = HTTPConnection(self._host, timeout=120)
        try:
            body = None if data is None else json.dumps(data)
            connection.request(method, path + (f"?{urlencode(query)}" if query else ""), body)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status >= 400:
            raise ValueError(f"{method} {path}: {text}")
        return json.loads(text) if text else None


@contextmanager
def start(seed: Mapping[str, Any] | None = None, tls: bool = False) -> Iterator[MockVendors]:
    """Run the mock vendors in a separate process, which ends with the block or this process."""
    with tempfile.TemporaryDirectory(prefix="mock-") as folder:
        ready_file = Path(folder, "ready.json")
        command = [sys.executable, "-m", "mock_vendors", "--ready-file", str(ready_file), "--until-stdin-closes"]
        if seed is not None:
            seed_file = Path(folder, "seed.json")
            seed_file.write_text(json.dumps(seed), encoding="utf-8")
            command += ["--seed", str(seed_file)]
        if tls:
            command.append("--tls")
        tests = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(part for part in (tests, os.environ.get("PYTHONPATH")) if part)
        with subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) as process:
            try:
                yield MockVendors(_wait(ready_file, process))
            finally:
                process.terminate()


def _wait(ready_file: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the mock vendors did not start")
        time.sleep(0.01)
    ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
    return ready
