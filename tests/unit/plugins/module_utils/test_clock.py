# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Times: written in one form, and read with their zone or not at all."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._clock import moment_text, parse_time, utc_text

UTC = datetime.UTC


def test_a_moment_has_milliseconds() -> None:
    assert moment_text(1_700_000_000.0) == "2023-11-14T22:13:20.000Z"


@given(st.datetimes(min_value=datetime.datetime(1970, 1, 2), max_value=datetime.datetime(9990, 1, 1)))
def test_what_is_written_is_read_again(naive: datetime.datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    assert parse_time(utc_text(moment), "leave_at") == moment


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("tomorrow", "leave_at is not a time in ISO 8601"),
        (datetime.date(2026, 1, 1), "leave_at has no time and no zone"),
        ("2026-01-01T00:00:00", "leave_at has no zone"),
        ("0001-01-01T00:00:00+14:00", "leave_at is out of range"),
    ],
)
def test_what_is_no_moment_is_refused(value: t.Any, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_time(value, "leave_at")
