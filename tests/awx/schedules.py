# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""One-time schedules as AWX has them, and how it pages a list.

Source: awx/main/models/schedules.py (next_run, dtstart, dtend, the name unique for each template),
awx/api/serializers.py (SchedulePreviewSerializer.validate_rrule), awx/api/pagination.py and MAX_PAGE_SIZE of
awx/settings/defaults.py of AWX 24.6.1. A rule that repeats is taken, but its next run is not worked out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

NAME_LENGTH = 512
MAX_PAGE_SIZE = 200
ONCE = re.compile(r"DTSTART:(\d{8}T\d{6})Z RRULE:FREQ=[A-Z]+;INTERVAL=\d+;COUNT=1")


def times(schedule: Mapping[str, Any], now: datetime | None = None) -> dict[str, str | None]:
    """What AWX works out of a rule (Schedule.update_computed_fields): one that is disabled or over has no next run."""
    found = ONCE.fullmatch(schedule["rrule"])
    if not found:
        return {"next_run": None, "dtstart": None, "dtend": None}
    moment = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    is_to_come = schedule["enabled"] and moment > (now or datetime.now(UTC))
    return {"next_run": text if is_to_come else None, "dtstart": text, "dtend": text}


def name_faults(name: str) -> list[str]:
    return [] if len(name) <= NAME_LENGTH else [f"Ensure this field has no more than {NAME_LENGTH} characters."]


def count_faults(rule: str) -> list[str]:
    return [f"COUNT > 999 is unsupported: {rule}" for found in re.findall(r"COUNT=(\d+)", rule) if int(found) > 999]
