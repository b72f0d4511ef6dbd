# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as the collection writes and reads them: ISO 8601.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from datetime import UTC, date, datetime

ADVICE = "write date, time and zone, for example 2026-11-30T18:00:00+01:00 or 2026-11-30T17:00:00Z"


def utc_text(moment: datetime, timespec: str = "auto") -> str:
    """Return a moment in ISO 8601, in UTC, down to ``timespec`` (as `datetime.isoformat` takes it)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def moment_text(seconds: float) -> str:
    """Return a moment, given in seconds since the epoch, in ISO 8601 with milliseconds."""
    return utc_text(datetime.fromtimestamp(seconds, UTC), "milliseconds")


def parse_time(value: t.Any, what: str) -> datetime:
    """Return an ISO 8601 time with zone, in UTC. Raises ValueError, which begins with ``what``."""
    if isinstance(value, datetime):
        parsed = value
    elif isinstance(value, date):
        raise ValueError(f"{what} has no time and no zone; {ADVICE}")
    else:
        try:
            parsed = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise ValueError(f"{what} is not a time in ISO 8601; {ADVICE}") from None
    if parsed.utcoffset() is None:
        raise ValueError(f"{what} has no zone; {ADVICE}")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{what} is out of range; {ADVICE}") from None
