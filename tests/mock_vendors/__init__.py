# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The test server that plays the vendors, for the tests, the benchmarks and the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .client import MockVendors, start

__all__ = ["MockVendors", "running", "start"]


@contextmanager
def running(seed: Mapping[str, Any] | None = None, tls: bool = False) -> Iterator[MockVendors]:
    """Run the mock vendors in this process, on a separate thread and event loop."""
    # Imported late, so that the client alone does not need aiohttp.
    from .server import in_thread

    with in_thread(seed or {}, tls) as ready:
        yield MockVendors(ready)
