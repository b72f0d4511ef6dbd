# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as one page for people: it fetches nothing, and runs nothing but its own script.

PRIVATE to the collection. What is written here is the whole page but for the details of a cell; those are data, of
which the script makes a panel when a cell is opened: tens of thousands of panels are more than a browser bears.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.module_utils._model import CHANGED, FAILED, MISSING, REFUSED
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import is_plan
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import (
    Earlier,
    Evidence,
    Reading,
    Requests,
    Source,
    TenantSummary,
    place_of,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import moment_of
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    AUDIT,
    CLOSED,
    OFFBOARD,
    REINSTATE,
    STILL_ACTIVE,
)

from ._html import (
    FOLDED,
    LISTED,
    Html,
    below,
    counted,
    duration,
    element,
    escaped,
    folded,
    joined,
    mono,
    people,
    row,
    spaced,
    table,
    time,
)
from ._report_matrix import Rows, error_text, island, leavers_section, rows_of
from ._report_sections import orphans_section, second_look_section, tasks_section
from ._verdict import BAD, GOOD, PLAN, WARN, verdict

TEMPLATE = Path(__file__).with_name("report.html")

KINDS = {OFFBOARD: "Offboarding", AUDIT: "Audit", REINSTATE: "Reinstatement"}

POPULATION_IN = {
    "leavers": "leavers in the list",
    "not_due": "not due yet",
    "asked": "due, and looked for",
    "matched": "accounts found",
}
POPULATION_OF_A_REINSTATEMENT = {
    "leavers": "people whose accounts that run closed",
    "asked": "accounts that it closed",
    "matched": "accounts known by their id",
}
POPULATION_OUT = {MISSING: "no account", "manual": "tasks for a person", "orphans": "orphan accounts"}
OUTCOME_TONES = {
    CHANGED: GOOD,
    CLOSED: GOOD,
    FAILED: BAD,
    REFUSED: BAD,
    STILL_ACTIVE: BAD,
}

ICONS = {
    GOOD: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.2l2.8 2.8L16 9.5",
    WARN: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 8v5M12 16.2v.1",
    BAD: "M12 3.5 2.5 20h19zM12 10v4.5M12 17.3v.1",
    PLAN: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.2M12 7.8v.1",
}


_PLACE = re.compile(r"@@([a-z_]+)@@")


def render_html(document: Evidence) -> str:
    """Return the page, for a file in UTF-8."""
    template = TEMPLATE.read_text(encoding="utf-8")
    page = template[template.index("<!doctype html>") :]
    page = page.replace("@@tenant_count@@", str(max(1, len(document["tenants"]))))
    tenants = {tenant["tenant"]: tenant for tenant in document["tenants"]}
    rows = rows_of(document)
    parts: dict[str, str | None] = {
        "policy": _policy(page),
        "title": escaped(f"{verdict(document).headline} \N{EN DASH} {document['run_id']}"),
        "eyebrow": _eyebrow(document, rows),
        "verdict": _verdict(document),
        "facts": _facts(document),
        "parameters": _parameters(document),
        "population": _population(document),
        "time_to_close": _time_to_close(document),
        "tenants": _tenants(document),
        "leavers": leavers_section(document, rows, tenants),
        "tasks": tasks_section(document),
        "orphans": orphans_section(document),
        "second_look": second_look_section(document),
        "verify": _verify(document),
        "footer": escaped(f"Made by saas.offboarding {document['collection_version']} (GPL-3.0-or-later)."),
        "records": island(document, rows, tenants),
    }
    return _PLACE.sub(lambda place: parts[place[1]] or "", page)


def _policy(page: str) -> Html:
    """Let this style and this script be used, and nothing else be fetched, run or sent."""
    script, style = (_fingerprint(page, name) for name in ("script", "style"))
    return escaped(f"default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'")


