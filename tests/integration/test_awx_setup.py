# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""awx_setup with the real modules of awx.awx, against a double that takes nothing that AWX does not document."""

from __future__ import annotations

import copy
import json
import os
import re
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import VARIABLES
from awx.definitions import TYPES
from awx.launch import Job, Workflow, launch, merged, scheduled, sliced
from awx.server import TOKEN, Awx, Refused, serving
from awx.setting_up import (
    AWX_COLLECTION,
    BY_PASSWORD,
    BY_TOKEN,
    IN_CLEAR,
    NETEX,
    PLAYBOOK,
    PREFLIGHT,
    WORKFLOW,
    by_name,
    changed,
    message_of,
    objects_of,
    setup,
    tenants,
    variables,
)
from demo.story import VENDORS, account, address, closed_at
from harness.convergence import assert_no_secret
from harness.documents import outcomes
from harness.examples import proved_by
from harness.playbook import Ansible, Run, clean_environment
from harness.tree import REPOSITORY
from mock_vendors import client as mock_client
from mock_vendors.client import MockVendors

PROJECT = REPOSITORY / "examples" / "awx-project"
READABLE = [vendor for vendor in VENDORS if vendor != "customergauge"]
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
MOVED = "ssh://git@git.example.com:2222/offboarding.git"


@pytest.fixture(scope="session", autouse=True)
def _awx_collection() -> None:
    assert AWX_COLLECTION.is_dir(), "the collection awx.awx is not there: make awx"


@dataclass
class Built:
    """An AWX that the playbook has set up, and the result of each run."""

    awx: Awx
    runs: dict[str, Run] = field(default_factory=dict)
    writes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    token_calls: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, collections_path: Path, mock_process: MockVendors
) -> Iterator[Built]:
    """Four runs: in check mode on an empty AWX, for real, again as a job of AWX, and with something different."""
    ansible = Ansible(place=tmp_path_factory.mktemp("awx"), collections=collections_path)
    given = variables(tenants(mock_process))
    others = by_name(tenants(mock_process))
    others["learn"]["variables"] = {"learn_retries": 2}
    other = variables(
        others.values(),
        awx_project_url=MOVED,
        awx_project_branch="release",
        awx_approval_timeout=600,
    )
    with serving(Awx()) as awx:
        built = Built(awx)
        for name, values, login in (
            ("predicted", given, BY_PASSWORD),
            ("done", given, BY_TOKEN),
            ("again", {**given, "awx_job_id": 4711, "awx_user_name": "jane"}, BY_TOKEN),
            ("different", other, BY_TOKEN),
        ):
            built.runs[name] = setup(ansible, awx, values, login=login, check=name == "predicted")
            built.writes[name] = [(call.method, call.path) for call in awx.writes]
            built.token_calls[name] = [call.method for call in awx.token_calls]
            assert built.runs[name].rc == 0, built.runs[name]
        yield built


def test_check_mode_predicts_and_sends_nothing_though_nothing_is_there_yet(built: Built) -> None:
    assert built.writes["predicted"] == []
    assert objects_of(built.runs["predicted"]) == objects_of(built.runs["done"])
    assert len(objects_of(built.runs["done"])) > 25
    assert changed(built.runs["predicted"]) == changed(built.runs["done"])


def test_with_a_password_there_are_token_requests_and_each_token_is_given_back(built: Built) -> None:
    calls = built.token_calls["predicted"]
    assert calls.count("POST") == calls.count("DELETE") == len(calls) / 2 > 10
    assert built.token_calls["done"] == []


def test_a_second_run_changes_nothing_and_another_file_changes_what_is_different(built: Built) -> None:
    assert changed(built.runs["again"]) == 0
    assert built.writes["again"] == []
    host = built.awx.one("hosts", "learn")
    project = built.awx.one("projects", "Offboarding")
    approval = built.awx.one("workflow_approval_templates", "Offboarding: approve the plan")
    assert built.writes["different"] == [
        ("PATCH", f"/api/v2/projects/{project['id']}/"),
        ("PATCH", f"/api/v2/hosts/{host['id']}/"),
        ("PATCH", f"/api/v2/workflow_approval_templates/{approval['id']}/"),
        ("POST", f"/api/v2/job_templates/{built.awx.one('job_templates', PREFLIGHT)['id']}/launch/"),
    ]
    # Once when it was made, and once when a host was changed.
    assert built.awx.launched == [PREFLIGHT] * 2
    assert (project["scm_branch"], approval["timeout"]) == ("release", 600)
    assert json.loads(host["variables"]) == {"learn_retries": 2, "saas_vendor": "learn"}
    assert [warning for run in built.runs.values() for warning in run.warnings] == []


