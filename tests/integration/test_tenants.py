# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Several tenants of one vendor in one inventory: each with its credential, column, state and key."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.story import account, address, closed_at
from harness.convergence import assert_no_secret
from harness.documents import outcomes
from harness.playbook import Ansible, Run
from mock_vendors import client
from mock_vendors.client import MockVendors

JANE, SAM = "leaver01@example.com", "leaver05@example.com"
STAFF, PARTNERS = "zitadel-staff", "zitadel.partners"
OF_PARTNERS = "ZITADEL_ZITADEL_PARTNERS_"


@dataclass(frozen=True)
class Two:
    """Two servers of each vendor. The tenants of the second one log in with a token, those of the first do not."""

    first: MockVendors
    second: MockVendors

    def environment(self) -> dict[str, str]:
        """Staff takes the vendor's variables, partners has its own."""
        login = self.second.environment(zitadel=("access_token",))
        own = {f"{OF_PARTNERS}{name}": login[f"ZITADEL_{name}"] for name in ("API_URL", "ACCESS_TOKEN")}
        return {**self.first.environment(), **own}

    @property
    def token(self) -> str:
        return str(self.second.ready["zitadel"]["access_token"])

    def assert_apart(self) -> None:
        """No credential of one tenant came to the other."""
        of_first, of_second = sent(self.first), sent(self.second)
        assert of_second <= {f"Bearer {self.token}"}
        assert f"Bearer {self.token}" not in of_first


def sent(mock: MockVendors) -> set[str]:
    return {request["headers"]["Authorization"] for request in mock.log() if "Authorization" in request["headers"]}


@pytest.fixture(scope="module")
def second_process() -> Iterator[MockVendors]:
    with client.start() as mock:
        yield mock


@pytest.fixture
def two(mock: MockVendors, second_process: MockVendors) -> Two:
    second_process.reset()
    for each in (mock, second_process):
        each.seed({"zitadel": [account("zitadel", email) for email in (JANE, SAM)]})
    return Two(mock, second_process)


def inventory(*names: str, **own: Mapping[str, Any]) -> dict[str, Any]:
    """The tenants, each with variables that are named after it, without punctuation."""
    vendors = {name: name.replace(".", "-").partition("-")[0] for name in names}
    return {
        "all": {
            # A tenant that was taken out stays in the inventory of AWX, in no group.
            "hosts": {"zitadel-removed": {"saas_vendor": "zitadel"}},
            "children": {
                "saas": {
                    "vars": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
                    "hosts": {
                        name: {"saas_vendor": vendor, **own.get(name.replace(".", "_").replace("-", "_"), {})}
                        for name, vendor in vendors.items()
                    },
                }
            },
        }
    }


def run(ansible: Ansible, two: Two, name: str = "offboard", **options: Any) -> Run:
    for mock in (two.first, two.second):
        mock.clear_log()
    variables = {"offboard_report_dir": str(ansible.place / "reports"), **options.pop("variables", {})}
    if name != "reinstate":
        variables.setdefault("offboard_leavers", [{"email": JANE}, {"email": SAM}])
    variables = {name: value for name, value in variables.items() if value is not None}
    env = options.pop("env", two.environment())
    options.setdefault("inventory", inventory(STAFF, PARTNERS))
    done = ansible.run(f"saas.offboarding.{name}", env=env, extra_vars=variables, verbosity=3, **options)
    for mock in (two.first, two.second):
        assert_no_secret(done, mock)
    return done


def evidence(ansible: Ansible, kind: str) -> tuple[Path, dict[str, Any]]:
    """The folder and the evidence of the only run of a kind."""
    documents = {path.parent: json.loads(path.read_bytes()) for path in ansible.place.glob("reports/*/evidence.json")}
    (found,) = [(place, document) for place, document in documents.items() if document["kind"] == kind]
    return found


