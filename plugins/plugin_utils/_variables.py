# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's variables as plain values.

PRIVATE to the collection. An action gets variables as they were written: templates, vaulted texts and tagged types.
"""

from __future__ import annotations

import json
import os
import re
import typing as t
from collections.abc import Callable, Iterable, Iterator, Mapping

from ansible_collections.saas.offboarding.plugins.module_utils._text import some
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from ._catalog import VENDORS
from ._environment import credential_options
from ._role_variables import TEXTS, VARIABLES, option_variables
from ._settings import UNREADABLE, Host
from ._typed import as_typed, typed_texts

_OMITTED = "AnsibleValueOmittedError"
"""What ansible-core 2.19 and later raise for `{{ omit }}`."""
SHOWN = 20
_UNDEFINED = re.compile(r"'[\w.\[\]' ]+' is undefined")


def given_variables(
    task_vars: Mapping[str, t.Any], template: Callable[[t.Any], t.Any], info: VendorInfo | None
) -> tuple[dict[str, t.Any], list[str]]:
    """Return the variables of the role that are set, templated and plain, and what is wrong with the others."""
    secret = {name for name, option in _options(info) if option.get("no_log")}
    texts = {name for name, option in _options(info) if option.get("type", "str") in ("str", "path")}
    texts |= {name for name, variable in VARIABLES.items() if variable.read in TEXTS}
    typed = typed_texts()
    values: dict[str, t.Any] = {}
    faults: list[str] = []
    for name in (*VARIABLES, *(name for name, _option in _options(info))):
        if name not in task_vars:
            continue
        try:
            value = template(task_vars[name])
            if not _is_omitted(value, task_vars):
                values[name] = as_typed(plain(value), typed.get(name), is_text=name in texts)
        # In ansible-core 2.18 what a filter raises comes as it is.
        except Exception as exc:
            if type(exc).__name__ == _OMITTED:
                continue
            faults.append(f"{name} cannot be read: {_reason(exc, name in secret)}.")
            values[name] = UNREADABLE
    return values, faults


def _options(info: VendorInfo | None) -> Iterable[tuple[str, Mapping[str, t.Any]]]:
    if info is None:
        return
    known = {**info.connection.options, **info.task_settings.options, **info.settings.options}
    for option, variable in option_variables(info).items():
        yield variable, known.get(option, {})


def _reason(exc: Exception, is_secret: bool) -> str:
    """Return why a variable cannot be read; of a secret nothing that may quote it."""
    text = " ".join(str(exc).split())
    if not is_secret:
        return text.rstrip(".")
    found = _UNDEFINED.search(text)
    return found[0] if found else "its template or its vault is at fault"


def _is_omitted(value: t.Any, task_vars: Mapping[str, t.Any]) -> bool:
    """Return whether a variable is `{{ omit }}`, for which ansible-core 2.18 has a placeholder text."""
    return isinstance(value, str) and value == task_vars.get("omit")


def plain(value: t.Any) -> t.Any:
    """Return a value without Ansible's own types, decrypted where it is vaulted. Raises AnsibleError."""
    if getattr(value, "__ENCRYPTED__", False):
        return str(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {plain(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def vendors_of(hosts: Iterable[str], hostvars: Mapping[str, t.Any]) -> dict[str, str]:
    """Return those of the hosts that have a saas_vendor, with it; one that cannot be read is an empty text."""
    found: dict[str, str] = {}
    for host in hosts:
        own = hostvars[host]
        if "saas_vendor" in own:
            try:
                found[host] = str(own["saas_vendor"])
            except Exception:
                found[host] = ""  # that host's own task states what is wrong with it
    return found


def faults_of_other_values(
    names: Iterable[str], tenants: Iterable[str], hostvars: Mapping[str, t.Any]
) -> Iterator[str]:
    """Yield which variables of a tenant are not those of localhost, where it is decided which leavers are due."""
    hosts = list(tenants)
    for name in names:
        here = _comparable(hostvars["localhost"], name)
        others = [host for host in hosts if _comparable(hostvars[host], name) != here]
        if others:
            yield (
                f"{name} of {some(others, SHOWN)} is not that of localhost, where the leavers are read. Give it to all "
                "hosts: in the group all of the inventory, as an extra variable, or in AWX in awx_job_variables."
            )


def _comparable(own: Mapping[str, t.Any], name: str) -> str:
    try:
        return json.dumps(own.get(name), default=str, sort_keys=True)
    except Exception:
        return ""  # no value is written so


def with_credentials(info: VendorInfo, tenants: Mapping[str, str], hostvars: Mapping[str, t.Any]) -> dict[str, bool]:
    """Return the tenants of a vendor, each with whether its host variables hold a credential."""
    variables = option_variables(info)
    secrets = [variables[name] for name in credential_options(info)]
    return {
        host: any(name in hostvars[host] for name in secrets) for host, vendor in tenants.items() if vendor == info.name
    }


def host_of(task_vars: Mapping[str, t.Any], tenants: Mapping[str, str]) -> Host:
    """Return the host of a task. If it has no vendor, so with those of its play that have none either."""
    name = str(task_vars["inventory_hostname"])
    if "saas_vendor" in task_vars:
        return Host(name, tenants=tenants)
    hosts = [str(each) for each in task_vars.get("ansible_play_hosts_all") or ()]
    nameless = tuple(each for each in hosts if each not in tenants)
    configured = tuple(info.name for info in VENDORS.values() if _is_configured(info, task_vars))
    return Host(name, nameless, configured, tenants)


def _is_configured(info: VendorInfo, task_vars: Mapping[str, t.Any]) -> bool:
    """Return whether a connection option of a vendor is set, as a variable or in the environment."""
    variables = option_variables(info)
    return any(
        task_vars.get(variables[name]) is not None or any(os.environ.get(each) for each in option["fallback"][1])
        for name, option in info.connection.options.items()
    )
