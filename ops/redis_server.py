"""A private Redis on a unix socket."""

from __future__ import annotations

import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from ops.places import Place
from ops.problems import Problem
from ops.processes import Child, living_in, start, stop_all, wait_until

MINIMUM = 7
SEARCH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def program() -> str | None:
    """The server program, also where PATH does not lead to it."""
    return shutil.which("redis-server") or shutil.which("redis-server", path=SEARCH)


@dataclass(frozen=True)
class Redis:
    """One private Redis of a place: broker and cache."""

    place: Place
    durable: bool = True

    @property
    def socket(self) -> Path:
        return self.place.runtime / "redis.sock"

    def url(self) -> str:
        """The address for the platform's settings."""
        return f"unix://{self.socket}"

    def start(self) -> Child:
        """Bring the server up, whatever state it was left in."""
        found = program()
        if found is None:
            raise Problem("redis-server is not installed")
        data = self.place.data("redis")
        stop_all(living_in(data), signal.SIGTERM)
        self.place.make_runtime()
        self.socket.unlink(missing_ok=True)
        child = start(
            [
                found,
                *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--dir", str(data), "--daemonize", "no", "--save", ""),
                *("--appendonly", "yes" if self.durable else "no"),
                *("--maxmemory-policy", "noeviction"),
            ],
            name="redis",
            records=self.place.home / "run",
            log=self.place.home / "log" / "redis.log",
            env=self.place.account.environment(),
            cwd="/",
            account=self.place.account,
        )
        try:
            wait_until(lambda: child.ended() is not None or self._answers(), 60.0)
            if child.ended() is not None or not self._answers():
                raise Problem(f"Redis did not start; its log says:\n{child.said()}")
        except BaseException:
            child.stop()
            raise
        return child

    def _answers(self) -> bool:
        """Whether it has loaded its data and takes commands."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2.0)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
