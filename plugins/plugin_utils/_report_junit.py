# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as test results, for what shows the results of builds: a suite for each tenant, a case for each record.

PRIVATE to the collection. Elements and attributes are those of the schema of Jenkins' xUnit plugin (junit-10.xsd).
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from markupsafe import Markup

from ansible_collections.saas.offboarding.plugins.module_utils._model import NOT_DUE, UNKNOWN

from ._nouns import (
    Error,
    Evidence,
    EvidenceRecord,
    Orphan,
    SecondLook,
    TenantSummary,
    code_of,
    known,
    place_of,
)
from ._pages import PAGES
from ._stages import stage_text
from ._unmatched import limited
from ._words import BY_HAND, CAME_BACK, LEFT, REINSTATED

ERROR = "error"
FAILURE = "failure"
SKIPPED = "skipped"

# With these the state of the account is not known: the connection or the log-in failed.
TECHNICAL = frozenset(
    {
        "bad_answer",
        "connection_lost",
        "forbidden",
        "login_failed",
        "lookup_failed",
        "no_result",
        "no_rights",
        "rate_limited",
        "redirected",
        "search_incomplete",
        "server_error",
        "task_failed",
        "timeout",
        "tls_error",
        "too_large",
        "unauthorized",
        "unconfirmed",
        "unreachable",
        "unverified",
        "wrong_address",
    }
)

# What XML 1.0 has no way to write, and what has to be written otherwise: in a text, and in an attribute.
_FORBIDDEN = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ud800-\udfff\ufffe\uffff"
_TEXT = re.compile(f'[&<>"{_FORBIDDEN}]')
_ATTRIBUTE = re.compile(f'[&<>"\\t\\n\\r{_FORBIDDEN}]')
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


class Case(t.NamedTuple):
    """A test case. ``result``: the element that states it, or None when all is well."""

    name: str
    result: str | None = None
    code: str = ""
    message: str = ""
    text: str = ""
    time: str = "0.000"


@dataclass
class Suite:
    """A group of cases, which are counted by their results."""

    name: str
    cases: Iterable[Case]
    counts: Counter[str | None]
    time: str = "0.000"
    host: str | None = None
    properties: dict[str, object] = field(default_factory=dict)

    tests = property(lambda self: self.counts.total())
    failures = property(lambda self: self.counts[FAILURE])
    errors = property(lambda self: self.counts[ERROR])
    skipped = property(lambda self: self.counts[SKIPPED])


def render_junit(document: Evidence) -> Iterator[str]:
    """Yield the pieces of the run as JUnit's XML, for a file in UTF-8."""
    records: dict[str, list[EvidenceRecord]] = {tenant["tenant"]: [] for tenant in document["tenants"]}
    for record in document["records"]:
        records[record["tenant"]].append(record)
    suites = [_tenant_suite(document, tenant, records[tenant["tenant"]]) for tenant in document["tenants"]]
    orphan_result = FAILURE if document["parameters"].get("audit_orphans") == "fail" else SKIPPED
    both_result = FAILURE if document["parameters"].get("audit_both_lists") == "fail" else SKIPPED
    both = "is due, and on the staff list as well: correct one of the two lists"
    for name, cases in (
        ("both lists", [Case(email, both_result, code="both_lists", message=both) for email in document["both_lists"]]),
        ("second look", [_second_look_case(look) for look in document["second_look"]]),
        ("orphan accounts", [_orphan_case(orphan, orphan_result) for orphan in document["orphans"]]),
        ("unmatched leavers", _unmatched_cases(document)),
        ("missing tenants", [_missing_case(name) for name in document["scope"]["missing"]]),
    ):
        if cases:
            suites.append(Suite(name, cases, Counter(case.result for case in cases)))
    time = _span([document["started"], document["finished"]])
    return (
        PAGES.overlay(autoescape=False, finalize=_xml)
        .get_template("junit.xml")
        .generate(document=document, suites=suites, time=time)
    )


def _tenant_suite(document: Evidence, tenant: TenantSummary, records: list[EvidenceRecord]) -> Suite:
    error, read, requests = tenant["error"], tenant["read"], tenant["requests"]
    whole = []
    if error and not _is_explained(error, [record for record in records if record["failing"]]):
        whole.append(Case("the tenant as a whole", ERROR, error["code"], error["message"]))
    return Suite(
        tenant["tenant"],
        chain(map(_record_case, records), whole),
        Counter(chain(map(_result, records), (case.result for case in whole))),
        _span([moment for record in records for moment in _moments(record)]),
        place_of(tenant),
        {
            "run_id": document["run_id"],
            "kind": document["kind"],
            "check_mode": document["check_mode"],
            "collection_version": document["collection_version"],
            "vendor": tenant["vendor"],
            **({"product": tenant["product"]["name"]} if "product" in tenant else {}),
            "state": tenant["state"],
            "plan_hash": tenant["plan_hash"],
            "accounts_read": read and read["accounts"],
            "pages_read": read and read["pages"],
            "read_complete": read and read["complete"],
            "requests_sent": requests and requests["sent"],
        },
    )


