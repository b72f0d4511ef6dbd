# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Write what is generated, or check that it is written: `python -m tools.generate [--check]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from harness.tree import REPOSITORY, link_tree


def main() -> int:
    parser = argparse.ArgumentParser(prog="generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a file is not up to date")
    only_check = parser.parse_args().check
    with tempfile.TemporaryDirectory(prefix="offboarding-tree-") as tree:
        sys.path.insert(0, str(link_tree(Path(tree))))
        # The vendors of this checkout, which can be imported only now.
        from .files import generated

        stale = {path: text for path, text in generated(REPOSITORY).items() if _read(REPOSITORY / path) != text}
    for path, text in stale.items():
        if not only_check:
            (REPOSITORY / path).write_text(text, encoding="utf-8")
        print(f"{path}: {'is not up to date. Run make generate' if only_check else 'written'}")
    return 1 if stale and only_check else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
