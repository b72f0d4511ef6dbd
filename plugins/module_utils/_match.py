# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Matching: which account a key names, and which accounts an entry with a pattern means.

PRIVATE to the collection.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ._address import TYPOGRAPHIC_QUOTES, address_fault, text_fault
from ._faults import ApiError, Fatal
from ._model import Account, Key, LookupResult, Problem, fold, normalized

Reading: t.TypeAlias = "Account | Problem | None"
"""What reading one account again gave: the account, a problem, or None: it is not there any more."""


class Patterns:
    """Entries that name accounts: texts, and shell patterns where an entry has `*`, `?` or brackets.

    Both are compared as `normalized`. A pattern matches its own text as well: `bot[ci]@example.com` is also an address.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._shaped: list[tuple[str, re.Pattern[str]]] = []
        for entry in entries:
            text = normalized(entry)
            self._exact.setdefault(text, entry)
            if any(mark in text for mark in "*?["):
                self._shaped.append((entry, re.compile(fnmatch.translate(text))))

    def first(self, texts: Iterable[str]) -> str | None:
        """Return an entry that matches one of the texts, as it was written, or None when none does."""
        names = {normalized(text) for text in texts}
        exact = next((self._exact[name] for name in sorted(names) if name in self._exact), None)
        if exact is not None:
            return exact
        return next((entry for entry, shape in self._shaped if any(map(shape.match, names))), None)


_QUOTES = f"[\"'`{TYPOGRAPHIC_QUOTES}]"
_NO_ENTRY: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[-*+\u2022\u00b7\u2013\u2014]\s"), "begins with a list bullet; leave it out"),
    (re.compile(r"[\[{]"), "begins with [ or {, as a list in a text does; write each entry by itself"),
    (re.compile(f"{_QUOTES}|.*{_QUOTES}\\Z"), "begins or ends with a quote; leave it out"),
    (re.compile(r"(mailto|smtp|sip|e-?mail):", re.IGNORECASE), "begins with a scheme such as mailto:; leave it out"),
    (re.compile(r".*[<>]"), "has angle brackets; leave them out, and a name before them"),
    (re.compile(r".*\\"), "has a backslash, which a shell pattern does not know; write ? for any one character"),
    (
        re.compile(r".*\^"),
        "has ^, which a shell pattern does not know; leave it out, and write [!...] for all but these",
    ),
    (re.compile(r".*\$\Z"), "ends with $, as a regular expression does; leave it out, or write [$]"),
    (re.compile(r"\.[*+]|.*\.[*+](\Z|@)"), "has .* or .+, as a regular expression does; write *"),
    (re.compile(r"@[^@]*\."), "begins with @; write *@example.com for all addresses of a domain"),
    (re.compile(r".*[,;]\Z|(?=.*[*?]).*[,;]"), "has a separator; write each entry by itself"),
    (re.compile(r"(?=.*[*?]).*\|"), "has |, which a shell pattern does not know; write each entry by itself"),
    (re.compile(r".*\[[^\]]*\Z"), "has [ without ], which matches nothing but itself; close it"),
    (
        re.compile(r"(?=.*[*?]).*@([^@]*\.)?(\.|[^@]*[^\w*?\]-]\Z)"),
        "has a mark too many in its domain; leave it out",
    ),
    (re.compile(r"(?=.*@).*\s"), "has white space beside an address; write each entry by itself"),
)


def protection_fault(entry: str) -> str | None:
    """Return why an entry that was `trimmed` cannot protect the account that it means, or None if it can.

    An entry is an address, an id, a name or a shell pattern. One with an @, a dotted domain and no wildcard is an
    address.
    """
    fault = text_fault(entry) or next((text for mistake, text in _NO_ENTRY if mistake.match(entry)), None)
    _local, is_named, domain = entry.rpartition("@")
    if fault is None and is_named and "." in domain and not any(mark in entry for mark in "*?["):
        return address_fault(entry)
    return fault


def lookup_result_of(reading: Reading) -> LookupResult:
    """Return the lookup result for a key that names its account by the vendor's own id."""
    if isinstance(reading, Problem):
        return LookupResult(problem=reading)
    return LookupResult(() if reading is None else (reading,))


def missing_or(problem: Problem, prove: Callable[[], None]) -> Problem | None:
    """Return None when a 404 means that the user is missing, or the problem that it means something else.

    At vendors whose 404 for a missing user looks like that for a wrong address, it counts when a listing under the same
    address answers properly. ``prove`` asks for one, unless one has answered already, and raises ApiError.
    """
    try:
        prove()
    except ApiError as exc:
        text = f"{problem.message}; nor did the list of users work: {exc.problem.message}. Check the address options"
        return replace(problem, code="wrong_address", message=text)
    return None


