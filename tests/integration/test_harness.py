# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The test harness: its record of a run of ansible-playbook is true and complete."""

from __future__ import annotations

import pytest

from harness.convergence import assert_no_secret, assert_no_warning
from harness.credentials import credentials
from harness.playbook import Ansible
from mock_vendors.client import MockVendors

REQUEST = {
    "name": "Request",
    "ansible.builtin.uri": {
        "url": "{{ lookup('ansible.builtin.env', 'NETEX_API_URL') }}/integration/ws/management/rest/users",
        "status_code": [401, 403],
    },
}
LOOK = {"name": "Look", "ansible.builtin.find": {"paths": "{{ playbook_dir }}/no-such-folder"}}


def test_results_are_recorded_by_task(ansible: Ansible) -> None:
    run = ansible.run(
        [
            {"name": "Say", "ansible.builtin.debug": {"msg": "{{ what }}"}},
            {"name": "Leave out", "ansible.builtin.debug": {"msg": "unseen"}, "when": False},
            {"name": "Refuse", "ansible.builtin.fail": {"msg": "as asked"}, "ignore_errors": True},
            {"name": "Change", "ansible.builtin.command": {"cmd": "true"}},
            {"name": "End", "ansible.builtin.fail": {"msg": "the end"}},
        ],
        extra_vars={"what": "word"},
    )
    assert run.rc == 2
    assert [(task.task, task.status) for task in run.tasks] == [
        ("Say", "ok"),
        ("Leave out", "skipped"),
        ("Refuse", "failed"),
        ("Change", "ok"),
        ("End", "failed"),
    ]
    assert run.result("Say").msg == "word"
    assert run.result("Change").changed
    assert run.result().msg == "the end"


def test_check_mode_and_diff_reach_ansible(ansible: Ansible) -> None:
    task = {"name": "Write", "ansible.builtin.copy": {"content": "x\n", "dest": "{{ playbook_dir }}/x", "mode": "0600"}}
    run = ansible.run([task], check=True, diff=True)
    assert run.result("Write").changed
    assert run.result("Write").diff
    assert "+x" in run.stdout
    assert not list(ansible.place.glob("run-*/x"))


def test_the_callers_ansible_settings_stay_out(ansible: Ansible, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "no.such.callback")
    monkeypatch.setenv("ZITADEL_ACCESS_TOKEN", "outside")
    run = ansible.run([{"name": "Look", "ansible.builtin.command": {"cmd": "env"}}])
    assert run.rc == 0
    assert "outside" not in run.everything


def test_a_request_reaches_the_mock(ansible: Ansible, mock: MockVendors) -> None:
    run = ansible.run([REQUEST], env=mock.environment())
    assert run.rc == 0, str(run)
    assert [(request["vendor"], request["status"]) for request in mock.log(kind="read")] == [
        ("netex", run.result("Request").result["status"])
    ]
    assert mock.log(kind="write") == []
    assert_no_secret(run, mock)


def test_a_shown_credential_is_found(ansible: Ansible, mock: MockVendors) -> None:
    found = credentials(mock)
    for variable in ("NETEX_AUTH_TOKEN", "ZITADEL_CLIENT_SECRET", "LEARN_API_SECRET"):
        assert mock.environment()[variable] in found
    mock.population(netex=1)
    (account,) = mock.state("netex").values()
    leaky = ansible.run([{"ansible.builtin.debug": {"msg": f"before {account['password']} after"}}])
    with pytest.raises(AssertionError, match="a credential shows"):
        assert_no_secret(leaky, mock)


def test_the_mock_starts_afresh_for_each_test(mock: MockVendors) -> None:
    assert mock.log() == []


def test_a_warning_is_found_unless_it_is_expected(ansible: Ansible) -> None:
    run = ansible.run([LOOK])
    assert run.rc == 0, str(run)
    with pytest.raises(AssertionError):
        assert_no_warning(run)
    assert_no_warning(run, allowed=["no-such-folder"])
