# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The fields that AWX documents of each kind of object: those that can be written.

Source: awx/api/serializers.py of AWX 24.6.1 (and OPTIONS of each endpoint), awx/api/fields.py for what a null
means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True)
class Field:
    kind: type | tuple[type, ...] = str
    required: bool = False
    choices: Sequence[Any] = ()
    to: str = ""
    default: Any = ""

    def fault(self, value: Any) -> str:
        if value is None:
            return "This field may not be null." if self.required else ""
        if self.to:
            return "" if is_integer(value) else f"Incorrect type. Expected pk value, received {type(value).__name__}."
        if not isinstance(value, self.kind) or (isinstance(value, bool) and self.kind is not bool):
            return f"Not a valid {self.kind}."
        if self.choices and value not in self.choices:
            return f'"{value}" is not a valid choice.'
        return "This field may not be blank." if self.required and value == "" else ""


@dataclass(frozen=True)
class Resource:
    """A list endpoint. `read_only` is what AWX takes without a word and does not keep."""

    type: str
    fields: Mapping[str, Field]
    read_only: frozenset[str] = frozenset()
    unique: tuple[str, ...] = ("name",)
    sublists: Mapping[str, str] = field(default_factory=dict)
    surveys: bool = False
    roles: tuple[str, ...] = ()


def text(**options: Any) -> Field:
    return Field(**options)


def flag(default: bool = False) -> Field:
    return Field(bool, default=default)


def number(default: int | None = 0) -> Field:
    return Field(int, default=default)


def link(to: str, required: bool = False) -> Field:
    return Field(int, required=required, to=to, default=None)


def prompts(*names: str) -> dict[str, Field]:
    return {f"ask_{name}_on_launch": flag() for name in names}


NAMED: Callable[[], dict[str, Field]] = lambda: {"name": text(required=True), "description": text()}  # noqa: E731
LAUNCH_CONFIG = {
    "extra_data": Field((dict, str), default={}),
    "inventory": link("inventories"),
    "scm_branch": text(default=None),
    "job_type": text(choices=("run", "check", ""), default=None),
    "job_tags": text(default=None),
    "skip_tags": text(default=None),
    "limit": text(default=None),
    "diff_mode": Field(bool, default=None),
    "verbosity": Field(int, choices=range(6), default=None),
    "execution_environment": link("execution_environments"),
    "forks": number(None),
    "job_slice_count": number(None),
    "timeout": number(None),
}

NOTIFICATIONS = {f"notification_templates_{on}": "notification_templates" for on in ("started", "success", "error")}

