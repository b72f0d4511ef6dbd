# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: register_hosts
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Choose the hosts of a play of the playbook register
description:
  - Returns the pattern if the play has something to do, and a pattern that matches no host if it has not.
  - Fails if C(--limit) leaves out a host or localhost, and if C(--tags), C(--skip-tags) or C(--start-at-task) is given.
  - In the play V(update) it takes the lock of the register (C(offboard_register_file)), which the process of
    C(ansible-playbook) holds until its end. Ansible reads the C(hosts) of a play in that process, before it starts its
    workers. The variables of hosts are known there from the second play on.
options:
  _input:
    description: A pattern of hosts or groups, or a list of them.
    type: raw
    required: true
  play:
    description:
      - V(check) is the first play, which checks the variables.
      - V(update) is the play that changes the register.
      - V(run) is the play that closes the accounts of the leavers who are due.
      - V(move) is the play that moves these leavers to the file of those who are done.
    type: str
    choices: [check, update, run, move]
    required: true
"""

# example-proved-by: tests/integration/test_register.py::test_the_playbook_does_what_its_module_shows
EXAMPLES = r"""
- name: Change the register
  hosts: "{{ 'localhost' | saas.offboarding.register_hosts('update') }}"
  gather_facts: false
  tasks:
    - name: Enter, change or withdraw leavers
      saas.offboarding.offboard_register:
        step: update
"""

RETURN = r"""
_value:
  description: The pattern.
  type: str
  sample: saas
"""

import typing as t
from collections.abc import Callable

from ansible import constants, context
from jinja2 import pass_context
from jinja2.runtime import Context

from ansible_collections.saas.offboarding.plugins.filter.hosts import hosts
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter
from ansible_collections.saas.offboarding.plugins.plugin_utils._register_lock import take
from ansible_collections.saas.offboarding.plugins.plugin_utils._register_state import (
    forget_state,
    read_state,
    run_folder,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import LISTS, LOCAL, wait_of
from ansible_collections.saas.offboarding.plugins.plugin_utils._scope import Inventory, left_out_by
from ansible_collections.saas.offboarding.plugins.plugin_utils._values import flag_of, path_of, tolerant
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import INVALID_INPUT

NO_HOST = "localhost,!localhost"
WAIT = 300
"""Seconds for which a change of the register waits for its lock. A run does not wait: the next one comes soon."""
PLAYS = ("check", "update", "run", "move")


@pass_context
@as_filter
def register_hosts(jinja: Context, pattern: t.Any, play: str) -> str:
    """Return the hosts of a play of the playbook register. Raises ValueError."""
    if play not in PLAYS:
        raise ValueError(f"{play!r:.40} is no play of the playbook register; known are {', '.join(PLAYS)}.")
    if not _only_lists() and left_out_by(Inventory(jinja["groups"]), jinja.get("ansible_limit"), LOCAL[:1]):
        raise ValueError(
            f"{INVALID_INPUT}: --limit leaves out localhost, where the register is kept, or tenants, where leavers "
            "would count as done. Nothing was done. Leave it out."
        )
    base = constants.DEFAULT_LOCAL_TMP
    if play == "update" and not _only_lists():
        forget_state(base)
        _take_lock(jinja["hostvars"]["localhost"])
    if play in ("run", "move"):
        state = read_state(base)
        if not state or not state["due"] or (play == "move" and run_folder(base) is None):
            return NO_HOST
    return str(hosts(jinja, pattern))


def _only_lists() -> bool:
    """Return whether the command runs no task."""
    return any(context.CLIARGS.get(name) for name in ("syntax", "listhosts", "listtasks", "listtags"))


def _take_lock(variables: t.Any) -> None:
    """Take the lock if something may be written. What is wrong with a variable is stated by the task."""
    path = tolerant(path_of, variables.get("offboard_register_file"), "")
    has_list = any(variables.get(name) not in (None, "") for name in LISTS)
    runs = tolerant(flag_of, variables.get("offboard_register_run"), False)
    if not path or not (has_list or runs) or context.CLIARGS.get("check"):
        return
    wait = tolerant(wait_of, variables.get("offboard_register_wait"), None)
    take(path, wait if wait is not None else WAIT if has_list else 0)


class FilterModule:
    """The filter register_hosts."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"register_hosts": register_hosts}