def test_each_tenant_gets_its_own_credential_in_each_kind_of_run(ansible: Ansible, two: Two) -> None:
    ready = run(ansible, two, "preflight", variables={"offboard_leavers": None})
    assert ready.rc == 0, ready
    assert two.first.log()
    assert two.second.log()
    two.assert_apart()

    closed = run(ansible, two)
    assert closed.rc == 0, closed
    assert closed_at("zitadel", two.first.state("zitadel")) == {JANE, SAM}
    assert closed_at("zitadel", two.second.state("zitadel")) == {JANE, SAM}
    two.assert_apart()
    folder, document = evidence(ansible, "offboard")
    assert [each["tenant"] for each in document["tenants"]] == [STAFF, PARTNERS]

    audited = run(ansible, two, "audit")
    assert audited.rc == 0, audited
    assert sent(two.second) == {f"Bearer {two.token}"}
    two.assert_apart()

    why = {"offboard_evidence": str(folder), "reinstate_reason": "too early"}
    opened = run(ansible, two, "reinstate", variables=why)
    assert opened.rc == 0, opened
    assert closed_at("zitadel", two.second.state("zitadel")) == set()
    two.assert_apart()


def test_a_host_variable_precedes_and_can_choose_another_auth_method(ansible: Ansible, two: Two) -> None:
    secret = two.first.environment()["ZITADEL_CLIENT_SECRET"]
    own = {f"{OF_PARTNERS}CLIENT_ID": "offboarding-service", f"{OF_PARTNERS}CLIENT_SECRET": secret}
    env = {**two.environment(), **own, f"{OF_PARTNERS}API_URL": "https://elsewhere.example.com", "THE_TOKEN": two.token}
    del env[f"{OF_PARTNERS}ACCESS_TOKEN"]
    variables = {
        "zitadel_api_url": two.second.ready["zitadel"]["api_url"],
        "zitadel_access_token": "{{ lookup('ansible.builtin.env', 'THE_TOKEN') }}",
    }
    done = run(ansible, two, env=env, inventory=inventory(STAFF, PARTNERS, zitadel_partners=variables))
    assert done.rc == 0, done
    assert sent(two.second) == {f"Bearer {two.token}"}
    two.assert_apart()


def test_the_vendors_variables_do_not_fill_in_for_a_tenant(ansible: Ansible, two: Two) -> None:
    """Without a separate address the token would be sent to the other tenant, and vice versa."""
    env = two.environment()
    for lacking, message in (("API_URL", "missing required arguments: api_url"), ("ACCESS_TOKEN", "no credential is")):
        part = {name: value for name, value in env.items() if name != f"{OF_PARTNERS}{lacking}"}
        done = run(ansible, two, env=part, variables={"zitadel_timeout": 5})
        assert done.rc == 2, done
        assert two.second.log() == []
        assert closed_at("zitadel", two.first.state("zitadel")) == {JANE, SAM}
        two.assert_apart()
        assert message in done.everything
    assert f"environment variable {OF_PARTNERS}ACCESS_TOKEN" in done.everything


def test_the_process_of_a_module_sees_no_credential_of_another_tenant(ansible: Ansible, two: Two) -> None:
    interpreters = {}
    for name in (STAFF, PARTNERS):
        script = ansible.place / f"python-{name}"
        script.write_text(f'#!/bin/sh\nenv > "{ansible.place}/{name}.$$"\nexec {sys.executable} "$@"\n')
        script.chmod(0o755)
        interpreters[name.replace(".", "_").replace("-", "_")] = {"ansible_python_interpreter": str(script)}
    own = run(ansible, two, "audit", inventory=inventory(STAFF, PARTNERS, **interpreters))
    assert own.rc == 2, own
    seen = {name: [path.read_text() for path in ansible.place.glob(f"{name}.*")] for name in (STAFF, PARTNERS)}
    assert all(seen.values())
    first = two.first.environment()
    for text in seen[PARTNERS]:
        assert first["ZITADEL_CLIENT_SECRET"] not in text
        assert first["ZITADEL_API_URL"] not in text
    for text in seen[STAFF]:
        assert two.token not in text
        assert first["ZITADEL_CLIENT_SECRET"] in text


