# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: evidence
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Build the document of a run
description:
  - Puts the reports of all tenants into one document, with a record for each leaver and tenant.
positional: run
options:
  _input:
    description: Reports as P(saas.offboarding.tenant_report#filter) returns them.
    type: list
    elements: dict
    required: true
  run:
    description: What there is to say about the run as a whole. It must have V(run_id) and V(check_mode).
    type: dict
    required: true
  silent:
    description: The tenants that left no report.
    type: list
    elements: str
    default: []
seealso:
  - plugin: saas.offboarding.matrix
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Print the document of a run
  ansible.builtin.debug:
    msg: "{{ reports | saas.offboarding.evidence({'run_id': 'one', 'check_mode': false}) }}"
"""

RETURN = r"""
_value:
  description: The document.
  type: dict
  contains:
    schema_version:
      description: The version of this shape.
      type: int
      sample: 1
    collection_version:
      description: The version of this collection.
      type: str
      sample: 1.0.0
    tenants:
      description: The reports of the tenants, without their records.
      type: list
      elements: dict
    records:
      description: One entry for each leaver and tenant.
      type: list
      elements: dict
"""

import typing as t
from collections.abc import Callable

from ansible_collections.saas.offboarding.plugins.module_utils import _evidence
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter evidence."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"evidence": as_filter(_evidence.evidence)}
