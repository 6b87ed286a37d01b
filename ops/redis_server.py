"""A private Redis on a unix socket."""

from __future__ import annotations

import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from ops.places import Place
from ops.privacy import secret
from ops.problems import Problem
from ops.processes import Child, living_in, start, stop_all, wait_until

MINIMUM = 7
SEARCH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def program() -> str | None:
    """The server program, also where PATH does not lead to it."""
    return shutil.which("redis-server") or shutil.which("redis-server", path=SEARCH)


@dataclass(frozen=True)
class Redis:
    """One private Redis of a place: broker and cache. It asks for a password."""

    place: Place
    durable: bool = True

    @property
    def socket(self) -> Path:
        return self.place.runtime / "redis.sock"

    @property
    def password(self) -> str:
        """Made at the first start of the place."""
        return secret(self.place.home / "redis-password").read_text()

    def url(self) -> str:
        """The address for the platform's settings."""
        return f"unix://:{self.password}@{self.socket}"

    def start(self) -> Child:
        """Bring the server up, whatever state it was left in."""
        found = program()
        if found is None:
            raise Problem("redis-server is not installed")
        data = self.place.data("redis")
        stop_all(living_in(data), signal.SIGTERM)
        self.place.make_runtime()
        self.socket.unlink(missing_ok=True)
        # In a file: everybody can read a command line.
        file = data / "redis.conf"
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"requirepass {self.password}\n")
        self.place.account.give(file)
        child = start(
            [
                *(found, str(file)),
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
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                with connection.makefile("rb") as answers:
                    return [answers.readline()[:5] for _ in range(2)] == [b"+OK\r\n", b"+PONG"]
        except OSError:
            return False
