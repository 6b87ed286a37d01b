"""A small upload: what the sandbox of its reader takes, and how long its sender waits."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks import uploads
from tests.benchmarks.rows import Disagreement, Measured, Row, Scale, at_most

ROUNDS = 15


def sandbox(scale: Scale) -> Measured:
    """Milliseconds that it takes a process to enter the sandbox; median."""
    from analytics.uploads.confinement import sandbox

    if lacking := sandbox.lacking():
        raise Disagreement(f"found {lacking}; expected {sandbox.NEEDED}")
    sandbox.libraries()  # as the fork server has done
    with TemporaryDirectory() as folder:
        taken = [_entered(Path(folder)) * 1000 for _ in range(ROUNDS)]
    return Measured(
        value=median(taken),
        low=min(taken),
        high=max(taken),
        seconds=f"{ROUNDS} processes; load {os.getloadavg()[0]:.1f}",
        agreement="none of them could open a file outside afterwards",
    )


def _entered(folder: Path) -> float:
    """Seconds in a child, which then tries a file outside."""
    from analytics.uploads.confinement import sandbox

    mine, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            begun = time.perf_counter()
            sandbox.enter(folder)
            took = time.perf_counter() - begun
            try:
                os.close(os.open("/etc/passwd", os.O_RDONLY))
            except PermissionError:
                os.write(theirs, repr(took).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(mine) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    if not said:
        raise Disagreement("a process in the sandbox opened a file outside, or could not enter")
    return float(said)


def small_upload(scale: Scale) -> Measured:
    """Seconds from sending a small file to the API until its report is there; median."""
    with uploads.in_operation(scale) as (port, token, files):
        # Two zones: what a person draws, or tries first.
        taken = [uploads.reported(port, token, file) for file in files(ROUNDS, 2)]
    return Measured(
        value=median(taken),
        low=min(taken),
        high=max(taken),
        seconds=f"{ROUNDS} files of 2 zones, the first {taken[0]:.2f} s after the worker's start; "
        f"load {os.getloadavg()[0]:.1f}",
        agreement="each report has both zones",
    )


ROWS = (
    Row(
        name="reader-sandbox",
        work="time that the sandbox adds to reading one upload",
        required=at_most(50, "ms"),
        aim=None,
        run=sandbox,
        unit="ms",
    ),
    Row(
        name="upload-checked",
        work="a file of two zones sent to the API: until its report is ready, with a web server "
        "and a worker as in production",
        required=at_most(1.5, "s"),
        aim=None,
        run=small_upload,
        unit="s",
    ),
)
