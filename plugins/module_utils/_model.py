# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data types of the collection: requests, lookup results, plans and outcomes.

PRIVATE to the collection; nothing here knows a vendor, a request or Ansible.
"""

from __future__ import annotations

import hashlib
import json
import typing as t
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ._address import address_fault, text_fault, trimmed

ACTIVE = "active"
DEACTIVATED = "deactivated"
LOCKED = "locked"
ABSENT = "absent"
UNKNOWN = "unknown"
PRESENT = "present"
"""Asked for only, never found: the attributes are to be as given, whatever the state."""

CLOSED_STATES = (DEACTIVATED, LOCKED, ABSENT)
OFF_STATES = (DEACTIVATED, ABSENT)
"""Closed for good, where a lock may be a wrong password or two."""

CHANGED = "changed"
UNCHANGED = "unchanged"
MISSING = "missing"
FAILED = "failed"
REFUSED = "refused"
OUTCOMES = (CHANGED, UNCHANGED, MISSING, FAILED, REFUSED)
FORBIDDEN = "forbidden"
"""The code of a request that the credential has not the right to."""
SESSIONS_LEFT = "sessions_left"
"""The code of an account that is closed, and of which sessions are left or may be."""
CLOSED_NOT_LISTED = "closed_not_listed"
"""The code of a key without an open account at a tenant that does not list closed ones."""
NOT_DUE = "not_due"
"""The outcome of a leaver whose leave time has not passed. The role reports it, and no module does."""

_ASCII_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def fold(text: str) -> str:
    """Return text with its ASCII letters in lower case.

    Only ASCII: the Kelvin sign, the long s and their like would make two different addresses equal.
    """
    return text.translate(_ASCII_FOLD)


def normalized(text: str) -> str:
    """Return the form in which texts that a person would take for the same are equal.

    White space around them and what has no shape do not count.
    """
    if text.isascii():
        return text.strip().lower()
    text = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    # Folding may take apart what was put together, so that it is put together again (Unicode, D146).
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def text_or_none(value: t.Any) -> str | None:
    """Return a vendor's value if it is a text with something in it."""
    return value if isinstance(value, str) and value else None


def count_of(value: t.Any) -> int | None:
    """Return a vendor's count, which may be a number or a text of digits, or None when it is neither."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def texts(*values: t.Any) -> tuple[str, ...]:
    """Return those of a vendor's values that are texts, each once, in order."""
    return tuple(sorted({value for value in values if text_or_none(value)}))


QUALIFIED = "identity"
"""The key whose value has a type beside it."""


def key_text(value: t.Any) -> str:
    """Return the text of a key's value; a whole number counts as its digits. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("is not a text; put it in quotes")
    return str(value)


@dataclass(frozen=True)
class Key:
    """How an account is named: one of a module's keys and its value.

    ``qualifier`` is the type of an external identity (``identity: {type, value}``), None for all other keys.
    """

    field: str
    value: str
    qualifier: str | None = None

    @classmethod
    def parse(cls, named: Mapping[str, t.Any]) -> Key:
        """Return the key of ``{name: value}`` or ``{identity: {type, value}}``, as users and results write it.

        An e-mail address is `trimmed`. Raises ValueError, whose text states the fault of the value.
        """
        ((name, value),) = named.items()
        qualifier = None
        if name == QUALIFIED:
            if not isinstance(value, Mapping) or set(value) != {"type", "value"}:
                raise ValueError("needs type and value, and nothing else")
            qualifier, value = key_text(value["type"]), value["value"]
        text = key_text(value)
        return cls(str(name), trimmed(text) if name == "email" else text, qualifier)

    @property
    def token(self) -> tuple[str, str | None, str]:
        """What makes two keys the same key."""
        return (self.field, self.qualifier, fold(self.value) if self.field == "email" else self.value)

    def fault(self) -> str | None:
        """Say why this cannot name an account, or None when it can."""
        if self.qualifier is not None and text_fault(self.qualifier):
            return f"has a type that {text_fault(self.qualifier)}"
        return address_fault(self.value) if self.field == "email" else text_fault(self.value)

    def matches(self, value: t.Any) -> bool:
        """Whether a vendor's value for this field is what was asked: e-mails ignoring case, all else exactly."""
        if not isinstance(value, str):
            return False
        if self.field == "email":
            return fold(value) == fold(self.value)
        return value == self.value

    def resembles(self, value: t.Any) -> bool:
        """Whether a value differs from what was asked only in case or in characters that look alike."""
        return isinstance(value, str) and not self.matches(value) and normalized(value) == normalized(self.value)

    def as_result(self) -> dict[str, t.Any]:
        if self.qualifier is not None:
            return {self.field: {"type": self.qualifier, "value": self.value}}
        return {self.field: self.value}

    def __str__(self) -> str:
        return self.value if self.qualifier is None else f"{self.qualifier}:{self.value}"


