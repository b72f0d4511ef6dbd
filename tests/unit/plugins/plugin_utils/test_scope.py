# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The tenants that a run covers, those that it leaves out, and those that are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._command_line import (
    dropped_words_faults,
    task_selection_faults,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._scope import (
    Choice,
    Inventory,
    choice_of,
    known_tenants,
    pattern_faults,
    scope_of,
    vendor_faults,
)

TENANTS = {"laurel-eu": "laurel", "netex-eu": "netex", "netex-us": "netex", "zitadel": "zitadel"}
GROUPS = {"all": [*TENANTS, "box"], "saas": list(TENANTS), "europe": ["laurel-eu", "netex-eu"], "ungrouped": ["box"]}
INVENTORY = Inventory(GROUPS)


def scope(**choice: Any) -> Any:
    return scope_of(TENANTS, Choice(**{"hosts": list(TENANTS), **choice}), INVENTORY)


@given(st.sets(st.sampled_from(sorted(TENANTS)), min_size=1), st.sets(st.sampled_from(["laurel", "netex", "zitadel"])))
def test_each_tenant_is_covered_or_left_out(hosts: set[str], vendors: set[str]) -> None:
    found = scope(hosts=sorted(hosts), vendors=sorted(vendors), limit=",".join(hosts))
    left_out = {each["tenant"] for each in found["left_out"]}
    assert sorted([*found["tenants"], *left_out]) == sorted(TENANTS)
    assert found["known"] == len(TENANTS)
    assert set(found["tenants"]) == {name for name in hosts if not vendors or TENANTS[name] in vendors}


@pytest.mark.parametrize(
    ("choice", "by"),
    [
        ({"hosts": ["zitadel"], "limit": "zitadel"}, "--limit"),
        ({"hosts": ["zitadel"], "pattern": "zitadel"}, "offboard_hosts"),
        ({"vendors": ["zitadel"]}, "offboard_vendors"),
        ({"hosts": ["zitadel"]}, "the hosts of the play"),
    ],
)
def test_what_left_a_tenant_out_is_named(choice: Any, by: str) -> None:
    assert {each["by"] for each in scope(**choice)["left_out"]} == {by}


@pytest.mark.parametrize(
    ("choice", "missing"),
    [
        ({"expected": ["zitadel", "thrive"]}, ["thrive"]),
        ({"expected": ["thrive"], "sliced": True}, []),
        ({"expected": ["thrive"], "limit": "zitadel", "hosts": ["zitadel"]}, []),
        ({"expected": ["thrive"], "limit": "zitadel,thrive", "hosts": ["zitadel"]}, ["thrive"]),
        ({"expected": ["thrive"], "pattern": "europe", "hosts": ["laurel-eu", "netex-eu"]}, []),
        ({"expected": ["box"], "hosts": ["box"], "vendors": ["laurel"]}, ["box"]),
        ({"expected": ["laurel"], "hosts": ["box"], "vendors": ["laurel"]}, []),
    ],
)
def test_an_expected_tenant_is_there_left_out_or_missing(choice: Any, missing: list[str]) -> None:
    assert scope(**choice)["missing"] == missing


def test_an_expected_tenant_that_a_limit_leaves_out_is_named_and_counted() -> None:
    found = scope(expected=["thrive"], limit="zitadel", hosts=["zitadel"])
    assert found["left_out"][-1] == {"tenant": "thrive", "by": "--limit"}
    assert (found["known"], found["tenants"]) == (5, ["zitadel"])


def test_a_host_without_a_vendor_covers_the_tenants_of_its_vendors() -> None:
    found = scope(hosts=["box"], vendors=["netex"], pattern="box")
    assert (found["tenants"], found["known"]) == (["netex"], 3)
    assert [each["tenant"] for each in found["left_out"]] == ["laurel-eu", "zitadel"]


def test_known_are_the_group_the_pattern_and_the_play() -> None:
    assert known_tenants(INVENTORY, "box", ["other"]) == [*TENANTS, "box", "other"]
    assert known_tenants(Inventory({"all": ["a"]}), "[", ["a"]) == ["a"]


