# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What only a real connection shows: redirects, cookies, .netrc, proxies, compressed and endless answers, TLS."""

from __future__ import annotations

import datetime
import gzip
import http.server
import ipaddress
import json
import os
import socket
import ssl
import threading
import typing as t
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
import requests
import urllib3.connection
import urllib3.connectionpool
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils import _transport
from ansible_collections.saas.offboarding.plugins.module_utils._auth import TokenRequest, bearer
from ansible_collections.saas.offboarding.plugins.module_utils._faults import ApiError
from ansible_collections.saas.offboarding.plugins.module_utils._pacing import Limits
from ansible_collections.saas.offboarding.plugins.module_utils._transport import Client, Tls, Transport

Handle = Callable[[http.server.BaseHTTPRequestHandler], None]


class Server:
    """A real HTTP server on a free port. A test sets its responses; it keeps request lines and headers."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.log: list[tuple[str, dict[str, str]]] = []
        self.handle: Handle = answer(200, b"{}")
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536

            def serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                outer.log.append((self.requestline, {k.lower(): v for k, v in self.headers.items()}))
                outer.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = serve  # noqa: N815

            def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002
                return None

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: t.Any, client_address: t.Any) -> None:
                return None

        self._server = Quiet(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def answer(status: int, body: bytes = b"", **headers: str) -> Handle:
    def handle(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return handle


def compressed(status: int, body: bytes) -> Handle:
    return answer(status, gzip.compress(body), Content_Encoding="gzip")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Client]]:
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    for name in (*proxies, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    roads: list[Transport] = []

    def connect(url: str, tls: Tls | None = None, **limits: t.Any) -> Client:
        roads.append(Transport(Limits(**({"retries": 0, "timeout": 5.0} | limits)), tls))
        return Client(roads[-1], url, bearer(url, "token-value"))

    yield connect
    for road in roads:
        road.close()


Connect = Callable[..., Client]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_redirect_is_not_followed(
    server: Server, elsewhere: Server, connect: Connect, status: int, kind: str
) -> None:
    server.handle = answer(status, Location=f"{elsewhere.url}/caught?session=hunter2")
    client = connect(server.url)
    with pytest.raises(ApiError) as caught:
        client.read("GET", "x") if kind == "read" else client.write("POST", "x", body={})
    assert (caught.value.problem.code, caught.value.problem.status) == ("redirected", status)
    assert not caught.value.problem.retryable
    assert "127.0.0.1" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert (len(server.log), elsewhere.log) == (1, [])


@pytest.mark.parametrize("location", [None, "/login", "//other.example.com/", "javascript:1"])
def test_a_redirect_without_an_origin_is_an_error_too(server: Server, connect: Connect, location: str | None) -> None:
    server.handle = answer(302) if location is None else answer(302, Location=location)
    with pytest.raises(ApiError) as caught:
        connect(server.url).read("GET", "x")
    assert caught.value.problem.code == "redirected"


def test_no_cookie_is_kept(server: Server, connect: Connect) -> None:
    server.handle = answer(200, b"{}", Set_Cookie="session=1; Path=/")
    client = connect(server.url)
    client.read("GET", "x")
    client.read("GET", "x")
    assert [headers.get("cookie") for _line, headers in server.log] == [None, None]


def test_netrc_replaces_no_credential(
    server: Server, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login proxyuser password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    client = connect(server.url)
    client.read("GET", "x")
    assert server.log[0][1]["authorization"] == "Bearer token-value"
    server.handle = answer(200, b"{}")
    client.transport.exchange(TokenRequest(server.url, form={}))
    assert "authorization" not in server.log[1][1]


def test_loopback_is_never_reached_by_a_proxy(
    server: Server, elsewhere: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, elsewhere.url)
    connect(server.url).read("GET", "x")
    assert (len(server.log), elsewhere.log) == (1, [])


def test_other_hosts_are_reached_by_the_proxy_of_the_environment(
    elsewhere: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.handle = answer(403)
    monkeypatch.setenv("HTTPS_PROXY", elsewhere.url)
    with pytest.raises(ApiError) as caught:
        connect("https://vendor.invalid").write("POST", "x", body={})
    assert caught.value.problem.code == "unreachable"
    assert "proxy" in str(caught.value)
    assert elsewhere.log[0][0].startswith("CONNECT vendor.invalid:443 ")
    assert "authorization" not in elsewhere.log[0][1]


def test_no_proxy_is_honoured(elsewhere: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", elsewhere.url)
    monkeypatch.setenv("NO_PROXY", "vendor.invalid")
    with pytest.raises(ApiError):
        connect("https://vendor.invalid").read("GET", "x")
    assert elsewhere.log == []


def by_proxy(connect: Connect, monkeypatch: pytest.MonkeyPatch, variable: str, address: str) -> ApiError:
    """The error of a request by a proxy, which names the proxy and the variable, and no part of its login."""
    monkeypatch.setenv(variable, address)
    with pytest.raises(ApiError) as caught:
        connect("https://vendor.invalid").read("GET", "x")
    error_text = json.dumps(caught.value.problem.as_result())
    assert "proxy" in error_text
    assert variable in error_text
    assert "vendor.invalid" in error_text
    assert "hunter2" not in error_text
    assert "proxyuser" not in error_text
    return caught.value


@pytest.mark.parametrize("login", ["", "proxyuser:hunter2@", "proxy%40user:hunter2%2F@"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http://", "https://", "socks5://", "socks5h://", ""])
def test_a_proxy_that_does_not_answer_is_named_without_its_login(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, scheme: str, variable: str, login: str
) -> None:
    error = by_proxy(connect, monkeypatch, variable, f"{scheme}{login}127.0.0.1:1")
    assert error.problem.code == "unreachable"
    assert "127.0.0.1:1" in str(error)


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "://x",
        "http:/127.0.0.1:3128",
        "http://proxyuser:hunter2@[::1",
        "http://proxyuser:hun#ter2@127.0.0.1:1",
        "http://proxyuser:hunter2/x@127.0.0.1:1",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http:// 127.0.0.1:1",
        "ftp://proxyuser:hunter2@127.0.0.1:1",
        "http://proxyuser:hunter2@proxy example:1",
    ],
)
def test_a_malformed_proxy_is_refused_before_anything_is_sent(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    error = by_proxy(connect, monkeypatch, "HTTPS_PROXY", address)
    assert error.problem.code == "unreachable"
    assert not error.problem.retryable
    assert not error.doubtful
    assert "http://host:port" in str(error)


@given(address=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
@example(address="@")
@example(address="http://a b")
@settings(deadline=None)
def test_any_text_as_a_proxy_is_an_error_that_names_the_variable(address: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with mock.patch.dict(os.environ, {**kept, "HTTPS_PROXY": f"{address}:hunter2@127.0.0.1:1"}, clear=True):
        transport = Transport(Limits(retries=0, timeout=1.0))
        with pytest.raises(ApiError) as caught:
            Client(transport, "https://vendor.invalid", bearer("https://vendor.invalid", "x")).read("GET", "x")
        transport.close()
    assert "proxy" in str(caught.value)
    assert "HTTPS_PROXY" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_socks_proxy_without_its_library_names_the_library(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")
    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", mock.Mock(side_effect=lacking))
    error = by_proxy(connect, monkeypatch, "ALL_PROXY", "socks5://proxyuser:hunter2@127.0.0.1:1")
    assert "PySocks" in str(error)


def test_the_line_on_the_wire_keeps_a_key_in_its_segment(server: Server, connect: Connect) -> None:
    client = connect(f"{server.url}/prefix")
    for key in ("../../admin", "%2e%2e", "a?b#c", "x\r\nX-Evil: 1"):
        client.read("GET", "users", key)
    assert [line for line, _headers in server.log] == [
        "GET /prefix/users/..%2F..%2Fadmin HTTP/1.1",
        "GET /prefix/users/%252e%252e HTTP/1.1",
        "GET /prefix/users/a%3Fb%23c HTTP/1.1",
        "GET /prefix/users/x%0D%0AX-Evil%3A%201 HTTP/1.1",
    ]
    assert not any("x-evil" in headers for _line, headers in server.log)


def test_a_request_names_its_client_and_accepts_json(server: Server, connect: Connect) -> None:
    connect(server.url).write("POST", "x", body={"a": 1}, headers={"X-More": "1"})
    line, headers = server.log[0]
    assert line == "POST /x HTTP/1.1"
    assert headers["user-agent"].startswith("ansible-saas.offboarding/")
    assert (headers["accept"], headers["content-type"], headers["x-more"]) == ("application/json",) * 2 + ("1",)


def test_one_connection_serves_many_requests(server: Server, connect: Connect) -> None:
    ports: set[int] = set()

    def handle(handler: http.server.BaseHTTPRequestHandler) -> None:
        ports.add(handler.client_address[1])
        answer(200, b"{}")(handler)

    server.handle = handle
    client = connect(server.url)
    for _unused in range(5):
        client.read("GET", "x")
    assert len(ports) == 1


def test_a_connection_of_another_kind_stays_of_its_kind(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of a SOCKS proxy is, which is made with more than others are."""
    made = []

    class Special(urllib3.connection.HTTPConnection):
        def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
            made.append(self)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(urllib3.connectionpool.HTTPConnectionPool, "ConnectionCls", Special)
    connect(server.url).read("GET", "x")
    assert len(made) == 1


