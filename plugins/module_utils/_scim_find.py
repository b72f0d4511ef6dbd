# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup of users by SCIM, with a proof before one is reported as missing.

PRIVATE to the collection. A filter may find; it never proves, since servers answer with an empty page to filters that
they do not understand. Missing is who is not in a list that was read to its proven end, while a user of that list can
be read by id and is found by a filter of the same form.
"""

from __future__ import annotations

import json
import threading
import typing as t
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ._end_of_list import EndOfList, hidden, unproven
from ._faults import ApiError, Fatal
from ._match import Matcher, Reading, lookup_result_of, missing_or
from ._model import DEACTIVATED, Account, Key, LookupResult, Problem, fold, normalized
from ._reading import FEW, LIST, SEARCH, SINGLE, pages_for
from ._reply import Row
from ._scim_profiles import NONE
from ._scim_server import Page, ScimServer, emails_of, is_scim_error, values_of

FOLDED = ("email", "username")
"""Keys that are matched ignoring case; RFC 7643, 4.1.1, has userName not case exact."""
REFUSES_FILTER = frozenset((400, 404, 405, 413, 414, 422, 500, 501))
ONE, MANY = "single", "or"
JOIN = " or "
CANARIES = 3
"""Users of a page that are read by id at most, until one can be."""
ENOUGH = 10
"""Users of the list that a filter of the form `or` must find before it proves anything, unless it is shorter."""
SHOWN = {"username": "a userName", "email": "an e-mail address", "external_id": "an externalId"}

NO_OTHER = unproven("the list of users shows no other user")

Each: t.TypeAlias = "Callable[[Callable[[t.Any], t.Any], Sequence[t.Any]], dict[t.Any, t.Any]]"
"""`Vendor.each`: calls a function for each item over the task's threads."""


@dataclass(frozen=True)
class Clause:
    """A part of a filter that asks for one key by one attribute and a value."""

    key: Key
    attribute: str
    value: str

    @property
    def text(self) -> str:
        # A text in a filter is written as in JSON (RFC 7644, 3.4.2.2), so that no key can break out of it.
        return f"{self.attribute} eq {json.dumps(self.value, ensure_ascii=False)}"


