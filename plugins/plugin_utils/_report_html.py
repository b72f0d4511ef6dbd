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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    CHANGED,
    FAILED,
    MISSING,
    REFUSED,
    UNKNOWN,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._console import UNREAD_NOTE, UNREAD_PLAN_NOTE
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    Document,
    is_plan,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import (
    parse_time,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    Record,
    TenantReport,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    AUDIT,
    CAME_BACK,
    CLOSED,
    OFFBOARD,
    REINSTATE,
    STILL_ACTIVE,
    STILL_OFF,
    UNREAD_MARK,
    cell_word,
)

from ._html import Html, counted, duration, element, escaped, joined, people, row, table, time
from ._verdict import BAD, GOOD, PLAN, WARN, verdict

Rows = dict[str, dict[str, Record]]

TEMPLATE = Path(__file__).with_name("report.html")

BLOCK = 50
"""Rows of the matrix that are painted together."""

LONG = 200
"""Rows from which on the matrix scrolls within itself, and is painted where it is seen only."""

LISTED = 1000
"""Entries of a list that the page shows; evidence.json has them all."""

FOLDED = 10
"""A list that is longer than this is folded."""

KINDS = {OFFBOARD: "Offboarding", AUDIT: "Audit", REINSTATE: "Reinstatement"}
NO_RECORD = "no_result"

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
SAME_TASK = ("tenant", "code", "reason", "action", "source")
LOOK_TONES = {CAME_BACK: BAD, UNKNOWN: WARN, STILL_OFF: GOOD}

ICONS = {
    GOOD: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.2l2.8 2.8L16 9.5",
    WARN: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 8v5M12 16.2v.1",
    BAD: "M12 3.5 2.5 20h19zM12 10v4.5M12 17.3v.1",
    PLAN: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.2M12 7.8v.1",
}

# What the script shows of a record, in this order.
FIELDS = (
    "number",
    "leave_at",
    "key",
    "id",
    "name",
    "before",
    "after",
    "verified",
    "read_at",
    "written_at",
    "seen_at",
    "status",
    "request_id",
    "seconds_to_close",
    "manual",
    "error",
    "hash",
)

_PLACE = re.compile(r"@@([a-z_]+)@@")
# An element of a script ends at the first thing that looks like its end, whatever it stands in.
_SCRIPT_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def render_html(document: Document) -> str:
    """Return the page, for a file in UTF-8."""
    template = TEMPLATE.read_text(encoding="utf-8")
    page = template[template.index("<!doctype html>") :]
    page = page.replace("@@tenant_count@@", str(max(1, len(document["tenants"]))))
    tenants = {tenant["tenant"]: tenant for tenant in document["tenants"]}
    rows = _rows(document)
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
        "leavers": _leavers(document, rows, tenants),
        "tasks": _tasks(document),
        "orphans": _orphans(document),
        "second_look": _second_look(document),
        "verify": _verify(document),
        "footer": escaped(f"Made by saas.offboarding {document['collection_version']} (GPL-3.0-or-later)."),
        "records": _island(document, rows, tenants),
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


def _rows(document: Document) -> Rows:
    rows: Rows = {}
    for record in document["records"]:
        rows.setdefault(record["email"], {})[record["tenant"]] = record
    return rows


def _eyebrow(document: Document, rows: Rows) -> Html:
    kind = KINDS[document["kind"]] + (" in check mode" if is_plan(document) else "")
    size = f"{people(len(rows))} at {counted(len(document['tenants']), 'tenant')}"
    return joined(f"{kind} \N{MIDDLE DOT} {size} \N{MIDDLE DOT} ", time(document["finished"]))


def _verdict(document: Document) -> Html:
    said = verdict(document)
    icon = element("svg", element("path", d=ICONS[said.tone]), viewBox="0 0 24 24", aria_hidden="true")
    notes = [element("li", element("a", note.text, href=f"#{note.section}")) for note in said.notes]
    headline = element("h1", said.headline)
    return element("div", icon, headline, element("ul", *notes) if notes else None, id="verdict", data_tone=said.tone)


