# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known facts of products that implement SCIM: data, with a source for each value that differs from `generic`.

PRIVATE to the collection. Importable without requests.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

IDP = "idp_is_the_source"
ACCEPTED_UNSEEN = "accepted_unseen"
REMOVED_BY_CLOSING = "removed_by_closing"
SESSIONS_OUTLIVE = "sessions_outlive"
MANUAL = (IDP, SESSIONS_OUTLIVE)
"""The codes of tasks for a person that a profile can name."""

DEACTIVATES, REMOVES, DELETES, NONE = "deactivates", "removes", "deletes", "none"
PATH, PATHLESS, CAPITAL, CAPITAL_TEXT, PUT = "path", "pathless", "Replace", "Replace_string", "put"
INDEX, CURSOR = "index", "cursor"
GENERIC = "generic"
FILTERS = {"username": "userName", "email": "emails.value", "external_id": "externalId"}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How a product implements SCIM. A value of None is not known, and is learnt or proven in each run.

    ``api_url`` may hold ``{tenant_id}``. ``filters``: the attribute that finds an account by a key. ``or_terms``:
    clauses in one filter. ``filter_chars``: length of a filter. ``page``: users on a page. ``rate``: requests per
    second. ``sources``: where a value that differs from `generic` is documented or was read.
    """

    name: str = GENERIC
    api_url: str | None = None
    shared_address: bool = False
    closes: str | None = None
    deletes: str | None = None
    absent_by: str = "delete"
    shape: str | None = None
    filters: Mapping[str, str] = field(default_factory=lambda: dict(FILTERS))
    or_terms: int = 40
    filter_chars: int = 2000
    page: int = 100
    paging: str | None = None
    list: str | None = None
    hides_closed: bool = False
    active_missing: str | None = None
    list_params: Mapping[str, str] = field(default_factory=dict)
    rate: float | None = None
    concurrency: int = 8
    manual: tuple[str, ...] = (IDP,)
    sources: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, t.Any]:
        """Return the values that `profile_options` can set."""
        return {name: getattr(self, name) for name in OPTIONS}

    def as_result(self) -> dict[str, t.Any]:
        """Return the values as results have them. Of parameters only the names: a value may be a secret."""
        lists = {"list_params": sorted(self.list_params), "manual": [*self.manual], "filters": {**self.filters}}
        return {**self.values(), **lists}


_SLACK = "https://docs.slack.dev/reference/scim-api"
_GITHUB = "https://github.com/github/docs/blob/main/content/admin/managing-iam/provisioning-user-accounts-with-scim"
_GITHUB_REST = f"{_GITHUB}/provisioning-users-and-groups-with-scim-using-the-rest-api.md"
_GITHUB_ORGANIZATION = "https://tryapis.com/github/api/scim-update-attribute-for-user"
_GITLAB = "https://gitlab.com/gitlab-org/gitlab/-/blob/master/doc/development/internal_api/_index.md"
_ATLASSIAN = "https://support.atlassian.com/atlassian-cloud/kb/how-to-filter-users-in-provisioning-scim-using-rest-api"
_ATLASSIAN_CLOSED = "https://jira.atlassian.com/browse/ACCESS-1293"
_NOTION = "https://www.notion.com/help/provision-users-and-groups-with-scim"
_SENTRY = "https://github.com/getsentry/sentry/blob/master/src/sentry/core/endpoints/scim/members.py"
_BITWARDEN = "https://github.com/bitwarden/server/blob/main/bitwarden_license/src/Scim/Users"
_AWS = "https://docs.aws.amazon.com/singlesignon/latest/developerguide"
_SALESFORCE = "https://help.salesforce.com/s/articleView?id=sf.identity_scim_overview.htm"
_TERRAFORM = "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/scim/users"
_KEYCLOAK = "Tried on Keycloak 26.7.3 (https://www.keycloak.org)"


def _sourced(source: str, *names: str, **others: str) -> dict[str, str]:
    return {**dict.fromkeys(names, source), **others}


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(),
        Profile(
            name="slack",
            api_url="https://api.slack.com/scim/v2",
            shared_address=True,
            closes=DEACTIVATES,
            deletes=DEACTIVATES,
            page=1000,
            rate=3.0,
            sources=_sourced(
                _SLACK, "api_url", "shared_address", "closes", "deletes", "page", rate=f"{_SLACK}/rate-limits"
            ),
        ),
        Profile(
            name="github_enterprise",
            api_url="https://api.github.com/scim/v2/enterprises/{tenant_id}",
            closes=DEACTIVATES,
            deletes=REMOVES,
            concurrency=1,
            sources=_sourced(
                _GITHUB_REST,
                "api_url",
                "closes",
                "concurrency",
                deletes=f"{_GITHUB}/deprovisioning-and-reinstating-users.md",
            ),
        ),
        Profile(
            name="github_organization",
            api_url="https://api.github.com/scim/v2/organizations/{tenant_id}",
            closes=REMOVES,
            deletes=REMOVES,
            shape=PATHLESS,
            sources=_sourced(_GITHUB_ORGANIZATION, "api_url", "closes", "deletes", "shape"),
        ),
        Profile(
            name="gitlab_instance",
            closes=DEACTIVATES,
            deletes=DEACTIVATES,
            sources=_sourced(_GITLAB, "closes", "deletes"),
        ),
        Profile(
            name="atlassian",
            api_url="https://api.atlassian.com/scim/directory/{tenant_id}",
            closes=DEACTIVATES,
            deletes=DEACTIVATES,
            filters={"username": "userName", "external_id": "externalId"},
            hides_closed=True,
            sources=_sourced(
                _ATLASSIAN,
                "api_url",
                "filters",
                closes=_ATLASSIAN_CLOSED,
                hides_closed=_ATLASSIAN_CLOSED,
                deletes="https://github.com/MrRefactoring/jira.js",
            ),
        ),
        Profile(
            name="notion",
            api_url="https://api.notion.com/scim/v2",
            shared_address=True,
            closes=REMOVES,
            deletes=REMOVES,
            filters={"email": "email"},
            sources=_sourced(_NOTION, "api_url", "shared_address", "closes", "deletes", "filters"),
        ),
        Profile(
            name="sentry",
            closes=REMOVES,
            deletes=REMOVES,
            filters={"username": "userName"},
            or_terms=1,
            sources=_sourced(_SENTRY, "closes", "deletes", "filters", "or_terms"),
        ),
        Profile(
            name="bitwarden",
            closes=DEACTIVATES,
            deletes=REMOVES,
            shape=PATH,
            filters={"username": "userName", "external_id": "externalId"},
            or_terms=1,
            sources=_sourced(
                f"{_BITWARDEN}/PatchUserCommand.cs",
                "closes",
                "deletes",
                "shape",
                filters=f"{_BITWARDEN}/GetUsersListQuery.cs",
                or_terms=f"{_BITWARDEN}/GetUsersListQuery.cs",
            ),
        ),
        Profile(
            name="aws",
            closes=DEACTIVATES,
            deletes=DELETES,
            shape=PATH,
            filters={"username": "userName", "external_id": "externalId"},
            or_terms=1,
            paging=CURSOR,
            sources=_sourced(
                f"{_AWS}/listusers.html",
                "filters",
                "or_terms",
                "paging",
                closes=f"{_AWS}/patchuser.html",
                shape=f"{_AWS}/patchuser.html",
                deletes=f"{_AWS}/deleteuser.html",
            ),
        ),
        Profile(
            name="salesforce",
            closes=DEACTIVATES,
            deletes=DEACTIVATES,
            sources=_sourced(_SALESFORCE, "closes", "deletes"),
        ),
        Profile(
            name="terraform",
            api_url="https://app.terraform.io/scim/v2/{tenant_id}",
            filters={"username": "userName", "external_id": "externalId"},
            page=200,
            sources=_sourced(_TERRAFORM, "api_url", "filters", "page"),
        ),
        Profile(
            name="keycloak",
            closes=DEACTIVATES,
            deletes=DELETES,
            shape=PATH,
            filters={"username": "userName", "email": "emails.value"},
            manual=(IDP, SESSIONS_OUTLIVE),
            sources=_sourced(_KEYCLOAK, "closes", "deletes", "shape", "filters", "manual"),
        ),
    )
}


class ProfileError(ValueError):
    """A profile or a value of one that cannot be used. Raised before any request."""


def _one_of(*choices: str) -> Callable[[t.Any], t.Any]:
    def read(value: t.Any) -> t.Any:
        if value not in choices:
            raise ValueError(f"is one of {', '.join(choices)}")
        return value

    return read


def _flag(value: t.Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError("is true or false")
    return str(value).lower() == "true"


def _whole(least: int) -> Callable[[t.Any], int]:
    def read(value: t.Any) -> int:
        text = "" if isinstance(value, bool) else str(value)
        if not text.isdecimal() or int(text) < least:
            raise ValueError(f"is a whole number from {least} on")
        return int(text)

    return read


def _rate(value: t.Any) -> float:
    try:
        rate = float("nan" if isinstance(value, bool) else value)
    except (TypeError, ValueError):
        rate = 0.0
    if not 0 < rate <= 100_000:
        raise ValueError("is a number of requests per second, more than 0")
    return rate


def _texts(*names: str) -> Callable[[t.Any], Mapping[str, str]]:
    def read(value: t.Any) -> Mapping[str, str]:
        fine = isinstance(value, dict) and all(
            isinstance(name, str) and isinstance(text, str | int) and (not names or name in names)
            for name, text in value.items()
        )
        if not fine:
            raise ValueError("is a dict of texts" + (f" for {', '.join(names)}" if names else ""))
        return {name: str(text).lower() if isinstance(text, bool) else str(text) for name, text in value.items()}

    return read


def _codes(value: t.Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(code in MANUAL for code in value):
        raise ValueError(f"is a list of {', '.join(MANUAL)}")
    return tuple(value)


OPTIONS: Mapping[str, Callable[[t.Any], t.Any]] = {
    "closes": _one_of(DEACTIVATES, REMOVES),
    "deletes": _one_of(DELETES, REMOVES, DEACTIVATES, NONE),
    "absent_by": _one_of("delete", "patch"),
    "shared_address": _flag,
    "shape": _one_of(PATH, PATHLESS, CAPITAL, CAPITAL_TEXT, PUT),
    "filters": _texts(*FILTERS),
    "or_terms": _whole(0),
    "filter_chars": _whole(100),
    "page": _whole(1),
    "paging": _one_of(INDEX, CURSOR, NONE),
    "list": _one_of("whole", NONE),
    "hides_closed": _flag,
    "active_missing": _one_of("active"),
    "list_params": _texts(),
    "rate": _rate,
    "concurrency": _whole(1),
    "manual": _codes,
}
"""The fields of `profile_options`, each with the function that reads its value or raises ValueError."""


def profile_from(params: Mapping[str, t.Any]) -> Profile:
    """Return the profile that is chosen, with the values of ``profile_options``. Raises ProfileError."""
    name = params.get("profile") or GENERIC
    if name not in PROFILES:
        raise ProfileError(
            f"profile {str(name)[:100]!r} does not exist; choose one of {', '.join(sorted(PROFILES))}. For any other "
            f"product leave it out, and describe the product with profile_options"
        )
    values: dict[str, t.Any] = {}
    faults: list[str] = []
    for option, value in (params.get("profile_options") or {}).items():
        if option not in OPTIONS:
            faults.append(f"{str(option)[:100]!r} is not a field; the fields are {', '.join(sorted(OPTIONS))}")
            continue
        try:
            values[option] = OPTIONS[option](value)
        except ValueError as exc:
            faults.append(f"{option} {exc}")
    if faults:
        raise ProfileError(f"profile_options: {'; '.join(faults)}. Nothing was sent")
    return replace(PROFILES[name], **values)


def differing(profile: Profile) -> list[str]:
    """Return the names of the values in which a profile differs from `generic`."""
    base = PROFILES[GENERIC]
    return [
        each.name
        for each in fields(Profile)
        if each.name not in ("name", "sources") and getattr(profile, each.name) != getattr(base, each.name)
    ]