def test_everything_is_there(built: Built, mock: MockVendors) -> None:
    awx = built.awx
    assert {kind: sorted(awx.names(kind)) for kind in awx.objects} == {
        "organizations": ["Default"],
        "credential_types": sorted(TYPES[vendor]["name"] for vendor in VENDORS),
        "credentials": sorted(f"Offboarding: {vendor}" for vendor in VENDORS),
        "execution_environments": ["Offboarding"],
        "projects": ["Offboarding"],
        "inventories": ["Offboarding: tenants"],
        "hosts": sorted(VENDORS),
        "groups": ["saas"],
        "job_templates": [
            "Offboarding: audit",
            "Offboarding: offboard",
            "Offboarding: offboard (check)",
            "Offboarding: preflight",
            "Offboarding: reinstate",
        ],
        "workflow_job_templates": [WORKFLOW],
        "workflow_job_template_nodes": ["apply", "approve", "plan"],
        "workflow_approval_templates": ["Offboarding: approve the plan"],
        "schedules": ["Offboarding: nightly audit"],
        "instance_groups": ["default"],
        "notification_templates": [],
        "teams": [],
        "users": [],
    }
    for tenant in tenants(mock):
        present = awx.one("credentials", f"Offboarding: {tenant['name']}")
        assert present["inputs"] == tenant["credential"]
        assert present["organization"] == awx.one("organizations", "Default")["id"]
    project = awx.one("projects", "Offboarding")
    assert (project["scm_type"], project["scm_url"]) == ("git", MOVED)
    assert project["organization"] == awx.one("organizations", "Default")["id"]
    assert awx.one("execution_environments", "Offboarding")["image"] == "registry.example.com/offboarding-ee:1.0.0"
    assert set(awx.linked("groups", "saas", "hosts")) == set(VENDORS)
    assert {each["job_type"] for each in awx.objects["job_templates"].values() if "check" in each["name"]} == {"check"}
    for template in awx.objects["job_templates"].values():
        assert sorted(awx.linked("job_templates", template["name"], "credentials")) == sorted(awx.names("credentials"))
        assert (PROJECT / template["playbook"]).is_file()
    # A plan without an approval must not hold up later ones; the jobs still wait for each other.
    assert awx.one("workflow_job_templates", WORKFLOW)["allow_simultaneous"] is True
    assert {each["allow_simultaneous"] for each in awx.objects["job_templates"].values()} == {False}
    schedule = awx.one("schedules", "Offboarding: nightly audit")
    assert schedule["unified_job_template"] == awx.one("job_templates", "Offboarding: audit")["id"]
    assert schedule["extra_data"] == {"offboard_leavers_file": "/srv/offboarding/leavers.csv"}
    questions = {
        each["variable"]: each for each in awx.survey(awx.one("job_templates", "Offboarding: offboard"))["spec"]
    }
    assert {name: each["type"] for name, each in questions.items()} == {
        "offboard_leavers_text": "textarea",
        "offboard_leave_at": "text",
        "offboard_leavers_file": "text",
        "offboard_vendors": "multiselect",
        "offboard_reason": "text",
        "offboard_ticket": "text",
    }
    assert questions["offboard_vendors"]["choices"] == list(VENDORS)


