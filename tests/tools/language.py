# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""List words that the texts and names of this project avoid, and fail on new ones.

Python is read as code: strings, comments and the names that a file defines. Other files are read as text, and
Jinja templates and YAML keys for their names too.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import jinja2

from harness.tree import REPOSITORY, checkout_files

WORDS = (
    *("tell", "tells", "telling", "told", "untold", "retell", "foretell", "foretells", "foretold"),
    *("nobody", "somebody", "whoever", "whomever", "they who"),
    *("heed", "heeds", "heeded", "knock", "knocks", "knocked", "wish", "wishes", "wished", "elder"),
    *("look back", "looks back", "looked back", "see closed", "seen closed"),
    *("of its own", "none of its business", "what came of", "came of it"),
    *("finding", "findings", "lookalike", "lookalikes", "twin", "twins", "the house"),
    *("what can go wrong", "past one machine", "when it matters"),
)
"""Avoided everywhere."""

NAME_WORDS = (
    *("aim", "aims", "standing", "took", "came in", "red", "the others", "way", "ways"),
    *("hold", "holds", "holding", "held", "say", "says", "saying", "said"),
    *("pack", "packs", "packed", "packing"),
)
"""Avoided in names. In prose these are ordinary English; the name of a test is prose."""

BASELINE: dict[str, int] = {}
"""Findings that are still there, by folder. It only falls."""


@dataclass(frozen=True)
class Exemption:
    """A word that is needed in the files that match a pattern. ``*`` stands for all words."""

    files: str
    word: str
    reason: str


EXEMPTIONS: tuple[Exemption, ...] = (
    Exemption("tests/tools/language.py", "*", "the list itself"),
    Exemption("tests/unit/test_language.py", "*", "the examples of what is listed"),
    Exemption("plugins/plugin_utils/_words.py", "way", "NO_WAY_BACK, a code in the evidence"),
    Exemption("plugins/module_utils/_vendor_info/__init__.py", "way", "the task with that code"),
)

GENERATED = (
    *("plugins/modules/*_user.py", "plugins/modules/*_user_info.py", "plugins/doc_fragments/*.py", "CHANGELOG.md"),
    *("roles/*/meta/argument_specs.yml", "playbooks/awx/credential_types.yml"),
)
"""Checked in their sources."""
DATA = ("LICENSES/*", "*.png", "*.csv", "*/package.json", "*/ansible.inv.txt")
"""Read by programs only, or written by others."""


@dataclass(frozen=True)
class Place:
    """An avoided word: where it is, and the text or name that has it."""

    path: str
    line: int
    word: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.word}: {self.text}"


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Match any of the words. Between two words may be the end of a line and the mark of a comment."""
    each = "|".join(re.escape(word).replace(r"\ ", r"[\s#]+") for word in words)
    # An address (nobody@example.com) is data.
    return re.compile(rf"\b(?:{each})\b(?!@)", re.IGNORECASE)


_PROSE = _pattern(WORDS)
_NAMES = _pattern((*WORDS, *NAME_WORDS))


def in_text(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each avoided word of a text: its line, counted from 0, the word, and the text around it."""
    for found in _PROSE.finditer(text):
        around = text[max(0, found.start() - 40) : found.end() + 40]
        yield text.count("\n", 0, found.start()), _one_line(found[0].replace("#", " ")).lower(), _one_line(around)


def in_name(name: str) -> Iterator[str]:
    """Yield each avoided word of a name in snake_case, CamelCase or kebab-case."""
    words = " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)).lower()
    pattern = _PROSE if re.match(r"test[_ ]", name) else _NAMES
    yield from (found[0] for found in pattern.finditer(words))


def _one_line(text: str) -> str:
    return " ".join(text.split())


# -- kinds of files: each yields (line, text or name, whether it is a name)

_Part = tuple[int, str, bool]


def python_parts(source: str) -> Iterator[_Part]:
    """Yield strings, comments and defined names. Raises SyntaxError."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value, False
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name, True
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg, True
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id, True
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr, True
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname, True
    yield from _comments(source)


def _comments(source: str) -> Iterator[_Part]:
    """Yield comments. Those in consecutive lines are one."""
    first, last, text = 0, -1, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if line != last + 1:
            if text:
                yield first, text, False
            first, text = line, ""
        text += f"{token.string}\n"
        last = line
    if text:
        yield first, text, False


def jinja_parts(source: str) -> Iterator[_Part]:
    """Yield the whole text, and the names that the template defines or reads."""
    yield 1, source, False
    for line, kind, value in jinja2.Environment(autoescape=True).lex(source):
        if kind == "name":
            yield line, value, True


def yaml_parts(source: str) -> Iterator[_Part]:
    """Yield the whole text, and the keys."""
    yield 1, source, False
    for number, line in enumerate(source.splitlines(), 1):
        if key := re.match(r"[\s-]*(\w+):(\s|$)", line):
            yield number, key[1], True


def text_parts(source: str) -> Iterator[_Part]:
    yield 1, source, False


_PARTS = {".py": python_parts, ".html": jinja_parts, ".xml": jinja_parts, ".yml": yaml_parts, ".yaml": yaml_parts}


def in_file(path: str, source: str) -> Iterator[Place]:
    """Yield the avoided words of a file: in its path, its texts and its names."""
    for word in in_name(Path(path).stem):
        yield Place(path, 1, word, path)
    for line, text, is_name in _PARTS.get(Path(path).suffix, text_parts)(source):
        if is_name:
            yield from (Place(path, line, word, text) for word in in_name(text))
        else:
            yield from (Place(path, line + below, word, around) for below, word, around in in_text(text))


def is_checked(path: str) -> bool:
    return not any(fnmatch(path, pattern) for pattern in (*GENERATED, *DATA))


def exemption_of(place: Place) -> Exemption | None:
    return next(
        (each for each in EXEMPTIONS if fnmatch(place.path, each.files) and each.word in ("*", place.word)), None
    )


def folder_of(path: str) -> str:
    """Return the folder that the baseline counts a file in: two levels of docs and tests, one of the rest."""
    parts = path.split("/")
    return "/".join(parts[: 2 if parts[0] in ("docs", "examples", "tests") else 1])


def main(arguments: list[str]) -> int:
    """List the avoided words below the given paths, or all of them where a folder has more than the baseline."""
    places = [
        place
        for path in sorted(checkout_files())
        if is_checked(path)
        for place in in_file(path, (REPOSITORY / path).read_text(encoding="utf-8"))
    ]
    exempted = {exemption_of(place) for place in places}
    unused = [each for each in EXEMPTIONS if each not in exempted]
    places = [place for place in places if exemption_of(place) is None]
    if arguments:
        places = [place for place in places if place.path.startswith(tuple(arguments))]
        print(*places, sep="\n", end="\n" if places else "")
        return 1 if places else 0
    counts = Counter(folder_of(place.path) for place in places)
    over = {folder for folder, count in counts.items() if count > BASELINE.get(folder, 0)}
    for place in places:
        if folder_of(place.path) in over:
            print(place)
    for folder in sorted({*counts, *BASELINE}):
        count, most = counts[folder], BASELINE.get(folder, 0)
        if count > most:
            print(f"{folder}: {count} words to avoid, {most} in the baseline. Use the glossary's word.")
        elif count < most:
            print(f"{folder}: {count} of {most} are left. Set BASELINE in tests/tools/language.py to {count}.")
    for each in unused:
        print(f"{each.files}: no file has the exempted word {each.word}. Remove the exemption.")
    return 1 if over or unused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
