# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What holds a run back before its first write: the protected, the volume, the unreadable list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo.story import VENDORS, account, is_closed
from harness.playbook import Ansible, Run
from harness.scenes import Scene, play
from twin.client import Twin

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
LEAVERS = ["leaver01@example.com", "leaver05@example.com"]
READABLE = [vendor for vendor in VENDORS if vendor != "customergauge"]
LISTED = {"zitadel": 2, "laurel": 1, "netex": 1, "learn": 1}
"""The requests that it takes to count the accounts in use."""


def offboard(ansible: Ansible, twin: Twin, **variables: Any) -> Run:
    twin.clear_log()
    leavers = [{"email": email} for email in LEAVERS]
    return ansible.run(
        "saas.offboarding.offboard",
        inventory=TENANTS,
        env=twin.environment(),
        extra_vars={"offboard_leavers": leavers, **variables},
    )


def everybody(vendor: str, closed: int = 0) -> list[dict[str, Any]]:
    """Two leavers and six others; of them so many are closed."""
    others = [account(vendor, f"other{number}@example.com") for number in range(11, 17)]
    closings: dict[str, dict[str, Any]] = {
        "customergauge": {"status": "Deactivated"},
        "zitadel": {"state": "USER_STATE_INACTIVE"},
        "laurel": {"status": "firmDisabled"},
        "netex": {"enabled": False},
        "learn": {"status": "inactive"},
    }
    off = closings[vendor]
    people = [account(vendor, email) for email in LEAVERS]
    return [*people, *others[closed:], *({**each, **off} for each in others[:closed])]


@pytest.fixture
def seeded(twin: Twin) -> Twin:
    twin.seed({vendor: everybody(vendor) for vendor in VENDORS})
    return twin


@pytest.mark.parametrize("vendor", READABLE)
def test_a_share_of_the_accounts_in_use(ansible: Ansible, twin: Twin, vendor: str) -> None:
    """Of eight accounts four are in use (ZITADEL has its service account besides): two of them are half."""
    people = everybody(vendor, closed=4)
    base = 5 if vendor == "zitadel" else 4
    options = {"users": [{"email": email} for email in LEAVERS], "state": "deactivated"}
    enough, short = 100 * 2 / base, 100 * 2 / base - 0.5
    played = play(
        ansible,
        twin,
        [
            Scene("Without", f"{vendor}_user", options, {vendor: people}),
            Scene("Too many", f"{vendor}_user", {**options, "max_percent": short}, {vendor: people}),
            Scene("Foretold", f"{vendor}_user", {**options, "max_percent": short}, {vendor: people}, check=True),
            Scene("Enough", f"{vendor}_user", {**options, "max_percent": enough}, {vendor: people}),
            Scene("No limit", f"{vendor}_user", {**options, "max_percent": 100}, {vendor: people}),
        ],
    )
    for name in ("Too many", "Foretold"):
        assert [user["error"]["code"] for user in played[name].result.users] == ["too_many_changes"] * 2
        assert played[name].writes == []
        assert f"{base} accounts" in played[name].result.msg
    assert played["Enough"].result.outcomes == ["changed"] * 2
    plain = len(played["Without"].calls)
    assert len(played["No limit"].calls) == plain
    assert len(played["Enough"].calls) - plain == LISTED[vendor]


def test_customergauge_cannot_be_counted(ansible: Ansible, seeded: Twin) -> None:
    options = {"users": [{"email": email} for email in LEAVERS], "state": "deactivated"}
    played = play(
        ansible,
        seeded,
        [
            Scene("Held", "customergauge_user", {**options, "max_percent": 99}),
            Scene("Let go", "customergauge_user", {**options, "max_percent": 100, "max_changes": 2}),
        ],
    )
    assert [user["error"]["code"] for user in played["Held"].result.users] == ["unknown_size"] * 2
    assert played["Held"].writes == []
    assert played["Let go"].result.outcomes == ["changed"] * 2


@pytest.mark.parametrize("vendor", READABLE)
@pytest.mark.parametrize("fault", [{"action": "status", "status": 403}, {"action": "html"}], ids=["refused", "a page"])
def test_a_tenant_that_cannot_be_counted_is_not_touched(
    ansible: Ansible, twin: Twin, vendor: str, fault: dict[str, Any]
) -> None:
    """The leaver is found by a request of its own; the list that tells the number does not come."""
    key = {"zitadel": "id-one", "laurel": "5f8f8c44b54764421b7156aa", "netex": "leaver01", "learn": "UID77"}[vendor]
    option, native, listing = {
        "zitadel": ("user_id", "userId", r"/v2/users$"),
        "laurel": ("user_id", "_id", r"/users(\?|$)"),
        "netex": ("username", "username", r"/users\?"),
        "learn": ("ref", "ref", r"/v1/users\?"),
    }[vendor]
    people = [account(vendor, LEAVERS[0]) | {native: key}]
    options = {option: key, "state": "deactivated", "max_percent": 50}
    faults = [{**fault, "kind": "read", "path": listing}]
    played = play(ansible, twin, [Scene("Held", f"{vendor}_user", options, {vendor: people}, faults=faults)])["Held"]
    assert (played.outcome, played.error["code"]) == ("refused", "unknown_size"), played.result.result
    assert played.writes == []


