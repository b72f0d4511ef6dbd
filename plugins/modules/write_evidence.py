#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: write_evidence
short_description: Write down what came of a run, for a person, an auditor and a machine
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Puts the reports of all tenants together and writes four files into a folder, C(evidence.json), C(evidence.csv),
    C(junit.xml) and C(report.html), and in check mode C(plan.json) besides. Each file is there whole or not at all, and
    readable for its owner alone.
  - Each record carries the hash of the one before, and the whole has a seal, by which the lookup
    P(saas.offboarding.evidence#lookup) and the playbook C(saas.offboarding.verify_evidence) tell whether it is as it
    was written.
  - The role P(saas.offboarding.offboard#role) and the playbooks of the collection use it. It runs on the controller.
attributes:
  check_mode:
    description: The evidence is written in check mode too, since a run in check mode has something to show.
    support: full
  diff_mode:
    description: What is written is new in each run, and is not shown as a difference.
    support: none
options:
  tenants:
    description: Reports as P(saas.offboarding.tenant_report#filter), P(saas.offboarding.audit_report#filter) and
      P(saas.offboarding.reinstate_report#filter) return them, each as a dict or packed as one text.
      Without them nothing but O(folder) is made, to know before the first request that the evidence has a place.
    type: list
    elements: raw
  silent:
    description: The tenants that left no report.
    type: list
    elements: str
    default: []
  left_closed:
    description:
      - What an earlier run left closed, as P(saas.offboarding.evidence#lookup) returns it. Accounts of tenants that are
        not among O(tenants) were not looked at again, and are written down as such.
      - A list, or the text in which P(saas.offboarding.evidence#lookup) packs it.
    type: raw
    default: []
  run:
    description: What there is to say about the run as a whole. Goes with O(tenants).
    type: dict
    suboptions:
      kind:
        description: Which playbook it was.
        type: str
        choices: [offboard, audit, reinstate]
        required: true
      run_id:
        description: The name of the run.
        type: str
        required: true
      check_mode:
        description: Whether nothing was to be written at the vendors.
        type: bool
        required: true
      started:
        description: When it began, in ISO 8601 with zone.
        type: str
        required: true
      sla:
        description: The seconds from C(leave_at) within which an account is to be closed.
        type: int
        required: true
      source:
        description: The file of the leavers, its SHA-256, and how many people are in it, or all of them, to be
          counted.
        type: dict
        required: true
      staff:
        description: The same of the staff file, where there is one.
        type: dict
      earlier:
        description: The earlier run that a second look or a reinstatement began with, where there is one.
        type: dict
      reason:
        description: Why accounts are closed, or re-opened.
        type: str
      ticket:
        description: The ticket, or whatever else it is called, that asked for it.
        type: str
      parameters:
        description: The variables that decided what was done.
        type: dict
        required: true
  folder:
    description: Where the files go. It is made where it is missing, for its owner alone. Without it nothing is written.
    type: path
seealso:
  - plugin: saas.offboarding.evidence
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Write the evidence
  saas.offboarding.write_evidence:
    tenants: "{{ reports }}"
    folder: /srv/evidence/20261130T170000Z-000001
    run:
      kind: offboard
      run_id: 20261130T170000Z-000001
      check_mode: false
      started: "2026-11-30T17:00:00Z"
      sla: 86400
      source:
        file: /srv/leavers.csv
        sha256: "{{ lookup('file', '/srv/leavers.csv') | hash('sha256') }}"
        people: 12
      parameters: {offboard_state: deactivated}
"""

RETURN = r"""
lines:
  description: A table of the run, to be shown.
  returned: success
  type: list
  elements: str
error:
  description: Why the files could not be written. Empty when they were, or were not asked for.
  returned: success
  type: str
  sample: ""
tenants:
  description: How many tenants the run had.
  returned: success
  type: int
  sample: 5
plan:
  description: In check mode the variables that give the plan to a later run. Empty otherwise.
  returned: success
  type: dict
  sample: {offboard_plan: {zitadel: "sha256:2c26b46b68ff"}, offboard_plan_run: 20261130T170000Z-000001}
unseen:
  description: How many accounts of an earlier run were not looked at again, though the run was not limited.
  returned: success
  type: int
  sample: 0
population:
  description: How many went in, and what they came to.
  returned: success
  type: dict
  sample: {leavers: 12, asked: 55, matched: 50, changed: 40}
seal:
  description: The hash over all that was written. Keep it apart from the folder. Null where nothing was written.
  returned: success
  type: str
  sample: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
files:
  description: The names of the files in O(folder).
  returned: success
  type: list
  elements: str
  sample: [evidence.csv, junit.xml, report.html, evidence.json]
"""
