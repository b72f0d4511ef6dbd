# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role and the playbooks: how each is read, its default, and the kinds of runs that read it.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from ._leave_times import DUE, NOT_DUE
from ._leavers import parse_duration
from ._stages import read_stages
from ._values import (
    as_it_is,
    at_least_one,
    columns_of,
    count_of,
    encoding_of,
    entries_of,
    flag_of,
    formats_of,
    free_text,
    list_of,
    mapping_of,
    names_of,
    one_of,
    path_of,
    pattern_of,
    percent_of,
    skip_rows_of,
    text_of,
    time_of_day,
    zone_of,
)
from ._words import AUDIT, OFFBOARD, PREFLIGHT, REGISTER, REINSTATE, SCHEDULE

KINDS = (OFFBOARD, AUDIT, REINSTATE)
"""The kinds of runs that work on a list or on the evidence of an earlier run."""
NAMED = "named"
"""The value of offboard_on_missing with which a leaver whom the list names by an account key must have one."""
PRESENT = "present"
LISTS = ("offboard_leavers", "offboard_leavers_file", "offboard_leavers_text")
"""The variables that give leavers."""
LIST_FORM = (
    "offboard_leave_at",
    "offboard_columns",
    "offboard_ignore_columns",
    "offboard_blank_email",
    "offboard_skip_rows",
    "offboard_encoding",
    "offboard_date_format",
    "offboard_timezone",
    "offboard_leave_time",
)
"""The variables that describe the form of a list."""
MAX_CHANGES = 100
"""The most changes at a tenant if neither offboard_max_changes nor a plan is given."""
LOCAL = ("localhost", "127.0.0.1", "::1")
"""Hosts that work for several vendors in turn where they have no vendor of their own."""


@dataclass(frozen=True)
class Variable:
    """How a variable is read. ``rail``: it restricts the run, so that an empty value is an error."""

    read: Callable[[t.Any], t.Any]
    default: t.Any = None
    kinds: tuple[str, ...] = KINDS
    rail: bool = False


def wait_of(value: t.Any) -> int:
    """Return a duration in seconds."""
    try:
        return parse_duration(value, "it")
    except ValueError as exc:
        raise ValueError(str(exc).removeprefix("it ")) from None


WRITING = (OFFBOARD, REINSTATE)
LATER = (AUDIT, REINSTATE)
READING = (OFFBOARD, AUDIT)
LISTED = (*READING, SCHEDULE)
LISTING = (*KINDS, SCHEDULE)

