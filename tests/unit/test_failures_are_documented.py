# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The troubleshooting page is complete: each code, each message as it is printed, and each right that a state needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import yaml

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    NO_WAY_BACK,
)
from harness.tree import ADDED_VENDOR, REPOSITORY

PAGE = REPOSITORY / "docs" / "troubleshooting.md"
SECURITY = REPOSITORY / "SECURITY.md"
PAGES = (PAGE, SECURITY)
SOURCES = sorted((REPOSITORY / "plugins").rglob("*.py"))
TASKS = sorted([*(REPOSITORY / "roles").rglob("*.yml"), *(REPOSITORY / "playbooks").glob("*.yml")])

OUTCOMES = {
    *("awx_failed", "by_hand", "came_back", "evidence_not_written", "invalid_input", "not_looked_at", "nothing_done"),
    *("orphan", "still_active", "tenant_missing", "unmatched"),
}
"""Codes of outcomes and of a run as a whole: they are at the beginning of a message, and no account has them."""
MANUAL = {NO_WAY_BACK, *(code for vendor in VENDORS.values() for code in vendor.manual)}
"""Manual tasks: they have codes too, and are no failures."""

SHORTEST = 10
"""Characters that a piece of a message must have to be looked for, in the source and on the page."""

MESSAGE_ARGUMENTS = {"Problem": 1, "type(problem)": 1, "fault": 0, "_fault": 0, "_failed": 0, "append": 0, "add": 2}
"""What takes a message without being raised, each with the place of the message among its arguments."""

UNSEEN = {
    "an HTML page": "what an answer looks like, where the page has <what it looks like>",
    "no content type": "the same",
    "cannot be part of an address": "comes out as: names the account by a text that no address can hold",
    "an array begins with [, not with": "comes out as: has no list of users where it should be",
    "a comma is missing": "comes out as: is not JSON",
    "something comes after the array": "the same",
    "it is not text": "a reason why a key_file cannot be read, where the page has <reason>",
    "Would be moved after a run without failures": "what a register states in check mode, and no failure",
    "the vendor has no request that counts them": "a reason why accounts cannot be counted, likewise",
}
"""Pieces of messages that are not on the page, each with the reason."""


# -- the source


