# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Leavers known in advance: the playbook schedule with the real class of awx.awx, against the double of AWX."""

from __future__ import annotations

import copy
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from awx.launch import Workflow, launch
from awx.server import PASSWORD, TOKEN, USER, Awx, Refused, serving
from awx.setting_up import NETEX, setup, variables
from harness.examples import proved_by
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY

PLAYBOOK = "saas.offboarding.schedule"
GUIDE = "docs/docsite/rst/scheduled_leavers.rst"
AWX_COLLECTION = REPOSITORY / ".cache" / "collections"
WORKFLOW = "Offboarding: plan, approve, apply"
SCHEDULE = "Offboarding: schedule"
BY_TOKEN = {"CONTROLLER_OAUTH_TOKEN": TOKEN}
JANE, SAM, KIM = "jane@example.com", "sam@example.com", "kim@example.com"
LATER, EVEN_LATER, PAST = "2099-12-31T18:00:00+01:00", "2100-01-31T12:00:00Z", "2026-01-31T18:00:00Z"
QUESTIONS = ("leavers_text", "leave_at", "leavers_file", "reason", "ticket")
TENANTS = {
    "all": {
        "children": {
            "saas": {
                "vars": {"ansible_connection": "local"},
                "hosts": {"netex": {"saas_vendor": "netex"}, "zitadel": {"saas_vendor": "zitadel"}},
            }
        }
    }
}


def survey(*required: str) -> dict[str, Any]:
    def question(name: str) -> dict[str, Any]:
        kind = "textarea" if name == "leavers_text" else "text"
        variable = name if name in required else f"offboard_{name}"
        return {"question_name": name, "type": kind, "variable": variable, "required": name in required, "default": ""}

    return {"name": "", "description": "", "spec": [question(name) for name in (*QUESTIONS, *required)]}


def add_workflow(awx: Awx, name: str = WORKFLOW, *required: str, organization: int = 1, **fields: Any) -> int:
    given = {"name": name, "organization": organization, "survey_enabled": True, **fields}
    number = int(awx.answer("POST", "/api/v2/workflow_job_templates/", {}, given)[1]["id"])
    awx.answer("POST", f"/api/v2/workflow_job_templates/{number}/survey_spec/", {}, survey(*required))
    return number


def add_schedule(awx: Awx, template: int, **fields: Any) -> dict[str, Any]:
    rule = "DTSTART:20990101T000000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"
    given = {"rrule": rule, "unified_job_template": template, **fields}
    created: dict[str, Any] = awx.answer("POST", "/api/v2/schedules/", {}, given)[1]
    return created


@dataclass
class Office:
    """An AWX with the workflow, and the playbook that speaks to it."""

    awx: Awx
    ansible: Ansible
    workflow: int

    def run(
        self,
        leavers: Any = None,
        *,
        env: Mapping[str, str] | None = None,
        refused: tuple[int, ...] = (),
        **options: Any,
    ) -> Run:
        """Run the playbook. AWX gets nothing that it does not document, and no credential shows."""
        self.awx.calls.clear()
        given = {**({"offboard_leavers": leavers} if leavers is not None else {}), **options.pop("variables", {})}
        place = {
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join((str(self.ansible.collections), str(AWX_COLLECTION))),
            "CONTROLLER_HOST": self.awx.url,
            **(BY_TOKEN if env is None else env),
        }
        options.setdefault("inventory", TENANTS)
        run = self.ansible.run(PLAYBOOK, env=place, extra_vars=given, verbosity=3, **options)
        assert [call for call in self.awx.refused if call.status not in refused] == []
        for secret in (TOKEN, PASSWORD):
            assert secret not in run.everything, "a credential shows"
        assert "Traceback" not in run.everything
        assert self.awx.tokens == {}, "a token was left behind"
        return run

    @property
    def schedules(self) -> dict[str, dict[str, Any]]:
        return {str(each["name"]): each for each in self.awx.objects["schedules"].values()}

    def writes(self) -> list[tuple[str, str]]:
        return [(call.method, call.path) for call in self.awx.writes]


