# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The answers of a survey: texts, of which empty ones (questions without an answer) count as not given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from demo.story import VENDORS as ALL_VENDORS
from demo.story import account, closed_at
from harness.documents import outcomes, schema
from harness.playbook import Ansible, Run
from harness.refusals import refusals
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
JANE, SAM = "leaver01@example.com", "leaver05@example.com"
VENDORS = ("zitadel", "netex")
UNANSWERED: dict[str, Any] = {
    "offboard_leavers_text": "",
    "offboard_leavers_file": "",
    "offboard_leave_at": "",
    "offboard_due_at": "",
    "offboard_evidence": "",
    "offboard_reason": "",
    "offboard_ticket": "",
    "offboard_vendors": [],
    "reinstate_leavers_text": "",
}


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in VENDORS})
    return mock


def run(ansible: Ansible, mock: MockVendors, playbook: str, answers: dict[str, Any]) -> tuple[Run, dict[str, Any]]:
    reports = ansible.place / "reports"
    before = set(reports.glob("*"))
    variables = {**UNANSWERED, "offboard_report_dir": str(reports), **answers}
    done = ansible.run(
        f"saas.offboarding.{playbook}",
        env=mock.environment(),
        extra_vars=variables,
        inventory=TENANTS,
        limit=",".join(VENDORS),
    )
    (folder,) = set(reports.glob("*")) - before
    document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())
    return done, {**document, "folder": folder}


def test_answers_close_audit_and_reopen_with_a_reason(ansible: Ansible, seeded: MockVendors) -> None:
    text = f"# May\n\n{JANE}\n{SAM}\n"
    left = {"offboard_leave_at": "2026-01-31T18:00:00+01:00", "offboard_reason": "end of contract"}
    done, document = run(
        ansible, seeded, "offboard", {"offboard_leavers_text": text, "offboard_ticket": "HR-4711", **left}
    )
    assert done.rc == 0, str(done)
    assert outcomes(document) == dict.fromkeys(VENDORS, dict.fromkeys((JANE, SAM), "changed"))
    assert (document["reason"], document["ticket"]) == ("end of contract", "HR-4711")
    assert {record["leave_at"] for record in document["records"]} == {"2026-01-31T17:00:00Z"}
    page = (document["folder"] / "report.html").read_text(encoding="utf-8")
    assert "end of contract" in page
    assert "HR-4711" in page

    looked, audited = run(ansible, seeded, "audit", {"offboard_leavers_text": JANE, "offboard_ticket": "HR-4712"})
    assert looked.rc == 0, str(looked)
    assert outcomes(audited) == {key: {JANE: "closed"} for key in VENDORS}
    assert (audited["reason"], audited["ticket"]) == (None, "HR-4712")

    back = {"offboard_evidence": str(document["folder"]), "reinstate_reason": "too early", "offboard_reason": "no"}
    opened, undone = run(ansible, seeded, "reinstate", {"reinstate_leavers_text": f"\n{SAM}\n", **back})
    assert opened.rc == 0, str(opened)
    assert outcomes(undone) == {key: {SAM: "changed"} for key in VENDORS}
    assert (undone["reason"], undone["ticket"]) == ("too early", None)
    assert closed_at("netex", seeded.state("netex")) == {JANE}
    bad_line = {**back, "reinstate_leavers_text": f"{SAM}\nx", "offboard_vendors": ["netex"]}
    (message,) = refusals(ansible, "reinstate", [bad_line], env=seeded.environment())
    assert "reinstate_leavers_text: line 2, email" in message

    _again, not_due = run(
        ansible, seeded, "offboard", {"offboard_leavers_text": SAM, "offboard_leave_at": "2999-01-01T00:00:00Z"}
    )
    assert outcomes(not_due) == {key: {SAM: "not_due"} for key in VENDORS}


