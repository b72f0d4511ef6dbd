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
      - V(document), all of it.
      - V(head), all but the records, without looking at the other files of the folder.
      - V(verified), the same after the other files of the folder were checked too.
      - V(earlier), what a later run tells of it, which is its name, its kind, its file and its seal.
      - V(leavers), the leavers of the run, as P(saas.offboarding.leavers#filter) returns them.
      - V(closed), the accounts that the run left closed, like leavers whose accounts are named by their ids.
      - V(reopen), of these the ones that it closed itself, which were active before. C(by_hand) tells whether no
        request of the vendor re-opens them.
      - V(plan), the plan of a run in check mode, from its C(plan.json).
    type: str
    choices: [document, head, verified, earlier, leavers, closed, reopen, plan]
    default: document
  tenant:
    description: With O(part=closed) and O(part=reopen) the tenant of which the accounts are wanted. Without it, those
      of all tenants.
    type: str
  leavers:
    description: With O(part=reopen) the e-mail addresses of those leavers whose accounts are wanted. Without any, those
      of all. A leaver of whom the run closed no account is an error.
    type: list
    elements: str
    default: []
  by_hand:
    description: With O(part=reopen) whether those are returned too that no request of the vendor re-opens.
    type: bool
    default: true
  vendor:
    description: With O(part=reopen) the vendor of which O(tenant) must have been one.
    type: str
  vendors:
    description: With O(part=leavers) the vendors at which they are to be looked for. How each is named there must be in
      the evidence.
    type: list
    elements: str
    default: []
  packed:
    description: Whether to return one text for each run, which the filters of this collection take as well. It is for
      lists of thousands, of which Ansible would go through every single value in each task. With O(part=plan) it is
      the changes of each tenant that are packed.
    type: bool
    default: false
notes:
  - A run in check mode has closed nothing. Its evidence is an error with O(part=leavers), O(part=closed) and
    O(part=reopen), with the last that of an audit and of a reinstatement too.
seealso:
  - module: saas.offboarding.write_evidence
"""

EXAMPLES = r"""
- name: See that nobody has changed the evidence of a run
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
from pathlib import Path

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.saas.offboarding.plugins.module_utils._packed import pack
from ansible_collections.saas.offboarding.plugins.plugin_utils._audit import earlier_leavers, left_closed
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    Document,
    is_plan,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import (
    EvidenceError,
    check_files,
    read_evidence,
    read_plan,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_data
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    Leaver,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import (
    LeaversError,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._plan import plan_variables
from ansible_collections.saas.offboarding.plugins.plugin_utils._reinstate import closed_by
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    OFFBOARD,
    REINSTATE,
)


class LookupModule(LookupBase):  # type: ignore[misc]
    """The lookup evidence."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[t.Any]:
        self.set_options(var_options=variables, direct=kwargs)
        try:
            parts = (self._part(str(term)) for term in terms)
            return [as_data(self._packed(part) if self.get_option("packed") else part) for part in parts]
        except EvidenceError as exc:
            raise AnsibleLookupError(str(exc)) from None

    def _packed(self, part: t.Any) -> t.Any:
        if self.get_option("part") != "plan":
            return pack(part)
        changes = part["offboard_plan_changes"]
        return {**part, "offboard_plan_changes": {tenant: pack(each) for tenant, each in changes.items()}}

    def _part(self, place: str) -> t.Any:
        part = self.get_option("part")
        if part == "plan":
            planned = read_plan(place)[0]
            return {"of": planned["of"], **plan_variables(planned)}
        document, path = read_evidence(place)
        if part == "verified":
            check_files(document, path.parent)
        if part in ("head", "verified"):
            return {name: value for name, value in document.items() if name != "records"}
        if part == "earlier":
            return {"file": str(path), **{name: document[name] for name in ("run_id", "kind", "seal")}}
        if part == "leavers":
            try:
                if document["kind"] == REINSTATE:
                    raise LeaversError("is of a reinstatement, whose people are no leavers")
                return earlier_leavers(_real(document, path), self.get_option("vendors"))
            except LeaversError as exc:
                raise EvidenceError(f"{path}: {exc}") from None
        if part == "closed":
            return left_closed(_real(document, path), self.get_option("tenant"))
        if part == "reopen":
            return self._reopen(document, path)
        return document

    def _reopen(self, document: Document, path: Path) -> list[Leaver]:
        if document["kind"] != OFFBOARD:
            raise EvidenceError(
                f"{path}: is of a run that closes nothing ({document['kind']}); give that of an offboarding"
            )
        try:
            options = (self.get_option(name) for name in ("tenant", "leavers", "vendor"))
            accounts = closed_by(_real(document, path), *options)
            return [each for each in accounts if self.get_option("by_hand") or not each["by_hand"]]
        except LeaversError as exc:
            raise EvidenceError(f"{path}: {exc}") from None


def _real(document: Document, path: Path) -> Document:
    if is_plan(document):
        raise EvidenceError(f"{path}: is of a run in check mode, which closed nothing; give that of a real run")
    return document
