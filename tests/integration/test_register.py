# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The playbook register: leavers who are known in advance, and the runs for those who have become due."""

from __future__ import annotations

import csv
import fcntl
import json
import shlex
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.story import account, closed_at
from harness.examples import proved_by
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

JANE, SAM, BO = "leaver01@example.com", "leaver05@example.com", "leaver06@example.com"
PAST, FUTURE, LATER = "2026-01-31T17:00:00Z", "2999-01-01T00:00:00Z", "2999-02-01T00:00:00Z"
HERE = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
VENDORS = ("netex", "zitadel")
TENANTS = {
    "all": {
        "children": {
            "saas": {
                "vars": HERE,
                "hosts": {
                    "netex": {"saas_vendor": "netex", "netex_tenant": "example"},
                    "zitadel": {"saas_vendor": "zitadel"},
                },
            }
        }
    }
}
UPDATE = "Enter, change or withdraw leavers"
CLOSE = "Close the accounts of the leavers who are due"
MOVE = "Move the leavers whose last stage is done"
STAGES = [{"state": "deactivated"}, {"state": "absent", "after": "30d"}]
STAGED: dict[str, Any] = {"offboard_stages": STAGES, "offboard_allow_delete": True}


class Office:
    """A register, and the playbook that keeps it."""

    def __init__(self, ansible: Ansible, mock: MockVendors) -> None:
        self.ansible, self.mock = ansible, mock
        self.file = ansible.place / "leavers.csv"
        self.done = ansible.place / "leavers.done.csv"
        self.reports = ansible.place / "reports"

    def variables(self, **more: Any) -> dict[str, Any]:
        return {"offboard_register_file": str(self.file), "offboard_report_dir": str(self.reports), **more}

    def run(self, *people: tuple[str, str], rc: int = 0, check: bool = False, **more: Any) -> Run:
        options = {name: more.pop(name) for name in ("limit", "arguments", "inventory") if name in more}
        if people:
            more["offboard_leavers"] = [{"email": email, "leave_at": leave_at} for email, leave_at in people]
        done = self.ansible.run(
            "saas.offboarding.register",
            env=self.mock.environment(),
            extra_vars=self.variables(**more),
            check=check,
            **{"inventory": TENANTS, **options},
        )
        assert done.rc == rc, done
        return done

    def close(self, *people: tuple[str, str], **more: Any) -> Run:
        return self.run(*people, offboard_register_run=True, **more)

    @property
    def rows(self) -> list[dict[str, str]]:
        return rows(self.file)

    @property
    def people(self) -> list[tuple[str, str]]:
        return [(row["email"], row["leave_at"]) for row in self.rows]

    @property
    def finished(self) -> list[tuple[str, str]]:
        return [(row["email"], row["status"]) for row in rows(self.done)]

    @property
    def runs(self) -> list[dict[str, Any]]:
        found = [json.loads(path.read_bytes()) for path in self.reports.glob("*/evidence.json")]
        return sorted(found, key=lambda each: str(each["finished"]))

    def closed(self) -> dict[str, set[str]]:
        return {vendor: closed_at(vendor, self.mock.state(vendor)) for vendor in VENDORS}


def rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def verdict(run: Run) -> str:
    return str(run.result(UPDATE).result["msg"][0])


@pytest.fixture
def office(ansible: Ansible, mock: MockVendors) -> Office:
    mock.seed({vendor: [account(vendor, email) for email in (JANE, SAM, BO)] for vendor in VENDORS})
    mock.clear_log()
    return Office(ansible, mock)


# -- entering and withdrawing


