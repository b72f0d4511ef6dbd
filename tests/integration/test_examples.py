# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Every example in the documentation works: each is run against the mock vendors, as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
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
    of_kind,
)
from harness.placeholders import (
    VENDORS,
    People,
    addresses,
    at_mock,
    leavers_of,
    login,
    logins_left_out,
    own_environment,
    variables,
)
from harness.playbook import LOCALHOST, Ansible, Run, TaskResult, clean_environment
from harness.scenes import ACTIONS
from harness.tree import REPOSITORY
from mock_vendors.client import LOGIN, MockVendors

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
    for example in of_kind(ALL, TASKS, PLAYBOOK):
        vendor = Path(example.source).stem.removesuffix("_info").removesuffix("_user")
        rest = "plugins" if example.is_of_plugin else "pages"
        found.setdefault(vendor if vendor in VENDORS else rest, []).append(example)
    return found


@pytest.mark.parametrize("batch", batches())
def test_plays_do_what_they_say(ansible: Ansible, mock: MockVendors, batch: str) -> None:
    examples = batches()[batch]
    run = play(ansible, mock, examples)

    results = by_example(run)
    assert list(results) == [str(example) for example in examples], str(run)
    assert [problem for example in examples for problem in problems(example, results[str(example)])] == []
    assert "Traceback" not in run.everything
    assert [secret for secret in credentials(mock) if secret in run.everything] == []


def play(ansible: Ansible, mock: MockVendors, examples: Sequence[Example]) -> Run:
    place = ansible.place / "examples"
    lay_out(place)
    text = "\n".join(example.text for example in examples)
    (place / "mock.json").write_text(json.dumps(mock.ready), encoding="utf-8")
    (place / "plays.yml").write_text(
        yaml.safe_dump([made for example in examples for made in plays_of(example, mock, place)], sort_keys=False),
        encoding="utf-8",
    )
    return ansible.run(
        str(place / "plays.yml"),
        inventory=tenants() | {"ungrouped": LOCALHOST["all"]},
        extra_vars={
            **variables(text, mock, place),
            "staff": STAFF,
            "offboard_hosts": "zitadel",
            "offboard_due_at": DUE_AT,
        },
        env={
            **addresses(mock),
            **{f"THE_{name}": value for name, value in login(mock, VENDORS).items()},
            **own_environment(text, mock, place),
            "ANSIBLE_ACTION_PLUGINS": str(ACTIONS),
            "ANSIBLE_PIPELINING": "1",
            "SAAS_MOCK": str(place / "mock.json"),
        },
    )


def plays_of(example: Example, mock: MockVendors, place: Path) -> Iterator[dict[str, Any]]:
    """Plays that put into the mock vendors whom the example names, and then are the example."""
    own = place / str(len(list(place.iterdir())))
    lay_out(own)
    data = yaml.safe_load(example.text.replace("/srv/", f"{own}/"))
    at_mock(data, mock)
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
            *[{**task, "environment": hidden(VENDORS)} for task in given],
            {"name": BEGIN, "ansible.builtin.debug": {"msg": ""}},
        ],
    }
    if example.kind == PLAYBOOK:
        yield from ({**each, "ignore_errors": True, "environment": logins(each)} for each in data)
        return
    yield {
        "name": "The example",
        "hosts": "localhost",
        "gather_facts": False,
        "ignore_errors": True,
        "tasks": [{"name": "One of its tasks", "environment": logins(task), "block": [task]} for task in data],
    }


BEGIN = "The example begins"


def logins(data: Any) -> dict[str, str]:
    return hidden(logins_left_out(data))


def hidden(vendors: Iterable[str]) -> dict[str, str]:
    """What logs in to these vendors, by template: Ansible shows the lines of a task that fails."""
    names = (f"{vendor}_{option}".upper() for vendor in vendors for option in LOGIN[vendor])
    return {name: f"{{{{ lookup('ansible.builtin.env', 'THE_{name}') }}}}" for name in names}


def lay_out(place: Path) -> None:
    """What a reader of the documentation has: the tenants that were kept, and lists of people."""
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "examples" / "leavers.csv", place)
    (place / "tenants.yml").write_text(yaml.safe_dump(tenants()), encoding="utf-8")
    (place / "staff.csv").write_text("email\n" + "".join(f"{each['email']}\n" for each in STAFF), encoding="utf-8")
    (place / "board.txt").write_text("board01@example.com\n", encoding="utf-8")


