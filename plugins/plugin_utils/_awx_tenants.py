# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenants that awx_setup makes in AWX, checked before anything is sent.

PRIVATE to the collection. AWX accepts a credential that lacks an input or has two logins, and shows the variables of
hosts, groups and jobs to everybody who may see these: a secret among them is refused, unless it is an expression.
A template takes one credential of a type, so that each further tenant of a vendor has a separate type.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.saas.offboarding.plugins.module_utils._auth import CredentialError
from ansible_collections.saas.offboarding.plugins.module_utils._libraries import MissingLibrary
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Transport
from ansible_collections.saas.offboarding.plugins.module_utils._url import UrlError
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from ._catalog import VENDORS, vendor_class
from ._entries import Fault, is_list, read_each, with_fields
from ._environment import credential_options, environment_of, variable_names

Tenant = dict[str, t.Any]
FIELDS = ("name", "vendor", "credential", "credential_name", "variables")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
"""An inventory name. The modules of AWX take a number for an id."""
SECRETS = frozenset(
    f"{vendor}_{name}"
    for vendor, kind in VENDORS.items()
    for name, option in kind.connection.options.items()
    if option.get("no_log")
)
"""The variables that hold a secret, of all vendors: a variable of a group or a job reaches every tenant."""


def check_tenants(tenants: t.Any, types: Mapping[str, t.Any], shown: Mapping[str, t.Any] | None = None) -> list[Tenant]:
    """Return the tenants in one shape. Raises ValueError, which names each tenant and field, and no value.

    ``types``: the credential types by vendor. ``shown``: dicts of variables that AWX shows, by where they come from.
    """
    if not is_list(tenants) or not tenants:
        raise ValueError("awx_tenants must be a list of at least one tenant, each with name, vendor and credential")
    found, faults = read_each(tenants, lambda tenant: _tenant(tenant, types), "name")
    faults += _twice(found)
    first: dict[str, str] = {}
    for tenant in found:
        if tenant["inputs"] or tenant["credential_name"]:
            is_first = first.setdefault(tenant["vendor"], tenant["name"]) == tenant["name"]
            tenant["type"] = _type(types[tenant["vendor"]], VENDORS[tenant["vendor"]], None if is_first else tenant)
    for vendor in first:
        faults += _mixed([tenant for tenant in found if tenant["vendor"] == vendor], VENDORS[vendor])
    faults = [f"awx_tenants: {'; '.join(faults)}"] if faults else []
    for name, value in (shown or {}).items():
        if not isinstance(value, Mapping):
            faults.append(f"{name}: is not a dict")
        faults += [
            f"{place}: is a secret, and AWX shows such variables. Give it in the credential of a tenant, or here as an "
            "expression on a variable from a vault"
            for place in _plain_secrets(value, name)
        ]
    if faults:
        raise ValueError("; ".join(faults) + ". Nothing was sent")
    return found


def _tenant(entry: t.Any, types: Mapping[str, t.Any]) -> Tenant:
    tenant = with_fields(entry, FIELDS, "name, vendor and credential")
    name, vendor = tenant.get("name"), str(tenant.get("vendor"))
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Fault("name: must be letters, digits, dots, hyphens and underscores, and begin with a letter")
    if vendor not in VENDORS:
        raise Fault(f"vendor: is none of {', '.join(VENDORS)}")
    variables = tenant.get("variables") or {}
    if not isinstance(variables, Mapping):
        raise Fault("variables: is not a dict")
    inputs = _inputs(tenant.get("credential") or {}, types[vendor]["inputs"]["fields"])
    named = tenant.get("credential_name") or ""
    if not isinstance(named, str) or (named and inputs):
        raise Fault("credential_name: give the name of a credential that AWX has, or credential, and not both")
    for place in _plain_secrets(variables, "variables"):
        raise Fault(
            f"{place}: is a secret, and AWX shows the variables of a host. Give it in credential, or here as an "
            "expression on a variable from a vault"
        )
    own = _own(variables, vendor)
    if "saas_vendor" in variables:
        raise Fault("variables.saas_vendor: comes from vendor; leave it out")
    if not named:
        _check(vendor, inputs, own)
    return {
        "name": name,
        "vendor": vendor,
        "variables": {**variables, "saas_vendor": vendor},
        "inputs": inputs,
        "credential_name": named,
        "type": None,
    }


