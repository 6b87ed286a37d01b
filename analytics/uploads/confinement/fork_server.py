"""The process that readers are forked from: ``python -m
analytics.uploads.confinement.fork_server SOCKET``.

It loads the libraries once and opens no upload. Each request on the socket, a packet of JSON with
the end of a pipe, has a child forked that confines itself and reads one upload in its folder. The
child's exit status, or WALL_TIME, goes into the pipe. ``fork_client`` is the other side.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import pyarrow.parquet  # noqa: F401  (readers of GeoParquet would load it one by one)
import shapely

from analytics.counting import zone_cells
from analytics.uploads.confinement import reader, sandbox
from analytics.uploads.confinement.fork_client import REQUEST_BYTES, WALL_TIME
from analytics.uploads.formats import gdal_layers
from analytics.uploads.reference_systems import guesses

_SET_PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True, slots=True)
class _Child:
    """A reader at work."""

    process: int
    pidfd: int
    answer: int
    """The end of the pipe that its status goes into."""
    deadline: float


def main() -> int:
    """Serve until nobody is left who could ask."""
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        _prepare()
        _Server(requests).serve()
    return 0


def _prepare() -> None:
    """What libraries do once, done; what numba compiles, compiled. No file is opened."""
    sandbox.lacking()
    sandbox.libraries()
    gdal_layers.check_drivers()
    zone_cells.count_cells(np.array([shapely.box(0, 0, 100, 100)], dtype=object))


class _Server:
    """The loop: requests come in, children end or are ended; and, while nobody asks, it prepares
    what most files need."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._children: dict[int, _Child] = {}
        """By each of their two descriptors."""
        self._poll = select.poll()
        self._poll.register(requests.fileno(), select.POLLIN)
        self._preparing: Iterator[None] | None = guesses.prepare()

    def serve(self) -> None:
        while True:
            told = {descriptor for descriptor, _ in self._poll.poll(self._until_next_deadline())}
            if not told and self._preparing is not None and next(self._preparing, self) is self:
                self._preparing = None
            # Before new requests come in, whose descriptors may have the numbers of former ones.
            for child in {self._children[one] for one in told & self._children.keys()}:
                self._end(child)
            now = time.monotonic()
            for child in {*self._children.values()}:
                if child.deadline <= now:
                    self._end(child, late=True)
            if self._requests.fileno() in told and not self._accept():
                return  # children end with this process

    def _until_next_deadline(self) -> float | None:
        if not self._children:
            return None if self._preparing is None else 0
        first = min(child.deadline for child in self._children.values())
        return max(0.0, first - time.monotonic()) * 1000 + 1

    def _accept(self) -> bool:
        """Begin what is asked for; false where nobody is left to ask."""
        message, descriptors, _, _ = socket.recv_fds(self._requests, REQUEST_BYTES, 1)
        if not message:
            return False
        request = json.loads(message)
        (answer,) = descriptors
        process = os.fork()
        if not process:
            # Whoever takes a reader over must not answer in place of this process, nor for others.
            # What libraries have open stays: they would take the next file of its number for it.
            for own in (self._requests.fileno(), answer, *self._children):
                os.close(own)
            _become_reader(request["folder"])
        child = _Child(
            process,
            os.pidfd_open(process),
            answer,
            time.monotonic() + float(request["wall_seconds"]),
        )
        self._children |= {child.pidfd: child, child.answer: child}
        self._poll.register(child.pidfd, select.POLLIN)
        self._poll.register(child.answer, 0)  # told where nobody waits for the answer any more
        return True

    def _end(self, child: _Child, *, late: bool = False) -> None:
        """See a child end, or end it, and say how."""
        signal.pidfd_send_signal(child.pidfd, signal.SIGKILL)  # it may have ended: nothing happens
        _, status = os.waitpid(child.process, 0)
        words = WALL_TIME if late else str(os.waitstatus_to_exitcode(status))
        for descriptor in (child.pidfd, child.answer):
            self._poll.unregister(descriptor)
            del self._children[descriptor]
        try:
            os.write(child.answer, words.encode())
        except BrokenPipeError:
            pass
        finally:
            os.close(child.answer)
            os.close(child.pidfd)


def _become_reader(folder: str) -> NoReturn:
    """In the child: read the upload in a folder, and end."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        os.setsid()
        os.chdir(folder)
        os.environ |= {"HOME": folder, "TMPDIR": folder}
        tempfile.tempdir = folder
        nothing = os.open(os.devnull, os.O_RDWR)
        words = os.open(reader.WORDS, os.O_WRONLY | os.O_CREAT, 0o600)
        for standard, place in enumerate((nothing, nothing, words)):
            os.dup2(place, standard)
        os.close(nothing)
        os.close(words)
        status = reader.main()
    except BaseException:
        traceback.print_exc()
    finally:
        # Libraries may fail to tidy up under the limits; the answer is written.
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    status = main()
    # To tidy up would take longer than all that it does: nothing is to be kept.
    os._exit(status)
