# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of each leaver at each tenant, and the document of a whole run.

PRIVATE to the collection. The document is what roles/offboard/files/evidence.schema.json describes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    CHANGED,
    MISSING,
    NOT_DUE,
    ManualTask,
)
from ansible_collections.saas.offboarding.plugins.module_utils._version import VERSION

from ._catalog import VENDORS
from ._chain import chained
from ._nouns import (
    Evidence,
    EvidenceHead,
    MeasuredRun,
    Record,
    RunFacts,
    SecondLook,
    Task,
    TenantReport,
    TenantSummary,
    TimeToClose,
    place_of,
)
from ._records import is_closed_by_run, moment_of, of_product
from ._unmatched import unmatched
from ._words import AUDIT, CAME_BACK, NO_WAY_BACK, OUTCOMES_OF, REINSTATE, STILL_OFF

SCHEMA_VERSION = 1


def evidence(
    tenants: Iterable[TenantReport],
    run: MeasuredRun,
    absent: Iterable[tuple[str, str, str]] = (),
    unseen: Iterable[SecondLook] = (),
) -> Evidence:
    """Return the evidence of a run.

    ``absent``: the tenants that left no report, each with the code
    and the message of its error. ``unseen``: the accounts of an earlier run that were not looked at again.

    A task or a play may be in check mode without the command being so: what the modules return goes before, and one
    tenant that was written to makes a run that wrote.
    """
    reports = list(tenants)
    modes = {report["check_mode"] for report in reports} - {None}
    records = [record for report in reports for record in report["records"]]
    tasks = [task for record in records for task in _tasks(record)]
    looks = [*(look for report in reports for look in report["second_look"]), *unseen]
    unwritten = _only_planned(run["kind"], reports)
    summaries = [*map(_summary, reports), *(_absent(*each) for each in absent)]
    head: EvidenceHead = {
        "schema_version": SCHEMA_VERSION,
        "kind": run["kind"],
        "run_id": run["run_id"],
        "check_mode": modes == {True} if modes else run["check_mode"],
        "started": run["started"],
        "finished": run["finished"],
        "ran_by": run["ran_by"],
        "collection_version": VERSION,
        "ansible_core_version": run["ansible_core_version"],
        "parameters": run["parameters"],
        "source": run["source"],
        "staff": run["staff"],
        "earlier": run["earlier"],
        "reason": run["reason"],
        "ticket": run["ticket"],
        "scope": run["scope"],
        "notes": run["notes"],
        "population": _population(run, records, unwritten, len(tasks)),
        "time_to_close": _time_to_close(
            [] if run["kind"] == REINSTATE else records, run["sla"], moment_of(run["finished"]), unwritten
        ),
        "tenants": summaries,
        "tasks": tasks,
        "both_lists": list(dict.fromkeys(email for report in reports for email in report["both_lists"])),
        "orphans": [orphan for report in reports for orphan in report["orphans"]],
        "second_look": looks,
        "unmatched": unmatched(run, summaries, records, looks, unwritten),
    }
    if run["kind"] == AUDIT:
        head["population"] |= _found_otherwise(run, looks, len(head["orphans"]))
    return chained(head, records)


def is_plan(document: Evidence) -> bool:
    """Whether the evidence states what a run would do. An audit never writes, and so plans nothing."""
    return document["kind"] != AUDIT and bool(document["check_mode"])


def only_planned(document: Evidence) -> set[str]:
    """Return the tenants at which a run only planned what it would do."""
    return _only_planned(document["kind"], document["tenants"])


def _only_planned(kind: str, tenants: Iterable[TenantSummary]) -> set[str]:
    return {tenant["tenant"] for tenant in tenants if kind != AUDIT and tenant["check_mode"]}


def tenant_places(document: Evidence) -> dict[str, str | None]:
    """Return where each tenant of a run was. An account's id is worth nothing elsewhere."""
    places: dict[str, str | None] = {}
    for tenant in document["tenants"]:
        name, place = tenant["tenant"], place_of(tenant)
        # Two tenants have one name: it is not known which of them an account is at.
        places[name] = None if places.get(name, place) != place else place
    return places


