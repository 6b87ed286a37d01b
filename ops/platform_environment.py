"""What the platform's processes are told by their environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from ops import proxy
from ops.layout import LOCAL, VENV
from ops.privacy import secret

# A variable that points at a real server: where it is given, the private one is not started.
DATABASE = "DATABASE_URL"
REDIS = "REDIS_URL"

# Half a dozen processes import the same packages: compiled anew by each, a start takes twice
# as long.
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"

_KEPT_FROM_UPLOADS = {
    *("SECRET_KEY_FILE", "CLMS_KEY_FILE"),
    # An address of mail may hold a password. Without its secret a webhook is refused at the start.
    *("EMAIL_URL", "EMAIL_PASSWORD_FILE", "NOTIFY_MAIL"),
    *("NOTIFY_WEBHOOK", "NOTIFY_SECRET_FILE"),
}
"""Variables that the worker of uploads is not told: secrets, and what needs them."""


def given(name: str) -> bool:
    """Whether the caller's environment names that server."""
    return bool(os.environ.get(name))


def of_site(
    servers: Mapping[str, str], local: Path = LOCAL, *, address: str, own: Mapping[str, str]
) -> dict[str, str]:
    """The environment of web, worker, beat and the management commands of the site at an address;
    ``own`` are variables of this site alone.

    What the caller has set stands, the addresses of private servers excepted.
    """
    usual = {
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": address,
        "RASTER_STORE": str(local / "rasters"),
        "CLCPLUS_DATA": str(local / "demonstration"),
        "CLCPLUS_IMAGERY": str(local / "demonstration" / "imagery"),
        "CLCPLUS_CHECKPOINTS": str(local / "checkpoints"),
        "CLCPLUS_PREDICTIONS": str(local / "predictions"),
        "CLCPLUS_STAC": "",
        "LOG_FORMAT": "line",
        "METRICS_NETWORK": "",
        **proxy.sizes(),
        **own,
    }
    if not given("SECRET_KEY"):
        usual["SECRET_KEY_FILE"] = str(secret(local / "secret-key"))
    inherited = {key: value for key, value in os.environ.items() if value}
    inherited.pop(NO_BYTECODE, None)
    ours = {
        "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '')}",
        "STATIC_ROOT": str(local / "static"),  # gathered at a start, so nobody's own folder
        "TRUSTED_PROXIES": "1",  # ops/proxy.py; the web server listens to nobody else
    }
    return {**usual, **inherited, **servers, **ours}


def of_uploads(environment: dict[str, str]) -> dict[str, str]:
    """The same for the worker that reads files of strangers: with a key that signs nothing."""
    without = {key: value for key, value in environment.items() if key not in _KEPT_FROM_UPLOADS}
    return without | {"SECRET_KEY": secrets.token_urlsafe(64)}