def test_what_was_taken_out_of_the_file(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    """A branch, a rule and a tenant less; and a secret that is sent again, a credential of others, a default."""
    (defaults,) = proved_by("test_what_was_taken_out_of_the_file", "docs/docsite/rst/awx.rst")
    awx = copy.deepcopy(built.awx)
    platform: dict[str, Any] = {"name": "Laurel of the platform team", "inputs": {"customer_id": "c1"}}
    kind = awx.one("credential_types", "Laurel (saas.offboarding)")["id"]
    awx.answer("POST", f"{awx.prefix}credentials/", {}, {**platform, "organization": 1, "credential_type": kind})
    left = by_name(tenants(mock))
    del left["learn"]
    left["zitadel"]["credential"]["client_secret"] = "a-new-secret"
    left["laurel"] = {"name": "laurel", "vendor": "laurel", "credential_name": platform["name"]}
    given = variables(
        left.values(),
        awx_audit_rrule="",
        awx_audit_leavers_file="",
        awx_update_secrets=True,
        **defaults.data,
    )
    with serving(awx):
        run = setup(ansible, awx, given)
    assert run.rc == 0, run
    assert awx.one("projects", "Offboarding")["scm_branch"] == ""
    assert awx.names("schedules") == []
    assert awx.one("credentials", "Offboarding: zitadel")["inputs"]["client_secret"] == "a-new-secret"
    wanted = sorted([platform["name"], *(f"Offboarding: {name}" for name in set(VENDORS) - {"laurel", "learn"})])
    for template in awx.names("job_templates"):
        assert sorted(awx.linked("job_templates", template, "credentials")) == wanted
    # The group is what the playbooks run for. Host and credential stay, for those who look at what was.
    assert set(awx.linked("groups", "saas", "hosts")) == set(VENDORS) - {"learn"}
    assert "learn" in awx.names("hosts")
    assert "Offboarding: learn" in awx.names("credentials")
    job = launch(awx, "Offboarding: offboard", {"offboard_leavers_text": JANE})
    assert job.extra_vars["offboard_reason"] == defaults.data["awx_survey_defaults"]["offboard_reason"]


def test_check_mode_shows_what_is_different_in_an_awx_that_is_set_up(
    ansible: Ansible, built: Built, mock: MockVendors
) -> None:
    """A tenant under another name: its host and credential are new, and what names them is not."""
    awx = copy.deepcopy(built.awx)
    others = by_name(tenants(mock))
    others["learn"]["name"] = "learning"
    given = variables(others.values(), awx_project_url=MOVED, awx_project_branch="release", awx_approval_timeout=600)
    with serving(awx):
        predicted = setup(ansible, awx, given, check=True)
        assert awx.writes == []
        done = setup(ansible, awx, given)
    assert (predicted.rc, done.rc) == (0, 0), predicted
    assert objects_of(predicted) == objects_of(done)
    assert {name for _task, name in objects_of(done)} == {
        "credential Offboarding: learning",
        "host learning",
        "group saas",
        *(f"job_template {name}" for name in awx.names("job_templates")),
        f"job_launch {PREFLIGHT}",
    }
    assert changed(predicted) == changed(done)
    assert sorted(awx.linked("groups", "saas", "hosts")) == sorted({*VENDORS, "learning"} - {"learn"})


QUESTIONS = [
    {"question_name": "Who", "variable": "who", "type": "text", "required": "yes"},
    {"question_name": "Teams", "variable": "teams", "type": "multiselect", "choices": ["a", "b"], "default": "a\nb\n"},
    {"question_name": "At most", "variable": "offboard_max_changes", "type": "integer", "default": "5"},
]


def test_questions_of_ones_own_and_what_stands_without_a_value(
    ansible: Ansible, built: Built, mock: MockVendors
) -> None:
    """One that must be answered leaves the nightly audit alone, and a second run finds all as AWX keeps it."""
    awx = copy.deepcopy(built.awx)
    nothing = dict.fromkeys(
        ("awx_project_branch", "awx_project_folder", "awx_more_credentials", "awx_image_credential")
    )
    given = variables(
        tenants(mock), awx_survey_questions=QUESTIONS, awx_job_variables=None, awx_project_url=MOVED, **nothing
    )
    with serving(awx):
        done = setup(ansible, awx, given)
        assert done.rc == 0, str(done)
        again = setup(ansible, awx, given)
    assert (again.rc, changed(again), awx.writes) == (0, 0, []), again
    assert awx.one("projects", "Offboarding")["scm_branch"] == ""
    assert scheduled(awx, "Offboarding: nightly audit").extra_vars["offboard_max_changes"] == 5
    with pytest.raises(Refused, match="'who' value missing"):
        launch(awx, "Offboarding: offboard", {"offboard_leavers_text": JANE})
    launch(awx, "Offboarding: offboard", {"offboard_leavers_text": JANE, "who": "me"})
    with serving(awx):
        assert setup(ansible, awx, {**given, "awx_audit_rrule": None}).rc == 0
    assert awx.names("schedules") == []


def test_run_again_it_goes_on_where_the_project_could_not_be_had(ansible: Ansible, mock: MockVendors) -> None:
    awx = Awx(playbooks=("offboard.yml",), reachable=False)
    given = variables([NETEX])
    with serving(awx):
        unreachable = setup(ansible, awx, given)
        assert unreachable.rc == 2
        assert any("project Offboarding: Project update failed" in message_of(task) for task in unreachable.tasks)
        awx.reachable = True
        lacking = setup(ansible, awx, given, refused=frozenset({400}))
        assert lacking.rc == 2
        assert any("Playbook not found for project" in message_of(task) for task in lacking.tasks)
        awx.playbooks = ("audit.yml", "offboard.yml", "preflight.yml", "reinstate.yml", "schedule.yml")
        done = setup(ansible, awx, given, refused=frozenset({400}))
        assert done.rc == 0, str(done)
        again = setup(ansible, awx, given)
        assert (again.rc, awx.writes) == (0, [])


def test_names_that_another_organization_has(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    awx = copy.deepcopy(built.awx)
    awx.answer("POST", f"{awx.prefix}organizations/", {}, {"name": "Second"})
    with serving(awx):
        run = setup(ansible, awx, variables(tenants(mock), awx_organization="Second"))
    assert run.rc == 2
    assert awx.writes == []
    (refused,) = [task for task in run.tasks if task.failed]
    assert refused.msg == (
        "AWX has execution_environment Offboarding in organization Default, project Offboarding in organization "
        "Default, inventory Offboarding: tenants in organization Default, "
        f"{', '.join(f'credential Offboarding: {name} in organization Default' for name in VENDORS)} already. The "
        "names of what is made must be there in no other organization: set another awx_prefix. Nothing was changed."
    )


def test_surveys_ask_for_variables_that_the_role_has(built: Built) -> None:
    for template in built.awx.objects["job_templates"].values():
        kind = template["playbook"].removesuffix(".yml")
        asked = {each["variable"] for each in built.awx.survey(template)["spec"]}
        assert asked <= {name for name, each in VARIABLES.items() if kind in each.kinds}, template["name"]
        assert set(json.loads(template["extra_vars"])) <= set(VARIABLES)


# -- the preflight at its end


def test_a_preflight_that_fails_makes_the_set_up_red_and_can_be_switched_off(
    ansible: Ansible, built: Built, mock: MockVendors
) -> None:
    awx = copy.deepcopy(built.awx)
    awx.launched.clear()
    awx.failing = (PREFLIGHT,)
    given = variables(tenants(mock))
    with serving(awx):
        off = setup(ansible, awx, {**given, "awx_preflight": False})
        assert (off.rc, awx.launched) == (0, []), off
        assert changed(off) > 0
        failed = setup(ansible, awx, {**given, "awx_project_branch": "next"})
        assert (failed.rc, awx.launched) == (2, [PREFLIGHT])
        assert "names the tenants and what to do" in failed.result("Report the failure").msg
        unwaited = setup(ansible, awx, {**given, "awx_project_branch": "other", "awx_preflight_timeout": 0})
    assert (unwaited.rc, awx.launched) == (0, [PREFLIGHT] * 2), unwaited


def test_the_job_of_the_preflight_looks_at_each_tenant(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    mock.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in VENDORS})
    job = launch(built.awx, PREFLIGHT, {"preflight_for": "audit"})
    assert job.check
    run = ansible.run(str(PROJECT / job.playbook), env=job.env, extra_vars=job.extra_vars, inventory=job.inventory)
    assert run.rc == 0, run
    assert "No tenant would fail" in run.table[0]
    assert {line.split()[0] for line in run.table[2:]} == set(VENDORS)
    assert mock.log(kind="write") == []


# -- what the jobs do


def play(ansible: Ansible, job: Job, project: Path = PROJECT, **more: Any) -> tuple[Run, dict[str, Any]]:
    """Run a job as AWX does, and return it with the evidence that it left."""
    reports = ansible.place / "reports"
    before = set(reports.glob("*"))
    run = ansible.run(
        str(project / job.playbook),
        check=job.check,
        env={**job.env, "ANSIBLE_SHOW_CUSTOM_STATS": "1"},
        extra_vars={**job.extra_vars, "offboard_report_dir": str(reports), **more},
        inventory=job.inventory,
    )
    (folder,) = set(reports.glob("*")) - before
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    return run, document


def artifacts(run: Run) -> dict[str, Any]:
    """What set_stats gave, which AWX keeps of a job and gives to those that follow."""
    found = [task.result["ansible_stats"]["data"] for task in run.tasks if task.ok and "ansible_stats" in task.result]
    return {name: value for data in found for name, value in data.items()}


def written(mock: MockVendors) -> set[str]:
    return {request["vendor"] for request in mock.log(kind="write")}


def delete(mock: MockVendors, vendor: str, email: str) -> None:
    """A person removes an account between plan and apply."""
    kept = [each for each in mock.state(vendor).values() if address(vendor, each) != email]
    assert len(kept) == len(mock.state(vendor)) - 1
    mock.seed({vendor: kept})


def test_plan_approve_apply(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    """The workflow, node by node: the apply job gets the plan through set_stats, across the approval."""
    mock.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in VENDORS})
    answers = {
        "offboard_leavers_text": f"{JANE}\n{SAM}\n",
        "offboard_reason": "end of contract",
        "offboard_ticket": "HR-4711",
    }
    workflow = Workflow(built.awx, WORKFLOW, answers)
    assert workflow.path() == ["plan", "approve", "apply"]
    assert [workflow.kind(node) for node in workflow.path()] == [
        "job_templates",
        "workflow_approval_templates",
        "job_templates",
    ]
    plan = workflow.node("plan", {})
    assert plan.check
    assert "offboard_vendors" not in plan.extra_vars, "the default of a multi-select is not filled in"
    planned, document = play(ansible, plan)
    assert planned.rc == 0, planned
    assert written(mock) == set()
    given = artifacts(planned)
    assert set(given["offboard_plan"]) == set(VENDORS)

    delete(mock, "netex", SAM)
    apply = workflow.node("apply", given)
    assert not apply.check
    assert apply.extra_vars["offboard_plan"] == given["offboard_plan"]
    applied, document = play(ansible, apply)
    assert applied.rc == 2
    assert written(mock) == set(VENDORS) - {"netex"}, "what differs from the plan is refused before the first write"
    assert [each["tenant"] for each in document["tenants"] if each["differences"]] == ["netex"]
    assert all(closed_at(vendor, mock.state(vendor)) == {JANE, SAM} for vendor in READABLE if vendor != "netex")
    assert (document["reason"], document["ticket"]) == ("end of contract", "HR-4711")
    assert document["ran_by"]["awx_job_id"] == "4711"
    assert document["ran_by"]["awx_job_template"] == "Offboarding: offboard"
    assert document["parameters"]["offboard_plan_run"] == given["offboard_plan_run"]
    for run in (planned, applied):
        assert_no_secret(run, mock)

    # The world as it is now is planned, approved and carried out.
    planned, _document = play(ansible, workflow.node("plan", {}))
    applied, document = play(ansible, workflow.node("apply", artifacts(planned)))
    assert (planned.rc, applied.rc) == (0, 0), applied
    assert outcomes(document)["netex"] == {JANE: "changed", SAM: "missing"}
    assert closed_at("netex", mock.state("netex")) == {JANE}


