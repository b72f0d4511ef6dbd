# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A real Keycloak with its SCIM API, from the Maven artifact: by hand only, since it takes 500 MB and Java 21."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from .servers import PATIENCE, Lacking, Peer, free_port, run

VERSION = "26.7.3"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
OLDEST_JAVA = 21
ADMIN, PASSWORD, SECRET = "admin", "keycloakAdmin-4c81", "keycloakClient-9b27"
REALM = "peers"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SAME = {"op": "replace", "path": "active", "value": True}
ROLES = ("no role", "query-users", "view-users", "manage-users")


def java_home() -> Path | None:
    """The home of a Java that is new enough: of JAVA_HOME, of PATH, or where Debian and Fedora put them."""
    on_path = shutil.which("java")
    homes = [Path(os.environ[name]) for name in ("JAVA_HOME",) if os.environ.get(name)]
    homes += [Path(on_path).resolve().parents[1]] if on_path else []
    homes += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    return next((home for home in homes if java_version(home) >= OLDEST_JAVA), None)


def java_version(home: Path) -> int:
    try:
        shown = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        return 0
    version = re.search(r'version "(\d+)', shown)
    return int(version[1]) if version else 0


def fetch(place: Path) -> Path:
    """The unpacked distribution, downloaded the first time."""
    folder = place / f"keycloak-{VERSION}"
    if not folder.is_dir():
        if shutil.which("mvn") is None:
            raise Lacking("mvn is not on PATH")
        place.mkdir(parents=True, exist_ok=True)
        order = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={place}"]
        if subprocess.run(order, cwd=place, check=False).returncode:
            raise Lacking("mvn did not get the artifact")
        archive = place / f"keycloak-quarkus-dist-{VERSION}.zip"
        partial = place / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.unpack_archive(archive, partial)
        (partial / folder.name / "bin" / "kc.sh").chmod(0o755)
        (partial / folder.name).rename(folder)
        archive.unlink()
    return folder


class Admin:
    """Keycloak's own API, which makes the realm, the clients and their roles."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        fields = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": PASSWORD}
        self.session.headers["Authorization"] = f"Bearer {self.token('master', fields)}"

    def token(self, realm: str, fields: dict[str, str]) -> str:
        url = f"{self.base}/realms/{realm}/protocol/openid-connect/token"
        answer = self.session.post(url, data=fields, timeout=PATIENCE)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, f"{self.base}/admin/realms{path}", json=body, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json() if answer.text else None

    def make(self, audience: str) -> None:
        self.ask("POST", "", {"realm": REALM, "enabled": True, "accessTokenLifespan": 3600})
        self.ask("PUT", f"/{REALM}", {**self.ask("GET", f"/{REALM}"), "scimApiEnabled": True})
        (management,) = self.ask("GET", f"/{REALM}/clients?clientId=realm-management")
        for role in ROLES:
            self.client(role, audience, management["id"])

    def client(self, role: str, audience: str, management: str) -> None:
        mapper = {
            "name": "the SCIM address",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": audience, "access.token.claim": "true"},
        }
        name = client_id(role)
        client = {
            "clientId": name,
            "secret": SECRET,
            "publicClient": False,
            "serviceAccountsEnabled": True,
            "standardFlowEnabled": False,
            "protocolMappers": [mapper],
        }
        self.ask("POST", f"/{REALM}/clients", client)
        (made,) = self.ask("GET", f"/{REALM}/clients?clientId={name}")
        account = self.ask("GET", f"/{REALM}/clients/{made['id']}/service-account-user")
        if role != "no role":
            found = self.ask("GET", f"/{REALM}/clients/{management}/roles/{role}")
            self.ask("POST", f"/{REALM}/users/{account['id']}/role-mappings/clients/{management}", [found])


def rights(peer: Peer, role: str) -> str:
    """What the client with a role is answered: a filter that finds one user, that user by id, a change of it."""
    seen = as_role(peer, role)
    name, row_id = next(iter(peer.ids.items()))
    found = seen.ask("GET", "/Users?" + urlencode({"filter": f'userName eq "{name}"'}))
    by_id = seen.ask("GET", f"/Users/{row_id}").status_code
    changed = seen.ask("PATCH", f"/Users/{row_id}", {"schemas": [PATCH_OP], "Operations": [SAME]}).status_code
    shown = found.json() if found.status_code == 200 else {}
    total = f", total {shown['totalResults']}, {len(shown['Resources'])} rows" if shown else ""
    return f"filter {found.status_code}{total}; by id {by_id}; PATCH {changed}"


def client_id(role: str) -> str:
    return f"with-{role.replace(' ', '-')}"


@contextmanager
def keycloak(place: Path) -> Iterator[Peer]:
    """Keycloak as a peer, seen by the client that may manage users."""
    home = java_home()
    if home is None:
        raise Lacking(f"no Java {OLDEST_JAVA} or newer")
    folder, port = fetch(place), free_port()
    base = f"http://127.0.0.1:{port}"
    command = [str(folder / "bin" / "kc.sh"), "start-dev", "--db=dev-mem", "--features=scim-api"]
    command += ["--http-host=127.0.0.1", f"--http-port={port}"]
    login = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD}
    with run(command, f"{base}/realms/master", 300, env={**os.environ, **login, "JAVA_HOME": str(home)}):
        admin = Admin(base)
        scim = f"{base}/realms/{REALM}/scim/v2"
        admin.make(scim)
        peer = Peer(f"Keycloak {VERSION}", scim)
        yield as_role(peer, "manage-users")
        admin.session.close()


def as_role(peer: Peer, role: str) -> Peer:
    """The same server, seen by the client with this role."""
    base = peer.api_url.partition("/realms/")[0]
    url = f"{base}/realms/{REALM}/protocol/openid-connect/token"
    fields = {"grant_type": "client_credentials", "client_id": client_id(role), "client_secret": SECRET}
    answer = requests.post(url, data=fields, timeout=PATIENCE)
    answer.raise_for_status()
    login = {name: fields[name] for name in ("client_id", "client_secret")} | {"token_url": url}
    return replace(peer, token=answer.json()["access_token"], login=login)
