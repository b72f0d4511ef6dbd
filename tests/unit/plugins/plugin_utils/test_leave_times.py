# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Leave times: read as the list gives them, or refused; never a day too early."""

from __future__ import annotations

import datetime
import json
import locale
import zoneinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._leave_times import (
    DateFormat,
    LeaveTimes,
    read_formats,
    read_time_of_day,
    read_zone,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import is_due, read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import LeaversError
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages

JANE, SAM = "jane@example.com", "sam@example.com"
BERLIN = "Europe/Berlin"


def read(value: Any, **options: Any) -> str | None:
    moment = LeaveTimes.of(**options).read(value)
    return None if moment is None else moment.isoformat()


@pytest.mark.parametrize(
    ("value", "options", "moment"),
    [
        ("2026-11-30T18:00:00+01:00", {}, "2026-11-30T17:00:00+00:00"),
        ("2026-11-30T18:00:00", {"zone": BERLIN}, "2026-11-30T17:00:00+00:00"),
        ("2026-11-30T18:00:00Z", {"zone": BERLIN}, "2026-11-30T18:00:00+00:00"),
        ("2026-11-30", {"zone": BERLIN}, "2026-11-30T23:00:00+00:00"),
        ("20261130", {"zone": BERLIN}, "2026-11-30T23:00:00+00:00"),
        ("2026-11-30", {"zone": BERLIN, "end_of_day": "17:30"}, "2026-11-30T16:30:00+00:00"),
        ("2026-11-30", {"zone": "UTC"}, "2026-12-01T00:00:00+00:00"),
        ("30.11.2026", {"zone": BERLIN, "formats": "%d.%m.%Y"}, "2026-11-30T23:00:00+00:00"),
        (" 30.11.2026\u200b", {"zone": BERLIN, "formats": ["%d.%m.%Y"]}, "2026-11-30T23:00:00+00:00"),
        ("11/30/26", {"zone": "UTC", "formats": "%m/%d/%y"}, "2026-12-01T00:00:00+00:00"),
        ("30-Nov-2026", {"zone": "UTC", "formats": "%d-%b-%Y"}, "2026-12-01T00:00:00+00:00"),
        ("Monday, november 30, 2026", {"zone": "UTC", "formats": "%A, %B %d, %Y"}, "2026-12-01T00:00:00+00:00"),
        ("11/30/2026 12:05 am", {"zone": "UTC", "formats": "%m/%d/%Y %I:%M %p"}, "2026-11-30T00:05:00+00:00"),
        ("11/30/2026 12:05 PM", {"zone": "UTC", "formats": "%m/%d/%Y %I:%M %p"}, "2026-11-30T12:05:00+00:00"),
        ("30.11.2026 18:00 +0100", {"formats": "%d.%m.%Y %H:%M %z"}, "2026-11-30T17:00:00+00:00"),
        ("2026-11-30T18:00:00Z", {"formats": ["%d.%m.%Y", "iso8601"]}, "2026-11-30T18:00:00+00:00"),
        ("100% 30.11.2026", {"zone": "UTC", "formats": "100%% %d.%m.%Y"}, "2026-12-01T00:00:00+00:00"),
        (datetime.date(2026, 11, 30), {"zone": BERLIN}, "2026-11-30T23:00:00+00:00"),
        (datetime.date(2026, 11, 30), {"zone": BERLIN, "formats": "%Y-%m-%d"}, "2026-11-30T23:00:00+00:00"),
        (datetime.datetime(2026, 11, 30, 18), {"zone": BERLIN}, "2026-11-30T17:00:00+00:00"),
        (
            datetime.datetime(2026, 11, 30, 18),
            {"zone": BERLIN, "formats": "%Y-%m-%d %H:%M:%S"},
            "2026-11-30T17:00:00+00:00",
        ),
        # 2026-03-29 02:30 does not exist in Berlin, 2026-10-25 02:30 exists twice.
        ("2026-03-29T02:30:00", {"zone": BERLIN}, "2026-03-29T01:30:00+00:00"),
        ("2026-10-25T02:30:00", {"zone": BERLIN}, "2026-10-25T01:30:00+00:00"),
        # The clocks of Beirut skip midnight.
        ("2026-03-28", {"zone": "Asia/Beirut"}, "2026-03-28T22:00:00+00:00"),
        ("0000-00-00", {}, None),
        ("0000-00-00 00:00:00", {"formats": "%d.%m.%Y"}, None),
        ("", {}, None),
        (" \u00a0", {"formats": "%d.%m.%Y"}, None),
        (None, {}, None),
        # What databases and spreadsheets write for no date.
        *((text, {"zone": BERLIN}, None) for text in ("0", "1/0/1900", "1/0/00 0:00", "00.01.1900", "0-Jan-00")),
        *((text, {"zone": BERLIN}, None) for text in ("1900-01-00", "1900-01-01", "1899-12-30", "0001-01-01T00:00:00")),
        ("01.01.1900", {"zone": BERLIN, "formats": "%d.%m.%Y"}, None),
        ("01/01/1970 12:00 AM", {"formats": "%m/%d/%Y %I:%M %p"}, None),
        (datetime.date(1900, 1, 1), {}, None),
        # SAP writes it for no end.
        ("9999-12-31", {"zone": BERLIN}, "9999-12-31T23:59:59+00:00"),
        ("31.12.9999", {"zone": "America/New_York", "formats": "%d.%m.%Y"}, "9999-12-31T23:59:59+00:00"),
        ("9999-12-31T23:59:59-08:00", {}, "9999-12-31T23:59:59+00:00"),
        ("12/31/9999", {"formats": "%m/%d/%Y"}, "9999-12-31T23:59:59+00:00"),
    ],
)
def test_a_leave_time_is_read(value: Any, options: dict[str, Any], moment: str | None) -> None:
    assert read(value, **options) == moment


@pytest.mark.parametrize(
    ("value", "options", "fault"),
    [
        ("2026-11-30T18:00:00", {}, "has no zone; .* or name the time zone of the list in offboard_timezone"),
        ("2026-11-30", {}, "has no time and no zone; .*offboard_timezone"),
        ("30.11.2026", {"formats": "%d.%m.%Y"}, "has no time and no zone"),
        (datetime.date(2026, 11, 30), {}, "has no time and no zone"),
        (
            datetime.date(2026, 11, 30),
            {"zone": BERLIN, "formats": "%d.%m.%Y"},
            "is of no format in offboard_date_format",
        ),
        ("2026-11-30T18:00:00Z", {"formats": "%d.%m.%Y"}, "is of no format in offboard_date_format"),
        ("30.11.2026", {"zone": BERLIN}, "is not a time in ISO 8601; .*offboard_date_format"),
        ("soon", {"zone": BERLIN}, "is not a time in ISO 8601"),
        ("31.02.2026", {"zone": BERLIN, "formats": "%d.%m.%Y"}, "no date of the calendar"),
        ("30. November 2026", {"zone": BERLIN, "formats": "%d. %b %Y"}, "is of no format"),
        ("30. Dezember 2026", {"zone": BERLIN, "formats": "%d. %B %Y"}, "is of no format"),
        ("2026111", {"zone": BERLIN, "formats": "%Y%m%d"}, "is of no format"),
        ("46356", {"zone": BERLIN}, "is not a time in ISO 8601"),
        (True, {"zone": BERLIN}, "is not a time in ISO 8601"),
        ("0026-11-30T18:00:00Z", {}, "lies before 1971; correct the year"),
        ("30.11.1962", {"zone": BERLIN, "formats": "%d.%m.%Y"}, "lies before 1971"),
        ("05/06/2026", {"zone": BERLIN, "formats": ["%d/%m/%Y", "%m/%d/%Y"]}, "means different times in the formats"),
    ],
)
def test_a_leave_time_that_could_mean_something_else_is_refused(value: Any, options: Any, fault: str) -> None:
    with pytest.raises(LeaversError, match=fault):
        read(value, **options)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (7, "must be a format of strptime"),
        ({"a": "b"}, "must be a format of strptime"),
        ([7], "must be a format of strptime"),
        ("%d.%m", r"entry 1 must give the year"),
        ("%d.%m.%Y %y", "must give the year"),
        ("DD.MM.YYYY", "must give the year"),
        ("%x", "has %x; known are %Y"),
        ("%d.%m.%Y %", "has %; known are"),
        ("%d.%m.%Y %I:%M", "must give the hour"),
        ("%d.%m.%Y %M", "must give the hour"),
        (["%d.%m.%Y", "%j"], "entry 2 has %j"),
    ],
)
def test_a_format_that_gives_no_date_is_refused(value: Any, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_formats(value)


def test_formats_are_a_text_or_a_list() -> None:
    assert read_formats(" %d.%m.%Y ") == ("%d.%m.%Y",)
    assert read_formats(["ISO8601", "%d.%m.%Y", ""]) == ("ISO8601", "%d.%m.%Y")
    assert read_formats("") == ()


@pytest.mark.parametrize(
    ("value", "minutes"),
    [("24:00", 1440), ("00:00", 0), ("17:30", 1050), ("8:05", 485), (1080, 1080), (1440, 1440)],
)
def test_a_time_of_day(value: Any, minutes: int) -> None:
    assert read_time_of_day(value) == minutes


@pytest.mark.parametrize("value", ["24:01", "25:00", "18", 18, 64800, True, "", "6pm", "18:60", None])
def test_what_is_no_time_of_day_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match='from "00:00" to "24:00"'):
        read_time_of_day(value)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "+01:00", "../etc/passwd", "/etc/localtime", "Europe", "CEST "])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must be the IANA name of a time zone, such as Europe/Berlin"):
        read_zone(name)


