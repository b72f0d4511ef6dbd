# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API of AWX or Automation Controller, by the class that the modules of awx.awx are made of.

PRIVATE to the collection. The login, TLS, proxies and configuration files are those of the modules. A module reads and
writes one object; a thousand objects need one conversation.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar

COLLECTIONS = ("awx.awx", "ansible.controller")
PAGE = 200
"""The most entries that AWX returns in a page."""
NO_COLLECTION = (
    "Neither the collection awx.awx nor ansible.controller is installed where Ansible runs. Nothing was sent. Install "
    "one: ansible-galaxy collection install awx.awx"
)
NO_LOGIN = (
    "There is no login for AWX. Nothing was sent. Set CONTROLLER_HOST and CONTROLLER_OAUTH_TOKEN (or "
    "CONTROLLER_USERNAME and CONTROLLER_PASSWORD). In a job of AWX, add a credential of the type Red Hat Ansible "
    "Automation Platform to the template, as awx_setup does with awx_schedule_credential."
)
Object = dict[str, t.Any]
"""An object of AWX, as its API describes it."""
_OF_ONE = re.compile(r"permission to (PATCH|DELETE) .*\(HTTP 403\)|object could not be found")
"""What the class says of one object: a user with Execute may change only the schedules that the same user made."""


def not_installed(what: str, collection: str) -> str:
    """Return what to do where the collection that was chosen by awx_collection is missing."""
    return (
        f"The {what} is not there. Install the collection where Ansible runs (ansible-galaxy collection install "
        f"{collection}), or choose the one that is installed by awx_collection."
    )


class ControllerError(ValueError):
    """A request that AWX refused, or that did not reach it. ``is_final``: the next one would fail as well."""

    def __init__(self, message: str, *, is_final: bool = True) -> None:
        super().__init__(message)
        self.is_final = is_final


class Controller:
    """A conversation with AWX. Each method raises ControllerError, whose message holds no object and no credential."""

    def __init__(self, api: t.Any) -> None:
        self._api = api

    def one(self, place: str, **query: t.Any) -> Object:
        """Return the object at an address of the API."""
        return t.cast(Object, self._send("GET", place, query)["json"])

    def all(self, endpoint: str, **query: t.Any) -> list[Object]:
        """Return all entries of a list, which is read in pages."""
        page = self._send("GET", endpoint, {"page_size": PAGE, "order_by": "id", **query})["json"]
        found: list[Object] = list(page["results"])
        while page["next"]:
            page = self._send("GET", page["next"])["json"]
            found += page["results"]
        return found

    def write(self, method: str, place: str, body: Mapping[str, t.Any] | None = None) -> None:
        """Create (POST), change (PATCH) or remove (DELETE) an object."""
        self._send(method, place, body or {})

    def _send(self, method: str, place: str, data: Mapping[str, t.Any] | None = None) -> Object:
        try:
            response: Object = self._api.make_request(method, place, **({"data": dict(data)} if data else {}))
            if response["status_code"] >= 400:
                raise ControllerError(_reasons(response), is_final=False)
        except ControllerError as exc:
            text = str(exc)
            for secret in filter(None, (self._api.oauth_token, self._api.password)):
                text = text.replace(str(secret), "...")
            raise ControllerError(f"AWX: {text}", is_final=exc.is_final) from None
        return response


@contextmanager
def controller(loader: DataLoader, templar: Templar, chosen: str | None = None) -> Iterator[Controller]:
    """Log in to AWX, and log out at the end. ``chosen``: the collection to use. Raises ControllerError."""
    collection = next((name for name in ((chosen,) if chosen else COLLECTIONS) if _is_there(name)), None)
    if collection is None:
        raise ControllerError(not_installed(f"collection {chosen}", chosen) if chosen else NO_COLLECTION)
    lookup = lookup_loader.get(f"{collection}.controller_api", loader=loader, templar=templar)
    lookup.set_options(direct={})
    kind = import_module(f"ansible_collections.{collection}.plugins.module_utils.controller_api").ControllerAPIModule
    login = {option: lookup.get_option(short) for short, option in kind.short_params.items()}
    api = kind(
        argument_spec={},
        direct_params={option: value for option, value in login.items() if value is not None},
        error_callback=_refuse,
        warn_callback=lambda _warning: None,
    )
    if not (api.oauth_token or (api.username and api.password)):
        raise ControllerError(NO_LOGIN)
    try:
        yield Controller(api)
    finally:
        api.logout()


def _is_there(collection: str) -> bool:
    return bool(lookup_loader.find_plugin_with_context(f"{collection}.controller_api").resolved)


def _refuse(**message: t.Any) -> t.NoReturn:
    # The rest is a whole response.
    text = str(message.get("msg", ""))
    raise ControllerError(text.rstrip("."), is_final=not _OF_ONE.search(text))


def _reasons(response: Mapping[str, t.Any]) -> str:
    """Return what AWX gives as reasons, without the fields that it quotes them for."""
    found = response.get("json")
    texts = list(_texts(found)) if isinstance(found, Mapping | list) else []
    return " ".join(texts)[:500].rstrip(".") or f"HTTP {response['status_code']}"


def _texts(value: t.Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            for text in _texts(inner):
                yield text if name in ("__all__", "detail") else f"{name}: {text}"
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    else:
        yield str(value)
