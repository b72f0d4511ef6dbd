# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of each leaver at each tenant, and the document of a whole run.

PRIVATE to the collection. The document is what roles/offboard/files/evidence.schema.json describes.
"""

from __future__ import annotations

import math
import typing as t
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
from ._plan import place_of
from ._records import Record, TenantReport, moment_of
from ._words import AUDIT, CAME_BACK, NO_WAY_BACK, OUTCOMES_OF, REINSTATE, STILL_OFF

Document = dict[str, t.Any]

SCHEMA_VERSION = 1


def evidence(
    tenants: Iterable[TenantReport],
    run: Mapping[str, t.Any],
    absent: Iterable[tuple[str, str, str]] = (),
    unseen: Iterable[Mapping[str, t.Any]] = (),
) -> Document:
    """Return the document of a run. ``silent`` are the tenants that left no report, ``unseen`` is what a second look
    did not come to.

    ``run`` has kind, run_id, check_mode, started, finished, ran_by, ansible_core_version, parameters, source, staff,
    earlier, reason, ticket and sla. A task or a play may be in check mode without the command being so: what the
    modules say goes before, and one tenant that was written to makes a run that wrote.
    """
    reports = list(tenants)
    facts = _with_nulls(run)
    sla = int(facts.pop("sla"))
    modes = {report["check_mode"] for report in reports} - {None}
    if modes:
        facts["check_mode"] = modes == {True}
    records = [record for report in reports for record in report["records"]]
    tasks = [task for record in records for task in _tasks(record)]
    looks = [look for report in reports for look in report["second_look"]] + [dict(look) for look in unseen]
    unwritten = _only_said(facts["kind"], reports)
    head = {
        "schema_version": SCHEMA_VERSION,
        **facts,
        "collection_version": VERSION,
        "population": _population(facts, records, unwritten, len(tasks)),
        "time_to_close": _time_to_close(
            [] if facts["kind"] == REINSTATE else records, sla, moment_of(facts["finished"]), unwritten
        ),
        "tenants": [
            *({name: report[name] for name in _TENANT_FIELDS} for report in reports),
            *(_absent(*each) for each in absent),
        ],
        "tasks": tasks,
        "orphans": [orphan for report in reports for orphan in report["orphans"]],
        "second_look": looks,
    }
    if facts["kind"] == AUDIT:
        head["population"] |= _found_otherwise(looks, len(head["orphans"]))
    return chained(head, records)


_TENANT_FIELDS = (
    "tenant",
    "vendor",
    "state",
    "on_missing",
    "check_mode",
    "plan_hash",
    "summary",
    "requests",
    "read",
    "error",
    "differences",
)


def is_plan(document: Document) -> bool:
    """Whether the document says what a run would do. An audit never writes, and so plans nothing."""
    return document["kind"] != AUDIT and bool(document["check_mode"])


def only_said(document: Document) -> set[str]:
    """Return the tenants at which a run only said what it would do."""
    return _only_said(document["kind"], document["tenants"])


def _only_said(kind: str, tenants: Iterable[TenantReport]) -> set[str]:
    return {tenant["tenant"] for tenant in tenants if kind != AUDIT and tenant["check_mode"]}


def tenant_places(document: Document) -> dict[str, str | None]:
    """Return where each tenant of a run was. An account's id is worth nothing elsewhere."""
    places: dict[str, str | None] = {}
    for tenant in document["tenants"]:
        name, place = tenant["tenant"], place_of(tenant)
        # Two of one name: nobody can tell which of them an account is at.
        places[name] = None if places.get(name, place) != place else place
    return places


def _with_nulls(values: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the values with none for the empty text that core 2.18 makes of it."""
    return {
        name: _with_nulls(value) if isinstance(value, Mapping) else None if value == "" else value
        for name, value in values.items()
    }


def _absent(tenant: str, code: str, message: str) -> dict[str, t.Any]:
    return {
        **dict.fromkeys(_TENANT_FIELDS),
        "tenant": tenant,
        "error": {"code": code, "message": message},
        "differences": [],
    }


def _tasks(record: Record) -> list[dict[str, t.Any]]:
    vendor = VENDORS[record["vendor"]]
    known: Mapping[str, ManualTask] = {**vendor.manual, NO_WAY_BACK: vendor.no_way_back}
    return [
        {
            "code": code,
            **{name: record[name] for name in ("tenant", "vendor", "email", "id")},
            "reason": known[code].reason,
            "action": known[code].action,
            "source": known[code].source,
        }
        for code in record["manual"]
    ]


def _population(
    facts: Mapping[str, t.Any], records: Sequence[Record], only_said: Collection[str], tasks: int
) -> dict[str, int]:
    """Count people, and pairs of a leaver and a tenant: what went in and what came out."""
    counts = dict.fromkeys(OUTCOMES_OF[facts["kind"]], 0)
    for record in records:
        if record["outcome"] != NOT_DUE:
            counts[record["outcome"]] += 1
    return {
        # Those of tenants that left no report are in no record.
        "leavers": max(len({record["email"] for record in records}), facts["source"].get("people") or 0),
        "asked": sum(counts.values()),
        "matched": sum(
            record["id"] is not None or (record["outcome"] == CHANGED and record["tenant"] not in only_said)
            for record in records
        ),
        **counts,
        NOT_DUE: sum(record["outcome"] == NOT_DUE for record in records),
        "manual": tasks,
    }


def _found_otherwise(looks: Sequence[Mapping[str, t.Any]], orphans: int) -> dict[str, int]:
    verdicts = [look["verdict"] for look in looks]
    return {"orphans": orphans, STILL_OFF: verdicts.count(STILL_OFF), CAME_BACK: verdicts.count(CAME_BACK)}


def _time_to_close(
    records: Sequence[Record], limit: int, finished: datetime, only_said: Collection[str]
) -> dict[str, t.Any]:
    """Return how long it took from leave_at to verified off, and what took longer than the limit, or still does."""
    closed = [
        (record["seconds_to_close"], record, False) for record in records if record["seconds_to_close"] is not None
    ]
    waiting = [
        (round((finished - moment_of(record["leave_at"])).total_seconds()), record, True)
        for record in records
        if record["leave_at"] is not None and _is_open(record, only_said)
    ]
    over = sorted(
        (each for each in (*closed, *waiting) if each[0] > limit),
        key=lambda each: (-each[0], each[1]["email"], each[1]["tenant"]),
    )
    times = sorted(seconds for seconds, _record, _open in closed)
    return {
        "limit": limit,
        "measured": len(times),
        "p50": _percentile(times, 0.5),
        "p95": _percentile(times, 0.95),
        "max": times[-1] if times else None,
        "over": [
            {"email": record["email"], "tenant": record["tenant"], "seconds": seconds, "open": is_open}
            for seconds, record, is_open in over
        ],
    }


def _is_open(record: Record, only_said: Collection[str]) -> bool:
    """Whether somebody who is due may still have access: the account was not seen closed by the end of the run."""
    if record["outcome"] == CHANGED:
        return record["tenant"] in only_said
    return bool(record["failing"]) and record["outcome"] != MISSING


def _percentile(times: Sequence[int], share: float) -> int | None:
    """Return the nearest-rank percentile of sorted times: one of them, never a value between two."""
    return times[max(0, math.ceil(share * len(times)) - 1)] if times else None
