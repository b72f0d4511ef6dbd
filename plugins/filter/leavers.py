# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: leavers
author: saas.offboarding contributors (@saas-offboarding)
version_added: 1.0.0
short_description: Read, check and normalise a list of leavers
description:
  - Takes a list, or the text of a CSV, YAML or JSON file, and returns the leavers in one shape.
  - The whole list is checked. All faults are reported in one error, which names the row by its line number (in YAML,
    JSON and inline lists the entry), the column, and what to do. The error never shows the content of a file.
  - The filter opens no file. Read the file with P(ansible.builtin.file#lookup).
  - A column that is not known is an error, unless O(columns) or O(ignore_columns) names it. What is left out is named
    in a warning.
positional: source
options:
  _input:
    description:
      - The leavers, or the text of a file of them.
      - An entry has C(email), C(leave_at) (ISO 8601 with zone; without it the leaver is due) and C(accounts), which
        names the account at a vendor where the e-mail address does not. In a CSV file each vendor has a column.
      - A plain key is the C(email) at CustomerGauge, the C(user_id) at ZITADEL and Laurel, the C(username) at
        netexCloud, and the C(ref) at Thrive Learning. A dict of one names another key.
      - V(reason) and V(ticket) are recorded for this leaver, before those of the run.
      - In a CSV file the columns are separated by comma, semicolon, tab or pipe, and named by the first line.
    type: raw
    required: true
  source:
    description:
      - What the list is called in messages.
      - For a text this is the path of the file. Its ending determines the format, C(.csv), C(.tsv) or C(.txt), C(.yml)
        or C(.yaml), C(.json).
    type: str
    default: offboard_leavers
  lines:
    description:
      - Whether the text is e-mail addresses, one in each line, as a survey's text area gives them.
      - Lines that are empty, and those that begin with C(#), are left out.
    type: bool
    default: false
  leave_at:
    description: With O(lines) the leave time of all of them, in ISO 8601 with zone. Without it they are due.
    type: str
    default: ""
  columns:
    description: For a field of a leaver the name of its column or key, where that is another.
    type: dict
    default: {}
  ignore_columns:
    description: Columns or keys that are not read. V(*) means all that are not known.
    type: list
    elements: str
    default: []
  date_format:
    description: As the variable C(offboard_date_format) of the role.
    type: raw
    default: []
  timezone:
    description: As the variable C(offboard_timezone) of the role.
    type: str
    default: ""
  leave_time:
    description: As the variable C(offboard_leave_time) of the role.
    type: str
    default: "24:00"
  blank_leave_at:
    description: As the variable C(offboard_blank_leave_at) of the role.
    type: str
    choices: ["", due, not_due]
    default: ""
"""

EXAMPLES = r"""
- name: Read the leavers
  ansible.builtin.set_fact:
    leavers: >-
      {{ lookup('ansible.builtin.file', path, rstrip=false)
         | saas.offboarding.leavers(path) }}
  vars:
    path: /srv/leavers.csv

- name: Check a list
  ansible.builtin.debug:
    msg: "{{ list | saas.offboarding.leavers('list') }}"
  vars:
    list:
      - email: jane@example.com
        leave_at: "2026-11-30T18:00:00+01:00"
        accounts:
          netex: {user_id: "4711"}

- name: Read the leavers from an answer to a survey
  ansible.builtin.set_fact:
    leavers: >-
      {{ offboard_leavers_text
         | saas.offboarding.leavers('offboard_leavers_text', lines=true) }}
  vars:
    offboard_leavers_text: |
      jane@example.com
      sam@example.com
"""

RETURN = r"""
_value:
  description: The leavers, in the order of the list.
  type: list
  elements: dict
  contains:
    email:
      description: The e-mail address, as it was written.
      type: str
      sample: jane@example.com
    leave_at:
      description: When the leaver leaves, in UTC, or none.
      type: str
      sample: "2026-11-30T17:00:00Z"
    row:
      description: The line of the CSV file or of the text, or the number of the entry.
      type: int
      sample: 2
    reason:
      description: The reason that is recorded for this leaver, if the list gives one.
      type: str
      sample: end of contract
    ticket:
      description: The ticket that is recorded for this leaver, if the list gives one.
      type: str
      sample: HR-4711
    accounts:
      description: For each vendor how the account is named there.
      type: dict
      sample: {zitadel: {email: jane@example.com}, netex: {user_id: "4711"}}
    never_due:
      description: Present where a blank leave time was read as V(not_due).
      type: bool
      returned: if blank_leave_at is not_due
      sample: true
"""

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible.utils.display import Display

from ansible_collections.saas.offboarding.plugins.plugin_utils._columns import ListOptions
from ansible_collections.saas.offboarding.plugins.plugin_utils._filter import as_filter
from ansible_collections.saas.offboarding.plugins.plugin_utils._leave_times import LeaveTimes
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_addresses, read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Leaver


@as_filter
def leavers(
    data: t.Any,
    source: str = "offboard_leavers",
    lines: bool = False,
    leave_at: t.Any = "",
    columns: Mapping[str, str] | None = None,
    ignore_columns: Sequence[str] = (),
    *,
    date_format: t.Any = (),
    timezone: str = "",
    leave_time: t.Any = "24:00",
    blank_leave_at: str = "",
) -> list[Leaver]:
    """Return the leavers of a list, of a file's text, or of a text of addresses."""
    times = LeaveTimes.of(timezone, date_format, leave_time, blank_leave_at)
    options = ListOptions(columns or {}, ignore_columns)
    checked = read_addresses(data, leave_at, source) if lines else read_leavers(data, source, options, times)
    for note in checked.notes:
        Display().warning(note)
    return checked.leavers


class FilterModule:
    """The filter leavers."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"leavers": leavers}
