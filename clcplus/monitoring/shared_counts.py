"""Counts of all processes of the web server together, whichever of them is asked.

prometheus_client keeps a file for each process and adds them up. gunicorn replaces its workers
every few thousand requests: by process id, the files would grow in number for ever, and each scrape
would read them all. So each process has a *slot*, and takes over the file of one that has ended.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector

from clcplus.monitoring import request_counts

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX, _SLOTS = "clcplus-counts-", "slots"
_folder: Path | None = None


class _Slots:
    """Slots of processes. A lock of POSIX on a byte of a file ends with its process, and is not
    handed on in a fork."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        self._taken: tuple[int, int] | None = None

    def __call__(self) -> int:
        process = os.getpid()
        if self._taken is None or self._taken[0] != process:
            self._taken = process, next(number for number in count() if self._take(number))
        return self._taken[1]

    def _take(self, number: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return False
        return True


def begin() -> None:
    """Count together from here on; called before the first process forks and the first count."""
    global _folder
    if _folder is not None:
        return
    _remove_left()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    owner = os.getpid()

    def remove() -> None:
        # Workers that were forked end as well, and must not take the files away.
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(_Slots(folder / _SLOTS))
    _folder = folder


def _remove_left() -> None:
    """Remove what web servers have left that were killed: nobody holds a slot there."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # Anybody may make a folder there; one that vanishes is being removed already.
        with suppress(OSError):
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
                continue
            with (folder / _SLOTS).open("r+b") as slots:
                fcntl.lockf(slots, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def registry() -> CollectorRegistry:
    """A registry with the sums of all processes; of this one alone where nothing is shared."""
    found = CollectorRegistry()
    if _folder is None:
        found.register(request_counts.REGISTRY)
    else:
        MultiProcessCollector(found, str(_folder))
    return found
