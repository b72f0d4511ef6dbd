# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The leavers list: read it, check all of it, and return who is due at which vendor under which key.

PRIVATE to the collection. A message names the place, never the content: the wrong file may hold anything.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.saas.offboarding.plugins.module_utils import _clock
from ansible_collections.saas.offboarding.plugins.module_utils._address import address_fault, trimmed
from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    CLOSED_STATES,
    Key,
)
from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._account_cells import cell_fault
from ._catalog import VENDORS
from ._columns import Fields, ListOptions, read_fields
from ._leave_times import DUE, NOT_DUE, LeaveTimes
from ._leavers_file import LeaversError, Problems, Row, shown, table_of_entries, table_of_text
from ._nouns import AccountKey, Leaver, Person

EXPRESSION_MARKS = ("{{", "{%", "{#")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
_UNITS = (86400, 3600, 60, 1)
SHOWN_IGNORED = 100
"""Names of columns in a note: the evidence keeps it."""


ISO_TIMES = LeaveTimes()


@dataclass
class Checked:
    """A list that was read: the leavers, and what a person has to know of what was left out."""

    leavers: list[Leaver]
    notes: list[str]


def read_leavers(
    data: t.Any, source: str, options: ListOptions | None = None, times: LeaveTimes = ISO_TIMES
) -> Checked:
    """Read a list, or the text of a CSV, YAML or JSON file named ``source``. Raises LeaversError."""
    options = options or ListOptions()
    if isinstance(data, str):
        table = table_of_text(data, source, options.is_known, options.skip)
    else:
        table = table_of_entries(data, source)
    return checked_leavers(read_fields(table, options), table.problems, options, times)


def checked_leavers(fields: Fields, problems: Problems, options: ListOptions, times: LeaveTimes = ISO_TIMES) -> Checked:
    """Return the leavers of a table that was read. Raises LeaversError with all that is wrong with it."""
    source, unit = problems.source, problems.unit
    notes = []
    if fields.ignored:
        names = some([shown(name) for name in fields.ignored], SHOWN_IGNORED)
        notes.append(f"{source}: ignored the columns {names}")
    if "email" not in fields.columns:
        problems.raise_any()
    rows = [row for row in fields.rows if "email" in row.values]
    blank = [row.number for row in fields.rows if "email" not in row.values]
    if options.blank_email == "report" and blank and rows:
        numbers = ", ".join(map(str, blank))
        notes.append(f"{source}: not looked for, because they have no e-mail address: {unit} {numbers}")
    else:
        for number in blank:
            problems.add(
                number,
                "email",
                "is missing; every leaver needs one. Leave totals out with offboard_skip_rows, and people without an "
                "address with offboard_blank_email: report",
            )
    keys = _key_names(fields.columns, options.tenants)
    leavers = _unique([_leaver(row, keys, problems, times) for row in rows], problems, notes)
    _settle_blank(fields, leavers, problems, times)
    problems.raise_any()
    if not leavers:
        raise LeaversError(f"{source}: the list is empty; a list without leavers is most likely a mistake")
    return Checked(leavers, notes)


def _key_names(columns: Collection[str], tenants: Mapping[str, str]) -> dict[str, str]:
    """Return the vendor of each name under which a leaver has a key: all vendors, and tenants with a key of their own.

    A tenant has one where it has a column, and where the name of its vendor is that of another tenant.
    """
    own = {
        tenant: vendor
        for tenant, vendor in tenants.items()
        if vendor in VENDORS and (tenant in columns or (vendor in tenants and tenant != vendor))
    }
    return {**{vendor: vendor for vendor in VENDORS}, **own}


def read_addresses(text: str, leave_at: t.Any, source: str) -> Checked:
    """Read e-mail addresses, one in each line, as a survey's text area gives them. Raises LeaversError.

    Lines that are empty or begin with # are left out. ``leave_at`` is the leave time of them all, or nothing.
    """
    moment = str(leave_at or "").strip()
    if moment:
        parse_time(moment, "offboard_leave_at")
    lines = ((number, trimmed(line)) for number, line in enumerate(str(text).splitlines(), 1))
    times = {"leave_at": moment} if moment else {}
    rows = [Row(number, {"email": line, **times}) for number, line in lines if line and not line.startswith("#")]
    return checked_leavers(
        Fields(rows, frozenset(("email", *times)), (), bool(times)), Problems(source, "line"), ListOptions()
    )


def parse_time(value: t.Any, what: str) -> datetime:
    """Return an ISO 8601 time with zone, in UTC. Raises LeaversError, which begins with ``what``."""
    try:
        return _clock.parse_time(value, what)
    except ValueError as exc:
        raise LeaversError(str(exc)) from None


