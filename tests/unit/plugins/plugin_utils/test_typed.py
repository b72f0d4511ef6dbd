# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What a person typed in a survey is what the run works with and records, whatever ansible-core makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._typed import as_typed, typed_texts

Command = Callable[..., None]
ALTERED = (
    "0012345",
    "12:30",
    "No",
    "1.10",
    "~",
    "2026-11-30",
    "1e3",
    "0x10",
    "true",
    "null",
    "=",
    "1_000",
    "'",
    '"',
    "",
)


class AwxDumper(yaml.SafeDumper):
    """Writes extra variables as AWX does (awx/main/utils/safe_yaml.py): each text is marked, and in single quotes."""


AwxDumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text, style="'"))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    def given_as(*extra_vars: str) -> None:
        monkeypatch.setattr(context, "CLIARGS", {"extra_vars": extra_vars})

    return given_as


def in_a_file(place: Path, answers: Mapping[str, Any], write: Callable[[Any], str]) -> str:
    path = place / "extravars"
    path.write_text(write(answers), encoding="utf-8")
    return f"@{path}"


def as_awx(answers: Any) -> str:
    return str(yaml.dump(answers, Dumper=AwxDumper, allow_unicode=True))


@pytest.mark.parametrize("write", [as_awx, json.dumps, yaml.safe_dump], ids=["awx", "json", "yaml"])
@pytest.mark.parametrize("text", [*ALTERED, " a ", "two\nlines\n", "\U0001f600", "é: #", "{{ x }}"])
def test_a_text_is_as_it_was_typed(tmp_path: Path, command: Command, text: str, write: Callable[[Any], str]) -> None:
    command(in_a_file(tmp_path, {"offboard_ticket": text, "n": 1}, write))
    is_template = text.startswith("{{") and write is not as_awx
    assert typed_texts().get("offboard_ticket") == (None if is_template else text)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_any_answer_is_as_it_was_typed(tmp_path: Path, command: Command, text: str) -> None:
    for write in (as_awx, json.dumps):
        command(in_a_file(tmp_path, {"reason": text}, write))
        expected = {"reason": text}
        assert typed_texts() == (
            expected if write is as_awx or not any(mark in text for mark in ("{{", "{%", "{#")) else {}
        )


def test_the_last_one_counts_and_what_is_no_text_is_left_out(tmp_path: Path, command: Command) -> None:
    path = in_a_file(tmp_path, {"a": "0012", "b": "1", "c": ["x"], "d": {"e": "f"}}, as_awx)
    command(path, '{"b": "2", "f": 1.10, "g": true}', "{h: 0012, a: [1]}", "i=1", "@/nowhere", "[1]", "{broken")
    assert typed_texts() == {"b": "2", "f": "1.10", "h": "0012"}


def test_a_value_behind_the_file_goes_before_that_of_the_file(tmp_path: Path, command: Command) -> None:
    path = in_a_file(tmp_path, {"offboard_ticket": "0012", "offboard_due_at": "2026-11-30"}, json.dumps)
    command(path, "offboard_due_at=2026-12-01 other='a b'")
    assert typed_texts() == {"offboard_ticket": "0012"}
    command("offboard_ticket=1", path)
    assert typed_texts() == {"offboard_ticket": "0012", "offboard_due_at": "2026-11-30"}


def test_a_vaulted_file_has_none(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "vault.yml"
    path.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n", encoding="utf-8")
    command(f"@{path}")
    assert typed_texts() == {}


def test_nothing_is_nothing_unless_it_was_an_answer(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "vars.yml"
    path.write_text("a: null\nb: ~\nc: !unsafe '~'\nd: 'null'\ne: no\nf: 2026-11-30\n", encoding="utf-8")
    command(f"@{path}")
    assert typed_texts() == {"c": "~", "d": "null", "e": "no", "f": "2026-11-30"}


@pytest.mark.parametrize("tag", ["!vault", "!vault-encrypted", "!!binary"])
def test_a_value_of_another_kind_is_left_to_ansible(tmp_path: Path, command: Command, tag: str) -> None:
    path = tmp_path / "vars.yml"
    path.write_text(f"token: {tag} |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nticket: 0012\n", encoding="utf-8")
    command(f"@{path}")
    assert typed_texts() == {"ticket": "0012"}


@pytest.mark.parametrize(
    ("value", "typed", "is_text", "expected"),
    [
        (5349, "0012345", True, "0012345"),
        (None, "~", True, "~"),
        (False, "No", True, "No"),
        (64, "0100", False, "0100"),
        (False, "No", False, False),
        (None, "~", False, None),
        ("x", None, True, "x"),
        (["x"], None, False, ["x"]),
    ],
)
def test_what_is_typed_goes_before_what_was_made_of_it(
    value: Any, typed: str | None, is_text: bool, expected: Any
) -> None:
    assert as_typed(value, typed, is_text=is_text) == expected
