# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The audit, as a user runs it: it lists leavers who still have access, fails for them, and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from demo.story import ALREADY_CLOSED, COLLEAGUE, VENDORS, WITHOUT_ACCOUNT, account
from harness.convergence import assert_no_secret
from harness.documents import SCHEMA
from harness.playbook import Ansible, Run
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
READABLE = tuple(vendor for vendor in VENDORS if vendor != "customergauge")
OPEN = "leaver01@example.com"
NOT_DUE = "leaver04@example.com"
LEAVERS: list[dict[str, Any]] = [
    {"email": OPEN, "leave_at": "2026-01-31T18:00:00+01:00", "accounts": {"netex": "leaver01"}},
    {"email": ALREADY_CLOSED},
    {"email": WITHOUT_ACCOUNT},
    {"email": NOT_DUE, "leave_at": "2999-01-01T00:00:00Z"},
]
VERDICTS = {OPEN: "still_active", ALREADY_CLOSED: "closed", WITHOUT_ACCOUNT: "no_account", NOT_DUE: "not_due"}


def seed(mock: MockVendors, *open_ones: str) -> None:
    people = [*open_ones, ALREADY_CLOSED, NOT_DUE, COLLEAGUE]
    mock.seed({vendor: [account(vendor, email) for email in people] for vendor in VENDORS})


def playbook(ansible: Ansible, mock: MockVendors, name: str, **options: Any) -> Run:
    variables = {
        "offboard_leavers": LEAVERS,
        "offboard_blank_leave_at": "due",
        "offboard_report_dir": str(ansible.place / "reports"),
    }
    variables |= options.pop("variables", {})
    given = {key: value for key, value in variables.items() if value is not None}
    settings: dict[str, Any] = {"inventory": TENANTS, "verbosity": 3, "diff": True, **options}
    run = ansible.run(f"saas.offboarding.{name}", env=mock.environment(), extra_vars=given, **settings)
    assert_no_secret(run, mock)
    return run


def audit(ansible: Ansible, mock: MockVendors, **options: Any) -> tuple[Run, dict[str, Any]]:
    """Run the audit. Whatever it is given, the mock vendors get no request that writes."""
    mock.clear_log()
    run = playbook(ansible, mock, "audit", **options)
    assert mock.log(kind="write") == []
    assert run.rc in (0, 2), run
    return run, newest(ansible)


def newest(ansible: Ansible) -> dict[str, Any]:
    file = max((ansible.place / "reports").glob("*/evidence.json"), key=lambda each: each.stat().st_mtime_ns)
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return {**document, "folder": str(file.parent)}