def test_a_leaver_is_entered_moved_and_withdrawn(office: Office) -> None:
    run = office.run((JANE, "2999-01-01T01:00:00+01:00"), offboard_reason="moves on", offboard_ticket="0012")
    assert run.result(UPDATE).changed
    assert verdict(run) == (
        f"Register {office.file}: 1 leaver, 0 due; 1 added, 0 changed, 0 withdrawn. Next due: {JANE} at {FUTURE}."
    )
    assert office.rows == [{"email": JANE, "leave_at": FUTURE, "reason": "moves on", "ticket": "0012"}]
    assert office.file.stat().st_mode & 0o777 == 0o600

    before = office.file.read_bytes(), office.file.stat().st_mtime_ns
    assert not office.run((JANE.upper(), FUTURE), offboard_ticket="0012").result(UPDATE).changed
    assert (office.file.read_bytes(), office.file.stat().st_mtime_ns) == before

    run = office.run((JANE, LATER), check=True)
    assert "1 would be changed" in verdict(run)
    assert office.file.read_bytes() == before[0]
    assert "1 changed" in verdict(office.run((JANE, LATER)))
    assert office.rows == [{"email": JANE, "leave_at": LATER, "reason": "moves on", "ticket": "0012"}]

    withdrawal: dict[str, Any] = {
        "offboard_register_state": "absent",
        "offboard_leavers_text": f"{JANE}\n{SAM}",
        "offboard_ticket": "7",
    }
    run = office.run(**withdrawal)
    assert "1 withdrawn" in verdict(run)
    assert f"Not in the register: {SAM}." in run.result(UPDATE).result["msg"]
    assert office.people == []
    (row,) = rows(office.done)
    assert (row["email"], row["status"], row["leave_at"], row["ticket"]) == (JANE, "withdrawn", LATER, "7")
    written = office.file.read_bytes(), office.done.read_bytes()
    assert not office.run(**withdrawal).result(UPDATE).changed
    assert (office.file.read_bytes(), office.done.read_bytes()) == written
    assert office.mock.log() == []


