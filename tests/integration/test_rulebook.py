# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The real ansible-rulebook: an HTTP request of an HR system, and what it starts.

That nothing was started is known when the run of a later event has come to its end: runs follow one another, in the
order of the events.
"""

from __future__ import annotations

import csv
import json
import runpy
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from awx.rules import answer_faults, not_accepted
from demo.story import account, address, closed_at
from harness.credentials import credentials
from harness.debian import provide
from harness.examples import Example, proved_by
from harness.playbook import Ansible, clean_environment
from harness.rulebook import PATIENCE, TOKEN_VARIABLE, Rulebook, Webhook, free_port, rulebook
from harness.tree import REPOSITORY
from harness.venvs import venv
from mock_vendors.client import MockVendors
from mock_vendors.tls import server_context

RULEBOOKS = REPOSITORY / "extensions" / "eda" / "rulebooks"
AWX_RULEBOOKS = ("leavers_awx.yml", "leavers_awx_workflow.yml")
LAUNCHED = ("Offboarding: offboard", "Offboarding: plan, approve, apply")
SCHEDULED = "Offboarding: schedule"
GUIDE = "docs/docsite/rst/events.rst"
FILTER = "extensions/eda/plugins/event_filter/leaver.py"

PAST = "2026-01-31T18:00:00+01:00"
FUTURE = "2999-01-01T00:00:00Z"
PEOPLE = [f"left{number}@example.com" for number in range(7)]

Event = dict[str, Any]


@dataclass(frozen=True)
class Office:
    """ansible-rulebook at its work, and the evidence of the runs that it has started."""

    running: Rulebook
    webhook: Webhook

    @property
    def bait(self) -> Path:
        """A file that exists if a text of an event was taken for an expression."""
        return self.running.place / "bait"

    @property
    def expression(self) -> str:
        return f"{{{{ lookup('ansible.builtin.pipe', 'touch {self.bait}') }}}}"

    def evidence(self) -> list[dict[str, Any]]:
        """What each run so far has left, in the order of the runs."""
        files = (self.running.place / "reports").glob("*/evidence.json")
        documents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return sorted(documents, key=lambda each: str(each["finished"]))

    @property
    def registered(self) -> dict[str, str]:
        """The leave time of each leaver of the register."""
        path = self.running.place / "leavers.csv"
        if not path.exists():
            return {}
        with path.open(encoding="utf-8", newline="") as stream:
            return {row["email"]: row["leave_at"] for row in csv.DictReader(stream)}

    def registered_until(self, email: str, leave_at: str | None) -> None:
        """Wait until a leaver has a leave time in the register, or is not in it."""
        deadline = time.monotonic() + PATIENCE
        while self.registered.get(email) != leave_at:
            assert self.running.process.poll() is None, self.running.output
            assert time.monotonic() < deadline, f"{email} is not registered for {leave_at}:\n{self.running.output}"
            time.sleep(0.05)

    def runs(self) -> list[dict[str, str]]:
        """The outcomes of the leavers in each run so far."""
        return [{record["email"]: record["outcome"] for record in each["records"]} for each in self.evidence()]

    def runs_until(self, email: str, outcome: str) -> list[dict[str, str]]:
        """All runs so far, once there is one with this outcome."""
        deadline = time.monotonic() + PATIENCE
        while {email: outcome} not in (found := self.runs()):
            assert self.running.process.poll() is None, self.running.output
            assert time.monotonic() < deadline, f"no run in which {email} is {outcome}:\n{self.running.output}"
            time.sleep(0.05)
        return found


def leaves(email: str, leave_at: str = PAST, **more: Any) -> Event:
    return {"leaver": {"email": email, "leave_at": leave_at}, **more}


def withdrawn(email: str) -> Event:
    return {"leaver": {"email": email}, "withdrawn": True}


def closed(mock: MockVendors) -> set[str]:
    return closed_at("zitadel", mock.state("zitadel"))


@dataclass(frozen=True)
class Service:
    """The service that the guide describes: its unit file, the file of its environment, and its inventory."""

    unit: Example
    environment: Example
    inventory: Example

    @classmethod
    def of_guide(cls) -> Service:
        environment, inventory, unit = proved_by("test_the_service_of_the_guide_is_one", GUIDE)
        return cls(unit, environment, inventory)

    def section(self, name: str) -> dict[str, list[str]]:
        """The settings of a section of the unit file, which can come more than once."""
        found: dict[str, list[str]] = {}
        inside = False
        for line in self.unit.text.replace("\\\n", " ").splitlines():
            if line.startswith("["):
                inside = line == f"[{name}]"
            elif inside and line:
                key, mark, value = line.partition("=")
                assert mark, f"{line!r} sets nothing"
                found.setdefault(key, []).append(value)
        return found

    @property
    def command(self) -> list[str]:
        (command,) = self.section("Service")["ExecStart"]
        return shlex.split(command)

    def option(self, name: str) -> str:
        return self.command[self.command.index(name) + 1]

    @property
    def variables(self) -> list[str]:
        """The names of the environment variables that the file sets."""
        return list(settings(self.environment))


def settings(example: Example) -> dict[str, str]:
    """What a file of environment variables sets."""
    lines = [line for line in example.text.splitlines() if line and not line.startswith("#")]
    assert all("=" in line for line in lines), example
    return dict(line.split("=", 1) for line in lines)


def path_of(example: Example) -> str:
    """The path that the first line of a file names."""
    return example.text.splitlines()[0].removeprefix("# ").split(",")[0]


@pytest.fixture(scope="module")
def office(
    mock_process: MockVendors, collections_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The service of the guide, for all tests: it takes longer to start than a run."""
    place = tmp_path_factory.mktemp("rulebook")
    webhook = Webhook(free_port(), secrets.token_hex(16))
    service = Service.of_guide()
    inventory = service.inventory.data
    inventory["saas"]["vars"]["offboard_report_dir"] = str(place / "reports")
    inventory["all"]["vars"]["offboard_register_file"] = str(place / "leavers.csv")
    login = {**mock_process.environment(zitadel=("access_token",)), TOKEN_VARIABLE: webhook.token}
    with rulebook(
        place,
        collections_path,
        service.option("--rulebook"),
        "--env-vars",
        service.option("--env-vars"),
        variables={"offboard_webhook_port": webhook.port},
        env={name: login[name] for name in service.variables},
        inventory=inventory,
    ) as running:
        yield Office(running, running.wait(webhook))


