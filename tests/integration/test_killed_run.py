# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A run that is killed twice, at moments from before its first write to its verification, and the last one.

The moments depend on the requests to the mock vendors, not on a clock; the number of writes that each waits for
comes from a fixed seed.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from demo.story import is_closed
from harness.playbook import Ansible
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
USERS = 80
READABLE = ("zitadel", "netex")
VENDORS = ("customergauge", *READABLE)
IN_FLIGHT = 4
PATIENCE = 90


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the moment to kill never came"
        time.sleep(0.01)


class Killing:
    def __init__(self, ansible: Ansible, mock: MockVendors) -> None:
        self.ansible, self.mock = ansible, mock
        leavers = [{"email": f"user{number:05}@example.com"} for number in range(1, USERS + 1)]
        self.variables = {
            "offboard_leavers": leavers,
            "offboard_report_dir": str(ansible.place / "reports"),
            **{f"{vendor}_concurrency": IN_FLIGHT for vendor in VENDORS},
        }

    def count(self, kind: str, *vendors: str) -> int:
        return sum(self.mock.counts().get(vendor, {}).get(kind, 0) for vendor in vendors)

    def kill_when(self, moment: Callable[[], bool]) -> None:
        limit = ",".join(VENDORS)
        with self.ansible.until_killed(
            "saas.offboarding.offboard",
            env=self.mock.environment(),
            inventory=TENANTS,
            limit=limit,
            extra_vars=self.variables,
        ):
            until(moment)

    def kill_after_writes(self, more: int) -> None:
        enough = self.count("write", *READABLE) + more
        self.kill_when(lambda: self.count("write", *READABLE) >= enough)

    def closed(self) -> Counter[str]:
        state = self.mock.state()
        return Counter(
            vendor
            for vendor in VENDORS
            for account in state[vendor].values()
            if "machine" not in account and is_closed(vendor, account)
        )


def test_a_run_that_is_killed_again_and_again_ends_as_one_that_is_not(ansible: Ansible, mock: MockVendors) -> None:
    draw = random.Random(20260131)
    mock.population(**dict.fromkeys(VENDORS, USERS))
    # netexCloud is the slowest by far: whenever ZITADEL is through, it is not.
    mock.latency(customergauge=0.03, zitadel=0.03, netex=0.2)
    killing = Killing(ansible, mock)

    killing.kill_when(lambda: killing.count("read", *READABLE) > 0)
    for _unused in range(2):
        killing.kill_after_writes(draw.randint(5, 40))
    # While ZITADEL verifies and ends sessions, netexCloud still writes.
    killing.kill_when(lambda: killing.closed()["zitadel"] == USERS)
    halfway = killing.closed()
    assert halfway["zitadel"] == USERS, "it was killed before it verified"
    assert sum(halfway.values()) < USERS * len(VENDORS), "nothing was left for the last run"

    killed_at = mock.log()[-1]["n"]
    mock.latency()
    run = ansible.run(
        "saas.offboarding.offboard",
        env=mock.environment(),
        inventory=TENANTS,
        limit=",".join(VENDORS),
        extra_vars=killing.variables,
    )
    assert run.rc == 0, run
    assert killing.closed() == dict.fromkeys(VENDORS, USERS)

    effects: dict[tuple[str, str], float] = {}
    last_run: Counter[str] = Counter()
    for write in mock.log(kind="write"):
        for effect in write["effects"]:
            account = write["vendor"], effect["id"]
            assert account not in effects, "closed twice"
            effects[account] = effect["at"]
            last_run[write["vendor"]] += write["n"] > killed_at
    assert len(effects) == USERS * len(VENDORS)
    # CustomerGauge cannot be read: each run writes to it again, which changes nothing there.
    for write in mock.log(kind="write"):
        account = write["vendor"], write["path"].removesuffix("/status").removesuffix("/deactivate").rpartition("/")[2]
        assert account[0] == "customergauge" or write["at"] <= effects[account], "written to when it was closed already"

    folder = max((ansible.place / "reports").iterdir(), key=lambda each: each.stat().st_mtime_ns)
    document = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    killed = {each.name for each in (ansible.place / "reports").iterdir()} - {folder.name}
    assert {note.split()[3] for note in document["notes"] if "did not end" in note} == killed
    assert all(f"The earlier run {name} did not end" in run.stdout for name in killed)
    came: dict[str, Counter[str]] = {vendor: Counter() for vendor in VENDORS}
    for record in document["records"]:
        came[record["tenant"]][record["outcome"]] += 1
    assert came["customergauge"] == {"changed": USERS}
    for vendor in READABLE:
        wanted = Counter(changed=last_run[vendor], unchanged=USERS - last_run[vendor])
        assert came[vendor] == +wanted, vendor

    verified = ansible.run("saas.offboarding.verify_evidence", extra_vars={"offboard_evidence": str(folder)})
    assert verified.rc == 0, verified
    assert f"{USERS * len(VENDORS)} records are as they were written" in " ".join(task.msg for task in verified.tasks)