def test_a_list_of_hr_is_entered_into_a_register_of_a_person(office: Office) -> None:
    """The list is in Windows-1252 and has a title, the register has a byte order mark and semicolons."""
    written = (
        '\ufeffName;"email";leave_at;netex\r\n'
        f"\r\n'Zo\u00eb';{SAM};2999-03-01;\r\n"
        '"B, ""o""";"bo@example.com";2999-04-01T00:00:00Z;bob\r\n'
    )
    office.file.write_bytes(written.encode())
    office.file.chmod(0o640)
    export = office.ansible.place / "export.csv"
    export.write_bytes(
        f"Leavers of M\u00fcller AG,,\nMail,Last day,Why\n{SAM},01.02.2999,R\u00fcckkehr\n".encode("cp1252")
    )
    office.run(
        offboard_leavers_file=str(export),
        offboard_encoding="windows-1252",
        offboard_skip_rows={"top": 1},
        offboard_columns={"email": "Mail", "leave_at": "Last day", "reason": "Why"},
        offboard_ignore_columns=["Name"],
        offboard_date_format=["%d.%m.%Y", "iso8601"],
        offboard_timezone="UTC",
    )
    assert office.file.read_bytes().decode() == (
        '\ufeffName;"email";leave_at;netex;reason\r\n'
        f"\r\n'Zo\u00eb';{SAM};2999-02-02T00:00:00Z;;R\u00fcckkehr\r\n"
        '"B, ""o""";"bo@example.com";2999-04-01T00:00:00Z;bob;\r\n'
    )
    assert office.file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("content", "people", "message"),
    [
        ("email,leave_at\njane,2999-01-01T00:00:00Z\n", [(SAM, FUTURE)], "leavers.csv: row 2, email: is not an e-mail"),
        ("email,leave_at,Team\n", [(SAM, FUTURE)], 'leavers.csv: row 1, the columns: have "Team", which are not known'),
        ("email,leave_at\n", [(SAM, "soon")], "offboard_leavers: entry 1, leave_at: is not a time"),
        ("email,leave_at\n", [(SAM, FUTURE), (SAM, LATER)], "entry 2, email: is the same as in entry 1"),
        ("", [(SAM, FUTURE)], "the file is empty"),
    ],
)
def test_what_the_rules_of_the_list_refuse_is_refused(
    office: Office, content: str, people: list[tuple[str, str]], message: str
) -> None:
    office.file.write_text(content, encoding="utf-8")
    run = office.run(*people, rc=2)
    assert run.result(UPDATE).msg.startswith("invalid_input: ")
    assert message in run.result(UPDATE).msg
    assert run.result(UPDATE).msg.endswith("Nothing was changed.")
    assert office.file.read_text(encoding="utf-8") == content
    assert not office.done.exists()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"offboard_register_file": ""}, "Give offboard_register_file"),
        ({"offboard_register_file": "/srv/leavers.txt"}, "must end in .csv"),
        ({"offboard_register_state": "absent"}, "Give who is withdrawn"),
        ({"offboard_register_fil": "x"}, "Is offboard_register_file meant?"),
        ({"offboard_leave_at": FUTURE}, "offboard_leave_at is the leave time of those whom offboard_leavers_text"),
        ({"offboard_register_run": True, "offboard_hosts": "netex"}, "offboard_hosts leaves out zitadel"),
        ({"offboard_register_run": True, "offboard_vendors": ["netex"]}, "offboard_vendors leaves out zitadel"),
        ({"offboard_register_run": True, "offboard_sliced": True}, "is not for job slices"),
        ({"offboard_register_run": True, "offboard_hosts": "nowhere"}, "which matches no host"),
    ],
)
def test_a_playbook_that_cannot_be_meant_is_refused(office: Office, variables: dict[str, Any], message: str) -> None:
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n", encoding="utf-8")
    run = office.run(rc=2, **variables)
    assert message in run.result("Check the variables").msg
    assert office.mock.log() == []
    assert office.people == [(JANE, PAST)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": "netex"}, "--limit leaves out"),
        ({"limit": "netex,localhost"}, "--limit leaves out"),
        ({"limit": "all"}, "--limit leaves out"),
        ({"arguments": ["--tags", "x"]}, "would skip tasks of this playbook"),
        ({"arguments": ["--start-at-task", "Move the leavers whose last stage is done"]}, "would skip tasks"),
    ],
)
def test_no_option_of_the_command_takes_a_part_away(office: Office, options: dict[str, Any], message: str) -> None:
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n", encoding="utf-8")
    done = office.ansible.run(
        "saas.offboarding.register",
        env=office.mock.environment(),
        extra_vars=office.variables(offboard_register_run=True),
        inventory=TENANTS,
        **options,
    )
    assert done.rc != 0
    assert message in done.everything
    assert office.mock.log() == []
    assert office.people == [(JANE, PAST)]


def test_the_inventory_can_name_the_register(office: Office) -> None:
    inventory = json.loads(json.dumps(TENANTS))
    inventory["all"]["vars"] = {"offboard_register_file": str(office.file)}
    done = office.ansible.run(
        "saas.offboarding.register",
        inventory=inventory,
        extra_vars={"offboard_leavers": [{"email": JANE, "leave_at": FUTURE}]},
    )
    assert done.rc == 0, done
    assert office.people == [(JANE, FUTURE)]
    assert office.file.with_name("leavers.csv.lock").exists()


@pytest.mark.parametrize("source", ["plugins/modules/offboard_register.py", "plugins/filter/register_hosts.py"])
def test_the_playbook_does_what_its_module_shows(office: Office, source: str) -> None:
    """The play of the example, behind another: the variables of hosts are known from the second play on."""
    text = (REPOSITORY / source).read_text(encoding="utf-8")
    plays = yaml.safe_load(text.partition('EXAMPLES = r"""')[2].partition('"""')[0])
    first = {"hosts": "localhost", "gather_facts": False, "tasks": []}
    variables = {"offboard_register_file": str(office.file), "offboard_leavers_text": JANE, "offboard_leave_at": FUTURE}
    assert office.ansible.run([first, *plays], extra_vars=variables).rc == 0
    assert office.people == [(JANE, FUTURE)]


# -- closing


