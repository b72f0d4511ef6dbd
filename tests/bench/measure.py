# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Run a command, and say what it took: the whole of it, and each process of a module in it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WATCH = Path(__file__).with_name("watch.py")
# Isolated and without site: it starts in no time and stays small.
WATCHER = [sys.executable, "-I", "-S", str(WATCH)]
SHOWN = 4000


class CommandFailed(Exception):
    pass


@dataclass(frozen=True)
class Used:
    """What a command used. `cpu` is that of all its processes, `memory` (MiB) that of the largest of them."""

    program: str
    began: float
    ended: float
    cpu: float
    memory: float

    @property
    def wall(self) -> float:
        return self.ended - self.began


def read_record(path: Path) -> list[Used]:
    """Read what was watched, in the order in which it ended; nothing where nothing was."""
    return [Used(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def run(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> Used:
    """Run a command to its end. One that fails ends the measurement: its time would be that of something else."""
    record, output = place / "command.jsonl", place / "output"
    with output.open("wb") as stream:
        done = subprocess.run(
            [*WATCHER, str(record), *command],
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        text = output.read_text(errors="replace")
        raise CommandFailed(f"{shlex.join(command)} ended with {done.returncode}:\n{text[-SHOWN:]}")
    return read_record(record)[-1]


def watched_python(place: Path) -> tuple[Path, Path]:
    """Make a stand-in for a module's Python that watches it; its path, and where it writes."""
    python, record = place / "python", place / "modules.jsonl"
    python.write_text(f'#!/bin/sh\nexec {shlex.join([*WATCHER, str(record), sys.executable])} "$@"\n')
    python.chmod(0o755)
    return python, record
