# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a run: written so that it is whole or not there, and read so that nothing damaged is believed.

PRIVATE to the collection.
"""

from __future__ import annotations

import json
import os
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.module_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.module_utils._chain import (
    ChainError,
    check_chain,
    digest_bytes,
    sealed,
)
from ansible_collections.saas.offboarding.plugins.module_utils._evidence import (
    AUDIT,
    OFFBOARD,
    SCHEMA_VERSION,
    Document,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_csv import render_csv
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import render_html
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_junit import render_junit

EVIDENCE = "evidence.json"
RENDERERS = {"evidence.csv": render_csv, "junit.xml": render_junit, "report.html": render_html}

_SHAPE: dict[str, type | tuple[type, ...]] = {
    "run_id": str,
    "check_mode": bool,
    "records": list,
    "record_count": int,
    "tenants": list,
    "files": dict,
    "seal": str,
}
_RECORD_SHAPE: dict[str, type | tuple[type, ...]] = {
    "email": str,
    "leave_at": (str, type(None)),
    "tenant": str,
    "vendor": str,
    "key": dict,
    "outcome": str,
    "id": (str, type(None)),
    "after": (dict, type(None)),
    "hash": str,
    "previous": str,
}


_TENANT_SHAPE: dict[str, type | tuple[type, ...]] = {
    "tenant": str,
    "check_mode": (bool, type(None)),
    "read": (dict, type(None)),
}


class EvidenceError(ValueError):
    """Evidence that cannot be read, or is not as it was written. The message names the file and the place."""


# -- write


def write_folder(folder: str, document: Document) -> tuple[Document, list[str]]:
    """Write all files of a run into its folder, evidence.json last.

    Returns the document with its seal, and what could not be made: a page that cannot be drawn is no reason to lose the
    evidence. Each file is there whole or not at all, for its owner alone. Raises OSError.
    """
    contents: dict[str, bytes] = {}
    faults = []
    for name, render in RENDERERS.items():
        try:
            contents[name] = render(document).encode("utf-8")
        except Exception as exc:
            faults.append(f"{name} could not be made ({type(exc).__name__}: {exc})")
    whole = sealed(document, {name: digest_bytes(content) for name, content in contents.items()})
    for name, content in contents.items():
        write_whole(Path(folder) / name, content)
    # Half a character, which JSON can hold and UTF-8 cannot, becomes the escape that JSON has for it.
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    write_whole(Path(folder) / EVIDENCE, text.encode("utf-8", "backslashreplace"))
    return whole, faults


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place at once, so that there is the old one or the new one and never half of one."""
    descriptor, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


# -- read


def read_evidence(place: str) -> tuple[Document, Path]:
    """Return the evidence of a run, given by its folder or its evidence.json, if it is as it was written.

    Raises EvidenceError.
    """
    path = Path(place).expanduser()
    if path.is_dir():
        path = path / EVIDENCE
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise EvidenceError(f"{path}: is not there; a run that was killed before its end leaves none") from None
    except OSError as exc:
        raise EvidenceError(f"{path}: cannot be read: {exc.strerror}") from None
    except UnicodeDecodeError:
        raise EvidenceError(f"{path}: is damaged: it is not text in UTF-8") from None
    document = _parsed(text, path)
    try:
        check_chain(document)
    except ChainError as exc:
        raise EvidenceError(f"{path}: {exc}") from None
    return document, path


def _parsed(text: str, path: Path) -> Document:
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path))
    except json.JSONDecodeError as exc:
        raise EvidenceError(f"{path}: is damaged: not valid JSON (line {exc.lineno}, column {exc.colno})") from None
    except RecursionError:
        raise EvidenceError(f"{path}: is not evidence of this collection: nested too deeply") from None
    if not isinstance(document, dict) or "schema_version" not in document:
        raise EvidenceError(f"{path}: is not evidence of this collection: it has no schema_version")
    version = document["schema_version"]
    if version != SCHEMA_VERSION or isinstance(version, bool | float):
        by = document.get("collection_version")
        raise EvidenceError(
            f"{path}: is of schema version {str(version)[:20]}, and this release reads version {SCHEMA_VERSION}; "
            f"read it with the release that wrote it{f' ({str(by)[:20]})' if by else ''}"
        )
    if document.get("kind") not in (OFFBOARD, AUDIT):
        raise EvidenceError(f"{path}: is damaged: kind is neither {OFFBOARD} nor {AUDIT}")
    _check_shape(document, _SHAPE, f"{path}: is damaged")
    for number, record in enumerate(document["records"], 1):
        _check_shape(record, _RECORD_SHAPE, f"{path}: is damaged: record {number}")
        if record["vendor"] not in VENDORS:
            raise EvidenceError(f"{path}: is damaged: record {number}: vendor is none that this release knows")
    for tenant in document["tenants"]:
        _check_shape(tenant, _TENANT_SHAPE, f"{path}: is damaged: tenants")
    return document


def _unique(pairs: list[tuple[str, t.Any]], path: Path) -> dict[str, t.Any]:
    """Readers differ in which of two values they take: what one sees must be what was verified."""
    values = dict(pairs)
    if len(values) != len(pairs):
        raise EvidenceError(f"{path}: is not as it was written: one object gives the same name twice")
    return values


def _check_shape(values: t.Any, shape: dict[str, type | tuple[type, ...]], where: str) -> None:
    if not isinstance(values, dict):
        raise EvidenceError(f"{where}: is no object")
    for name, kind in shape.items():
        if name not in values:
            raise EvidenceError(f"{where}: {name} is missing")
        if not isinstance(values[name], kind):
            raise EvidenceError(f"{where}: {name} is not of its kind")


def check_files(document: Document, folder: Path) -> None:
    """Raise EvidenceError, naming the first of the other files that is not as it was written."""
    for name, wanted in document["files"].items():
        path = folder / Path(name).name
        try:
            content = path.read_bytes()
        except OSError as exc:
            raise EvidenceError(f"{path}: cannot be read: {exc.strerror}") from None
        if digest_bytes(content) != wanted:
            raise EvidenceError(f"{path}: is not as it was written")