@pytest.fixture
def office(ansible: Ansible) -> Iterator[Office]:
    assert AWX_COLLECTION.is_dir(), "the collection awx.awx is not there: make awx"
    with serving(Awx()) as awx:
        yield Office(awx, ansible, add_workflow(awx))


def results(run: Run) -> dict[str, str]:
    return {row["name"]: row["result"] for row in run.result("Schedule the runs").result["schedules"]}


def leaves(email: str, leave_at: str | None = LATER, **more: Any) -> dict[str, Any]:
    return {"email": email, "leave_at": leave_at, **more}


def test_a_leaver_is_scheduled_a_minute_after_the_leave_time_and_a_second_run_writes_nothing(office: Office) -> None:
    texts = {"reason": "No", "ticket": "0012345"}
    people = [leaves("Jane@Example.com", **texts), leaves(SAM, EVEN_LATER), leaves(KIM, PAST)]
    check = office.run(people, check=True)
    assert (check.rc, office.writes(), office.schedules) == (0, [], {}), check
    done = office.run(people)
    assert done.rc == 0, done
    assert (
        results(check)
        == results(done)
        == {
            f"Offboard {JANE}": "created",
            f"Offboard {SAM}": "created",
            f"Offboard {KIM}": "already_due",
        }
    )
    assert set(office.schedules) == {f"Offboard {JANE}", f"Offboard {SAM}"}
    jane = office.schedules[f"Offboard {JANE}"]
    assert jane["rrule"] == "DTSTART:20991231T170100Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"
    assert (jane["unified_job_template"], jane["enabled"]) == (office.workflow, True)
    assert jane["extra_data"] == {
        "offboard_leavers_text": "Jane@Example.com",
        "offboard_leave_at": "2099-12-31T17:00:00Z",
        "offboard_reason": "No",
        "offboard_ticket": "0012345",
    }
    assert "would create" in str(check.result("Schedule the runs").msg)
    again = office.run(people)
    assert (again.rc, office.writes()) == (0, []), again
    assert results(again)[f"Offboard {JANE}"] == "unchanged"
    assert again.result("Schedule the runs").changed is False


def test_another_time_moves_it_and_what_was_changed_by_hand_is_repaired(office: Office) -> None:
    office.run([leaves(JANE), leaves(SAM), leaves(KIM, reason="end of contract")])
    number = office.schedules[f"Offboard {SAM}"]["id"]
    office.schedules[f"Offboard {SAM}"].update(enabled=False, name="Sam, not yet")
    office.schedules[f"Offboard {KIM}"]["extra_data"] = {"offboard_leavers_text": "somebody@example.com"}
    people = [leaves(JANE.upper(), EVEN_LATER), leaves(SAM), leaves(KIM, reason="end of contract")]
    check = office.run(people, check=True)
    assert office.writes() == []
    moved = office.run(people)
    assert results(check) == results(moved)
    assert results(moved) == {f"Offboard {JANE}": "moved", f"Offboard {SAM}": "enabled", f"Offboard {KIM}": "changed"}
    assert [method for method, _path in office.writes()] == ["PATCH"] * 3
    assert office.schedules[f"Offboard {JANE}"]["rrule"].startswith("DTSTART:21000131T120100Z ")
    assert office.schedules[f"Offboard {SAM}"]["enabled"]
    assert office.schedules[f"Offboard {SAM}"]["id"] == number
    assert office.schedules[f"Offboard {KIM}"]["extra_data"]["offboard_leavers_text"] == KIM
    office.run(people)
    assert office.writes() == []


def test_a_withdrawn_leaver_has_no_schedule_and_nothing_else_removes_one(office: Office) -> None:
    office.run([leaves(JANE), leaves(SAM), leaves(KIM)])
    shorter = office.run([leaves(JANE)])
    assert (office.writes(), len(office.schedules)) == ([], 3)
    assert results(shorter)[f"Offboard {SAM}"] == "not_on_list"
    assert f"not on this list: {SAM}, {KIM}" in shorter.result("Schedule the runs").msg
    absent = {"offboard_schedule_state": "absent", "offboard_leavers_text": f"{SAM.upper()}\nnobody@example.com"}
    check = office.run(variables=absent, check=True)
    assert len(office.schedules) == 3
    gone = office.run(variables=absent)
    assert (
        results(check)
        == results(gone)
        == {
            f"Offboard {SAM}": "removed",
            "Offboard nobody@example.com": "not_scheduled",
        }
    )
    assert set(office.schedules) == {f"Offboard {JANE}", f"Offboard {KIM}"}
    again = office.run(variables=absent)
    assert (office.writes(), set(results(again).values())) == ([], {"not_scheduled"})


