# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The questions of awx_setup: each fault is named with the question and the field, and they come as AWX keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._awx_questions import check_questions
from awx.rules import as_kept, survey_fault

SHOWN = "a-default-that-must-not-show"
CHOICES = ["blue", "red"]


def one(**values: Any) -> list[dict[str, Any]]:
    return [{"question_name": "Team", "variable": "team", "type": "text", **values}]


def many(**values: Any) -> list[dict[str, Any]]:
    return one(type="multiselect", choices=CHOICES, **values)


GOOD: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    (one(), {"question_description": "", "required": False, "default": ""}),
    (one(required="yes"), {"required": True}),
    (one(required=None, default=None, question_description=None), {"required": False, "default": ""}),
    (one(type="integer", default="5", min="1", max=9), {"default": 5, "min": 1, "max": 9}),
    (one(type="integer", default=0), {"default": 0}),
    (one(type="float", default=5), {"default": 5.0}),
    (many(default="blue\nred\n"), {"default": "blue\nred", "choices": CHOICES}),
    (many(default=["blue", "red"]), {"default": "blue\nred"}),
    (one(type="multiplechoice", choices=CHOICES, default="red"), {"default": "red"}),
]


@pytest.mark.parametrize(("given", "expected"), GOOD)
def test_questions_come_as_awx_keeps_them(given: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    (question,) = check_questions(given)
    assert {name: question[name] for name in expected} == expected
    assert [type(question[name]) for name in expected] == [type(value) for value in expected.values()]
    spec = {"name": "", "description": "", "spec": [question]}
    assert survey_fault(spec) == ""
    assert as_kept(spec) == spec


BAD: list[tuple[Any, str]] = [
    (SHOWN, "awx_survey_questions: is not a list of questions"),
    ({"team": {}}, "awx_survey_questions: is not a list of questions"),
    ([SHOWN], "entry 1, the entry: is not a dict"),
    (one(defaults=SHOWN), "entry 1 (team), defaults: is not known; known are question_name"),
    (one(question_name=""), "entry 1 (team), question_name: is missing"),
    (one(variable="the team"), "entry 1 (the team), variable: cannot be the name of a variable"),
    (one(variable=None), "entry 1, variable: cannot be the name of a variable"),
    (one(type="password"), "type: must be one of text, textarea, multiplechoice, multiselect, integer, float"),
    (one(required="perhaps"), "required: is neither true nor false"),
    (one(default=5), "default: is not a text"),
    (one(type="integer", default=SHOWN), "default: is not a whole number"),
    (one(type="integer", default=5.5), "default: is not a whole number"),
    (one(type="integer", default=True), "default: is not a whole number"),
    (one(type="float", default=SHOWN), "default: is not a number"),
    (one(type="float", default="nan"), "default: is not a number"),
    (one(type="float", default=float("inf")), "default: is not a number"),
    (one(type="integer", default="1" * 5000), "default: is not a whole number"),
    (one(min="few"), "min: is not a whole number"),
    (one(choices=["a"]), "choices: go with multiplechoice and multiselect only"),
    (one(type="multiselect"), "choices: give a list of what can be chosen"),
    (one(type="multiselect", choices=SHOWN), "choices: give a list of what can be chosen"),
    (one(type="multiselect", choices=[1, 2]), "choices: holds what is not a text"),
    (many(default=SHOWN), "default: is not among the choices"),
    (one(type="multiplechoice", choices=CHOICES, default="blue\nred"), "default: is not among the choices"),
]


@pytest.mark.parametrize(("questions", "message"), BAD)
def test_a_fault_is_named(questions: Any, message: str) -> None:
    with pytest.raises(ValueError, match="awx_survey_questions") as caught:
        check_questions(questions)
    assert message in str(caught.value)
    assert str(caught.value).endswith("Nothing was sent")
    assert SHOWN not in str(caught.value)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(ValueError, match="awx_survey_questions") as caught:
        check_questions(one(type="x") + one(variable="2"))
    assert "entry 1 (team), type" in str(caught.value)
    assert "entry 2 (2), variable" in str(caught.value)