class Finder:
    """Finds users at one server. What is proven of reading by id is kept for the task."""

    def __init__(self, server: ScimServer, each: Each, concurrency: int, strategy: Callable[[str], None]) -> None:
        self.server = server
        self.profile = server.profile
        self.each = each
        self.concurrency = concurrency
        self.strategy = strategy
        self.written: set[str] = set()
        """The accounts that this task has sent a write for."""
        self.hides_closed = self.profile.hides_closed
        """Whether the list lacks closed accounts, by the profile or as this task has shown."""
        self.is_whole = False
        """Whether the list was read to its proven end in this task."""
        self.ids: Collection[str] = ()
        """The accounts of the list in which keys were looked for last."""
        self.lacks_keys = False
        """Whether a key is missing because the list lacks it."""
        self.pages = 0
        self.last: Row | None = None
        """The last user of the list that was read last."""
        self.lock = threading.Lock()
        self._reads_by_id = False
        self._by_id_fault: Problem | None = None

    def find(self, keys: Sequence[Key]) -> dict[Key, LookupResult]:
        by_id = [key for key in keys if key.field == "user_id"]
        others = [key for key in keys if key.field != "user_id"]
        found: dict[Key, LookupResult] = {}
        if by_id:
            self.strategy(SINGLE)
            readings = self.each(lambda key: self.read(key.value), by_id)
            found |= {key: lookup_result_of(reading) for key, reading in readings.items()}
        return found | (_Search(self, others).lookup_results() if others else {})

    # -- by id

    def read(self, identifier: str) -> Reading:
        """Read one account by id. None: it is proven that there is none. Raises ApiError."""
        try:
            row = self.server.user(identifier)
        except ApiError as exc:
            if exc.status != 404 or isinstance(exc, Fatal):
                raise
            return self._missing(exc, identifier)
        self._reads_by_id = True
        return self.server.account_of(row)

    def _missing(self, error: ApiError, identifier: str) -> Problem | None:
        if self._reads_by_id and is_scim_error(error):
            return None
        wrong = missing_or(error.problem, lambda: self._prove_by_id(identifier))
        if wrong is None and self._by_id_fault is NO_OTHER and identifier in self.written and is_scim_error(error):
            # The write reached the account under this address, where the list works and has no other user.
            return None
        return wrong or self._by_id_fault

    def _prove_by_id(self, identifier: str) -> None:
        """Read a user of the list by id, once. Raises ApiError where the list does not work."""
        with self.lock:
            if (self._reads_by_id and self.server.listed_a_row) or self._by_id_fault is not None:
                return
            rows = [row for row in self.server.page().rows if row["id"] != identifier]
            if not rows:
                self._by_id_fault = NO_OTHER
            else:
                faults = [self.why_unreadable(row) for row in rows[:CANARIES]]
                self._by_id_fault = faults[-1] if all(faults) else None

    def why_unreadable(self, row: Row) -> Problem | None:
        """Return why a user of the list cannot be read by id; None where it can be."""
        try:
            with self.server.client.transport.counters.reading_again():
                alone = self.server.user(row["id"])
        except Fatal:
            raise
        except ApiError as exc:
            problem = unproven(f"a user of the list cannot be read by id ({exc.problem.message})")
            return replace(problem, code="no_rights") if exc.status == 403 else problem
        if alone.get("userName") != row.get("userName"):
            return unproven("a user of the list has another userName when read by id")
        self._reads_by_id = True
        return None

    # -- by the list

    def everybody(self, end: EndOfList, first: Page | None = None) -> Iterator[Sequence[Row]]:
        """Read the whole list. What it proves is in ``end``. ``first``: its first page, where that was read."""
        self.strategy(LIST)
        if self.profile.list == NONE:
            end.give_up("the product has no list of users")
            return
        self.last = None
        pages = 0
        for rows in self.server.whole_list(end, self.concurrency, first):
            pages += 1
            self.last = rows[-1] if rows else self.last
            yield rows
        self.pages = pages
        self.is_whole = end.fault is None and bool(end.ids)

    def why_not_whole(self, end: EndOfList) -> str | None:
        """Return why a list that was read is not proven to show everybody."""
        if end.fault is not None:
            return end.fault
        if self.last is None:
            return None if self.profile.list == "whole" else "the list of users is empty, which proves nothing"
        return None if self.why_unreadable(self.last) is None else "the last user of the list cannot be read by id"

    def listed(self, identifiers: Sequence[str]) -> dict[str, Reading] | None:
        """Read accounts by the list: those that it shows; None if it is not proven to be whole. Raises ApiError."""
        wanted = set(identifiers)
        end = EndOfList()
        found: dict[str, Reading] = {}
        for rows in self.everybody(end):
            found |= {row["id"]: self.server.account_of(row) for row in rows if row["id"] in wanted}
        return found if end.fault is None else None

    def learn(self, unlisted: Mapping[str, Reading]) -> None:
        """Take the readings by id of accounts that the whole list does not show after they were written."""
        self.hides_closed |= any(
            name in self.ids and isinstance(each, Account) and each.condition.state == DEACTIVATED
            for name, each in unlisted.items()
        )


