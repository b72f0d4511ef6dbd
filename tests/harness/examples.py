# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Every example that the documentation has, and what kind of example it is.

An example that is added is found without being listed. An example without a known kind of proof is an error. What
cannot be run as it stands says in a comment above it which test reads and proves it (`proved_by`); the comment is not
shown to readers:

    .. example-proved-by: tests/integration/test_x.py::test_y
    .. example-file: staff.csv                              the commands of the page find it under this name
    .. example-fails: still has access                      it fails, and says so

In Markdown it is <!-- example-proved-by: … -->, and above the EXAMPLES of a plugin # example-proved-by: …
"""

from __future__ import annotations

import ast
import contextlib
import re
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from antsibull_docutils.rst_code_finder import find_code_blocks
from markdown_it import MarkdownIt

from harness.tree import REPOSITORY

PLUGINS = ("plugins/modules", "plugins/filter", "plugins/lookup", "extensions/eda/plugins/event_filter")
PAGES = (
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "docs/docsite/rst/*.rst",
    "roles/*/README.md",
    "examples/**/*.md",
    "tests/*/README.md",
)

MARKER = re.compile(r"^\s*(?:\.\. |<!-- |# )(example-[a-z-]+): (.+?)(?: -->)?$")
MARKERS = ("example-proved-by", "example-file", "example-fails")

MESSAGES = {"docs/troubleshooting.md": "tests/unit/test_failures_are_documented.py"}
"""Pages that quote messages, each held against the source by a test; around them stand Ansible's own words."""

FOLLOWED = ("docs/docsite/rst/add_a_vendor.rst", "examples/add-a-vendor/README.md")
"""Pages that a whole file of tests follows from the first step to the last: no block needs a separate test."""

TASKS, PLAYBOOK, INVENTORY, LEAVERS, COMMANDS = "tasks", "playbook", "inventory", "leavers", "commands"
OUTPUT, FILE, PROVED = "output", "file", "proved"
PROGRAMS = ("ansible", "ansible-playbook", "ansible-doc")


class Unclassified(Exception):
    """An example without a known kind of proof."""


@dataclass(frozen=True)
class Example:
    """One block of a page, or the examples of one plugin."""

    source: str
    line: int
    language: str
    text: str = field(repr=False)
    markers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.source}:{self.line}"

    @property
    def page(self) -> str:
        """What it belongs to: the page, or the plugin's name."""
        return Path(self.source).stem if self.is_of_plugin else self.source

    @property
    def is_of_plugin(self) -> bool:
        return self.source.endswith(".py")

    @property
    def fails(self) -> str | None:
        return self.markers.get("example-fails")

    @property
    def data(self) -> Any:
        return yaml.safe_load(self.text)

    @property
    def kind(self) -> str:
        if proof := self.markers.get("example-proved-by"):
            self._check_proof(*proof.split("::"))
            return PROVED
        if "example-file" in self.markers:
            return FILE
        if self.language in ("text", "ansible-output"):
            return OUTPUT
        if self.language == "console":
            return COMMANDS
        if self.language == "csv":
            return LEAVERS
        if self.language in ("yaml", "yaml+jinja"):
            return self._kind_of_data(self.data)
        raise Unclassified(f"{self} is in {self.language or 'no language'}, for which there is no proof")

    def _check_proof(self, file: str, test: str | None = None) -> None:
        path = REPOSITORY / file
        if not (file.startswith("tests/") and path.suffix == ".py" and path.is_file()):
            raise Unclassified(f"{self} says that {file} proves it, which is no file of tests")
        if test is None and self.source not in FOLLOWED:
            raise Unclassified(f"{self} does not say which test of {file} proves it")
        text = path.read_text(encoding="utf-8")
        if test is not None and test not in _tests_in(text):
            raise Unclassified(f"{self} says that {test} of {file} proves it, which is not there")
        if self.source not in FOLLOWED and Path(self.source).name not in text:
            raise Unclassified(f"{self} says that {file} proves it, which does not read {self.source}")

    def _kind_of_data(self, data: Any) -> str:
        if isinstance(data, dict) and set(data) <= {"all", "saas"}:
            return INVENTORY
        if isinstance(data, list) and data and all(isinstance(entry, dict) for entry in data):
            if all({"hosts", "import_playbook", "ansible.builtin.import_playbook"} & set(entry) for entry in data):
                return PLAYBOOK
            if all("email" in entry for entry in data):
                return LEAVERS
            if all("block" in entry or any("." in key for key in entry) for entry in data):
                return TASKS
        raise Unclassified(f"{self} is YAML, and no playbook, list of tasks, inventory or list of leavers")

    def commands(self) -> Iterator[str]:
        """The commands of a block, each on one line."""
        for line in self.text.replace("\\\n", " ").splitlines():
            command = re.sub(r"(^|\s+)#\s.*", "", line)
            if command.strip():
                yield " ".join(command.removeprefix("$ ").split())


