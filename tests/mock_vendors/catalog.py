# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""All mock vendors, found by listing this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from .base import Vendor

NO_VENDORS = ("__main__", "base", "catalog", "client", "faults", "server", "tls", "tokens", "wire")
PARTS = ("scim_filters", "scim_schema", "zitadel_base", "zitadel_sessions")
"""Files that one vendor's mock is divided into."""


def _listed() -> Iterator[tuple[str, type[Vendor]]]:
    package = __name__.rpartition(".")[0]
    names = {found.name for found in pkgutil.iter_modules(importlib.import_module(package).__path__)}
    for name in sorted(names.difference(NO_VENDORS, PARTS)):
        source = importlib.import_module(f"{package}.{name}")
        found: type[Vendor]
        (found,) = {each for each in vars(source).values() if getattr(each, "name", None) == name}
        yield name, found


MOCKS: Mapping[str, type[Vendor]] = dict(_listed())
"""The mock of each vendor, in the order of their names."""
