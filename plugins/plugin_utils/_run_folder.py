# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a run below offboard_report_dir: made before the first request, for its owner alone.

PRIVATE to the collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ._evidence_file import EVIDENCE, JOURNAL
from ._files import make_folder
from ._journal_file import Header, journal_name, write_header
from ._settings import Settings


class FolderError(ValueError):
    """A folder that cannot hold the evidence of this run. The message names it and what to do."""


@dataclass(frozen=True)
class RunFolder:
    """Where a run leaves its evidence."""

    parent: str
    run_id: str

    @property
    def path(self) -> Path:
        return Path(self.parent) / self.run_id

    def make(self) -> None:
        """Make the folder and those above it. Raises FolderError."""
        try:
            make_folder(self.path)
        except OSError as exc:
            raise FolderError(
                f"offboard_report_dir: the folder {self.path} could not be made, so that the run would leave no "
                f"evidence. Nothing was sent. {exc.strerror}: {exc.filename}"
            ) from None
        if (self.path / EVIDENCE).exists():
            raise FolderError(
                f"offboard_report_dir: {self.path} holds the evidence of another run. Nothing was sent. Give another "
                "folder, or run again: each run gets its own name."
            )

    def begin_journal(self, settings: Settings, started: str) -> str:
        """Begin the journal of a tenant, and return its path. Raises FolderError."""
        folder = self.path / JOURNAL
        path = folder / journal_name(settings.tenant)
        header = Header(
            run_id=self.run_id,
            run_kind=settings.kind,
            tenant=settings.tenant,
            vendor=settings.info.name,
            reason=settings.reason,
            ticket=settings["offboard_ticket"] or None,
            started=started,
        )
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            write_header(path, header)
        except OSError as exc:
            raise FolderError(
                f"offboard_report_dir: {path}: the journal cannot be begun: {exc.strerror}. Nothing was sent."
            ) from None
        return str(path)