@dataclass(frozen=True)
class Condition:
    """The state of an account, in the shared vocabulary and in the vendor's own word.

    ``attributes`` holds the values that ``state: present`` is about, and nothing otherwise. ``sessions`` is the number
    of sessions, None if it is not known: a reading beside the state, which makes no other condition.
    """

    state: str
    vendor_state: str | None = None
    attributes: Mapping[str, t.Any] | None = None
    sessions: int | None = field(default=None, compare=False)

    def as_result(self, *, with_sessions: bool = False) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {"state": self.state, "vendor_state": self.vendor_state}
        if self.attributes is not None:
            result["attributes"] = dict(self.attributes)
        if with_sessions:
            result["sessions"] = self.sessions
        return result


@dataclass(frozen=True)
class Answer:
    """The vendor's answer in which something was seen: when it came (ISO 8601, UTC), and how to find it there."""

    at: str
    status: int | None = None
    request_id: str | None = None

    def as_result(self) -> dict[str, t.Any]:
        return {"at": self.at, "status": self.status, "request_id": self.request_id}


def condition_text(condition: Mapping[str, t.Any]) -> str:
    """Return a condition, as results have it, in words: the state, and the vendor's own word for it."""
    word = condition["vendor_state"]
    return f"{condition['state']} ({word})" if word else str(condition["state"])


GONE = Condition(ABSENT)
UNREADABLE = Condition(UNKNOWN)


@dataclass(frozen=True)
class Account:
    """What a vendor holds for a leaver.

    ``id`` identifies it in a plan; ``anonymous``: the vendor shows no id, and what is given is our own.
    ``labels`` are all texts by which a person may know the account: what protection patterns are matched with.
    ``native`` is the vendor's own object. It is shown only by `without_secrets`.
    """

    id: str
    name: str | None
    condition: Condition
    labels: tuple[str, ...] = ()
    anonymous: bool = False
    email: str | None = None
    native: Mapping[str, t.Any] = field(default_factory=dict, repr=False)
    seen: Answer | None = None


@dataclass(frozen=True)
class Problem:
    """Why something did not work: a code for programs, a sentence for people."""

    code: str
    message: str
    status: int | None = None
    request_id: str | None = None
    retryable: bool = False

    def as_result(self) -> dict[str, t.Any]:
        return {
            "code": self.code,
            "message": self.message,
            "status": self.status,
            "request_id": self.request_id,
            "retryable": self.retryable,
        }


class ProductUsed(t.TypedDict):
    """A product, where a vendor is many: its name, its profile, and the values of that as given and as learnt."""

    name: str
    profile: str
    values: dict[str, t.Any]


@dataclass(frozen=True)
class ManualTask:
    """A task for a person, which no API does or shows: the reason, the vendor's procedure, and its source."""

    reason: str
    action: str
    source: str


@dataclass(frozen=True)
class Sessions:
    """The sessions of an account that were listed. ``is_whole``: an empty list proves that there are none."""

    ids: tuple[str, ...] = ()
    is_whole: bool = False

    @property
    def count(self) -> int | None:
        """The number of sessions, None if it is not known."""
        return len(self.ids) or (0 if self.is_whole else None)


@dataclass(frozen=True)
class LookupResult:
    """What looking for one key gave. No account and no problem: it is proven that there is none."""

    accounts: tuple[Account, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True)
class UserRequest:
    """One user asked for: the key, the state, and the values that go with this user alone.

    ``reopens``: the task's own state is `active`, so that an account may be opened on the way to another state.
    """

    key: Key
    state: str
    settings: Mapping[str, t.Any] = field(default_factory=dict)
    reopens: bool = False


@dataclass(frozen=True)
class Change:
    """One write that is due: this account, from this condition to that one."""

    account: Account
    state: str
    after: Condition
    settings: Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def before(self) -> Condition:
        return self.account.condition


