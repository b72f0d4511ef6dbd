# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What the playbook schedule asks of AWX, and what it refuses before its first write: without a network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._controller import Controller, ControllerError
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._scheduler import Schedules, Template, carry_out
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Refusal, read_list_settings
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import SCHEDULE
from awx.schedules import times

NOW = datetime(2026, 11, 30, 17, tzinfo=UTC)
JANE, SAM = "jane@example.com", "sam@example.com"
LATER = "2026-12-31T17:00:00Z"
TENANTS = {"netex": "netex", "zitadel": "zitadel"}
WORKFLOW = "Offboarding: plan, approve, apply"
STAGES = [{"state": "deactivated"}, {"state": "absent", "after": "30d"}]
QUESTIONS = ("offboard_leavers_text", "offboard_leave_at", "offboard_reason", "offboard_ticket")


class Talk:
    """A conversation with an AWX that has templates of one name, and schedules."""

    def __init__(self, *required: str, kinds: tuple[str, ...] = ("workflow_job_template",), prompts: bool = False):
        self.spec = [{"variable": name, "required": name in required} for name in (*QUESTIONS, *required)]
        self.templates = [
            {"id": 7 + number, "type": kind, "summary_fields": {"organization": {"name": f"Org {number}"}}}
            for number, kind in enumerate(kinds)
        ]
        self.prompts = prompts
        self.schedules: list[dict[str, Any]] = []
        self.sent: list[tuple[str, str]] = []
        self.refusals: list[ControllerError] = []

    def all(self, endpoint: str, **query: Any) -> list[dict[str, Any]]:
        if endpoint == "unified_job_templates":
            return self.templates if query["name"] == WORKFLOW else []
        assert query == {"unified_job_template": self.templates[-1]["id"]}
        return [{**each, **times(each, NOW)} for each in self.schedules]

    def one(self, place: str) -> dict[str, Any]:
        if place.endswith("/survey_spec"):
            return {"spec": self.spec}
        assert place.partition("/")[0] in ("job_templates", "workflow_job_templates")
        return {"survey_enabled": True, "ask_variables_on_launch": self.prompts}

    def write(self, method: str, place: str, body: Mapping[str, Any]) -> None:
        self.sent.append((method, place))
        if self.refusals:
            raise self.refusals.pop(0)
        if method == "POST":
            self.schedules.append({"id": len(self.schedules) + 1, "enabled": True, "limit": None, **body})


def schedules(people: list[dict[str, Any]], **given: Any) -> tuple[Schedules, list[str]]:
    faults: list[str] = []
    settings = read_list_settings(SCHEDULE, TENANTS, {"offboard_leavers": people, **given}, faults)
    assert faults == []
    made = Schedules(settings, NOW)
    found = made.read_variables()
    made.leavers = read_leavers(people, "list").leavers
    return made, found


def steps(talk: Talk, made: Schedules) -> tuple[Template, list[Any]]:
    return made.steps(cast(Controller, talk))


def carried_out(talk: Talk, people: list[dict[str, Any]], **given: Any) -> tuple[list[str], list[str]]:
    """What is done for each leaver, and what failed."""
    made, faults = schedules(people, **given)
    assert faults == []
    template, found = steps(talk, made)
    failed = carry_out(cast(Controller, talk), template, found, lambda: NOW)
    return [step.row["result"] for step in found], failed


def leaves(email: str, leave_at: str = LATER, **more: Any) -> dict[str, Any]:
    return {"email": email, "leave_at": leave_at, **more}


def refused(talk: Talk, people: list[dict[str, Any]], **given: Any) -> str:
    with pytest.raises(Refusal) as caught:
        steps(talk, schedules(people, **given)[0])
    assert talk.sent == []
    return str(caught.value)


def test_a_schedule_carries_what_the_template_asks_for_and_is_written_once() -> None:
    talk = Talk()
    people = [leaves(JANE, reason="No"), leaves(SAM)]
    assert carried_out(talk, people, offboard_ticket="0012") == (["created", "created"], [])
    assert [each["unified_job_template"] for each in talk.schedules] == [7, 7]
    assert talk.schedules[0]["extra_data"] == {
        "offboard_leavers_text": JANE,
        "offboard_leave_at": LATER,
        "offboard_reason": "No",
        "offboard_ticket": "0012",
    }
    assert carried_out(talk, people, offboard_ticket="0012") == (["unchanged", "unchanged"], [])
    assert len(talk.sent) == 2


