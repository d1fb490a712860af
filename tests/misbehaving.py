"""An HTTP server that misbehaves on purpose, and counts what it serves; for tests and the benchmark `acquire`."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from acuomics.acquire.table import Deposit

Fault = Callable[["Handler", "Resource"], None]


@dataclass
class Resource:
    """What stands at a path. `faults` are used up by the first requests, one each; then it is served properly."""

    content: bytes
    content_type: str = "application/octet-stream"
    ranges: bool = True
    validators: bool = True
    faults: list[Fault] = field(default_factory=list)
    #: The fault of every request, when there is one.
    always: Fault | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    bytes_sent: int = 0

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content).hexdigest()}"'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Misbehaving

    def do_GET(self) -> None:
        resource = self.server.resources.get(urlsplit(self.path).path)
        if resource is None:
            self.answer(404, b"no such file", "text/plain")
            return
        with self.server.lock:
            resource.requests.append({name.lower(): value for name, value in self.headers.items()})
            fault = resource.always or (resource.faults.pop(0) if resource.faults else None)
            self.server.active += 1
            self.server.most_active = max(self.server.most_active, self.server.active)
        try:
            (fault or Handler.serve)(self, resource)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.active -= 1

    def do_HEAD(self) -> None:
        resource = self.server.resources.get(urlsplit(self.path).path)
        self.send_response(200 if resource else 404)
        self.send_header("Content-Length", str(len(resource.content) if resource else 0))
        self.end_headers()

    def answer(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def start(self, resource: Resource, *, length: int | None = None) -> int:
        """Send status and headers of a proper answer; give the offset it begins at."""
        begin = 0
        asked = self.headers.get("Range")
        condition = self.headers.get("If-Range")
        if asked and resource.ranges and condition in (None, resource.etag):
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        total = len(resource.content)
        if begin >= total > 0 and begin:
            self.answer(416, b"", "text/plain", Content_Range=f"bytes */{total}")
            return total
        self.send_response(206 if begin else 200)
        self.send_header("Content-Type", resource.content_type)
        self.send_header("Content-Length", str(total - begin if length is None else length))
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
        if resource.validators:
            self.send_header("ETag", resource.etag)
        self.end_headers()
        return begin

    def send(self, resource: Resource, part: bytes) -> None:
        # Counted before it is sent: who has read the last byte may look at the count at once.
        with self.server.lock:
            resource.bytes_sent += len(part)
        self.wfile.write(part)

    def serve(self, resource: Resource) -> None:
        self.send(resource, resource.content[self.start(resource) :])

    def log_message(self, *_: Any) -> None:
        pass


class Misbehaving(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.resources: dict[str, Resource] = {}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.active = self.most_active = 0

    def handle_error(self, *_: Any) -> None:
        """Clients that go away are what these tests are about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, path: str, content: bytes, **options: Any) -> Resource:
        self.resources[path] = Resource(content, **options)
        return self.resources[path]


@contextmanager
def running() -> Iterator[Misbehaving]:
    """A server on a free port of this machine."""
    server = Misbehaving()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()


def cut(share: float) -> Fault:
    """Promise everything, send a share of it, and hang up."""

    def fault(handler: Handler, resource: Resource) -> None:
        begin = handler.start(resource)
        handler.send(resource, resource.content[begin : begin + int((len(resource.content) - begin) * share)])
        handler.close_connection = True

    return fault


def status(code: int, **headers: str) -> Fault:
    """Answer with a status and headers."""
    return lambda handler, resource: handler.answer(code, b"not now", "text/plain", **headers)


def stall(share: float) -> Fault:
    """Send a share, then nothing, and keep the connection."""

    def fault(handler: Handler, resource: Resource) -> None:
        begin = handler.start(resource)
        handler.send(resource, resource.content[begin : int(len(resource.content) * share)])
        handler.server.stopping.wait(30)
        handler.close_connection = True

    return fault


