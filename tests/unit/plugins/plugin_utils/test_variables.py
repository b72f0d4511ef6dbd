# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Ansible's variables as the role gets them: from an inventory, by the Templar of the ansible-core at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import UNREADABLE
from ansible_collections.saas.offboarding.plugins.plugin_utils._variables import (
    faults_of_other_values,
    given_variables,
    host_of,
    plain,
    vendors_of,
    with_credentials,
)

SECRET = "correct-horse-battery"
NETEX = VENDORS["netex"]
Read = Callable[..., tuple[dict[str, Any], list[str]]]


class Vaulted(str):
    """A text that an inventory holds encrypted."""


def _represent(dumper: yaml.SafeDumper, text: Vaulted) -> yaml.Node:
    secret = vault.VaultSecret(b"password")
    return dumper.represent_scalar(
        "!vault", vault.VaultLib([("default", secret)]).encrypt(str(text)).decode(), style="|"
    )


class Dumper(yaml.SafeDumper):
    """Writes vaulted texts as ansible-vault encrypt_string does."""


Dumper.add_representer(Vaulted, _represent)


class Play:
    """The variables of one host of an inventory."""

    def __init__(self, place: Path, hosts: dict[str, dict[str, Any]], password: bytes = b"password") -> None:
        self.loader = DataLoader()
        self.loader.set_vault_secrets([("default", vault.VaultSecret(password))])
        source = place / "hosts.yml"
        source.write_text(yaml.dump({"all": {"hosts": hosts}}, Dumper=Dumper), encoding="utf-8")
        self.inventory = InventoryManager(loader=self.loader, sources=[str(source)])
        self.manager = VariableManager(loader=self.loader, inventory=self.inventory)

    def task_vars(self, host: str) -> dict[str, Any]:
        found: dict[str, Any] = self.manager.get_vars(host=self.inventory.get_host(host))
        found["hostvars"] = HostVars(inventory=self.inventory, variable_manager=self.manager, loader=self.loader)
        return {**found, "ansible_play_hosts_all": [each.name for each in self.inventory.get_hosts()]}

    def given(self, host: str) -> tuple[dict[str, Any], list[str]]:
        task_vars = self.task_vars(host)
        return given_variables(task_vars, Templar(loader=self.loader, variables=task_vars).template, NETEX)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    def given(password: bytes = b"password", **variables: Any) -> tuple[dict[str, Any], list[str]]:
        if hasattr(vault, "VaultSecretsContext"):  # ansible-core 2.19 and later
            context = vault.VaultSecretsContext([("default", vault.VaultSecret(password))])
            monkeypatch.setattr(vault.VaultSecretsContext, "_current", context)
        return Play(tmp_path, {"acme": variables}, password).given("acme")

    return given


def is_plain(value: Any) -> bool:
    """Return whether a value and everything in it has built-in types."""
    if isinstance(value, dict):
        return value.__class__ is dict and all(is_plain(name) and is_plain(each) for name, each in value.items())
    if isinstance(value, list):
        return value.__class__ is list and all(map(is_plain, value))
    return value.__class__ in (str, int, float, bool, type(None))


@pytest.mark.parametrize(
    "value",
    [
        "a text",
        "0012345",
        "No",
        "",
        7,
        2.5,
        True,
        None,
        ["a", 1, None],
        {"netex": {"deep": ["a", {"b": 1}]}},
        [{"email": "jane@example.com", "accounts": {"netex": "jane"}}],
    ],
    ids=repr,
)
def test_a_value_is_plain_and_as_it_was_written(read: Read, value: Any) -> None:
    given, faults = read(offboard_leavers=value)
    assert (given, faults) == ({"offboard_leavers": value}, [])
    assert is_plain(given)
    assert json.loads(json.dumps(given)) == given


def test_only_the_variables_of_the_role_and_of_the_vendor_are_read(read: Read) -> None:
    given, faults = read(
        offboard_ticket="HR-1", netex_tenant="acme", zitadel_api_url="{{ missing }}", mine="{{ missing }}", netex_x="y"
    )
    assert (given, faults) == ({"offboard_ticket": "HR-1", "netex_tenant": "acme"}, [])


