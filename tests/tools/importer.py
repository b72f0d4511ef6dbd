# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Build the collection, and see that Galaxy would take it without a word: to it most defects are only warnings."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPLAINTS = ("WARNING: ", "ERROR: ", "CRITICAL: ", "Traceback ")


def run(command: list[str], place: Path) -> str:
    """Return all that a command says; end with it when it fails."""
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


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="offboarding-importer-") as folder:
        place = Path(folder)
        run([str(BIN / "ansible-galaxy"), "collection", "build", str(REPOSITORY)], place)
        (artifact,) = place.glob("*.tar.gz")
        said = run([sys.executable, "-m", "galaxy_importer.main", artifact.name], place).splitlines()
    complaints = [line for line in said if line.startswith(COMPLAINTS)]
    print(*complaints, sep="\n", end="\n" if complaints else "")
    print(f"galaxy-importer: {sum(line.startswith('Loading ') for line in said)} files, {len(complaints)} complaints")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
