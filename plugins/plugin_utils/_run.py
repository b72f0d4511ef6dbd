# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is under way: its name, the hosts that report together, and what they have reported so far.

PRIVATE to the collection. It is kept in Ansible's own temporary folder, which ansible-playbook removes at its end.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from ._files import replacing
from ._nouns import Scope, TenantFacts, TenantReport
from ._preflight import Line

T = t.TypeVar("T")

DONE = "done"
REFUSED = "refused"
LEFT_OUT = "left_out"
OUTCOME = "outcome.json"


class Work(t.TypedDict):
    """What was done at one tenant: its report, and the facts of the run."""

    facts: TenantFacts
    report: TenantReport


class Part(t.TypedDict):
    """What one host reports of one vendor.

    ``outcome``: `done`, `refused` (by its settings, in ``faults``, before any request), or `left_out` (another vendor
    than those of offboard_vendors).
    """

    host: str
    position: int
    vendor: str
    tenant: str
    outcome: str
    faults: list[str]
    work: Work | None
    preflight: t.NotRequired[list[Line]]
    scope: t.NotRequired[Scope]


@dataclass(frozen=True)
class Run:
    """One run of the role. ``hosts`` report together; ``part``: why these are not all hosts of the play, or nothing."""

    folder: Path
    run_id: str
    started: str
    hosts: tuple[str, ...]
    part: str

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what the first host made that asked for it, as JSON keeps it."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                _write(path, make(), os.link)
        return t.cast(T, json.loads(path.read_bytes()))

    def keep(self, part: Part) -> None:
        """Keep what a host reports."""
        place = self.folder / "parts" / f"{quote(part['host'], safe='')}.{part['position']}.json"
        _write(place, part)

    def report_dir(self, given: str = "") -> str:
        """Return the folder of its report: the first that a host gives, since a template may differ at each."""
        path = self.folder / "report_dir.json"
        if given:
            with contextlib.suppress(FileExistsError):
                _write(path, given, os.link)
        return str(json.loads(path.read_bytes())) if path.exists() else ""

    def parts(self) -> list[Part]:
        """Return what was reported, in the order of the hosts."""
        found = [json.loads(path.read_bytes()) for path in self._files()]
        order = {host: number for number, host in enumerate(self.hosts)}
        return sorted(found, key=lambda part: (order.get(part["host"], len(order)), part["position"]))

    def reporter(self) -> str | None:
        """Return the host that reports for all: the first one that has something to report."""
        heard = {unquote(path.name.rpartition(".")[0].rpartition(".")[0]) for path in self._files()}
        return next((host for host in self.hosts if host in heard), None)

    def _files(self) -> list[Path]:
        return list((self.folder / "parts").glob("*.json"))

    def finish(self, outcome: Mapping[str, t.Any]) -> None:
        """Keep the outcome of the whole run in place of what was reported."""
        _write(self.folder / OUTCOME, outcome)
        for path in self._files():
            path.unlink()

    def outcome(self) -> dict[str, t.Any] | None:
        """Return the outcome of the whole run; None before there is one."""
        return outcome_of(self.folder)


def outcome_of(folder: Path) -> dict[str, t.Any] | None:
    """Return the outcome of the run of a folder; None before there is one."""
    try:
        return t.cast("dict[str, t.Any]", json.loads((folder / OUTCOME).read_bytes()))
    except FileNotFoundError:
        return None


def join_run(base: str, host: str, key: Sequence[str], hosts: Sequence[str], part: str = "") -> Run:
    """Return the run that a host is part of, begun by the first of those that have the same key."""
    place = Path(base) / "saas-offboarding"
    name = hashlib.sha256(json.dumps(list(key)).encode()).hexdigest()[:32]
    folder = place / name
    for each in (place, place / "hosts", folder, folder / "parts"):
        each.mkdir(mode=0o700, exist_ok=True)
    beginning = {"run_id": _new_name(), "started": _now(), "hosts": list(hosts), "part": part}
    with contextlib.suppress(FileExistsError):
        _write(folder / "run.json", beginning, os.link)
    _write(place / "hosts" / f"{quote(host, safe='')}.json", {"name": name})
    return _read(folder)


def run_of(base: str, host: str) -> Run | None:
    """Return the run that a host was part of last."""
    place = Path(base) / "saas-offboarding"
    try:
        name = json.loads((place / "hosts" / f"{quote(host, safe='')}.json").read_bytes())["name"]
        return _read(place / str(name))
    except FileNotFoundError:
        return None


def _read(folder: Path) -> Run:
    values = json.loads((folder / "run.json").read_bytes())
    return Run(folder, values["run_id"], values["started"], tuple(values["hosts"]), values["part"])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _new_name() -> str:
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(3)}"


def _write(path: Path, value: t.Any, put: Callable[[str, Path], None] = os.replace) -> None:
    with replacing(path, put) as stream:
        stream.write(json.dumps(value).encode())