def _is_explained(error: Error, failing: Sequence[EvidenceRecord]) -> bool:
    """Whether the cases of leavers state the error of a tenant; that of a failed task only counts them."""
    return bool(failing) and (error["code"] == "task_failed" or error in [record["error"] for record in failing])


def _record_case(record: EvidenceRecord) -> Case:
    code = code_of(record["error"]) or record["outcome"]
    time = _span(_moments(record))
    return Case(record["email"], _result(record), code, _reason(record), _facts(record), time)


def _result(record: EvidenceRecord) -> str | None:
    if not record["failing"]:
        return SKIPPED if record["outcome"] in (NOT_DUE, UNKNOWN, BY_HAND, LEFT, REINSTATED) else None
    technical = code_of(record["error"]) in TECHNICAL
    return ERROR if technical or record["outcome"] == UNKNOWN else FAILURE


def _reason(record: EvidenceRecord) -> str:
    if record["error"]:
        return record["error"]["message"]
    if record["outcome"] == NOT_DUE:
        return f"not due before {record['leave_at']}" if record["leave_at"] else "not due: no leave time"
    outcome = record["outcome"].replace("_", " ")
    return f"{outcome}; for a person to see to: {' '.join(record['manual'])}" if record["manual"] else outcome


def _facts(record: EvidenceRecord) -> Markup:
    """Return in lines what is known of the account and of the last request."""
    before, after, verified = record["before"], record["after"], record["verified"]
    values = (
        ("outcome", record["outcome"]),
        ("reason", record["reason"]),
        ("ticket", record["ticket"]),
        ("account", record["id"]),
        ("before", before and before["state"]),
        ("after", after and after["state"]),
        ("sessions before", before and before.get("sessions")),
        ("sessions after", after and after.get("sessions")),
        ("verified", None if verified is None else str(verified).lower()),
        ("repaired", "true" if record.get("repaired") else None),
        ("no account in", record.get("looked_in")),
        ("stage", stage_text(record["stage"]) if "stage" in record else None),
        ("next stage", stage_text(record["next_stage"]) if "next_stage" in record else None),
        ("read at", record["read_at"]),
        ("written at", record["written_at"]),
        ("seen at", record["seen_at"]),
        ("HTTP status", record["status"]),
        ("request id", record["request_id"]),
        ("record", record["number"]),
    )
    text = "\n".join([f"{name}: {value}" for name, value in values if value is not None])
    return Markup(_TEXT.sub(_reference, text))  # noqa: S704


def _second_look_case(look: SecondLook) -> Case:
    name = f"{look['tenant']}: {look['email']} ({look['id']})"
    message = look["reason"] or f"was {look['was']['state']}, is {known(look['now'])['state']}"
    if look["verdict"] == CAME_BACK:
        return Case(name, FAILURE, look["verdict"], message)
    if look["verdict"] == UNKNOWN:
        return Case(name, ERROR if look["failing"] else SKIPPED, look["verdict"], message)
    return Case(name)


def _orphan_case(orphan: Orphan, result: str) -> Case:
    name = orphan["email"] or orphan["name"]
    label = f"{name} ({orphan['id']})" if name else str(orphan["id"])
    message = f"{orphan['state']}, and belongs to no person on the staff list"
    return Case(f"{orphan['tenant']}: {label}", result, "orphan", message)


def _unmatched_cases(document: Evidence) -> list[Case]:
    nowhere = document["unmatched"]
    result = FAILURE if nowhere["failing"] else SKIPPED
    places = [f"at {name} only {place} was looked in" for name, place in limited(document["tenants"]).items()]
    return [
        Case(email, result, "unmatched", "; ".join(("no account at any tenant", *places, *nowhere["not_final"])))
        for email in nowhere["leavers"]
    ]


def _missing_case(name: str) -> Case:
    return Case(name, ERROR, "tenant_missing", "the tenant is expected, and the inventory does not have it")


def _xml(value: object) -> str:
    """Return a value as an attribute of XML has it; a text is XML already."""
    if isinstance(value, Markup):
        return value
    return _ATTRIBUTE.sub(_reference, str(value).lower() if isinstance(value, bool) else str(value))


def _reference(found: re.Match[str]) -> str:
    return _REFERENCES.get(found[0], "")


def _moments(record: EvidenceRecord) -> list[str]:
    return [at for at in (record["read_at"], record["written_at"], record["seen_at"]) if at]


def _span(moments: Sequence[str]) -> str:
    """Return the seconds from the first of the moments to the last one."""
    found = list(map(datetime.fromisoformat, moments))
    seconds = (max(found) - min(found)).total_seconds() if found else 0.0
    return f"{seconds:.3f}"
