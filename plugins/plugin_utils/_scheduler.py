# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedules of a list of leavers in AWX: read the template and its schedules, check both, then write.

PRIVATE to the collection.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._catalog import VENDORS
from ._controller import Controller, ControllerError, Object
from ._leavers import EXPRESSION_MARKS, parse_duration
from ._nouns import Leaver
from ._schedule import (
    FAILED,
    NOT_DONE,
    SHOWN,
    Existing,
    Moments,
    Step,
    Wanted,
    faults_of,
    moments_of,
    purging,
    scheduling,
    wanted,
    withdrawing,
)
from ._settings import ListSettings, Refusal, unknown_faults
from ._stages import Stage, deletion_faults, names_of_stages, stages_of

ENDPOINTS = {"job_template": "job_templates", "workflow_job_template": "workflow_job_templates"}
KINDS = {"job_template": "job template", "workflow_job_template": "workflow"}
ABSENT = "absent"


@dataclass(frozen=True)
class Template:
    """What the schedules launch. ``takes``: the variables that it asks for; None if it takes any."""

    id: int
    label: str
    takes: frozenset[str] | None
    required: frozenset[str]


@dataclass
class Schedules:
    """The settings of a run, its leavers and the moment at which it began."""

    settings: ListSettings
    now: datetime
    moments: Moments = ()
    leavers: Sequence[Leaver] = ()

    def read_variables(self) -> list[str]:
        """Work out the moments of the stages, and return what is wrong with the variables of schedules."""
        stages: Sequence[Stage] = self.settings["offboard_stages"] or ()
        faults = deletion_faults(stages, self.settings["offboard_allow_delete"])
        faults += unknown_faults("offboard_stages", names_of_stages(stages), self.settings.known_tenants)
        try:
            self.moments = moments_of(self._used(stages))
            self._purged_before()
        except ValueError as exc:
            faults.append(str(exc))
        values = {name: self.settings[name] for name in ("offboard_reason", "offboard_ticket")}
        values["offboard_schedule_answers"] = json.dumps(self.settings["offboard_schedule_answers"], default=str)
        return faults + [
            f"{name} holds the beginning of an expression. Write it without."
            for name, value in values.items()
            if any(mark in value for mark in EXPRESSION_MARKS)
        ]

    def steps(self, awx: Controller) -> tuple[Template, list[Step]]:
        """Return what there is to do, which takes no write. Raises ControllerError, and Refusal with all faults."""
        template = self._template(awx)
        found = [Existing.of(each) for each in awx.all("schedules", unified_job_template=template.id)]
        asked = [each for leaver in self.leavers for each in wanted(leaver, self.moments, self._answers(leaver))]
        faults = faults_of(found, asked)
        if self.settings["offboard_schedule_state"] == ABSENT:
            steps = withdrawing(self.leavers, found, self.now)
        else:
            runs_due = self.settings["offboard_schedule_due"] == "run"
            steps = scheduling(asked, found, self.now, runs_due=runs_due)
            faults += _answer_faults(template, steps, asked)
        if faults:
            raise Refusal(faults)
        if before := self._purged_before():
            steps += purging(found, steps, before, self.now)
        return template, steps

    def _used(self, given: Sequence[Stage]) -> Iterable[Stage]:
        """Return the stages that a tenant has. Raises ValueError for stages that a run would refuse."""
        tenants = self.settings.known_tenants
        vendors = self.settings["offboard_vendors"] or VENDORS
        if not given or not tenants:
            return given
        return {
            stage
            for tenant, vendor in tenants.items()
            if vendor in VENDORS and vendor in vendors
            for stage in stages_of(given, VENDORS[vendor], tenant, tenants).stages
        }

    def _purged_before(self) -> datetime | None:
        name = "offboard_schedule_purge_after"
        try:
            return self.settings[name] and self.now - timedelta(seconds=parse_duration(self.settings[name], name))
        except OverflowError:
            raise ValueError("offboard_schedule_purge_after is beyond the calendar") from None

    def _answers(self, leaver: Leaver) -> dict[str, t.Any]:
        """Return the variables with which the template is launched for a leaver."""
        settings = self.settings
        answers: dict[str, t.Any] = dict(settings["offboard_schedule_answers"])
        if settings["offboard_vendors"]:
            answers["offboard_vendors"] = settings["offboard_vendors"]
        for name in ("reason", "ticket"):
            if text := leaver.get(name) or settings[f"offboard_{name}"]:
                answers[f"offboard_{name}"] = text
        keys = _own_keys(leaver)
        # A line that begins with # is a comment in a text.
        if keys or leaver["email"].startswith("#"):
            person = {"email": leaver["email"], "leave_at": leaver["leave_at"], **keys}
            return {**answers, "offboard_leavers": [person]}
        return {**answers, "offboard_leavers_text": leaver["email"], "offboard_leave_at": leaver["leave_at"]}

    def _template(self, awx: Controller) -> Template:
        name = self.settings["offboard_schedule_template"]
        organization = self.settings["offboard_schedule_organization"]
        found = [
            each
            for each in awx.all("unified_job_templates", name=name)
            if each["type"] in ENDPOINTS and organization in ("", _organization(each))
        ]
        if len(found) != 1:
            raise Refusal([_not_one(name, organization, found)])
        kind, number = found[0]["type"], int(found[0]["id"])
        place = f"{ENDPOINTS[kind]}/{number}"
        template = awx.one(place)
        questions = awx.one(f"{place}/survey_spec").get("spec", []) if template["survey_enabled"] else []
        return Template(
            id=number,
            label=f"the {KINDS[kind]} {name!r}",
            takes=None if template["ask_variables_on_launch"] else frozenset(each["variable"] for each in questions),
            required=frozenset(each["variable"] for each in questions if each["required"]),
        )