def test_who_is_due_is_closed_and_moved(office: Office) -> None:
    office.file.write_text(
        f"email,leave_at,reason,ticket,Team\n{JANE},{PAST},left,HR-1,a\n{SAM},{FUTURE},,,b\n", encoding="utf-8"
    )
    run = office.close(offboard_ignore_columns=["Team"])
    assert office.closed() == {"netex": {JANE}, "zitadel": {JANE}}
    assert office.file.read_text(encoding="utf-8") == f"email,leave_at,reason,ticket,Team\n{SAM},{FUTURE},,,b\n"
    (row,) = rows(office.done)
    (evidence,) = office.runs
    assert row["run_id"] == evidence["run_id"]
    assert (row["email"], row["state"], row["status"], row["ticket"]) == (JANE, "deactivated", "finished", "HR-1")
    assert {each["reason"] for each in evidence["records"]} == {"left"}
    assert evidence["source"]["file"] == str(office.file)
    assert run.result(MOVE).result["msg"] == [f"Moved to {office.done} (run {evidence['run_id']}): {JANE}."]

    office.mock.clear_log()
    run = office.close(offboard_ignore_columns=["Team"])
    assert verdict(run).startswith(f"Register {office.file}: 1 leaver, 0 due;")
    assert office.mock.log() == []
    assert len(office.runs) == 1


def test_a_limit_that_leaves_out_no_host_is_none(office: Office) -> None:
    """As ansible-rulebook gives it. A tenant that is expected and not there is not left out, but missing."""
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n", encoding="utf-8")
    run = office.close(limit="all,localhost", offboard_expected_tenants=["netex", "zitadel", "learn"], rc=2)
    assert "tenant_missing" in run.everything
    assert office.people == [(JANE, PAST)]
    office.close(limit="all,localhost")
    assert office.people == []


def test_check_mode_closes_and_moves_no_one(office: Office) -> None:
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n", encoding="utf-8")
    run = office.close((SAM, PAST), check=True)
    assert f"Would be moved after a run without failures: {JANE}, {SAM}." in run.result(MOVE).result["msg"]
    assert office.closed() == {"netex": set(), "zitadel": set()}
    assert office.people == [(JANE, PAST)]
    assert {path.name for path in office.ansible.place.glob("leavers*")} == {"leavers.csv"}
    (planned,) = [json.loads(path.read_bytes()) for path in office.reports.glob("*/plan.json")]
    assert JANE in json.dumps(planned)
    assert SAM in json.dumps(planned)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            STAGED,
            "offboard_stages of netex, zitadel is not that of localhost",
        ),
        ({"offboard_vendors": ["netex"]}, "offboard_vendors leaves out zitadel"),
        ({"offboard_sliced": True}, "is not for job slices"),
    ],
)
def test_variables_that_only_the_tenants_have_take_no_leaver_out_too_early(
    office: Office, variables: dict[str, Any], message: str
) -> None:
    """The group saas has them: on localhost, where the register is read, they are not known."""
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n", encoding="utf-8")
    inventory = json.loads(json.dumps(TENANTS))
    inventory["all"]["children"]["saas"]["vars"] |= variables
    run = office.close(rc=2, inventory=inventory)
    assert message in " ".join(run.everything.split())
    assert office.people == [(JANE, PAST)]
    assert office.mock.log() == []


def test_an_event_that_closes_now_takes_an_earlier_entry_out(office: Office) -> None:
    office.run((JANE, FUTURE), (SAM, FUTURE))
    office.close((JANE, PAST), offboard_reason="left today", offboard_ticket="HR-2")
    assert office.closed()["zitadel"] == {JANE}
    assert office.people == [(SAM, FUTURE)]
    (row,) = rows(office.done)
    assert (row["leave_at"], row["reason"], row["ticket"]) == (PAST, "left today", "HR-2")


def test_a_run_that_fails_leaves_all_in_the_register(office: Office) -> None:
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n{SAM},{PAST}\n", encoding="utf-8")
    run = office.close(rc=2, offboard_protected=[SAM])
    assert office.people == [(JANE, PAST), (SAM, PAST)]
    assert not office.done.exists()
    assert office.closed()["zitadel"] == {JANE}
    office.close()
    assert office.people == []
    assert office.finished == [(JANE, "finished"), (SAM, "finished")]
    assert run.rc == 2


