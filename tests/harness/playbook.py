# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Run the real ansible-playbook in a separate environment, and keep the result of every task."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LOCALHOST = {
    "all": {
        "hosts": {
            "localhost": {
                "ansible_connection": "local",
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            }
        }
    }
}
RECORD = "record.jsonl"
VERDICT = "Fail if the result is not as requested"
CALLBACKS = Path(__file__).parent / "callback"


@dataclass(frozen=True)
class TaskResult:
    """What one task returned on one host."""

    task: str
    host: str
    status: str  # ok, failed, skipped, unreachable
    result: dict[str, Any] = field(repr=False)

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    @property
    def failed(self) -> bool:
        return self.status == "failed"

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed", False))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))

    @property
    def warnings(self) -> list[str]:
        return [str(warning) for warning in self.result.get("warnings", [])]

    @property
    def diff(self) -> Any:
        return self.result.get("diff")

    @property
    def users(self) -> list[dict[str, Any]]:
        users: list[dict[str, Any]] = self.result["users"]
        return users

    @property
    def outcomes(self) -> list[str]:
        return [str(user["outcome"]) for user in self.users]


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook."""

    rc: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    tasks: list[TaskResult]
    record: str = field(repr=False)

    def result(self, which: str | int = -1, host: str | None = None) -> TaskResult:
        """A task's result by name or by position: the only one of that name (on that host)."""
        if isinstance(which, int):
            return self.tasks[which]
        found = [task for task in self.tasks if task.task == which and host in (None, task.host)]
        assert len(found) == 1, f"{len(found)} results of {which!r} on {host or 'any host'}: {self}"
        return found[0]

    @property
    def warnings(self) -> list[str]:
        return [warning for task in self.tasks for warning in task.warnings]

    @property
    def everything(self) -> str:
        """All that this run has shown to anybody."""
        return "\n".join((self.stdout, self.stderr, self.record))

    @property
    def table(self) -> list[str]:
        """The lines of the run's report."""
        (lines,) = [task.result["msg"] for task in self.tasks if task.task == "Report" and task.msg]
        return list(lines)

    @property
    def verdicts(self) -> dict[str, str]:
        """By host, what it failed with at the end."""
        return {task.host: task.msg for task in self.tasks if task.task == VERDICT and task.failed}

    def __str__(self) -> str:
        return f"exit code {self.rc}\n{self.stdout}\n{self.stderr}"


def clean_environment(home: Path, collections: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of the caller's Ansible, proxies or home folder: the same run on every machine."""
    settings = home / "ansible.cfg"
    settings.touch()
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
        "HOME": str(home),
        "TMPDIR": tempfile.gettempdir(),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_HOME": str(home / ".ansible"),
        # Newer cores show the arguments of a module only when asked; what shows them must hide the secrets.
        "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        **(extra or {}),
    }


def kill_all_with(variable: str, value: str) -> None:
    """Kill what was started with this in its environment: Ansible's workers leave the process group they came from."""
    mark = f"{variable}={value}".encode()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


@dataclass(frozen=True)
class Ansible:
    """Runs playbooks in the folder `place`, with the collections below `collections`."""

    place: Path
    collections: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        what: str | Sequence[Mapping[str, Any]],
        *,
        check: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        env: Mapping[str, str] | None = None,
        extra_vars: Mapping[str, Any] | None = None,
        inventory: Mapping[str, Any] | Path | None = None,
        limit: str | None = None,
        arguments: Sequence[str] = (),
        timeout: float = 300,
    ) -> Run:
        """Run a playbook (by name, FQCN or path), a list of plays, or a list of tasks for localhost."""
        place, command = self._command(what, inventory, limit, extra_vars)
        command += arguments
        command += ["--check"] * check + ["--diff"] * diff + ["-" + "v" * verbosity] * bool(verbosity)
        done = subprocess.run(
            command,
            cwd=place,
            env=self._environment(place, env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=timeout,
        )
        text = (place / RECORD).read_text()
        tasks = [TaskResult(**json.loads(line)) for line in text.splitlines()]
        return Run(done.returncode, done.stdout, done.stderr, tasks, text)

    @contextlib.contextmanager
    def until_killed(
        self,
        what: str,
        *,
        env: Mapping[str, str] | None = None,
        extra_vars: Mapping[str, Any] | None = None,
        inventory: Mapping[str, Any] | Path | None = None,
        limit: str | None = None,
    ) -> Iterator[None]:
        """Run a playbook until the block ends; then kill it with all that it started, as an empty battery does."""
        place, command = self._command(what, inventory, limit, extra_vars)
        process = subprocess.Popen(
            command,
            cwd=place,
            env=self._environment(place, env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            kill_all_with("SAAS_RECORD", str(place / RECORD))
            process.wait()

    def _environment(self, place: Path, env: Mapping[str, str] | None) -> dict[str, str]:
        recorder = {
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "recorder",
            "SAAS_RECORD": str(place / RECORD),
        }
        environment = clean_environment(self.place, self.collections, {**recorder, **self.env, **(env or {})})
        return self._with_built_modules(environment)

    def _with_built_modules(self, environment: dict[str, str]) -> dict[str, str]:
        """Keep the files of modules for the next run, unless the modules are those of one test alone."""
        path = environment["ANSIBLE_COLLECTIONS_PATH"]
        enabled = environment["ANSIBLE_CALLBACKS_ENABLED"]
        if any(Path(each).is_relative_to(self.place) for each in path.split(os.pathsep)) or enabled != "recorder":
            return environment
        kept = self.collections / "built" / hashlib.sha256(path.encode()).hexdigest()
        return {
            **environment,
            "ANSIBLE_CALLBACKS_ENABLED": "recorder,built_modules",
            "SAAS_BUILT_MODULES": str(kept),
        }

    def _command(
        self,
        what: str | Sequence[Mapping[str, Any]],
        inventory: Mapping[str, Any] | Path | None,
        limit: str | None,
        extra_vars: Mapping[str, Any] | None,
    ) -> tuple[Path, list[str]]:
        """Make a folder for a run, and return it with the command."""
        place = Path(tempfile.mkdtemp(prefix="run-", dir=self.place))
        (place / RECORD).touch()
        command = ["ansible-playbook", "-i", str(self._inventory(place, inventory)), self._playbook(place, what)]
        if limit is not None:
            command += ["--limit", limit]
        if extra_vars is not None:
            (place / "extra_vars.json").write_text(json.dumps(extra_vars))
            command += ["--extra-vars", f"@{place / 'extra_vars.json'}"]
        return place, command

    @staticmethod
    def _inventory(place: Path, inventory: Mapping[str, Any] | Path | None) -> Path:
        if isinstance(inventory, Path):
            return inventory
        path = place / "inventory.yml"
        path.write_text(yaml.safe_dump(inventory or LOCALHOST))
        return path

    @staticmethod
    def _playbook(place: Path, what: str | Sequence[Mapping[str, Any]]) -> str:
        if isinstance(what, str):
            return what
        plays = list(what)
        if not any(key in plays[0] for key in ("hosts", "import_playbook", "ansible.builtin.import_playbook")):
            plays = [{"hosts": "localhost", "gather_facts": False, "tasks": plays}]
        path = place / "playbook.yml"
        path.write_text(yaml.safe_dump(plays, sort_keys=False))
        return str(path)
