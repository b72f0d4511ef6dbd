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
  - Returns the keys, ids and shell patterns of a list, of a text and of a file, for the option
    O(saas.offboarding.zitadel_user#module:protected) of the modules of this collection.
  - A file has one in each line. Empty lines, and those that begin with C(#), are left out.
  - What protects nobody though it was given, or is no text in UTF-8, is an error.
positional: text, source, leavers
options:
  _input:
    description: A list, or a text with one in each line or parted by commas.
    type: raw
    required: true
  text:
    description: The text of a file.
    type: str
  source:
    description: What the file is called in messages.
    type: str
    default: ""
  leavers:
    description: Leavers as P(saas.offboarding.leavers#filter) returns them. Where the e-mail address of one is
      protected, so are the keys by which its accounts are named.
    type: list
    elements: dict
    default: []
seealso:
  - plugin: saas.offboarding.leavers
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Close accounts, but not those of the board
  saas.offboarding.zitadel_user:
    users: "{{ leavers | saas.offboarding.vendor_users('zitadel') }}"
    state: deactivated
    protected: >-
      {{ ['svc-*'] | saas.offboarding.protected(board, 'board.txt', leavers) }}
  vars:
    board: "{{ lookup('ansible.builtin.file', 'board.txt') }}"
"""

RETURN = r"""
_value:
  description: What is protected, that of the list first.
  type: list
  elements: str
  sample: ["svc-*", admin@example.com]
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.plugin_utils import _leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter protected."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"protected": as_filter(_leavers.protected)}
