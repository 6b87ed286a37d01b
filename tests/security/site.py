"""The web server behind its proxy, as `make demo` starts them."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops import commands
from ops.layout import ROOT
from ops.places import Place
from ops.processes import Child, wait_until
from ops.proxy import Proxy


@dataclass
class Site:
    """A site on a port of the loopback."""

    place: Place
    port: int
    proxy: Child
    web: subprocess.Popen[bytes]
    log: Path

    def connection(self, patience: float = 30.0) -> http.client.HTTPConnection:
        """A new connection to the proxy."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)

    def get(self, path: str, *, patience: float = 30.0) -> int:
        """The status of an address."""
        with closing(self.connection(patience)) as asking:
            asking.request("GET", path)
            answer = asking.getresponse()
            answer.read()
            return answer.status

    def timed(self, path: str, *, patience: float) -> tuple[float, int]:
        """Seconds until an answer was there, and its status."""
        began = time.monotonic()
        status = self.get(path, patience=patience)
        return time.monotonic() - began, status

    def stop_web(self) -> None:
        """End the web server behind the proxy."""
        self.web.send_signal(signal.SIGTERM)
        self.web.wait(30)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site_of(place: Place, environment: dict[str, str], *, log: Path) -> Iterator[Site]:
    """A site that answers; ended with the block."""
    port = free_port()
    proxy = Proxy(place, port)
    place.make_runtime()
    with log.open("wb") as output:
        web = subprocess.Popen(
            [sys.executable, "-m", *commands.web(f"unix:{proxy.web_socket}")],
            env=environment | {"TRUSTED_PROXIES": "1"},
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    child = proxy.start()
    site = Site(place, port, child, web, log)
    try:
        if not wait_until(lambda: site.get("/healthz") == 200, 60.0, pause=0.3):
            raise RuntimeError(f"the site does not answer:\n{log.read_text()}")
        yield site
    finally:
        child.stop()
        web.terminate()
        web.wait(30)
        place.release()
