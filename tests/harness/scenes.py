# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Many scenes in one playbook: the mock vendors are set up before each task, and their log is kept after it.

A start of ansible-playbook costs more than ten requests to the mock vendors, so that scenes share one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.convergence import assert_predicted, states_of
from harness.playbook import Ansible, TaskResult

if TYPE_CHECKING:
    from mock_vendors.client import MockVendors

ACTIONS = Path(__file__).parent / "action"
BUSY = "was busy or out of reach"

Request = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """One module task. With `fresh`, and whenever accounts are given, the mock vendors are reset first."""

    name: str
    module: str
    options: Mapping[str, Any]
    seed: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    population: Mapping[str, int] = field(default_factory=dict)
    switches: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[Mapping[str, Any]] = ()
    listening: Mapping[str, bool] = field(default_factory=dict)
    fresh: bool = False
    check: bool = False
    # Ansible itself shows a task's environment at -vvv: no credentials here.
    env: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    @property
    def vendor(self) -> str:
        return self.module.partition("_")[0]

    def preparation(self) -> dict[str, Any]:
        return {
            "fresh": self.fresh or bool(self.seed or self.population),
            "seed": dict(self.seed),
            "population": dict(self.population),
            "switches": {self.vendor: dict(self.switches)} if self.switches else {},
            "faults": [{"service": self.vendor, **fault} for fault in self.faults],
            "listening": dict(self.listening),
        }

    def task(self) -> dict[str, Any]:
        return {
            "name": self.name,
            f"saas.offboarding.{self.module}": dict(self.options),
            "check_mode": self.check,
            "ignore_errors": True,
            "environment": dict(self.env),
        }


@dataclass(frozen=True)
class Played:
    """The result of a scene: the task's result, the requests to the mock vendors, and the accounts afterwards."""

    result: TaskResult
    log: list[Request]
    state: dict[str, Any]

    def requests(self, kind: str) -> list[Request]:
        return [request for request in self.log if request["kind"] == kind]

    @property
    def writes(self) -> list[Request]:
        return self.requests("write")

    @property
    def reads(self) -> list[Request]:
        return self.requests("read")

    @property
    def calls(self) -> list[str]:
        """Method and path of each request but those for tokens."""
        return [f"{request['method']} {request['path']}" for request in self.log if request["kind"] != "token"]

    @property
    def user(self) -> dict[str, Any]:
        (user,) = self.result.users
        return user

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.user["error"]
        return error

    @property
    def outcome(self) -> str:
        return str(self.user["outcome"])


def play(
    ansible: Ansible,
    mock: MockVendors,
    scenes: Iterable[Scene],
    *,
    env: Mapping[str, str] | None = None,
    verbosity: int = 3,
) -> dict[str, Played]:
    """Play scenes in one run of ansible-playbook at -vvv --diff, and return the result of each by its name.

    No credential may show, no unexpected warning come up, no traceback, and every result must have the documented
    shape and count its own requests right.
    """
    all_scenes = list(scenes)
    assert len({scene.name for scene in all_scenes}) == len(all_scenes), "two scenes of one name"
    place = Path(tempfile.mkdtemp(prefix="stage-", dir=ansible.place))
    (place / "mock.json").write_text(json.dumps(mock.ready), encoding="utf-8")
    stage = place / "stage.jsonl"
    run = ansible.run(
        staged(all_scenes),
        diff=bool(verbosity),
        verbosity=verbosity,
        env={
            **(mock.environment() if env is None else env),
            "ANSIBLE_ACTION_PLUGINS": str(ACTIONS),
            "ANSIBLE_PIPELINING": "1",
            "SAAS_MOCK": str(place / "mock.json"),
            "SAAS_STAGE": str(stage),
        },
    )
    assert run.rc == 0, str(run)
    lines = [json.loads(line) for line in stage.read_text(encoding="utf-8").splitlines()]
    for secret in {secret for line in lines for secret in line["secrets"]}:
        at = run.everything.find(secret)
        assert at < 0, f"a credential shows after: {run.everything[max(0, at - 200) : at]}"
    assert "Traceback" not in run.everything
    played = {}
    for scene, line in zip(all_scenes, lines, strict=True):
        result = run.result(scene.name)
        strange = [text for text in result.warnings if not any(known in text for known in scene.warnings)]
        assert strange == [], f"{scene.name}: {strange}"
        assert_shape(result)
        assert_counted(scene, result, line["log"])
        played[scene.name] = Played(result, line["log"], line["state"])
    return played


