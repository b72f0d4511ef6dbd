# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The real ansible-rulebook: an HTTP request of an HR system, and what it starts.

That nothing was started is known when the run of a later event has come to its end: runs follow one another in the order
of the events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.story import account, address, closed_at
from harness.credentials import credentials
from harness.rulebook import PATIENCE, TOKEN_VARIABLE, Rulebook, Webhook, new_webhook, rulebook
from twin.client import Twin

PAST = "2026-01-31T18:00:00+01:00"
FUTURE = "2999-01-01T00:00:00Z"
PEOPLE = [f"left{number}@example.com" for number in range(6)]

Event = dict[str, Any]


@dataclass(frozen=True)
class Office:
    """ansible-rulebook at its work, and the evidence of the runs that it has started."""

    running: Rulebook
    webhook: Webhook

    @property
    def bait(self) -> Path:
        """A file that is made by whoever takes a text of an event for an expression."""
        return self.running.place / "bait"

    @property
    def expression(self) -> str:
        return f"{{{{ lookup('ansible.builtin.pipe', 'touch {self.bait}') }}}}"

    def runs(self) -> list[dict[str, str]]:
        """What came of whom in each run so far, in the order of the runs."""
        files = (self.running.place / "reports").glob("*/evidence.json")
        documents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return [
            {record["email"]: record["outcome"] for record in document["records"]}
            for document in sorted(documents, key=lambda each: str(each["finished"]))
        ]

    def runs_until(self, email: str, outcome: str) -> list[dict[str, str]]:
        """All runs so far, once there is one with this outcome."""
        deadline = time.monotonic() + PATIENCE
        while {email: outcome} not in (found := self.runs()):
            assert self.running.process.poll() is None, self.running.said
            assert time.monotonic() < deadline, f"no run in which {email} is {outcome}:\n{self.running.said}"
            time.sleep(0.05)
        return found


def leaves(email: str, leave_at: str = PAST, **more: Any) -> Event:
    return {"leaver": {"email": email, "leave_at": leave_at}, **more}


def closed(twin: Twin) -> set[str]:
    return closed_at("zitadel", twin.state("zitadel"))


@pytest.fixture(scope="module")
def office(twin_process: Twin, collections_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all tests: it takes longer to start than a run."""
    place = tmp_path_factory.mktemp("rulebook")
    webhook = new_webhook()
    tenant = {"saas_vendor": "zitadel", "offboard_report_dir": str(place / "reports")}
    with rulebook(
        place,
        collections_path,
        "saas.offboarding.leavers",
        "--env-vars",
        TOKEN_VARIABLE,
        variables={"offboard_webhook_port": webhook.port},
        env={**twin_process.environment(), TOKEN_VARIABLE: webhook.token},
        inventory={"saas": {"hosts": {"zitadel": tenant}}},
    ) as running:
        yield Office(running, running.wait(webhook))


@pytest.fixture
def tenant(twin: Twin) -> Twin:
    twin.seed({"zitadel": [account("zitadel", email) for email in PEOPLE]})
    assert {address("zitadel", each) for each in twin.state("zitadel").values()} >= set(PEOPLE)
    return twin


def test_an_event_closes_the_accounts_of_a_leaver(office: Office, tenant: Twin) -> None:
    event = leaves("Left0@Example.com", reason="so long \U0001f44b", ticket="4711", manager=office.expression)
    event["leaver"]["name"] = office.expression
    assert office.webhook.send(event, headers={"X-Sender": office.expression}) == 200
    office.runs_until(PEOPLE[0], "changed")
    assert closed(tenant) == {PEOPLE[0]}
    assert not office.bait.exists()


def test_a_burst_is_handled_one_by_one_and_each_leaver_once(office: Office, tenant: Twin) -> None:
    """Each event comes twice within the hour, in two spellings. A leave time that was moved is another event."""
    burst = PEOPLE[1:4]
    spellings = [leaves(email) for email in burst] + [leaves(email.upper(), "2026-01-31T17:00:00Z") for email in burst]
    before = office.runs()
    with ThreadPoolExecutor(len(spellings)) as pool:
        assert set(pool.map(office.webhook.send, spellings)) == {200}
    assert office.webhook.send(leaves(burst[0], FUTURE)) == 200
    *runs, last = office.runs_until(burst[0], "not_due")[len(before) :]
    assert sorted(email for run in runs for email in run) == burst
    assert {outcome for run in runs for outcome in run.values()} == {"changed"}
    assert last == {burst[0]: "not_due"}
    assert closed(tenant) == set(burst)


def malformed(office: Office) -> dict[str, Any]:
    """Events that are JSON and say not who leaves, by what is told of them."""
    refused = PEOPLE[4]
    return {
        "it has no object leaver": [leaves(refused)],
        "leaver.email is missing": {"leaver": {"leave_at": PAST}},
        "leaver.email is not a text": {"leaver": {"email": [refused], "leave_at": PAST}},
        "leaver.email holds the beginning of an expression": leaves(f"{office.expression}@example.com"),
        "reason holds the beginning of an expression": leaves(refused, reason=office.expression),
        "leaver.leave_at is missing": {"leaver": {"email": refused}},
    }


def test_what_is_refused_starts_nothing_and_is_told_without_a_word_of_it(office: Office, tenant: Twin) -> None:
    right = leaves(PEOPLE[4])
    send = office.webhook.send
    wrong_token = "ab-7f3e"
    answers: list[tuple[int, Callable[[], int]]] = [
        (401, lambda: send(right, token=wrong_token)),
        (401, lambda: send(right, token=None)),
        (401, lambda: send(right, token=None, headers={"Authorization": f"Basic {office.webhook.token}"})),
        (401, lambda: send(right, method="GET", token=None)),
        (405, lambda: send(right, method="PUT")),
        (400, lambda: send(b'{"leaver": {')),
        (400, lambda: send(b"")),
        (413, lambda: send(leaves(PEOPLE[4], padding="x" * 2**21))),
        (500, lambda: send(b"\xff")),
        (500, lambda: send(b"[" * 200_000)),
        *((200, lambda event=event: send(event)) for event in malformed(office).values()),
    ]
    before = office.runs()
    assert [request() for _status, request in answers] == [status for status, _request in answers]
    assert send(leaves(PEOPLE[5])) == 200
    assert office.runs_until(PEOPLE[5], "changed")[len(before) :] == [{PEOPLE[5]: "changed"}]
    assert closed(tenant) == {PEOPLE[5]}
    said = office.running.said
    told = [line.partition("nothing is started: ")[2] for line in said.splitlines() if "An event is refused" in line]
    assert told == list(malformed(office))
    assert not office.bait.exists()
    for secret in (office.webhook.token, wrong_token, str(office.bait), *credentials(tenant)):
        assert secret not in said