def is_elsewhere(command: str) -> bool:
    """Whether a command is not to be run here, since something else proves it. One that is not known is an error."""
    words = command.split()
    if words[0] == "export" or words[0] in PROGRAMS:
        return False
    if words[0] != "make" or not set(words[1:]) <= _targets():
        raise Unclassified(f"there is no known proof for the command {command}")
    return True


@cache
def _targets() -> set[str]:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    return {name for names in re.findall(r"^([a-z][a-z -]*):(?!=)", makefile, re.MULTILINE) for name in names.split()}


def collect() -> list[Example]:
    """All examples, by page and in their order."""
    patterns = (*(f"{folder}/*.py" for folder in PLUGINS), *PAGES)
    return [example for pattern in patterns for path in _files(pattern) for example in _of_file(path)]


def proved_by(test: str, source: str) -> list[Example]:
    """The blocks of a page, or the examples of a plugin, that say that a test of this name proves them."""
    marked = [example for example in _of_file(REPOSITORY / source) if "example-proved-by" in example.markers]
    found = [example for example in marked if example.markers["example-proved-by"].endswith(f"::{test}")]
    assert found, f"nothing in {source} says that {test} proves it"
    return found


def _of_file(path: Path) -> list[Example]:
    source, text = path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8")
    return list(_of_plugin(source, text)) if path.suffix == ".py" else of_page(source, text)


def of_page(source: str, text: str) -> list[Example]:
    blocks = _markdown(text) if source.endswith(".md") else _restructured(text)
    return [
        Example(source, line, language, content, _markers(text.splitlines(), line))
        for line, language, content in blocks
    ]


def _files(pattern: str) -> list[Path]:
    return sorted(REPOSITORY.glob(pattern))


def of_kind(examples: Iterable[Example], *kinds: str) -> list[Example]:
    """Those of some kinds. One of no kind is left out here: a missing kind is a separate error."""
    found = []
    for example in examples:
        with contextlib.suppress(Unclassified):
            if example.kind in kinds:
                found.append(example)
    return found


def _tests_in(text: str) -> set[str]:
    functions = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {name for name in functions if name.startswith("test_")}


def _of_plugin(source: str, text: str) -> Iterator[Example]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            markers = _markers(text.splitlines(), node.lineno)
            yield Example(source, node.lineno, "yaml", ast.literal_eval(node.value), markers)


def _markdown(text: str) -> Iterator[tuple[int, str, str]]:
    """Fenced blocks, with the number of the line of the fence."""
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.map:
            yield token.map[0] + 1, token.info, token.content
        elif token.type == "code_block" and token.map:
            yield token.map[0] + 1, "", token.content


def _restructured(text: str) -> Iterator[tuple[int, str, str]]:
    """Code blocks, with the number of the line of the directive; other literal blocks are in no language."""
    lines = text.splitlines()
    unknown: list[tuple[int, str, str]] = []

    def keep_unknown(line: int | str, _column: int, content: str, _origin: bool) -> None:
        unknown.append((int(line), "", content))

    with warnings.catch_warnings():
        # The finder uses what docutils 2 will no longer have.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        blocks = list(find_code_blocks(text, warn_unknown_block_w_unknown_info=keep_unknown))
    for block in blocks:
        line = block.row_offset
        while not lines[line - 1].lstrip().startswith(".. "):
            line -= 1
        yield line, block.language or "", textwrap.dedent(block.content).strip("\n") + "\n"
    yield from unknown


def _markers(lines: list[str], line: int) -> dict[str, str]:
    """The comments above a block that say something of it."""
    markers: dict[str, str] = {}
    for above in reversed(lines[: line - 1]):
        found = MARKER.match(above)
        if found and found[1] not in MARKERS:
            raise Unclassified(f"line {line}: there is no {found[1]}")
        if found:
            markers[found[1]] = found[2]
        elif above.strip():
            break
    return markers
