# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The templates beside this file, and how counts, durations and texts are written in them.

PRIVATE to the collection.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from ansible_collections.saas.offboarding.plugins.module_utils._reach import reach_text


def counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def duration(seconds: int | None) -> str:
    """Return a duration in its two largest units."""
    if seconds is None:
        return "\N{EN DASH}"
    left, parts = abs(seconds), []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,} {unit}")
    text = " ".join(parts[:2]) or "0 s"
    return f"{text} before" if seconds < 0 else text


def fingerprint(text: str) -> str:
    """Return the source by which a content security policy names a script or a style: its hash."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    finalize=lambda value: "" if value is None else value,
)
PAGES.filters |= {
    "counted": counted,
    "duration": duration,
    "fingerprint": fingerprint,
    "json": lambda value: json.dumps(value, ensure_ascii=False),
    "number": "{:,}".format,
    "reach": reach_text,
}
