# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The mock vendors in the vendors' place, and the environment in which everything that is measured runs."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Used, run
from demo.story import closed_at
from harness.playbook import clean_environment
from harness.tree import link_tree
from mock_vendors.client import MockVendors

CONCURRENCY = 16
"""The default of the modules."""


class NotClosed(Exception):
    pass


def emails(count: int) -> list[str]:
    """The first of the mock vendors' made-up accounts."""
    return [f"user{number:05d}@example.com" for number in range(1, count + 1)]


@dataclass(frozen=True)
class Stage:
    mock: MockVendors
    place: Path
    collections: Path

    @classmethod
    def built(cls, mock: MockVendors, place: Path) -> Stage:
        return cls(mock, place, link_tree(place / "collections"))

    def set(self, latency: int, accounts: int, vendors: Collection[str] = ("zitadel",)) -> None:
        """Everything as on the first day, with so many open accounts at each vendor, and so many ms to an answer."""
        self.mock.reset()
        self.mock.log_detail(False)
        self.mock.population(**dict.fromkeys(vendors, accounts))
        self.mock.latency(**dict.fromkeys(vendors, latency / 1000))

    def folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="run-", dir=self.place))

    def run(self, command: list[str], place: Path, more: Mapping[str, str] | None = None) -> Used:
        """Run a command as if nothing had been sent before."""
        self.mock.clear_log()
        # Thrive with OAuth2, so that there is a token to count.
        login = self.mock.environment(learn=("client_id", "client_secret"))
        environment = clean_environment(self.place, self.collections, {**login, **(more or {})})
        # What the tests want to see of a task is not what Ansible does by default, and it is much for many users.
        del environment["ANSIBLE_INJECT_INVOCATION"]
        return run(command, place, environment)

    def counts(self) -> tuple[int, int]:
        """How many requests have come since, without and for tokens."""
        kinds = [(kind, count) for counts in self.mock.counts().values() for kind, count in counts.items()]
        tokens = sum(count for kind, count in kinds if kind == "token")
        return sum(count for _kind, count in kinds) - tokens, tokens

    def check(self, who: str, leavers: Collection[str], vendors: Collection[str] = ("zitadel",)) -> None:
        """Check the mock vendors: the leavers' accounts are closed, and no others."""
        for vendor in vendors:
            closed = closed_at(vendor, self.mock.state(vendor))
            if closed != set(leavers):
                missing, others = set(leavers) - closed, closed - set(leavers)
                raise NotClosed(f"{who}, {vendor}: {len(missing)} leavers not closed, {len(others)} others closed")