def test_the_run_is_sliced_and_the_plan_is_not(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    """What slices of a plan hand on is merged by key, so that the plan of one slice only would be left."""
    two = [each for each in tenants(mock) if each["vendor"] in ("netex", "zitadel")]
    awx = copy.deepcopy(built.awx)
    awx.one("job_templates", "Offboarding: offboard (check)")["job_slice_count"] = 2
    given = variables(two, awx_slices=2, awx_remove_hosts=True, awx_project_url=MOVED, awx_project_branch="release")
    with serving(awx):
        run = setup(ansible, awx, given)
    assert run.rc == 0, run
    check, offboard = (awx.one("job_templates", f"Offboarding: offboard{more}") for more in (" (check)", ""))
    assert (check["job_slice_count"], offboard["job_slice_count"]) == (1, 2)
    assert "offboard_sliced" not in json.loads(check["extra_vars"])
    assert json.loads(offboard["extra_vars"])["offboard_sliced"] is True

    mock.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in ("netex", "zitadel")})
    workflow = Workflow(awx, WORKFLOW, {"offboard_leavers_text": f"{JANE}\n{SAM}"})
    plan = workflow.node("plan", {})
    lost = merged(
        artifacts(play(ansible, job, offboard_sliced=True)[0])
        for job in sliced(awx, {**check, "job_slice_count": 2}, plan)
    )
    assert set(lost["offboard_plan"]) == {"zitadel"}
    planned, _document = play(ansible, plan)
    assert planned.rc == 0, planned
    for job, tenant in zip(workflow.slices("apply", artifacts(planned)), ("netex", "zitadel"), strict=True):
        applied, document = play(ansible, job)
        assert applied.rc == 0, applied
        assert outcomes(document) == {tenant: {JANE: "changed", SAM: "changed"}}


