"""The process that opens an uploaded file: ``python -m analytics.uploads.reader``, in a folder of
its own with ``request.json``; leaves ``result.json`` and ``zones.wkb`` there.

It limits itself before it loads anything that reads files. ``process`` starts it.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from analytics.uploads.limits import Limits

OUT_OF_MEMORY = 71
FILE_TOO_LARGE = 72
TOO_MANY_FILES = 73

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
        _answer(request, limits)
    except (MemoryError, ImportError):  # a library that finds no room cannot be loaded
        return OUT_OF_MEMORY
    except OSError as error:
        statuses = {
            errno.EFBIG: FILE_TOO_LARGE,
            errno.EMFILE: TOO_MANY_FILES,
            errno.ENOMEM: OUT_OF_MEMORY,
        }
        if error.errno in statuses:
            return statuses[error.errno]
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


def _answer(request: dict[str, Any], limits: Limits) -> None:
    # Loaded under the limits, and not at all where these leave no room.
    from analytics.uploads import reading
    from analytics.uploads.errors import UploadError
    from analytics.uploads.records import Choice, to_json

    sys.addaudithook(_refuse)
    try:
        read, zones = reading.read(
            Path("upload"), choice=Choice(**request["choice"]), limits=limits
        )
    except UploadError as error:
        answer: dict[str, Any] = {
            "error": {
                "kind": type(error).__name__,
                "code": error.code,
                "found": error.found,
                "expected": error.expected,
                "hint": error.hint,
            }
        }
    else:
        answer = {"reading": to_json(read), "lengths": [len(zone) for zone in zones]}
        Path("zones.wkb").write_bytes(b"".join(zones))
    Path("result.json").write_text(json.dumps(answer), "utf-8")


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """A second fence: Python code in this process starts nothing and connects to nothing."""
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not allowed here")


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Libraries may fail to tidy up under the limits; the answer is written.
    os._exit(status)
