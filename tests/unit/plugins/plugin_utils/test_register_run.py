# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What the plays of the playbook register share: the lock, who is due, and the run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils import _register_lock as lock
from ansible_collections.saas.offboarding.plugins.plugin_utils import _register_state as state
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import LeftOut, Scope
from ansible_collections.saas.offboarding.plugins.plugin_utils._register import token
from ansible_collections.saas.offboarding.plugins.plugin_utils._register_done import (
    Due,
    due_leavers,
    finished,
    read_done,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import read_register_values

JANE = "jane@example.com"
NOW = "2026-11-30T17:00:00Z"
HOLDER = """
import fcntl, json, sys
stream = open(sys.argv[1], "w")
fcntl.flock(stream, fcntl.LOCK_EX)
stream.write(sys.argv[2])
stream.flush()
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def register(tmp_path: Path) -> Iterator[str]:
    path = str(tmp_path / "leavers.csv")
    yield path
    lock._LAST.pop(path, None)
    lock._MINE.pop(path, None)


def test_a_lock_that_is_free_is_taken_once_for_the_process(register: str) -> None:
    assert lock.last_attempt(register) is None
    lock.take(register, 0)
    lock.take(register, 0)
    attempt = lock.last_attempt(register)
    assert attempt is not None
    assert attempt.is_mine
    assert set(json.loads(Path(register + lock.SUFFIX).read_text(encoding="utf-8"))) == {"pid", "host", "since"}


@pytest.mark.parametrize(
    ("written", "holder"),
    [
        ('{"pid": 7, "host": "a", "since": "b"}', "process 7 on a, since b"),
        ("{}", "another process"),
        ("half", "another process"),
    ],
)
def test_the_process_that_has_the_lock_is_named(register: str, written: str, holder: str) -> None:
    command = [sys.executable, "-c", HOLDER, register + lock.SUFFIX, written]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "locked\n"
        lock.take(register, 0.01)
        attempt = lock.last_attempt(register)
        process.stdin.close()
    assert attempt is not None
    assert (attempt.by, attempt.is_mine) == (holder, False)
    lock.take(register, 5)
    assert (lock.last_attempt(register) or lock.Attempt("x")).is_mine, "released with the process"


def test_a_lock_that_cannot_be_opened_is_a_fault(tmp_path: Path) -> None:
    path = str(tmp_path / "missing" / "leavers.csv")
    lock.take(path, 0)
    attempt = lock.last_attempt(path)
    assert attempt is not None
    assert "cannot be opened" in attempt.fault


def due(leave_at: str | None = "2026-11-29T17:00:00Z", **given: Any) -> list[Due]:
    faults: list[str] = []
    values = read_register_values({"offboard_register_file": "/srv/leavers.csv", **given}, {}, faults)
    assert faults == []
    entry = {"email": JANE, **({"leave_at": leave_at} if leave_at else {})}
    return due_leavers(read_leavers([entry], "the list").leavers, values, read_done("/srv/leavers.done.csv", None), NOW)


def test_who_is_due_and_the_run_are_handed_from_play_to_play(tmp_path: Path) -> None:
    base = str(tmp_path)
    assert (state.read_state(base), state.run_folder(base)) == (None, None)
    kept: state.State = {"register": "/srv/x.csv", "sha256": "00", "given": True, "due_at": NOW, "due": due()}
    state.keep_state(base, kept)
    state.keep_run(base, "/reports/1")
    assert (state.read_state(base), state.run_folder(base)) == (kept, "/reports/1")
    given = {"offboard_columns": {"a": "b"}, "offboard_ticket": "1", "offboard_max_changes": 5}
    run = state.run_variables(given, kept, base)
    entries = json.loads(Path(run.pop("offboard_leavers_file")).read_bytes())
    assert run == {"offboard_max_changes": 5, "offboard_blank_leave_at": "due", "offboard_due_at": NOW}
    assert [(each["email"], each["leave_at"]) for each in entries] == [(JANE, "2026-11-29T17:00:00Z")]
    assert "offboard_ticket" in state.run_variables(given, {**kept, "given": False}, base)
    state.forget_state(base)
    assert (state.read_state(base), state.run_folder(base)) == (None, None)


def test_a_leaver_leaves_the_register_after_the_last_stage_unless_changed_meanwhile() -> None:
    found = due()
    (leaver,) = (each["leaver"] for each in found)
    assert finished(found, {token(JANE): leaver}) == [JANE]
    changed = leaver.copy()
    changed["leave_at"] = "2027-01-01T00:00:00Z"
    assert finished(found, {token(JANE): changed}) == []
    assert finished(found, {}) == []
    stages = [{"state": "deactivated"}, {"state": "absent", "after": "30d"}]
    early = due(offboard_stages=stages, offboard_allow_delete=True)
    assert finished(early, {token(JANE): leaver}) == []


def test_without_stages_the_state_of_the_run_is_that_of_the_stage() -> None:
    assert [key[1] for each in due() for key in each["stages"]] == ["deactivated"]
    assert [key[1] for each in due(None) for key in each["stages"]] == ["deactivated"]


def test_a_run_of_a_register_is_for_all_tenants() -> None:
    whole: Scope = {"tenants": ["netex"], "known": 1, "left_out": [], "missing": [], "sliced": False}
    assert state.scope_faults(whole) == []
    left_out: list[LeftOut] = [{"tenant": "zitadel", "by": "offboard_vendors"}, {"tenant": "learn", "by": "--limit"}]
    narrowed, sliced = state.scope_faults({**whole, "left_out": left_out, "sliced": True})
    assert "offboard_vendors and --limit leaves out zitadel, learn, where the leavers would count as done" in narrowed
    assert "not for job slices" in sliced
