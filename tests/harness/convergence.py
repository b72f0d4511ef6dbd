# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Properties of every module with states: predict, run, run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.credentials import credentials
from harness.playbook import Ansible, Run, TaskResult

if TYPE_CHECKING:
    from mock_vendors.client import MockVendors

PREDICTED_OF_A_USER = ("key", "outcome", "id", "name", "before", "after")
PREDICTED = ("changed", "diff", "plan_hash", "summary")


@dataclass(frozen=True)
class ThreeRuns:
    """A module's answer in check mode, in the run, and in the run again; and what the run wrote."""

    predicted: TaskResult
    done: TaskResult
    again: TaskResult
    writes: list[dict[str, Any]]


def three_runs(
    ansible: Ansible,
    mock: MockVendors,
    module: str,
    options: Mapping[str, Any],
    *,
    env: Mapping[str, str] | None = None,
    warnings: Iterable[str] = (),
    idempotent: bool = True,
) -> ThreeRuns:
    """Run a module with --check, for real, and again, and check the promises of the collection.

    Check mode writes nothing and predicts everything; the second run writes and changes nothing (but where
    the vendor cannot be read: `idempotent=False`); a warning that holds none of the texts in `warnings` is an error;
    no credential shows at -vvv --diff. `env` adds to what logs in to the mock vendors.
    """
    task = {"name": module, f"saas.offboarding.{module}": dict(options)}
    variables = {**mock.environment(), **(env or {})}

    def run(check: bool = False) -> tuple[TaskResult, list[dict[str, Any]]]:
        mock.clear_log()
        result = ansible.run([task], check=check, diff=True, verbosity=3, env=variables)
        assert result.rc == 0, str(result)
        assert_no_secret(result, mock)
        assert_no_warning(result, warnings)
        return result.result(module), mock.log(kind="write")

    predicted, predicted_writes = run(check=True)
    assert predicted_writes == [], "check mode has written"
    done, writes = run()
    assert_predicted(predicted, done)
    assert bool(writes) == done.changed, f"changed: {done.changed}, writes: {writes}"
    again, repeated_writes = run()
    if idempotent:
        assert not again.changed, again.result
        assert repeated_writes == [], "the second run has written"
        assert states_of(again) == states_of(done)
    return ThreeRuns(predicted, done, again, writes)


def apart_from_sessions(condition: Mapping[str, Any]) -> dict[str, Any]:
    """A condition without the number of sessions, which is not known of an account that is gone."""
    return {name: value for name, value in condition.items() if name != "sessions"}


def states_of(result: TaskResult) -> list[dict[str, Any]]:
    return [apart_from_sessions(user["after"]) for user in result.users]


def assert_predicted(predicted: TaskResult, done: TaskResult) -> None:
    for name in PREDICTED:
        assert predicted.result.get(name) == done.result.get(name), f"{name} differs from the prediction of check mode"
    prediction, came = (
        [{name: user[name] for name in PREDICTED_OF_A_USER} for user in result.users] for result in (predicted, done)
    )
    assert prediction == came


def assert_no_warning(run: Run, allowed: Iterable[str] = ()) -> None:
    surprising = [warning for warning in run.warnings if not any(text in warning for text in allowed)]
    assert surprising == [], str(run)


def assert_no_secret(run: Run, mock: MockVendors) -> None:
    """Nothing that opens a tenant is in what the run printed or returned. Says where, not what."""
    for credential in credentials(mock):
        place = run.everything.find(credential)
        assert place < 0, f"a credential shows after: {run.everything[max(0, place - 200) : place]}"
