# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The preflight: what a run can do at each tenant, without a list or a write, with a remedy for each fault."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from demo.story import VENDORS, account
from harness.convergence import assert_no_secret
from harness.playbook import Ansible, Run
from harness.scenes import Scene, play
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

TENANTS = REPOSITORY / "examples" / "tenants.yml"
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
READABLE = [vendor for vendor in VENDORS if vendor != "customergauge"]
STATED = ["zitadel"]
"""Vendors that state the rights of a credential."""
COUNTS = {
    "customergauge": (1, 0),
    "laurel": (1, 1),
    "learn": (0, 1),
    "netex": (0, 1),
    "zitadel": (1, 3),
    "scim": (0, 2),
}
"""Token requests and others, where everything is as it should be."""
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed({vendor: [account(vendor, email) for email in (JANE, SAM)] for vendor in VENDORS})
    return mock


def preflight(
    ansible: Ansible, mock: MockVendors, *, env: dict[str, str] | None = None, check: bool = False, **variables: Any
) -> Run:
    """Run the playbook; whatever comes of it, nothing is written, and no address and no secret shows at -vvv."""
    mock.clear_log()
    retries = {f"{vendor}_retries": 0 for vendor in VENDORS}
    run = ansible.run(
        "saas.offboarding.preflight",
        inventory=TENANTS,
        env={**mock.environment(), **(env or {})},
        extra_vars={**retries, **variables},
        check=check,
        verbosity=3,
    )
    assert mock.log(kind="write") == []
    assert_no_secret(run, mock)
    for email in (JANE, SAM):
        assert email not in run.everything
    assert ADDRESS.findall("\n".join([*run.table, *run.verdicts.values()])) == []
    assert "Traceback" not in run.everything
    assert len({task.host for task in run.tasks if task.task.startswith("Check the tenant")}) == len(VENDORS)
    return run