def single_account(key: Key, hits: Sequence[Account], near: Sequence[Account] = ()) -> LookupResult:
    """Return the lookup result for a key: exactly one account, several (which `_converge` refuses), or none.

    ``near``: accounts whose value differs from what was asked only in case or in characters that look alike.
    """
    accounts = tuple({account.id: account for account in hits}.values())
    if accounts or not near:
        return LookupResult(accounts)
    ids = ", ".join(sorted({account.id for account in near})[:10])
    return LookupResult(
        problem=Problem(
            "near_match",
            f"No account is named exactly {key}, but one differs only in upper and lower case or in "
            "characters that look "
            f"alike (id {ids}). Ask for it by its id, or as it is written at the vendor",
        )
    )


def only_account(product: str, key: Key, lookup_result: LookupResult) -> Account | Problem | None:
    """Return the one account that a key names, None if there is none, or the problem that leaves it open."""
    if lookup_result.problem is not None:
        return lookup_result.problem
    if len(lookup_result.accounts) > 1:
        ids = ", ".join(sorted(account.id for account in lookup_result.accounts)[:10])
        message = (
            f"{len(lookup_result.accounts)} accounts at {product} answer to {key} (ids {ids}); "
            "ask for the right one by its id"
        )
        return Problem("ambiguous", message)
    return lookup_result.accounts[0] if lookup_result.accounts else None


class Matcher:
    """Matches keys with accounts as they come, and keeps those alone that are hits or nearly.

    An account that comes twice is one, as it came first. ``folded``: the keys that are matched ignoring case.
    """

    def __init__(self, keys: Sequence[Key], folded: Collection[str] = ("email",)) -> None:
        self._keys = tuple(keys)
        self._folded = folded
        self._exact: dict[tuple[str, str], dict[str, Account]] = {self._exactly(key): {} for key in keys}
        self._alike: dict[tuple[str, str], dict[str, Account]] = {_roughly(key): {} for key in keys}
        self._fields = {key.field for key in keys}

    def take(self, rows: Iterable[tuple[Account, Mapping[str, Sequence[t.Any]]]]) -> None:
        """Take accounts, each with the values it has for each key field."""
        for account, values in rows:
            for name in self._fields:
                for value in values.get(name, ()):
                    if isinstance(value, str) and (alike := self._alike.get((name, normalized(value)))) is not None:
                        alike.setdefault(account.id, account)
                        exact = self._exact.get((name, fold(value) if name in self._folded else value))
                        if exact is not None:
                            exact.setdefault(account.id, account)

    def _exactly(self, key: Key) -> tuple[str, str]:
        return (key.field, fold(key.value) if key.field in self._folded else key.value)

    def unfound(self) -> list[Key]:
        """Return the keys that no account has exactly, as far as they came."""
        return [key for key in self._keys if not self._exact[self._exactly(key)]]

    def lost(self) -> list[Key]:
        """Return the keys that no account has exactly or nearly, as far as they came."""
        return [key for key in self._keys if not self._alike[_roughly(key)]]

    def asks_for(self, fields: Collection[str]) -> bool:
        return not self._fields.isdisjoint(fields)

    def lookup_results(self) -> dict[Key, LookupResult]:
        """Return what the accounts that came make of each key."""
        return {
            key: single_account(
                key, [*self._exact[self._exactly(key)].values()], [*self._alike[_roughly(key)].values()]
            )
            for key in self._keys
        }


def _roughly(key: Key) -> tuple[str, str]:
    return (key.field, normalized(key.value))


def match(
    keys: Sequence[Key], rows: Iterable[tuple[Account, Mapping[str, Sequence[t.Any]]]]
) -> dict[Key, LookupResult]:
    """Match keys with accounts that were listed, in one pass.

    ``rows``: each account with the values it has for each key field.
    """
    matcher = Matcher(keys)
    matcher.take(rows)
    return matcher.lookup_results()


def unless_listed(
    lookup_results: Mapping[Key, LookupResult], listed: Callable[[Sequence[Key]], Mapping[Key, LookupResult]]
) -> dict[Key, LookupResult]:
    """Return the lookup results of single reads, with those keys looked for in the list that were not found.

    A read by name does not show an account whose name differs in case alone, or whose name is the id of another
    account. The result must not depend on the number of keys.
    """
    lost = [key for key, lookup_result in lookup_results.items() if lookup_result == LookupResult()]
    if not lost:
        return dict(lookup_results)
    try:
        return {**lookup_results, **listed(lost)}
    except Fatal:
        raise
    except ApiError as exc:
        return {**lookup_results, **dict.fromkeys(lost, LookupResult(problem=exc.problem))}