@dataclass(frozen=True)
class Receipt:
    """What the vendor's own file makes of the answer to a write.

    ``already``: nothing to do there, the account was in that state. ``gone``: the documented answer for an account that
    does not exist. ``became``: the actual result, if it is not the requested one. ``queued_here``: accepted, and
    what can be read may not show it yet. ``queued_elsewhere``: part of it is queued where no request can read, so
    that it is never reported as verified. ``doubt``: a refusal that may mean that the account is in that state already;
    only reading it shows that. ``refusal``: the refusal behind ``already`` or ``gone``. ``answer``: the answer that
    accepted the change. ``manual``: the codes of what is left to a person.
    """

    already: bool = False
    gone: bool = False
    became: Condition | None = None
    queued_here: bool = False
    queued_elsewhere: bool = False
    doubt: Problem | None = None
    refusal: Problem | None = None
    answer: Answer | None = None
    manual: tuple[str, ...] = ()

    @property
    def denies(self) -> bool:
        """Whether the vendor answered that there was nothing to change. Only a reading proves it."""
        return self.already or self.gone

    def turned(self, change: Change) -> Change:
        """Return a change with its actual result, where that is not what was requested."""
        return change if self.became is None else replace(change, state=self.became.state, after=self.became)


@dataclass(frozen=True)
class Proof:
    """The evidence of an outcome: the answers in which the account was read, written and read again.

    ``refused`` is the error of the write, if no answer states that it was done.
    """

    before: Answer | None = None
    write: Answer | None = None
    after: Answer | None = None
    refused: Problem | None = None

    def as_result(self) -> dict[str, t.Any]:
        decisive = self.write or self.refused or self.after or self.before
        return {
            "before_at": self.before and self.before.at,
            "written_at": self.write and self.write.at,
            "after_at": self.after and self.after.at,
            "status": decisive and decisive.status,
            "request_id": decisive and decisive.request_id,
        }


@dataclass(frozen=True)
class Outcome:
    """The outcome for one requested user."""

    key: Key
    outcome: str
    id: str | None = None
    name: str | None = None
    before: Condition = UNREADABLE
    after: Condition = UNREADABLE
    verified: bool | None = None
    problem: Problem | None = None
    proof: Proof = Proof()
    manual: tuple[str, ...] = ()
    """The codes of what is left to a person, since no API does it or shows it."""
    manual_notes: Mapping[str, str] = field(default_factory=dict)
    """What the tasks for a person are about in this account's case, by code."""
    repaired: bool = False
    """Whether the vendor's server had lost the write, and it took a pair of further requests to close the account."""
    ended_sessions: int = 0
    """The number of sessions that were ended."""

    @classmethod
    def of(
        cls,
        user_request: UserRequest,
        account: Account | None,
        outcome: str,
        before: Condition,
        after: Condition,
        *,
        verified: bool | None = None,
        problem: Problem | None = None,
        proof: Proof = Proof(),  # frozen
        manual: tuple[str, ...] = (),
        repaired: bool = False,
    ) -> Outcome:
        """Return the outcome for a user, with the account as far as it is known."""
        return cls(
            key=user_request.key,
            outcome=outcome,
            id=None if account is None or account.anonymous else account.id,
            name=None if account is None else account.name,
            before=before,
            after=after,
            verified=verified,
            problem=problem,
            proof=proof,
            manual=manual,
            repaired=repaired,
        )

    @property
    def altered(self) -> bool:
        """Whether the vendor's account is another than before, as far as anybody has seen."""
        if self.outcome == CHANGED or self.ended_sessions:
            return True
        if self.outcome != FAILED or self.after.state == UNKNOWN:
            return False
        return (self.after.state, self.after.attributes) != (self.before.state, self.before.attributes)

    def as_result(self, *, with_sessions: bool = False) -> dict[str, t.Any]:
        return {
            "key": self.key.as_result(),
            "outcome": self.outcome,
            "id": self.id,
            "name": self.name,
            "before": self.before.as_result(with_sessions=with_sessions),
            "after": self.after.as_result(with_sessions=with_sessions),
            "verified": self.verified,
            "error": None if self.problem is None else self.problem.as_result(),
            "proof": self.proof.as_result(),
            "manual": list(self.manual),
            **({"manual_notes": dict(self.manual_notes)} if self.manual_notes else {}),
            **({"repaired": True} if self.repaired else {}),
        }


def plan_hash(tenant: str, changes: Iterable[Change]) -> str:
    """Return the fingerprint of a plan: the tenant and each (account id, before, after), sorted.

    It is the same in check mode and in the run that follows, whatever the order asked in.
    """
    return fingerprint(
        tenant, ((change.account.id, change.before.as_result(), change.after.as_result()) for change in changes)
    )


def fingerprint(tenant: str, changes: Iterable[tuple[str, t.Any, t.Any]]) -> str:
    """Return the hash of changes as results show them: account id, before, after."""
    lines = sorted(json.dumps(change, sort_keys=True) for change in changes)
    text = json.dumps([tenant, lines])
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def summary(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Count the outcomes by kind."""
    counts = {"requested": 0, **dict.fromkeys(OUTCOMES, 0)}
    for each in outcomes:
        counts["requested"] += 1
        counts[each.outcome] += 1
    return counts
