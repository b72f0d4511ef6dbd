# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role for one tenant, checked all at once.

PRIVATE to the collection. Nothing here reads a file or knows Ansible's variables; see `_variables` and `_inputs`.
"""

from __future__ import annotations

import math
import os
import re
import typing as t
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.saas.offboarding.plugins.module_utils._guards import ALL
from ansible_collections.saas.offboarding.plugins.module_utils._model import ACTIVE
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

from ._catalog import VENDORS
from ._leave_times import DUE, NOT_DUE, LeaveTimes, read_formats, read_time_of_day, read_zone
from ._leavers import chosen_leavers, parse_duration, vendor_states
from ._protected import read_entries
from ._words import AUDIT, OFFBOARD, PREFLIGHT, REINSTATE

KINDS = (OFFBOARD, AUDIT, REINSTATE)
"""The kinds of runs that work on a list or on the evidence of an earlier run."""
NAMED = "named"
"""The value of offboard_on_missing with which a leaver whom the list names by an account key must have one."""
MAX_CHANGES = 100
"""The most changes at a tenant if neither offboard_max_changes nor a plan is given."""
LOCAL = ("localhost", "127.0.0.1", "::1")
"""Hosts that work for several vendors in turn where they have no vendor of their own."""


UNREADABLE = object()
"""Stands for a variable whose value cannot be read, which is a fault of its own and leads to no other."""


class Refusal(ValueError):
    """What keeps a tenant from being worked on. Raised before any request; all that is wrong is in ``faults``."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__(" ".join(_sentence(fault) for fault in self.faults))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _text(value: t.Any) -> str:
    """Return a text without white space around it. Newer cores make a number or a no of the text of a survey."""
    if isinstance(value, Mapping | list | tuple):
        raise ValueError("must be a text")
    return "" if value is None else str(value).strip()


def _path(value: t.Any) -> str:
    text = _text(value)
    # What a stream resolves to is not what a person typed.
    if not text or text.startswith(("/dev/", "/proc/")):
        return text
    return os.path.realpath(os.path.expanduser(text))


def flag_of(value: t.Any) -> bool:
    try:
        return bool(boolean(value))
    except TypeError:
        raise ValueError(f"must be true or false, not {value!r:.40}") from None


def _integer(value: t.Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"\s*[-+]?[0-9]+\s*", str(value)):
        raise ValueError(f"must be a whole number, not {value!r:.40}")
    return int(str(value))


def _at_least_one(value: t.Any) -> int:
    try:
        number = _integer(value)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"must be a whole number of 1 or more, not {value!r:.40}")
    return number


def _number(value: t.Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"must be a number, not {value!r:.40}")
    return number


def _count(value: t.Any) -> int:
    number = _integer(value)
    if number < 0:
        raise ValueError(f"must be 0 or more, not {number}; 0 allows no change")
    return number


def _percent(value: t.Any) -> float:
    number = _number(value)
    if not 0 <= number <= ALL:
        raise ValueError(f"must be from 0 to 100, not {number:g}; 0 allows no change, 100 is no limit")
    return number


