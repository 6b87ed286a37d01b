"""The running site of this clone, for management commands that are told no servers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ops import platform_environment, sites
from ops.layout import DEMONSTRATION, LOCAL, PYTHON, REAL
from ops.privacy import UMASK
from ops.processes import read_record
from ops.services import Services

SAID_OTHERWISE = (
    *("DATABASE_URL", "DATABASE_READ_URL", "REDIS_URL", "RASTER_STORE"),
    *("SECRET_KEY", "SECRET_KEY_FILE", "DEBUG", "DJANGO_SETTINGS_MODULE"),
)
"""Variables of which one is enough to say that another platform is meant."""


def environment(said: Mapping[str, str], local: Path = LOCAL) -> dict[str, str] | None:
    """The environment of the site that runs below ``local``; None where none runs there,
    where it uses servers that only its own caller has named, or where ``said`` names a platform."""
    if any(said.get(name) for name in SAID_OTHERWISE):
        return None
    run = local / "run"
    supervisor = read_record(run, "supervisor")
    if supervisor is None or any(read_record(run, one) is None for one in ("postgresql", "redis")):
        return None
    services = Services(local)
    servers = services.database_settings() | services.redis_settings()
    return platform_environment.of_site(
        servers, local, address=supervisor.address, own=sites.variables(local)
    )


def join(arguments: list[str]) -> None:
    """Go on as a command of the running site, if there is one; return where there is none.

    The command is run by the Python of the clone, which has all that it needs.
    """
    for local in (LOCAL, DEMONSTRATION, REAL):
        found = environment(os.environ, local)
        if found is not None:
            break
    else:
        return
    which = "the site of real data" if local == REAL else "the demonstration"
    print(
        f"note: no servers are named, so this is {which} at {found['SITE_URL']}",
        file=sys.stderr,
        flush=True,
    )
    os.umask(UMASK)
    os.execve(PYTHON, [str(PYTHON), *arguments], found)