RESOURCES: dict[str, Resource] = {
    "users": Resource("user", {"username": text(required=True)}, unique=("username",)),
    "teams": Resource(
        "team",
        {**NAMED(), "organization": link("organizations", required=True)},
        unique=("organization", "name"),
    ),
    "notification_templates": Resource(
        "notification_template",
        {
            **NAMED(),
            "organization": link("organizations", required=True),
            "notification_type": text(required=True),
            "notification_configuration": Field(dict, default={}),
        },
        unique=("organization", "name"),
    ),
    "instance_groups": Resource(
        "instance_group",
        {**NAMED(), "is_container_group": flag(), "pod_spec_override": text()},
    ),
    "organizations": Resource(
        "organization",
        {
            **NAMED(),
            "max_hosts": number(),
            "custom_virtualenv": text(),
            "default_environment": link("execution_environments"),
        },
        sublists={"instance_groups": "instance_groups"},
    ),
    "credential_types": Resource(
        "credential_type",
        {
            **NAMED(),
            "kind": text(required=True, choices=("cloud", "net")),
            "inputs": Field(dict, default={}),
            "injectors": Field(dict, default={}),
        },
        read_only=frozenset(("managed",)),
        unique=("name", "kind"),
    ),
    "credentials": Resource(
        "credential",
        {
            **NAMED(),
            "organization": link("organizations"),
            "credential_type": link("credential_types", required=True),
            "inputs": Field(dict, default={}),
        },
        read_only=frozenset(("managed",)),
        unique=("organization", "name", "credential_type"),
    ),
    "execution_environments": Resource(
        "execution_environment",
        {
            **NAMED(),
            "organization": link("organizations"),
            "image": text(required=True),
            "credential": link("credentials"),
            "pull": text(choices=("", "always", "missing", "never")),
        },
        read_only=frozenset(("managed",)),
    ),
    "projects": Resource(
        "project",
        {
            **NAMED(),
            "local_path": text(),
            "scm_type": text(choices=("", "git", "svn", "insights", "archive")),
            "scm_url": text(),
            "scm_branch": text(),
            "scm_refspec": text(),
            "scm_clean": flag(),
            "scm_track_submodules": flag(),
            "scm_delete_on_update": flag(),
            "credential": link("credentials"),
            "timeout": number(),
            "organization": link("organizations"),
            "scm_update_on_launch": flag(),
            "scm_update_cache_timeout": number(),
            "allow_override": flag(),
            "custom_virtualenv": text(default=None),
            "default_environment": link("execution_environments"),
            "signature_validation_credential": link("credentials"),
        },
        unique=("name", "organization"),
    ),
    "inventories": Resource(
        "inventory",
        {
            **NAMED(),
            "organization": link("organizations", required=True),
            "kind": text(choices=("", "smart", "constructed")),
            "host_filter": text(default=None),
            "variables": text(),
            "prevent_instance_group_fallback": flag(),
        },
        unique=("name", "organization"),
        sublists={"instance_groups": "instance_groups"},
    ),
    "hosts": Resource(
        "host",
        {
            **NAMED(),
            "inventory": link("inventories", required=True),
            "enabled": flag(True),
            "instance_id": text(),
            "variables": text(),
        },
        unique=("name", "inventory"),
    ),
    "groups": Resource(
        "group",
        {**NAMED(), "inventory": link("inventories", required=True), "variables": text()},
        unique=("name", "inventory"),
        sublists={"hosts": "hosts", "children": "groups"},
    ),
    "job_templates": Resource(
        "job_template",
        {
            **NAMED(),
            "job_type": text(choices=("run", "check"), default="run"),
            "inventory": link("inventories"),
            "project": link("projects"),
            "playbook": text(),
            "scm_branch": text(),
            "forks": number(),
            "limit": text(),
            "verbosity": Field(int, choices=range(6), default=0),
            "extra_vars": text(),
            "job_tags": text(),
            "force_handlers": flag(),
            "skip_tags": text(),
            "start_at_task": text(),
            "timeout": number(),
            "use_fact_cache": flag(),
            "execution_environment": link("execution_environments"),
            "host_config_key": text(),
            **prompts("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity"),
            **prompts("inventory", "credential", "execution_environment", "labels", "forks", "job_slice_count"),
            **prompts("timeout", "instance_groups"),
            "survey_enabled": flag(),
            "become_enabled": flag(),
            "diff_mode": flag(),
            "allow_simultaneous": flag(),
            "custom_virtualenv": text(default=None),
            "job_slice_count": number(1),
            "webhook_service": text(choices=("", "github", "gitlab", "bitbucket_dc")),
            "webhook_credential": link("credentials"),
            "prevent_instance_group_fallback": flag(),
        },
        # It is that of the project.
        read_only=frozenset(("organization",)),
        unique=("name", "organization"),
        sublists={"credentials": "credentials", "instance_groups": "instance_groups", **NOTIFICATIONS},
        surveys=True,
        roles=("admin_role", "execute_role", "read_role"),
    ),
    "workflow_job_templates": Resource(
        "workflow_job_template",
        {
            **NAMED(),
            "extra_vars": text(),
            "organization": link("organizations"),
            "survey_enabled": flag(),
            "allow_simultaneous": flag(),
            "inventory": link("inventories"),
            "limit": text(default=None),
            "scm_branch": text(default=None),
            "job_tags": text(default=None),
            "skip_tags": text(default=None),
            **prompts("variables", "inventory", "scm_branch", "limit", "labels", "skip_tags", "tags"),
            "webhook_service": text(choices=("", "github", "gitlab", "bitbucket_dc")),
            "webhook_credential": link("credentials"),
        },
        unique=("name", "organization"),
        sublists={**NOTIFICATIONS, "notification_templates_approvals": "notification_templates"},
        surveys=True,
        roles=("admin_role", "execute_role", "read_role", "approval_role"),
    ),
    "workflow_job_template_nodes": Resource(
        "workflow_job_template_node",
        {
            **LAUNCH_CONFIG,
            "workflow_job_template": link("workflow_job_templates", required=True),
            "unified_job_template": link("unified_job_templates"),
            "all_parents_must_converge": flag(),
            "identifier": text(required=True),
        },
        unique=("identifier", "workflow_job_template"),
        sublists=dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
    ),
    "workflow_approval_templates": Resource(
        "workflow_approval_template",
        {**NAMED(), "timeout": number()},
        unique=(),
    ),
    "schedules": Resource(
        "schedule",
        {
            **NAMED(),
            **LAUNCH_CONFIG,
            "rrule": text(required=True),
            "unified_job_template": link("unified_job_templates", required=True),
            "enabled": flag(True),
        },
        unique=("unified_job_template", "name"),
    ),
}
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "workflow_approval_templates")
"""What /unified_job_templates/ lists."""
INCLUDED = {
    "admin_role": ("admin_role",),
    "execute_role": ("admin_role", "execute_role"),
    "approval_role": ("admin_role", "approval_role"),
    "read_role": ("admin_role", "approval_role", "execute_role", "read_role"),
}
"""The roles of an object that include one (parent_role in awx/main/models/jobs.py and workflow.py)."""
EVERYWHERE = frozenset(("id", "type", "url", "related", "summary_fields", "created", "modified"))
"""Read-only in all of them."""
