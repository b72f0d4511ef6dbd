# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What AWX hands to ansible-playbook when a template is launched, by hand, by a schedule or as a node of a workflow.

Source: awx/main/models of AWX 24.6.1: SurveyJobTemplateMixin (answers, defaults), CredentialType.inject_credential
(environment), and WorkflowJobNode.get_job_kwargs (artifacts of the jobs before, below the workflow job's variables).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .fields import Body
from .rules import environment, not_accepted, unanswered, with_defaults
from .server import Awx, Refused


@dataclass(frozen=True)
class Job:
    """One job: a playbook of the project, and all that it is given."""

    playbook: str
    check: bool
    env: Mapping[str, str]
    extra_vars: Mapping[str, Any]
    inventory: Mapping[str, Any]


def launch(awx: Awx, name: str, answers: Mapping[str, Any]) -> Job:
    """Launch a job template with the answers to its survey. Raises Refused."""
    template = awx.one("job_templates", name)
    return _job(awx, template, _given(awx, template, answers))


def scheduled(awx: Awx, name: str) -> Job:
    """What a schedule launches: no person answers, and what it holds is given."""
    schedule = awx.one("schedules", name)
    kind, template = awx.unified(schedule["unified_job_template"])
    assert kind == "job_templates"
    return _job(awx, template, _given(awx, template, schedule["extra_data"]))


@dataclass
class Workflow:
    """A workflow job. `node` is a job of it, `artifacts` what the jobs before it gave by set_stats."""

    awx: Awx
    name: str
    answers: Mapping[str, Any]

    def __post_init__(self) -> None:
        template = self.awx.one("workflow_job_templates", self.name)
        self._number = template["id"]
        given = _given(self.awx, template, self.answers)
        self._variables = with_defaults(template, self.awx.survey(template), given)

    def path(self) -> list[str]:
        """The nodes in the order of success, from the one that none leads to."""
        nodes = {
            number: node
            for number, node in self.awx.objects["workflow_job_template_nodes"].items()
            if node["workflow_job_template"] == self._number
        }
        after = {
            number: self.awx.links.get(("workflow_job_template_nodes", number, "success_nodes"), []) for number in nodes
        }
        (first,) = set(nodes) - {each for following in after.values() for each in following}
        order = [first]
        while after[order[-1]]:
            (following,) = after[order[-1]]
            order.append(following)
        return [str(nodes[number]["identifier"]) for number in order]

    def kind(self, identifier: str) -> str:
        return self.awx.unified(self._node(identifier)["unified_job_template"])[0]

    def node(self, identifier: str, artifacts: Mapping[str, Any]) -> Job:
        node = self._node(identifier)
        _kind, template = self.awx.unified(node["unified_job_template"])
        return _job(self.awx, template, {**node["extra_data"], **artifacts, **self._variables})

    def slices(self, identifier: str, artifacts: Mapping[str, Any]) -> list[Job]:
        """The jobs of a node whose template is sliced."""
        _kind, template = self.awx.unified(self._node(identifier)["unified_job_template"])
        return sliced(self.awx, template, self.node(identifier, artifacts))

    def _node(self, identifier: str) -> Body:
        (found,) = [
            node
            for node in self.awx.objects["workflow_job_template_nodes"].values()
            if (node["workflow_job_template"], node["identifier"]) == (self._number, identifier)
        ]
        return found


def _given(awx: Awx, template: Body, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    survey = awx.survey(template)
    faults = not_accepted(template, survey, answers) + unanswered(template, survey, answers)
    if faults:
        raise Refused(400, {"variables_needed_to_start": faults})
    return answers


def _job(awx: Awx, template: Body, given: Mapping[str, Any]) -> Job:
    env: dict[str, str] = {}
    for number in awx.links.get(("job_templates", template["id"], "credentials"), []):
        credential = awx.objects["credentials"][number]
        env |= environment(credential["inputs"], awx.objects["credential_types"][credential["credential_type"]])
    own = {"job_id": 4711, "job_template_name": template["name"], "user_name": "jane"}
    about = {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in own.items()}
    return Job(
        playbook=template["playbook"],
        check=template["job_type"] == "check",
        env=env,
        extra_vars={**with_defaults(template, awx.survey(template), given), **about},
        inventory=_inventory(awx, template["inventory"]),
    )


def sliced(awx: Awx, template: Body, job: Job) -> list[Job]:
    """The jobs of a sliced template: every n-th enabled host by name, and no more than there are hosts at all."""
    hosts = [each for each in awx.objects["hosts"].values() if each["inventory"] == template["inventory"]]
    count = min(template["job_slice_count"], len(hosts))
    names = sorted(each["name"] for each in hosts if each["enabled"])
    return [
        replace(job, inventory=_inventory(awx, template["inventory"], names[number::count])) for number in range(count)
    ]


def merged(artifacts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the nodes after some jobs get: of a key that several have, the last one's (get_effective_artifacts)."""
    return {name: value for each in artifacts for name, value in each.items()}


def _inventory(awx: Awx, number: int, names: Collection[str] | None = None) -> dict[str, Any]:
    """The inventory as AWX's script gives it (get_script_data): the hosts that are enabled, and in the slice."""
    hosts = {
        each["id"]: each
        for each in awx.objects["hosts"].values()
        if each["inventory"] == number and each["enabled"] and (names is None or each["name"] in names)
    }
    groups = [each for each in awx.objects["groups"].values() if each["inventory"] == number]
    return {
        "all": {
            "vars": json.loads(awx.objects["inventories"][number]["variables"] or "{}"),
            "hosts": {each["name"]: json.loads(each["variables"] or "{}") for each in hosts.values()},
            "children": {
                group["name"]: {
                    "hosts": {
                        hosts[each]["name"]: {}
                        for each in awx.links.get(("groups", group["id"], "hosts"), [])
                        if each in hosts
                    },
                    "vars": json.loads(group["variables"] or "{}"),
                }
                for group in groups
            },
        }
    }
