# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""All peers: those from PyPI, and those that are started by hand only."""

from __future__ import annotations

from functools import partial

from harness.tree import REPOSITORY

from . import keycloak, node
from .servers import STARTERS, Starter

PLACE = REPOSITORY / ".cache" / "peers"
"""What was downloaded, kept between runs."""


def kept(starter: Starter) -> Starter:
    """A starter that uses what was downloaded before, and not a folder of this run."""
    return lambda _folder: starter(PLACE)


BY_HAND: dict[str, Starter] = {
    **{name: kept(partial(node.node_server, name)) for name in node.SERVERS},
    f"Keycloak {keycloak.VERSION}": kept(keycloak.keycloak),
}
ALL: dict[str, Starter] = {**STARTERS, **BY_HAND}
