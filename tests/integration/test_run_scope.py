# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A run succeeds only if everything requested was checked: scope, misspelt variables, unmatched leavers."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from demo.story import VENDORS, account, closed_at
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

TENANTS = REPOSITORY / "examples" / "tenants.yml"
JANE, SAM, UNKNOWN_USER = "leaver01@example.com", "leaver05@example.com", "no-such-user@example.com"
PLAYBOOKS = ("offboard", "audit", "preflight", "reinstate", "verify_evidence")
READABLE = {
    "all": {
        "children": {
            "saas": {
                "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
                "hosts": {
                    "netex": {"saas_vendor": "netex", "netex_tenant": "example"},
                    "zitadel": {"saas_vendor": "zitadel"},
                },
            }
        }
    }
}
"""An inventory in which *missing* is final: all of its vendors can be read."""


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed({vendor: [account(vendor, email) for email in (JANE, SAM)] for vendor in VENDORS})
    return mock


def run(ansible: Ansible, mock: MockVendors, name: str = "offboard", **options: Any) -> Run:
    mock.clear_log()
    variables = {
        "offboard_leavers": [{"email": JANE}],
        "offboard_report_dir": str(ansible.place / "reports"),
        **options.pop("variables", {}),
    }
    given = {name: value for name, value in variables.items() if value is not None}
    options.setdefault("inventory", TENANTS)
    return ansible.run(f"saas.offboarding.{name}", env=mock.environment(), extra_vars=given, **options)


