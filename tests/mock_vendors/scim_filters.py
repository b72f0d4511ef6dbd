# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Filters of SCIM 2.0 (RFC 7644, 3.4.2.2): parse, count, evaluate."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()\[\]]|[^\s()\[\]"]+)')
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"})
URN = "urn:ietf:params:scim:schemas:core:2.0:user:"
EXACT = frozenset({"id", "externalid"})
"""Attributes that are compared with case (RFC 7643, 3.1); the server decides about the others."""

Exact = Collection[str]
Values = Callable[[str], list[Any]]


class BadFilter(Exception):
    """A filter that cannot be parsed."""


@dataclass(frozen=True)
class Compare:
    attribute: str
    operator: str
    value: Any

    def attributes(self) -> Iterator[str]:
        yield self.attribute

    def matches(self, values: Values, exact: Exact) -> bool:
        found = values(self.attribute)
        if self.operator == "pr":
            return any(value not in (None, "", []) for value in found)
        fold = self.attribute not in exact
        if self.operator == "ne":
            return not any(compared(value, "eq", self.value, fold) for value in found)
        return any(compared(value, self.operator, self.value, fold) for value in found)


@dataclass(frozen=True)
class Within:
    """`emails[type eq "work"]`, and with a comparison behind it `emails[type eq "work"].value eq "…"`."""

    attribute: str
    inner: Node
    then: Compare | None

    def attributes(self) -> Iterator[str]:
        yield f"{self.attribute}[]"

    def matches(self, values: Values, exact: Exact) -> bool:
        return any(self._takes(entry, exact) for entry in values(f"{self.attribute}[]"))

    def _takes(self, entry: Mapping[str, Any], exact: Exact) -> bool:
        def inside(name: str) -> list[Any]:
            return [entry[name]] if name in entry else []

        return self.inner.matches(inside, exact) and (self.then is None or self.then.matches(inside, exact))


@dataclass(frozen=True)
class Joined:
    word: str
    parts: tuple[Node, ...]

    def attributes(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.attributes()

    def matches(self, values: Values, exact: Exact) -> bool:
        if self.word == "not":
            return not self.parts[0].matches(values, exact)
        found = (part.matches(values, exact) for part in self.parts)
        return any(found) if self.word == "or" else all(found)


Node = Compare | Within | Joined


def compared(found: Any, operator: str, wanted: Any, fold: bool) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        if fold:
            found, wanted = found.lower(), wanted.lower()
        comparisons: dict[str, bool] = {
            "eq": found == wanted,
            "co": wanted in found,
            "sw": found.startswith(wanted),
            "ew": found.endswith(wanted),
            "gt": found > wanted,
            "ge": found >= wanted,
            "lt": found < wanted,
            "le": found <= wanted,
        }
        return comparisons[operator]
    return operator == "eq" and type(found) is type(wanted) and bool(found == wanted)


def parse(text: str) -> Node:
    """The tree of a filter; BadFilter when it is none."""
    tokens, position = [], 0
    while text[position:].strip():
        found = TOKEN.match(text, position)
        if found is None:
            raise BadFilter(f"unexpected text at {position}")
        tokens.append(found.group(1))
        position = found.end()
    reader = _Reader(tokens)
    node = reader.joined("or")
    if reader.tokens:
        raise BadFilter(f"unexpected {reader.tokens[0]}")
    return node


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def take(self, expected: str | None = None) -> str:
        if not self.tokens or (expected is not None and self.tokens[0] != expected):
            raise BadFilter(f"{expected or 'something'} is missing")
        return self.tokens.pop(0)

    def next_is(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def joined(self, word: str) -> Node:
        parts = [self.joined("and") if word == "or" else self.factor()]
        while self.next_is(word):
            parts.append(self.joined("and") if word == "or" else self.factor())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def factor(self) -> Node:
        negated = self.next_is("not")
        if negated or (self.tokens and self.tokens[0] == "("):
            self.take("(")
            inner = self.joined("or")
            self.take(")")
            return Joined("not", (inner,)) if negated else inner
        attribute = plain(self.take())
        if not self.next_is("["):
            return self.comparison(attribute)
        inner = self.joined("or")
        self.take("]")
        if self.tokens and self.tokens[0].startswith("."):
            return Within(attribute, inner, self.comparison(plain(self.take()[1:])))
        return Within(attribute, inner, None)

    def comparison(self, attribute: str) -> Compare:
        operator = self.take().lower()
        if not re.fullmatch(r"[a-z][\w.$:-]*", attribute) or operator not in OPERATORS:
            raise BadFilter(f"{attribute} {operator} is no comparison")
        if operator == "pr":
            return Compare(attribute, operator, None)
        try:
            return Compare(attribute, operator, json.loads(self.take()))
        except ValueError as error:
            raise BadFilter("a value is no JSON") from error


def plain(attribute: str) -> str:
    """An attribute in small letters, without the URN of the core schema."""
    return attribute.lower().removeprefix(URN)


def clauses(node: Node) -> int:
    return sum(1 for _unused in node.attributes())


def nodes(node: Node) -> int:
    """Comparisons and the words that join them."""
    if isinstance(node, Joined):
        return max(1, len(node.parts) - 1) + sum(nodes(part) for part in node.parts)
    return 1


def joins(node: Node, word: str) -> bool:
    return isinstance(node, Joined) and (node.word == word or any(joins(part, word) for part in node.parts))


def equals(node: Node) -> list[Compare] | None:
    """The comparisons one of which has to hold, where the filter is nothing but `eq`s joined by `or`."""
    if isinstance(node, Joined):
        parts = [equals(part) for part in node.parts]
        if node.word != "or" or None in parts:
            return None
        return [one for part in parts for one in part or ()]
    return [node] if isinstance(node, Compare) and node.operator == "eq" else None
