# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: hosts
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Check the pattern of hosts that a playbook is to work on
description:
  - Returns the pattern as a text. If it is empty, or if a part of it or of C(--limit) matches no host of the inventory,
    the filter fails, and so no task of the playbook runs.
  - Fails if C(--tags), C(--skip-tags) or C(--start-at-task) would skip tasks of the playbook. Use C(--limit) instead.
  - Ansible reads the C(hosts) of a play before it starts its worker processes. A filter that is used there is loaded
    once, with all others of the collection, and not again by each worker. For a playbook with five tenants that is half
    of its time.
options:
  _input:
    description: A pattern of hosts or groups, or a list of them.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Close the accounts of leavers
  hosts: "{{ offboard_hosts | default('saas') | saas.offboarding.hosts }}"
  gather_facts: false
  roles:
    - saas.offboarding.offboard
"""

RETURN = r"""
_value:
  description: The pattern.
  type: str
  sample: saas
"""

import typing as t
from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context

from ansible_collections.saas.offboarding.plugins.plugin_utils._command_line import (
    dropped_words_faults,
    is_syntax_check,
    task_selection_faults,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import LOCAL
from ansible_collections.saas.offboarding.plugins.plugin_utils._scope import Inventory, pattern_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._values import pattern_of
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import INVALID_INPUT


@pass_context
@as_filter
def hosts(context: Context, pattern: t.Any) -> str:
    """Return a pattern of hosts that the command line and the inventory bear out. Raises ValueError."""
    try:
        text = pattern_of(pattern)
    except ValueError as exc:
        raise ValueError(f"offboard_hosts {exc}.") from None
    if not text:
        raise ValueError("The pattern of hosts (offboard_hosts) is empty. Name hosts or groups, or leave it out.")
    faults = [*task_selection_faults(), *dropped_words_faults()]
    if text not in LOCAL and not is_syntax_check():
        faults += pattern_faults(Inventory(context["groups"]), text, context.get("ansible_limit"))
    if faults:
        raise ValueError(f"{INVALID_INPUT}: {' '.join(faults)}")
    return text


class FilterModule:
    """The filter hosts."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"hosts": hosts}
