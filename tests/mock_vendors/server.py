# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The wiring: a port for each vendor host, the request log, the faults, the control port."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import tempfile
import threading
import time
import traceback
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from .base import MockError, Vendor
from .catalog import MOCKS
from .faults import Fault, Faults, retry_after
from .tls import server_context
from .wire import Answer, Call, html, reply

MEGABYTE = b"x" * 2**20
ENDLESS = 2**30


@dataclass
class Log:
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    detail: bool = True
    number: int = 0

    def add(self, vendor: Vendor, call: Call, kind: str) -> dict[str, Any]:
        self.counts.setdefault(call.service, Counter())[kind] += 1
        if not self.detail:
            return {}
        self.number += 1
        entry = {
            "n": self.number,
            "at": time.time(),
            "vendor": vendor.name,
            "service": call.service,
            "kind": kind,
            "method": call.method,
            "path": call.target,
            "headers": dict(call.headers),
            "body": call.body.decode("utf-8", "replace"),
            "status": None,
            "request_id": None,
            "fault": None,
            "retry_after": None,
            "effects": call.effects,
            "behind": False,
            "late": False,
        }
        self.entries.append(entry)
        return entry

    def clear(self) -> None:
        self.entries, self.counts = [], {}


class Aborted(Exception):
    """The connection is to be cut instead of answered."""


class Port:
    """One listening address, which can be closed and opened again."""

    def __init__(self, handler: Callable[[web.BaseRequest], Any], context: ssl.SSLContext | None) -> None:
        self._handler = handler
        self._context = context
        self._server: asyncio.Server | None = None
        self._opening = asyncio.Lock()
        # Bound permanently, so that no other process takes the port while it is closed.
        self._keeper = self._bound(0)
        self.number: int = self._keeper.getsockname()[1]

    def _bound(self, number: int) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", number))
        return bound

    async def open(self) -> None:
        async with self._opening:
            if self._server is None:
                self._web = web.Server(self._handler, access_log=None, keepalive_timeout=3600)
                loop = asyncio.get_running_loop()
                self._server = await loop.create_server(
                    self._web, sock=self._bound(self.number), ssl=self._context, backlog=1024
                )

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for connection in self._web.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            self._server = None

    async def release(self) -> None:
        await self.close()
        self._keeper.close()