def test_answers_that_cannot_be_used_are_named_and_nothing_is_sent(ansible: Ansible, mock: MockVendors) -> None:
    one = {"offboard_vendors": ["netex"]}
    text = {"offboard_leavers_text": JANE}
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "Give the leavers by one of"),
        ({"offboard_leavers_text": " \n\t"}, "Give the leavers by one of"),
        ({**text, "offboard_leavers_file": str(TENANTS)}, "Give the leavers by one of"),
        ({**text, "offboard_leavers": [{"email": SAM}]}, "Give the leavers by one of"),
        ({"offboard_leavers_text": f"{JANE}\n\nno-such-user"}, "offboard_leavers_text: line 3, email"),
        ({**text, "offboard_leave_at": "tomorrow"}, "offboard_leave_at is not a time in ISO 8601"),
        (
            {"offboard_leavers": [{"email": SAM}], "offboard_leave_at": "2026-01-31T18:00:00Z"},
            "offboard_leave_at is the leave time of those whom offboard_leavers_text names",
        ),
        # What holds back must not be switched off by an answer that was left out.
        ({**text, "offboard_max_changes": ""}, "offboard_max_changes"),
        ({**text, "offboard_protected": ""}, "offboard_protected is empty"),
        ({**text, "offboard_plan_file": ""}, "offboard_plan_file is empty"),
    ]
    given = [{**UNANSWERED, **one, **case} for case, _words in cases]
    messages = refusals(ansible, "main", given, env=mock.environment())
    for (case, expected), message in zip(cases, messages, strict=True):
        assert expected in message, (case, message)

    back = {"offboard_evidence": "nowhere", "reinstate_reason": "too early"}
    undo: list[tuple[dict[str, Any], str]] = [
        ({**back, **text}, "Leave offboard_leavers, offboard_leavers_file and offboard_leavers_text out"),
        ({**back, "reinstate_leavers_text": SAM, "reinstate_leavers": [SAM]}, "by one of reinstate_leavers (a list)"),
        ({**back, "reinstate_reason": " "}, "Give reinstate_reason"),
    ]
    given = [{**UNANSWERED, **one, **case} for case, _words in undo]
    messages = refusals(ansible, "reinstate", given, env=mock.environment())
    for (case, expected), message in zip(undo, messages, strict=True):
        assert expected in message, (case, message)
    assert mock.log() == []


def test_no_vendor_ticked_is_all_of_them(ansible: Ansible, seeded: MockVendors) -> None:
    """AWX does not fill in the default of a multi-select: it comes as an empty list, or not at all."""
    seeded.seed({"scim": [account("scim", JANE)]})  # an empty list proves nothing
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    seeded.seed({vendor: [account(vendor, each) for each in (JANE, SAM)] for vendor in ALL_VENDORS})
    done = ansible.run(
        "saas.offboarding.offboard",
        env=seeded.environment(),
        extra_vars={**UNANSWERED, "offboard_leavers_text": JANE, "offboard_hosts": "localhost"},
        inventory={"all": {"hosts": {"localhost": host}}},
    )
    assert done.rc == 0, str(done)
    assert {request["vendor"] for request in seeded.log()} == set(ALL_VENDORS)


class AwxDumper(yaml.SafeDumper):
    """Writes extra variables as AWX does (awx/main/utils/safe_yaml.py): each text is marked, and in single quotes."""


AwxDumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text, style="'"))


@pytest.mark.parametrize(
    ("reason", "ticket"), [("No", "0012345"), ("1.10", "12:30"), ("~", "2026-11-30"), (" 0x10 ", "{{ x }}")]
)
def test_an_answer_is_recorded_as_it_was_typed(
    ansible: Ansible, seeded: MockVendors, tmp_path: Path, reason: str, ticket: str
) -> None:
    """ansible-core 2.19 and newer read an answer once more: 0012345 becomes 5349, No is false."""
    reports = tmp_path / "reports"

    def played(playbook: str, answers: dict[str, Any]) -> dict[str, Any]:
        path = tmp_path / "extravars"
        path.write_text(yaml.dump({**UNANSWERED, **answers}, Dumper=AwxDumper), encoding="utf-8")
        before = set(reports.glob("*"))
        done = ansible.run(
            f"saas.offboarding.{playbook}",
            env=seeded.environment(),
            arguments=["-e", f"@{path}"],
            inventory=TENANTS,
            limit="netex",
        )
        assert done.rc == 0, str(done)
        (folder,) = set(reports.glob("*")) - before
        document: dict[str, Any] = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        return {**document, "folder": str(folder)}

    answers = {"offboard_leavers_text": JANE, "offboard_report_dir": str(reports)}
    closed = played("offboard", {**answers, "offboard_reason": reason, "offboard_ticket": ticket})
    assert (closed["reason"], closed["ticket"]) == (reason, ticket)
    back = {"offboard_report_dir": str(reports), "offboard_evidence": closed["folder"], "reinstate_reason": reason}
    opened = played("reinstate", {**back, "offboard_ticket": ticket})
    assert (opened["reason"], opened["ticket"]) == (reason, ticket)
