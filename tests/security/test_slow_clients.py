"""Attack: two dozen clients that send a head or a body a byte at a time, or read an answer as
slowly, hold all threads of the web server."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import re
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from ops.account import of_servers
from ops.places import Place
from ops.processes import Identity, wait_until
from ops.proxy import Proxy
from tests.ops.conftest import folder_for_servers, open_folder, place  # noqa: F401 - fixtures
from tests.security.site import Site, free_port, site_of
from tests.workers import environment

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = 200
PATIENCE = 5.0
"""Seconds in which a reader must be answered; held up, nobody is for a minute."""

HOST = b"Host: 127.0.0.1\r\n"
ATTACKS = {
    "head": b"GET / HTTP/1.1\r\n" + HOST + b"X-Slow: ",
    "request line": b"GET /",
    "body": b"POST /api/v1/statistics/ HTTP/1.1\r\n" + HOST + (
        b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    ),
    "upload": b"POST /zones/new/ HTTP/1.1\r\n" + HOST + (
        b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
    ),
    "chunks": b"POST /api/v1/zones/ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n",
    "signing in": b"POST /admin/login/ HTTP/1.1\r\n" + HOST + b"Content-Length: 10000\r\n\r\n",
    "reader": b"GET /static/build/large.js HTTP/1.1\r\n" + HOST + b"\r\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site for all tests that leave it as it is."""
    with folder_for_servers() as folder:
        place = Place(folder / ".local", of_servers())
        with started(place, tmp_path_factory.mktemp("site")) as site:
            yield site


@pytest.fixture
def own_site(place: Place, tmp_path: Path) -> Iterator[Site]:  # noqa: F811
    """The same for one test, which ends a part of it."""
    with started(place, tmp_path) as site:
        yield site


@contextmanager
def started(place: Place, tmp_path: Path) -> Iterator[Site]:  # noqa: F811
    """gunicorn and nginx as `make demo` starts them, on the database of the tests."""
    static = tmp_path / "static"
    (static / "build").mkdir(parents=True)
    (static / "build" / "large.js").write_bytes(os.urandom(4_000_000))
    (static / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
    more = {"DEBUG": "0", "STATIC_ROOT": str(static), "ALLOWED_HOSTS": "127.0.0.1"}
    with site_of(place, environment() | more, log=tmp_path / "web.log") as site:
        yield site


@contextmanager
def slow(port: int, beginning: bytes, *, addresses: int) -> Iterator[list[socket.socket]]:
    """Connections that go on by a byte a second until the block is left."""
    with_each: list[socket.socket] = []
    over = threading.Event()

    def drip() -> None:
        while not over.wait(1.0):
            for one in with_each:
                try:
                    if beginning is ATTACKS["reader"]:
                        one.recv(1)
                    one.send(b"1\r\nx\r\n" if b"chunked" in beginning else b"x")
                except OSError:  # nothing to read yet, or the server has closed it
                    pass

    try:
        for number in range(SLOW):
            one = socket.socket()
            with_each.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            one.bind((f"127.0.0.{1 + number % addresses}", 0))
            one.connect(("127.0.0.1", port))
            one.send(beginning)
            one.setblocking(False)
        thread = threading.Thread(target=drip)
        thread.start()
        yield with_each
    finally:
        over.set()
        thread.join()
        for one in with_each:
            one.close()


# All attacks in one test: whoever runs alone waits for all others to end their tests.
@pytest.mark.alone
@pytest.mark.parametrize("addresses", [1, 16])
def test_slow_clients_hold_up_nobody(site: Site, addresses: int) -> None:
    for attack, beginning in ATTACKS.items():
        page = "/static/build/large.js" if attack == "reader" else "/api/v1/"
        site.get(page)  # imports what the first request imports
        with slow(site.port, beginning, addresses=addresses):
            time.sleep(2.0)
            for path in ("/healthz", page) * 4:
                answered, status = site.timed(path, patience=PATIENCE)
                assert status == 200, (attack, path)
                assert answered < PATIENCE, (attack, path)


def test_an_endless_head_is_cut_off(site: Site) -> None:
    """Else each such connection would stay for ever."""
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=20)) as one:
        one.sendall(ATTACKS["head"])
        with suppress(ConnectionResetError):
            assert one.recv(4096)[:12] in {b"", b"HTTP/1.1 408"}


@pytest.mark.alone
def test_one_address_has_few_bodies_under_way(site: Site) -> None:
    """Each may fill the disk with a hundred megabytes."""
    for method in (b"POST", b"GET", b"PATCH", b"FOO"):
        beginning = ATTACKS["upload"].replace(b"POST", method)
        with slow(site.port, beginning, addresses=1) as clients:
            said = dict.fromkeys(clients, b"")
            assert wait_until(lambda said=said: refused(said) == SLOW - 8, 10.0), method
            time.sleep(0.5)
            assert refused(said) == SLOW - 8, method


