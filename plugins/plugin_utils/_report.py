# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run: the evidence of all its tenants, what the console shows, and what each host fails with.

PRIVATE to the collection.
"""

from __future__ import annotations

import time
import typing as t
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.saas.offboarding.plugins.module_utils._checks import OK
from ansible_collections.saas.offboarding.plugins.module_utils._clock import moment_text
from ansible_collections.saas.offboarding.plugins.module_utils._model import CHANGED, FAILED, REFUSED
from ansible_collections.saas.offboarding.plugins.module_utils._reach import lacking_text
from ansible_collections.saas.offboarding.plugins.module_utils._text import ended, some

from ._audit import left_closed, not_looked_at
from ._console import SHOWN_IN_A_SENTENCE, failures, matrix, scope_lines, scope_text, unmatched_text
from ._evidence import evidence, is_plan
from ._evidence_file import write_folder
from ._files import make_folder
from ._killed import read_run, unfinished
from ._nouns import ClosedAccount, Evidence, MeasuredRun, PlanVariables, Record, Scope, TenantFacts, TenantReport
from ._plan import handed_on, plan
from ._preflight import Line, counts, failing, sentences, table
from ._reinstate import closed_by
from ._run import REFUSED as SETTINGS_REFUSED
from ._run import Part, Run, Work
from ._run_folder import RunFolder
from ._unmatched import limited
from ._words import (
    AUDIT,
    BOTH_LISTS,
    INVALID_INPUT,
    NOT_LOOKED_AT,
    NOT_WRITTEN,
    NOTHING_DONE,
    PREFLIGHT,
    TENANT_MISSING,
)

SHOWN_LEAVERS = 100
"""The most leavers that offboard_result names."""
SHOWN_TENANTS = 20
FAIL = "fail"
FORBIDDEN = "forbidden"
NO_RESULT = "left no result; see the task that failed for this host"


class RunResult(t.TypedDict):
    """The fact offboard_result."""

    run_id: str
    kind: str | None
    check_mode: bool | None
    folder: str | None
    seal: str | None
    outcome: str
    tenants: dict[str, dict[str, int]]
    failed: list[str]
    refused: list[str]
    unmatched: list[str]


class Outcome(t.TypedDict):
    """What a run ends with. ``verdicts``: by host, what it fails with. ``plan``: variables for a later job."""

    lines: list[str]
    verdicts: dict[str, list[str]]
    result: RunResult
    plan: PlanVariables


@dataclass
class _Report:
    run: Run
    core_version: str
    present: Sequence[str]
    tenants: Sequence[str]
    parts: Sequence[Part]
    faults: list[str] = field(default_factory=list)

    @property
    def done(self) -> list[Work]:
        return [work for part in self.parts if (work := part["work"])]

    @property
    def facts(self) -> TenantFacts:
        """What the first of the tenants knows of the run."""
        return self.done[0]["facts"]

    @property
    def folder(self) -> RunFolder | None:
        parent = self.run.report_dir()
        return RunFolder(parent, self.run.run_id) if parent else None

    @property
    def refused(self) -> list[Part]:
        return [part for part in self.parts if part["outcome"] == SETTINGS_REFUSED]

    @property
    def part(self) -> str:
        """Why the report does not cover all tenants of the play, or nothing."""
        others = {part["host"] for part in self.parts}
        skipped = some([host for host in self.tenants if host in self.run.hosts and host not in others], SHOWN_TENANTS)
        left_out = f"The play left these tenants out, by a condition or by run_once: {skipped}." if skipped else ""
        return " ".join(filter(None, (self.run.part, left_out)))

    @property
    def silent(self) -> list[str]:
        """The hosts that failed before they reported. One that is still there was skipped by the play."""
        others = {*self.present, *(part["host"] for part in self.parts)}
        return [host for host in self.run.hosts if host not in others]


def report_on(
    run: Run, reporter: str, core_version: str, present: Sequence[str], tenants: Sequence[str] = ()
) -> Outcome:
    """Write the evidence of a run, and return what there is to show and to fail with.

    ``reporter``: the host that fails with what is wrong with the run as a whole. ``present``: the hosts of the play
    that have not failed. ``tenants``: those of them that have a saas_vendor.
    """
    report = _Report(run, core_version, present, tenants, run.parts())
    if any("preflight" in part for part in report.parts):
        return _looked_ahead(report, reporter)
    if not report.done:
        return _nothing_done(report, reporter)
    verdicts = _verdicts(report)
    document = _document(report)
    for work in report.done:
        work["report"]["records"] = []  # the evidence has them, and twice they would take much memory
    seal, note = _written(report, document)
    if report.faults:
        verdicts.setdefault(reporter, []).extend(report.faults)
    return Outcome(
        lines=[*matrix(document), *([report.part] if report.part else []), *note],
        verdicts=verdicts,
        result=_result(report, document, seal, bool(verdicts)),
        plan=handed_on(plan(document)) if is_plan(document) else {},
    )


def _looked_ahead(report: _Report, reporter: str) -> Outcome:
    """Return the outcome of a preflight."""
    hosts: dict[str, list[Line]] = {}
    for part in report.parts:
        refused = [failing(part["tenant"], "settings", INVALID_INPUT, fault) for fault in part["faults"]]
        hosts.setdefault(part["host"], []).extend([*part.get("preflight", ()), *refused])
    for host in report.silent:
        hosts[host] = [failing(host, "settings", "no_result", NO_RESULT)]
    lines = [line for found in hosts.values() for line in found]
    verdicts = {host: texts for host, found in hosts.items() if (texts := sentences(found))}
    scope = next(part["scope"] for part in report.parts if "scope" in part)
    if scope["missing"]:
        verdicts.setdefault(reporter, []).append(_missing_tenants(scope))
    covered = scope_text(scope)
    head = f"Preflight {report.run.run_id}{f' of {covered}' if covered else ''}:"
    result = _result_of_nothing(report, FAILED if verdicts else OK)
    result |= {"kind": PREFLIGHT, "check_mode": True, "tenants": counts(lines)}
    shown = [*table(lines, head), *scope_lines(scope), *([report.run.part] if report.run.part else [])]
    return Outcome(lines=shown, verdicts=verdicts, result=result, plan={})


def _nothing_done(report: _Report, reporter: str) -> Outcome:
    faults = list(dict.fromkeys(fault for part in report.refused for fault in part["faults"]))
    if report.refused:
        lines = [f"{INVALID_INPUT}: Refused before the first request. Nothing was sent.", *faults]
    else:
        report.faults.append(f"{NOTHING_DONE}: No host of this run is a tenant of one of offboard_vendors.")
        lines = list(report.faults)
    verdicts = _verdicts(report)
    if report.faults:
        verdicts.setdefault(reporter, []).extend(report.faults)
    return Outcome(lines=lines, verdicts=verdicts, result=_result_of_nothing(report, REFUSED), plan={})


def _result_of_nothing(report: _Report, outcome: str) -> RunResult:
    """Return the result of a run that worked on no account."""
    return RunResult(
        run_id=report.run.run_id,
        kind=None,
        check_mode=None,
        folder=None,
        seal=None,
        outcome=outcome,
        tenants={},
        failed=[],
        refused=[],
        unmatched=[],
    )


def _document(report: _Report) -> Evidence:
    facts = report.facts
    reports = [work["report"] for work in report.done]
    names = [each["tenant"] for each in reports]
    unseen = not_looked_at(_left_closed(facts), names, fails=not facts["parameters"]["limit"])
    not_seen = sum(look["failing"] for look in unseen)
    if not_seen:
        report.faults.append(
            f"{NOT_LOOKED_AT}: {not_seen} accounts that the earlier run left closed were not looked at: their tenants "
            "are not part of this run. Add them to the inventory under the same names, or limit the run (--limit) to "
            "the tenants that are meant."
        )
    both = list(dict.fromkeys(email for each in reports for email in each["both_lists"]))
    if both and facts["parameters"]["audit_both_lists"] == FAIL:
        report.faults.append(
            f"{BOTH_LISTS}: {len(both)} leavers who are due are on the staff list as well: "
            f"{some(both, SHOWN_IN_A_SENTENCE)}. The audit was done in full. Correct one of the two lists, or set "
            "audit_both_lists: report."
        )
    run: MeasuredRun = {
        "kind": facts["kind"],
        "check_mode": facts["check_mode"],
        "sla": facts["sla"],
        "source": facts["source"],
        "staff": facts["staff"],
        "earlier": facts["earlier"],
        "reason": facts["reason"],
        "ticket": facts["ticket"],
        "scope": facts["scope"],
        "notes": [*facts["notes"], *_brake_notes(report), *_credential_notes(reports), *_unfinished_notes(report)],
        "ran_by": facts["ran_by"],
        "run_id": report.run.run_id,
        "started": report.run.started,
        "finished": moment_text(time.time()),
        "ansible_core_version": report.core_version,
        "parameters": {
            **facts["parameters"],
            "part": report.part or None,
            "tenants": {work["report"]["tenant"]: work["facts"]["tenant"] for work in report.done},
        },
    }
    absent = [(host, "no_result", NO_RESULT) for host in report.silent]
    absent += [(part["tenant"], "invalid_input", " ".join(part["faults"])) for part in report.refused]
    document = evidence(reports, run, absent, unseen)
    if document["scope"]["missing"]:
        report.faults.append(_missing_tenants(document["scope"]))
    if document["unmatched"]["failing"]:
        report.faults.append(unmatched_text(document))
    return document


def _missing_tenants(scope: Scope) -> str:
    return (
        f"{TENANT_MISSING}: not in the inventory: {some(scope['missing'], SHOWN_TENANTS)}. Nothing was looked at "
        "there. Add the host with its saas_vendor, or take it out of offboard_expected_tenants."
    )


def _brake_notes(report: _Report) -> list[str]:
    """Return at which tenants a run would be refused by the default of offboard_max_changes, which a check is not."""
    notes = []
    for work in report.done:
        tenant, limit = work["report"], work["facts"]["tenant"]
        changes = (tenant["summary"] or {}).get(CHANGED, 0)
        if tenant["check_mode"] and limit["is_default_brake"] and changes > limit["offboard_max_changes"]:
            notes.append(
                f"too_many_changes: {tenant['tenant']}: {changes} accounts would change, and a run refuses more than "
                f"{limit['offboard_max_changes']} if no number is given. Set offboard_max_changes to {changes} or "
                "more, or run with this plan (offboard_plan_file)."
            )
    return notes


def _credential_notes(tenants: Sequence[TenantReport]) -> list[str]:
    """Return at which tenants a credential may not do what is planned, and where it sees a part of the tenant only."""
    notes = [
        f"{FORBIDDEN}: {tenant['tenant']}: {lacking_text(tenant['lacking'])}."
        for tenant in tenants
        if tenant["lacking"]
    ]
    for tenant in tenants:
        without = sum("looked_in" in record for record in tenant["records"])
        if without and (place := limited([tenant]).get(tenant["tenant"])):
            notes.append(
                f"{tenant['tenant']}: {without} leaver{' has' if without == 1 else 's have'} no account in {place}. "
                "The credential sees no other accounts of the tenant."
            )
    return notes


def _unfinished_notes(report: _Report) -> list[str]:
    """Return which earlier runs in the same folder wrote at these tenants and did not end."""
    writing = [work["report"]["tenant"] for work in report.done if work["facts"]["tenant"].get("journal")]
    return unfinished(report.folder.path.parent, report.run.run_id, writing) if report.folder and writing else []


def _left_closed(facts: TenantFacts) -> Sequence[ClosedAccount]:
    """Return all accounts of the earlier run that this run had to look at."""
    if not facts["earlier"]:
        return ()
    document = read_run(facts["earlier"]["file"])[0]
    if facts["kind"] == AUDIT:
        return left_closed(document)
    return closed_by(document, None, facts["chosen"])


def _written(report: _Report, document: Evidence) -> tuple[str | None, list[str]]:
    """Write the evidence and return its seal. What goes wrong with that is a fault of the run."""
    folder = report.folder
    if folder is None:
        return None, []
    try:
        make_folder(folder.path)
        sealed, faults = write_folder(str(folder.path), document)
    except OSError as exc:
        report.faults.append(
            f"{NOT_WRITTEN}: The evidence cannot be written to {folder.path}: {exc.strerror}. The run itself is done."
        )
    else:
        report.faults += [f"{NOT_WRITTEN}: {fault}" for fault in faults]
        return sealed["seal"], ["", f"Evidence: {folder.path}", f"Seal: {sealed['seal']}"]
    return None, []


def _verdicts(report: _Report) -> dict[str, list[str]]:
    """Return what each host fails with."""
    verdicts: dict[str, list[str]] = {}
    for host in dict.fromkeys(part["host"] for part in report.parts):
        own = [part for part in report.parts if part["host"] == host]
        done = [work for part in own if (work := part["work"])]
        orphans_fail = any(work["facts"]["parameters"]["audit_orphans"] == FAIL for work in done)
        failed = failures([work["report"] for work in done], orphans_fail)
        faults = [fault for part in own if part["outcome"] == SETTINGS_REFUSED for fault in part["faults"]]
        refused = f"{INVALID_INPUT}: {' '.join(map(ended, dict.fromkeys(faults)))}" if faults else ""
        verdicts[host] = [text for text in (refused, failed) if text]
    return {host: texts for host, texts in verdicts.items() if texts}


def _result(report: _Report, document: Evidence, seal: str | None, failed: bool) -> RunResult:
    folder = report.folder
    records = document["records"]
    failing = [each for each in records if each["failing"]]
    refused = _people(each for each in failing if each["outcome"] == REFUSED)
    others = _people(each for each in failing if each["outcome"] != REFUSED)
    unmatched = document["unmatched"]["leavers"]
    room = SHOWN_LEAVERS
    named: dict[str, list[str]] = {}
    for name, people in (("failed", others), ("refused", refused), ("unmatched", unmatched)):
        named[name] = people[:room]
        room -= len(named[name])
    return RunResult(
        run_id=report.run.run_id,
        kind=document["kind"],
        check_mode=document["check_mode"],
        folder=str(folder.path) if folder else None,
        seal=seal,
        outcome=FAILED if failed else OK,
        tenants={each["tenant"]: each["summary"] or {} for each in document["tenants"]},
        failed=named["failed"],
        refused=named["refused"],
        unmatched=named["unmatched"],
    )


def _people(records: Iterable[Record]) -> list[str]:
    return list(dict.fromkeys(record["email"] for record in records))
