# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The file of a register: what is not changed stays, and what is entered is there."""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils import _register_lock as lock
from ansible_collections.saas.offboarding.plugins.plugin_utils._columns import ListOptions
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import LeaversError, Problems
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Leaver
from ansible_collections.saas.offboarding.plugins.plugin_utils._register import (
    Change,
    Register,
    enter,
    read_register,
    withdraw,
    write_file,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._register_done import (
    FINISHED,
    STAGE,
    done_rows,
    due_leavers,
    next_due,
    read_done,
    withdrawn_rows,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import ListSettings, read_register_values

PATH = "/srv/leavers.csv"
NOW = "2026-11-30T17:00:00Z"
FUTURE = "2999-01-01T00:00:00Z"
TENANTS = {"eu": "zitadel", "us": "zitadel"}
PEOPLE = [f"leaver{number}@example.com" for number in range(5)]


def values(**given_: Any) -> ListSettings:
    faults: list[str] = []
    found = read_register_values({"offboard_register_file": PATH, **given_}, TENANTS, faults)
    assert faults == []
    return found


def read(content: bytes | None, **given_: Any) -> Register:
    return read_register(PATH, content, values(offboard_ignore_columns=["Team", "Note"], **given_))


def entered(content: bytes | None, *entries: dict[str, Any], **given_: Any) -> Change:
    register = read(content, **given_)
    leavers = read_leavers(list(entries), "the list", ListOptions(tenants=TENANTS)).leavers
    return enter(register, leavers, NOW, Problems("the list", "entry"))


def cells(content: bytes, delimiter: str, encoding: str) -> list[list[str]]:
    text = content.decode(encoding).removeprefix("\ufeff")
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))]


# -- any form of CSV