def evidence(ansible: Ansible) -> dict[str, Any]:
    (path,) = (ansible.place / "reports").glob("*/evidence.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def junit(ansible: Ansible) -> ET.Element:
    (path,) = (ansible.place / "reports").glob("*/junit.xml")
    return ET.parse(path).getroot()


# -- options of the command that skip tasks


@pytest.mark.parametrize("name", PLAYBOOKS)
@pytest.mark.parametrize(
    "arguments",
    [["--tags", "nightly"], ["--skip-tags", "all"], ["--start-at-task", "Report"], ["--tags", "always,nightly"]],
    ids=lambda each: each[0] + each[1],
)
def test_no_playbook_skips_tasks(ansible: Ansible, mock: MockVendors, name: str, arguments: list[str]) -> None:
    done = run(ansible, mock, name, arguments=arguments)
    assert done.rc != 0, done
    assert f"{arguments[0]}" in done.everything
    assert "would skip tasks of this playbook" in done.everything
    assert "--limit or offboard_vendors" in done.everything
    assert mock.log() == []


def test_the_tag_all_is_the_default(ansible: Ansible, seeded: MockVendors) -> None:
    assert run(ansible, seeded, arguments=["--tags", "all"]).rc == 0


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_syntax_check_needs_no_inventory(ansible: Ansible, mock: MockVendors, name: str) -> None:
    done = ansible.run(f"saas.offboarding.{name}", arguments=["--syntax-check"])
    assert done.rc == 0, done


# -- names that match nothing


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": "zitadel,laurl"}, "--limit has 'laurl', which matches no host"),
        ({"limit": "saas:&zitadel:!netx:laurl"}, "--limit has 'laurl', which matches no host"),
        ({"variables": {"offboard_hosts": "zitadel,laurl"}}, "offboard_hosts has 'laurl', which matches no host"),
        ({"variables": {"offboard_hosts": ["laurl", "netx"]}}, "offboard_hosts has 'laurl', 'netx', which matches"),
        ({"variables": {"offboard_hosts": "saas:!netx"}}, "offboard_hosts has '!netx', which matches no host"),
        (
            {"variables": {"offboard_hosts": "netex"}, "limit": "zitadel"},
            "The pattern netex matches no host of this run",
        ),
        ({"variables": {"offboard_hosts": "mistyped"}}, "offboard_hosts has 'mistyped', which matches no host"),
        ({"variables": {"offboard_vendors": "zitadel,netx"}}, "offboard_vendors names 'netx', which is not a vendor"),
        (
            {"variables": {"offboard_vendors": "zitadel,laurel"}, "inventory": READABLE},
            "offboard_vendors names laurel, of which the inventory has no tenant",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_name_that_matches_nothing_is_refused(
    ansible: Ansible, seeded: MockVendors, options: dict[str, Any], message: str
) -> None:
    done = run(ansible, seeded, **options)
    assert done.rc != 0, done
    assert message in " ".join(done.everything.split())
    assert seeded.log() == []


def test_a_limit_may_be_a_file(ansible: Ansible, seeded: MockVendors) -> None:
    limit = ansible.place / "failed.retry"
    limit.write_text("zitadel\nlaurl\n", encoding="utf-8")
    done = run(ansible, seeded, limit=f"@{limit}")
    assert done.rc != 0
    assert "--limit has 'laurl'" in done.everything
    limit.write_text("zitadel\n", encoding="utf-8")
    done = run(ansible, seeded, limit=f"@{limit}")
    assert done.rc == 0, done
    assert done.table[0].endswith("1 leaver at 1 of 6 tenants.")


def test_hosts_may_be_a_list(ansible: Ansible, seeded: MockVendors) -> None:
    done = run(ansible, seeded, variables={"offboard_hosts": ["netex", "zitadel"]})
    assert done.rc == 0, done
    assert evidence(ansible)["scope"]["tenants"] == ["netex", "zitadel"]


# -- less than the inventory


@pytest.mark.parametrize(
    ("options", "by", "covered"),
    [
        ({"limit": "zitadel"}, "--limit", ["zitadel"]),
        ({"variables": {"offboard_hosts": "netex,zitadel"}}, "offboard_hosts", ["netex", "zitadel"]),
        ({"variables": {"offboard_vendors": "netex"}}, "offboard_vendors", ["netex"]),
    ],
    ids=["--limit", "offboard_hosts", "offboard_vendors"],
)
def test_what_was_left_out_is_named(
    ansible: Ansible, seeded: MockVendors, options: dict[str, Any], by: str, covered: list[str]
) -> None:
    expected = {"offboard_expected_tenants": list(VENDORS)}
    done = run(ansible, seeded, **{**options, "variables": {**options.get("variables", {}), **expected}})
    assert done.rc == 0, done
    assert done.table[0].endswith(f"1 leaver at {len(covered)} of 6 tenants.")
    others = [{"tenant": vendor, "by": by} for vendor in sorted(VENDORS) if vendor not in covered]
    scope = evidence(ansible)["scope"]
    assert (scope["tenants"], scope["known"], scope["missing"]) == (covered, 6, [])
    assert sorted(scope["left_out"], key=lambda each: str(each["tenant"])) == others
    assert all(f"Left out by {by}: {each['tenant']}" in done.table for each in others)
    page = next((ansible.place / "reports").glob("*/report.html")).read_text(encoding="utf-8")
    assert f"{len(covered)} of 6 tenants" in page


def test_an_expected_tenant_that_the_inventory_lacks_fails_the_run_after_the_others(
    ansible: Ansible, seeded: MockVendors
) -> None:
    expected = {"offboard_expected_tenants": ["netex", "zitadel", "laurel-eu"]}
    done = run(ansible, seeded, inventory=READABLE, variables=expected)
    assert done.rc == 2, done
    assert any(
        message.startswith("tenant_missing: not in the inventory: laurel-eu.") for message in done.verdicts.values()
    )
    assert done.table[0].endswith("1 leaver at 2 of 3 tenants.")
    assert all(closed_at(vendor, seeded.state(vendor)) == {JANE} for vendor in ("netex", "zitadel"))
    assert evidence(ansible)["scope"]["missing"] == ["laurel-eu"]
    assert [each.get("type") for each in junit(ansible).iter("error")] == ["tenant_missing"]


def test_a_slice_does_not_know_which_tenants_are_missing(ansible: Ansible, seeded: MockVendors) -> None:
    sliced = {"offboard_expected_tenants": ["netex", "laurel-eu"], "offboard_sliced": True}
    done = run(ansible, seeded, inventory=READABLE, variables=sliced)
    assert done.rc == 0, done
    assert any(line.startswith("This job is a slice") for line in done.table)
    assert evidence(ansible)["scope"]["sliced"] is True


def test_a_host_without_saas_vendor_runs_the_vendors_with_options(ansible: Ansible, mock: MockVendors) -> None:
    mock.seed({vendor: [account(vendor, JANE)] for vendor in VENDORS})
    everything = mock.environment()
    env = {
        name: value
        for name, value in everything.items()
        if not name.startswith(("LAUREL_", "LEARN_", "CUSTOMER", "SCIM_"))
    }
    variables = {"offboard_leavers": [{"email": JANE}], "offboard_hosts": "localhost"}
    some = ansible.run("saas.offboarding.offboard", env=env, extra_vars=variables)
    assert some.rc == 0, some
    assert {call["vendor"] for call in mock.log(kind="write")} == {"netex", "zitadel"}
    mock.clear_log()
    own = tuple(f"{vendor.upper()}_" for vendor in VENDORS)
    none = {name: value for name, value in everything.items() if not name.startswith(own)}
    done = ansible.run("saas.offboarding.offboard", env=none, extra_vars=variables)
    assert done.rc == 2, done
    assert "Host localhost has no connection option of a vendor" in done.everything
    assert mock.log() == []


# -- variables that nothing reads


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("offboard_max_change", 1, "offboard_max_changes"),
        ("offboard_protect", ["boss@example.com"], "offboard_protected"),
        ("audit_orphan", "fail", "audit_orphans"),
        ("reinstate_leaver", ["a@example.com"], "reinstate_leavers"),
        ("zitadel_acces_token", "x", "zitadel_access_token"),
        ("netex_token_auth", "x", "netex_auth_token"),
        ("ofboard_max_changes", 1, "offboard_max_changes"),
        ("Offboard_Protected", ["boss@example.com"], "offboard_protected"),
    ],
)
def test_a_misspelt_variable_is_refused(
    ansible: Ansible, seeded: MockVendors, name: str, value: Any, meant: str
) -> None:
    done = run(ansible, seeded, variables={name: value})
    assert done.rc == 2, done
    assert f"{name} is not a variable of this collection and has no effect. Is {meant} meant?" in done.everything
    assert seeded.log() == []


