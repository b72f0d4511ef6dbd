# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The register: a CSV file of the leavers who are known in advance, and how it is changed.

PRIVATE to the collection. It is read by the rules of the leavers list. What a person wrote in it stays: other columns,
the order of rows and columns, delimiter, encoding, quotes and the ends of lines.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.module_utils._address import trimmed
from ansible_collections.saas.offboarding.plugins.module_utils._model import Key

from ._catalog import VENDORS
from ._columns import ListOptions, read_fields
from ._csv_text import CsvText
from ._files import replacing
from ._inputs import list_options
from ._leave_times import ISO, LeaveTimes
from ._leavers import checked_leavers, is_due, parse_time
from ._leavers_file import LeaversError, Problems, Table, column_name, csv_form, table_of_text, text_of
from ._nouns import AccountKey, Leaver
from ._settings import ListSettings

SUFFIX = ".csv"
HEADER = "email,leave_at,reason,ticket\n"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass
class Register:
    """The register as it was read. ``places``: the column of each field; ``rows``: the rows of each leaver."""

    path: str
    content: bytes
    mark: bytes
    encoding: str
    text: CsvText
    values: ListSettings
    people: dict[str, Leaver] = field(default_factory=dict)
    """The leavers in their order, by the form in which e-mail addresses are compared."""
    notes: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    last_row: int = 1

    @property
    def leavers(self) -> list[Leaver]:
        """The leavers in their order."""
        return list(self.people.values())

    def leaver(self, email: str) -> Leaver | None:
        """Return the leaver of an e-mail address."""
        return self.people.get(token(email))


@dataclass(frozen=True)
class Change:
    """The content that the register gets, and whose entries differ then."""

    content: bytes
    added: Sequence[Leaver] = ()
    changed: Sequence[Leaver] = ()
    removed: Sequence[Leaver] = ()
    absent: Sequence[str] = ()
    """Those who were to be withdrawn and are not in it."""
    notes: Sequence[str] = ()


def token(email: str) -> str:
    """Return the form in which e-mail addresses are compared."""
    return str(Key("email", email).token[-1])


def read_register(path: str, content: bytes | None, values: ListSettings) -> Register:
    """Return a register that was read, or a new one if there is none. Raises LeaversError with all that is wrong."""
    new = HEADER.encode() if content is None else content
    mark, encoding = next(((mark, name) for mark, name in _MARKS if new.startswith(mark)), (b"", ""))
    if not encoding:
        encoding = "utf-8" if _is_utf8(new) else values["offboard_encoding"] or "utf-8"
    text_of(new, "" if encoding.startswith("utf-8") else encoding, path)
    text = new[len(mark) :].decode(encoding)
    if mark + text.encode(encoding) != new:
        raise LeaversError(f"{path}: cannot be written in {encoding} as it was read; save it as UTF-8")
    # What offboard_skip_rows and offboard_blank_email are about is the list that is given.
    options = replace(list_options(values), skip=(0, 0), blank_email="error")
    table = table_of_text(text, path, options.is_known)
    options = replace(options, columns=_own_columns(options, table))
    found = Register(path, new, mark, encoding, CsvText.read(*csv_form(text, path, options.is_known, 0)), values)
    fields = read_fields(table, options)
    found.places = dict(fields.places)
    if not table.rows:
        table.problems.raise_any()
        found.last_row = table.names[0][0]
        return found
    formats = values["offboard_date_format"]
    times = LeaveTimes.of(
        values["offboard_timezone"],
        [*formats, ISO] if formats and ISO not in formats else formats,
        values["offboard_leave_time"],
        values["offboard_blank_leave_at"],
    )
    checked = checked_leavers(fields, table.problems, options, times)
    found.people = {token(leaver["email"]): leaver for leaver in checked.leavers}
    found.notes = checked.notes
    found.last_row = max(number for number, _cells in table.rows)
    for row in fields.rows:
        found.rows.setdefault(token(trimmed(row.values["email"])), []).append(row.number)
    return found


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeError:
        return False
    return True


