"""Answers of the API that the proxy keeps: how many a second, asked for by their ETag (304)."""

from __future__ import annotations

import os
import selectors
import socket
import time
from contextlib import ExitStack, closing
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.platform import platform
from tests.benchmarks.rows import Disagreement, Measured, Row, Scale, at_least

PATH = "/api/v1/territories/region/07/statistics/"
READERS, CONNECTIONS = 2, 16
"""Processes that ask, and connections of each, with one request at a time."""
SECONDS = 5.0


def rate(scale: Scale) -> Measured:
    """Answers a second, of both readers together."""
    with platform(), TemporaryDirectory() as folder:
        from ops.account import of_servers
        from ops.places import Place
        from tests.ops.conftest import folder_for_servers
        from tests.security.site import site_of
        from tests.workers import environment
        from tests.world import build

        build()
        static = Path(folder) / "static"
        static.mkdir()
        (static / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
        own = {"DEBUG": "0", "STATIC_ROOT": str(static), "ALLOWED_HOSTS": "127.0.0.1"}
        with folder_for_servers() as servers:
            place = Place(servers / ".local", of_servers())
            log = Path(folder) / "web.log"
            with site_of(place, environment() | own, log=log) as site:
                with closing(site.connection()) as asking:
                    asking.request("GET", PATH)
                    answer = asking.getresponse()
                    answer.read()
                tag = answer.headers["ETag"]
                if answer.status != 200 or not tag:
                    raise Disagreement(f"an answer of status {answer.status}, ETag {tag}")
                with get_context("spawn").Pool(READERS) as pool:
                    counts = pool.starmap(_asked, [(site.port, tag)] * READERS)
    value = sum(counts) / SECONDS
    return Measured(
        value=value,
        low=value,
        high=value,
        seconds=f"{READERS} readers with {CONNECTIONS} connections each, for {SECONDS:.0f} s; "
        f"they share the cores with the proxy; load {os.getloadavg()[0]:.1f}",
        agreement="every answer was 304",
    )


def _asked(port: int, tag: str) -> int:
    """How often one reader was answered. Raises Disagreement for any other status."""
    request = (
        f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nIf-None-Match: {tag}\r\n\r\n"
    ).encode()
    answers = 0
    with ExitStack() as stack, selectors.DefaultSelector() as selector:

        def begin() -> None:
            connection = socket.create_connection(("127.0.0.1", port), timeout=30)
            selector.register(stack.enter_context(connection), selectors.EVENT_READ, bytearray())
            connection.sendall(request)

        for _ in range(CONNECTIONS):
            begin()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for key, _ in selector.select(timeout=30):
                connection: Any = key.fileobj
                seen: bytearray = key.data
                seen += connection.recv(1 << 16)
                if not seen.endswith(b"\r\n\r\n"):
                    continue
                if not seen.startswith(b"HTTP/1.1 304"):
                    raise Disagreement(seen[:200].decode("latin-1"))
                answers += 1
                if b"Connection: close" in seen:  # after a thousand requests
                    selector.unregister(connection)
                    begin()
                else:
                    seen.clear()
                    connection.sendall(request)
    return answers


ROWS = (
    Row(
        name="kept-answers",
        work="statistics of a territory from the API, asked for by their ETag, from the proxy",
        required=at_least(2000, "a second"),
        aim=None,
        run=rate,
        unit="a second",
    ),
)
