# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Count the code lines of Python files: lines that are not blank, comment, docstring or Ansible documentation."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN", "ATTRIBUTES")
"""Names that Ansible reads documentation from; a documentation fragment may have more, all in capitals."""
LIMIT = 400
"""Code lines that a file of plugins/ may have."""
_NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def code_lines(text: str) -> int:
    """Return the number of code lines of a Python source text. Raises SyntaxError."""
    numbers: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            numbers.update(range(token.start[0], token.end[0] + 1))
    for node in _texts(ast.parse(text)):
        numbers.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(numbers)


def _texts(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements that are nothing but text for people."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", ()) if not isinstance(node, ast.Lambda | ast.IfExp) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                if isinstance(statement.value.value, str):
                    yield statement
            elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
                names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
                fragment = isinstance(node, ast.ClassDef) and node.name == "ModuleDocFragment"
                if fragment or any(name in DOCUMENTATION for name in names):
                    yield statement


def main(folders: list[str]) -> int:
    counts = {
        path: code_lines(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted(Path(folder).rglob("*.py"))
    }
    for path, count in sorted(counts.items(), key=lambda item: -item[1])[:10]:
        print(f"{count:6,} {path}")
    print(f"{sum(counts.values()):6,} code lines in {len(counts)} files")
    long = [f"{path}: {count} code lines, {LIMIT} is the limit" for path, count in counts.items() if count > LIMIT]
    print(*long, sep="\n", end="\n" if long else "")
    return 1 if long else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] or ["plugins"]))
