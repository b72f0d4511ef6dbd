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
  - Returns the pattern as it was given. One that names nobody is an error.
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
  type: raw
  sample: saas
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


@as_filter
def hosts(pattern: t.Any) -> t.Any:
    """Return a pattern of hosts that names somebody. Raises ValueError."""
    names = pattern if isinstance(pattern, list) else [pattern]
    if not any(str(name or "").strip() for name in names):
        raise ValueError("The pattern of hosts (offboard_hosts) is empty. Name hosts or groups, or leave it out.")
    return pattern


class FilterModule:
    """The filter hosts."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"hosts": hosts}
