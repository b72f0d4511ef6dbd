# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The clauses of SECURITY.md against attackers, careless vendors and curious colleagues, a test for each.

| clause | here, and where else |
| --- | --- |
| no secret at -vvv --diff, in results, warnings, exceptions, invocation | test_no_secret_is_shown; every scene of all integration tests (harness/scenes.py) |
| no secret in process arguments | test_no_secret_is_in_process_arguments |
| no secret in evidence | test_no_secret_is_in_the_evidence |
| no secret stays on disk | test_no_secret_stays_on_disk |
| redirects carry nothing to another origin | test_redirects_are_not_followed, test_a_redirect_from_https_to_http; unit: test_http_wire.py |
| http refused but for loopback | test_invalid_options.py::test_bad_input ("Plain http"); unit: test_http_addresses.py |
| .netrc ignored | test_netrc_is_ignored |
| TLS | test_tls_is_checked, test_a_self_signed_server_gets_nothing |
| a proxy's password | test_the_password_of_a_proxy_is_not_shown |
| keys stay in their segment | test_keys_stay_in_their_segment, test_keys_that_are_none_are_refused |
| CSV cells do not run | test_no_cell_runs_in_a_spreadsheet; unit: test_reports.py::test_a_formula_is_a_text |
| HTML does not run | test_no_name_is_html_in_the_report; in a browser: test_report_in_browser.py::test_no_text_of_a_file_or_of_a_vendor_runs |
| 1 GB is cut off | test_a_response_of_one_gigabyte_is_cut_off |
| 0600 in a separate folder | test_files_are_for_their_owner_alone |
"""  # noqa: E501

from __future__ import annotations

import base64
import contextlib
import csv
import html
import json
import os
import re
import socket
import ssl
import stat
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest

from harness.credentials import credentials
from harness.play import hidden
from harness.playbook import Ansible, Run
from harness.scenes import Scene, play
from mock_vendors import client
from mock_vendors.catalog import MOCKS
from mock_vendors.client import MockVendors
from mock_vendors.tls import server_context

TENANTS = Path(__file__).parents[2] / "examples" / "tenants.yml"
VENDORS = ("customergauge", "zitadel", "laurel", "netex", "learn")
WITH_TOKENS = ("customergauge", "zitadel", "laurel", "learn")
LEARN_OAUTH = ("client_id", "client_secret")
JANE = {"email": "user00001@example.com"}
STATUSES = (301, 302, 303, 307, 308)
# Characters that are spelled otherwise in an address, in a form, in JSON and in HTML.
ODD = 'we/ird+%&="\\<sp ce>~\u00e9-'
ODD_TOKEN = 'tok/en+%&="\\<x>~-1f4b'


def spelled(secret: str) -> set[str]:
    """A secret in all the ways in which it may be written, as far as they do not occur by chance."""
    in_json = json.dumps(secret)[1:-1]
    quoted = {quote(secret, safe=""), quote_plus(secret)}
    forms = {secret, in_json, in_json.replace("/", r"\/"), *quoted, *(text.lower() for text in quoted)}
    forms |= {html.escape(secret), json.dumps(in_json)[1:-1]}
    return forms | {base64.b64encode(text.encode()).decode().rstrip("=") for text in (secret, f":{secret}")}


def assert_free(text: str, secrets: set[str], where: str) -> None:
    for secret in secrets:
        for form in spelled(secret):
            at = text.find(form)
            assert at < 0, f"{where}: a credential shows after: {text[max(0, at - 200) : at]}"


@dataclass
class Watch:
    """The processes of a run, seen from outside: their arguments, and the most memory that one of them took."""

    arguments: set[str] = field(default_factory=set)
    peak: int = 0
    """In KiB, of a Python process that runs a module."""

    @contextlib.contextmanager
    def watching(self, home: Path) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._look, args=(f"HOME={home}".encode(), over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look(self, mark: bytes, over: threading.Event) -> None:
        foreign: set[str] = set()
        while not over.wait(0.02):
            for name in os.listdir("/proc"):
                if not name.isdecimal() or name in foreign:
                    continue
                entry = Path("/proc", name)
                # A process may end while it is looked at, and root's are not for everybody.
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        self._note(entry)
                        continue
                foreign.add(name)

    def _note(self, entry: Path) -> None:
        arguments = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        self.arguments.add(arguments)
        found = re.search(r"VmHWM:\s+(\d+) kB", (entry / "status").read_text())
        if found and "AnsiballZ" in arguments:
            self.peak = max(self.peak, int(found[1]))


class Elsewhere:
    """Another origin on this machine. It keeps all that it gets, and says yes to it."""

    def __init__(self, context: ssl.SSLContext | None = None, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n{}") -> None:
        self._context, self._answer = context, answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.got: list[bytes] = []
        self.callers = 0
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Elsewhere:
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _address = self._socket.accept()
                self.callers += 1
                caller.settimeout(10)
                with caller, contextlib.suppress(OSError):
                    plain = self._context.wrap_socket(caller, server_side=True) if self._context else caller
                    self.got.append(plain.recv(65536))
                    plain.sendall(self._answer)


def module(vendor: str, name: str, **options: Any) -> dict[str, Any]:
    what = {"state": "deactivated", **({} if "users" in options else JANE), **options}
    return {"name": name, f"saas.offboarding.{vendor}_user": what, "ignore_errors": True}


# -- secrets


@dataclass(frozen=True)
class Exposed:
    """A run in which all went wrong in the most talkative way, and what was seen of it from outside."""

    run: Run
    secrets: set[str]
    arguments: set[str]
    home: Path


OPTION_SECRETS = {
    "customergauge": {"client_id": "me", "client_secret": ODD},
    "zitadel": {"client_id": "me", "client_secret": ODD},
    "laurel": {"client_id": "me", "client_secret": ODD},
    "netex": {"auth_token": ODD_TOKEN},
    "learn": {"api_secret": ODD},
}


def hide(vendor: str, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Options that take their values from the environment by template, and that environment."""
    names = {option: f"{vendor}_{option}_{len(values)}" for option in values}
    environment = {f"THE_{name.upper()}": values[option] for option, name in names.items()}
    return {option: hidden(name) for option, name in names.items()}, environment


