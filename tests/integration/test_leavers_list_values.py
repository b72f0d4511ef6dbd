# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Values of the leavers list: obvious mistakes are refused in every format of the list."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from demo.story import account, closed_at
from harness.documents import outcomes
from harness.playbook import Ansible
from harness.refusals import refusals
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

TENANTS = REPOSITORY / "examples" / "tenants.yml"
FILTER = REPOSITORY / "extensions" / "eda" / "plugins" / "event_filter" / "leaver.py"
MODULES = {"customergauge": ("user",), "zitadel": ("user", "user_info"), "learn": ("user", "user_info")}
VENDORS = ("netex", "zitadel")
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
AT = "2026-01-31T18:00:00Z"
HERE: dict[str, Any] = {"offboard_vendors": list(VENDORS)}

ADDRESSES = [
    "mailto:jane@example.com",
    "jane@example.com,",
    "a@b..com",
    '=HYPERLINK("mailto:jane@example.com")',
    "jane@example.com%20",
    "<jane@example.com>",
    "Jane Doe <jane@example.com>",
    "'jane@example.com'",
    "\u201cjane@example.com\u201d",
    "o\u2019neil@example.com",
    "jane&#64;example.com",
    "ja\u200bne@example.com",
    "jane@example",
]
KEYS = ["#N/A", "6.9629E+16", "'69629023906488334", "69629023906488334.0", "-", "n/a", "Unknown", "0", "TRUE", "#REF!"]
PROTECTED = [
    "- jane@example.com",
    '"jane@example.com"',
    "mailto:jane@example.com",
    "Jane Doe <jane@example.com>",
    '["jane@example.com"]',
    "{jane@example.com}",
    "jane\\@example\\.com",
    "^jane",
    "jane$",
    "jane@.*",
    ".*@example.com",
    "@example.com",
    "jane@example.com%20",
]


def csv_of(entries: Sequence[Mapping[str, str]]) -> str:
    columns = list(dict.fromkeys(name for entry in entries for name in entry))
    rows = [columns, *([entry.get(name, "") for name in columns] for entry in entries)]
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)


def forms(place: Path, entries: Sequence[Mapping[str, str]], name: str) -> dict[str, dict[str, Any]]:
    """The variables that give a list, by its form."""
    texts = {"csv": csv_of(entries), "json": json.dumps(entries), "yml": json.dumps(entries)}
    found: dict[str, dict[str, Any]] = {}
    for suffix, text in texts.items():
        path = place / f"{name}.{suffix}"
        path.write_text(text, encoding="utf-8")
        found[suffix] = {"offboard_leavers_file": str(path)}
    return found | {"inline": {"offboard_leavers": [dict(entry) for entry in entries]}}


def assert_all_named(message: str, count: int, *, first: int = 1) -> None:
    """All faults of a list at once, each with its row."""
    for number in range(first, first + count):
        assert any(f"{unit} {number}" in message for unit in ("row", "entry", "line")), (number, message)


def test_a_text_that_is_no_address_is_refused_in_every_form(ansible: Ansible, mock: MockVendors) -> None:
    count = len(ADDRESSES)
    listed = forms(ansible.place, [{"email": each} for each in ADDRESSES], "addresses")
    cases: dict[str, dict[str, Any]] = {**listed, "survey": {"offboard_leavers_text": "\n".join(ADDRESSES)}}
    messages = refusals(ansible, "main", [{**HERE, **case} for case in cases.values()], env=mock.environment())
    for name, message in zip(cases, messages, strict=True):
        assert_all_named(message, count, first=2 if name == "csv" else 1)

    staff = {**HERE, "offboard_leavers": [{"email": SAM}], "audit_staff_file": listed["csv"]["offboard_leavers_file"]}
    (message,) = refusals(ansible, "audit", [staff], env=mock.environment())
    assert_all_named(message, count, first=2)

    back = {**HERE, "offboard_evidence": "nowhere", "reinstate_reason": "too early"}
    chosen: list[dict[str, Any]] = [{"reinstate_leavers": ADDRESSES}, {"reinstate_leavers_text": "\n".join(ADDRESSES)}]
    for message in refusals(ansible, "reinstate", [{**back, **case} for case in chosen], env=mock.environment()):
        assert_all_named(message, count)
    assert mock.log() == []