def test_a_request_leaves_in_one_piece(connect: Connect) -> None:
    pieces = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)

        def serve() -> None:
            with listening.accept()[0] as connection:
                connection.settimeout(10)
                for _request in range(20):
                    pieces.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=serve)
        thread.start()
        client = connect(f"http://127.0.0.1:{listening.getsockname()[1]}")
        for number in range(20):
            client.write("POST", "users", body={"a": number})
        thread.join(10)
    # Two pieces may come as one, but not twenty times.
    assert [piece.partition(b"\r\n\r\n")[2] for piece in pieces] == [b'{"a": %d}' % number for number in range(20)]


def test_a_compressed_answer_is_read(server: Server, connect: Connect) -> None:
    server.handle = compressed(200, b'{"a": 1}')
    reply = connect(server.url).read("GET", "x")
    assert reply.json() == {"a": 1}
    assert reply.headers["Content-Encoding"] == "gzip"


def test_a_compressed_answer_that_is_none_is_an_error(server: Server, connect: Connect) -> None:
    server.handle = answer(200, b"not gzip at all", Content_Encoding="gzip")
    with pytest.raises(ApiError) as caught:
        connect(server.url).write("POST", "x")
    assert caught.value.problem.code == "bad_answer"
    assert caught.value.doubtful


