# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: unpacked
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Get back the list that was packed as one text
description:
  - Returns what a filter or a module of this collection has packed as one text, and any other value as it is.
options:
  _input:
    description: The text.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Who could not be closed?
  ansible.builtin.debug:
    msg: >-
      {{ closed.users | saas.offboarding.unpacked
         | selectattr('outcome', 'equalto', 'failed') }}
"""

RETURN = r"""
_value:
  description: What was packed.
  type: raw
  sample: [{email: jane@example.com}]
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


@as_filter
def unpacked(value: t.Any) -> t.Any:
    """Return what was packed, which `as_filter` has unpacked already."""
    return value


class FilterModule:
    """The filter unpacked."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"unpacked": unpacked}
