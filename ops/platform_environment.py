"""What the platform's processes are told by their environment."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ops.layout import LOCAL, VENV

# A variable that points at a real server: where it is given, the private one is not started.
DATABASE = "DATABASE_URL"
REDIS = "REDIS_URL"

# Half a dozen processes import the same packages: compiled anew by each, a start takes twice
# as long.
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


def given(name: str) -> bool:
    """Whether the caller's environment names that server."""
    return bool(os.environ.get(name))


def of_demonstration(servers: dict[str, str], local: Path = LOCAL, *, site: str) -> dict[str, str]:
    """The environment of web, worker, beat and the management commands of the site at ``site``.

    What the caller has set stands, the addresses of private servers excepted.
    """
    own = {
        "DEBUG": "0",
        "DEMONSTRATION": "1",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": site,
        "RASTER_STORE": str(local / "rasters"),
        "CLCPLUS_DATA": str(local / "demonstration"),
        "CLCPLUS_IMAGERY": str(local / "demonstration" / "imagery"),
        "CLCPLUS_CHECKPOINTS": str(local / "checkpoints"),
        "CLCPLUS_PREDICTIONS": str(local / "predictions"),
        "CLCPLUS_STAC": "",
        "CELERY_BEAT_SCHEDULE": str(local / "beat-schedule"),
    }
    if not given("SECRET_KEY"):
        own["SECRET_KEY_FILE"] = str(secret_key_file(local))
    inherited = {key: value for key, value in os.environ.items() if value}
    inherited.pop(NO_BYTECODE, None)
    ours = {
        "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '')}",
        "STATIC_ROOT": str(local / "static"),  # gathered at a start, so nobody's own folder
    }
    return own | inherited | servers | ours


def secret_key_file(local: Path = LOCAL) -> Path:
    """The file with Django's secret key, made at the first call; only its owner reads it."""
    file = local / "secret-key"
    if not file.exists():
        draft = local / "secret-key.new"
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        draft.replace(file)
    return file
