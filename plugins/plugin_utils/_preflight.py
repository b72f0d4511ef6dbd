# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight of a tenant: what a run or an audit with these settings could do there, and what would fail.

PRIVATE to the collection. It needs no list of leavers and writes nothing.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._checks import FAILS, LIST, OK, RIGHTS, CheckResult
from ansible_collections.saas.offboarding.plugins.module_utils._guards import ALL
from ansible_collections.saas.offboarding.plugins.module_utils._model import DEACTIVATED, UNKNOWN

from ._nouns import ModuleResult
from ._settings import Settings
from ._words import AUDIT, INVALID_INPUT

LACKING = "lacking"
"""Not there, and not needed for what is to be done."""
RESULTS = (OK, FAILS, LACKING, UNKNOWN)
WORDS = {OK: "ok", FAILS: "WOULD FAIL", LACKING: "lacking", UNKNOWN: "not known"}
NAMES = {"log_in": "log-in"}

Call = Callable[[str, Mapping[str, t.Any]], ModuleResult[t.Any]]


class Line(t.TypedDict):
    """One line of the table."""

    tenant: str
    check: str
    result: str
    code: str | None
    message: str


def preflight(settings: Settings, call: Call) -> list[Line]:
    """Check a tenant and return the lines of the table."""
    info = settings.info
    options = {name: value for name, value in settings.options.items() if name not in info.closing_settings}
    state = settings.stages.stages[-1].state or DEACTIVATED  # the last one needs the most rights
    result = call(f"{info.name}_user", {**options, "preflight": True, "state": state})
    checks: list[CheckResult] = result.get("checks") or [_no_result(result)]
    lines = [_line(settings, check) for check in checks]
    lines += [failing(settings.tenant, "state", INVALID_INPUT, text) for text in settings.state_faults]
    percent = settings["offboard_max_percent"]
    if not info.readable and settings.preflight_for != AUDIT and percent is not None and percent < ALL:
        text = (
            f"offboard_max_percent is {percent:g}, and {info.product} cannot count its accounts, so that no account is "
            "changed. Set it to 100 for this tenant, and use offboard_max_changes"
        )
        lines.append(failing(settings.tenant, "guard rails", "unknown_size", text))
    return lines


def failing(tenant: str, check: str, code: str, message: str) -> Line:
    """Return the line of a check that fails."""
    return {"tenant": tenant, "check": check, "result": FAILS, "code": code, "message": message}


def _no_result(result: ModuleResult[t.Any]) -> CheckResult:
    text = f"The module ended before it asked anything: {result.get('msg', 'no message')}"
    return {"check": "module", "result": FAILS, "code": "task_failed", "message": " ".join(text.split())}


def _line(settings: Settings, check: CheckResult) -> Line:
    result, code = check["result"], check["code"]
    if settings.preflight_for == AUDIT:
        if check["check"] == RIGHTS and result == FAILS:
            result = LACKING
        if check["check"] == LIST and result == UNKNOWN and settings["audit_unknown"] == "fail":
            result, code = FAILS, "not_readable"
    return {**check, "tenant": settings.tenant, "result": result, "code": code}


def table(lines: Sequence[Line], head: str) -> list[str]:
    """Return what the console shows."""
    failed = {line["tenant"] for line in lines if line["result"] == FAILS}
    tenants = {line["tenant"] for line in lines}
    wide = max(len(name) for name in ("tenant", *tenants))
    rows = [("tenant", "check", "result", ""), *map(_cells, lines)]
    verdict = f"{len(failed)} of {len(tenants)} tenants would fail." if failed else "No tenant would fail."
    return [
        f"{head} {verdict} Nothing was written.",
        *(f"{tenant:<{wide}}  {check:<11}  {result:<10}  {text}".rstrip() for tenant, check, result, text in rows),
    ]


def _cells(line: Line) -> tuple[str, str, str, str]:
    text = f"{line['code']}: {line['message']}" if line["result"] == FAILS else line["message"]
    return line["tenant"], NAMES.get(line["check"], line["check"]), WORDS[line["result"]], text


def sentences(lines: Sequence[Line]) -> list[str]:
    """Return what would fail, one sentence for each check."""
    return [
        f"{line['code']}: {line['tenant']}, {_cells(line)[1]}: {line['message'].removesuffix('.')}."
        for line in lines
        if line["result"] == FAILS
    ]


def counts(lines: Sequence[Line]) -> dict[str, dict[str, int]]:
    """Return the number of checks by result, for each tenant."""
    tenants = dict.fromkeys(line["tenant"] for line in lines)
    return {
        tenant: {
            result: sum(line["tenant"] == tenant and line["result"] == result for line in lines) for result in RESULTS
        }
        for tenant in tenants
    }
