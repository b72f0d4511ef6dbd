#!/usr/bin/python
# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: verify_evidence
short_description: Verify the evidence of a run
version_added: 1.0.0
author: saas.offboarding contributors (@saas-offboarding)
description:
  - Reads the evidence of a run on the controller, follows the hashes from its head to its seal, and checks the other
    files of its folder. It needs no network.
  - A run that was killed leaves a journal. The task then fails, and names each account that was written.

attributes:
  check_mode:
    description: Nothing is written.
    support: full
  diff_mode:
    description: The action changes nothing, so that there is no difference to show.
    support: none
options:
  evidence:
    description: The folder of a run, or its C(evidence.json).
    type: path
    required: true
  seal:
    description: The seal of the run, from the log of its job. Evidence with another seal is an error.
    type: str
seealso:
  - plugin: saas.offboarding.evidence
    plugin_type: lookup
"""

# example-proved-by: tests/integration/test_journal.py::test_a_run_that_ends_has_its_journal_under_the_seal
EXAMPLES = r"""
- name: Verify the evidence of a run
  saas.offboarding.verify_evidence:
    evidence: /srv/evidence/20261130T170000Z-000001
"""

RETURN = r"""
msg:
  description: What was verified.
  returned: success
  type: str
  sample: "Run 20261130T170000Z-000001 (offboard): 10 records are as they were written."
"""
