# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Documents of runs, made up: as evidence.json has them, for whatever turns them into something else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.saas.offboarding.plugins.plugin_utils._chain import digest, sealed
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import (
    evidence,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import (
    counted,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    OUTCOMES_OF,
    REINSTATE,
    VERDICTS,
)
from harness import facts
from harness.tree import REPOSITORY

SCHEMA = REPOSITORY / "roles" / "offboard" / "files" / "evidence.schema.json"

Document = Any
Record = Any
Tenant = Any

STARTED = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
RUN_ID = "20261130T170000Z-4f9a1c"
DAY = 86_400

VENDORS = ("customergauge", "zitadel", "laurel", "netex", "learn")
UNREADABLE = "customergauge"
HOSTS = {
    "customergauge": "api.eu.customergauge.com",
    "zitadel": "example.zitadel.cloud",
    "laurel": "api.laurel.ai, customer 4711",
    "netex": "example.netexcloud.com",
    "learn": "public.api.learn.link, tenant example",
}
WORDS = {
    "customergauge": (None, None),
    "zitadel": ("USER_STATE_ACTIVE", "USER_STATE_INACTIVE"),
    "laurel": ("active", "firmDisabled"),
    "netex": ("enabled", "disabled"),
    "learn": ("active", "suspended"),
}
UNKNOWN = {"state": "unknown", "vendor_state": None}

SERVER_ERROR = {
    "code": "server_error",
    "message": "PATCH /integration/ws/management/rest/users answered 503 four times within 60 s",
    "status": 503,
    "request_id": "req-7d0e5a31",
    "retryable": True,
}
NOT_APPLIED = {
    "code": "not_applied",
    "message": "the vendor answered 200, and the account still reads as active",
    "status": 200,
    "request_id": "req-91bb20c4",
    "retryable": True,
}
PROTECTED = {
    "code": "protected",
    "message": "leaver05@example.com is one of the protected accounts",
    "status": None,
    "request_id": None,
    "retryable": False,
}

CHANGED_SINCE = {
    "code": "changed_since",
    "message": "The account is locked (USER_STATE_LOCKED) now, and the run left it deactivated (USER_STATE_INACTIVE)",
    "status": None,
    "request_id": None,
    "retryable": False,
}

# Texts that do harm where a report takes them for more than a text.
NASTY = (
    "=cmd|' /C calc'!A0",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "\"quotes\" & 'apostrophes'",
    "emoji 👩‍💻 and \u202eright to left\u202c",
    "line\u2028and\u2029paragraph",
    "@@records@@ &amp; ]]>",
)


def schema() -> Any:
    loaded: Any = json.loads(SCHEMA.read_text())
    return loaded


def outcomes(made: Document) -> dict[str, dict[str, str]]:
    """The outcome of each leaver, by tenant and e-mail."""
    found: dict[str, dict[str, str]] = {}
    for each in made["records"]:
        found.setdefault(each["tenant"], {})[each["email"]] = each["outcome"]
    return found


def moment(offset: float) -> str:
    """A moment so many seconds after the run began."""
    return (STARTED + timedelta(seconds=offset)).strftime("%Y-%m-%dT%H:%M:%SZ")


def leaver(person: int) -> str:
    return f"leaver{person:02}@example.com"


def record(vendor: str, email: str, outcome: str, *, late: int = 3600, **more: Any) -> Record:
    """The record of a leaver who left `late` seconds ago, at a tenant that is named after its vendor."""
    active, closed = ({"state": state, "vendor_state": word} for state, word in states(vendor))
    asked = outcome != "not_due"
    found = asked and outcome not in ("missing", "no_account")
    readable = vendor != UNREADABLE
    written = outcome == "changed"
    before = None if outcome in VERDICTS else (closed if outcome == "unchanged" else active) if readable else UNKNOWN
    after = closed if outcome in ("changed", "unchanged", "closed") else active
    seconds = 8 + int(digest(email)[-2:], 16) % 60
    return {
        "email": email,
        "leave_at": moment(seconds - late) if asked else moment(14 * DAY),
        "reason": None,
        "ticket": None,
        "tenant": vendor,
        "vendor": vendor,
        "key": {"email": email},
        "outcome": outcome,
        "failing": outcome in ("failed", "refused", "still_active"),
        "id": str(int(digest([vendor, email])[7:19], 16)) if found and readable else None,
        "name": email if found and readable else None,
        "before": before if found else None,
        "after": after if found else None,
        "verified": True if written and readable else None,
        "error": None,
        "read_at": moment(seconds - 6) if asked and readable else None,
        "written_at": moment(seconds - 3) if written else None,
        "seen_at": moment(seconds) if written and readable else None,
        "status": 200 if asked else None,
        "request_id": f"req-{digest([vendor, email])[-8:]}" if asked else None,
        "seconds_to_close": late if written and readable else None,
        "manual": ["look_in_user_list"] if found and not readable else [],
        **more,
    }


def states(vendor: str) -> tuple[tuple[str, str | None], tuple[str, str | None]]:
    active, closed = WORDS[vendor]
    return ("active", active), ("deactivated", closed)


def tenant(name: str, records: Sequence[Record], **more: Any) -> Tenant:
    """What a tenant left, with those of the records that are its own."""
    mine = [each for each in records if each["tenant"] == name]
    audit = any(each["outcome"] in VERDICTS for each in mine)
    pages = 1 + len(mine) // 500
    read = {"tenant": HOSTS[name], "accounts": 240 + len(mine), "pages": pages, "complete": True}
    return {
        "kind": "audit" if audit else "offboard",
        "tenant": name,
        "vendor": name,
        "state": "deactivated",
        "on_missing": None if audit else "ok",
        "check_mode": audit,
        "plan_hash": None if audit else digest(["plan", name]),
        "summary": counted(mine, OUTCOMES_OF[more.get("kind", "audit" if audit else "offboard")]),
        "requests": {"sent": len(mine) + 2 * pages, "retried": 0, "tokens": 1},
        "read": read if name != UNREADABLE else read | {"accounts": 0, "pages": 0},
        "reach": None,
        "error": None,
        "differences": [],
        "lacking": [],
        "records": mine,
        "orphans": [],
        "both_lists": [],
        "second_look": [],
        **more,
    }


def document(tenants: Iterable[Tenant], silent: Iterable[str] = (), **more: Any) -> Document:
    reports = list(tenants)
    run: Any = {
        "kind": "offboard",
        "run_id": RUN_ID,
        "check_mode": False,
        "started": moment(0),
        "finished": moment(94),
        "ran_by": {"user": "awx", "awx_job_id": "4711", "awx_job_template": "Offboard leavers", "awx_user": "jane"},
        "ansible_core_version": "2.19.14",
        "parameters": {
            "offboard_state": "deactivated",
            "offboard_on_missing": "ok",
            "offboard_protected": ["svc-*", leaver(5)],
            "offboard_max_changes": 50,
            "limit": None,
        },
        "source": {"file": "leavers.csv", "sha256": hashlib.sha256(b"leavers").hexdigest(), "people": 12, "notes": []},
        "staff": None,
        "earlier": None,
        "reason": None,
        "ticket": None,
        "scope": facts.SCOPE,
        "notes": [],
        "sla": DAY,
        **more,
    }
    return sealed(evidence(reports, run, facts.silent(*silent)), {"matrix.csv": digest("matrix.csv")})


def times(written: float, seen: float) -> Record:
    return {"written_at": moment(written), "seen_at": moment(seen)}


def ordinary_outcome(vendor: str, person: int) -> str:
    if person % 12 == 0:
        return "not_due"
    if person == 3 and vendor != "learn":
        return "missing"
    return "unchanged" if person == 2 and vendor != UNREADABLE else "changed"


def offboard_document(**more: Any) -> Document:
    """Twelve leavers at five tenants: most are closed, a few are not, one is not due."""
    odd: dict[tuple[str, int], Record] = {
        ("zitadel", 5): {"outcome": "refused", "error": PROTECTED, "status": None, "request_id": None},
        ("netex", 8): {"outcome": "failed", "late": 2 * DAY + 1200, "error": SERVER_ERROR, "status": 503},
        ("laurel", 9): {"outcome": "failed", "error": NOT_APPLIED, "verified": False} | times(12, 60),
        ("laurel", 6): {"outcome": "changed", "late": 3 * DAY + 7400},
    }
    records = []
    for name in VENDORS:
        for person in range(1, 13):
            ordinary: Record = {"outcome": ordinary_outcome(name, person), "late": 3600 + 1543 * person}
            records.append(record(name, leaver(person), **ordinary | odd.get((name, person), {})))
    retried = {"sent": 21, "retried": 3, "tokens": 1}
    return document(
        [tenant(name, records, **{"requests": retried} if name == "netex" else {}) for name in VENDORS], **more
    )


def check_mode_document() -> Document:
    """The document of a check mode run: nothing was written and nothing was verified."""
    unwritten = dict.fromkeys(("verified", "written_at", "seen_at", "seconds_to_close"))
    records = [
        record(name, leaver(person), ordinary_outcome(name, person)) | unwritten
        for name in VENDORS
        for person in range(1, 13)
    ]
    return document([tenant(name, records, check_mode=True) for name in VENDORS], check_mode=True)


def reinstate_document(**more: Any) -> Document:
    """The result of a reinstatement: most accounts are active, one is refused, and CustomerGauge is a manual task."""
    records = []
    for name in VENDORS:
        opened, closed = ({"state": state, "vendor_state": word} for state, word in states(name))
        for person in range(1, 4):
            came: Record = {"before": closed, "after": opened, "seconds_to_close": None}
            if name == UNREADABLE:
                came |= {"outcome": "by_hand", "before": None, "after": None, "manual": ["no_way_back"]}
            elif (name, person) == ("zitadel", 3):
                came |= {"outcome": "refused", "failing": True, "after": closed, "error": CHANGED_SINCE}
            elif (name, person) == ("netex", 2):
                came |= {"outcome": "unchanged", "before": opened}
            records.append(record(name, leaver(person), "changed") | came)
    differing = {"zitadel": ["leaver03@example.com (account 3) is not in it, and would be active now"]}
    options = {"kind": REINSTATE, "state": "active", "check_mode": bool(more.get("check_mode"))}
    reports = [tenant(name, records, **options, differences=differing.get(name, [])) for name in VENDORS]
    earlier = {"run_id": RUN_ID, "kind": "offboard", "file": "evidence.json", "seal": digest("seal")}
    reason = "the list was <b>that</b> of another month"
    return document(reports, **{"kind": REINSTATE, "earlier": earlier, "reason": reason, **more})


def audit_document(**more: Any) -> Document:
    """An audit with a staff list and a second look at an earlier run; one tenant left no result."""
    words = {"changed": "closed", "unchanged": "closed", "missing": "no_account", "not_due": "not_due"}
    open_still = {("zitadel", 5), ("laurel", 8), ("laurel", 9)}
    records = []
    for name in VENDORS[:4]:
        for person in range(1, 13):
            outcome = "still_active" if (name, person) in open_still else words[ordinary_outcome(name, person)]
            records.append(record(name, leaver(person), outcome) if name != UNREADABLE else unread(person))
    looked_at = [each for each in records if each["outcome"] in ("closed", "still_active")]
    reports = [
        tenant(name, records, second_look=[second_look(each) for each in looked_at if each["tenant"] == name])
        for name in VENDORS[:4]
    ]
    reports[0] |= {"read": None, "requests": None}
    reports[1]["orphans"] = [orphan("zitadel", "contractor01", "contractor01@example.com")]
    reports[3]["orphans"] = [orphan("netex", "svc-reports", None)]
    run = {
        "kind": "audit",
        "check_mode": True,
        "parameters": {"audit_orphans": "report", "audit_unknown": "report", "limit": None},
        "staff": {"file": "staff.csv", "sha256": hashlib.sha256(b"staff").hexdigest(), "people": 240, "notes": []},
        "earlier": {"run_id": RUN_ID, "kind": "offboard", "file": "evidence.json", "seal": digest("seal")},
        **more,
    }
    return document(reports, ["learn"], **run)


def unread(person: int) -> Record:
    """The audit's record of an account that cannot be read."""
    error = {"code": "not_readable", "message": "CustomerGauge has no request that reads a user"}
    outcome = "not_due" if person == 12 else "unknown"
    nothing = dict.fromkeys(("before", "after", "status", "request_id"))
    return record(UNREADABLE, leaver(person), outcome) | nothing | ({"error": error} if outcome == "unknown" else {})


def orphan(name: str, account: str, email: str | None) -> Any:
    return {
        "tenant": name,
        "vendor": name,
        "id": str(int(digest(account)[7:19], 16)),
        "name": account,
        "email": email,
        "state": "active",
        "vendor_state": WORDS[name][0],
    }


def second_look(each: Record) -> Any:
    came_back = each["outcome"] == "still_active"
    return {
        **{name: each[name] for name in ("tenant", "vendor", "email", "id", "read_at")},
        "was": {"state": "deactivated", "vendor_state": WORDS[each["vendor"]][1]},
        "now": each["after"],
        "verdict": "came_back" if came_back else "still_off",
        "failing": came_back,
        "reason": None,
    }


def nasty_document(kind: str = "offboard") -> Document:
    """Harmful texts in every place that has a text of a file or of a vendor."""
    outcome = "failed" if kind == "offboard" else "still_active"
    everything = " ".join(NASTY)
    records = [
        record("zitadel", f"{text}@example.com", outcome)
        | dict.fromkeys(("name", "id", "request_id", "reason", "ticket"), text)
        | {when: {"state": "active", "vendor_state": text} for when in ("before", "after")}
        | {"key": {"identity": {"type": text, "value": text}}, "error": {"code": text, "message": text}}
        for text in NASTY
    ]
    report = tenant(
        "zitadel",
        records,
        error={"code": NASTY[0], "message": everything},
        orphans=[orphan("zitadel", text, text) | {"id": text, "vendor_state": text} for text in NASTY],
        second_look=[{**second_look(each), "reason": everything} for each in records],
    )
    people = {"file": everything, "sha256": None, "people": len(NASTY), "notes": list(NASTY)}
    made = document(
        [report],
        kind=kind,
        check_mode=kind == "audit",
        source=people,
        staff=people,
        earlier={**dict.fromkeys(("run_id", "kind", "file"), everything), "seal": digest("seal")},
        parameters={text: text for text in NASTY},
        ran_by=dict.fromkeys(("user", "awx_job_id", "awx_job_template", "awx_user"), everything),
    )
    texts = dict.fromkeys(("code", "reason", "action"), everything) | {"source": "javascript:alert(3)"}
    return {
        **made,
        "tasks": [{**{name: each[name] for name in ("tenant", "vendor", "email", "id")}, **texts} for each in records],
    }


def empty_document() -> Document:
    return document([])


def large_document(leavers: int) -> Document:
    """So many leavers at five tenants, one in a hundred of them with a failure."""
    records = []
    for name in VENDORS:
        for person in range(1, leavers + 1):
            failed = name == "laurel" and person % 100 == 50
            options: Record = {"outcome": "failed", "error": SERVER_ERROR} if failed else {}
            email = f"given.family{person:05}@example.com"
            records.append(record(name, email, **{"outcome": ordinary_outcome(name, person), **options}))
    return document([tenant(name, records) for name in VENDORS])
