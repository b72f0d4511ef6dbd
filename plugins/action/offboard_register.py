# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the register of leavers who are known in advance. Documented by the module of the same name."""

from __future__ import annotations

import hashlib
import os
import typing as t
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ansible import constants
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.saas.offboarding.plugins.module_utils._text import some
from ansible_collections.saas.offboarding.plugins.plugin_utils import _register_lock as lock
from ansible_collections.saas.offboarding.plugins.plugin_utils import _register_state as state
from ansible_collections.saas.offboarding.plugins.plugin_utils._command_line import dropped_words_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import read_list
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import LeaversError, Problems
from ansible_collections.saas.offboarding.plugins.plugin_utils._misspelt import misspelt_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._nouns import Leaver
from ansible_collections.saas.offboarding.plugins.plugin_utils._register import (
    SUFFIX,
    Change,
    Register,
    enter,
    read_register,
    withdraw,
    write_file,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._register_done import (
    DONE_SUFFIX,
    Due,
    done_path,
    done_rows,
    due_leavers,
    finished,
    next_due,
    read_done,
    withdrawn_rows,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import LISTS
from ansible_collections.saas.offboarding.plugins.plugin_utils._run import outcome_of
from ansible_collections.saas.offboarding.plugins.plugin_utils._scope import (
    SAAS,
    Inventory,
    choice_of,
    known_tenants,
    pattern_faults,
    scope_of,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import (
    ListSettings,
    Refusal,
    read_register_values,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._values import pattern_of, tolerant
from ansible_collections.saas.offboarding.plugins.plugin_utils._variables import (
    faults_of_other_values,
    given_variables,
    vendors_of,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import INVALID_INPUT

CHECK, UPDATE, MOVE = "check", "update", "move"
NOTHING = "Nothing was changed."


class ActionModule(ActionBase):  # type: ignore[misc]
    """Enters, changes or withdraws leavers, finds who is due, and after a run moves those whose last stage is done."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset(("step",))

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {"step": {"type": "str", "choices": [CHECK, UPDATE, MOVE], "required": True}}
        )
        try:
            shown = self._step(args["step"], task_vars or {})
        except Refusal as exc:
            nothing = f" {NOTHING}" if args["step"] != MOVE else ""
            return {**result, "failed": True, "msg": f"{INVALID_INPUT}: {exc}{nothing}"}
        return {**result, "changed": False, **shown, "_ansible_verbose_always": "msg" in shown}

    def _step(self, step: str, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        if step == CHECK:
            self._values(variables, with_scope=True)
            return {}
        return self._update(variables) if step == UPDATE else self._move(variables)

    def _values(self, variables: Mapping[str, t.Any], with_scope: bool) -> tuple[ListSettings, dict[str, t.Any]]:
        """Return what was asked for, and the variables as they were given. Raises Refusal."""
        given, faults = given_variables(variables, self._templar.template, None)
        faults += dropped_words_faults()
        faults += misspelt_faults(variables, given.get("offboard_own_variables"))
        inventory = Inventory(variables["groups"])
        pattern = tolerant(pattern_of, given.get("offboard_hosts"), "")
        hosts = inventory.hosts(pattern or SAAS) if not pattern_faults(inventory, pattern or SAAS, None) else []
        known = known_tenants(inventory, pattern, hosts)
        tenants = vendors_of(known, variables["hostvars"])
        values = read_register_values(given, tenants, faults)
        path = values["offboard_register_file"]
        if path and (not path.endswith(SUFFIX) or path.endswith(DONE_SUFFIX)):
            faults.append(f"offboard_register_file: {path} must end in {SUFFIX}, and not in {DONE_SUFFIX}.")
        if path and values["offboard_leavers_file"] == path:
            faults.append(
                "offboard_leavers_file is the register itself. Leave it out: what is in the register is known."
            )
        if values["offboard_register_run"] and with_scope:
            faults += pattern_faults(inventory, pattern or SAAS, None)
            choice = choice_of(given, hosts, None)
            faults += state.scope_faults(scope_of(tenants, choice, inventory))
            faults += faults_of_other_values(("offboard_stages", "offboard_state"), tenants, variables["hostvars"])
        if faults:
            raise Refusal(faults)
        return values, given

    def _update(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        values, given = self._values(variables, with_scope=True)
        path, runs = values["offboard_register_file"], values["offboard_register_run"]
        has_list = any(given.get(name) not in (None, "") for name in LISTS)
        if (has_list or runs) and not self._task.check_mode:
            busy = _lock_fault(path)
            if busy and not has_list:
                return {"msg": [f"{busy} Nothing was done."]}
            if busy:
                raise Refusal([f"{busy} Run it again, or set offboard_register_wait to a longer time."])
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        due_at = values["offboard_due_at"] or now
        try:
            register = read_register(path, _content(path), values)
            done = read_done(done_path(path), _content(done_path(path)))
            before = list(register.leavers)
            change, notes = self._change(register, values, now) if has_list else (Change(register.content), [])
            after = read_register(path, change.content, values)
            due = due_leavers(after.leavers, values, done, due_at)
            coming = next_due(after.leavers, values, due_at)
        except (ValueError, OSError) as exc:
            raise Refusal([_text(exc)]) from None
        is_changed = change.content != register.content
        if is_changed and not self._task.check_mode:
            _write(done.path, done.with_rows(_withdrawn(change, values, now)) if change.removed else None)
            _write(path, change.content)
        if runs:
            state.keep_state(
                constants.DEFAULT_LOCAL_TMP,
                {
                    "register": path,
                    "sha256": hashlib.sha256(change.content).hexdigest(),
                    "given": has_list,
                    "due_at": due_at,
                    "due": due,
                },
            )
        return {
            "changed": is_changed,
            **({"warnings": notes} if (notes := list(dict.fromkeys([*notes, *after.notes]))) else {}),
            "msg": _lines(path, change, len(after.leavers), due, coming, bool(self._task.check_mode)),
            **({"diff": _diff(path, before, after.leavers)} if self._task.diff else {}),
        }

    def _change(self, register: Register, values: ListSettings, now: str) -> tuple[Change, list[str]]:
        leavers, notes = read_list(values, self._file, [])
        name = next((each for each in LISTS if values[each]), "offboard_leavers")
        source = values[name] if name == "offboard_leavers_file" else name
        if values["offboard_register_state"] == "absent":
            return withdraw(register, [leaver["email"] for leaver in leavers]), notes
        change = enter(register, leavers, now, Problems(source, "row"))
        return change, [*notes, *change.notes]

    def _move(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        values, _given = self._values(variables, with_scope=False)
        found = state.read_state(constants.DEFAULT_LOCAL_TMP)
        folder = state.run_folder(constants.DEFAULT_LOCAL_TMP)
        outcome = outcome_of(Path(folder)) if folder else None
        if not found or not outcome:
            raise Refusal(["The run has no outcome, so that all leavers stay in the register."])
        run = outcome["result"]
        people = some([each["leaver"]["email"] for each in found["due"]], state.SHOWN)
        if run["outcome"] != "ok":
            return {"msg": [f"The run {run['run_id']} failed: {people} stay in the register, and are due again."]}
        if self._task.check_mode:
            last = some([each["leaver"]["email"] for each in found["due"] if each["is_last"]], state.SHOWN)
            return {"msg": [f"Would be moved after a run without failures: {last or 'no leaver'}."]}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = found["register"]
        try:
            register = read_register(path, _content(path), values)
            done = read_done(done_path(path), _content(done_path(path)))
            emails = finished(found["due"], register.people)
            content = withdraw(register, emails).content
        except (ValueError, OSError) as exc:
            raise Refusal([_text(exc)]) from None
        # In this order: a leaver who is in both files after a loss of power is closed once more, and no leaver is lost.
        _write(done.path, done.with_rows(done_rows(found["due"], run["run_id"], now)))
        _write(path, content if content != register.content else None)
        stay = [each["leaver"]["email"] for each in found["due"] if each["leaver"]["email"] not in emails]
        lines = [f"Moved to {done.path} (run {run['run_id']}): {some(emails, state.SHOWN)}."] if emails else []
        if stay:
            lines.append(f"Still in the register, for a later stage or another leave time: {some(stay, state.SHOWN)}.")
        return {"changed": True, "msg": lines}

    def _file(self, path: str) -> bytes:
        try:
            return bytes(self._loader._get_file_contents(path)[0])
        except AnsibleError as exc:
            raise ValueError(f"{path}: {' '.join(str(exc).split())}") from None


def _lock_fault(path: str) -> str:
    """Return why this playbook has not the lock of the register."""
    got = lock.last_attempt(path)
    if got is None:
        return "The lock was not taken: keep a register with the playbook saas.offboarding.register."
    if got.fault:
        raise Refusal([f"{got.fault}."])
    return f"Another playbook works on {path}: {got.by}." if got.by else ""


def _content(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        if not Path(path).parent.is_dir():
            raise LeaversError(f"{path}: there is no folder {Path(path).parent}; make it") from None
        return None


def _text(exc: Exception) -> str:
    return f"{exc.filename}: cannot be read: {exc.strerror}" if isinstance(exc, OSError) else str(exc)


def _write(path: str, content: bytes | None) -> None:
    """Write a file, or nothing. Raises Refusal."""
    try:
        if content is not None:
            write_file(path, content)
    except OSError as exc:
        raise Refusal([f"{path}: cannot be written: {exc.strerror}"]) from None


def _withdrawn(change: Change, values: ListSettings, now: str) -> list[dict[str, str]]:
    return withdrawn_rows(change.removed, values["offboard_reason"], values["offboard_ticket"], now)


def _lines(
    path: str, change: Change, count: int, due: Sequence[Due], coming: tuple[str, str] | None, check_mode: bool
) -> list[str]:
    """Return what is known of the register, the counts first."""
    would = "would be " if check_mode else ""
    named = {
        f"{would}added": [each["email"] for each in change.added],
        f"{would}changed": [each["email"] for each in change.changed],
        f"{would}withdrawn": [each["email"] for each in change.removed],
    }
    counts = ", ".join(f"{len(people)} {word}" for word, people in named.items())
    following = f" Next due: {coming[0]} at {coming[1]}." if coming else ""
    lines = [f"Register {path}: {count} leaver{'' if count == 1 else 's'}, {len(due)} due; {counts}.{following}"]
    named["not in the register"] = list(change.absent)
    named["due"] = [each["leaver"]["email"] for each in due]
    return lines + [
        f"{word[0].upper()}{word[1:]}: {some(people, state.SHOWN)}." for word, people in named.items() if people
    ]


def _diff(path: str, before: Sequence[Leaver], after: Sequence[Leaver]) -> dict[str, str]:
    def text(leavers: Sequence[Leaver]) -> str:
        return "".join(f"{each['email']} {each['leave_at'] or ''}{os.linesep}" for each in leavers)

    return {"before_header": path, "after_header": path, "before": text(before), "after": text(after)}
