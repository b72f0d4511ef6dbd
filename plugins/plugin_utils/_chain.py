# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that carry the hash of the one before, so that a changed, a removed and an added one are detected.

PRIVATE to the collection. A person who can write the file can also compute all hashes again: keep the seal elsewhere,
as the log of the job does, and compare.
"""

from __future__ import annotations

import hashlib
import json
import typing as t
from collections.abc import Mapping, Sequence

from ._nouns import Evidence, EvidenceHead, EvidenceRecord, Record, SealedEvidence

CHAIN_FIELDS = ("records", "files", "seal")
"""What the hash of a document's head leaves out."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


class ChainError(ValueError):
    """A document that is not as it was written. The message names the first place."""


def digest(value: t.Any) -> str:
    """Return the SHA-256 of a value as canonical JSON: keys sorted, no white space, UTF-8."""
    return digest_bytes(_canonical(value).encode("utf-8", "surrogatepass"))


def digest_bytes(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def chained(head: EvidenceHead, records: Sequence[Record]) -> Evidence:
    """Return evidence whose records follow from its head and from one another. `sealed` ends it."""
    count = len(records)
    previous = digest({**head, "record_count": count})
    links: list[EvidenceRecord] = []
    for number, record in enumerate(records, 1):
        link = t.cast(EvidenceRecord, {"number": number, **record, "previous": previous})
        previous = link["hash"] = digest(link)
        links.append(link)
    return {**head, "record_count": count, "records": links}


def sealed(document: Evidence, files: Mapping[str, str]) -> SealedEvidence:
    """Return evidence with the hashes of the files beside it, and the seal over all."""
    return {**document, "files": dict(files), "seal": _seal(document, files)}


def _head(document: Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: value for name, value in document.items() if name not in CHAIN_FIELDS}


def _seal(document: Mapping[str, t.Any], files: Mapping[str, str]) -> str:
    records = document["records"]
    last = records[-1]["hash"] if records else digest(_head(document))
    return digest([last, dict(files)])


def check_chain(document: Mapping[str, t.Any]) -> None:
    """Raise ChainError, naming the first place at which a document is not as it was written."""
    previous = digest(_head(document))
    for number, record in enumerate(document["records"], 1):
        place = f"record {number} ({_name(record)})"
        link = {name: value for name, value in record.items() if name != "hash"}
        if digest(link) != record.get("hash"):
            raise ChainError(f"{place} is not as it was written")
        if record.get("previous") != previous:
            if number == 1 and record.get("number") == 1:
                raise ChainError("the head, which is all but the records, is not as it was written")
            raise ChainError(f"{place} does not follow the one before: a record was removed, added or moved here")
        previous = record["hash"]
    if len(document["records"]) != document["record_count"]:
        counts = f"{document['record_count']} records were written, and {len(document['records'])} are there"
        raise ChainError(f"records are missing at the end: {counts}")
    if _seal(document, document["files"]) != document["seal"]:
        raise ChainError(
            "the seal is not that of the last record and of the files: one of these is not as it was written"
        )


def _name(record: Mapping[str, t.Any]) -> str:
    return f"{record.get('email')} at {record.get('tenant')}"
