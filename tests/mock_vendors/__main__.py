# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""python -m mock_vendors --ready-file FILE [--seed FILE] [--tls]"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from .server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="mock_vendors", description="The embedded double of the vendors.")
    parser.add_argument("--ready-file", type=Path, required=True, help="written as JSON once everything listens")
    parser.add_argument("--seed", type=Path, help="accounts to start with: a JSON object vendor: [account, ...]")
    parser.add_argument("--tls", action="store_true", help="serve the vendors over https")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    options = parser.parse_args()
    seed = json.loads(options.seed.read_text(encoding="utf-8")) if options.seed else {}
    asyncio.run(serve(options, seed))


async def serve(options: argparse.Namespace, seed: dict[str, Any]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.until_stdin_closes:
        loop.add_reader(sys.stdin.fileno(), stop_at_end_of_input, stop)
    server = Server(seed, options.tls)
    ready = await server.open()
    write_atomically(options.ready_file, json.dumps(ready, indent=2))
    await stop.wait()
    await server.close()


def stop_at_end_of_input(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()


def write_atomically(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


if __name__ == "__main__":
    main()
