"""Passwords and keys of the containers, each for the account that reads it.

docker-compose.yml runs it before all else, in a container of its own: what is not there is made.
The key of the worker of uploads signs nothing, and is another one each time.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PLATFORM = 10001  # the account `clcplus` of the Dockerfile
SERVERS = 999  # `postgres` and `redis` of their images


def main(root: Path = Path("/")) -> None:
    """Fill the volumes below ``root``."""
    os.umask(0o077)
    for name in ("data", "data/rasters", "data/rasters/uploads"):
        _give(root / name, PLATFORM, 0o700)
    postgis = root / "run/postgis-passwords"
    owner, reader = (_kept(postgis / role, SERVERS) for role in ("owner", "reader"))
    _kept(postgis / "superuser", SERVERS)
    passwords = root / "run/passwords"
    redis = _kept(passwords / "redis", PLATFORM)
    lines = [f"postgis:5432:*:clcplus:{owner}", f"postgis:5432:*:clcplus_reader:{reader}", ""]
    _write(passwords / "pgpass", "\n".join(lines), PLATFORM)
    _write(root / "run/redis-passwords/redis.conf", f"requirepass {redis}\n", SERVERS)
    _kept(root / "data/secret-key", PLATFORM)
    _write(root / "run/uploads-key/key", secrets.token_urlsafe(64), PLATFORM)
    for folder, user in (
        (postgis, SERVERS),
        (passwords, PLATFORM),
        (root / "run/redis-passwords", SERVERS),
        (root / "run/uploads-key", PLATFORM),
    ):
        _give(folder, user, 0o500)


def _kept(file: Path, user: int) -> str:
    """The secret in a file, which is made at the first call."""
    if not file.exists():
        _write(file, secrets.token_urlsafe(64), user)
    return file.read_text().strip()


def _write(file: Path, text: str, user: int) -> None:
    """Write a file whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    _give(draft, user, 0o400)
    draft.replace(file)


def _give(path: Path, user: int, mode: int) -> None:
    path.chmod(mode)
    os.chown(path, user, user)


if __name__ == "__main__":
    main()
