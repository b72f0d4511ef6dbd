# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What an error of AWX's modules is shown as, and how an object is named before it exists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible.plugins.loader import lookup_loader

from ansible_collections.saas.offboarding.plugins.action.awx_object import (
    LINES,
    _details,
    _end_of_update,
    _label,
    _plain,
    _without,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils import _controller
from ansible_collections.saas.offboarding.plugins.plugin_utils._controller import (
    Controller,
    ControllerError,
    controller,
)


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

    def one(self, path: str, **_query: Any) -> dict[str, Any]:
        return {"content": self.output} if path == "project_updates/7/stdout/" else {}


def test_the_last_lines_of_a_failed_update_are_shown_with_its_page() -> None:
    lines = "\n".join(f"\x1b[0;31mline {number}\x1b[0m\n" for number in range(30))
    found = _end_of_update(cast(Controller, Projects(lines)), {"name": "x", "organization": "A"})
    head, *shown = found.splitlines()
    assert "/#/jobs/project/7/output" in head
    assert shown == [f"line {number}" for number in range(30 - LINES, 30)]
    assert _end_of_update(cast(Controller, Projects(lines)), {"name": "x", "organization": "B"}) == ""
    assert _end_of_update(cast(Controller, Projects(lines)), {"name": "x", "organization": "C"}) == ""


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


class OfModules:
    """The class of which a collection's modules are made, as far as it is used."""

    short_params = {"host": "controller_host", "oauth_token": "controller_oauthtoken"}  # noqa: RUF012  # as there

    def __init__(self, direct_params: dict[str, Any], error_callback: Any, **_more: Any) -> None:
        self.host, self.oauth_token = direct_params["controller_host"], direct_params["controller_oauthtoken"]
        self.username = self.password = None
        self.refuse, self.is_out = error_callback, False

    def make_request(self, method: str, place: str, data: Any = None) -> Any:
        if place == "teams":
            self.refuse(msg=f"403: {self.oauth_token} may not")
        if place == "missing/":
            return {"status_code": 404, "json": {"detail": "Not found."}}
        pages = {"users": {"results": [data], "next": "page2"}, "page2": {"results": ["last"], "next": None}}
        return {"status_code": 200, "json": pages.get(place, {"method": method, "place": place})}

    def logout(self) -> None:
        self.is_out = True


class Lookup:
    def set_options(self, direct: Any) -> None:
        assert direct == {}

    def get_option(self, name: str) -> str:
        return {"host": "https://awx.example.com"}.get(name, "s3cret")


def test_the_conversation_ends_logged_out_and_no_refusal_shows_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[OfModules] = []

    class Made(OfModules):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            made.append(self)

    monkeypatch.setattr(lookup_loader, "get", lambda *_given, **_more: Lookup())
    monkeypatch.setattr(
        lookup_loader, "find_plugin_with_context", lambda name: SimpleNamespace(resolved=name[:4] == "awx.")
    )
    monkeypatch.setattr(_controller, "import_module", lambda _name: SimpleNamespace(ControllerAPIModule=Made))
    given: Any = None
    with controller(given, given, "awx.awx") as awx:
        assert awx.all("users", username="x") == [{"page_size": 200, "order_by": "id", "username": "x"}, "last"]
        assert awx.one("settings/jobs/") == {"method": "GET", "place": "settings/jobs/"}
    assert (made[0].host, made[0].is_out) == ("https://awx.example.com", True)
    for place, reason in (("teams", "AWX: 403: ... may not"), ("missing/", "AWX: Not found")):
        with pytest.raises(ControllerError, match=f"^{re.escape(reason)}$"), controller(given, given) as awx:
            awx.one(place)
    assert all(each.is_out for each in made)
    with pytest.raises(ControllerError, match="Install the collection"), controller(given, given, "ansible.controller"):
        pass
