# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What an error of AWX's modules is shown as, and how an object is named before it exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from ansible_collections.saas.offboarding.plugins.action.awx_object import (
    LINES,
    _details,
    _end_of_update,
    _label,
    _plain,
    _without,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils import _awx_api
from ansible_collections.saas.offboarding.plugins.plugin_utils._awx_api import Api, ApiError, connected


@pytest.mark.parametrize("path", ["/api/v2", "/api/controller/v2"])
@pytest.mark.parametrize(
    ("number", "start"),
    [(0, "AWX has nothing of that name"), (2, "AWX has 2 of that name (credentials), in other organizations")],
)
def test_a_name_that_is_not_there_once(path: str, number: int, start: str) -> None:
    awx_message = f"Request to {path}/credentials/?name=Vault returned {number} items, expected 1"
    assert _plain(awx_message).startswith(start)
    assert _plain(awx_message).endswith(awx_message)


def test_other_messages_are_left_alone() -> None:
    assert _plain("Project update failed") == "Project update failed"


class Projects:
    """The API of an AWX in which each organization has a project of the same name."""

    def __init__(self, output: str) -> None:
        self.output = output

    def all(self, _endpoint: str, **_query: Any) -> Sequence[dict[str, Any]]:
        return [
            {"organization": 1, "summary_fields": {"organization": {"name": "A"}, "last_update": {"id": 7}}},
            {"organization": 2, "summary_fields": {"organization": {"name": "B"}}},
        ]

    def get(self, path: str, **_query: Any) -> dict[str, Any]:
        return {"content": self.output} if path == "project_updates/7/stdout/" else {}


def test_the_last_lines_of_a_failed_update_are_shown_with_its_page() -> None:
    lines = "\n".join(f"\x1b[0;31mline {number}\x1b[0m\n" for number in range(30))
    found = _end_of_update(cast(Api, Projects(lines)), {"name": "x", "organization": "A"})
    head, *shown = found.splitlines()
    assert "/#/jobs/project/7/output" in head
    assert shown == [f"line {number}" for number in range(30 - LINES, 30)]
    assert _end_of_update(cast(Api, Projects(lines)), {"name": "x", "organization": "B"}) == ""
    assert _end_of_update(cast(Api, Projects(lines)), {"name": "x", "organization": "C"}) == ""


def test_the_fields_that_awx_refuses_are_named_and_no_object_is_shown() -> None:
    refused = {"response": {"status_code": 400, "json": {"rrule": ["wrong"]}}, "errors": ["late"]}
    assert _details(refused) == " rrule: ['wrong']; late"
    assert _details({"response": {"status_code": 200, "json": {"name": "x"}}}) == ""
    assert _details({}) == ""


@pytest.mark.parametrize(
    ("kind", "options", "label"),
    [
        ("role", {"role": "read", "teams": ["a"], "users": ["b"]}, "role read of a, b"),
        ("host", {"name": "acme"}, "host acme"),
        ("workflow_job_template_node", {"identifier": "plan"}, "workflow_job_template_node plan"),
        ("job_launch", {"job_template": "x"}, "job_launch x"),
    ],
)
def test_an_object_has_a_label(kind: str, options: dict[str, Any], label: str) -> None:
    assert _label(kind, options) == label


def test_a_reference_to_what_check_mode_would_make_is_left_out() -> None:
    assert _without("organization", "A", ["project A"]) == "A"
    assert _without("credentials", ["a", "b"], ["credential a"]) == ["b"]
    assert _without("project", "x", ["project x"]) is None
    assert _without("project", "x", []) == "x"
    assert _without("name", "x", ["project x"]) == "x"
    assert _without("project", None, ["project x"]) is None


class Controller:
    """The class of a collection's modules, as far as it is used."""

    short_params = {"controller_host": "host"}  # noqa: RUF012  # as the class has it

    def __init__(self, direct_params: dict[str, Any], error_callback: Any, **_more: Any) -> None:
        self.host, self.refuse, self.is_out = direct_params["host"], error_callback, False

    def get_all_endpoint(self, endpoint: str, data: Any) -> Any:
        if endpoint == "teams":
            self.refuse(msg="403: no")
        return {"json": {"results": [{"endpoint": endpoint, **data}]}}

    def get_endpoint(self, path: str, data: Any) -> Any:
        return {"json": {"path": path, **data}}

    def logout(self) -> None:
        self.is_out = True


class Lookup:
    def set_options(self, direct: Any) -> None:
        assert direct == {}

    def get_option(self, _name: str) -> str:
        return "https://awx.example.com"


def test_the_api_is_left_logged_out_and_a_refusal_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Controller] = []

    class Module:
        @staticmethod
        def ControllerAPIModule(**given: Any) -> Controller:  # noqa: N802  # its name there
            made.append(Controller(**given))
            return made[-1]

    Module.ControllerAPIModule.short_params = Controller.short_params  # type: ignore[attr-defined]
    monkeypatch.setattr("ansible.plugins.loader.lookup_loader.get", lambda *_given, **_more: Lookup())
    monkeypatch.setattr(_awx_api, "import_module", lambda _name: Module)
    with connected("awx.awx", None, None) as api:
        assert api.all("users", username="x") == [{"endpoint": "users", "username": "x"}]
        assert api.get("settings/jobs/") == {"path": "settings/jobs/"}
    assert (made[0].host, made[0].is_out) == ("https://awx.example.com", True)
    with pytest.raises(ApiError, match="403: no"), connected("awx.awx", None, None) as api:
        api.all("teams")
    assert made[1].is_out
    monkeypatch.setattr("ansible.plugins.loader.lookup_loader.get", lambda *_given, **_more: None)
    with pytest.raises(ApiError, match="Install the collection"), connected("awx.awx", None, None):
        pass
