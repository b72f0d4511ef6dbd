# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a run: written so that it is whole or not there, and read so that nothing damaged is believed.

PRIVATE to the collection.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._chain import (
    ChainError,
    check_chain,
    digest_bytes,
    sealed,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence import SCHEMA_VERSION, is_plan
from ansible_collections.saas.offboarding.plugins.plugin_utils._files import (
    TEXT,
    TEXT_OR_NONE,
    EvidenceError,
    Shape,
    check_shape,
    write_whole,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Evidence, Plan, SealedEvidence
from ansible_collections.saas.offboarding.plugins.plugin_utils._plan import PLAN_VERSION, PlanError, check_plan, plan
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_csv import render_csv
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import render_html
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_junit import render_junit
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    OUTCOMES_OF,
)

EVIDENCE = "evidence.json"
PLAN = "plan.json"
JOURNAL = "journal"
"""The folder of the journals, which are part of the seal."""
A_RECORD_A_LINE = 2
A_CHANGE_A_LINE = 4
"""How deep the files are indented."""
PIECES = 200
"""Pieces of a file that are written together."""
Renderer = Callable[[Evidence], Iterable[str]]
RENDERERS: dict[str, Renderer] = {"evidence.csv": render_csv, "junit.xml": render_junit, "report.html": render_html}
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode

_DICT_OR_NONE = (dict, type(None))
_SHAPE: Shape = {
    "run_id": TEXT,
    "check_mode": (bool,),
    "records": (list,),
    "record_count": (int,),
    "tenants": (list,),
    "files": (dict,),
    "scope": (dict,),
    "seal": TEXT,
}
_SCOPE_SHAPE: Shape = {"known": (int,), "left_out": (list,), "missing": (list,)}
_RECORD_SHAPE: Shape = {
    **dict.fromkeys(("email", "tenant", "vendor", "outcome", "hash", "previous"), TEXT),
    **dict.fromkeys(("leave_at", "id"), TEXT_OR_NONE),
    **dict.fromkeys(("before", "after"), _DICT_OR_NONE),
    "key": (dict,),
}
_TENANT_SHAPE: Shape = {"tenant": TEXT, "check_mode": (bool, type(None)), "read": _DICT_OR_NONE}
_PLAN_SHAPE: Shape = {"run_id": TEXT, "of": TEXT, "due_at": TEXT_OR_NONE, "tenants": (list,), "digest": TEXT}
_PLAN_TENANT_SHAPE: Shape = {"tenant": TEXT, "at": TEXT_OR_NONE, "plan_hash": TEXT, "changes": (list,)}
_CHANGE_SHAPE: Shape = {"email": TEXT, "id": TEXT, "before": (dict,), "after": (dict,)}


class NotMadeError(Exception):
    """A file of a run that cannot be made. The message names it."""


# -- write


def write_folder(folder: str, document: Evidence) -> tuple[SealedEvidence, list[str]]:
    """Write all files of a run into its folder, evidence.json last.

    Returns the evidence with its seal, and what could not be made: a page that cannot be drawn is no reason to lose the
    evidence. Each file is there whole or not at all, for its owner alone. Raises OSError.
    """
    files, faults = {}, []
    renderers = RENDERERS | ({PLAN: lambda each: _json_text(plan(each), A_CHANGE_A_LINE)} if is_plan(document) else {})
    for name, render in renderers.items():
        try:
            files[name] = write_whole(Path(folder) / name, _made(name, render, document))
        except NotMadeError as exc:
            faults.append(str(exc))
    for path in sorted((Path(folder) / JOURNAL).glob("*.jsonl")):
        # A copy: what a module that outlived its task may still append is no part of what is sealed.
        files[f"{JOURNAL}/{path.name}"] = write_whole(path, [path.read_bytes()])
    whole = sealed(document, files)
    write_whole(Path(folder) / EVIDENCE, _encoded(EVIDENCE, _json_text(whole, A_RECORD_A_LINE)))
    return whole, faults


def _made(name: str, render: Renderer, document: Evidence) -> Iterator[bytes]:
    """Yield a file as it is made. Raises NotMadeError whatever goes wrong with that."""
    try:
        yield from _encoded(name, render(document))
    except Exception as exc:
        raise NotMadeError(f"{name} could not be made ({type(exc).__name__}: {exc})") from exc


def _encoded(name: str, pieces: Iterable[str]) -> Iterator[bytes]:
    """Yield UTF-8, which cannot hold half a character: JSON has an escape for it, elsewhere it is replaced."""
    errors = "backslashreplace" if name.endswith(".json") else "replace"
    rest = iter(pieces)
    while chunk := "".join(islice(rest, PIECES)):
        yield chunk.encode("utf-8", errors)


def _json_text(document: Mapping[str, object], depth: int) -> Iterator[str]:
    """Yield JSON that is indented down to a depth: each value below has one line.

    The standard library indents in Python and writes lines in C, which for fifty thousand records is ten times as fast.
    """
    yield from _indented(document, depth, "\n")
    yield "\n"


def _indented(value: t.Any, depth: int, margin: str) -> Iterator[str]:
    if not depth or not value or not isinstance(value, dict | list):
        yield _encode(value)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    inner = margin + "  "
    separator = opening + inner
    for each in value:
        if isinstance(value, dict):
            yield f"{separator}{_encode(each)}: "
            yield from _indented(value[each], depth - 1, inner)
        else:
            yield separator
            yield from _indented(each, depth - 1, inner)
        separator = "," + inner
    yield margin + closing


# -- read


def read_evidence(place: str) -> tuple[SealedEvidence, Path]:
    """Return the evidence of a run, given by its folder or its evidence.json, if it is as it was written.

    Raises EvidenceError.
    """
    path = _path(place, EVIDENCE)
    document = _parsed(_text(path, "is not there; a run that was killed before its end leaves none"), path)
    try:
        check_chain(document)
    except ChainError as exc:
        raise EvidenceError(f"{path}: {exc}") from None
    return document, path


def read_plan(place: str) -> tuple[Plan, Path]:
    """Return the plan of a run in check mode, given by its folder or its plan.json, if it is as it was written.

    Where evidence.json lies beside it, the plan must be the one of that run. Raises EvidenceError.
    """
    path = _path(place, PLAN)
    document: Plan = _json(_text(path, "is not there; only a run in check mode leaves one"), path)
    if not isinstance(document, dict) or document.get("kind") != "plan":
        raise EvidenceError(f"{path}: is not the plan of a run in check mode")
    if document.get("schema_version") != PLAN_VERSION:
        raise EvidenceError(f"{path}: is of another schema version than {PLAN_VERSION}, which this release reads")
    check_shape(document, _PLAN_SHAPE, f"{path}: is damaged")
    for tenant in document["tenants"]:
        check_shape(tenant, _PLAN_TENANT_SHAPE, f"{path}: is damaged: tenants")
        for change in tenant["changes"]:
            check_shape(change, _CHANGE_SHAPE, f"{path}: is damaged: changes at {tenant['tenant']}")
    try:
        check_plan(document)
    except PlanError as exc:
        raise EvidenceError(f"{path}: {exc}") from None
    if (path.parent / EVIDENCE).exists():
        evidence, _path_of_it = read_evidence(str(path.parent))
        check_files(evidence, path.parent)
        if PLAN not in evidence["files"]:
            raise EvidenceError(f"{path}: is not part of the evidence that it lies beside")
    return document, path


def _path(place: str, name: str) -> Path:
    path = Path(place).expanduser()
    return path / name if path.is_dir() else path


def _text(path: Path, why_missing: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise EvidenceError(f"{path}: {why_missing}") from None
    except OSError as exc:
        raise EvidenceError(f"{path}: cannot be read: {exc.strerror}") from None
    except UnicodeDecodeError:
        raise EvidenceError(f"{path}: is damaged: it is not text in UTF-8") from None


def _json(text: str, path: Path) -> t.Any:
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path))
    except json.JSONDecodeError as exc:
        raise EvidenceError(f"{path}: is damaged: not valid JSON (line {exc.lineno}, column {exc.colno})") from None
    except RecursionError:
        raise EvidenceError(f"{path}: is not evidence of this collection: nested too deeply") from None


