"""What reads an uploaded file: a process forked from ``fork_server``, in a folder of its own.

The folder holds the file ``upload`` and ``request.json``. The reader leaves ``result.json`` there,
and for zones ``zones.wkb``. It limits and confines itself before it opens the upload.
"""

from __future__ import annotations

import errno
import json
import resource
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from analytics.uploads import inspection, points
from analytics.uploads.confinement import sandbox
from analytics.uploads.confinement.sandbox import Sandbox
from analytics.uploads.errors import UploadError
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice, to_json

ZONES, POINTS = "zones", "points"
"""What may be wanted of a file."""
WORDS = "words"
"""Where what it says at its end is written, for whoever mends it."""
OUT_OF_MEMORY = 71
FILE_TOO_LARGE = 72
TOO_MANY_FILES = 73
NO_SANDBOX = 74

_STATUSES = {
    errno.EFBIG: FILE_TOO_LARGE,
    errno.EMFILE: TOO_MANY_FILES,
    errno.ENOMEM: OUT_OF_MEMORY,
}
_REFUSED_EVENTS = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn",
    "pty.", "ftplib.", "http.", "urllib.", "smtplib.", "webbrowser.", "shutil.",
)  # fmt: skip


def main() -> int:
    """Read the request, answer it; the exit status tells limits that leave no room for words."""
    request = json.loads(Path("request.json").read_text("utf-8"))
    limits = Limits(**request["limits"])
    _limit_itself(limits)
    try:
        if not _confine_itself(Sandbox(request["sandbox"])):
            return NO_SANDBOX
        _answer(request, limits)
    except (MemoryError, ImportError):  # a library that finds no room cannot be loaded
        return OUT_OF_MEMORY
    except OSError as error:
        if error.errno in _STATUSES:
            return _STATUSES[error.errno]
        raise
    return 0


def _limit_itself(limits: Limits) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.written_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # A second between the signal that names the limit and the one that cannot be told from others.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def _confine_itself(wanted: Sandbox) -> bool:
    """Enter the sandbox; whether the file may be opened."""
    if wanted is Sandbox.WHERE_POSSIBLE:
        with suppress(OSError):
            sandbox.hide_files(Path.cwd())
        with suppress(OSError, ImportError, RuntimeError):
            sandbox.restrict_calls()
        return True
    try:
        sandbox.enter(Path.cwd())
    except (OSError, ImportError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno in _STATUSES:
            raise
        traceback.print_exc()
        return False
    return True


def _answer(request: dict[str, Any], limits: Limits) -> None:
    sys.addaudithook(_refuse)
    try:
        answer = _ANSWERS[request["wanted"]](request, limits)
    except UploadError as error:
        words = {name: getattr(error, name) for name in ("code", "found", "expected", "hint")}
        answer = {"error": {"kind": type(error).__name__, **words}}
    Path("result.json").write_text(json.dumps(answer), "utf-8")


def _zones(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    choice = Choice(**request["choice"])
    read, zones = inspection.read(Path("upload"), choice=choice, limits=limits)
    Path("zones.wkb").write_bytes(b"".join(zones))
    return {"reading": to_json(read), "lengths": [len(zone) for zone in zones]}


def _points(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    return {"points": points.columns(Path("upload"), limits=limits)}


_ANSWERS = {ZONES: _zones, POINTS: _points}


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """A second fence: Python code in this process starts nothing and connects to nothing."""
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not allowed here")