def _inputs(given: t.Any, fields: Sequence[Mapping[str, t.Any]]) -> dict[str, str]:
    known = {str(each["id"]): each for each in fields}
    if not isinstance(given, Mapping):
        raise Fault("credential: is not a dict of inputs; known are " + ", ".join(known))
    for name, value in given.items():
        if name not in known:
            raise Fault(f"credential.{str(name)[:40]}: is not known; known are {', '.join(known)}")
        if value is not None and not isinstance(value, str):
            raise Fault(f"credential.{name}: is not a text; put it in quotes")
        choices = known[name].get("choices")
        if value and choices and value not in choices:
            raise Fault(f"credential.{name}: must be one of {', '.join(choices)}")
    return {name: value for name, value in given.items() if value}


def _plain_secrets(value: t.Any, place: str) -> Iterator[str]:
    """Yield where a secret stands that is no expression for AWX's jobs to work out."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            here = f"{place}.{str(name)[:40]}"
            # In lower case, since the environment variables have the same names.
            if str(name).lower() not in SECRETS:
                yield from _plain_secrets(each, here)
            elif each not in (None, "") and "{{" not in str(each):
                yield here
    elif is_list(value):
        for each in value:
            yield from _plain_secrets(each, place)


def _own(variables: Mapping[str, t.Any], vendor: str) -> dict[str, t.Any]:
    """Return the connection options among a host's variables."""
    named = {name: variables.get(f"{vendor}_{name}") for name in VENDORS[vendor].connection.options}
    return {name: value for name, value in named.items() if value not in (None, "")}


def _check(vendor: str, inputs: Mapping[str, str], own: Mapping[str, t.Any]) -> None:
    """Hold what logs in against the vendor's own rules, which are those of its modules."""
    twice = sorted(set(inputs) & set(own))
    if twice:
        raise Fault(f"credential.{twice[0]}: is given in variables too; keep one")
    options = VENDORS[vendor].connection.options
    given = {**inputs, **own}
    lacking = [name for name, option in options.items() if option.get("required") and not given.get(name)]
    if lacking:
        raise Fault(f"credential.{lacking[0]}: is missing")
    if any("{{" in str(value) for value in own.values()):
        return  # what comes from a vault is not known here
    params = {name: option.get("default") for name, option in options.items()} | given
    try:
        transport = Transport()
        try:
            vendor_class(vendor)(params, transport)
        finally:
            transport.close()
    except MissingLibrary:
        return  # the jobs run elsewhere, and may have it
    except (CredentialError, UrlError) as exc:
        raise Fault(f"credential: {exc}") from None


def _twice(tenants: Sequence[Tenant]) -> list[str]:
    names = [tenant["name"] for tenant in tenants]
    return [f"{name}, name: is given twice" for name in sorted({name for name in names if names.count(name) > 1})]


def _type(of_vendor: Mapping[str, t.Any], info: VendorInfo, tenant: Tenant | None) -> dict[str, t.Any]:
    """Return the credential type of a vendor, or the one of a further tenant."""
    name, description, env = of_vendor["name"], of_vendor["description"], of_vendor["injectors"]["env"]
    if tenant is not None:
        name = f"{name}: {tenant['name']}"
        description = f"For the tenant {tenant['name']} alone. {description}"
        own = dict(zip(variable_names(info).values(), variable_names(info, tenant["name"]).values(), strict=True))
        env = {own[variable]: value for variable, value in env.items()}
    inputs = of_vendor["inputs"]
    return {"name": name, "description": description, "inputs": inputs, "injectors": {"env": env}}


def _mixed(tenants: Sequence[Tenant], info: VendorInfo) -> list[str]:
    """Return in what the tenants of a vendor do not differ in a job, by the rules of the jobs."""
    secrets = {f"{info.name}_{name}" for name in credential_options(info)}
    hosts = {tenant["name"]: bool(secrets & set(tenant["variables"])) for tenant in tenants}
    environ = {name: "given" for tenant in tenants if tenant["type"] for name in tenant["type"]["injectors"]["env"]}
    faults: list[str] = []
    environment_of(info, tenants[0]["name"], hosts, environ, faults)
    return [fault.replace(" Nothing was sent.", "").removesuffix(".") for fault in faults]