def _facts(document: Document) -> Html:
    ran_by = document["ran_by"]
    started, finished = (parse_time(document[name], name) for name in ("started", "finished"))
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
        _earlier_fact(document) if document["earlier"] else None,
    ]
    return element("dl", *facts, class_="facts")


def _fact(label: str, value: Html | str, more: Html | str | None) -> Html:
    under = element("span", more, class_="soft") if more else None
    return joined(element("div", element("dt", label), element("dd", value, under)), "\n")


def _source_fact(label: str, source: Mapping[str, t.Any]) -> Html:
    count = "" if source["people"] is None else f" ({source['people']:,} people)"
    value = f"{source['file'] or 'a variable'}{count}"
    return _fact(f"{label} from", value, _mono(f"SHA-256 {source['sha256']}") if source["sha256"] else None)


def _earlier_fact(document: Document) -> Html:
    earlier = document["earlier"]
    value = joined("run ", element("span", earlier["run_id"], class_="mono"), f", {earlier['file']}")
    label = "Undoes" if document["kind"] == REINSTATE else "Second look at"
    return _fact(label, value, _mono(f"seal {earlier['seal']}"))


def _mono(text: str) -> Html:
    return element("span", text, class_="mono")


def _parameters(document: Document) -> Html:
    rows = [row(_mono(name), _mono(_value_text(value))) for name, value in document["parameters"].items()]
    return element("details", element("summary", "Parameters"), table(("variable", "value"), rows), id="parameters")


