# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""ZITADEL accepts a change and never shows it: such a change is repaired, or reported, and never believed."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._converge import Converger, Report
from ansible_collections.saas.offboarding.plugins.module_utils._journal import Journal
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    Key,
    Outcome,
    UserRequest,
)

from .http_script import Answer, Responder, Sent
from .mock_zitadel import Tenant

WORDS = {ACTIVE: "USER_STATE_ACTIVE", DEACTIVATED: "USER_STATE_INACTIVE", LOCKED: "USER_STATE_LOCKED", ABSENT: None}


def seeded(*states: str) -> list[dict[str, t.Any]]:
    return [{"userId": str(number), "state": WORDS[state]} for number, state in enumerate(states, 1)]


def run(tenant: Tenant, *names: str, state: str = DEACTIVATED, reopens: bool = False, **more: t.Any) -> Report:
    asked = [UserRequest(Key("user_id", name), state, reopens=reopens) for name in names]
    return Converger(tenant.vendor(), **more).run(asked, check_mode=False)


def one(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


@pytest.mark.parametrize(
    ("before", "asked", "writes"),
    [
        (ACTIVE, DEACTIVATED, ["deactivate", "reactivate", "deactivate"]),
        (DEACTIVATED, ACTIVE, ["reactivate", "deactivate", "reactivate"]),
        (ACTIVE, LOCKED, ["lock", "unlock", "lock"]),
        (LOCKED, ACTIVE, ["unlock", "lock", "unlock"]),
    ],
)
def test_a_lost_write_is_repaired_by_its_opposite_and_itself(before: str, asked: str, writes: list[str]) -> None:
    tenant = Tenant(seeded(before), lost_writes=[1])
    outcome = one(run(tenant, "1", state=asked))
    assert (outcome.outcome, outcome.verified, outcome.repaired) == ("changed", True, True)
    assert outcome.as_result()["repaired"] is True
    assert (tenant.state("1"), tenant.writes) == (WORDS[asked], writes)
    assert one(run(tenant, "1", state=asked)).outcome == "unchanged"


def test_what_was_not_lost_is_not_called_repaired() -> None:
    outcome = one(run(Tenant(seeded(ACTIVE)), "1"))
    assert (outcome.outcome, outcome.repaired) == ("changed", False)
    assert "repaired" not in outcome.as_result()


def test_a_change_that_an_earlier_run_lost_is_repaired_as_well() -> None:
    tenant = Tenant(seeded(ACTIVE), lost_writes=[1])
    assert one(run(tenant, "1", verify=False)).outcome == "changed"
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, outcome.repaired, tenant.state("1")) == ("changed", True, WORDS[DEACTIVATED])


def test_a_lock_after_a_lost_deactivation_is_repaired_by_what_the_server_accepts() -> None:
    tenant = Tenant(seeded(ACTIVE), lost_writes=[1])
    run(tenant, "1", verify=False)
    outcome = one(run(tenant, "1", state=LOCKED))
    assert (outcome.outcome, outcome.repaired, tenant.state("1")) == ("changed", True, WORDS[LOCKED])


@pytest.mark.parametrize("lost", [[1], [2], [1, 2]], ids=str)
def test_what_is_locked_again_is_repaired(lost: list[int]) -> None:
    tenant = Tenant(seeded(DEACTIVATED), lost_writes=lost)
    outcome = one(run(tenant, "1", state=LOCKED, reopens=True))
    assert (outcome.outcome, tenant.state("1")) == ("changed", WORDS[LOCKED])
    assert outcome.repaired is (2 in lost)


def test_what_cannot_be_repaired_is_named_with_what_to_do() -> None:
    tenant = Tenant(seeded(ACTIVE), lost_writes="all")
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, outcome.repaired, outcome.after.state) == ("failed", False, ACTIVE)
    assert outcome.problem is not None
    assert outcome.problem.code == "not_applied"
    assert "12703" in outcome.problem.message
    assert "usable" in outcome.problem.message
    assert tenant.writes == ["deactivate", "reactivate", "deactivate"]


def test_a_lost_deletion_is_reported_and_nothing_is_sent_for_it() -> None:
    tenant = Tenant(seeded(ACTIVE), lost_writes=[1])
    outcome = one(run(tenant, "1", state=ABSENT))
    assert (outcome.outcome, outcome.problem and outcome.problem.code) == ("failed", "not_applied")
    assert tenant.writes == ["DELETE"]


def test_an_account_that_reads_as_locked_is_not_opened_to_be_deactivated() -> None:
    tenant = Tenant(seeded(LOCKED), lost_writes=[1])
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, outcome.after.state, tenant.writes) == ("failed", LOCKED, ["deactivate"])


