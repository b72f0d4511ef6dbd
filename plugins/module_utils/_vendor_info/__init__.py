# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The static facts of each vendor, one file per product.

PRIVATE to the collection. Importable without requests. A module imports the file of one vendor; the controller
lists the folder (`plugin_utils/_catalog`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._model import ACTIVE, ManualTask
from .._options import ArgumentSpec

NO_WAY_BACK = ManualTask(
    "The account was deleted, and no request of the vendor brings a deleted account back.",
    "Make a new account, with the roles and the data that the person needs.",
    "The vendor's documentation has no such request.",
)
"""The task for a person where a deleted account cannot be reopened."""


@dataclass(frozen=True, kw_only=True)
class VendorInfo:
    """What is known of a vendor's product without a request."""

    name: str
    """The name in module names, variables and the inventory: `zitadel`."""
    product: str
    """The product's own name: `ZITADEL`."""
    states: tuple[str, ...]
    """The states that can be requested."""
    found_states: tuple[str, ...] = ()
    """The states in which accounts can be found."""
    keys: ArgumentSpec
    """The options that name an account."""
    plain_key: str
    """The key that a plain value in a leavers list stands for."""
    id_keys: tuple[str, ...] = ()
    """The keys that are ids of the vendor's own making, which hold no @."""
    settings: ArgumentSpec = field(default_factory=ArgumentSpec)
    """The options that apply to one user."""
    task_settings: ArgumentSpec = field(default_factory=ArgumentSpec)
    """The options that apply to all users of a task."""
    listing_settings: ArgumentSpec = field(default_factory=ArgumentSpec)
    """The options that select a list of accounts, where a vendor has several."""
    connection: ArgumentSpec
    """The options for the tenant's address and the login, each with its environment variable."""
    deleting_settings: Mapping[str, str] = field(default_factory=dict)
    """The options of task_settings with a value that deletes accounts although another state is asked for."""
    closing_settings: tuple[str, ...] = ()
    """The options of settings and task_settings that the role passes on for the state `deactivated` only."""
    readable: bool = True
    """Whether the vendor's API can read an account."""
    searchable: bool = False
    """Whether the vendor has a search by a part of a name."""
    manual: Mapping[str, ManualTask] = field(default_factory=dict)
    """The tasks for a person, by code: what no API of the vendor does or shows."""
    sessions: bool = False
    """Whether accounts have sessions that outlive them, and that the vendor's API lists and ends."""
    lost_writes: str = ""
    """What to do where the server accepted a change, and does not show it even when it is sent again."""
    no_way_back: ManualTask = NO_WAY_BACK
    """The task for a person where an account cannot be reopened."""

    @property
    def reopens(self) -> bool:
        """Whether the vendor's API can reopen a closed account."""
        return ACTIVE in self.states

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of the vendor's modules, without the collection's."""
        return (f"{self.name}_user", *((f"{self.name}_user_info",) if self.readable else ()))
