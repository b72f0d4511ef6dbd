# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every filter of the collection does with its results and its errors.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import wraps

from ansible.errors import AnsibleFilterError
from ansible.release import __version__ as core_version

R = t.TypeVar("R")


def as_data(value: R) -> R:
    """Return a value in which Ansible never looks for expressions: much of it comes from files and from vendors.

    From core 2.19 on this holds for everything that a filter returns. Core 2.18 needs a mark.
    """
    if core_version.startswith("2.18."):
        from ansible.utils.unsafe_proxy import wrap_var

        return t.cast(R, wrap_var(value))
    return value


def as_filter(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """Make a filter of a function: its ValueError is for the user, its result is data."""

    @wraps(function)
    def run(*args: t.Any, **kwargs: t.Any) -> t.Any:
        try:
            return as_data(function(*args, **kwargs))
        except ValueError as exc:
            raise AnsibleFilterError(str(exc)) from None

    return run