@dataclass
class _Search:
    """One search for keys other than ids: filters, then the list for those that are left, then the proofs."""

    finder: Finder
    keys: Sequence[Key]
    matcher: Matcher = field(init=False)
    problems: dict[Key, Problem] = field(default_factory=dict)
    """Why a key that is not found is not missing."""
    found_ids: set[str] = field(default_factory=set)
    """Accounts that a filter found."""
    groups: dict[tuple[str, str], Sequence[Clause]] = field(default_factory=dict)
    """The longest filter that was answered, by attribute and form."""
    forms: dict[Clause, str] = field(default_factory=dict)
    """The form in which a clause was asked last and answered."""
    refused: set[str] = field(default_factory=set)
    """Attributes for which a single filter is refused."""
    ignored: set[str] = field(default_factory=set)
    """The attributes whose single filters found another user, so that they may have found too few; `or` for such
    filters of that form.
    """
    end: EndOfList = field(default_factory=EndOfList)
    canaries: dict[str, deque[Row]] = field(default_factory=dict)
    """The last rows of the list that show a key, by the key's field; the last of all by no field."""
    first: Page | None = None
    """The first page of the list, where it was read to see how long the list is."""
    fault: Problem | None = None
    """Why the list could not be read."""
    proofs: dict[tuple[str, str], Problem | None] = field(default_factory=dict)
    by_id: LookupResult | None = None
    """Whether the last user of the list can be read by id."""

    def __post_init__(self) -> None:
        self.server = self.finder.server
        self.profile = self.finder.profile
        self.matcher = Matcher(self.keys, FOLDED)
        self.wanted = {(key.field, _folded(key.field, key.value)) for key in self.keys}
        self.alike = {(key.field, normalized(key.value)) for key in self.keys}

    def lookup_results(self) -> dict[Key, LookupResult]:
        keys = [key for key in self.keys if self._clauses(key)]
        if keys and len(keys) > FEW and self.profile.or_terms > 1:
            keys = self._by_groups(keys)
        singles = sum(len(self._clauses(key)) for key in keys)
        if keys and (len(keys) <= FEW or self.profile.list == NONE or not self._is_list_shorter(singles)):
            self._singly(keys)
        if self._must_list() or self.matcher.unfound():
            self._by_list()
            left = self.matcher.unfound()
            if left and self._why_not_whole() is None and self.end.ids:
                # Two looks, by the list and by a filter: a list may hide users.
                self._singly([key for key in left if not self._is_asked_well(key)])
        found = self.matcher.lookup_results()
        # Another user may have the same address, and only a whole list shows that user.
        why = self._why_not_whole() if self._must_list() else None
        unsure = {key for key, each in found.items() if why and each.accounts and key.field == "email"}
        found |= dict.fromkeys(unsure, LookupResult(problem=why))
        return {key: self._proven(key) if each == LookupResult() else each for key, each in found.items()}

    def _is_asked_well(self, key: Key) -> bool:
        """Whether each filter for a key was answered, and those of the form `or` find users of the list."""
        forms = {clause: self.forms.get(clause) for clause in self._clauses(key)}
        return all(
            form == ONE or (form == MANY and MANY not in self.ignored and self._proof(clause, MANY) is None)
            for clause, form in forms.items()
        )

    def _clauses(self, key: Key) -> list[Clause]:
        """Return what asks for a key; none where the product has no filter for it."""
        names = ("email", "username") if key.field == "email" and "@" in key.value else (key.field,)
        filters = self.profile.filters
        attributes = dict.fromkeys(filters[name] for name in names if name in filters)
        # Some servers keep addresses in small letters and compare them with case (Keycloak 26.7).
        folded = (fold(key.value),) if key.field == "email" else ()
        return [
            Clause(key, attribute, value)
            for attribute in attributes
            if attribute not in self.refused
            for value in dict.fromkeys((key.value, *(folded if attribute == filters.get("email") else ())))
        ]

    def _is_unasked(self, key: Key) -> bool:
        return any(clause not in self.forms for clause in self._clauses(key))

    def _must_list(self) -> bool:
        """Whether the list must be read although everybody is found: an e-mail address may name two accounts."""
        mails = [key for key in self.keys if key.field == "email"]
        partly = any(len({each.attribute for each in self._clauses(key)}) < 2 or self._is_unasked(key) for key in mails)
        return partly or (bool(self.ignored) and bool(mails))

    # -- filters

    def _by_groups(self, keys: Sequence[Key]) -> list[Key]:
        """Ask by or-filters and return the keys that could not be asked that way."""
        self.finder.strategy(SEARCH)
        for terms in (self.profile.or_terms, self.profile.or_terms // 2):
            groups = self._grouped(keys, max(terms, 2))
            answers = self.finder.each(self._asked, groups[:1])
            if answers[groups[0]] is not False:
                break
        else:
            return list(keys)
        if MANY in self.ignored:
            return list(keys)
        answers |= self.finder.each(self._asked, groups[1:])
        for group, answer in answers.items():
            if isinstance(answer, Problem):
                self.problems |= {clause.key: answer for clause in group}
        refused = [clause.key for group, answer in answers.items() if answer is False for clause in group]
        return list(dict.fromkeys(refused))

    def _grouped(self, keys: Sequence[Key], terms: int) -> list[tuple[Clause, ...]]:
        """Divide the clauses into filters of so many, none longer than the product takes."""
        groups: list[list[Clause]] = [[]]
        length = 0
        for key in keys:
            clauses = self._clauses(key)
            size = sum(len(clause.text) + len(JOIN) for clause in clauses)
            if groups[-1] and (len(groups[-1]) + len(clauses) > terms or length + size > self.profile.filter_chars):
                groups.append([])
                length = 0
            groups[-1] += clauses
            length += size
        return [tuple(group) for group in groups]

    def _asked(self, group: tuple[Clause, ...]) -> bool:
        """Ask by one filter and return whether the server took it. Raises ApiError for what is no refusal."""
        form = MANY if len(group) > 1 else ONE
        try:
            rows, total = self.server.search(JOIN.join(clause.text for clause in group))
        except ApiError as exc:
            is_too_much = exc.status == 403 and "tooMany" in str(exc.payload)
            if isinstance(exc, Fatal) or not (exc.status in REFUSES_FILTER or is_too_much):
                raise
            return False
        with self.finder.lock:
            self._take(rows, MANY if form == MANY else group[0].attribute)
            for clause in group:
                self.forms[clause] = form
                if len(group) > len(self.groups.get((clause.attribute, form), ())):
                    self.groups[clause.attribute, form] = group
            if total is not None and total > len(rows):
                problem = hidden(total, len(rows))
                self.problems |= {clause.key: problem for clause in group}
        return True

    def _take(self, rows: Sequence[Row], name: str) -> None:
        for row in rows:
            named = values_of(row).items()
            if any((each, _folded(each, value)) in self.wanted for each, values in named for value in values):
                self.found_ids.add(row["id"])
            else:
                self.ignored.add(name)
            self.matcher.take([(self.server.account_of(row), values_of(row))])

    def _singly(self, keys: Sequence[Key]) -> None:
        """Ask for each key alone, by one attribute after the other."""
        if not keys:
            return
        self.finder.strategy(SINGLE)
        clauses = [clause for key in keys for clause in self._clauses(key)]
        first = {clause.attribute: clause for clause in reversed(clauses)}
        for part in ([*first.values()], [clause for clause in clauses if clause not in first.values()]):
            usable = [clause for clause in part if clause.attribute not in self.refused | self.ignored]
            for clause, answer in self.finder.each(lambda clause: self._asked((clause,)), usable).items():
                if isinstance(answer, Problem):
                    self.problems[clause.key] = answer
                elif not answer:
                    self.refused.add(clause.attribute)

    # -- the list

    def _is_list_shorter(self, singles: int) -> bool:
        """Whether the list takes fewer requests than single filters, by the total it states: a cost, no proof."""
        try:
            self.first = page = self.server.page()
        except Fatal:
            raise
        except ApiError:
            return False
        if not page.rows or page.total is None or (page.cursor is None and page.total <= len(page.rows)):
            return True
        return pages_for(page.total, len(page.rows)) < singles

    def _by_list(self) -> None:
        is_enough = not self._must_list()
        try:
            for rows in self.finder.everybody(self.end, self.first):
                for row in rows:
                    self._take_listed(row)
                if is_enough and not self.matcher.unfound():
                    return
        except Fatal:
            raise
        except ApiError as exc:
            self.fault = exc.problem
        self.finder.ids = self.end.ids

    def _take_listed(self, row: Row) -> None:
        """Keep a user of the list who may be asked for, and the last one that shows each key."""
        values = values_of(row)
        self._keep("", row)
        is_alike = False
        for name, each in values.items():
            for value in each:
                if isinstance(value, str) and value:
                    self._keep(name, row)
                    is_alike = is_alike or (name, normalized(value)) in self.alike
        if is_alike:
            self.matcher.take([(self.server.account_of(row), values)])

    def _keep(self, name: str, row: Row) -> None:
        rows = self.canaries.setdefault(name, deque(maxlen=max(1, self.profile.or_terms)))
        if not rows or rows[-1] is not row:
            rows.append(row)

    # -- proofs

    def _why_not_whole(self) -> Problem | None:
        """Return why the list proves nothing."""
        if self.fault is not None:
            return self.fault
        if not self.end.ids and self.end.hides_rows:
            return hidden(t.cast(int, self.end.total), 0)
        if self.end.fault is not None:
            return unproven(self.end.fault)
        if not self.end.ids and self.profile.list != "whole":
            return unproven("the list of users is empty. Check that api_url and the credential are those of the tenant")
        return None

    def _proven(self, key: Key) -> LookupResult:
        """Return that a key is missing, or why that is not proven."""
        problem = self.problems.get(key) or self._why_not_whole() or self._why_not_missing(key)
        if problem is not None:
            return LookupResult(problem=problem)
        self.finder.lacks_keys = True
        return LookupResult()

    def _why_not_missing(self, key: Key) -> Problem | None:
        if not self.end.ids:
            return None
        if self.by_id is None:
            self.by_id = LookupResult(problem=self.finder.why_unreadable(self.canaries[""][-1]))
        if self.by_id.problem is not None:
            return self.by_id.problem
        if key.field not in self.canaries:
            return unproven(f"no user in the list shows {SHOWN[key.field]}")
        unlisted = self.found_ids - self.end.ids
        if unlisted and not self.profile.hides_closed:
            names = ", ".join(sorted(unlisted)[:5])
            return unproven(f"the list lacks users whom a filter found (ids {names})")
        # A filter that is ignored or refused does not filter, so it hides no user.
        for clause in self._clauses(key):
            if clause.attribute in self.ignored:
                continue
            form = self.forms.get(clause)
            fault = unproven("the filter for it was not answered") if form is None else self._proof(clause, form)
            if fault is not None:
                return fault
        return None

    def _proof(self, clause: Clause, form: str) -> Problem | None:
        """Return why a filter of this attribute and form proves nothing; asked once."""
        name = (clause.attribute, form)
        if name not in self.proofs:
            self.proofs[name] = self._filter_fault(clause, form)
        return self.proofs[name]

    def _filter_fault(self, clause: Clause, form: str) -> Problem | None:
        """Return why a filter proves nothing: it does not find the users whom the list shows.

        A filter of the form `or` asks for as many of them as there are, since some servers leave out users of an answer
        that has several, or look at the first clause only.
        """
        asked = self.groups.get((clause.attribute, form), (clause,))
        known = dict([*self._known(clause).items()][-len(asked) :])
        if not known or (form == MANY and len(known) < min(len(asked), ENOUGH)):
            return unproven(f"the list shows too few users by {clause.attribute} to try the filter with")
        clauses = [Clause(clause.key, clause.attribute, value) for value in known.values()]
        group = [*clauses, *asked[len(clauses) :]]
        try:
            rows, _total = self.server.search(JOIN.join(each.text for each in group))
        except Fatal:
            raise
        except ApiError as exc:
            return exc.problem
        if known.keys() <= {found["id"] for found in rows}:
            return None
        return unproven(
            f"the filter {clause.attribute} does not find a user whom the list shows. If the product has no such "
            "filter, leave it out of filters in profile_options"
        )

    def _known(self, clause: Clause) -> dict[str, str]:
        """Return users of the list, by id, and the value by which a filter must find each."""
        name = next((name for name, each in self.profile.filters.items() if each == clause.attribute), "")
        known: dict[str, str] = {}
        for row in self.canaries.get(name, ()):
            given = emails_of(row) if name == "email" else values_of(row)[name]
            value = next((value for value in given if isinstance(value, str) and value), None)
            if value is not None:
                known[row["id"]] = value
        return known


def _folded(name: str, value: t.Any) -> t.Any:
    return fold(value) if isinstance(value, str) and name in FOLDED else value
