"""The sandbox of a reader: what a process may still do that opens a stranger's file.

Whoever takes it over can read that file, the libraries, and write beside the file; the kernel
refuses all else: other files, the network, other processes, new programs. Landlock guards the
files, a filter of system calls the rest. docs/security.md says what that leaves.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sysconfig
from enum import StrEnum
from pathlib import Path

from analytics.uploads.confinement import landlock

NEEDED = "Linux 5.13 or later with Landlock switched on, and libseccomp"
_SET_DUMPABLE = 4
_DEVICES = {
    Path(os.devnull): landlock.READ | landlock.Access.WRITE_FILE,
    Path("/dev/urandom"): landlock.READ,
}


class Sandbox(StrEnum):
    """What is to be done where the kernel offers no sandbox."""

    REQUIRED = "required"
    """Nothing is read."""
    WHERE_POSSIBLE = "where possible"
    """Files are read without it: for an operator who has said so, by name."""


def lacking() -> str | None:
    """What this machine lacks for a sandbox, in words; None where it has all."""
    if landlock.version() == 0:
        return "a kernel without Landlock"
    try:
        from analytics.uploads.confinement import system_calls
    except (ImportError, RuntimeError, OSError):
        return "no libseccomp"
    return None if system_calls.possible() else "a kernel without filters of system calls"


def enter(folder: Path) -> None:
    """Confine this process, for good, to a folder of its own and to libraries. Raises OSError."""
    hide_files(folder)
    restrict_calls()


def hide_files(folder: Path) -> None:
    """Keep this process from all files but libraries and those of a folder. Raises OSError."""
    allowed = {place: landlock.READ for place in libraries()}
    landlock.restrict({**allowed, **_DEVICES, folder: landlock.WRITE})


def restrict_calls() -> None:
    """Keep this process from the network and from other processes. Raises OSError."""
    from analytics.uploads.confinement import system_calls

    # Processes of the same account cannot look into this one, nor at what it has open.
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    system_calls.restrict()


@functools.cache
def libraries() -> frozenset[Path]:
    """Where code and its tables lie: nothing that an operator would put a secret into."""
    paths = sysconfig.get_paths()
    own = {Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    system = {Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/share/zoneinfo")}
    engine = Path(__file__).parents[2]
    return frozenset(path.resolve() for path in (*own, *system, engine))
