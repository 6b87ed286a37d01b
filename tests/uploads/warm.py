"""Readers by the thousand: each input has a process of its own, forked from one that has loaded
all libraries and has opened no file. Its confinement and its environment are the true ones.

    with warm.reader():
        process.read_upload(path)
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from analytics.uploads import process
from analytics.uploads.errors import LimitMet
from analytics.uploads.limits import Limits

_WALL = "wall"


@contextmanager
def reader() -> Iterator[None]:
    """While this lasts, ``read_upload`` has its readers forked instead of started."""
    with tempfile.TemporaryDirectory(prefix="warm-") as name:
        parent = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "tests.uploads.warm"],
            env=process.environment(Path(name)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert parent.stdin is not None
        assert parent.stdout is not None
        asked, answers = parent.stdin, parent.stdout

        def run(folder: Path, limits: Limits) -> int:
            print(folder, limits.wall_seconds, file=asked, flush=True)
            status = answers.readline().strip()
            if status == _WALL:
                raise LimitMet("wall-time", found="a file that takes long", expected="less")
            return int(status)

        try:
            with mock.patch.object(process, "_run", run):
                yield
        finally:
            asked.close()
            answers.close()
            parent.wait()


def _load() -> None:
    """What a reader may load, loaded; what numba compiles, compiled. No file is opened."""
    import numpy as np
    import shapely

    from analytics.uploads import cells, gdal_layers, parquet_layer, preflight, reading

    assert all((parquet_layer, preflight, reading))
    gdal_layers.check_drivers()
    cells.count_cells(np.array([shapely.box(0, 0, 100, 100)], dtype=object))


def _serve() -> None:
    _load()
    for line in sys.stdin:
        folder, wall = line.rsplit(maxsplit=1)
        print(_forked(folder, float(wall)), flush=True)


def _forked(folder: str, wall: float) -> int | str:
    child = os.fork()
    if not child:
        _become_reader(folder)
    ended = os.pidfd_open(child)
    try:
        if not select.select([ended], [], [], wall)[0]:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return _WALL
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        os.close(ended)


def _become_reader(folder: str) -> None:
    """In the child: what ``python -m analytics.uploads.reader`` is in a process of its own."""
    import traceback

    from analytics.uploads import reader as confined

    status = 1
    try:
        os.setsid()
        os.chdir(folder)
        os.environ |= {"HOME": folder, "TMPDIR": folder}
        tempfile.tempdir = folder
        nothing = os.open(os.devnull, os.O_RDWR)
        words = os.open("words", os.O_WRONLY | os.O_CREAT)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.dup2(words, 2)
        status = confined.main()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    _serve()