def _own_columns(options: ListOptions, table: Table) -> Mapping[str, str]:
    """Return which of the names of offboard_columns the register has: the others are those of the list."""
    names = {column_name(name) for _row, name in table.names}
    return {given: name for given, name in options.columns.items() if column_name(name) in names}


def withdraw(register: Register, emails: Sequence[str]) -> Change:
    """Return the register without some leavers."""
    gone = [leaver for email in emails if (leaver := register.leaver(email))]
    absent = [email for email in emails if not register.leaver(email)]
    if not gone:
        return Change(register.content, absent=absent)
    register.text.remove({number for each in gone for number in register.rows[token(each["email"])]})
    return Change(_content(register), removed=gone, absent=absent)


def enter(register: Register, given: Sequence[Leaver], now: str, problems: Problems) -> Change:
    """Return the register with the leavers that were given. ``now``: the leave time of those who have none.

    What is not given of a leaver who is in it already stays. ``problems``: those of the list. Raises LeaversError.
    """
    notes = [
        f"{leaver['email']} has no leave time and stays (offboard_blank_leave_at: not_due), and is not entered."
        for leaver in given
        if leaver.get("never_due")
    ]
    meant = [leaver for leaver in given if not leaver.get("never_due")]
    wanted = [_wanted(register, leaver, now) for leaver in meant]
    _check_keys(register, meant, problems)
    _add_columns(register, meant, wanted, now)
    for leaver, cells in zip(meant, wanted, strict=True):
        _write(register, leaver, cells)
    content = _content(register)
    if content == register.content:
        return Change(content, notes=notes)
    after = read_register(register.path, content, register.values)
    _check_kept(register, after, meant, wanted)
    named = {token(each["email"]) for each in meant}
    known = {token(each["email"]): _facts(register, each) for each in register.leavers}
    entered = [each for each in after.leavers if token(each["email"]) in named]
    return Change(
        content,
        added=[each for each in entered if token(each["email"]) not in known],
        changed=[
            each for each in entered if known.get(token(each["email"]), _facts(after, each)) != _facts(after, each)
        ],
        notes=notes,
    )


def _content(register: Register) -> bytes:
    try:
        return register.mark + register.text.text.encode(register.encoding)
    except UnicodeError:
        raise LeaversError(
            f"{register.path}: is in {register.encoding}, which has not all characters of what is entered; save it as "
            "UTF-8"
        ) from None


def _wanted(register: Register, leaver: Leaver, now: str) -> dict[str, str]:
    """Return what is to be written of a leaver, beside the keys: what is given and differs."""
    old = register.leaver(leaver["email"])
    cells = {
        name: trimmed(str(leaver.get(name) or register.values[f"offboard_{name}"])) for name in ("reason", "ticket")
    }
    cells = {name: text for name, text in cells.items() if text}
    # Who leaves now and is due already keeps the leave time.
    if not (leaver["leave_at"] is None and old and is_due(old, parse_time(now, "now"))):
        leave_at = leaver["leave_at"] or now
        if old is None or old["leave_at"] != leave_at:
            cells["leave_at"] = leave_at
    if old is None:
        cells["email"] = leaver["email"]
    return cells


def _is_default(leaver: Leaver, key: AccountKey) -> bool:
    email = key.get("email")
    return len(key) == 1 and isinstance(email, str) and token(email) == token(leaver["email"])


def _keys(leaver: Leaver, names: t.Iterable[str], tenants: Mapping[str, str]) -> dict[str, AccountKey]:
    """Return the keys of a leaver that are not the e-mail address, by vendor or tenant."""
    accounts = leaver["accounts"]
    keys = {name: accounts[name] if name in accounts else accounts[tenants[name]] for name in names}
    return {name: key for name, key in keys.items() if not _is_default(leaver, key)}


def _columns_of_keys(tenants: Mapping[str, str]) -> list[str]:
    """Return the names of all columns that may hold keys."""
    return list(dict.fromkeys((*VENDORS, *(name for name, vendor in tenants.items() if vendor in VENDORS))))


