# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""awx_setup on an AWX in use: what people changed by hand, who may do what, and what goes wrong there."""

from __future__ import annotations

import copy
import json
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from awx.server import Awx, Refused, serving
from awx.setting_up import (
    AWX_COLLECTION,
    BY_TOKEN,
    NETEX,
    PREFLIGHT,
    WORKFLOW,
    changed,
    message_of,
    objects_of,
    setup,
    variables,
)
from harness.examples import proved_by
from harness.playbook import Ansible

CHECK, RUN, REINSTATE = "Offboarding: offboard (check)", "Offboarding: offboard", "Offboarding: reinstate"
LEARN = {
    "name": "learn",
    "vendor": "learn",
    "credential": {"environment": "staging", "tenant_id": "t", "api_secret": "learn-secret-1"},
}
TEAMS = ("approvers", "operators", "auditors")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, collections_path: Path) -> Awx:
    """An AWX in use, that was set up once, with teams and users. Tests work on copies."""
    ansible = Ansible(place=tmp_path_factory.mktemp("awx"), collections=collections_path)
    awx = Awx()
    for team in TEAMS:
        awx.user(f"member-of-{team}", team)
    awx.user("jane")
    with serving(awx):
        done = setup(ansible, awx, variables([NETEX, LEARN]))
        assert done.rc == 0, done
    return awx


@pytest.fixture
def awx(base: Awx) -> Iterator[Awx]:
    with serving(copy.deepcopy(base)) as awx:
        awx.calls.clear()
        yield awx


def test_what_was_changed_by_hand_is_set_back_and_reported(ansible: Ansible, awx: Awx) -> None:
    """Also a host that was disabled, which would leave its tenant out of every run without a word."""
    before = copy.deepcopy(awx.objects)
    for template in awx.objects["job_templates"].values():
        asked = {name: not value for name, value in template.items() if name.startswith("ask_")}
        template.update(asked, **BY_HAND)
    workflow = awx.one("workflow_job_templates", WORKFLOW)
    workflow.update({name: not value for name, value in workflow.items() if name.startswith("ask_")}, limit="netex")
    workflow.update(allow_simultaneous=False, extra_vars='{"offboard_max_changes": 9999}', job_tags="x")
    awx.one("hosts", "learn")["enabled"] = False
    awx.one("schedules", "Offboarding: nightly audit")["enabled"] = False

    run = setup(ansible, awx, variables([NETEX, LEARN]))

    assert run.rc == 0, run
    assert awx.objects == before
    names = {name for _task, name in objects_of(run)}
    assert {"host learn", f"job_template {CHECK}", f"workflow_job_template {WORKFLOW}"} <= names
    assert "schedule Offboarding: nightly audit" in names
    group = json.loads(awx.one("groups", "saas")["variables"])
    assert group["offboard_expected_tenants"] == ["netex", "learn"]


BY_HAND = {
    "allow_simultaneous": True,
    "become_enabled": True,
    "diff_mode": True,
    "force_handlers": True,
    "forks": 3,
    "host_config_key": "a-key",
    "job_slice_count": 2,
    "job_tags": "x",
    "limit": "netex",
    "scm_branch": "other",
    "skip_tags": "y",
    "start_at_task": "z",
    "timeout": 7,
    "use_fact_cache": True,
    "verbosity": 4,
    "webhook_service": "github",
    "survey_enabled": False,
}


# -- who may do what


def people(name: str) -> dict[str, list[str]]:
    return {"teams": [name], "users": []}


PEOPLE = {f"awx_{name}": people(name) for name in TEAMS}


