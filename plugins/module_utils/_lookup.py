# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at accounts: those that are named, those of a state or found by a search, or all of a tenant.

PRIVATE to the collection. Nothing here writes.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ._clock import moment_text
from ._faults import ApiError
from ._match import only_account
from ._model import (
    ABSENT,
    CLOSED_STATES,
    FORBIDDEN,
    SESSIONS_LEFT,
    UNKNOWN,
    Account,
    Answer,
    Key,
    LookupResult,
    Problem,
    Sessions,
)
from ._progress import Progress
from ._reading import LIST, SEARCH
from ._redact import without_secrets
from ._sessions import unlisted
from ._vendor import Listing, SessionService, Vendor


@dataclass(frozen=True)
class Sight:
    """One account, or one key that was looked for. Neither account nor problem: proven that there is none."""

    key: Key | None = None
    account: Account | None = None
    problem: Problem | None = None
    looked: Answer | None = None
    manual: tuple[str, ...] = ()
    manual_notes: Mapping[str, str] = field(default_factory=dict)
    sessions: int | None = None

    @property
    def found(self) -> bool | None:
        return None if self.problem is not None else self.account is not None

    @property
    def is_closed(self) -> bool:
        """Whether there is an account that gives no access, or none any more."""
        return self.problem is None and (self.account is None or self.account.condition.state in CLOSED_STATES)

    def as_result(self, hide: Callable[[str], str] | None, *, with_sessions: bool = False) -> dict[str, t.Any]:
        """Return the entry of a result; the vendor's own object is in it if there is something to hide secrets with."""
        account = self.account
        state = UNKNOWN if self.problem is not None else ABSENT
        answer = self.looked if account is None else account.seen
        return {
            "key": None if self.key is None else self.key.as_result(),
            "found": self.found,
            "id": account and account.id,
            "name": account and account.name,
            "email": account and account.email,
            "names": [] if account is None else list(account.labels),
            "state": state if account is None else account.condition.state,
            "vendor_state": account and account.condition.vendor_state,
            **({"sessions": self.sessions} if with_sessions else {}),
            "account": without_secrets(account.native, hide) if account is not None and hide is not None else None,
            "manual": list(self.manual),
            **({"manual_notes": dict(self.manual_notes)} if self.manual_notes else {}),
            "seen": answer and answer.as_result(),
            "error": None if self.problem is None else self.problem.as_result(),
        }


@dataclass(frozen=True)
class View:
    """What was seen of a tenant. ``problem``: why there may be more; ``gaps``: what is known to be missing."""

    sights: tuple[Sight, ...] = ()
    gaps: tuple[str, ...] = ()
    problem: Problem | None = None

    @property
    def complete(self) -> bool:
        return not self.gaps and self.problem is None and all(sight.found is not None for sight in self.sights)


def look_for(vendor: Vendor, keys: Sequence[Key], progress: Progress) -> View:
    """Look for the accounts that are named."""
    try:
        lookup_results = vendor.find(keys)
    except ApiError as exc:
        return View(tuple(Sight(key, problem=exc.problem) for key in keys))
    looked = Answer(moment_text(vendor.transport.clock.wall()))
    sights = [_sight(vendor, key, lookup_results[key], looked) for key in keys]
    if vendor.sessions is not None and vendor.params.get("sessions"):
        sights = _with_sessions(vendor.sessions, sights)
    tasks = {sight.account.id: sight.manual for sight in sights if sight.account is not None and sight.manual}
    notes: Mapping[str, Mapping[str, str]] = {}
    with contextlib.suppress(ApiError):
        notes = vendor.manual_notes(tasks)
    sights = [
        replace(sight, manual_notes=notes.get(sight.account.id, {})) if sight.account is not None else sight
        for sight in sights
    ]
    for batch in progress.batches(sights):
        progress.found(batch, sum(sight.found is True for sight in batch.items))
    return View(tuple(sights))


def _with_sessions(sessions: SessionService, sights: Sequence[Sight]) -> list[Sight]:
    """Return the accounts that were found with their sessions, and one that is gone if it was named by its id."""
    ids = {number: name for number, sight in enumerate(sights) if (name := _account_id(sight))}
    try:
        found = sessions.of(list(dict.fromkeys(ids.values()))) if ids else {}
    except ApiError as exc:
        found = dict.fromkeys(ids.values(), exc.problem)
    return [_counted(sight, found[ids[number]]) if number in ids else sight for number, sight in enumerate(sights)]


def _account_id(sight: Sight) -> str | None:
    if sight.problem is not None or sight.account is not None:
        return sight.account.id if sight.account is not None else None
    return sight.key.value if sight.key is not None and sight.key.field == "user_id" else None


def _counted(sight: Sight, found: Sessions | Problem) -> Sight:
    if isinstance(found, Sessions):
        manual = (SESSIONS_LEFT,) if sight.account is not None and sight.is_closed and found.count is None else ()
        return replace(sight, sessions=found.count, manual=(*sight.manual, *manual))
    if found.code == FORBIDDEN or not sight.is_closed:
        return replace(sight, manual=(*sight.manual, SESSIONS_LEFT)) if sight.is_closed else sight
    return replace(sight, problem=unlisted(found))


def _sight(vendor: Vendor, key: Key, lookup_result: LookupResult, looked: Answer) -> Sight:
    account = only_account(vendor.product, key, lookup_result)
    if isinstance(account, Problem):
        return Sight(key, problem=account, looked=looked)
    manual = vendor.left_open(key) if account is None else vendor.leftovers(account)
    return Sight(key, account, looked=looked, manual=manual)


def browse(vendor: Vendor, progress: Progress, *, state: str | None = None, search: str | None = None) -> View:
    """List the accounts of a tenant: all of them, those of a state, those that the vendor's search finds."""
    listing = Listing()
    problem = None
    vendor.transport.counters.used_strategy(LIST if search is None else SEARCH)
    try:
        vendor.browse(listing, state=state, search=search)
    except ApiError as exc:
        problem = exc.problem
    accounts = [each for each in listing.accounts.values() if state in (None, each.condition.state)]
    vague = sum(each.condition.state == UNKNOWN for each in listing.accounts.values())
    if vague and state not in (None, UNKNOWN):
        listing.gaps.append(f"the list does not show the state of {vague} users, who are left out")
    progress.listed(len(accounts))
    sights = tuple(Sight(account=account, manual=vendor.leftovers(account)) for account in accounts)
    return View(sights, tuple(listing.gaps), problem)