moments = st.sampled_from([FUTURE, "2999-02-01T00:00:00Z", "2026-01-31T17:00:00Z"])
free = st.text(st.sampled_from("ab ,;'\"\n\u00e9|\t"), max_size=6)
steps = st.lists(
    st.tuples(
        st.sampled_from(["enter", "enter", "withdraw"]),
        st.sampled_from(PEOPLE),
        moments,
        st.sampled_from(["", "why", 'a "b", c; d|e', "two\nlines"]),
        st.sampled_from(["", "bob", "x,y"]),
    ),
    max_size=6,
)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, str, str]:
    """Return the content of a register as a person or a spreadsheet may have written it."""
    delimiter = draw(st.sampled_from(",;\t|"))
    end = draw(st.sampled_from(["\r\n", "\n", "\r"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    columns = ["email", "leave_at", *draw(st.lists(st.sampled_from(["Team", "Note", "reason", "netex"]), unique=True))]
    columns = draw(st.permutations(columns))
    people = draw(st.lists(st.sampled_from([*PEOPLE, "o'neil@example.com"]), unique=True, max_size=4))
    quoted = end != "\r\n" or draw(st.booleans())  # csv.writer leaves other line breaks than its own without quotes
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    )
    writer.writerow(columns)
    for number, email in enumerate(people):
        row = {"email": email, "leave_at": draw(moments), "netex": f"user{number}", "reason": draw(free).strip()}
        if draw(st.booleans()):
            text.write(end)
        writer.writerow([row.get(name, "") or (draw(free) if name in ("Team", "Note") else "") for name in columns])
    content = text.getvalue()
    if draw(st.booleans()):
        content = content.removesuffix(end)
    return content.encode(encoding), delimiter, encoding


def facts(register: Register) -> dict[str, tuple[Any, ...]]:
    return {
        each["email"].lower(): (each["leave_at"], each.get("reason") or "", each["accounts"]["netex"])
        for each in register.leavers
    }


@given(files(), steps)
def test_any_sequence_of_changes_keeps_all_else(file: tuple[bytes, str, str], changes: list[tuple[str, ...]]) -> None:
    content, delimiter, encoding = file
    before = cells(content, delimiter, encoding)
    expected = facts(read(content))
    touched = set()
    for verb, email, leave_at, reason, name in changes:
        touched.add(email)
        key = name and f"{name}{PEOPLE.index(email)}"
        if verb == "withdraw":
            change = withdraw(read(content), [email.upper()])
            assert [each["email"] for each in change.removed] == [email] * (email in expected)
            assert change.absent == [email.upper()] * (email not in expected)
            expected.pop(email, None)
        else:
            entry = {"email": email, "leave_at": leave_at, "reason": reason, **({"netex": key} if key else {})}
            change = entered(content, entry)
            old = expected.get(email, ("", "", {"email": email}))
            expected[email] = (leave_at, reason or old[1], {"username": key} if key else old[2])
            again = entered(change.content, entry)
            assert (again.content, list(again.added), list(again.changed)) == (change.content, [], [])
        content = change.content
        assert facts(read(content)) == expected
    after = cells(content, delimiter, encoding)
    head = before[0]
    assert after[0][: len(head)] == head
    place = head.index("email")
    kept = [row for row in before[1:] if row[place] not in touched]
    assert [row[: len(head)] for row in after[1:] if row[place] not in touched] == kept
    foreign = [at for at, name in enumerate(head) if name in ("Team", "Note")]
    old_rows = {row[place]: [row[at] for at in foreign] for row in before[1:]}
    gone = {email for verb, email, *_rest in changes if verb == "withdraw"}
    for row in after[1:]:
        if row[place] in old_rows and row[place] not in gone:
            assert [row[at] for at in foreign] == old_rows[row[place]]
    if not changes:
        assert content == file[0]


@given(files())
def test_entering_what_is_there_changes_no_byte(file: tuple[bytes, str, str]) -> None:
    content = file[0]
    register = read(content)
    people = [{name: each[name] for name in ("email", "leave_at")} for each in register.leavers]
    if people:
        assert entered(content, *people).content == content


def test_a_column_of_a_tenant_takes_no_key_from_the_others() -> None:
    """A blank cell there means no key: those who have the key of the vendor get it."""
    content = f"email,leave_at,zitadel\n{PEOPLE[0]},{FUTURE},7\n".encode()
    change = entered(content, {"email": PEOPLE[1], "leave_at": FUTURE, "eu": "9"})
    assert change.content.decode() == (
        f"email,leave_at,zitadel,eu\n{PEOPLE[0]},{FUTURE},7,7\n{PEOPLE[1]},{FUTURE},,9\n"
    )


def test_a_register_without_leave_times_gets_the_present_for_those_who_are_due() -> None:
    change = entered(f"email\n{PEOPLE[0]}\n".encode(), {"email": PEOPLE[1], "leave_at": FUTURE})
    assert change.content.decode() == f"email,leave_at\n{PEOPLE[0]},{NOW}\n{PEOPLE[1]},{FUTURE}\n"
    assert [each["email"] for each in change.added] == [PEOPLE[1]]


def test_a_leaver_without_leave_time_is_due_now() -> None:
    content = f"email,leave_at\n{PEOPLE[0]},{FUTURE}\n{PEOPLE[1]},2026-01-01T00:00:00Z\n".encode()
    change = entered(content, {"email": PEOPLE[0]}, {"email": PEOPLE[1]}, {"email": PEOPLE[2]})
    assert change.content.decode() == (
        f"email,leave_at\n{PEOPLE[0]},{NOW}\n{PEOPLE[1]},2026-01-01T00:00:00Z\n{PEOPLE[2]},{NOW}\n"
    )


@pytest.mark.parametrize(
    ("content", "entry", "message"),
    [
        (b"email,leave_at\n", {"netex": {"user_id": "7"}}, "entry 1, netex: is given by user_id, and a register holds"),
        (b"\xff\xfe\xfa", {}, "is not text in utf-16"),
        (b"email,leave_at,Team\na@b.de,2999-01-01T00:00:00Z,M\xfcller\n", {}, "is not text in UTF-8"),
        (b"leave_at,Team\n", {}, "lack email"),
        (b"email,leave_at,Group\n", {}, 'have "Group", which are not known'),
    ],
)
def test_what_cannot_be_is_refused(content: bytes, entry: dict[str, Any], message: str) -> None:
    with pytest.raises(LeaversError) as refusal:
        entered(content, {"email": PEOPLE[0], "leave_at": FUTURE, **entry})
    assert message in str(refusal.value)


def test_a_register_in_another_encoding_stays_in_it_or_is_refused() -> None:
    content = f"email;leave_at;Team\r\n{PEOPLE[0]};{FUTURE};M\u00fcller\r\n".encode("cp1252")
    entry = {"email": PEOPLE[1], "leave_at": FUTURE}
    change = entered(content, entry, offboard_encoding="windows-1252")
    assert change.content == content + f"{PEOPLE[1]};{FUTURE};\r\n".encode()
    with pytest.raises(LeaversError, match="has not all characters"):
        entered(content, {**entry, "reason": "\u2192"}, offboard_encoding="windows-1252")


# -- stages

STAGES = [{"state": "deactivated"}, {"state": "absent", "after": "30d"}]


def leaver(leave_at: str | None, email: str = PEOPLE[0]) -> Leaver:
    (found,) = read_leavers([{"email": email, **({"leave_at": leave_at} if leave_at else {})}], "the list").leavers
    return found


@given(st.lists(st.sampled_from(["run", "withdraw", "day", "month", "year"]), max_size=8))
def test_each_stage_is_run_once_until_the_leaver_has_left_the_register(events: list[str]) -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    person = leaver("2026-11-30T00:00:00Z")
    stages = values(offboard_stages=STAGES)
    done, in_register, states = read_done(PATH, b""), True, []
    for event in events:
        moment = now.isoformat().replace("+00:00", "Z")
        if event == "run" and in_register:
            due = due_leavers([person], stages, done, moment)
            rows = done_rows(due, "run", moment)
            states += [row["state"] for row in rows]
            in_register = not any(row["status"] == FINISHED for row in rows)
            assert all(row["status"] in (STAGE, FINISHED) for row in rows)
            done = read_done(PATH, done.with_rows(rows))
            if in_register:
                assert due_leavers([person], stages, done, moment) == []
        elif event == "withdraw":
            done = read_done(PATH, done.with_rows(withdrawn_rows([person], "", "", moment)))
            assert due_leavers([person], stages, done, moment) != []
            in_register, states = True, []
        else:
            now += timedelta(days={"day": 1, "month": 31, "year": 365}.get(event, 0))
    assert states in ([], ["deactivated"], ["deactivated", "absent"])


def test_another_leave_time_is_another_stage() -> None:
    stages = values(offboard_stages=STAGES)
    due = due_leavers([leaver("2026-11-29T00:00:00Z")], stages, read_done(PATH, None), NOW)
    done = read_done(PATH, read_done(PATH, None).with_rows(done_rows(due, "run", NOW)))
    assert due_leavers([leaver("2026-11-29T00:00:00Z")], stages, done, NOW) == []
    assert due_leavers([leaver("2026-11-28T00:00:00Z")], stages, done, NOW) != []
    assert next_due([leaver("2026-11-29T00:00:00Z")], stages, NOW) == (PEOPLE[0], "2026-12-29T00:00:00Z")


@pytest.mark.parametrize("content", [b"email;state\n", b"\xff", b'email,"\n'])
def test_a_file_of_what_was_done_that_is_another_is_refused(content: bytes) -> None:
    with pytest.raises(LeaversError, match="restore it, or move"):
        read_done(PATH, content)


# -- files


def test_a_file_keeps_its_mode_and_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "leavers.csv"
    write_file(str(path), b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    inode = path.stat().st_ino
    write_file(str(path), b"other")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"other", 0o644)
    assert path.stat().st_ino != inode
    assert [each.name for each in tmp_path.iterdir()] == ["leavers.csv"]


def add_under_the_lock(path: str, number: int) -> None:
    lock.take(path, 60)
    mine = lock.last_attempt(path)
    assert mine is not None
    assert mine.is_mine, mine
    content = Path(path).read_bytes() if Path(path).exists() else None
    write_file(path, entered(content, {"email": f"new{number}@example.com", "leave_at": FUTURE}).content)
    os._exit(0)  # without a word, as a process that is killed


def test_twenty_processes_lose_no_update(tmp_path: Path) -> None:
    path = str(tmp_path / "leavers.csv")
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=add_under_the_lock, args=(path, number)) for number in range(20)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert len(read(Path(path).read_bytes()).leavers) == len(processes)