@dataclass
class Source:
    """A file, and what its names may stand for."""

    path: Path
    tree: ast.Module
    values: dict[str, list[ast.expr]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Source:
        source = cls(path, ast.parse(path.read_text(encoding="utf-8")))
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    source._keep(ast.unparse(target), node.value)
            elif isinstance(node, ast.FunctionDef):
                named = [*node.args.posonlyargs, *node.args.args]
                for name, default in zip(reversed(named), reversed(node.args.defaults), strict=False):
                    source._keep(name.arg, default)
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        source._keep(node.name, inner.value)
        return source

    def _keep(self, name: str, value: ast.expr) -> None:
        self.values.setdefault(name, []).append(value)

    def codes(self) -> Iterator[tuple[int, set[str]]]:
        """The places that name a code, each with the codes that it may come to."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("Problem", "type(problem)") and node.args:
                    yield node.lineno, self.texts(node.args[0])
                elif called.endswith(".fault") and len(node.args) > 1:
                    yield node.lineno, self.texts(node.args[1])
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        yield node.lineno, self.texts(keyword.value)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "code" and not _is_handed_on(value):
                        yield node.lineno, self.texts(value)
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_CODES":
                yield node.lineno, self.texts(node.value)
        for absent in self._absent():
            yield absent.lineno, self.texts(absent.elts[1])

    def _absent(self) -> Iterator[ast.Tuple]:
        """The tenants without a report, each with its code and its message."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign | ast.AugAssign) and _target(node) == "absent":
                yield from (each for each in ast.walk(node.value) if isinstance(each, ast.Tuple))

    @property
    def place(self) -> Path:
        return self.path.relative_to(REPOSITORY)

    def pieces(self) -> Iterator[tuple[int, set[str]]]:
        """The places that say what is wrong, each with the pieces of which that may be made, but for single words."""
        for node in ast.walk(self.tree):
            spoken: list[ast.expr] = []
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                spoken = node.exc.args[:1]
            elif isinstance(node, ast.Call):
                owner, _dot, called = ast.unparse(node.func).rpartition(".")
                at = MESSAGE_ARGUMENTS.get(called)
                if at is not None and (called not in ("append", "add") or _takes_faults(owner)):
                    spoken = node.args[at : at + 1]
                spoken += [each.value for each in node.keywords if each.arg in ("message", "msg")]
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                spoken = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "msg"]
            elif isinstance(node, ast.FunctionDef) and node.name.endswith(("fault", "faults")):
                spoken = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
            elif isinstance(node, ast.Assign | ast.AugAssign) and _takes_faults(_target(node)):
                spoken = [node.value]
            for each in spoken:
                pieces = {_bare(text) for text in self.texts(each)}
                yield each.lineno, {piece for piece in pieces if len(piece) >= SHORTEST and " " in piece}

    def texts(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> set[str]:
        """The texts that an expression may come to, or their pieces where it puts them together."""
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        inner: list[ast.expr] = []
        if isinstance(node, ast.IfExp):
            inner = [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp | ast.Dict | ast.JoinedStr):
            inner = node.values
        elif isinstance(node, ast.BinOp):
            inner = [node.left, node.right]
        elif isinstance(node, ast.List | ast.Tuple):
            inner = node.elts
        elif isinstance(node, ast.ListComp | ast.GeneratorExp):
            inner = [node.elt]
        elif isinstance(node, ast.Subscript):
            inner = [node.value]
        elif isinstance(node, ast.FormattedValue):
            inner = [] if isinstance(node.value, ast.Call) else [node.value]
        elif isinstance(node, ast.Call):
            get = isinstance(node.func, ast.Attribute) and node.func.attr == "get"
            inner = [node.func.value] if get and isinstance(node.func, ast.Attribute) else [node.func]
        elif isinstance(node, ast.Name) and node.id not in seen:
            inner = self.values.get(node.id, [])
            seen |= {node.id}
        return {text for each in inner for text in self.texts(each, seen)}


def _bare(piece: str) -> str:
    """A piece of a message on one line, without the marks around it."""
    return " ".join(piece.split()).strip(" .:;,()'")


def _target(node: ast.Assign | ast.AugAssign) -> str:
    return ast.unparse(node.target if isinstance(node, ast.AugAssign) else node.targets[0])


def _takes_faults(name: str) -> bool:
    """Whether a name is of a list of messages: `faults`, `report.faults`."""
    return name.rpartition(".")[2] in ("faults", "problems")


def _is_handed_on(value: ast.expr) -> bool:
    """Whether a value only passes a code on that was made elsewhere: `self.code`, a name of a loop."""
    return isinstance(value, ast.Attribute) or (isinstance(value, ast.Name) and value.id == "code")


@cache
def sources() -> list[Source]:
    return [Source.read(path) for path in SOURCES]


@cache
def produced() -> frozenset[str]:
    return frozenset(code for source in sources() for _line, codes in source.codes() for code in codes)


@cache
def printed() -> str:
    """All texts of the source, one a line: what a message on the page is made of."""
    lines = [
        node.value
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    # Jinja puts texts that follow one another together.
    for path in TASKS:
        folded = " ".join(path.read_text(encoding="utf-8").split())
        lines.append(folded.replace("' '", ""))
    return "\n".join(lines)


# -- the pages


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def entries() -> dict[str, str]:
    """The page's entries for codes: the text below the heading, by code."""
    found: dict[str, str] = {}
    for section in re.split(r"^(?=#{2,3} )", text_of(PAGE), flags=re.MULTILINE):
        heading, _end, body = section.partition("\n")
        if re.fullmatch(r"### `\w+`(, `\w+`)*", heading):
            for code in re.findall(r"`(\w+)`", heading):
                assert code not in found, f"{code} has two entries"
                found[code] = body
    return found


def table() -> list[str]:
    """The codes of the table at the top."""
    return re.findall(r"^\| \[`(\w+)`\]\(#", text_of(PAGE), flags=re.MULTILINE)


def messages() -> list[str]:
    """The messages that the page quotes, each on one line."""
    fences = re.findall(r"^```text\n(.*?)^```$", text_of(PAGE), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(message.split()) for fence in fences for message in fence.split("\n\n")]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", text_of(page))


def rights_of(vendor: str) -> str:
    """The part of the security page about a vendor's module."""
    found = re.search(
        rf"^### {re.escape(VENDORS[vendor].product)} \(`{vendor}_user`\)\n(.*?)(?=^##|\Z)",
        text_of(SECURITY),
        flags=re.MULTILINE | re.DOTALL,
    )
    assert found is not None, f"SECURITY.md has no heading for {vendor}"
    return found[1]


def rows_of(text: str) -> list[list[str]]:
    """The rows of a table, below its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


# -- codes


def test_the_source_states_each_code() -> None:
    missing = [f"{source.path.name}:{line}" for source in sources() for line, codes in source.codes() if not codes]

    assert missing == []
    assert produced() > {"rate_limited", "server_error", "login_failed", "not_readable", "task_failed"}


def test_each_code_has_an_entry() -> None:
    assert sorted((produced() | MANUAL) - set(entries())) == []


def test_each_entry_is_of_a_code() -> None:
    assert sorted(set(entries()) - produced() - MANUAL - OUTCOMES) == []


def test_an_outcome_with_an_entry_is_in_the_source() -> None:
    assert [each for each in sorted(OUTCOMES) if each not in printed().splitlines()] == []


def test_the_table_leads_to_all_entries() -> None:
    assert table() == sorted(entries())


@pytest.mark.parametrize("code", sorted(set(entries()) - MANUAL))
def test_an_entry_has_a_meaning_and_a_remedy(code: str) -> None:
    body = entries()[code]

    assert [each for each in ("**Means:**", "**Do", "**Run again:**") if each not in body] == []
    assert "```text" in body or code in OUTCOMES, "the message as it is printed"


# -- messages


@pytest.mark.parametrize("message", messages())
def test_a_message_is_one_that_is_printed(message: str) -> None:
    pieces = [_bare(piece) for piece in re.split(r"<[^<>]+>", message)]

    assert [piece for piece in pieces if len(piece) >= SHORTEST and piece not in printed()] == []


@pytest.mark.parametrize(
    "source",
    # The page is of this collection's vendors; the example of a further one has its guide.
    [each for each in sources() if any(each.pieces()) and not (ADDED_VENDOR / each.place).exists()],
    ids=lambda source: str(source.place),
)
def test_each_message_is_on_the_page(source: Source) -> None:
    page = "\n".join(messages())

    missing = {
        f"line {line}: {piece}"
        for line, pieces in source.pieces()
        for piece in pieces
        if piece not in page and piece not in UNSEEN
    }

    assert sorted(missing) == []


def test_messages_left_off_the_page_have_a_reason() -> None:
    found = {piece for source in sources() for _line, pieces in source.pieces() for piece in pieces}

    assert sorted(set(UNSEEN) - found) == []


MODULES = sorted((REPOSITORY / "plugins" / "modules").glob("*_user*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_the_sample_of_a_message_is_what_one_of_the_page_begins_with(module: Path) -> None:
    values = Source.read(module).values["RETURN"]
    users = yaml.safe_load(ast.literal_eval(values[0]))["users"]["contains"]
    sample = users["error"]["contains"]["message"]["sample"]

    assert any(_begins_with(message, sample) for message in messages())


def _begins_with(message: str, sample: str) -> bool:
    """Whether the sample is a message up to some place, with anything filled into it."""
    ends = [
        place for place in range(SHORTEST, len(message) + 1) if message[:place].count("<") == message[:place].count(">")
    ]
    texts = (re.split(r"<[^<>]+>", message[:end]) for end in ends)
    return any(
        len("".join(pieces)) >= SHORTEST and re.fullmatch(".+".join(map(re.escape, pieces)), sample) for pieces in texts
    )


# -- links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert links(page)
    for link in links(page):
        if link.startswith("https://"):
            continue
        name, _mark, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_relative_to(REPOSITORY), link
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


# -- rights


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_rights_for_each_state_have_a_source(vendor: str) -> None:
    rows = rows_of(rights_of(vendor))
    states = [state for row in rows for state in re.findall(r"`(\w+)`", row[0])]

    assert sorted(states) == sorted(VENDORS[vendor].states)
    assert rows[0][0] == "audit"
    for row in rows:
        assert all(row), row
        assert re.search(r"https://|\bthe same\b", row[-1]), row


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_guide_describes_a_credential_for_audits_only(vendor: str) -> None:
    assert "**Audit only:**" in rights_of(vendor)
