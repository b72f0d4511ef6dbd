# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal files of a run: the first line is written here, the others by the modules, and all of them are read here.

PRIVATE to the collection. The lines are described by `roles/offboard/files/journal.schema.json`.
"""

from __future__ import annotations

import errno
import json
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ansible_collections.saas.offboarding.plugins.module_utils._journal import SCHEMA_VERSION

from ._files import TEXT, TEXT_OR_NONE, EvidenceError, Shape, check_shape, write_whole
from ._nouns import State

_CONDITION: Shape = {"state": TEXT, "vendor_state": TEXT_OR_NONE}
_SHAPES: Mapping[str, Shape] = {
    "run": {
        "schema_version": (int,),
        **dict.fromkeys(("run_id", "run_kind", "tenant", "vendor", "reason", "ticket", "started"), TEXT_OR_NONE),
    },
    "intent": {
        "email": TEXT_OR_NONE,
        "key": (dict,),
        "id": TEXT_OR_NONE,
        "place": TEXT,
        "state": TEXT,
        "before": (dict,),
        "after": (dict,),
        "at": TEXT,
    },
    "result": {
        "email": TEXT_OR_NONE,
        "id": TEXT_OR_NONE,
        "after": (dict, type(None)),
        "error": TEXT_OR_NONE,
        "status": (int, type(None)),
        "request_id": TEXT_OR_NONE,
        "at": TEXT,
    },
}


class Condition(State):
    attributes: t.NotRequired[dict[str, t.Any]]


class Header(t.TypedDict):
    """The first line. A module that begins the file itself knows neither run, kind, reason nor ticket."""

    run_id: str | None
    run_kind: str | None
    tenant: str | None
    vendor: str | None
    reason: str | None
    ticket: str | None
    started: str | None


class Intent(t.TypedDict):
    email: str | None
    key: dict[str, t.Any]
    id: str | None
    place: str
    state: str
    before: Condition
    after: Condition
    at: str
    repair: t.NotRequired[bool]
    session: t.NotRequired[str]
    sessions: t.NotRequired[list[str]]


class Result(t.TypedDict):
    """``after``: the condition that the vendor's answer means; None where the write failed or its answer was lost."""

    email: str | None
    id: str | None
    after: Condition | None
    error: str | None
    status: int | None
    request_id: str | None
    at: str
    session: t.NotRequired[str]


class Written(t.TypedDict):
    """An account for which a write was announced. ``result``: that of the last write, None where none is recorded.

    ``sessions``: the number of its sessions whose end was announced. ``open_sessions``: the ids of those that were
    listed and whose end is not recorded.
    ``repaired``: the last write was sent again as a repair. The request before it that undoes the change is none.
    """

    email: str | None
    key: dict[str, t.Any]
    id: str | None
    vendor: str | None
    place: str
    state: str
    before: Condition
    after: Condition
    at: str
    result: Result | None
    sessions: int
    open_sessions: list[str]
    repaired: bool


@dataclass(frozen=True)
class Journal:
    """What is in a file. A last line that is only half there is left out: the writer was killed."""

    path: Path
    header: Header
    intents: tuple[Intent, ...] = ()
    results: tuple[Result, ...] = ()


def journal_name(tenant: str) -> str:
    return f"{quote(tenant, safe='')}.jsonl"


def write_header(path: Path, header: Header) -> None:
    """Begin a journal. Raises OSError, also where there is one already."""
    if path.exists():
        raise FileExistsError(errno.EEXIST, "it is there already")
    write_whole(path, [json.dumps({"kind": "run", "schema_version": SCHEMA_VERSION, **header}).encode(), b"\n"])


def read_journal(path: Path) -> Journal:
    """Read a journal. Raises EvidenceError, with the line number, for anything but a half last line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise EvidenceError(f"{path}: cannot be read: {exc.strerror}") from None
    except UnicodeDecodeError:
        raise EvidenceError(f"{path}: is not a journal of this collection: it is not text in UTF-8") from None
    *whole, _half = text.split("\n")
    lines = [_line(path, number, line) for number, line in enumerate(whole, 1)]
    if not lines or lines[0]["kind"] != "run":
        raise EvidenceError(f"{path}, line 1: is not the first line of a journal, which has kind run")
    again = next((number for number, line in enumerate(lines, 1) if number > 1 and line["kind"] == "run"), None)
    if again is not None:
        raise EvidenceError(f"{path}, line {again}: a second run is in this journal; each run has its own file")
    return Journal(
        path,
        t.cast(Header, {name: lines[0][name] for name in Header.__annotations__}),
        tuple(t.cast(Intent, line) for line in lines if line["kind"] == "intent"),
        tuple(t.cast(Result, line) for line in lines if line["kind"] == "result"),
    )


def _line(path: Path, number: int, text: str) -> dict[str, t.Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        raise EvidenceError(f"{path}, line {number}: is not JSON") from None
    kind = line.get("kind") if isinstance(line, dict) else None
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    if shape is None:
        raise EvidenceError(f"{path}, line {number}: is of no kind that this release knows")
    check_shape(line, shape, f"{path}, line {number}")
    for name in ("before", "after"):
        if isinstance(line.get(name), dict):
            check_shape(line[name], _CONDITION, f"{path}, line {number}: {name}")
    sessions = line.get("sessions", [])
    if not isinstance(sessions, list) or not all(isinstance(each, str) for each in sessions):
        raise EvidenceError(f"{path}, line {number}: sessions is not of its kind")
    version = line.get("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise EvidenceError(f"{path}: is of schema version {version}, and this release reads version {SCHEMA_VERSION}")
    return t.cast("dict[str, t.Any]", line)


def written(journal: Journal) -> list[Written]:
    """Return an entry for each account for which a write was announced, in the order of the first announcements.

    An account has an entry also if the request was never sent, since a killed run cannot know.
    """
    intents: dict[str, list[Intent]] = {}
    results: dict[str, list[Result]] = {}
    for intent in journal.intents:
        intents.setdefault(_account(intent), []).append(intent)
    for result in journal.results:
        results.setdefault(_account(result), []).append(result)
    entries: list[Written] = []
    for account, announced in intents.items():
        # The end of a session changes no state, which the account's own writes decide if there are any.
        own = [intent for intent in announced if "session" not in intent]
        mine = own or announced
        first, last = mine[0], mine[-1]
        came = [result for result in results.get(account, []) if not own or "session" not in result]
        entries.append(
            {
                "email": first["email"],
                "key": first["key"],
                "id": first["id"],
                "vendor": journal.header["vendor"],
                "place": last["place"],
                "state": last["state"],
                "before": first["before"],
                "after": last["after"],
                "at": last["at"],
                # Each intent has one result, after it and before the next: the writes of an account do not overlap.
                "result": came[-1] if len(came) == len(mine) else None,
                "sessions": len({intent["session"] for intent in announced if "session" in intent}),
                "open_sessions": _open_sessions(announced, results.get(account, [])),
                "repaired": bool(last.get("repair")) and last["state"] == first["state"],
            }
        )
    return entries


def _open_sessions(intents: Sequence[Intent], results: Sequence[Result]) -> list[str]:
    listed = [each for intent in intents for each in intent.get("sessions", [])]
    ended = {result["session"] for result in results if "session" in result and result["error"] is None}
    return [each for each in dict.fromkeys(listed) if each not in ended]


def _account(line: Intent | Result) -> str:
    """Return what identifies an account within a journal: its id, or the e-mail address where a vendor shows none."""
    return json.dumps([line["id"], None if line["id"] is not None else line["email"]])