def test_a_schedule_that_is_over_is_used_again_and_purged_when_asked(office: Office) -> None:
    office.run([leaves(JANE), leaves(SAM)])
    long_ago = "DTSTART:20200101T000000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"
    for each in office.schedules.values():
        each["rrule"] = long_ago
    by_hand = add_schedule(office.awx, office.workflow, name="by hand", rrule=long_ago)
    withdrawn = office.run(variables={"offboard_schedule_state": "absent", "offboard_leavers_text": SAM})
    assert (results(withdrawn), office.writes()) == ({f"Offboard {SAM}": "has_run"}, [])
    run = office.run([leaves(JANE)])
    assert results(run) == {f"Offboard {JANE}": "moved"}
    assert set(office.schedules) == {f"Offboard {JANE}", f"Offboard {SAM}", "by hand"}
    purged = office.run([leaves(JANE)], variables={"offboard_schedule_purge_after": "30d"})
    assert results(purged) == {f"Offboard {JANE}": "unchanged", f"Offboard {SAM}": "purged"}
    assert {each["id"] for each in office.schedules.values()} > {by_hand["id"]}
    assert set(office.schedules) == {f"Offboard {JANE}", "by hand"}


def test_a_leaver_who_is_already_due_runs_at_once_when_asked_and_only_once(office: Office) -> None:
    run_now = {"offboard_schedule_due": "run"}
    before = datetime.now(UTC)
    office.run([leaves(JANE, PAST)], variables=run_now)
    (each,) = office.schedules.values()
    start = datetime.strptime(each["rrule"].partition(" ")[0], "DTSTART:%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert timedelta(0) < start - before < timedelta(minutes=3)
    assert each["extra_data"]["offboard_leave_at"] == PAST
    each["rrule"] = "DTSTART:20260201T000000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"
    again = office.run([leaves(JANE, PAST)], variables=run_now)
    assert (office.writes(), results(again)) == ([], {f"Offboard {JANE}": "already_due"})
    office.run([leaves(JANE, "2026-03-01T00:00:00Z")], variables=run_now)
    assert [method for method, _path in office.writes()] == ["PATCH"]


def test_each_stage_has_a_schedule_that_is_named_after_it(office: Office) -> None:
    office.run([leaves(JANE), leaves(SAM, PAST)])
    stages = [{"state": "deactivated"}, {"state": "absent", "after": "30d"}]
    allowed = {"offboard_stages": stages, "offboard_allow_delete": True}
    of_tenants: dict[str, Any] = copy.deepcopy(TENANTS)
    of_tenants["all"]["children"]["saas"]["vars"] |= allowed
    unseen = office.run([leaves(JANE)], inventory=of_tenants)
    assert "offboard_stages of netex, zitadel is not that of localhost" in unseen.result("Schedule the runs").msg
    assert (unseen.rc, office.writes()) == (2, [])
    refused = office.run([leaves(JANE)], variables={"offboard_stages": stages})
    assert (refused.rc, office.writes()) == (2, [])
    assert "offboard_allow_delete" in refused.result("Schedule the runs").msg
    run = office.run([leaves(JANE), leaves(SAM, "2026-11-30T00:00:00Z")], variables=allowed)
    names = {name: each["rrule"].partition(" ")[0] for name, each in office.schedules.items()}
    assert names.pop(f"Offboard {SAM} (absent)") == "DTSTART:20261230T000100Z"
    assert names == {
        f"Offboard {JANE} (deactivated)": "DTSTART:20991231T170100Z",
        f"Offboard {JANE} (absent)": "DTSTART:21000130T170100Z",
    }
    assert results(run)[f"Offboard {SAM} (deactivated)"] == "already_due"
    office.run([leaves(JANE), leaves(SAM, "2026-11-30T00:00:00Z")], variables=allowed)
    assert office.writes() == []
    office.run(variables={"offboard_schedule_state": "absent", "offboard_leavers_text": JANE})
    assert set(office.schedules) == {f"Offboard {SAM} (absent)"}


def test_two_workflows_have_schedules_of_their_own_and_those_of_others_are_left_alone(office: Office) -> None:
    other = add_workflow(office.awx, "Offboarding of partners")
    theirs = add_schedule(office.awx, office.workflow, name="nightly", description="of another team")
    office.run([leaves(JANE)])
    office.run([leaves(JANE, EVEN_LATER)], variables={"offboard_schedule_template": "Offboarding of partners"})
    assert [method for method, _path in office.writes()] == ["POST"]
    office.run(
        variables={
            "offboard_schedule_state": "absent",
            "offboard_leavers_text": JANE,
            "offboard_schedule_template": "Offboarding of partners",
        }
    )
    left = [(each["name"], each["unified_job_template"]) for each in office.awx.objects["schedules"].values()]
    assert sorted(left) == [(f"Offboard {JANE}", office.workflow), ("nightly", office.workflow)]
    assert other not in dict(left).values()
    assert office.awx.objects["schedules"][theirs["id"]]["description"] == "of another team"


def test_account_keys_travel_where_the_template_prompts_for_variables(office: Office) -> None:
    people = [leaves(JANE, zitadel="69629023906488334"), leaves(SAM)]
    refused = office.run(people)
    assert (refused.rc, office.writes()) == (2, [])
    assert "row 1: the list names accounts by other keys" in refused.result("Schedule the runs").msg
    office.awx.one("workflow_job_templates", WORKFLOW)["ask_variables_on_launch"] = True
    assert office.run(people).rc == 0
    assert office.schedules[f"Offboard {JANE}"]["extra_data"] == {
        "offboard_leavers": [
            {"email": JANE, "leave_at": "2099-12-31T17:00:00Z", "zitadel": {"user_id": "69629023906488334"}}
        ]
    }
    office.run(people)
    assert office.writes() == []


def lists(office: Office, run: Run) -> str:
    assert run.rc == 2, run
    assert office.writes() == []
    return str(run.result("Schedule the runs").msg)


def test_what_is_wrong_is_said_before_the_first_write(office: Office) -> None:
    def message(leavers: Any = None, **options: Any) -> str:
        return lists(office, office.run(leavers, **options))

    assert "list is empty" in message([])
    assert "Give the leavers by one of" in message()
    expression = office.ansible.place / "reason.yml"
    expression.write_text("offboard_reason: !unsafe '{{ 1 }}'\n", encoding="utf-8")
    text = message([leaves(JANE, "2099-12-31"), leaves("no address")], arguments=["-e", f"@{expression}"])
    assert all(part in text for part in ("entry 1", "entry 2", "offboard_reason holds the beginning of an expression"))
    assert "offboard_schedule_stat" in message([leaves(JANE)], variables={"offboard_schedule_stat": "absent"})
    assert "--limit does not narrow" in message([leaves(JANE)], limit="netex")
    assert "must be a duration" in message([leaves(JANE)], variables={"offboard_schedule_purge_after": "a while"})
    assert office.awx.calls == []
    assert "no job template or workflow of that name" in message(
        [leaves(JANE)], variables={"offboard_schedule_template": "Nothing"}
    )
    add_schedule(office.awx, office.workflow, name=f"Offboard {JANE}", description="by hand")
    assert f"'Offboard {JANE}'" in message([leaves(JANE)])


def test_a_template_that_cannot_take_the_answers_is_refused(office: Office) -> None:
    add_workflow(office.awx, "Asks more", "change")
    add_workflow(office.awx, "Asks nothing", survey_enabled=False)

    def of(name: str, **more: Any) -> dict[str, Any]:
        return {"offboard_schedule_template": name, **more}

    assert "does not ask for offboard_leave_at, offboard_leavers_text" in lists(
        office, office.run([leaves(JANE)], variables=of("Asks nothing"))
    )
    assert "asks for change, which must be answered" in lists(
        office, office.run([leaves(JANE)], variables=of("Asks more"))
    )
    answered = office.run([leaves(JANE)], variables=of("Asks more", offboard_schedule_answers={"change": "CH-1"}))
    assert answered.rc == 0, answered
    assert office.schedules[f"Offboard {JANE}"]["extra_data"]["change"] == "CH-1"
    office.awx.answer("POST", "/api/v2/organizations/", {}, {"name": "Partners"})
    second = office.awx.one("organizations", "Partners")["id"]
    add_workflow(office.awx, organization=second)
    assert "AWX has 2 of that name" in lists(office, office.run([leaves(JANE)]))
    chosen = office.run([leaves(SAM)], variables={"offboard_schedule_organization": "Partners"})
    assert chosen.rc == 0, chosen


class Denying(Awx):
    """An AWX that refuses some writes. `theirs` are schedules that another user made (ScheduleAccess)."""

    statuses: tuple[int, ...] = ()
    theirs: tuple[str, ...] = ()

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any, who: int | None = None
    ) -> tuple[int, Any]:
        if method == "POST" and path == "/api/v2/schedules/" and self.statuses:
            status, *rest = self.statuses
            self.statuses = tuple(rest)
            if status >= 400:
                raise Refused(status, {"__all__": ["It is not to be."], "secret": TOKEN} if status == 400 else {})
        if method in ("PATCH", "DELETE") and path in self.theirs:
            raise Refused(403, {"detail": "You do not have permission to perform this action."})
        return super().answer(method, path, query, body, who)


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        ((201, 400, 201), ["created", "failed", "created"]),
        ((201, 403), ["created", "failed", "not_done"]),
        ((201, 503), ["created", "failed", "not_done"]),
        ((201, 401), ["created", "failed", "not_done"]),
    ],
)
def test_what_awx_refuses_fails_the_run_by_name_and_the_next_run_goes_on(
    ansible: Ansible, statuses: tuple[int, ...], found: list[str]
) -> None:
    with serving(Denying()) as awx:
        assert isinstance(awx, Denying)
        office = Office(awx, ansible, add_workflow(awx))
        awx.statuses = statuses
        people = [leaves(each) for each in (JANE, SAM, KIM)]
        run = office.run(people, refused=statuses)
        assert run.rc == 2
        assert list(results(run).values()) == found
        text = str(run.result("Schedule the runs").msg)
        assert text.startswith("awx_failed: ")
        assert f"{SAM}: AWX: " in text
        assert "extra_data" not in text
        assert office.run(people).rc == 0
        assert [method for method, _path in office.writes()] == ["POST"] * (3 - found.count("created"))


