# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The playbook: a list of leavers and a tenant of each vendor, as a user runs it."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._version import VERSION
from demo.story import ALREADY_CLOSED, COLLEAGUE, VENDORS, WITHOUT_ACCOUNT, account, address, closed_at
from harness.convergence import assert_no_secret, assert_no_warning
from harness.documents import outcomes
from harness.playbook import Ansible, Run
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
PLAYBOOK = "saas.offboarding.offboard"
PEOPLE = ["leaver01@example.com", ALREADY_CLOSED, "leaver05@example.com"]
NOT_DUE = "leaver04@example.com"
LEAVERS: list[dict[str, Any]] = [
    {"email": "leaver01@example.com", "leave_at": "2026-01-31T18:00:00+01:00", "accounts": {"netex": "leaver01"}},
    {"email": ALREADY_CLOSED},
    {"email": WITHOUT_ACCOUNT},
    {"email": NOT_DUE, "leave_at": "2999-01-01T00:00:00Z"},
    {"email": "leaver05@example.com", "accounts": {"learn": {"ref": "E00005"}}},
]
BLANK = {"offboard_blank_leave_at": "due"}
CLOSED_BY_A_RUN = {"leaver01@example.com", "leaver05@example.com"}


def seed(mock: MockVendors) -> None:
    people = [*PEOPLE, NOT_DUE, COLLEAGUE]
    mock.seed({vendor: [account(vendor, email) for email in people] for vendor in VENDORS})


def offboard(ansible: Ansible, mock: MockVendors, **options: Any) -> Run:
    """Run the playbook with the leavers and the report folder; no credential may show, at any verbosity."""
    variables = {"offboard_leavers": LEAVERS, "offboard_report_dir": str(ansible.place / "reports"), **BLANK}
    variables |= options.pop("variables", {})
    settings: dict[str, Any] = {"inventory": TENANTS, "verbosity": 3, "diff": True, **options}
    run = ansible.run(PLAYBOOK, env=mock.environment(), extra_vars=variables, **settings)
    assert_no_secret(run, mock)
    return run


def evidence(ansible: Ansible) -> list[dict[str, Any]]:
    files = sorted((ansible.place / "reports").glob("*/evidence.json"), key=lambda file: file.stat().st_mtime_ns)
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def closed(mock: MockVendors, vendor: str) -> set[str]:
    return closed_at(vendor, mock.state(vendor))


def table(run: Run) -> list[str]:
    return run.table


def test_look_close_and_find_nothing_left_to_do(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock)
    predicted = offboard(ansible, mock, check=True)
    assert predicted.rc == 0, predicted
    assert mock.log(kind="write") == []
    assert "Nothing was written" in table(predicted)[0]

    done = offboard(ansible, mock)
    assert done.rc == 0, done
    assert_no_warning(done)
    for vendor in VENDORS:
        assert closed(mock, vendor) == {*CLOSED_BY_A_RUN, ALREADY_CLOSED}

    mock.clear_log()
    again = offboard(ansible, mock)
    assert again.rc == 0, again
    assert {request["vendor"] for request in mock.log(kind="write")} == {"customergauge"}

    first, second, third = evidence(ansible)
    assert [document["check_mode"] for document in (first, second, third)] == [True, False, False]
    expected = {
        "leaver01@example.com": "changed",
        ALREADY_CLOSED: "unchanged",
        WITHOUT_ACCOUNT: "missing",
        NOT_DUE: "not_due",
        "leaver05@example.com": "changed",
    }
    blind = expected | {ALREADY_CLOSED: "changed"}
    readable = [vendor for vendor in VENDORS if vendor != "customergauge"]
    assert outcomes(second) == {**dict.fromkeys(readable, expected), "customergauge": blind}
    unread = blind | {WITHOUT_ACCOUNT: "changed"}
    assert outcomes(first) == {**dict.fromkeys(readable, expected), "customergauge": unread}
    settled = expected | dict.fromkeys(CLOSED_BY_A_RUN, "unchanged")
    assert outcomes(third) == {**dict.fromkeys(readable, settled), "customergauge": blind}
    hashes = [{each["tenant"]: each["plan_hash"] for each in document["tenants"]} for document in (first, second)]
    assert all(hashes[0][vendor] == hashes[1][vendor] for vendor in readable)
    assert second["collection_version"] == VERSION
    assert all(record["verified"] for record in second["records"] if record["outcome"] == "changed" and record["id"])
    assert [line.split()[0] for line in table(again)[2:7]] == [leaver["email"] for leaver in LEAVERS]


def test_a_tenant_that_is_down_fails_alone_and_a_further_run_does_the_rest(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock)
    mock.listening(laurel=False)
    mock.fault("netex", "status", kind="write", skip=1, status=503)
    quick = {"laurel_retries": 0, "netex_retries": 0}
    run = offboard(ansible, mock, variables=quick)
    assert run.rc == 2
    recap = {line.split()[0]: line for line in run.stdout.split("PLAY RECAP")[1].splitlines() if "failed=" in line}
    assert {host for host, line in recap.items() if "failed=1" in line} == {"laurel", "netex"}
    document = evidence(ansible)[0]
    assert set(outcomes(document)["laurel"].values()) == {"failed", "not_due"}
    assert sorted(outcomes(document)["netex"].values()) == ["changed", "failed", "missing", "not_due", "unchanged"]
    for vendor in ("customergauge", "zitadel", "learn"):
        assert closed(mock, vendor) == {*CLOSED_BY_A_RUN, ALREADY_CLOSED}

    mock.listening(laurel=True)
    mock.clear_faults()
    mock.clear_log()
    rest = offboard(ansible, mock, limit="laurel,netex")
    assert rest.rc == 0, rest
    assert {request["vendor"] for request in mock.log()} == {"laurel", "netex"}
    assert len(mock.log(kind="write", vendor="netex")) == 1
    for vendor in ("laurel", "netex"):
        assert closed(mock, vendor) == {*CLOSED_BY_A_RUN, ALREADY_CLOSED}


