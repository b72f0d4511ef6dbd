# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The check of awx_setup: all faults in one message, and no secret in its result."""

from __future__ import annotations

from typing import Any

from ansible_collections.saas.offboarding.plugins.action.awx_check import checked
from awx.definitions import TYPES
from harness.examples import proved_by

SECRET = "a-value-that-must-not-show"
NETEX = {"name": "netex", "vendor": "netex", "credential": {"tenant": "example", "auth_token": SECRET}}
TEAM = {"question_name": "Team", "variable": "team", "type": "text"}


def test_the_example_of_the_module_is_accepted() -> None:
    (example,) = proved_by("test_the_example_of_the_module_is_accepted", "plugins/modules/awx_check.py")
    (task,) = example.data
    result = checked(**task["saas.offboarding.awx_check"])

    assert [tenant["name"] for tenant in result["tenants"]] == ["netex"]
    assert [question["min"] for question in result["questions"]] == [1]


def test_the_result_has_no_secret() -> None:
    result = checked([NETEX, {"name": "learn", "vendor": "learn", "credential_name": "Thrive"}], TYPES)

    assert [tenant["has_credential"] for tenant in result["tenants"]] == [True, False]
    assert SECRET not in str(result)


def test_faults_of_tenants_and_of_questions_come_in_one_message() -> None:
    result: dict[str, Any] = checked([{**NETEX, "vendor": "x"}], TYPES, questions=[{**TEAM, "type": "x"}])

    assert result["failed"]
    assert "awx_survey_questions: entry 1 (team), type" in result["msg"]
    assert "awx_tenants: entry 1 (netex), vendor" in result["msg"]
    assert SECRET not in result["msg"]


def test_a_secret_is_refused_as_the_default_of_a_question() -> None:
    result = checked([NETEX], TYPES, questions=[{**TEAM, "variable": "netex_auth_token", "default": SECRET}])

    assert "awx_survey_questions.netex_auth_token: is a secret" in result["msg"]
    assert SECRET not in result["msg"]