def test_the_playbook_counts_at_each_tenant_and_says_what_held_it_back(ansible: Ansible, seeded: Twin) -> None:
    run = offboard(ansible, seeded, offboard_max_percent=20)
    assert run.rc == 2
    assert seeded.log(kind="write") == []
    verdicts = {task.host: task.msg for task in run.tasks if task.task == "Fail where something is not as asked"}
    assert set(verdicts) == set(VENDORS)
    assert all("offboard_max_percent" in text for text in verdicts.values())
    assert "unknown_size" not in verdicts["zitadel"]
    assert "cannot be told" in verdicts["customergauge"]
    assert offboard(ansible, seeded, offboard_max_percent=25).rc == 2  # CustomerGauge
    assert {request["vendor"] for request in seeded.log(kind="write")} == {*READABLE}


def test_a_file_protects_whoever_is_found_by_whatever_name(ansible: Ansible, twin: Twin) -> None:
    """An id, a login name and a pattern, while the leavers are asked for by their e-mail addresses."""
    keys = {"zitadel": "userId", "laurel": "_id", "netex": "username", "learn": "ref"}
    names = {"zitadel": "id-one", "laurel": "5f8f8c44b54764421b7156aa", "netex": "janes.login", "learn": "UID77"}
    twin.seed(
        {
            "customergauge": everybody("customergauge"),
            **{
                vendor: [account(vendor, LEAVERS[0]) | {keys[vendor]: names[vendor]}, account(vendor, LEAVERS[1])]
                for vendor in READABLE
            },
        }
    )
    file = ansible.place / "protected.txt"
    file.write_text("\ufeff# who is never touched\n\nid-one\r\n 5f8f8c44b54764421b7156aa \nJANES.*\nuid7?\n", "utf-8")
    run = offboard(
        ansible, twin, offboard_protected_file=str(file), offboard_protected=["leaver01@*"], offboard_vendors=READABLE
    )
    assert run.rc == 2
    assert "Protected by" in run.everything
    assert len(twin.log(kind="write")) == len(READABLE)
    for vendor in READABLE:
        held = next(each for each in twin.state(vendor).values() if each.get(keys[vendor]) == names[vendor])
        assert not is_closed(vendor, held)
    twin.clear_log()
    only_file = offboard(ansible, twin, offboard_protected_file=str(file), offboard_vendors=READABLE)
    assert only_file.rc == 2
    assert twin.log(kind="write") == []


@pytest.mark.parametrize("content", [None, "", "# nobody\n\n", "folder", b"\xff\xfe\x00admin"], ids=repr)
def test_a_file_that_protects_nobody_is_an_error_and_no_empty_list(
    ansible: Ansible, seeded: Twin, content: str | bytes | None
) -> None:
    file = ansible.place / "protected.txt"
    if content == "folder":
        file.mkdir()
    elif content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    run = offboard(ansible, seeded, offboard_protected_file=str(file))
    assert run.rc == 2
    assert "offboard_protected_file" in run.everything
    assert seeded.log() == []


def test_an_empty_name_of_a_file_is_an_error_too(ansible: Ansible, seeded: Twin) -> None:
    run = offboard(ansible, seeded, offboard_protected_file="")
    assert (run.rc, seeded.log()) == (2, [])
    assert "offboard_protected_file" in run.everything


def test_nothing_is_deleted_without_leave(ansible: Ansible, seeded: Twin) -> None:
    for variables in ({"offboard_state": "absent"}, {"offboard_states": {"netex": "absent"}}):
        run = offboard(ansible, seeded, **variables, offboard_vendors=["netex", "laurel"])
        assert run.rc == 2
        assert "offboard_allow_delete" in run.everything
        assert [request for request in seeded.log() if request["vendor"] == "netex"] == []
        assert [request for request in seeded.log() if request["method"] == "DELETE"] == []


def test_a_token_does_not_close_the_account_that_it_belongs_to(ansible: Ansible, seeded: Twin) -> None:
    own = seeded.ready["zitadel"]["user_id"]
    run = offboard(
        ansible,
        seeded,
        offboard_leavers=[{"email": LEAVERS[0], "accounts": {"zitadel": {"user_id": own}}}, {"email": LEAVERS[1]}],
        offboard_vendors=["zitadel"],
    )
    assert run.rc == 2
    assert "the account that the credential belongs to" in run.everything
    assert [request["path"] for request in seeded.log(kind="write") if own in request["path"]] == []
    assert len(seeded.log(kind="write")) == 1
