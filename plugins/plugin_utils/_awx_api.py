# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read-only requests to AWX's API, for what no module of awx.awx or ansible.controller returns.

PRIVATE to the collection. The login is that of the modules: environment variables, or their configuration files.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module

from ansible.plugins.loader import lookup_loader

Object = Mapping[str, t.Any]


class ApiError(Exception):
    """AWX or the collection of its modules refuses. The message states why, and what to do."""


def not_installed(what: str, collection: str) -> str:
    return (
        f"The {what} is not there. Install the collection where Ansible runs (ansible-galaxy collection install "
        f"{collection}), or choose the one that is installed by awx_collection."
    )


class Api:
    """AWX's API behind the class that the modules are made of."""

    def __init__(self, controller: t.Any) -> None:
        self._controller = controller

    def all(self, endpoint: str, **query: t.Any) -> Sequence[Object]:
        """Return all objects of a list. Raises ApiError."""
        answer = self._controller.get_all_endpoint(endpoint, data=query)
        return t.cast("Sequence[Object]", answer["json"]["results"])

    def get(self, path: str, **query: t.Any) -> Object:
        """Return one object. Raises ApiError."""
        return t.cast(Object, self._controller.get_endpoint(path, data=query)["json"])


@contextmanager
def connected(collection: str, loader: t.Any, templar: t.Any) -> Iterator[Api]:
    """Log in, and out again. Raises ApiError."""
    lookup = lookup_loader.get(f"{collection}.controller_api", loader=loader, templar=templar)
    if lookup is None:
        raise ApiError(not_installed(f"collection {collection}", collection))
    # The lookup knows how to log in, but it leaves a token behind where it does so with a user and password.
    lookup.set_options(direct={})
    kind = import_module(f"ansible_collections.{collection}.plugins.module_utils.controller_api").ControllerAPIModule
    login = {option: lookup.get_option(short) for short, option in kind.short_params.items()}
    controller = kind(
        argument_spec={},
        direct_params={option: value for option, value in login.items() if value is not None},
        error_callback=_refuse,
        warn_callback=lambda _warning: None,
    )
    try:
        yield Api(controller)
    finally:
        controller.logout()


def _refuse(**message: t.Any) -> t.NoReturn:
    raise ApiError(str(message.get("msg", "")))
