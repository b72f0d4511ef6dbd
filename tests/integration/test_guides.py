# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What README.md, getting_started.rst and reinstate.rst show and test_examples.py cannot run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from configparser import RawConfigParser
from pathlib import Path

import yaml

from demo.story import account
from harness.examples import Example, proved_by
from harness.playbook import Ansible
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

README = "README.md"
STARTED = "docs/docsite/rst/getting_started.rst"
REINSTATE = "docs/docsite/rst/reinstate.rst"
SYSTEM = "/usr/local/bin:/usr/bin:/bin"
JANE = "jane@example.com"
ASK = "--ask-vault-pass"


def shell(script: str, place: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-ec", script],
        cwd=place,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )


def test_the_pages_install_what_the_demo_has(tmp_path: Path) -> None:
    """As far as it goes without a network: the environment is made, and its pip is the one that is taken."""
    test = "test_the_pages_install_what_the_demo_has"
    (short,), (long,) = (proved_by(test, page) for page in (README, STARTED))
    *made, packages, collection = long.commands()
    assert list(short.commands()) == [" && ".join(made), packages, collection]
    found = shell("\n".join([*made, "command -v pip"]), tmp_path, {"HOME": str(tmp_path), "PATH": SYSTEM})
    assert found.stdout.strip() == str(tmp_path / "offboarding" / "bin" / "pip"), found.stderr
    pip, verb, *names = packages.split()
    demo = (REPOSITORY / "tests" / "demo" / "requirements.txt").read_text(encoding="utf-8")
    assert (pip, verb, set(names)) == ("pip", "install", {"ansible-core", "requests"})
    assert all(re.search(rf"^{name}[>=]", demo, re.MULTILINE) for name in names)
    galaxy = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))
    assert collection == f"ansible-galaxy collection install {galaxy['namespace']}.{galaxy['name']}"


def test_a_clone_is_built_and_installed_as_the_pages_say(tmp_path: Path) -> None:
    """The clone is of this checkout. Other tests run the demo: here its target must be in the clone."""
    test = "test_a_clone_is_built_and_installed_as_the_pages_say"
    (install, demo), (same,) = (proved_by(test, page) for page in (README, STARTED))
    galaxy = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))
    assert install.text == same.text
    assert list(demo.commands())[:2] == list(install.commands())[:2]
    script = f"{install.text}{list(demo.commands())[-1]} --dry-run".replace(
        galaxy["repository"], shlex.quote(str(REPOSITORY))
    )
    script = script.replace(f"git clone {REPOSITORY}", f"git clone --quiet {REPOSITORY} saas.offboarding")
    path = f"{Path(sys.executable).parent}:{SYSTEM}"

    done = shell(script, tmp_path, {"HOME": str(tmp_path), "PATH": path, "LC_ALL": "C.UTF-8"})

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    installed = tmp_path / ".ansible" / "collections" / "ansible_collections" / "saas" / "offboarding"
    assert (installed / "playbooks" / "offboard.yml").is_file()
    assert not (installed / "tests").exists()