@pytest.mark.parametrize("kind", ["read", "write"])
@pytest.mark.parametrize("answering", [answer, compressed])
def test_an_answer_beyond_the_limit_is_cut_off(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch, kind: str, answering: Callable[..., Handle]
) -> None:
    monkeypatch.setattr(_transport, "MAX_ANSWER", 1_000_000)
    server.handle = answering(200, b" " * 3_000_000)
    client = connect(server.url)
    with pytest.raises(ApiError) as caught:
        client.read("GET", "x") if kind == "read" else client.write("POST", "x")
    assert caught.value.problem.code == "too_large"
    assert caught.value.doubtful is (kind == "write")


@pytest.mark.parametrize("answering", [answer, compressed])
def test_a_token_answer_and_a_refusal_are_cut_off_sooner(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch, answering: Callable[..., Handle]
) -> None:
    """A refusal keeps its status, which says what is to be done."""
    monkeypatch.setattr(_transport, "MAX_SHORT_ANSWER", 1_000)
    body = json.dumps({"access_token": "a" * 2_000_000, "message": "No query results"}).encode()
    client = connect(server.url)
    server.handle = answering(200, body)
    with pytest.raises(ApiError, match="cut off"):
        client.transport.exchange(TokenRequest(server.url, form={}))
    assert client.read("GET", "x").json()["message"] == "No query results"
    server.handle = answering(404, body)
    with pytest.raises(ApiError, match="answered 404") as caught:
        client.write("POST", "x")
    assert (caught.value.status, caught.value.payload, caught.value.doubtful) == (404, None, False)


def test_an_answer_of_exactly_the_limit_is_read(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_transport, "MAX_ANSWER", 10)
    server.handle = answer(200, b'"12345678"')
    assert connect(server.url).read("GET", "x").json() == "12345678"


