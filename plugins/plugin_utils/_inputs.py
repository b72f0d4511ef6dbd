# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists, the plan and the evidence that the settings name, read and checked before the first request.

PRIVATE to the collection.
"""

from __future__ import annotations

import hashlib
import os
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ._audit import earlier_leavers, left_closed
from ._columns import ListOptions
from ._evidence import is_plan
from ._evidence_file import read_plan
from ._files import EvidenceError
from ._killed import read_run
from ._leavers import Checked, read_addresses, read_leavers
from ._leavers_file import text_of
from ._nouns import Approved, ClosedAccount, Earlier, Leaver, PlanVariables, SealedEvidence, Source
from ._plan import plan_variables, with_text_ids
from ._protected import protected
from ._reinstate import closed_by
from ._settings import ListSettings, Refusal, Settings
from ._words import AUDIT, OFFBOARD, REINSTATE

T = t.TypeVar("T")
ReadFile = Callable[[str], bytes]
"""Returns the content of a file on the controller, decrypted if it is vaulted. Raises OSError or ValueError."""


STREAMS = ("/dev/", "/proc/")
NO_LIST = Source(file=None, sha256=None, people=None, notes=[])


@dataclass(frozen=True)
class Inputs:
    """What was read for one tenant."""

    leavers: Sequence[Leaver] = ()
    due: Sequence[Leaver] = ()
    due_at: str = ""
    source: Source = field(default_factory=lambda: NO_LIST)
    protected: Sequence[str] = ()
    staff: Sequence[Leaver] | None = None
    staff_source: Source | None = None
    plan: Mapping[str, str] | None = None
    plan_changes: Mapping[str, Approved] = field(default_factory=dict)
    plan_run: str | None = None
    earlier: Earlier | None = None
    closed: Sequence[ClosedAccount] = ()
    notes: Sequence[str] = ()


@dataclass
class _Reader:
    settings: ListSettings
    read_file: ReadFile
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def collected(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValueError as exc:
            self.faults.append(str(exc))
            return None

    def content(self, variable: str) -> bytes:
        """Return the content of the file that a variable names. Raises ValueError."""
        path = self.settings[variable]
        if path.startswith(STREAMS):
            raise ValueError(
                f"{variable}: {path} is no file that a run can read, because a run has no standard input and no pipe. "
                "Nothing was sent. Write the list to a file and give its path."
            )
        if not os.path.isfile(path):
            raise ValueError(
                f"{variable}: there is no file {path} on the controller. Nothing was sent. A path that is not absolute "
                "begins where the playbook was started."
            )
        try:
            return self.read_file(path)
        except OSError as exc:
            raise ValueError(f"{variable}: {path} cannot be read: {exc.strerror}.") from None

    def people_of(self, variable: str) -> tuple[list[Leaver], Source]:
        """Return the people of the file that a variable names. Raises ValueError."""
        content = self.content(variable)
        path = self.settings[variable]
        text = text_of(content, self.settings["offboard_encoding"], path)
        options = self.options(is_staff=variable == "audit_staff_file")
        checked = read_leavers(text, path, options, self.settings.leave_times(variable))
        return self.people_given(checked, path, hashlib.sha256(content).hexdigest())

    def people_given(
        self, checked: Checked, file: str | None = None, sha256: str | None = None
    ) -> tuple[list[Leaver], Source]:
        self.notes += checked.notes
        return checked.leavers, Source(file=file, sha256=sha256, people=len(checked.leavers), notes=checked.notes)

    def options(self, is_staff: bool = False) -> ListOptions:
        """Return how the leavers list, or the staff list, is read."""
        settings = self.settings
        own = settings["audit_staff_columns"] if is_staff else {}
        skip = settings["offboard_skip_rows"]
        return ListOptions(
            columns={**settings["offboard_columns"], **own},
            ignored=settings["offboard_ignore_columns"],
            tenants=settings.known_tenants,
            blank_email=settings["offboard_blank_email"],
            skip=(skip.get("top", 0), skip.get("bottom", 0)),
            is_staff=is_staff,
            variable="audit_staff_columns" if own else "offboard_columns",
        )


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def read_inputs(settings: Settings, started: str, read_file: ReadFile, faults: Sequence[str] = ()) -> Inputs:
    """Read what the settings name. ``started``: when the run began, in ISO 8601.

    ``faults``: what is wrong with the settings. Raises Refusal with these and with what is wrong with what was read.
    """
    reader = _Reader(settings, read_file, list(faults))
    approved = reader.collected(lambda: _approved(settings)) or PlanVariables()
    document, earlier = reader.collected(lambda: _earlier(settings)) or (None, None)
    leavers, source = reader.collected(lambda: _leavers(reader, settings.vendors, document)) or ([], NO_LIST)
    staff, staff_source = reader.collected(lambda: _staff(reader)) or (None, None)
    due_at = settings["offboard_due_at"] or approved.get("offboard_due_at") or started
    states = reader.collected(lambda: settings.stages.states(leavers, due_at)) or {}
    due_now = [leaver for leaver in leavers if leaver["email"] in states]
    reader.faults += settings.stages.faults_of(leavers)
    plan = approved.get("offboard_plan", settings["offboard_plan"])
    _check_plan_entries(reader, settings.tenants, plan)
    changes = approved.get("offboard_plan_changes", settings["offboard_plan_changes"])
    inputs = Inputs(
        leavers=leavers,
        due=due_now,
        due_at=due_at,
        source=source,
        protected=reader.collected(lambda: _protected(reader, due_now)) or (),
        staff=staff,
        staff_source=staff_source,
        plan=plan,
        plan_changes=reader.collected(lambda: with_text_ids(changes)) or {},
        plan_run=approved.get("offboard_plan_run") or settings["offboard_plan_run"] or None,
        earlier=earlier,
        closed=reader.collected(lambda: _closed(settings, document)) or (),
        notes=reader.notes,
    )
    if reader.faults:
        raise Refusal(reader.faults)
    return inputs


def _approved(settings: Settings) -> PlanVariables:
    """Return the variables that the approved plan of a file stands for. Raises ValueError."""
    place = settings["offboard_plan_file"]
    if not place:
        return {}
    planned = read_plan(place)[0]
    if planned["of"] != settings.kind:
        raise ValueError(
            f"offboard_plan_file is the plan of another kind of run ({planned['of']}). Give that of a run of this "
            "playbook in check mode."
        )
    return plan_variables(planned)


def _check_plan_entries(reader: _Reader, tenants: Sequence[str], plan: Mapping[str, str] | None) -> None:
    if plan is None:
        return
    lacking = [tenant for tenant in tenants if not isinstance(plan.get(tenant), str) or not plan[tenant]]
    if lacking:
        reader.faults.append(
            f"offboard_plan has no entry for {', '.join(lacking)}. Add the plan_hash of a run in check mode, or leave "
            "the tenant out of this run."
        )


def _earlier(settings: Settings) -> tuple[SealedEvidence | None, Earlier | None]:
    place = settings["offboard_evidence"]
    if not place:
        return None, None
    document, path = read_run(place)
    seal = settings["offboard_seal"]
    if seal and seal != document["seal"]:
        raise ValueError(
            f"offboard_evidence is whole, but it is not the one that was sealed {seal}: its seal is "
            f"{document['seal'] or 'none, since the run was killed'}. Nothing was sent."
        )
    if settings.kind == REINSTATE and document["kind"] != OFFBOARD:
        raise EvidenceError(
            f"{path}: is of a run that closes nothing ({document['kind']}); give that of an offboarding"
        )
    if is_plan(document):
        raise EvidenceError(f"{path}: is of a run in check mode, which closed nothing; give that of a real run")
    seal = document["seal"] or None
    return document, Earlier(file=str(path), run_id=document["run_id"], kind=document["kind"], seal=seal)


def list_options(settings: ListSettings) -> ListOptions:
    """Return how the leavers list is read."""
    return _Reader(settings, lambda _path: b"").options()


def read_list(settings: ListSettings, read_file: ReadFile, faults: Sequence[str]) -> tuple[list[Leaver], list[str]]:
    """Return the leavers whom the settings name, and what to note about their list; see `read_inputs`."""
    reader = _Reader(settings, read_file, list(faults))
    leavers, _source = reader.collected(lambda: _leavers(reader, (), None)) or ([], NO_LIST)
    if reader.faults:
        raise Refusal(reader.faults)
    return leavers, reader.notes


def _leavers(reader: _Reader, vendors: Sequence[str], document: SealedEvidence | None) -> tuple[list[Leaver], Source]:
    settings = reader.settings
    if settings["offboard_leavers_file"]:
        return reader.people_of("offboard_leavers_file")
    if settings.kind == REINSTATE:
        return [], NO_LIST
    if settings["offboard_leavers_text"]:
        name = "offboard_leavers_text"
        return reader.people_given(read_addresses(settings[name], settings["offboard_leave_at"], name))
    if settings["offboard_leavers"] is None and document is None and reader.faults:
        return [], NO_LIST  # that there is none is one of the faults
    if settings["offboard_leavers"] is not None or document is None:
        name = "offboard_leavers"
        if isinstance(settings[name], str):
            raise ValueError(
                "offboard_leavers is a text. Give a list of entries with email, a file by offboard_leavers_file, or "
                "addresses, one in each line, by offboard_leavers_text."
            )
        return reader.people_given(read_leavers(settings[name], name, reader.options(), settings.leave_times(name)))
    if not document["seal"]:
        raise EvidenceError(
            f"{settings['offboard_evidence']}: is of a run that was killed, whose journal names only those whose "
            "accounts were written: give the list of leavers as well"
        )
    if document["kind"] == REINSTATE:
        raise EvidenceError(
            f"{settings['offboard_evidence']}: is of a reinstatement, whose people are no leavers: give the list of "
            "leavers as well"
        )
    return reader.people_given(Checked(earlier_leavers(document, vendors), []))


def _staff(reader: _Reader) -> tuple[list[Leaver] | None, Source | None]:
    if reader.settings.kind != AUDIT or not reader.settings["audit_staff_file"]:
        return None, None
    return reader.people_of("audit_staff_file")


def _protected(reader: _Reader, leavers: Sequence[Leaver]) -> list[str]:
    settings = reader.settings
    if settings.kind == AUDIT:
        return []
    path = settings["offboard_protected_file"]
    text = None
    if path:
        text = _decoded(reader.content("offboard_protected_file"))
    return protected(settings["offboard_protected"] or [], text, path, leavers)


def _closed(settings: Settings, document: SealedEvidence | None) -> Sequence[ClosedAccount]:
    """Return the accounts at this tenant that the earlier run left closed. Raises ValueError."""
    if document is None:
        return ()
    if settings.kind == AUDIT:
        return left_closed(document, settings.tenant)
    return closed_by(document, settings.tenant, settings.chosen, settings.info.name)
