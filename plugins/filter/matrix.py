# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: matrix
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Show a run as a table of leavers by tenants
description:
  - Returns the lines of a table with a row for each leaver and a column for each tenant, of a table of totals, and of
    the reasons of what failed.
  - With more than 60 leavers only those are shown that somebody has to look at.
options:
  _input:
    description: A document as P(saas.offboarding.evidence#filter) returns it.
    type: dict
    required: true
seealso:
  - plugin: saas.offboarding.evidence
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what came of a run
  ansible.builtin.debug:
    msg: "{{ document | saas.offboarding.matrix }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.module_utils import _evidence
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter matrix."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"matrix": as_filter(_evidence.matrix)}