def test_a_schedule_of_another_user_is_refused_and_the_others_are_written(ansible: Ansible) -> None:
    with serving(Denying()) as awx:
        assert isinstance(awx, Denying)
        office = Office(awx, ansible, add_workflow(awx))
        office.run([leaves(JANE), leaves(SAM)])
        awx.theirs = (f"/api/v2/schedules/{office.schedules[f'Offboard {JANE}']['id']}/",)
        moved = office.run([leaves(each, EVEN_LATER) for each in (JANE, SAM, KIM)], refused=(403,))
        assert moved.rc == 2
        assert list(results(moved).values()) == ["failed", "moved", "created"]
        assert f"{JANE}: AWX: You don't have permission to PATCH" in moved.result("Schedule the runs").msg
        withdrawn = {"offboard_schedule_state": "absent", "offboard_leavers_text": f"{JANE}\n{SAM}"}
        gone = office.run(variables=withdrawn, refused=(403,))
        assert list(results(gone).values()) == ["failed", "removed"]


def test_without_a_login_the_variables_are_named(office: Office) -> None:
    none = office.run([leaves(JANE)], env={})
    assert "CONTROLLER_HOST and CONTROLLER_OAUTH_TOKEN" in none.result("Schedule the runs").msg
    assert office.awx.calls == []
    wrong = office.run([leaves(JANE)], env={"CONTROLLER_OAUTH_TOKEN": "wrong"}, refused=(401,))
    assert "awx_failed: AWX: Invalid authentication credentials" in wrong.result("Schedule the runs").msg
    password = {"CONTROLLER_USERNAME": USER, "CONTROLLER_PASSWORD": PASSWORD}
    assert office.run([leaves(JANE)], env=password).rc == 0
    away = office.run([leaves(JANE)], env={**BY_TOKEN, "CONTROLLER_HOST": "http://127.0.0.1:9"})
    assert away.rc == 2
    assert "127.0.0.1:9" in away.result("Schedule the runs").msg