def parse_duration(value: t.Any, what: str) -> int:
    """Return a duration in seconds: a number of them, or 90m, 24h, 2d, 1d12h. Raises LeaversError."""
    text = str(value).strip()
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise LeaversError(
            f"{what} must be a duration such as 90m, 24h or 2d, or a number of seconds, not {text[:40]!r}"
        )
    return sum(int(part) * unit for part, unit in zip(found.groups(), _UNITS, strict=True) if part)


def is_due(leaver: Leaver, moment: datetime) -> bool:
    """Whether the leaver's time has come. A leaver without a time is due, unless the list was read otherwise."""
    if leaver.get("never_due"):
        return False
    return leaver["leave_at"] is None or parse_time(leaver["leave_at"], "leave_at") <= moment


def key_at(person: Person, tenant: str, vendor: str) -> AccountKey:
    """Return the key of a person's account at a tenant: the tenant's own where there is one, or that of its vendor."""
    accounts = person["accounts"]
    return accounts[tenant] if tenant in accounts else accounts[vendor]


def vendor_users(people: Iterable[Person], vendor: str, tenant: str | None = None) -> list[AccountKey]:
    """Return the users option of a vendor's module for these people, in their order. ``tenant``: its name, or none."""
    if vendor not in VENDORS:
        raise LeaversError(f"{vendor!r} is not a vendor; known are {', '.join(VENDORS)}")
    return [key_at(person, tenant or vendor, vendor) for person in people]


def vendor_states(
    vendors: Sequence[str],
    state: str,
    states: Mapping[str, str] | None = None,
    allow_delete: bool = False,
    tenant: str = "",
) -> dict[str, str]:
    """Return the state to bring about at each vendor. Raises LeaversError, naming the variable to set.

    ``states``: by vendor or by tenant. That of the ``tenant`` goes first.
    """
    chosen: dict[str, str] = {}
    for vendor in vendors:
        if vendor not in VENDORS:
            raise LeaversError(f"{vendor!r} is not a vendor; known are {', '.join(VENDORS)}")
        name = tenant if (states or {}).get(tenant) else vendor
        own = (states or {}).get(name)
        wanted = own or state
        variable = f"offboard_states.{name}" if own else "offboard_state"
        offers = [each for each in VENDORS[vendor].states if each in CLOSED_STATES]
        if wanted not in offers:
            raise LeaversError(
                f"{variable} is {wanted}, which {vendor} does not offer: set offboard_states.{name} to "
                + " or ".join(offers)
            )
        if wanted == ABSENT and not allow_delete:
            raise LeaversError(
                f"{variable} is absent, which deletes accounts at {vendor} for good: "
                "set offboard_allow_delete to true if that is meant"
            )
        chosen[vendor] = wanted
    return chosen


def chosen_leavers(data: t.Any, source: str) -> list[str]:
    """Return the addresses of a list of them, or of a text with one in each line. Raises LeaversError."""
    if isinstance(data, str):
        return [leaver["email"] for leaver in read_addresses(data, "", source).leavers]
    problems = Problems(source, "entry")
    found = [_email(Row(number, {"email": each}), problems) for number, each in enumerate(data, 1)]
    problems.raise_any()
    return found


def _leaver(row: Row, keys: Mapping[str, str], problems: Problems, times: LeaveTimes) -> Leaver:
    email = _email(row, problems)
    leaver: Leaver = {
        "email": email,
        "leave_at": _leave_at(row, problems, times),
        "row": row.number,
        "accounts": _accounts(row, email, keys, problems),
    }
    if "never_due" in row.values and leaver["leave_at"] is None:
        leaver["never_due"] = True
    if "reason" in row.values:
        leaver["reason"] = _free_text(row, "reason", problems)
    if "ticket" in row.values:
        leaver["ticket"] = _free_text(row, "ticket", problems)
    return leaver


def _free_text(row: Row, name: str, problems: Problems) -> str:
    """Return a text as it was written."""
    value = row.values[name]
    if not isinstance(value, str):
        problems.add(row.number, name, "is not a text; put it in quotes, so that it is recorded as it is written")
    elif fault := _expression_fault(value):
        problems.add(row.number, name, f"{fault}; write it without")
    return str(value)


def _email(row: Row, problems: Problems) -> str:
    value = row.values["email"]
    text = trimmed(value) if isinstance(value, str) else ""
    fault = address_fault(text) if text else "is not an e-mail address"
    fault = fault or _expression_fault(text)
    if fault:
        problems.add(row.number, "email", f"{fault}; write it as name@example.com")
        return ""
    return text


