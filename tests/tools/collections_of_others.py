# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Put the collections of others that tests use into a folder. They are part of the package ansible, of which nothing
else is kept.

awx.awx is pinned, since the double of AWX is of its version. The others are those of the same package.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "24.6.1"
# The newest of each with awx.awx 24.6.1: ansible 12 for Python 3.11, ansible 13 from 3.12 on, and 14 no longer has it.
PACKAGES = {True: "ansible==13.8.0", False: "ansible==12.3.0"}
FOLDER = "ansible_collections"
COLLECTIONS = ("awx/awx", "community/general", "amazon/aws")


def main(place: Path) -> None:
    manifests = [place / FOLDER / name / "MANIFEST.json" for name in COLLECTIONS]
    if not all(manifest.exists() for manifest in manifests):
        with tempfile.TemporaryDirectory(prefix="collections-") as folder:
            package = PACKAGES[sys.version_info >= (3, 12)]
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            subprocess.run([*command, "--dest", folder, package], check=True, timeout=600)
            (wheel,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                # The manifest comes last, so that a folder that has it is whole.
                parts = tuple(f"{FOLDER}/{name}/" for name in COLLECTIONS)
                names = [name for name in archive.namelist() if name.startswith(parts)]
                for name in sorted(names, key=lambda each: each.endswith("MANIFEST.json")):
                    archive.extract(name, place)
    found = json.loads(manifests[0].read_text(encoding="utf-8"))["collection_info"]["version"]
    if found != VERSION:
        sys.exit(f"{place}: awx.awx is {found} and not {VERSION}; remove the folder to get the other one")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