def tenants() -> dict[str, Any]:
    """Two of the tenants of the example, one that can be read and one that cannot: five take their time."""
    inventory: dict[str, Any] = yaml.safe_load(TENANTS.read_text(encoding="utf-8"))
    hosts = inventory["all"]["children"]["saas"]["hosts"]
    inventory["all"]["children"]["saas"]["hosts"] = {name: hosts[name] for name in ("customergauge", "zitadel")}
    return inventory


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


def test_inventories_are_of_tenants(ansible: Ansible, mock: MockVendors) -> None:
    """All tenants of all inventories are planned in one run."""
    place = ansible.place / "inventories"
    place.mkdir()
    inventories = of_kind(ALL, INVENTORY)
    text = "\n".join(example.text for example in inventories)
    hosts: list[str] = []
    for number, example in enumerate(inventories):
        data = example.data
        left_out = logins_left_out(data)
        at_mock(data, mock)
        for name, of_host in hosts_in(data):
            hosts.append(name)
            of_host |= {option: f"{{{{ vault_{option} }}}}" for option in map(str.lower, login(mock, left_out))}
            of_host["offboard_leavers_file"] = str(REPOSITORY / "examples" / "leavers.csv")
        (place / f"{number}.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    assert sorted(set(hosts)) == sorted(hosts), "of two hosts with one name only one would be looked at"
    people = People()
    people.add_leavers(leavers_of(REPOSITORY / "examples" / "leavers.csv"))
    mock.seed(people.accounts())
    in_vault = {f"vault_{name.lower()}": value for name, value in login(mock, VENDORS).items()}
    run = ansible.run(
        "saas.offboarding.offboard",
        check=True,
        inventory=place,
        extra_vars={**in_vault, **variables(text, mock, ansible.place)},
        env=addresses(mock),
    )

    assert run.rc == 0, str(run)
    assert {result.host for result in run.tasks if result.ok} >= set(hosts)
    assert mock.log(kind="write") == []


def hosts_in(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The hosts of an inventory, with their variables."""
    for name, value in data.items() if isinstance(data, dict) else ():
        if name == "hosts":
            yield from value.items()
        else:
            yield from hosts_in(value)


# -- commands


def pages_with(kind: str) -> list[str]:
    return list(dict.fromkeys(example.source for example in of_kind(ALL, kind)))


@dataclass
class Desk:
    """The place of a reader who follows a page, with what the page has brought about so far."""

    place: Path
    environment: dict[str, str]
    mock: MockVendors
    people: People
    given: dict[str, str]
    shown: str = ""

    def write(self, example: Example) -> None:
        text = example.text
        if example.language == "yaml":
            data = example.data
            at_mock(data, self.mock)
            text = yaml.safe_dump(data)
        (self.place / example.markers["example-file"]).write_text(text, encoding="utf-8")

    def carry_out(self, example: Example) -> None:
        self.shown = ""
        commands = [command for command in example.commands() if not is_elsewhere(command)]
        if any("saas.offboarding.offboard" in command for command in commands[:1]):
            self.mock.seed(self.people.accounts())
        for command in commands:
            if command.startswith("export "):
                self.export(command)
                continue
            done = self.run(command)
            shown = done.stdout + done.stderr
            self.shown += shown
            assert [secret for secret in credentials(self.mock) if secret in shown] == []
            assert "Traceback" not in shown
            if example.fails and command == commands[-1]:
                assert done.returncode, f"{example}: {command} does not fail:\n{shown}"
                assert example.fails in " ".join(shown.split()), f"{example}: {command}:\n{shown}"
            else:
                assert done.returncode == 0, f"{example}: {command}:\n{shown}"

    def export(self, command: str) -> None:
        """Set a variable of the environment: to what the page says, but an option of a vendor to that of the mock."""
        name, _mark, value = shlex.split(command)[1].partition("=")
        vendor, _mark, option = name.lower().partition("_")
        self.environment[name] = str(self.mock.ready[vendor].get(option, value)) if vendor in VENDORS else value

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(self.filled_in(command))
        if words[0] != "ansible-doc":
            given = {name: value for name, value in self.given.items() if f"{name}=" not in command}
            (self.place / "given.json").write_text(json.dumps(given), encoding="utf-8")
            words += ["-e", f"@{self.place / 'given.json'}"]
        return run_command(words, self.place, self.environment)

    def filled_in(self, command: str) -> str:
        """A command with the folders and seals of the runs that there were, in place of those that it shows."""
        run = r"reports/(?:RUN|\d{8}T\d{6}Z-\w+)"
        if re.search(rf"offboard_plan_file={run}", command):
            command = re.sub(rf"(?<=offboard_plan_file=){run}", str(self.newest("plan.json")), command)
        if "reports/REINSTATEMENT" in command:
            command = command.replace("reports/REINSTATEMENT", str(self.newest("evidence.json", "reinstate")))
        if re.search(rf"offboard_evidence={run}", command):
            folder = self.newest("evidence.json")
            seal = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))["seal"]
            command = re.sub(rf"(?<=offboard_evidence=){run}", str(folder), command)
            command = command.replace("offboard_seal=sha256:...", f"offboard_seal={seal}")
        return command

    def newest(self, name: str, kind: str = "offboard") -> Path:
        """The newest run with such a file: a plan, or the evidence of accounts that were written."""
        for file in sorted((self.place / "reports").glob(f"*/{name}"), key=lambda path: path.stat().st_mtime_ns)[::-1]:
            head = json.loads((file.parent / "evidence.json").read_text(encoding="utf-8"))
            if head["kind"] == kind and head["check_mode"] is (name == "plan.json"):
                return file.parent
        raise AssertionError(f"no run has left {name}: {self.shown}")


STARTED = "docs/docsite/rst/getting_started.rst"
CONTINUED = [f"docs/docsite/rst/{name}.rst" for name in ("plan_and_approve", "evidence", "reinstate")]
"""Pages whose examples use the files of the first one."""


@pytest.mark.parametrize("page", pages_with(COMMANDS))
def test_commands_do_what_they_say(ansible: Ansible, mock: MockVendors, page: str) -> None:
    given = [example for example in of_kind(ALL, FILE) if example.source == STARTED and page in CONTINUED]
    examples = [*given, *(example for example in ALL if example.source == page)]
    desk = sit_down(ansible, mock, examples)
    for example in examples:
        if example.kind == FILE:
            desk.write(example)
        elif example.kind == COMMANDS:
            desk.carry_out(example)
        elif example.kind == OUTPUT:
            assert_shown(example, desk.shown)


def sit_down(ansible: Ansible, mock: MockVendors, examples: Sequence[Example]) -> Desk:
    place = ansible.place / "desk"
    lay_out(place)
    text = "\n".join(example.text for example in examples)
    given = {**variables(text, mock, place), "offboard_due_at": DUE_AT}
    people = People()
    for example in examples:
        if example.kind == LEAVERS or example.markers.get("example-file", "").endswith(".csv"):
            people.add_leavers(leavers_of_text(example.text, place))
        elif example.kind == COMMANDS:
            people.add_named([named_in(command) for command in example.commands()])
    if not any(example.markers.get("example-file") == "leavers.csv" for example in examples):
        people.add_leavers(leavers_of(place / "leavers.csv"))
    mock.seed(people.accounts())
    exported = {vendor for vendor in VENDORS if f"export {vendor.upper()}_" in text}
    environment = addresses(mock) | login(mock, set(VENDORS) - exported) | own_environment(text, mock, place)
    return Desk(place, clean_environment(ansible.place, ansible.collections, environment), mock, people, given)


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
    """The lines of an output are what the commands above it have shown, in this order; ... stands for anything.

    A line that is ... alone is one or more lines that are left out; between all others nothing is.
    """
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    wanted = [line.strip() for line in example.text.splitlines()]
    assert any(follows(wanted, lines[start:]) for start in range(len(lines) + 1)), f"{example} is not in\n{shown}"


def follows(wanted: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether these lines begin with those that are wanted."""
    if not wanted:
        return True
    first, *rest = wanted
    if first in GAPS:
        return any(follows(rest, lines[skipped:]) for skipped in range(1, len(lines) + 1))
    pattern = ".*".join(re.escape(" ".join(part.split())) for part in re.split(r"\.\.\.|…", first))
    return bool(lines) and re.fullmatch(pattern, lines[0]) is not None and follows(rest, lines[1:])


GAPS = ("...", "…")