@pytest.fixture(scope="module")
def exposed(mock_process: MockVendors, tmp_path_factory: pytest.TempPathFactory, collections_path: Path) -> Exposed:
    """Each vendor repeats what it was sent, in errors about tokens, reads and writes."""
    mock = mock_process
    mock.reset()
    mock.population(**dict.fromkeys(VENDORS, 3))
    ansible = Ansible(place=tmp_path_factory.mktemp("exposed"), collections=collections_path)
    scratch = ansible.place / "scratch"
    scratch.mkdir()
    tasks: list[dict[str, Any]] = []
    env = {**mock.environment(learn=LEARN_OAUTH), "TMPDIR": str(scratch)}
    for vendor in VENDORS:
        mock.fault(vendor, "echo_secret", kind="token", times=1)
        mock.fault(vendor, "echo_secret", kind="read", times=1, status=403)
        mock.fault(vendor, "echo_secret", kind="write", times=1)
        tasks += [module(vendor, f"{vendor}, {kind}") for kind in ("token", "read", "write")]
        options, values = hide(vendor, OPTION_SECRETS[vendor])
        env |= values
        tasks += [
            {**module(vendor, f"{vendor}, refused log-in", **options)},
            module(vendor, f"{vendor}, secret in the wrong place", **{**options, "state": list(options.values())[-1]}),
            module(vendor, f"{vendor}, unusable", **{**options, "timeout": 0}),
            module(vendor, f"{vendor}, unchecked", **{**options, "validate_certs": False}),
        ]
    # What was given by option meets the echo as well: any further token, and any read without one.
    for vendor in VENDORS:
        mock.fault(vendor, "echo_secret", kind="token", skip=2, status=401)
    mock.fault("netex", "echo_secret", kind="read", skip=2, status=401)
    mock.fault("learn_api", "echo_secret", kind="read", skip=3, status=401)
    key_options, values = hide("zitadel", {"key_content": mock.ready["zitadel"]["key_content"]})
    env |= values
    tasks.append(module("zitadel", "zitadel, key", client_id="", client_secret="", **key_options))
    watch = Watch()
    with watch.watching(ansible.place):
        run = ansible.run(tasks, verbosity=3, diff=True, env=env)
    assert run.rc == 0, str(run)
    secrets = credentials(mock) | {ODD, ODD_TOKEN}
    return Exposed(run, secrets, watch.arguments, ansible.place)


