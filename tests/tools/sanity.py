# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Run `ansible-test sanity` without a container, and make sure that it has run.

ansible-test wants a checkout below ansible_collections/saas/offboarding (a link will not do) and asks git for its
files: the files that git knows here are copied to such a place, which is a separate git repository. It runs with the
interpreter and the ansible-core that run this file: noxfile.py runs it with all that there are. Options are handed on.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from harness.tree import REPOSITORY, checkout_files

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CORE = importlib.metadata.version("ansible-core")

WORKPLACE = REPOSITORY / ".cache" / "sanity"
CHECKOUT = WORKPLACE / f"{CORE}-python-{PYTHON}" / "ansible_collections" / "saas" / "offboarding"
HOME = WORKPLACE / "home"

PIP_OUTPUT = re.compile(r"WARNING: Location|Looking in|Collecting|Processing|Installing collected|Successfully|  ")

# ansible-test fetches a script that installs pip; this one, found in its cache, takes the pip that Python brings along.
GET_PIP = """\
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"])
packages = [word for word in sys.argv[1:] if not word.startswith("--no-")]
subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", *packages])
"""

# Nothing here for them to read: no PowerShell, no shell scripts, no __init__.py in plugins.
MAY_BE_SKIPPED = {f"{name}-python-{PYTHON}" for name in ("empty-init", "pslint", "shellcheck")}


def copy_checkout() -> None:
    """Bring the copy up to date, and keep what ansible-test has built in it (tests/output)."""
    wanted = set(checkout_files())
    for old in [path for path in CHECKOUT.rglob("*") if path.is_file()]:
        place = old.relative_to(CHECKOUT)
        if str(place) not in wanted and place.parts[0] != ".git" and place.parts[:2] != ("tests", "output"):
            old.unlink()
    for name in wanted:
        target = CHECKOUT / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target)
    subprocess.run(["git", "init", "--quiet"], cwd=CHECKOUT, check=True)
    subprocess.run(["git", "add", "--all"], cwd=CHECKOUT, check=True)


def prepare_home() -> None:
    """Give ansible-test a separate home, with the stand-in in its cache and the user's own settings of pip."""
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in pip_versions():
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP)
    for name in (".config", ".pip", ".cache"):
        if (Path.home() / name).exists() and not (HOME / name).exists():
            (HOME / name).symlink_to(Path.home() / name)


def pip_versions() -> set[str]:
    spec = importlib.util.find_spec("ansible_test")
    assert spec is not None
    assert spec.submodule_search_locations
    source = Path(spec.submodule_search_locations[0], "_internal", "python_requirements.py").read_text()
    return set(re.findall(r"pip='([\d.]+)'", source))


def environment() -> dict[str, str]:
    """Only what ansible-test needs, without version managers' shims, which promise interpreters that are not there."""
    path = [folder for folder in os.environ["PATH"].split(os.pathsep) if not folder.endswith("shims")]
    return {"HOME": str(HOME), "LC_ALL": "C.UTF-8", "PATH": os.pathsep.join([str(Path(sys.executable).parent), *path])}


def ansible_test(*words: str) -> int:
    """Run it with this interpreter's version, and print its output without that of pip."""
    command = [str(Path(sys.executable).with_name("ansible-test")), "sanity", "--python", PYTHON, *words]
    with subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not PIP_OUTPUT.match(line):
                print(line, end="", flush=True)
    return process.returncode


def tests_skipped(reports: Path) -> tuple[int, set[str]]:
    """How many tests ansible-test reports, and the names of those that read nothing. It counts those as passed."""
    cases = [case for report in reports.glob("*.xml") for case in ElementTree.parse(report).iter("testcase")]
    return len(list(reports.glob("*.xml"))), {case.attrib["name"] for case in cases if case.find("skipped") is not None}


def main() -> int:
    copy_checkout()
    prepare_home()
    reports = CHECKOUT / "tests" / "output" / "junit"
    shutil.rmtree(reports, ignore_errors=True)
    code = ansible_test("--venv", "--requirements", "--junit", "--color", "no", *sys.argv[1:])
    count, skipped = tests_skipped(reports)
    tool = f"ansible-test sanity of ansible-core {CORE}, Python {PYTHON}"
    print(f"{tool}: {count} tests, {len(skipped)} of them with nothing to read, exit code {code}")
    if not count or not skipped <= MAY_BE_SKIPPED:
        print(f"These tests did not run: {', '.join(sorted(skipped - MAY_BE_SKIPPED)) or 'all of them'}.")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