def _summary(report: TenantReport) -> TenantSummary:
    return {
        "tenant": report["tenant"],
        "vendor": report["vendor"],
        "state": report["state"],
        "on_missing": report["on_missing"],
        "check_mode": report["check_mode"],
        "plan_hash": report["plan_hash"],
        "summary": report["summary"],
        "requests": report["requests"],
        "read": report["read"],
        "reach": report["reach"],
        **of_product([report]),
        "error": report["error"],
        "differences": report["differences"],
    }


def _absent(tenant: str, code: str, message: str) -> TenantSummary:
    return {
        "tenant": tenant,
        "vendor": None,
        "state": None,
        "on_missing": None,
        "check_mode": None,
        "plan_hash": None,
        "summary": None,
        "requests": None,
        "read": None,
        "reach": None,
        "error": {"code": code, "message": message},
        "differences": [],
    }


def _tasks(record: Record) -> list[Task]:
    vendor = VENDORS[record["vendor"]]
    known: Mapping[str, ManualTask] = {**vendor.manual, NO_WAY_BACK: vendor.no_way_back}
    return [
        {
            "code": code,
            "tenant": record["tenant"],
            "vendor": record["vendor"],
            "email": record["email"],
            "id": record["id"],
            "reason": " ".join(filter(None, (known[code].reason, record.get("manual_notes", {}).get(code)))),
            "action": known[code].action,
            "source": known[code].source,
        }
        for code in record["manual"]
    ]


def _population(run: RunFacts, records: Sequence[Record], unwritten: Collection[str], tasks: int) -> dict[str, int]:
    """Count people, and pairs of a leaver and a tenant: what went in and what came out."""
    counts = dict.fromkeys(OUTCOMES_OF[run["kind"]], 0)
    for record in records:
        if record["outcome"] != NOT_DUE:
            counts[record["outcome"]] = counts.get(record["outcome"], 0) + 1
    return {
        # Those of tenants that left no report are in no record.
        "leavers": max(len({record["email"] for record in records}), run["source"]["people"] or 0),
        "asked": sum(counts.values()),
        "matched": sum(
            record["id"] is not None or (record["outcome"] == CHANGED and record["tenant"] not in unwritten)
            for record in records
        ),
        **counts,
        NOT_DUE: sum(record["outcome"] == NOT_DUE for record in records),
        "manual": tasks,
    }


def _found_otherwise(run: RunFacts, looks: Sequence[SecondLook], orphans: int) -> dict[str, int]:
    """Count what was asked for besides the leavers: orphans with a staff list, a second look with an earlier run."""
    verdicts = [look["verdict"] for look in looks]
    asked = (STILL_OFF, CAME_BACK) if run["earlier"] else ()
    return {**({"orphans": orphans} if run["staff"] else {}), **{name: verdicts.count(name) for name in asked}}


def _time_to_close(
    records: Sequence[Record], limit: int, finished: datetime, unwritten: Collection[str]
) -> TimeToClose:
    """Return how long it took from leave_at to verified off, and what took longer than the limit, or still does."""
    closed = [(seconds, record, False) for record in records if (seconds := record["seconds_to_close"]) is not None]
    waiting = [
        (round((finished - moment_of(record["leave_at"])).total_seconds()), record, True)
        for record in records
        if record["leave_at"] is not None and _is_open(record, unwritten)
    ]
    over = sorted(
        (each for each in (*closed, *waiting) if each[0] > limit),
        key=lambda each: (-each[0], each[1]["email"], each[1]["tenant"]),
    )
    times = sorted(seconds for seconds, _record, _open in closed)
    return {
        "limit": limit,
        "measured": len(times),
        "without_leave_time": sum(record["leave_at"] is None and is_closed_by_run(record) for record in records),
        "p50": _percentile(times, 0.5),
        "p95": _percentile(times, 0.95),
        "max": times[-1] if times else None,
        "over": [
            {"email": record["email"], "tenant": record["tenant"], "seconds": seconds, "open": is_open}
            for seconds, record, is_open in over
        ],
    }


def _is_open(record: Record, unwritten: Collection[str]) -> bool:
    """Whether a leaver who is due may still have access: the account was not read back as closed in the run."""
    if record["outcome"] == CHANGED:
        return record["tenant"] in unwritten
    return record["failing"] and record["outcome"] != MISSING


def _percentile(times: Sequence[int], share: float) -> int | None:
    """Return the nearest-rank percentile of sorted times: one of them, never a value between two."""
    return times[max(0, math.ceil(share * len(times)) - 1)] if times else None