def test_no_secret_is_shown(exposed: Exposed) -> None:
    """At -vvv --diff: in no output, result, warning, exception, and not in the arguments that Ansible shows."""
    run = exposed.run
    assert sum("refused: " in json.dumps(task.result) for task in run.tasks) >= 12, "the vendors did not repeat it"
    assert all("module_args" in task.result["invocation"] for task in run.tasks)
    assert "Traceback" not in run.everything
    for what in ("stdout", "stderr", "record"):
        assert_free(getattr(run, what), exposed.secrets, what)
    for task in run.tasks:
        for part in ("warnings", "exception", "invocation", "msg", "diff", "users"):
            assert_free(json.dumps(task.result.get(part), ensure_ascii=False), exposed.secrets, f"{task.task}, {part}")


def test_no_secret_is_in_process_arguments(exposed: Exposed) -> None:
    assert any("AnsiballZ" in arguments or "ansible" in arguments for arguments in exposed.arguments)
    assert len(exposed.arguments) > 10, "the processes were not seen"
    for arguments in exposed.arguments:
        assert_free(arguments, exposed.secrets, "arguments")


def test_no_secret_stays_on_disk(exposed: Exposed) -> None:
    """What Ansible and the modules put down for a while is gone: copies of modules, notes on the progress."""
    assert list((exposed.home / "scratch").iterdir()) == []
    for path in (exposed.home / ".ansible").rglob("*"):
        if path.is_file():
            assert_free(path.read_bytes().decode("utf-8", "replace"), exposed.secrets, str(path))


# -- evidence

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "x;=1+1")
MARKUP = "<img src=x onerror=alert(1)>"
MAILS = [f"leaver{number}@example.com" for number in range(len(FORMULAS) + 1)]


@dataclass(frozen=True)
class Evidence:
    folder: Path
    secrets: set[str]

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def evidence(mock_process: MockVendors, tmp_path_factory: pytest.TempPathFactory, collections_path: Path) -> Evidence:
    """A run of all vendors with credentials by variable, people with names that would run, and vendors that repeat."""
    mock = mock_process
    mock.reset()
    names = [*FORMULAS, MARKUP]
    mock.seed(
        {
            "netex": [{"username": name, "email": MAILS[n]} for n, name in enumerate(names)],
            "learn": [{"ref": name, "email": MAILS[n]} for n, name in enumerate(names)],
            "zitadel": [{"username": MAILS[n]} for n, _name in enumerate(names)],
            "laurel": [{"email": MAILS[n]} for n, _name in enumerate(names)],
            "customergauge": [{"email": MAILS[n]} for n, _name in enumerate(names)],
        }
    )
    mock.fault("customergauge", "echo_secret", kind="token", times=1, status=401)
    for vendor in ("zitadel", "laurel", "netex", "learn"):
        mock.fault(vendor, "echo_secret", kind="write", skip=1, times=2, status=403)
    variables: dict[str, Any] = {name.lower(): value for name, value in mock.environment().items()}
    # The access token goes before the pair of the environment, which the role knows as well.
    variables["zitadel_access_token"] = mock.ready["zitadel"]["access_token"]
    variables |= {"zitadel_client_id": "", "zitadel_client_secret": ""}
    place = tmp_path_factory.mktemp("evidence")
    ansible = Ansible(place=place, collections=collections_path)
    variables["offboard_report_dir"] = str(place / "reports")
    variables["offboard_reason"] = MARKUP
    variables["offboard_leavers"] = [
        {"email": MAILS[n], "accounts": {"netex": {"username": name}, "learn": {"ref": name}}}
        for n, name in enumerate(names)
    ]
    before = os.umask(0)
    try:
        run = ansible.run("saas.offboarding.offboard", inventory=TENANTS, extra_vars=variables, verbosity=3, diff=True)
    finally:
        os.umask(before)
    assert run.rc == 2, str(run)
    secrets = credentials(mock)
    assert_free(run.everything, secrets, "output")
    assert "AnsiballZ_" not in run.everything, "a module with its credentials in it was put on the disk"
    (folder,) = (place / "reports").iterdir()
    return Evidence(folder, secrets)


