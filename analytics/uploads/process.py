"""Start the reader of an upload in a process of its own, and take its answer."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from analytics.uploads import errors, reader
from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.gdal_layers import ALLOWED_DRIVERS
from analytics.uploads.limits import MEGABYTE, Limits
from analytics.uploads.raw_layer import Geometries
from analytics.uploads.reading import COVERAGE_FILE
from analytics.uploads.records import Choice, Reading, from_json

logger = logging.getLogger(__name__)
_CODE = Path(__file__).parents[2]
_KINDS = {kind.__name__: kind for kind in (UploadError, LimitMet, errors.HostileArchive)}
_WORDS = "words"
_NO_MEMORY = re.compile(r"memory|bad_alloc|shared object", re.IGNORECASE)
_HANDED_ON = ("NUMBA_CACHE_DIR",)
"""Without it each reader would compile anew what counts cells, which takes seconds."""
_ANSWER_BYTES = 300 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Upload:
    """A reading and its zones: multipolygons in EPSG:3035 by the report's indices, or None."""

    reading: Reading
    zones: Geometries


def read_upload(
    path: Path,
    *,
    choice: Choice | None = None,
    coverage: Any | None = None,
    limits: Limits | None = None,
) -> Upload:
    """Read a stranger's file. ``coverage``: the area of the map, in EPSG:3035.

    Raises UploadError, or LimitMet which names the limit; nothing else, whatever the file holds.
    """
    limits = limits or Limits()
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
        if coverage is not None:
            (folder / COVERAGE_FILE).write_bytes(shapely.to_wkb(coverage))
        request = {"limits": asdict(limits), "choice": asdict(choice or Choice())}
        (folder / "request.json").write_text(json.dumps(request), "utf-8")
        status = _run(folder, limits)
        if status != 0:
            words = _last_words(folder)
            logger.warning("the reader ended with %d: %s", status, words)
            raise _death(status, words, limits)
        return _answer(folder)


def _last_words(folder: Path) -> str:
    """What the reader said at its end, for whoever mends it; its end alone, since a stranger's file
    may have had it say anything."""
    return _left(folder / _WORDS)[-2000:].decode("utf-8", "replace")


def environment(folder: Path) -> dict[str, str]:
    """All that the reader knows of its surroundings: no secret, no network, few drivers."""
    skipped = sorted(set(pyogrio.list_drivers()) - ALLOWED_DRIVERS)
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(_CODE),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Threads take address space each, and one reader shall not have all cores.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        "GDAL_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        "GDAL_SKIP": ",".join(skipped),
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_HTTP_MAX_RETRY": "0",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GDAL_CACHEMAX": "64",
        "GDAL_DRIVER_PATH": "disable",
        "OGR_SQLITE_LOAD_EXTENSIONS": "",
        "SHAPE_RESTORE_SHX": "YES",
        "PROJ_NETWORK": "OFF",
        "CPL_LOG": "/dev/null",
    } | {name: os.environ[name] for name in _HANDED_ON if name in os.environ}


def _run(folder: Path, limits: Limits) -> int:
    """The reader's exit status; it and what it may have started are ended in any case."""
    words = (folder / _WORDS).open("wb")
    child = subprocess.Popen(
        # -P: the folder with the stranger's file is no place to import from.
        [sys.executable, "-P", "-s", "-m", "analytics.uploads.reader"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=words,
        start_new_session=True,
    )
    try:
        return child.wait(limits.wall_seconds)
    except subprocess.TimeoutExpired:
        raise LimitMet(
            "wall-time",
            found=f"a file that takes more than {limits.wall_seconds:g} seconds to read",
            expected="less",
            hint="Simplify the outlines, or split the file",
        ) from None
    finally:
        words.close()
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _death(status: int, words: str, limits: Limits) -> UploadError:
    """Why a reader ended without an answer."""
    if status == -signal.SIGXCPU:
        return LimitMet(
            "cpu-time",
            found=f"a file that takes more than {limits.cpu_seconds} seconds of computing",
            expected="less",
            hint="Simplify the outlines, or split the file",
        )
    # SIGKILL: the system had no memory left. Libraries end in their own ways where they get none.
    killed = status in {reader.OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGKILL}
    if killed or _NO_MEMORY.search(words):
        return LimitMet(
            "memory",
            found=f"a file that takes more than {limits.memory_bytes // MEGABYTE} MB to read",
            expected="less",
            hint="Simplify the outlines, or split the file",
        )
    if status in {reader.FILE_TOO_LARGE, -signal.SIGXFSZ}:
        return LimitMet(
            "written-size",
            found=f"a file that unpacks to more than {limits.written_bytes // MEGABYTE} MB",
            expected="less",
        )
    if status == reader.TOO_MANY_FILES:
        return LimitMet(
            "open-files", found=f"more than {limits.open_files} files at once", expected="fewer"
        )
    return UploadError(
        "reader-died",
        found=f"a file at which reading broke off (status {status})",
        expected="a sound file",
        hint="Save it again, perhaps in another format",
    )


def _answer(folder: Path) -> Upload:
    """What the reader left. It may have been taken over by the file: nothing is believed."""
    try:
        answer = json.loads(_left(folder / "result.json"))
        if "error" in answer:
            raise _error(answer["error"])
        zones = _zones(_left(folder / "zones.wkb"), answer["lengths"])
        return Upload(from_json(answer["reading"]), zones)
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        raise UploadError(
            "reader-died",
            found="a file at which reading broke off",
            expected="a sound file",
            hint="Save it again, perhaps in another format",
        ) from error


def _left(file: Path) -> bytes:
    if file.is_symlink() or file.stat().st_size > _ANSWER_BYTES:
        raise ValueError("not an answer")
    return file.read_bytes()


def _error(record: Mapping[str, str]) -> UploadError:
    return _KINDS[record["kind"]](
        str(record["code"]),
        found=str(record["found"]),
        expected=str(record["expected"]),
        hint=str(record["hint"]),
    )


def _zones(content: bytes, lengths: list[int]) -> Geometries:
    if any(length < 0 for length in lengths) or sum(lengths) != len(content):
        raise ValueError("not an answer")
    ends = np.cumsum([0, *lengths]).tolist()
    parts = [content[a:b] or None for a, b in pairwise(ends)]
    return np.asarray(shapely.from_wkb(np.array(parts, dtype=object)), dtype=object)