def test_a_tenant_whose_host_is_disabled_makes_an_audit_fail(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    mock.seed({vendor: [account(vendor, SAM)] for vendor in VENDORS})
    awx = copy.deepcopy(built.awx)
    awx.one("hosts", "netex")["enabled"] = False
    run, document = play(ansible, launch(awx, "Offboarding: audit", {"offboard_leavers_text": JANE}))
    assert run.rc == 2, run
    assert document["scope"]["missing"] == ["netex"]


def test_templates_by_hand_and_by_schedule(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    mock.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in VENDORS})
    with pytest.raises(Refused, match="not allowed on launch"):
        launch(built.awx, "Offboarding: offboard", {"offboard_leavers_text": JANE, "offboard_allow_delete": True})
    with pytest.raises(Refused, match="expected to be one of"):
        launch(built.awx, "Offboarding: offboard", {"offboard_leavers_text": JANE, "offboard_vendors": ["zitadell"]})
    with pytest.raises(Refused, match="reinstate_reason"):
        launch(built.awx, "Offboarding: reinstate", {"offboard_evidence": "/srv/reports/x"})

    ticked = {"offboard_leavers_text": JANE, "offboard_vendors": ["netex", "zitadel"]}
    closed, document = play(ansible, launch(built.awx, "Offboarding: offboard", ticked))
    assert closed.rc == 0, closed
    assert outcomes(document) == {vendor: {JANE: "changed"} for vendor in ("netex", "zitadel")}

    file = ansible.place / "leavers.csv"
    file.write_text(f"email\n{JANE}\n{SAM}\n", encoding="utf-8")
    nightly = scheduled(built.awx, "Offboarding: nightly audit")
    assert nightly.extra_vars["offboard_leavers_file"] == "/srv/offboarding/leavers.csv"
    mock.clear_log()
    audited, document = play(ansible, nightly, offboard_leavers_file=str(file))
    assert audited.rc == 2, "an audit fails while a leaver has access"
    assert written(mock) == set()
    assert outcomes(document)["netex"] == {JANE: "closed", SAM: "still_active"}

    (folder,) = [each for each in (ansible.place / "reports").iterdir() if document["run_id"] not in each.name]
    why = {"offboard_evidence": str(folder), "reinstate_reason": "too early", "reinstate_leavers_text": JANE}
    opened, document = play(ansible, launch(built.awx, "Offboarding: reinstate", why))
    assert opened.rc == 0, opened
    assert closed_at("netex", mock.state("netex")) == set()
    assert document["reason"] == "too early"


# -- as the pages say


PARTNERS = "zitadel-partners"


@pytest.fixture
def second() -> Iterator[MockVendors]:
    """The servers of other tenants."""
    with mock_client.start() as mock:
        yield mock


def test_two_tenants_of_one_vendor_as_the_guide_says(
    ansible: Ansible, built: Built, mock: MockVendors, second: MockVendors
) -> None:
    """Each has a credential, a column, a separate state and key, in the plan and in what carries it out."""
    (example,) = proved_by("test_two_tenants_of_one_vendor_as_the_guide_says", "docs/docsite/rst/awx.rst")
    (partners,) = example.data
    token = second.ready["zitadel"]["access_token"]
    partners["credential"] = {"api_url": second.ready["zitadel"]["api_url"], "access_token": token}
    scim = {
        "name": "scim.zoom",
        "vendor": "scim",
        "credential": {"access_token": second.ready["scim"]["access_token"]},
        "variables": {"scim_api_url": second.ready["scim"]["api_url"]},
    }
    few = [each for each in tenants(mock) if each["vendor"] in ("scim", "zitadel")]
    given = variables([*few, partners, scim], awx_project_url=MOVED, awx_project_branch="release")
    awx = copy.deepcopy(built.awx)
    with serving(awx):
        predicted = setup(ansible, awx, given, check=True)
        assert awx.writes == []
        done = setup(ansible, awx, given)
        assert (predicted.rc, done.rc) == (0, 0), done
        assert objects_of(predicted) == objects_of(done)
        again = setup(ansible, awx, given)
        assert (again.rc, changed(again), awx.writes) == (0, 0, []), again
    own = {each["name"] for each in few}
    kinds = {TYPES[vendor]["name"] for vendor in VENDORS}
    further = {f"{TYPES['zitadel']['name']}: {PARTNERS}", f"{TYPES['scim']['name']}: scim.zoom"}
    assert set(awx.names("credential_types")) == kinds | further
    present = {f"Offboarding: {name}" for name in (*own, f"{PARTNERS} (own type)", "scim.zoom (own type)")}
    assert set(awx.linked("job_templates", "Offboarding: offboard", "credentials")) == present

    both = ("scim", "zitadel")
    for server in (mock, second):
        server.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in both})
        server.clear_log()
    jane = next(row["userId"] for row in second.state("zitadel").values() if address("zitadel", row) == JANE)
    table = ansible.place / "leavers.csv"
    table.write_text(f"email,{PARTNERS}\n{SAM},{jane}\n", encoding="utf-8")
    states = {PARTNERS: "locked"}
    workflow = Workflow(awx, WORKFLOW, {"offboard_leavers_file": str(table)})
    planned, _document = play(ansible, workflow.node("plan", {}), offboard_states=states)
    assert planned.rc == 0, planned
    given_on = artifacts(planned)
    assert set(given_on["offboard_plan"]) == {*own, PARTNERS, "scim.zoom"}
    applied, document = play(ansible, workflow.node("apply", given_on), offboard_states=states)
    assert applied.rc == 0, applied
    assert outcomes(document) == {name: {SAM: "changed"} for name in (*own, PARTNERS, "scim.zoom")}
    assert second.state("zitadel")[jane]["state"] == "USER_STATE_LOCKED"
    for vendor in both:
        assert closed_at(vendor, mock.state(vendor)) == {SAM}
    assert closed_at("scim", second.state("scim")) == {SAM}
    sent = {request["headers"].get("Authorization") for request in second.log(vendor="zitadel")}
    assert sent == {f"Bearer {token}"}
    assert f"Bearer {token}" not in {request["headers"].get("Authorization") for request in mock.log()}
    for run in (planned, applied):
        assert_no_secret(run, mock)
        assert_no_secret(run, second)


