# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: evidence
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Read the evidence of a run, and check that it is as it was written
description:
  - Reads C(evidence.json) of a run on the controller, and follows the hashes from its head to its seal. What is
    damaged, changed or of another schema version is an error that names the first place.
  - It needs no network.
options:
  _terms:
    description: The folder of a run, or its C(evidence.json).
    type: list
    elements: path
    required: true
  part:
    description:
      - V(document), the whole evidence.
      - V(head), everything but the records. The other files of the folder are not checked.
      - V(verified), the same after the other files of the folder were checked.
      - V(plan), the plan of a run in check mode, from its C(plan.json), as the role's variables.
    type: str
    choices: [document, head, verified, plan]
    default: document
seealso:
  - module: saas.offboarding.offboard_report
"""

# example-proved-by: tests/integration/test_evidence.py::test_the_lookup_reads_each_part
EXAMPLES = r"""
- name: Verify that the evidence of a run has not been changed
  ansible.builtin.debug:
    msg: >-
      {{ lookup('saas.offboarding.evidence', run, part='verified').seal }}
  vars:
    run: /srv/evidence/20261130T170000Z-000001
"""

RETURN = r"""
_raw:
  description: The part that was asked for, of each run.
  type: list
  elements: raw
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import (
    check_files,
    read_evidence,
    read_plan,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._files import EvidenceError
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_data
from ansible_collections.saas.offboarding.plugins.plugin_utils._plan import plan_variables


class LookupModule(LookupBase):  # type: ignore[misc]
    """The lookup evidence."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[t.Any]:
        self.set_options(var_options=variables, direct=kwargs)
        part = self.get_option("part")
        try:
            return [as_data(_part(part, str(term))) for term in terms]
        except EvidenceError as exc:
            raise AnsibleLookupError(str(exc)) from None


def _part(part: str, place: str) -> t.Any:
    if part == "plan":
        return plan_variables(read_plan(place)[0])
    document, path = read_evidence(place)
    if part == "verified":
        check_files(document, path.parent)
    if part == "document":
        return document
    return {name: value for name, value in document.items() if name != "records"}
