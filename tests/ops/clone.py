"""A clone in which everything is real but the platform: stubs stand for its processes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from ops.layout import ROOT
from ops.processes import Identity

MANAGE = """
import os, pathlib, sys
if sys.argv[1] == "collectstatic":
    pathlib.Path(os.environ["STATIC_ROOT"]).mkdir(exist_ok=True)
if sys.argv[1] == "load_demonstration":
    print("counting zones", os.environ["DATABASE_URL"][:10], flush=True)
if sys.argv[1] == "load_real":
    names = ("DEMONSTRATION", "CLCPLUS_COUNTRY", "CLCPLUS_INBOX", "RASTER_STORE")
    print(*sys.argv[1:], *(f"{name}={os.environ[name]}" for name in names), sep="|", flush=True)
    sys.exit("no network" if os.environ.get("NO_NETWORK") else 0)
if sys.argv[1] == "load_forward":
    print("imagery in", os.environ["CLCPLUS_IMAGERY"], flush=True)
"""
CELERY = """
import time
time.sleep(600)
"""
GUNICORN = """
import http.server, os, socketserver, sys
address = sys.argv[sys.argv.index("--bind") + 1].removeprefix("unix:")

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def address_string(self):
        return "the proxy"

os.path.exists(address) and os.unlink(address)
server = socketserver.ThreadingUnixStreamServer(address, Ready)
os.chmod(address, 0o777)
server.serve_forever()
"""
NOTHING_TO_INSTALL = """
def ensure(*wanted):
    print("installing", *wanted)
"""


class Clone:
    """A folder with ops/ in it, and the commands a person would give there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "ops", folder / "ops", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "requirements").mkdir()
        for name, content in {
            "manage.py": MANAGE,
            "celery.py": CELERY,
            "gunicorn.py": GUNICORN,
            "ops/virtual_environment.py": NOTHING_TO_INSTALL,
            "ops/frontend.py": NOTHING_TO_INSTALL,
            "requirements/runtime.txt": "",
        }.items():
            (folder / name).write_text(content)
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def run(self, module: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """``python -m ops.MODULE`` to its end."""
        return subprocess.run(
            [sys.executable, "-m", f"ops.{module}"],
            cwd=self.folder,
            env=self.environment() | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """The caller's environment, without what points at this run's own servers."""
        servers = ("DATABASE_URL", "DATABASE_READ_URL", "REDIS_URL", "SECRET_KEY")
        kept = {key: value for key, value in os.environ.items() if key not in servers}
        return kept | {"PORT": str(self.port)}

    def answers(self) -> bool:
        """Whether the site is there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return True
        except OSError:
            return False

    def identity(self, name: str, *, local: str = ".local") -> Identity:
        """The process the record ``name`` tells of."""
        record = json.loads((self.folder / local / "run" / f"{name}.json").read_text())
        return Identity(record["pid"], record["started"], record["boot"])

    def running(self, *, local: str = ".local") -> list[str]:
        """The names of the processes on record that run."""
        names = [file.stem for file in (self.folder / local / "run").glob("*.json")]
        return sorted(name for name in names if self.identity(name, local=local).alive)