def test_a_module_and_an_event_refuse_it_too(ansible: Ansible, mock: MockVendors) -> None:
    tasks = []
    for vendor, kinds in MODULES.items():
        for kind in kinds:
            state = {"state": "deactivated"} if kind == "user" else {}
            for number, address in enumerate(ADDRESSES):
                top = {"email": address} if number % 2 else {"users": [{"email": SAM}, {"email": address}]}
                tasks.append(
                    {
                        "name": f"{vendor}_{kind} {number}",
                        f"saas.offboarding.{vendor}_{kind}": {**state, **top},
                        "ignore_errors": True,
                    }
                )
    run = ansible.run(tasks, env=mock.environment())
    assert run.rc == 0, run
    for task in tasks:
        one = run.result(str(task["name"]))
        assert one.failed, one.task
        assert "email " in one.msg, one.msg
    assert mock.log() == []

    leaver_event = runpy.run_path(str(FILTER))["main"]
    for address in ADDRESSES:
        event = leaver_event({"payload": {"leaver": {"email": address, "leave_at": AT}}})
        assert list(event) == ["refused"], address


def test_debris_of_a_spreadsheet_is_no_key_in_every_form(ansible: Ansible, mock: MockVendors) -> None:
    entries = [{"email": f"l{number}@example.com", "zitadel": key} for number, key in enumerate(KEYS)]
    entries.append({"email": JANE, "zitadel": JANE})
    cases = forms(ansible.place, entries, "keys")
    messages = refusals(ansible, "main", [{**HERE, **case} for case in cases.values()], env=mock.environment())
    for name, message in zip(cases, messages, strict=True):
        assert_all_named(message, len(entries), first=2 if name == "csv" else 1)
        assert "is an e-mail address, and a user_id of ZITADEL is an id" in message
    assert mock.log() == []


def test_a_blank_leave_time_is_refused_in_every_form(ansible: Ansible, mock: MockVendors) -> None:
    mixed = [{"email": JANE, "leave_at": AT}, {"email": SAM}]
    cases = forms(ansible.place, mixed, "mixed")
    cases |= {
        f"all blank, {name}": case
        for name, case in forms(ansible.place, [{"email": JANE, "leave_at": ""}], "no").items()
    }
    cases["none leaves"] = {"offboard_leavers": [{"email": JANE}, {"email": SAM, "leave_at": ""}]}
    cases["none leaves"] |= {"offboard_blank_leave_at": "not_due"}
    messages = refusals(ansible, "main", [{**HERE, **case} for case in cases.values()], env=mock.environment())
    for name, message in zip(cases, messages, strict=True):
        expected = "no leaver has a leave time" if name == "none leaves" else "leave_at: is blank, where the list"
        assert expected in message, (name, message)
    assert mock.log() == []


def test_a_time_without_zone_and_a_format_that_is_another_are_refused(ansible: Ansible, mock: MockVendors) -> None:
    german = {"offboard_date_format": "%d.%m.%Y", "offboard_timezone": "Europe/Berlin"}

    def leaves(at: str, **more: Any) -> dict[str, Any]:
        return {**HERE, "offboard_leavers": [{"email": JANE, "leave_at": at}], **more}

    text = {**HERE, "offboard_leavers_text": JANE, **german}
    cases: list[tuple[dict[str, Any], str]] = [
        (leaves("2026-11-30"), "has no time and no zone"),
        (leaves("2026-11-30T18:00:00"), "offboard_timezone"),
        (leaves("30.11.2026"), "offboard_date_format"),
        (leaves("2026-11-30", **german), "is of no format in offboard_date_format"),
        (leaves("31.02.2026", **german), "no date of the calendar"),
        (leaves(AT, offboard_timezone="CEST"), "offboard_timezone must be the IANA name"),
        (leaves(AT, offboard_date_format=["%d.%m"]), "offboard_date_format entry 1 must give the year"),
        (leaves(AT, offboard_leave_time="6pm"), "offboard_leave_time must be a time of day"),
        # The formats are those of lists.
        ({**text, "offboard_leave_at": "30.11.2026"}, "offboard_leave_at is not a time in ISO 8601"),
        ({**text, "offboard_due_at": "2026-11-30"}, "offboard_due_at has no zone"),
    ]
    messages = refusals(ansible, "main", [case for case, _words in cases], env=mock.environment())
    for (case, expected), message in zip(cases, messages, strict=True):
        assert expected in message, (case, message)
    assert mock.log() == []