def test_the_order_of_two_tenants_of_a_vendor_may_change(ansible: Ansible, built: Built, mock: MockVendors) -> None:
    """The credentials are made anew, since the type of one cannot be changed, and the old ones are on no template."""
    (zitadel,) = [each for each in tenants(mock) if each["vendor"] == "zitadel"]
    pair = [zitadel, {**zitadel, "name": PARTNERS}]
    awx = copy.deepcopy(built.awx)
    with serving(awx):
        for given, wanted in (
            (pair, {"zitadel", f"{PARTNERS} (own type)"}),
            (pair[::-1], {PARTNERS, "zitadel (own type)"}),
            (pair[1:], {PARTNERS}),
        ):
            run = setup(ansible, awx, variables(given, awx_project_url=MOVED, awx_project_branch="release"))
            assert run.rc == 0, run
            present = awx.linked("job_templates", "Offboarding: audit", "credentials")
            assert set(present) == {f"Offboarding: {name}" for name in wanted}
    assert set(launch(awx, "Offboarding: audit", {"offboard_leavers_text": JANE}).env) >= {"ZITADEL_API_URL"}


def test_a_tenant_with_its_credential_in_a_vault_as_the_guide_says(
    ansible: Ansible, built: Built, mock: MockVendors
) -> None:
    """By an expression that only a job can work out, from a vault in the project."""
    test = "test_a_tenant_with_its_credential_in_a_vault_as_the_guide_says"
    partners, vault = proved_by(test, "docs/docsite/rst/awx.rst")
    login = mock.environment(zitadel=("access_token",))
    assert "ZITADEL_CLIENT_SECRET" in mock.environment(), "the credential of the other one logs in another way"
    tenant = partners.text.replace("https://partners.example.com", login["ZITADEL_API_URL"])
    zitadel = next(each for each in tenants(mock) if each["vendor"] == "zitadel")
    given = {**variables([]), **vault.data}
    del given["awx_tenants"]
    (ansible.place / "two.yml").write_text(
        f"{yaml.safe_dump(given)}awx_tenants:\n- {json.dumps(zitadel)}\n{textwrap.dedent(tenant)}", encoding="utf-8"
    )
    awx = copy.deepcopy(built.awx)
    of_vault = {"name": "Vault", "kind": "cloud", "inputs": {"fields": [{"id": "vault_password", "label": "P"}]}}
    kind = awx.answer("POST", f"{awx.prefix}credential_types/", {}, of_vault)[1]["id"]
    (name,) = vault.data["awx_more_credentials"]
    awx.answer("POST", f"{awx.prefix}credentials/", {}, {"name": name, "organization": 1, "credential_type": kind})
    (ansible.place / "password").write_text("of the vault", encoding="utf-8")
    command = ["ansible-playbook", PLAYBOOK, "-e", "@two.yml", ASK]
    with serving(awx):
        carry_out(ansible, command, {"CONTROLLER_HOST": awx.url, **BY_TOKEN})
    assert awx.refused == []
    assert name in awx.linked("job_templates", "Offboarding: audit", "credentials")

    mock.seed({"zitadel": [account("zitadel", JANE)]})
    project = ansible.place / "project"
    shutil.copytree(PROJECT, project)
    (secret,) = re.findall(r"vault_\w+", partners.text)
    (project / "vault.yml").write_text(yaml.safe_dump({secret: login["ZITADEL_ACCESS_TOKEN"]}), encoding="utf-8")
    job = launch(awx, "Offboarding: audit", {"offboard_leavers_text": JANE})
    at = {"zitadel": {JANE: "still_active"}, "zitadel-partners": {JANE: "still_active"}}
    # As it is written down first, in clear, and then as it belongs: no value shows of either.
    clear, document = play(ansible, job, project)
    assert outcomes(document) == at, clear
    carry_out(ansible, ["ansible-vault", "encrypt", "project/vault.yml", ASK], {})
    opened = replace(job, env={**job.env, "ANSIBLE_VAULT_PASSWORD_FILE": str(ansible.place / "password")})
    # In a group of another name too, if the jobs know it.
    opened.inventory["all"]["children"]["leaving"] = opened.inventory["all"]["children"].pop("saas")
    encrypted, document = play(ansible, opened, project, offboard_hosts="leaving")
    assert outcomes(document) == at, encrypted
    extra = {**job.extra_vars, "offboard_hosts": "leaving"}
    locked = ansible.run(
        str(project / job.playbook), check=True, env=job.env, extra_vars=extra, inventory=job.inventory
    )
    assert {task.task for task in locked.tasks if task.failed} == {"Read vault.yml, if there is one"}, locked
    for run in (clear, encrypted, locked):
        assert_no_secret(run, mock)
        assert login["ZITADEL_ACCESS_TOKEN"] not in run.everything


