# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: protected
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Read the list of accounts that are never touched
description:
  - Returns the keys, ids and shell patterns that stand in the text of a file, one in each line, for the option
    O(saas.offboarding.zitadel_user#module:protected) of the modules of this collection.
  - Empty lines, and lines that begin with C(#), are left out.
  - A file that protects nobody, or that is no text in UTF-8, is an error.
positional: source, also
options:
  _input:
    description: The text of the file.
    type: str
    required: true
  source:
    description: What the file is called in messages.
    type: str
    required: true
  also:
    description: What is protected besides.
    type: list
    elements: str
    default: []
seealso:
  - plugin: saas.offboarding.offboard
    plugin_type: role
"""

EXAMPLES = r"""
- name: Close accounts, but not those of the board
  saas.offboarding.zitadel_user:
    users: "{{ leavers | saas.offboarding.vendor_users('zitadel') }}"
    state: deactivated
    protected: "{{ lookup('ansible.builtin.file', 'protected.txt') | saas.offboarding.protected('protected.txt') }}"
"""

RETURN = r"""
_value:
  description: What is protected, that of O(also) first, and then in the order of the file.
  type: list
  elements: str
  sample: [admin@example.com, "svc-*"]
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.module_utils import _leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter protected."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"protected": as_filter(_leavers.protected)}
