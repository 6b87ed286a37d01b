"""The running demonstration of this clone, for management commands that are told no servers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ops import platform_environment
from ops.layout import LOCAL, PYTHON
from ops.privacy import UMASK
from ops.processes import read_record
from ops.services import Services

SAID_OTHERWISE = (
    *("DATABASE_URL", "DATABASE_READ_URL", "REDIS_URL", "RASTER_STORE"),
    *("SECRET_KEY", "SECRET_KEY_FILE", "DEBUG", "DJANGO_SETTINGS_MODULE"),
)
"""Variables of which one is enough to say that another platform is meant."""


def environment(said: Mapping[str, str], local: Path = LOCAL) -> dict[str, str] | None:
    """The environment of the demonstration that runs below ``local``; None where none runs there,
    where it uses servers that only its own caller has named, or where ``said`` names a platform."""
    if any(said.get(name) for name in SAID_OTHERWISE):
        return None
    run = local / "run"
    supervisor = read_record(run, "supervisor")
    if supervisor is None or any(read_record(run, one) is None for one in ("postgresql", "redis")):
        return None
    services = Services(local)
    servers = services.database_settings() | services.redis_settings()
    return platform_environment.of_demonstration(servers, local, site=supervisor.address)


def join(arguments: list[str]) -> None:
    """Go on as a command of the running demonstration, if there is one; return where there is none.

    The command is run by the Python of the demonstration, which has all that it needs.
    """
    found = environment(os.environ)
    if found is None:
        return
    print(
        f"note: no servers are named, so this is the demonstration at {found['SITE_URL']}",
        file=sys.stderr,
        flush=True,
    )
    os.umask(UMASK)
    os.execve(PYTHON, [str(PYTHON), *arguments], found)