def _list(value: t.Any) -> list[t.Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list")
    return list(value)


def _texts(value: t.Any) -> list[str]:
    return [_text(each) for each in _list(value)]


def names_of(value: t.Any) -> list[str]:
    """Return a list of names, also of a text with commas, as `-e offboard_vendors=netex,learn` gives it."""
    return _texts(value.split(",") if isinstance(value, str) and value.strip() else value)


def pattern_of(value: t.Any) -> str:
    """Return a pattern of hosts, also of a list of them."""
    return ",".join(filter(None, _texts(value if isinstance(value, list | tuple) else [value])))


def _mapping(value: t.Any) -> dict[str, t.Any]:
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise ValueError("must be a dict")
    return {str(name): each for name, each in value.items()}


def _columns(value: t.Any) -> dict[str, str]:
    columns = {name.strip(): each for name, each in _mapping(value).items()}
    for name, each in columns.items():
        if not isinstance(each, str) or not each.strip():
            raise ValueError(f"must name a column for {name[:40]}, as a text")
    return columns


def _skip_rows(value: t.Any) -> dict[str, int]:
    rows = _mapping(value)
    if not set(rows) <= {"top", "bottom"}:
        raise ValueError("must be a dict of top and bottom, such as {top: 2, bottom: 1}")
    numbers = {name: _integer(each) for name, each in rows.items()}
    if any(number < 0 for number in numbers.values()):
        raise ValueError("must count rows: 0 or more")
    return numbers


def _encoding(value: t.Any) -> str:
    text = _text(value)
    try:
        "".encode(text or "utf-8")
    except LookupError:
        raise ValueError(f"must be a text encoding, such as windows-1252 or utf-16, not {text[:40]!r}") from None
    return text


def _choice(*offers: str) -> Callable[[t.Any], str]:
    def read(value: t.Any) -> str:
        text = _text(value)
        if text not in offers:
            raise ValueError(f"must be {' or '.join(offers)}, not {text[:40]}")
        return text

    return read


def _as_it_is(value: t.Any) -> t.Any:
    return value


def _zone(value: t.Any) -> str:
    text = _text(value)
    read_zone(text)
    return text


def _time_of_day(value: t.Any) -> str:
    minutes = read_time_of_day(value)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _formats(value: t.Any) -> list[str]:
    return list(read_formats(value))


def _entries(value: t.Any) -> list[str]:
    return [] if value is None or value == "" else read_entries(value)


@dataclass(frozen=True)
class Variable:
    """How a variable is read. ``rail``: it restricts the run, so that an empty value is an error."""

    read: Callable[[t.Any], t.Any]
    default: t.Any = None
    kinds: tuple[str, ...] = KINDS
    rail: bool = False


WRITING = (OFFBOARD, REINSTATE)
LATER = (AUDIT, REINSTATE)
READING = (OFFBOARD, AUDIT)

VARIABLES: Mapping[str, Variable] = {
    "saas_vendor": Variable(_text, "", (*KINDS, PREFLIGHT)),
    "offboard_vendors": Variable(names_of, [], (*KINDS, PREFLIGHT)),
    "offboard_leavers": Variable(_as_it_is),
    "offboard_leavers_file": Variable(_path, ""),
    "offboard_leavers_text": Variable(_text, ""),
    "offboard_leave_at": Variable(_text, ""),
    "offboard_columns": Variable(_columns, {}, READING),
    "offboard_ignore_columns": Variable(names_of, [], READING),
    "offboard_blank_email": Variable(_choice("error", "report"), "error", READING),
    "offboard_skip_rows": Variable(_skip_rows, {}, READING),
    "offboard_encoding": Variable(_encoding, "", READING),
    "offboard_date_format": Variable(_formats, []),
    "offboard_timezone": Variable(_zone, ""),
    "offboard_leave_time": Variable(_time_of_day, "24:00"),
    "offboard_blank_leave_at": Variable(_choice(DUE, NOT_DUE), ""),
    "offboard_due_at": Variable(_text, ""),
    "offboard_reason": Variable(_text, "", (OFFBOARD,)),
    "offboard_ticket": Variable(_text, ""),
    "offboard_state": Variable(_text, "deactivated"),
    "offboard_states": Variable(_mapping, {}),
    "offboard_allow_delete": Variable(flag_of, False),
    "offboard_on_missing": Variable(_choice(NAMED, "fail", "warn", "ok"), NAMED),
    "offboard_unmatched": Variable(_choice("fail", "report"), "report", (OFFBOARD,)),
    "offboard_hosts": Variable(pattern_of, ""),
    "offboard_expected_tenants": Variable(names_of, []),
    "offboard_sliced": Variable(flag_of, False),
    "offboard_own_variables": Variable(names_of, []),
    "offboard_protected": Variable(_entries, None, WRITING, rail=True),
    "offboard_protected_file": Variable(_path, "", WRITING, rail=True),
    "offboard_max_changes": Variable(_count, None, WRITING, rail=True),
    "offboard_max_percent": Variable(_percent, None, WRITING, rail=True),
    "offboard_plan": Variable(_mapping, None, WRITING),
    "offboard_plan_changes": Variable(_mapping, {}, WRITING),
    "offboard_plan_run": Variable(_text, "", WRITING),
    "offboard_plan_file": Variable(_path, "", WRITING, rail=True),
    "offboard_report_dir": Variable(_path, ""),
    "offboard_sla": Variable(_as_it_is, "24h"),
    "offboard_batch_size": Variable(_at_least_one, 500),
    "offboard_evidence": Variable(_path, "", LATER),
    "offboard_seal": Variable(_text, "", LATER),
    "audit_unmatched": Variable(_choice("fail", "report"), "report", (AUDIT,)),
    "audit_unknown": Variable(_choice("fail", "report"), "report", (AUDIT,)),
    "audit_orphans": Variable(_choice("fail", "report"), "report", (AUDIT,)),
    "audit_exempt": Variable(_entries, [], (AUDIT,)),
    "audit_both_lists": Variable(_choice("fail", "report"), "fail", (AUDIT,)),
    "audit_staff_file": Variable(_path, "", (AUDIT,)),
    "audit_staff_columns": Variable(_columns, {}, (AUDIT,)),
    "preflight_for": Variable(_choice(OFFBOARD, AUDIT), OFFBOARD, (PREFLIGHT,)),
    "reinstate_reason": Variable(_text, "", (REINSTATE,)),
    "reinstate_leavers": Variable(_list, None, (REINSTATE,)),
    "reinstate_leavers_text": Variable(_text, "", (REINSTATE,)),
}
"""The variables of the role, except the connection options of the vendors."""

KNOWN = ", ".join(VENDORS)

EMPTY = {
    "offboard_max_changes": "is empty: without a number it would refuse nothing. Give one, or leave the variable out.",
    "offboard_max_percent": "is empty: without a number it would refuse nothing. Give one, or leave the variable out.",
    "offboard_protected": "is empty: name whom to protect, or leave the variable out.",
    "offboard_protected_file": "is empty: without a file it protects nothing. Give one, or leave the variable out.",
    "offboard_plan_file": "is empty: this run would be compared with no plan. Give the folder of a run in check mode.",
}


def option_variables(info: VendorInfo) -> dict[str, str]:
    """Return the variable for each option of a vendor's modules that the role passes on, by the option's name."""
    names = ("verify", *info.connection.options, *info.task_settings.options, *info.closing_settings)
    return {name: f"{info.name}_{name}" for name in dict.fromkeys(names)}


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
class Settings:
    """What was asked for at one tenant. ``values`` are the variables as read, defaults included, by name."""

    kind: str
    tenant: str
    info: VendorInfo
    state: str
    sla: int
    values: Mapping[str, t.Any]
    options: Mapping[str, t.Any] = field(repr=False)
    """The vendor's options as they were given: among them are credentials."""
    vendors: tuple[str, ...] = ()
    """All vendors that this host works for; this one is among them."""
    chosen: tuple[str, ...] = ()
    """The leavers that a reinstatement is limited to, by e-mail; none: all."""
    known_tenants: Mapping[str, str] = field(default_factory=dict)
    """The vendor of each tenant of the inventory."""
    preflight_for: str = ""
    """What a preflight looks ahead to: `offboard` or `audit`."""
    state_faults: tuple[str, ...] = ()
    """Of a preflight: why the state cannot be brought about."""

    def __getitem__(self, name: str) -> t.Any:
        return self.values[name]

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

    def leave_times(self, variable: str) -> LeaveTimes:
        """Return how the leave times of the list that a variable names are read."""
        # On a staff list a person without a leave time is staff, always.
        blank = DUE if variable == "audit_staff_file" else self["offboard_blank_leave_at"]
        return LeaveTimes.of(
            self["offboard_timezone"], self["offboard_date_format"], self["offboard_leave_time"], blank
        )

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
    states = _states(ahead or kind, vendors if is_known and not ahead else (vendor,), values, state_faults)
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
        state=states.get(vendor, ""),
        sla=sla,
        values=values,
        options=options,
        vendors=vendors,
        chosen=chosen,
        known_tenants=host.tenants,
        preflight_for=ahead,
        state_faults=tuple(state_faults),
    )


