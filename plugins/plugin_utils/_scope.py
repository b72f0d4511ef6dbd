# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenants of an inventory, those that a run covers, and those that it leaves out.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager, split_host_pattern
from ansible.parsing.dataloader import DataLoader

from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._catalog import VENDORS
from ._nouns import LeftOut, Scope
from ._values import flag_of, names_of, pattern_of, tolerant

SAAS = "saas"
"""The group of all tenants."""
SHOWN = 10


class Inventory:
    """The hosts and groups of an inventory, as the variable ``groups`` has them."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._manager = InventoryManager(loader=DataLoader(), parse=False)
        for group, hosts in groups.items():
            self._manager.add_group(group)
            for host in hosts:
                self._manager.add_host(str(host), group=group)

    def hosts(self, pattern: str | Sequence[str]) -> list[str]:
        """Return the hosts that a pattern of hosts and groups matches."""
        return [str(host) for host in self._manager.get_hosts(pattern, ignore_limits=True)] if pattern else []

    def has(self, part: str) -> bool:
        """Return whether a part of a pattern, also one with `&` or `!`, matches a host or is a group."""
        name = part[1:] if part[:1] in ("&", "!") else part
        return name in self._manager.groups or bool(self.hosts(name))


def pattern_faults(inventory: Inventory, pattern: str, limit: str | None) -> list[str]:
    """Return what is wrong with `offboard_hosts` and `--limit`: parts that match no host, or no host in common.

    A limit may leave out hosts that are not there: it is also written for other inventories.
    """
    faults = []
    positive = [part for part in _limit_parts(limit) if not part.startswith("!")]
    for name, parts in (("offboard_hosts", _parts(pattern)), ("--limit", positive)):
        unknown = [part for part in parts if not inventory.has(part)]
        if unknown:
            faults.append(
                f"{name} has {some([repr(part[:60]) for part in unknown], SHOWN)}, which matches no host of the "
                "inventory. Nothing was done. Correct the name, or add the host to the inventory."
            )
    if faults:
        return faults
    chosen = set(inventory.hosts(pattern))
    limited = set(inventory.hosts(list(_limit_parts(limit)))) if limit else chosen
    if not chosen & limited:
        faults.append(
            f"The pattern {','.join(_parts(pattern))} matches no host of this run. Nothing was done. Put the tenants "
            "into the group saas of the inventory, or name them by the extra variable offboard_hosts."
        )
    return faults


def _parts(pattern: str) -> list[str]:
    return [str(part).strip() for part in split_host_pattern(pattern) if str(part).strip()]


def _limit_parts(limit: str | None) -> Iterator[str]:
    """Yield the parts of a limit, and those of the files that it names, as ansible-core reads them."""
    for part in _parts(limit or ""):
        if not part.startswith("@"):
            yield part
            continue
        try:
            with open(part[1:], encoding="utf-8") as stream:
                yield from (line.strip() for line in stream if line.strip())
        except OSError as exc:
            raise ValueError(f"--limit: {part[1:]} cannot be read: {exc.strerror}.") from None


def left_out_by(inventory: Inventory, limit: str | None, hosts: Sequence[str] = ()) -> list[str]:
    """Return the hosts of the inventory, and further ones, that a limit leaves out. `all` leaves out none of them.

    ansible-rulebook gives the hosts of a ruleset as a limit, also where these are all.
    """
    if not limit:
        return []
    limited = set(inventory.hosts(list(_limit_parts(limit))))
    return [name for name in (*inventory.hosts("all"), *hosts) if name not in limited]


@dataclass(frozen=True)
class Choice:
    """What selects the tenants of a run. ``hosts``: those of the play. ``vendors``: none means all."""

    hosts: Sequence[str]
    vendors: Sequence[str] = ()
    pattern: str = ""
    limit: str | None = None
    expected: Sequence[str] = ()
    sliced: bool = False


def choice_of(given: Mapping[str, t.Any], hosts: Sequence[str], limit: str | None) -> Choice:
    """Return what the variables select."""
    return Choice(
        hosts=hosts,
        vendors=tolerant(names_of, given.get("offboard_vendors"), []),
        pattern=tolerant(pattern_of, given.get("offboard_hosts"), ""),
        limit=limit,
        expected=tolerant(names_of, given.get("offboard_expected_tenants"), []),
        sliced=tolerant(flag_of, given.get("offboard_sliced"), False),
    )


def known_tenants(inventory: Inventory, pattern: str, play: Sequence[str]) -> list[str]:
    """Return the hosts that may be tenants: of the group saas, of offboard_hosts and of the play."""
    try:
        named = inventory.hosts(pattern)
    except AnsibleError:
        named = []
    return list(dict.fromkeys([*(inventory.hosts(SAAS) if inventory.has(SAAS) else []), *named, *play]))


def scope_of(tenants: Mapping[str, str], choice: Choice, inventory: Inventory) -> Scope:
    """Return which tenants a run covers and which not. ``tenants``: all that are known, each with its vendor."""
    nameless = [host for host in choice.hosts if host not in tenants]
    vendors = choice.vendors or tuple(VENDORS)
    of_pattern = set(inventory.hosts(choice.pattern)) if choice.pattern else None
    covered: list[str] = []
    left_out: list[LeftOut] = []
    for name, vendor in tenants.items():
        by = None
        if name not in choice.hosts:
            by = "offboard_hosts" if of_pattern is not None and name not in of_pattern else "--limit"
            if by == "--limit" and not choice.limit:
                by = "the hosts of the play"
        elif vendor in VENDORS and vendor not in vendors:
            by = "offboard_vendors"
        if by is None:
            covered.append(name)
        elif not (nameless and vendor in vendors):
            left_out.append({"tenant": name, "by": by})
    covered += vendors if nameless else ()
    named = {*_parts(choice.pattern), *_parts(choice.limit or "")}
    narrowed = "--limit" if choice.limit else "offboard_hosts" if choice.pattern else ""
    absent = [name for name in choice.expected if name not in {*tenants, *covered}]
    missing = [] if choice.sliced else [name for name in absent if not narrowed or name in named]
    left_out += [{"tenant": name, "by": narrowed} for name in absent if narrowed and name not in named]
    return {
        "tenants": covered,
        "known": len(covered) + len(left_out),
        "left_out": left_out,
        "missing": missing,
        "sliced": choice.sliced,
    }


def vendor_faults(tenants: Mapping[str, str], choice: Choice) -> list[str]:
    """Return which of the vendors chosen have no tenant in the inventory."""
    if choice.sliced or any(host not in tenants for host in choice.hosts):
        return []
    unknown = [name for name in choice.vendors if name in VENDORS and name not in tenants.values()]
    if not unknown or any(vendor not in VENDORS for vendor in tenants.values()):
        return []
    names = some(unknown, SHOWN)
    text = f"offboard_vendors names {names}, of which the inventory has no tenant. Add it, or correct the list."
    return [text]