def _value_text(value: t.Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _population(document: Document) -> Html:
    counts = document["population"]
    labels = POPULATION_OF_A_REINSTATEMENT if document["kind"] == REINSTATE else POPULATION_IN
    come_in = [_count(label, counts[name]) for name, label in labels.items()]
    go_out = [
        _count(POPULATION_OUT.get(name, _words(name)), count, bad=OUTCOME_TONES.get(name) == BAD)
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


def _time_to_close(document: Document) -> Html:
    if document["kind"] == REINSTATE:
        return element("p", "This run closes no account.", class_="hint")
    times = document["time_to_close"]
    hint = "From the time of leaving to the moment at which the account was read as closed"
    hint = f"{hint}: {counted(times['measured'], 'account')}." if times["measured"] else "This run closed no account."
    figures = [
        _figure(label, duration(times[name]), "bad" if times[name] > times["limit"] else None)
        for name, label in (("p50", "median"), ("p95", "95th percentile"), ("max", "longest"))
        if times[name] is not None
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
        _folded(summary, ("leaver", "tenant", "time", "account"), over, times["over"]),
    )


def _folded(summary: str, head: Sequence[str], rows: Sequence[Html], entries: Sequence[t.Any]) -> Html | None:
    """Return a table that is folded where it is long, and that says what of it is not shown."""
    if not entries:
        return None
    content = joined(table(head, rows), _not_shown(entries))
    return element("details", element("summary", summary), content, open=len(entries) <= FOLDED)


def _not_shown(entries: Sequence[t.Any]) -> Html | None:
    if len(entries) <= LISTED:
        return None
    return element("p", f"Shown are {LISTED:,} of {len(entries):,}; evidence.json has them all.", class_="hint")


def _tenants(document: Document) -> Html:
    if not document["tenants"]:
        return element("p", "No tenant took part in this run.", class_="hint")
    head = ("tenant", "API host", "read", "requests", "came to", "plan hash")
    return table(head, [_tenant_row(tenant) for tenant in document["tenants"]])


def _tenant_row(tenant: TenantReport) -> Html:
    vendor = tenant["vendor"] if tenant["vendor"] != tenant["tenant"] else None
    under = [each for each in (vendor, tenant["state"] and f"to be {tenant['state']}") if each]
    name = joined(element("span", tenant["tenant"], class_="name"), _under(", ".join(under)))
    plan = tenant["plan_hash"]
    cells = (
        name,
        (tenant["read"] or {}).get("tenant", "\N{EN DASH}"),
        _read(tenant["read"]),
        _requests(tenant["requests"]),
        _counts(tenant["summary"]),
        element("code", plan, class_="hash", title=plan) if plan else "\N{EN DASH}",
    )
    content = joined(*(element("td", cell) for cell in cells))
    notes = [_error_text(tenant["error"])] if tenant["error"] else []
    notes += [f"Differs from the approved plan: {told}." for told in tenant["differences"][:FOLDED]]
    more = len(tenant["differences"]) - FOLDED
    notes += [f"And {more:,} more differences; evidence.json has them all."] if more > 0 else []
    if not notes:
        return joined(element("tr", content), "\n")
    said = joined(*(element("p", note, class_="note", data_tone=BAD) for note in notes))
    return joined(
        element("tr", content, class_="joined"), element("tr", element("td", said, colspan=len(cells)), class_="said")
    )


def _under(text: str) -> Html | None:
    return element("span", text, class_="under") if text else None


def _read(read: Mapping[str, t.Any] | None) -> Html:
    if read is None:
        return escaped("nothing was asked")
    amount = element(
        "span", f"{counted(read['accounts'], 'account')}, {counted(read['pages'], 'page')}", class_="short"
    )
    whole = "complete" if read["complete"] else element("span", "not complete", class_="chip", data_tone=BAD)
    return joined(amount, element("span", whole, class_="under"))


def _requests(requests: Mapping[str, t.Any] | None) -> Html:
    if requests is None:
        return escaped("\N{EN DASH}")
    more = (("retried", "sent again"), ("tokens", "for tokens"))
    under = [f"{requests[name]:,} {words}" for name, words in more if requests[name]]
    return joined(f"{requests['sent']:,}", element("span", ", ".join(under), class_="under short") if under else None)


def _counts(summary: Mapping[str, int] | None) -> Html:
    chips = [
        element("span", f"{count:,} {_words(outcome)}", class_="chip", data_tone=OUTCOME_TONES.get(outcome))
        for outcome, count in (summary or {}).items()
        if count and outcome != "requested"
    ]
    return element("span", *chips, class_="counts") if chips else escaped("\N{EN DASH}")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _error_text(error: Mapping[str, t.Any]) -> str:
    return f"{error['code']}: {error['message']}"


def _leavers(document: Document, rows: Rows, tenants: Mapping[str, TenantReport]) -> Html:
    if not rows:
        return element("p", "There is no record in this run.", class_="hint")
    words: dict[str, Counter[str]] = {}
    lines = [_matrix_row(email, rows[email], tenants, bool(document["check_mode"]), words) for email in rows]
    blocks = (lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK))
    bodies = [element("tbody", *block, role="rowgroup") for block in blocks]
    flags = {"data_check": is_plan(document), "data_long": len(lines) > LONG}
    matrix = element("table", _matrix_head(tenants), *bodies, id="matrix", role="table", **flags)
    grid = element("div", matrix, class_="grid", role="region", aria_label="Leavers by tenants", tabindex=0)
    return joined(
        element("p", "Each cell opens to what was read and written, and when.", class_="hint screen"),
        _filters(len(rows), tenants, words),
        grid,
        _legend(document, words),
    )


def _matrix_head(tenants: Iterable[str]) -> Html:
    heads = [
        element("th", "leaver", class_="who", role="columnheader", scope="col"),
        element("th", "leaves (UTC)", role="columnheader", scope="col"),
        *(element("th", name, role="columnheader", scope="col", data_tenant=name) for name in tenants),
    ]
    return element("thead", element("tr", *heads, role="row"), role="rowgroup")


def _matrix_row(
    email: str,
    records: Mapping[str, Record],
    tenants: Mapping[str, TenantReport],
    check_mode: bool,
    words: dict[str, Counter[str]],
) -> Html:
    """Return a leaver's row, and count the word of each cell by its outcome."""
    cells = []
    for name, tenant in tenants.items():
        record = records.get(name)
        outcome = record["outcome"] if record else NO_RECORD
        word = cell_word(record, tenant, check_mode)
        words.setdefault(outcome, Counter())[word] += 1
        cells.append(_matrix_cell(name, outcome, word, failing=record is None or record["failing"]))
    leave_at = next(iter(records.values()))["leave_at"]
    when = leave_at[:16].replace("T", " ") if leave_at else "\N{EN DASH}"
    who = element("th", email, class_="who", role="rowheader", scope="row")
    date = element("td", when, class_="when", role="cell")
    return joined(element("tr", who, date, *cells, role="row", data_email=email), "\n")


# Fifty thousand cells are of a few kinds.
@cache
def _matrix_cell(tenant: str, outcome: str, word: str, failing: bool) -> Html:
    return element(
        "td",
        element("button", word, type="button", aria_expanded="false"),
        role="cell",
        data_tenant=tenant,
        data_outcome=outcome,
        data_failing=failing,
        data_unread=word.endswith(UNREAD_MARK),
    )


def _filters(count: int, tenants: Iterable[str], words: Mapping[str, Counter[str]]) -> Html:
    outcomes = [_option(outcome, f"{_all_words(each)} ({each.total():,})") for outcome, each in words.items()]
    names = [_option(name, name) for name in tenants]
    text = element("span", "Leaver"), Html('<input type="search" id="filter-text" placeholder="part of the address">')
    look = Html('<input type="checkbox" id="filter-look">')
    parts = (
        element("label", *text),
        element("label", "Outcome", element("select", _option("", "any"), *outcomes, id="filter-outcome")),
        element("label", "TenantReport", element("select", _option("", "all"), *names, id="filter-tenant")),
        element("label", look, "only what needs a look", class_="check"),
        element("button", "Show all", type="button", id="filter-reset"),
        element("output", f"{count:,} of {people(count)} shown", id="shown"),
    )
    return element("form", *parts, id="filters", class_="filters", autocomplete="off", hidden=True)


def _option(value: str, text: str) -> Html:
    return element("option", text, value=value)


def _all_words(words: Iterable[str]) -> str:
    return ", ".join(sorted({word.removesuffix(UNREAD_MARK) for word in words}))


def _legend(document: Document, words: Mapping[str, Counter[str]]) -> Html | None:
    if not any(word.endswith(UNREAD_MARK) for each in words.values() for word in each):
        return None
    return element("p", UNREAD_PLAN_NOTE if is_plan(document) else UNREAD_NOTE, class_="legend")


def _tasks(document: Document) -> Html | None:
    if not document["tasks"]:
        return None
    groups: dict[tuple[str, ...], list[Mapping[str, t.Any]]] = {}
    for task in document["tasks"]:
        groups.setdefault(tuple(task[name] for name in SAME_TASK), []).append(task)
    return _section("tasks", "For a person to do", *map(_task, groups.values()))


def _task(tasks: Sequence[Mapping[str, t.Any]]) -> Html:
    """Return what is to be done at a tenant once, and the accounts to do it for."""
    first = tasks[0]
    who = [element("li", task["email"], f" ({task['id']})" if task["id"] else None) for task in tasks]
    summary = element("summary", f"{counted(len(tasks), 'account')} at {first['tenant']}")
    return element(
        "div",
        element("h3", first["action"]),
        element("p", first["reason"], class_="reason"),
        element("p", "Source: ", _link(first["source"]), class_="source"),
        element("details", summary, element("ul", *who, class_="people"), open=len(tasks) <= FOLDED),
        class_="task",
        data_code=first["code"],
        data_tenant=first["tenant"],
    )


def _link(source: str) -> Html:
    """Return a link where it is one to a page on the web, and else the text."""
    if not source.startswith("https://"):
        return escaped(source)
    return element("a", source, href=source, rel="noopener noreferrer")


def _section(name: str, title: str, *children: Html | None) -> Html:
    return element("section", element("h2", title), *children, id=name)


def _orphans(document: Document) -> Html | None:
    orphans = document["orphans"]
    if not orphans and not document["staff"]:
        return None
    hint = "Accounts that can be used, or whose state is unknown, and that belong to nobody on the staff list."
    if not orphans:
        hint = "Every account that can be used belongs to somebody on the staff list."
    rows = [
        row(orphan["tenant"], orphan["email"], orphan["name"], _mono(orphan["id"]), _state(orphan))
        for orphan in orphans[:LISTED]
    ]
    head = ("tenant", "e-mail", "name", "account id", "state")
    return _section(
        "orphans",
        "Orphan accounts",
        element("p", hint, class_="hint"),
        _folded(counted(len(orphans), "account"), head, rows, orphans),
    )


def _state(condition: Mapping[str, t.Any] | None) -> str:
    if condition is None:
        return "\N{EN DASH}"
    state, word = condition["state"], condition["vendor_state"]
    return f"{state} ({word})" if word and word != state else str(state)


def _second_look(document: Document) -> Html | None:
    looks = sorted(document["second_look"], key=lambda look: list(LOOK_TONES).index(look["verdict"]))
    if not looks and (document["kind"] == REINSTATE or not document["earlier"]):
        return None
    counts = Counter(look["verdict"] for look in looks)
    told = ", ".join(f"{counts[name]:,} {_words(name)}" for name in LOOK_TONES if counts[name])
    rows = [_second_look_row(look) for look in looks[:LISTED]]
    head = ("leaver", "tenant", "account id", "verdict", "was", "is", "read")
    return _section(
        "second-look",
        "Second look",
        element("p", "The accounts that an earlier run left closed, read again by their id.", class_="hint"),
        _folded(told, head, rows, looks),
    )


def _second_look_row(look: Mapping[str, t.Any]) -> Html:
    verdict_chip = element("span", _words(look["verdict"]), class_="chip", data_tone=LOOK_TONES[look["verdict"]])
    said = joined(verdict_chip, _under(look["reason"] or ""))
    now = _state(look["now"])
    return row(look["email"], look["tenant"], _mono(look["id"]), said, _state(look["was"]), now, time(look["read_at"]))


def _verify(document: Document) -> Html:
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
        element("dl", _fact("Hash of the last record", _mono(last), None), class_="facts") if last else None,
    )


