# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Auth methods, and the sources of credentials: options, environment variables, module_defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import yaml

from harness.convergence import assert_no_secret
from harness.playbook import Ansible
from harness.scenes import Played, Scene, play
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

VENDORS = ("customergauge", "zitadel", "laurel", "netex", "learn")
ONE_EACH = dict.fromkeys(VENDORS, 3)
KEY = {
    "customergauge": {"email": "user00001@example.com"},
    "zitadel": {"email": "user00001@example.com"},
    "laurel": {"email": "user00001@example.com"},
    "netex": {"email": "user00001@example.com"},
    "learn": {"email": "user00001@example.com"},
}
# What the environment may say of each connection option, and what the module then works with. A secret shows masked.
MASKED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
ENVIRONMENT: dict[str, tuple[str, Any]] = {
    "timeout": ("7.5", 7.5),
    "retries": ("3", 3),
    "retry_budget": ("11", 11.0),
    "requests_per_second": ("250", 250.0),
    "concurrency": ("2", 2),
    "validate_certs": ("no", False),
    "ca_path": ("/no/such/ca.pem", "/no/such/ca.pem"),
    "region": ("au", "au"),
    "environment": ("staging_mea", "staging_mea"),
    "synchronization": ("asynchronous", "asynchronous"),
    "api_url": ("https://api.example.com", "https://api.example.com"),
    "token_url": ("https://auth.example.com/token", "https://auth.example.com/token"),
    "webhook_url": ("https://user.example.com/webhooks", "https://user.example.com/webhooks"),
    "webhook_token_url": ("https://user.example.com/token", "https://user.example.com/token"),
    "key_file": ("/no/such/key.json", "/no/such/key.json"),
    "client_secret": ("secret-of-the-client", MASKED),
    "access_token": ("token-from-elsewhere", MASKED),
    "auth_token": ("token-of-the-account", MASKED),
    "api_secret": ("secret-of-the-tenant", MASKED),
    "key_content": ("key-of-the-service", MASKED),
}
PLAIN = ("tenant", "tenant_id", "customer_id", "client_id", "scope", "audience")


def close(vendor: str, name: str | None = None, **options: Any) -> Scene:
    module = f"{vendor}_user"
    return Scene(name or vendor, module, {"state": "deactivated", **KEY[vendor], **options}, population={vendor: 3})


def assert_closed(one: Played, name: str) -> None:
    assert one.outcome == "changed", f"{name}: {one.result.msg}"
    assert len(one.writes) == 1, name


def ask_for_token(mock: MockVendors, vendor: str) -> str:
    """A token that was got elsewhere, as a person with the credential would get it."""
    ready = mock.ready[vendor]
    fields = {
        "grant_type": "client_credentials",
        "client_id": ready["client_id"],
        "client_secret": ready["client_secret"],
    }
    if vendor == "laurel":
        body, kind = json.dumps({**fields, "audience": ready["audience"]}), "application/json"
    else:
        body, kind = urlencode(fields), "application/x-www-form-urlencoded"
    request = Request(ready["token_url"], body.encode(), {"Content-Type": kind}, method="POST")  # noqa: S310
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        return str(json.load(answer)["access_token"])


def run_all(
    ansible: Ansible, mock: MockVendors, env: Mapping[str, str], plays: Mapping[str, Any] | None = None
) -> None:
    """Close one account at each vendor, with nothing in the tasks but who it is, and look at the mock's accounts."""
    tasks = [{"name": v, f"saas.offboarding.{v}_user": {"state": "deactivated", **KEY[v]}} for v in VENDORS]
    whole = {"hosts": "localhost", "gather_facts": False, **(plays or {}), "tasks": tasks}
    run = ansible.run([whole], env=env, diff=True, verbosity=3)
    assert run.rc == 0, str(run)
    assert_no_secret(run, mock)
    for vendor in VENDORS:
        assert run.result(vendor).outcomes == ["changed"]
        assert len(mock.log("write", vendor)) == 1


def test_the_environment_is_enough(ansible: Ansible, mock: MockVendors) -> None:
    mock.population(**ONE_EACH)
    run_all(ansible, mock, mock.environment())
    for vendor, tokens in {"customergauge": 1, "zitadel": 1, "laurel": 1, "netex": 0, "learn": 0}.items():
        assert len(mock.log("token", vendor)) == tokens


def test_other_auth_methods_by_environment(ansible: Ansible, mock: MockVendors) -> None:
    mock.population(**ONE_EACH)
    given = {vendor: ask_for_token(mock, vendor) for vendor in ("customergauge", "laurel", "learn")}
    mock.clear_log()
    methods: dict[str, tuple[str, ...]] = {
        "customergauge": (),
        "zitadel": ("access_token",),
        "laurel": (),
        "learn": (),
    }
    env = mock.environment(**methods)
    env |= {f"{vendor.upper()}_ACCESS_TOKEN": token for vendor, token in given.items()}
    # What is set and empty counts as not set: AWX injects what was left out as an empty string.
    env |= {name: "" for name in mock.environment() if name not in env}
    env |= {"ZITADEL_KEY_FILE": "", "ZITADEL_KEY_CONTENT": "", "CUSTOMERGAUGE_REGION": "", "LEARN_TIMEOUT": ""}
    run_all(ansible, mock, env)
    assert mock.log("token") == []