@pytest.fixture
def tenant(mock: MockVendors) -> MockVendors:
    mock.seed({"zitadel": [account("zitadel", email) for email in PEOPLE]})
    assert {address("zitadel", each) for each in mock.state("zitadel").values()} >= set(PEOPLE)
    return mock


def test_an_event_closes_the_accounts_of_a_leaver(office: Office, tenant: MockVendors) -> None:
    event = leaves("Left0@Example.com", reason="so long \U0001f44b", ticket="4711", manager=office.expression)
    event["leaver"]["name"] = office.expression
    assert office.webhook.send(event, headers={"X-Sender": office.expression}) == 200
    office.runs_until(PEOPLE[0], "changed")
    assert closed(tenant) == {PEOPLE[0]}
    (record,) = office.evidence()[-1]["records"]
    assert (record["reason"], record["ticket"]) == ("so long \ufffd", "4711")
    office.registered_until(PEOPLE[0], None)
    assert not office.bait.exists()


def test_the_event_of_the_guide_closes_her_account(office: Office, mock: MockVendors) -> None:
    """Sent by the command of the guide, at a leave time that is over."""
    (example,) = proved_by("test_the_event_of_the_guide_closes_her_account", GUIDE)
    (command,) = example.commands()
    words = shlex.split(command)
    event = json.loads(words[words.index("--data") + 1])
    taken = runpy.run_path(str(REPOSITORY / FILTER))["main"]({"payload": event})
    assert "refused" not in taken
    mock.seed({"zitadel": [account("zitadel", event["leaver"]["email"])]})
    (office.running.place / "authorization.txt").write_text(f"Authorization: Bearer {office.webhook.token}")
    moved = [word.replace(event["leaver"]["leave_at"], PAST) for word in words]
    moved[moved.index("https://hooks.example.com/")] = f"http://127.0.0.1:{office.webhook.port}/"
    run("curl", *moved[1:], "--fail", "--silent", "--show-error", cwd=office.running.place)
    office.runs_until(event["leaver"]["email"], "changed")
    assert closed(mock) == {"jane@example.com"}
    (record,) = office.evidence()[-1]["records"]
    assert [record[name] for name in ("reason", "ticket")] == [event["reason"], event["ticket"]]