class Server:
    def __init__(self, seed: Mapping[str, Any], tls: bool = False) -> None:
        self._seed = seed
        self._tls = tls
        self._folder = tempfile.TemporaryDirectory(prefix="mock-")
        self.vendors: dict[str, Vendor] = {name: vendor() for name, vendor in MOCKS.items()}
        self._owner = {service: vendor for vendor in self.vendors.values() for service in vendor.services}
        self._ports: dict[str, Port] = {}
        self._faults = Faults()
        self._log = Log()
        self._latency: dict[str, float] = {}
        self._plant()

    async def open(self) -> dict[str, Any]:
        """Listen on every port; what the ready file says."""
        ready: dict[str, Any] = {}
        context = None
        if self._tls:
            context, authority = server_context(Path(self._folder.name))
            ready["ca_path"] = str(authority)
        scheme = "https" if self._tls else "http"
        for service in self._owner:
            self._ports[service] = Port(self._handler(service), context)
        for vendor in self.vendors.values():
            urls = {service: f"{scheme}://127.0.0.1:{self._ports[service].number}" for service in vendor.services}
            vendor.ready = vendor.connect(urls)
            ready[vendor.name] = vendor.ready
        self._control_port = Port(self._control, None)
        for port in (*self._ports.values(), self._control_port):
            await port.open()
        return {"control": f"http://127.0.0.1:{self._control_port.number}", **ready}

    async def close(self) -> None:
        for port in (*self._ports.values(), self._control_port):
            await port.release()
        self._folder.cleanup()

    def _plant(self) -> None:
        for vendor in self.vendors.values():
            vendor.reset()
            vendor.seed(self._seed.get(vendor.name, ()))

    def _handler(self, service: str) -> Callable[[web.BaseRequest], Any]:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            body = await request.content.read() if request.body_exists else b""
            call = Call(service, request.method, request.raw_path, request.headers, body)
            try:
                return await self._serve(call, request)
            except Aborted:
                cut(request)
                return web.Response(status=500)

        return handle

    async def _serve(self, call: Call, request: web.BaseRequest) -> web.StreamResponse:
        vendor = self._owner[call.service]
        kind = vendor.kind(call)
        entry = self._log.add(vendor, call, kind)
        if self._latency and (delay := self._latency.get(call.service, self._latency.get(vendor.name, 0))):
            await self._pause(delay)
        fault = self._faults.pick(vendor.name, call.service, kind, call.method, call.target)
        if fault is not None:
            entry |= {"fault": fault.action, "retry_after": fault.arguments.get("retry_after")}
        try:
            answer = await self._answer(vendor, call, kind, fault)
        finally:
            entry |= {"behind": call.behind, "late": call.late}
        entry |= {"status": answer.status, "request_id": sign(vendor, answer)}
        if fault is not None and fault.action == "big":
            return await stream(request, answer, fault, entry)
        if fault is not None and fault.action == "truncate":
            return await truncate(request, answer, bool(fault.arguments.get("promise")))
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    async def _answer(self, vendor: Vendor, call: Call, kind: str, fault: Fault | None) -> Answer:
        if fault is None:
            return vendor_answer(vendor, call, kind)
        order = fault.arguments
        match fault.action:
            case "reset_before":
                raise Aborted
            case "reset_after":
                vendor_answer(vendor, call, kind)
                raise Aborted
            case "refuse":
                await self._ports[call.service].close()
                raise Aborted
            case "slow":
                return await self._slow(vendor, call, kind, order)
            case "noop":
                return without_effect(vendor, call, kind)
            case "revoke":
                vendor.tokens.revoke(vendor.credential(call))
            case "expire":
                vendor.tokens.expire()
            case "stale":
                call.stale = fault
            case "platform":
                call.fault = fault
            case "status":
                if order.get("apply"):
                    vendor_answer(vendor, call, kind)
                return ordered_status(vendor, order)
            case "html":
                return html(order.get("status", 200), "Service notice")
            case "big":
                encoding = {"Content-Encoding": "gzip"} if order.get("gzip") else {}
                return Answer(order.get("status", 200), b"", {"Content-Type": "application/json", **encoding})
            case "redirect":
                return Answer(order.get("status", 302), b"", {"Location": order["location"]})
            case "echo_secret":
                return vendor.error(order.get("status", 400), echo(call))
        return vendor_answer(vendor, call, kind)

    async def _slow(self, vendor: Vendor, call: Call, kind: str, order: Mapping[str, Any]) -> Answer:
        if order.get("when", "before") == "before":
            await self._pause(order["seconds"])
            return vendor_answer(vendor, call, kind)
        answer = vendor_answer(vendor, call, kind)
        await self._pause(order["seconds"])
        return answer

    async def _pause(self, seconds: float) -> None:
        """Wait. If the mock vendors were reset meanwhile, send no response."""
        log = self._log
        await asyncio.sleep(seconds)
        if self._log is not log:
            raise Aborted

    async def _control(self, request: web.BaseRequest) -> web.StreamResponse:
        text = await request.content.read() if request.body_exists else b""
        try:
            data = json.loads(text) if text else None
            answer = await self._order(request.method, request.path, dict(request.query), data)
        except (MockError, ValueError, TypeError, KeyError, AttributeError) as error:
            answer = reply(400, {"error": f"{type(error).__name__}: {error}"})
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    async def _order(self, method: str, path: str, query: dict[str, str], data: Any) -> Answer:
        match (method, path):
            case ("PUT", "/seed"):
                for name, accounts in data.items():
                    self._vendor(name).seed(accounts)
            case ("PUT", "/population"):
                for name, count in data.items():
                    self._vendor(name).populate(count)
            case ("GET", "/state"):
                wanted = [self._vendor(query["vendor"])] if "vendor" in query else self.vendors.values()
                return reply(200, {vendor.name: vendor.store.rows for vendor in wanted})
            case ("GET", "/log"):
                if unknown := set(query) - {"kind", "vendor", "service"}:
                    raise MockError(f"the log has no filter {', '.join(sorted(unknown))}")
                return reply(200, [e for e in self._log.entries if all(e[n] == v for n, v in query.items())])
            case ("PUT", "/log"):
                self._log.detail = bool(data["detail"])
            case ("DELETE", "/log"):
                self._log.clear()
            case ("GET", "/counts"):
                return reply(200, self._log.counts)
            case ("POST", "/faults"):
                for order in data if isinstance(data, list) else [data]:
                    fault = Fault.parse(order, [*self.vendors, *self._owner])
                    self._faults.add(fault, (store for vendor in self.vendors.values() for store in vendor.stores))
            case ("GET", "/faults"):
                return reply(200, self._faults.show())
            case ("DELETE", "/faults"):
                self._faults.clear()
            case ("PUT", "/switches"):
                for name, values in data.items():
                    self._vendor(name).set_switches(values)
            case ("GET", "/switches"):
                return reply(200, {vendor.name: vendor.switch for vendor in self.vendors.values()})
            case ("PUT", "/latency"):
                if unknown := set(data) - {*self.vendors, *self._owner}:
                    raise MockError(f"unknown service {', '.join(sorted(unknown))}")
                self._latency = {name: float(seconds) for name, seconds in data.items()}
            case ("PUT", "/listening"):
                await self._listen(data)
            case ("POST", "/settle"):
                for vendor in self.vendors.values():
                    vendor.settle(everything=True)
            case ("DELETE", "/revoked"):
                for vendor in self.vendors.values():
                    vendor.tokens.forgive()
            case ("GET", "/tokens"):
                return reply(200, {vendor.name: vendor.tokens.show() for vendor in self.vendors.values()})
            case ("POST", "/reset"):
                await self._reset()
            case ("POST", "/batch"):
                answers = [await self._order(verb, to, dict(asked), given) for verb, to, asked, given in data]
                return reply(200, [json.loads(answer.body) if answer.body else None for answer in answers])
            case _:
                raise MockError(f"no control verb {method} {path}")
        return Answer(204)

    def _vendor(self, name: str) -> Vendor:
        if name not in self.vendors:
            raise MockError(f"unknown vendor {name}; known: {', '.join(self.vendors)}")
        return self.vendors[name]

    async def _listen(self, wanted: Mapping[str, bool]) -> None:
        for name, open_it in wanted.items():
            services = self.vendors[name].services if name in self.vendors else (name,)
            for service in services:
                port = self._ports[service]
                await (port.open() if open_it else port.close())

    async def _reset(self) -> None:
        self._faults.clear()
        self._log = Log()
        self._latency = {}
        for port in self._ports.values():
            await port.open()
        self._plant()