T = t.TypeVar("T")


def tolerant(read: Callable[[t.Any], T], value: t.Any, default: T) -> T:
    """Return a value as it is read, or the default. What is wrong with it is stated when all settings are read."""
    try:
        return default if value is None else read(value)
    except ValueError:
        return default


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
        """Tell whether something was given. A value that cannot be used counts as given."""
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
    elif sum(lists) > 1 or (kind == OFFBOARD and not any(lists)):
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
    if variables.has("offboard_leave_at") and not variables.has("offboard_leavers_text"):
        faults.append(
            "offboard_leave_at is the leave time of those whom offboard_leavers_text names. In a list or a file, write "
            "leave_at beside each leaver."
        )
    return faults


def _reinstate_faults(variables: _Variables) -> list[str]:
    faults = []
    if not variables.has("offboard_evidence"):
        faults.append(
            "Give offboard_evidence: the folder of the run whose accounts are to be re-opened, or its evidence.json."
        )
    if not variables.has("reinstate_reason"):
        faults.append("Give reinstate_reason: why accounts are re-opened is part of the evidence.")
    if "reinstate_leavers" in variables.given:
        if variables.has("reinstate_leavers_text"):
            faults.append(
                "Give those who are meant by one of reinstate_leavers (a list) and reinstate_leavers_text (an e-mail "
                "address in each line)."
            )
        if not variables.has("reinstate_leavers"):
            faults.append(
                "reinstate_leavers is empty. Name at least one leaver, or leave it out to re-open all accounts that "
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
    """Return the vendors that a host works for. Those of its own tenant alone where it is one."""
    default = VENDORS if values["saas_vendor"] or host.configured is None else host.configured
    named = [name for name in dict.fromkeys(values["offboard_vendors"] or default) if name in VENDORS]
    return tuple(name for name in named if values["saas_vendor"] in ("", name))


def _states(kind: str, vendors: Sequence[str], values: Mapping[str, t.Any], faults: list[str]) -> dict[str, str]:
    """Return the state to bring about at each vendor; add what is wrong with it to the faults."""
    if kind == REINSTATE:
        return dict.fromkeys(vendors, ACTIVE)
    own = values["offboard_states"]
    faults += [
        f"offboard_states names {name[:40]!r}, which is not a vendor. Known are {KNOWN}."
        for name in own
        if name not in VENDORS
    ]
    # An account that is deleted already counts as closed, whether or not this run may delete.
    allowed = kind == AUDIT or values["offboard_allow_delete"]
    states: dict[str, str] = {}
    for vendor in vendors:
        if vendor in VENDORS:
            state = partial(vendor_states, [vendor], values["offboard_state"], own, allowed)
            states |= _collected(faults, state) or {}
    return states
