# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Extra variables of the command line: none is dropped without a word."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from ansible import context
from ansible.parsing.splitter import parse_kv
from ansible.utils.context_objects import CLIArgs
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._command_line import dropped_words_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import option_variables


@pytest.fixture(autouse=True)
def options() -> Iterator[None]:
    before = context.CLIARGS
    yield
    context.CLIARGS = before


def faults(*given_variables: str) -> list[str]:
    context.CLIARGS = CLIArgs({"extra_vars": given_variables})
    return dropped_words_faults()


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("offboard_reason=wrong list", {"offboard_reason": "wrong list"}),
        ("offboard_ticket=HR 12 offboard_sla=24h", {"offboard_ticket": "HR 12", "offboard_sla": "24h"}),
        ("a=1 offboard_reason=x y  z c='p q'", {"a": "...", "offboard_reason": "x y  z", "c": "..."}),
        ('offboard_reason="o\'neil" list', {"offboard_reason": "o'neil list"}),
        ("offboard_max_changes = 1", {"offboard_max_changes": "1"}),
        ("offboard_max_changes =1", {"offboard_max_changes": "1"}),
        ("offboard_max_changes= 1", {"offboard_max_changes": "1"}),
        ("offboard_max_changes: 1", {"offboard_max_changes": "1"}),
        ("offboard_max_changes", {"offboard_max_changes": ""}),
    ],
)
def test_a_dropped_word_is_named_with_the_json_that_keeps_it(text: str, whole: dict[str, Any]) -> None:
    (fault,) = faults("kept=1", text)
    option, pasted = shlex.split(fault.partition(": -e ")[2].join(("-e ", "")))
    assert option == "-e"
    assert json.loads(pasted) == whole
    assert "Nothing was sent" in fault


SECRETS = sorted(
    variable
    for info in VENDORS.values()
    for option, variable in option_variables(info).items()
    if info.connection.options.get(option, {}).get("no_log")
)


@given(
    st.sampled_from([*SECRETS, "vault_password", "awx_token"]),
    st.sampled_from(["{}={} more", "{}={} x=y z", "{} = {}"]),
)
def test_no_value_of_a_credential_is_shown(name: str, form: str) -> None:
    (fault,) = faults(form.format(name, "s3cret"))
    assert "s3cret" not in fault
    assert name in fault
    assert "write its value" in fault


@pytest.mark.parametrize(
    "text", ["a=1", "a='b c'", 'a="b c" d=e', "a=", '{"a": "b c"}', "[1, 2]", "@file with space.yml", "", "a='b"]
)
def test_what_ansible_reads_as_it_is_written_is_left_alone(text: str) -> None:
    assert faults(text) == []


words = st.from_regex(r"[a-z]{1,4}[=:]?[a-z0-9]{0,3}", fullmatch=True)


@given(st.lists(words, max_size=5))
def test_a_text_passes_only_where_ansible_reads_all_of_it(parts: list[str]) -> None:
    text = " ".join(parts)
    is_whole = all("=" in part for part in parts)
    assert is_whole == ("_raw_params" not in parse_kv(text))
    assert is_whole == (faults(text) == [])
