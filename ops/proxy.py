"""The proxy before the web server: a private nginx that waits for slow clients."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ops.layout import NGINX_CONF
from ops.places import Place
from ops.problems import Problem
from ops.processes import Child, living_in, start, stop_all, wait_until

SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
NOBODY = "255.255.255.255"
"""An address that no other proxy has."""
MEGABYTES = {"UPLOAD_MEGABYTES": "100", "PASTED_MEGABYTES": "10"}
"""Sizes of bodies that the proxy must know as well, as in clcplus/settings.py."""


def program() -> str | None:
    """nginx, also where PATH does not lead to it."""
    return shutil.which("nginx") or shutil.which("nginx", path=SEARCH)


def sizes() -> dict[str, str]:
    """The largest bodies: what the caller has set, else the usual."""
    return {name: os.environ.get(name) or usual for name, usual in MEGABYTES.items()}


def configuration(*, listen: str, folder: Path, web_socket: Path) -> str:
    """nginx.conf for a proxy that listens there and keeps its files in ``folder``."""
    return Template(NGINX_CONF.read_text()).safe_substitute(
        PROXY_LISTEN=listen,
        PROXY_FOLDER=str(folder),
        WEB_SOCKET=str(web_socket),
        OUTER_PROXY=os.environ.get("OUTER_PROXY") or NOBODY,
        METRICS_NETWORK=os.environ.get("METRICS_NETWORK") or NOBODY,
        **sizes(),
    )


@dataclass(frozen=True)
class Proxy:
    """The nginx of one place."""

    place: Place
    port: int

    @property
    def web_socket(self) -> Path:
        """Where the web server listens for it alone."""
        return self.place.runtime / "web.sock"

    def start(self) -> Child:
        """Bring it up, whatever state it was left in: also beside workers of a killed one."""
        found = program()
        if found is None:
            raise Problem("nginx is not installed")
        folder = self.place.data("proxy")
        stop_all(living_in(folder), signal.SIGTERM)
        self.place.make_runtime()
        for path in folder.iterdir():  # bodies and answers that nobody waits for any more
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        file = folder / "nginx.conf"
        file.touch(mode=0o600)
        file.write_text(
            configuration(
                listen=f"127.0.0.1:{self.port}", folder=folder, web_socket=self.web_socket
            )
        )
        self.place.account.give(file)
        child = start(
            [found, "-e", "stderr", "-p", str(folder), "-c", str(file)],
            name="proxy",
            records=self.place.home / "run",
            log=self.place.home / "log" / "proxy.log",
            env=self.place.account.environment(),
            cwd=folder,  # its workers are known by that, should they outlive it
            account=self.place.account,
            stop_signal=signal.SIGQUIT,  # SIGTERM would cut the requests under way
        )
        try:
            # It writes its number once it listens.
            ready = folder / "nginx.pid"
            wait_until(lambda: child.ended() is not None or ready.exists(), 20.0)
            if child.ended() is not None or not ready.exists():
                raise Problem(f"nginx did not start; its log says:\n{child.said()}")
        except BaseException:
            child.stop()
            raise
        return child