def _leave_at(row: Row, problems: Problems, times: LeaveTimes) -> str | None:
    try:
        moment = times.read(row.values.get("leave_at"))
    except LeaversError as exc:
        problems.add(row.number, "leave_at", str(exc))
        return ""  # not blank
    return None if moment is None else _clock.utc_text(moment)


def _settle_blank(fields: Fields, leavers: Sequence[Leaver], problems: Problems, times: LeaveTimes) -> None:
    """Decide what a leaver without a leave time is in a list that gives leave times, or has a column for them."""
    blank = [leaver for leaver in leavers if leaver["leave_at"] is None and not leaver.get("never_due")]
    if times.blank == DUE:
        return
    if times.blank == NOT_DUE:
        if len(blank) == len(leavers):
            raise LeaversError(
                f"{problems.source}: no leaver has a leave time, and offboard_blank_leave_at is not_due, so the "
                "list names no leaver. Correct the column, or leave the variable out"
            )
        for leaver in blank:
            leaver["never_due"] = True
        return
    if not fields.has_times:
        return
    for leaver in blank:
        problems.add(
            leaver["row"],
            "leave_at",
            "is blank, where the list has leave times; fill it in, or set offboard_blank_leave_at to due (the account "
            "is closed now) or not_due (the person stays)",
        )


def _accounts(row: Row, email: str, keys: Mapping[str, str], problems: Problems) -> dict[str, AccountKey]:
    return {
        name: _account(vendor, name, row, problems) if name in row.values else {"email": email}
        for name, vendor in keys.items()
    }


def _account(vendor: str, column: str, row: Row, problems: Problems) -> AccountKey:
    """Return the key in a column of a vendor, or of one of its tenants."""
    value = row.values[column]
    offered = VENDORS[vendor].keys.options
    named = dict(value) if isinstance(value, Mapping) else {VENDORS[vendor].plain_key: value}
    keys = " or ".join(offered)
    if len(named) != 1:
        problems.add(row.number, column, f"needs one key, has {len(named)}; name the account by {keys}")
        return {}
    name = next(iter(named))
    if name not in offered:
        problems.add(row.number, column, f"has no key {str(name)[:40]!r}; name the account by {keys}")
        return {}
    try:
        key = Key.parse(named)
    except ValueError as exc:
        problems.add(row.number, f"{column}.{name}", str(exc))
        return {}
    key = replace(key, value=trimmed(key.value), qualifier=key.qualifier and trimmed(key.qualifier))
    fault = key.fault() or _expression_fault(key.value, key.qualifier or "")
    if fault is None and not isinstance(value, Mapping):
        fault = cell_fault(key, VENDORS[vendor])
    if fault:
        problems.add(row.number, f"{column}.{name}", f"{fault}; correct it, or leave it out to use the e-mail address")
        return {}
    return key.as_result()


def _expression_fault(*texts: str) -> str | None:
    """A list comes from elsewhere: nothing in it may ever be taken for an Ansible expression."""
    if any(mark in text for text in texts for mark in EXPRESSION_MARKS):
        return "holds the beginning of an expression"
    return None


def _unique(leavers: Sequence[Leaver], problems: Problems, notes: list[str]) -> list[Leaver]:
    """Return the leavers, each once. Rows that contradict each other are problems, equal ones are noted."""
    unit = problems.unit
    people: dict[tuple[str, str | None, str], Leaver] = {}
    accounts: dict[tuple[str, tuple[str, str | None, str]], int] = {}
    equal: list[str] = []
    for leaver in leavers:
        number = leaver["row"]
        if leaver["email"]:
            first = people.setdefault(Key("email", leaver["email"]).token, leaver)
            if first is not leaver:
                if _content(first) == _content(leaver):
                    equal.append(f"{first['row']} and {number}")
                else:
                    text = (
                        f"is the same as in {unit} {first['row']}, which differs in what is read; keep one of the two"
                    )
                    problems.add(number, "email", text)
                continue
        for name, asked in leaver["accounts"].items():
            if not asked or not all(asked.values()):
                continue
            row = accounts.setdefault((name, Key.parse(asked).token), number)
            if row != number:
                problems.add(number, name, f"names the same account as {unit} {row}; correct one")
    if equal:
        notes.append(f"{problems.source}: taken as one leaver each, because they are equal: {unit} {'; '.join(equal)}")
    return [leaver for leaver in leavers if people.get(Key("email", leaver["email"]).token) is leaver]


def _content(leaver: Leaver) -> tuple[object, ...]:
    """Return what is read of a leaver, without the row; addresses compare ignoring case."""
    keys = [Key.parse(asked).token if all(asked.values()) else None for asked in leaver["accounts"].values() if asked]
    return leaver["leave_at"], leaver.get("reason"), leaver.get("ticket"), keys
