# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leave times as lists give them: ISO 8601, or the date formats and the time zone that were named.

PRIVATE to the collection. A message never shows the value: the wrong column may hold anything.
"""

from __future__ import annotations

import re
import typing as t
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from ansible_collections.saas.offboarding.plugins.module_utils import _clock
from ansible_collections.saas.offboarding.plugins.module_utils._address import trimmed

from ._leavers_file import LeaversError

ISO = "iso8601"
DUE = "due"
NOT_DUE = "not_due"
DAY = 24 * 60
"""Minutes."""

_NO_DATE = re.compile(
    r"(0|0000-00-00|1900-01-00|0?1/0?0/(19)?00|0?0[./]0?1[./](19)?00|0?0-Jan-(19)?00)"
    r"([ T]0?0:00(:00(\.0+)?)?)?(Z|[+-]00:?00)?",
    re.IGNORECASE,
)
"""What databases and Excel write for no date: Excel shows an empty cell as 0, or as day 0 of January 1900."""
_NO_DATES = frozenset((date.min, date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1970, 1, 1)))
"""The days from which .NET, LibreOffice, Excel, SQL Server and Unix count: there they stand for no date."""
_FIRST_YEAR = 1971
"""Of leave times. One before is a mistake in the year: 0026 for 2026."""
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""What 31 December 9999 means wherever it is: SAP writes it for no end, and its end is in no calendar."""
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _one_of(names: Sequence[str]) -> str:
    return "|".join(names)


def _short(names: Sequence[str]) -> list[str]:
    return [name[:3] for name in names]


# Not `time.strptime`: it takes the names of months and days from the locale of the controller.
_DIRECTIVES = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "1[0-2]|0?[1-9]",
    "d": "3[01]|[12][0-9]|0?[1-9]",
    "H": "2[0-3]|[01]?[0-9]",
    "I": "1[0-2]|0?[1-9]",
    "M": "[0-5]?[0-9]",
    "S": "[0-5]?[0-9]",
    "f": "[0-9]{1,6}",
    "p": "AM|PM",
    "z": "Z|[+-][0-9]{2}:?[0-5][0-9]",
    "B": _one_of(_MONTHS),
    "b": _one_of(_short(_MONTHS)),
    "A": _one_of(_DAYS),
    "a": _one_of(_short(_DAYS)),
}
_DATE = ({"Y", "y"}, {"m", "b", "B"}, {"d"})


class DateFormat:
    """A format of strptime, its names in English whatever the locale. Raises ValueError for one that gives no date."""

    def __init__(self, text: str) -> None:
        parts = re.split(r"%(.)", text, flags=re.DOTALL)
        names = [name for name in parts[1::2] if name != "%"]
        unknown = sorted({name for name in names if name not in _DIRECTIVES})
        if unknown or parts[-1].endswith("%"):
            raise ValueError(f"has %{unknown[0] if unknown else ''}; known are %{', %'.join([*_DIRECTIVES, '%'])}")
        if len(names) != len(set(names)) or any(len(kind & set(names)) != 1 for kind in _DATE):
            raise ValueError("must give the year (%Y or %y), the month (%m, %b or %B) and the day (%d), each once")
        if (
            ("I" in names) != ("p" in names)
            or {"H", "I"} <= set(names)
            or (self._clock(names) and not self._hour(names))
        ):
            raise ValueError("must give the hour as %H, or as %I with %p, where it gives a time")
        self.has_time = self._hour(names)
        shapes = [self._directive(parts, at) if at % 2 else _literal(part) for at, part in enumerate(parts)]
        self._shape = re.compile("".join(shapes), re.IGNORECASE)

    @staticmethod
    def _directive(parts: Sequence[str], at: int) -> str:
        name = parts[at]
        if name == "%":
            return "%"
        shape = _DIRECTIVES[name]
        # Without anything between them, 2026111 could be 1 November or 11 January.
        is_joined = (at > 1 and not parts[at - 1]) or (at + 2 < len(parts) and not parts[at + 1])
        return f"(?P<{name}>{shape.replace('?', '') if is_joined and name in 'mdHIMS' else shape})"

    @staticmethod
    def _hour(names: Sequence[str]) -> bool:
        return "H" in names or "I" in names

    @staticmethod
    def _clock(names: Sequence[str]) -> bool:
        return not {"M", "S", "f", "z"}.isdisjoint(names)

    def read(self, text: str) -> datetime | None:
        """Return the time that a text gives, None where it is not of this format. Raises ValueError for 31 February."""
        found = self._shape.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        year = int(parts["Y"]) if "Y" in parts else _year(int(parts["y"]))
        name = (parts.get("b") or parts.get("B") or "")[:3].capitalize()
        month = int(parts["m"]) if "m" in parts else _short(_MONTHS).index(name) + 1
        hour = int(parts.get("H") or 0)
        if "I" in parts:
            hour = int(parts["I"]) % 12 + (12 if parts["p"].upper() == "PM" else 0)
        minute, second = int(parts.get("M") or 0), int(parts.get("S") or 0)
        micro = int((parts.get("f") or "0").ljust(6, "0"))
        return datetime(year, month, int(parts["d"]), hour, minute, second, micro, _offset(parts.get("z")))


def _literal(text: str) -> str:
    return "".join(r"\s+" if each.isspace() else re.escape(each) for each in re.split(r"(\s+)", text) if each)


