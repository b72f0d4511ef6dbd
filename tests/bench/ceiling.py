# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What the mock vendors itself can do: requests a second that a client gets from it that does next to nothing.

Where a contestant comes near it, the figures say less of the contestant than of the mock vendors.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from bench import tables
from bench.sizes import Sizes
from bench.stage import Stage, emails

CONNECTIONS = 64
FIRST_ID = 310000000000000001
"""The user id of the first of the mock vendors' made-up accounts at ZITADEL."""


@dataclass(frozen=True)
class Ceiling:
    """Requests a second at 0 ms: with writes that close accounts."""

    connections: int
    requests: int
    rate: float


async def _send(host: str, port: int, token: str, ids: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    head = f"HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\nContent-Length: 2\r\n\r\n{{}}"
    for identifier in ids:
        writer.write(f"POST /v2/users/{identifier}/deactivate {head}".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode())
        length = answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()
    await writer.wait_closed()


async def _rate(address: str, token: str, requests: int) -> float:
    parts = urlsplit(address)
    ids = iter(range(FIRST_ID, FIRST_ID + requests))
    began = time.monotonic()
    await asyncio.gather(
        *(_send(str(parts.hostname), int(parts.port or 80), token, ids) for _each in range(CONNECTIONS))
    )
    return requests / (time.monotonic() - began)


def run(stage: Stage, sizes: Sizes, report: Callable[[str], None]) -> dict[str, Any]:
    rates = []
    for _turn in range(sizes.repeats):
        stage.set(0, sizes.ceiling_requests)
        tenant = stage.mock.ready["zitadel"]
        rates.append(asyncio.run(_rate(tenant["api_url"], tenant["access_token"], sizes.ceiling_requests)))
        stage.check("the ceiling", emails(sizes.ceiling_requests))
    found = Ceiling(CONNECTIONS, sizes.ceiling_requests, max(rates))
    report(f"{sentence(found)}\n")
    return asdict(found)


def sentence(found: Ceiling) -> str:
    return (
        f"The mock vendors answer {tables.count(found.rate)} requests a second at most "
        f"({tables.count(found.requests)} writes at 0 ms over {found.connections} connections)."
    )
