# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The context that ansible-builder writes for an image, without building it in a container."""

from __future__ import annotations

import re
import shlex
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.examples import proved_by
from harness.playbook import clean_environment
from harness.tree import REPOSITORY, link_tree
from harness.venvs import venv

GUIDE = "docs/docsite/rst/execution_environment.rst"
EXAMPLE = REPOSITORY / "examples" / "execution-environment" / "execution-environment.yml"


@dataclass(frozen=True)
class Bench:
    """A folder in which images are prepared."""

    place: Path

    def run(self, *command: str, cwd: Path | None = None) -> str:
        """Run a command of the environment that has ansible-builder, and return what it printed."""
        path = f"{self.place / 'bin'}:{venv('eda') / 'bin'}:/usr/bin:/bin"
        environment = clean_environment(self.place, self.place / "collections", {"PATH": path})
        done = subprocess.run(
            command,
            cwd=cwd or self.place,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def needed(self, *options: str) -> list[str]:
        """The Python packages that the installed collections ask for."""
        found = yaml.safe_load(self.run("ansible-builder", "introspect", str(self.place / "collections"), *options))
        return [line.partition("  #")[0] for line in found["python"]]

    def create(self, definition: Mapping[str, Any]) -> Path:
        """Make what `ansible-builder build` hands to podman, and return its folder."""
        file = self.place / "execution-environment.yml"
        file.write_text(yaml.safe_dump(dict(definition)))
        self.run("ansible-builder", "create", "--file", str(file), "--output-filename", "Containerfile")
        return self.place / "context"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def example() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    return found


def test_the_example_makes_an_image_of_what_it_names(bench: Bench) -> None:
    context = bench.create(example())
    containerfile = (context / "Containerfile").read_text(encoding="utf-8")
    arguments = dict(re.findall(r'^ARG (\w+)="(.*)"$', containerfile, flags=re.MULTILINE))
    assert arguments["EE_BASE_IMAGE"] == example()["images"]["base_image"]["name"]
    assert re.fullmatch(r"ansible-core==\S+ ansible-runner==\S+", arguments["ANSIBLE_INSTALL_REFS"])
    assert "USER 1000" in containerfile
    asked = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert [collection["name"] for collection in asked["collections"]] == ["saas.offboarding", "awx.awx"]


def test_the_built_collection_states_its_requirements(bench: Bench) -> None:
    """As the guide says for an archive, and then the steps of the Containerfile that need no container."""
    bench.run("ansible-galaxy", "collection", "build", "--output-path", str(bench.place), cwd=REPOSITORY)
    (archive,) = bench.place.glob("saas-offboarding-*.tar.gz")
    with tarfile.open(archive) as built:
        names = set(built.getnames())
    events = [path for path in (REPOSITORY / "extensions").rglob("*") if path.suffix in (".py", ".yml")]
    shipped = {str(path.relative_to(REPOSITORY)) for path in events}
    assert len(shipped) >= 4
    assert shipped | {"meta/execution-environment.yml", "meta/ee-requirements.txt"} <= names

    definition = example()
    for block in proved_by("test_the_built_collection_states_its_requirements", GUIDE):
        text = block.text.replace("saas-offboarding-1.0.0.tar.gz", archive.name)
        dependencies = yaml.safe_load(text)["dependencies"]
        definition |= yaml.safe_load(text) | {"dependencies": definition["dependencies"] | dependencies}
    assert {"galaxy", "exclude"} <= set(definition["dependencies"])
    parts = bench.create(definition) / "_build"
    bench.run("ansible-galaxy", "collection", "install", "-r", "requirements.yml", "--offline", cwd=parts)
    assert bench.needed() == ["requests>=2.32.2", "urllib3>=2.6", "PyJWT[crypto]>=2.8"]
    assert bench.needed(f"--exclude-pip-reqs={parts / 'exclude-requirements.txt'}") == [
        "requests>=2.32.2",
        "urllib3>=2.6",
    ]


def test_the_commands_of_the_guide_run(bench: Bench) -> None:
    """Up to the podman commands: a stand-in for podman records its arguments."""
    build, look = proved_by("test_the_commands_of_the_guide_run", GUIDE)
    install, make, push = map(shlex.split, build.commands())
    create, introspect = map(shlex.split, look.commands())
    (bench.place / EXAMPLE.name).write_text(EXAMPLE.read_text(encoding="utf-8"))
    podman = bench.place / "bin" / "podman"
    podman.parent.mkdir()
    podman.write_text(f'#!/bin/sh\necho "$@" >> {bench.place}/arguments\n')
    podman.chmod(0o755)
    assert install[:2] == ["pip", "install"]
    bench.run("pip", "show", "--quiet", *install[2:])
    assert make[0] == create[0] == introspect[0] == install[2]
    bench.run(*make)
    bench.run(*push)
    built, pushed = [line.split() for line in (bench.place / "arguments").read_text(encoding="utf-8").splitlines()]
    assert pushed == ["push", built[built.index("-t") + 1]]

    bench.run(*create)
    containerfile = (bench.place / "context" / "Containerfile").read_text(encoding="utf-8")
    *command, folder = introspect
    assert folder in containerfile
    assert "requests" in bench.run(*command, str(link_tree(bench.place / "collections")))
