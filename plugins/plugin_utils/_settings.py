# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role for one tenant, checked all at once.

PRIVATE to the collection. Nothing here reads a file or knows Ansible's variables; see `_variables` and `_inputs`.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, ACTIVE, DEACTIVATED
from ansible_collections.saas.offboarding.plugins.module_utils._text import ended
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from ._catalog import VENDORS
from ._leave_times import DUE, LeaveTimes
from ._leavers import chosen_leavers, parse_duration, vendor_states
from ._role_variables import EMPTY, LISTS, LOCAL, MAX_CHANGES, VARIABLES, WRITING, option_variables
from ._stages import Stages, deletion_faults, names_of_stages, stages_of
from ._words import AUDIT, OFFBOARD, PREFLIGHT, REGISTER, REINSTATE, SCHEDULE

KNOWN = ", ".join(VENDORS)

UNREADABLE = object()
"""Stands for a variable whose value cannot be read, which is one fault and leads to no other."""


class Refusal(ValueError):
    """What keeps a tenant from being worked on. Raised before any request; all that is wrong is in ``faults``."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__(" ".join(map(ended, self.faults)))


@dataclass(frozen=True)
class Host:
    """The host on which the role runs.

    ``nameless``: the hosts of the play that have no saas_vendor. ``configured``: the vendors for which it has a
    connection option, as a variable or in the environment; None if that does not matter. ``tenants``: all tenants that
    are known, each with its vendor.
    """

    name: str
    nameless: tuple[str, ...] = ()
    configured: tuple[str, ...] | None = None
    tenants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListSettings:
    """How a list is read. ``values`` are the variables as read, defaults included, by name."""

    kind: str
    values: Mapping[str, t.Any]
    known_tenants: Mapping[str, str]
    """The vendor of each tenant of the inventory."""

    def __getitem__(self, name: str) -> t.Any:
        return self.values[name]

    def leave_times(self, variable: str) -> LeaveTimes:
        """Return how the leave times of the list that a variable names are read."""
        # On a staff list a person without a leave time is staff, always.
        blank = DUE if variable == "audit_staff_file" else self["offboard_blank_leave_at"]
        return LeaveTimes.of(
            self["offboard_timezone"], self["offboard_date_format"], self["offboard_leave_time"], blank
        )


@dataclass(frozen=True)
class Settings(ListSettings):
    """What was asked for at one tenant."""

    tenant: str
    info: VendorInfo
    stages: Stages
    sla: int
    options: Mapping[str, t.Any] = field(repr=False)
    """The vendor's options as they were given: among them are credentials."""
    vendors: tuple[str, ...] = ()
    """All vendors that this host works for; this one is among them."""
    chosen: tuple[str, ...] = ()
    """The leavers that a reinstatement is limited to, by e-mail; none: all."""
    preflight_for: str = ""
    """What a preflight looks ahead to: `offboard` or `audit`."""
    state_faults: tuple[str, ...] = ()
    """Of a preflight: why the state cannot be brought about."""

    @property
    def tenants(self) -> tuple[str, ...]:
        """The names of all tenants that this host works for."""
        return (self.tenant,) if self["saas_vendor"] else self.vendors

    @property
    def reason(self) -> str | None:
        """Why the run is made, for its evidence."""
        if self.kind == AUDIT:
            return None
        return str(self[f"{self.kind}_reason"]) or None

    @property
    def default_brake(self) -> int | None:
        """The most changes at the tenant if no number is given; None if the default does not apply."""
        is_given = self["offboard_max_changes"] is not None
        return None if is_given or self.is_planned or self.kind != OFFBOARD else MAX_CHANGES

    @property
    def is_planned(self) -> bool:
        """Whether the run is held to an approved plan."""
        return self["offboard_plan"] is not None or bool(self["offboard_plan_file"])