def test_nothing_is_repaired_before_all_looks_were_taken() -> None:
    """What reads otherwise may lag behind: a closed account is not opened for that."""
    tenant = Tenant(seeded(ACTIVE), get_lag={"seconds": 60})
    asked = [UserRequest(Key("user_id", "1"), DEACTIVATED)]
    (outcome,) = Converger(tenant.vendor(retry_budget=0.0)).run(asked, check_mode=False).outcomes
    assert (outcome.outcome, tenant.writes, tenant.state("1")) == ("failed", ["deactivate"], WORDS[DEACTIVATED])


def test_an_account_reopened_by_others_is_no_lost_write() -> None:
    """The server refuses the opposite request: what it shows is what it holds, and the account is left alone."""
    tenant = Tenant(seeded(ACTIVE))

    def answer(sent: Sent) -> Answer | Exception:
        came = tenant._answer(sent)
        if sent.path.endswith("/deactivate"):
            tenant.mock.store.put("1", {**tenant.mock.store.rows["1"], "state": WORDS[ACTIVE]})
        return came

    tenant.wire = Responder(answer)
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, outcome.problem and outcome.problem.code) == ("failed", "not_applied")
    assert tenant.writes == ["deactivate", "reactivate"]


@pytest.mark.parametrize("status", [403, 500, 503, 401])
@pytest.mark.parametrize("half", ["reactivate", "deactivate"])
def test_a_repair_that_fails_is_never_called_done(half: str, status: int) -> None:
    tenant = Tenant(seeded(ACTIVE), lost_writes=[1])

    def answer(sent: Sent) -> Answer | Exception:
        done = [each for each in tenant.wire.log if each.path.endswith(f"/{half}")]
        first = half == "deactivate" and len(done) == 1
        return Answer(status, json={}) if sent.path.endswith(f"/{half}") and not first else tenant._answer(sent)

    tenant.wire = Responder(answer)
    outcome = one(run(tenant, "1"))
    assert (outcome.outcome, outcome.repaired, outcome.after.state) == ("failed", False, ACTIVE)
    assert outcome.proof.write is not None, "reinstate names what a run wrote"
    assert tenant.state("1") == WORDS[ACTIVE]


def test_both_halves_are_journalled_as_a_repair(tmp_path: Path) -> None:
    tenant = Tenant(seeded(ACTIVE), lost_writes=[1])
    journal = Journal(str(tmp_path / "journal.jsonl"), "zitadel", "acme")
    one(run(tenant, "1", journal=journal))
    journal.close()
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    intents = [(line["state"], line.get("repair")) for line in lines if line["kind"] == "intent"]
    assert intents == [(DEACTIVATED, None), (ACTIVE, True), (DEACTIVATED, True)]
    assert [line["after"]["state"] for line in lines if line["kind"] == "result"] == [DEACTIVATED, ACTIVE, DEACTIVATED]


@settings(max_examples=100, deadline=None)
@given(
    before=st.lists(st.sampled_from([ACTIVE, DEACTIVATED, LOCKED]), min_size=1, max_size=5),
    asked=st.sampled_from([ACTIVE, DEACTIVATED, LOCKED, ABSENT]),
    lost=st.sets(st.integers(1, 20)),
    reopens=st.booleans(),
)
def test_no_lost_write_is_believed_and_what_a_pair_can_mend_is_mended(
    before: list[str], asked: str, lost: set[int], reopens: bool
) -> None:
    tenant = Tenant(seeded(*before), lost_writes=sorted(lost))
    names = [str(number) for number in range(1, len(before) + 1)]
    report = run(tenant, *names, state=asked, reopens=reopens)
    for name, outcome in zip(names, report.outcomes, strict=True):
        reads = tenant.state(name)
        fine = {WORDS[asked]} | ({WORDS[DEACTIVATED]} if asked == LOCKED and not reopens else set())
        assert (outcome.outcome in ("changed", "unchanged")) == (reads in fine)
        assert outcome.after.vendor_state == reads
        if outcome.outcome == "failed":
            assert outcome.problem is not None
            assert outcome.problem.code == "not_applied"
            # The last write of the pair was lost as well, or no pair is sent.
            assert name in tenant.mock.stale_states


def test_twenty_losses_among_three_thousand_cost_six_requests_each_at_most() -> None:
    def sent(lost: list[int]) -> int:
        tenant = Tenant(seeded(*[ACTIVE] * 3000), lost_writes=lost)
        names = [str(number) for number in range(1, 3001)]
        report = run(tenant, *names)
        assert {outcome.outcome for outcome in report.outcomes} == {"changed"}
        assert sum(outcome.repaired for outcome in report.outcomes) == len(lost)
        return len(tenant.wire.log)

    lost = list(range(100, 3000, 145))
    assert len(lost) == 20
    assert sent(lost) <= sent([]) + 6 * len(lost)
