# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Build the collection, and check that Galaxy accepts it without a warning: most defects are only warnings there.

And that it would show the README as it is meant. Galaxy's Markdown knows no fence within a list, and on its page a
relative link leads to Galaxy.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPLAINTS = ("WARNING: ", "ERROR: ", "CRITICAL: ", "Traceback ")


def run(command: list[str], place: Path) -> str:
    """Return the output of a command. If the command fails, exit with its status."""
    environment = {
        **os.environ,
        "ANSIBLE_HOME": str(place / "ansible"),
        "GALAXY_IMPORTER_CONFIG": str(REPOSITORY / "tests" / "galaxy-importer.cfg"),
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
    }
    done = subprocess.run(
        command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}")
    return done.stdout


def readme() -> Iterator[str]:
    """Yield the parts of the README that Galaxy would render differently."""
    markup = import_module("galaxy_importer.utils.markup")
    html = markup.get_html(markup.get_readme_doc_file(str(REPOSITORY)))
    fences = (REPOSITORY / "README.md").read_text(encoding="utf-8").count("```") // 2
    if html.count("<pre>") != fences:
        yield f"README.md: of {fences} blocks of code Galaxy shows {html.count('<pre>')}; put none into a list"
    for address in re.findall(r'(?:href|src)="([^"]*)"', html):
        if not address.startswith("https://"):
            yield f"README.md: on Galaxy's page {address} leads nowhere; write the whole address"
        own, _here, name = address.partition("/saas-offboarding/saas.offboarding/")
        path = re.sub(r"^((blob|tree)/)?main/|#.*", "", name)
        if own and path not in ("", "issues") and not (REPOSITORY / path).exists():
            yield f"README.md: there is no {path}"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="offboarding-importer-") as folder:
        place = Path(folder)
        run([str(BIN / "ansible-galaxy"), "collection", "build", str(REPOSITORY)], place)
        (artifact,) = place.glob("*.tar.gz")
        output = run([sys.executable, "-m", "galaxy_importer.main", artifact.name], place).splitlines()
    complaints = [*(line for line in output if line.startswith(COMPLAINTS)), *readme()]
    print(*complaints, sep="\n", end="\n" if complaints else "")
    print(f"galaxy-importer: {sum(line.startswith('Loading ') for line in output)} files, {len(complaints)} complaints")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
