# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The recipes of docs/docsite/rst/recipes.rst, with the collections of others, against doubles of what they talk to.

Jira and the mail server are doubles of this file; the object store is moto. The collection servicenow.itsm is part of
no package that can be had without Galaxy: its recipe is held against the options that it documents.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import socketserver
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
import requests
import yaml

from demo.story import account
from harness.examples import proved_by
from harness.playbook import Ansible, Run
from harness.rulebook import free_port
from harness.tree import REPOSITORY
from harness.venvs import venv
from mock_vendors.client import MockVendors
from mock_vendors.tls import server_context

PAGE = "docs/docsite/rst/recipes.rst"
OTHERS = REPOSITORY / ".cache" / "collections"
BUCKET = "example-offboarding-evidence"
TICKET = "HR-4711"
PEOPLE = ("leaver01@example.com", "leaver05@example.com")
SECRETS = {
    f"vault_{name}_{part}": f"{name}-{part}-0815" for name in ("jira", "smtp") for part in ("username", "password")
}
TRANSITIONS = {"transitions": [{"id": "31", "name": "Done"}]}


class Jira(ThreadingHTTPServer):
    """Keeps what is posted, by the last part of its path, if the log-in is right."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), JiraHandler)
        self.posted: list[tuple[str, dict[str, Any]]] = []


class JiraHandler(BaseHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass

    def _answer(self, status: int, content: Mapping[str, Any] | None) -> None:
        login = f"{SECRETS['vault_jira_username']}:{SECRETS['vault_jira_password']}"
        if self.headers["Authorization"] != f"Basic {base64.b64encode(login.encode()).decode()}":
            status, content = 401, {}
        self.send_response(status)
        body = json.dumps(content).encode() if content is not None else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        known = self.path == f"/rest/api/2/issue/{TICKET}/transitions"
        self._answer(200 if known else 404, TRANSITIONS if known else {})

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        issue, _slash, what = self.path.removeprefix("/rest/api/2/issue/").partition("/")
        if issue != TICKET:
            return self._answer(404, {})
        cast(Jira, self.server).posted.append((what, json.loads(text)))
        return self._answer(201, {"id": "1"}) if what == "comment" else self._answer(204, None)


class Smtp(socketserver.ThreadingTCPServer):
    """A mail server that takes mail over TLS, from those who logged in."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), SmtpHandler)
        self.context, _authority = server_context(folder)
        self.mails: list[Message] = []

    def handle_error(self, *_args: object) -> None:
        """A client that tries TLS at once ends the connection."""


class SmtpHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast(Smtp, self.server)
        safe = logged_in = False
        self._send("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb, _space, rest = line.partition(" ")
            if verb == "ehlo":
                self._send("250-here", "250 AUTH PLAIN" if safe else "250 STARTTLS")
            elif verb == "STARTTLS":
                self._send("220 go on")
                self.request = server.context.wrap_socket(self.request, server_side=True)
                self.setup()
                safe = True
            elif verb == "AUTH":
                login = base64.b64decode(rest.split()[1]).decode().split("\0")[1:]
                logged_in = login == [SECRETS["vault_smtp_username"], SECRETS["vault_smtp_password"]]
                self._send("235 ok" if logged_in else "535 no")
            elif verb == "data" and safe and logged_in:
                self._send("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                server.mails.append(message_from_bytes(b"".join(each.removeprefix(b".") for each in lines)))
                self._send("250 ok")
            else:
                self._send("250 ok")

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _send(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def object_store() -> Iterator[str]:
    """The address of a double of S3."""
    port = free_port()
    process = subprocess.Popen(
        [str(venv("recipes") / "bin" / "moto_server"), "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _try in range(300):
            try:
                requests.get(f"{address}/moto-api/", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


@dataclass
class Office:
    """What the recipes talk to, and the commands that run them."""

    ansible: Ansible
    mock: MockVendors
    jira: Jira
    smtp: Smtp
    store: str
    books: dict[str, Path] = field(default_factory=dict)

    @property
    def aws(self) -> dict[str, str]:
        login = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-central-1"}
        return {"AWS_ENDPOINT_URL": self.store, "AWS_EC2_METADATA_DISABLED": "true", **login}

    def read(self, text: str) -> Any:
        """An example of the page with the addresses of the doubles."""
        text = text.replace("https://example.atlassian.net", f"http://127.0.0.1:{self.jira.server_address[1]}")
        text = text.replace("smtp.example.com", "127.0.0.1").replace(
            "port: 587", f"port: {self.smtp.server_address[1]}"
        )
        return yaml.safe_load(text)

    def run(self, book: str, *arguments: str, **variables: object) -> Run:
        hosts = {name: {"saas_vendor": name} for name in ("netex", "zitadel")}
        python = {"ansible_python_interpreter": str(venv("recipes") / "bin" / "python")}
        here = {"hosts": {"localhost": {"ansible_connection": "local"}}}
        return self.ansible.run(
            str(self.books[book]),
            inventory={"all": {"children": {"saas": {"hosts": hosts}, "here": here}, "vars": python}},
            arguments=arguments,
            extra_vars={**SECRETS, **variables},
            env={
                **self.mock.environment(),
                **self.aws,
                "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join((str(self.ansible.collections), str(OTHERS))),
                "NO_PROXY": "127.0.0.1",
            },
        )

    def ask_store(self, code: str) -> Any:
        """What Python code prints that has a client of the object store as `s3`."""
        head = f"import boto3, json; s3 = boto3.client('s3'); bucket = {BUCKET!r}\n"
        done = subprocess.run(
            [str(venv("recipes") / "bin" / "python"), "-c", head + code],
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.ansible.place), **self.aws},
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def office(ansible: Ansible, mock: MockVendors) -> Iterator[Office]:
    assert (OTHERS / "ansible_collections" / "amazon" / "aws").is_dir(), (
        "the collections of others are missing: make awx"
    )
    jira, smtp = Jira(), Smtp(ansible.place)
    with served(jira), served(smtp), object_store() as store:
        yield Office(ansible, mock, jira, smtp, store)


LOCKED = """
kept = {}
for each in s3.list_object_versions(Bucket=bucket)["Versions"]:
    one = {"Bucket": bucket, "Key": each["Key"], "VersionId": each["VersionId"]}
    try:
        s3.delete_object(**one)
        deleted = True
    except s3.exceptions.ClientError as exc:
        deleted = exc.response["Error"]["Code"] != "AccessDenied"
    kept[each["Key"]] = [s3.head_object(**one).get("ObjectLockMode"), deleted]
print(json.dumps(kept))
"""


def test_the_recipes_report_a_run(office: Office) -> None:
    """Of a run of which one tenant fails, and of the next one, which closes what was left."""
    play, command, *rest = proved_by("test_the_recipes_report_a_run", PAGE)
    recipes = [task for example in rest for task in office.read(example.text)]
    (bucket,) = [task for task in recipes if "amazon.aws.s3_bucket" in task]
    recipes.remove(bucket)
    assert len(recipes) == 4
    (book,) = office.read(play.text)
    book["tasks"][0]["always"] += recipes
    for name, content in (
        ("offboard.yml", book),
        ("bucket.yml", {"hosts": "localhost", "gather_facts": False, "tasks": [bucket]}),
    ):
        office.books[name] = office.ansible.place / name
        office.books[name].write_text(yaml.safe_dump([content], sort_keys=False), encoding="utf-8")
    program, _i, _inventory, name, *given = shlex.split(next(command.commands()))
    assert (program, name, given.pop()) == ("ansible-playbook", "offboard.yml", "--ask-vault-pass")
    leavers = office.ansible.place / "leavers.csv"
    leavers.write_text("\n".join(("email", *PEOPLE)), encoding="utf-8")
    reports = office.ansible.place / "reports"
    here = {"leavers.csv": str(leavers), "reports": str(reports)}
    arguments = [
        f"{option}={here.get(value, value)}" if value else word
        for word in given
        for option, _equals, value in [word.partition("=")]
    ]
    office.mock.seed({vendor: [account(vendor, each) for each in PEOPLE] for vendor in ("netex", "zitadel")})

    made = office.run("bucket.yml")
    office.mock.fault("netex", "status", kind="write", status=403, times=1)
    failed, done = [office.run("offboard.yml", *arguments) for _run in range(2)]

    assert (made.rc, failed.rc, done.rc) == (0, 2, 0), f"{made}\n{failed}\n{done}"
    first, second = [run.result("Show the result").result["offboard_result"] for run in (failed, done)]
    assert [first["outcome"], second["outcome"]] == ["failed", "ok"]
    assert [what for what, _content in office.jira.posted] == ["comment", "comment", "transitions"]
    comments = [content["body"] for what, content in office.jira.posted if what == "comment"]
    (at_fault,) = first["failed"]
    assert comments[0].splitlines() == [
        f"Run {first['run_id']}: failed",
        "netex: 1 closed, 0 already closed, 1 failed",
        "zitadel: 2 closed, 0 already closed, 0 failed",
        f"Failed: {at_fault}",
        f"Evidence: {first['folder']}, seal {first['seal']}",
    ]
    assert "Failed: none" in comments[1].splitlines()
    assert office.jira.posted[-1][1]["transition"]["id"] == "31"
    assert [str(make_header(decode_header(mail["Subject"]))) for mail in office.smtp.mails] == [
        f"Offboarding {result['run_id']}: {result['outcome']}" for result in (first, second)
    ]
    for mail, result in zip(office.smtp.mails, (first, second), strict=True):
        _body, attached = cast("list[Message]", mail.get_payload())
        assert attached.get_payload(decode=True) == Path(result["folder"], "report.html").read_bytes()
    files = {
        f"{path.parent.name if path.parent.name != 'journal' else f'{path.parents[1].name}/journal'}/{path.name}"
        for path in reports.rglob("*")
        if path.is_file()
    }
    assert office.ask_store(LOCKED) == {name: ["COMPLIANCE", False] for name in files}
    passwords = [value for name, value in SECRETS.items() if name.endswith("password")]
    assert [secret for secret in passwords for run in (failed, done) if secret in run.everything] == []


INCIDENT = (
    *("instance", "sys_id", "number", "attachments", "incident_mapping", "state", "hold_reason", "caller"),
    *("short_description", "description", "impact", "urgency", "close_code", "close_notes", "other"),
)
"""The options of servicenow.itsm.incident 2.7.0, as its documentation has them."""
STAND_IN = """\
from ansible.module_utils.basic import AnsibleModule

DICTS = ("instance", "incident_mapping", "other")
spec = {{name: dict(type="dict" if name in DICTS else "str") for name in {options}}}
module = AnsibleModule(spec)
module.exit_json(given={{name: value for name, value in module.params.items() if value}})
"""


def test_the_recipe_for_servicenow_has_options_that_are_documented(ansible: Ansible) -> None:
    (example,) = proved_by("test_the_recipe_for_servicenow_has_options_that_are_documented", PAGE)
    modules = ansible.place / "stand-in" / "ansible_collections" / "servicenow" / "itsm" / "plugins" / "modules"
    modules.mkdir(parents=True)
    (modules / "incident.py").write_text(STAND_IN.format(options=INCIDENT), encoding="utf-8")
    result = {"run_id": "r1", "outcome": "ok", "folder": "/f", "seal": "sha256:1", "failed": [], "refused": []}
    run = ansible.run(
        example.data,
        extra_vars={"offboard_result": result, "offboard_ticket": "INC0000001"},
        env={"ANSIBLE_COLLECTIONS_PATH": str(ansible.place / "stand-in")},
    )

    assert run.rc == 0, run
    comment, resolve = [task.result["given"] for task in run.tasks]
    assert comment["number"] == resolve["number"] == "INC0000001"
    assert comment["other"] == {"work_notes": "Run r1: ok. Failed: none. Evidence: /f, seal sha256:1"}
    assert (resolve["state"], resolve["close_code"]) == ("resolved", "Solved (Permanently)")