def test_one_tenant_that_fails_leaves_all_in_the_register(office: Office) -> None:
    office.file.write_text(f"email,leave_at,zitadel\n{JANE},{PAST},nemo\n", encoding="utf-8")
    run = office.close(rc=2)
    assert f"{JANE} stay in the register, and are due again." in run.result(MOVE).result["msg"][0]
    assert office.closed() == {"netex": {JANE}, "zitadel": set()}
    assert office.people == [(JANE, PAST)]


def test_stages_keep_a_leaver_until_the_last_one(office: Office) -> None:
    stages = STAGED
    recent = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 2 * 86400))
    run = office.close((JANE, recent), **stages)
    assert office.people == [(JANE, recent)]
    assert office.finished == [(JANE, "stage")]
    assert f"Still in the register, for a later stage or another leave time: {JANE}." in run.result(MOVE).result["msg"]
    assert office.closed()["zitadel"] == {JANE}

    office.mock.clear_log()
    run = office.close(**stages)
    assert "0 due" in verdict(run)
    assert f"Next due: {JANE} at" in verdict(run)
    assert office.mock.log() == []

    office.run((JANE, PAST), **stages)
    office.close(**stages)
    assert office.people == []
    assert office.finished[1:] == [(JANE, "stage"), (JANE, "finished")]
    assert [row["state"] for row in rows(office.done)] == ["deactivated", "deactivated", "absent"]
    assert JANE not in {each.get("email") for each in office.mock.state("zitadel").values()}

    office.close((JANE, PAST), **stages)  # entered again, and run again
    assert office.people == []
    assert len(office.runs) == 3


def test_check_mode_names_only_those_whose_last_stage_is_due(office: Office) -> None:
    recent = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 2 * 86400))
    people = (JANE, PAST), (SAM, recent)
    run = office.close(*people, check=True, offboard_stages=STAGES, offboard_allow_delete=True)
    assert run.result(MOVE).result["msg"] == [f"Would be moved after a run without failures: {JANE}."]


def test_a_leaver_withdrawn_between_two_stages_is_not_deleted(office: Office) -> None:
    stages = STAGED
    recent = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 2 * 86400))
    office.close((JANE, recent), **stages)
    office.run((JANE, recent), offboard_register_state="absent", **stages)
    assert office.finished == [(JANE, "stage"), (JANE, "withdrawn")]
    assert "1 due" in verdict(office.run((JANE, recent), **stages))


# -- the lock, and a playbook that is killed


def test_a_second_playbook_ends_at_once_or_fails(office: Office) -> None:
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n", encoding="utf-8")
    with Path(f"{office.file}.lock").open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.write(json.dumps({"pid": 4711, "host": "box", "since": "2026-11-30T17:00:00Z"}))
        stream.flush()
        holder = "process 4711 on box, since 2026-11-30T17:00:00Z"
        run = office.close()
        assert run.result(UPDATE).result["msg"] == [
            f"Another playbook works on {office.file}: {holder}. Nothing was done."
        ]
        run = office.run((SAM, FUTURE), rc=2, offboard_register_wait="1s")
        assert "process 4711 on box" in run.result(UPDATE).msg
        assert "1 leaver, 1 due" in verdict(office.run())  # who only looks waits for no lock
    assert office.people == [(JANE, PAST)]
    assert office.mock.log() == []
    office.close()  # what is left of the lock is in no one's way
    assert office.people == []


