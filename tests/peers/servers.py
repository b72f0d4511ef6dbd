# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Start SCIM servers of others on loopback, and fill them with users through their own API."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from harness.venvs import venv

TOKEN = "peerToken-3f81c60ad92e-5b7d20c4e8f1a693"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
SCIM = "application/scim+json"
HERE = Path(__file__).parent
PATIENCE = 60


class Lacking(Exception):
    """What this machine lacks, so that a peer cannot be started."""


@dataclass
class Peer:
    """A running server: its SCIM address, the bearer token that it takes, the ids of its users by their names."""

    name: str
    api_url: str
    token: str = TOKEN
    ids: dict[str, str] = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)
    login: dict[str, str] = field(default_factory=dict)
    """How scim_user logs in, where it is not by the token."""

    @property
    def options(self) -> dict[str, str]:
        """The options by which scim_user reaches this server."""
        return {"api_url": self.api_url, **(self.login or {"access_token": self.token})}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Send one request; `path` begins behind the SCIM address."""
        self.session.trust_env = False
        sent = {"Authorization": f"Bearer {self.token}", "Accept": SCIM, **headers}
        if body is not None:
            sent["Content-Type"] = SCIM
        data = None if body is None else json.dumps(body)
        return self.session.request(method, self.api_url + path, data=data, headers=sent, timeout=PATIENCE)

    def add(self, number: int, **more: Any) -> str:
        """Create a user over SCIM, and return its id."""
        answer = self.ask("POST", "/Users", {**person(number), **more})
        assert answer.status_code == 201, f"{self.name}: {answer.status_code} {answer.text}"
        row = answer.json()
        self.ids[str(row["userName"]).lower()] = str(row["id"])
        return str(row["id"])

    def state(self) -> dict[str, Any]:
        """The field `active` of every user, by name, read by id; None where there is none any more."""
        return {name: self.active(row_id) for name, row_id in self.ids.items()}

    def active(self, row_id: str) -> Any:
        answer = self.ask("GET", f"/Users/{row_id}")
        return answer.json().get("active") if answer.status_code == 200 else None


def username(number: int) -> str:
    return f"User{number:02}@example.com"


def person(number: int) -> dict[str, Any]:
    name = username(number)
    return {
        "schemas": [USER],
        "userName": name,
        "externalId": f"E{number:02}",
        "name": {"givenName": "First", "familyName": f"Last{number:02}"},
        "emails": [{"value": name, "type": "work", "primary": True}],
        "active": True,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing answers at {url}")


@contextmanager
def run(command: Sequence[str], url: str, patience: float = PATIENCE, **options: Any) -> Iterator[None]:
    """Run a server until the block ends; what it printed comes with the error when it does not start."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **options
        )
        try:
            wait_for(url, process, patience)
            yield
        except RuntimeError as error:
            output.seek(0)
            raise RuntimeError(f"{error}\n{output.read().decode(errors='replace')[-4000:]}") from error
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def scim2_server(folder: Path, cursor: bool = False) -> Iterator[Peer]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/v2"
    command = [str(venv("peers") / "bin" / "scim2-server"), "--port", str(port), "--bearer-token", TOKEN]
    if cursor:
        config = folder / "config.json"
        config.write_text(json.dumps(cursor_config()), encoding="utf-8")
        command += ["--service-provider-config", str(config)]
    with run(command, base, cwd=folder):
        yield Peer("scim2-server, cursor" if cursor else "scim2-server", base)


def cursor_config() -> dict[str, Any]:
    supported = {"supported": True}
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": supported,
        "bulk": {**supported, "maxOperations": 1000, "maxPayloadSize": 1048576},
        "filter": {**supported, "maxResults": 1000},
        "changePassword": supported,
        "sort": supported,
        "etag": supported,
        "authenticationSchemes": [],
        "pagination": {
            "cursor": True,
            "index": False,
            "defaultPaginationMethod": "cursor",
            "defaultPageSize": 10,
            "maxPageSize": 100,
            "cursorTimeout": 3600,
        },
    }


@contextmanager
def django_server(kind: str, folder: Path) -> Iterator[Peer]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/scim/v2"
    python = str(venv("peers") / "bin" / "python")
    command = [python, str(HERE / "django_server.py"), kind, str(port), str(folder / f"{kind}.sqlite3"), TOKEN]
    with run(command, f"{base}/Users", cwd=folder):
        yield Peer(kind.replace("_", "-"), base)


Starter = Callable[[Path], AbstractContextManager[Peer]]

STARTERS: dict[str, Starter] = {
    "scim2-server": scim2_server,
    "scim2-server, cursor": lambda folder: scim2_server(folder, cursor=True),
    "django-scim2": lambda folder: django_server("django_scim2", folder),
    "django-scim2-server": lambda folder: django_server("django_scim2_server", folder),
}
"""What PyPI has: part of `make test`."""


@contextmanager
def started(starter: Starter, users: int = 0) -> Iterator[Peer]:
    """A running peer with so many users."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peer-")))
        peer = stack.enter_context(starter(folder))
        stack.enter_context(peer.session)
        for number in range(1, users + 1):
            peer.add(number)
        yield peer
