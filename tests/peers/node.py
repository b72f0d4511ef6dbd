# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""SCIM servers from npm: by hand only, since they take 300 MB and Node."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .servers import HERE, TOKEN, Lacking, Peer, free_port, run

SERVERS = {
    "scimmy, Express 4": ("scimmy-express4", "scimmy.mjs", "/scim/v2"),
    "scimmy, Express 5": ("scimmy-express5", "scimmy.mjs", "/scim/v2"),
    "Polis": ("polis", "polis.mjs", "/scim/v2"),
    "better-auth": ("better-auth", "better-auth.mjs", "/api/auth/scim/v2"),
}
"""By the name of the peer: its package.json, its program, and the path of its SCIM address."""


def install(name: str, place: Path) -> Path:
    """The folder in which a server's program and packages are, installed the first time."""
    package, program, _path = SERVERS[name]
    folder, wanted = place / package, HERE / "node" / package / "package.json"
    if not (folder / "package.json").exists() or not filecmp.cmp(wanted, folder / "package.json", shallow=False):
        for binary in ("node", "npm"):
            if shutil.which(binary) is None:
                raise Lacking(f"{binary} is not on PATH")
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / "partial"
        partial.mkdir(exist_ok=True)
        shutil.copy(wanted, partial)
        # better-auth's packages ask for other releases of each other than npm can bring together.
        order = ["npm", "install", "--legacy-peer-deps", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(order, cwd=partial, check=False).returncode:
            raise Lacking("npm install failed")
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        (partial / "node_modules").rename(folder / "node_modules")
        shutil.move(partial / "package.json", folder / "package.json")
        shutil.rmtree(partial)
    shutil.copy(HERE / "node" / program, folder / "server.mjs")
    return folder


@contextmanager
def node_server(name: str, place: Path) -> Iterator[Peer]:
    folder, port = install(name, place), free_port()
    base = f"http://127.0.0.1:{port}"
    with run(["node", "server.mjs", str(port), TOKEN], base, cwd=folder):
        yield Peer(name, base + SERVERS[name][2])