def test_roles_let_each_see_and_do_what_they_must_and_no_more(ansible: Ansible, awx: Awx) -> None:
    """Who approves can read the plan's job and its log; who launches cannot pass by the approval."""
    member = {team: awx.one("users", f"member-of-{team}")["id"] for team in TEAMS}
    stranger = awx.one("users", "jane")["id"]
    numbers = {name: awx.one("job_templates", name)["id"] for name in awx.names("job_templates")}
    workflow = awx.one("workflow_job_templates", WORKFLOW)["id"]

    def may(who: int, method: str, path: str) -> bool:
        try:
            awx.answer(method, f"/api/v2/{path}/", {}, {}, who)
        except Refused as exc:
            if exc.status == 403:
                return False
            raise
        return True

    given = variables([NETEX, LEARN], **PEOPLE)
    predicted = setup(ansible, awx, given, check=True)
    assert awx.writes == []
    assert not may(member["approvers"], "POST", f"workflow_job_templates/{workflow}/launch")
    done = setup(ansible, awx, given)
    assert (predicted.rc, done.rc) == (0, 0), done
    assert objects_of(predicted) == objects_of(done)
    assert {name for _task, name in objects_of(done)} == {
        "role approval of approvers",
        "role read of approvers",
        "role execute of operators",
        "role read of operators",
        "role read of auditors",
    }
    again = setup(ansible, awx, given)
    assert (again.rc, changed(again), awx.writes) == (0, 0, []), again

    awx.launched.clear()
    assert may(member["operators"], "POST", f"workflow_job_templates/{workflow}/launch")
    assert awx.launched == [CHECK]
    for who in member.values():
        assert may(who, "GET", "jobs/1")
        assert may(who, "GET", "jobs/1/stdout")
        assert may(who, "GET", "workflow_approvals/1")
    assert not may(stranger, "GET", "jobs/1/stdout")
    assert [team for team, who in member.items() if may(who, "POST", "workflow_approvals/1/approve")] == ["approvers"]
    launches = {
        team: {name for name, number in numbers.items() if may(who, "POST", f"job_templates/{number}/launch")}
        for team, who in member.items()
    }
    assert launches == {"approvers": set(), "auditors": set(), "operators": set(numbers) - {RUN, REINSTATE}}


def test_the_roles_and_notifications_of_the_guide(ansible: Ansible, awx: Awx) -> None:
    page = "docs/docsite/rst/awx.rst"
    roles, notifications = proved_by("test_the_roles_and_notifications_of_the_guide", page)
    for names in notifications.data["awx_notifications"].values():
        post_notification(awx, *names)
    run = setup(ansible, awx, variables([NETEX, LEARN], **roles.data, **notifications.data))
    assert run.rc == 0, run
    assert awx.granted("job_templates", CHECK, "read_role") == ["approvers", "auditors"]
    assert awx.granted("job_templates", RUN, "read_role") == ["approvers", "auditors", "jane", "operators"]
    assert awx.granted("workflow_job_templates", WORKFLOW, "execute_role") == ["jane", "operators"]
    assert awx.linked("workflow_job_templates", WORKFLOW, "notification_templates_approvals") == [
        "Chat of the approvers"
    ]


def test_without_approvers_operators_launch_everything_and_lose_it_when_there_are_some(
    ansible: Ansible, awx: Awx
) -> None:
    operators = {"awx_operators": {"users": ["jane"]}}
    assert setup(ansible, awx, variables([NETEX, LEARN], **operators)).rc == 0
    assert awx.granted("job_templates", RUN, "execute_role") == ["jane"]
    guarded = setup(ansible, awx, variables([NETEX, LEARN], **operators, awx_approvers={"teams": ["approvers"]}))
    assert guarded.rc == 0, guarded
    assert awx.granted("job_templates", RUN, "execute_role") == []
    assert awx.granted("job_templates", RUN, "read_role") == ["approvers", "jane"]
    assert awx.granted("job_templates", CHECK, "execute_role") == ["jane"]
    assert awx.granted("workflow_job_templates", WORKFLOW, "approval_role") == ["approvers"]


def test_names_that_awx_does_not_have_are_one_error_before_anything_is_changed(ansible: Ansible, awx: Awx) -> None:
    awx.answer("POST", "/api/v2/organizations/", {}, {"name": "Second"})
    second = awx.one("organizations", "Second")["id"]
    for organization in (1, second):
        post_notification(awx, "Twice", organization)
    post_notification(awx, "Elsewhere", second)
    given = variables(
        [NETEX, LEARN],
        awx_prefix="Other",
        awx_approvers={"teams": ["aprovers"], "users": ["jane", "joe"]},
        awx_auditors={"users": ["nemo"]},
        awx_notifications={"error": ["Elsewhere", "Twice"]},
    )
    run = setup(ansible, awx, given)
    assert run.rc == 2
    assert awx.writes == []
    gone = "in the organization Default, or the token may not see it. Correct the name, or make it in AWX."
    assert run.result(-1).msg == (
        f"awx_approvers: AWX has no team aprovers, no user joe {gone} awx_auditors: AWX has no user nemo {gone} "
        "awx_notifications: AWX has no notification template Elsewhere, notification template Twice not alone (another "
        f"organization has one, and the modules look it up by its name) {gone} Nothing was changed."
    )


