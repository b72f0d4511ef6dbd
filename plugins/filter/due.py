# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: due
author: saas.offboarding contributors (@saas-offboarding)
extends_documentation_fragment: saas.offboarding.packed
version_added: 1.0.0
short_description: Pick the leavers whose time has come
description:
  - Returns the leavers who have left by a given moment. A leaver without a time to leave is due.
positional: at
options:
  _input:
    description: Leavers as P(saas.offboarding.leavers#filter) returns them.
    type: list
    elements: dict
    required: true
  at:
    description: The moment, in ISO 8601 with zone.
    type: str
    required: true
seealso:
  - plugin: saas.offboarding.leavers
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Who has left by the end of November?
  ansible.builtin.debug:
    msg: >-
      {{ leavers | saas.offboarding.due('2026-11-30T23:59:59+01:00')
         | map(attribute='email') }}
"""

RETURN = r"""
_value:
  description: The leavers who are due, in the order of the list.
  type: list
  elements: dict
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter due."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"due": as_filter(_leavers.due)}
