# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Put axe-core, which checks pages for accessibility, in a file. A package of PyPI has it, so that no npm is needed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# axe-core 4.12.1.
PACKAGE = "axe-playwright-python==0.1.8"
PART = "axe_playwright_python/axe.min.js"
SHA256 = "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"


def main(place: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="axe-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True, timeout=600)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            script = archive.read(PART)
    if (found := hashlib.sha256(script).hexdigest()) != SHA256:
        sys.exit(f"{PART} of {PACKAGE} has the SHA-256 {found} and not {SHA256}; nothing was written")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(script)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
