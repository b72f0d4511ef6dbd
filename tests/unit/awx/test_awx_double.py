# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The double of AWX refuses what AWX refuses, and what would break later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from awx.launch import launch, merged, sliced
from awx.rules import with_defaults
from awx.server import Awx, Refused

QUESTION = {"question_name": "Ticket", "type": "text", "variable": "ticket", "required": False, "default": ""}
SURVEY = {"name": "", "description": "", "spec": [QUESTION]}
FIELD = {"id": "token", "label": "Token", "type": "string", "secret": True}
RULE = "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1"


def post(awx: Awx, path: str, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = awx.answer("POST", f"/api/v2/{path}/", {}, body)[1]
    return made


def number(awx: Awx, path: str, **body: Any) -> int:
    return int(post(awx, path, **body)["id"])


@pytest.fixture
def awx() -> Awx:
    """An AWX with a template of each kind: organization 1, project 2, inventory 3, template 4, workflow 5."""
    awx = Awx(playbooks=("site.yml",))
    project = number(awx, "projects", name="P", organization=1, scm_type="git", scm_url="https://example.com/p.git")
    awx.seen[project] = awx.playbooks
    inventory = number(awx, "inventories", name="I", organization=1)
    template = number(
        awx, "job_templates", name="T", project=project, inventory=inventory, playbook="site.yml", survey_enabled=True
    )
    awx.answer("POST", f"/api/v2/job_templates/{template}/survey_spec/", {}, SURVEY)
    number(awx, "workflow_job_templates", name="W", organization=1)
    return awx


def credential_type(**more: Any) -> dict[str, Any]:
    inputs = {"fields": [FIELD]}
    return {"name": "C", "kind": "cloud", "inputs": inputs, "injectors": {"env": {"A": "{{ token }}"}}, **more}


def survey(**more: Any) -> dict[str, Any]:
    return {**SURVEY, "spec": [{**QUESTION, **more}]}


REFUSED: list[tuple[str, Mapping[str, Any], str]] = [
    ("hosts", {"name": "h", "inventory": 3, "color": "red"}, "not documented"),
    ("hosts", {"name": "h"}, "This field is required"),
    ("hosts", {"name": "h", "inventory": 99}, "object does not exist"),
    ("hosts", {"name": "h", "inventory": "I"}, "Expected pk value"),
    ("inventories", {"name": "I", "organization": 1}, "already exists"),
    ("inventories", {"name": "J", "organization": 1, "kind": "clever"}, "not a valid choice"),
    ("credential_types", credential_type(kind="ssh"), "not a valid choice"),
    ("credential_types", credential_type(injectors={"env": {"ANSIBLE_CONFIG": "{{ token }}"}}), "may affect Ansible"),
    ("credential_types", credential_type(injectors={"env": {"A": "{{ other }}"}}), "undefined field"),
    ("credential_types", credential_type(injectors={"env": {"1A": "{{ token }}"}}), "1A"),
    ("credential_types", credential_type(inputs={"fields": [{**FIELD, "hint": "x"}]}), "hint"),
    ("credential_types", credential_type(inputs={"fields": [FIELD, FIELD]}), "must be unique"),
    ("credential_types", credential_type(inputs={"fields": [{**FIELD, "type": "boolean"}]}), "not allowed for boolean"),
    ("job_templates", {"name": "U", "project": 2, "inventory": 3, "playbook": "other.yml"}, "Playbook not found"),
    ("job_templates", {"name": "U", "project": 2, "playbook": "site.yml"}, "ask to prompt on launch"),
    ("job_templates/4/survey_spec", survey(variable="the ticket"), "cannot be the name of a variable"),
    ("job_templates/4/survey_spec", survey(type="list"), "not an allowed question type"),
    ("job_templates/4/survey_spec", survey(required="no"), "'required' missing"),
    ("job_templates/4/survey_spec", survey(type="multiselect"), "must specify choices"),
    ("job_templates/4/survey_spec", survey(type="integer", default="5"), "expected to be integer"),
    ("job_templates/4/survey_spec", {**SURVEY, "spec": [QUESTION, QUESTION]}, "duplicated"),
    ("schedules", {"name": "S", "unified_job_template": 4, "rrule": "RRULE:FREQ=DAILY"}, "DTSTART required"),
    (
        "schedules",
        {"name": "S", "unified_job_template": 4, "rrule": RULE.replace(";INTERVAL=1", "")},
        "INTERVAL required",
    ),
    (
        "schedules",
        {"name": "S", "unified_job_template": 4, "rrule": RULE, "extra_data": {"other": 1}},
        "not allowed on launch",
    ),
    ("schedules", {"name": "S", "unified_job_template": 4, "rrule": RULE, "limit": "x"}, "not configured to prompt"),
    (
        "workflow_job_template_nodes",
        {"identifier": "n", "workflow_job_template": 5, "unified_job_template": 4, "extra_data": {"other": 1}},
        "not allowed on launch",
    ),
    ("workflow_approval_templates", {"name": "A"}, "could not be found"),
]


@pytest.mark.parametrize(("path", "body", "message"), REFUSED)
def test_it_refuses(awx: Awx, path: str, body: Mapping[str, Any], message: str) -> None:
    with pytest.raises(Refused) as caught:
        post(awx, path, **body)
    assert caught.value.status in (400, 404)
    assert message in str(caught.value.body)


def test_it_takes_what_is_documented(awx: Awx) -> None:
    kind = number(awx, "credential_types", **credential_type())
    # AWX takes a credential that lacks a required input.
    first = number(awx, "credentials", name="1", credential_type=kind, organization=1, inputs={})
    second = number(awx, "credentials", name="2", credential_type=kind, organization=1, inputs={"token": "secret"})
    _status, shown = awx.answer("GET", f"/api/v2/credentials/{second}/", {}, None)
    assert shown["inputs"] == {"token": "$encrypted$"}
    assert awx.answer("POST", "/api/v2/job_templates/4/credentials/", {}, {"id": first}) == (204, None)
    with pytest.raises(Refused, match="Cannot assign multiple C credentials"):
        awx.answer("POST", "/api/v2/job_templates/4/credentials/", {}, {"id": second})
    number(awx, "schedules", name="S", unified_job_template=4, rrule=RULE, extra_data={"ticket": "HR-1"})


def test_a_job_is_read_by_those_who_may_read_its_template(awx: Awx) -> None:
    """Also by a team's role, and by one that includes reading; approving a workflow includes reading that alone."""
    jane = awx.user("jane", team="approvers")
    workflow = {what: each for each, what in awx.roles.items() if what[0] == "workflow_job_templates"}
    template = {what: each for each, what in awx.roles.items() if what[0] == "job_templates"}
    awx.launched.append("T")
    post(
        awx,
        f"roles/{workflow['workflow_job_templates', 5, 'approval_role']}/teams",
        id=awx.one("teams", "approvers")["id"],
    )
    assert awx.may(jane, "workflow_job_templates", 5, "read_role")
    with pytest.raises(Refused, match="do not have permission"):
        awx.answer("GET", "/api/v2/jobs/1/stdout/", {}, None, jane)
    role = template["job_templates", 4, "execute_role"]
    post(awx, f"roles/{role}/users", id=jane)
    assert awx.answer("GET", "/api/v2/jobs/1/stdout/", {}, None, jane)[0] == 200
    post(awx, f"roles/{role}/users", id=jane, disassociate=True)
    assert not awx.may(jane, "job_templates", 4, "read_role")


def test_slices_take_the_enabled_hosts_in_turn_and_their_artifacts_are_merged_by_key(awx: Awx) -> None:
    for name, enabled in (("c", True), ("a", True), ("b", False), ("d", True)):
        number(awx, "hosts", name=name, inventory=3, enabled=enabled)
    template = awx.one("job_templates", "T")
    jobs = sliced(awx, {**template, "job_slice_count": 9}, launch(awx, "T", {}))
    assert [list(job.inventory["all"]["hosts"]) for job in jobs] == [["a"], ["c"], ["d"], []]
    assert merged([{"plan": {"a": "1"}, "run": 1}, {"plan": {"c": "2"}}]) == {"plan": {"c": "2"}, "run": 1}


def test_a_host_that_is_deleted_leaves_its_groups(awx: Awx) -> None:
    group, host = (number(awx, kind, name="x", inventory=3) for kind in ("groups", "hosts"))
    awx.answer("POST", f"/api/v2/groups/{group}/hosts/", {}, {"id": host})
    awx.answer("DELETE", f"/api/v2/hosts/{host}/", {}, None)
    assert awx.linked("groups", "x", "hosts") == []


def test_a_token_is_made_and_given_back(awx: Awx) -> None:
    made = post(awx, "tokens")
    assert f"Bearer {made['token']}" in awx.logins("/api/v2/hosts/")
    assert not any(login.startswith("Basic") for login in awx.logins("/api/v2/hosts/"))
    assert awx.answer("DELETE", f"/api/v2/tokens/{made['id']}/", {}, None) == (204, None)
    assert awx.tokens == {}


def test_lists_come_in_pages(awx: Awx) -> None:
    for name in range(awx.page_size + 1):
        number(awx, "hosts", name=f"h{name}", inventory=3)
    _status, first = awx.answer("GET", "/api/v2/hosts/", {"inventory": "3"}, None)
    assert (first["count"], len(first["results"])) == (awx.page_size + 1, awx.page_size)
    assert first["next"] == "/api/v2/hosts/?page=2&inventory=3"
    _status, second = awx.answer("GET", "/api/v2/hosts/", {"inventory": "3", "page": "2"}, None)
    assert (len(second["results"]), second["next"]) == (1, None)
    with pytest.raises(Refused, match="no field named"):
        awx.answer("GET", "/api/v2/hosts/", {"colour": "red"}, None)


def test_a_schedule_must_answer_what_must_be_answered_and_a_node_need_not(awx: Awx) -> None:
    awx.answer("POST", "/api/v2/job_templates/4/survey_spec/", {}, survey(required=True, default="HR-1"))
    with pytest.raises(Refused, match="'ticket' value missing"):
        number(awx, "schedules", name="S", unified_job_template=4, rrule=RULE)
    number(awx, "schedules", name="S", unified_job_template=4, rrule=RULE, extra_data={"ticket": "HR-2"})
    number(awx, "workflow_job_template_nodes", identifier="n", workflow_job_template=5, unified_job_template=4)


def test_a_playbook_is_found_once_an_update_has_seen_it(awx: Awx) -> None:
    awx.playbooks = ("site.yml", "other.yml")
    other = {"name": "U", "project": 2, "inventory": 3, "playbook": "other.yml"}
    with pytest.raises(Refused, match="Playbook not found"):
        number(awx, "job_templates", **other)
    status, update = awx.answer("POST", "/api/v2/projects/2/update/", {}, {})
    assert status == 202
    while not awx.answer("GET", update["url"], {}, None)[1]["finished"]:
        pass
    number(awx, "job_templates", **other)


def test_what_it_keeps_is_not_always_what_it_was_sent(awx: Awx) -> None:
    awx.answer(
        "POST",
        "/api/v2/job_templates/4/survey_spec/",
        {},
        survey(type="multiselect", choices=["a", "b"], default="a\nb\n"),
    )
    (question,) = awx.survey(awx.one("job_templates", "T"))["spec"]
    assert question["default"] == "a\nb"
    rule = RULE.replace("INTERVAL=1", "INTERVAL=1;UNTIL=20301231T000000")
    assert post(awx, "schedules", name="S", unified_job_template=4, rrule=rule)["rrule"] == f"{rule}Z"


def test_the_default_of_a_multi_select_is_not_filled_in(awx: Awx) -> None:
    template = {"survey_enabled": True, "extra_vars": '{"kept": 1}'}
    spec = [
        {**QUESTION, "variable": "vendors", "type": "multiselect", "choices": ["a", "b"], "default": "a\nb"},
        {**QUESTION, "variable": "most", "type": "integer", "default": ""},
        {**QUESTION, "default": ""},
    ]
    assert with_defaults(template, {"spec": spec}, {}) == {"kept": 1, "ticket": ""}
    assert with_defaults(template, {"spec": spec}, {"vendors": ["a"]})["vendors"] == ["a"]
