# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The journal: a line before each request that writes and one after it, and no write without its line."""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
import typing as t
from pathlib import Path

import jsonschema
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils import _journal
from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._journal import Journal
from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, DEACTIVATED, Key, UserRequest
from ansible_collections.saas.offboarding.plugins.module_utils._module import BadOption, journal_emails_from
from ansible_collections.saas.offboarding.plugins.module_utils._vendors.customergauge import CustomerGauge

from .http_script import NOW, Answer, FakeClock, Responder, Sent, transport
from .test_vendor_netex import Tenant, envelope, row, vendor

SCHEMA = json.loads(
    (Path(__file__).parents[4] / "roles/offboard/files/journal.schema.json").read_text(encoding="utf-8")
)
Lines = list[dict[str, t.Any]]


def lines_of(path: Path) -> Lines:
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in found:
        jsonschema.Draft202012Validator(SCHEMA).validate(line)
    return found


def of_kind(lines: Lines, kind: str) -> Lines:
    return [line for line in lines if line["kind"] == kind]


def run(
    path: Path,
    wire: Responder,
    *names: str,
    state: str = DEACTIVATED,
    check: bool = False,
    emails: dict[Key, str] | None = None,
    result_file: str | None = None,
    **limits: t.Any,
) -> Report:
    netex = vendor(wire, **limits)
    journal = Journal(str(path), "netex", netex.tenant, FakeClock(), result_file)
    requests_of = [UserRequest(Key("email" if "@" in name else "username", name), state) for name in names]
    try:
        return Converger(netex, journal=journal, emails=emails or {}).run(requests_of, check_mode=check)
    finally:
        journal.close()


def test_a_write_has_a_line_before_it_and_one_after_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    tenant = Tenant(row(1))
    at_the_time: list[Lines] = []

    def respond(sent: Sent) -> Answer | Exception:
        if sent.method == "PUT":
            at_the_time.append(lines_of(path))
        return tenant(sent)

    run(path, Responder(respond), "u1")
    open_state = {"state": "active", "vendor_state": "enabled"}
    closed = {"state": "deactivated", "vendor_state": "disabled"}
    first = {
        "kind": "run",
        "schema_version": 1,
        "run_id": None,
        "run_kind": None,
        "tenant": "acme.learningcloud.me",
        "vendor": "netex",
        "reason": None,
        "ticket": None,
        "started": NOW,
    }
    intent = {
        "kind": "intent",
        "email": "u1@example.com",
        "key": {"username": "u1"},
        "id": "id1",
        "place": "acme.learningcloud.me",
        "state": "deactivated",
        "before": open_state,
        "after": closed,
        "at": NOW,
    }
    result = {
        "kind": "result",
        "email": "u1@example.com",
        "id": "id1",
        "after": closed,
        "error": None,
        "status": 200,
        "request_id": None,
        "at": NOW,
    }
    assert at_the_time == [[first, intent]]
    assert lines_of(path) == [first, intent, result]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_journal_that_was_begun_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": "run"}\n', encoding="utf-8")
    run(path, Tenant(row(1)).wire, "u1")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["run", "intent", "result"]


@pytest.mark.parametrize(("name", "check"), [("u1", True), ("u2", False)], ids=["check mode", "nothing to do"])
def test_without_a_write_the_file_is_not_touched(tmp_path: Path, name: str, check: bool) -> None:
    path = tmp_path / "journal.jsonl"
    run(path, Tenant(row(1), row(2, False)).wire, name, check=check)
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "given_email", "email"),
    [
        ("u1", "Leaver@example.com", "Leaver@example.com"),
        ("U1@example.com", None, "U1@example.com"),
        ("u1", None, "u1@example.com"),
        ("u2", None, None),
    ],
)
def test_the_address_is_the_leavers_else_the_keys_else_the_accounts(
    tmp_path: Path, name: str, given_email: str | None, email: str | None
) -> None:
    path = tmp_path / "journal.jsonl"
    emails = {Key("username", name): given_email} if given_email else {}
    run(path, Tenant(row(1), row(2, email=None)).wire, name, emails=emails)
    assert {line["email"] for line in lines_of(path)[1:]} == {email}