@pytest.mark.parametrize(
    "pattern", ["saas", "saas:!zitadel", "saas:&europe", "netex-*", "~netex.*", "saas[0]", "localhost"]
)
def test_what_matches_a_host_is_no_fault(pattern: str) -> None:
    assert pattern_faults(INVENTORY, pattern, None) == []


@pytest.mark.parametrize(
    ("pattern", "limit", "message"),
    [
        ("sass", None, "offboard_hosts has 'sass', which matches no host"),
        ("saas:&asia", None, "offboard_hosts has '&asia'"),
        ("zitadel,netx*", None, "offboard_hosts has 'netx*'"),
        ("saas", "zitadl", "--limit has 'zitadl'"),
        ("saas", "box", "The pattern saas matches no host of this run"),
        ("saas:!saas", None, "matches no host of this run"),
    ],
)
def test_what_matches_none_is_named(pattern: str, limit: str | None, message: str) -> None:
    (fault,) = pattern_faults(INVENTORY, pattern, limit)
    assert message in fault


def test_a_limit_of_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"--limit: .*nowhere cannot be read"):
        pattern_faults(INVENTORY, "saas", f"@{tmp_path}/nowhere")


def test_a_vendor_without_a_tenant_is_named_unless_the_job_is_a_slice() -> None:
    hosts = list(TENANTS)
    (fault,) = vendor_faults(TENANTS, Choice(hosts, ["netex", "learn"]))
    assert "offboard_vendors names learn, of which the inventory has no tenant" in fault
    assert vendor_faults(TENANTS, Choice(hosts, ["learn"], sliced=True)) == []
    assert vendor_faults(TENANTS, Choice(["box"], ["learn"])) == []
    assert vendor_faults({**TENANTS, "x": ""}, Choice(hosts, ["learn"])) == []


def test_values_that_cannot_be_used_select_nothing() -> None:
    given = {"offboard_vendors": 7, "offboard_hosts": {"a": 1}, "offboard_sliced": "perhaps"}
    assert choice_of(given, ["a"], None) == Choice(["a"], [], "", None, [], False)


# -- the command line


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Any:
    def given(**options: Any) -> None:
        monkeypatch.setattr(context, "CLIARGS", ImmutableDict(options))

    return given


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tags": ("nightly",)}, "--tags nightly would skip"),
        ({"tags": ("all",), "skip_tags": ("x", "y")}, "--skip-tags x,y would skip"),
        ({"start_at_task": "Report"}, "--start-at-task would skip"),
        ({"tags": ("a",), "start_at_task": "x"}, "--tags a and --start-at-task would skip"),
    ],
)
def test_options_that_skip_tasks_are_named(command: Any, options: Any, message: str) -> None:
    command(**options)
    (fault,) = task_selection_faults()
    assert fault.startswith(message)


def test_the_default_skips_nothing(command: Any) -> None:
    command(tags=("all",), skip_tags=(), start_at_task=None, extra_vars=("a=1", "@file.yml", '{"b": "c d"}', "[]", ""))
    assert task_selection_faults() == dropped_words_faults() == []


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("reinstate_reason=wrong list", "reinstate_reason", '{"reinstate_reason": "wrong list"}'),
        (
            "a=1 offboard_reason=end of contract",
            "offboard_reason",
            '{"a": "...", "offboard_reason": "end of contract"}',
        ),
        ("offboard_reason=h\u00e9 w\u00f6", "offboard_reason", '{"offboard_reason": "h\u00e9 w\u00f6"}'),
    ],
)
def test_dropped_words_come_with_the_form_to_paste(command: Any, text: str, name: str, form: str) -> None:
    command(extra_vars=(text,))
    (fault,) = dropped_words_faults()
    assert fault.startswith(f"-e {name}: ")
    assert f"-e '{form}'" in fault


@pytest.mark.parametrize("text", ["a='b c'", 'a="b c" d=e', "a=b", "a='unbalanced"])
def test_words_that_are_kept_are_no_fault(command: Any, text: str) -> None:
    command(extra_vars=(text,))
    assert dropped_words_faults() == []
