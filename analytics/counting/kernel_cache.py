"""The folder of compiled kernels. What lies in it is loaded as it is (pickles and machine code), so
that nobody but its owner may write there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from analytics.errors import UnsafeFolder

VARIABLE = "NUMBA_CACHE_DIR"


def check() -> None:
    """Make the folder that ``NUMBA_CACHE_DIR`` names, closed to others, or see that it is; nothing
    where none is named: kernels then lie beside their modules. Raises UnsafeFolder."""
    named = os.environ.get(VARIABLE)
    if not named:
        return
    folder = Path(named)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise UnsafeFolder(
            f"{VARIABLE}={folder}", found=str(error), expected="a folder, or room for one"
        ) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise UnsafeFolder(
            f"{VARIABLE}={folder}",
            found=f"{stat.filemode(found.st_mode)} of user {found.st_uid}",
            expected=f"a folder of user {os.geteuid()} that nobody else can write to",
            hint="Name another one: compiled code is loaded from there",
        )
