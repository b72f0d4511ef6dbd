# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The leavers list: read it, check all of it, and say who is due at which vendor under which key.

PRIVATE to the collection. A message names the place, never the content: the wrong file may hold anything.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping, Sequence
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
from ._leave_times import DUE, NOT_DUE, LeaveTimes, is_blank
from ._leavers_file import SHOWN_NAMES, LeaversError, Problems, Row, rows_of_entries, rows_of_text
from ._nouns import AccountKey, Leaver, Person

EXPRESSION_MARKS = ("{{", "{%", "{#")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
_UNITS = (86400, 3600, 60, 1)


ISO_TIMES = LeaveTimes()


@dataclass
class Checked:
    """A list that was read: the leavers, and what was left out of account."""

    leavers: list[Leaver]
    ignored: list[str]


def read_leavers(data: t.Any, source: str, times: LeaveTimes = ISO_TIMES) -> Checked:
    """Read a list, or the text of a CSV, YAML or JSON file named ``source``. Raises LeaversError."""
    if isinstance(data, str):
        rows, unit = rows_of_text(data, source)
    else:
        rows, unit = rows_of_entries(data, source), "entry"
    return _checked(rows, unit, source, times)


def _checked(rows: Sequence[Row], unit: str, source: str, times: LeaveTimes = ISO_TIMES) -> Checked:
    if not rows:
        raise LeaversError(f"{source}: the list is empty; a list without leavers is most likely a mistake")
    problems = Problems(source, unit)
    leavers = [_leaver(row, problems, times) for row in rows]
    _check_unique(leavers, problems)
    _settle_blank(rows, leavers, problems, times)
    problems.raise_any()
    known = {"email", "leave_at", "accounts", *VENDORS}
    ignored = sorted({name for row in rows for name in row.values} - known)
    return Checked(leavers, ignored)


def read_addresses(text: str, leave_at: t.Any, source: str) -> Checked:
    """Read e-mail addresses, one in each line, as a survey's text area gives them. Raises LeaversError.

    Lines that are empty or begin with # are left out. ``leave_at`` is the leave time of them all, or nothing.
    """
    moment = str(leave_at or "").strip()
    if moment:
        parse_time(moment, "offboard_leave_at")
    lines = ((number, trimmed(line)) for number, line in enumerate(str(text).splitlines(), 1))
    return _checked(
        [
            Row(number, {"email": line, **({"leave_at": moment} if moment else {})})
            for number, line in lines
            if line and not line.startswith("#")
        ],
        "line",
        source,
    )


def ignored_text(source: str, names: Sequence[str]) -> str:
    """Say which columns were ignored."""
    shown = some([repr(name[:40]) for name in names], SHOWN_NAMES)
    known = ", ".join(("email", "leave_at", *VENDORS))
    return f"{source}: ignored {shown}; known are {known}"


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


def due(leavers: Iterable[Leaver], at: t.Any) -> list[Leaver]:
    """Return those leavers whose time has come at that moment, in their order."""
    moment = parse_time(at, "offboard_due_at")
    return [leaver for leaver in leavers if is_due(leaver, moment)]


def vendor_users(people: Iterable[Person], vendor: str) -> list[AccountKey]:
    """Return the users option of a vendor's module for these people, in their order."""
    if vendor not in VENDORS:
        raise LeaversError(f"{vendor!r} is not a vendor; known are {', '.join(VENDORS)}")
    return [person["accounts"][vendor] for person in people]


