# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Many invalid variables in one playbook: the role's message for each, before its first request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.playbook import Ansible, Run

ROLE = "saas.offboarding.offboard"


def refusals(
    ansible: Ansible, entry: str, cases: Sequence[Mapping[str, Any]], *, env: Mapping[str, str] | None = None
) -> list[str]:
    """Run a part of the role on localhost with each set of variables, and return what it failed with, in one line each.

    A start of ansible-playbook takes longer than all of them.
    """
    tasks = [_case(number, entry, dict(variables)) for number, variables in enumerate(cases)]
    run = ansible.run(tasks, env=env)
    assert run.rc == 0, str(run)
    return [_message(run, number) for number in range(len(cases))]


def _case(number: int, entry: str, variables: dict[str, Any]) -> dict[str, Any]:
    role = {"ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry}}
    return {
        "name": f"Case {number}",
        "vars": variables,
        "block": [role, {"name": f"Case {number} goes through", "ansible.builtin.debug": {"msg": ""}}],
        "rescue": [
            {"name": f"Case {number} fails", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}},
        ],
    }


def _message(run: Run, number: int) -> str:
    assert [task for task in run.tasks if task.task == f"Case {number} goes through"] == [], str(run)
    return " ".join(run.result(f"Case {number} fails").msg.split())
