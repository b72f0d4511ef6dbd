# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the values of variables are read. Each function raises ValueError, whose message follows the variable's name.

PRIVATE to the collection.
"""

from __future__ import annotations

import math
import os
import re
import typing as t
from collections.abc import Callable, Mapping

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.saas.offboarding.plugins.module_utils._guards import ALL

from ._leave_times import read_formats, read_time_of_day, read_zone
from ._protected import read_entries

T = t.TypeVar("T")


def tolerant(read: Callable[[t.Any], T], value: t.Any, default: T) -> T:
    """Return a value as it is read, or the default. What is wrong with it is stated when all settings are read."""
    try:
        return default if value is None else read(value)
    except ValueError:
        return default


def text_of(value: t.Any) -> str:
    """Return a text without white space around it. Newer cores make a number or a no of the text of a survey."""
    if isinstance(value, Mapping | list | tuple):
        raise ValueError("must be a text")
    return "" if value is None else str(value).strip()


def free_text(value: t.Any) -> str:
    """Return a text for the evidence as it was written; of white space alone nothing."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError("must be a text: put it in quotes, so that it is recorded as it is written")
    return value if value.strip() else ""


def path_of(value: t.Any) -> str:
    text = text_of(value)
    # What a stream resolves to is not what a person typed.
    if not text or text.startswith(("/dev/", "/proc/")):
        return text
    return os.path.realpath(os.path.expanduser(text))


def flag_of(value: t.Any) -> bool:
    try:
        return bool(boolean(value))
    except TypeError:
        raise ValueError(f"must be true or false, not {value!r:.40}") from None


def integer_of(value: t.Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"\s*[-+]?[0-9]+\s*", str(value)):
        raise ValueError(f"must be a whole number, not {value!r:.40}")
    return int(str(value))


def at_least_one(value: t.Any) -> int:
    try:
        number = integer_of(value)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"must be a whole number of 1 or more, not {value!r:.40}")
    return number


def number_of(value: t.Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"must be a number, not {value!r:.40}")
    return number


def count_of(value: t.Any) -> int:
    number = integer_of(value)
    if number < 0:
        raise ValueError(f"must be 0 or more, not {number}; 0 allows no change")
    return number


def percent_of(value: t.Any) -> float:
    number = number_of(value)
    if not 0 <= number <= ALL:
        raise ValueError(f"must be from 0 to 100, not {number:g}; 0 allows no change, 100 is no limit")
    return number


def list_of(value: t.Any) -> list[t.Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list")
    return list(value)


def texts_of(value: t.Any) -> list[str]:
    return [text_of(each) for each in list_of(value)]


def names_of(value: t.Any) -> list[str]:
    """Return a list of names, also of a text with commas, as `-e offboard_vendors=netex,learn` gives it."""
    return texts_of(value.split(",") if isinstance(value, str) and value.strip() else value)


def pattern_of(value: t.Any) -> str:
    """Return a pattern of hosts, also of a list of them."""
    return ",".join(filter(None, texts_of(value if isinstance(value, list | tuple) else [value])))


def mapping_of(value: t.Any) -> dict[str, t.Any]:
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise ValueError("must be a dict")
    return {str(name): each for name, each in value.items()}


def columns_of(value: t.Any) -> dict[str, str]:
    columns = {name.strip(): each for name, each in mapping_of(value).items()}
    for name, each in columns.items():
        if not isinstance(each, str) or not each.strip():
            raise ValueError(f"must name a column for {name[:40]}, as a text")
    return columns


def skip_rows_of(value: t.Any) -> dict[str, int]:
    rows = mapping_of(value)
    if not set(rows) <= {"top", "bottom"}:
        raise ValueError("must be a dict of top and bottom, such as {top: 2, bottom: 1}")
    numbers = {name: integer_of(each) for name, each in rows.items()}
    if any(number < 0 for number in numbers.values()):
        raise ValueError("must count rows: 0 or more")
    return numbers


def encoding_of(value: t.Any) -> str:
    text = text_of(value)
    try:
        "".encode(text or "utf-8")
    except LookupError:
        raise ValueError(f"must be a text encoding, such as windows-1252 or utf-16, not {text[:40]!r}") from None
    return text


def one_of(*offers: str) -> Callable[[t.Any], str]:
    def read(value: t.Any) -> str:
        text = text_of(value)
        if text not in offers:
            raise ValueError(f"must be {' or '.join(offers)}, not {text[:40]}")
        return text

    return read


def as_it_is(value: t.Any) -> t.Any:
    return value


def zone_of(value: t.Any) -> str:
    text = text_of(value)
    read_zone(text)
    return text


def time_of_day(value: t.Any) -> str:
    minutes = read_time_of_day(value)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def formats_of(value: t.Any) -> list[str]:
    return list(read_formats(value))


def entries_of(value: t.Any) -> list[str]:
    return [] if value is None or value == "" else read_entries(value)