def test_no_secret_is_in_the_evidence(evidence: Evidence) -> None:
    files = sorted(str(path.relative_to(evidence.folder)) for path in evidence.folder.rglob("*") if path.is_file())
    journals = [f"journal/{vendor}.jsonl" for vendor in sorted(MOCKS)]
    assert files == ["evidence.csv", "evidence.json", *journals, "junit.xml", "report.html"]
    assert evidence.read("evidence.json").count("refused: ") >= 8, "the vendors did not repeat it"
    for name in files:
        assert_free(evidence.read(name), evidence.secrets, name)


def test_files_are_for_their_owner_alone(evidence: Evidence) -> None:
    """In a folder of the run's own, also where the umask would let everybody in."""
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in evidence.folder.rglob("*")}
    assert modes == {(False, 0o600), (True, 0o700)}
    assert stat.S_IMODE(evidence.folder.stat().st_mode) == 0o700
    assert evidence.folder.parent.name == "reports"


def test_no_cell_runs_in_a_spreadsheet(evidence: Evidence) -> None:
    rows = list(csv.reader(evidence.read("evidence.csv").splitlines()))
    cells = [cell for row in rows for cell in row]
    for formula in FORMULAS[:-1]:
        assert f"'{formula}" in cells
    assert "x;'=1+1" in cells
    for separator in (",", ";", "\t"):
        parted = csv.reader(evidence.read("evidence.csv").splitlines(), delimiter=separator)
        for cell in (cell.lstrip(' "') for row in parted for cell in row):
            assert not cell.startswith(("=", "+", "@")), cell
            assert not cell.startswith("-") or cell.lstrip("-").isdecimal(), cell


def test_no_name_is_html_in_the_report(evidence: Evidence) -> None:
    page = evidence.read("report.html")
    assert html.escape(MARKUP) in page
    # In the data for the script no character can end their element, or begin another one.
    assert MARKUP.replace("<", r"\u003c").replace(">", r"\u003e") in page
    assert "<img" not in page
    assert MARKUP not in page


# -- redirects


def test_redirects_are_not_followed(ansible: Ansible, mock: MockVendors) -> None:
    """All statuses, for tokens, reads and writes of each vendor, to another origin by either form and to the same."""
    with Elsewhere() as elsewhere:
        places = [f"http://{elsewhere.host}/v2/users", f"//{elsewhere.host}/oauth", f"http://{elsewhere.host}"]
        scenes: list[Scene] = []

        def scene(vendor: str, kind: str, statuses: Sequence[int], location: str) -> None:
            users = [{"email": f"user{number:05}@example.com"} for number, _status in enumerate(statuses, 1)]
            faults = [
                {"action": "redirect", "kind": kind, "times": 1, "status": status, "location": location}
                for status in statuses
            ]
            scenes.append(
                Scene(
                    f"{vendor}, {kind}, {statuses} to {location}",
                    f"{vendor}_user",
                    {"state": "deactivated", "users": users, "concurrency": 1},
                    population={vendor: len(STATUSES)},
                    faults=faults,
                )
            )

        for number, vendor in enumerate(VENDORS):
            scene(vendor, "write", STATUSES, places[number % 3])
            if vendor != "customergauge":
                for turn in range(2):
                    scene(vendor, "read", [STATUSES[(number + 2 * turn) % 5]], places[(number + turn) % 3])
            if vendor in WITH_TOKENS:
                for turn, status in enumerate(STATUSES):
                    scene(vendor, "token", [status], places[turn % 3])
        for kind in ("read", "write"):
            scene("netex", kind, [308], "/integration/ws/management/rest/users/elsewhere")
        played = play(ansible, mock, scenes, env=mock.environment(learn=LEARN_OAUTH))
        assert (elsewhere.callers, elsewhere.got) == (0, [])
    for name, one in played.items():
        kind = name.split(", ")[1]
        for user in one.result.users:
            assert user["outcome"] == "failed", name
            assert "Redirects are not followed" in user["error"]["message"], name
        hit = one.requests(kind)
        assert len(hit) == (len(one.result.users) if kind == "write" else 1), name
        assert [request for request in one.log if "elsewhere" in request["path"]] == []
        if kind != "write":
            assert one.writes == [], name


# -- .netrc and proxies