def test_a_missing_database_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", nothing)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    with pytest.raises(ValueError, match="install the Python package tzdata"):
        read_zone(BERLIN)


DATES = ["%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d", "%Y%m%d", "%d%m%Y", "%d-%b-%Y", "%B %d, %Y", "%a %d %b %Y", "%d/%m/%y"]
TIMES = ["", " %H:%M", "T%H%M%S", " %I:%M:%S %p", " %H:%M:%S.%f", " %H:%M %z"]


@given(
    st.datetimes(min_value=datetime.datetime(1970, 1, 1), max_value=datetime.datetime(2068, 12, 31)),
    st.sampled_from(DATES),
    st.sampled_from(TIMES),
    st.integers(-14 * 60, 14 * 60),
)
def test_what_a_format_writes_it_reads(naive: datetime.datetime, days: str, hours: str, offset: int) -> None:
    moment = naive.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=offset)))
    # English, whatever the locale of the machine.
    assert locale.setlocale(locale.LC_TIME) in ("C", "C.UTF-8", "en_US.UTF-8", "POSIX")
    shape = DateFormat(days + hours)
    found = shape.read(moment.strftime(days + hours))
    assert found is not None
    assert shape.has_time == bool(hours)
    again = found if found.tzinfo else found.replace(tzinfo=moment.tzinfo)
    assert again.strftime(days + hours) == moment.strftime(days + hours)
    assert found.date() == moment.date()