def test_variables_of_others_are_left_alone(ansible: Ansible, seeded: MockVendors) -> None:
    others = {"offboard_team": "IT", "offboard_own_variables": ["offboard_te*"], "audit_trail": 1, "zitadel_version": 2}
    tasks = [
        {"name": "Look", "ansible.builtin.command": "true", "register": "offboard_look", "changed_when": False},
        {"ansible.builtin.import_role": {"name": "saas.offboarding.offboard"}},
    ]
    variables = {"offboard_leavers": [{"email": JANE}], **others}
    plays = [{"hosts": "saas", "gather_facts": False, "tasks": tasks}]
    done = ansible.run(plays, inventory=TENANTS, env=seeded.environment(), extra_vars=variables, check=True)
    assert done.rc == 0, done


def test_words_that_ansible_drops_are_refused(ansible: Ansible, seeded: MockVendors) -> None:
    done = run(ansible, seeded, arguments=["-e", "offboard_reason=wrong list"])
    assert done.rc != 0, done
    assert """-e '{"offboard_reason": "wrong list"}'""" in " ".join(done.everything.split())
    assert seeded.log() == []
    assert run(ansible, seeded, arguments=["-e", "offboard_reason='wrong list'"]).rc == 0
    assert evidence(ansible)["reason"] == "wrong list"


# -- leavers who are found nowhere


def test_a_leaver_without_an_account_is_named_everywhere(ansible: Ansible, seeded: MockVendors) -> None:
    later = {"email": SAM, "leave_at": "2099-01-01T00:00:00Z"}
    variables = {"offboard_leavers": [{"email": JANE, "leave_at": "2020-01-01T00:00:00Z"}, later]}
    variables["offboard_leavers"].append({"email": UNKNOWN_USER, "leave_at": "2020-01-01T00:00:00Z"})
    done = run(ansible, seeded, inventory=READABLE, variables=variables, check=True)
    assert done.rc == 0, done
    assert f"unmatched: 1 leaver with no account at any tenant: {UNKNOWN_USER}." in done.table
    assert evidence(ansible)["unmatched"] == {"leavers": [UNKNOWN_USER], "not_final": [], "failing": False}
    (folder,) = (ansible.place / "reports").iterdir()
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert (plan["unmatched"], plan["not_due"], plan["scope"]["left_out"]) == ([UNKNOWN_USER], [SAM], [])
    assert [each.get("name") for each in junit(ansible).iter("testsuite")][-1] == "unmatched leavers"
    rows = (folder / "evidence.csv").read_text(encoding="utf-8").splitlines()
    column = rows[0].split(",").index("unmatched")
    assert {row.split(",")[1]: row.split(",")[column] for row in rows[1:]} == {
        JANE: "false",
        SAM: "false",
        UNKNOWN_USER: "true",
    }
    assert f"with no account at any tenant: {UNKNOWN_USER}" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["offboard", "audit"])