def vendor_states(
    vendors: Sequence[str], state: str, states: Mapping[str, str] | None = None, allow_delete: bool = False
) -> dict[str, str]:
    """Return the state to bring about at each vendor. Raises LeaversError, naming the variable to set."""
    chosen: dict[str, str] = {}
    for vendor in vendors:
        if vendor not in VENDORS:
            raise LeaversError(f"{vendor!r} is not a vendor; known are {', '.join(VENDORS)}")
        own = (states or {}).get(vendor)
        wanted = own or state
        variable = f"offboard_states.{vendor}" if own else "offboard_state"
        offers = [each for each in VENDORS[vendor].states if each in CLOSED_STATES]
        if wanted not in offers:
            raise LeaversError(
                f"{variable} is {wanted}, which {vendor} does not offer: set offboard_states.{vendor} to "
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


def _leaver(row: Row, problems: Problems, times: LeaveTimes) -> Leaver:
    email = _email(row, problems)
    return {
        "email": email,
        "leave_at": _leave_at(row, problems, times),
        "row": row.number,
        "accounts": _accounts(row, email, problems),
    }


def _email(row: Row, problems: Problems) -> str:
    value = row.values.get("email")
    text = trimmed(value) if isinstance(value, str) else ""
    if not text and (value is None or isinstance(value, str)):
        problems.add(row.number, "email", "is missing; every leaver needs one")
        return ""
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
        return None
    return None if moment is None else _clock.utc_text(moment)


def _settle_blank(rows: Sequence[Row], leavers: Sequence[Leaver], problems: Problems, times: LeaveTimes) -> None:
    """Decide what a leaver without a leave time is in a list that gives leave times, or has a column for them."""
    numbers = {row.number for row in rows if is_blank(row.values.get("leave_at"))}
    blank = [leaver for leaver in leavers if leaver["row"] in numbers]
    if times.blank == DUE:
        return
    if times.blank == NOT_DUE:
        if len(blank) == len(leavers):
            raise LeaversError(
                f"{problems.source}: no leaver has a leave time, and offboard_blank_leave_at is not_due, so that the "
                "list names nobody who leaves. Correct the column, or leave the variable out"
            )
        for leaver in blank:
            leaver["never_due"] = True
        return
    if not any("leave_at" in row.values for row in rows):
        return
    for leaver in blank:
        problems.add(
            leaver["row"],
            "leave_at",
            "is blank, where the list has leave times; fill it in, or set offboard_blank_leave_at to due (the account "
            "is closed now) or not_due (the person stays)",
        )


def _accounts(row: Row, email: str, problems: Problems) -> dict[str, AccountKey]:
    given = row.values.get("accounts", {})
    if not isinstance(given, Mapping):
        problems.add(
            row.number, "accounts", "is not a dict; write vendor: key there, or in a CSV file a column for each vendor"
        )
        given = {}
    strangers = sorted(str(name)[:40] for name in given if name not in VENDORS)
    if strangers:
        problems.add(
            row.number, "accounts", f"names {', '.join(strangers)}, which is no vendor; known are {', '.join(VENDORS)}"
        )
    accounts: dict[str, AccountKey] = {}
    for vendor in VENDORS:
        named = [values[vendor] for values in (given, row.values) if not _is_blank(values.get(vendor))]
        if len(named) > 1:
            problems.add(row.number, vendor, "is given in accounts and beside it; keep one")
        accounts[vendor] = _account(vendor, named[0], row, problems) if named else {"email": email}
    return accounts


def _is_blank(value: t.Any) -> bool:
    return value is None or (isinstance(value, str) and not trimmed(value))


def _account(vendor: str, value: t.Any, row: Row, problems: Problems) -> AccountKey:
    offered = VENDORS[vendor].keys.options
    named = dict(value) if isinstance(value, Mapping) else {VENDORS[vendor].plain_key: value}
    keys = " or ".join(offered)
    if len(named) != 1:
        problems.add(row.number, vendor, f"needs one key, has {len(named)}; name the account by {keys}")
        return {}
    name = next(iter(named))
    if name not in offered:
        problems.add(row.number, vendor, f"has no key {str(name)[:40]!r}; name the account by {keys}")
        return {}
    try:
        key = Key.parse(named)
    except ValueError as exc:
        problems.add(row.number, f"{vendor}.{name}", str(exc))
        return {}
    key = replace(key, value=trimmed(key.value), qualifier=key.qualifier and trimmed(key.qualifier))
    fault = key.fault() or _expression_fault(key.value, key.qualifier or "")
    if fault is None and not isinstance(value, Mapping):
        fault = cell_fault(key, VENDORS[vendor])
    if fault:
        problems.add(row.number, f"{vendor}.{name}", f"{fault}; correct it, or leave it out to use the e-mail address")
        return {}
    return key.as_result()


def _expression_fault(*texts: str) -> str | None:
    """A list comes from elsewhere: nothing in it may ever be taken for an Ansible expression."""
    if any(mark in text for text in texts for mark in EXPRESSION_MARKS):
        return "holds the beginning of an expression"
    return None


def _check_unique(leavers: Sequence[Leaver], problems: Problems) -> None:
    """Two rows for one person, or one account: nobody can tell which of the two is right."""
    emails: dict[tuple[str, str | None, str], int] = {}
    accounts: dict[tuple[str, tuple[str, str | None, str]], int] = {}
    for leaver in leavers:
        number = leaver["row"]
        if leaver["email"]:
            first = emails.setdefault(Key("email", leaver["email"]).token, number)
            if first != number:
                problems.add(number, "email", f"is the same as in {problems.unit} {first}; keep one of the two")
                continue
        for vendor, asked in leaver["accounts"].items():
            if not asked:
                continue
            first = accounts.setdefault((vendor, Key.parse(asked).token), number) if all(asked.values()) else number
            if first != number:
                problems.add(number, vendor, f"names the same account as {problems.unit} {first}; correct one")
