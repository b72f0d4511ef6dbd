# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Every example in the documentation works: each is run against the twin, as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.credentials import credentials
from harness.examples import (
    COMMANDS,
    FILE,
    INVENTORY,
    LEAVERS,
    OUTPUT,
    PLAYBOOK,
    TASKS,
    Example,
    collect,
    is_elsewhere,
)
from harness.placeholders import (
    VENDORS,
    People,
    addresses,
    at_twin,
    leavers_of,
    login,
    logins_left_out,
    own_environment,
    variables,
)
from harness.playbook import LOCALHOST, Ansible, Run, TaskResult, clean_environment
from harness.scenes import ACTIONS
from harness.tree import REPOSITORY
from twin.client import Twin

ALL = collect()
TENANTS = REPOSITORY / "examples" / "tenants.yml"
GIVEN = Path(__file__).with_name("examples_given.yml")
"""What the examples of filters and the like take for given, as tasks that bring it about, by plugin."""

DUE_AT = "2026-11-25T12:00:00Z"
"""The moment at which all examples play."""
GONE = [{"email": "leaver11@example.com"}, {"email": "leaver12@example.com"}]
"""Whom examples call `leavers` without saying who they are."""
STAFF = [{"email": "colleague01@example.com"}]


# -- playbooks and tasks


def batches() -> dict[str, list[Example]]:
    """Playbooks and tasks by what they are about: those of a batch share one start of ansible-playbook."""
    found: dict[str, list[Example]] = {}
    for example in ALL:
        if example.kind in (TASKS, PLAYBOOK):
            vendor = Path(example.source).stem.removesuffix("_info").removesuffix("_user")
            rest = "plugins" if example.is_of_plugin else "pages"
            found.setdefault(vendor if vendor in VENDORS else rest, []).append(example)
    return found


@pytest.mark.parametrize("batch", batches())
def test_plays_do_what_they_say(ansible: Ansible, twin: Twin, batch: str) -> None:
    examples = batches()[batch]
    run = play(ansible, twin, examples)

    results = by_example(run)
    assert list(results) == [str(example) for example in examples], str(run)
    assert [problem for example in examples for problem in problems(example, results[str(example)])] == []
    assert "Traceback" not in run.everything
    assert [secret for secret in credentials(twin) if secret in run.everything] == []


def play(ansible: Ansible, twin: Twin, examples: Sequence[Example]) -> Run:
    place = ansible.place / "examples"
    lay_out(place)
    text = "\n".join(example.text for example in examples)
    (place / "twin.json").write_text(json.dumps(twin.ready), encoding="utf-8")
    (place / "plays.yml").write_text(
        yaml.safe_dump([made for example in examples for made in plays_of(example, twin, place)], sort_keys=False),
        encoding="utf-8",
    )
    inventory = yaml.safe_load(TENANTS.read_text(encoding="utf-8"))
    inventory["all"]["hosts"] = LOCALHOST["all"]["hosts"]
    return ansible.run(
        str(place / "plays.yml"),
        inventory=inventory,
        extra_vars={**variables(text, twin, place), "staff": STAFF, "offboard_hosts": "zitadel", "offboard_due_at": DUE_AT},
        env={
            **addresses(twin),
            **own_environment(text, twin, place),
            "ANSIBLE_ACTION_PLUGINS": str(ACTIONS),
            "ANSIBLE_PIPELINING": "1",
            "SAAS_TWIN": str(place / "twin.json"),
        },
    )


def plays_of(example: Example, twin: Twin, place: Path) -> Iterator[dict[str, Any]]:
    """Plays that put into the twin whom the example names, and then are the example."""
    own = place / str(len(list(place.iterdir())))
    lay_out(own)
    data = yaml.safe_load(example.text.replace("/srv/", f"{own}/"))
    at_twin(data, twin)
    given = yaml.safe_load(GIVEN.read_text(encoding="utf-8").replace("/srv/", f"{own}/")).get(example.page, [])
    people = People()
    people.add_named([data, {f"saas.offboarding.{vendor}_user": GONE for vendor in VENDORS}])
    if "leavers.csv" in f"{example.text}{given}":
        people.add_leavers(leavers_of(own / "leavers.csv"))
    reads_only = example.is_of_plugin and example.page.endswith("_info")
    yield {
        "name": "The stage",
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {"name": str(example), "stage": {"seed": people.accounts(closed=reads_only)}},
            {"name": "Those who have left", "ansible.builtin.set_fact": {"leavers": GONE}},
            *[{**task, "environment": login(twin, VENDORS)} for task in given],
            {"name": BEGIN, "ansible.builtin.debug": {"msg": ""}},
        ],
    }
    if example.kind == PLAYBOOK:
        yield from ({**each, "ignore_errors": True, "environment": logins(each, twin)} for each in data)
        return
    yield {
        "name": "The example",
        "hosts": "localhost",
        "gather_facts": False,
        "ignore_errors": True,
        "tasks": [
            {"name": "One of its tasks", "environment": logins(task, twin), "block": [task]} for task in data
        ],
    }


