# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

import mock_vendors as mock_package
from harness.examples import proved_by
from harness.tree import REPOSITORY
from mock_vendors.client import MockVendors

Ask = Callable[..., requests.Response]


def test_it_starts_as_its_readme_describes(tmp_path: Path) -> None:
    """With all the options that it names, and by the code that it shows."""
    command, code = proved_by("test_it_starts_as_its_readme_describes", "tests/mock_vendors/README.md")
    (line,) = command.commands()
    variable, python, *arguments = shlex.split(re.sub(r"[\[\]]", "", line))
    assert (variable, python) == ("PYTHONPATH=tests", "python")
    (tmp_path / "seed.json").write_text(json.dumps({"netex": [{"username": "jane"}]}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")},
        input=b"",
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    ready = json.loads((tmp_path / "ready.json").read_text(encoding="utf-8"))
    assert {"control", "netex", "ca_path"} <= set(ready)
    assert ready["netex"]["api_url"].startswith("https:")

    exec(compile(code.text, str(code), "exec"), {})  # noqa: S102 - the page's own code


def test_log(mock: MockVendors, netex: Ask) -> None:
    mock.seed({"netex": [{"username": "j/d"}]})
    netex("GET", "/users/j%2Fd?x=%20")
    netex("PUT", "/users/j%2Fd/deactivate", json={"message": "bye"})
    read, write = mock.log(vendor="netex")
    assert (read["n"], read["kind"], read["method"], read["status"]) == (1, "read", "GET", 200)
    assert read["path"] == "/integration/ws/management/rest/users/j%2Fd?x=%20"
    assert write["body"] == '{"message": "bye"}'
    assert write["headers"]["X-Cloud-Auth-Token"] == mock.ready["netex"]["auth_token"]
    assert mock.log("write") == [write]
    assert mock.counts() == {"netex": {"read": 1, "write": 1}}
    mock.clear_log()
    mock.log_detail(False)
    netex("GET", "/users")
    assert mock.log() == []
    assert mock.counts() == {"netex": {"read": 1}}


def test_no_request_ids_unless_switched_on(mock: MockVendors, netex: Ask) -> None:
    assert "x-request-id" not in netex("GET", "/users").headers
    assert [entry["request_id"] for entry in mock.log()] == [None]


def test_request_ids(mock: MockVendors, netex: Ask) -> None:
    mock.seed({"netex": [{"username": "jane"}]})
    mock.switch("netex", request_id="X-Request-Id")
    answers = [netex("GET", "/users"), netex("PUT", "/users/jane/deactivate"), netex("GET", "/nowhere")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 3
    assert [entry["request_id"] for entry in mock.log()] == ids


def test_every_vendor_and_every_token_has_request_ids(mock: MockVendors, session: requests.Session) -> None:
    for vendor, entry in mock.ready.items():
        for option in ("api_url", "token_url", "webhook_url", "webhook_token_url") if vendor != "control" else ():
            if option in entry:
                mock.switch(vendor, request_id="x-correlation-id")
                answer = session.post(entry[option], allow_redirects=False, timeout=20)
                last = mock.log()[-1]
                assert answer.headers["x-correlation-id"] == last["request_id"], (vendor, option)
    assert {entry["kind"] for entry in mock.log()} == {"token", "write"}
    assert {entry["vendor"] for entry in mock.log()} == set(mock.ready) - {"control"}


def test_faults_have_request_ids_where_they_answer(mock: MockVendors, netex: Ask) -> None:
    mock.switch("netex", request_id="x-request-id")
    orders: list[dict[str, Any]] = [
        {"action": "status", "status": 503},
        {"action": "html"},
        {"action": "redirect", "location": "http://127.0.0.1:9/"},
        {"action": "big", "size": 1},
        {"action": "truncate"},
    ]
    for order in orders:
        mock.fault("netex", times=1, **order)
    answers = [netex("GET", "/users") for _unused in orders]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(orders)
    assert [entry["request_id"] for entry in mock.log()] == ids
    mock.fault("netex", "status", status=429, headers={"X-REQUEST-ID": "by order"}, times=1)
    mock.fault("netex", "reset_after", times=1)
    assert netex("GET", "/users").headers["x-request-id"] == "by order"
    with pytest.raises(requests.ConnectionError):
        netex("GET", "/users")
    assert [entry["request_id"] for entry in mock.log()[-2:]] == ["by order", None]


def test_kinds(mock: MockVendors, zitadel: Ask, laurel: Ask) -> None:
    mock.clear_log()
    zitadel("POST", "/v2/users", json={})
    zitadel("POST", "/v2/users/1/lock", json={})
    laurel("POST", "/api/v1/customers/x/users/batch/lookup", json={})
    laurel("PATCH", "/api/v1/nowhere", json={})
    assert [entry["kind"] for entry in mock.log()] == ["read", "write", "read", "write"]


def test_listening(mock: MockVendors, netex: Ask) -> None:
    assert netex("GET", "/users").status_code == 200
    mock.listening(netex=False)
    with pytest.raises(requests.ConnectionError):
        netex("GET", "/users")
    mock.listening(netex=True)
    assert netex("GET", "/users").status_code == 200


def test_latency(mock: MockVendors, netex: Ask) -> None:
    mock.latency(netex=0.2)
    start = time.monotonic()
    netex("GET", "/users")
    assert time.monotonic() - start >= 0.2


def test_reset(mock: MockVendors, netex: Ask) -> None:
    mock.seed({"netex": [{}]})
    mock.switch("netex", bad_token=403)
    mock.fault("netex", "revoke", times=1)
    mock.listening(learn=False)
    assert netex("GET", "/users").status_code == 403
    mock.reset()
    assert netex("GET", "/users").json() == []
    assert mock.switches()["netex"]["bad_token"] == 401
    assert len(mock.log()) == 1
    assert mock.faults() == []
    assert requests.get(mock.ready["learn"]["api_url"], timeout=20).status_code == 401


def test_wrong_orders_are_refused(mock: MockVendors) -> None:
    with pytest.raises(ValueError, match="no switch speed"):
        mock.switch("netex", speed=1)
    with pytest.raises(ValueError, match="is one of"):
        mock.switch("netex", bad_token=500)
    with pytest.raises(ValueError, match="unknown vendor"):
        mock.seed({"other": []})
    with pytest.raises(ValueError, match="two accounts"):
        mock.seed({"netex": [{"id": "1"}, {"id": "1"}]})


def test_population_is_plausible(mock: MockVendors) -> None:
    mock.population(customergauge=3, zitadel=3, laurel=3, netex=3, learn=3)
    state = mock.state()
    for vendor in ("customergauge", "laurel", "netex", "learn"):
        assert [row["email"] for row in state[vendor].values()] == [f"user{n:05d}@example.com" for n in (1, 2, 3)]
    assert len(state["zitadel"]) == 4


def test_environment(mock: MockVendors) -> None:
    variables = mock.environment(zitadel=("access_token",))
    assert variables["ZITADEL_ACCESS_TOKEN"] == mock.ready["zitadel"]["access_token"]
    assert "ZITADEL_CLIENT_SECRET" not in variables
    assert variables["LEARN_WEBHOOK_URL"].endswith("/webhooks")


def test_a_separate_process_with_seed_and_tls() -> None:
    with mock_package.start(seed={"netex": [{"username": "jane"}]}, tls=True) as mock:
        ready = mock.ready["netex"]
        url = ready["api_url"] + "/integration/ws/management/rest/users/jane"
        assert url.startswith("https://")
        with requests.Session() as session:
            session.trust_env = False
            headers = {"X-Cloud-Auth-Token": ready["auth_token"]}
            answer = session.get(url, headers=headers, verify=mock.ready["ca_path"], timeout=20)
            assert answer.json()["username"] == "jane"
            with pytest.raises(requests.exceptions.SSLError):
                session.get(url, headers=headers, timeout=20)


OF_THE_README = {"customergauge", "laurel", "learn", "netex", "scim", "zitadel"}


def test_every_switch_is_described(mock: MockVendors) -> None:
    """In the README; those of a vendor that was added since in its own file, by a comment above them."""
    folder = REPOSITORY / "tests" / "mock_vendors"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    switches = mock.switches()
    assert set(switches) >= OF_THE_README
    for vendor, names in switches.items():
        left = {name for name in names if f"`{name}`" not in readme}
        if vendor not in OF_THE_README:
            left -= commented((folder / f"{vendor}.py").read_text(encoding="utf-8"))
        assert left == set(), vendor


def commented(code: str) -> set[str]:
    """The keys of a dict, a line each, that stand below a comment or below another such key."""
    names: set[str] = set()
    is_described = False
    for line in map(str.strip, code.splitlines()):
        key = re.match(r'"(\w+)":', line)
        if key and is_described:
            names.add(key[1])
        is_described = line.startswith("#") or bool(key and is_described)
    return names


def test_a_switch_without_a_comment_is_not_described() -> None:
    assert commented('# What is open.\n"a": (1, 2),\n"b": (3, 4),\n**COMMON,\n"c": (5, 6),\n') == {"a", "b"}