def read_settings(kind: str, vendor: str, host: Host, given: Mapping[str, t.Any], faults: list[str]) -> Settings | None:
    """Return the settings for a vendor on a host; None where the host's vendor is not one of offboard_vendors.

    ``given``: the variables that are set, by name, as plain values. ``faults`` gets everything that is wrong with them;
    the settings then serve only to look for further faults. Raises Refusal where there can be no settings at all.
    """
    # A preflight reads the variables of what it looks ahead to, and no list.
    ahead = "" if kind != PREFLIGHT else AUDIT if given.get("preflight_for") == AUDIT else OFFBOARD
    variables = _read_variables((kind, ahead), given, faults)
    values = variables.values
    host_faults = _host_faults(vendor, host, variables)
    faults += host_faults
    if kind != PREFLIGHT:
        faults += _leavers_faults(kind, variables)
    if kind == REINSTATE:
        faults += _reinstate_faults(variables)
    if kind in WRITING:
        faults += _plan_faults(variables)
    chosen = _chosen(kind, values, faults)
    sla = _collected(faults, lambda: parse_duration(values["offboard_sla"], "offboard_sla")) or 0
    vendors = _vendors(values, host)
    # Of a host whose vendors are wrong themselves nothing but the vendor at hand is known.
    is_known = not host_faults and not variables.wrong & {"saas_vendor", "offboard_vendors"}
    state_faults: list[str] = []
    stages = _stages(ahead or kind, vendors if is_known and not ahead else (vendor,), variables, host, state_faults)
    if OFFBOARD in (kind, ahead) and not values["offboard_allow_delete"]:
        state_faults += _deleting(vendors if is_known and not ahead else (vendor,), given)
    if not ahead:
        faults += state_faults
    info = VENDORS.get(vendor)
    if info is None:
        raise Refusal(faults)
    if vendor not in vendors:
        return None
    options = {
        option: given[variable]
        for option, variable in option_variables(info).items()
        if given.get(variable) is not None and given[variable] is not UNREADABLE
    }
    tenant = host.name if values["saas_vendor"] else vendor
    return Settings(
        kind=kind,
        tenant=tenant,
        info=info,
        stages=stages.get(vendor, Stages.once("")),
        sla=sla,
        values=values,
        options=options,
        vendors=vendors,
        chosen=chosen,
        known_tenants=host.tenants,
        preflight_for=ahead,
        state_faults=tuple(state_faults),
    )


def read_register_values(given: Mapping[str, t.Any], tenants: Mapping[str, str], faults: list[str]) -> ListSettings:
    """Return what was asked of a register. ``faults`` gets everything that is wrong with the variables."""
    variables = _read_variables((REGISTER, OFFBOARD), given, faults)
    lists = [name for name in LISTS if name in given and (name == "offboard_leavers" or variables.has(name))]
    if len(lists) > 1:
        faults.append(f"Give the leavers by one of {', '.join(LISTS)}.")
    if not variables.has("offboard_register_file"):
        faults.append(
            "Give offboard_register_file: the CSV file of the leavers who are known in advance, as an extra variable "
            "or in the group all of the inventory."
        )
    if not lists and variables.values["offboard_register_state"] == ABSENT:
        faults.append(f"Give who is withdrawn by one of {', '.join(LISTS)}.")
    faults += _leave_at_faults(variables)
    return ListSettings(REGISTER, variables.values, tenants)


def read_list_settings(
    kind: str, tenants: Mapping[str, str], given: Mapping[str, t.Any], faults: list[str]
) -> ListSettings:
    """Return the settings of a playbook that reads a list and works at no tenant; see `read_settings`."""
    variables = _read_variables((kind,), given, faults)
    faults += _leavers_faults(kind, variables)
    return ListSettings(kind, variables.values, tenants)


T = t.TypeVar("T")


