# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What awx_setup makes in AWX, as its files say it."""

from __future__ import annotations

from typing import Any

import yaml

from harness.tree import REPOSITORY


class Loader(yaml.SafeLoader):
    """Reads !unsafe, by which Ansible leaves an expression to AWX."""


def _as_it_stands(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Loader.add_constructor("!unsafe", _as_it_stands)


def definitions(name: str) -> dict[str, Any]:
    text = (REPOSITORY / "playbooks" / "awx" / f"{name}.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=Loader)  # noqa: S506  # a safe loader
    return found


TYPES: dict[str, dict[str, Any]] = definitions("credential_types")["__awx_types"]
