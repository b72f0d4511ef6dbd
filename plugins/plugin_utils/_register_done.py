# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who of a register is due, and the file beside it that keeps which stages were done, and who was withdrawn.

PRIVATE to the collection. A stage is one leaver, leave time, state and due time: if one of these changes, it is another
stage, which is still to be done. What is done before a leaver is taken out of the register does not count afterwards.
"""

from __future__ import annotations

import csv
import io
import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.saas.offboarding.plugins.module_utils._clock import utc_text
from ansible_collections.saas.offboarding.plugins.module_utils._model import DEACTIVATED

from ._leavers import parse_time
from ._leavers_file import LeaversError
from ._nouns import Leaver
from ._register import SUFFIX, token
from ._settings import ListSettings
from ._stages import Stage

DONE_SUFFIX = ".done.csv"
COLUMNS = ("email", "leave_at", "reason", "ticket", "state", "due_at", "status", "run_id", "done_at")
STAGE = "stage"
"""The status of a stage after which the leaver stays in the register for a later one."""
FINISHED = "finished"
WITHDRAWN = "withdrawn"

StageKey = tuple[str, str, str]
"""Leave time, state and due time of a stage; of a leaver without a leave time two of them are empty."""


class Due(t.TypedDict):
    """A leaver who is due. ``stages``: those that a run brings about; ``is_last``: no stage follows."""

    leaver: Leaver
    stages: list[list[str]]
    is_last: bool


@dataclass
class Done:
    """The file of what was done, as it was read. ``stages``: those that count, by leaver."""

    path: str
    content: bytes = b""
    stages: dict[str, set[StageKey]] = field(default_factory=dict)

    def with_rows(self, rows: Iterable[Mapping[str, str]]) -> bytes:
        """Return the content with more rows."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        if not self.content:
            writer.writeheader()
        writer.writerows(rows)
        end = b"" if not self.content or self.content.endswith((b"\n", b"\r")) else b"\n"
        return self.content + end + text.getvalue().encode("utf-8", "replace")


def done_path(register: str) -> str:
    """Return the file of what was done, beside the register."""
    return register[: -len(SUFFIX)] + DONE_SUFFIX


def read_done(path: str, content: bytes | None) -> Done:
    """Return what was done. Raises LeaversError."""
    done = Done(path, content or b"")
    if not done.content:
        return done
    try:
        reader = csv.DictReader(io.StringIO(done.content.decode("utf-8-sig"), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeError, csv.Error):
        raise LeaversError(f"{path}: is not CSV in UTF-8 as it was written; restore it, or move it away") from None
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise LeaversError(
            f"{path}: row 1 must name the columns {','.join(COLUMNS)}, because the next run adds rows; restore it, or "
            "move the file away"
        )
    for row in rows:
        email = token(row["email"] or "")
        if row["status"] == STAGE:
            key = (row["leave_at"] or "", row["state"] or "", row["due_at"] or "")
            done.stages.setdefault(email, set()).add(key)
        else:
            done.stages.pop(email, None)
    return done


def _stages(values: ListSettings) -> Sequence[Stage]:
    return values["offboard_stages"] or (Stage(values["offboard_state"] or DEACTIVATED),)


def _stage_keys(leaver: Leaver, stages: Sequence[Stage], moment: datetime) -> list[StageKey]:
    """Return the stages of a leaver that are due."""
    if leaver.get("never_due"):
        return []
    if leaver["leave_at"] is None:
        return [("", stages[0].state, "")]
    leave_at = parse_time(leaver["leave_at"], "leave_at")
    times = ((stage.state, stage.due_at(leave_at)) for stage in stages)
    found = [(leaver["leave_at"], state, utc_text(at)) for state, at in times if at <= moment]
    return list(dict.fromkeys(found))


def due_leavers(leavers: Iterable[Leaver], values: ListSettings, done: Done, due_at: str) -> list[Due]:
    """Return the leavers of whom a stage is due that was not done yet."""
    stages, moment = _stages(values), parse_time(due_at, "offboard_due_at")
    count = len({(stage.state, stage.after) for stage in stages})
    found = []
    for leaver in leavers:
        keys = _stage_keys(leaver, stages, moment)
        before = done.stages.get(token(leaver["email"]), set())
        left = [key for key in keys if key not in before]
        is_last = bool(keys) and (leaver["leave_at"] is None or len(keys) == count)
        # Whose last stage was done already is in the register only because a run was killed, or the stages are fewer.
        if left or is_last:
            found.append(Due(leaver=leaver, stages=[list(key) for key in left or keys[-1:]], is_last=is_last))
    return found


def next_due(leavers: Iterable[Leaver], values: ListSettings, due_at: str) -> tuple[str, str] | None:
    """Return who is due next, and when."""
    moment = parse_time(due_at, "offboard_due_at")
    coming = [
        (at, leaver["email"])
        for leaver in leavers
        if leaver["leave_at"] and not leaver.get("never_due")
        for stage in _stages(values)
        if (at := stage.due_at(parse_time(leaver["leave_at"], "leave_at"))) > moment
    ]
    if not coming:
        return None
    at, email = min(coming)
    return email, utc_text(at)


def done_rows(due: Iterable[Due], run_id: str, now: str) -> list[dict[str, str]]:
    """Return a row for each stage that a run brought about."""
    rows = []
    for each in due:
        for number, (_leave_at, state, at) in enumerate(each["stages"], 1):
            status = FINISHED if each["is_last"] and number == len(each["stages"]) else STAGE
            rows.append(_row(each["leaver"], state, at, status, run_id, now))
    return rows


def withdrawn_rows(leavers: Iterable[Leaver], reason: str, ticket: str, now: str) -> list[dict[str, str]]:
    """Return a row for each leaver who was withdrawn. ``reason`` and ``ticket``: those of the withdrawal."""
    rows = []
    for leaver in leavers:
        row = _row(leaver, "", "", WITHDRAWN, "", now)
        rows.append(row | {name: text for name, text in (("reason", reason), ("ticket", ticket)) if text})
    return rows


def _row(leaver: Leaver, state: str, due_at: str, status: str, run_id: str, now: str) -> dict[str, str]:
    return {
        "email": leaver["email"],
        "leave_at": leaver["leave_at"] or "",
        "reason": leaver.get("reason") or "",
        "ticket": leaver.get("ticket") or "",
        "state": state,
        "due_at": due_at,
        "status": status,
        "run_id": run_id,
        "done_at": now,
    }


def finished(due: Iterable[Due], current: Mapping[str, Leaver]) -> list[str]:
    """Return who leaves the register: all after their last stage but those who were changed since."""
    found = []
    for each in due:
        now = current.get(token(each["leaver"]["email"]))
        if each["is_last"] and now is not None and now["leave_at"] == each["leaver"]["leave_at"]:
            found.append(each["leaver"]["email"])
    return found