def test_a_template_is_filled_in_also_within_another_and_within_a_list(read: Read) -> None:
    given, faults = read(
        offboard_ticket="{{ outer }}",
        outer="HR-{{ inner }}",
        inner="{{ 4000 + 711 }}",
        offboard_leavers=[{"email": "{{ who }}@example.com"}],
        who="jane",
        offboard_protected="{{ ['svc-*', who] }}",
        offboard_states={"netex": "{{ 'abs' ~ 'ent' }}"},
    )
    assert faults == []
    assert given == {
        "offboard_ticket": "HR-4711",
        "offboard_leavers": [{"email": "jane@example.com"}],
        "offboard_protected": ["svc-*", "jane"],
        "offboard_states": {"netex": "absent"},
    }
    assert is_plain(given)


def test_a_number_of_a_template_is_a_number_or_its_text(read: Read) -> None:
    given, faults = read(offboard_max_changes="{{ limit }}", limit=5, offboard_max_percent="{{ 5 / 2 }}")
    assert faults == []
    # Of a calculation ansible-core 2.18 makes a text.
    assert (given["offboard_max_changes"], given["offboard_max_percent"]) in ((5, 2.5), (5, "2.5"))


def test_what_is_omitted_is_not_given(read: Read) -> None:
    given, faults = read(
        offboard_max_changes="{{ omit }}",
        offboard_reason="{{ missing | default(omit) }}",
        netex_tenant="{{ nested }}",
        nested="{{ missing | default(omit) }}",
        offboard_ticket="kept",
    )
    assert (given, faults) == ({"offboard_ticket": "kept"}, [])


def test_a_variable_that_is_not_defined_is_a_fault_and_no_absence(read: Read) -> None:
    given, faults = read(
        offboard_max_changes="{{ missing }}",
        offboard_plan={"netex": "{{ plan.netex }}"},
        offboard_protected=["{{ outer }}"],
        outer="{{ missing }}",
        offboard_ticket="kept",
    )
    assert given == {
        "offboard_ticket": "kept",
        **dict.fromkeys(("offboard_max_changes", "offboard_plan", "offboard_protected"), UNREADABLE),
    }
    assert [fault.partition(" cannot be read: ")[0] for fault in faults] == [
        "offboard_protected",
        "offboard_max_changes",
        "offboard_plan",
    ]
    assert "'missing' is undefined" in faults[1]
    assert all(fault.endswith(".") and "\n" not in fault and not fault.endswith("..") for fault in faults)


def test_a_template_that_is_wrong_is_a_fault(read: Read) -> None:
    given, faults = read(offboard_ticket="{{ 'x' | no_such_filter }}", offboard_reason="{{ 1 +", netex_tenant="acme")
    assert given == {"netex_tenant": "acme", "offboard_ticket": UNREADABLE, "offboard_reason": UNREADABLE}
    assert len(faults) == 2


# -- vaulted values


def test_a_vaulted_text_is_decrypted_wherever_it_stands(read: Read) -> None:
    given, faults = read(
        netex_auth_token=Vaulted(SECRET),
        offboard_protected=["svc-*", Vaulted("boss@example.com")],
        offboard_states={"netex": Vaulted("absent")},
        offboard_ticket="{{ hidden }}",
        hidden=Vaulted("HR-4711"),
    )
    assert faults == []
    assert given == {
        "netex_auth_token": SECRET,
        "offboard_protected": ["svc-*", "boss@example.com"],
        "offboard_states": {"netex": "absent"},
        "offboard_ticket": "HR-4711",
    }
    assert is_plain(given)


def test_a_vaulted_text_of_another_password_is_a_fault(read: Read) -> None:
    given, faults = read(
        password=b"another",
        netex_auth_token=Vaulted(SECRET),
        offboard_protected=["svc-*", Vaulted("boss@example.com")],
        offboard_ticket="kept",
    )
    assert given == {"offboard_ticket": "kept", "netex_auth_token": UNREADABLE, "offboard_protected": UNREADABLE}
    assert [fault.partition(" cannot be read: ")[0] for fault in faults] == ["offboard_protected", "netex_auth_token"]
    assert SECRET not in " ".join(faults)


# -- secrets


@pytest.mark.parametrize(
    "template",
    [
        f"{{{{ '{SECRET}' ~ missing }}}}",
        f"{{{{ '{SECRET}' | no_such_filter }}}}",
        f"{SECRET}{{{{ 1 +",
        f"{SECRET} {{{{ missing }}}}",
        f"{{{{ '{SECRET}' | from_json }}}}",
        f"{{{{ {{'a': '{SECRET}'}}.b }}}}",
        f"{{{{ token['{SECRET}'] }}}}",
        f"{{{{ lookup('file', '/nowhere/{SECRET}') }}}}",
    ],
)
def test_a_fault_never_quotes_a_secret(read: Read, template: str) -> None:
    given, faults = read(netex_auth_token=template, token={"a": "b"})
    assert given == {"netex_auth_token": UNREADABLE}
    (fault,) = faults
    assert fault.startswith("netex_auth_token cannot be read: ")
    assert SECRET not in fault


