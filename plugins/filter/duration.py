# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: duration
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Read a duration
description:
  - Returns a duration in seconds. What is none is an error that names the variable.
positional: what
options:
  _input:
    description: A number of seconds, or days, hours, minutes and seconds such as V(90m), V(24h), V(1d12h).
    type: raw
    required: true
  what:
    description: What the duration is called in the error.
    type: str
    default: the duration
"""

EXAMPLES = r"""
- name: A day and a half in seconds
  ansible.builtin.debug:
    msg: "{{ '1d12h' | saas.offboarding.duration }}"
"""

RETURN = r"""
_value:
  description: The seconds.
  type: int
  sample: 129600
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    parse_duration,
)


@as_filter
def duration(value: t.Any, what: str = "the duration") -> int:
    """Return a duration in seconds."""
    return parse_duration(value, what)


class FilterModule:
    """The filter duration."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"duration": duration}