def test_the_example_is_set_up_by_the_commands_of_the_pages(ansible: Ansible) -> None:
    """With the secrets in a real vault, whose password comes from a file, because no person can be asked."""
    test = "test_the_example_is_set_up_by_the_commands_of_the_pages"
    blocks = [*proved_by(test, "docs/docsite/rst/awx.rst"), *proved_by(test, "README.md")]
    commands = dict.fromkeys(command for block in blocks for command in block.commands())
    collection, exported, *runs = map(shlex.split, commands)
    assert collection == ["ansible-galaxy", "collection", "install", "awx.awx"]
    assert [run.count("--check") for run in runs] == [1, 0]
    secrets = lay_out_example(ansible)
    with serving(Awx()) as awx:
        login = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
        assert exported[0] == "export"
        env = {name: login[name] for name in (word.partition("=")[0] for word in exported[1:])}
        for run in runs:
            output = carry_out(ansible, run, env)
            assert [secret for secret in (TOKEN, *secrets) if secret in output] == []
            assert bool(awx.writes) is ("--check" not in run)
        assert awx.refused == []
        assert {each["credential_type"] for each in awx.objects["credentials"].values()} == set(
            awx.objects["credential_types"]
        )


def test_the_example_of_the_module_makes_what_it_names(ansible: Ansible) -> None:
    test = "test_the_example_of_the_module_makes_what_it_names"
    (example,) = proved_by(test, "plugins/modules/awx_object.py")
    paths = os.pathsep.join((str(ansible.collections), str(AWX_COLLECTION)))
    with serving(Awx()) as awx:
        login = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
        run = ansible.run(example.data, env={"ANSIBLE_COLLECTIONS_PATH": paths, **login})
        assert run.rc == 0, run
        assert awx.names("inventories") == ["Offboarding: tenants"]


def lay_out_example(ansible: Ansible) -> list[str]:
    """Write down the example, and a vault with all that it takes from one. Return the secrets."""
    example = (REPOSITORY / "examples" / "awx-setup.yml").read_text(encoding="utf-8")
    (ansible.place / "awx-setup.yml").write_text(example, encoding="utf-8")
    names = re.findall(r"{{ (vault_\w+) }}", example)
    secrets = {name: f"{name.replace('_', '')}0815" for name in names}
    (ansible.place / "password").write_text("of the vault", encoding="utf-8")
    (ansible.place / "awx-secrets.yml").write_text(yaml.safe_dump(secrets), encoding="utf-8")
    carry_out(ansible, ["ansible-vault", "encrypt", "awx-secrets.yml", ASK], {})
    assert (ansible.place / "awx-secrets.yml").read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT")
    return list(secrets.values())


ASK = "--ask-vault-pass"