def test_the_name_of_an_undefined_variable_is_reported_for_secrets_too(read: Read) -> None:
    _given, faults = read(netex_auth_token="{{ vault_netex_token }}")
    assert faults == ["netex_auth_token cannot be read: 'vault_netex_token' is undefined."]


# -- hosts


def test_the_hosts_of_the_play_that_have_no_vendor_are_known(tmp_path: Path) -> None:
    play = Play(tmp_path, {"a": {}, "b": {"saas_vendor": "netex"}, "c": {"mine": "{{ missing }}"}})
    tenants = vendors_of(("a", "b", "c"), play.task_vars("a")["hostvars"])
    assert tenants == {"b": "netex"}
    found = host_of(play.task_vars("a"), tenants)
    assert (found.name, found.nameless) == ("a", ("a", "c"))
    assert host_of(play.task_vars("b"), tenants).nameless == ()


def test_the_vendor_of_another_host_may_be_a_template_and_one_that_cannot_be_read_is_a_tenant(tmp_path: Path) -> None:
    hosts = {"a": {"saas_vendor": "{{ mine }}", "mine": "netex"}, "b": {"saas_vendor": "{{ lookup('no_such') }}"}}
    play = Play(tmp_path, hosts)
    assert vendors_of(("a", "b"), play.task_vars("a")["hostvars"]) == {"a": "netex", "b": ""}


NUMBERS = st.one_of(st.none(), st.lists(st.sampled_from([1, "1"]), max_size=2))


@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=3))
def test_a_tenant_with_another_value_than_localhost_is_named(here: Any, theirs: list[Any]) -> None:
    hosts = {"localhost": here, **{f"tenant{number}": value for number, value in enumerate(theirs)}}
    hostvars = {host: {} if value is None else {"mine": value} for host, value in hosts.items()}
    faults = list(faults_of_other_values(["mine"], list(hosts)[1:], hostvars))
    others = [host for host, value in hosts.items() if (value, repr(value)) != (here, repr(here))]
    assert [fault.partition(" is not that of localhost")[0] for fault in faults] == (
        [f"mine of {', '.join(others)}"] if others else []
    )


def test_a_value_of_a_tenant_that_cannot_be_read_is_another_one(tmp_path: Path) -> None:
    here, same, unread = {"mine": 2}, {"mine": "{{ other }}", "other": 2}, {"mine": "{{ missing }}"}
    hostvars = Play(tmp_path, {"localhost": here, "a": same, "b": unread}).task_vars("a")["hostvars"]
    (fault,) = faults_of_other_values(["mine"], ["a", "b"], hostvars)
    assert fault.startswith("mine of b is not that of localhost, where the leavers are read.")


def test_which_tenants_of_a_vendor_have_a_credential_in_their_variables(tmp_path: Path) -> None:
    """A template counts unread: it may be one that only the host's own task can work out."""
    hosts = {
        "a": {"saas_vendor": "netex", "netex_auth_token": "{{ missing }}"},
        "b": {"saas_vendor": "netex", "netex_tenant": "acme", "learn_api_secret": "x"},
        "c": {"saas_vendor": "learn", "learn_api_secret": "x"},
    }
    hostvars = Play(tmp_path, hosts).task_vars("a")["hostvars"]
    tenants = vendors_of(hosts, hostvars)
    assert with_credentials(NETEX, tenants, hostvars) == {"a": True, "b": False}


def test_a_vendor_is_configured_by_a_variable_or_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(tmp_path, {"a": {"netex_tenant": "acme"}})
    monkeypatch.setenv("ZITADEL_API_URL", "https://zitadel.example.com")
    monkeypatch.setenv("LAUREL_CLIENT_ID", "")
    assert host_of(play.task_vars("a"), {}).configured == ("netex", "zitadel")


def test_other_types_are_left_as_they_are() -> None:
    assert plain(("a", 1)) == ["a", 1]
    assert plain(UNREADABLE) is UNREADABLE
