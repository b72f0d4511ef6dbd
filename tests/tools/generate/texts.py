# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The sources of the texts, and the facts that fill them.

A text may name a fact in braces. An entry of a list that is a mapping with `when` stands there only if that is so.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.saas.offboarding.plugins.module_utils._model import (
    ABSENT,
    ACTIVE,
    DEACTIVATED,
    LOCKED,
    PRESENT,
    UNKNOWN,
)
from ansible_collections.saas.offboarding.plugins.module_utils._paged import PagedVendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS, vendor_class

FACT = re.compile(r"\{([a-z_]+)\}")
ORDER = (ACTIVE, DEACTIVATED, LOCKED, ABSENT, UNKNOWN)


def load(root: Path, name: str) -> dict[str, Any]:
    """Return a file of docs/texts."""
    path = root / "docs" / "texts" / f"{name}.yml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def load_vendors(root: Path) -> dict[str, VendorTexts]:
    """Return the texts of all vendors, in the order of their names."""
    return {name: VendorTexts(info, load(root, name)) for name, info in VENDORS.items()}


@dataclass(frozen=True)
class VendorTexts:
    """A vendor's facts and its texts."""

    info: VendorInfo
    source: Mapping[str, Any]

    @property
    def vendor(self) -> type[Vendor]:
        return vendor_class(self.info.name)

    @property
    def environment(self) -> str:
        return self.info.name.upper()

    @cached_property
    def conditions(self) -> dict[str, bool]:
        """What `when` can ask for."""
        return {
            "readable": self.info.readable,
            "manual_notes": self.vendor.manual_notes is not Vendor.manual_notes,
            "lost_writes": bool(self.info.lost_writes),
            "sessions": self.info.sessions,
            "lists": proves_by_list(self.vendor),
            "products": self.vendor.product_used is not Vendor.product_used,
            "scope": self.vendor.scope is not Vendor.scope,
            "lacking": self.vendor.lacking is not Vendor.lacking,
            "searchable": self.info.searchable,
            "attributes": PRESENT in self.info.states,
            "own_account": self.vendor.own_accounts is not Vendor.own_accounts,
        }

    def facts(self, kind: str) -> dict[str, Any]:
        """Return what a text of the module `user` or `info` can name."""
        reads = kind == "info"
        info, samples = self.info, self.source["samples"]
        label = next(iter(samples["key"].values()))
        before = ACTIVE if info.readable else UNKNOWN

        def sessions(count: int) -> dict[str, int]:
            return {"sessions": count} if info.sessions else {}

        states = [state for state in ORDER if state in (info.found_states if reads else (*info.states, UNKNOWN))]
        return {
            **self.source["terms"],
            **{f"sample_{name}": value for name, value in samples.items()},
            "product": info.product,
            "states": listed(states),
            "sample_scope": samples.get("scope"),
            "sample_complete": info.readable,
            "sample_accounts": (2 if reads else 4) if info.readable else 0,
            "sample_pages": (1 if reads else 2) if info.readable else 0,
            "sample_before": {label: {"state": before, "vendor_state": samples["active"], **sessions(2)}},
            "sample_after": {label: {"state": DEACTIVATED, "vendor_state": samples["deactivated"], **sessions(0)}},
        }

    def filled(self, data: Any, kind: str) -> Any:
        """Return texts with their facts, and without the entries whose condition does not hold."""
        return fill(data, self.facts(kind), self.conditions)


def proves_by_list(vendor: type[Vendor]) -> bool:
    """Return whether a vendor proves by a list that there is no account."""
    folder = Path(inspect.getfile(Vendor)).parent
    own = [Path(inspect.getfile(vendor)), *folder.glob(f"_{vendor.info.name}_*.py")]
    return issubclass(vendor, PagedVendor) or any("_end_of_list" in path.read_text(encoding="utf-8") for path in own)


def fill(data: Any, facts: Mapping[str, Any], conditions: Mapping[str, bool]) -> Any:
    """Return texts with their facts, and without the entries whose condition does not hold."""
    if isinstance(data, Mapping):
        kept = {key: value for key, value in data.items() if key != "when"}
        return {
            key: fill(value, facts, conditions)
            for key, value in kept.items()
            if not isinstance(value, Mapping) or _is_met(value.get("when"), conditions)
        }
    if isinstance(data, list):
        kept_entries = [each for each in data if not isinstance(each, Mapping) or _is_met(each.get("when"), conditions)]
        return [fill(_text_of(each), facts, conditions) for each in kept_entries]
    if not isinstance(data, str):
        return data
    if (whole := FACT.fullmatch(data)) is not None:
        return facts[whole[1]]
    return FACT.sub(lambda found: str(facts[found[1]]), data)


def _is_met(condition: str | None, conditions: Mapping[str, bool]) -> bool:
    if condition is None:
        return True
    name = condition.removeprefix("not ")
    return conditions[name] is (name == condition)


def _text_of(entry: Any) -> Any:
    return entry["text"] if isinstance(entry, Mapping) and "text" in entry else entry


def listed(values: list[str]) -> str:
    """Return values as a sentence lists them: V(a), V(b) or V(c)."""
    *first, last = [f"V({value})" for value in values]
    return f"{', '.join(first)} or {last}" if first else last
