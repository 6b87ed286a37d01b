"""Commands on the terminal: errors in one line, progress on stderr."""

from __future__ import annotations

import sys
import time
from typing import Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from kombu.exceptions import OperationalError as BrokerError

from analytics.errors import ExplainedError
from clcplus.errors import RunFailed
from clcplus.jobs.states import OPEN
from clcplus.models import Run
from clcplus.monitoring import request_ids

POLL_SECONDS = 0.3
_LINE_SECONDS = 10.0
"""Time between two lines of progress where the output is not a terminal."""
_WORKER_SECONDS = 8.0
"""Time without progress after which the command asks whether any worker is there."""


def account_named(name: str, *, expected: str, **conditions: Any) -> Any:
    """The account of a name that meets conditions. Raises CommandError."""
    account = get_user_model().objects.filter(username=name, **conditions).first()
    if account is None:
        raise CommandError(f"account {name}: found no such account; expected {expected}")
    return account


class Progress:
    """One line that changes in place on a terminal, and now and then a new line elsewhere."""

    def __init__(self) -> None:
        self.stream = sys.stderr
        self.terminal = self.stream.isatty()
        self.last = ""
        self.written = time.monotonic()

    def show(self, line: str) -> None:
        """Show how far the work is."""
        if line == self.last:
            return
        if self.terminal:
            self.stream.write(f"\r\x1b[2K{line[:150]}")
        elif time.monotonic() - self.written >= _LINE_SECONDS:
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


class ExplainedCommand(BaseCommand):
    """A command that turns errors of the input or the servers into one line and exit status 1."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.progress = Progress()
        request_ids.begin()
        try:
            return super().execute(*args, **options)
        except ExplainedError as error:
            raise CommandError(str(error)) from None
        except (OperationalError, InterfaceError) as error:
            first = str(error).strip().splitlines()[0]
            raise CommandError(
                f"database: {first}. Is it running, and is DATABASE_URL right?"
            ) from None

    def show_check(self, name: str, done: int, total: int) -> None:
        """Show how far the check of a raster is."""
        self.progress.show(f"checking {name}: {done * 100 // total} %")

    def follow(self, run: Run, *, name: str) -> Run:
        """Show the progress of a run, which workers do, until it has ended. Raises RunFailed."""
        moved, asked = time.monotonic(), False
        done = -1
        while run.state in OPEN:
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()
            self.progress.show(f"{name}: {_described(run)}")
            if run.cells_done != done:
                done, moved = run.cells_done, time.monotonic()
            elif not asked and time.monotonic() - moved > _WORKER_SECONDS:
                asked = True
                if not _worker_present():
                    self.progress.end(
                        f"{name}: no worker answers; start one (celery -A clcplus worker)"
                    )
        if run.state != Run.State.SUCCEEDED:
            raise RunFailed(
                name,
                found=f"{run.get_state_display()} ({run.message})" if run.message else run.state,
                expected="a run that succeeds",
                hint="Give the same command again to take it up where it stopped",
            )
        self.progress.end(f"{name}: {_described(run)}")
        return run


def _described(run: Run) -> str:
    tiles = [f"{run.units_done} of {run.units_total} tiles"] if run.units_total else []
    if not run.cells_total and run.message:
        # Work that is not measured in cells says itself how far it is.
        return run.message
    parts = [*tiles, f"{run.percent} %"]
    if rate := run.cells_per_second:
        parts.append(f"{rate / 1e6:.1f} million cells/s")
    if (left := run.seconds_left) is not None:
        parts.append(f"{left:.0f} s left")
    return ", ".join(parts)


def _worker_present() -> bool:
    try:
        return bool(current_app.control.ping(timeout=1.0))
    except (BrokerError, OSError):
        return False