def test_netrc_is_ignored(ansible: Ansible, mock: MockVendors) -> None:
    """Neither the one at home nor the one that NETRC names replaces a credential, or adds one to a token request."""
    mock.population(**dict.fromkeys(VENDORS, 3))
    text = "machine 127.0.0.1 login netrc-user password netrc-secret\ndefault login netrc-user password netrc-secret\n"
    for name in (".netrc", "other"):
        (ansible.place / name).write_text(text)
        (ansible.place / name).chmod(0o600)
    env = {**mock.environment(learn=LEARN_OAUTH), "NETRC": str(ansible.place / "other")}
    by_home = {key: value for key, value in env.items() if key != "NETRC"}
    tasks = [module(vendor, vendor) for vendor in VENDORS]
    for variables in (env, by_home):
        run = ansible.run(tasks, env=variables)
        assert all(task.ok for task in run.tasks), str(run)
    log = mock.log()
    assert {request["vendor"] for request in log} == set(VENDORS)
    foreign = base64.b64encode(b"netrc-user:netrc-secret").decode()
    assert not any(foreign in value for request in log for value in request["headers"].values())
    assert all("Authorization" not in request["headers"] for request in mock.log("token", "laurel"))


def test_a_secret_in_the_wrong_place_is_not_shown(ansible: Ansible) -> None:
    """A misspelt option, and a password in an address: Ansible itself hides neither."""
    user = {"email": "jane@example.com", "state": "deactivated"}
    tasks = [
        {"saas.offboarding.netex_user": {**user, "api_url": "https://x.example.com", "auth_tokn": hidden("token")}},
        {"saas.offboarding.netex_user": {**user, "api_url": hidden("address"), "auth_token": "abc"}},
    ]
    env = {"THE_TOKEN": ODD_TOKEN, "THE_ADDRESS": "https://jane:pass-8d1f@x.example.com"}
    run = ansible.run([{**task, "ignore_errors": True} for task in tasks], diff=True, verbosity=3, env=env)
    assert [task.failed for task in run.tasks] == [True, True]
    assert "auth_tokn" in run.everything
    assert "must not hold a user name or a password" in run.everything
    assert_free(run.everything, {ODD_TOKEN, "pass-8d1f"}, "a task with wrong options")