def test_a_playbook_that_is_killed_leaves_all_in_the_register_and_no_lock(office: Office) -> None:
    office.mock.latency(zitadel=0.5, netex=0.5)
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n{SAM},{PAST}\n", encoding="utf-8")
    variables = office.variables(offboard_register_run=True)
    with office.ansible.until_killed(
        "saas.offboarding.register", env=office.mock.environment(), extra_vars=variables, inventory=TENANTS
    ):
        deadline = time.monotonic() + 120
        while not any(office.closed().values()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    office.mock.latency(zitadel=0, netex=0)
    assert office.people == [(JANE, PAST), (SAM, PAST)]
    office.close()
    assert office.people == []
    assert office.finished == [(JANE, "finished"), (SAM, "finished")]
    assert office.closed() == {"netex": {JANE, SAM}, "zitadel": {JANE, SAM}}


def test_playbooks_at_the_same_time_lose_no_leaver(office: Office) -> None:
    people = [f"new{number}@example.com" for number in range(4)]
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda email: office.run((email, FUTURE)), people))
    assert sorted(email for email, _leave_at in office.people) == people


def test_a_lock_that_cannot_be_opened_is_named(office: Office) -> None:
    Path(f"{office.file}.lock").mkdir()
    assert "cannot be opened" in office.run((JANE, FUTURE), rc=2).result(UPDATE).msg
    assert office.people == []


def test_a_register_that_does_not_exist_is_no_error(office: Office) -> None:
    """Its folder must exist."""
    assert "0 leavers, 0 due" in verdict(office.close())
    assert not office.file.exists()
    office.file = office.ansible.place / "nowhere" / "leavers.csv"
    assert "there is no folder" in office.run(rc=2).result(UPDATE).msg


# -- the guide

GUIDE = "docs/docsite/rst/register.rst"


def arguments(command: str) -> list[str]:
    words = shlex.split(command.replace("\\\n", " "))
    assert Path(words[0]).name == "ansible-playbook"
    assert words[1:4:2] == ["-i", "saas.offboarding.register"]
    assert set(words[4::2]) == {"-e"}
    return words[5::2]


def test_the_commands_of_the_guide_keep_a_register(office: Office) -> None:
    keep, close = proved_by("test_the_commands_of_the_guide_keep_a_register", GUIDE)
    office.file.write_text(f"email,leave_at\n{JANE},{PAST}\n", encoding="utf-8")
    states = []
    for command in [*keep.commands(), *close.commands()]:
        given: dict[str, Any] = dict(word.split("=", 1) for word in arguments(command))
        assert given.pop("offboard_register_file") == "leavers.csv"
        office.run(**given)
        states.append(office.people)
    jane = "jane@example.com"
    assert states == [
        [(JANE, PAST), (jane, "2099-01-31T17:00:00Z")],
        [(JANE, PAST), (jane, "2099-02-28T17:00:00Z")],
        [(JANE, PAST)],
        [],
    ]
    assert office.closed() == {"netex": {JANE}, "zitadel": {JANE}}


def test_the_timer_of_the_guide_runs_the_playbook() -> None:
    service, timer, cron = proved_by("test_the_timer_of_the_guide_runs_the_playbook", GUIDE)
    _mark, _end, command = service.text.partition("ExecStart=")
    *_when, user, _dot, environment = cron.text.partition(";")[0].split()
    assert (user, environment) == ("offboarding", "/etc/offboarding/cron-environment")
    assert cron.text.startswith("*/5 * * * * ")
    assert "OnCalendar=*:0/5" in timer.text
    assert "Type=oneshot" in service.text
    asked = ["offboard_register_file=/var/lib/offboarding/leavers.csv", "offboard_register_run=true"]
    assert arguments(command.strip()) == asked
    assert arguments(cron.text.partition(";")[2].strip()) == asked


def test_the_command_of_the_guide_moves_away_what_was_done(office: Office) -> None:
    (example,) = proved_by("test_the_command_of_the_guide_moves_away_what_was_done", GUIDE)
    (command,) = example.commands()
    office.close((JANE, PAST))
    subprocess.run(shlex.split(command), cwd=office.ansible.place, check=True)
    assert not office.done.exists()
    office.close((SAM, PAST))
    assert office.finished == [(SAM, "finished")]
    assert rows(office.ansible.place / "leavers.done.2026.csv")[0]["email"] == JANE