def carry_out(
    awx: Controller,
    template: Template,
    steps: Iterable[Step],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[str]:
    """Send the writes, and return what failed. A refusal of one leaves the others; a lost connection ends it."""
    failed: list[str] = []
    is_over = False
    for step in steps:
        if not step.method:
            continue
        if is_over:
            step.row["result"] = NOT_DONE
            continue
        step.postpone(clock())
        body = step.body if step.method != "POST" else {**(step.body or {}), "unified_job_template": template.id}
        try:
            awx.write(step.method, "schedules" if step.id is None else f"schedules/{step.id}", body)
        except ControllerError as exc:
            step.row["result"] = FAILED
            failed.append(f"{step.row['leaver']}: {exc}")
            is_over = exc.is_final
    return failed


def _answer_faults(template: Template, steps: Sequence[Step], asked: Sequence[Wanted]) -> list[str]:
    """Return what the template does not ask for, or asks for in vain."""
    names = {step.row["name"] for step in steps if step.method in ("POST", "PATCH")}
    written = [each for each in asked if each.name in names]
    faults = []
    strangers = {
        name for each in written for name in each.answers if template.takes is not None and name not in template.takes
    }
    if "offboard_leavers" in strangers:
        rows = [str(each.leaver["row"]) for each in written if "offboard_leavers" in each.answers]
        faults.append(
            f"row {some(list(dict.fromkeys(rows)), SHOWN)}: the list names accounts by other keys than the e-mail "
            f"address, and {template.label} takes addresses only. Switch on Prompt on launch for its variables, or "
            "leave the columns out with offboard_ignore_columns."
        )
    if more := sorted(strangers - {"offboard_leavers"}):
        faults.append(
            f"{template.label} does not ask for {', '.join(more)}, so that AWX takes no schedule with them. Add the "
            f"questions to its survey, as awx_setup does, or switch on Prompt on launch for its variables."
        )
    unanswered = sorted({name for each in written for name in template.required - set(each.answers)})
    if unanswered:
        faults.append(
            f"{template.label} asks for {', '.join(unanswered)}, which must be answered. Give the answers by "
            "offboard_schedule_answers, or a reason and a ticket by their own variables."
        )
    return faults


def _own_keys(leaver: Leaver) -> dict[str, t.Any]:
    """Return the keys that a list gives for a leaver, by vendor or tenant."""
    return {name: dict(key) for name, key in leaver["accounts"].items() if key != {"email": leaver["email"]}}


def _organization(found: Object) -> str:
    return str(found.get("summary_fields", {}).get("organization", {}).get("name", ""))


def _not_one(name: str, organization: str, found: Sequence[Object]) -> str:
    place = f" in the organization {organization!r}" if organization else ""
    if not found:
        return (
            f"offboard_schedule_template is {name!r}: AWX has no job template or workflow of that name{place}, or the "
            "user may not see it. Correct the name, or grant the user Execute on it."
        )
    places = [f"{KINDS[each['type']]} in {_organization(each) or 'no organization'}" for each in found]
    return (
        f"offboard_schedule_template is {name!r}: AWX has {len(found)} of that name{place} ({some(places, SHOWN)}). "
        "Set offboard_schedule_organization, or rename one of them."
    )