VARIABLES: Mapping[str, Variable] = {
    "saas_vendor": Variable(text_of, "", (*KINDS, PREFLIGHT)),
    "offboard_vendors": Variable(names_of, [], (*LISTING, PREFLIGHT)),
    "offboard_leavers": Variable(as_it_is, None, LISTING),
    "offboard_leavers_file": Variable(path_of, "", LISTING),
    "offboard_leavers_text": Variable(text_of, "", LISTING),
    "offboard_leave_at": Variable(text_of, "", LISTING),
    "offboard_columns": Variable(columns_of, {}, LISTED),
    "offboard_ignore_columns": Variable(names_of, [], LISTED),
    "offboard_blank_email": Variable(one_of("error", "report"), "error", LISTED),
    "offboard_skip_rows": Variable(skip_rows_of, {}, LISTED),
    "offboard_encoding": Variable(encoding_of, "", LISTED),
    "offboard_date_format": Variable(formats_of, [], LISTING),
    "offboard_timezone": Variable(zone_of, "", LISTING),
    "offboard_leave_time": Variable(time_of_day, "24:00", LISTING),
    "offboard_blank_leave_at": Variable(one_of(DUE, NOT_DUE), "", LISTING),
    "offboard_due_at": Variable(text_of, ""),
    "offboard_reason": Variable(free_text, "", (OFFBOARD, SCHEDULE)),
    "offboard_ticket": Variable(free_text, "", LISTING),
    "offboard_state": Variable(text_of, ""),
    "offboard_states": Variable(mapping_of, {}),
    "offboard_stages": Variable(read_stages, None, LISTED),
    "offboard_allow_delete": Variable(flag_of, False, LISTING),
    "offboard_on_missing": Variable(one_of(NAMED, "fail", "warn", "ok"), NAMED),
    "offboard_unmatched": Variable(one_of("fail", "report"), "report", (OFFBOARD,)),
    "offboard_hosts": Variable(pattern_of, ""),
    "offboard_expected_tenants": Variable(names_of, []),
    "offboard_sliced": Variable(flag_of, False),
    "offboard_own_variables": Variable(names_of, []),
    "offboard_protected": Variable(entries_of, None, WRITING, rail=True),
    "offboard_protected_file": Variable(path_of, "", WRITING, rail=True),
    "offboard_max_changes": Variable(count_of, None, WRITING, rail=True),
    "offboard_max_percent": Variable(percent_of, None, WRITING, rail=True),
    "offboard_plan": Variable(mapping_of, None, WRITING),
    "offboard_plan_changes": Variable(mapping_of, {}, WRITING),
    "offboard_plan_run": Variable(text_of, "", WRITING),
    "offboard_plan_file": Variable(path_of, "", WRITING, rail=True),
    "offboard_report_dir": Variable(path_of, ""),
    "offboard_sla": Variable(as_it_is, "24h"),
    "offboard_batch_size": Variable(at_least_one, 500),
    "offboard_evidence": Variable(path_of, "", LATER),
    "offboard_seal": Variable(text_of, "", LATER),
    "audit_unmatched": Variable(one_of("fail", "report"), "report", (AUDIT,)),
    "audit_unknown": Variable(one_of("fail", "report"), "report", (AUDIT,)),
    "audit_orphans": Variable(one_of("fail", "report"), "report", (AUDIT,)),
    "audit_exempt": Variable(entries_of, [], (AUDIT,)),
    "audit_both_lists": Variable(one_of("fail", "report"), "fail", (AUDIT,)),
    "audit_staff_file": Variable(path_of, "", (AUDIT,)),
    "audit_staff_columns": Variable(columns_of, {}, (AUDIT,)),
    "offboard_register_file": Variable(path_of, "", (REGISTER,)),
    "offboard_register_state": Variable(one_of(PRESENT, ABSENT), PRESENT, (REGISTER,)),
    "offboard_register_run": Variable(flag_of, False, (REGISTER,)),
    "offboard_register_wait": Variable(wait_of, None, (REGISTER,)),
    "offboard_schedule_template": Variable(text_of, "Offboarding: plan, approve, apply", (SCHEDULE,)),
    "offboard_schedule_organization": Variable(text_of, "", (SCHEDULE,)),
    "offboard_schedule_state": Variable(one_of("present", "absent"), "present", (SCHEDULE,)),
    "offboard_schedule_due": Variable(one_of("report", "run"), "report", (SCHEDULE,)),
    "offboard_schedule_answers": Variable(mapping_of, {}, (SCHEDULE,)),
    "offboard_schedule_purge_after": Variable(text_of, "", (SCHEDULE,)),
    "preflight_for": Variable(one_of(OFFBOARD, AUDIT), OFFBOARD, (PREFLIGHT,)),
    "reinstate_reason": Variable(free_text, "", (REINSTATE,)),
    "reinstate_leavers": Variable(list_of, None, (REINSTATE,)),
    "reinstate_leavers_text": Variable(text_of, "", (REINSTATE,)),
}
"""The variables of the role, except the connection options of the vendors."""

TEXTS = (text_of, free_text, path_of)
"""How the variables are read that are texts."""

EMPTY = {
    "offboard_max_changes": "is empty: without a number it would refuse nothing. Give one, or leave the variable out.",
    "offboard_max_percent": "is empty: without a number it would refuse nothing. Give one, or leave the variable out.",
    "offboard_protected": "is empty: name whom to protect, or leave the variable out.",
    "offboard_protected_file": "is empty: without a file it protects nothing. Give one, or leave the variable out.",
    "offboard_plan_file": "is empty: this run would be compared with no plan. Give the folder of a run in check mode.",
}


def option_variables(info: VendorInfo) -> dict[str, str]:
    """Return the variable for each option of a vendor's modules that the role passes on, by the option's name."""
    names = ("verify", *info.connection.options, *info.task_settings.options, *info.closing_settings)
    return {name: f"{info.name}_{name}" for name in dict.fromkeys(names)}