def test_an_entry_without_effect_is_refused_in_every_form(ansible: Ansible, mock: MockVendors) -> None:
    path = ansible.place / "protected.txt"
    path.write_text("\n".join(PROTECTED), encoding="utf-8")
    listed = {**HERE, "offboard_leavers": [{"email": SAM}]}
    whole: list[dict[str, Any]] = [{"offboard_protected": PROTECTED}, {"offboard_protected_file": str(path)}]
    parts: list[tuple[Any, str]] = [
        (json.dumps(["jane@example.com", "svc-*"]), "is a list written as a text"),
        ([{"email": "jane@example.com"}], "entry 1 is not a string"),
        ({"email": "jane@example.com"}, "must be a list of strings"),
        ("jane@example.com\n- sam@example.com", "entry 2 begins with a list bullet"),
    ]
    cases = [*whole, *({"offboard_protected": given} for given, _words in parts)]
    messages = refusals(ansible, "main", [{**listed, **case} for case in cases], env=mock.environment())
    for message in messages[:2]:
        assert_all_named(message, len(PROTECTED))
        assert "write *@example.com" in message
    for (given, words), message in zip(parts, messages[2:], strict=True):
        assert words in message, (given, message)
    (message,) = refusals(ansible, "audit", [{**listed, "audit_exempt": PROTECTED}], env=mock.environment())
    assert_all_named(message, len(PROTECTED))

    module = {"state": "deactivated", "email": SAM, "protected": PROTECTED}
    task = {"name": "Module", "saas.offboarding.netex_user": module, "ignore_errors": True}
    one = ansible.run([task], env=mock.environment()).result("Module")
    assert one.failed
    assert_all_named(one.msg, len(PROTECTED))
    assert mock.log() == []


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in VENDORS})
    return mock


def run(ansible: Ansible, mock: MockVendors, variables: dict[str, Any]) -> dict[str, Any]:
    reports = ansible.place / "reports"
    before = set(reports.glob("*"))
    given = {"offboard_report_dir": str(reports), **variables}
    done = ansible.run(
        "saas.offboarding.offboard",
        env=mock.environment(),
        extra_vars=given,
        inventory=TENANTS,
        limit=",".join(VENDORS),
    )
    assert done.rc == 0, str(done)
    (folder,) = set(reports.glob("*")) - before
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    return document


def test_what_cannot_be_seen_around_an_address_is_left_out(ansible: Ansible, seeded: MockVendors) -> None:
    """An account is found by the address as it is meant, and a blank cell is no key."""
    entries = [{"email": f"\u200b {JANE}\u00a0", "netex": "\u200b"}, {"email": f"{SAM}\u2060", "netex": " "}]
    variables = forms(ansible.place, entries, "around")["csv"]
    document = run(ansible, seeded, {**variables, "offboard_on_missing": "fail"})
    assert outcomes(document) == dict.fromkeys(VENDORS, dict.fromkeys((JANE, SAM), "changed"))


def test_an_export_as_an_hr_system_writes_it(ansible: Ansible, seeded: MockVendors) -> None:
    """Dates of Germany without zone, blank for those who stay. A date ends with its day."""
    entries = [
        {"email": JANE, "leave_at": "31.01.2026"},
        {"email": SAM, "leave_at": ""},
        {"email": "later@example.com", "leave_at": "30.11.2026"},
    ]
    export = forms(ansible.place, entries, "export")["csv"]
    export |= {"offboard_date_format": ["%d.%m.%Y", "iso8601"], "offboard_timezone": "Europe/Berlin"}
    export |= {"offboard_blank_leave_at": "not_due", "offboard_due_at": "2026-11-30T22:59:59Z"}
    document = run(ansible, seeded, export)
    expected = {JANE: "changed", SAM: "not_due", "later@example.com": "not_due"}
    assert outcomes(document) == dict.fromkeys(VENDORS, expected)
    assert {record["leave_at"] for record in document["records"]} == {
        "2026-01-31T23:00:00Z",
        "2026-11-30T23:00:00Z",
        None,
    }
    assert document["parameters"]["offboard_timezone"] == "Europe/Berlin"
    assert closed_at("netex", seeded.state("netex")) == {JANE}
    again = run(ansible, seeded, {**export, "offboard_due_at": "2026-11-30T23:00:00Z"})
    assert outcomes(again)["netex"]["later@example.com"] == "missing"