def _check_keys(register: Register, given: Sequence[Leaver], problems: Problems) -> None:
    """Raise LeaversError where a key is none that a cell can hold."""
    tenants = register.values.known_tenants
    for leaver in given:
        for name, key in _keys(leaver, leaver["accounts"], tenants).items():
            plain = VENDORS[tenants.get(name, name)].plain_key
            if not isinstance(key.get(plain), str):
                text = f"is given by {next(iter(key))}, and a register holds {plain} there; give that"
                problems.add(leaver["row"], name, text)
    problems.raise_any()


def _add_columns(register: Register, given: Sequence[Leaver], wanted: Sequence[Mapping[str, str]], now: str) -> None:
    tenants = register.values.known_tenants
    needed = dict.fromkeys(name for cells in wanted for name in cells)
    needed |= dict.fromkeys(name for leaver in given for name in _keys(leaver, leaver["accounts"], tenants))
    for name in needed:
        if name in register.places:
            continue
        values: dict[int, str] = {}
        for leaver in register.leavers:
            key = _keys(leaver, [name], tenants) if name in _columns_of_keys(tenants) else {}
            value = next(iter(key[name].values())) if key else ""
            if name == "leave_at" and not leaver.get("never_due"):
                value = now  # without the column all were due
            values |= dict.fromkeys(register.rows[token(leaver["email"])], str(value))
        register.places[name] = register.text.add_column(name, values)


def _write(register: Register, leaver: Leaver, cells: Mapping[str, str]) -> None:
    """Write what is given of a leaver into the rows, or into a new one."""
    tenants = register.values.known_tenants
    keys = _keys(leaver, [name for name in _columns_of_keys(tenants) if name in register.places], tenants)
    texts = {**cells, **{name: str(next(iter(key.values()))) for name, key in keys.items()}}
    by_place = {register.places[name]: text for name, text in texts.items()}
    rows = register.rows.get(token(leaver["email"]), [])
    for number in rows:
        for place, text in by_place.items():
            register.text.set(number, place, text)
    if not rows:
        register.text.add(by_place, register.last_row)


def _facts(register: Register, leaver: Leaver) -> tuple[object, ...]:
    """Return what is known of a leaver, in a form that compares."""
    tenants = register.values.known_tenants
    keys = _keys(leaver, _columns_of_keys(tenants), tenants)
    return leaver["leave_at"], leaver.get("reason") or "", leaver.get("ticket") or "", sorted(map(repr, keys.items()))


def _check_kept(
    before: Register, after: Register, given: Sequence[Leaver], wanted: Sequence[Mapping[str, str]]
) -> None:
    """Raise LeaversError where the register would not hold what was given, or would hold something else of others."""
    tenants = before.values.known_tenants
    for leaver, cells in zip(given, wanted, strict=True):
        kept: Mapping[str, t.Any] = after.people.get(token(leaver["email"]), {})
        keys = _keys(leaver, leaver["accounts"], tenants)
        if any(kept.get(name) != text for name, text in cells.items()) or (
            keys and _keys(after.people[token(leaver["email"])], keys, tenants) != keys
        ):
            raise LeaversError(f"{before.path}: cannot hold what is given of {leaver['email']} as it is given")
    named = {token(leaver["email"]) for leaver in given}
    for name, leaver in before.people.items():
        if name not in named and _facts(after, after.people[name])[1:] != _facts(before, leaver)[1:]:
            raise LeaversError(f"{before.path}: the entry of {leaver['email']} would change")


def write_file(path: str, content: bytes) -> None:
    """Write a file that survives a loss of power, whole or not at all, with the owner and the mode it had.

    Raises OSError.
    """
    place = Path(path)
    with replacing(place) as stream:
        stream.write(content)
        stream.flush()
        if place.exists():
            _become(stream.fileno(), place)
        os.fsync(stream.fileno())
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _become(descriptor: int, like: Path) -> None:
    """Give a file the owner, the mode and the access list of another."""
    old, new = like.stat(), os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
    if hasattr(os, "listxattr"):
        for name in os.listxattr(like):
            with contextlib.suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(like, name))