@pytest.mark.parametrize("limit", [None, STAFF])
@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            (STAFF, "zitadel-third", PARTNERS),
            f"invalid_input: {STAFF}, zitadel-third have no environment variable of their own, while {PARTNERS} has",
        ),
        (
            (STAFF, PARTNERS, "zitadel-partners"),
            f"invalid_input: zitadel-partners, {PARTNERS} would take the same environment variables",
        ),
    ],
)
def test_ambiguous_tenants_are_refused_before_the_first_request(
    ansible: Ansible, two: Two, names: tuple[str, ...], message: str, limit: str | None
) -> None:
    done = run(ansible, two, inventory=inventory(*names), limit=limit)
    assert done.rc == 2, done
    assert message in " ".join(done.everything.split()), done
    assert (two.first.log(), two.second.log()) == ([], [])


def test_columns_keys_and_states_by_tenant(ansible: Ansible, two: Two) -> None:
    """A column, or a key and a state, of one tenant, beside those of its vendor for the other."""
    ids = {}
    for name, mock in ((STAFF, two.first), (PARTNERS, two.second)):
        rows = {address("zitadel", row): row["userId"] for row in mock.state("zitadel").values()}
        ids[name] = {email: rows[email] for email in (JANE, SAM)}
    states = {"zitadel": "deactivated", PARTNERS: "locked"}
    leavers = [
        {"email": JANE, "accounts": {"zitadel": ids[STAFF][JANE], PARTNERS: {"email": SAM}}},
        {"email": "new.name@example.com", "accounts": {STAFF: ids[STAFF][SAM], PARTNERS: ids[PARTNERS][JANE]}},
    ]
    inline = run(ansible, two, variables={"offboard_leavers": leavers, "offboard_states": states})
    assert inline.rc == 0, inline
    _folder, document = evidence(ansible, "offboard")
    assert outcomes(document) == {
        name: {JANE: "changed", "new.name@example.com": "changed"} for name in (STAFF, PARTNERS)
    }
    for name, mock, word in ((STAFF, two.first, "USER_STATE_INACTIVE"), (PARTNERS, two.second, "USER_STATE_LOCKED")):
        state = mock.state("zitadel")
        assert {state[identifier]["state"] for identifier in ids[name].values()} == {word}

    table = ansible.place / "leavers.csv"
    cells = ((JANE, ids[STAFF][JANE], ids[PARTNERS][SAM]), (SAM, ids[STAFF][SAM], ids[PARTNERS][JANE]))
    table.write_text("\n".join([f"email,zitadel,{PARTNERS}", *map(",".join, cells)]), encoding="utf-8")
    again = {"offboard_leavers": None, "offboard_leavers_file": str(table), "offboard_states": states}
    audited = run(ansible, two, "audit", variables={**again, "offboard_states": {**states, STAFF: "deactivated"}})
    assert audited.rc == 0, audited
    wrong = run(ansible, two, variables={"offboard_states": {"zitadel-partner": "locked"}})
    assert "offboard_states names 'zitadel-partner', which is neither a vendor nor a tenant of the inven" in str(wrong)


def test_two_scim_products_are_one_inventory(ansible: Ansible, two: Two) -> None:
    people = [
        {"id": f"9f1c6d2e-0000-4000-8000-{number:012d}", "userName": name} for number, name in enumerate((JANE, SAM), 1)
    ]
    for server in (two.first, two.second):
        server.seed({"scim": people})
    first, second = two.first.ready["scim"], two.second.ready["scim"]
    names = ("scim-slack", "scim-zoom")
    env = {
        "SCIM_API_URL": first["api_url"],
        "SCIM_ACCESS_TOKEN": first["access_token"],
        "SCIM_SCIM_ZOOM_API_URL": second["api_url"],
        "SCIM_SCIM_ZOOM_BASIC_USERNAME": second["basic_username"],
        "SCIM_SCIM_ZOOM_BASIC_PASSWORD": second["basic_password"],
    }
    two.second.switch("scim", auth=["basic"])
    states = {"scim": "deactivated", "scim-zoom": "absent"}
    variables = {"offboard_states": states, "offboard_allow_delete": True}
    done = run(ansible, two, env=env, inventory=inventory(*names), variables=variables)
    assert done.rc == 0, done
    assert [row["active"] for row in two.first.state("scim").values()] == [False, False]
    assert two.second.state("scim") == {}
    assert sent(two.first) == {f"Bearer {first['access_token']}"}
    assert all(header.startswith("Basic ") for header in sent(two.second))
