# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plays of the playbook `register` hand to each other: who is due, in Ansible's own temporary folder.

PRIVATE to the collection. ansible-playbook removes the folder at its end.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.saas.offboarding.plugins.module_utils._text import some

from ._files import make_folder, replacing
from ._leave_times import DUE
from ._nouns import Leaver, Scope
from ._register_done import Due
from ._role_variables import LIST_FORM, LISTS

FOLDER = "saas-offboarding"
STATE = "register.json"
LEAVERS = "register-leavers.json"
RUN = "register-run.json"
OF_THE_LIST = (*LISTS, *LIST_FORM)
"""What the run does not read: the register was read by these variables before."""
SHOWN = 20


class State(t.TypedDict):
    """What the first play leaves. ``given``: whether it was given leavers; ``due``: whom the run is for."""

    register: str
    sha256: str
    given: bool
    due_at: str
    due: list[Due]


def keep_state(base: str, state: State) -> None:
    """Keep the state, and the list that the run reads."""
    make_folder(Path(base) / FOLDER)
    _write(Path(base) / FOLDER / LEAVERS, [_entry(each["leaver"]) for each in state["due"]])
    _write(Path(base) / FOLDER / STATE, state)


def _entry(leaver: Leaver) -> dict[str, t.Any]:
    """Return a leaver as a list gives it, without the keys that are the e-mail address anyway."""
    accounts = {
        name: key
        for name, key in leaver["accounts"].items()
        if key != {"email": leaver["email"]} or any(each != key for each in leaver["accounts"].values())
    }
    return {**leaver, "accounts": accounts}


def forget_state(base: str) -> None:
    """Remove what an earlier playbook of the same process left."""
    for name in (STATE, LEAVERS, RUN):
        (Path(base) / FOLDER / name).unlink(missing_ok=True)


def read_state(base: str) -> State | None:
    """Return the state; None if the first play left none."""
    return t.cast("State | None", _read(base, STATE))


def run_variables(given: Mapping[str, t.Any], state: State, base: str) -> dict[str, t.Any]:
    """Return the variables of the run: its list is that of the register, whatever list was given for the register."""
    # The reason and the ticket are those of the leavers who were given, in whose entries they are.
    left_out = (*OF_THE_LIST, *(("offboard_reason", "offboard_ticket") if state["given"] else ()))
    return {
        **{name: value for name, value in given.items() if name not in left_out},
        "offboard_leavers_file": str(Path(base) / FOLDER / LEAVERS),
        "offboard_blank_leave_at": DUE,
        "offboard_due_at": state["due_at"],
    }


def scope_faults(scope: Scope) -> list[str]:
    """Return what keeps a run from being for all tenants."""
    faults = []
    if scope["left_out"]:
        names = some([each["tenant"] for each in scope["left_out"]], SHOWN)
        by = " and ".join(dict.fromkeys(each["by"] for each in scope["left_out"]))
        faults.append(
            f"offboard_register_run is for all tenants, and {by} leaves out {names}, where the leavers would count as "
            "done. Leave it out, or close the accounts with the playbook offboard."
        )
    if scope["sliced"]:
        faults.append("offboard_register_run is not for job slices, which see a part of the tenants each.")
    return faults


def keep_run(base: str, folder: str) -> None:
    """Keep which run is that of the register."""
    _write(Path(base) / FOLDER / RUN, {"folder": folder})


def run_folder(base: str) -> str | None:
    """Return the folder in which the run of the register keeps its outcome; None before there is one."""
    found = _read(base, RUN)
    return None if found is None else str(found["folder"])


def _read(base: str, name: str) -> dict[str, t.Any] | None:
    try:
        return t.cast("dict[str, t.Any]", json.loads((Path(base) / FOLDER / name).read_bytes()))
    except FileNotFoundError:
        return None


def _write(path: Path, value: t.Any) -> None:
    with replacing(path) as stream:
        stream.write(json.dumps(value).encode())
