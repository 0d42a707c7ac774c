"""A real web server on the loopback, that also misbehaves as servers do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Literal

Framing = Literal["length", "chunked", "none"]


@dataclass(frozen=True)
class Resource:
    """What a path answers; the defaults are a good server's."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"1"'})
    framing: Framing = "length"
    announced: int | None = None  # another length than the content's
    ranges: bool = True
    heeds_if_range: bool = True
    shift: int = 0  # how far a range begins from where it was asked for
    cut_after: int | None = None  # bytes after which the connection is closed
    stall_after: int | None = None  # bytes after which nothing comes any more
    raw: bytes | None = None  # instead of an answer
    drips: bool = False  # a header that never ends


@dataclass
class Site:
    """A running server: change `resources` at will, look at what was asked."""

    url: str = ""
    resources: dict[str, Resource] = field(default_factory=dict)
    ranges: list[str | None] = field(default_factory=list)  # of each request, in order
    stalled: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)  # ends stalls; set when the server ends


@contextmanager
def serve(**resources: Resource) -> Iterator[Site]:
    """Serve each resource at /<name> until the block ends."""
    site = Site(resources=dict(resources))
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up: that is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.site.ranges.append(asked)
        self.close_connection = True
        path = self.path.partition("?")[0].rpartition("/")[2]
        resource = self.site.resources.get(path, Resource(b"no such page", status=404))
        if resource.raw is not None:
            self.wfile.write(resource.raw)
        elif resource.drips:
            self._drip()
        else:
            self._answer(resource, self._start(resource, asked))

    def _start(self, resource: Resource, asked: str | None) -> int | None:
        """Return where the range begins; None for the whole."""
        found = re.fullmatch(r"bytes=(\d+)-", asked or "")
        if found is None or not resource.ranges:
            return None
        versions = (resource.headers.get("ETag"), resource.headers.get("Last-Modified"))
        if resource.heeds_if_range and self.headers["If-Range"] not in versions:
            return None
        return int(found[1]) + resource.shift

    def _answer(self, resource: Resource, start: int | None) -> None:
        size = len(resource.content)
        body = resource.content[start or 0 :]
        if start is not None and start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            body = b""
        elif start is not None:
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        else:
            self.send_response(resource.status)
        self._send_headers(resource, len(body))
        self._send_body(resource, body)

    def _send_headers(self, resource: Resource, size: int) -> None:
        for name, value in resource.headers.items():
            self.send_header(name, value)
        if resource.framing == "length":
            announced = size if resource.announced is None else resource.announced
            self.send_header("Content-Length", str(announced))
        elif resource.framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _send_body(self, resource: Resource, body: bytes) -> None:
        end = resource.cut_after if resource.stall_after is None else resource.stall_after
        whole = end is None or end >= len(body)
        self._send(resource, body[:end])
        if resource.framing == "chunked" and whole:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()
        if resource.stall_after is not None:
            self.site.stalled.set()
            self.site.go_on.wait()
            self._send(resource, body[end:])

    def _send(self, resource: Resource, body: bytes) -> None:
        if resource.framing != "chunked":
            self.wfile.write(body)
        elif body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not self.site.go_on.wait(0.02):
            self.wfile.write(b"drip ")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Write nothing to standard error."""