BEGIN = "The example begins"


def logins(data: Any, twin: Twin) -> dict[str, str]:
    return login(twin, logins_left_out(data))


def lay_out(place: Path) -> None:
    """What somebody has who follows the documentation: an inventory, and lists of people."""
    place.mkdir(parents=True, exist_ok=True)
    for name in ("tenants.yml", "leavers.csv", "leavers.yml"):
        shutil.copy(REPOSITORY / "examples" / name, place)
    (place / "staff.csv").write_text("email\n" + "".join(f"{each['email']}\n" for each in STAFF), encoding="utf-8")
    (place / "board.txt").write_text("board01@example.com\n", encoding="utf-8")


def by_example(run: Run) -> dict[str, list[TaskResult]]:
    """The results of each example's own tasks."""
    found: dict[str, list[TaskResult]] = {}
    names = {str(example) for example in ALL}
    results: list[TaskResult] = []
    for result in run.tasks:
        if result.task in names:
            results = found.setdefault(result.task, [])
        elif result.task == BEGIN:
            results.clear()
        else:
            results.append(result)
    return found


def problems(example: Example, results: Sequence[TaskResult]) -> Iterator[str]:
    """What is not as an example promises."""
    names = names_in(example.data)
    failed = [each for each in results if each.failed or (each.status == "skipped" and each.task in names)]
    if example.fails:
        if not any(example.fails in result.msg for result in failed):
            yield f"{example} does not fail with {example.fails!r}"
        return
    yield from (f"{example}: {result.task} {result.status}: {result.msg}" for result in failed)
    if not any(result.ok for result in results):
        yield f"{example}: nothing was done"
    for result in results:
        if "requests" in result.result and isinstance(result.result["users"], list):
            odd = [user for user in result.users if user.get("outcome") == "missing" or user.get("found") is False]
            if odd or not result.result["requests"]["sent"]:
                yield f"{example}: {result.task}: {odd or 'no request was sent'}"


def names_in(data: Any) -> set[str]:
    if isinstance(data, list):
        return {name for entry in data for name in names_in(entry)}
    if isinstance(data, dict):
        return {str(data.get("name", ""))} | {name for value in data.values() for name in names_in(value)}
    return set()


# -- inventories


