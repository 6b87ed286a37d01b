"""Have an upload read by a confined process, and say how that ended."""

from __future__ import annotations

import json
import logging
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import shapely

from analytics.uploads.confinement import answers, fork_client, reader, sandbox
from analytics.uploads.confinement.answers import Upload
from analytics.uploads.confinement.fork_client import WALL_TIME
from analytics.uploads.confinement.sandbox import Sandbox
from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.inspection import COVERAGE_FILE
from analytics.uploads.limits import MEGABYTE, Limits
from analytics.uploads.records import Choice

logger = logging.getLogger(__name__)
_NO_MEMORY = re.compile(r"memory|bad_alloc|shared object", re.IGNORECASE)


def read_upload(
    path: Path,
    *,
    choice: Choice | None = None,
    coverage: Any | None = None,
    limits: Limits | None = None,
    confinement: Sandbox = Sandbox.REQUIRED,
) -> Upload:
    """Read zones from a stranger's file. ``coverage``: the area of the map, in EPSG:3035.

    Raises UploadError, or LimitMet which names the limit, whatever the file holds; OSError where
    the machine has no room to read anything.
    """
    wanted = {"wanted": reader.ZONES, "choice": asdict(choice or Choice())}
    files = {} if coverage is None else {COVERAGE_FILE: shapely.to_wkb(coverage)}
    with _answered(path, wanted, files, limits or Limits(), confinement) as folder:
        return answers.taken(folder)


def read_points(
    path: Path, *, limits: Limits | None = None, confinement: Sandbox = Sandbox.REQUIRED
) -> list[dict[str, str]]:
    """Rows of a layer of points in a stranger's GeoPackage or GeoJSON, as texts: its fields, and
    ``x`` and ``y`` in EPSG:3035. Raises as ``read_upload`` does."""
    limits = limits or Limits()
    with _answered(path, {"wanted": reader.POINTS}, {}, limits, confinement) as folder:
        return answers.points(folder)


@contextmanager
def _answered(
    path: Path,
    wanted: Mapping[str, Any],
    files: Mapping[str, bytes],
    limits: Limits,
    confinement: Sandbox,
) -> Iterator[Path]:
    """The folder in which a reader has left what was wanted of a file. Raises UploadError."""
    if confinement is Sandbox.REQUIRED and (lacking := sandbox.lacking()):
        raise _unconfined(lacking)
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise LimitMet(
            "file-size",
            found=f"{size / MEGABYTE:.1f} MB",
            expected=f"at most {limits.file_bytes / MEGABYTE:g} MB",
            hint="Simplify the outlines, or split the file",
        )
    with tempfile.TemporaryDirectory(prefix="upload-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copyfile(path, folder / "upload")
        for file, content in files.items():
            (folder / file).write_bytes(content)
        request = {**wanted, "limits": asdict(limits), "sandbox": confinement}
        (folder / "request.json").write_text(json.dumps(request), "utf-8")
        ended = fork_client.run(folder, wall_seconds=limits.wall_seconds)
        if ended != "0":
            words = _last_words(folder)
            logger.warning("the reader ended with %s: %s", ended, words)
            raise _death(ended, words, limits)
        yield folder


def _unconfined(lacking: str) -> UploadError:
    return UploadError(
        "no-sandbox",
        found=f"{lacking} on this server",
        expected=sandbox.NEEDED,
        hint="Nothing is wrong with the file: tell who runs the server",
    )


def _last_words(folder: Path) -> str:
    """What the reader said at its end, for whoever mends it; its end alone, since a stranger's file
    may have had it say anything."""
    try:
        said = answers.left(folder / reader.WORDS)[-2000:].decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in said)


def _death(ended: str, words: str, limits: Limits) -> UploadError:
    status = 0 if ended == WALL_TIME else int(ended)
    if status == reader.NO_SANDBOX:
        return _unconfined("a kernel that refuses the sandbox")
    # SIGKILL: the system had no memory left. Libraries end in their own ways where they get none.
    killed = status in {reader.OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGKILL}
    hint = "Simplify the outlines, or split the file"
    if ended == WALL_TIME:
        code, found = "wall-time", f"takes more than {limits.wall_seconds:g} seconds to read"
    elif status == -signal.SIGXCPU:
        code, found = "cpu-time", f"takes more than {limits.cpu_seconds} seconds of computing"
    elif killed or _NO_MEMORY.search(words):
        code, found = "memory", f"takes more than {limits.memory_bytes // MEGABYTE} MB to read"
    elif status in {reader.FILE_TOO_LARGE, -signal.SIGXFSZ}:
        written = limits.written_bytes // MEGABYTE
        code, found, hint = "written-size", f"unpacks to more than {written} MB", ""
    elif status == reader.TOO_MANY_FILES:
        return LimitMet(
            "open-files", found=f"more than {limits.open_files} files at once", expected="fewer"
        )
    else:
        return answers.broken_off(f" (status {status})")
    return LimitMet(code, found=f"a file that {found}", expected="less", hint=hint)
