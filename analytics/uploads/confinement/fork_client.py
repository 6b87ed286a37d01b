"""Readers of uploads, forked from one process that this one starts and shares with its children.

A worker starts it before it forks (``start``); whoever has none starts one with the first upload.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pyogrio

from analytics.uploads.formats.gdal_layers import ALLOWED_DRIVERS

REQUEST_BYTES = 8192
WALL_TIME = "wall-time"
"""What the fork server answers where it has ended a reader that was too slow."""
_CODE = Path(__file__).parents[3]
_HANDED_ON = ("NUMBA_CACHE_DIR",)
"""Without it each fork server would compile anew what counts cells, which takes seconds."""
_LOADING_SECONDS = 60.0
"""What loading the libraries may take on a machine that is busy."""
_TRIES = 2
COMMAND = (sys.executable, "-P", "-s", "-m", "analytics.uploads.confinement.fork_server")
"""-P: the folder in which a worker was started is no place to import from."""


def environment() -> dict[str, str]:
    """All that readers know of their surroundings: no secret, no network, few drivers."""
    # What is skipped here already is not listed.
    before = os.environ.get("GDAL_SKIP", "").replace(",", " ").split()
    skipped = sorted({*pyogrio.list_drivers(), *before} - ALLOWED_DRIVERS)
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "TMPDIR": tempfile.gettempdir(),
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
        "PROJ_NETWORK": "OFF",
        "CPL_LOG": "/dev/null",
    } | {name: os.environ[name] for name in _HANDED_ON if name in os.environ}


class _Lost(Exception):
    """The fork server has ended, or says nothing."""


class ForkServer:
    """A fork server, and the end of the socket on which it is asked."""

    def __init__(self, variables: Mapping[str, str], *, command: Sequence[str] = COMMAND) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                env=variables,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # A worker may be ended by a signal to its whole group; the server sees its socket.
                start_new_session=True,
            )
        self._owner = os.getpid()

    def ask(self, folder: Path, *, wall_seconds: float) -> str:
        """What became of the reader of a folder: its exit status, or WALL_TIME. Raises _Lost."""
        request = json.dumps({"folder": str(folder), "wall_seconds": wall_seconds}).encode()
        if len(request) > REQUEST_BYTES:
            raise ValueError(f"a folder with a name of {len(str(folder))} characters")
        mine, theirs = os.pipe()
        try:
            try:
                socket.send_fds(self._socket, [request], [theirs])
            except OSError as error:
                raise _Lost from error
            finally:
                os.close(theirs)
            ready, _, _ = select.select([mine], [], [], wall_seconds + _LOADING_SECONDS)
            answer = os.read(mine, 64).decode() if ready else ""
        finally:
            os.close(mine)
        if not answer:
            raise _Lost
        return answer

    def close(self) -> None:
        """End it, where this process has started it: readers at work end with it."""
        self._socket.close()
        if self._owner == os.getpid():
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        else:
            # Not this process's child: nothing to wait for.
            self._process.returncode = 0


_lock = threading.Lock()
_shared: ForkServer | None = None


def start() -> None:
    """Start the fork server in the background, unless it runs."""
    _server()


def run(folder: Path, *, wall_seconds: float) -> str:
    """Have the upload in a folder read; the reader's exit status, or WALL_TIME.

    A fork server that has ended is started anew, and asked again once. Raises OSError.
    """
    for _ in range(_TRIES):
        server = _server()
        with suppress(_Lost):
            return server.ask(folder, wall_seconds=wall_seconds)
        _drop(server)
    raise OSError("the process that reads uploads ended twice")


def _server() -> ForkServer:
    global _shared
    with _lock:
        if _shared is None:
            _shared = ForkServer(environment())
        return _shared


def _drop(server: ForkServer) -> None:
    """Let go of a fork server, unless another thread has done so."""
    global _shared
    with _lock:
        if _shared is server:
            _shared = None
            server.close()


def _close() -> None:
    if _shared is not None:
        _drop(_shared)


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


atexit.register(_close)
# A thread of the parent may hold it while the process is forked.
os.register_at_fork(after_in_child=_renew_lock)