@given(
    st.datetimes(min_value=datetime.datetime(1971, 1, 1), max_value=datetime.datetime(2037, 12, 30)),
    st.sampled_from([BERLIN, "America/New_York", "Asia/Beirut", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_a_time_without_zone_is_never_taken_too_early(naive: datetime.datetime, name: str) -> None:
    zone = zoneinfo.ZoneInfo(name)
    naive = naive.replace(microsecond=0)
    moment = LeaveTimes.of(name).read(naive.isoformat())
    assert moment is not None
    candidates = {naive.replace(tzinfo=zone, fold=fold).astimezone(datetime.UTC) for fold in (0, 1)}
    assert moment == max(candidates)
    ended = LeaveTimes.of(name).read(naive.date().isoformat())
    assert ended is not None
    assert (
        ended
        >= max(naive.replace(tzinfo=zone, fold=fold, hour=23, minute=59).astimezone(datetime.UTC) for fold in (0, 1))
        or ended >= moment
    )


# -- a list, some of whose leavers have no leave time

AT = "2026-11-30T18:00:00Z"


def forms(*entries: dict[str, str]) -> list[tuple[Any, str]]:
    rows = "".join(f"{entry['email']},{entry['leave_at']}\n" for entry in entries)
    given_times = [{name: value for name, value in entry.items() if value} for entry in entries]
    return [
        (f"email,leave_at\n{rows}", "l.csv"),
        (json.dumps(given_times), "l.json"),
        (json.dumps(entries), "l.yml"),
        (given_times, "offboard_leavers"),
    ]


MIXED = ({"email": JANE, "leave_at": AT}, {"email": SAM, "leave_at": ""})


def test_a_blank_leave_time_is_an_error_where_others_have_one() -> None:
    for data, source in forms(*MIXED):
        with pytest.raises(LeaversError, match=r"[23], leave_at: is blank.*offboard_blank_leave_at to due"):
            read_leavers(data, source)


def test_a_blank_leave_time_is_an_error_where_there_is_a_column() -> None:
    for text in ("", "0000-00-00", "1900-01-01", "1/0/1900", "0"):
        data = f"email,leave_at\n{JANE},{text}\n"
        with pytest.raises(LeaversError, match=r"row 2, leave_at: is blank"):
            read_leavers(data, "l.csv")
    with pytest.raises(LeaversError, match=r"entry 1, leave_at: is blank"):
        read_leavers([{"email": JANE, "leave_at": ""}], "l")
    (leaver,) = read_leavers([{"email": JANE, "leave_at": None}], "l").leavers
    assert is_due(leaver, datetime.datetime.now(datetime.UTC))


def test_a_blank_leave_time_is_due_if_so_configured() -> None:
    for data, source in forms(*MIXED):
        found = read_leavers(data, source, times=LeaveTimes.of(blank="due")).leavers
        assert list(Stages.once("deactivated").states(found, "2020-01-01T00:00:00Z")) == [SAM]


def test_a_blank_leave_time_is_never_due_if_so_configured() -> None:
    for data, source in forms(*MIXED):
        found = read_leavers(data, source, times=LeaveTimes.of(blank="not_due")).leavers
        assert list(Stages.once("deactivated").states(found, "2999-01-01T00:00:00Z")) == [JANE]
        assert [each["leave_at"] for each in found] == [AT, None]


@pytest.mark.parametrize("text", [f"email,leave_at\n{JANE},\n{SAM},0000-00-00\n", f"email\n{JANE}\n"])
def test_a_list_without_a_leaver_is_an_error(text: str) -> None:
    with pytest.raises(LeaversError, match="no leaver has a leave time, and offboard_blank_leave_at is not_due"):
        read_leavers(text, "l.csv", times=LeaveTimes.of(blank="not_due"))


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"zone": "CEST"}, "timezone must be the IANA name"),
        ({"formats": 7}, "date_format must be a format"),
        ({"end_of_day": "18"}, "leave_time must be a time of day"),
    ],
)
def test_an_option_of_the_filter_is_named(options: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{fault}"):
        LeaveTimes.of(**options)


def test_an_invalid_time_is_not_blank_and_all_are_reported_at_once() -> None:
    text = f"email,leave_at\n{JANE},soon\n{SAM},\n"
    with pytest.raises(LeaversError) as caught:
        read_leavers(text, "l.csv")
    assert "row 2, leave_at: is not a time" in str(caught.value)
    assert "row 3, leave_at: is blank" in str(caught.value)
    assert "row 2, leave_at: is blank" not in str(caught.value)
