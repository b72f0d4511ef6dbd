# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Guard rails, which refuse changes before the first write: protected accounts, volume, unreadable lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo.story import CLOSED, VENDORS, account, is_closed
from harness.playbook import Ansible, Run
from harness.refusals import refusals
from harness.scenes import Scene, play
from mock_vendors.catalog import MOCKS
from mock_vendors.client import MockVendors

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
LEAVERS = ["leaver01@example.com", "leaver05@example.com"]
READABLE = [vendor for vendor in VENDORS if vendor != "customergauge"]
IN_USE = {**dict.fromkeys(READABLE, 4), "zitadel": 5}


def offboard(ansible: Ansible, mock: MockVendors, **variables: Any) -> Run:
    mock.clear_log()
    leavers = [{"email": email} for email in LEAVERS]
    return ansible.run(
        "saas.offboarding.offboard",
        inventory=TENANTS,
        env=mock.environment(),
        extra_vars={"offboard_leavers": leavers, **variables},
    )


def everybody(vendor: str, closed: int = 0) -> list[dict[str, Any]]:
    """Two leavers and six others; of them so many are closed."""
    others = [account(vendor, f"other{number}@example.com") for number in range(11, 17)]
    people = [account(vendor, email) for email in LEAVERS]
    return [*people, *others[closed:], *({**each, **CLOSED[vendor]} for each in others[:closed])]


@pytest.fixture
def seeded(mock: MockVendors) -> MockVendors:
    mock.seed({vendor: everybody(vendor) for vendor in VENDORS})
    return mock


def test_a_share_of_the_accounts_in_use(ansible: Ansible, mock: MockVendors) -> None:
    """Of eight accounts four are in use (ZITADEL has its service account besides): two of them are half."""
    scenes = [scene for vendor in READABLE for scene in shares(vendor)]
    played = play(ansible, mock, scenes)
    for vendor in READABLE:
        for name in (f"Too many, {vendor}", f"Predicted, {vendor}"):
            assert [user["error"]["code"] for user in played[name].result.users] == ["too_many_changes"] * 2
            assert played[name].writes == []
            assert f"{IN_USE[vendor]} accounts" in played[name].result.msg
        assert played[f"Enough, {vendor}"].result.outcomes == ["changed"] * 2
        plain = len(played[f"Without, {vendor}"].calls)
        assert len(played[f"No limit, {vendor}"].calls) == plain
        assert len(played[f"Enough, {vendor}"].calls) - plain == MOCKS[vendor].requests_to_count


def shares(vendor: str) -> list[Scene]:
    people = {vendor: everybody(vendor, closed=4)}
    options = {"users": [{"email": email} for email in LEAVERS], "state": "deactivated"}
    enough = 100 * 2 / IN_USE[vendor]
    short = {**options, "max_percent": enough - 0.5}
    module = f"{vendor}_user"
    return [
        Scene(f"Without, {vendor}", module, options, people),
        Scene(f"Too many, {vendor}", module, short, people),
        Scene(f"Predicted, {vendor}", module, short, people, check=True),
        Scene(f"Enough, {vendor}", module, {**options, "max_percent": enough}, people),
        Scene(f"No limit, {vendor}", module, {**options, "max_percent": 100}, people),
    ]


def test_customergauge_cannot_be_counted(ansible: Ansible, seeded: MockVendors) -> None:
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


def test_a_tenant_that_cannot_be_counted_is_not_touched(ansible: Ansible, mock: MockVendors) -> None:
    """The leaver is found by a single request; the list that has the total fails."""
    keys = {"zitadel": "id-one", "laurel": "5f8f8c44b54764421b7156aa", "netex": "leaver01", "learn": "UID77"}
    methods = {
        "zitadel": ("user_id", "userId", r"/v2/users$"),
        "laurel": ("user_id", "_id", r"/users(\?|$)"),
        "netex": ("username", "username", r"/users\?"),
        "learn": ("ref", "ref", r"/v1/users\?"),
    }
    faults: dict[str, dict[str, Any]] = {
        "refused": {"action": "status", "status": 403},
        "a page": {"action": "html"},
    }
    scenes = []
    for vendor, (option, native, listing) in methods.items():
        people = {vendor: [account(vendor, LEAVERS[0]) | {native: keys[vendor]}]}
        options = {option: keys[vendor], "state": "deactivated", "max_percent": 50}
        for name, fault in faults.items():
            broken = [{**fault, "kind": "read", "path": listing}]
            scenes.append(Scene(f"{vendor}, {name}", f"{vendor}_user", options, people, faults=broken))
    for name, played in play(ansible, mock, scenes).items():
        assert (played.outcome, played.error["code"]) == ("refused", "unknown_size"), name
        assert played.writes == [], name