def test_a_leaver_without_an_account_can_fail_the_run(ansible: Ansible, seeded: MockVendors, name: str) -> None:
    variables = {"offboard_leavers": [{"email": UNKNOWN_USER}], f"{name}_unmatched": "fail"}
    done = run(ansible, seeded, name, inventory=READABLE, variables=variables)
    assert done.rc == 2, done
    assert any(message.startswith("unmatched: 1 leaver with no account") for message in done.verdicts.values())
    # A tenant was left out: there may be an account.
    assert run(ansible, seeded, name, inventory=READABLE, variables=variables, limit="netex").rc == 0
    # CustomerGauge cannot be read.
    assert run(ansible, seeded, name, variables=variables).rc == 0


def test_an_account_that_the_list_names_must_exist(ansible: Ansible, seeded: MockVendors) -> None:
    leavers: list[dict[str, Any]] = [
        {"email": JANE, "accounts": {"netex": {"user_id": "6962"}}},
        {"email": UNKNOWN_USER},
    ]
    done = run(ansible, seeded, inventory=READABLE, variables={"offboard_leavers": leavers})
    assert done.rc == 2, done
    message = f"no_account: netex: 1 of 2 leavers without an account: {JANE}: There is no account with user_id 6962"
    assert done.verdicts["netex"].startswith(message)
    assert "zitadel" not in done.verdicts
    leavers[0]["accounts"] = {"customergauge": {"email": "other@example.com"}}
    assert run(ansible, seeded, variables={"offboard_leavers": leavers}).rc == 0
    accepted = {
        "offboard_leavers": [{"email": JANE, "accounts": {"netex": "no-such-user"}}],
        "offboard_on_missing": "ok",
    }
    assert run(ansible, seeded, inventory=READABLE, variables=accepted).rc == 0


# -- the brake


def test_a_run_changes_a_hundred_accounts_at_most_without_a_number(ansible: Ansible, mock: MockVendors) -> None:
    emails = [f"leaver{number:03}@example.com" for number in range(101)]
    mock.seed({vendor: [account(vendor, email) for email in emails] for vendor in ("netex", "zitadel")})
    variables = {"offboard_leavers": [{"email": email} for email in emails]}
    done = run(ansible, mock, inventory=READABLE, variables=variables)
    assert done.rc == 2, done
    assert mock.log(kind="write") == []
    message = done.verdicts["netex"]
    assert message.startswith("too_many_changes: netex: 101 of 101 leavers refused: leaver000@example.com, ")
    assert "max_changes is 100" in message
    assert "Set offboard_max_changes" in message
    assert "offboard_plan_file" in message
    assert "offboard_protected" not in message
    checked = run(ansible, mock, inventory=READABLE, variables=variables, check=True)
    assert checked.rc == 0, checked
    assert any("101 accounts would change" in line and "offboard_max_changes to 101" in line for line in checked.table)
    plan = next(iter((ansible.place / "reports").glob("*/plan.json")))
    planned = run(
        ansible, mock, inventory=READABLE, variables={**variables, "offboard_plan_file": str(plan)}, limit="netex"
    )
    assert planned.rc == 0, planned
    numbered = run(
        ansible, mock, inventory=READABLE, variables={**variables, "offboard_max_changes": 101}, limit="zitadel"
    )
    assert numbered.rc == 0, numbered
    assert all(closed_at(vendor, mock.state(vendor)) == set(emails) for vendor in ("netex", "zitadel"))
