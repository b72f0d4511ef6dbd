# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: failures
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Say what failed, for whom, and what to do
description:
  - Returns a text that names the tenants and the leavers that are not as asked, the first reason of each tenant,
    and what to do.
  - The text is empty when all is as asked.
options:
  _input:
    description: Reports as P(saas.offboarding.tenant_report#filter) and P(saas.offboarding.audit_report#filter) return
      them.
    type: list
    elements: dict
    required: true
  orphans_fail:
    description: Whether accounts that belong to nobody are a failure.
    type: bool
    default: false
seealso:
  - plugin: saas.offboarding.tenant_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Fail when anything failed
  ansible.builtin.assert:
    that: (reports | saas.offboarding.failures) == ''
    fail_msg: "{{ reports | saas.offboarding.failures }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""

import typing as t
from collections.abc import Callable, Iterable

from ansible_collections.saas.offboarding.plugins.module_utils._packed import unpack
from ansible_collections.saas.offboarding.plugins.plugin_utils import _console
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


def failures(reports: Iterable[t.Any], orphans_fail: bool = False) -> str:
    """Return what failed at the tenants, of which each report may be packed."""
    return _console.failures(map(unpack, reports), orphans_fail)


class FilterModule:
    """The filter failures."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"failures": as_filter(failures)}
