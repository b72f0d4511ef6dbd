# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Batches change only the progress messages, which arrive in time."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from ansible.utils.display import Display

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger
from ansible_collections.saas.offboarding.plugins.module_utils._counters import Counters
from ansible_collections.saas.offboarding.plugins.module_utils._progress import Progress
from ansible_collections.saas.offboarding.plugins.plugin_utils import _call as action

from .shelf import Shelf, account, user_requests


def messages(path: Path) -> list[str]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line["say"] for line in lines if "say" in line]


@pytest.mark.parametrize("size", [1, 2, 3, 7, None])
def test_batches_change_neither_outcomes_nor_plan(tmp_path: Path, size: int | None) -> None:
    names = [str(number) for number in range(7)]
    whole = Converger(Shelf(*map(account, names))).run(user_requests(*names), check_mode=False)
    file = tmp_path / "progress"
    shelf = Shelf(*map(account, names))
    report = Converger(shelf, progress=Progress(str(file), size)).run(user_requests(*names), check_mode=False)
    assert [each.as_result() for each in report.outcomes] == [each.as_result() for each in whole.outcomes]
    assert report.plan_hash == whole.plan_hash
    assert sorted(shelf.commits) == names
    assert len(shelf.rereads) == 1, "read back once for all, not batch by batch"
    if size:
        batches = -(-7 // size)
        assert len([line for line in messages(file) if line.startswith("batch")]) == batches
        assert messages(file)[0] == "7 users looked for, 7 to be changed"
    else:
        assert not file.exists()


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    progress = Progress(str(tmp_path / "nowhere" / "file"), 1)
    report = Converger(Shelf(account("1")), progress=progress).run(user_requests("1"), check_mode=False)
    assert report.outcomes[0].outcome == "changed"


def test_requests_are_noted_now_and_then_and_not_each(tmp_path: Path) -> None:
    file = tmp_path / "progress"
    counters = Counters(watch=Progress(str(file)).watch)
    for _each in range(100):
        counters.goes_out(token=False, again=False)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1
    assert counters.sent == 100


def test_the_watcher_shows_lines_as_they_come_and_speaks_up_when_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(action, "POLL", 0.01)
    monkeypatch.setattr(action, "QUIET", 0.1)
    monkeypatch.setattr(Display, "display", lambda self, text, stderr: shown.append(text))
    file = tmp_path / "progress"
    file.write_bytes(b'{"say": "one"}\n{"now": "7 requests sent"}\n{"say": "ha')

    def until(text: str) -> None:
        deadline = time.monotonic() + 10
        while text not in shown and time.monotonic() < deadline:
            time.sleep(0.01)
        assert text in shown

    with action.Watcher(str(file), "[a] ").watching():
        until("[a] one")
        assert "[a] half" not in shown
        until("[a] at work, 7 requests sent")
        with file.open("ab") as stream:
            stream.write(b'lf"}\n')
        until("[a] half")
        with file.open("ab") as stream:
            stream.write(b'{"say": "last"}\n')
    assert shown[-1] == "[a] last"