def test_each_stage_has_a_schedule_and_a_withdrawal_removes_all() -> None:
    talk = Talk()
    carried_out(talk, [leaves(JANE)], offboard_stages=STAGES, offboard_allow_delete=True)
    assert [each["name"] for each in talk.schedules] == [
        f"Offboard {JANE} ({state})" for state in ("deactivated", "absent")
    ]
    results, _failed = carried_out(talk, [leaves(JANE)], offboard_schedule_state="absent")
    assert results == ["removed", "removed"]


def test_keys_and_vendors_travel_where_the_template_prompts_for_variables() -> None:
    talk = Talk(prompts=True)
    carried_out(talk, [leaves(JANE, netex="u-7")], offboard_vendors=["netex"])
    (made,) = talk.schedules
    assert made["extra_data"]["offboard_vendors"] == ["netex"]
    assert made["extra_data"]["offboard_leavers"][0]["netex"] == {"username": "u-7"}
    text = refused(Talk(), [leaves(JANE, netex="u-7")], offboard_vendors=["netex"])
    assert "row 1: the list names accounts by other keys than the e-mail address" in text
    assert "does not ask for offboard_vendors, so that AWX takes no schedule with them" in text


def test_a_question_that_must_be_answered_is_named() -> None:
    assert "asks for who, which must be answered" in refused(Talk("who"), [leaves(JANE)])
    assert carried_out(Talk("who"), [leaves(JANE)], offboard_schedule_answers={"who": "me"}) == (["created"], [])


def test_the_template_must_be_one() -> None:
    assert "AWX has no job template or workflow of that name" in refused(Talk(kinds=()), [leaves(JANE)])
    two = Talk(kinds=("job_template", "workflow_job_template"))
    text = refused(two, [leaves(JANE)])
    assert "AWX has 2 of that name (job template in Org 0, workflow in Org 1)" in text
    there = {"offboard_schedule_organization": "Org 1"}
    assert carried_out(two, [leaves(JANE)], **there) == (["created"], [])
    other = refused(Talk(), [leaves(JANE)], offboard_schedule_organization="Elsewhere")
    assert "of that name in the organization 'Elsewhere'" in other


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"offboard_stages": STAGES}, "offboard_allow_delete"),
        ({"offboard_stages": [{"state": "deactivated", "vendors": ["netx"]}]}, "netx"),
        ({"offboard_stages": [{"state": "deactivated", "vendors": ["netex"]}]}, "no stage for zitadel"),
        ({"offboard_schedule_purge_after": "9999999d"}, "beyond the calendar"),
        ({"offboard_reason": "{{ x }}"}, "offboard_reason holds the beginning of an expression"),
        ({"offboard_schedule_answers": {"who": "{% x %}"}}, "offboard_schedule_answers holds the beginning"),
    ],
)
def test_what_is_wrong_with_a_variable_is_named(given: dict[str, Any], message: str) -> None:
    _made, faults = schedules([leaves(JANE)], **given)
    assert [message in fault for fault in faults].count(True) >= 1, faults


def test_past_schedules_are_purged_only_when_asked() -> None:
    talk = Talk()
    carried_out(talk, [leaves(SAM)])
    talk.schedules[0]["rrule"] = "DTSTART:20260101T000000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1"
    assert carried_out(talk, [leaves(JANE)])[0].count("purged") == 0
    talk.schedules = talk.schedules[:1]
    assert "purged" in carried_out(talk, [leaves(JANE)], offboard_schedule_purge_after="90d")[0]


@pytest.mark.parametrize(("is_final", "results"), [(False, ["failed", "created"]), (True, ["failed", "not_done"])])
def test_a_refusal_of_one_leaves_the_others_and_a_lost_connection_ends_it(is_final: bool, results: list[str]) -> None:
    talk = Talk()
    talk.refusals = [ControllerError("AWX: no", is_final=is_final)]
    assert carried_out(talk, [leaves(JANE), leaves(SAM)]) == (results, [f"{JANE}: AWX: no"])
