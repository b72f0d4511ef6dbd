# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guard rails: what refuses changes before the first write.

PRIVATE to the collection. `guard` is pure: it makes no request.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ._decide import Step
from ._match import Patterns
from ._model import REFUSED, Problem, plan_hash

ALL = 100
"""Per cent."""


@dataclass(frozen=True)
class Guards:
    """What holds a run back before its first write."""

    protected: tuple[str, ...] = ()
    max_changes: int | None = None
    plan_hash: str | None = None
    max_percent: float | None = None

    @property
    def needs_population(self) -> bool:
        return self.max_percent is not None and self.max_percent < ALL

    def too_many(self, changes: int, population: int | Problem | None) -> Problem | None:
        """Return why so many changes are refused: too many, or an unknown share of the accounts."""
        if self.max_changes is not None and changes > self.max_changes:
            return Problem(
                "too_many_changes",
                f"Nothing was written: the plan has {changes} changes and max_changes is {self.max_changes}",
            )
        if not self.needs_population or not changes:
            return None
        if not isinstance(population, int):
            why = "the vendor has no request that counts them" if population is None else population.message
            return Problem(
                "unknown_size",
                "Nothing was written: max_percent is given, and it is not known how many accounts the tenant has "
                f"({why}). Set max_changes, and set max_percent to 100",
            )
        if changes * ALL <= t.cast(float, self.max_percent) * population:
            return None
        return Problem(
            "too_many_changes",
            f"Nothing was written: the plan has {changes} changes, the tenant {population} accounts, "
            f"and max_percent is {self.max_percent:g}",
        )


def guard(
    steps: Sequence[Step],
    guards: Guards,
    tenant: str,
    own: Collection[str],
    population: int | Problem | None = None,
) -> tuple[list[Step], str]:
    """Refuse the changes that a guard rail forbids. Return the steps, and the hash of the plan that remains.

    ``population``: how many accounts the tenant has, or why that is not known; needed for max_percent only.
    Protected accounts and the credential's own do not affect others. Two keys for one account, too many changes and
    another plan than the approved one refuse every change.
    """
    protected = Patterns(guards.protected)
    kept = [_spare(step, protected, own) for step in steps]
    named_twice = _same_account(kept)
    fingerprint = plan_hash(tenant, [step.change for step in kept if step.change is not None])
    changes = sum(step.writes is not None for step in kept)
    if named_twice:
        names = "; ".join(" and ".join(keys) for keys in list(named_twice.values())[:5])
        problem = Problem(
            "same_account",
            f"Nothing was written: these keys lead to one account each: {names}. Ask for each account once",
        )
        kept = [
            step.ended(REFUSED, problem) if step.account is not None and step.account.id in named_twice else step
            for step in kept
        ]
    elif too_many := guards.too_many(changes, population):
        problem = too_many
    elif guards.plan_hash is not None and guards.plan_hash != fingerprint:
        problem = Problem(
            "other_plan",
            f"Nothing was written: the plan now is {fingerprint}, and {guards.plan_hash} was approved. "
            "Accounts have changed since, or others are asked for; look at a new check run and approve that",
        )
    else:
        return kept, fingerprint
    return [step if step.writes is None else step.ended(REFUSED, problem) for step in kept], fingerprint


def _spare(step: Step, protected: Patterns, own: Collection[str]) -> Step:
    if step.writes is None or step.account is None:
        return step
    if step.account.id in own:
        return step.ended(REFUSED, Problem("own_account", "This is the account that the credential belongs to"))
    key = step.user_request.key
    # Wider than how keys are matched: what looks protected is protected.
    pattern = protected.first((str(key), key.value, step.account.id, *step.account.labels))
    return step if pattern is None else step.ended(REFUSED, Problem("protected", f"Protected by {pattern!r}"))


def _same_account(steps: Sequence[Step]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for step in steps:
        if step.account is not None:
            keys.setdefault(step.account.id, []).append(str(step.user_request.key))
    return {identifier: names for identifier, names in keys.items() if len(names) > 1}
