# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed argument specs that merge.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

Option = dict[str, t.Any]


@dataclass(frozen=True)
class ArgumentSpec:
    """Options of a module."""

    options: Mapping[str, Option] = field(default_factory=dict)

    def __add__(self, other: ArgumentSpec) -> ArgumentSpec:
        return ArgumentSpec({**self.options, **other.options})


def from_environment(prefix: str, **options: Option) -> ArgumentSpec:
    """Return options each of which falls back on the environment variable PREFIX_OPTION."""
    return ArgumentSpec(
        {
            name: {**option, "fallback": (_env_fallback, [f"{prefix}_{name.upper()}"])}
            for name, option in options.items()
        }
    )


def _env_fallback(*names: str) -> t.Any:
    """Like Ansible's own env_fallback, except that a variable that is set but empty counts as not set.

    AWX injects an empty string for an input that was left out.
    """
    import os

    from ansible.module_utils.common.parameters import env_fallback

    return env_fallback(*(name for name in names if os.environ.get(name)))


def travel(prefix: str) -> ArgumentSpec:
    """Return the connection options that every vendor has."""
    return from_environment(
        prefix,
        timeout={"type": "float", "default": 30.0},
        retries={"type": "int", "default": 5},
        retry_budget={"type": "float", "default": 120.0},
        requests_per_second={"type": "float"},
        concurrency={"type": "int", "default": 16},
        validate_certs={"type": "bool", "default": True},
        ca_path={"type": "path"},
    )


SHOWING = ArgumentSpec(
    {
        "batch_size": {"type": "int"},
        "progress_file": {"type": "path"},
        "result_file": {"type": "path"},
        "from_environment": {"type": "list", "elements": "str", "default": []},
    }
)
"""The options for the progress of a task, for how it hands over its result, and for where its options come from. The
role sets all but the first."""

USER_TASK = ArgumentSpec(
    {
        "verify": {"type": "bool", "default": True},
        "on_missing": {"type": "str", "choices": ["fail", "warn", "ok"], "default": "fail"},
        "protected": {"type": "list", "elements": "str", "default": []},
        "max_changes": {"type": "int"},
        "max_percent": {"type": "float"},
        "plan_hash": {"type": "str"},
        "preflight": {"type": "bool", "default": False},
        "journal_file": {"type": "path"},
        "journal_emails": {"type": "list", "elements": "str"},
    }
)
"""The options of every module that writes: how results are read back, and the guard rails."""


def one_or_many(keys: ArgumentSpec, settings: ArgumentSpec, own: ArgumentSpec | None = None) -> ArgumentSpec:
    """Return the options that name one account at the top level, or many in ``users``.

    ``own``: options of an entry of ``users`` that go before those of the task.
    """
    top = keys + settings
    entry = top + (own or ArgumentSpec())
    return top + ArgumentSpec({"users": {"type": "list", "elements": "dict", "options": dict(entry.options)}})