def _parsed(text: str, path: Path) -> SealedEvidence:
    document: SealedEvidence = _json(text, path)
    if not isinstance(document, dict) or "schema_version" not in document:
        raise EvidenceError(f"{path}: is not evidence of this collection: it has no schema_version")
    version = document["schema_version"]
    if version != SCHEMA_VERSION or isinstance(version, bool | float):
        by = document.get("collection_version")
        raise EvidenceError(
            f"{path}: is of schema version {str(version)[:20]}, and this release reads version {SCHEMA_VERSION}; "
            f"read it with the release that wrote it{f' ({str(by)[:20]})' if by else ''}"
        )
    if document.get("kind") not in OUTCOMES_OF:
        raise EvidenceError(f"{path}: is damaged: kind is none of {', '.join(OUTCOMES_OF)}")
    check_shape(document, _SHAPE, f"{path}: is damaged")
    check_shape(document["scope"], _SCOPE_SHAPE, f"{path}: is damaged: scope")
    for number, record in enumerate(document["records"], 1):
        check_shape(record, _RECORD_SHAPE, f"{path}: is damaged: record {number}")
        if record["vendor"] not in VENDORS:
            raise EvidenceError(f"{path}: is damaged: record {number}: vendor is none that this release knows")
    for tenant in document["tenants"]:
        check_shape(tenant, _TENANT_SHAPE, f"{path}: is damaged: tenants")
    return document


def _unique(pairs: list[tuple[str, t.Any]], path: Path) -> dict[str, t.Any]:
    """Readers differ in which of two values they take: what one sees must be what was verified."""
    values = dict(pairs)
    if len(values) != len(pairs):
        raise EvidenceError(f"{path}: is not as it was written: one object gives the same name twice")
    return values


def check_files(document: SealedEvidence, folder: Path) -> None:
    """Raise EvidenceError, naming the first of the other files that is not as it was written."""
    for name, wanted in document["files"].items():
        path = folder / (JOURNAL if name.startswith(f"{JOURNAL}/") else "") / Path(name).name
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise EvidenceError(f"{path}: cannot be read: {exc.strerror}") from None
        if digest_bytes(content) != wanted:
            raise EvidenceError(f"{path}: is not as it was written")