def test_a_thousand_leavers_take_pages_and_one_write_each(office: Office) -> None:
    people = [leaves(f"left{number}@example.com") for number in range(1000)]
    assert office.run(people).rc == 0
    assert len(office.writes()) == 1000
    again = office.run(people)
    assert office.writes() == []
    assert len(office.awx.calls) <= 5 + 3
    assert len(again.result("Schedule the runs").result["msg"]) < 230


def test_the_example_of_the_module_schedules_a_leaver(office: Office) -> None:
    (example,) = proved_by("test_the_example_of_the_module_schedules_a_leaver", "plugins/modules/offboard_schedule.py")
    place = {
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join((str(office.ansible.collections), str(AWX_COLLECTION))),
        "CONTROLLER_HOST": office.awx.url,
        **BY_TOKEN,
    }
    run = office.ansible.run(example.data, env=place)
    assert run.rc == 0, run
    assert re.match(r"DTSTART:20991231T170100Z ", office.schedules[f"Offboard {JANE}"]["rrule"])


def test_the_commands_of_the_guide_schedule_and_withdraw(office: Office) -> None:
    name = "test_the_commands_of_the_guide_schedule_and_withdraw"
    schedule, output, withdraw = proved_by(name, GUIDE)
    (export, check, run) = schedule.commands()
    assert export.split()[1].startswith("CONTROLLER_HOST=")
    (office.ansible.place / "leavers.csv").write_text(
        f"email,leave_at\n{JANE},{LATER}\n{SAM},2026-01-31T18:00:00+01:00\n", encoding="utf-8"
    )

    def carry_out(command: str) -> Run:
        words = shlex.split(command)
        assert words[:4] == ["ansible-playbook", "-i", "tenants.yml", PLAYBOOK]
        given = dict(each.split("=", 1) for place, each in enumerate(words) if words[place - 1] == "-e")
        if file := given.get("offboard_leavers_file"):
            given["offboard_leavers_file"] = str(office.ansible.place / file)
        return office.run(variables=given, check="--check" in words)

    assert carry_out(check).rc == 0
    assert office.writes() == []
    shown = carry_out(run).result("Schedule the runs").result["msg"]
    assert [line.rstrip() for line in shown] == [line.rstrip() for line in output.text.strip().splitlines()]
    (command,) = withdraw.commands()
    assert results(carry_out(command)) == {f"Offboard {JANE}": "removed"}


