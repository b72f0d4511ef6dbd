# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a run: written whole or not at all, for their owner alone, and checked field by field when they are read.

PRIVATE to the collection.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import typing as t
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

Shape = Mapping[str, tuple[type, ...]]
"""The types that each field may have. What is true or false is of none but `bool`."""

TEXT = (str,)
TEXT_OR_NONE = (str, type(None))


class EvidenceError(ValueError):
    """Evidence or a journal that cannot be read, or is not as it was written. The message names file and place."""


def check_shape(values: t.Any, shape: Shape, where: str) -> None:
    """Raise EvidenceError, naming the first field that is missing or of another type."""
    if not isinstance(values, dict):
        raise EvidenceError(f"{where}: is no object")
    for name, kinds in shape.items():
        if name not in values:
            raise EvidenceError(f"{where}: {name} is missing")
        if not isinstance(values[name], kinds) or (isinstance(values[name], bool) and bool not in kinds):
            raise EvidenceError(f"{where}: {name} is not of its kind")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing, for their owner alone. Raises OSError."""
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def replacing(path: Path, put: Callable[[str, Path], None] = os.replace) -> Iterator[t.BinaryIO]:
    """Yield a file that is put in its place at the end of the block, so that there is never half of one there."""
    descriptor, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        put(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_whole(path: Path, chunks: Iterable[bytes]) -> str:
    """Write a file that survives a loss of power, whole or not at all, and return its hash. Raises OSError."""
    content = hashlib.sha256()
    with replacing(path) as stream:
        for chunk in chunks:
            content.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return f"sha256:{content.hexdigest()}"