def verdicts(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for record in document["records"]:
        found.setdefault(record["tenant"], {})[record["email"]] = record["outcome"]
    return found


def failed_hosts(run: Run) -> set[str]:
    recap = run.stdout.split("PLAY RECAP")[1]
    return {line.split()[0] for line in recap.splitlines() if "failed=" in line and "failed=0" not in line}


def test_it_fails_while_a_leaver_has_access_and_succeeds_afterwards(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, OPEN)
    run, document = audit(ansible, mock)
    assert run.rc == 2
    assert failed_hosts(run) == set(READABLE)
    blind = dict.fromkeys(VERDICTS, "unknown") | {NOT_DUE: "not_due"}
    assert verdicts(document) == {**dict.fromkeys(READABLE, VERDICTS), "customergauge": blind}
    # Where SCIM closes an account, an identity provider may be what gives it.
    assert {look["vendor"] for look in document["tasks"]} == {"customergauge", "scim"}
    assert all(record["error"]["message"] for record in document["records"] if record["outcome"] == "unknown")
    assert mock.log(vendor="customergauge") == []
    assert document["kind"] == "audit"
    assert document["check_mode"] is True

    assert playbook(ansible, mock, "offboard").rc == 0
    run, document = audit(ansible, mock)
    assert run.rc == 0, run
    closed = VERDICTS | {OPEN: "closed"}
    assert verdicts(document) == {**dict.fromkeys(READABLE, closed), "customergauge": blind}
    seen = next(record for record in document["records"] if record["tenant"] == "netex" and record["email"] == OPEN)
    assert seen["after"] == {"state": "deactivated", "vendor_state": "disabled"}
    assert (seen["status"], bool(seen["id"]), bool(seen["seen_at"])) == (200, True, True)

    run, document = audit(ansible, mock, variables={"audit_unknown": "fail"})
    assert run.rc == 2
    assert failed_hosts(run) == {"customergauge"}


@pytest.mark.parametrize(
    "variables",
    [
        {
            "offboard_state": "absent",
            "offboard_states": {"customergauge": "deactivated"},
            "offboard_allow_delete": True,
        },
        {"ansible_check_mode": False, "check_mode": False, "__offboard_view": "all", "__offboard_kind": "offboard"},
        {"__offboard_view": None, "offboard_max_changes": 1000, "offboard_protected": [], "zitadel_verify": False},
    ],
)
def test_it_writes_nothing_whatever_it_is_given(ansible: Ansible, mock: MockVendors, variables: dict[str, Any]) -> None:
    seed(mock, OPEN)
    before = mock.state()
    mock.clear_log()
    playbook(ansible, mock, "audit", variables=variables)
    assert mock.log(kind="write") == []
    assert mock.state() == before


def test_an_unreadable_tenant_fails_and_its_leavers_do_not_count_as_closed(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock)
    mock.listening(laurel=False)
    mock.fault("netex", "html", kind="read")
    quick = {f"{vendor}_retries": 0 for vendor in VENDORS}
    run, document = audit(ansible, mock, variables=quick)
    assert run.rc == 2
    assert failed_hosts(run) == {"laurel", "netex"}
    for vendor in ("laurel", "netex"):
        due = {outcome for email, outcome in verdicts(document)[vendor].items() if email != NOT_DUE}
        assert due == {"unknown"}
        tenant = next(each for each in document["tenants"] if each["tenant"] == vendor)
        assert tenant["error"]["message"]
        assert tenant["read"]["complete"] is False
    assert verdicts(document)["zitadel"][ALREADY_CLOSED] == "closed"


def test_a_locked_account_is_out_only_where_no_more_was_wanted(ansible: Ansible, mock: MockVendors) -> None:
    mock.seed({"zitadel": [{"username": OPEN, "state": "USER_STATE_LOCKED"}]})
    run, document = audit(ansible, mock, limit="zitadel")
    assert (run.rc, verdicts(document)["zitadel"][OPEN]) == (2, "still_active")
    run, document = audit(ansible, mock, limit="zitadel", variables={"offboard_states": {"zitadel": "locked"}})
    assert (run.rc, verdicts(document)["zitadel"][OPEN]) == (0, "closed")


def test_active_accounts_without_an_owner(ansible: Ansible, mock: MockVendors) -> None:
    people = [ALREADY_CLOSED, NOT_DUE, COLLEAGUE, "ghost01@example.com", "robot01@example.com"]
    mock.seed({vendor: [account(vendor, email) for email in people] for vendor in VENDORS})
    staff = ansible.place / "staff.csv"
    staff.write_text(
        f"email,netex,leave_at\n{COLLEAGUE.upper()},,\ngone01@example.com,ghost01,2026-01-01T00:00:00Z\n",
        encoding="utf-8",
    )
    own = mock.ready["zitadel"]["user_id"]
    options = {"audit_staff_file": str(staff), "audit_exempt": ["robot*", own]}
    run, document = audit(ansible, mock, variables=options)
    assert run.rc == 0, run
    found = {(orphan["tenant"], orphan["email"]) for orphan in document["orphans"]}
    # At ZITADEL the mock vendors give an account without an e-mail address that of its user name.
    assert found == {(vendor, "ghost01@example.com") for vendor in READABLE}
    assert document["population"]["orphans"] == len(READABLE)
    assert (document["staff"]["file"], document["staff"]["people"]) == (str(staff), 2)
    assert all(each["read"]["complete"] for each in document["tenants"] if each["tenant"] != "customergauge")
    run, _document = audit(ansible, mock, variables=options | {"audit_orphans": "fail"})
    assert run.rc == 2
    assert failed_hosts(run) == set(READABLE)


def test_a_leaver_who_is_on_the_staff_list_too_is_named_and_fails_the_audit_which_is_done_in_full(
    ansible: Ansible, mock: MockVendors
) -> None:
    seed(mock, OPEN)
    staff = ansible.place / "staff.csv"
    gone = f"{ALREADY_CLOSED},2026-01-01T00:00:00Z"
    staff.write_text(f"email,leave_at\n{OPEN.upper()},\n{gone}\n{NOT_DUE},\n{COLLEAGUE},\n", encoding="utf-8")
    options = {"audit_staff_file": str(staff), "audit_exempt": [mock.ready["zitadel"]["user_id"]]}
    run, document = audit(ansible, mock, variables=options)
    assert run.rc == 2
    assert document["both_lists"] == [OPEN]
    assert verdicts(document)["netex"] == VERDICTS
    everything = " ".join(task.msg for task in run.tasks)
    assert f"both_lists: 1 leavers who are due are on the staff list as well: {OPEN}" in everything
    assert "Close what is open" not in everything
    folder = Path(document["folder"])
    assert "On both lists" in (folder / "report.html").read_text(encoding="utf-8")
    assert 'name="both lists"' in (folder / "junit.xml").read_text(encoding="utf-8")
    assert "still_off" not in document["population"]

    assert playbook(ansible, mock, "offboard", limit="netex").rc == 0
    run, document = audit(ansible, mock, variables=options, limit="netex")
    assert (run.rc, document["both_lists"]) == (2, [OPEN])
    run, document = audit(ansible, mock, variables={**options, "audit_both_lists": "report"}, limit="netex")
    assert (run.rc, document["both_lists"]) == (0, [OPEN])
    assert OPEN in run.stdout.split("on the staff list as well")[1]


def test_a_second_audit_reports_accounts_still_closed_and_reopened(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, OPEN)
    assert playbook(ansible, mock, "offboard").rc == 0
    earlier = newest(ansible)
    evidence = {"offboard_evidence": earlier["folder"], "offboard_leavers": None}

    run, document = audit(ansible, mock, variables=evidence)
    assert run.rc == 0, run
    assert document["earlier"]["run_id"] == earlier["run_id"]
    assert {look["verdict"] for look in document["second_look"] if look["vendor"] != "customergauge"} == {"still_off"}
    assert len(document["second_look"]) == 2 * len(READABLE) + 2

    # An administrator reopens one account under another e-mail address, and deletes another one.
    accounts = mock.state("learn")
    back = next(each for each in accounts.values() if each["email"] == OPEN)
    kept = [each for each in mock.state("netex").values() if each["email"] != OPEN]
    mock.seed({"learn": [{**back, "status": "active", "email": "other@example.com"}], "netex": kept})
    run, document = audit(ansible, mock, variables=evidence, limit="learn,netex")
    assert run.rc == 2
    assert failed_hosts(run) == {"learn"}
    looks = {(look["tenant"], look["email"]): look["verdict"] for look in document["second_look"]}
    assert looks["learn", OPEN] == "came_back"
    assert looks["netex", OPEN] == "still_off"
    assert verdicts(document)["learn"][OPEN] == "no_account"
    assert "came back" in run.stdout


def test_a_person_whom_a_reinstatement_gave_access_back_is_reinstated(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, OPEN)
    assert playbook(ansible, mock, "offboard", limit="netex").rc == 0
    closed = newest(ansible)["folder"]
    undo = {"offboard_leavers": None, "offboard_evidence": closed, "reinstate_reason": "the wrong list"}
    assert playbook(ansible, mock, "reinstate", variables=undo, limit="netex").rc == 0
    back = newest(ansible)["folder"]

    run, document = audit(ansible, mock, variables={"offboard_evidence": back}, limit="netex")
    assert run.rc == 0, run
    assert verdicts(document)["netex"] == VERDICTS | {OPEN: "reinstated"}
    assert {look["email"]: look["verdict"] for look in document["second_look"]} == {OPEN: "reinstated"}
    assert document["population"]["reinstated"] == 1
    assert "orphans" not in document["population"]
    read = next(each["read"] for each in document["tenants"] if each["tenant"] == "netex")
    assert read["accounts"] == len(mock.state("netex"))
    assert "who had it given back" in Path(document["folder"], "report.html").read_text(encoding="utf-8")

    # With the evidence of the run that closed the account, it came back; without any, it is open.
    run, document = audit(ansible, mock, variables={"offboard_evidence": closed}, limit="netex")
    assert (run.rc, {look["verdict"] for look in document["second_look"]}) == (2, {"came_back", "still_off"})
    mock.clear_log()
    late = playbook(
        ansible,
        mock,
        "audit",
        limit="netex",
        variables={"offboard_evidence": back, "offboard_leavers": None},
    )
    assert late.rc == 2
    assert "give the list of leavers as well" in " ".join(task.msg for task in late.tasks)
    assert mock.log() == []


def test_an_incomplete_second_audit_fails(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, OPEN)
    assert playbook(ansible, mock, "offboard", limit="netex,learn").rc == 0
    evidence = {"offboard_evidence": newest(ansible)["folder"]}
    inventory = yaml.safe_load(TENANTS.read_text(encoding="utf-8"))
    group = inventory["all"]["children"]["saas"]
    group["hosts"] = {"netex": group["hosts"]["netex"], "learn-new-name": group["hosts"]["learn"]}
    run, document = audit(ansible, mock, variables=evidence, inventory=inventory)
    assert run.rc == 2
    assert (
        "2 accounts that the earlier run left closed were not looked at: their tenants are not part of this run"
        in run.stdout
    )
    lost = [look for look in document["second_look"] if look["verdict"] == "unknown"]
    assert {(look["tenant"], look["failing"]) for look in lost} == {("learn", True)}
    run, document = audit(ansible, mock, variables=evidence, inventory=inventory, limit="netex")
    assert run.rc == 0, run
    assert len([look for look in document["second_look"] if look["verdict"] == "unknown"]) == 2

    # The evidence of two vendors does not have the leavers' keys at the others.
    mock.clear_log()
    run = playbook(ansible, mock, "audit", variables=evidence | {"offboard_leavers": None}, limit="zitadel")
    assert run.rc == 2
    assert "leavers are named at zitadel" in " ".join(task.msg for task in run.tasks)
    assert mock.log() == []


def test_a_tampered_or_foreign_evidence_is_no_ground_for_a_second_look(ansible: Ansible, mock: MockVendors) -> None:
    seed(mock, OPEN)
    assert playbook(ansible, mock, "offboard", limit="netex").rc == 0
    folder = Path(newest(ansible)["folder"])
    assert playbook(ansible, mock, "offboard", limit="netex", check=True).rc == 0
    predicted = newest(ansible)["folder"]
    text = (folder / "evidence.json").read_text(encoding="utf-8")
    changed = ansible.place / "changed.json"
    changed.write_text(text.replace('"outcome": "unchanged"', '"outcome": "changed"', 1), encoding="utf-8")
    cut = ansible.place / "cut.json"
    cut.write_text(text[: len(text) // 2], encoding="utf-8")
    other = ansible.place / "other.json"
    other.write_text(text.replace('"schema_version": 1', '"schema_version": 2', 1), encoding="utf-8")
    mock.clear_log()
    for place, named in (
        (changed, "is not as it was written"),
        (cut, "is damaged"),
        (other, "schema version 2"),
        (ansible.place / "nowhere", "is not there"),
        (predicted, "check mode"),
    ):
        run = playbook(
            ansible, mock, "audit", limit="netex", variables={"offboard_evidence": str(place), "offboard_leavers": None}
        )
        assert run.rc == 2
        assert named in " ".join(task.msg for task in run.tasks), run
    assert mock.log() == []


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no list": ({"offboard_leavers": None}, "offboard_evidence"),
    "staff file": ({"audit_staff_file": "nowhere.csv"}, "audit_staff_file"),
    "staff without e-mails": ({"audit_staff_file": "staff.csv"}, "lack email"),
    "sla": ({"offboard_sla": "soon"}, "offboard_sla"),
    "batch": ({"offboard_batch_size": 0}, "offboard_batch_size"),
    "unknown": ({"audit_unknown": "ignore"}, "audit_unknown"),
    "orphans": ({"audit_orphans": "delete"}, "audit_orphans"),
    "both lists": ({"audit_both_lists": "ok"}, "audit_both_lists"),
    "folder": ({"offboard_report_dir": "staff.csv"}, "offboard_report_dir"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_nothing_is_sent(ansible: Ansible, mock: MockVendors, name: str) -> None:
    seed(mock)
    variables, named = BAD[name]
    (ansible.place / "staff.csv").write_text("name;unit\nJane;sales\n", encoding="utf-8")
    paths = ("audit_staff_file", "offboard_report_dir")
    given = {key: str(ansible.place / value) if key in paths else value for key, value in variables.items()}
    run = playbook(ansible, mock, "audit", limit="zitadel", variables=given)
    assert run.rc == 2, run
    assert named in " ".join(task.msg for task in run.tasks), run
    assert mock.log() == []
