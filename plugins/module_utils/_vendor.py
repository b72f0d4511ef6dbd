# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vendor is: what it can do, how accounts are found in bulk, and how one change is applied.

PRIVATE to the collection. `_converge` knows vendors by this class alone.
"""

from __future__ import annotations

import abc
import typing as t
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ._faults import ApiError, Fatal
from ._match import Reading, only_account
from ._model import (
    OFF_STATES,
    Account,
    Answer,
    Change,
    Condition,
    Key,
    LookupResult,
    Problem,
    ProductUsed,
    Receipt,
    Sessions,
    UserRequest,
)
from ._reach import Reach
from ._threads import gather
from ._transport import Client, Transport
from ._url import check_url
from ._vendor_info import VendorInfo

T = t.TypeVar("T", bound=Hashable)
R = t.TypeVar("R")


@dataclass
class Listing:
    """The accounts of a tenant as far as they were read, each once, and what is known to be missing from them."""

    accounts: dict[str, Account] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)

    states: set[str] = field(default_factory=set)

    def add(self, accounts: Iterable[Account]) -> None:
        for account in accounts:
            self.states.add(account.condition.state)
            self.keep(account)

    def keep(self, account: Account) -> None:
        self.accounts[account.id] = account


@dataclass
class Tally(Listing):
    """A listing of which nothing is kept but the number of accounts, or of those that are in use."""

    in_use: bool = False
    count: int = 0

    def keep(self, account: Account) -> None:
        self.count += not self.in_use or account.condition.state not in OFF_STATES


@dataclass(frozen=True)
class Rights:
    """What a vendor states of the rights of a credential.

    ``lacking``: the permissions that a state needs and that it has not; None: not known. ``reach``: which accounts it
    can see; an empty text: not known. ``note``: what to do, or why it is not known.
    """

    lacking: tuple[str, ...] | None = None
    reach: str = ""
    note: str = ""


class SettingsError(ValueError):
    """Values that do not go together with what is asked. Raised before any request."""


class SessionService(abc.ABC):
    """The sessions of the accounts of one tenant."""

    @abc.abstractmethod
    def of(self, ids: Sequence[str]) -> Mapping[str, Sessions | Problem]:
        """List the sessions of accounts. A problem of the code `forbidden` is for lack of rights. Raises Fatal."""

    @abc.abstractmethod
    def may_end(self) -> bool | None:
        """Return whether the credential has the right to end sessions; None if that is not known. Raises Fatal."""

    @abc.abstractmethod
    def end(self, session: str) -> Answer:
        """End a session by its id. Raises ApiError, of the code `forbidden` for lack of rights."""


class Vendor(abc.ABC):
    """One tenant of a vendor's product.

    A subclass knows one product's API and nothing else. Its methods raise ApiError for what concerns the request at
    hand and Fatal for what ends the task.
    """

    info: t.ClassVar[VendorInfo]
    """The static facts of the vendor."""
    _client: Client

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        """Check the options, without a request. Raises CredentialError or UrlError."""
        self.params = params
        self.transport = transport

    @classmethod
    def product_of(cls, params: Mapping[str, t.Any]) -> str:
        """Return the product's name in messages; its own, where a vendor is many products."""
        return cls.info.product

    @property
    def product(self) -> str:
        return self.product_of(self.params)

    def product_used(self) -> ProductUsed | None:
        """Return the product as it was used, where a vendor is many products."""
        return None

    @property
    @abc.abstractmethod
    def tenant(self) -> str:
        """What identifies this tenant: the API's host, and the customer or tenant id where there is one."""

    @abc.abstractmethod
    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        """Look for all keys at once, with as few requests as it takes.

        A key that was looked for properly and has no account gets an empty LookupResult; whatever leaves that open is a
        problem.
        """

    def reread(self, accounts: Sequence[Account], *, fresh: bool) -> Mapping[str, Reading]:
        """Read accounts again, by id. ``fresh``: from the source that lags least, whatever that costs."""
        return {account.id: account for account in accounts}

    def reread_by_all_means(self, accounts: Sequence[Account]) -> Mapping[str, Reading]:
        """Read accounts again, by id. One that a single read misses is missing only if a search for it proves that."""
        readings = dict(self.reread(accounts, fresh=True))
        lost = [Key("user_id", identifier) for identifier, reading in readings.items() if reading is None]
        found = self.find(lost) if lost else {}
        return readings | {key.value: only_account(self.product, key, found[key]) for key in lost}

    def browse(self, listing: Listing, *, state: str | None = None, search: str | None = None) -> None:
        """Read the tenant's accounts into a listing, page by page; what was read before an error stays in it.

        The vendor may leave out what is not of that state, and must leave out what the search does not find.
        """
        listing.gaps.append(f"{self.product} has no request that lists accounts")

    def log_in(self) -> None:
        """Get a token, if the credential needs one. Raises Fatal."""
        self._client.log_in()

    def read_page(self) -> int | None:
        """Read one page of the list and return how many accounts are on it; None if there is no list.

        Raises ApiError.
        """
        return None

    def rights(self, state: str) -> Rights:
        """Return what the vendor states of the rights that a state needs. The default is for those that state none."""
        return Rights()

    def scope(self) -> Reach:
        """Return which accounts the credential can see. The default is for vendors that do not state it."""
        return None

    def lacking(self, changes: Sequence[Change], *, ends_sessions: bool = False) -> tuple[str, ...]:
        """Return the permissions that a plan needs and that the credential is known to lack."""
        return ()

    def population(self, *, in_use: bool) -> int | None:
        """Return how many accounts the tenant has, or only those that are in use; None where that cannot be learnt.

        By a list of all of them, where the vendor has no cheaper way. Raises ApiError.
        """
        if not self.info.readable:
            return None
        tally = Tally(in_use=in_use)
        self.browse(tally)
        return tally.count

    sessions: SessionService | None = None
    """The sessions of the accounts, if the vendor's API lists and ends them."""

    @property
    def ends_sessions(self) -> bool:
        """Whether the sessions of accounts that are closed are to be ended."""
        return self.sessions is not None and bool(self.params.get("end_sessions"))

    def leftovers(self, account: Account) -> tuple[str, ...]:
        """Return the codes of what outlives the closing of an account or cannot be seen, by what was read of it."""
        return ()

    def left_open(self, key: Key) -> tuple[str, ...]:
        """Return the codes of what remains open for a key without an account, as far as the task has shown."""
        return ()

    def notes(self) -> Sequence[str]:
        """Return what a result notes, at the end of a task, of what is no reason for a warning."""
        return ()

    def not_brought_back(self, account: Account) -> tuple[str, ...]:
        """Return the codes of what an account that is reopened does not get back, by what was read of it."""
        return ()

    def opposites(self, change: Change, seen: Condition) -> tuple[Change, ...]:
        """Return the changes one of which undoes a write that the server accepted and does not show.

        The first one that the server accepts is followed by the change itself, which mends it. ``seen``: what the
        account reads as. The default is for vendors that show what they accepted.
        """
        return ()

    def is_uncertain(self, change: Change) -> bool:
        """Whether the result of a change is not known yet, so that it is written alone before others follow."""
        return False

    def withheld(self, change: Change) -> Problem | None:
        """Return why a change is not sent, given the result of an earlier one of the task."""
        return None

    def caveat(self, changes: Sequence[Change]) -> str | None:
        """Return what a plan assumes because nothing but a write shows it."""
        return None

    def manual_notes(self, tasks: Mapping[str, Sequence[str]]) -> Mapping[str, Mapping[str, str]]:
        """Return what the tasks for a person are about in an account's case, by id and code.

        ``tasks``: the codes, by the account's id. Reads only, and raises nothing but Fatal.
        """
        return {}

    @abc.abstractmethod
    def apply(self, change: Change) -> Receipt:
        """Send the one write that a change needs."""

    @classmethod
    def naming(cls, entry: Mapping[str, t.Any], state: str) -> tuple[str, ...]:
        """Return those options of an entry that name the account. Anything but one is an argument error."""
        return tuple(name for name in cls.info.keys.options if entry.get(name) is not None)

    def check(self, user_request: UserRequest) -> None:  # noqa: B027
        """Check what is asked for one user, without a request. Raises SettingsError."""

    def each(self, read: Callable[[T], R], items: Sequence[T]) -> dict[T, R | Problem]:
        """Read something for each item over the task's threads and return it by item.

        What goes wrong with one item is that item's problem alone; only Fatal is raised.
        """

        def attempt(item: T) -> R | Problem:
            try:
                return read(item)
            except Fatal:
                raise
            except ApiError as exc:
                return exc.problem

        return dict(zip(items, gather(attempt, items, self.transport.limits.concurrency), strict=True))

    def current_state(self, account: Account, what: UserRequest | Change) -> Condition:
        """Return the condition of an account as far as it matters to what is asked."""
        return account.condition

    def desired_state(self, account: Account, user_request: UserRequest) -> Condition | Problem:
        """Return the condition the account is to have; the one it has, when nothing is to be done; or why it cannot be.

        Makes no request: the plan is a function of what was asked and what was read.
        """
        if account.condition.state == user_request.state:
            return account.condition
        return Condition(user_request.state, self.vendor_word(user_request.state))

    @abc.abstractmethod
    def vendor_word(self, state: str) -> str | None:
        """Return the vendor's own word for a state that this collection brings about."""

    def own_accounts(self) -> Collection[str] | None:
        """Return the ids of the accounts that the credential itself belongs to; None where that cannot be learnt.

        Asked only when something would change. The default is for vendors whose credentials are no users.
        """
        return ()

    def attained(self, seen: Condition, wanted: Condition) -> bool:
        """Whether a condition that was read back is the one that was wanted."""
        return seen.state == wanted.state and seen.attributes == wanted.attributes

    @classmethod
    def default_rate(cls, params: Mapping[str, t.Any]) -> float | None:
        """Return the requests per second that the vendor documents as its limit, where it documents one."""
        return None


def base_url(params: Mapping[str, t.Any], option: str, default: str | None = None) -> str:
    """Return an address given by option, checked, or the vendor's own."""
    given = params.get(option)
    return check_url(option, given) if given else default or ""