class Home:
    """The home of a user who has followed the page: a virtual environment, the collection, and a project."""

    def __init__(self, ansible: Ansible) -> None:
        self.place = ansible.place / "home"
        self.project = self.place / "project"
        self.project.mkdir(parents=True)
        (self.place / "offboarding").symlink_to(sys.prefix)
        (self.place / ".ansible").mkdir()
        (self.place / ".ansible" / "collections").symlink_to(ansible.collections)
        (self.place / ".vault-password").write_text("of the vault", encoding="utf-8")
        (self.place / ".vault-password").chmod(0o600)
        for page in (STARTED,):
            text = (REPOSITORY / page).read_text(encoding="utf-8")
            for name, content in re.findall(
                r"example-file: (\w+\.\w+)\n\n\.\. code-block:: \w+\n\n((?: {3}.*\n|\n)+)", text
            ):
                lines = [line.removeprefix("   ") for line in content.splitlines()]
                (self.project / name).write_text("\n".join(lines), encoding="utf-8")

    def run(self, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a command as cron and systemd do: with next to no environment."""
        return shell(command, folder, {"HOME": str(self.place), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})


def test_secrets_are_kept_and_jobs_are_scheduled_as_the_guide_says(ansible: Ansible, mock: MockVendors) -> None:
    test = "test_secrets_are_kept_and_jobs_are_scheduled_as_the_guide_says"
    folders, vault, commands, cron, service, timer, enabled = proved_by(test, STARTED)
    home = Home(ansible)
    mock.seed({"zitadel": [account("zitadel", JANE)]})
    names = re.findall(r"[\w.]+\.\w+$", folders.text, re.MULTILINE)
    assert names == ["tenants.yml", "leavers.csv", "vault.yml"]
    given = mock.environment(zitadel=("access_token",))
    secrets = {name: given[name.upper()] for name in yaml.safe_load(vault.text)}
    file = home.project / "group_vars" / "saas" / "vault.yml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(secrets), encoding="utf-8")
    encrypt, preflight = commands.commands()
    password = f"--vault-password-file {home.place}/.vault-password"
    programs = home.place / "offboarding" / "bin"

    for command in (f"{encrypt} {password}", preflight.replace(ASK, password)):
        done = home.run(f"{programs}/{command}", home.project)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert file.read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT")
    assert "No tenant would fail" in done.stdout

    # With the inventory elsewhere, group_vars of the folder that the run starts in are not read.
    elsewhere = home.place / "inventories"
    elsewhere.mkdir()
    shutil.copy(home.project / "tenants.yml", elsewhere)
    moved = preflight.replace(ASK, password).replace("-i tenants.yml", f"-i {elsewhere}/tenants.yml")
    done = home.run(f"{programs}/{moved}", home.project)
    assert done.returncode != 0
    assert "missing required arguments: api_url" in done.stdout

    for command, folder in (scheduled(cron), started(service, home.place)):
        done = home.run(command, folder or home.place)
        assert done.returncode == 2, f"{command}\n{done.stdout}{done.stderr}"
        assert f"1 of 1 leavers still active: {JANE}" in done.stdout
    unit = parsed(timer)
    assert unit["Timer"]["OnCalendar"] == "*-*-* 02:30:00"
    (name,) = re.findall(r"[\w-]+\.timer", enabled.text)
    assert f"``{name}``" in (REPOSITORY / STARTED).read_text(encoding="utf-8")


def scheduled(example: Example) -> tuple[str, None]:
    """The command of a line of a crontab."""
    *times, command = example.text.splitlines()[-1].split(maxsplit=5)
    assert times == ["30", "2", "*", "*", "*"]
    assert "%" not in command
    return command, None


def parsed(example: Example) -> RawConfigParser:
    unit = RawConfigParser(delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(example.text)
    return unit


def started(example: Example, home: Path) -> tuple[str, Path]:
    """The command of a service, and its folder."""
    service = parsed(example)["Service"]
    assert service["Type"] == "oneshot"
    command, folder = (service[name].replace("%h", str(home)) for name in ("ExecStart", "WorkingDirectory"))
    return command, Path(folder)


def test_the_run_that_closed_a_person_is_found_as_the_guide_says(ansible: Ansible, mock: MockVendors) -> None:
    command, output = proved_by("test_the_run_that_closed_a_person_is_found_as_the_guide_says", REINSTATE)
    mock.seed({"zitadel": [account("zitadel", each) for each in (JANE, "sam@example.com")]})
    runs = [
        ansible.run(
            f"saas.offboarding.{playbook}",
            check=check,
            inventory={
                "saas": {"hosts": {"zitadel": {"saas_vendor": "zitadel"}}, "vars": {"ansible_connection": "local"}}
            },
            extra_vars={"offboard_leavers": [{"email": email}], "offboard_report_dir": str(ansible.place / "reports")},
            env=mock.environment(),
        )
        for playbook, check, email in (
            ("offboard", True, JANE),
            ("offboard", False, JANE),
            ("audit", False, JANE),
            ("offboard", False, "sam@example.com"),
            ("offboard", False, JANE),
        )
    ]

    done = shell("\n".join(command.commands()), ansible.place, {"PATH": SYSTEM})

    assert [run.rc for run in runs] == [0] * len(runs)
    wrote = runs[1].result("Set the fact offboard_result").result["ansible_facts"]["offboard_result"]["run_id"]
    assert done.stdout == f"reports/{wrote}/evidence.csv\n", done.stderr
    assert re.fullmatch(r"reports/\d{8}T\d{6}Z-\w{6}/evidence\.csv\n", output.text)
