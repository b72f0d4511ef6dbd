# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that was killed: its journals in the form of evidence, and how evidence is verified.

PRIVATE to the collection.
"""

from __future__ import annotations

import contextlib
import os
import typing as t
from collections.abc import Iterable, Sequence
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.module_utils._model import CHANGED, FAILED
from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._catalog import VENDORS
from ._console import scope_text
from ._evidence_file import EVIDENCE, JOURNAL, check_files, read_evidence
from ._files import EvidenceError
from ._journal_file import Journal, Written, journal_name, read_journal, written
from ._nouns import AccountKey, Error, EvidenceRecord, SealedEvidence, UserResult
from ._nouns import Written as WrittenResult

SHOWN_SESSIONS = 10
NO_RESULT = "no result recorded: it may or may not have been written"
EARLIER_FOLDERS = 200
"""In how many folders before its own a run looks for runs that did not end."""


def read_run(place: str) -> tuple[SealedEvidence, Path]:
    """Return the evidence of a run, or the journals of a killed one as evidence. Raises EvidenceError."""
    folder = Path(place).expanduser()
    if not folder.is_dir() or (folder / EVIDENCE).exists() or not (folder / JOURNAL).is_dir():
        return read_evidence(place)
    return _as_evidence(_journals(folder)), folder


def verify(place: str, seal: str | None) -> str:
    """Return what was verified of the evidence of a run. Raises EvidenceError."""
    document, path = read_run(place)
    if not document["seal"]:
        raise EvidenceError(_incomplete(path))
    check_files(document, path.parent)
    if seal and seal != document["seal"]:
        raise EvidenceError(
            f"The folder is whole, but it is not the one that was sealed {seal}: its seal is {document['seal']}."
        )
    mode = ", check mode" if document["check_mode"] and document["kind"] != "audit" else ""
    covered = scope_text(document["scope"])
    part = f", {covered}" if covered else ""
    return (
        f"Run {document['run_id']} ({document['kind']}{mode}{part}): {document['record_count']} records are as they "
        f"were written. Seal: {document['seal']}"
    )


def unfinished(parent: Path, run_id: str, tenants: Iterable[str]) -> list[str]:
    """Return a note for each earlier run that wrote at one of the tenants and left no evidence.

    A later run of that tenant that did end has the note already.
    """
    names = [each for each in os.listdir(parent) if each < run_id]
    pending = {journal_name(tenant) for tenant in tenants}
    notes = []
    for name in sorted(names, reverse=True)[:EARLIER_FOLDERS]:
        folder = parent / name
        journals = [each for each in pending if (folder / JOURNAL / each).is_file()]
        if (folder / EVIDENCE).exists():
            pending.difference_update(journals)
        elif journals:
            notes.append(
                f"The earlier run {name} did not end, or still runs: it has no evidence.json. {_count(folder)} "
                f"Verify its folder to see the accounts: {folder}."
            )
    return notes


def _count(folder: Path) -> str:
    try:
        accounts = [(journal.header["tenant"], len(written(journal))) for journal in _journals(folder)]
    except EvidenceError as exc:
        return f"Its journal cannot be read: {exc}."
    return (
        f"Its journal has the accounts that were written: {', '.join(f'{name} {count}' for name, count in accounts)}."
    )


def _journals(folder: Path) -> list[Journal]:
    found = [read_journal(path) for path in sorted((folder / JOURNAL).glob("*.jsonl"))]
    if not found:
        raise EvidenceError(
            f"{folder}: has neither evidence.json nor a journal: the run was killed before it wrote anything"
        )
    for journal in found:
        if journal.header["vendor"] not in VENDORS:
            raise EvidenceError(f"{journal.path}, line 1: vendor is none that this release knows")
        tenant, run_id = journal.header["tenant"], journal.header["run_id"]
        if run_id != found[0].header["run_id"] or journal.path.name != journal_name(str(tenant)):
            raise EvidenceError(
                f"{journal.path}: is the journal of {tenant} in run {run_id}; it has another name, or it was put into "
                "the folder of another run. Nothing was sent. Remove it from the folder"
            )
    return found


def _incomplete(folder: Path) -> str:
    """Name each account that a killed run wrote."""
    lines = [
        f"{folder} is incomplete: evidence.json is not there. The run was killed before its end, or it was removed"
    ]
    for journal in _journals(folder):
        accounts = [_account(each) for each in written(journal)]
        lines.append(f"{journal.header['tenant']}: {len(accounts)} accounts written: {'; '.join(accounts)}")
    return ".\n".join((*lines, "Run again: what is closed already is left as it is, and the new evidence is whole."))


def _account(entry: Written) -> str:
    result = entry["result"]
    came = (
        NO_RESULT if result is None else result["error"] or f"answered, {(result['after'] or entry['after'])['state']}"
    )
    sessions = f", and the end of {entry['sessions']} sessions" if entry["sessions"] else ""
    still = some(entry["open_sessions"], SHOWN_SESSIONS)
    left = f"; sessions whose end is not recorded: {still}" if still else ""
    return f"{entry['email']} (account {entry['id']}) to {entry['state']}{sessions}: {came}{left}"


def _as_evidence(journals: list[Journal]) -> SealedEvidence:
    """Return the records of journals as evidence, without a seal: nothing of it was read back."""
    head = journals[0].header
    evidence = {
        "run_id": head["run_id"] or "",
        "kind": head["run_kind"] or "",
        "started": head["started"] or "",
        "check_mode": False,
        "seal": "",
        "tenants": [_tenant(journal) for journal in journals],
        "records": [_record(journal, entry) for journal in journals for entry in written(journal)],
    }
    return t.cast(SealedEvidence, evidence)


def _tenant(journal: Journal) -> dict[str, t.Any]:
    places = {intent["place"] for intent in journal.intents}
    return {
        "tenant": journal.header["tenant"],
        "vendor": journal.header["vendor"],
        "check_mode": False,
        "read": {"tenant": places.pop()} if len(places) == 1 else None,
    }


def _record(journal: Journal, entry: Written) -> EvidenceRecord:
    user = as_user(entry)
    record = {
        "email": entry["email"] or "",
        "leave_at": None,
        "tenant": journal.header["tenant"],
        "vendor": journal.header["vendor"],
        "key": entry["key"],
        "failing": user["outcome"] != CHANGED,
        "name": None,
        "verified": None,
        "error": None,
        "written_at": (entry["result"] or entry)["at"],
        **user,
    }
    return t.cast(EvidenceRecord, record)


def as_user(entry: Written) -> UserResult:
    """Return an account as a module's result has it.

    A write without a result may have been carried out: read the account before another write.
    """
    result = entry["result"]
    done = result is not None and result["error"] is None
    user: UserResult = {
        "outcome": CHANGED if done else FAILED,
        "id": entry["id"],
        "before": entry["before"],
        "after": (result and result["after"]) or entry["after"],
    }
    return {**user, "repaired": True} if done and entry["repaired"] else user


def with_journal(result: WrittenResult, path: Path, emails: Sequence[str], keys: Sequence[AccountKey]) -> WrittenResult:
    """Return the result of a task that ended before its module returned one, with what the journal has of it."""
    entries: dict[str | None, Written] = {}
    if result.get("msg") and not result.get("users"):
        with contextlib.suppress(EvidenceError):
            entries = {entry["email"]: entry for entry in written(read_journal(path))}
    if not entries:
        return result
    error: Error = {"code": "task_failed", "message": result["msg"]}
    users: list[UserResult] = []
    for email, key in zip(emails, keys, strict=True):
        user: UserResult = as_user(entries[email]) if email in entries else {"outcome": FAILED}
        users.append({**user, "key": key, "error": error if user["outcome"] == FAILED else None})
    place = next(iter(entries.values()))["place"]
    return {**result, "users": users, "read": {"tenant": place, "accounts": 0, "pages": 0, "complete": False}}