def test_the_password_of_a_proxy_is_not_shown(ansible: Ansible, mock: MockVendors) -> None:
    """And what is for the vendor is not for the proxy."""
    with Elsewhere(answer=b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as proxy:
        env = {"HTTPS_PROXY": f"http://proxy-user:proxy-secret@{proxy.host}", "THE_TOKEN": ODD_TOKEN}
        options = {"api_url": "https://login.example.com", "access_token": hidden("token"), "retries": 0}
        run = ansible.run([module("zitadel", "by proxy", **options)], env=env, verbosity=3, diff=True)
        assert proxy.callers > 0
        sent = b"".join(proxy.got)
    assert sent.startswith(b"CONNECT login.example.com:443")
    assert_free(sent.decode(), {ODD_TOKEN}, "proxy")
    assert "proxy" in run.result("by proxy").msg
    assert_free(run.everything, {"proxy-secret", "proxy-user:proxy-secret", ODD_TOKEN}, "output")


# -- TLS


@pytest.fixture(scope="module")
def secure_mock() -> Iterator[MockVendors]:
    with client.start(tls=True) as mock:
        yield mock


def test_tls_is_checked(ansible: Ansible, secure_mock: MockVendors) -> None:
    mock = secure_mock
    mock.reset()
    mock.population(**dict.fromkeys(VENDORS, 6))
    authority = mock.ready["ca_path"]
    broken = ansible.place / "broken.pem"
    broken.write_text("no certificate")
    refused = [module(vendor, f"{vendor}, by default") for vendor in VENDORS]
    wrong_name = {"api_url": mock.ready["netex"]["api_url"].replace("127.0.0.1", "127.1")}
    refused += [
        module("netex", "wrong name", **wrong_name, ca_path=authority),
        module("netex", "broken authority", ca_path=str(broken), retries=0),
    ]
    trusted = [module(vendor, f"{vendor}, ca_path", ca_path=authority) for vendor in VENDORS]
    unchecked = [module(vendor, f"{vendor}, unchecked", validate_certs=False) for vendor in VENDORS]
    bundle = {**module("netex", "bundle of the environment"), "environment": {"REQUESTS_CA_BUNDLE": authority}}
    first = ansible.run(refused, env=mock.environment())
    assert mock.log() == []
    for task in first.tasks:
        assert task.failed
        assert not task.changed
        assert ("The certificate of" in task.msg) == (task.task != "broken authority"), task.msg
    for vendor in VENDORS:
        assert "set ca_path" in first.result(f"{vendor}, by default").msg
    assert "not valid for '127.1'" in first.result("wrong name").msg
    assert "The encrypted connection to" in first.result("broken authority").msg
    second = ansible.run([*trusted, *unchecked, bundle], env=mock.environment())
    assert all(task.ok for task in second.tasks), str(second)
    for vendor in VENDORS:
        assert second.result(f"{vendor}, ca_path").outcomes == ["changed"]
        assert second.result(f"{vendor}, ca_path").warnings == []
        assert any("validate_certs" in text for text in second.result(f"{vendor}, unchecked").warnings)


def test_a_redirect_from_https_to_http(ansible: Ansible, secure_mock: MockVendors) -> None:
    mock = secure_mock
    mock.reset()
    mock.population(netex=3, zitadel=3)
    with Elsewhere() as elsewhere:
        mock.fault("netex", "redirect", kind="read", status=307, location=f"http://{elsewhere.host}/")
        mock.fault("zitadel", "redirect", kind="token", status=308, location=f"http://{elsewhere.host}/")
        tasks = [module(vendor, vendor, ca_path=mock.ready["ca_path"]) for vendor in ("netex", "zitadel")]
        run = ansible.run(tasks, env=mock.environment())
        assert elsewhere.callers == 0
    assert all(task.failed and "Redirects are not followed" in task.msg for task in run.tasks), str(run)


def test_a_self_signed_server_gets_nothing(ansible: Ansible, mock: MockVendors, tmp_path: Path) -> None:
    context, _authority = server_context(tmp_path)
    with Elsewhere(context) as elsewhere:
        names = ("api_url", "token_url")
        env = {
            name: f"https://{elsewhere.host}{urlsplit(value).path}" if name.lower().endswith(names) else value
            for name, value in mock.environment().items()
        }
        run = ansible.run([module(vendor, vendor) for vendor in VENDORS], env=env)
        assert elsewhere.callers >= len(VENDORS)
        assert b"".join(elsewhere.got) == b""
    assert all(task.failed and "The certificate of" in task.msg for task in run.tasks), str(run)


# -- keys

AWKWARD = (
    "a/b",
    "../users",
    "a/../../b",
    "%2e%2e",
    "..%2f..",
    "a%2Fb",
    "a?b=c",
    "a#b",
    "a;b",
    "a\\b",
    "a b",
    "a:b@c",
    "//evil.example.com",
    "caf\u00e9",
    "x" * 200,
)
PATHS = {
    ("zitadel", "user_id"): "/v2/users",
    ("laurel", "user_id"): "/api/v1/customers/{customer_id}/users",
    ("netex", "user_id"): "/integration/ws/management/rest/users",
    ("netex", "username"): "/integration/ws/management/rest/users",
    ("learn", "ref"): "/rest/v1/users/ref",
    ("learn", "user_id"): "/rest/v1/user",
}


def test_keys_stay_in_their_segment(ansible: Ansible, mock: MockVendors) -> None:
    scenes = [
        Scene(
            f"{vendor}, {option}",
            f"{vendor}_user",
            {"state": "absent", "users": [{option: key} for key in AWKWARD]},
            population={vendor: 3},
        )
        for vendor, option in PATHS
    ]
    # What names an account in a body or in a query has no way into the path.
    odd_mail = "a/b?c#d&e=f@example.com"
    named: dict[str, dict[str, Any]] = {
        "customergauge": {"email": odd_mail},
        "zitadel": {"email": odd_mail},
        "laurel": {"identity": {"type": "azure", "value": "../a?b#c"}},
        "netex": {"email": odd_mail},
        "learn": {"email": odd_mail},
    }
    paths = {"/v5/user-manager/users/disable", "/v2/users", "/rest/v1/users", "/integration/ws/management/rest/users"}
    users = "/api/v1/customers/{customer_id}/users".format(**mock.ready["laurel"])
    zitadel = {"/auth/v1/memberships/me/_search", "/auth/v1/permissions/zitadel/me/_search", "/v2/sessions/search"}
    paths |= {users, f"{users}/batch/lookup", "/auth/v1/users/me", *zitadel}
    named_scenes = [
        Scene(f"{vendor}, named", f"{vendor}_user", {"state": "deactivated", **key}, population={vendor: 3})
        for vendor, key in named.items()
    ]
    played = play(ansible, mock, [*scenes, *named_scenes])
    for (vendor, option), path in PATHS.items():
        one = played[f"{vendor}, {option}"]
        root = path.format(**mock.ready[vendor])
        single = [request["path"] for request in one.reads if request["path"].startswith(f"{root}/")]
        keys = {f"{root}/{quote(key, safe='')}" for key in AWKWARD}
        assert keys <= set(single), option
        # The last user of a list is read alone, which proves that a missing user would be found.
        proofs = {path.rpartition("/")[2] for path in set(single) - keys}
        assert len(proofs) <= 1
        assert all(name.isalnum() for name in proofs), option
        others = {request["path"].partition("?")[0] for request in one.log if request["path"] not in single}
        others -= zitadel
        assert others <= {"/v2/users", "/oauth/v2/token", "/api/v1/oauth/token", "/rest/v1/users", users, root}
        # Laurel refuses texts that cannot be one of its ids.
        outcome = "failed" if vendor == "laurel" else "unchanged"
        assert one.result.outcomes == [outcome] * len(AWKWARD), f"{vendor}, {option}: {one.result.msg}"
        assert one.writes == []
    for vendor in named:
        one = played[f"{vendor}, named"]
        called = {call.split()[1].partition("?")[0] for call in one.calls}
        # The last user of a list is read alone by its id, which proves that a missing user would be found.
        assert {path for path in called if not re.fullmatch("[0-9a-f]{24,32}", path.rpartition("/")[2])} <= paths
        assert one.outcome == "missing"


REFUSED = {
    "a line end": "a\r\nX-Injected: 1@example.com",
    "a line feed": "a\n@example.com",
    "300 characters": "x" * 288 + "@example.com",
    "right to left": "gro.elpmaxe@\u202eenaj",
    "nothing": "\x00@example.com",
}


def test_keys_that_are_none_are_refused(ansible: Ansible, mock: MockVendors) -> None:
    options = [*PATHS, ("customergauge", "email"), ("zitadel", "login_name"), ("zitadel", "email")]
    tasks = [
        {
            "name": f"{vendor} {option} {name}",
            f"saas.offboarding.{vendor}_user": {"state": "deactivated", option: key},
            "ignore_errors": True,
        }
        for number, (vendor, option) in enumerate(options)
        for name, key in {**REFUSED, "a path": ".."}.items()
        # Every option gets those that break a line, and one of the others.
        if name in ("a line end", list(REFUSED)[2 + number % 3]) or (name == "a path" and option != "email")
    ]
    mock.clear_log()
    run = ansible.run(tasks, env=mock.environment())
    assert len(run.tasks) == len(tasks)
    for task in run.tasks:
        assert task.failed, task.task
        assert task.task.split()[1] in task.msg, task.msg
    assert mock.log() == []


# -- size


def test_a_response_of_one_gigabyte_is_cut_off(ansible: Ansible, mock: MockVendors) -> None:
    """By itself and packed, in answers, in refusals and from token endpoints: in little memory and little time."""
    mock.population(**dict.fromkeys(VENDORS, 3))
    mock.fault("netex", "big", kind="read", times=1)
    mock.fault("learn", "big", kind="read", times=1, gzip=True)
    mock.fault("zitadel", "big", kind="token", times=1)
    mock.fault("laurel", "big", kind="token", times=1, gzip=True)
    mock.fault("customergauge", "big", kind="write", times=1, status=400, gzip=True)
    watch = Watch()
    begun = time.monotonic()
    with watch.watching(ansible.place):
        run = ansible.run([module(vendor, vendor) for vendor in VENDORS], env=mock.environment())
    assert time.monotonic() - begun < 60
    for vendor, limit in {"netex": "128 MiB", "learn": "128 MiB", "zitadel": "1 MiB", "laurel": "1 MiB"}.items():
        assert f"is larger than {limit} and was cut off" in run.result(vendor).msg, run.result(vendor).msg
    assert "answered 400" in run.result("customergauge").msg
    assert {request["fault"] for request in mock.log() if request["vendor"] in ("netex", "zitadel")} == {
        "big, cut by the client"
    }
    assert 0 < watch.peak < 400 * 1024, watch.peak
