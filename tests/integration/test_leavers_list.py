# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Leavers lists of people and HR systems: read as exported, or refused before the first request."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from demo.story import account
from harness.documents import outcomes, schema
from harness.playbook import Ansible
from harness.refusals import refusals
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
TIME = "2026-01-31T18:00:00+01:00"

REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a space in the name": ("l.csv", f"email,leave at\n{JANE},{TIME}\n", {}, '({leave_at: "leave at"})'),
    "a dash": ("l.csv", f"email,Leave-At\n{JANE},{TIME}\n", {}, '({leave_at: "Leave-At"})'),
    "camel case": ("l.json", f'[{{"email": "{JANE}", "leaveAt": "{TIME}"}}]', {}, '({leave_at: "leaveAt"})'),
    "another name": ("l.csv", f"email,termination_date\n{JANE},{TIME}\n", {}, '({leave_at: "termination_date"})'),
    "a zero-width space within": ("l.csv", f"email,leave\u200b_at\n{JANE},{TIME}\n", {}, "which are not known"),
    "a column in YAML": ("l.yml", f"- email: {JANE}\n  colour: red\n", {}, '"colour", which are not known'),
    "a leave time under the star": (
        "l.csv",
        f"email,Last day,Id\n{JANE},{TIME},7\n",
        {"offboard_ignore_columns": ["*"]},
        'offboard_ignore_columns: ["*", "Last day"]',
    ),
    "a mapped column that is not there": (
        "l.csv",
        f"email,leave_at\n{JANE},{TIME}\n",
        {"offboard_columns": {"email": "Work Email"}},
        'lack "Work Email"',
    ),
    "a totals row": ("l.csv", f"email,reason\n{JANE},x\n{SAM},y\n,Total: 2\n", {}, "row 4, email: is missing"),
    "two rows that differ": (
        "l.csv",
        f"email,ticket\n{JANE},1\n{JANE},2\n",
        {},
        "row 3, email: is the same as in row 2",
    ),
    "a workbook": ("l.xlsx", "PK", {}, "CSV UTF-8"),
    "another encoding": ("l.csv", "email,reason\nx@example.com,Kündigung\n", {}, "windows-1252"),
}


def test_a_list_that_can_only_be_a_mistake_is_refused(ansible: Ansible, mock: MockVendors) -> None:
    cases: list[dict[str, Any]] = []
    for number, (name, text, variables, _message) in enumerate(REFUSED.values()):
        path = ansible.place / f"{number}-{name}"
        path.write_bytes(text.encode("windows-1252" if "Kündigung" in text else "utf-8"))
        cases.append({"offboard_leavers_file": str(path), "offboard_vendors": ["netex"], **variables})
    cases.append({"offboard_leavers_file": "/dev/stdin", "offboard_vendors": ["netex"]})
    messages = refusals(ansible, "main", cases, env=mock.environment())
    for text, (_name, _text, _variables, part) in zip(messages, REFUSED.values(), strict=False):
        assert part in text, text
    assert "/dev/stdin is no file that a run can read" in messages[-1]
    assert mock.log() == []


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "run"])
def test_an_export_is_read_and_what_was_left_out_is_recorded(ansible: Ansible, mock: MockVendors, check: bool) -> None:
    mock.seed({"netex": [account("netex", each) for each in (JANE, SAM)]})
    path = ansible.place / "export.csv"
    text = (
        f"Leavers of January\r\nWork Email;Last day;Why;HR ticket;Post\r\n{JANE};{TIME};=1+1;HR-1;a\r\n"
        f"{JANE.upper()};{TIME};=1+1;HR-1;b\r\n{SAM};{TIME};;;a\r\n;{TIME};;;c\r\nTotal;3;;;\r\n"
    )
    path.write_bytes(text.encode("utf-16"))
    columns = {"email": "Work Email", "leave_at": "Last Day", "reason": "Why", "ticket": "HR ticket"}
    done = ansible.run(
        "saas.offboarding.offboard",
        inventory=TENANTS,
        limit="netex",
        check=check,
        env=mock.environment(),
        extra_vars={
            "offboard_leavers_file": str(path),
            "offboard_columns": columns,
            "offboard_ignore_columns": ["*"],
            "offboard_blank_email": "report",
            "offboard_skip_rows": {"top": 1, "bottom": 1},
            "offboard_reason": "end of month",
            "offboard_report_dir": str(ansible.place / "reports"),
        },
    )
    assert done.rc == 0, str(done)
    (folder,) = (ansible.place / "reports").iterdir()
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())
    assert outcomes(document) == {"netex": dict.fromkeys((JANE, SAM), "changed")}
    own = [(record["reason"], record["ticket"]) for record in document["records"]]
    assert own == [("=1+1", "HR-1"), (None, None)]
    assert document["reason"] == "end of month"
    notes = [note.removeprefix(f"{path}: ") for note in document["source"]["notes"]]
    assert notes == [
        'ignored the columns "Post"',
        "not looked for, because they have no e-mail address: row 6",
        "taken as one leaver each, because they are equal: row 3 and 4",
    ]
    if check:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        assert plan["source"]["notes"] == document["source"]["notes"]
    with (folder / "evidence.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["reason"], row["ticket"]) for row in csv.DictReader(file)] == [("'=1+1", "HR-1"), ("", "")]
    assert "ticket: HR-1" in (folder / "junit.xml").read_text(encoding="utf-8")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "HR-1" in page
    assert "not looked for, because they have no e-mail address: row 6" in page
