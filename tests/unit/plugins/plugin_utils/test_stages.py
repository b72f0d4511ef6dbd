# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stage of closing is due for whom, and which stages are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._audit import audit_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Leaver
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import tenant_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import (
    CLOSEDNESS,
    Stage,
    Stages,
    read_stages,
    stage_text,
    stages_of,
)

LEFT = datetime(2026, 11, 30, 17, tzinfo=UTC)
RETENTION = ({"state": "deactivated"}, {"state": "absent", "after": "30d"})
JANE = "jane@example.com"


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def leaver(leave_at: datetime | None = LEFT) -> Leaver:
    times = {} if leave_at is None else {"leave_at": at(leave_at)}
    return read_leavers([{"email": JANE, **times}], "offboard_leavers").leavers[0]


def stages(given_: Any = RETENTION, vendor: str = "learn", tenant: str = "learn", tenants: Any = ()) -> Stages:
    return stages_of(read_stages(given_), VENDORS[vendor], tenant, tenants)


@pytest.mark.parametrize(
    ("after", "state", "following"),
    [
        (timedelta(seconds=-1), None, "deactivated"),
        (timedelta(), "deactivated", "absent"),
        (timedelta(days=30, seconds=-1), "deactivated", "absent"),
        (timedelta(days=30), "absent", None),
        (timedelta(days=3000), "absent", None),
    ],
)
def test_the_last_stage_that_is_due_decides(after: timedelta, state: str | None, following: str | None) -> None:
    found = stages()
    due, later = found.due(leaver(), LEFT + after), found.following(leaver(), LEFT + after)
    assert (due and due.state, later and later.state) == (state, following)


def test_without_a_leave_time_there_is_the_first_stage_only() -> None:
    shown = stages().of_leaver(leaver(None), LEFT + timedelta(days=300))
    assert shown == {"stage": {"number": 1, "of": 2, "state": "deactivated", "due_at": None}}
    assert stage_text(shown["stage"]) == "1 of 2: deactivated"
    assert stages().faults_of([leaver(None)]) == []


def test_a_first_stage_after_a_leave_time_needs_one() -> None:
    late = stages([{"state": "absent", "after": "30d"}])
    assert late.faults_of([leaver()]) == []
    (fault,) = late.faults_of([leaver(None)])
    assert "the leavers of row 1 have none" in fault


def test_who_stays_has_no_stage() -> None:
    stays: Leaver = {**leaver(None), "never_due": True}
    assert stages().of_leaver(stays, LEFT) == {}
    assert stages().faults_of([stays]) == []


def test_a_stage_beyond_the_calendar_is_never_due() -> None:
    last = datetime(9998, 12, 31, tzinfo=UTC)
    found = stages([{"state": "deactivated"}, {"state": "absent", "after": "999d"}])
    assert found.due(leaver(last), last) == found.stages[0]
    assert found.of_leaver(leaver(last), last)["next_stage"]["state"] == "absent"


def test_a_run_without_stages_shows_none() -> None:
    assert Stages.once("deactivated").of_leaver(leaver(), LEFT) == {}
    assert Stages.once("deactivated").as_parameter() == {}


AFTERS = st.lists(st.integers(0, 10**7), min_size=1, max_size=3, unique=True).map(sorted)


@given(AFTERS, st.integers(-(10**7), 2 * 10**7), st.data())
def test_a_stage_is_due_from_its_moment_until_that_of_the_next(
    afters: list[int], now: int, data: st.DataObject
) -> None:
    states = data.draw(st.sampled_from([["deactivated", "absent"], ["locked", "deactivated", "absent"], ["absent"]]))
    pairs = list(zip(states, afters, strict=False))
    found = stages([{"state": state, "after": f"{after}s"} for state, after in pairs], "zitadel", "zitadel")
    moment = LEFT + timedelta(seconds=now)
    past = [state for state, after in pairs if after <= now]
    coming = [state for state, after in pairs if after > now]
    due, later = found.due(leaver(), moment), found.following(leaver(), moment)
    assert (due.state if due else None, later.state if later else None) == (
        past[-1] if past else None,
        coming[0] if coming else None,
    )
    assert found.states([leaver()], at(moment)) == ({JANE: past[-1]} if past else {})


WRONG = [
    ("deactivated", "must be a list"),
    ([], "must be a list of at least one"),
    ({"state": "absent"}, "must be a list"),
    (["absent"], "no dict as entry 1"),
    ([{"state": "active"}], "no state in entry 1"),
    ([{"after": "30d"}], "no state in entry 1"),
    ([{"state": None}], "no state in entry 1"),
    ([{"state": "absent", "afer": "30d"}], "'afer' in entry 1"),
    ([{"state": "absent", "after": 30}], "no time with units"),
    ([{"state": "absent", "after": "30"}], "no time with units"),
    ([{"state": "absent", "after": "-30d"}], "no time with units"),
    ([{"state": "absent", "after": "1 month"}], "no time with units"),
    ([{"state": "absent", "after": ""}], "no time with units"),
    ([{"state": "absent", "after": None}], "no time with units"),
    ([{"state": "absent", "after": True}], "no time with units"),
    ([{"state": "absent", "after": "99999999999d"}], "beyond the calendar"),
    ([{"state": "absent", "vendors": []}], "names no vendor"),
    ([{"state": "absent", "vendors": [7]}], "no list of vendors"),
    ([{"state": "absent", "vendors": None}], "no list of vendors"),
]