def post_notification(awx: Awx, name: str, organization: int = 1) -> None:
    body = {"name": name, "organization": organization, "notification_type": "email"}
    awx.answer("POST", "/api/v2/notification_templates/", {}, body)


def test_notifications_are_attached_to_templates_and_workflow(ansible: Ansible, awx: Awx) -> None:
    for name in ("Chat", "Mail", "By hand"):
        post_notification(awx, name)
    by_hand = awx.one("notification_templates", "By hand")["id"]
    for on in ("success", "error"):
        awx.links["job_templates", awx.one("job_templates", RUN)["id"], f"notification_templates_{on}"] = [by_hand]
    given = variables(
        [NETEX, LEARN], awx_notifications={"error": ["Mail", "Chat"], "approval": ["Chat"], "started": []}
    )
    done = setup(ansible, awx, given)
    assert done.rc == 0, done
    again = setup(ansible, awx, given)
    assert (again.rc, changed(again), awx.writes) == (0, 0, []), again
    for name in awx.names("job_templates"):
        assert sorted(awx.linked("job_templates", name, "notification_templates_error")) == ["Chat", "Mail"]
        assert awx.linked("job_templates", name, "notification_templates_started") == []
    assert sorted(awx.linked("workflow_job_templates", WORKFLOW, "notification_templates_error")) == ["Chat", "Mail"]
    assert awx.linked("workflow_job_templates", WORKFLOW, "notification_templates_approvals") == ["Chat"]
    # Of what is not named at all, nothing is taken off.
    assert awx.linked("job_templates", RUN, "notification_templates_success") == ["By hand"]


# -- hosts and slices


def test_hosts_that_were_made_here_are_removed_when_asked_and_no_others(ansible: Ansible, awx: Awx) -> None:
    inventory = awx.one("inventories", "Offboarding: tenants")["id"]
    awx.answer("POST", "/api/v2/hosts/", {}, {"name": "theirs", "inventory": inventory})
    kept = setup(ansible, awx, variables([NETEX]))
    assert kept.rc == 0, kept
    assert sorted(awx.names("hosts")) == ["learn", "netex", "theirs"]
    predicted = setup(ansible, awx, variables([NETEX], awx_remove_hosts=True), check=True)
    assert predicted.rc == 0, [message_of(task) for task in predicted.tasks if task.failed]
    assert awx.writes == []
    removed = setup(ansible, awx, variables([NETEX], awx_remove_hosts=True))
    assert removed.rc == 0, removed
    assert ("Remove the hosts of removed tenants", "host learn") in objects_of(removed) & objects_of(predicted)
    assert sorted(awx.names("hosts")) == ["netex", "theirs"]
    again = setup(ansible, awx, variables([NETEX], awx_remove_hosts=True))
    assert (again.rc, changed(again), awx.writes) == (0, 0, []), again


# -- what goes wrong


def test_an_update_of_the_project_that_fails_shows_the_end_of_its_output(ansible: Ansible) -> None:
    awx = Awx(reachable=False)
    awx.output = "\n".join(
        [
            *(f"line {number}" for number in range(50)),
            "TASK [Update project using git] *****",
            '\x1b[0;31mfatal: [localhost]: FAILED! => {"msg": "fatal: could not read from remote repository"}\x1b[0m',
            "",
        ]
    )
    with serving(awx):
        first = setup(ansible, awx, variables([NETEX]))
        awx.playbooks = ()
        second = setup(ansible, awx, variables([NETEX]), refused=frozenset({400}))
    for run in (first, second):
        assert run.rc == 2
        (failed,) = [task for task in run.tasks if "could not read from remote" in message_of(task)]
        text = message_of(failed)
        number = awx.one("projects", "Offboarding")["id"]
        assert f"/#/jobs/project/{number}/output in AWX, ends with:\nline 40" in text or "line 40\n" in text
        assert '{"msg": "fatal: could not read from remote repository"}' in text
        assert "line 39" not in text
        assert "\x1b" not in text
        assert "job_data" not in run.everything
        assert "event_processing_finished" not in run.everything, "an object of the API"