def vendor_answer(vendor: Vendor, call: Call, kind: str) -> Answer:
    if kind == "read" and vendor.pending:
        vendor.settle()
    try:
        return vendor.respond(call)
    except Exception:  # an error of the mock vendors must be visible, and differ from a vendor's response
        traceback.print_exc()
        return reply(500, {"mock": traceback.format_exc()})


def without_effect(vendor: Vendor, call: Call, kind: str) -> Answer:
    positions, pending = [(store, len(store.journal)) for store in vendor.stores], list(vendor.pending)
    answer = vendor_answer(vendor, call, kind)
    for store, position in positions:
        store.rollback(position)
    call.effects.clear()
    vendor.pending = pending
    return answer


def sign(vendor: Vendor, answer: Answer) -> str | None:
    """Give an answer its request id, unless a fault has; None where the vendor sends none."""
    header = vendor.switch["request_id"]
    if header is None:
        return None
    for name, value in answer.headers.items():
        if name.lower() == header.lower():
            return value
    answer.headers[header] = str(uuid.uuid4())
    return answer.headers[header]


def ordered_status(vendor: Vendor, order: Mapping[str, Any]) -> Answer:
    status = order["status"]
    if "json" in order:
        answer = reply(status, order["json"])
    elif "body" in order:
        answer = Answer(status, order["body"].encode(), {"Content-Type": "text/plain"})
    else:
        answer = vendor.error(status, "Ordered by a fault") if status >= 400 else Answer(status)
    answer.headers.update(order.get("headers", {}))
    if order.get("retry_after") is not None:
        answer.headers["Retry-After"] = retry_after(order["retry_after"])
    return answer


def echo(call: Call) -> str:
    secrets = [call.headers[name] for name in ("Authorization", "X-Cloud-Auth-Token") if name in call.headers]
    return f"refused: {' '.join(secrets)} {call.body.decode('utf-8', 'replace')}"


def cut(request: web.BaseRequest) -> None:
    """Reset the connection: the client sees ECONNRESET, not a clean end."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def truncate(request: web.BaseRequest, answer: Answer, promise: bool) -> web.StreamResponse:
    """Half of the body; with `promise` the content length is that of the whole and the connection ends early."""
    half = answer.body[: len(answer.body) // 2]
    if not promise:
        return web.Response(status=answer.status, body=half, headers=answer.headers)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(half)
    if request.transport is not None:
        request.transport.close()
    return response


async def stream(request: web.BaseRequest, answer: Answer, fault: Fault, entry: dict[str, Any]) -> web.StreamResponse:
    """A body without end in sight, as chunks."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    left = int(fault.arguments.get("size", ENDLESS))
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS) if fault.arguments.get("gzip") else None
    try:
        while left > 0:
            part = MEGABYTE[:left]
            # Each part by itself, so that the first of them are on their way before all are packed.
            await response.write(part if packer is None else packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH))
            left -= len(MEGABYTE)
        if packer is not None:
            await response.write(packer.flush())
        await response.write_eof()
    except (ConnectionError, asyncio.CancelledError):
        entry["fault"] = "big, cut by the client"
    return response


@contextmanager
def in_thread(seed: Mapping[str, Any], tls: bool) -> Iterator[dict[str, Any]]:
    server = Server(seed, tls)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mock", daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(server.open(), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