@pytest.mark.parametrize("credentials", ["in the environment", "in variables"])
def test_inventories_are_of_tenants(ansible: Ansible, twin: Twin, credentials: str) -> None:
    place = ansible.place / "inventories"
    lay_out(place)
    used, hosts, text = [], 0, ""
    for number, example in enumerate(example for example in ALL if example.kind == INVENTORY):
        data = example.data
        if (logins_left_out(data) == set(VENDORS)) is (credentials == "in the environment"):
            at_twin(data, twin)
            used += ["-i", str(place / f"{number}.yml")]
            text += example.text
            (place / f"{number}.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    for name in re.findall(r"offboard_leavers_file: ([\w/.-]+)", text):
        (place / name).parent.mkdir(exist_ok=True)
        shutil.copy(place / "leavers.csv", place / name)
    assert used
    people = People()
    people.add_leavers(leavers_of(place / "leavers.csv"))
    twin.seed(people.accounts())
    (place / "default.yml").write_text(
        yaml.safe_dump({"all": {"vars": {"offboard_leavers_file": "leavers.csv"}}}), encoding="utf-8"
    )
    given = place / "given.json"
    given.write_text(json.dumps(variables(text, twin, place)), encoding="utf-8")
    environment = addresses(twin) | (login(twin, VENDORS) if credentials == "in the environment" else {})
    done = run_command(
        ["ansible-playbook", "-i", "default.yml", *used, "saas.offboarding.offboard", "--check", "-e", f"@{given}"],
        place,
        clean_environment(ansible.place, ansible.collections, environment),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert twin.log(kind="write") == []


# -- commands


def pages_with(kind: str) -> list[str]:
    return list(dict.fromkeys(example.source for example in ALL if example.kind == kind))


@dataclass
class Desk:
    """Where somebody sits who follows a page, with what the page has brought about so far."""

    place: Path
    environment: dict[str, str]
    twin: Twin
    shown: str = ""

    def write(self, example: Example) -> None:
        text = example.text
        if example.language == "yaml":
            data = example.data
            at_twin(data, self.twin)
            text = yaml.safe_dump(data)
        (self.place / example.markers["example-file"]).write_text(text, encoding="utf-8")

    def carry_out(self, example: Example) -> None:
        self.shown = ""
        commands = [command for command in example.commands() if not is_elsewhere(command)]
        for command in commands:
            if command.startswith("export "):
                self.export(command)
                continue
            done = self.run(command)
            shown = done.stdout + done.stderr
            self.shown += shown
            assert [secret for secret in credentials(self.twin) if secret in shown] == []
            assert "Traceback" not in shown
            if example.fails and command == commands[-1]:
                assert done.returncode, f"{example}: {command} does not fail:\n{shown}"
                assert example.fails in " ".join(shown.split()), f"{example}: {command}:\n{shown}"
            else:
                assert done.returncode == 0, f"{example}: {command}:\n{shown}"

    def export(self, command: str) -> None:
        """Set a variable of the environment: to what the page says, but an option of a vendor to that of the twin."""
        name, _mark, value = shlex.split(command)[1].partition("=")
        vendor, _mark, option = name.lower().partition("_")
        self.environment[name] = str(self.twin.ready[vendor][option]) if vendor in VENDORS else value

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(self.filled_in(command))
        if words[0] != "ansible-doc":
            words += ["-e", f"@{self.place / 'given.json'}"]
        return run_command(words, self.place, self.environment)

    def filled_in(self, command: str) -> str:
        """A command with the folders and seals of the runs that there were, in place of those that it shows."""
        run = r"reports/(?:RUN|\d{8}T\d{6}Z-\w+)"
        if re.search(rf"offboard_plan_file={run}", command):
            command = re.sub(rf"(?<=offboard_plan_file=){run}", str(self.newest("plan.json")), command)
        if re.search(rf"offboard_evidence={run}", command):
            folder = self.newest("evidence.json")
            seal = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["seal"]
            command = re.sub(rf"(?<=offboard_evidence=){run}", str(folder), command)
            command = command.replace("offboard_seal=sha256:...", f"offboard_seal={seal}")
        return command

    def newest(self, name: str) -> Path:
        """The newest run with such a file: a plan, or the evidence of accounts that were closed."""
        for file in sorted((self.place / "reports").glob(f"*/{name}"), key=lambda path: path.stat().st_mtime_ns)[::-1]:
            head = json.loads((file.parent / "evidence.json").read_text(encoding="utf-8"))["run"]
            if head["kind"] == "offboard" and head["check_mode"] is (name == "plan.json"):
                return file.parent
        raise AssertionError(f"no run has left {name}: {self.shown}")


@pytest.mark.parametrize("page", pages_with(COMMANDS))
def test_commands_do_what_they_say(ansible: Ansible, twin: Twin, page: str) -> None:
    examples = [example for example in ALL if example.source == page]
    desk = sit_down(ansible, twin, examples)
    for example in examples:
        if example.kind == FILE:
            desk.write(example)
        elif example.kind == COMMANDS:
            desk.carry_out(example)
        elif example.kind == OUTPUT:
            assert_shown(example, desk.shown)


def sit_down(ansible: Ansible, twin: Twin, examples: Sequence[Example]) -> Desk:
    place = ansible.place / "desk"
    lay_out(place)
    text = "\n".join(example.text for example in examples)
    given = {**variables(text, twin, place), "offboard_due_at": DUE_AT}
    (place / "given.json").write_text(json.dumps(given), encoding="utf-8")
    people = People()
    for example in examples:
        if example.kind in (FILE, LEAVERS) and example.language == "csv":
            people.add_leavers(leavers_of_text(example.text, place))
        elif example.kind == COMMANDS:
            people.add_named([named_in(command) for command in example.commands()])
    people.add_leavers(leavers_of(place / "leavers.csv"))
    twin.seed(people.accounts())
    exported = {vendor for vendor in VENDORS if f"export {vendor.upper()}_" in text}
    environment = addresses(twin) | login(twin, set(VENDORS) - exported) | own_environment(text, twin, place)
    return Desk(place, clean_environment(ansible.place, ansible.collections, environment), twin)


def leavers_of_text(text: str, place: Path) -> list[dict[str, Any]]:
    path = place / "some.csv"
    path.write_text(text, encoding="utf-8")
    return leavers_of(path)


def named_in(command: str) -> dict[str, Any]:
    """The module and the keys of a command such as `ansible localhost -m MODULE -a "email=…"`."""
    words = shlex.split(command)
    if words[0] != "ansible" or "-a" not in words:
        return {}
    options = dict(word.split("=", 1) for word in shlex.split(words[words.index("-a") + 1]))
    return {words[words.index("-m") + 1]: options}


def run_command(words: Sequence[str], place: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=place,
        env={**environment, "ANSIBLE_LOCALHOST_WARNING": "0", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )


def assert_shown(example: Example, shown: str) -> None:
    """Each line of an output is one of what the commands above it have shown; ... stands for anything."""
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    for wanted in example.text.splitlines():
        pattern = ".*".join(re.escape(" ".join(part.split())) for part in re.split(r"\.\.\.|…", wanted.strip()))
        assert any(re.search(pattern, line) for line in lines), f"{example}: {wanted!r} is not in\n{shown}"
