# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Run the real ansible-rulebook, send it events over HTTP, and wait for what they start."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import yaml

from harness.java import ADVICE
from harness.playbook import clean_environment, kill_all_with
from harness.venvs import venv

TOKEN_VARIABLE = "OFFBOARD_WEBHOOK_TOKEN"
PATIENCE = 300
RIGHT = "the right token"


@dataclass(frozen=True)
class Webhook:
    """Where ansible-rulebook listens, as an HR system sees it."""

    port: int
    token: str
    authority: Path | None = None

    def send(
        self,
        event: Any,
        *,
        method: str = "POST",
        token: str | None = RIGHT,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Send an event, or bytes as they are, and return the status. With `token` another one, or with None none."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {self.token if token is RIGHT else token}"
        connection = self._connection()
        try:
            connection.request(method, "/", event if isinstance(event, bytes) else json.dumps(event), sent)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if self.authority is None:
            return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        trust = ssl.create_default_context(cafile=str(self.authority))
        return HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE, context=trust)


@dataclass(frozen=True)
class Rulebook:
    """A running ansible-rulebook."""

    place: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> str:
        return (self.place / "log").read_text(encoding="utf-8")

    def wait(self, webhook: Webhook) -> Webhook:
        """Return the webhook once it answers, which it does as soon as events are taken."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                webhook.send({}, method="GET")
            except OSError:
                assert self.process.poll() is None, f"ansible-rulebook has ended:\n{self.output}"
                assert time.monotonic() < deadline, f"ansible-rulebook does not listen:\n{self.output}"
                time.sleep(0.05)
            else:
                return webhook


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def rulebook(
    place: Path,
    collections: Path,
    name: str,
    *options: str,
    env: Mapping[str, str],
    variables: Mapping[str, Any] | None = None,
    inventory: Mapping[str, Any] | None = None,
) -> Iterator[Rulebook]:
    """Start ansible-rulebook with a rulebook by its FQCN or path, and stop it at the end of the block."""
    binaries = venv("eda") / "bin"
    java = shutil.which("java")
    assert java, ADVICE
    (place / "variables.yml").write_text(yaml.safe_dump(dict(variables or {})))
    command = [str(binaries / "ansible-rulebook"), "--rulebook", name, "--vars", str(place / "variables.yml"), *options]
    if inventory is not None:
        (place / "inventory.yml").write_text(yaml.safe_dump(dict(inventory)))
        command += ["--inventory", str(place / "inventory.yml")]
    path = f"{binaries}:{Path(java).parent}:/usr/bin:/bin"
    # What it leaves when it is stopped in the middle of a run lies in its folder of temporary files.
    environment = clean_environment(place, collections, {**env, "PATH": path, "TMPDIR": str(place)})
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    with process:
        try:
            yield Rulebook(place, process)
        finally:
            # A playbook that is still running goes on without ansible-rulebook, and never ends.
            kill_all_with("TMPDIR", str(place))