def test_addresses_come_one_for_each_user() -> None:
    asked = [UserRequest(Key("username", name), DEACTIVATED) for name in ("u1", "u2")]
    assert journal_emails_from({"journal_emails": None}, asked) == {}
    found = journal_emails_from({"journal_emails": ["a@example.com", "b@example.com"]}, asked)
    assert found == {asked[0].key: "a@example.com", asked[1].key: "b@example.com"}
    with pytest.raises(BadOption, match="journal_emails has 1 entries for 2 users"):
        journal_emails_from({"journal_emails": ["a@example.com"]}, asked)


@pytest.mark.parametrize(
    ("answer", "status", "error", "after"),
    [
        (Answer(204, headers={"X-Request-Id": "req-1"}), 204, None, "deactivated"),
        (Answer(403, headers={"X-Request-Id": "req-1"}), 403, "forbidden", None),
        (Answer(404, headers={"X-Request-Id": "req-1"}), 404, None, "absent"),
        (Answer(409, headers={"X-Request-Id": "req-1"}), 409, "conflict", None),
        (Answer(200, json=envelope(403), headers={"X-Request-Id": "req-1"}), 403, "forbidden", None),
    ],
    ids=repr,
)
def test_a_result_states_what_the_response_means(
    tmp_path: Path, answer: Answer, status: int, error: str | None, after: str | None
) -> None:
    path = tmp_path / "journal.jsonl"
    run(path, Tenant(row(1), answer=answer, applies=False).wire, "u1", retries=0)
    (result,) = of_kind(lines_of(path), "result")
    assert (result["status"], result["error"], result["request_id"]) == (status, error, "req-1")
    assert (result["after"] or {}).get("state") == after


def test_each_repeated_request_has_a_separate_line(tmp_path: Path) -> None:
    """One that was certainly not carried out, and one whose answer was lost."""
    path = tmp_path / "journal.jsonl"
    tenant = Tenant(row(1))
    answers: list[Answer | Exception] = [Answer(429), requests.exceptions.ReadTimeout("slow")]

    def respond(sent: Sent) -> Answer | Exception:
        return answers.pop(0) if sent.method == "PUT" and answers else tenant(sent)

    wire = Responder(respond)
    run(path, wire, "u1")
    lines = lines_of(path)
    assert [line["kind"] for line in lines] == ["run", *3 * ["intent", "result"]]
    assert [line["error"] for line in of_kind(lines, "result")] == ["rate_limited", "timeout", None]
    assert wire.count("PUT") == 3


