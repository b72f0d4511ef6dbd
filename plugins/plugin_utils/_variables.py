# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's variables as plain values.

PRIVATE to the collection. An action gets variables as they were written: templates, vaulted texts and tagged types.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Iterable, Mapping

from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from ._settings import UNREADABLE, VARIABLES, Host, option_variables

_OMITTED = "AnsibleValueOmittedError"
"""What ansible-core 2.19 and later raise for `{{ omit }}`."""
_UNDEFINED = re.compile(r"'[\w.\[\]' ]+' is undefined")


def given_variables(
    task_vars: Mapping[str, t.Any], template: Callable[[t.Any], t.Any], info: VendorInfo | None
) -> tuple[dict[str, t.Any], list[str]]:
    """Return the variables of the role that are set, templated and plain, and what is wrong with the others."""
    secret = {name for name, option in _options(info) if option.get("no_log")}
    values: dict[str, t.Any] = {}
    faults: list[str] = []
    for name in (*VARIABLES, *(name for name, _option in _options(info))):
        if name not in task_vars:
            continue
        try:
            value = template(task_vars[name])
            if not _is_omitted(value, task_vars):
                values[name] = plain(value)
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
    """Tell whether a variable is `{{ omit }}`, which ansible-core 2.18 makes a text of its own of."""
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


def host_of(task_vars: Mapping[str, t.Any]) -> Host:
    """Return the host of a task, and those of its play that have no vendor if it has none itself."""
    name = str(task_vars["inventory_hostname"])
    if "saas_vendor" in task_vars:
        return Host(name)
    hostvars = task_vars["hostvars"]
    hosts = [str(each) for each in task_vars.get("ansible_play_hosts_all") or ()]
    return Host(name, tuple(each for each in hosts if "saas_vendor" not in hostvars.raw_get(each)))