def test_no_error_shows_a_whole_object_of_the_api(ansible: Ansible, awx: Awx) -> None:
    """Neither of a job that fails, nor of a name that is there twice, nor of a field that AWX refuses."""
    awx.failing = (PREFLIGHT,)
    of_vault: dict[str, Any] = {"name": "Vault", "kind": "cloud", "inputs": {"fields": []}}
    kinds = [awx.answer("POST", "/api/v2/credential_types/", {}, {**of_vault, "name": name})[1]["id"] for name in "ab"]
    for kind in kinds:
        awx.answer("POST", "/api/v2/credentials/", {}, {"name": "Vault", "organization": 1, "credential_type": kind})
    twice = setup(ansible, awx, variables([NETEX, LEARN], awx_more_credentials=["Vault"]))
    assert twice.rc == 2
    assert "AWX has 2 of that name (credentials)" in " ".join(map(message_of, twice.tasks))
    awx.one("job_templates", CHECK)["playbook"] = "other.yml"
    awx.seen = dict.fromkeys(awx.seen, ("audit.yml",))
    awx.playbooks = ("audit.yml",)
    refused = setup(ansible, awx, variables([NETEX, LEARN]), refused=frozenset({400}))
    assert refused.rc == 2
    assert "playbook: ['Playbook not found for project.']" in " ".join(map(message_of, refused.tasks))
    for run in (twice, refused):
        for name in ("summary_fields", "related", "survey_spec/", '"results": [{"id"'):
            assert not any(name in str(task.result) for task in run.tasks if task.failed), name


# -- what outlives a job


def test_a_folder_that_ends_with_the_job_is_a_warning(ansible: Ansible, awx: Awx) -> None:
    folder = {"awx_job_variables": {"offboard_report_dir": "/srv/offboarding/reports"}}
    lost = setup(ansible, awx, variables([NETEX, LEARN], **folder))
    assert lost.rc == 0, lost
    assert [warning for warning in lost.warnings if "/srv/offboarding/reports does not outlive a job" in warning] != []
    assert "in the instance group default, so that evidence and journal are gone" in " ".join(lost.warnings)
    awx.settings["AWX_ISOLATION_SHOW_PATHS"] = ["/srv/offboarding"]
    kept = setup(ansible, awx, variables([NETEX, LEARN], **folder))
    assert (kept.rc, kept.warnings, changed(kept)) == (0, [], 0), kept
    pods = {"name": "pods", "is_container_group": True, "pod_spec_override": ""}
    number = awx.answer("POST", "/api/v2/instance_groups/", {}, pods)[1]["id"]
    awx.links["inventories", awx.one("inventories", "Offboarding: tenants")["id"], "instance_groups"] = [number]
    in_pods = setup(ansible, awx, variables([NETEX, LEARN], **folder))
    assert "in the instance group pods, so that" in " ".join(in_pods.warnings)


def test_the_purge_of_the_guide_removes_old_runs_alone(tmp_path: Path) -> None:
    (example,) = proved_by("test_the_purge_of_the_guide_removes_old_runs_alone", "docs/docsite/rst/awx.rst")
    (command,) = example.commands()
    old = time.time() - 401 * 24 * 3600
    for name in ("20250101T020000Z-000001", "20261130T020000Z-000001", "archive"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "evidence.json").touch()
        if not name.startswith("2026"):
            os.utime(tmp_path / name, (old, old))
    words = [str(tmp_path) if word == "/srv/offboarding/reports" else word for word in shlex.split(command)]
    subprocess.run(words, check=True, timeout=30)
    assert {each.name for each in tmp_path.iterdir()} == {"20261130T020000Z-000001", "archive"}


def test_the_examples_of_the_modules_run(ansible: Ansible, awx: Awx) -> None:
    test = "test_the_examples_of_the_modules_run"
    examples = [*proved_by(test, "plugins/modules/awx_look.py"), *proved_by(test, "plugins/modules/awx_kept.py")]
    tasks = [task for example in examples for task in example.data]
    paths = os.pathsep.join((str(ansible.collections), str(AWX_COLLECTION)))
    env = {"ANSIBLE_COLLECTIONS_PATH": paths, "CONTROLLER_HOST": awx.url, **BY_TOKEN}
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    run = ansible.run(play, env=env)
    assert run.rc == 0, run
    assert [task.result.get("hosts") or task.result.get("groups") for task in run.tasks] == [
        ["netex", "learn"],
        ["default"],
    ]
    assert awx.writes == []
    awx.administrator = False
    unseen = ansible.run([{**play[0], "tasks": tasks[-1:]}], env=env)
    assert unseen.rc == 0, unseen.everything
    assert "outlives a job could not be seen: AWX: You don't have permission to GET" in " ".join(unseen.warnings)
