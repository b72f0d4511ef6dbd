# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries that send requests, which the controller may lack or have in an older version.

PRIVATE to the collection.
"""

from __future__ import annotations

import re
import sys
import traceback

__all__ = ("MissingLibrary", "OldLibrary", "requests", "require_libraries", "urllib3")

IMPORT_ERROR: str | None = None
try:
    import requests
    import requests.utils
    import urllib3
    import urllib3.exceptions
except ImportError:
    IMPORT_ERROR = traceback.format_exc()
    requests = urllib3 = None  # type: ignore[assignment]

FLOORS = {"requests": "2.32.2", "urllib3": "2.6"}
"""The oldest versions that work: urllib3 2.6 decompresses no more of an answer at once than it is asked for
(CVE-2025-66471), and requests 2.32.2 has the adapter's `get_connection_with_tls_context`.
"""


class MissingLibrary(Exception):
    """A library that is needed is not installed."""

    def __init__(self, name: str, trace: str) -> None:
        super().__init__(name)
        self.name = name
        self.trace = trace


class OldLibrary(MissingLibrary):
    """A library that is needed is older than it must be."""

    def __init__(self, name: str, found: str, needed: str) -> None:
        super().__init__(name, "")
        self._text = (
            f"{name} {found} is installed, and {name} {needed} or newer is needed. No request was sent. "
            f"Install it for the Python that runs the module: {sys.executable} -m pip install '{name}>={needed}'"
        )

    def __str__(self) -> str:
        return self._text


def require_libraries() -> None:
    """Check that the libraries are there and new enough. Raises MissingLibrary and OldLibrary."""
    if IMPORT_ERROR is not None:
        raise MissingLibrary("requests", IMPORT_ERROR)
    for name, library in (("requests", requests), ("urllib3", urllib3)):
        found = getattr(library, "__version__", "0")
        if _numbers(found) < _numbers(FLOORS[name]):
            raise OldLibrary(name, found, FLOORS[name])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