def _fingerprint(page: str, name: str) -> str:
    """Return what a policy calls an element by: the hash of all that stands between its tags."""
    found = re.search(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
    if found is None:
        raise ValueError(f"{TEMPLATE.name} has no element {name}")
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _eyebrow(document: Evidence, rows: Rows) -> Html:
    kind = KINDS[document["kind"]] + (" in check mode" if is_plan(document) else "")
    size = f"{people(len(rows))} at {counted(len(document['tenants']), 'tenant')}"
    return joined(f"{kind} \N{MIDDLE DOT} {size} \N{MIDDLE DOT} ", time(document["finished"]))


def _verdict(document: Evidence) -> Html:
    said = verdict(document)
    icon = element("svg", element("path", d=ICONS[said.tone]), viewBox="0 0 24 24", aria_hidden="true")
    notes = [element("li", element("a", note.text, href=f"#{note.section}")) for note in said.notes]
    headline = element("h1", said.headline)
    return element("div", icon, headline, element("ul", *notes) if notes else None, id="verdict", data_tone=said.tone)


def _facts(document: Evidence) -> Html:
    ran_by = document["ran_by"]
    started, finished = moment_of(document["started"]), moment_of(document["finished"])
    kind = "writes nothing" if document["check_mode"] else "writes"
    job = [each for each in (ran_by["awx_job_template"], ran_by["awx_user"]) if each]
    facts = [
        _fact("Run", element("span", document["run_id"], class_="mono"), f"{KINDS[document['kind']]}, {kind}"),
        _fact("Started", time(document["started"]), f"took {duration(round((finished - started).total_seconds()))}"),
        _fact("Run by", ran_by["user"] or "not known", None),
        _fact("AWX job", ran_by["awx_job_id"], ", launched by ".join(job)) if ran_by["awx_job_id"] else None,
        _fact("saas.offboarding", document["collection_version"], f"ansible-core {document['ansible_core_version']}"),
        _source_fact("Leavers", document["source"]) if document["kind"] != REINSTATE else None,
        _fact("Reason", document["reason"], None) if document["reason"] else None,
        _fact("Ticket", document["ticket"], None) if document["ticket"] else None,
        _source_fact("Staff", document["staff"]) if document["staff"] else None,
        _earlier_fact(document["kind"], document["earlier"]) if document["earlier"] else None,
    ]
    return element("dl", *facts, class_="facts")


def _fact(label: str, value: Html | str, more: Html | str | None) -> Html:
    under = element("span", more, class_="soft") if more else None
    return joined(element("div", element("dt", label), element("dd", value, under)), "\n")


def _source_fact(label: str, source: Source) -> Html:
    count = "" if source["people"] is None else f" ({source['people']:,} people)"
    value = f"{source['file'] or 'a variable'}{count}"
    return _fact(f"{label} from", value, mono(f"SHA-256 {source['sha256']}") if source["sha256"] else None)


def _earlier_fact(kind: str, earlier: Earlier) -> Html:
    value = joined("run ", element("span", earlier["run_id"], class_="mono"), f", {earlier['file']}")
    label = "Undoes" if kind == REINSTATE else "Second look at"
    return _fact(label, value, mono(f"seal {earlier['seal']}"))


def _parameters(document: Evidence) -> Html:
    rows = [row(mono(name), mono(_value_text(value))) for name, value in document["parameters"].items()]
    return element("details", element("summary", "Parameters"), table(("variable", "value"), rows), id="parameters")


def _value_text(value: t.Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _population(document: Evidence) -> Html:
    counts = document["population"]
    labels = POPULATION_OF_A_REINSTATEMENT if document["kind"] == REINSTATE else POPULATION_IN
    come_in = [_count(label, counts[name]) for name, label in labels.items()]
    go_out = [
        _count(POPULATION_OUT.get(name, spaced(name)), count, bad=OUTCOME_TONES.get(name) == BAD)
        for name, count in counts.items()
        if name not in POPULATION_IN
    ]
    hint = "The first figure counts people, those after it count a leaver at a tenant."
    return joined(
        element("p", hint, class_="hint"),
        element("dl", *come_in, class_="figures"),
        element("dl", *go_out, class_="figures"),
    )


def _count(label: str, count: int, bad: bool = False) -> Html:
    return _figure(label, f"{count:,}", ("bad" if bad else None) if count else "none")


def _figure(label: str, value: str, look: str | None = None) -> Html:
    return element("div", element("dt", label), element("dd", value), class_=look)


def _time_to_close(document: Evidence) -> Html:
    if document["kind"] == REINSTATE:
        return element("p", "This run closes no account.", class_="hint")
    times = document["time_to_close"]
    hint = "From the time of leaving to the moment at which the account was read as closed"
    hint = f"{hint}: {counted(times['measured'], 'account')}." if times["measured"] else "This run closed no account."
    figures = [
        _figure(label, duration(seconds), "bad" if seconds > times["limit"] else None)
        for label, seconds in (("median", times["p50"]), ("95th percentile", times["p95"]), ("longest", times["max"]))
        if seconds is not None
    ]
    limit = _figure("limit", duration(times["limit"]))
    over = [
        row(entry["email"], entry["tenant"], duration(entry["seconds"]), "still open" if entry["open"] else "closed")
        for entry in times["over"][:LISTED]
    ]
    summary = f"Longer than the limit: {len(times['over']):,}"
    return joined(
        element("p", hint, class_="hint"),
        element("dl", *figures, limit, class_="figures"),
        folded(summary, ("leaver", "tenant", "time", "account"), over, times["over"]),
    )


def _tenants(document: Evidence) -> Html:
    if not document["tenants"]:
        return element("p", "No tenant took part in this run.", class_="hint")
    head = ("tenant", "API host", "read", "requests", "came to", "plan hash")
    return table(head, [_tenant_row(tenant) for tenant in document["tenants"]])


def _tenant_row(tenant: TenantSummary) -> Html:
    vendor = tenant["vendor"] if tenant["vendor"] != tenant["tenant"] else None
    under = [each for each in (vendor, tenant["state"] and f"to be {tenant['state']}") if each]
    name = joined(element("span", tenant["tenant"], class_="name"), below(", ".join(under)))
    plan = tenant["plan_hash"]
    cells = (
        name,
        place_of(tenant) or "\N{EN DASH}",
        _read(tenant["read"]),
        _requests(tenant["requests"]),
        _counts(tenant["summary"]),
        element("code", plan, class_="hash", title=plan) if plan else "\N{EN DASH}",
    )
    content = joined(*(element("td", cell) for cell in cells))
    notes = [error_text(tenant["error"])] if tenant["error"] else []
    notes += [f"Differs from the approved plan: {told}." for told in tenant["differences"][:FOLDED]]
    more = len(tenant["differences"]) - FOLDED
    notes += [f"And {more:,} more differences; evidence.json has them all."] if more > 0 else []
    if not notes:
        return joined(element("tr", content), "\n")
    said = joined(*(element("p", note, class_="note", data_tone=BAD) for note in notes))
    return joined(
        element("tr", content, class_="joined"), element("tr", element("td", said, colspan=len(cells)), class_="said")
    )


def _read(read: Reading | None) -> Html:
    if read is None:
        return escaped("nothing was asked")
    amount = element(
        "span", f"{counted(read['accounts'], 'account')}, {counted(read['pages'], 'page')}", class_="short"
    )
    whole = "complete" if read["complete"] else element("span", "not complete", class_="chip", data_tone=BAD)
    return joined(amount, element("span", whole, class_="under"))


def _requests(requests: Requests | None) -> Html:
    if requests is None:
        return escaped("\N{EN DASH}")
    more = ((requests["retried"], "sent again"), (requests["tokens"], "for tokens"))
    under = [f"{count:,} {words}" for count, words in more if count]
    return joined(f"{requests['sent']:,}", element("span", ", ".join(under), class_="under short") if under else None)


def _counts(summary: dict[str, int] | None) -> Html:
    chips = [
        element("span", f"{count:,} {spaced(outcome)}", class_="chip", data_tone=OUTCOME_TONES.get(outcome))
        for outcome, count in (summary or {}).items()
        if count and outcome != "requested"
    ]
    return element("span", *chips, class_="counts") if chips else escaped("\N{EN DASH}")


def _verify(document: Evidence) -> Html:
    command = "ansible-playbook saas.offboarding.verify_evidence -e offboard_evidence=FOLDER -e offboard_seal=SEAL"
    chain = (
        f"evidence.json holds {counted(document['record_count'], 'record')}, each with the hash of the one before it. "
        "The seal is made of the last hash and of the hashes of all other files in the folder, this page among them. "
        "It stands at the end of evidence.json and in the log of the job: with the one from the log, nothing can have "
        "been changed unseen."
    )
    last = document["records"][-1]["hash"] if document["records"] else None
    return joined(
        element("p", chain, class_="hint"),
        element("pre", command),
        element("dl", _fact("Hash of the last record", mono(last), None), class_="facts") if last else None,
    )