def test_awx_setup_makes_the_template_that_schedules(ansible: Ansible) -> None:
    """Its job has the login of AWX alone, and its schedules launch the workflow with the answers of its survey."""
    example, direct = proved_by("test_awx_setup_makes_the_template_that_schedules", GUIDE)
    name = example.data["awx_schedule_credential"]
    given = {
        "awx_project_url": "https://git.example.com/offboarding.git",
        "awx_image": "registry.example.com/offboarding-ee:1.0.0",
        "awx_tenants": [
            {"name": "netex", "vendor": "netex", "credential": {"tenant": "example", "auth_token": "x" * 20}}
        ],
        "awx_audit_rrule": "",
        "awx_preflight": False,
    }
    with serving(Awx()) as awx:
        place = {
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join((str(ansible.collections), str(AWX_COLLECTION))),
            "CONTROLLER_HOST": awx.url,
            **BY_TOKEN,
        }
        add_login(awx, name)
        for values in (given, {**given, **example.data}, {**given, **example.data}):
            awx.calls.clear()
            run = ansible.run("saas.offboarding.awx_setup", env=place, extra_vars=values)
            assert (run.rc, awx.refused) == (0, []), run
            has = SCHEDULE in awx.names("job_templates")
            assert has == ("awx_schedule_credential" in values)
        assert awx.writes == []
        assert awx.linked("job_templates", SCHEDULE, "credentials") == [name]
        # As the guide says of events that need no approval.
        shown = ansible.run(
            "saas.offboarding.awx_setup", env=place, extra_vars={**given, **example.data, **direct.data}
        )
        assert (shown.rc, awx.refused) == (0, []), shown
        other = launch(awx, SCHEDULE, {}).extra_vars["offboard_schedule_template"]
        assert other == "Offboarding: offboard"
        assert other in awx.names("job_templates")
        ansible.run("saas.offboarding.awx_setup", env=place, extra_vars={**given, **example.data})

        job = launch(
            awx, SCHEDULE, {"offboard_leavers_text": JANE, "offboard_leave_at": LATER, "offboard_ticket": "0012"}
        )
        assert job.env == {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
        env = {**place, **job.env}
        project = REPOSITORY / "examples" / "awx-project"
        played = ansible.run(str(project / job.playbook), env=env, extra_vars=job.extra_vars, inventory=job.inventory)
        assert played.rc == 0, played
        (schedule,) = awx.objects["schedules"].values()
        workflow = Workflow(awx, WORKFLOW, schedule["extra_data"])
        plan = workflow.node("plan", {})
        assert {name: plan.extra_vars[name] for name in schedule["extra_data"]} == {
            "offboard_leavers_text": JANE,
            "offboard_leave_at": "2099-12-31T17:00:00Z",
            "offboard_ticket": "0012",
        }
        withdrawn = launch(awx, SCHEDULE, {"offboard_leavers_text": JANE, "offboard_schedule_state": "absent"})
        ansible.run(str(project / job.playbook), env=env, extra_vars=withdrawn.extra_vars, inventory=job.inventory)
        assert awx.objects["schedules"] == {}


def test_operators_cannot_schedule_past_the_approval(ansible: Ansible) -> None:
    """A template that schedules another one than the workflow closes accounts without an approval."""
    example, direct = proved_by("test_awx_setup_makes_the_template_that_schedules", GUIDE)
    given = {
        **variables([NETEX], awx_audit_rrule="", awx_preflight=False),
        **example.data,
        "awx_approvers": {"users": ["sam"]},
        "awx_operators": {"users": ["jane"]},
    }
    awx = Awx()
    awx.user("jane")
    awx.user("sam")
    with serving(awx):
        add_login(awx, example.data["awx_schedule_credential"])
        past: dict[str, Any] = direct.data
        for more, execute, read in ((given, ["jane"], []), (past, [], ["jane"]), (past, [], ["jane"])):
            run = setup(ansible, awx, {**given, **more})
            assert run.rc == 0, run
            assert awx.granted("job_templates", SCHEDULE, "execute_role") == execute
            assert awx.granted("job_templates", SCHEDULE, "read_role") == read
        assert awx.writes == []


def add_login(awx: Awx, name: str) -> None:
    """A credential of the type Red Hat Ansible Automation Platform, as far as a job sees it."""
    fields = [{"id": "host", "label": "host"}, {"id": "oauth_token", "label": "token", "secret": True}]
    env = {"CONTROLLER_HOST": "{{ host }}", "CONTROLLER_OAUTH_TOKEN": "{{ oauth_token }}"}
    kind = {"name": "Red Hat Ansible Automation Platform", "kind": "cloud", "inputs": {"fields": fields}}
    number = awx.answer("POST", "/api/v2/credential_types/", {}, {**kind, "injectors": {"env": env}})[1]["id"]
    inputs = {"host": awx.url, "oauth_token": TOKEN}
    given = {"name": name, "organization": 1, "credential_type": number, "inputs": inputs}
    awx.answer("POST", "/api/v2/credentials/", {}, given)