def test_a_key_file_and_oauth_by_environment(ansible: Ansible, mock: MockVendors, tmp_path: Path) -> None:
    mock.population(**ONE_EACH)
    env = mock.environment(zitadel=(), learn=("client_id", "client_secret"))
    key_file = tmp_path / "key.json"
    key_file.write_text(mock.ready["zitadel"]["key_content"], encoding="utf-8")
    env["ZITADEL_KEY_FILE"] = str(key_file)
    run_all(ansible, mock, env)
    (token,) = mock.log("token", "zitadel")
    assert "jwt-bearer" in token["body"]
    assert len(mock.log("token", "learn")) == 1


def action_groups() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = yaml.safe_load((REPOSITORY / "meta" / "runtime.yml").read_text())["action_groups"]
    return groups


def test_module_defaults(ansible: Ansible, mock: MockVendors) -> None:
    assert {vendor: f"{vendor}_user" in modules for vendor, modules in action_groups().items()} == dict.fromkeys(
        (*VENDORS, "scim"), True
    )
    mock.population(**ONE_EACH)
    defaults: dict[str, dict[str, str]] = {vendor: {} for vendor in (*VENDORS, "scim")}
    for variable, value in mock.environment().items():
        vendor, _rest, option = variable.lower().partition("_")
        defaults[vendor][option] = value
    groups = {f"group/saas.offboarding.{vendor}": options for vendor, options in defaults.items()}
    run_all(ansible, mock, {}, {"module_defaults": groups})


def documented_options(vendor: str) -> list[str]:
    """The connection options, from the fragment that documents them."""
    text = (REPOSITORY / "plugins" / "doc_fragments" / f"{vendor}.py").read_text(encoding="utf-8")
    documentation = text.split('r"""')[1].split('"""')[0]
    return list(yaml.safe_load(documentation)["options"])


def test_every_connection_option_has_its_variable(ansible: Ansible, mock: MockVendors) -> None:
    """An empty list ends each task before a request; what it read until then is shown."""
    variables = {**ENVIRONMENT, **{name: (f"{name}0", f"{name}0") for name in PLAIN}}
    options = {vendor: documented_options(vendor) for vendor in VENDORS}
    assert {name for names in options.values() for name in names} == set(variables)
    env = {f"{vendor}_{name}".upper(): variables[name][0] for vendor, names in options.items() for name in names}
    given = {"timeout": 5, "concurrency": 9, "validate_certs": True}
    scenes = [Scene(vendor, f"{vendor}_user", {"state": "deactivated", "users": []}) for vendor in VENDORS]
    first = [
        Scene(f"{vendor}, task first", s.module, {**s.options, **given})
        for vendor, s in zip(VENDORS, scenes, strict=True)
    ]
    played = play(ansible, mock, [*scenes, *first], env=env)
    for vendor, names in options.items():
        one = played[vendor]
        assert one.result.failed
        assert one.log == []
        shown = one.result.result["invocation"]["module_args"]
        assert {name: shown[name] for name in names} == {name: variables[name][1] for name in names}
        shown = played[f"{vendor}, task first"].result.result["invocation"]["module_args"]
        assert {name: shown[name] for name in given} == given


def test_credentials_by_option(ansible: Ansible, mock: MockVendors) -> None:
    """Each secret as an option, without any environment; a credential in a task goes before one of the environment."""
    methods: dict[str, list[tuple[str, ...]]] = {
        "customergauge": [("client_id", "client_secret")],
        "zitadel": [("client_id", "client_secret"), ("access_token",), ("key_content",)],
        "laurel": [("client_id", "client_secret")],
        "netex": [("auth_token",)],
        "learn": [("api_secret",), ("client_id", "client_secret")],
    }
    scenes = []
    for vendor, logins in methods.items():
        for login in logins:
            options = {
                variable.lower().partition("_")[2]: value
                for variable, value in mock.environment(**{vendor: login}).items()
                if variable.startswith(vendor.upper())
            }
            scenes.append(close(vendor, f"{vendor} {login[0]}", **options))
    for name, one in play(ansible, mock, scenes, env={}).items():
        assert_closed(one, name)

    wins = [
        close("zitadel", "PAT", access_token=mock.ready["zitadel"]["access_token"]),
        close(
            "learn",
            "OAuth",
            client_id=mock.ready["learn"]["client_id"],
            client_secret=mock.ready["learn"]["client_secret"],
        ),
    ]
    played = play(ansible, mock, wins)
    for name, one in played.items():
        assert_closed(one, name)
    assert played["PAT"].requests("token") == []
    assert len(played["OAuth"].requests("token")) == 1


def test_two_auth_methods_in_the_environment_conflict(ansible: Ansible, mock: MockVendors) -> None:
    env = mock.environment()
    env |= {f"{vendor.upper()}_ACCESS_TOKEN": "given-elsewhere" for vendor in VENDORS if vendor != "netex"}
    scenes = [close(vendor) for vendor in VENDORS if vendor != "netex"]
    for vendor, one in play(ansible, mock, scenes, env=env).items():
        assert one.result.failed
        assert one.log == []
        assert f"{vendor.upper()}_ACCESS_TOKEN" in one.result.msg


def test_certificates_are_not_checked_only_with_a_warning(ansible: Ansible, mock: MockVendors) -> None:
    options = {"state": "deactivated", "username": "user00001"}
    warning = "validate_certs is false"
    scene = Scene(
        "netex", "netex_user", options, env={"NETEX_VALIDATE_CERTS": "no"}, population={"netex": 3}, warnings=[warning]
    )
    one = play(ansible, mock, [scene])["netex"]
    assert_closed(one, "netex")
    assert any(warning in text for text in one.result.warnings)