@pytest.mark.parametrize(("value", "text"), WRONG)
def test_a_stage_that_is_none_is_refused(value: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_stages(value)


REFUSED = [
    ([{"state": "absent", "after": "30d"}, {"state": "deactivated"}], "deactivated after absent at learn: write"),
    ([{"state": "deactivated"}, {"state": "absent"}], "each due later"),
    ([{"state": "deactivated"}, {"state": "deactivated", "after": "1d"}], "each closing more"),
    ([{"state": "locked"}], "state locked, which learn does not offer"),
    ([{"state": "deactivated", "vendors": ["netex"]}], "no stage for learn"),
]


@pytest.mark.parametrize(("value", "text"), REFUSED)
def test_stages_that_a_tenant_cannot_have_are_refused(value: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        stages(value)


def test_the_vendors_of_a_stage_are_vendors_or_tenants() -> None:
    given_ = [
        {"state": "deactivated"},
        {"state": "absent", "after": "30D", "vendors": "netex, partners"},
    ]
    assert [each.state for each in stages(given_, "netex", "netex").stages] == ["deactivated", "absent"]
    assert [each.state for each in stages(given_, "zitadel", "partners", ["partners"]).stages] == [
        "deactivated",
        "absent",
    ]
    # The name of a host is that of the host alone.
    other = stages(given_, "netex", "office", ["netex", "office"])
    assert other.stages == (Stage("deactivated"),)
    assert other.as_parameter() == {"offboard_stages": [{"state": "deactivated", "after": "0s"}]}


# -- in reports


def states_of(*pairs: str) -> dict[str, Any]:
    return dict(zip(("before", "after"), ({"state": state, "vendor_state": None} for state in pairs), strict=True))


def record(before: str, after: str, moment: datetime, given_: Any = RETENTION) -> Any:
    entry: Any = {"key": {"email": JANE}, "outcome": "changed", "id": "7", "name": "jane", "verified": True}
    entry |= {"proof": {"after_at": at(moment)}, **states_of(before, after)}
    made = tenant_report(
        {"users": [entry]},
        [leaver()],
        tenant="zitadel",
        vendor="zitadel",
        stages=stages(given_, "zitadel", "zitadel"),
        due_at=at(moment),
        on_missing="ok",
    )
    assert made["state"] is None
    return made["records"][0]


@pytest.mark.parametrize(
    ("before", "days", "seconds"),
    [("active", 1, 86_400), ("active", 31, 31 * 86_400), ("deactivated", 31, None), ("locked", 31, None)],
)
def test_the_time_to_close_ends_with_the_first_stage(before: str, days: int, seconds: int | None) -> None:
    moment = LEFT + timedelta(days=days)
    assert record(before, "absent" if days > 30 else "deactivated", moment)["seconds_to_close"] == seconds


def test_a_lock_of_no_stage_does_not_end_it() -> None:
    assert record("locked", "deactivated", LEFT + timedelta(days=1))["seconds_to_close"] == 86_400


def audited(state: str, moment: datetime, given_: Any) -> Any:
    found = {"found": True, "id": "7", "name": "jane", "state": state, "vendor_state": None, "manual": []}
    if state == "none":
        found = {"found": False, "id": None, "state": "absent", "vendor_state": None}
    view: Any = {"users": [{"key": {"email": JANE}, **found}], "complete": True}
    return audit_report(
        {"leavers": view},
        [leaver()],
        tenant="zitadel",
        vendor="zitadel",
        stages=stages(given_, "zitadel", "zitadel"),
        due_at=at(moment),
    )["records"][0]


@given(
    st.sampled_from(["active", "locked", "deactivated", "absent", "none", "unknown"]),
    st.sampled_from(["locked", "deactivated", "absent"]),
)
def test_an_audit_passes_only_what_is_closed_as_far_as_its_stage(state: str, wanted: str) -> None:
    three = [{"state": "locked"}, {"state": "deactivated", "after": "1d"}, {"state": "absent", "after": "2d"}]
    made = audited(state, LEFT + timedelta(days=CLOSEDNESS.index(wanted)), three)
    reached = "absent" if state == "none" else state
    enough = reached in CLOSEDNESS and CLOSEDNESS.index(reached) >= CLOSEDNESS.index(wanted)
    assert made["failing"] is not enough
    late = reached in CLOSEDNESS and not enough
    assert (made["outcome"] == "stage_due") is late
    assert made["stage"]["state"] == wanted


@pytest.mark.parametrize("days", [1, 31])
def test_a_lock_of_no_stage_is_no_stage_that_was_carried_out(days: int) -> None:
    """Unlocking the account restores access, so that it is not closed."""
    made = audited("locked", LEFT + timedelta(days=days), RETENTION)
    assert (made["outcome"], made["error"]["code"], made["failing"]) == ("still_active", "locked", True)
