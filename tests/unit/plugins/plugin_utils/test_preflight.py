# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The preflight of a tenant on the controller: its lines, its table, and what a host fails with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._preflight import preflight, sentences, table
from ansible_collections.saas.offboarding.plugins.plugin_utils._report import report_on
from ansible_collections.saas.offboarding.plugins.plugin_utils._run import DONE, REFUSED, join_run
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Host, Settings, read_settings
from harness.facts import SCOPE

GOOD = {"check": "log_in", "result": "ok", "code": None, "message": ""}
NO_RIGHT = {"check": "rights", "result": "fails", "code": "forbidden", "message": "It lacks user.write"}
NO_LIST = {"check": "list", "result": "unknown", "code": None, "message": "no request that reads users"}


def settings(vendor: str = "zitadel", **given: Any) -> Settings:
    faults: list[str] = []
    found = read_settings("preflight", vendor, Host("here"), {"saas_vendor": vendor, **given}, faults)
    assert faults == []
    assert found is not None
    return found


def lines(result: Any, vendor: str = "zitadel", **given: Any) -> list[Any]:
    asked: list[Any] = []

    def call(module: str, options: Any) -> Any:
        asked.append((module, options["preflight"], options["state"], "users" in options))
        return result

    found = preflight(settings(vendor, **given), call)
    assert asked == [(f"{vendor}_user", True, "deactivated", False)]
    return found


def results(found: list[Any]) -> dict[str, str]:
    return {line["check"]: line["result"] for line in found}


def test_the_checks_of_the_module_are_the_lines() -> None:
    found = lines({"checks": [GOOD, NO_RIGHT]})
    assert results(found) == {"log_in": "ok", "rights": "fails"}
    assert {line["tenant"] for line in found} == {"here"}
    assert sentences(found) == ["forbidden: here, rights: It lacks user.write."]
    shown = table(found, "Preflight 1:")
    assert shown[0] == "Preflight 1: 1 of 1 tenants would fail. Nothing was written."
    assert shown[2].split() == ["here", "log-in", "ok"]
    assert shown[3].endswith("WOULD FAIL  forbidden: It lacks user.write")


def test_a_module_that_ended_early_fails_its_tenant() -> None:
    (line,) = lines({"msg": "zitadel: no\nidea"})
    assert (line["check"], line["result"], line["code"]) == ("module", "fails", "task_failed")
    assert "no idea" in line["message"]


@pytest.mark.parametrize(("unknown", "result"), [("report", "unknown"), ("fail", "fails")])
def test_for_an_audit_a_right_to_write_is_not_needed(unknown: str, result: str) -> None:
    found = lines({"checks": [GOOD, NO_RIGHT, NO_LIST]}, preflight_for="audit", audit_unknown=unknown)
    assert results(found) == {"log_in": "ok", "rights": "lacking", "list": result}


def test_a_state_that_is_not_offered_or_not_allowed_fails() -> None:
    found = lines({"checks": [GOOD]}, offboard_state="absent")
    assert [line["check"] for line in found if line["result"] == "fails"] == ["state"]


def test_a_share_of_what_cannot_be_counted_fails() -> None:
    found = lines({"checks": [GOOD]}, "customergauge", offboard_max_percent=20)
    assert [line["check"] for line in found if line["result"] == "fails"] == ["guard rails"]
    assert all(line["result"] != "fails" for line in lines({"checks": [GOOD]}, "customergauge"))


def test_the_report_names_tenants_that_would_fail_that_are_missing_and_that_gave_no_result(tmp_path: Path) -> None:
    run = join_run(str(tmp_path), "a", ["task", "a"], ["a", "b", "c"])
    scope = {**SCOPE, "missing": ["d"], "left_out": [{"tenant": "e", "by": "--limit"}], "known": 4}

    def keep(host: str, **more: Any) -> None:
        part: Any = {"position": 0, "vendor": "netex", "faults": [], "work": None, "outcome": DONE, "scope": scope}
        run.keep(part | {"host": host, "tenant": host, **more})

    keep("a", preflight=lines({"checks": [GOOD]}))
    keep("b", outcome=REFUSED, faults=["a variable is wrong."])
    outcome = report_on(run, "a", "2.19.0", ["a", "b"])
    assert set(outcome["verdicts"]) == {"a", "b", "c"}
    assert outcome["verdicts"]["a"][0].startswith("tenant_missing: not in the inventory: d.")
    assert outcome["verdicts"]["b"] == ["invalid_input: b, settings: a variable is wrong."]
    assert outcome["verdicts"]["c"][0].startswith("no_result: c, settings: left no result")
    assert (outcome["result"]["kind"], outcome["result"]["outcome"]) == ("preflight", "failed")
    assert any("Left out by --limit: e" in line for line in outcome["lines"])


def test_a_run_keeps_what_the_first_host_found_out(tmp_path: Path) -> None:
    run = join_run(str(tmp_path), "a", ["task", "a"], ["a", "b"])
    assert run.once("tenants", lambda: {"a": "netex"}) == {"a": "netex"}
    assert run.once("tenants", lambda: {"b": "zitadel"}) == {"a": "netex"}
