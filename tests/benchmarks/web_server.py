"""The web server as in production, on a free port of the loopback, while it is measured."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ops import commands

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def web_server(environment: dict[str, str], *, log: Path) -> Iterator[int]:
    """The port of a server that answers. Raises RuntimeError where it does not within a minute."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", *commands.web(f"127.0.0.1:{port}")],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
        try:
            _await(port, log)
            yield port
        finally:
            server.terminate()
            server.wait(20)


def _await(port: int, log: Path) -> None:
    for _ in range(120):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            try:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
        time.sleep(0.5)
    raise RuntimeError(f"the web server does not answer; see {log}")