def trickle(block: int, seconds: float) -> Fault:
    """Send slowly, so that a transfer can be killed in its midst."""

    def fault(handler: Handler, resource: Resource) -> None:
        begin = handler.start(resource)
        for at in range(begin, len(resource.content), block):
            handler.send(resource, resource.content[at : at + block])
            time.sleep(seconds)

    return fault


def redirect(target: str) -> Fault:
    """Send the client elsewhere."""
    return lambda handler, resource: handler.answer(302, b"", "text/plain", Location=target)


def page(content_type: str = "text/html; charset=utf-8") -> Fault:
    """Answer 200 with a page that says that something is wrong."""
    body = b"<!DOCTYPE html><html><body>The service is busy.</body></html>"
    return lambda handler, resource: handler.answer(200, body, content_type)


def other_bytes(handler: Handler, resource: Resource) -> None:
    """Send as many bytes as there should be, one of them wrong."""
    begin = handler.start(resource)
    wrong = resource.content[:-1] + bytes([resource.content[-1] ^ 1])
    handler.send(resource, wrong[begin:])


def promise(difference: int) -> Fault:
    """Promise more bytes (or fewer) than there are."""

    def fault(handler: Handler, resource: Resource) -> None:
        handler.start(resource, length=len(resource.content) + difference)
        handler.send(resource, resource.content)
        handler.close_connection = True

    return fault


def chunked(handler: Handler, resource: Resource) -> None:
    """Send in chunks, without a length."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for at in range(0, len(resource.content), 70_000):
        block = resource.content[at : at + 70_000]
        handler.send(resource, b"%x\r\n%s\r\n" % (len(block), block))
    handler.wfile.write(b"0\r\n\r\n")


def chunked_stall(share: float) -> Fault:
    """Send a share in chunks, then nothing, and keep the connection."""

    def fault(handler: Handler, resource: Resource) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.send_header("ETag", resource.etag)
        handler.end_headers()
        sent = resource.content[: int(len(resource.content) * share)]
        for at in range(0, len(sent), 70_000):
            block = sent[at : at + 70_000]
            handler.send(resource, b"%x\r\n%s\r\n" % (len(block), block))
        handler.server.stopping.wait(30)
        handler.close_connection = True

    return fault


def without_length(share: float = 1.0) -> Fault:
    """Send without a length: the end of the connection is the end of the file, or of a part of it."""

    def fault(handler: Handler, resource: Resource) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.send(resource, resource.content[: int(len(resource.content) * share)])
        handler.close_connection = True

    return fault


def replaced(content: bytes) -> Fault:
    """The deposit is replaced just before this request."""

    def fault(handler: Handler, resource: Resource) -> None:
        resource.content = content
        handler.serve(resource)

    return fault


def wrong_range(handler: Handler, resource: Resource) -> None:
    """Answer a request for the rest with the beginning, and call it the rest."""
    handler.send_response(206)
    begin = 7
    handler.send_header("Content-Range", f"bytes {begin}-{len(resource.content) - 1}/{len(resource.content)}")
    handler.send_header("Content-Length", str(len(resource.content) - begin))
    handler.end_headers()
    handler.send(resource, resource.content[begin:])


def ignores_if_range(content: bytes) -> Fault:
    """The deposit is replaced, and the server sends the rest of the new one in spite of ``If-Range``."""

    def fault(handler: Handler, resource: Resource) -> None:
        resource.content = content
        del handler.headers["If-Range"]
        handler.serve(resource)

    return fault


def deposit_of(url: str, content: bytes, file: str = "reads.bin", known: str = "bytes md5 sha256") -> Deposit:
    """The row of a file; `known` says which facts the archive deposits."""
    return Deposit(
        file=file,
        sample="",
        run="",
        mate="",
        url=url,
        bytes=len(content) if "bytes" in known else None,
        md5=hashlib.md5(content).hexdigest() if "md5" in known else "",
        sha256=hashlib.sha256(content).hexdigest() if "sha256" in known else "",
        source="url",
        resolved_on="2027-01-15",
    )