def _year(short: int) -> int:
    """Return the year that two digits mean, as POSIX has it."""
    return short + (1900 if short >= 69 else 2000)


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text.upper() == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def is_blank(value: t.Any) -> bool:
    """Return whether a value is no leave time at all, as HR systems write that."""
    return value is None or not (text := trimmed(str(value))) or _NO_DATE.fullmatch(text) is not None


def read_zone(value: t.Any) -> zoneinfo.ZoneInfo | None:
    """Return a time zone by its IANA name, None for an empty one. Raises ValueError."""
    name = str(value).strip()
    if not name:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        pass
    if not zoneinfo.available_timezones():
        raise ValueError("needs a time zone database, and the controller has none: install the Python package tzdata")
    raise ValueError(f"must be the IANA name of a time zone, such as Europe/Berlin, not {name[:40]!r}")


def read_time_of_day(value: t.Any) -> int:
    """Return a time of day in minutes. Raises ValueError."""
    # YAML reads 18:00 without quotes as 18 * 60.
    if isinstance(value, int) and not isinstance(value, bool) and 60 <= value <= DAY:
        return value
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00", str(value).strip())
    if found is None:
        raise ValueError('must be a time of day from "00:00" to "24:00"')
    return DAY if found[1] is None else int(found[1]) * 60 + int(found[2])


def read_formats(value: t.Any) -> tuple[str, ...]:
    """Return the formats of a text or a list, each checked. Raises ValueError."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise ValueError("must be a format of strptime such as %d.%m.%Y, or a list of them")
    formats = tuple(each.strip() for each in given if each.strip())
    for number, each in enumerate(formats, 1):
        if each.lower() != ISO:
            try:
                DateFormat(each)
            except ValueError as exc:
                raise ValueError(f"entry {number} {exc}") from None
    return formats


T = t.TypeVar("T")


def _named(name: str, read: Callable[[t.Any], T], value: t.Any) -> T:
    try:
        return read(value)
    except ValueError as exc:
        raise ValueError(f"{name} {exc}") from None


@dataclass(frozen=True)
class LeaveTimes:
    """How the leave times of a list are read.

    ``zone``: of times without one. ``formats``: none are ISO 8601 alone. ``end_of_day``: the minute at which a bare
    date ends. ``blank``: what a leaver without a leave time is where others have one: an error, due or not_due.
    """

    zone: zoneinfo.ZoneInfo | None = None
    formats: Sequence[DateFormat | None] = (None,)
    end_of_day: int = DAY
    blank: str = ""

    @classmethod
    def of(cls, zone: t.Any = "", formats: t.Any = (), end_of_day: t.Any = DAY, blank: str = "") -> LeaveTimes:
        """Return how leave times are read, by values as a person writes them. Raises ValueError."""
        named = _named("date_format", read_formats, formats)
        shapes = [None if each.lower() == ISO else DateFormat(each) for each in named]
        minutes = _named("leave_time", read_time_of_day, end_of_day)
        return cls(_named("timezone", read_zone, zone), shapes or (None,), minutes, blank)

    def read(self, value: t.Any) -> datetime | None:
        """Return a leave time in UTC, None for a blank one. Raises LeaversError, whose text states the fault."""
        if is_blank(value):
            return None
        texts = [value.isoformat(), str(value)] if isinstance(value, date) else [trimmed(str(value))]
        try:
            given = [each for text in texts for shape in self.formats for each in _read(shape, text)]
            if any(_day(each) in _NO_DATES for each in given):
                return None
            found = {self._moment(each) for each in given}
        except LeaversError:
            raise
        except (ValueError, OverflowError):
            raise LeaversError("is out of range, or no date of the calendar; correct it") from None
        if len(found) == 1:
            return found.pop()
        if found:
            raise LeaversError(
                "means different times in the formats of offboard_date_format; name the one format that the list has"
            )
        if tuple(self.formats) == (None,):
            raise LeaversError(
                f"is not a time in ISO 8601; {_clock.ADVICE}, or name the format of the list in offboard_date_format"
            )
        raise LeaversError("is of no format in offboard_date_format; correct it, or add its format there")

    def _moment(self, given: datetime | date) -> datetime:
        if given.year < _FIRST_YEAR:
            raise LeaversError("lies before 1971; correct the year")
        if _day(given) == date.max:
            return _NEVER
        is_bare = not isinstance(given, datetime)
        local = datetime.combine(given, time.min) if is_bare else t.cast(datetime, given)
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        if self.zone is None:
            lacking = "has no time and no zone" if is_bare else "has no zone"
            raise LeaversError(f"{lacking}; {_clock.ADVICE}, or name the time zone of the list in offboard_timezone")
        if is_bare:
            local += timedelta(minutes=self.end_of_day)
        # Of a time that the clocks skip or repeat, the later one.
        return max(local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _day(given: datetime | date) -> date:
    return date(given.year, given.month, given.day)


def _read(shape: DateFormat | None, text: str) -> list[datetime | date]:
    """Return what a text means in a format (None: ISO 8601), in a list that is empty where it is not of that format."""
    if shape is not None:
        found = shape.read(text)
        return [] if found is None else [found if shape.has_time else found.date()]
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return [read(text)]
        except ValueError:
            continue
    return []
