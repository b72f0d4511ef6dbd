# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The promises of every run under any fault, checked against the state of the mock vendors.

What is *not* promised, and why:

* A vendor's reads may lag behind its writes. What a run says it has seen was so at some moment, not necessarily the
  last (README, Known limits: an account reopened a moment ago may still read as closed). Where no read lagged, it is
  the truth.
* An account that a lagging read shows as open is written to. If the vendor takes the write without a word, it counts
  as changed although it was closed already: its API cannot show the difference.
* A vendor that takes a change to carry it out later (Thrive's events with 202, netexCloud's asynchronous changes) is
  believed: `verified` is null then.
* CustomerGauge cannot be read. `changed` means that it said 204, no more, and a write whose answer was lost is sent
  again, which changes nothing there.
* ZITADEL's search proves no user missing to a credential that sees no user, and Laurel's list may leave out those who
  are disabled: schedules leave both out.
* `failed` claims nothing, but it needs a reason: where nothing went wrong, nothing fails.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    CHANGED,
    FAILED,
    MISSING,
    REFUSED,
    UNCHANGED,
    Outcome,
)
from chaos.faults import LOSING
from chaos.runs import Played
from chaos.tenants import Entry, Tenant, attained

BAD_ANSWERS = (None, 401, 403)
WAITS = {"2": 2.0, "date:3": 2.0}
"""Seconds to wait, by the Retry-After of a 429; a date is in whole seconds, and may be nearly over."""


@dataclass
class History:
    """The states that each account has been in since it was made."""

    tenant: Tenant
    states: dict[str, set[str]] = field(default_factory=dict)

    def add(self, played: Played) -> None:
        for identifier, account in played.before.items():
            self.states.setdefault(identifier, set()).add(self.tenant.truth(account))
        for entry in played.log:
            for effect in entry["effects"]:
                self.states.setdefault(effect["id"], set()).update(
                    state_of(self.tenant, effect[when]) for when in ("before", "after")
                )


def state_of(tenant: Tenant, word: str | None) -> str:
    return ABSENT if word is None else tenant.words[word]


@dataclass(frozen=True)
class Subject:
    """One account asked for: who it is at the mock vendors, and which requests were about it."""

    outcome: Outcome
    id: str | None
    before: str
    after: str
    writes: list[Entry]
    looks: list[Entry]
    effects: list[Mapping[str, t.Any]]


