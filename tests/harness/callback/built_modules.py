# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Keeps the files that Ansible builds of modules from one run to the next, a tenth of the time of the tests.

Ansible keeps such a file for the tasks of one run. The runs of a test process have the same modules.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from ansible import constants
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: built_modules
type: aggregate
short_description: Keep the files of modules in the folder named by SAAS_BUILT_MODULES
description: Links them into the cache of the run at its start, and new ones out of it at its end.
author: saas.offboarding contributors
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION: ClassVar = 2.0
    CALLBACK_TYPE: ClassVar = "aggregate"
    CALLBACK_NAME: ClassVar = "built_modules"
    CALLBACK_NEEDS_ENABLED: ClassVar = True

    def v2_playbook_on_start(self, playbook: object) -> None:
        _link(_kept(), _of_run())

    def v2_playbook_on_stats(self, stats: object) -> None:
        _link(_of_run(), _kept())


def _kept() -> Path:
    return Path(os.environ["SAAS_BUILT_MODULES"])


def _of_run() -> Path:
    return Path(constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache"


def _link(source: Path, target: Path) -> None:
    """Link the files of a folder into another one, without those that it has."""
    target.mkdir(parents=True, exist_ok=True)
    for file in _files(source):
        with suppress(FileExistsError):
            os.link(file, target / file.name)


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.iterdir() if folder.is_dir() else ():
        if not file.name.endswith((".lock", "-part")):
            yield file
