# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as test results, for what shows the results of builds: a suite for each tenant, a case for each record.

PRIVATE to the collection. Elements and attributes are those of the schema of Jenkins' xUnit plugin (junit-10.xsd).
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.etree import ElementTree

from ansible_collections.saas.offboarding.plugins.module_utils._model import NOT_DUE, UNKNOWN
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import (
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
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import BY_HAND, CAME_BACK

Element = ElementTree.Element
Case: t.TypeAlias = "tuple[str | None, str]"
"""The kind of its result, none where all is well, and its text."""
Suite: t.TypeAlias = "tuple[Element, list[str]]"
"""Its element without children, and the text of these."""

ERROR = "error"
FAILURE = "failure"
SKIPPED = "skipped"
COUNTED = {"failures": FAILURE, "errors": ERROR, "skipped": SKIPPED}

# With these nobody knows how it is with the account: the way there or the log-in did not work.
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

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(document: Evidence) -> str:
    """Return the run as JUnit's XML, for a file in UTF-8."""
    records: dict[str, list[EvidenceRecord]] = {tenant["tenant"]: [] for tenant in document["tenants"]}
    for record in document["records"]:
        records[record["tenant"]].append(record)
    suites = [_tenant_suite(document, tenant, records[tenant["tenant"]]) for tenant in document["tenants"]]
    if document["second_look"]:
        looks = [_second_look_case(document, entry) for entry in document["second_look"]]
        suites.append(_suite(document, "second look", looks))
    if document["orphans"]:
        orphans = [_orphan_case(document, orphan) for orphan in document["orphans"]]
        suites.append(_suite(document, "orphan accounts", orphans))
    root = _element("testsuites", name=f"saas.offboarding {document['kind']}", time=_span(_run_moments(document)))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite, _lines in suites)))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', _opening(root)]
    for number, (suite, cases) in enumerate(suites):
        suite.set("id", str(number))
        lines += [_opening(suite), *cases, "</testsuite>"]
    return "\n".join((*lines, "</testsuites>", ""))


def _opening(element: Element) -> str:
    """Return the opening tag of an element without children."""
    return _text_of(element).removesuffix(" />") + ">"


def _tenant_suite(document: Evidence, tenant: TenantSummary, records: list[EvidenceRecord]) -> Suite:
    cases = [_record_case(document, record) for record in records]
    if tenant["error"] and not _is_told(tenant["error"], [record for record in records if record["failing"]]):
        cases.append(_tenant_case(document, tenant["tenant"], tenant["error"]))
    suite, lines = _suite(document, tenant["tenant"], cases, host=place_of(tenant), time=_span(_all_moments(records)))
    return suite, [_text_of(_properties(document, tenant)), *lines]


def _is_told(error: Error, failing: Sequence[EvidenceRecord]) -> bool:
    """Whether the cases of leavers say what went wrong with a tenant; a task that failed only counts them up."""
    return bool(failing) and (error["code"] == "task_failed" or error in [record["error"] for record in failing])


def _suite(document: Evidence, name: str, cases: list[Case], *, host: str | None = None, time: str = "0.000") -> Suite:
    kinds = [kind for kind, _text in cases]
    suite = _element(
        "testsuite",
        name=name,
        tests=len(cases),
        **{attribute: kinds.count(tag) for attribute, tag in COUNTED.items()},
        time=time,
        # The schemas know no zone here; it is UTC.
        timestamp=document["started"][:19],
        hostname=host or "localhost",
        package=f"saas.offboarding.{document['kind']}",
    )
    return suite, [text for _kind, text in cases]


def _ended(case: Element) -> Case:
    """Return a case as text: fifty thousand elements take more memory than their text."""
    return (case[0].tag if len(case) else None), _text_of(case)


def _text_of(element: Element) -> str:
    return ElementTree.tostring(element, encoding="unicode")


def _properties(document: Evidence, tenant: TenantSummary) -> Element:
    read, requests = tenant["read"], tenant["requests"]
    values = {
        "run_id": document["run_id"],
        "kind": document["kind"],
        "check_mode": document["check_mode"],
        "collection_version": document["collection_version"],
        "vendor": tenant["vendor"],
        "state": tenant["state"],
        "plan_hash": tenant["plan_hash"],
        "accounts_read": read and read["accounts"],
        "pages_read": read and read["pages"],
        "read_complete": read and read["complete"],
        "requests_sent": requests and requests["sent"],
    }
    properties = _element("properties")
    for name, value in values.items():
        if value is not None:
            properties.append(_element("property", name=name, value=value))
    return properties


