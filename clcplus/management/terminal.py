"""How commands speak: one clear line for what is wrong, progress on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from celery import current_app
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError
from kombu.exceptions import OperationalError as BrokerError

from analytics.errors import ExplainedError
from clcplus.errors import RunFailed
from clcplus.jobs.states import OPEN
from clcplus.models import Run

POLL_SECONDS = 0.3
LINE_SECONDS = 10.0
"""Time between two lines of progress where the output is not a terminal."""
WORKER_SECONDS = 8.0
"""Time without progress after which it is asked whether any worker is there."""


@contextmanager
def one_clear_line() -> Iterator[None]:
    """Turn what is wrong with the input or the servers into one line and exit status 1."""
    try:
        yield
    except ExplainedError as error:
        raise CommandError(str(error)) from None
    except (OperationalError, InterfaceError) as error:
        first = str(error).strip().splitlines()[0]
        raise CommandError(
            f"database: {first}. Is it running, and is DATABASE_URL right?"
        ) from None


class Progress:
    """One line that changes in place on a terminal, and now and then a new line elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()
        self.last = ""
        self.written = time.monotonic()

    def show(self, line: str) -> None:
        """Show how far the work is."""
        if line == self.last:
            return
        if self.terminal:
            self.stream.write(f"\r\x1b[2K{line[:150]}")
        elif time.monotonic() - self.written >= LINE_SECONDS:
            self.stream.write(line + "\n")
        else:
            return
        self.stream.flush()
        self.last, self.written = line, time.monotonic()

    def end(self, line: str = "") -> None:
        """Leave a last line."""
        if self.terminal and self.last:
            self.stream.write("\r\x1b[2K")
        if line:
            self.stream.write(line + "\n")
        self.stream.flush()
        self.last = ""


def follow(run: Run, *, name: str, progress: Progress) -> Run:
    """Show a run's progress until it has ended. Raises RunFailed where it failed.

    To stop following does not stop the run: the workers go on.
    """
    moved, asked = time.monotonic(), False
    done = -1
    while run.state in OPEN:
        time.sleep(POLL_SECONDS)
        run.refresh_from_db()
        progress.show(f"{name}: {describe(run)}")
        if run.cells_done != done:
            done, moved = run.cells_done, time.monotonic()
        elif not asked and time.monotonic() - moved > WORKER_SECONDS:
            asked = True
            if not worker_present():
                progress.end(f"{name}: no worker answers; start one (celery -A clcplus worker)")
    if run.state != Run.State.SUCCEEDED:
        raise RunFailed(
            name,
            found=f"{run.get_state_display()} ({run.message})" if run.message else run.state,
            expected="a run that succeeds",
            hint="Give the same command again to take it up where it stopped",
        )
    progress.end(f"{name}: {describe(run)}")
    return run


def describe(run: Run) -> str:
    """Progress in words: tiles, per cent, throughput, time left."""
    tiles = [f"{run.units_done} of {run.units_total} tiles"] if run.units_total else []
    parts = [*tiles, f"{run.percent} %"]
    if rate := run.cells_per_second:
        parts.append(f"{rate / 1e6:.1f} million cells/s")
    if (left := run.seconds_left) is not None:
        parts.append(f"{left:.0f} s left")
    return ", ".join(parts)


def worker_present() -> bool:
    """Whether a worker answers."""
    try:
        return bool(current_app.control.ping(timeout=1.0))
    except (BrokerError, OSError):
        return False