def test_a_vendor_without_ids_is_recorded_by_address(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    params = {"region": "eu", "access_token": "the-token"}
    gauge = CustomerGauge(params, transport(Responder(lambda sent: Answer(204))))
    asked = [UserRequest(Key("email", "A@example.com"), DEACTIVATED)]
    Converger(gauge, journal=Journal(str(path), "customergauge", gauge.tenant)).run(asked, check_mode=False)
    intent, result = lines_of(path)[1:]
    assert (intent["id"], intent["email"], intent["before"]["state"]) == (None, "A@example.com", "unknown")
    assert (result["id"], result["email"], result["after"]["state"]) == (None, "A@example.com", "deactivated")


# -- a journal that cannot be written


def codes(report: Report) -> list[str | None]:
    return [None if each.problem is None else each.problem.code for each in report.outcomes]


@pytest.mark.parametrize("fault", ["no folder", "a folder in its place", "read only"])
def test_without_a_journal_nothing_is_written(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "folder" / "journal.jsonl"
    if fault == "a folder in its place":
        path.mkdir(parents=True)
    elif fault == "read only":
        path = Path("/proc/sys/journal.jsonl")
    wire = Tenant(row(1), row(2)).wire
    report = run(path, wire, "u1", "u2")
    assert codes(report) == ["journal_failed", "journal_failed"]
    assert [each.outcome for each in report.outcomes] == ["failed", "failed"]
    assert not any(each.altered for each in report.outcomes)
    assert wire.count("PUT") == 0
    problem = report.outcomes[0].problem
    assert problem is not None
    assert f"The journal {path} cannot be written (" in problem.message
    assert "run again" in problem.message


def test_a_journal_that_is_deleted_stops_the_writes_and_keeps_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    tenant = Tenant(*(row(number) for number in range(4)))

    def respond(sent: Sent) -> Answer | Exception:
        if sent.method == "PUT" and "id1" in sent.path:
            path.unlink()
        return tenant(sent)

    wire = Responder(respond)
    report = run(path, wire, "u0", "u1", "u2", "u3")
    assert [each.outcome for each in report.outcomes] == ["changed", "changed", "failed", "failed"]
    assert [each.verified for each in report.outcomes] == [True, True, None, None]
    assert codes(report) == [None, None, "journal_failed", "journal_failed"]
    assert wire.count("PUT") == 2


def test_a_task_whose_run_has_ended_writes_no_more(tmp_path: Path) -> None:
    """Ansible does not end the process of a module whose task timed out, or whose worker was killed."""
    place = tmp_path / "run"
    place.mkdir()
    path = tmp_path / "journal.jsonl"
    tenant = Tenant(*(row(number) for number in range(4)))

    def respond(sent: Sent) -> Answer | Exception:
        if sent.method == "PUT" and "id1" in sent.path:
            place.rmdir()
        return tenant(sent)

    report = run(path, Responder(respond), "u0", "u1", "u2", "u3", result_file=str(place / "users.json"))
    assert codes(report) == [None, None, "journal_failed", "journal_failed"]
    assert len(of_kind(lines_of(path), "intent")) == len(of_kind(lines_of(path), "result")) == 2


ANSWERS: dict[str, Answer | Exception | None] = {
    "fine": None,
    "busy": Answer(429),
    "unavailable": Answer(503),
    "refused": Answer(403),
    "gone": Answer(404),
    "conflict": Answer(409),
    "lost": requests.exceptions.ReadTimeout("slow"),
    "token": Answer(401),
}


@settings(max_examples=150, deadline=None)
@given(
    users=st.integers(1, 8),
    state=st.sampled_from([DEACTIVATED, ABSENT]),
    answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=20),
    lose=st.sampled_from(["before", "after"]),
    threads=st.sampled_from([1, 4]),
    lines=st.none() | st.integers(0, 20),
    half=st.booleans(),
)
def test_what_was_sent_is_what_is_in_the_journal(
    users: int, state: str, answers: list[str], lose: str, threads: int, lines: int | None, half: bool
) -> None:
    """For every schedule of faults; ``lines``: how many the disk has room for, and whether half a line comes after."""
    tenant = Tenant(*(row(number) for number in range(users)))
    plan = list(answers)
    received: list[str] = []

    def respond(sent: Sent) -> Answer | Exception:
        if sent.method not in ("PUT", "DELETE"):
            return tenant(sent)
        received.append(sent.path.split("/")[6])
        name = plan.pop(0) if plan else "fine"
        came = ANSWERS[name]
        if came is None:
            return tenant(sent)
        if name == "lost" and lose == "after":
            tenant(sent)
        return came

    room = [10_000 if lines is None else lines]

    def write(descriptor: int, data: bytes) -> int:
        if room[0] == 0:
            if half:
                room[0] = -1
                return os.write(descriptor, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        room[0] -= 1
        return os.write(descriptor, data)

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "journal.jsonl"
        patch.setattr(_journal, "_system_write", write)
        names = [f"u{number}" for number in range(users)]
        report = run(path, Responder(respond), *names, state=state, retries=2, concurrency=threads)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    *whole, rest = text.split("\n")
    found = [json.loads(line) for line in whole]
    for line in found:
        jsonschema.Draft202012Validator(SCHEMA).validate(line)

    assert sorted(line["id"] for line in of_kind(found, "intent")) == sorted(received)
    if lines is None:
        assert not rest
        assert sorted(line["id"] for line in of_kind(found, "result")) == sorted(received)
    elif lines == 0:
        assert received == []
    never_sent = {each.id for each in report.outcomes} - set(received)
    for each in report.outcomes:
        if each.id in never_sent:
            assert (each.outcome, each.altered) == ("failed", False)
            assert each.problem is not None
            assert each.problem.code in ("journal_failed", "unauthorized")
