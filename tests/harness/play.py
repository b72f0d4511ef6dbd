# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Many tasks in one play, since a start of ansible-playbook costs more than most tasks; and what holds for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.convergence import assert_no_secret, assert_predicted, states_of
from harness.playbook import Ansible, Run, TaskResult
from harness.scenes import assert_shape

if TYPE_CHECKING:
    from mock_vendors.client import MockVendors

Task = dict[str, Any]

COLLECTION = "saas.offboarding."


@dataclass(frozen=True)
class ThreePlays:
    """The same tasks with --check, for real, and again; and all requests of the real run and of the one after it."""

    predicted: Run
    done: Run
    again: Run
    log: list[dict[str, Any]]
    log_again: list[dict[str, Any]]


def call(module: str, name: str, /, environment: Mapping[str, str] | None = None, **options: Any) -> Task:
    """A task with a module of the collection. It may fail, and the play goes on."""
    task: Task = {"name": name, f"{COLLECTION}{module}": options, "ignore_errors": True}
    return task | ({"environment": dict(environment)} if environment else {})


def hidden(name: str) -> str:
    """A secret by template, as it should stand in a playbook: Ansible shows the lines of a task that fails."""
    return f"{{{{ lookup('ansible.builtin.env', 'THE_{name.upper()}') }}}}"


def secrets(mock: MockVendors, vendor: str) -> dict[str, str]:
    """The environment in which `hidden` finds a tenant's addresses and credentials."""
    return {f"THE_{name.upper()}": value for name, value in mock.ready[vendor].items()}


def order_mock(mock: MockVendors, verb: str, path: str, data: Any) -> Task:
    """A task that sends a command to the mock vendors."""
    order = {"url": mock.ready["control"] + path, "method": verb, "body_format": "json", "body": data}
    return {
        "name": f"{verb} {path} {data}",
        "ansible.builtin.uri": {**order, "status_code": 204},
        "check_mode": False,
    }


def switch(mock: MockVendors, vendor: str, **values: Any) -> Task:
    return order_mock(mock, "PUT", "/switches", {vendor: values})


def fault(mock: MockVendors, service: str, action: str, **order: Any) -> Task:
    return order_mock(mock, "POST", "/faults", {"service": service, "action": action, **order})


def play(
    ansible: Ansible,
    mock: MockVendors,
    tasks: Sequence[Task],
    *,
    check: bool = False,
    env: Mapping[str, str] | None = None,
    elsewhere: bool = False,
) -> Run:
    """Run tasks at -vvv --diff, and demand of each module what holds for all of them.

    Its result has the documented shape, also when it fails; no credential and no traceback shows; and the requests it
    counts are those that came in (unless some go `elsewhere`). `env` replaces what logs in to the mock vendors.
    """
    mock.clear_log()
    variables = {**(mock.environment() if env is None else env), "ANSIBLE_PIPELINING": "1"}
    run = ansible.run(tasks, check=check, diff=True, verbosity=3, env=variables)
    modules = [task["name"] for task in _flat(tasks) if any(key.startswith(COLLECTION) for key in task)]
    results = [result for result in run.tasks if result.task in modules]
    assert [result.task for result in results] == modules, str(run)
    assert "Traceback" not in run.everything, str(run)
    assert_no_secret(run, mock)
    for result in results:
        assert_shape(result)
        assert "changed" not in result.outcomes or result.changed
        assert result.failed or not {"failed", "refused"} & set(result.outcomes)
    if not elsewhere:
        tokens = len(mock.log(kind="token"))
        assert sum(result.result["requests"]["tokens"] for result in results) == tokens
        assert sum(result.result["requests"]["sent"] for result in results) == len(mock.log()) - tokens
    if check:
        assert mock.log(kind="write") == [], "check mode has written"
    return run


def three_plays(
    ansible: Ansible,
    mock: MockVendors,
    tasks: Sequence[Task],
    *,
    env: Mapping[str, str] | None = None,
    idempotent: bool = True,
) -> ThreePlays:
    """Predict, run, and run again: all tasks succeed, the run is as predicted, and the second run writes nothing."""
    predicted = play(ansible, mock, tasks, check=True, env=env)
    done = play(ansible, mock, tasks, env=env)
    log = mock.log()
    again = play(ansible, mock, tasks, env=env)
    for prediction, came, repeated in zip(predicted.tasks, done.tasks, again.tasks, strict=True):
        assert (prediction.status, came.status, repeated.status) == ("ok", "ok", "ok"), came.msg or repeated.msg
        assert_predicted(prediction, came)
        assert came.changed == ("changed" in came.outcomes)
        if idempotent:
            assert not repeated.changed, repeated.result
            assert states_of(repeated) == states_of(came)
    log_again = mock.log()
    if idempotent:
        assert [request for request in log_again if request["kind"] == "write"] == [], "the second run has written"
    return ThreePlays(predicted, done, again, log, log_again)


def by_key(result: TaskResult) -> dict[str, dict[str, Any]]:
    """A task's users by the value of the key they were asked for with."""
    return {str(value): user for user in result.users for value in user["key"].values()}


def errors(result: TaskResult) -> dict[str, str | None]:
    """The error code of each user, by key; None where all went well."""
    return {key: user["error"] and user["error"]["code"] for key, user in by_key(result).items()}


def sent(log: Iterable[Mapping[str, Any]], kind: str | None = None) -> list[tuple[str, str]]:
    """Method and raw path of the requests."""
    return [(request["method"], request["path"]) for request in log if kind in (None, request["kind"])]


def in_turn(mock: MockVendors, service: str, kind: str, *steps: tuple[str, dict[str, Any], bool]) -> None:
    """Faults that hit one request each of those sent one after another.

    A step is the fault's action, its arguments, and whether the request is sent again (and then goes well).
    """
    clean = 0
    for action, arguments, again in steps:
        mock.fault(service, action, kind=kind, times=1, skip=clean, **arguments)
        clean += again


def _flat(tasks: Sequence[Task]) -> Iterator[Task]:
    for task in tasks:
        if "block" in task:
            yield from _flat(task["block"])
        else:
            yield task
