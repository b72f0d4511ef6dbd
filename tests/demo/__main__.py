# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A dozen leavers, a tenant of each vendor: build and install the collection, run it, audit, go back, and check it all.

With --bare, of what was installed only the folders are left that Ansible itself reads.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.story import (
    ALREADY_CLOSED,
    COLLEAGUE,
    FAILING,
    LEAVERS,
    NOT_DUE,
    VENDORS,
    WITHOUT_ACCOUNT,
    WRITES_BEFORE_THE_FAULT,
    accounts,
    closed_accounts,
)
from harness.credentials import credentials
from harness.playbook import Ansible, Run, clean_environment
from mock_vendors import client
from mock_vendors.client import MockVendors

TESTS = Path(__file__).resolve().parents[1]
OFFBOARD = "saas.offboarding.offboard"
AUDIT = "saas.offboarding.audit"
REINSTATE = "saas.offboarding.reinstate"
REGISTER = "saas.offboarding.register"
VERIFY = "saas.offboarding.verify_evidence"
READ_BY_ANSIBLE = {"extensions", "meta", "playbooks", "plugins", "roles"}
KEPT = TESTS.parent / "build" / "demo"
DUE = [email for email in LEAVERS if email != NOT_DUE]
TO_CLOSE = [email for email in DUE if email not in (ALREADY_CLOSED, WITHOUT_ACCOUNT)]


def show(text: str = "") -> None:
    print(text, flush=True)


class Verdict:
    """What the demo claims, each held against what the mock vendors saw and holds."""

    def __init__(self) -> None:
        self.good = True

    def that(self, claim: str, found: object, expected: object) -> None:
        right = found == expected
        self.good = self.good and right
        show(f"   {'yes' if right else 'NO '}  {claim}" + ("" if right else f": {found}, not {expected}"))


@dataclass(frozen=True)
class Stage:
    """The installed artifact, and the mock vendors in the vendors' place."""

    ansible: Ansible
    inventory: Path
    mock: MockVendors
    shown: list[str] = field(default_factory=list)

    def play(
        self, report: Path, playbook: str = OFFBOARD, *, check: bool = False, **more: Any
    ) -> tuple[Run, dict[str, Any]]:
        """Run a playbook, and return it with its evidence."""
        self.mock.clear_log()
        # On the list are some who left without notice, and whose leave time is blank.
        listed = {"offboard_leavers_file": TESTS / "demo" / "leavers.csv", "offboard_blank_leave_at": "due"}
        given = {} if playbook == REINSTATE else listed
        options = [f"-e {name}={_shown(value)}" for name, value in {**given, **more}.items()]
        show(f"   $ ansible-playbook -i tenants.yml {playbook} {' '.join(options)}{' --check' if check else ''}")
        variables = {
            name: str(value) if isinstance(value, Path) else value
            for name, value in {**given, **more, "offboard_report_dir": report}.items()
        }
        run = self.ansible.run(playbook, check=check, inventory=self.inventory, extra_vars=variables)
        self.shown.append(run.everything)
        found = list(report.glob("*/evidence.json"))
        if len(found) != 1:
            show(str(run))
            sys.exit(f"The demo stopped: {len(found)} files of evidence, not one.")
        evidence: dict[str, Any] = json.loads(found[0].read_text())
        return run, evidence

    def credentials_shown(self) -> int:
        return sum(credential in shown for credential in credentials(self.mock) for shown in self.shown)

    def writes(self) -> int:
        return len(self.mock.log(kind="write"))


def _shown(value: Any) -> str:
    """A value as a person types it: of a file or a folder the name, of a list its only entry."""
    return f"'{value[0]}'" if isinstance(value, list) else value.name if isinstance(value, Path) else f"'{value}'"


