"""Where things lie in a clone."""

from __future__ import annotations

import os
from pathlib import Path

from ops import account

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SITE = "CLCPLUS_SITE"
"""Variable that says which of the clone's two sites is meant: ``real``, or the demonstration."""
DEMONSTRATION = ROOT / ".local"
REAL = ROOT / ".local-real"
# Everything that runs here keeps its state below this folder: synthetic and real figures have
# servers and stores of their own.
LOCAL = REAL if os.environ.get(SITE) == "real" else DEMONSTRATION
SETUP_LOCK = DEMONSTRATION / "setup.lock"  # both sites have the same packages
LOGS = LOCAL / "log"
RUN = LOCAL / "run"
TESTS = LOCAL / "test"
REQUIREMENTS = ROOT / "requirements"
DATABASE_SQL = ROOT / "ops" / "database.sql"
NGINX_CONF = ROOT / "ops" / "nginx.conf"


def make_local(folder: Path = LOCAL) -> Path:
    """Create a folder of ours that the servers' account may walk through, but not list; to all
    others it is closed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = account.of_servers()
    if owner.dropped:
        os.chown(folder, -1, owner.gid)
    folder.chmod(0o710 if owner.dropped else 0o700)
    return folder


def make_closed(folder: Path) -> Path:
    """Create a folder that is ours alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
