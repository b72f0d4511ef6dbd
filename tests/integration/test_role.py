# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The role in playbooks of users: strategies, batches, tags, conditions, and the fact offboard_result."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.story import VENDORS, account, closed_at
from harness.convergence import assert_no_secret, assert_no_warning
from harness.examples import proved_by
from harness.playbook import Ansible, Run
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

TENANTS = REPOSITORY / "examples" / "tenants.yml"
ROLE = "saas.offboarding.offboard"
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
PLAY: dict[str, Any] = {
    "hosts": "saas",
    "gather_facts": False,
    "connection": "local",
    "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
}
SHOW = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ offboard_result | to_json }}"}}


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed({vendor: [account(vendor, email) for email in (JANE, SAM)] for vendor in VENDORS})
    return mock


def run(ansible: Ansible, mock: MockVendors, *plays: dict[str, Any], **options: Any) -> Run:
    variables = {
        "offboard_leavers": [{"email": JANE}],
        "offboard_report_dir": str(ansible.place / "reports"),
        **options.pop("variables", {}),
    }
    given = {name: value for name, value in variables.items() if value is not None}
    return ansible.run(
        [{**PLAY, **play} for play in plays], inventory=TENANTS, env=mock.environment(), extra_vars=given, **options
    )


def folders(ansible: Ansible) -> list[list[str]]:
    """The tenants of each report."""
    found = []
    for path in sorted((ansible.place / "reports").glob("*/evidence.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        found.append(sorted(tenant["tenant"] for tenant in document["tenants"]))
    return sorted(found)


def results(done: Run) -> dict[str, dict[str, Any]]:
    return {task.host: json.loads(task.msg) for task in done.tasks if task.task == "Show"}


@pytest.mark.parametrize(
    ("keywords", "reports"),
    [
        ({}, [sorted(VENDORS)]),
        ({"strategy": "free"}, [[vendor] for vendor in sorted(VENDORS)]),
        ({"strategy": "host_pinned"}, [[vendor] for vendor in sorted(VENDORS)]),
        ({"serial": 1}, [[vendor] for vendor in sorted(VENDORS)]),
    ],
    ids=["linear", "free", "host_pinned", "serial"],
)
def test_a_report_covers_the_hosts_that_wait_for_each_other(
    ansible: Ansible, seeded: MockVendors, keywords: dict[str, Any], reports: list[list[str]]
) -> None:
    done = run(ansible, seeded, {**keywords, "roles": [ROLE], "post_tasks": [SHOW]})
    assert done.rc == 0, done
    assert_no_warning(done)
    assert folders(ansible) == reports
    assert all(closed_at(vendor, seeded.state(vendor)) == {JANE} for vendor in VENDORS)
    shown = results(done)
    assert len({result["run_id"] for result in shown.values()}) == len(reports)
    for host, result in shown.items():
        assert host in result["tenants"]
        assert (result["kind"], result["outcome"], result["check_mode"]) == ("offboard", "ok", False)
        document = json.loads((Path(result["folder"]) / "evidence.json").read_text(encoding="utf-8"))
        assert document["seal"] == result["seal"]
        covers = None if len(reports) == 1 else f"covers 1 of {len(VENDORS)} hosts of the play"
        part = document["parameters"]["part"]
        assert part is covers if covers is None else covers in part


def test_one_process_at_a_time_and_batches_of_two(ansible: Ansible, seeded: MockVendors) -> None:
    done = run(ansible, seeded, {"serial": 2, "roles": [ROLE]}, arguments=["--forks", "1"])
    assert done.rc == 0, done
    assert sorted(len(tenants) for tenants in folders(ansible)) == [2, 2, 2]


def test_import_include_and_roles_do_the_same(ansible: Ansible, seeded: MockVendors) -> None:
    by_role = {"roles": [ROLE], "post_tasks": [SHOW]}
    imported = {"tasks": [{"ansible.builtin.import_role": {"name": ROLE}}, SHOW]}
    included = {"tasks": [{"ansible.builtin.include_role": {"name": ROLE}}, SHOW]}
    done = run(ansible, seeded, by_role, imported, included, limit="zitadel,netex", check=True)
    assert done.rc == 0, done
    assert folders(ansible) == [["netex", "zitadel"]] * 3
    assert seeded.log(kind="write") == []


def test_item_of_a_loop_around_the_role_is_the_users_own(ansible: Ansible, seeded: MockVendors) -> None:
    each = {"offboard_leavers": [{"email": "{{ item }}"}], "offboard_ticket": "{{ item }}"}
    play = {"tasks": [{"ansible.builtin.include_role": {"name": ROLE}, "loop": [JANE, SAM], "vars": each}]}
    done = run(ansible, seeded, play, limit="netex,zitadel", variables={"offboard_leavers": None})
    assert done.rc == 0, done
    assert_no_warning(done)
    assert all(closed_at(vendor, seeded.state(vendor)) == {JANE, SAM} for vendor in ("netex", "zitadel"))
    assert folders(ansible) == [["netex", "zitadel"]] * 2
    found = [json.loads(path.read_text("utf-8")) for path in (ansible.place / "reports").glob("*/evidence.json")]
    assert {(each["ticket"], each["records"][0]["email"]) for each in found} == {(JANE, JANE), (SAM, SAM)}


def test_a_vendor_that_is_named_twice_is_worked_on_once(ansible: Ansible, seeded: MockVendors) -> None:
    done = ansible.run(
        [{**PLAY, "hosts": "localhost", "roles": [ROLE], "post_tasks": [SHOW]}],
        env=seeded.environment(),
        extra_vars={
            "offboard_leavers": [{"email": JANE}],
            "offboard_vendors": "netex, zitadel,netex",
            "offboard_report_dir": str(ansible.place / "reports"),
        },
    )
    assert done.rc == 0, done
    assert {name: counts["changed"] for name, counts in results(done)["localhost"]["tenants"].items()} == {
        "netex": 1,
        "zitadel": 1,
    }


@pytest.mark.parametrize(
    "where",
    ["{{ place }}/{{ inventory_hostname }}", "{{ '' if inventory_hostname == 'laurel' else place + '/below' }}"],
    ids=["a folder for each host", "none on the first host"],
)
def test_a_run_has_one_folder_also_where_a_template_differs_at_each_host(
    ansible: Ansible, seeded: MockVendors, where: str
) -> None:
    """A name with the time in it differs as well, now and then."""
    given = {"offboard_report_dir": where, "place": str(ansible.place / "reports")}
    play = {"roles": [ROLE], "post_tasks": [SHOW]}
    done = run(ansible, seeded, play, limit="netex,zitadel,laurel", variables=given)
    assert done.rc == 0, done
    (folder,) = {result["folder"] for result in results(done).values()}
    found = {path.parent for path in (ansible.place / "reports").rglob("*.json*")}
    assert found == {Path(folder), Path(folder) / "journal"}


def test_debug_output_shows_no_credential(ansible: Ansible, seeded: MockVendors) -> None:
    given = {"netex_auth_token": seeded.ready["netex"]["auth_token"]}
    noisy = replace(ansible, env={"ANSIBLE_DEBUG": "1"})
    done = run(noisy, seeded, {"roles": [ROLE]}, limit="netex,zitadel", variables=given, verbosity=5, diff=True)
    assert done.rc == 0, done
    assert_no_secret(done, seeded)


def test_run_once_names_the_tenants_left_out(ansible: Ansible, seeded: MockVendors) -> None:
    done = run(ansible, seeded, {"run_once": True, "roles": [ROLE]}, limit="netex,zitadel")
    assert done.rc == 0, done
    assert "The play left these tenants out, by a condition or by run_once: zitadel." in done.table


def test_a_tag_of_the_users_own_closes_nothing(ansible: Ansible, seeded: MockVendors) -> None:
    other = {"name": "Nightly", "ansible.builtin.debug": {"msg": "nightly"}, "tags": ["nightly"]}
    for how in ("import_role", "include_role"):
        tasks = [{f"ansible.builtin.{how}": {"name": ROLE}}, other]
        done = run(ansible, seeded, {"tasks": tasks}, arguments=["--tags", "nightly"])
        assert done.rc == 0, done
        assert "nightly" in done.stdout
    assert seeded.log() == []
    assert not (ansible.place / "reports").exists()


def test_a_host_that_the_play_skips_is_no_failure_and_one_that_failed_has_no_result(
    ansible: Ansible, seeded: MockVendors
) -> None:
    skipping = {"tasks": [{"ansible.builtin.import_role": {"name": ROLE}, "when": "inventory_hostname != 'laurel'"}]}
    done = run(ansible, seeded, skipping, limit="zitadel,laurel")
    assert done.rc == 0, done
    assert folders(ansible) == [["zitadel"]]
    assert "The play left these tenants out, by a condition or by run_once: laurel." in done.table
    broken = {"name": "Break", "ansible.builtin.fail": {"msg": "broken"}, "when": "inventory_hostname == 'laurel'"}
    done = run(ansible, seeded, {"pre_tasks": [broken], "roles": [ROLE]}, limit="zitadel,laurel")
    assert done.rc == 2
    assert any("laurel" in line and "left no result" in line for line in done.table), done
    assert folders(ansible) == [["laurel", "zitadel"], ["zitadel"]]


def test_the_result_is_there_where_the_run_failed_and_where_it_was_refused(
    ansible: Ansible, seeded: MockVendors
) -> None:
    seeded.fault("netex", "status", kind="write", status=403)
    role = {"ansible.builtin.import_role": {"name": ROLE}}
    play = {"tasks": [{"block": [role], "rescue": [SHOW]}]}
    two = {"offboard_leavers": [{"email": JANE}, {"email": "no-such-user@example.com"}]}
    done = run(ansible, seeded, play, limit="zitadel,netex", variables=two)
    (host,) = shown = results(done)
    result = shown[host]
    assert host == "netex"
    assert (result["outcome"], result["failed"], result["unmatched"]) == (
        "failed",
        [JANE],
        ["no-such-user@example.com"],
    )
    assert result["tenants"]["zitadel"]["changed"] == 1

    seeded.clear_log()
    done = run(ansible, seeded, play, limit="zitadel,netex", variables={"offboard_max_changes": "many"})
    for result in results(done).values():
        assert (result["outcome"], result["folder"], result["seal"], result["tenants"]) == ("refused", None, None, {})
    assert len(results(done)) == 2
    assert seeded.log() == []


def test_all_faults_of_a_run_are_named_at_once(ansible: Ansible, seeded: MockVendors) -> None:
    wrong = {
        "offboard_leavers": [{"email": "no address"}, {"email": SAM, "leave_at": "tomorrow"}],
        "offboard_max_changes": "many",
        "offboard_allow_delete": "perhaps",
        "offboard_protected_file": "nowhere.txt",
        "offboard_sla": "soon",
        "netex_auth_token": "{{ nothing_of_that_name }}",
    }
    done = run(ansible, seeded, {"roles": [ROLE]}, limit="netex", variables=wrong)
    assert done.rc == 2
    named = ("entry 1", "entry 2", *list(wrong)[1:])
    assert [name for name in named if name not in done.verdicts["netex"]] == []
    assert seeded.log() == []


def test_vaulted_templated_and_textual_values_arrive_right(ansible: Ansible, seeded: MockVendors) -> None:
    """A text of a number, of a boolean and of nothing is what ansible-core 2.18 hands over."""
    values = {
        "offboard_leavers": None,
        "people": [{"email": JANE}],
        "offboard_max_changes": "{{ '1' }}",
        "offboard_allow_delete": "False",
        "offboard_batch_size": "{{ '500' }}",
        "offboard_max_percent": "{{ omit }}",
        "zitadel_concurrency": "{{ '4' }}",
        "zitadel_validate_certs": "no",
    }
    play = {"vars": {**PLAY["vars"], "offboard_leavers": "{{ people }}"}, "roles": [ROLE]}
    done = run(ansible, seeded, play, limit="zitadel", variables=values)
    assert done.rc == 0, done
    assert closed_at("zitadel", seeded.state("zitadel")) == {JANE}


@pytest.mark.parametrize(
    "page",
    [
        "plugins/modules/offboard_tenant.py",
        "plugins/modules/offboard_report.py",
        "plugins/modules/offboard_result.py",
        "plugins/modules/offboard_verdict.py",
    ],
)
def test_the_actions_do_what_their_documentation_shows(ansible: Ansible, seeded: MockVendors, page: str) -> None:
    (example,) = proved_by("test_the_actions_do_what_their_documentation_shows", page)
    done = run(ansible, seeded, {"tasks": yaml.safe_load(example.text)}, limit="zitadel,netex")
    assert done.rc == 0, done
    assert folders(ansible) == [["netex", "zitadel"]]
    assert done.result("Get the result", "netex").result["result"]["outcome"] == "ok"
