# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The double itself: a real HTTP server on a free port, in a thread of the tests."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .fields import EVERYWHERE, INCLUDED, RESOURCES, UNIFIED, Body, Resource, is_integer
from .rules import (
    as_kept,
    credential_fault,
    credential_type_fault,
    not_accepted,
    rrule_faults,
    rule_as_kept,
    survey_fault,
    unanswered,
)
from .schedules import MAX_PAGE_SIZE, count_faults, name_faults, times

TOKEN = "the-token-of-the-double"
USER, PASSWORD = "jane", "the-password-of-the-double"
BASIC = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
VERSION = "24.6.1"
HIDDEN = "$encrypted$"
WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
MOMENT = "2026-11-30T17:00:00.000000Z"
SETTINGS = {
    "AWX_ISOLATION_SHOW_PATHS": ["/etc/pki/ca-trust:/etc/pki/ca-trust:O", "/usr/share/pki:/usr/share/pki:O"],
    "AWX_MOUNT_ISOLATED_PATHS_ON_K8S": False,
}
"""awx/settings/production.py and defaults.py"""
FORBIDDEN = {"detail": "You do not have permission to perform this action."}


class Refused(Exception):
    """An answer that is not the one hoped for."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: Any
    status: int


@dataclass
class Awx:
    """What AWX holds, and the requests that it got.

    `prefix` begins its API's paths, `playbooks` are those of the repository, and `seen` those that a project's last
    update found there. `launched` are the templates of the jobs, and `failing` those whose jobs fail. `roles` are the
    objects' own, `members` who has one ("users" or "teams"), `teams` who is in a team, and `approvals` the workflows
    whose plans wait. `settings` are those of jobs, which an `administrator` of the system sees, and `output` is that
    of a project's update.
    """

    playbooks: Sequence[str] = ("audit.yml", "offboard.yml", "preflight.yml", "reinstate.yml", "schedule.yml")
    prefix: str = "/api/v2/"
    product: str = "AWX"
    url: str = ""
    page_size: int = 3
    objects: dict[str, dict[int, Body]] = field(default_factory=lambda: {name: {} for name in RESOURCES})
    links: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)
    surveys: dict[int, Body] = field(default_factory=dict)
    updates: dict[int, list[str]] = field(default_factory=dict)
    seen: dict[int, Sequence[str]] = field(default_factory=dict)
    reachable: bool = True
    launched: list[str] = field(default_factory=list)
    failing: Sequence[str] = ()
    roles: dict[int, tuple[str, int, str]] = field(default_factory=dict)
    members: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    teams: dict[int, list[int]] = field(default_factory=dict)
    approvals: list[int] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    administrator: bool = True
    output: str = "PLAY [Update source tree if necessary]\n"
    calls: list[Call] = field(default_factory=list)
    tokens: dict[int, str] = field(default_factory=dict)
    _last: int = 0

    def __post_init__(self) -> None:
        self._put("organizations", {"name": "Default", "description": ""})
        group = {"id": 1, "name": "default", "description": "", "is_container_group": False, "pod_spec_override": ""}
        self.objects["instance_groups"][1] = group

    # -- what a test asks

    @property
    def writes(self) -> list[Call]:
        """Token requests apart."""
        return [call for call in self.calls if call.method in WRITES and not self._of_tokens(call.path)]

    @property
    def token_calls(self) -> list[Call]:
        return [call for call in self.calls if self._of_tokens(call.path)]

    def _of_tokens(self, path: str) -> bool:
        return path.startswith(f"{self.prefix}tokens/")

    @property
    def refused(self) -> list[Call]:
        """What AWX would not have taken: a fault of the sender."""
        return [call for call in self.calls if call.status >= 400]

    def names(self, kind: str) -> list[str]:
        return [_name(each) for each in self.objects[kind].values()]

    def one(self, kind: str, name: str) -> Body:
        (found,) = [each for each in self.objects[kind].values() if name == _name(each)]
        return found

    def linked(self, kind: str, name: str, sublist: str) -> list[str]:
        to = RESOURCES[kind].sublists[sublist]
        found = (self.objects[to][each] for each in self.links.get((kind, self.one(kind, name)["id"], sublist), []))
        return [_name(each) for each in found]

    def granted(self, kind: str, name: str, role: str) -> list[str]:
        """Who has a role of an object by itself, and not by another role."""
        number = self._role(kind, self.one(kind, name)["id"], role)
        return sorted(
            _name(self.objects[actors][each]) for actors in ("teams", "users") for each in self.members[number, actors]
        )

    def user(self, name: str, team: str = "") -> int:
        """Make a user, and put it into a team of the organization 1, which is made where it is not there."""
        number = int(self._put("users", {"username": name})["id"])
        if team and team not in self.names("teams"):
            self._put("teams", {"name": team, "description": "", "organization": 1})
        if team:
            self.teams.setdefault(self.one("teams", team)["id"], []).append(number)
        return number

    def survey(self, template: Mapping[str, Any]) -> Body:
        return self.surveys.get(template["id"], {})

    def unified(self, number: int) -> tuple[str, Body]:
        return next((kind, self.objects[kind][number]) for kind in UNIFIED if number in self.objects[kind])

    # -- what AWX does

    def logins(self, path: str) -> set[str]:
        """What it takes for a login. The modules use a user and password for tokens alone."""
        tokens = {f"Bearer {token}" for token in (TOKEN, *self.tokens.values())}
        return tokens | ({BASIC} if self._of_tokens(path) else set())

    def may(self, who: int | None, kind: str, number: int, role: str) -> bool:
        """Whether a user has a role of an object, by itself or by another; None is a system administrator."""
        roles = [self._role(kind, number, each) for each in INCLUDED[role] if each in RESOURCES[kind].roles]
        teams = {team for team, users in self.teams.items() if who in users}
        return who is None or any(
            who in self.members[each, "users"] or teams & set(self.members[each, "teams"]) for each in roles
        )

    def _role(self, kind: str, number: int, role: str) -> int:
        return next(each for each, what in self.roles.items() if what == (kind, number, role))

    def _require(self, who: int | None, kind: str, number: int, role: str) -> None:
        if not self.may(who, kind, number, role):
            raise Refused(403, FORBIDDEN)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any, who: int | None = None
    ) -> tuple[int, Any]:
        """Answer a request of a user, or of a system administrator. Only what is about jobs asks for roles."""
        parts = path.removeprefix(self.prefix).strip("/").split("/")
        match (method, parts):
            case ("GET", ["ping"]):
                return 200, {"version": VERSION, "ha": False}
            case ("POST", ["tokens"]):
                return 201, self._token()
            case ("DELETE", ["tokens", number]):
                self.tokens.pop(int(number))
                return 204, None
            case ("GET", ["settings", "jobs"]):
                if who is not None or not self.administrator:
                    raise Refused(403, FORBIDDEN)
                return 200, self.settings
            case (_, ["roles", number, ("users" | "teams") as actors]):
                return self._members(method, int(number), actors, query, path, body)
            case ("GET", ["project_updates", number, "stdout"]):
                self._get("projects", number)
                content = {"content": self.output, "range": {"start": 0, "end": 1, "absolute_end": 1}}
                return (200, content) if query.get("format") == "json" else (406, {"detail": "Could not satisfy it."})
            case ("GET", ["project_updates", number]):
                return 200, self._update(self._get("projects", number))
            case ("POST", ["projects", number, "update"]):
                project = self._get("projects", number)
                self._updating(project)
                return 202, {"id": project["id"], "url": f"{self.prefix}project_updates/{project['id']}/"}
            case ("GET", ["unified_job_templates"]):
                return 200, self._list(
                    [(kind, each) for kind in UNIFIED for each in self.objects[kind].values()], query, path
                )
            case ("GET", [kind]) if kind in RESOURCES:
                return 200, self._list([(kind, each) for each in self.objects[kind].values()], query, path)
            case ("POST", [kind]) if kind in RESOURCES and kind != "workflow_approval_templates":
                return 201, self._create(kind, body)
            case ("GET", [kind, number]) if kind in RESOURCES:
                return 200, self._shown(kind, self._get(kind, number))
            case ("PATCH", [kind, number]) if kind in RESOURCES:
                return 200, self._change(kind, self._get(kind, number), body)
            case ("DELETE", [kind, number]) if kind in RESOURCES:
                del self.objects[kind][self._get(kind, number)["id"]]
                for (parent, _number, sublist), linked in self.links.items():
                    if RESOURCES[parent].sublists[sublist] == kind and int(number) in linked:
                        linked.remove(int(number))
                return 204, None
            case (_, [kind, number, "survey_spec"]) if kind in RESOURCES and RESOURCES[kind].surveys:
                return 200, self._survey(method, self._get(kind, number), body)
            case ("POST", ["job_templates", number, "launch"]):
                template = self._get("job_templates", number)
                self._require(who, "job_templates", template["id"], "execute_role")
                faults = not_accepted(template, self.survey(template), body.get("extra_vars", {}))
                if faults:
                    raise Refused(400, {"variables_needed_to_start": faults})
                self.launched.append(template["name"])
                return 201, self._job(len(self.launched))
            case ("GET", ["jobs", number, *rest]):
                # JobAccess: those who can see its template, or is an admin or auditor of the organization.
                template = self.one("job_templates", self.launched[int(number) - 1])
                self._require(who, "job_templates", template["id"], "read_role")
                return 200, {"content": "the output"} if rest == ["stdout"] else self._job(int(number))
            case ("POST", ["workflow_job_templates", number, "launch"]):
                workflow = self._get("workflow_job_templates", number)
                self._require(who, "workflow_job_templates", workflow["id"], "execute_role")
                self.launched.append(self._first_of(workflow["id"]))
                self.approvals.append(workflow["id"])
                return 201, {"id": len(self.approvals)}
            case (_, ["workflow_approvals", number, *action]) if (method, action) in (
                ("GET", []),
                ("POST", ["approve"]),
            ):
                workflow_id = self.approvals[int(number) - 1]
                self._require(who, "workflow_job_templates", workflow_id, "approval_role" if action else "read_role")
                return (204, None) if action else (200, {"id": int(number), "status": "pending"})
            case ("POST", ["workflow_job_template_nodes", number, "create_approval_template"]):
                return 201, self._approval(self._get("workflow_job_template_nodes", number), body)
            case ("GET", [kind, number, sublist]) if kind in RESOURCES and sublist in RESOURCES[kind].sublists:
                to = RESOURCES[kind].sublists[sublist]
                linked = self.links.get((kind, self._get(kind, number)["id"], sublist), [])
                return 200, self._list([(to, self.objects[to][each]) for each in linked], query, path)
            case ("POST", [kind, number, sublist]) if kind in RESOURCES and sublist in RESOURCES[kind].sublists:
                self._associate(kind, self._get(kind, number), sublist, body)
                return 204, None
        raise Refused(404, {"detail": "The requested resource could not be found."})

    def _members(
        self, method: str, role: int, actors: str, query: Mapping[str, str], path: str, body: Any
    ) -> tuple[int, Any]:
        """Who has a role (RoleUsersList and RoleTeamsList)."""
        if role not in self.roles:
            raise Refused(404, {"detail": "Not found."})
        linked = self.members[role, actors]
        if method == "GET":
            return 200, self._list([(actors, self.objects[actors][each]) for each in linked], query, path)
        each = self._get(actors, str(body["id"]))["id"]
        if body.get("disassociate"):
            linked.remove(each)
        else:
            linked.append(each)
        return 204, None

    def _first_of(self, workflow: int) -> str:
        """The template of the node that comes first."""
        nodes = [
            each
            for each in self.objects["workflow_job_template_nodes"].values()
            if each["workflow_job_template"] == workflow
        ]
        after = {number for key, numbers in self.links.items() if "nodes" in key[0] for number in numbers}
        (first,) = [each for each in nodes if each["id"] not in after]
        return str(self.unified(first["unified_job_template"])[1]["name"])

    def _job(self, number: int) -> Body:
        """A job, which is over at once."""
        failed = self.launched[number - 1] in self.failing
        status = "failed" if failed else "successful"
        url = f"{self.prefix}jobs/{number}/"
        over = {"finished": MOMENT, "event_processing_finished": True, "failed": failed}
        return {"id": number, "url": url, "status": status, **over}

    def _token(self) -> Body:
        self._last += 1
        self.tokens[self._last] = f"token-{self._last}-of-the-double"
        return {"id": self._last, "token": self.tokens[self._last]}

    def _get(self, kind: str, number: str) -> Body:
        try:
            return self.objects[kind][int(number)]
        except (KeyError, ValueError):
            raise Refused(404, {"detail": "Not found."}) from None

    def _list(self, found: Sequence[tuple[str, Body]], query: Mapping[str, str], path: str) -> Body:
        page = int(query.get("page", 1))
        wanted = {name: value for name, value in query.items() if name not in ("page", "page_size", "order_by")}
        results = [self._shown(kind, each) for kind, each in found]
        if order := query.get("order_by"):
            results.sort(key=lambda each: each[order])
        for name in wanted:
            plain = name.removeprefix("or__")
            if results and not any(plain in each for each in results):
                raise Refused(400, {"detail": f"no field named '{plain}'"})
        either = {name.removeprefix("or__"): value for name, value in wanted.items() if name.startswith("or__")}
        all_of = {name: value for name, value in wanted.items() if not name.startswith("or__")}
        kept = [
            each
            for each in results
            if all(str(each.get(name)) == value for name, value in all_of.items())
            and (not either or any(str(each.get(name)) == value for name, value in either.items()))
        ]
        size = min(int(query.get("page_size", self.page_size)), MAX_PAGE_SIZE)
        more = len(kept) > page * size
        rest = "".join(f"&{name}={value}" for name, value in query.items() if name != "page")
        return {
            "count": len(kept),
            "next": f"{path}?page={page + 1}{rest}" if more else None,
            "previous": None,
            "results": kept[(page - 1) * size : page * size],
        }

    def _shown(self, kind: str, each: Body) -> Body:
        resource = RESOURCES[kind]
        url = f"{self.prefix}{kind}/{each['id']}/"
        related = {sublist: f"{url}{sublist}/" for sublist in resource.sublists}
        if resource.surveys:
            related["survey_spec"] = f"{url}survey_spec/"
        if kind == "job_templates":
            related["launch"] = f"{url}launch/"
        if kind == "projects":
            related["update"] = f"{url}update/"
        shown = {
            **dict.fromkeys(resource.read_only, False),
            **each,
            "type": resource.type,
            "url": url,
            "related": related,
            "summary_fields": {},
        }
        if kind == "schedules":
            shown.update(times(each))
        if each.get("organization"):
            organization = self.objects["organizations"][each["organization"]]
            shown["summary_fields"] = {"organization": {"id": organization["id"], "name": organization["name"]}}
        if resource.roles:
            roles = {role: {"id": self._role(kind, each["id"], role)} for role in resource.roles}
            shown["summary_fields"] = {**shown["summary_fields"], "object_roles": roles}
        if kind == "projects" and each.get("status") in ("failed", "successful"):
            update = {"id": each["id"], "status": each["status"], "failed": each["status"] == "failed"}
            shown["summary_fields"] = {**shown["summary_fields"], "last_update": update}
        number = each.get("unified_job_template")
        if kind == "workflow_job_template_nodes" and number is not None:
            related["unified_job_template"] = f"{self.prefix}{self.unified(number)[0]}/{number}/"
        if kind == "job_templates":
            shown["organization"] = self.objects["projects"][each["project"]]["organization"]
        if kind == "credentials":
            secret = {
                name["id"]
                for name in self.objects["credential_types"][each["credential_type"]]["inputs"].get("fields", [])
                if name.get("secret")
            }
            shown["inputs"] = {name: HIDDEN if name in secret else value for name, value in each["inputs"].items()}
        return shown

    def _checked(self, kind: str, body: Any, old: Body | None) -> Body:
        resource = RESOURCES[kind]
        if not isinstance(body, dict):
            raise Refused(400, {"detail": "Invalid data."})
        known = resource.fields.keys() | resource.read_only | EVERYWHERE
        faults = {name: ["not documented"] for name in body if name not in known}
        for name, each in resource.fields.items():
            if name not in body:
                if each.required and old is None:
                    faults[name] = ["This field is required."]
                continue
            fault = each.fault(body[name])
            if not fault and each.to and body[name] is not None and not self._exists(each.to, body[name]):
                fault = f'Invalid pk "{body[name]}" - object does not exist.'
            if fault:
                faults[name] = [fault]
        if faults:
            raise Refused(400, faults)
        written = {name: value for name, value in body.items() if name in resource.fields}
        for name, value in written.items():
            # A null stands for what is empty (awx/api/fields.py).
            if value is None and isinstance(resource.fields[name].default, str):
                written[name] = ""
        start = old or {name: each.default for name, each in resource.fields.items()}
        new = {**start, **written}
        self._check_unique(kind, resource, new)
        if kind in CHECKS:
            CHECKS[kind](self, new)
        return new

    def _exists(self, to: str, number: int) -> bool:
        kinds = UNIFIED if to == "unified_job_templates" else (to,)
        return any(number in self.objects[kind] for kind in kinds)

    def _check_unique(self, kind: str, resource: Resource, new: Body) -> None:
        key = [new.get(name) for name in resource.unique]
        for each in self.objects[kind].values():
            if resource.unique and each["id"] != new.get("id") and [each.get(name) for name in resource.unique] == key:
                raise Refused(
                    400, {"__all__": [f"{resource.type} with this {' and '.join(resource.unique)} already exists."]}
                )

    def _put(self, kind: str, values: Body) -> Body:
        self._last += 1
        each = {**values, "id": self._last, "created": MOMENT, "modified": MOMENT}
        self.objects[kind][self._last] = each
        for role in RESOURCES[kind].roles:
            number = len(self.roles) + 1
            self.roles[number] = (kind, each["id"], role)
            self.members |= {(number, actors): [] for actors in ("users", "teams")}
        return each

    def _create(self, kind: str, body: Any) -> Body:
        each = self._put(kind, self._checked(kind, body, None))
        return self._updating(each) if kind == "projects" else self._shown(kind, each)

    def _updating(self, project: Body) -> Body:
        """A project that is new, or is to come from elsewhere, is updated (awx/main/models/projects.py)."""
        project.update(scm_revision="", status="pending")
        comes = self.reachable and project["scm_url"].endswith(".git")
        self.updates[project["id"]] = ["running", "successful" if comes else "failed"]
        shown = self._shown("projects", project)
        update = {"id": project["id"], "status": "pending"}
        return {**shown, "summary_fields": {**shown["summary_fields"], "current_update": update}}

    def _update(self, project: Body) -> Body:
        """An update as it is now: it runs for as long as one question."""
        states = self.updates[project["id"]]
        status = states.pop(0) if len(states) > 1 else states[0]
        if status == "successful":
            self.seen[project["id"]] = tuple(self.playbooks)
            project.update(scm_revision="-".join(self.playbooks))
        project.update(status=status)
        finished = None if status == "running" else MOMENT
        return {
            "id": project["id"],
            "status": status,
            "failed": status == "failed",
            "finished": finished,
            "event_processing_finished": finished is not None,
            "scm_revision": project["scm_revision"],
        }

    def _change(self, kind: str, each: Body, body: Any) -> Body:
        if kind == "credentials" and isinstance(body.get("inputs"), dict):
            kept = {name: each["inputs"][name] for name, value in body["inputs"].items() if value == HIDDEN}
            body = {**body, "inputs": {**body["inputs"], **kept}}
        before = dict(each)
        each.update(self._checked(kind, body, each))
        elsewhere = any(each.get(name) != before.get(name) for name in ("scm_type", "scm_url", "scm_branch"))
        return self._updating(each) if kind == "projects" and elsewhere else self._shown(kind, each)

    def _survey(self, method: str, template: Body, body: Any) -> Body:
        if method == "POST":
            fault = survey_fault(body)
            if fault:
                raise Refused(400, {"error": fault})
            self.surveys[template["id"]] = as_kept(body)
            return {}
        if method == "DELETE":
            self.surveys.pop(template["id"], None)
            return {}
        return self.surveys.get(template["id"], {})

    def _approval(self, node: Body, body: Any) -> Body:
        approval = self._put("workflow_approval_templates", self._checked("workflow_approval_templates", body, None))
        node["unified_job_template"] = approval["id"]
        return self._shown("workflow_approval_templates", approval)

    def _associate(self, kind: str, parent: Body, sublist: str, body: Any) -> None:
        if not isinstance(body, dict) or set(body) - {"id", "disassociate"} or not is_integer(body.get("id")):
            raise Refused(400, {"msg": '"id" field must be an integer.'})
        to = RESOURCES[kind].sublists[sublist]
        child = self._get(to, str(body["id"]))
        linked = self.links.setdefault((kind, parent["id"], sublist), [])
        if body.get("disassociate"):
            linked.remove(child["id"])
            return
        if to == "credentials":
            types = [self.objects[to][each]["credential_type"] for each in linked]
            if child["credential_type"] in types:
                name = self.objects["credential_types"][child["credential_type"]]["name"]
                raise Refused(400, {"error": f"Cannot assign multiple {name} credentials."})
        if to == "workflow_job_template_nodes" and parent["id"] in self._after(child["id"]):
            raise Refused(400, {"Error": "Cycle detected."})
        linked.append(child["id"])

    def _after(self, node: int) -> Iterator[int]:
        yield node
        for (kind, number, _sublist), linked in self.links.items():
            if kind == "workflow_job_template_nodes" and number == node:
                for each in linked:
                    yield from self._after(each)


def _check_credential_type(_awx: Awx, new: Body) -> None:
    fault = credential_type_fault(new["inputs"], new["injectors"])
    if fault:
        raise Refused(400, {"inputs": [fault]})


def _check_credential(awx: Awx, new: Body) -> None:
    fields = awx.objects["credential_types"][new["credential_type"]]["inputs"].get("fields", [])
    fault = credential_fault(new["inputs"], fields)
    if fault:
        raise Refused(400, {"inputs": [fault]})


def _check_job_template(awx: Awx, new: Body) -> None:
    if new["project"] is None:
        raise Refused(400, {"project": ["This field is required."]})
    if not new["playbook"]:
        raise Refused(400, {"playbook": ["Must select playbook for project."]})
    if new["playbook"] not in awx.seen.get(new["project"], ()):
        raise Refused(400, {"playbook": ["Playbook not found for project."]})
    if new["inventory"] is None and not new["ask_inventory_on_launch"]:
        raise Refused(400, {"inventory": ["Must either set a default value or ask to prompt on launch."]})
    if isinstance(json.loads(new["extra_vars"] or "{}"), list):
        raise Refused(400, {"extra_vars": ["Cannot parse as JSON or YAML."]})


def _check_launch_config(awx: Awx, new: Body) -> None:
    number = new["unified_job_template"]
    if number is None:
        return
    kind, template = awx.unified(number)
    if kind in ("job_templates", "workflow_job_templates"):
        faults = not_accepted(template, awx.survey(template), new["extra_data"] or {})
        if faults:
            raise Refused(400, {"extra_data": faults})
    for name in ("limit", "job_type", "verbosity", "inventory"):
        if new[name] not in (None, "") and not template.get(f"ask_{name}_on_launch"):
            raise Refused(400, {name: ["Field is not configured to prompt on launch."]})


def _check_schedule(awx: Awx, new: Body) -> None:
    faults = rrule_faults(new["rrule"]) + count_faults(new["rrule"])
    if faults:
        raise Refused(400, {"rrule": faults})
    if faults := name_faults(new["name"]):
        raise Refused(400, {"name": faults})
    new["rrule"] = rule_as_kept(new["rrule"])
    _check_launch_config(awx, new)
    kind, template = awx.unified(new["unified_job_template"])
    if kind in ("job_templates", "workflow_job_templates"):
        faults = unanswered(template, awx.survey(template), new["extra_data"] or {})
        if faults:
            raise Refused(400, {"extra_data": faults})


CHECKS: dict[str, Callable[[Awx, Body], None]] = {
    "credential_types": _check_credential_type,
    "credentials": _check_credential,
    "job_templates": _check_job_template,
    "schedules": _check_schedule,
    "workflow_job_template_nodes": _check_launch_config,
}


async def _handle(awx: Awx, request: web.Request) -> web.Response:
    body: Any = None
    try:
        if request.headers.get("Authorization") not in awx.logins(request.path):
            raise Refused(401, {"detail": "Authentication credentials were not provided."})
        if request.method in WRITES - {"DELETE"}:
            if request.content_type != "application/json":
                raise Refused(415, {"detail": f"Unsupported media type {request.content_type}"})
            body = await request.json()
        if not re.match(rf"{awx.prefix}.*/$", request.path):
            raise Refused(404, {"detail": "The requested resource could not be found."})
        status, answer = awx.answer(request.method, request.path, request.query, body)
    except Refused as exc:
        status, answer = exc.status, exc.body
    awx.calls.append(Call(request.method, request.path_qs, body, status))
    headers = {"X-API-Product-Name": awx.product, "X-API-Product-Version": VERSION if awx.product == "AWX" else "4.5.0"}
    if status == 204:
        return web.Response(status=204, headers=headers)
    return web.json_response(answer, status=status, headers=headers)


def _name(each: Body) -> str:
    return str(each.get("name") or each.get("identifier") or each.get("username"))


@contextmanager
def serving(awx: Awx) -> Iterator[Awx]:
    """Serve it on a free port until the block ends."""
    loop = asyncio.new_event_loop()

    async def begin() -> web.AppRunner:
        runner = web.AppRunner(_application(awx), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        awx.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(begin(), loop).result(30)
    try:
        yield awx
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def _application(awx: Awx) -> web.Application:
    async def handle(request: web.Request) -> web.Response:
        return await _handle(awx, request)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    return application