def test_the_playbook_counts_at_each_tenant_and_reports_the_guard_rail(ansible: Ansible, seeded: MockVendors) -> None:
    run = offboard(ansible, seeded, offboard_max_percent=20)
    assert run.rc == 2
    assert seeded.log(kind="write") == []
    verdicts = run.verdicts
    assert set(verdicts) == set(VENDORS)
    codes = {tenant: text.partition(":")[0] for tenant, text in verdicts.items()}
    assert codes == {**dict.fromkeys(VENDORS, "too_many_changes"), "customergauge": "unknown_size"}
    assert all("max_percent is 20" in verdicts[tenant] for tenant in READABLE)
    assert not any("offboard_protected" in text for text in verdicts.values())
    assert "it is not known how many" in verdicts["customergauge"]
    assert offboard(ansible, seeded, offboard_max_percent=25).rc == 2  # CustomerGauge
    assert {request["vendor"] for request in seeded.log(kind="write")} == {*READABLE}


def test_a_file_protects_accounts_under_every_name(ansible: Ansible, mock: MockVendors) -> None:
    """An id, a login name and a pattern, while the leavers are asked for by their e-mail addresses."""
    keys = {"zitadel": "userId", "laurel": "_id", "netex": "username", "learn": "ref"}
    names = {"zitadel": "id-one", "laurel": "5f8f8c44b54764421b7156aa", "netex": "janes.login", "learn": "UID77"}
    mock.seed(
        {
            "customergauge": everybody("customergauge"),
            **{
                vendor: [account(vendor, LEAVERS[0]) | {keys[vendor]: names[vendor]}, account(vendor, LEAVERS[1])]
                for vendor in keys
            },
        }
    )
    file = ansible.place / "protected.txt"
    file.write_text("\ufeff# who is never touched\n\nid-one\r\n 5f8f8c44b54764421b7156aa \nJANES.l*\nuid7?\n", "utf-8")
    run = offboard(
        ansible, mock, offboard_protected_file=str(file), offboard_protected=["leaver01@*"], offboard_vendors=list(keys)
    )
    assert run.rc == 2
    assert "Protected by" in run.everything
    assert len(mock.log(kind="write")) == len(keys)
    for vendor in keys:
        found = next(each for each in mock.state(vendor).values() if each.get(keys[vendor]) == names[vendor])
        assert not is_closed(vendor, found)
    mock.clear_log()
    only_file = offboard(ansible, mock, offboard_protected_file=str(file), offboard_vendors=list(keys))
    assert only_file.rc == 2
    assert mock.log(kind="write") == []


def test_an_ineffective_protected_list_and_an_unconfirmed_deletion_are_errors(
    ansible: Ansible, seeded: MockVendors
) -> None:
    """An empty list is an error, and nothing is sent."""
    place = ansible.place / "lists"
    (place / "folder").mkdir(parents=True)
    contents = {"empty": b"", "comments": b"# no entry\n\n", "bytes": b"\xff\xfe\x00admin"}
    for name, content in contents.items():
        (place / name).write_bytes(content)
    files = [str(place / name) for name in (*contents, "folder", "missing")]
    cases: list[dict[str, Any]] = [{"offboard_protected_file": file} for file in (*files, "")]
    cases += [{"offboard_protected": value} for value in ("", None)]
    cases += [{"offboard_max_changes": value} for value in ("", None)] + [{"offboard_max_percent": None}]
    cases += [{"offboard_plan": {"netex": None}}, {"offboard_plan": {"netex": ""}}]
    cases += [{"offboard_plan_file": str(ansible.place / "none")}]
    cases += [{"offboard_state": "absent"}, {"offboard_states": {"netex": "absent"}}]
    right = {"offboard_leavers": [{"email": LEAVERS[0]}], "offboard_vendors": ["netex"]}
    messages = refusals(ansible, "main", [right | case for case in cases], env=seeded.environment())
    names = ["offboard_protected_file"] * 6 + ["offboard_protected is empty"] * 2
    names += ["offboard_max_changes", "offboard_max_changes is empty", "offboard_max_percent is empty"]
    names += (
        ["offboard_plan has no entry for netex"] * 2
        + ["only a run in check mode leaves one"]
        + ["offboard_allow_delete"] * 2
    )
    assert [(text, name) for text, name in zip(messages, names, strict=True) if name not in text] == []
    assert seeded.log() == []


def test_hosts_whose_tenants_would_have_one_name_are_not_worked_for(ansible: Ansible, seeded: MockVendors) -> None:
    hosts = {name: {"offboard_vendors": ["netex"]} for name in ("eu", "us")}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    run = ansible.run(
        "saas.offboarding.offboard",
        inventory={"saas": {"hosts": hosts, "vars": variables}},
        env=seeded.environment(),
        extra_vars={"offboard_leavers": [{"email": LEAVERS[0]}]},
    )
    assert run.rc == 2
    assert "eu and us have no saas_vendor" in run.everything
    assert seeded.log() == []


def test_a_token_does_not_close_the_account_that_it_belongs_to(ansible: Ansible, seeded: MockVendors) -> None:
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