class Witness:
    """Compares the results of a run with what happened at the mock vendors."""

    def __init__(self, played: Played, asked: Mapping[str, str | None], history: History) -> None:
        """``asked``: the id of the account behind each key, None if there is no account."""
        self.played = played
        self.tenant = played.tenant
        self.history = history
        self.asked = asked
        self.lagged = any(entry["behind"] for entry in played.log)
        self.fired = {name for (name, _kind), count in played.fired.items() if count}
        self.listings = [e for e in played.requests("read") if self.tenant.about(e) is None]
        history.add(played)

    def check(self) -> None:
        self.check_shape()
        self.check_travel()
        if self.played.check:
            assert self.played.requests("write") == []
            assert self.played.before == self.played.after
            return
        self.check_bystanders()
        for subject in self.subjects():
            self.check_outcome(subject)
            self.check_writes(subject)

    # -- the run as a whole

    def check_shape(self) -> None:
        outcomes = self.played.report.outcomes
        assert [each.key for each in outcomes] == [user_request.key for user_request in self.played.user_requests]
        for each in outcomes:
            assert (each.problem is not None) == (each.outcome in (FAILED, REFUSED)), each

    def check_travel(self) -> None:
        """All waits together within the budget, and no endless asking."""
        played = self.played
        assert played.passed <= played.travel.retry_budget + 1e-6
        assert len(played.log) <= self.most_requests()
        if played.travel.concurrency == 1:
            assert played.passed >= self.asked_to_wait(), self.fired
        for service in {entry["service"] for entry in played.requests("token")}:
            tokens = [e for e in played.requests("token") if e["service"] == service]
            # One to begin with, one after it was refused, and once more in another form where there are two.
            good = [e for e in tokens if e["fault"] is None and e["status"] == 200]
            assert len(good) <= 2 or played.hasty, [(e["status"], e["fault"]) for e in tokens]

    def asked_to_wait(self) -> float:
        """How long the vendor wanted to be left alone before requests that it got all the same."""
        log, asked = self.played.log, 0.0
        for number, entry in enumerate(log):
            seconds = WAITS.get(self.ordered(entry), 0.0)
            same = ((e["service"], e["kind"]) == (entry["service"], entry["kind"]) for e in log[number + 1 :])
            if any(same):
                asked += seconds
        return asked

    def ordered(self, entry: Entry) -> str:
        """The Retry-After of an answer, as it was ordered."""
        return str(entry["retry_after"])

    def most_requests(self) -> int:
        """Far more than it takes, and far fewer than without an end: each fault leads to some requests more."""
        played = self.played
        users, faults = len(played.user_requests), sum(played.fired.values())
        most = 5 * users + 20 + 10 * faults
        if self.lagged or "no effect" in self.fired or any(e["late"] for e in played.log):
            most += 10 * users
        if played.hasty:
            most += 10 * users * (1 + played.travel.retries)
        if "refused" in self.fired:
            most += 4 * played.travel.concurrency * (1 + played.travel.retries)
        return most

    def check_bystanders(self) -> None:
        before, after = self.played.before, self.played.after
        asked = {identifier for identifier in self.asked.values() if identifier}
        assert set(after) <= set(before), "an account was made"
        for identifier in set(before) - asked:
            assert after.get(identifier) == before[identifier], f"{identifier} was not asked for"

    # -- one account

    def subjects(self) -> Iterable[Subject]:
        played, tenant = self.played, self.tenant
        by_name: dict[str, list[Entry]] = {}
        for entry in played.log:
            name = tenant.about(entry) if entry["kind"] in ("read", "write") else None
            if name is not None:
                by_name.setdefault(name, []).append(entry)
        for outcome in played.report.outcomes:
            identifier = self.asked[str(outcome.key)]
            native = played.before.get(identifier) if identifier else None
            names = tenant.names(native) if native else {outcome.key.value}
            entries = sorted((e for name in names for e in by_name.get(name, ())), key=lambda e: t.cast(int, e["n"]))
            yield Subject(
                outcome,
                identifier,
                tenant.truth(native),
                tenant.truth(played.after.get(identifier) if identifier else None),
                [entry for entry in entries if entry["kind"] == "write"],
                [entry for entry in entries if entry["kind"] == "read"],
                [x for entry in played.log for x in entry["effects"] if x["id"] == identifier],
            )

    def was(self, subject: Subject, state: str) -> bool:
        """Whether an account is in a state, or was, where what was read may be old."""
        wanted = {subject.after} | (self.history.states.get(subject.id or "", set()) if self.lagged else set())
        return any(attained(state, each) for each in wanted)

    def check_outcome(self, subject: Subject) -> None:
        outcome, wanted = subject.outcome, self.played.state
        story = f"{outcome}\nin truth {subject.before} -> {subject.after}\n{self.story(subject)}"
        really = bool(
            [x for x in subject.effects if state_of(self.tenant, x["before"]) != state_of(self.tenant, x["after"])]
        )
        if not self.tenant.vendor.info.readable:
            self.check_unreadable(subject, story)
            return
        match outcome.outcome:
            case "changed":
                believed = outcome.verified is None and any(
                    e["status"] == 202 or self.is_queued(e) for e in subject.writes
                )
                assert really or believed or (self.lagged and subject.writes), story
                assert (
                    attained(wanted, subject.after)
                    or (believed and "no effect" in self.fired)
                    or (self.lagged and "no effect" in self.fired and self.was(subject, wanted))
                ), story
                assert outcome.verified is True or believed, story
            case "unchanged":
                assert not really, story
                assert self.was(subject, wanted), story
            case "missing":
                assert not really, story
                assert self.was(subject, ABSENT), story
            case "failed":
                assert self.may_fail(subject), story
                if outcome.altered:
                    assert really or self.lagged, story
            case _:
                raise AssertionError(story)
        if outcome.verified is True:
            assert self.was(subject, wanted), story
        if outcome.outcome in (UNCHANGED, MISSING) and not self.lagged and wanted != ACTIVE:
            assert subject.after != ACTIVE, story
        assert not really or outcome.outcome in (CHANGED, FAILED), story

    def is_queued(self, entry: Entry) -> bool:
        return str(entry["headers"].get("X-Cloud-Synchronization")) == "asynchronous"

    def check_unreadable(self, subject: Subject, story: str) -> None:
        reported_done = [
            e for e in subject.writes if e["status"] == 204 and e["fault"] not in LOSING - {"truncate", "slow"}
        ]
        outcome = subject.outcome
        assert outcome.verified is None, story
        match outcome.outcome:
            case "changed":
                assert reported_done, story
                assert subject.after != ACTIVE or "no effect" in self.fired, story
            case "missing":
                assert subject.before != ACTIVE or self.played.hasty, story
                assert not subject.effects, story
            case _:
                assert outcome.outcome == FAILED, story
                assert self.may_fail(subject), story

    def native_word(self, subject: Subject) -> str | None:
        native = self.played.before.get(subject.id) if subject.id else None
        return None if native is None else self.tenant.word(native)

    def may_fail(self, subject: Subject) -> bool:
        """Where nothing went wrong, only what a vendor refuses by its own rules fails."""
        problem = subject.outcome.problem
        refused = (
            problem is not None
            and problem.code == "vendor_refuses"
            and self.native_word(subject) == "USER_STATE_INITIAL"
        )
        late = any(entry["late"] for entry in subject.writes)
        # Laurel may go on answering for the id of a user who was deleted, and then refuses to change it.
        kept = subject.before == ABSENT and subject.outcome.before.state != ABSENT and bool(subject.writes)
        return bool(self.fired) or self.played.hasty or self.lagged or refused or late or kept

    def check_writes(self, subject: Subject) -> None:
        """No write goes out again for no reason, nor after it took effect, unless what was read just before was old."""
        story = self.story(subject)
        for first, again in zip(subject.writes, subject.writes[1:], strict=False):
            if self.tenant.vendor.info.lost_writes and again["path"] != first["path"]:
                # What reads otherwise after all looks is repaired: by the opposite, and the change again.
                self.check_looked(subject, first, again, story)
                break
            lost = first["fault"] in LOSING or first["status"] in BAD_ANSWERS
            assert lost or self.played.hasty or "refused" in self.fired, story
            if self.tenant.vendor.info.readable:
                self.check_looked(subject, first, again, story)

    def check_looked(self, subject: Subject, first: Entry, again: Entry, story: str) -> None:
        done = [x["at"] for x in first["effects"] if x["id"] == subject.id and x["at"] < again["at"]]
        if not done:
            return
        looks = [
            e
            for e in (*subject.looks, *self.listings)
            if first["at"] < e["at"] < again["at"] and (e["fault"] in (None, "stale") and e["status"] is not None)
        ]
        assert looks, f"sent again unseen\n{story}"
        old = any(e["behind"] for e in looks)
        assert old or all(e["at"] < min(done) for e in looks), f"sent again although it was seen to be done\n{story}"

    def story(self, subject: Subject) -> str:
        lines = [f"fired: {self.played.fired}; lagged: {self.lagged}; {self.played.travel}"]
        for entry in self.played.log:
            mine = "*" if entry in subject.writes or entry in subject.looks else " "
            effects = [(x["id"][-6:], x["before"], x["after"]) for x in entry["effects"]]
            behind = "behind" if entry["behind"] else ""
            asked = f"{mine} {entry['at'] % 1000:.3f} {entry['method']} {entry['path']}"
            lines.append(f"{asked} -> {entry['status']} {entry['fault'] or ''} {effects or ''} {behind}")
        return "\n".join(lines)


def check_run(played: Played, asked: Mapping[str, str | None], history: History) -> None:
    Witness(played, asked, history).check()