def test_localhost_chains_all_vendors_from_a_file(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock)
    mock.listening(customergauge_api=False)
    file = ansible.place / "leavers.csv"
    file.write_bytes(
        b"\xef\xbb\xbfemail;leave_at;netex;learn\r\n"
        b"leaver01@example.com;2026-01-31T18:00:00+01:00;leaver01;\r\n"
        b"leaver05@example.com;;;E00005\r\n"
    )
    variables = {"offboard_hosts": "localhost", "offboard_leavers_file": str(file), "customergauge_retries": 0, **BLANK}
    run = ansible.run(PLAYBOOK, env=mock.environment(), extra_vars=variables, verbosity=3)
    assert_no_secret(run, mock)
    assert run.rc == 2
    assert "customergauge" in run.verdicts["localhost"]
    order = [request["vendor"] for request in mock.log()]
    assert list(dict.fromkeys(order)) == sorted(VENDORS)
    for vendor in (each for each in VENDORS if each != "customergauge"):
        assert closed(mock, vendor) == {*CLOSED_BY_A_RUN, ALREADY_CLOSED}


def test_deletion_has_to_be_allowed_and_states_are_chosen_by_vendor(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock)
    states = {"offboard_states": {"learn": "absent", "zitadel": "locked"}}
    forbidden = offboard(ansible, mock, variables=states, limit="learn,zitadel")
    assert forbidden.rc == 2
    assert "offboard_allow_delete" in forbidden.stdout
    assert mock.log(vendor="learn") == []

    allowed = offboard(ansible, mock, variables=states | {"offboard_allow_delete": True}, limit="learn,zitadel")
    assert allowed.rc == 0, allowed
    assert sum(each["deleted"] for each in mock.state("learn").values()) == 3
    found = {address("zitadel", each): each["state"] for each in mock.state("zitadel").values()}
    assert found["leaver01@example.com"] == "USER_STATE_LOCKED"
    assert found[ALREADY_CLOSED] == "USER_STATE_INACTIVE"
    assert found[COLLEAGUE] == "USER_STATE_ACTIVE"


def test_guard_rails_refuse_changes(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock)
    guards = {"offboard_protected": ["leaver05*"], "offboard_max_changes": 1}
    run = offboard(ansible, mock, variables=guards, limit="zitadel")
    assert run.rc == 2
    (document,) = evidence(ansible)
    assert outcomes(document)["zitadel"]["leaver05@example.com"] == "refused"
    assert closed(mock, "zitadel") == {"leaver01@example.com", ALREADY_CLOSED}
    mock.clear_log()
    other = offboard(ansible, mock, variables={"offboard_plan": {"zitadel": "sha256:0"}}, limit="zitadel")
    assert other.rc == 2
    assert mock.log(kind="write") == []


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no list": ({"offboard_leavers": []}, "empty"),
    "no such file": ({"offboard_leavers_file": "nowhere.csv"}, "nowhere.csv"),
    "no e-mail": ({"offboard_leavers": [{"leave_at": "2026-01-31T18:00:00Z"}]}, "entry 1"),
    "no zone": ({"offboard_leavers": [{"email": "a@example.com", "leave_at": "2026-01-31T18:00:00"}]}, "zone"),
    "twice": ({"offboard_leavers": [{"email": "a@example.com"}, {"email": "A@Example.com", "netex": "a"}]}, "entry 2"),
    "vendor": ({"offboard_vendors": ["zitadell"]}, "zitadell"),
    "state": ({"offboard_state": "locked"}, "customergauge"),
    "due at": ({"offboard_due_at": "yesterday"}, "offboard_due_at"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_nothing_is_sent(ansible: Ansible, mock: MockVendors, name: str) -> None:
    seed(mock)
    variables, named = BAD[name]
    given = {} if "offboard_leavers_file" in variables else {"offboard_leavers": LEAVERS}
    tenant = "customergauge" if name == "state" else "zitadel"
    run = ansible.run(PLAYBOOK, env=mock.environment(), extra_vars=given | variables, inventory=TENANTS, limit=tenant)
    assert run.rc == 2, run
    assert named in run.stdout + run.stderr, run
    assert mock.log() == []


def test_no_leaver_due_is_a_success(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock)
    run = offboard(ansible, mock, variables={"offboard_leavers": [LEAVERS[3]]})
    assert run.rc == 0, run
    assert any("No leaver is due" in line for line in table(run))
    assert mock.log() == []


def test_two_thousand_leavers_do_not_flood_the_console(ansible: Ansible, mock: MockVendors) -> None:
    mock.population(zitadel=2000, netex=2000)
    leavers = [{"email": f"user{number:05}@example.com"} for number in range(1, 2001)]
    variables = {"offboard_leavers": leavers, "offboard_max_changes": len(leavers)}
    run = offboard(ansible, mock, variables=variables, limit="zitadel,netex", verbosity=0, diff=False)
    assert run.rc == 0, run
    assert len(run.stdout.splitlines()) < 200
    assert len(closed(mock, "netex")) == len(closed(mock, "zitadel")) == 2000