def install(place: Path) -> Path:
    """Build the collection from this checkout, and install the artifact as a user does, without Galaxy.

    Returns its folder.
    """
    galaxy = [str(Path(sys.executable).with_name("ansible-galaxy")), "collection"]
    environment = clean_environment(place, place)
    for command in (
        [*galaxy, "build", str(TESTS.parent), "--output-path", str(place)],
        [*galaxy, "install", "--offline", "--collections-path", str(place / "collections")],
    ):
        artifact = [str(path) for path in place.glob("saas-offboarding-*.tar.gz")]
        done = subprocess.run([*command, *artifact], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return place / "collections" / "ansible_collections" / "saas" / "offboarding"


def strip(collection: Path) -> list[str]:
    """Delete all that Ansible does not read, and return the names of what is left."""
    for path in collection.iterdir():
        if path.name in READ_BY_ANSIBLE:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return sorted(path.name for path in collection.iterdir())


def outcomes(evidence: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(record["vendor"], record["email"]): record["outcome"] for record in evidence["records"]}


def of(found: dict[tuple[str, str], str], email: str) -> set[str]:
    """A leaver's outcomes at the vendors that can be read."""
    return {outcome for (vendor, name), outcome in found.items() if name == email and vendor != "customergauge"}


def counted(evidence: dict[str, Any], vendor: str) -> dict[str, int]:
    return dict(Counter(outcome for (where, _email), outcome in outcomes(evidence).items() if where == vendor))


def table(run: Run, evidence: dict[str, Any]) -> list[str]:
    """The summary that the playbook printed, as it printed it."""
    for task in run.tasks:
        lines = task.result.get("msg")
        if isinstance(lines, list) and any(evidence["run_id"] in str(line) for line in lines):
            return [str(line) for line in lines]
    return ["The playbook printed no summary."]


def refuse(stage: Stage, place: Path, verdict: Verdict) -> None:
    """Give a list in which everything is a mistake that would end green without a check."""
    wrong = place / "wrong.csv"
    wrong.write_text("email,Leave-At,netex\nmailto:leaver01@example.com,2026-01-31,#N/A\n", encoding="utf-8")
    show()
    show(
        "1. A list with three mistakes: a mailto: address, an unknown column, a key that is an error of a spreadsheet."
    )
    show(f"   $ ansible-playbook -i tenants.yml {OFFBOARD} -e offboard_leavers_file={wrong.name}")
    stage.mock.clear_log()
    run = stage.ansible.run(OFFBOARD, inventory=stage.inventory, extra_vars={"offboard_leavers_file": str(wrong)})
    stage.shown.append(run.everything)
    verdict.that("the run is refused", run.rc == 0, False)
    verdict.that(f"the mock vendors saw {len(stage.mock.log())} requests", len(stage.mock.log()), 0)
    named = [text for text in ("row 2, email", "Leave-At", "row 2, netex") if text in run.everything]
    verdict.that(
        "the message names each mistake with its row and column", named, ["row 2, email", "Leave-At", "row 2, netex"]
    )


def audit(stage: Stage, place: Path, verdict: Verdict) -> None:
    show()
    show("5. The audit, every morning: does any leaver still have access anywhere?")
    run, seen = stage.play(place / "audit", AUDIT)
    verdict.that("the audit succeeded", run.rc, 0)
    verdict.that(f"the mock vendors saw {stage.writes()} write requests", stage.writes(), 0)
    found = {outcome for (vendor, _email), outcome in outcomes(seen).items() if vendor != "customergauge"}
    verdict.that("where accounts can be read, no leaver has access", found, {"closed", "no_account", "not_due"})
    tasks = Counter(task["vendor"] for task in seen["tasks"])
    verdict.that("CustomerGauge cannot be read: a task for a person each", tasks.pop("customergauge"), len(DUE))
    verdict.that(
        "an identity provider may undo what is closed by SCIM: a task for a person each", tasks, {"scim": len(DUE) - 1}
    )


def go_back(stage: Stage, place: Path, closing: Path, verdict: Verdict) -> None:
    mistaken = TO_CLOSE[0]
    show()
    show(f"6. {mistaken} was on the list by mistake: the way back, from the evidence of the first run.")
    before = closed_accounts(stage.mock.state())
    then = json.loads((closing / "evidence.json").read_text(encoding="utf-8"))
    closed = {tenant for (tenant, email), came in outcomes(then).items() if email == mistaken and came == "changed"}
    reason = {"reinstate_reason": "on the list by mistake"}
    chosen: dict[str, Any] = {"offboard_evidence": closing, "reinstate_leavers": [mistaken], **reason}
    run, came = stage.play(place / "back", REINSTATE, **chosen)
    verdict.that("the playbook succeeded", run.rc, 0)
    opened = {(vendor, mistaken) for vendor in closed - {"customergauge"}}
    verdict.that("exactly what that run closed is open", before - closed_accounts(stage.mock.state()), opened)
    verdict.that(
        "CustomerGauge has no way back: a task for a person", [t["tenant"] for t in came["tasks"]], ["customergauge"]
    )
    run, seen = stage.play(place / "audit again", AUDIT)
    verdict.that("the audit failed, since the list of leavers still has the name", run.rc == 0, False)
    named = {key for key, outcome in outcomes(seen).items() if outcome == "still_active"}
    verdict.that(f"it names {mistaken} and no other account", named, opened)


def verify(stage: Stage, folder: Path, verdict: Verdict) -> None:
    show()
    show("7. The auditor: is the evidence of the run as it was written?")
    show(f"   $ ansible-playbook {VERIFY} -e offboard_evidence=reports/{folder.name}")
    whole = stage.ansible.run(VERIFY, extra_vars={"offboard_evidence": str(folder)})
    verdict.that("it is, from the head to the seal", whole.rc, 0)
    file = folder / "evidence.json"
    file.write_text(file.read_text(encoding="utf-8").replace(TO_CLOSE[1], TO_CLOSE[2], 1), encoding="utf-8")
    touched = stage.ansible.run(VERIFY, extra_vars={"offboard_evidence": str(folder)})
    named = "is not as it was written" in touched.everything
    verdict.that("one changed word is found, and its place is named", (touched.rc == 0, named), (False, True))


def schedule(stage: Stage, place: Path, verdict: Verdict) -> None:
    """Enter a leaver of next month into a register, and close the accounts of those who are due: none."""
    show()
    show(f"8. {COLLEAGUE} leaves next month: a register keeps the leaver until then.")
    stage.mock.clear_log()
    before = closed_accounts(stage.mock.state())
    leave_at = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    register = place / "register.csv"
    given = {"offboard_leavers_text": COLLEAGUE, "offboard_leave_at": leave_at, "offboard_register_run": True}
    variables = {"offboard_register_file": str(register), "offboard_report_dir": str(place / "register"), **given}
    options = " ".join(
        f"-e {name}={value}" for name, value in {"offboard_register_file": register.name, **given}.items()
    )
    show(f"   $ ansible-playbook -i tenants.yml {REGISTER} {options}")
    run = stage.ansible.run(REGISTER, inventory=stage.inventory, extra_vars=variables)
    stage.shown.append(run.everything)
    verdict.that("the playbook succeeded", run.rc, 0)
    verdict.that("the leaver is in the register", f"{COLLEAGUE},{leave_at}" in register.read_text(), True)
    verdict.that("no request was sent, and no account was closed", stage.mock.log(), [])
    verdict.that("nothing has changed at any vendor", closed_accounts(stage.mock.state()), before)


def keep(folder: Path) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    shutil.copytree(folder, KEPT)


def play(stage: Stage, place: Path) -> bool:
    mock, verdict = stage.mock, Verdict()
    mock.seed(accounts())
    before = closed_accounts(mock.state())
    everywhere = {(vendor, email) for vendor in VENDORS for email in TO_CLOSE}

    refuse(stage, place, verdict)
    show()
    show("2. Check mode: what would happen?")
    run, plan = stage.play(place / "check", check=True)
    predicted = outcomes(plan)
    verdict.that("the playbook succeeded", run.rc, 0)
    verdict.that(f"the mock vendors saw {stage.writes()} write requests", stage.writes(), 0)
    verdict.that("nothing has changed at any vendor", closed_accounts(mock.state()), before)

    show()
    show("3. The plan was approved, and is carried out.")
    show(f"   {FAILING.capitalize()} breaks down after its {WRITES_BEFORE_THE_FAULT}th write.")
    mock.fault(FAILING, "status", kind="write", status=500, skip=WRITES_BEFORE_THE_FAULT)
    run, first = stage.play(place / "first", offboard_plan_file=next((place / "check").iterdir()))
    state = closed_accounts(mock.state())
    done = outcomes(first)
    failed = [tenant for tenant, outcome in done.items() if outcome == "failed"]
    verdict.that("the playbook failed, since a leaver still has an account", run.rc == 0, False)
    verdict.that(f"{FAILING} failed half way, and no other vendor", {vendor for vendor, _email in failed}, {FAILING})
    verdict.that(
        f"{WRITES_BEFORE_THE_FAULT} accounts were closed at {FAILING} before that",
        counted(first, FAILING).get("changed"),
        WRITES_BEFORE_THE_FAULT,
    )
    verdict.that("the others have closed all their accounts", state, before | everywhere - set(failed))
    verdict.that(
        "all else came as check mode predicted (CustomerGauge cannot be read)",
        {key for key in done if done[key] != predicted[key]},
        {*failed, ("customergauge", WITHOUT_ACCOUNT)},
    )

    show()
    show(f"4. {FAILING.capitalize()} is up again: the same command once more.")
    mock.clear_faults()
    run, second = stage.play(place / "second")
    final = outcomes(second)
    verdict.that("the playbook succeeded", run.rc, 0)
    verdict.that("every leaver who is due is out, everywhere", closed_accounts(mock.state()), before | everywhere)
    changed = {key for key, outcome in final.items() if outcome == "changed"}
    verdict.that(
        "only what was left at Laurel was changed, and what CustomerGauge cannot report",
        changed,
        set(failed) | {("customergauge", email) for email in DUE if email != WITHOUT_ACCOUNT},
    )
    verdict.that("one write each, and one that CustomerGauge answered with 404", stage.writes(), len(changed) + 1)
    verdict.that(f"{ALREADY_CLOSED} was already closed", of(final, ALREADY_CLOSED), {"unchanged"})
    verdict.that(f"{WITHOUT_ACCOUNT} has no account", of(final, WITHOUT_ACCOUNT), {"missing"})
    verdict.that(f"{NOT_DUE} is not due and was left alone", of(final, NOT_DUE), {"not_due"})
    verdict.that(f"{COLLEAGUE}, on no list, was left alone", of(final, COLLEAGUE), set())

    audit(stage, place, verdict)
    go_back(stage, place, next((place / "first").iterdir()), verdict)
    verify(stage, next((place / "second").iterdir()), verdict)
    schedule(stage, place, verdict)
    verdict.that("no run showed a credential", stage.credentials_shown(), 0)
    keep(next((place / "first").iterdir()))

    show()
    show("All checks passed." if verdict.good else "Some checks FAILED.")
    show()
    for line in table(run, second):
        show(line)
    show()
    show(f"The report of the run that failed half way: {KEPT.relative_to(TESTS.parent)}/report.html")
    return verdict.good


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--bare", action="store_true", help="delete all that Ansible does not read, first")
    bare = parser.parse_args().bare
    with tempfile.TemporaryDirectory(prefix="offboarding-demo-") as folder, client.start() as mock:
        place = Path(folder)
        show("Building the collection, and installing what was built ...")
        collection = install(place)
        inventory = Path(shutil.copy(collection / "examples" / "tenants.yml", place))
        if bare:
            show(f"Of what was installed is left: {', '.join(strip(collection))}.")
        show(f"The {len(VENDORS)} vendors are played by mock vendors on this machine; nothing leaves it.")
        show(f"{len(LEAVERS)} leavers in tests/demo/leavers.csv, {len(VENDORS)} tenants in examples/tenants.yml.")
        show(f"{ALREADY_CLOSED} is closed already, {WITHOUT_ACCOUNT} has no account, {NOT_DUE} is not due yet.")
        good = play(Stage(Ansible(place, place / "collections", mock.environment()), inventory, mock), place)
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
