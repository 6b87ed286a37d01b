"""Local servers that behave like the real ones, and misbehave like them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """An answer of a local server."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    claimed_length: int | None = None
    """Content-Length, where it is not that of the body."""
    pause: float = 0.0
    """Seconds between two pieces of the body."""
    pieces: int = 1


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answers = Callable[[Request], Reply]


@dataclass
class Served:
    """A running server: its address, what it was asked, and faults that it shows first."""

    url: str
    answers: Answers
    requests: list[Request] = field(default_factory=list)
    faults: list[Reply | Callable[[Reply], Reply]] = field(default_factory=list)
    """Each is shown once, for the next request that ``faulty`` selects, before true answers."""
    faulty: Callable[[Request], bool] = lambda request: True
    lock: threading.Lock = field(default_factory=threading.Lock)
    at_once: int = 0
    most_at_once: int = 0

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def reply(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            fault = self.faults.pop(0) if self.faults and self.faulty(request) else None
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if isinstance(fault, Reply):
                return fault
            true = self.answers(request)
            return fault(true) if fault else true
        finally:
            with self.lock:
                self.at_once -= 1


@contextmanager
def served(answers: Answers) -> Iterator[Served]:
    """A server on a port of loopback, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            reply = server_state.reply(
                Request(
                    method=self.command,
                    path=parts.path,
                    query=query,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
            )
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            length = len(reply.body) if reply.claimed_length is None else reply.claimed_length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            size = -(-len(reply.body) // reply.pieces) or 1
            for start in range(0, len(reply.body), size):
                try:
                    self.wfile.write(reply.body[start : start + size])
                except OSError:  # the client has gone
                    break
                time.sleep(reply.pause)
            if length != len(reply.body):
                self.close_connection = True

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server_state = Served(f"http://127.0.0.1:{server.server_port}", answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server_state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