def _collected(faults: list[str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ValueError as exc:
        faults.append(str(exc))
        return None


@dataclass(frozen=True)
class _Variables:
    """The variables of a run. ``wrong``: those that cannot be used; ``values`` has their defaults."""

    given: Mapping[str, t.Any]
    values: Mapping[str, t.Any]
    wrong: frozenset[str]

    def has(self, name: str) -> bool:
        """Return whether something was given. A value that cannot be used counts as given."""
        return name in self.wrong or bool(self.values[name])


def _read_variables(kinds: Collection[str], given: Mapping[str, t.Any], faults: list[str]) -> _Variables:
    values: dict[str, t.Any] = {}
    wrong: set[str] = set()
    for name, variable in VARIABLES.items():
        values[name] = variable.default
        if name not in given or not set(kinds) & set(variable.kinds):
            continue
        value = given[name]
        if value is UNREADABLE:
            wrong.add(name)
        elif variable.rail and (value is None or (isinstance(value, str) and not value.strip())):
            faults.append(f"{name} {EMPTY[name]}")
        elif value is not None or variable.default is None:
            try:
                values[name] = variable.read(value)
            except ValueError as exc:
                faults.append(f"{name} {exc}.")
                wrong.add(name)
    return _Variables(given, values, frozenset(wrong))


def _host_faults(vendor: str, host: Host, variables: _Variables) -> list[str]:
    values = variables.values
    faults = [
        f"offboard_vendors names {name[:40]!r}, which is not a vendor. Known are {KNOWN}."
        for name in values["offboard_vendors"]
        if name not in VENDORS
    ]
    own = values["saas_vendor"]
    if own and own not in VENDORS:
        faults.append(f"saas_vendor of {host.name} is {own[:40]!r}, which is not a vendor. Known are {KNOWN}.")
    elif not own and vendor not in VENDORS and vendor not in values["offboard_vendors"]:
        faults.append(f"{vendor[:40]!r} is not a vendor. Known are {KNOWN}.")
    if variables.has("saas_vendor"):
        return faults
    if not variables.has("offboard_vendors") and host.name not in LOCAL:
        faults.append(
            f"Host {host.name} has no saas_vendor. Set it in the inventory, or set offboard_vendors to work for "
            "several vendors from this host."
        )
    elif not variables.has("offboard_vendors") and host.configured == ():
        faults.append(
            f"Host {host.name} has no connection option of a vendor, neither as a variable nor in the environment. Set "
            "offboard_vendors and the options of these vendors, or run on the hosts of the inventory that are tenants."
        )
    if len(host.nameless) > 1:
        names = " and ".join(host.nameless)
        faults.append(
            f"{names} have no saas_vendor, so that their tenants would have the same names. Set saas_vendor for each "
            "host, or run them one by one."
        )
    return faults


def _leavers_faults(kind: str, variables: _Variables) -> list[str]:
    inline = "offboard_leavers" in variables.given
    lists = [inline, variables.has("offboard_leavers_file"), variables.has("offboard_leavers_text")]
    faults = []
    if kind == REINSTATE:
        if any(lists):
            faults.append(
                "Leave offboard_leavers, offboard_leavers_file and offboard_leavers_text out: the evidence states "
                "whose accounts were closed, and reinstate_leavers names those of them that are meant."
            )
    elif sum(lists) > 1 or (kind in (OFFBOARD, SCHEDULE) and not any(lists)):
        faults.append(
            "Give the leavers by one of offboard_leavers (a list), offboard_leavers_file (a CSV, YAML or JSON file) "
            "and offboard_leavers_text (an e-mail address in each line)."
        )
    elif not any(lists) and not variables.has("offboard_evidence"):
        faults.append(
            "Give whom to look for: offboard_leavers (a list), offboard_leavers_file (a CSV, YAML or JSON file), "
            "offboard_leavers_text (an e-mail address in each line), or offboard_evidence (the folder of an earlier "
            "run)."
        )
    return faults + _leave_at_faults(variables)


def _leave_at_faults(variables: _Variables) -> list[str]:
    if not variables.has("offboard_leave_at") or variables.has("offboard_leavers_text"):
        return []
    text = (
        "offboard_leave_at is the leave time of those whom offboard_leavers_text names. In a list or a file, write "
        "leave_at beside each leaver."
    )
    return [text]


def _reinstate_faults(variables: _Variables) -> list[str]:
    faults = []
    if not variables.has("offboard_evidence"):
        faults.append(
            "Give offboard_evidence: the folder of the run whose accounts are to be reopened, or its evidence.json."
        )
    if not variables.has("reinstate_reason"):
        faults.append("Give reinstate_reason: why accounts are reopened is part of the evidence.")
    if "reinstate_leavers" in variables.given:
        if variables.has("reinstate_leavers_text"):
            faults.append(
                "Give those who are meant by one of reinstate_leavers (a list) and reinstate_leavers_text (an e-mail "
                "address in each line)."
            )
        if not variables.has("reinstate_leavers"):
            faults.append(
                "reinstate_leavers is empty. Name at least one leaver, or leave it out to reopen all accounts that "
                "the run closed."
            )
    return faults


def _plan_faults(variables: _Variables) -> list[str]:
    if "offboard_plan" in variables.given and "offboard_plan_file" in variables.given:
        text = (
            "Give the plan by one of offboard_plan ({tenant: plan_hash}) and offboard_plan_file (the folder of a run "
            "in check mode, or its plan.json)."
        )
        return [text]
    return []


def _chosen(kind: str, values: Mapping[str, t.Any], faults: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("reinstate_leavers", "reinstate_leavers_text"):
        if kind == REINSTATE and values[name]:
            found += _collected(faults, partial(chosen_leavers, values[name], name)) or []
    return tuple(found)


def _vendors(values: Mapping[str, t.Any], host: Host) -> tuple[str, ...]:
    """Return the vendors that a host works for: only the tenant's, if the host is a tenant."""
    default = VENDORS if values["saas_vendor"] or host.configured is None else host.configured
    named = [name for name in dict.fromkeys(values["offboard_vendors"] or default) if name in VENDORS]
    return tuple(name for name in named if values["saas_vendor"] in ("", name))


def _deleting(vendors: Sequence[str], given: Mapping[str, t.Any]) -> list[str]:
    """Return what is wrong with options that delete accounts in a run that may not delete."""
    return [
        f"{vendor}_{option} is {value}, which deletes accounts at {vendor} for good: set offboard_allow_delete to true "
        "if that is meant"
        for vendor in vendors
        if vendor in VENDORS
        for option, value in VENDORS[vendor].deleting_settings.items()
        if str(given.get(f"{vendor}_{option}")).strip() == value
    ]


def unknown_faults(variable: str, names: Iterable[str], tenants: Collection[str]) -> list[str]:
    """Return which names of a variable are those of no vendor and no tenant."""
    return [
        f"{variable} names {name[:40]!r}, which is neither a vendor nor a tenant of the inventory. Known vendors "
        f"are {KNOWN}."
        for name in names
        if name not in VENDORS and name not in tenants
    ]


def _stages(
    kind: str, vendors: Sequence[str], variables: _Variables, host: Host, faults: list[str]
) -> dict[str, Stages]:
    """Return the stages at each vendor, or the one state of a run without stages; add what is wrong to the faults."""
    if kind == REINSTATE:
        return dict.fromkeys(vendors, Stages.once(ACTIVE))
    values = variables.values
    tenant = host.name if values["saas_vendor"] else ""
    # An account that is deleted already counts as closed, whether or not this run may delete.
    allowed = kind == AUDIT or values["offboard_allow_delete"]
    given = values["offboard_stages"]
    variable, names = "offboard_states", list(values["offboard_states"])
    if given:
        besides = [name for name in ("offboard_state", "offboard_states") if variables.given.get(name)]
        faults += [f"Leave {name} out: offboard_stages states what accounts become, and when." for name in besides]
        variable, names = "offboard_stages", names_of_stages(given)
        faults += deletion_faults(given, allowed)
    # A slice has a part of the tenants, and the same variables.
    if not values["offboard_sliced"]:
        faults += unknown_faults(variable, names, host.tenants)
    stages: dict[str, Stages] = {}
    for vendor in vendors:
        if vendor not in VENDORS:
            continue
        if given:
            read = partial(stages_of, given, VENDORS[vendor], tenant or vendor, host.tenants)
            if found := _collected(faults, read):
                stages[vendor] = found
            continue
        state = partial(
            vendor_states, [vendor], values["offboard_state"] or DEACTIVATED, values["offboard_states"], allowed, tenant
        )
        stages |= {name: Stages.once(each) for name, each in (_collected(faults, state) or {}).items()}
    return stages