def staged(scenes: Sequence[Scene]) -> list[dict[str, Any]]:
    """The tasks of a play: what each scene needs, with a change of the stage before it and after the last."""
    tasks: list[dict[str, Any]] = []
    over: dict[str, Any] = {}
    for scene in scenes:
        tasks += [{"name": "Change the stage", "stage": {**over, **scene.preparation()}}, scene.task()]
        over = {"vendor": scene.vendor}
    return [*tasks, {"name": "Leave the stage", "stage": over}]


def assert_shape(result: TaskResult) -> None:
    """A result has the documented shape, whether the task succeeded or failed."""
    shown = result.result
    for name in ("changed", "users", "summary", "plan_hash", "scope", "requests", "diff"):
        assert name in shown, f"{result.task}: no {name} in {sorted(shown)}: {result.msg}"
    assert set(shown["requests"]) == {"sent", "retried", "tokens"}
    counts = dict.fromkeys(("changed", "unchanged", "missing", "failed", "refused"), 0)
    for user in shown["users"]:
        counts[user["outcome"]] += 1
        assert set(user) - {"manual_notes", "repaired"} == {
            "key",
            "outcome",
            "id",
            "name",
            "before",
            "after",
            "verified",
            "error",
            "proof",
            "manual",
        }
        for when in ("before", "after"):
            assert {"state", "vendor_state"} <= set(user[when])
            assert user[when]["state"] in ("active", "deactivated", "locked", "absent", "unknown")
        if user["error"] is not None:
            assert set(user["error"]) == {"code", "message", "status", "request_id", "retryable"}
        assert (user["error"] is not None) == (user["outcome"] in ("failed", "refused"))
    assert shown["summary"] == {"requested": len(shown["users"]), **counts}


def assert_counted(scene: Scene, result: TaskResult, log: Sequence[Request]) -> None:
    """The module sent the requests that it reports, and to its own vendor only."""
    if any(scene.listening.values()) or not all(scene.listening.values()):
        return
    tokens = sum(request["kind"] == "token" for request in log)
    assert (result.result["requests"]["sent"], result.result["requests"]["tokens"]) == (len(log) - tokens, tokens)
    assert {request["vendor"] for request in log} <= {scene.vendor}


def thrice(scene: Scene) -> list[Scene]:
    """A scene in check mode, for real and again, on the same accounts."""
    options = {name: getattr(scene, name) for name in ("module", "options", "env", "warnings")}
    first = Scene(
        f"{scene.name}, predicted",
        seed=scene.seed,
        population=scene.population,
        switches=scene.switches,
        faults=scene.faults,
        check=True,
        **options,
    )
    return [first, Scene(f"{scene.name}, done", **options), Scene(f"{scene.name}, again", **options)]


def assert_kept(played: Mapping[str, Played], name: str) -> Played:
    """Check mode wrote nothing and predicted the run, and a second run changes nothing. Returns the run."""
    predicted, done, again = (played[f"{name}, {act}"] for act in ("predicted", "done", "again"))
    assert predicted.writes == []
    assert_predicted(predicted.result, done.result)
    assert bool(done.writes) == done.result.changed
    assert not again.result.changed, again.result.result
    assert again.writes == []
    assert states_of(again.result) == states_of(done.result)
    return done
