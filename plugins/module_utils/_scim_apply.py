# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing users by SCIM: the forms of a PATCH, the pilot that learns which one works, and its surprises.

PRIVATE to the collection. Sources: RFC 7644 (3.5.1 PUT, 3.5.2 PATCH, 3.6 DELETE, 3.14 versions). Every form asks for
the same end state, so that a late effect of one cannot make a wrong answer of another.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from dataclasses import replace

from ._faults import ApiError, Fatal
from ._match import Reading
from ._model import ABSENT, ACTIVE, DEACTIVATED, GONE, UNKNOWN, Account, Change, Problem, Receipt
from ._scim_profiles import (
    ACCEPTED_UNSEEN,
    CAPITAL,
    CAPITAL_TEXT,
    DEACTIVATES,
    DELETES,
    NONE,
    PATH,
    PATHLESS,
    PUT,
    REMOVED_BY_CLOSING,
    REMOVES,
)
from ._scim_server import MEDIA_TYPE, ScimServer, is_scim_error, plainly
from ._transport import Transport

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LADDER = (PATH, PATHLESS, CAPITAL)
LADDERS = 3
"""Pilots that are sent in all forms. A single account may be one that the product refuses to change."""
NEXT_FORM = frozenset((400, 405, 415, 422, 500, 501))
"""Refusals after which another form may be taken."""
LOOKS = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each look at what a pilot did."""
NOT_SENT_BACK = frozenset(("meta", "groups", "password", "_etag"))
HEADERS = {"Content-Type": MEDIA_TYPE}


class Writer:
    """Sends changes to one server, and keeps what the first of them showed."""

    def __init__(self, server: ScimServer, product: str, transport: Transport, read: Callable[[str], Reading]) -> None:
        profile = server.profile
        self.server = server
        self.product = product
        self.transport = transport
        self.absent_by_patch = profile.absent_by == "patch"
        self.closes = profile.closes
        self.deletes = profile.deletes
        self.form = profile.shape
        self.exhausted = 0
        """How many pilots changed nothing in any form."""
        self.fallback = PATH
        self._read = read

    def learnt(self) -> dict[str, str | None]:
        """Return the values of the profile that a change depends on, as the task has learnt them."""
        return {"closes": self.closes, "deletes": self.deletes, "shape": self.form}

    # -- planning

    def refusal(self, account: Account, state: str) -> Problem | None:
        """Return why the product cannot bring an account to a state, as far as its profile states that."""
        if state == DEACTIVATED and self.closes == REMOVES:
            return Problem(
                "vendor_refuses",
                f"{self.product} does not deactivate accounts: closing one removes it. Nothing was sent. "
                "Request absent to remove it",
            )
        if state == ABSENT and not self.absent_by_patch and self.deletes in (DEACTIVATES, NONE):
            why = "a deletion only deactivates the account" if self.deletes == DEACTIVATES else "it offers no deletion"
            return Problem(
                "vendor_refuses",
                f"{self.product} does not delete accounts: {why}. Nothing was sent. Request deactivated",
            )
        if self.server.patches is False and self.form is None and (state != ABSENT or self.absent_by_patch):
            return Problem(
                "vendor_refuses",
                f"{self.product} states in its ServiceProviderConfig that it has no PATCH. Nothing was sent. If it "
                "takes PUT, set shape: put in profile_options",
            )
        return None

    def is_uncertain(self, change: Change) -> bool:
        if self.withheld(change) is not None:
            return False
        if self._is_deletion(change):
            return self.deletes is None
        return self.form is None or (change.state != ACTIVE and self.closes is None)

    def withheld(self, change: Change) -> Problem | None:
        """Return why a change is not sent after what the pilot showed."""
        if change.state == DEACTIVATED and self.closes == REMOVES:
            return Problem(
                "closes_by_removing",
                f"{self.product} removed the first account that was to be deactivated, so that no further one was "
                "sent. To remove accounts, set closes: removes in profile_options and request absent",
            )
        if self._is_deletion(change) and self.deletes == DEACTIVATES:
            return Problem(
                "deactivated_instead",
                f"{self.product} deactivated the first account that was to be deleted, so that no further one was "
                "sent. Set deletes: deactivates in profile_options and request deactivated",
            )
        return None

    def _is_deletion(self, change: Change) -> bool:
        return change.state == ABSENT and not self.absent_by_patch

    # -- writing

    def apply(self, change: Change) -> Receipt:
        """Send a change. A pilot is read back at once, and its surprises are learnt. Raises ApiError."""
        if self._is_deletion(change):
            return self._delete(change)
        if not self.is_uncertain(change):
            return self._seen_or_not(change, self._send(change, self.form or PATH))
        return self._pilot(change)

    def _delete(self, change: Change) -> Receipt:
        uncertain = self.is_uncertain(change)
        try:
            reply = self.server.client.write("DELETE", "Users", change.account.id)
            receipt = Receipt(answer=reply.acknowledged())
        except ApiError as exc:
            if exc.status == 404 and not isinstance(exc, Fatal):
                return Receipt(gone=True, refusal=exc.problem)
            raise plainly(exc, "delete users") from None
        if uncertain:
            seen = self._look(change)
            if seen is None:
                self.deletes = DELETES
            elif isinstance(seen, Account) and seen.condition.state == DEACTIVATED:
                self.deletes = DEACTIVATES
                raise ApiError(
                    Problem(
                        "deactivated_instead",
                        f"{self.product} accepted the deletion, and the account reads as deactivated. Set deletes: "
                        "deactivates in profile_options and request deactivated",
                    ),
                    doubtful=True,
                )
        return receipt

    def _pilot(self, change: Change) -> Receipt:
        """Send a change form by form until one has its effect."""
        accepted: tuple[str, Receipt] | None = None
        error: ApiError | None = None
        seen: Reading = change.account
        for form in self._forms():
            receipt: Receipt | None = None
            try:
                receipt = self._send(change, form)
            except ApiError as exc:
                if not self._may_go_on(exc):
                    raise
                error = exc
            if receipt is not None and receipt.gone:
                return receipt
            seen = self._look(change) if receipt is not None else self._once(change)
            if isinstance(seen, Problem):
                if receipt is not None:
                    return receipt
                raise error or ApiError(seen)
            if (ended := self._ended(change, seen, form, receipt)) is not None:
                return ended
            if error is not None and error.doubtful and receipt is None and error.status not in NEXT_FORM:
                raise error
            if receipt is not None and accepted is None:
                accepted = (form, receipt)
        self.exhausted += 1
        if accepted is None:
            raise t.cast(ApiError, error)
        form, receipt = accepted
        self.fallback = form
        if isinstance(seen, Account) and seen.condition.state == UNKNOWN:
            self.form = form
            self.closes = self.closes or DEACTIVATES
            return _unseen(receipt)
        return receipt

    def _forms(self) -> tuple[str, ...]:
        """Return the forms to send a pilot in: one, once several pilots have shown nothing in any form."""
        if self.form is not None:
            return (self.form,)
        return LADDER if self.exhausted < LADDERS else (self.fallback,)

    def _ended(self, change: Change, seen: Account | None, form: str, receipt: Receipt | None) -> Receipt | None:
        """Return the result of a pilot, and keep it; None if it changed nothing."""
        receipt = receipt or Receipt()
        if seen is None:
            self.form = form
            if change.state == ABSENT:
                self.closes = REMOVES
                return receipt
            if change.state == DEACTIVATED:
                self.closes = REMOVES
            return replace(receipt, became=GONE, manual=(*receipt.manual, REMOVED_BY_CLOSING))
        if seen.condition.state != change.state or seen.condition == change.before:
            return None
        self.form = form
        if change.state == DEACTIVATED:
            self.closes = DEACTIVATES
        return receipt

    def _may_go_on(self, error: ApiError) -> bool:
        """Whether an account is looked at after an error: another form may be taken, or the answer was lost."""
        if isinstance(error, Fatal) or error.partial:
            return False
        if error.status == 404:
            return not is_scim_error(error)
        return error.status in NEXT_FORM or error.doubtful

    def _look(self, change: Change) -> Reading:
        """Read an account until it reads otherwise than before, as long as the budget allows."""
        seen: Reading = change.account
        for delay in LOOKS:
            if delay and not self.transport.pause(delay):
                break
            seen = self._once(change)
            if not isinstance(seen, Account) or seen.condition not in (change.before, _unknown(seen)):
                break
        return seen

    def _once(self, change: Change) -> Reading:
        try:
            return self._read(change.account.id)
        except Fatal:
            raise
        except ApiError as exc:
            return exc.problem

    def _seen_or_not(self, change: Change, receipt: Receipt) -> Receipt:
        """Look at once at an account that showed no state before: the engine would take no state for no effect."""
        if receipt.denies or change.before.state != UNKNOWN:
            return receipt
        seen = self._once(change)
        return _unseen(receipt) if isinstance(seen, Account) and seen.condition.state == UNKNOWN else receipt

    def _send(self, change: Change, form: str) -> Receipt:
        path = ("Users", change.account.id)
        active = change.state == ACTIVE
        try:
            if form == PUT:
                body, headers = self._whole(change, active)
                reply = self.server.client.write("PUT", *path, body=body, headers=headers)
            else:
                body = {"schemas": [PATCH_OP], "Operations": [_operation(form, active)]}
                reply = self.server.client.write("PATCH", *path, body=body, headers=HEADERS)
        except ApiError as exc:
            if exc.status == 404 and is_scim_error(exc) and not isinstance(exc, Fatal):
                return Receipt(gone=True, refusal=exc.problem)
            raise plainly(exc, "change users") from None
        return Receipt(answer=reply.acknowledged())

    def _whole(self, change: Change, active: bool) -> tuple[dict[str, t.Any], dict[str, str]]:
        """Return a user as it is now with another state, and headers that prevent the loss of a concurrent change."""
        row = self.server.user(change.account.id)
        etag = row.get("_etag")
        body = {name: value for name, value in row.items() if name not in NOT_SENT_BACK}
        return {**body, "active": active}, {**HEADERS, **({"If-Match": etag} if etag else {})}


def _operation(form: str, active: bool) -> dict[str, t.Any]:
    if form == PATHLESS:
        return {"op": "replace", "value": {"active": active}}
    value: t.Any = str(active) if form == CAPITAL_TEXT else active
    return {"op": "replace" if form == PATH else "Replace", "path": "active", "value": value}


def _unseen(receipt: Receipt) -> Receipt:
    return replace(receipt, queued_here=True, manual=(*receipt.manual, ACCEPTED_UNSEEN))


def _unknown(account: Account) -> t.Any:
    return account.condition if account.condition.state == UNKNOWN else None
