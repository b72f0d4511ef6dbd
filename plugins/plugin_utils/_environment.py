# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment variables of one tenant, for several tenants of a vendor in one inventory: `ZITADEL_PARTNERS_API_URL`.

PRIVATE to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.saas.offboarding.plugins.module_utils._options import travel
from ansible_collections.saas.offboarding.plugins.module_utils._text import some
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

SHOWN = 10


@dataclass(frozen=True)
class TenantEnvironment:
    """What the modules of a tenant get from the environment.

    ``options``: the values of the tenant's variables, by option. ``hidden``: the variables that its modules do not get.
    ``names``: the tenant's variable in place of each of its vendor's, where it takes none of these.
    """

    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def worded(self, message: str) -> str:
        """Return a message of a module with the names of the tenant's own variables."""
        return re.sub(r"\w+", lambda found: self.names.get(found[0], found[0]), message)


def variable_names(info: VendorInfo, tenant: str | None = None) -> dict[str, str]:
    """Return the environment variable of each connection option, by option. Without a tenant: that of the vendor."""
    own = "" if tenant is None else f"{_capitals(tenant)}_"
    return {option: f"{info.name.upper()}_{own}{option.upper()}" for option in info.connection.options}


def _capitals(tenant: str) -> str:
    return re.sub("[^A-Za-z0-9]", "_", tenant).upper()


def credential_options(info: VendorInfo) -> frozenset[str]:
    """Return the options that hold a secret, or the path of one."""
    common = travel("").options
    options = info.connection.options.items()
    return frozenset(
        name for name, option in options if option.get("no_log") or (option["type"] == "path" and name not in common)
    )


def has_tenants(info: VendorInfo, environ: Mapping[str, str]) -> bool:
    """Return whether a variable looks like one of a tenant."""
    common = set(variable_names(info).values())
    ends = tuple(f"_{option.upper()}" for option in info.connection.options)
    return any(
        value and name.startswith(f"{info.name.upper()}_") and name.endswith(ends) and name not in common
        for name, value in environ.items()
    )


def environment_of(
    info: VendorInfo, tenant: str, hosts: Mapping[str, bool], environ: Mapping[str, str], faults: list[str]
) -> TenantEnvironment:
    """Return what a tenant takes from the environment; add to the faults why that cannot be known.

    ``hosts``: all tenants of its vendor, each with whether its host variables hold a credential.
    """
    hosts = {**hosts, tenant: hosts.get(tenant, False)}
    common = variable_names(info)
    names = {host: variable_names(info, host) for host in hosts}
    given = {host: [name for name in own.values() if environ.get(name)] for host, own in names.items()}
    rich = [host for host in hosts if given[host]]
    if not rich:
        return TenantEnvironment()
    bare = [host for host in hosts if not given[host] and not hosts[host]]
    faults += _same_names(info, names, environ)
    if len(bare) > 1:
        faults.append(
            f"{some(bare, SHOWN)} have no environment variable of their own, while {some(rich, SHOWN)} has: "
            f"{info.name.upper()}_<OPTION> is for one tenant of {info.name} at most. Nothing was sent. Set "
            f"{info.name.upper()}_<TENANT>_<OPTION> for the others, or give them their credentials as host variables."
        )
    others = [name for host in hosts if host != tenant for name in given[host]]
    if tenant in bare:
        return TenantEnvironment(hidden=tuple(others))
    return TenantEnvironment(
        options={option: environ[name] for option, name in names[tenant].items() if environ.get(name)},
        hidden=(*common.values(), *others),
        names=dict(zip(common.values(), names[tenant].values(), strict=True)),
    )


def _same_names(info: VendorInfo, names: Mapping[str, Mapping[str, str]], environ: Mapping[str, str]) -> list[str]:
    """Return which tenants would take the same variables."""
    owners: dict[str, list[str]] = {}
    for host, own in names.items():
        owners.setdefault(f"{info.name.upper()}_{_capitals(host)}_<OPTION>", []).append(host)
        for name in own.values():
            if environ.get(name):
                owners.setdefault(name, []).append(host)
    for name in variable_names(info).values():
        if name in owners:
            owners[name].append(f"every tenant of {info.name}")
    groups = {tuple(hosts): name for name, hosts in reversed(owners.items()) if len(hosts) > 1}
    return [
        f"{some(hosts, SHOWN)} would take the same environment variables ({name}), so that a credential could reach "
        "another tenant. Nothing was sent. Rename a host."
        for hosts, name in groups.items()
    ]