def refused(said: dict[socket.socket, bytes]) -> int:
    """How many have been refused, by all that each has been told."""
    for one in said:
        said[one] += received(one)
    return sum(answer.startswith(b"HTTP/1.1 429") for answer in said.values())


def received(one: socket.socket) -> bytes:
    try:
        return one.recv(4096)
    except OSError:  # nothing yet, or closed
        return b""


@pytest.mark.parametrize("path", ["/api/v1/zones/", "/api/v1/statistics/", "/api/v1/nowhere/"])
def test_too_large_a_body_is_refused_with_a_problem_document(site: Site, path: str) -> None:
    with closing(site.connection()) as asking:
        asking.putrequest("POST", path)
        asking.putheader("Content-Length", "106000000")
        asking.endheaders()
        answer = asking.getresponse()
        assert answer.status == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        body = json.loads(answer.read())
        assert body["status"] == 413
        assert body["action"]


@pytest.mark.parametrize(
    ("path", "size", "statuses"),
    [
        ("/api/v1/zones/", 1_000_000, {401, 403, 415}),
        ("/api/v1/zones/", 9_000_000, {401, 403, 415}),
        ("/api/v1/zones", 12_000_000, {308}),
    ],
)
def test_the_answer_to_a_refused_body_arrives(
    site: Site, path: str, size: int, statuses: set[int]
) -> None:
    """The web server answers by the head alone; that is not lost with the connection."""
    for _ in range(15):
        with closing(site.connection()) as asking:
            asking.request("POST", path, body=bytes(size))
            assert asking.getresponse().status in statuses


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the head that it has been sent."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.headers.items()).encode())

    def log_message(self, *_words: object) -> None:
        """Nobody is told."""


def test_a_client_cannot_choose_its_address_or_scheme(place: Place) -> None:  # noqa: F811
    """Limits go by the address, and links by the scheme: what a client says of them is dropped."""
    proxy = Proxy(place, free_port())
    place.make_runtime()
    with socketserver.ThreadingUnixStreamServer(str(proxy.web_socket), Echo) as web:
        proxy.web_socket.chmod(0o777)
        threading.Thread(target=web.serve_forever).start()
        child = proxy.start()
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", proxy.port)) as asking:
                forged = {"Host": "example.org:81", "X-Forwarded-For": "203.0.113.7"} | {
                    name: "forged"
                    for name in (
                        "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP",
                        "Forwarded", "X_Forwarded_For",
                    )
                }  # fmt: skip
                asking.request("GET", "/", headers=forged)
                head = {name.lower(): value for name, value in json.load(asking.getresponse())}
        finally:
            child.stop()
            web.shutdown()
            proxy.web_socket.unlink()
            place.release()
    assert re.fullmatch("[0-9a-f]{32}", head.pop("x-request-id"))
    assert head == {
        "host": "example.org:81",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
        "connection": "close",
        "accept-encoding": "identity",
    }


def test_lines_and_fields_of_a_head_are_bounded(site: Site) -> None:
    for path, headers, status in (
        ("/healthz", {"Cookie": "a" * 8000}, 200),
        ("/healthz", {"Cookie": "a" * 9000}, 400),
        ("/healthz", {f"X-{n}": "1" for n in range(90)}, 200),
        ("/healthz", {f"X-{n}": "1" for n in range(120)}, 431),
        ("/healthz", {f"X-{n}": "1" for n in range(3000)}, 400),
        (f"/healthz?{'a' * 9000}", {}, 414),
    ):
        with closing(site.connection()) as asking:
            asking.request("GET", path, headers=headers)
            assert asking.getresponse().status == status


def test_while_the_web_server_is_away_the_proxy_says_so(own_site: Site) -> None:
    site = own_site
    site.stop_web()
    for path, kind in (("/", "text/plain"), ("/api/v1/", "application/problem+json")):
        with closing(site.connection()) as asking:
            asking.request("GET", path)
            answer = asking.getresponse()
            assert answer.status == 503
            assert answer.headers["Content-Type"] == kind
            assert answer.headers["Retry-After"] == "5"
            if kind == "application/problem+json":
                assert json.loads(answer.read())["action"]
                assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_a_killed_proxy_starts_again_beside_its_own_workers(own_site: Site) -> None:
    """They outlive it, and hold the port."""
    site = own_site
    members = site.proxy.record.identity.group()
    assert members
    site.proxy.record.identity.send(9)
    site.proxy.popen.wait()
    again = Proxy(site.place, site.port).start()
    try:
        assert wait_until(lambda: not any(one.alive for one in members), 5)
        assert site.timed("/healthz", patience=PATIENCE)[1] == 200
        owner = Path(f"/proc/{again.popen.pid}").stat().st_uid
        assert owner == of_servers().uid != 0
        assert Identity.of(again.popen.pid) is not None
    finally:
        again.stop()
