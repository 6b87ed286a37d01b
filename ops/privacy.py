"""What lies in a clone's ``.local`` is its owner's: made closed, and closed where it was open."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

UMASK = 0o077
"""Of every process that is started: what it makes, nobody else reads."""
PUBLIC = 0o022
"""The usual umask: for packages, which belong to the system."""


def secret(file: Path) -> Path:
    """A file with a secret of its own, made at the first call; only its owner reads it."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        draft.replace(file)
    return file


def close(folder: Path, *, doors: frozenset[Path] = frozenset()) -> None:
    """Take from everybody else what this account has below ``folder``; ``doors`` are folders that
    the servers' account must walk through. What belongs to that account is left to it."""
    for path, names, files in os.walk(folder):
        here = Path(path)
        if here not in doors:
            _close(here)
        names[:] = [name for name in names if _ours(here / name)]
        for name in files:
            _close(here / name)


def _ours(path: Path) -> bool:
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _close(path: Path) -> None:
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or not found.st_mode & UMASK:
            return
        path.chmod(stat.S_IMODE(found.st_mode) & ~UMASK)
    except FileNotFoundError:  # a process of ours has just removed it
        pass