def rows(run: Run) -> dict[str, dict[str, tuple[str, str]]]:
    """The table: by tenant and check, the result and the text."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for line in run.table[2:]:
        tenant, check, result, *text = re.split(r"  +", line)
        found.setdefault(tenant, {})[check] = (result, " ".join(text))
    assert set(found) == set(VENDORS), run.table
    return found


def results(run: Run) -> dict[str, dict[str, str]]:
    return {tenant: {check: result for check, (result, _text) in found.items()} for tenant, found in rows(run).items()}


def counted(mock: MockVendors) -> dict[str, tuple[int, int]]:
    found = {}
    for vendor in VENDORS:
        log = mock.log(vendor=vendor)
        tokens = sum(each["kind"] == "token" for each in log)
        found[vendor] = (tokens, len(log) - tokens)
    return found


@pytest.mark.parametrize("check", [False, True])
def test_a_successful_preflight_states_what_a_run_can_do(ansible: Ansible, seeded: MockVendors, check: bool) -> None:
    run = preflight(ansible, seeded, check=check)
    assert run.rc == 0, run
    found = results(run)
    for vendor in VENDORS:
        state = "ok" if vendor in STATED else "not known"
        listed = "ok" if vendor in READABLE else "not known"
        assert found[vendor] == {"log-in": "ok", "list": listed, "rights": state, "reach": state}
    assert "All organizations of the instance" in rows(run)["zitadel"]["reach"][1]
    assert "No tenant would fail. Nothing was written." in run.table[0]
    assert counted(seeded) == COUNTS


def test_a_wrong_secret_is_a_log_in_that_fails_and_the_others_are_looked_at(
    ansible: Ansible, seeded: MockVendors
) -> None:
    wrong = {
        name: f"{value}-not"
        for name, value in seeded.environment().items()
        if (name.endswith(("_SECRET", "_AUTH_TOKEN")) or name == "SCIM_ACCESS_TOKEN") and not name.startswith("LAUREL")
    }
    run = preflight(ansible, seeded, env=wrong)
    assert run.rc == 2
    found = rows(run)
    for vendor in VENDORS:
        if vendor == "laurel":
            assert found[vendor]["list"][0] == "ok"
            continue
        assert list(found[vendor]) == ["log-in"]
        assert found[vendor]["log-in"][0] == "WOULD FAIL"
        assert "Check the credential" in found[vendor]["log-in"][1]
    assert "5 of 6 tenants would fail" in run.table[0]
    assert set(run.verdicts) == set(VENDORS) - {"laurel"}
    assert run.verdicts["netex"].startswith("unauthorized: netex, log-in: ")
    assert found["netex"]["log-in"][1].startswith("unauthorized: ")
    assert [value for value in wrong.values() if value in run.everything] == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"action": "status", "status": 403}, "answered 403"),
        ({"action": "html"}, "an HTML page"),
        ({"action": "status", "status": 404}, "answered 404"),
    ],
    ids=["403", "HTML", "404"],
)
def test_an_unreadable_list_and_a_failed_log_in_have_different_messages(
    ansible: Ansible, seeded: MockVendors, fault: dict[str, Any], message: str
) -> None:
    for vendor in READABLE:
        service = "learn_api" if vendor == "learn" else vendor
        seeded.fault(service, **fault, kind="read")
    run = preflight(ansible, seeded)
    assert run.rc == 2
    found = rows(run)
    for vendor in READABLE:
        result, text = found[vendor]["list"]
        assert result == "WOULD FAIL", vendor
        assert message in text
        assert ("Give the credential the right" if "403" in message else "Check the address") in text
        # A credential that goes along unasked is accepted or not; what came shows neither.
        assert found[vendor]["log-in"][0] == ("ok" if vendor in ("laurel", "zitadel") else "not known")
    assert "customergauge" not in run.verdicts


def test_an_unreachable_tenant_is_reported_with_a_remedy(ansible: Ansible, seeded: MockVendors) -> None:
    gone = {vendor: False for vendor in READABLE if vendor != "learn"}
    seeded.listening(**gone, customergauge_token=False, learn_api=False)
    try:
        run = preflight(ansible, seeded)
    finally:
        seeded.listening(**dict.fromkeys(gone, True), customergauge_token=True, learn_api=True)
    assert run.rc == 2
    for vendor, checks in rows(run).items():
        assert list(checks) == ["log-in"], vendor
        assert "Connection refused" in checks["log-in"][1]
        assert "name resolution and the proxy" in checks["log-in"][1]


def test_an_empty_directory_proves_nothing(ansible: Ansible, mock: MockVendors) -> None:
    run = preflight(ansible, mock)
    assert run.rc == 2
    found = rows(run)
    for vendor in READABLE:
        assert found[vendor]["list"][0] == "WOULD FAIL", vendor
        # ZITADEL shows each credential its own account.
        assert ("proves nothing" if vendor == "zitadel" else "empty list of users") in found[vendor]["list"][1]


@pytest.mark.parametrize(
    ("switches", "state", "rights", "reach"),
    [
        ({"roles": ["organization"]}, "deactivated", "ok", "Of the instance only: Acme (300000000000000100)"),
        ({"rights": "read_only"}, "deactivated", "WOULD FAIL", "All organizations"),
        ({"rights": "read_only"}, "absent", "WOULD FAIL", "All organizations"),
        ({"rights": "none"}, "deactivated", "WOULD FAIL", "Its own account only"),
        ({"own_rights": False}, "deactivated", "not known", "does not state"),
        ({"roles": ["elsewhere"]}, "deactivated", "not known", "Other (300000000000000101)"),
        ({"roles": ["organization", "elsewhere"], "rights": "read_only"}, "locked", "not known", "Acme"),
    ],
)
def test_what_zitadel_states_of_rights_is_believed_and_nothing_is_guessed(
    ansible: Ansible, seeded: MockVendors, switches: dict[str, Any], state: str, rights: str, reach: str
) -> None:
    seeded.switch("zitadel", **switches)
    run = preflight(ansible, seeded, offboard_states={"zitadel": state}, offboard_allow_delete=True)
    found = rows(run)["zitadel"]
    assert found["rights"][0] == rights
    assert reach in found["reach"][1]
    assert (run.rc == 2) == (rights == "WOULD FAIL")
    if rights == "WOULD FAIL":
        assert ("user.delete" if state == "absent" else "user.write") in found["rights"][1]
        assert "ORG_USER_MANAGER" in run.verdicts["zitadel"]


def test_for_an_audit_a_credential_that_reads_is_enough(ansible: Ansible, seeded: MockVendors) -> None:
    seeded.switch("zitadel", rights="read_only")
    run = preflight(
        ansible, seeded, preflight_for="audit", offboard_states={"zitadel": "absent"}, offboard_max_percent=10
    )
    assert run.rc == 0, run
    assert rows(run)["zitadel"]["rights"][0] == "lacking"
    strict = preflight(ansible, seeded, preflight_for="audit", audit_unknown="fail")
    assert set(strict.verdicts) == {"customergauge"}
    assert results(strict)["customergauge"]["list"] == "WOULD FAIL"


def test_settings_that_make_accounts_fail_are_reported_for_each_tenant(ansible: Ansible, seeded: MockVendors) -> None:
    """A state that is not offered, a deletion that is not allowed, a share of users that cannot be counted."""
    run = preflight(ansible, seeded, offboard_states={"netex": "locked", "laurel": "absent"}, offboard_max_percent=10)
    assert run.rc == 2
    found = rows(run)
    assert "locked" in found["netex"]["state"][1]
    assert "offboard_allow_delete" in found["laurel"]["state"][1]
    assert "offboard_max_changes" in found["customergauge"]["guard rails"][1]
    assert set(run.verdicts) == {"netex", "laurel", "customergauge"}
    assert run.verdicts["netex"].startswith("invalid_input: netex, state: ")
    assert run.verdicts["customergauge"].startswith("unknown_size: customergauge, guard rails: ")
    # The rest is looked at all the same.
    assert found["netex"]["list"][0] == "ok"


def test_variables_that_a_run_would_refuse_are_refused_before_any_request(
    ansible: Ansible, seeded: MockVendors
) -> None:
    run = preflight(ansible, seeded, offboard_sla="soon", offboard_max_changes="many", preflight_for="everything")
    assert run.rc == 2
    for text in run.verdicts.values():
        assert [name for name in ("offboard_sla", "offboard_max_changes", "preflight_for") if name not in text] == []
    assert seeded.log() == []


def test_tenants_that_are_left_out_are_named_and_those_that_are_missing_fail_it(
    ansible: Ansible, seeded: MockVendors
) -> None:
    expected = {"offboard_expected_tenants": [*VENDORS, "okta"]}
    env = seeded.environment()
    run = ansible.run("saas.offboarding.preflight", inventory=TENANTS, env=env, limit="zitadel")
    assert run.rc == 0, run
    assert " of 1 of 6 tenants: No tenant would fail." in run.table[0]
    assert [line for line in run.table if line.startswith("Left out by --limit: ")] == [
        f"Left out by --limit: {vendor}" for vendor in VENDORS if vendor != "zitadel"
    ]
    run = ansible.run("saas.offboarding.preflight", inventory=TENANTS, env=env, extra_vars=expected)
    assert run.rc == 2
    assert " of 6 of 7 tenants: " in run.table[0]
    assert "tenant_missing: okta is expected and not in the inventory" in run.table
    (message,) = run.verdicts.values()
    assert message.startswith("tenant_missing: not in the inventory: okta. ")
    assert seeded.log(kind="write") == []


def test_a_list_is_neither_needed_nor_read(ansible: Ansible, seeded: MockVendors) -> None:
    run = preflight(ansible, seeded, offboard_leavers_file="/nowhere/leavers.csv", offboard_protected_file="/nowhere")
    assert run.rc == 0, run


def test_the_role_reports_for_hosts_alone_and_for_the_vendors_of_localhost(
    ansible: Ansible, seeded: MockVendors
) -> None:
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ offboard_result | to_json }}"}}
    role = {"ansible.builtin.import_role": {"name": "saas.offboarding.offboard", "tasks_from": "preflight"}}
    play = {"hosts": "saas", "gather_facts": False, "connection": "local", "strategy": "free", "tasks": [role, show]}
    local = ansible.run([role, show], env=seeded.environment())
    assert local.rc == 0, local
    found = json.loads(local.result("Show").msg)
    assert (found["kind"], found["outcome"], found["folder"], set(found["tenants"])) == (
        "preflight",
        "ok",
        None,
        set(VENDORS),
    )
    assert found["tenants"]["netex"] == {"ok": 2, "fails": 0, "lacking": 0, "unknown": 2}
    free = ansible.run([play], inventory=TENANTS, env=seeded.environment(), limit="netex,zitadel")
    assert free.rc == 0, free
    for host in ("netex", "zitadel"):
        assert set(json.loads(free.result("Show", host).msg)["tenants"]) == {host}
    assert seeded.log(kind="write") == []


def test_a_module_returns_the_checks(ansible: Ansible, seeded: MockVendors) -> None:
    wrong = {"auth_token": "another-token-0815"}
    options = {"state": "deactivated", "preflight": True, "retries": 0}
    played = play(
        ansible,
        seeded,
        [
            Scene("Good", "netex_user", options),
            Scene("Wrong", "netex_user", {**options, **wrong}),
            Scene("Named", "netex_user", {**options, "username": "jane"}),
            Scene("Token", "customergauge_user", {**options, "access_token": "given-token-0815"}),
            Scene("Quoted", "laurel_user", options, faults=[QUOTING]),
        ],
        env={name: value for name, value in seeded.environment().items() if "CUSTOMERGAUGE_CLIENT" not in name},
    )
    assert [each["result"] for each in played["Good"].result.result["checks"]] == ["ok", "ok", "unknown", "unknown"]
    assert played["Wrong"].result.failed
    assert [each["code"] for each in played["Wrong"].result.result["checks"]] == ["unauthorized"]
    assert "preflight looks at no account" in played["Named"].result.msg
    assert played["Named"].log == []
    # What was given is not tried: the only request of CustomerGauge closes an account.
    assert played["Token"].log == []
    assert {each["result"] for each in played["Token"].result.result["checks"]} == {"unknown"}
    (listed,) = [each for each in played["Quoted"].result.result["checks"] if each["check"] == "list"]
    assert "(an address)" in listed["message"]
    assert JANE not in json.dumps(played["Quoted"].result.result)


QUOTING = {"action": "status", "status": 400, "json": {"message": f"no rights for {JANE}, ask <{SAM}>"}, "kind": "read"}