def carry_out(ansible: Ansible, command: list[str], env: Mapping[str, str]) -> str:
    paths = os.pathsep.join((str(ansible.collections), str(AWX_COLLECTION)))
    assert ASK in command
    done = subprocess.run(
        ["--vault-password-file=password" if word == ASK else word for word in command],
        cwd=ansible.place,
        env=clean_environment(ansible.place, ansible.collections, {"ANSIBLE_COLLECTIONS_PATH": paths, **env}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# -- what is refused


def test_without_the_collection_there_is_one_clear_line(ansible: Ansible, mock: MockVendors) -> None:
    with serving(Awx()) as awx:
        without = {"ANSIBLE_COLLECTIONS_PATH": str(ansible.collections)}
        run = setup(ansible, awx, variables(tenants(mock)), env=without)
        assert run.rc == 2
        assert run.result(-1).msg == (
            "The collection awx.awx is not there. Install the collection where Ansible runs (ansible-galaxy "
            "collection install awx.awx), or choose the one that is installed by awx_collection."
        )
        assert awx.calls == []


def test_what_awx_refuses_is_said_before_anything_is_made(ansible: Ansible, mock: MockVendors) -> None:
    with serving(Awx()) as awx:
        given = variables(tenants(mock))
        run = setup(ansible, awx, given, login={"CONTROLLER_OAUTH_TOKEN": "another"})
        assert run.rc == 2
        assert "Invalid authentication credentials" in run.result(-1).msg
        run = setup(ansible, awx, {**given, "awx_organization": "Elsewhere"})
        assert run.result(-1).msg == (
            "AWX has no organization Elsewhere, or the token may not see it. Nothing was changed."
        )
        assert awx.writes == []


TWO_LOGINS = {
    "name": "zitadel",
    "vendor": "zitadel",
    "credential": {
        "api_url": "https://zitadel.example.com",
        "access_token": "zitadel-secret-1",
        "client_id": "me",
        "client_secret": "zitadel-secret-2",
    },
}
NOT_GIVEN = "not given"
BAD: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "two ways": (
        {"awx_tenants": [NETEX, TWO_LOGINS]},
        ("entry 2 (zitadel), credential: the options access_token and client_id contradict each other",),
    ),
    "secrets that AWX would show": (
        {
            "awx_tenants": [{**NETEX, "variables": {"learn_api_secret": "{{ vault }}"}}],
            "awx_inventory_variables": {"laurel_client_secret": "{{ vault }}"},
            "awx_job_variables": {"nested": [{"learn_client_secret": "{{ vault }}"}]},
            "awx_survey_questions": [
                {"question_name": "T", "variable": "netex_auth_token", "type": "text", "default": "{{ vault }}"}
            ],
            "vault": IN_CLEAR,
        },
        (
            "entry 1 (netex), variables.learn_api_secret: is a secret",
            "awx_inventory_variables.laurel_client_secret: is a secret",
            "awx_job_variables.nested.learn_client_secret: is a secret",
            "awx_survey_questions.netex_auth_token: is a secret",
        ),
    ),
    "what does not go together": (
        {
            "awx_survey_questions": [
                {"question_name": "Ticket", "variable": "offboard_ticket", "type": "text"},
                {"question_name": "Changes", "variable": "offboard_max_changes", "type": "integer"},
            ],
            "awx_job_variables": {"offboard_max_changes": 1, "offboard_leavers_file": "/srv/leavers.csv"},
            "awx_audit_leavers_file": "",
            "awx_prefix": 2026,
        },
        (
            "awx_survey_questions: a variable is asked for twice",
            "awx_job_variables: a survey asks for offboard_max_changes, offboard_leavers_file, and its default takes",
            "awx_audit_leavers_file is missing",
            "awx_prefix must be letters",
        ),
    ),
    **{
        f"a login in the address of the project: {url}": (
            {"awx_project_url": url},
            ("awx_project_url holds a login or a query, and AWX shows the address",),
        )
        for url in (
            f" https://robot:{IN_CLEAR}@git.example.com/offboarding.git",
            f"HTTPS://{IN_CLEAR}@git.example.com/offboarding.git",
            f"https://git.example.com/offboarding.git?private_token={IN_CLEAR}",
            f"ssh://git:{IN_CLEAR}@git.example.com:2222/offboarding.git",
            f"git:{IN_CLEAR}@git.example.com:platform/offboarding.git",
        )
    },
    "no project": ({"awx_project_url": NOT_GIVEN}, ("awx_project_url",)),
    "an address without a value": ({"awx_project_url": None}, ("awx_project_url is empty",)),
    "questions that AWX would not take": (
        {
            "awx_survey_questions": [
                {"question_name": "Team", "variable": "the team", "type": "text"},
                {"question_name": "Teams", "variable": "teams", "type": "multiselect"},
            ],
        },
        (
            "entry 1 (the team), variable: cannot be the name of a variable",
            "entry 2 (teams), choices: give a list of what can be chosen",
        ),
    ),
    "a name where a list is meant": ({"awx_more_credentials": "vault"}, ("awx_more_credentials is not a list",)),
    "an end without a zone": (
        {"awx_audit_rrule": "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20301231T000000"},
        ("awx_audit_rrule says UNTIL without a zone",),
    ),
    "a variable that is misspelt": (
        {"awx_job_variable": {"offboard_max_changes": 1}},
        ("awx_job_variable: this playbook has no such variable. It has awx_collection, ",),
    ),
    "people and slices": (
        {"awx_operators": {"users": "jane"}, "awx_notifications": {"error": "Mail"}, "awx_slices": 0},
        ("is a list of names", "awx_slices must be 1"),
    ),
    "a part of a role that is misspelt": ({"awx_approvers": {"team": ["approvers"]}}, ("awx_approvers", "team")),
    "a default that no survey has": (
        {"awx_survey_defaults": {"offboard_leavers_file": "/srv/leavers.csv"}},
        ("offboard_leavers_file", "awx_survey_defaults"),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_nothing_is_sent(ansible: Ansible, name: str) -> None:
    wrong, expected = BAD[name]
    given = {key: value for key, value in variables([NETEX], **wrong).items() if value != NOT_GIVEN}
    with serving(Awx()) as awx:
        run = setup(ansible, awx, given)
        assert run.rc == 2, run
        output = run.everything.replace("\\n", " ").replace('\\"', '"')
        assert [each for each in expected if each not in output] == [], run
        assert awx.calls == []


def test_automation_controller_by_one_variable(ansible: Ansible, tmp_path: Path) -> None:
    """The modules of ansible.controller are those of awx.awx under another name, with another API path."""
    place = tmp_path / "controller" / "ansible_collections" / "ansible" / "controller"
    shutil.copytree(AWX_COLLECTION / "ansible_collections" / "awx" / "awx", place)
    manifest = json.loads((place / "MANIFEST.json").read_text(encoding="utf-8"))
    manifest["collection_info"] |= {"namespace": "ansible", "name": "controller", "version": "4.5.0"}
    (place / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")
    shared = place / "plugins" / "module_utils" / "controller_api.py"
    text = shared.read_text(encoding="utf-8")
    text = text.replace('_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"')
    shared.write_text(text.replace('_COLLECTION_VERSION = "24.6.1"', '_COLLECTION_VERSION = "4.5.0"'), encoding="utf-8")
    lookup = place / "plugins" / "lookup" / "controller_api.py"
    text = lookup.read_text(encoding="utf-8")
    lookup.write_text(text.replace("awx.awx.auth_plugin", "ansible.controller.auth_plugin"), encoding="utf-8")
    path = os.pathsep.join((str(ansible.collections), str(tmp_path / "controller")))
    with serving(Awx(prefix="/api/controller/v2/", product="Red Hat Ansible Automation Platform")) as awx:
        given = variables(
            [NETEX],
            awx_collection="ansible.controller",
            awx_audit_rrule="",
            awx_project_url="git@git.example.com:platform/offboarding.git",
        )
        run = setup(ansible, awx, given, env={"ANSIBLE_COLLECTIONS_PATH": path})
        assert run.rc == 0, run
        assert run.warnings == []
        assert awx.names("workflow_job_template_nodes") == ["apply", "approve", "plan"]
        assert awx.names("schedules") == []