def _island(document: Document, rows: Rows, tenants: Mapping[str, TenantReport]) -> str:
    """Return what the script needs to know of the cells, as JSON that no parser of HTML can take for anything else."""
    data = {
        "kind": "plan" if is_plan(document) else document["kind"],
        "tenants": [
            {"tenant": name, "error": tenant["error"] and _error_text(tenant["error"])}
            for name, tenant in tenants.items()
        ],
        "fields": FIELDS,
        "rows": [[_values(records.get(name)) for name in tenants] for records in rows.values()],
    }
    return json.dumps(data, separators=(",", ":")).translate(_SCRIPT_ESCAPES)


def _values(record: Record | None) -> list[t.Any] | None:
    if record is None:
        return None
    shown = {
        **record,
        "key": ", ".join(_key_texts(record["key"])),
        "before": _pair(record["before"]),
        "after": _pair(record["after"]),
        "seconds_to_close": None if record["seconds_to_close"] is None else duration(record["seconds_to_close"]),
        "manual": ", ".join(record["manual"]) or None,
        "error": record["error"] and _error_text(record["error"]),
    }
    return [shown[field] for field in FIELDS]


def _pair(condition: Mapping[str, t.Any] | None) -> list[str | None] | None:
    return None if condition is None else [condition["state"], condition["vendor_state"]]


def _key_texts(key: Mapping[str, t.Any]) -> Iterator[str]:
    for field, value in key.items():
        yield f"{field}: {' '.join(map(str, value.values())) if isinstance(value, Mapping) else value}"