def run(*command: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    if command[0] == "curl":
        provide(lambda: shutil.which("curl"), ["curl", "ca-certificates"], "The guide's commands need curl.")
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_guide_installs_what_these_tests_have(collections_path: Path, tmp_path: Path) -> None:
    """The packages are those of the environment here, and the collection is installed from its archive."""
    (example,) = proved_by("test_the_guide_installs_what_these_tests_have", GUIDE)
    made, packages, collection = (command.split() for command in example.commands())
    service = Service.of_guide()
    *python, folder = made
    assert python == ["python3", "-m", "venv"]
    assert service.command[0] == f"{folder}/bin/ansible-rulebook"

    pip, verb, *names = packages
    assert (pip, verb) == (f"{folder}/bin/pip", "install")
    run(str(venv("eda") / "bin" / "pip"), "show", "--quiet", *names, cwd=tmp_path)
    assert {"ansible-core", "ansible-rulebook", "requests"} == set(names)

    galaxy, *arguments = collection
    assert galaxy == f"{folder}/bin/ansible-galaxy"
    target = arguments[-1]
    assert f"ANSIBLE_COLLECTIONS_PATH={target}" in service.section("Service")["Environment"]
    binary = str(venv("eda") / "bin" / "ansible-galaxy")
    environment = clean_environment(tmp_path, tmp_path, {"PATH": f"{venv('eda') / 'bin'}:/usr/bin:/bin"})
    run(binary, "collection", "build", "--output-path", str(tmp_path), cwd=REPOSITORY, env=environment)
    (archive,) = tmp_path.glob("saas-offboarding-*.tar.gz")
    own = {"saas.offboarding": str(archive), target: str(tmp_path / "installed")}
    assert set(own) <= set(arguments)
    run(binary, *(own.get(word, word) for word in arguments), "--offline", cwd=tmp_path, env=environment)
    assert (tmp_path / "installed" / "ansible_collections" / "saas" / "offboarding" / "extensions" / "eda").is_dir()


def test_the_service_of_the_guide_is_one(tmp_path: Path) -> None:
    """What its parts say of one another is so. That it runs is what the other tests show: it is their office."""
    service = Service.of_guide()
    parser = RawConfigParser(strict=False)
    parser.read_string(service.unit.text)
    assert parser.sections() == ["Unit", "Service", "Install"]
    kept = service.section("Service")
    assert kept["EnvironmentFile"] == [path_of(service.environment)]
    assert kept["PrivateTmp"] == ["yes"], "ansible-runner keeps credentials in clear below /tmp"
    assert service.option("--inventory") == path_of(service.inventory)
    assert service.option("--env-vars") == TOKEN_VARIABLE
    assert set(service.command[1::2]) == {"--rulebook", "--inventory", "--env-vars"}
    paths = [value for value in kept["Environment"] if value.startswith("PATH=")]
    assert paths == [f"PATH={Path(service.command[0]).parent}:/usr/bin:/bin"]
    assert Path(service.inventory.data["saas"]["vars"]["offboard_report_dir"]).is_absolute()
    assert set(service.variables) == {TOKEN_VARIABLE, "ZITADEL_API_URL", "ZITADEL_ACCESS_TOKEN"}
    if systemd := shutil.which("systemd-analyze"):
        verify_unit(systemd, service.unit.text.replace(service.command[0], "/bin/true"), tmp_path)


def verify_unit(systemd: str, text: str, place: Path) -> None:
    unit = place / "offboarding.service"
    unit.write_text(text, encoding="utf-8")
    output = run(systemd, "verify", "--man=no", str(unit), cwd=place)
    assert "offboarding.service" not in output, output


def test_a_burst_is_handled_one_by_one_and_each_leaver_once(office: Office, tenant: MockVendors) -> None:
    """Each event comes twice within the hour, in two spellings. A leave time that was moved is another event."""
    burst = PEOPLE[1:4]
    spellings = [leaves(email) for email in burst] + [leaves(email.upper(), "2026-01-31T17:00:00Z") for email in burst]
    before = office.runs()
    with ThreadPoolExecutor(len(spellings)) as pool:
        assert set(pool.map(office.webhook.send, spellings)) == {200}
    assert office.webhook.send(leaves(burst[0], FUTURE)) == 200
    office.registered_until(burst[0], FUTURE)
    runs = office.runs()[len(before) :]
    assert sorted(email for run in runs for email in run) == burst
    assert {outcome for run in runs for outcome in run.values()} == {"changed"}
    assert closed(tenant) == set(burst)


def test_an_event_for_later_is_registered_moved_and_withdrawn(office: Office, tenant: MockVendors) -> None:
    """Moved and moved back within the hour, withdrawn, announced again, and closed today after all."""
    email = PEOPLE[6]
    later = "2999-02-01T00:00:00Z"
    before = office.runs()
    for leave_at in (FUTURE, later, FUTURE):
        assert office.webhook.send(leaves(email, leave_at)) == 200
        office.registered_until(email, leave_at)
    for _each in range(2):
        assert office.webhook.send(withdrawn(email.upper())) == 200
        office.registered_until(email, None)
        assert office.webhook.send(leaves(email, FUTURE)) == 200
        office.registered_until(email, FUTURE)
    assert office.runs() == before
    assert closed(tenant) == set()
    assert office.webhook.send(leaves(email, "2026-02-28T18:00:00Z")) == 200
    office.registered_until(email, None)
    assert office.runs()[len(before) :] == [{email: "changed"}]
    assert closed(tenant) == {email}


def malformed(office: Office) -> dict[str, Any]:
    """Events that are JSON and name no leaver, by their refusal."""
    refused = PEOPLE[4]
    return {
        "it has no object leaver": [leaves(refused)],
        "leaver.email is missing": {"leaver": {"leave_at": PAST}},
        "leaver.email is not a text": {"leaver": {"email": [refused], "leave_at": PAST}},
        "leaver.email is not an e-mail address": leaves(f"['{refused}']"),
        "leaver.email holds the beginning of an expression": leaves(f"{office.expression}@example.com"),
        "reason holds the beginning of an expression": leaves(refused, reason=office.expression),
        "leaver.leave_at is missing": {"leaver": {"email": refused}},
    }


def test_a_refused_event_starts_nothing_and_its_text_is_not_shown(office: Office, tenant: MockVendors) -> None:
    right = leaves(PEOPLE[4])
    send = office.webhook.send
    wrong_token = "ab-7f3e"
    answers: list[tuple[int, Callable[[], int]]] = [
        (401, lambda: send(right, token=wrong_token)),
        (401, lambda: send(right, token=None)),
        (401, lambda: send(right, token=None, headers={"Authorization": f"Basic {office.webhook.token}"})),
        (401, lambda: send(right, method="GET", token=None)),
        (405, lambda: send(right, method="PUT")),
        (400, lambda: send(b'{"leaver": {')),
        (400, lambda: send(b"")),
        (413, lambda: send(leaves(PEOPLE[4], padding="x" * 2**21))),
        (500, lambda: send(b"\xff")),
        (500, lambda: send(b"[" * 200_000)),
        *((200, lambda event=event: send(event)) for event in malformed(office).values()),
    ]
    before = office.runs()
    assert [request() for _status, request in answers] == [status for status, _request in answers]
    assert send(leaves(PEOPLE[5])) == 200
    assert office.runs_until(PEOPLE[5], "changed")[len(before) :] == [{PEOPLE[5]: "changed"}]
    assert closed(tenant) == {PEOPLE[5]}
    output = office.running.output
    refused = [
        line.partition("nothing is started: ")[2] for line in output.splitlines() if "An event is refused" in line
    ]
    assert refused == list(malformed(office))
    (line,) = proved_by("test_a_refused_event_starts_nothing_and_its_text_is_not_shown", GUIDE)
    assert line.text.strip() in output
    assert not office.bait.exists()
    for secret in (office.webhook.token, wrong_token, str(office.bait), *credentials(tenant)):
        assert secret not in output


@dataclass
class Controller:
    """As much of AWX as ansible-rulebook asks for: templates by name, their launch, and jobs that have ended well.

    At a launch it is as strict with a job template as with a workflow. AWX drops what a job template does not ask for.
    """

    token: str
    templates: dict[str, dict[str, Any]]
    launches: Queue[tuple[str, Any, list[str]]]
    url: str = ""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        match method, path:
            case "GET", "/api/v2/config/":
                return 200, {"version": "24.6.1"}
            case "GET", "/api/v2/unified_job_templates/":
                return 200, {"results": list(self.templates.values()), "next": None}
            case "GET", "/api/v2/jobs/" | "/api/v2/workflow_jobs/":
                return 200, {"results": [{"id": 7, "status": "successful", "created": "2026-11-30T17:00:00Z"}]}
            case "POST", _:
                return self._launch(self.templates[path], path, body)
        raise LookupError(path)

    def _launch(self, template: dict[str, Any], path: str, body: dict[str, Any]) -> tuple[int, Any]:
        # ansible-rulebook sends a limit always.
        dropped = {"limit"} if template["name"] == SCHEDULED else set()
        faults = launch_faults(template, **{name: value for name, value in body.items() if name not in dropped})
        self.launches.put((template["name"], body, faults))
        return (400, faults) if faults else (201, {"url": path.replace("template", "").replace("launch/", "")})


def launch_faults(template: dict[str, Any], extra_vars: dict[str, Any], **prompts: Any) -> list[str]:
    survey = template["survey_spec"]
    unanswered = [each for each in survey["spec"] if each["variable"] not in extra_vars]
    return [
        *not_accepted(template, survey, extra_vars),
        *(fault for question in unanswered for fault in answer_faults(question, extra_vars)),
        *(f"{name} is not asked for" for name in prompts if not template[f"ask_{name}_on_launch"]),
    ]


@pytest.fixture(scope="module")
def templates(collections_path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates that awx_setup makes, as AWX shows them, by the path of their launch."""
    made = {
        "job_template": "{{ [__awx_template] | product(__awx_templates) | map('combine') | list }}",
        "workflow_job_template": "{{ [__awx_workflow] }}",
    }
    (setup,) = yaml.safe_load((REPOSITORY / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8"))
    (check,) = [task for task in setup["tasks"] if "saas.offboarding.awx_check" in task]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "awx_tenants": [{"name": "zitadel", "vendor": "zitadel", "credential_name": "ZITADEL"}],
            "awx_schedule_credential": "AWX",
        },
        "vars_files": [str(path) for path in (REPOSITORY / "playbooks" / "awx").glob("*.yml")],
        "tasks": [check, {"name": "Made", "ansible.builtin.debug": {"msg": made}}],
    }
    run = Ansible(tmp_path_factory.mktemp("templates"), collections_path).run([play])
    assert run.rc == 0, run
    asks = dict.fromkeys((f"ask_{name}_on_launch" for name in ("limit", "labels", "inventory", "variables")), False)
    return {
        (launch := f"/api/v2/{kind}s/{number}/launch/"): {
            **asks,
            **template,
            "id": number,
            "type": kind,
            "summary_fields": {"organization": {"name": template["organization"]}},
            "related": {"launch": launch},
        }
        for kind, found in run.result("Made").result["msg"].items()
        for number, template in enumerate(found)
    }


@contextmanager
def controller(templates: dict[str, dict[str, Any]]) -> Iterator[Controller]:
    stub = Controller(secrets.token_hex(16), templates, Queue())

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            assert self.headers["Authorization"] == f"Bearer {stub.token}"
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            status, answer = stub.answer(self.command, urlsplit(self.path).path, body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = respond  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stub.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield stub
        finally:
            server.shutdown()


def test_the_double_of_awx_launches_only_what_its_templates_ask_for(templates: dict[str, dict[str, Any]]) -> None:
    assert {template["name"] for template in templates.values()} >= set(LAUNCHED)
    for path, template in templates.items():
        if template["name"] in LAUNCHED:
            awx = Controller("", templates, Queue())
            given = {"offboard_leavers_text": "jane@example.com"}
            assert awx.answer("POST", path, {"extra_vars": given, "limit": "all"})[0] == 201
            answers: list[Event] = [{"ansible_eda": {}}, {"offboard_ticket": 4711}, {"offboard_leavers_text": ["jane"]}]
            for wrong in answers:
                assert awx.answer("POST", path, {"extra_vars": given | wrong})[0] == 400
            assert awx.answer("POST", path, {"extra_vars": given, "inventory": 1})[0] == 400


def test_awx_launches_what_the_survey_asks_for(
    collections_path: Path, tmp_path: Path, templates: dict[str, dict[str, Any]]
) -> None:
    """Both rulebooks for AWX in one process, the first with TLS. At -vv no secret shows."""
    _context, authority = server_context(tmp_path)
    # A token of digits alone is a text too.
    token = str(secrets.randbelow(10**40))
    webhooks = [Webhook(free_port(), token, trusted) for trusted in (authority, None)]
    rulesets = [yaml.safe_load((RULEBOOKS / name).read_text())[0] for name in AWX_RULEBOOKS]
    test = "test_awx_launches_what_the_survey_asks_for"
    with_certificate, environment = proved_by(test, GUIDE)
    (of_filter,) = proved_by(test, FILTER)
    # As the guide says: a rulebook of one's own, with a certificate. The other is as the filter's own example.
    rulesets[0]["sources"][0] |= with_certificate.data
    rulesets[1]["sources"] = of_filter.data
    sources = [ruleset["sources"][0]["eda.builtin.webhook"] for ruleset in rulesets]
    for webhook, source in zip(webhooks, sources, strict=True):
        source |= {"host": "127.0.0.1", "port": webhook.port}
    assert {name for name in sources[0] if name.endswith("file")} == {"certfile", "keyfile"}
    sources[0] |= {"certfile": str(tmp_path / "server.pem"), "keyfile": str(tmp_path / "server.pem")}
    (tmp_path / "both.yml").write_text(yaml.safe_dump(rulesets))
    answers = {
        # To Python, a number and a comment.
        "offboard_leavers_text": "1#o'neil@example.com",
        "offboard_leave_at": "2026-01-31T17:00:00Z",
        "offboard_reason": 'it\'s "over"',
        "offboard_ticket": "4711",
    }
    event = leaves("1#O'Neil@example.com", reason=answers["offboard_reason"], ticket=answers["offboard_ticket"])
    with controller(templates) as awx:
        login = {"EDA_CONTROLLER_URL": awx.url, "EDA_CONTROLLER_TOKEN": awx.token, TOKEN_VARIABLE: token}
        env = {name: login[name] for name in settings(environment)} | {"EDA_JOB_TEMPLATE_REFRESH_DELAY": "0.1"}
        with rulebook(
            tmp_path, collections_path, str(tmp_path / "both.yml"), "-vv", "--env-vars", TOKEN_VARIABLE, env=env
        ) as running:
            for name, webhook in zip(LAUNCHED, webhooks, strict=True):
                assert running.wait(webhook).send(event) == 200
                launched, body, faults = awx.launches.get(timeout=PATIENCE)
                assert (launched, faults) == (name, [])
                assert body["extra_vars"] == answers
                for sent, more in later_events(event, answers):
                    assert webhook.send(sent) == 200
                    launched, body, faults = awx.launches.get(timeout=PATIENCE)
                    assert (launched, faults) == (SCHEDULED, [])
                    assert body["extra_vars"] == more
            for secret in (awx.token, token):
                assert secret not in running.output


def later_events(event: Event, answers: Mapping[str, str]) -> list[tuple[Event, dict[str, str]]]:
    """Events of a leaver who is known in advance, moved, moved back, withdrawn and announced again; what each gives."""
    moments = [FUTURE, "2999-02-01T00:00:00Z", FUTURE, None, FUTURE, None]
    found: list[tuple[Event, dict[str, str]]] = []
    for moment in moments:
        texts = {name: event[name] for name in ("reason", "ticket")}
        if moment is None:
            sent = {"leaver": {"email": event["leaver"]["email"]}, "withdrawn": True, **texts}
            more = {name: text for name, text in answers.items() if name != "offboard_leave_at"}
            found.append((sent, {**more, "offboard_schedule_state": "absent"}))
        else:
            sent = leaves(event["leaver"]["email"], moment, **texts)
            found.append((sent, {**answers, "offboard_leave_at": moment, "offboard_schedule_due": "run"}))
    return found


def test_without_a_token_it_does_not_start(collections_path: Path, tmp_path: Path) -> None:
    inventory: dict[str, Any] = {"saas": {"hosts": {"zitadel": {}}}}
    variables = {"offboard_webhook_port": free_port()}
    with rulebook(
        tmp_path, collections_path, "saas.offboarding.leavers", variables=variables, env={}, inventory=inventory
    ) as running:
        assert running.process.wait(PATIENCE) == 1
    assert f"'{TOKEN_VARIABLE}' is undefined" in running.output