def broken_off(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"a"')
    handler.wfile.flush()
    handler.close_connection = True


def broken_off_in_chunks(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"2\r\n{}\r\n")
    handler.wfile.flush()
    handler.close_connection = True


def hung_up(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


@pytest.mark.parametrize("handle", [broken_off, broken_off_in_chunks, hung_up])
def test_a_write_whose_answer_was_lost_is_in_doubt(server: Server, connect: Connect, handle: Handle) -> None:
    server.handle = handle
    with pytest.raises(ApiError) as caught:
        connect(server.url, retries=3).write("POST", "x")
    assert (caught.value.problem.code, caught.value.problem.retryable) == ("connection_lost", True)
    assert caught.value.doubtful
    assert len(server.log) == 1


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
DRIPS = {
    "body": (LENGTH, b" "),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "the size of a chunk": (CHUNKED + b"1;", b"a"),
    "trailers": (CHUNKED + b"0\r\n", b"A: b\r\n"),
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "head": (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "line of the head": (b"HTTP/1.1 200 OK\r\nA: ", b"b"),
    "answers that are none yet": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("what", DRIPS)
def test_an_answer_that_drips_is_given_up(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Each byte comes within the time limit, the whole would not for long."""
    monkeypatch.setattr(_transport, "SLOW_ANSWER", 0.1)
    start, drop = DRIPS[what]
    gone = threading.Event()

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        try:
            handler.wfile.write(start)
            # More headers than a hundred are an error of another kind.
            for _drop in range(90):
                handler.wfile.write(drop)
                handler.wfile.flush()
                if gone.wait(0.05):
                    break
        except OSError:
            gone.set()

    server.handle = drip
    with pytest.raises(ApiError, match="did not answer within 3 s") as caught:
        connect(server.url, timeout=3).write("POST", "x")
    assert caught.value.problem.code == "timeout"
    assert caught.value.doubtful
    assert gone.wait(10), "the connection is still open"


@pytest.mark.parametrize("may_compress", [False, True])
def test_an_answer_in_chunks_is_read_to_its_end(server: Server, connect: Connect, may_compress: bool) -> None:
    text = json.dumps({"text": "x" * 700_000, "end": True}).encode()
    ports = set()

    def handle(handler: http.server.BaseHTTPRequestHandler) -> None:
        ports.add(handler.client_address[1])
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        body, size = text, 60_000
        if may_compress and "gzip" in handler.headers["Accept-Encoding"]:
            handler.send_header("Content-Encoding", "gzip")
            body, size = gzip.compress(text), 1000
        handler.end_headers()
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            handler.wfile.flush()
        handler.wfile.write(b"0\r\n\r\n")

    server.handle = handle
    client = connect(server.url)
    for _time in range(2):
        assert client.read("GET", "x").json()["end"] is True
    assert len(ports) == 1, "the connection was not used again"


def test_an_answer_that_ends_with_its_connection_is_read(server: Server, connect: Connect) -> None:
    def handle(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b'{"a": 1}')
        handler.close_connection = True

    server.handle = handle
    client = connect(server.url)
    for _time in range(2):
        assert client.read("GET", "x").json() == {"a": 1}


def test_an_answer_without_a_body_leaves_its_connection_fit_for_use(server: Server, connect: Connect) -> None:
    ports = set()

    def handle(handler: http.server.BaseHTTPRequestHandler) -> None:
        ports.add(handler.client_address[1])
        handler.send_response(204)
        handler.end_headers()

    server.handle = handle
    client = connect(server.url)
    for _time in range(2):
        assert client.write("DELETE", "x").status == 204
    assert len(ports) == 1


def test_an_answer_that_does_not_come_is_a_timeout(server: Server, connect: Connect) -> None:
    release = threading.Event()
    server.handle = lambda handler: (release.wait(5), None)[1]
    with pytest.raises(ApiError, match=r"0\.2 s") as caught:
        connect(server.url, timeout=0.2).write("POST", "x")
    release.set()
    assert caught.value.problem.code == "timeout"
    assert caught.value.doubtful


def test_a_refused_connection_is_reported_with_the_system_error(connect: Connect) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(ApiError, match="Connection refused") as caught:
        connect(f"http://127.0.0.1:{port}").write("POST", "x")
    assert caught.value.problem.code == "unreachable"
    assert not caught.value.doubtful


def test_an_unresolved_host_name_is_reported(connect: Connect) -> None:
    with pytest.raises(ApiError, match="cannot be resolved") as caught:
        connect("https://vendor.invalid").write("POST", "x")
    assert caught.value.problem.code == "unreachable"
    assert not caught.value.doubtful


# -- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    paths = (folder / "certificate.pem", folder / "key.pem")
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[Server]:
    server = Server(certificate)
    yield server
    server.close()


def test_a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(
    secure: Server, connect: Connect
) -> None:
    with pytest.raises(ApiError, match="ca_path") as caught:
        connect(secure.url).read("GET", "x")
    assert caught.value.problem.code == "tls_error"
    assert secure.log == []


def test_ca_path_names_a_private_authority(secure: Server, connect: Connect, certificate: tuple[Path, Path]) -> None:
    assert connect(secure.url, Tls(ca_path=str(certificate[0]))).read("GET", "x").status == 200


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_ca_of_the_environment_is_used_without_an_option(
    secure: Server,
    connect: Connect,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    tmp_path: Path,
) -> None:
    connect("http://127.0.0.1")
    monkeypatch.setenv(variable, str(certificate[0]))
    assert connect(secure.url).read("GET", "x").status == 200
    other = tmp_path / "other.pem"
    other.write_bytes(certificate[1].read_bytes())
    with pytest.raises(ApiError):
        connect(secure.url, Tls(ca_path=str(other))).read("GET", "x")


def test_without_validation_any_certificate_will_do_and_no_bundle_brings_it_back(
    secure: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    assert connect(secure.url, Tls(validate_certs=False)).read("GET", "x").status == 200


def test_a_server_name_that_does_not_fit_its_certificate_is_refused(
    secure: Server, connect: Connect, certificate: tuple[Path, Path]
) -> None:
    url = secure.url.replace("127.0.0.1", "localhost")
    with pytest.raises(ApiError) as caught:
        connect(url, Tls(ca_path=str(certificate[0]))).read("GET", "x")
    assert caught.value.problem.code == "tls_error"