def _record_case(document: Evidence, record: EvidenceRecord) -> Case:
    case = _case(document, record["tenant"], record["email"], time=_span(_moments(record)))
    kind = _result(record)
    if kind:
        case.append(_mark(kind, _reason_code(record), _reason(record), _facts(record)))
    else:
        _output(case, _facts(record))
    return _ended(case)


def _result(record: EvidenceRecord) -> str | None:
    """Return the element that tells what came of a record, or None when all is well."""
    if not record["failing"]:
        return SKIPPED if record["outcome"] in (NOT_DUE, UNKNOWN, BY_HAND) else None
    technical = code_of(record["error"]) in TECHNICAL
    return ERROR if technical or record["outcome"] == UNKNOWN else FAILURE


def _reason_code(record: EvidenceRecord) -> str:
    return code_of(record["error"]) or record["outcome"]


def _reason(record: EvidenceRecord) -> str:
    if record["error"]:
        return record["error"]["message"]
    if record["outcome"] == NOT_DUE:
        return f"not due before {record['leave_at']}"
    outcome = record["outcome"].replace("_", " ")
    return f"{outcome}; for a person to see to: {' '.join(record['manual'])}" if record["manual"] else outcome


def _facts(record: EvidenceRecord) -> str:
    """Say in lines what is known of the account and of the last request."""
    before, after = record["before"], record["after"]
    values = {
        "outcome": record["outcome"],
        "account": record["id"],
        "before": before and before["state"],
        "after": after and after["state"],
        "verified": record["verified"],
        "read at": record["read_at"],
        "written at": record["written_at"],
        "seen at": record["seen_at"],
        "HTTP status": record["status"],
        "request id": record["request_id"],
        "record": record["number"],
    }
    return "\n".join(f"{name}: {_text(value)}" for name, value in values.items() if value is not None)


def _tenant_case(document: Evidence, tenant: str, error: Error) -> Case:
    case = _case(document, tenant, "the tenant as a whole")
    case.append(_mark(ERROR, error["code"], error["message"]))
    return _ended(case)


def _second_look_case(document: Evidence, entry: SecondLook) -> Case:
    case = _case(document, "second look", f"{entry['tenant']}: {entry['email']} ({entry['id']})")
    now = known(entry["now"])["state"]
    message = entry["reason"] or f"was {entry['was']['state']}, is {now}"
    if entry["verdict"] == CAME_BACK:
        case.append(_mark(FAILURE, entry["verdict"], message))
    elif entry["verdict"] == UNKNOWN:
        case.append(_mark(ERROR if entry["failing"] else SKIPPED, entry["verdict"], message))
    return _ended(case)


def _orphan_case(document: Evidence, orphan: Orphan) -> Case:
    name = orphan["email"] or orphan["name"]
    label = f"{name} ({orphan['id']})" if name else str(orphan["id"])
    case = _case(document, "orphan accounts", f"{orphan['tenant']}: {label}")
    kind = FAILURE if document["parameters"].get("audit_orphans") == "fail" else SKIPPED
    case.append(_mark(kind, "orphan", f"{orphan['state']}, and belongs to nobody on the staff list"))
    return _ended(case)


def _case(document: Evidence, group: str, name: str, *, time: str = "0.000") -> Element:
    # What follows the last dot is the class to Jenkins, and what precedes it the package.
    classname = f"saas.offboarding.{document['kind']}.{group.replace('.', '_')}"
    return _element("testcase", classname=classname, name=name, time=time)


def _mark(kind: str, code: str, message: str, text: str | None = None) -> Element:
    mark = _element(kind, type=code, message=message)
    mark.text = None if text is None else _clean(text)
    return mark


def _output(case: Element, text: str) -> None:
    output = ElementTree.SubElement(case, "system-out")
    output.text = _clean(text)


def _element(tag: str, **attributes: t.Any) -> Element:
    return Element(tag, {name: _clean(_text(value)) for name, value in attributes.items()})


def _text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _clean(text: str) -> str:
    """Return the text without the characters that XML 1.0 has no way to write."""
    return _FORBIDDEN.sub("", text)


def _moments(record: EvidenceRecord) -> list[str]:
    moments = (record["read_at"], record["written_at"], record["seen_at"])
    return [moment for moment in moments if moment]


def _all_moments(records: Iterable[EvidenceRecord]) -> list[str]:
    return [moment for record in records for moment in _moments(record)]


def _run_moments(document: Evidence) -> list[str]:
    return [document["started"], document["finished"]]


def _span(moments: Sequence[str]) -> str:
    """Return the seconds from the first of the moments to the last one."""
    # The collection wrote them itself, in ISO 8601 and UTC: nothing is left to check.
    found = [datetime.fromisoformat(moment) for moment in moments]
    seconds = (max(found) - min(found)).total_seconds() if found else 0.0
    return f"{seconds:.3f}"
