# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Every module as Ansible runs it, in this process, against the mock: predict, run, run again; find, list, filter."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.saas.offboarding.plugins.module_utils._model import ABSENT, DEACTIVATED
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

NAMES = sorted(path.stem for path in (REPOSITORY / "plugins" / "modules").glob("*.py"))
USER_MODULES = [name for name in NAMES if name.endswith("_user")]
INFO_MODULES = [name for name in NAMES if name.endswith("_info")]
SEARCHING = [name for name in INFO_MODULES if VENDORS[name.partition("_")[0]].searchable]
COUNTING = [name for name in USER_MODULES if VENDORS[name.partition("_")[0]].readable]

FIRST, SECOND, UNKNOWN_USER = ({"email": f"{name}@example.com"} for name in ("user00001", "user00002", "no-such-user"))
PREDICTED = ("changed", "summary", "plan_hash", "diff")
EVERYBODY = 4

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(mock: MockVendors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a module with some options, and return its result."""
    for name, value in mock.environment().items():
        monkeypatch.setenv(name, value)
    mock.population(**dict.fromkeys(VENDORS, EVERYBODY))

    def run(name: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        arguments = {"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check, "_ansible_diff": True}}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit) as left:
            importlib.import_module(f"ansible_collections.saas.offboarding.plugins.modules.{name}").main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert bool(left.value.code) == bool(result.get("failed"))
        return result

    return run


def vendor_of(module: str) -> str:
    return module.partition("_")[0]


@pytest.mark.parametrize("module", USER_MODULES)
def test_check_mode_predicts_the_run_and_writes_nothing(run: Run, mock: MockVendors, module: str) -> None:
    task = {"state": DEACTIVATED, "users": [FIRST, SECOND]}

    predicted = run(module, check=True, **task)
    assert mock.log(kind="write") == []
    done = run(module, **task)

    assert [done[name] for name in PREDICTED] == [predicted[name] for name in PREDICTED]
    assert [user["outcome"] for user in done["users"]] == ["changed", "changed"]
    assert len(mock.log(kind="write")) == done["summary"]["changed"] == 2


@pytest.mark.parametrize("module", COUNTING)
@pytest.mark.parametrize("verify", [True, False])
def test_a_second_run_changes_nothing(run: Run, mock: MockVendors, module: str, verify: bool) -> None:
    task = {"state": DEACTIVATED, "users": [FIRST, UNKNOWN_USER], "on_missing": "ok", "verify": verify}
    first = run(module, **task)
    mock.clear_log()
    second = run(module, **task)

    assert [[user["outcome"] for user in done["users"]] for done in (first, second)] == [
        ["changed", "missing"],
        ["unchanged", "missing"],
    ]
    assert first["users"][0]["verified"] is (True if verify else None)
    assert mock.log(kind="write") == []


@pytest.mark.parametrize("module", [name for name in COUNTING if ABSENT in VENDORS[vendor_of(name)].states])
def test_what_was_deleted_is_gone(run: Run, module: str) -> None:
    first, second = (run(module, state=ABSENT, **FIRST) for _time in range(2))

    assert [done["users"][0]["outcome"] for done in (first, second)] == ["changed", "unchanged"]


@pytest.mark.parametrize("module", USER_MODULES)
def test_a_share_of_the_accounts_is_the_most_that_is_touched(run: Run, mock: MockVendors, module: str) -> None:
    refused = run(module, state=DEACTIVATED, users=[FIRST, SECOND], max_percent=25)

    assert refused["failed"]
    assert [user["outcome"] for user in refused["users"]] == ["refused", "refused"]
    assert mock.log(kind="write") == []


@pytest.mark.parametrize("module", INFO_MODULES)
def test_accounts_are_found_by_key(run: Run, module: str) -> None:
    seen = run(module, users=[FIRST, UNKNOWN_USER])

    assert [user["found"] for user in seen["users"]] == [True, False]
    assert seen["summary"] == {"requested": 2, "found": 1, "missing": 1, "failed": 0}


@pytest.mark.parametrize("module", INFO_MODULES)
def test_everybody_is_listed(run: Run, mock: MockVendors, module: str) -> None:
    seen = run(module)

    assert sorted(user["id"] for user in seen["users"]) == sorted(map(id_of, mock.state(vendor_of(module)).values()))
    assert seen["complete"]


def id_of(row: dict[str, Any]) -> str:
    return str(next(row[name] for name in ("userId", "_id", "id") if name in row))


@pytest.mark.parametrize("module", INFO_MODULES)
def test_those_of_a_state_are_listed(run: Run, module: str) -> None:
    run(module.removesuffix("_info"), state=DEACTIVATED, **SECOND)
    seen = run(module, state=DEACTIVATED, details=True)

    assert [(SECOND["email"] in user["names"], user["state"]) for user in seen["users"]] == [(True, DEACTIVATED)]
    assert seen["users"][0]["account"]


@pytest.mark.parametrize("module", SEARCHING)
def test_a_search_finds_who_has_the_text(run: Run, module: str) -> None:
    seen = run(module, search="user00002")

    assert [SECOND["email"] in user["names"] for user in seen["users"]] == [True]


@pytest.mark.parametrize("module", INFO_MODULES)
def test_a_list_that_breaks_off_fails_and_shows_what_was_read(run: Run, mock: MockVendors, module: str) -> None:
    mock.fault(vendor_of(module), "status", kind="read", status=403)
    seen = run(module)

    assert (seen["failed"], seen["complete"]) == (True, False)
    assert "the list is not whole" in seen["msg"]


@pytest.mark.parametrize("module", INFO_MODULES)
def test_a_failed_lookup_is_not_reported_as_a_missing_account(run: Run, mock: MockVendors, module: str) -> None:
    mock.fault(vendor_of(module), "status", kind="read", status=403)
    seen = run(module, users=[FIRST, UNKNOWN_USER])

    assert [user["found"] for user in seen["users"]] == [None, None]
    assert {user["error"]["status"] for user in seen["users"]} == {403}
    assert seen["failed"]
